// SPDX-License-Identifier: GPL-2.0
/* Handlers of a setting take a const struct ctl_table. */
#include <linux/sysctl.h>

static int probe_const_ctl_table(const struct ctl_table *table, int write, void *buffer,
				 size_t *len, loff_t *at)
{
	return 0;
}

const struct ctl_table probe_const_ctl_table_entry = { .proc_handler = probe_const_ctl_table };
