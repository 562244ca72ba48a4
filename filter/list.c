/* SPDX-License-Identifier: ISC */

/*
 * Who is connected, for proxyctl(8): a page of the list at a time, so that
 * neither side has to hold all of it.
 */

#include <string.h>

#include "../filter/count.h"
#include "../filter/filter.h"
#include "../proxyd/control.h"

static enum ctl_state state_of(const struct client *);
static void	 list_one(const struct client *, uint64_t,
		    struct imsg_client *);

static enum ctl_state
state_of(const struct client *c)
{
	const struct exchange	*x = c->x;

	if (c->closing || c->linger)
		return (CLIENT_CLOSING);
	if (x == NULL)
		return (lookup_busy(c) ? CLIENT_WAITS : CLIENT_IDLE);
	if (x->handed)
		return (CLIENT_STREAM);
	if (x->begun)
		return (CLIENT_ANSWER);
	return (x->bmode == BM_COLLECT || x->bmode == BM_PIPE ? CLIENT_BODY :
	    CLIENT_WAITS);
}

/* The query is left out, as in the log: it may hold what is secret. */
static void
list_one(const struct client *c, uint64_t now, struct imsg_client *one)
{
	const struct exchange	*x = c->x;
	const char		*query;
	size_t			 len;

	memset(one, 0, sizeof(*one));
	one->since = c->since;
	one->age_secs = now > c->since ? (now - c->since) / 1000000 : 0;
	one->state = (uint8_t)state_of(c);
	memcpy(one->name, c->name, sizeof(one->name));
	if (x == NULL)
		return;
	one->id = x->id;
	one->op = x->ep == NULL ? 0 : (uint16_t)(x->op + 1);
	one->up = x->up;
	one->down = x->down;
	len = x->pathlen < sizeof(one->path) ? x->pathlen : sizeof(one->path);
	if ((query = memchr(x->path, '?', len)) != NULL)
		len = (size_t)(query - x->path);
	memcpy(one->path, x->path, len);
}

void
clients_page(struct filter *f, uint64_t after)
{
	struct imsg_listed	 head;
	struct imsg_client	*page = (struct imsg_client *)f->scratch;
	const struct client	*c;
	struct iovec		 iov[2];
	uint64_t		 now = filter_usec();

	_Static_assert(LIST_MAX * sizeof(*page) <= SCRATCH_SIZE, "page");
	memset(&head, 0, sizeof(head));
	TAILQ_FOREACH(c, &f->clients, entry) {
		if (c->since <= after)
			continue;
		if (head.n == LIST_MAX) {
			head.more = 1;
			break;
		}
		list_one(c, now, &page[head.n++]);
	}
	iov[0].iov_base = &head;
	iov[0].iov_len = sizeof(head);
	iov[1].iov_base = page;
	iov[1].iov_len = head.n * sizeof(*page);
	if (channel_send(f, IMSG_CLIENTS, 0, -1, iov, 2, false) == -1)
		fatal("channel");
}
