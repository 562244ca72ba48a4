/* SPDX-License-Identifier: ISC */

/*
 * Clients and streams, for proxyctl(8).  Who the clients are only a filter
 * knows: it is asked for a page at a time, of bounded length, whose order has
 * to grow.  Of streams the parent has its own list, so that one that a filter
 * does not tell of is shown all the same, and can be ended.
 */

#include <string.h>

#include "../parent/control.h"

#define ANSWER_TICKS	3	/* for a filter to tell a page of clients */
#define LIST_TICKS	6	/* and all of them */
#define CLIENTS_MAX	70000U	/* that it may tell of */

static enum step list_step(struct control *);
static struct filter *list_filter(struct control *);
static bool	 list_ask(struct control *, struct filter *);
static void	 list_one(struct control *, struct filter *,
		    const struct imsg_client *);
static enum step list_rest(struct control *, struct filter *);
static void	 list_forget(const struct control *, struct filter *);
static void	 stream_fill(struct ctl_client *, const struct request *);
static void	 list_end(struct filter *);

enum step
list_clients(struct control *c)
{
	return (list_step(c));
}

enum step
list_streams(struct control *c)
{
	return (list_step(c));
}

/* The one that is under way, if it is still there. */
static struct filter *
list_filter(struct control *c)
{
	struct filter	*f;

	TAILQ_FOREACH(f, &c->parent->filters, entry)
		if (f->listener->id == c->listener)
			return (f);
	return (NULL);
}

static enum step
list_step(struct control *c)
{
	struct filter	*f = c->listener == 0 ? NULL : list_filter(c);

	if (f != NULL && c->rest)
		return (list_rest(c, f));
	if (f != NULL && f->lister == c) {
		if (c->parent->ticks < c->until)
			return (STEP_WAIT);
		list_end(f);
		return (STEP_MORE);
	}
	if (f != NULL && !c->told) {
		if (c->after == 0)
			list_forget(c, f);
		if (list_ask(c, f))
			return (STEP_WAIT);
		c->told = true;
		c->rest = c->command == CTL_SHOW_STREAMS;
		c->after = 0;
		return (STEP_MORE);
	}
	c->told = false;
	c->until = 0;
	return (show_next(c) == NULL ? STEP_DONE : STEP_MORE);
}

/* What another list told of that had the same bit. */
static void
list_forget(const struct control *c, struct filter *f)
{
	struct request	*req;

	TAILQ_FOREACH(req, &f->reqs, entry)
		req->listed &= (uint8_t)~c->bit;
}

/*
 * False: there is nobody to be asked.  Else it waits: for the answer, or for
 * that to another list, or to one that nobody reads any more.
 */
static bool
list_ask(struct control *c, struct filter *f)
{
	struct imsg_list	 msg = { c->after };

	if (f->state != FILTER_RUN)
		return (false);
	if (f->listing) {
		if (f->lister != NULL)
			return (true);
		if (c->until == 0)
			c->until = c->parent->ticks + ANSWER_TICKS;
		return (c->parent->ticks < c->until);
	}
	f->lister = c;
	f->listing = true;
	c->began = c->parent->ticks;
	c->until = c->began + ANSWER_TICKS;
	filter_send(f, IMSG_CLIENTS, 0, -1, &msg, sizeof(msg));
	return (true);
}

/* All that this filter will tell. */
static void
list_end(struct filter *f)
{
	struct control	*c = f->lister;

	f->lister = NULL;
	c->told = true;
	c->rest = c->command == CTL_SHOW_STREAMS;
	c->after = 0;
}

/*
 * A page: full, unless it is the last.  Nobody may be there to be told of it
 * any more; the filter has answered all the same.  One that takes its time for
 * each page is heard out no longer than one that does not answer.
 */
