/* SPDX-License-Identifier: ISC */

/*
 * What a file demands of containers, asked of the containers of a service:
 * each statement with the field that says it, and those that have none.
 */

#include "body_cases.h"

#define MEM	"conf limit=memory:100:50"
#define CPUS	"conf limit=cpus:1500:500"
#define PIDS	"conf api=41 limit=pids:100:50"
#define FILES	"conf api=41 limit=ulimit-nofile:100:50"
#define USER	"conf require=non-root"
#define NNP	"conf api=44 require=no-new-privileges"
#define RO	"conf api=28 require=read-only"
#define DROP	"conf api=41 require=drop-capabilities"
#define SPEC(s)	"{'TaskTemplate':{'ContainerSpec':{" s "}}}"
#define LIMITS(s)							\
	"{'TaskTemplate':{'ContainerSpec':{},'Resources':{'Limits':{"	\
	s "}}}}"
#define RESERVED(s)							\
	"{'TaskTemplate':{'ContainerSpec':{},'Resources':{'Limits':{"	\
	"'MemoryBytes':50},'Reservations':{" s "}}}}"
#define NAMED(h, s) "{'Name':'nofile','Hard':" h ",'Soft':" s "}"
#define NOT_HELD(what)							\
	"Forbidden - a service is not held to " what " at p.conf:7, "	\
	"for which it has no field (allow unjudged would)"
#define FROM(what, since)						\
	"Forbidden - a service is held to " what " at p.conf:7 only "	\
	"with the API " since " or later in the path (allow unjudged would)"

