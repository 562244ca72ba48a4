/* SPDX-License-Identifier: ISC */

/*
 * The tokens of proxyd.conf, for parse.y.  A word is bare or in quotes; a
 * macro stands for a word in quotes, so that nothing in it can be taken for
 * syntax.  The end of an included file is seen here only: a statement or a
 * block that it leaves open is an error.
 */

#include "../proxyd/parse.h"

#include <stdlib.h>
#include <string.h>

#include "grammar.h"

#define EOT	(-1)		/* end of text */

static const struct keyword {
	const char	*name;
	int		 token;
} keywords[] = {
	/* sorted by name */
	{ "absent", ABSENT },
	{ "allow", ALLOW },
	{ "any", ANY },
	{ "archive", ARCHIVE },
	{ "audit", AUDIT },
	{ "bind", BIND },
	{ "bind-check", BINDCHECK },
	{ "block", BLOCK },
	{ "capability", CAPABILITY },
	{ "chroot", CHROOT },
	{ "config", CONFIG },
	{ "container", CONTAINER },
	{ "control", CONTROL },
	{ "default", DEFAULT },
	{ "device", DEVICE },
	{ "field", FIELD },
	{ "from", FROM },
	{ "gid", GID },
	{ "given", GIVEN },
	{ "group", GROUP },
	{ "host", HOST },
	{ "image", IMAGE },
	{ "in", IN },
	{ "include", INCLUDE },
	{ "label", LABEL },
	{ "limit", LIMITS },
	{ "listen", LISTEN },
	{ "log", LOG },
	{ "log-driver", LOGDRIVER },
	{ "method", METHOD },
	{ "metrics", METRICS },
	{ "mode", MODE },
	{ "network", NETWORK },
	{ "not", NOT },
	{ "on", ON },
	{ "owner", OWNER },
	{ "pass", PASS },
	{ "path", PATH },
	{ "port", PORT },
	{ "preset", PRESET },
	{ "privileged", PRIVILEGED },
	{ "profile", PROFILE },
	{ "publish", PUBLISH },
	{ "query", QUERY },
	{ "quick", QUICK },
	{ "read", READ },
	{ "read-only", READONLY },
	{ "require", REQUIRES },
	{ "runtime", RUNTIME },
	{ "secret", SECRET },
	{ "security", SECURITY },
	{ "set", SET },
	{ "socket", SOCKET },
	{ "sysctl", SYSCTL },
	{ "syslog", SYSLOG },
	{ "table", TABLE },
	{ "timeout", TIMEOUT },
	{ "uid", UID },
	{ "ulimit", ULIMIT },
	{ "unjudged", UNJUDGED },
	{ "user", USER },
	{ "volume", VOLUME },
	{ "write", WRITE },
};

