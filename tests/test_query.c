/* SPDX-License-Identifier: ISC */

/*
 * Queries against their rows: what is dropped, what is refused and with which
 * words, what reaches the engine.  The same request is tried under the
 * profiles that make a difference.
 */

#include "../filter/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "../filter/query_value.h"
#include "../tests/test.h"

/* The profiles. */
enum who {
	PLAIN,			/* all rows pass, nothing else */
	SESSION,		/* and the session operation */
	PRIV,			/* allow privileged and unjudged */
	NETS			/* allow network "dev_*", "n[ao]t"; no log */
};

static struct profile *profiles[4];
static struct path path;
static struct peer peer;
static struct facts facts = { .path = &path, .peer = &peer };
static char text[64 * 1024];

static const char *const	 images[] = {
	"nginx:1*", "debian", "acme/*", "ghcr.io/acme/*", "all:*", "cafe"
};

static struct profile *
make_profile(enum who who)
{
	struct profile	*p;
	struct rule	*r;
	size_t		 op;

	if ((p = profile_new("test")) == NULL ||
	    (r = conf_rule(p, ACTION_PASS, "test", NULL)) == NULL)
		abort();
	for (op = 0; op < endpoint_count(); op++)
		opset_add(&r->ops, op);
	p->fromenv = who != NETS;
	if (who == PLAIN || who == NETS) {
		r = conf_rule(p, ACTION_BLOCK, "SESSION=0",
		    "SESSION=1 would");
		if (r == NULL)
			abort();
		opset_add(&r->ops, (size_t)endpoint_byname("session"));
	}
	if (who == NETS) {
		r = conf_rule(p, ACTION_BLOCK, "ALLOW_LOGS=0",
		    "ALLOW_LOGS=1 would");
		if (r == NULL)
			abort();
		opset_add(&r->ops, (size_t)endpoint_byname("containers/logs"));
	}
	if (who == PRIV && (conf_allow(p, ALLOW_PRIVILEGED, "", "t") == NULL ||
	    conf_allow(p, ALLOW_UNJUDGED, "", "t") == NULL))
		abort();
	if (conf_allow(p, ALLOW_NETWORK, who == NETS ? "dev_*" : "*",
	    "t") == NULL || (who == NETS &&
	    conf_allow(p, ALLOW_NETWORK, "n[ao]t", "t") == NULL))
		abort();
	for (op = 0; op < sizeof(images) / sizeof(images[0]); op++)
		if (conf_allow(p, ALLOW_IMAGE, who == NETS ? images[op] : "*",
		    "t") == NULL)
			abort();
	profile_compile(p);
	return (p);
}

/* "a=1&b=2" or "/p?a=1&b=2" into path, without any decoding. */
static void
make_path(const char *query)
{
	struct query_pair	*pair;
	char			*rest = text, *word, *value;

	memset(&path, 0, sizeof(path));
	if (query[0] == '/') {
		path.len = strcspn(query, "?");
		memcpy(path.text, query, path.len);
		query += path.len + (query[path.len] == '?');
	}
	if (strlcpy(text, query, sizeof(text)) >= sizeof(text))
		abort();
	while (*query != '\0' && (word = strsep(&rest, "&")) != NULL) {
		pair = &path.pairs[path.npairs++];
		value = strchr(word, '=');
		if (value == NULL)
			value = word + strlen(word);
		else
			*value++ = '\0';
		pair->name = word;
		pair->namelen = strlen(word);
		pair->value = value;
		pair->valuelen = strlen(value);
	}
}

static void
out_text(const struct endpoint *ep, const struct query_out *out, char *buf,
    size_t size)
{
	struct query_key	 key;
	size_t			 i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < out->n; i++) {
		CHECK_INT(endpoint_query(ep, out->item[i].key, &key), 0);
		len += (size_t)snprintf(buf + len, size - len, "%s%s=%.*s",
		    i > 0 ? "&" : "", key.name, (int)out->item[i].len,
		    out->item[i].value);
	}
}

struct query_case {
	const char	*row;
	enum who	 who;
	const char	*query;
	int		 status;	/* 0: passes */
	const char	*want;		/* what is forwarded, or the reason */
};

