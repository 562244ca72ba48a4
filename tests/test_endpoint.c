/* SPDX-License-Identifier: ISC */

/*
 * The endpoint table against tests/endpoints.tsv, which lists every operation
 * of the API as its routers register it: reachable by name, by exact method
 * and by anchored path, in its versions and no others.  Then the invariants
 * of the columns, and what is looked up in them.
 */

#include "../proxyd/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "../tests/test.h"

#define TSV		"tests/endpoints.tsv"
#define TSV_COLUMNS	9
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum column {
	COL_ID, COL_NAME, COL_METHOD, COL_PATH, COL_MIN, COL_MAX, COL_ENV,
	COL_RISK, COL_BODY
};

static const char *const risks[] = {
	"read", "read-secret", "write", "host-escape"
};
static const char *const bodies[] = {
	"NONE", "JSON", "JSON_OPT", "TAR", "RAW"
};

static const char *
sample(int args, size_t n)
{
	if (n > 0)
		return ("cp-1");
	switch (args) {
	case ARG_EXEC:
		return (HEX64);
	case ARG_IMAGE:
	case ARG_PLUGIN:
		return ("registry:5000/team/app");
	default:
		return ("web_1.x-y");
	}
}

/* The row's path with arguments put in. */
static void
fill(const struct endpoint *ep, char *buf, size_t size)
{
	const char	*p;
	size_t		 n = 0, len;

	buf[0] = '\0';
	for (p = ep->path; *p != '\0'; p++) {
		if (*p == '{') {
			strlcat(buf, sample(ep->args, n++), size);
			p++;
			continue;
		}
		len = strlen(buf);
		buf[len] = *p;
		buf[len + 1] = '\0';
	}
}

static int
match(enum method m, const char *path)
{
	struct ep_match	 em;

	return (endpoint_match(m, path, strlen(path), &em));
}

static int
match_name(enum method m, const char *path, const char *want)
{
	int	 op;

	op = match(m, path);
	if (op >= 0 && strcmp(endpoint_get((size_t)op)->name, want) == 0)
		return (1);
	printf("%s %s is %s, not %s\n", method_name(m), path, op < 0 ? "none" :
	    endpoint_get((size_t)op)->name, want);
	return (0);
}

static void
check_columns(const struct endpoint *ep, char **col)
{
	CHECK_STR(ep->path, col[COL_PATH]);
	CHECK_STR(method_name(ep->method), col[COL_METHOD]);
	CHECK_INT(ep->api_min, atoi(col[COL_MIN]));
	CHECK_INT(ep->api_max, atoi(col[COL_MAX]));
	CHECK_STR(ep->env == NULL ? "-" : ep->env, col[COL_ENV]);
	CHECK_STR(risks[ep->risk], col[COL_RISK]);
	CHECK_STR(bodies[ep->body], col[COL_BODY]);
}

/* This path is this row's for its method and for no other. */
static void
check_match(const struct endpoint *ep, int op)
{
	struct ep_match	 em;
	char		 path[256], longer[300];
	unsigned int	 m;
	size_t		 i;

	fill(ep, path, sizeof(path));
	CHECK_INT(endpoint_match(ep->method, path, strlen(path), &em), op);
	for (i = 0; ep->args != ARG_ANY && i < em.nargs; i++) {
		CHECK(strncmp(em.arg[i], sample(ep->args, i),
		    em.arglen[i]) == 0);
		CHECK_INT((int)em.arglen[i],
		    (int)strlen(sample(ep->args, i)));
	}
	CHECK_INT((int)em.nargs, ep->args == ARG_NONE ? 0 :
	    strchr(strchr(ep->path, '{') + 1, '{') != NULL ? 2 : 1);
	for (m = METHOD_GET; m <= METHOD_OTHER; m++)
		if (m != ep->method)
			CHECK(match((enum method)m, path) != op);
	if (ep->args == ARG_ANY)
		return;
	CHECK_INT(match(METHOD_OTHER, path), -2);
	snprintf(longer, sizeof(longer), "%s/x\x01", path);
	CHECK(match(ep->method, longer) != op ||
	    ep->args == ARG_IMAGE || ep->args == ARG_PLUGIN);
	snprintf(longer, sizeof(longer), "/x%s", path);
	CHECK_INT(match(ep->method, longer), -1);
	path[1] ^= 0x20;
	CHECK_INT(match(ep->method, path), -1);
}

