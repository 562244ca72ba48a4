/* SPDX-License-Identifier: ISC */

/*
 * The conditions of a rule or a listener as clauses: what has the same group
 * was one clause and becomes one again.  Tables were expanded when the file
 * was read, so their addresses are printed; a user or group that was given
 * by name keeps it.
 */

#include "../proxyd/print.h"

#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

static void
item_addr(struct out *o, const char *not, const struct cond *c)
{
	char	 text[INET6_ADDRSTRLEN];
	bool	 v4 = c->family == 4;

	if (inet_ntop(v4 ? AF_INET : AF_INET6, c->addr, text,
	    sizeof(text)) == NULL) {
		o->failed = true;
		return;
	}
	if (c->bits == (v4 ? 32 : 128))
		item_add(o, "%s%s", not, text);
	else
		item_add(o, "%s%s/%u", not, text, c->bits);
}

/* By the name that was written, or else by number. */
static void
item_id(struct out *o, const char *not, const struct cond *c)
{
	bool	 uid = c->kind == COND_UID;
	char	*name;

	if (c->text[0] == '\0') {
		item_add(o, "%s%s %u", not, uid ? "uid" : "gid", c->num);
		return;
	}
	if ((name = out_quoted(o, c->text)) != NULL)
		item_add(o, "%s%s %s", not, uid ? "user" : "group", name);
	free(name);
}

static void
item_container(struct out *o, const char *not, const char *word,
    const struct cond *c)
{
	char	*name;

	if ((name = out_quoted(o, c->text)) != NULL)
		item_add(o, "%s%s%s", not, word, name);
	free(name);
}

/* "k=v" is split at the first "=" when it is read. */
static void
item_label(struct out *o, const char *not, const struct cond *c)
{
	char	*key, *value;

	key = out_quoted(o, c->key);
	value = out_quoted(o, c->text);
	if (key != NULL && value != NULL)
		item_add(o, "%slabel %.*s=%s", not, (int)strlen(key) - 1,
		    key, value + 1);
	free(key);
	free(value);
}

static void
item_cond(struct out *o, const struct cond *c)
{
	const char	*not = c->negated ? "! " : "";

	switch (c->kind) {
	case COND_PATH:
	case COND_QUERY:
		item_string(o, "", c->text);
		break;
	case COND_ADDR:
		item_addr(o, not, c);
		break;
	case COND_UID:
	case COND_GID:
		item_id(o, not, c);
		break;
	case COND_ASKER:
		item_container(o, not, "container ", c);
		break;
	case COND_TARGET:
		item_container(o, not, "", c);
		break;
	case COND_ASKER_LABEL:
	case COND_TARGET_LABEL:
		item_label(o, not, c);
		break;
	case COND_QUERY_GIVEN:
	case COND_KIND_MAX:
		break;
	}
}

static void
print_query(struct out *o, const struct cond *c)
{
	char	*key;

	if ((key = out_quoted(o, c->key)) == NULL)
		return;
	if (c->kind == COND_QUERY_GIVEN)
		item_add(o, "query %s %s", key,
		    c->negated ? "absent" : "given");
	else
		item_add(o, "query %s%s in", key, c->negated ? " not" : "");
	free(key);
	out_list(o, " ");
}

/* What stands before the conditions of a clause. */
static const char *
clause_head(struct out *o, const struct cond *c)
{
	switch (c->kind) {
	case COND_PATH:
		return (" path ");
	case COND_QUERY:
	case COND_QUERY_GIVEN:
		print_query(o, c);
		return (" ");
	case COND_TARGET:
	case COND_TARGET_LABEL:
		return (" container ");
	case COND_ADDR:
	case COND_UID:
	case COND_GID:
	case COND_ASKER:
	case COND_ASKER_LABEL:
	case COND_KIND_MAX:
		break;
	}
	return (" from ");
}

void
print_conds(struct out *o, const struct conds *conds)
{
	const struct cond	*c = TAILQ_FIRST(conds);
	const char		*head;
	unsigned int		 group;

	while (c != NULL) {
		group = c->group;
		head = clause_head(o, c);
		for (; c != NULL && c->group == group;
		    c = TAILQ_NEXT(c, entry))
			item_cond(o, c);
		if (o->nitems != 0)
			out_list(o, head);
	}
}
