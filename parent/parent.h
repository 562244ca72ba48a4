/* SPDX-License-Identifier: ISC */

/*
 * The privileged process: owns the way to the engine's socket, reads no
 * byte of what it moves.  One struct parent for the process, one struct
 * filter for each child, one struct request for each id in flight, one
 * struct conn for each connection to the engine.
 */

#ifndef PARENT_H
#define PARENT_H

#include <sys/types.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../imsg/imsg.h"
#include "../proxyd/proto.h"
#include "../proxyd/proxyd.h"
#include "../proxyd/reqid.h"
#include "../proxyd/sandbox.h"
#include "../proxyd/stats.h"

#define LOG_USECS	20000	/* a line of the log waits at most */
#define LOG_BYTES	16384	/* ... or for so much to be written at once */
#define GATHER_MAX	32	/* inputs that one packet answers at most */
#define TICK_SECS	1
#define RESTART_MAX	10	/* of one filter ... */
#define RESTART_SECS	60	/* ... within this time */
#define START_SECS	10	/* for a filter to become ready, or to take
				   another policy */
#define DRAIN_SECS	5	/* after SIGTERM */
#define IDLE_MAX	64	/* pooled connections kept in any case */
#define IDLE_TICKS	15	/* a pooled connection is kept */
#define CONNECT_TICKS	5	/* while the engine's queue is full */
#define WAITING_MAX	1024	/* requests of one filter meanwhile */
#define FDS_OWN		128	/* descriptors that requests do not get */
#define QUEUE_HIGH	16	/* packets to a filter: what can wait, does */
#define FDS_PUMP	5	/* a client, and a pipe each way */
/* every byte percent-encoded, names of keys and headers besides */
#define HEAD_MAX	(3U * REQUEST_TEXT_MAX + 16384U)
#define SPLICE_MAX	(256U * 1024)	/* one turn of a stream at most */
#define PIPE_SIZE	(256 * 1024)
#define SPARE_PAGES	16	/* counters of listeners that a reload adds */

struct request;
struct filter;
struct explain;
struct control;

/* Bytes that the kernel did not take yet. */
struct wbuf {
	uint8_t		*data;
	size_t		 off;
	size_t		 len;
};

/* A connection to the engine: at work for one request, or idle. */
struct conn {
	TAILQ_ENTRY(conn) entry;	/* of filter.idle */
	struct filter	*filter;
	struct request	*req;		/* NULL: idle */
	struct event	 rev;
	struct event	 wev;
	int		 fd;
	unsigned int	 idle;		/* ticks */
	bool		 reused;
	bool		 reading;	/* rev is added */
};
TAILQ_HEAD(conns, conn);

/* A request body that comes through a pipe. */
struct body {
	int		 fd;		/* read end; -1: none or done */
	struct event	 ev;
	enum body_kind	 kind;
	uint64_t	 left;		/* LENGTH: of the body; CHUNKED: of
					   the chunk */
	bool		 started;	/* a chunk was written before */
	bool		 end;		/* BODYEND came */
	unsigned int	 eof;		/* the pipe ended: ticks since */
};

/* One direction of a pump. */
struct flow {
	struct request	*req;
	struct event	 rev;		/* from is readable */
	struct event	 wev;		/* to is writable */
	int		 from;		/* not ours: conn's or client's */
	int		 to;
	int		 pipe[2];	/* -1: nothing is under way */
	size_t		 inpipe;	/* bytes */
	uint64_t	 total;
	bool		 bulk;		/* splice rather than copy */
	bool		 eof;
	bool		 done;
	bool		 discard;	/* nobody reads: throw away */
};

/* The client of a stream that the filter handed over. */
struct pump {
	int		 client;
	struct flow	 up;		/* upgraded streams only */
	struct flow	 down;
	bool		 upgraded;
	unsigned int	 linger;	/* ticks since the engine ended */
};

struct request {
	TAILQ_ENTRY(request) entry;	/* of filter.reqs, or parent.free */
	struct filter	*filter;
	struct conn	*conn;		/* NULL: waiting for one, or ended */
	struct pump	*pump;		/* after HANDOVER */
	const struct endpoint *ep;
	struct wbuf	 out;		/* for the engine */
	struct body	 body;
	uint8_t		*replay;	/* the head, until the first answer */
	size_t		 replaylen;
	uint32_t	 id;
	uint64_t	 serial;	/* second part of what it is called,
					   reqid.h; 0: a look-up */
	uint32_t	 inflight;	/* DATA bytes without CREDIT */
	unsigned int	 wait;		/* ticks without a connection */
	bool		 poolable;
	bool		 waiting;	/* for a connection */
	bool		 answered;	/* a byte of the answer came */
	bool		 upgrade;	/* asked for */
	bool		 upgraded;	/* 101 came */
	bool		 ended;		/* END was sent */
	uint8_t		 listed;	/* told of in the lists under way:
					   control.bit */
	unsigned int	 magic;		/* bytes of "HTTP/1.1 101" seen */
	unsigned int	 nfds;		/* counted in filter.nfds */
	uint64_t	 number;	/* as proxyctl names it */
	uint64_t	 up;		/* bytes, those of the pump apart */
	uint64_t	 down;
	uint64_t	 began;		/* parent.ticks */
	uint64_t	 moved;		/* parent.ticks: when a byte did */
};
TAILQ_HEAD(requests, request);

