/* SPDX-License-Identifier: ISC */

/*
 * JSON of our own against jansson: texts chosen to be nasty, and half a
 * million made of them by changing bytes; then what jansson is not asked:
 * trees that are built, memory that runs out, where a fault is.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "../filter/body/json.h"
#include "json_oracle.h"

#define MUTATIONS	500000
#define TEXT_MAX	1024
#define PLENTY		((size_t)1 << 26)

#define T(s)	{ s, sizeof(s) - 1 }

static const struct {
	const char	*s;
	size_t		 len;
} texts[] = {
	T(""), T(" "), T("[]"), T("{}"), T(" \t\r\n[ \t\r\n] \t\r\n"),
	T("\f[]"), T("\v[]"), T("[]\f"), T("\xef\xbb\xbf[]"),
	T("\xc2\xa0[]"), T("[]\0"), T("\0[]"), T("[\0]"), T("[]]"), T("[]x"),
	T("[][]"), T("[] {}"), T("null"), T("true"), T("1"), T("\"a\""),
	T("["), T("{"), T("]"), T("}"), T("[}"), T("{]"), T("[,]"),
	T("[1,]"), T("[,1]"), T("[1,,2]"), T("[1 2]"), T("[1;2]"), T("{,}"),
	T("{\"a\"}"), T("{\"a\":}"), T("{\"a\":1,}"), T("{:1}"),
	T("{\"a\" 1}"), T("{\"a\"::1}"), T("{a:1}"), T("{'a':1}"),
	T("{1:1}"), T("{null:1}"), T("{\"a\":1 \"b\":2}"),
	T("{ \"a\" : 1 , \"b\" : [ ] }"), T("[true,false,null]"),
	T("[True]"), T("[tru]"), T("[truE]"), T("[truex]"), T("[true1]"),
	T("[nul"), T("[nullnull]"), T("[NaN]"), T("[Infinity]"), T("[nan]"),
	T("[undefined]"), T("[/**/]"), T("[1//\n]"), T("[#\n]"),
	/* numbers */
	T("[0]"), T("[-0]"), T("[00]"), T("[01]"), T("[-01]"), T("[+1]"),
	T("[-]"), T("[--1]"), T("[1-]"), T("[0x10]"), T("[1_0]"), T("[.5]"),
	T("[5.]"), T("[-.5]"), T("[0.]"), T("[0.0]"), T("[-0.0]"),
	T("[1.5e]"), T("[1e]"), T("[1e+]"), T("[1e-]"), T("[1e5]"),
	T("[1E5]"), T("[1E+05]"), T("[1e-5]"), T("[1.e5]"), T("[1e5.5]"),
	T("[1e400]"), T("[-1e400]"), T("[1e-400]"), T("[0e400]"),
	T("[4.9e-324]"), T("[1.7976931348623157e308]"),
	T("[1.7976931348623159e308]"), T("[0.1,0.2,3.141592653589793238]"),
	T("[9223372036854775807]"), T("[9223372036854775808]"),
	T("[-9223372036854775808]"), T("[-9223372036854775809]"),
	T("[18446744073709551616]"), T("[99999999999999999999999999]"),
	T("[9223372036854775808.0]"), T("[1234567890123456789012345.5]"),
	T("[1\0]"), T("[1 ]"), T("[1\n,2]"), T("{\"a\":99999999999999999999}"),
	/* strings */
	T("[\"\"]"), T("[\"a]"), T("[\"a\n\"]"), T("[\"a\t\"]"),
	T("[\"a\x1f\"]"), T("[\"a\x7f\"]"), T("[\"a\0b\"]"), T("[\"a\0"),
	T("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), T("[\"\\'\"]"), T("[\"\\a\"]"),
	T("[\"\\0\"]"), T("[\"\\x41\"]"), T("[\"\\U0041\"]"), T("[\"\\\"]"),
	T("[\"\\"), T("[\"\\\0\"]"), T("[\"\\u\"]"), T("[\"\\u1\"]"),
	T("[\"\\u12\"]"), T("[\"\\u123\"]"), T("[\"\\u123g\"]"),
	T("[\"\\u+123\"]"), T("[\"\\u 123\"]"), T("[\"\\u0041\"]"),
	T("[\"\\u0000\"]"), T("[\"a\\u0000b\"]"), T("[\"\\u0001\\u001f\"]"),
	T("[\"\\u007f\\u0080\\u07ff\\u0800\\uffff\\uFFFE\"]"),
	T("[\"\\ud7ff\\ue000\"]"), T("[\"\\ud800\"]"), T("[\"\\udc00\"]"),
	T("[\"\\ud800\\ud800\"]"), T("[\"\\ud800\\udc00\"]"),
	T("[\"\\udbff\\udfff\"]"), T("[\"\\udc00\\ud800\"]"),
	T("[\"\\ud800x\"]"), T("[\"\\ud800\\n\"]"), T("[\"\\ud800\\u0041\"]"),
	T("[\"\\ud83d\\ude00\\u00e9\\u20ac x\"]"), T("[\"\\uD83D\\uDE00\"]"),
	T("[\"\x80\"]"), T("[\"\xbf\"]"), T("[\"\xc0\x80\"]"),
	T("[\"\xc1\xbf\"]"), T("[\"\xc2\x80\"]"), T("[\"\xc2\"]"),
	T("[\"\xc2\x41\"]"), T("[\"\xdf\xbf\"]"), T("[\"\xe0\x80\x80\"]"),
	T("[\"\xe0\x9f\xbf\"]"), T("[\"\xe0\xa0\x80\"]"),
	T("[\"\xed\x9f\xbf\"]"), T("[\"\xed\xa0\x80\"]"),
	T("[\"\xed\xbf\xbf\"]"), T("[\"\xee\x80\x80\"]"),
	T("[\"\xef\xbf\xbf\"]"), T("[\"\xe2\x82\"]"), T("[\"\xe2\x82\xac\"]"),
	T("[\"\xf0\x80\x80\x80\"]"), T("[\"\xf0\x8f\xbf\xbf\"]"),
	T("[\"\xf0\x90\x80\x80\"]"), T("[\"\xf4\x8f\xbf\xbf\"]"),
	T("[\"\xf4\x90\x80\x80\"]"), T("[\"\xf5\x80\x80\x80\"]"),
	T("[\"\xf8\x88\x80\x80\x80\"]"), T("[\"\xff\"]"), T("[\"\xfe\"]"),
	T("[\"\xf0\x9f\x98\"]"), T("[\"a\xf0\x9f\x98\x80 b\xc3\xa9\"]"),
	T("[\"abcdefg\xc3\xa9hijklmnop\\tqrstuvwx\\u00e9yz01234\"]"),
	T("[\"abcdefgh\",\"abcdefghi\",\"abcdefghijklmno\\\"\"]"),
	T("[\"\xc3\xa9\\n\xc3\xa9\xff\"]"), T("{\"\xff\":1}"),
	T("{\"\\ud800\":1}"), T("{\"\\u0000\":1}"), T("{\"\":1}"),
	/* keys */
	T("{\"a\":1,\"a\":2}"), T("{\"a\":1,\"\\u0061\":2}"),
	T("{\"\":1,\"\":2}"), T("{\"a\":1,\"A\":2}"),
	T("{\"a\":{\"b\":1},\"c\":{\"b\":1}}"), T("[{\"a\":1},{\"a\":1}]"),
	T("{\"\xc3\xa9\":1,\"\\u00e9\":2}"), T("{\"x\":{\"a\":1,\"a\":1}}"),
	T("{\"k0\":0,\"k1\":0,\"k2\":0,\"k3\":0,\"k4\":0,\"k5\":0,\"k6\":0,"
	    "\"k7\":0,\"k8\":0,\"k9\":0,\"ka\":0,\"kb\":0,\"kc\":0,\"kd\":0,"
	    "\"ke\":0,\"kf\":0,\"kg\":0,\"kh\":0,\"ki\":0,\"kj\":0}"),
	T("{\"k0\":0,\"k1\":0,\"k2\":0,\"k3\":0,\"k4\":0,\"k5\":0,\"k6\":0,"
	    "\"k7\":0,\"k8\":0,\"k9\":0,\"ka\":0,\"kb\":0,\"kc\":0,\"kd\":0,"
	    "\"ke\":0,\"kf\":0,\"kg\":0,\"kh\":0,\"ki\":0,\"k3\":0}"),
	T("{\"Image\":\"nginx\",\"Cmd\":[\"sh\",\"-c\",\"echo \\\"x\\\"\"],"
	    "\"HostConfig\":{\"Memory\":268435456,\"Binds\":[\"/a:/b\"],"
	    "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8080\"}]}},"
	    "\"Labels\":{\"com.example.label.name\":\"the value\"}}"),
};

#define NTEXTS	(sizeof(texts) / sizeof(texts[0]))

static void
show(const char *what, const char *s, size_t len)
{
	size_t	 i;

	printf("\tthis %s: ", what);
	for (i = 0; i < len; i++)
		printf(s[i] >= 0x20 && s[i] < 0x7f ? "%c" : "\\x%02x",
		    (unsigned char)s[i]);
	printf("\n");
}

static bool
agree(const char *s, size_t len, enum js_fault *fault)
{
	const char	*what;

	if ((what = oracle_differs(s, len, fault)) != NULL)
		show(what, s, len);
	CHECK(what == NULL);
	return (what == NULL);
}

/* Each has one fault, so both have to name the same. */
static void
nasty(void)
{
	enum js_fault	 fault;
	size_t		 i, taken = 0;

	for (i = 0; i < NTEXTS; i++) {
		(void)agree(texts[i].s, texts[i].len, &fault);
		if (fault == JS_FAULT_NONE)
			taken++;
		if (memchr(texts[i].s, '\0', texts[i].len) != NULL)
			continue;
		if (fault != oracle_fault(texts[i].s, texts[i].len))
			show("has another fault", texts[i].s, texts[i].len);
		CHECK_INT(fault, oracle_fault(texts[i].s, texts[i].len));
	}
	CHECK(taken > 40 && taken < NTEXTS / 2);
}

static void
depth(void)
{
	static char	 text[2 * ORACLE_DEPTH + 8];
	enum js_fault	 fault;
	size_t		 n;

	for (n = ORACLE_DEPTH - 1; n <= ORACLE_DEPTH + 1; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		(void)agree(text, 2 * n, &fault);
		CHECK_INT(fault, n <= ORACLE_DEPTH ? JS_FAULT_NONE :
		    JS_FAULT_DEPTH);
	}
}

static uint64_t	 dice_state = 0x2545f4914f6cdd1dULL;

static size_t
dice(size_t n)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return ((size_t)(dice_state >> 11) % n);
}

