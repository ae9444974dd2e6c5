/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path: route, source address, MTU, headroom and the transmission of one
 * segment, for IPv4 and IPv6. All that knows the network layer is behind this
 * header; UDP encapsulation will go in here as well.
 */
#ifndef _XTCP_NET_PATH_H
#define _XTCP_NET_PATH_H

#include <linux/skbuff.h>
#include <net/sock.h>

/* path.c */
int xtcp_path_open(struct sock *sk, u64 now);
int xtcp_path_check(struct sock *sk, u64 now);
bool xtcp_path_mtu_sane(const struct sock *sk, u32 mtu);
u32 xtcp_path_mtu_changed(struct sock *sk, u32 mtu);
void xtcp_path_redirect(struct sock *sk, struct sk_buff *skb);
int xtcp_path_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn);
unsigned int xtcp_path_headroom(const struct sock *sk);
bool xtcp_path_is_v4(const struct sock *sk);

/* ipv4.c */
struct dst_entry *xtcp_ipv4_route(struct sock *sk);
int xtcp_ipv4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn);
void xtcp_ipv4_csum(struct sk_buff *skb, __be32 saddr, __be32 daddr);

/* ipv6.c */
struct dst_entry *xtcp_ipv6_route(struct sock *sk);
int xtcp_ipv6_xmit(struct sock *sk, struct sk_buff *skb, struct dst_entry *dst, u8 ecn);
void xtcp_ipv6_csum(struct sk_buff *skb, const struct in6_addr *saddr,
		    const struct in6_addr *daddr);

#endif /* _XTCP_NET_PATH_H */
