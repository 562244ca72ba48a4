/* SPDX-License-Identifier: ISC */

/*
 * Users and groups by name, as the two files have them.  getpwnam(3) asks
 * whatever nss(5) names: it would load code into the privileged program, do
 * things on a reload that end the confined one, and take away from a static
 * program that it is complete.
 */

#include "../proxyd/users.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

int
users_find(const char *name, uid_t *uid, gid_t *gid)
{
	struct passwd	*pw;
	FILE		*f;

	if ((f = fopen("/etc/passwd", "re")) == NULL)
		return (-1);
	while ((pw = fgetpwent(f)) != NULL)
		if (strcmp(pw->pw_name, name) == 0)
			break;
	(void)fclose(f);
	if (pw == NULL)
		return (-1);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return (0);
}

int
users_group(const char *name, gid_t *gid)
{
	struct group	*gr;
	FILE		*f;

	if ((f = fopen("/etc/group", "re")) == NULL)
		return (-1);
	while ((gr = fgetgrent(f)) != NULL)
		if (strcmp(gr->gr_name, name) == 0)
			break;
	(void)fclose(f);
	if (gr == NULL)
		return (-1);
	*gid = gr->gr_gid;
	return (0);
}
