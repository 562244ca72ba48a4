/* SPDX-License-Identifier: ISC */

/*
 * imsg against a peer that is not ours or dies: lengths that lie, packets
 * cut short, descriptors where none are due, garbage.  The names begin with
 * the number of the case; all must end in an error, never in a crash, and no
 * descriptor may be left open.
 */

#include "../imsg/imsg.h"

#include "imsg_channel.h"

/* A packet as it is on the wire must be refused, and closed. */
static void
check_bad(const void *data, size_t len, int nfds, int good)
{
	struct channel c;
	struct imsg imsg;
	int i;

	channel_open(&c);
	raw_send(&c, data, len, nfds);
	CHECK_INT(imsgbuf_read(&c.b), 1);
	for (i = 0; i < good; i++) {
		CHECK_INT(imsgbuf_get(&c.b, &imsg), 1);
		imsg_free(&imsg);
	}
	errno = 0;
	CHECK_INT(imsgbuf_get(&c.b, &imsg), -1);
	CHECK_INT(errno, EBADMSG);
	channel_close(&c);
}

static void
t04_wrong_lengths(void)
{
	static const uint32_t lens[] = { 0, 1, 15, 17, IMSG_PACKET_MAX,
	    IMSG_PACKET_MAX + 1, 0x7fffffffU };
	uint8_t buf[IMSG_HEADER_SIZE];
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		put_header(buf, 1, lens[i]);
		check_bad(buf, sizeof(buf), 0, 0);
		put_header(buf, 1, lens[i] | IMSG_FD_MARK);
		check_bad(buf, sizeof(buf), 0, 0);
		check_bad(buf, sizeof(buf), 1, 0);
	}
}

static void
t05_sum_of_lengths(void)
{
	uint8_t buf[3 * IMSG_HEADER_SIZE] = { 0 };
	uint8_t *p;
	size_t len;

	p = put_header(buf, 1, IMSG_HEADER_SIZE);
	put_header(p, 2, IMSG_HEADER_SIZE + 8);
	/* Cut short at each byte, in the header and in the payload. */
	for (len = IMSG_HEADER_SIZE + 1; len < 2 * IMSG_HEADER_SIZE + 8; len++)
		check_bad(buf, len, 0, 1);
	/* Whole, and then a byte too many. */
	check_bad(buf, 2 * IMSG_HEADER_SIZE + 9, 0, 2);
	for (len = 1; len < IMSG_HEADER_SIZE; len++)
		check_bad(buf, len, 0, 0);
}

/* The header that is not there would lie beyond the receiver's memory. */
static void
t05_header_cut_at_packet_max(void)
{
	static uint8_t buf[IMSG_PACKET_MAX];
	uint32_t left;

	for (left = 1; left < IMSG_HEADER_SIZE; left++) {
		put_header(buf, 1, IMSG_PACKET_MAX - left);
		check_bad(buf, sizeof(buf), 0, 1);
	}
}

static void
t05_packet_too_long(void)
{
	static uint8_t buf[2 * IMSG_PACKET_MAX];
	struct channel c;
	size_t over;

	put_header(buf, 1, IMSG_HEADER_SIZE);
	for (over = 1; over <= IMSG_PACKET_MAX; over += IMSG_PACKET_MAX / 4) {
		channel_open(&c);
		raw_send(&c, buf, IMSG_PACKET_MAX + over, 1);
		CHECK_INT(imsgbuf_read(&c.b), -1);
		CHECK_INT(errno, EBADMSG);
		channel_close(&c);
	}
}

static void
t07_fd_without_fdpass(void)
{
	struct channel c;
	uint8_t buf[IMSG_HEADER_SIZE];

	channel_open(&c);
	c.b.fdpass = false;
	put_header(buf, 1, IMSG_HEADER_SIZE | IMSG_FD_MARK);
	raw_send(&c, buf, sizeof(buf), 1);
	CHECK_INT(imsgbuf_read(&c.b), -1);
	CHECK_INT(errno, EBADMSG);
	CHECK_INT(count_fds(), c.nopen + 2);
	channel_close(&c);
}

static void
t08_several_fds_one_message(void)
{
	uint8_t buf[IMSG_HEADER_SIZE];
	int n;

	put_header(buf, 1, IMSG_HEADER_SIZE | IMSG_FD_MARK);
	for (n = 2; n <= (int)IMSG_PACKET_FDS; n++)
		check_bad(buf, sizeof(buf), n, 1);
}

