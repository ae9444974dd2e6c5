// SPDX-License-Identifier: GPL-2.0
/*
 * Loss: RACK (RFC 8985) finds it by time, the retransmission timeout (D9) when
 * nothing else does. Marking is all that happens here: what is LOST is sent again by
 * the output loop as the congestion window allows.
 */
#include "core.h"

#define DUP_THRESH	3	/* RFC 8985 6.2: segments SACKed before reordering is ruled out */
#define REO_WND_PERSIST	16	/* RFC 8985 6.2: recoveries without a DSACK */

/**
 * xtcp_was_original - is what arrived an earlier transmission than the last?
 * @tcb: connection
 * @seg: range, not SACKED before
 * @now: time
 *
 * So it is if the answer was quicker than any, or does not know the last one's TS (RFC
 * 8985 6.2 step 2).
 *
 * Return: true if so: it tells nothing of the last one.
 */
bool xtcp_was_original(const struct xtcp_tcb *tcb, const struct xtcp_seg *seg, u64 now)
{
	if (seg->rexmits && now - seg->sent_at < tcb->rtt.min)
		return true;
	return seg->flags & XTCP_SEG_STAMPED && tcb->rack.echoed &&
	       xtcp_ts_before(tcb->rack.echo, seg->sent_at);
}

/**
 * xtcp_rack_delivered - a range has newly arrived at the peer (RFC 8985 6.2 step 2, 3)
 * @tcb: connection
 * @seg: the range, not SACKED before
 * @end: end of what arrived of it
 * @now: time
 */
void xtcp_rack_delivered(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 end, u64 now)
{
	struct xtcp_rack *rack = &tcb->rack;

	xtcp_ecn_arrived(tcb, seg);
	if (seg->flags & XTCP_SEG_PROBE)
		xtcp_probe_delivered(tcb, seg);
	if (xtcp_after(end, rack->fack) || !rack->sent_at)
		rack->fack = end;
	else if (!seg->rexmits && xtcp_before(end, rack->fack))
		rack->reordered = 1;

	if (xtcp_was_original(tcb, seg, now))
		return;
	if (seg->sent_at < rack->sent_at ||
	    (seg->sent_at == rack->sent_at && !xtcp_after(end, rack->end)))
		return;
	rack->sent_at = seg->sent_at;
	rack->end = end;
	rack->rtt = now - seg->sent_at;
}

/**
 * xtcp_rack_duplicate - bytes went again that the peer had (RFC 8985 6.2 step 4)
 * @tcb: connection
 *
 * The reordering window grows by a quarter of the round trip, once in a round.
 */
void xtcp_rack_duplicate(struct xtcp_tcb *tcb)
{
	struct xtcp_rack *rack = &tcb->rack;

	if (rack->dsacked && xtcp_before(tcb->snd.una, rack->dsack_round))
		return;
	rack->dsacked = 1;
	rack->dsack_round = tcb->snd.nxt;
	if (rack->reo_wnd_mult < U8_MAX)
		rack->reo_wnd_mult = max_t(u8, rack->reo_wnd_mult, 1) + 1;
	rack->reo_wnd_persist = REO_WND_PERSIST;
}

/**
 * xtcp_rack_recovered - a recovery ends (RFC 8985 6.2 step 4)
 * @tcb: connection
 */
void xtcp_rack_recovered(struct xtcp_tcb *tcb)
{
	struct xtcp_rack *rack = &tcb->rack;

	if (rack->reo_wnd_persist && !--rack->reo_wnd_persist)
		rack->reo_wnd_mult = 1;
}

/**
 * xtcp_mark_again - a range goes again, whatever has become of it
 * @tcb: connection
 * @seg: range, neither SACKED nor LOST
 *
 * It is LOST, but the congestion control does not hear of it.
 */
void xtcp_mark_again(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	if (!tcb->snd.lost || xtcp_before(seg->start, tcb->snd.lost_from))
		tcb->snd.lost_from = seg->start;
	seg->flags |= XTCP_SEG_LOST;
	tcb->snd.lost += seg->end - seg->start;
	list_del_init(&seg->sent);
	if (seg->flags & XTCP_SEG_PROBE)
		xtcp_probe_lost(tcb, seg);
}

/**
 * xtcp_mark_lost - a range is no longer in the network
 * @tcb: connection
 * @seg: range, neither SACKED nor LOST
 */
