/* SPDX-License-Identifier: ISC */

/*
 * The program proxyctl: connects to the control socket, sends one request,
 * and prints the records of its answer until the last says how it went.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ctl/ctl.h"
#include "../proxyd/proxyd.h"

#define ANSWER_SECS	15	/* of silence; a reload may take longer */
#define RELOAD_SECS	45

static void	 usage(FILE *);
static int	 control_connect(const char *);
static const char *control_path(void);
static void	 control_ask(struct imsgbuf *, const struct ctl_request *);
static void	 control_lost(void) __attribute__((noreturn));
static enum ctl_result control_answer(struct imsgbuf *, enum ctl_command);
static const char *result_text(enum ctl_command, enum ctl_result);

int
main(int argc, char *argv[])
{
	struct ctl_request	 rq;
	struct imsgbuf		 ib;
	enum ctl_result		 result;
	const char		*path = control_path();
	int			 ch, fd;

	memset(&rq, 0, sizeof(rq));
	rq.version = CONTROL_VERSION;
	while ((ch = getopt(argc, argv, "hs:V")) != -1) {
		switch (ch) {
		case 'h':
			usage(stdout);
			return (0);
		case 's':
			path = optarg;
			break;
		case 'V':
			printf("proxyctl %s\n", PROXYD_VERSION);
			return (0);
		default:
			usage(stderr);
			return (RESULT_ERROR);
		}
	}
	if (parse_command(argc - optind, argv + optind, &rq) == -1) {
		usage(stderr);
		return (RESULT_ERROR);
	}
	fd = control_connect(path);
	if (imsgbuf_init(&ib, fd) == -1)
		err(RESULT_ERROR, "imsg");
	control_ask(&ib, &rq);
	result = control_answer(&ib, rq.command);
	imsgbuf_clear(&ib);
	close(fd);
	if (fflush(stdout) != 0)
		err(RESULT_ERROR, "standard output");
	if (result != RESULT_OK)
		warnx("%s", result_text(rq.command, result));
	else if (rq.command == CTL_CHECK || rq.command == CTL_RELOAD)
		puts(rq.command == CTL_CHECK ? "ok" : "reloaded");
	return (result > RESULT_STRANGE ? RESULT_ERROR : (int)result);
}

static void
usage(FILE *out)
{
	fprintf(out, "usage: proxyctl [-hV] [-s socket] command "
	    "[argument ...]\n");
}

/* In a container both programs have the same environment. */
static const char *
control_path(void)
{
	const char	*path = getenv("PROXYD_CONTROL");

	return (path != NULL && *path == '/' ? path : PROXYD_CONTROL);
}

static int
control_connect(const char *path)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun.sun_path))
		errx(RESULT_ERROR, "%s: too long", path);
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd == -1)
		err(RESULT_ERROR, "socket");
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return (fd);
	if (errno == ENOENT || errno == ECONNREFUSED)
		err(RESULT_NOT_RUNNING, "proxyd is not running, or has no "
		    "control socket: %s", path);
	err(RESULT_ERROR, "%s", path);
}

static void
control_ask(struct imsgbuf *ib, const struct ctl_request *rq)
{
	if (imsg_compose(ib, CTL_REQUEST, 0, 0, -1, rq, sizeof(*rq)) != 1)
		err(RESULT_ERROR, "control socket");
	if (imsgbuf_write(ib) == -1)
		control_lost();
}

/* errno is what became of it. */
static void
control_lost(void)
{
	if (errno == EPIPE || errno == ECONNRESET)
		errx(RESULT_ERROR, "proxyd closed the connection: not root, "
		    "too many at a time, or no progress in a minute");
	err(RESULT_ERROR, "control socket");
}

/* Records until END; how it went. */
static enum ctl_result
control_answer(struct imsgbuf *ib, enum ctl_command command)
{
	const int	 secs = command == CTL_RELOAD ? RELOAD_SECS :
			    ANSWER_SECS;
	struct pollfd	 pfd = { .fd = ib->fd, .events = POLLIN };
	struct ctl_end	 end;
	struct imsg	 imsg;
	int		 n;

	for (;;) {
		if ((n = poll(&pfd, 1, secs * 1000)) == 0)
			errx(RESULT_NOT_RUNNING, "proxyd does not answer");
		if (n == -1 && errno == EINTR)
			continue;
		errno = EPIPE;
		if (n == -1 || imsgbuf_read(ib) != 1)
			control_lost();
		while ((n = imsgbuf_get(ib, &imsg)) == 1) {
			if (imsg_get_type(&imsg) == CTL_END &&
			    imsg_get_data(&imsg, &end, sizeof(end)) == 0) {
				if (end.result == RESULT_OK)
					show_end(command);
				return (end.result);
			}
			if (show_record(command, &imsg) == -1)
				return (RESULT_VERSION);
		}
		if (n == -1)
			err(RESULT_ERROR, "control socket");
	}
}

static const char *
result_text(enum ctl_command command, enum ctl_result result)
{
	switch (result) {
	case RESULT_MISSING:
		return ("the engine cannot be reached: no socket");
	case RESULT_REFUSED:
		return ("the engine cannot be reached: nobody listens on its "
		    "socket");
	case RESULT_DENIED:
		return ("the engine cannot be reached: permission denied");
	case RESULT_SILENT:
		return ("the engine does not answer");
	case RESULT_UNSERVED:
		return ("not every address is served");
	case RESULT_STRANGE:
		return ("what answers is not an engine that works");
	case RESULT_UNKNOWN:
		return ("no such stream");
	case RESULT_VERSION:
		return ("proxyd is another version");
	case RESULT_OK:
	case RESULT_ERROR:
	case RESULT_NOT_RUNNING:
		break;
	}
	return (command == CTL_RELOAD ? "not reloaded" : "failed");
}
