/* SPDX-License-Identifier: ISC */

/*
 * The only printer of HTTP towards the engine (RFC 9112 section 3).  The
 * words come from the endpoint table, the arguments are percent-encoded, the
 * framing is the parent's own; nothing a filter says is printed unchecked
 * (ceiling.c ran before).  Pure.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../parent/parent.h"

struct out {
	char	*buf;
	size_t	 size;
	size_t	 len;
};

static void	 put(struct out *, const char *, size_t);
static void	 puts_(struct out *, const char *);
static void	 put_encoded(struct out *, const char *, size_t, const char *);
static void	 put_number(struct out *, const char *, uint64_t);
static bool	 next_item(const uint8_t **, const uint8_t *,
		    struct imsg_item *, const char **);
static void	 print_path(struct out *, const struct asked *);
static void	 print_query(struct out *, const struct asked *);
static void	 print_headers(struct out *, const struct asked *);
static void	 print_framing(struct out *, const struct asked *);

ssize_t
head_print(const struct asked *asked, char *buf, size_t size)
{
	struct out	 out = { buf, size, 0 };

	puts_(&out, method_name(asked->ep->method));
	puts_(&out, " ");
	print_path(&out, asked);
	print_query(&out, asked);
	puts_(&out, " HTTP/1.1\r\nHost: docker\r\n");
	print_headers(&out, asked);
	print_framing(&out, asked);
	puts_(&out, "\r\n");
	return (out.len > out.size ? -1 : (ssize_t)out.len);
}

static void
put(struct out *out, const char *text, size_t len)
{
	if (out->len <= out->size && len <= out->size - out->len)
		memcpy(out->buf + out->len, text, len);
	out->len += len;
}

static void
puts_(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

/* RFC 3986 section 2.3: unreserved bytes stand for themselves. */
static void
put_encoded(struct out *out, const char *text, size_t len, const char *also)
{
	static const char	 hex[] = "0123456789ABCDEF";
	char			 enc[3] = "%";
	unsigned char		 c;
	size_t			 i;

	for (i = 0; i < len; i++) {
		c = (unsigned char)text[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || (c != '\0' &&
		    (strchr("-._~", c) != NULL || strchr(also, c) != NULL))) {
			put(out, text + i, 1);
			continue;
		}
		enc[1] = hex[c >> 4];
		enc[2] = hex[c & 15];
		put(out, enc, sizeof(enc));
	}
}

static void
put_number(struct out *out, const char *fmt, uint64_t n)
{
	char	 num[24];
	int	 len;

	puts_(out, fmt);
	len = snprintf(num, sizeof(num), "%llu", (unsigned long long)n);
	put(out, num, (size_t)len);
}

static bool
next_item(const uint8_t **p, const uint8_t *end, struct imsg_item *item,
    const char **text)
{
	if (*p == end)
		return (false);
	memcpy(item, *p, sizeof(*item));
	*text = (const char *)*p + sizeof(*item);
	*p += sizeof(*item) + item->len;
	return (true);
}

static void
print_path(struct out *out, const struct asked *asked)
{
	const uint8_t		*p = asked->items, *end;
	const char		*path = asked->ep->path, *hole, *text;
	struct imsg_item	 item;

	end = p + asked->rq.items_len;
	if (asked->rq.minor != 0)
		put_number(out, "/v1.", asked->rq.minor);
	if (asked->rq.libpod != 0) {
		put_number(out, "/v", asked->rq.libpod >> 16);
		put_number(out, ".", asked->rq.libpod >> 8 & 0xff);
		put_number(out, ".", asked->rq.libpod & 0xff);
	}
	while ((hole = strstr(path, "{}")) != NULL) {
		put(out, path, (size_t)(hole - path));
		while (next_item(&p, end, &item, &text)) {
			if (item.kind != ITEM_ARG)
				continue;
			put_encoded(out, text, item.len, "/:@");
			break;
		}
		path = hole + 2;
	}
	puts_(out, path);
}

static void
print_query(struct out *out, const struct asked *asked)
{
	const uint8_t		*p = asked->items, *end;
	const char		*text, *sep = "?";
	struct query_key	 key;
	struct imsg_item	 item;

	end = p + asked->rq.items_len;
	while (next_item(&p, end, &item, &text)) {
		if (item.kind != ITEM_QUERY ||
		    endpoint_query(asked->ep, item.index, &key) == -1)
			continue;
		puts_(out, sep);
		puts_(out, key.name);
		puts_(out, "=");
		put_encoded(out, text, item.len, "/:,");
		sep = "&";
	}
}

static void
print_headers(struct out *out, const struct asked *asked)
{
	const uint8_t		*p = asked->items, *end;
	const char		*text;
	struct imsg_item	 item;

	end = p + asked->rq.items_len;
	while (next_item(&p, end, &item, &text)) {
		if (item.kind != ITEM_HEADER)
			continue;
		puts_(out, req_header_name(item.index));
		puts_(out, ": ");
		put(out, text, item.len);
		puts_(out, "\r\n");
	}
}

/*
 * Type and length of the body, and what becomes of the connection.  An
 * upgrade asks for the operation's own token; what cannot be pooled
 * afterwards says so, so that the engine closes too.
 */
static void
print_framing(struct out *out, const struct asked *asked)
{
	static const char *const tokens[] = {
		[UPGRADE_TCP] = "tcp",
		[UPGRADE_H2C] = "h2c",
		[UPGRADE_WEBSOCKET] = "websocket",
	};
	const struct endpoint	*ep = asked->ep;

	if (asked->rq.body != BODY_NONE)
		puts_(out, ep->body != EPB_TAR ?
		    "Content-Type: application/json\r\n" :
		    (ep->flags & EPF_YAML) != 0 ?
		    "Content-Type: application/yaml\r\n" :
		    "Content-Type: application/x-tar\r\n");
	if (asked->rq.body == BODY_CHUNKED)
		puts_(out, "Transfer-Encoding: chunked\r\n");
	else if (asked->rq.body != BODY_NONE || ep->method == METHOD_POST ||
	    ep->method == METHOD_PUT) {
		put_number(out, "Content-Length: ", asked->rq.body_len);
		puts_(out, "\r\n");
	}
	if (ep->upgrade != UPGRADE_NONE) {
		puts_(out, "Connection: Upgrade\r\nUpgrade: ");
		puts_(out, tokens[ep->upgrade]);
		puts_(out, "\r\n");
	} else if ((ep->flags & EPF_BULK) != 0 ||
	    asked->rq.body == BODY_LENGTH || asked->rq.body == BODY_CHUNKED)
		puts_(out, "Connection: close\r\n");
}
