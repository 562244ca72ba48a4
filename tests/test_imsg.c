/* SPDX-License-Identifier: ISC */

/*
 * imsg between two honest ends: framing, batching, which message gets which
 * descriptor, and what happens when a queue or a table is full.  What a
 * hostile peer may put on the wire is in test_imsg_wire.c.
 */

#include "../imsg/imsg.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <poll.h>

#include "imsg_channel.h"

#define NOBODY		65534	/* a uid without capabilities */
#define NOBODY_NOFILE	64	/* its RLIMIT_NOFILE */

static void
t01_fd_belongs_to_its_message(void)
{
	struct channel c;
	uint32_t i;

	channel_open(&c);
	for (i = 1; i <= 6; i++)
		CHECK_INT(send_one(&c.a, i, i == 3 ? tagged_fd(3) : -1), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	for (i = 1; i <= 6; i++)
		check_one(&c.b, i, i == 3 ? 3 : -1);
	channel_close(&c);
}

static void
t01_fd_in_packets_between_others(void)
{
	struct channel c;
	uint32_t i;

	channel_open(&c);
	for (i = 1; i <= 6; i++) {
		CHECK_INT(send_one(&c.a, i, i % 2 ? tagged_fd((int)i) : -1),
		    1);
		CHECK_INT(imsgbuf_write(&c.a), 0);
	}
	for (i = 1; i <= 6; i++)
		check_one(&c.b, i, i % 2 ? (int)i : -1);
	channel_close(&c);
}

/* libutil lost the descriptor when a read ended inside its header. */
static void
t02_fd_message_at_packet_end(void)
{
	static uint8_t fill[IMSG_DATA_MAX];
	struct channel c;
	struct imsg imsg;
	uint32_t room;

	for (room = 0; room <= 2 * IMSG_HEADER_SIZE; room++) {
		channel_open(&c);
		CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, fill,
		    IMSG_DATA_MAX - room), 1);
		CHECK_INT(send_one(&c.a, 2, tagged_fd(7)), 1);
		CHECK_INT(imsgbuf_queuelen(&c.a),
		    room < IMSG_HEADER_SIZE + sizeof(uint32_t) ? 2 : 1);
		CHECK_INT(imsgbuf_write(&c.a), 0);
		CHECK(next(&c.b, &imsg));
		CHECK_INT(imsg_get_len(&imsg), IMSG_DATA_MAX - room);
		CHECK_INT(imsg_get_fd(&imsg), -1);
		check_one(&c.b, 2, 7);
		channel_close(&c);
	}
}

static void
t06_largest_message(void)
{
	static uint8_t out[IMSG_DATA_MAX + 1], in[IMSG_DATA_MAX];
	struct channel c;
	struct imsg imsg;

	channel_open(&c);
	memset(out, 'x', sizeof(out));
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, out, sizeof(out)), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, out, SIZE_MAX), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(imsgbuf_queuelen(&c.a), 0);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, out, IMSG_DATA_MAX), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK(next(&c.b, &imsg));
	CHECK_INT(imsg_get_data(&imsg, in, sizeof(in)), 0);
	CHECK(memcmp(in, out, sizeof(in)) == 0);
	CHECK_INT(imsg_get_data(&imsg, in, sizeof(in) - 1), -1);
	CHECK_INT(errno, EBADMSG);
	channel_close(&c);
}

