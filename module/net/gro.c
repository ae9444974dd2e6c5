// SPDX-License-Identifier: GPL-2.0
/*
 * GRO: segments of one connection that arrive together become one super-packet
 * before anybody looks at them. The core says which may be joined; here their
 * payload is. What comes out can be cut again by gso.c, on the way out of a
 * router: each segment but the last has the length of the first.
 */
#include <net/ip.h>

#include "offload.h"
#include "path.h"
#include "../sock.h"
#include "../compat/gro.h"

/* The packet that is held of the same connection, if any; others are not of the same flow. */
static struct sk_buff *find_held(struct list_head *held, const u8 *head)
{
	struct sk_buff *p, *found = NULL;

	list_for_each_entry(p, held, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		if (!found && xtcp_super_same(skb_transport_header(p), head))
			found = p;
		else
			NAPI_GRO_CB(p)->same_flow = 0;
	}
	return found;
}

/* Both belong to nobody, or to one sender on this host, who is charged for their sum. */
static bool same_owner(const struct sk_buff *p, const struct sk_buff *skb)
{
	if (p->sk != skb->sk || p->destructor != skb->destructor)
		return false;
	return !skb->destructor || skb->destructor == sock_wfree;
}

/*
 * Give the pages of skb's payload, which are all it has behind its header, to the
 * last part of p. Bytes of memory that went over; 0: it cannot be done so.
 */
static int take_pages(struct sk_buff *p, struct sk_buff *skb)
{
	struct skb_shared_info *from = skb_shinfo(skb);
	struct skb_shared_info *to = skb_shinfo(NAPI_GRO_CB(p)->last);
	unsigned int header = skb_gro_offset(skb), linear = skb_headlen(skb);
	int delta;

	if (linear > header || !from->nr_frags || skb_cloned(skb) ||
	    skb_cloned(NAPI_GRO_CB(p)->last) ||
	    to->nr_frags + from->nr_frags > MAX_SKB_FRAGS)
		return 0;
	delta = skb->truesize - SKB_TRUESIZE(skb_end_offset(skb));
	if (delta <= 0)
		return 0;

	skb_frag_off_add(&from->frags[0], header - linear);
	skb_frag_size_sub(&from->frags[0], header - linear);
	memcpy(to->frags + to->nr_frags, from->frags, from->nr_frags * sizeof(from->frags[0]));
	to->nr_frags += from->nr_frags;
	to->flags |= from->flags & SKBFL_SHARED_FRAG;
	from->nr_frags = 0;
	skb->truesize -= delta;
	skb->len -= skb->data_len;
	skb->data_len = 0;
	NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE;
	return delta;
}

/* Chain skb, without its header, behind the last part of p. Its memory, or 0 as above. */
static int chain(struct sk_buff *p, struct sk_buff *skb)
{
	struct skb_shared_info *shared = skb_shinfo(skb);
	unsigned int header = skb_gro_offset(skb), linear = skb_headlen(skb);

	if (header > linear) {
		if (skb_cloned(skb))
			return 0;
		skb_frag_off_add(&shared->frags[0], header - linear);
		skb_frag_size_sub(&shared->frags[0], header - linear);
		skb->data_len -= header - linear;
		skb->len -= header - linear;
		header = linear;
	}
	__skb_pull(skb, header);
	skb->destructor = NULL;		/* p is charged for it, and will uncharge it */
	skb->sk = NULL;
	if (NAPI_GRO_CB(p)->last == p)
		skb_shinfo(p)->frag_list = skb;
	else
		NAPI_GRO_CB(p)->last->next = skb;
	__skb_header_release(skb);
	return skb->truesize;
}

/* Append the payload of skb to p. False: nothing has changed but that p may be a copy. */
static bool merge(struct sk_buff *p, struct sk_buff *skb)
{
	unsigned int payload = skb_gro_len(skb);
	struct sk_buff *last;
	int memory;

	if (p->len + payload > min(READ_ONCE(p->dev->gro_max_size), XTCP_PACKET_MAX) ||
	    p->pp_recycle != skb->pp_recycle || skb_zcopy(p) || skb_zcopy(skb) ||
	    !same_owner(p, skb))
		return false;
	/* a sender on this host may hold the other copy, and sees what they share */
	if (skb_unclone(p, GFP_ATOMIC))
		return false;

	last = NAPI_GRO_CB(p)->last;
	memory = take_pages(p, skb);
	if (!memory) {
		memory = chain(p, skb);
		if (!memory)
			return false;
		NAPI_GRO_CB(p)->last = skb;
		last = p;
	}
	if (last != p) {
		last->len += payload;
		last->data_len += payload;
		last->truesize += memory;
	}
	p->len += payload;
	p->data_len += payload;
	p->truesize += memory;
	skb_shinfo(p)->flags |= skb_shinfo(skb)->flags & SKBFL_SHARED_FRAG;
	NAPI_GRO_CB(p)->count += NAPI_GRO_CB(skb)->count;
	NAPI_GRO_CB(skb)->same_flow = 1;
	return true;
}