int
list_page(struct filter *f, const struct imsg *imsg, const char **why)
{
	struct control		*c = f->lister;
	struct imsg_listed	 head;
	struct imsg_client	 one;
	uint64_t		 last = c == NULL ? 0 : c->after;
	uint32_t		 i;

	*why = "list that nobody asked for";
	if (!f->listing)
		return (-1);
	*why = "list out of its order, or of another length";
	memcpy(&head, imsg->data, sizeof(head));
	if (head.n > LIST_MAX || (head.more != 0 && head.n != LIST_MAX) ||
	    imsg->len != sizeof(head) + head.n * sizeof(one))
		return (-1);
	for (i = 0; i < head.n; i++) {
		memcpy(&one, imsg->data + sizeof(head) + i * sizeof(one),
		    sizeof(one));
		if (one.since <= last)
			return (-1);
		last = one.since;
		if (c != NULL)
			list_one(c, f, &one);
	}
	f->listing = false;
	control_wake_all();
	if (c == NULL)
		return (0);
	c->after = last;
	c->nclients += head.n;
	c->waited += (unsigned int)(c->parent->ticks - c->began);
	if (head.more == 0 || c->nclients > CLIENTS_MAX ||
	    c->waited > LIST_TICKS)
		list_end(f);
	f->lister = NULL;
	return (0);
}

/* What it says of bytes that the parent moves, the parent knows better. */
static void
list_one(struct control *c, struct filter *f, const struct imsg_client *one)
{
	struct request		*req = NULL;
	struct ctl_client	 rec;

	if (one->id != 0)
		req = request_find(f, one->id);
	if (req != NULL && !stats_stream(req))
		req = NULL;
	if (c->command == CTL_SHOW_STREAMS && (req == NULL ||
	    (req->listed & c->bit) != 0))
		return;
	memset(&rec, 0, sizeof(rec));
	rec.age = one->age_secs;
	rec.up = one->up;
	rec.down = one->down;
	rec.op = one->op;
	rec.state = one->state;
	memcpy(rec.name, one->name, sizeof(rec.name));
	memcpy(rec.path, one->path, sizeof(rec.path));
	if (req != NULL) {
		req->listed |= c->bit;
		rec.id = req->number;
		if (c->command == CTL_SHOW_STREAMS || req->pump != NULL)
			stream_fill(&rec, req);
		if (c->command == CTL_SHOW_CLIENTS)
			rec.age = one->age_secs;
	}
	control_send(c, CTL_CLIENT, &rec, sizeof(rec));
}

static void
stream_fill(struct ctl_client *rec, const struct request *req)
{
	const uint64_t	 now = req->filter->parent->ticks;

	rec->id = req->number;
	(void)reqid_print(rec->request, req->filter->process, req->serial);
	rec->op = (uint16_t)(endpoint_byname(req->ep->name) + 1);
	rec->state = req->pump != NULL ? CLIENT_STREAM : req->answered ?
	    CLIENT_ANSWER : CLIENT_WAITS;
	rec->age = now - req->began;
	rec->idle = now - req->moved;
	rec->up = req->up;
	rec->down = req->down;
	if (req->pump != NULL) {
		rec->up += req->pump->up.total;
		rec->down += req->pump->down.total;
	}
}

/* Streams that the filter did not tell of, a few at a time. */
static enum step
list_rest(struct control *c, struct filter *f)
{
	struct request		*req;
	struct ctl_client	 rec;
	unsigned int		 n = 0;

	TAILQ_FOREACH(req, &f->reqs, entry) {
		if (req->number <= c->after ||
		    (req->listed & c->bit) != 0 || !stats_stream(req))
			continue;
		if (n++ == LIST_MAX)
			return (STEP_MORE);
		memset(&rec, 0, sizeof(rec));
		stream_fill(&rec, req);
		control_send(c, CTL_CLIENT, &rec, sizeof(rec));
		c->after = req->number;
	}
	c->rest = false;
	return (STEP_MORE);
}

bool
list_kill(struct parent *parent, uint64_t number)
{
	struct filter	*f;
	struct request	*req;

	TAILQ_FOREACH(f, &parent->filters, entry)
		TAILQ_FOREACH(req, &f->reqs, entry) {
			if (req->number != number || !stats_stream(req))
				continue;
			log_notice("stream %llu, %s, ended by proxyctl",
			    (unsigned long long)number, req->ep->name);
			request_end(req, END_KILLED);
			return (true);
		}
	return (false);
}