void xtcp_mark_lost(struct xtcp_tcb *tcb, struct xtcp_seg *seg)
{
	bool probe = seg->flags & XTCP_SEG_PROBE;

	xtcp_mark_again(tcb, seg);
	if (probe)
		return;		/* D10: that is not congestion */
	xtcp_rate_lost(tcb, seg);
	tcb->snd.lost_to = xtcp_seq_max(tcb->snd.lost_to, seg->end);
}

/**
 * xtcp_unmark_lost - what was LOST is believed to be in the network
 * @tcb: connection
 * @now: time
 *
 * All of it as if it had been sent now, so that RACK gives it a round trip more; no
 * answer is a sample of that (D4).
 */
void xtcp_unmark_lost(struct xtcp_tcb *tcb, u64 now)
{
	struct xtcp_seg *seg;

	tcb->snd.lost_to = tcb->snd.una;
	if (!tcb->snd.lost)
		return;
	for (seg = xtcp_seg_find(tcb, tcb->snd.lost_from); seg; seg = xtcp_seg_next(seg)) {
		if (!(seg->flags & XTCP_SEG_LOST))
			continue;
		seg->flags &= ~(XTCP_SEG_LOST | XTCP_SEG_STAMPED);
		seg->sent_at = now;
		seg->rexmits = max_t(u8, seg->rexmits, 1);
		list_add_tail(&seg->sent, &tcb->snd.by_time);
	}
	tcb->snd.lost = 0;
}

static u64 reordering_window(const struct xtcp_tcb *tcb)
{
	if (!tcb->rack.reordered &&
	    (tcb->recovery || tcb->snd.sacked > (DUP_THRESH - 1) * tcb->mss))
		return 0;
	if (tcb->rtt.min == XTCP_NEVER)
		return 0;
	return min(max_t(u8, tcb->rack.reo_wnd_mult, 1) * (tcb->rtt.min / 4), tcb->rtt.srtt);
}

static void enter_recovery(struct xtcp_tcb *tcb, bool timed_out)
{
	tcb->recovery = 1;
	tcb->timed_out = timed_out;
	tcb->snd.high = tcb->snd.nxt;
	tcb->tlp_owed = 0;
	tcb->tlp_out = 0;
}

/**
 * xtcp_flight_size - what a reduction of the window starts from
 * @tcb: connection
 *
 * RFC 5681's FlightSize: neither what limited transmit has added to the window,
 * nor what an earlier timeout has left of a larger one (sections 3.1, 3.2). A
 * window that has answered CE marks does not pay twice for a loss: it starts from
 * what there was before (RFC 3168 6.1.2).
 *
 * Return: bytes.
 */
u32 xtcp_flight_size(const struct xtcp_tcb *tcb)
{
	u32 flight = xtcp_flight(tcb);

	if (tcb->ecn && xtcp_before(tcb->snd.una, tcb->snd.reduced))
		return max(flight, tcb->snd.reduced_from);
	return flight;
}

/**
 * xtcp_detect_loss - RACK: what was sent long enough before what arrived is lost
 * @tcb: connection
 * @delivered: bytes newly acknowledged or SACKed
 * @now: time
 *
 * Sets T_REO for what is not yet old enough. What was sent in a recovery is another
 * window: if its loss showed before the end of that, another recovery begins there (RFC
 * 5681 4.3: "loss in two successive windows of data"). Some of it has gone again already:
 * whatever proves that needless has to prove it of both.
 *
 * Return: XTCP_XMIT if something is to be sent again.
 */
u32 xtcp_detect_loss(struct xtcp_tcb *tcb, u32 delivered, u64 now)
{
	const struct xtcp_rack *rack = &tcb->rack;
	bool before = xtcp_after(tcb->snd.lost_to, tcb->snd.una);
	u32 lost = tcb->snd.lost;
	struct xtcp_seg *seg, *next;
	u64 wait, due = XTCP_NEVER;

	tcb->deadline[XTCP_T_REO] = XTCP_NEVER;
	if (!rack->sent_at)
		return 0;
	wait = rack->rtt + reordering_window(tcb);
	list_for_each_entry_safe(seg, next, &tcb->snd.by_time, sent) {
		if (seg->sent_at > rack->sent_at)
			break;
		if (seg->sent_at == rack->sent_at && xtcp_after(seg->end, rack->end))
			continue;
		if (seg->sent_at + wait > now) {
			due = seg->sent_at + wait;
			break;
		}
		xtcp_mark_lost(tcb, seg);
	}
	xtcp_set_timer(tcb, XTCP_T_REO, due);
	if (!tcb->recovery && xtcp_after(tcb->snd.lost_to, tcb->snd.una)) {
		if (!before)
			xtcp_undo_begin(tcb);
		enter_recovery(tcb, false);
		xtcp_frto_begin(tcb, false);
		tcb->events |= BIT(XTCP_EV_RECOVERY);
		tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_LOSS, xtcp_flight_size(tcb));
		xtcp_prr_begin(tcb, delivered);
	}
	return tcb->snd.lost == lost ? 0 : XTCP_XMIT;
}