static void
check_version(const struct endpoint *ep)
{
	unsigned int	 min = ep->api_min, max = ep->api_max;

	CHECK(endpoint_in_version(ep, min == 0 ? API_MINOR_MIN : min));
	if (min > 0)
		CHECK(!endpoint_in_version(ep, min - 1));
	if (max > 0) {
		CHECK(endpoint_in_version(ep, max));
		CHECK(!endpoint_in_version(ep, max + 1));
	} else
		CHECK(endpoint_in_version(ep, API_MINOR_MAX));
	CHECK_INT(endpoint_in_version(ep, 0), max == 0);
	CHECK_INT((ep->flags & EPF_LEGACY) != 0, max != 0);
}

static int
check_line(char *line)
{
	const struct endpoint	*ep;
	char			*col[TSV_COLUMNS];
	size_t			 n;
	int			 op;

	line[strcspn(line, "\n")] = '\0';
	for (n = 0; n < TSV_COLUMNS; n++)
		if ((col[n] = strsep(&line, "\t")) == NULL)
			break;
	CHECK_INT((int)n, TSV_COLUMNS);
	if (n != TSV_COLUMNS)
		return (-1);
	op = endpoint_byname(col[COL_NAME]);
	if (op == -1) {
		printf("%s: no row\n", col[COL_NAME]);
		CHECK(op != -1);
		return (-1);
	}
	ep = endpoint_get((size_t)op);
	check_columns(ep, col);
	check_match(ep, op);
	check_version(ep);
	return (op);
}

static void
test_every_operation(void)
{
	char	 line[512];
	bool	 seen[EP_MAX] = { false };
	size_t	 n = 0, i;
	FILE	*f;
	int	 op;

	f = fopen(TSV, "r");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#')
			continue;
		n++;
		if ((op = check_line(line)) == -1)
			continue;
		CHECK(!seen[op]);
		seen[op] = true;
	}
	fclose(f);
	CHECK_INT((int)n, (int)endpoint_count());
	for (i = 0; i < endpoint_count(); i++)
		CHECK(seen[i]);
	CHECK(endpoint_get(endpoint_count()) == NULL);
}

