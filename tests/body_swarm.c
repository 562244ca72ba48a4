/* SPDX-License-Identifier: ISC */

/*
 * Bodies of operations on the engine, its swarm and its plugins.
 */

#include "body_cases.h"

static const struct body_case body_auth_cases[] = {
{ "env", "{'username':'u','password':'p','serveraddress':'ghcr.io'}", 0,
    NULL },
{ "conf", "{'username':'u','password':'p\\n\\u00e9',"
    "'serveraddress':'https://index.docker.io/v1/'}", 0,
    "{'username':'u','password':'p\\né',"
    "'serveraddress':'https://index.docker.io/v1/'}" },
{ "conf", "{'username':'u','auth':'','email':'','serveraddress':'',"
    "'identitytoken':'t','registrytoken':''}", 0, NULL },
{ "conf image=ghcr.io/acme/*", "{'serveraddress':'https://ghcr.io/v2/'}", 0,
    NULL },
{ "conf image=ghcr.io/acme/*", "{'serveraddress':'ghcr.io.evil'}", 403,
    "registry ghcr.io.evil is not allowed "
    "(allow image \"ghcr.io.evil/*\" would)" },
{ "conf image=ghcr.io/acme/*", "{'serveraddress':'ghcr.io:8443'}", 403,
    "registry ghcr.io:8443" },
{ "conf image=x", "{'serveraddress':'http://127.0.0.1:2375/x'}", 403,
    "registry 127.0.0.1:2375" },
{ "conf priv", "{'serveraddress':'10.0.0.1'}", 0, NULL },
{ "conf image=*", "{'serveraddress':'reg:5000'}", 0, NULL },
{ "env", "{'serveraddress':'http://ghcr.io@10.0.0.1/'}", 400,
    "the address of a registry" },
{ "env", "{'serveraddress':'https:///x'}", 400, "the address of a registry" },
{ "env", "{'serveraddress':'unix://x?a'}", 400, "the address of a registry" },
{ "env", "{'serveraddress':'a b'}", 400, "blank" },
{ "env", "{'serverAddress':'x'}", 400, "must be spelt serveraddress" },
{ "env", "{'Username':'x'}", 400, "must be spelt username" },
{ "env", "{'proxy':'x'}", 403, "field proxy is not known" },
{ "env", "", 400, "must be a JSON object" },
};
BODY_TABLE(body_auth, SCHEMA_AUTH, "", "");

#define NEEDS	"(allow unjudged would pass it unjudged)"

static const struct body_case body_checkpoint_cases[] = {
{ "conf", "{'CheckpointID':'c','CheckpointDir':'/etc'}", 403, NEEDS },
{ "conf priv", "{'CheckpointID':'c'}", 403, NEEDS },
{ "env", "{}", 403, "(ALLOW_PRIVILEGED=1 would pass it unjudged)" },
{ "conf unjudged", "{'CheckpointID':'c','CheckpointDir':'/x','Exit':true}",
    0, NULL },
{ "conf unjudged", "{'CheckpointID':'c','Preserve':true}", 403,
    "field Preserve is not known" },
{ "conf unjudged", "{'checkpointid':'c'}", 400, "must be spelt" },
};
BODY_TABLE(body_checkpoint, SCHEMA_CHECKPOINT, "", "");

static const struct body_case body_copy_cases[] = {
{ "env", "{'Resource':'/etc/hosts'}", 0, NULL },
{ "env", "{'Resource':'a\\nb'}", 400, "control character" },
{ "env", "{'HostPath':'/etc'}", 403, "field HostPath is not known" },
};
BODY_TABLE(body_copy, SCHEMA_COPY, "", "");

static const struct body_case body_volume_update_cases[] = {
{ "env", "{}", 0, NULL },
{ "env", "{'Spec':{}}", 0, NULL },
{ "env", "{'Spec':{'Availability':'drain'}}", 403, "Spec is not allowed" },
{ "conf priv", "{'Spec':{'Group':'g','AccessMode':{'Scope':'single',"
    "'Sharing':'none','MountVolume':{'FsType':'ext4','MountFlags':['ro']},"
    "'BlockVolume':{}},'AccessibilityRequirements':{'Requisite':["
    "{'Segments':{'a':'b'}}],'Preferred':[]},'CapacityRange':"
    "{'RequiredBytes':1,'LimitBytes':2},'Secrets':[{'Key':'k','Secret':"
    "'s'}],'Availability':'active'}}", 0, NULL },
{ "conf priv", "{'Spec':{'Extra':1}}", 403, "field Spec.Extra is not known" },
};
BODY_TABLE(body_volume_update, SCHEMA_VOLUME_UPDATE, "", "");

