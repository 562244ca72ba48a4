/* SPDX-License-Identifier: ISC */

/*
 * What the statements of a file allow, demand, limit and put in: each with
 * the line and without.
 */

#include "body_cases.h"

static const struct body_case body_grants_cases[] = {
/* fields as they come */
{ "conf", "'GroupAdd':['999']", 403, "Forbidden - HostConfig.GroupAdd is not "
    "allowed (allow field \"HostConfig.GroupAdd\" would)" },
{ "conf field=HostConfig.GroupAdd", "'GroupAdd':['999']", 0, NULL },
{ "conf field=HostConfig.GroupAdd", "'VolumesFrom':['x']", 403,
    "(allow field \"HostConfig.VolumesFrom\" would)" },
{ "conf field=GroupAdd", "'GroupAdd':['999']", 403, "HostConfig.GroupAdd" },
{ "conf field=HostConfig.Group", "'GroupAdd':['999']", 403, "GroupAdd" },
{ "conf field=HostConfig.GroupAdd", "'groupadd':['999']", 400, "spelt" },
{ "conf field=HostConfig.VolumesFrom", "'VolumesFrom':['x:ro']", 0, NULL },
{ "conf", "'NewThing':{'a':1}", 403, "Forbidden - field HostConfig.NewThing "
    "is not known (allow field \"HostConfig.NewThing\" would)" },
{ "conf", "'NewThing':null", 403, "is not known" },
{ "conf field=HostConfig.NewThing", "'NewThing':{'a':[1,{'b':null}]}", 0,
    NULL },
{ "conf field=HostConfig.NewThing", "'NewThing':1.5,'Init':true", 0,
    "'Init':true,'NewThing':1.5" },
{ "conf field=HostConfig.NewThing", "'NewThing':{'a':1,'A':2}", 400,
    "HostConfig.NewThing has two keys" },
{ "conf field=HostConfig.NewThing field=HostConfig.newthing",
    "'NewThing':1,'newthing':2", 400, "two keys that mean" },
{ "conf field=HostConfig.NewThing", "'newthing':1", 403, "newthing" },
{ "conf field=HostConfig.NewThing", "'NewThing':1,'Other':1", 403, "Other" },
{ "conf field=HostConfig.A.B", "'A.B':1", 403,
    "Forbidden - field HostConfig.A.B is not known" },
{ "conf", "'a-b':1", 403, "field HostConfig.a-b is not known" },
{ "env field=HostConfig.NewThing", "'NewThing':1", 0, NULL },
{ "env", "'NewThing':1", 403, "is not known" },
{ "conf field=HostConfig.Capabilities", "'Capabilities':['SYS_ADMIN']", 400,
    "empty or absent" },
{ "conf field=HostConfig.ContainerIDFile", "'ContainerIDFile':'/x'", 0, "" },
{ "conf", "'PidMode':'container:x'", 403,
    "(allow field \"HostConfig.PidMode\" would)" },
{ "conf field=HostConfig.PidMode", "'PidMode':'container:x'", 0, NULL },
{ "conf", "'NetworkMode':'container:x'", 403,
    "(allow field \"HostConfig.NetworkMode\" would)" },
{ "conf field=HostConfig.NetworkMode", "'NetworkMode':'container:x'", 0,
    NULL },
{ "conf", "'NetworkMode':'ns:/proc/1/ns/net'", 403,
    "(allow field \"HostConfig.NetworkMode\" would)" },
{ "conf", "'IpcMode':'shareable'", 403, "(allow host \"ipc\" would)" },
{ "conf", "'IpcMode':'container:x'", 403, "\"HostConfig.IpcMode\" would)" },
{ "conf field=HostConfig.CgroupParent", "'CgroupParent':'/x'", 0, NULL },
{ "conf field=HostConfig.DeviceCgroupRules", "'DeviceCgroupRules':['a']", 0,
    NULL },
{ "conf field=HostConfig.DeviceRequests", "'DeviceRequests':[{'Count':-1}]",
    0, NULL },
{ "conf", "'BlkioDeviceReadBps':[{'Path':'/x','Rate':1}]", 403,
    "(allow field \"HostConfig.BlkioDeviceReadBps\" would)" },
{ "conf field=HostConfig.ReadonlyPaths", "'ReadonlyPaths':[]", 0, NULL },
{ "conf", "'ReadonlyPaths':[]", 403, "\"HostConfig.ReadonlyPaths\" would)" },
{ "conf", "'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':{'Options':"
    "[['exec']]}}]", 403,
    "(allow field \"HostConfig.Mounts.TmpfsOptions.Options\" would)" },
{ "conf field=HostConfig.Mounts.TmpfsOptions.Options", "'Mounts':[{'Type':"
    "'tmpfs','Target':'/t','TmpfsOptions':{'Options':[['exec']]}}]", 0, NULL },
{ "conf field=HostConfig.Mounts.TmpfsOptions.Options", "'Mounts':[{'Type':"
    "'bind','Source':'/etc','Target':'/t'}]", 403, "bind mount of /etc" },
{ "conf", "'Mounts':[{'Type':'tmpfs','Target':'/proc/x'}]", 403,
    "tmpfs on /proc/x is not allowed (allow privileged would)" },
{ "conf", "'Tmpfs':{'/proc/x':''}", 403,
    "(allow field \"HostConfig.Tmpfs\" would)" },
{ "conf", "'Tmpfs':{'/t':'exec'}", 403, "\"HostConfig.Tmpfs\" would)" },
{ "conf field=HostConfig.Tmpfs", "'Tmpfs':{'/t':'exec'}", 0, NULL },
{ "conf", "'StorageOpt':{'x':'1'}", 403, "\"HostConfig.StorageOpt\" would)" },
{ "conf", "'ExtraHosts':['h:host-gateway']", 403,
    "(allow field \"HostConfig.ExtraHosts\" would)" },
{ "conf", "'Privileged':true", 403, "(allow privileged would)" },
{ "conf field=HostConfig.Privileged", "'Privileged':true", 0, NULL },

/* sysctls */
{ "conf", "'Sysctls':{'kernel/domainname':'x'}", 403,
    "(allow sysctl \"kernel.domainname\" would)" },
{ "conf sysctl=kernel.domainname", "'Sysctls':{'kernel/domainname':'x'}", 0,
    "'Sysctls':{'kernel.domainname':'x'}" },
{ "conf sysctl=kernel.*", "'Sysctls':{'kernel.abc':'x'}", 0, NULL },
{ "conf sysctl=kernel.*", "'Sysctls':{'vm.x':'x'}", 403, "sysctl vm.x" },

/* logging */
{ "conf", "'LogConfig':{'Type':'fluentd'}", 403,
    "log driver fluentd is not allowed (allow log-driver \"fluentd\" would)" },
{ "conf log=fluentd", "'LogConfig':{'Type':'fluentd','Config':"
    "{'fluentd-address':'unix:///x'}}", 0, NULL },
{ "conf log=fluentd", "'LogConfig':{'Type':'syslog'}", 403, "syslog" },
{ "conf", "'LogConfig':{'Type':'json-file','Config':{'x':'1'}}", 403,
    "log option x is not allowed (allow log-driver \"json-file\" would)" },
{ "conf log=json-file", "'LogConfig':{'Type':'json-file','Config':{'x':'1'}}",
    0, NULL },
{ "conf log=fluentd", "'LogConfig':{'Config':{'fluentd-address':'x'}}", 403,
    "(allow field \"HostConfig.LogConfig.Config\" would)" },
{ "conf field=HostConfig.LogConfig.Config", "'LogConfig':{'Config':{'x':'y'}}",
    0, NULL },
{ "conf log=f", "'LogConfig':{'Type':'f','Config':{'a':'b\\n'}}", 400,
    "control character" },

/* publishing */
{ "conf", "'PortBindings':{}", 0, NULL },
{ "conf", "'PortBindings':{'80/tcp':[{'HostPort':'8080'}]}", 403,
    "publishing port 8080 is not allowed (allow publish \"8080\" would)" },
{ "conf publish=8080", "'PortBindings':{'80/tcp':[{'HostPort':'8080'}]}", 0,
    NULL },
{ "conf publish=8080", "'PortBindings':{'80/tcp':[{'HostPort':'8080'},"
    "{'HostPort':'8081'}]}", 403, "port 8081 is" },
{ "conf publish=8000-8100", "'PortBindings':{'80/tcp':[{'HostPort':'8000'},"
    "{'HostPort':'8100'},{'HostPort':'8050-8060'}]}", 0, NULL },
{ "conf publish=8000-8100", "'PortBindings':{'80/tcp':[{'HostPort':'7999'}]}",
    403, "port 7999" },
{ "conf publish=8000-8100", "'PortBindings':{'80/tcp':[{'HostPort':"
    "'8100-8101'}]}", 403, "(allow publish \"8100-8101\" would)" },
{ "conf publish=8000-8100", "'PortBindings':{'80/tcp':[{'HostPort':'08080'}]}",
    0, "'PortBindings':{'80/tcp':[{'HostPort':'8080'}]}" },
{ "conf publish=1-65535", "'PortBindings':{'80/tcp':[]}", 403,
    "publishing a port that the engine chooses is not allowed "
    "(allow publish any would)" },
{ "conf publish=1-65535", "'PortBindings':{'80/tcp':null}", 403, "chooses" },
{ "conf publish=1-65535", "'PortBindings':{'80/tcp':[{}]}", 403, "chooses" },
{ "conf publish=1-65535", "'PortBindings':{'80/tcp':[{'HostPort':''}]}", 403,
    "chooses" },
{ "conf publish=1-65535", "'PortBindings':{'80/tcp':[{'HostPort':'0'}]}", 403,
    "chooses" },
{ "conf publish=1-65535", "'PortBindings':{'80/tcp':[{'HostPort':'0-9'}]}",
    403, "chooses" },
{ "conf publish=*", "'PortBindings':{'80/tcp':[],'81/tcp':[{'HostPort':'9'},"
    "{}]},'PublishAllPorts':true", 0, NULL },
{ "conf", "'PublishAllPorts':true", 403, "(allow publish any would)" },
{ "conf publish=80", "'PublishAllPorts':true", 403, "PublishAllPorts" },
{ "conf priv", "'PortBindings':{'80/tcp':[]},'PublishAllPorts':true", 0,
    NULL },

/* devices of CDI */
{ "conf", "'Devices':[{'PathOnHost':'a.b/gpu=0'}]", 403,
    "(allow device \"a.b/gpu=0\" would)" },
{ "conf device=a.b/gpu=0", "'Devices':[{'PathOnHost':'a.b/gpu=0'}]", 0, NULL },
{ "conf device=a.b/gpu=0", "'Devices':[{'PathOnHost':'a.b/gpu=1'}]", 403,
    "device" },

/* names of ulimits */
{ "conf", "'Ulimits':[{'Name':'NoFile','Hard':1,'Soft':1}]", 0,
    "'Ulimits':[{'Name':'nofile','Hard':1,'Soft':1}]" },
{ "conf", "'Ulimits':[{'Name':'ſtack','Hard':1}]", 400, "name of a limit" },
{ "conf", "'Ulimits':[{'Name':'a b','Hard':1}]", 400, "name of a limit" },
};
BODY_TABLE(body_grants, SCHEMA_CONTAINER_CREATE, "{'HostConfig':{", "}}");

