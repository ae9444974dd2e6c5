/* SPDX-License-Identifier: GPL-2.0 */
/* Super-packets: many wire packets that travel through this host as one. */
#ifndef _XTCP_NET_OFFLOAD_H
#define _XTCP_NET_OFFLOAD_H

#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <net/sock.h>

struct xtcp_tx;

/* Longest packet of IPv4, and payload of IPv6: 16 bits. */
#define XTCP_PACKET_MAX	65535U

/*
 * shinfo.gso_size of a super-packet. The IP layer adds the 12 bytes of SCTP's header to it
 * (skb_gso_transport_seglen()) and compares that with the MTU of where the packets go:
 * what ours has more is counted with the payload. Not so inside of a tunnel, whose packets
 * it takes for 12 bytes too short.
 */
static inline u16 xtcp_gso_size(u32 mss, u32 hdr)
{
	return mss + hdr - sizeof(struct sctphdr);
}

/* Payload bytes of each of its packets but the last, from its header's length; 0: it is none. */
static inline u32 xtcp_gso_mss(const struct sk_buff *skb, u32 hdr)
{
	u32 size = skb_shinfo(skb)->gso_size, more = hdr - sizeof(struct sctphdr);

	return size > more ? size - more : 0;
}

/* gso.c */
int xtcp_offload_init(void);
void xtcp_offload_exit(void);
void xtcp_gso_caps(struct sock *sk);
void xtcp_gso_mark(struct sk_buff *skb, const struct xtcp_tx *tx);
u32 xtcp_gso_burst(const struct sock *sk, u32 mss);

/* gro.c */
void xtcp_gro_stop(void);
struct sk_buff *xtcp_gro_receive4(struct list_head *held, struct sk_buff *skb);
struct sk_buff *xtcp_gro_receive6(struct list_head *held, struct sk_buff *skb);
int xtcp_gro_complete4(struct sk_buff *skb, int at);
int xtcp_gro_complete6(struct sk_buff *skb, int at);

#endif /* _XTCP_NET_OFFLOAD_H */
