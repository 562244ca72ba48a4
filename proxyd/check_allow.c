/* SPDX-License-Identifier: ISC */

/*
 * Allowances that amount to root on the host, and what somebody gets with
 * them.  Who may not create containers gets nothing from most of them, so
 * nothing is said then.  Binds are in check_bind.c.
 */

#include "../proxyd/check.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

struct gives {
	const char	*what;
	const char	*gives;
};

static const struct gives	 capabilities[] = {
	{ "ALL", "every capability: root on the host" },
	{ "SYS_ADMIN", "mounts the host's file systems and writes where the "
	    "kernel takes programs from: root on the host" },
	{ "SYS_MODULE", "loads a module into the host's kernel" },
	{ "SYS_RAWIO", "reads and writes the host's memory and disks" },
	{ "DAC_READ_SEARCH", "opens every file of the host by its handle, "
	    "/etc/shadow included" },
	{ "SYS_BOOT", "starts the host again, with another kernel" },
	{ "BPF", "loads programs into the host's kernel" },
	{ "PERFMON", "reads what the host's kernel and processes do" },
	{ NULL, NULL }
};

/* Patterns; a device is named by its path. */
static const struct gives	 devices[] = {
	{ "/dev", "every device of the host, its disks and its memory" },
	{ "/dev/mem", "the memory of the host" },
	{ "/dev/kmem", "the memory of the host" },
	{ "/dev/port", "the ports of the host's hardware" },
	{ "/dev/sd*", "reads and writes a disk past its file system" },
	{ "/dev/hd*", "reads and writes a disk past its file system" },
	{ "/dev/vd*", "reads and writes a disk past its file system" },
	{ "/dev/xvd*", "reads and writes a disk past its file system" },
	{ "/dev/nvme*", "reads and writes a disk past its file system" },
	{ "/dev/mmcblk*", "reads and writes a disk past its file system" },
	{ "/dev/md*", "reads and writes a disk past its file system" },
	{ "/dev/dm-*", "reads and writes a disk past its file system" },
	{ "/dev/mapper*", "reads and writes a disk past its file system" },
	{ "/dev/disk*", "reads and writes a disk past its file system" },
	{ "/dev/block*", "reads and writes a disk past its file system" },
	{ "/dev/loop*", "reads and writes what the host has mounted" },
	{ "/dev/sg*", "sends commands to the host's disks" },
	{ "/dev/uinput", "types on the host's console" },
	{ "/dev/kmsg", "reads and writes the kernel's log" },
	{ NULL, NULL }
};

static const struct gives	 hosts[] = {
	{ "pid", "sees and may end every process of the host" },
	{ "network", "reaches what the host offers to itself on 127.0.0.1 "
	    "and on abstract sockets" },
	{ "ipc", "reads and writes the shared memory of the host's "
	    "processes" },
	{ "userns", "root of the container is root of the host, even if the "
	    "engine maps users" },
	{ "cgroup", "sees the control groups of the host" },
	{ NULL, NULL }
};

/* Patterns, "=" for ":" too. */
static const struct gives	 security[] = {
	{ "seccomp*", "the container may make every system call, those that "
	    "the kernel is attacked by included" },
	{ "apparmor*", "the container may mount, and write below /proc and "
	    "/sys, as far as its capabilities go" },
	{ "label*", "SELinux keeps the container from nothing" },
	{ "disable", "SELinux keeps the container from nothing" },
	{ "systempaths*", "/proc/sys can be written: root on the host" },
	{ "writable-cgroups*", "the container changes its own limits" },
	{ "no-new-privileges?false", "set-user-ID programs work again" },
	{ NULL, NULL }
};

