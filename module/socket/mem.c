// SPDX-License-Identifier: GPL-2.0
/*
 * Memory. The limits of all sockets together (net.xtcp.mem) are those of the
 * kernel's protocol accounting: xtcp_prot names the counters below. The limits
 * of one socket are sk_rcvbuf and sk_sndbuf.
 *
 * What has arrived and lies in sk_receive_queue or in a run is charged with
 * its truesize to sk_rmem_alloc, and uncharged by its destructor, sock_rfree(),
 * under the socket lock. What was written lies in sk_write_queue, charged to
 * sk_wmem_queued.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/percpu_counter.h>

#include "mem.h"
#include "stamp.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../net/act.h"
#include "../net/output.h"

atomic_long_t xtcp_memory_allocated;
DEFINE_PER_CPU(int, xtcp_memory_fw_alloc);
struct percpu_counter xtcp_sockets_allocated;
struct percpu_counter xtcp_orphans;
unsigned long xtcp_memory_pressure;
long xtcp_sysctl_mem[3];
int xtcp_mem_least = PAGE_SIZE;	/* as the least of net.ipv4.tcp_rmem and tcp_wmem */

/**
 * xtcp_mem_init - set up the counters and the default of net.xtcp.mem
 *
 * The default is TCP's: pressure begins at about 6 % of the memory that is free
 * at start, and the limit is at 9 %.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_mem_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);
	int err;

	xtcp_sysctl_mem[0] = limit / 4 * 3;
	xtcp_sysctl_mem[1] = limit;
	xtcp_sysctl_mem[2] = xtcp_sysctl_mem[0] * 2;

	err = percpu_counter_init(&xtcp_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		return err;
	err = percpu_counter_init(&xtcp_orphans, 0, GFP_KERNEL);
	if (err)
		percpu_counter_destroy(&xtcp_sockets_allocated);
	return err;
}

/**
 * xtcp_mem_exit - undo xtcp_mem_init(), when no socket is left
 */
void xtcp_mem_exit(void)
{
	percpu_counter_destroy(&xtcp_orphans);
	percpu_counter_destroy(&xtcp_sockets_allocated);
}

/* Kept by each processor, of what all sockets together have: as SK_MEMORY_PCPU_RESERVE. */
#define PAGES_RESERVE	((1 << 20) >> PAGE_SHIFT)

/**
 * xtcp_mem_pages - memory that no socket is charged for
 * @pages: more of it, or less
 *
 * Any context. Counts for net.xtcp.mem as what sockets are charged for.
 */
void xtcp_mem_pages(int pages)
{
	int kept;

	preempt_disable();
	kept = this_cpu_add_return(xtcp_memory_fw_alloc, pages);
	if (abs(kept) >= PAGES_RESERVE) {
		this_cpu_sub(xtcp_memory_fw_alloc, kept);
		atomic_long_add(kept, &xtcp_memory_allocated);
	}
	preempt_enable();
}

/**
 * xtcp_enter_memory_pressure - more than net.xtcp.mem[1] is in use
 * @sk: socket that asked for memory
 *
 * The time is kept so that it can be told how long the pressure lasts; 0 means
 * none.
 */
void xtcp_enter_memory_pressure(struct sock *sk)
{
	unsigned long now = jiffies ? : 1;

	if (READ_ONCE(xtcp_memory_pressure))
		return;
	if (!cmpxchg(&xtcp_memory_pressure, 0, now))
		xtcp_count(xtcp_sock_net(sk), XTCP_MIB_PRESSURE);
}

/**
 * xtcp_leave_memory_pressure - less than net.xtcp.mem[0] is in use
 * @sk: socket that asked for memory
 */
void xtcp_leave_memory_pressure(struct sock *sk)
{
	if (READ_ONCE(xtcp_memory_pressure))
		WRITE_ONCE(xtcp_memory_pressure, 0);
}

