// SPDX-License-Identifier: GPL-2.0
/*
 * The path's MTU (D10): packetization layer discovery, RFC 8899. Its phases,
 * and how they show here:
 *
 *	Base		path_mss is what a path surely takes, and less than ceiling()
 *	Searching	no probe before next_at: the most the route takes first, then
 *			halfway between what has passed and what has not (failed)
 *	Search Complete	next_at is PMTU_RAISE_TIMER away, and failed forgotten
 *	Error		none: nothing but ICMP goes below XTCP_SAFE_LEN
 *
 * A probe is one segment of new data that is longer than the others. Its ACK is
 * the proof; when it is lost its bytes go again in segments of the old size. No
 * timer runs: a connection that has nothing to send needs no larger segments.
 */
#include "core.h"

#define FOLLOWERS	3	/* segments behind a probe, to tell of its loss: RACK's DupThresh */

/*
 * D10: what has gone so often already waits for the timeout: a path has few hops
 * that are narrower than those before, and somebody who knows the tag cannot have
 * all that is outstanding sent for each of his reports.
 */
#define TOO_BIG_AGAIN	3

/* RFC 8899's MAX_PLPMTU: what the route takes, the peer asked for and the program allows. */
static u32 ceiling(const struct xtcp_tcb *tcb)
{
	return min(tcb->pmtu.route, xtcp_mss_limit(tcb));
}

/* What a path is taken for of which only the route's MTU is known. */
static u32 first(const struct xtcp_tcb *tcb)
{
	if (tcb->tune.mtu_probing == XTCP_PROBING_ALWAYS)
		return min(tcb->pmtu.route, XTCP_SAFE_LEN - XTCP_HDR_LEN);
	return tcb->pmtu.route;
}

/**
 * xtcp_hello_mss - what the peer is told that it may send
 * @tcb: connection
 *
 * The way back is its own to search; only the route and the program limit it.
 *
 * Return: bytes of options and payload.
 */
u16 xtcp_hello_mss(const struct xtcp_tcb *tcb)
{
	return min3(tcb->pmtu.route, xtcp_maxseg(tcb), (u32)U16_MAX);
}

/* The next probe is chosen anew, and may go at @at. */
static void start_over(struct xtcp_tcb *tcb, u64 at)
{
	tcb->pmtu.size = 0;
	tcb->pmtu.failed = 0;
	tcb->pmtu.losses = 0;
	tcb->pmtu.next_at = at;
}

/* A size has passed, or surely not: is the rest worth another probe? */
static void narrowed(struct xtcp_tcb *tcb, u64 at)
{
	tcb->pmtu.size = 0;
	tcb->pmtu.losses = 0;
	if (tcb->pmtu.failed && tcb->pmtu.failed - tcb->path_mss <= XTCP_PMTU_STEP)
		start_over(tcb, at + XTCP_PMTU_RAISE);
}

/**
 * xtcp_set_path_mss - use larger or smaller segments
 * @tcb: connection
 * @path_mss: bytes of options and payload that the path is believed to take
 *
 * Ranges already sent keep their numbers: a later retransmission is cut anew.
 */
void xtcp_set_path_mss(struct xtcp_tcb *tcb, u32 path_mss)
{
	tcb->path_mss = max_t(u32, path_mss, XTCP_PATH_MSS_MIN);
	tcb->mss = min(tcb->path_mss, xtcp_mss_limit(tcb));
	tcb->cc.mss = tcb->mss;
}

/**
 * xtcp_set_route_mss - what the route takes, at first and whenever that changes
 * @tcb: connection
 * @mss: bytes of options and payload: its MTU less the headers
 * @now: time
 *
 * Less is believed at once. More is where the search goes to from now on, unless
 * the connection is not open yet, or is not to probe.
 */
void xtcp_set_route_mss(struct xtcp_tcb *tcb, u32 mss, u64 now)
{
	u32 before = tcb->pmtu.route;

	tcb->pmtu.route = max_t(u32, mss, XTCP_PATH_MSS_MIN);
	if (!xtcp_synchronized(tcb) || tcb->tune.mtu_probing == XTCP_PROBING_OFF)
		xtcp_set_path_mss(tcb, first(tcb));
	else if (tcb->pmtu.route < tcb->path_mss)
		xtcp_set_path_mss(tcb, tcb->pmtu.route);
	if (tcb->pmtu.route != before)
		start_over(tcb, now);
}

/**
 * xtcp_too_big - a router says how much the path takes (D10)
 * @tcb: connection
 * @mss: bytes of options and payload
 * @now: time
 *
 * What was sent and is longer is not in the network; that is no congestion.
 *
 * Return: todo bits.
 */
u32 xtcp_too_big(struct xtcp_tcb *tcb, u32 mss, u64 now)
{
	struct xtcp_seg *seg, *next;

	mss = max_t(u32, mss, XTCP_PATH_MSS_MIN);
	if (mss >= tcb->pmtu.route)
		return 0;	/* no news: it answers something longer than we send now */
	list_for_each_entry_safe(seg, next, &tcb->snd.by_time, sent) {
		u64 len = min_t(u64, seg->mss, seg->end - seg->start) + seg->opts;

		if (len > mss && seg->rexmits < TOO_BIG_AGAIN)
			xtcp_mark_again(tcb, seg);
	}
	xtcp_set_route_mss(tcb, mss, now);
	return XTCP_XMIT;
}