#define MEM	"conf limit=memory:100:50"
#define SWAP	"conf limit=swap:100:50"
#define PIDS	"conf limit=pids:100:50"
#define CPUS	"conf limit=cpus:1500:500"
#define SHM	"conf limit=shm:100:50"
#define FILES	"conf limit=ulimit-nofile:100:50"
#define ABOVE(have, most, need)						\
	have " is above the limit of " most " at p.conf:7 (" need " would)"

static const struct body_case body_limits_cases[] = {
{ MEM, "{}", 0, "{'HostConfig':{'Memory':50}}" },
{ MEM, "{'HostConfig':null}", 0, "{'HostConfig':{'Memory':50}}" },
{ MEM, "{'HostConfig':[]}", 400, "must be an object" },
{ MEM, "{'HostConfig':{'Memory':null}}", 0, "{'HostConfig':{'Memory':50}}" },
{ MEM, "{'HostConfig':{'Memory':0}}", 0, "{'HostConfig':{'Memory':50}}" },
{ MEM, "{'HostConfig':{'Memory':-1}}", 0, "{'HostConfig':{'Memory':50}}" },
{ MEM, "{'HostConfig':{'Memory':99}}", 0, NULL },
{ MEM, "{'HostConfig':{'Memory':100}}", 0, NULL },
{ MEM, "{'HostConfig':{'Memory':101}}", 403, "Forbidden - HostConfig.Memory "
    ABOVE("101", "100", "limit memory 101") },
{ MEM, "{'HostConfig':{'Memory':'1'}}", 400, "must be an integer" },
{ MEM, "{'HostConfig':{'memory':1}}", 400, "must be spelt Memory" },
{ MEM, "{'HostConfig':{'Memory':60,'MemoryReservation':101}}", 403,
    "HostConfig.MemoryReservation 101 is above" },
{ MEM, "{'HostConfig':{'KernelMemory':101}}", 403, "HostConfig.KernelMemory" },
{ MEM, "{'HostConfig':{'KernelMemoryTCP':101}}", 403, "KernelMemoryTCP" },
{ MEM, "{'HostConfig':{'Init':true,'ShmSize':1}}", 0,
    "{'HostConfig':{'ShmSize':1,'Memory':50,'Init':true}}" },
{ MEM " priv", "{'HostConfig':{'Memory':101}}", 403, "is above" },
{ MEM " field=HostConfig", "{'HostConfig':{'memory':101}}", 400,
    "two keys that mean" },
{ MEM " field=HostConfig", "{'HostConfig':{'Memory':101}}", 403, "is above" },

{ SWAP, "{}", 0, "{'HostConfig':{'Memory':50,'MemorySwap':50}}" },
{ SWAP, "{'HostConfig':{'MemorySwap':-1}}", 0,
    "{'HostConfig':{'Memory':50,'MemorySwap':50}}" },
{ SWAP, "{'HostConfig':{'Memory':70}}", 0,
    "{'HostConfig':{'Memory':70,'MemorySwap':70}}" },
{ SWAP, "{'HostConfig':{'Memory':20,'MemorySwap':100}}", 0, NULL },
{ SWAP, "{'HostConfig':{'Memory':20,'MemorySwap':101}}", 403,
    "HostConfig.MemorySwap " ABOVE("101", "100", "limit swap 101") },
{ SWAP, "{'HostConfig':{'Memory':101}}", 403, "HostConfig.Memory 101 is" },
{ SWAP " limit=memory:80:30", "{}", 0,
    "{'HostConfig':{'Memory':30,'MemorySwap':50}}" },

{ PIDS, "{}", 0, "{'HostConfig':{'PidsLimit':50}}" },
{ PIDS, "{'HostConfig':{'PidsLimit':null}}", 0,
    "{'HostConfig':{'PidsLimit':50}}" },
{ PIDS, "{'HostConfig':{'PidsLimit':0}}", 0,
    "{'HostConfig':{'PidsLimit':50}}" },
{ PIDS, "{'HostConfig':{'PidsLimit':-1}}", 0,
    "{'HostConfig':{'PidsLimit':50}}" },
{ PIDS, "{'HostConfig':{'PidsLimit':100}}", 0, NULL },
{ PIDS, "{'HostConfig':{'PidsLimit':101}}", 403,
    ABOVE("101", "100", "limit pids 101") },

{ CPUS, "{}", 0, "{'HostConfig':{'NanoCpus':500000000}}" },
{ CPUS, "{'HostConfig':{'NanoCpus':0}}", 0,
    "{'HostConfig':{'NanoCpus':500000000}}" },
{ CPUS, "{'HostConfig':{'NanoCpus':1500000000}}", 0, NULL },
{ CPUS, "{'HostConfig':{'NanoCpus':1500000001}}", 403,
    "HostConfig.NanoCpus " ABOVE("1.501", "1.500", "limit cpus 1.501") },
{ CPUS, "{'HostConfig':{'CpuQuota':150000}}", 0, NULL },
{ CPUS, "{'HostConfig':{'CpuQuota':150001}}", 403,
    "HostConfig.CpuQuota " ABOVE("1.501", "1.500", "limit cpus 1.501") },
{ CPUS, "{'HostConfig':{'CpuPeriod':1000,'CpuQuota':1500}}", 0, NULL },
{ CPUS, "{'HostConfig':{'CpuPeriod':1000,'CpuQuota':100000}}", 403,
    "CpuQuota 100.000" },
{ CPUS, "{'HostConfig':{'CpuQuota':9223372036854775807}}", 403, "CpuQuota" },
{ CPUS, "{'HostConfig':{'CpuPeriod':50000}}", 0,
    "{'HostConfig':{'CpuPeriod':50000,'CpuQuota':25000}}" },
{ CPUS, "{'HostConfig':{'CpuPeriod':50000,'CpuQuota':-1}}", 0,
    "{'HostConfig':{'CpuPeriod':50000,'CpuQuota':25000}}" },
{ CPUS, "{'HostConfig':{'CpuQuota':-1}}", 0,
    "{'HostConfig':{'NanoCpus':500000000,'CpuQuota':0}}" },
{ CPUS, "{'HostConfig':{'NanoCpus':1000000000,'CpuQuota':-1}}", 0,
    "{'HostConfig':{'NanoCpus':1000000000,'CpuQuota':0}}" },
{ CPUS, "{'HostConfig':{'CpuPeriod':1,'CpuQuota':1}}", 400, "CpuPeriod" },
{ CPUS, "{'HostConfig':{'CpuPeriod':-1,'CpuQuota':1}}", 400, "CpuPeriod" },

{ SHM, "{}", 0, "{'HostConfig':{'ShmSize':50}}" },
{ SHM, "{'HostConfig':{'ShmSize':0}}", 0, "{'HostConfig':{'ShmSize':50}}" },
{ SHM, "{'HostConfig':{'ShmSize':100}}", 0, NULL },
{ SHM, "{'HostConfig':{'ShmSize':101}}", 403,
    ABOVE("101", "100", "limit shm 101") },

#define UL(s) "{'HostConfig':{'Ulimits':[" s "]}}"
{ FILES, "{}", 0, UL("{'Name':'nofile','Hard':50,'Soft':50}") },
{ FILES, UL(""), 0, UL("{'Name':'nofile','Hard':50,'Soft':50}") },
{ FILES, "{'HostConfig':{'Ulimits':null}}", 0,
    UL("{'Name':'nofile','Hard':50,'Soft':50}") },
{ FILES, UL("{'Name':'core','Hard':-1,'Soft':-1}"), 0,
    UL("{'Name':'core','Hard':-1,'Soft':-1},"
    "{'Name':'nofile','Hard':50,'Soft':50}") },
{ FILES, UL("{'Name':'nofile','Hard':100,'Soft':99}"), 0, NULL },
{ FILES, UL("{'Name':'nofile','Hard':101,'Soft':1}"), 403,
    "HostConfig.Ulimits[0] nofile "
    ABOVE("101", "100", "allow ulimit \"nofile\"") },
{ FILES, UL("{'Name':'nofile','Hard':1,'Soft':101}"), 403, "nofile 101" },
{ FILES, UL("{'Name':'NOFILE','Hard':101,'Soft':1}"), 403, "nofile 101" },
{ FILES, UL("{'Name':'nofile','Hard':1,'Soft':1},"
    "{'Name':'nofile','Hard':101,'Soft':1}"), 403, "Ulimits[1]" },
{ FILES, UL("{'Name':'nofile','Hard':-1,'Soft':60}"), 0,
    UL("{'Name':'nofile','Hard':50,'Soft':50}") },
{ FILES, UL("{'Name':'nofile','Hard':-1,'Soft':5}"), 0,
    UL("{'Name':'nofile','Hard':50,'Soft':5}") },
{ FILES, UL("{'Name':'nofile','Hard':20,'Soft':-1}"), 0,
    UL("{'Name':'nofile','Hard':20,'Soft':20}") },
{ FILES " ulimit=nofile", UL("{'Name':'nofile','Hard':101,'Soft':-1}"), 0,
    NULL },
{ FILES " ulimit=nofile", "{}", 0,
    UL("{'Name':'nofile','Hard':50,'Soft':50}") },
{ FILES " ulimit=core", UL("{'Name':'nofile','Hard':101}"), 403, "nofile" },
{ "conf limit=ulimit-core:0", "{}", 0,
    UL("{'Name':'core','Hard':0,'Soft':0}") },
{ "conf limit=ulimit-core:0", UL("{'Name':'core','Hard':1}"), 403, "core 1 " },

/* labels */
{ "conf label=owner=ci", "{}", 0, "{'Labels':{'owner':'ci'}}" },
{ "conf label=owner=ci", "{'Labels':null}", 0, "{'Labels':{'owner':'ci'}}" },
{ "conf label=owner=ci", "{'Labels':{'a':'b','owner':'me','c':'d'}}", 0,
    "{'Labels':{'a':'b','owner':'ci','c':'d'}}" },
{ "conf label=owner=ci label=x=", "{'Labels':{'owner':5}}", 0,
    "{'Labels':{'owner':'ci','x':''}}" },
{ "conf label=owner=ci", "{'Labels':[]}", 400, "must be an object" },
{ "conf label=owner=ci", "{'labels':{}}", 400, "must be spelt Labels" },
{ "conf label=a=b=c", "{'Cmd':['x']}", 0,
    "{'Cmd':['x'],'Labels':{'a':'b=c'}}" },
{ "conf label=a=b", "[]", 400, "must be an object" },

/* requirements */
#define USER	"conf require=non-root"
#define NNP	"conf require=no-new-privileges"
#define RO	"conf require=read-only"
#define DROP	"conf require=drop-capabilities"
{ DROP " field=HostConfig", "{'User':'1','HostConfig':{'CapDrop':['ALL'],"
    "'capadd':['ALL']}}", 403, "CapAdd must not have ALL" },
{ DROP " field=HostConfig", "{'User':'1','HostConfig':{'CapDrop':['ALL'],"
    "'privileged':true}}", 403, "Privileged" },
{ "conf limit=cpus:1500:500 field=HostConfig",
    "{'HostConfig':{'CpUQuota':-1,'CpuPeriod':1000}}", 400,
    "two keys that mean" },
{ USER, "{}", 403, "Forbidden - User must be a user other than root: "
    "require non-root at p.conf:7" },
{ USER, "{'User':''}", 403, "User must be" },
{ USER, "{'User':'0'}", 403, "User must be" },
{ USER, "{'User':'root'}", 403, "User must be" },
{ USER, "{'User':'0:1000'}", 403, "User must be" },
{ USER, "{'User':'root:x'}", 403, "User must be" },
{ USER, "{'User':'000'}", 403, "User must be" },
{ USER, "{'User':'+0'}", 403, "User must be" },
{ USER, "{'User':'-0:1'}", 403, "User must be" },
{ USER, "{'User':':1000'}", 403, "User must be" },
{ USER, "{'User':'1000'}", 0, NULL },
{ USER, "{'User':'1000:0'}", 0, NULL },
{ USER, "{'User':'10'}", 0, NULL },
{ USER, "{'User':'rooty'}", 0, NULL },
{ USER, "{'User':'app:app'}", 0, NULL },
{ NNP, "{}", 403, "Forbidden - HostConfig.SecurityOpt must have "
    "no-new-privileges: require no-new-privileges at p.conf:7" },
#define SEC(s)	"{'HostConfig':{'SecurityOpt':[" s "]}}"
{ NNP, SEC("'no-new-privileges'"), 0, NULL },
{ NNP, SEC("'no-new-privileges=true'"), 0, NULL },
{ NNP, SEC("'no-new-privileges:true'"), 0, NULL },
{ NNP " sec=no-new-privileges=false",
    SEC("'no-new-privileges','no-new-privileges=false'"), 403, "must have" },
{ NNP " sec=no-new-privileges=false",
    SEC("'no-new-privileges=false','no-new-privileges'"), 0, NULL },
{ NNP " sec=x", SEC("'x'"), 403, "must have" },
{ RO, "{'HostConfig':{}}", 403, "HostConfig.ReadonlyRootfs must be true" },
{ RO, "{'HostConfig':{'ReadonlyRootfs':false}}", 403, "ReadonlyRootfs" },
{ RO, "{'HostConfig':{'ReadonlyRootfs':true}}", 0, NULL },
{ DROP, "{}", 403, "HostConfig.CapDrop must have ALL" },
{ DROP, "{'HostConfig':{'CapDrop':['CHOWN']}}", 403, "CapDrop must" },
{ DROP, "{'HostConfig':{'CapDrop':['all']}}", 0,
    "{'HostConfig':{'CapDrop':['ALL']}}" },
{ DROP " cap=CHOWN", "{'HostConfig':{'CapAdd':['CHOWN'],'CapDrop':['ALL']}}",
    0, NULL },
{ DROP " priv", "{'HostConfig':{'CapAdd':['ALL'],'CapDrop':['ALL']}}", 403,
    "HostConfig.CapAdd must not have ALL" },
{ DROP " field=HostConfig.CapAdd",
    "{'HostConfig':{'CapAdd':['All'],'CapDrop':['ALL']}}", 403, "CapAdd" },
{ DROP " priv", "{'HostConfig':{'CapDrop':['ALL'],'Privileged':true}}", 403,
    "HostConfig.Privileged must be false" },
};
BODY_TABLE(body_limits, SCHEMA_CONTAINER_CREATE, "", "");

