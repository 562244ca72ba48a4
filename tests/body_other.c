/* SPDX-License-Identifier: ISC */

/*
 * The bodies of the other operations.
 */

#include "body_cases.h"

#define WS	"env bind=/workspace"

static const struct body_case body_exec_cases[] = {
{ "env", "{'Cmd':['sh']}", 0, NULL },
{ "env", "{'Cmd':'sh'}", 400, "Cmd must be an array of strings" },
{ "env", "{'cmd':['sh']}", 400, "must be spelt Cmd" },
{ "env", "{'Privileged':false,'Cmd':['sh']}", 0, NULL },
{ "env", "{'Privileged':true,'Cmd':['sh']}", 403,
    "Forbidden - privileged mode is not allowed (ALLOW_PRIVILEGED=1 would)" },
{ "env", "{'privileged':true,'Cmd':['sh']}", 400, "must be spelt Privileged" },
{ "env priv", "{'Privileged':true,'Cmd':['sh']}", 0, NULL },
{ "env", "{'User':'root','Env':['LD_PRELOAD=x'],'WorkingDir':'/proc'}", 0,
    NULL },
{ "env", "{'User':'a\\nb'}", 400, "control character" },
{ "env", "{'Container':'x','Cmd':['a'],'abortSignal':{}}", 0,
    "{'Cmd':['a']}" },
{ "env", "{'detachKeys':'ctrl-p'}", 0, NULL },
{ "env", "{'detachKeys':'ctrl-p','DetachKeys':'ctrl-q'}", 400, "two keys" },
{ "env", "{'ConsoleSize':[24,80]}", 0, NULL },
{ "env", "{'HostConfig':{}}", 403, "field HostConfig is not known" },
{ "env", "", 400, "must be a JSON object" },
{ "env", "null", 400, "must be a JSON object" },
};
BODY_TABLE(body_exec, SCHEMA_EXEC_CREATE, "", "");

static const struct body_case body_exec_start_cases[] = {
{ "env", "{'Detach':false,'Tty':true,'h':24,'w':80}", 0, NULL },
{ "env", "{'h':65536}", 400, "h must be at most 65535" },
{ "env", "{'Detach':false,'Tty':true}", 0, NULL },
{ "env", "{'Detach':true}", 0, NULL },
{ "env", "", 0, "{}" },
{ "env", "{'Tty':true,'ConsoleSize':null}", 0, "{'Tty':true}" },
{ "env", "{'Privileged':true}", 403, "is not known" },
{ "env", "{'Detach':'x'}", 400, "Detach must be true or false" },
};
BODY_TABLE(body_exec_start, SCHEMA_EXEC_START, "", "");

static const struct body_case body_update_cases[] = {
{ "env", "{'Memory':1000000,'RestartPolicy':{'Name':'always'}}", 0, NULL },
{ "env", "{'PidsLimit':-1}", 0, NULL },
{ "env", "{'Devices':[{'PathOnHost':'/dev/sda'}]}", 403, "device /dev/sda" },
{ "env", "{'CgroupParent':'/x'}", 403, "CgroupParent is not allowed" },
{ "env", "{'OomKillDisable':true}", 403, "OomKillDisable" },
{ "env", "{'Privileged':true}", 403, "field Privileged is not known" },
{ "env", "{'restartpolicy':{}}", 400, "must be spelt RestartPolicy" },
{ "env", "", 400, "must be a JSON object" },
};
BODY_TABLE(body_update, SCHEMA_CONTAINER_UPDATE, "", "");

static const struct body_case body_commit_cases[] = {
{ "env", "", 0, "{}" },
{ "env", "null\n", 0, "{}" },
{ "env", "{}", 0, NULL },
{ "env", "{'Cmd':['x'],'Labels':{'a':'b'}}", 0, NULL },
{ "env", "{'repo':'r','tag':'t','comment':'c','container':'x'}", 0, "{}" },
{ "env", "{'Binds':['/:/h']}", 400, "belongs in HostConfig" },
{ "env", "{'HostConfig':{}}", 403, "not known" },
{ "env", "[]", 400, "must be an object" },
};
BODY_TABLE(body_commit, SCHEMA_COMMIT, "", "");

