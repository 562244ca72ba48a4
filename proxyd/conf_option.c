/* SPDX-License-Identifier: ISC */

/*
 * The "set" statements that hold for the whole daemon.
 */

#include "../proxyd/parse.h"

#include <sys/un.h>

#include <stdlib.h>
#include <string.h>

#define USER_MAX	32	/* as useradd(8) has it */

const char *
path_absolute(struct parse *ps, const struct word *w, const char *what)
{
	char	*path;

	if (w->s[0] != '/') {
		parse_error(ps, w->loc, "%s \"%s\": an absolute path is "
		    "expected", what, shown(ps, w->s));
		return (NULL);
	}
	path = parse_strdup(ps, w->s, strlen(w->s));
	conf_path_clean(path);
	return (path);
}

static void
option_text(char **option, const char *s)
{
	char	*copy;

	if ((copy = strdup(s)) == NULL)
		parse_nomem();
	free(*option);
	*option = copy;
}

/* room: bytes that a longer name of it may take besides. */
static void
option_unix(struct parse *ps, const struct word *w, const char *what,
    size_t room, char **option)
{
	const size_t	 max = sizeof(((struct sockaddr_un *)0)->sun_path);
	const char	*path;

	if ((path = path_absolute(ps, w, what)) == NULL)
		return;
	if (strlen(path) >= max - room) {
		parse_error(ps, w->loc, "%s: a path shorter than %zu bytes "
		    "is expected", what, max - room);
		return;
	}
	option_text(option, path);
}

void
option_socket(struct parse *ps, const struct word *w)
{
	option_unix(ps, w, "socket", 0, &ps->conf->socket);
}

/* Made under a temporary name, with a number behind it. */
void
option_control(struct parse *ps, const struct word *w)
{
	struct config	*conf = ps->conf;

	conf->control_set = true;
	if (strcmp(w->s, "none") != 0) {
		option_unix(ps, w, "control", 11, &conf->control);
		return;
	}
	free(conf->control);
	conf->control = NULL;
}

void
option_user(struct parse *ps, const struct word *w)
{
	if (w->s[0] == '\0' || strlen(w->s) > USER_MAX ||
	    strpbrk(w->s, ":/ ") != NULL) {
		parse_error(ps, w->loc, "user \"%s\": the name of a user is "
		    "expected", shown(ps, w->s));
		return;
	}
	option_text(&ps->conf->user, w->s);
}

void
option_chroot(struct parse *ps, const struct word *w)
{
	const char	*path;

	if ((path = path_absolute(ps, w, "chroot")) != NULL)
		option_text(&ps->conf->chroot, path);
}

void
option_syslog(struct parse *ps, const struct word *w)
{
	int	 facility = conf_facility(w->s);

	if (facility != -1) {
		ps->conf->facility = facility;
		return;
	}
	parse_error(ps, w->loc, "no facility \"%s\": one of syslog(3) is "
	    "expected, as daemon or local0", shown(ps, w->s));
}

void
option_bind_check(struct parse *ps, const struct word *w)
{
	if (strcmp(w->s, "yes") == 0)
		ps->conf->bind_check = true;
	else if (strcmp(w->s, "no") == 0)
		ps->conf->bind_check = false;
	else
		parse_error(ps, w->loc, "bind-check \"%s\": yes or no is "
		    "expected", shown(ps, w->s));
}

void
option_log(struct parse *ps, const struct word *w)
{
	if (strcmp(w->s, "all") == 0)
		ps->conf->log = LOG_WHICH_ALL;
	else if (strcmp(w->s, "block") == 0)
		ps->conf->log = LOG_WHICH_BLOCK;
	else if (strcmp(w->s, "none") == 0)
		ps->conf->log = LOG_WHICH_NONE;
	else
		parse_error(ps, w->loc, "log \"%s\": all, block, none, "
		    "format or to is expected", shown(ps, w->s));
}

/* No keywords: macros may have these names. */
void
option_log_how(struct parse *ps, const struct word *how,
    const struct word *w)
{
	if (strcmp(how->s, "format") == 0) {
		if (conf_log_format(ps->conf, w->s) == -1)
			parse_error(ps, w->loc, "log format \"%s\": text or "
			    "json is expected", shown(ps, w->s));
	} else if (strcmp(how->s, "to") == 0) {
		if (conf_log_to(ps->conf, w->s) == -1)
			parse_error(ps, w->loc, "log to \"%s\": stderr, "
			    "syslog or journal is expected", shown(ps, w->s));
	} else
		parse_error(ps, how->loc, "log \"%s\": all, block, none, "
		    "format or to is expected", shown(ps, how->s));
}
