/* SPDX-License-Identifier: ISC */

/*
 * SIGHUP: the configuration file is read again beside the one in force.  All
 * that can fail comes first, on what is new only; then the new one takes the
 * place of the old in one step.  A listener at the same address keeps its
 * socket and its filter, which is sent the new policy; others come and go.
 */

#include "../parent/parent.h"
#include "../parent/control.h"
#include "../parent/service.h"

#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void	 reload_fixed(struct config *, struct config *);
static void	 reload_control(struct config *, struct config *);
static void	 fixed_text(char **, char **, const char *);
static struct listener *listener_twin(const struct config *,
		    const struct listener *);
static in_port_t listener_port(const struct listener *);
static bool	 reload_blocks(const struct config *, const struct config *,
		    const struct listener *);
static int	 reload_listen(struct config *, struct config *, char *,
		    size_t);
static int	 reload_owners(const struct config *, const struct config *,
		    char *, size_t);
static void	 reload_undo(struct config *, struct config *);
static void	 reload_commit(struct parent *, struct config *);
static void	 reload_filter(struct parent *, struct filter *,
		    struct config *);
static void	 reload_added(struct parent *, struct listener *);

int
reload(struct parent *parent)
{
	struct config	*conf, *old = parent->conf;
	char		 err[256];
	size_t		 i;

	if (old->file == NULL) {
		log_notice("SIGHUP: the policy comes from the environment, "
		    "nothing to reload");
		return (-1);
	}
	if (parent->drain != 0) {
		log_warnx("not reloaded: stopping");
		return (-1);
	}
	if ((conf = parse_config(old->file, parent->defs)) == NULL) {
		parent->total.reload_errors++;
		log_warnx("%s: not reloaded, the policy before stays in "
		    "force", old->file);
		return (-1);
	}
	reload_fixed(conf, old);
	if (reload_listen(conf, old, err, sizeof(err)) == -1) {
		parent->total.reload_errors++;
		log_warnx("%s: not reloaded, the policy before stays in "
		    "force: %s", old->file, err);
		conf_free(conf);
		return (-1);
	}
	for (i = 0; i < conf->nwarnings; i++)
		log_warnx("%s", conf->warnings[i]);
	if (activate_check(conf, err, sizeof(err)) == -1)
		log_warnx("%s", err);
	reload_commit(parent, conf);
	return (0);
}

/* In force: judged by, wherever a client may ask. */
void
reload_check(struct parent *parent)
{
	const struct filter	*f;

	TAILQ_FOREACH(f, &parent->filters, entry)
		if (!f->retired && f->confirmed != parent->generation)
			return;
	parent->reloading = false;
	log_notice("%s: reloaded", parent->conf->file);
	control_reloaded();
}

/* What filters were started with, or cannot be had again, stays. */
static void
reload_fixed(struct config *conf, struct config *old)
{
	struct profile	*p;

	fixed_text(&conf->socket, &old->socket, "socket");
	fixed_text(&conf->user, &old->user, "user");
	fixed_text(&conf->chroot, &old->chroot, "chroot");
	if (conf->facility != old->facility) {
		log_warnx("%s: another syslog facility takes a restart",
		    old->file);
		conf->facility = old->facility;
	}
	if (conf->log_json != old->log_json || conf->log_to != old->log_to) {
		log_warnx("%s: another form or place of the log takes a "
		    "restart", old->file);
		conf->log_json = old->log_json;
		conf->log_to = old->log_to;
	}
	conf->loglevel = old->loglevel;
	reload_control(conf, old);
	if (conf->bind_check != old->bind_check) {
		log_warnx("%s: another bind-check takes a restart", old->file);
		conf->bind_check = old->bind_check;
		TAILQ_FOREACH(p, &conf->profiles, entry)
			p->bind_check = old->bind_check;
	}
}

static void
reload_control(struct config *conf, struct config *old)
{
	char	*text = conf->control;

	if (text != old->control && (text == NULL || old->control == NULL ||
	    strcmp(text, old->control) != 0))
		log_warnx("another control socket takes a restart: it stays "
		    "%s", old->control == NULL ? "none" : old->control);
	conf->control = old->control;
	old->control = text;
}

static void
fixed_text(char **new, char **old, const char *what)
{
	char	*text;

	if (strcmp(*new, *old) == 0)
		return;
	log_warnx("%s takes a restart to change: it stays %s", what, *old);
	text = *new;
	*new = strdup(*old);
	if (*new == NULL)
		fatal("%s", what);
	free(text);
}

/* The listener of that configuration at the same address, or NULL. */
static struct listener *
listener_twin(const struct config *conf, const struct listener *l)
{
	struct listener	*twin;

	TAILQ_FOREACH(twin, &conf->listeners, entry) {
		if (twin->kind != l->kind || twin->metrics != l->metrics)
			continue;
		if (l->kind == LISTEN_UNIX) {
			if (strcmp(twin->path, l->path) == 0)
				return (twin);
		} else if (twin->addrlen == l->addrlen &&
		    twin->v6only == l->v6only &&
		    memcmp(&twin->addr, &l->addr, l->addrlen) == 0)
			return (twin);
	}
	return (NULL);
}

