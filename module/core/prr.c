// SPDX-License-Identifier: GPL-2.0
/*
 * Proportional rate reduction (RFC 9937; the names are the RFC's). From a loss to the
 * end of its recovery the window is what is in the network and, for each ACK, a share
 * of what that delivered: neither half a round trip of silence nor a burst, and
 * at the end what the congestion control has asked for.
 *
 * In one thing it is more generous. When most of a short flight is lost, the RFC begins
 * with one segment, and takes a round trip more each time that their number doubles, though
 * the path is empty: here they begin as a connection does.
 */
#include "core.h"

/**
 * xtcp_prr_leads - is the window PRR's?
 * @tcb: connection
 *
 * Return: true in fast recovery, unless the congestion control has a model of the
 * path and paces by it; after a timeout the window is slow start's.
 */
bool xtcp_prr_leads(const struct xtcp_tcb *tcb)
{
	return tcb->recovery && !tcb->timed_out && !tcb->cc.ops->paces;
}

/*
 * What may go as recovery begins: with what is in the network no more than was asked for, as
 * in RFC 6675 and RFC 9002, nor than a first window, which is let go at once, too (RFC 6928).
 */
static u32 first_bytes(const struct xtcp_tcb *tcb)
{
	u32 most = min(tcb->cc.ssthresh, XTCP_CC_INIT_SEGS * tcb->mss);
	u32 pipe = xtcp_pipe(tcb);

	return max(most > pipe ? most - pipe : 0, tcb->mss);
}

/**
 * xtcp_prr_begin - fast recovery begins
 * @tcb: connection; its congestion control has set ssthresh
 * @delivered: bytes newly acknowledged or SACKed by the ACK that is its cause
 *
 * RecoverFS is what will be delivered in this recovery, if nothing more is lost and
 * nothing new is sent: not what was SACKed before. One segment goes at once, or more
 * (first_bytes()).
 */
void xtcp_prr_begin(struct xtcp_tcb *tcb, u32 delivered)
{
	/* a peer that reports all of it, and acknowledges nothing, must not make it 0 */
	tcb->prr.recover_fs = max_t(u32, tcb->snd.nxt - tcb->snd.una - tcb->snd.sacked + delivered,
				    1);
	tcb->prr.delivered = 0;
	tcb->prr.out = 0;
	if (xtcp_prr_leads(tcb))
		tcb->cc.cwnd = xtcp_pipe(tcb) + first_bytes(tcb);
}

/**
 * xtcp_prr_acked - an ACK in fast recovery
 * @tcb: connection; losses are marked
 * @delivered: bytes newly acknowledged or SACKed, not 0
 * @safe: SafeACK: UNA advanced, and no further loss came to light
 *
 * Above ssthresh: proportional reduction. Below: what was delivered may be replaced
 * (PRR-CRB), and with a SafeACK one segment more (PRR-SSRB), up to ssthresh.
 */
void xtcp_prr_acked(struct xtcp_tcb *tcb, u32 delivered, bool safe)
{
	struct xtcp_prr *prr = &tcb->prr;
	u32 inflight = xtcp_pipe(tcb), ssthresh = tcb->cc.ssthresh;
	u64 sndcnt, most;

	prr->delivered += delivered;
	if (inflight > ssthresh) {
		most = xtcp_div((u64)prr->delivered * ssthresh + prr->recover_fs - 1,
				prr->recover_fs);
		sndcnt = most > prr->out ? most - prr->out : 0;
	} else {
		sndcnt = delivered;
		if (prr->delivered > prr->out)
			sndcnt = max(prr->delivered - prr->out, delivered);
		if (safe)
			sndcnt += tcb->mss;
		sndcnt = min_t(u64, sndcnt, ssthresh - inflight);
	}
	/* The first retransmission goes at once. The RFC's "sndcnt is 0" counts segments. */
	if (!prr->out)
		sndcnt = max_t(u64, sndcnt, first_bytes(tcb));
	tcb->cc.cwnd = min_t(u64, inflight + sndcnt, XTCP_CC_INFINITE);
}

/**
 * xtcp_prr_sent - bytes went out
 * @tcb: connection
 * @bytes: new or again
 */
void xtcp_prr_sent(struct xtcp_tcb *tcb, u32 bytes)
{
	if (xtcp_prr_leads(tcb))
		tcb->prr.out += bytes;
}
