/* SPDX-License-Identifier: ISC */

/*
 * The parent's life: open what needs root, confine itself, start the
 * filters, and turn the event loop.  After a turn, or a few while much comes
 * in, the messages that were queued leave, one packet for each filter.
 */

#include "../parent/parent.h"
#include "../parent/control.h"
#include "../parent/logging.h"
#include "../parent/paths.h"
#include "../parent/service.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define RETRY_USECS	5000	/* the engine's queue was full */
#define NOFILE		65536

static unsigned int parent_keeps(const struct config *);
static void	 parent_init(struct parent *, struct config *, int);
static void	 parent_file(struct config *);
static void	 parent_events(struct parent *);
static bool	 parent_gathers(const struct parent *);
static void	 parent_loop(struct parent *);
static bool	 parent_drained(const struct parent *);
static void	 parent_turn(struct parent *, struct filter *);
static void	 parent_restart(struct parent *, struct filter *);
static void	 parent_retry(struct parent *);
static void	 parent_log(struct parent *);
static void	 on_term(int, short, void *);
static void	 on_hup(int, short, void *);
static void	 on_child(int, short, void *);
static void	 on_tick(int, short, void *);
static void	 on_retry(int, short, void *);
static void	 on_log(int, short, void *);

int
parent_run(struct config *conf, char *const *defs, int debug, int filterfd)
{
	struct parent	*parent;
	struct listener	*l;
	struct filter	*f;
	char		 err[256];
	size_t		 i, n = 0;

	logging_begin(conf);
	if (!debug && conf->log_to == LOG_TO_STDERR)
		fatalx("set log to stderr: a daemon has none, without -d");
	if ((parent = calloc(1, sizeof(*parent))) == NULL)
		fatal("parent");
	for (i = 0; i < conf->nwarnings; i++)
		log_warnx("%s", conf->warnings[i]);
	parent->defs = defs;
	parent_init(parent, conf, filterfd);
	/* In the background we are not the process that is watched. */
	if (debug)
		notify_open();
	if (activate_open(err, sizeof(err)) == -1 ||
	    activate_check(conf, err, sizeof(err)) == -1 ||
	    listen_open(conf, err, sizeof(err)) == -1)
		fatalx("%s", err);
	control_open(conf);
	/* What is wrong until here is said where it was typed. */
	if (!debug) {
		if (daemon(0, 0) == -1)
			fatal("daemon");
		logging_open(conf, false);
		for (i = 0; i < conf->nwarnings; i++)
			log_warnx("%s", conf->warnings[i]);
	} else
		logging_open(conf, true);
	paths_init(conf);
	if (access(conf->socket, F_OK) == -1)
		log_warn("engine's socket %s", conf->socket);
	parent_events(parent);
	control_start(parent);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		n++;
	stats_open(parent, n);
	parent->nofile = sandbox_limits_parent(NOFILE);
	sandbox_parent_caps(conf->socket, parent_keeps(conf));
	sandbox_seccomp_parent(parent_keeps(conf));
	TAILQ_FOREACH(l, &conf->listeners, entry) {
		if (filter_new(parent, l) == NULL)
			fatal("filter");
		parent->lastid = l->id;
	}
	parent_shares(parent);
	notify_start(parent);
	TAILQ_FOREACH(f, &parent->filters, entry)
		if (spawn_filter(f) == -1)
			fatalx("no filter for %s", f->listener->text);
	parent_loop(parent);
	listen_close(parent->conf);	/* perhaps another by now */
	control_close();
	log_info("stopped");
	log_finish();
	return (0);
}

/* Of root's rights, for later. */
static unsigned int
parent_keeps(const struct config *conf)
{
	return ((conf->file != NULL ? SANDBOX_RELOAD : 0) |
	    (conf->bind_check ? SANDBOX_PATHS : 0));
}

static void
parent_init(struct parent *parent, struct config *conf, int filterfd)
{
	int	 fellback = 0;

	parent->conf = conf;
	parent->filterfd = filterfd;
	parent->generation = 1;
	parent->loglevel = conf->loglevel;
	TAILQ_INIT(&parent->filters);
	TAILQ_INIT(&parent->freereqs);
	TAILQ_INIT(&parent->pages);
	if (sandbox_lookup(conf->user, &parent->user, &fellback) == -1)
		fatalx("user %s: not found, nor is nobody", conf->user);
	if (fellback)
		log_warnx("user %s: not found, using nobody", conf->user);
	parent_chroot(conf);
	parent_file(conf);
	parent->nullfd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (parent->nullfd == -1)
		fatal("/dev/null");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signal");
}