/**
 * xtcp_rcv_space - window that the receive buffer allows
 * @sk: socket
 *
 * Half of the buffer is taken to be overhead (struct sk_buff, unused parts of
 * pages), as TCP does with tcp_adv_win_scale 1; SO_RCVBUF doubles what it is
 * given for the same reason. Never more than XTCP_WINDOW_CLAMP.
 *
 * Return: bytes of payload, at least 1.
 */
u32 xtcp_rcv_space(const struct sock *sk)
{
	u32 clamp = READ_ONCE(xtcp_sk(sk)->window_clamp);
	u32 space = max(READ_ONCE(sk->sk_rcvbuf) / 2, 1);

	return clamp ? min(space, clamp) : space;
}

/**
 * xtcp_rcv_target - readable bytes from which on a program is woken
 * @sk: socket, perhaps not locked
 *
 * SO_RCVLOWAT, but no more than is sure to come: into the buffer as it is, or as the
 * core was told of it last.
 *
 * Return: bytes, at least 1.
 */
u32 xtcp_rcv_target(const struct sock *sk)
{
	u32 lowat = READ_ONCE(sk->sk_rcvlowat), space;

	if (likely(lowat <= 1))
		return 1;
	space = min(xtcp_rcv_space(sk), READ_ONCE(xtcp_sk(sk)->tcb.rcv.buf));
	return clamp(lowat, 1U, max(xtcp_lowat_most(space), 1U));
}

/* Packing: what a piece holds, and how much is copied before what it replaces is freed. */
#define XTCP_PIECE	((u32)SKB_MAX_ORDER(0, 0))
#define XTCP_PACK_MOST	(64 * 1024)

/* Received buffers [first, end) whose bytes may lie closer together. */
struct xtcp_group {
	struct sk_buff *first, *end;
	u32 bytes;
	u32 mem;	/* truesize */
};

/* Most of it is overhead, or it is one of many that fit into a piece. */
static bool xtcp_loose(const struct sk_buff *skb)
{
	return XTCP_SKB_CB(skb)->len < XTCP_PIECE / 4 ||
	       skb->truesize / 2 > XTCP_SKB_CB(skb)->len;
}

/*
 * From @first on; @stop ends the list. Others than loose ones only where they fit into
 * what would be left of the last piece: so two that adjoin are never both almost empty.
 */
static struct xtcp_group xtcp_gather(struct sk_buff *first, const struct sk_buff *stop)
{
	struct xtcp_group group = { .first = first };
	struct sk_buff *skb = first;

	while (skb != stop && group.bytes < XTCP_PACK_MOST) {
		u32 len = XTCP_SKB_CB(skb)->len;

		if (!xtcp_loose(skb) &&
		    (skb == first || group.bytes % XTCP_PIECE + len > XTCP_PIECE))
			break;
		group.bytes += len;
		group.mem += skb->truesize;
		skb = skb->next;
	}
	group.end = skb == first ? first->next : skb;
	return group;
}

/* A copy of the next @len bytes, from byte *@at of **@from on, both of which move on. */
static struct sk_buff *xtcp_piece(struct sk_buff **from, u32 *at, u32 len)
{
	struct sk_buff *to = alloc_skb(len, GFP_ATOMIC | __GFP_NOWARN);
	struct xtcp_skb_cb *cb;

	if (!to)
		return NULL;
	memset(to->cb, 0, sizeof(to->cb));
	cb = XTCP_SKB_CB(to);
	cb->seq = XTCP_SKB_CB(*from)->seq + *at;
	while (cb->len < len) {
		const struct xtcp_skb_cb *old = XTCP_SKB_CB(*from);
		u32 bytes = min(len - cb->len, old->len - *at);

		if (skb_copy_bits(*from, old->skip + *at, skb_put(to, bytes), bytes)) {
			kfree_skb(to);
			return NULL;
		}
		xtcp_arrived_as(to, *from);
		cb->len += bytes;
		*at += bytes;
		if (*at == old->len) {
			*from = (*from)->next;
			*at = 0;
		}
	}
	return to;
}