static const struct body_case body_network_cases[] = {
{ "env", "'Driver':'bridge'", 0, NULL },
{ "env", "'Driver':''", 0, NULL },
{ "env", "'Driver':null", 0, "" },
{ "env", "'CheckDuplicate':true,'Scope':'local','EnableIPv4':true,"
    "'EnableIPv6':false,'Internal':true,'Attachable':true,'Labels':"
    "{'a':'b'}", 0, NULL },
{ "env", "'IPAM':{'Driver':'default','Options':{},'Config':[]}", 0, NULL },
{ "env", "'IPAM':{'Driver':'default','Config':[{}]}", 0, NULL },
{ "env", "'IPAM':null,'Options':null,'ConfigFrom':null", 0, "" },
{ "env", "'Driver':'macvlan'", 403, "network driver macvlan is not allowed" },
{ "env", "'Driver':'ipvlan'", 403, "network driver ipvlan" },
{ "env", "'Driver':'overlay'", 403, "network driver overlay" },
{ "env priv", "'Driver':'macvlan','Options':{'parent':'eth0'}", 0, NULL },
{ "env", "'Options':{'com.docker.network.bridge.name':'br0'}", 403,
    "Options is not allowed" },
{ "env", "'Options':{}", 0, NULL },
{ "env", "'IPAM':{'Config':[{'Subnet':'198.51.100.0/24'}]}", 403,
    "IPAM.Config[0].Subnet is not allowed" },
{ "env", "'IPAM':{'Config':[{'Gateway':'198.51.100.1'}]}", 403, "Gateway" },
{ "env", "'IPAM':{'Config':[{'AuxiliaryAddresses':{'a':'198.51.100.1'}}]}",
    403, "AuxiliaryAddresses" },
{ "env", "'IPAM':{'Driver':'x'}", 403, "IPAM.Driver" },
{ "env", "'IPAM':{'Options':{'a':'b'}}", 403, "IPAM.Options" },
{ "env priv", "'IPAM':{'Config':[{'Subnet':'198.51.100.0/24'}]}", 0, NULL },
{ "env", "'Scope':'swarm'", 403, "Scope" },
{ "env", "'Ingress':false,'ConfigOnly':false,'ConfigFrom':{'Network':''}", 0,
    NULL },
{ "env", "'Ingress':true", 403, "Ingress" },
{ "env", "'ConfigOnly':true", 403, "ConfigOnly" },
{ "env", "'ConfigFrom':{'Network':'x'}", 403, "ConfigFrom.Network" },
{ "env", "'driver':'macvlan'", 400, "must be spelt Driver" },
{ "env", "'X':1", 403, "field X is not known" },
};
BODY_TABLE(body_network, SCHEMA_NETWORK_CREATE, "{'Name':'n',", "}");

static const struct body_case body_network_name_cases[] = {
{ "env", "'net'", 0, NULL },
{ "env", "'host'", 400, "has not taken" },
{ "env", "'bridge'", 400, "has not taken" },
{ "env", "''", 400, "has not taken" },
{ "env", "null", 400, "Name must be given" },
{ "env", "'container:x'", 400, "has not taken" },
{ "env", "'a/b'", 400, "has not taken" },
{ "env", "'a\\n'", 400, "has not taken" },
{ "env priv", "'a b'", 400, "has not taken" },
{ "conf", "'net'", 403, "(allow network \"net\" would)" },
{ "conf network=n*", "'net'", 0, NULL },
};
BODY_TABLE(body_network_name, SCHEMA_NETWORK_CREATE, "{'Name':", "}");

static const struct body_case body_connect_cases[] = {
{ "env", "{'Container':'web','EndpointConfig':{'Aliases':['a']}}", 0, NULL },
{ "env", "{'Container':'/web'}", 0, NULL },
{ "env", "{'Container':'web','EndpointConfig':null}", 0,
    "{'Container':'web'}" },
{ "env", "{'Container':'a/b'}", 400, "name or id of a container" },
{ "env", "{'Container':'web','EndpointConfig':{'IPAMConfig':{'IPv4Address':"
    "'10.0.0.2'}}}", 403, "IPv4Address" },
{ "env", "{'Container':'web','EndpointConfig':{'NetworkID':'x'}}", 403,
    "NetworkID" },
{ "env", "{'Container':'web','EndpointConfig':{'Links':['a:b']}}", 403,
    "EndpointConfig.Links" },
};
BODY_TABLE(body_connect, SCHEMA_NETWORK_CONNECT, "", "");

static const struct body_case body_disconnect_cases[] = {
{ "env", "{'Container':'web','Force':true}", 0, NULL },
{ "env", "{'Container':''}", 400, "name or id of a container" },
{ "env", "{'Force':1}", 400, "Force must be true or false" },
};
BODY_TABLE(body_disconnect, SCHEMA_NETWORK_DISCONNECT, "", "");

#define OPTS(o)	"{'Name':'v','DriverOpts':{" o "}}"

