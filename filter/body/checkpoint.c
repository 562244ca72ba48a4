/* SPDX-License-Identifier: ISC */

/*
 * Bodies that name a path: POST /containers/{id}/checkpoints, whose
 * directory the engine makes and writes on the host, so that it passes
 * unjudged only, and the old POST /containers/{id}/copy, which reads a file
 * of the container.
 */

#include "schema.h"
#include "tables.h"

/* moby api/types/checkpoint/options.go: CreateOptions */
const struct field checkpoint_fields[] = {
	{ "CheckpointID", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "CheckpointDir", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Exit", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* moby api/types/configs.go, up to 25.0: CopyConfig */
const struct field copy_fields[] = {
	{ "Resource", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};
