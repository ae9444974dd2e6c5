// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data (D8) as TCP's programs know it: the urgent byte stays where it is
 * in the receive queue. recv() stops in front of it and then passes over it,
 * recv(MSG_OOB) fetches it from where it lies, and with SO_OOBINLINE it is a
 * byte like any other behind a mark.
 */
#include <linux/skbuff.h>

#include "mem.h"
#include "urgent.h"
#include "../sock.h"
#include "../net/act.h"

/**
 * xtcp_urgent_mirror - tell readers without the lock of the mark (rule 10)
 * @sk: socket, locked by the caller
 */
void xtcp_urgent_mirror(struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 urgent = 0;

	if (xtcp_oob_here(tcb))
		urgent |= XTCP_URGENT_HERE;
	if (!xtcp_to_mark(tcb, tcb->rcv.read))
		urgent |= XTCP_URGENT_NEXT;
	WRITE_ONCE(xtcp_sk(sk)->urgent, urgent);
}

/**
 * xtcp_urgent_replaced - XTCP_URGENT: the peer has set another mark
 * @sk: socket, locked by the caller (process or softirq); of the segment that
 *	told nothing is in the receive queue yet
 * @now: time
 *
 * The former urgent byte, if recv() is still in front of it, becomes an ordinary
 * byte of the stream; but if it is the very next to be read it is gone, whether
 * it was read out of band or not. Both is what TCP does.
 *
 * Return: todo bits.
 */
u32 xtcp_urgent_replaced(struct sock *sk, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	if (!xtcp_urgent_hidden(sk, xsk->urgent) || !xsk->readable)
		return 0;
	xtcp_rcvq_eat(sk, skb_peek(&sk->sk_receive_queue), 1);
	sk_peek_offset_bwd(sk, 1);
	return xtcp_read(&xsk->tcb, 1, now);
}
