/* SPDX-License-Identifier: ISC */

/*
 * The work of a filter as its libraries do it: libevent, libbsd and the C
 * library's allocator, over sockets and pipes of the kinds it has.
 * What seccomp does not expect here would end a filter in service.
 */

#include "confined.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <bsd/stdlib.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../filter/body/json.h"
#include "../proxyd/log.h"

#define KEYS	2000	/* more than an arena keeps */
#define FD_LISTENER	100
#define FD_CLIENT	101	/* connected, waits to be accepted */
#define BIG	(16 * 1024 * 1024)

/* Ends the process with the line that failed. */
#define NEED(cond) do {							\
	if (!(cond))							\
		_exit(__LINE__ & 0xff ? __LINE__ & 0xff : 1);		\
} while (0)

static struct {
	struct event_base	*base;
	struct event		*hup;
	int			 channel[2];
	int			 fired;
	size_t			 logged;
} env;

#ifdef PROXYD_SANITIZE
/* LeakSanitizer looks into /proc at exit, which is not there after chroot. */
int	 __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return (1);
}
#endif

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	env.fired++;
}

static void
sink(int priority, const char *line, size_t len)
{
	NEED(priority == LOG_WARNING || priority == LOG_NOTICE);
	NEED(strlen(line) == len);
	env.logged += len;
}

/*
 * A listener and a client waiting at it, at fixed numbers: a filter cannot
 * make them, it is given its listener.
 */
void
path_sockets(void)
{
	struct sockaddr_in	 sin;
	socklen_t		 len = sizeof(sin);
	int			 c, l;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED((l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) != -1);
	NEED(bind(l, (struct sockaddr *)&sin, len) == 0);
	NEED(listen(l, 5) == 0);
	NEED(getsockname(l, (struct sockaddr *)&sin, &len) == 0);
	NEED((c = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	NEED(connect(c, (struct sockaddr *)&sin, len) == 0);
	NEED(dup2(l, FD_LISTENER) != -1 && close(l) == 0);
	NEED(dup2(c, FD_CLIENT) != -1 && close(c) == 0);
}

void
path_prepare(void)
{
	uint64_t	 secret[2];

	tzset();
	arc4random_buf(secret, sizeof(secret));
	js_seed(secret[0], secret[1]);
	NEED((env.base = event_base_new()) != NULL);
	env.hup = evsignal_new(env.base, SIGHUP, on_event, NULL);
	NEED(env.hup != NULL && event_add(env.hup, NULL) == 0);
	NEED(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    env.channel) == 0);
}

static void
path_log(void)
{
	char	 safe[64];

	log_init("test", 0, sink);
	errno = ENOENT;
	log_warn("no %s", "file");
	log_warnx("%d lines", 3);
	log_line(LOG_NOTICE, "refused", 7);
	log_flush();
	NEED(env.logged > 30);
	NEED(strcmp(log_vis(safe, sizeof(safe), "a\n", 2), "a\\n") == 0);
}

/* Enough to make the arena grow, and to give back what it does not keep. */
static void
path_json(void)
{
	static const char	 twice[] = "{\"a\":1.5,\"a\":2}";
	struct arena		 a = { .chunk = NULL };
	struct js_error		 error;
	struct js		*obj;
	char			*text, key[16];
	size_t			 len;
	int			 i;

	arena_reset(&a, BIG);
	obj = js_new(&a, JS_OBJECT);
	for (i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "k%d", i * 7919 % KEYS);
		js_set(&a, obj, key, js_int(&a, i));
	}
	NEED(!a.failed);
	NEED((text = js_print(obj, 0, &len)) != NULL);
	arena_reset(&a, BIG);
	obj = js_parse(&a, text, len, 2, &error);
	NEED(obj != NULL && obj->len == KEYS);
	NEED(js_parse(&a, twice, strlen(twice), 2, &error) == NULL);
	NEED(error.fault == JS_FAULT_TWICE);
	free(text);
	arena_free(&a);
}

static void
path_memory(void)
{
	char	*p, *q;
	int	 i;

	for (i = 0; i < 8; i++) {
		NEED((p = malloc(BIG)) != NULL);
		memset(p, i, BIG);
		NEED((q = realloc(p, 2 * BIG)) != NULL);
		NEED(q[BIG - 1] == i);
		free(q);
	}
	for (i = 0; i < 2000; i++) {
		NEED((p = calloc(1, (size_t)i * 37 + 1)) != NULL);
		free(p);
	}
	NEED((p = aligned_alloc(4096, BIG)) != NULL);
	free(p);
}

static void
path_time(void)
{
	char		 text[32];
	struct tm	 tm;
	time_t		 now = time(NULL);
	uint32_t	 noise[64];

	NEED(gmtime_r(&now, &tm) != NULL && localtime_r(&now, &tm) != NULL);
	NEED(strftime(text, sizeof(text), "%FT%TZ", &tm) > 0);
	arc4random_buf(noise, sizeof(noise));
	NEED(strcmp(strerror(ENOENT), strerror(12345)) != 0);
}