static const struct body_case body_held_cases[] = {
/* given where nothing is said, or no limit is asked for */
{ MEM, SPEC(""), 0, LIMITS("'MemoryBytes':50") },
{ MEM, "{'TaskTemplate':{'ContainerSpec':{},'Resources':null}}", 0,
    LIMITS("'MemoryBytes':50") },
{ MEM, "{'TaskTemplate':{'ContainerSpec':{},'Resources':{'Limits':null}}}", 0,
    LIMITS("'MemoryBytes':50") },
{ MEM, LIMITS("'MemoryBytes':0"), 0, LIMITS("'MemoryBytes':50") },
{ MEM, LIMITS("'MemoryBytes':-1"), 0, LIMITS("'MemoryBytes':50") },
{ MEM, LIMITS("'NanoCPUs':5"), 0, LIMITS("'NanoCPUs':5,'MemoryBytes':50") },
{ MEM, LIMITS("'MemoryBytes':100"), 0, NULL },
{ MEM, LIMITS("'MemoryBytes':101"), 403, "Forbidden - "
    "TaskTemplate.Resources.Limits.MemoryBytes 101 is above the limit of 100 "
    "at p.conf:7 (limit memory 101 would)" },
{ MEM " unjudged", LIMITS("'MemoryBytes':101"), 403, "is above" },
{ MEM " priv", LIMITS("'MemoryBytes':101"), 403, "is above" },
{ MEM, RESERVED("'MemoryBytes':100"), 0, NULL },
{ MEM, RESERVED("'MemoryBytes':101"), 403,
    "TaskTemplate.Resources.Reservations.MemoryBytes 101 is above" },
{ MEM, LIMITS("'MemoryBytes':'1'"), 400, "must be an integer" },
{ MEM, LIMITS("'memorybytes':1"), 400, "must be spelt MemoryBytes" },
{ MEM, "{'TaskTemplate':{'ContainerSpec':{},'Resources':[]}}", 400,
    "must be an object" },
{ MEM, "{'TaskTemplate':[]}", 400, "must be an object" },
{ MEM, "{'Labels':{}}", 0, NULL },
{ MEM " field=TaskTemplate", LIMITS("'MemoryBytes':101"), 403, "is above" },
{ CPUS, SPEC(""), 0, LIMITS("'NanoCPUs':500000000") },
{ CPUS, LIMITS("'NanoCPUs':1500000000"), 0, NULL },
{ CPUS, LIMITS("'NanoCPUs':1500000001"), 403, "TaskTemplate.Resources.Limits."
    "NanoCPUs 1.501 is above the limit of 1.500 at p.conf:7 (limit cpus 1.501 "
    "would)" },
{ PIDS, SPEC(""), 0, LIMITS("'Pids':50") },
{ PIDS, LIMITS("'Pids':0"), 0, LIMITS("'Pids':50") },
{ PIDS, LIMITS("'Pids':100"), 0, NULL },
{ PIDS, LIMITS("'Pids':101"), 403, "(limit pids 101 would)" },
{ FILES, SPEC(""), 0, SPEC("'Ulimits':[" NAMED("50", "50") "]") },
{ FILES, SPEC("'Ulimits':null"), 0, SPEC("'Ulimits':[" NAMED("50", "50") "]") },
{ FILES, SPEC("'Ulimits':[" NAMED("-1", "-1") "]"), 0,
    SPEC("'Ulimits':[" NAMED("50", "50") "]") },
{ FILES, SPEC("'Ulimits':[" NAMED("100", "9") "]"), 0, NULL },
{ FILES, SPEC("'Ulimits':[" NAMED("101", "9") "]"), 403,
    "TaskTemplate.ContainerSpec.Ulimits[0] nofile 101 is above the limit of "
    "100 at p.conf:7 (allow ulimit \"nofile\" would)" },
{ FILES " ulimit=nofile", SPEC("'Ulimits':[" NAMED("101", "9") "]"), 0, NULL },
{ FILES " limit=ulimit-nproc:9:5",
    SPEC("'Ulimits':[{'Name':'NPROC','Hard':10,'Soft':1}]"), 403,
    "nproc 10 is above the limit of 9" },

/* demanded */
{ USER, SPEC(""), 403, "Forbidden - TaskTemplate.ContainerSpec.User must be a "
    "user other than root: require non-root at p.conf:7" },
{ USER, "{}", 403, "User must be" },
{ USER, SPEC("'User':'0:5'"), 403, "User must be" },
{ USER, SPEC("'User':'app'"), 0, NULL },
{ RO, SPEC(""), 403, "TaskTemplate.ContainerSpec.ReadOnly must be true" },
{ RO, SPEC("'ReadOnly':false"), 403, "must be true" },
{ RO, SPEC("'ReadOnly':true"), 0, NULL },
{ DROP, SPEC(""), 403, "TaskTemplate.ContainerSpec.CapabilityDrop must have" },
{ DROP, SPEC("'CapabilityDrop':['CHOWN']"), 403, "must have ALL" },
{ DROP, SPEC("'CapabilityDrop':['ALL']"), 0, NULL },
{ DROP " priv", SPEC("'CapabilityAdd':['ALL'],'CapabilityDrop':['ALL']"), 403,
    "TaskTemplate.ContainerSpec.CapabilityAdd must not have ALL" },
{ NNP, SPEC(""), 403,
    "TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges must be true" },
{ NNP, SPEC("'Privileges':{'NoNewPrivileges':false}"), 403, "must be true" },
{ NNP, SPEC("'Privileges':{'NoNewPrivileges':true}"), 0, NULL },

/* no field for it, or none that this version of the API has */
{ "conf limit=shm:100", SPEC(""), 403, NOT_HELD("limit shm") },
{ "conf api=52 limit=swap:100", SPEC(""), 403, NOT_HELD("limit swap") },
{ "conf limit=shm:100 unjudged", SPEC(""), 0, NULL },
{ "conf api=43 require=no-new-privileges",
    SPEC("'Privileges':{}"), 403, FROM("require no-new-privileges", "1.44") },
{ "conf require=no-new-privileges",
    SPEC("'Privileges':{'NoNewPrivileges':true}"), 403,
    FROM("require no-new-privileges", "1.44") },
{ "conf api=43 require=no-new-privileges unjudged", SPEC(""), 0, NULL },
{ "conf api=27 require=read-only", SPEC(""), 403,
    FROM("require read-only", "1.28") },
{ "conf api=40 require=drop-capabilities", SPEC(""), 403,
    FROM("require drop-capabilities", "1.41") },
{ "conf api=40 limit=pids:9", SPEC(""), 403, FROM("limit pids", "1.41") },
{ "conf limit=pids:9", LIMITS("'Pids':9"), 403, FROM("limit pids", "1.41") },
{ "conf api=40 limit=pids:9 unjudged", SPEC(""), 0, NULL },
{ "conf api=40 limit=ulimit-core:0", SPEC(""), 403,
    FROM("limit ulimit-core", "1.41") },
{ MEM " limit=shm:9", SPEC(""), 403, NOT_HELD("limit shm") },
/* in what is passed whole, Go's spellings count */
{ DROP " field=TaskTemplate.ContainerSpec",
    SPEC("'CapabilityDrop':['ALL'],'CapabilityAdd':['ALL']"), 403,
    "must not have ALL" },
{ DROP " field=TaskTemplate.ContainerSpec",
    SPEC("'CapabilityDrop':['ALL'],'capabilityAdd':['ALL']"), 403,
    "must not have ALL" },
{ "conf limit=memory:100 field=TaskTemplate.Resources",
    "{'TaskTemplate':{'ContainerSpec':{},'Resources':{'Limits':{"
    "'MemoryBytes':50},'reservations':{'memorybytes':101}}}}", 403,
    "MemoryBytes" },
{ MEM " limit=shm:9 unjudged", SPEC(""), 0, LIMITS("'MemoryBytes':50") },

/* put on, on the service and on its containers */
{ "conf label=owner=ci", SPEC(""), 0, "{'Labels':{'owner':'ci'},"
    "'TaskTemplate':{'ContainerSpec':{'Labels':{'owner':'ci'}}}}" },
{ "conf label=owner=ci", "{'Labels':{'owner':'x','a':'b'},'TaskTemplate':{"
    "'ContainerSpec':{'Labels':{'owner':'x','c':'d'}}}}", 0, "{'Labels':{"
    "'owner':'ci','a':'b'},'TaskTemplate':{'ContainerSpec':{'Labels':{"
    "'owner':'ci','c':'d'}}}}" },
{ "conf label=owner=ci", SPEC("'Labels':[]"), 400, "must be an object" },
{ "conf label=owner=ci", SPEC("'labels':{}"), 400, "must be spelt Labels" },
{ "conf label=owner=ci", "{'TaskTemplate':{'ContainerSpec':[]}}", 400,
    "must be an object" },
};
BODY_TABLE(body_held, SCHEMA_SERVICE, "", "");
