/* SPDX-License-Identifier: ISC */

/*
 * What a filter may ask for.  Everything in a REQUEST is checked against the
 * endpoint table and the ceiling of the filter's listener before a byte of
 * it is used: the row, the version, the kind of body, each argument's
 * grammar, each query key's number, each header's place and bytes.  Pure.
 */

#include <string.h>

#include "../parent/parent.h"

/* What was given before, by its number. */
enum {
	SEEN_KEYS,
	SEEN_HEADERS,
	SEEN_MAX
};

static const char *check_body(const struct asked *, size_t, bool);
static const char *check_items(const struct asked *, bool);
static const char *check_item(const struct asked *, const struct imsg_item *,
		    const char *, bool, uint32_t *);

int
ceiling_check(const struct opset *ceiling, bool unjudged, const uint8_t *data,
    size_t len, bool hasfd, struct asked *asked, const char **why)
{
	struct imsg_request	*rq = &asked->rq;

	*why = "request too short";
	if (len < sizeof(*rq))
		return (-1);
	memcpy(rq, data, sizeof(*rq));
	asked->items = data + sizeof(*rq);
	*why = "items longer than the message";
	if (rq->items_len > len - sizeof(*rq))
		return (-1);
	*why = "items longer than they may be";
	if (rq->items_len > REQUEST_TEXT_MAX)
		return (-1);
	asked->body = asked->items + rq->items_len;

	*why = "operation not in the table";
	if ((asked->ep = endpoint_get(rq->op)) == NULL)
		return (-1);
	*why = "operation above the ceiling";
	if (!opset_has(ceiling, rq->op))
		return (-1);
	*why = "operation not in that API version";
	if (rq->minor != 0 && (rq->minor < API_MINOR_MIN ||
	    rq->minor > API_MINOR_MAX))
		return (-1);
	if (!endpoint_in_version(asked->ep, rq->minor))
		return (-1);
	*why = "version of another API";
	if (endpoint_is_libpod(asked->ep) ? rq->minor != 0 :
	    rq->libpod != 0)
		return (-1);
	if (rq->libpod != 0 && !endpoint_libpod_version_ok(rq->libpod))
		return (-1);
	*why = check_body(asked, len - sizeof(*rq) - rq->items_len, hasfd);
	if (*why != NULL)
		return (-1);
	*why = check_items(asked, unjudged);
	if (*why != NULL)
		return (-1);
	return (0);
}

static const char *
check_body(const struct asked *asked, size_t left, bool hasfd)
{
	const struct imsg_request	*rq = &asked->rq;
	bool				 pipe, may;

	pipe = rq->body == BODY_LENGTH || rq->body == BODY_CHUNKED;
	if (pipe != hasfd)
		return ("body pipe missing or not expected");
	if (rq->body > BODY_CHUNKED)
		return ("unknown kind of body");
	if (rq->body == BODY_INLINE) {
		if (rq->body_len != left || left > BODY_INLINE_MAX)
			return ("inline body of another length");
	} else if (left != 0)
		return ("bytes behind the items");
	if ((rq->body == BODY_NONE || rq->body == BODY_CHUNKED) &&
	    rq->body_len != 0)
		return ("length of a body that has none");
	switch ((enum ep_body)asked->ep->body) {
	case EPB_NONE:
	case EPB_RAW:
		may = rq->body == BODY_NONE;
		break;
	case EPB_JSON:
	case EPB_JSON_OPT:
		may = rq->body != BODY_CHUNKED;
		break;
	case EPB_TAR:
		may = true;
		break;
	default:
		may = false;
		break;
	}
	return (may ? NULL : "kind of body not of this operation");
}

static const char *
check_items(const struct asked *asked, bool unjudged)
{
	const uint8_t		*p = asked->items;
	const char		*why, *path;
	struct imsg_item	 item;
	size_t			 left = asked->rq.items_len, nargs = 0;
	uint32_t		 seen[SEEN_MAX] = { 0, 0 };
	unsigned int		 i;

	for (i = 0; i < asked->rq.nitems; i++) {
		if (left < sizeof(item))
			return ("item cut short");
		memcpy(&item, p, sizeof(item));
		p += sizeof(item);
		left -= sizeof(item);
		if (item.len > left)
			return ("item longer than the items");
		if (item.kind == ITEM_ARG && item.index != nargs++)
			return ("arguments out of order");
		why = check_item(asked, &item, (const char *)p, unjudged,
		    seen);
		if (why != NULL)
			return (why);
		p += item.len;
		left -= item.len;
	}
	if (left != 0)
		return ("bytes behind the last item");
	for (path = asked->ep->path; (path = strstr(path, "{}")) != NULL;
	    path += 2) {
		if (nargs-- == 0)
			return ("too few arguments");
	}
	return (nargs == 0 ? NULL : "too many arguments");
}

static const char *
check_item(const struct asked *asked, const struct imsg_item *item,
    const char *text, bool unjudged, uint32_t *seen)
{
	struct query_key	 key;

	switch (item->kind) {
	case ITEM_ARG:
		if (!endpoint_arg_ok(endpoint_arg_kind(asked->ep,
		    item->index), text, item->len))
			return ("argument out of its grammar");
		return (NULL);
	case ITEM_QUERY:
		if (item->index >= EP_QUERY_MAX ||
		    endpoint_query(asked->ep, item->index, &key) == -1)
			return ("unknown query key");
		if (key.danger && !unjudged)
			return ("query key above the ceiling");
		if (!key.multi && (seen[SEEN_KEYS] & 1U << item->index) != 0)
			return ("query key given twice");
		seen[SEEN_KEYS] |= 1U << item->index;
		if (!endpoint_text_ok(text, item->len, true))
			return ("control byte in a query value");
		return (NULL);
	case ITEM_HEADER:
		if (item->index >= HDR_MAX ||
		    !req_header_wanted(asked->ep, item->index))
			return ("header not of this operation");
		if (!req_header_ok(item->index, text, item->len))
			return ("byte not allowed in a header");
		if ((seen[SEEN_HEADERS] & 1U << item->index) != 0 &&
		    item->index != HDR_SESSION_METHOD)
			return ("header given twice");
		seen[SEEN_HEADERS] |= 1U << item->index;
		return (NULL);
	default:
		return ("unknown kind of item");
	}
}
