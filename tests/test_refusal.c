/* SPDX-License-Identifier: ISC */

/*
 * What the filter is told when the engine cannot be reached: each errno that
 * connect(2) has for a unix socket, and those of our own making.
 */

#include "../parent/parent.h"

#include <errno.h>

#include "test.h"

static void
test_engine(void)
{
	CHECK_INT(refusal_of(ENOENT), REFUSED_NOSOCKET);
	CHECK_INT(refusal_of(ENOTDIR), REFUSED_NOSOCKET);
	CHECK_INT(refusal_of(ECONNREFUSED), REFUSED_CONNECT);
	CHECK_INT(refusal_of(EACCES), REFUSED_PERMISSION);
	CHECK_INT(refusal_of(EPERM), REFUSED_PERMISSION);
	CHECK_INT(refusal_of(EAGAIN), REFUSED_BUSY);
}

static void
test_ours(void)
{
	CHECK_INT(refusal_of(EMFILE), REFUSED_LIMIT);
	CHECK_INT(refusal_of(ENFILE), REFUSED_LIMIT);
	CHECK_INT(refusal_of(ENOMEM), REFUSED_LIMIT);
	CHECK_INT(refusal_of(ENOBUFS), REFUSED_LIMIT);
}

/* Neither a success nor anything unheard of is one of the others. */
static void
test_others(void)
{
	CHECK_INT(refusal_of(0), REFUSED_UNREACHED);
	CHECK_INT(refusal_of(EPROTOTYPE), REFUSED_UNREACHED);
	CHECK_INT(refusal_of(ELOOP), REFUSED_UNREACHED);
	CHECK_INT(refusal_of(-1), REFUSED_UNREACHED);
}

int
main(void)
{
	RUN(test_engine);
	RUN(test_ours);
	RUN(test_others);
	return (test_done());
}
