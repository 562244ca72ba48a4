/* SPDX-License-Identifier: ISC */

/*
 * What the statements of a file allow: each with the line and without.
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
};
BODY_TABLE(body_grants, SCHEMA_CONTAINER_CREATE, "{'HostConfig':{", "}}");

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
