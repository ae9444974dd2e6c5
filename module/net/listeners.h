/* SPDX-License-Identifier: GPL-2.0 */
/* Listening sockets, found by local port and address under RCU. */
#ifndef _XTCP_NET_LISTENERS_H
#define _XTCP_NET_LISTENERS_H

#include <linux/list_nulls.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#include "ehash.h"

#define XTCP_LISTENER_HASH	64

struct xtcp_listeners {
	spinlock_t lock;		/* writers; BH disabled */
	/* by sk_nulls_node; a chain ends with its number */
	struct hlist_nulls_head by_port[XTCP_LISTENER_HASH];
};

/*
 * May a socket take what came in by this device? Bound to none, not what came in
 * through a VRF (@sdif is the slave behind it).
 */
static inline bool xtcp_device_fits(int bound, int dif, int sdif)
{
	return bound ? bound == dif || bound == sdif : !sdif;
}

void xtcp_listeners_init(struct xtcp_listeners *table);
int xtcp_listeners_add(struct sock *sk);
void xtcp_listeners_del(struct sock *sk);
struct sock *xtcp_listener_find(struct xtcp_listeners *table, const struct xtcp_tuple *tuple,
				int dif, int sdif, struct sk_buff *skb, u32 hdr);

#endif /* _XTCP_NET_LISTENERS_H */
