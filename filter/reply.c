/* SPDX-License-Identifier: ISC */

/*
 * Answers of our own, in Docker's form {"message": "..."} so that every
 * client prints them.
 */

#include <stdio.h>
#include <string.h>

#include "../filter/filter.h"

#define REASON_MAX	1024

static size_t	 json_string(char *, size_t, const char *);

int
reply_continue(struct client *c)
{
	static char	 text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct iovec	 iov = { text, sizeof(text) - 1 };

	return (client_write(c, &iov, 1));
}

const char *
reply_phrase(int status)
{
	static const struct {
		int		 status;
		const char	*phrase;
	} phrases[] = {
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return (phrases[i].phrase);
	return ("Error");
}

/* RFC 8259 section 7; bytes outside ASCII become "?". */
static size_t
json_string(char *dst, size_t size, const char *src)
{
	unsigned char	 c;
	size_t		 n = 0;

	for (; (c = (unsigned char)*src) != '\0' && n + 7 < size; src++) {
		if (c == '"' || c == '\\') {
			dst[n++] = '\\';
			dst[n++] = (char)c;
		} else if (c < 0x20)
			n += (size_t)snprintf(dst + n, size - n, "\\u%04x", c);
		else
			dst[n++] = c < 0x7f ? (char)c : '?';
	}
	dst[n] = '\0';
	return (n);
}

const char *
reply_refusal(const struct imsg_refused *refused, int *status)
{
	static const struct {
		int		 status;
		const char	*why;
	} refusals[] = {
		[REFUSED_NOSOCKET] = { 502, "Docker Engine cannot be reached: "
		    "its socket does not exist" },
		[REFUSED_CONNECT] = { 502, "Docker Engine cannot be reached: "
		    "connection refused, nobody listens at its socket" },
		[REFUSED_PERMISSION] = { 502, "Docker Engine cannot be "
		    "reached: permission denied at its socket" },
		[REFUSED_BUSY] = { 502, "Docker Engine cannot be reached: it "
		    "does not accept the connections that wait" },
		[REFUSED_UNREACHED] = { 502, NULL },
		[REFUSED_LIMIT] = { 503, "proxyd is out of connections or "
		    "memory" },
		[REFUSED_SHUTDOWN] = { 503, "proxyd is shutting down" },
		[REFUSED_POLICY] = { 403, "Forbidden - the policy has changed "
		    "since this request began" },
	};
	static char	 text[128];
	unsigned int	 n = refused->reason;

	if (n > REFUSED_POLICY)
		n = REFUSED_LIMIT;
	*status = refusals[n].status;
	if (refusals[n].why != NULL)
		return (refusals[n].why);
	snprintf(text, sizeof(text), "Docker Engine cannot be reached: %s",
	    strerror((int)refused->error));
	return (text);
}

/*
 * What the head says of the connection.  Towards a client that asked for an
 * upgrade nothing: docker's CLI up to 20.10 takes an answer with "close" for
 * the stream itself (httputil.ErrPersistEOF) and does not look at its status.
 */
const char *
reply_connection(const struct exchange *x)
{
	if (!x->keepalive)
		return (x->wants_upgrade ? "" : "Connection: close\r\n");
	return (x->http == 0 ? "Connection: keep-alive\r\n" : "");
}

void
reply_error(struct client *c, int status, const char *reason, bool shut)
{
	struct exchange	*x = c->x;
	char		 text[REASON_MAX * 2], head[512];
	struct iovec	 iov[2];
	char		 body[sizeof(text) + 32];
	int		 n, len;

	json_string(text, sizeof(text), reason);
	len = snprintf(body, sizeof(body), "{\"message\":\"%s\"}\n", text);
	x->status = status;
	x->keepalive = x->keepalive && !shut;
	n = snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n"
	    REQID_HEADER ": %s\r\n%s\r\n", status, reply_phrase(status),
	    len, x->name, reply_connection(x));
	x->down += x->method == METHOD_HEAD ? 0 : (uint64_t)len;
	access_log(c, reason);
	iov[0].iov_base = head;
	iov[0].iov_len = (size_t)n;
	iov[1].iov_base = body;
	iov[1].iov_len = x->method == METHOD_HEAD ? 0 : (size_t)len;
	x->amode = AM_DONE;
	if (client_write(c, iov, 2) == 0)
		exchange_done(c);
}