enum filter_state {
	FILTER_DOWN,		/* no process; restarts at the next tick */
	FILTER_START,		/* HELLO was sent */
	FILTER_CONF,		/* READY came, configuration was sent */
	FILTER_RUN,
	FILTER_MAX
};

/* What a filter may ask for; see grant.c. */
struct grant {
	struct opset	 now;		/* under the policy in force */
	bool		 unjudged;	/* dangerous keys may be printed */
	bool		 peer;		/* whose container asks: its rules do */
	uint32_t	 secs;		/* that a body may take */
	bool		 changing;	/* the filter has not confirmed it */
	struct opset	 any;		/* and under those not given up yet */
	bool		 any_unjudged;
	bool		 any_peer;
	time_t		 until[EP_MAX];	/* monotonic; of those not in now */
	time_t		 until_unjudged;
	time_t		 until_peer;
};

/* Memory that one filter shares with us; see stats.c. */
struct page {
	TAILQ_ENTRY(page) entry;	/* of parent.pages */
	struct stats_page *map;
	int		 fd;
};
TAILQ_HEAD(pages, page);

struct filter {
	TAILQ_ENTRY(filter) entry;
	struct parent	*parent;
	struct listener	*listener;	/* of parent.conf; its own: retired */
	enum filter_state state;
	pid_t		 pid;
	struct imsgbuf	 ib;
	struct event	 rev;
	struct event	 wev;
	struct grant	 grant;
	uint64_t	 process;	/* first part of its request ids */
	uint32_t	 sent;		/* generation of its configuration */
	uint32_t	 confirmed;	/* generation in force there */
	bool		 settled;	/* and none before it */
	bool		 stale;		/* it should have a newer one */
	unsigned int	 lag;		/* ticks without the newest in force */
	bool		 retired;	/* the listener was removed */
	bool		 dirty;		/* something is queued to it */
	bool		 failed;	/* a message could not be queued */
	bool		 starved;	/* requests wait for the queue */
	bool		 backoff;	/* could not be started: next tick */
	struct control	*lister;	/* whom its clients are told of */
	bool		 listing;	/* and it was asked for them */
	bool		 asked;		/* whether it is alive */
	bool		 answered;	/* since the watchdog's last beat */
	uint32_t	 nconf;		/* messages since CONF_BEGIN */
	struct page	*page;		/* what it counts; NULL: unseen */
	size_t		 nfds;		/* descriptors its requests take */
	size_t		 maxfds;	/* its share of ours */
	size_t		 nwaiting;	/* requests without a connection */
	struct request	**slots;	/* by REQUEST_SLOT(id) */
	size_t		 nslots;	/* allocated */
	struct requests	 reqs;
	size_t		 nreqs;
	size_t		 peak;		/* of nreqs, lately */
	struct conns	 idle;		/* last used first */
	size_t		 nidle;
	unsigned int	 ticks;		/* in this state */
	time_t		 restarts[RESTART_MAX];
	unsigned int	 nrestarts;
};
TAILQ_HEAD(filters, filter);