static void
run_cases(const struct query_case *t, size_t n)
{
	static struct query_out	 out;
	const struct endpoint	*ep;
	char			 buf[4096];
	unsigned int		 before;
	size_t			 i;
	int			 r;

	for (i = 0; i < n; i++) {
		before = test_bad;
		ep = endpoint_get((size_t)endpoint_byname(t[i].row));
		make_path(t[i].query);
		memset(&out, 0, sizeof(out));
		r = query_judge(ep, profiles[t[i].who], &facts, &out);
		CHECK_INT(r, t[i].status == 0 ? 0 : -1);
		CHECK_INT(out.status, t[i].status);
		if (t[i].status == 0) {
			out_text(ep, &out, buf, sizeof(buf));
			CHECK_STR(buf, t[i].want);
		} else {
			CHECK(strstr(out.reason, t[i].want) != NULL);
			CHECK(out.field[0] != '\0');
			CHECK_INT(out.status == 403,
			    strncmp(out.reason, "Forbidden - ", 12) == 0);
		}
		if (test_bad != before)
			printf("case: %s?%s: %d %s\n", t[i].row, t[i].query,
			    out.status, out.reason);
	}
}

#define CASES(t)	run_cases(t, sizeof(t) / sizeof((t)[0]))

static void
test_keys(void)
{
	static const struct query_case	 t[] = {
		{ "containers/list", PLAIN, "", 0, "" },
		{ "containers/list", PLAIN, "all=1&size=true", 0,
		    "all=1&size=true" },
		/* the client's order, unknown keys dropped */
		{ "containers/list", PLAIN, "size=1&x=2&all=0&Image=evil", 0,
		    "size=1&all=0" },
		{ "containers/list", PLAIN, "ALL=1", 0, "" },
		{ "containers/list", PLAIN, "x=1&x=2", 0, "" },
		{ "version", PLAIN, "all=1", 0, "" },
		{ "containers/list", PLAIN, "all", 0, "all=" },
		{ "containers/list", PLAIN, "all=1&all=1", 400,
		    "all is given twice" },
		{ "containers/list", PLAIN, "all=1&x&all=", 400,
		    "all is given twice" },
		{ "containers/list", PRIV, "all=1&all=0", 400,
		    "all is given twice" },
		{ "images/save/multi", PLAIN, "names=a&names=b:1", 0,
		    "names=a&names=b:1" },
		{ "build/create", PLAIN, "t=a&t=b", 0, "t=a&t=b" },
		{ "build/create", PLAIN, "pull=1&pull=1", 400, "twice" },
		{ "commit", PLAIN, "changes=CMD%20x&changes=ENV%20y", 0,
		    "changes=CMD%20x&changes=ENV%20y" },
		{ "df", PLAIN, "type=image&type=volume", 0,
		    "type=image&type=volume" },
		{ "containers/list", PLAIN, "filters={\"name\":[\"a\"]}", 0,
		    "filters={\"name\":[\"a\"]}" },
		{ "containers/list", PLAIN, "filters=a\nb", 400,
		    "control byte" },
		{ "containers/list", PLAIN, "filters=a\x7f", 400,
		    "control byte" },
		{ "containers/archive/get", PLAIN, "path=/etc/\xc3\xa9", 0,
		    "path=/etc/\xc3\xa9" },
	};

	CASES(t);
}

static void
test_danger(void)
{
	static const struct query_case	 t[] = {
		{ "containers/start", PLAIN, "checkpoint=x", 403,
		    "Forbidden - checkpoint of containers/start is not "
		    "allowed (ALLOW_PRIVILEGED=1 would)" },
		{ "containers/start", PLAIN, "checkpoint-dir=/etc", 403,
		    "checkpoint-dir" },
		{ "containers/start", NETS, "checkpoint-dir=/etc", 403,
		    "(allow unjudged would)" },
		{ "containers/start", PRIV, "checkpoint=x", 0,
		    "checkpoint=x" },
		{ "containers/start", PLAIN, "checkpoint=", 0, "" },
		{ "containers/checkpoints/list", PLAIN, "dir=/etc", 403,
		    "dir" },
		{ "containers/checkpoints/remove", PLAIN, "dir=/etc", 403,
		    "dir" },
		{ "build/create", PLAIN, "cgroupparent=/../x", 403,
		    "cgroupparent" },
		{ "build/create", PLAIN, "cgroupparent=&rm=1", 0, "rm=1" },
		{ "build/create", PLAIN, "securityopt=x", 403,
		    "securityopt" },
		{ "build/create", PRIV, "securityopt=x&securityopt=y", 0,
		    "securityopt=x&securityopt=y" },
	};

	CASES(t);
}

