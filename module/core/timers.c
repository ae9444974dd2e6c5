// SPDX-License-Identifier: GPL-2.0
/*
 * Time. Every deadline of a connection, its handler, and the one place that
 * decides which of them run. T_SYN, T_DELACK, T_HOLD, T_PACE, T_REO and T_RETRY
 * are set where their cause is; all others follow from what the connection
 * waits for and are derived at the end of each call, by watch():
 *
 *	waits for			runs
 *	an ACK of bytes or FIN		T_RTO, and T_TLP before it
 *	the peer's window		T_PROBE
 *	the echo's confirmation		T_ECHO, when neither of the above runs
 *	anything of that		T_USER, and T_ORPHAN after close
 *	the peer's FIN, closed		T_FW2
 *	nothing				T_KEEP, if asked for
 */
#include "core.h"

#define BACKOFF_MAX	16	/* doublings: beyond every limit below */
#define RETRIES1	3	/* RFC 9293, 3.8.3: R1; as TCP's tcp_retries1 */

/**
 * xtcp_backoff - exponential back-off
 * @base: ns
 * @doublings: how often it is doubled
 * @max: ns, limit
 *
 * Return: ns.
 */
u64 xtcp_backoff(u64 base, unsigned int doublings, u64 max)
{
	while (doublings-- && base < max)
		base *= 2;
	return min(base, max);
}

/**
 * xtcp_backed_off - the next wait is twice as long
 * @tcb: connection
 */
void xtcp_backed_off(struct xtcp_tcb *tcb)
{
	if (tcb->backoff < BACKOFF_MAX)
		tcb->backoff++;
}

/**
 * xtcp_wants_route - has the peer been silent for so long that another route may help?
 * @tcb: connection, a timeout of which has expired (XTCP_EV_RTO)
 *
 * D9; RFC 9293, MUST-20: IP is told from R1 on.
 *
 * Return: true from the third timeout in a row on.
 */
bool xtcp_wants_route(const struct xtcp_tcb *tcb)
{
	return tcb->backoff >= RETRIES1;
}

/* A deadline that runs while it is needed: true if it begins now. */
static bool begins(struct xtcp_tcb *tcb, enum xtcp_timer_id id, bool needed)
{
	if (needed)
		return tcb->deadline[id] == XTCP_NEVER;
	tcb->deadline[id] = XTCP_NEVER;
	return false;
}

static u64 user_timeout(const struct xtcp_tcb *tcb)
{
	u32 ms = tcb->tune.user_timeout;

	/* RFC 5482: a peer that asks for more patience gets it, within a limit. */
	if (!ms)
		ms = max(XTCP_USER_TIMEOUT_MS, min(tcb->peer_timeout, XTCP_USER_HINT_MAX_MS));
	return ms * XTCP_MS;
}

/* Until T_RTO or T_ECHO, with back-off. */
static u64 wait_for_ack(const struct xtcp_tcb *tcb)
{
	return xtcp_backoff(tcb->rtt.rto, tcb->backoff, XTCP_RTO_MAX);
}

/*
 * D7: until the next probe. At least two within K2's patience, or a peer that
 * answers each of them would not be heard in time.
 */
static u64 probe_wait(const struct xtcp_tcb *tcb)
{
	u64 wait = wait_for_ack(tcb);

	wait = min(wait, max(tcb->rtt.rto, user_timeout(tcb) / 2));
	/* Into a window that is open and silly the peer is not pressed so soon. */
	if (xtcp_after(tcb->snd.edge, tcb->snd.nxt))
		wait = max_t(u64, wait, XTCP_OVERRIDE_MIN);
	return wait;
}

/* D7: nothing is outstanding, and only the peer's window keeps back what is unsent. */
static bool window_closed(const struct xtcp_tcb *tcb)
{
	u64 need = tcb->snd.end;

	if (tcb->snd.nxt == tcb->snd.end)
		need++;		/* the FIN */
	else if (xtcp_after(need, tcb->snd.nxt + tcb->mss))
		need = tcb->snd.nxt + tcb->mss;
	return xtcp_before(tcb->snd.edge, need);
}

