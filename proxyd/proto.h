/* SPDX-License-Identifier: ISC */

/*
 * The protocol between the parent and a filter: every message, its payload,
 * who sends it and when.  A payload has fixed-width fields, no padding that
 * the compiler chose, no pointer; text comes last with its length.
 * Each side dispatches through a table and drops a peer that breaks it.
 *
 *	parent				filter
 *	HELLO, CONF_* ... CONF_END  ->
 *				    <-	READY, CONF_DONE
 *				    <-	REQUEST id [+ body pipe]
 *	DATA id, DATA id, ...	    ->
 *				    <-	CREDIT id
 *				    <-	DONE id		(answer complete)
 * or	END id			    ->	(the engine closed)
 *				    <-	DONE id
 * or				    <-	HANDOVER id + client descriptor
 *	END id			    ->	(the pump is done)
 *				    <-	DONE id
 * or	REFUSED id		    ->	(nothing of it reached the engine)
 *				    <-	DONE id
 *
 * A reload sends CONF_BEGIN ... CONF_END again, at any time after READY and
 * without CONF_LISTEN.  CONF_DONE with its generation says that the new
 * policy is in force; a second one, unless the first did, that no REQUEST
 * judged by an older policy will follow.
 *
 * An id is the filter's to choose and ends only when the filter says DONE or
 * ABORT: whatever crosses on the way, both sides mean the same request.
 * "proxyd -n -t" goes the same way for one request: EXPLAIN brings a client
 * that is connected already in place of a listener, and TRACE tells what was
 * decided by what before the REQUEST, or in place of it.
 * Upgrades and EPF_BULK operations go in lockstep: one DATA, and the next
 * only after CREDIT, so that nothing is under way at HANDOVER.
 */

#ifndef PROTO_H
#define PROTO_H

#include <assert.h>
#include <stdint.h>

#include "../proxyd/verdict.h"

/* Bumped on any change of this file (tests/test_proto checks). */
#define PROXYD_IMSG_VERSION	8

/*
 * Requests of one filter in flight.  The low bits of an id are its slot, the
 * high bits change each time that the slot is used again: what was sent for
 * the former request is not taken for the next one's.
 */
#define REQUEST_SLOTS		16384U
#define REQUEST_SLOT(id)	((id) & (REQUEST_SLOTS - 1))
/* Unacknowledged DATA bytes of one request. */
#define DATA_WINDOW		(128U * 1024)
/* DATA bytes in one message. */
#define DATA_MAX		(32U * 1024)
/* A body that travels inside REQUEST; a longer one takes a pipe. */
#define BODY_INLINE_MAX		(16U * 1024)
/* Client bytes that travel with HANDOVER. */
#define EARLY_MAX		(63U * 1024)
/* All arguments, query values and headers of a REQUEST. */
#define REQUEST_TEXT_MAX	(40U * 1024)
/* All paths of a PATHS, and how many. */
#define PATHS_TEXT_MAX		(40U * 1024)
#define PATHS_MAX		64U
/* Clients in one page of a list. */
#define LIST_MAX		64U

enum imsg_type {
	IMSG_NONE = 0,

	/* parent to filter: start and configuration */
	IMSG_HELLO,		/* struct imsg_hello, chroot directory; fd:
				   a struct stats_page */
	IMSG_CONF_BEGIN,	/* struct imsg_conf_begin */
	IMSG_CONF_LISTEN,	/* struct imsg_conf_listen, the listening fd */
	IMSG_EXPLAIN,		/* struct imsg_explain, groups; fd: a client */
	IMSG_CONF_RULE,		/* struct imsg_conf_rule, three texts */
	IMSG_CONF_COND,		/* struct imsg_conf_cond, key, text: of the
				   rule before, or of the listener */
	IMSG_CONF_ALLOW,	/* struct imsg_conf_allow, text, origin */
	IMSG_CONF_END,		/* struct imsg_conf_end */

	/* parent to filter: answers */
	IMSG_DATA,		/* bytes from the engine, unread */
	IMSG_END,		/* struct imsg_end */
	IMSG_REFUSED,		/* struct imsg_refused */
	IMSG_SHUTDOWN,		/* empty: stop accepting, finish, exit */
	IMSG_RETIRE,		/* empty: the same, but streams last as long
				   as their clients want */

