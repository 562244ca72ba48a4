/* SPDX-License-Identifier: ISC */

/*
 * Resources, which HostConfig embeds and POST /containers/{id}/update takes,
 * in the order of moby api/types/container/hostconfig.go.  What limits the
 * container is free; what names something of the host is not.
 */

#include "schema.h"
#include "tables.h"

#include <string.h>

static int	 check_device(struct judge *, const char *, struct js *);

static const struct field weight_fields[] = {
	{ "Path", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Weight", FT_UINT16, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field throttle_fields[] = {
	{ "Path", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Rate", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field device_fields[] = {
	{ "PathOnHost", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "PathInContainer", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "CgroupPermissions", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field request_fields[] = {
	{ "Driver", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Count", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "DeviceIDs", FT_STRINGS, 0, NULL, NULL, 0, 0 },
	{ "Capabilities", FT_LISTS, 0, check_any, NULL, 0, 0 },
	{ "Options", FT_MAP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field ulimit_fields[] = {
	{ "Name", FT_STRING, 0, check_ulimit_name, NULL, 0, 0 },
	{ "Hard", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Soft", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/*
 * A device has to be allowed by its exact path, cleaned as the file's is, and
 * goes on under it; "vendor/class=name" is one of CDI, whose specification
 * may mount and hook what it likes.
 */
static int
check_device(struct judge *j, const char *key, struct js *v)
{
	struct js	*source = js_get(v, "PathOnHost");
	const char	*path = js_get_string(v, "PathOnHost");
	char		 clean[BODY_PATH];
	const char	*perm = js_get_string(v, "CgroupPermissions");

	if (perm[strspn(perm, "rwm")] != '\0')
		return (judge_bad(j, "must have CgroupPermissions out of "
		    "rwm"));
	if (path[0] == '/') {
		if (path_clean(path, clean, sizeof(clean)) == -1)
			return (judge_bad(j, "has too long a path"));
		set_string(j, source, clean);
		path = source->text;
	}
	if (judge_privileged(j))
		return (0);
	if (path[0] != '\0' && allow_has(j, ALLOW_DEVICE, path))
		return (0);
	return (judge_forbid(j, "device", path, "device %.128s", path));
}

static int
check_oom_kill(struct judge *j, const char *key, struct js *v)
{
	return (js_is(v, JS_TRUE) ? judge_unprivileged(j) : 0);
}

/*
 * Up to API 1.41 there was KernelMemory, and Docker 29 has none of the two;
 * engines ignore them where they do not apply, so no range is given.
 */
const struct field resources_fields[] = {
	{ "CpuShares", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Memory", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "NanoCpus", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "CgroupParent", FT_STRING, F_PRIV, NULL, NULL, 0, 0 },
	{ "BlkioWeight", FT_UINT16, 0, NULL, NULL, 0, 0 },
	/* their paths are looked up on the host */
	{ "BlkioWeightDevice", FT_OBJECTS, F_PRIV, NULL, weight_fields, 0, 0 },
	{ "BlkioDeviceReadBps", FT_OBJECTS, F_PRIV, NULL, throttle_fields,
	    0, 0 },
	{ "BlkioDeviceWriteBps", FT_OBJECTS, F_PRIV, NULL, throttle_fields,
	    0, 0 },
	{ "BlkioDeviceReadIOps", FT_OBJECTS, F_PRIV, NULL, throttle_fields,
	    0, 0 },
	{ "BlkioDeviceWriteIOps", FT_OBJECTS, F_PRIV, NULL, throttle_fields,
	    0, 0 },
	{ "CpuPeriod", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "CpuQuota", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "CpuRealtimePeriod", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "CpuRealtimeRuntime", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "CpusetCpus", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "CpusetMems", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Devices", FT_OBJECTS, 0, check_device, device_fields, 0, 0 },
	{ "DeviceCgroupRules", FT_STRINGS, F_PRIV, NULL, NULL, 0, 0 },
	{ "DeviceRequests", FT_OBJECTS, F_PRIV, NULL, request_fields, 0, 0 },
	{ "KernelMemory", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "KernelMemoryTCP", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "MemoryReservation", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "MemorySwap", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "MemorySwappiness", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "OomKillDisable", FT_BOOL, 0, check_oom_kill, NULL, 0, 0 },
	{ "PidsLimit", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Ulimits", FT_OBJECTS, 0, NULL, ulimit_fields, 0, 0 },
	/* of Windows */
	{ "CpuCount", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "CpuPercent", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "IOMaximumIOps", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "IOMaximumBandwidth", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};
