/* SPDX-License-Identifier: ISC */

/*
 * The way of a body: parsed strictly, judged and rebuilt by its table, printed
 * in compact form.  The text of the client ends here.  All of it lies in one
 * arena, which is asked at the end whether memory ever ran out.
 */

#include "body.h"
#include "schema.h"
#include "tables.h"

#include "../trace.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>

/* What an operation takes.  Without fields it is all for the check. */
struct body_kind {
	const struct field	*fields;
	/* put in what the profile gives, before the walk */
	void			(*supply)(struct judge *, struct js *);
	check_fn		*check;		/* of the whole */
	const char		*absent;	/* stands for no body at all */
	bool			 optional;
	bool			 unjudged;	/* takes allow unjudged */
};

static const struct body_kind	 body_kinds[SCHEMA_MAX] = {
	[SCHEMA_NONE] = { .optional = true },
	[SCHEMA_AUTH] = { .fields = auth_fields },
	[SCHEMA_CONTAINER_CREATE] = { .fields = create_fields,
	    .supply = supply_create, .check = check_create },
	[SCHEMA_CONTAINER_UPDATE] = { .fields = update_fields,
	    .check = check_update },
	[SCHEMA_EXEC_CREATE] = { .fields = exec_create_fields,
	    .check = check_exec_create },
	[SCHEMA_EXEC_START] = { .fields = exec_start_fields, .absent = "{}",
	    .optional = true },
	[SCHEMA_COMMIT] = { .fields = commit_fields, .absent = "{}",
	    .optional = true },
	[SCHEMA_NETWORK_CREATE] = { .fields = network_create_fields,
	    .supply = label_supply, .check = check_network_create },
	[SCHEMA_NETWORK_CONNECT] = { .fields = network_connect_fields,
	    .check = check_container_of },
	[SCHEMA_NETWORK_DISCONNECT] = { .fields = network_disconnect_fields,
	    .check = check_container_of },
	[SCHEMA_VOLUME_CREATE] = { .fields = volume_create_fields,
	    .supply = label_supply, .check = check_volume_create },
	[SCHEMA_VOLUME_UPDATE] = { .fields = volume_update_fields },
	[SCHEMA_CHECKPOINT] = { .fields = checkpoint_fields,
	    .unjudged = true },
	[SCHEMA_COPY] = { .fields = copy_fields },
	[SCHEMA_SERVICE] = { .fields = service_fields,
	    .supply = service_supply, .check = check_service },
	[SCHEMA_SECRET] = { .fields = secret_fields },
	[SCHEMA_CONFIG] = { .fields = swarm_config_fields },
	[SCHEMA_SWARM_INIT] = { .fields = swarm_init_fields,
	    .unjudged = true },
	[SCHEMA_SWARM_JOIN] = { .fields = swarm_join_fields,
	    .unjudged = true },
	[SCHEMA_SWARM_UPDATE] = { .fields = swarm_update_fields },
	[SCHEMA_SWARM_UNLOCK] = { .fields = swarm_unlock_fields },
	[SCHEMA_NODE_UPDATE] = { .fields = node_update_fields,
	    .unjudged = true },
	[SCHEMA_PLUGIN_PULL] = { .check = check_privileges,
	    .absent = "[]", .optional = true, .unjudged = true },
	[SCHEMA_PLUGIN_SET] = { .check = check_settings, .unjudged = true },
	[SCHEMA_UNJUDGED] = { .optional = true, .unjudged = true },
};

static struct arena	 body_arena;
static const char	*body_target;
static struct named	 body_volumes;
static struct named	 body_paths;
static size_t		 body_max = BODY_MEMORY;

void
body_init(void)
{
	uint64_t	 secret[2];

	arc4random_buf(secret, sizeof(secret));
	js_seed(secret[0], secret[1]);
}

void
body_memory(size_t max)
{
	body_max = max;
}

void
body_container_is(const char *id)
{
	body_target = id;
}

static bool
body_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/*
 * No body, or the "null" that Go's encoder makes of one that is not there
 * (docker commit sends it).
 */
static bool
body_absent(const char *in, size_t len)
{
	while (len > 0 && body_blank(in[0])) {
		in++;
		len--;
	}
	while (len > 0 && body_blank(in[len - 1]))
		len--;
	return (len == 0 || (len == 4 && memcmp(in, "null", 4) == 0));
}