	/* filter to parent */
	IMSG_READY,		/* struct imsg_ready */
	IMSG_CONF_DONE,		/* struct imsg_conf_done */
	IMSG_REQUEST,		/* struct imsg_request, items, inline body;
				   fd: read end of the body pipe */
	IMSG_BODYEND,		/* empty: a chunked body is whole */
	IMSG_CREDIT,		/* struct imsg_credit */
	IMSG_HANDOVER,		/* early bytes for the engine; client fd */
	IMSG_DONE,		/* struct imsg_done */
	IMSG_ABORT,		/* empty: close everything of this id */
	IMSG_LOG,		/* struct imsg_log, text */
	IMSG_ACCESS,		/* struct imsg_access, its texts */
	IMSG_TRACE,		/* struct imsg_trace, two texts */

	/* both ways */
	IMSG_PEER,		/* struct imsg_peer, a client's descriptor;
				   back: the id of its container, empty: it is
				   in none, "?": that cannot be told */
	IMSG_PATHS,		/* struct imsg_paths, paths of the host, each
				   with its NUL; back: struct imsg_checked */
	IMSG_ALIVE,		/* empty: does your event loop turn; back: it
				   does */
	IMSG_STATS,		/* empty: what is counted; back: struct
				   stats_total */
	IMSG_CLIENTS,		/* struct imsg_list: who is connected; back:
				   struct imsg_listed, struct imsg_client */
	IMSG_LOGLEVEL,		/* struct imsg_loglevel; to a filter only */
	IMSG_MAX
};

enum hello_flag {
	HELLO_EXPLAIN = 1,	/* no listener, but EXPLAIN; and TRACE */
	HELLO_USER = 2,		/* with EXPLAIN only: nobody is root here, no
				   chroot(2) and no change of user */
	HELLO_RECORDS = 4,	/* requests are logged by ACCESS, not LOG */
	HELLO_LINES = 8		/* with RECORDS: their lines as well */
};

struct imsg_hello {
	uint32_t	version;	/* PROXYD_IMSG_VERSION */
	uint32_t	parent_pid;
	uint32_t	uid;		/* to become */
	uint32_t	gid;
	uint32_t	loglevel;	/* enum log_level */
	uint32_t	nofile;		/* descriptors wanted */
	uint32_t	flags;		/* enum hello_flag */
	uint32_t	chroot_len;	/* text: the directory */
	uint64_t	process;	/* first part of request ids */
};
_Static_assert(sizeof(struct imsg_hello) == 40, "imsg_hello");

struct imsg_conf_begin {
	uint32_t	generation;
	uint32_t	fromenv;
	uint32_t	clients;	/* struct limits */
	uint32_t	head;
	uint32_t	body;
	uint32_t	header_secs;
	uint32_t	idle_secs;
	uint32_t	body_secs;
	uint32_t	audit;		/* "mode audit" */
	uint32_t	log;		/* enum log_which */
	uint32_t	bind_check;	/* "set bind-check yes" */
	uint32_t	answer_secs;
};
_Static_assert(sizeof(struct imsg_conf_begin) == 48, "imsg_conf_begin");

struct imsg_conf_listen {
	uint32_t	id;
	uint32_t	kind;		/* enum listen_kind */
	uint32_t	metrics;	/* serves them: nothing is asked for */
	uint32_t	pad;
};
_Static_assert(sizeof(struct imsg_conf_listen) == 16, "imsg_conf_listen");

/* Who the client is supposed to be; then ngroups numbers of 32 bits. */
struct imsg_explain {
	uint8_t		family;		/* 4, 6; 0: a unix socket */
	uint8_t		cred;		/* uid and groups are known */
	uint16_t	ngroups;
	uint32_t	uid;
	uint8_t		addr[16];
};
_Static_assert(sizeof(struct imsg_explain) == 24, "imsg_explain");

struct imsg_conf_rule {
	uint64_t	ops[5];		/* struct opset */
	uint32_t	action;		/* enum action */
	uint32_t	quick;
	uint32_t	log;
	uint32_t	audit;
	uint32_t	methods;	/* 1 << enum method; 0: any */
	uint32_t	origin_len;	/* text: origin, hint, label */
	uint32_t	hint_len;
	uint32_t	label_len;
};
_Static_assert(sizeof(struct imsg_conf_rule) == 72, "imsg_conf_rule");

struct imsg_conf_cond {
	uint32_t	kind;		/* enum cond_kind */
	uint32_t	negated;
	uint32_t	group;
	uint32_t	num;
	uint8_t		addr[16];
	uint8_t		family;
	uint8_t		bits;
	uint16_t	pad;
	uint32_t	key_len;	/* text: key, then text */
	uint32_t	text_len;
	uint32_t	pad2;
};
_Static_assert(sizeof(struct imsg_conf_cond) == 48, "imsg_conf_cond");

