/* SPDX-License-Identifier: ISC */

/*
 * Who asks: addresses, tables of them, users, groups, containers; as
 * conditions of a rule or of a listener.
 */

#include "../proxyd/parse.h"
#include "../proxyd/users.h"

#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>

#define ID_MAX		(UINT32_MAX - 1)	/* -1 is nobody's */

int
prefix_parse(const char *s, struct prefix *p)
{
	char		 host[INET6_ADDRSTRLEN];
	const char	*slash = strchr(s, '/');
	size_t		 len = slash == NULL ? strlen(s) : (size_t)(slash - s);
	unsigned int	 bits = 0, max;

	if (len >= sizeof(host))
		return (-1);
	memcpy(host, s, len);
	host[len] = '\0';
	memset(p, 0, sizeof(*p));
	p->family = strchr(host, ':') != NULL ? 6 : 4;
	max = p->family == 6 ? 128 : 32;
	if (inet_pton(p->family == 6 ? AF_INET6 : AF_INET, host,
	    p->addr) != 1)
		return (-1);
	p->bits = (uint8_t)max;
	if (slash == NULL)
		return (0);
	len = strlen(slash + 1);
	if (len == 0 || len > 3 || strspn(slash + 1, "0123456789") != len)
		return (-1);
	while (*++slash != '\0')
		bits = bits * 10 + (unsigned int)(*slash - '0');
	if (bits > max)
		return (-1);
	p->bits = (uint8_t)bits;
	return (0);
}

/* Bits behind the prefix are most likely a slip. */
static bool
prefix_clean(const struct prefix *p)
{
	size_t	 i;

	for (i = p->bits; i < (p->family == 6 ? 128 : 32); i++)
		if ((p->addr[i / 8] & (0x80 >> (i % 8))) != 0)
			return (false);
	return (true);
}

/* A client from ::ffff:10.0.0.1 is one from 10.0.0.1: so is what is meant. */
static void
prefix_unmap(struct prefix *p)
{
	static const uint8_t	 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (p->family != 6 || p->bits < 96 ||
	    memcmp(p->addr, mapped, sizeof(mapped)) != 0)
		return;
	p->family = 4;
	p->bits -= 96;
	memmove(p->addr, p->addr + 12, 4);
	memset(p->addr + 4, 0, sizeof(p->addr) - 4);
}

static int
prefix_word(struct parse *ps, const struct word *w, struct prefix *p)
{
	if (prefix_parse(w->s, p) == -1) {
		parse_error(ps, w->loc, "\"%s\": an address is expected, as "
		    "10.0.0.1, 10.0.0.0/8 or fd00::/8", shown(ps, w->s));
		return (-1);
	}
	if (prefix_clean(p)) {
		prefix_unmap(p);
		return (0);
	}
	parse_error(ps, w->loc, "\"%s\": the address has bits behind its "
	    "prefix", shown(ps, w->s));
	return (-1);
}

static struct table *
table_find(const struct parse *ps, const char *name)
{
	struct table	*t;

	for (t = ps->tables; t != NULL; t = t->next)
		if (strcmp(t->name, name) == 0)
			return (t);
	return (NULL);
}

void
table_begin(struct parse *ps, const struct word *name)
{
	struct table	*t;

	if (table_find(ps, name->s) != NULL)
		parse_error(ps, name->loc, "a second table <%s>",
		    shown(ps, name->s));
	t = parse_alloc(ps, sizeof(*t));
	t->name = name->s;
	t->next = ps->tables;
	ps->tables = t;
}

static void
table_add(struct parse *ps, const struct prefix *p, struct loc loc)
{
	struct prefix	*copy;

	if (!item_count(ps, loc))
		return;
	copy = parse_alloc(ps, sizeof(*copy));
	*copy = *p;
	copy->next = NULL;
	/* Tables are sets, but a policy is printed as it was written. */
	if (ps->tables->first == NULL)
		ps->tables->first = copy;
	else
		ps->tables->last->next = copy;
	ps->tables->last = copy;
}

void
table_address(struct parse *ps, const struct word *w)
{
	struct prefix	 p;

	if (prefix_word(ps, w, &p) == 0)
		table_add(ps, &p, w->loc);
}

/* The table, or NULL and a message. */
static const struct table *
table_word(struct parse *ps, const struct word *name)
{
	const struct table	*t;

	if ((t = table_find(ps, name->s)) == NULL)
		parse_error(ps, name->loc, "no table <%s>",
		    shown(ps, name->s));
	return (t);
}

void
table_table(struct parse *ps, const struct word *name)
{
	const struct table	*t;
	const struct prefix	*p;

	if ((t = table_word(ps, name)) == NULL)
		return;
	if (t == ps->tables) {
		parse_error(ps, name->loc, "table <%s> holds itself",
		    shown(ps, name->s));
		return;
	}
	for (p = t->first; p != NULL && !ps->stop; p = p->next)
		table_add(ps, p, name->loc);
}

static struct cond *
peer_cond(struct parse *ps, enum cond_kind kind, struct loc loc,
    const char *key, const char *text, bool neg)
{
	struct conds	*conds = ps->listen != NULL ? &ps->listen->from :
			    &ps->rule->conds;
	struct cond	*c;

	if (!item_count(ps, loc))
		return (NULL);
	if ((c = cond_add(conds, kind, ps->group, key, text)) == NULL)
		parse_nomem();
	c->negated = neg;
	return (c);
}

