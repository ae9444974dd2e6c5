/* SPDX-License-Identifier: GPL-2.0 */
/* Listening sockets, found by local port and address under RCU. */
#ifndef _XTCP_NET_LISTENERS_H
#define _XTCP_NET_LISTENERS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#include "ehash.h"

#define XTCP_LISTENER_HASH	64

struct xtcp_listeners {
	spinlock_t lock;		/* writers; BH disabled */
	struct hlist_head by_port[XTCP_LISTENER_HASH];	/* xtcp_sock.listen_node */
};

void xtcp_listeners_init(struct xtcp_listeners *table);
void xtcp_listeners_add(struct sock *sk);
void xtcp_listeners_del(struct sock *sk);
struct sock *xtcp_listener_find(struct net *net, const struct xtcp_tuple *tuple, int dif, int sdif);

#endif /* _XTCP_NET_LISTENERS_H */