static void
t08_more_fds_than_a_packet_may(void)
{
	struct channel c;
	uint8_t buf[IMSG_HEADER_SIZE];
	int n;

	put_header(buf, 1, IMSG_HEADER_SIZE | IMSG_FD_MARK);
	for (n = IMSG_PACKET_FDS + 1; n <= RAW_FDS_MAX; n++) {
		channel_open(&c);
		raw_send(&c, buf, sizeof(buf), n);
		CHECK_INT(imsgbuf_read(&c.b), -1);
		CHECK_INT(errno, EBADMSG);
		CHECK_INT(count_fds(), c.nopen + 2);
		channel_close(&c);
	}
}

static void
t09_mark_without_fd(void)
{
	uint8_t buf[2 * IMSG_HEADER_SIZE], *p;

	p = put_header(buf, 1, IMSG_HEADER_SIZE | IMSG_FD_MARK);
	put_header(p, 2, IMSG_HEADER_SIZE | IMSG_FD_MARK);
	check_bad(buf, sizeof(buf), 0, 0);
	check_bad(buf, sizeof(buf), 1, 1);	/* the second has none */
}

static void
t09_fd_without_mark(void)
{
	uint8_t buf[2 * IMSG_HEADER_SIZE], *p;

	p = put_header(buf, 1, IMSG_HEADER_SIZE);
	put_header(p, 2, IMSG_HEADER_SIZE);
	check_bad(buf, sizeof(buf), 1, 2);
	put_header(buf, 1, IMSG_HEADER_SIZE | IMSG_FD_MARK);
	check_bad(buf, sizeof(buf), 2, 2);
}

/* Random packets, half of them with a first length that could be right. */
static void
t16_garbage(void)
{
	uint8_t buf[256], *p;
	struct channel c;
	struct imsg imsg;
	size_t i, len;
	unsigned int round, n;

	srandom(1);
	for (round = 0; round < 2000; round++) {
		channel_open(&c);
		len = 1 + (size_t)random() % sizeof(buf);
		for (i = 0; i < sizeof(buf); i++)
			buf[i] = (uint8_t)random();
		if (round % 2)
			put_header(buf, 1, 16 + (uint32_t)random() % 32);
		raw_send(&c, buf, len, (int)(round % 4));
		CHECK_INT(imsgbuf_read(&c.b), 1);
		for (n = 0, p = buf; imsgbuf_get(&c.b, &imsg) == 1; n++) {
			CHECK_INT(imsg.hdr.len, imsg.len + IMSG_HEADER_SIZE);
			p += imsg.hdr.len;
			CHECK(imsg.marked || imsg.fd == -1);
			imsg_free(&imsg);
		}
		CHECK(p <= buf + len && n <= sizeof(buf) / IMSG_HEADER_SIZE);
		channel_close(&c);
	}
}

/* An unterminated string is no string: the length says where it ends. */
static void
t17_strings_in_payload(void)
{
	static const struct {
		uint32_t	len;
		const char	text[4];
	} payloads[] = {
		{ 3, "abc" }, { 4, "abc" }, { 3, "a\0c" }, { 5, "abcd" },
	};
	struct channel c;
	struct imsg imsg;
	struct ibuf b;
	char *s = NULL;
	size_t i;

	channel_open(&c);
	for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, &payloads[i],
		    sizeof(payloads[i])), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		CHECK(next(&c.b, &imsg));
		ibuf_from_buffer(&b, imsg.data, imsg.len);
		CHECK_INT(ibuf_get_string(&b, &s), i == 0 ? 0 : -1);
	}
	CHECK_STR(s, "abc");
	free(s);
	channel_close(&c);
}

static void
t18_peer_dies_mid_message(void)
{
	uint8_t buf[IMSG_HEADER_SIZE];
	struct channel c;
	struct imsg imsg;

	channel_open(&c);
	put_header(buf, 1, IMSG_HEADER_SIZE + 100);
	raw_send(&c, buf, sizeof(buf), 0);
	close(c.fd[0]);
	c.fd[0] = -1;
	CHECK_INT(imsgbuf_read(&c.b), 1);
	CHECK_INT(imsgbuf_get(&c.b, &imsg), -1);
	CHECK_INT(errno, EBADMSG);
	CHECK_INT(imsgbuf_read(&c.b), 0);
	CHECK_INT(imsgbuf_read(&c.b), 0);
	channel_close(&c);
}

