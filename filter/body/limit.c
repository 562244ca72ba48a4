/* SPDX-License-Identifier: ISC */

/*
 * "limit": how much a container may take.  What a request to create one does
 * not say is put in before the walk, which brings it into its place; what it
 * says is compared after the walk, when its type is known.  0 and -1 ask the
 * engine for no limit and count as not said.  A change to a container that
 * exists gets nothing put in, since what it does not say stays as it is.
 */

#include "held.h"

#include "../trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CPU_PERIOD	100000	/* usec, moby's and the kernel's default */
#define CPU_PERIOD_MIN	1000
#define CPU_PERIOD_MAX	1000000
#define NANO		1000000	/* NanoCpus in one 1/1000 */
#define NUM_SAYABLE	(1LL << 40)	/* proxyd.conf takes at least that */
#define MILLI_SAYABLE	100000000

/* One statement, about the object that has the fields. */
typedef void supply_fn(struct judge *, const struct allow *, struct js *);
typedef int limit_fn(struct judge *, const struct allow *, const struct js *,
	    bool update);

static supply_fn	 supply_memory, supply_swap, supply_pids, supply_cpus,
			 supply_shm;
static limit_fn		 limit_memory, limit_swap, limit_pids, limit_cpus,
			 limit_shm;

/* In this order: swap looks at what memory has put in. */
static const struct limit {
	const char	*name;
	supply_fn	*supply;
	limit_fn	*judge;
} limits[] = {
	{ "memory",	supply_memory,	limit_memory },
	{ "swap",	supply_swap,	limit_swap },
	{ "pids",	supply_pids,	limit_pids },
	{ "cpus",	supply_cpus,	limit_cpus },
	{ "shm",	supply_shm,	limit_shm }
};
#define NLIMITS	(sizeof(limits) / sizeof(limits[0]))

const struct allow *
limit_find(const struct judge *j, const char *name)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == LIMIT && strcmp(a->text, name) == 0)
			return (a);
	return (NULL);
}

/* 0: not there, or of a type that the walk or the engine refuses. */
static int64_t
number(const struct js *v, const char *key)
{
	const struct js	*n = fold_get(v, key);

	return (js_is(n, JS_INT) ? n->num : 0);
}

void
limit_put(struct judge *j, const struct allow *a, struct js *v,
    const char *where, const char *key, uint64_t num)
{
	const struct js	*n = js_get(v, key);
	char		 field[64], text[24];

	if (n != NULL && n->type != JS_NULL &&
	    (n->type != JS_INT || n->num > 0))
		return;
	js_set(j->arena, v, key, js_int(j->arena, (int64_t)num));
	(void)snprintf(field, sizeof(field), "%s.%s", where, key);
	(void)snprintf(text, sizeof(text), "%" PRIu64, num);
	trace_allow(field, text, a);
}

static void
supply(struct judge *j, const struct allow *a, struct js *v, const char *key,
    uint64_t num)
{
	limit_put(j, a, v, "HostConfig", key, num);
}

/* The statement that would do is named if a file can say the number. */
static int
limit_exceeded(struct judge *j, const struct allow *a, const char *key,
    const char *have, const char *most, bool sayable)
{
	char	 need[64] = "";
	size_t	 old = judge_push_key(j, key);
	int	 ret;

	if (sayable)
		(void)snprintf(need, sizeof(need), " (limit %s %s would)",
		    a->text, have);
	ret = judge_say(j, "%s %s is above the limit of %s at %s%s", j->path,
	    have, most, a->origin, need);
	judge_pop(j, old);
	return (ret);
}

int
limit_number(struct judge *j, const struct allow *a, const struct js *v,
    const char *key, bool lift)
{
	char	 have[24], most[24];
	int64_t	 num = number(v, key);
	size_t	 old;
	int	 ret;

	if (lift && js_is(fold_get(v, key), JS_INT) && num <= 0) {
		old = judge_push_key(j, key);
		ret = judge_say(j, "%s %" PRId64 " would lift the limit of "
		    "%" PRIu64 " at %s", j->path, num, a->num, a->origin);
		judge_pop(j, old);
		return (ret);
	}
	if (num <= 0 || (uint64_t)num <= a->num)
		return (0);
	(void)snprintf(have, sizeof(have), "%" PRId64, num);
	(void)snprintf(most, sizeof(most), "%" PRIu64, a->num);
	return (limit_exceeded(j, a, key, have, most, num <= NUM_SAYABLE));
}

static void
supply_memory(struct judge *j, const struct allow *a, struct js *v)
{
	supply(j, a, v, "Memory", a->dflt);
}

static int
limit_memory(struct judge *j, const struct allow *a, const struct js *v,
    bool update)
{
	static const char *const	 keys[] = {
		"Memory", "MemoryReservation", "KernelMemory",
		"KernelMemoryTCP"
	};
	size_t				 i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (limit_number(j, a, v, keys[i], false) == -1)
			return (-1);
	return (0);
}

/*
 * MemorySwap is memory and swap space together; the engine takes it only
 * with Memory, of which it must not be less.
 */
static void
supply_swap(struct judge *j, const struct allow *a, struct js *v)
{
	int64_t	 memory;

	supply(j, a, v, "Memory", a->dflt);
	memory = number(v, "Memory");
	supply(j, a, v, "MemorySwap", memory > (int64_t)a->dflt ?
	    (uint64_t)memory : a->dflt);
}

