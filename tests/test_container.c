/* SPDX-License-Identifier: ISC */

/*
 * What is taken from the engine's inspect of a container and of an exec, and
 * that anything else is refused without a leak.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/lookup.h"
#include "test.h"

#define HEX	"0123456789abcdef"
#define A	HEX HEX HEX HEX

static void
test_inspect(void)
{
	static const char	 text[] =
	    "{\"Id\":\"" A "\",\"Name\":\"/web-1\","
	    "\"Config\":{\"Labels\":{\"proxyd.allow\":\"yes\",\"empty\":\"\","
	    "\"odd\":1}}}";
	struct container	 ct;

	CHECK(container_parse(&ct, text, strlen(text), false) == 0);
	CHECK(strcmp(ct.id, A) == 0);
	CHECK(strcmp(ct.name, "web-1") == 0);
	CHECK_INT(ct.nlabels, 2);
	CHECK(strcmp(ct.labels[0], "proxyd.allow=yes") == 0 ||
	    strcmp(ct.labels[1], "proxyd.allow=yes") == 0);
	container_clear(&ct);
	CHECK(ct.name == NULL && ct.nlabels == 0);
}

/*
 * The engine takes "=" in the name of a label.  Such a one must not look like
 * another label: "set label" may have put role=dev on the container, and the
 * client {"role=ci-1": ""} beside it.
 */
static void
test_label_name(void)
{
	static const char	 text[] =
	    "{\"Id\":\"" A "\",\"Name\":\"/a\",\"Config\":{\"Labels\":{"
	    "\"role\":\"dev\",\"role=ci-1\":\"\",\"=x\":\"y\"}}}";
	struct container	 ct;

	CHECK(container_parse(&ct, text, strlen(text), false) == 0);
	CHECK_INT(ct.nlabels, 1);
	CHECK(strcmp(ct.labels[0], "role=dev") == 0);
	container_clear(&ct);
}

static void
test_refused(void)
{
	static const char *const	 bad[] = {
		"", "[]", "{}", "null", "{\"Id\":\"" A "\"}",
		"{\"Name\":\"/a\"}", "{\"Id\":1,\"Name\":\"/a\"}",
		"{\"Id\":\"" A "0\",\"Name\":\"/a\"}",
		"{\"Id\":\"abc\",\"Name\":\"/a\"}",
		"{\"Id\":\"" A "\",\"Name\":1}",
		"{\"Id\":\"" A "\",\"Name\":\"/a\"} x",
	};
	static const char		 none[] =
	    "{\"Id\":\"" A "\",\"Name\":\"a\",\"Config\":{\"Labels\":null}}";
	struct container		 ct;
	size_t				 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(container_parse(&ct, bad[i], strlen(bad[i]),
		    true) == -1);
	CHECK(container_parse(&ct, none, strlen(none), false) == 0);
	CHECK(strcmp(ct.name, "a") == 0 && ct.nlabels == 0);
	container_clear(&ct);
}

static void
test_mounts(void)
{
	static const char	 text[] =
	    "{\"Id\":\"" A "\",\"Name\":\"/a\",\"Mounts\":["
	    "{\"Type\":\"bind\",\"Source\":\"/rw\",\"RW\":true},"
	    "{\"Type\":\"bind\",\"Source\":\"/ro\",\"RW\":false},"
	    "{\"Type\":\"bind\",\"Source\":\"/say\"},"
	    "{\"Type\":\"volume\",\"Name\":\"v\",\"Source\":\"/lib/v\","
	    "\"Driver\":\"local\",\"RW\":true},"
	    "{\"Type\":\"volume\",\"Name\":\"far\",\"Driver\":\"nfs\"},"
	    "{\"Type\":\"tmpfs\",\"Source\":\"\"}]}";
	struct container	 ct;
	char			*many, *p;
	int			 i;

	CHECK_INT(container_parse(&ct, text, strlen(text), false), 0);
	CHECK(ct.mounts == NULL);
	container_clear(&ct);
	CHECK_INT(container_parse(&ct, text, strlen(text), true), 0);
	CHECK_INT(ct.mounts->binds.n, 2);
	CHECK_STR(ct.mounts->binds.text[0], "/rw");
	CHECK_STR(ct.mounts->binds.text[1], "/say");
	CHECK_INT(ct.mounts->binds_ro.n, 1);
	CHECK_STR(ct.mounts->binds_ro.text[0], "/ro");
	CHECK_INT(ct.mounts->volumes.n, 1);
	CHECK_STR(ct.mounts->volumes.text[0], "v");
	CHECK(!ct.mounts->more);
	container_clear(&ct);
	CHECK(ct.mounts == NULL);
	/* More than are looked at. */
	p = many = malloc(8192);
	p += sprintf(p, "{\"Id\":\"" A "\",\"Name\":\"/a\",\"Mounts\":[");
	for (i = 0; i <= NAMED_MAX; i++)
		p += sprintf(p, "%s{\"Type\":\"bind\",\"Source\":\"/%d\"}",
		    i == 0 ? "" : ",", i);
	strcpy(p, "]}");
	CHECK_INT(container_parse(&ct, many, strlen(many), true), 0);
	CHECK(ct.mounts->more);
	container_clear(&ct);
	free(many);
}

static void
test_exec(void)
{
	static const char	 text[] = "{\"ID\":\"x\",\"ContainerID\":\"" A
	    "\"}";
	char			 id[65];

	CHECK(container_of_exec(id, text, strlen(text)) == 0);
	CHECK(strcmp(id, A) == 0);
	CHECK(container_of_exec(id, "{}", 2) == -1);
	CHECK(container_of_exec(id, "x", 1) == -1);
}

static void
test_network(void)
{
	static const char *const	 bad[] = {
		"", "{}", "[]", "{\"Id\":\"" A "\"}", "{\"Name\":\"n\"}",
		"{\"Id\":\"\",\"Name\":\"n\"}", "{\"Id\":1,\"Name\":\"n\"}",
		"{\"Id\":\"a/b\",\"Name\":\"n\"}",
		"{\"Id\":\"" A "\",\"Name\":\"\"}",
		"{\"Id\":\"" A "\",\"Name\":1}",
	};
	static const char		 text[] =
	    "{\"Name\":\"my net\",\"Id\":\"x7k2ab\",\"Driver\":\"overlay\"}";
	char				*id, *name;
	size_t				 i;

	CHECK_INT(network_parse(&id, &name, text, strlen(text)), 0);
	CHECK_STR(id, "x7k2ab");
	CHECK_STR(name, "my net");
	free(id);
	free(name);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(network_parse(&id, &name, bad[i], strlen(bad[i])),
		    -1);
		CHECK(id == NULL && name == NULL);
	}
}

static void
test_id(void)
{
	CHECK(container_id_ok(A, 64));
	CHECK(!container_id_ok(A, 63));
	CHECK(!container_id_ok("0123456789ABCDEF0123456789abcdef"
	    "0123456789abcdef0123456789abcdef", 64));
}

int
main(void)
{
	RUN(test_inspect);
	RUN(test_label_name);
	RUN(test_refused);
	RUN(test_mounts);
	RUN(test_exec);
	RUN(test_network);
	RUN(test_id);
	return (test_done());
}