/* K2, O1, O4: when patience ends. */
static u64 user_due(const struct xtcp_tcb *tcb)
{
	u64 since = tcb->snd.advanced_at;

	if (xtcp_opening(tcb) ||
	    (xtcp_synchronized(tcb) && !tcb->passive && !tcb->conf))
		return tcb->opened_at + XTCP_OPEN_TIMEOUT;
	if (!xtcp_outstanding(tcb) && !xtcp_unsent(tcb))
		return XTCP_NEVER;
	/*
	 * Nothing to acknowledge: a peer that answers probes is there, and still is when its
	 * window opens and what waits for it does not go at once.
	 */
	if (!xtcp_outstanding(tcb))
		since = max(since, tcb->rcv.accepted_at);
	return since + user_timeout(tcb);
}

static u64 keep_due(const struct xtcp_tcb *tcb)
{
	/* However late one was, the peer has all of the interval to answer it. */
	if (tcb->keep_sent)
		return tcb->keep_at + tcb->tune.keep_intvl * XTCP_SEC;
	return tcb->rcv.heard_at + tcb->tune.keep_idle * XTCP_SEC;
}

/*
 * C5: when an orphan is given up. Who takes its data byte by byte, however honest
 * its windows look, must not make it last for the bytes' number of minutes; an
 * honest receiver moves its edge by more than a segment, or not at all (D12).
 */
static u64 orphan_due(struct xtcp_tcb *tcb, u64 now)
{
	if (tcb->snd.una - tcb->snd.drained >= tcb->mss) {
		tcb->snd.drained = tcb->snd.una;
		tcb->snd.drained_at = now;
	}
	return tcb->snd.drained_at + XTCP_ORPHAN_TIMEOUT;
}

/* At the end of each call: what is costly is worked out only for a deadline that begins. */
static void watch(struct xtcp_tcb *tcb, u64 now)
{
	u64 *deadline = tcb->deadline;
	bool live = xtcp_synchronized(tcb);
	bool waits = xtcp_outstanding(tcb);
	bool outstanding = live && waits;
	bool unsent = xtcp_unsent(tcb);
	bool probing = live && !waits && unsent && (window_closed(tcb) || tcb->local_held);
	bool echoing = live && !tcb->passive && !tcb->conf && !waits && !probing;

	if (!probing)
		tcb->probe_owed = 0;
	if (!xtcp_opening(tcb))
		deadline[XTCP_T_SYN] = XTCP_NEVER;
	if (begins(tcb, XTCP_T_RTO, outstanding))
		xtcp_set_timer(tcb, XTCP_T_RTO, now + wait_for_ack(tcb));
	if (begins(tcb, XTCP_T_PROBE, probing))
		xtcp_set_timer(tcb, XTCP_T_PROBE, now + probe_wait(tcb));
	if (begins(tcb, XTCP_T_ECHO, echoing))
		xtcp_set_timer(tcb, XTCP_T_ECHO, now + wait_for_ack(tcb));

	xtcp_set_timer(tcb, XTCP_T_USER, user_due(tcb));
	deadline[XTCP_T_ORPHAN] = XTCP_NEVER;
	if (tcb->orphan && xtcp_knows_peer(tcb) && tcb->state != XTCP_FIN_WAIT_2)
		xtcp_set_timer(tcb, XTCP_T_ORPHAN, orphan_due(tcb, now));
	if (begins(tcb, XTCP_T_FW2, tcb->orphan && tcb->state == XTCP_FIN_WAIT_2))
		xtcp_set_timer(tcb, XTCP_T_FW2, now + tcb->tune.fin_timeout * XTCP_SEC);
	deadline[XTCP_T_KEEP] = XTCP_NEVER;
	if (tcb->tune.keepalive && live && !waits && !unsent)
		xtcp_set_timer(tcb, XTCP_T_KEEP, keep_due(tcb));
	if (begins(tcb, XTCP_T_TLP, outstanding && xtcp_tlp_wanted(tcb)))
		xtcp_set_timer(tcb, XTCP_T_TLP, xtcp_tlp_due(tcb, now));
}

static u64 earliest(const struct xtcp_tcb *tcb)
{
	const u64 *deadline = tcb->deadline;
	u64 next = XTCP_NEVER;
	unsigned int i;

	for (i = 0; i < XTCP_TIMERS; i++)
		next = min(next, deadline[i]);
	return next;
}

