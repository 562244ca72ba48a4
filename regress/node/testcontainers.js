// SPDX-License-Identifier: ISC
//
// testcontainers against the engine of DOCKER_HOST.  Every step prints a
// line; case 97 compares the lines that come directly with those that come
// through proxyd.  It wants to be where the engine's ports are.
//
//	node testcontainers.js flow | ryuk
"use strict";

const { PassThrough } = require("stream");
const { GenericContainer, Network, Wait } = require("testcontainers");

const IMAGE = "busybox:test";
const HTTPD = ["httpd", "-f", "-p", "8080", "-h", "/srv"];

function say(what, value) {
	console.log(what + ": " + JSON.stringify(value));
}

// What arrives, until it holds the words; then the stream is let go.
function until(stream, words) {
	return new Promise((resolve, reject) => {
		let text = "";
		stream.on("error", reject);
		stream.on("end", () => reject(new Error("ended: " + text)));
		stream.on("data", (d) => {
			text += d;
			if (text.includes(words)) {
				stream.removeAllListeners();
				stream.destroy();
				resolve(text);
			}
		});
	});
}

// All of a tar, as text.
async function text(stream) {
	const parts = [];
	for await (const part of stream)
		parts.push(part);
	return Buffer.concat(parts).toString("latin1");
}

async function page(c) {
	const r = await fetch("http://" + c.getHost() + ":" +
	    c.getMappedPort(8080) + "/page");
	return [r.status, await r.text()];
}

// Each way to wait, and what shows that it was right to go on.
async function waits() {
	const log = await new GenericContainer(IMAGE)
	    .withCommand(["sh", "-c", "echo so far; echo ready; sleep 1000"])
	    .withWaitStrategy(Wait.forLogMessage("ready")).start();
	say("log", await until(await log.logs(), "ready"));
	await log.stop();

	// the default: connects from outside, looks from within
	const port = await new GenericContainer(IMAGE).withCommand(HTTPD)
	    .withExposedPorts(8080).start();
	say("port", await page(port));
	await port.restart();
	say("restarted", await page(port));
	await port.stop();

	const http = await new GenericContainer(IMAGE).withCommand(HTTPD)
	    .withExposedPorts(8080)
	    .withWaitStrategy(Wait.forHttp("/page", 8080)).start();
	say("http", await page(http));
	await http.stop();

	const health = await new GenericContainer(IMAGE)
	    .withCommand(["sleep", "1000"])
	    .withHealthCheck({ test: ["CMD-SHELL", "test -d /srv"],
	    interval: 200, timeout: 2000, retries: 5 })
	    .withWaitStrategy(Wait.forHealthCheck()).start();
	say("health", (await health.exec(["true"])).exitCode);
	await health.stop();

	const command = await new GenericContainer(IMAGE)
	    .withCommand(["sh", "-c", "touch /tmp/up; sleep 1000"])
	    .withWaitStrategy(Wait.forSuccessfulCommand("test -e /tmp/up"))
	    .start();
	say("command", (await command.exec(["ls", "/tmp"])).output);
	await command.stop();

	const once = await new GenericContainer(IMAGE).withCommand(["true"])
	    .withWaitStrategy(Wait.forOneShotStartup()).start();
	await once.stop();
	say("one shot", "done");
}

async function inside() {
	const c = await new GenericContainer(IMAGE)
	    .withName("tc-inside").withLabels({ mine: "yes" })
	    .withEnvironment({ WORD: "from outside" }).withUser("root")
	    .withWorkingDir("/tmp").withTmpFs({ "/scratch": "rw" })
	    .withResourcesQuota({ memory: 0.125, cpu: 0.5 })
	    .withUlimits({ nofile: { hard: 100, soft: 100 } })
	    .withExtraHosts([{ host: "elsewhere", ipAddress: "10.0.0.1" }])
	    .withDroppedCapabilities("NET_RAW")
	    .withCopyContentToContainer([{ content: "a text\n",
	    target: "/srv/given" }])
	    .withCopyFilesToContainer([{ source: __filename,
	    target: "/srv/self.js", mode: 0o600 }])
	    .withCommand(["sleep", "1000"])
	    .withWaitStrategy(Wait.forSuccessfulCommand("true")).start();
	const both = await c.exec(["sh", "-c",
	    "echo out; echo err >&2; exit 3"]);
	say("exec", [both.stdout, both.stderr, both.exitCode]);
	say("exec as", (await c.exec(["sh", "-c", "id -u; pwd; echo $A"],
	    { user: "1000", workingDir: "/srv", env: { A: "b" } })).stdout);
	say("set", (await c.exec(["sh", "-c",
	    "echo $WORD; pwd; ulimit -n; grep elsewhere /etc/hosts; " +
	    "cat /srv/given; ls -l /srv/self.js | cut -c 1-10"])).stdout);
	await c.copyDirectoriesToContainer([{ source: __dirname + "/context",
	    target: "/srv/context" }]);
	await c.copyContentToContainer([{ content: "later\n",
	    target: "/srv/later" }]);
	await c.copyArchiveToContainer(
	    await c.copyArchiveFromContainer("/srv/later"), "/root");
	say("copied", (await c.exec(["cat", "/root/later",
	    "/srv/context/Dockerfile"])).stdout);
	say("fetched", (await text(await c.copyArchiveFromContainer(
	    "/srv/later"))).includes("later\n"));
	say("labels", c.getLabels().mine);
	await c.stop();
}

async function network() {
	const net = await new Network().start();
	const server = await new GenericContainer(IMAGE).withCommand(HTTPD)
	    .withNetwork(net).withNetworkAliases("server")
	    .withExposedPorts(8080).start();
	const client = await new GenericContainer(IMAGE).withNetwork(net)
	    .withCommand(["sleep", "1000"])
	    .withWaitStrategy(Wait.forSuccessfulCommand(
	    "wget -q -O - http://server:8080/page")).start();
	say("alias", (await client.exec(["wget", "-q", "-O", "-",
	    "http://server:8080/page"])).output);
	await client.stop();
	await server.stop();
	await net.stop();
	say("network", "stopped");
}

async function build() {
	const image = await GenericContainer.fromDockerfile(
	    __dirname + "/context").build("tc:built", { deleteOnExit: false });
	const lines = new PassThrough();
	const c = await image.withLogConsumer((s) => s.pipe(lines))
	    .withCommand(["sh", "-c", "echo built; sleep 1000"])
	    .withWaitStrategy(Wait.forLogMessage("built")).start();
	say("build", await until(lines, "built"));
	await c.stop();
}

// Without TESTCONTAINERS_RYUK_DISABLED it starts its reaper first.
async function ryuk() {
	const c = await new GenericContainer(IMAGE)
	    .withCommand(["sleep", "1000"]).start();
	await c.stop();
}

async function main() {
	// it does not wait for the sockets of logs itself
	const awake = setInterval(() => {}, 1000);
	if (process.argv[2] === "ryuk") {
		await ryuk();
	} else {
		await waits();
		await inside();
		await network();
		await build();
	}
	clearInterval(awake);
	console.log("done");
	// connections of fetch stay open for some seconds
	process.exit(0);
}

main().catch((e) => {
	console.log("fails: " + (e.stack || e));
	process.exit(1);
});
