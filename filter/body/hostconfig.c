/* SPDX-License-Identifier: ISC */

/*
 * HostConfig, in the order of moby api/types/container/hostconfig.go, with
 * the fields that older APIs had at the end.  The checks of its namespaces,
 * capabilities and options are in namespace.c and option.c.
 */

#include "hostconfig.h"

#include "schema.h"
#include "tables.h"

static const struct field log_fields[] = {
	{ "Type", FT_STRING, 0, check_log_type, NULL, 0, 0 },
	{ "Config", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field restart_fields[] = {
	{ "Name", FT_STRING, 0, check_restart, NULL, 0, 0 },
	{ "MaximumRetryCount", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field binding_fields[] = {
	{ "HostIp", FT_STRING, 0, check_host_ip, NULL, 0, 0 },
	{ "HostPort", FT_STRING, 0, check_host_port, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field hostconfig_fields[] = {
	{ "Binds", FT_STRINGS, 0, check_bind, NULL, 0, 0 },
	{ "ContainerIDFile", FT_STRING, F_DROP, NULL, NULL, 0, 0 },
	{ "LogConfig", FT_OBJECT, 0, check_log_config, log_fields, 0, 0 },
	{ "NetworkMode", FT_STRING, 0, check_netmode, NULL, 0, 0 },
	{ "PortBindings", FT_PORTS, 0, check_port, binding_fields, 0, 0 },
	{ "RestartPolicy", FT_OBJECT, 0, NULL, restart_fields, 0, 0 },
	{ "AutoRemove", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "VolumeDriver", FT_STRING, 0, check_hc_volume_driver, NULL, 0, 0 },
	{ "VolumesFrom", FT_STRINGS, F_PRIV, NULL, NULL, 0, 0 },
	{ "ConsoleSize", FT_PAIR, 0, NULL, NULL, 0, 0 },
	{ "Annotations", FT_MAP, F_PRIV, check_any, NULL, 43, 0 },
	{ "CapAdd", FT_STRINGS, 0, check_cap_add, NULL, 0, 0 },
	{ "CapDrop", FT_STRINGS, 0, check_cap_drop, NULL, 0, 0 },
	{ "CgroupnsMode", FT_STRING, 0, check_cgroupns, NULL, 41, 0 },
	{ "Dns", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "DnsOptions", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "DnsSearch", FT_STRINGS, 0, check_word, NULL, 0, 0 },
	{ "ExtraHosts", FT_STRINGS, 0, check_extra_host, NULL, 0, 0 },
	{ "GroupAdd", FT_STRINGS, F_PRIV, NULL, NULL, 0, 0 },
	{ "IpcMode", FT_STRING, 0, check_ipcmode, NULL, 0, 0 },
	{ "Cgroup", FT_STRING, F_PRIV, NULL, NULL, 0, 0 },
	{ "Links", FT_STRINGS, F_PRIV, NULL, NULL, 0, 0 },
	{ "OomScoreAdj", FT_INT, 0, check_oom_score, NULL, 0, 0 },
	{ "PidMode", FT_STRING, 0, check_pidmode, NULL, 0, 0 },
	{ "Privileged", FT_BOOL, 0, check_privileged, NULL, 0, 0 },
	{ "PublishAllPorts", FT_BOOL, 0, check_publish_all, NULL, 0, 0 },
	{ "ReadonlyRootfs", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "SecurityOpt", FT_STRINGS, 0, check_security, NULL, 0, 0 },
	{ "StorageOpt", FT_MAP, 0, check_storage, NULL, 0, 0 },
	{ "Tmpfs", FT_MAP, 0, check_tmpfs, NULL, 0, 0 },
	{ "UTSMode", FT_STRING, 0, check_utsmode, NULL, 0, 0 },
	{ "UsernsMode", FT_STRING, 0, check_usernsmode, NULL, 0, 0 },
	{ "ShmSize", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "Sysctls", FT_MAP, 0, check_sysctl, NULL, 0, 0 },
	{ "Runtime", FT_STRING, 0, check_runtime, NULL, 0, 0 },
	{ "Isolation", FT_STRING, 0, check_isolation, NULL, 0, 0 },
	{ NULL, FT_EMBED, 0, NULL, resources_fields, 0, 0 },
	{ "Mounts", FT_OBJECTS, 0, check_mount, mount_fields, 0, 0 },
	/*
	 * Any list, an empty one too, takes the place of the daemon's own:
	 * without it /proc/sys is writable, which is root on the host.
	 */
	{ "MaskedPaths", FT_STRINGS, F_PRIV_SET, NULL, NULL, 0, 0 },
	{ "ReadonlyPaths", FT_STRINGS, F_PRIV_SET, NULL, NULL, 0, 0 },
	{ "Init", FT_BOOL, 0, NULL, NULL, 0, 0 },

	/* of 1.13 and 19.03 alone, and of clients that are older still */
	{ "InitPath", FT_STRING, F_GONE, NULL, NULL, 0, 0 },
	{ "Capabilities", FT_STRINGS, F_GONE, NULL, NULL, 0, 0 },
	{ "DiskQuota", FT_INT, F_GONE, NULL, NULL, 0, 0 },
	{ "LxcConf", FT_OBJECTS, F_GONE, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

int
check_update(struct judge *j, const char *key, struct js *root)
{
	return (limit_judge(j, root, true));
}

/* POST /containers/{id}/update */
const struct field update_fields[] = {
	{ NULL, FT_EMBED, 0, NULL, resources_fields, 0, 0 },
	{ "RestartPolicy", FT_OBJECT, 0, NULL, restart_fields, 0, 0 },
	{ .type = FT_END }
};
