/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as an archive, taken at once and in pieces of a size that the
 * first byte says: the verdict, its words, the entries and what may pass are
 * the same, and nothing passes behind what was refused.  Checksums are put
 * right first, since no fuzzer finds them by chance.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../filter/archive.h"
#include "../../filter/trace.h"

#define INPUT_MAX	(256 * 1024)

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct result {
	int		 ret;
	uint64_t	 settled;
	size_t		 told;
	char		 why[ARCHIVE_WHY];
};

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

static void
hear(void *arg, const char *why)
{
	(*(size_t *)arg) += 1 + strlen(why);
}

/* Where a header may stand: a block whose sum is a number already. */
static void
mend(uint8_t *buf, size_t len)
{
	unsigned int	 sum;
	size_t		 at, i;
	char		 text[8];

	for (at = 0; at + TAR_BLOCK <= len; at += TAR_BLOCK) {
		if (buf[at + 148] != '0')
			continue;
		memset(buf + at + 148, ' ', 8);
		for (sum = 0, i = 0; i < TAR_BLOCK; i++)
			sum += buf[at + i];
		(void)snprintf(text, sizeof(text), "%06o", sum);
		memcpy(buf + at + 148, text, 7);
	}
}

static void
judge(struct result *r, const struct endpoint *op, struct profile *p,
    const uint8_t *buf, size_t len, size_t step, bool audit)
{
	struct archive	*a;
	size_t		 at, n;
	uint64_t	 before = 0;

	memset(r, 0, sizeof(*r));
	trace_audit(audit ? hear : NULL, &r->told);
	MUST((a = archive_new(op, p)) != NULL);
	for (at = 0; at < len && r->ret == 0; at += n) {
		n = len - at < step ? len - at : step;
		r->ret = archive_feed(a, buf + at, n);
		MUST(a->tar.settled >= before && a->tar.settled <= at + n);
		MUST(at + n - a->tar.settled <= TAR_META_MAX + step +
		    TAR_NAME_MAX * 2 + TAR_BLOCK * 8 || r->ret == -1 ||
		    a->tar.hold_end);
		before = a->tar.settled;
		MUST(archive_blind(a) == 0 || a->tar.settled == at + n);
	}
	if (r->ret == 0)
		r->ret = archive_finish(a);
	MUST((r->ret == -1) == (a->status != 0 && !audit) || audit);
	MUST(r->ret == -1 || a->tar.settled == len);
	r->settled = a->tar.settled;
	memcpy(r->why, a->why, sizeof(r->why));
	trace_audit(NULL, NULL);
	archive_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct endpoint *put, *load, *op;
	static struct profile	*p;
	static struct result	 one, many;
	static uint8_t		 buf[INPUT_MAX];
	size_t			 len;
	int			 audit;

	if (size < 1 || size > INPUT_MAX)
		return (0);
	if (p == NULL) {
		MUST((p = profile_new("fuzz")) != NULL);
		MUST(conf_allow(p, ALLOW_IMAGE, "ok/*", "f:1") != NULL);
		MUST(profile_compile(p) == 0);
		put = endpoint_get((size_t)endpoint_byname(
		    "containers/archive/put"));
		load = endpoint_get((size_t)endpoint_byname("images/load"));
		tar_set_seed(1, 2);
	}
	len = size - 1;
	op = (bytes[0] & 1) != 0 ? put : load;
	memcpy(buf, bytes + 1, len);
	mend(buf, len);
	for (audit = 0; audit < 2; audit++) {
		judge(&one, op, p, buf, len, len + 1, audit != 0);
		judge(&many, op, p, buf, len, (size_t)bytes[0] + 1,
		    audit != 0);
		MUST(one.ret == many.ret && one.settled == many.settled);
		MUST(one.told == many.told && strcmp(one.why, many.why) == 0);
	}
	return (0);
}
