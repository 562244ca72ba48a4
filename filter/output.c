/* SPDX-License-Identifier: ISC */

/*
 * Bytes for clients: sent at once as far as the kernel takes them, kept until
 * it takes more.  What comes next when all of it has left is for the others.
 */

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "../filter/filter.h"

static void	 client_progress(struct client *);
static ssize_t	 client_send(int, const struct iovec *, int);

/* One piece is cheaper with send(2). */
static ssize_t
client_send(int fd, const struct iovec *iov, int niov)
{
	struct msghdr	 msg;
	const int	 flags = MSG_NOSIGNAL | MSG_DONTWAIT;

	if (niov == 1)
		return (send(fd, iov[0].iov_base, iov[0].iov_len, flags));
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = (struct iovec *)(uintptr_t)iov;
	msg.msg_iovlen = (size_t)niov;
	return (sendmsg(fd, &msg, flags));
}

int
client_write(struct client *c, const struct iovec *iov, int niov)
{
	size_t		 sent = 0;
	ssize_t		 n;
	int		 i;

	if (c->out.len == 0) {
		n = client_send(c->fd, iov, niov);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			client_free(c);
			return (-1);
		}
		sent = n == -1 ? 0 : (size_t)n;
	}
	for (i = 0; i < niov; i++) {
		if (sent >= iov[i].iov_len) {
			sent -= iov[i].iov_len;
			continue;
		}
		if (buf_add(&c->out, (const uint8_t *)iov[i].iov_base + sent,
		    iov[i].iov_len - sent) == -1) {
			client_free(c);
			return (-1);
		}
		sent = 0;
	}
	if (c->out.len != 0)
		event_add(&c->wev, NULL);
	return (0);
}

void
client_writable(int fd, short what, void *arg)
{
	struct client	*c = arg;
	ssize_t		 n;

	if (c->out.len != 0) {
		n = send(fd, c->out.data + c->out.off, c->out.len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			client_free(c);
			return;
		}
		if (n > 0) {
			buf_drop(&c->out, (size_t)n);
			client_progress(c);
		}
		if (c->out.len != 0) {
			event_add(&c->wev, NULL);
			return;
		}
	}
	if (c->closing)
		client_close(c);
	else if (c->x != NULL)
		answer_drained(c);
	else {
		if (!c->eof)
			client_reading(c, true);
		client_process(c);
	}
}

/* It reads: what is finished but not delivered may take its time. */
static void
client_progress(struct client *c)
{
	struct filter	*f = c->filter;

	if (c->closing)
		c->deadline = f->now + LINGER_MAX;
	else if (c->x == NULL && c->deadline != 0)
		c->deadline = f->limits.idle_secs == 0 ? 0 :
		    f->now + f->limits.idle_secs;
}
