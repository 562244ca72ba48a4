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
#include <stdio.h>

#include "../proxyd/endpoint.h"
#include "../proxyd/log.h"

#define PROXYD_VERSION		"0.1"
#define PROXYD_USER		"_proxyd"
#define PROXYD_CHROOT		"/var/empty"
#define PROXYD_SOCKET		"/var/run/docker.sock"
#define PROXYD_CONF		"/etc/proxyd.conf"
#define PROXYD_CONTROL		"/run/proxyd/control"

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

/*
 * A condition of a rule, or of a listener.  Those of one clause ("from { a,
 * ! b }") have the same group: of a group, one that is not negated must hold
 * if there is any, and none that is negated.  All groups must hold.
 */
enum cond_kind {
	COND_PATH,		/* text: pattern on the path, no version */
	COND_QUERY,		/* key; text: pattern on a value of it */
	COND_QUERY_GIVEN,	/* key: it is there */
	COND_ADDR,		/* family, bits, addr: where a client is */
	COND_UID,		/* num: of the process that asks */
	COND_GID,		/* num: a group of it */
	COND_ASKER,		/* text: pattern on its container's name */
	COND_ASKER_LABEL,	/* key, text: a label of that container */
	COND_TARGET,		/* text: pattern on the container meant */
	COND_TARGET_LABEL,	/* key, text: a label of that container */
	COND_KIND_MAX
};

struct cond {
	TAILQ_ENTRY(cond)	 entry;
	enum cond_kind		 kind;
	bool			 negated;
	unsigned int		 group;
	uint8_t			 family;	/* 4 or 6 */
	uint8_t			 bits;		/* of the prefix */
	uint8_t			 addr[16];	/* network order, from 0 */
	uint32_t		 num;
	char			*key;		/* "" if there is none */
	char			*text;		/* user or group by name, too */
};
TAILQ_HEAD(conds, cond);

/* Last match wins; the built-in first rule blocks everything. */
struct rule {
	TAILQ_ENTRY(rule)	 entry;
	enum action		 action;
	bool			 quick;
	bool			 log;		/* even if "set log" does not */
	bool			 audit;		/* its refusals pass, logged */
	struct opset		 ops;		/* names, access together */
	uint32_t		 methods;	/* 1 << enum method; 0: any */
	struct conds		 conds;
	char			*origin;	/* "CONTAINERS=1", file:line */
	char			*hint;		/* "POST=1 would", or NULL */
	char			*label;		/* for the log, or NULL */
	uint32_t		 num;		/* in its profile, from 0: by
						   profile_compile() */
};
TAILQ_HEAD(rules, rule);

/*
 * What a created container may have, must have and is given: a set,
 * independent of order.
 */
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
	ALLOW_FIELD,		/* "HostConfig.GroupAdd": as it comes */
	ALLOW_SYSCTL,		/* glob on the name */
	ALLOW_LOGDRIVER,
	ALLOW_PUBLISH,		/* host ports: "8080", "8000-8100", "any" */
	ALLOW_ULIMIT,		/* a name; without it refused beyond limit */
	ALLOW_SECRET,		/* of a swarm, given to a service, by name */
	ALLOW_CONFIG,
	ALLOW_ARCHIVE,		/* "device", "link", "name", "setuid"; "*":
				   unread */
	REQUIRE,		/* "no-new-privileges", "non-root", ... */
	LIMIT,			/* text: "memory", ...; num, dflt */
	ADD_LABEL,		/* "key=value", put on what is created */
	ALLOW_KIND_MAX
};

struct allow {
	TAILQ_ENTRY(allow)	 entry;
	enum allow_kind		 kind;
	char			*text;		/* "" if the kind says all */
	char			*origin;
	/* LIMIT: at most, and what a request without it gets: bytes, cpus
	   in 1/1000, or a count */
	uint64_t		 num;
	uint64_t		 dflt;
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
	uint32_t	answer_secs;	/* for the engine to begin an answer
					   to what only reads, 0: no limit */
};

/* Which requests get a line in the log. */
enum log_which {
	LOG_WHICH_ALL,
	LOG_WHICH_BLOCK,	/* refusals, and rules with "log" */
	LOG_WHICH_NONE
};