#define AMD64	"{\"os\":\"linux\",\"architecture\":\"amd64\"}"

static void
test_json(void)
{
	static const char *const	 good[][2] = {
		{ "containers/list", "filters={\"label\":[\"a=b\",\"c\"]}" },
		{ "containers/list", "filters={\"label\":{\"a=b\":true}}" },
		{ "volumes/prune", "filters={\"label!\":{\"a\":true},"
		    "\"until\":[\"24h\"]}" },
		{ "images/search", "filters={\"is-official\":[\"true\"]}" },
		{ "events", "filters={}" },
		{ "events", "filters=" },
		{ "tasks/list", "filters=null" },
		{ "build/create", "buildargs={\"A\":\"b\",\"C\":null}" },
		{ "build/create", "labels={\"a\":\"\"}&cachefrom=[\"a\"]" },
		{ "build/create", "cachefrom=null&ulimits=null&labels={}" },
		{ "build/create", "ulimits=[{\"Name\":\"nofile\",\"Hard\":1,"
		    "\"Soft\":1}]" },
		{ "build/create", "platform=linux/arm64/v8" },
		{ "images/inspect", "platform=" AMD64 },
		{ "images/save", "platform=" AMD64 "&platform=linux/amd64" },
		{ "images/create", "platform=windows(10.0.17763)/amd64" },
		{ "containers/resize", "h=24&w=80" },
		{ "exec/resize", "h=0&w=65535" },
		{ "services/update", "version=3&rollback=none" },
		{ "services/update", "rollback=" },
	};
	static const struct query_case	 bad[] = {
		{ "containers/list", PRIV, "filters={\"a\":[\"b\"]}x", 400,
		    "filters is not an object of lists" },
		{ "containers/list", PRIV, "filters={\"a\":[\"b\"],\"a\":[]}",
		    400, "filters is not" },
		{ "containers/list", PRIV, "filters={\"a\":\"b\"}", 400,
		    "filters" },
		{ "containers/list", PRIV, "filters={\"a\":[1]}", 400,
		    "filters" },
		{ "containers/list", PRIV, "filters={\"a\":[null]}", 400,
		    "filters" },
		{ "containers/list", PRIV, "filters={\"a\":{\"b\":1}}", 400,
		    "filters" },
		{ "containers/list", PRIV, "filters={\"a b\":[]}", 400,
		    "filters" },
		{ "containers/list", PRIV, "filters={\"\":[]}", 400,
		    "filters" },
		{ "networks/prune", PRIV, "filters=[]", 400, "filters" },
		{ "volumes/prune", PRIV, "filters=label", 400, "filters" },
		{ "images/prune", PRIV, "filters={\"a\":[\"\\u0000\"]}", 400,
		    "filters" },
		{ "images/prune", PRIV, "filters={\"a\":[[[[[\"b\"]]]]]}", 400,
		    "filters" },
		{ "build/create", PRIV, "buildargs={\"A\":1}", 400,
		    "buildargs is not an object of strings" },
		{ "build/create", PRIV, "buildargs=[\"A=b\"]", 400,
		    "buildargs" },
		{ "build/create", PRIV, "labels={\"A\":null}", 400, "labels" },
		{ "build/create", PRIV, "labels={\"a\":\"b\",\"a\":\"c\"}", 400,
		    "labels" },
		{ "build/create", PRIV, "cachefrom=[1]", 400, "cachefrom" },
		{ "build/create", PRIV, "ulimits=[{\"Name\":\"nofile\","
		    "\"hard\":1}]", 400, "ulimits is not a list" },
		{ "build/create", PRIV, "ulimits=[null]", 400, "ulimits" },
		{ "build/create", PRIV, "ulimits=[{\"Hard\":1.5}]", 400,
		    "ulimits" },
		{ "build/create", PRIV, "ulimits={}", 400, "ulimits" },
		{ "build/create", PRIV, "version=2&outputs=[{\"type\":"
		    "\"local\"}]", 400, "outputs is not a list" },
		{ "build/create", PRIV, "platform={\"os\":\"linux\",\"x\":1}",
		    400, "platform" },
		{ "images/push", PRIV, "platform=a b", 400, "platform" },
		{ "images/remove", PRIV, "platforms={\"OS\":\"x\"}", 400,
		    "platforms" },
		{ "containers/resize", PRIV, "h=24x", 400, "a number" },
		{ "containers/resize", PRIV, "h=-1&w=1", 400, "a number" },
		{ "exec/resize", PRIV, "w=65536", 400, "a number" },
		{ "exec/resize", PRIV, "w=99999999999999999999", 400, "w: " },
		{ "services/update", PLAIN, "rollback=previous", 403,
		    "a roll-back" },
	};
	struct query_case		 c = { .who = PLAIN };
	size_t				 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		c.row = good[i][0];
		c.query = c.want = good[i][1];
		run_cases(&c, 1);
	}
	CASES(bad);
}

