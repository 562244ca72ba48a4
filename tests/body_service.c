/* SPDX-License-Identifier: ISC */

/*
 * Services: the specification, its task, and the containers of the task.
 */

#include "body_cases.h"

#define WS	"env bind=/workspace"

static const struct body_case body_service_cases[] = {
{ "conf", "'Labels':{'a':'b'}", 0, NULL },
{ "conf label=owner=ci", "'Labels':{'owner':'x'}", 0,
    "'Labels':{'owner':'ci'}" },
{ "conf", "'Mode':{'Replicated':{'Replicas':2}}", 0, NULL },
{ "conf", "'Mode':{'Global':{}}", 0, NULL },
{ "conf", "'Mode':{'ReplicatedJob':{'MaxConcurrent':1,'TotalCompletions':2}}",
    0, NULL },
{ "conf", "'Mode':{'Replicated':{'Replicas':-1}}", 400, "not be negative" },
{ "conf", "'Mode':{'Global':{'x':1}}", 403, "Mode.Global.x is not known" },
{ "conf", "'UpdateConfig':{'Parallelism':1,'Delay':1000,'FailureAction':"
    "'pause','Monitor':5000000000,'MaxFailureRatio':0.5,'Order':"
    "'stop-first'}", 0, NULL },
{ "conf", "'UpdateConfig':{'MaxFailureRatio':0},'RollbackConfig':"
    "{'FailureAction':'continue','MaxFailureRatio':0.25}", 0, NULL },
{ "conf", "'UpdateConfig':{'MaxFailureRatio':'0.5'}", 400,
    "must be a number" },
{ "conf", "'UpdateConfig':{'Parallelism':1.5}", 400, "must be an integer" },
{ "conf network=app-*", "'Networks':[{'Target':'app-x','Aliases':['a']}]", 0,
    NULL },
{ "conf network=app-*", "'Networks':[{'Target':'host'}]", 403,
    "the network namespace of the host" },
{ "conf", "'Networks':[{'Target':'app'}]", 403, "network app" },
{ "conf", "'EndpointSpec':{'Mode':'vip','Ports':[]}", 0, NULL },
{ "conf publish=8000-8100", "'EndpointSpec':{'Ports':[{'Protocol':'tcp',"
    "'TargetPort':80,'PublishedPort':8080,'PublishMode':'ingress'}]}", 0,
    NULL },
{ "conf publish=8080", "'EndpointSpec':{'Ports':[{'Protocol':'udp',"
    "'TargetPort':80,'PublishedPort':8080,'PublishMode':'host'}]}", 0, NULL },
{ "conf publish=8080", "'EndpointSpec':{'Ports':[{'PublishedPort':8081,"
    "'PublishMode':'host'}]}", 403, "publishing port 8081 is not allowed "
    "(allow publish \"8081\" would)" },
{ "conf publish=8080", "'EndpointSpec':{'Ports':[{'TargetPort':80}]}", 403,
    "(allow publish any would)" },
{ "conf publish=*", "'EndpointSpec':{'Ports':[{'TargetPort':80}]}", 0, NULL },
{ "conf publish=*", "'EndpointSpec':{'Ports':[{'PublishedPort':65536}]}", 400,
    "up to 65535" },
{ "conf publish=*", "'EndpointSpec':{'Ports':[{'PublishedPort':-1}]}", 400,
    "negative" },
{ "env", "'EndpointSpec':{'Ports':[{'PublishedPort':22}]}", 0, NULL },
{ "conf", "'version':7,'rollback':'previous','registryAuthFrom':'spec'", 0,
    "" },
{ "conf", "'tasktemplate':{}", 400, "must be spelt TaskTemplate" },
{ "conf", "'Ta\\u017fkTemplate':{}", 400, "must be spelt TaskTemplate" },
{ "conf", "'TaskTemplate':{},'TaskTemplate':{}", 400, "a key twice" },
{ "conf", "'TaskTemplate':[]", 400, "must be an object" },
{ "conf", "'ContainerSpec':{}", 403, "field ContainerSpec is not known" },
{ "conf priv", "'PreviousSpec':{}", 403, "field PreviousSpec is not known" },
};
BODY_TABLE(body_service, SCHEMA_SERVICE, "{'Name':'web',", "}");

