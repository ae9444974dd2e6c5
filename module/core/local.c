// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes that go round the wire. Where both ends of a connection are on one host
 * the shell may hand bytes over instead of sending them. What the numbers mean
 * does not change: bytes that were handed over count as sent and acknowledged
 * at once; for the receiver, as soon as it looks, as received in order. So a
 * segment may follow at any time, and finds both sides as if all before it had
 * been segments, too.
 *
 * A direction leaves the wire only while nothing is under way on it: then
 * UNA = NXT, which is what the peer expects next. The right edge binds as ever.
 * It is told with no segment then, but beside the bytes.
 */
#include "core.h"

/**
 * xtcp_local_may - may bytes leave the wire now?
 * @tcb: connection
 *
 * Not while anything sent is not acknowledged, and not in front of an urgent mark, of
 * which only segments tell. That the shell has found the peer's end, with our numbers,
 * confirms the handshake as a segment of it would (O5).
 *
 * Return: true if they may.
 */
bool xtcp_local_may(const struct xtcp_tcb *tcb)
{
	return xtcp_synchronized(tcb) && !tcb->fin_sent && !xtcp_outstanding(tcb) &&
	       !xtcp_urgent_mode(tcb);
}

/**
 * xtcp_local_bytes - how much of what was written may be handed over
 * @tcb: connection for which xtcp_local_may() holds
 * @now: time
 *
 * All, but for what MSG_MORE or TCP_CORK keeps back (D12). The right edge is the
 * caller's business: it may know a later one than the TCB does.
 *
 * Return: bytes from SND.NXT on.
 */
u32 xtcp_local_bytes(struct xtcp_tcb *tcb, u64 now)
{
	u32 unsent, tail;

	if (!xtcp_before(tcb->snd.nxt, tcb->snd.end))
		return 0;
	unsent = min_t(u64, tcb->snd.end - tcb->snd.nxt, U32_MAX);
	tail = unsent % tcb->mss;
	return tail && !xtcp_small_may_go(tcb, now) ? unsent - tail : unsent;
}

/* Bytes were handed over: they are sent and acknowledged, and the peer is there. */
static void gave(struct xtcp_tcb *tcb, u32 bytes, u32 parts, u64 now)
{
	tcb->snd.nxt += bytes;
	tcb->snd.una = tcb->snd.nxt;
	tcb->snd.advanced_at = now;
	tcb->stat.bytes_sent += bytes;
	tcb->stat.bytes_acked += bytes;
	tcb->stat.segs_out += parts;
	tcb->stat.data_segs_out += parts;
	tcb->rcv.heard_at = now;
	tcb->rcv.accepted_at = now;
	tcb->keep_sent = 0;
	tcb->keep_owed = 0;
	tcb->backoff = 0;
	tcb->conf = 1;
}

/**
 * xtcp_local_gave - bytes were handed over
 * @tcb: connection for which xtcp_local_may() holds
 * @bytes: how many, from SND.NXT on
 * @parts: in how many pieces: each counts as a segment in the statistics
 * @held: others wait until the peer has room
 * @edge: right edge, if the peer has told of a later one than the TCB knows
 * @now: time
 *
 * The peer is there: what waits for a sign of it (K1, K2) has had one. Bytes that
 * are held are not sent as segments; T_PROBE runs as for a closed window (D7), and
 * its expiry brings them up again, whatever became of the peer's call.
 *
 * Return: todo bits.
 */
u32 xtcp_local_gave(struct xtcp_tcb *tcb, u32 bytes, u32 parts, bool held, u64 edge, u64 now)
{
	tcb->local_held = held;
	tcb->snd.edge = xtcp_seq_max(tcb->snd.edge, edge);
	if (bytes) {
		gave(tcb, bytes, parts, now);
		tcb->deadline[XTCP_T_PROBE] = XTCP_NEVER;
		if (!xtcp_before(tcb->snd.nxt, tcb->snd.end)) {
			tcb->released = 0;
			tcb->deadline[XTCP_T_HOLD] = XTCP_NEVER;
		}
	}
	return xtcp_settle(tcb, 0, now);
}

/**
 * xtcp_local_ready - may a small write be handed over before the core hears of it?
 * @tcb: connection whose bytes go round the wire
 *
 * Return: true if nothing that was written waits, nothing holds it back (D12), and no
 * segment is owed.
 */
bool xtcp_local_ready(const struct xtcp_tcb *tcb)
{
	return !xtcp_before(tcb->snd.nxt, tcb->snd.end) && !tcb->tune.cork &&
	       !xtcp_local_owes(tcb);
}

