// SPDX-License-Identifier: GPL-2.0
/*
 * The shortcut's giver (local.c): what is written goes into the peer's lane. All under
 * the giver's sk lock, but for xtcp_local_wake().
 */
#include <linux/netdevice.h>
#include <linux/uio.h>
#include <net/dst.h>

#include "act.h"
#include "listeners.h"
#include "local_parts.h"
#include "path.h"
#include "watched.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../compat/compat.h"
#include "../socket/data.h"
#include "../socket/mem.h"

/* States in which a program may read what comes. */
#define TAKING	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2)

/* Wanted by both programs and the administrator. */
static bool way_wanted(const struct sock *sk)
{
	return READ_ONCE(xtcp_sock_net(sk)->set.shortcut) && !xtcp_sk(sk)->local.off;
}

/* Index of the loopback device that the way leads through; 0: it leads elsewhere. */
static int loops(struct sock *sk, u64 now)
{
	const struct net_device *dev;
	const struct dst_entry *dst;
	int index = 0;

	if (xtcp_path_check(sk, now))
		return 0;
	dst = __sk_dst_get(sk);
	if (!dst || dst->lwtstate)
		return 0;
#ifdef CONFIG_XFRM
	if (dst->xfrm)
		return 0;
#endif
	rcu_read_lock();	/* the route does not keep its device */
	dev = READ_ONCE(dst->dev);
	if (dev->flags & IFF_LOOPBACK)
		index = dev->ifindex;
	rcu_read_unlock();
	return index;
}

/*
 * May bytes that loop through this device go round the wire to this peer? Not if it has bound
 * itself to another. The caller holds the sk lock.
 */