#define NET25	"abcdefghijklmnopqrstuvwxy"

static const struct body_case body_task_cases[] = {
{ "conf", "'Runtime':'container','ForceUpdate':3", 0,
    "'ForceUpdate':3,'Runtime':'container'" },
{ "conf priv", "'Runtime':'plugin'", 400, "Runtime must be container" },
{ "conf priv", "'Runtime':'attachment'", 400, "must be container" },
{ "conf priv", "'PluginSpec':{'Remote':'x'}", 400, "must be empty or" },
{ "conf priv", "'NetworkAttachmentSpec':{'ContainerID':'x'}", 400,
    "must be empty or absent" },
{ "conf", "'PluginSpec':null,'NetworkAttachmentSpec':{}", 0, "" },
{ "conf", "'PluginSpec':''", 400, "PluginSpec must be an object" },
{ "conf", "'NetworkAttachmentSpec':[]", 400, "must be an object" },
{ "conf", "'Resources':{'Limits':{'NanoCPUs':500000000,'MemoryBytes':1024,"
    "'Pids':10},'Reservations':{'NanoCPUs':1,'MemoryBytes':1,"
    "'GenericResources':[]}}", 0, NULL },
{ "conf", "'Resources':{'Reservations':{'GenericResources':["
    "{'DiscreteResourceSpec':{'Kind':'gpu','Value':1}}]}}", 403,
    "Reservations.GenericResources is not allowed" },
{ "conf priv", "'Resources':{'Reservations':{'GenericResources':["
    "{'NamedResourceSpec':{'Kind':'gpu','Value':'GPU-1'}},"
    "{'DiscreteResourceSpec':{'Kind':'gpu','Value':1}}]},'SwapBytes':1,"
    "'MemorySwappiness':10}", 0, NULL },
{ "conf", "'RestartPolicy':{'Condition':'any','Delay':5000000000,"
    "'MaxAttempts':0,'Window':1}", 0, NULL },
{ "conf", "'Placement':{'Constraints':['node.role==worker'],'Preferences':"
    "[{'Spread':{'SpreadDescriptor':'node.labels.az'}}],'MaxReplicas':2,"
    "'Platforms':[{'Architecture':'amd64','OS':'linux'}]}", 0, NULL },
{ "conf", "'Placement':{'Platforms':[{'Architecture':'amd64','OS':'linux',"
    "'x':1}]}", 403, "Placement.Platforms[0].x is not known" },
/* networks: V44 */
{ "conf network=app-*", "'Networks':[{'Target':'app-x'}]", 0, NULL },
{ "conf network=app-*", "'Networks':[{'Target':'app-x'},{'Target':'prod'}]",
    403, "network prod is not allowed (allow network \"prod\" would)" },
{ "conf network=app-*", "'Networks':[{'Target':'host'}]", 403,
    "(allow host \"network\" would)" },
{ "env", "'Networks':[{'Target':'host'}]", 403, "ALLOW_PRIVILEGED=1" },
{ "conf host=network", "'Networks':[{'Target':'host'}]", 0, NULL },
{ "conf network=*", "'Networks':[{'Target':'container:x'}]", 403,
    "another container" },
{ "conf network=*", "'Networks':[{'Target':''}]", 400, "name of a network" },
{ "conf network=" NET25, "'Networks':[{'Target':'" NET25 "'}]", 0, NULL },
{ "conf network=*", "'Networks':[{'Target':'" NET25 "'}]", 0, NULL },
{ "conf network=a*", "'Networks':[{'Target':'" NET25 "'}]", 403,
    "network " NET25 },
{ "env", "'Networks':[{'Target':'n','DriverOpts':{'a':'b'}}]", 403,
    "DriverOpts is not allowed" },
{ "conf", "'LogDriver':{'Name':'json-file','Options':{'max-size':'1m'}}", 0,
    NULL },
{ "conf", "'LogDriver':{'Name':'fluentd','Options':{'fluentd-address':"
    "'unix:///x'}}", 403, "log driver fluentd is not allowed" },
{ "conf", "'LogDriver':{'Options':{'syslog-address':'unix:///x'}}", 403,
    "log option syslog-address" },
{ "conf", "'Containerspec':{}", 400, "must be spelt ContainerSpec" },
{ "conf", "'X':1", 403, "field TaskTemplate.X is not known" },
};
BODY_TABLE(body_task, SCHEMA_SERVICE, "{'TaskTemplate':{", "}}");

