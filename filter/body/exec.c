/* SPDX-License-Identifier: ISC */

/*
 * POST /containers/{id}/exec and POST /exec/{id}/start.
 */

#include "schema.h"
#include "tables.h"

const struct field exec_create_fields[] = {
	{ "User", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Privileged", FT_BOOL, 0, check_privileged, NULL, 0, 0 },
	{ "Tty", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "ConsoleSize", FT_PAIR, 0, NULL, NULL, 0, 0 },
	{ "AttachStdin", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "AttachStderr", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "AttachStdout", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Detach", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "DetachKeys", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Env", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "WorkingDir", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Cmd", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	/* of docker-py, which spells it so; the id is in the path */
	{ "detachKeys", FT_STRING, F_ALIAS, check_word, NULL, 0, 0 },
	{ "Container", FT_DROP, 0, NULL, NULL, 0, 0 },
	/* of dockerode */
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field exec_start_fields[] = {
	{ "Detach", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Tty", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "ConsoleSize", FT_PAIR, 0, NULL, NULL, 0, 0 },
	/* podman's, of its own API: what ConsoleSize is */
	{ "h", FT_UINT16, 0, NULL, NULL, 0, 0 },
	{ "w", FT_UINT16, 0, NULL, NULL, 0, 0 },
	/* of dockerode: what it does with the connection */
	{ "hijack", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "stdin", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};
