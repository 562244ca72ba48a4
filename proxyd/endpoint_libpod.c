/* SPDX-License-Identifier: ISC */

/*
 * The rows of podman's own API, which stands beside the Docker-compatible one
 * below /vX.Y.Z/libpod: every route of podman 4 to 6, as its
 * pkg/api/server/register_*.go registers them.  The order follows that of
 * endpoint_table.c, with the second path segment in place of the first.
 *
 * What reaches the host by a body or a query has no schema here, but for
 * exec, and is EPF_UNJUDGED: podman's SpecGenerator, Kubernetes YAML, builds,
 * everything that takes a path, a driver or a registry of the client's choice.
 */

#include "../proxyd/endpoint.h"

/* name, method, path below /libpod/, section, risk, kind of argument */
#define ROW(n, m, p, s, r, a, ...)					\
	{ .name = "libpod/" n, .method = METHOD_##m,			\
	    .path = "/libpod/" p, .env = "LIBPOD_" s, .risk = RISK_##r,	\
	    .args = ARG_##a, __VA_ARGS__ }

#define WRITE		.flags = EPF_WRITE
#define STREAM		.flags = EPF_STREAM
#define BULK		.flags = EPF_BULK
#define UNJUDGED	.flags = EPF_WRITE | EPF_UNJUDGED
#define NAMED		.flags = EPF_WRITE | EPF_IMAGES
#define YAML		.flags = EPF_WRITE | EPF_UNJUDGED | EPF_YAML
#define JSON		.body = EPB_JSON, .schema = SCHEMA_UNJUDGED
#define JSON_OPT	.body = EPB_JSON_OPT, .schema = SCHEMA_UNJUDGED
#define TAR		.body = EPB_TAR
#define Q		.query

#define Q_BUILD	"dockerfile t* allplatforms extrahosts remote q nocache "   \
	"cachefrom pull rm forcerm memory memswap cpushares cpusetcpus "    \
	"cpuperiod cpuquota buildargs shmsize squash labels layers "	    \
	"networkmode platform* target outputs httpproxy volume* manifest "  \
	"timestamp"
#define Q_KUBE	"annotations logDriver logOptions* network* noHosts "	    \
	"noTrunc publishPorts* publishAllPorts replace serviceContainer "   \
	"start staticIPs* staticMACs* tlsVerify userns wait build"

static const struct endpoint table[] = {
	ROW("ping", GET, "_ping", "PING", READ, NONE),
	ROW("ping/head", HEAD, "_ping", "PING", READ, NONE),
	ROW("version", GET, "version", "VERSION", READ, NONE),
	ROW("info", GET, "info", "INFO", READ, NONE),
	ROW("swagger", GET, "swagger", "INFO", READ, NONE, BULK),
	ROW("events", GET, "events", "EVENTS", READ, NONE, STREAM,
	    Q = "since until filters stream"),

	ROW("system/df", GET, "system/df", "SYSTEM", READ, NONE),
	ROW("system/check", POST, "system/check", "SYSTEM", WRITE, NONE, WRITE,
	    Q = "quick repair repair_lossy unreferenced_layer_max_age"),
	ROW("system/prune", POST, "system/prune", "SYSTEM", WRITE, NONE, WRITE,
	    Q = "all volumes external build filters"),

	ROW("containers/list", GET, "containers/json", "CONTAINERS", READ,
	    NONE, Q = "all limit last external namespace pod size sync "
	    "filters"),
	ROW("containers/mounts", GET, "containers/showmounted", "CONTAINERS",
	    READ_SECRET, NONE),
	ROW("containers/stats/all", GET, "containers/stats", "CONTAINERS",
	    READ, NONE, STREAM, Q = "containers* stream interval all"),
	ROW("containers/create", POST, "containers/create", "CONTAINERS",
	    ESCAPE, NONE, UNJUDGED, JSON),
	ROW("containers/prune", POST, "containers/prune", "CONTAINERS", WRITE,
	    NONE, WRITE, Q = "filters"),
	ROW("containers/inspect", GET, "containers/{}/json", "CONTAINERS",
	    READ_SECRET, CONTAINER, Q = "size"),
	ROW("containers/exists", GET, "containers/{}/exists", "CONTAINERS",
	    READ, CONTAINER, Q = "external"),
	ROW("containers/top", GET, "containers/{}/top", "CONTAINERS",
	    READ_SECRET, CONTAINER, STREAM, Q = "stream delay ?ps_args*"),
	ROW("containers/logs", GET, "containers/{}/logs", "CONTAINERS",
	    READ_SECRET, CONTAINER, .flags = EPF_STREAM | EPF_BULK,
	    Q = "follow stdout stderr since until timestamps tail"),
	ROW("containers/changes", GET, "containers/{}/changes", "CONTAINERS",
	    READ, CONTAINER, Q = "parent diffType"),
	ROW("containers/export", GET, "containers/{}/export", "CONTAINERS",
	    READ_SECRET, CONTAINER, BULK),
	ROW("containers/stats", GET, "containers/{}/stats", "CONTAINERS", READ,
	    CONTAINER, STREAM, Q = "stream"),
	/* runs the command of the check, now */
	ROW("containers/healthcheck", GET, "containers/{}/healthcheck",
	    "CONTAINERS", WRITE, CONTAINER, WRITE),
	ROW("containers/resize", POST, "containers/{}/resize", "CONTAINERS",
	    WRITE, CONTAINER, WRITE, Q = "h w running"),
	ROW("containers/init", POST, "containers/{}/init", "CONTAINERS", WRITE,
	    CONTAINER, WRITE),
	ROW("containers/start", POST, "containers/{}/start", "CONTAINERS",
	    WRITE, CONTAINER, .flags = EPF_WRITE | EPF_NOBODY,
	    Q = "?detachKeys ?recursive"),
	ROW("containers/stop", POST, "containers/{}/stop", "CONTAINERS", WRITE,
	    CONTAINER, WRITE, Q = "timeout t ignore ?all"),
	ROW("containers/restart", POST, "containers/{}/restart", "CONTAINERS",
	    WRITE, CONTAINER, WRITE, Q = "timeout t ?all"),
	ROW("containers/kill", POST, "containers/{}/kill", "CONTAINERS", WRITE,
	    CONTAINER, WRITE, Q = "signal"),
	ROW("containers/update", POST, "containers/{}/update", "CONTAINERS",
	    ESCAPE, CONTAINER, UNJUDGED, JSON_OPT,
	    Q = "restartPolicy restartRetries"),
	ROW("containers/rename", POST, "containers/{}/rename", "CONTAINERS",
	    WRITE, CONTAINER, WRITE, Q = "?name"),
	ROW("containers/pause", POST, "containers/{}/pause", "CONTAINERS",
	    WRITE, CONTAINER, WRITE),
	ROW("containers/unpause", POST, "containers/{}/unpause", "CONTAINERS",
	    WRITE, CONTAINER, WRITE),
	ROW("containers/attach", POST, "containers/{}/attach", "CONTAINERS",
	    ESCAPE, CONTAINER, WRITE, .body = EPB_RAW, .upgrade = UPGRADE_TCP,
	    Q = "?detachKeys ?logs stream stdin stdout stderr"),
	ROW("containers/wait", POST, "containers/{}/wait", "CONTAINERS", READ,
	    CONTAINER, STREAM, Q = "condition* interval"),
	/* ExecCreateConfig is Docker's, and so is the handler */
	ROW("exec/create", POST, "containers/{}/exec", "EXEC", ESCAPE,
	    CONTAINER, WRITE, .body = EPB_JSON, .schema = SCHEMA_EXEC_CREATE),
	/* mounts on the host, and says where */
	ROW("containers/mount", POST, "containers/{}/mount", "CONTAINERS",
	    ESCAPE, CONTAINER, UNJUDGED, Q = "external"),
	ROW("containers/unmount", POST, "containers/{}/unmount", "CONTAINERS",
	    WRITE, CONTAINER, WRITE),
	/* takes and gives files of the host by "export" and "import" */
	ROW("containers/checkpoint", POST, "containers/{}/checkpoint",
	    "CONTAINERS", ESCAPE, CONTAINER, UNJUDGED,
	    Q = "keep leaveRunning tcpEstablished export ignoreRootFS "
	    "ignoreVolumes preCheckpoint withPrevious fileLocks printStats"),
	ROW("containers/restore", POST, "containers/{}/restore", "CONTAINERS",
	    ESCAPE, CONTAINER, UNJUDGED, TAR,
	    Q = "name keep tcpEstablished tcpClose import ignoreRootFS "
	    "ignoreVolumes ignoreStaticIP ignoreStaticMAC fileLocks "
	    "printStats pod"),
	ROW("containers/archive/head", HEAD, "containers/{}/archive",
	    "CONTAINERS", READ, CONTAINER, Q = "path"),
	ROW("containers/archive/get", GET, "containers/{}/archive",
	    "CONTAINERS", READ_SECRET, CONTAINER, BULK, Q = "path rename"),
	ROW("containers/archive/put", PUT, "containers/{}/archive",
	    "CONTAINERS", ESCAPE, CONTAINER, UNJUDGED, TAR,
	    Q = "path pause rename noOverwriteDirNonDir copyUIDGID"),
	ROW("containers/remove", DELETE, "containers/{}", "CONTAINERS", WRITE,
	    CONTAINER, WRITE, Q = "?depend force ignore timeout v"),

	ROW("exec/start", POST, "exec/{}/start", "EXEC", ESCAPE, EXEC, WRITE,
	    .body = EPB_JSON, .schema = SCHEMA_EXEC_START,
	    .upgrade = UPGRADE_TCP),
	ROW("exec/resize", POST, "exec/{}/resize", "EXEC", WRITE, EXEC, WRITE,
	    Q = "h w running"),
	ROW("exec/remove", POST, "exec/{}/remove", "EXEC", ESCAPE, EXEC,
	    UNJUDGED, JSON_OPT),
	ROW("exec/inspect", GET, "exec/{}/json", "EXEC", READ_SECRET, EXEC),

	ROW("images/list", GET, "images/json", "IMAGES", READ, NONE,
	    Q = "all filters digests"),
	ROW("images/search", GET, "images/search", "IMAGES", READ, NONE,
	    Q = "?term limit filters listTags !tlsVerify"),
	ROW("images/export", GET, "images/export", "IMAGES", READ_SECRET, NONE,
	    BULK, Q = "format references* compress"),
	ROW("images/import", POST, "images/import", "IMAGES", ESCAPE, NONE,
	    UNJUDGED, TAR, Q = "changes* message reference url os "
	    "architecture variant"),
	ROW("images/load", POST, "images/load", "IMAGES", WRITE, NONE, NAMED,
	    TAR),
	ROW("images/pull", POST, "images/pull", "IMAGES", ESCAPE, NONE,
	    UNJUDGED, Q = "reference quiet compatMode pullProgress Arch OS "
	    "Variant policy tlsVerify allTags"),
	ROW("images/prune", POST, "images/prune", "IMAGES", WRITE, NONE, WRITE,
	    Q = "all external buildcache filters"),
	ROW("images/remove/all", DELETE, "images/remove", "IMAGES", WRITE,
	    NONE, WRITE, Q = "images* all force ignore lookupManifest"),
	/* to a host of the engine's ssh configuration */
	ROW("images/scp", POST, "images/scp/{}", "IMAGES", ESCAPE, IMAGE,
	    UNJUDGED, Q = "destination quiet"),
	ROW("images/exists", GET, "images/{}/exists", "IMAGES", READ, IMAGE),
	ROW("images/save", GET, "images/{}/get", "IMAGES", READ_SECRET, IMAGE,
	    BULK, Q = "format compress"),
	ROW("images/history", GET, "images/{}/history", "IMAGES", READ_SECRET,
	    IMAGE),
	ROW("images/inspect", GET, "images/{}/json", "IMAGES", READ, IMAGE),
	ROW("images/resolve", GET, "images/{}/resolve", "IMAGES", READ, IMAGE),
	ROW("images/tree", GET, "images/{}/tree", "IMAGES", READ, IMAGE,
	    Q = "whatrequires"),
	ROW("images/changes", GET, "images/{}/changes", "IMAGES", READ, IMAGE,
	    Q = "parent diffType"),
	ROW("images/push", POST, "images/{}/push", "IMAGES", ESCAPE, IMAGE,
	    UNJUDGED, Q = "destination forceCompressionFormat "
	    "compressionFormat compressionLevel tlsVerify quiet format all "
	    "removeSignatures retry retryDelay"),
	ROW("images/tag", POST, "images/{}/tag", "IMAGES", WRITE, IMAGE, WRITE,
	    Q = "?repo ?tag"),
	ROW("images/untag", POST, "images/{}/untag", "IMAGES", WRITE, IMAGE,
	    WRITE, Q = "?repo ?tag"),
	ROW("images/remove", DELETE, "images/{}", "IMAGES", WRITE, IMAGE,
	    WRITE, Q = "force ignore lookupManifest"),

	ROW("build", POST, "build", "BUILD", ESCAPE, NONE, UNJUDGED, TAR,
	    Q = Q_BUILD),
	ROW("commit", POST, "commit", "COMMIT", WRITE, NONE,
	    .flags = EPF_WRITE | EPF_CT_QUERY,
	    Q = "?container ?repo ?tag author comment format pause changes* "
	    "squash stream"),

	/* paths of the host in the query */
	ROW("local/build", POST, "local/build", "BUILD", ESCAPE, NONE,
	    UNJUDGED, Q = "localcontextdir " Q_BUILD),
	ROW("local/images/load", POST, "local/images/load", "IMAGES", ESCAPE,
	    NONE, UNJUDGED, Q = "path"),

	ROW("generate/kube", GET, "generate/kube", "GENERATE", READ_SECRET,
	    NONE, Q = "names* service type replicas noTrunc podmanOnly"),
	ROW("generate/systemd", GET, "generate/{}/systemd", "GENERATE",
	    READ_SECRET, WORD, Q = "useName new noHeader startTimeout "
	    "stopTimeout restartPolicy containerPrefix podPrefix separator "
	    "restartSec wants* after* requires* templateUnitFile"),

	ROW("kube/generate", GET, "kube/generate", "GENERATE", READ_SECRET,
	    NONE, Q = "names* service type replicas noTrunc podmanOnly"),
	ROW("kube/play", POST, "kube/play", "PLAY", ESCAPE, NONE, YAML, TAR,
	    Q = Q_KUBE),
	ROW("kube/down", DELETE, "kube/play", "PLAY", ESCAPE, NONE, YAML, TAR,
	    Q = "force"),
	ROW("kube/apply", POST, "kube/apply", "PLAY", ESCAPE, NONE, YAML, TAR,
	    Q = "caCertFile kubeConfig namespace service file"),
	ROW("play/kube", POST, "play/kube", "PLAY", ESCAPE, NONE, YAML, TAR,
	    Q = Q_KUBE),
	ROW("play/kube/down", DELETE, "play/kube", "PLAY", ESCAPE, NONE, YAML,
	    TAR, Q = "force"),

	/* "x/push" and "x/add" of version 3 are names to create since 4 */
	ROW("manifests/exists", GET, "manifests/{}/exists", "MANIFESTS", READ,
	    IMAGE),
	ROW("manifests/inspect", GET, "manifests/{}/json", "MANIFESTS", READ,
	    IMAGE, Q = "!tlsVerify"),
	ROW("manifests/push", POST, "manifests/{}/registry/{}", "MANIFESTS",
	    ESCAPE, IMAGE, UNJUDGED, Q = "addCompression* all quiet "
	    "forceCompressionFormat tlsVerify"),
	ROW("manifests/create", POST, "manifests/{}", "MANIFESTS", ESCAPE,
	    IMAGE, UNJUDGED, JSON_OPT, Q = "images* all amend annotation* "
	    "annotations"),
	ROW("manifests/modify", PUT, "manifests/{}", "MANIFESTS", ESCAPE,
	    IMAGE, UNJUDGED, JSON, Q = "tlsVerify"),
	ROW("manifests/remove", DELETE, "manifests/{}", "MANIFESTS", WRITE,
	    IMAGE, WRITE, Q = "ignore"),

	ROW("networks/list", GET, "networks/json", "NETWORKS", READ, NONE,
	    Q = "filters"),
	ROW("networks/create", POST, "networks/create", "NETWORKS", ESCAPE,
	    NONE, UNJUDGED, JSON, Q = "ignoreIfExists"),
	ROW("networks/prune", POST, "networks/prune", "NETWORKS", WRITE, NONE,
	    WRITE, Q = "filters"),
	ROW("networks/exists", GET, "networks/{}/exists", "NETWORKS", READ,
	    NETWORK),
	ROW("networks/inspect", GET, "networks/{}/json", "NETWORKS", READ,
	    NETWORK),
	ROW("networks/connect", POST, "networks/{}/connect", "NETWORKS",
	    ESCAPE, NETWORK, UNJUDGED, JSON),
	ROW("networks/disconnect", POST, "networks/{}/disconnect", "NETWORKS",
	    ESCAPE, NETWORK, UNJUDGED, JSON),
	ROW("networks/update", POST, "networks/{}/update", "NETWORKS", ESCAPE,
	    NETWORK, UNJUDGED, JSON),
	ROW("networks/inspect/name", GET, "networks/{}", "NETWORKS", READ,
	    NETWORK),
	ROW("networks/remove", DELETE, "networks/{}", "NETWORKS", WRITE,
	    NETWORK, WRITE, Q = "force"),

	/* a pod is no container: no condition on one is looked up for it */
	ROW("pods/list", GET, "pods/json", "PODS", READ, NONE, Q = "filters"),
	ROW("pods/stats", GET, "pods/stats", "PODS", READ, NONE, STREAM,
	    Q = "all namesOrIDs* stream delay"),
	ROW("pods/create", POST, "pods/create", "PODS", ESCAPE, NONE, UNJUDGED,
	    JSON),
	ROW("pods/prune", POST, "pods/prune", "PODS", WRITE, NONE, WRITE),
	ROW("pods/exists", GET, "pods/{}/exists", "PODS", READ, WORD),
	ROW("pods/inspect", GET, "pods/{}/json", "PODS", READ_SECRET, WORD),
	ROW("pods/top", GET, "pods/{}/top", "PODS", READ_SECRET, WORD, STREAM,
	    Q = "stream delay ?ps_args"),
	ROW("pods/kill", POST, "pods/{}/kill", "PODS", WRITE, WORD, WRITE,
	    Q = "signal"),
	ROW("pods/pause", POST, "pods/{}/pause", "PODS", WRITE, WORD, WRITE),
	ROW("pods/restart", POST, "pods/{}/restart", "PODS", WRITE, WORD,
	    WRITE),
	ROW("pods/start", POST, "pods/{}/start", "PODS", WRITE, WORD, WRITE),
	ROW("pods/stop", POST, "pods/{}/stop", "PODS", WRITE, WORD, WRITE,
	    Q = "t"),
	ROW("pods/unpause", POST, "pods/{}/unpause", "PODS", WRITE, WORD,
	    WRITE),
	ROW("pods/remove", DELETE, "pods/{}", "PODS", WRITE, WORD, WRITE,
	    Q = "force timeout"),

	/* a driver runs commands on the host */
	ROW("secrets/list", GET, "secrets/json", "SECRETS", READ, NONE,
	    Q = "filters"),
	ROW("secrets/create", POST, "secrets/create", "SECRETS", ESCAPE, NONE,
	    UNJUDGED, TAR, Q = "name driver driveropts labels replace ignore"),
	ROW("secrets/exists", GET, "secrets/{}/exists", "SECRETS", READ, ID),
	ROW("secrets/inspect", GET, "secrets/{}/json", "SECRETS", READ_SECRET,
	    ID, Q = "!showsecret"),
	ROW("secrets/remove", DELETE, "secrets/{}", "SECRETS", WRITE, ID,
	    WRITE, Q = "all ignore"),

	ROW("volumes/list", GET, "volumes/json", "VOLUMES", READ, NONE,
	    Q = "filters"),
	ROW("volumes/create", POST, "volumes/create", "VOLUMES", ESCAPE, NONE,
	    UNJUDGED, JSON),
	ROW("volumes/prune", POST, "volumes/prune", "VOLUMES", WRITE, NONE,
	    WRITE, Q = "filters dryrun"),
	ROW("volumes/exists", GET, "volumes/{}/exists", "VOLUMES", READ,
	    VOLUME),
	ROW("volumes/inspect", GET, "volumes/{}/json", "VOLUMES", READ,
	    VOLUME),
	ROW("volumes/export", GET, "volumes/{}/export", "VOLUMES", READ_SECRET,
	    VOLUME, BULK),
	ROW("volumes/import", POST, "volumes/{}/import", "VOLUMES", ESCAPE,
	    VOLUME, UNJUDGED, TAR),
	ROW("volumes/remove", DELETE, "volumes/{}", "VOLUMES", WRITE, VOLUME,
	    WRITE, Q = "force timeout"),

	ROW("artifacts/list", GET, "artifacts/json", "ARTIFACTS", READ, NONE),
	ROW("artifacts/add", POST, "artifacts/add", "ARTIFACTS", ESCAPE, NONE,
	    UNJUDGED, TAR, Q = "name fileName fileMIMEType annotations* "
	    "artifactMIMEType append replace"),
	ROW("artifacts/local/add", POST, "artifacts/local/add", "ARTIFACTS",
	    ESCAPE, NONE, UNJUDGED, Q = "name path fileName fileMIMEType "
	    "annotations* artifactMIMEType append replace"),
	ROW("artifacts/pull", POST, "artifacts/pull", "ARTIFACTS", ESCAPE,
	    NONE, UNJUDGED, Q = "name retry retryDelay tlsVerify"),
	ROW("artifacts/remove/all", DELETE, "artifacts/remove", "ARTIFACTS",
	    WRITE, NONE, WRITE, Q = "artifacts* all ignore"),
	ROW("artifacts/extract", GET, "artifacts/{}/extract", "ARTIFACTS",
	    READ_SECRET, IMAGE, BULK, Q = "title digest excludeTitle"),
	ROW("artifacts/inspect", GET, "artifacts/{}/json", "ARTIFACTS", READ,
	    IMAGE),
	ROW("artifacts/push", POST, "artifacts/{}/push", "ARTIFACTS", ESCAPE,
	    IMAGE, UNJUDGED, Q = "retry retryDelay tlsVerify"),
	ROW("artifacts/remove", DELETE, "artifacts/{}", "ARTIFACTS", WRITE,
	    IMAGE, WRITE),

	/* units of the host's systemd */
	ROW("quadlets/list", GET, "quadlets/json", "QUADLETS", READ, NONE,
	    Q = "filters"),
	ROW("quadlets/exists", GET, "quadlets/{}/exists", "QUADLETS", READ,
	    WORD),
	ROW("quadlets/file", GET, "quadlets/{}/file", "QUADLETS", READ_SECRET,
	    WORD),
	ROW("quadlets/install", POST, "quadlets", "QUADLETS", ESCAPE, NONE,
	    UNJUDGED, TAR, Q = "replace reload-systemd"),
	ROW("quadlets/remove/all", DELETE, "quadlets", "QUADLETS", ESCAPE,
	    NONE, UNJUDGED, Q = "quadlets* all force ignore reload-systemd"),
	ROW("quadlets/remove", DELETE, "quadlets/{}", "QUADLETS", ESCAPE, WORD,
	    UNJUDGED, Q = "force ignore reload-systemd"),
};

#define NROWS	(sizeof(table) / sizeof(table[0]))

_Static_assert(NROWS <= EP_LIBPOD_MAX, "more rows than were counted");

const struct endpoint *
endpoint_libpod(size_t n)
{
	return (n < NROWS ? &table[n] : NULL);
}

size_t
endpoint_libpod_count(void)
{
	return (NROWS);
}
