/* SPDX-License-Identifier: ISC */

/*
 * Looking things up in the endpoint table: a row by name, a row by method and
 * path, a query key of a row, a header that the engine reads.  The rows are
 * in endpoint_table.c, the grammars of path arguments in endpoint_arg.c.
 *
 * Every request passes endpoint_match(), so the rows are found through an
 * index of their first path segment, with "libpod/" before podman's own; it
 * is built on first use, in place.
 */

#include "../proxyd/endpoint.h"

#include <string.h>
#include <strings.h>

#include "../proxyd/tracectx.h"

#define INDEX_SLOTS	128	/* more than twice the first segments */
#define LIBPOD		"/libpod/"

/* Each flag is a bit of its own. */
#define EPF_ALL(op)							\
	(EPF_WRITE op EPF_STREAM op EPF_BULK op EPF_LEGACY op		\
	EPF_UNJUDGED op EPF_NEVER op EPF_NOBODY op EPF_YAML op		\
	EPF_FLEET op EPF_CT_QUERY op EPF_CT_BODY op EPF_ENTRIES op	\
	EPF_IMAGES)
_Static_assert((EPF_ALL(|)) == (EPF_ALL(+)), "two flags are one bit");

struct slot {
	const char	*seg;	/* first path segment, or the second behind
				   /libpod/; not terminated */
	size_t		 len;
	size_t		 first;	/* row */
	size_t		 n;	/* rows */
};

static struct {
	bool		 ready;
	struct slot	 slots[INDEX_SLOTS];
	size_t		 options;	/* the row that takes any path */
} idx;

static const char *const methods[] = {
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_DELETE] = "DELETE",
	[METHOD_OPTIONS] = "OPTIONS",
	[METHOD_OTHER] = "?",
};

static const char *const req_headers[HDR_MAX] = {
	[HDR_USER_AGENT] = "User-Agent",
	[HDR_ACCEPT] = "Accept",
	[HDR_ACCEPT_ENCODING] = "Accept-Encoding",
	[HDR_REGISTRY_AUTH] = "X-Registry-Auth",
	[HDR_REGISTRY_CONFIG] = "X-Registry-Config",
	[HDR_SESSION_UUID] = "X-Docker-Expose-Session-Uuid",
	[HDR_SESSION_NAME] = "X-Docker-Expose-Session-Name",
	[HDR_SESSION_SHAREDKEY] = "X-Docker-Expose-Session-Sharedkey",
	[HDR_SESSION_METHOD] = "X-Docker-Expose-Session-Grpc-Method",
	[HDR_WS_KEY] = "Sec-WebSocket-Key",
	[HDR_WS_VERSION] = "Sec-WebSocket-Version",
	[HDR_WS_PROTOCOL] = "Sec-WebSocket-Protocol",
	[HDR_TRACEPARENT] = "Traceparent",
	[HDR_TRACESTATE] = "Tracestate",
};

/* The rows whose handler reads X-Registry-Auth. */
static const char *const auth_rows[] = {
	"images/create", "images/push", "images/search",
	"distribution/inspect", "plugins/privileges", "plugins/pull",
	"plugins/push", "plugins/upgrade", "services/create",
	"services/update"
};

static size_t
segment_len(const char *p, size_t len)
{
	size_t	 i;

	for (i = 0; i < len && p[i] != '/'; i++)
		;
	return (i);
}

/* What the index goes by: "containers", or "libpod/containers". */
static size_t
key_len(const char *p, size_t len)
{
	const size_t	 own = strlen(LIBPOD) - 1;

	if (len > own && memcmp(p, &LIBPOD[1], own) == 0)
		return (own + segment_len(p + own, len - own));
	return (segment_len(p, len));
}

/* The slot of a first segment, or the free one where it would go. */
static struct slot *
index_slot(const char *seg, size_t len)
{
	struct slot	*s;
	size_t		 h;

	h = len * 7 + (len > 0 ? (unsigned char)seg[len - 1] * 3U +
	    (unsigned char)seg[len / 2] : 0);
	for (;; h++) {
		s = &idx.slots[h % INDEX_SLOTS];
		if (s->seg == NULL ||
		    (s->len == len && memcmp(s->seg, seg, len) == 0))
			return (s);
	}
}

static void
index_build(void)
{
	const struct endpoint	*ep;
	struct slot		*s;
	size_t			 i, len;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		if (ep->args == ARG_ANY) {
			idx.options = i;
			continue;
		}
		len = key_len(ep->path + 1, strlen(ep->path + 1));
		s = index_slot(ep->path + 1, len);
		if (s->seg == NULL) {
			s->seg = ep->path + 1;
			s->len = len;
			s->first = i;
		}
		s->n = i - s->first + 1;
	}
	idx.ready = true;
}

