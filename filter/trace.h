/* SPDX-License-Identifier: ISC */

/*
 * What let a judged value pass, or refused it: told to whoever explains a
 * request, and to nobody otherwise.
 */

#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "../proxyd/proxyd.h"

/*
 * One judged value.  field: "HostConfig.Binds[0]", "query t".  It passes by
 * the allowance or by the rule; if there is neither, it is refused, and text
 * is not the value but says why.  Nothing is kept beyond the call.
 */
typedef void trace_fn(const char *field, const char *text,
	    const struct allow *, const struct rule *);

/* From now on to fn; NULL, as at the start: to nobody. */
void	 trace_to(trace_fn *);

void	 trace_allow(const char *field, const char *text,
	    const struct allow *);
/* The allowance of that kind in the profile, for a value that needs it. */
void	 trace_kind(const struct profile *, enum allow_kind,
	    const char *field, const char *text);
void	 trace_rule(const char *field, const char *text,
	    const struct rule *);
void	 trace_refuse(const char *field, const char *why);
/* Of what the last refusal was, told once: "" if there was none since. */
const char *trace_field(void);

/* What "mode audit" lets pass, in the words that would have refused it. */
typedef void audit_fn(void *arg, const char *why);

/*
 * Until the next call refusals by policy (403) are told to fn, with arg, and
 * are none; NULL, as at the start: they are.
 */
void	 trace_audit(audit_fn *, void *arg);
/* Is it so now? */
bool	 trace_audited(void);
/* A refusal by policy: true if it passes, for then the auditor has it. */
bool	 trace_forbid(const char *field, const char *why);

#endif /* TRACE_H */
