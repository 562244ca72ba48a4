/* SPDX-License-Identifier: ISC */

/*
 * Bytes for the engine: sent at once as far as the kernel takes them, kept
 * until it takes more.
 */

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../parent/parent.h"

static ssize_t	 output(int, const struct iovec *, int);

int
request_queue(struct request *req, const void *data, size_t len)
{
	struct wbuf	*out = &req->out;
	uint8_t		*p;

	if (len == 0)
		return (0);
	if (out->off != 0) {
		memmove(out->data, out->data + out->off, out->len);
		out->off = 0;
	}
	if ((p = realloc(out->data, out->len + len)) == NULL)
		return (-1);
	memcpy(p + out->len, data, len);
	out->data = p;
	out->len += len;
	return (0);
}

/* One piece, as nearly always, is cheaper with send(2). */
static ssize_t
output(int fd, const struct iovec *iov, int niov)
{
	struct msghdr	 msg;
	const int	 flags = MSG_NOSIGNAL | MSG_DONTWAIT;

	if (niov == 1 || iov[1].iov_len == 0)
		return (send(fd, iov[0].iov_base, iov[0].iov_len, flags));
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = (struct iovec *)(uintptr_t)iov;
	msg.msg_iovlen = (size_t)niov;
	return (sendmsg(fd, &msg, flags));
}

int
request_send(struct request *req, const struct iovec *iov, int niov)
{
	size_t		 sent;
	ssize_t		 n = 0;
	int		 i;

	if (req->out.len == 0) {
		n = output(req->conn->fd, iov, niov);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return (-1);
	}
	sent = n == -1 ? 0 : (size_t)n;
	for (i = 0; i < niov; i++) {
		if (sent >= iov[i].iov_len) {
			sent -= iov[i].iov_len;
			continue;
		}
		if (request_queue(req, (const uint8_t *)iov[i].iov_base + sent,
		    iov[i].iov_len - sent) == -1)
			return (-1);
		sent = 0;
	}
	if (req->out.len != 0)
		event_add(&req->conn->wev, NULL);
	return (0);
}

int
request_write(struct request *req, const void *data, size_t len)
{
	struct iovec	 iov;

	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	return (request_send(req, &iov, 1));
}

void
request_writable(struct request *req)
{
	struct wbuf	*out = &req->out;
	ssize_t		 n;

	if (out->len != 0) {
		n = send(req->conn->fd, out->data + out->off, out->len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			/* It reads no more; its answer tells why. */
			free(out->data);
			memset(out, 0, sizeof(*out));
			body_close(req);
			return;
		}
		if (n > 0) {
			out->off += (size_t)n;
			out->len -= (size_t)n;
		}
		if (out->len != 0) {
			event_add(&req->conn->wev, NULL);
			return;
		}
		free(out->data);
		memset(out, 0, sizeof(*out));
	}
	if (req->pump != NULL)
		pump_writable(req);
	else if (req->body.fd != -1)
		body_run(req);
}
