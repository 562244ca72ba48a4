/* SPDX-License-Identifier: ISC */

/*
 * A filter that has been taken over: it stands where proxyd-filter is looked
 * for and tells the parent whatever its script says, well formed or not.  The
 * script comes from the test, through a unix socket beside the program
 * (".sock": it inherits the parent's seccomp filter, which allows that much),
 * and what happened goes back there.  Without a script it behaves: it asks
 * for one ping, so that the test sees that the parent still works.
 *
 * Commands, one a line:
 *	ready VERSION CONFINED	instead of the READY that is sent unasked
 *	confdone GENERATION	likewise
 *	msg TYPE ID HEX [FD]	queue a message; HEX may be "-"
 *	raw HEX NFDS		a packet as it is, with that many descriptors
 *	flush			send what is queued
 *	wait TYPE		until such a message came
 *	credit ID		until END: take DATA, give credit
 *	sleep MS		send what is queued, and do nothing
 *	linger			do not end when the channel does
 *	page BYTE		fill the counters with it
 * FD: null, dir, listen, self, chan, sock, rpipe:HEX (filled, closed),
 * opipe:HEX (filled, left open).
 */

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <bsd/string.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../imsg/imsg.h"
#include "../proxyd/endpoint.h"
#include "../proxyd/proto.h"
#include "../proxyd/stats.h"

#define CHANNEL		3
#define WAIT_MS		5000
#define BYTES_MAX	(256 * 1024)
#define SCRIPT_MAX	(1024 * 1024)

struct hostile {
	struct imsgbuf	 ib;
	int		 out;
	int		 listenfd;
	int		 pagefd;
	uint32_t	 generation;
	char		 script[SCRIPT_MAX + 1];
	uint8_t		 bytes[BYTES_MAX];
};

static struct hostile	 h;

static void	 note(const char *, ...) __attribute__((format(printf, 1, 2)));

static void
note(const char *fmt, ...)
{
	char	 line[256];
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	line[n++] = '\n';
	if (write(h.out, line, (size_t)n) != n)
		_exit(1);
}

/* The parent has closed the channel, as it should. */
static void
closed(void)
{
	note("closed");
	_exit(0);
}

/* The next packet; false: none within the time. */
static bool
packet(int ms)
{
	struct pollfd	 pfd = { .fd = CHANNEL, .events = POLLIN };

	if (poll(&pfd, 1, ms) != 1)
		return (false);
	if (imsgbuf_read(&h.ib) <= 0)
		closed();
	return (true);
}

/* Wait for a message of that type; others are noted and forgotten. */
static bool
await(uint32_t type, struct imsg *imsg)
{
	struct imsg_end	 end;

	for (;;) {
		while (imsgbuf_get(&h.ib, imsg) == 1) {
			if (imsg->hdr.type == IMSG_SHUTDOWN)
				_exit(0);
			if (imsg->hdr.type == IMSG_CONF_LISTEN)
				h.listenfd = imsg_get_fd(imsg);
			if (imsg->hdr.type == IMSG_END &&
			    imsg_get_data(imsg, &end, sizeof(end)) == 0)
				note("end %u reason %u", imsg->hdr.peerid,
				    end.reason);
			else if (imsg->hdr.type >= IMSG_DATA)
				note("got %u id %u len %zu", imsg->hdr.type,
				    imsg->hdr.peerid, imsg->len);
			if (imsg->hdr.type == type)
				return (true);
			imsg_free(imsg);
		}
		if (!packet(WAIT_MS))
			return (false);
	}
}

static void
flush(void)
{
	struct pollfd	 pfd = { .fd = CHANNEL, .events = POLLOUT };

	while (imsgbuf_queuelen(&h.ib) != 0) {
		if (imsgbuf_write(&h.ib) == -1)
			closed();
		if (imsgbuf_queuelen(&h.ib) != 0 &&
		    poll(&pfd, 1, WAIT_MS) != 1)
			break;
	}
}

static void
compose(uint32_t type, uint32_t id, int fd, const void *data, size_t len)
{
	if (imsg_compose(&h.ib, type, id, 0, fd, data, len) == -1) {
		flush();
		if (imsg_compose(&h.ib, type, id, 0, fd, data, len) == -1)
			note("compose: %s", strerror(errno));
	}
}

static size_t
unhex(const char *s, uint8_t *buf, size_t size)
{
	unsigned int	 byte;
	size_t		 n = 0;

	for (; *s != '-' && s[0] != '\0' && s[1] != '\0' && n < size; s += 2) {
		if (sscanf(s, "%2x", &byte) != 1)
			break;
		buf[n++] = (uint8_t)byte;
	}
	return (n);
}

static int
pipe_with(const char *hex, bool keep)
{
	static uint8_t	 buf[65536];
	size_t		 n;
	int		 p[2];

	if (pipe2(p, O_NONBLOCK | O_CLOEXEC) == -1)
		return (-1);
	n = unhex(hex, buf, sizeof(buf));
	if (write(p[1], buf, n) != (ssize_t)n)
		note("pipe is full");
	if (!keep)
		close(p[1]);
	return (p[0]);
}

