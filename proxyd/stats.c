/* SPDX-License-Identifier: ISC */

/*
 * Sums of what is counted, and what the things are called that are counted:
 * the same words in metrics and for people.  Both processes and proxyctl use
 * this file.
 */

#include "../proxyd/stats.h"

#include <stddef.h>
#include <string.h>

#define NNUMBERS	(sizeof(struct counts) / sizeof(uint64_t))

/* By way of an array: no compiler then minds what is a member of what. */
void
stats_add(struct counts *sum, const struct counts *one)
{
	uint64_t	 a[64], b[64];
	size_t		 i, n, off;

	for (off = 0; off < NNUMBERS; off += n) {
		n = NNUMBERS - off < 64 ? NNUMBERS - off : 64;
		memcpy(a, (const uint8_t *)sum + off * 8, n * 8);
		memcpy(b, (const uint8_t *)one + off * 8, n * 8);
		for (i = 0; i < n; i++)
			a[i] += b[i];
		memcpy((uint8_t *)sum + off * 8, a, n * 8);
	}
}

const char *
verdict_name(enum verdict verdict)
{
	static const char *const	 names[] = {
		[VERDICT_PASS] = "pass",
		[VERDICT_BLOCK] = "block",
		[VERDICT_AUDIT] = "audit",
		[VERDICT_ERROR] = "error"
	};

	return (names[verdict]);
}

const char *
stats_refusal_name(enum stats_refusal refusal)
{
	static const char *const	 names[] = {
		[REFUSAL_HTTP] = "http",
		[REFUSAL_OPERATION] = "operation",
		[REFUSAL_RULE] = "rule",
		[REFUSAL_CONTENT] = "content",
		[REFUSAL_MISSING] = "missing",
		[REFUSAL_ENGINE] = "engine",
		[REFUSAL_CAPACITY] = "capacity"
	};

	return (names[refusal]);
}

const char *
stats_kind_name(enum stats_kind kind)
{
	static const char *const	 names[] = {
		[KIND_READ] = "read",
		[KIND_WRITE] = "write",
		[KIND_STREAM] = "stream"
	};

	return (names[kind]);
}

const char *
stats_engine_name(unsigned int engine)
{
	static const char *const	 names[] = {
		[ENGINE_UP] = "reachable",
		[ENGINE_MISSING] = "no socket",
		[ENGINE_REFUSED] = "refused",
		[ENGINE_DENIED] = "permission denied",
		[ENGINE_BUSY] = "busy",
		[ENGINE_SILENT] = "silent",
		[ENGINE_STRANGE] = "not an engine",
		[ENGINE_ERROR] = "error"
	};

	return (engine < ENGINE_MAX ? names[engine] : "?");
}
