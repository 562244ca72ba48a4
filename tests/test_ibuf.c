/* SPDX-License-Identifier: ISC */

/*
 * ibuf: what was added comes back in order, the bounds hold to the byte, and
 * an addition or a read that fails changes nothing.
 */

#include "../imsg/imsg.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static void
every_kind_round_trip(void)
{
	struct ibuf *b = ibuf_dynamic(0, 4096);
	uint64_t v64 = 0;
	uint32_t v32 = 0;
	uint16_t v16 = 0;
	uint8_t v8 = 0, raw[3] = { 0 };
	char *s = NULL;

	CHECK_INT(ibuf_add_n8(b, 0xfe), 0);
	CHECK_INT(ibuf_add_n16(b, 0xfedc), 0);
	CHECK_INT(ibuf_add_n32(b, 0xfedcba98U), 0);
	CHECK_INT(ibuf_add_n64(b, 0x123456789abcdef0ULL), 0);
	CHECK_INT(ibuf_add_string(b, "text"), 0);
	CHECK_INT(ibuf_add(b, "xyz", 3), 0);
	CHECK_INT(ibuf_size(b), 1 + 2 + 4 + 8 + 4 + 4 + 3);
	CHECK_INT(ibuf_get_n8(b, &v8), 0);
	CHECK_INT(ibuf_get_n16(b, &v16), 0);
	CHECK_INT(ibuf_get_n32(b, &v32), 0);
	CHECK_INT(ibuf_get_n64(b, &v64), 0);
	CHECK_INT(ibuf_get_string(b, &s), 0);
	CHECK_INT(ibuf_get(b, raw, sizeof(raw)), 0);
	CHECK_INT(v8, 0xfe);
	CHECK_INT(v16, 0xfedc);
	CHECK_INT(v32, 0xfedcba98U);
	CHECK_INT(v64, 0x123456789abcdef0LL);
	CHECK_STR(s, "text");
	CHECK(memcmp(raw, "xyz", 3) == 0);
	CHECK_INT(ibuf_size(b), 0);
	free(s);
	ibuf_free(b);
}

static void
open_bounds(void)
{
	errno = 0;
	CHECK(ibuf_open(0) == NULL);
	CHECK_INT(errno, EINVAL);
	errno = 0;
	CHECK(ibuf_dynamic(5, 4) == NULL);
	CHECK_INT(errno, EINVAL);
	errno = ENOTTY;
	ibuf_free(NULL);
	ibuf_free(ibuf_open(1));
	CHECK_INT(errno, ENOTTY);
}

