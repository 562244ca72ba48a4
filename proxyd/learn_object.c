/* SPDX-License-Identifier: ISC */

/*
 * One line of a log in JSON, taken apart: a flat object of strings and whole
 * numbers, as parent/object.c writes it.  The reader of JSON that judges
 * bodies is not linked into this program, which also runs as root; this one
 * knows nothing but that form, allocates nothing, and is only called after
 * the privileges are gone.
 */

#include "../proxyd/learn.h"

#include <string.h>

#include <bsd/string.h>

#define MEMBERS_MAX	40
#define NUMBER_MAX	999999999999999999ULL

/* What is looked for; the others may be there. */
enum member {
	MEMBER_TIME,
	MEMBER_TYPE,
	MEMBER_CLIENT,
	MEMBER_METHOD,
	MEMBER_OPERATION,
	MEMBER_PATH,
	MEMBER_VERDICT,
	MEMBER_REASON,
	MEMBER_STATUS,
	MEMBER_MAX
};

static const char *const names[MEMBER_MAX] = {
	[MEMBER_TIME] = "time",
	[MEMBER_TYPE] = "type",
	[MEMBER_CLIENT] = "client",
	[MEMBER_METHOD] = "method",
	[MEMBER_OPERATION] = "operation",
	[MEMBER_PATH] = "path",
	[MEMBER_VERDICT] = "verdict",
	[MEMBER_REASON] = "reason",
	[MEMBER_STATUS] = "status",
};

struct reader {
	const char	*p;
	const char	*end;
	bool		 given[MEMBER_MAX];
	char		 text[MEMBER_MAX][LEARN_TEXT];
	size_t		 len[MEMBER_MAX];
	uint64_t	 status;
};

static bool
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return (false);
	r->p++;
	return (true);
}

/* Four digits, behind "\u". */
static bool
take_unit(struct reader *r, uint32_t *unit)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*d;
	int			 i;

	*unit = 0;
	for (i = 0; i < 4; i++) {
		if (r->p == r->end || *r->p == '\0' ||
		    (d = strchr(digits, *r->p)) == NULL)
			return (false);
		*unit = *unit << 4 | (uint32_t)(d - digits);
		r->p++;
	}
	return (true);
}

