/* SPDX-License-Identifier: ISC */

/*
 * What a filter may say, and when: the table is the protocol.  A message
 * that is not in it, has another length, brings a descriptor where none is
 * due or comes in another state breaks the protocol, and that ends the
 * filter.
 */

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <bsd/string.h>

#include "../parent/control.h"
#include "../parent/logging.h"
#include "../parent/parent.h"
#include "../parent/paths.h"

#define LOG_TEXT_MAX	4096

/* States as a set. */
#define IN_START	(1U << FILTER_START)
#define IN_CONF		(1U << FILTER_CONF)
#define IN_RUN		(1U << FILTER_RUN)

enum wants_fd {
	FD_NEVER,
	FD_MAY,
	FD_MUST
};

typedef int handler(struct filter *, struct imsg *, const char **);

static handler	 on_ready, on_conf_done, on_request, on_bodyend, on_credit,
		 on_handover, on_done, on_abort, on_log, on_peer, on_paths,
		 on_alive, on_stats, on_clients;

static const struct {
	size_t		 min;
	size_t		 max;
	enum wants_fd	 fd;
	unsigned int	 states;
	handler		*fn;
} table[IMSG_MAX] = {
	[IMSG_READY] = { sizeof(struct imsg_ready), sizeof(struct imsg_ready),
	    FD_NEVER, IN_START, on_ready },
	[IMSG_CONF_DONE] = { sizeof(struct imsg_conf_done),
	    sizeof(struct imsg_conf_done), FD_NEVER, IN_CONF | IN_RUN,
	    on_conf_done },
	[IMSG_REQUEST] = { sizeof(struct imsg_request), IMSG_DATA_MAX,
	    FD_MAY, IN_RUN, on_request },
	[IMSG_BODYEND] = { 0, 0, FD_NEVER, IN_RUN, on_bodyend },
	[IMSG_CREDIT] = { sizeof(struct imsg_credit),
	    sizeof(struct imsg_credit), FD_NEVER, IN_RUN, on_credit },
	[IMSG_HANDOVER] = { 0, EARLY_MAX, FD_MUST, IN_RUN, on_handover },
	[IMSG_DONE] = { sizeof(struct imsg_done), sizeof(struct imsg_done),
	    FD_NEVER, IN_RUN, on_done },
	[IMSG_ABORT] = { 0, 0, FD_NEVER, IN_RUN, on_abort },
	[IMSG_LOG] = { sizeof(struct imsg_log),
	    sizeof(struct imsg_log) + LOG_TEXT_MAX, FD_NEVER,
	    IN_START | IN_CONF | IN_RUN, on_log },
	[IMSG_ACCESS] = { sizeof(struct imsg_access),
	    sizeof(struct imsg_access) + ACCESS_TEXT_MAX, FD_NEVER, IN_RUN,
	    access_record },
	[IMSG_TRACE] = { sizeof(struct imsg_trace),
	    sizeof(struct imsg_trace) + LOG_TEXT_MAX, FD_NEVER, IN_RUN,
	    explain_trace },
	[IMSG_PEER] = { sizeof(struct imsg_peer), sizeof(struct imsg_peer),
	    FD_MUST, IN_RUN, on_peer },
	[IMSG_PATHS] = { sizeof(struct imsg_paths) + 2,
	    sizeof(struct imsg_paths) + PATHS_TEXT_MAX, FD_NEVER, IN_RUN,
	    on_paths },
	[IMSG_ALIVE] = { 0, 0, FD_NEVER, IN_RUN, on_alive },
	[IMSG_CLIENTS] = { sizeof(struct imsg_listed),
	    sizeof(struct imsg_listed) + LIST_MAX * sizeof(struct imsg_client),
	    FD_NEVER, IN_RUN, on_clients },
	[IMSG_STATS] = { 0, 0, FD_NEVER, IN_RUN, on_stats },
};

int
dispatch(struct filter *f, struct imsg *imsg, const char **why)
{
	uint32_t	 type = imsg_get_type(imsg);
	size_t		 len = imsg_get_len(imsg);

	*why = "unknown message";
	if (type >= IMSG_MAX || table[type].fn == NULL)
		return (-1);
	*why = "message of another length";
	if (len < table[type].min || len > table[type].max)
		return (-1);
	*why = "descriptor where none is due";
	if (imsg->marked && table[type].fd == FD_NEVER)
		return (-1);
	*why = "descriptor missing";
	if (!imsg->marked && table[type].fd == FD_MUST)
		return (-1);
	*why = "message in another state";
	if ((table[type].states & 1U << f->state) == 0)
		return (-1);
	return (table[type].fn(f, imsg, why));
}