/* In words that do not quote the text, which may hold a secret. */
int
body_parse_error(struct judge *j, const struct js_error *error)
{
	static const char *const	 what[] = {
		[JS_FAULT_SYNTAX] = "is not valid JSON",
		[JS_FAULT_TWICE] = "has a key twice in one object",
		[JS_FAULT_RANGE] = "has a number beyond 64 bits"
	};

	if (error->fault == JS_FAULT_MEMORY)
		return (judge_nomem(j));
	if (error->fault == JS_FAULT_DEPTH)
		return (judge_bad(j, "is nested deeper than %d levels",
		    BODY_DEPTH));
	return (judge_bad(j, "%s (line %u, column %u)", what[error->fault],
	    error->line, error->column));
}

static int
body_rebuild(struct judge *j, const struct body_kind *kind, struct js *root)
{
	if (kind->supply != NULL && root->type == JS_OBJECT)
		kind->supply(j, root);
	if ((kind->fields == NULL ? fold_check(j, root) :
	    walk_object(j, kind->fields, root)) == -1)
		return (-1);
	return (kind->check == NULL ? 0 : kind->check(j, NULL, root));
}

/* Parse, judge, print. */
static int
body_through(struct judge *j, const struct body_kind *kind, const char *in,
    size_t len)
{
	struct body_result	*res = j->res;
	struct js_error		 error;
	struct js		*root;

	if ((root = js_parse(j->arena, in, len, BODY_DEPTH, &error)) == NULL)
		return (body_parse_error(j, &error));
	if (body_rebuild(j, kind, root) == -1)
		return (-1);
	/* What memory was missing for is missing in the tree. */
	if (j->arena->failed ||
	    (res->json = js_print(root, len + 1, &res->len)) == NULL)
		return (judge_nomem(j));
	return (0);
}

static int
body_none(struct judge *j, const struct body_kind *kind)
{
	struct body_result	*res = j->res;

	if (!kind->optional)
		return (judge_bad(j, "must be a JSON object"));
	if (kind->absent == NULL)
		return (0);
	if ((res->json = strdup(kind->absent)) == NULL)
		return (judge_nomem(j));
	res->len = strlen(res->json);
	return (0);
}

static int
body_unjudged(struct judge *j)
{
	return (judge_say(j, "the body of this request is not judged yet "
	    "(%s would pass it unjudged)", j->profile->fromenv ?
	    "ALLOW_PRIVILEGED=1" : "allow unjudged"));
}

static bool
body_fields(const struct profile *profile)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &profile->allows, entry)
		if (a->kind == ALLOW_FIELD)
			return (true);
	return (false);
}

int
body_judge(enum schema schema, const struct profile *profile,
    unsigned int minor, const char *in, size_t len, struct body_result *res)
{
	const struct body_kind	*kind = &body_kinds[schema];
	struct judge		 j;
	int			 ret;

	memset(res, 0, sizeof(*res));
	memset(&j, 0, sizeof(j));
	j.profile = profile;
	j.res = res;
	j.arena = &body_arena;
	j.minor = minor;
	j.container = body_target;
	body_target = NULL;
	j.volumes = &body_volumes;
	j.paths = &body_paths;
	named_free(&body_volumes);
	named_free(&body_paths);
	j.fields = body_fields(profile);
	if (kind->unjudged) {
		if (!profile->unjudged && body_unjudged(&j) == -1)
			return (-1);
		trace_kind(profile, ALLOW_UNJUDGED, "", "");
	}
	if (body_absent(in, len))
		return (body_none(&j, kind));
	if (schema == SCHEMA_NONE)
		return (judge_bad(&j, "must be empty"));
	arena_reset(&body_arena, body_max);
	ret = body_through(&j, kind, in, len);
	/* A refusal that came of what was missing is none. */
	if (body_arena.failed && ret == -1)
		(void)judge_nomem(&j);
	arena_reset(&body_arena, 0);
	return (ret);
}

void
body_named(struct named *volumes, struct named *paths)
{
	*volumes = body_volumes;
	*paths = body_paths;
	memset(&body_volumes, 0, sizeof(body_volumes));
	memset(&body_paths, 0, sizeof(body_paths));
}
