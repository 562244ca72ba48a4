/* SPDX-License-Identifier: ISC */

/*
 * The container of a process by the text of its cgroup file, in the forms
 * that Docker, podman and Kubernetes give it, and the whole way for a process
 * that is in none.
 */

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"
#include "test.h"

#define HEX	"0123456789abcdef"
#define XEH	"fedcba9876543210"
#define A	HEX HEX HEX HEX
#define B	XEH XEH XEH XEH

static void
test_cgroup(void)
{
	static const struct {
		const char	*text;
		const char	*id;	/* NULL: none */
	} t[] = {
		{ "", NULL },
		{ "0::/\n", NULL },
		{ "0::/user.slice/user-1000.slice/session-1.scope\n", NULL },
		{ "0::/system.slice/docker-" A ".scope\n", A },
		{ "0::/docker/" A "\n", A },
		{ "0::/docker/" A, A },
		{ "0::/machine.slice/libpod-" A ".scope/container\n", A },
		{ "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" A
		    ".scope\n", A },
		/* what it made below its own cgroup says nothing */
		{ "0::/docker/" A "/docker/" B "\n", A },
		{ "0::/docker/" A "/" B ".scope\n", A },
		{ "12:pids:/docker/" A "\n11:cpu:/docker/" A "\n1:name=systemd:"
		    "/docker/" A "\n", A },
		{ "12:pids:/docker/" A "\n0::/\n", A },
		/* two that differ are none */
		{ "12:pids:/docker/" A "\n11:cpu:/docker/" B "\n", NULL },
		/* below here users make cgroups as they like */
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		    "docker-" A ".scope\n", NULL },
		{ "1:name=systemd:/user.slice/user-1000.slice/" A "\n", NULL },
		{ "0::/user.slice/" A "\n12:pids:/docker/" B "\n", NULL },
		{ "0::/../user.slice/docker-" A ".scope\n", NULL },
		/* what a container is called or made itself is another thing */
		{ "0::/docker/" A "/user.slice/x\n", A },
		{ "0::/user.slices/docker-" A ".scope\n", A },
		/* 63 and 65 digits, upper case, no path */
		{ "0::/docker/0" A "\n", NULL },
		{ "0::/docker/123456789abcdef0123456789abcdef0123456789abcdef"
		    "0123456789abcdef\n", NULL },
		{ "0::/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef"
		    "0123456789abcdef\n", NULL },
		{ A "\n", NULL },
		{ "0:" A "\n", NULL },
	};
	char	 id[65];
	size_t	 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (peer_cgroup(t[i].text, id) != (t[i].id != NULL))
			printf("case %zu: %s", i, t[i].text);
		CHECK(peer_cgroup(t[i].text, id) == (t[i].id != NULL));
		if (t[i].id != NULL)
			CHECK(strcmp(id, t[i].id) == 0);
	}
}

/* This process: no container, or one whose id is well formed. */
static void
test_self(void)
{
	char	 id[65];
	int	 sv[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == 0);
	CHECK(peer_container(sv[0], 0, id));
	CHECK(id[0] == '\0' || strspn(id, "0123456789abcdef") == 64);
	/* accepted before this machine was started: not by this process */
	CHECK(!peer_container(sv[0], UINT64_MAX, id));
	close(sv[0]);
	close(sv[1]);
	CHECK(!peer_container(-1, 0, id));
}

int
main(void)
{
	RUN(test_cgroup);
	RUN(test_self);
	return (test_done());
}
