/* SPDX-License-Identifier: ISC */

/*
 * POST /services/create and /services/{id}/update: ServiceSpec, in the order
 * of moby api/types/swarm/service.go and network.go.  An update replaces the
 * whole specification, so one table does for both.  A port of a service is
 * one of every node, whether it is published by the node that runs a task or
 * by all of them, so both ways take the same allowance.
 */

#include "schema.h"
#include "tables.h"

#include <stdio.h>

static int	 check_service_port(struct judge *, const char *,
		    struct js *);

static const struct field no_fields[] = {
	{ .type = FT_END }
};

static const struct field replicated_fields[] = {
	{ "Replicas", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field job_fields[] = {
	{ "MaxConcurrent", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "TotalCompletions", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field mode_fields[] = {
	{ "Replicated", FT_OBJECT, 0, NULL, replicated_fields, 0, 0 },
	{ "Global", FT_OBJECT, 0, NULL, no_fields, 0, 0 },
	{ "ReplicatedJob", FT_OBJECT, 0, NULL, job_fields, 41, 0 },
	{ "GlobalJob", FT_OBJECT, 0, NULL, no_fields, 41, 0 },
	{ .type = FT_END }
};

static const struct field rollout_fields[] = {
	{ "Parallelism", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "Delay", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "FailureAction", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Monitor", FT_INT, 0, NULL, NULL, 25, 0 },
	{ "MaxFailureRatio", FT_NUMBER, 0, NULL, NULL, 25, 0 },
	{ "Order", FT_STRING, 0, check_word, NULL, 29, 0 },
	{ .type = FT_END }
};

static const struct field port_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Protocol", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "TargetPort", FT_UINT32, 0, NULL, NULL, 0, 0 },
	{ "PublishedPort", FT_UINT32, 0, NULL, NULL, 0, 0 },
	{ "PublishMode", FT_STRING, 0, check_word, NULL, 25, 0 },
	{ .type = FT_END }
};

static const struct field endpoint_spec_fields[] = {
	{ "Mode", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Ports", FT_OBJECTS, 0, check_service_port, port_fields, 0, 0 },
	{ .type = FT_END }
};

const struct field service_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "TaskTemplate", FT_OBJECT, 0, NULL, task_fields, 0, 0 },
	{ "Mode", FT_OBJECT, 0, NULL, mode_fields, 0, 0 },
	{ "UpdateConfig", FT_OBJECT, 0, NULL, rollout_fields, 0, 0 },
	{ "RollbackConfig", FT_OBJECT, 0, NULL, rollout_fields, 28, 0 },
	/* up to 1.24 the place of TaskTemplate.Networks; still read */
	{ "Networks", FT_OBJECTS, 0, NULL, attachment_fields, 0, 0 },
	{ "EndpointSpec", FT_OBJECT, 0, NULL, endpoint_spec_fields, 0, 0 },
	/* of dockerode: the query once more */
	{ "version", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "registryAuthFrom", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "rollback", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "authconfig", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* A port that is none, or 0, is one that the swarm chooses. */
static int
check_service_port(struct judge *j, const char *key, struct js *v)
{
	const struct js	*published = js_get(v, "PublishedPort");
	int64_t		 port = published == NULL ? 0 : published->num;
	char		 text[24];

	if (port > 65535)
		return (judge_bad(j, "must have a PublishedPort up to 65535"));
	if (j->profile->fromenv || judge_privileged(j))
		return (0);
	(void)snprintf(text, sizeof(text), "%lld", (long long)port);
	return (publish_judge(j, text));
}
