/* SPDX-License-Identifier: ISC */

/*
 * The policy as it comes from the parent: assembled beside the one in force,
 * and put in its place only when CONF_END says that all of it has arrived.
 * What was judged before keeps the profile that it was judged by.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/count.h"
#include "../filter/filter.h"

static int	 conf_begin(struct filter *, const struct imsg *);
static int	 conf_listener(struct filter *, struct imsg *);
static int	 conf_rule_message(struct filter *, const struct imsg *);
static int	 conf_cond_message(struct filter *, const struct imsg *);
static int	 conf_allow_message(struct filter *, const struct imsg *);
static int	 conf_end(struct filter *, const struct imsg *);
static void	 conf_limits(struct filter *);
static void	 conf_former(struct filter *);
static int	 conf_confirm(struct filter *);
static int	 conf_texts(const struct imsg *, size_t, const uint32_t *, int,
		    char **);
static void	 texts_free(char **, int);

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
	if (type == IMSG_EXPLAIN)
		return (explained_message(f, imsg));
	if (type == IMSG_CONF_RULE)
		return (conf_rule_message(f, imsg));
	if (type == IMSG_CONF_COND)
		return (conf_cond_message(f, imsg));
	return (conf_allow_message(f, imsg));
}

static int
conf_begin(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_begin	 msg;
	struct profile		*p;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 || f->next != NULL)
		return (-1);
	if ((p = f->next = profile_new("listener")) == NULL)
		fatal("profile");
	p->fromenv = msg.fromenv != 0;
	p->audit = msg.audit != 0;
	p->bind_check = msg.bind_check != 0;
	p->log = msg.log > LOG_WHICH_NONE ? LOG_WHICH_ALL : msg.log;
	p->limits.clients = msg.clients;
	p->limits.head = msg.head;
	p->limits.body = msg.body;
	p->limits.header_secs = msg.header_secs;
	p->limits.idle_secs = msg.idle_secs;
	p->limits.body_secs = msg.body_secs;
	p->limits.answer_secs = msg.answer_secs;
	f->nextrule = NULL;
	f->nextgen = msg.generation;
	f->count = 0;
	return (0);
}

static int
conf_listener(struct filter *f, struct imsg *imsg)
{
	struct imsg_conf_listen	 msg;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    f->listenfd != -1 || f->explain)
		return (-1);
	f->kind = msg.kind == LISTEN_UNIX ? LISTEN_UNIX : LISTEN_TCP;
	f->metrics = msg.metrics != 0;
	f->listenfd = imsg_get_fd(imsg);
	return (f->listenfd == -1 ? -1 : 0);
}

/*
 * The strings behind the fixed part, malloc()ed.  -1: a length is wrong, a
 * string has a NUL inside, or there is no memory.
 */
static int
conf_texts(const struct imsg *imsg, size_t off, const uint32_t *len, int n,
    char **text)
{
	int	 i;

	memset(text, 0, (size_t)n * sizeof(*text));
	for (i = 0; i < n; i++) {
		if (off > imsg->len || len[i] > imsg->len - off ||
		    memchr(imsg->data + off, '\0', len[i]) != NULL ||
		    (text[i] = calloc(1, len[i] + 1)) == NULL) {
			texts_free(text, n);
			return (-1);
		}
		memcpy(text[i], imsg->data + off, len[i]);
		off += len[i];
	}
	return (0);
}

static void
texts_free(char **text, int n)
{
	while (n-- > 0)
		free(text[n]);
}

static int
conf_rule_message(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_rule	 msg;
	struct rule		*rule;
	uint32_t		 len[3];
	char			*text[3];

	if (imsg->len < sizeof(msg))
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	len[0] = msg.origin_len;
	len[1] = msg.hint_len;
	len[2] = msg.label_len;
	if (conf_texts(imsg, sizeof(msg), len, 3, text) == -1)
		return (-1);
	rule = conf_rule(f->next, msg.action == ACTION_PASS ?
	    ACTION_PASS : ACTION_BLOCK, text[0],
	    *text[1] == '\0' ? NULL : text[1]);
	if (rule != NULL && *text[2] != '\0') {
		rule->label = text[2];
		text[2] = NULL;
	}
	texts_free(text, 3);
	if ((f->nextrule = rule) == NULL)
		return (-1);
	memcpy(rule->ops.bits, msg.ops, sizeof(rule->ops.bits));
	rule->quick = msg.quick != 0;
	rule->log = msg.log != 0;
	rule->audit = msg.audit != 0;
	rule->methods = msg.methods;
	return (0);
}

