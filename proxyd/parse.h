/* SPDX-License-Identifier: ISC */

/*
 * What the files that read proxyd.conf share: the text being read (source.c),
 * its tokens (lex.c), and what the grammar's actions build (conf_*.c).
 *
 * All memory that is needed only while reading is taken from the struct and
 * freed with it: a syntax error drops values without anybody's care.
 */

#ifndef PARSE_H
#define PARSE_H

#include "../proxyd/proxyd.h"

#define TEXT_MAX	4095	/* one string or word, bytes */
#define FILE_BYTES_MAX	(1024 * 1024)
#define ALL_BYTES_MAX	(8 * 1024 * 1024)	/* includes together */
#define SOURCES_MAX	256	/* files read for one configuration */
#define DEPTH_MAX	16	/* of includes in includes */
#define ITEMS_MAX	16384	/* what a configuration is made of */
#define ERRORS_MAX	100	/* then reading ends */

/* A file that is, or was, being read. */
struct source {
	struct source	*parent;
	const char	*name;		/* as given, for messages */
	const char	*preset;	/* name of the preset, or NULL */
	char		*text;		/* NUL-terminated */
	size_t		 len;
	size_t		 pos;
	unsigned int	 line;
	unsigned int	 depth;		/* of braces, where it began */
	dev_t		 dev;		/* 0 and 0: not from a file */
	ino_t		 ino;
};

struct loc {
	const struct source	*src;
	unsigned int		 line;
};

/* A string or word; next in a list. */
struct word {
	struct word	*next;
	const char	*s;
	struct loc	 loc;
};

struct words {
	struct word	*first;
	struct word	**last;
};

/* One name and its number, as in "memory 4G default 1G". */
struct setting {
	struct setting		*next;
	const struct word	*name;
	const struct word	*num;
	const struct word	*dflt;		/* or NULL */
};

struct settings {
	struct setting	*first;
	struct setting	**last;
};

/* An address with the length of its prefix. */
struct prefix {
	struct prefix	*next;
	uint8_t		 family;	/* 4 or 6 */
	uint8_t		 bits;
	uint8_t		 addr[16];
};

struct table {
	struct table	*next;
	const char	*name;
	struct prefix	*first;
	struct prefix	*last;
};

struct macro {
	struct macro	*next;
	const char	*name;
	const char	*value;
	bool		 fixed;		/* by -D */
};

/* What of a profile's limits its own lines say. */
#define OWN_CLIENTS	0x01
#define OWN_HEAD	0x02
#define OWN_BODY	0x04
#define OWN_HEADER_SECS	0x08
#define OWN_IDLE_SECS	0x10
#define OWN_BODY_SECS	0x20
#define OWN_ANSWER_SECS	0x40

struct profile_own {
	struct profile_own	*next;
	struct profile		*profile;
	struct limits		 limits;
	unsigned int		 mask;
	struct loc		 loc;
};

/* A listener whose profile may stand further down. */
struct listen_use {
	struct listen_use	*next;
	struct listener		*l;
	const struct word	*profile;	/* NULL: metrics */
	struct loc		 loc;
};

struct chunk;

struct parse {
	struct config		*conf;
	const char		*presets;	/* directory, or NULL */
	struct source		*src;		/* NULL: at the end */
	struct source		*top;
	struct chunk		*chunks;
	struct macro		*macros;
	struct table		*tables;
	struct profile_own	*owns;
	struct listen_use	*uses;
	unsigned int		 errors;
	unsigned int		 nsources;
	size_t			 bytes;
	unsigned int		 items;
	/* lex.c */
	unsigned int		 depth;		/* of open braces */
	unsigned int		 block;		/* of them, those of blocks */
	int			 pushed;	/* a token put back, or 0 */
	bool			 eol;		/* last token ended a line */
	bool			 first;		/* of its line */
	bool			 stop;		/* nothing more is read */
	const char		*near;		/* the last token's text */
	const char		*before;	/* that of the one before */
	/* the profile, rule or listener that is being read */
	struct profile_own	*own;
	struct rule		*rule;
	const char		*access;	/* "read", "write" or NULL */
	const struct words	*ops;		/* NULL: any */
	unsigned int		 group;		/* of the next clause */
	struct listener		*listen;
	struct loc		 listen_loc;
	unsigned int		 listen_seen;
};

/* parse.y */

/*
 * As parse_config(), with the directory where presets are looked for; NULL:
 * there are none.  The caller owns what is returned.
 */
struct config	*parse_file(const char *file, char *const *defs,
		    const char *presets);
/* The same for text in memory. */
struct config	*parse_memory(const char *name, const char *, size_t,
		    char *const *defs, const char *presets);

/* source.c */

