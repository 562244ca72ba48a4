/* SPDX-License-Identifier: ISC */

/*
 * The channel to the parent.  What was queued in one turn of the event loop,
 * or a few while much comes in, leaves in one packet; a message that only
 * says "done" waits for the next that matters.  A parent that breaks the
 * protocol, or goes away, ends this process.
 */

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../filter/count.h"
#include "../filter/filter.h"

#define LOG_QUEUE	512	/* packets that wait: no lines besides */

static void	 channel_dispatch(struct filter *, struct imsg *);
static void	 channel_answer(struct filter *, struct imsg *);

void
channel_read(int fd, short what, void *arg)
{
	struct filter	*f = arg;
	struct imsg	 imsg;
	int		 n;

	f->turn++;
	n = imsgbuf_read(&f->ib);
	if (n == 0 || (n == -1 && errno == ECONNRESET))
		_exit(0);		/* the parent has gone */
	while (n == 1 && (n = imsgbuf_get(&f->ib, &imsg)) == 1) {
		channel_dispatch(f, &imsg);
		imsg_free(&imsg);
	}
	if (n == -1)
		_exit(1);
}

static void
channel_dispatch(struct filter *f, struct imsg *imsg)
{
	static struct stats_total	 total;
	struct imsg_list		 list;
	struct imsg_loglevel		 log;

	switch (imsg_get_type(imsg)) {
	case IMSG_CONF_BEGIN:
	case IMSG_CONF_LISTEN:
	case IMSG_EXPLAIN:
	case IMSG_CONF_RULE:
	case IMSG_CONF_COND:
	case IMSG_CONF_ALLOW:
	case IMSG_CONF_END:
		if (conf_message(f, imsg) == -1)
			fatalx("configuration from the parent");
		break;
	case IMSG_DATA:
	case IMSG_END:
	case IMSG_REFUSED:
	case IMSG_PEER:
	case IMSG_PATHS:
		channel_answer(f, imsg);
		break;
	case IMSG_SHUTDOWN:
		client_drain(f);
		break;
	case IMSG_RETIRE:
		client_retire(f);
		break;
	case IMSG_CLIENTS:
		if (imsg_get_data(imsg, &list, sizeof(list)) == -1)
			fatalx("CLIENTS from the parent");
		clients_page(f, list.after);
		break;
	case IMSG_LOGLEVEL:
		if (imsg_get_data(imsg, &log, sizeof(log)) == -1)
			fatalx("LOGLEVEL from the parent");
		log_setlevel(log.level <= LOG_LVL_DEBUG ?
		    (enum log_level)log.level : LOG_LVL_DEBUG);
		break;
	case IMSG_STATS:
		if (imsg_get_data(imsg, &total, sizeof(total)) == -1)
			fatalx("STATS from the parent");
		metrics_stats(f, &total);
		break;
	case IMSG_ALIVE:
		if (channel_send(f, IMSG_ALIVE, 0, -1, NULL, 0, false) == -1)
			fatal("channel");
		break;
	default:
		fatalx("message %u from the parent", imsg_get_type(imsg));
	}
}

/* An answer to a look-up of our own. */
static void
channel_lookup(struct client *c, struct imsg *imsg)
{
	struct imsg_checked	 checked;
	struct imsg_refused	 refused;
	const char		*why;
	int			 status;

	switch (imsg_get_type(imsg)) {
	case IMSG_DATA:
		lookup_data(c, imsg->data, imsg->len);
		break;
	case IMSG_END:
		lookup_end(c);
		break;
	case IMSG_PEER:
		lookup_peer(c, (const char *)imsg->data, imsg->len);
		break;
	case IMSG_PATHS:
		if (imsg_get_data(imsg, &checked, sizeof(checked)) == -1)
			fatalx("PATHS from the parent");
		lookup_checked(c, &checked);
		break;
	default:
		if (imsg_get_data(imsg, &refused, sizeof(refused)) == -1)
			fatalx("REFUSED from the parent");
		why = reply_refusal(&refused, &status);
		lookup_refused(c, status, why);
		break;
	}
}

