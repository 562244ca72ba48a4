/* SPDX-License-Identifier: ISC */

/*
 * The harness of the unit tests: a table of functions, checks that go on
 * after a failure, and one closing line that counts.
 */

#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <string.h>

static unsigned int test_passed, test_failed, test_bad;
static const char *test_current;

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		test_bad++;						\
		printf("%s:%d: %s: CHECK(%s)\n", __FILE__, __LINE__,	\
		    test_current, #cond);				\
	}								\
} while (0)

#define CHECK_INT(have, want) do {					\
	long long have_ = (have), want_ = (want);			\
	if (have_ != want_) {						\
		test_bad++;						\
		printf("%s:%d: %s: %s is %lld, not %lld\n", __FILE__,	\
		    __LINE__, test_current, #have, have_, want_);	\
	}								\
} while (0)

#define CHECK_STR(have, want) do {					\
	const char *have_ = (have), *want_ = (want);			\
	if (have_ == NULL || strcmp(have_, want_) != 0) {		\
		test_bad++;						\
		printf("%s:%d: %s: %s is \"%s\", not \"%s\"\n",		\
		    __FILE__, __LINE__, test_current, #have,		\
		    have_ == NULL ? "(null)" : have_, want_);		\
	}								\
} while (0)

#define RUN(fn) do {							\
	unsigned int before_ = test_bad;				\
	test_current = #fn;						\
	fn();								\
	if (test_bad == before_)					\
		test_passed++;						\
	else {								\
		test_failed++;						\
		printf("FAIL %s\n", #fn);				\
	}								\
} while (0)

static inline int
test_done(void)
{
	printf("%u passed, %u failed\n", test_passed, test_failed);
	return (test_failed == 0 && test_passed > 0 ? 0 : 1);
}

#endif /* TEST_H */