static void
test_routes(void)
{
	static const struct {
		enum method	 method;
		const char	*path;
		const char	*name;
	} t[] = {
		/* a fixed path before an argument, as the routers order it */
		{ METHOD_GET, "/containers/json/json", "containers/inspect" },
		{ METHOD_GET, "/plugins/privileges", "plugins/privileges" },
		{ METHOD_GET, "/plugins/privileges/json", "plugins/inspect" },
		{ METHOD_GET, "/networks/json", "networks/inspect" },
		{ METHOD_GET, "/networks/", "networks/list/slash" },
		{ METHOD_GET, "/debug/pprof/", "debug/pprof" },
		{ METHOD_GET, "/debug/pprof/heap", "debug/pprof/name" },
		{ METHOD_GET, "/debug/pprof/trace", "debug/pprof/trace" },
		{ METHOD_DELETE, "/images/json", "images/remove" },
		{ METHOD_DELETE, "/images/a/json", "images/remove" },
		{ METHOD_GET, "/images/get", "images/save/multi" },
		{ METHOD_GET, "/images/get/get", "images/save" },
		/* the longest tail ends an argument with slashes */
		{ METHOD_GET, "/images/h:5/a/b/json", "images/inspect" },
		{ METHOD_GET, "/images/json/json/json", "images/inspect" },
		{ METHOD_POST, "/images/a/push/tag", "images/tag" },
		{ METHOD_POST, "/plugins/h/p:1/enable", "plugins/enable" },
		{ METHOD_GET, "/distribution/h:5/a/json",
		    "distribution/inspect" },
		{ METHOD_OPTIONS, "/no/such/thing", "options" },
		{ METHOD_OPTIONS, "*", "options" },
		/* podman's own */
		{ METHOD_GET, "/libpod/containers/json",
		    "libpod/containers/list" },
		{ METHOD_GET, "/libpod/containers/stats",
		    "libpod/containers/stats/all" },
		{ METHOD_GET, "/libpod/containers/stats/stats",
		    "libpod/containers/stats" },
		{ METHOD_DELETE, "/libpod/images/remove",
		    "libpod/images/remove/all" },
		{ METHOD_DELETE, "/libpod/images/h:5/a/b",
		    "libpod/images/remove" },
		{ METHOD_POST, "/libpod/images/scp/h:5/a",
		    "libpod/images/scp" },
		{ METHOD_GET, "/libpod/images/h:5/a/tree",
		    "libpod/images/tree" },
		{ METHOD_POST, "/libpod/local/build", "libpod/local/build" },
		{ METHOD_POST, "/libpod/artifacts/local/add",
		    "libpod/artifacts/local/add" },
		{ METHOD_GET, "/libpod/networks/json", "libpod/networks/list" },
		{ METHOD_GET, "/libpod/networks/json/json",
		    "libpod/networks/inspect" },
		{ METHOD_GET, "/libpod/generate/web/systemd",
		    "libpod/generate/systemd" },
		{ METHOD_POST, "/libpod/manifests/a/b/registry/h:5/c/d",
		    "libpod/manifests/push" },
		{ METHOD_POST, "/libpod/manifests/a/registry/b/registry/c",
		    "libpod/manifests/push" },
		/* of version 3; since 4 they name what is created */
		{ METHOD_POST, "/libpod/manifests/a/push",
		    "libpod/manifests/create" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK(match_name(t[i].method, t[i].path, t[i].name));
}

static void
test_no_routes(void)
{
	static const struct {
		enum method	 method;
		const char	*path;
		int		 want;
	} t[] = {
		{ METHOD_GET, "", -1 },
		{ METHOD_GET, "/", -1 },
		{ METHOD_GET, "version", -1 },
		{ METHOD_GET, "/versionX", -1 },
		{ METHOD_GET, "/version/", -1 },
		{ METHOD_GET, "/Containers/json", -1 },
		{ METHOD_GET, "/containers", -1 },
		{ METHOD_GET, "/containers/", -1 },
		{ METHOD_GET, "/containers//json", -1 },
		{ METHOD_GET, "/containers/a/json/", -1 },
		{ METHOD_POST, "/containers/a/startfoo", -1 },
		{ METHOD_POST, "/containers/a/start/exec", -1 },
		{ METHOD_POST, "/containers/a/stop/exec", -1 },
		{ METHOD_GET, "/containers/a/b/json", -1 },
		{ METHOD_DELETE, "/containers/a/start", -2 },
		{ METHOD_GET, "/containers/create", -2 },
		{ METHOD_HEAD, "/containers/json", -2 },
		{ METHOD_GET, "/images//json", -2 },	/* of images/remove */
		{ METHOD_POST, "/images/a/json", -2 },
		{ METHOD_GET, "/volumes/", -1 },
		{ METHOD_GET, "/exec/x/start/y", -1 },
		{ METHOD_GET, "/libpod", -1 },
		{ METHOD_GET, "/libpod/", -1 },
		{ METHOD_GET, "/libpod/nope", -1 },
		{ METHOD_GET, "/libpod/libpod/info", -1 },
		{ METHOD_POST, "/libpod/info", -2 },
		{ METHOD_GET, "/libpod/containers/a/b/json", -1 },
		{ METHOD_POST, "/libpod/containers/a/startfoo", -1 },
		{ METHOD_GET, "/libpod/libpod/containers/json", -1 },
		{ METHOD_POST, "/libpodx/containers/create", -1 },
		{ METHOD_POST, "/libpod/libpod", -1 },
		{ METHOD_GET, "/{}", -1 },
		{ METHOD_OTHER, "/containers/json", -2 },
		{ METHOD_OTHER, "/nope", -1 },
	};
	size_t	 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (match(t[i].method, t[i].path) != t[i].want)
			printf("%s %s\n", method_name(t[i].method),
			    t[i].path);
		CHECK_INT(match(t[i].method, t[i].path), t[i].want);
	}
	/* the length decides, not a terminator */
	CHECK_INT(endpoint_match(METHOD_GET, "/versionX", 8,
	    &(struct ep_match){ .nargs = 0 }), endpoint_byname("version"));
}

static void
test_flags(void)
{
	const struct endpoint	*ep;
	size_t			 i;
	bool			 upgrade;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		test_current = ep->name;
		if (ep->risk == RISK_WRITE)
			CHECK(ep->flags & EPF_WRITE);
		if (ep->flags & EPF_WRITE)
			CHECK(ep->risk >= RISK_WRITE);
		if (ep->flags & EPF_UNJUDGED)
			CHECK_INT(ep->risk, RISK_ESCAPE);
		/* of two ways to be refused, one */
		CHECK((ep->flags & EPF_UNJUDGED) == 0 ||
		    (ep->flags & EPF_FLEET) == 0);
		CHECK_INT(ep->env == NULL, (ep->flags & EPF_NEVER) != 0);
		CHECK_INT(ep->schema != SCHEMA_NONE,
		    ep->body == EPB_JSON || ep->body == EPB_JSON_OPT);
		upgrade = ep->body == EPB_RAW ||
		    ep->schema == SCHEMA_EXEC_START;
		CHECK_INT(ep->upgrade != UPGRADE_NONE, upgrade);
		CHECK_INT(ep->args != ARG_NONE, strchr(ep->path, '{') != NULL);
	}
}

