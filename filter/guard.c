/* SPDX-License-Identifier: ISC */

/*
 * Between the verdict and the engine.  What a body names may be more than its
 * text says: an existing volume has options of its own, and a path of the
 * host may have a symbolic link in it.  So volumes are looked up one after
 * the other and judged, and the parent is asked about paths where it sees the
 * engine's files: when a container is created and again before it starts.
 * The network that a container is to join may stand in the path by its id, or
 * by the beginning of one, so it is looked up and judged by its name.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/body/body.h"
#include "../filter/filter.h"

#define GUARD_SECS	30	/* for all that is asked about a request */

struct guard {
	struct named	 volumes;	/* to be looked up */
	struct named	 paths;		/* to be asked about */
	char		*volume;	/* is being looked up */
	char		*network;	/* in the path, to be looked up */
	bool		 made;		/* a container exists already: its
					   volumes are not for us to judge */
};

static bool	 guard_begin(struct client *);
static void	 guard_next(struct client *);
static bool	 guard_forbid(struct client *, const char *);

bool
guard_wants(const struct client *c)
{
	const struct exchange	*x = c->x;
	const struct allow	*a;

	if (!x->profile->bind_check || c->filter->explain ||
	    (strcmp(x->ep->name, "containers/start") != 0 &&
	    strcmp(x->ep->name, "containers/restart") != 0))
		return (false);
	TAILQ_FOREACH(a, &x->profile->allows, entry)
		if (a->kind == ALLOW_BIND || a->kind == ALLOW_BIND_RO)
			return (true);
	return (false);
}

void
guard_free(struct exchange *x)
{
	struct guard	*g = x->guard;

	if (g == NULL)
		return;
	named_free(&g->volumes);
	named_free(&g->paths);
	free(g->volume);
	free(g->network);
	free(g);
	x->guard = NULL;
}

/*
 * Whose path says which network is joined.  1: *name has to be looked up; 0:
 * it need not; -1: refused.
 */
static int
guard_joins(struct client *c, char **name)
{
	struct body_result	 res;
	int			 ret;

	*name = NULL;
	if (c->x->ep->schema != SCHEMA_NETWORK_CONNECT)
		return (0);
	if ((*name = ask_argument(c)) == NULL) {
		exchange_refuse(c, 503, "out of memory");
		return (-1);
	}
	ret = body_joins(c->x->profile, *name, NULL, &res);
	if (ret == 1)
		return (1);
	free(*name);
	*name = NULL;
	if (ret == -1 && res.status == 403)
		return (guard_forbid(c, res.reason) ? -1 : 0);
	if (ret == -1)
		exchange_refuse(c, res.status, res.reason);
	return (ret);
}

bool
guard_body(struct client *c)
{
	struct exchange	*x = c->x;
	struct named	 volumes, paths;
	char		*network;

	if (guard_joins(c, &network) == -1)
		return (true);
	body_named(&volumes, &paths);
	if (network == NULL && volumes.n == 0 && paths.n == 0)
		return (false);
	if ((x->guard = calloc(1, sizeof(*x->guard))) == NULL) {
		named_free(&volumes);
		named_free(&paths);
		free(network);
		exchange_refuse(c, 503, "out of memory");
		return (true);
	}
	x->guard->volumes = volumes;
	x->guard->paths = paths;
	x->guard->network = network;
	return (guard_begin(c));
}

/* Whatever the container mounts that is not of this profile is let be. */
static int
guard_mounts(struct guard *g, const struct profile *profile,
    const struct mounts *m)
{
	size_t	 i;

	for (i = 0; i < m->binds.n; i++)
		if (body_path(profile, m->binds.text[i], false,
		    &g->paths) == -1)
			return (-1);
	for (i = 0; i < m->binds_ro.n; i++)
		if (body_path(profile, m->binds_ro.text[i], true,
		    &g->paths) == -1)
			return (-1);
	return (named_copy(&g->volumes, &m->volumes));
}

bool
guard_start(struct client *c)
{
	struct exchange			*x = c->x;
	const struct container		*ct;

	if (!guard_wants(c) || (ct = lookup_container(c)) == NULL)
		return (false);
	if (ct->mounts == NULL || ct->mounts->more) {
		exchange_refuse(c, 403, "Forbidden - the container mounts "
		    "more than can be checked (set bind-check)");
		return (true);
	}
	if ((x->guard = calloc(1, sizeof(*x->guard))) == NULL ||
	    guard_mounts(x->guard, x->profile, ct->mounts) == -1) {
		exchange_refuse(c, 503, "no memory for what is mounted");
		return (true);
	}
	x->guard->made = true;
	if (x->guard->volumes.n == 0 && x->guard->paths.n == 0)
		return (false);
	return (guard_begin(c));
}

static bool
guard_begin(struct client *c)
{
	if (c->x->items == NULL && ask_keep(c) == -1) {
		exchange_refuse(c, 503, "out of memory");
		return (true);
	}
	c->deadline = c->filter->now + GUARD_SECS;
	guard_next(c);
	return (true);
}