static void
t18_sender_dies_with_fd_in_flight(void)
{
	struct channel c;

	channel_open(&c);
	CHECK_INT(send_one(&c.a, 1, tagged_fd(8)), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	close(c.fd[0]);
	c.fd[0] = -1;
	check_one(&c.b, 1, 8);
	CHECK_INT(imsgbuf_read(&c.b), 0);
	channel_close(&c);
}

/* The write end of a pipe dies with the packet that nobody read. */
static void
t18_receiver_dies_with_fd_in_flight(void)
{
	struct channel c;
	int pipefd[2];
	char byte;

	channel_open(&c);
	CHECK_INT(pipe2(pipefd, O_CLOEXEC | O_NONBLOCK), 0);
	CHECK_INT(send_one(&c.a, 1, pipefd[1]), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(read(pipefd[0], &byte, 1), -1);
	CHECK_INT(send_one(&c.a, 2, tagged_fd(1)), 1);
	close(c.fd[1]);
	c.fd[1] = -1;
	CHECK_INT(read(pipefd[0], &byte, 1), 0);
	close(pipefd[0]);
	/* First that a packet was lost, then that nobody is there. */
	CHECK_INT(imsgbuf_write(&c.a), -1);
	CHECK_INT(errno, ECONNRESET);
	CHECK_INT(imsgbuf_write(&c.a), -1);
	CHECK_INT(errno, EPIPE);
	CHECK_INT(imsgbuf_queuelen(&c.a), 1);
	channel_close(&c);
}

/* Linux tells of what the peer left unread by an error, not by EOF. */
static void
t18_peer_dies_with_packets_unread(void)
{
	struct channel c;

	channel_open(&c);
	CHECK_INT(send_one(&c.b, 1, -1), 1);
	CHECK_INT(imsgbuf_write(&c.b), 0);
	close(c.fd[0]);
	c.fd[0] = -1;
	CHECK_INT(imsgbuf_read(&c.b), -1);
	CHECK_INT(errno, ECONNRESET);
	channel_close(&c);
}

static void
empty_packet_with_fds(void)
{
	struct channel c;
	struct imsg imsg;

	channel_open(&c);
	raw_send(&c, "", 0, 3);
	CHECK_INT(imsgbuf_read(&c.b), 0);
	CHECK_INT(imsgbuf_get(&c.b, &imsg), 0);
	CHECK_INT(count_fds(), c.nopen + 2);
	channel_close(&c);
}

/* Odd lengths put every later header and payload at an odd address. */
static void
unaligned_messages(void)
{
	uint8_t data[16] = "0123456789abcde";
	struct channel c;
	struct imsg imsg;
	size_t len;

	channel_open(&c);
	for (len = 0; len < sizeof(data); len++)
		CHECK_INT(imsg_compose(&c.a, (uint32_t)len, 77, 0, -1, data,
		    len), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	for (len = 0; len < sizeof(data); len++) {
		CHECK(next(&c.b, &imsg));
		CHECK_INT(imsg_get_type(&imsg), len);
		CHECK_INT(imsg_get_id(&imsg), 77);
		CHECK_INT(imsg_get_len(&imsg), len);
		CHECK(len == 0 || memcmp(imsg.data, data, len) == 0);
	}
	channel_close(&c);
}

int
main(void)
{
	RUN(t04_wrong_lengths);
	RUN(t05_sum_of_lengths);
	RUN(t05_header_cut_at_packet_max);
	RUN(t05_packet_too_long);
	RUN(t07_fd_without_fdpass);
	RUN(t08_several_fds_one_message);
	RUN(t08_more_fds_than_a_packet_may);
	RUN(t09_mark_without_fd);
	RUN(t09_fd_without_mark);
	RUN(t16_garbage);
	RUN(t17_strings_in_payload);
	RUN(t18_peer_dies_mid_message);
	RUN(t18_sender_dies_with_fd_in_flight);
	RUN(t18_receiver_dies_with_fd_in_flight);
	RUN(t18_peer_dies_with_packets_unread);
	RUN(empty_packet_with_fds);
	RUN(unaligned_messages);
	return (test_done());
}