static void
test_names(void)
{
	static const struct query_case	 t[] = {
		{ "containers/create", PLAIN, "name=web", 0, "name=web" },
		{ "containers/create", PLAIN, "name=/web", 0, "name=web" },
		{ "containers/create", PLAIN, "name=", 0, "name=" },
		{ "containers/create", PLAIN, "name=//web", 400,
		    "not a container name" },
		{ "containers/create", PLAIN, "name=a/b", 400, "name" },
		{ "containers/create", PLAIN, "name=/", 400, "name" },
		{ "containers/create", PRIV, "name=a b", 400, "name" },
		{ "containers/rename", PLAIN, "name=x1", 0, "name=x1" },
		{ "containers/rename", PLAIN, "name=../x", 400, "name" },
		{ "commit", PLAIN, "container=c87&repo=a/b&tag=v1", 0,
		    "container=c87&repo=a/b&tag=v1" },
		{ "commit", PLAIN, "container=a/json", 400, "container" },
		{ "commit", PLAIN, "repo=http://h/x", 400, "repo" },
		{ "images/create", PLAIN, "fromImage=debian&tag=12", 0,
		    "fromImage=debian&tag=12" },
		{ "images/create", PLAIN, "fromImage=h:5000/a/b:1&tag=", 0,
		    "fromImage=h:5000/a/b:1&tag=" },
		{ "images/create", PLAIN, "fromImage=http://h/x", 400,
		    "not an image reference" },
		{ "images/create", PLAIN, "fromImage=a&fromImage=b", 400,
		    "twice" },
		{ "images/create", PLAIN, "tag=sha256:0123456789abcdef"
		    "0123456789abcdef", 0,
		    "tag=sha256:0123456789abcdef0123456789abcdef" },
		{ "images/create", PLAIN, "tag=a/b", 400, "not a tag" },
		{ "images/create", PLAIN, "tag=a:b", 400, "not a tag" },
		{ "images/create", PLAIN, "tag=a@sha256:0123456789abcdef"
		    "0123456789abcdef", 400, "not a tag" },
		{ "images/tag", PLAIN, "/images/a/tag?repo=x&tag=-", 400,
		    "not a tag" },
		{ "images/tag", PLAIN, "repo=X", 400, "repo" },
		{ "build/create", PLAIN, "t=a//b", 400, "t: " },
		{ "images/save/multi", PLAIN, "names=a&names=../b", 400,
		    "names" },
		{ "plugins/privileges", PLAIN, "remote=h/p:1", 0,
		    "remote=h/p:1" },
		{ "plugins/privileges", PLAIN, "remote=http://h", 400,
		    "remote" },
	};

	CASES(t);
}

#define DIGEST	"sha256:0123456789abcdef0123456789abcdef"