static int
limit_swap(struct judge *j, const struct allow *a, const struct js *v,
    bool update)
{
	if (limit_number(j, a, v, "Memory", false) == -1)
		return (-1);
	return (limit_number(j, a, v, "MemorySwap", update &&
	    number(v, "MemorySwap") != 0));
}

static void
supply_pids(struct judge *j, const struct allow *a, struct js *v)
{
	supply(j, a, v, "PidsLimit", a->dflt);
}

static int
limit_pids(struct judge *j, const struct allow *a, const struct js *v,
    bool update)
{
	return (limit_number(j, a, v, "PidsLimit", update));
}

static void
supply_shm(struct judge *j, const struct allow *a, struct js *v)
{
	supply(j, a, v, "ShmSize", a->dflt);
}

static int
limit_shm(struct judge *j, const struct allow *a, const struct js *v,
    bool update)
{
	return (limit_number(j, a, v, "ShmSize", false));
}

/*
 * NanoCpus, or a quota in its period: the engine takes one of the two, but a
 * negative quota beside NanoCpus undoes it (daemon_unix.go, getCPUResources).
 */
static void
supply_cpus(struct judge *j, const struct allow *a, struct js *v)
{
	int64_t	 period = number(v, "CpuPeriod");

	if (number(v, "CpuQuota") > 0)
		return;
	if (number(v, "CpuQuota") < 0)
		js_become_int(fold_get(v, "CpuQuota"), 0);
	if (period < CPU_PERIOD_MIN || period > CPU_PERIOD_MAX)
		supply(j, a, v, "NanoCpus", a->dflt * NANO);
	else if (number(v, "NanoCpus") <= 0)
		supply(j, a, v, "CpuQuota", a->dflt * (uint64_t)period / 1000);
}

static int
cpus_compare(struct judge *j, const struct allow *a, const char *key,
    uint64_t milli)
{
	char	 have[32], most[32];

	if (milli <= a->num)
		return (0);
	(void)snprintf(have, sizeof(have), "%" PRIu64 ".%03u", milli / 1000,
	    (unsigned int)(milli % 1000));
	(void)snprintf(most, sizeof(most), "%" PRIu64 ".%03u", a->num / 1000,
	    (unsigned int)(a->num % 1000));
	return (limit_exceeded(j, a, key, have, most, milli <= MILLI_SAYABLE));
}

/* Rounded up. */
int
limit_nano(struct judge *j, const struct allow *a, const struct js *v,
    const char *key)
{
	int64_t	 nano = number(v, key);

	return (nano <= 0 ? 0 : cpus_compare(j, a, key, (uint64_t)nano / NANO +
	    ((uint64_t)nano % NANO != 0)));
}

/*
 * A change of one of the two alone would be relative to the other, which is
 * not known here.
 */
static int
limit_quota(struct judge *j, const struct allow *a, const struct js *v,
    bool update)
{
	int64_t		 quota = number(v, "CpuQuota");
	int64_t		 period = number(v, "CpuPeriod");

	if (update && quota < 0)
		return (limit_number(j, a, v, "CpuQuota", true));
	if (update && (quota == 0) != (period == 0))
		return (judge_say(j, "CpuQuota and CpuPeriod may only be "
		    "changed together: there is a limit of cpus at %s",
		    a->origin));
	if (period != 0 && (period < CPU_PERIOD_MIN ||
	    period > CPU_PERIOD_MAX))
		return (judge_bad(j, "must have a CpuPeriod from %d to %d",
		    CPU_PERIOD_MIN, CPU_PERIOD_MAX));
	if (quota <= 0)
		return (0);
	if (period == 0)
		period = CPU_PERIOD;
	/* rounded up, without overflow */
	return (cpus_compare(j, a, "CpuQuota",
	    (uint64_t)(quota / period) * 1000 +
	    (uint64_t)((quota % period * 1000 + period - 1) / period)));
}

static int
limit_cpus(struct judge *j, const struct allow *a, const struct js *v,
    bool update)
{
	if (update && number(v, "NanoCpus") < 0)
		return (limit_number(j, a, v, "NanoCpus", true));
	if (limit_nano(j, a, v, "NanoCpus") == -1)
		return (-1);
	return (limit_quota(j, a, v, update));
}

/* Into HostConfig of a body as the client sent it. */
void
limit_supply(struct judge *j, struct js *root)
{
	const struct allow	*a;
	struct js		*hc = js_get(root, "HostConfig");
	size_t			 i;

	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == LIMIT)
			break;
	if (a == NULL)
		return;
	if (hc == NULL || hc->type == JS_NULL) {
		js_set(j->arena, root, "HostConfig",
		    js_new(j->arena, JS_OBJECT));
		hc = js_get(root, "HostConfig");
	}
	if (!js_is(hc, JS_OBJECT))
		return;
	for (i = 0; i < NLIMITS; i++)
		if ((a = limit_find(j, limits[i].name)) != NULL)
			limits[i].supply(j, a, hc);
	ulimit_supply(j, hc, "HostConfig");
}

/* HostConfig, or the body of a change; the walk is there. */
int
limit_judge(struct judge *j, const struct js *v, bool update)
{
	const struct allow	*a;
	size_t			 i;

	if (!js_is(v, JS_OBJECT))
		return (0);
	for (i = 0; i < NLIMITS; i++)
		if ((a = limit_find(j, limits[i].name)) != NULL &&
		    limits[i].judge(j, a, v, update) == -1)
			return (-1);
	return (ulimit_judge(j, v));
}
