/* SPDX-License-Identifier: ISC */

/*
 * proxyd.conf as text: every tests/conf/NAME.in must build what NAME.ok says,
 * or be refused with exactly the lines of NAME.err.  A line "#-D name=value"
 * in it is an argument of the command line.  Then what cannot stand in a file
 * of the tree: who owns a file and who may write to it, sizes, and -D alone.
 *
 * With the names of cases as arguments, prints what they build.
 */

#include "../proxyd/parse.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tests/conf_dump.h"
#include "../tests/test.h"

#define CASES_MIN	60
#define DEFS_MAX	8

static char	*said;		/* what was logged since said_begin() */
static size_t	 said_len;
static FILE	*said_file;

static void
said_sink(int priority, const char *line, size_t len)
{
	fprintf(said_file, "%.*s\n", (int)len, line);
}

static void
said_begin(void)
{
	if ((said_file = open_memstream(&said, &said_len)) == NULL)
		abort();
}

static const char *
said_end(void)
{
	fclose(said_file);
	return (said);
}

static char *
slurp(const char *path)
{
	FILE	*f;
	char	*text;
	long	 len;

	if ((f = fopen(path, "r")) == NULL)
		return (NULL);
	if (fseek(f, 0, SEEK_END) == -1 || (len = ftell(f)) == -1 ||
	    (text = calloc(1, (size_t)len + 1)) == NULL)
		abort();
	rewind(f);
	if (fread(text, 1, (size_t)len, f) != (size_t)len)
		abort();
	fclose(f);
	return (text);
}

static void
spew(const char *path, const char *text)
{
	FILE	*f;

	unlink(path);
	if ((f = fopen(path, "w")) == NULL || fputs(text, f) == EOF ||
	    fclose(f) == EOF)
		abort();
}

/* The "#-D " lines; text is changed, defs point into it. */
static void
defs_find(char *text, char *defs[DEFS_MAX])
{
	char	*line;
	size_t	 n = 0;

	while ((line = strsep(&text, "\n")) != NULL)
		if (strncmp(line, "#-D ", 4) == 0 && n + 1 < DEFS_MAX)
			defs[n++] = line + 4;
	defs[n] = NULL;
}

/* What reading the case builds or says; the caller frees it. */
static char *
outcome(const char *file, bool *ok)
{
	struct config	*conf;
	char		*defs[DEFS_MAX], *text, *out = NULL;
	size_t		 len;
	FILE		*f;

	if ((text = slurp(file)) == NULL)
		abort();
	defs_find(text, defs);
	said_begin();
	conf = parse_file(file, defs, "presets");
	said_end();
	free(text);
	if (!(*ok = conf != NULL))
		return (said);
	if ((f = open_memstream(&out, &len)) == NULL)
		abort();
	fputs(said, f);
	conf_dump(f, conf);
	fclose(f);
	free(said);
	conf_free(conf);
	return (out);
}

static void
golden(const char *name)
{
	char	 path[256], *have, *want;
	bool	 ok;

	snprintf(path, sizeof(path), "%s.in", name);
	have = outcome(path, &ok);
	snprintf(path, sizeof(path), "%s.%s", name, ok ? "ok" : "err");
	want = slurp(path);
	test_current = name;
	if (want == NULL || *have == '\0' || strcmp(have, want) != 0) {
		test_failed++;
		printf("FAIL %s: have\n%s", path, have);
		if (want == NULL)
			printf("and there is no such file\n");
		else
			printf("not\n%s", want);
	} else
		test_passed++;
	free(have);
	free(want);
}

static int
is_case(const struct dirent *d)
{
	size_t	 len = strlen(d->d_name);

	return (len > 3 && strcmp(d->d_name + len - 3, ".in") == 0);
}

static void
all_golden(void)
{
	struct dirent	**list;
	int		  i, n;

	n = scandir(".", &list, is_case, alphasort);
	test_current = "all_golden";
	CHECK(n >= CASES_MIN);
	for (i = 0; i < n; i++) {
		list[i]->d_name[strlen(list[i]->d_name) - 3] = '\0';
		golden(list[i]->d_name);
		free(list[i]);
	}
	free(list);
}

static const char	 good[] = "profile \"p\" {\n\tpass on ping\n}\n"
			    "listen on 127.0.0.1 port 1 profile \"p\"\n";

/* Is the file refused, with exactly this? */
static void
refused(const char *file, const char *want)
{
	struct config	*conf;

	said_begin();
	conf = parse_file(file, NULL, NULL);
	CHECK_STR(said_end(), want);
	CHECK(conf == NULL);
	conf_free(conf);
	free(said);
}

static void
accepted(const char *file)
{
	struct config	*conf;

	said_begin();
	conf = parse_file(file, NULL, NULL);
	CHECK_STR(said_end(), "");
	CHECK(conf != NULL);
	conf_free(conf);
	free(said);
}

static void
test_modes(void)
{
	spew("f", good);
	CHECK_INT(chmod("f", 0644), 0);
	accepted("f");
	CHECK_INT(chmod("f", 0664), 0);
	refused("f", "f: must not be writable by group or others\n");
	CHECK_INT(chmod("f", 0602), 0);
	refused("f", "f: must not be writable by group or others\n");
	CHECK_INT(chmod("f", 0600), 0);
	spew("g", "include \"f\"\n");
	accepted("g");
	CHECK_INT(chmod("f", 0660), 0);
	refused("g",
	    "g:1: f: must not be writable by group or others\n");
}

static void
test_owner(void)
{
	spew("f", good);
	accepted("f");
	/* Only root can give a file away. */
	if (geteuid() != 0)
		return;
	CHECK_INT(chown("f", 12345, 0), 0);
	refused("f", "f: must be owned by root or by who runs proxyd\n");
	CHECK_INT(chown("f", 0, 12345), 0);
	accepted("f");
}

