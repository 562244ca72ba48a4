/* SPDX-License-Identifier: ISC */

/*
 * What a container mounts: Binds, Mounts, Tmpfs.
 */

#include "body_cases.h"

#define WS	"env bind=/workspace"
#define VOL(o)								\
	"'Mounts':[{'Type':'volume','Source':'v','Target':'/h',"	\
	"'VolumeOptions':{'DriverConfig':{" o "}}}]"

static const struct body_case body_storage_cases[] = {
{ "env", "'Binds':null", 0, "" },
{ "env", "'Binds':[]", 0, NULL },
{ "env", "'Binds':['/etc:/h']", 403,
    "Forbidden - bind mount of /etc is not allowed (WORKSPACE_ROOT or "
    "ALLOWED_MOUNT_PATHS would name what is)" },
{ "conf", "'Binds':['/etc:/h']", 403, "(allow bind \"/etc\" would)" },
{ "conf", "'Binds':['/etc:/h:ro']", 403,
    "(allow bind \"/etc\" read-only would)" },
{ "conf", "'Binds':['/e\\\\t\\\"c:/h']", 403,
    "(allow bind \"/e\\\\t\\\"c\" would)" },
{ "conf bind=/a bind=/b", "'Binds':['/etc:/h']", 403,
    ": only /a, /b (allow bind \"/etc\" would)" },
{ "conf bind=/var", "'Binds':['/var/run:/v:ro']", 403,
    "named itself (allow bind \"/var/run\" read-only would)" },
{ WS, "'Binds':['/etc:/h']", 403,
    "Forbidden - bind mount of /etc is not allowed: only /workspace" },
{ "env bind=/a bind=/b", "'Binds':['/etc:/h']", 403, ": only /a, /b" },
{ WS " priv", "'Binds':['/etc:/h']", 403, ": only /workspace" },
{ "env priv", "'Binds':['/etc:/h']", 403, "bind mount of /etc" },
{ WS, "'Binds':['/workspace:/h']", 0, NULL },
{ WS, "'Binds':['/workspace/data:/data:ro']", 0, NULL },
{ WS, "'Binds':['/workspace/:/h']", 0, "'Binds':['/workspace:/h']" },
{ WS, "'Binds':['//workspace/./a//b/:/h:rw']", 0,
    "'Binds':['/workspace/a/b:/h:rw']" },
{ WS, "'Binds':['/workspacex:/h']", 403, "bind mount of /workspacex" },
{ WS, "'Binds':['/workspace/../etc:/h']", 403, "bind mount of /etc" },
{ WS, "'Binds':['/workspace/..:/h']", 403, "bind mount of / is" },
{ WS, "'Binds':['/../../workspace/x:/h']", 0,
    "'Binds':['/workspace/x:/h']" },
{ WS, "'Binds':['/workspace/a/../b:/h']", 0, "'Binds':['/workspace/b:/h']" },
{ WS, "'Binds':['/workspace/...:/h']", 0, NULL },
{ WS, "'Binds':['\\u002fetc:/h']", 403, "bind mount of /etc" },
{ WS, "'Binds':['/workspace\\n/../etc:/h']", 400, "control character" },
{ WS, "'Binds':['/workspace\\u0000/../etc:/h']", 400, "not valid JSON" },
{ WS, "'Binds':['/workspace\\u007f:/h']", 400, "control character" },
{ WS, "'Binds':['/var/run/docker.sock:/s']", 403, "docker.sock" },
{ "env bind=/var/run", "'Binds':['/var/run/docker.sock:/s']", 403,
    "it must be named itself" },
{ "env bind=/var/run/docker.sock", "'Binds':['/var/run/docker.sock:/s']", 0,
    NULL },
{ WS, "'Binds':['/workspace/docker.sock:/s']", 403, "named itself" },
{ "env bind=/var", "'Binds':['/var/lib/docker/volumes:/v']", 403,
    "named itself" },
{ "env bind=/var", "'Binds':['/var/run:/v']", 403, "named itself" },
{ "env bind=/run", "'Binds':['/run/user/1000:/v']", 0, NULL },
{ "env bind=/", "'Binds':['/:/h']", 0, NULL },
{ "env bind=/", "'Binds':['/proc:/h','/var/run/docker.sock:/s']", 0, NULL },
{ "env", "'Binds':['/proc:/p']", 403, "bind mount of /proc" },
{ "env", "'Binds':['/sys/fs:/p']", 403, "bind mount of /sys/fs" },
{ "env bind=/dev/shm", "'Binds':['/dev/shm/x:/p']", 0, NULL },
{ "env bind=/dev/shm", "'Binds':['/dev:/p']", 403, "bind mount of /dev" },
{ WS, "'Binds':['/workspace:/h:rshared']", 403, "mount option rshared" },
{ WS, "'Binds':['/workspace:/h:slave']", 403, "mount option slave" },
{ WS, "'Binds':['/workspace:/h:ro,z']", 403, "mount option z" },
{ WS, "'Binds':['/workspace:/h:Z']", 403, "mount option Z" },
{ WS " priv", "'Binds':['/workspace:/h:Z,rshared']", 0, NULL },
{ WS, "'Binds':['/workspace:/h:private']", 0, NULL },
{ WS, "'Binds':['/workspace:/h:cached','/workspace:/i:rw,delegated']", 0,
    NULL },
{ WS, "'Binds':['/workspace:/h:wat']", 400, "unknown mount option" },
{ WS, "'Binds':['/workspace:/h:ro,rw']", 400, "both ro and rw" },
{ WS, "'Binds':['/workspace:/h:']", 400, "source:target[:options]" },
{ WS, "'Binds':['/workspace:/h:ro:x']", 400, "too many colons" },
{ WS, "'Binds':['/workspace:h']", 400, "absolute path as target" },
{ WS, "'Binds':['/workspace:rw']", 400, "absolute path as target" },
{ WS, "'Binds':['']", 400, "source:target" },
{ WS, "'Binds':['./x:/h']", 400, "absolute path or the name of a volume" },
{ WS, "'Binds':['~/x:/h']", 400, "absolute path or the name" },
{ WS, "'Binds':[null]", 400, "must not be null" },
{ WS, "'Binds':'/workspace:/h'", 400, "must be an array of strings" },
{ WS, "'Binds':[{}]", 400, "HostConfig.Binds[0] must be a string" },
{ WS, "'Binds':['/workspace:/h','/etc:/e']", 403, "/etc" },
{ WS, "'Binds':['/data']", 0, NULL },
{ "env bindro=/etc/ssl", "'Binds':['/etc/ssl:/h:ro']", 0, NULL },
{ "env bindro=/etc/ssl", "'Binds':['/etc/ssl:/h']", 403, "read-only" },
{ "env bindro=/etc/ssl", "'Binds':['/etc/ssl:/h:rw']", 403, "read-only" },
{ "env bindro=/etc/ssl", "'Binds':['/etc:/h:ro']", 403,
    "only /etc/ssl (read-only)" },
{ "env bindro=/a bind=/a/b", "'Binds':['/a/b:/h']", 0, NULL },
{ "env", "'Binds':['vol:/h']", 0, NULL },
{ "env", "'Binds':['vol:/h:nocopy']", 0, NULL },
{ "conf", "'Binds':['vol:/h']", 403, "(allow volume \"vol\" would)" },
{ "conf volume=v*", "'Binds':['vol:/h']", 0, NULL },
{ "conf volume=v*", "'Binds':['other:/h']", 403, "volume other" },
{ "conf priv", "'Binds':['other:/h']", 0, NULL },

/* Mounts */
{ "env", "'Mounts':[]", 0, NULL },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace//x','Target':'/h'}]", 0,
    "'Mounts':[{'Type':'bind','Source':'/workspace/x','Target':'/h'}]" },
{ WS, "'Mounts':[{'Type':'bind','Source':'/etc','Target':'/h'}]", 403,
    "bind mount of /etc is not allowed: only /workspace" },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace/../etc',"
    "'Target':'/h'}]", 403, "bind mount of /etc" },
{ WS, "'Mounts':[{'Type':'bind','Source':'etc','Target':'/h'}]", 400,
    "HostConfig.Mounts[0] must be an absolute path" },
{ WS, "'Mounts':[{'Type':'bind','Target':'/h'}]", 400, "absolute path" },
{ "env bindro=/w", "'Mounts':[{'Type':'bind','Source':'/w','Target':'/h'}]",
    403, "read-only" },
{ "env bindro=/w", "'Mounts':[{'Type':'bind','Source':'/w','Target':'/h',"
    "'ReadOnly':true}]", 0, NULL },
{ WS, "'Mounts':[{'Type':'BIND','Source':'/workspace','Target':'/h'}]", 400,
    "one of the types" },
{ WS, "'Mounts':[{'Source':'/workspace','Target':'/h'}]", 400, "types" },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace','Target':'h'}]", 400,
    "Target must be an absolute path" },
{ WS, "'Mounts':[null]", 400, "must not be null" },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace','Target':'/h',"
    "'BindOptions':{'Propagation':'rprivate'}}]", 0, NULL },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace','Target':'/h',"
    "'BindOptions':{'Propagation':'rshared'}}]", 403, "propagation rshared" },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace','Target':'/h',"
    "'BindOptions':{'Propagation':'x'}}]", 400, "propagation" },
{ WS, "'Mounts':[{'Type':'bind','Source':'/workspace','Target':'/h',"
    "'BindOptions':{'CreateMountpoint':true}}]", 0, NULL },
{ WS, "'Mounts':[{'Type':'bind','Source':'/opt','Target':'/h',"
    "'BindOptions':{'CreateMountpoint':true}}]", 403, "bind mount of /opt" },
{ "env", "'Mounts':[{'Type':'volume','Source':'v','Target':'/h'}]", 0, NULL },
{ "env", "'Mounts':[{'Type':'volume','Source':'','Target':'/h'}]", 0, NULL },
{ "env", "'Mounts':[{'Type':'volume','Source':'/etc','Target':'/h'}]", 400,
    "name of a volume" },
{ "conf", "'Mounts':[{'Type':'volume','Source':'v','Target':'/h'}]", 403,
    "volume v is not allowed" },
{ "env", "'Mounts':[{'Type':'volume','Target':'/h','VolumeOptions':"
    "{'NoCopy':true,'Labels':{'a':'b'},'Subpath':'x/y'}}]", 0, NULL },
{ "env", "'Mounts':[{'Type':'volume','Target':'/h','VolumeOptions':"
    "{'Subpath':'x/../y'}}]", 400, "must not have .." },
{ "env", "'Mounts':[{'Type':'volume','Target':'/h','VolumeOptions':"
    "{'Subpath':'/y'}}]", 400, "relative path" },
{ "env", VOL("'Name':'local','Options':{}"), 0, NULL },
{ "env", VOL("'Name':'','Options':{'type':'none','o':'bind','device':'/'}"),
    403, "bind mount of / is not allowed" },
{ WS, VOL("'Options':{'type':'none','o':'bind','device':'/workspace//x'}"),
    0, VOL("'Options':{'type':'none','o':'bind','device':'/workspace/x'}") },
{ WS, VOL("'Options':{'type':'none','o':'bind','device':'/workspace/../x'}"),
    403, "bind mount of /x" },
{ WS, VOL("'Options':{'type':'proc','device':'proc'}"), 403,
    "volume with driver options (type proc)" },
{ WS, VOL("'Options':{'type':'overlay','device':'overlay','o':"
    "'lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w'}"), 403, "overlay" },
{ WS, VOL("'Name':'plugin'"), 403, "volume driver plugin" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':"
    "{'SizeBytes':1024,'Mode':448}}]", 0, NULL },
{ "env", "'Mounts':[{'Type':'tmpfs','Source':'x','Target':'/t'}]", 400,
    "no Source" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/proc'}]", 403,
    "tmpfs on /proc" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/x/../sys/kernel'}]", 403,
    "tmpfs on /sys/kernel" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'x'}]", 400, "Target" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':"
    "{'Options':[['noexec'],['uid','5']]}}]", 0, NULL },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':"
    "{'Options':[['exec']]}}]", 403, "tmpfs option exec" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':"
    "{'Options':[['size','1,exec']]}}]", 400, "option and its value" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':"
    "{'Options':[[]]}}]", 400, "one or two" },
{ "env", "'Mounts':[{'Type':'image','Source':'i','Target':'/t'}]", 403,
    "mount of type image" },
{ "env", "'Mounts':[{'Type':'image','Source':'i','Target':'/t',"
    "'ImageOptions':{'Subpath':'x'}}]", 403, "ImageOptions" },
{ "env", "'Mounts':[{'Type':'cluster','Source':'i','Target':'/t',"
    "'ClusterOptions':{}}]", 403, "mount of type cluster" },
{ "env", "'Mounts':[{'Type':'npipe','Source':'i','Target':'/t'}]", 403,
    "mount of type npipe" },
{ "env priv", "'Mounts':[{'Type':'image','Source':'i','Target':'/t'}]", 0,
    NULL },

/* Tmpfs */
{ "env", "'Tmpfs':{}", 0, NULL },
{ "env", "'Tmpfs':{'/run':''}", 0, NULL },
{ "env", "'Tmpfs':{'/run':'rw,noexec,nosuid,nodev,size=64m,mode=1777,uid=1,"
    "gid=1'}", 0, NULL },
{ "env", "'Tmpfs':{'/t':'exec,suid,dev'}", 403, "tmpfs option exec" },
{ "env", "'Tmpfs':{'/t':'noexec,suid'}", 403, "tmpfs option suid" },
{ "env", "'Tmpfs':{'/proc/x':''}", 403, "tmpfs on /proc/x" },
{ "env", "'Tmpfs':{'/x/../sys':''}", 403, "tmpfs on /sys" },
{ "env", "'Tmpfs':{'/dev':''}", 403, "tmpfs on /dev" },
{ "env", "'Tmpfs':{'/dev/shm':''}", 0, NULL },
{ "env", "'Tmpfs':{'t':''}", 400, "absolute path" },
{ "env priv", "'Tmpfs':{'/t':'exec'}", 0, NULL },
};
BODY_TABLE(body_storage, SCHEMA_CONTAINER_CREATE, "{'HostConfig':{", "}}");
