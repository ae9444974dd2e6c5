// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard: what was sent and not yet acknowledged, as disjoint ranges
 * in a tree, and what the peer's ACKINFO says of them. A range that the peer
 * names may begin or end inside a node, which then splits, from spares; with
 * none left that part of the report is ignored, which is always legal.
 */
#include "core.h"

#define CUTS_FREE	64	/* ranges that any report may make */
#define CUT_SHIFT	7	/* then one for 128 bytes: half of XTCP_PAYLOAD_MIN */

static struct xtcp_seg *seg_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct xtcp_seg, at) : NULL;
}

/**
 * xtcp_seg_first - lowest range sent and not acknowledged
 * @tcb: connection
 *
 * Return: the range or NULL.
 */
struct xtcp_seg *xtcp_seg_first(const struct xtcp_tcb *tcb)
{
	return seg_of(rb_first(&tcb->snd.map));
}

/**
 * xtcp_seg_last - highest range sent and not acknowledged
 * @tcb: connection
 *
 * Return: the range or NULL.
 */
struct xtcp_seg *xtcp_seg_last(const struct xtcp_tcb *tcb)
{
	return seg_of(rb_last(&tcb->snd.map));
}

/**
 * xtcp_seg_next - the next higher range
 * @seg: a range in the map
 *
 * Return: the range or NULL.
 */
struct xtcp_seg *xtcp_seg_next(const struct xtcp_seg *seg)
{
	return seg_of(rb_next(&seg->at));
}

/**
 * xtcp_seg_find - first range that ends after a number
 * @tcb: connection
 * @seq: number
 *
 * Return: the range that holds @seq, else the next one above it, else NULL.
 */
struct xtcp_seg *xtcp_seg_find(const struct xtcp_tcb *tcb, u64 seq)
{
	struct rb_node *node = tcb->snd.map.rb_node;
	struct xtcp_seg *found = NULL;