/* Can skb be appended to p? Not one of another path, or longer than the first. */
static bool goes_with(struct sk_buff *p, struct sk_buff *skb, const u8 *head, u32 len)
{
	return !NAPI_GRO_CB(skb)->flush && skb_gro_len(skb) <= skb_shinfo(p)->gso_size &&
	       xtcp_super_follows(skb_transport_header(p), skb_gro_len(p), head, len) &&
	       !xtcp_gro_network_flush(head, skb_transport_header(p), p);
}

/* The header, in one piece; its length in *len. NULL: it is not one. */
static const u8 *pull_header(struct sk_buff *skb, int *len)
{
	unsigned int at = skb_gro_offset(skb);
	const u8 *head = skb_gro_header(skb, at + XTCP_HDR_LEN, at);

	if (!head)
		return NULL;
	*len = xtcp_header_len(head);
	if (*len < 0)
		return NULL;
	head = skb_gro_header(skb, at + *len, at);
	if (head)
		skb_gro_pull(skb, *len);
	return head;
}

static bool stopped;

/**
 * xtcp_gro_stop - hold no packets any more
 *
 * GRO finishes what it holds with the functions of the packet's protocol, which must not
 * have gone by then: it does so at the end of each poll, which this waits for. (Where
 * gro_flush_timeout lets it hold packets for longer, GRO will complain, and free them.)
 * May sleep.
 */
void xtcp_gro_stop(void)
{
	WRITE_ONCE(stopped, true);
	synchronize_net();
}

/* Join skb to what is held, or hold it. What has to go up first, or NULL. */
static struct sk_buff *gro_receive(struct list_head *held, struct sk_buff *skb)
{
	struct sk_buff *p;
	bool alone, ends;
	const u8 *head;
	int len;

	head = READ_ONCE(stopped) ? NULL : pull_header(skb, &len);
	if (!head) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	alone = !skb_gro_len(skb) || !xtcp_super_fits(head, len);
	ends = alone || xtcp_super_ends(head);
	p = find_held(held, head);
	if (p && !alone && goes_with(p, skb, head, len)) {
		ends |= skb_gro_len(skb) < skb_shinfo(p)->gso_size;
		if (merge(p, skb)) {
			xtcp_super_join(skb_transport_header(p), head);
			return ends ? p : NULL;
		}
	}
	/* what is of one connection stays in order */
	if (ends)
		NAPI_GRO_CB(skb)->flush = 1;
	return p;
}

/**
 * xtcp_gro_receive4 - net_offload.callbacks.gro_receive of IPv4
 * @held: packets that GRO holds
 * @skb: packet at its XTCP header
 *
 * Softirq.
 *
 * Return: a held packet that GRO has to let go, or NULL.
 */
struct sk_buff *xtcp_gro_receive4(struct list_head *held, struct sk_buff *skb)
{
	if (!NAPI_GRO_CB(skb)->flush &&
	    skb_gro_checksum_validate(skb, xtcp_ip_protocol, inet_gro_compute_pseudo)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	return gro_receive(held, skb);
}

/**
 * xtcp_gro_receive6 - net_offload.callbacks.gro_receive of IPv6
 * @held: packets that GRO holds
 * @skb: packet at its XTCP header
 *
 * Softirq.
 *
 * Return: a held packet that GRO has to let go, or NULL.
 */
struct sk_buff *xtcp_gro_receive6(struct list_head *held, struct sk_buff *skb)
{
	if (!NAPI_GRO_CB(skb)->flush &&
	    skb_gro_checksum_validate(skb, xtcp_ip_protocol, ip6_gro_compute_pseudo)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	return gro_receive(held, skb);
}

/* The header is the one that pull_header() found. */
static void finish(struct sk_buff *skb, int at)
{
	struct skb_shared_info *shared = skb_shinfo(skb);

	shared->gso_size = xtcp_gso_size(shared->gso_size, xtcp_header_len(skb->data + at));
	shared->gso_segs = NAPI_GRO_CB(skb)->count;
	shared->gso_type |= SKB_GSO_SCTP;
}

/**
 * xtcp_gro_complete4 - net_offload.callbacks.gro_complete of IPv4
 * @skb: super-packet whose IP header is finished
 * @at: where its XTCP header is
 *
 * Return: 0.
 */
int xtcp_gro_complete4(struct sk_buff *skb, int at)
{
	const struct iphdr *ip = xtcp_gro_network_header(skb);

	xtcp_ipv4_csum(skb, ip->saddr, ip->daddr);
	finish(skb, at);
	return 0;
}

/**
 * xtcp_gro_complete6 - net_offload.callbacks.gro_complete of IPv6
 * @skb: super-packet whose IPv6 header is finished
 * @at: where its XTCP header is
 *
 * Return: 0.
 */
int xtcp_gro_complete6(struct sk_buff *skb, int at)
{
	const struct ipv6hdr *ip6 = xtcp_gro_network_header(skb);

	xtcp_ipv6_csum(skb, &ip6->saddr, &ip6->daddr);
	finish(skb, at);
	return 0;
}