/* Where the log goes once the daemon runs. */
enum log_to {
	LOG_TO_DEFAULT,		/* syslog(3), with -d standard error */
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
	LOG_TO_JOURNAL,		/* systemd's, with its fields */
	LOG_TO_MAX
};

/* Rules and allowances under a name; several listeners may share one. */
struct profile {
	TAILQ_ENTRY(profile)	 entry;
	char			*name;
	char			*origin;	/* file:line, or NULL */
	unsigned int		 refs;		/* profile_free() at 0 */
	bool			 fromenv;	/* hints name variables, not
						   keywords */
	bool			 audit;		/* "mode audit" */
	bool			 bind_check;	/* "set bind-check yes" */
	enum log_which		 log;
	struct rules		 rules;
	struct allows		 allows;
	struct limits		 limits;
	/*
	 * Made by profile_compile(): for each row the rules that may decide,
	 * the strongest first, ended by NULL; a rule without conditions is
	 * the last.  NULL: none, the built-in block.
	 */
	const struct rule	**decide[EP_MAX];
	const struct rule	**table;	/* what decide points into */
	bool			 privileged;	/* allow privileged stands */
	bool			 unjudged;
	bool			 asks_target;	/* COND_TARGET* are used */
	bool			 asks_asker;	/* COND_ASKER* are used */
};
TAILQ_HEAD(profiles, profile);

enum listen_kind {
	LISTEN_TCP,
	LISTEN_UNIX
};

struct listener {
	TAILQ_ENTRY(listener)	 entry;
	unsigned int		 id;		/* from 1, stable for a run */
	enum listen_kind	 kind;
	char			*text;		/* "tcp://127.0.0.1:2375" */
	char			*origin;	/* file:line, or NULL */
	char			*path;		/* unix: where */
	struct sockaddr_storage	 addr;		/* tcp */
	socklen_t		 addrlen;
	bool			 v6only;	/* tcp on ::, not dual stack */
	bool			 metrics;	/* serves nothing else */
	uid_t			 owner;		/* unix, (uid_t)-1: leave */
	gid_t			 group;
	mode_t			 mode;		/* unix, default 0660 */
	struct conds		 from;		/* who may connect at all:
						   COND_ADDR, _UID, _GID */
	struct profile		*profile;	/* of config.profiles */
	int			 fd;		/* the parent's, -1: not open */
	dev_t			 dev;		/* of the unix socket we made */
	ino_t			 ino;
	bool			 passed;	/* made by a service manager */
};
TAILQ_HEAD(listeners, listener);

struct config {
	char			*file;		/* NULL: the environment */
	char			*socket;	/* the engine's */
	char			*user;		/* of the filter */
	char			*chroot;
	char			*control;	/* for proxyctl, or NULL */
	bool			 control_set;	/* not by default: has to be */
	int			 facility;	/* of syslog */
	enum log_level		 loglevel;
	enum log_which		 log;
	bool			 log_json;	/* "set log format json" */
	enum log_to		 log_to;	/* "set log to" */
	bool			 bind_check;	/* "set bind-check yes" */
	struct limits		 limits;	/* of profiles without own */
	struct profile		*profile;	/* environment, or NULL */
	struct profiles		 profiles;	/* that one too */
	struct profile		*metrics;	/* of listeners for those, which
						   grants nothing, or NULL */
	struct listeners	 listeners;
	/* said once at start, one line each, as log_warnx() */
	char			**warnings;
	size_t			 nwarnings;
};

/* conf.c */

/*
 * With defaults, no listener and one empty profile, conf->profile, in
 * conf->profiles; NULL: no memory.
 */
