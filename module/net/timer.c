// SPDX-License-Identifier: GPL-2.0
/*
 * The deadline. It is armed lazily: when it moves later, the armed clock fires
 * in vain and is set again then. Each armed clock holds a reference (rule 4).
 */
#include <linux/jiffies.h>

#include "act.h"
#include "drain.h"
#include "icmp.h"
#include "local.h"
#include "timer.h"
#include "../sock.h"
#include "../compat/compat.h"

/*
 * Nearer deadlines are an hrtimer's: a timer_list is late by up to a jiffy, or
 * two, and an ACK must not be held for longer than D5 says.
 */
#define TIMER_NEAR	max_t(u64, 2 * TICK_NSEC, XTCP_DELACK_MAX)

/* From here on the wheel of the timer_lists is coarse: late by up to an eighth. */
#define TIMER_COARSE	64	/* jiffies: kernel/time/timer.c, LVL_SIZE */

/*
 * When to look at a far deadline: early enough not to be late. What then is left
 * of the time is armed anew, until it is short enough for the wheel to be exact.
 */
static unsigned long far_expiry(u64 delta)
{
	unsigned long wait = nsecs_to_jiffies(delta) + 1;

	if (wait >= TIMER_COARSE)
		wait -= wait / 8;
	return jiffies + wait;
}

static void run(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 now;

	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN)
		return;
	xtcp_local_take(sk);
	now = xtcp_now();
	xtcp_act(sk, xtcp_timer(tcb, now), NULL, now);
	if (sk->sk_state != TCP_CLOSE)
		xtcp_timer_arm(sk, now);	/* nothing was due, perhaps */
}

/* Softirq; the clock's reference is this function's. */
static void fired(struct sock *sk, bool near)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	bh_lock_sock(sk);
	xsk->armed = XTCP_NEVER;
	if (!sock_owned_by_user(sk)) {
		xsk->near_fires = near;
		run(sk);
		xsk->near_fires = false;
	} else if (!(xsk->deferred & XTCP_DEFER_TIMER)) {
		xsk->deferred |= XTCP_DEFER_TIMER;
		bh_unlock_sock(sk);	/* the reference goes over to release_cb */
		return;
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void timer_fired(struct timer_list *t)
{
	fired(container_of(t, struct sock, sk_timer), false);
}

static enum hrtimer_restart hrtimer_fired(struct hrtimer *t)
{
	struct xtcp_sock *xsk = container_of(t, struct xtcp_sock, hrtimer);

	fired((struct sock *)xsk, true);
	return HRTIMER_NORESTART;
}

/**
 * xtcp_timer_setup - make the clocks of a new or cloned socket
 * @sk: socket that nobody else knows
 */
void xtcp_timer_setup(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	timer_setup(&sk->sk_timer, timer_fired, 0);
	hrtimer_setup(&xsk->hrtimer, hrtimer_fired, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	xsk->armed = XTCP_NEVER;
	xsk->near_fires = false;
}

/*
 * Start the hrtimer, with a reference unless it is armed and has one. While its callback
 * runs nobody could tell whether it is: hrtimer_try_to_cancel() leaves it alone then. So
 * the callback alone starts it, and knows; for anybody else: false.
 */
static bool arm_near(struct sock *sk, u64 next)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	int cancelled = hrtimer_try_to_cancel(&xsk->hrtimer);

	if (cancelled < 0 && !xsk->near_fires)
		return false;
	if (!cancelled || (cancelled < 0 && !hrtimer_is_queued(&xsk->hrtimer)))
		sock_hold(sk);		/* before it can fire */
	hrtimer_start(&xsk->hrtimer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
	return true;
}

/**
 * xtcp_timer_arm - have tcb.timer_next noticed
 * @sk: connection, locked by the caller, who holds a reference
 * @now: time
 *
 * Does nothing if an earlier or equal time is armed.
 */
void xtcp_timer_arm(struct sock *sk, u64 now)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u64 next = xsk->tcb.timer_next;
	u64 delta;

	if (next == XTCP_NEVER || xsk->armed <= next)
		return;
	delta = next > now ? next - now : 0;
	xsk->armed = next;
	if (delta > TIMER_NEAR || !arm_near(sk, next))
		sk_reset_timer(sk, &sk->sk_timer, far_expiry(delta));
}

/**
 * xtcp_timer_stop - the connection is over
 * @sk: connection, locked by the caller, who holds a reference
 *
 * A clock that is firing right now finds TCP_CLOSE and puts its own reference.
 */
void xtcp_timer_stop(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	sk_stop_timer(sk, &sk->sk_timer);
	if (hrtimer_try_to_cancel(&xsk->hrtimer) == 1)
		__sock_put(sk);
	xsk->armed = XTCP_NEVER;
}

/**
 * xtcp_release_cb - do what came while the socket was owned
 * @sk: socket, owned and its spinlock held: proto.release_cb
 */
void xtcp_release_cb(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u8 deferred = xsk->deferred;

	if (likely(!deferred))
		return;
	xsk->deferred = 0;
	if (deferred & XTCP_DEFER_TOO_BIG)
		xtcp_icmp_tell(sk, &xsk->too_big);
	if (deferred & XTCP_DEFER_ICMP)
		xtcp_icmp_tell(sk, &xsk->icmp);
	if (deferred & XTCP_DEFER_OUTPUT)
		xtcp_local_resume(sk);
	if (deferred & XTCP_DEFER_DRAINED)
		xtcp_drain_done(sk);
	if (deferred & XTCP_DEFER_TIMER) {
		run(sk);
		__sock_put(sk);	/* the timer's; the owner has another */
	}
}
