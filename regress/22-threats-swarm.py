# SPDX-License-Identifier: ISC
"""Services, secrets, plugins, the swarm and images: V40 to V47 as far as a
body or a query carries them, each against a policy that passes all of these
operations and grants little.  Nothing of what is refused arrives."""

import json
import urllib.parse

from harness import (Proxyd, Stub, canonical, case, equal, exchange,
                     expect_refused, main, request, tmpname)

SOCK = tmpname("s") + ".sock"
CONF = """
profile "p" {
	pass on any
	allow image { "nginx:1*", "acme/*", "ghcr.io/acme/*" }
	allow bind "/workspace"
	allow volume "v"
	allow network "app-*"
	allow secret "tls-*"
	allow publish "8080"
}
listen on "%s" profile "p"
""" % SOCK

stub = Stub()
proxyd = Proxyd(stub, {}, ["unix://" + SOCK],
                conf='set socket "%s"\n%s' % (stub.path, CONF))

SERVICE = "/v1.46/services/create"
UPDATE = "/v1.46/services/web/update?version=3"
NETWORK = "abcdefghijklmnopqrstuvwxy"


def refused(target, body=None, text=None, status=(400, 403)):
    try:
        return expect_refused(proxyd, stub, request("POST", target, body),
                              status, text)
    except AssertionError as e:
        raise AssertionError("%s %.300r: %s" % (target, body, e)) from None


def forwarded(target, body=None):
    """One request arrives, of the same meaning."""
    r, new = exchange(proxyd, stub, request("POST", target, body))
    equal(len(new), 1, "%s %.300r, answered %r" % (target, body, r))
    have = new[0].partition(b"\r\n\r\n")[2]
    if body is None:
        equal(new[0], canonical("POST", target), target)
    else:
        equal(json.loads(have), body, target)


def container(**spec):
    return {"Name": "web", "TaskTemplate": {
        "ContainerSpec": dict({"Image": "nginx:1"}, **spec)}}


def task(**spec):
    return {"Name": "web", "TaskTemplate": dict({
        "ContainerSpec": {"Image": "nginx:1"}}, **spec)}


def both(body, text=None, **kw):
    refused(SERVICE, body, text, **kw)
    refused(UPDATE, body, text, **kw)


def mount(source, **more):
    return dict({"Type": "bind", "Source": source, "Target": "/x"}, **more)


@case("the control: services that ask for what is allowed")
def control():
    for target in (SERVICE, UPDATE):
        forwarded(target, container())
        forwarded(target, container(Mounts=[mount("/workspace/a")]))
        forwarded(target, container(Secrets=[{
            "File": {"Name": "k", "UID": "0", "GID": "0", "Mode": 292},
            "SecretID": "x" * 25, "SecretName": "tls-key"}]))
        forwarded(target, task(Networks=[{"Target": "app-x"}]))
        forwarded(target, dict(container(), EndpointSpec={"Ports": [{
            "TargetPort": 80, "PublishedPort": 8080}]}))


@case("V44 a service's mounts are those of a container")
def mounts():
    for source in ("/", "/etc", "/workspace/../etc", "/var/run/docker.sock",
                   "/workspacex", "etc"):
        both(container(Mounts=[mount(source)]))
    both(container(Mounts=[mount("/workspace", BindOptions={
        "Propagation": "rshared"})]), "propagation")
    for options in ({"type": "none", "o": "bind", "device": "/"},
                    {"type": "overlay", "device": "overlay",
                     "o": "lowerdir=/etc"}):
        both(container(Mounts=[{
            "Type": "volume", "Source": "v", "Target": "/x",
            "VolumeOptions": {"DriverConfig": {"Options": options}}}]))
    both(container(Mounts=[{"Type": "volume", "Source": "other",
                            "Target": "/x"}]), "volume other")
    both(container(mounts=[mount("/")]), "spelt Mounts")
    both({"tasktemplate": {"containerspec": {"mounts": [mount("/")]}}})


