/* SPDX-License-Identifier: ISC */

/*
 * JSON as a tree of nodes in an arena.  A node is a value and, at the same
 * time, its place in the array or object that it is a member of: its name
 * and the link to the next.  The tree is judged and changed where it is.
 *
 * Functions that need memory take the arena and answer NULL when there is
 * none, after which the arena is marked; those that take a node to put
 * somewhere take NULL and do nothing.  So a tree is built without a question,
 * and arena->failed is asked once at the end.
 */

#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum js_type {
	JS_NULL,
	JS_FALSE,
	JS_TRUE,
	JS_INT,
	JS_REAL,
	JS_STRING,
	JS_ARRAY,
	JS_OBJECT
};

struct js {
	enum js_type	 type;
	bool		 plain;		/* text: nothing in it is escaped */
	bool		 keyplain;
	uint16_t	 rank;		/* the reader's own, as is tag */
	uint32_t	 hash;		/* of the key */
	uint32_t	 keylen;
	uint32_t	 len;		/* of the text; number of members; of
					   an integer 1: it is -0 */
	const char	*key;		/* in an object; NUL behind it */
	struct js	*next;		/* of the same array or object */
	union {
		int64_t		 num;
		const char	*text;	/* JS_STRING: NUL behind it */
		struct js	*first;
	};
	struct js	*last;		/* of the members */
	const void	*tag;
};

enum js_fault {
	JS_FAULT_NONE,
	JS_FAULT_SYNTAX,	/* not RFC 8259, or a NUL in a string */
	JS_FAULT_TWICE,		/* a key, in one object */
	JS_FAULT_RANGE,		/* a number beyond 64 bits */
	JS_FAULT_DEPTH,
	JS_FAULT_MEMORY
};

struct js_error {
	enum js_fault	 fault;
	unsigned int	 line;		/* both from 1 */
	unsigned int	 column;	/* in characters */
};

#define JS_FOREACH(v, parent)						\
	for ((v) = (parent)->first; (v) != NULL; (v) = (v)->next)

/* json.c */

/* Make the hash of keys unforeseeable; once per process. */
void	 js_seed(uint64_t, uint64_t);
uint32_t js_hash(const char *, size_t);

/* New values, in no array or object yet.  Texts are copied, UTF-8. */
struct js *js_new(struct arena *, enum js_type);
struct js *js_bool(struct arena *, bool);
struct js *js_int(struct arena *, int64_t);
struct js *js_string(struct arena *, const char *);

/* Another value in the same place; its members and its text are gone. */
void	 js_become(struct js *, enum js_type);
void	 js_become_string(struct arena *, struct js *, const char *);
void	 js_become_int(struct js *, int64_t);

/* Another name, copied, for a member. */
void	 js_rename(struct arena *, struct js *, const char *);

/* At the end of an array.  The value must be in no other place. */
void	 js_append(struct js *array, struct js *);
/* At the end of an object, under the name that the value has already. */
void	 js_put(struct js *object, struct js *);
/* Under this name, copied, in the place of the member that has it. */
void	 js_set(struct arena *, struct js *object, const char *, struct js *);
/* Take all members off: the first one, the others by its next. */
struct js *js_take(struct js *);

/* The member of that name, by comparison with each; NULL: none. */
struct js *js_get(const struct js *object, const char *);
/* The text of the member, "" if it is not there or no string. */
const char *js_get_string(const struct js *object, const char *);
/* The first member whose name an earlier one has; NULL: none. */
struct js *js_twice(struct arena *, const struct js *object);
/* null, false, 0, "", [] or {}. */
bool	 js_is_empty(const struct js *);
/* 0 that was written with a sign, and is printed without. */
bool	 js_is_minus_zero(const struct js *);

static inline bool
js_is(const struct js *v, enum js_type type)
{
	return (v != NULL && v->type == type);
}

static inline bool
js_is_bool(const struct js *v)
{
	return (v->type == JS_FALSE || v->type == JS_TRUE);
}

/* json_parse.c */

/*
 * Parse an array or an object, strictly by RFC 8259: valid UTF-8, no lone
 * surrogate, no NUL, no key twice in an object, integers of 64 bits, at most
 * depth levels, nothing but white space around.  The text is copied; the
 * tree is the arena's.  NULL: see the error.
 */
struct js *js_parse(struct arena *, const char *, size_t, unsigned int depth,
	    struct js_error *);

/* json_string.c: for the parser */

/*
 * Decode the string that begins at s, behind its quotation mark, where it
 * is, and put a NUL behind it.  The buffer ends in eight NULs.  The first
 * byte behind the closing mark; NULL: *bad is where it is not valid.
 */
char	*js_unquote(char *s, uint32_t *len, bool *plain, char **bad);

/* json_print.c */

/*
 * The value as compact text, malloc()ed, the caller's, with a NUL behind its
 * len bytes.  The hint is how long it may become.  NULL: no memory.
 */
char	*js_print(const struct js *, size_t hint, size_t *len);

#endif /* JSON_H */
