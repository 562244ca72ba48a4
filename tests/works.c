/* SPDX-License-Identifier: ISC */

/*
 * What a confined parent must be able to do, with a configuration file and
 * without: each function exits with another status where it fails.
 */

#include "confined.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <linux/openat2.h>
#include <netinet/in.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../proxyd/log.h"

void
work_parent(const void *arg)
{
	const struct sockaddr_un *sun = arg;
	int		 fd, sp[2];
	DIR		*dir;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1)
		_exit(1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, sp) == -1)
		_exit(2);
	if (pipe2(sp, O_NONBLOCK | O_CLOEXEC) == -1 ||
	    fcntl(sp[1], F_SETPIPE_SZ, 262144) == -1)
		_exit(3);
	if (open("/etc/hosts", O_RDONLY) == -1 && errno != ENOENT)
		_exit(4);
	log_init("test_sandbox", 0, NULL);
	log_info("a line to syslog");
	if (unlink(sun->sun_path) == -1)
		_exit(5);
	/* Descriptors in use, before Linux 6.2. */
	if ((dir = opendir("/proc/self/fd")) == NULL ||
	    readdir(dir) == NULL || closedir(dir) == -1)
		_exit(6);
}

/* "set bind-check": root's eyes, without its other rights over files. */
void
work_paths(const void *arg)
{
	const char	*dir = arg;
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = O_PATH | O_CLOEXEC;
	how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	if (syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof(how)) == -1)
		_exit(1);
	if (syscall(SYS_openat2, AT_FDCWD, "/proc/self/root", &how,
	    sizeof(how)) != -1 || errno != ELOOP)
		_exit(2);
	if (access(dir, W_OK) == 0)
		_exit(3);
}

/* All that a reload does: names, files, sockets of both kinds. */
void
work_reload(const void *arg)
{
	const struct sockaddr_un	*sun = arg;
	struct sockaddr_in6		 in6;
	struct passwd			*pw;
	struct group			*gr;
	const int			 on = 1;
	int				 fd;

	if ((pw = getpwnam("nobody")) == NULL ||
	    (gr = getgrnam("daemon")) == NULL ||
	    getpwnam("no such user") != NULL ||
	    getgrnam("no such group") != NULL)
		_exit(1);
	memset(&in6, 0, sizeof(in6));
	in6.sin6_family = AF_INET6;
	in6.sin6_addr = in6addr_loopback;
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 && errno == EAFNOSUPPORT)
		_exit(0);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1 ||
	    (bind(fd, (struct sockaddr *)&in6, sizeof(in6)) == -1 &&
	    errno != EADDRNOTAVAIL) || listen(fd, 5) == -1 ||
	    shutdown(fd, SHUT_RDWR) == -1 || listen(fd, 5) == -1)
		_exit(2);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)umask(0177);
	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1 ||
	    chmod(sun->sun_path, 0660) == -1 ||
	    chown(sun->sun_path, pw->pw_uid, gr->gr_gid) == -1 ||
	    rename(sun->sun_path, sun->sun_path) == -1)
		_exit(3);
	if ((fd = open(sun->sun_path, O_PATH | O_NOFOLLOW | O_CLOEXEC)) == -1 ||
	    fchownat(fd, "", 0, 0, AT_EMPTY_PATH) == -1)
		_exit(4);
}
