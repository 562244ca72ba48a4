/* SPDX-License-Identifier: ISC */

/*
 * Allowances, requirements and limits as proxyd.conf text, one a line, so
 * that each keeps the comment that says where it comes from.
 */

#include "../proxyd/print.h"

#include <inttypes.h>
#include <string.h>

#define NUMBER_MAX	32

/* How the text of a kind is written. */
enum form {
	FORM_NONE,
	FORM_WORD,
	FORM_STRING,
	FORM_ANY,	/* a string, and "*" is any */
	FORM_KIND,	/* a word, and "*" is any */
	FORM_LIMIT
};

static const struct {
	const char	*head;
	enum form	 form;
	const char	*tail;
} kinds[ALLOW_KIND_MAX] = {
	[ALLOW_PRIVILEGED] = { "allow privileged", FORM_NONE, "" },
	[ALLOW_UNJUDGED] = { "allow unjudged", FORM_NONE, "" },
	[ALLOW_BIND] = { "allow bind ", FORM_STRING, "" },
	[ALLOW_BIND_RO] = { "allow bind ", FORM_STRING, " read-only" },
	[ALLOW_IMAGE] = { "allow image ", FORM_ANY, "" },
	[ALLOW_VOLUME] = { "allow volume ", FORM_ANY, "" },
	[ALLOW_NETWORK] = { "allow network ", FORM_ANY, "" },
	[ALLOW_CAPABILITY] = { "allow capability ", FORM_WORD, "" },
	[ALLOW_DEVICE] = { "allow device ", FORM_STRING, "" },
	[ALLOW_HOST] = { "allow host ", FORM_WORD, "" },
	[ALLOW_SECURITY] = { "allow security ", FORM_STRING, "" },
	[ALLOW_RUNTIME] = { "allow runtime ", FORM_STRING, "" },
	[ALLOW_FIELD] = { "allow field ", FORM_STRING, "" },
	[ALLOW_SYSCTL] = { "allow sysctl ", FORM_STRING, "" },
	[ALLOW_LOGDRIVER] = { "allow log-driver ", FORM_WORD, "" },
	[ALLOW_PUBLISH] = { "allow publish ", FORM_ANY, "" },
	[ALLOW_ULIMIT] = { "allow ulimit ", FORM_WORD, "" },
	[ALLOW_SECRET] = { "allow secret ", FORM_ANY, "" },
	[ALLOW_CONFIG] = { "allow config ", FORM_ANY, "" },
	[ALLOW_ARCHIVE] = { "allow archive ", FORM_KIND, "" },
	[REQUIRE] = { "require ", FORM_WORD, "" },
	[LIMIT] = { "limit ", FORM_LIMIT, "" },
	[ADD_LABEL] = { "set label ", FORM_STRING, "" },
};

/* In the unit of the limit. */
static void
limit_number(const char *name, char *buf, size_t len, uint64_t n)
{
	if (strcmp(name, "cpus") == 0)
		print_milli(buf, len, n);
	else if (strcmp(name, "memory") == 0 || strcmp(name, "swap") == 0 ||
	    strcmp(name, "shm") == 0)
		print_bytes(buf, len, n);
	else
		snprintf(buf, len, "%" PRIu64, n);
}

static void
print_limit(struct out *o, const struct allow *a)
{
	char	 num[NUMBER_MAX];

	limit_number(a->text, num, sizeof(num), a->num);
	out_text(o, "%s %s", a->text, num);
	if (a->dflt == a->num)
		return;
	limit_number(a->text, num, sizeof(num), a->dflt);
	out_text(o, " default %s", num);
}

void
print_allow(struct out *o, const struct allow *a)
{
	enum form	 form = kinds[a->kind].form;

	out_text(o, "\t%s", kinds[a->kind].head);
	if (form == FORM_LIMIT)
		print_limit(o, a);
	else if ((form == FORM_ANY || form == FORM_KIND) &&
	    strcmp(a->text, "*") == 0)
		out_text(o, "any");
	else if ((form == FORM_WORD || form == FORM_KIND) &&
	    word_bare(a->text))
		out_text(o, "%s", a->text);
	else if (form != FORM_NONE)
		out_string(o, a->text);
	out_text(o, "%s", kinds[a->kind].tail);
	out_end(o, a->origin);
}

static void
item_number(struct out *o, const char *name, uint32_t n, uint32_t base,
    void (*format)(char *, size_t, uint64_t))
{
	char	 num[NUMBER_MAX];

	if (n == base)
		return;
	format(num, sizeof(num), n);
	item_add(o, "%s %s", name, num);
}

static void
number_plain(char *buf, size_t len, uint64_t n)
{
	snprintf(buf, len, "%" PRIu64, n);
}

static void
print_settings(struct out *o, const char *head, const char *word)
{
	if (o->nitems == 0)
		return;
	out_text(o, "%s", head);
	out_list(o, word);
	out_end(o, NULL);
}

void
print_limits(struct out *o, const char *head, const struct limits *l,
    const struct limits *base)
{
	item_number(o, "clients", l->clients, base->clients, number_plain);
	item_number(o, "head", l->head, base->head, print_bytes);
	item_number(o, "body", l->body, base->body, print_bytes);
	print_settings(o, head, "limit ");
	item_number(o, "header", l->header_secs, base->header_secs,
	    print_time);
	item_number(o, "idle", l->idle_secs, base->idle_secs, print_time);
	item_number(o, "body", l->body_secs, base->body_secs, print_time);
	item_number(o, "answer", l->answer_secs, base->answer_secs,
	    print_time);
	print_settings(o, head, "timeout ");
}
