/* SPDX-License-Identifier: ISC */

/*
 * The container of a request whose path names none.  That of commit stands in
 * the query and is looked up as one in a path is, while the request waits
 * unread.  That of networks/connect and disconnect stands in the body: it is
 * collected first, the container looked up, and then the rules are asked,
 * with the path read anew.  The engine gets the full id in place of the name.
 */

#include <stdlib.h>
#include <string.h>

#include "../filter/body/body.h"
#include "../filter/filter.h"

/* A request without a verdict yet. */
struct late {
	char	*target;	/* of its request line */
	size_t	 targetlen;
	char	*body;
	size_t	 len;
	char	*name;		/* of the container, as the body has it */
};

static const char	 query_key[] = "container";

static void	 late_free(struct late *);
static void	 late_lookup(struct client *, enum need);

/* moby takes the name with a slash in front and without (GetByName). */
const char *
target_query(const struct client *c, size_t *len)
{
	const struct path	*path = &c->filter->path;
	const struct query_pair	*pair, *found = NULL;
	size_t			 i;

	for (i = 0; i < path->npairs; i++) {
		pair = &path->pairs[i];
		if (strcmp(pair->name, query_key) != 0)
			continue;
		if (found != NULL)
			return (NULL);
		found = pair;
	}
	if (found == NULL)
		return (NULL);
	*len = found->valuelen - (found->value[0] == '/');
	return (found->value + (found->value[0] == '/'));
}

void
target_pin(struct client *c)
{
	struct query_out	*q = &c->filter->query;
	const char		*id = lookup_target(c);
	int			 key;
	size_t			 i;

	if (id == NULL || (c->x->ep->flags & EPF_CT_QUERY) == 0)
		return;
	key = endpoint_query_find(c->x->ep, query_key, sizeof(query_key) - 1);
	for (i = 0; i < q->n; i++)
		if (q->item[i].key == (unsigned int)key) {
			q->item[i].value = id;
			q->item[i].len = strlen(id);
		}
}

int
target_wait(struct client *c)
{
	const struct slice	*target = &c->filter->http.target;
	struct late		*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (-1);
	l->targetlen = target->len;
	if ((l->target = malloc(target->len + 1)) == NULL) {
		late_free(l);
		return (-1);
	}
	memcpy(l->target, target->base, target->len);
	c->x->late = l;
	return (0);
}

static void
late_free(struct late *l)
{
	free(l->target);
	free(l->body);
	free(l->name);
	free(l);
}

void
target_free(struct exchange *x)
{
	if (x->late != NULL)
		late_free(x->late);
	x->late = NULL;
}

void
target_body(struct client *c, const char *body, size_t len)
{
	struct exchange		*x = c->x;
	struct late		*l = x->late;
	struct body_result	 res;

	if (body_container(body, len, &res) == -1) {
		exchange_refuse(c, res.status, res.reason);
		return;
	}
	l->name = res.json;
	l->len = len;
	if ((l->body = malloc(len + 1)) == NULL ||
	    (x->items == NULL && ask_keep(c) == -1)) {
		exchange_refuse(c, 503, "out of memory");
		return;
	}
	memcpy(l->body, body, len);
	late_lookup(c, NEED_TARGET);
}

static void
late_lookup(struct client *c, enum need need)
{
	const char	*name = c->x->late->name;

	if (lookup_start(c, need, false, name, strlen(name)) == -1)
		exchange_refuse(c, 503, "too much under way");
}

void
target_known(struct client *c)
{
	struct filter	*f = c->filter;
	struct late	*l = c->x->late;
	struct slice	 target = { l->target, l->targetlen };
	struct facts	 facts;
	enum need	 need;

	/* Others were read in the meantime. */
	if (path_parse(&f->path, &target, API_MINOR_MIN,
	    API_MINOR_MAX) == -1) {
		exchange_refuse(c, f->path.status, f->path.reason);
		return;
	}
	if (exchange_rules(c, &facts, &need) == -1)
		return;
	if (need != NEED_NOTHING) {
		late_lookup(c, need);
		return;
	}
	if (exchange_verdict(c) == -1 ||
	    exchange_found(c, l->name, strlen(l->name)) == -1)
		return;
	c->x->late = NULL;
	ask_judged(c, l->body, l->len);
	late_free(l);
}