/**
 * xtcp_repaired - a tail loss probe has repaired a loss (RFC 8985 7.4)
 * @tcb: connection, not in recovery
 *
 * The window answers it like any other; there is nothing to send again. What was in
 * flight then has long arrived: what was when the bytes were lost counts.
 */
void xtcp_repaired(struct xtcp_tcb *tcb)
{
	u32 flight = max(xtcp_flight_size(tcb), min(tcb->snd.tlp_flight, tcb->cc.cwnd));

	xtcp_undo_never(tcb);
	tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_LOSS, flight);
	tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_RECOVERED, 0);
}

/*
 * D10: "Two RTOs of one segment above 1200 bytes: use 1200": a path that takes
 * short segments only, and whose "packet too big" does not arrive. With back-off
 * nothing was acknowledged since the timeout before, which sent this one again.
 */
static bool black_hole(const struct xtcp_tcb *tcb, const struct xtcp_seg *seg)
{
	u32 payload = min_t(u64, seg->mss, seg->end - seg->start);

	return tcb->tune.mtu_probing != XTCP_PROBING_OFF &&
	       XTCP_HDR_LEN + tcb->path_mss > XTCP_SAFE_LEN &&
	       tcb->backoff && seg->rexmits &&
	       XTCP_HDR_LEN + seg->opts + payload > XTCP_SAFE_LEN;
}

/**
 * xtcp_rto - the retransmission timer has expired (D9, RFC 6298)
 * @tcb: connection
 * @now: time
 *
 * Everything not SACKED is lost. If even the first range is SACKED the peer
 * has reneged. SND.NXT stays where it is (D2).
 *
 * Return: XTCP_XMIT.
 */
u32 xtcp_rto(struct xtcp_tcb *tcb, u64 now)
{
	struct xtcp_seg *seg = xtcp_seg_first(tcb), *next;
	/*
	 * RFC 5681: ssthresh is not cut again when a retransmission is lost too. Nor
	 * in fast recovery, of the window whose loss that has answered, as in Linux:
	 * what PRR leaves of cwnd is no measure of what was in the network.
	 */
	bool answered = tcb->backoff || (tcb->recovery && !tcb->timed_out);
	bool first = !tcb->backoff && !tcb->recovery, reneged;

	if (!seg)
		return 0;
	tcb->stat.rtos++;
	tcb->events |= BIT(XTCP_EV_RTO);

	reneged = seg->flags & XTCP_SEG_SACKED;
	if (reneged)
		xtcp_sack_forget(tcb);
	if (black_hole(tcb, seg))
		xtcp_black_hole(tcb, now);
	list_for_each_entry_safe(seg, next, &tcb->snd.by_time, sent)
		xtcp_mark_lost(tcb, seg);

	xtcp_undo_begin(tcb);
	enter_recovery(tcb, true);
	xtcp_frto_begin(tcb, first);
	if (reneged)
		xtcp_undo_never(tcb);
	tcb->cc.ops->on_event(&tcb->cc, answered ? XTCP_CC_RTO_AGAIN : XTCP_CC_RTO,
			      xtcp_flight_size(tcb));
	tcb->force = 1;
	tcb->deadline[XTCP_T_REO] = XTCP_NEVER;
	xtcp_backed_off(tcb);
	return XTCP_XMIT;
}

/**
 * xtcp_next_lost - lowest range to be sent again
 * @tcb: connection
 *
 * Return: the range, or NULL if nothing is LOST.
 */
struct xtcp_seg *xtcp_next_lost(struct xtcp_tcb *tcb)
{
	struct xtcp_seg *seg;

	if (!tcb->snd.lost)
		return NULL;
	for (seg = xtcp_seg_find(tcb, tcb->snd.lost_from); seg; seg = xtcp_seg_next(seg)) {
		if (!(seg->flags & XTCP_SEG_LOST))
			continue;
		tcb->snd.lost_from = seg->start;
		return seg;
	}
	return NULL;
}
