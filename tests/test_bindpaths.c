/* SPDX-License-Identifier: ISC */

/*
 * The parent's look for links: which paths it takes, below which tree it
 * looks, and what it says of a file system with links in it.
 */

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"
#include "../parent/paths.h"
#include "test.h"

#define OK(text, n)	paths_ok((text), sizeof(text), (n))

static char	 top[] = "/tmp/proxyd-test.XXXXXX";

static void
canonical_paths_only(void)
{
	CHECK(OK("/", 1));
	CHECK(OK("/a", 1));
	CHECK(OK("/a/..b/.c/...", 1));
	CHECK(OK("/a\0/b\0/", 3));
	CHECK(!OK("", 1));
	CHECK(!OK("a", 1));
	CHECK(!OK("/a/", 1));
	CHECK(!OK("//", 1));
	CHECK(!OK("/a//b", 1));
	CHECK(!OK("/.", 1));
	CHECK(!OK("/..", 1));
	CHECK(!OK("/a/../b", 1));
	CHECK(!OK("/a/./b", 1));
	CHECK(!OK("/a\0/b", 1));
	CHECK(!OK("/a", 0));
	CHECK(!OK("/a", 2));
	CHECK(!OK("/a\0", 2));
	CHECK(!paths_ok("/a", 2, 1));
}

static void
bounded(void)
{
	static char	 text[8192];
	size_t		 i;

	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[4095] = '\0';
	CHECK(paths_ok(text, 4096, 1));
	text[4095] = 'a';
	text[4096] = '\0';
	CHECK(!paths_ok(text, 4097, 1));
	for (i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "/", 2);
	CHECK(paths_ok(text, 2 * (size_t)PATHS_MAX, PATHS_MAX));
	CHECK(!paths_ok(text, 2 * (size_t)(PATHS_MAX + 1), PATHS_MAX + 1));
}

static struct profile *
allows(const char *const *rw, const char *const *ro)
{
	struct profile	*p = profile_new("");

	for (; *rw != NULL; rw++)
		conf_allow(p, ALLOW_BIND, *rw, "");
	for (; *ro != NULL; ro++)
		conf_allow(p, ALLOW_BIND_RO, *ro, "");
	conf_allow(p, ALLOW_DEVICE, "/dev", "");
	return (p);
}

/* Tree and rest, "-" if there is none. */
static const char *
below(const struct profile *p, const char *path)
{
	static char	 text[256];
	const char	*rest;
	char		*tree;

	if ((tree = paths_tree(p, path, &rest)) == NULL)
		return (errno == EPERM ? "-" : strerror(errno));
	snprintf(text, sizeof(text), "%s %s", tree, rest);
	free(tree);
	return (text);
}

static void
tree_of_a_path(void)
{
	static const char *const	 rw[] = { "/srv/a/in", "/srv/a",
	    "//srv/./b/", NULL };
	static const char *const	 ro[] = { "/srv", "/etc", NULL };
	static const char *const	 none[] = { NULL };
	static const char *const	 root[] = { "/", NULL };
	struct profile			*p = allows(rw, ro);

	CHECK_STR(below(p, "/srv/a"), "/srv/a ");
	CHECK_STR(below(p, "/srv/a/in/x"), "/srv/a in/x");
	CHECK_STR(below(p, "/srv/b/y"), "/srv/b y");
	CHECK_STR(below(p, "/srv/ab"), "/srv ab");
	CHECK_STR(below(p, "/etc/ssl"), "/etc ssl");
	CHECK_STR(below(p, "/etcx"), "-");
	CHECK_STR(below(p, "/"), "-");
	CHECK_STR(below(p, "/dev/null"), "-");
	CHECK_STR(below(NULL, "/srv/a"), "-");
	profile_free(p);
	p = allows(root, none);
	CHECK_STR(below(p, "/"), "/ ");
	CHECK_STR(below(p, "/a/b"), "/ a/b");
	profile_free(p);
}

static int
look(const struct profile *p, const char *path)
{
	char	 full[256];

	snprintf(full, sizeof(full), "%s%s", top, path);
	return (paths_check(p, full));
}

static void
links_are_seen(void)
{
	char		 ws[64], own[64], none[64];
	const char	*rw[] = { ws, own, none, NULL };
	const char	*ro[] = { NULL };
	struct profile	*p;

	snprintf(ws, sizeof(ws), "%s/ws", top);
	snprintf(own, sizeof(own), "%s/own", top);
	snprintf(none, sizeof(none), "%s/none", top);
	p = allows(rw, ro);
	CHECK(chdir(top) == 0 && mkdir("ws", 0755) == 0 &&
	    mkdir("ws/dir", 0755) == 0 && symlink("ws", "own") == 0 &&
	    symlink("/", "ws/root") == 0 && symlink("dir", "ws/in") == 0 &&
	    symlink("nosuch", "ws/gone") == 0 &&
	    symlink("/proc/self/root", "ws/magic") == 0);
	CHECK_INT(look(p, "/ws"), 0);
	CHECK_INT(look(p, "/ws/dir"), 0);
	CHECK_INT(look(p, "/ws/dir/new/deep"), 0);
	CHECK_INT(look(p, "/own"), 0);
	CHECK_INT(look(p, "/own/dir"), 0);
	CHECK_INT(look(p, "/own/in"), ELOOP);
	CHECK_INT(look(p, "/ws/root"), ELOOP);
	CHECK_INT(look(p, "/ws/root/etc/passwd"), ELOOP);
	CHECK_INT(look(p, "/ws/in/new"), ELOOP);
	CHECK_INT(look(p, "/ws/gone"), ELOOP);
	CHECK_INT(look(p, "/ws/magic/etc"), ELOOP);
	CHECK_INT(look(p, "/none/x"), ENOENT);
	/* Outside: the same, whatever is there. */
	CHECK_INT(look(p, ""), EPERM);
	CHECK_INT(look(p, "/nosuch"), EPERM);
	CHECK_INT(paths_check(p, "/etc/passwd"), EPERM);
	CHECK_INT(paths_check(NULL, "/etc/passwd"), EPERM);
	profile_free(p);
}

static void
clean_up(void)
{
	CHECK(unlink("ws/root") == 0 && unlink("ws/in") == 0 &&
	    unlink("ws/gone") == 0 && unlink("ws/magic") == 0 &&
	    unlink("own") == 0 && rmdir("ws/dir") == 0 && rmdir("ws") == 0 &&
	    chdir("/") == 0 && rmdir(top) == 0);
}

int
main(void)
{
	CHECK(mkdtemp(top) != NULL);
	RUN(canonical_paths_only);
	RUN(bounded);
	RUN(tree_of_a_path);
	RUN(links_are_seen);
	RUN(clean_up);
	return (test_done());
}