/* RFC 3629. */
static size_t
utf8_put(char enc[4], uint32_t c)
{
	static const unsigned char	 lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t				 n, i;

	n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (i = n - 1; i > 0; i--) {
		enc[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	enc[0] = (char)(lead[n] | c);
	return (n);
}

/* What stands behind a backslash. */
static bool
take_escape(struct reader *r, uint32_t *c)
{
	static const char	 from[] = "\"\\/bfnrt";
	static const char	 to[] = "\"\\/\b\f\n\r\t";
	const char		*p;
	uint32_t		 low;

	if (take(r, 'u')) {
		if (!take_unit(r, c))
			return (false);
		if (*c < 0xd800 || *c > 0xdfff)
			return (true);
		if (*c > 0xdbff || !take(r, '\\') || !take(r, 'u') ||
		    !take_unit(r, &low) || low < 0xdc00 || low > 0xdfff)
			return (false);
		*c = 0x10000 + ((*c & 0x3ff) << 10 | (low & 0x3ff));
		return (true);
	}
	if (r->p == r->end || *r->p == '\0' ||
	    (p = strchr(from, *r->p)) == NULL)
		return (false);
	*c = (uint32_t)(unsigned char)to[p - from];
	r->p++;
	return (true);
}

/* NULL: it is only skipped.  What does not fit is not ours. */
static bool
take_string(struct reader *r, char *dst, size_t size, size_t *len)
{
	char		 enc[4];
	uint32_t	 c;
	size_t		 n;

	*len = 0;
	if (!take(r, '"'))
		return (false);
	while (r->p < r->end && *r->p != '"') {
		c = (unsigned char)*r->p++;
		if (c < ' ' || c > '~' || (c == '\\' && !take_escape(r, &c)))
			return (false);
		n = utf8_put(enc, c);
		if (dst == NULL)
			continue;
		if (n >= size - *len)
			return (false);
		memcpy(dst + *len, enc, n);
		*len += n;
	}
	if (dst != NULL)
		dst[*len] = '\0';
	return (take(r, '"'));
}

static bool
take_number(struct reader *r, uint64_t *num)
{
	const char	*from = r->p;

	*num = 0;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		if (*num > NUMBER_MAX)
			return (false);
		*num = *num * 10 + (uint64_t)(*r->p++ - '0');
	}
	return (r->p > from && (*from != '0' || r->p == from + 1));
}

/* "name":value */
static bool
take_member(struct reader *r)
{
	char		 name[32];
	uint64_t	 num;
	size_t		 len, m;

	if (!take_string(r, name, sizeof(name), &len) || !take(r, ':'))
		return (false);
	for (m = 0; m < MEMBER_MAX; m++)
		if (strcmp(names[m], name) == 0)
			break;
	if (m == MEMBER_MAX)
		return (r->p < r->end && (*r->p == '"' ?
		    take_string(r, NULL, 0, &len) : take_number(r, &num)));
	if (r->given[m])
		return (false);
	r->given[m] = true;
	if (m == MEMBER_STATUS)
		return (take_number(r, &r->status));
	return (take_string(r, r->text[m], sizeof(r->text[m]), &r->len[m]));
}

static bool
take_object(struct reader *r)
{
	size_t	 n = 0;

	if (!take(r, '{'))
		return (false);
	do {
		if (++n > MEMBERS_MAX || !take_member(r))
			return (false);
	} while (take(r, ','));
	if (!take(r, '}'))
		return (false);
	while (take(r, ' '))
		;
	return (r->p == r->end);
}

static int
verdict_set(const struct reader *r, struct learn_line *l)
{
	static const char	 forbidden[] = "Forbidden - ";
	const char		*verdict = r->text[MEMBER_VERDICT];
	const char		*reason = r->text[MEMBER_REASON];

	l->status = (int)r->status;
	if (strcmp(verdict, "pass") == 0)
		l->kind = LEARN_PASSED;
	else if (strcmp(verdict, "audit") == 0)
		l->kind = LEARN_AUDITED;
	else if (strcmp(verdict, "block") == 0 || strcmp(verdict, "error") == 0)
		l->kind = LEARN_REFUSED;
	else
		return (-1);
	if ((l->kind == LEARN_AUDITED) == r->given[MEMBER_STATUS] ||
	    (l->kind == LEARN_PASSED) == r->given[MEMBER_REASON] ||
	    r->status > 999)
		return (-1);
	if (strncmp(reason, forbidden, sizeof(forbidden) - 1) == 0)
		reason += sizeof(forbidden) - 1;
	(void)strlcpy(l->reason, reason, sizeof(l->reason));
	return (0);
}

int
learn_object(const char *s, size_t len, struct learn_line *l)
{
	static struct reader	 r;
	const char		*type = r.text[MEMBER_TYPE];

	memset(&r, 0, sizeof(r));
	r.p = s;
	r.end = s + len;
	if (!take_object(&r) || (strcmp(type, "request") != 0 &&
	    strcmp(type, "audit") != 0))
		return (-1);
	if (!learn_client(r.text[MEMBER_CLIENT], r.len[MEMBER_CLIENT], l) ||
	    !learn_method(r.text[MEMBER_METHOD], r.len[MEMBER_METHOD], l))
		return (-1);
	l->op = -1;
	if (r.given[MEMBER_OPERATION] &&
	    !learn_op(r.text[MEMBER_OPERATION], r.len[MEMBER_OPERATION], l))
		return (-1);
	if (r.len[MEMBER_TIME] < sizeof(l->when) &&
	    log_printable(r.text[MEMBER_TIME], r.len[MEMBER_TIME]))
		(void)strlcpy(l->when, r.text[MEMBER_TIME], sizeof(l->when));
	else
		l->when[0] = '\0';
	log_vis(l->shown, sizeof(l->shown), r.text[MEMBER_PATH],
	    r.len[MEMBER_PATH]);
	memcpy(l->path, r.text[MEMBER_PATH], r.len[MEMBER_PATH] + 1);
	if (learn_path(l, r.len[MEMBER_PATH]) == -1)
		return (-1);
	return (verdict_set(&r, l));
}
