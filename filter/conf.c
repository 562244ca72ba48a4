/* SPDX-License-Identifier: ISC */

/*
 * The policy as it comes from the parent: assembled beside the one in force,
 * and put in its place only when CONF_END says that all of it has arrived.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/filter.h"

static int	 conf_begin(struct filter *, const struct imsg *);
static int	 conf_listener(struct filter *, struct imsg *);
static int	 conf_rule_message(struct filter *, const struct imsg *);
static int	 conf_allow_message(struct filter *, const struct imsg *);
static int	 conf_end(struct filter *, const struct imsg *);
static char	*conf_text(const struct imsg *, size_t, size_t);

int
conf_message(struct filter *f, struct imsg *imsg)
{
	uint32_t	 type = imsg_get_type(imsg);

	if (type == IMSG_CONF_BEGIN)
		return (conf_begin(f, imsg));
	if (f->next == NULL)
		return (-1);
	if (type == IMSG_CONF_END)
		return (conf_end(f, imsg));
	f->count++;
	if (type == IMSG_CONF_LISTEN)
		return (conf_listener(f, imsg));
	if (type == IMSG_CONF_RULE)
		return (conf_rule_message(f, imsg));
	return (conf_allow_message(f, imsg));
}

static int
conf_begin(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_begin	 msg;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 || f->next != NULL)
		return (-1);
	if ((f->next = profile_new("listener")) == NULL)
		fatal("profile");
	f->next->fromenv = msg.fromenv != 0;
	f->nextlimits.clients = msg.clients;
	f->nextlimits.head = msg.head;
	f->nextlimits.body = msg.body;
	f->nextlimits.header_secs = msg.header_secs;
	f->nextlimits.idle_secs = msg.idle_secs;
	f->nextlimits.body_secs = msg.body_secs;
	f->generation = msg.generation;
	f->count = 0;
	return (0);
}

static int
conf_listener(struct filter *f, struct imsg *imsg)
{
	struct imsg_conf_listen	 msg;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 || f->listenfd != -1)
		return (-1);
	f->kind = msg.kind == LISTEN_UNIX ? LISTEN_UNIX : LISTEN_TCP;
	f->listenfd = imsg_get_fd(imsg);
	return (f->listenfd == -1 ? -1 : 0);
}

/* A string of the payload; NULL: it has a NUL inside, or no memory. */
static char *
conf_text(const struct imsg *imsg, size_t off, size_t len)
{
	char	*text;

	if (len > imsg->len || off > imsg->len - len ||
	    memchr(imsg->data + off, '\0', len) != NULL)
		return (NULL);
	if ((text = calloc(1, len + 1)) != NULL)
		memcpy(text, imsg->data + off, len);
	return (text);
}

static int
conf_rule_message(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_rule	 msg;
	struct rule		*rule = NULL;
	char			*origin, *hint;

	if (imsg->len < sizeof(msg))
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	origin = conf_text(imsg, sizeof(msg), msg.origin_len);
	hint = conf_text(imsg, sizeof(msg) + msg.origin_len, msg.hint_len);
	if (origin != NULL && hint != NULL)
		rule = conf_rule(f->next, msg.action == ACTION_PASS ?
		    ACTION_PASS : ACTION_BLOCK, origin,
		    *hint == '\0' ? NULL : hint);
	free(origin);
	free(hint);
	if (rule == NULL)
		return (-1);
	memcpy(rule->ops.bits, msg.ops, sizeof(rule->ops.bits));
	rule->quick = msg.quick != 0;
	return (0);
}

static int
conf_allow_message(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_allow	 msg;
	char			*text, *origin;
	int			 r = -1;

	if (imsg->len < sizeof(msg))
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	if (msg.kind >= ALLOW_KIND_MAX)
		return (-1);
	text = conf_text(imsg, sizeof(msg), msg.text_len);
	origin = conf_text(imsg, sizeof(msg) + msg.text_len, msg.origin_len);
	if (text != NULL && origin != NULL)
		r = conf_allow(f->next, msg.kind, text, origin);
	free(text);
	free(origin);
	return (r);
}

static int
conf_end(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_end	 msg;
	struct iovec		 iov = { &msg, sizeof(msg) };

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    msg.generation != f->generation || msg.count != f->count)
		return (-1);
	profile_compile(f->next);
	profile_free(f->profile);
	f->profile = f->next;
	f->limits = f->nextlimits;
	f->next = NULL;
	return (channel_send(f, IMSG_CONF_DONE, 0, -1, &iov, 1, false));
}
