/* SPDX-License-Identifier: ISC */

/*
 * Listening sockets.  They are opened by the parent, at start or on a reload,
 * and handed to the filters.  A unix socket is bound under a temporary name,
 * given its owner and mode, and only then renamed to where clients look: it
 * is never reachable with the wrong permissions.  The owner comes last: what
 * is not root's any more takes a capability to change.
 */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"
#include "../parent/service.h"

#define BACKLOG		1024

static int	 listen_tcp(struct listener *);
static int	 listen_unix(struct listener *, int);
static int	 listen_clear(const char *);
static int	 change_owner(int, const struct listener *);

int
listen_open(struct config *conf, char *err, size_t errlen)
{
	struct listener	*l;
	int		 fd;

	TAILQ_FOREACH(l, &conf->listeners, entry) {
		if (l->fd != -1)
			continue;
		if ((fd = activate_take(l)) != -1)
			l->passed = true;
		else if (errno == 0)
			fd = l->kind == LISTEN_TCP ? listen_tcp(l) :
			    listen_unix(l, SOCK_STREAM);
		if (fd == -1) {
			snprintf(err, errlen, "listen on %s: %s", l->text,
			    strerror(errno));
			return (-1);
		}
		l->fd = fd;
	}
	return (0);
}

void
listen_close(struct config *conf)
{
	struct listener	*l;

	TAILQ_FOREACH(l, &conf->listeners, entry)
		listen_remove(l);
}

void
listen_remove(struct listener *l)
{
	struct stat	 st;

	if (l->fd == -1)
		return;
	/* Only what is still ours: another may have taken its place. */
	if (l->kind == LISTEN_UNIX && !l->passed && lstat(l->path, &st) == 0 &&
	    st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	close(l->fd);
	l->fd = -1;
}

/*
 * shutdown(2) is for the socket, and not only for our descriptor of it: one
 * that was passed goes on to collect clients for the next who takes it.
 */
void
listen_pause(const struct listener *l)
{
	if (!l->passed)
		(void)shutdown(l->fd, SHUT_RDWR);
}

int
listen_again(const struct listener *l)
{
	return (l->passed ? 0 : listen(l->fd, BACKLOG));
}

/*
 * By a descriptor of the very socket, so that nothing put in its place is
 * changed.  It takes CAP_CHOWN only: as root's it is given group and mode,
 * neither looser than both before and after, and then its owner.
 */
int
listen_change(const struct listener *l)
{
	struct stat	 st;
	int		 fd, r, save;

	fd = open(l->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return (-1);
	r = fstat(fd, &st);
	if (r == 0 && (st.st_dev != l->dev || st.st_ino != l->ino)) {
		errno = ESTALE;
		r = -1;
	}
	if (r == 0)
		r = change_owner(fd, l);
	save = errno;
	close(fd);
	errno = save;
	return (r);
}

static int
change_owner(int fd, const struct listener *l)
{
	const uid_t	 owner = l->owner == (uid_t)-1 ? geteuid() : l->owner;
	const gid_t	 group = l->group == (gid_t)-1 ? getegid() : l->group;
	struct stat	 st;
	char		 name[64];

	if (fstat(fd, &st) == -1)
		return (-1);
	st.st_mode &= 07777;
	if (st.st_uid == owner && st.st_gid == group && st.st_mode == l->mode)
		return (0);
	/* chmod(2) of an O_PATH descriptor goes by its name. */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (st.st_uid != geteuid() &&
	    fchownat(fd, "", geteuid(), (gid_t)-1, AT_EMPTY_PATH) == -1)
		return (-1);
	if (chmod(name, st.st_mode & l->mode) == -1 ||
	    fchownat(fd, "", (uid_t)-1, group, AT_EMPTY_PATH) == -1 ||
	    chmod(name, l->mode) == -1)
		return (-1);
	return (fchownat(fd, "", owner, (gid_t)-1, AT_EMPTY_PATH));
}

static int
listen_tcp(struct listener *l)
{
	const int	 on = 1;
	int		 fd, v6only = l->v6only, save;

	fd = socket(l->addr.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		goto fail;
	if (l->addr.ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &v6only, sizeof(v6only)) == -1)
		goto fail;
	if (bind(fd, (struct sockaddr *)&l->addr, l->addrlen) == -1)
		goto fail;
	if (listen(fd, BACKLOG) == -1)
		goto fail;
	return (fd);
fail:
	save = errno;
	close(fd);
	errno = save;
	return (-1);
}

/*
 * A socket that a former run left may be replaced; not one that somebody
 * serves, and nothing that is not a socket.
 */
static int
listen_clear(const char *path)
{
	struct sockaddr_un	 sun;
	struct stat		 st;
	bool			 stale;
	int			 fd, r;

	if (lstat(path, &st) == -1)
		return (errno == ENOENT ? 0 : -1);
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return (-1);
	}
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	r = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	stale = r == -1 && errno == ECONNREFUSED;
	close(fd);
	errno = EADDRINUSE;
	return (stale ? 0 : -1);
}

int
listen_packets(struct listener *l)
{
	return ((l->fd = listen_unix(l, SOCK_SEQPACKET)) == -1 ? -1 : 0);
}

static int
listen_unix(struct listener *l, int type)
{
	struct sockaddr_un	 sun;
	struct stat		 st;
	mode_t			 old;
	int			 fd, n, save;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.%ld", l->path,
	    (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if (listen_clear(l->path) == -1)
		return (-1);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	unlink(sun.sun_path);
	old = umask(0177);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		umask(old);
		goto fail;
	}
	umask(old);
	if (chmod(sun.sun_path, l->mode) == -1)
		goto unlink;
	if ((l->owner != (uid_t)-1 || l->group != (gid_t)-1) &&
	    chown(sun.sun_path, l->owner, l->group) == -1)
		goto unlink;
	if (listen(fd, BACKLOG) == -1)
		goto unlink;
	if (lstat(sun.sun_path, &st) == -1 ||
	    rename(sun.sun_path, l->path) == -1)
		goto unlink;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return (fd);
unlink:
	save = errno;
	unlink(sun.sun_path);
	errno = save;
fail:
	save = errno;
	close(fd);
	errno = save;
	return (-1);
}
