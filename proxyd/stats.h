/* SPDX-License-Identifier: ISC */

/*
 * What is counted.  Each filter writes one page of memory that it shares with
 * the parent, so that counting takes no system call and outlives the filter.
 * To the parent these are numbers of a process that may lie: it adds them up
 * and shows them, and decides nothing by them.
 */

#ifndef STATS_H
#define STATS_H

#include <assert.h>
#include <stdint.h>

#include "../proxyd/endpoint.h"
#include "../proxyd/verdict.h"

/* Why we answered ourselves. */
enum stats_refusal {
	REFUSAL_HTTP,		/* not HTTP as it should be, too long, late */
	REFUSAL_OPERATION,	/* no operation, or not for this client */
	REFUSAL_RULE,		/* a rule, or that none passes it */
	REFUSAL_CONTENT,	/* the query or the body */
	REFUSAL_MISSING,	/* 404: what the rules ask about */
	REFUSAL_ENGINE,		/* 502: it was not reached, or broke off */
	REFUSAL_CAPACITY,	/* 503: too much under way, or shutting down */
	REFUSAL_MAX
};

/* Durations are kept apart by what they depend on. */
enum stats_kind {
	KIND_READ,
	KIND_WRITE,
	KIND_STREAM,		/* EPF_STREAM, EPF_BULK, upgrades */
	KIND_MAX
};

/* Rows of the endpoint table; the last is for what is none. */
#define STATS_OPS	(EP_MAX + 1)
#define STATS_NO_OP	EP_MAX
#define STATS_BUCKETS	16	/* of durations, the last has no bound */
#define STATS_RULES	1024	/* rules of a profile that are counted */

/* Upper bounds of the buckets but the last, microseconds. */
#define STATS_BOUNDS	{ 500, 1000, 2500, 5000, 10000, 25000, 50000, \
	100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, \
	60000000 }

/* What only grows.  Nothing but numbers of 64 bits: stats_add() sums them. */
struct counts {
	uint64_t	request[STATS_OPS][VERDICT_MAX];
	uint64_t	refusal[REFUSAL_MAX];
	uint64_t	bucket[KIND_MAX][STATS_BUCKETS];
	uint64_t	usecs[KIND_MAX];
	uint64_t	up;		/* bytes of bodies, client to engine */
	uint64_t	down;
	uint64_t	accepted;	/* connections */
	uint64_t	denied;		/* connections of no client */
	uint64_t	audited;	/* refusals that audit let pass */
	uint64_t	lost;		/* lines of the log */
};
_Static_assert(sizeof(struct counts) % sizeof(uint64_t) == 0, "counts");

struct stats_rule {
	uint64_t	evaluated;
	uint64_t	matched;
};

/* The page of one filter. */
struct stats_page {
	uint32_t	 generation;	/* of the policy that rule[] counts */
	uint32_t	 clients;	/* connected now */
	struct counts	 counts;
	struct stats_rule rule[STATS_RULES];
};

/* The engine, when last tried. */
enum stats_engine {
	ENGINE_UP,
	ENGINE_MISSING,		/* no socket */
	ENGINE_REFUSED,		/* nobody listens */
	ENGINE_DENIED,		/* no permission */
	ENGINE_BUSY,		/* its queue is full */
	ENGINE_SILENT,		/* it accepts, and says nothing */
	ENGINE_STRANGE,		/* it says what is not HTTP */
	ENGINE_ERROR,		/* anything else */
	ENGINE_MAX
};

/* All filters together, and what the parent knows besides. */
struct stats_total {
	uint64_t	 started;	/* seconds since the epoch */
	uint64_t	 uptime;	/* seconds */
	uint64_t	 generation;	/* of the configuration, from 1 */
	uint64_t	 reloads;	/* that came into force */
	uint64_t	 reload_errors;
	uint64_t	 listeners;
	uint64_t	 serving;	/* filters that are ready */
	uint64_t	 restarts;	/* of filters */
	uint64_t	 clients;	/* connected now */
	uint64_t	 requests;	/* under way with the engine */
	uint64_t	 streams;	/* of these, without a bound in time */
	uint64_t	 engine;	/* enum stats_engine */
	uint64_t	 connects;	/* to the engine */
	uint64_t	 connect_errors;
	uint64_t	 fds;		/* of the parent, in use */
	uint64_t	 maxfds;
	struct counts	 counts;
};

/* stats.c */

/* Add up. */
void		 stats_add(struct counts *, const struct counts *);
/* As labels of metrics and words for people have them. */
const char	*stats_refusal_name(enum stats_refusal);
const char	*stats_kind_name(enum stats_kind);
const char	*stats_engine_name(unsigned int);

#endif /* STATS_H */
