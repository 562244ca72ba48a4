/* SPDX-License-Identifier: ISC */

/*
 * Containers in the file of "proxyd -n -t ... -c": by name, by the beginning
 * of an id, among others and alone; and files that are cut or are not what
 * they should be.
 */

#include <stdlib.h>
#include <string.h>

#include "../parent/explain.h"
#include "test.h"

#define HEX	"0123456789abcdef"
#define ID_A	"aaaa" HEX HEX HEX "0123456789ab"
#define ID_B	"bbbb" HEX HEX HEX "0123456789ab"
#define WEB	"{\"Id\": \"" ID_A "\", \"State\": {\"Name\": \"/db\"," \
		"\"Id\": \"" ID_B "\"}, \"Name\": \"/web\", "		\
		"\"Args\": [\"{\", \"\\\"}\"]}"
#define DB	"{\"Name\":\"/db\",\"N\":1,\"Id\":\"" ID_B "\"}"

/* What is found, cut out; "" if nothing is. */
static const char *
find(const char *text, const char *name)
{
	static char	 out[1024];
	struct bytes	 b = { NULL, strlen(text) };
	struct piece	 p;

	/* What stands behind it would close a string. */
	if ((b.data = malloc(b.len + 1)) == NULL)
		return ("no memory");
	memcpy(b.data, text, b.len);
	b.data[b.len] = '"';
	out[0] = '\0';
	if (inspect_find(&b, name, &p) == 0 && p.len < sizeof(out)) {
		memcpy(out, p.base, p.len);
		out[p.len] = '\0';
	}
	free(b.data);
	return (out);
}

static void
test_found(void)
{
	static const char	*both = "[\n  " WEB ",\n" DB "\n]\n";

	CHECK_STR(find(WEB, "web"), WEB);
	CHECK_STR(find(both, "web"), WEB);
	CHECK_STR(find(both, "db"), DB);
	CHECK_STR(find(both, "aaaa"), WEB);
	CHECK_STR(find(both, ID_B), DB);
	CHECK_STR(find("{\"ID\":\"0123\",\"ContainerID\":\"" ID_A "\"}",
	    "0123"), "{\"ID\":\"0123\",\"ContainerID\":\"" ID_A "\"}");
}

static void
test_not_found(void)
{
	CHECK_STR(find(WEB, "db"), "");
	CHECK_STR(find(WEB, "we"), "");
	CHECK_STR(find(WEB, "bbbb"), "");
	CHECK_STR(find(WEB, ""), "");
	CHECK_STR(find("", "web"), "");
	CHECK_STR(find("[]", "web"), "");
	CHECK_STR(find("{\"x\": \"Name\", \"y\": \"/web\"}", "web"), "");
}

/* Every beginning of a file: nothing is read behind its end. */
static void
test_cut(void)
{
	char	 text[sizeof(WEB)];
	size_t	 n;

	for (n = 0; n < sizeof(WEB) - 1; n++) {
		memcpy(text, WEB, n);
		text[n] = '\0';
		(void)find(text, "nothing");
		CHECK(strncmp(find(text, "web"), text, n) == 0 ||
		    find(text, "web")[0] == '\0');
	}
}

static void
test_member(void)
{
	struct piece	 object = { WEB, sizeof(WEB) - 1 }, v;

	CHECK(inspect_member(&object, "Id", &v) == 0);
	CHECK(v.len == 64 && memcmp(v.base, ID_A, 64) == 0);
	CHECK(inspect_member(&object, "State", &v) == -1);
	CHECK(inspect_member(&object, "nothing", &v) == -1);
}

int
main(void)
{
	RUN(test_found);
	RUN(test_not_found);
	RUN(test_cut);
	RUN(test_member);
	return (test_done());
}
