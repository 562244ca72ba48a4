/* SPDX-License-Identifier: ISC */

/*
 * Archives on their way to the engine.  A header waits here until it is
 * judged; contents go on at once.  The engine is asked when there is something
 * for it.  When an entry is refused the request is broken off: the engine gets
 * no byte of that entry, and never the end that would make what it got look
 * complete.
 */

#include <string.h>

#include <bsd/string.h>

#include "../filter/filter.h"

static bool	 upload_ask(struct client *);
static void	 upload_refuse(struct client *);
static bool	 upload_judged_run(struct client *, const uint8_t *, size_t);

int
upload_watch(struct client *c)
{
	struct exchange	*x = c->x;

	if (!archive_wanted(x->ep, x->profile))
		return (0);
	x->archive = archive_new(x->ep, x->profile);
	return (x->archive == NULL ? -1 : 0);
}

void
upload_unwatch(struct exchange *x)
{
	archive_free(x->archive);
	x->archive = NULL;
	buf_free(&x->unsettled);
}

static bool
upload_ask(struct client *c)
{
	struct exchange	*x = c->x;

	if (x->id != 0)
		return (true);
	if (x->bchunked)
		ask_stream(c, BODY_CHUNKED, 0);
	else
		ask_stream(c, BODY_LENGTH, x->up + x->bleft);
	if (c->dead || x != c->x || x->id == 0)
		return (false);
	c->deadline = c->filter->now + x->profile->limits.body_secs;
	return (true);
}

/* Once the engine's own answer is under way there is no room for ours. */
static void
upload_refuse(struct client *c)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;
	int		 status = x->archive->status;
	char		 why[ARCHIVE_WHY];

	(void)strlcpy(why, x->archive->why, sizeof(why));
	if (x->begun) {
		x->status = status;
		access_log(c, why);
		client_free(c);
		return;
	}
	if (x->id != 0)
		channel_release(f, x->id, true, false);
	x->id = 0;
	upload_stop(x);
	x->bmode = BM_NONE;
	reply_error(c, status, why, true);
}

static bool
upload_hold(struct client *c, const uint8_t *data, size_t len)
{
	if (len == 0 || buf_add(&c->x->unsettled, data, len) == 0)
		return (true);
	client_free(c);
	return (false);
}

/* What waited goes first. */
static bool
upload_judged_run(struct client *c, const uint8_t *data, size_t len)
{
	struct exchange	*x = c->x;
	struct archive	*a = x->archive;
	struct buf	*old = &x->unsettled;
	uint64_t	 before = a->tar.settled;
	struct iovec	 iov[2];
	size_t		 n;
	int		 ret;

	access_audit_begin(c);
	ret = archive_feed(a, data, len);
	access_audit_end();
	if (ret == -1) {
		upload_refuse(c);
		return (false);
	}
	if (a->tar.settled == before)
		return (upload_hold(c, data, len));
	if (!upload_ask(c))
		return (false);
	n = (size_t)(a->tar.settled - before) - old->len;
	iov[0].iov_base = old->data + old->off;
	iov[0].iov_len = old->len;
	iov[1].iov_base = (void *)(uintptr_t)data;
	iov[1].iov_len = n;
	if (!upload_pass(c, old->len == 0 ? iov + 1 : iov,
	    old->len == 0 ? 1 : 2))
		return (false);
	buf_free(old);
	return (upload_hold(c, data + n, len - n));
}

bool
upload_judged(struct client *c, const struct iovec *iov, int niov)
{
	int	 i;

	for (i = 0; i < niov; i++)
		if (!upload_judged_run(c, iov[i].iov_base, iov[i].iov_len))
			return (false);
	return (true);
}

bool
upload_judged_end(struct client *c)
{
	struct exchange	*x = c->x;
	struct iovec	 iov;
	int		 ret;

	access_audit_begin(c);
	ret = archive_finish(x->archive);
	access_audit_end();
	if (ret == -1) {
		upload_refuse(c);
		return (false);
	}
	if (!upload_ask(c))
		return (false);
	iov.iov_base = x->unsettled.data + x->unsettled.off;
	iov.iov_len = x->unsettled.len;
	if (iov.iov_len != 0 && !upload_pass(c, &iov, 1))
		return (false);
	upload_unwatch(x);
	return (true);
}

void
upload_explained(struct client *c, const char *body, size_t len)
{
	struct exchange	*x = c->x;
	int		 ret;

	access_audit_begin(c);
	ret = archive_feed(x->archive, (const uint8_t *)body, len);
	if (ret == 0)
		ret = archive_finish(x->archive);
	access_audit_end();
	if (ret == -1)
		upload_refuse(c);
	else
		ask_go(c);
}
