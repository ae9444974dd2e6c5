// SPDX-License-Identifier: GPL-2.0
/*
 * From the IP layer to the socket lock: the checks that make a packet a
 * segment (M1), and the one place where segments enter the core.
 */
#include <linux/filter.h>
#include <net/busy_poll.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "act.h"
#include "hash.h"
#include "icmp.h"
#include "input.h"
#include "local.h"
#include "offload.h"
#include "reply.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../socket/mem.h"

/* Beyond its buffers, what may wait for a program that holds its socket (rule 5). */
#define BACKLOG_EXTRA	(64 * 1024)

/**
 * xtcp_drop - count and free a packet
 * @net: namespace
 * @skb: packet. Consumed
 * @why: reason
 */
void xtcp_drop(struct net *net, struct sk_buff *skb, enum xtcp_drop why)
{
	xtcp_count_drop(xtcp_net(net), why);
	kfree_skb(skb);
}

/* Read the header of a packet whose header is linear. */
static enum xtcp_drop parse(struct sk_buff *skb, struct xtcp_pkt *pkt)
{
	u8 dsfield = skb->protocol == htons(ETH_P_IP) ?
		     ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));
	enum xtcp_drop drop = xtcp_parse(skb->data, skb_headlen(skb), skb->len, pkt);

	pkt->wire = max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	pkt->mss = xtcp_gso_mss(skb, pkt->hdr * 8);
	pkt->ce = INET_ECN_is_ce(dsfield) ? pkt->wire : 0;
	pkt->buf = skb;
	return drop;
}

static void addresses4(const struct sk_buff *skb, struct xtcp_tuple *tuple)
{
	ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, (struct in6_addr *)tuple->addrs.local);
	ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, (struct in6_addr *)tuple->addrs.remote);
}

static void addresses6(const struct sk_buff *skb, struct xtcp_tuple *tuple)
{
	memcpy(tuple->addrs.local, &ipv6_hdr(skb)->daddr, sizeof(tuple->addrs.local));
	memcpy(tuple->addrs.remote, &ipv6_hdr(skb)->saddr, sizeof(tuple->addrs.remote));
	if (ipv6_addr_type(&ipv6_hdr(skb)->saddr) & IPV6_ADDR_LINKLOCAL)
		tuple->bound_if = inet6_iif(skb);
}

/*
 * Is it this connection's 4-tuple? Since a SYN was looked up the socket may have
 * been connected anew; from all else its tag protects.
 */
static bool its_tuple(const struct sock *sk, const struct sk_buff *skb,
		      const struct xtcp_pkt *pkt)
{
	struct xtcp_tuple tuple = { .lport = pkt->dport, .rport = pkt->sport };

	if (skb->protocol == htons(ETH_P_IP))
		addresses4(skb, &tuple);
	else
		addresses6(skb, &tuple);
	return xtcp_same_tuple(&tuple, &xtcp_sk(sk)->key.tuple);
}

/* XTCP_REFUSE: O7. Also from the backlog, where no RCU read section is open. */
static void send_reset(struct sock *sk, const struct sk_buff *skb, const struct xtcp_pkt *pkt)
{
	struct xtcp_reply reply;

	if (!xtcp_refuse(pkt, &reply))
		return;
	rcu_read_lock();
	xtcp_reply_reset(sock_net(sk), sk, skb, &xtcp_sk(sk)->key.tuple, pkt, &reply);
	rcu_read_unlock();
}

/**
 * xtcp_segment - a segment for a connection
 * @sk: connection, not CLOSED, locked by the caller, who holds a reference
 * @skb: at its XTCP header, admitted. Consumed
 * @pkt: parsed
 * @todo: bits to be carried out with those of the segment: of xtcp_child()
 *
 * Of a segment for which there is no memory the acknowledgment still counts.
 */
