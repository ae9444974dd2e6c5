// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168) on the count of CE-marked packets
 * that the peer reports (D6): who sends ECN-capable packets, when a report
 * counts as congestion, and when ECN does more harm than good.
 *
 * New bytes are sent ECN-capable, and nothing else is (RFC 3168 6.1): a path that
 * loses such packets still lets the handshake and retransmissions through, so that
 * the connection opens, goes on, and finds out.
 */
#include "core.h"

/*
 * So many packets, all of them marked, are no queue but a path that marks
 * everything (RFC 9000 13.4.2.2 has the same worry): three first windows.
 */
#define TRIAL_PACKETS	(3 * XTCP_CC_INIT_SEGS)

/**
 * xtcp_ecn_offer - is ECN for our HELLO?
 * @mode: what the operator says
 * @cc: the connection's congestion control
 * @answering: the peer's HELLO is known: a SYN|ACK
 *
 * Return: XTCP_FEATURE_ECN or 0.
 */
u32 xtcp_ecn_offer(enum xtcp_ecn_mode mode, const struct xtcp_cc_ops *cc, bool answering)
{
	if (mode == XTCP_ECN_ON || (mode == XTCP_ECN_ANSWER && answering) || cc->needs_ecn)
		return XTCP_FEATURE_ECN;
	return 0;
}

/**
 * xtcp_ecn_start - the connection opens: features and numbers are known
 * @tcb: connection
 */
void xtcp_ecn_start(struct xtcp_tcb *tcb)
{
	tcb->ecn = !!(tcb->features & XTCP_FEATURE_ECN);
	tcb->ect_doubt = 1;
	tcb->snd.doubted = tcb->iss + 1;
	tcb->snd.reduced = tcb->iss + 1;
}

/**
 * xtcp_ecn_capable - is a segment sent with ECT? (RFC 3168 6.1.4, 6.1.5, 6.1.6)
 * @tcb: connection
 * @tx: segment
 *
 * An algorithm made for a network that drops what it cannot mark (RFC 8257
 * section 5.1) has retransmissions ECN-capable too; the tag keeps forgers of
 * them out, for whose sake RFC 3168 forbids it (RFC 8311 4.3).
 *
 * Return: true if it is.
 */
bool xtcp_ecn_capable(const struct xtcp_tcb *tcb, const struct xtcp_tx *tx)
{
	return tcb->ecn && tx->len && (!tx->seg || tcb->cc.ops->needs_ecn);
}

/**
 * xtcp_ecn_sent - new bytes have gone out ECN-capable
 * @tcb: connection
 * @tx: what went out
 * @packets: in how many wire packets
 */
void xtcp_ecn_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u32 packets)
{
	if (tcb->snd.trial >= TRIAL_PACKETS)
		return;
	tcb->snd.trial += packets;
	tcb->snd.trial_end = tx->seq + tx->len;
}

static void give_up(struct xtcp_tcb *tcb)
{
	tcb->ecn = 0;
	tcb->events |= BIT(XTCP_EV_ECN_OFF);
}

/* Every packet of the trial was marked, but those that were lost. */
static bool marks_all(struct xtcp_tcb *tcb)
{
	if (tcb->ecn_tried || tcb->snd.trial < TRIAL_PACKETS ||
	    xtcp_before(tcb->snd.una, tcb->snd.trial_end))
		return false;
	tcb->ecn_tried = 1;
	return !tcb->cc.ops->needs_ecn && tcb->snd.ce &&
	       tcb->snd.ce + tcb->stat.rexmits >= tcb->snd.trial;
}

/**
 * xtcp_ecn_told - read the peer's count of CE-marked packets
 * @tcb: connection; UNA is already what the segment acknowledges
 * @pkt: segment
 *
 * The count only grows, so that a lost or late report costs nothing.
 *
 * Return: packets newly reported; 0 while nothing is sent ECN-capable.
 */
u32 xtcp_ecn_told(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	u32 marks = 0;

	if (!tcb->ecn)
		return 0;
	if (pkt->has & XTCP_HAS_ACKINFO && (s32)(pkt->ce_echo - tcb->snd.ce) > 0) {
		marks = pkt->ce_echo - tcb->snd.ce;
		tcb->snd.ce = pkt->ce_echo;
	}
	if (marks_all(tcb)) {
		give_up(tcb);
		return 0;
	}
	return marks;
}

/**
 * xtcp_ecn_react - the window answers marks, once for each window of data
 * @tcb: connection
 * @flight: bytes in flight, as for a loss
 *
 * RFC 3168 6.1.2: "The TCP source should not react to congestion indications
 * more than once every window of data".
 */
void xtcp_ecn_react(struct xtcp_tcb *tcb, u32 flight)
{
	if (tcb->recovery || !xtcp_after(tcb->snd.una, tcb->snd.reduced))
		return;
	tcb->snd.reduced = tcb->snd.nxt;
	xtcp_undo_never(tcb);
	tcb->snd.reduced_from = flight;
	tcb->events |= BIT(XTCP_EV_ECN_REDUCED);
	tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_ECN, flight);
}

/**
 * xtcp_ecn_arrived - a range has newly arrived: did it pass with ECT?
 * @tcb: connection
 * @seg: the range
 *
 * The path is in doubt until something ECN-capable has arrived, and again when
 * only a retransmission did. A second flight of which that is true: it goes on
 * without ECN. So it does after the first, unless that was a single packet: one
 * is lost on any path.
 */
void xtcp_ecn_arrived(struct xtcp_tcb *tcb, const struct xtcp_seg *seg)
{
	if (!tcb->ecn)
		return;
	if (!seg->rexmits || tcb->cc.ops->needs_ecn) {
		tcb->ect_doubt = 0;
		return;
	}
	if (xtcp_before(seg->start, tcb->snd.doubted))
		return;
	tcb->snd.doubted = tcb->snd.nxt;
	if (tcb->ect_doubt && tcb->snd.trial > 1)
		give_up(tcb);
	tcb->ect_doubt = 1;
}
