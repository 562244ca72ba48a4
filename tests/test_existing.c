/* SPDX-License-Identifier: ISC */

/*
 * What a body mentions by name, and the judgement on a volume that exists.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "../filter/body/body.h"

static struct profile	*p;

/* Paths in allows: those that end in "!" are read-only. */
static void
profile_make(bool check, const char *const *binds)
{
	char	 path[64];
	size_t	 n;

	profile_free(p);
	p = profile_new("");
	p->bind_check = check;
	conf_allow(p, ALLOW_IMAGE, "*", "");
	conf_allow(p, ALLOW_VOLUME, "*", "");
	for (; *binds != NULL; binds++) {
		n = strlen(*binds);
		snprintf(path, sizeof(path), "%s", *binds);
		if (path[n - 1] == '!')
			path[n - 1] = '\0';
		conf_allow(p, (*binds)[n - 1] == '!' ? ALLOW_BIND_RO :
		    ALLOW_BIND, path, "");
	}
	CHECK_INT(profile_compile(p), 0);
}

static void
profile_ws(bool check)
{
	static const char *const	 binds[] = { "/ws", "/data!", NULL };

	profile_make(check, binds);
}

/* The names in one line. */
static const char *
line(struct named *list)
{
	static char	 text[512];
	size_t		 i;

	text[0] = '\0';
	for (i = 0; i < list->n; i++) {
		strcat(text, i == 0 ? "" : " ");
		strcat(text, list->text[i]);
	}
	named_free(list);
	return (text);
}

static int
judge(const char *host, struct named *volumes, struct named *paths)
{
	struct body_result	 res;
	char			 body[16384];
	int			 ret;

	snprintf(body, sizeof(body), "{\"Image\":\"i\",\"HostConfig\":{%s}}",
	    host);
	ret = body_judge(SCHEMA_CONTAINER_CREATE, p, 41, body, strlen(body),
	    &res);
	if (ret == 0)
		free(res.json);
	body_named(volumes, paths);
	return (ret == 0 ? 0 : res.status);
}

#define HOST								\
	"\"Binds\":[\"/ws/../ws/a/:/a\",\"v:/v\",\"/data/x:/x:ro\","	\
	"\"/ws/a:/again\",\"v:/w\",\"/anonymous\"],"			\
	"\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"w\","		\
	"\"Target\":\"/t\",\"VolumeOptions\":{\"DriverConfig\":{"	\
	"\"Options\":{\"type\":\"none\",\"o\":\"bind\","		\
	"\"device\":\"/ws/dev\"}}}},{\"Type\":\"bind\",\"Source\":"	\
	"\"/ws/m\",\"Target\":\"/m\"},{\"Type\":\"volume\","		\
	"\"Target\":\"/n\"}]"

static void
names_of_a_body(void)
{
	struct named	 volumes, paths;

	profile_ws(true);
	CHECK_INT(judge(HOST, &volumes, &paths), 0);
	CHECK_STR(line(&volumes), "v w");
	CHECK_STR(line(&paths), "/ws/a /data/x /ws/dev /ws/m");
	profile_ws(false);
	CHECK_INT(judge(HOST, &volumes, &paths), 0);
	CHECK_STR(line(&volumes), "v w");
	CHECK_INT(paths.n, 0);
	/* Nothing of the one before. */
	CHECK_INT(judge("\"Memory\":0", &volumes, &paths), 0);
	CHECK_INT(volumes.n + paths.n, 0);
}

/* Where everything is allowed in that mode, a link changes nothing. */
static void
everything_is_allowed(void)
{
	static const char *const	 all[] = { "/", "/ws", NULL };
	static const char *const	 some[] = { "/!", "/ws", NULL };
	struct named			 volumes, paths;

	profile_make(true, all);
	CHECK_INT(judge("\"Binds\":[\"/ws/a:/a\",\"/etc:/e:ro\"]", &volumes,
	    &paths), 0);
	CHECK_INT(paths.n, 0);
	profile_make(true, some);
	CHECK_INT(judge("\"Binds\":[\"/ws/a:/a\",\"/ws/b:/b:ro\"]", &volumes,
	    &paths), 0);
	CHECK_STR(line(&paths), "/ws/a");
}

static void
no_more_than_fit(void)
{
	struct named	 volumes, paths;
	char		 host[8192];
	int		 i, n;

	profile_ws(true);
	for (n = NAMED_MAX; n <= NAMED_MAX + 1; n++) {
		strcpy(host, "\"Binds\":[");
		for (i = 0; i < n; i++)
			sprintf(host + strlen(host), "%s\"/ws/%d:/%d\"",
			    i == 0 ? "" : ",", i, i);
		strcat(host, "]");
		CHECK_INT(judge(host, &volumes, &paths), n == NAMED_MAX ? 0 :
		    400);
		named_free(&paths);
		named_free(&volumes);
	}
}

