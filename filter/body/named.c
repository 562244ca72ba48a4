/* SPDX-License-Identifier: ISC */

/*
 * A short list of names, each once.  It is bounded, so that one body cannot
 * make the engine be asked for ever.
 */

#include "named.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
named_add(struct named *list, const char *text)
{
	size_t	 i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->text[i], text) == 0)
			return (0);
	if (list->n == NAMED_MAX) {
		errno = ENOSPC;
		return (-1);
	}
	if ((list->text[list->n] = strdup(text)) == NULL)
		return (-1);
	list->n++;
	return (0);
}

char *
named_take(struct named *list)
{
	char	*text;

	if (list->n == 0)
		return (NULL);
	text = list->text[0];
	list->n--;
	memmove(list->text, list->text + 1, list->n * sizeof(*list->text));
	return (text);
}

int
named_copy(struct named *dst, const struct named *src)
{
	size_t	 i;

	for (i = 0; i < src->n; i++)
		if (named_add(dst, src->text[i]) == -1)
			return (-1);
	return (0);
}

void
named_free(struct named *list)
{
	while (list->n > 0)
		free(list->text[--list->n]);
}
