/* SPDX-License-Identifier: ISC */

/*
 * "proxyd -n -t": a filter is started as by the daemon and gets its policy
 * over the same channel; then it is given one client, which sends the one
 * request, and the parent is given an engine that records.  What decided the
 * filter says in TRACE messages; what would reach the engine is what did
 * reach the recording one.  So nothing here knows the policy.
 */

#include "../parent/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOFILE		256
#define EXPLAIN_SECS	10	/* for a verdict */
#define CLOSED_SECS	2	/* the same, once the filter hung up */

static void	 explain_setup(struct explain *, struct listener *);
static void	 explain_confine(struct explain *);
static void	 explain_loop(struct explain *);
static void	 on_tick(int, short, void *);

/* Without a listener, a profile is reached by TCP from anywhere. */
static struct listener *
no_listener(struct profile *profile)
{
	struct listener	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL ||
	    (l->text = strdup("none")) == NULL)
		fatal("listener");
	l->kind = LISTEN_TCP;
	l->fd = -1;
	l->profile = profile;
	TAILQ_INIT(&l->from);
	return (l);
}

/*
 * The first listener with the profile that is wanted, if one is, and of the
 * kind that such a client comes to, if there is one.
 */
static struct listener *
choose_listener(struct config *conf, const struct explain *ex)
{
	struct profile	*profile = NULL;
	struct listener	*l, *other = NULL;
	const char	*name = ex->opt->profile;
	enum listen_kind kind = ex->peer.cred ? LISTEN_UNIX : LISTEN_TCP;

	if (name != NULL && (profile = conf_profile_find(conf, name)) == NULL)
		fatalx("-p %s: no such profile", name);
	TAILQ_FOREACH(l, &conf->listeners, entry) {
		if (l->metrics)
			continue;
		if (profile != NULL && l->profile != profile)
			continue;
		if (ex->opt->client == NULL || l->kind == kind)
			return (l);
		if (other == NULL)
			other = l;
	}
	if (other != NULL)
		return (other);
	if (profile == NULL &&
	    (profile = TAILQ_FIRST(&conf->profiles)) == NULL)
		fatalx("the configuration has no profile");
	return (no_listener(profile));
}

int
explain_run(struct config *conf, const struct explain_options *opt,
    int filterfd)
{
	static struct parent	 the_parent;
	static struct explain	 the_explain;
	struct parent		*parent = &the_parent;
	struct explain		*ex = &the_explain;
	struct listener		*l;
	char			 err[512];

	parent->conf = conf;
	parent->filterfd = filterfd;
	parent->explain = ex;
	ex->parent = parent;
	ex->opt = opt;
	if (explain_peer(ex, err, sizeof(err)) == -1 ||
	    explain_compose(ex, err, sizeof(err)) == -1 ||
	    (opt->inspect != NULL && explain_read(opt->inspect, &ex->inspect,
	    err, sizeof(err)) == -1))
		fatalx("%s", err);
	l = choose_listener(conf, ex);
	ex->profile = l->profile;
	if (opt->client == NULL)
		explain_assume(ex, l);
	explain_setup(ex, l);
	explain_loop(ex);
	log_flush();
	if (explain_print(ex) == -1)
		fatal("standard output");
	/* The filter ends with its channel. */
	return (ex->passed ? 0 : explain_failed(ex) ? 2 : 1);
}

bool
explain_failed(const struct explain *ex)
{
	return (ex->blocked && ex->verdict.status >= 502 &&
	    ex->verdict.status <= 504);
}

static void
explain_setup(struct explain *ex, struct listener *l)
{
	struct timeval	 second = { 1, 0 };
	struct parent	*parent = ex->parent;

	parent->conf->loglevel = LOG_LVL_WARNING;
	log_setlevel(LOG_LVL_WARNING);
	parent->generation = 1;
	TAILQ_INIT(&parent->filters);
	TAILQ_INIT(&parent->freereqs);
	TAILQ_INIT(&parent->pages);
	if ((ex->lines = open_memstream(&ex->text.data, &ex->text.len)) ==
	    NULL)
		fatal("memory");
	parent->nullfd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (parent->nullfd == -1)
		fatal("/dev/null");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signal");
	if ((parent->base = event_base_new()) == NULL)
		fatalx("event_base_new");
	event_assign(&ex->tick, parent->base, -1, EV_PERSIST, on_tick, ex);
	event_add(&ex->tick, &second);
	explain_engines(ex);
	explain_connect(ex);
	explain_confine(ex);
	if ((ex->filter = filter_new(parent, l)) == NULL)
		fatal("filter");
	ex->filter->maxfds = NOFILE;
	if (spawn_filter(ex->filter) == -1)
		fatalx("no filter");
}

