/* SPDX-License-Identifier: ISC */

/*
 * The engine's answer: its head is parsed to keep the client's connection
 * alive and to give it a truthful end, its body is passed on as it comes.
 * Nothing is held back: what one read gave leaves at once.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../filter/filter.h"

#define HANDOVER_MIN	(24U * 1024)	/* a larger answer goes to the pump */
#define JOIN_MAX	(8U * 1024)	/* sent in one piece with its head */
#define RUNS_MAX	16		/* decoded runs written at once */

static bool	 answer_parse(struct client *, const uint8_t **, size_t *);
static bool	 answer_mode(struct client *);
static bool	 answer_whole(const struct client *, size_t);
static void	 answer_body(struct client *, const uint8_t *, size_t, char *,
		    size_t);
static size_t	 body_take(struct exchange *, const uint8_t *, size_t,
		    struct iovec *, int *);
static void	 body_join(struct iovec *, int *, const char *);
static void	 answer_bad(struct client *, const char *);
static bool	 answer_hands_over(const struct client *);
static void	 answer_handover(struct client *);

void
answer_data(struct client *c, const uint8_t *data, size_t len)
{
	struct exchange	*x = c->x;
	char		*head = (char *)c->filter->head;
	bool		 fresh;
	int		 n = 0;

	x->uncredited += (uint32_t)len;
	if (c->eof && c->deadline != 0)
		c->deadline = c->filter->now + HALF_SECS;
	else if (x->bmode == BM_NONE)
		c->deadline = 0;
	fresh = x->amode == AM_HEAD;
	if (fresh) {
		if (x->ahead.len != 0) {
			if (buf_add(&x->ahead, data, len) == -1) {
				client_free(c);
				return;
			}
			data = x->ahead.data + x->ahead.off;
			len = x->ahead.len;
		}
		if (!answer_parse(c, &data, &len))
			return;
		n = answer_head(c, head, SCRATCH_SIZE, answer_whole(c, len));
		if (n == -1) {
			answer_bad(c, "head too long");
			return;
		}
	}
	answer_body(c, data, len, head, (size_t)n);
	if (fresh && c->x == x)
		buf_free(&x->ahead);
}

/*
 * The head, past any 1xx.  True: it is complete, data and len are what comes
 * behind it.  False: wait for more, or the exchange is over.
 */
static bool
answer_parse(struct client *c, const uint8_t **data, size_t *len)
{
	struct http_response	*an = &c->filter->answer;
	struct exchange		*x = c->x;
	int			 n;

	for (;;) {
		n = http_response_parse(an, (const char *)*data, *len,
		    &x->aseen);
		if (n == HTTP_BAD || (n == HTTP_INCOMPLETE &&
		    *len >= ANSWER_HEAD_MAX)) {
			answer_bad(c, "answer is not HTTP/1.1");
			return (false);
		}
		if (n == HTTP_INCOMPLETE) {
			if (x->ahead.len == 0 && *len > 0 &&
			    buf_add(&x->ahead, *data, *len) == -1)
				client_free(c);
			else
				answer_drained(c);
			return (false);
		}
		x->aseen = 0;
		if (an->status == 101 && (an->minor != 1 || x->interim)) {
			answer_bad(c, "upgrade in a form that is unknown");
			return (false);
		}
		*data += n;
		*len -= (size_t)n;
		if (an->status >= 200 || an->status == 101)
			break;
		x->interim = true;
		if (x->ahead.len != 0)
			buf_drop(&x->ahead, (size_t)n);
	}
	if (!answer_mode(c)) {
		answer_bad(c, "upgrade that nobody asked for");
		return (false);
	}
	return (true);
}

/* How the body is framed, RFC 9112 section 6.3. False: impossible. */
static bool
answer_mode(struct client *c)
{
	struct http_response	*an = &c->filter->answer;
	struct exchange		*x = c->x;

	x->status = an->status;
	/* HEAD is asked as GET where the engine knows only that. */
	x->reusable = an->keepalive && x->method == x->ep->method;
	if (an->status == 101) {
		if (x->ep->upgrade == UPGRADE_NONE)
			return (false);
		x->amode = AM_TUNNEL;
		x->keepalive = false;
		return (true);
	}
	if (!http_response_has_body(an, x->method == METHOD_HEAD))
		x->amode = AM_NONE;
	else if (an->chunked) {
		x->amode = AM_CHUNKED;
		x->dechunk = x->http == 0;
	} else if (an->has_length) {
		x->amode = an->length == 0 ? AM_NONE : AM_LENGTH;
		x->aleft = an->length;
	} else
		x->amode = AM_CLOSE;
	/* An upgrade that failed: what the client sent early is no request. */
	if (x->amode == AM_CLOSE || x->dechunk ||
	    x->ep->upgrade != UPGRADE_NONE || x->bmode != BM_NONE ||
	    c->filter->draining)
		x->keepalive = false;
	return (true);
}