/**
 * xtcp_black_hole - segments of the size in use do not arrive, and nobody says so (D10)
 * @tcb: connection
 * @now: time
 *
 * The two timeouts count as two probes of that size: the path may just have been
 * down, and then the one that is left tells.
 */
void xtcp_black_hole(struct xtcp_tcb *tcb, u64 now)
{
	u32 size = tcb->mss;

	tcb->events |= BIT(XTCP_EV_BLACK_HOLE);
	xtcp_set_path_mss(tcb, min(tcb->path_mss, XTCP_SAFE_LEN - XTCP_HDR_LEN));
	start_over(tcb, now);
	if (size > tcb->path_mss) {
		tcb->pmtu.size = size;
		tcb->pmtu.losses = XTCP_PMTU_PROBES - 1;
	}
}

static u32 choose_size(const struct xtcp_tcb *tcb)
{
	u32 high = ceiling(tcb);

	if (!tcb->pmtu.failed || tcb->pmtu.failed > high)
		return high;
	return tcb->path_mss + (tcb->pmtu.failed - tcb->path_mss) / 2;
}

/**
 * xtcp_probe_size - is it time for a probe of the path's MTU? (D10)
 * @tcb: synchronized connection
 * @now: time
 *
 * Not in recovery nor where something is urgent; one at a time: not before all up to
 * the last one is acknowledged. There must be data for it and for the segments behind
 * it that will tell of its loss, and room for all of these in both windows, if not now
 * then when what is in the network has been acknowledged.
 *
 * Return: bytes of options and payload; 0: no.
 */
u32 xtcp_probe_size(struct xtcp_tcb *tcb, u64 now)
{
	u64 room;

	if (tcb->path_mss >= ceiling(tcb) || tcb->tune.mtu_probing == XTCP_PROBING_OFF)
		return 0;
	if (now < tcb->pmtu.next_at || xtcp_before(tcb->snd.una, tcb->pmtu.end) ||
	    tcb->recovery || tcb->snd.lost || tcb->tlp_owed || xtcp_urgent_mode(tcb))
		return 0;
	if (tcb->pmtu.size <= tcb->path_mss || tcb->pmtu.size > ceiling(tcb)) {
		tcb->pmtu.size = choose_size(tcb);
		tcb->pmtu.losses = 0;
	}
	room = tcb->pmtu.size + FOLLOWERS * tcb->mss;
	if (xtcp_record_end(tcb) - tcb->snd.nxt < room || tcb->cc.cwnd < room ||
	    xtcp_before(tcb->snd.edge, tcb->snd.nxt + room))
		return 0;
	return tcb->pmtu.size;
}

/**
 * xtcp_probe_sent - a probe is in the network
 * @tcb: connection
 * @seg: its range
 *
 * The shell may have cut it: then it is a probe of what went, if that is anything.
 */
void xtcp_probe_sent(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	u32 size = seg->end - seg->start + seg->opts;

	if (size <= tcb->path_mss) {
		tcb->pmtu.next_at = seg->sent_at + XTCP_PMTU_RETRY;
		return;
	}
	seg->flags |= XTCP_SEG_PROBE;
	tcb->pmtu.size = size;
	tcb->pmtu.end = seg->end;
	tcb->events |= BIT(XTCP_EV_MTU_PROBE);
}

/**
 * xtcp_probe_delivered - a probe has arrived: the path takes its size
 * @tcb: connection
 * @seg: range with XTCP_SEG_PROBE, which it loses
 */
void xtcp_probe_delivered(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	seg->flags &= ~XTCP_SEG_PROBE;
	if (tcb->pmtu.size <= tcb->path_mss || seg->rexmits)
		return;		/* the other half of one that a report has cut; or its copy */
	tcb->events |= BIT(XTCP_EV_MTU_RAISED);
	tcb->pmtu.passed = tcb->pmtu.size;
	xtcp_set_path_mss(tcb, tcb->pmtu.size);
	narrowed(tcb, seg->sent_at);
}

/**
 * xtcp_probe_lost - a probe has not arrived (RFC 8899 4.3)
 * @tcb: connection
 * @seg: range with XTCP_SEG_PROBE, which it loses
 *
 * Any packet can be lost: only MAX_PROBES of a size in a row speak against it.
 */
void xtcp_probe_lost(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	seg->flags &= ~XTCP_SEG_PROBE;
	if (tcb->pmtu.size <= tcb->path_mss)
		return;
	tcb->events |= BIT(XTCP_EV_MTU_PROBE_LOST);
	if (++tcb->pmtu.losses < XTCP_PMTU_PROBES)
		return;
	tcb->pmtu.failed = tcb->pmtu.size;
	narrowed(tcb, seg->sent_at);
}
