/* SPDX-License-Identifier: ISC */

/*
 * POST /auth, in the order of moby api/types/registry/authconfig.go, whose
 * keys are in lower case.  The engine connects to serveraddress and hands the
 * password over; so it may be Docker Hub, or a host that images are allowed
 * from.
 */

#include "schema.h"
#include "tables.h"

#include "../trace.h"

#include <string.h>

#include <bsd/string.h>

#define HOST_BYTES	256

static int	 check_server(struct judge *, const char *, struct js *);

const struct field auth_fields[] = {
	{ "username", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "password", FT_STRING, 0, check_any, NULL, 0, 0 },
	{ "auth", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "email", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "serveraddress", FT_STRING, 0, check_server, NULL, 0, 0 },
	{ "identitytoken", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "registrytoken", FT_STRING, 0, check_word, NULL, 0, 0 },
	/* of dockerode */
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* "https://ghcr.io/v2/" is the host ghcr.io; -1: it is none. */
static int
server_host(const char *s, char *host, size_t size)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-[]";
	size_t			 n;

	if (strncmp(s, "https://", 8) == 0)
		s += 8;
	else if (strncmp(s, "http://", 7) == 0)
		s += 7;
	n = strcspn(s, "/");
	if (n == 0 || n >= size || strspn(s, chars) < n ||
	    strpbrk(s, "?#@\\") != NULL)
		return (-1);
	memcpy(host, s, n);
	host[n] = '\0';
	return (0);
}

/* Is there an allowance for images of this host? */
static bool
server_allowed(const struct judge *j, const char *host)
{
	const struct allow	*a;
	size_t			 n = strlen(host);

	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == ALLOW_IMAGE && (strcmp(a->text, "*") == 0 ||
		    (strncmp(a->text, host, n) == 0 && a->text[n] == '/'))) {
			trace_allow(j->path, host, a);
			return (true);
		}
	return (false);
}

static int
check_server(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 hub[] = {
		"docker.io", "index.docker.io", "registry-1.docker.io", NULL
	};
	char				 host[HOST_BYTES], image[HOST_BYTES];

	if (v->len == 0)
		return (0);
	if (check_word(j, key, v) == -1)
		return (-1);
	if (server_host(v->text, host, sizeof(host)) == -1)
		return (judge_bad(j, "must be the address of a registry"));
	if (text_in(host, hub) || judge_privileged(j) ||
	    server_allowed(j, host))
		return (0);
	(void)strlcpy(image, host, sizeof(image));
	(void)strlcat(image, "/*", sizeof(image));
	return (judge_forbid(j, "image", image, "registry %.128s", host));
}
