// SPDX-License-Identifier: GPL-2.0
/*
 * A segment meets its connection. The steps stand in the order in which they
 * are taken; each is headed by the rule it carries out.
 */
#include "core.h"

#define OLD_ACK_MAX	BIT_ULL(31)	/* D3 */

static u32 answer_now(struct xtcp_tcb *tcb)
{
	tcb->ack_owed = 1;
	return XTCP_XMIT;
}

/**
 * xtcp_need - how many spare nodes a segment may need
 * @tcb: connection
 * @pkt: parsed segment
 *
 * A range of ACKINFO can split two nodes, data out of order takes one.
 *
 * Return: nodes to be added to the spares before xtcp_input(); 0 in order.
 */
u32 xtcp_need(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	u32 need = min_t(u32, 2 * pkt->ranges, XTCP_SPARES_MAX - 1);

	if (pkt->len && pkt->seq != tcb->rcv.nxt)
		need++;
	return need > tcb->spares ? need - tcb->spares : 0;
}

static u32 input_rst(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt)
{
	if (!xtcp_rst_counts(tcb, pkt))
		return xtcp_discard(pkt, XTCP_DROP_RST);
	tcb->events |= BIT(XTCP_EV_ESTAB_RESET);
	/* TCP's errno: the peer had finished sending already. */
	return xtcp_die(tcb, tcb->state == XTCP_CLOSE_WAIT ? EPIPE : ECONNRESET);
}

static u32 input_syn(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	struct xtcp_hello hello;

	pkt->drop = XTCP_DROP_SYN;
	/* O5: another SYN|ACK with the same server tag: send ACK + COOKIE again. */
	if (pkt->flags & XTCP_ACK) {
		if (tcb->passive || pkt->tag != tcb->tag || !(pkt->has & XTCP_HAS_HELLO))
			return 0;
		xtcp_read_hello(pkt, &hello);
		if (hello.tag != tcb->peer_tag || pkt->seq != tcb->irs)
			return 0;
		if (tcb->crossed)
			return answer_now(tcb);
		tcb->echo_owed = 1;
		return XTCP_XMIT;
	}
	/* M2: those that only wait for their end do not stand in the way: LISTEN. */
	if (tcb->state == XTCP_CLOSING || tcb->state == XTCP_LAST_ACK)
		return 0;
	/*
	 * M2: same tag and SEQ: a duplicate of the SYN that opened us. Who sends it again in
	 * a simultaneous open may be in SYN-SENT, where only a SYN|ACK counts.
	 */
	if (pkt->tag == tcb->peer_tag && pkt->seq == tcb->irs)
		return tcb->crossed ? xtcp_answer_syn(tcb, pkt, now) : answer_now(tcb);
	/* M2: else one ACK of our numbers, at most one in 500 ms; O2: it pays for its answer. */
	if (now < tcb->challenge_at)
		return 0;
	if (pkt->hdr * 8U < xtcp_challenge_len(tcb))
		return xtcp_discard(pkt, XTCP_DROP_AMPLIFY);
	tcb->challenge_at = now + XTCP_CHALLENGE_GAP;
	tcb->events |= BIT(XTCP_EV_CHALLENGE);
	tcb->challenge_owed = 1;
	return XTCP_XMIT;
}

/* All of it was there already: DSACK (RFC 2883). */
static void report_duplicate(struct xtcp_tcb *tcb, u64 start, u64 end)
{
	tcb->rcv.dsack = start;
	tcb->rcv.dsack_len = end - start;
	tcb->dsack_owed = 1;
}

/* D2: what is answered of that which is not acceptable. */
static u32 unacceptable(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	u64 end = pkt->seq + pkt->len;

	/* LEN>0 or FIN: drop, ACK now (+DSACK if old). */
	if (pkt->len || pkt->flags & XTCP_FIN) {
		if (pkt->len && !xtcp_after(end, tcb->rcv.nxt)) {
			report_duplicate(tcb, pkt->seq, end);
			pkt->drop = XTCP_DROP_DUPLICATE;
		} else {
			pkt->drop = XTCP_DROP_WINDOW;
		}
		return answer_now(tcb);
	}
	/* LEN=0, beyond the window: nothing is ever answered. */
	if (xtcp_after(pkt->seq, tcb->rcv.nxt))
		return xtcp_discard(pkt, XTCP_DROP_WINDOW);
	/* LEN=0 and SEQ=RCV.NXT-1, a probe: ACK now (D8: URG). Older: use its ACK, no reply. */
	if (pkt->seq + 1 == tcb->rcv.nxt)
		return answer_now(tcb) | xtcp_mark(tcb, pkt) | xtcp_ack(tcb, pkt, now);
	return xtcp_ack(tcb, pkt, now);
}