/* Put n bytes in the place of del ones at off. */
static size_t
splice(char *text, size_t len, size_t off, size_t del, const char *s, size_t n)
{
	if (del > len - off)
		del = len - off;
	if (len - del + n > TEXT_MAX)
		return (len);
	memmove(text + off + n, text + off + del, len - off - del);
	memcpy(text + off, s, n);
	return (len - del + n);
}

static size_t
mutate(char *text, size_t len)
{
	static const char *const	 words[] = {
		"\"", "\\", "\\u", "\\u00", "\\ud800", "\\udc00", "{", "}",
		"[", "]", ",", ":", " ", "\n", "-", "0", "1", "9", ".", "e",
		"E+", "null", "true", "\"a\":", "\"a\"", "{}", "[]",
		"9223372036854775807", "\xc3\xa9", "\xe2\x82\xac",
		"\xed\xa0\x80", "\xf0\x9f\x98\x80", "\x80", "\x7f", "\x1f"
	};
	const char			*word;
	char				 byte;
	size_t				 off = dice(len + 1), n;

	switch (dice(6)) {
	case 0:
		byte = (char)dice(256);
		return (splice(text, len, off, 1, &byte, 1));
	case 1:
		return (splice(text, len, off, 1 + dice(4), "", 0));
	case 2:
		n = dice(NTEXTS);	/* a part of another one */
		return (splice(text, len, off, dice(8), texts[n].s,
		    texts[n].len / (1 + dice(3))));
	case 3:
		return (off);		/* cut */
	default:
		word = words[dice(sizeof(words) / sizeof(words[0]))];
		return (splice(text, len, off, dice(2), word, strlen(word)));
	}
}

