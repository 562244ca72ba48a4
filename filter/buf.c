/* SPDX-License-Identifier: ISC */

/*
 * Bytes that wait for somebody.  A buffer owns memory only while it holds
 * bytes, so that an idle connection costs none.
 */

#include <stdlib.h>
#include <string.h>

#include "../filter/filter.h"

int
buf_add(struct buf *b, const void *data, size_t len)
{
	uint8_t	*p;
	size_t	 size;

	if (len == 0)
		return (0);
	if (b->off != 0 && b->off + b->len + len > b->size) {
		memmove(b->data, b->data + b->off, b->len);
		b->off = 0;
	}
	if (b->len + len > b->size) {
		size = b->size < 512 ? 512 : b->size;
		while (size < b->len + len)
			size *= 2;
		if ((p = realloc(b->data, size)) == NULL)
			return (-1);
		b->data = p;
		b->size = size;
	}
	memcpy(b->data + b->off + b->len, data, len);
	b->len += len;
	return (0);
}

void
buf_drop(struct buf *b, size_t len)
{
	b->off += len;
	b->len -= len;
	if (b->len == 0)
		buf_free(b);
}

void
buf_free(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}