/**
 * xtcp_local_wrote - the program has written bytes, and they were handed over
 * @tcb: connection for which xtcp_local_may() and xtcp_local_ready() hold
 * @bytes: how many
 * @edge: right edge, if the peer has told of a later one than the TCB knows
 * @now: time
 *
 * They are behind others in a segment that was counted (xtcp_local_gave()). Nothing
 * waited, and nothing does: there is nothing to settle but T_KEEP, which may fire early.
 */
void xtcp_local_wrote(struct xtcp_tcb *tcb, u32 bytes, u64 edge, u64 now)
{
	tcb->snd.end += bytes;
	tcb->snd.push = tcb->snd.end;
	tcb->snd.edge = xtcp_seq_max(tcb->snd.edge, edge);
	gave(tcb, bytes, 0, now);
}

/**
 * xtcp_local_fin_waits - is there nothing left but a FIN for which there is no room?
 * @tcb: connection whose bytes go round the wire
 *
 * The right edge that the TCB knows may be old: it is told beside bytes, and there are
 * none any more. So the direction goes back to the wire, where segments tell of it.
 *
 * Return: true if so.
 */
bool xtcp_local_fin_waits(const struct xtcp_tcb *tcb)
{
	return xtcp_unsent(tcb) && !xtcp_before(tcb->snd.nxt, tcb->snd.end) &&
	       !xtcp_after(tcb->snd.edge, tcb->snd.nxt);
}

/**
 * xtcp_local_leave - bytes are segments again
 * @tcb: connection
 * @edge: right edge, if the peer has told of a later one than the TCB knows
 *
 * The caller runs the output loop.
 */
void xtcp_local_leave(struct xtcp_tcb *tcb, u64 edge)
{
	tcb->local_held = 0;
	if (xtcp_after(edge, tcb->snd.edge))
		tcb->snd.edge = edge;
}

/**
 * xtcp_local_took - bytes that the peer has handed over are received
 * @tcb: synchronized connection
 * @pkt: seq, len and buf; gets skip and take
 * @now: time
 *
 * They are next in order: all that the peer sent before is acknowledged. Where
 * somebody else's bytes are there already these stay, as in any segment. No
 * acknowledgment is due.
 *
 * Return: todo bits: 0 if nothing of it is wanted.
 */
u32 xtcp_local_took(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now)
{
	u64 end = pkt->seq + pkt->len;
	u32 todo;

	tcb->stat.segs_in++;
	tcb->stat.data_segs_in++;
	tcb->rcv.heard_at = now;
	tcb->rcv.accepted_at = now;
	tcb->keep_sent = 0;
	tcb->keep_owed = 0;
	/* O3: the ACK that was to tell the peer that we are here has nothing else to say */
	if (tcb->ack_held && tcb->rcv.told == tcb->rcv.nxt) {
		tcb->ack_held = 0;
		tcb->deadline[XTCP_T_DELACK] = XTCP_NEVER;
	}
	pkt->skip = 0;
	pkt->take = 0;
	if (tcb->fin_rcvd || xtcp_after(pkt->seq, tcb->rcv.nxt) ||
	    !xtcp_after(end, tcb->rcv.nxt))
		return 0;
	todo = xtcp_reassemble(tcb, pkt, pkt->seq, end);
	tcb->rcv.edge = xtcp_seq_max(tcb->rcv.edge, tcb->rcv.nxt);
	return todo;
}

/**
 * xtcp_local_in - how does the peer hear of the right edge?
 * @tcb: synchronized connection
 * @on: beside the bytes; else by segments
 * @now: time
 *
 * Return: todo bits: going back, one is owed, as the peer may have missed some. Not
 * after its FIN: it sends nothing more, and perhaps is no more.
 */
u32 xtcp_local_in(struct xtcp_tcb *tcb, bool on, u64 now)
{
	bool back = tcb->local_in && !on;

	tcb->local_in = on;
	if (!back || tcb->fin_rcvd)
		return 0;
	tcb->ack_owed = 1;
	return xtcp_settle(tcb, XTCP_XMIT, now);
}

/**
 * xtcp_local_answer - before bytes go round the wire: what segments are owed?
 * @tcb: connection for which xtcp_local_may() holds
 *
 * An ACK that is held for company will find none: it goes now, or a peer whose
 * bytes it acknowledges could not leave the wire.
 */
void xtcp_local_answer(struct xtcp_tcb *tcb)
{
	if (tcb->ack_held)
		tcb->ack_owed = 1;
}

/**
 * xtcp_local_owes - is there anything but bytes to be sent?
 * @tcb: synchronized connection
 *
 * Return: false if xtcp_next() would find nothing, as far as bytes were handed
 * over or are held.
 */
bool xtcp_local_owes(const struct xtcp_tcb *tcb)
{
	return (xtcp_unsent(tcb) && !tcb->local_held) || xtcp_owes(tcb);
}
