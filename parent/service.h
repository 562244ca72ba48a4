/* SPDX-License-Identifier: ISC */

/*
 * What a service manager is told, sd_notify(3).  The protocol is a few lines,
 * so that no library of systemd's is loaded into the privileged process.
 */

#ifndef SERVICE_H
#define SERVICE_H

#include "../parent/parent.h"

/*
 * Connect to $NOTIFY_SOCKET, a path or "@abstract", and take WATCHDOG_USEC if
 * it is for this process.  Before confinement; without the variable, or where
 * the socket cannot be had (logged), the functions below do nothing.
 */
void	 notify_open(void);
/* Start the timer of the watchdog, if there is one. */
void	 notify_start(struct parent *);
/* SIGHUP came; what came of it, notify_turn() tells. */
void	 notify_reload(struct parent *);
void	 notify_stop(void);
/*
 * Once a turn of the loop: READY=1 when every filter has its policy in
 * force, STATUS= when their number changes, WATCHDOG=1 when all have answered.
 */
void	 notify_turn(struct parent *);

#endif /* SERVICE_H */
