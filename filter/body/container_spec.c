/* SPDX-License-Identifier: ISC */

/*
 * The containers of a service: TaskTemplate.ContainerSpec, in the order of
 * moby api/types/swarm/container.go, judged as POST /containers/create is by
 * the same allowances.  Nodes fill in templates where swarmkit knows them
 * (template/expand.go: Env, Hostname and the texts of Mounts), which is after
 * any judgement; so a mount must not hold one.
 */

#include "schema.h"
#include "hostconfig.h"
#include "tables.h"

#include <string.h>

static int	 check_hosts(struct judge *, const char *, struct js *);
static int	 check_spec_mount(struct judge *, const char *, struct js *);

static const struct field dns_fields[] = {
	{ "Nameservers", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "Search", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "Options", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field container_spec_fields[] = {
	{ "Image", FT_STRING, 0, check_image, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "Command", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Args", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Hostname", FT_STRING, 0, check_line, NULL, 0, 0 },
	{ "Env", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Dir", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "User", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Groups", FT_STRINGS, F_PRIV, NULL, NULL, 25, 0 },
	{ "Privileges", FT_OBJECT, 0, NULL, privileges_fields, 29, 0 },
	{ "Init", FT_BOOL, 0, NULL, NULL, 37, 0 },
	{ "StopSignal", FT_STRING, 0, check_word, NULL, 28, 0 },
	{ "TTY", FT_BOOL, 0, NULL, NULL, 25, 0 },
	{ "OpenStdin", FT_BOOL, 0, NULL, NULL, 26, 0 },
	{ "ReadOnly", FT_BOOL, 0, NULL, NULL, 28, 0 },
	{ "Mounts", FT_OBJECTS, 0, check_spec_mount, mount_fields, 0, 0 },
	{ "StopGracePeriod", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Healthcheck", FT_OBJECT, 0, NULL, health_fields, 25, 0 },
	{ "Hosts", FT_STRINGS, 0, check_hosts, NULL, 25, 0 },
	{ "DNSConfig", FT_OBJECT, 0, NULL, dns_fields, 25, 0 },
	{ "Secrets", FT_OBJECTS, 0, check_secret_ref, secret_ref_fields,
	    25, 0 },
	{ "Configs", FT_OBJECTS, 0, check_config_ref, config_ref_fields,
	    30, 0 },
	{ "Isolation", FT_STRING, 0, check_isolation, NULL, 35, 0 },
	{ "Sysctls", FT_MAP, 0, check_sysctl, NULL, 40, 0 },
	{ "CapabilityAdd", FT_STRINGS, 0, check_cap_add, NULL, 41, 0 },
	{ "CapabilityDrop", FT_STRINGS, 0, check_cap_drop, NULL, 41, 0 },
	{ "Ulimits", FT_OBJECTS, 0, NULL, ulimit_fields, 41, 0 },
	{ "OomScoreAdj", FT_INT, 0, check_oom_score, NULL, 46, 0 },
	/* of 19.03 alone, which Docker never took */
	{ "Capabilities", FT_STRINGS, F_GONE, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* "10.0.0.1 name alias": host-gateway is the host's own address here, too. */
static int
check_hosts(struct judge *j, const char *key, struct js *v)
{
	if (check_line(j, key, v) == -1)
		return (-1);
	return (strcasestr(v->text, "host-gateway") == NULL ? 0 :
	    judge_unprivileged(j));
}

/* Is there a template in the value, or in the name of an entry? */
static bool
has_template(const struct js *v)
{
	const struct js	*m;

	if (v->key != NULL && strstr(v->key, "{{") != NULL)
		return (true);
	if (v->type == JS_STRING)
		return (strstr(v->text, "{{") != NULL);
	if (v->type == JS_ARRAY || v->type == JS_OBJECT)
		JS_FOREACH(m, v)
			if (has_template(m))
				return (true);
	return (false);
}

static int
check_spec_mount(struct judge *j, const char *key, struct js *v)
{
	if (has_template(v))
		return (judge_bad(j, "must not have a template in it: a node "
		    "fills it in after it was judged"));
	return (check_mount(j, key, v));
}
