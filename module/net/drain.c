// SPDX-License-Identifier: GPL-2.0
/*
 * What waits until packets of its connection have left this host: a short segment
 * (autocorking, D12), and data behind too many of them (D14). sock_wfree() tells of that by
 * sk_write_space, which it calls without SOCK_USE_WRITE_QUEUE: wherever a packet is freed,
 * perhaps while its socket is locked right there. So a tasklet does what is to be done.
 */
#include <linux/interrupt.h>
#include <net/sock.h>

#include "act.h"
#include "drain.h"
#include "../sock.h"
#include "../socket/data.h"

static void drain_run(struct tasklet_struct *tasklet);

static DEFINE_SPINLOCK(drain_lock);
static LIST_HEAD(drain_list);	/* sockets (xtcp_sock.drained), each with a reference */
static DECLARE_TASKLET(drain_tasklet, drain_run);

/**
 * xtcp_drain_queued - what waits in this host's queues
 * @sk: connection
 *
 * Return: bytes of memory that its packets take there; 0 also where nobody would be told as
 * they leave: a user in the kernel has its own sk_write_space.
 */
u32 xtcp_drain_queued(const struct sock *sk)
{
	return sk->sk_write_space == xtcp_write_space ? sk_wmem_alloc_get(sk) : 0;
}

/**
 * xtcp_drain_watch - something waits for packets to leave
 * @sk: connection, owned by the caller, whose core was told what is queued (tcb.queued) and
 *	says so
 *
 * One that sock_wfree() is freeing right now may be missed, as it has looked at the flag
 * already: then T_HOLD ends the wait of a short segment, and the ACK of what has left that
 * of other data.
 */
void xtcp_drain_watch(struct sock *sk)
{
	sock_reset_flag(sk, SOCK_USE_WRITE_QUEUE);
	smp_mb();		/* the flag first: what is freed from now on is told of */
	if (sk_wmem_alloc_get(sk) < xtcp_sk(sk)->tcb.queued)
		xtcp_drain_soon(sk);
}

/**
 * xtcp_drain_soon - packets have left: have xtcp_drain_done() called
 * @sk: socket, perhaps locked, perhaps nothing but its packets
 */
void xtcp_drain_soon(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	unsigned long flags;

	spin_lock_irqsave(&drain_lock, flags);
	if (list_empty(&xsk->drained) && refcount_inc_not_zero(&sk->sk_refcnt)) {
		list_add_tail(&xsk->drained, &drain_list);
		tasklet_schedule(&drain_tasklet);
	}
	spin_unlock_irqrestore(&drain_lock, flags);
}

/**
 * xtcp_drain_done - send what has waited for packets to leave
 * @sk: socket, locked by the caller (process or softirq), who holds a reference
 */
void xtcp_drain_done(struct sock *sk)
{
	u64 now = xtcp_now();

	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		xtcp_act(sk, xtcp_drained(&xtcp_sk(sk)->tcb, now), NULL, now);
}

static struct sock *drain_next(void)
{
	struct xtcp_sock *xsk;

	spin_lock_irq(&drain_lock);
	xsk = list_first_entry_or_null(&drain_list, struct xtcp_sock, drained);
	if (xsk)
		list_del_init(&xsk->drained);
	spin_unlock_irq(&drain_lock);
	return (struct sock *)xsk;
}

static void drain_run(struct tasklet_struct *tasklet)
{
	struct sock *sk;

	while ((sk = drain_next())) {
		bh_lock_sock(sk);
		if (sock_owned_by_user(sk))
			xtcp_sk(sk)->deferred |= XTCP_DEFER_DRAINED;
		else
			xtcp_drain_done(sk);
		bh_unlock_sock(sk);
		sock_put(sk);
	}
}

/**
 * xtcp_drain_exit - no socket is left
 *
 * May sleep: waits for the tasklet.
 */
void xtcp_drain_exit(void)
{
	tasklet_kill(&drain_tasklet);
}
