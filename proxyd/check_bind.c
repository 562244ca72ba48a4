/* SPDX-License-Identifier: ISC */

/*
 * Paths of the host that amount to root when a container may mount them.
 * filter/body/bind.c keeps what lies in /proc, /run and the like out of the
 * allowance of a parent, and so does the table here; "/" is all.
 */

#include "../proxyd/check.h"

#include <stdio.h>
#include <string.h>

#define ROOT_RW	"whoever may create a container can read and write every " \
		"file of the host, /etc/shadow included"
#define ROOT_RO	"whoever may create a container can read every file of " \
		"the host, /etc/shadow and all keys included"
#define ENGINE	"the engine's own socket, past every rule of this file: " \
		"root on the host"
#define PROGRAM	"programs and libraries that root runs can be replaced"

/* How far from the path the danger goes. */
enum reach {
	REACH_SELF,	/* the path itself */
	REACH_BELOW,	/* and what lies below */
	REACH_CHILD	/* and its children, but not theirs */
};

/* Taken in this order: a parent of several paths shows the first. */
static const struct {
	const char	*path;
	bool		 parents;	/* given with a parent, too */
	enum reach	 rw_reach;
	const char	*rw;
	const char	*ro;		/* of the path itself, or NULL */
} paths[] = {
	{ "/var/run/docker.sock", false, REACH_SELF, ENGINE, ENGINE },
	{ "/run/docker.sock", false, REACH_SELF, ENGINE, ENGINE },
	{ "/run/containerd/containerd.sock", false, REACH_SELF, ENGINE,
	    ENGINE },
	{ "/var/run/containerd/containerd.sock", false, REACH_SELF, ENGINE,
	    ENGINE },
	{ "/etc", true, REACH_BELOW, "what the host trusts can be changed, "
	    "with /etc/shadow, /etc/sudoers or /etc/ld.so.preload for root",
	    "/etc/shadow and the keys of the host can be read" },
	{ "/root", true, REACH_BELOW, "/root/.ssh/authorized_keys can be "
	    "written: root on the host",
	    "the keys of root can be read" },
	{ "/home", true, REACH_CHILD, ".ssh/authorized_keys can be written: "
	    "whoever lives there, and root if one of them may sudo(8)",
	    "the keys of every user can be read" },
	{ "/proc", false, REACH_BELOW, "/proc/sys/kernel/core_pattern can be "
	    "written: the kernel runs that program as root on the host",
	    NULL },
	{ "/sys", false, REACH_BELOW, "what the kernel takes programs from "
	    "can be written (uevent_helper, release_agent): root on the host",
	    NULL },
	{ "/dev", false, REACH_SELF, "the device nodes of the host can be "
	    "replaced, and new ones left for others to open: its disks and "
	    "its memory", NULL },
	{ "/boot", true, REACH_BELOW, "the kernel can be replaced: root with "
	    "the next start of the host", NULL },
	{ "/run", false, REACH_SELF, "the sockets of the host's services "
	    "(systemd, dbus) take orders as from root",
	    "the sockets of the host's services (systemd, dbus) take orders "
	    "as from root" },
	{ "/var/run", false, REACH_SELF, "the sockets of the host's services "
	    "(systemd, dbus) take orders as from root",
	    "the sockets of the host's services (systemd, dbus) take orders "
	    "as from root" },
	{ "/var/lib/docker", false, REACH_BELOW, "all images, volumes and "
	    "containers can be changed, and how the engine starts them: root "
	    "on the host",
	    "the files and secrets of every container can be read" },
	{ "/var/lib/containerd", true, REACH_BELOW, "all images and "
	    "containers can be changed: root on the host",
	    "the files and secrets of every container can be read" },
	{ "/var/spool/cron", true, REACH_BELOW, "a crontab can be written: "
	    "cron(8) runs it as root on the host", NULL },
	{ "/usr", true, REACH_BELOW, PROGRAM, NULL },
	{ "/bin", true, REACH_BELOW, PROGRAM, NULL },
	{ "/sbin", true, REACH_BELOW, PROGRAM, NULL },
	{ "/lib", true, REACH_BELOW, PROGRAM, NULL },
	{ "/lib64", true, REACH_BELOW, PROGRAM, NULL },
};

#define NPATHS	(sizeof(paths) / sizeof(paths[0]))

/* Is the path the tree itself or below it?  At *rest is what follows. */
static bool
below(const char *tree, const char *path, const char **rest)
{
	size_t	 n = strlen(tree);

	if (strncmp(tree, path, n) != 0 ||
	    (path[n] != '/' && path[n] != '\0'))
		return (false);
	*rest = path + n;
	return (true);
}

static const char *
path_gives(size_t i, const char *bind, bool ro)
{
	const char	*gives = ro ? paths[i].ro : paths[i].rw, *rest;

	if (below(bind, paths[i].path, &rest) &&
	    (*rest == '\0' || paths[i].parents))
		return (gives);
	if (ro || !below(paths[i].path, bind, &rest))
		return (NULL);
	if (paths[i].rw_reach == REACH_CHILD)
		return (strchr(rest + 1, '/') == NULL ? gives : NULL);
	return (paths[i].rw_reach == REACH_BELOW ? gives : NULL);
}

/* What the mount gives, or NULL. */
static const char *
bind_gives(const struct config *conf, const char *bind, bool ro)
{
	const char	*gives = NULL;
	size_t		 i;

	if (strcmp(bind, "/") == 0)
		return (ro ? ROOT_RO : ROOT_RW);
	if (strcmp(bind, conf->socket) == 0)
		return (ENGINE);
	for (i = 0; i < NPATHS && gives == NULL; i++)
		gives = path_gives(i, bind, ro);
	return (gives);
}

/*
 * The daemon follows links, at start and after every check: what a container
 * leaves in the tree, the next one mounts.  Said once for a profile.
 */
static void
check_links(struct check *c, const struct allow *first, size_t n)
{
	static const char	 open[] = "who then mounts the link gets what "
	    "it points to, / included; trust those who may, or say read-only";
	static const char	 checked[] = "with \"set bind-check\" it is "
	    "refused, but not if it comes between the look and the mount; "
	    "trust those who may, or say read-only";
	char			 more[64] = "";

	if (n > 1)
		(void)snprintf(more, sizeof(more), " (and %zu more)", n - 1);
	check_warn(c, first->origin, "allow bind \"%s\"%s: a container that "
	    "writes there can leave a symbolic link, and %s", first->text,
	    more, c->conf->bind_check ? checked : open);
}

void
check_binds(struct check *c)
{
	const struct allow	*a, *first = NULL;
	const char		*gives;
	size_t			 n = 0;
	bool			 ro, all = false;

	if (check_passes(c->p, "containers/create", false) == NULL)
		return;
	TAILQ_FOREACH(a, &c->p->allows, entry) {
		if (a->kind != ALLOW_BIND && a->kind != ALLOW_BIND_RO)
			continue;
		ro = a->kind == ALLOW_BIND_RO;
		gives = bind_gives(c->conf, a->text, ro);
		all = all || (!ro && a->text[1] == '\0');
		/* env.c has said that of "/". */
		if (gives != NULL && !(c->p->fromenv && a->text[1] == '\0'))
			check_warn(c, a->origin, "allow bind \"%s\"%s: %s",
			    a->text, ro ? " read-only" : "", gives);
		if (gives == NULL && !ro && n++ == 0)
			first = a;
	}
	if (first != NULL && !all)
		check_links(c, first, n);
}
