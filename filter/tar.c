/* SPDX-License-Identifier: ISC */

/*
 * The machine that takes a tar archive in pieces of any size.  It stands in a
 * header, in what an extended header says, in contents, in padding, or behind
 * the end; only headers are gathered, contents are counted.  An extended
 * header and the one that it speaks of are settled together.
 */

#include "../filter/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

static int	 fault(struct tar *, const char *);
static int	 step_head(struct tar *, const uint8_t *, size_t);
static int	 step_meta(struct tar *, const uint8_t *, size_t);
static int	 step_data(struct tar *, const uint8_t *, size_t);
static int	 step_pad(struct tar *, const uint8_t *, size_t);
static int	 step_end(struct tar *, const uint8_t *, size_t);

void
tar_init(struct tar *t, tar_entry_fn *entry, tar_data_fn *data, void *arg)
{
	memset(t, 0, sizeof(*t));
	t->entry = entry;
	t->data = data;
	t->arg = arg;
}

void
tar_free(struct tar *t)
{
	free(t->text);
	t->text = NULL;
}

static int
fault(struct tar *t, const char *why)
{
	(void)strlcpy(t->fault, why, sizeof(t->fault));
	t->state = TAR_AT_FAULT;
	return (-1);
}

/* An entry was refused, by whoever was asked about it. */
static int
refused(struct tar *t)
{
	t->fault[0] = '\0';
	t->state = TAR_AT_FAULT;
	return (-1);
}

/* After this much the next block begins. */
static void
data_begin(struct tar *t, enum tar_state state, uint64_t size)
{
	t->left = size;
	t->pad = (unsigned int)(-size & (TAR_BLOCK - 1));
	t->state = size != 0 ? state : TAR_AT_HEAD;
}

static void
data_end(struct tar *t)
{
	t->state = t->pad != 0 ? TAR_AT_PAD : TAR_AT_HEAD;
}

/*
 * An extended header: its contents are gathered.  Of two for one entry Go
 * takes the last, pax(1) both; a global one between another and its entry
 * makes Go forget that one.
 */
static int
meta_begin(struct tar *t, char type, uint64_t size)
{
	unsigned int	 bit = type == 'x' ? TAR_SEEN_PAX :
			    type == 'L' ? TAR_SEEN_NAME :
			    type == 'K' ? TAR_SEEN_LINK : 0;

	if (t->meta.seen != 0 && (bit == 0 || bit == TAR_SEEN_PAX ||
	    (t->meta.seen & (bit | TAR_SEEN_PAX)) != 0))
		return (fault(t, "extended headers contradict each other"));
	if (size > (type == 'x' || type == 'g' ? TAR_META_MAX : TAR_NAME_MAX))
		return (fault(t, "an extended header is too long"));
	if (size == 0 && (type == 'L' || type == 'K'))
		return (fault(t, "a long name is empty"));
	if ((t->text = malloc((size_t)size + 1)) == NULL) {
		t->nomem = true;
		return (fault(t, "out of memory"));
	}
	t->textlen = 0;
	t->metatype = type;
	t->meta.seen |= bit;
	data_begin(t, TAR_AT_META, size);
	return (0);
}

/* GNU's long names end in NUL, more of them or none. */
static const char *
meta_name(const struct tar *t, char *dst, bool *had)
{
	size_t	 i, len = strnlen(t->text, t->textlen);

	for (i = len; i < t->textlen; i++)
		if (t->text[i] != '\0')
			return ("a long name goes on behind a NUL");
	if (len == 0 || len >= TAR_NAME_MAX)
		return ("a long name is empty or too long");
	memcpy(dst, t->text, len);
	dst[len] = '\0';
	*had = true;
	return (NULL);
}

static int
meta_end(struct tar *t)
{
	const char	*why;

	if (t->metatype == 'L')
		why = meta_name(t, t->meta.name, &t->meta.named);
	else if (t->metatype == 'K')
		why = meta_name(t, t->meta.link, &t->meta.linked);
	else
		why = tar_pax_parse(t->text, t->textlen, t->metatype == 'g',
		    &t->meta);
	tar_free(t);
	return (why == NULL ? 0 : fault(t, why));
}

