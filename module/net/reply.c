// SPDX-License-Identifier: GPL-2.0
/*
 * Segments sent without a connection. They leave through a control socket of
 * the namespace and take the way back that the packet they answer suggests.
 */
#include <linux/jhash.h>
#include <linux/once.h>
#include <net/dsfield.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "act.h"
#include "path.h"
#include "reply.h"
#include "../sock.h"
#include "../admin/netns.h"

static u32 bucket_seed __read_mostly;

/**
 * xtcp_replies_init - make a namespace's control sockets
 * @rep: result
 * @net: namespace
 *
 * Without IPv6 on this host (ipv6.disable=1) only IPv4 is served. May sleep.
 *
 * Return: 0 or -errno.
 */
int xtcp_replies_init(struct xtcp_replies *rep, struct net *net)
{
	unsigned int i;
	int err;

	for (i = 0; i < XTCP_RST_BUCKETS; i++)
		atomic64_set(&rep->due[i], 0);

	err = inet_ctl_sock_create(&rep->ctl4, PF_INET, SOCK_RAW, xtcp_ip_protocol, net);
	if (err)
		return err;
	inet_sk(rep->ctl4)->pmtudisc = IP_PMTUDISC_DO;	/* DF is always set */

	rep->ctl6 = NULL;
	err = inet_ctl_sock_create(&rep->ctl6, PF_INET6, SOCK_RAW, xtcp_ip_protocol, net);
	if (err == -EAFNOSUPPORT) {
		rep->ctl6 = NULL;
		return 0;
	}
	if (err)
		inet_ctl_sock_destroy(rep->ctl4);
	return err;
}

/**
 * xtcp_replies_destroy - free a namespace's control sockets, when no packet comes any more
 * @rep: sockets
 *
 * May sleep.
 */
void xtcp_replies_destroy(struct xtcp_replies *rep)
{
	inet_ctl_sock_destroy(rep->ctl6);
	inet_ctl_sock_destroy(rep->ctl4);
}

/* The device that a reply must leave by; 0: the routing table knows. */
static int reply_oif(struct net *net, const struct sock *from, const struct sk_buff *skb)
{
	int bound = from ? READ_ONCE(from->sk_bound_dev_if) : 0;

	if (bound)
		return bound;
	return netif_index_is_l3_master(net, skb->skb_iif) ? skb->skb_iif : 0;
}

/* As ip_queue_xmit(), or -errno. skb is consumed. */
static int send4(struct net *net, struct sock *from, const struct sk_buff *in,
		 const struct xtcp_pkt *pkt, struct sk_buff *skb)
{
	struct sock *sk = from ? : xtcp_net(net)->replies.ctl4;
	const struct iphdr *iph = ip_hdr(in);
	u8 tos = from ? READ_ONCE(inet_sk(from)->tos) : iph->tos;
	struct flowi fl;
	struct rtable *rt;

	memset(&fl, 0, sizeof(fl));
	fl.u.ip4.flowi4_oif = reply_oif(net, from, in);
	fl.u.ip4.flowi4_mark = READ_ONCE(sk->sk_mark);
	fl.u.ip4.flowi4_proto = xtcp_ip_protocol;
	/* what was sent to us is an address of ours, by IP_TRANSPARENT if not otherwise */
	fl.u.ip4.flowi4_flags = FLOWI_FLAG_ANYSRC;
	fl.u.ip4.flowi4_uid = sock_net_uid(net, from);
	fl.u.ip4.daddr = iph->saddr;
	fl.u.ip4.saddr = iph->daddr;
	fl.u.ip4.fl4_sport = htons(pkt->dport);
	fl.u.ip4.fl4_dport = htons(pkt->sport);
	security_skb_classify_flow((struct sk_buff *)in, flowi4_to_flowi_common(&fl.u.ip4));
	rt = ip_route_output_flow(net, &fl.u.ip4, from);
	if (IS_ERR(rt)) {
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);	/* a forged source must not make us speak to many (M1) */
		kfree_skb(skb);
		return -ENETUNREACH;
	}
	skb_dst_set(skb, &rt->dst);
	xtcp_ipv4_csum(skb, iph->daddr, iph->saddr);
	xtcp_count(xtcp_net(net), XTCP_MIB_OUT_SEGS);
	return __ip_queue_xmit(sk, skb, &fl, tos & ~INET_ECN_MASK);
}