/* It is checked in the filter. */
void
parent_chroot(const struct config *conf)
{
	struct stat	 st;

	if (stat(conf->chroot, &st) == 0)
		return;
	if (errno != ENOENT || mkdir(conf->chroot, 0555) == -1)
		fatal("%s", conf->chroot);
}

/*
 * By its whole name, for a reload: daemon(3) changes the directory.  Links in
 * it are followed then, as they are now: they are how some switch files.
 */
static void
parent_file(struct config *conf)
{
	char	*cwd, *file;

	if (conf->file == NULL || *conf->file == '/')
		return;
	if ((cwd = getcwd(NULL, 0)) == NULL ||
	    asprintf(&file, "%s/%s", cwd, conf->file) == -1)
		fatal("%s", conf->file);
	free(cwd);
	free(conf->file);
	conf->file = file;
}

static void
parent_events(struct parent *parent)
{
	struct timeval		 second = { TICK_SECS, 0 };
	struct event_base	*base;

	if ((base = parent->base = event_base_new()) == NULL)
		fatalx("event_base_new");
	event_assign(&parent->sigterm, base, SIGTERM, EV_SIGNAL | EV_PERSIST,
	    on_term, parent);
	event_assign(&parent->sigint, base, SIGINT, EV_SIGNAL | EV_PERSIST,
	    on_term, parent);
	event_assign(&parent->sighup, base, SIGHUP, EV_SIGNAL | EV_PERSIST,
	    on_hup, parent);
	event_assign(&parent->sigchld, base, SIGCHLD, EV_SIGNAL | EV_PERSIST,
	    on_child, parent);
	event_assign(&parent->tick, base, -1, EV_PERSIST, on_tick, parent);
	event_assign(&parent->retry, base, -1, 0, on_retry, parent);
	event_assign(&parent->log, base, -1, 0, on_log, parent);
	event_add(&parent->sigterm, NULL);
	event_add(&parent->sigint, NULL);
	event_add(&parent->sighup, NULL);
	event_add(&parent->sigchld, NULL);
	event_add(&parent->tick, &second);
}

/*
 * Several inputs in one turn: there will be more, and a packet that waits
 * for them wakes the filter once instead of a few times.  The loop does not
 * sleep meanwhile.  A single answer, or a stream, waits for nothing.
 */
static bool
parent_gathers(const struct parent *parent)
{
	return (parent->turn > 1 && parent->gathered < GATHER_MAX);
}

void
parent_shares(struct parent *parent)
{
	struct filter	*f;
	size_t		 n = 0;

	TAILQ_FOREACH(f, &parent->filters, entry)
		n++;
	TAILQ_FOREACH(f, &parent->filters, entry)
		f->maxfds = parent->nofile > FDS_OWN ?
		    (parent->nofile - FDS_OWN) / n : 1;
}

time_t
parent_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

static void
parent_loop(struct parent *parent)
{
	struct filter	*f, *next;
	int		 flags;

	for (;;) {
		flags = EVLOOP_ONCE;
		if (!parent_gathers(parent))
			parent->gathered = 0;
		else
			flags |= EVLOOP_NONBLOCK;
		for (f = TAILQ_FIRST(&parent->filters); f != NULL; f = next) {
			next = TAILQ_NEXT(f, entry);
			parent_turn(parent, f);
		}
		if (parent->reloading)
			reload_check(parent);
		notify_turn(parent);
		parent_log(parent);
		if (parent->drain != 0 && parent_drained(parent))
			break;
		parent->turn = 0;
		if (event_base_loop(parent->base, flags) == -1)
			fatalx("event loop");
		parent->gathered += parent->turn;
		parent_retry(parent);
	}
}

static void
parent_turn(struct parent *parent, struct filter *f)
{
	if (f->dirty && parent->gathered == 0)
		filter_flush(f);
	if (f->state == FILTER_DOWN && f->retired) {
		if (f->pid == -1) {
			filter_free(f);
			parent_shares(parent);
		}
		return;
	}
	if (f->state == FILTER_DOWN && parent->drain == 0 && !f->backoff)
		parent_restart(parent, f);
	if (f->stale)
		filter_update(f);
	if (f->dirty && parent->gathered == 0)
		filter_flush(f);
}

