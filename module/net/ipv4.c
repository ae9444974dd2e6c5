// SPDX-License-Identifier: GPL-2.0
/* What is special about IPv4. */
#include <linux/inetdevice.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/tcp.h>

#include "path.h"
#include "../sock.h"

/**
 * xtcp_ipv4_route - route to the peer
 * @sk: socket, locked by the caller; also an IPv6 one with a v4-mapped peer
 *
 * Chooses the source address if there is none, fills inet_sock.cork.fl, which no stream socket
 * needs for anything else.
 *
 * Return: the route with a reference, or an error.
 */
struct dst_entry *xtcp_ipv4_route(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	struct rtable *rt;

	if (sk->sk_family == AF_INET6) {
		inet->inet_daddr = sk->sk_v6_daddr.s6_addr32[3];
		if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
			inet->inet_saddr = sk->sk_v6_rcv_saddr.s6_addr32[3];
	}
	rt = ip_route_connect(fl4, inet->inet_daddr, inet->inet_saddr, sk->sk_bound_dev_if,
			      sk->sk_protocol, inet->inet_sport, inet->inet_dport, sk);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	if (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	inet->inet_rcv_saddr = inet->inet_saddr;
	inet->inet_daddr = fl4->daddr;		/* 0.0.0.0 became 127.0.0.1 */
	if (sk->sk_family == AF_INET6) {
		ipv6_addr_set_v4mapped(inet->inet_saddr, &sk->sk_v6_rcv_saddr);
		ipv6_addr_set_v4mapped(inet->inet_daddr, &sk->sk_v6_daddr);
		inet->pinet6->saddr = sk->sk_v6_rcv_saddr;
	}
	return &rt->dst;
}

/**
 * xtcp_ipv4_xmit - send one segment
 * @sk: connection, locked by the caller
 * @skb: starts at the XTCP header. Consumed
 * @ecn: ECN field
 *
 * Return: as ip_queue_xmit().
 */
int xtcp_ipv4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct inet_sock *inet = inet_sk(sk);

	xtcp_ipv4_csum(skb, inet->inet_saddr, inet->inet_daddr);
	skb->protocol = htons(ETH_P_IP);
	return __ip_queue_xmit(sk, skb, &inet->cork.fl,
			       (inet->tos & ~INET_ECN_MASK) | ecn);
}

/**
 * xtcp_ipv4_csum - leave the checksum to the device, or to whoever needs it first
 * @skb: segment, transport header set
 * @saddr: source
 * @daddr: destination
 */
void xtcp_ipv4_csum(struct sk_buff *skb, __be32 saddr, __be32 daddr)
{
	__sum16 *check = (__sum16 *)(skb_transport_header(skb) + XTCP_CSUM_OFFSET);

	*check = ~csum_tcpudp_magic(saddr, daddr, skb->len - skb_transport_offset(skb),
				    xtcp_ip_protocol, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = XTCP_CSUM_OFFSET;
}
