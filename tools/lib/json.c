// SPDX-License-Identifier: GPL-2.0
/* Writing JSON (RFC 8259): the commas and the escapes. */
#include <inttypes.h>

#include "json.h"

/* Length of the well-formed UTF-8 sequence (RFC 3629) at s; 0: it is none. */
static unsigned int utf8_len(const unsigned char *s)
{
	unsigned int n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* A name of a process may hold any byte: what is no UTF-8 becomes U+FFFD. */
static void put_string(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int n;

	putc('"', out);
	while (*s) {
		n = utf8_len(s);
		if (!n) {
			fputs("\\ufffd", out);
			s++;
		} else if (n == 1 && (*s < 0x20 || *s == '"' || *s == '\\' || *s == 0x7f)) {
			fprintf(out, "\\u%04x", *s++);
		} else {
			fwrite(s, 1, n, out);
			s += n;
		}
	}
	putc('"', out);
}

static void begin(struct xtcp_json *j, const char *key)
{
	if (j->comma)
		putc(',', j->out);
	if (j->depth == 1)
		fputs("\n ", j->out);	/* one socket per line */
	if (key) {
		put_string(j->out, key);
		putc(':', j->out);
	}
	j->comma = true;
}

/**
 * json_open - begin an object or array
 * @j: where
 * @key: its name, or NULL
 * @bracket: '{' or '['
 */
void json_open(struct xtcp_json *j, const char *key, char bracket)
{
	begin(j, key);
	putc(bracket, j->out);
	j->comma = false;
	j->depth++;
}

/**
 * json_close - end an object or array
 * @j: where
 * @bracket: '}' or ']'; the outermost ends its line
 */
void json_close(struct xtcp_json *j, char bracket)
{
	j->depth--;
	if (!j->depth)
		putc('\n', j->out);
	putc(bracket, j->out);
	j->comma = true;
	if (!j->depth)
		putc('\n', j->out);
}

/**
 * json_uint - write a number
 * @j: where
 * @key: its name, or NULL
 * @value: the number
 */
void json_uint(struct xtcp_json *j, const char *key, uint64_t value)
{
	begin(j, key);
	fprintf(j->out, "%" PRIu64, value);
}

/**
 * json_string - write a string
 * @j: where
 * @key: its name, or NULL
 * @value: any bytes
 */
void json_string(struct xtcp_json *j, const char *key, const char *value)
{
	begin(j, key);
	put_string(j->out, value);
}

/**
 * json_bool - write true or false
 * @j: where
 * @key: its name, or NULL
 * @value: which
 */
void json_bool(struct xtcp_json *j, const char *key, bool value)
{
	begin(j, key);
	fputs(value ? "true" : "false", j->out);
}
