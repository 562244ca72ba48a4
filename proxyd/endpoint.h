/* SPDX-License-Identifier: ISC */

/*
 * The one table of the Docker Engine API and of podman's own: which
 * operations there are, how they are reached, and what they do to the
 * connection.  Parent and filter share it: the filter finds a row for a
 * request, the parent prints the request line from the same row.
 *
 * Source: moby daemon/server/router (every route of API 1.24 to 1.56),
 * podman pkg/api/server (every route below /libpod/).
 */

#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_MINOR_MIN	24	/* below it /start takes a HostConfig */
#define API_MINOR_MAX	99
#define LIBPOD_MAJOR_MIN 4	/* of /vX.Y.Z/libpod; 3 routes otherwise */
#define LIBPOD_MAJOR_MAX 9
#define LIBPOD_PART_MAX	99	/* Y and Z */
#define EP_MAX		320	/* rows; the size of a ceiling in bits */
#define EP_LIBPOD_MAX	160	/* of them podman's own, at most */
#define EP_QUERY_MAX	32	/* query keys of one row */
#define EP_ARGS_MAX	2	/* {name} segments of one path */

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_OTHER		/* known to nobody: never matches a row */
};

/* What an operation can do at most; endpoints that read secrets included. */
enum risk {
	RISK_READ,
	RISK_READ_SECRET,
	RISK_WRITE,
	RISK_ESCAPE
};

/* What travels as request body. */
enum ep_body {
	EPB_NONE,		/* nothing; a body is refused or dropped */
	EPB_JSON,		/* judged against the schema named by row */
	EPB_JSON_OPT,		/* as EPB_JSON, may be absent */
	EPB_TAR,		/* a stream, read with some flags only */
	EPB_RAW			/* hijacked: after 101 only */
};

/* The closed schemas of filter/body. */
enum schema {
	SCHEMA_NONE,
	SCHEMA_AUTH,
	SCHEMA_CONTAINER_CREATE,
	SCHEMA_CONTAINER_UPDATE,
	SCHEMA_EXEC_CREATE,
	SCHEMA_EXEC_START,
	SCHEMA_COMMIT,
	SCHEMA_NETWORK_CREATE,
	SCHEMA_NETWORK_CONNECT,
	SCHEMA_NETWORK_DISCONNECT,
	SCHEMA_VOLUME_CREATE,
	SCHEMA_VOLUME_UPDATE,
	SCHEMA_CHECKPOINT,
	SCHEMA_COPY,
	SCHEMA_SERVICE,		/* create and update */
	SCHEMA_SECRET,
	SCHEMA_CONFIG,
	SCHEMA_SWARM_INIT,
	SCHEMA_SWARM_JOIN,
	SCHEMA_SWARM_UPDATE,
	SCHEMA_SWARM_UNLOCK,
	SCHEMA_NODE_UPDATE,
	SCHEMA_PLUGIN_PULL,	/* and upgrade: privileges */
	SCHEMA_PLUGIN_SET,
	SCHEMA_UNJUDGED,	/* host-escape and not understood: libpod */
	SCHEMA_MAX
};

/* Upgrade token the parent asks the daemon for. */
enum upgrade {
	UPGRADE_NONE,
	UPGRADE_TCP,		/* attach, exec start */
	UPGRADE_H2C,		/* session, grpc */
	UPGRADE_WEBSOCKET	/* attach/ws */
};

/* flags */
#define EPF_WRITE	0x0001	/* changes state, or reaches into a container */
#define EPF_STREAM	0x0002	/* may stay silent for ever: no time limit;
				   ends at once when the client closes */
#define EPF_BULK	0x0004	/* answer may be large: handed to the pump */
#define EPF_LEGACY	0x0008	/* never without a version prefix */
#define EPF_UNJUDGED	0x0010	/* root on the host by what it is for, or by
				   what its body names: passes only unjudged */
#define EPF_NEVER	0x0020	/* no section grants it (debug, OPTIONS *) */
#define EPF_NOBODY	0x0040	/* a body is refused, never ignored */
#define EPF_YAML	0x0080	/* its EPB_TAR is YAML, and said to be */
#define EPF_FLEET	0x0100	/* judged, but on any node of a swarm: of the
				   environment it takes ALLOW_PRIVILEGED */
#define EPF_CT_QUERY	0x0200	/* its container is in the query: "container" */
#define EPF_CT_BODY	0x0400	/* its container is in the body: "Container" */
#define EPF_ENTRIES	0x0800	/* its EPB_TAR is unpacked into a container:
				   each entry is judged */
#define EPF_IMAGES	0x1000	/* its EPB_TAR has images: where "allow image"
				   says which, their names are judged */

/* One operation. */
struct endpoint {
	const char	*name;		/* "containers/create" */
	const char	*path;		/* "/containers/{}/start" */
	const char	*env;		/* section variable, NULL: none */
	/*
	 * Query keys, separated by blanks.  Prefix "!": reaches the host,
	 * passes only unjudged; "?": its value is judged (filter/query.c);
	 * suffix "*": may be repeated.
	 */
	const char	*query;
	uint8_t		 method;	/* enum method */
	uint8_t		 risk;		/* enum risk */
	uint8_t		 body;		/* enum ep_body */
	uint8_t		 schema;	/* enum schema */
	uint8_t		 upgrade;	/* enum upgrade */
	uint8_t		 api_min;	/* minor, 0: from the floor on */
	uint8_t		 api_max;	/* minor, 0: no end */
	uint8_t		 args;		/* enum ep_arg of the first {} */
	uint16_t	 flags;
};