static const struct body_case body_volume_cases[] = {
{ "env", "{'Name':'v'}", 0, NULL },
{ "env", "{'Driver':'local','DriverOpts':{},'Labels':{}}", 0, NULL },
{ "env", "{'Name':'','Driver':'','DriverOpts':null,'Labels':null}", 0,
    "{'Name':'','Driver':''}" },
{ "env", "{'Name':'/etc'}", 400, "name of a volume" },
{ "conf", "{'Name':'v'}", 403, "(allow volume \"v\" would)" },
{ "conf volume=v*", "{'Name':'v1'}", 0, NULL },
{ "env", "{'Driver':'plugin'}", 403, "volume driver plugin is not allowed" },
{ "env priv", "{'Driver':'plugin','DriverOpts':{'x':'/etc'}}", 0, NULL },
{ "env", "{'ClusterVolumeSpec':null}", 0, "{}" },
{ "env", "{'ClusterVolumeSpec':{}}", 0, "{}" },
{ "env", "{'ClusterVolumeSpec':[]}", 400, "must be an object" },
{ "env", "{'ClusterVolumeSpec':{'Group':'x'}}", 400, "empty or absent" },
{ "env", OPTS("'size':'1g'"), 0, NULL },
{ "env", OPTS("'type':'none','o':'bind','device':'/'"), 403,
    "bind mount of / is not allowed" },
{ WS, OPTS("'type':'none','o':'bind','device':'/workspace/x/'"), 0,
    OPTS("'type':'none','o':'bind','device':'/workspace/x'") },
{ WS, OPTS("'type':'bind','o':'bind','device':'/workspace'"), 0, NULL },
{ WS, OPTS("'o':'rbind,ro','device':'/workspace'"), 0, NULL },
{ WS, OPTS("'type':'none','o':'bind','device':'/etc'"), 403,
    "only /workspace" },
{ WS, OPTS("'type':'none','o':'bind','device':'etc'"), 400,
    "DriverOpts[device] must be an absolute path" },
{ WS, OPTS("'type':'none','o':'bind'"), 400, "absolute path" },
{ WS, OPTS("'type':'none','o':'bind,exec','device':'/workspace'"), 403,
    "driver options (type none)" },
{ "env bindro=/w", OPTS("'type':'none','o':'bind','device':'/w'"), 403,
    "read-only" },
{ "env bindro=/w", OPTS("'type':'none','o':'bind,ro','device':'/w'"), 0,
    NULL },
{ "env bindro=/w", OPTS("'type':'none','o':'bind,ro,rw','device':'/w'"), 403,
    "read-only" },
{ WS, OPTS("'type':'ext4','device':'/dev/sda1'"), 403, "(type ext4)" },
{ WS, OPTS("'type':'tmpfs','device':'tmpfs'"), 403, "(type tmpfs)" },
{ WS, OPTS("'type':'nfs','device':':/x','o':'addr=h'"), 403, "(type nfs)" },
{ WS, OPTS("'Type':'none'"), 400, "local driver does not know" },
{ WS " priv", OPTS("'type':'none','o':'bind','device':'/etc'"), 403,
    "only /workspace" },
{ WS " priv", OPTS("'type':'tmpfs','device':'tmpfs'"), 0, NULL },
{ WS " priv", OPTS("'type':'nfs','device':':/x','o':'addr=h'"), 0, NULL },
{ WS " priv", OPTS("'type':'ext4','device':'/dev/sda1'"), 403,
    "bind mount of /dev/sda1" },
{ WS " bind=/dev/sda1 priv", OPTS("'type':'ext4','device':'/dev/sda1'"), 0,
    NULL },
{ WS " priv", OPTS("'type':'proc','device':'/workspace'"), 403,
    "volume of type proc is not allowed" },
{ WS " priv", OPTS("'type':'overlay','device':'overlay','o':"
    "'lowerdir=/etc,upperdir=/workspace/u,workdir=/workspace/w'"), 403,
    "bind mount of /etc" },
{ WS " priv", OPTS("'type':'overlay','device':'overlay','o':"
    "'lowerdir=/workspace/l:/usr,upperdir=/workspace/u'"), 403, "/usr" },
{ WS " priv", OPTS("'type':'overlay','device':'overlay','o':"
    "'lowerdir=etc'"), 400, "absolute path" },
{ WS " priv", OPTS("'type':'overlay','device':'overlay','o':"
    "'lowerdir=/workspace/a\\\\,/../../etc'"), 400, "backslash" },
{ WS " priv", OPTS("'type':'overlay','device':'overlay','o':'lowerdir="
    "/workspace/l,upperdir=/workspace/u,workdir=/workspace/w'"), 0, NULL },
{ "env priv bind=/", OPTS("'type':'proc','device':'proc'"), 0, NULL },
{ WS " priv", OPTS("'type':'overlay','o':'bind','device':'/etc'"), 403,
    "bind mount of /etc" },
{ "env", OPTS("'type':'none','type':'x'"), 400, "a key twice" },
{ "env", OPTS("'o':'bind\\n'"), 400, "control character" },
{ "env", "{'driverOpts':{}}", 400, "must be spelt DriverOpts" },
};
BODY_TABLE(body_volume, SCHEMA_VOLUME_CREATE, "", "");

static const struct body_case body_nothing_cases[] = {
{ "env", "", 0, "" },
{ "env", " \n", 0, "" },
{ "env", "{'Privileged':true,'Binds':['/:/h']}", 400, "must be empty" },
};
BODY_TABLE(body_nothing, SCHEMA_NONE, "", "");