static void
path_timer(void)
{
	struct timeval	 tv = { 0, 1000 };
	struct event	*ev;

	env.fired = 0;
	NEED((ev = evtimer_new(env.base, on_event, NULL)) != NULL);
	NEED(evtimer_add(ev, &tv) == 0);
	NEED(event_base_loop(env.base, EVLOOP_ONCE) == 0);
	NEED(env.fired == 1);
	event_free(ev);
}

/* accept4(2) to close(2), through evbuffers as filter/client.c has it. */
static void
path_client(void)
{
	struct sockaddr_storage	 ss;
	struct evbuffer		*buf;
	struct event		*ev;
	socklen_t		 len = sizeof(ss);
	int			 fd, one = 1;

	NEED((fd = accept4(FD_LISTENER, (struct sockaddr *)&ss, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1);
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
	NEED(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) == 0);
	len = sizeof(ss);
	NEED(getpeername(fd, (struct sockaddr *)&ss, &len) == 0);
	NEED(write(FD_CLIENT, "GET / HTTP/1.1\r\n", 16) == 16);
	ev = event_new(env.base, fd, EV_READ, on_event, NULL);
	NEED(ev != NULL && event_add(ev, NULL) == 0);
	env.fired = 0;
	NEED(event_base_loop(env.base, EVLOOP_ONCE) == 0 && env.fired == 1);
	NEED((buf = evbuffer_new()) != NULL);
	NEED(evbuffer_read(buf, fd, -1) == 16);
	NEED(evbuffer_add_printf(buf, "%d %s", 200, "OK") > 0);
	NEED(evbuffer_write(buf, fd) > 0);
	NEED(send(fd, "x", 1, MSG_NOSIGNAL) == 1);
	len = sizeof(one);
	NEED(getsockopt(fd, SOL_SOCKET, SO_ERROR, &one, &len) == 0);
	NEED(shutdown(fd, SHUT_WR) == 0);
	event_free(ev);
	evbuffer_free(buf);
	NEED(close(fd) == 0);
}

/* A body: pipe, splice(2) into it, its read end sent over the channel. */
static void
path_body(void)
{
	union {
		struct cmsghdr	 hdr;
		char		 space[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct msghdr	 msg;
	struct iovec	 iov;
	char		 c = 'x';
	int		 in[2], n = 0, out[2];

	NEED(pipe2(in, O_NONBLOCK | O_CLOEXEC) == 0);
	NEED(pipe2(out, O_NONBLOCK | O_CLOEXEC) == 0);
	NEED(fcntl(out[1], F_SETPIPE_SZ, 262144) >= 262144);
	NEED(write(in[1], "body", 4) == 4);
	NEED(splice(in[0], NULL, out[1], NULL, 4, SPLICE_F_NONBLOCK) == 4);
	NEED(ioctl(out[0], FIONREAD, &n) == 0 && n == 4);
	memset(&msg, 0, sizeof(msg));
	memset(&ctl, 0, sizeof(ctl));
	iov.iov_base = &c;
	iov.iov_len = 1;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &ctl;
	msg.msg_controllen = sizeof(ctl.space);
	ctl.hdr.cmsg_level = SOL_SOCKET;
	ctl.hdr.cmsg_type = SCM_RIGHTS;
	ctl.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&ctl.hdr), &out[0], sizeof(int));
	NEED(sendmsg(env.channel[0], &msg, MSG_NOSIGNAL | MSG_EOR) == 1);
	NEED(recvmsg(env.channel[1], &msg, MSG_CMSG_CLOEXEC) == 1);
	memcpy(&n, CMSG_DATA(&ctl.hdr), sizeof(int));
	NEED(read(n, iov.iov_base, 1) == 1 && c == 'b');
	(void)close(n);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[0]);
	(void)close(out[1]);
}

static void
path_descriptor(void)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);
	int		 flags;

	NEED((flags = fcntl(env.channel[0], F_GETFL)) != -1);
	NEED(fcntl(env.channel[0], F_SETFL, flags | O_NONBLOCK) == 0);
	NEED(fcntl(env.channel[0], F_SETFD, FD_CLOEXEC) == 0);
	NEED(fcntl(env.channel[0], F_GETFD) == FD_CLOEXEC);
	NEED(getsockopt(env.channel[0], SOL_SOCKET, SO_PEERCRED, &cred,
	    &len) == 0);
	NEED(getpid() > 0);
}

static void
path_exit(void)
{
	event_free(env.hup);
	event_base_free(env.base);
	exit(0);
}

static void
path_abort(void)
{
	abort();
}

static const struct path paths[] = {
	{ "log", path_log, 0 },
	{ "json", path_json, 0 },
	{ "memory", path_memory, 0 },
	{ "time", path_time, 0 },
	{ "timer", path_timer, 0 },
	{ "client", path_client, 0 },
	{ "body", path_body, 0 },
	{ "descriptor", path_descriptor, 0 },
	{ "abort", path_abort, -SIGABRT },
	{ "exit", path_exit, 0 }
};

const struct path *
path_get(size_t i)
{
	return (i < sizeof(paths) / sizeof(paths[0]) ? &paths[i] : NULL);
}