static const struct body_case body_grants_exec_cases[] = {
{ USER, "{'Cmd':['x']}", 0, NULL },
{ USER, "{'User':'','Cmd':['x']}", 0, NULL },
{ USER, "{'User':'app'}", 0, NULL },
{ USER, "{'User':'0'}", 403, "Forbidden - User must be a user other" },
{ USER, "{'User':'root'}", 403, "User must be" },
{ USER, "{'User':':5'}", 403, "User must be" },
{ DROP " priv", "{'Privileged':true}", 403, "Privileged must be false" },
{ DROP " priv", "{'Privileged':false}", 0, NULL },
{ NNP, "{}", 0, NULL },
{ RO, "{}", 0, NULL },
{ "conf label=a=b " "limit=memory:1", "{}", 0, NULL },
};
BODY_TABLE(body_grants_exec, SCHEMA_EXEC_CREATE, "", "");

static const struct body_case body_grants_update_cases[] = {
{ MEM, "{}", 0, NULL },
{ MEM, "{'Memory':100}", 0, NULL },
{ MEM, "{'Memory':101}", 403, "Forbidden - Memory 101 is above" },
{ SWAP, "{'MemorySwap':0}", 0, NULL },
{ SWAP, "{'MemorySwap':-1}", 403,
    "Forbidden - MemorySwap -1 would lift the limit of 100 at p.conf:7" },
{ SWAP, "{'MemorySwap':101}", 403, "MemorySwap 101 is above" },
{ PIDS, "{'PidsLimit':null}", 0, "{}" },
{ PIDS, "{'PidsLimit':0}", 403, "PidsLimit 0 would lift" },
{ PIDS, "{'PidsLimit':-1}", 403, "PidsLimit -1 would lift" },
{ PIDS, "{'PidsLimit':7}", 0, NULL },
{ PIDS, "{'PidsLimit':101}", 403, "(limit pids 101 would)" },
{ CPUS, "{'NanoCpus':0,'CpuPeriod':0,'CpuQuota':0}", 0, NULL },
{ CPUS, "{'NanoCpus':1000000000}", 0, NULL },
{ CPUS, "{'NanoCpus':2000000000}", 403, "NanoCpus 2.000 is above" },
{ CPUS, "{'NanoCpus':-1}", 403, "would lift" },
{ CPUS, "{'CpuQuota':-1}", 403, "CpuQuota -1 would lift" },
{ CPUS, "{'NanoCpus':1000000000,'CpuQuota':-1}", 403, "would lift" },
{ CPUS, "{'CpuQuota':1000}", 403, "only be changed together" },
{ CPUS, "{'CpuPeriod':1000}", 403, "only be changed together" },
{ CPUS, "{'CpuPeriod':100000,'CpuQuota':150000}", 0, NULL },
{ CPUS, "{'CpuPeriod':100000,'CpuQuota':150001}", 403, "is above" },
{ FILES, "{'Ulimits':[{'Name':'nofile','Hard':101}]}", 403, "Ulimits[0]" },
{ FILES, "{'Ulimits':[{'Name':'nofile','Hard':-1}]}", 403, "nofile -1 is" },
{ "conf", "{'PidsLimit':-1,'MemorySwap':-1,'CpuQuota':-1}", 0,
    "{'CpuQuota':-1,'MemorySwap':-1,'PidsLimit':-1}" },
{ USER " label=a=b", "{}", 0, NULL },
};
BODY_TABLE(body_grants_update, SCHEMA_CONTAINER_UPDATE, "", "");

