/* SPDX-License-Identifier: ISC */

/*
 * What a service manager is told, sd_notify(3), and what it hands over,
 * sd_listen_fds(3).  Both protocols are a few lines, so that no library of
 * systemd's is loaded into the privileged process.
 */

#ifndef SERVICE_H
#define SERVICE_H

#include "../parent/parent.h"

/* notify.c */

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

/* activate.c */

/*
 * Take the sockets that were passed, if LISTEN_PID is this process.  They are
 * ours until the end, whatever a reload takes away.  0, or -1 with a message
 * in err that names the one that is not a listening stream socket.
 */
int	 activate_open(char *err, size_t errlen);
/*
 * A new descriptor of the one with the listener's address.  -1: there is none,
 * and errno is 0; or with another errno.
 */
int	 activate_take(const struct listener *);
/* 0, or -1 with a message naming one that no listener has the address of. */
int	 activate_check(const struct config *, char *err, size_t errlen);

#endif /* SERVICE_H */