/* The grammar of a path argument. */
enum ep_arg {
	ARG_NONE,
	ARG_CONTAINER,		/* [a-zA-Z0-9][a-zA-Z0-9_.-]* */
	ARG_EXEC,		/* 64 lower-case hex digits */
	ARG_IMAGE,		/* a reference; the only one with slashes */
	ARG_NETWORK,		/* name or id, no slash */
	ARG_VOLUME,
	ARG_PLUGIN,		/* an image reference */
	ARG_ID,			/* swarm objects */
	ARG_WORD,		/* checkpoint, pprof profile */
	ARG_ANY			/* OPTIONS: any path */
};

/* One query key as the table names it. */
struct query_key {
	char		 name[32];
	bool		 danger;	/* "!" */
	bool		 judged;	/* "?" */
	bool		 multi;		/* "*" */
};

/* Headers the daemon reads; everything else is dropped. */
enum req_header {
	HDR_USER_AGENT,
	HDR_ACCEPT,
	HDR_ACCEPT_ENCODING,
	HDR_REGISTRY_AUTH,
	HDR_REGISTRY_CONFIG,
	HDR_SESSION_UUID,
	HDR_SESSION_NAME,
	HDR_SESSION_SHAREDKEY,
	HDR_SESSION_METHOD,	/* may be repeated */
	HDR_WS_KEY,
	HDR_WS_VERSION,
	HDR_WS_PROTOCOL,
	HDR_TRACEPARENT,	/* see tracectx.h */
	HDR_TRACESTATE,
	HDR_MAX
};

/* Rows; endpoint_get(i) for i < endpoint_count(). NULL beyond. */
size_t			 endpoint_count(void);
const struct endpoint	*endpoint_get(size_t);

/* The rows of podman's own API, which endpoint_get() has last. */
size_t			 endpoint_libpod_count(void);
const struct endpoint	*endpoint_libpod(size_t);
/* Is the row one of them? */
bool			 endpoint_is_libpod(const struct endpoint *);

/*
 * The version of /vX.Y.Z/libpod in one number, and is that a number which
 * has been made so, within LIBPOD_MAJOR_MIN and the other bounds?
 */
#define LIBPOD_VERSION(x, y, z)	((uint32_t)(x) << 16 | (uint32_t)(y) << 8 | \
				    (uint32_t)(z))
bool			 endpoint_libpod_version_ok(uint32_t);

/*
 * Does pattern name this row?  A name matches itself and all that lies below
 * it: "containers" names "containers/list", "any" names every row.
 */
bool			 endpoint_named(const struct endpoint *, const char *);

/* Is it about one container, by its argument, its query or its body? */
static inline bool
endpoint_has_container(const struct endpoint *ep)
{
	return (ep->args == ARG_CONTAINER || ep->args == ARG_EXEC ||
	    (ep->flags & (EPF_CT_QUERY | EPF_CT_BODY)) != 0);
}

/* Row number by exact name, -1 if there is none. */
int			 endpoint_byname(const char *);

/*
 * Match a decoded, canonical path without version prefix.  Returns the row
 * number and in args/arglen where its arguments stand in path; -1: no such
 * route; -2: the route is there, but not for this method.
 */
struct ep_match {
	const char	*arg[EP_ARGS_MAX];
	size_t		 arglen[EP_ARGS_MAX];
	size_t		 nargs;
};
int			 endpoint_match(enum method, const char *, size_t,
			    struct ep_match *);

/* Is the string a legal argument of that kind? (names, not existence) */
bool			 endpoint_arg_ok(enum ep_arg, const char *, size_t);

/* The kind of the row's n-th argument: a second one is a word, or both are
   references. */
enum ep_arg		 endpoint_arg_kind(const struct endpoint *, size_t n);

/*
 * May the parent print it as a query value (eightbit: it is percent-encoded)
 * or as a header's?  No control bytes; both processes ask the same.
 */
bool			 endpoint_text_ok(const char *, size_t, bool eightbit);
/* The same of the value of one header, which may have its own grammar. */
bool			 req_header_ok(enum req_header, const char *, size_t);

/* Is the row part of API 1.minor (0: request without version)? */
bool			 endpoint_in_version(const struct endpoint *, unsigned);

/* The idx-th query key of the row; -1 beyond the last. */
int			 endpoint_query(const struct endpoint *, size_t,
			    struct query_key *);
/* Number of the named query key (exact), -1 if the row has none. */
int			 endpoint_query_find(const struct endpoint *,
			    const char *, size_t);

const char		*method_name(enum method);
enum method		 method_parse(const char *, size_t);

/* Header names as printed, and which rows the daemon reads them on. */
const char		*req_header_name(enum req_header);
bool			 req_header_wanted(const struct endpoint *,
			    enum req_header);
/* By name in any case; -1 if the daemon need not see it. */
int			 req_header_find(const char *, size_t);

#endif /* ENDPOINT_H */
