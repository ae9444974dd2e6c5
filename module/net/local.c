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
 */
#include <linux/netdevice.h>
#include <linux/uio.h>
#include <net/dst.h>

#include "act.h"
#include "ehash.h"
#include "listeners.h"
#include "local.h"
#include "path.h"
#include "watched.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../compat/compat.h"
#include "../socket/mem.h"
#include "../socket/urgent.h"

/* States in which a program may read what comes. */
#define TAKING	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2)

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

/* Wanted by both programs and the administrator. */
static bool wanted(const struct sock *sk)
{
	return READ_ONCE(xtcp_net(sock_net(sk))->set.shortcut) && !xtcp_sk(sk)->local.off;
}

/* Does the way lead through loopback, and nowhere else? */
static bool loops(struct sock *sk)
{
	const struct dst_entry *dst;

	if (xtcp_path_check(sk))
		return false;
	dst = __sk_dst_get(sk);
	if (!dst || dst->lwtstate)
		return false;
#ifdef CONFIG_XFRM
	if (dst->xfrm)
		return false;
#endif
	return dst->dev->flags & IFF_LOOPBACK;
}

/* Has the peer bound itself to a device that our segments would not come from? */
static bool elsewhere(const struct sock *sk, const struct sock *peer)
{
	int bound = READ_ONCE(peer->sk_bound_dev_if);

	return !xtcp_device_fits(bound, __sk_dst_get(sk)->dev->ifindex, 0);
}

/* May bytes go round the wire to this peer? The caller holds the sk lock. */
static bool usable(struct sock *sk, struct sock *peer)
{
	return !READ_ONCE(xtcp_sk(peer)->local.off) && loops(sk) && !elsewhere(sk, peer) &&
	       !xtcp_watched(sk, peer);
}

/* The other end, with a reference, whatever it is doing; NULL: not on this host. */
static struct sock *other_end(const struct sock *sk)
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
	peer = xtcp_ehash_exact(sock_net(sk), &key);
	rcu_read_unlock();
	return peer;
}

/*
 * Is it the other end of this very connection, able to receive? Of an open lane's
 * socket the TCB's identity does not change: it is complete before the state is
 * seen, and renewed only after the lane was closed.
 */
static bool mirrors(const struct sock *sk, const struct sock *peer)
{
	const struct xtcp_tcb *ours = &xtcp_sk(sk)->tcb, *theirs = &xtcp_sk(peer)->tcb;
	/* pairs with mirror() in net/act.c */
	int state = smp_load_acquire(&peer->sk_state);

	return (1 << state) & TAKING &&
	       theirs->tag == ours->peer_tag && theirs->peer_tag == ours->tag &&
	       theirs->iss == ours->irs && theirs->irs == ours->iss;
}

/* Find the peer's lane, once in a connection's life. */
static bool link_peer(struct sock *sk)
{
	struct xtcp_local *local = &xtcp_sk(sk)->local;
	struct xtcp_lane *lane;
	struct sock *peer;
	bool ok;

	peer = xtcp_sk(sk)->hashed && loops(sk) ? other_end(sk) : NULL;
	if (!peer || peer == sk) {
		local->alone = true;
		if (peer)
			sock_put(peer);
		return false;
	}
	lane = &xtcp_sk(peer)->local.in;
	spin_lock_bh(&lane->queue.lock);
	ok = !lane->closed && mirrors(sk, peer);
	local->life = lane->lives;
	spin_unlock_bh(&lane->queue.lock);
	if (!ok) {
		sock_put(peer);
		return false;
	}
	local->peer = peer;
	return true;
}

/* Bytes are segments again. */
static void leave(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_lane *lane;
	u64 edge;

	if (!xsk->local.giving)
		return;
	xsk->local.giving = false;
	xtcp_count(sock_net(sk), XTCP_MIB_LOCAL_OFF);
	lane = &xtcp_sk(xsk->local.peer)->local.in;
	spin_lock_bh(&lane->queue.lock);
	edge = xsk->tcb.snd.edge;
	if (lane->lives == xsk->local.life) {
		WRITE_ONCE(lane->on, false);
		WRITE_ONCE(lane->held, false);
		/* pairs with xtcp_local_tell(): it sees that, or we see its edge */
		smp_mb();
		edge = READ_ONCE(lane->edge);
	}
	spin_unlock_bh(&lane->queue.lock);
	xtcp_local_leave(&xsk->tcb, edge);
}

