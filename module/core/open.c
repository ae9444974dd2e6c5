// SPDX-License-Identifier: GPL-2.0
/*
 * The active side of the handshake: SYN-SENT (O4, O7, O8), and SYN-RECEIVED in a
 * simultaneous open (O6), in which nobody issues a cookie.
 *
 * The SYN that meets ours may be a stale one, so that nothing but the address
 * of our SYN|ACK comes from it: the connection opens only when our own SYN is
 * acknowledged, and whoever does that by a SYN|ACK says who he is. Meanwhile
 * our SYN goes on being repeated, so that a listener, too, can answer.
 */
#include "core.h"

/* The peer's side of the connection, as its SYN or SYN|ACK says. */
static void meet_peer(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	struct xtcp_hello hello;
	u64 window = xtcp_window(tcb);

	xtcp_read_hello(pkt, &hello);
	tcb->peer_tag = hello.tag;
	tcb->peer_mss = max_t(u32, hello.mss, XTCP_MSS_MIN);
	tcb->peer_timeout = hello.user_timeout;
	tcb->features = hello.features & tcb->offer;
	xtcp_set_path_mss(tcb, tcb->path_mss);

	tcb->irs = pkt->seq;
	tcb->rcv.nxt = pkt->seq + 1;
	tcb->rcv.read = tcb->rcv.nxt;
	tcb->rcv.told = tcb->rcv.nxt;
	tcb->rcv.edge = tcb->rcv.nxt + window;	/* as our SYN promised */
}

/* Our SYN is acknowledged: the connection is open. */
static u32 established(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now)
{
	tcb->rcv.heard_at = now;
	tcb->snd.una = pkt->ack;
	tcb->snd.edge = pkt->ack + pkt->wnd;
	tcb->snd.max_wnd = pkt->wnd;
	tcb->snd.advanced_at = now;
	tcb->snd.drained = tcb->snd.una;
	tcb->snd.drained_at = now;
	xtcp_begin_cc(tcb);
	xtcp_ecn_start(tcb);
	/* RFC 6298 5.7: a path that did not answer in the time known of it may be slower now. */
	if (!tcb->rtt.srtt)
		tcb->rtt.rto = xtcp_backoff(tcb->rtt.rto, tcb->backoff,
					    max_t(u64, tcb->rtt.rto, XTCP_RTO_INIT));
	tcb->backoff = 0;
	tcb->syn_owed = 0;
	tcb->synack_owed = 0;
	xtcp_opened(tcb);
	return XTCP_STATE | XTCP_XMIT;
}

/*
 * O4: SYN-SENT + SYN|ACK with ACK = ISS+1: ESTABLISHED. With COOKIE every
 * segment carries it until conf; without, the peer needs no confirmation.
 * O6: in SYN-RECEIVED its HELLO tag and SEQ (and COOKIE, if any) win.
 * O9: a payload is ignored.
 */
static u32 accept_syn_ack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now)
{
	meet_peer(tcb, pkt);
	/*
	 * With several SYNs out nobody knows which was answered, nor when its echo was made.
	 * The last TS was our SYN's.
	 */
	if (!tcb->backoff)
		xtcp_rtt_sample(&tcb->rtt, max_t(u64, now - tcb->snd.ts_at, 1), now);

	tcb->crossed = !(pkt->has & XTCP_HAS_COOKIE);
	tcb->conf = tcb->crossed;
	if (!tcb->crossed)
		memcpy(tcb->cookie, pkt->cookie, XTCP_COOKIE_LEN);
	tcb->ack_owed = 1;
	return established(tcb, pkt, now);
}

/**
 * xtcp_answer_syn - a SYN|ACK goes out, if need be again (O6, M2)
 * @tcb: connection in SYN-RECEIVED, or opened by O6
 * @syn: SYN that it answers
 * @now: time
 *
 * It is never longer than the SYN, as HELLO and TSECHO answer HELLO and TS.
 *
 * Return: todo bits.
 */
u32 xtcp_answer_syn(struct xtcp_tcb *tcb, const struct xtcp_pkt *syn, u64 now)
{
	if (syn->has & XTCP_HAS_TS) {
		tcb->rcv.ts = syn->ts;
		tcb->rcv.ts_at = now;
		tcb->ts_owed = 1;
	}
	tcb->synack_owed = 1;
	return XTCP_XMIT;
}

/*
 * O6: SYN-SENT + SYN: note tag and SEQ, a hint that is replaced by a later SYN;
 * SYN-RECEIVED, send SYN|ACK.
 */
