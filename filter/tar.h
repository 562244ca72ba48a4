/* SPDX-License-Identifier: ISC */

/*
 * A tar archive read while it passes: headers are taken apart, contents are
 * only counted.  What is understood is what Go's archive/tar understands,
 * which every engine reads with; what it, or another reader, could take in
 * two ways is a fault.  No I/O; memory is bounded by TAR_META_MAX.
 */

#ifndef TAR_H
#define TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK	512
#define TAR_NAME_MAX	4096		/* bytes of a name, its NUL included */
#define TAR_META_MAX	(64U * 1024)	/* bytes of a pax header */
#define TAR_TAIL_MAX	(1024U * 1024)	/* behind the last entry, held back */
#define TAR_XATTR_MAX	64		/* bytes kept of an xattr's name */

/* The types that an engine unpacks, as they stand in the header. */
enum tar_type {
	TAR_FILE = '0',
	TAR_LINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHAR = '3',
	TAR_BLOCKDEV = '4',
	TAR_DIR = '5',
	TAR_FIFO = '6'
};

/* One entry; the texts are the reader's, until the call returns. */
struct tar_entry {
	enum tar_type	 type;
	uint32_t	 mode;		/* type bits of the header included */
	uint64_t	 size;		/* bytes of contents; 0 but of files */
	const char	*name;		/* as it stands there, not empty */
	const char	*link;		/* LINK, SYMLINK: target, else "" */
	const char	*xattr;		/* one that is not user.*, or NULL */
};

/* What becomes of an entry. */
enum tar_verdict {
	TAR_REFUSED = -1,	/* nothing of it, and nothing behind it */
	TAR_PASSED,
	TAR_SHOWN		/* its contents are shown, then it passes */
};

typedef enum tar_verdict tar_entry_fn(void *, const struct tar_entry *);
/* Contents that are shown, in pieces; a last call with a length of 0. */
typedef enum tar_verdict tar_data_fn(void *, const uint8_t *, size_t);

/* One header block, taken apart. */
struct tar_head {
	char		 type;
	uint32_t	 mode;
	uint64_t	 size;
	char		 name[256 + 1];
	char		 link[100 + 1];
};

/* What extended headers say of the entry that follows. */
struct tar_meta {
	unsigned int	 seen;		/* TAR_SEEN_* */
	bool		 named;
	bool		 linked;
	bool		 sized;
	uint64_t	 size;
	char		 name[TAR_NAME_MAX];
	char		 link[TAR_NAME_MAX];
	char		 xattr[TAR_XATTR_MAX];
};

#define TAR_SEEN_PAX	0x1
#define TAR_SEEN_NAME	0x2		/* GNU, 'L' */
#define TAR_SEEN_LINK	0x4		/* GNU, 'K' */

enum tar_state {
	TAR_AT_HEAD,		/* what a new reader starts with */
	TAR_AT_META,		/* contents of an extended header */
	TAR_AT_DATA,
	TAR_AT_PAD,		/* up to the next block */
	TAR_AT_ZERO,		/* one empty block was there */
	TAR_AT_END,		/* and the second one */
	TAR_AT_FAULT		/* for good */
};

struct tar {
	tar_entry_fn	*entry;
	tar_data_fn	*data;		/* NULL: nothing is ever shown */
	void		*arg;
	bool		 hold_end;	/* the end is settled by tar_finish() */
	enum tar_state	 state;
	uint64_t	 fed;		/* bytes that came */
	uint64_t	 settled;	/* of them, from the first: may pass */
	uint64_t	 left;		/* contents that are still to come */
	unsigned int	 pad;		/* bytes up to the next block */
	bool		 begun;		/* the first header was read */
	bool		 shown;		/* contents go to data() */
	char		 metatype;
	char		*text;		/* of an extended header, or NULL */
	size_t		 textlen;
	struct tar_meta	 meta;
	size_t		 have;		/* bytes in block */
	uint8_t		 block[TAR_BLOCK];
	char		 fault[160];	/* "" if an entry was refused */
	bool		 nomem;		/* that is the fault */
};

/* tar.c */

/* A reader; entry is asked about each entry before it is settled. */
void	 tar_init(struct tar *, tar_entry_fn *, tar_data_fn *, void *arg);
void	 tar_free(struct tar *);
/*
 * The next bytes.  settled tells how many of all bytes may pass by now; what
 * lies behind them is part of a header that is not judged yet, no more than
 * TAR_META_MAX and a few blocks, or contents that are shown.  -1: a fault, or
 * an entry was refused; settled stays before it.
 */
int	 tar_feed(struct tar *, const uint8_t *, size_t);
/* No more bytes come; -1: not the end of an archive. */
int	 tar_finish(struct tar *);
/* How many bytes may come next that would be only counted. */
uint64_t tar_blind(const struct tar *);
/* They came, but not through tar_feed(): no more than tar_blind() of them. */
void	 tar_skip(struct tar *, uint64_t);
/* The name that the entry which is at fault goes by, as far as known. */
const char *tar_name(const struct tar *);

/* tar_head.c */

/* gzip, ...: what the engine would uncompress; NULL: nothing of that kind. */
const char *tar_compressed(const uint8_t *, size_t);
bool	 tar_head_empty(const uint8_t *);
/* NULL, or what is wrong with it. */
const char *tar_head_parse(const uint8_t *, struct tar_head *);

/* tar_pax.c */

/*
 * The records of a pax header, which may be written into.  Of a global one
 * nothing is taken, so it must not say anything that matters.  NULL, or what
 * is wrong with them.
 */
const char *tar_pax_parse(char *, size_t, bool global, struct tar_meta *);

#endif /* TAR_H */