static void
mutations(void)
{
	static char	 text[TEXT_MAX];
	enum js_fault	 fault;
	size_t		 len, n, i, steps, taken = 0;

	for (i = 0; i < MUTATIONS; i++) {
		/* every second one of the long text at the end */
		n = i % 2 == 0 ? NTEXTS - 1 : i % NTEXTS;
		len = texts[n].len;
		memcpy(text, texts[n].s, len);
		for (steps = 1 + dice(3); steps > 0; steps--)
			len = mutate(text, len);
		if (!agree(text, len, &fault))
			break;
		if (fault == JS_FAULT_NONE)
			taken++;
	}
	CHECK_INT(i, MUTATIONS);
	/* Or they would compare nothing but refusals. */
	CHECK(taken > MUTATIONS / 20);
}

static void
places(void)
{
	static const struct {
		const char	*text;
		unsigned int	 line, column;
	} want[] = {
		{ "x", 1, 1 }, { "{\"a\":1", 1, 7 }, { "{\n \"a\":x}", 2, 6 },
		{ "[\"\xc3\xa9\xe2\x82\xac\", x]", 1, 8 },
		{ "[\"ab\\q\"]", 1, 5 },
		{ "[1,\n\n99999999999999999999]", 3, 1 }
	};
	struct arena	 a = { .chunk = NULL };
	struct js_error	 error;
	size_t		 i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		arena_reset(&a, PLENTY);
		CHECK(js_parse(&a, want[i].text, strlen(want[i].text), 8,
		    &error) == NULL);
		CHECK_INT(error.line, want[i].line);
		CHECK_INT(error.column, want[i].column);
	}
	arena_reset(&a, PLENTY);
	CHECK(js_parse(&a, "[[[]]]", 6, 2, &error) == NULL);
	CHECK_INT(error.fault, JS_FAULT_DEPTH);
	CHECK(js_parse(&a, "[[]]", 4, 2, &error) != NULL);
	arena_free(&a);
}

