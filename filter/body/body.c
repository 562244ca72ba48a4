/* SPDX-License-Identifier: ISC */

/*
 * The way of a body: parsed strictly, judged and rebuilt by its table, dumped
 * in compact form.  The text of the client ends here.
 */

#include "body.h"
#include "schema.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>

/* What an operation takes.  Without fields it is any JSON, unread. */
struct body_kind {
	const struct field	*fields;
	check_fn		*check;		/* of the whole */
	const char		*absent;	/* stands for no body at all */
	bool			 optional;
};

static const struct body_kind	 body_kinds[SCHEMA_MAX] = {
	[SCHEMA_NONE] = { .optional = true },
	[SCHEMA_ANY] = { .optional = true },
	[SCHEMA_UNJUDGED] = { .optional = true },
	[SCHEMA_CONTAINER_CREATE] = { .fields = create_fields },
	[SCHEMA_CONTAINER_UPDATE] = { .fields = update_fields },
	[SCHEMA_EXEC_CREATE] = { .fields = exec_create_fields },
	[SCHEMA_EXEC_START] = { .fields = exec_start_fields, .absent = "{}",
	    .optional = true },
	[SCHEMA_COMMIT] = { .fields = commit_fields, .absent = "{}",
	    .optional = true },
	[SCHEMA_NETWORK_CREATE] = { .fields = network_create_fields },
	[SCHEMA_NETWORK_CONNECT] = { .fields = network_connect_fields },
	[SCHEMA_NETWORK_DISCONNECT] = { .fields = network_disconnect_fields },
	[SCHEMA_VOLUME_CREATE] = { .fields = volume_create_fields,
	    .check = check_volume_create },
};

void
body_init(void)
{
	/* Not zero, which would have jansson open /dev/urandom. */
	json_object_seed(arc4random() | 1);
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

/*
 * In our own words: jansson's quote the text, which may hold a secret.  Of
 * memory that ran out under its lexer it says that a token is invalid.
 */
static int
body_parse_error(struct judge *j, const json_error_t *error)
{
	const char	*what = "is not valid JSON";

	if (error->text[0] == '\0' ||
	    json_error_code(error) == json_error_out_of_memory)
		return (judge_nomem(j));
	if (json_error_code(error) == json_error_duplicate_key)
		what = "has a key twice in one object";
	else if (json_error_code(error) == json_error_numeric_overflow)
		what = "has a number beyond 64 bits";
	else if (json_error_code(error) == json_error_stack_overflow)
		what = "is nested too deeply";
	return (judge_bad(j, "%s (line %d, column %d)", what, error->line,
	    error->column));
}

/*
 * Any JSON value but a scalar.  Strict throughout: what follows the value,
 * a NUL, a second key of the same name and invalid UTF-8 are refused.
 */
static int
body_parse(struct judge *j, const char *in, size_t len, json_t **root)
{
	json_error_t	 error;

	memset(&error, 0, sizeof(error));
	*root = json_loadb(in, len, JSON_REJECT_DUPLICATES, &error);
	if (*root == NULL)
		return (body_parse_error(j, &error));
	return (0);
}

static int
body_rebuild(struct judge *j, const struct body_kind *kind, json_t *root,
    json_t **out)
{
	if (kind->fields == NULL) {
		if (fold_check(j, root, true) == -1)
			return (-1);
		*out = json_incref(root);
		return (0);
	}
	if (fold_check(j, root, false) == -1 ||
	    walk_object(j, kind->fields, root, out) == -1)
		return (-1);
	if (kind->check == NULL || kind->check(j, NULL, out) == 0)
		return (0);
	json_decref(*out);
	*out = NULL;
	return (-1);
}

static int
body_dump(struct judge *j, const json_t *v)
{
	struct body_result	*res = j->res;

	if ((res->json = json_dumps(v, JSON_COMPACT)) == NULL)
		return (judge_nomem(j));
	res->len = strlen(res->json);
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

int
body_judge(enum schema schema, const struct profile *profile,
    unsigned int minor, const char *in, size_t len, struct body_result *res)
{
	const struct body_kind	*kind = &body_kinds[schema];
	struct judge		 j;
	json_t			*root, *out = NULL;
	int			 ret = -1;

	memset(res, 0, sizeof(*res));
	memset(&j, 0, sizeof(j));
	j.profile = profile;
	j.res = res;
	j.minor = minor;
	if (schema == SCHEMA_UNJUDGED && !profile->unjudged)
		return (body_unjudged(&j));
	if (body_absent(in, len))
		return (body_none(&j, kind));
	if (schema == SCHEMA_NONE)
		return (judge_bad(&j, "must be empty"));
	if (body_parse(&j, in, len, &root) == -1)
		return (-1);
	if (body_rebuild(&j, kind, root, &out) == 0) {
		ret = body_dump(&j, out);
		json_decref(out);
	}
	json_decref(root);
	return (ret);
}
