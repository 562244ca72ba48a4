/* SPDX-License-Identifier: ISC */

/*
 * The program proxyd-filter: started by proxyd with its channel as
 * descriptor 3 and nothing else.  It confines itself before it reads the
 * first byte from a client, and turns the event loop until the channel ends.
 */

#include <sys/prctl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../filter/body/body.h"
#include "../filter/count.h"
#include "../filter/filter.h"
#include "../proxyd/sandbox.h"

#define CHANNEL_FD	3
#define FDS_OWN		24	/* channel, listener, epoll, ... */

struct filter	*filter_self;

static void	 filter_hello(struct filter *, struct imsg_hello *, char *,
		    size_t);
static void	 filter_confine(struct filter *, const struct imsg_hello *,
		    const char *);
static void	 filter_events(struct filter *);
static bool	 filter_gathers(const struct filter *);
static void	 filter_loop(struct filter *);
static void	 filter_listen(struct filter *);
static void	 on_tick(int, short, void *);
static void	 on_later(int, short, void *);

int
main(void)
{
	struct filter		*f;
	struct imsg_hello	 hello;
	char			 root[1024];
	uint16_t		 i;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (1);
	filter_self = f;
	f->listenfd = -1;
	TAILQ_INIT(&f->clients);
	TAILQ_INIT(&f->graveyard);
	TAILQ_INIT(&f->freelist);
	TAILQ_INIT(&f->from);
	TAILQ_INIT(&f->nextfrom);
	for (i = 0; i < REQUEST_SLOTS; i++)
		f->freeslots[i] = (uint16_t)(REQUEST_SLOTS - 1 - i);
	f->nfree = REQUEST_SLOTS;
	if (imsgbuf_init(&f->ib, CHANNEL_FD) == -1)
		return (1);
	imsgbuf_allow_fdpass(&f->ib);
	imsgbuf_set_maxqueue(&f->ib, 1024);
	log_init("proxyd", 0, channel_log);
	filter_hello(f, &hello, root, sizeof(root));
	filter_confine(f, &hello, root);
	filter_loop(f);
	return (0);
}

/* The first message, waited for: nothing else can be done before it. */
static void
filter_hello(struct filter *f, struct imsg_hello *hello, char *root,
    size_t size)
{
	struct pollfd	 pfd = { .fd = CHANNEL_FD, .events = POLLIN };
	struct imsg	 imsg;

	if (poll(&pfd, 1, -1) != 1 || imsgbuf_read(&f->ib) != 1 ||
	    imsgbuf_get(&f->ib, &imsg) != 1)
		_exit(1);
	if (imsg_get_type(&imsg) != IMSG_HELLO || imsg.len < sizeof(*hello))
		_exit(1);
	memcpy(hello, imsg.data, sizeof(*hello));
	if (hello->version != PROXYD_IMSG_VERSION ||
	    hello->chroot_len != imsg.len - sizeof(*hello) ||
	    hello->chroot_len >= size ||
	    (hello->flags & ~(uint32_t)(HELLO_EXPLAIN | HELLO_USER |
	    HELLO_RECORDS | HELLO_LINES)) != 0 ||
	    (hello->flags & (HELLO_EXPLAIN | HELLO_USER)) == HELLO_USER)
		_exit(1);
	f->records = (hello->flags & HELLO_RECORDS) != 0;
	f->lines = !f->records || (hello->flags & HELLO_LINES) != 0;
	f->explain = (hello->flags & HELLO_EXPLAIN) != 0;
	f->process = hello->process;
	memcpy(root, imsg.data + sizeof(*hello), hello->chroot_len);
	root[hello->chroot_len] = '\0';
	if (count_open(f, imsg_get_fd(&imsg)) == -1)
		_exit(1);
	imsg_free(&imsg);
}