/* All that can be built, for whatever memory there is. */
static struct js *
build(struct arena *a)
{
	struct js	*root = js_new(a, JS_OBJECT);
	struct js	*list = js_new(a, JS_ARRAY);

	js_append(list, js_string(a, "a\"\\\b\f\n\r\t\x1f\x7f/\xc3\xa9"));
	js_append(list, js_int(a, INT64_MIN));
	js_append(list, js_int(a, INT64_MAX));
	js_append(list, js_bool(a, true));
	js_append(list, js_new(a, JS_NULL));
	js_append(list, js_new(a, JS_OBJECT));
	js_set(a, root, "k\n", list);
	js_set(a, root, "old", js_int(a, 1));
	js_set(a, root, "end", js_string(a, ""));
	js_set(a, root, "old", js_string(a, "new"));
	js_append(NULL, js_int(a, 1));
	return (root);
}

static void
building(void)
{
	static const char	 want[] =
	    "{\"k\\n\":[\"a\\\"\\\\\\b\\f\\n\\r\\t\\u001F\x7f/\xc3\xa9\","
	    "-9223372036854775808,9223372036854775807,true,null,{}],"
	    "\"old\":\"new\",\"end\":\"\"}";
	struct arena		 a = { .chunk = NULL };
	struct js		*root, *v;
	enum js_fault		 fault;
	char			*text;
	size_t			 len;

	arena_reset(&a, PLENTY);
	root = build(&a);
	CHECK(!a.failed);
	text = js_print(root, 0, &len);
	CHECK_STR(text, want);
	CHECK_INT(len, sizeof(want) - 1);
	(void)agree(text, len, &fault);
	free(text);
	CHECK_STR(js_get_string(root, "old"), "new");
	CHECK_STR(js_get_string(root, "k\n"), "");
	CHECK_STR(js_get_string(root, "none"), "");
	v = js_get(root, "k\n");
	js_become_int(v->first, 7);
	js_rename(&a, v, "x");
	v->first->next = NULL;
	text = js_print(root, 0, &len);
	CHECK_STR(text, "{\"x\":[7],\"old\":\"new\",\"end\":\"\"}");
	free(text);
	v = js_take(root);
	CHECK(root->len == 0 && root->first == NULL && v->next->next != NULL);
	arena_free(&a);
}

