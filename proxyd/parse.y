/* SPDX-License-Identifier: ISC */

/*
 * The grammar of proxyd.conf(5), which prints it in its section GRAMMAR.
 * Actions are one call each; what they build is in conf_*.c.  A syntax error
 * ends its statement only, so that one run shows all of them.
 */

%define api.pure full
%define api.location.type {struct loc}
%define parse.error custom
%define parse.lac full
%locations
%param { struct parse *ps }

%code requires {
#include "../proxyd/parse.h"
}

%code {
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The place of a rule is that of its first token. */
#define YYLLOC_DEFAULT(cur, rhs, n)					\
	((cur) = (n) != 0 ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

static void	 yyerror(struct loc *, struct parse *, const char *);
static void	 macro_place(struct parse *, struct loc);
}

%code provides {
int	 yylex(YYSTYPE *, struct loc *, struct parse *);
}

%union {
	struct word	*word;
	struct words	*words;
	struct setting	*setting;
	struct settings	*settings;
	int		 number;
}

%token	<word>	WORD "a word" STRING "a string"
%token		NL "the end of the line"
%token	<word>	ABSENT "absent" ALLOW "allow" ANY "any"
%token	<word>	ARCHIVE "archive" AUDIT "audit" BIND "bind"
%token	<word>	BINDCHECK "bind-check" BLOCK "block"
%token	<word>	CAPABILITY "capability" CHROOT "chroot" CONFIG "config"
%token	<word>	CONTAINER "container" CONTROL "control" DEFAULT "default"
%token	<word>	DEVICE "device" FIELD "field" FROM "from" GID "gid"
%token	<word>	GIVEN "given" GROUP "group" HOST "host" IMAGE "image"
%token	<word>	IN "in" INCLUDE "include" LABEL "label" LIMITS "limit"
%token	<word>	LISTEN "listen" LOG "log" LOGDRIVER "log-driver"
%token	<word>	METHOD "method" METRICS "metrics" MODE "mode" 
%token	<word>	NETWORK "network" NOT "not"
%token	<word>	ON "on" OWNER "owner" PASS "pass" PATH "path" PORT "port"
%token	<word>	PRESET "preset" PRIVILEGED "privileged" PROFILE "profile"
%token	<word>	PUBLISH "publish" QUERY "query" QUICK "quick" READ "read"
%token	<word>	READONLY "read-only" REQUIRES "require" RUNTIME "runtime"
%token	<word>	SECRET "secret" SECURITY "security" SET "set" SOCKET "socket"
%token	<word>	SYSCTL "sysctl" SYSLOG "syslog" TABLE "table"
%token	<word>	TIMEOUT "timeout" UID "uid" ULIMIT "ulimit"
%token	<word>	UNJUDGED "unjudged" USER "user" VOLUME "volume"
%token	<word>	WRITE "write"

%type	<word>		string word keyword label
%type	<words>		strings string_list words word_list any_strings
%type	<setting>	setting
%type	<settings>	settings setting_list
%type	<number>	action not in audit bind_kind

%%

file	: %empty
	| file NL
	| file macro NL
	| file "include" string NL	{ source_include(ps, $3); }
	| file option NL
	| file table NL
	| file profile NL
	| file listen NL
	| file metrics NL
	| file error NL			{ ps->listen = NULL; yyerrok; }
	;

macro	: WORD '=' string	{ macro_set(ps, @1, $1->s, $3->s, false); }
	;

option	: "set" "socket" string		{ option_socket(ps, $3); }
	| "set" "user" string		{ option_user(ps, $3); }
	| "set" "chroot" string		{ option_chroot(ps, $3); }
	| "set" "control" string	{ option_control(ps, $3); }
	| "set" "syslog" word		{ option_syslog(ps, $3); }
	| "set" "log" word		{ option_log(ps, $3); }
	| "set" "log" word word		{ option_log_how(ps, $3, $4); }
	| "set" "bind-check" word	{ option_bind_check(ps, $3); }
	| "set" "limit" settings	{ conf_limit(ps, $3); }
	| "set" "timeout" settings	{ conf_timeout(ps, $3); }
	;

settings: setting			{ $$ = settings_add(ps, NULL, $1); }
	| '{' nls setting_list '}'	{ $$ = $3; }
	;

setting_list
	: setting sep			{ $$ = settings_add(ps, NULL, $1); }
	| setting_list setting sep	{ $$ = settings_add(ps, $1, $2); }
	;

setting	: string string		{ $$ = setting_new(ps, $1, $2, NULL); }
	| string string "default" string
				{ $$ = setting_new(ps, $1, $2, $4); }
	;

table	: "table" '<' word '>'	{ table_begin(ps, $3); }
	  '{' nls table_list '}'
	;

table_list
	: table_item sep
	| table_list table_item sep
	;

table_item
	: string		{ table_address(ps, $1); }
	| '<' word '>'		{ table_table(ps, $2); }
	;

profile	: "profile" string '{'	{ profile_begin(ps, @1, $2); }
	  statements '}'	{ profile_end(ps); }
	;

statements
	: %empty
	| statements NL
	| statements statement NL
	| statements "preset" string NL	{ source_preset(ps, $3); }
	| statements error NL		{ yyerrok; }
	;

statement
	: macro				{ macro_place(ps, @1); }
	| "mode" "audit"		{ ps->own->profile->audit = true; }
	| rule
	| "allow" allow
	| "require" words		{ allow_words(ps, @1, REQUIRE, $2); }
	| "limit" settings		{ conf_limit(ps, $2); }
	| "timeout" settings		{ conf_timeout(ps, $2); }
	| "set" "label" strings		{ allow_words(ps, @1, ADD_LABEL, $3); }
	;

rule	: action		{ rule_begin(ps, @1, (enum action)$1); }
	  log quick access on	{ rule_ops(ps, @1); }
	  conds audit label	{ rule_end(ps, $10, $9 != 0); }
	;

action	: "pass"		{ $$ = ACTION_PASS; }
	| "block"		{ $$ = ACTION_BLOCK; }
	;

log	: %empty
	| "log"			{ ps->rule->log = true; }
	;

quick	: %empty
	| "quick"		{ ps->rule->quick = true; }
	;

access	: %empty
	| "read"		{ ps->access = $1->s; }
	| "write"		{ ps->access = $1->s; }
	| "method" words	{ rule_methods(ps, $2); }
	;

on	: %empty
	| "on" words		{ ps->ops = $2; }
	;

conds	: %empty
	| conds cond		{ ps->group++; }
	;

cond	: "path" strings		{ rule_path(ps, $2); }
	| "query" string in strings	{ rule_query(ps, $2, $4, $3 != 0); }
	| "query" string "given"	{ rule_query(ps, $2, NULL, false); }
	| "query" string "absent"	{ rule_query(ps, $2, NULL, true); }
	| "from" peers
	| "container"			{ rule_targets(ps); }
	  targets
	;

in	: "in"			{ $$ = 0; }
	| "not" "in"		{ $$ = 1; }
	;

audit	: %empty		{ $$ = 0; }
	| "mode" "audit"	{ $$ = 1; }
	;

label	: %empty		{ $$ = NULL; }
	| "label" string	{ $$ = $2; }
	;

peers	: "any"
	| peer
	| '{' nls peer_list '}'
	;

peer_list
	: peer sep
	| peer_list peer sep
	;

peer	: not string		{ peer_address(ps, $2, $1 != 0); }
	| not '<' word '>'	{ peer_table(ps, $3, $1 != 0); }
	| not "uid" string	{ peer_id(ps, COND_UID, $3, $1 != 0); }
	| not "gid" string	{ peer_id(ps, COND_GID, $3, $1 != 0); }
	| not "user" word	{ peer_name(ps, COND_UID, $3, $1 != 0); }
	| not "group" word	{ peer_name(ps, COND_GID, $3, $1 != 0); }
	| not "container" string
		{ peer_asker(ps, COND_ASKER, $3, $1 != 0); }
	| not "label" string
		{ peer_asker(ps, COND_ASKER_LABEL, $3, $1 != 0); }
	;

targets	: target
	| '{' nls target_list '}'
	;

target_list
	: target sep
	| target_list target sep
	;

target	: not string	{ rule_target(ps, COND_TARGET, $2, $1 != 0); }
	| not "label" string
		{ rule_target(ps, COND_TARGET_LABEL, $3, $1 != 0); }
	;

not	: %empty		{ $$ = 0; }
	| '!'			{ $$ = 1; }
	;

allow	: "image" any_strings	{ allow_words(ps, @1, ALLOW_IMAGE, $2); }
	| "bind" strings bind_kind
			{ allow_words(ps, @1, (enum allow_kind)$3, $2); }
	| "volume" any_strings	{ allow_words(ps, @1, ALLOW_VOLUME, $2); }
	| "network" any_strings	{ allow_words(ps, @1, ALLOW_NETWORK, $2); }
	| "capability" words	{ allow_words(ps, @1, ALLOW_CAPABILITY, $2); }
	| "device" strings	{ allow_words(ps, @1, ALLOW_DEVICE, $2); }
	| "host" words		{ allow_words(ps, @1, ALLOW_HOST, $2); }
	| "security" strings	{ allow_words(ps, @1, ALLOW_SECURITY, $2); }
	| "runtime" strings	{ allow_words(ps, @1, ALLOW_RUNTIME, $2); }
	| "field" strings	{ allow_words(ps, @1, ALLOW_FIELD, $2); }
	| "sysctl" strings	{ allow_words(ps, @1, ALLOW_SYSCTL, $2); }
	| "log-driver" words	{ allow_words(ps, @1, ALLOW_LOGDRIVER, $2); }
	| "publish" any_strings	{ allow_words(ps, @1, ALLOW_PUBLISH, $2); }
	| "ulimit" words	{ allow_words(ps, @1, ALLOW_ULIMIT, $2); }
	| "secret" any_strings	{ allow_words(ps, @1, ALLOW_SECRET, $2); }
	| "config" any_strings	{ allow_words(ps, @1, ALLOW_CONFIG, $2); }
	| "archive" words	{ allow_words(ps, @1, ALLOW_ARCHIVE, $2); }
	| "privileged"	{ allow_words(ps, @1, ALLOW_PRIVILEGED, NULL); }
	| "unjudged"	{ allow_words(ps, @1, ALLOW_UNJUDGED, NULL); }
	;

bind_kind
	: %empty		{ $$ = ALLOW_BIND; }
	| "read-only"		{ $$ = ALLOW_BIND_RO; }
	;

listen	: "listen" "on" address lopts "profile" string
						{ listen_end(ps, $6); }
	;

metrics	: "metrics" "on" address lopts	{ listen_metrics(ps); }
	;

address	: string			{ listen_path(ps, @1, $1); }
	| string "port" string		{ listen_tcp(ps, @1, $1, $3); }
	| "any" "port" string		{ listen_tcp(ps, @1, NULL, $3); }
	;

lopts	: %empty
	| lopts lopt
	;

lopt	: "owner" word		{ listen_owner(ps, $2); }
	| "group" word		{ listen_group(ps, $2); }
	| "mode" string		{ listen_mode(ps, $2); }
	| "from"		{ listen_from(ps, @1); }
	  peers
	;

any_strings
	: "any"		{ $$ = words_add(ps, NULL, word_new(ps, "*", @1)); }
	| strings
	;

strings	: string			{ $$ = words_add(ps, NULL, $1); }
	| '{' nls string_list '}'	{ $$ = $3; }
	;

string_list
	: string sep			{ $$ = words_add(ps, NULL, $1); }
	| string_list string sep	{ $$ = words_add(ps, $1, $2); }
	;

words	: word				{ $$ = words_add(ps, NULL, $1); }
	| '{' nls word_list '}'		{ $$ = $3; }
	;

word_list
	: word sep			{ $$ = words_add(ps, NULL, $1); }
	| word_list word sep		{ $$ = words_add(ps, $1, $2); }
	;

sep	: nls
	| nls ',' nls
	;

nls	: %empty
	| nls NL
	;

string	: WORD
	| STRING
	;

/* Where only a word can stand, a keyword is one. */
word	: string
	| keyword
	;

keyword	: ABSENT | ALLOW | ANY | ARCHIVE | AUDIT | BIND | BINDCHECK | BLOCK
	| CAPABILITY | CHROOT | CONFIG | CONTAINER | CONTROL | DEFAULT | DEVICE
	| FIELD | FROM | GID | GIVEN
	| GROUP | HOST | IMAGE | IN | INCLUDE | LABEL | LIMITS | LISTEN | LOG
	| LOGDRIVER | METHOD | METRICS | MODE | NETWORK | NOT | ON | OWNER | PASS
	| PATH | PORT | PRESET | PRIVILEGED | PROFILE | PUBLISH | QUERY
	| QUICK | READ | READONLY | REQUIRES | RUNTIME | SECRET | SECURITY
	| SET | SOCKET | SYSCTL | SYSLOG | TABLE | TIMEOUT | UID | ULIMIT
	| UNJUDGED | USER | VOLUME | WRITE
	;

%%

/* A preset has macros of its own, a profile has not. */
static void
macro_place(struct parse *ps, struct loc loc)
{
	if (loc.src->preset == NULL)
		parse_error(ps, loc, "a macro stands outside of profiles");
}

/* Only of the stack of the parser: other errors are told below. */
static void
yyerror(struct loc *loc, struct parse *ps, const char *msg)
{
	parse_error(ps, *loc, "%s", msg);
	ps->stop = true;
}

/* Is the token one of those that a word can be? */
static bool
is_keyword(yysymbol_kind_t kind)
{
	return (kind >= YYSYMBOL_ABSENT && kind <= YYSYMBOL_WRITE);
}

/* A token as messages name it; its text, where that says more. */
static const char *
token_text(struct parse *ps, yysymbol_kind_t kind, bool seen)
{
	const char	*name = yysymbol_name(kind);
	char		 buf[300];

	if (kind == YYSYMBOL_YYEOF)
		return ("the end of the file");
	if (kind == YYSYMBOL_NL ||
	    (!seen && (kind == YYSYMBOL_WORD || kind == YYSYMBOL_STRING)))
		return (name);
	if (seen)
		snprintf(buf, sizeof(buf), "\"%s\"", shown(ps, ps->near));
	else if (name[0] == '\'')
		snprintf(buf, sizeof(buf), "\"%c\"", name[1]);
	else
		snprintf(buf, sizeof(buf), "\"%s\"", name);
	return (word_new(ps, buf, (struct loc){ NULL, 0 })->s);
}

/*
 * What could stand here, for people: not every keyword for a word.  Is it a
 * string, but not a keyword?
 */
static const char *
expected_text(struct parse *ps, const yypcontext_t *ctx, bool *string)
{
	yysymbol_kind_t	 kinds[YYNTOKENS];
	const char	*list[YYNTOKENS + 1];
	int		 i, n, keywords = 0;
	bool		 word;
	size_t		 len = 0;

	n = yypcontext_expected_tokens(ctx, kinds, YYNTOKENS);
	for (i = 0; i < n; i++)
		keywords += is_keyword(kinds[i]);
	word = n > 1 && kinds[0] == YYSYMBOL_WORD;
	*string = word && kinds[1] == YYSYMBOL_STRING;
	for (i = 0; i < n; i++) {
		if (is_keyword(kinds[i]) &&
		    keywords > YYSYMBOL_WRITE - YYSYMBOL_ABSENT)
			continue;
		/* Blank lines may stand in many places. */
		if (kinds[i] == YYSYMBOL_YYEOF || (kinds[i] == YYSYMBOL_NL &&
		    (word || ps->depth > ps->block)))
			continue;
		/* A word where no string can stand is a macro. */
		if (kinds[i] == YYSYMBOL_WORD && !*string)
			continue;
		list[len++] = token_text(ps, kinds[i], false);
	}
	list[len] = NULL;
	return (list_text(ps, list));
}

/*
 * A word that begins no statement is known as wrong only by what follows it,
 * which is not the "=" of a macro.
 */
static bool
report_statement(struct parse *ps, const yypcontext_t *ctx)
{
	static const char *const	 top[] = {
		"include", "listen", "metrics", "profile", "set", "table",
		NULL
	};
	static const char *const	 inside[] = {
		"allow", "block", "limit", "mode", "pass", "preset",
		"require", "set", "timeout", NULL
	};
	const char *const		*list = ps->block == 0 ? top : inside;
	const char			*near;
	yysymbol_kind_t			 kinds[2];

	if (yypcontext_expected_tokens(ctx, NULL, 0) != 1 ||
	    yypcontext_expected_tokens(ctx, kinds, 1) != 1 ||
	    strcmp(yysymbol_name(kinds[0]), "'='") != 0)
		return (false);
	if ((near = nearest(ps->before, list)) != NULL)
		parse_error(ps, *yypcontext_location(ctx), "syntax error at "
		    "\"%s\": \"%s\" is expected", shown(ps, ps->before),
		    near);
	else
		parse_error(ps, *yypcontext_location(ctx), "syntax error at "
		    "\"%s\": %s is expected, or \"=\" behind the name of a "
		    "macro", shown(ps, ps->before), list_text(ps, list));
	return (true);
}

/* A keyword in the place of a macro's name. */
static bool
report_keyword(struct parse *ps, const yypcontext_t *ctx)
{
	yysymbol_kind_t	 kind = yypcontext_token(ctx);
	const char	*name = NULL;

	if (ps->first && is_keyword(kind) && lex_before_equals(ps))
		name = ps->near;
	else if (strcmp(yysymbol_name(kind), "'='") == 0 &&
	    ps->before != NULL && lex_keyword(ps->before))
		name = ps->before;
	if (name == NULL)
		return (false);
	parse_error(ps, *yypcontext_location(ctx), "\"%s\" is a keyword: "
	    "another name is expected for a macro", name);
	return (true);
}

static int
yyreport_syntax_error(const yypcontext_t *ctx, struct parse *ps)
{
	yysymbol_kind_t	 kind = yypcontext_token(ctx);
	const char	*expected;
	bool		 string;

	if (ps->stop)
		return (0);
	if (!report_statement(ps, ctx) && !report_keyword(ps, ctx)) {
		expected = expected_text(ps, ctx, &string);
		parse_error(ps, *yypcontext_location(ctx), "syntax error at "
		    "%s: %s is expected%s", token_text(ps, kind, true),
		    expected, string && is_keyword(kind) ?
		    "; a keyword is a string only in quotes" : "");
	}
	if (strcmp(yysymbol_name(kind), "'}'") != 0 || !lex_unread_brace(ps))
		lex_skip(ps, kind == YYSYMBOL_NL);
	return (0);
}

static struct config *
parse_end(struct parse *ps)
{
	struct config	*conf = ps->conf;

	if (!ps->stop)
		conf_finish(ps);
	if (ps->errors != 0) {
		conf_free(conf);
		conf = NULL;
	}
	parse_free(ps);
	return (conf);
}

static void
parse_begin(struct parse *ps, const char *file, char *const *defs,
    const char *presets)
{
	memset(ps, 0, sizeof(*ps));
	ps->presets = presets;
	if ((ps->conf = conf_new()) == NULL ||
	    (ps->conf->file = strdup(file)) == NULL)
		parse_nomem();
	macro_defs(ps, defs);
}

static void
parse_run(struct parse *ps)
{
	ps->top = ps->src;
	if (yyparse(ps) != 0 && ps->errors == 0)
		parse_nomem();
}

struct config *
parse_file(const char *file, char *const *defs, const char *presets)
{
	struct parse	 ps;

	parse_begin(&ps, file, defs, presets);
	if (source_open(&ps, file) == -1)
		ps.stop = true;
	else
		parse_run(&ps);
	return (parse_end(&ps));
}

struct config *
parse_memory(const char *name, const char *text, size_t len,
    char *const *defs, const char *presets)
{
	struct parse	 ps;

	parse_begin(&ps, name, defs, presets);
	source_memory(&ps, name, text, len);
	parse_run(&ps);
	return (parse_end(&ps));
}

struct config *
parse_config(const char *file, char *const *defs)
{
	char	 dir[PATH_MAX];

	return (parse_file(file, defs, presets_dir(dir, sizeof(dir))));
}