static void
a_short_list(void)
{
	struct named	 a, b;
	char		*text;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	CHECK(named_take(&a) == NULL);
	CHECK_INT(named_add(&a, "x"), 0);
	CHECK_INT(named_add(&a, "y"), 0);
	CHECK_INT(named_add(&a, "x"), 0);
	CHECK_INT(named_add(&b, "y"), 0);
	CHECK_INT(named_copy(&b, &a), 0);
	CHECK_STR(line(&b), "y x");
	text = named_take(&a);
	CHECK_STR(text, "x");
	free(text);
	CHECK_STR(line(&a), "y");
}

static const struct {
	const char	*driver;
	const char	*options;	/* JSON; an apostrophe is a quote */
	int		 status;
	const char	*want;		/* paths, or part of the reason */
} volumes_that_exist[] = {
	{ "local", "null", 0, "" },
	{ "local", "{}", 0, "" },
	{ "local", "{'size':'10m'}", 0, "" },
	{ "local", "{'type':'none','o':'bind','device':'/ws/a/../b'}", 0,
	    "/ws/b" },
	{ "local", "{'type':'none','o':'bind,ro','device':'/data'}", 0,
	    "/data" },
	{ "local", "{'type':'none','o':'bind','device':'/data'}", 403,
	    "Forbidden - volume v: bind mount of /data is not allowed but" },
	{ "local", "{'type':'none','o':'bind','device':'/etc'}", 403,
	    "Forbidden - volume v: bind mount of /etc is not allowed" },
	{ "local", "{'type':'none','o':'rbind','device':'/ws/../etc'}", 403,
	    "bind mount of /etc" },
	{ "local", "{'type':'overlay','o':'lowerdir=/etc','device':'x'}", 403,
	    "volume with driver options (type overlay)" },
	{ "local", "{'other':'x'}", 403, "volume v: it" },
	{ "local", "{'o':1}", 403, "no text" },
	{ "local", "[]", 403, "not described" },
	{ "sshfs", "null", 403, "volume driver sshfs" },
};

