/* SPDX-License-Identifier: ISC */

/*
 * The confined process: reads HTTP from clients, judges it, asks the parent
 * for what passed, and writes the answers.  One struct filter for the
 * process, one struct client for each connection, one struct exchange for
 * each request that is being read or answered.
 */

#ifndef FILTER_H
#define FILTER_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../filter/archive.h"
#include "../filter/http.h"
#include "../filter/lookup.h"
#include "../filter/path.h"
#include "../filter/policy.h"
#include "../filter/query.h"
#include "../imsg/imsg.h"
#include "../proxyd/proto.h"
#include "../proxyd/proxyd.h"
#include "../proxyd/reqid.h"
#include "../proxyd/stats.h"
#include "../proxyd/tracectx.h"

#define SCRATCH_SIZE	(64U * 1024)
#define ANSWER_HEAD_MAX	(64U * 1024)	/* the engine's answer head */
#define SWALLOW_MAX	(1024U * 1024)	/* of a refused request's body */
#define PATH_LOGGED	192		/* bytes kept for the log line */
#define SENT_LOGGED	64		/* and of the id that a client sent */
#define LINGER_SECS	3		/* for a client to read a refusal */
#define LINGER_MAX	60		/* while it still sends */
#define HALF_SECS	10	/* silence towards a half-closed client */
#define GATHER_MAX	32	/* inputs that one packet answers at most */
#define LAZY_MAX	64		/* messages that need not wake ... */
#define LAZY_USECS	50000		/* ... and how long they may wait */

struct filter;
struct client;

/* Bytes that wait: unread input, output not yet taken. Empty: no memory. */
struct buf {
	uint8_t		*data;
	size_t		 off;
	size_t		 len;
	size_t		 size;
};

/* What becomes of a request body. */
enum body_mode {
	BM_NONE,		/* there is none, or it is complete */
	BM_COLLECT,		/* into collect, to be judged */
	BM_PIPE,		/* to the parent */
	BM_SWALLOW		/* refused already: read and forget */
};

/* How the answer's body is framed. */
enum answer_mode {
	AM_HEAD,		/* its head is not complete yet */
	AM_NONE,
	AM_LENGTH,
	AM_CHUNKED,
	AM_CLOSE,		/* until the engine closes */
	AM_TUNNEL,		/* upgraded */
	AM_DONE
};

struct exchange {
	TAILQ_ENTRY(exchange) entry;	/* free list */
	const struct endpoint *ep;	/* NULL: refused before it was known */
	const struct rule *rule;
	struct profile	*profile;	/* that it was judged by */
	uint64_t	 start;		/* usec, monotonic */
	uint64_t	 serial;	/* second part of its name, reqid.h */
	uint64_t	 down;		/* bytes written to the client */
	uint64_t	 up;		/* body bytes from the client */
	uint64_t	 told_down;	/* of these, what count.c counted */
	uint64_t	 told_up;
	uint32_t	 id;		/* with the parent; 0: not asked */
	uint32_t	 libpod;	/* version, LIBPOD_VERSION() */
	uint16_t	 op;
	uint8_t		 minor;		/* API version */
	uint8_t		 http;		/* HTTP/1.x of the client */
	enum method	 method;
	bool		 keepalive;
	bool		 wants_upgrade;	/* the client asked for it */
	bool		 swap;		/* 101 becomes 200 */
	bool		 handed;	/* the parent pumps */
	bool		 logged;
	bool		 audited;	/* refusals by policy pass, logged */
	bool		 spared;	/* there was one */
	bool		 scrapes;	/* waits for metrics */
	uint8_t		 audits;	/* how many of them */
	int		 status;

	/* request body */
	bool		 unread;	/* announced, nobody took it yet */
	enum body_mode	 bmode;
	bool		 bchunked;
	bool		 bdrop;		/* is not for the engine */
	bool		 blarge;	/* its chunks are */
	uint64_t	 bleft;		/* of a body with a length */
	struct http_chunk bchunk;
	struct buf	 collect;
	struct archive	*archive;	/* judges what streams, or NULL */
	struct buf	 unsettled;	/* of it, and not judged yet */
	size_t		 cmax;
	uint8_t		*items;		/* kept while a body is collected */
	char		*held;		/* a judged body that waits, */
	size_t		 heldlen;
	struct guard	*guard;		/* for this */
	struct late	*late;		/* no verdict before its body */
	size_t		 itemslen;
	int		 pipe;		/* write end, -1: none */
	struct event	 pev;