/* After SIGTERM: filters end when their finite requests are answered. */
static bool
parent_drained(const struct parent *parent)
{
	const struct filter	*f;

	if (parent->drain > DRAIN_SECS)
		return (true);
	TAILQ_FOREACH(f, &parent->filters, entry) {
		if (f->state != FILTER_DOWN)
			return (false);
	}
	return (true);
}

/*
 * A filter that dies is replaced at once; one that keeps dying ends the
 * daemon, so that whoever watches it learns of it.
 */
static void
parent_restart(struct parent *parent, struct filter *f)
{
	time_t		 now = parent_now(), *oldest;

	oldest = &f->restarts[f->nrestarts % RESTART_MAX];
	if (f->nrestarts >= RESTART_MAX &&
	    now - *oldest < RESTART_SECS) {
		listen_close(parent->conf);
		control_close();
		fatalx("filter for %s died %d times in %d seconds, giving up",
		    f->listener->text, RESTART_MAX + 1, RESTART_SECS);
	}
	/* What keeps it from starting may pass: tried again at the tick. */
	if (spawn_filter(f) == -1) {
		log_warnx("no filter for %s", f->listener->text);
		f->backoff = true;
		return;
	}
	*oldest = now;
	f->nrestarts++;
	parent->total.restarts++;
}

/* Requests that wait because the engine's queue was full. */
static void
parent_retry(struct parent *parent)
{
	struct timeval	 wait = { 0, RETRY_USECS };

	if (parent->waiting != 0 &&
	    !event_pending(&parent->retry, EV_TIMEOUT, NULL))
		event_add(&parent->retry, &wait);
}

/* Lines of the log leave together: a write(2) for each is not needed. */
static void
parent_log(struct parent *parent)
{
	struct timeval	 wait = { 0, LOG_USECS };

	if (log_waiting() >= LOG_BYTES)
		log_flush();
	if (log_waiting() != 0 &&
	    !event_pending(&parent->log, EV_TIMEOUT, NULL))
		event_add(&parent->log, &wait);
}

static void
on_log(int fd, short what, void *arg)
{
	log_flush();
}

static void
on_retry(int fd, short what, void *arg)
{
	struct parent	*parent = arg;
	struct filter	*f;
	struct request	*req, *next;

	TAILQ_FOREACH(f, &parent->filters, entry) {
		for (req = TAILQ_FIRST(&f->reqs); req != NULL; req = next) {
			next = TAILQ_NEXT(req, entry);
			if (req->waiting && !request_connected(req))
				return;
		}
	}
}

static void
on_term(int sig, short what, void *arg)
{
	struct parent	*parent = arg;
	struct filter	*f;

	if (parent->drain != 0) {
		parent->drain = DRAIN_SECS + 1;
		return;
	}
	parent->drain = 1;
	log_info("%s, draining", sig == SIGTERM ? "SIGTERM" : "SIGINT");
	notify_stop();
	/* The filters close theirs; nobody new is left waiting. */
	listen_close(parent->conf);
	TAILQ_FOREACH(f, &parent->filters, entry) {
		if (f->state != FILTER_DOWN)
			filter_send(f, IMSG_SHUTDOWN, 0, -1, NULL, 0);
	}
}

static void
on_hup(int sig, short what, void *arg)
{
	notify_reload(arg);
	(void)reload(arg);
}

static void
on_child(int sig, short what, void *arg)
{
	struct parent	*parent = arg;
	struct filter	*f;
	pid_t		 pid;
	int		 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSIGNALED(status))
			log_warnx("filter %ld: killed by signal %d (%s)",
			    (long)pid, WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
		TAILQ_FOREACH(f, &parent->filters, entry) {
			if (f->pid != pid)
				continue;
			f->pid = -1;
			filter_down(f);
		}
	}
}

static void
on_tick(int fd, short what, void *arg)
{
	struct parent	*parent = arg;
	struct filter	*f;

	parent->ticks++;
	if (parent->drain != 0)
		parent->drain++;
	TAILQ_FOREACH(f, &parent->filters, entry)
		filter_tick(f);
	control_tick(parent);
}
