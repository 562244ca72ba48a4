/* SPDX-License-Identifier: ISC */

/*
 * Private to filter/body: what a table of fields looks like, the state of
 * one judgement, and the checks that the tables name.  A table stands for one
 * object of Docker's API reference, a row for one of its fields.
 */

#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../glob.h"
#include "body.h"
#include "json.h"

#define BODY_DEPTH	32	/* levels of nesting, the outermost included */
#define BODY_PATH	4096	/* bytes of a path, the NUL included */
#define BODY_FIELD	256	/* bytes of "HostConfig.GroupAdd" */

/* The state of one judgement. */
struct judge {
	const struct profile	*profile;
	struct body_result	*res;
	struct arena		*arena;		/* failed: asked at the end */
	struct named		*volumes;	/* mentioned; NULL: no matter */
	struct named		*paths;
	unsigned int		 minor;
	const char		*container;	/* full id; NULL: as it says */
	bool			 fields;	/* some "allow field" stands */
	unsigned int		 depth;		/* of names */
	/* fields that the walk is in, from the outermost: no client's words */
	const char		*names[BODY_DEPTH + 1];
	size_t			 pathlen;
	char			 path[256];	/* where the walk is */
	char			 key[256];	/* a map's entry, canonical */
};

/*
 * Judge one value that has the right type already; it may be changed into its
 * canonical form.  Called for a scalar, for each element of a list of
 * strings, for each entry of a map (then key is its name) and for each object
 * once it is rebuilt.  -1: refused, and said why.
 */
typedef int check_fn(struct judge *, const char *key, struct js *v);

enum field_type {
	FT_END,
	FT_EMBED,	/* the rows of sub stand here; none of those embeds */
	FT_ELSEWHERE,	/* keys of sub belong into another object */
	FT_ASIS,	/* no row: of any type, forwarded */
	FT_DROP,	/* of any type, known to clients only */
	FT_BOOL,
	FT_INT,
	FT_UINT,
	FT_UINT16,
	FT_UINT32,
	FT_NUMBER,	/* an integer or a fraction */
	FT_STRING,
	FT_STRINGS,	/* ["", ...] */
	FT_LISTS,	/* [["", ...], ...] */
	FT_PAIR,	/* [height, width] */
	FT_OBJECT,	/* {} of sub */
	FT_OBJECTS,	/* [{}, ...] of sub */
	FT_MAP,		/* {"": "", ...} */
	FT_SET,		/* {"": {}, ...}, nothing in the inner ones */
	FT_OBJMAP,	/* {"": {}, ...} of sub */
	FT_PORTS,	/* {"": [{}, ...], ...} of sub */
	FT_MAX
};

#define F_PRIV		0x01	/* not empty: takes allow privileged */
#define F_PRIV_SET	0x02	/* even empty it does, null does not */
#define F_ALIAS		0x04	/* another spelling of a row, folded */
#define F_GONE		0x08	/* empty or absent, not forwarded */
#define F_DROP		0x10	/* of its type, and not forwarded */

struct field {
	const char		*key;
	enum field_type		 type;
	unsigned int		 flags;
	check_fn		*check;		/* NULL: one line of text */
	const struct field	*sub;
	uint8_t			 api_min;	/* outside of it only empty */
	uint8_t			 api_max;
};

/* body.c: what is wrong with a text that is no JSON; -1 */
int	 body_parse_error(struct judge *, const struct js_error *);

/* container.c */
check_fn check_container_of;

/* walk.c */
int	 walk_object(struct judge *, const struct field *, struct js *);

/* row.c */

/* The rows of a table in their order, those embedded in their place. */
struct rows {
	const struct field	*table;
	const struct field	*f;
	const struct field	*outer;		/* f is in a row of it */
	uint16_t		 rank;		/* of the next one */
};
void	 rows_open(struct rows *, const struct field *);
const struct field *rows_next(struct rows *);
const struct field *rows_find(struct rows *, const char *);
const struct field *field_like(const struct field *, const char *);

