/* SPDX-License-Identifier: ISC */

/*
 * For programs that are linked statically (make STATIC=1): libevent's object
 * with the sockets in it has functions that look up names, too, and parse
 * text, and libseccomp asserts.  Nothing here calls the first two.  These take
 * the place of the C library's, which would bring resolver, nss(5), message
 * catalogues and wide characters along, a fifth of the program.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* sscanf(3) of C99, as the compiler calls it; no header has it. */
int	 __isoc99_sscanf(const char *, const char *, ...);

int
getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **res)
{
	return (EAI_FAIL);
}

void
freeaddrinfo(struct addrinfo *res)
{
}

const char *
gai_strerror(int error)
{
	return ("names are not looked up");
}

struct servent *
getservbyname(const char *name, const char *proto)
{
	return (NULL);
}

struct protoent *
getprotobynumber(int proto)
{
	return (NULL);
}

int
__isoc99_sscanf(const char *text, const char *fmt, ...)
{
	return (EOF);
}

void
__assert_fail(const char *what, const char *file, unsigned int line,
    const char *function)
{
	if (write(STDERR_FILENO, what, strlen(what)) != -1)
		(void)!write(STDERR_FILENO, ": an assertion failed\n", 22);
	abort();
}
