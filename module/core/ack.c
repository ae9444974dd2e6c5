// SPDX-License-Identifier: GPL-2.0
/* What an acknowledgment tells the sender (D4): bytes, time, window, loss. */
#include "core.h"

/* What an ACK newly acknowledges; but for the first two, its cumulative part. */
struct acked {
	u32 delivered;	/* bytes not SACKED before */
	u64 sacked_at;	/* last sent of those now SACKED that were sent once; 0: none */
	u64 sent_at;	/* last sent; 0: none */
	bool again;	/* some were sent more than once (Karn) */
	bool original;	/* some were LOST, and did not go again */
};

/* Ranges and parts of ranges before una leave the scoreboard. */
static void clean(struct xtcp_tcb *tcb, u64 una, u64 now, struct acked *acked)
{
	struct xtcp_seg *seg;

	while ((seg = xtcp_seg_first(tcb)) && xtcp_before(seg->start, una)) {
		u64 limit = xtcp_seq_min(seg->end, una);
		u32 len = limit - seg->start;

		if (!(seg->flags & XTCP_SEG_SACKED)) {
			xtcp_rack_delivered(tcb, seg, limit, now);
			xtcp_rate_delivered(tcb, seg, limit, now);
			acked->delivered += len;
			acked->sent_at = max(acked->sent_at, seg->sent_at);
			/* What was sent once may long have waited for this one. */
			acked->again |= seg->rexmits;
			acked->original |= seg->flags & XTCP_SEG_LOST && !seg->rexmits;
		}
		if (limit == seg->end) {
			xtcp_seg_erase(tcb, seg);
			xtcp_put_node(tcb, (union xtcp_node *)seg);
			continue;
		}
		if (seg->flags & XTCP_SEG_SACKED)
			tcb->snd.sacked -= len;
		else if (seg->flags & XTCP_SEG_LOST)
			tcb->snd.lost -= len;
		seg->start = limit;
		seg->buf = NULL;	/* perhaps the shell frees it now */
	}
}

/*
 * The time this ACK took, or 0: never from retransmitted data without TSECHO (D4). With a
 * gap each ACK of data after it tells of a round trip, and the cumulative part of none.
 */
static u64 round_trip(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt,
		      const struct acked *acked, u64 now)
{
	u64 sent_at = acked->again ? 0 : acked->sent_at, held, rtt;

	if (!sent_at && !(pkt->has & XTCP_HAS_TSECHO))
		sent_at = acked->sacked_at;
	if (sent_at) {
		rtt = max_t(u64, now - sent_at, 1);
		held = (u64)pkt->ack_delay * XTCP_DELAY_UNIT;
		/* A peer that overstates its delay must not push us below the path. */
		if ((pkt->has & XTCP_HAS_ACKINFO) && tcb->rtt.min != XTCP_NEVER &&
		    rtt >= tcb->rtt.min + held)
			rtt -= held;
		return rtt;
	}
	/* Held for longer than the field can say: nobody knows how long it took. */
	if (!(pkt->has & XTCP_HAS_TSECHO) || pkt->ts_delay == U16_MAX)
		return 0;
	/* From before the connection, or from the future: no TS of ours. */
	rtt = xtcp_ts_rtt(pkt, now);
	return rtt <= now - tcb->opened_at ? rtt : 0;
}

