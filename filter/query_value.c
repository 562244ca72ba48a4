/* SPDX-License-Identifier: ISC */

/*
 * The judges of single query values: names and references by their grammar
 * (400), wishes that reach the host or a foreign network by the profile
 * (403).  Cf. escape-surface of the Engine API: build, images/create, top,
 * search.  A value that no judge knows is refused.
 */

#include "../filter/query_value.h"
#include "../filter/trace.h"

#include <string.h>
#include <strings.h>

#include "../filter/glob.h"
#include "../proxyd/log.h"

#define DETACH_KEYS_MAX	128
#define VIS_MAX		96	/* of a value in a message */

typedef int	 judge_fn(const struct query_ctx *, const char *,
		    struct query_value *);

static judge_fn	 judge_container, judge_detach, judge_extrahosts,
		 judge_fromsrc, judge_logs, judge_network, judge_others,
		 judge_outputs, judge_ps_args, judge_reference, judge_remote,
		 judge_rollback, judge_size, judge_tag, judge_term,
		 judge_version;

/* A row of NULL stands for every row that has the key. */
static const struct {
	const char	*row;
	const char	*key;
	judge_fn	*fn;
} judges[] = {
	{ NULL, "all", judge_others },
	{ NULL, "buildargs", query_json_judge },
	{ NULL, "cachefrom", query_json_judge },
	{ NULL, "container", judge_container },
	{ NULL, "depend", judge_others },
	{ NULL, "detachKeys", judge_detach },
	{ NULL, "extrahosts", judge_extrahosts },
	{ NULL, "filters", query_json_judge },
	{ NULL, "fromImage", judge_reference },
	{ NULL, "fromSrc", judge_fromsrc },
	{ NULL, "h", judge_size },
	{ NULL, "labels", query_json_judge },
	{ NULL, "logs", judge_logs },
	{ NULL, "name", judge_container },
	{ NULL, "names", judge_reference },
	{ NULL, "networkmode", judge_network },
	{ NULL, "outputs", judge_outputs },
	{ NULL, "platform", query_json_judge },
	{ NULL, "platforms", query_json_judge },
	{ NULL, "ps_args", judge_ps_args },
	{ "build/create", "remote", judge_remote },
	{ NULL, "recursive", judge_others },
	{ NULL, "remote", judge_reference },
	{ NULL, "repo", judge_reference },
	{ NULL, "rollback", judge_rollback },
	{ NULL, "t", judge_reference },
	{ NULL, "tag", judge_tag },
	{ NULL, "term", judge_term },
	{ NULL, "ulimits", query_json_judge },
	{ "build/create", "version", judge_version },
	{ NULL, "w", judge_size },
};

/*
 * What ps(1) is known to answer harmlessly.  It runs on the host as root, and
 * one letter more shows the environment of every process ("auxe").
 */
static const char *const ps_harmless[] = {
	"-e", "-f", "-A", "-ef", "-eF", "-efl", "-el", "-ely", "-efww", "-Af",
	"-aux", "-auxw", "-auxww", "-ax", "-axu", "a", "u", "x", "ax", "au",
	"axu", "aux", "auxw", "auxww", "faux"
};

static bool
value_is(const struct query_value *v, const char *s)
{
	return (v->len == strlen(s) && memcmp(v->s, s, v->len) == 0);
}

static int
refuse_grammar(const struct query_ctx *ctx, const char *key,
    const struct query_value *v, const char *what)
{
	char	 vis[VIS_MAX];

	return (query_refuse(ctx->out, 400, key, "%s: \"%s\" is not %s", key,
	    log_vis(vis, sizeof(vis), v->s, v->len), what));
}

static bool
privileged(const struct query_ctx *ctx, const char *key)
{
	char	 field[QUERY_FIELD];

	if (!ctx->profile->privileged)
		return (false);
	query_field(field, sizeof(field), key);
	trace_kind(ctx->profile, ALLOW_PRIVILEGED, field, "");
	return (true);
}

/* Passes under "allow privileged", else refused with a text of what it is. */
static int
need_privileged(const struct query_ctx *ctx, const char *key,
    const char *what)
{
	if (privileged(ctx, key))
		return (0);
	return (query_refuse(ctx->out, 403, key, "Forbidden - %s is not "
	    "allowed (%s)", what, query_hint_privileged(ctx->profile)));
}

/* moby strips one leading slash of a container's name, so it goes here. */
static int
judge_container(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (v->s[0] == '/') {
		v->s++;
		v->len--;
	}
	if (endpoint_arg_ok(ARG_CONTAINER, v->s, v->len))
		return (0);
	return (refuse_grammar(ctx, key, v, "a container name"));
}

