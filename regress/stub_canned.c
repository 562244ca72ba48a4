/* SPDX-License-Identifier: ISC */

/*
 * What the stub engine says to which request.  Its own little world: two
 * containers, an image, a network and a volume, in the words of API 1.41;
 * enough for "docker ps", "docker version" and a look around, and nothing is
 * remembered between two requests.  And the script, which says otherwise.
 *
 * A script line is "METHOD PATH-PREFIX key=value ...", "#" starts a comment
 * and the first line that fits wins; the file is read anew for each request.
 * Keys: status delay size framing (length, chunked, close) chunk interval
 * tick (ms) count cut raw (a file) early close noread hang.
 */

#include "stub.h"

#include <bsd/string.h>

#include <err.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DB_ID \
	"db1c0dedb1c0dedb1c0dedb1c0dedb1c0dedb1c0dedb1c0dedb1c0dedb1c0de1"
#define IMAGE_ID "sha256:" \
	"a1c0dea1c0dea1c0dea1c0dea1c0dea1c0dea1c0dea1c0dea1c0dea1c0dea1c0"
#define JSON		"application/json"

struct canned {
	const char	*method;
	const char	*pattern;	/* fnmatch(3); "*" may span slashes */
	int		 status;
	enum kind	 kind;
	enum framing	 framing;
	const char	*type;
	const char	*text;
};

#define T_VERSION \
	"{\"Platform\":{\"Name\":\"stub engine of proxyd\"},\"Components\":[" \
	"{\"Name\":\"Engine\",\"Version\":\"20.10.24\",\"Details\":{" \
	"\"ApiVersion\":\"1.41\",\"Arch\":\"amd64\",\"Os\":\"linux\"," \
	"\"MinAPIVersion\":\"1.12\",\"GitCommit\":\"stub\"," \
	"\"GoVersion\":\"none\",\"KernelVersion\":\"6.1.0\"," \
	"\"Experimental\":\"false\"," \
	"\"BuildTime\":\"2026-01-01T00:00:00Z\"}}]," \
	"\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\"," \
	"\"MinAPIVersion\":\"1.12\",\"GitCommit\":\"stub\"," \
	"\"GoVersion\":\"none\",\"Os\":\"linux\",\"Arch\":\"amd64\"," \
	"\"KernelVersion\":\"6.1.0\",\"BuildTime\":\"2026-01-01T00:00:00Z\"}\n"
#define T_INFO \
	"{\"ID\":\"STUB\",\"Name\":\"stub\",\"Containers\":2," \
	"\"ContainersRunning\":2,\"ContainersPaused\":0," \
	"\"ContainersStopped\":0,\"Images\":1,\"Driver\":\"overlay2\"," \
	"\"MemoryLimit\":true,\"SwapLimit\":true,\"NCPU\":2," \
	"\"MemTotal\":2147483648,\"DockerRootDir\":\"/var/lib/docker\"," \
	"\"OperatingSystem\":\"stub engine of proxyd\",\"OSType\":\"linux\"," \
	"\"Architecture\":\"x86_64\",\"ServerVersion\":\"20.10.24\"," \
	"\"CgroupDriver\":\"systemd\",\"CgroupVersion\":\"2\"," \
	"\"LoggingDriver\":\"json-file\",\"SecurityOptions\":[]," \
	"\"Plugins\":{\"Volume\":[\"local\"],\"Network\":[\"bridge\"]}," \
	"\"RegistryConfig\":{},\"Warnings\":[]}\n"
#define T_PS \
	"[{\"Id\":\"" CANNED_ID "\",\"Names\":[\"/web\"]," \
	"\"Image\":\"nginx:alpine\",\"ImageID\":\"" IMAGE_ID "\"," \
	"\"Command\":\"nginx -g 'daemon off;'\",\"Created\":1767225600," \
	"\"Ports\":[{\"IP\":\"127.0.0.1\",\"PrivatePort\":80," \
	"\"PublicPort\":8080,\"Type\":\"tcp\"}],\"Labels\":{}," \
	"\"State\":\"running\",\"Status\":\"Up 2 hours\"," \
	"\"HostConfig\":{\"NetworkMode\":\"default\"},\"Mounts\":[]}," \
	"{\"Id\":\"" DB_ID "\",\"Names\":[\"/db\"]," \
	"\"Image\":\"postgres:15\",\"ImageID\":\"" IMAGE_ID "\"," \
	"\"Command\":\"postgres\",\"Created\":1767225600,\"Ports\":[]," \
	"\"Labels\":{},\"State\":\"running\",\"Status\":\"Up 2 hours\"," \
	"\"HostConfig\":{\"NetworkMode\":\"default\"},\"Mounts\":[]}]\n"