	/* answer */
	enum answer_mode amode;
	bool		 reusable;
	bool		 begun;		/* the client has heard some of it */
	bool		 interim;	/* a 1xx came before */
	bool		 dechunk;	/* for an HTTP/1.0 client */
	uint64_t	 aleft;
	struct http_chunk achunk;
	struct buf	 ahead;		/* an incomplete head */
	size_t		 aseen;
	uint32_t	 uncredited;
	/* from here on not cleared for another request */
	char		 path[PATH_LOGGED];
	size_t		 pathlen;
	char		 trace[TRACE_ID_LEN + 1];	/* "": of none */
	char		 sent[SENT_LOGGED];	/* its client's own id */
	size_t		 sentlen;
	char		 name[REQID_MAX];	/* the client's to quote */
	size_t		 namelen;
};
TAILQ_HEAD(exchanges, exchange);

struct client {
	TAILQ_ENTRY(client) entry;
	struct filter	*filter;
	struct exchange	*x;		/* NULL: between requests */
	struct event	 rev;
	struct event	 wev;
	struct buf	 in;
	struct buf	 out;
	size_t		 seen;		/* of an incomplete head */
	time_t		 deadline;	/* monotonic seconds, 0: none */
	time_t		 until;		/* of lingering, at the latest */
	int		 fd;
	bool		 reading;	/* rev is added */
	bool		 eof;		/* the client says no more */
	bool		 closing;	/* when out is empty: linger */
	bool		 linger;	/* discard input until it closes */
	bool		 consuming;	/* client_consume() is at work */
	bool		 dead;		/* freed when this turn is over */
	bool		 former;	/* counted in filter.nformer */
	uint32_t	 admitted;	/* by which generation */
	struct lookup	*look;		/* NULL: nothing is looked up */
	uint64_t	 since;		/* usec, monotonic: accepted */
	struct peer	 peer;
	char		 name[56];	/* of the peer, for the log */
};
TAILQ_HEAD(clients, client);

struct slot {
	struct client	*client;
	uint32_t	 id;		/* the last one used */
};

struct filter {
	struct event_base *base;
	struct imsgbuf	 ib;
	struct event	 rev;
	struct event	 wev;
	struct event	 lev;
	struct event	 tick;
	struct event	 later;		/* lazy messages leave */
	struct profile	*profile;
	struct profile	*next;		/* being received */
	struct stats_page *page;	/* what is counted */
	struct limits	 limits;
	struct rule	*nextrule;	/* the last one received */
	struct conds	 from;		/* who may connect */
	struct conds	 nextfrom;
	uint64_t	 process;	/* first part of request ids */
	uint64_t	 serial;	/* of the last request */
	uint32_t	 generation;	/* in force */
	uint32_t	 nextgen;
	uint32_t	 count;		/* messages since CONF_BEGIN */
	uint32_t	 nformer;	/* clients whose request an older one
					   lets still ask the parent */
	enum listen_kind kind;
	bool		 explain;	/* one request, offline */
	bool		 records;	/* requests are logged by ACCESS ... */
	bool		 lines;		/* ... and have a line */
	bool		 metrics;	/* serves them only */
	bool		 asked;		/* the parent, for them */
	struct peer	 explained;	/* by whom */
	int		 listenfd;
	bool		 accepting;
	bool		 draining;
	bool		 retired;	/* the listener was removed */
	bool		 dirty;		/* something should leave now */
	unsigned int	 lazy;		/* messages that may wait */
	unsigned int	 turn;		/* inputs in this turn of the loop */
	unsigned int	 gathered;	/* ... since the last packet */
	time_t		 now;		/* monotonic seconds */
	struct clients	 clients;
	struct clients	 graveyard;
	size_t		 nclients;
	size_t		 maxclients;
	size_t		 canclients;	/* as descriptors allow */
	struct exchanges freelist;
	struct slot	 slots[REQUEST_SLOTS];
	uint16_t	 freeslots[REQUEST_SLOTS];
	size_t		 nfree;
	/* used within one call only */
	struct http_request http;
	struct http_response answer;
	struct path	 path;
	struct query_out query;
	char		 why[512];
	uint8_t		 scratch[SCRATCH_SIZE] __attribute__((aligned(8)));
	uint8_t		 head[SCRATCH_SIZE];
};

/* buf.c: bytes that wait. */

/* Append; 0, or -1: no memory. */
int	 buf_add(struct buf *, const void *, size_t);
/* Forget the first len bytes; memory goes when nothing is left. */
void	 buf_drop(struct buf *, size_t);
void	 buf_free(struct buf *);

/* conf.c: the policy from the parent. */

int	 conf_message(struct filter *, struct imsg *);
/*
 * Its request has asked the parent, or never will: when it was the last one
 * under a former policy the parent is told so, behind the REQUEST.
 */
void	 conf_settle(struct client *);