/*
 * Copy a group into pieces, which are charged at once: as they are smaller, to little
 * effect. What they replace is the caller's to free. NULL: not worth while, or no memory.
 */
static struct sk_buff *xtcp_pack(struct sock *sk, const struct xtcp_group *group)
{
	struct sk_buff *chain = NULL, **link = &chain, *from = group->first, *to;
	u32 least = group->bytes + DIV_ROUND_UP(group->bytes, XTCP_PIECE) * SKB_TRUESIZE(0);
	u32 at = 0, mem = 0, left;

	if (!group->bytes || group->mem <= least)
		return NULL;
	for (left = group->bytes; left; left -= to->len) {
		to = xtcp_piece(&from, &at, min(left, XTCP_PIECE));
		if (!to)
			break;
		mem += to->truesize;
		*link = to;
		link = &to->next;
	}
	if (left || mem >= group->mem) {
		kfree_skb_list(chain);
		return NULL;
	}
	for (to = chain; to; to = to->next)
		skb_set_owner_r(to, sk);
	return chain;
}

/*
 * Many small segments fill a receive buffer with overhead, be it that of many buffers
 * or of few that GRO or skb_try_coalesce() has made of them: copy what they carry
 * together, a page at a time. Worth while only if most of the memory is overhead. And
 * when a pass could not change that, the next one waits until there is a quarter more:
 * so passes come to a few times the work of receiving, whatever the peer sends.
 */
static void xtcp_rcvq_collapse(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *stop = (struct sk_buff *)queue, *skb, *next;
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_group group;

	if (xsk->rcvq_mem / 2 <= xsk->readable + SKB_TRUESIZE(PAGE_SIZE) ||
	    xsk->rcvq_mem - xsk->rcvq_packed <= xsk->rcvq_packed / 4)
		return;

	xtcp_count(xtcp_sock_net(sk), XTCP_MIB_RCVQ_PACKED);
	for (next = queue->next; next != stop; next = group.end) {
		struct sk_buff *chain;

		group = xtcp_gather(next, stop);
		chain = xtcp_pack(sk, &group);
		if (!chain)
			continue;
		while ((skb = next) != group.end) {
			next = skb->next;
			__skb_unlink(skb, queue);
			xsk->rcvq_mem -= skb->truesize;
			__kfree_skb(skb);
		}
		while ((skb = chain)) {
			chain = skb->next;
			__skb_queue_before(queue, group.end, skb);
			xsk->rcvq_mem += skb->truesize;
		}
	}
	xsk->rcvq_packed = xsk->rcvq_mem;
}

/* The same for what came out of order; whether it is worth while is the core's to say. */
static void xtcp_runs_collapse(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_run *run = NULL;

	if (!xtcp_runs_loose(tcb))
		return;
	while ((run = xtcp_loose_run(tcb, run))) {
		struct sk_buff *first = run->first, *last = NULL, *skb, *next;
		struct xtcp_group group;
		u32 bufs = 0;

		for (next = first; next; next = group.end) {
			struct sk_buff *chain;

			group = xtcp_gather(next, NULL);
			chain = xtcp_pack(sk, &group);
			if (chain) {
				while ((skb = next) != group.end) {
					next = skb->next;
					skb_mark_not_on_list(skb);
					__kfree_skb(skb);
				}
				if (last)
					last->next = chain;
				else
					first = chain;
			}
			skb = chain ? : group.first;
			for (; skb && skb != group.end; skb = skb->next) {
				last = skb;
				bufs++;
			}
			last->next = group.end;
		}
		xtcp_run_packed(tcb, run, first, last, bufs);
		xtcp_count(xtcp_sock_net(sk), XTCP_MIB_PACKED);
	}
}

static bool xtcp_rmem_full(const struct sock *sk, const struct sk_buff *skb)
{
	return atomic_read(&sk->sk_rmem_alloc) + skb->truesize > READ_ONCE(sk->sk_rcvbuf);
}