static in_port_t
listener_port(const struct listener *l)
{
	if (l->kind != LISTEN_TCP)
		return (0);
	/* Network order: it is only compared. */
	return (l->addr.ss_family == AF_INET6 ?
	    ((const struct sockaddr_in6 *)&l->addr)->sin6_port :
	    ((const struct sockaddr_in *)&l->addr)->sin_port);
}

/* Is this one to go, and its port needed, perhaps at another address? */
static bool
reload_blocks(const struct config *conf, const struct config *old,
    const struct listener *l)
{
	const struct listener	*new;

	if (l->kind != LISTEN_TCP || listener_twin(conf, l) != NULL)
		return (false);
	TAILQ_FOREACH(new, &conf->listeners, entry)
		if (listener_port(new) == listener_port(l) &&
		    listener_twin(old, new) == NULL)
			return (true);
	return (false);
}

/*
 * Sockets for the new configuration.  A port that goes from one address to
 * another cannot have two listeners for a while: the old one is only paused,
 * so that it can be had back.
 */
static int
reload_listen(struct config *conf, struct config *old, char *err,
    size_t errlen)
{
	struct listener	*l, *twin;

	TAILQ_FOREACH(l, &old->listeners, entry) {
		if ((twin = listener_twin(conf, l)) != NULL) {
			twin->fd = l->fd;
			twin->dev = l->dev;
			twin->ino = l->ino;
			twin->passed = l->passed;
		} else if (reload_blocks(conf, old, l))
			listen_pause(l);
	}
	if (listen_open(conf, err, errlen) == 0 &&
	    reload_owners(conf, old, err, errlen) == 0)
		return (0);
	reload_undo(conf, old);
	return (-1);
}

static int
reload_owners(const struct config *conf, const struct config *old, char *err,
    size_t errlen)
{
	const struct listener	*l, *twin;

	TAILQ_FOREACH(l, &conf->listeners, entry) {
		if (l->kind != LISTEN_UNIX || l->passed ||
		    (twin = listener_twin(old, l)) == NULL ||
		    (l->owner == twin->owner && l->group == twin->group &&
		    l->mode == twin->mode))
			continue;
		if (listen_change(l) == -1) {
			snprintf(err, errlen, "owner of %s: %s", l->text,
			    strerror(errno));
			return (-1);
		}
	}
	return (0);
}

/* As if nothing had been tried. */
static void
reload_undo(struct config *conf, struct config *old)
{
	struct listener	*l;
	char		 err[256];

	TAILQ_FOREACH(l, &conf->listeners, entry)
		if (listener_twin(old, l) != NULL)
			l->fd = -1;	/* the old one's */
	listen_close(conf);
	TAILQ_FOREACH(l, &old->listeners, entry)
		if (reload_blocks(conf, old, l) && listen_again(l) == -1)
			log_warn("listen on %s again", l->text);
	if (reload_owners(old, conf, err, sizeof(err)) == -1)
		log_warnx("%s", err);
}

/* From here on nothing fails. */
static void
reload_commit(struct parent *parent, struct config *conf)
{
	struct config	*old = parent->conf;
	struct listener	*l;
	struct filter	*f;

	parent->conf = conf;
	parent->generation++;
	parent->total.reloads++;
	parent->reloading = true;
	TAILQ_FOREACH(l, &conf->listeners, entry)
		l->id = 0;
	TAILQ_FOREACH(f, &parent->filters, entry)
		if (!f->retired)
			reload_filter(parent, f, old);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		if (l->id == 0)
			reload_added(parent, l);
	parent_shares(parent);
	conf_free(old);
}

static void
reload_filter(struct parent *parent, struct filter *f, struct config *old)
{
	struct listener	*l = f->listener, *twin;

	if ((twin = listener_twin(parent->conf, l)) == NULL) {
		TAILQ_REMOVE(&old->listeners, l, entry);
		log_info("no more listening on %s", l->text);
		listen_pause(l);	/* the filter has it, too */
		listen_remove(l);
		filter_retire(f);
		return;
	}
	twin->id = l->id;
	f->listener = twin;
	grant_change(&f->grant, twin->profile, parent_now());
	f->stale = true;
}

/* One that cannot be started now is tried again at each tick. */
static void
reload_added(struct parent *parent, struct listener *l)
{
	struct filter	*f;

	l->id = ++parent->lastid;
	if ((f = filter_new(parent, l)) == NULL)
		fatal("filter");
	if (spawn_filter(f) == -1) {
		log_warnx("no filter for %s", l->text);
		f->backoff = true;
	}
}