struct parent {
	struct event_base *base;
	struct config	*conf;
	char *const	*defs;		/* "name=value" of -D */
	struct event	 sigterm;
	struct event	 sigint;
	struct event	 sighup;
	struct event	 sigchld;
	struct event	 tick;
	struct event	 retry;
	struct event	 log;		/* gathered lines leave */
	struct filters	 filters;
	struct requests	 freereqs;
	struct sandbox_user user;
	enum log_level	 loglevel;	/* of the configuration */
	rlim_t		 nofile;	/* descriptors we may have */
	int		 filterfd;	/* the program, opened once */
	int		 nullfd;
	uint32_t	 hello;		/* enum hello_flag */
	struct explain	*explain;	/* NULL: a daemon */
	/* a connection in place of the engine's; NULL: connect(2) */
	int		 (*engine)(struct parent *);
	struct pages	 pages;		/* spare */
	struct counts	 gone;		/* of filters that are no more */
	struct stats_total total;	/* ours, as far as it only grows */
	uint64_t	 ticks;		/* since the start */
	uint64_t	 number;	/* of the last request */
	uint64_t	 looked;	/* ticks + 1 at stats_look() */
	bool		 said_landlock;
	size_t		 waiting;	/* requests without a connection */
	unsigned int	 drain;		/* ticks + 1 since SIGTERM */
	uint32_t	 generation;	/* of conf */
	bool		 reloading;	/* not in force everywhere */
	unsigned int	 lastid;	/* of a listener */
	unsigned int	 turn;		/* inputs in this turn of the loop */
	unsigned int	 gathered;	/* ... since the last packets */
	unsigned int	 calm;		/* turns of pumps since a request */
	size_t		 nreplays;	/* spare heads */
	uint8_t		*replays[64];
	size_t		 npipes;	/* spare pipes */
	int		 pipes[8][2];
	uint8_t		 scratch[HEAD_MAX];
};

/* parent.c */

/* The root directory of the filters: made if missing. */
void	 parent_chroot(const struct config *);

/* explain.c: besides explain_run(), called by main(). */

/* IMSG_EXPLAIN in place of the listener. 0, or -1. */
int	 explain_configure(struct filter *);
/* As peer_container(), of the container that -s names. */
bool	 explain_asker(struct filter *, char id[65]);
/* A path of IMSG_PATHS: only says that nobody looked. */
void	 explain_path(struct filter *, const char *);
/* IMSG_TRACE. 0, or -1 with a static reason. */
int	 explain_trace(struct filter *, struct imsg *, const char **why);

/* Each filter has the same share of the descriptors that we may open. */
void	 parent_shares(struct parent *);
time_t	 parent_now(void);	/* monotonic seconds */

/* reload.c: SIGHUP. */

/*
 * Read the configuration file again.  What is wrong with it is logged, and
 * leaves everything as it was: -1.  0: it is on its way to the filters.
 */
int	 reload(struct parent *);
/* Say so when every filter has the new policy. */
void	 reload_check(struct parent *);

/* listen.c: sockets for all listeners. */

/*
 * Open what is not open yet.  0, or -1 with a message in err; opened sockets
 * are in listener.fd, those before the one that failed included.
 */
int	 listen_open(struct config *, char *err, size_t errlen);
/* Close them and remove unix sockets from the file system. */
void	 listen_close(struct config *);
void	 listen_remove(struct listener *);
/* A unix socket for packets, which was not open; 0, or -1 with errno. */
int	 listen_packets(struct listener *);
/*
 * Stop listening at once, whoever else has the socket, and keep the address;
 * listen_again() takes it back.
 */
void	 listen_pause(const struct listener *);
int	 listen_again(const struct listener *);
/* Give an open unix socket the owner, group and mode that the listener has
   now. 0, or -1 with errno. */
int	 listen_change(const struct listener *);

/* spawn.c: filter processes. */

/* Start one process for f; 0, or -1 (logged). */
int	 spawn_filter(struct filter *);

/* configure.c: the policy on its way to a filter. */

/*
 * Queue the whole configuration of its listener; fresh: the process has
 * none yet, and gets the listening socket.  0, or -1 (logged).
 */
int	 configure_send(struct filter *, bool fresh);

/* filter.c: what happens to a child. */

struct filter *filter_new(struct parent *, struct listener *);
/* End it: its requests and connections are closed, its channel too. */
void	 filter_down(struct filter *);
/*
 * Its listener is gone, and belongs to the filter from now on: no new
 * request, no new process; it ends with its last stream.
 */
void	 filter_retire(struct filter *);
/* Forget one that is down and waited for. */
void	 filter_free(struct filter *);
/* Send the newest configuration, if it lacks that and can take it now. */
void	 filter_update(struct filter *);
void	 filter_tick(struct filter *);
/* Queue a message; a full or broken channel ends the filter at the next
 * flush. fd is taken in any case. */
void	 filter_send(struct filter *, enum imsg_type, uint32_t, int,
	    const void *, size_t);
/* Send what is queued, once for each turn of the loop. */
void	 filter_flush(struct filter *);
void	 filter_read(int, short, void *);
void	 filter_write(int, short, void *);

/* dispatch.c: the table of messages accepted from a filter. */

/* 0, or -1: the filter broke the protocol (why is a static text). */
int	 dispatch(struct filter *, struct imsg *, const char **why);

/* ceiling.c: pure checks of a REQUEST. */