/* fold.c */
size_t	 fold_key(const char *, char *, size_t);
bool	 fold_equal(const char *, const char *);
/* The member that Go takes for this one; NULL: none, or no object. */
struct js *fold_get(const struct js *, const char *);
int	 fold_unique(struct judge *, const struct js *);
int	 fold_check(struct judge *, const struct js *);

/* refuse.c; each refusal returns -1 */
size_t	 judge_push(struct judge *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
size_t	 judge_push_key(struct judge *, const char *);
/* A field of a table, by its key, which stays where it is. */
size_t	 judge_enter(struct judge *, const char *);
void	 judge_leave(struct judge *, size_t);
size_t	 judge_push_entry(struct judge *, const char *);
size_t	 judge_push_index(struct judge *, size_t);
void	 judge_pop(struct judge *, size_t);
int	 judge_bad(struct judge *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/*
 * Word and value of the "allow" that would let it pass: without a word that
 * is privileged; "field" without a value is the one that the walk is in.
 */
int	 judge_forbid(struct judge *, const char *word, const char *value,
	    const char *, ...) __attribute__((format(printf, 4, 5)));
int	 judge_say(struct judge *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
int	 judge_nomem(struct judge *);
/* In quotes, as proxyd.conf takes it; -1: it does not fit. */
int	 judge_quote(char *, size_t, const char *);
int	 judge_unprivileged(struct judge *);

/* allow.c */
bool	 judge_privileged(const struct judge *);
/* Is the field that the walk is in admitted as it comes?  With key: of it. */
bool	 allow_field(const struct judge *, const char *key);
void	 field_name(const struct judge *, const char *key, char *, size_t);
bool	 allow_has(const struct judge *, enum allow_kind, const char *);
bool	 allow_named(const struct judge *, enum allow_kind, const char *);
bool	 allow_pattern(const struct judge *, enum allow_kind, const char *);
bool	 allow_image(const struct judge *, const char *);

/* bind.c */
int	 path_clean(const char *, char *, size_t);
bool	 path_under(const char *, const char *);
bool	 bind_everything(const struct judge *);
int	 bind_judge(struct judge *, const char *, bool ro, char *, size_t);
check_fn check_bind;

/* existing.c: to be asked about before the body goes on */
int	 judge_volume(struct judge *, const char *);
int	 judge_path(struct judge *, const char *, bool ro);

/* volume.c */
int	 volume_name(struct judge *, const char *);
check_fn check_volume_create;
check_fn check_driver_config;

/* volopt.c */
int	 volume_options(struct judge *, const char *driver, struct js *);

/* tmpfs.c */
check_fn check_tmpfs;
check_fn check_tmpfs_list;
int	 tmpfs_target(struct judge *, const char *dir, const char *word);

/* text.c */
bool	 text_ok(const char *);
bool	 text_in(const char *, const char *const *);
bool	 text_name(const char *);
void	 set_string(struct judge *, struct js *, const char *);
check_fn check_any;
check_fn check_line;
check_fn check_word;
check_fn check_container;
check_fn check_target;
check_fn check_target_key;

/* port.c */
check_fn check_expose;
check_fn check_port;
check_fn check_host_ip;
check_fn check_host_port;
check_fn check_publish_all;
/* May it be published?  "8080", a range, or "0" for any. */
int	 publish_judge(struct judge *, const char *);

/* limit.c */
void	 limit_supply(struct judge *, struct js *root);
int	 limit_judge(struct judge *, const struct js *, bool update);

/* ulimit.c */
check_fn check_ulimit_name;

/* require.c */
int	 require_create(struct judge *, const struct js *root);
check_fn check_exec_create;
void	 label_supply(struct judge *, struct js *root);

/* service_held.c */
check_fn check_service;
void	 service_supply(struct judge *, struct js *root);

/* option.c, config.c, mount.c, network.c */
check_fn check_image;
check_fn check_privileged;
check_fn check_mount;
check_fn check_netmode;
check_fn check_network_key;

/* secret.c: a reference to a secret, or to a config */
check_fn check_secret_ref;
check_fn check_config_ref;

/* plugin.c: bodies that are arrays */
check_fn check_privileges;
check_fn check_settings;

#endif /* SCHEMA_H */
