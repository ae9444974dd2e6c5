/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes hold a socket: from /proc. */
#ifndef XTCP_LIB_OWNERS_H
#define XTCP_LIB_OWNERS_H

#include <stddef.h>
#include <stdint.h>

struct xtcp_owner {
	uint32_t inode;
	int pid, fd;
	char name[64];
};

struct xtcp_owners {
	struct xtcp_owner *owner;	/* by inode, pid, fd */
	size_t n, room;
};

int xtcp_owners_add(struct xtcp_owners *owners, const struct xtcp_owner *owner);
void xtcp_owners_sort(struct xtcp_owners *owners);
int xtcp_owners_scan(struct xtcp_owners *owners, const char *proc);
const struct xtcp_owner *xtcp_owners_find(const struct xtcp_owners *owners, uint32_t inode,
					  size_t *n);
void xtcp_owners_free(struct xtcp_owners *owners);

#endif /* XTCP_LIB_OWNERS_H */