static bool
is_alnum(int c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

static bool
is_bare(int c)
{
	return (is_alnum(c) || c == '/' || c == '.' || c == '-' || c == ':' ||
	    c == '*');
}

/* The byte at an offset from here. */
static int
peek(const struct source *src, size_t off)
{
	if (src->pos + off >= src->len)
		return (EOT);
	return ((unsigned char)src->text[src->pos + off]);
}

static int
next(struct source *src)
{
	int	 c = peek(src, 0);

	if (c == EOT)
		return (EOT);
	src->pos++;
	if (c == '\n')
		src->line++;
	return (c);
}

/* A backslash at the end of a line, whatever ends lines here. */
static size_t
continuation(const struct source *src)
{
	if (peek(src, 0) != '\\')
		return (0);
	if (peek(src, 1) == '\n')
		return (2);
	return (peek(src, 1) == '\r' && peek(src, 2) == '\n' ? 3 : 0);
}

static void
skip_comment(struct source *src)
{
	while (peek(src, 0) != '\n' && peek(src, 0) != EOT)
		(void)next(src);
}

static void
skip_blanks(struct source *src)
{
	size_t	 n;
	int	 c;

	for (;;) {
		c = peek(src, 0);
		if ((n = continuation(src)) != 0) {
			src->pos += n;
			src->line++;
		} else if (c == ' ' || c == '\t' || c == '\r')
			src->pos++;
		else if (c == '#')
			skip_comment(src);
		else
			break;
	}
}

static void
skip_string(struct source *src)
{
	int	 c;

	while ((c = peek(src, 0)) != '\n' && c != EOT) {
		(void)next(src);
		if (c == '"')
			break;
		if (c == '\\' && peek(src, 0) == '"')
			(void)next(src);
	}
}

void
lex_skip(struct parse *ps, bool at_eol)
{
	struct source	*src = ps->src;
	int		 c;

	if (src == NULL || (at_eol && ps->depth <= ps->block))
		return;
	for (;;) {
		skip_blanks(src);
		c = peek(src, 0);
		if (c == EOT || (c == '\n' && ps->depth <= ps->block))
			break;
		if (c == '}' && ps->depth <= ps->block) {
			/* The end of the block: let it be seen. */
			if (!at_eol)
				ps->pushed = NL;
			return;
		}
		(void)next(src);
		if (c == '"')
			skip_string(src);
		else if (c == '{')
			ps->depth++;
		else if (c == '}')
			ps->depth--;
	}
	if (at_eol && c == '\n')
		(void)next(src);
	if (c == EOT && ps->depth > ps->block)
		ps->depth = ps->block;
}

bool
lex_unread_brace(struct parse *ps)
{
	if (ps->src == NULL || ps->depth >= ps->block)
		return (false);
	ps->src->pos--;
	ps->depth++;
	ps->pushed = NL;
	return (true);
}

/* The message was logged: the rest of the statement is not looked at. */
static int
lex_fail(struct parse *ps)
{
	lex_skip(ps, false);
	return (YYerror);
}

static int
lex_string(struct parse *ps, struct loc loc, char *buf)
{
	struct source	*src = ps->src;
	size_t		 len = 0;
	int		 c;

	while ((c = peek(src, 0)) != '"') {
		if (c == '\n' || c == EOT) {
			parse_error(ps, loc, "a string is not closed: \" is "
			    "expected before the end of the line");
			return (-1);
		}
		(void)next(src);
		if (c == '\\') {
			c = peek(src, 0);
			if (c != '"' && c != '\\') {
				parse_error(ps, loc, "\"\\\" in a string: "
				    "only \\\" and \\\\ are expected");
				skip_string(src);
				return (-1);
			}
			(void)next(src);
		}
		if (c < ' ' || c == 0x7f || len == TEXT_MAX) {
			parse_error(ps, loc, c < ' ' || c == 0x7f ?
			    "a control character in a string" :
			    "a string is longer than 4095 bytes");
			skip_string(src);
			return (-1);
		}
		buf[len++] = (char)c;
	}
	(void)next(src);
	buf[len] = '\0';
	return (0);
}

static int
lex_bare(struct parse *ps, struct loc loc, char *buf)
{
	struct source	*src = ps->src;
	size_t		 len = 0;

	while (is_bare(peek(src, 0))) {
		if (len == TEXT_MAX) {
			parse_error(ps, loc, "a word is longer than 4095 "
			    "bytes");
			return (-1);
		}
		buf[len++] = (char)next(src);
	}
	buf[len] = '\0';
	return (0);
}

static int
lex_macro(struct parse *ps, struct loc loc, YYSTYPE *val)
{
	struct source		*src = ps->src;
	const struct macro	*m;
	const char		*name;
	size_t			 len;

	src->pos++;
	len = macro_length(src->text + src->pos);
	name = parse_strdup(ps, src->text + src->pos, len);
	src->pos += len;
	if (len == 0) {
		parse_error(ps, loc, "\"$\" is expected before the name of a "
		    "macro");
		return (lex_fail(ps));
	}
	if ((m = macro_find(ps, name)) == NULL) {
		parse_error(ps, loc, "no macro \"%s\"", name);
		return (lex_fail(ps));
	}
	val->word = word_new(ps, m->value, loc);
	ps->near = m->value;
	return (STRING);
}

static int
keyword_cmp(const void *name, const void *key)
{
	return (strcmp(name, ((const struct keyword *)key)->name));
}

static const struct keyword *
keyword_find(const char *name)
{
	return (bsearch(name, keywords, sizeof(keywords) /
	    sizeof(keywords[0]), sizeof(keywords[0]), keyword_cmp));
}

bool
lex_keyword(const char *name)
{
	return (keyword_find(name) != NULL);
}

bool
lex_before_equals(struct parse *ps)
{
	skip_blanks(ps->src);
	return (peek(ps->src, 0) == '=');
}

static int
lex_word(struct parse *ps, struct loc loc, YYSTYPE *val)
{
	const struct keyword	*key;
	char			 buf[TEXT_MAX + 1];
	bool			 quoted = peek(ps->src, 0) == '"';

	if (quoted)
		ps->src->pos++;
	if ((quoted ? lex_string(ps, loc, buf) :
	    lex_bare(ps, loc, buf)) == -1)
		return (lex_fail(ps));
	val->word = word_new(ps, buf, loc);
	ps->near = val->word->s;
	if (quoted)
		return (STRING);
	key = keyword_find(buf);
	return (key == NULL ? WORD : key->token);
}

static int
lex_brace(struct parse *ps, struct loc loc, int c)
{
	if (c == '{') {
		ps->depth++;
		return ('{');
	}
	if (ps->depth > ps->src->depth)
		ps->depth--;
	else if (ps->src->depth > 0) {
		parse_error(ps, loc, "\"}\" without \"{\"");
		return (lex_fail(ps));
	}
	return ('}');
}

/* At the end of a file: back to the one that included it. */
static int
lex_end(struct parse *ps, struct loc loc)
{
	if (!ps->eol) {
		ps->eol = true;
		return (NL);
	}
	if (ps->depth != ps->src->depth) {
		parse_error(ps, loc, "the file ends, \"}\" is expected "
		    "before");
		ps->stop = true;
	}
	ps->src = ps->src->parent;
	return (ps->stop || ps->src == NULL ? YYEOF : EOT);
}

static int
lex_token(struct parse *ps, struct loc loc, YYSTYPE *val)
{
	static const char	 signs[] = "{},=!<>";
	char			 one[2] = { '\0', '\0' };
	const char		*sign;
	int			 c = peek(ps->src, 0);

	if (c == '"' || is_bare(c)) {
		if (c == '"' || is_alnum(c) || c == ':')
			return (lex_word(ps, loc, val));
	} else if (c == '$')
		return (lex_macro(ps, loc, val));
	(void)next(ps->src);
	if (c == '\n')
		return (NL);
	one[0] = (char)c;
	if (c == '\0' || (sign = strchr(signs, c)) == NULL) {
		parse_error(ps, loc, "\"%s\" begins no word: what has it "
		    "stands in quotes", c == '\0' ? "\\000" : shown(ps, one));
		return (lex_fail(ps));
	}
	ps->near = parse_strdup(ps, one, 1);
	if (c == '{' || c == '}')
		return (lex_brace(ps, loc, c));
	return (c);
}

int
yylex(YYSTYPE *val, struct loc *loc, struct parse *ps)
{
	int	 token;

	do {
		if (ps->stop || ps->src == NULL)
			return (YYEOF);
		if (ps->pushed != 0) {
			token = ps->pushed;
			ps->pushed = 0;
			break;
		}
		skip_blanks(ps->src);
		loc->src = ps->src;
		loc->line = ps->src->line;
		ps->first = ps->eol;
		ps->before = ps->near;
		if (peek(ps->src, 0) == EOT)
			token = lex_end(ps, *loc);
		else
			token = lex_token(ps, *loc, val);
	} while (token == EOT);
	ps->eol = token == NL || token == YYEOF;
	return (token);
}
