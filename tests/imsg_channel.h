/* SPDX-License-Identifier: ISC */

/*
 * What the tests of imsg share: a channel over a real socketpair whose end
 * counts the open descriptors, memory files that carry a number so that a
 * descriptor that strays is seen, and packets made by hand.
 */

#ifndef IMSG_CHANNEL_H
#define IMSG_CHANNEL_H

#include <sys/mman.h>
#include <sys/socket.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

#define RAW_FDS_MAX	32	/* descriptors of a packet made by hand */

struct channel {
	int		fd[2];
	struct imsgbuf	a;
	struct imsgbuf	b;
	int		nopen;		/* before it was made */
};

/* Open descriptors, the one of the directory read here left out. */
static inline int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -1;

	if (dir == NULL)
		return (-1);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return (n - 2);
}

static inline void
channel_open(struct channel *c)
{
	c->nopen = count_fds();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, c->fd) == -1 || imsgbuf_init(&c->a, c->fd[0]) == -1 ||
	    imsgbuf_init(&c->b, c->fd[1]) == -1) {
		perror("channel_open");
		exit(1);
	}
	imsgbuf_allow_fdpass(&c->a);
	imsgbuf_allow_fdpass(&c->b);
}

static inline void
channel_close(struct channel *c)
{
	imsgbuf_clear(&c->a);
	imsgbuf_clear(&c->b);
	if (c->fd[0] != -1)
		close(c->fd[0]);
	if (c->fd[1] != -1)
		close(c->fd[1]);
	CHECK(c->nopen > 2);
	CHECK_INT(count_fds(), c->nopen);	/* item 19, for every test */
}

static inline int
tagged_fd(int tag)
{
	int fd = memfd_create("tag", MFD_CLOEXEC);

	if (fd == -1 || pwrite(fd, &tag, sizeof(tag), 0) != sizeof(tag)) {
		perror("tagged_fd");
		exit(1);
	}
	return (fd);
}

/* The number in a descriptor taken from a message, which is closed. */
static inline int
tag_of(int fd)
{
	int tag = -1;

	if (fd == -1 || pread(fd, &tag, sizeof(tag), 0) != sizeof(tag))
		return (-1);
	CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	return (tag);
}

static inline int
send_one(struct imsgbuf *ib, uint32_t type, int fd)
{
	return (imsg_compose(ib, type, type + 1000, 0, fd, &type,
	    sizeof(type)));
}

/* The next message, read when the packet is used up; false: none. */
static inline bool
next(struct imsgbuf *ib, struct imsg *imsg)
{
	int n = imsgbuf_get(ib, imsg);

	if (n == 0 && imsgbuf_read(ib) == 1)
		n = imsgbuf_get(ib, imsg);
	return (n == 1);
}

static inline void
check_one(struct imsgbuf *ib, uint32_t type, int tag)
{
	struct imsg imsg;
	uint32_t data = 0;

	if (!next(ib, &imsg)) {
		CHECK_INT(-1, type);
		return;
	}
	CHECK_INT(imsg_get_type(&imsg), type);
	CHECK_INT(imsg_get_id(&imsg), type + 1000);
	CHECK_INT(imsg_get_pid(&imsg), getpid());
	CHECK_INT(imsg_get_len(&imsg), sizeof(type));
	CHECK_INT(imsg_get_data(&imsg, &data, sizeof(data)), 0);
	CHECK_INT(data, type);
	CHECK_INT(imsg.marked, tag != -1);
	CHECK_INT(tag_of(imsg_get_fd(&imsg)), tag);
	CHECK_INT(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
}

static inline void
raw_send(struct channel *c, const void *data, size_t len, int nfds)
{
	union {
		struct cmsghdr	hdr;
		uint8_t		buf[CMSG_SPACE(RAW_FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[RAW_FDS_MAX];
	int i;

	memset(&control, 0, sizeof(control));
	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	for (i = 0; i < nfds; i++)
		fds[i] = tagged_fd(i);
	if (nfds > 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
		control.hdr.cmsg_level = SOL_SOCKET;
		control.hdr.cmsg_type = SCM_RIGHTS;
		control.hdr.cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
		memcpy(CMSG_DATA(&control.hdr), fds,
		    (size_t)nfds * sizeof(int));
	}
	CHECK_INT(sendmsg(c->fd[0], &msg, MSG_DONTWAIT), (ssize_t)len);
	for (i = 0; i < nfds; i++)
		close(fds[i]);
}

/* Write a header with any length at p; where the next one goes. */
static inline uint8_t *
put_header(uint8_t *p, uint32_t type, uint32_t len)
{
	struct imsg_hdr hdr = { .type = type, .len = len };

	memcpy(p, &hdr, sizeof(hdr));
	return (p + sizeof(hdr));
}

#endif /* IMSG_CHANNEL_H */
