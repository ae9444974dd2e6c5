/* SPDX-License-Identifier: GPL-2.0 */
/* The words of the language that stand for numbers. */
#ifndef _SELFTESTS_CONFORM_NAMES_H
#define _SELFTESTS_CONFORM_NAMES_H

#include <stdbool.h>
#include <stdint.h>

struct name {
	const char *name;
	int64_t value;
	int level;		/* of socket options */
};

extern const struct name flag_names[], kind_names[], place_names[], icmp_names[], ecn_names[];
extern const struct name errno_names[], number_names[], option_names[], state_names[];

const struct name *name_find(const struct name *table, const char *word);
const char *name_of(const struct name *table, int64_t value);

#endif /* _SELFTESTS_CONFORM_NAMES_H */
