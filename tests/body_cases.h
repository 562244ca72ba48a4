/* SPDX-License-Identifier: ISC */

/*
 * Tables of bodies and what becomes of them.  In the texts an apostrophe
 * stands for a quotation mark.
 */

#ifndef BODY_CASES_H
#define BODY_CASES_H

#include <stddef.h>

#include "../filter/body/body.h"

struct body_case {
	const char	*allows;	/* "env bind=/srv cap=NET_RAW" */
	const char	*in;
	int		 status;	/* 0: passes */
	/* passes: what is forwarded, NULL: the same; else part of the reason */
	const char	*want;
};

/* Cases of one schema; each is put between head and tail. */
struct body_table {
	const char		*name;
	enum schema		 schema;
	const char		*head;
	const char		*tail;
	const struct body_case	*cases;
	size_t			 ncases;
};

#define BODY_TABLE(id, schema, head, tail)				\
const struct body_table id = {						\
	#id, schema, head, tail, id##_cases,				\
	sizeof(id##_cases) / sizeof(id##_cases[0])			\
}

extern const struct body_table	 body_hostconfig;
extern const struct body_table	 body_storage;
extern const struct body_table	 body_config;
extern const struct body_table	 body_parse;
extern const struct body_table	 body_endpoints;
extern const struct body_table	 body_exec;
extern const struct body_table	 body_exec_start;
extern const struct body_table	 body_update;
extern const struct body_table	 body_commit;
extern const struct body_table	 body_network;
extern const struct body_table	 body_network_name;
extern const struct body_table	 body_connect;
extern const struct body_table	 body_disconnect;
extern const struct body_table	 body_volume;
extern const struct body_table	 body_nothing;
extern const struct body_table	 body_grants;
extern const struct body_table	 body_limits;
extern const struct body_table	 body_held;
extern const struct body_table	 body_grants_exec;
extern const struct body_table	 body_grants_update;
extern const struct body_table	 body_grants_volume;
extern const struct body_table	 body_grants_network;
extern const struct body_table	 body_grants_endpoint;
extern const struct body_table	 body_auth;
extern const struct body_table	 body_checkpoint;
extern const struct body_table	 body_copy;
extern const struct body_table	 body_volume_update;
extern const struct body_table	 body_secret;
extern const struct body_table	 body_config_spec;
extern const struct body_table	 body_swarm_init;
extern const struct body_table	 body_swarm_join;
extern const struct body_table	 body_swarm_update;
extern const struct body_table	 body_swarm_unlock;
extern const struct body_table	 body_node;
extern const struct body_table	 body_plugin_pull;
extern const struct body_table	 body_plugin_set;
extern const struct body_table	 body_service;
extern const struct body_table	 body_task;
extern const struct body_table	 body_service_docker;
extern const struct body_table	 body_spec;

/* A body of a client as it comes; it has to pass unchanged in meaning. */
struct body_client {
	const char	*name;
	enum schema	 schema;
	const char	*in;
};

extern const struct body_client	 body_clients[];
extern const size_t		 body_nclients;

#endif /* BODY_CASES_H */