struct imsg_conf_allow {
	uint32_t	kind;		/* enum allow_kind */
	uint32_t	text_len;	/* text, then origin */
	uint32_t	origin_len;
	uint32_t	pad;
	uint64_t	num;		/* LIMIT */
	uint64_t	dflt;
};
_Static_assert(sizeof(struct imsg_conf_allow) == 32, "imsg_conf_allow");

struct imsg_conf_end {
	uint32_t	generation;
	uint32_t	count;		/* messages between BEGIN and END */
};
_Static_assert(sizeof(struct imsg_conf_end) == 8, "imsg_conf_end");

struct imsg_conf_done {
	uint32_t	generation;
	uint32_t	count;		/* as in CONF_END */
	uint32_t	former;		/* requests judged by an older policy
					   of which the parent may still hear */
	uint32_t	pad;
};
_Static_assert(sizeof(struct imsg_conf_done) == 16, "imsg_conf_done");

/* Why an answer ended. */
enum end_reason {
	END_EOF,		/* the engine closed in order */
	END_ERROR,		/* read or write failed */
	END_BODY,		/* the body pipe ended too early */
	END_KILLED		/* by proxyctl(8) */
};

struct imsg_end {
	uint32_t	reason;		/* enum end_reason */
	uint32_t	pad;
	uint64_t	up;		/* bytes pumped, client to engine */
	uint64_t	down;		/* engine to client */
};
_Static_assert(sizeof(struct imsg_end) == 24, "imsg_end");

/* Why a request did not reach the engine. */
enum refusal {
	REFUSED_NOSOCKET,	/* the engine's socket does not exist */
	REFUSED_CONNECT,	/* nobody listens on it */
	REFUSED_PERMISSION,	/* the parent may not open it */
	REFUSED_BUSY,		/* who listens does not accept */
	REFUSED_UNREACHED,	/* some other error of connect(2) */
	REFUSED_LIMIT,		/* too many, no memory, no descriptors */
	REFUSED_SHUTDOWN,
	REFUSED_POLICY		/* granted before a reload, and too late */
};

struct imsg_refused {
	uint32_t	reason;		/* enum refusal */
	uint32_t	error;		/* errno of UNREACHED */
};
_Static_assert(sizeof(struct imsg_refused) == 8, "imsg_refused");

struct imsg_ready {
	uint32_t	version;
	uint32_t	confined;	/* 0: sanitizer build, no seccomp */
	uint32_t	landlock;	/* 0: the kernel has none */
	uint32_t	nofile;		/* descriptors it really may open */
};
_Static_assert(sizeof(struct imsg_ready) == 16, "imsg_ready");

/* How the request body comes. */
enum body_kind {
	BODY_NONE,
	BODY_INLINE,		/* behind the items, whole */
	BODY_LENGTH,		/* through the pipe, exactly body_len bytes */
	BODY_CHUNKED		/* through the pipe, until BODYEND */
};

/* The items behind imsg_request: this head, then len bytes. */
enum item_kind {
	ITEM_ARG,		/* a path argument, in order, decoded */
	ITEM_QUERY,		/* index: number of the key in the row */
	ITEM_HEADER		/* index: enum req_header */
};

struct imsg_item {
	uint8_t		kind;		/* enum item_kind */
	uint8_t		index;
	uint16_t	len;
};
_Static_assert(sizeof(struct imsg_item) == 4, "imsg_item");

struct imsg_request {
	uint16_t	op;		/* row of the endpoint table */
	uint8_t		minor;		/* API 1.minor, 0: no version */
	uint8_t		body;		/* enum body_kind */
	uint16_t	nitems;
	uint16_t	items_len;	/* bytes of all items */
	uint64_t	body_len;	/* INLINE, LENGTH */
	uint32_t	libpod;		/* LIBPOD_VERSION(), 0: no version */
	uint32_t	pad;
	uint64_t	serial;		/* second part of its id; 0: a look-up
					   of the filter's own */
};
_Static_assert(sizeof(struct imsg_request) == 32, "imsg_request");

struct imsg_credit {
	uint32_t	bytes;		/* delivered to the client */
};
_Static_assert(sizeof(struct imsg_credit) == 4, "imsg_credit");

struct imsg_peer {
	uint64_t	age_usec;	/* since the connection was accepted */
};
_Static_assert(sizeof(struct imsg_peer) == 8, "imsg_peer");