#define T_INSPECT \
	"{\"Id\":\"" CANNED_ID "\",\"Name\":\"/web\"," \
	"\"Created\":\"2026-01-01T00:00:00Z\",\"Path\":\"nginx\",\"Args\":[]," \
	"\"Image\":\"" IMAGE_ID "\",\"State\":{\"Status\":\"running\"," \
	"\"Running\":true,\"ExitCode\":0,\"Pid\":4711}," \
	"\"Config\":{\"Image\":\"nginx:alpine\",\"Tty\":false," \
	"\"Env\":[\"PATH=/bin\"],\"Labels\":{}}," \
	"\"HostConfig\":{\"NetworkMode\":\"default\"},\"Mounts\":[]," \
	"\"NetworkSettings\":{\"Networks\":{}}}\n"
#define T_IMAGES \
	"[{\"Id\":\"" IMAGE_ID "\",\"RepoTags\":[\"nginx:alpine\"]," \
	"\"RepoDigests\":[],\"Created\":1767225600,\"Size\":41943040," \
	"\"VirtualSize\":41943040,\"SharedSize\":-1,\"Labels\":{}," \
	"\"Containers\":-1,\"ParentId\":\"\"}]\n"
#define T_IMAGE \
	"{\"Id\":\"" IMAGE_ID "\",\"RepoTags\":[\"nginx:alpine\"]," \
	"\"Os\":\"linux\",\"Architecture\":\"amd64\",\"Size\":41943040," \
	"\"Config\":{},\"RootFS\":{\"Type\":\"layers\"}}\n"
#define T_NETWORK_REST \
	"\"Scope\":\"local\"," \
	"\"Driver\":\"bridge\",\"EnableIPv6\":false,\"Internal\":false," \
	"\"Containers\":{},\"Options\":{},\"Labels\":{}}"
#define T_NETWORK \
	"{\"Name\":\"bridge\",\"Id\":\"" CANNED_ID "\"," T_NETWORK_REST
#define T_VOLUME_REST \
	"\"Driver\":\"local\",\"Scope\":\"local\"," \
	"\"Mountpoint\":\"/var/lib/docker/volumes/data/_data\"," \
	"\"Labels\":{},\"Options\":{}}"
#define T_VOLUME	"{\"Name\":\"data\"," T_VOLUME_REST
#define T_CREATED	"{\"Id\":\"" CANNED_ID "\",\"Warnings\":[]}\n"

#define TEXT(m, p, s, t)	{ m, p, s, KIND_TEXT, FRAME_LENGTH, JSON, t }
#define FLOW(m, p, t)		{ m, p, 200, KIND_TEXT, FRAME_CHUNKED, JSON, t }
#define DONE(m, p)		{ m, p, 204, KIND_TEXT, FRAME_LENGTH, NULL, "" }

