/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a chunked body, decoded at once and in pieces of a size that
 * the first byte says: both find the same data and the same end, and the
 * data is never longer than what was read.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../filter/http.h"

#define DATA_MAX	(1 << 20)

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct result {
	char	 data[DATA_MAX];
	size_t	 ndata;
	size_t	 consumed;
	bool	 done;
	bool	 bad;
};

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

static void
decode(struct result *r, const char *buf, size_t len, size_t step)
{
	struct http_chunk c;
	const char *run;
	size_t runlen, part;
	ssize_t n;

	memset(&c, 0, sizeof(c));
	r->ndata = r->consumed = 0;
	r->bad = false;
	while (r->consumed < len && !c.done) {
		part = len - r->consumed < step ? len - r->consumed : step;
		n = http_chunk_decode(&c, buf + r->consumed, part, &run,
		    &runlen);
		if (n == HTTP_BAD) {
			r->bad = true;
			break;
		}
		MUST(n > 0 && (size_t)n <= part && runlen <= (size_t)n);
		MUST(runlen == 0 || run + runlen == buf + r->consumed + n);
		if (runlen > 0)
			memcpy(r->data + r->ndata, run, runlen);
		r->ndata += runlen;
		r->consumed += (size_t)n;
	}
	r->done = c.done;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct result whole, pieces;
	const char *buf = (const char *)bytes + 1;
	size_t len;

	if (size < 1 || size > DATA_MAX)
		return (0);
	len = size - 1;
	decode(&whole, buf, len, len);
	decode(&pieces, buf, len, (size_t)bytes[0] + 1);
	MUST(whole.bad == pieces.bad && whole.done == pieces.done);
	MUST(whole.ndata == pieces.ndata &&
	    memcmp(whole.data, pieces.data, whole.ndata) == 0);
	MUST(whole.bad || whole.consumed == pieces.consumed);
	MUST(whole.bad || whole.done || whole.consumed == len);
	if (whole.done)
		MUST(memcmp(buf + whole.consumed - 2, "\r\n", 2) == 0);
	return (0);
}