@case("V44 what nodes fill in after the judgement")
def templates():
    for source in ("/workspace/{{.Task.Name}}",
                   "/workspace/{{index .Service.Labels \"x\"}}",
                   "/workspace/{{ \"..\" }}/etc", "/{{.Node.Hostname}}"):
        both(container(Mounts=[mount(source)]), "template")
    both(container(Mounts=[{
        "Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {
            "DriverConfig": {"Options": {
                "type": "none", "o": "bind",
                "device": "/workspace/{{.Service.Name}}"}}}}]), "template")


@case("V44 capabilities, security, sysctls, groups, users of the host")
def powers():
    for spec in ({"CapabilityAdd": ["SYS_ADMIN"]}, {"CapabilityAdd": ["all"]},
                 {"CapabilityAdd": "ALL"},
                 {"Privileges": {"Seccomp": {"Mode": "unconfined"}}},
                 {"Privileges": {"Seccomp": {"Mode": "custom",
                                             "Profile": "e30="}}},
                 {"Privileges": {"AppArmor": {"Mode": "disabled"}}},
                 {"Privileges": {"SELinuxContext": {"Disable": True}}},
                 {"Privileges": {"SELinuxContext": {"Type": "spc_t"}}},
                 {"Privileges": {"CredentialSpec": {"File": "x"}}},
                 {"Sysctls": {"kernel.core_pattern": "|/x"}},
                 {"Sysctls": {"kernel/core_pattern": "|/x"}},
                 {"Groups": ["0"]}, {"OomScoreAdj": -1000},
                 {"Hosts": ["host-gateway h"]},
                 {"Capabilities": ["ALL"]}, {"Privileged": True},
                 {"Devices": ["/dev/sda"]}):
        both(container(**spec))
    both(container(Image="evil/x"), "image evil/x")
    both(container(Image="evil.io/acme/x"), "image evil.io/acme/x")


@case("V44 secrets and configs are read by who mounts them")
def secrets():
    for ref in ({"SecretID": "x", "SecretName": "db"}, {"SecretID": "x"},
                {"SecretID": "x", "SecretName": ""},
                {"SecretID": "x", "SecretName": "TLS-KEY"},
                {"SecretID": "x", "secretName": "tls-key"},
                {"SecretID": "x", "SecretName": "tls-key",
                 "secretname": "db"}):
        both(container(Secrets=[ref]))
    both(container(Configs=[{"ConfigID": "x", "ConfigName": "tls-key"}]),
         "config tls-key")


@case("V44 networks and ports of the host, plugins instead of containers")
def reach():
    both(task(Networks=[{"Target": "host"}]), "network")
    both(task(Networks=[{"Target": "prod"}]), "network prod")
    both(task(Networks=[{"Target": NETWORK}]), NETWORK)
    both(dict(container(), Networks=[{"Target": "host"}]), "network")
    both(task(Runtime="plugin", PluginSpec={"Remote": "evil/x"}))
    both(task(Runtime="plugin"), "container")
    both(task(PluginSpec={"Remote": "evil/x"}), "PluginSpec")
    both(task(NetworkAttachmentSpec={"ContainerID": "x"}))
    both(task(LogDriver={"Name": "fluentd", "Options": {
        "fluentd-address": "unix:///run/x.sock"}}), "fluentd")
    for mode in ("host", "ingress", ""):
        both(dict(container(), EndpointSpec={"Ports": [{
            "TargetPort": 80, "PublishedPort": 22, "PublishMode": mode}]}),
             "publish")
    refused(UPDATE + "&rollback=previous", container(), "roll-back")


@case("fields that nobody knows, and keys that Go folds")
def unknown():
    both(container(Future={}), "Future")
    both(task(Future={}), "Future")
    both(dict(container(), Future={}), "Future")
    both('{"Name":"a","TaskTemplate":{},"TaskTemplate":{}}')
    both('{"Name":"a","TaskTemplate":{},"Ta\\u017fkTemplate":{}}')
    both('{"Name":"a"} {}')
    both("")


@case("V45 plugins, V46 the swarm: root by purpose, refused")
def purpose():
    for target, body in (
            ("plugins/pull?remote=evil/x", [{"Name": "mount",
                                             "Value": ["/"]}]),
            ("plugins/p/upgrade?remote=evil/x", []),
            ("plugins/p/set", ["m.source=/"]),
            ("swarm/init", {"ListenAddr": "0.0.0.0:2377"}),
            ("swarm/join", {"RemoteAddrs": ["10.0.0.1"]}),
            ("nodes/n/update?version=1", {"Role": "manager"}),
            ("containers/c/checkpoints", {"CheckpointID": "x",
                                          "CheckpointDir": "/etc"})):
        refused("/v1.41/" + target, body, "judged", 403)


