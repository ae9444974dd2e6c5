// SPDX-License-Identifier: GPL-2.0
/* What is special about IPv6. */
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "path.h"
#include "../sock.h"

/**
 * xtcp_ipv6_route - route to the peer
 * @sk: socket, locked by the caller
 *
 * Chooses the source address if there is none, fills inet_sock.cork.fl
 * (xtcp_ipv4_route()) and the cookie of the route.
 *
 * Return: the route with a reference, or an error.
 */
struct dst_entry *xtcp_ipv6_route(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi6 *fl6 = &inet->cork.fl.u.ip6;
	struct ipv6_pinfo *np = inet->pinet6;
	struct dst_entry *dst;

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = sk->sk_protocol;
	fl6->daddr = sk->sk_v6_daddr;
	fl6->saddr = sk->sk_v6_rcv_saddr;
	fl6->flowlabel = ip6_make_flowinfo(np->tclass & ~INET_ECN_MASK, np->flow_label);
	fl6->flowi6_oif = sk->sk_bound_dev_if;
	fl6->flowi6_mark = READ_ONCE(sk->sk_mark);
	fl6->flowi6_uid = sk->sk_uid;
	fl6->fl6_sport = inet->inet_sport;
	fl6->fl6_dport = inet->inet_dport;
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));

	dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, NULL);
	if (IS_ERR(dst))
		return dst;
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		sk->sk_v6_rcv_saddr = fl6->saddr;
	np->saddr = sk->sk_v6_rcv_saddr;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;	/* no IPv4 address: as TCP marks it */
	inet->inet_saddr = LOOPBACK4_IPV6;
	xtcp_sk(sk)->dst_cookie = rt6_get_cookie((struct rt6_info *)dst);
	return dst;
}

/**
 * xtcp_ipv6_xmit - send one segment
 * @sk: connection, locked by the caller
 * @skb: starts at the XTCP header. Consumed
 * @dst: the cached route
 * @ecn: ECN field
 *
 * Return: as ip6_xmit().
 */
int xtcp_ipv6_xmit(struct sock *sk, struct sk_buff *skb, struct dst_entry *dst, u8 ecn)
{
	struct flowi6 *fl6 = &inet_sk(sk)->cork.fl.u.ip6;
	int err;

	xtcp_ipv6_csum(skb, &fl6->saddr, &fl6->daddr);
	skb->protocol = htons(ETH_P_IPV6);
	rcu_read_lock();
	skb_dst_set_noref(skb, dst);
	err = ip6_xmit(sk, skb, fl6, READ_ONCE(sk->sk_mark), NULL,
		       (inet_sk(sk)->pinet6->tclass & ~INET_ECN_MASK) | ecn,
		       READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return err;
}

/**
 * xtcp_ipv6_csum - leave the checksum to the device, or to whoever needs it first
 * @skb: segment, transport header set
 * @saddr: source
 * @daddr: destination
 */
void xtcp_ipv6_csum(struct sk_buff *skb, const struct in6_addr *saddr,
		    const struct in6_addr *daddr)
{
	__sum16 *check = (__sum16 *)(skb_transport_header(skb) + XTCP_CSUM_OFFSET);

	*check = ~csum_ipv6_magic(saddr, daddr, skb->len - skb_transport_offset(skb),
				  xtcp_ip_protocol, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = XTCP_CSUM_OFFSET;
}