static void
meta_forget(struct tar_meta *m)
{
	m->seen = 0;
	m->named = m->linked = m->sized = false;
	m->name[0] = m->link[0] = m->xattr[0] = '\0';
}

/*
 * V7 had no type for directories; of another type than that, and with a slash
 * at its end, readers differ in what a file is.
 */
static const char *
entry_type(struct tar_entry *e, char type)
{
	bool	 slash = e->name[strlen(e->name) - 1] == '/';

	if (type == '\0')
		type = slash ? TAR_DIR : TAR_FILE;
	else if (type < TAR_FILE || type > TAR_FIFO)
		return ("an entry is of a type that is not known");
	else if (type == TAR_FILE && slash)
		return ("a file has a name that ends in a slash");
	e->type = (enum tar_type)type;
	if (e->type != TAR_FILE && e->size != 0)
		return ("something that is no file has contents");
	if (e->type == TAR_LINK || e->type == TAR_SYMLINK)
		return (e->link[0] == '\0' ? "a link has no target" : NULL);
	e->link = "";
	return (NULL);
}

/* All contents were shown. */
static int
show_end(struct tar *t)
{
	if (!t->shown)
		return (0);
	t->shown = false;
	return (t->data(t->arg, NULL, 0) == TAR_REFUSED ? refused(t) : 0);
}

static int
entry_begin(struct tar *t, const struct tar_head *h)
{
	struct tar_meta		*m = &t->meta;
	struct tar_entry	 e;
	enum tar_verdict	 verdict;
	const char		*why;

	e.name = m->named ? m->name : h->name;
	e.link = m->linked ? m->link : h->link;
	e.size = m->sized ? m->size : h->size;
	e.mode = h->mode;
	e.xattr = m->xattr[0] == '\0' ? NULL : m->xattr;
	if (e.name[0] == '\0')
		return (fault(t, "an entry has no name"));
	if ((why = entry_type(&e, h->type)) != NULL) {
		(void)strlcpy(m->name, e.name, sizeof(m->name));
		return (fault(t, why));
	}
	if ((verdict = t->entry(t->arg, &e)) == TAR_REFUSED)
		return (refused(t));
	t->shown = verdict == TAR_SHOWN && t->data != NULL;
	meta_forget(m);
	data_begin(t, TAR_AT_DATA, e.size);
	return (e.size == 0 ? show_end(t) : 0);
}

/* A block that is no contents is here. */
static int
head_end(struct tar *t)
{
	struct tar_head	 h;
	const char	*why;

	if (tar_head_empty(t->block)) {
		if (t->meta.seen != 0)
			return (fault(t, "the entry of an extended header is "
			    "missing"));
		t->state = t->state == TAR_AT_ZERO ? TAR_AT_END : TAR_AT_ZERO;
		return (0);
	}
	if (t->state == TAR_AT_ZERO)
		return (fault(t, "something follows an empty block"));
	if ((why = tar_head_parse(t->block, &h)) != NULL)
		return (fault(t, why));
	if (h.type == 'x' || h.type == 'g' || h.type == 'L' || h.type == 'K') {
		if (meta_begin(t, h.type, h.size) == -1)
			return (-1);
		return (h.size == 0 ? meta_end(t) : 0);
	}
	return (entry_begin(t, &h));
}

static int
step_head(struct tar *t, const uint8_t *data, size_t len)
{
	static char	 why[64];
	const char	*kind;

	memcpy(t->block + t->have, data, len);
	t->have += len;
	if (!t->begun && (kind = tar_compressed(t->block, t->have)) != NULL) {
		(void)snprintf(why, sizeof(why), "it is compressed by %s: "
		    "send a plain tar", kind);
		return (fault(t, why));
	}
	if (t->have < TAR_BLOCK)
		return (0);
	t->have = 0;
	t->begun = true;
	return (head_end(t));
}