static void
t06_composev(void)
{
	static uint8_t big[IMSG_DATA_MAX];
	struct channel c;
	struct imsg imsg;
	char ab[] = "ab", cde[] = "cde";
	struct iovec iov[] = { { ab, 2 }, { NULL, 0 }, { cde, 3 } };
	struct iovec over[] = { { big, sizeof(big) }, { big, 1 } };

	channel_open(&c);
	CHECK_INT(imsg_composev(&c.a, 1, 2, 3, -1, iov, 3), 1);
	CHECK_INT(imsg_composev(&c.a, 1, 2, 3, -1, over, 2), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK(next(&c.b, &imsg));
	CHECK_INT(imsg_get_pid(&imsg), 3);
	CHECK_INT(imsg_get_len(&imsg), 5);
	CHECK(memcmp(imsg.data, "abcde", 5) == 0);
	CHECK(!next(&c.b, &imsg));
	channel_close(&c);
}

static void
t07_fd_nobody_takes(void)
{
	struct channel c;
	struct imsg imsg;
	uint32_t i;

	channel_open(&c);
	for (i = 0; i < 200; i++) {
		CHECK_INT(send_one(&c.a, i, tagged_fd(1)), 1);
		CHECK_INT(imsgbuf_write(&c.a), 0);
		CHECK(next(&c.b, &imsg));
		CHECK(imsg.fd != -1);
		imsg_free(&imsg);
		imsg_free(&imsg);
		CHECK_INT(count_fds(), c.nopen + 2);
	}
	channel_close(&c);
}

static void
t09_marked_messages_keep_order(void)
{
	struct channel c;
	uint32_t i;

	channel_open(&c);
	for (i = 0; i < 3 * IMSG_PACKET_FDS; i++)
		CHECK_INT(send_one(&c.a, i, i % 3 ? tagged_fd((int)i) : -1),
		    1);
	/* 32 descriptors: two packets, though the bytes fill none. */
	CHECK_INT(imsgbuf_queuelen(&c.a), 2);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	for (i = 0; i < 3 * IMSG_PACKET_FDS; i++)
		check_one(&c.b, i, i % 3 ? (int)i : -1);
	channel_close(&c);
}

static void
t10_receiver_out_of_fds(void)
{
	struct channel c;
	struct rlimit old, lim;
	uint32_t i;
	int lowest;

	channel_open(&c);
	for (i = 0; i < 4; i++)
		CHECK_INT(send_one(&c.a, i, tagged_fd((int)i)), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	lowest = dup(c.fd[0]);
	close(lowest);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &old), 0);
	lim = old;
	lim.rlim_cur = (rlim_t)lowest + 2;	/* two of the four fit */
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &lim), 0);
	CHECK_INT(imsgbuf_read(&c.b), -1);
	CHECK_INT(errno, EMFILE);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &old), 0);
	CHECK_INT(count_fds(), c.nopen + 2);
	channel_close(&c);
}

/* In a process of its own, as a user whose descriptors in flight count. */
static void
too_many_in_flight(void)
{
	const struct rlimit lim = { NOBODY_NOFILE, NOBODY_NOFILE };
	struct channel c;
	struct pollfd pfd;
	uint32_t i, got;

	channel_open(&c);
	if (setrlimit(RLIMIT_NOFILE, &lim) == -1 || setuid(NOBODY) == -1) {
		perror("too_many_in_flight");
		_exit(1);
	}
	/* Else /proc/self/fd is root's after the change of uid. */
	prctl(PR_SET_DUMPABLE, 1);
	for (i = 0; i < 4 * NOBODY_NOFILE && imsgbuf_queuelen(&c.a) == 0;
	    i++) {
		CHECK_INT(send_one(&c.a, i, tagged_fd((int)i)), 1);
		CHECK_INT(imsgbuf_write(&c.a), 0);
	}
	/* Not EAGAIN: the socket would take bytes. */
	CHECK(i > 1);
	CHECK_INT(imsgbuf_queuelen(&c.a), 1);
	pfd.fd = c.fd[0];
	pfd.events = POLLOUT;
	CHECK_INT(poll(&pfd, 1, 0), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(imsgbuf_queuelen(&c.a), 1);
	for (got = 0; got < i - 1; got++)
		check_one(&c.b, got, (int)got);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(imsgbuf_queuelen(&c.a), 0);
	check_one(&c.b, got, (int)got);
	channel_close(&c);
}

static void
t10_sender_too_many_in_flight(void)
{
	pid_t pid;
	int status;

	if (geteuid() != 0) {
		printf("%s: not root, cannot become uid %d: left out\n",
		    test_current, NOBODY);
		return;
	}
	fflush(stdout);
	if ((pid = fork()) == 0) {
		test_bad = 0;
		too_many_in_flight();
		fflush(stdout);
		_exit(test_bad != 0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

static void
t11_nothing_to_read(void)
{
	struct channel c;
	struct imsg imsg;

	channel_open(&c);
	CHECK_INT(imsgbuf_read(&c.b), 1);
	CHECK_INT(imsgbuf_get(&c.b, &imsg), 0);
	CHECK_INT(imsgbuf_write(&c.b), 0);
	channel_close(&c);
}

static void
t11_kernel_full(void)
{
	static uint8_t data[IMSG_DATA_MAX];
	struct channel c;
	struct imsg imsg;
	uint32_t queued, n = 0, got = 0;

	channel_open(&c);
	while (imsg_compose(&c.a, n, 0, 0, -1, data, sizeof(data)) == 1)
		n++;
	CHECK_INT(errno, ENOBUFS);
	CHECK_INT(n, IMSG_QUEUE_MAX);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	queued = imsgbuf_queuelen(&c.a);
	CHECK(queued > 0 && queued < n);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(imsgbuf_queuelen(&c.a), queued);
	while (next(&c.b, &imsg)) {
		CHECK_INT(imsg_get_type(&imsg), got++);
		CHECK_INT(imsgbuf_write(&c.a), 0);
	}
	CHECK_INT(got, n);
	CHECK_INT(imsgbuf_queuelen(&c.a), 0);
	channel_close(&c);
}

static void
t12_queue_bound(void)
{
	static uint8_t data[IMSG_DATA_MAX];
	struct channel c;

	channel_open(&c);
	imsgbuf_set_maxqueue(&c.a, 2);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, data, sizeof(data)), 1);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, data, 100), 1);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, data, sizeof(data)), -1);
	CHECK_INT(errno, ENOBUFS);
	/* What fits into the packet being filled is still taken. */
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, data, 100), 1);
	CHECK_INT(imsgbuf_queuelen(&c.a), 2);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(imsgbuf_queuelen(&c.a), 0);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, -1, data, sizeof(data)), 1);
	channel_close(&c);
}

