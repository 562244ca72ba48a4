/* SPDX-License-Identifier: ISC */

/*
 * "proxyd -n -t": one request, explained.  The filter is the real one, and
 * so is all of the parent between its channel and the engine; only the
 * client and the engine are played here.
 */

#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdio.h>

#include "../parent/parent.h"

#define ENGINES_MAX	8	/* connections: look-ups, then the request */
#define GROUPS_MAX	64	/* of -s */

/* Bytes, malloc()ed. */
struct bytes {
	char		*data;
	size_t		 len;
};

/* A piece of some. */
struct piece {
	const char	*base;
	size_t		 len;
};

/* One connection to what is there in place of the engine. */
struct engine {
	struct explain	*ex;
	struct event	 rev;
	struct event	 wev;
	int		 fd;		/* our end */
	int		 given;		/* the other; -1: not yet asked for */
	int		 spare;		/* the other, until it is */
	struct bytes	 in;		/* what arrived */
	struct bytes	 out;		/* an answer */
	size_t		 off;		/* of out */
};

struct explain {
	struct parent	*parent;
	struct filter	*filter;
	const struct explain_options *opt;
	const struct profile *profile;
	/* the client */
	struct imsg_explain peer;
	uint32_t	 groups[GROUPS_MAX];
	char		 who[256];	/* -s, or what stands for it */
	char		 asker[128];	/* the container that asks, or "" */
	bool		 assumed;	/* it was not given */
	int		 client;	/* our end */
	int		 clientend;	/* the filter's, until sent */
	struct event	 crev;
	struct event	 cwev;
	struct bytes	 out;		/* the request as it was put */
	size_t		 off;		/* of out */
	bool		 closed;	/* by the filter */
	/* the engine */
	struct engine	 engines[ENGINES_MAX];
	struct bytes	 inspect;	/* -c */
	struct bytes	 request;	/* that would have reached it */
	/* what was found out */
	struct event	 tick;
	unsigned int	 ticks;
	bool		 passed;
	bool		 blocked;
	bool		 done;
	struct imsg_trace verdict;
	char		*why;		/* of a block */
	FILE		*lines;		/* fields and look-ups */
	struct bytes	 text;		/* of it */
};

/* explain.c */

/* Is there no verdict, as a container could not be looked up? */
bool	 explain_failed(const struct explain *);

/* explain_client.c */

/* -s, if it was given, into ex->peer.  -1: err says why. */
int	 explain_peer(struct explain *, char *err, size_t errlen);
/* Without -s: as the socket of the listener would say of who runs us. */
void	 explain_assume(struct explain *, const struct listener *);
/* The bytes of the request, from -t, -H and -b. -1: err says why. */
int	 explain_compose(struct explain *, char *err, size_t errlen);
/* A whole file, "-" is standard input. -1: err says why. */
int	 explain_read(const char *, struct bytes *, char *err, size_t errlen);
/* Connect; the filter gets its end with EXPLAIN. */
void	 explain_connect(struct explain *);

/* explain_engine.c */

/* Connections are made before the parent is confined. */
void	 explain_engines(struct explain *);
/* Look at what arrived; true: ex->request is whole. */
bool	 explain_arrived(struct explain *);

/* explain_inspect.c */

/*
 * The object of that Id (or its beginning) or Name in what docker inspect
 * printed; -1: there is none.  Pure.
 */
int	 inspect_find(const struct bytes *, const char *name,
	    struct piece *object);
/* A member of it that is a string, as it stands there. 0 or -1.  Pure. */
int	 inspect_member(const struct piece *object, const char *key,
	    struct piece *value);

/* explain_print.c */

/* A line for a judged field. */
void	 explain_field(struct explain *, const struct imsg_trace *,
	    const char *field, const char *text);
/* All of it, to standard output; -1 with errno. */
int	 explain_print(struct explain *);

#endif /* EXPLAIN_H */