struct config	*conf_new(void);
/* Frees everything below; closes no descriptor. NULL is fine. */
void		 conf_free(struct config *);
/* A profile at the end of the list; NULL: no memory. */
struct profile	*conf_profile(struct config *, const char *name);
/* By name, NULL if there is none. */
struct profile	*conf_profile_find(struct config *, const char *name);
int		 conf_warn(struct config *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
/* A facility of syslog(3) by its name in the file, -1: none; and back. */
int		 conf_facility(const char *);
const char	*conf_facility_name(int);
/* By the word for it: 0, or -1; and back, NULL for the default. */
int		 conf_log_format(struct config *, const char *);
int		 conf_log_to(struct config *, const char *);
const char	*conf_log_to_name(enum log_to);
/* Compile all profiles; -1: no memory. */
int		 conf_compile(struct config *);
/* Resolve ".", ".." and "//" in an absolute path, by the text alone. */
void		 conf_path_clean(char *);

/* conf_listen.c */

/*
 * Add a listener from "tcp://host:port", "tcp://:port", "unix:///path", on
 * conf->profile.  0, or -1 with a message in err that says what would be
 * accepted.
 */
int		 conf_listen(struct config *, const char *, bool noipv6,
		    char *err, size_t errlen);
void		 listener_free(struct listener *);
/* Make it one for metrics; -1: no memory. */
int		 conf_metrics(struct config *, struct listener *);

/* profile.c */

struct profile	*profile_new(const char *name);
/* Give back a reference; the last one frees it. NULL is fine. */
void		 profile_free(struct profile *);
struct profile	*profile_ref(struct profile *);
/* Add a rule at the end; NULL: no memory.  Strings are copied. */
struct rule	*conf_rule(struct profile *, enum action, const char *origin,
		    const char *hint);
/* Add an allowance; NULL: no memory.  Strings are copied. */
struct allow	*conf_allow(struct profile *, enum allow_kind,
		    const char *text, const char *origin);
/* One that is in no list any more. */
void		 allow_free(struct allow *);
/* Add a condition at the end; key and text may be NULL. NULL: no memory. */
struct cond	*cond_add(struct conds *, enum cond_kind, unsigned int group,
		    const char *key, const char *text);
void		 conds_free(struct conds *);
/* Fill decide[] and the flags from rules and allows; -1: no memory. */
int		 profile_compile(struct profile *);
/*
 * Everything the profile can ever pass, lookups included that its
 * conditions take: the ceiling of its filters.
 */
void		 profile_ceiling(const struct profile *, struct opset *);
/* Does it, or one of its rules, pass in audit what it refuses? */
bool		 profile_audits(const struct profile *);
/* May the row pass under this profile at all? */
bool		 profile_grantable(const struct profile *,
		    const struct endpoint *);

/* The rule that decides if no condition speaks against it, or NULL. */
static inline const struct rule *
profile_first(const struct profile *p, size_t op)
{
	return (p->decide[op] == NULL ? NULL : p->decide[op][0]);
}

/* parse.y */

/*
 * Read a configuration file.  defs are the "name=value" of -D, NULL-
 * terminated.  NULL: errors were logged, each with file:line.
 */
struct config	*parse_config(const char *file, char *const *defs);

/* env.c */

/*
 * Read the environment (NULL-terminated "NAME=value" strings) into a new
 * configuration.  NULL with a message in err that names the variable and
 * what would be accepted.
 */
struct config	*env_config(char *const *, char *err, size_t errlen);
/*
 * How many variables are set that a configuration would be read from; their
 * names with blanks between, as many as fit.
 */
size_t		 env_names_set(char *const *, char *names, size_t size);

/* print.c */

/* The policy in force as proxyd.conf text on fd; -1 with errno. */
int		 conf_print(const struct config *, int fd);

/* One rule or allowance of it, in a line with its comment. */
void		 conf_print_rule(FILE *, const struct rule *);
void		 conf_print_allow(FILE *, const struct allow *);

/* check.c */

/*
 * Say with conf_warn() what a compiled configuration holds that is probably
 * not meant: rules that cannot decide, and grants that amount to root on the
 * host.  Returns the number of errors; each was logged.
 */
int		 conf_check(struct config *);

/* main.c calls one of these; what they give back is the exit status. */

/* With the definitions that a reload needs, too. */
int		 parent_run(struct config *, char *const *defs, int debug,
		    int filterfd);

/* "proxyd -n -t" */
struct explain_options {
	const char	*request;	/* -t */
	const char	*body;		/* -b: a file, or NULL */
	const char	*inspect;	/* -c: a file, or NULL */
	const char	*profile;	/* -p: or NULL */
	const char	*client;	/* -s: or NULL */
	const char	**headers;	/* -H */
	size_t		 nheaders;
	bool		 given;		/* any of these */
};
/*
 * Explain one request: 0 if it passes, 1 if it is blocked.  What keeps it
 * from being judged at all ends in fatal().
 */
int		 explain_run(struct config *, const struct explain_options *,
		    int filterfd);

#endif /* PROXYD_H */