/* What the readers of the read-only default rely on. */
static void
test_writes(void)
{
	static const struct {
		const char	*name;
		bool		 write;
	} t[] = {
		{ "containers/attach", true },
		{ "containers/attach/ws", true },
		{ "exec/create", true },
		{ "exec/start", true },
		{ "exec/resize", true },
		{ "session", true },
		{ "grpc", true },
		{ "auth", true },
		{ "containers/archive/put", true },
		{ "containers/wait", false },
		{ "containers/archive/get", false },
		{ "containers/archive/head", false },
		{ "containers/export", false },
		{ "containers/logs", false },
		{ "exec/inspect", false },
		{ "images/save", false },
	};
	const struct endpoint	*ep;
	size_t			 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		test_current = t[i].name;
		ep = endpoint_get((size_t)endpoint_byname(t[i].name));
		CHECK_INT((ep->flags & EPF_WRITE) != 0, t[i].write);
	}
}

/* Rows of one first segment stand together: the index relies on it. */
static void
test_order(void)
{
	const struct endpoint	*ep, *other;
	size_t			 i, k, len;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		len = 1 + strcspn(ep->path + 1, "/");
		for (k = i + 1; (other = endpoint_get(k)) != NULL; k++) {
			CHECK(strcmp(ep->name, other->name) != 0);
			if (strncmp(ep->path, other->path, len) == 0 &&
			    (other->path[len] == '/' ||
			    other->path[len] == '\0'))
				CHECK(strncmp(endpoint_get(k - 1)->path,
				    ep->path, len) == 0);
		}
	}
}

static void
test_named(void)
{
	const struct endpoint	*ep;

	ep = endpoint_get((size_t)endpoint_byname("containers/attach/ws"));
	CHECK(endpoint_named(ep, "any"));
	CHECK(endpoint_named(ep, "containers"));
	CHECK(endpoint_named(ep, "containers/attach"));
	CHECK(endpoint_named(ep, "containers/attach/ws"));
	CHECK(!endpoint_named(ep, "containers/att"));
	CHECK(!endpoint_named(ep, "container"));
	CHECK(!endpoint_named(ep, "containers/"));
	CHECK(!endpoint_named(ep, ""));
	CHECK(!endpoint_named(ep, "containers/attach/ws/x"));
	CHECK_INT(endpoint_byname("containers"), -1);
	CHECK_INT(endpoint_byname(""), -1);
}