/* channel.c: messages from and to the parent. */

void	 channel_read(int, short, void *);
void	 channel_write(int, short, void *);
/* Queue; lazy: it need not leave before something else does. 0 or -1;
 * fd is taken in any case. */
int	 channel_send(struct filter *, enum imsg_type, uint32_t, int,
	    const struct iovec *, int, bool lazy);
void	 channel_flush(struct filter *);
/* A free id for the client, 0: none. */
uint32_t channel_id(struct filter *, struct client *);
/* The id ends, with DONE or ABORT. */
void	 channel_release(struct filter *, uint32_t, bool abort,
	    bool reusable);
/* The id ends, and the parent knows it already. */
void	 channel_forget(struct filter *, uint32_t);
/* The same of a record, see record.c. */
void	 channel_record(struct filter *, const struct iovec *, int,
	    int priority);
/* The log sink of this process. */
void	 channel_log(int, const char *, size_t);

/* accept.c: new connections. */

void	 client_accept(int, short, void *);
/*
 * Who is it?  Fills peer and name: address and port, or uid, pid and groups
 * behind a unix socket.  -1: no memory.
 */
int	 client_identify(struct client *, const struct sockaddr_storage *);
/* "listen on ... from": may it ask, under the policy in force? */
bool	 client_admitted(struct client *);
/* The same for a new connection; logged if not. */
bool	 client_welcome(struct client *);

/* explained.c: one request for "proxyd -n -t". */

int	 explained_message(struct filter *, struct imsg *);
/* The policy is here: begin. */
void	 explained_start(struct filter *);
/* The peer that EXPLAIN named, instead of what the socket says. */
int	 explained_identify(struct client *);
/* The verdict; without an exchange the client was not even read from. */
void	 explained_pass(const struct exchange *);
void	 explained_block(const struct exchange *, int, const char *);
/* What "mode audit" lets pass. */
void	 explained_audit(const char *);

/* client.c: connections. */

/* Takes the descriptor; NULL: one that is explained. */
void	 client_new(struct filter *, int, const struct sockaddr_storage *);
/* Close it; the struct itself stays, dead, until client_bury(). */
void	 client_free(struct client *);
void	 client_bury(struct filter *);
/* Read or not; a client that is not read from is under back-pressure. */
void	 client_reading(struct client *, bool);
/* Close once everything is written. */
void	 client_close(struct client *);
/* It says no more while a request of it is under way. */
void	 client_half(struct client *);
/* Go on with what was read. */
void	 client_process(struct client *);
void	 client_tick(struct filter *);

/* drain.c: the end of a listener. */

/* Stop accepting; close who has nothing to wait for. */
void	 client_drain(struct filter *);
/* The same for a listener that was removed: streams go on. */
void	 client_retire(struct filter *);

/* output.c: bytes for clients. */

/* Write now what the kernel takes, keep the rest. -1: the client is dead. */
int	 client_write(struct client *, const struct iovec *, int);
void	 client_writable(int, short, void *);

/* exchange.c: one request, from its head to its end. */

/* Bytes consumed; 0: more are needed. */
size_t	 exchange_head(struct client *, const char *, size_t);
void	 exchange_free(struct client *);
/* Refuse: answer, log, and get rid of the body that may follow. */
void	 exchange_refuse(struct client *, int, const char *);
/* The answer is complete: log, tell the parent, next request or close. */
void	 exchange_done(struct client *);
/* A head or a body that does not become complete. */
void	 exchange_timeout(struct client *);

/*
 * The facts of a request and what its rules say: exchange.rule, unless *need
 * tells what must be looked up first.  -1: refused.
 */
int	 exchange_rules(struct client *, struct facts *, enum need *);
/* The rule that decided lets it pass, or it is audited.  -1: refused. */
int	 exchange_verdict(struct client *);
/* The container of that name, if it was looked for, is there.  -1: refused. */
int	 exchange_found(struct client *, const char *, size_t);

/* target.c: a container that the path does not name. */

/* The one in the query, without a slash; NULL: none, or several. */
const char *target_query(const struct client *, size_t *);
/* Behind query_judge(): the full id in place of it, if it was looked up. */
void	 target_pin(struct client *);
/* The verdict waits for the body; -1: no memory. */
int	 target_wait(struct client *);
/* Here is the body. */
void	 target_body(struct client *, const char *, size_t);
/* The look-up is over. */
void	 target_known(struct client *);
void	 target_free(struct exchange *);

/* announce.c: the request body that a head announces. */

/* What becomes of it. 0, or -1: refused. */
int	 upload_begin(struct client *);
/* Why more than exchange.cmax is refused, and the status. */
const char *upload_too_long(const struct endpoint *, int *);

