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

#include "../proxyd/log.h"
#include "../proxyd/proxyd.h"

#ifndef PROXYD_LIBEXEC
#define PROXYD_LIBEXEC	"/usr/local/libexec"
#endif

static void	 usage(FILE *);
static int	 filter_open(void);
static int	 filter_path(char *, size_t);
static void	 check(struct config *, int);

extern char **environ;

int
main(int argc, char *argv[])
{
	struct config	*conf;
	char		 err[512];
	int		 ch, debug = 0, noaction = 0, verbose = 0, fd;

	setproctitle_init(argc, argv, environ);
	log_init("proxyd", 1, NULL);
	while ((ch = getopt(argc, argv, "df:hnVv")) != -1) {
		switch (ch) {
		case 'd':
			debug = 1;
			break;
		case 'f':
			fatalx("%s: configuration files are not supported by "
			    "this version; set the policy in the environment, "
			    "see proxyd(8)", optarg);
		case 'h':
			usage(stdout);
			return (0);
		case 'n':
			noaction = 1;
			break;
		case 'V':
			printf("proxyd %s\n", PROXYD_VERSION);
			return (0);
		case 'v':
			verbose = 1;
			break;
		default:
			usage(stderr);
			return (1);
		}
	}
	if (optind != argc) {
		usage(stderr);
		return (1);
	}
	if (access(PROXYD_CONF, F_OK) == 0)
		fatalx("%s: configuration files are not supported by this "
		    "version; remove it and set the policy in the "
		    "environment, see proxyd(8)", PROXYD_CONF);
	if ((conf = env_config(environ, err, sizeof(err))) == NULL)
		fatalx("%s", err);
	if (noaction) {
		check(conf, verbose);
		return (0);
	}
	if (verbose)
		conf->loglevel = LOG_LVL_DEBUG;
	if (geteuid() != 0)
		fatalx("need root: the filter is confined by chroot(2) and a "
		    "change of user");
	fd = filter_open();
	log_setlevel(conf->loglevel);
	setproctitle("parent");
	return (parent_run(conf, debug, fd));
}

static void
usage(FILE *out)
{
	fprintf(out, "usage: proxyd [-dhnVv] [-f file]\n");
}

static void
check(struct config *conf, int verbose)
{
	size_t	 i;

	for (i = 0; i < conf->nwarnings; i++)
		log_warnx("%s", conf->warnings[i]);
	if (verbose && conf_print(conf, STDOUT_FILENO) == -1)
		fatal("standard output");
	log_flush();
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
