/* SPDX-License-Identifier: ISC */

/*
 * The profiles that the tables of bodies are judged under.  Limits are
 * "limit=memory:100:50", most and default; every line of the policy stands at
 * "p.conf:7".
 */

#include "body_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

static void	 fixture_add(struct fixture *, enum allow_kind, const char *);
static void	 fixture_limit(struct fixture *, char *);

static const struct {
	const char	*word;
	enum allow_kind	 kind;
} words[] = {
	{ "bind=",	ALLOW_BIND },
	{ "bindro=",	ALLOW_BIND_RO },
	{ "image=",	ALLOW_IMAGE },
	{ "volume=",	ALLOW_VOLUME },
	{ "network=",	ALLOW_NETWORK },
	{ "cap=",	ALLOW_CAPABILITY },
	{ "device=",	ALLOW_DEVICE },
	{ "host=",	ALLOW_HOST },
	{ "sec=",	ALLOW_SECURITY },
	{ "runtime=",	ALLOW_RUNTIME },
	{ "secret=",	ALLOW_SECRET },
	{ "config=",	ALLOW_CONFIG },
	{ "field=",	ALLOW_FIELD },
	{ "sysctl=",	ALLOW_SYSCTL },
	{ "log=",	ALLOW_LOGDRIVER },
	{ "publish=",	ALLOW_PUBLISH },
	{ "ulimit=",	ALLOW_ULIMIT },
	{ "require=",	REQUIRE },
	{ "limit=",	LIMIT },
	{ "label=",	ADD_LABEL }
};

static void
fixture_add(struct fixture *fx, enum allow_kind kind, const char *text)
{
	static char	 empty[1], origin[] = "p.conf:7";
	struct allow	*a;

	if (fx->n == sizeof(fx->allow) / sizeof(fx->allow[0]))
		abort();
	a = &fx->allow[fx->n++];
	a->kind = kind;
	a->text = text == NULL ? empty : strdup(text);
	a->origin = origin;
	TAILQ_INSERT_TAIL(&fx->profile.allows, a, entry);
	if (kind == LIMIT)
		fixture_limit(fx, a->text);
}

static void
fixture_limit(struct fixture *fx, char *text)
{
	struct allow	*a = &fx->allow[fx->n - 1];
	char		*num = strchr(text, ':'), *dflt;

	if (num == NULL)
		abort();
	*num++ = '\0';
	a->num = a->dflt = strtoull(num, &dflt, 10);
	if (*dflt == ':')
		a->dflt = strtoull(dflt + 1, NULL, 10);
}

static void
fixture_word(struct fixture *fx, const char *word)
{
	size_t	 i, n;

	if (strcmp(word, "env") == 0) {
		fx->profile.fromenv = true;
		fixture_add(fx, ALLOW_IMAGE, "*");
		fixture_add(fx, ALLOW_VOLUME, "*");
		fixture_add(fx, ALLOW_NETWORK, "*");
	} else if (strcmp(word, "priv") == 0) {
		fx->profile.privileged = true;
		fixture_add(fx, ALLOW_PRIVILEGED, NULL);
	} else if (strcmp(word, "unjudged") == 0) {
		fx->profile.unjudged = true;
		fixture_add(fx, ALLOW_UNJUDGED, NULL);
	} else if (strcmp(word, "audit") == 0)
		fx->profile.audit = true;
	else if (strncmp(word, "api=", 4) == 0)
		fx->minor = (unsigned int)atoi(word + 4);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if (strncmp(word, words[i].word, n) == 0)
			fixture_add(fx, words[i].kind, word + n);
	}
}

void
fixture_open(struct fixture *fx, const char *allows)
{
	char	*next = fx->text, *word;

	memset(fx, 0, sizeof(*fx));
	TAILQ_INIT(&fx->profile.rules);
	TAILQ_INIT(&fx->profile.allows);
	(void)strlcpy(fx->text, allows, sizeof(fx->text));
	while ((word = strsep(&next, " ")) != NULL)
		fixture_word(fx, word);
}

void
fixture_close(struct fixture *fx)
{
	size_t	 i;

	for (i = 0; i < fx->n; i++)
		if (fx->allow[i].text[0] != '\0')
			free(fx->allow[i].text);
}

void
quoted(char *dst, const char *head, const char *mid, const char *tail)
{
	char	*p;

	(void)strlcpy(dst, head, TEXT_MAX);
	/* an empty middle takes the comma before it along */
	if (mid[0] == '\0' && dst[0] != '\0' && dst[strlen(dst) - 1] == ',')
		dst[strlen(dst) - 1] = '\0';
	(void)strlcat(dst, mid, TEXT_MAX);
	if (strlcat(dst, tail, TEXT_MAX) >= TEXT_MAX)
		abort();
	for (p = dst; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
}
