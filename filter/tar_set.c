/* SPDX-License-Identifier: ISC */

/*
 * Sets of names by SipHash-2-4 (Aumasson and Bernstein, 2012), in a table
 * with open addressing that is never more than half full.  Nothing is taken
 * out again.
 */

#include "../filter/tar_path.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_MIN	64

static uint64_t	 seed[2];

void
tar_set_seed(uint64_t a, uint64_t b)
{
	seed[0] = a;
	seed[1] = b;
}

static uint64_t
rotl(uint64_t x, unsigned int n)
{
	return (x << n | x >> (64 - n));
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static void
sip_word(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

/* Never 0, which stands for a free slot. */
static uint64_t
sip(const char *s, size_t len)
{
	uint64_t	 v[4] = {
		seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
		seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573
	};
	uint64_t	 m, last = (uint64_t)len << 56;
	size_t		 i;

	for (; len >= sizeof(m); s += sizeof(m), len -= sizeof(m)) {
		memcpy(&m, s, sizeof(m));
		sip_word(v, m);
	}
	for (i = 0; i < len; i++)
		last |= (uint64_t)(uint8_t)s[i] << (8 * i);
	sip_word(v, last);
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	m = v[0] ^ v[1] ^ v[2] ^ v[3];
	return (m != 0 ? m : 1);
}

/* Where it stands, or where it would. */
static size_t
place(const uint64_t *slot, size_t size, uint64_t hash)
{
	size_t	 at = hash & (size - 1);

	while (slot[at] != 0 && slot[at] != hash)
		at = (at + 1) & (size - 1);
	return (at);
}

static int
grow(struct tar_set *set)
{
	uint64_t	*slot;
	size_t		 i, size = set->size == 0 ? SIZE_MIN : set->size * 2;

	if ((slot = calloc(size, sizeof(*slot))) == NULL)
		return (-1);
	for (i = 0; i < set->size; i++)
		if (set->slot[i] != 0)
			slot[place(slot, size, set->slot[i])] = set->slot[i];
	free(set->slot);
	set->slot = slot;
	set->size = size;
	return (0);
}

int
tar_set_add(struct tar_set *set, const char *s, size_t len)
{
	uint64_t	 hash = sip(s, len);
	size_t		 at;

	if (set->n >= TAR_SET_MAX ||
	    (set->n * 2 >= set->size && grow(set) == -1))
		return (-1);
	at = place(set->slot, set->size, hash);
	if (set->slot[at] == 0) {
		set->slot[at] = hash;
		set->n++;
	}
	return (0);
}

bool
tar_set_has(const struct tar_set *set, const char *s, size_t len)
{
	uint64_t	 hash;

	if (set->n == 0)
		return (false);
	hash = sip(s, len);
	return (set->slot[place(set->slot, set->size, hash)] == hash);
}

size_t
tar_set_part(const struct tar_set *set, const char *clean, bool whole)
{
	size_t	 n;

	if (set->n == 0)
		return (0);
	for (n = strcspn(clean, "/"); clean[n] != '\0';
	    n += 1 + strcspn(clean + n + 1, "/"))
		if (tar_set_has(set, clean, n))
			return (n);
	return (whole && tar_set_has(set, clean, n) ? n : 0);
}

void
tar_set_free(struct tar_set *set)
{
	free(set->slot);
	memset(set, 0, sizeof(*set));
}
