/* SPDX-License-Identifier: ISC */

/*
 * The listener for metrics: two paths of its own, and nothing that could
 * reach the engine.  A scrape asks the parent for the sums and prints them in
 * the text format of Prometheus, version 0.0.4.  Operations that nobody asked
 * for yet have no line; names of others than our own never get one.
 */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/count.h"
#include "../filter/filter.h"
#include "../filter/text.h"

#define TEXT_MAX	(192U * 1024)	/* each operation, each verdict */
#define VALUE(member)	offsetof(struct stats_total, member)

static void	 metrics_ask(struct filter *);
static void	 metrics_answer(struct client *, const char *, const char *,
		    size_t);
static uint64_t	 value_at(const struct stats_total *, size_t);
static void	 text_type(struct text *, const char *, const char *,
		    const char *);
static void	 text_line(struct text *, const char *, const char *,
		    const char *, uint64_t);
static void	 text_usecs(struct text *, uint64_t);

/* One number each, with a label or none. */
static const struct {
	const char	*name;
	const char	*type;		/* NULL: as the line before */
	const char	*label;
	const char	*label_value;
	size_t		 value;
	const char	*help;
} numbers[] = {
	{ "process_start_time_seconds", "gauge", NULL, NULL, VALUE(started),
	    "When proxyd was started, in seconds since the epoch." },
	{ "proxyd_config_generation", "gauge", NULL, NULL, VALUE(generation),
	    "Configurations that were in force since the start." },
	{ "proxyd_config_reloads_total", "counter", "result", "ok",
	    VALUE(reloads), "Reloads of the configuration." },
	{ "proxyd_config_reloads_total", NULL, "result", "error",
	    VALUE(reload_errors), NULL },
	{ "proxyd_listeners", "gauge", NULL, NULL, VALUE(listeners),
	    "Addresses that are configured." },
	{ "proxyd_filters", "gauge", NULL, NULL, VALUE(serving),
	    "Filters that serve theirs." },
	{ "proxyd_filter_restarts_total", "counter", NULL, NULL,
	    VALUE(restarts), "Filters that died and were replaced." },
	{ "proxyd_clients", "gauge", NULL, NULL, VALUE(clients),
	    "Clients that are connected." },
	{ "proxyd_connections_total", "counter", "result", "accepted",
	    VALUE(counts.accepted), "Connections of clients." },
	{ "proxyd_connections_total", NULL, "result", "refused",
	    VALUE(counts.denied), NULL },
	{ "proxyd_requests_in_flight", "gauge", NULL, NULL, VALUE(requests),
	    "Requests that the engine has been asked." },
	{ "proxyd_streams", "gauge", NULL, NULL, VALUE(streams),
	    "Those of them that may last for ever." },
	{ "proxyd_engine_connects_total", "counter", NULL, NULL,
	    VALUE(connects), "Attempts to connect to the engine." },
	{ "proxyd_engine_connect_errors_total", "counter", NULL, NULL,
	    VALUE(connect_errors), "Those of them that failed." },
	{ "proxyd_open_fds", "gauge", NULL, NULL, VALUE(fds),
	    "Descriptors that the parent has open." },
	{ "proxyd_max_fds", "gauge", NULL, NULL, VALUE(maxfds),
	    "Descriptors that it may have open." },
	{ "proxyd_bytes_total", "counter", "direction", "up",
	    VALUE(counts.up), "Bytes of bodies and streams, up: to the "
	    "engine." },
	{ "proxyd_bytes_total", NULL, "direction", "down",
	    VALUE(counts.down), NULL },
	{ "proxyd_audited_refusals_total", "counter", NULL, NULL,
	    VALUE(counts.audited), "Refusals that mode audit let pass." },
	{ "proxyd_log_lines_dropped_total", "counter", NULL, NULL,
	    VALUE(counts.lost), "Lines of the log that were lost." }
};

static bool
target_is(const struct slice *target, const char *path)
{
	size_t	 len = strlen(path);

	return (target->len >= len && memcmp(target->base, path, len) == 0 &&
	    (target->len == len || target->base[len] == '?'));
}

/* For everybody who waits. */
static void
metrics_ask(struct filter *f)
{
	if (!f->asked && channel_send(f, IMSG_STATS, 0, -1, NULL, 0,
	    false) == -1)
		fatal("channel");
	f->asked = true;
}

void
metrics_request(struct client *c)
{
	static const char	 healthy[] = "ok\n";
	struct filter		*f = c->filter;
	struct exchange		*x = c->x;

	x->logged = true;	/* neither that nor counted */
	if (x->method != METHOD_GET && x->method != METHOD_HEAD)
		exchange_refuse(c, 404, "only GET /metrics and "
		    "GET /-/healthy are here");
	else if (x->unread)
		exchange_refuse(c, 400, "a body has no meaning here");
	else if (target_is(&f->http.target, "/-/healthy"))
		metrics_answer(c, "text/plain", healthy, sizeof(healthy) - 1);
	else if (!target_is(&f->http.target, "/metrics"))
		exchange_refuse(c, 404, "only GET /metrics and "
		    "GET /-/healthy are here");
	else {
		x->scrapes = true;
		metrics_ask(f);
	}
}