static const struct canned table[] = {
	{ "GET", "/_ping", 200, KIND_TEXT, FRAME_LENGTH,
	    "text/plain; charset=utf-8", "OK" },
	TEXT("GET", "/version", 200, T_VERSION),
	TEXT("GET", "/info", 200, T_INFO),
	{ "GET", "/events", 200, KIND_TICK, FRAME_CHUNKED, JSON, NULL },
	TEXT("GET", "/containers/json", 200, T_PS),
	TEXT("GET", "/containers/*/json", 200, T_INSPECT),
	TEXT("GET", "/containers/*/top", 200,
	    "{\"Titles\":[\"PID\",\"CMD\"],\"Processes\":[[\"4711\","
	    "\"nginx\"]]}\n"),
	TEXT("GET", "/containers/*/changes", 200, "[]\n"),
	{ "GET", "/containers/*/logs", 200, KIND_TICK, FRAME_CHUNKED, NULL,
	    NULL },
	{ "GET", "/containers/*/archive", 200, KIND_SIZE, FRAME_CHUNKED,
	    "application/x-tar", NULL },
	{ "GET", "/containers/*/export", 200, KIND_SIZE, FRAME_CHUNKED,
	    "application/octet-stream", NULL },
	TEXT("POST", "/containers/create", 201, T_CREATED),
	FLOW("POST", "/containers/*/wait", "{\"StatusCode\":0}\n"),
	{ "POST", "/containers/*/attach", 200, KIND_ECHO, FRAME_CLOSE, NULL,
	    "tcp" },
	TEXT("POST", "/containers/*/exec", 201,
	    "{\"Id\":\"" CANNED_ID "\"}\n"),
	TEXT("PUT", "/containers/*/archive", 200, ""),
	TEXT("POST", "/containers/*/update", 200, "{\"Warnings\":[]}\n"),
	TEXT("POST", "/containers/prune", 200, "{\"SpaceReclaimed\":0}\n"),
	DONE("POST", "/containers/*"),
	DONE("DELETE", "/containers/*"),
	{ "POST", "/exec/*/start", 200, KIND_ECHO, FRAME_CLOSE, NULL, "tcp" },
	TEXT("POST", "/exec/*/resize", 200, ""),
	TEXT("GET", "/exec/*/json", 200,
	    "{\"ID\":\"" CANNED_ID "\",\"Running\":false,\"ExitCode\":0,"
	    "\"ContainerID\":\"" CANNED_ID "\"}\n"),
	TEXT("POST", "/commit", 201, "{\"Id\":\"" IMAGE_ID "\"}\n"),
	TEXT("GET", "/images/json", 200, T_IMAGES),
	TEXT("GET", "/images/search", 200, "[]\n"),
	{ "GET", "/images/*get", 200, KIND_SIZE, FRAME_CHUNKED,
	    "application/x-tar", NULL },
	TEXT("GET", "/images/*/json", 200, T_IMAGE),
	TEXT("GET", "/images/*/history", 200, "[]\n"),
	FLOW("POST", "/images/load",
	    "{\"stream\":\"Loaded image: stub:latest\\n\"}\r\n"),
	FLOW("POST", "/images/create", "{\"status\":\"Pulling\"}\r\n"),
	TEXT("POST", "/images/prune", 200, "{\"SpaceReclaimed\":0}\n"),
	TEXT("POST", "/images/*/tag", 201, ""),
	TEXT("DELETE", "/images/*", 200, "[]\n"),
	FLOW("POST", "/build", "{\"stream\":\"Successfully built\\n\"}\r\n"),
	TEXT("GET", "/networks", 200, "[" T_NETWORK "]\n"),
	TEXT("POST", "/networks/create", 201, T_CREATED),
	TEXT("GET", "/networks/*", 200, T_NETWORK "\n"),
	TEXT("POST", "/networks/*", 200, ""),
	DONE("DELETE", "/networks/*"),
	TEXT("GET", "/volumes", 200,
	    "{\"Volumes\":[" T_VOLUME "],\"Warnings\":[]}\n"),
	TEXT("POST", "/volumes/create", 201, T_VOLUME "\n"),
	TEXT("GET", "/volumes/*", 200, T_VOLUME "\n"),
	DONE("DELETE", "/volumes/*"),
	TEXT("GET", "/system/df", 200,
	    "{\"LayersSize\":0,\"Images\":[],\"Containers\":[],"
	    "\"Volumes\":[],\"BuildCache\":[]}\n"),
	TEXT("POST", "/auth", 200, "{\"Status\":\"Login Succeeded\"}\n"),
	{ "POST", "/session", 200, KIND_ECHO, FRAME_CLOSE, NULL, "h2c" },
	{ "POST", "/grpc", 200, KIND_ECHO, FRAME_CLOSE, NULL, "h2c" },
};

static bool
follows(const char *query)
{
	return (strstr(query, "follow=1") != NULL ||
	    strstr(query, "follow=true") != NULL);
}

/* There is every network, with its name for an id; one at a time. */
static const char *
canned_network(const char *name)
{
	static char	 text[2048];

	(void)snprintf(text, sizeof(text), "{\"Name\":\"%.512s\","
	    "\"Id\":\"%.512s\"," T_NETWORK_REST "\n", name, name);
	return (text);
}

