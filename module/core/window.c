// SPDX-License-Identifier: GPL-2.0
/*
 * The receive window. Its right edge never moves back, so that what has been
 * promised is taken whatever happens to the buffer's size (D11); how fast it
 * moves forward is all that a smaller buffer changes.
 */
#include "core.h"

#define SLACK_SEGS	16	/* D11: small transfers are not worth a round of growth; as TCP's */

/* D12: an edge moves by this much or not at all; smaller steps make silly windows. */
static u32 step(const struct xtcp_tcb *tcb)
{
	return min(2 * tcb->mss, tcb->rcv.buf / 2);
}

static u64 best_edge(const struct xtcp_tcb *tcb)
{
	return tcb->rcv.read + min_t(u32, tcb->rcv.buf, XTCP_WINDOW_MAX);
}

static bool worth_moving(const struct xtcp_tcb *tcb, u64 edge)
{
	if (!xtcp_after(edge, tcb->rcv.edge))
		return false;
	return tcb->rcv.edge == tcb->rcv.nxt || edge - tcb->rcv.edge >= step(tcb);
}

/**
 * xtcp_window - the window to advertise
 * @tcb: connection
 *
 * Return: bytes from RCV.NXT to the right edge.
 */
u32 xtcp_window(const struct xtcp_tcb *tcb)
{
	return tcb->rcv.edge - tcb->rcv.nxt;
}

/**
 * xtcp_open_window - move the right edge, if it is worth it (D12)
 * @tcb: connection
 * @now: time
 *
 * Called when a segment is about to go out, which then tells the peer: what is sent into
 * the room that this makes is a round trip away, and nothing else is for certain. See
 * measure().
 */
void xtcp_open_window(struct xtcp_tcb *tcb, u64 now)
{
	u64 edge = best_edge(tcb);

	if (!worth_moving(tcb, edge))
		return;
	tcb->rcv.edge = edge;
	if (!tcb->rcv.mark_at && xtcp_synchronized(tcb)) {
		tcb->rcv.mark = edge;
		tcb->rcv.mark_at = now;
	}
}

/*
 * In a segment of its own: not before the peer gets twice as much by it, as in TCP. What it
 * sends into the room that it has will be acknowledged, and that tells it of the edge.
 */
static bool worth_telling(const struct xtcp_tcb *tcb, u64 edge)
{
	return worth_moving(tcb, edge) && edge - tcb->rcv.nxt >= 2 * (u64)xtcp_window(tcb);
}

/* A window update is owed when the edge can move; not before there is a peer to tell. */
static u32 update(struct xtcp_tcb *tcb, u64 now)
{
	if (!xtcp_synchronized(tcb) || tcb->fin_rcvd || !worth_telling(tcb, best_edge(tcb)))
		return 0;
	if (tcb->local_in) {
		xtcp_open_window(tcb, now);	/* and the shell tells of it (core/local.c) */
		return 0;
	}
	tcb->ack_owed = 1;
	return XTCP_XMIT;
}

/*
 * A peer that the window holds back sends one in each round trip: the shortest
 * time in which one arrived is an estimate for a side that sends nothing.
 */
static void measure(struct xtcp_tcb *tcb, u64 now)
{
	u64 sample = max_t(u64, now - tcb->rcv.mark_at, 1);

	if (!tcb->rcv.mark_at || xtcp_before(tcb->rcv.nxt, tcb->rcv.mark))
		return;
	tcb->rcv.rtt = tcb->rcv.rtt ? min(tcb->rcv.rtt, sample) : sample;
	tcb->rcv.mark_at = 0;
}

/*
 * D11, tuning (dynamic right-sizing, Fisk and Feng 2001): a program that reads
 * more in a round trip than ever before gets room for four times that, as a
 * peer in slow start doubles what it sends, and is answered a round trip later;
 * and for as much growth again, as what was counted may have begun and ended in the
 * middle of what the peer sent, and the window would be what holds it back.
 */