/* As ip6_xmit(), or -errno. skb is consumed. */
static int send6(struct net *net, struct sock *from, const struct sk_buff *in,
		 const struct xtcp_pkt *pkt, struct sk_buff *skb)
{
	struct sock *sk = from ? : xtcp_net(net)->replies.ctl6;
	const struct ipv6hdr *ip6 = ipv6_hdr(in);
	u8 tclass = from ? xtcp_sk(from)->np.tclass : ipv6_get_dsfield(ip6);
	struct dst_entry *dst;
	struct flowi6 fl6;

	memset(&fl6, 0, sizeof(fl6));
	fl6.flowi6_oif = ipv6_addr_type(&ip6->saddr) & IPV6_ADDR_LINKLOCAL ?
			 inet6_iif(in) : reply_oif(net, from, in);
	fl6.flowi6_mark = READ_ONCE(sk->sk_mark);
	fl6.flowi6_proto = xtcp_ip_protocol;
	fl6.flowi6_uid = sock_net_uid(net, from);
	fl6.daddr = ip6->saddr;
	fl6.saddr = ip6->daddr;
	fl6.fl6_sport = htons(pkt->dport);
	fl6.fl6_dport = htons(pkt->sport);
	security_skb_classify_flow((struct sk_buff *)in, flowi6_to_flowi_common(&fl6));
	dst = ip6_dst_lookup_flow(net, sk, &fl6, NULL);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb_dst_set(skb, dst);
	xtcp_ipv6_csum(skb, &ip6->daddr, &ip6->saddr);
	xtcp_count(xtcp_net(net), XTCP_MIB_OUT_SEGS);
	return ip6_xmit(sk, skb, &fl6, fl6.flowi6_mark, NULL, tclass & ~INET_ECN_MASK,
			READ_ONCE(sk->sk_priority));
}

static int send(struct net *net, struct sock *from, const struct sk_buff *skb,
		const struct xtcp_pkt *pkt, const struct xtcp_reply *reply)
{
	struct xtcp_replies *rep = &xtcp_net(net)->replies;
	bool v4 = skb->protocol == htons(ETH_P_IP);
	struct sock *ctl = v4 ? rep->ctl4 : rep->ctl6;
	struct sk_buff *out;
	u32 len;

	if (!ctl)
		return -EAFNOSUPPORT;
	out = alloc_skb(xtcp_path_headroom(ctl) + XTCP_HDR_LEN + XTCP_REPLY_OPTIONS, GFP_ATOMIC);
	if (!out)
		return -ENOMEM;
	skb_reserve(out, xtcp_path_headroom(ctl));
	len = xtcp_build_reply(reply, pkt->dport, pkt->sport, skb_tail_pointer(out));
	skb_put(out, len);
	skb_reset_transport_header(out);
	return v4 ? send4(net, from, skb, pkt, out) : send6(net, from, skb, pkt, out);
}

/**
 * xtcp_reply_send - answer a packet
 * @net: namespace
 * @from: socket that it is for, with a reference, perhaps not locked: its options hold
 *	for the answer, too (SO_MARK, SO_BINDTODEVICE, IP_TTL, IP_TOS ...); NULL: nobody's
 * @skb: the packet, with its network header
 * @pkt: parsed
 * @reply: what the core wants sent; best effort
 *
 * Softirq, in an RCU read section.
 *
 * Return: true if it went; else that is counted.
 */
bool xtcp_reply_send(struct net *net, struct sock *from, const struct sk_buff *skb,
		     const struct xtcp_pkt *pkt, const struct xtcp_reply *reply)
{
	int err = send(net, from, skb, pkt, reply);
	bool went = !net_xmit_eval(err);

	if (!went)
		xtcp_count(xtcp_net(net), XTCP_MIB_REPLY_FAIL);
	return went;
}

/*
 * R4's limit: a token bucket per destination that holds the RSTs of a second,
 * kept as the time at which it will be full again.
 */
static bool rst_allowed(struct net *net, const struct xtcp_tuple *tuple)
{
	struct xtcp_net *xn = xtcp_net(net);
	int rate = READ_ONCE(xn->set.rst_rate);
	u64 now = xtcp_now(), interval;
	atomic64_t *due;
	s64 old, new;

	if (rate <= 0)
		return false;
	interval = NSEC_PER_SEC / rate;
	get_random_once(&bucket_seed, sizeof(bucket_seed));
	due = &xn->replies.due[jhash(tuple->addrs.remote, sizeof(tuple->addrs.remote),
				     bucket_seed) % XTCP_RST_BUCKETS];
	old = atomic64_read(due);
	do {
		new = max_t(s64, old, now) + interval;
		if (new - (s64)now > (s64)NSEC_PER_SEC)
			return false;
	} while (!atomic64_try_cmpxchg(due, &old, new));
	return true;
}

/**
 * xtcp_reply_reset - answer a packet with a RST, within R4's limit
 * @net: namespace
 * @from: as for xtcp_reply_send()
 * @skb: the packet, with its network header
 * @tuple: its 4-tuple, in our view
 * @pkt: parsed
 * @reply: the RST
 *
 * Softirq, in an RCU read section.
 */
void xtcp_reply_reset(struct net *net, struct sock *from, const struct sk_buff *skb,
		      const struct xtcp_tuple *tuple, const struct xtcp_pkt *pkt,
		      const struct xtcp_reply *reply)
{
	if (!rst_allowed(net, tuple)) {
		xtcp_count(xtcp_net(net), XTCP_MIB_RST_LIMITED);
		return;
	}
	if (xtcp_reply_send(net, from, skb, pkt, reply))
		xtcp_count(xtcp_net(net), XTCP_MIB_OUT_RSTS);
}
