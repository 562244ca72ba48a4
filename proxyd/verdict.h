/* SPDX-License-Identifier: ISC */

/*
 * What became of a request, in the log and in what is counted: one set of
 * words, and one rule for what proxyd answered by itself.
 */

#ifndef VERDICT_H
#define VERDICT_H

enum verdict {
	VERDICT_PASS,		/* the engine's answer, whatever it was */
	VERDICT_BLOCK,		/* refused */
	VERDICT_AUDIT,		/* passed for "mode audit" only */
	VERDICT_ERROR,		/* neither refused nor passed */
	VERDICT_MAX
};

/*
 * The verdict of a request that we answered with this status.  What is not
 * there, and what the engine or we could not do, is no refusal.
 */
static inline enum verdict
verdict_answered(unsigned int status)
{
	return (status < 500 && status != 404 ? VERDICT_BLOCK :
	    VERDICT_ERROR);
}

/* "pass", "block", "audit" or "error"; stats.c. */
const char	*verdict_name(enum verdict);

#endif
