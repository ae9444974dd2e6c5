/* SPDX-License-Identifier: GPL-2.0 */
/* Writing JSON (RFC 8259): the commas and the escapes. */
#ifndef XTCP_LIB_JSON_H
#define XTCP_LIB_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct xtcp_json {
	FILE *out;
	unsigned int depth;
	bool comma;		/* something stands before, on this level */
};

/* In an array, and for the outermost value, @key is NULL. */
void json_open(struct xtcp_json *j, const char *key, char bracket);
void json_close(struct xtcp_json *j, char bracket);
void json_uint(struct xtcp_json *j, const char *key, uint64_t value);
void json_string(struct xtcp_json *j, const char *key, const char *value);
void json_bool(struct xtcp_json *j, const char *key, bool value);

#endif /* XTCP_LIB_JSON_H */