/**
 * xtcp_rmem_admit - charge a received segment to its socket
 * @sk: socket, locked by the caller
 * @skb: the segment's buffer
 * @in_order: it is the one at RCV.NXT
 *
 * Where there is no room for it, first the receive queue and the runs are made
 * compact: not for what the core refuses anyhow, which the caller keeps away. Then, out
 * of order, it must fit into sk_rcvbuf. In order it is refused only at the limit of
 * net.xtcp.mem or of the memory cgroup: runs are pruned, the highest first, until it fits
 * or none is left (D11).
 *
 * The charge goes with the buffer: whoever frees it, under the socket lock,
 * gives it back.
 *
 * Return: true if charged; false: the payload must not be kept.
 */
bool xtcp_rmem_admit(struct sock *sk, struct sk_buff *skb, bool in_order)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	if (xtcp_rmem_full(sk, skb) || !sk_rmem_schedule(sk, skb, skb->truesize)) {
		xtcp_rcvq_collapse(sk);
		xtcp_runs_collapse(sk);
		if (!in_order && xtcp_rmem_full(sk, skb))
			return false;
	}
	while (xtcp_rmem_full(sk, skb) && !RB_EMPTY_ROOT(&xsk->tcb.rcv.runs))
		xtcp_act(sk, xtcp_prune(&xsk->tcb), NULL, xtcp_now());
	while (!sk_rmem_schedule(sk, skb, skb->truesize)) {
		if (!in_order || RB_EMPTY_ROOT(&xsk->tcb.rcv.runs))
			return false;
		xtcp_act(sk, xtcp_prune(&xsk->tcb), NULL, xtcp_now());
	}
	/* it may lie here for long, and must keep neither routes nor modules */
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	skb_set_owner_r(skb, sk);
	return true;
}

/* All of @skb's bytes are wanted, so that it can be merged as it is. */
static bool xtcp_whole(const struct sk_buff *skb)
{
	return !XTCP_SKB_CB(skb)->skip && XTCP_SKB_CB(skb)->len == skb->len;
}

/**
 * xtcp_rcvq_put - append a buffer whose bytes are counted as readable already
 * @sk: socket, locked by the caller
 * @skb: as for xtcp_rcvq_add(), some of it wanted. Consumed
 */
void xtcp_rcvq_put(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 len = XTCP_SKB_CB(skb)->len;
	bool stolen;
	int delta;

	/*
	 * The tail may have been read from: what counts is that its end is wanted. One
	 * that is not charged (xtcp_local_take()) must not take over a charge.
	 */
	if (tail && tail->sk && skb->sk && xtcp_whole(skb) &&
	    XTCP_SKB_CB(tail)->skip + XTCP_SKB_CB(tail)->len == tail->len &&
	    skb_try_coalesce(tail, skb, &stolen, &delta)) {
		xtcp_arrived_as(tail, skb);
		XTCP_SKB_CB(tail)->len += len;
		/* the tail grew by delta; skb gives its own charge back */
		atomic_add(delta, &sk->sk_rmem_alloc);
		sk_mem_charge(sk, delta);
		xsk->rcvq_mem += delta;
		kfree_skb_partial(skb, stolen);
	} else {
		__skb_queue_tail(&sk->sk_receive_queue, skb);
		xsk->rcvq_mem += skb->truesize;
	}
	/* in order it was admitted in any case: alone it may be far beyond the limit */
	if (atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf))
		xtcp_rcvq_collapse(sk);
}

/**
 * xtcp_rcvq_add - append a buffer to the receive queue
 * @sk: socket, locked by the caller
 * @skb: buffer whose data is the payload, admitted by xtcp_rmem_admit(); its cb
 *	says what of it is wanted. Consumed.
 *
 * Merged into the last one where that saves memory; and beyond sk_rcvbuf the queue is
 * made compact, so that pointers to its buffers are not valid any more.
 */