/* What is meant by name, tag and digest, in the query and beside it. */
static void
test_images(void)
{
	static const char *const	 good[][2] = {
		{ "images/create", "fromImage=nginx&tag=1.25" },
		{ "images/create", "fromImage=nginx:1.25" },
		{ "images/create", "fromImage=docker.io/library/nginx&tag=1" },
		{ "images/create", "fromImage=index.docker.io/nginx:1" },
		{ "images/create", "fromImage=nginx:2&tag=1" },
		{ "images/create", "fromImage=nginx:1@" DIGEST },
		{ "images/create", "fromImage=debian&tag=latest" },
		{ "images/create", "fromImage=debian:latest" },
		{ "images/create", "fromImage=docker.io/debian:latest" },
		{ "images/create", "fromImage=acme/a@" DIGEST },
		{ "images/create", "fromImage=acme/a&tag=" DIGEST },
		{ "images/create", "fromImage=acme/a" },
		{ "images/create", "fromImage=all" },
		{ "images/create", "fromImage=ghcr.io/acme/x&tag=2&repo=evil" },
		{ "images/create", "fromSrc=-&repo=acme/x&tag=3" },
		{ "images/create", "fromSrc=-" },
		{ "commit", "container=c&repo=nginx&tag=12" },
		{ "commit", "container=c" },
		{ "build/create", "t=nginx:1&t=acme/x&t=debian" },
		{ "images/push", "/images/ghcr.io/acme/x/push?tag=1" },
		{ "images/push", "/images/ghcr.io/acme/x:1/push" },
		{ "images/push", "/images/nginx/push?tag=1" },
		{ "images/tag", "/images/nginx:1/tag?repo=acme/n&tag=2" },
		{ "images/tag", "/images/debian/tag?repo=debian" },
		{ "images/tag", "/images/cafe/tag?repo=acme/cafe" },
		{ "libpod/commit", "container=c&repo=nginx&tag=12" },
		{ "libpod/commit", "container=c" },
		{ "libpod/images/tag",
		    "/libpod/images/nginx:1/tag?repo=acme/n&tag=2" },
		{ "libpod/images/tag", "/libpod/images/cafe/tag?repo=acme/a" },
	};
	static const struct query_case	 bad[] = {
		{ "images/create", NETS, "fromImage=evil", 403, "Forbidden - "
		    "a pull of evil:* is not allowed (allow image \"evil:*\" "
		    "would)" },
		{ "images/create", NETS, "fromImage=evil:1", 403,
		    "a pull of evil:1 is not allowed (allow image \"evil:1\" "
		    "would)" },
		{ "images/create", NETS, "fromImage=evil&tag=latest", 403,
		    "(allow image \"evil:latest\" would)" },
		/* without a tag it is every tag */
		{ "images/create", NETS, "fromImage=nginx", 403, "nginx:*" },
		{ "images/create", NETS, "fromImage=debian", 403, "debian:*" },
		{ "images/create", NETS, "fromImage=debian&tag=", 403,
		    "debian:*" },
		/* the tag beside it counts, and a digest beats both */
		{ "images/create", NETS, "fromImage=nginx:1&tag=2", 403,
		    "nginx:2" },
		{ "images/create", NETS, "fromImage=nginx:1&tag=" DIGEST, 403,
		    "nginx@" DIGEST },
		{ "images/create", NETS, "fromImage=debian@" DIGEST, 403,
		    "debian@" DIGEST },
		{ "images/create", NETS, "fromImage=evil.io/nginx&tag=1", 403,
		    "evil.io/nginx:1" },
		{ "images/create", NETS, "fromImage=evil/nginx&tag=1", 403,
		    "evil/nginx:1" },
		{ "images/create", NETS, "fromImage=localhost/acme/x:1", 403,
		    "localhost/acme/x:1" },
		{ "images/create", NETS, "fromImage=Acme/x:1", 403,
		    "Acme/x:1" },
		{ "images/create", NETS, "fromImage=ghcr.io:443/acme/x:1", 403,
		    "ghcr.io:443" },
		{ "images/create", NETS, "fromImage=ghcr.io/acme/x/y:1", 403,
		    "ghcr.io/acme/x/y" },
		{ "images/create", NETS, "fromSrc=-&repo=evil", 403,
		    "an import as evil:latest is not" },
		{ "commit", NETS, "container=c&repo=nginx", 403,
		    "a commit as nginx:latest" },
		{ "commit", NETS, "container=c&repo=nginx:1&tag=2", 403,
		    "a commit as nginx:2" },
		{ "build/create", NETS, "t=nginx:1&t=evil", 403,
		    "a build of evil:latest" },
		{ "images/push", NETS, "/images/evil.io/x:1/push", 403,
		    "a push of evil.io/x:1" },
		{ "images/push", NETS, "/images/nginx/push", 403, "nginx:*" },
		{ "images/push", NETS, "/images/nginx:1/push?tag=2", 403,
		    "nginx:2" },
		{ "images/tag", NETS, "/images/evil/tag?repo=acme/x", 403,
		    "a tag for evil:latest" },
		{ "images/tag", NETS, "/images/nginx:1/tag?repo=evil", 403,
		    "a tag as evil:latest" },
		{ "images/tag", NETS, "/images/deb/tag?repo=acme/x", 403,
		    "a tag for deb" },
		{ "images/tag", NETS, "/images/" DIGEST "/tag?repo=acme/x",
		    403, "a tag for sha256:" },
		{ "libpod/commit", NETS, "container=c&repo=evil", 403,
		    "a commit as evil:latest" },
		{ "libpod/images/tag", NETS, "/libpod/images/nginx:1/tag?"
		    "repo=evil", 403, "a tag as evil:latest" },
		{ "libpod/images/tag", NETS, "/libpod/images/deb/tag?"
		    "repo=acme/x", 403, "a tag for deb" },
	};
	struct query_case		 c = { .who = NETS };
	size_t				 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		c.row = good[i][0];
		c.query = good[i][1];
		c.want = strchr(c.query, '?');
		c.want = c.query[0] != '/' ? c.query : c.want == NULL ? "" :
		    c.want + 1;
		run_cases(&c, 1);
	}
	CASES(bad);
}

