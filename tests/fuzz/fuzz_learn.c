/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a log.  Whatever is learned from it is printed, read by the
 * parser without a complaint, and no more than the log has lines.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../proxyd/learn.h"
#include "../../proxyd/parse.h"

#define TEXT_BYTES	(1024 * 1024)

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

/* Every line of the comment is one: what clients wrote ends none of them. */
static void
check_comment(const char *text)
{
	const char	*p, *end;

	for (p = text; *p == '#'; p = end + 1) {
		end = strchr(p, '\n');
		MUST(end != NULL && end[-1] != '\\');
	}
	MUST(*p == '\n');
	MUST(strncmp(p + 1, "set socket ", 11) == 0);
}

static void
check_print(const struct learn *ln)
{
	static char	 text[TEXT_BYTES];
	struct config	*conf;
	ssize_t		 n;
	int		 fd = memfd_create("conf", 0);

	MUST(fd != -1);
	MUST(learn_print(ln, fd) == 0);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	n = read(fd, text, sizeof(text) - 1);
	MUST(n > 0 && (size_t)n < sizeof(text) - 1);
	text[n] = '\0';
	MUST(strlen(text) == (size_t)n);
	check_comment(text);
	conf = parse_memory("learned", text, (size_t)n, NULL, NULL);
	MUST(conf != NULL);
	conf_free(conf);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct learn	*ln = learn_new();
	const char	*p = (const char *)data, *nl;
	size_t		 n, left = size;
	uint64_t	 lines = 0;

	MUST(ln != NULL);
	while (left > 0) {
		nl = memchr(p, '\n', left);
		n = nl == NULL ? left : (size_t)(nl - p);
		learn_feed(ln, p, n);
		lines++;
		n += nl != NULL;
		p += n;
		left -= n;
	}
	MUST(ln->lines == lines && ln->skipped <= lines);
	MUST(ln->nallows <= lines * 2 && ln->ndenied <= lines);
	check_print(ln);
	learn_free(ln);
	return (0);
}