/* A descriptor to send, by its name in the script. */
static int
some_fd(const char *name)
{
	int	 sv[2];

	if (name == NULL)
		return (-1);
	if (strcmp(name, "null") == 0)
		return (open("/dev/null", O_RDONLY | O_CLOEXEC));
	if (strcmp(name, "dir") == 0)
		return (open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (strcmp(name, "listen") == 0)
		return (dup(h.listenfd));
	if (strcmp(name, "self") == 0)
		return (open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	if (strcmp(name, "chan") == 0)
		return (dup(CHANNEL));
	if (strcmp(name, "sock") == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
	    sv) == 0)
		return (sv[0]);
	/* Blocking, and nobody reads at its other end. */
	if (strcmp(name, "bsock") == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == 0)
		return (sv[0]);
	if (strncmp(name, "rpipe:", 6) == 0)
		return (pipe_with(name + 6, false));
	if (strncmp(name, "opipe:", 6) == 0)
		return (pipe_with(name + 6, true));
	errx(1, "%s: no such descriptor", name);
}

/* One packet that imsg_compose() would never make. */
static void
raw(const char *hex, int nfds)
{
	union {
		struct cmsghdr	 hdr;
		uint8_t		 buf[CMSG_SPACE(sizeof(int) * 64)];
	}		 cmsg;
	struct iovec	 iov = { h.bytes, 0 };
	struct msghdr	 msg;
	int		 fds[64], i;

	iov.iov_len = unhex(hex, h.bytes, sizeof(h.bytes));
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (nfds > 0) {
		for (i = 0; i < nfds; i++)
			fds[i] = h.out;
		memset(&cmsg, 0, sizeof(cmsg));
		msg.msg_control = &cmsg;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)nfds);
		cmsg.hdr.cmsg_level = SOL_SOCKET;
		cmsg.hdr.cmsg_type = SCM_RIGHTS;
		cmsg.hdr.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)nfds);
		memcpy(CMSG_DATA(&cmsg.hdr), fds, sizeof(int) * (size_t)nfds);
	}
	if (sendmsg(CHANNEL, &msg, MSG_NOSIGNAL) == -1)
		note("raw: %s", strerror(errno));
}

/* Take DATA and give credit for it until the answer's end. */
static void
credit(uint32_t id)
{
	struct imsg_credit	 bytes;
	struct imsg		 imsg;
	uint64_t		 total = 0;
	bool			 end = false;

	while (!end) {
		if (imsgbuf_get(&h.ib, &imsg) != 1) {
			flush();
			if (!packet(WAIT_MS))
				break;
			continue;
		}
		end = imsg.hdr.type == IMSG_END;
		bytes.bytes = (uint32_t)imsg.len;
		total += imsg.len;
		if (imsg.hdr.type == IMSG_DATA)
			compose(IMSG_CREDIT, id, -1, &bytes, sizeof(bytes));
		imsg_free(&imsg);
	}
	note("took %llu", (unsigned long long)total);
}

static void
send_ready(uint32_t version, uint32_t confined)
{
	struct imsg_ready	 ready = { version, confined, 1, 1024 };

	compose(IMSG_READY, 0, -1, &ready, sizeof(ready));
	flush();
}

static void
send_confdone(uint32_t generation)
{
	struct imsg_conf_done	 done = { generation, 0, 0, 0 };

	compose(IMSG_CONF_DONE, 0, -1, &done, sizeof(done));
	flush();
}

/* What the parent shares with us for counting. */
static void
page(int byte)
{
	struct stats_page	*map;

	map = mmap(NULL, sizeof(*map), PROT_READ | PROT_WRITE, MAP_SHARED,
	    h.pagefd, 0);
	if (map == MAP_FAILED) {
		note("mmap: %s", strerror(errno));
		return;
	}
	memset(map, byte, sizeof(*map));
	note("page filled");
}

