/* SPDX-License-Identifier: ISC */

/*
 * The one request of "proxyd -n -t".  It comes over a connection like any
 * other and is judged by the same code; only who asks is taken from the
 * parent, and what decides is told to it.  A filter that explains never gets
 * a listener, and one that serves never gets here.
 */

#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/filter.h"
#include "../filter/trace.h"

#define TEXT_MAX	1024	/* of a value, or of a reason */

extern struct filter	*filter_self;

static void	 explained_trace(const char *, const char *,
		    const struct allow *, const struct rule *);
static void	 explained_verdict(const struct exchange *, enum trace_kind,
		    int, const char *);

int
explained_message(struct filter *f, struct imsg *imsg)
{
	struct imsg_explain	 msg;
	struct peer		*peer = &f->explained;
	size_t			 len;

	if (!f->explain || f->listenfd != -1 || imsg->len < sizeof(msg))
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	len = msg.ngroups * sizeof(*peer->groups);
	if (imsg->len != sizeof(msg) + len)
		return (-1);
	if ((peer->groups = malloc(len + 1)) == NULL)
		fatal("peer");
	memcpy(peer->groups, imsg->data + sizeof(msg), len);
	memcpy(peer->addr, msg.addr, sizeof(peer->addr));
	peer->ngroups = msg.ngroups;
	peer->family = msg.family;
	peer->cred = msg.cred != 0;
	peer->uid = msg.uid;
	f->kind = peer->cred ? LISTEN_UNIX : LISTEN_TCP;
	f->listenfd = imsg_get_fd(imsg);
	return (f->listenfd == -1 ? -1 : 0);
}

void
explained_start(struct filter *f)
{
	int	 fd = f->listenfd;

	f->listenfd = -1;
	trace_to(explained_trace);
	client_new(f, fd, NULL);
}

/* The groups become the connection's. */
int
explained_identify(struct client *c)
{
	struct filter	*f = c->filter;
	char		 addr[INET6_ADDRSTRLEN] = "?";

	c->peer = f->explained;
	f->explained.groups = NULL;
	f->explained.ngroups = 0;
	if (c->peer.family == 0)
		snprintf(c->name, sizeof(c->name), "uid=%u", c->peer.uid);
	else
		snprintf(c->name, sizeof(c->name), "%s",
		    inet_ntop(c->peer.family == 4 ? AF_INET : AF_INET6,
		    c->peer.addr, addr, sizeof(addr)));
	return (0);
}

static void
send_trace(struct imsg_trace *msg, const char *field, const char *text)
{
	struct iovec	 iov[3];

	msg->field_len = (uint16_t)strnlen(field, TEXT_MAX);
	msg->text_len = (uint16_t)strnlen(text, TEXT_MAX);
	iov[0].iov_base = msg;
	iov[0].iov_len = sizeof(*msg);
	iov[1].iov_base = (void *)(uintptr_t)field;
	iov[1].iov_len = msg->field_len;
	iov[2].iov_base = (void *)(uintptr_t)text;
	iov[2].iov_len = msg->text_len;
	if (channel_send(filter_self, IMSG_TRACE, 0, -1, iov, 3, false) == -1)
		fatal("channel");
}

/* Rules and allowances by their number: the parent has them, too. */
static uint32_t
rule_number(const struct profile *p, const struct rule *rule)
{
	const struct rule	*r;
	uint32_t		 n = 0;

	if (rule == NULL)
		return (0);
	TAILQ_FOREACH(r, &p->rules, entry) {
		n++;
		if (r == rule)
			break;
	}
	return (n);
}

static uint32_t
allow_number(const struct profile *p, const struct allow *allow)
{
	const struct allow	*a;
	uint32_t		 n = 0;

	TAILQ_FOREACH(a, &p->allows, entry) {
		n++;
		if (a == allow)
			break;
	}
	return (n);
}

static void
explained_trace(const char *field, const char *text,
    const struct allow *allow, const struct rule *rule)
{
	const struct profile	*p = filter_self->profile;
	struct imsg_trace	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = TRACE_REFUSED;
	if (allow != NULL) {
		msg.kind = TRACE_ALLOWED;
		msg.num = allow_number(p, allow);
	} else if (rule != NULL) {
		msg.kind = TRACE_RULED;
		msg.num = rule_number(p, rule);
	}
	send_trace(&msg, field, text);
}

static void
explained_verdict(const struct exchange *x, enum trace_kind kind, int status,
    const char *why)
{
	struct imsg_trace	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = kind;
	msg.status = (uint16_t)status;
	if (x != NULL && x->ep != NULL) {
		msg.num = rule_number(x->profile, x->rule);
		msg.op = (uint16_t)(x->op + 1);
	}
	send_trace(&msg, "", why);
}

void
explained_pass(const struct exchange *x)
{
	explained_verdict(x, TRACE_PASS, 0, "");
}

void
explained_audit(const char *why)
{
	struct imsg_trace	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = TRACE_AUDIT;
	send_trace(&msg, "", why);
}

void
explained_block(const struct exchange *x, int status, const char *why)
{
	explained_verdict(x, TRACE_BLOCK, status, why);
}