static void unlink_peer(struct sock *sk)
{
	struct xtcp_local *local = &xtcp_sk(sk)->local;

	leave(sk);
	if (local->peer)
		sock_put(local->peer);
	local->peer = NULL;
	local->alone = true;
}

/* How an attempt to give ended. */
enum given {
	GAVE,		/* all that may go */
	HELD,		/* there is no more room now */
	WIRE,		/* what is next has to be a segment */
};

/* One run of the giver. */
struct giving {
	struct sock *peer;
	struct xtcp_lane *lane;
	u64 next;	/* number of the next byte */
	u64 edge;	/* where it has to stop */
	u32 parts;	/* buffers that went over */
};

/* Bytes that the peer has room for. The lane is locked. */
static u32 room(struct giving *g)
{
	u32 mem = g->lane->mem + READ_ONCE(xtcp_sk(g->peer)->rcvq_mem);

	g->edge = xtcp_seq_max(g->edge, READ_ONCE(g->lane->edge));
	if (mem && mem >= READ_ONCE(g->peer->sk_rcvbuf))
		return 0;
	if (mem && atomic_long_read(&xtcp_memory_allocated) > READ_ONCE(xtcp_sysctl_mem[2]))
		return 0;
	return xtcp_after(g->edge, g->next) ? min_t(u64, g->edge - g->next, U32_MAX) : 0;
}

/* The same, and if there is none the peer will know that we wait. */
static u32 room_or_held(struct giving *g)
{
	u32 bytes = room(g);

	if (bytes)
		return bytes;
	WRITE_ONCE(g->lane->held, true);
	/* pairs with xtcp_local_tell(): it sees that, or we see its edge */
	smp_mb();
	bytes = room(g);
	if (bytes)
		WRITE_ONCE(g->lane->held, false);
	return bytes;
}

/* Does the taker's program wait for more than it could read now? The lane is locked. */
static bool hungry(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 wants = max_t(u32, READ_ONCE(sk->sk_rcvlowat), READ_ONCE(xsk->local.peeks));

	/* one of them may be the urgent byte, which is not read in the stream */
	return xsk->local.in.bytes + READ_ONCE(xsk->readable) < wants + !!READ_ONCE(xsk->urgent);
}

/* A reader that waits for more than fits: as segments it can be made compact. */
static bool too_thin(const struct giving *g)
{
	return xtcp_after(g->edge, g->next) && hungry(g->peer);
}

/* Only a buffer that nothing else refers to, and nobody asked news of, goes over as it is. */
static bool portable(const struct sk_buff *skb, u64 next)
{
	return skb && XTCP_SKB_CB(skb)->seq == next && !XTCP_SKB_CB(skb)->sent &&
	       !skb_cloned(skb) && !skb_zcopy((struct sk_buff *)skb) &&
	       !skb_shinfo(skb)->tx_flags && !XTCP_SKB_CB(skb)->stamp_ack &&
	       !skb_has_frag_list(skb);
}

/* There is more in the lane. */
static void grew(const struct giving *g, u32 mem, u32 bytes)
{
	struct xtcp_lane *lane = g->lane;
	u32 pages;

	atomic_add(mem, &g->peer->sk_rmem_alloc);
	lane->mem += mem;
	pages = DIV_ROUND_UP(lane->mem, PAGE_SIZE);
	if (pages > lane->pages) {
		xtcp_mem_pages(pages - lane->pages);
		lane->pages = pages;
	}
	WRITE_ONCE(lane->bytes, lane->bytes + bytes);
}

static void append(const struct giving *g, struct sk_buff *skb)
{
	__skb_queue_tail(&g->lane->queue, skb);
	grew(g, skb->truesize, XTCP_SKB_CB(skb)->len);
}

