/* SPDX-License-Identifier: ISC */

/*
 * The stub engine's connection and what it is going to answer.
 */

#ifndef STUB_H
#define STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum framing {
	FRAME_LENGTH,
	FRAME_CHUNKED,
	FRAME_CLOSE
};

/* What an answer is made of. */
enum kind {
	KIND_TEXT,		/* text, whole */
	KIND_SIZE,		/* size bytes, generated */
	KIND_TICK,		/* a line every so many ms, count of them */
	KIND_RAW,		/* a file's bytes, head included */
	KIND_ECHO,		/* 101 (or 200), then what comes goes back */
	KIND_HANG		/* nothing, ever */
};

struct plan {
	enum kind	 kind;
	enum framing	 framing;
	int		 status;
	const char	*type;		/* Content-Type */
	const char	*text;
	char		 raw[256];	/* path */
	uint64_t	 size;		/* of a generated body, bytes */
	uint64_t	 count;		/* lines of KIND_TICK, 0: no end */
	uint64_t	 cut;		/* close after so many bytes */
	uint64_t	 delay;		/* ms before the head */
	uint64_t	 interval;	/* ms between pieces */
	uint64_t	 chunk;		/* bytes of one piece */
	int		 early;		/* answer before the body is read */
	int		 close;		/* and close afterwards */
	int		 noread;	/* leave the request body unread */
	int		 pattern;	/* 0, 1, ... 250, 0: not zeros */
	int		 frames;	/* lines in Docker's 8-byte frames */
};

#define CANNED_ID \
	"4f1c0de4f1c0de4f1c0de4f1c0de4f1c0de4f1c0de4f1c0de4f1c0de4f1c0de0"

#define IN_MAX		65536
#define BODY_KEEP	512		/* bytes of a body worth a look */
#define MS		1000000ULL	/* nanoseconds */

enum chunk_state {
	CK_SIZE,
	CK_DATA,
	CK_END,			/* the CRLF behind the data */
	CK_TRAILER
};

struct conn {
	int			 fd;
	int			 record;	/* -1: not recording */
	unsigned int		 num;
	uint32_t		 events;	/* as epoll knows them */
	bool			 eof;
	/* the request */
	bool			 head, whole;	/* head read, body read */
	bool			 keep, chunked, headonly, upgrade;
	enum chunk_state	 ck;
	uint64_t		 left;
	size_t			 line;
	char			 body[BODY_KEEP + 1];
	size_t			 bodylen;
	/* the answer */
	struct plan		 plan;
	bool			 begun, done;
	uint64_t		 due;		/* ns, when to go on */
	uint64_t		 made, sent;
	char			*out;
	size_t			 outlen, outoff, outsize;
	size_t			 inlen;
	char			 in[IN_MAX];
};

/* Fill in the plan for a method and a path without version prefix. */
void	 canned_find(const char *method, const char *path, const char *query,
	    struct plan *);
/* Does the script say something else about it? */
void	 script_find(const char *file, const char *method, const char *path,
	    struct plan *);

/* Start the answer, and go on with it once what was queued is out. */
void	 answer_begin(struct conn *);
void	 answer_more(struct conn *);
void	 put(struct conn *, const void *, size_t);

/* CLOCK_MONOTONIC, nanoseconds. */
uint64_t now(void);

#endif /* STUB_H */
