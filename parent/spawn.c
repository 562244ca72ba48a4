/* SPDX-License-Identifier: ISC */

/*
 * Starting a filter: a socketpair, a fork, and the execution of the program
 * that was opened once when the daemon started.  The child keeps its channel
 * as descriptor 3 and nothing else of the parent's.
 */

#include <sys/socket.h>
#include <sys/wait.h>

#include <bsd/stdlib.h>
#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../parent/logging.h"
#include "../parent/parent.h"

#define CHANNEL_FD	3
#define PROGRAM_FD	4
#define CHANNEL_BUF	(1024 * 1024)
#define CLIENTS_RELOAD	16384U	/* a reload may allow so many in any case */

static void	 spawn_child(const struct filter *, int)
		    __attribute__((noreturn));
static void	 spawn_hello(struct filter *);

int
spawn_filter(struct filter *f)
{
	struct parent	*parent = f->parent;
	const int	 size = CHANNEL_BUF;
	int		 sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, sv) == -1) {
		log_warn("socketpair");
		return (-1);
	}
	(void)setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(sv[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	log_flush();
	switch (f->pid = fork()) {
	case -1:
		log_warn("fork");
		close(sv[0]);
		close(sv[1]);
		return (-1);
	case 0:
		spawn_child(f, sv[1]);
	default:
		break;
	}
	close(sv[1]);
	if (imsgbuf_init(&f->ib, sv[0]) == -1)
		fatal("channel");
	imsgbuf_allow_fdpass(&f->ib);
	imsgbuf_set_maxqueue(&f->ib, 1024);
	event_assign(&f->rev, parent->base, sv[0], EV_READ | EV_PERSIST,
	    filter_read, f);
	event_assign(&f->wev, parent->base, sv[0], EV_WRITE, filter_write, f);
	event_add(&f->rev, NULL);
	f->state = FILTER_START;
	f->ticks = 0;
	f->sent = f->confirmed = 0;
	f->settled = true;
	f->lag = 0;
	f->asked = f->answered = false;
	arc4random_buf(&f->process, sizeof(f->process));
	spawn_hello(f);
	return (0);
}

/*
 * Between fork and exec: only system calls.  0 to 2 become /dev/null, the
 * channel 3, the program 4 (closed by its execution).
 */
static void
spawn_child(const struct filter *f, int channel)
{
	const struct parent	*parent = f->parent;
	char			 title[128];
	char			*argv[] = { title, NULL }, *envp[] = { NULL };
	sigset_t		 none;
	int			 i, program;

	(void)snprintf(title, sizeof(title), "proxyd: filter %s",
	    f->listener->text);

	program = fcntl(parent->filterfd, F_DUPFD_CLOEXEC, 64);
	channel = fcntl(channel, F_DUPFD_CLOEXEC, 64);
	if (program == -1 || channel == -1)
		_exit(1);
	for (i = 0; i <= 2; i++) {
		if (i == 2 && sandbox_skipped())
			continue;	/* a sanitizer reports there */
		if (dup2(parent->nullfd, i) == -1)
			_exit(1);
	}
	if (dup2(channel, CHANNEL_FD) == -1 ||
	    dup3(program, PROGRAM_FD, O_CLOEXEC) == -1)
		_exit(1);
	closefrom(PROGRAM_FD + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	fexecve(PROGRAM_FD, argv, envp);
	_exit(1);
}

static void
spawn_hello(struct filter *f)
{
	struct {
		struct imsg_hello	 head;
		char			 path[1024];
	}			 msg;
	struct config		*conf = f->parent->conf;
	uint32_t		 clients;
	int			 fd = -1;

	memset(&msg, 0, sizeof(msg));
	msg.head.version = PROXYD_IMSG_VERSION;
	msg.head.parent_pid = (uint32_t)getpid();
	msg.head.uid = f->parent->user.uid;
	msg.head.gid = f->parent->user.gid;
	msg.head.loglevel = conf->loglevel;
	msg.head.flags = f->parent->hello | logging_flags();
	msg.head.process = f->process;
	/*
	 * Clients, one body pipe each, and what the process needs itself: for
	 * good, so that a reload may allow more clients than there were.
	 */
	clients = f->listener->profile->limits.clients;
	if (conf->file != NULL && clients < CLIENTS_RELOAD)
		clients = CLIENTS_RELOAD;
	msg.head.nofile = clients * 3 + 32;
	msg.head.chroot_len = (uint32_t)strlen(conf->chroot);
	if (msg.head.chroot_len > sizeof(msg.path))
		fatalx("chroot directory too long");
	memcpy(msg.path, conf->chroot, msg.head.chroot_len);
	if (f->page != NULL)
		fd = fcntl(f->page->fd, F_DUPFD_CLOEXEC, 0);
	filter_send(f, IMSG_HELLO, 0, fd, &msg,
	    sizeof(msg.head) + msg.head.chroot_len);
}
