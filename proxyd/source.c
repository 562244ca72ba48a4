/* SPDX-License-Identifier: ISC */

/*
 * The texts that a configuration is read from: the file, what it includes,
 * presets, and the memory that reading takes.  A file is read whole, and only
 * if nobody but root and the caller could have written it: whoever writes the
 * policy is root.
 */

#include "../proxyd/parse.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PROXYD_DATADIR
#define PROXYD_DATADIR	"/usr/local/share/proxyd"
#endif

struct chunk {
	struct chunk	*next;
	max_align_t	 data[];
};

void
parse_nomem(void)
{
	fatalx("configuration: out of memory");
}

void *
parse_alloc(struct parse *ps, size_t size)
{
	struct chunk	*c;

	if ((c = calloc(1, sizeof(*c) + size)) == NULL)
		parse_nomem();
	c->next = ps->chunks;
	ps->chunks = c;
	return (c->data);
}

char *
parse_strdup(struct parse *ps, const char *s, size_t len)
{
	char	*copy = parse_alloc(ps, len + 1);

	memcpy(copy, s, len);
	return (copy);
}

void
parse_free(struct parse *ps)
{
	struct chunk	*c;

	while ((c = ps->chunks) != NULL) {
		ps->chunks = c->next;
		free(c);
	}
}

const char *
parse_origin(struct parse *ps, struct loc loc)
{
	char	 text[PATH_MAX + 64];

	if (loc.src->preset != NULL)
		snprintf(text, sizeof(text), "preset %s:%u", loc.src->preset,
		    loc.line);
	else
		snprintf(text, sizeof(text), "%s:%u", loc.src->name, loc.line);
	return (parse_strdup(ps, text, strlen(text)));
}

void
parse_error(struct parse *ps, struct loc loc, const char *fmt, ...)
{
	char	 text[1024];
	va_list	 ap;

	if (ps->errors++ >= ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (loc.src == NULL)
		log_warnx("%s", text);
	else
		log_warnx("%s:%u: %s", loc.src->name, loc.line, text);
	if (ps->errors == ERRORS_MAX) {
		log_warnx("%u errors: the rest is not read", ps->errors);
		ps->stop = true;
	}
}

/* Text becomes the source of the next token; it is copied. */
static struct source *
source_push(struct parse *ps, const char *name, const char *text, size_t len)
{
	struct source	*src = parse_alloc(ps, sizeof(*src));

	src->parent = ps->src;
	src->name = parse_strdup(ps, name, strlen(name));
	src->text = parse_strdup(ps, text, len);
	src->len = len;
	src->line = 1;
	src->depth = ps->depth;
	ps->src = src;
	ps->eol = true;
	return (src);
}

/* Bounds on all files together; NULL, or why not. */
static const char *
source_refused(struct parse *ps, const struct stat *st)
{
	const struct source	*src;
	unsigned int		 depth = 0;

	if (!S_ISREG(st->st_mode))
		return ("not a regular file");
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return ("must be owned by root or by who runs proxyd");
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ("must not be writable by group or others");
	if (st->st_size > FILE_BYTES_MAX)
		return ("larger than 1M");
	for (src = ps->src; src != NULL; src = src->parent) {
		if (src->ino == st->st_ino && src->dev == st->st_dev)
			return ("includes itself");
		if (++depth >= DEPTH_MAX)
			return ("included too deeply");
	}
	if (ps->nsources >= SOURCES_MAX)
		return ("too many files are included");
	if (ps->bytes + (size_t)st->st_size > ALL_BYTES_MAX)
		return ("the files are larger than 8M together");
	ps->nsources++;
	ps->bytes += (size_t)st->st_size;
	return (NULL);
}

/* At most len bytes: who writes to the file meanwhile gets no more. */
static ssize_t
read_all(int fd, char *buf, size_t len)
{
	size_t	 done = 0;
	ssize_t	 n;

	while (done < len) {
		n = read(fd, buf + done, len - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return (-1);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return ((ssize_t)done);
}

/* loc: of who asks for the file; preset: its name, or NULL. */
static int
source_file(struct parse *ps, struct loc loc, const char *file,
    const char *preset)
{
	struct source	*src;
	struct stat	 st;
	const char	*why;
	char		*buf = NULL;
	ssize_t		 n;
	int		 fd;

	/* O_NONBLOCK: not to wait for the other end of a FIFO. */
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, &st) == -1) {
		why = strerror(errno);
		goto fail;
	}
	if ((why = source_refused(ps, &st)) != NULL)
		goto fail;
	if ((buf = calloc(1, (size_t)st.st_size + 1)) == NULL)
		parse_nomem();
	if ((n = read_all(fd, buf, (size_t)st.st_size)) == -1) {
		why = strerror(errno);
		goto fail;
	}
	close(fd);
	src = source_push(ps, file, buf, (size_t)n);
	free(buf);
	src->preset = preset;
	src->dev = st.st_dev;
	src->ino = st.st_ino;
	return (0);
fail:
	if (fd != -1)
		close(fd);
	free(buf);
	parse_error(ps, loc, "%s: %s", shown(ps, file), why);
	return (-1);
}

void
source_memory(struct parse *ps, const char *name, const char *text,
    size_t len)
{
	(void)source_push(ps, name, text, len);
}

int
source_open(struct parse *ps, const char *file)
{
	struct loc	 none = { NULL, 0 };

	return (source_file(ps, none, file, NULL));
}

void
source_include(struct parse *ps, const struct word *name)
{
	char		 path[PATH_MAX];
	const char	*from = name->loc.src->name, *slash;
	int		 dir = 0, n;

	slash = strrchr(from, '/');
	if (name->s[0] != '/' && slash != NULL)
		dir = (int)(slash - from) + 1;
	n = snprintf(path, sizeof(path), "%.*s%s", dir, from, name->s);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		parse_error(ps, name->loc, "the name of the file is too long");
		return;
	}
	(void)source_file(ps, name->loc, path, NULL);
}

void
source_preset(struct parse *ps, const struct word *name)
{
	char	 path[PATH_MAX];
	int	 n;

	if (name->s[0] == '\0' || strlen(name->s) != strspn(name->s,
	    "abcdefghijklmnopqrstuvwxyz0123456789-")) {
		parse_error(ps, name->loc, "\"%s\" is not the name of a "
		    "preset: letters, digits and \"-\" are expected",
		    shown(ps, name->s));
		return;
	}
	n = snprintf(path, sizeof(path), "%s/%s.conf",
	    ps->presets == NULL ? "" : ps->presets, name->s);
	if (n < 0 || (size_t)n >= sizeof(path))
		return;
	if (access(path, F_OK) == -1 && errno == ENOENT) {
		parse_error(ps, name->loc, "no preset \"%s\": there is no "
		    "file %s", name->s, path);
		return;
	}
	(void)source_file(ps, name->loc, path, name->s);
}

/* Beside us in the tree that we were built in, else where installed. */
const char *
presets_dir(char *path, size_t size)
{
	char	 self[PATH_MAX], *dir;
	ssize_t	 n;
	int	 len;

	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) != -1) {
		self[n] = '\0';
		dir = dirname(self);
		if (strcmp(basename(dir), "proxyd") == 0) {
			len = snprintf(path, size, "%s/../presets", dir);
			if (len > 0 && (size_t)len < size &&
			    access(path, X_OK) == 0)
				return (path);
		}
	}
	len = snprintf(path, size, "%s/presets", PROXYD_DATADIR);
	if (len < 0 || (size_t)len >= size)
		path[0] = '\0';
	return (path);
}
