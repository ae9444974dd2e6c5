// SPDX-License-Identifier: GPL-2.0
/*
 * The shortcut's taker (local.c): what lies in its lane becomes part of the stream,
 * and a giver that waits hears of room. All under the taker's sk lock.
 */
#include "act.h"
#include "local_parts.h"
#include "../sock.h"
#include "../compat/compat.h"
#include "../socket/mem.h"
#include "../socket/urgent.h"

/**
 * xtcp_local_hungry - does the taker's program wait for more than it could read now?
 * @sk: taker, whose lane is locked by the caller
 *
 * Return: true if so.
 */
bool xtcp_local_hungry(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 wants = max(xtcp_rcv_target(sk), READ_ONCE(xsk->local.peeks));

	/* one of them may be the urgent byte, which is not read in the stream */
	return xsk->local.in.bytes + READ_ONCE(xsk->readable) < wants + !!READ_ONCE(xsk->urgent);
}

/* One buffer of the lane becomes part of the stream; its bytes are counted as readable. */
static void receive_given(struct sock *sk, struct sk_buff *skb, u64 now)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_pkt pkt = { .seq = cb->seq, .len = cb->len, .buf = skb };
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 todo;

	/*
	 * What was promised is taken: if net.xtcp.mem is used up now, uncharged. It is
	 * at most what was in the lane, which takes no more then.
	 */
	xtcp_rmem_admit(sk, skb, true);
	todo = xtcp_local_took(&xsk->tcb, &pkt, now);
	if (likely(todo == (XTCP_TAKE | XTCP_READABLE) && pkt.take == pkt.len)) {
		xtcp_rcvq_put(sk, skb);
		return;
	}
	/* somebody has put bytes into the stream: as with any segment */
	WRITE_ONCE(xsk->readable, xsk->readable - pkt.len);
	if (!xtcp_act(sk, todo, &pkt, now))
		__kfree_skb(skb);
}

/* Empty the lane, in which there is something. later: as xtcp_local_tell(). */
static void take(struct sock *sk, bool later)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_lane *lane = &xsk->local.in;
	struct sk_buff_head queue;
	struct sk_buff *skb;
	u32 pages, mem;
	bool on, held;
	u64 now;

	__skb_queue_head_init(&queue);
	spin_lock_bh(&lane->queue.lock);
	skb_queue_splice_init(&lane->queue, &queue);
	on = lane->on;
	held = lane->held;
	pages = lane->pages;
	mem = lane->mem;
	lane->pages = 0;
	lane->mem = 0;
	WRITE_ONCE(xsk->readable, xsk->readable + lane->bytes);
	/* pairs with xtcp_local_readable() */
	smp_wmb();
	WRITE_ONCE(lane->bytes, 0);
	spin_unlock_bh(&lane->queue.lock);

	atomic_sub(mem, &sk->sk_rmem_alloc);
	now = xtcp_now();
	while ((skb = __skb_dequeue(&queue)))
		receive_given(sk, skb, now);
	xtcp_mem_pages(-(int)pages);
	if (unlikely(xsk->tcb.marked || xsk->urgent))
		xtcp_urgent_mirror(sk);
	if (on != xsk->tcb.local_in)
		xtcp_act(sk, xtcp_local_in(&xsk->tcb, on, now), NULL, now);
	if (held)
		xtcp_local_tell(sk, later);
}

/**
 * xtcp_local_take - receive what the peer has handed over
 * @sk: socket, locked by the caller (process or softirq)
 *
 * To be called before anything looks at what the connection has received.
 *
 * Return: true if there was something.
 */
bool xtcp_local_take(struct sock *sk)
{
	if (!xtcp_local_given(sk))
		return false;
	take(sk, false);
	return true;
}

/**
 * xtcp_local_receive - the same, for a program that reads
 * @sk: socket, owned by the caller, who calls xtcp_local_told() before it waits
 *	and xtcp_local_waits() before it lets go of the socket
 *
 * Return: true if there was something.
 */
bool xtcp_local_receive(struct sock *sk)
{
	if (!xtcp_local_given(sk))
		return false;
	take(sk, true);
	return true;
}

/* Is it worth while for a giver to go on? The lane is locked, and so is its taker. */
static bool roomy(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	const struct xtcp_lane *lane = &xsk->local.in;

	if (xtcp_local_hungry(sk))
		return xtcp_after(xsk->tcb.rcv.edge, xsk->tcb.rcv.nxt + lane->bytes);
	return 2 * (u64)(lane->mem + xsk->rcvq_mem) <= READ_ONCE(sk->sk_rcvbuf) &&
	       xsk->tcb.rcv.edge - xsk->tcb.rcv.nxt >= lane->bytes + xsk->tcb.rcv.buf / 4;
}

/**
 * xtcp_local_tell - the right edge may have moved, and memory may be free again
 * @sk: taker, locked by the caller (process or softirq)
 * @later: the caller runs the giver, if that waits (xtcp_local_receive()); else
 *	an ACK will
 */
void xtcp_local_tell(struct sock *sk, bool later)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_lane *lane = &xsk->local.in;
	bool on, wake;
	u64 now;

	if (xsk->tcb.local_in)
		atomic64_set(&lane->edge, xsk->tcb.rcv.edge);
	/* pairs with room_or_held() and leave() */
	smp_mb();
	if (!READ_ONCE(lane->held) && (READ_ONCE(lane->on) || !xsk->tcb.local_in))
		return;

	now = xtcp_now();
	spin_lock_bh(&lane->queue.lock);
	on = lane->on;
	if (on && !xsk->tcb.local_in) {
		/* it found no room for its first bytes: nothing has come through the lane */
		xtcp_local_in(&xsk->tcb, true, now);
		atomic64_set(&lane->edge, xsk->tcb.rcv.edge);
	}
	wake = lane->held && roomy(sk);
	if (wake)
		WRITE_ONCE(lane->held, false);
	spin_unlock_bh(&lane->queue.lock);
	if (wake && later && !xsk->local.waits)
		xsk->local.waits = xtcp_local_other_end(sk);
	if (!on || (wake && !later))
		xtcp_act(sk, xtcp_local_in(&xsk->tcb, false, now), NULL, now);
}

/**
 * xtcp_local_peek - a reader waits for more, and leaves what it has read
 * @sk: taker, owned by the caller, as for xtcp_local_receive()
 * @bytes: unread ones that it needs; 0: it waits no longer
 */
void xtcp_local_peek(struct sock *sk, u32 bytes)
{
	WRITE_ONCE(xtcp_sk(sk)->local.peeks, bytes);
	if (bytes)
		xtcp_local_tell(sk, true);
}

/**
 * xtcp_local_waits - is there a giver to be run?
 * @sk: taker, owned by the caller
 *
 * Return: it, for xtcp_local_wake(), or NULL.
 */
struct sock *xtcp_local_waits(struct sock *sk)
{
	struct sock *giver = xtcp_sk(sk)->local.waits;

	xtcp_sk(sk)->local.waits = NULL;
	return giver;
}

/**
 * xtcp_local_told - run a giver that waits, before the taker does
 * @sk: taker, owned by the caller
 *
 * Return: true if so: the socket was let go of meanwhile.
 */
bool xtcp_local_told(struct sock *sk)
{
	struct sock *giver = xtcp_local_waits(sk);

	if (!giver)
		return false;
	release_sock(sk);
	xtcp_local_wake(giver);
	lock_sock(sk);
	return true;
}
