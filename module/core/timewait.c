// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT (C4) and tombstones (C6): what stays of a connection that is over,
 * so that segments of it do no harm to the next one (F8, F9).
 */
#include <xtcp/door.h>

#define XTCP_ACK_REACH	BIT_ULL(31)	/* D3: how old an acknowledgment may be */

/**
 * xtcp_tw_init - what a connection leaves behind as it enters TIME-WAIT
 * @tw: result
 * @tcb: connection that has just returned XTCP_TIMEWAIT; its owner holds it
 * @msl: maximum segment lifetime of the namespace, ns
 * @now: time, ns
 */
void xtcp_tw_init(struct xtcp_tw *tw, const struct xtcp_tcb *tcb, u64 msl, u64 now)
{
	tw->snd_nxt = tcb->snd.nxt;
	tw->rcv_nxt = tcb->rcv.nxt;
	tw->expires = now + 2 * msl;
	tw->cookie_born = tcb->passive ? tcb->cookie_born : 0;
	tw->tag = tcb->tag;
	tw->peer_tag = tcb->peer_tag;
	tw->wnd = tcb->rcv.edge - tcb->rcv.nxt;
}

/* The ACK of a TIME-WAIT; a TS is "always echoed" (section 3). */
static void tw_ack(const struct xtcp_tw *tw, const struct xtcp_pkt *pkt,
		   struct xtcp_reply *reply)
{
	reply->seq = tw->snd_nxt;
	reply->ack = tw->rcv_nxt;
	reply->tag = tw->peer_tag;
	reply->wnd = tw->wnd;
	reply->flags = XTCP_ACK;
	reply->len = 0;
	if (pkt->has & XTCP_HAS_TS)
		reply->len = xtcp_put_tsecho(reply->options, 0, pkt->ts) - reply->options;
}

/**
 * xtcp_tw_demux - a segment for a TIME-WAIT (C4)
 * @tw: the one of its exact (4-tuple, tag); the caller holds its lock
 * @pkt: segment, not a SYN without ACK: that passes to LISTEN; drop is set
 * @reply: result, with XTCP_VERDICT_ANSWER and XTCP_VERDICT_RESTART
 *
 * Return: XTCP_VERDICT_RESTART: send @reply, and 2 MSL begin again;
 * XTCP_VERDICT_ANSWER: send @reply; XTCP_VERDICT_DROP.
 */
enum xtcp_verdict xtcp_tw_demux(const struct xtcp_tw *tw, struct xtcp_pkt *pkt,
				struct xtcp_reply *reply)
{
	pkt->drop = XTCP_DROP_TIMEWAIT;

	/* C4: "RST is ignored (RFC 1337)"; the SYN|ACK of an old handshake likewise. */
	if (pkt->flags & (XTCP_RST | XTCP_SYN))
		return XTCP_VERDICT_DROP;

	/* D3: "an ACK outside [UNA-2^31, NXT]: drop"; UNA is NXT here. */
	if (tw->snd_nxt - pkt->ack > XTCP_ACK_REACH) {
		pkt->drop = XTCP_DROP_OLDACK;
		return XTCP_VERDICT_DROP;
	}

	/* C4: "a repeated FIN is ACKed and restarts it": it ends where all ended. */
	if (pkt->flags & XTCP_FIN && pkt->seq + pkt->len + 1 == tw->rcv_nxt) {
		tw_ack(tw, pkt, reply);
		return XTCP_VERDICT_RESTART;
	}

	/* C4: "other LEN>0 is ACKed without restart"; a FIN counts. */
	if (pkt->len || pkt->flags & XTCP_FIN) {
		tw_ack(tw, pkt, reply);
		return XTCP_VERDICT_ANSWER;
	}

	/* D2: "Nothing else is ever answered: no ACK loops." */
	return XTCP_VERDICT_DROP;
}

/**
 * xtcp_tomb_make - bury a connection (C6)
 * @tomb: result
 * @cookie_born: when its cookie was issued, ns (of struct xtcp_tcb or xtcp_tw);
 *	0 if it had none
 * @now: time, ns
 *
 * "A connection that dies younger than its cookie leaves a tombstone until the
 * cookie expires, so that a stale third message cannot open one either." For
 * one that enters TIME-WAIT the time has not come: the TIME-WAIT guards its
 * tag, and is buried when it goes.
 *
 * Return: true if there must be a tombstone.
 */
bool xtcp_tomb_make(struct xtcp_tomb *tomb, u64 cookie_born, u64 now)
{
	if (!cookie_born || now > cookie_born + XTCP_COOKIE_LIFE)
		return false;
	tomb->expires = cookie_born + XTCP_COOKIE_LIFE;
	return true;
}

/**
 * xtcp_tomb_drop - make up for a tombstone that there is no room for (C6)
 * @tomb: the one that goes, of the oldest cookie in the table
 * @refuse_born: the namespace's limit, ns
 *
 * "Table full: drop the tombstone of the oldest cookie and from then on refuse
 * every cookie not issued later."
 *
 * Return: the new limit, for struct xtcp_found.
 */
u64 xtcp_tomb_drop(const struct xtcp_tomb *tomb, u64 refuse_born)
{
	return max_t(u64, refuse_born, tomb->expires - XTCP_COOKIE_LIFE);
}
