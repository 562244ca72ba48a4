/* SPDX-License-Identifier: ISC */

/*
 * The headers of W3C Trace Context.  Both are checked letter by letter: what
 * an engine, or whatever collects its spans, makes of anything else is not
 * known here.  Section numbers are those of the Recommendation.
 */

#include "tracectx.h"

#include <string.h>

#define MEMBERS_MAX	32		/* of a tracestate, 3.3.1.1 */
#define KEY_MAX		256
#define TENANT_MAX	241		/* of a key, before "@" */
#define SYSTEM_MAX	14		/* behind it */
#define VALUE_MAX	256

struct member {
	const char	*key;
	size_t		 keylen;
	size_t		 len;		/* with its value */
};

/* Lower case only, 3.2.2. */
static bool
hex_ok(const char *s, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (!((s[i] >= '0' && s[i] <= '9') ||
		    (s[i] >= 'a' && s[i] <= 'f')))
			return (false);
	return (true);
}

static bool
zeros(const char *s, size_t len)
{
	return (strspn(s, "0") >= len);
}

bool
tracectx_parent(const char *s, size_t len, char out[TRACEPARENT_LEN])
{
	char	 text[TRACEPARENT_LEN + 1];

	if (len < TRACEPARENT_LEN)
		return (false);
	memcpy(text, s, TRACEPARENT_LEN);
	text[TRACEPARENT_LEN] = '\0';
	if (text[2] != '-' || text[35] != '-' || text[52] != '-' ||
	    !hex_ok(text, 2) || !hex_ok(text + TRACE_ID_AT, TRACE_ID_LEN) ||
	    !hex_ok(text + 36, 16) || !hex_ok(text + 53, 2))
		return (false);
	if (memcmp(text, "ff", 2) == 0 ||
	    zeros(text + TRACE_ID_AT, TRACE_ID_LEN) || zeros(text + 36, 16))
		return (false);
	if (len != TRACEPARENT_LEN && (memcmp(text, "00", 2) == 0 ||
	    s[TRACEPARENT_LEN] != '-'))
		return (false);
	/* 3.2.2.5: the flags that are not known are zero. */
	memcpy(text, "00", 2);
	text[53] = '0';
	text[54] = strchr("13579bdf", text[54]) != NULL ? '1' : '0';
	memcpy(out, text, TRACEPARENT_LEN);
	return (true);
}

bool
tracectx_parent_ok(const char *s, size_t len)
{
	char	 text[TRACEPARENT_LEN];

	return (len == TRACEPARENT_LEN && tracectx_parent(s, len, text) &&
	    memcmp(s, text, len) == 0);
}

static bool
key_part(const char *s, size_t len, size_t max, bool digit)
{
	size_t	 i;
	bool	 lower, number;

	if (len == 0 || len > max)
		return (false);
	for (i = 0; i < len; i++) {
		lower = s[i] >= 'a' && s[i] <= 'z';
		number = s[i] >= '0' && s[i] <= '9';
		if (i == 0 ? !lower && !(digit && number) : !lower &&
		    !number && (s[i] == '\0' || strchr("_-*/", s[i]) == NULL))
			return (false);
	}
	return (true);
}

/* 3.3.1.3.1: "vendor", or "tenant@system". */
static bool
key_ok(const char *s, size_t len)
{
	const char	*at = memchr(s, '@', len);
	size_t		 n;

	if (at == NULL)
		return (key_part(s, len, KEY_MAX, false));
	n = (size_t)(at - s);
	return (key_part(s, n, TENANT_MAX, true) &&
	    key_part(at + 1, len - n - 1, SYSTEM_MAX, false));
}

/* 3.3.1.3.2: printable, no comma, no equals sign, no blank at the end. */
static bool
value_ok(const char *s, size_t len)
{
	size_t	 i;

	if (len == 0 || len > VALUE_MAX || s[len - 1] == ' ')
		return (false);
	for (i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~' || s[i] == ',' || s[i] == '=')
			return (false);
	return (true);
}

/* One member without the blanks around it. */
static bool
member_read(const char *s, size_t len, struct member *m)
{
	const char	*eq = memchr(s, '=', len);

	if (eq == NULL)
		return (false);
	m->key = s;
	m->keylen = (size_t)(eq - s);
	m->len = len;
	return (key_ok(s, m->keylen) &&
	    value_ok(eq + 1, len - m->keylen - 1));
}

/* A key stands once, 3.3.1.3. */
static bool
member_known(const struct member *m, const struct member *list, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (list[i].keylen == m->keylen &&
		    memcmp(list[i].key, m->key, m->keylen) == 0)
			return (true);
	return (false);
}

size_t
tracectx_state(const char *s, size_t len, char out[TRACESTATE_MAX])
{
	struct member	 list[MEMBERS_MAX];
	const char	*end = s + len, *comma, *last;
	size_t		 n = 0, used = 0;

	for (; s < end; s = comma + 1) {
		comma = memchr(s, ',', (size_t)(end - s));
		last = comma = comma == NULL ? end : comma;
		while (s < last && (*s == ' ' || *s == '\t'))
			s++;
		while (s < last && (last[-1] == ' ' || last[-1] == '\t'))
			last--;
		if (s == last)
			continue;
		if (n == MEMBERS_MAX ||
		    !member_read(s, (size_t)(last - s), &list[n]) ||
		    member_known(&list[n], list, n) ||
		    used + (n > 0) + list[n].len > TRACESTATE_MAX)
			return (0);
		if (n > 0)
			out[used++] = ',';
		memcpy(out + used, list[n].key, list[n].len);
		used += list[n++].len;
	}
	return (used);
}

bool
tracectx_state_ok(const char *s, size_t len)
{
	char	 text[TRACESTATE_MAX];

	return (len != 0 && tracectx_state(s, len, text) == len &&
	    memcmp(s, text, len) == 0);
}