static int
judge_reference(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (endpoint_arg_ok(ARG_IMAGE, v->s, v->len))
		return (0);
	return (refuse_grammar(ctx, key, v, "an image reference"));
}

/* A tag, or a digest: /images/create takes both here. */
static int
judge_tag(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	char	 ref[256] = "x:";
	size_t	 n = strlen(ref);

	if (v->len < sizeof(ref) - n) {
		memcpy(ref + n, v->s, v->len);
		if (memchr(v->s, '/', v->len) == NULL &&
		    memchr(v->s, '@', v->len) == NULL &&
		    memchr(v->s, ':', v->len) == NULL &&
		    endpoint_arg_ok(ARG_IMAGE, ref, n + v->len))
			return (0);
		ref[1] = '@';
		if (endpoint_arg_ok(ARG_IMAGE, ref, n + v->len))
			return (0);
	}
	return (refuse_grammar(ctx, key, v, "a tag"));
}

/* Rows or columns of a terminal, which has 16 bits for each. */
static int
judge_size(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	unsigned int	 n = 0;
	size_t		 i;

	for (i = 0; i < v->len && v->s[i] >= '0' && v->s[i] <= '9' &&
	    n <= UINT16_MAX; i++)
		n = n * 10 + (unsigned int)(v->s[i] - '0');
	if (i == v->len && n <= UINT16_MAX)
		return (0);
	return (refuse_grammar(ctx, key, v, "a number up to 65535"));
}

/*
 * podman, of a container: this one, or others as well?  restart?all=true takes
 * every one that there is (pkg/api/handlers/compat, RestartContainer), which
 * no rule about the one in the path could know.
 */
static int
judge_others(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (value_is(v, "0") || value_is(v, "false"))
		return (0);
	return (query_unjudged(ctx, key, v));
}

/* "-" is the request body; anything else makes the engine fetch a URL. */
static int
judge_fromsrc(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (value_is(v, "-"))
		return (0);
	return (need_privileged(ctx, key, "import from a URL"));
}

static int
judge_detach(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    ",-@^[]\\_";
	size_t			 i;

	for (i = 0; i < v->len; i++)
		if (strchr(chars, v->s[i]) == NULL)
			break;
	if (i == v->len && v->len <= DETACH_KEYS_MAX)
		return (0);
	return (refuse_grammar(ctx, key, v, "a list like ctrl-p,ctrl-q"));
}

static int
judge_ps_args(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	size_t	 i;

	for (i = 0; i < sizeof(ps_harmless) / sizeof(ps_harmless[0]); i++)
		if (value_is(v, ps_harmless[i]))
			return (0);
	return (need_privileged(ctx, key, "ps with these arguments"));
}

/* "host:port/x" makes the engine ask that host (moby registry/search.go). */
static int
judge_term(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	const char	*slash;
	size_t		 n;

	if ((slash = memchr(v->s, '/', v->len)) == NULL)
		return (0);
	n = (size_t)(slash - v->s);
	if (memchr(v->s, '.', n) == NULL && memchr(v->s, ':', n) == NULL &&
	    strncasecmp(v->s, "localhost/", strlen("localhost/")) != 0)
		return (0);
	return (need_privileged(ctx, key, "search in another registry"));
}

/* A pattern for names of networks, a plain word for anything else. */
static bool
allowed(const struct query_ctx *ctx, const char *key, enum allow_kind kind,
    const char *name)
{
	const struct allow	*a;
	char			 field[QUERY_FIELD];

	TAILQ_FOREACH(a, &ctx->profile->allows, entry) {
		if (a->kind != kind || !(kind == ALLOW_NETWORK ?
		    glob_match(a->text, name) : strcmp(a->text, name) == 0))
			continue;
		query_field(field, sizeof(field), key);
		trace_allow(field, name, a);
		return (true);
	}
	return (false);
}

/* For "proxyd -n -l", a statement of the file; none is better than half. */
static int
refuse_network(const struct query_ctx *ctx, const char *key,
    const struct query_value *v)
{
	char	 vis[VIS_MAX];

	log_vis(vis, sizeof(vis), v->s, v->len);
	if (ctx->profile->fromenv || strcmp(vis, v->s) != 0 ||
	    strchr(vis, '"') != NULL)
		return (query_refuse(ctx->out, 403, key, "Forbidden - network "
		    "%s is not allowed", vis));
	return (query_refuse(ctx->out, 403, key, "Forbidden - network %s is "
	    "not allowed (allow network \"%s\" would)", vis, vis));
}

