/* SPDX-License-Identifier: ISC */

/*
 * The judges' way to tell what let a value pass, or refused it.  A daemon's
 * filter sets no listener: then each of these is one comparison, and only
 * where a value needed an allowance at all.  An auditor is there for the
 * length of one judgement; what the policy refuses in it passes.
 */

#include "../filter/trace.h"

#include <bsd/string.h>

static trace_fn	*listener;
static audit_fn	*auditor;
static void	*auditor_arg;
static char	 last[256];	/* field that was refused */

void
trace_to(trace_fn *fn)
{
	listener = fn;
}

void
trace_allow(const char *field, const char *text, const struct allow *a)
{
	if (listener != NULL)
		listener(field, text, a, NULL);
}

void
trace_kind(const struct profile *p, enum allow_kind kind, const char *field,
    const char *text)
{
	const struct allow	*a;

	if (listener == NULL)
		return;
	TAILQ_FOREACH(a, &p->allows, entry)
		if (a->kind == kind) {
			listener(field, text, a, NULL);
			return;
		}
}

void
trace_rule(const char *field, const char *text, const struct rule *r)
{
	if (listener != NULL)
		listener(field, text, NULL, r);
}

const char *
trace_field(void)
{
	static char	 told[sizeof(last)];

	(void)strlcpy(told, last, sizeof(told));
	last[0] = '\0';
	return (told);
}

void
trace_refuse(const char *field, const char *why)
{
	(void)strlcpy(last, field, sizeof(last));
	if (listener != NULL)
		listener(field, why, NULL, NULL);
}

void
trace_audit(audit_fn *fn, void *arg)
{
	auditor = fn;
	auditor_arg = arg;
}

bool
trace_audited(void)
{
	return (auditor != NULL);
}

bool
trace_forbid(const char *field, const char *why)
{
	if (auditor == NULL) {
		trace_refuse(field, why);
		return (false);
	}
	(void)strlcpy(last, field, sizeof(last));
	auditor(auditor_arg, why);
	return (true);
}
