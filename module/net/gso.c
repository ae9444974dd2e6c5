// SPDX-License-Identifier: GPL-2.0
/*
 * GSO: how a super-packet is made known to the layers below, and how it is cut
 * where one of them cannot take it whole.
 *
 * Its type is SKB_GSO_SCTP: of those that software devices (lo, veth, bridges)
 * pass uncut it is the one that no NIC knows, so that none takes it for
 * another protocol; the others get it from us in segments.
 */
#include <linux/skbuff.h>
#include <net/ip6_checksum.h>
#include <net/protocol.h>

#include "offload.h"
#include "output.h"
#include "../sock.h"
#include "../compat/compat.h"
#include "../socket/stamp.h"

/**
 * xtcp_gso_caps - the kind of super-packets a socket sends
 * @sk: socket, before sk_setup_caps()
 */
void xtcp_gso_caps(struct sock *sk)
{
	sk->sk_gso_type = SKB_GSO_SCTP;
}

/**
 * xtcp_gso_burst - what the path takes as one packet
 * @sk: connection, locked by the caller, with a route
 * @mss: payload bytes in a wire packet
 *
 * Return: payload bytes; @mss where there are no super-packets.
 */
u32 xtcp_gso_burst(const struct sock *sk, u32 mss)
{
	u32 most;

	if (!sk_can_gso(sk))
		return mss;
	most = min_t(u32, sk->sk_gso_max_size,
		     XTCP_PACKET_MAX - XTCP_DATA_HEADER - sizeof(struct ipv6hdr));
	most = min_t(u64, most, (u64)sk->sk_gso_max_segs * mss);
	return max(most, mss);
}

/**
 * xtcp_gso_mark - tell the layers below what they have
 * @skb: packet whose shared part nobody else reads: not cloned but once, for this
 * @tx: from xtcp_next()
 */
void xtcp_gso_mark(struct sk_buff *skb, const struct xtcp_tx *tx)
{
	struct skb_shared_info *shared = skb_shinfo(skb);
	bool super = tx->len > tx->mss;

	shared->gso_size = super ? xtcp_gso_size(tx->mss, tx->hdr) : 0;
	shared->gso_segs = super ? DIV_ROUND_UP(tx->len, tx->mss) : 0;
	shared->gso_type = super ? SKB_GSO_SCTP : 0;
}

/*
 * Leave of a whole checksum the pseudo-header's part, as CHECKSUM_PARTIAL wants
 * it: the sum of everything is 0, so it is the complement of the rest's. What was
 * damaged stays so.
 */
static void make_partial(struct sk_buff *skb)
{
	__sum16 *check = (__sum16 *)(skb->data + XTCP_CSUM_OFFSET);

	*check = csum_fold(skb_checksum(skb, 0, skb->len, 0));
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb);
	skb->csum_offset = XTCP_CSUM_OFFSET;
}

/* The pseudo-header names the length; its other fields are the same in each segment. */
static __sum16 relength(__sum16 partial, u32 from, u32 to)
{
	__wsum sum = csum_sub(csum_add(csum_unfold(partial), (__force __wsum)htonl(to)),
			      (__force __wsum)htonl(from));

	return ~csum_fold(sum);
}

static void finish_segment(struct sk_buff *seg, u32 before, u32 super_len)
{
	u8 *head = skb_transport_header(seg);
	__sum16 *check = (__sum16 *)(head + XTCP_CSUM_OFFSET);

	xtcp_super_cut(head, before, !seg->next);
	*check = relength(*check, super_len, seg->len - skb_transport_offset(seg));
	if (seg->ip_summed == CHECKSUM_PARTIAL)
		gso_reset_checksum(seg, ~csum_unfold(*check));
	else
		*check = gso_make_checksum(seg, ~csum_unfold(*check));
}

/*
 * net_offload.callbacks.gso_segment: a super-packet at its XTCP header, ours or one
 * that was merged on the way. Segments with a copy of its header each, NULL if
 * the device takes it after all, or an error.
 */
static struct sk_buff *gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	struct skb_shared_info *shared = skb_shinfo(skb);
	u32 super_len = skb->len, before = 0, mss;
	struct sk_buff *segs, *seg;
	u16 gso_size;
	int hdr;

	if (!(shared->gso_type & SKB_GSO_SCTP) || !pskb_may_pull(skb, XTCP_HDR_LEN))
		return ERR_PTR(-EINVAL);
	hdr = xtcp_header_len(skb->data);
	if (hdr < 0 || !pskb_may_pull(skb, hdr))
		return ERR_PTR(-EINVAL);
	mss = xtcp_gso_mss(skb, hdr);
	if (!mss || skb->len - hdr <= mss)
		return ERR_PTR(-EINVAL);
	/* what is cut elsewhere as well reads what is written here */
	if (skb_cow_head(skb, 0))
		return ERR_PTR(-ENOMEM);
	shared = skb_shinfo(skb);	/* elsewhere by now, perhaps */
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		make_partial(skb);

	__skb_pull(skb, hdr);
	if (skb_gso_ok(skb, features | NETIF_F_GSO_ROBUST)) {
		/* only the number of segments was in doubt */
		shared->gso_segs = DIV_ROUND_UP(skb->len, mss);
		return NULL;
	}
	gso_size = shared->gso_size;
	shared->gso_size = mss;
	segs = skb_segment(skb, features);
	shared->gso_size = gso_size;
	if (IS_ERR(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next) {
		finish_segment(seg, before, super_len);
		if (unlikely(shared->tx_flags) && !seg->next)
			xtcp_stamp_as(seg, skb);
		before += seg->len - skb_transport_offset(seg) - hdr;
	}
	return segs;
}

static const struct net_offload offload4 = {
	.callbacks = {
		.gso_segment = gso_segment,
		.gro_receive = xtcp_gro_receive4,
		.gro_complete = xtcp_gro_complete4,
	},
};

static const struct net_offload offload6 = {
	.callbacks = {
		.gso_segment = gso_segment,
		.gro_receive = xtcp_gro_receive6,
		.gro_complete = xtcp_gro_complete6,
	},
};

/**
 * xtcp_offload_init - super-packets can be cut and are made from now on
 *
 * Return: 0, or -EBUSY if the protocol number is taken.
 */
int xtcp_offload_init(void)
{
	if (inet_add_offload(&offload4, xtcp_ip_protocol))
		return -EBUSY;
	if (inet6_add_offload(&offload6, xtcp_ip_protocol)) {
		inet_del_offload(&offload4, xtcp_ip_protocol);
		return -EBUSY;
	}
	return 0;
}

/**
 * xtcp_offload_exit - no super-packet is under way any more
 *
 * May sleep: waits for callbacks that are running.
 */
void xtcp_offload_exit(void)
{
	xtcp_gro_stop();
	inet6_del_offload(&offload6, xtcp_ip_protocol);
	inet_del_offload(&offload4, xtcp_ip_protocol);
}
