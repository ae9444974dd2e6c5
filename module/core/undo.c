// SPDX-License-Identifier: GPL-2.0
/*
 * Undoing (D9): bytes were sent again that the peer had, or was to get without that.
 * Then there was no congestion: the windows become what they were, and what is
 * still LOST is believed to be in the network.
 *
 * Three things prove it and nothing else does. The peer acknowledges the first bytes
 * that went again, and echoes a TS older than their second transmission (RFC 3522,
 * RFC 4015: it had not seen that). Or it has reported all that went again as received
 * twice (RFC 3708). Both may come when recovery is over already. Or (F-RTO, RFC 5682),
 * after a timeout that was the first sign of trouble, it acknowledges bytes in order
 * that did not go again, while others still wait.
 */
#include "core.h"

/**
 * xtcp_undo_begin - a recovery begins
 * @tcb: connection; its congestion control has not heard of it yet
 *
 * A timeout in the middle of a recovery belongs to it: what went again before counts, too.
 */
void xtcp_undo_begin(struct xtcp_tcb *tcb)
{
	if (tcb->recovery)
		return;
	memset(&tcb->undo, 0, sizeof(tcb->undo));
	tcb->undo.cwnd = tcb->cc.cwnd;
	tcb->undo.ssthresh = tcb->cc.ssthresh;
	tcb->undo.stamped = true;
}

/**
 * xtcp_undo_never - the window was reduced for good reason
 * @tcb: connection
 */
void xtcp_undo_never(struct xtcp_tcb *tcb)
{
	tcb->undo.cwnd = 0;
	tcb->undo.frto = XTCP_FRTO_OFF;
}

/**
 * xtcp_frto_begin - a timeout (RFC 5682 2.1 step 1)
 * @tcb: connection, in the recovery that begins with it
 * @first: nothing was wrong before
 */
void xtcp_frto_begin(struct xtcp_tcb *tcb, bool first)
{
	tcb->undo.frto = first && !tcb->snd.sacked ? XTCP_FRTO_AGAIN : XTCP_FRTO_OFF;
}

/**
 * xtcp_frto_waits - is it new bytes' turn rather than that of LOST ones?
 * @tcb: connection
 *
 * Return: true if so.
 */
bool xtcp_frto_waits(const struct xtcp_tcb *tcb)
{
	return tcb->undo.frto == XTCP_FRTO_NEW;
}

/* Can an ACK still tell? With SACKs something is missing, and RACK knows better what. */
static bool frto_asks(const struct xtcp_tcb *tcb)
{
	return tcb->undo.frto && !tcb->snd.sacked && xtcp_before(tcb->snd.una, tcb->snd.high);
}

/* RFC 5682 2.1 step 2, with each ACK: what one that is no proof means for the next. */
static enum xtcp_frto frto_next(const struct xtcp_tcb *tcb, bool advanced)
{
	bool more = tcb->snd.end - tcb->snd.nxt >= tcb->mss &&
		    !xtcp_before(tcb->snd.edge, tcb->snd.nxt + tcb->mss);

	if (tcb->undo.frto == XTCP_FRTO_NEW || !frto_asks(tcb))
		return XTCP_FRTO_OFF;
	if (!advanced)
		return XTCP_FRTO_AGAIN;
	return more ? XTCP_FRTO_NEW : XTCP_FRTO_OFF;
}

/**
 * xtcp_undo_sent - bytes were sent again
 * @tcb: connection
 * @tx: what was sent
 * @now: time
 *
 * A FIN counts, and has no part in a DSACK: only an echo can tell of it.
 */
void xtcp_undo_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now)
{
	struct xtcp_undo *undo = &tcb->undo;
	u64 end = tx->seq + tx->len + (tx->flags & XTCP_FIN ? 1 : 0);

	if (!undo->cwnd || !tcb->recovery)
		return;
	if (!undo->first_at) {
		undo->first_at = now;
		undo->first = end;
		undo->low = tx->seq;
		undo->high = end;
	}
	undo->low = xtcp_seq_min(undo->low, tx->seq);
	undo->high = xtcp_seq_max(undo->high, end);
	undo->bytes += end - tx->seq;
	undo->until = tcb->snd.nxt;
	undo->stamped &= !!(tx->opts & XTCP_HAS_TS);
}

/**
 * xtcp_undo_duplicate - the peer reports bytes received twice
 * @tcb: connection
 * @pkt: segment with DSACK
 *
 * Return: true if they are of those that went again in this recovery.
 */
bool xtcp_undo_duplicate(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	struct xtcp_undo *undo = &tcb->undo;
	u64 start, end;

	if (!undo->first_at)
		return false;
	start = xtcp_seq_max(pkt->dsack, undo->low);
	end = xtcp_seq_min(pkt->dsack + pkt->dsack_len, undo->high);
	if (!xtcp_before(start, end))
		return false;
	undo->bytes -= min_t(u64, undo->bytes, end - start);
	return true;
}

static bool needless(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, bool original)
{
	const struct xtcp_undo *undo = &tcb->undo;

	return !undo->bytes || (original && frto_asks(tcb)) ||
	       (undo->stamped && !xtcp_before(pkt->ack, undo->first) &&
		pkt->has & XTCP_HAS_TSECHO && xtcp_ts_before(pkt->tsecho, undo->first_at));
}

/**
 * xtcp_undo - was it all needless?
 * @tcb: connection; UNA, SACKs and duplicates are up to date
 * @pkt: segment
 * @advanced: it acknowledges new bytes
 * @original: ... and of those some that were LOST and did not go again
 * @now: time
 *
 * When bytes are acknowledged that were sent after the last retransmission, all that
 * the peer had to say of those has been said.
 *
 * Return: XTCP_XMIT if more may go now: the segment may acknowledge nothing.
 */
u32 xtcp_undo(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, bool advanced, bool original,
	      u64 now)
{
	struct xtcp_undo *undo = &tcb->undo;
	bool waited;

	if (!undo->cwnd || !undo->first_at)
		return 0;
	if (!needless(tcb, pkt, original)) {
		waited = xtcp_frto_waits(tcb);
		undo->frto = frto_next(tcb, advanced);
		if (xtcp_after(tcb->snd.una, undo->until))
			xtcp_undo_never(tcb);
		return waited && tcb->snd.lost ? XTCP_XMIT : 0;
	}
	tcb->events |= BIT(tcb->timed_out ? XTCP_EV_SPURIOUS_RTO : XTCP_EV_SPURIOUS_RECOVERY);
	tcb->cc.cwnd = max(tcb->cc.cwnd, undo->cwnd);
	tcb->cc.ssthresh = max(tcb->cc.ssthresh, undo->ssthresh);
	xtcp_undo_never(tcb);
	/* Nor is there a reason to wait longer than at first (RFC 4015 section 3.2). */
	tcb->backoff = 0;
	tcb->deadline[XTCP_T_RTO] = XTCP_NEVER;
	tcb->deadline[XTCP_T_TLP] = XTCP_NEVER;		/* it is never after that */
	if (!tcb->timed_out)
		tcb->rack.reordered = 1;	/* RACK has not waited for long enough */
	if (tcb->recovery) {
		tcb->recovery = 0;
		xtcp_unmark_lost(tcb, now);
	}
	tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_UNDO, 0);
	return XTCP_XMIT;
}