/*
 * The end of an argument that may have slashes, where the pattern behind it
 * begins; 0 if there is none.  Of several places between two such arguments
 * it is the last, as with podman, whose router has "{name:.*}".
 */
static size_t
reference_end(const char *rest, const char *path, size_t len, size_t pos)
{
	const char	*brace = strchr(rest, '{');
	size_t		 i, fixed, end = 0;

	fixed = brace != NULL ? (size_t)(brace - rest) : strlen(rest);
	if (len - pos <= fixed)
		return (0);
	if (brace == NULL)
		return (len - fixed);
	for (i = pos + 1; i + fixed < len; i++)
		if (memcmp(path + i, rest, fixed) == 0)
			end = i;
	return (end);
}

/* Take the argument at *pos; rest is the pattern behind its "{}". */
static bool
arg_match(const struct endpoint *ep, const char *rest, const char *path,
    size_t len, size_t *pos, struct ep_match *m)
{
	size_t	 arglen, end;

	if (m->nargs >= EP_ARGS_MAX)
		return (false);
	if (ep->args == ARG_IMAGE || ep->args == ARG_PLUGIN) {
		/* Slashes are part of the name: the tail decides its end. */
		if ((end = reference_end(rest, path, len, *pos)) <= *pos)
			return (false);
		arglen = end - *pos;
	} else
		arglen = segment_len(path + *pos, len - *pos);
	if (arglen == 0)
		return (false);
	m->arg[m->nargs] = path + *pos;
	m->arglen[m->nargs] = arglen;
	m->nargs++;
	*pos += arglen;
	return (true);
}

static bool
row_match(const struct endpoint *ep, const char *path, size_t len,
    struct ep_match *m)
{
	const char	*p = ep->path, *brace;
	size_t		 pos = 0, fixed;

	m->nargs = 0;
	for (;;) {
		brace = strchr(p, '{');
		fixed = brace != NULL ? (size_t)(brace - p) : strlen(p);
		if (len - pos < fixed || memcmp(path + pos, p, fixed) != 0)
			return (false);
		pos += fixed;
		if (brace == NULL)
			return (pos == len);
		p = brace + 2;
		if (!arg_match(ep, p, path, len, &pos, m))
			return (false);
	}
}

/* The first row of a slot that fits, of this method or of any other. */
static int
slot_match(const struct slot *s, enum method method, bool same,
    const char *path, size_t len, struct ep_match *m)
{
	const struct endpoint	*ep;
	size_t			 i;

	for (i = s->first; i < s->first + s->n; i++) {
		ep = endpoint_get(i);
		if ((ep->method == method) == same &&
		    row_match(ep, path, len, m))
			return ((int)i);
	}
	return (-1);
}

int
endpoint_match(enum method method, const char *path, size_t len,
    struct ep_match *m)
{
	const struct slot	*s;
	int			 op;

	memset(m, 0, sizeof(*m));
	if (!idx.ready)
		index_build();
	if (method == METHOD_OPTIONS) {
		/* moby answers OPTIONS on any path, known or not. */
		m->arg[0] = path;
		m->arglen[0] = len;
		m->nargs = 1;
		return ((int)idx.options);
	}
	if (len < 2 || path[0] != '/')
		return (-1);
	s = index_slot(path + 1, key_len(path + 1, len - 1));
	if (s->seg == NULL)
		return (-1);
	if ((op = slot_match(s, method, true, path, len, m)) != -1)
		return (op);
	op = slot_match(s, method, false, path, len, m);
	m->nargs = 0;
	return (op == -1 ? -1 : -2);
}

bool
endpoint_named(const struct endpoint *ep, const char *pattern)
{
	size_t	 len;

	if (strcmp(pattern, "any") == 0)
		return (true);
	len = strlen(pattern);
	return (len > 0 && strncmp(ep->name, pattern, len) == 0 &&
	    (ep->name[len] == '\0' || ep->name[len] == '/'));
}

int
endpoint_byname(const char *name)
{
	const struct endpoint	*ep;
	size_t			 i;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++)
		if (strcmp(ep->name, name) == 0)
			return ((int)i);
	return (-1);
}

bool
endpoint_is_libpod(const struct endpoint *ep)
{
	return (strncmp(ep->path, LIBPOD, strlen(LIBPOD)) == 0);
}

