/* SPDX-License-Identifier: ISC */

/*
 * proxyd -n -l: read a log, print the configuration that it asks for.  The
 * log is what clients wrote, so root opens the file, and somebody without
 * any privilege reads it.
 */

#include "../proxyd/learn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../proxyd/print.h"
#include "../proxyd/sandbox.h"

#define READ_BYTES	65536

/* Lines out of what read(2) returns. */
struct reader {
	struct learn	*ln;
	size_t		 len;		/* of line */
	bool		 longer;	/* than that */
	char		 line[LEARN_LINE + 1];
};

static void
line_end(struct reader *r)
{
	if (r->len > 0 && r->line[r->len - 1] == '\r')
		r->len--;
	if (r->longer)
		learn_skip(r->ln);
	else
		learn_feed(r->ln, r->line, r->len);
	r->len = 0;
	r->longer = false;
}

static void
line_bytes(struct reader *r, const char *p, size_t n)
{
	if (n > sizeof(r->line) - r->len) {
		n = sizeof(r->line) - r->len;
		r->longer = true;
	}
	memcpy(r->line + r->len, p, n);
	r->len += n;
}

static void
take_lines(struct reader *r, const char *buf, size_t len)
{
	const char	*nl;
	size_t		 n;

	while (len > 0) {
		nl = memchr(buf, '\n', len);
		n = nl == NULL ? len : (size_t)(nl - buf);
		line_bytes(r, buf, n);
		if (nl == NULL)
			return;
		line_end(r);
		buf = nl + 1;
		len -= n + 1;
	}
}

int
learn_read(struct learn *ln, int fd)
{
	static struct reader	 r;
	static char		 buf[READ_BYTES];
	ssize_t			 n;

	memset(&r, 0, sizeof(r));
	r.ln = ln;
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n > 0)
			take_lines(&r, buf, (size_t)n);
		else if (errno != EINTR)
			return (-1);
	}
	/* The last line of a log that is being written may lack its end. */
	if (r.len != 0 || r.longer)
		line_end(&r);
	return (0);
}

int
learn_print(const struct learn *ln, int fd)
{
	struct config	*conf;
	FILE		*f;
	char		*text = NULL;
	size_t		 len = 0;
	int		 r = -1;

	if ((conf = learn_config(ln)) == NULL) {
		errno = ENOMEM;
		return (-1);
	}
	if ((f = open_memstream(&text, &len)) != NULL) {
		learn_notes(ln, conf, f);
		if (fclose(f) == 0 && print_write(fd, text, len) == 0)
			r = conf_print(conf, fd);
	}
	free(text);
	conf_free(conf);
	return (r);
}

/*
 * From here on what is read can do no harm.  A sanitizer looks for leaks at
 * the end by attaching to the process, which then could not be done.
 */
static void
drop(void)
{
	struct sandbox_user	 user;
	int			 fellback;

	if (geteuid() != 0 || sandbox_skipped())
		return;
	if (sandbox_lookup(PROXYD_USER, &user, &fellback) == -1)
		fatalx("neither %s nor nobody is a user: who shall read the "
		    "log?", PROXYD_USER);
	sandbox_drop(&user, getppid());
	(void)sandbox_landlock();
}

int
learn_main(const char *file)
{
	struct learn	*ln;
	int		 fd = STDIN_FILENO, r;

	if (strcmp(file, "-") == 0)
		file = "standard input";
	else if ((fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		fatal("%s", file);
	drop();
	if ((ln = learn_new()) == NULL)
		fatal("memory");
	if ((r = learn_read(ln, fd)) == -1)
		log_warn("%s", file);
	else if (ln->kinds[LEARN_PASSED] + ln->kinds[LEARN_REFUSED] +
	    ln->kinds[LEARN_AUDITED] == 0) {
		log_warnx("%s: no line of a request in %llu lines", file,
		    (unsigned long long)ln->lines);
		r = -1;
	} else if ((r = learn_print(ln, STDOUT_FILENO)) == -1)
		log_warn("standard output");
	learn_free(ln);
	return (r == -1 ? 1 : 0);
}
