/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local ports: who may bind what. A bucket per (namespace, port); TIME-WAITs
 * own no port (C4).
 */
#ifndef _XTCP_NET_PORTS_H
#define _XTCP_NET_PORTS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#define XTCP_PORT_HASH	256

/* A port with at least one owner. */
struct xtcp_port {
	struct hlist_node node;
	struct hlist_head owners;	/* by sk_bind_node */
	u32 bound;			/* owners that did not get it from xtcp_port_connect() */
	u16 port;			/* host order */
};

struct xtcp_port_slot {
	spinlock_t lock;		/* the slot's ports and their owners; BH disabled */
	struct hlist_head ports;
};

struct xtcp_ports {
	struct xtcp_port_slot slot[XTCP_PORT_HASH];
};

void xtcp_ports_init(struct xtcp_ports *ports);

bool xtcp_ports_apart(const struct sock *sk, const struct sock *other);
int xtcp_port_bind(struct sock *sk, u16 port, gfp_t gfp);
int xtcp_port_connect(struct sock *sk, u64 now);
int xtcp_port_inherit(struct sock *child, struct sock *listener);
int xtcp_port_listen(struct sock *sk);
void xtcp_port_release(struct sock *sk);

#endif /* _XTCP_NET_PORTS_H */