void xtcp_rcvq_add(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 len = XTCP_SKB_CB(skb)->len;

	if (!len) {
		__kfree_skb(skb);
		return;
	}
	xtcp_rcvq_put(sk, skb);
	WRITE_ONCE(xsk->readable, xsk->readable + len);
}

/**
 * xtcp_rcvq_eat - bytes at the front of the receive queue were read
 * @sk: socket, locked by the caller
 * @skb: the first buffer
 * @bytes: at most what it still holds
 */
void xtcp_rcvq_eat(struct sock *sk, struct sk_buff *skb, u32 bytes)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *xsk = xtcp_sk(sk);

	cb->seq += bytes;
	cb->skip += bytes;
	cb->len -= bytes;
	WRITE_ONCE(xsk->readable, xsk->readable - bytes);
	if (cb->len)
		return;
	__skb_unlink(skb, &sk->sk_receive_queue);
	xsk->rcvq_mem -= skb->truesize;
	xsk->rcvq_packed = min(xsk->rcvq_packed, xsk->rcvq_mem);
	__kfree_skb(skb);
}

/**
 * xtcp_rcvq_purge - throw away what was received and not read
 * @sk: socket, locked by the caller or without other references
 */
void xtcp_rcvq_purge(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	__skb_queue_purge(&sk->sk_receive_queue);
	WRITE_ONCE(xsk->readable, 0);
	WRITE_ONCE(xsk->urgent, 0);
	xsk->rcvq_mem = 0;
	xsk->rcvq_packed = 0;
}

/**
 * xtcp_wmem_add - append an empty buffer to the write queue
 * @sk: socket, locked by the caller
 * @skb: buffer; it belongs to the queue from here on, and is charged
 */
void xtcp_wmem_add(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	if (!xsk->unsent)
		xsk->unsent = skb;
}

/**
 * xtcp_wmem_take - take a buffer off the write queue
 * @sk: socket, locked by the caller
 * @skb: buffer; it belongs to the caller from here on, and is not charged
 */
void xtcp_wmem_take(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	if (xsk->unsent == skb)
		xsk->unsent = skb_queue_is_last(&sk->sk_write_queue, skb) ? NULL : skb->next;
	__skb_unlink(skb, &sk->sk_write_queue);
	sk_wmem_queued_add(sk, -(int)skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
}

/**
 * xtcp_wmem_free - take a buffer off the write queue and free it
 * @sk: socket, locked by the caller
 * @skb: buffer that is acknowledged, or was never told to the core
 */
void xtcp_wmem_free(struct sock *sk, struct sk_buff *skb)
{
	xtcp_wmem_take(sk, skb);
	__kfree_skb(skb);
}

/**
 * xtcp_wmem_split - make two buffers of one that waits to be sent
 * @sk: socket, locked by the caller (process or softirq)
 * @skb: on sk_write_queue; no byte of it was sent, and no other buffer shares its
 *	data
 * @len: payload bytes that stay in @skb; the others are in a new one behind it
 *
 * Return: false if there is no memory; nothing has changed then.
 */
bool xtcp_wmem_split(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct sk_buff *rest;
	u32 moved;

	rest = alloc_skb_fclone(skb_headroom(skb), GFP_ATOMIC | __GFP_NOWARN);
	if (!rest)
		return false;
	if (!sk_wmem_schedule(sk, rest->truesize)) {
		__kfree_skb(rest);
		return false;
	}
	skb_reserve(rest, skb_headroom(skb));
	memcpy(rest->cb, skb->cb, sizeof(rest->cb));
	rest->ip_summed = skb->ip_summed;
	sk_wmem_queued_add(sk, rest->truesize);
	sk_mem_charge(sk, rest->truesize);

	skb_split(skb, rest, len);
	moved = rest->len;
	skb->truesize -= moved;
	rest->truesize += moved;
	XTCP_SKB_CB(skb)->len = len;
	XTCP_SKB_CB(skb)->eor = 0;
	XTCP_SKB_CB(rest)->seq += len;
	XTCP_SKB_CB(rest)->len -= len;
	__skb_queue_after(&sk->sk_write_queue, skb, rest);
	return true;
}

/**
 * xtcp_wmem_purge - throw the write queue away
 * @sk: socket, locked by the caller or without other references
 */
void xtcp_wmem_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_write_queue)))
		xtcp_wmem_free(sk, skb);
}

