/* SPDX-License-Identifier: ISC */

/*
 * W3C Trace Context: what is taken from a client, what becomes of it, and
 * that nothing else passes for it.
 */

#include "../proxyd/tracectx.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

#define ID	"4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN	"00f067aa0ba902b7"
#define NIL	"00000000000000000000000000000000"

static const struct {
	const char	*in;
	const char	*out;		/* NULL: dropped */
} parents[] = {
	{ "00-" ID "-" SPAN "-01", "00-" ID "-" SPAN "-01" },
	{ "00-" ID "-" SPAN "-00", "00-" ID "-" SPAN "-00" },
	/* flags that version 00 does not know */
	{ "00-" ID "-" SPAN "-03", "00-" ID "-" SPAN "-01" },
	{ "00-" ID "-" SPAN "-fe", "00-" ID "-" SPAN "-00" },
	{ "00-" ID "-" SPAN "-ff", "00-" ID "-" SPAN "-01" },
	/* later versions */
	{ "01-" ID "-" SPAN "-01", "00-" ID "-" SPAN "-01" },
	{ "cc-" ID "-" SPAN "-01-what the future will be like",
	    "00-" ID "-" SPAN "-01" },
	{ "cc-" ID "-" SPAN "-01.what", NULL },
	{ "ff-" ID "-" SPAN "-01", NULL },
	{ "00-" ID "-" SPAN "-01-more", NULL },
	{ "00-" ID "-" SPAN "-01 ", NULL },
	{ "00-" NIL "-" SPAN "-01", NULL },
	{ "00-" ID "-0000000000000000-01", NULL },
	{ "00-" ID "-" SPAN "-0", NULL },
	{ "00-" ID "-" SPAN "-0g", NULL },
	{ "00-" ID "-" SPAN "-0A", NULL },
	{ "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", NULL },
	{ "00_" ID "-" SPAN "-01", NULL },
	{ "00-" ID "_" SPAN "-01", NULL },
	{ "00-" ID "-" SPAN "_01", NULL },
	{ "0g-" ID "-" SPAN "-01", NULL },
	{ "00-" ID SPAN "--01", NULL },
	{ " 00-" ID "-" SPAN "-01", NULL },
	{ "", NULL },
};

static void
test_parent(void)
{
	char	 out[TRACEPARENT_LEN + 1] = "";
	size_t	 i;
	bool	 ok;

	for (i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		ok = tracectx_parent(parents[i].in, strlen(parents[i].in),
		    out);
		if (ok != (parents[i].out != NULL))
			printf("%s\n", parents[i].in);
		CHECK(ok == (parents[i].out != NULL));
		if (ok)
			CHECK_STR(out, parents[i].out);
		/* The parent takes what was written, and only that. */
		CHECK(tracectx_parent_ok(parents[i].in,
		    strlen(parents[i].in)) == (ok &&
		    strcmp(parents[i].in, out) == 0));
	}
}

/* Any byte in any place: what is taken is a traceparent all the same. */
static void
test_parent_bytes(void)
{
	static const char	 good[] = "00-" ID "-" SPAN "-01";
	char			 in[TRACEPARENT_LEN], out[TRACEPARENT_LEN];
	size_t			 at;
	int			 c, taken = 0;

	for (at = 0; at < TRACEPARENT_LEN; at++)
		for (c = 0; c < 256; c++) {
			memcpy(in, good, sizeof(in));
			in[at] = (char)c;
			if (!tracectx_parent(in, sizeof(in), out))
				continue;
			taken++;
			CHECK(tracectx_parent_ok(out, sizeof(out)));
			CHECK(out[at] >= '-' && out[at] <= 'f');
		}
	/* 16 digits in 52 places, and what stood in the other three. */
	CHECK_INT(taken, 52 * 16 + 3);
}

static const struct {
	const char	*in;
	const char	*out;		/* NULL: dropped */
} states[] = {
	{ "rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7" },
	{ "rojo=1,congo=t61rcWkgMzE", "rojo=1,congo=t61rcWkgMzE" },
	{ "a=1 ,\tb=2", "a=1,b=2" },
	{ ",a=1,, ,b=2,", "a=1,b=2" },
	{ "a=1 2", "a=1 2" },
	{ "0tenant@sys=1", "0tenant@sys=1" },
	{ "a_-*/9=!~", "a_-*/9=!~" },
	{ "", NULL },
	{ ", ,", NULL },
	{ "a", NULL },
	{ "a=", NULL },
	{ "=1", NULL },
	{ "0a=1", NULL },
	{ "A=1", NULL },
	{ "a=1,a=2", NULL },
	{ "a=b=c", NULL },
	{ "a b=1", NULL },
	{ "a =1", NULL },
	{ "t@1s=1", NULL },
	{ "t@s@u=1", NULL },
	{ "@s=1", NULL },
	{ "t@=1", NULL },
	{ "a=\303\244", NULL },
	{ "a=1\r\nHost: x", NULL },
	{ "a=\001", NULL },
};

static void
test_state(void)
{
	char	 out[TRACESTATE_MAX + 1];
	size_t	 i, len;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		len = tracectx_state(states[i].in, strlen(states[i].in), out);
		out[len] = '\0';
		if ((len != 0) != (states[i].out != NULL))
			printf("%s\n", states[i].in);
		CHECK((len != 0) == (states[i].out != NULL));
		if (len != 0) {
			CHECK_STR(out, states[i].out);
			CHECK(tracectx_state_ok(out, len));
		}
		CHECK(tracectx_state_ok(states[i].in, strlen(states[i].in)) ==
		    (len != 0 && strcmp(states[i].in, out) == 0));
	}
}

/* 32 members, 512 bytes, and one more of each. */
static void
test_state_bounds(void)
{
	char	 in[2048], out[TRACESTATE_MAX];
	size_t	 len;
	int	 i;

	for (len = 0, i = 0; i < 32; i++)
		len += (size_t)snprintf(in + len, sizeof(in) - len, "k%d=1,",
		    i);
	CHECK(tracectx_state(in, len, out) == len - 1);
	len += (size_t)snprintf(in + len, sizeof(in) - len, "more=1");
	CHECK_INT(tracectx_state(in, len, out), 0);

	memset(in, 'v', sizeof(in));
	memcpy(in, "a=", 2);
	CHECK_INT(tracectx_state(in, 2 + 256, out), 2 + 256);
	CHECK_INT(tracectx_state(in, 2 + 257, out), 0);
	memcpy(in + 258, ",b=", 3);
	CHECK_INT(tracectx_state(in, TRACESTATE_MAX, out), TRACESTATE_MAX);
	CHECK_INT(tracectx_state(in, TRACESTATE_MAX + 1, out), 0);
	memset(in, 'k', 256);
	in[256] = '=';
	CHECK_INT(tracectx_state(in, 258, out), 258);
	memset(in, 'k', 257);
	in[257] = '=';
	CHECK_INT(tracectx_state(in, 259, out), 0);
}

int
main(void)
{
	RUN(test_parent);
	RUN(test_parent_bytes);
	RUN(test_state);
	RUN(test_state_bounds);
	return (test_done());
}