bool
endpoint_libpod_version_ok(uint32_t v)
{
	return (v >> 16 >= LIBPOD_MAJOR_MIN && v >> 16 <= LIBPOD_MAJOR_MAX &&
	    (v >> 8 & 0xff) <= LIBPOD_PART_MAX && (v & 0xff) <=
	    LIBPOD_PART_MAX);
}

enum ep_arg
endpoint_arg_kind(const struct endpoint *ep, size_t n)
{
	if (n == 0 || ep->args == ARG_IMAGE)
		return ((enum ep_arg)ep->args);
	return (ARG_WORD);
}

bool
endpoint_in_version(const struct endpoint *ep, unsigned minor)
{
	/* Without a version the engine's newest API answers. */
	if (minor == 0)
		return ((ep->flags & EPF_LEGACY) == 0 && ep->api_max == 0);
	return (minor >= ep->api_min &&
	    (ep->api_max == 0 || minor <= ep->api_max));
}

/* Split "!name*" off a row's query column; returns what follows, or NULL. */
static const char *
key_next(const char *p, const char **name, size_t *len, struct query_key *key)
{
	if (p == NULL)
		return (NULL);
	p += strspn(p, " ");
	if (*p == '\0')
		return (NULL);
	key->danger = *p == '!';
	key->judged = *p == '?';
	if (key->danger || key->judged)
		p++;
	*name = p;
	*len = strcspn(p, " *");
	p += *len;
	key->multi = *p == '*';
	return (key->multi ? p + 1 : p);
}

int
endpoint_query(const struct endpoint *ep, size_t n, struct query_key *key)
{
	const char	*p = ep->query, *name;
	size_t		 i, len;

	for (i = 0; (p = key_next(p, &name, &len, key)) != NULL; i++) {
		if (i != n)
			continue;
		if (len >= sizeof(key->name))
			return (-1);
		memcpy(key->name, name, len);
		key->name[len] = '\0';
		return (0);
	}
	return (-1);
}

int
endpoint_query_find(const struct endpoint *ep, const char *want, size_t wlen)
{
	struct query_key	 key;
	const char		*p = ep->query, *name;
	size_t			 len;
	int			 i;

	for (i = 0; (p = key_next(p, &name, &len, &key)) != NULL; i++)
		if (len == wlen && memcmp(name, want, len) == 0)
			return (i);
	return (-1);
}

const char *
method_name(enum method method)
{
	return (methods[method]);
}

enum method
method_parse(const char *s, size_t len)
{
	unsigned int	 m;

	for (m = METHOD_GET; m < METHOD_OTHER; m++)
		if (strlen(methods[m]) == len &&
		    memcmp(methods[m], s, len) == 0)
			return ((enum method)m);
	return (METHOD_OTHER);
}

const char *
req_header_name(enum req_header hdr)
{
	if ((unsigned int)hdr >= HDR_MAX)
		return (NULL);
	return (req_headers[hdr]);
}

int
req_header_find(const char *name, size_t len)
{
	int	 i;

	for (i = 0; i < HDR_MAX; i++)
		if (strlen(req_headers[i]) == len &&
		    strncasecmp(req_headers[i], name, len) == 0)
			return (i);
	return (-1);
}

bool
req_header_ok(enum req_header hdr, const char *text, size_t len)
{
	if (hdr == HDR_TRACEPARENT)
		return (tracectx_parent_ok(text, len));
	if (hdr == HDR_TRACESTATE)
		return (tracectx_state_ok(text, len));
	return (endpoint_text_ok(text, len, false));
}

static bool
name_in(const char *name, const char *const *list, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return (true);
	return (false);
}

bool
req_header_wanted(const struct endpoint *ep, enum req_header hdr)
{
	switch (hdr) {
	case HDR_USER_AGENT:
	case HDR_ACCEPT:
	case HDR_ACCEPT_ENCODING:
	case HDR_TRACEPARENT:
	case HDR_TRACESTATE:
		return (true);
	case HDR_REGISTRY_AUTH:
		return (name_in(ep->name, auth_rows,
		    sizeof(auth_rows) / sizeof(auth_rows[0])));
	case HDR_REGISTRY_CONFIG:
		return (strcmp(ep->name, "build/create") == 0);
	case HDR_SESSION_UUID:
	case HDR_SESSION_NAME:
	case HDR_SESSION_SHAREDKEY:
	case HDR_SESSION_METHOD:
		return (strcmp(ep->name, "session") == 0);
	case HDR_WS_KEY:
	case HDR_WS_VERSION:
	case HDR_WS_PROTOCOL:
		return (ep->upgrade == UPGRADE_WEBSOCKET);
	case HDR_MAX:
		break;
	}
	return (false);
}