struct asked {
	const struct endpoint *ep;
	struct imsg_request rq;
	const uint8_t	*items;		/* unaligned struct imsg_item + text */
	const uint8_t	*body;		/* inline body, rq.body_len bytes */
	bool		 late;		/* not granted any more: refuse */
};
/*
 * Is this request within the ceiling, well formed, and printable?  0 with
 * *asked filled in (pointing into data); -1 with a static reason.
 */
int	 ceiling_check(const struct opset *, bool unjudged,
	    const uint8_t *data, size_t len, bool hasfd, struct asked *,
	    const char **why);

/* grant.c: the ceiling of a filter, across reloads. Pure. */

/* A new process, which knows this policy only. */
void	 grant_set(struct grant *, const struct profile *);
/* Another policy, NULL: none at all; now in monotonic seconds. */
void	 grant_change(struct grant *, const struct profile *, time_t now);
/* The filter knows no other policy than that of now. */
void	 grant_settle(struct grant *);
/* As ceiling_check(), and sets asked->late. */
int	 grant_check(const struct grant *, time_t now, const struct imsg *,
	    struct asked *, const char **why);
/* May it ask for the container of a peer?  0, or -1; *late as above. */
int	 grant_peer(const struct grant *, time_t now, bool *late);

/* head.c: the only printer of HTTP towards the engine. Pure. */

/* Bytes printed into buf; -1: it did not fit. */
ssize_t	 head_print(const struct asked *, char *, size_t);

/* refusal.c */

/* What the filter is told of an errno of docker_get().  Pure. */
enum refusal refusal_of(int);

/* request.c */

int	 request_start(struct filter *, uint32_t, const struct asked *,
	    int bodyfd, const char **why);
struct request *request_find(struct filter *, uint32_t);
/* Close everything of it and forget the id; conn is pooled if keep. */
void	 request_free(struct request *, bool keep);
/* The engine's side is over: tell the filter, keep the id. */
void	 request_end(struct request *, enum end_reason);
void	 request_refuse(struct request *, enum refusal, int);
void	 request_tick(struct request *);
/* Try again. False: the engine's queue is still full. */
bool	 request_connected(struct request *);
/* Count n descriptors more; false: the filter has had its share. */
bool	 request_fds(struct request *, unsigned int);
void	 request_readable(struct request *);
void	 request_credit(struct request *, uint32_t);

/* output.c: bytes for the engine. */

/* Write; what is not taken is kept. -1: the engine reads no more. */
int	 request_write(struct request *, const void *, size_t);
int	 request_send(struct request *, const struct iovec *, int);
/* Keep without trying. -1: no memory. */
int	 request_queue(struct request *, const void *, size_t);
void	 request_writable(struct request *);

/* docker.c: connections to the engine. */

/* An idle or a new connection; NULL with errno, EAGAIN: try again later. */
struct conn *docker_get(struct filter *, bool pooled, bool probe);
/* A connection that asks for nothing; -1 with errno. */
int	 docker_probe(struct parent *);
void	 docker_put(struct conn *);
void	 docker_close(struct conn *);
void	 docker_read(struct conn *, bool);
void	 docker_tick(struct filter *);

/* stats.c: what is counted. */

/* Before the limits: pages for n filters and those that a reload adds. */
void	 stats_open(struct parent *, size_t);
/* A page for a new filter, and back when it is no more. */
void	 stats_take(struct filter *);
void	 stats_give(struct filter *);
/* The engine was tried; an errno, or 0. */
void	 stats_engine(struct parent *, int);
enum stats_engine stats_error(int);
/* All of it. */
void	 stats_sum(struct parent *, struct stats_total *);
/* Is it a request without a bound in time? */
bool	 stats_stream(const struct request *);

/* body.c: from the pipe to the engine. */

void	 body_start(struct request *);
/* BODYEND came: the filter says that a chunked body is whole. */
void	 body_end(struct request *);
void	 body_run(struct request *);
void	 body_close(struct request *);

/* peer.c: the container of a client. */

/*
 * The full id of the container that the process at the other end of a unix
 * socket runs in, "" if in none; the connection was accepted age microseconds
 * ago.  False: it has gone, or the kernel does not say.
 */
bool	 peer_container(int client, uint64_t age, char id[65]);
/* Of the text of /proc/pid/cgroup, cgroups(7).  Pure. */
bool	 peer_cgroup(const char *, char id[65]);

/* pump.c: blind bytes. */

/* Takes client in any case. 0, or -1 when it could not start. */
int	 pump_start(struct request *, int client, const void *, size_t);
void	 pump_free(struct request *);
/* What was queued for the engine has left. */
void	 pump_writable(struct request *);
void	 pump_tick(struct request *);

#endif /* PARENT_H */
