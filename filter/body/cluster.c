/* SPDX-License-Identifier: ISC */

/*
 * PUT /volumes/{name}: a volume of the swarm's CSI plugins, in the order of
 * moby api/types/volume/cluster_volume.go.  The specification is a plugin's,
 * and goes to it as it is.
 */

#include "schema.h"
#include "tables.h"

static const struct field no_fields[] = {
	{ .type = FT_END }
};

static const struct field mount_volume_fields[] = {
	{ "FsType", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "MountFlags", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field access_fields[] = {
	{ "Scope", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Sharing", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "MountVolume", FT_OBJECT, 0, NULL, mount_volume_fields, 0, 0 },
	{ "BlockVolume", FT_OBJECT, 0, NULL, no_fields, 0, 0 },
	{ .type = FT_END }
};

static const struct field topology_fields[] = {
	{ "Segments", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field requirement_fields[] = {
	{ "Requisite", FT_OBJECTS, 0, NULL, topology_fields, 0, 0 },
	{ "Preferred", FT_OBJECTS, 0, NULL, topology_fields, 0, 0 },
	{ .type = FT_END }
};

static const struct field capacity_fields[] = {
	{ "RequiredBytes", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "LimitBytes", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field volume_secret_fields[] = {
	{ "Key", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Secret", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

/* ClusterVolumeSpec */
static const struct field cluster_fields[] = {
	{ "Group", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "AccessMode", FT_OBJECT, 0, NULL, access_fields, 0, 0 },
	{ "AccessibilityRequirements", FT_OBJECT, 0, NULL,
	    requirement_fields, 0, 0 },
	{ "CapacityRange", FT_OBJECT, 0, NULL, capacity_fields, 0, 0 },
	{ "Secrets", FT_OBJECTS, 0, NULL, volume_secret_fields, 0, 0 },
	{ "Availability", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field volume_update_fields[] = {
	{ "Spec", FT_OBJECT, F_PRIV, NULL, cluster_fields, 42, 0 },
	{ "version", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};
