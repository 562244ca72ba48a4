/* SPDX-License-Identifier: ISC */

/*
 * Networks: NetworkMode, NetworkingConfig, and the bodies of networks/create,
 * connect and disconnect.  The key of an entry of EndpointsConfig chooses the
 * network, whatever NetworkMode says, so both are judged alike.
 */

#include "schema.h"
#include "tables.h"

#include "../trace.h"

#include <string.h>

static int	 network_judge(struct judge *, const char *);

static const char *const	 network_own[] = {
	"", "default", "bridge", "none", NULL
};

static int
network_forbid(struct judge *j, const char *name)
{
	if (strcmp(name, "host") == 0)
		return (judge_forbid(j, "host", "network",
		    "the network namespace of the host"));
	if (strncmp(name, "container:", 10) == 0)
		return (judge_forbid(j, "field", NULL,
		    "the network namespace of another container"));
	if (strchr(name, ':') != NULL)
		return (judge_forbid(j, "field", NULL, "network %.128s",
		    name));
	return (judge_forbid(j, "network", name, "network %.128s", name));
}

/* Nobody needs an id: every network, whatever it is called. */
static bool
network_any(const struct judge *j)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == ALLOW_NETWORK && strcmp(a->text, "*") == 0) {
			trace_allow(j->path, "", a);
			return (true);
		}
	return (false);
}

/*
 * The engine takes a name, an id and the beginning of one (FindNetwork), and
 * ids of a swarm have any letters: a text says nothing but what is Docker's
 * own, which no network can be called but these.
 */
static int
network_path(struct judge *j, const char *text, const char *name)
{
	if (name == NULL && (text_in(text, network_own) ||
	    strcmp(text, "host") == 0))
		return (network_judge(j, text));
	if (judge_privileged(j))
		return (0);
	if (name == NULL)
		return (network_any(j) ? 0 : 1);
	if (text_in(name, network_own))
		return (0);
	if (strcmp(name, "host") == 0)
		return (network_judge(j, name));
	return (allow_pattern(j, ALLOW_NETWORK, name) ? 0 :
	    judge_forbid(j, "network", name, "network %.128s", text));
}

int
body_joins(const struct profile *profile, const char *text,
    const char *name, struct body_result *res)
{
	struct judge	 j;

	memset(res, 0, sizeof(*res));
	memset(&j, 0, sizeof(j));
	j.profile = profile;
	j.res = res;
	(void)judge_push(&j, "network");
	return (network_path(&j, text, name));
}

/* A pattern for networks never covers the host's or another container's. */
static int
network_judge(struct judge *j, const char *name)
{
	if (!text_ok(name))
		return (judge_bad(j, "has a control character in it"));
	if (text_in(name, network_own) || judge_privileged(j))
		return (0);
	if (strcmp(name, "host") == 0)
		return (allow_has(j, ALLOW_HOST, "network") ? 0 :
		    network_forbid(j, name));
	if (strchr(name, ':') != NULL)
		return (network_forbid(j, name));
	if (!text_name(name))
		return (judge_bad(j, "must be the name of a network"));
	return (allow_named(j, ALLOW_NETWORK, name) ? 0 :
	    network_forbid(j, name));
}

int
check_netmode(struct judge *j, const char *key, struct js *v)
{
	return (network_judge(j, v->text));
}

/* An entry of EndpointsConfig. */
int
check_network_key(struct judge *j, const char *key, struct js *v)
{
	if (key[0] == '\0')
		return (judge_bad(j, "must be the name of a network"));
	return (network_judge(j, key));
}

/* An alias is a name in the network's DNS. */
static int
check_alias(struct judge *j, const char *key, struct js *v)
{
	if (strchr(v->text, '/') != NULL)
		return (judge_bad(j, "must not have a slash in it"));
	return (check_word(j, key, v));
}

