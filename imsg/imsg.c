/* SPDX-License-Identifier: ISC */

/*
 * The channel between the parent and a filter: whole messages packed into
 * SOCK_SEQPACKET packets, each packet sent and received by one system call
 * together with its descriptors.  Messages are written straight into the
 * packet that is being filled, and a sent packet is kept for reuse, so a
 * steady channel allocates nothing.  Nothing here knows a message type.
 */

#include "imsg.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct imsg_hdr) == 16, "as in OpenBSD");
_Static_assert(IMSG_PACKET_MAX < IMSG_FD_MARK, "the mark is no length");

/* One more than a packet may carry, to tell too many from EMFILE. */
#define CONTROL_FDS	(IMSG_PACKET_FDS + 1)

/* Room for descriptors, aligned as the CMSG macros want it. */
union control {
	struct cmsghdr	hdr;
	uint8_t		buf[CMSG_SPACE(CONTROL_FDS * sizeof(int))];
};

static struct imsg_packet *packet_new(struct imsgbuf *);
static struct imsg_packet *packet_room(struct imsgbuf *, size_t, int);
static void	 packet_add(struct imsg_packet *, const void *, size_t);
static void	 packet_done(struct imsgbuf *, struct imsg_packet *);
static ssize_t	 packet_send(int, struct imsg_packet *);
static bool	 imsgbuf_collect(struct imsgbuf *, struct msghdr *);
static void	 imsgbuf_drop(struct imsgbuf *);
static int	 imsgbuf_bad(struct imsgbuf *, int);
static void	 close_fds(const int *, unsigned int);

int
imsgbuf_init(struct imsgbuf *ib, int fd)
{
	memset(ib, 0, sizeof(*ib));
	ib->fd = fd;
	ib->pid = (uint32_t)getpid();
	ib->maxqueue = IMSG_QUEUE_MAX;
	TAILQ_INIT(&ib->queue);
	TAILQ_INIT(&ib->spare);
	ib->rbuf = malloc(IMSG_PACKET_MAX + 1);
	return (ib->rbuf == NULL ? -1 : 0);
}

void
imsgbuf_allow_fdpass(struct imsgbuf *ib)
{
	ib->fdpass = true;
}

void
imsgbuf_set_maxqueue(struct imsgbuf *ib, unsigned int maxqueue)
{
	ib->maxqueue = maxqueue;
}

uint32_t
imsgbuf_queuelen(const struct imsgbuf *ib)
{
	return (ib->nqueue);
}

/* Also safe on a zeroed imsgbuf that was never initialised, and twice. */
void
imsgbuf_clear(struct imsgbuf *ib)
{
	struct imsg_packet *p, *np;

	for (p = TAILQ_FIRST(&ib->queue); p != NULL; p = np) {
		np = TAILQ_NEXT(p, entry);
		close_fds(p->fds, p->nfds);
		free(p);
	}
	free(TAILQ_FIRST(&ib->spare));
	TAILQ_INIT(&ib->queue);
	TAILQ_INIT(&ib->spare);
	ib->nqueue = 0;
	imsgbuf_drop(ib);
	free(ib->rbuf);
	ib->rbuf = NULL;
}

int
imsgbuf_read(struct imsgbuf *ib)
{
	union control control;
	struct msghdr msg = { 0 };
	struct iovec iov;
	ssize_t n;
	bool extra;

	imsgbuf_drop(ib);
	/* Room for a byte too many: a long packet shows by its length. */
	iov.iov_base = ib->rbuf;
	iov.iov_len = IMSG_PACKET_MAX + 1;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (ib->fdpass) {
		/*
		 * CMSG_LEN, not CMSG_SPACE: the kernel fills padding with
		 * descriptors.  Without fdpass there is no room at all, and
		 * what the peer sends is dropped before it gets a number here.
		 */
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_LEN(CONTROL_FDS * sizeof(int));
	}
	n = recvmsg(ib->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n == -1)
		return (errno == EAGAIN || errno == EINTR ? 1 : -1);
	extra = imsgbuf_collect(ib, &msg);
	if (n == 0) {
		/* We never send empty packets, so one is as good as EOF. */
		imsgbuf_drop(ib);
		return (0);
	}
	if (extra || n > (ssize_t)IMSG_PACKET_MAX)
		return (imsgbuf_bad(ib, EBADMSG));
	if ((msg.msg_flags & MSG_CTRUNC) != 0)
		return (imsgbuf_bad(ib, ib->fdpass ? EMFILE : EBADMSG));
	ib->rlen = (size_t)n;
	return (1);
}

