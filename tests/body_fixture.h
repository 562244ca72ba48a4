/* SPDX-License-Identifier: ISC */

/*
 * Profiles in a few words, and bodies with apostrophes for quotation marks.
 */

#ifndef BODY_FIXTURE_H
#define BODY_FIXTURE_H

#include "../proxyd/proxyd.h"

#define TEXT_MAX	8192

/* A profile without conf.c: "env priv bind=/srv". */
struct fixture {
	struct profile	 profile;
	struct allow	 allow[24];
	char		 text[256];
	size_t		 n;
	unsigned int	 minor;		/* "api=41"; 0: no version */
};

void	 fixture_open(struct fixture *, const char *);
void	 fixture_close(struct fixture *);

/* The three after each other, into TEXT_MAX bytes. */
void	 quoted(char *, const char *head, const char *mid, const char *tail);

#endif /* BODY_FIXTURE_H */