/* An answer to a request that is over in the meantime is dropped. */
static void
channel_answer(struct filter *f, struct imsg *imsg)
{
	uint32_t		 id = imsg_get_id(imsg);
	struct slot		*slot = &f->slots[REQUEST_SLOT(id)];
	struct imsg_refused	 refused;
	struct imsg_end		 end;

	if (slot->client == NULL || slot->id != id)
		return;
	if (lookup_owns(slot->client, id)) {
		channel_lookup(slot->client, imsg);
		return;
	}
	switch (imsg_get_type(imsg)) {
	case IMSG_DATA:
		answer_data(slot->client, imsg->data, imsg->len);
		break;
	case IMSG_END:
		if (imsg_get_data(imsg, &end, sizeof(end)) == -1)
			fatalx("END from the parent");
		answer_end(slot->client, &end);
		break;
	default:
		if (imsg_get_data(imsg, &refused, sizeof(refused)) == -1)
			fatalx("REFUSED from the parent");
		answer_refused(slot->client, &refused);
		break;
	}
}

int
channel_send(struct filter *f, enum imsg_type type, uint32_t id, int fd,
    const struct iovec *iov, int niov, bool lazy)
{
	const struct timeval	 later = { 0, LAZY_USECS };

	if (imsg_composev(&f->ib, type, id, 0, fd, iov, niov) == -1) {
		if (fd != -1)
			close(fd);
		return (-1);
	}
	if (!lazy || ++f->lazy >= LAZY_MAX)
		f->dirty = true;
	else if (!event_pending(&f->later, EV_TIMEOUT, NULL))
		event_add(&f->later, &later);
	return (0);
}

void
channel_flush(struct filter *f)
{
	f->dirty = false;
	f->lazy = 0;
	f->gathered = 0;
	if (imsgbuf_write(&f->ib) == -1)
		_exit(errno == EPIPE || errno == ECONNRESET ? 0 : 1);
	if (imsgbuf_queuelen(&f->ib) != 0)
		event_add(&f->wev, NULL);
}

void
channel_write(int fd, short what, void *arg)
{
	channel_flush(arg);
}

uint32_t
channel_id(struct filter *f, struct client *c)
{
	struct slot	*slot;
	uint16_t	 n;

	if (f->nfree == 0)
		return (0);
	n = f->freeslots[--f->nfree];
	slot = &f->slots[n];
	slot->client = c;
	if (slot->id == 0)
		slot->id = n;
	slot->id += REQUEST_SLOTS;
	if (slot->id < REQUEST_SLOTS)	/* wrapped */
		slot->id += REQUEST_SLOTS;
	return (slot->id);
}

void
channel_forget(struct filter *f, uint32_t id)
{
	f->slots[REQUEST_SLOT(id)].client = NULL;
	f->freeslots[f->nfree++] = (uint16_t)REQUEST_SLOT(id);
}

void
channel_release(struct filter *f, uint32_t id, bool aborted, bool reusable)
{
	struct imsg_done	 done = { reusable };
	struct iovec		 iov = { &done, sizeof(done) };
	int			 r;

	channel_forget(f, id);
	if (aborted)
		r = channel_send(f, IMSG_ABORT, id, -1, NULL, 0, false);
	else
		r = channel_send(f, IMSG_DONE, id, -1, &iov, 1, true);
	if (r == -1)
		fatal("channel");
}

void
channel_record(struct filter *f, const struct iovec *iov, int niov,
    int priority)
{
	if (imsgbuf_queuelen(&f->ib) > LOG_QUEUE) {
		f->page->counts.lost++;
		return;
	}
	(void)channel_send(f, IMSG_ACCESS, 0, -1, iov, niov,
	    priority > LOG_WARNING);
}

void
channel_log(int priority, const char *line, size_t len)
{
	extern struct filter	*filter_self;
	struct imsg_log		 head;
	struct iovec		 iov[2];

	/* Room for what must not be lost. */
	if (imsgbuf_queuelen(&filter_self->ib) > LOG_QUEUE) {
		filter_self->page->counts.lost++;
		return;
	}
	head.priority = (uint32_t)priority;
	head.len = (uint32_t)len;
	iov[0].iov_base = &head;
	iov[0].iov_len = sizeof(head);
	iov[1].iov_base = (void *)(uintptr_t)line;
	iov[1].iov_len = len;
	(void)channel_send(filter_self, IMSG_LOG, 0, -1, iov, 2,
	    priority > LOG_WARNING);
	if (priority <= LOG_CRIT)
		channel_flush(filter_self);	/* our last words */
}