/* At whichever byte memory ends, it is said, and nothing breaks. */
static void
no_memory(void)
{
	static const char	 text[] = "{\"a\":[1,{\"b\":\"c\"}],\"d\":2}";
	struct arena		 a = { .chunk = NULL };
	struct js_error		 error;
	struct js		*v;
	size_t			 max, refused = 0, parsed = 0;

	for (max = 0; max < 4096; max++) {
		arena_reset(&a, max);
		v = build(&a);
		CHECK(a.failed || js_get(v, "end") != NULL);
		if (a.failed)
			refused++;
		arena_reset(&a, max);
		v = js_parse(&a, text, sizeof(text) - 1, 8, &error);
		CHECK((v == NULL) == a.failed);
		if (v == NULL)
			CHECK_INT(error.fault, JS_FAULT_MEMORY);
		else
			parsed++;
	}
	CHECK(refused > 500 && refused < 2000 && parsed > 2000);
	arena_free(&a);
}

/* Names that share their hash are told apart all the same. */
static void
collisions(void)
{
	struct arena	 a = { .chunk = NULL };
	struct js	*root, *v;
	char		 key[16];
	int		 i, n;

	for (n = 2; n < 100; n += 7) {
		arena_reset(&a, PLENTY);
		root = js_new(&a, JS_OBJECT);
		for (i = 0; i < n; i++) {
			snprintf(key, sizeof(key), "k%d", i);
			js_set(&a, root, key, js_int(&a, i));
		}
		JS_FOREACH(v, root)
			v->hash = 1;
		CHECK(js_twice(&a, root) == NULL);
		v = js_int(&a, n);
		js_rename(&a, v, "k1");
		v->hash = 1;
		js_put(root, v);
		CHECK(js_twice(&a, root) == v);
	}
	arena_free(&a);
}

static void
memory(void)
{
	struct arena	 a = { .chunk = NULL };
	char		*p, *q;

	CHECK(arena_alloc(&a, 1) == NULL && a.failed);
	arena_reset(&a, 3 * ARENA_KEEP);
	CHECK(!a.failed);
	p = arena_alloc(&a, 1);
	q = arena_alloc(&a, 2 * ARENA_KEEP);
	CHECK(p != NULL && q != NULL && (uintptr_t)q % sizeof(void *) == 0);
	memset(q, 1, 2 * ARENA_KEEP);
	CHECK(arena_alloc(&a, ARENA_KEEP) == NULL && a.failed);
	arena_reset(&a, 8);
	CHECK(!a.failed && a.room <= ARENA_KEEP);
	CHECK_STR(arena_copy(&a, "abcdefgh", 3), "abc");
	CHECK(arena_alloc(&a, 5) == NULL);
	arena_reset(&a, SIZE_MAX);
	CHECK(arena_alloc(&a, SIZE_MAX - 1) == NULL);
	arena_free(&a);
}

int
main(void)
{
	RUN(nasty);
	RUN(depth);
	RUN(mutations);
	RUN(places);
	RUN(building);
	RUN(no_memory);
	RUN(collisions);
	RUN(memory);
	return (test_done());
}