/* There is every volume; one at a time is asked for. */
static const char *
canned_volume(const char *name)
{
	static char	 text[1024];

	(void)snprintf(text, sizeof(text), "{\"Name\":\"%.256s\","
	    T_VOLUME_REST "\n", name);
	return (text);
}

void
canned_find(const char *method, const char *path, const char *query,
    struct plan *p)
{
	const struct canned	*c;
	size_t			 i;

	memset(p, 0, sizeof(*p));
	p->chunk = 16384;
	p->interval = 0;
	p->status = 404;
	p->type = JSON;
	p->text = "{\"message\":\"page not found\"}\n";
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		c = &table[i];
		if (strcmp(method, c->method) != 0 ||
		    fnmatch(c->pattern, path, 0) != 0)
			continue;
		p->kind = c->kind;
		p->framing = c->framing;
		p->status = c->status;
		p->type = c->type;
		p->text = c->text;
		break;
	}
	if (p->status == 200 && strncmp(path, "/volumes/", 9) == 0 &&
	    strcmp(method, "GET") == 0)
		p->text = canned_volume(path + 9);
	if (p->status == 200 && strncmp(path, "/networks/", 10) == 0 &&
	    path[10] != '\0' && strcmp(method, "GET") == 0)
		p->text = canned_network(path + 10);
	if (p->kind == KIND_SIZE)
		p->size = 10240;	/* zeros: an empty tar archive */
	if (p->kind == KIND_TICK) {
		p->interval = 1000;
		p->frames = strncmp(path, "/containers/", 12) == 0;
		if (p->frames && !follows(query)) {
			p->interval = 0;
			p->count = 2;
		}
	}
}

static void
script_word(struct plan *p, char *word)
{
	unsigned long long	 v;
	char			*value;

	if ((value = strchr(word, '=')) == NULL)
		errx(1, "script: %s: no value", word);
	*value++ = '\0';
	v = strtoull(value, NULL, 10);
	if (strcmp(word, "status") == 0)
		p->status = (int)v;
	else if (strcmp(word, "delay") == 0)
		p->delay = v;
	else if (strcmp(word, "interval") == 0)
		p->interval = v;
	else if (strcmp(word, "chunk") == 0)
		p->chunk = v;
	else if (strcmp(word, "count") == 0)
		p->count = v;
	else if (strcmp(word, "cut") == 0)
		p->cut = v;
	else if (strcmp(word, "early") == 0)
		p->early = (int)v;
	else if (strcmp(word, "close") == 0)
		p->close = (int)v;
	else if (strcmp(word, "noread") == 0)
		p->noread = (int)v;
	else if (strcmp(word, "hang") == 0)
		p->kind = KIND_HANG;
	else if (strcmp(word, "size") == 0) {
		p->kind = KIND_SIZE;
		p->pattern = 1;
		p->size = v;
	} else if (strcmp(word, "tick") == 0) {
		p->kind = KIND_TICK;
		p->framing = FRAME_CHUNKED;
		p->interval = v;
	} else if (strcmp(word, "raw") == 0) {
		p->kind = KIND_RAW;
		strlcpy(p->raw, value, sizeof(p->raw));
	} else if (strcmp(word, "framing") == 0)
		p->framing = *value == 'c' && value[1] == 'h' ? FRAME_CHUNKED :
		    *value == 'c' ? FRAME_CLOSE : FRAME_LENGTH;
	else
		errx(1, "script: %s: unknown key", word);
}

void
script_find(const char *file, const char *method, const char *path,
    struct plan *p)
{
	FILE	*fp;
	char	 line[1024], *last, *m, *prefix, *word;

	if ((fp = fopen(file, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), fp) != NULL) {
		m = strtok_r(line, " \n", &last);
		prefix = strtok_r(NULL, " \n", &last);
		if (m == NULL || *m == '#' || prefix == NULL ||
		    strcmp(m, method) != 0 ||
		    strncmp(path, prefix, strlen(prefix)) != 0)
			continue;
		p->text = p->text == NULL ? "" : p->text;
		while ((word = strtok_r(NULL, " \n", &last)) != NULL)
			script_word(p, word);
		break;
	}
	fclose(fp);
}