/* One answer of the parent's is for everybody who waits. */
void
metrics_stats(struct filter *f, const struct stats_total *total)
{
	struct client	*c, *next;
	struct text	 t;
	char		*buf;

	f->asked = false;
	if ((buf = malloc(TEXT_MAX)) == NULL)
		fatal("metrics");
	text_init(&t, buf, TEXT_MAX);
	metrics_print(&t, total);
	for (c = TAILQ_FIRST(&f->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (c->x == NULL || !c->x->scrapes)
			continue;
		c->x->scrapes = false;
		if (text_cut(&t))
			reply_error(c, 503, "too long", true);
		else
			metrics_answer(c, "text/plain; version=0.0.4", buf,
			    t.len);
	}
	free(buf);
}

static void
metrics_answer(struct client *c, const char *type, const char *body,
    size_t len)
{
	struct exchange	*x = c->x;
	struct iovec	 iov[2];
	char		 head[256];
	int		 n;

	x->status = 200;
	n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n"
	    "Content-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", type, len,
	    reply_connection(x));
	iov[0].iov_base = head;
	iov[0].iov_len = (size_t)n;
	iov[1].iov_base = (void *)(uintptr_t)body;
	iov[1].iov_len = x->method == METHOD_HEAD ? 0 : len;
	x->amode = AM_DONE;
	if (client_write(c, iov, 2) == 0)
		exchange_done(c);
}

static uint64_t
value_at(const struct stats_total *total, size_t off)
{
	uint64_t	 value;

	memcpy(&value, (const uint8_t *)total + off, sizeof(value));
	return (value);
}

static void
text_type(struct text *t, const char *name, const char *type,
    const char *help)
{
	text_str(t, "# HELP ");
	text_str(t, name);
	text_str(t, " ");
	text_str(t, help);
	text_str(t, "\n# TYPE ");
	text_str(t, name);
	text_str(t, " ");
	text_str(t, type);
	text_str(t, "\n");
}

/* No value of a label has a byte that would take a backslash. */
static void
text_line(struct text *t, const char *name, const char *label,
    const char *label_value, uint64_t value)
{
	text_str(t, name);
	if (label != NULL) {
		text_str(t, "{");
		text_str(t, label);
		text_str(t, "=\"");
		text_str(t, label_value);
		text_str(t, "\"}");
	}
	text_str(t, " ");
	text_num(t, value, 1);
	text_str(t, "\n");
}

/* As seconds, without zeros at the end. */
static void
text_usecs(struct text *t, uint64_t usecs)
{
	unsigned int	 width = 6;
	uint64_t	 part = usecs % 1000000;

	text_num(t, usecs / 1000000, 1);
	if (part == 0)
		return;
	for (; part % 10 == 0; part /= 10)
		width--;
	text_str(t, ".");
	text_num(t, part, width);
}

static void
print_requests(struct text *t, const struct counts *counts)
{
	static const char	 name[] = "proxyd_requests_total";
	const struct endpoint	*ep;
	uint64_t		 value;
	size_t			 op;
	int			 v;

	text_type(t, name, "counter", "Requests by operation, and what "
	    "became of them.");
	for (op = 0; op < STATS_OPS; op++) {
		ep = op == STATS_NO_OP ? NULL : endpoint_get(op);
		if (ep == NULL && op != STATS_NO_OP)
			continue;
		for (v = 0; v < VERDICT_MAX; v++) {
			if ((value = counts->request[op][v]) == 0)
				continue;
			text_str(t, name);
			text_str(t, "{operation=\"");
			text_str(t, ep == NULL ? "none" : ep->name);
			text_str(t, "\",verdict=\"");
			text_str(t, verdict_name(v));
			text_str(t, "\"} ");
			text_num(t, value, 1);
			text_str(t, "\n");
		}
	}
}

static void
print_duration(struct text *t, const struct counts *counts,
    enum stats_kind kind)
{
	static const char	 name[] = "proxyd_request_duration_seconds";
	static const uint32_t	 bounds[] = STATS_BOUNDS;
	uint64_t		 sum = 0;
	size_t			 i;

	for (i = 0; i < STATS_BUCKETS; i++) {
		sum += counts->bucket[kind][i];
		text_str(t, name);
		text_str(t, "_bucket{kind=\"");
		text_str(t, stats_kind_name(kind));
		text_str(t, "\",le=\"");
		if (i < STATS_BUCKETS - 1)
			text_usecs(t, bounds[i]);
		else
			text_str(t, "+Inf");
		text_str(t, "\"} ");
		text_num(t, sum, 1);
		text_str(t, "\n");
	}
	text_str(t, name);
	text_str(t, "_sum{kind=\"");
	text_str(t, stats_kind_name(kind));
	text_str(t, "\"} ");
	text_usecs(t, counts->usecs[kind]);
	text_str(t, "\n");
	text_str(t, name);
	text_line(t, "_count", "kind", stats_kind_name(kind), sum);
}

void
metrics_print(struct text *t, const struct stats_total *total)
{
	size_t	 i;
	int	 n;

	text_type(t, "proxyd_build_info", "gauge", "The version.");
	text_line(t, "proxyd_build_info", "version", PROXYD_VERSION, 1);
	text_type(t, "proxyd_engine_up", "gauge", "Could the engine be "
	    "connected to, when last tried.");
	text_line(t, "proxyd_engine_up", NULL, NULL,
	    total->engine == ENGINE_UP);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].type != NULL)
			text_type(t, numbers[i].name, numbers[i].type,
			    numbers[i].help);
		text_line(t, numbers[i].name, numbers[i].label,
		    numbers[i].label_value, value_at(total, numbers[i].value));
	}
	text_type(t, "proxyd_refusals_total", "counter", "Requests that "
	    "proxyd answered itself, and why.");
	for (n = 0; n < REFUSAL_MAX; n++)
		text_line(t, "proxyd_refusals_total", "reason",
		    stats_refusal_name(n), total->counts.refusal[n]);
	print_requests(t, &total->counts);
	text_type(t, "proxyd_request_duration_seconds", "histogram",
	    "Time from the head of a request that passed to the end of its "
	    "answer.");
	for (n = 0; n < KIND_MAX; n++)
		print_duration(t, &total->counts, n);
}
