/* SPDX-License-Identifier: ISC */

/*
 * Counting, into the page that is shared with the parent: additions to
 * memory and nothing else, since every request passes here.  The page is
 * mapped before the confinement, which allows no such mapping.
 */

#include "../filter/count.h"

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum verdict verdict_of(const struct exchange *, bool);
static enum stats_refusal refusal_of(const struct exchange *);
static void	 count_duration(struct counts *, const struct exchange *);

int
count_open(struct filter *f, int fd)
{
	void	*map;

	if (fd == -1) {
		f->page = calloc(1, sizeof(*f->page));
		return (f->page == NULL ? -1 : 0);
	}
	map = mmap(NULL, sizeof(*f->page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return (-1);
	f->page = map;
	/* What a former process left. */
	f->page->clients = 0;
	f->page->generation = 0;
	return (0);
}

void
count_policy(struct filter *f)
{
	struct stats_page	*page = f->page;
	const struct rule	*r;

	page->generation = 0;
	TAILQ_FOREACH(r, &f->profile->rules, entry) {
		if (r->num >= STATS_RULES)
			break;
		page->rule[r->num].evaluated = page->rule[r->num].matched = 0;
	}
	page->generation = f->generation;
}

/* Those above the one that decided were looked at, too. */
void
count_rules(struct filter *f, const struct exchange *x)
{
	struct stats_rule	*count = f->page->rule;
	const struct rule	*const *r;

	if (x->profile != f->profile)
		return;
	for (r = x->profile->decide[x->op]; r != NULL && *r != NULL; r++) {
		if ((*r)->num < STATS_RULES)
			count[(*r)->num].evaluated++;
		if (*r != x->rule)
			continue;
		if ((*r)->num < STATS_RULES)
			count[(*r)->num].matched++;
		break;
	}
}

static enum verdict
verdict_of(const struct exchange *x, bool refused)
{
	if (refused)
		return (verdict_answered(x->status));
	if (x->status == 0)
		return (VERDICT_ERROR);	/* the client did not wait */
	return (x->spared ? VERDICT_AUDIT : VERDICT_PASS);
}

static enum stats_refusal
refusal_of(const struct exchange *x)
{
	switch (x->status) {
	case 403:
		if (x->ep == NULL)
			return (REFUSAL_OPERATION);
		if (!x->audited && (x->rule == NULL ||
		    x->rule->action != ACTION_PASS))
			return (REFUSAL_RULE);
		return (REFUSAL_CONTENT);
	case 404:
		return (REFUSAL_MISSING);
	case 502:
	case 504:
		return (REFUSAL_ENGINE);
	case 503:
		return (REFUSAL_CAPACITY);
	default:
		return (REFUSAL_HTTP);
	}
}

static void
count_duration(struct counts *n, const struct exchange *x)
{
	static const uint32_t	 bounds[] = STATS_BOUNDS;
	const uint64_t		 usecs = filter_usec() - x->start;
	enum stats_kind		 kind = KIND_READ;
	size_t			 i = 0;

	_Static_assert(sizeof(bounds) / sizeof(bounds[0]) ==
	    STATS_BUCKETS - 1, "buckets");
	if (x->ep->upgrade != UPGRADE_NONE ||
	    (x->ep->flags & (EPF_STREAM | EPF_BULK)) != 0)
		kind = KIND_STREAM;
	else if ((x->ep->flags & EPF_WRITE) != 0)
		kind = KIND_WRITE;
	while (i < STATS_BUCKETS - 1 && usecs > bounds[i])
		i++;
	n->bucket[kind][i]++;
	n->usecs[kind] += usecs;
}

void
count_request(struct client *c, bool refused)
{
	struct counts		*n = &c->filter->page->counts;
	struct exchange		*x = c->x;
	enum verdict		 verdict = verdict_of(x, refused);

	n->request[x->ep == NULL ? STATS_NO_OP : x->op][verdict]++;
	if (refused)
		n->refusal[refusal_of(x)]++;
	else if (verdict != VERDICT_ERROR)
		count_duration(n, x);
	count_bytes(c);
}

void
count_bytes(struct client *c)
{
	struct counts	*n = &c->filter->page->counts;
	struct exchange	*x = c->x;

	n->up += x->up - x->told_up;
	n->down += x->down - x->told_down;
	x->told_up = x->up;
	x->told_down = x->down;
}

void
count_clients(struct filter *f)
{
	f->page->clients = (uint32_t)f->nclients;
}