static void
t13_refused_fd_stays_the_callers(void)
{
	static uint8_t data[IMSG_DATA_MAX + 1];
	struct channel c;
	int fd;

	channel_open(&c);
	fd = tagged_fd(5);
	imsgbuf_set_maxqueue(&c.a, 0);
	CHECK_INT(send_one(&c.a, 1, fd), -1);
	CHECK_INT(errno, ENOBUFS);
	imsgbuf_set_maxqueue(&c.a, 1);
	CHECK_INT(imsg_compose(&c.a, 1, 0, 0, fd, data, sizeof(data)), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(send_one(&c.a, 1, -2), -1);
	CHECK_INT(errno, EINVAL);
	c.a.fdpass = false;
	CHECK_INT(send_one(&c.a, 1, fd), -1);
	CHECK_INT(errno, EINVAL);
	CHECK_INT(imsgbuf_queuelen(&c.a), 0);
	imsgbuf_clear(&c.a);
	CHECK_INT(tag_of(fd), 5);
	channel_close(&c);
}

static void
t14_clear_closes_queued_fds(void)
{
	struct channel c;
	struct imsg imsg;
	uint32_t i;

	channel_open(&c);
	for (i = 0; i < 40; i++)
		CHECK_INT(send_one(&c.a, i, tagged_fd(1)), 1);
	CHECK_INT(count_fds(), c.nopen + 2 + 40);
	imsgbuf_clear(&c.a);
	CHECK_INT(imsgbuf_queuelen(&c.a), 0);
	CHECK_INT(count_fds(), c.nopen + 2);
	imsgbuf_clear(&c.a);
	CHECK_INT(imsgbuf_get(&c.a, &imsg), 0);
	channel_close(&c);
}

static void
t14_clear_and_read_close_unread_fds(void)
{
	struct channel c;
	struct imsg imsg;
	uint32_t i;

	channel_open(&c);
	for (i = 0; i < 2 * IMSG_PACKET_FDS; i++)
		CHECK_INT(send_one(&c.a, i, tagged_fd(1)), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK(next(&c.b, &imsg));
	CHECK_INT(count_fds(), c.nopen + 2 + (int)IMSG_PACKET_FDS);
	CHECK_INT(imsgbuf_read(&c.b), 1);
	CHECK_INT(count_fds(), c.nopen + 2 + (int)IMSG_PACKET_FDS + 1);
	imsgbuf_clear(&c.b);
	CHECK_INT(count_fds(), c.nopen + 2 + 1);
	imsg_free(&imsg);
	channel_close(&c);
}

static void
t15_empty_payload(void)
{
	struct channel c;
	struct imsg imsg;

	channel_open(&c);
	CHECK_INT(imsg_compose(&c.a, 9, 8, 7, -1, NULL, 0), 1);
	CHECK_INT(imsg_composev(&c.a, 9, 8, 7, tagged_fd(6), NULL, 0), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK(next(&c.b, &imsg));
	CHECK(imsg.data == NULL);
	CHECK_INT(imsg_get_len(&imsg), 0);
	CHECK_INT(imsg_get_data(&imsg, NULL, 0), 0);
	CHECK_INT(imsg_get_fd(&imsg), -1);
	CHECK(next(&c.b, &imsg));
	CHECK(imsg.data == NULL);
	CHECK_INT(tag_of(imsg_get_fd(&imsg)), 6);
	channel_close(&c);
}

static void
batch_fills_packets(void)
{
	static const uint8_t data[204];
	const uint32_t size = IMSG_HEADER_SIZE + sizeof(data), count = 1000;
	const uint32_t each = IMSG_PACKET_MAX / size;
	struct channel c;
	struct imsg imsg;
	uint32_t i;

	channel_open(&c);
	for (i = 0; i < count; i++)
		CHECK_INT(imsg_compose(&c.a, i, 0, 0, -1, data,
		    sizeof(data)), 1);
	CHECK_INT(imsgbuf_queuelen(&c.a), (count + each - 1) / each);
	for (i = 0; i < count; i++) {
		CHECK_INT(imsgbuf_write(&c.a), 0);
		CHECK(next(&c.b, &imsg));
		CHECK_INT(imsg_get_type(&imsg), i);
		CHECK_INT(imsg_get_len(&imsg), sizeof(data));
	}
	CHECK(!next(&c.b, &imsg));
	channel_close(&c);
}

static void
batch_is_one_packet(void)
{
	uint8_t buf[256];
	struct channel c;
	uint32_t i;

	channel_open(&c);
	for (i = 0; i < 8; i++)
		CHECK_INT(send_one(&c.a, i, -1), 1);
	CHECK_INT(imsgbuf_queuelen(&c.a), 1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(recv(c.fd[1], buf, sizeof(buf), MSG_DONTWAIT),
	    8 * (IMSG_HEADER_SIZE + sizeof(i)));
	channel_close(&c);
}

static void
sent_packet_is_reused(void)
{
	struct channel c;
	struct imsg_packet *p;
	uint32_t i;

	channel_open(&c);
	CHECK_INT(send_one(&c.a, 0, -1), 1);
	p = TAILQ_FIRST(&c.a.queue);
	for (i = 0; i < 5; i++) {
		CHECK_INT(imsgbuf_write(&c.a), 0);
		check_one(&c.b, i, i % 2 ? 4 : -1);
		CHECK_INT(send_one(&c.a, i + 1, i % 2 ? -1 : tagged_fd(4)),
		    1);
		CHECK(TAILQ_FIRST(&c.a.queue) == p);
	}
	channel_close(&c);
}

static void
fd_open_until_sent(void)
{
	struct channel c;
	int fd;

	channel_open(&c);
	fd = tagged_fd(2);
	CHECK_INT(send_one(&c.a, 1, fd), 1);
	CHECK(fcntl(fd, F_GETFD) != -1);
	CHECK_INT(imsgbuf_write(&c.a), 0);
	CHECK_INT(fcntl(fd, F_GETFD), -1);
	check_one(&c.b, 1, 2);
	channel_close(&c);
}

int
main(void)
{
	RUN(t01_fd_belongs_to_its_message);
	RUN(t01_fd_in_packets_between_others);
	RUN(t02_fd_message_at_packet_end);
	RUN(t06_largest_message);
	RUN(t06_composev);
	RUN(t07_fd_nobody_takes);
	RUN(t09_marked_messages_keep_order);
	RUN(t10_receiver_out_of_fds);
	RUN(t10_sender_too_many_in_flight);
	RUN(t11_nothing_to_read);
	RUN(t11_kernel_full);
	RUN(t12_queue_bound);
	RUN(t13_refused_fd_stays_the_callers);
	RUN(t14_clear_closes_queued_fds);
	RUN(t14_clear_and_read_close_unread_fds);
	RUN(t15_empty_payload);
	RUN(batch_fills_packets);
	RUN(batch_is_one_packet);
	RUN(sent_packet_is_reused);
	RUN(fd_open_until_sent);
	return (test_done());
}
