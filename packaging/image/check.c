/* SPDX-License-Identifier: ISC */

/*
 * The health checks of compose files, in an image that has nothing else in
 * it: installed as wget, nc and sh, this understands what such checks say of
 * the three and does it itself.  It asks this container and nobody else,
 * writes to standard output at most, and starts no program.
 *
 *	wget [-q] [--spider] [-O - | /dev/null] [-T seconds] http://host/path
 *	nc -z [-w seconds] host port
 *	sh -c "one of these [>/dev/null] [2>&1] [|| exit 1]"
 */

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX	32
#define DEPTH_MAX	4	/* sh -c "sh -c ..." */

enum token { END, WORD, OR, NOTHING, UNKNOWN };

/* What is said behind -c, and where the words of it go. */
struct script {
	const char	*s;
	char		*out;
};

static int	 run(int, char *[], int);

int
bad(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\nThis image has no shell and no wget, but a check that takes "
	    "their place for\n  wget [-q] [--spider] [-O - | /dev/null] "
	    "[-T seconds] http://localhost:2375/_ping\n  nc -z localhost "
	    "2375\neach followed by \"|| exit 1\" or not.\n", stderr);
	return (EXIT_USAGE);
}

/* A word, unquoted; nothing is expanded, and what would be is UNKNOWN. */
static enum token
word(struct script *sc, char **word)
{
	char	 quote = '\0';

	for (*word = sc->out; *sc->s != '\0'; sc->s++) {
		if (quote != '\0' ? *sc->s == quote :
		    (*sc->s == '\'' || *sc->s == '"'))
			quote = quote == '\0' ? *sc->s : '\0';
		else if (quote == '\0' &&
		    strchr(" \t\n;|&()<>", *sc->s) != NULL)
			break;
		else if (quote != '\'' && strchr("$`\\", *sc->s) != NULL)
			return (UNKNOWN);
		else
			*sc->out++ = *sc->s;
	}
	*sc->out++ = '\0';
	return (quote == '\0' ? WORD : UNKNOWN);
}

/* Behind ">": output that nobody wants.  It is NOTHING to us. */
static enum token
redirection(struct script *sc)
{
	char	*where;

	sc->s++;
	if (*sc->s == '&' && (sc->s[1] == '1' || sc->s[1] == '2')) {
		sc->s += 2;
		return (NOTHING);
	}
	sc->s += strspn(sc->s, " \t");
	return (word(sc, &where) == WORD && strcmp(where, "/dev/null") == 0 ?
	    NOTHING : UNKNOWN);
}

static enum token
token(struct script *sc, char **text)
{
	sc->s += strspn(sc->s, " \t");
	if (sc->s[strspn(sc->s, " \t\n")] == '\0')
		return (END);
	if (strncmp(sc->s, "||", 2) == 0) {
		sc->s += 2;
		return (OR);
	}
	if (strchr("12&", *sc->s) != NULL && sc->s[1] == '>')
		sc->s++;
	if (*sc->s == '>')
		return (redirection(sc));
	if (strchr("\n;|&()<#", *sc->s) != NULL)
		return (UNKNOWN);
	return (word(sc, text));
}

/* The words of one command; how many, or -1.  *last is what ended them. */
static int
command(struct script *sc, char *words[], enum token *last)
{
	int	 n = 0;

	while ((*last = token(sc, &words[n])) == WORD || *last == NOTHING) {
		if (*last == WORD && ++n == WORDS_MAX)
			return (-1);
	}
	words[n] = NULL;
	return (*last == UNKNOWN ? -1 : n);
}

/* "exit", "exit 1" or "false": what they make of a status; -1 for others. */
static int
otherwise(int argc, char *argv[], int status)
{
	long	 num;

	if (argc == 1 && strcmp(argv[0], "false") == 0)
		return (1);
	if (argc == 0 || argc > 2 || strcmp(argv[0], "exit") != 0)
		return (-1);
	if (argc == 1)
		return (status);
	return (number(argv[1], 255, &num) ? (int)num : -1);
}

/* Everything is understood before anything is done. */
static int
run_script(struct script *sc, int depth)
{
	char		*words[WORDS_MAX], *then[WORDS_MAX];
	enum token	 last;
	int		 n, m, first, status;

	n = command(sc, words, &last);
	first = n > 0 && strcmp(words[0], "exec") == 0;
	if (n <= first)
		return (-1);
	if (last == END)
		return (run(n - first, words + first, depth));
	if ((m = command(sc, then, &last)) <= 0 || last != END ||
	    otherwise(m, then, 1) == -1)
		return (-1);
	status = run(n - first, words + first, depth);
	/* An error in the words shall be seen, not taken for bad health. */
	if (status == 0 || status == EXIT_USAGE)
		return (status);
	return (otherwise(m, then, status));
}

static int
run_sh(int argc, char *argv[], int depth)
{
	struct script	 sc;
	char		*buf;
	int		 status;

	if (argc < 3 || strcmp(argv[1], "-c") != 0 || depth == DEPTH_MAX)
		return (bad("sh: not \"sh -c command\""));
	/* Each word has its NUL. */
	if ((buf = malloc(2 * strlen(argv[2]) + 2)) == NULL)
		return (EXIT_USAGE);
	sc.s = argv[2];
	sc.out = buf;
	status = run_script(&sc, depth + 1);
	free(buf);
	return (status == -1 ? bad("sh: %s: not understood", argv[2]) :
	    status);
}

static int
run(int argc, char *argv[], int depth)
{
	const char	*name = strrchr(argv[0], '/');

	name = name == NULL ? argv[0] : name + 1;
	if (strcmp(name, "sh") == 0)
		return (run_sh(argc, argv, depth));
	if (strcmp(name, "wget") == 0)
		return (run_wget(argc, argv));
	if (strcmp(name, "nc") == 0)
		return (run_nc(argc, argv));
	return (bad("%s: not wget, nc or sh", name));
}

int
main(int argc, char *argv[])
{
	return (argc == 0 ? EXIT_USAGE : run(argc, argv, 0));
}
