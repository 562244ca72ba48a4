/* SPDX-License-Identifier: ISC */

/*
 * Finding the row of a key.  Clients send the keys of an object mostly in the
 * order of Go's struct, which is that of the table, so the search begins
 * where the last one ended.
 */

#include "schema.h"

#include <string.h>

void
rows_open(struct rows *r, const struct field *table)
{
	r->table = r->f = table;
	r->outer = NULL;
	r->rank = 0;
}

/* The next row that is a field of the object; NULL: that was the last. */
const struct field *
rows_next(struct rows *r)
{
	const struct field	*f;

	for (;;) {
		f = r->f++;
		if (f->type == FT_END) {
			r->f = r->outer;
			r->outer = NULL;
			if (r->f == NULL) {
				r->f = f;	/* to stay there */
				return (NULL);
			}
		} else if (f->type == FT_EMBED) {
			r->outer = r->f;
			r->f = f->sub;
		} else if (f->type != FT_ELSEWHERE) {
			r->rank++;
			return (f);
		}
	}
}

/* The row of exactly that name, looked for in turn; its rank is left in r. */
const struct field *
rows_find(struct rows *r, const char *key)
{
	const struct field	*f;
	unsigned int		 begin = r->rank, turn;

	for (turn = 0; turn < 2; turn++) {
		while ((f = rows_next(r)) != NULL) {
			if (f->key[0] == key[0] && strcmp(f->key, key) == 0)
				return (f);
			if (turn == 1 && r->rank == begin)
				return (NULL);
		}
		rows_open(r, r->table);
	}
	return (NULL);
}

/* The row that Go's decoder would take the key for. */
const struct field *
field_like(const struct field *table, const char *key)
{
	const struct field	*f;
	struct rows		 r;

	rows_open(&r, table);
	while ((f = rows_next(&r)) != NULL)
		if (fold_equal(key, f->key))
			return (f);
	return (NULL);
}
