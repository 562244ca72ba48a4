/* SPDX-License-Identifier: ISC */

/*
 * A filter process as the parent sees it: its channel, its requests, and
 * what happens when it dies or breaks the protocol.  Either ends that filter
 * only; a fresh one takes its place while the budget lasts.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../parent/control.h"
#include "../parent/parent.h"

static const char malformed[] = "message malformed";

static void	 filter_resume(struct filter *);
static void	 filter_kill(struct filter *);
static void	 filter_broken(const struct filter *, const char *);

struct filter *
filter_new(struct parent *parent, struct listener *l)
{
	struct filter	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	f->parent = parent;
	f->listener = l;
	f->pid = -1;
	TAILQ_INIT(&f->reqs);
	TAILQ_INIT(&f->idle);
	f->ib.fd = -1;
	grant_set(&f->grant, l->profile);
	stats_take(f);
	TAILQ_INSERT_TAIL(&parent->filters, f, entry);
	return (f);
}

void
filter_down(struct filter *f)
{
	struct request	*req;
	struct conn	*c;

	if (f->state == FILTER_DOWN)
		return;
	event_del(&f->rev);
	event_del(&f->wev);
	control_lost(f);
	while ((req = TAILQ_FIRST(&f->reqs)) != NULL)
		request_free(req, false);
	while ((c = TAILQ_FIRST(&f->idle)) != NULL) {
		TAILQ_REMOVE(&f->idle, c, entry);
		docker_close(c);
	}
	f->nidle = 0;
	imsgbuf_clear(&f->ib);
	close(f->ib.fd);
	f->ib.fd = -1;
	if (f->state != FILTER_RUN && f->nrestarts == 0 &&
	    f->parent->drain == 0 && f->parent->generation == 1) {
		listen_close(f->parent->conf);
		control_close();
		fatalx("filter for %s could not start", f->listener->text);
	}
	f->state = FILTER_DOWN;
	f->failed = f->starved = f->dirty = false;
	f->ticks = 0;
}

/* One that does not serve yet has no client. */
void
filter_retire(struct filter *f)
{
	f->retired = true;
	f->stale = false;
	f->listener->profile = NULL;	/* goes with its configuration */
	grant_change(&f->grant, NULL, parent_now());
	if (f->state == FILTER_RUN)
		filter_send(f, IMSG_RETIRE, 0, -1, NULL, 0);
	else
		filter_kill(f);
}

void
filter_free(struct filter *f)
{
	TAILQ_REMOVE(&f->parent->filters, f, entry);
	if (f->retired)
		listener_free(f->listener);
	stats_give(f);
	free(f->slots);
	free(f);
}

/*
 * As the first configuration, it is confirmed before the next is sent; later
 * ones need not be.  What waits in a full channel is not added to.
 */
void
filter_update(struct filter *f)
{
	if (f->state != FILTER_RUN || imsgbuf_queuelen(&f->ib) > QUEUE_HIGH)
		return;
	if (configure_send(f, false) == -1)
		f->failed = true;
}

void
filter_tick(struct filter *f)
{
	struct request	*req, *next;

	f->ticks++;
	f->backoff = false;
	if (f->state != FILTER_RUN && f->state != FILTER_DOWN &&
	    f->ticks > START_SECS) {
		log_warnx("filter for %s does not get ready",
		    f->listener->text);
		filter_kill(f);
		return;
	}
	if (f->state == FILTER_RUN && !f->retired &&
	    f->confirmed != f->parent->generation && ++f->lag > START_SECS) {
		log_warnx("filter for %s does not take the new policy",
		    f->listener->text);
		filter_kill(f);
		return;
	}
	for (req = TAILQ_FIRST(&f->reqs); req != NULL; req = next) {
		next = TAILQ_NEXT(req, entry);
		request_tick(req);
	}
	docker_tick(f);
}

void
filter_send(struct filter *f, enum imsg_type type, uint32_t id, int fd,
    const void *data, size_t len)
{
	if (imsg_compose(&f->ib, type, id, 0, fd, data, len) == -1) {
		log_warn("message to the filter for %s", f->listener->text);
		if (fd != -1)
			close(fd);
		f->failed = true;
	}
	f->dirty = true;
}

void
filter_flush(struct filter *f)
{
	f->dirty = false;
	if (f->state == FILTER_DOWN)
		return;
	if (f->failed) {
		filter_kill(f);
		return;
	}
	if (imsgbuf_write(&f->ib) == -1) {
		if (errno != EPIPE && errno != ECONNRESET)
			log_warn("channel of the filter for %s",
			    f->listener->text);
		filter_kill(f);
		return;
	}
	if (imsgbuf_queuelen(&f->ib) != 0)
		event_add(&f->wev, NULL);
	else if (f->starved)
		filter_resume(f);
}

void
filter_write(int fd, short what, void *arg)
{
	filter_flush(arg);
}

/* The channel was full, and reading from the engine had stopped. */
static void
filter_resume(struct filter *f)
{
	struct request	*req;

	f->starved = false;
	TAILQ_FOREACH(req, &f->reqs, entry)
		request_credit(req, 0);
}

/* One that cannot be trusted to leave by itself: it has the listener. */
static void
filter_kill(struct filter *f)
{
	pid_t	 pid = f->pid;

	filter_down(f);
	if (pid != -1)
		sandbox_end(pid, &f->parent->user);
}

static void
filter_broken(const struct filter *f, const char *why)
{
	char	 line[256];
	int	 n;

	n = snprintf(line, sizeof(line), "filter for %s broke the protocol, "
	    "ending it: %s", f->listener->text, why);
	if (n < 0 || (size_t)n >= sizeof(line))
		n = (int)strlen(line);
	log_line(LOG_CRIT, line, (size_t)n);
}

/* One packet for each event: other filters get their turn. */
void
filter_read(int fd, short what, void *arg)
{
	struct filter	*f = arg;
	struct imsg	 imsg;
	const char	*why = malformed;
	int		 n;

	f->parent->turn++;
	errno = 0;
	n = imsgbuf_read(&f->ib);
	if (n == 0 || (n == -1 && errno == ECONNRESET)) {
		if (f->parent->drain == 0 && !f->retired)
			log_warnx("filter for %s has ended",
			    f->listener->text);
		/* Its channel has: it must not keep the listener. */
		filter_kill(f);
		return;
	}
	while (n == 1 && (n = imsgbuf_get(&f->ib, &imsg)) == 1) {
		if (dispatch(f, &imsg, &why) == -1)
			n = -1;
		imsg_free(&imsg);
		if (f->state == FILTER_DOWN)
			return;
	}
	if (n == -1) {
		filter_broken(f, errno == EMFILE && why == malformed ?
		    "out of descriptors" : why);
		filter_kill(f);
	}
}
