/* SPDX-License-Identifier: ISC */

/*
 * What proxyctl and proxyd say to each other: imsg(3) messages over a unix
 * socket of packets that only root can reach.  One request, of fixed size;
 * then records of fixed size, and END.  Text in a record ends with its first
 * NUL or with its field, and may come from a filter: whoever shows it makes
 * it printable first.  Both programs are of the same version, or END says
 * that they are not.
 */

#ifndef CONTROL_H
#define CONTROL_H

#include <assert.h>
#include <stdint.h>

#include "../proxyd/reqid.h"

/* Bumped on any change of this file or of struct stats_total. */
#define CONTROL_VERSION		1

enum ctl_type {
	CTL_NONE,
	CTL_REQUEST,		/* struct ctl_request */
	/* back */
	CTL_STATUS,		/* struct ctl_status */
	CTL_TOTAL,		/* struct stats_total */
	CTL_FILTER,		/* struct ctl_filter: what follows is its */
	CTL_CLIENT,		/* struct ctl_client */
	CTL_RULE,		/* struct ctl_rule */
	CTL_TEXT,		/* struct ctl_text */
	CTL_END			/* struct ctl_end */
};

enum ctl_command {
	CTL_SHOW_STATUS,	/* STATUS, TOTAL, FILTER ... */
	CTL_SHOW_COUNTERS,	/* TOTAL */
	CTL_SHOW_CLIENTS,	/* FILTER CLIENT ... */
	CTL_SHOW_STREAMS,	/* the same, of streams */
	CTL_SHOW_RULES,		/* FILTER RULE ... */
	CTL_LOG_VERBOSE,
	CTL_LOG_BRIEF,
	CTL_RELOAD,		/* TEXT ..., END when it is in force */
	CTL_KILL,		/* arg: the id of a stream */
	CTL_CHECK,
	CTL_COMMAND_MAX
};

struct ctl_request {
	uint32_t	version;	/* CONTROL_VERSION */
	uint32_t	command;	/* enum ctl_command */
	uint64_t	arg;
};
_Static_assert(sizeof(struct ctl_request) == 16, "ctl_request");

/* How it ended; check has these as exit status of proxyctl. */
enum ctl_result {
	RESULT_OK,
	RESULT_ERROR,		/* as TEXT before it says, or for no reason */
	RESULT_NOT_RUNNING,	/* proxyctl's: there is nobody to ask */
	RESULT_MISSING,		/* the engine: no socket */
	RESULT_REFUSED,		/* nobody listens there */
	RESULT_DENIED,		/* permission */
	RESULT_SILENT,		/* it does not answer, or accept */
	RESULT_UNSERVED,	/* an address without a filter */
	RESULT_STRANGE,		/* an answer that an engine would not give */
	RESULT_UNKNOWN,		/* KILL: no such stream */
	RESULT_VERSION		/* the other program is another version */
};

struct ctl_end {
	uint32_t	result;		/* enum ctl_result */
	uint32_t	pad;
};
_Static_assert(sizeof(struct ctl_end) == 8, "ctl_end");

#define CTL_TEXT_MAX	1000

struct ctl_text {
	char		text[CTL_TEXT_MAX];
};

struct ctl_status {
	uint32_t	pid;
	uint32_t	verbose;
	uint32_t	reloading;
	uint32_t	stopping;
	char		version[32];
	char		file[256];	/* "": the environment */
	char		socket[128];
};
_Static_assert(sizeof(struct ctl_status) == 432, "ctl_status");

struct ctl_filter {
	uint32_t	pid;		/* 0: none */
	uint32_t	serving;
	uint32_t	retired;	/* its listener was removed */
	uint32_t	metrics;
	uint32_t	restarts;
	uint32_t	clients;
	uint32_t	requests;
	uint32_t	streams;
	char		listener[144];
};
_Static_assert(sizeof(struct ctl_filter) == 176, "ctl_filter");

enum ctl_state {
	CLIENT_IDLE,		/* between requests */
	CLIENT_BODY,		/* a body is read */
	CLIENT_WAITS,		/* for the engine, or for a look-up */
	CLIENT_ANSWER,		/* an answer is on its way */
	CLIENT_STREAM,		/* the parent moves the bytes */
	CLIENT_CLOSING,
	CLIENT_STATES
};

#define CTL_NAME_MAX	56
#define CTL_PATH_MAX	192

struct ctl_client {
	uint64_t	id;		/* of its stream, 0: none */
	uint64_t	age;		/* seconds, of connection or stream */
	uint64_t	idle;		/* seconds, of a stream */
	uint64_t	up;		/* bytes of the request or stream */
	uint64_t	down;
	uint16_t	op;		/* row of the endpoint table + 1 */
	uint8_t		state;		/* enum ctl_state */
	uint8_t		pad[5];
	char		name[CTL_NAME_MAX];
	char		path[CTL_PATH_MAX];
	char		request[REQID_MAX];	/* of a stream: its id */
};
_Static_assert(sizeof(struct ctl_client) == 328, "ctl_client");

struct ctl_rule {
	uint64_t	evaluated;
	uint64_t	matched;
	uint32_t	counted;	/* 0: too many rules, or no counters */
	uint32_t	pad;
	char		origin[160];
	char		text[600];
};
_Static_assert(sizeof(struct ctl_rule) == 784, "ctl_rule");

#endif /* CONTROL_H */