/* Is all of the body in these len bytes? (a chunked one: nearly always) */
static bool
answer_whole(const struct client *c, size_t len)
{
	const struct exchange	*x = c->x;

	return (x->amode == AM_NONE ||
	    (x->amode == AM_LENGTH && x->aleft <= len));
}

/*
 * Bytes of the body among len: put into iov, framing included unless it is
 * taken off for an HTTP/1.0 client.  Returns the bytes that belonged to the
 * answer; amode is AM_DONE when it is complete.
 */
static size_t
body_take(struct exchange *x, const uint8_t *data, size_t len,
    struct iovec *iov, int *niov)
{
	const char	*run;
	size_t		 used = 0, runlen;
	ssize_t		 n;

	switch (x->amode) {
	case AM_LENGTH:
		used = len < x->aleft ? len : (size_t)x->aleft;
		x->aleft -= used;
		if (x->aleft == 0)
			x->amode = AM_DONE;
		break;
	case AM_CHUNKED:
		while (used < len && !x->achunk.done && *niov < RUNS_MAX) {
			n = http_chunk_decode(&x->achunk,
			    (const char *)data + used, len - used, &run,
			    &runlen);
			if (n <= 0)
				return (SIZE_MAX);
			used += (size_t)n;
			if (x->dechunk && runlen > 0) {
				iov[*niov].iov_base = (void *)(uintptr_t)run;
				iov[(*niov)++].iov_len = runlen;
			}
		}
		if (x->achunk.done)
			x->amode = AM_DONE;
		if (x->dechunk)
			return (used);
		break;
	case AM_CLOSE:
	case AM_TUNNEL:
		used = len;
		break;
	case AM_HEAD:
	case AM_NONE:
	case AM_DONE:
		x->amode = AM_DONE;
		return (0);
	}
	iov[*niov].iov_base = (void *)(uintptr_t)data;
	iov[(*niov)++].iov_len = used;
	return (used);
}

/*
 * A head and a small body become one piece: to copy it costs less than
 * sendmsg(2) costs more than send(2).  The head's buffer has room for both.
 */
static void
body_join(struct iovec *iov, int *niov, const char *head)
{
	if (*niov != 2 || iov[0].iov_base != head ||
	    iov[1].iov_len > JOIN_MAX ||
	    iov[0].iov_len > SCRATCH_SIZE - JOIN_MAX)
		return;
	memcpy((char *)iov[0].iov_base + iov[0].iov_len, iov[1].iov_base,
	    iov[1].iov_len);
	iov[0].iov_len += iov[1].iov_len;
	*niov = 1;
}

static void
answer_body(struct client *c, const uint8_t *data, size_t len, char *head,
    size_t headlen)
{
	struct exchange	*x = c->x;
	struct iovec	 iov[RUNS_MAX + 2];
	size_t		 used, i;
	int		 niov = 0;

	do {
		niov = 0;
		if (headlen != 0) {
			iov[0].iov_base = head;
			iov[niov++].iov_len = headlen;
			headlen = 0;
		}
		used = body_take(x, data, len, iov, &niov);
		if (used == SIZE_MAX) {
			answer_bad(c, "chunks malformed");
			return;
		}
		for (i = 0; i < (size_t)niov; i++)
			x->down += iov[i].iov_base == head ? 0 :
			    iov[i].iov_len;
		data += used;
		len -= used;
		x->begun = true;
		body_join(iov, &niov, head);
		if (niov > 0 && client_write(c, iov, niov) == -1)
			return;
	} while (len > 0 && x->amode != AM_DONE);
	if (x->amode == AM_DONE || x->amode == AM_NONE) {
		if (len > 0)
			x->reusable = false;
		exchange_done(c);
	} else if (c->out.len == 0)
		answer_drained(c);
}

/*
 * What the engine said cannot be passed on: a 502 if the client has heard
 * nothing yet, otherwise the connection is cut, so that it does not take
 * what it has for the whole.
 */
static void
answer_bad(struct client *c, const char *why)
{
	struct exchange	*x = c->x;
	char		 text[128];

	log_warnx("engine's answer to %s: %s", x->ep->name, why);
	x->reusable = false;
	if (x->begun) {
		client_free(c);
		return;
	}
	snprintf(text, sizeof(text), "Docker Engine: %s", why);
	reply_error(c, 502, text, true);
}

