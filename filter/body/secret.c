/* SPDX-License-Identifier: ISC */

/*
 * Secrets and configs of a swarm: POST /secrets/create and update, the same
 * of configs, and the references by which a service gets them; in the order
 * of moby api/types/swarm/secret.go and config.go.
 */

#include "schema.h"
#include "tables.h"

#include <string.h>

static int	 check_base64(struct judge *, const char *, struct js *);

/*
 * A driver of a secret is a plugin, which is asked for its value.  A template
 * is filled on the node with what the task has, its other secrets included.
 */
const struct field secret_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "Data", FT_STRING, 0, check_base64, NULL, 0, 0 },
	{ "Driver", FT_OBJECT, F_PRIV, NULL, driver_fields, 31, 0 },
	{ "Templating", FT_OBJECT, F_PRIV, NULL, driver_fields, 37, 0 },
	/* of dockerode: the query once more */
	{ "version", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field swarm_config_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "Data", FT_STRING, 0, check_base64, NULL, 0, 0 },
	{ "Templating", FT_OBJECT, F_PRIV, NULL, driver_fields, 37, 0 },
	{ "version", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* moby api/types/swarm/common.go: Driver */
const struct field driver_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Options", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ .type = FT_END }
};

/* encoding/json reads a []byte so: RFC 4648 section 4, with padding. */
static int
check_base64(struct judge *j, const char *key, struct js *v)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
	size_t			 n = strspn(v->text, chars);

	if (v->len % 4 != 0 || v->len - n > 2 ||
	    strspn(v->text + n, "=") != v->len - n)
		return (judge_bad(j, "must be base64"));
	return (0);
}

static const struct field file_fields[] = {
	{ "Name", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "UID", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "GID", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Mode", FT_UINT32, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field secret_ref_fields[] = {
	{ "File", FT_OBJECT, 0, NULL, file_fields, 0, 0 },
	{ "SecretID", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "SecretName", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field no_fields[] = {
	{ .type = FT_END }
};

/* Runtime: of a credential spec, which has an allowance of its own. */
const struct field config_ref_fields[] = {
	{ "File", FT_OBJECT, 0, NULL, file_fields, 0, 0 },
	{ "Runtime", FT_OBJECT, 0, NULL, no_fields, 40, 0 },
	{ "ConfigID", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "ConfigName", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

/*
 * The manager takes a reference only if the secret of that id has that name
 * (swarmkit manager/controlapi, checkSecretExistence), so that the name can
 * be judged; without one it takes none.
 */
static int
reference_judge(struct judge *j, enum allow_kind kind, const char *word,
    const char *name)
{
	if (name[0] == '\0')
		return (judge_bad(j, "must have a name"));
	if (judge_privileged(j) ||
	    allow_named(j, kind, name))
		return (0);
	return (judge_forbid(j, word, name, "%s %.128s", word, name));
}

int
check_secret_ref(struct judge *j, const char *key, struct js *v)
{
	return (reference_judge(j, ALLOW_SECRET, "secret",
	    js_get_string(v, "SecretName")));
}

int
check_config_ref(struct judge *j, const char *key, struct js *v)
{
	return (reference_judge(j, ALLOW_CONFIG, "config",
	    js_get_string(v, "ConfigName")));
}