/* models: what needs the file system or root first, seccomp last. */
static void
filter_confine(struct filter *f, const struct imsg_hello *hello,
    const char *root)
{
	struct sandbox_user	 user = { hello->uid, hello->gid };
	struct imsg_ready	 ready;
	struct iovec		 iov = { &ready, sizeof(ready) };

	memset(&ready, 0, sizeof(ready));
	log_setlevel(hello->loglevel <= LOG_LVL_DEBUG ?
	    (enum log_level)hello->loglevel : LOG_LVL_INFO);
	(void)prctl(PR_SET_NAME, "proxyd-filter");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGINT, SIG_IGN) == SIG_ERR ||
	    signal(SIGHUP, SIG_IGN) == SIG_ERR)
		_exit(1);
	tzset();
	body_init();
	archive_init();
	filter_events(f);
	if ((hello->flags & HELLO_USER) == 0)
		sandbox_chroot(root);
	ready.nofile = (uint32_t)sandbox_limits_filter(hello->nofile);
	f->canclients = ready.nofile > FDS_OWN + 2 ?
	    (ready.nofile - FDS_OWN) / 2 : 1;
	if ((hello->flags & HELLO_USER) == 0)
		sandbox_drop(&user, (pid_t)hello->parent_pid);
	else
		sandbox_user((pid_t)hello->parent_pid);
	ready.landlock = sandbox_landlock() == 0;
	sandbox_seccomp_filter();
	ready.version = PROXYD_IMSG_VERSION;
	ready.confined = !sandbox_skipped();
	if (channel_send(f, IMSG_READY, 0, -1, &iov, 1, false) == -1)
		_exit(1);
}

static void
filter_events(struct filter *f)
{
	struct timeval	 second = { 1, 0 };

	if ((f->base = event_base_new()) == NULL)
		_exit(1);
	event_assign(&f->rev, f->base, CHANNEL_FD, EV_READ | EV_PERSIST,
	    channel_read, f);
	event_assign(&f->wev, f->base, CHANNEL_FD, EV_WRITE, channel_write, f);
	event_assign(&f->tick, f->base, -1, EV_PERSIST, on_tick, f);
	event_assign(&f->later, f->base, -1, 0, on_later, f);
	event_add(&f->rev, NULL);
	event_add(&f->tick, &second);
}

/*
 * Several inputs in one turn: there will be more, and a packet that waits
 * for them wakes the parent once instead of a few times.  The loop does not
 * sleep meanwhile.  A single request, or body data, waits for nothing.
 */
static bool
filter_gathers(const struct filter *f)
{
	return (f->turn > 1 && f->gathered < GATHER_MAX);
}

static void
filter_loop(struct filter *f)
{
	f->now = (time_t)(filter_usec() / 1000000);
	for (;;) {
		if (f->dirty && !filter_gathers(f))
			channel_flush(f);
		client_bury(f);
		if (f->draining && f->nclients == 0) {
			channel_flush(f);
			_exit(0);
		}
		f->turn = 0;
		if (event_base_loop(f->base, EVLOOP_ONCE |
		    (f->dirty ? EVLOOP_NONBLOCK : 0)) == -1)
			_exit(1);
		f->gathered += f->turn;
		if (f->listenfd != -1 && !event_initialized(&f->lev))
			filter_listen(f);
	}
}

/* The configuration brought the listener. */
static void
filter_listen(struct filter *f)
{
	if (f->profile == NULL)
		return;
	if (f->explain) {
		explained_start(f);
		return;
	}
	event_assign(&f->lev, f->base, f->listenfd, EV_READ | EV_PERSIST,
	    client_accept, f);
	event_add(&f->lev, NULL);
	f->accepting = true;
}

static void
on_tick(int fd, short what, void *arg)
{
	struct filter	*f = arg;

	f->now = (time_t)(filter_usec() / 1000000);
	client_tick(f);
}

static void
on_later(int fd, short what, void *arg)
{
	struct filter	*f = arg;

	if (f->lazy != 0)
		f->dirty = true;
}
