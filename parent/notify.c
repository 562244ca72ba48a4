/* SPDX-License-Identifier: ISC */

/*
 * sd_notify(3): one datagram for each change to the socket that the service
 * manager named.  The watchdog's sign is not given because a timer ran here:
 * twice in its time every filter is asked over its channel, and the sign goes
 * out when all of them have answered, each from its own event loop.
 */

#include "service.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX	256

enum told {
	TOLD_NOTHING,		/* but that we start */
	TOLD_READY,
	TOLD_RELOADING,
	TOLD_STOPPING
};

static struct {
	int		 fd;		/* -1: nobody wants to know */
	enum told	 told;
	uint64_t	 usecs;		/* of the watchdog, 0: none */
	struct event	 beat;
	bool		 due;		/* the watchdog waits for a sign */
	size_t		 serving;	/* as told */
	size_t		 all;
	uint32_t	 generation;	/* when the reload began */
} service = { .fd = -1 };

static void	 watchdog_open(void);
static bool	 watchdog_answered(const struct parent *);
static int	 notify_send(const char *);
static void	 notify_ready(const struct parent *, size_t, size_t);
static void	 on_beat(int, short, void *);

/* Connected once: later the directory may be out of reach. */
void
notify_open(void)
{
	const char		*name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un	 sun;
	socklen_t		 len;

	if (name == NULL || *name == '\0')
		return;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if ((*name != '/' && *name != '@') || name[1] == '\0' ||
	    strlen(name) >= sizeof(sun.sun_path)) {
		log_warnx("NOTIFY_SOCKET=%s: not the name of a unix socket",
		    name);
		return;
	}
	memcpy(sun.sun_path, name, strlen(name));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name));
	if (*name == '@')
		sun.sun_path[0] = '\0';
	else
		len++;
	service.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (service.fd == -1)
		fatal("socket");
	if (connect(service.fd, (struct sockaddr *)&sun, len) == -1) {
		log_warn("NOTIFY_SOCKET=%s", name);
		close(service.fd);
		service.fd = -1;
		return;
	}
	watchdog_open();
}

/* As sd_watchdog_enabled(3): not what was meant for another process. */
static void
watchdog_open(void)
{
	const char	*usecs = getenv("WATCHDOG_USEC"),
			*pid = getenv("WATCHDOG_PID");
	char		*end;

	if (usecs == NULL || (pid != NULL &&
	    strtol(pid, NULL, 10) != (long)getpid()))
		return;
	errno = 0;
	service.usecs = strtoull(usecs, &end, 10);
	if (errno != 0 || *end != '\0' || end == usecs ||
	    service.usecs > INT32_MAX * UINT64_C(1000000)) {
		log_warnx("WATCHDOG_USEC=%s: not a time", usecs);
		service.usecs = 0;
	}
}

void
notify_start(struct parent *parent)
{
	struct timeval	 half;

	if (service.fd == -1 || service.usecs < 2)
		return;
	half.tv_sec = (time_t)(service.usecs / 2 / 1000000);
	half.tv_usec = (suseconds_t)(service.usecs / 2 % 1000000);
	event_assign(&service.beat, parent->base, -1, EV_PERSIST, on_beat,
	    parent);
	event_add(&service.beat, &half);
}

/* One question at a time: a filter that hangs is not sent more and more. */
static void
on_beat(int fd, short what, void *arg)
{
	struct parent	*parent = arg;
	struct filter	*f;

	service.due = true;
	TAILQ_FOREACH(f, &parent->filters, entry) {
		f->answered = false;
		if (f->state != FILTER_RUN || f->asked || f->retired ||
		    imsgbuf_queuelen(&f->ib) > QUEUE_HIGH)
			continue;
		f->asked = true;
		filter_send(f, IMSG_ALIVE, 0, -1, NULL, 0);
	}
}

/*
 * A filter that was replaced since has answered with its start.  Those on
 * their way out, and all of them after SIGTERM, need not: they have a time
 * of their own.
 */
static bool
watchdog_answered(const struct parent *parent)
{
	const struct filter	*f;

	if (parent->drain != 0)
		return (true);
	TAILQ_FOREACH(f, &parent->filters, entry)
		if (!f->retired && (f->state != FILTER_RUN || !f->answered))
			return (false);
	return (true);
}

void
notify_reload(struct parent *parent)
{
	char		 text[TEXT_MAX];
	struct timespec	 ts;

	if (service.told == TOLD_STOPPING)
		return;
	/* As sd_notify(3) has it, so that an older READY=1 is not taken for
	   the answer to this. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64
	    "\nSTATUS=reloading", (uint64_t)ts.tv_sec * 1000000 +
	    (uint64_t)ts.tv_nsec / 1000);
	(void)notify_send(text);
	service.told = TOLD_RELOADING;
	service.generation = parent->generation;
}

void
notify_stop(void)
{
	(void)notify_send("STOPPING=1\nSTATUS=requests under way end");
	service.told = TOLD_STOPPING;
}

void
notify_turn(struct parent *parent)
{
	const struct filter	*f;
	size_t			 all = 0, serving = 0;

	if (service.fd == -1)
		return;
	if (service.due && watchdog_answered(parent))
		service.due = notify_send("WATCHDOG=1") == -1;
	if (service.told == TOLD_STOPPING)
		return;
	TAILQ_FOREACH(f, &parent->filters, entry) {
		if (f->retired)
			continue;
		all++;
		serving += f->state == FILTER_RUN;
	}
	if ((service.told == TOLD_NOTHING && serving == all) ||
	    (service.told == TOLD_RELOADING && !parent->reloading) ||
	    (service.told == TOLD_READY &&
	    (serving != service.serving || all != service.all)))
		notify_ready(parent, serving, all);
}

/* What is not taken now is said in a later turn. */
static void
notify_ready(const struct parent *parent, size_t serving, size_t all)
{
	char	 text[TEXT_MAX];

	snprintf(text, sizeof(text), "%sSTATUS=%s%zu of %zu addresses served",
	    service.told == TOLD_READY ? "" : "READY=1\n",
	    service.told == TOLD_RELOADING &&
	    service.generation == parent->generation ? "not reloaded, " : "",
	    serving, all);
	if (notify_send(text) == -1)
		return;
	service.told = TOLD_READY;
	service.serving = serving;
	service.all = all;
}

/* 0, or -1 where the manager's queue is full: this loop waits for nobody. */
static int
notify_send(const char *text)
{
	if (service.fd == -1)
		return (0);
	if (send(service.fd, text, strlen(text), MSG_DONTWAIT |
	    MSG_NOSIGNAL) != -1)
		return (0);
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
		return (-1);
	log_warn("NOTIFY_SOCKET");
	close(service.fd);
	service.fd = -1;
	return (0);
}
