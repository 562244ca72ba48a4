/* SPDX-License-Identifier: ISC */

/*
 * A request's query against its row of the endpoint table.  What the row does
 * not name is dropped, since clients send more than the engine reads
 * (dockerode repeats a whole create body); what it names once may stand once,
 * since the engine takes the first of two and another reader the last
 * (moby net/url, Form.Get); what is left is judged by query_value.c.
 */

#include "../filter/query.h"
#include "../filter/query_value.h"
#include "../filter/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define VALUE_MAX	(16 * 1024)	/* bytes of one value */

/* In audit what the policy refuses is told, and passes. */
int
query_refuse(struct query_out *out, int status, const char *key,
    const char *fmt, ...)
{
	char	 field[QUERY_FIELD];
	va_list	 ap;

	out->status = status;
	strlcpy(out->field, key, sizeof(out->field));
	va_start(ap, fmt);
	vsnprintf(out->reason, sizeof(out->reason), fmt, ap);
	va_end(ap);
	query_field(field, sizeof(field), key);
	if (status != 403)
		trace_refuse(field, out->reason);
	else if (trace_forbid(field, out->reason)) {
		out->status = 0;
		out->field[0] = out->reason[0] = '\0';
		return (0);
	}
	return (-1);
}

void
query_field(char *buf, size_t size, const char *key)
{
	(void)snprintf(buf, size, "query %s", key);
}

const char *
query_hint_privileged(const struct profile *profile)
{
	return (profile->fromenv ? "ALLOW_PRIVILEGED=1 would" :
	    "allow privileged would");
}

/* Bytes that no handler reads as text; the parent would refuse them, too. */
static bool
value_clean(const char *s, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return (false);
	return (len <= VALUE_MAX);
}

int
query_unjudged(const struct query_ctx *ctx, const char *key,
    const struct query_value *v)
{
	char	 field[QUERY_FIELD];

	if (!ctx->profile->unjudged)
		return (query_refuse(ctx->out, 403, key, "Forbidden - %s of "
		    "%s is not allowed (%s)", key, ctx->ep->name,
		    ctx->profile->fromenv ? "ALLOW_PRIVILEGED=1 would" :
		    "allow unjudged would"));
	query_field(field, sizeof(field), key);
	trace_kind(ctx->profile, ALLOW_UNJUDGED, field, v->s);
	return (0);
}

static int
key_judge(const struct query_ctx *ctx, const struct query_key *key,
    struct query_value *v)
{
	if (!value_clean(v->s, v->len))
		return (query_refuse(ctx->out, 400, key->name, "the value of "
		    "%s is too long or has a control byte", key->name));
	/* One that reaches the host. */
	if (key->danger && query_unjudged(ctx, key->name, v) == -1)
		return (-1);
	return (key->judged ? query_value_judge(ctx, key->name, v) : 0);
}

int
query_judge(const struct endpoint *ep, const struct profile *profile,
    const struct facts *facts, struct query_out *out)
{
	const struct path	*path = facts->path;
	const struct query_ctx	 ctx = { ep, profile, facts, out };
	const struct query_pair	*pair;
	struct query_value	 v;
	struct query_key	 key;
	uint64_t		 seen = 0;
	size_t			 i;
	int			 n;

	out->n = 0;
	for (i = 0; i < path->npairs; i++) {
		pair = &path->pairs[i];
		n = endpoint_query_find(ep, pair->name, pair->namelen);
		if (n == -1 || n >= EP_QUERY_MAX ||
		    endpoint_query(ep, (size_t)n, &key) == -1)
			continue;
		if (!key.multi && (seen >> n & 1) != 0)
			return (query_refuse(out, 400, key.name,
			    "%s is given twice", key.name));
		seen |= (uint64_t)1 << n;
		/* The CLI sends cgroupparent= on every build: not a wish. */
		if (key.danger && pair->valuelen == 0)
			continue;
		v.s = pair->value;
		v.len = pair->valuelen;
		if (key_judge(&ctx, &key, &v) == -1)
			return (-1);
		out->item[out->n].key = (unsigned int)n;
		out->item[out->n].value = v.s;
		out->item[out->n].len = v.len;
		out->n++;
	}
	return (query_image_judge(&ctx));
}