/* Before the first rule they are the listener's. */
static int
conf_cond_message(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_cond	 msg;
	struct cond		*c;
	uint32_t		 len[2];
	char			*text[2];

	if (imsg->len < sizeof(msg))
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	if (msg.kind >= COND_KIND_MAX ||
	    msg.bits > 8 * sizeof(c->addr))
		return (-1);
	len[0] = msg.key_len;
	len[1] = msg.text_len;
	if (conf_texts(imsg, sizeof(msg), len, 2, text) == -1)
		return (-1);
	c = cond_add(f->nextrule == NULL ? &f->nextfrom :
	    &f->nextrule->conds, msg.kind, msg.group, text[0], text[1]);
	texts_free(text, 2);
	if (c == NULL)
		return (-1);
	c->negated = msg.negated != 0;
	c->num = msg.num;
	c->family = msg.family;
	c->bits = msg.bits;
	memcpy(c->addr, msg.addr, sizeof(c->addr));
	return (0);
}

static int
conf_allow_message(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_allow	 msg;
	struct allow		*a;
	uint32_t		 len[2];
	char			*text[2];

	if (imsg->len < sizeof(msg))
		return (-1);
	memcpy(&msg, imsg->data, sizeof(msg));
	if (msg.kind >= ALLOW_KIND_MAX)
		return (-1);
	len[0] = msg.text_len;
	len[1] = msg.origin_len;
	if (conf_texts(imsg, sizeof(msg), len, 2, text) == -1)
		return (-1);
	a = conf_allow(f->next, msg.kind, text[0], text[1]);
	texts_free(text, 2);
	if (a == NULL)
		return (-1);
	a->num = msg.num;
	a->dflt = msg.dflt;
	return (0);
}

static int
conf_end(struct filter *f, const struct imsg *imsg)
{
	struct imsg_conf_end	 msg;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    msg.generation != f->nextgen || msg.count != f->count)
		return (-1);
	if (profile_compile(f->next) == -1)
		fatal("profile");
	profile_free(f->profile);
	f->profile = f->next;
	f->next = NULL;
	f->generation = f->nextgen;
	count_policy(f);
	conds_free(&f->from);
	TAILQ_CONCAT(&f->from, &f->nextfrom, entry);
	conf_limits(f);
	conf_former(f);
	return (conf_confirm(f));
}

/* Fewer clients than there are: nobody is sent away, nobody new comes. */
static void
conf_limits(struct filter *f)
{
	f->limits = f->profile->limits;
	f->maxclients = f->limits.clients < f->canclients ?
	    f->limits.clients : f->canclients;
}

/*
 * Judged, and the parent does not know of it yet: a body is collected.  Or
 * something is looked up, which may take a second question.
 */
static bool
conf_may_ask(const struct client *c)
{
	const struct exchange	*x = c->x;

	return (lookup_busy(c) || (x != NULL && x->ep != NULL &&
	    x->id == 0 && x->amode != AM_DONE));
}

static void
conf_former(struct filter *f)
{
	struct client	*c;

	TAILQ_FOREACH(c, &f->clients, entry) {
		if (c->former || !conf_may_ask(c))
			continue;
		c->former = true;
		f->nformer++;
	}
}

void
conf_settle(struct client *c)
{
	struct filter	*f = c->filter;

	if (!c->former)
		return;
	c->former = false;
	if (--f->nformer == 0 && conf_confirm(f) == -1)
		fatal("channel");
}

static int
conf_confirm(struct filter *f)
{
	struct imsg_conf_done	 done = { f->generation, f->count,
				    f->nformer, 0 };
	struct iovec		 iov = { &done, sizeof(done) };

	return (channel_send(f, IMSG_CONF_DONE, 0, -1, &iov, 1, false));
}
