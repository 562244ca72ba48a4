/* SPDX-License-Identifier: ISC */

/*
 * A second opinion on JSON: the same text to filter/body/json*.c and to
 * jansson, which has to come to the same.
 */

#ifndef JSON_ORACLE_H
#define JSON_ORACLE_H

#include <stddef.h>

#include "../filter/body/json.h"

#define ORACLE_DEPTH	2048	/* jansson's own limit */

/*
 * Do both take it, for the same value that prints as the same text, or
 * refuse it?  NULL: they do; else in which way they do not.  *fault is ours.
 */
const char *oracle_differs(const char *, size_t, enum js_fault *fault);

/* What jansson would call the fault. */
enum js_fault oracle_fault(const char *, size_t);

#endif /* JSON_ORACLE_H */
