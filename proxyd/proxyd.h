/* SPDX-License-Identifier: ISC */

/*
 * The configuration in memory: what parse.y or env.c builds, what print.c
 * shows, what the parent keeps as ceiling and sends to each filter.
 */

#ifndef PROXYD_H
#define PROXYD_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../proxyd/endpoint.h"
#include "../proxyd/log.h"

#define PROXYD_VERSION		"0.1"
#define PROXYD_USER		"_proxyd"
#define PROXYD_CHROOT		"/var/empty"
#define PROXYD_SOCKET		"/var/run/docker.sock"
#define PROXYD_CONF		"/etc/proxyd.conf"

/* A set of rows of the endpoint table. */
struct opset {
	uint64_t	bits[EP_MAX / 64];
};

static inline void
opset_add(struct opset *set, size_t op)
{
	set->bits[op / 64] |= (uint64_t)1 << (op % 64);
}

static inline void
opset_del(struct opset *set, size_t op)
{
	set->bits[op / 64] &= ~((uint64_t)1 << (op % 64));
}

static inline bool
opset_has(const struct opset *set, size_t op)
{
	return (op < EP_MAX &&
	    (set->bits[op / 64] >> (op % 64) & 1) != 0);
}

enum action {
	ACTION_BLOCK,
	ACTION_PASS
};

/* Last match wins; the built-in first rule blocks everything. */
struct rule {
	TAILQ_ENTRY(rule)	 entry;
	enum action		 action;
	bool			 quick;
	struct opset		 ops;
	char			*origin;	/* "CONTAINERS=1", file:line */
	char			*hint;		/* "POST=1 would", or NULL */
};
TAILQ_HEAD(rules, rule);

/* What a created container may have: a set, independent of order. */
enum allow_kind {
	ALLOW_PRIVILEGED,	/* everything below; binds are still checked */
	ALLOW_UNJUDGED,		/* bodies and queries not understood */
	ALLOW_BIND,		/* a path and what lies below; "/" is all */
	ALLOW_BIND_RO,
	ALLOW_IMAGE,		/* glob on the reference; "*" is any */
	ALLOW_VOLUME,
	ALLOW_NETWORK,
	ALLOW_CAPABILITY,	/* upper case, without CAP_ */
	ALLOW_DEVICE,
	ALLOW_HOST,		/* "pid", "network", "ipc", "uts", ... */
	ALLOW_SECURITY,
	ALLOW_RUNTIME,
	ALLOW_KIND_MAX
};

struct allow {
	TAILQ_ENTRY(allow)	 entry;
	enum allow_kind		 kind;
	char			*text;		/* "" if the kind says all */
	char			*origin;
};
TAILQ_HEAD(allows, allow);

/* Bounds on one listener's clients. */
struct limits {
	uint32_t	clients;	/* connections at once */
	uint32_t	head;		/* request head, bytes */
	uint32_t	body;		/* judged body, bytes */
	uint32_t	header_secs;	/* for the head to be complete */
	uint32_t	idle_secs;	/* between requests, 0: no limit */
	uint32_t	body_secs;	/* without progress in a body */
};

/* Per operation: the rules that may decide, the strongest first. */
struct profile {
	char		*name;
	bool		 fromenv;	/* hints name variables, not keywords */
	struct rules	 rules;
	struct allows	 allows;
	/* made by profile_compile(); decide[op] ends in an unconditional */
	const struct rule *decide[EP_MAX];
	bool		 privileged;	/* allow privileged stands */
	bool		 unjudged;
};

enum listen_kind {
	LISTEN_TCP,
	LISTEN_UNIX
};

struct listener {
	TAILQ_ENTRY(listener)	 entry;
	unsigned int		 id;		/* from 1, stable for a run */
	enum listen_kind	 kind;
	char			*text;		/* "tcp://127.0.0.1:2375" */
	char			*path;		/* unix: where */
	struct sockaddr_storage	 addr;		/* tcp */
	socklen_t		 addrlen;
	bool			 v6only;	/* tcp on ::, not dual stack */
	uid_t			 owner;		/* unix, (uid_t)-1: leave */
	gid_t			 group;
	mode_t			 mode;		/* unix, default 0660 */
	struct profile		*profile;	/* of config.profiles */
	struct limits		 limits;
	int			 fd;		/* the parent's, -1: not open */
	dev_t			 dev;		/* of the unix socket we made */
	ino_t			 ino;
};
TAILQ_HEAD(listeners, listener);

struct config {
	char			*socket;	/* the engine's */
	char			*user;		/* of the filter */
	char			*chroot;
	enum log_level		 loglevel;
	struct profile		*profile;	/* of the environment */
	struct listeners	 listeners;
	/* said once at start, one line each, as log_warnx() */
	char			**warnings;
	size_t			 nwarnings;
};

/* conf.c */

/* With defaults, no listener and an empty profile; NULL: no memory. */
struct config	*conf_new(void);
/* Frees everything below; closes no descriptor. NULL is fine. */
void		 conf_free(struct config *);
/* Add a rule at the end; NULL: no memory.  Strings are copied. */
struct rule	*conf_rule(struct profile *, enum action, const char *origin,
		    const char *hint);
/* Add an allowance; -1: no memory. */
int		 conf_allow(struct profile *, enum allow_kind, const char *text,
		    const char *origin);
int		 conf_warn(struct config *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
/*
 * Add a listener from "tcp://host:port", "tcp://:port", "unix:///path".
 * 0, or -1 with a message in err that says what would be accepted.
 */
int		 conf_listen(struct config *, const char *, bool noipv6,
		    char *err, size_t errlen);
struct profile	*profile_new(const char *name);
void		 profile_free(struct profile *);
/* Fill decide[], privileged, unjudged from rules and allows. */
void		 profile_compile(struct profile *);
/* Everything the profile can ever pass: the ceiling of its filters. */
void		 profile_ceiling(const struct profile *, struct opset *);

/* env.c */

/*
 * Read the environment (NULL-terminated "NAME=value" strings) into a new
 * configuration.  NULL with a message in err that names the variable and
 * what would be accepted.
 */
struct config	*env_config(char *const *, char *err, size_t errlen);

/* print.c */

/* The policy in force as proxyd.conf text on fd; -1 with errno. */
int		 conf_print(const struct config *, int fd);

/* main.c calls it; returns the exit status. */
int		 parent_run(struct config *, int debug, int filterfd);

#endif /* PROXYD_H */
