// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors. They count only if they quote ports and the tag of a live
 * connection (D10): these are the eight bytes that every router returns.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <net/icmp.h>
#include <net/ndisc.h>

#include <xtcp/wire.h>

#include "act.h"
#include "ehash.h"
#include "icmp.h"
#include "path.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../compat/compat.h"

#define QUOTED	8	/* bytes of our header that are there */

/* IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: who does not want to know the path's MTU? As TCP. */
static bool wants_mtu(const struct sock *sk)
{
	if (!xtcp_path_is_v4(sk))
		return xtcp_sk(sk)->np.pmtudisc < IPV6_PMTUDISC_INTERFACE;
	return inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT &&
	       inet_sk(sk)->pmtudisc < IP_PMTUDISC_INTERFACE;
}

static bool believed(const struct xtcp_tcb *tcb, const struct xtcp_icmp_note *note)
{
	if (note->kind == XTCP_ICMP_TOO_BIG)
		return xtcp_believes_mtu(tcb, note->tag);
	return xtcp_sends(tcb, note->tag);
}

/**
 * xtcp_icmp_tell - tell a connection what was reported
 * @sk: connection, locked by the caller, not owned by a program
 * @note: the report
 */
void xtcp_icmp_tell(struct sock *sk, const struct xtcp_icmp_note *note)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 now = xtcp_now();
	u32 mss = 0;

	/* Since it was looked up the socket may have been connected anew. */
	if (!believed(tcb, note)) {
		xtcp_count_drop(xtcp_sock_net(sk), XTCP_DROP_ICMP);
		return;
	}
	if (note->kind == XTCP_ICMP_TOO_BIG) {
		if (!wants_mtu(sk))
			return;
		if (!xtcp_path_mtu_sane(sk, note->info)) {
			xtcp_count_drop(xtcp_sock_net(sk), XTCP_DROP_ICMP_MTU);
			return;
		}
		mss = xtcp_path_mtu_changed(sk, note->info);
	}
	xtcp_act(sk, xtcp_icmp(tcb, note->kind, note->err, mss, now), NULL, now);
	if (note->kind != XTCP_ICMP_ERROR)
		return;
	WRITE_ONCE(sk->sk_err_soft, tcb->soft_err);	/* for SO_ERROR */
	/* IP_RECVERR: a program that asks for it hears at once what it would hear in the end */
	if (xtcp_recverr(sk) && tcb->soft_err && sk->sk_state != TCP_CLOSE) {
		WRITE_ONCE(sk->sk_err, tcb->soft_err);
		sk_error_report(sk);
	}
}

/*
 * The socket is owned: for xtcp_release_cb(). An error may replace the one
 * before, but not a smaller MTU, which the peer's routers need not report again.
 */
static void defer(struct xtcp_sock *xsk, const struct xtcp_icmp_note *note)
{
	if (note->kind == XTCP_ICMP_TOO_BIG) {
		if (xsk->deferred & XTCP_DEFER_TOO_BIG && xsk->too_big.info <= note->info)
			return;
		xsk->too_big = *note;
		xsk->deferred |= XTCP_DEFER_TOO_BIG;
	} else {
		xsk->icmp = *note;
		xsk->deferred |= XTCP_DEFER_ICMP;
	}
}

/*
 * While a connection opens a program can also read the report itself (MSG_ERRQUEUE).
 * As with TCP, over IPv4 it need not have asked for that. 6.1 does not export what
 * the kernel has for this.
 */
static void queue_report(struct sock *sk, struct sk_buff *skb, const u8 *quoted,
			 const struct xtcp_icmp_note *note)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	struct sock_exterr_skb *serr;
	const u8 *dest;

	if (!v4 && !xtcp_recverr(sk))
		return;
	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	dest = v4 ? (const u8 *)&((const struct iphdr *)skb->data)->daddr :
		    (const u8 *)&((const struct ipv6hdr *)skb->data)->daddr;
	serr = SKB_EXT_ERR(skb);
	serr->ee = (struct sock_extended_err) {
		.ee_errno	= note->err,
		.ee_origin	= v4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6,
		.ee_type	= skb_transport_header(skb)[0],
		.ee_code	= skb_transport_header(skb)[1],
		.ee_info	= note->info,
	};
	serr->addr_offset = dest - skb_network_header(skb);
	serr->port = htons(xtcp_get16(quoted + 2));
	serr->opt_stats = 0;
	__skb_pull(skb, quoted - skb->data);
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/*
 * Find the connection whose segment is quoted and tell it. note NULL: skb is a
 * redirect. Softirq, RCU read section.
 */
