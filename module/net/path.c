// SPDX-License-Identifier: GPL-2.0
/* The path of a connection: what IPv4 and IPv6 have in common. */
#include <net/ip.h>
#include <net/ipv6.h>

#include "act.h"
#include "offload.h"
#include "path.h"
#include "../sock.h"

/**
 * xtcp_path_is_v4 - does a connection run over IPv4?
 * @sk: socket with a destination
 *
 * Return: true for IPv4, also of an IPv6 socket with a v4-mapped peer.
 */
bool xtcp_path_is_v4(const struct sock *sk)
{
	return sk->sk_family == AF_INET || ipv6_addr_v4mapped(&sk->sk_v6_daddr);
}

static u32 mss_of(const struct sock *sk, u32 mtu)
{
	u32 headers = XTCP_HDR_LEN +
		      (xtcp_path_is_v4(sk) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

	return mtu > headers + XTCP_PAYLOAD_MIN ? mtu - headers : XTCP_PAYLOAD_MIN;
}

static void set_mtu(struct sock *sk, u32 mtu, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	xsk->mtu = mtu;
	xtcp_set_route_mss(&xsk->tcb, mss_of(sk, mtu), now);
}

static int route(struct sock *sk)
{
	struct dst_entry *dst;

	dst = xtcp_path_is_v4(sk) ? xtcp_ipv4_route(sk) : xtcp_ipv6_route(sk);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	xtcp_gso_caps(sk);
	sk_setup_caps(sk, dst);		/* caches dst, whose reference goes over to sk */
	return 0;
}

/**
 * xtcp_path_open - find the way to the peer
 * @sk: socket, locked by the caller; sk_daddr or sk_v6_daddr and inet_dport are set
 * @now: time
 *
 * Chooses the source address if none is bound, fills inet_sock.cork.fl, caches the
 * route and tells the TCB of its MTU. The TCB is CLOSED or, for a child,
 * not yet visible. Process context or softirq.
 *
 * Return: 0, -ENETUNREACH, -EHOSTUNREACH, -ENOMEM, ...
 */
int xtcp_path_open(struct sock *sk, u64 now)
{
	int err = route(sk);

	if (!err)
		set_mtu(sk, dst_mtu(__sk_dst_get(sk)), now);
	return err;
}

/**
 * xtcp_path_check - is there still a way?
 * @sk: connection, locked by the caller
 * @now: time
 *
 * To be called before a series of segments is sent: routes anew if the cached
 * route is out of date, and follows its MTU.
 *
 * Return: 0 or -errno.
 */
int xtcp_path_check(struct sock *sk, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct dst_entry *dst = __sk_dst_check(sk, xsk->dst_cookie);
	u32 mtu;
	int err;

	if (!dst) {
		err = route(sk);
		if (err)
			return err;
		dst = __sk_dst_get(sk);
	}
	mtu = dst_mtu(dst);
	if (mtu != xsk->mtu)
		set_mtu(sk, mtu, now);	/* found by the output loop, which is about to run */
	return 0;
}

/**
 * xtcp_path_mtu_sane - can a reported MTU be true? (D10)
 * @sk: connection, locked by the caller
 * @mtu: what ICMP reported
 *
 * No link of the Internet has less than its protocol demands (RFC 1191 section 3,
 * RFC 8201 section 4), and nothing longer than the route's MTU was ever sent.
 *
 * Return: false if it is to be refused.
 */
bool xtcp_path_mtu_sane(const struct sock *sk, u32 mtu)
{
	return mtu >= (xtcp_path_is_v4(sk) ? IPV4_MIN_MTU : IPV6_MIN_MTU) &&
	       mtu <= xtcp_sk(sk)->mtu;
}

/**
 * xtcp_path_mtu_changed - ICMP reports a smaller MTU (D10)
 * @sk: connection, locked by the caller
 * @mtu: what was reported; the route decides what it believes
 *
 * Return: bytes of options and payload in the largest segment from now on.
 */
u32 xtcp_path_mtu_changed(struct sock *sk, u32 mtu)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct dst_entry *dst = __sk_dst_check(sk, xsk->dst_cookie);

	if (dst)
		dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	/* the route may have been replaced by an exception that has the MTU */
	if ((dst && __sk_dst_check(sk, xsk->dst_cookie)) || !route(sk))
		mtu = dst_mtu(__sk_dst_get(sk));
	return mss_of(sk, mtu);
}

/**
 * xtcp_path_redirect - ICMP reports a better first hop
 * @sk: connection, locked by the caller
 * @skb: the ICMP message
 */
void xtcp_path_redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = __sk_dst_check(sk, xtcp_sk(sk)->dst_cookie);

	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

/**
 * xtcp_path_xmit - send one segment
 * @sk: connection, locked by the caller, who has called xtcp_path_check()
 * @skb: starts at the XTCP header; xtcp_path_headroom() bytes in front. Consumed
 * @ecn: INET_ECN_NOT_ECT or INET_ECN_ECT_0; the rest of TOS or TCLASS is the program's
 *
 * Return: 0 or -errno; it was not sent then.
 */
int xtcp_path_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct dst_entry *dst = __sk_dst_get(sk);
	int err;

	if (!dst) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	skb_reset_transport_header(skb);
	memset(skb->cb, 0, sizeof(skb->cb));	/* the IP layer reads its own there */
	err = xtcp_path_is_v4(sk) ? xtcp_ipv4_xmit(sk, skb, ecn) :
				   xtcp_ipv6_xmit(sk, skb, dst, ecn);
	if (err <= 0)
		return err;
	return net_xmit_errno(err);	/* dropped: -ENOBUFS; congestion notice: 0 */
}

/**
 * xtcp_path_headroom - room in front of the XTCP header
 * @sk: socket
 *
 * Return: bytes that IP and the link layer need, whichever they are.
 */
unsigned int xtcp_path_headroom(const struct sock *sk)
{
	/* ip6_xmit() asks for another 8 bytes, for its jumbo option */
	return ALIGN(MAX_HEADER + sizeof(struct ipv6hdr) + 8, 8);
}