static void
judged_like_a_driver_config(void)
{
	struct body_result	 res;
	struct named		 paths;
	char			 text[512], *c;
	size_t			 i;
	int			 ret;

	profile_ws(true);
	memset(&paths, 0, sizeof(paths));
	for (i = 0; i < sizeof(volumes_that_exist) /
	    sizeof(volumes_that_exist[0]); i++) {
		snprintf(text, sizeof(text), "{'Name':'v','Driver':'%s',"
		    "'Options':%s}", volumes_that_exist[i].driver,
		    volumes_that_exist[i].options);
		for (c = text; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		ret = body_existing(p, "v", text, strlen(text), &paths, &res);
		CHECK_INT(ret == 0 ? 0 : res.status,
		    volumes_that_exist[i].status);
		if (ret == 0)
			CHECK_STR(line(&paths), volumes_that_exist[i].want);
		else
			CHECK(strstr(res.reason,
			    volumes_that_exist[i].want) != NULL);
		named_free(&paths);
		ret = body_existing(p, "w", text, strlen(text), &paths, &res);
		CHECK_INT(ret, -1);
		named_free(&paths);
	}
}

/* In use already: only the path counts, and only where it is checked. */
static void
paths_of_a_volume_in_use(void)
{
	static const char	 in[] = "{\"Name\":\"v\",\"Driver\":\"local\","
	    "\"Options\":{\"o\":\"bind\",\"device\":\"/ws//dev\"}}";
	static const char	 out[] = "{\"Name\":\"v\",\"Driver\":"
	    "\"local\",\"Options\":{\"o\":\"bind\",\"device\":\"/etc\"}}";
	struct named		 paths;

	memset(&paths, 0, sizeof(paths));
	profile_ws(true);
	CHECK_INT(body_existing_path(p, "v", in, strlen(in), &paths), 0);
	CHECK_STR(line(&paths), "/ws/dev");
	CHECK_INT(body_existing_path(p, "v", out, strlen(out), &paths), 0);
	CHECK_INT(paths.n, 0);
	CHECK_INT(body_existing_path(p, "w", in, strlen(in), &paths), -1);
	CHECK_INT(body_existing_path(p, "v", in, strlen(in) - 1, &paths), -1);
	profile_ws(false);
	CHECK_INT(body_existing_path(p, "v", in, strlen(in), &paths), 0);
	CHECK_INT(paths.n, 0);
}

static const struct {
	const char	*body;		/* an apostrophe is a quote */
	const char	*want;		/* the name, or the reason */
	bool		 taken;
} containers_named[] = {
	{ "{'Container':'web'}", "web", true },
	{ " {'EndpointConfig':{'Container':'x'},'Container':'/web.1_-'} ",
	    "web.1_-", true },
	{ "", "the body is not valid JSON (line 1, column 1)", false },
	{ "null", "the body is not valid JSON (line 1, column 1)", false },
	{ "['Container']", "the body must be an object", false },
	{ "{'Container':'a','Container':'b'}", "the body has a key twice in "
	    "one object (line 1, column 19)", false },
	{ "{}", "Container must be given", false },
	{ "{'container':'a'}", "Container must be given", false },
	{ "{'Container':null}", "Container must be given", false },
	{ "{'Container':['a']}", "Container must be a string", false },
	{ "{'Container':''}", "Container must be the name or id of a "
	    "container", false },
	{ "{'Container':'//a'}", "Container must be the name or id of a "
	    "container", false },
	{ "{'Container':'a/b'}", "Container must be the name or id of a "
	    "container", false },
};

static void
a_container_is_taken_out(void)
{
	struct body_result	 res;
	char			 text[256], *c;
	size_t			 i;
	int			 ret;

	for (i = 0; i < sizeof(containers_named) /
	    sizeof(containers_named[0]); i++) {
		snprintf(text, sizeof(text), "%s", containers_named[i].body);
		for (c = text; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		ret = body_container(text, strlen(text), &res);
		CHECK_INT(ret, containers_named[i].taken ? 0 : -1);
		CHECK_STR(ret == 0 ? res.json : res.reason,
		    containers_named[i].want);
		CHECK_INT(ret == 0 ? 400 : res.status, 400);
		free(res.json);
	}
}

/* The full id takes its place once, whatever let the name pass. */
static void
a_container_is_put_back(void)
{
	static const char	 in[] = "{\"Container\":\"web\"}";
	struct body_result	 res;
	int			 i;

	for (i = 0; i < 4; i++) {
		profile_ws(false);
		if (i > 1)
			conf_allow(p, ALLOW_FIELD, "Container", "");
		CHECK_INT(profile_compile(p), 0);
		body_container_is(i % 2 == 0 ? "0123" : NULL);
		CHECK_INT(body_judge(i > 1 ? SCHEMA_NETWORK_CONNECT :
		    SCHEMA_NETWORK_DISCONNECT, p, 41, in, strlen(in), &res),
		    0);
		CHECK_STR(res.json, i % 2 == 0 ? "{\"Container\":\"0123\"}" :
		    in);
		free(res.json);
		CHECK_INT(body_judge(SCHEMA_NETWORK_CONNECT, p, 41, in,
		    strlen(in), &res), 0);
		CHECK_STR(res.json, in);
		free(res.json);
	}
}

static const struct {
	const char	*text;		/* in the path */
	const char	*name;		/* as the engine calls it */
	int		 want;		/* 0, 1: to be looked up, or a status */
} networks_joined[] = {
	{ "bridge", NULL, 0 }, { "none", NULL, 0 }, { "default", NULL, 0 },
	{ "host", NULL, 403 }, { "dev-1", NULL, 1 }, { "0123", NULL, 1 },
	{ "other", NULL, 1 }, { "dev-1", "dev-1", 0 }, { "cafe", "cafe", 0 },
	{ "0123", "dev-1", 0 }, { "0123", "dev-", 0 }, { "cafe", "x", 403 },
	{ "dev-1", "x", 403 }, { "0123", "0123", 403 }, { "0123", "host", 403 },
	{ "0123", "bridge", 0 }, { "0123", "my net", 403 },
	{ "0123", "DEV-1", 403 },
};

static void
networks_by_their_name(void)
{
	struct body_result	 res;
	size_t			 i;
	int			 ret, any;

	for (any = 0; any < 2; any++) {
		profile_ws(false);
		conf_allow(p, ALLOW_NETWORK, "dev-*", "");
		conf_allow(p, ALLOW_NETWORK, "cafe", "");
		if (any)
			conf_allow(p, ALLOW_NETWORK, "*", "");
		CHECK_INT(profile_compile(p), 0);
		for (i = 0; i < sizeof(networks_joined) /
		    sizeof(networks_joined[0]); i++) {
			if (any && networks_joined[i].name != NULL)
				continue;
			ret = body_joins(p, networks_joined[i].text,
			    networks_joined[i].name, &res);
			CHECK_INT(ret == -1 ? res.status : ret,
			    any && networks_joined[i].want == 1 ? 0 :
			    networks_joined[i].want);
		}
	}
	ret = body_joins(p, "0123", "host", &res);
	CHECK_INT(ret, -1);
	CHECK_STR(res.reason, "Forbidden - the network namespace of the host "
	    "is not allowed (allow host \"network\" would)");
}

int
main(void)
{
	RUN(networks_by_their_name);
	RUN(a_container_is_taken_out);
	RUN(a_container_is_put_back);
	RUN(names_of_a_body);
	RUN(everything_is_allowed);
	RUN(no_more_than_fit);
	RUN(a_short_list);
	RUN(judged_like_a_driver_config);
	RUN(paths_of_a_volume_in_use);
	profile_free(p);
	return (test_done());
}