/* Zeroed memory until the end of reading; ends the program if there is none. */
void		*parse_alloc(struct parse *, size_t);
char		*parse_strdup(struct parse *, const char *, size_t);
void		 parse_free(struct parse *);
/* Log "file:line: ..." and count it. */
void		 parse_error(struct parse *, struct loc, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
/* "file:line" or "preset NAME:line", until the end of reading. */
const char	*parse_origin(struct parse *, struct loc);
/* No memory for what the grammar builds: ends the program. */
void		 parse_nomem(void) __attribute__((noreturn));
/* Read from another text from now on; -1: an error was logged. */
void		 source_memory(struct parse *, const char *name, const char *,
		    size_t);
int		 source_open(struct parse *, const char *file);
void		 source_include(struct parse *, const struct word *);
void		 source_preset(struct parse *, const struct word *);
/* Where presets are, "" if that is too long to be a path. */
const char	*presets_dir(char *, size_t);

/* lex.c */

/*
 * After a syntax error: skip to the end of the statement, which may have
 * been seen already, or to the "}" of the block, which may have been, too.
 */
void		 lex_skip(struct parse *, bool at_eol);
bool		 lex_unread_brace(struct parse *);
/* Is "=" the next token? */
bool		 lex_before_equals(struct parse *);
bool		 lex_keyword(const char *);
/* macro.c */

/* A macro; that of the command line and, in a preset, any earlier one wins. */
void		 macro_set(struct parse *, struct loc, const char *name,
		    const char *value, bool fixed);
/* The "name=value" of -D. */
void		 macro_defs(struct parse *, char *const *);
/* By name, NULL if there is none. */
const struct macro *macro_find(const struct parse *, const char *name);
/* How much of the text is the name of a macro. */
size_t		 macro_length(const char *);

/* conf_words.c: lists for the grammar's actions */

struct word	*word_new(struct parse *, const char *, struct loc);
struct words	*words_add(struct parse *, struct words *, struct word *);
struct setting	*setting_new(struct parse *, const struct word *name,
		    const struct word *num, const struct word *dflt);
struct settings	*settings_add(struct parse *, struct settings *,
		    struct setting *);
/* s printable, for a message; until the end of reading. */
const char	*shown(struct parse *, const char *s);
/* Count one thing that stays in memory; false: there are too many. */
bool		 item_count(struct parse *, struct loc);
/* "a, b or c" of a NULL-terminated list. */
const char	*list_text(struct parse *, const char *const *);
/* The name of the list that s was probably meant to be, or NULL. */
const char	*nearest(const char *s, const char *const *);

/* conf_number.c: -1 and a message; what names the number in it. */

int		 number_count(struct parse *, const struct word *,
		    const char *what, uint64_t min, uint64_t max, uint64_t *);
int		 number_bytes(struct parse *, const struct word *,
		    const char *what, uint64_t min, uint64_t max, uint64_t *);
int		 number_secs(struct parse *, const struct word *,
		    const char *what, uint64_t min, uint64_t max, uint64_t *);
int		 number_milli(struct parse *, const struct word *,
		    const char *what, uint64_t *);
/* "limit" and "timeout" for all profiles, or in the one being read. */
void		 conf_limit(struct parse *, const struct settings *);
void		 conf_timeout(struct parse *, const struct settings *);
bool		 ulimit_known(const char *);

/* conf_option.c */

void		 option_socket(struct parse *, const struct word *);
void		 option_user(struct parse *, const struct word *);
void		 option_chroot(struct parse *, const struct word *);
void		 option_control(struct parse *, const struct word *);
void		 option_syslog(struct parse *, const struct word *);
void		 option_log(struct parse *, const struct word *);
void		 option_log_how(struct parse *, const struct word *,
		    const struct word *);
void		 option_bind_check(struct parse *, const struct word *);
/* An absolute path, brought to its shortest form; NULL and a message. */
const char	*path_absolute(struct parse *, const struct word *,
		    const char *what);

/* conf_peer.c */

void		 table_begin(struct parse *, const struct word *);
void		 table_address(struct parse *, const struct word *);
void		 table_table(struct parse *, const struct word *);
int		 prefix_parse(const char *, struct prefix *);
void		 peer_address(struct parse *, const struct word *, bool neg);
void		 peer_table(struct parse *, const struct word *, bool neg);
void		 peer_id(struct parse *, enum cond_kind, const struct word *,
		    bool neg);
void		 peer_name(struct parse *, enum cond_kind, const struct word *,
		    bool neg);
void		 peer_asker(struct parse *, enum cond_kind,
		    const struct word *, bool neg);
/* By name or number; -1: there is none. */
int		 user_find(const char *, uid_t *);
int		 group_find(const char *, gid_t *);
/* A condition of the rule, or of the listener, that is being read. */
void		 peer_add(struct parse *, enum cond_kind, struct loc,
		    const char *key, const char *text, bool neg);
/* A pattern on the name of a container; NULL and a message. */
const char	*container_name(struct parse *, const struct word *);
/* Split "key=value"; -1 and a message. */
int		 label_split(struct parse *, const struct word *,
		    const char **key, const char **value);

/* conf_rule.c */

void		 profile_begin(struct parse *, struct loc,
		    const struct word *);
void		 profile_end(struct parse *);
void		 rule_begin(struct parse *, struct loc, enum action);
void		 rule_methods(struct parse *, const struct words *);
/* All that the rule names was read, but conditions. */
void		 rule_ops(struct parse *, struct loc);
void		 rule_path(struct parse *, const struct words *);
void		 rule_query(struct parse *, const struct word *key,
		    const struct words *, bool neg);
void		 rule_target(struct parse *, enum cond_kind,
		    const struct word *, bool neg);
/* Only operations on one container are left in the rule. */
void		 rule_targets(struct parse *);
void		 rule_end(struct parse *, const struct word *label,
		    bool audit);

/* conf_allow.c */

void		 allow_words(struct parse *, struct loc, enum allow_kind,
		    const struct words *);
/* Change the limit of this name, or add it. */
void		 allow_limit(struct parse *, struct loc, const char *name,
		    uint64_t num, uint64_t dflt);

/* conf_address.c */

/* address NULL: any. */
void		 listen_tcp(struct parse *, struct loc,
		    const struct word *address, const struct word *port);
void		 listen_path(struct parse *, struct loc, const struct word *);
void		 listen_owner(struct parse *, const struct word *);
void		 listen_group(struct parse *, const struct word *);
void		 listen_mode(struct parse *, const struct word *);
void		 listen_from(struct parse *, struct loc);
/* NULL: for metrics. */
void		 listen_end(struct parse *, const struct word *profile);
void		 listen_metrics(struct parse *);

/* conf_finish.c */

/* What can be told only of the whole; errors were logged. */
void		 conf_finish(struct parse *);

#endif /* PARSE_H */