/* upload.c: request bodies on their way. */

/* Bytes consumed; 0: not now. */
size_t	 upload_data(struct client *, const char *, size_t);
/* A pipe to the parent: returns its read end, -1: none to be had. */
int	 upload_pipe(struct client *);
void	 upload_stop(struct exchange *);
/* Is all of the body here, though perhaps not forwarded yet? */
bool	 upload_complete(const struct exchange *);
/*
 * Move what the socket has without looking.  Bytes moved, 0: there is no
 * more to be done now, -1: it must be read.
 */
ssize_t	 upload_splice(struct client *);
/* How much should be read at once. */
size_t	 upload_room(const struct client *);
/*
 * Judged bytes go to the parent; what its pipe does not take is kept.  False:
 * the exchange took another turn.
 */
bool	 upload_pass(struct client *, const struct iovec *, int);
/* Is a chunked body on its way, and can more of it be taken? */
bool	 upload_goes_on(const struct client *);

/* guard.c: what must be known behind the verdict. */

struct guard;

/* Must the container that its request is about be looked up? */
bool	 guard_wants(const struct client *);
/*
 * A body was judged, or there is none: is there more to be asked?  False: it
 * may go on.  True: it waits, and ask_go() follows, or it was refused.
 */
bool	 guard_body(struct client *);
bool	 guard_start(struct client *);
/* Answers of lookup.c. */
void	 guard_object(struct client *, bool found, const char *, size_t);
void	 guard_checked(struct client *, const struct imsg_checked *);
void	 guard_failed(struct client *, int status);
void	 guard_free(struct exchange *);

/* ask.c: the message that asks the parent. */

/*
 * Take the request apart, without its body, into filter.head.  0; -1 with a
 * status and a static reason: too long, or bytes that the parent would not
 * print.
 */
int	 ask_items(struct client *, const struct ep_match *, int *,
	    const char **);
/* Keep them while the body is collected; -1: no memory. */
int	 ask_keep(struct client *);
/* The first argument of the path among them, malloc()ed; NULL: no memory. */
char	*ask_argument(const struct client *);
/* Another one in its place; they are kept.  -1: no memory, or no room. */
int	 ask_rename(struct client *, const char *);
/* The body is whole (len may be 0): judge it and ask. */
void	 ask_judged(struct client *, const char *, size_t);
/* Nothing keeps the request any more: ask, with exchange.held as body. */
void	 ask_go(struct client *);
/*
 * Ask for an inspect of our own, by the name of the operation and its
 * argument.  Its id, or 0: too much under way, or not an argument.
 */
uint32_t ask_lookup(struct client *, const char *, const char *, size_t);
/* Ask for a request whose body comes through a pipe, or has none. */
void	 ask_stream(struct client *, enum body_kind, uint64_t);

/* answer.c: what the engine says. */

void	 answer_data(struct client *, const uint8_t *, size_t);
void	 answer_end(struct client *, const struct imsg_end *);
void	 answer_refused(struct client *, const struct imsg_refused *);
/* "timeout answer" has passed. */
void	 answer_silent(struct client *);
/* Output was taken: credit, or hand the client over. */
void	 answer_drained(struct client *);

/* answer_head.c: its head. */

/*
 * Print it; the last argument: all of the body came with it.  Bytes written,
 * or -1: it does not fit.
 */
int	 answer_head(struct client *, char *, size_t, bool);

/* upload_archive.c: archives that are judged while they stream. */

/* Before the parent is asked: is this one to be judged?  -1: no memory. */
int	 upload_watch(struct client *);
/* Body bytes, bare.  False: the exchange took another turn. */
bool	 upload_judged(struct client *, const struct iovec *, int);
/* That was all of them; likewise. */
bool	 upload_judged_end(struct client *);
/* All of a body that nobody will get: it is explained. */
void	 upload_explained(struct client *, const char *, size_t);
void	 upload_unwatch(struct exchange *);

/* reply.c: answers of our own. */

/* Docker's error form; ends the exchange.  close: and the connection. */
void	 reply_error(struct client *, int, const char *, bool close);
int	 reply_continue(struct client *);
const char *reply_phrase(int);
/* Why the parent did not ask the engine; until the next call. */
const char *reply_refusal(const struct imsg_refused *, int *status);
const char *reply_connection(const struct exchange *);

/* access.c: one line for each request. */

void	 access_log(struct client *, const char *);
/* What would have been refused, and why. */
void	 access_audit(struct client *, const char *);
/* Between the two, each refusal by query or body of an audited request. */
void	 access_audit_begin(struct client *);
void	 access_audit_end(void);

uint64_t filter_usec(void);

#endif /* FILTER_H */