static const struct body_case body_secret_cases[] = {
{ "conf", "{'Name':'key','Labels':{'a':'b'},'Data':'ZGF0YQo='}", 0, NULL },
{ "conf", "{'Name':'key','Labels':null,'Data':''}", 0,
    "{'Name':'key','Data':''}" },
{ "conf", "{'Name':'key','version':3,'abortSignal':{}}", 0,
    "{'Name':'key'}" },
{ "conf", "{'Name':'key','Data':'ZGF0YQ'}", 400, "must be base64" },
{ "conf", "{'Name':'key','Data':'ZGF0=QoX'}", 400, "must be base64" },
{ "conf", "{'Name':'key','Data':'===='}", 400, "must be base64" },
{ "conf", "{'Name':'key','Data':'ZGF\\nYQo='}", 400, "must be base64" },
{ "conf", "{'Name':'key','Driver':{'Name':'vault'}}", 403,
    "Driver is not allowed" },
{ "env", "{'Name':'key','Templating':{'Name':'golang'}}", 403,
    "Templating is not allowed (ALLOW_PRIVILEGED=1 would)" },
{ "conf priv", "{'Name':'k','Driver':{'Name':'vault','Options':{'a':'b'}},"
    "'Templating':{'Name':'golang'}}", 0, NULL },
{ "conf", "{'Name':'key','data':'ZGF0YQo='}", 400, "must be spelt Data" },
{ "conf", "{'Name':'key','Digest':'x'}", 403, "field Digest is not known" },
{ "conf", "", 400, "must be a JSON object" },
};
BODY_TABLE(body_secret, SCHEMA_SECRET, "", "");

static const struct body_case body_config_spec_cases[] = {
{ "conf", "{'Name':'site','Labels':{},'Data':'ZGF0YQo='}", 0, NULL },
{ "conf", "{'Name':'site','Data':'ZGF0YQo=','Templating':"
    "{'Name':'golang'}}", 403, "Templating is not allowed" },
{ "conf", "{'Name':'site','Driver':{'Name':'x'}}", 403, "Driver is not" },
};
BODY_TABLE(body_config_spec, SCHEMA_CONFIG, "", "");

/* as docker 28 sends it */
static const struct body_case body_swarm_init_cases[] = {
{ "conf", "{}", 403, NEEDS },
{ "conf priv", "{'ForceNewCluster':true}", 403, NEEDS },
{ "conf unjudged", "{'ListenAddr':'0.0.0.0:2377','AdvertiseAddr':'10.0.0.1',"
    "'DataPathAddr':'','DataPathPort':0,'ForceNewCluster':false,'Spec':"
    "{'Labels':null,'Orchestration':{},'Raft':{'ElectionTick':0,"
    "'HeartbeatTick':0},'Dispatcher':{},'CAConfig':{},'TaskDefaults':{},"
    "'EncryptionConfig':{'AutoLockManagers':false}},'AutoLockManagers':false,"
    "'Availability':'','DefaultAddrPool':[],'SubnetSize':24}", 0,
    "{'ListenAddr':'0.0.0.0:2377','AdvertiseAddr':'10.0.0.1',"
    "'DataPathAddr':'','DataPathPort':0,'ForceNewCluster':false,'Spec':"
    "{'Orchestration':{},'Raft':{'ElectionTick':0,"
    "'HeartbeatTick':0},'Dispatcher':{},'CAConfig':{},'TaskDefaults':{},"
    "'EncryptionConfig':{'AutoLockManagers':false}},'AutoLockManagers':false,"
    "'Availability':'','DefaultAddrPool':[],'SubnetSize':24}" },
{ "conf unjudged", "{'Spec':{'CAConfig':{'ExternalCAs':[{'Protocol':'cfssl',"
    "'URL':'http://10.0.0.1'}]}}}", 403,
    "Spec.CAConfig.ExternalCAs is not allowed" },
{ "conf unjudged", "{'X':1}", 403, "field X is not known" },
{ "conf unjudged", "{'Listenaddr':'x'}", 400, "must be spelt ListenAddr" },
};
BODY_TABLE(body_swarm_init, SCHEMA_SWARM_INIT, "", "");

static const struct body_case body_swarm_join_cases[] = {
{ "conf", "{'RemoteAddrs':['10.0.0.1:2377'],'JoinToken':'t'}", 403, NEEDS },
{ "env", "{}", 403, "ALLOW_PRIVILEGED=1" },
{ "env priv unjudged", "{'ListenAddr':'0.0.0.0:2377','AdvertiseAddr':'',"
    "'DataPathAddr':'','RemoteAddrs':['10.0.0.1:2377'],"
    "'JoinToken':'SWMTKN-1-x','Availability':''}", 0, NULL },
};
BODY_TABLE(body_swarm_join, SCHEMA_SWARM_JOIN, "", "");