#define MOUNT(source)							\
	"'Mounts':[{'Type':'bind','Source':'" source "','Target':'/x'}]"
#define OPTION(name, value)						\
	"'Mounts':[{'Type':'volume','Source':'v','Target':'/x',"	\
	"'VolumeOptions':{'DriverConfig':{'Name':'local','Options':"	\
	"{'type':'none','o':'bind','" name "':'" value "'}}}}]"

static const struct body_case body_spec_cases[] = {
{ "conf image=nginx:*", "'Image':'nginx:alpine@sha256:0123456789abcdef"
    "0123456789abcdef'", 0, NULL },
{ "conf image=nginx:*", "'Image':'evil/nginx:1'", 403,
    "image evil/nginx:1 is not allowed (allow image \"evil/nginx:1\"" },
{ "conf", "'Labels':{'x':'y'},'Command':['a'],'Args':['sh'],'Hostname':"
    "'{{.Node.Hostname}}','Env':['A={{.Task.Name}}'],'Dir':'/w','User':"
    "'1000','Init':true,'StopSignal':'TERM','TTY':true,'OpenStdin':true,"
    "'ReadOnly':true,'StopGracePeriod':10000000000", 0, NULL },
{ "conf", "'Hostname':'a\\nb'", 400, "control character" },
{ "conf", "'Healthcheck':{'Test':['CMD','true'],'Interval':1}", 0, NULL },
{ "conf", "'Hosts':['10.0.0.1 h'],'DNSConfig':{'Nameservers':['1.1.1.1'],"
    "'Search':['a'],'Options':['b']}", 0, NULL },
{ "conf", "'Hosts':['host-gateway h']", 403, "Hosts[0] is not allowed" },
{ "env", "'Hosts':['HOST-Gateway h']", 403, "Hosts[0]" },
{ "conf", "'Groups':['0']", 403, "ContainerSpec.Groups is not allowed" },
/* mounts are those of a container: V44 */
{ WS, MOUNT("/workspace/a"), 0, NULL },
{ WS, MOUNT("/workspace/../etc"), 403, "bind mount of /etc" },
{ WS, MOUNT("/"), 403, "bind mount of /" },
{ "env priv", MOUNT("/"), 403, "bind mount of /" },
{ WS, "'mounts':[]", 400, "must be spelt Mounts" },
{ WS, "'Mounts':[{'type':'bind','source':'/','target':'/x'}]", 400,
    "must be spelt Type" },
{ WS, OPTION("device", "/workspace/a"), 0, NULL },
{ WS, OPTION("device", "/etc"), 403, "bind mount of /etc" },
/* what a node fills in is unknown here */
{ WS, MOUNT("/workspace/{{index .Service.Labels \\\"x\\\"}}"), 400,
    "a template" },
{ WS " priv", MOUNT("/workspace/{{.Task.Name}}"), 400, "a template" },
{ WS, OPTION("device", "/workspace/{{.Service.Name}}"), 400, "a template" },
{ "env", "'Mounts':[{'Type':'tmpfs','Target':'/{{.Service.Name}}'}]", 400,
    "a template" },
{ "env", "'Mounts':[{'Type':'volume','Source':'{{.Service.Name}}',"
    "'Target':'/x'}]", 400, "a template" },
{ "env", "'Mounts':[{'Type':'volume','Source':'v','Target':'/x',"
    "'VolumeOptions':{'Labels':{'{{.}}':''}}}]", 400, "a template" },
{ "conf", "'Mounts':[{'Type':'volume','Source':'v','Target':'/x'}]", 403,
    "volume v is not allowed" },
{ "env", "'Mounts':[{'Type':'image','Source':'v','Target':'/x'}]", 403,
    "mount of type image" },
{ "env", "'Mounts':[{'Type':'cluster','Source':'v','Target':'/x',"
    "'ClusterOptions':{}}]", 403, "mount of type cluster" },
/* a secret is read by who mounts it */
{ "conf secret=tls-*", "'Secrets':[{'File':{'Name':'key','UID':'0','GID':'0',"
    "'Mode':292},'SecretID':'idididididididididididid','SecretName':"
    "'tls-key'}]", 0, NULL },
{ "conf secret=tls-*", "'Secrets':[{'SecretID':'x','SecretName':'db'}]", 403,
    "secret db is not allowed (allow secret \"db\" would)" },
{ "conf secret=*", "'Secrets':[{'SecretID':'x','SecretName':'db'}]", 0, NULL },
{ "conf secret=*", "'Secrets':[{'SecretID':'x'}]", 400, "must have a name" },
{ "conf secret=*", "'Secrets':[{'SecretID':'x','SecretName':''}]", 400,
    "must have a name" },
{ "env", "'Secrets':[{'SecretID':'x','SecretName':'db'}]", 403,
    "(ALLOW_PRIVILEGED=1 would)" },
{ "conf secret=db", "'Secrets':[{'SecretName':'db','secretname':'x'}]", 400,
    "must be spelt SecretName" },
{ "conf secret=db", "'Configs':[{'ConfigID':'x','ConfigName':'db'}]", 403,
    "config db is not allowed (allow config \"db\" would)" },
{ "conf config=db", "'Configs':[{'File':{'Name':'a'},'ConfigID':'x',"
    "'ConfigName':'db'}]", 0, NULL },
{ "conf config=db", "'Configs':[{'Runtime':{},'ConfigID':'x','ConfigName':"
    "'db'}]", 0, NULL },
{ "conf", "'Isolation':'default','Sysctls':{'net.core.somaxconn':'1'}", 0,
    NULL },
{ "conf", "'Sysctls':{'kernel.core_pattern':'|x'}", 403,
    "sysctl kernel.core_pattern" },
{ "conf cap=NET_ADMIN", "'CapabilityAdd':['CAP_NET_ADMIN'],"
    "'CapabilityDrop':['all']", 0,
    "'CapabilityAdd':['NET_ADMIN'],'CapabilityDrop':['ALL']" },
{ "conf cap=NET_ADMIN", "'CapabilityAdd':['sys_admin']", 403,
    "capability SYS_ADMIN" },
{ "conf", "'CapabilityAdd':'ALL'", 400, "array of strings" },
{ "env priv", "'Capabilities':['ALL']", 400, "must be empty or absent" },
{ "conf", "'Ulimits':[{'Name':'nofile','Hard':200,'Soft':100}]", 0, NULL },
{ "conf", "'OomScoreAdj':100", 0, NULL },
{ "conf", "'OomScoreAdj':-1", 403, "OomScoreAdj is not allowed" },
{ "conf", "'Privileges':{'CredentialSpec':null,'SELinuxContext':"
    "{'Disable':false,'User':'','Role':'','Type':'','Level':''},"
    "'NoNewPrivileges':true}", 0, "'Privileges':{'SELinuxContext':"
    "{'Disable':false,'User':'','Role':'','Type':'','Level':''},"
    "'NoNewPrivileges':true}" },
{ "conf", "'Privileges':{'SELinuxContext':{'Disable':true}}", 403,
    "SELinuxContext is not allowed" },
{ "conf", "'Privileges':{'SELinuxContext':{'Type':'spc_t'}}", 403,
    "SELinuxContext is not allowed" },
{ "conf", "'Privileges':{'CredentialSpec':{'File':'x'}}", 403,
    "CredentialSpec is not allowed" },
{ "conf", "'Privileges':{'Seccomp':{'Mode':'default'},'AppArmor':"
    "{'Mode':'default'}}", 0, NULL },
{ "conf", "'Privileges':{'Seccomp':{'Mode':'unconfined'}}", 403,
    "(allow security \"seccomp=unconfined\" would)" },
{ "conf sec=seccomp=unconfined", "'Privileges':{'Seccomp':{'Mode':"
    "'unconfined'}}", 0, NULL },
{ "conf sec=seccomp=unconfined", "'Privileges':{'Seccomp':{'Mode':'custom',"
    "'Profile':'e30='}}", 403, "Seccomp.Mode is not allowed" },
{ "conf", "'Privileges':{'Seccomp':{'Profile':'e30='}}", 403,
    "Seccomp.Profile is not allowed" },
{ "conf", "'Privileges':{'AppArmor':{'Mode':'disabled'}}", 403,
    "(allow security \"apparmor=unconfined\" would)" },
{ "conf sec=apparmor=unconfined", "'Privileges':{'AppArmor':{'Mode':"
    "'disabled'}}", 0, NULL },
{ "conf", "'Privileges':{'Privileged':true}", 403,
    "Privileges.Privileged is not known" },
{ "conf priv", "'Devices':[]", 403, "ContainerSpec.Devices is not known" },
};
BODY_TABLE(body_spec, SCHEMA_SERVICE, "{'TaskTemplate':{'ContainerSpec':{",
    "}}}");

