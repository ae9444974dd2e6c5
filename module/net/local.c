// SPDX-License-Identifier: GPL-2.0
/*
 * The shortcut: where both ends of a connection are sockets of one network
 * namespace, and the way leads through loopback, data goes from one socket's
 * write queue to the other's receive queue without becoming packets. Opening,
 * closing, urgent data and whatever else is not plain data stay packets.
 *
 * Each socket has a lane, into which its peer puts buffers. The giver does so in
 * its output loop, under its own sk lock, in the place where it would send
 * segments; it takes the lock of the lane for that, and no other (rule 11). For
 * the giver's TCB the bytes are then sent and acknowledged. The taker empties its
 * lane under its own sk lock: when a program reads, but also before a segment, a
 * timer or a dump is looked at, so that its TCB has received all that was given
 * before. What was given before a segment was sent lies in the lane when the
 * segment comes, and sequence numbers fit, whichever way bytes went: that is why a
 * direction can change between the two ways at any write, and why FIN and RST
 * need nothing special. Since UNA = NXT is asked for before (xtcp_local_may()),
 * nothing of the stream is under way as a segment then.
 *
 * Back-pressure. The right edge binds as on the wire; beside it, what the taker
 * has not read may not take more memory than its SO_RCVBUF. A giver that finds no
 * room keeps its bytes in its send buffer, as it would with a closed window, and
 * says so in the lane (held). While bytes come through the lane the taker's TCB
 * sends no window updates (xtcp_local_in()); it publishes the edge in the lane
 * instead, and if the giver is held and there is room again it runs the giver's
 * output loop: after it has let go of its own lock, or by the giver's release_cb
 * if that is owned. Held and edge are each written before the other is read, with
 * a barrier between, so that one side sees the other. Even if it did not, T_PROBE
 * runs while bytes are held, and its probe would bring an ACK.
 *
 * Lifetimes. The giver holds a reference to the taker from the time it has found it
 * until its own connection is over. The taker finds a giver that waits in the
 * table. A lane is closed when its socket is, or when its program has shut both
 * directions down; its number of lives keeps a giver of an earlier connection out.
 *
 * Memory. What lies in a lane is in the taker's sk_rmem_alloc, as what it has taken
 * will be, and counts for net.xtcp.mem, but not against what the taker has reserved of
 * that (sk_forward_alloc), which belongs to its sk lock: it is charged when it takes.
 *
 * Who would have seen the packets must not miss them: xtcp_watched() is asked again
 * at each write.
 *
 * This file is the life of a socket's part in it; local_give.c is the giver,
 * local_take.c the taker.
 */
#include "ehash.h"
#include "local_parts.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../socket/mem.h"

/**
 * xtcp_local_setup - an empty lane for a new or cloned socket
 * @sk: socket that nobody else knows
 */
void xtcp_local_setup(struct sock *sk)
{
	struct xtcp_local *local = &xtcp_sk(sk)->local;
	bool off = local->off;

	memset(local, 0, sizeof(*local));
	skb_queue_head_init(&local->in.queue);
	local->off = off;
}

/**
 * xtcp_local_renew - open the lane for another connection
 * @sk: socket, locked by the caller, for which xtcp_local_done() was called, or
 *	that never had a connection
 */
void xtcp_local_renew(struct sock *sk)
{
	struct xtcp_local *local = &xtcp_sk(sk)->local;

	spin_lock_bh(&local->in.queue.lock);
	local->in.closed = false;
	local->in.used = false;
	spin_unlock_bh(&local->in.queue.lock);
	local->alone = false;
}

/**
 * xtcp_local_other_end - the socket at the connection's other end, whatever it is doing
 * @sk: socket, locked by the caller
 *
 * Return: it, with a reference, or NULL if it is not on this host.
 */
struct sock *xtcp_local_other_end(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_key key = xsk->key;
	struct sock *peer;

	memcpy(key.tuple.addrs.local, xsk->key.tuple.addrs.remote, sizeof(key.tuple.addrs.local));
	memcpy(key.tuple.addrs.remote, xsk->key.tuple.addrs.local, sizeof(key.tuple.addrs.remote));
	key.tuple.lport = xsk->key.tuple.rport;
	key.tuple.rport = xsk->key.tuple.lport;
	key.tag = xsk->tcb.peer_tag;
	rcu_read_lock();
	peer = xtcp_ehash_exact(&xtcp_sock_net(sk)->ehash, &key);
	rcu_read_unlock();
	return peer;
}

/**
 * xtcp_local_close - the program has closed the socket: it takes no more
 * @sk: socket, owned by the caller
 *
 * What was given before has been received then. A giver sends what it still has
 * as segments, and is answered as on the wire (C5).
 */
void xtcp_local_close(struct sock *sk)
{
	struct xtcp_lane *lane = &xtcp_sk(sk)->local.in;

	spin_lock_bh(&lane->queue.lock);
	lane->closed = true;
	spin_unlock_bh(&lane->queue.lock);
	xtcp_local_take(sk);
}

/**
 * xtcp_local_done - the connection is over
 * @sk: socket, locked by the caller (process or softirq)
 *
 * May be called again.
 */
void xtcp_local_done(struct sock *sk)
{
	struct xtcp_local *local = &xtcp_sk(sk)->local;
	struct sk_buff_head queue;
	u32 pages;

	__skb_queue_head_init(&queue);
	spin_lock_bh(&local->in.queue.lock);
	skb_queue_splice_init(&local->in.queue, &queue);
	pages = local->in.pages;
	atomic_sub(local->in.mem, &sk->sk_rmem_alloc);
	local->in.pages = 0;
	local->in.mem = 0;
	WRITE_ONCE(local->in.bytes, 0);
	WRITE_ONCE(local->in.on, false);
	WRITE_ONCE(local->in.held, false);
	local->in.closed = true;
	local->in.lives++;
	spin_unlock_bh(&local->in.queue.lock);
	__skb_queue_purge(&queue);
	if (pages)
		xtcp_mem_pages(-(int)pages);

	xtcp_local_unlink(sk);
	if (local->waits)
		sock_put(local->waits);
	local->waits = NULL;
}