static int report(struct net *net, struct sk_buff *skb, struct xtcp_tuple *tuple, const u8 *quoted,
		  struct xtcp_icmp_note *note)
{
	struct sock *sk;
	u32 tag;

	tuple->lport = xtcp_get16(quoted);
	tuple->rport = xtcp_get16(quoted + 2);
	tag = xtcp_get32(quoted + 4);
	sk = xtcp_ehash_quoted(&xtcp_net(net)->ehash, tuple, tag);
	if (!sk) {
		xtcp_count_drop(xtcp_net(net), XTCP_DROP_ICMP);
		return -ENOENT;
	}
	if (note)
		note->tag = tag;

	bh_lock_sock(sk);
	if (note && note->kind == XTCP_ICMP_ERROR &&
	    (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) &&
	    xtcp_sends(&xtcp_sk(sk)->tcb, tag))
		queue_report(sk, skb, quoted, note);
	if (!sock_owned_by_user(sk)) {
		if (note)
			xtcp_icmp_tell(sk, note);
		else if (xtcp_sends(&xtcp_sk(sk)->tcb, tag))
			xtcp_path_redirect(sk, skb);
	} else if (note) {
		defer(xtcp_sk(sk), note);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
	return 0;
}

/**
 * xtcp_icmp_err4 - an ICMP error quotes a packet of our protocol
 * @skb: from the quoted IP header on, which is complete, with eight bytes behind it
 * @info: MTU, for ICMP_FRAG_NEEDED
 *
 * Return: 0 or -ENOENT.
 */
int xtcp_icmp_err4(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct xtcp_icmp_note note = { .kind = XTCP_ICMP_ERROR, .info = info };
	struct xtcp_tuple tuple = {};
	bool redirect = false;

	if (!pskb_may_pull(skb, iph->ihl * 4 + QUOTED))
		return -EINVAL;
	iph = (const struct iphdr *)skb->data;

	switch (type) {
	case ICMP_REDIRECT:
		redirect = true;
		break;
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return 0;
		note.err = icmp_err_convert[code].errno;
		if (code == ICMP_FRAG_NEEDED)
			note.kind = XTCP_ICMP_TOO_BIG;
		break;
	case ICMP_TIME_EXCEEDED:
		note.err = EHOSTUNREACH;
		break;
	case ICMP_PARAMETERPROB:
		note.err = EPROTO;
		break;
	default:	/* source quench has no meaning any more (RFC 6633) */
		return 0;
	}

	ipv6_addr_set_v4mapped(iph->saddr, (struct in6_addr *)tuple.addrs.local);
	ipv6_addr_set_v4mapped(iph->daddr, (struct in6_addr *)tuple.addrs.remote);
	return report(dev_net(skb->dev), skb, &tuple, skb->data + iph->ihl * 4,
		      redirect ? NULL : &note);
}

/**
 * xtcp_icmp_err6 - an ICMPv6 error quotes a packet of our protocol
 * @skb: from the quoted IPv6 header on
 * @opt: of the error's own packet
 * @type: ICMPv6 type
 * @code: ICMPv6 code
 * @offset: of our header from skb->data
 * @info: MTU, for ICMPV6_PKT_TOOBIG
 *
 * Return: 0 or -ENOENT.
 */
int xtcp_icmp_err6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
		   int offset, __be32 info)
{
	struct xtcp_icmp_note note = { .kind = XTCP_ICMP_ERROR, .info = ntohl(info) };
	const struct ipv6hdr *ip6;
	struct xtcp_tuple tuple = {};

	if (!pskb_may_pull(skb, offset + QUOTED))
		return -EINVAL;
	ip6 = (const struct ipv6hdr *)skb->data;

	if (type == ICMPV6_PKT_TOOBIG) {
		note.kind = XTCP_ICMP_TOO_BIG;
		note.err = EMSGSIZE;
	} else if (type != NDISC_REDIRECT) {
		icmpv6_err_convert(type, code, &note.err);
	}

	memcpy(tuple.addrs.local, &ip6->saddr, sizeof(ip6->saddr));
	memcpy(tuple.addrs.remote, &ip6->daddr, sizeof(ip6->daddr));
	if (ipv6_addr_type(&ip6->daddr) & IPV6_ADDR_LINKLOCAL)
		tuple.bound_if = inet6_iif(skb);
	return report(dev_net(skb->dev), skb, &tuple, skb->data + offset,
		      type == NDISC_REDIRECT ? NULL : &note);
}
