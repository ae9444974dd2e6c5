// SPDX-License-Identifier: GPL-2.0
/* A line of a script as words, numbers and signs. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

/**
 * fail - say what is wrong with the line
 * @p: reader; the first complaint stays, and nothing is left to be read
 * @format: as printf()
 */
void fail(struct parser *p, const char *format, ...)
{
	char *error = p->script->error;
	size_t size = sizeof(p->script->error);
	va_list args;
	int n;

	if (p->failed)
		return;
	p->failed = true;
	n = snprintf(error, size, "%s:%u: ", p->file, p->line);
	if (n < 0 || (size_t)n >= size)
		return;
	va_start(args, format);
	vsnprintf(error + n, size - n, format, args);
	va_end(args);
}

static bool is_symbol(const char *s, size_t len)
{
	return (len == 2 && !strncmp(s, "ts", 2)) ||
	       (len == 3 && (!strncmp(s, "mss", 3) || !strncmp(s, "nxt", 3))) ||
	       (len == 4 && !strncmp(s, "edge", 4));
}

/* Length of the token that text begins with. */
static size_t token_len(const char *text)
{
	size_t len = 0;

	if (!strncmp(text, "..", 2))
		return 2;
	if (!isalnum((unsigned char)*text) && *text != '_')
		return 1;
	while (isalnum((unsigned char)text[len]) || text[len] == '_' ||
	       (text[len] == '.' && isalnum((unsigned char)text[len + 1])) ||
	       (text[len] == '-' && isalpha((unsigned char)*text) && !is_symbol(text, len)))
		len++;
	return len;
}

/**
 * tokenize - read a line
 * @p: reader
 * @text: the line; what follows a # is a comment
 */
void tokenize(struct parser *p, const char *text)
{
	size_t len;

	p->tokens = 0;
	p->at = 0;
	for (;; text += len) {
		while (isspace((unsigned char)*text))
			text++;
		if (!*text || *text == '#')
			return;
		len = token_len(text);
		if (len >= TOKEN_LEN || p->tokens == TOKENS_MAX) {
			fail(p, "too long");
			return;
		}
		memcpy(p->token[p->tokens], text, len);
		p->token[p->tokens++][len] = 0;
	}
}

bool at_end(const struct parser *p)
{
	return p->failed || p->at >= p->tokens;
}

/**
 * peek - the token that comes next
 * @p: reader
 *
 * Return: it, or "" at the end of the line and after an error.
 */
const char *peek(const struct parser *p)
{
	return at_end(p) ? "" : p->token[p->at];
}

/**
 * next - take the token that comes next
 * @p: reader
 *
 * Return: as peek().
 */
const char *next(struct parser *p)
{
	return at_end(p) ? "" : p->token[p->at++];
}

bool accept_token(struct parser *p, const char *token)
{
	if (at_end(p) || strcmp(peek(p), token))
		return false;
	p->at++;
	return true;
}

void need(struct parser *p, const char *token)
{
	if (!accept_token(p, token))
		fail(p, "\"%s\" expected, not \"%s\"", token, peek(p));
}

bool at_number(const struct parser *p)
{
	return isdigit((unsigned char)*peek(p)) || *peek(p) == '-';
}

/**
 * parse_number - a number, decimal or 0x...
 * @p: reader
 *
 * Return: the number; 0 after an error.
 */
int64_t parse_number(struct parser *p)
{
	bool minus = accept_token(p, "-");
	const char *word = next(p);
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (!isdigit((unsigned char)*word) || *end || errno)
		fail(p, "a number expected, not \"%s\"", word);
	return minus ? -value : value;
}

/**
 * parse_between - a number within bounds
 * @p: reader
 * @lo: least
 * @hi: most
 *
 * Return: the number; @lo after an error.
 */
int64_t parse_between(struct parser *p, int64_t lo, int64_t hi)
{
	int64_t value = parse_number(p);

	if (value < lo || value > hi) {
		fail(p, "%lld is not between %lld and %lld", (long long)value, (long long)lo,
		     (long long)hi);
		return lo;
	}
	return value;
}

/**
 * parse_duration - 10ms, 1.5s, 15min, 2h
 * @p: reader
 *
 * Return: ns.
 */
int64_t parse_duration(struct parser *p)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "ms", MSEC }, { "s", SEC }, { "min", 60 * SEC }, { "h", 3600 * SEC },
	};
	const char *word = next(p);
	double value;
	char *end;
	size_t i;

	value = isdigit((unsigned char)*word) ? strtod(word, &end) : -1;
	for (i = 0; value >= 0 && value < 1e6 && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].name))
			return value * units[i].ns + 0.5;
	if (!strcmp(word, "0"))
		return 0;
	fail(p, "a time like 10ms, 1.5s, 15min or 2h expected, not \"%s\"", word);
	return 0;
}

/* NUMBER [* SYMBOL] | SYMBOL, added with sign to the sum. */
static void parse_term(struct parser *p, struct expr *sum, int sign)
{
	int64_t times = sign;
	const char *word;

	if (at_number(p)) {
		times *= parse_number(p);
		if (!accept_token(p, "*")) {
			sum->k += times;
			return;
		}
	}
	word = next(p);
	if (!strcmp(word, "mss"))
		sum->mss += times;
	else if (!strcmp(word, "edge"))
		sum->edge += times;
	else if (!strcmp(word, "nxt"))
		sum->nxt += times;
	else if (!strcmp(word, "ts"))
		sum->ts += times;
	else
		fail(p, "a number, mss, edge, nxt or ts expected, not \"%s\"", word);
}

static void parse_expr(struct parser *p, struct expr *expr)
{
	memset(expr, 0, sizeof(*expr));
	parse_term(p, expr, 1);
	for (;;) {
		if (accept_token(p, "+"))
			parse_term(p, expr, 1);
		else if (accept_token(p, "-"))
			parse_term(p, expr, -1);
		else
			return;
	}
}

/**
 * parse_want - EXPRESSION, EXPRESSION..EXPRESSION or any
 * @p: reader
 * @want: result
 */
void parse_want(struct parser *p, struct want *want)
{
	memset(want, 0, sizeof(*want));
	want->given = true;
	if (accept_token(p, "any")) {
		want->lo.k = INT64_MIN / 2;
		want->hi.k = INT64_MAX / 2;
		return;
	}
	parse_expr(p, &want->lo);
	want->hi = want->lo;
	if (accept_token(p, ".."))
		parse_expr(p, &want->hi);
}

/**
 * parse_name - a name that the script chooses
 * @p: reader
 * @name: result, NAME_MAX_LEN bytes of room
 */
void parse_name(struct parser *p, char *name)
{
	const char *word = next(p);

	*name = 0;
	if (!isalpha((unsigned char)*word) || strlen(word) >= NAME_MAX_LEN)
		fail(p, "a name expected, not \"%s\"", word);
	else
		memcpy(name, word, strlen(word) + 1);
}
