/* SPDX-License-Identifier: ISC */

/*
 * The end of a listener: with the daemon, where whoever has nothing to wait
 * for is sent away, or alone, when the configuration names it no more.  The
 * process ends with its last client.
 */

#include <unistd.h>

#include "../filter/filter.h"

static void	 client_unlisten(struct filter *);

/* From now on nobody comes, and the last to go ends the process. */
static void
client_unlisten(struct filter *f)
{
	f->draining = true;
	if (f->listenfd == -1)
		return;
	event_del(&f->lev);
	close(f->listenfd);
	f->listenfd = -1;
}

/* A head that is half here becomes complete, and is refused then. */
void
client_retire(struct filter *f)
{
	struct client	*c, *next;

	f->retired = true;
	client_unlisten(f);
	for (c = TAILQ_FIRST(&f->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (c->x == NULL && !c->linger && c->in.len == 0 &&
		    !lookup_busy(c))
			client_close(c);
	}
}

void
client_drain(struct filter *f)
{
	struct client	*c, *next;

	client_unlisten(f);
	for (c = TAILQ_FIRST(&f->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (lookup_busy(c))
			continue;
		if ((c->x == NULL && c->out.len == 0) ||
		    (c->x != NULL && c->x->ep != NULL &&
		    ((c->x->ep->flags & EPF_STREAM) != 0 ||
		    c->x->ep->upgrade != UPGRADE_NONE)))
			client_free(c);
		else if (c->x == NULL)
			client_close(c);
	}
}