/* Note the descriptors of a packet; true if there were too many. */
static bool
imsgbuf_collect(struct imsgbuf *ib, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	size_t i, n;
	int fd;
	bool extra = false;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			    sizeof(fd));
			if (ib->nrfds < IMSG_PACKET_FDS)
				ib->rfds[ib->nrfds++] = fd;
			else {
				close(fd);
				extra = true;
			}
		}
	}
	return (extra);
}

int
imsgbuf_get(struct imsgbuf *ib, struct imsg *imsg)
{
	size_t left = ib->rlen - ib->rpos;

	if (left == 0) {
		if (ib->rfdpos != ib->nrfds)
			return (imsgbuf_bad(ib, EBADMSG));
		return (0);
	}
	if (left < sizeof(imsg->hdr))
		return (imsgbuf_bad(ib, EBADMSG));
	/* Messages stand back to back: the header may be unaligned. */
	memcpy(&imsg->hdr, ib->rbuf + ib->rpos, sizeof(imsg->hdr));
	imsg->marked = (imsg->hdr.len & IMSG_FD_MARK) != 0;
	imsg->hdr.len &= ~IMSG_FD_MARK;
	if (imsg->hdr.len < sizeof(imsg->hdr) || imsg->hdr.len > left)
		return (imsgbuf_bad(ib, EBADMSG));
	if (imsg->marked && ib->rfdpos == ib->nrfds)
		return (imsgbuf_bad(ib, EBADMSG));
	imsg->len = imsg->hdr.len - sizeof(imsg->hdr);
	imsg->data = imsg->len == 0 ? NULL :
	    ib->rbuf + ib->rpos + sizeof(imsg->hdr);
	imsg->fd = imsg->marked ? ib->rfds[ib->rfdpos++] : -1;
	ib->rpos += imsg->hdr.len;
	return (1);
}

/* Forget the packet that was read, and close what nobody claimed of it. */
static void
imsgbuf_drop(struct imsgbuf *ib)
{
	close_fds(ib->rfds + ib->rfdpos, ib->nrfds - ib->rfdpos);
	ib->nrfds = ib->rfdpos = 0;
	ib->rlen = ib->rpos = 0;
}

static int
imsgbuf_bad(struct imsgbuf *ib, int error)
{
	imsgbuf_drop(ib);
	errno = error;
	return (-1);
}

/*
 * ETOOMANYREFS (too many descriptors of this user are in flight) passes when
 * the peer reads, but leaves the socket writable: a caller that finds the
 * queue no shorter must wait for a timer, not for the socket.
 */
int
imsgbuf_write(struct imsgbuf *ib)
{
	struct imsg_packet *p, *np;

	for (p = TAILQ_FIRST(&ib->queue); p != NULL; p = np) {
		np = TAILQ_NEXT(p, entry);
		if (packet_send(ib->fd, p) == -1) {
			if (errno == EAGAIN || errno == ENOBUFS ||
			    errno == ETOOMANYREFS)
				return (0);
			return (-1);
		}
		packet_done(ib, p);
	}
	return (0);
}

int
imsg_compose(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid, int fd,
    const void *data, size_t len)
{
	struct iovec iov;

	/* An iovec cannot say const; it is only read. */
	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	return (imsg_composev(ib, type, id, pid, fd, &iov, 1));
}

int
imsg_composev(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid,
    int fd, const struct iovec *iov, int iovcnt)
{
	struct imsg_packet *p;
	struct imsg_hdr hdr;
	size_t len = 0;
	int i;

	for (i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len > IMSG_DATA_MAX - len) {
			errno = ERANGE;
			return (-1);
		}
		len += iov[i].iov_len;
	}
	if (fd < -1 || (fd != -1 && !ib->fdpass)) {
		errno = EINVAL;
		return (-1);
	}
	if ((p = packet_room(ib, sizeof(hdr) + len, fd)) == NULL)
		return (-1);

	hdr.type = type;
	hdr.len = (uint32_t)(sizeof(hdr) + len);
	hdr.peerid = id;
	hdr.pid = pid == 0 ? ib->pid : (uint32_t)pid;
	if (fd != -1) {
		hdr.len |= IMSG_FD_MARK;
		p->fds[p->nfds++] = fd;
	}
	packet_add(p, &hdr, sizeof(hdr));
	for (i = 0; i < iovcnt; i++)
		packet_add(p, iov[i].iov_base, iov[i].iov_len);
	return (1);
}