static bool usable(struct sock *sk, struct sock *peer, int lo)
{
	return !READ_ONCE(xtcp_sk(peer)->local.off) &&
	       xtcp_device_fits(READ_ONCE(peer->sk_bound_dev_if), lo, 0) &&
	       !xtcp_watched(sk, peer);
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

/* Find the peer's lane, once in a connection's life; lo: from loops(). */
static bool link_peer(struct sock *sk, int lo)
{
	struct xtcp_local *local = &xtcp_sk(sk)->local;
	struct xtcp_lane *lane;
	struct sock *peer;
	bool ok;

	peer = xtcp_sk(sk)->hashed && lo ? xtcp_local_other_end(sk) : NULL;
	if (!peer || peer == sk) {
		/* one that has not yet had our echo may come */
		local->alone = peer || xtcp_sk(sk)->tcb.conf;
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
	xtcp_count(xtcp_sock_net(sk), XTCP_MIB_LOCAL_OFF);
	lane = &xtcp_sk(xsk->local.peer)->local.in;
	spin_lock_bh(&lane->queue.lock);
	edge = xsk->tcb.snd.edge;
	if (lane->lives == xsk->local.life) {
		WRITE_ONCE(lane->on, false);
		WRITE_ONCE(lane->held, false);
		/* pairs with xtcp_local_tell(): it sees that, or we see its edge */
		smp_mb();
		edge = atomic64_read(&lane->edge);
	}
	spin_unlock_bh(&lane->queue.lock);
	xtcp_local_leave(&xsk->tcb, edge);
}

/**
 * xtcp_local_unlink - give no more, for the rest of the connection's life
 * @sk: giver, locked by the caller
 *
 * Its reference to the taker goes.
 */
void xtcp_local_unlink(struct sock *sk)
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
	GONE,		/* the lane is not this connection's any more */
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

	g->edge = xtcp_seq_max(g->edge, atomic64_read(&g->lane->edge));
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

/* A reader that waits for more than fits: as segments it can be made compact. */
static bool too_thin(const struct giving *g)
{
	return xtcp_after(g->edge, g->next) && xtcp_local_hungry(g->peer);
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

static void put_in_lane(const struct giving *g, struct sk_buff *skb)
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
		put_in_lane(g, skb);
		g->next += len;
		g->parts++;
		bytes -= len;
	}
	return GAVE;
}

/*
 * Find the lane that bytes may go to now; false: they have to be segments. The caller
 * looks whether there are any.
 */
static bool find_lane(struct sock *sk, struct giving *g, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xsk->tcb;
	bool found = false;
	int lo;

	if (xtcp_local_may(tcb) && way_wanted(sk)) {
		lo = loops(sk, now);
		found = (xsk->local.peer || link_peer(sk, lo)) && lo &&
			usable(sk, xsk->local.peer, lo);
	}
	if (!found) {
		leave(sk);
		return false;
	}
	g->peer = xsk->local.peer;
	g->lane = &xtcp_sk(g->peer)->local.in;
	g->next = tcb->snd.nxt;
	g->edge = tcb->snd.edge;
	g->parts = 0;
	return true;
}

/* Does the lane still take bytes of this connection? It is locked. */
static bool still_open(const struct sock *sk, const struct giving *g)
{
	return !g->lane->closed && g->lane->lives == xtcp_sk(sk)->local.life;
}

/* Hand over what may be, beginning with it if need be. The lane is locked. */
static enum given give(struct sock *sk, struct giving *g, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xsk->tcb;

	if (!still_open(sk, g))
		return GONE;
	if (!xsk->local.giving) {
		xsk->local.giving = true;
		xtcp_count(xtcp_sock_net(sk), XTCP_MIB_LOCAL_ON);
		xtcp_local_answer(tcb);
		if (!g->lane->used)
			atomic64_set(&g->lane->edge, tcb->snd.edge);
		g->lane->used = true;
		WRITE_ONCE(g->lane->on, true);
	}
	return hand_over(sk, g, xtcp_local_bytes(tcb, now));
}

/**
 * xtcp_local_output - hand over what can be, before segments are made
 * @sk: connection, locked by the caller (process or softirq)
 * @todo: todo bits are added
 * @now: time
 *
 * Return: true if there is nothing left for which a segment is needed.
 */
bool xtcp_local_output(struct sock *sk, u32 *todo, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xsk->tcb;
	struct giving g;
	enum given end;
	u32 given;

	if (xtcp_local_fin_waits(tcb))
		leave(sk);
	if (xsk->local.alone || !xtcp_before(tcb->snd.nxt, tcb->snd.end) ||
	    !find_lane(sk, &g, now))
		return false;
	spin_lock_bh(&g.lane->queue.lock);
	end = give(sk, &g, now);
	spin_unlock_bh(&g.lane->queue.lock);
	if (end == GONE) {
		xtcp_local_unlink(sk);
		return false;
	}

	given = g.next - tcb->snd.nxt;
	*todo |= xtcp_local_gave(tcb, given, g.parts, end == HELD, g.edge, now);
	if (end == WIRE || xtcp_local_fin_waits(tcb))
		leave(sk);
	if (given) {
		g.peer->sk_data_ready(g.peer);
		xtcp_tell_room(sk);
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
	u64 now;

	if (!len || !xsk->local.giving || !xtcp_local_given(xsk->local.peer) ||
	    !frag->page || frag->size - frag->offset < len || !xtcp_local_ready(tcb))
		return false;
	copied = copy_page_from_iter(frag->page, frag->offset, len, from);
	now = xtcp_now();
	joined = copied == len && find_lane(sk, &g, now);
	if (joined) {
		spin_lock_bh(&g.lane->queue.lock);
		joined = still_open(sk, &g) && join(&g, frag, len);
		spin_unlock_bh(&g.lane->queue.lock);
	}
	if (!joined) {
		iov_iter_revert(from, copied);
		return false;
	}
	xtcp_local_wrote(tcb, len, g.edge, now);
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
		xtcp_act(sk, XTCP_XMIT, NULL, xtcp_now());
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
