/* SPDX-License-Identifier: ISC */

/*
 * Look-ups before a verdict.  The parent says which container a process
 * behind a unix socket belongs to; the engine says what a container is
 * called and labelled, by an inspect of our own that the parent lets
 * through.  The request that waits is judged on the full id and goes to the
 * engine with it, so that short ids, renames and links cannot make it mean
 * another container than the one that was judged.
 */

#include "../filter/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/filter.h"

#define LOOKUP_SECS	30		/* for the engine to answer */
#define LOOKUP_MAX	(4U * 1024 * 1024)	/* of an inspect's answer */

struct lookup {
	enum lookup_stage stage;
	uint32_t	 id;		/* with the parent, 0: none */
	int		 status;	/* of a failure, 0: none */
	const char	*reason;
	enum known	 target_known;
	enum known	 asker_known;
	struct container target;
	struct container asker;
	/* the answer */
	struct buf	 raw;		/* an incomplete head */
	size_t		 seen;
	bool		 begun;		/* its head is complete */
	int		 code;		/* its status */
	bool		 chunked;
	bool		 keepalive;
	bool		 has_length;
	uint64_t	 length;
	struct http_chunk chunk;
	struct buf	 body;
};

static int	 lookup_parent(struct client *, enum lookup_stage,
		    enum imsg_type, int, const struct iovec *, int);
static bool	 lookup_of_parent(const struct lookup *);
static int	 lookup_inspect(struct client *, enum lookup_stage,
		    const char *, const char *, size_t);
static int	 lookup_ask_peer(struct client *);
static void	 lookup_release(struct client *, bool, bool);
static void	 lookup_resume(struct client *);
static void	 lookup_fail(struct client *, int, const char *);
static ssize_t	 lookup_head(struct client *, const uint8_t *, size_t);
static int	 lookup_body(struct lookup *, const char *, size_t);
static bool	 lookup_complete(const struct lookup *);
static void	 lookup_done(struct client *);

bool
lookup_busy(const struct client *c)
{
	return (c->look != NULL && c->look->stage != LOOK_IDLE);
}

bool
lookup_owns(const struct client *c, uint32_t id)
{
	return (c->look != NULL && c->look->id == id && id != 0);
}

/* Over TCP there is no process to ask about. */
void
lookup_facts(const struct client *c, struct facts *facts)
{
	if (c->look == NULL) {
		facts->target_known = KNOWN_NOT;
		facts->asker_known = KNOWN_NOT;
		if (c->filter->kind != LISTEN_UNIX)
			facts->asker_known = KNOWN_NONE;
		return;
	}
	facts->target_known = c->look->target_known;
	facts->target = &c->look->target;
	facts->asker_known = c->look->asker_known;
	facts->asker = &c->look->asker;
}

bool
lookup_failed(const struct client *c, int *status, const char **reason)
{
	if (c->look == NULL || c->look->status == 0)
		return (false);
	*status = c->look->status;
	*reason = c->look->reason;
	return (true);
}

const char *
lookup_target(const struct client *c)
{
	return (c->look != NULL && c->look->target_known == KNOWN_YES ?
	    c->look->target.id : NULL);
}

const struct container *
lookup_container(const struct client *c)
{
	return (lookup_target(c) == NULL ? NULL : &c->look->target);
}

bool
lookup_missing(const struct client *c)
{
	return (c->look != NULL && c->look->target_known == KNOWN_NONE);
}

static int
lookup_have(struct client *c)
{
	if (c->look == NULL)
		c->look = calloc(1, sizeof(*c->look));
	return (c->look == NULL ? -1 : 0);
}

int
lookup_start(struct client *c, enum need need, bool exec, const char *arg,
    size_t len)
{
	int	 r;

	if (lookup_have(c) == -1)
		return (-1);
	if (c->filter->kind != LISTEN_UNIX)
		c->look->asker_known = KNOWN_NONE;
	c->look->status = 0;
	if (need == NEED_ASKER)
		r = lookup_ask_peer(c);
	else
		r = lookup_inspect(c, exec ? LOOK_EXEC : LOOK_TARGET, exec ?
		    "exec/inspect" : "containers/inspect", arg, len);
	if (r == 0)
		c->deadline = c->filter->now + LOOKUP_SECS;
	return (r);
}

int
lookup_named(struct client *c, enum lookup_stage stage, const char *name)
{
	return (lookup_have(c) == -1 ? -1 : lookup_inspect(c, stage,
	    stage == LOOK_NETWORK ? "networks/inspect" : "volumes/inspect",
	    name, strlen(name)));
}

int
lookup_paths(struct client *c, const struct iovec *iov, int niov)
{
	return (lookup_have(c) == -1 ? -1 : lookup_parent(c, LOOK_PATHS,
	    IMSG_PATHS, -1, iov, niov));
}