static u32 cross(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	u32 todo = tcb->state == XTCP_SYN_SENT ? XTCP_STATE : 0;

	if (!(pkt->has & XTCP_HAS_HELLO))
		return xtcp_discard(pkt, XTCP_DROP_SYN);
	meet_peer(tcb, pkt);
	xtcp_set_state(tcb, XTCP_SYN_RECEIVED);
	return todo | xtcp_answer_syn(tcb, pkt, now);
}

/*
 * O8: ECONNREFUSED only for RST|ACK with our tag and ACK = ISS+1: 96 bits that
 * were in our SYN and that nobody guesses, whatever its SEQ.
 */
static bool refuses_us(const struct xtcp_tcb *tcb, const struct xtcp_pkt *rst)
{
	return rst->flags & XTCP_ACK && rst->tag == tcb->tag && rst->ack == tcb->iss + 1;
}

static u32 input_syn_sent(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	bool ours = pkt->flags & XTCP_ACK && pkt->ack == tcb->iss + 1;

	if (pkt->flags & XTCP_RST) {
		if (!refuses_us(tcb, pkt))
			return xtcp_discard(pkt, XTCP_DROP_RST);
		return xtcp_die(tcb, ECONNREFUSED);
	}
	if (xtcp_is_syn(pkt))
		return cross(tcb, pkt, now);
	/* O7: an unacceptable ACK is answered with a RST: a stale SYN of ours. */
	if (pkt->flags & XTCP_ACK && !ours) {
		pkt->drop = XTCP_DROP_OLDACK;
		return XTCP_REFUSE;
	}
	if (!ours || !(pkt->flags & XTCP_SYN) || !(pkt->has & XTCP_HAS_HELLO))
		return xtcp_discard(pkt, XTCP_DROP_SYN);
	return accept_syn_ack(tcb, pkt, now);
}

/* O6: RST with the noted tag: nobody is there who sent that SYN: back to SYN-SENT. */
static u32 uncross(struct xtcp_tcb *tcb)
{
	/* C1: nobody waits for this connection any more. */
	if (tcb->orphan)
		return xtcp_die(tcb, 0);
	tcb->peer_tag = 0;
	tcb->peer_mss = U32_MAX;
	xtcp_set_path_mss(tcb, tcb->path_mss);
	tcb->synack_owed = 0;
	xtcp_set_state(tcb, XTCP_SYN_SENT);
	return XTCP_STATE;
}

/*
 * O6: whoever sent the SYN that was noted has gone, or gives up what our SYN has
 * opened. O8: or our SYN has met nobody, of which R1 cannot know: that RST does
 * not have the numbers of the SYN that was noted.
 */
static u32 opening_rst(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt)
{
	if (xtcp_rst_counts(tcb, pkt))
		return pkt->tag == tcb->peer_tag ? uncross(tcb) : xtcp_die(tcb, ECONNRESET);
	if (refuses_us(tcb, pkt))
		return xtcp_die(tcb, ECONNREFUSED);
	return xtcp_discard(pkt, XTCP_DROP_RST);
}

/* O6: the SYN of the peer is there, the answer to ours is not. */
static u32 input_syn_received(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	if (pkt->flags & XTCP_RST)
		return opening_rst(tcb, pkt);
	if (xtcp_is_syn(pkt))
		return cross(tcb, pkt, now);
	if (pkt->tag != tcb->tag)
		return xtcp_discard(pkt, XTCP_DROP_NOCONN);
	if (!(pkt->flags & XTCP_ACK))
		return xtcp_discard(pkt, XTCP_DROP_FLAGS);
	if (pkt->ack != tcb->iss + 1)
		return xtcp_discard(pkt, XTCP_DROP_OLDACK);
	if (pkt->flags & XTCP_SYN) {
		if (!(pkt->has & XTCP_HAS_HELLO))
			return xtcp_discard(pkt, XTCP_DROP_SYN);
		return accept_syn_ack(tcb, pkt, now);
	}
	/* A bare ACK counts only with SEQ = noted+1: it says nothing else about its sender. */
	if (pkt->seq != tcb->irs + 1)
		return xtcp_discard(pkt, XTCP_DROP_WINDOW);
	tcb->crossed = 1;
	tcb->conf = 1;
	return established(tcb, pkt, now);
}

/**
 * xtcp_input_opening - a segment for a connection that is not open yet
 * @tcb: connection in SYN-SENT or SYN-RECEIVED
 * @pkt: segment; drop is set if nothing of it was used
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_input_opening(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	if (tcb->state == XTCP_SYN_SENT)
		return input_syn_sent(tcb, pkt, now);
	return input_syn_received(tcb, pkt, now);
}
