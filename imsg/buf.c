/* SPDX-License-Identifier: ISC */

/*
 * ibuf: builds and reads payloads of several parts within a bound.  Integers
 * are copied in host order and need no alignment, as both ends are the same
 * machine.  An addition or a read that fails leaves the buffer as it was.
 */

#include "imsg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IBUF_GROW_MIN	64U	/* bytes, the first allocation */

static int	 ibuf_reserve(struct ibuf *, size_t);

struct ibuf *
ibuf_open(size_t size)
{
	return (ibuf_dynamic(size, size));
}

struct ibuf *
ibuf_dynamic(size_t size, size_t max)
{
	struct ibuf *b;

	if (max == 0 || size > max) {
		errno = EINVAL;
		return (NULL);
	}
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->max = max;
	if (size > 0 && (b->buf = malloc(size)) == NULL) {
		free(b);
		return (NULL);
	}
	b->size = size;
	return (b);
}

/* Full to its maximum, so that every addition fails. */
void
ibuf_from_buffer(struct ibuf *b, const void *data, size_t len)
{
	memset(b, 0, sizeof(*b));
	b->buf = (uint8_t *)(uintptr_t)data;
	b->size = b->max = b->wpos = len;
	b->onstack = true;
}

void
ibuf_free(struct ibuf *b)
{
	int saved_errno = errno;

	if (b == NULL)
		return;
	if (b->onstack)
		abort();
	free(b->buf);
	free(b);
	errno = saved_errno;
}

/* Make room for len more bytes. */
static int
ibuf_reserve(struct ibuf *b, size_t len)
{
	uint8_t *buf;
	size_t size;

	if (len > b->max - b->wpos) {
		errno = ERANGE;
		return (-1);
	}
	if (len <= b->size - b->wpos)
		return (0);
	size = b->size > b->max / 2 ? b->max : b->size * 2;
	if (size < IBUF_GROW_MIN)
		size = b->max < IBUF_GROW_MIN ? b->max : IBUF_GROW_MIN;
	if (size < b->wpos + len)
		size = b->wpos + len;
	if ((buf = realloc(b->buf, size)) == NULL)
		return (-1);
	b->buf = buf;
	b->size = size;
	return (0);
}

int
ibuf_add(struct ibuf *b, const void *data, size_t len)
{
	if (ibuf_reserve(b, len) == -1)
		return (-1);
	if (len > 0)
		memcpy(b->buf + b->wpos, data, len);
	b->wpos += len;
	return (0);
}

int
ibuf_add_n8(struct ibuf *b, uint8_t v)
{
	return (ibuf_add(b, &v, sizeof(v)));
}

int
ibuf_add_n16(struct ibuf *b, uint16_t v)
{
	return (ibuf_add(b, &v, sizeof(v)));
}

int
ibuf_add_n32(struct ibuf *b, uint32_t v)
{
	return (ibuf_add(b, &v, sizeof(v)));
}

int
ibuf_add_n64(struct ibuf *b, uint64_t v)
{
	return (ibuf_add(b, &v, sizeof(v)));
}

int
ibuf_add_string(struct ibuf *b, const char *s)
{
	size_t len = strlen(s);

	if (len > UINT32_MAX - sizeof(uint32_t)) {
		errno = ERANGE;
		return (-1);
	}
	/* Both parts or none. */
	if (ibuf_reserve(b, sizeof(uint32_t) + len) == -1)
		return (-1);
	if (ibuf_add_n32(b, (uint32_t)len) == -1)
		return (-1);
	return (ibuf_add(b, s, len));
}

size_t
ibuf_size(const struct ibuf *b)
{
	return (b->wpos - b->rpos);
}

const void *
ibuf_data(const struct ibuf *b)
{
	return (b->buf == NULL ? NULL : b->buf + b->rpos);
}

int
ibuf_skip(struct ibuf *b, size_t len)
{
	if (len > ibuf_size(b)) {
		errno = EBADMSG;
		return (-1);
	}
	b->rpos += len;
	return (0);
}

int
ibuf_get(struct ibuf *b, void *data, size_t len)
{
	const void *from = ibuf_data(b);

	if (ibuf_skip(b, len) == -1)
		return (-1);
	if (len > 0)
		memcpy(data, from, len);
	return (0);
}

int
ibuf_get_n8(struct ibuf *b, uint8_t *v)
{
	return (ibuf_get(b, v, sizeof(*v)));
}

int
ibuf_get_n16(struct ibuf *b, uint16_t *v)
{
	return (ibuf_get(b, v, sizeof(*v)));
}

int
ibuf_get_n32(struct ibuf *b, uint32_t *v)
{
	return (ibuf_get(b, v, sizeof(*v)));
}

int
ibuf_get_n64(struct ibuf *b, uint64_t *v)
{
	return (ibuf_get(b, v, sizeof(*v)));
}

int
ibuf_get_string(struct ibuf *b, char **s)
{
	size_t start = b->rpos;
	uint32_t len;

	if (ibuf_get_n32(b, &len) == -1)
		return (-1);
	if (len > ibuf_size(b) ||
	    (len > 0 && memchr(b->buf + b->rpos, '\0', len) != NULL)) {
		b->rpos = start;
		errno = EBADMSG;
		return (-1);
	}
	/* The length is bounded by what was received, before it is used. */
	if ((*s = malloc((size_t)len + 1)) == NULL) {
		b->rpos = start;
		return (-1);
	}
	if (len > 0)
		memcpy(*s, b->buf + b->rpos, len);
	(*s)[len] = '\0';
	b->rpos += len;
	return (0);
}
