/* SPDX-License-Identifier: ISC */

/*
 * The program proxyd: options, the policy, the filter's program, and then
 * parent_run().
 */

#include <sys/stat.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../proxyd/learn.h"
#include "../proxyd/log.h"
#include "../proxyd/proxyd.h"
#include "../proxyd/sandbox.h"

#ifndef PROXYD_LIBEXEC
#define PROXYD_LIBEXEC	"/usr/local/libexec"
#endif

/* What the command line says. */
struct options {
	const char	 *file;		/* -f */
	const char	 *learn;	/* -l */
	char		**defs;		/* -D, NULL-terminated */
	size_t		  ndefs;
	int		  debug;
	int		  noaction;
	int		  verbose;
	struct explain_options explain;
};

static void	 usage(FILE *);
static void	 options_get(struct options *, int, char *[]);
static void	 options_def(struct options *, char *);
static int	 options_explain(struct explain_options *, int, int);
static struct config *config_get(const struct options *);
static void	 warn_ignored(struct config *);
static int	 filter_open(void);
static int	 filter_path(char *, size_t);
static void	 check(struct config *, int);

extern char **environ;

int
main(int argc, char *argv[])
{
	struct options	 opts;
	struct config	*conf;
	int		 fd;

	setproctitle_init(argc, argv, environ);
	log_init("proxyd", 1, NULL);
	options_get(&opts, argc, argv);
	if (opts.learn != NULL)
		return (learn_main(opts.learn));
	if ((conf = config_get(&opts)) == NULL)
		return (opts.explain.given ? 2 : 1);
	if (opts.explain.given)
		exit(explain_run(conf, &opts.explain, filter_open()));
	if (opts.noaction) {
		check(conf, opts.verbose);
		return (0);
	}
	if (opts.verbose)
		conf->loglevel = LOG_LVL_DEBUG;
	if (geteuid() != 0)
		fatalx("need root: the filter is confined by chroot(2) and a "
		    "change of user");
	fd = filter_open();
	log_setlevel(conf->loglevel);
	log_setfacility(conf->facility);
	setproctitle("parent");
	return (parent_run(conf, opts.defs, opts.debug, fd));
}

static void
usage(FILE *out)
{
	fprintf(out, "usage: proxyd [-dhnVv] [-D macro=value] [-f file] "
	    "[-l log]\n"
	    "       proxyd -n -t request [-b body] [-c inspect] "
	    "[-D macro=value] [-f file]\n"
	    "              [-H header] [-p profile] [-s client]\n");
}

static void
options_get(struct options *opts, int argc, char *argv[])
{
	struct explain_options	*explain = &opts->explain;
	int			 ch, bad = 0;

	memset(opts, 0, sizeof(*opts));
	while ((ch = getopt(argc, argv, "b:c:D:df:H:hl:np:s:t:Vv")) != -1) {
		switch (ch) {
		case 'D':
			options_def(opts, optarg);
			break;
		case 'd':
			opts->debug = 1;
			break;
		case 'f':
			opts->file = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'l':
			opts->learn = optarg;
			break;
		case 'n':
			opts->noaction = 1;
			break;
		case 'V':
			printf("proxyd %s\n", PROXYD_VERSION);
			exit(0);
		case 'v':
			opts->verbose = 1;
			break;
		default:
			bad |= options_explain(explain, ch, argc) == -1;
			break;
		}
	}
	/* 1 is for what is blocked. */
	if (explain->given)
		log_setstatus(2);
	if (bad || optind != argc || (opts->learn != NULL &&
	    (!opts->noaction || explain->given)) || (explain->given &&
	    (explain->request == NULL || !opts->noaction || opts->debug ||
	    opts->verbose))) {
		usage(stderr);
		exit(explain->given ? 2 : 1);
	}
}

