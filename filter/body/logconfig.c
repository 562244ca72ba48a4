/* SPDX-License-Identifier: ISC */

/*
 * HostConfig.LogConfig.  Drivers other than the three that write below the
 * daemon's own directory dial out from it, read files of the host or are
 * plugins, and it is their options that say where; so who is allowed a driver
 * is allowed its options.
 */

#include "schema.h"
#include "hostconfig.h"

#include <string.h>

int
check_log_type(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = {
		"", "json-file", "local", "none", NULL
	};

	if (!text_in(v->text, own) && !judge_privileged(j) &&
	    !allow_has(j, ALLOW_LOGDRIVER, v->text) &&
	    judge_forbid(j, "log-driver", v->text, "log driver %.64s",
	    v->text) == -1)
		return (-1);
	return (check_word(j, key, v));
}

static int
log_option(struct judge *j, const char *type, const struct js *option)
{
	static const char *const	 own[] = {
		"max-size", "max-file", "compress", "mode",
		"max-buffer-size", "labels", "env", "tag", NULL
	};

	if (text_in(option->key, own) || judge_privileged(j))
		return (0);
	if (type[0] != '\0' && allow_has(j, ALLOW_LOGDRIVER, type))
		return (0);
	return (judge_forbid(j, type[0] == '\0' ? "field" : "log-driver",
	    type[0] == '\0' ? NULL : type, "log option %.64s", option->key));
}

/* The whole: its options by its type; both are called otherwise in swarms. */
static int
log_judge(struct judge *j, const struct js *v, const char *name,
    const char *options)
{
	const char	*type = js_get_string(v, name);
	const struct js	*config, *option;
	size_t		 field, entry;
	int		 ret = 0;

	if ((config = js_get(v, options)) == NULL)
		return (0);
	field = judge_enter(j, options);
	if (!allow_field(j, NULL))
		JS_FOREACH(option, config) {
			entry = judge_push_entry(j, option->key);
			ret = log_option(j, type, option);
			judge_pop(j, entry);
			if (ret == -1)
				break;
		}
	judge_leave(j, field);
	return (ret);
}

int
check_log_config(struct judge *j, const char *key, struct js *v)
{
	return (log_judge(j, v, "Type", "Config"));
}

int
check_log_driver(struct judge *j, const char *key, struct js *v)
{
	return (log_judge(j, v, "Name", "Options"));
}