/*
 * D1: LEN=0: RCV.NXT <= SEQ <= RCV.NXT+WND; LEN>0: overlaps the window. A FIN
 * takes a number, so that it counts here.
 */
static bool acceptable(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	u64 end = pkt->seq + pkt->len + (pkt->flags & XTCP_FIN ? 1 : 0);

	if (end == pkt->seq)
		return !xtcp_before(pkt->seq, tcb->rcv.nxt) &&
		       !xtcp_after(pkt->seq, tcb->rcv.edge);
	return xtcp_before(pkt->seq, tcb->rcv.edge) && xtcp_after(end, tcb->rcv.nxt);
}

static u32 input_data(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	u64 end = xtcp_seq_min(pkt->seq + pkt->len, tcb->rcv.edge);
	bool gaps = tcb->rcv.run_count || tcb->fin_early || xtcp_after(pkt->seq, tcb->rcv.nxt);
	u32 todo;

	/* C2: there is nothing after a FIN. */
	if (tcb->fin_early)
		end = xtcp_seq_min(end, tcb->rcv.fin);
	if (tcb->fin_rcvd || !xtcp_after(end, tcb->rcv.nxt) || !xtcp_before(pkt->seq, end)) {
		pkt->drop = XTCP_DROP_WINDOW;
		return answer_now(tcb);
	}
	/* C5: data after a full close, or after both directions were shut down: RST. */
	if (tcb->orphan || (tcb->deaf && tcb->fin_queued)) {
		pkt->drop = XTCP_DROP_CLOSED;
		tcb->events |= BIT(XTCP_EV_ABORT);
		return xtcp_die(tcb, tcb->orphan ? 0 : ECONNRESET) | XTCP_RESET;
	}
	/* D1, D11: no memory: dropped, unanswered. */
	if (pkt->no_room)
		return xtcp_discard(pkt, XTCP_DROP_MEMORY);

	tcb->stat.data_segs_in += pkt->wire;
	todo = xtcp_reassemble(tcb, pkt, pkt->seq, end);
	if (pkt->drop == XTCP_DROP_DUPLICATE)
		report_duplicate(tcb, pkt->seq, end);
	return xtcp_hold_ack(tcb, pkt, gaps, now) ? todo : todo | answer_now(tcb);
}

/* C2: a FIN in order. An early FIN waits for its gap. */
static u32 input_fin(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now)
{
	u64 fin = pkt->seq + pkt->len;

	if (pkt->flags & XTCP_FIN && !tcb->fin_rcvd && !tcb->fin_early &&
	    !xtcp_before(fin, tcb->rcv.nxt) && xtcp_before(fin, tcb->rcv.edge)) {
		tcb->rcv.fin = fin;
		tcb->fin_early = 1;
		if (fin != tcb->rcv.nxt)
			tcb->ack_owed = 1;
	}
	if (!tcb->fin_early || tcb->rcv.fin != tcb->rcv.nxt)
		return tcb->ack_owed ? XTCP_XMIT : 0;
	tcb->rcv.nxt++;
	return xtcp_fin_received(tcb, now);
}

static u32 input_synchronized(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	u32 todo = 0;
	bool opens;

	if (pkt->flags & XTCP_RST)
		return input_rst(tcb, pkt);
	if (pkt->flags & XTCP_SYN)
		return input_syn(tcb, pkt, now);
	if (pkt->tag != tcb->tag)
		return xtcp_discard(pkt, XTCP_DROP_NOCONN);
	/* D3 */
	if (!(pkt->flags & XTCP_ACK))
		return xtcp_discard(pkt, XTCP_DROP_FLAGS);
	if (xtcp_after(pkt->ack, tcb->snd.nxt) ||
	    xtcp_before(pkt->ack, tcb->snd.una - OLD_ACK_MAX))
		return xtcp_discard(pkt, XTCP_DROP_OLDACK);

	tcb->stat.segs_in += pkt->wire;
	tcb->rcv.ce += pkt->ce;
	tcb->rcv.heard_at = now;	/* K1: any segment from the peer */
	tcb->keep_sent = 0;
	tcb->keep_owed = 0;
	tcb->soft_err = 0;		/* whatever ICMP said, the peer is there */
	/* D9: what comes late tells nothing that the last echo has not. */
	if (pkt->has & XTCP_HAS_TS &&
	    (!tcb->rcv.ts_at || (s32)(pkt->ts - tcb->rcv.ts) >= 0 ||
	     now - tcb->rcv.ts_at > XTCP_MSL)) {
		tcb->rcv.ts = pkt->ts;
		tcb->rcv.ts_at = now;
		tcb->ts_owed = 1;
	}
	if (!acceptable(tcb, pkt))
		return unacceptable(tcb, pkt, now);
	opens = !tcb->rcv.accepted_at;
	tcb->rcv.accepted_at = now;	/* K2 */

	if (!tcb->conf) {		/* O5 */
		tcb->conf = 1;
		if (!xtcp_outstanding(tcb))
			tcb->backoff = 0;	/* T_ECHO's */
	}
	/*
	 * D2: the peer does not know yet that we are here, and asks again. Data asks for an
	 * ACK of its own; to what opened the connection one is due already (xtcp_child()).
	 */
	if (pkt->has & XTCP_HAS_COOKIE && !pkt->len && !(opens && tcb->ack_held))
		todo |= answer_now(tcb);

	todo |= xtcp_ack(tcb, pkt, now);
	if (tcb->state == XTCP_CLOSED)
		return todo;		/* C3: that was the ACK of our FIN */
	todo |= xtcp_mark(tcb, pkt);
	if (pkt->len) {
		todo |= input_data(tcb, pkt, now);
		if (tcb->state == XTCP_CLOSED)
			return todo;
	}
	return todo | input_fin(tcb, pkt, now);
}

