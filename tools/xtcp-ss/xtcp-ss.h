/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked for and how it is shown. */
#ifndef XTCP_SS_H
#define XTCP_SS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../lib/diag.h"
#include "../lib/owners.h"

#define VERSION		"xtcp-ss 0.1"

/* Exit codes. */
enum {
	EXIT_ASK = 1,		/* the kernel could not be asked, or the answer not be written */
	EXIT_USAGE = 2,
};

struct view {
	bool numeric, header, processes, extended, info, memory, timers, json;
};

/* options.c */
struct options {
	struct view view;
	struct xtcp_diag_req req;
	const char *netns;	/* NULL: the program's own */
};

int options_parse(struct options *o, int argc, char **argv);

/* filter.c: what stands behind the options */
struct filter {
	uint32_t states;	/* 0: none named */
	uint16_t sport, dport;	/* host order; 0: any */
};

bool filter_parse(struct filter *f, int argc, char **argv, char *why, size_t size);

/* text.c, view_json.c */
void show_text(FILE *out, const struct view *view, const struct xtcp_table *table,
	       const struct xtcp_owners *owners);
void show_json(FILE *out, const struct view *view, const struct xtcp_table *table,
	       const struct xtcp_owners *owners);

const char *timer_name(unsigned int timer);
extern const char *const mem_names[SK_MEMINFO_VARS];

#endif /* XTCP_SS_H */