void xtcp_segment(struct sock *sk, struct sk_buff *skb, struct xtcp_pkt *pkt, u32 todo)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 now;

	if (unlikely(pkt->flags & XTCP_SYN) && !its_tuple(sk, skb, pkt)) {
		xtcp_drop(sock_net(sk), skb, XTCP_DROP_CLOSED);
		return;
	}
	/* for busy polling, and for flow steering, whose other half is sock_rps_record_flow() */
	sk_mark_napi_id(sk, skb);
	sock_rps_save_rxhash(sk, skb);
	xtcp_local_take(sk);	/* it was handed over before the segment was sent */
	xtcp_spares(sk, xtcp_need(tcb, pkt), GFP_ATOMIC);
	/* of a duplicate, and of what is beyond the edge, nothing will be kept (D1) */
	if (pkt->len && !(pkt->flags & (XTCP_SYN | XTCP_RST)) &&
	    xtcp_after(pkt->seq + pkt->len, tcb->rcv.nxt) &&
	    xtcp_before(pkt->seq, tcb->rcv.edge))
		pkt->no_room = !xtcp_rmem_admit(sk, skb, !xtcp_after(pkt->seq, tcb->rcv.nxt));

	__skb_pull(skb, pkt->hdr * 8);
	now = xtcp_now();
	todo |= xtcp_input(tcb, pkt, now);
	if (unlikely(tcb->local_held))
		todo |= XTCP_XMIT;	/* the peer may have room, or be gone */
	if (unlikely(sk->sk_err_soft && !tcb->soft_err))
		WRITE_ONCE(sk->sk_err_soft, 0);		/* the peer is heard again */
	if (pkt->drop)
		xtcp_count_drop(xtcp_sock_net(sk), pkt->drop);
	if (todo & XTCP_REFUSE)
		send_reset(sk, skb, pkt);
	if (unlikely(pkt->no_room) && xtcp_sk(sk)->readable && !sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);	/* no more comes: what is there may be enough now */
	if (xtcp_act(sk, todo, pkt, now))
		return;
	if (pkt->drop)
		kfree_skb(skb);
	else
		consume_skb(skb);
}

/**
 * xtcp_backlog_rcv - a segment that came while the socket was owned
 * @sk: connection, owned by the caller: sk_backlog_rcv
 * @skb: at its XTCP header. Consumed
 *
 * Return: 0.
 */
int xtcp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	enum xtcp_drop drop;
	struct xtcp_pkt pkt;

	drop = parse(skb, &pkt);	/* what it pointed to was on another stack */
	if (!drop && (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN))
		drop = XTCP_DROP_CLOSED;
	if (drop)
		xtcp_drop(sock_net(sk), skb, drop);
	else
		xtcp_segment(sk, skb, &pkt, 0);
	return 0;
}

/* IP_MINTTL, IPV6_MINHOPCOUNT: the sender is farther away than it may be (RFC 5082). */
static bool too_far(const struct sock *sk, const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ip_hdr(skb)->ttl < READ_ONCE(inet_sk(sk)->min_ttl);
	return ipv6_hdr(skb)->hop_limit < READ_ONCE(xtcp_sk(sk)->np.min_hopcount);
}

/**
 * xtcp_admit - does a socket's policy let a packet in?
 * @sk: socket that it is for, not locked; NULL: nobody's
 * @in: packet; read again if the socket's filter has cut it
 *
 * Least TTL, IPsec policy, LSM, socket filter and cgroup programs.
 *
 * Return: 0 or why not.
 */
enum xtcp_drop xtcp_admit(struct sock *sk, struct xtcp_arrival *in)
{
	struct sk_buff *skb = in->skb;
	u32 len = skb->len;

	if (sk && too_far(sk, skb))
		return XTCP_DROP_FILTER;
	if (skb->protocol == htons(ETH_P_IP) ? !xfrm4_policy_check(sk, XFRM_POLICY_IN, skb) :
					       !xfrm6_policy_check(sk, XFRM_POLICY_IN, skb))
		return XTCP_DROP_FILTER;
	nf_reset_ct(skb);
	if (sk && sk_filter(sk, skb))
		return XTCP_DROP_FILTER;
	return skb->len == len ? XTCP_DROP_NONE : parse(skb, &in->pkt);
}

/**
 * xtcp_deliver - give an admitted packet to its connection
 * @sk: connection with a reference, not locked
 * @in: packet. Consumed, unless the connection turns out to be over
 *
 * Softirq.
 *
 * Return: false if it is over: the caller looks again (rule 2).
 */