/* All paths in one message, by the buffer of a REQUEST that is kept. */
static int
guard_ask(struct client *c, const struct named *paths)
{
	struct imsg_paths	 msg;
	uint8_t			*text = c->filter->head;
	struct iovec		 iov[2] = { { &msg, sizeof(msg) },
				    { text, 0 } };
	size_t			 i, n;

	_Static_assert(NAMED_MAX <= PATHS_MAX, "paths of a message");
	_Static_assert(sizeof(c->filter->head) >= PATHS_TEXT_MAX, "buffer");
	for (i = 0; i < paths->n; i++, iov[1].iov_len += n) {
		n = strlen(paths->text[i]) + 1;
		if (n > PATHS_TEXT_MAX - iov[1].iov_len)
			return (-1);
		memcpy(text + iov[1].iov_len, paths->text[i], n);
	}
	msg.n = (uint32_t)paths->n;
	msg.len = (uint32_t)iov[1].iov_len;
	return (lookup_paths(c, iov, 2));
}

/* One question at a time; when none is left the request goes on. */
static void
guard_next(struct client *c)
{
	struct guard	*g = c->x->guard;
	int		 r;

	free(g->volume);
	g->volume = NULL;
	if (g->network != NULL)
		r = lookup_named(c, LOOK_NETWORK, g->network);
	else if ((g->volume = named_take(&g->volumes)) != NULL)
		r = lookup_named(c, LOOK_VOLUME, g->volume);
	else if (g->paths.n != 0)
		r = guard_ask(c, &g->paths);
	else {
		ask_go(c);
		return;
	}
	if (r == -1)
		exchange_refuse(c, 503, "too much under way, or too many "
		    "paths at once");
}

/* True: it was refused.  "mode audit" only says so. */
static bool
guard_forbid(struct client *c, const char *why)
{
	if (c->x->audited) {
		access_audit(c, why);
		return (false);
	}
	exchange_refuse(c, 403, why);
	return (true);
}

static bool
guard_judge(struct client *c, const char *text, size_t len)
{
	struct exchange		*x = c->x;
	struct guard		*g = x->guard;
	struct body_result	 res;

	if (g->made) {
		if (body_existing_path(x->profile, g->volume, text, len,
		    &g->paths) == 0)
			return (true);
		guard_failed(c, 502);
		return (false);
	}
	if (body_existing(x->profile, g->volume, text, len, &g->paths,
	    &res) == 0)
		return (true);
	if (res.status == 403)
		return (!guard_forbid(c, res.reason));
	exchange_refuse(c, res.status, res.reason);
	return (false);
}

/* One that is not there is made by the daemon, as a plain local one. */
static void
guard_volume(struct client *c, bool found, const char *text, size_t len)
{
	if (!found || guard_judge(c, text, len))
		guard_next(c);
}

/* By its name, and the engine gets its id: what is judged is what is joined. */
static int
guard_network_judge(struct client *c, const char *text, size_t len)
{
	struct guard		*g = c->x->guard;
	struct body_result	 res;
	char			*id, *name;
	int			 ret;

	if (network_parse(&id, &name, text, len) == -1) {
		guard_failed(c, 502);
		return (-1);
	}
	ret = body_joins(c->x->profile, g->network, name, &res);
	if (ret == -1 && (res.status != 403 || guard_forbid(c, res.reason))) {
		if (res.status != 403)
			exchange_refuse(c, res.status, res.reason);
	} else if ((ret = ask_rename(c, id)) == -1)
		exchange_refuse(c, 503, "out of memory");
	free(id);
	free(name);
	return (ret);
}

static void
guard_network(struct client *c, bool found, const char *text, size_t len)
{
	struct guard	*g = c->x->guard;

	if (!found) {
		snprintf(c->filter->why, sizeof(c->filter->why),
		    "network %.128s not found", g->network);
		exchange_refuse(c, 404, c->filter->why);
		return;
	}
	if (guard_network_judge(c, text, len) == -1)
		return;
	free(g->network);
	g->network = NULL;
	guard_next(c);
}

/* The network is asked about before the volumes. */
void
guard_object(struct client *c, bool found, const char *text, size_t len)
{
	if (c->x->guard->network != NULL)
		guard_network(c, found, text, len);
	else
		guard_volume(c, found, text, len);
}

/* All of them are free of links, or the first that is not. */
void
guard_checked(struct client *c, const struct imsg_checked *msg)
{
	struct guard	*g = c->x->guard;
	char		*why = c->filter->why;
	const char	*what;
	int		 error = (int)msg->error;

	if (error == ELOOP)
		what = "there is a symbolic link in it";
	else if (error == ENOENT)
		what = "the directory that is allowed is not seen here "
		    "(set bind-check)";
	else
		what = strerror(error);
	if (error != 0) {
		snprintf(why, sizeof(c->filter->why), "Forbidden - bind mount "
		    "of %.256s is not allowed: %s", msg->index < g->paths.n ?
		    g->paths.text[msg->index] : "a path", what);
		if (guard_forbid(c, why))
			return;
	}
	named_free(&g->paths);
	guard_next(c);
}

void
guard_failed(struct client *c, int status)
{
	struct guard	*g = c->x->guard;

	if (g->volume != NULL)
		snprintf(c->filter->why, sizeof(c->filter->why), "the Docker "
		    "engine does not say what the volume %.128s is",
		    g->volume);
	else if (g->network != NULL)
		snprintf(c->filter->why, sizeof(c->filter->why), "the Docker "
		    "engine does not say what the network %.128s is",
		    g->network);
	else
		snprintf(c->filter->why, sizeof(c->filter->why), "the paths "
		    "that are mounted could not be checked");
	exchange_refuse(c, status, c->filter->why);
}
