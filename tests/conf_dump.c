/* SPDX-License-Identifier: ISC */

/*
 * The lines of conf_dump.h: kinds by name, numbers as numbers, operations
 * each by its own name.
 */

#include "../tests/conf_dump.h"

#include <arpa/inet.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static const char *const conds[COND_KIND_MAX] = {
	[COND_PATH] = "path",
	[COND_QUERY] = "query",
	[COND_QUERY_GIVEN] = "query-given",
	[COND_ADDR] = "addr",
	[COND_UID] = "uid",
	[COND_GID] = "gid",
	[COND_ASKER] = "asker",
	[COND_ASKER_LABEL] = "asker-label",
	[COND_TARGET] = "target",
	[COND_TARGET_LABEL] = "target-label",
};

static const char *const allows[ALLOW_KIND_MAX] = {
	[ALLOW_PRIVILEGED] = "privileged",
	[ALLOW_UNJUDGED] = "unjudged",
	[ALLOW_BIND] = "bind",
	[ALLOW_BIND_RO] = "bind-ro",
	[ALLOW_IMAGE] = "image",
	[ALLOW_VOLUME] = "volume",
	[ALLOW_NETWORK] = "network",
	[ALLOW_CAPABILITY] = "capability",
	[ALLOW_DEVICE] = "device",
	[ALLOW_HOST] = "host",
	[ALLOW_SECURITY] = "security",
	[ALLOW_RUNTIME] = "runtime",
	[ALLOW_FIELD] = "field",
	[ALLOW_SYSCTL] = "sysctl",
	[ALLOW_LOGDRIVER] = "log-driver",
	[ALLOW_PUBLISH] = "publish",
	[ALLOW_ULIMIT] = "ulimit",
	[ALLOW_SECRET] = "secret",
	[ALLOW_CONFIG] = "config",
	[ALLOW_ARCHIVE] = "archive",
	[REQUIRE] = "require",
	[LIMIT] = "limit",
	[ADD_LABEL] = "add-label",
};

static const char *const logs[] = { "all", "block", "none" };

static void
dump_text(FILE *f, const char *name, const char *text)
{
	if (text != NULL && *text != '\0')
		fprintf(f, " %s=\"%s\"", name, text);
}

static void
dump_conds(FILE *f, const struct conds *list)
{
	const struct cond	*c;
	char			 addr[INET6_ADDRSTRLEN];

	TAILQ_FOREACH(c, list, entry) {
		fprintf(f, "    %u %s%s", c->group, c->negated ? "! " : "",
		    conds[c->kind]);
		if (c->kind == COND_ADDR)
			fprintf(f, " %s/%u", inet_ntop(c->family == 6 ?
			    AF_INET6 : AF_INET, c->addr, addr, sizeof(addr)),
			    c->bits);
		if (c->kind == COND_UID || c->kind == COND_GID)
			fprintf(f, " %u", c->num);
		dump_text(f, "key", c->key);
		dump_text(f, "text", c->text);
		fputc('\n', f);
	}
}

static void
dump_ops(FILE *f, const struct opset *set)
{
	size_t	 op, n = endpoint_count();

	for (op = 0; op < n && opset_has(set, op); op++)
		;
	if (op == n) {
		fputs(" any", f);
		return;
	}
	for (op = 0; op < n; op++)
		if (opset_has(set, op))
			fprintf(f, " %s", endpoint_get(op)->name);
}

static void
dump_rule(FILE *f, const struct rule *r)
{
	unsigned int	 m;

	fprintf(f, "  %s %s%s%s%s:", r->origin,
	    r->action == ACTION_PASS ? "pass" : "block",
	    r->log ? " log" : "", r->quick ? " quick" : "",
	    r->audit ? " audit" : "");
	for (m = METHOD_GET; m < METHOD_OTHER; m++)
		if ((r->methods >> m & 1) != 0)
			fprintf(f, " %s", method_name((enum method)m));
	dump_ops(f, &r->ops);
	dump_text(f, "label", r->label);
	fputc('\n', f);
	dump_conds(f, &r->conds);
}

static void
dump_limits(FILE *f, const struct limits *l)
{
	fprintf(f, "  limits clients %u head %u body %u header %u idle %u "
	    "body %u answer %u\n", l->clients, l->head, l->body,
	    l->header_secs, l->idle_secs, l->body_secs, l->answer_secs);
}

static void
dump_profile(FILE *f, const struct profile *p, const struct limits *base)
{
	const struct rule	*r;
	const struct allow	*a;

	fprintf(f, "%s profile \"%s\" log %s%s%s%s%s%s%s\n", p->origin,
	    p->name, logs[p->log], p->audit ? " audit" : "",
	    p->bind_check ? " bind-check" : "",
	    p->privileged ? " privileged" : "",
	    p->unjudged ? " unjudged" : "",
	    p->asks_target ? " asks-target" : "",
	    p->asks_asker ? " asks-asker" : "");
	if (memcmp(&p->limits, base, sizeof(*base)) != 0)
		dump_limits(f, &p->limits);
	TAILQ_FOREACH(r, &p->rules, entry)
		dump_rule(f, r);
	TAILQ_FOREACH(a, &p->allows, entry) {
		fprintf(f, "  %s %s", a->origin, allows[a->kind]);
		dump_text(f, "text", a->text);
		if (a->kind == LIMIT)
			fprintf(f, " %" PRIu64 " %" PRIu64, a->num, a->dflt);
		fputc('\n', f);
	}
}

static void
dump_listener(FILE *f, const struct listener *l)
{
	fprintf(f, "%s listen %u %s%s", l->origin, l->id, l->text,
	    l->v6only ? " v6only" : "");
	if (l->owner != (uid_t)-1)
		fprintf(f, " owner %u", (unsigned int)l->owner);
	if (l->group != (gid_t)-1)
		fprintf(f, " group %u", (unsigned int)l->group);
	if (l->kind == LISTEN_UNIX)
		fprintf(f, " path %s mode %04o", l->path,
		    (unsigned int)l->mode);
	fprintf(f, l->metrics ? " metrics\n" : " profile \"%s\"\n",
	    l->profile->name);
	dump_conds(f, &l->from);
}

void
conf_dump(FILE *f, const struct config *conf)
{
	const struct profile	*p;
	const struct listener	*l;
	struct config		*base;

	if ((base = conf_new()) == NULL)
		abort();
	fprintf(f, "file %s\n", conf->file);
	if (strcmp(conf->socket, base->socket) != 0)
		fprintf(f, "socket %s\n", conf->socket);
	if (strcmp(conf->user, base->user) != 0)
		fprintf(f, "user %s\n", conf->user);
	if (strcmp(conf->chroot, base->chroot) != 0)
		fprintf(f, "chroot %s\n", conf->chroot);
	if (conf->control_set)
		fprintf(f, "control %s\n",
		    conf->control == NULL ? "none" : conf->control);
	if (conf->facility != base->facility)
		fprintf(f, "facility %d\n", conf->facility >> 3);
	if (conf->log != base->log)
		fprintf(f, "log %s\n", logs[conf->log]);
	if (conf->log_json)
		fprintf(f, "log format json\n");
	if (conf->log_to != LOG_TO_DEFAULT)
		fprintf(f, "log to %s\n", conf_log_to_name(conf->log_to));
	if (conf->bind_check)
		fprintf(f, "bind-check\n");
	if (conf->profile != NULL)
		fprintf(f, "the profile of the environment is left\n");
	TAILQ_FOREACH(p, &conf->profiles, entry)
		dump_profile(f, p, &base->limits);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		dump_listener(f, l);
	conf_free(base);
}
