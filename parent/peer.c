/* SPDX-License-Identifier: ISC */

/*
 * Which container does a process behind a unix socket belong to?  Its pid
 * comes from the kernel with the client's descriptor, the container's id
 * from the process's cgroup.  A pid may be used again: a pidfd that is still
 * alive after the reading shows that it was not, and a process that started
 * after the connection was accepted is not the one that connected.
 */

#include "../parent/parent.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD	77		/* Linux 6.5 */
#endif

#define ID_LEN		64
#define PROC_MAX	8192		/* of a file in /proc */
#define STARTTIME	22		/* field of proc_pid_stat(5) */

static int	 peer_pidfd(int, pid_t);
static ssize_t	 proc_read(pid_t, const char *, char *, size_t);
static bool	 started_before(pid_t, uint64_t);
static const char *id_find(const char *, size_t);

/*
 * SO_PEERPIDFD is of the process that connected; pidfd_open(2) of whoever
 * has its pid now, so it is for kernels that do not know better, and not for
 * a process that is gone.
 */
static int
peer_pidfd(int client, pid_t pid)
{
	socklen_t	 len;
	int		 fd = -1;

	len = sizeof(fd);
	if (getsockopt(client, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) == 0)
		return (fd);
	if (errno != ENOPROTOOPT)
		return (-1);
	return ((int)syscall(SYS_pidfd_open, pid, 0));
}

/* Terminated; -1: it cannot be read, or does not end. */
static ssize_t
proc_read(pid_t pid, const char *name, char *buf, size_t size)
{
	char	 path[64];
	ssize_t	 n, len = 0;
	int	 fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (-1);
	while ((n = read(fd, buf + len, size - 1 - (size_t)len)) > 0)
		len += n;
	close(fd);
	if (n == -1 || (size_t)len == size - 1)
		return (-1);
	buf[len] = '\0';
	return (len);
}

/* The name of the program, which may hold anything, ends at the last ")". */
static bool
started_before(pid_t pid, uint64_t age)
{
	char		 buf[PROC_MAX], *p;
	struct timespec	 now;
	uint64_t	 us, ticks;
	long		 hz = sysconf(_SC_CLK_TCK);
	int		 field;

	if (hz <= 0 || proc_read(pid, "stat", buf, sizeof(buf)) == -1 ||
	    (p = strrchr(buf, ')')) == NULL)
		return (false);
	for (field = 2; field < STARTTIME && p != NULL; field++)
		if ((p = strchr(p, ' ')) != NULL)
			p++;
	if (p == NULL || clock_gettime(CLOCK_BOOTTIME, &now) == -1)
		return (false);
	ticks = strtoull(p, NULL, 10);
	us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	return (age <= us &&
	    ticks * 1000000 / (uint64_t)hz <= us - age);
}

/*
 * The first component of a cgroup's path that names 64 hexadecimal digits is
 * the outermost container: what a container makes below its own cgroup comes
 * behind it.
 */
static const char *
id_find(const char *s, size_t len)
{
	size_t	 i, run = 0;

	for (i = 0; i <= len; i++) {
		if (i < len && strchr("0123456789abcdef", s[i]) != NULL) {
			run++;
			continue;
		}
		if (run == ID_LEN)
			return (s + i - ID_LEN);
		run = 0;
	}
	return (NULL);
}

/*
 * Below user.slice users make cgroups of their own, by any name ("systemd-run
 * --user --unit=docker-..."): what is called like a container there is none.
 */
static bool
is_users(const char *path, const char *id)
{
	static const char	 slice[] = "/user.slice/";

	return (memmem(path, (size_t)(id - path), slice,
	    sizeof(slice) - 1) != NULL);
}

/* All lines that name a container must name the same one. */
bool
peer_cgroup(const char *text, char id[65])
{
	const char	*line, *end, *path, *found;

	id[0] = '\0';
	for (line = text; *line != '\0'; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		/* hierarchy:controllers:path */
		if ((path = memchr(line, ':', (size_t)(end - line))) == NULL ||
		    (path = memchr(path + 1, ':',
		    (size_t)(end - path - 1))) == NULL)
			continue;
		found = id_find(path + 1, (size_t)(end - path - 1));
		if (found == NULL)
			continue;
		if (is_users(path + 1, found) || (id[0] != '\0' &&
		    strncmp(id, found, ID_LEN) != 0))
			return (false);
		memcpy(id, found, ID_LEN);
		id[ID_LEN] = '\0';
	}
	return (id[0] != '\0');
}

bool
peer_container(int client, uint64_t age, char id[65])
{
	char		 buf[PROC_MAX];
	struct ucred	 cred;
	struct pollfd	 pfd = { .events = POLLIN };
	socklen_t	 len = sizeof(cred);
	bool		 found;

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    cred.pid <= 0)
		return (false);
	if ((pfd.fd = peer_pidfd(client, cred.pid)) == -1)
		return (false);
	found = proc_read(cred.pid, "cgroup", buf, sizeof(buf)) != -1 &&
	    (peer_cgroup(buf, id) || id[0] == '\0') &&
	    started_before(cred.pid, age) && poll(&pfd, 1, 0) == 0;
	close(pfd.fd);
	return (found);
}