/**
 * xtcp_input - a segment for this connection
 * @tcb: connection
 * @pkt: from xtcp_parse(), for once; gets skip and take for XTCP_TAKE and XTCP_HELD,
 *	 and drop if nothing of its payload was used
 * @now: time
 *
 * Never fails, never allocates.
 *
 * Return: todo bits.
 */
u32 xtcp_input(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	u32 todo;

	pkt->drop = XTCP_DROP_NONE;
	pkt->tsecho -= tcb->ts_epoch;	/* by our clock again */
	if (xtcp_opening(tcb)) {
		todo = xtcp_input_opening(tcb, pkt, now);
		/* O6: the bare ACK that opened it is a segment like any other, too */
		if (xtcp_synchronized(tcb) && !(pkt->flags & XTCP_SYN))
			todo |= input_synchronized(tcb, pkt, now);
	} else if (xtcp_synchronized(tcb)) {
		todo = input_synchronized(tcb, pkt, now);
	} else {
		todo = xtcp_discard(pkt, XTCP_DROP_CLOSED);
	}
	return xtcp_settle(tcb, todo, now);
}

/**
 * xtcp_sends - does ICMP quote a segment of this connection? (D10)
 * @tcb: connection
 * @tag: what is quoted of one
 *
 * Our SYN|ACK of O6 carries what a SYN has brought, which whoever is not on the path
 * may have forged: until the connection is open only our own tag, our SYN's, is proof.
 *
 * Return: true if so.
 */
bool xtcp_sends(const struct xtcp_tcb *tcb, u32 tag)
{
	if (xtcp_opening(tcb))
		return tag == tcb->tag;
	return xtcp_synchronized(tcb) && tag == tcb->peer_tag;
}

/**
 * xtcp_believes_mtu - may "packet too big" change the route? (D10)
 * @tcb: connection
 * @tag: what is quoted of a segment
 *
 * The route is not this connection's alone. A SYN is too big for no link.
 *
 * Return: true if xtcp_icmp() will make something of XTCP_ICMP_TOO_BIG.
 */
bool xtcp_believes_mtu(const struct xtcp_tcb *tcb, u32 tag)
{
	return xtcp_synchronized(tcb) && xtcp_sends(tcb, tag);
}

/**
 * xtcp_icmp - an ICMP error that quotes a segment of ours (D10)
 * @tcb: connection, of whose segments one is quoted (xtcp_sends())
 * @kind: what it says
 * @err: positive errno for the program (ERROR)
 * @path_mss: bytes of options and payload that the path takes (TOO_BIG)
 * @now: time
 *
 * Errors abort only SYN-SENT: all of them, as Linux's TCP does it (RFC 5461
 * 4.1), so that connect() says at once what is wrong. Later they are soft: told
 * when the connection times out.
 *
 * Return: todo bits.
 */
u32 xtcp_icmp(struct xtcp_tcb *tcb, enum xtcp_icmp_kind kind, int err, u32 path_mss, u64 now)
{
	u32 todo = 0;

	switch (kind) {
	case XTCP_ICMP_ERROR:
		if (tcb->state == XTCP_SYN_SENT)
			todo = xtcp_die(tcb, err);
		else
			tcb->soft_err = err;
		break;
	case XTCP_ICMP_TOO_BIG:
		if (xtcp_synchronized(tcb))
			todo = xtcp_too_big(tcb, path_mss, now);
		break;
	}
	return xtcp_settle(tcb, todo, now);
}
