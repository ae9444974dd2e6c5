// SPDX-License-Identifier: GPL-2.0
/* The pull loop: the core says what, the shell tries, the core records. */
#include <net/inet_ecn.h>

#include "act.h"
#include "drain.h"
#include "local.h"
#include "offload.h"
#include "output.h"
#include "path.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../compat/compat.h"

/* Buffers that now have sent bytes are immutable from here on. */
static void mark_sent(struct sock *sk, struct sk_buff *buf, u64 end)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u64 nxt = xsk->tcb.snd.nxt;

	skb_queue_walk_from(&sk->sk_write_queue, buf) {
		if (!xtcp_before(XTCP_SKB_CB(buf)->seq, end))
			break;
		XTCP_SKB_CB(buf)->sent = 1;
	}
	while (xsk->unsent) {
		const struct xtcp_skb_cb *cb = XTCP_SKB_CB(xsk->unsent);

		if (xtcp_after(cb->seq + cb->len, nxt))
			break;
		xsk->unsent = skb_queue_is_last(&sk->sk_write_queue, xsk->unsent) ?
			      NULL : xsk->unsent->next;
	}
}

/* D12: where the first of the writes with MSG_EOR ends that were not sent whole. */
static u64 record_end(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 far = tcb->snd.nxt + max(tcb->burst, tcb->mss);
	const struct sk_buff *skb = xtcp_sk(sk)->unsent;

	for (; skb != (const struct sk_buff *)&sk->sk_write_queue; skb = skb->next) {
		const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

		if (cb->eor)
			return cb->seq + cb->len;
		if (xtcp_after(cb->seq, far))
			break;		/* the core will not want so much at once */
	}
	return tcb->snd.eor;
}

/* What the socket layer and the device's queue have told the socket. */
static void follow_pacing(struct sock *sk)
{
	struct xtcp_pace *pace = &xtcp_sk(sk)->tcb.pace;
	unsigned long limit = READ_ONCE(sk->sk_max_pacing_rate);

	pace->limit = limit == ~0UL ? 0 : min_t(u64, limit, XTCP_RATE_MAX);
	/* pairs with fq_classify()'s release */
	pace->fq = smp_load_acquire(&sk->sk_pacing_status) == SK_PACING_FQ;
	pace->shift = READ_ONCE(sk->sk_pacing_shift);	/* Wi-Fi wants more */
}

/**
 * xtcp_buffer_size - how large buffers of the write queue are
 * @sk: socket, locked by the caller
 *
 * As one transmission takes if nothing hinders it, so that it can be cloned whole.
 *
 * Return: bytes.
 */
u32 xtcp_buffer_size(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return tcb->burst > tcb->mss ? tcb->burst - tcb->burst % tcb->mss : tcb->mss;
}

static int transmit(struct sock *sk, struct xtcp_tx *tx, struct sk_buff *buf, u64 now)
{
	struct sk_buff *skb;

	if (tx->len && !buf)
		return -ENOBUFS;
	skb = xtcp_build_skb(sk, tx, buf, now);
	if (!skb)
		return -ENOBUFS;
	if (tx->departure)
		xtcp_set_departure(skb, tx->departure);
	xtcp_count_add(xtcp_sock_net(sk), XTCP_MIB_OUT_SEGS,
		       max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	return xtcp_path_xmit(sk, skb, tx->ect ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT);
}

/**
 * xtcp_output - send what the core has to send
 * @sk: connection, locked by the caller
 * @now: time
 *
 * Ends at the first error: what was not sent stays unsent, and a deadline of
 * the core brings it up again.
 *
 * Return: todo bits; tcb.timer_next may have moved earlier whatever they say.
 */
u32 xtcp_output(struct sock *sk, u64 now)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_tx tx;
	u32 todo = 0;
	int err;

	if (xtcp_local_output(sk, &todo, now))
		return todo;

	err = xtcp_path_check(sk, now);
	tcb->burst = xtcp_gso_burst(sk, tcb->mss);
	follow_pacing(sk);

	do {
		struct sk_buff *buf = NULL;

		if (!tcb->spares)
			xtcp_spares(sk, 1, GFP_ATOMIC);
		if (unlikely(xtcp_records(tcb)))
			tcb->snd.record = record_end(sk);
		tcb->queued = xtcp_drain_queued(sk);
		if (!xtcp_next(tcb, now, &tx))
			break;
		if (tx.len)
			buf = xtcp_buffer_of(sk, tx.seq);
		if (!err)
			err = transmit(sk, &tx, buf, now);
		xtcp_sent(tcb, &tx, buf, now, err);
		if (!err && tx.len)
			mark_sent(sk, buf, tx.seq + tx.len);
	} while (!err);
	if (unlikely(tcb->throttled)) {
		xtcp_count(xtcp_sock_net(sk), XTCP_MIB_HOST_QUEUE_FULL);
		xtcp_drain_watch(sk);
	}
	return todo;
}

/**
 * xtcp_output_reset - tell the peer that the connection is no more (R2)
 * @sk: connection, locked by the caller; best effort
 * @now: time
 */
void xtcp_output_reset(struct sock *sk, u64 now)
{
	struct xtcp_tx tx;

	xtcp_reset(&xtcp_sk(sk)->tcb, &tx);
	if (xtcp_path_check(sk, now))
		return;
	if (!transmit(sk, &tx, NULL, now))
		xtcp_count(xtcp_sock_net(sk), XTCP_MIB_OUT_RSTS);
}
