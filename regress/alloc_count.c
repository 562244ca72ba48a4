/* SPDX-License-Identifier: ISC */

/*
 * Linked into a build of its own with --wrap: counts what proxyd's own code
 * allocates.  The test reads the counter out of the running process.
 */

#include <stddef.h>

unsigned long	 alloc_count;

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);

void *
__wrap_malloc(size_t size)
{
	alloc_count++;
	return (__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	alloc_count++;
	return (__real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t size)
{
	alloc_count++;
	return (__real_realloc(p, size));
}