@case("V46 a swarm's authority, drivers of secrets, registries for passwords")
def swarm():
    forwarded("/v1.41/swarm/update?version=3", {"Name": "default"})
    for ca in ({"ExternalCAs": [{"Protocol": "cfssl", "URL": "http://x"}]},
               {"SigningCACert": "x", "SigningCAKey": "y"},
               {"ForceRotate": 1}):
        refused("/v1.41/swarm/update?version=3", {"CAConfig": ca}, "CAConfig")
    for what in ("secrets", "configs"):
        forwarded("/v1.41/%s/create" % what, {"Name": "a", "Data": "eA=="})
        refused("/v1.41/%s/create" % what, {
            "Name": "a", "Templating": {"Name": "golang"}}, "Templating")
    refused("/v1.41/secrets/create", {"Name": "a", "Driver": {"Name": "x"}},
            "Driver")
    forwarded("/v1.41/auth", {"username": "u", "password": "p",
                              "serveraddress": "ghcr.io"})
    for server in ("http://127.0.0.1:2375/", "evil.io", "https://ghcr.io.x/",
                   "ghcr.io:1"):
        refused("/v1.41/auth", {"username": "u", "serveraddress": server},
                "registry")


@case("V41 names of images: pulled, pushed, tagged, committed, built")
def images():
    digest = "sha256:" + "0123456789abcdef" * 4
    for target in ("images/create?fromImage=nginx&tag=1",
                   "images/create?fromImage=docker.io/library/nginx:1",
                   "images/nginx:1/tag?repo=acme/x&tag=1",
                   "images/ghcr.io/acme/x:1/push"):
        forwarded("/v1.41/" + target)
    for target in ("images/create?fromImage=nginx",
                   "images/create?fromImage=evil&tag=1",
                   "images/create?fromImage=evil.io/nginx&tag=1",
                   "images/create?fromImage=nginx&tag=" + digest,
                   "images/create?fromSrc=-&repo=evil",
                   "images/evil/tag?repo=acme/x&tag=1",
                   "images/nginx:1/tag?repo=evil",
                   "images/%s/tag?repo=acme/x" % digest,
                   "images/0123/tag?repo=acme/x",
                   "images/evil.io/x:1/push", "images/nginx/push",
                   "commit?container=c&repo=evil",
                   "build?t=evil", "build?t=acme/x&t=nginx%3A1&t=evil"):
        refused("/v1.41/" + target, None, "image", 403)


@case("V47 JSON in a query is as strict as a body")
def queries():
    def query(target, value):
        return "/v1.41/%s=%s" % (target, urllib.parse.quote(value, ":/"))

    forwarded(query("volumes/prune?filters", '{"label":{"a=b":true}}'))
    for value in ('{"label":["a"],"label":["b"]}', '{"label":"a"}',
                  '{"label":["a"]} x', '["a"]', '{"label":[null]}', "{",
                  '{"label":{"a":1}}', '{"a\\nb":["c"]}'):
        for target in ("volumes/prune?filters", "networks/prune?filters",
                       "containers/prune?filters", "images/prune?filters",
                       "build/prune?filters"):
            refused(query(target, value), None, "filters", 400)
    for key, value in (("buildargs", '{"A":"b","A":"c"}'), ("labels", "[]"),
                       ("cachefrom", '{"a":"b"}'), ("outputs", "[1]"),
                       ("ulimits", '[{"name":"nofile","Name":"core"}]'),
                       ("platform", '{"os":"linux","OS":"x"}')):
        refused(query("build?" + key, value), None, key, 400)
    for size in ("x", "-1", "65536", "1e3"):
        refused("/v1.41/containers/c/resize?h=%s&w=80" % size, None, "h",
                400)
        refused("/v1.41/exec/%s/resize?h=1&w=%s" % ("0f" * 32, size), None,
                "w", 400)


if __name__ == "__main__":
    main()
