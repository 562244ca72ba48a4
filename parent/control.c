/* SPDX-License-Identifier: ISC */

/*
 * Connections of proxyctl(8): accepted from root only, few at a time, one
 * request each.  What a request asks for is in a table; long answers are
 * made in steps, each when the one before has been taken by the kernel.
 */

#include "../parent/control.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "../parent/service.h"

#define CONTROLS_MAX	8	/* at a time: bits of request.listed */
#define CONTROL_TICKS	60	/* without progress */

static struct {
	struct listener	 at;
	struct event	 ev;
	struct controls	 list;
	size_t		 n;
	uint8_t		 bits;		/* taken */
	bool		 paused;	/* until the tick: nothing left */
	struct control	*reloading;	/* to whom the log goes, too */
} ctl = { .at.fd = -1 };

static int	 control_dir(const char *);
static void	 control_accept(int, short, void *);
static void	 control_new(struct parent *, int);
static void	 control_free(struct control *);
static void	 control_read(int, short, void *);
static void	 control_write(int, short, void *);
static void	 control_ask(struct control *, const struct imsg *);
static bool	 is_root(int);
static void	 do_log(struct control *, enum log_level);
static void	 do_reload(struct control *);
static void	 tee(int, const char *, size_t);

/* The default one is in a directory that a system without units lacks. */
static int
control_dir(const char *path)
{
	char	*copy, *dir;
	int	 r;

	if ((copy = strdup(path)) == NULL)
		fatal("control");
	dir = dirname(copy);
	/* Whatever the umask: others' listeners may be there, too. */
	if ((r = mkdir(dir, 0755)) == 0)
		r = chmod(dir, 0755);
	else if (errno == EEXIST)
		r = 0;
	free(copy);
	return (r);
}

void
control_open(const struct config *conf)
{
	struct listener	*l = &ctl.at;

	TAILQ_INIT(&ctl.list);
	if (conf->control == NULL)
		return;
	if ((l->path = strdup(conf->control)) == NULL)
		fatal("control");
	l->kind = LISTEN_UNIX;
	l->owner = (uid_t)-1;
	l->group = (gid_t)-1;
	l->mode = 0600;
	if ((conf->control_set || control_dir(l->path) == 0) &&
	    listen_packets(l) == 0)
		return;
	l->fd = -1;
	if (conf->control_set)
		fatal("control socket %s", l->path);
	/* In a container that is read-only nobody expects one. */
	if (conf->file == NULL)
		log_info("no proxyctl: control socket %s: %s", l->path,
		    strerror(errno));
	else
		log_warn("no proxyctl: control socket %s", l->path);
}

void
control_start(struct parent *parent)
{
	if (ctl.at.fd == -1)
		return;
	event_assign(&ctl.ev, parent->base, ctl.at.fd, EV_READ | EV_PERSIST,
	    control_accept, parent);
	event_add(&ctl.ev, NULL);
}

void
control_close(void)
{
	struct control	*c;

	while ((c = TAILQ_FIRST(&ctl.list)) != NULL)
		control_free(c);
	if (ctl.at.fd == -1)
		return;
	if (event_initialized(&ctl.ev))
		event_del(&ctl.ev);
	listen_remove(&ctl.at);
}

static bool
is_root(int fd)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);

	return (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
	    cred.uid == 0);
}