static void
test_kinds(void)
{
	refused("none", "none: No such file or directory\n");
	refused("presets", "presets: not a regular file\n");
	unlink("f");
	CHECK_INT(mkfifo("f", 0600), 0);
	refused("f", "f: not a regular file\n");
	spew("g", good);
	unlink("f");
	CHECK_INT(symlink("g", "f"), 0);
	accepted("f");
	refused("/dev/null", "/dev/null: not a regular file\n");
}

static void
test_sizes(void)
{
	char	*text;
	size_t	 len = FILE_BYTES_MAX + 1;

	if ((text = malloc(len + 1)) == NULL)
		abort();
	memset(text, '\n', len);
	memcpy(text, good, strlen(good));
	text[len] = '\0';
	spew("f", text);
	refused("f", "f: larger than 1M\n");
	text[len - 1] = '\0';
	spew("f", text);
	accepted("f");
	free(text);
}

/* Files that name each other many times over end at a bound. */
static void
test_explode(void)
{
	char		 name[16], text[64];
	struct config	*conf;
	int		 i;

	for (i = 0; i < DEPTH_MAX - 1; i++) {
		snprintf(name, sizeof(name), "x%d", i);
		snprintf(text, sizeof(text),
		    "include \"x%d\"\ninclude \"x%d\"\n", i + 1, i + 1);
		spew(name, text);
	}
	snprintf(name, sizeof(name), "x%d", i);
	spew(name, "# the end\n");
	said_begin();
	conf = parse_file("x0", NULL, NULL);
	CHECK(strstr(said_end(), ": too many files are included\n") != NULL);
	/* Each file that was read complains of two at most. */
	CHECK(said_len < 64 * 2 * DEPTH_MAX);
	CHECK(conf == NULL);
	free(said);
}

/* A table that is named often is many conditions. */
static void
test_items(void)
{
	struct config	*conf;
	size_t		 len;
	char		*text = NULL;
	FILE		*f;
	int		 i;

	if ((f = open_memstream(&text, &len)) == NULL)
		abort();
	fputs("table <a> {", f);
	for (i = 0; i < 200; i++)
		fprintf(f, " 10.0.0.%d", i);
	fputs(" }\nprofile \"p\" {\n", f);
	for (i = 0; i < 200; i++)
		fputs("\tpass on ping from <a>\n", f);
	fputs("}\n", f);
	fclose(f);
	said_begin();
	conf = parse_memory("mem", text, len, NULL, NULL);
	CHECK_STR(said_end(), "mem:83: more than 16384 rules, conditions, "
	    "allowances and the like\n");
	CHECK(conf == NULL);
	free(said);
	free(text);
}

static void
test_memory(void)
{
	static const char	 nul[] = "set log all\n\0profile";
	char			*defs[] = { (char[]){ "1a=b" },
				    (char[]){ "x" }, NULL };
	struct config		*conf;

	said_begin();
	CHECK(parse_memory("m", nul, sizeof(nul) - 1, NULL, NULL) == NULL);
	CHECK_STR(said_end(), "m:2: \"\\000\" begins no word: what has it "
	    "stands in quotes\n");
	free(said);
	said_begin();
	CHECK(parse_memory("m", good, strlen(good), defs, NULL) == NULL);
	CHECK_STR(said_end(), "\"1a\" is not the name of a macro: a letter, "
	    "then letters, digits, \"-\" and \"_\" are expected\n"
	    "-D x: name=value is expected\n");
	free(said);
	/* Without the newline at the end. */
	said_begin();
	conf = parse_memory("m", good, strlen(good) - 1, NULL, NULL);
	CHECK(conf != NULL);
	CHECK_STR(said_end(), "");
	conf_free(conf);
	free(said);
}

/* Each prefix of a file ends somewhere: no crash, and some message. */
static void
test_cut(void)
{
	static const char *const	 names[] = {
		"example-compose.in", "example-devcontainer.in"
	};
	struct config			*conf;
	char				*text;
	size_t				 i, n, bad = 0, len;

	for (n = 0; n < 2; n++) {
		if ((text = slurp(names[n])) == NULL)
			abort();
		len = strlen(text);
		for (i = 0; i + 1 < len; i++) {
			said_begin();
			conf = parse_memory("m", text, i, NULL, "presets");
			said_end();
			if ((conf == NULL) != (said_len > 0))
				bad++;
			conf_free(conf);
			free(said);
		}
		free(text);
	}
	CHECK_INT(bad, 0);
}

/* The cases are copied, so that the umask of a checkout does not matter. */
static void
enter_copy(char *dir)
{
	char	 cmd[512];

	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(cmd, sizeof(cmd), "cp -R tests/conf/. %s && "
	    "chmod -R u=rwX,go=rX %s", dir, dir);
	if (system(cmd) != 0 || chdir(dir) == -1)
		abort();
}

int
main(int argc, char *argv[])
{
	char	 dir[] = "/tmp/test_parse.XXXXXX", cmd[64], *text;
	bool	 ok;
	int	 i;

	log_init("test", 0, said_sink);
	enter_copy(dir);
	for (i = 1; i < argc; i++) {
		text = outcome(argv[i], &ok);
		printf("%s", text);
		free(text);
	}
	if (argc == 1) {
		all_golden();
		RUN(test_modes);
		RUN(test_owner);
		RUN(test_kinds);
		RUN(test_sizes);
		RUN(test_explode);
		RUN(test_items);
		RUN(test_memory);
		RUN(test_cut);
	}
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	if (chdir("/") == -1 || system(cmd) != 0)
		abort();
	return (argc > 1 ? !ok : test_done());
}
