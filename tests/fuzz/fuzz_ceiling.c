/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a REQUEST: what the ceiling lets through must print as one
 * head of one request line, and not end before its end.
 */

#include "../../parent/parent.h"

#include <stdlib.h>
#include <string.h>

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char	 head[HEAD_MAX];
	struct opset	 all;
	struct asked	 asked;
	const char	*why;
	ssize_t		 i, n;
	bool		 hasfd;

	if (size < 1)
		return (0);
	memset(&all, 0xff, sizeof(all));
	hasfd = (data[0] & 1) != 0;
	if (ceiling_check(&all, (data[0] & 2) != 0, data + 1, size - 1, hasfd,
	    &asked, &why) == -1) {
		if (why == NULL)
			abort();
		return (0);
	}
	n = head_print(&asked, head, sizeof(head));
	if (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0)
		abort();
	for (i = 0; i < n; i++) {
		if (head[i] == '\r' ? head[i + 1] != '\n' :
		    head[i] == '\n' ? head[i - 1] != '\r' :
		    (unsigned char)head[i] < 0x20 ||
		    (unsigned char)head[i] >= 0x7f)
			abort();
		if (i < n - 4 && memcmp(head + i, "\r\n\r\n", 4) == 0)
			abort();
	}
	return (0);
}