/* Hand over up to @bytes. The lane is locked and on. */
static enum given hand_over(struct sock *sk, struct giving *g, u32 bytes)
{
	while (bytes) {
		struct sk_buff *skb = xtcp_sk(sk)->unsent;
		u32 len = min(room_or_held(g), bytes);

		if (!len && too_thin(g))
			return WIRE;
		if (!len)
			return HELD;
		if (!portable(skb, g->next))
			return WIRE;
		if (XTCP_SKB_CB(skb)->len > len && !xtcp_wmem_split(sk, skb, len))
			return WIRE;
		len = XTCP_SKB_CB(skb)->len;
		xtcp_wmem_take(sk, skb);
		append(g, skb);
		g->next += len;
		g->parts++;
		bytes -= len;
	}
	return GAVE;
}

/*
 * Lock the lane that bytes may go to now; false: they have to be segments. The caller
 * looks whether there are any.
 */
static bool begin(struct sock *sk, struct giving *g)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xsk->tcb;

	if (!xtcp_local_may(tcb) || !wanted(sk) ||
	    (!xsk->local.peer && !link_peer(sk)) || !usable(sk, xsk->local.peer)) {
		leave(sk);
		return false;
	}
	g->peer = xsk->local.peer;
	g->lane = &xtcp_sk(g->peer)->local.in;
	g->next = tcb->snd.nxt;
	g->edge = tcb->snd.edge;
	g->parts = 0;
	spin_lock_bh(&g->lane->queue.lock);
	if (g->lane->closed || g->lane->lives != xsk->local.life) {
		spin_unlock_bh(&g->lane->queue.lock);
		unlink_peer(sk);
		return false;
	}
	return true;
}

/**
 * xtcp_local_output - hand over what can be, before segments are made
 * @sk: connection, locked by the caller (process or softirq)
 * @todo: todo bits are added
 *
 * Return: true if there is nothing left for which a segment is needed.
 */
bool xtcp_local_output(struct sock *sk, u32 *todo)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xsk->tcb;
	struct giving g;
	enum given end;
	u32 given;
	u64 now;

	if (xtcp_local_fin_waits(tcb))
		leave(sk);
	if (xsk->local.alone || !xtcp_before(tcb->snd.nxt, tcb->snd.end) || !begin(sk, &g))
		return false;
	now = xtcp_now();
	if (!xsk->local.giving) {
		xsk->local.giving = true;
		xtcp_count(sock_net(sk), XTCP_MIB_LOCAL_ON);
		xtcp_local_answer(tcb);
		if (!g.lane->used)
			WRITE_ONCE(g.lane->edge, tcb->snd.edge);
		g.lane->used = true;
		WRITE_ONCE(g.lane->on, true);
	}
	end = hand_over(sk, &g, xtcp_local_bytes(tcb, now));
	spin_unlock_bh(&g.lane->queue.lock);

	given = g.next - tcb->snd.nxt;
	*todo |= xtcp_local_gave(tcb, given, g.parts, end == HELD, g.edge, now);
	if (end == WIRE || xtcp_local_fin_waits(tcb))
		leave(sk);
	if (given) {
		g.peer->sk_data_ready(g.peer);
		sk->sk_write_space(sk);
	}
	return end != WIRE && !xtcp_local_owes(tcb);
}

/* Bytes at the task's page fragment become part of the last buffer. The lane is locked. */
static bool join(struct giving *g, struct page_frag *frag, u32 len)
{
	struct sk_buff *skb = skb_peek_tail(&g->lane->queue);
	struct skb_shared_info *shared;

	if (!skb || room(g) < len)
		return false;
	shared = skb_shinfo(skb);
	if (!shared->nr_frags ||
	    !skb_can_coalesce(skb, shared->nr_frags, frag->page, frag->offset))
		return false;
	skb_frag_size_add(&shared->frags[shared->nr_frags - 1], len);
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	XTCP_SKB_CB(skb)->len += len;
	frag->offset += len;
	grew(g, len, len);
	return true;
}

/**
 * xtcp_local_write - hand over a small write without a buffer of its own
 * @sk: connection, owned by the caller
 * @from: the bytes; where it was if nothing comes of it
 * @len: how many: all of @from
 *
 * Where the peer has not yet taken what was written before, and there is room behind
 * it, bytes are copied to there. For the peer both are one segment.
 *
 * Return: false if nothing has happened.
 */