	while (node) {
		struct xtcp_seg *seg = seg_of(node);

		if (xtcp_after(seg->end, seq)) {
			found = seg;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * xtcp_seg_insert - add a range to the map
 * @tcb: connection
 * @seg: range that overlaps none in the map
 */
void xtcp_seg_insert(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	struct rb_node **link = &tcb->snd.map.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = xtcp_before(seg->start, seg_of(parent)->start) ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&seg->at, parent, link);
	rb_insert_color(&seg->at, &tcb->snd.map);
	tcb->snd.map_count++;
}

/**
 * xtcp_seg_erase - take a range out of the map and out of by_time
 * @tcb: connection
 * @seg: range; its bytes are no longer counted as SACKED or LOST
 */
void xtcp_seg_erase(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	u32 len = seg->end - seg->start;

	if (seg->flags & XTCP_SEG_SACKED)
		tcb->snd.sacked -= len;
	else if (seg->flags & XTCP_SEG_LOST)
		tcb->snd.lost -= len;
	list_del_init(&seg->sent);
	rb_erase(&seg->at, &tcb->snd.map);
	tcb->snd.map_count--;
}

/**
 * xtcp_seg_split - make one range two
 * @tcb: connection
 * @seg: range; keeps the part before @at
 * @at: number inside the range
 *
 * Return: false if no spare was left; nothing changed then.
 */
bool xtcp_seg_split(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 at)
{
	union xtcp_node *node = xtcp_get_node(tcb);
	struct xtcp_seg *rest;

	if (!node)
		return false;
	rest = &node->seg;
	*rest = *seg;
	rest->start = at;
	rest->buf = NULL;	/* may hold only bytes before @at */
	seg->end = at;
	seg->flags &= ~(XTCP_SEG_FIN | XTCP_SEG_PSH);

	if (list_empty(&seg->sent))
		INIT_LIST_HEAD(&rest->sent);
	else
		list_add(&rest->sent, &seg->sent);
	xtcp_seg_insert(tcb, rest);
	return true;
}

/*
 * Neighbouring SACKED ranges become one: a peer that reports in small pieces
 * costs neither nodes nor time. Nothing but the numbers of a SACKED range is
 * looked at again, unless the peer reneges, and then any cut will do.
 */
static struct xtcp_seg *merge_segs(struct xtcp_tcb *tcb, struct xtcp_seg *low,
				   struct xtcp_seg *high)
{
	if (!low || !high || low->end != high->start ||
	    !(low->flags & high->flags & XTCP_SEG_SACKED))
		return NULL;
	rb_erase(&high->at, &tcb->snd.map);
	tcb->snd.map_count--;
	low->end = high->end;
	low->flags |= high->flags & (XTCP_SEG_FIN | XTCP_SEG_PSH);
	xtcp_put_node(tcb, (union xtcp_node *)high);
	return low;
}

/*
 * Was this range sent before what UNA waits for went again? Then the answer to that is
 * behind this one in the same queue, however long that has become, and T_RTO begins
 * anew. Only so often as there are such ranges: what was sent later does not count.
 */
static bool sent_before_again(const struct xtcp_tcb *tcb, const struct xtcp_seg *seg)
{
	const struct xtcp_seg *first = xtcp_seg_first(tcb);

	return first->rexmits && !seg->rexmits && seg->sent_at <= first->sent_at;
}

/* The peer holds this range. Returns the range it is part of now. */
static struct xtcp_seg *mark_sacked(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 now,
				    u64 *sent_at)
{
	u32 len = seg->end - seg->start;
	struct rb_node *prev;

	xtcp_rack_delivered(tcb, seg, seg->end, now);
	xtcp_rate_delivered(tcb, seg, seg->end, now);
	if (!seg->rexmits)
		*sent_at = max(*sent_at, seg->sent_at);
	if (sent_before_again(tcb, seg))
		tcb->deadline[XTCP_T_RTO] = XTCP_NEVER;
	if (seg->flags & XTCP_SEG_LOST)
		tcb->snd.lost -= len;
	seg->flags &= ~XTCP_SEG_LOST;
	seg->flags |= XTCP_SEG_SACKED;
	tcb->snd.sacked += len;
	list_del_init(&seg->sent);

	merge_segs(tcb, seg, xtcp_seg_next(seg));
	prev = rb_prev(&seg->at);
	return merge_segs(tcb, seg_of(prev), seg) ?: seg;
}

/*
 * A report cuts a range in two. Honest ones cut between packets only; one that
 * cuts finer must not make nodes out of every byte that is outstanding.
 */
static bool cut(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 at)
{
	if (tcb->snd.map_count >= CUTS_FREE + ((tcb->snd.nxt - tcb->snd.una) >> CUT_SHIFT))
		return false;
	return xtcp_seg_split(tcb, seg, at);
}

/* One range of ACKINFO; returns bytes newly reported. */
static u32 sack_range(struct xtcp_tcb *tcb, u64 start, u64 end, u64 now, u64 *sent_at)
{
	struct xtcp_seg *seg;
	u32 fresh = 0;

	for (seg = xtcp_seg_find(tcb, start); seg && xtcp_before(seg->start, end);
	     seg = xtcp_seg_next(seg)) {
		if (seg->flags & XTCP_SEG_SACKED)
			continue;
		if (xtcp_before(seg->start, start)) {
			if (!cut(tcb, seg, start))
				break;
			continue;	/* the part from start on comes next */
		}
		if (xtcp_after(seg->end, end) && !cut(tcb, seg, end))
			break;
		fresh += seg->end - seg->start;
		seg = mark_sacked(tcb, seg, now, sent_at);
	}
	return fresh;
}

/**
 * xtcp_sack - what the peer reports as received beyond its ACK (RFC 2018)
 * @tcb: connection; una is already up to date
 * @pkt: segment with ACKINFO
 * @now: time
 * @sent_at: result: when the last of them was sent that was sent once, if any was, else
 *	as it was
 *
 * A range that is empty, or not within [una, nxt), says nothing. The most recent
 * stands first: read from the end they rise, so that what one ACK reports at
 * once does not look reordered.
 *
 * Return: bytes newly reported.
 */
u32 xtcp_sack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now, u64 *sent_at)
{
	u64 start, end;
	u32 fresh = 0;
	unsigned int i = pkt->ranges;

	while (i--) {
		xtcp_read_range(pkt, i, &start, &end);
		if (!xtcp_before(start, end) || xtcp_after(end, tcb->snd.nxt) ||
		    !xtcp_after(end, tcb->snd.una))
			continue;
		fresh += sack_range(tcb, xtcp_seq_max(start, tcb->snd.una), end, now, sent_at);
	}
	return fresh;
}

/**
 * xtcp_sack_forget - the peer reneged: what it reported counts no longer (D9)
 * @tcb: connection
 */
void xtcp_sack_forget(struct xtcp_tcb *tcb)
{
	struct xtcp_seg *seg;

	for (seg = xtcp_seg_first(tcb); seg; seg = xtcp_seg_next(seg)) {
		if (!(seg->flags & XTCP_SEG_SACKED))
			continue;
		tcb->snd.sacked -= seg->end - seg->start;
		seg->flags &= ~XTCP_SEG_SACKED;
		xtcp_mark_lost(tcb, seg);
	}
	tcb->events |= BIT(XTCP_EV_RENEGED);
}