static int
on_ready(struct filter *f, struct imsg *imsg, const char **why)
{
	struct imsg_ready	 ready;

	if (imsg_get_data(imsg, &ready, sizeof(ready)) == -1)
		return (-1);
	*why = "filter is another version";
	if (ready.version != PROXYD_IMSG_VERSION)
		return (-1);
	if (ready.confined == 0 && !sandbox_skipped()) {
		*why = "filter is not confined";
		return (-1);
	}
	if (ready.landlock == 0 && !f->parent->said_landlock) {
		f->parent->said_landlock = true;
		log_warnx("landlock: this kernel has none, going on without");
	}
	f->state = FILTER_CONF;
	grant_set(&f->grant, f->listener->profile);
	*why = "its configuration could not be sent";
	return (configure_send(f, true));
}

/*
 * Once when the policy is in force, and once more when no request judged by
 * an older one is left, unless that was so at once.  It need not be the
 * newest: that may be under way.
 */
static int
on_conf_done(struct filter *f, struct imsg *imsg, const char **why)
{
	struct imsg_conf_done	 done;

	if (imsg_get_data(imsg, &done, sizeof(done)) == -1)
		return (-1);
	*why = "configuration of another generation";
	if (done.generation < f->confirmed || done.generation > f->sent)
		return (-1);
	*why = "configuration confirmed twice";
	if (done.generation == f->confirmed && (f->settled ||
	    done.former != 0))
		return (-1);
	f->confirmed = done.generation;
	f->settled = done.former == 0;
	f->lag = 0;
	if (f->settled && f->confirmed == f->parent->generation && !f->retired)
		grant_settle(&f->grant);
	if (f->state == FILTER_RUN)
		return (0);
	f->state = FILTER_RUN;
	f->answered = true;
	if (f->nrestarts == 0)
		log_info("listening on %s", f->listener->text);
	else
		log_notice("new filter serves %s", f->listener->text);
	return (0);
}

static int
on_request(struct filter *f, struct imsg *imsg, const char **why)
{
	struct asked	 asked;
	struct stat	 st;

	*why = "body that is not a pipe";
	if (imsg->marked && (fstat(imsg->fd, &st) == -1 ||
	    !S_ISFIFO(st.st_mode)))
		return (-1);
	if (grant_check(&f->grant, f->grant.changing ? parent_now() : 0, imsg,
	    &asked, why) == -1)
		return (-1);
	return (request_start(f, imsg_get_id(imsg), &asked,
	    imsg_get_fd(imsg), why));
}

static int
on_bodyend(struct filter *f, struct imsg *imsg, const char **why)
{
	struct request	*req = request_find(f, imsg_get_id(imsg));

	*why = "end of a body that is not chunked";
	if (req == NULL || req->body.kind != BODY_CHUNKED || req->body.end)
		return (-1);
	body_end(req);
	return (0);
}

static int
on_credit(struct filter *f, struct imsg *imsg, const char **why)
{
	struct request		*req = request_find(f, imsg_get_id(imsg));
	struct imsg_credit	 credit;

	if (imsg_get_data(imsg, &credit, sizeof(credit)) == -1)
		return (-1);
	*why = "credit for what was never sent";
	if (req == NULL || credit.bytes > req->inflight)
		return (-1);
	request_credit(req, credit.bytes);
	return (0);
}

/*
 * The client of an upgraded stream, or of a large answer that has begun.
 * Everything else the filter has to carry itself.
 */
static int
on_handover(struct filter *f, struct imsg *imsg, const char **why)
{
	struct request	*req = request_find(f, imsg_get_id(imsg));
	bool		 bulk;

	*why = "handover of a stream that may not be";
	if (req == NULL || req->pump != NULL || req->body.fd != -1)
		return (-1);
	bulk = req->answered && (req->ep->flags & EPF_BULK) != 0;
	if (!req->upgraded && !bulk)
		return (-1);
	*why = "bytes for the engine without an upgrade";
	if (!req->upgraded && imsg->len != 0)
		return (-1);
	if (req->ended)
		return (0);	/* the filter will learn it from END */
	if (pump_start(req, imsg_get_fd(imsg), imsg->data, imsg->len) == -1)
		request_end(req, END_ERROR);
	return (0);
}

