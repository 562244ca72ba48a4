/* SPDX-License-Identifier: ISC */

/*
 * ServiceSpec.TaskTemplate, in the order of moby api/types/swarm/task.go.
 * A task is a container: the runtime "plugin" would install a plugin on every
 * node, and an attachment is not for clients to make.
 */

#include "schema.h"
#include "hostconfig.h"
#include "tables.h"

#include <string.h>

static int	 check_task_runtime(struct judge *, const char *, struct js *);
static int	 check_attachment(struct judge *, const char *, struct js *);

/* A log driver and its options, judged as HostConfig.LogConfig is. */
const struct field log_driver_fields[] = {
	{ "Name", FT_STRING, 0, check_log_type, NULL, 0, 0 },
	{ "Options", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field limit_fields[] = {
	{ "NanoCPUs", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "MemoryBytes", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Pids", FT_INT, 0, NULL, NULL, 41, 0 },
	/* nobody sets them here; docker stack and inspect have them */
	{ "GenericResources", FT_OBJECTS, F_GONE, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field named_fields[] = {
	{ "Kind", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Value", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field discrete_fields[] = {
	{ "Kind", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Value", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field generic_fields[] = {
	{ "NamedResourceSpec", FT_OBJECT, 0, NULL, named_fields, 0, 0 },
	{ "DiscreteResourceSpec", FT_OBJECT, 0, NULL, discrete_fields, 0, 0 },
	{ .type = FT_END }
};

/* Generic resources are devices: a runtime hands out what they name. */
static const struct field reservation_fields[] = {
	{ "NanoCPUs", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "MemoryBytes", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "GenericResources", FT_OBJECTS, F_PRIV, NULL, generic_fields,
	    32, 0 },
	{ .type = FT_END }
};

static const struct field requirement_fields[] = {
	{ "Limits", FT_OBJECT, 0, NULL, limit_fields, 0, 0 },
	{ "Reservations", FT_OBJECT, 0, NULL, reservation_fields, 0, 0 },
	{ "SwapBytes", FT_INT, 0, NULL, NULL, 52, 0 },
	{ "MemorySwappiness", FT_INT, 0, NULL, NULL, 52, 0 },
	{ .type = FT_END }
};

static const struct field restart_fields[] = {
	{ "Condition", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Delay", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "MaxAttempts", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "Window", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field spread_fields[] = {
	{ "SpreadDescriptor", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field preference_fields[] = {
	{ "Spread", FT_OBJECT, 0, NULL, spread_fields, 0, 0 },
	{ .type = FT_END }
};

static const struct field platform_fields[] = {
	{ "Architecture", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "OS", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

/* Which nodes: whoever may start a container may choose where. */
static const struct field placement_fields[] = {
	{ "Constraints", FT_STRINGS, 0, NULL, NULL, 0, 0 },
	{ "Preferences", FT_OBJECTS, 0, NULL, preference_fields, 27, 0 },
	{ "MaxReplicas", FT_UINT, 0, NULL, NULL, 40, 0 },
	{ "Platforms", FT_OBJECTS, 0, NULL, platform_fields, 30, 0 },
	{ .type = FT_END }
};

/* api/types/swarm/network.go: NetworkAttachmentConfig */
const struct field attachment_fields[] = {
	{ "Target", FT_STRING, 0, check_attachment, NULL, 0, 0 },
	{ "Aliases", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "DriverOpts", FT_MAP, F_PRIV, NULL, NULL, 29, 0 },
	{ .type = FT_END }
};

const struct field task_fields[] = {
	{ "ContainerSpec", FT_OBJECT, 0, NULL, container_spec_fields, 0, 0 },
	{ "PluginSpec", FT_OBJECT, F_GONE, NULL, NULL, 0, 0 },
	{ "NetworkAttachmentSpec", FT_OBJECT, F_GONE, NULL, NULL, 0, 0 },
	{ "Resources", FT_OBJECT, 0, NULL, requirement_fields, 0, 0 },
	{ "RestartPolicy", FT_OBJECT, 0, NULL, restart_fields, 0, 0 },
	{ "Placement", FT_OBJECT, 0, NULL, placement_fields, 0, 0 },
	{ "Networks", FT_OBJECTS, 0, NULL, attachment_fields, 25, 0 },
	{ "LogDriver", FT_OBJECT, 0, check_log_driver, log_driver_fields,
	    0, 0 },
	{ "ForceUpdate", FT_UINT, 0, NULL, NULL, 25, 0 },
	{ "Runtime", FT_STRING, 0, check_task_runtime, NULL, 31, 0 },
	{ .type = FT_END }
};

static int
check_task_runtime(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "container", NULL };

	if (text_in(v->text, own))
		return (0);
	return (judge_bad(j, "must be container"));
}

/*
 * By name or id; docker service create looks the name up and sends the id.
 * Those of a swarm have 25 digits and letters, which a pattern for names
 * could match: they are allowed as they stand, or as any.
 */
static int
check_attachment(struct judge *j, const char *key, struct js *v)
{
	static const char	 chars[] = "0123456789"
	    "abcdefghijklmnopqrstuvwxyz";

	if (v->len == 0)
		return (judge_bad(j, "must be the name of a network"));
	if (v->len != 25 || strspn(v->text, chars) != 25)
		return (check_netmode(j, key, v));
	if (judge_privileged(j) ||
	    allow_has(j, ALLOW_NETWORK, "*") ||
	    allow_has(j, ALLOW_NETWORK, v->text))
		return (0);
	return (judge_forbid(j, "network", v->text, "network %s", v->text));
}
