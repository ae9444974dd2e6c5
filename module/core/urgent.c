// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data (D8, F11; RFC 9293 3.8.5, RFC 6093): a mark in the stream, of
 * which the peer is told before the bytes in front of it can be sent. The byte
 * just before the mark is the one that a program may read out of band. There is
 * one mark in each direction: a later one replaces it.
 *
 * The sender says where the mark is in every segment that begins before it,
 * until all up to it is acknowledged; and in an empty segment at once if
 * nothing else may go. So a mark is lost only together with the byte, and told
 * again with it.
 */
#include "core.h"

/**
 * xtcp_urges - does a segment have to tell of the urgent mark?
 * @tcb: connection
 * @seq: number of the segment's first byte
 *
 * Return: true if the mark is ahead of @seq and not all of it is acknowledged.
 */
bool xtcp_urges(const struct xtcp_tcb *tcb, u64 seq)
{
	return xtcp_urgent_mode(tcb) && xtcp_after(tcb->snd.up, seq);
}

/**
 * xtcp_urg_offset - what URG says in a segment
 * @tcb: connection
 * @seq: number of the segment's first byte, before the mark
 *
 * A mark further away than the field can say is told as far away as it can,
 * and better by the segments that follow (as TCP does).
 *
 * Return: bytes from @seq to the mark.
 */
u32 xtcp_urg_offset(const struct xtcp_tcb *tcb, u64 seq)
{
	return min_t(u64, tcb->snd.up - seq, U32_MAX);
}

/**
 * xtcp_mark - URG of an acceptable segment, or of a probe (D8)
 * @tcb: synchronized connection
 * @pkt: segment, of whose payload nothing has been taken yet
 *
 * A mark that the peer moves back, repeats, or sets behind a byte that has long
 * arrived is none; nor is one behind its FIN, where no byte will come (RFC 9293
 * 3.10.7.4: after a FIN, "ignore the URG"). Any other may be as far ahead as
 * the field can say: the bytes up to it wait for the window like all others,
 * and nothing is kept for it but its number.
 *
 * Return: XTCP_URGENT if the mark moved.
 */
u32 xtcp_mark(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	u64 up = pkt->seq + pkt->urg;

	if (!(pkt->flags & XTCP_URG) || tcb->fin_rcvd)
		return 0;
	if (tcb->fin_early && xtcp_after(up, tcb->rcv.fin))
		return 0;
	if (!xtcp_after(up, tcb->rcv.nxt) || (tcb->marked && !xtcp_after(up, tcb->rcv.up)))
		return 0;
	tcb->rcv.up = up;
	tcb->marked = 1;
	tcb->oob_read = 0;
	tcb->events |= BIT(XTCP_EV_URGENT);
	return XTCP_URGENT;
}

/**
 * xtcp_to_mark - how far the urgent byte is
 * @tcb: connection
 * @seq: number of the byte that would be read next
 *
 * Return: bytes in front of the urgent byte, 0: it is next; XTCP_NEVER: there
 * is no mark, or it is behind.
 */
u64 xtcp_to_mark(const struct xtcp_tcb *tcb, u64 seq)
{
	return tcb->marked && xtcp_before(seq, tcb->rcv.up) ? tcb->rcv.up - 1 - seq : XTCP_NEVER;
}

/**
 * xtcp_oob_here - can the urgent byte be read out of band?
 * @tcb: connection
 *
 * It can when all before it has arrived, too: then it lies in the program's
 * receive queue, xtcp_to_mark() behind the front.
 *
 * Return: true if so, and it was not read yet.
 */
bool xtcp_oob_here(const struct xtcp_tcb *tcb)
{
	u64 end = tcb->rcv.nxt - tcb->fin_rcvd;	/* a FIN is no byte */

	return tcb->marked && !tcb->oob_read && !xtcp_before(end, tcb->rcv.up);
}
