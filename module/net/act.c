// SPDX-License-Identifier: GPL-2.0
/*
 * The interpreter of the core's answers. The order of the bits is that of enum
 * xtcp_todo, which says what each means: data first, then what the program
 * sees, then what the peer sees, then the end.
 */
#include <linux/slab.h>
#include <net/tcp_states.h>

#include "act.h"
#include "metrics.h"
#include "output.h"
#include "timer.h"
#include "timewaits.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../socket/data.h"
#include "../socket/life.h"
#include "../socket/mem.h"
#include "../socket/stamp.h"
#include "../socket/urgent.h"

static struct kmem_cache *node_cache;

/**
 * xtcp_nodes_init - make the slab of nodes
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_nodes_init(void)
{
	/* sk_state has the core's numbers; the core writes the first word of a buffer */
	BUILD_BUG_ON((int)XTCP_ESTABLISHED != TCP_ESTABLISHED);
	BUILD_BUG_ON((int)XTCP_SYN_SENT != TCP_SYN_SENT);
	BUILD_BUG_ON((int)XTCP_SYN_RECEIVED != TCP_SYN_RECV);
	BUILD_BUG_ON((int)XTCP_FIN_WAIT_2 != TCP_FIN_WAIT2);
	BUILD_BUG_ON((int)XTCP_CLOSED != TCP_CLOSE);
	BUILD_BUG_ON((int)XTCP_LISTEN != TCP_LISTEN);
	BUILD_BUG_ON((int)XTCP_CLOSING != TCP_CLOSING);
	BUILD_BUG_ON(offsetof(struct sk_buff, next) != 0);
	BUILD_BUG_ON(sizeof(struct xtcp_skb_cb) > sizeof_field(struct sk_buff, cb));

	node_cache = kmem_cache_create("xtcp_node", sizeof(union xtcp_node), 0, 0, NULL);
	return node_cache ? 0 : -ENOMEM;
}

/**
 * xtcp_nodes_exit - free the slab, when no socket is left
 */
void xtcp_nodes_exit(void)
{
	kmem_cache_destroy(node_cache);
}

/**
 * xtcp_spares - put nodes there for the next call into the core
 * @sk: connection, locked by the caller
 * @need: how many more (xtcp_need())
 * @gfp: allocation flags
 *
 * Fewer if there is no memory: the core makes do.
 */
void xtcp_spares(struct sock *sk, u32 need, gfp_t gfp)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	while (need-- && tcb->spares < XTCP_SPARES_MAX) {
		union xtcp_node *node = kmem_cache_alloc(node_cache, gfp | __GFP_NOWARN);

		if (!node)
			return;
		xtcp_add_spare(tcb, node);
	}
}

/* Free the chain first..last of received buffers. */
static void free_chain(void *first, void *last)
{
	struct sk_buff *skb = first, *next;

	for (; skb; skb = next) {
		next = skb == last ? NULL : skb->next;
		skb_mark_not_on_list(skb);
		kfree_skb(skb);
	}
}

static void free_dropped(struct xtcp_tcb *tcb)
{
	free_chain(tcb->rcv.drop_first, tcb->rcv.drop_last);
	tcb->rcv.drop_first = NULL;
	tcb->rcv.drop_last = NULL;
}

/**
 * xtcp_reap - free what the core has done with: nodes, and buffers of dropped runs
 * @sk: connection, locked by the caller or without other references
 */
void xtcp_reap(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	union xtcp_node *node;

	if (unlikely(tcb->rcv.drop_first))
		free_dropped(tcb);
	while ((node = tcb->done)) {
		tcb->done = node->next;
		kmem_cache_free(node_cache, node);
	}
}

/* What of a segment's buffer is wanted; skb->data is at its payload. */
static void set_wanted(const struct xtcp_pkt *pkt)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB((struct sk_buff *)pkt->buf);

	cb->seq = pkt->seq + pkt->skip;
	cb->skip = pkt->skip;
	cb->len = pkt->take;
	cb->sent = 0;
}

/* XTCP_DRAIN: the first run came into order. */
static void drain(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct sk_buff *skb = tcb->rcv.ready_first, *last = tcb->rcv.ready_last, *next;

	tcb->rcv.ready_first = NULL;
	tcb->rcv.ready_last = NULL;
	for (; skb; skb = next) {
		next = skb == last ? NULL : skb->next;
		skb_mark_not_on_list(skb);
		xtcp_rcvq_add(sk, skb);
	}
}

/*
 * There may be room to write. Who writes only when poll() says so never finds the buffer
 * full, and has it grow here instead.
 */
static void tell_writer(struct sock *sk)
{
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		xtcp_sndbuf_grow(sk);
	xtcp_tell_room(sk);
}

/* XTCP_ACKED: buffers that end at or before SND.UNA. */
static void free_acked(struct sock *sk)
{
	u64 una = xtcp_sk(sk)->tcb.snd.una;
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_write_queue))) {
		const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

		if (!cb->sent || xtcp_after(cb->seq + cb->len, una))
			break;
		if (unlikely(cb->stamp_ack))
			xtcp_tell_acked(sk, skb);
		xtcp_wmem_free(sk, skb);
	}
	tell_writer(sk);
}