static void
test_build(void)
{
	static const struct query_case	 t[] = {
		{ "build/create", PLAIN, "networkmode=", 0, "networkmode=" },
		{ "build/create", PLAIN, "networkmode=default", 0,
		    "networkmode=default" },
		{ "build/create", PLAIN, "networkmode=none", 0,
		    "networkmode=none" },
		{ "build/create", PLAIN, "networkmode=my_net", 0,
		    "networkmode=my_net" },
		{ "build/create", PLAIN, "networkmode=host", 403,
		    "Forbidden - build on the host network is not allowed "
		    "(ALLOW_PRIVILEGED=1 would)" },
		{ "build/create", PRIV, "networkmode=host", 0,
		    "networkmode=host" },
		{ "build/create", PLAIN, "networkmode=container:x", 403,
		    "namespace" },
		{ "build/create", PLAIN, "networkmode=ns:/proc/1/ns/net", 403,
		    "namespace" },
		{ "build/create", NETS, "networkmode=dev_a", 0,
		    "networkmode=dev_a" },
		/* '*' is the only sign of a pattern */
		{ "build/create", NETS, "networkmode=nat", 403,
		    "network nat is not allowed" },
		{ "build/create", NETS, "networkmode=prod", 403,
		    "network prod is not allowed (allow network \"prod\" "
		    "would)" },
		{ "build/create", NETS, "networkmode=host", 403,
		    "(allow host \"network\" would)" },
		{ "build/create", NETS, "networkmode=bridge", 0,
		    "networkmode=bridge" },
		{ "build/create", PLAIN, "extrahosts=a:10.0.0.1", 0,
		    "extrahosts=a:10.0.0.1" },
		{ "build/create", PLAIN, "extrahosts=a:1.2.3.4&"
		    "extrahosts=b:host-gateway", 403, "host-gateway" },
		{ "build/create", PRIV, "extrahosts=b:host-gateway", 0,
		    "extrahosts=b:host-gateway" },
		{ "build/create", PLAIN, "remote=", 0, "remote=" },
		{ "build/create", PLAIN, "remote=http://127.0.0.1/x", 403,
		    "remote context" },
		{ "build/create", PLAIN, "remote=git@h:x", 403, "remote" },
		{ "build/create", PRIV, "remote=git://h/x", 0,
		    "remote=git://h/x" },
		{ "build/create", SESSION, "remote=client-session", 403,
		    "remote" },
		{ "build/create", SESSION, "version=1&remote=client-session",
		    403, "remote" },
		{ "build/create", SESSION, "remote=client-session&version=2",
		    0, "remote=client-session&version=2" },
		{ "build/create", PLAIN, "remote=client-session&version=2",
		    403, "Forbidden - a BuildKit build is not allowed "
		    "(SESSION=1 would)" },
		{ "build/create", PLAIN, "version=2", 403, "BuildKit" },
		{ "build/create", SESSION, "version=2", 0, "version=2" },
		{ "build/create", PLAIN, "version=1", 0, "version=1" },
		{ "build/create", PRIV, "version=3", 400, "version" },
		{ "build/create", PLAIN, "outputs=[]", 0, "outputs=[]" },
		{ "build/create", PLAIN, "outputs=[{\"Type\":\"local\"}]",
		    403, "outputs" },
		{ "build/create", SESSION, "version=2&outputs=[{}]", 0,
		    "version=2&outputs=[{}]" },
		/* not a builder's: the index of a swarm object */
		{ "swarm/update", PLAIN, "version=17", 0, "version=17" },
	};

	CASES(t);
}

