/* SPDX-License-Identifier: GPL-2.0 */
/* The way of a packet from the IP layer to its connection. */
#ifndef _XTCP_NET_INPUT_H
#define _XTCP_NET_INPUT_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include "ehash.h"

/* A packet on its way: lives on the stack of the handler. */
struct xtcp_arrival {
	struct net *net;
	struct xtcp_net *xn;		/* of net */
	struct sk_buff *skb;		/* at the XTCP header */
	struct xtcp_key key;		/* in our view */
	int dif, sdif;			/* device; slave behind an L3 master device */
	struct xtcp_pkt pkt;
};

/* input.c */
int xtcp_net_init(void);
void xtcp_net_exit(void);
int xtcp_backlog_rcv(struct sock *sk, struct sk_buff *skb);
void xtcp_drop(struct net *net, struct sk_buff *skb, enum xtcp_drop why);
enum xtcp_drop xtcp_admit(struct sock *sk, struct xtcp_arrival *in);
bool xtcp_deliver(struct sock *sk, struct xtcp_arrival *in);
void xtcp_segment(struct sock *sk, struct sk_buff *skb, struct xtcp_pkt *pkt, u32 todo);

/* demux.c */
void xtcp_arrive(struct xtcp_arrival *in, enum xtcp_drop wrong);

#endif /* _XTCP_NET_INPUT_H */
