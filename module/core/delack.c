// SPDX-License-Identifier: GPL-2.0
/*
 * When what has arrived is acknowledged (D5): at once, in company, as the program
 * reads on, or with the answer that it gives.
 */
#include "core.h"

#define ACK_EVERY	2	/* full segments */

/* By how much a FIN may put off the ACK of data in front of it: see xtcp_await_company(). */
#define PUT_OFF		(10 * XTCP_MS)

/*
 * A full segment is one as long as the longest lately seen, but for the options that
 * come and go. "Lately": what is shorter pulls the mark down by a sixteenth of the
 * difference, as far as a path's MTU may (D10): what is shorter still is part of what the
 * program wrote. The last one of a super-packet may be short, and counts with the others.
 */
static void count_full(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	u32 size = pkt->hdr * 8 + (pkt->wire > 1 ? pkt->mss : pkt->len);

	if (size + XTCP_TS_LEN + XTCP_TSECHO_LEN >= tcb->rcv.full) {
		tcb->rcv.full = max(tcb->rcv.full, size);
		tcb->rcv.fulls += pkt->wire;
	} else {
		size = max(size, XTCP_FULL_MIN);
		tcb->rcv.full -= DIV_ROUND_UP(tcb->rcv.full - size, 16);
	}
}

/*
 * Two full segments, or as many bytes of shorter ones (RFC 9293, SHLD-19), which is what
 * the peer's tail loss probe goes by (xtcp_tlp_due()): so it is the peer's MSS that counts,
 * and not ours, which can be another one.
 */
static bool enough(const struct xtcp_tcb *tcb)
{
	u32 full = xtcp_full_data(tcb->rcv.full - XTCP_HDR_LEN);

	return tcb->rcv.fulls >= ACK_EVERY || tcb->rcv.nxt - tcb->rcv.told >= ACK_EVERY * full;
}

/*
 * For how long an ACK of data may wait. Where the program gives answers one of them will
 * take it along.
 */
static u64 patience(const struct xtcp_tcb *tcb)
{
	u64 rtt = tcb->rtt.srtt ?: tcb->rcv.rtt;
	u64 wait = clamp(rtt / 4, XTCP_DELACK_MIN, XTCP_DELACK_MAX);

	if (!rtt)
		return XTCP_DELACK_MAX;
	return tcb->answers ? max_t(u64, wait, XTCP_DELACK_ANSWER) : wait;
}

/* The program is behind, and acknowledges as it reads on. */
static bool behind(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	return xtcp_after(pkt->seq, tcb->rcv.read + XTCP_CC_INIT_SEGS * tcb->mss);
}

static void hold_ack(struct xtcp_tcb *tcb, u64 wait, u64 now)
{
	if (tcb->ack_owed)
		return;
	if (enough(tcb))
		wait = XTCP_DELACK_MIN;
	tcb->ack_held = 1;
	tcb->rcv.held_at = now;
	xtcp_set_timer(tcb, XTCP_T_DELACK, min(tcb->deadline[XTCP_T_DELACK], now + wait));
}

/**
 * xtcp_hold_ack - may the ACK of data that has arrived wait?
 * @tcb: connection
 * @pkt: the data
 * @at_once: it must not: there is a gap, or one was filled
 * @now: time
 *
 * Return: true if it waits, by T-DELACK, or is owed anyway; false if it is due now.
 */
bool xtcp_hold_ack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, bool at_once, u64 now)
{
	bool ce = pkt->ce;

	/* D6: due now or later, its ACK is the answer to this one, not to one that was held. */
	if (tcb->ack_held)
		tcb->rcv.held_at = now;
	count_full(tcb, pkt);
	if (ce != tcb->ce_last)
		at_once = true;
	tcb->ce_last = ce;
	if (at_once || tcb->tune.quickack || (enough(tcb) && !behind(tcb, pkt)))
		return false;
	hold_ack(tcb, patience(tcb), now);
	return true;
}

/**
 * xtcp_await_company - an ACK of what was no data is due, and may wait for ours
 * @tcb: connection
 * @now: time
 *
 * That of a FIN where ours is still to come, and that of the echo which has opened the
 * connection (O3): mostly the program closes, or has a request to answer, as soon as its
 * turn comes. So the ACK of data in front of a FIN waits on, too, for as long as the peer's
 * timers allow for (D9): the probe leaves 27 ms at least, and two round trips of which a
 * quarter is waited for already, T-RTO 40 ms.
 */
void xtcp_await_company(struct xtcp_tcb *tcb, u64 now)
{
	if (tcb->tune.quickack)
		tcb->ack_owed = 1;
	if (tcb->ack_owed)
		return;
	if (tcb->ack_held && !enough(tcb) && !tcb->answers && (tcb->rtt.srtt || tcb->rcv.rtt))
		tcb->deadline[XTCP_T_DELACK] += PUT_OFF;
	hold_ack(tcb, XTCP_DELACK_ANSWER, now);
}

/**
 * xtcp_reads_on - has the program read all that was acknowledged?
 * @tcb: connection
 *
 * Return: true if full segments wait for that (xtcp_hold_ack()): their ACK is due.
 */
bool xtcp_reads_on(const struct xtcp_tcb *tcb)
{
	return tcb->ack_held && enough(tcb) && xtcp_synchronized(tcb) &&
	       !xtcp_after(tcb->rcv.told, tcb->rcv.read);
}

/**
 * xtcp_ack_told - an ACK of all that has arrived was sent
 * @tcb: connection
 * @data: with data: it can have been the answer to what arrived last
 * @now: time
 */
void xtcp_ack_told(struct xtcp_tcb *tcb, bool data, u64 now)
{
	if (data && now - tcb->rcv.held_at < XTCP_DELACK_ANSWER)
		tcb->answers = 1;
	tcb->rcv.told = tcb->rcv.nxt;
	tcb->rcv.fulls = 0;
	tcb->ack_owed = 0;
	tcb->ack_held = 0;
	tcb->deadline[XTCP_T_DELACK] = XTCP_NEVER;
}