void
answer_drained(struct client *c)
{
	struct exchange		*x = c->x;
	struct imsg_credit	 credit;
	struct iovec		 iov = { &credit, sizeof(credit) };
	bool			 lockstep;

	if (x->id == 0 || x->handed || c->out.len != 0)
		return;
	if (answer_hands_over(c)) {
		answer_handover(c);
		return;
	}
	lockstep = x->ep->upgrade != UPGRADE_NONE ||
	    (x->ep->flags & EPF_BULK) != 0;
	if (x->uncredited < (lockstep ? 1 : DATA_WINDOW / 4))
		return;
	credit.bytes = x->uncredited;
	x->uncredited = 0;
	if (channel_send(c->filter, IMSG_CREDIT, x->id, -1, &iov, 1,
	    false) == -1)
		client_free(c);
}

/* A tunnel, or an answer whose rest needs nobody to look at it. */
static bool
answer_hands_over(const struct client *c)
{
	const struct exchange	*x = c->x;

	if (x->amode == AM_TUNNEL)
		return (true);
	return ((x->ep->flags & EPF_BULK) != 0 && !x->dechunk &&
	    x->bmode == BM_NONE && x->down >= HANDOVER_MIN &&
	    (x->amode == AM_LENGTH || x->amode == AM_CHUNKED ||
	    x->amode == AM_CLOSE));
}

static void
answer_handover(struct client *c)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;
	struct iovec	 iov;
	size_t		 len = 0;
	int		 fd = c->fd;

	if (x->amode == AM_TUNNEL) {
		if ((len = c->in.len) > EARLY_MAX) {
			client_free(c);	/* never some of it */
			return;
		}
		x->up += len;
		if (x->ep->upgrade == UPGRADE_H2C)
			log_warnx("%s %s: tunnel opened, nothing inside is "
			    "judged", c->name, x->ep->name);
	}
	iov.iov_base = c->in.data + c->in.off;
	iov.iov_len = len;
	/* Out of epoll before the parent has it: the file lives on there. */
	client_reading(c, false);
	event_del(&c->wev);
	c->fd = -1;
	c->deadline = 0;
	x->handed = true;
	if (channel_send(f, IMSG_HANDOVER, x->id, fd, &iov, len > 0 ? 1 : 0,
	    false) == -1) {
		client_free(c);
		return;
	}
	buf_free(&c->in);
}

void
answer_end(struct client *c, const struct imsg_end *end)
{
	struct exchange	*x = c->x;

	x->reusable = false;
	if (x->handed) {
		/* The parent has counted these. */
		x->told_down += end->down;
		x->told_up += end->up;
		x->down += end->down;
		x->up += end->up;
		exchange_done(c);
		return;
	}
	switch (x->amode) {
	case AM_HEAD:
		if (end->reason == END_KILLED)
			reply_error(c, 503, "ended by the administrator",
			    x->bmode != BM_NONE);
		else if (end->reason == END_BODY)
			reply_error(c, 400, "request body was cut short",
			    true);
		else
			reply_error(c, 502, "Docker Engine closed the "
			    "connection before it answered",
			    x->bmode != BM_NONE);
		break;
	case AM_CLOSE:
		if (end->reason == END_EOF) {
			exchange_done(c);
			break;
		}
		client_free(c);
		break;
	case AM_TUNNEL:
		exchange_done(c);
		break;
	case AM_NONE:
	case AM_LENGTH:
	case AM_CHUNKED:
	case AM_DONE:
		/* Cut short: the client must see that. */
		if (end->reason == END_KILLED)
			log_warnx("%s %s: ended by proxyctl", c->name,
			    x->ep->name);
		else
			log_warnx("%s %s: Docker Engine closed the "
			    "connection in the middle of its answer", c->name,
			    x->ep->name);
		client_free(c);
		break;
	}
}

void
answer_refused(struct client *c, const struct imsg_refused *refused)
{
	struct exchange	*x = c->x;
	const char	*why;
	int		 status;

	x->reusable = false;
	why = reply_refusal(refused, &status);
	reply_error(c, status, why, x->bmode != BM_NONE);
}

void
answer_silent(struct client *c)
{
	struct exchange	*x = c->x;
	char		 why[80];

	x->reusable = false;
	snprintf(why, sizeof(why), "Docker Engine is silent: no answer within "
	    "%u seconds", x->profile->limits.answer_secs);
	reply_error(c, 502, why, x->bmode != BM_NONE);
}
