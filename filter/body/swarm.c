/* SPDX-License-Identifier: ISC */

/*
 * POST /swarm/init, join, update and unlock, in the order of moby
 * api/types/swarm/swarm.go.  Who makes a swarm, or joins one, hands the
 * scheduling of this host to its managers, who start on it what they like:
 * init and join pass unjudged only, and then by these tables.  Of an update
 * it is the certificate authority that decides who is a manager.
 */

#include "schema.h"
#include "hostconfig.h"
#include "tables.h"

static const struct field orchestration_fields[] = {
	{ "TaskHistoryRetentionLimit", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field raft_fields[] = {
	{ "SnapshotInterval", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "KeepOldSnapshots", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "LogEntriesForSlowFollowers", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "ElectionTick", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "HeartbeatTick", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field dispatcher_fields[] = {
	{ "HeartbeatPeriod", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* The managers send requests there and trust what comes back. */
static const struct field external_ca_fields[] = {
	{ "Protocol", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "URL", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Options", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ "CACert", FT_STRING, 0, check_any, NULL, 30, 0 },
	{ .type = FT_END }
};

static const struct field ca_fields[] = {
	{ "NodeCertExpiry", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "ExternalCAs", FT_OBJECTS, F_PRIV, NULL, external_ca_fields, 0, 0 },
	{ "SigningCACert", FT_STRING, F_PRIV, check_any, NULL, 30, 0 },
	{ "SigningCAKey", FT_STRING, F_PRIV, check_any, NULL, 30, 0 },
	{ "ForceRotate", FT_UINT, F_PRIV, NULL, NULL, 30, 0 },
	{ .type = FT_END }
};

/* The log driver of every task that names none. */
static const struct field task_default_fields[] = {
	{ "LogDriver", FT_OBJECT, 0, check_log_driver, log_driver_fields,
	    0, 0 },
	{ .type = FT_END }
};

static const struct field encryption_fields[] = {
	{ "AutoLockManagers", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* Spec */
static const struct field spec_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "Orchestration", FT_OBJECT, 0, NULL, orchestration_fields, 0, 0 },
	{ "Raft", FT_OBJECT, 0, NULL, raft_fields, 0, 0 },
	{ "Dispatcher", FT_OBJECT, 0, NULL, dispatcher_fields, 0, 0 },
	{ "CAConfig", FT_OBJECT, 0, NULL, ca_fields, 0, 0 },
	{ "TaskDefaults", FT_OBJECT, 0, NULL, task_default_fields, 0, 0 },
	{ "EncryptionConfig", FT_OBJECT, 0, NULL, encryption_fields, 25, 0 },
	{ .type = FT_END }
};

/* InitRequest */
const struct field swarm_init_fields[] = {
	{ "ListenAddr", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "AdvertiseAddr", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "DataPathAddr", FT_STRING, 0, check_word, NULL, 30, 0 },
	{ "DataPathPort", FT_UINT32, 0, NULL, NULL, 40, 0 },
	{ "ForceNewCluster", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Spec", FT_OBJECT, 0, NULL, spec_fields, 0, 0 },
	{ "AutoLockManagers", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Availability", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "DefaultAddrPool", FT_STRINGS, 0, check_word, NULL, 39, 0 },
	{ "SubnetSize", FT_UINT32, 0, NULL, NULL, 39, 0 },
	/* of dockerode */
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* JoinRequest */
const struct field swarm_join_fields[] = {
	{ "ListenAddr", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "AdvertiseAddr", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "DataPathAddr", FT_STRING, 0, check_word, NULL, 30, 0 },
	{ "RemoteAddrs", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "JoinToken", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Availability", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field swarm_update_fields[] = {
	{ NULL, FT_EMBED, 0, NULL, spec_fields, 0, 0 },
	/* of dockerode: the query once more */
	{ "version", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "rotateWorkerToken", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "rotateManagerToken", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "rotateManagerUnlockKey", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* UnlockRequest */
const struct field swarm_unlock_fields[] = {
	{ "UnlockKey", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/*
 * NodeSpec of api/types/swarm/node.go, POST /nodes/{id}/update.  A node that
 * becomes a manager holds the keys of the swarm: unjudged only.
 */
const struct field node_update_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "Role", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Availability", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "version", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};
