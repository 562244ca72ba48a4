/* SPDX-License-Identifier: ISC */

/*
 * Why the engine could not be reached, in the words that clients are told:
 * one table for all the places where a connection is asked for.  Pure.
 */

#include <errno.h>
#include <stddef.h>

#include "../parent/parent.h"

enum refusal
refusal_of(int error)
{
	static const struct {
		int		 error;
		enum refusal	 reason;
	} table[] = {
		/* unix(7), connect(2) and path_resolution(7) */
		{ ENOENT, REFUSED_NOSOCKET },
		{ ENOTDIR, REFUSED_NOSOCKET },
		{ ECONNREFUSED, REFUSED_CONNECT },
		{ EACCES, REFUSED_PERMISSION },
		{ EPERM, REFUSED_PERMISSION },
		{ EAGAIN, REFUSED_BUSY },
		/* ours, and not the engine's */
		{ EMFILE, REFUSED_LIMIT },
		{ ENFILE, REFUSED_LIMIT },
		{ ENOMEM, REFUSED_LIMIT },
		{ ENOBUFS, REFUSED_LIMIT },
	};
	size_t	 i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == error)
			return (table[i].reason);
	return (REFUSED_UNREACHED);
}