#define DOCKER	"conf image=nginx:* bind=/workspace volume=v secret=key " \
	"config=site cap=NET_ADMIN publish=8080 network=" NET25

/* docker 28 service create */
static const struct body_case body_service_docker_cases[] = {
{ DOCKER, "{'Name':'web','Labels':{'a':'b'},'TaskTemplate':{'ContainerSpec':{"
    "'Image':'nginx:alpine@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaa','Labels':{'x':'y'},'Args':['sh','-c','x'],"
    "'Env':['A=b'],'User':'1000','Init':true,'Mounts':[{'Type':'bind','Source'"
    ":'/workspace/x','Target':'/x','ReadOnly':true},{'Type':'volume','Source':"
    "'v','Target':'/v'}],'Healthcheck':{'Test':['CMD-SHELL','true']},'Hosts':["
    "'10.0.0.1 h'],'DNSConfig':{},'Secrets':[{'File':{'Name':'key','UID':'0',"
    "'GID':'0','Mode':292},'SecretID':'secretidsecretidsecretid1',"
    "'SecretName':'key'}],'Configs':[{'File':{'Name':'site','UID':'0','GID':"
    "'0','Mode':292},'ConfigID':'configidconfigidconfigid1','ConfigName':"
    "'site'}],'Sysctls':{'net.core.somaxconn':'1'},'CapabilityAdd':["
    "'NET_ADMIN'],'Ulimits':[{'Name':'nofile','Hard':200,'Soft':100}]},"
    "'Resources':{'Limits':{'NanoCPUs':500000000,'MemoryBytes':67108864},"
    "'Reservations':{}},'Placement':{'Constraints':['node.role==worker'],"
    "'Platforms':[{'Architecture':'amd64','OS':'linux'}]},'Networks':[{"
    "'Target':'" NET25 "'}],'LogDriver':{'Name':'json-file','Options':{"
    "'max-size':'1m'}},'ForceUpdate':0},'Mode':{'Replicated':{'Replicas':2}},"
    "'UpdateConfig':{'Parallelism':1,'FailureAction':'pause','Monitor':"
    "5000000000,'MaxFailureRatio':0.5,'Order':'stop-first'},'EndpointSpec':{"
    "'Mode':'vip','Ports':[{'Protocol':'tcp','TargetPort':80,'PublishedPort':"
    "8080,'PublishMode':'ingress'}]}}", 0, NULL },
/* docker-py's services.create() */
{ "conf image=busybox", "{'Name':'s','TaskTemplate':{'ContainerSpec':{"
    "'Image':'busybox','Command':['sleep','9']},'RestartPolicy':{'Condition':"
    "'none','Delay':0,'MaxAttempts':0,'Window':0}},'Mode':{'Replicated':{"
    "'Replicas':1}},'EndpointSpec':{'Ports':[]}}", 0, NULL },
};
BODY_TABLE(body_service_docker, SCHEMA_SERVICE, "", "");