/**
 * xtcp_settle - the end of every entry point: which deadlines run now
 * @tcb: connection
 * @todo: what else there is to do
 * @now: time
 *
 * Where the output loop follows, which changes what is waited for, it is the loop
 * that ends with this (xtcp_next()).
 *
 * Return: @todo, with XTCP_TIMER if the earliest deadline moved earlier, and without
 * XTCP_XMIT if there is nothing that could go out.
 */
u32 xtcp_settle(struct xtcp_tcb *tcb, u32 todo, u64 now)
{
	unsigned int i;
	u64 next;

	if (tcb->state == XTCP_CLOSED) {
		for (i = 0; i < XTCP_TIMERS; i++)
			tcb->deadline[i] = XTCP_NEVER;
		tcb->timer_next = XTCP_NEVER;
		return todo & ~(tcb->parting ? XTCP_TIMER : XTCP_XMIT | XTCP_TIMER);
	}
	if (todo & XTCP_XMIT) {
		if (xtcp_may_send(tcb))
			return todo;
		todo &= ~XTCP_XMIT;
	}
	watch(tcb, now);
	/* All that was set before is announced; what was set now may be needed no longer. */
	if (tcb->timer_set < tcb->timer_next) {
		next = earliest(tcb);
		if (next < tcb->timer_next) {
			tcb->timer_next = next;
			todo |= XTCP_TIMER;
		}
	}
	tcb->timer_set = XTCP_NEVER;
	return todo;
}

static u32 timed_out(struct xtcp_tcb *tcb)
{
	bool known = xtcp_knows_peer(tcb);

	tcb->events |= BIT(XTCP_EV_TIMEOUT);
	return xtcp_die(tcb, tcb->soft_err ?: ETIMEDOUT) | (known ? XTCP_RESET : 0);
}

/**
 * xtcp_syn_patience - when an open gives up for want of an answer (O1)
 * @tcb: connection in SYN-SENT or SYN-RECEIVED
 *
 * A number of SYNs stands for the time that they take on a path of which nothing is
 * known: where more is known they come sooner, and are more.
 *
 * Return: ns.
 */
u64 xtcp_syn_patience(const struct xtcp_tcb *tcb)
{
	u64 end = tcb->opened_at;
	unsigned int i;

	if (!tcb->tune.syn_retries)
		return XTCP_NEVER;
	for (i = 0; i <= tcb->tune.syn_retries && end - tcb->opened_at < XTCP_OPEN_TIMEOUT; i++)
		end += xtcp_backoff(XTCP_SYN_RTO_INIT, i, XTCP_SYN_RTO_MAX);
	return end;
}

/*
 * O1: the SYN again, unless the program wants fewer of them; O6: and what
 * answered the peer's.
 */
static u32 on_syn(struct xtcp_tcb *tcb, u64 now)
{
	if (now >= xtcp_syn_patience(tcb))
		return timed_out(tcb);
	xtcp_backed_off(tcb);
	tcb->syn_owed = 1;
	tcb->synack_owed = tcb->state == XTCP_SYN_RECEIVED;
	return XTCP_XMIT;
}

/* O4: the last ACK again, with the cookie. */
static u32 on_echo(struct xtcp_tcb *tcb, u64 now)
{
	xtcp_backed_off(tcb);
	tcb->echo_owed = 1;
	return XTCP_XMIT;
}

/* RFC 8985 6.3: it was no reordering after all. */
static u32 on_reo(struct xtcp_tcb *tcb, u64 now)
{
	return xtcp_detect_loss(tcb, 0, now);
}

/* D7: what fits if the window is open, a probe if not; decided by xtcp_next(). */
static u32 on_probe(struct xtcp_tcb *tcb, u64 now)
{
	xtcp_backed_off(tcb);
	tcb->probe_owed = 1;
	return XTCP_XMIT;
}

/*
 * Who only receives has no round trip but that of its cookie (xtcp_rtt_hint()), and would
 * wait for its own answers for ever.
 */
static u32 on_delack(struct xtcp_tcb *tcb, u64 now)
{
	if (!tcb->rcv.rtt)
		tcb->rcv.rtt = tcb->rtt.last;
	tcb->ack_owed = 1;
	tcb->answers = 0;
	tcb->events |= BIT(XTCP_EV_DELACK);
	return XTCP_XMIT;
}

static u32 on_hold(struct xtcp_tcb *tcb, u64 now)
{
	tcb->released = 1;
	return XTCP_XMIT;
}

