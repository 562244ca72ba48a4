/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as proxyd.conf: refused with a message, or a configuration that
 * is complete and holds no byte that could break a line of the log.
 */

#include "../../proxyd/parse.h"

#include <stdlib.h>
#include <string.h>

int	 LLVMFuzzerInitialize(int *, char ***);
int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static unsigned int	 said;

static void
sink(int priority, const char *line, size_t len)
{
	said++;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	log_init("fuzz", 0, sink);
	return (0);
}

static void
check_text(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			abort();
}

static void
check_profile(const struct profile *p)
{
	const struct rule	*r;
	const struct allow	*a;
	const struct cond	*c;
	size_t			 n = 0;

	if (p->table == NULL)
		abort();
	TAILQ_FOREACH(r, &p->rules, entry) {
		check_text(r->origin);
		n++;
		TAILQ_FOREACH(c, &r->conds, entry) {
			check_text(c->key);
			check_text(c->text);
			n++;
		}
	}
	TAILQ_FOREACH(a, &p->allows, entry) {
		check_text(a->text);
		if (a->kind == LIMIT && a->dflt > a->num)
			abort();
		n++;
	}
	if (n > ITEMS_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct profile	*p;
	const struct listener	*l;
	struct config		*conf;

	said = 0;
	conf = parse_memory("fuzz", (const char *)data, size, NULL,
	    "tests/conf/presets");
	if ((conf == NULL) != (said != 0) || said > ERRORS_MAX + 1)
		abort();
	if (conf == NULL)
		return (0);
	if (conf->profile != NULL || TAILQ_EMPTY(&conf->listeners))
		abort();
	TAILQ_FOREACH(p, &conf->profiles, entry)
		check_profile(p);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		if (l->profile == NULL || (!l->metrics &&
		    l->profile->origin == NULL))
			abort();
	conf_free(conf);
	return (0);
}
