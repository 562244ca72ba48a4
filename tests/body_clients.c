/* SPDX-License-Identifier: ISC */

/*
 * What clients really send, whole: taken from the wire (docker 20.10 and 28,
 * docker-compose 1.29) or from their sources.  All of it has to pass, and to
 * mean the same afterwards.
 */

#include "body_cases.h"

const struct body_client body_clients[] = {
{ "docker 20.10 run", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'h','Domainname':'','User':'1000:1000','AttachStdin':true,"
    "'AttachStdout':true,'AttachStderr':true,'ExposedPorts':{'80/tcp':{}},'"
    "Tty':true,'OpenStdin':true,'StdinOnce':true,'Env':['A=b'],'Cmd':['-c',"
    "'echo hi'],'Healthcheck':{'Test':['CMD-SHELL','true']},'Image':'busybo"
    "x','Volumes':{'/anon':{}},'WorkingDir':'/w','Entrypoint':['sh'],'OnBui"
    "ld':null,'Labels':{},'HostConfig':{'Binds':['/workspace/data:/data:ro'"
    ",'vol:/v'],'ContainerIDFile':'/workspace/cid','LogConfig':{'Type':'','"
    "Config':{'max-size':'1m'}},'NetworkMode':'dev','PortBindings':{'80/tcp"
    "':[{'HostIp':'127.0.0.1','HostPort':'8080'}]},'RestartPolicy':{'Name':"
    "'unless-stopped','MaximumRetryCount':0},'AutoRemove':false,'VolumeDriv"
    "er':'','VolumesFrom':null,'CapAdd':null,'CapDrop':['ALL'],'CgroupnsMod"
    "e':'','Dns':['1.1.1.1'],'DnsOptions':[],'DnsSearch':[],'ExtraHosts':['"
    "db:10.0.0.1'],'GroupAdd':null,'IpcMode':'','Cgroup':'','Links':null,'O"
    "omScoreAdj':0,'PidMode':'','Privileged':false,'PublishAllPorts':false,"
    "'ReadonlyRootfs':false,'SecurityOpt':['no-new-privileges'],'Tmpfs':{'/"
    "run':'size=1m'},'UTSMode':'','UsernsMode':'','ShmSize':0,'ConsoleSize'"
    ":[0,0],'Isolation':'','CpuShares':0,'Memory':67108864,'NanoCpus':15000"
    "00000,'CgroupParent':'','BlkioWeight':0,'BlkioWeightDevice':[],'BlkioD"
    "eviceReadBps':null,'BlkioDeviceWriteBps':null,'BlkioDeviceReadIOps':nu"
    "ll,'BlkioDeviceWriteIOps':null,'CpuPeriod':0,'CpuQuota':0,'CpuRealtime"
    "Period':0,'CpuRealtimeRuntime':0,'CpusetCpus':'','CpusetMems':'','Devi"
    "ces':[],'DeviceCgroupRules':null,'DeviceRequests':null,'KernelMemory':"
    "0,'KernelMemoryTCP':0,'MemoryReservation':0,'MemorySwap':0,'MemorySwap"
    "piness':-1,'OomKillDisable':false,'PidsLimit':0,'Ulimits':[{'Name':'no"
    "file','Hard':1024,'Soft':1024}],'CpuCount':0,'CpuPercent':0,'IOMaximum"
    "IOps':0,'IOMaximumBandwidth':0,'Mounts':[{'Type':'bind','Source':'/wor"
    "kspace','Target':'/w'},{'Type':'tmpfs','Target':'/t'}],'MaskedPaths':n"
    "ull,'ReadonlyPaths':null,'Init':true},'NetworkingConfig':{'EndpointsCo"
    "nfig':{'dev':{'IPAMConfig':null,'Links':null,'Aliases':['al'],'Network"
    "ID':'','EndpointID':'','Gateway':'','IPAddress':'','IPPrefixLen':0,'IP"
    "v6Gateway':'','GlobalIPv6Address':'','GlobalIPv6PrefixLen':0,'MacAddre"
    "ss':'','DriverOpts':null}}}}" },
{ "docker 20.10 create", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'','Domainname':'','User':'','AttachStdin':false,'AttachSt"
    "dout':true,'AttachStderr':true,'Tty':false,'OpenStdin':false,'StdinOnc"
    "e':false,'Env':null,'Cmd':['true'],'Image':'busybox','Volumes':{},'Wor"
    "kingDir':'','Entrypoint':null,'OnBuild':null,'Labels':{},'HostConfig':"
    "{'Binds':null,'ContainerIDFile':'','LogConfig':{'Type':'','Config':{}}"
    ",'NetworkMode':'default','PortBindings':{},'RestartPolicy':{'Name':'no"
    "','MaximumRetryCount':0},'AutoRemove':false,'VolumeDriver':'','Volumes"
    "From':null,'CapAdd':null,'CapDrop':null,'CgroupnsMode':'','Dns':[],'Dn"
    "sOptions':[],'DnsSearch':[],'ExtraHosts':null,'GroupAdd':null,'IpcMode"
    "':'','Cgroup':'','Links':null,'OomScoreAdj':0,'PidMode':'','Privileged"
    "':false,'PublishAllPorts':false,'ReadonlyRootfs':false,'SecurityOpt':n"
    "ull,'UTSMode':'','UsernsMode':'','ShmSize':0,'ConsoleSize':[0,0],'Isol"
    "ation':'','CpuShares':0,'Memory':0,'NanoCpus':0,'CgroupParent':'','Blk"
    "ioWeight':0,'BlkioWeightDevice':[],'BlkioDeviceReadBps':null,'BlkioDev"
    "iceWriteBps':null,'BlkioDeviceReadIOps':null,'BlkioDeviceWriteIOps':nu"
    "ll,'CpuPeriod':0,'CpuQuota':0,'CpuRealtimePeriod':0,'CpuRealtimeRuntim"
    "e':0,'CpusetCpus':'','CpusetMems':'','Devices':[],'DeviceCgroupRules':"
    "null,'DeviceRequests':null,'KernelMemory':0,'KernelMemoryTCP':0,'Memor"
    "yReservation':0,'MemorySwap':0,'MemorySwappiness':-1,'OomKillDisable':"
    "false,'PidsLimit':0,'Ulimits':null,'CpuCount':0,'CpuPercent':0,'IOMaxi"
    "mumIOps':0,'IOMaximumBandwidth':0,'MaskedPaths':null,'ReadonlyPaths':n"
    "ull},'NetworkingConfig':{'EndpointsConfig':{}}}" },
{ "docker 28 run", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'h','Domainname':'','User':'1000:1000','AttachStdin':true,"
    "'AttachStdout':true,'AttachStderr':true,'ExposedPorts':{'80/tcp':{}},'"
    "Tty':true,'OpenStdin':true,'StdinOnce':true,'Env':['A=b'],'Cmd':['-c',"
    "'echo hi'],'Healthcheck':{'Test':['CMD-SHELL','true']},'Image':'busybo"
    "x','Volumes':{'/anon':{}},'WorkingDir':'/w','Entrypoint':['sh'],'OnBui"
    "ld':null,'Labels':{},'HostConfig':{'Binds':['/workspace/data:/data:ro'"
    ",'vol:/v'],'ContainerIDFile':'/workspace/cid','LogConfig':{'Type':'','"
    "Config':{'max-size':'1m'}},'NetworkMode':'dev','PortBindings':{'80/tcp"
    "':[{'HostIp':'127.0.0.1','HostPort':'8080'}]},'RestartPolicy':{'Name':"
    "'unless-stopped','MaximumRetryCount':0},'AutoRemove':false,'VolumeDriv"
    "er':'','VolumesFrom':null,'ConsoleSize':[0,0],'CapAdd':null,'CapDrop':"
    "['ALL'],'CgroupnsMode':'','Dns':['1.1.1.1'],'DnsOptions':[],'DnsSearch"
    "':[],'ExtraHosts':['db:10.0.0.1'],'GroupAdd':null,'IpcMode':'','Cgroup"
    "':'','Links':null,'OomScoreAdj':0,'PidMode':'','Privileged':false,'Pub"
    "lishAllPorts':false,'ReadonlyRootfs':false,'SecurityOpt':['no-new-priv"
    "ileges'],'Tmpfs':{'/run':'size=1m'},'UTSMode':'','UsernsMode':'','ShmS"
    "ize':0,'Isolation':'','CpuShares':0,'Memory':67108864,'NanoCpus':15000"
    "00000,'CgroupParent':'','BlkioWeight':0,'BlkioWeightDevice':[],'BlkioD"
    "eviceReadBps':[],'BlkioDeviceWriteBps':[],'BlkioDeviceReadIOps':[],'Bl"
    "kioDeviceWriteIOps':[],'CpuPeriod':0,'CpuQuota':0,'CpuRealtimePeriod':"
    "0,'CpuRealtimeRuntime':0,'CpusetCpus':'','CpusetMems':'','Devices':[],"
    "'DeviceCgroupRules':null,'DeviceRequests':null,'MemoryReservation':0,'"
    "MemorySwap':0,'MemorySwappiness':-1,'OomKillDisable':false,'PidsLimit'"
    ":0,'Ulimits':[{'Name':'nofile','Hard':1024,'Soft':1024}],'CpuCount':0,"
    "'CpuPercent':0,'IOMaximumIOps':0,'IOMaximumBandwidth':0,'Mounts':[{'Ty"
    "pe':'bind','Source':'/workspace','Target':'/w'},{'Type':'tmpfs','Targe"
    "t':'/t'}],'MaskedPaths':null,'ReadonlyPaths':null,'Init':true},'Networ"
    "kingConfig':{'EndpointsConfig':{'dev':{'IPAMConfig':null,'Links':null,"
    "'Aliases':['al'],'MacAddress':'','DriverOpts':null,'GwPriority':0,'Net"
    "workID':'','EndpointID':'','Gateway':'','IPAddress':'','IPPrefixLen':0"
    ",'IPv6Gateway':'','GlobalIPv6Address':'','GlobalIPv6PrefixLen':0,'DNSN"
    "ames':null}}}}" },
{ "docker 28 create", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'','Domainname':'','User':'','AttachStdin':false,'AttachSt"
    "dout':true,'AttachStderr':true,'Tty':false,'OpenStdin':false,'StdinOnc"
    "e':false,'Env':null,'Cmd':['true'],'Image':'busybox','Volumes':{},'Wor"
    "kingDir':'','Entrypoint':null,'OnBuild':null,'Labels':{},'HostConfig':"
    "{'Binds':null,'ContainerIDFile':'','LogConfig':{'Type':'','Config':{}}"
    ",'NetworkMode':'default','PortBindings':{},'RestartPolicy':{'Name':'no"
    "','MaximumRetryCount':0},'AutoRemove':false,'VolumeDriver':'','Volumes"
    "From':null,'ConsoleSize':[0,0],'CapAdd':null,'CapDrop':null,'CgroupnsM"
    "ode':'','Dns':[],'DnsOptions':[],'DnsSearch':[],'ExtraHosts':null,'Gro"
    "upAdd':null,'IpcMode':'','Cgroup':'','Links':null,'OomScoreAdj':0,'Pid"
    "Mode':'','Privileged':false,'PublishAllPorts':false,'ReadonlyRootfs':f"
    "alse,'SecurityOpt':null,'UTSMode':'','UsernsMode':'','ShmSize':0,'Isol"
    "ation':'','CpuShares':0,'Memory':0,'NanoCpus':0,'CgroupParent':'','Blk"
    "ioWeight':0,'BlkioWeightDevice':[],'BlkioDeviceReadBps':[],'BlkioDevic"
    "eWriteBps':[],'BlkioDeviceReadIOps':[],'BlkioDeviceWriteIOps':[],'CpuP"
    "eriod':0,'CpuQuota':0,'CpuRealtimePeriod':0,'CpuRealtimeRuntime':0,'Cp"
    "usetCpus':'','CpusetMems':'','Devices':[],'DeviceCgroupRules':null,'De"
    "viceRequests':null,'MemoryReservation':0,'MemorySwap':0,'MemorySwappin"
    "ess':-1,'OomKillDisable':false,'PidsLimit':0,'Ulimits':[],'CpuCount':0"
    ",'CpuPercent':0,'IOMaximumIOps':0,'IOMaximumBandwidth':0,'MaskedPaths'"
    ":null,'ReadonlyPaths':null},'NetworkingConfig':{'EndpointsConfig':{'de"
    "fault':{'IPAMConfig':null,'Links':null,'Aliases':null,'MacAddress':'',"
    "'DriverOpts':null,'GwPriority':0,'NetworkID':'','EndpointID':'','Gatew"
    "ay':'','IPAddress':'','IPPrefixLen':0,'IPv6Gateway':'','GlobalIPv6Addr"
    "ess':'','GlobalIPv6PrefixLen':0,'DNSNames':null}}}}" },
{ "docker-compose 1.29 up", SCHEMA_CONTAINER_CREATE,
    "{'Tty':false,'OpenStdin':false,'StdinOnce':false,'AttachStdin':false,'"
    "AttachStdout':false,'AttachStderr':false,'Env':['A=b'],'Cmd':['sleep',"
    "'1'],'Image':'busybox','Volumes':{'/data':{},'/v':{}},'NetworkDisabled"
    "':false,'HostConfig':{'NetworkMode':'proj_default','RestartPolicy':{'N"
    "ame':'always','MaximumRetryCount':0},'VolumesFrom':[],'Binds':['/works"
    "pace/data:/data:rw','proj_vol:/v:rw'],'PortBindings':{},'Links':[],'Lo"
    "gConfig':{'Type':'','Config':{}}},'NetworkingConfig':{'EndpointsConfig"
    "':{'proj_default':{'Aliases':['db'],'IPAMConfig':{}}}},'Labels':{'com."
    "docker.compose.project':'proj','com.docker.compose.service':'db','com."
    "docker.compose.oneoff':'False','com.docker.compose.project.working_dir"
    "':'/workspace','com.docker.compose.project.config_files':'docker-compo"
    "se.yml','com.docker.compose.container-number':'1','com.docker.compose."
    "version':'1.29.2','com.docker.compose.config-hash':'2fddcd7d43a73ce263"
    "1f2ac1f824c33e88a47a9b07d3de063dca021eb5899bd2'}}" },
{ "docker compose v2 up", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'','Domainname':'','User':'','AttachStdin':false,'AttachSt"
    "dout':true,'AttachStderr':true,'Tty':false,'OpenStdin':false,'StdinOnc"
    "e':false,'Env':['A=b'],'Cmd':null,'Image':'busybox','Volumes':{},'Work"
    "ingDir':'','Entrypoint':null,'OnBuild':null,'Labels':{'com.docker.comp"
    "ose.config-hash':'9f','com.docker.compose.container-number':'1','com.d"
    "ocker.compose.depends_on':'db:service_started:false','com.docker.compo"
    "se.image':'sha256:00','com.docker.compose.oneoff':'False','com.docker."
    "compose.project':'proj','com.docker.compose.project.config_files':'/wo"
    "rkspace/compose.yaml','com.docker.compose.project.working_dir':'/works"
    "pace','com.docker.compose.service':'web','com.docker.compose.version':"
    "'2.24.5'},'HostConfig':{'Binds':['/workspace/data:/data:rw'],'Containe"
    "rIDFile':'','LogConfig':{'Type':'','Config':{}},'NetworkMode':'proj_de"
    "fault','PortBindings':{'80/tcp':[{'HostIp':'','HostPort':'8080'}]},'Re"
    "startPolicy':{'Name':'unless-stopped','MaximumRetryCount':0},'AutoRemo"
    "ve':false,'VolumeDriver':'','VolumesFrom':null,'ConsoleSize':[0,0],'Ca"
    "pAdd':null,'CapDrop':null,'CgroupnsMode':'','Dns':null,'DnsOptions':nu"
    "ll,'DnsSearch':null,'ExtraHosts':[],'GroupAdd':null,'IpcMode':'','Cgro"
    "up':'','Links':null,'OomScoreAdj':0,'PidMode':'','Privileged':false,'P"
    "ublishAllPorts':false,'ReadonlyRootfs':false,'SecurityOpt':null,'UTSMo"
    "de':'','UsernsMode':'','ShmSize':0,'Isolation':'','CpuShares':0,'Memor"
    "y':0,'NanoCpus':0,'CgroupParent':'','BlkioWeight':0,'BlkioWeightDevice"
    "':[],'BlkioDeviceReadBps':[],'BlkioDeviceWriteBps':[],'BlkioDeviceRead"
    "IOps':[],'BlkioDeviceWriteIOps':[],'CpuPeriod':0,'CpuQuota':0,'CpuReal"
    "timePeriod':0,'CpuRealtimeRuntime':0,'CpusetCpus':'','CpusetMems':'','"
    "Devices':[],'DeviceCgroupRules':null,'DeviceRequests':null,'MemoryRese"
    "rvation':0,'MemorySwap':0,'MemorySwappiness':null,'OomKillDisable':nul"
    "l,'PidsLimit':null,'Ulimits':[],'CpuCount':0,'CpuPercent':0,'IOMaximum"
    "IOps':0,'IOMaximumBandwidth':0,'MaskedPaths':null,'ReadonlyPaths':null"
    ",'Mounts':[{'Type':'volume','Source':'proj_vol','Target':'/v','VolumeO"
    "ptions':{}},{'Type':'bind','Source':'/workspace/x','Target':'/x','Read"
    "Only':true,'BindOptions':{'CreateMountpoint':true}},{'Type':'tmpfs','T"
    "arget':'/t','TmpfsOptions':{}}]},'NetworkingConfig':{'EndpointsConfig'"
    ":{'proj_default':{'IPAMConfig':{},'Links':null,'Aliases':['web','proj-"
    "web-1'],'MacAddress':'','DriverOpts':null,'GwPriority':0,'NetworkID':'"
    "','EndpointID':'','Gateway':'','IPAddress':'','IPPrefixLen':0,'IPv6Gat"
    "eway':'','GlobalIPv6Address':'','GlobalIPv6PrefixLen':0,'DNSNames':nul"
    "l}}},'ExposedPorts':{'80/tcp':{}}}" },
{ "docker-py run", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':null,'Tty':false,'OpenStdin':false,'StdinOnce':false,'Atta"
    "chStdin':false,'AttachStdout':false,'AttachStderr':false,'Env':['A=b']"
    ",'Cmd':['true'],'Image':'busybox','NetworkDisabled':false,'HostConfig'"
    ":{'NetworkMode':'default','Binds':['/workspace:/w:rw'],'AutoRemove':tr"
    "ue,'CapDrop':['ALL'],'LogConfig':{'Type':'json-file','Config':{}}},'Ru"
    "ntime':null}" },
{ "dockerode createContainer", SCHEMA_CONTAINER_CREATE,
    "{'name':'x','Image':'busybox','Cmd':['sh'],'AttachStdin':false,'Tty':t"
    "rue,'HostConfig':{'AutoRemove':true,'PortBindings':{'80/tcp':[{'HostPo"
    "rt':'8080'}]},'Binds':['/workspace:/w']}}" },
{ "dockerode run", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'','User':'','AttachStdin':false,'AttachStdout':true,'Atta"
    "chStderr':true,'Tty':true,'OpenStdin':false,'StdinOnce':false,'Env':nu"
    "ll,'Cmd':['true'],'Image':'busybox','Volumes':{},'VolumesFrom':[]}" },
{ "Portainer", SCHEMA_CONTAINER_CREATE,
    "{'name':'x','Image':'busybox:latest','Env':[],'MacAddress':'','Exposed"
    "Ports':{'80/tcp':{}},'Entrypoint':null,'WorkingDir':'','User':'','Cmd'"
    ":null,'OpenStdin':true,'Tty':true,'Volumes':{'/data':{}},'HostConfig':"
    "{'RestartPolicy':{'Name':'always'},'PortBindings':{'80/tcp':[{'HostIp'"
    ":'','HostPort':'8080'}]},'PublishAllPorts':false,'Binds':['vol:/data']"
    ",'AutoRemove':false,'NetworkMode':'bridge','Privileged':false,'Init':f"
    "alse,'Runtime':'','ExtraHosts':[],'Devices':[],'DeviceRequests':[],'Ca"
    "pAdd':[],'CapDrop':['MKNOD'],'Sysctls':{},'LogConfig':{'Type':'','Conf"
    "ig':{}},'ShmSize':67108864},'NetworkingConfig':{'EndpointsConfig':{'br"
    "idge':{'IPAMConfig':{'IPv4Address':'','IPv6Address':''}}}},'Labels':{}"
    "}" },
{ "docker-java", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':null,'Domainname':null,'User':null,'AttachStdin':null,'Por"
    "tSpecs':null,'Tty':null,'Env':['A=b'],'Cmd':['true'],'Entrypoint':null"
    ",'Image':'busybox','Volumes':{},'ExposedPorts':{'5432/tcp':{}},'HostCo"
    "nfig':{'Binds':[],'BlkioWeight':null,'CapAdd':null,'DiskQuota':null,'L"
    "xcConf':null,'PortBindings':{'5432/tcp':[{'HostIp':'','HostPort':''}]}"
    ",'Privileged':null,'Links':[],'VolumesFrom':[],'ExtraHosts':[],'Tmpfs'"
    ":null,'NetworkMode':null},'Labels':{'org.testcontainers':'true'},'Netw"
    "orkingConfig':{'EndpointsConfig':{}}}" },
{ "devcontainer up", SCHEMA_CONTAINER_CREATE,
    "{'Hostname':'','Domainname':'','User':'','AttachStdin':false,'AttachSt"
    "dout':true,'AttachStderr':true,'Tty':false,'OpenStdin':false,'StdinOnc"
    "e':false,'Env':null,'Cmd':['-c','echo Container started\\nwhile sleep "
    "1 & wait $!; do :; done','-'],'Image':'busybox','Volumes':{},'WorkingD"
    "ir':'','Entrypoint':['/bin/sh'],'OnBuild':null,'Labels':{'devcontainer"
    ".local_folder':'/workspace','devcontainer.metadata':'[{remoteUser:x}]'"
    "},'HostConfig':{'Binds':null,'ContainerIDFile':'','LogConfig':{'Type':"
    "'','Config':{}},'NetworkMode':'default','PortBindings':{},'RestartPoli"
    "cy':{'Name':'no','MaximumRetryCount':0},'AutoRemove':false,'VolumeDriv"
    "er':'','VolumesFrom':null,'ConsoleSize':[0,0],'CapAdd':null,'CapDrop':"
    "null,'CgroupnsMode':'','Dns':[],'DnsOptions':[],'DnsSearch':[],'ExtraH"
    "osts':null,'GroupAdd':null,'IpcMode':'','Cgroup':'','Links':null,'OomS"
    "coreAdj':0,'PidMode':'','Privileged':false,'PublishAllPorts':false,'Re"
    "adonlyRootfs':false,'SecurityOpt':null,'UTSMode':'','UsernsMode':'','S"
    "hmSize':0,'Isolation':'','CpuShares':0,'Memory':0,'NanoCpus':0,'Cgroup"
    "Parent':'','BlkioWeight':0,'BlkioWeightDevice':[],'BlkioDeviceReadBps'"
    ":[],'BlkioDeviceWriteBps':[],'BlkioDeviceReadIOps':[],'BlkioDeviceWrit"
    "eIOps':[],'CpuPeriod':0,'CpuQuota':0,'CpuRealtimePeriod':0,'CpuRealtim"
    "eRuntime':0,'CpusetCpus':'','CpusetMems':'','Devices':[],'DeviceCgroup"
    "Rules':null,'DeviceRequests':null,'MemoryReservation':0,'MemorySwap':0"
    ",'MemorySwappiness':-1,'OomKillDisable':false,'PidsLimit':0,'Ulimits':"
    "[],'CpuCount':0,'CpuPercent':0,'IOMaximumIOps':0,'IOMaximumBandwidth':"
    "0,'MaskedPaths':null,'ReadonlyPaths':null,'Mounts':[{'Type':'bind','So"
    "urce':'/workspace','Target':'/workspaces/p','Consistency':'cached'},{'"
    "Type':'volume','Source':'vscode','Target':'/vscode'}]},'NetworkingConf"
    "ig':{'EndpointsConfig':{'default':{'IPAMConfig':null,'Links':null,'Ali"
    "ases':null,'MacAddress':'','DriverOpts':null,'GwPriority':0,'NetworkID"
    "':'','EndpointID':'','Gateway':'','IPAddress':'','IPPrefixLen':0,'IPv6"
    "Gateway':'','GlobalIPv6Address':'','GlobalIPv6PrefixLen':0,'DNSNames':"
    "null}}}}" },
{ "docker 20.10 exec", SCHEMA_EXEC_CREATE,
    "{'User':'','Privileged':false,'Tty':true,'AttachStdin':true,'AttachStd"
    "err':true,'AttachStdout':true,'Detach':false,'DetachKeys':'','Env':nul"
    "l,'WorkingDir':'','Cmd':['sh','-c','x']}" },
{ "docker-py exec", SCHEMA_EXEC_CREATE,
    "{'Container':'x','User':'','Privileged':false,'Tty':false,'AttachStdin"
    "':false,'AttachStdout':true,'AttachStderr':true,'Cmd':['ls'],'Env':nul"
    "l}" },
{ "dockerode exec.start", SCHEMA_EXEC_START,
    "{'hijack':true,'stdin':true,'Detach':false,'Tty':true}" },
{ "docker 20.10 update", SCHEMA_CONTAINER_UPDATE,
    "{'CpuShares':0,'Memory':104857600,'NanoCpus':0,'CgroupParent':'','Blki"
    "oWeight':0,'BlkioWeightDevice':null,'BlkioDeviceReadBps':null,'BlkioDe"
    "viceWriteBps':null,'BlkioDeviceReadIOps':null,'BlkioDeviceWriteIOps':n"
    "ull,'CpuPeriod':0,'CpuQuota':0,'CpuRealtimePeriod':0,'CpuRealtimeRunti"
    "me':0,'CpusetCpus':'','CpusetMems':'','Devices':null,'DeviceCgroupRule"
    "s':null,'DeviceRequests':null,'KernelMemory':0,'KernelMemoryTCP':0,'Me"
    "moryReservation':0,'MemorySwap':0,'MemorySwappiness':null,'OomKillDisa"
    "ble':null,'PidsLimit':null,'Ulimits':null,'CpuCount':0,'CpuPercent':0,"
    "'IOMaximumIOps':0,'IOMaximumBandwidth':0,'RestartPolicy':{'Name':'','M"
    "aximumRetryCount':0}}" },
{ "docker 28 update", SCHEMA_CONTAINER_UPDATE,
    "{'CpuShares':0,'Memory':104857600,'NanoCpus':0,'CgroupParent':'','Blki"
    "oWeight':0,'BlkioWeightDevice':null,'BlkioDeviceReadBps':null,'BlkioDe"
    "viceWriteBps':null,'BlkioDeviceReadIOps':null,'BlkioDeviceWriteIOps':n"
    "ull,'CpuPeriod':0,'CpuQuota':0,'CpuRealtimePeriod':0,'CpuRealtimeRunti"
    "me':0,'CpusetCpus':'','CpusetMems':'','Devices':null,'DeviceCgroupRule"
    "s':null,'DeviceRequests':null,'MemoryReservation':0,'MemorySwap':0,'Me"
    "morySwappiness':null,'OomKillDisable':null,'PidsLimit':null,'Ulimits':"
    "null,'CpuCount':0,'CpuPercent':0,'IOMaximumIOps':0,'IOMaximumBandwidth"
    "':0,'RestartPolicy':{'Name':'','MaximumRetryCount':0}}" },
{ "docker 20.10 network create", SCHEMA_NETWORK_CREATE,
    "{'CheckDuplicate':true,'Driver':'bridge','Scope':'','EnableIPv6':false"
    ",'IPAM':{'Driver':'default','Options':{},'Config':[]},'Internal':false"
    ",'Attachable':false,'Ingress':false,'ConfigOnly':false,'ConfigFrom':nu"
    "ll,'Options':{},'Labels':{},'Name':'n1'}" },
{ "docker 28 network create", SCHEMA_NETWORK_CREATE,
    "{'Driver':'bridge','Scope':'','IPAM':{'Driver':'default','Options':{},"
    "'Config':[]},'Internal':false,'Attachable':false,'Ingress':false,'Conf"
    "igOnly':false,'ConfigFrom':null,'Options':{},'Labels':{},'Name':'n1','"
    "CheckDuplicate':true}" },
{ "docker-compose 1.29 network", SCHEMA_NETWORK_CREATE,
    "{'Name':'proj_default','CheckDuplicate':true,'Labels':{'com.docker.com"
    "pose.project':'proj','com.docker.compose.network':'default','com.docke"
    "r.compose.version':'1.29.2'},'Attachable':true}" },
{ "docker compose v2 network", SCHEMA_NETWORK_CREATE,
    "{'CheckDuplicate':true,'Driver':'bridge','Scope':'','EnableIPv6':null,"
    "'IPAM':{'Driver':'','Options':null,'Config':null},'Internal':false,'At"
    "tachable':false,'Ingress':false,'ConfigOnly':false,'ConfigFrom':null,'"
    "Options':null,'Labels':{'com.docker.compose.network':'default'},'Name'"
    ":'proj_default'}" },
{ "docker compose v2 volume", SCHEMA_VOLUME_CREATE,
    "{'ClusterVolumeSpec':null,'Driver':'','DriverOpts':null,'Labels':{'com"
    ".docker.compose.volume':'vol'},'Name':'proj_vol'}" },
{ "docker 28 network connect", SCHEMA_NETWORK_CONNECT,
    "{'Container':'c','EndpointConfig':{'IPAMConfig':{},'Links':null,'Alias"
    "es':[],'MacAddress':'','DriverOpts':{},'GwPriority':0,'NetworkID':'','"
    "EndpointID':'','Gateway':'','IPAddress':'','IPPrefixLen':0,'IPv6Gatewa"
    "y':'','GlobalIPv6Address':'','GlobalIPv6PrefixLen':0,'DNSNames':null}}" },
{ "docker 20.10 network connect", SCHEMA_NETWORK_CONNECT,
    "{'Container':'c','EndpointConfig':{'IPAMConfig':{},'Links':null,'Alias"
    "es':[],'NetworkID':'','EndpointID':'','Gateway':'','IPAddress':'','IPP"
    "refixLen':0,'IPv6Gateway':'','GlobalIPv6Address':'','GlobalIPv6PrefixL"
    "en':0,'MacAddress':'','DriverOpts':{}}}" },
{ "docker-compose 1.29 connect", SCHEMA_NETWORK_CONNECT,
    "{'Container':'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    "bbbbbbbb','EndpointConfig':{'Aliases':['db','bbbbbbbbbbbb']}}" },
{ "docker 20.10 volume create", SCHEMA_VOLUME_CREATE,
    "{'Driver':'local','DriverOpts':{},'Labels':{},'Name':''}" },
{ "docker-compose 1.29 volume", SCHEMA_VOLUME_CREATE,
    "{'Name':'proj_vol','Labels':{'com.docker.compose.project':'proj','com."
    "docker.compose.volume':'vol','com.docker.compose.version':'1.29.2'}}" },
};
const size_t body_nclients = sizeof(body_clients) /
    sizeof(body_clients[0]);
