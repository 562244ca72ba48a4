/* SPDX-License-Identifier: ISC */

/*
 * JSON objects for the log: what each character becomes, what is no UTF-8,
 * where a text is cut, that an object always has its end; and that jansson
 * reads back what was written.
 */

#include "../parent/object.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "test.h"

static char	 buf[16384];

/* An object with this one text. */
static const char *
one(const char *text, size_t len, size_t max)
{
	struct object	 o;

	object_begin(&o, buf, sizeof(buf));
	object_text(&o, "t", text, len, max);
	CHECK(!o.cut);
	CHECK_INT(object_end(&o), strlen(buf));
	return (buf);
}

#define ONE(s)		one(s, sizeof(s) - 1, 8192)

static void
test_escapes(void)
{
	CHECK_STR(ONE(""), "{\"t\":\"\"}");
	CHECK_STR(ONE("a b/c"), "{\"t\":\"a b/c\"}");
	CHECK_STR(ONE("\"\\"), "{\"t\":\"\\\"\\\\\"}");
	CHECK_STR(ONE("\n\t\r\033\0\177"),
	    "{\"t\":\"\\n\\t\\u000d\\u001b\\u0000\\u007f\"}");
	CHECK_STR(ONE("\303\244"), "{\"t\":\"\\u00e4\"}");
	CHECK_STR(ONE("\342\200\256"), "{\"t\":\"\\u202e\"}");
	CHECK_STR(ONE("\360\237\220\263"), "{\"t\":\"\\ud83d\\udc33\"}");
}

/* RFC 3629 section 10: each byte of what is none is replaced. */
static void
test_invalid(void)
{
	CHECK_STR(ONE("a\377b"), "{\"t\":\"a\\ufffdb\"}");
	CHECK_STR(ONE("\200"), "{\"t\":\"\\ufffd\"}");
	CHECK_STR(ONE("\303"), "{\"t\":\"\\ufffd\"}");
	CHECK_STR(ONE("\303a"), "{\"t\":\"\\ufffda\"}");
	CHECK_STR(ONE("\300\257"), "{\"t\":\"\\ufffd\\ufffd\"}");
	CHECK_STR(ONE("\340\200\257"), "{\"t\":\"\\ufffd\\ufffd\\ufffd\"}");
	CHECK_STR(ONE("\355\240\200"), "{\"t\":\"\\ufffd\\ufffd\\ufffd\"}");
	CHECK_STR(ONE("\364\220\200\200"),
	    "{\"t\":\"\\ufffd\\ufffd\\ufffd\\ufffd\"}");
	CHECK_STR(ONE("\360\237\220"), "{\"t\":\"\\ufffd\\ufffd\\ufffd\"}");
	CHECK_STR(ONE("\370\210\200\200\200"),
	    "{\"t\":\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\"}");
}

static void
test_cut(void)
{
	CHECK_STR(one("abcdef", 6, 6), "{\"t\":\"abcdef\"}");
	CHECK_STR(one("abcdefg", 7, 6), "{\"t\":\"abc...\"}");
	CHECK_STR(one("ab\001defg", 7, 6), "{\"t\":\"ab...\"}");
	CHECK_STR(one("\001\001", 2, 6), "{\"t\":\"...\"}");
	CHECK_STR(one("\001", 1, 6), "{\"t\":\"\\u0001\"}");
	CHECK_STR(one("abc", 3, 2), "{\"t\":\"..\"}");
	CHECK_STR(one("abc", 3, 0), "{\"t\":\"\"}");
}

/* Every size of the buffer: members whole or not there, and an end. */
static void
test_room(void)
{
	struct object	 o;
	json_t		*root;
	char		 small[128];
	size_t		 size, n, most = 0;

	for (size = 3; size < sizeof(small); size++) {
		memset(small, '#', sizeof(small));
		object_begin(&o, small, size);
		object_text(&o, "one", "\001\002\"", 3, 64);
		object_number(&o, "two", UINT64_MAX);
		object_text(&o, "three", "x", 1, 64);
		n = object_end(&o);
		CHECK(n < size && small[n] == '\0' && small[size] == '#');
		if ((root = json_loads(small, JSON_DECODE_INT_AS_REAL,
		    NULL)) == NULL)
			printf("%s\n", small);
		CHECK(root != NULL);
		CHECK(json_object_size(root) == 3 || o.cut);
		if (json_object_size(root) > most)
			most = json_object_size(root);
		json_decref(root);
	}
	CHECK_INT(most, 3);
}

static void
test_numbers(void)
{
	struct object	 o;

	object_begin(&o, buf, sizeof(buf));
	object_number(&o, "a", 0);
	object_number(&o, "b", 10);
	object_number(&o, "c", UINT64_MAX);
	(void)object_end(&o);
	CHECK_STR(buf, "{\"a\":0,\"b\":10,\"c\":18446744073709551615}");
}

/* What is UTF-8 comes back as it was, and anything else is one line. */
static void
test_random(void)
{
	static const char *const	 pieces[] = {
		"a", "\"", "\\", "\n", "\033", "\303\244", "\342\202\254",
		"\360\237\220\263", "\177", " ", "/", "u0041"
	};
	json_t				*root;
	char				 text[256];
	size_t				 i, n, len;

	srandom(4711);
	for (i = 0; i < 20000; i++) {
		text[0] = '\0';
		for (n = (size_t)random() % 20; n > 0; n--)
			(void)strlcat(text, pieces[(size_t)random() %
			    (sizeof(pieces) / sizeof(pieces[0]))],
			    sizeof(text));
		root = json_loads(one(text, strlen(text), 8192), 0, NULL);
		CHECK_STR(json_string_value(json_object_get(root, "t")), text);
		json_decref(root);
		len = (size_t)random() % sizeof(text);
		for (n = 0; n < len; n++)
			text[n] = (char)random();
		root = json_loads(one(text, len, (size_t)random() % 1000),
		    JSON_ALLOW_NUL, NULL);
		CHECK(root != NULL);
		for (n = 0; buf[n] != '\0'; n++)
			CHECK(buf[n] >= ' ' && buf[n] <= '~');
		json_decref(root);
	}
}

int
main(void)
{
	RUN(test_escapes);
	RUN(test_invalid);
	RUN(test_cut);
	RUN(test_room);
	RUN(test_numbers);
	RUN(test_random);
	return (test_done());
}
