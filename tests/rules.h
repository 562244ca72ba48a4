/* SPDX-License-Identifier: ISC */

/*
 * The table of test_rules.c: sets of rules, and who decides which request.
 */

static const struct set sets[] = {
/* nothing passes but by a rule */
{ { "allow image any" }, {
    { "GET /_ping", NULL, NULL, NULL, 0, 'b' },
    { "GET /containers/json", NULL, NULL, NULL, 0, 'b' },
} },
/* the last that matches decides */
{ { "pass read on containers", "block on containers/logs",
    "pass on containers/logs path \"/containers/web/logs\"" }, {
    { "GET /containers/json", NULL, NULL, NULL, 1, 'p' },
    { "GET /v1.41/containers/json?all=1", NULL, NULL, NULL, 1, 'p' },
    { "GET /containers/db/logs", NULL, NULL, NULL, 2, 'b' },
    { "GET /containers/web/logs", NULL, NULL, NULL, 3, 'p' },
    { "GET /v1.44/containers/web/logs", NULL, NULL, NULL, 3, 'p' },
    { "POST /containers/web/start", NULL, NULL, NULL, 0, 'b' },
    { "GET /info", NULL, NULL, NULL, 0, 'b' },
} },
/* quick ends the search, the first one first */
{ { "block quick on exec", "pass on any", "pass quick on exec",
    "allow image any" }, {
    { "POST /containers/a/exec", NULL, NULL, NULL, 1, 'b' },
    { "GET /info", NULL, NULL, NULL, 2, 'p' },
} },
{ { "pass on any", "block quick on containers path \"/containers/db/*\"",
    "pass quick on containers", "block on any", "allow image any" }, {
    { "GET /containers/db/json", NULL, NULL, NULL, 2, 'b' },
    { "GET /containers/web/json", NULL, NULL, NULL, 3, 'p' },
    { "GET /info", NULL, NULL, NULL, 4, 'b' },
} },
/* read and write are of the operation, methods of the request */
{ { "pass read on any", "block method { DELETE } on any" }, {
    { "GET /containers/a/attach/ws", NULL, NULL, NULL, 0, 'b' },
    { "GET /containers/a/json", NULL, NULL, NULL, 1, 'p' },
    { "DELETE /containers/a", NULL, NULL, NULL, 2, 'b' },
} },
{ { "pass method GET on { ping, version }" }, {
    { "GET /_ping", NULL, NULL, NULL, 1, 'p' },
    { "HEAD /_ping", NULL, NULL, NULL, 0, 'b' },
    { "GET /version", NULL, NULL, NULL, 1, 'p' },
} },
/* paths: a star stops at a slash, the version does not count */
{ { "pass on containers path { \"/containers/web-*/json\", "
    "\"/containers/json\" }", "allow image any" }, {
    { "GET /containers/web-1/json", NULL, NULL, NULL, 1, 'p' },
    { "GET /v1.30/containers/web-/json", NULL, NULL, NULL, 1, 'p' },
    { "GET /containers/db/json", NULL, NULL, NULL, 0, 'b' },
    { "GET /containers/json", NULL, NULL, NULL, 1, 'p' },
} },
/* queries */
{ { "pass on containers/kill query \"signal\" in { \"HUP\", \"USR*\" }",
    "pass on containers/remove query \"force\" absent "
    "query \"v\" not in \"1\"",
    "pass on containers/list query \"all\" given" }, {
    { "POST /containers/a/kill?signal=HUP", NULL, NULL, NULL, 1, 'p' },
    { "POST /containers/a/kill?signal=USR2", NULL, NULL, NULL, 1, 'p' },
    { "POST /containers/a/kill?signal=KILL", NULL, NULL, NULL, 0, 'b' },
    { "POST /containers/a/kill", NULL, NULL, NULL, 0, 'b' },
    { "POST /containers/a/kill?signal=HUP&signal=KILL", NULL, NULL, NULL,
	0, 'b' },
    { "POST /containers/a/kill?signal=KILL&signal=HUP", NULL, NULL, NULL,
	0, 'b' },
    { "POST /containers/a/kill?signa%6c=HUP", NULL, NULL, NULL, 1, 'p' },
    { "DELETE /containers/a", NULL, NULL, NULL, 2, 'p' },
    { "DELETE /containers/a?v=0", NULL, NULL, NULL, 2, 'p' },
    { "DELETE /containers/a?v=1", NULL, NULL, NULL, 0, 'b' },
    { "DELETE /containers/a?v=0&v=1", NULL, NULL, NULL, 0, 'b' },
    { "DELETE /containers/a?force=", NULL, NULL, NULL, 0, 'b' },
    { "DELETE /containers/a?force=0", NULL, NULL, NULL, 0, 'b' },
    { "GET /containers/json?all=", NULL, NULL, NULL, 3, 'p' },
    { "GET /containers/json", NULL, NULL, NULL, 0, 'b' },
} },
/* a rule that blocks is content with any of the values */
{ { "pass on containers/kill",
    "block on containers/kill query \"signal\" in \"KILL\"" }, {
    { "POST /containers/a/kill?signal=HUP&signal=KILL", NULL, NULL, NULL,
	2, 'b' },
    { "POST /containers/a/kill?signal=HUP", NULL, NULL, NULL, 1, 'p' },
} },
/* "/db" is the name db to the engine, and reaches it as that */
{ { "pass on { containers/create, containers/rename }", "allow image any",
    "block on containers/create query \"name\" in \"db*\"",
    "pass on containers/rename query \"name\" not in \"db\"",
    "block on containers/rename query \"name\" in { \"x\", \"db\" }" }, {
    { "POST /containers/create?name=db1", NULL, NULL, NULL, 3, 'b' },
    { "POST /containers/create?name=/db1", NULL, NULL, NULL, 3, 'b' },
    { "POST /containers/create?name=%2Fdb", NULL, NULL, NULL, 3, 'b' },
    { "POST /containers/create?name=/web", NULL, NULL, NULL, 1, 'p' },
    { "POST /containers/a/rename?name=/db", NULL, NULL, NULL, 5, 'b' },
    { "POST /containers/a/rename?name=/web", NULL, NULL, NULL, 4, 'p' },
} },
{ { "pass on containers/rename query \"name\" not in \"db\"" }, {
    { "POST /containers/a/rename?name=/db", NULL, NULL, NULL, 0, 'b' },
    { "POST /containers/a/rename?name=web", NULL, NULL, NULL, 1, 'p' },
} },
/* addresses */
{ { "pass on ping from { 10.0.0.0/8, ! 10.1.0.0/16, fd00::/8, 192.0.2.7 }",
    "pass on version from ! 10.0.0.1", "pass on info from any" }, {
    { "GET /_ping", "10.2.3.4", NULL, NULL, 1, 'p' },
    { "GET /_ping", "10.1.3.4", NULL, NULL, 0, 'b' },
    { "GET /_ping", "11.2.3.4", NULL, NULL, 0, 'b' },
    { "GET /_ping", "fd12::1", NULL, NULL, 1, 'p' },
    { "GET /_ping", "fe80::1", NULL, NULL, 0, 'b' },
    { "GET /_ping", "192.0.2.7", NULL, NULL, 1, 'p' },
    { "GET /_ping", "192.0.2.6", NULL, NULL, 0, 'b' },
    { "GET /_ping", "uid 0", NULL, NULL, 0, 'b' },
    { "GET /version", "10.0.0.1", NULL, NULL, 0, 'b' },
    { "GET /version", "10.0.0.2", NULL, NULL, 2, 'p' },
    { "GET /version", "uid 0", NULL, NULL, 2, 'p' },
    { "GET /info", "uid 0", NULL, NULL, 3, 'p' },
    { "GET /info", "::1", NULL, NULL, 3, 'p' },
} },
/* IPv4 in IPv6 is IPv4, of the client and in the file */
{ { "pass on any", "block on ping from ::ffff:10.0.0.1",
    "block on version from ::ffff:10.0.0.0/104", "allow image any" }, {
    { "GET /_ping", "10.0.0.1", NULL, NULL, 2, 'b' },
    { "GET /_ping", "10.0.0.2", NULL, NULL, 1, 'p' },
    { "GET /version", "10.1.2.3", NULL, NULL, 3, 'b' },
    { "GET /version", "11.1.2.3", NULL, NULL, 1, 'p' },
    { "GET /version", "fd00::1", NULL, NULL, 1, 'p' },
} },
/* bits that do not end at a byte */
{ { "pass on ping from 172.16.0.0/12", "pass on version from 0.0.0.0/0" }, {
    { "GET /_ping", "172.16.0.1", NULL, NULL, 1, 'p' },
    { "GET /_ping", "172.31.255.255", NULL, NULL, 1, 'p' },
    { "GET /_ping", "172.32.0.0", NULL, NULL, 0, 'b' },
    { "GET /version", "8.8.8.8", NULL, NULL, 2, 'p' },
    { "GET /version", "::1", NULL, NULL, 0, 'b' },
} },
/* users */
{ { "pass on ping from { uid 1000, gid 27 }",
    "block on ping from ! uid 1000 label \"not alice\"" }, {
    { "GET /_ping", "uid 1000", NULL, NULL, 1, 'p' },
    { "GET /_ping", "gid 27", NULL, NULL, 2, 'b' },
    { "GET /_ping", "uid 1001", NULL, NULL, 2, 'b' },
    { "GET /_ping", "10.0.0.1", NULL, NULL, 2, 'b' },
} },
/* the container meant: asked for only where a rule wants to know */
{ { "pass read on containers",
    "pass on containers/restart container \"web-*\"",
    "pass on containers/stop container label \"proxyd.allow=yes\"",
    "pass on containers/kill container { \"web-*\", ! \"web-1\" }" }, {
    { "GET /containers/a/json", NULL, NULL, NULL, 1, 'p' },
    { "POST /containers/a/restart", NULL, NULL, NULL, 0, '?' },
    { "POST /containers/a/restart", NULL, "web-1", NULL, 2, 'p' },
    { "POST /containers/web-1/restart", NULL, "db", NULL, 0, 'b' },
    { "POST /containers/a/restart", NULL, "", NULL, 0, 'b' },
    { "POST /containers/a/stop", NULL, "x proxyd.allow=yes a=b", NULL,
	3, 'p' },
    { "POST /containers/a/stop", NULL, "x proxyd.allow=no", NULL, 0, 'b' },
    { "POST /containers/a/stop", NULL, "x proxyd.allow=yess", NULL, 0, 'b' },
    { "POST /containers/a/stop", NULL, "x xproxyd.allow=yes", NULL, 0, 'b' },
    { "POST /containers/a/kill", NULL, "web-1", NULL, 0, 'b' },
    { "POST /containers/a/kill", NULL, "web-2", NULL, 4, 'p' },
    { "POST /containers/a/kill", NULL, NULL, NULL, 0, '?' },
    { "POST /containers/a/start", NULL, NULL, NULL, 0, 'b' },
} },
/* cheap conditions spare the look-up */
/* elsewhere than in the path */
{ { "pass on { commit, networks } container \"web-*\"",
    "block on networks/disconnect container \"web-2\"",
    "pass on libpod/commit container ! \"db\"",
    "pass on networks/list" }, {
    { "POST /commit?container=a", NULL, NULL, NULL, 0, '?' },
    { "POST /commit?container=a", NULL, "web-1", NULL, 1, 'p' },
    { "POST /commit?container=a", NULL, "db", NULL, 0, 'b' },
    { "POST /commit?container=a", NULL, "", NULL, 0, 'b' },
    { "POST /networks/n/connect", NULL, NULL, NULL, 0, '?' },
    { "POST /networks/n/connect", NULL, "web-2", NULL, 1, 'p' },
    { "POST /networks/n/disconnect", NULL, "web-2", NULL, 2, 'b' },
    { "POST /networks/n/disconnect", NULL, "web-1", NULL, 1, 'p' },
    { "POST /libpod/commit?container=a", NULL, "db", NULL, 0, 'b' },
    { "POST /libpod/commit?container=a", NULL, "web", NULL, 3, 'p' },
    { "GET /networks", NULL, NULL, NULL, 4, 'p' },
    { "DELETE /networks/n", NULL, NULL, NULL, 0, 'b' },
    { "POST /networks/create", NULL, NULL, NULL, 0, 'b' },
} },
{ { "pass on containers/restart from uid 0 container \"web-*\"" }, {
    { "POST /containers/a/restart", "uid 1", NULL, NULL, 0, 'b' },
    { "POST /containers/a/restart", "uid 0", NULL, NULL, 0, '?' },
    { "POST /containers/a/restart", "uid 0", "web-9", NULL, 1, 'p' },
} },
/* who cannot be told gains nothing by it */
{ { "pass on { ping, version, info, events }",
    "block on ping from container \"evil\"",
    "block on version from ! container \"good\"",
    "block on info from label \"a=b\"",
    "pass on df from container \"good\"",
    "pass on networks/list from ! container \"evil\"",
    "pass on volumes/list from { uid 5, container \"good\" }" }, {
    { "GET /_ping", "uid 5", NULL, "?", 2, 'b' },
    { "GET /version", "uid 5", NULL, "?", 3, 'b' },
    { "GET /info", "uid 5", NULL, "?", 4, 'b' },
    { "GET /events", "uid 5", NULL, "?", 1, 'p' },
    { "GET /system/df", "uid 5", NULL, "?", 0, 'b' },
    { "GET /networks", "uid 5", NULL, "?", 0, 'b' },
    { "GET /volumes", "uid 5", NULL, "?", 7, 'p' },
    { "GET /volumes", "uid 6", NULL, "?", 0, 'b' },
    { "GET /_ping", "uid 5", NULL, "", 1, 'p' },
    { "GET /networks", "uid 5", NULL, "", 6, 'p' },
} },
/* the container that asks */
{ { "pass on ping from container \"traefik\"",
    "pass on version from { label \"role=ci\", uid 0 }" }, {
    { "GET /_ping", "uid 5", NULL, NULL, 0, '?' },
    { "GET /_ping", "uid 5", NULL, "traefik", 1, 'p' },
    { "GET /_ping", "uid 5", NULL, "other role=ci", 0, 'b' },
    { "GET /_ping", "10.0.0.1", NULL, "", 0, 'b' },
    { "GET /version", "uid 0", NULL, NULL, 2, 'p' },
    { "GET /version", "uid 5", NULL, "x role=ci", 2, 'p' },
    { "GET /version", "uid 5", NULL, "x role=c", 0, 'b' },
} },
/* groups of operations, and "any" */
{ { "pass on { swarm, nodes }", "block read on any" }, {
    { "POST /swarm/init", NULL, NULL, NULL, 0, 'b' },
    { "GET /nodes", NULL, NULL, NULL, 2, 'b' },
} },
/* what is not judged takes more than a rule */
{ { "pass on any", "allow unjudged", "allow image any" }, {
    { "POST /swarm/init", NULL, NULL, NULL, 1, 'p' },
    { "GET /debug/vars", NULL, NULL, NULL, 0, 'b' },
} },
};
