/* SPDX-License-Identifier: ISC */

/*
 * What would have allowed a request: the filter ends its reason with a
 * statement of proxyd.conf, "(allow capability "SYS_ADMIN" would)".  The
 * reason repeats the client's own words before it, and in it between quotes;
 * so the statement is the one that reaches exactly to the end.  A value that
 * is itself a pattern is never granted: the client would choose its reach.
 */

#include "../proxyd/learn.h"

#include <string.h>

#include <bsd/string.h>

enum value {
	VALUE_NONE,
	VALUE_NAME,		/* letters, digits, "_-." */
	VALUE_PATH,		/* absolute */
	VALUE_TEXT,		/* compared as it is */
	VALUE_PATTERN		/* "*" has a meaning */
};

static const struct {
	const char	*word;
	enum allow_kind	 kind;
	enum value	 value;
} statements[] = {
	{ "privileged", ALLOW_PRIVILEGED, VALUE_NONE },
	{ "unjudged", ALLOW_UNJUDGED, VALUE_NONE },
	{ "bind", ALLOW_BIND, VALUE_PATH },
	{ "image", ALLOW_IMAGE, VALUE_PATTERN },
	{ "volume", ALLOW_VOLUME, VALUE_PATTERN },
	{ "network", ALLOW_NETWORK, VALUE_PATTERN },
	{ "capability", ALLOW_CAPABILITY, VALUE_NAME },
	{ "device", ALLOW_DEVICE, VALUE_TEXT },
	{ "host", ALLOW_HOST, VALUE_NAME },
	{ "security", ALLOW_SECURITY, VALUE_TEXT },
	{ "runtime", ALLOW_RUNTIME, VALUE_TEXT },
	{ "field", ALLOW_FIELD, VALUE_TEXT },
	{ "sysctl", ALLOW_SYSCTL, VALUE_PATTERN },
	{ "log-driver", ALLOW_LOGDRIVER, VALUE_NAME },
	{ "publish", ALLOW_PUBLISH, VALUE_PATTERN },
	{ "ulimit", ALLOW_ULIMIT, VALUE_NAME },
	{ "secret", ALLOW_SECRET, VALUE_PATTERN },
	{ "config", ALLOW_CONFIG, VALUE_PATTERN },
	{ "archive", ALLOW_ARCHIVE, VALUE_NAME },
};

static const char	 name_chars[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

/* Skip s at *p. */
static bool
take(const char **p, const char *s)
{
	size_t	 n = strlen(s);

	if (strncmp(*p, s, n) != 0)
		return (false);
	*p += n;
	return (true);
}

/* A string in quotes, or a word, into text. */
static bool
take_value(const char **p, char *text, size_t size)
{
	size_t	 n = 0;
	bool	 quoted = **p == '"';

	if (quoted)
		(*p)++;
	for (; **p != '\0' && n + 1 < size; (*p)++) {
		if (!quoted && strchr(name_chars, **p) == NULL)
			break;
		if (quoted && **p == '"')
			break;
		if (quoted && **p == '\\' && *++*p != '"' && **p != '\\')
			return (false);
		text[n++] = **p;
	}
	text[n] = '\0';
	return (n != 0 && (!quoted || take(p, "\"")));
}

static bool
value_ok(enum value form, const char *text)
{
	const unsigned char	*p = (const unsigned char *)text;

	for (; *p != '\0'; p++)
		if (*p < ' ' || *p == 0x7f)
			return (false);
	switch (form) {
	case VALUE_NONE:
		return (text[0] == '\0');
	case VALUE_NAME:
		return (text[strspn(text, name_chars)] == '\0');
	case VALUE_PATH:
		return (text[0] == '/');
	case VALUE_TEXT:
		return (true);
	case VALUE_PATTERN:
		return (strchr(text, '*') == NULL);
	}
	return (false);
}

/* The statement at p, up to the end of the reason. */
static int
statement(const char *p, enum allow_kind *kind, char *text, size_t size)
{
	const char	*q;
	size_t		 i, n = sizeof(statements) / sizeof(statements[0]);

	for (i = 0; i < n; i++) {
		q = p;
		if (take(&q, statements[i].word) && *q == ' ')
			break;
	}
	if (i == n)
		return (-1);
	*kind = statements[i].kind;
	text[0] = '\0';
	if (statements[i].value != VALUE_NONE &&
	    (!take(&q, " ") || !take_value(&q, text, size)))
		return (-1);
	if (*kind == ALLOW_BIND && take(&q, " read-only"))
		*kind = ALLOW_BIND_RO;
	if (!take(&q, " would"))
		return (-1);
	(void)take(&q, " pass it unjudged");
	if (strcmp(q, ")") != 0 || !value_ok(statements[i].value, text))
		return (-1);
	/* A client's own words are digits here: this is the filter's. */
	if ((*kind == ALLOW_PUBLISH || *kind == ALLOW_ARCHIVE) &&
	    strcmp(text, "any") == 0)
		(void)strlcpy(text, "*", size);
	return (0);
}

int
learn_need(const char *reason, enum allow_kind *kind, char *text, size_t size,
    const char **need)
{
	static const char	 head[] = " (allow ";
	const char		*p = reason;

	for (; (p = strstr(p, head)) != NULL; p++)
		if (statement(p + sizeof(head) - 1, kind, text, size) == 0) {
			*need = p + 2;
			return (0);
		}
	return (-1);
}