/**
 * xtcp_notsent_mirror - for XTCP_NOTSENT_LOWAT: how much waits to be sent
 * @sk: socket, locked by the caller
 *
 * Return: true if it is less than it was.
 */
bool xtcp_notsent_mirror(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 was = xsk->notsent, bytes = 0;

	if (xtcp_before(xsk->tcb.snd.nxt, xsk->tcb.snd.end))
		bytes = min_t(u64, xsk->tcb.snd.end - xsk->tcb.snd.nxt, U32_MAX);
	WRITE_ONCE(xsk->notsent, bytes);
	return bytes < was;
}

/**
 * xtcp_memory_free - proto.stream_memory_free: may a program write more?
 * @sk: socket, perhaps not locked
 * @wake: 1: is it worth waking one that waits?
 *
 * The send buffer's size is looked at by the caller.
 *
 * Return: false if XTCP_NOTSENT_LOWAT says no.
 */
bool xtcp_memory_free(const struct sock *sk, int wake)
{
	u32 lowat = READ_ONCE(xtcp_sk(sk)->notsent_lowat);

	return !lowat || (u64)READ_ONCE(xtcp_sk(sk)->notsent) << wake < lowat;
}

/**
 * xtcp_sndbuf_grow - let the send buffer follow the congestion window
 * @sk: socket, locked by the caller
 *
 * Two windows, as TCP: one in the network and one to follow it; three where the window
 * is not reduced while a gap holds the first. Never beyond the second of net.xtcp.wmem,
 * nor if the program has set SO_SNDBUF.
 */
void xtcp_sndbuf_grow(struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 size = xtcp_buffer_size(sk), windows = tcb->cc.ops->paces ? 3 : 2;
	u64 want = tcb->cc.cwnd + (u64)(tcb->cc.cwnd / size) * SKB_TRUESIZE(size) / 2;
	int most = READ_ONCE(xtcp_sock_net(sk)->set.wmem.most);

	if ((sk->sk_userlocks & SOCK_SNDBUF_LOCK) || READ_ONCE(xtcp_memory_pressure))
		return;
	want = min_t(u64, windows * want, most);
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}

/**
 * xtcp_rcvbuf_grow - let the receive buffer follow what the path brings (D11)
 * @sk: socket, locked by the caller, who tells the core of the change
 *
 * Never beyond the second of net.xtcp.rmem, nor if the program has set
 * SO_RCVBUF.
 */
void xtcp_rcvbuf_grow(struct sock *sk)
{
	/* xtcp_rcv_space() takes half of it to be overhead */
	u64 want = 2 * (u64)xtcp_sk(sk)->tcb.rcv.want;
	int most = READ_ONCE(xtcp_sock_net(sk)->set.rmem.most);

	if (xtcp_sk(sk)->window_clamp)
		want = min(want, 2 * (u64)xtcp_sk(sk)->window_clamp);
	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) || READ_ONCE(xtcp_memory_pressure))
		return;
	want = min_t(u64, want, most);
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/**
 * xtcp_orphan_limit - one orphan too many (C5)
 * @sk: the orphan, already counted
 *
 * Too many are more than net.xtcp.max_orphans, or any that holds data while
 * all of net.xtcp.mem is in use.
 *
 * Return: true if it should be reset.
 */
bool xtcp_orphan_limit(const struct sock *sk)
{
	int most = READ_ONCE(xtcp_sock_net(sk)->set.max_orphans);

	if (percpu_counter_compare(&xtcp_orphans, most) > 0)
		return true;
	return sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
	       atomic_long_read(&xtcp_memory_allocated) > READ_ONCE(xtcp_sysctl_mem[2]);
}