/* By the last name of the path. */
static const struct gives	 fields[] = {
	{ "*", "whatever it holds, Privileged or Binds included: root on "
	    "the host" },
	{ "HostConfig", "whatever it holds, Privileged and Binds included: "
	    "root on the host" },
	{ "Privileged", "root on the host" },
	{ "Binds", "every path of the host" },
	{ "Mounts", "every path of the host" },
	{ "VolumesFrom", "all that another container has mounted, paths and "
	    "sockets of the host included" },
	{ "VolumeDriver", "a volume plugin mounts what it likes" },
	{ "Driver", "a volume plugin mounts what it likes, and a network can "
	    "be on the host's own interfaces" },
	{ "DriverConfig", "a volume that is any path or disk of the host" },
	{ "DriverOpts", "a volume that is any path or disk of the host" },
	{ "ClusterVolumeSpec", "a volume plugin mounts what it likes" },
	{ "Propagation", "mounts made in the container appear on the host" },
	{ "GroupAdd", "groups of the host by number, those of docker, disk "
	    "and shadow included: with a mount, their files and sockets" },
	{ "Cgroup", "the control group of another container" },
	{ "CgroupParent", "a place outside of the engine's control group, "
	    "where no limit holds" },
	{ "CgroupnsMode", "sees the control groups of the host" },
	{ "Devices", "every device of the host, its disks and its memory" },
	{ "DeviceCgroupRules", "every device of the host, by mknod(2): its "
	    "disks and its memory" },
	{ "DeviceRequests", "a CDI specification mounts and runs what it "
	    "likes" },
	{ "MaskedPaths", "/proc/kcore, which is the memory of the host" },
	{ "ReadonlyPaths", "/proc/sys/kernel/core_pattern can be written: "
	    "root on the host" },
	{ "CapAdd", "every capability: root on the host" },
	{ "Capabilities", "every capability: root on the host" },
	{ "SecurityOpt", "no seccomp, no AppArmor, no SELinux" },
	{ "PidMode", "the processes of the host" },
	{ "IpcMode", "the shared memory of the host" },
	{ "UsernsMode", "root of the container is root of the host" },
	{ "NetworkMode", "the network of the host" },
	{ "NetworkID", "every network, by its number" },
	{ "Runtime", "runs any containerd-shim of the engine's PATH as "
	    "root" },
	{ "Annotations", "orders for the runtime, which is root: hooks and "
	    "devices" },
	{ "LogConfig", "the engine, as root, connects to any socket of the "
	    "host and reads the files that the driver is told of" },
	{ "Links", "gives another container a name of one's own" },
	{ "ConfigFrom", "a network on the host's own interfaces" },
	{ "Options", "bridges and interfaces of the host" },
	{ NULL, NULL }
};

/* What the engine does not send anywhere. */
static const char *const	 log_local[] = {
	"json-file", "local", "none", "journald"
};

static const char *
find(const struct gives *table, const char *what)
{
	for (; table->what != NULL; table++)
		if (strcasecmp(table->what, what) == 0)
			return (table->gives);
	return (NULL);
}

static const char *
find_pattern(const struct gives *table, const char *what)
{
	for (; table->what != NULL; table++)
		if (fnmatch(table->what, what, 0) == 0)
			return (table->gives);
	return (NULL);
}

static bool
allows(const struct profile *p, enum allow_kind kind, const char *text)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &p->allows, entry)
		if (a->kind == kind && strcmp(a->text, text) == 0)
			return (true);
	return (false);
}

/* Harmless alone, and not together. */
static const char *
capability_gives(const struct profile *p, const char *cap)
{
	if (strcmp(cap, "SYS_PTRACE") == 0 && allows(p, ALLOW_HOST, "pid"))
		return ("with \"allow host pid\" takes over any process of "
		    "the host: root");
	if (strcmp(cap, "NET_ADMIN") == 0 && allows(p, ALLOW_HOST, "network"))
		return ("with \"allow host network\" changes the host's "
		    "addresses, routes and firewall");
	return (find(capabilities, cap));
}

static const char *
field_gives(const char *field)
{
	char		 name[64];
	const char	*p;
	size_t		 n;

	p = strrchr(field, '.');
	p = p != NULL ? p + 1 : field;
	n = strcspn(p, "[");
	if (n >= sizeof(name))
		return (NULL);
	memcpy(name, p, n);
	name[n] = '\0';
	return (find(fields, name));
}