static void
fixed_size_is_the_bound(void)
{
	struct ibuf *b = ibuf_open(6);

	CHECK_INT(ibuf_add_n32(b, 1), 0);
	CHECK_INT(ibuf_add_n32(b, 2), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(ibuf_add(b, "", SIZE_MAX), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(ibuf_size(b), 4);
	CHECK_INT(ibuf_add_n16(b, 3), 0);
	CHECK_INT(ibuf_add_n8(b, 4), -1);
	CHECK_INT(ibuf_add(b, NULL, 0), 0);
	CHECK_INT(ibuf_size(b), 6);
	ibuf_free(b);
}

static void
dynamic_grows_to_its_maximum(void)
{
	static const size_t maxima[] = { 1, 63, 64, 65, 100, 4096, 100000 };
	struct ibuf *b;
	size_t i, n;
	const uint8_t *p;

	for (i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
		b = ibuf_dynamic(0, maxima[i]);
		for (n = 0; ibuf_add_n8(b, (uint8_t)n) == 0; n++)
			continue;
		CHECK_INT(errno, ERANGE);
		CHECK_INT(n, maxima[i]);
		CHECK_INT(ibuf_size(b), maxima[i]);
		CHECK(b->size <= b->max);
		for (p = ibuf_data(b), n = 0; n < maxima[i]; n++)
			if (p[n] != (uint8_t)n)
				break;
		CHECK_INT(n, maxima[i]);
		ibuf_free(b);
	}
}

static void
dynamic_takes_large_pieces(void)
{
	static uint8_t piece[40000];
	struct ibuf *b = ibuf_dynamic(1, 100000);

	CHECK_INT(ibuf_add(b, piece, sizeof(piece)), 0);
	CHECK_INT(ibuf_add(b, piece, sizeof(piece)), 0);
	CHECK_INT(ibuf_add(b, piece, sizeof(piece)), -1);
	CHECK_INT(ibuf_size(b), 2 * sizeof(piece));
	CHECK_INT(ibuf_add(b, piece, 20000), 0);
	CHECK_INT(ibuf_size(b), 100000);
	ibuf_free(b);
}

static void
get_takes_all_or_nothing(void)
{
	static const uint8_t data[] = { 1, 2, 3, 4, 5, 6, 7 };
	struct ibuf b;
	uint64_t v64 = 99;
	uint32_t v32 = 99;
	uint16_t v16 = 99;
	uint8_t v8 = 99;

	ibuf_from_buffer(&b, data, sizeof(data));
	CHECK_INT(ibuf_get_n64(&b, &v64), -1);
	CHECK_INT(errno, EBADMSG);
	CHECK_INT(v64, 99);
	CHECK_INT(ibuf_size(&b), sizeof(data));
	CHECK_INT(ibuf_skip(&b, 8), -1);
	CHECK_INT(ibuf_skip(&b, SIZE_MAX), -1);
	CHECK_INT(ibuf_skip(&b, 4), 0);
	CHECK_INT(ibuf_get_n32(&b, &v32), -1);
	CHECK_INT(ibuf_skip(&b, 2), 0);
	CHECK_INT(ibuf_get_n16(&b, &v16), -1);
	CHECK_INT(ibuf_get_n8(&b, &v8), 0);
	CHECK_INT(v8, 7);
	CHECK_INT(ibuf_get_n8(&b, &v8), -1);
	CHECK_INT(ibuf_get(&b, NULL, 0), 0);
	CHECK_INT(ibuf_size(&b), 0);
}

static void
unaligned_integers(void)
{
	struct ibuf *b = ibuf_open(64);
	struct ibuf r;
	uint64_t v64 = 0;
	uint32_t v32 = 0;
	uint16_t v16 = 0;

	CHECK_INT(ibuf_add_n8(b, 1), 0);
	CHECK_INT(ibuf_add_n64(b, UINT64_MAX - 1), 0);
	CHECK_INT(ibuf_add_n32(b, UINT32_MAX - 1), 0);
	CHECK_INT(ibuf_add_n16(b, UINT16_MAX - 1), 0);
	ibuf_from_buffer(&r, ibuf_data(b), ibuf_size(b));
	CHECK_INT(ibuf_skip(&r, 1), 0);
	CHECK_INT(ibuf_get_n64(&r, &v64), 0);
	CHECK_INT(ibuf_get_n32(&r, &v32), 0);
	CHECK_INT(ibuf_get_n16(&r, &v16), 0);
	CHECK(v64 == UINT64_MAX - 1);
	CHECK(v32 == UINT32_MAX - 1);
	CHECK(v16 == UINT16_MAX - 1);
	ibuf_free(b);
}

/* Read a string of which len is said and the bytes of text are there. */
static int
get_string(uint32_t len, const void *text, size_t size, char **s)
{
	struct ibuf *b = ibuf_open(256);
	size_t before;
	int n;

	CHECK_INT(ibuf_add_n32(b, len), 0);
	CHECK_INT(ibuf_add(b, text, size), 0);
	before = ibuf_size(b);
	n = ibuf_get_string(b, s);
	if (n == -1) {
		CHECK_INT(errno, EBADMSG);
		CHECK_INT(ibuf_size(b), before);
	} else
		CHECK_INT(ibuf_size(b), size - len);
	ibuf_free(b);
	return (n);
}

static void
t17_strings(void)
{
	char *s = NULL;

	CHECK_INT(get_string(3, "abc", 3, &s), 0);
	CHECK_STR(s, "abc");
	free(s);
	CHECK_INT(get_string(0, "", 0, &s), 0);
	CHECK_STR(s, "");
	free(s);
	CHECK_INT(get_string(2, "abc", 3, &s), 0);
	CHECK_STR(s, "ab");
	free(s);
	s = NULL;
	CHECK_INT(get_string(4, "abc", 3, &s), -1);	/* unterminated */
	CHECK_INT(get_string(UINT32_MAX, "abc", 3, &s), -1);
	CHECK_INT(get_string(4, "abc", 4, &s), -1);	/* NUL at the end */
	CHECK_INT(get_string(3, "a\0c", 3, &s), -1);	/* and within */
	CHECK_INT(get_string(1, "", 1, &s), -1);
	CHECK(s == NULL);
}

static void
t17_string_length_cut_short(void)
{
	struct ibuf b;
	char *s = NULL;
	size_t n;

	for (n = 0; n < sizeof(uint32_t); n++) {
		ibuf_from_buffer(&b, "\0\0\0", n);
		CHECK_INT(ibuf_get_string(&b, &s), -1);
		CHECK_INT(errno, EBADMSG);
		CHECK_INT(ibuf_size(&b), n);
	}
	CHECK(s == NULL);
}

static void
string_is_added_whole_or_not(void)
{
	struct ibuf *b = ibuf_open(8);

	CHECK_INT(ibuf_add_string(b, "12345"), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(ibuf_size(b), 0);
	CHECK_INT(ibuf_add_string(b, "1234"), 0);
	CHECK_INT(ibuf_size(b), 8);
	ibuf_free(b);
}

static void
reader_cannot_be_written(void)
{
	uint8_t data[4] = { 1, 2, 3, 4 };
	struct ibuf b;

	ibuf_from_buffer(&b, data, sizeof(data));
	CHECK_INT(ibuf_skip(&b, 4), 0);
	CHECK_INT(ibuf_add_n8(&b, 9), -1);
	CHECK_INT(errno, ERANGE);
	CHECK_INT(data[0], 1);
	ibuf_from_buffer(&b, NULL, 0);
	CHECK(ibuf_data(&b) == NULL);
	CHECK_INT(ibuf_size(&b), 0);
	CHECK_INT(ibuf_add_n8(&b, 9), -1);
	CHECK_INT(ibuf_skip(&b, 0), 0);
}

static void
free_of_a_reader_aborts(void)
{
	struct ibuf b;
	pid_t pid;
	int status;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		ibuf_from_buffer(&b, "x", 1);
		ibuf_free(&b);
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGABRT);
}

int
main(void)
{
	RUN(every_kind_round_trip);
	RUN(open_bounds);
	RUN(fixed_size_is_the_bound);
	RUN(dynamic_grows_to_its_maximum);
	RUN(dynamic_takes_large_pieces);
	RUN(get_takes_all_or_nothing);
	RUN(unaligned_integers);
	RUN(t17_strings);
	RUN(t17_string_length_cut_short);
	RUN(string_is_added_whole_or_not);
	RUN(reader_cannot_be_written);
	RUN(free_of_a_reader_aborts);
	return (test_done());
}