/* -1: not an option at all. */
static int
options_explain(struct explain_options *opt, int ch, int argc)
{
	switch (ch) {
	case 'b':
		opt->body = optarg;
		break;
	case 'c':
		opt->inspect = optarg;
		break;
	case 'H':
		if (opt->headers == NULL && (opt->headers = calloc(
		    (size_t)argc, sizeof(*opt->headers))) == NULL)
			fatal("-H");
		opt->headers[opt->nheaders++] = optarg;
		break;
	case 'p':
		opt->profile = optarg;
		break;
	case 's':
		opt->client = optarg;
		break;
	case 't':
		opt->request = optarg;
		break;
	default:
		return (-1);
	}
	opt->given = true;
	return (0);
}

static void
options_def(struct options *opts, char *def)
{
	char	**defs;

	defs = reallocarray(opts->defs, opts->ndefs + 2, sizeof(*defs));
	if (defs == NULL)
		fatal("-D");
	opts->defs = defs;
	defs[opts->ndefs++] = def;
	defs[opts->ndefs] = NULL;
}

/*
 * A configuration file that is there is read, whatever else is set: a policy
 * that was written down must not be passed over.
 */
static struct config *
config_get(const struct options *opts)
{
	const char	*file = opts->file;
	struct config	*conf;
	char		 err[512];

	if (file == NULL && (access(PROXYD_CONF, F_OK) == 0 ||
	    errno != ENOENT))
		file = PROXYD_CONF;
	if (file != NULL) {
		if ((conf = parse_config(file, opts->defs)) != NULL)
			warn_ignored(conf);
		return (conf);
	}
	if (opts->ndefs != 0)
		fatalx("-D %s: there are macros in a configuration file only, "
		    "and there is no %s", opts->defs[0], PROXYD_CONF);
	if ((conf = env_config(environ, err, sizeof(err))) == NULL)
		fatalx("%s", err);
	return (conf);
}

/* Two policies: say which one is not in force. */
static void
warn_ignored(struct config *conf)
{
	char	 names[512];

	if (env_names_set(environ, names, sizeof(names)) != 0 &&
	    conf_warn(conf, "%s is the policy; these variables are ignored: "
	    "%s", conf->file, names) == -1)
		fatal("configuration");
}

static void
check(struct config *conf, int verbose)
{
	size_t	 i;
	int	 errors = conf_check(conf);

	for (i = 0; i < conf->nwarnings; i++)
		log_warnx("%s", conf->warnings[i]);
	if (verbose && conf_print(conf, STDOUT_FILENO) == -1)
		fatal("standard output");
	log_flush();
	if (errors != 0)
		exit(1);
	if (!verbose)
		fprintf(stderr, "configuration OK\n");
}

/*
 * Where proxyd-filter is: beside us in the tree that we were built in, else
 * where it was installed.  No variable changes that.
 */
static int
filter_path(char *path, size_t size)
{
	char	 self[PATH_MAX], *dir;
	ssize_t	 n;
	int	 len;

	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) != -1) {
		self[n] = '\0';
		dir = dirname(self);
		if (strcmp(basename(dir), "proxyd") == 0) {
			len = snprintf(path, size, "%s/../filter/proxyd-filter",
			    dir);
			if (len > 0 && (size_t)len < size &&
			    access(path, X_OK) == 0)
				return (0);
		}
	}
	len = snprintf(path, size, "%s/proxyd-filter", PROXYD_LIBEXEC);
	return (len > 0 && (size_t)len < size ? 0 : -1);
}

/* Opened once, executed by fexecve(3): a new file cannot mix versions. */
static int
filter_open(void)
{
	char		 path[PATH_MAX];
	struct stat	 st;
	int		 fd;

	if (filter_path(path, sizeof(path)) == -1)
		fatalx("path of proxyd-filter too long");
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		fatal("%s", path);
	if (fstat(fd, &st) == -1)
		fatal("%s", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & S_IWOTH) != 0)
		fatalx("%s: not a file, or writable by others", path);
	return (fd);
}