static const char *
log_gives(const char *driver)
{
	size_t	 i;

	for (i = 0; i < sizeof(log_local) / sizeof(log_local[0]); i++)
		if (strcmp(log_local[i], driver) == 0)
			return (NULL);
	return ("the engine, as root, connects to any address or socket of "
	    "the host that the request names");
}

/* For who may create containers. */
static void
check_create(struct check *c, const struct allow *a)
{
	static const char *const	 words[ALLOW_KIND_MAX] = {
		[ALLOW_CAPABILITY] = "capability",
		[ALLOW_DEVICE] = "device",
		[ALLOW_HOST] = "host",
		[ALLOW_SECURITY] = "security",
		[ALLOW_RUNTIME] = "runtime",
		[ALLOW_FIELD] = "field",
		[ALLOW_LOGDRIVER] = "log-driver",
	};
	const char			*gives = NULL;

	if (a->kind == ALLOW_CAPABILITY)
		gives = capability_gives(c->p, a->text);
	else if (a->kind == ALLOW_DEVICE)
		gives = find_pattern(devices, a->text);
	else if (a->kind == ALLOW_HOST)
		gives = find(hosts, a->text);
	else if (a->kind == ALLOW_SECURITY)
		gives = find_pattern(security, a->text);
	else if (a->kind == ALLOW_RUNTIME)
		gives = "the engine starts it as root: whoever can change "
		    "or confuse it is root on the host";
	else if (a->kind == ALLOW_FIELD)
		gives = field_gives(a->text);
	else if (a->kind == ALLOW_LOGDRIVER)
		gives = log_gives(a->text);
	if (gives != NULL)
		check_warn(c, a->origin, "allow %s %s: %s", words[a->kind],
		    a->text, gives);
}

static const struct gives	 archives[] = {
	{ "*", "archives are unpacked unread, with devices, set-user-id "
	    "programs and links to anywhere: root on the host for whoever "
	    "meets them in a directory of the host that a container mounts" },
	{ "device", "a disk of the host can be put into a directory of the "
	    "host that a container mounts: root for who may open it there" },
	{ "link", "a link in a directory of the host that a container mounts "
	    "can lead programs of the host, and later mounts, anywhere" },
	{ "setuid", "a program of root can be put into a directory of the "
	    "host that a container mounts: root for who runs it there" },
	{ NULL, NULL }
};

/* For who may unpack archives into containers. */
static void
check_archive(struct check *c, const struct allow *a)
{
	const char	*gives;

	if (a->kind != ALLOW_ARCHIVE ||
	    (gives = find(archives, a->text)) == NULL)
		return;
	check_warn(c, a->origin, "allow archive %s: %s",
	    strcmp(a->text, "*") == 0 ? "any" : a->text, gives);
}

/* What env_policy.c says of a switch is not said again. */
static void
check_all(struct check *c, const struct allow *a, bool creates)
{
	if (c->p->fromenv)
		return;
	if (a->kind == ALLOW_PRIVILEGED && (creates ||
	    check_passes(c->p, "exec/create", false) != NULL))
		check_warn(c, a->origin, "allow privileged: whoever may "
		    "create a container gets all capabilities and devices "
		    "of the host and is root there");
	if (a->kind == ALLOW_UNJUDGED)
		check_warn(c, a->origin, "allow unjudged: requests pass whose "
		    "purpose is root on the host, or whose query is not "
		    "looked at (plugins, swarm, checkpoints)");
}

void
check_allows(struct check *c)
{
	const struct allow	*a;
	bool			 creates, fields_used, unpacks;

	creates = check_passes(c->p, "containers/create", false) != NULL;
	fields_used = creates ||
	    check_passes(c->p, "volumes/create", false) != NULL ||
	    check_passes(c->p, "networks/create", false) != NULL ||
	    check_passes(c->p, "exec/create", false) != NULL;
	unpacks = check_passes(c->p, "containers/archive/put", false) != NULL;
	TAILQ_FOREACH(a, &c->p->allows, entry) {
		check_all(c, a, creates);
		if (unpacks)
			check_archive(c, a);
		if (creates || (fields_used && a->kind == ALLOW_FIELD))
			check_create(c, a);
	}
}