static void tune(struct xtcp_tcb *tcb, u64 now)
{
	u64 rtt = tcb->rtt.srtt ?: tcb->rcv.rtt;
	u64 drawn = tcb->rcv.read - tcb->rcv.drawn_from, grown;

	if (tcb->rcv.drawn_at) {
		if (!rtt || now - tcb->rcv.drawn_at < rtt)
			return;
		if (drawn > tcb->rcv.drawn) {
			grown = tcb->rcv.drawn ? drawn - tcb->rcv.drawn : 0;
			tcb->rcv.drawn = min_t(u64, drawn, XTCP_WINDOW_MAX);
			tcb->rcv.want = min_t(u64, 4 * (drawn + grown) + SLACK_SEGS * tcb->mss,
					      XTCP_WINDOW_MAX);
		}
	}
	tcb->rcv.drawn_from = tcb->rcv.read;
	tcb->rcv.drawn_at = now;
}

/**
 * xtcp_read - the program has read bytes
 * @tcb: connection
 * @bytes: how many
 * @now: time
 *
 * Afterwards rcv.want may be more than rcv.buf: the shell gives it what the
 * limits allow, by xtcp_set_rcvbuf(). Nothing is waited for that was not before, so
 * that there is nothing to settle.
 *
 * Return: XTCP_XMIT if a window update is worth a segment (D12), or an ACK is due that
 * waited for this (D5); else 0.
 */
u32 xtcp_read(struct xtcp_tcb *tcb, u32 bytes, u64 now)
{
	u32 todo;

	tcb->rcv.read += bytes;
	if (tcb->marked && !xtcp_before(tcb->rcv.read, tcb->rcv.up))
		tcb->marked = 0;	/* D8 */
	measure(tcb, now);
	tune(tcb, now);
	todo = update(tcb, now);
	if (xtcp_reads_on(tcb)) {
		tcb->ack_owed = 1;
		todo = XTCP_XMIT;
	}
	return todo;
}

/**
 * xtcp_lowat_most - the most bytes that a program can wait for without reading (D12)
 * @space: bytes that its buffer takes
 *
 * A peer may hold back as much as xtcp_waits_for() says, with the longest segments there
 * are. And a sixteenth is left for the edge to move by: or each byte that is read brought an
 * update of the window (RFC 9293, MUST-39).
 *
 * Return: bytes.
 */
u32 xtcp_lowat_most(u32 space)
{
	return space - min_t(u32, space / 2, U16_MAX) - space / 16;
}

/**
 * xtcp_lowat_space - the other way round
 * @bytes: that a program waits for, at most 2^30
 *
 * Return: bytes that its buffer has to take, so that xtcp_lowat_most() allows for it.
 */
u32 xtcp_lowat_space(u32 bytes)
{
	if (bytes <= U16_MAX / 8 * 7)
		return DIV_ROUND_UP(bytes * 16, 7);
	return xtcp_div((bytes + (u64)U16_MAX) * 16 + 14, 15);
}

/**
 * xtcp_waits_for - the program waits for more than has arrived, and reads nothing meanwhile
 * @tcb: connection
 * @bytes: how many more
 * @now: time
 *
 * The steps of D12 are for a program that reads on. One that does not would wait for a peer
 * that waits, too: it may hold back what fills neither a segment nor half of the window
 * (RFC 9293 3.8.6.2.1), so that there has to be room for as much behind these bytes.
 *
 * Return: todo bits.
 */
u32 xtcp_waits_for(struct xtcp_tcb *tcb, u32 bytes, u64 now)
{
	u32 held_back = min_t(u32, xtcp_hello_mss(tcb), tcb->rcv.buf / 2);
	u64 edge = best_edge(tcb);

	if (!xtcp_synchronized(tcb) || tcb->fin_rcvd || !xtcp_after(edge, tcb->rcv.edge) ||
	    xtcp_window(tcb) >= (u64)bytes + held_back)
		return 0;
	tcb->rcv.edge = edge;
	if (tcb->local_in)
		return 0;		/* the shell tells of it (core/local.c) */
	tcb->ack_owed = 1;
	return xtcp_settle(tcb, XTCP_XMIT, now);
}

/**
 * xtcp_set_rcvbuf - the receive buffer takes more or less than before
 * @tcb: connection
 * @bytes: payload bytes it takes
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_set_rcvbuf(struct xtcp_tcb *tcb, u32 bytes, u64 now)
{
	WRITE_ONCE(tcb->rcv.buf, bytes);
	return xtcp_settle(tcb, update(tcb, now), now);
}