/**
 * xtcp_ack - process the acknowledgment of an acceptable segment (D4)
 * @tcb: synchronized connection
 * @pkt: segment; its ack is within [una - 2^31, nxt] (D3)
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_ack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now)
{
	struct xtcp_cc_sample sample = { .now = now, .pipe = xtcp_pipe(tcb) };
	struct acked acked = {};
	u64 edge = pkt->ack + pkt->wnd;
	/* marks were made while all this was in flight: one ACK may be for all of it (D5) */
	u32 flight = xtcp_flight(tcb);
	u32 todo = 0, lost;

	if (pkt->has & XTCP_HAS_DSACK) {
		tcb->stat.dsacks++;
		tcb->events |= BIT(XTCP_EV_DSACK_RCVD);
		if (xtcp_undo_duplicate(tcb, pkt))
			xtcp_rack_duplicate(tcb);
	}
	tcb->rack.echoed = !!(pkt->has & XTCP_HAS_TSECHO);
	tcb->rack.echo = pkt->tsecho;

	/* A sender keeps the largest edge it has seen. */
	tcb->snd.max_wnd = max(tcb->snd.max_wnd, pkt->wnd);
	if (xtcp_after(edge, tcb->snd.edge)) {
		tcb->snd.edge = edge;
		todo |= XTCP_XMIT;
	}

	if (xtcp_after(pkt->ack, tcb->snd.una)) {
		clean(tcb, pkt->ack, now, &acked);
		tcb->stat.bytes_acked += pkt->ack - tcb->snd.una;
		tcb->snd.una = pkt->ack;
		tcb->snd.advanced_at = now;
		if (xtcp_after(pkt->ack, tcb->snd.round)) {
			tcb->snd.round = tcb->snd.nxt;
			sample.round = true;
			tcb->snd.last_pipe = tcb->snd.round_pipe;
			tcb->snd.round_pipe = 0;
		}
		tcb->backoff = 0;
		tcb->deadline[XTCP_T_RTO] = XTCP_NEVER;	/* restarted if anything is left */
		tcb->deadline[XTCP_T_TLP] = XTCP_NEVER;
		tcb->tlp_owed = 0;
		tcb->autocorked = 0;
		todo |= XTCP_ACKED | XTCP_XMIT;
	}
	if (pkt->has & XTCP_HAS_ACKINFO)
		acked.delivered += xtcp_sack(tcb, pkt, now, &acked.sacked_at);
	sample.ce = xtcp_ecn_told(tcb, pkt);

	sample.rtt = round_trip(tcb, pkt, &acked, now);
	if (sample.rtt)
		xtcp_rtt_sample(&tcb->rtt, sample.rtt, now);

	todo |= xtcp_undo(tcb, pkt, todo & XTCP_ACKED, acked.original, now);
	sample.recovery = xtcp_prr_leads(tcb);
	if (tcb->recovery && !xtcp_before(tcb->snd.una, tcb->snd.high)) {
		if (sample.recovery)
			tcb->cc.cwnd = tcb->cc.ssthresh;
		tcb->recovery = 0;
		xtcp_rack_recovered(tcb);
		tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_RECOVERED, 0);
	}
	if (xtcp_tlp_acked(tcb, pkt))
		xtcp_repaired(tcb);
	if (acked.delivered) {
		sample.acked = acked.delivered;
		sample.srtt = tcb->rtt.srtt;
		tcb->snd.round_pipe = max(tcb->snd.round_pipe, sample.pipe);
		sample.recent = max(tcb->snd.round_pipe, tcb->snd.last_pipe);
		xtcp_rate_sample(tcb, &sample, now);
		xtcp_cwv_acked(tcb, &sample);
		tcb->cc.ops->on_ack(&tcb->cc, &sample);
		if (tcb->cc.holds_back)
			xtcp_rate_limit(tcb);
		lost = xtcp_detect_loss(tcb, acked.delivered, now);
		if (xtcp_prr_leads(tcb))
			xtcp_prr_acked(tcb, acked.delivered, todo & XTCP_ACKED && !lost);
		todo |= XTCP_XMIT;
	}
	/* What was to go whatever the window says has arrived, or was not lost. */
	if (!tcb->recovery && !tcb->snd.lost)
		tcb->force = 0;
	if (sample.ce)
		xtcp_ecn_react(tcb, flight);

	/* The FIN is the last number there is. */
	if (tcb->fin_sent && !xtcp_outstanding(tcb))
		todo |= xtcp_fin_acked(tcb);
	return todo;
}
