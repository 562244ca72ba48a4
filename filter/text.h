/* SPDX-License-Identifier: ISC */

/*
 * Text put together without printf(3), for what is written once for each
 * request.  What does not fit is cut and remembered: ask text_cut().
 */

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char	*buf;
	size_t	 size;
	size_t	 len;
	bool	 cut;
};

static inline void
text_init(struct text *t, char *buf, size_t size)
{
	t->buf = buf;
	t->size = size;
	t->len = 0;
	t->cut = false;
}

static inline void
text_add(struct text *t, const char *s, size_t len)
{
	if (len > t->size - t->len) {
		len = t->size - t->len;
		t->cut = true;
	}
	memcpy(t->buf + t->len, s, len);
	t->len += len;
}

static inline void
text_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

/* Decimal, at least width digits. */
static inline void
text_num(struct text *t, uint64_t n, unsigned int width)
{
	char	 digits[20];
	size_t	 i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0 || sizeof(digits) - i < width);
	text_add(t, digits + i, sizeof(digits) - i);
}

static inline bool
text_cut(const struct text *t)
{
	return (t->cut);
}

#endif /* TEXT_H */