static const struct field address_fields[] = {
	{ "IPv4Address", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "IPv6Address", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "LinkLocalIPs", FT_STRINGS, F_PRIV, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

/* EndpointSettings; DNSNames is the daemon's to fill. */
static const struct field endpoint_fields[] = {
	{ "IPAMConfig", FT_OBJECT, 0, NULL, address_fields, 0, 0 },
	{ "Links", FT_STRINGS, F_PRIV, NULL, NULL, 0, 0 },
	{ "Aliases", FT_STRINGS, 0, check_alias, NULL, 0, 0 },
	{ "MacAddress", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "DriverOpts", FT_MAP, F_PRIV, NULL, NULL, 0, 0 },
	{ "GwPriority", FT_INT, F_PRIV, NULL, NULL, 48, 0 },
	{ "NetworkID", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "EndpointID", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "Gateway", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "IPAddress", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "IPPrefixLen", FT_INT, F_PRIV, NULL, NULL, 0, 0 },
	{ "IPv6Gateway", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "GlobalIPv6Address", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "GlobalIPv6PrefixLen", FT_INT, F_PRIV, NULL, NULL, 0, 0 },
	{ "DNSNames", FT_STRINGS, F_DROP, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field networking_fields[] = {
	{ "EndpointsConfig", FT_OBJMAP, 0, check_network_key, endpoint_fields,
	    0, 0 },
	{ .type = FT_END }
};

/* The names of Docker's own networks are not to be had. */
static int
check_network_name(struct judge *j, const char *key, struct js *v)
{
	const char	*name = v->text;

	if (!text_name(name) || text_in(name, network_own) ||
	    strcmp(name, "host") == 0)
		return (judge_bad(j, "must be a name of letters, digits, "
		    "\"_\", \".\" and \"-\" that Docker has not taken"));
	if (judge_privileged(j) ||
	    allow_named(j, ALLOW_NETWORK, name))
		return (0);
	return (network_forbid(j, name));
}

/* macvlan and ipvlan are on the host's own wire, others are plugins. */
static int
check_network_driver(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "bridge", NULL };

	if (text_in(v->text, own))
		return (0);
	if (!judge_privileged(j) && judge_forbid(j, "field", NULL,
	    "network driver %.64s", v->text) == -1)
		return (-1);
	return (check_word(j, key, v));
}

static int
check_scope(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "local", NULL };

	if (text_in(v->text, own))
		return (0);
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}

static int
check_ipam_driver(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "default", NULL };

	if (text_in(v->text, own))
		return (0);
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}

/* A subnet becomes a route of the host. */
static const struct field pool_fields[] = {
	{ "Subnet", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "IPRange", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "Gateway", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ "AuxiliaryAddresses", FT_MAP, F_PRIV, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field ipam_fields[] = {
	{ "Driver", FT_STRING, 0, check_ipam_driver, NULL, 0, 0 },
	{ "Options", FT_MAP, F_PRIV, NULL, NULL, 0, 0 },
	{ "Config", FT_OBJECTS, 0, NULL, pool_fields, 0, 0 },
	{ .type = FT_END }
};

static const struct field source_fields[] = {
	{ "Network", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field network_create_fields[] = {
	{ "Name", FT_STRING, 0, check_network_name, NULL, 0, 0 },
	{ "CheckDuplicate", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Driver", FT_STRING, 0, check_network_driver, NULL, 0, 0 },
	{ "Scope", FT_STRING, 0, check_scope, NULL, 0, 0 },
	{ "EnableIPv4", FT_BOOL, 0, NULL, NULL, 47, 0 },
	{ "EnableIPv6", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "IPAM", FT_OBJECT, 0, NULL, ipam_fields, 0, 0 },
	{ "Internal", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Attachable", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Ingress", FT_BOOL, F_PRIV, NULL, NULL, 0, 0 },
	{ "ConfigOnly", FT_BOOL, F_PRIV, NULL, NULL, 0, 0 },
	{ "ConfigFrom", FT_OBJECT, 0, NULL, source_fields, 0, 0 },
	{ "Options", FT_MAP, F_PRIV, NULL, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* dockerd refuses to make a network without one, podman invents it. */
int
check_network_create(struct judge *j, const char *key, struct js *root)
{
	size_t	 old;
	int	 ret;

	if (*js_get_string(root, "Name") != '\0')
		return (0);
	old = judge_push(j, "Name");
	ret = judge_bad(j, "must be given");
	judge_pop(j, old);
	return (ret);
}

const struct field network_connect_fields[] = {
	{ "Container", FT_STRING, 0, check_container, NULL, 0, 0 },
	{ "EndpointConfig", FT_OBJECT, 0, NULL, endpoint_fields, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field network_disconnect_fields[] = {
	{ "Container", FT_STRING, 0, check_container, NULL, 0, 0 },
	{ "Force", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};