struct imsg_paths {
	uint32_t	n;
	uint32_t	len;		/* of the text */
};
_Static_assert(sizeof(struct imsg_paths) == 8, "imsg_paths");

struct imsg_checked {
	uint32_t	error;		/* errno, 0: no link in any */
	uint32_t	index;		/* of the path that has it */
};
_Static_assert(sizeof(struct imsg_checked) == 8, "imsg_checked");

struct imsg_loglevel {
	uint32_t	level;		/* enum log_level */
};
_Static_assert(sizeof(struct imsg_loglevel) == 4, "imsg_loglevel");

struct imsg_list {
	uint64_t	after;		/* imsg_client.since, 0: all */
};
_Static_assert(sizeof(struct imsg_list) == 8, "imsg_list");

/* A page of the list: then n clients. */
struct imsg_listed {
	uint32_t	n;
	uint32_t	more;		/* there are others behind the last */
};
_Static_assert(sizeof(struct imsg_listed) == 8, "imsg_listed");

struct imsg_client {
	uint64_t	since;		/* usec, monotonic; grows in a list */
	uint64_t	age_secs;	/* of the connection */
	uint64_t	up;		/* bytes of its request */
	uint64_t	down;
	uint32_t	id;		/* of its request, 0: none */
	uint16_t	op;		/* row of the endpoint table + 1; 0:
					   none */
	uint8_t		state;		/* enum ctl_state */
	uint8_t		pad;
	char		name[56];
	char		path[192];	/* without query */
};
_Static_assert(sizeof(struct imsg_client) == 288, "imsg_client");

struct imsg_done {
	uint32_t	reusable;	/* 1: the answer was complete, framed,
					   and the engine keeps alive */
};
_Static_assert(sizeof(struct imsg_done) == 4, "imsg_done");

struct imsg_log {
	uint32_t	priority;	/* syslog(3) LOG_ERR to LOG_DEBUG */
	uint32_t	len;
};
_Static_assert(sizeof(struct imsg_log) == 8, "imsg_log");

enum access_text {
	ACCESS_CLIENT,		/* as in the line */
	ACCESS_CONTAINER,	/* that it is in, if that was asked; its id */
	ACCESS_PATH,		/* as it came, without the query */
	ACCESS_RULE,		/* its place, "default" */
	ACCESS_LABEL,		/* of the rule */
	ACCESS_REASON,
	ACCESS_FIELD,		/* that was refused: "HostConfig.Privileged",
				   "query name" */
	ACCESS_TRACE,		/* 32 digits */
	ACCESS_SENT,		/* the X-Request-Id of the client itself */
	ACCESS_LINE,		/* with HELLO_LINES */
	ACCESS_MAX
};

/* One with no bytes is not there. */
struct imsg_access {
	uint64_t	serial;		/* second part of the request's id */
	uint64_t	sent;		/* bytes of the answer's body */
	uint64_t	received;	/* bytes of the request's body */
	uint64_t	usec;		/* that it took */
	uint32_t	priority;	/* as in imsg_log */
	uint32_t	uid;		/* with cred */
	uint32_t	pid;		/* with cred */
	uint16_t	status;
	uint16_t	op;		/* row of the endpoint table + 1; 0:
					   none */
	uint8_t		method;		/* enum method */
	uint8_t		verdict;	/* enum verdict */
	uint8_t		cred;		/* a unix socket's client */
	uint8_t		pad;
	uint16_t	len[ACCESS_MAX];
};
_Static_assert(sizeof(struct imsg_access) == 72, "imsg_access");

/* What was decided, and by what. */
enum trace_kind {
	TRACE_ALLOWED,		/* field, value; num: of the allowance */
	TRACE_RULED,		/* field, what it takes; num: of the rule */
	TRACE_REFUSED,		/* field, why */
	TRACE_AUDIT,		/* "", why it would be refused */
	TRACE_PASS,		/* num: of the rule; REQUEST follows */
	TRACE_BLOCK		/* num: of the rule, "", why */
};

struct imsg_trace {
	uint32_t	kind;		/* enum trace_kind */
	uint32_t	num;		/* in the order of CONF_*, from 1; 0:
					   none */
	uint16_t	op;		/* row of the endpoint table + 1; 0:
					   none */
	uint16_t	status;		/* BLOCK: what the client sees, 0: it
					   is not even answered */
	uint16_t	field_len;
	uint16_t	text_len;
};
_Static_assert(sizeof(struct imsg_trace) == 16, "imsg_trace");

#endif /* PROTO_H */
