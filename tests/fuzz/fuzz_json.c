/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as JSON: our parser and jansson have to come to the same, and a
 * value that is taken has to be printed so that both take it again.
 */

#include <stdint.h>
#include <stdlib.h>

#include "../json_oracle.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum js_fault	 fault;

	if (oracle_differs((const char *)data, size, &fault) != NULL)
		abort();
	return (0);
}