static void
control_accept(int fd, short what, void *arg)
{
	int	 s;

	s = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (s == -1) {
		/* It would be ready again at once. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			event_del(&ctl.ev);
			ctl.paused = true;
		}
		return;
	}
	if (ctl.n >= CONTROLS_MAX || !is_root(s)) {
		close(s);
		return;
	}
	control_new(arg, s);
}

static void
control_new(struct parent *parent, int fd)
{
	struct control	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    imsgbuf_init(&c->ib, fd) == -1) {
		free(c);
		close(fd);
		return;
	}
	c->parent = parent;
	c->probe = -1;
	/* Fewer than CONTROLS_MAX are taken. */
	for (c->bit = 1; (ctl.bits & c->bit) != 0; c->bit <<= 1)
		continue;
	ctl.bits |= c->bit;
	event_assign(&c->rev, parent->base, fd, EV_READ | EV_PERSIST,
	    control_read, c);
	event_assign(&c->wev, parent->base, fd, EV_WRITE, control_write, c);
	event_add(&c->rev, NULL);
	TAILQ_INSERT_TAIL(&ctl.list, c, entry);
	ctl.n++;
}

static void
control_free(struct control *c)
{
	struct filter	*f;

	TAILQ_FOREACH(f, &c->parent->filters, entry)
		if (f->lister == c)
			f->lister = NULL;
	check_stop(c);
	event_del(&c->rev);
	event_del(&c->wev);
	close(c->ib.fd);
	imsgbuf_clear(&c->ib);
	TAILQ_REMOVE(&ctl.list, c, entry);
	ctl.n--;
	ctl.bits &= (uint8_t)~c->bit;
	free(c);
}

/* A second request, or anything else, ends it; so does its end. */
static void
control_read(int fd, short what, void *arg)
{
	struct control	*c = arg;
	struct imsg	 imsg;
	int		 n;

	n = imsgbuf_read(&c->ib);
	if (n == 1)
		n = imsgbuf_get(&c->ib, &imsg);
	else
		n = -1;
	if (n == 0)
		return;
	if (n == 1 && !c->asked && !imsg.marked) {
		c->asked = true;
		control_ask(c, &imsg);
		imsg_free(&imsg);
		control_wake(c);
		return;
	}
	if (n == 1)
		imsg_free(&imsg);
	control_free(c);
}

static void
control_ask(struct control *c, const struct imsg *imsg)
{
	static enum step (*const	 steps[])(struct control *) = {
		[CTL_SHOW_STATUS] = show_status,
		[CTL_SHOW_COUNTERS] = show_counters,
		[CTL_SHOW_CLIENTS] = list_clients,
		[CTL_SHOW_STREAMS] = list_streams,
		[CTL_SHOW_RULES] = show_rules,
		[CTL_COMMAND_MAX] = NULL
	};
	struct ctl_request	 rq;

	if (imsg_get_type(imsg) != CTL_REQUEST ||
	    imsg_get_data(imsg, &rq, sizeof(rq)) == -1 ||
	    rq.version != CONTROL_VERSION || rq.command >= CTL_COMMAND_MAX) {
		control_end(c, RESULT_VERSION);
		return;
	}
	c->command = rq.command;
	if ((c->step = steps[rq.command]) != NULL)
		return;
	if (rq.command == CTL_LOG_VERBOSE)
		do_log(c, LOG_LVL_DEBUG);
	else if (rq.command == CTL_LOG_BRIEF)
		do_log(c, c->parent->loglevel);
	else if (rq.command == CTL_RELOAD)
		do_reload(c);
	else if (rq.command == CTL_KILL)
		control_end(c, list_kill(c->parent, rq.arg) ? RESULT_OK :
		    RESULT_UNKNOWN);
	else
		check_start(c);
}

/* Filters that are started later get it with HELLO. */
static void
do_log(struct control *c, enum log_level level)
{
	struct parent		*parent = c->parent;
	struct imsg_loglevel	 msg = { level };
	struct filter		*f;

	parent->conf->loglevel = level;
	log_setlevel(level);
	TAILQ_FOREACH(f, &parent->filters, entry)
		if (f->state != FILTER_DOWN)
			filter_send(f, IMSG_LOGLEVEL, 0, -1, &msg,
			    sizeof(msg));
	log_notice("log %s, by proxyctl", level == LOG_LVL_DEBUG ?
	    "verbose" : "brief");
	control_end(c, RESULT_OK);
}

static void
tee(int priority, const char *line, size_t len)
{
	control_text(ctl.reloading, line, len);
}

/* What the log says meanwhile, proxyctl says, too. */
static void
do_reload(struct control *c)
{
	int	 r;

	notify_reload(c->parent);
	ctl.reloading = c;
	log_tee(tee);
	r = reload(c->parent);
	log_tee(NULL);
	ctl.reloading = NULL;
	if (r == -1)
		control_end(c, RESULT_ERROR);
	else
		c->reloads = true;
}

void
control_reloaded(void)
{
	struct control	*c;

	TAILQ_FOREACH(c, &ctl.list, entry) {
		if (!c->reloads)
			continue;
		c->reloads = false;
		control_end(c, RESULT_OK);
		control_wake(c);
	}
}

void
control_send(struct control *c, enum ctl_type type, const void *data,
    size_t len)
{
	if (imsg_compose(&c->ib, type, 0, 0, -1, data, len) == -1)
		c->over = true;
}

void
control_text(struct control *c, const char *line, size_t len)
{
	struct ctl_text	 text;

	memset(&text, 0, sizeof(text));
	memcpy(text.text, line, len < sizeof(text.text) ? len :
	    sizeof(text.text) - 1);
	control_send(c, CTL_TEXT, &text, sizeof(text));
}

void
control_end(struct control *c, enum ctl_result result)
{
	struct ctl_end	 end = { result, 0 };

	control_send(c, CTL_END, &end, sizeof(end));
	c->over = true;
	c->step = NULL;
}

/* Not at once: whoever calls may still need it. */
void
control_wake(struct control *c)
{
	event_add(&c->wev, NULL);
}

void
control_wake_all(void)
{
	struct control	*c;

	TAILQ_FOREACH(c, &ctl.list, entry)
		if (c->step != NULL)
			control_wake(c);
}

/* All that was queued leaves before more is made. */
static void
control_write(int fd, short what, void *arg)
{
	struct control	*c = arg;
	uint32_t	 before = imsgbuf_queuelen(&c->ib);
	enum step	 step;

	if (before == 0 && c->step != NULL && !c->over) {
		if ((step = c->step(c)) == STEP_WAIT &&
		    imsgbuf_queuelen(&c->ib) == 0)
			return;
		if (step == STEP_DONE)
			control_end(c, RESULT_OK);
		before = imsgbuf_queuelen(&c->ib);
	}
	if (imsgbuf_write(&c->ib) == -1) {
		control_free(c);
		return;
	}
	if (imsgbuf_queuelen(&c->ib) < before)
		c->ticks = 0;
	if (imsgbuf_queuelen(&c->ib) == 0 && c->over)
		control_free(c);
	else if (imsgbuf_queuelen(&c->ib) != 0 || c->step != NULL)
		event_add(&c->wev, NULL);
}

void
control_lost(struct filter *f)
{
	struct control	*c = f->lister;

	f->lister = NULL;
	f->listing = false;
	if (c != NULL)
		control_wake(c);
}

/*
 * A list waits for a filter that may not answer, or for another list; and who
 * connects, for a descriptor.
 */
void
control_tick(struct parent *parent)
{
	struct control	*c, *next;

	if (ctl.paused && ctl.at.fd != -1)
		event_add(&ctl.ev, NULL);
	ctl.paused = false;
	for (c = TAILQ_FIRST(&ctl.list); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (++c->ticks > CONTROL_TICKS)
			control_free(c);
		else if (c->step != NULL)
			control_wake(c);
	}
}
