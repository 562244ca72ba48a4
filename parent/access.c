/* SPDX-License-Identifier: ISC */

/*
 * Records of requests, from a filter to the log.  The filter says what became
 * of a request in numbers and texts; here these get names.  What the filter
 * cannot know better than we do, which listener and which process it was, is
 * not asked of it.
 */

#include <string.h>
#include <syslog.h>

#include "../parent/logging.h"
#include "../parent/parent.h"

#define FIELDS_MAX	24

/* Bytes of a text in an object: all of them fit, see logging.c. */
static const struct {
	const char	*name;
	size_t		 max;
} texts[ACCESS_MAX] = {
	[ACCESS_CLIENT] = { "client", 64 },
	[ACCESS_CONTAINER] = { "container", 64 },
	[ACCESS_PATH] = { "path", 1152 },
	[ACCESS_RULE] = { "rule", 512 },
	[ACCESS_LABEL] = { "label", 256 },
	[ACCESS_REASON] = { "reason", 3072 },
	[ACCESS_FIELD] = { "field", 512 },
	[ACCESS_TRACE] = { "trace_id", 32 },
	[ACCESS_SENT] = { "client_request_id", 64 },
};

struct fields {
	struct log_field	 f[FIELDS_MAX];
	size_t			 n;
};

static void
add_text(struct fields *fs, const char *name, const char *text, size_t len,
    size_t max)
{
	if (len == 0)
		return;
	fs->f[fs->n++] = (struct log_field){ name, text, len, max, 0 };
}

static void
add_word(struct fields *fs, const char *name, const char *word)
{
	add_text(fs, name, word, strlen(word), strlen(word) * 6);
}

static void
add_number(struct fields *fs, const char *name, uint64_t n)
{
	fs->f[fs->n++] = (struct log_field){ name, NULL, 0, 0, n };
}

static void
add_one(struct fields *fs, const struct imsg_access *a,
    const char *const *text, enum access_text which)
{
	add_text(fs, texts[which].name, text[which], a->len[which],
	    texts[which].max);
}

/* Who asked for what. */
static void
add_request(struct fields *fs, const struct imsg_access *a,
    const char *const *text)
{
	const struct endpoint	*ep;

	add_one(fs, a, text, ACCESS_CLIENT);
	if (a->cred != 0) {
		add_number(fs, "uid", a->uid);
		add_number(fs, "pid", a->pid);
	}
	add_one(fs, a, text, ACCESS_CONTAINER);
	add_one(fs, a, text, ACCESS_SENT);
	add_one(fs, a, text, ACCESS_TRACE);
	add_word(fs, "method", method_name(a->method));
	if (a->op != 0 && (ep = endpoint_get(a->op - 1U)) != NULL)
		add_word(fs, "operation", ep->name);
	add_one(fs, a, text, ACCESS_PATH);
}

/* What came of it. */
static void
add_outcome(struct fields *fs, const struct imsg_access *a,
    const char *const *text)
{
	add_word(fs, "verdict", verdict_name((enum verdict)a->verdict));
	add_one(fs, a, text, ACCESS_RULE);
	add_one(fs, a, text, ACCESS_LABEL);
	add_one(fs, a, text, ACCESS_REASON);
	add_one(fs, a, text, ACCESS_FIELD);
	if (a->verdict == VERDICT_AUDIT)
		return;
	add_number(fs, "status", a->status);
	add_number(fs, "bytes_sent", a->sent);
	add_number(fs, "bytes_received", a->received);
	add_number(fs, "duration_us", a->usec);
}

static void
record_fields(struct fields *fs, const struct filter *f,
    const struct imsg_access *a, const char *const *text)
{
	static char	 id[REQID_MAX];

	(void)reqid_print(id, f->process, a->serial);
	add_word(fs, "type", a->verdict == VERDICT_AUDIT ? "audit" :
	    "request");
	add_word(fs, "id", id);
	add_word(fs, "listener", f->listener->text);
	add_request(fs, a, text);
	add_outcome(fs, a, text);
}

/* Is it one of ours? */
static bool
record_ok(const struct imsg_access *a, size_t left)
{
	size_t	 i;

	if (a->verdict >= VERDICT_MAX || a->method > METHOD_OTHER ||
	    a->op > endpoint_count() || a->status > 999 ||
	    a->len[ACCESS_CLIENT] == 0 || a->len[ACCESS_RULE] == 0)
		return (false);
	for (i = 0; i < ACCESS_MAX; i++) {
		if (a->len[i] > left)
			return (false);
		left -= a->len[i];
	}
	return (left == 0);
}

int
access_record(struct filter *f, struct imsg *imsg, const char **why)
{
	const char		*text[ACCESS_MAX], *p;
	static char		 line[ACCESS_TEXT_MAX * 4 + 1];
	struct imsg_access	 a;
	struct fields		 fs = { .n = 0 };
	size_t			 i, len;

	*why = "record that nobody asked for";
	if ((logging_flags() & HELLO_RECORDS) == 0)
		return (-1);
	memcpy(&a, imsg->data, sizeof(a));
	*why = "record of another form";
	if (!record_ok(&a, imsg->len - sizeof(a)))
		return (-1);
	if (a.priority < LOG_ERR || a.priority > LOG_DEBUG)
		a.priority = LOG_ERR;
	p = (const char *)imsg->data + sizeof(a);
	for (i = 0; i < ACCESS_MAX; p += a.len[i++])
		text[i] = p;
	record_fields(&fs, f, &a, text);
	*why = "record with a line that nobody asked for, or without one";
	if ((a.len[ACCESS_LINE] != 0) != ((logging_flags() & HELLO_LINES) != 0))
		return (-1);
	/* Its line is a text of a confined process as any other. */
	log_vis(line, sizeof(line), text[ACCESS_LINE], a.len[ACCESS_LINE]);
	len = strlen(line);
	logging_record((int)a.priority, len == 0 ? NULL : line, len, fs.f,
	    fs.n);
	return (0);
}
