/* SPDX-License-Identifier: ISC */

/*
 * The configuration on its way to a filter: what its listener's profile
 * says, one message for each rule, condition and allowance, between
 * CONF_BEGIN and CONF_END.
 */

#include "../parent/parent.h"

#include <fcntl.h>
#include <string.h>

static int	 send_begin(struct filter *);
static int	 send_listen(struct filter *);
static int	 send_clients(struct filter *);
static int	 send_texts(struct filter *, enum imsg_type, const void *,
		    size_t, const char *const *, int);
static int	 send_conds(struct filter *, const struct conds *);
static int	 send_rule(struct filter *, const struct rule *);
static int	 send_allow(struct filter *, const struct allow *);

int
configure_send(struct filter *f, bool fresh)
{
	const struct profile	*p = f->listener->profile;
	const struct rule	*rule;
	const struct allow	*allow;
	struct imsg_conf_end	 end;

	f->nconf = 0;
	f->stale = false;
	f->sent = f->parent->generation;
	if (send_begin(f) == -1 || (fresh && send_clients(f) == -1) ||
	    send_conds(f, &f->listener->from) == -1)
		return (-1);
	TAILQ_FOREACH(rule, &p->rules, entry)
		if (send_rule(f, rule) == -1)
			return (-1);
	TAILQ_FOREACH(allow, &p->allows, entry)
		if (send_allow(f, allow) == -1)
			return (-1);
	end.generation = f->parent->generation;
	end.count = f->nconf;
	filter_send(f, IMSG_CONF_END, 0, -1, &end, sizeof(end));
	return (0);
}

static int
send_begin(struct filter *f)
{
	const struct profile	*p = f->listener->profile;
	struct imsg_conf_begin	 begin;

	memset(&begin, 0, sizeof(begin));
	begin.generation = f->parent->generation;
	begin.fromenv = p->fromenv;
	begin.clients = p->limits.clients;
	begin.head = p->limits.head;
	begin.body = p->limits.body;
	begin.header_secs = p->limits.header_secs;
	begin.idle_secs = p->limits.idle_secs;
	begin.body_secs = p->limits.body_secs;
	begin.answer_secs = p->limits.answer_secs;
	begin.audit = p->audit;
	begin.log = p->log;
	begin.bind_check = p->bind_check;
	filter_send(f, IMSG_CONF_BEGIN, 0, -1, &begin, sizeof(begin));
	return (0);
}

/* Where clients come from. */
static int
send_clients(struct filter *f)
{
	return (f->parent->explain == NULL ? send_listen(f) :
	    explain_configure(f));
}

static int
send_listen(struct filter *f)
{
	struct imsg_conf_listen	 msg;
	int			 fd;

	if ((fd = fcntl(f->listener->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (-1);
	memset(&msg, 0, sizeof(msg));
	msg.id = f->listener->id;
	msg.metrics = f->listener->metrics;
	msg.kind = f->listener->kind;
	filter_send(f, IMSG_CONF_LISTEN, 0, fd, &msg, sizeof(msg));
	f->nconf++;
	return (0);
}

/* A payload of a fixed head and strings, whose lengths the head says. */
static int
send_texts(struct filter *f, enum imsg_type type, const void *head,
    size_t headlen, const char *const *text, int n)
{
	struct iovec	 iov[4];
	int		 i;

	iov[0].iov_base = (void *)(uintptr_t)head;
	iov[0].iov_len = headlen;
	for (i = 0; i < n; i++) {
		iov[i + 1].iov_base = (void *)(uintptr_t)text[i];
		iov[i + 1].iov_len = strlen(text[i]);
	}
	f->dirty = true;
	if (imsg_composev(&f->ib, type, 0, 0, -1, iov, n + 1) == -1) {
		log_warn("configuration of %s", f->listener->text);
		return (-1);
	}
	f->nconf++;
	return (0);
}

static int
send_conds(struct filter *f, const struct conds *conds)
{
	const struct cond	*c;
	struct imsg_conf_cond	 msg;
	const char		*text[2];

	TAILQ_FOREACH(c, conds, entry) {
		memset(&msg, 0, sizeof(msg));
		msg.kind = c->kind;
		msg.negated = c->negated;
		msg.group = c->group;
		msg.num = c->num;
		memcpy(msg.addr, c->addr, sizeof(msg.addr));
		msg.family = c->family;
		msg.bits = c->bits;
		msg.key_len = (uint32_t)strlen(c->key);
		msg.text_len = (uint32_t)strlen(c->text);
		text[0] = c->key;
		text[1] = c->text;
		if (send_texts(f, IMSG_CONF_COND, &msg, sizeof(msg), text,
		    2) == -1)
			return (-1);
	}
	return (0);
}

static int
send_rule(struct filter *f, const struct rule *rule)
{
	struct imsg_conf_rule	 msg;
	const char		*text[3];

	text[0] = rule->origin;
	text[1] = rule->hint == NULL ? "" : rule->hint;
	text[2] = rule->label == NULL ? "" : rule->label;
	memset(&msg, 0, sizeof(msg));
	memcpy(msg.ops, rule->ops.bits, sizeof(msg.ops));
	msg.action = rule->action;
	msg.quick = rule->quick;
	msg.log = rule->log;
	msg.audit = rule->audit;
	msg.methods = rule->methods;
	msg.origin_len = (uint32_t)strlen(text[0]);
	msg.hint_len = (uint32_t)strlen(text[1]);
	msg.label_len = (uint32_t)strlen(text[2]);
	if (send_texts(f, IMSG_CONF_RULE, &msg, sizeof(msg), text, 3) == -1)
		return (-1);
	return (send_conds(f, &rule->conds));
}

static int
send_allow(struct filter *f, const struct allow *allow)
{
	struct imsg_conf_allow	 msg;
	const char		*text[2];

	text[0] = allow->text;
	text[1] = allow->origin;
	memset(&msg, 0, sizeof(msg));
	msg.kind = allow->kind;
	msg.text_len = (uint32_t)strlen(text[0]);
	msg.origin_len = (uint32_t)strlen(text[1]);
	msg.num = allow->num;
	msg.dflt = allow->dflt;
	return (send_texts(f, IMSG_CONF_ALLOW, &msg, sizeof(msg), text, 2));
}
