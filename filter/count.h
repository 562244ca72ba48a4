/* SPDX-License-Identifier: ISC */

/*
 * What the filter counts, and what it tells of itself: metrics to those who
 * scrape, its clients to the parent.
 */

#ifndef COUNT_H
#define COUNT_H

#include "../filter/filter.h"

/* metrics.c: a listener for them. */

struct text;

void	 metrics_request(struct client *);
/* The parent's answer. */
void	 metrics_stats(struct filter *, const struct stats_total *);
/* In the text format of Prometheus. */
void	 metrics_print(struct text *, const struct stats_total *);

/* list.c: for proxyctl(8). */

/* Tell the parent of those who came after that time, as many as fit. */
void	 clients_page(struct filter *, uint64_t);

/* count.c: what is counted. */

/*
 * Map the page that the parent shares by this descriptor, which is taken; -1:
 * one of our own, which nobody sees.  0, or -1: no memory.
 */
int	 count_open(struct filter *, int);
/* Another policy is in force: its rules are counted from the beginning. */
void	 count_policy(struct filter *);
/* The rules have decided about it. */
void	 count_rules(struct filter *, const struct exchange *);
/* Its request is over, with an answer of ours if refused. */
void	 count_request(struct client *, bool refused);
/* What its request has moved so far; those of the parent's pump apart. */
void	 count_bytes(struct client *);
/* As many are connected as nclients says. */
void	 count_clients(struct filter *);

#endif /* COUNT_H */