static int
judge_network(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (value_is(v, "default") || value_is(v, "bridge") ||
	    value_is(v, "none"))
		return (0);
	if (value_is(v, "host")) {
		if (allowed(ctx, key, ALLOW_HOST, "network") ||
		    privileged(ctx, key))
			return (0);
		return (query_refuse(ctx->out, 403, key, "Forbidden - build "
		    "on the host network is not allowed (%s)",
		    ctx->profile->fromenv ?
		    query_hint_privileged(ctx->profile) :
		    "allow host \"network\" would"));
	}
	/* "container:x" and "ns:/path" are modes, not names. */
	if (!endpoint_arg_ok(ARG_NETWORK, v->s, v->len))
		return (need_privileged(ctx, key,
		    "build in another network namespace"));
	if (allowed(ctx, key, ALLOW_NETWORK, v->s))
		return (0);
	return (refuse_network(ctx, key, v));
}

static int
judge_extrahosts(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (memmem(v->s, v->len, "host-gateway", strlen("host-gateway")) ==
	    NULL)
		return (0);
	return (need_privileged(ctx, key, "host-gateway in extrahosts"));
}

/* Another operation must pass for the same client, too. */
static int
need_op(const struct query_ctx *ctx, const char *key, const char *name,
    const char *what)
{
	const struct rule	*rule = NULL;
	char			 field[QUERY_FIELD];
	int			 op;

	if ((op = endpoint_byname(name)) != -1) {
		rule = policy_passes_too(ctx->profile, ctx->facts, (size_t)op);
		if (rule != NULL) {
			query_field(field, sizeof(field), key);
			trace_rule(field, what, rule);
			return (0);
		}
		rule = profile_first(ctx->profile, (size_t)op);
	}
	if (rule != NULL && rule->hint != NULL)
		return (query_refuse(ctx->out, 403, key, "Forbidden - %s is "
		    "not allowed (%s)", what, rule->hint));
	return (query_refuse(ctx->out, 403, key, "Forbidden - %s is not "
	    "allowed without %s", what, name));
}

/* BuildKit through /build needs the client's session beside it. */
static int
need_session(const struct query_ctx *ctx, const char *key, const char *what)
{
	if (privileged(ctx, key))
		return (0);
	return (need_op(ctx, key, "session", what));
}

/*
 * Attaching can replay the log: what blocks the one must block the other.
 * The engine takes all but these words for true (moby httputils/form.go).
 */
static int
judge_logs(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	static const char *const no[] = { "0", "no", "false", "none" };
	size_t			 i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (v->len == strlen(no[i]) &&
		    strncasecmp(v->s, no[i], v->len) == 0)
			return (0);
	return (need_op(ctx, key, "containers/logs", "the log of a container"));
}

static int
judge_version(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (value_is(v, "1"))
		return (0);
	if (value_is(v, "2"))
		return (need_session(ctx, key, "a BuildKit build"));
	return (refuse_grammar(ctx, key, v, "a builder version, 1 or 2"));
}

static bool
is_buildkit(const struct path *path)
{
	const struct query_pair	*pair;
	size_t			 i;

	for (i = 0; i < path->npairs; i++) {
		pair = &path->pairs[i];
		if (strcmp(pair->name, "version") == 0)
			return (strcmp(pair->value, "2") == 0);
	}
	return (false);
}

/* Any other remote is fetched by the engine, with git and ssh as root. */
static int
judge_remote(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (value_is(v, "client-session") && is_buildkit(ctx->facts->path))
		return (need_session(ctx, key, "a BuildKit build"));
	return (need_privileged(ctx, key, "build from a remote context"));
}

/* Instead of the body, the specification that the service had before. */
static int
judge_rollback(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (value_is(v, "none"))
		return (0);
	return (need_privileged(ctx, key, "a roll-back to what nobody judged"));
}

static int
judge_outputs(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	if (query_json_judge(ctx, key, v) == -1)
		return (-1);
	if (value_is(v, "[]") || value_is(v, "null"))
		return (0);
	if (is_buildkit(ctx->facts->path))
		return (need_session(ctx, key, "a build with outputs"));
	return (need_privileged(ctx, key, "a build with outputs"));
}

static judge_fn *
judge_find(const struct endpoint *ep, const char *key)
{
	size_t	 i;

	for (i = 0; i < sizeof(judges) / sizeof(judges[0]); i++)
		if (strcmp(judges[i].key, key) == 0 &&
		    (judges[i].row == NULL ||
		    strcmp(judges[i].row, ep->name) == 0))
			return (judges[i].fn);
	return (NULL);
}

bool
query_value_known(const struct endpoint *ep, const char *key)
{
	return (judge_find(ep, key) != NULL);
}

int
query_value_judge(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	judge_fn	*fn;

	if (v->len == 0)
		return (0);
	if ((fn = judge_find(ctx->ep, key)) == NULL)
		return (need_privileged(ctx, key, key));
	return (fn(ctx, key, v));
}
