/* SPDX-License-Identifier: ISC */

/*
 * libFuzzer target: what a hostile peer puts into one packet, descriptors
 * included, goes over a real socketpair through imsgbuf_read and
 * imsgbuf_get, and each payload through the ibuf reader.  The first byte
 * says how many descriptors go along and whether the channel takes them.
 * Built with clang -fsanitize=fuzzer,address,undefined, this file,
 * imsg/imsg.c and imsg/buf.c.
 */

#include "../../imsg/imsg.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS_MAX		31U	/* sent with one packet */
#define NO_FDPASS	0x80U	/* in the first byte */

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The lowest free descriptor: it rises when one was left open. */
static int
lowest_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		abort();
	close(fd);
	return (fd);
}

static void
packet_send(int s, const uint8_t *data, size_t len, unsigned int nfds)
{
	union {
		struct cmsghdr	hdr;
		uint8_t		buf[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	unsigned int i;

	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		control.hdr.cmsg_level = SOL_SOCKET;
		control.hdr.cmsg_type = SCM_RIGHTS;
		control.hdr.cmsg_len = CMSG_LEN(nfds * sizeof(int));
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(&control.hdr) + i * sizeof(int), &s,
			    sizeof(s));
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
	}
	if (sendmsg(s, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
		abort();
}

/* Read a payload as alternating integers and strings, to its end. */
static void
payload_read(const struct imsg *imsg)
{
	struct ibuf b;
	uint64_t v64;
	uint16_t v16;
	uint8_t v8;
	size_t before;
	char *s;

	ibuf_from_buffer(&b, imsg->data, imsg->len);
	do {
		before = ibuf_size(&b);
		if (ibuf_get_string(&b, &s) == 0) {
			if (strlen(s) > before)
				abort();
			free(s);
		}
		ibuf_get_n8(&b, &v8);
		ibuf_get_n16(&b, &v16);
		ibuf_get_n64(&b, &v64);
	} while (ibuf_size(&b) > 0 && ibuf_size(&b) < before);
	if (ibuf_size(&b) > before)
		abort();
}

/* Take the packet apart; every byte must belong to exactly one message. */
static void
packet_check(struct imsgbuf *ib, size_t size, unsigned int nfds)
{
	struct imsg imsg;
	size_t sum = 0;
	unsigned int claimed = 0;
	int n;

	while ((n = imsgbuf_get(ib, &imsg)) == 1) {
		sum += IMSG_HEADER_SIZE + imsg.len;
		if (imsg.hdr.len != IMSG_HEADER_SIZE + imsg.len ||
		    (imsg.data == NULL) != (imsg.len == 0) ||
		    (imsg.fd != -1) != imsg.marked)
			abort();
		claimed += imsg.marked;
		payload_read(&imsg);
		imsg_free(&imsg);
	}
	if (sum > size || claimed > nfds)
		abort();
	if (n == 0 && (sum != size || claimed != nfds))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imsgbuf ib;
	unsigned int nfds;
	int fd[2], before = lowest_fd();

	if (size < 2 || size > 2 * IMSG_PACKET_MAX)
		return (0);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, fd) == -1 || imsgbuf_init(&ib, fd[1]) == -1)
		abort();
	nfds = data[0] & FDS_MAX;
	if ((data[0] & NO_FDPASS) == 0)
		imsgbuf_allow_fdpass(&ib);
	packet_send(fd[0], data + 1, size - 1, nfds);
	if (imsgbuf_read(&ib) == 1) {
		if (size - 1 > IMSG_PACKET_MAX || nfds > IMSG_PACKET_FDS ||
		    (nfds > 0 && !ib.fdpass))
			abort();
		packet_check(&ib, size - 1, nfds);
	}
	imsgbuf_clear(&ib);
	close(fd[0]);
	close(fd[1]);
	if (lowest_fd() != before)
		abort();
	return (0);
}