void
peer_add(struct parse *ps, enum cond_kind kind, struct loc loc,
    const char *key, const char *text, bool neg)
{
	(void)peer_cond(ps, kind, loc, key, text, neg);
}

static void
peer_prefix(struct parse *ps, const struct prefix *p, struct loc loc,
    bool neg)
{
	struct cond	*c;

	if ((c = peer_cond(ps, COND_ADDR, loc, NULL, NULL, neg)) == NULL)
		return;
	c->family = p->family;
	c->bits = p->bits;
	memcpy(c->addr, p->addr, sizeof(c->addr));
}

/* What a listener can know of who connects. */
static bool
peer_fits(struct parse *ps, struct loc loc, enum listen_kind kind)
{
	if (ps->listen == NULL || ps->listen->kind == kind)
		return (true);
	if (kind == LISTEN_TCP)
		parse_error(ps, loc, "a unix socket has no addresses: uid, "
		    "gid, user or group is expected behind \"from\"");
	else
		parse_error(ps, loc, "only a unix socket knows users: an "
		    "address or <table> is expected behind \"from\"");
	return (false);
}

void
peer_address(struct parse *ps, const struct word *w, bool neg)
{
	struct prefix	 p;

	if (prefix_word(ps, w, &p) == 0 && peer_fits(ps, w->loc, LISTEN_TCP))
		peer_prefix(ps, &p, w->loc, neg);
}

void
peer_table(struct parse *ps, const struct word *name, bool neg)
{
	const struct table	*t;
	const struct prefix	*p;

	if ((t = table_word(ps, name)) == NULL ||
	    !peer_fits(ps, name->loc, LISTEN_TCP))
		return;
	for (p = t->first; p != NULL && !ps->stop; p = p->next)
		peer_prefix(ps, p, name->loc, neg);
}

void
peer_id(struct parse *ps, enum cond_kind kind, const struct word *w, bool neg)
{
	struct cond	*c;
	uint64_t	 n;

	if (number_count(ps, w, kind == COND_UID ? "uid" : "gid", 0, ID_MAX,
	    &n) == -1 || !peer_fits(ps, w->loc, LISTEN_UNIX))
		return;
	if ((c = peer_cond(ps, kind, w->loc, NULL, NULL, neg)) != NULL)
		c->num = (uint32_t)n;
}

/* A user or group that has no name here. */
static int
id_find(const char *s, uint32_t *id)
{
	const char	*e;

	if (s[strspn(s, "0123456789")] != '\0')
		return (-1);
	*id = (uint32_t)strtonum(s, 0, ID_MAX, &e);
	return (e == NULL ? 0 : -1);
}

int
user_find(const char *name, uid_t *uid)
{
	gid_t	 gid;

	if (users_find(name, uid, &gid) == -1)
		return (id_find(name, uid));
	return (0);
}

int
group_find(const char *name, gid_t *gid)
{
	if (users_group(name, gid) == -1)
		return (id_find(name, gid));
	return (0);
}

void
peer_name(struct parse *ps, enum cond_kind kind, const struct word *w,
    bool neg)
{
	struct cond	*c;
	uint32_t	 id;

	if ((kind == COND_UID ? user_find(w->s, &id) :
	    group_find(w->s, &id)) == -1) {
		parse_error(ps, w->loc, "no %s \"%s\"",
		    kind == COND_UID ? "user" : "group", shown(ps, w->s));
		return;
	}
	if (peer_fits(ps, w->loc, LISTEN_UNIX) &&
	    (c = peer_cond(ps, kind, w->loc, NULL, w->s, neg)) != NULL)
		c->num = id;
}

void
peer_asker(struct parse *ps, enum cond_kind kind, const struct word *w,
    bool neg)
{
	const char	*key = NULL, *text = w->s;

	if (ps->listen != NULL) {
		parse_error(ps, w->loc, "a listener does not know containers: "
		    "put \"from %s\" into a rule of the profile",
		    kind == COND_ASKER ? "container" : "label");
		return;
	}
	if (kind == COND_ASKER_LABEL && label_split(ps, w, &key, &text) == -1)
		return;
	if (kind == COND_ASKER && (text = container_name(ps, w)) == NULL)
		return;
	peer_add(ps, kind, w->loc, key, text, neg);
}

/* "docker inspect" shows a slash in front that is not part of the name. */
const char *
container_name(struct parse *ps, const struct word *w)
{
	const char	*s = w->s + (w->s[0] == '/');

	if (*s == '\0')
		parse_error(ps, w->loc, "the name of a container is expected");
	else if (s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-*")] != '\0')
		parse_error(ps, w->loc, "container \"%s\": letters, digits, "
		    "\"_\", \".\", \"-\" and \"*\" are expected",
		    shown(ps, w->s));
	else
		return (s);
	return (NULL);
}

int
label_split(struct parse *ps, const struct word *w, const char **key,
    const char **value)
{
	const char	*eq = strchr(w->s, '=');

	if (eq == NULL || eq == w->s) {
		parse_error(ps, w->loc, "label \"%s\": \"key=value\" is "
		    "expected", shown(ps, w->s));
		return (-1);
	}
	*key = parse_strdup(ps, w->s, (size_t)(eq - w->s));
	*value = eq + 1;
	return (0);
}