static void
test_values(void)
{
	static const struct query_case	 t[] = {
		{ "images/create", PLAIN, "fromSrc=-&repo=a", 0,
		    "fromSrc=-&repo=a" },
		{ "images/create", PLAIN, "fromSrc=http://h/x", 403,
		    "import from a URL" },
		{ "images/create", PRIV, "fromSrc=http://h/x", 0,
		    "fromSrc=http://h/x" },
		{ "containers/top", PLAIN, "ps_args=", 0, "ps_args=" },
		{ "containers/top", PLAIN, "ps_args=-ef", 0, "ps_args=-ef" },
		{ "containers/top", PLAIN, "ps_args=aux", 0, "ps_args=aux" },
		{ "containers/top", PLAIN, "ps_args=auxe", 403, "ps with" },
		{ "containers/top", PLAIN, "ps_args=eww", 403,
		    "ALLOW_PRIVILEGED=1 would" },
		{ "containers/top", PRIV, "ps_args=eww", 0, "ps_args=eww" },
		{ "containers/attach", PLAIN, "detachKeys=ctrl-p,ctrl-q", 0,
		    "detachKeys=ctrl-p,ctrl-q" },
		{ "containers/attach", PLAIN, "detachKeys=ctrl-@,a", 0,
		    "detachKeys=ctrl-@,a" },
		{ "containers/attach/ws", PLAIN, "detachKeys=a b", 400,
		    "detachKeys" },
		{ "containers/attach", PLAIN, "logs=1", 0, "logs=1" },
		{ "containers/attach", NETS, "logs=0&stream=1", 0,
		    "logs=0&stream=1" },
		{ "containers/attach", NETS, "logs=False", 0, "logs=False" },
		{ "containers/attach", NETS, "logs=1", 403, "Forbidden - the "
		    "log of a container is not allowed (ALLOW_LOGS=1 would)" },
		{ "containers/attach/ws", NETS, "logs=off", 403, "the log" },
		{ "images/search", PLAIN, "term=nginx", 0, "term=nginx" },
		{ "images/search", PLAIN, "term=team/nginx", 0,
		    "term=team/nginx" },
		{ "images/search", PLAIN, "term=h:5000/x", 403,
		    "another registry" },
		{ "images/search", PLAIN, "term=10.0.0.1/x", 403,
		    "another registry" },
		{ "images/search", PLAIN, "term=localhost/x", 403,
		    "another registry" },
		{ "images/search", PRIV, "term=h:5000/x", 0,
		    "term=h:5000/x" },
	};

	CASES(t);
}

