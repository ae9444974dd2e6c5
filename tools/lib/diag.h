/* SPDX-License-Identifier: GPL-2.0 */
/* Asking the kernel about XTCP's sockets: requests, answers, repeated dumps. */
#ifndef XTCP_LIB_DIAG_H
#define XTCP_LIB_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/xtcp.h>
#include <linux/xtcp_diag.h>

/* One socket, half-open entry or TIME-WAIT. */
struct xtcp_entry {
	struct xtcp_diag_msg msg;
	uint32_t has;			/* XTCP_DIAG_EXT(): attributes that came */
	unsigned int pass;		/* of the dump: see xtcp_dump() */
	struct xtcp_info info;		/* what the kernel did not send is 0 */
	uint32_t mem[SK_MEMINFO_VARS];
	struct xtcp_diag_tags tags;
	uint8_t shutdown;
	uint8_t v6only;
};

struct xtcp_table {
	struct xtcp_entry *entry;
	size_t n, room;
	unsigned int pass;
	bool interrupted;		/* the pass was: what it found may be incomplete */
	bool done;
	int err;			/* -errno that ended the pass */
};

static inline uint64_t xtcp_entry_cookie(const struct xtcp_entry *e)
{
	return (uint64_t)e->msg.id.cookie[1] << 32 | e->msg.id.cookie[0];
}

int xtcp_entry_parse(const struct nlmsghdr *nlh, struct xtcp_entry *e);

void xtcp_table_feed(struct xtcp_table *table, const void *buf, size_t len, uint32_t seq);
int xtcp_table_finish(struct xtcp_table *table);
void xtcp_table_free(struct xtcp_table *table);

int xtcp_dump(const struct xtcp_diag_req *req, struct xtcp_table *table);

#endif /* XTCP_LIB_DIAG_H */