/* A question to the parent itself; fd is taken in any case. */
static int
lookup_parent(struct client *c, enum lookup_stage stage, enum imsg_type type,
    int fd, const struct iovec *iov, int niov)
{
	struct filter	*f = c->filter;

	if ((c->look->id = channel_id(f, c)) == 0) {
		if (fd != -1)
			close(fd);
		return (-1);
	}
	if (channel_send(f, type, c->look->id, fd, iov, niov, false) == -1) {
		channel_forget(f, c->look->id);
		c->look->id = 0;
		return (-1);
	}
	c->look->stage = stage;
	return (0);
}

static int
lookup_inspect(struct client *c, enum lookup_stage stage, const char *op,
    const char *arg, size_t len)
{
	struct lookup	*look = c->look;

	look->seen = 0;
	look->begun = false;
	memset(&look->chunk, 0, sizeof(look->chunk));
	if ((look->id = ask_lookup(c, op, arg, len)) == 0)
		return (-1);
	look->stage = stage;
	return (0);
}

static int
lookup_ask_peer(struct client *c)
{
	struct imsg_peer	 msg;
	struct iovec		 iov = { &msg, sizeof(msg) };
	int			 fd;

	if ((fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (-1);
	memset(&msg, 0, sizeof(msg));
	msg.age_usec = filter_usec() - c->since;
	return (lookup_parent(c, LOOK_PEER, IMSG_PEER, fd, &iov, 1));
}

/* It is asked itself, and forgets at once. */
static bool
lookup_of_parent(const struct lookup *look)
{
	return (look->stage == LOOK_PEER || look->stage == LOOK_PATHS);
}

/* The parent knows of inspects. */
static void
lookup_release(struct client *c, bool aborted, bool reusable)
{
	struct lookup	*look = c->look;

	if (look->id != 0) {
		if (lookup_of_parent(look))
			channel_forget(c->filter, look->id);
		else
			channel_release(c->filter, look->id, aborted,
			    reusable);
	}
	look->id = 0;
	buf_free(&look->raw);
	buf_free(&look->body);
}

/* Judge the request that waits: still unread, or with all of its body. */
static void
lookup_resume(struct client *c)
{
	c->look->stage = LOOK_IDLE;
	if (c->x != NULL) {
		target_known(c);
		return;
	}
	conf_settle(c);
	c->deadline = c->filter->now + c->filter->limits.header_secs;
	if (!c->eof)
		client_reading(c, true);
	client_process(c);
}

static bool
lookup_of_guard(const struct lookup *look)
{
	return (look->stage >= LOOK_VOLUME);
}

static void
lookup_fail(struct client *c, int status, const char *reason)
{
	lookup_release(c, true, false);
	if (lookup_of_guard(c->look)) {
		c->look->stage = LOOK_IDLE;
		guard_failed(c, status);
		return;
	}
	c->look->status = status;
	c->look->reason = reason;
	lookup_resume(c);
}

void
lookup_refused(struct client *c, int status, const char *reason)
{
	lookup_fail(c, status, reason);
}

void
lookup_end(struct client *c)
{
	struct lookup	*look = c->look;

	if (look->begun && !look->chunked && !look->has_length) {
		lookup_done(c);
		return;
	}
	lookup_fail(c, 502, "the Docker engine ended its answer too early");
}

void
lookup_timeout(struct client *c)
{
	lookup_fail(c, 504, "the Docker engine does not say what the "
	    "container is");
}

/* Bytes of the head, 0: more are needed, -1: not HTTP or no memory. */
static ssize_t
lookup_head(struct client *c, const uint8_t *data, size_t len)
{
	struct http_response	*an = &c->filter->answer;
	struct lookup		*look = c->look;
	int			 n;

	if (buf_add(&look->raw, data, len) == -1)
		return (-1);
	n = http_response_parse(an, (const char *)look->raw.data +
	    look->raw.off, look->raw.len, &look->seen);
	if (n == HTTP_BAD || (n == HTTP_INCOMPLETE &&
	    look->raw.len > ANSWER_HEAD_MAX))
		return (-1);
	look->code = an->status;
	look->chunked = an->chunked;
	look->keepalive = an->keepalive;
	look->has_length = an->has_length;
	look->length = an->length;
	return (n);
}

static int
lookup_body(struct lookup *look, const char *data, size_t len)
{
	const char	*run;
	size_t		 runlen;
	ssize_t		 n;

	while (len > 0 && !lookup_complete(look)) {
		run = data;
		runlen = len;
		n = (ssize_t)len;
		if (look->chunked && (n = http_chunk_decode(&look->chunk,
		    data, len, &run, &runlen)) == HTTP_BAD)
			return (-1);
		if (look->body.len + runlen > LOOKUP_MAX ||
		    (runlen > 0 && buf_add(&look->body, run, runlen) == -1))
			return (-1);
		data += n;
		len -= (size_t)n;
	}
	return (0);
}

static bool
lookup_complete(const struct lookup *look)
{
	if (look->chunked)
		return (look->chunk.done);
	return (look->has_length &&
	    look->body.len >= look->length);
}

void
lookup_data(struct client *c, const uint8_t *data, size_t len)
{
	struct lookup		*look = c->look;
	struct imsg_credit	 credit = { (uint32_t)len };
	struct iovec		 iov = { &credit, sizeof(credit) };
	ssize_t			 n = 0;

	if (channel_send(c->filter, IMSG_CREDIT, look->id, -1, &iov, 1,
	    false) == -1)
		fatal("channel");
	if (!look->begun) {
		if ((n = lookup_head(c, data, len)) > 0) {
			look->begun = true;
			data = look->raw.data + look->raw.off + n;
			len = look->raw.len - (size_t)n;
		} else if (n == 0)
			return;
	}
	if (n == -1 || lookup_body(look, (const char *)data, len) == -1) {
		lookup_fail(c, 502, "the Docker engine's answer about the "
		    "container is not understood");
		return;
	}
	buf_free(&look->raw);
	if (lookup_complete(look))
		lookup_done(c);
}

static void
lookup_exec_done(struct client *c, bool found, const char *text, size_t len)
{
	char	 id[65];

	found = found && container_of_exec(id, text, len) == 0;
	lookup_release(c, false, c->look->keepalive);
	if (!found) {
		c->look->target_known = KNOWN_NONE;
		lookup_resume(c);
	} else if (lookup_inspect(c, LOOK_TARGET, "containers/inspect", id,
	    strlen(id)) == -1)
		lookup_fail(c, 503, "too many requests at once");
}

/* The text stays until guard.c has read it; it may ask for the next. */
static void
lookup_guard_done(struct client *c, bool found)
{
	struct buf	 body = c->look->body;

	memset(&c->look->body, 0, sizeof(c->look->body));
	lookup_release(c, false, c->look->keepalive);
	c->look->stage = LOOK_IDLE;
	guard_object(c, found, (const char *)body.data + body.off, body.len);
	buf_free(&body);
}

void
lookup_checked(struct client *c, const struct imsg_checked *msg)
{
	lookup_release(c, false, false);
	c->look->stage = LOOK_IDLE;
	guard_checked(c, msg);
}

/* The whole answer is here. */
static void
lookup_done(struct client *c)
{
	struct lookup		*look = c->look;
	struct container	*ct;
	const char		*text = (const char *)look->body.data +
				    look->body.off;
	bool			 found = look->code == 200;
	bool			 asker = look->stage == LOOK_ASKER;
	enum known		*known;

	if (!found && look->code != 404) {
		lookup_fail(c, 502, "the Docker engine does not say what the "
		    "container is");
		return;
	}
	if (lookup_of_guard(look)) {
		lookup_guard_done(c, found);
		return;
	}
	if (look->stage == LOOK_EXEC) {
		lookup_exec_done(c, found, text, look->body.len);
		return;
	}
	ct = asker ? &look->asker : &look->target;
	known = asker ? &look->asker_known : &look->target_known;
	container_clear(ct);
	*known = found ? KNOWN_YES : KNOWN_NONE;
	if (found && container_parse(ct, text, look->body.len,
	    c->filter->profile->bind_check) == -1) {
		*known = KNOWN_NOT;
		lookup_fail(c, 502, "the Docker engine's answer about the "
		    "container is not understood");
		return;
	}
	lookup_release(c, false, look->keepalive);
	lookup_resume(c);
}

void
lookup_peer(struct client *c, const char *id, size_t len)
{
	lookup_release(c, false, false);
	if (!container_id_ok(id, len)) {
		c->look->asker_known = len == 0 ? KNOWN_NONE : KNOWN_UNSURE;
		lookup_resume(c);
		return;
	}
	if (lookup_inspect(c, LOOK_ASKER, "containers/inspect", id,
	    len) == -1)
		lookup_fail(c, 503, "too many requests at once");
}

void
lookup_forget(struct client *c)
{
	if (c->look == NULL)
		return;
	if (c->look->asker_known != KNOWN_YES) {
		lookup_free(c);
		return;
	}
	container_clear(&c->look->target);
	c->look->target_known = KNOWN_NOT;
	c->look->status = 0;
}

void
lookup_free(struct client *c)
{
	if (c->look == NULL)
		return;
	lookup_release(c, true, false);
	container_clear(&c->look->target);
	container_clear(&c->look->asker);
	free(c->look);
	c->look = NULL;
}