static const struct body_case body_swarm_update_cases[] = {
{ "env", "{'Name':'default','Labels':{},'Orchestration':"
    "{'TaskHistoryRetentionLimit':3},'Raft':{'SnapshotInterval':10000,"
    "'KeepOldSnapshots':0,'LogEntriesForSlowFollowers':500,'ElectionTick':10,"
    "'HeartbeatTick':1},'Dispatcher':{'HeartbeatPeriod':5000000000},"
    "'CAConfig':{'NodeCertExpiry':7776000000000000},'TaskDefaults':{},"
    "'EncryptionConfig':{'AutoLockManagers':false}}", 0, NULL },
{ "env", "{'Name':'default','version':3,'rotateWorkerToken':true}", 0,
    "{'Name':'default'}" },
{ "env", "{'CAConfig':{'ForceRotate':1}}", 403, "CAConfig.ForceRotate" },
{ "env", "{'CAConfig':{'SigningCAKey':'-----BEGIN\\n'}}", 403,
    "CAConfig.SigningCAKey is not allowed" },
{ "env", "{'CAConfig':{'SigningCACert':'x'}}", 403, "SigningCACert" },
{ "env", "{'CAConfig':{'ExternalCAs':[{}]}}", 403, "ExternalCAs" },
{ "env priv", "{'CAConfig':{'ExternalCAs':[{'Protocol':'cfssl','URL':"
    "'https://a','Options':{'a':'b'},'CACert':'a\\nb'}],'SigningCACert':'a',"
    "'SigningCAKey':'b','ForceRotate':2}}", 0, NULL },
{ "env", "{'TaskDefaults':{'LogDriver':{'Name':'syslog','Options':"
    "{'syslog-address':'unix:///x'}}}}", 403, "log driver syslog" },
{ "env", "{'TaskDefaults':{'LogDriver':{'Name':'json-file','Options':"
    "{'max-size':'1m'}}}}", 0, NULL },
{ "env", "{'caconfig':{}}", 400, "must be spelt CAConfig" },
{ "env", "{'Future':{}}", 403, "field Future is not known" },
};
BODY_TABLE(body_swarm_update, SCHEMA_SWARM_UPDATE, "", "");

static const struct body_case body_swarm_unlock_cases[] = {
{ "env", "{'UnlockKey':'SWMKEY-1-x'}", 0, NULL },
{ "env", "{'UnlockKey':['x']}", 400, "must be a string" },
{ "env", "{'Key':'x'}", 403, "field Key is not known" },
};
BODY_TABLE(body_swarm_unlock, SCHEMA_SWARM_UNLOCK, "", "");

static const struct body_case body_node_cases[] = {
{ "conf", "{'Role':'manager','Availability':'active'}", 403, NEEDS },
{ "conf priv", "{'Role':'manager','Availability':'active'}", 403, NEEDS },
{ "conf unjudged", "{'Labels':{'a':'b'},'Role':'manager','Availability':"
    "'active'}", 0, NULL },
{ "conf unjudged", "{'role':'manager'}", 400, "must be spelt Role" },
};
BODY_TABLE(body_node, SCHEMA_NODE_UPDATE, "", "");

static const struct body_case body_plugin_pull_cases[] = {
{ "conf", "", 403, NEEDS },
{ "conf priv", "[]", 403, NEEDS },
{ "conf unjudged", "", 0, "[]" },
{ "conf unjudged", "[{'Name':'network','Description':'permissions to access "
    "a network','Value':['host']},{'Name':'mount','Description':'','Value':"
    "['/data']}]", 0, NULL },
{ "conf unjudged", "{}", 400, "must be an array of objects" },
{ "conf unjudged", "[null]", 400, "[0] must be an object" },
{ "conf unjudged", "[{'name':'x'}]", 400, "[0].name must be spelt Name" },
{ "conf unjudged", "[{},{'X':'x'}]", 403, "field [1].X is not known" },
};
BODY_TABLE(body_plugin_pull, SCHEMA_PLUGIN_PULL, "", "");

static const struct body_case body_plugin_set_cases[] = {
{ "conf", "['DEBUG=1']", 403, NEEDS },
{ "conf unjudged", "['DEBUG=1','m.source=/']", 0, NULL },
{ "conf unjudged", "[]", 0, NULL },
{ "conf unjudged", "['a\\nb']", 400, "control character" },
{ "conf unjudged", "[1]", 400, "[0] must be a string" },
{ "conf unjudged", "{'a':'b'}", 400, "must be an array of strings" },
{ "conf unjudged", "[[{'a':1,'A':2}]]", 400, "two keys" },
{ "conf unjudged", "['x'] 1", 400, "not valid JSON" },
{ "conf unjudged", "1", 400, "not valid JSON" },
{ "conf unjudged", "", 400, "must be a JSON" },
};
BODY_TABLE(body_plugin_set, SCHEMA_PLUGIN_SET, "", "");
