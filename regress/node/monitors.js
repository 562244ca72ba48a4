// SPDX-License-Identifier: ISC
//
// What monitors ask of an engine, by the means that they do it with: homepage
// has dockerode, Uptime Kuma a plain HTTP client.  Case 97 compares the
// lines that come directly with those that come through proxyd.
//
//	node monitors.js homepage | uptime-kuma unix:///path
"use strict";

const http = require("http");
const Docker = require("dockerode");

function say(what, value) {
	console.log(what + ": " + JSON.stringify(value));
}

async function homepage(path) {
	const docker = new Docker({ socketPath: path });
	const list = await docker.listContainers({ all: true });
	say("names", list.map((c) => c.Names));
	const c = docker.getContainer("web");
	const info = await c.inspect();
	say("state", [info.State.Status, info.State.Health?.Status]);
	say("stats", Object.keys(await c.stats({ stream: false })).sort());
	say("labels", list.map((x) => x.Labels));
	try {
		await docker.getContainer("nothing").inspect();
	} catch (e) {
		say("nothing", e.statusCode);
	}
}

function get(socketPath, path) {
	return new Promise((resolve, reject) => {
		http.get({ socketPath, path }, (r) => {
			let text = "";
			r.on("data", (d) => text += d);
			r.on("end", () => resolve([r.statusCode,
			    JSON.parse(text)]));
		}).on("error", reject);
	});
}

async function kuma(path) {
	const [ok, list] = await get(path, "/containers/json?all=true");
	say("names", [ok, list.map((c) => c.Names)]);
	const [status, info] = await get(path, "/containers/web/json");
	say("state", [status, info.State.Status, info.State.Running]);
	say("nothing", await get(path, "/containers/nothing/json"));
}

async function main() {
	const path = new URL(process.argv[3]).pathname;
	await (process.argv[2] === "homepage" ? homepage : kuma)(path);
	console.log("done");
}

main().catch((e) => {
	console.log("fails: " + (e.stack || e));
	process.exit(1);
});