/*
 * As the daemon, but for the engine's socket, which is not even looked at.
 * Who is not root keeps his ids, and the filter its root directory.
 */
static void
explain_confine(struct explain *ex)
{
	struct parent	*parent = ex->parent;
	int		 fellback = 0;

	parent->hello = HELLO_EXPLAIN;
	if (geteuid() == 0) {
		if (sandbox_lookup(parent->conf->user, &parent->user,
		    &fellback) == -1)
			fatalx("user %s: not found, nor is nobody",
			    parent->conf->user);
		parent_chroot(parent->conf);
		parent->nofile = sandbox_limits_parent(NOFILE);
		sandbox_parent_caps("/", false);
	} else {
		parent->hello |= HELLO_USER;
		/* Nobody: sandbox_end() has no other id to take. */
		parent->user.uid = (uid_t)-1;
		parent->nofile = sandbox_limits_parent(NOFILE);
		sandbox_user(0);
	}
	sandbox_seccomp_parent(false);
}

static void
explain_loop(struct explain *ex)
{
	struct filter	*f = ex->filter;

	while (!ex->done) {
		if (f->dirty)
			filter_flush(f);
		if (f->state == FILTER_DOWN)
			fatalx("the filter ended without a verdict");
		if (event_base_loop(ex->parent->base, EVLOOP_ONCE) == -1)
			fatalx("event loop");
		if (ex->blocked || explain_arrived(ex))
			ex->done = true;
		else if (ex->ticks > EXPLAIN_SECS)
			fatalx("no verdict within %d seconds%s", EXPLAIN_SECS,
			    ex->opt->body == NULL ? "" :
			    ": is the body complete?");
	}
}

static void
on_tick(int fd, short what, void *arg)
{
	struct explain	*ex = arg;

	ex->ticks++;
	if (ex->closed && ex->ticks < EXPLAIN_SECS - CLOSED_SECS)
		ex->ticks = EXPLAIN_SECS - CLOSED_SECS;
	filter_tick(ex->filter);
}

/* In place of the listener. */
int
explain_configure(struct filter *f)
{
	struct explain	*ex = f->parent->explain;
	struct iovec	 iov[2];
	int		 fd = ex->clientend;

	iov[0].iov_base = &ex->peer;
	iov[0].iov_len = sizeof(ex->peer);
	iov[1].iov_base = ex->groups;
	iov[1].iov_len = sizeof(*ex->groups) * ex->peer.ngroups;
	f->dirty = true;
	ex->clientend = -1;
	if (fd == -1 || imsg_composev(&f->ib, IMSG_EXPLAIN, 0, 0, fd, iov,
	    2) == -1)
		return (-1);
	f->nconf++;
	return (0);
}

/* Without a name, or one that -c does not have: in no container. */
bool
explain_asker(struct filter *f, char id[65])
{
	struct explain	*ex = f->parent->explain;
	struct piece	 object, value;

	if (inspect_find(&ex->inspect, ex->asker, &object) == -1 ||
	    inspect_member(&object, "Id", &value) == -1 || value.len != 64) {
		if (ex->asker[0] != '\0')
			fprintf(ex->lines, "lookup\t%s: %s\n", ex->asker,
			    ex->opt->inspect == NULL ? "not known without -c" :
			    "not found in what -c names");
		return (false);
	}
	memcpy(id, value.base, value.len);
	id[value.len] = '\0';
	return (true);
}

void
explain_path(struct filter *f, const char *path)
{
	fprintf(f->parent->explain->lines, "lookup\t%s: taken for one without "
	    "symbolic links\n", path);
}

int
explain_trace(struct filter *f, struct imsg *imsg, const char **why)
{
	struct explain		*ex = f->parent->explain;
	struct imsg_trace	 msg;
	char			*field, *text;
	const char		*p = (const char *)imsg->data + sizeof(msg);

	*why = "explanation that nobody asked for";
	if (ex == NULL || ex->passed || ex->blocked)
		return (-1);
	*why = "explanation of another length";
	memcpy(&msg, imsg->data, sizeof(msg));
	if (imsg->len != sizeof(msg) + msg.field_len + msg.text_len)
		return (-1);
	if ((field = strndup(p, msg.field_len)) == NULL ||
	    (text = strndup(p + msg.field_len, msg.text_len)) == NULL)
		fatal("explanation");
	switch (msg.kind) {
	case TRACE_PASS:
	case TRACE_BLOCK:
		ex->passed = msg.kind == TRACE_PASS;
		ex->blocked = !ex->passed;
		ex->verdict = msg;
		ex->why = strdup(text);
		break;
	default:
		explain_field(ex, &msg, field, text);
		break;
	}
	free(field);
	free(text);
	return (0);
}
