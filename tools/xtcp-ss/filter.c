// SPDX-License-Identifier: GPL-2.0
/*
 * Filters, in the words of ss:
 *
 *	[ state NAME | exclude NAME ]... [ PORT [ and ] PORT ]
 *	PORT := ( sport | dport ) ( = | == | eq ) [:]NUMBER-OR-SERVICE
 */
#include <stdarg.h>
#include <string.h>

#include "../lib/names.h"
#include "xtcp-ss.h"

#define BLANKS " \t\n"

struct words {
	char **next, **end;
	char *why;
	size_t size;
};

__attribute__((format(printf, 2, 3)))
static bool refuse(struct words *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->why, w->size, format, args);
	va_end(args);
	return false;
}

static const char *next_word(struct words *w)
{
	return w->next < w->end ? *w->next++ : NULL;
}

static bool is_equals(const char *word)
{
	return word && (!strcmp(word, "=") || !strcmp(word, "==") || !strcmp(word, "eq"));
}

static bool parse_port(struct words *w, const char *which, uint16_t *port)
{
	const char *word = next_word(w);

	if (!is_equals(word))
		return refuse(w, "\"%s\" must be followed by \"= PORT\"", which);
	word = next_word(w);
	if (!word)
		return refuse(w, "\"%s =\" lacks its port", which);
	if (*port)
		return refuse(w, "\"%s\" is given twice", which);
	if (*word == ':')
		word++;
	if (!xtcp_port_parse(word, port) || !*port)
		return refuse(w, "\"%s\" is neither a port nor a service", word);
	return true;
}

static bool parse_state(struct words *w, struct filter *f, bool exclude)
{
	const char *word = next_word(w);
	uint32_t states;

	if (!word)
		return refuse(w, "\"%s\" lacks its state", exclude ? "exclude" : "state");
	if (!xtcp_state_parse(word, &states))
		return refuse(w, "\"%s\" is not a state", word);
	if (exclude)
		f->states = (f->states ? f->states : STATES_ALL) & ~states;
	else
		f->states |= states;
	if (!f->states)
		return refuse(w, "the filter excludes every state");
	return true;
}

/**
 * filter_parse - read a filter
 * @f: in and out: what is given beside it by options; ports and states are added
 * @argc: number of words
 * @argv: words; "sport = :80" may come as one or as several
 * @why: out: what is wrong
 * @size: room for it
 *
 * Return: false if it is not understood.
 */
bool filter_parse(struct filter *f, int argc, char **argv, char *why, size_t size)
{
	char text[1024] = "", *list[128], *save, *token;
	struct words w = { .next = list, .end = list, .why = why, .size = size };
	const char *word;
	bool ports = false, joined = false;
	int i;

	/* one text first: shells hand over words, quotes whole sentences */
	for (i = 0; i < argc; i++) {
		if (strlen(text) + strlen(argv[i]) + 2 > sizeof(text))
			return refuse(&w, "the filter is too long");
		strcat(text, argv[i]);
		strcat(text, " ");
	}
	for (token = strtok_r(text, BLANKS, &save); token; token = strtok_r(NULL, BLANKS, &save)) {
		if (w.end == list + sizeof(list) / sizeof(list[0]))
			return refuse(&w, "the filter is too long");
		*w.end++ = token;
	}

	while ((word = next_word(&w))) {
		if (!strcmp(word, "and") || !strcmp(word, "&&")) {
			if (!ports || joined)
				return refuse(&w, "\"%s\" must stand between two ports", word);
			joined = true;
			continue;
		}
		if (!strcmp(word, "sport")) {
			if (!parse_port(&w, word, &f->sport))
				return false;
		} else if (!strcmp(word, "dport")) {
			if (!parse_port(&w, word, &f->dport))
				return false;
		} else if (!ports && (!strcmp(word, "state") || !strcmp(word, "exclude"))) {
			if (!parse_state(&w, f, word[0] == 'e'))
				return false;
			continue;
		} else {
			return refuse(&w, "\"%s\" is not understood here", word);
		}
		ports = true;
		joined = false;
	}
	if (joined)
		return refuse(&w, "a port must follow \"and\"");
	return true;
}