static void
test_query_keys(void)
{
	const struct endpoint	*ep;
	struct query_key	 key, other;
	size_t			 i, n, k;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		test_current = ep->name;
		for (n = 0; endpoint_query(ep, n, &key) == 0; n++) {
			CHECK_INT(endpoint_query_find(ep, key.name,
			    strlen(key.name)), (int)n);
			CHECK(strspn(key.name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_") ==
			    strlen(key.name));
			for (k = 0; k < n; k++)
				CHECK(endpoint_query(ep, k, &other) == 0 &&
				    strcmp(key.name, other.name) != 0);
		}
		CHECK(n <= EP_QUERY_MAX);
		CHECK_INT(n == 0, ep->query == NULL);
		CHECK_INT(endpoint_query(ep, n, &key), -1);
	}
	ep = endpoint_get((size_t)endpoint_byname("build/create"));
	CHECK_INT(endpoint_query_find(ep, "cgroup", 6), -1);
	CHECK_INT(endpoint_query_find(ep, "T", 1), -1);
	n = (size_t)endpoint_query_find(ep, "cgroupparent", 12);
	CHECK(endpoint_query(ep, n, &key) == 0 && key.danger && !key.judged);
	n = (size_t)endpoint_query_find(ep, "t", 1);
	CHECK(endpoint_query(ep, n, &key) == 0 && key.judged && key.multi);
}

static void
test_methods(void)
{
	CHECK_INT(method_parse("GET", 3), METHOD_GET);
	CHECK_INT(method_parse("DELETE", 6), METHOD_DELETE);
	CHECK_INT(method_parse("OPTIONS", 7), METHOD_OPTIONS);
	CHECK_INT(method_parse("get", 3), METHOD_OTHER);
	CHECK_INT(method_parse("GETX", 4), METHOD_OTHER);
	CHECK_INT(method_parse("GE", 2), METHOD_OTHER);
	CHECK_INT(method_parse("", 0), METHOD_OTHER);
	CHECK_INT(method_parse("?", 1), METHOD_OTHER);
	CHECK_INT(method_parse("TRACE", 5), METHOD_OTHER);
	CHECK_STR(method_name(METHOD_HEAD), "HEAD");
}

static bool
wanted(const char *row, enum req_header hdr)
{
	return (req_header_wanted(
	    endpoint_get((size_t)endpoint_byname(row)), hdr));
}

static void
test_headers(void)
{
	int	 i;

	for (i = 0; i < HDR_MAX; i++)
		CHECK_INT(req_header_find(req_header_name((enum req_header)i),
		    strlen(req_header_name((enum req_header)i))), i);
	CHECK_INT(req_header_find("x-registry-AUTH", 15), HDR_REGISTRY_AUTH);
	CHECK_INT(req_header_find("X-Registry", 10), -1);
	CHECK_INT(req_header_find("X-Forwarded-For", 15), -1);
	CHECK_INT(req_header_find("Upgrade", 7), -1);
	CHECK_INT(req_header_find("", 0), -1);
	CHECK(wanted("version", HDR_ACCEPT));
	CHECK(wanted("images/push", HDR_REGISTRY_AUTH));
	CHECK(wanted("images/create", HDR_REGISTRY_AUTH));
	CHECK(!wanted("images/list", HDR_REGISTRY_AUTH));
	CHECK(wanted("build/create", HDR_REGISTRY_CONFIG));
	CHECK(!wanted("build/prune", HDR_REGISTRY_CONFIG));
	CHECK(wanted("session", HDR_SESSION_METHOD));
	CHECK(!wanted("grpc", HDR_SESSION_UUID));
	CHECK(wanted("containers/attach/ws", HDR_WS_KEY));
	CHECK(!wanted("containers/attach", HDR_WS_KEY));
}

int
main(void)
{
	RUN(test_every_operation);
	RUN(test_routes);
	RUN(test_no_routes);
	RUN(test_flags);
	RUN(test_writes);
	RUN(test_order);
	RUN(test_named);
	RUN(test_query_keys);
	RUN(test_methods);
	RUN(test_headers);
	return (test_done());
}