static int
step_meta(struct tar *t, const uint8_t *data, size_t len)
{
	memcpy(t->text + t->textlen, data, len);
	t->textlen += len;
	if ((t->left -= len) != 0)
		return (0);
	data_end(t);
	return (meta_end(t));
}

static int
step_data(struct tar *t, const uint8_t *data, size_t len)
{
	if (t->shown && t->data(t->arg, data, len) == TAR_REFUSED)
		return (refused(t));
	if ((t->left -= len) != 0)
		return (0);
	data_end(t);
	return (show_end(t));
}

static int
step_pad(struct tar *t, const uint8_t *data, size_t len)
{
	(void)data;
	if ((t->pad -= (unsigned int)len) == 0)
		t->state = TAR_AT_HEAD;
	return (0);
}

static int
step_end(struct tar *t, const uint8_t *data, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (data[i] != 0)
			return (fault(t, "something follows the end"));
	if (t->hold_end && t->fed - t->settled > TAR_TAIL_MAX)
		return (fault(t, "too much follows the end"));
	return (0);
}

/* How much of len belongs to what the machine stands in. */
static size_t
step_len(const struct tar *t, size_t len)
{
	uint64_t	 max = len;

	switch (t->state) {
	case TAR_AT_HEAD:
	case TAR_AT_ZERO:
		max = TAR_BLOCK - t->have;
		break;
	case TAR_AT_META:
	case TAR_AT_DATA:
		max = t->left;
		break;
	case TAR_AT_PAD:
		max = t->pad;
		break;
	case TAR_AT_END:
		max = TAR_BLOCK - t->fed % TAR_BLOCK;
		break;
	case TAR_AT_FAULT:
		break;
	}
	return (len < max ? len : (size_t)max);
}

static int
step(struct tar *t, const uint8_t *data, size_t len)
{
	switch (t->state) {
	case TAR_AT_HEAD:
	case TAR_AT_ZERO:
		return (step_head(t, data, len));
	case TAR_AT_META:
		return (step_meta(t, data, len));
	case TAR_AT_DATA:
		return (step_data(t, data, len));
	case TAR_AT_PAD:
		return (step_pad(t, data, len));
	case TAR_AT_END:
		return (step_end(t, data, len));
	case TAR_AT_FAULT:
		break;
	}
	return (-1);
}

/* Is everything that came judged? */
static bool
settles(const struct tar *t)
{
	if (t->hold_end && (t->state == TAR_AT_ZERO || t->state == TAR_AT_END))
		return (false);
	if (t->state == TAR_AT_END && t->fed % TAR_BLOCK != 0)
		return (false);
	return (t->have == 0 && t->meta.seen == 0 && t->text == NULL &&
	    !t->shown);
}

int
tar_feed(struct tar *t, const uint8_t *data, size_t len)
{
	size_t	 n;

	for (; len > 0; data += n, len -= n) {
		n = step_len(t, len);
		t->fed += n;
		if (step(t, data, n) == -1) {
			t->fed += len - n;
			return (-1);
		}
		if (settles(t))
			t->settled = t->fed;
	}
	return (0);
}

int
tar_finish(struct tar *t)
{
	if (t->state == TAR_AT_FAULT)
		return (-1);
	if ((t->state != TAR_AT_HEAD && t->state != TAR_AT_ZERO &&
	    t->state != TAR_AT_END) || t->have != 0 || t->meta.seen != 0)
		return (fault(t, "it ends in the middle of an entry"));
	t->settled = t->fed;
	return (0);
}

uint64_t
tar_blind(const struct tar *t)
{
	return (t->state == TAR_AT_DATA && !t->shown ? t->left : 0);
}

void
tar_skip(struct tar *t, uint64_t len)
{
	t->fed += len;
	t->settled = t->fed;
	if ((t->left -= len) == 0)
		data_end(t);
}

const char *
tar_name(const struct tar *t)
{
	return (t->meta.name);
}
