// SPDX-License-Identifier: ISC
//
// dockerode against one address.  Every step prints a line; case 60 compares
// the lines that come directly with those that come through proxyd.
//
//	node client.js unix:///path | tcp://host:port
"use strict";

const { PassThrough } = require("stream");
const Docker = require("dockerode");

const IMAGE = "busybox:test";

function connect(addr) {
	const u = new URL(addr);
	if (u.protocol === "unix:")
		return new Docker({ socketPath: u.pathname });
	return new Docker({ host: u.hostname, port: Number(u.port),
	    protocol: "http" });
}

function say(what, value) {
	console.log(what + ": " + JSON.stringify(value));
}

function must(cond, text) {
	if (!cond)
		throw new Error(text);
}

// All bytes of a stream, at its end.
function drain(stream) {
	return new Promise((resolve, reject) => {
		const parts = [];
		stream.on("data", (d) => parts.push(d));
		stream.on("end", () => resolve(Buffer.concat(parts)));
		stream.on("close", () => resolve(Buffer.concat(parts)));
		stream.on("error", reject);
	});
}

// The two streams of a multiplexed one, at its end.
async function demux(docker, stream) {
	const out = new PassThrough(), err = new PassThrough();
	docker.modem.demuxStream(stream, out, err);
	const both = Promise.all([drain(out), drain(err)]);
	stream.on("end", () => { out.end(); err.end(); });
	stream.on("close", () => { out.end(); err.end(); });
	return (await both).map((b) => b.toString());
}

function finished(docker, stream) {
	return new Promise((resolve, reject) => {
		docker.modem.followProgress(stream, (e, lines) =>
		    e ? reject(e) : resolve(lines));
	});
}

async function lists(docker) {
	say("ping", (await docker.ping()).toString());
	say("version", (await docker.version()).ApiVersion);
	say("info", (await docker.info()).Driver);
	say("images", (await docker.listImages({ filters:
	    { reference: ["busybox"] } })).map((i) => i.RepoTags));
	say("networks", (await docker.listNetworks()).map((n) => n.Name)
	    .sort());
	say("containers", await docker.listContainers({ all: true }));
}

async function attach(docker) {
	const c = await docker.createContainer({ name: "js-attach",
	    Image: IMAGE, Cmd: ["cat"], OpenStdin: true, StdinOnce: true,
	    AttachStdin: true, AttachStdout: true, AttachStderr: true });
	const stream = await c.attach({ stream: true, stdin: true,
	    stdout: true, stderr: true, hijack: true });
	const output = demux(docker, stream);
	await c.start();
	stream.write("through attach\n");
	stream.end();			// a half-close: cat must end
	say("attach", await output);
	say("wait", await c.wait());
	await c.remove();
}

async function exec(docker, c) {
	const e = await c.exec({ Cmd: ["sh", "-c", "cat; echo err >&2; exit 5"],
	    AttachStdin: true, AttachStdout: true, AttachStderr: true });
	const stream = await e.start({ hijack: true, stdin: true });
	const output = demux(docker, stream);
	stream.write("through exec\n");
	stream.end();
	say("exec", await output);
	say("exec inspect", (await e.inspect()).ExitCode);

	const plain = await c.exec({ Cmd: ["echo", "no upgrade"],
	    AttachStdout: true });
	say("exec plain", await demux(docker, await plain.start({})));
}

async function archive(docker, c) {
	const tar = await drain(await c.getArchive({ path: "/etc/passwd" }));
	must(tar.includes("root:x:0:0"), "getArchive lacks /etc/passwd");
	await c.putArchive(tar, { path: "/srv" });
	const e = await c.exec({ Cmd: ["cat", "/srv/passwd"],
	    AttachStdout: true });
	say("archive", await demux(docker, await e.start({})));
}

// js-main is killed; its logs and its end arrive as a stream.
async function logs(docker, c) {
	const stream = await c.logs({ follow: true, stdout: true,
	    stderr: true });
	const output = demux(docker, stream);
	await c.kill();
	say("logs", (await output)[0].split("\n")[0]);
}

async function events(docker) {
	const since = Math.floor(Date.now() / 1000) - 1;
	const stream = await docker.getEvents({ since,
	    filters: { container: ["js-events"] } });
	const seen = [];
	const done = new Promise((resolve, reject) => {
		let rest = "";
		stream.on("error", reject);
		stream.on("data", (d) => {
			const lines = (rest + d).split("\n");
			rest = lines.pop();
			for (const l of lines.filter((x) => x.trim()))
				seen.push(JSON.parse(l).Action);
			if (seen.includes("destroy"))
				resolve();
		});
	});
	const c = await docker.createContainer({ name: "js-events",
	    Image: IMAGE, Cmd: ["true"] });
	await c.start();
	await c.wait();
	await c.remove();
	await done;
	stream.destroy();
	say("events", seen);
}

async function images(docker) {
	const tar = await drain(await docker.getImage(IMAGE).get());
	must(tar.length > 1000000, "image get: " + tar.length + " bytes");
	const load = new PassThrough();
	load.end(tar);
	const lines = await finished(docker, await docker.loadImage(load));
	say("load", lines.map((l) => l.stream || l.error || ""));
	await docker.getImage(IMAGE).tag({ repo: "js", tag: "tagged" });
	say("untag", (await docker.getImage("js:tagged").remove())
	    .map((x) => Object.keys(x)));
	const built = await docker.buildImage({ context: __dirname + "/context",
	    src: ["Dockerfile"] }, { t: "js:built", nocache: true });
	say("build", (await finished(docker, built)).pop().stream);
	await docker.getImage("js:built").remove();
}

async function objects(docker) {
	const v = await docker.createVolume({ Name: "js-volume" });
	say("volume", (await docker.getVolume("js-volume").inspect()).Driver);
	await (await docker.getVolume(v.name || v.Name)).remove();
	const n = await docker.createNetwork({ Name: "js-network",
	    Driver: "bridge", CheckDuplicate: true });
	const c = docker.getContainer("js-main");
	await n.connect({ Container: c.id });
	say("network", Object.values((await n.inspect()).Containers)
	    .map((x) => x.Name));
	await n.disconnect({ Container: c.id });
	await n.remove();
}

// dockerode repeats what it was given in the query, Cmd and all.
async function run(docker) {
	const out = new PassThrough();
	const text = drain(out);
	const [data, c] = await docker.run(IMAGE, ["sh", "-c", "echo by run"],
	    out, { name: "js-run", Tty: true });
	out.end();
	say("run", [data.StatusCode, (await text).toString()]);
	await c.remove();
}

async function errors(docker) {
	try {
		await docker.getContainer("js-nothing").inspect();
		must(false, "inspect of nothing succeeds");
	} catch (e) {
		say("error", [e.statusCode, e.json]);
	}
}

async function main() {
	const docker = connect(process.argv[2]);
	await lists(docker);
	await attach(docker);
	const c = await docker.createContainer({ name: "js-main", Image: IMAGE,
	    Cmd: ["sh", "-c", "echo first line; exec sleep 1000"] });
	await c.start();
	await exec(docker, c);
	await archive(docker, c);
	await objects(docker);
	say("top", (await c.top({ ps_args: "aux" })).Titles);
	say("stats", Object.keys(await c.stats({ stream: false })).sort());
	await logs(docker, c);
	await c.remove();
	await events(docker);
	await images(docker);
	await run(docker);
	await errors(docker);
	console.log("done");
}

main().catch((e) => {
	console.log("fails: " + (e.stack || e));
	process.exit(1);
});
