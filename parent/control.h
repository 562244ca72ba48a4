/* SPDX-License-Identifier: ISC */

/*
 * The socket of proxyctl(8).  Who may connect is root, by the mode of the
 * socket and by what the kernel says of the peer.  A request has a fixed
 * size; answers leave in pieces, and the next is made when the last one has
 * been taken, so that a slow reader holds up nobody but itself.
 */

#ifndef PARENT_CONTROL_H
#define PARENT_CONTROL_H

#include "../parent/parent.h"
#include "../proxyd/control.h"

/* What has become of a list that is told. */
enum step {
	STEP_MORE,		/* when what was queued has left */
	STEP_WAIT,		/* for control_wake() */
	STEP_DONE
};

/* One proxyctl that is connected. */
struct control {
	TAILQ_ENTRY(control) entry;
	struct parent	*parent;
	struct imsgbuf	 ib;
	struct event	 rev;
	struct event	 wev;
	unsigned int	 ticks;		/* without progress */
	bool		 asked;		/* its request came */
	bool		 over;		/* END was queued */
	bool		 reloads;	/* waits for that */
	uint32_t	 command;
	/* The next piece; NULL: there is none. */
	enum step	 (*step)(struct control *);
	/* where a list is */
	uint8_t		 bit;		/* ours in request.listed */
	unsigned int	 listener;	/* id, the last one told of; 0: none */
	uint32_t	 rule;		/* number of the next */
	uint64_t	 after;		/* imsg_client.since, or a number */
	unsigned int	 nclients;	/* told of this filter's */
	uint64_t	 until;		/* parent.ticks: to wait for a filter */
	uint64_t	 began;		/* parent.ticks: waits for a page */
	unsigned int	 waited;	/* ticks, for all of a filter */
	bool		 told;		/* all that it will tell */
	bool		 rest;		/* streams that it did not tell of */
	/* the engine, asked by check */
	struct event	 pev;
	int		 probe;		/* -1: none */
	uint64_t	 due;		/* msec, monotonic: its answer */
	size_t		 nheard;
	char		 heard[16];
};
TAILQ_HEAD(controls, control);

/* control.c */

/*
 * Before the confinement.  A socket that was asked for and cannot be made
 * ends the program; where it is the default one, that is only logged.
 */
void	 control_open(const struct config *);
void	 control_start(struct parent *);
/* Remove it. */
void	 control_close(void);
/* Once a second. */
void	 control_tick(struct parent *);
/* The new configuration is in force everywhere. */
void	 control_reloaded(void);
/* The filter is down. */
void	 control_lost(struct filter *);
/* Queue a record.  What cannot be queued ends the connection, later. */
void	 control_send(struct control *, enum ctl_type, const void *, size_t);
void	 control_text(struct control *, const char *, size_t);
void	 control_end(struct control *, enum ctl_result);
/* Something was queued from outside of step, or can be. */
void	 control_wake(struct control *);
void	 control_wake_all(void);

/* control_show.c: status, counters, rules. */

enum step show_status(struct control *);
enum step show_counters(struct control *);
enum step show_rules(struct control *);
/* The next filter behind control.listener, told of; NULL: there is none. */
struct filter *show_next(struct control *);

/* control_list.c: clients and streams. */

enum step list_clients(struct control *);
enum step list_streams(struct control *);
/* IMSG_CLIENTS.  0, or -1 with a static reason. */
int	 list_page(struct filter *, const struct imsg *, const char **why);
/* End a stream by its id; false: there is none. */
bool	 list_kill(struct parent *, uint64_t);

/* control_check.c: is all well? */

void	 check_start(struct control *);
void	 check_stop(struct control *);

#endif /* PARENT_CONTROL_H */