static const struct body_case body_grants_volume_cases[] = {
{ "conf volume=v label=owner=ci", "{'Name':'v'}", 0,
    "{'Name':'v','Labels':{'owner':'ci'}}" },
{ "conf volume=v label=owner=ci", "{'Name':'v','Labels':{'owner':'x'}}", 0,
    "{'Name':'v','Labels':{'owner':'ci'}}" },
{ "conf", "{'Driver':'plugin'}", 403, "(allow field \"Driver\" would)" },
{ "conf field=Driver", "{'Driver':'plugin','DriverOpts':{'a':'b'}}", 0, NULL },
};
BODY_TABLE(body_grants_volume, SCHEMA_VOLUME_CREATE, "", "");

static const struct body_case body_grants_network_cases[] = {
{ "conf network=n label=owner=ci", "{'Name':'n'}", 0,
    "{'Name':'n','Labels':{'owner':'ci'}}" },
{ "conf network=n", "{'Name':'n','IPAM':{'Config':[{'Subnet':'x'}]}}", 403,
    "(allow field \"IPAM.Config.Subnet\" would)" },
{ "conf network=n field=IPAM.Config.Subnet",
    "{'Name':'n','IPAM':{'Config':[{'Subnet':'x'}]}}", 0, NULL },
{ "conf network=n", "{'Name':'n','Driver':'macvlan'}", 403,
    "(allow field \"Driver\" would)" },
};
BODY_TABLE(body_grants_network, SCHEMA_NETWORK_CREATE, "", "");

/* Names in maps are the client's: they do not make the name of a field. */
static const struct body_case body_grants_endpoint_cases[] = {
{ "conf network=*", "'n':{'MacAddress':'x'}", 403, "(allow field "
    "\"NetworkingConfig.EndpointsConfig.MacAddress\" would)" },
{ "conf network=* field=NetworkingConfig.EndpointsConfig.MacAddress",
    "'n':{'MacAddress':'x'}", 0, NULL },
{ "conf network=* field=NetworkingConfig.EndpointsConfig.IPAMConfig.MacAddress",
    "'n].IPAMConfig[':{'MacAddress':'x'}", 403,
    "\"NetworkingConfig.EndpointsConfig.MacAddress\" would)" },
};
BODY_TABLE(body_grants_endpoint, SCHEMA_CONTAINER_CREATE,
    "{'NetworkingConfig':{'EndpointsConfig':{", "}}}");