static void
command(char *line)
{
	struct imsg	 imsg;
	char		*arg[5] = { NULL }, *last = NULL;
	size_t		 len;
	int		 n = 0;

	for (arg[n] = strtok_r(line, " ", &last); arg[n] != NULL && n < 4;
	    arg[n] = strtok_r(NULL, " ", &last))
		n++;
	if (n == 0)
		return;
	if (strcmp(arg[0], "msg") == 0 && n >= 4) {
		len = unhex(arg[3], h.bytes, sizeof(h.bytes));
		compose((uint32_t)strtoul(arg[1], NULL, 0),
		    (uint32_t)strtoul(arg[2], NULL, 0), some_fd(arg[4]),
		    h.bytes, len);
	} else if (strcmp(arg[0], "raw") == 0 && n >= 3) {
		flush();
		raw(arg[1], atoi(arg[2]));
	} else if (strcmp(arg[0], "ready") == 0 && n >= 3)
		send_ready((uint32_t)atoi(arg[1]), (uint32_t)atoi(arg[2]));
	else if (strcmp(arg[0], "confdone") == 0 && n >= 2)
		send_confdone((uint32_t)atoi(arg[1]));
	else if (strcmp(arg[0], "flush") == 0)
		flush();
	else if (strcmp(arg[0], "wait") == 0 && n >= 2) {
		flush();
		if (!await((uint32_t)atoi(arg[1]), &imsg))
			note("no message %s", arg[1]);
		else
			imsg_free(&imsg);
	} else if (strcmp(arg[0], "page") == 0 && n >= 2)
		page(atoi(arg[1]));
	else if (strcmp(arg[0], "credit") == 0 && n >= 2)
		credit((uint32_t)atoi(arg[1]));
	else if (strcmp(arg[0], "sleep") == 0 && n >= 2) {
		flush();
		poll(NULL, 0, atoi(arg[1]));
	} else if (strcmp(arg[0], "linger") == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	else
		note("%s: not a command", arg[0]);
}

/* HELLO to CONF_END; how far depends on what the script does itself. */
static void
handshake(bool ready, bool confdone)
{
	struct imsg		 imsg;
	struct imsg_conf_end	 end;

	if (!await(IMSG_HELLO, &imsg))
		errx(1, "no HELLO");
	h.pagefd = imsg_get_fd(&imsg);
	if (!ready)
		return;
	send_ready(PROXYD_IMSG_VERSION, 1);
	if (!await(IMSG_CONF_END, &imsg) ||
	    imsg_get_data(&imsg, &end, sizeof(end)) == -1)
		errx(1, "no CONF_END");
	h.generation = end.generation;
	if (confdone)
		send_confdone(end.generation);
}

static void
misbehave(void)
{
	char		*last = NULL, *line;
	struct pollfd	 pfd = { .fd = CHANNEL };
	bool		 confdone, linger, ready;

	ready = strstr(h.script, "ready ") == NULL;
	confdone = strstr(h.script, "confdone ") == NULL;
	linger = strstr(h.script, "linger") != NULL;
	handshake(ready, ready && confdone);
	for (line = strtok_r(h.script, "\n", &last); line != NULL;
	    line = strtok_r(NULL, "\n", &last))
		command(line);
	flush();
	if (linger) {
		while (poll(&pfd, 1, WAIT_MS) == 0)
			continue;
		note("closed");
		poll(NULL, 0, -1);
	}
}

/* One ping, as an honest filter would ask for it. */
static void
behave(void)
{
	struct imsg_request	 rq = { .op = 0 };
	struct imsg_done	 done = { 0 };
	struct imsg		 imsg;
	const uint32_t		 id = 77;

	rq.op = (uint16_t)endpoint_byname("ping");
	compose(IMSG_REQUEST, id, -1, &rq, sizeof(rq));
	flush();
	do {
		if (!await(IMSG_DATA, &imsg)) {
			note("not served");
			return;
		}
	} while (imsg.hdr.peerid != id);
	note("served %.*s", 15, (const char *)imsg.data);
	compose(IMSG_DONE, id, -1, &done, sizeof(done));
	flush();
}

/* Call the test, and take its script; empty: behave. */
static void
read_script(void)
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	char			 self[PATH_MAX];
	size_t			 len = 0;
	ssize_t			 n;

	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n == -1)
		_exit(1);
	self[n] = '\0';
	if (strlcpy(sun.sun_path, self, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path) || strlcat(sun.sun_path, ".sock",
	    sizeof(sun.sun_path)) >= sizeof(sun.sun_path))
		_exit(1);
	h.out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (h.out == -1 ||
	    connect(h.out, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		_exit(1);
	while (len < SCRIPT_MAX && (n = read(h.out, h.script + len,
	    SCRIPT_MAX - len)) > 0)
		len += (size_t)n;
}

/* The table, so that the tests can name what they ask for. */
static void
list(void)
{
	const struct endpoint	*ep;
	struct query_key	 key;
	size_t			 i, j;

	for (i = 0; i < endpoint_count(); i++) {
		ep = endpoint_get(i);
		printf("%zu %s %s %s", i, ep->name, method_name(ep->method),
		    ep->path);
		for (j = 0; endpoint_query(ep, j, &key) != -1; j++)
			printf(" %s%s", key.danger ? "!" : "", key.name);
		printf("\n");
	}
	for (i = 0; i < HDR_MAX; i++)
		printf("header %zu %s\n", i, req_header_name(i));
}

int
main(int argc, char *argv[])
{
	struct imsg	 imsg;

	if (argc > 1) {
		list();
		return (0);
	}
	read_script();
	if (imsgbuf_init(&h.ib, CHANNEL) == -1)
		return (1);
	imsgbuf_allow_fdpass(&h.ib);
	if (h.script[0] != '\0')
		misbehave();
	else
		handshake(true, true);
	behave();
	while (packet(-1))
		(void)await(IMSG_SHUTDOWN, &imsg);
	return (0);
}
