/* SPDX-License-Identifier: GPL-2.0 */
/* A line of a script as words, numbers and signs. */
#ifndef _SELFTESTS_CONFORM_TOKEN_H
#define _SELFTESTS_CONFORM_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "script.h"

#define TOKENS_MAX	96
#define TOKEN_LEN	64

/* Where the reader is, and the first thing that was wrong. */
struct parser {
	struct script *script;
	const char *file;
	unsigned int line;
	char token[TOKENS_MAX][TOKEN_LEN];
	unsigned int tokens, at;
	unsigned int depth;		/* of files that use files */
	bool failed;
};

void fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tokenize(struct parser *p, const char *text);
const char *peek(const struct parser *p);
const char *next(struct parser *p);
bool accept_token(struct parser *p, const char *token);
void need(struct parser *p, const char *token);
bool at_end(const struct parser *p);
bool at_number(const struct parser *p);

int64_t parse_number(struct parser *p);
int64_t parse_between(struct parser *p, int64_t lo, int64_t hi);
int64_t parse_duration(struct parser *p);
void parse_want(struct parser *p, struct want *want);
void parse_name(struct parser *p, char *name);

#endif /* _SELFTESTS_CONFORM_TOKEN_H */