bool xtcp_deliver(struct sock *sk, struct xtcp_arrival *in)
{
	bool done = true;

	sk_incoming_cpu_update(sk);
	bh_lock_sock_nested(sk);
	if (sock_owned_by_user(sk)) {
		/* each of the two may be as much as an int holds */
		u64 limit = (u64)READ_ONCE(sk->sk_rcvbuf) + READ_ONCE(sk->sk_sndbuf) +
			    BACKLOG_EXTRA;

		if (sk_add_backlog(sk, in->skb, min_t(u64, limit, UINT_MAX)))
			xtcp_drop(in->net, in->skb, XTCP_DROP_BACKLOG);
	} else if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN) {
		done = false;
	} else {
		xtcp_segment(sk, in->skb, &in->pkt, 0);
	}
	bh_unlock_sock(sk);
	return done;
}

/* M1: everything about the header that needs no connection. */
static enum xtcp_drop check(struct sk_buff *skb, struct xtcp_arrival *in)
{
	enum xtcp_drop drop;
	bool bad;
	int hdr;

	if (!pskb_may_pull(skb, XTCP_HDR_LEN))
		return XTCP_DROP_SHORT;
	hdr = xtcp_header_len(skb->data);
	if (hdr < 0)
		return XTCP_DROP_OFFSET;
	if (!pskb_may_pull(skb, hdr))
		return XTCP_DROP_SHORT;
	if (skb->protocol == htons(ETH_P_IP))
		bad = skb_checksum_validate(skb, xtcp_ip_protocol, inet_compute_pseudo);
	else
		bad = skb_checksum_validate(skb, xtcp_ip_protocol, ip6_compute_pseudo);
	if (bad)
		return XTCP_DROP_CHECKSUM;
	drop = parse(skb, &in->pkt);

	in->key.tuple.lport = in->pkt.dport;
	in->key.tuple.rport = in->pkt.sport;
	in->key.tag = in->pkt.tag;
	return drop;
}

static int rcv(struct sk_buff *skb, struct xtcp_arrival *in, bool unicast)
{
	enum xtcp_drop drop;

	in->net = dev_net(skb->dev);
	in->xn = xtcp_net(in->net);
	in->skb = skb;
	xtcp_count_add(in->xn, XTCP_MIB_IN_SEGS, max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	if (skb->pkt_type != PACKET_HOST || !unicast) {
		xtcp_drop(in->net, skb, XTCP_DROP_ADDRESS);
		return 0;
	}
	drop = check(skb, in);
	/* a SYN with an unknown critical option is answered (section 3) */
	if (drop && (drop != XTCP_DROP_CRITICAL ||
		     (in->pkt.flags & (XTCP_SYN | XTCP_ACK)) != XTCP_SYN))
		xtcp_drop(in->net, skb, drop);
	else
		xtcp_arrive(in, drop);
	return 0;
}

static int rcv4(struct sk_buff *skb)
{
	struct xtcp_arrival in = {
		.dif = inet_iif(skb),
		.sdif = inet_sdif(skb),
	};
	const struct rtable *rt = skb_rtable(skb);

	addresses4(skb, &in.key.tuple);
	return rcv(skb, &in, rt && !(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)));
}

static int rcv6(struct sk_buff *skb)
{
	struct xtcp_arrival in = {
		.dif = inet6_iif(skb),
		.sdif = inet6_sdif(skb),
	};

	addresses6(skb, &in.key.tuple);
	return rcv(skb, &in, ipv6_unicast_destination(skb));
}

static const struct net_protocol protocol4 = {
	.handler = rcv4,
	.err_handler = xtcp_icmp_err4,
	.no_policy = 1,
	.icmp_strict_tag_validation = 1,
};

static const struct inet6_protocol protocol6 = {
	.handler = rcv6,
	.err_handler = xtcp_icmp_err6,
	.flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

/**
 * xtcp_net_init - packets come in from now on
 *
 * Return: 0, or -EBUSY if the protocol number is taken.
 */
int xtcp_net_init(void)
{
	if (inet_add_protocol(&protocol4, xtcp_ip_protocol))
		return -EBUSY;
	if (inet6_add_protocol(&protocol6, xtcp_ip_protocol)) {
		inet_del_protocol(&protocol4, xtcp_ip_protocol);
		return -EBUSY;
	}
	return 0;
}

/**
 * xtcp_net_exit - no packet comes in any more
 *
 * May sleep: waits for handlers that are running.
 */
void xtcp_net_exit(void)
{
	inet6_del_protocol(&protocol6, xtcp_ip_protocol);
	inet_del_protocol(&protocol4, xtcp_ip_protocol);
}