/* The packet in which a message of len bytes, and maybe fd, finds room. */
static struct imsg_packet *
packet_room(struct imsgbuf *ib, size_t len, int fd)
{
	struct imsg_packet *p;

	p = TAILQ_LAST(&ib->queue, imsg_packets);
	if (p != NULL && len <= IMSG_PACKET_MAX - p->len &&
	    (fd == -1 || p->nfds < IMSG_PACKET_FDS))
		return (p);
	return (packet_new(ib));
}

static struct imsg_packet *
packet_new(struct imsgbuf *ib)
{
	struct imsg_packet *p;

	if (ib->nqueue >= ib->maxqueue) {
		errno = ENOBUFS;
		return (NULL);
	}
	if ((p = TAILQ_FIRST(&ib->spare)) != NULL)
		TAILQ_REMOVE(&ib->spare, p, entry);
	else if ((p = malloc(sizeof(*p))) == NULL)
		return (NULL);
	/* Not the data: it is written before it is sent. */
	p->len = 0;
	p->nfds = 0;
	TAILQ_INSERT_TAIL(&ib->queue, p, entry);
	ib->nqueue++;
	return (p);
}

static void
packet_add(struct imsg_packet *p, const void *data, size_t len)
{
	if (len == 0)
		return;
	memcpy(p->data + p->len, data, len);
	p->len += len;
}

/* Take p, now sent, from the queue and close its descriptors. */
static void
packet_done(struct imsgbuf *ib, struct imsg_packet *p)
{
	TAILQ_REMOVE(&ib->queue, p, entry);
	ib->nqueue--;
	close_fds(p->fds, p->nfds);
	if (TAILQ_EMPTY(&ib->spare))
		TAILQ_INSERT_HEAD(&ib->spare, p, entry);
	else
		free(p);
}

static ssize_t
packet_send(int fd, struct imsg_packet *p)
{
	union control control;
	struct msghdr msg = { 0 };
	struct iovec iov;
	struct cmsghdr *cmsg;
	size_t len = p->nfds * sizeof(p->fds[0]);
	ssize_t n;

	if (p->nfds == 0) {
		do {
			n = send(fd, p->data, p->len, MSG_NOSIGNAL |
			    MSG_DONTWAIT);
		} while (n == -1 && errno == EINTR);
		return (n);
	}
	iov.iov_base = p->data;
	iov.iov_len = p->len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	memset(&control, 0, sizeof(control));
	msg.msg_control = control.buf;
	msg.msg_controllen = CMSG_SPACE(len);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), p->fds, len);
	do {
		n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n == -1 && errno == EINTR);
	return (n);
}

static void
close_fds(const int *fds, unsigned int n)
{
	while (n-- > 0)
		close(*fds++);
}

uint32_t
imsg_get_type(const struct imsg *imsg)
{
	return (imsg->hdr.type);
}

uint32_t
imsg_get_id(const struct imsg *imsg)
{
	return (imsg->hdr.peerid);
}

pid_t
imsg_get_pid(const struct imsg *imsg)
{
	return ((pid_t)imsg->hdr.pid);
}

size_t
imsg_get_len(const struct imsg *imsg)
{
	return (imsg->len);
}

int
imsg_get_fd(struct imsg *imsg)
{
	int fd = imsg->fd;

	imsg->fd = -1;
	return (fd);
}

int
imsg_get_data(const struct imsg *imsg, void *data, size_t len)
{
	if (imsg->len != len) {
		errno = EBADMSG;
		return (-1);
	}
	if (len > 0)
		memcpy(data, imsg->data, len);
	return (0);
}

void
imsg_free(struct imsg *imsg)
{
	if (imsg->fd != -1)
		close(imsg->fd);
	imsg->fd = -1;
}