bool xtcp_local_write(struct sock *sk, struct iov_iter *from, size_t len)
{
	struct page_frag *frag = sk_page_frag(sk);
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xsk->tcb;
	struct giving g;
	size_t copied;
	bool joined;

	if (!len || !xsk->local.giving || !xtcp_local_given(xsk->local.peer) ||
	    !frag->page || frag->size - frag->offset < len || !xtcp_local_ready(tcb))
		return false;
	copied = copy_page_from_iter(frag->page, frag->offset, len, from);
	joined = copied == len && begin(sk, &g);
	if (joined) {
		joined = join(&g, frag, len);
		spin_unlock_bh(&g.lane->queue.lock);
	}
	if (!joined) {
		iov_iter_revert(from, copied);
		return false;
	}
	xtcp_local_wrote(tcb, len, g.edge, xtcp_now());
	g.peer->sk_data_ready(g.peer);
	return true;
}

/**
 * xtcp_local_resume - the peer has room again
 * @sk: giver, locked by the caller (process or softirq)
 */
void xtcp_local_resume(struct sock *sk)
{
	if (sk->sk_state != TCP_CLOSE && xtcp_sk(sk)->tcb.local_held)
		xtcp_act(sk, XTCP_XMIT, NULL);
}

/**
 * xtcp_local_wake - run the output loop of a giver that waits
 * @giver: not locked; the caller's reference goes. Process context; no sk lock is
 *	held
 */
void xtcp_local_wake(struct sock *giver)
{
	local_bh_disable();
	bh_lock_sock(giver);
	if (sock_owned_by_user(giver))
		xtcp_sk(giver)->deferred |= XTCP_DEFER_OUTPUT;
	else
		xtcp_local_resume(giver);
	bh_unlock_sock(giver);
	local_bh_enable();
	sock_put(giver);
}

/* One buffer of the lane becomes part of the stream; its bytes are counted as readable. */
static void receive(struct sock *sk, struct sk_buff *skb, u64 now)
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
	if (!xtcp_act(sk, todo, &pkt))
		__kfree_skb(skb);
}

/* Empty the lane. later: as xtcp_local_tell(). */
static bool take(struct sock *sk, bool later)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_lane *lane = &xsk->local.in;
	struct sk_buff_head queue;
	struct sk_buff *skb;
	u32 pages, mem;
	bool on, held;
	u64 now;

	if (!xtcp_local_given(sk))
		return false;
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
		receive(sk, skb, now);
	xtcp_mem_pages(-(int)pages);
	if (unlikely(xsk->tcb.marked || xsk->urgent))
		xtcp_urgent_mirror(sk);
	if (on != xsk->tcb.local_in)
		xtcp_act(sk, xtcp_local_in(&xsk->tcb, on, now), NULL);
	if (held)
		xtcp_local_tell(sk, later);
	return true;
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
	return take(sk, false);
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
	return take(sk, true);
}

/* Is it worth while for a giver to go on? The lane is locked, and so is its taker. */
static bool roomy(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	const struct xtcp_lane *lane = &xsk->local.in;

	if (hungry(sk))
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

	if (xsk->tcb.local_in)
		WRITE_ONCE(lane->edge, xsk->tcb.rcv.edge);
	/* pairs with room_or_held() and leave() */
	smp_mb();
	if (!READ_ONCE(lane->held) && (READ_ONCE(lane->on) || !xsk->tcb.local_in))
		return;

	spin_lock_bh(&lane->queue.lock);
	on = lane->on;
	if (on && !xsk->tcb.local_in) {
		/* it found no room for its first bytes: nothing has come through the lane */
		xtcp_local_in(&xsk->tcb, true, xtcp_now());
		WRITE_ONCE(lane->edge, xsk->tcb.rcv.edge);
	}
	wake = lane->held && roomy(sk);
	if (wake)
		WRITE_ONCE(lane->held, false);
	spin_unlock_bh(&lane->queue.lock);
	if (wake && later && !xsk->local.waits)
		xsk->local.waits = other_end(sk);
	if (!on || (wake && !later))
		xtcp_act(sk, xtcp_local_in(&xsk->tcb, false, xtcp_now()), NULL);
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

	unlink_peer(sk);
	if (local->waits)
		sock_put(local->waits);
	local->waits = NULL;
}
