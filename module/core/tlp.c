// SPDX-License-Identifier: GPL-2.0
/*
 * Tail loss probe (RFC 8985 section 7). Nothing follows what was sent last: if that
 * is lost no SACK tells, and only the retransmission timeout would notice. So one
 * segment more goes out before it, new bytes or the last ones again, and
 * what the peer says of that lets RACK find what is missing.
 */
#include "core.h"

/**
 * xtcp_tlp_wanted - may a probe be needed?
 * @tcb: connection
 *
 * One for a flight. Not where something better is on its way: in recovery, with
 * LOST or SACKED bytes, while RACK waits for reordering. Until the peer has confirmed
 * the connection it carries the cookie (O4).
 *
 * Return: true if T_TLP is to run.
 */
bool xtcp_tlp_wanted(const struct xtcp_tcb *tcb)
{
	return xtcp_synchronized(tcb) && xtcp_outstanding(tcb) &&
	       !tcb->recovery && !tcb->snd.sacked && !tcb->snd.lost &&
	       !tcb->tlp_owed && !tcb->tlp_out && tcb->deadline[XTCP_T_REO] == XTCP_NEVER;
}

/**
 * xtcp_tlp_due - when the probe is due (RFC 8985 7.2's TLP_calc_PTO)
 * @tcb: connection; T_RTO runs
 * @now: time
 *
 * The peer may hold an ACK for 25 ms when less than two full segments are
 * outstanding (D5), and for a millisecond whatever comes.
 *
 * Return: ns; never after T_RTO, which the probe postpones.
 */
u64 xtcp_tlp_due(const struct xtcp_tcb *tcb, u64 now)
{
	u64 rtt = tcb->rtt.srtt ?: tcb->rtt.last;
	u64 wait = XTCP_RTO_INIT;

	if (rtt) {
		wait = max(2 * rtt, XTCP_PTO_MIN);
		if (tcb->snd.nxt - tcb->snd.una < 2 * xtcp_full_data(tcb->mss))
			wait += XTCP_DELACK_MAX;
	}
	return min(now + wait, tcb->deadline[XTCP_T_RTO]);
}

/**
 * xtcp_tlp - T_TLP has expired (RFC 8985 7.3)
 * @tcb: connection
 * @now: time
 *
 * Whether it can be sent or not, T_RTO begins anew.
 *
 * Return: XTCP_XMIT.
 */
u32 xtcp_tlp(struct xtcp_tcb *tcb, u64 now)
{
	tcb->tlp_owed = 1;
	tcb->deadline[XTCP_T_RTO] = XTCP_NEVER;
	return XTCP_XMIT;
}

/*
 * A FIN on its own would show that bytes before it are missing, and repair none of them. It
 * goes with the last of them.
 */
static struct xtcp_seg *fin_joined(struct xtcp_tcb *tcb, struct xtcp_seg *fin)
{
	struct rb_node *node = rb_prev(&fin->at);
	struct xtcp_seg *seg;

	if (!node || fin->end - fin->start > 1 || !(fin->flags & XTCP_SEG_FIN))
		return fin;
	seg = rb_entry(node, struct xtcp_seg, at);
	seg->end = fin->end;
	seg->flags |= XTCP_SEG_FIN;
	xtcp_seg_erase(tcb, fin);
	xtcp_put_node(tcb, (union xtcp_node *)fin);
	return seg;
}

/**
 * xtcp_tlp_again - there are no new bytes to probe with: the last ones go again
 * @tcb: connection that owes a probe
 *
 * They are taken for LOST, and the window does not hold them back. A range of
 * several segments splits, as it was cut when it was sent.
 *
 * Return: false if there is no spare node for that, or no need: no probe then.
 */
bool xtcp_tlp_again(struct xtcp_tcb *tcb)
{
	struct xtcp_seg *seg = xtcp_seg_last(tcb);
	u32 data, tail;

	if (!seg || tcb->snd.sacked || tcb->snd.lost) {
		tcb->tlp_owed = 0;	/* could not be sent then, is not needed now */
		return false;
	}
	seg = fin_joined(tcb, seg);
	data = seg->end - seg->start - (seg->flags & XTCP_SEG_FIN ? 1 : 0);
	tail = data % seg->mss ?: min_t(u32, data, seg->mss);
	if (data > tail) {
		if (!xtcp_seg_split(tcb, seg, seg->start + (data - tail))) {
			tcb->tlp_owed = 0;
			return false;
		}
		seg = xtcp_seg_next(seg);
	}
	tcb->snd.tlp_flight = seg->flight;
	xtcp_mark_again(tcb, seg);
	tcb->force = 1;
	return true;
}

/**
 * xtcp_tlp_sent - the probe has gone out
 * @tcb: connection that owed it
 * @again: with bytes sent before
 */
void xtcp_tlp_sent(struct xtcp_tcb *tcb, bool again)
{
	tcb->tlp_owed = 0;
	tcb->tlp_out = 1;
	tcb->tlp_again = again;
	tcb->snd.tlp_end = tcb->snd.nxt;
	tcb->events |= BIT(XTCP_EV_TLP);
}

/* The peer had the last bytes before the probe came: nothing was lost. */
static bool probe_needless(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	u64 end = pkt->dsack + pkt->dsack_len;

	/* a FIN has no part in a DSACK */
	return pkt->has & XTCP_HAS_DSACK &&
	       (end == tcb->snd.tlp_end || (tcb->fin_sent && end + 1 == tcb->snd.tlp_end));
}

/**
 * xtcp_tlp_acked - what an ACK tells of the probe (RFC 8985 7.4)
 * @tcb: connection; una is up to date
 * @pkt: segment
 *
 * All that was outstanding as the probe went out is acknowledged. If the probe was new
 * bytes, or reported as a duplicate, nothing was lost. If bytes sent later are
 * acknowledged, and no duplicate was reported before, the probe has repaired a loss
 * that nothing else will tell of.
 *
 * Return: true if the congestion control has to hear of a loss.
 */
bool xtcp_tlp_acked(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	if (!tcb->tlp_out || xtcp_before(tcb->snd.una, tcb->snd.tlp_end))
		return false;
	if (tcb->tlp_again && !probe_needless(tcb, pkt)) {
		if (tcb->snd.una == tcb->snd.tlp_end)
			return false;
		tcb->tlp_out = 0;
		tcb->events |= BIT(XTCP_EV_TLP_RECOVERY);
		return true;
	}
	tcb->tlp_out = 0;
	return false;
}
