/* SPDX-License-Identifier: ISC */

/*
 * Rules against facts: may this request pass, and which rule says so?  Pure.
 */

#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../filter/body/named.h"
#include "../filter/path.h"
#include "../proxyd/proxyd.h"

/* What of the host a container mounts. */
struct mounts {
	struct named	 volumes;	/* of the local driver */
	struct named	 binds;		/* paths */
	struct named	 binds_ro;
	bool		 more;		/* than fits */
};

/* A container as the engine describes it. */
struct container {
	char		 id[65];	/* full, lower case */
	char		*name;		/* without the leading slash */
	size_t		 nlabels;
	char		**labels;	/* "key=value" */
	struct mounts	*mounts;	/* NULL: nobody looked */
};

/* Who asks.  Memory belongs to the connection. */
struct peer {
	uint8_t		 family;	/* 4, 6; 0: a unix socket */
	bool		 cred;		/* uid and groups are known */
	uint8_t		 addr[16];	/* from 0; IPv4 in IPv6 is IPv4 */
	uint32_t	 uid;
	uint32_t	 pid;
	uint32_t	 ngroups;
	uint32_t	*groups;	/* the primary one first */
};

/* A container that may have to be looked up first. */
enum known {
	KNOWN_NOT,		/* nobody asked yet */
	KNOWN_NONE,		/* there is none */
	KNOWN_UNSURE,		/* it cannot be told which, or whether */
	KNOWN_YES
};

/* What is known of a request when it is judged. */
struct facts {
	size_t		op;		/* row of the endpoint table */
	enum method	method;
	const struct path *path;	/* with its query; NULL: unknown */
	const struct peer *peer;
	enum known	target_known;	/* the container it is about */
	const struct container *target;
	enum known	asker_known;	/* the container that asks */
	const struct container *asker;
};

/* What must be looked up before a verdict can be given. */
enum need {
	NEED_NOTHING,
	NEED_TARGET,
	NEED_ASKER
};

/*
 * The rule that decides; NULL: the built-in block, or *need is not
 * NEED_NOTHING and the caller asks again when it knows.  The rule belongs to
 * the profile.
 */
const struct rule *policy_decide(const struct profile *,
	    const struct facts *, enum need *need);

/*
 * The rule that passes another operation for the same client, on the same
 * container; NULL: none does.  Only what is certain counts: a condition on a
 * path or a query, or on what was not looked up, can let nothing pass and may
 * block.
 */
const struct rule *policy_passes_too(const struct profile *,
	    const struct facts *, size_t op);

/*
 * May this peer connect to a listener with these conditions?  Only those
 * that need no look-up count.
 */
bool	 policy_admits(const struct conds *, const struct peer *);

/*
 * The message for a refused request, "Forbidden - ... is not allowed (X
 * would)"; always terminated, returns its length.
 */
size_t	 policy_message(const struct endpoint *, const struct rule *,
	    char *, size_t);

#endif /* POLICY_H */