/* Every judged key has a judge: a row without one would refuse. */
static void
test_judges(void)
{
	const struct endpoint	*ep;
	struct query_key	 key;
	size_t			 i, n, judged = 0;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++)
		for (n = 0; endpoint_query(ep, n, &key) == 0; n++) {
			if (!key.judged)
				continue;
			judged++;
			test_current = ep->name;
			CHECK(query_value_known(ep, key.name));
		}
	CHECK(judged > 20);
	CHECK(!query_value_known(endpoint_get(0), "nothing"));
}

static void
test_long_value(void)
{
	static char		 query[20 * 1024];
	static struct query_out	 out;
	const struct endpoint	*ep;

	ep = endpoint_get((size_t)endpoint_byname("build/create"));
	memset(query, 'x', sizeof(query) - 1);
	memcpy(query, "target=", 7);
	make_path(query);
	CHECK_INT(query_judge(ep, profiles[PRIV], &facts, &out), -1);
	CHECK_INT(out.status, 400);
	CHECK_STR(out.field, "target");
	query[7 + 16 * 1024] = '\0';
	make_path(query);
	CHECK_INT(query_judge(ep, profiles[PLAIN], &facts, &out), 0);
	CHECK_INT((int)out.item[0].len, 16 * 1024);
}

/*
 * Attaching may replay the log only where the log itself would pass: for this
 * client, on this container, and whatever the paths of the two are.
 */
static void
test_other_operation(void)
{
	static struct query_out	 out;
	char			 name[] = "web";
	struct container	 target = { .name = name };
	const struct endpoint	*ep;
	struct profile		*p;
	struct rule		*r;
	struct cond		*c;
	size_t			 logs;

	ep = endpoint_get((size_t)endpoint_byname("containers/attach"));
	logs = (size_t)endpoint_byname("containers/logs");
	make_path("logs=1");
	if ((p = profile_new("test")) == NULL ||
	    (r = conf_rule(p, ACTION_PASS, "1", NULL)) == NULL ||
	    (c = cond_add(&r->conds, COND_TARGET, 0, NULL, "web")) == NULL)
		abort();
	opset_add(&r->ops, logs);
	profile_compile(p);
	/* not looked up */
	CHECK_INT(query_judge(ep, p, &facts, &out), -1);
	CHECK_INT(out.status, 403);
	facts.target_known = KNOWN_YES;
	facts.target = &target;
	CHECK_INT(query_judge(ep, p, &facts, &out), 0);
	strlcpy(target.name, "db", 3);
	CHECK_INT(query_judge(ep, p, &facts, &out), -1);
	strlcpy(target.name, "web", 4);
	/* of another client */
	c->kind = COND_UID;
	c->num = 5;
	peer.cred = true;
	CHECK_INT(query_judge(ep, p, &facts, &out), -1);
	peer.uid = 5;
	CHECK_INT(query_judge(ep, p, &facts, &out), 0);
	/* paths differ */
	c->kind = COND_PATH;
	CHECK_INT(query_judge(ep, p, &facts, &out), -1);
	if ((r = conf_rule(p, ACTION_PASS, "2", NULL)) == NULL)
		abort();
	opset_add(&r->ops, logs);
	profile_compile(p);
	CHECK_INT(query_judge(ep, p, &facts, &out), 0);
	TAILQ_REMOVE(&p->rules, r, entry);
	TAILQ_INSERT_HEAD(&p->rules, r, entry);
	TAILQ_LAST(&p->rules, rules)->action = ACTION_BLOCK;
	profile_compile(p);
	CHECK_INT(query_judge(ep, p, &facts, &out), -1);
	memset(&peer, 0, sizeof(peer));
	facts.target_known = KNOWN_NOT;
	profile_free(p);
}

int
main(void)
{
	unsigned int	 i;

	for (i = 0; i < 4; i++)
		profiles[i] = make_profile((enum who)i);
	RUN(test_keys);
	RUN(test_danger);
	RUN(test_json);
	RUN(test_names);
	RUN(test_images);
	RUN(test_build);
	RUN(test_values);
	RUN(test_judges);
	RUN(test_long_value);
	RUN(test_other_operation);
	for (i = 0; i < 4; i++)
		profile_free(profiles[i]);
	return (test_done());
}