static int
on_done(struct filter *f, struct imsg *imsg, const char **why)
{
	struct request		*req = request_find(f, imsg_get_id(imsg));
	struct imsg_done	 done;

	if (imsg_get_data(imsg, &done, sizeof(done)) == -1)
		return (-1);
	*why = "unknown request is done";
	if (req == NULL)
		return (-1);
	request_free(req, done.reusable == 1);
	return (0);
}

static int
on_abort(struct filter *f, struct imsg *imsg, const char **why)
{
	struct request	*req = request_find(f, imsg_get_id(imsg));

	*why = "unknown request is aborted";
	if (req == NULL)
		return (-1);
	request_free(req, false);
	return (0);
}

static int
on_peer(struct filter *f, struct imsg *imsg, const char **why)
{
	struct imsg_peer	 msg;
	char			 id[65];
	bool			 late;
	int			 fd;

	*why = "question that its rules do not ask";
	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    (f->listener->kind != LISTEN_UNIX &&
	    f->parent->explain == NULL) ||
	    grant_peer(&f->grant, parent_now(), &late) == -1)
		return (-1);
	fd = imsg_get_fd(imsg);
	if (f->parent->explain != NULL) {
		if (late || !explain_asker(f, id))
			id[0] = '\0';
	} else if (late || !peer_container(fd, msg.age_usec, id))
		(void)strlcpy(id, "?", sizeof(id));
	close(fd);
	filter_send(f, IMSG_PEER, imsg_get_id(imsg), -1, id, strlen(id));
	return (0);
}

/* A retired listener has no profile, and no path is allowed then. */
static int
on_paths(struct filter *f, struct imsg *imsg, const char **why)
{
	struct imsg_paths	 msg;
	struct imsg_checked	 checked;
	const char		*text;

	*why = "paths that are not to be checked";
	if (!f->parent->conf->bind_check)
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	text = (const char *)imsg->data + sizeof(msg);
	*why = "paths out of their grammar";
	if (msg.len != imsg->len - sizeof(msg) ||
	    !paths_ok(text, msg.len, msg.n))
		return (-1);
	memset(&checked, 0, sizeof(checked));
	for (; checked.index < msg.n; checked.index++) {
		if (f->parent->explain != NULL)
			explain_path(f, text);
		else
			checked.error = (uint32_t)paths_check(
			    f->listener->profile, text);
		if (checked.error != 0)
			break;
		text += strlen(text) + 1;
	}
	filter_send(f, IMSG_PATHS, imsg_get_id(imsg), -1, &checked,
	    sizeof(checked));
	return (0);
}

/* Text of a confined process: clamped, and made printable once more. */
static int
on_log(struct filter *f, struct imsg *imsg, const char **why)
{
	struct imsg_log	 head;
	const char	*text = (const char *)imsg->data + sizeof(head);
	/* static: gcc would zero it for every line */
	static char	 line[LOG_TEXT_MAX * 4 + 1];

	*why = "log text of another length";
	memcpy(&head, imsg->data, sizeof(head));
	if (head.len != imsg->len - sizeof(head))
		return (-1);
	if (head.priority < LOG_ERR || head.priority > LOG_DEBUG)
		head.priority = LOG_ERR;
	if (!log_printable(text, head.len)) {
		log_vis(line, sizeof(line), text, head.len);
		text = line;
		head.len = (uint32_t)strlen(line);
	}
	logging_filter(f, (int)head.priority, text, head.len);
	return (0);
}

/* For the watchdog; see notify.c. */
static int
on_alive(struct filter *f, struct imsg *imsg, const char **why)
{
	*why = "answer that nobody asked for";
	if (!f->asked)
		return (-1);
	f->asked = false;
	f->answered = true;
	return (0);
}

static int
on_stats(struct filter *f, struct imsg *imsg, const char **why)
{
	struct stats_total	 total;

	*why = "question that no client of it asks";
	if (!f->listener->metrics)
		return (-1);
	/* An honest filter has one question open; an answer is large. */
	*why = "asked again before the answer left";
	if (imsgbuf_queuelen(&f->ib) > QUEUE_HIGH)
		return (-1);
	stats_sum(f->parent, &total);
	filter_send(f, IMSG_STATS, imsg_get_id(imsg), -1, &total,
	    sizeof(total));
	return (0);
}

static int
on_clients(struct filter *f, struct imsg *imsg, const char **why)
{
	return (list_page(f, imsg, why));
}