static u32 on_pace(struct xtcp_tcb *tcb, u64 now)
{
	return XTCP_XMIT;
}

static u32 on_retry(struct xtcp_tcb *tcb, u64 now)
{
	return XTCP_XMIT;
}

/*
 * K1: a probe, or the end when keep_probes of them went unanswered. A user
 * timeout that the program has set overrides the count (K2).
 */
static u32 on_keep(struct xtcp_tcb *tcb, u64 now)
{
	bool over = tcb->keep_sent >= tcb->tune.keep_probes;

	if (tcb->tune.user_timeout)
		over = tcb->keep_sent &&
		       now - tcb->rcv.heard_at >= tcb->tune.user_timeout * XTCP_MS;
	if (over)
		return timed_out(tcb);
	tcb->keep_sent++;
	tcb->keep_at = now;
	tcb->keep_owed = 1;
	return XTCP_XMIT;
}

static u32 on_user(struct xtcp_tcb *tcb, u64 now)
{
	return timed_out(tcb);
}

/* C5: nobody waits for the peer's FIN any longer; who did not wait at all says so, as in TCP. */
static u32 on_fw2(struct xtcp_tcb *tcb, u64 now)
{
	return xtcp_die(tcb, 0) | (tcb->tune.fin_timeout ? 0 : XTCP_RESET);
}

/* C5: nobody waits for the data to go out any longer. */
static u32 on_orphan(struct xtcp_tcb *tcb, u64 now)
{
	tcb->events |= BIT(XTCP_EV_TIMEOUT);
	return xtcp_die(tcb, 0) | XTCP_RESET;
}

static u32 (*const handlers[XTCP_TIMERS])(struct xtcp_tcb *tcb, u64 now) = {
	[XTCP_T_SYN]	= on_syn,
	[XTCP_T_ECHO]	= on_echo,
	[XTCP_T_TLP]	= xtcp_tlp,
	[XTCP_T_RTO]	= xtcp_rto,
	[XTCP_T_REO]	= on_reo,
	[XTCP_T_PROBE]	= on_probe,
	[XTCP_T_DELACK]	= on_delack,
	[XTCP_T_HOLD]	= on_hold,
	[XTCP_T_PACE]	= on_pace,
	[XTCP_T_RETRY]	= on_retry,
	[XTCP_T_KEEP]	= on_keep,
	[XTCP_T_USER]	= on_user,
	[XTCP_T_FW2]	= on_fw2,
	[XTCP_T_ORPHAN]	= on_orphan,
};

/**
 * xtcp_timer - the deadline that was announced is there
 * @tcb: connection
 * @now: time; too early does no harm
 *
 * Return: todo bits; always XTCP_TIMER while any deadline is left.
 */
u32 xtcp_timer(struct xtcp_tcb *tcb, u64 now)
{
	unsigned int i;
	u32 todo = 0;

	tcb->timer_next = XTCP_NEVER;
	tcb->timer_set = 0;	/* look at all of them */
	for (i = 0; i < XTCP_TIMERS && tcb->state != XTCP_CLOSED; i++) {
		if (tcb->deadline[i] > now)
			continue;
		tcb->deadline[i] = XTCP_NEVER;
		todo |= handlers[i](tcb, now);
	}
	return xtcp_settle(tcb, todo, now);
}

/**
 * xtcp_tuned - the program has changed tcb->tune
 * @tcb: connection
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_tuned(struct xtcp_tcb *tcb, u64 now)
{
	u32 todo = 0;

	if (tcb->state == XTCP_CLOSED || tcb->state == XTCP_LISTEN)
		return 0;
	xtcp_set_path_mss(tcb, tcb->path_mss);	/* maxseg */
	/* less patience: ask sooner */
	if (tcb->deadline[XTCP_T_PROBE] != XTCP_NEVER)
		xtcp_set_timer(tcb, XTCP_T_PROBE,
			       min(tcb->deadline[XTCP_T_PROBE], now + probe_wait(tcb)));
	if (xtcp_unsent(tcb))
		todo |= XTCP_XMIT;	/* NODELAY set, CORK cleared */
	if (tcb->tune.quickack && tcb->ack_held) {
		tcb->ack_owed = 1;
		todo |= XTCP_XMIT;
	}
	return xtcp_settle(tcb, todo, now);
}
