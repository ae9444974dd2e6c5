// SPDX-License-Identifier: GPL-2.0
/*
 * The receive window. Its right edge never moves back, so that what has been
 * promised is taken whatever happens to the buffer's size (D11); how fast it
 * moves forward is all that a smaller buffer changes.
 */
#include "core.h"

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
 *
 * Called when a segment is about to go out, which then tells the peer.
 */
void xtcp_open_window(struct xtcp_tcb *tcb)
{
	u64 edge = best_edge(tcb);

	if (worth_moving(tcb, edge))
		tcb->rcv.edge = edge;
}

/* A window update is owed when the edge can move; not before there is a peer to tell. */
static u32 update(struct xtcp_tcb *tcb)
{
	if (!xtcp_synchronized(tcb) || tcb->fin_rcvd || !worth_moving(tcb, best_edge(tcb)))
		return 0;
	tcb->ack_owed = 1;
	return XTCP_XMIT;
}

/**
 * xtcp_read - the program has read bytes
 * @tcb: connection
 * @bytes: how many
 * @now: time
 *
 * Return: todo bits: a window update goes out when it is worth one (D12).
 */
u32 xtcp_read(struct xtcp_tcb *tcb, u32 bytes, u64 now)
{
	tcb->rcv.read += bytes;
	if (tcb->marked && !xtcp_before(tcb->rcv.read, tcb->rcv.up))
		tcb->marked = 0;	/* D8 */
	return xtcp_settle(tcb, update(tcb), now);
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
	tcb->rcv.buf = bytes;
	return xtcp_settle(tcb, update(tcb), now);
}