/*
 * Who gets no answer tries another way, where there are several: SO_TXREHASH at once, and
 * later another route.
 */
static void other_way(struct sock *sk)
{
	sk_rethink_txhash(sk);
	if (xtcp_wants_route(&xtcp_sk(sk)->tcb))
		__dst_negative_advice(sk);
}

/* Mirror the TCB for readers without the lock (rule 10), all of it before anybody is woken. */
static void mirror(struct sock *sk, u32 todo)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 shutdown = sk->sk_shutdown;

	if (tcb->fin_rcvd) {
		shutdown |= RCV_SHUTDOWN;
		sock_set_flag(sk, SOCK_DONE);	/* recv() says so before any error */
	}
	if (tcb->state == XTCP_CLOSED)
		shutdown = SHUTDOWN_MASK;
	WRITE_ONCE(sk->sk_shutdown, shutdown);
	if (todo & XTCP_ERROR)
		WRITE_ONCE(sk->sk_err, tcb->err);
	if (todo & XTCP_STATE) {
		/* pairs with poll's load: who sees the state sees what belongs to it */
		smp_store_release(&sk->sk_state, tcb->state);
	}
}

static bool opening(u8 state)
{
	return state == TCP_SYN_SENT || state == TCP_SYN_RECV;
}

static void wake(struct sock *sk, u32 todo, u8 was)
{
	u8 state = sk->sk_state;

	if (sock_flag(sk, SOCK_DEAD))
		return;
	if (todo & XTCP_STATE) {
		sk->sk_state_change(sk);
		if (opening(was) && !opening(state) && state != TCP_CLOSE)
			sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
		else if (sk->sk_shutdown == SHUTDOWN_MASK)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
		else if (sk->sk_shutdown & RCV_SHUTDOWN)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	}
	if (todo & XTCP_ERROR)
		sk_error_report(sk);
	if (todo & XTCP_URGENT)
		sk_send_sigurg(sk);
	if (todo & XTCP_READABLE)
		sk->sk_data_ready(sk);
}

static void count_events(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (tcb->events) {
		xtcp_count_events(xtcp_sock_net(sk), tcb->events);
		tcb->events = 0;
	}
}

/**
 * xtcp_act - carry out what the core answered
 * @sk: connection, locked by the caller (process or softirq), who holds a
 *	reference
 * @todo: XTCP_TODO bits
 * @pkt: the segment just handled, its buffer's data at the payload; or NULL
 * @now: the time that the core was told
 *
 * Return: true if the buffer was consumed, for TAKE or HELD; else it is as
 * before.
 */
bool xtcp_act(struct sock *sk, u32 todo, struct xtcp_pkt *pkt, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	bool consumed = false;
	u8 was = sk->sk_state;

	if (todo & XTCP_URGENT)
		todo |= xtcp_urgent_replaced(sk, now);
	if (unlikely(xsk->tcb.marked || xsk->urgent))
		xtcp_urgent_mirror(sk);
	if (pkt && todo & (XTCP_TAKE | XTCP_HELD)) {
		set_wanted(pkt);
		consumed = true;
		if (todo & XTCP_TAKE)
			xtcp_rcvq_add(sk, pkt->buf);
	}
	if (todo & XTCP_DRAIN)
		drain(sk);
	xtcp_reap(sk);		/* XTCP_PRUNE, and nodes */
	if (todo & XTCP_ACKED)
		free_acked(sk);

	if (todo & (XTCP_URGENT | XTCP_STATE | XTCP_ERROR | XTCP_READABLE)) {
		mirror(sk, todo);
		wake(sk, todo, was);
	}

	if (unlikely(xsk->tcb.events & BIT(XTCP_EV_RTO)))
		other_way(sk);
	if (todo & XTCP_RESET)
		xtcp_output_reset(sk, now);
	if (todo & XTCP_XMIT) {
		todo |= xtcp_output(sk, now) | XTCP_TIMER;
		xtcp_reap(sk);
		/* Behind a gap nothing becomes free, and the window grows on. */
		if (unlikely(xsk->tcb.snd.sacked))
			tell_writer(sk);
	}
	if (xsk->notsent_lowat && xtcp_notsent_mirror(sk))
		xtcp_tell_room(sk);
	count_events(sk);
	if (todo & XTCP_TIMER && !(todo & XTCP_DEAD))
		xtcp_timer_arm(sk, now);

	if (todo & XTCP_STATE && opening(was) && !opening(sk->sk_state))
		xtcp_path_learn(sk, now);	/* others may be about to open */
	if (todo & (XTCP_TIMEWAIT | XTCP_DEAD))
		xtcp_path_learn(sk, now);
	if (todo & XTCP_TIMEWAIT)
		xtcp_timewait_add(sk, now);
	else if (todo & XTCP_DEAD && xsk->hashed)
		xtcp_tomb_add(sk, now);
	if (todo & (XTCP_TIMEWAIT | XTCP_DEAD))
		xtcp_sock_done(sk);
	return consumed;
}
