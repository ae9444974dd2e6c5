// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine: life and death of a connection, and the calls that open
 * and close it.
 *
 *                        CLOSED
 *        connect (O1) |          | listen
 *                     v          v
 *                 SYN-SENT     LISTEN --SYN--> SYN-RECEIVED (a half-open
 *             SYN |   | SYN|ACK        |       entry, not a connection: O2)
 *            (O6) |   | (O4)           | echoed cookie (O3): xtcp_child()
 *                 v   |                |
 *      SYN-RECEIVED   |                |
 *    SYN|ACK, ACK |   |                |
 *            (O6) v   v                v
 *                        ESTABLISHED
 *        close (C1)   |              |  FIN (C2)
 *                     v              v
 *              FIN-WAIT-1          CLOSE-WAIT
 *   our FIN acked |      | FIN         | close (C1)
 *        (C3)     v      v             v
 *         FIN-WAIT-2   CLOSING      LAST-ACK
 *           FIN |         | acked      | our FIN acked (C3)
 *               v         v            v
 *                TIME-WAIT           CLOSED
 *
 * A RST takes the SYN-RECEIVED of a simultaneous open back to SYN-SENT (O6). A
 * FIN that is asked for there waits for ESTABLISHED, and makes it FIN-WAIT-1.
 *
 * TIME-WAIT is no state of a TCB but an object of its own (timewait.c): the
 * TCB dies as it is left behind.
 */
#include "core.h"

/* C1: what a FIN of ours makes of a state; 0: there is none to send. */
static const u8 after_close[XTCP_STATES] = {
	[XTCP_ESTABLISHED]	= XTCP_FIN_WAIT_1,
	[XTCP_CLOSE_WAIT]	= XTCP_LAST_ACK,
};

/* C2: what the peer's FIN makes of a state. */
static const u8 after_fin[XTCP_STATES] = {
	[XTCP_ESTABLISHED]	= XTCP_CLOSE_WAIT,
	[XTCP_FIN_WAIT_1]	= XTCP_CLOSING,
	[XTCP_FIN_WAIT_2]	= XTCP_TIME_WAIT,
};

/* C3: what the acknowledgment of our FIN makes of a state. */
static const u8 after_fin_acked[XTCP_STATES] = {
	[XTCP_FIN_WAIT_1]	= XTCP_FIN_WAIT_2,
	[XTCP_CLOSING]		= XTCP_TIME_WAIT,
	[XTCP_LAST_ACK]		= XTCP_CLOSED,
};

/**
 * xtcp_init - make a TCB: CLOSED, nothing sent, nothing received
 * @tcb: storage; whatever it held is forgotten
 * @cc: congestion control algorithm
 * @cc_state: memory for it (xtcp_cc_change())
 * @path_mss: bytes of options and payload that the route takes
 * @rcvbuf: bytes of payload that the receive buffer takes
 */
void xtcp_init(struct xtcp_tcb *tcb, const struct xtcp_cc_ops *cc, void *cc_state, u32 path_mss,
	       u32 rcvbuf)
{
	unsigned int i;

	memset(tcb, 0, sizeof(*tcb));
	tcb->state = XTCP_CLOSED;
	for (i = 0; i < XTCP_TIMERS; i++)
		tcb->deadline[i] = XTCP_NEVER;
	tcb->timer_next = XTCP_NEVER;
	tcb->timer_set = XTCP_NEVER;

	tcb->rcv.runs = RB_ROOT;
	INIT_LIST_HEAD(&tcb->rcv.recent);
	tcb->rcv.buf = rcvbuf;
	tcb->rcv.full = XTCP_FULL_MIN;
	tcb->snd.map = RB_ROOT;
	INIT_LIST_HEAD(&tcb->snd.by_time);
	for (i = 0; i < ARRAY_SIZE(tcb->own); i++)
		xtcp_add_spare(tcb, &tcb->own[i]);

	tcb->peer_mss = U32_MAX;
	tcb->cc.ops = cc;
	tcb->cc.own.state = cc_state;
	xtcp_set_route_mss(tcb, path_mss, 0);
	tcb->burst = tcb->mss;
	tcb->pace.shift = XTCP_PACING_SHIFT;
	tcb->rtt.min = XTCP_NEVER;
	tcb->rtt.min_now = XTCP_NEVER;
	tcb->rtt.rto = XTCP_RTO_INIT;
	xtcp_cc_start(&tcb->cc);

	tcb->tune.keep_idle = XTCP_KEEP_IDLE_S;
	tcb->tune.keep_intvl = XTCP_KEEP_INTVL_S;
	tcb->tune.keep_probes = XTCP_KEEP_PROBES;
	tcb->tune.fin_timeout = XTCP_FIN_TIMEOUT / XTCP_SEC;
	tcb->tune.mtu_probing = XTCP_PROBING_LATER;
	tcb->tune.autocork = 1;
	tcb->tune.idle_restart = 1;
}

/**
 * xtcp_release - give everything back before the TCB goes away
 * @tcb: connection
 *
 * Afterwards done holds every node that is not the TCB's own, and rcv.drop
 * every buffer that hung in a run; the shell frees both.
 */
void xtcp_release(struct xtcp_tcb *tcb)
{
	union xtcp_node *node;
	struct xtcp_seg *seg;
	struct xtcp_run *run;

	while ((seg = xtcp_seg_first(tcb))) {
		xtcp_seg_erase(tcb, seg);
		xtcp_put_node(tcb, (union xtcp_node *)seg);
	}
	while ((run = xtcp_run_first(tcb)))
		xtcp_drop_run(tcb, run);

	while ((node = tcb->spare)) {
		tcb->spare = node->next;
		if (xtcp_own_node(tcb, node))
			continue;
		node->next = tcb->done;
		tcb->done = node;
	}
	tcb->spares = 0;
}

/**
 * xtcp_set_state - the only writer of the state
 * @tcb: connection
 * @state: state to enter
 */
void xtcp_set_state(struct xtcp_tcb *tcb, enum xtcp_state state)
{
	tcb->state = state;
}

/**
 * xtcp_die - the connection is over
 * @tcb: connection
 * @err: what the program is told, positive errno; 0: nothing
 *
 * Return: what the shell has to do about it.
 */
u32 xtcp_die(struct xtcp_tcb *tcb, int err)
{
	if (xtcp_opening(tcb))
		tcb->events |= BIT(XTCP_EV_ATTEMPT_FAIL);
	xtcp_set_state(tcb, XTCP_CLOSED);
	if (!err)
		return XTCP_STATE | XTCP_DEAD;
	tcb->err = err;
	return XTCP_STATE | XTCP_ERROR | XTCP_DEAD;
}

/*
 * The state that a table above names: TIME-WAIT and CLOSED end the TCB. What
 * was received can still be read.
 */
static u32 enter(struct xtcp_tcb *tcb, enum xtcp_state state)
{
	switch (state) {
	case XTCP_TIME_WAIT:
		tcb->parting = 1;
		return xtcp_die(tcb, 0) | XTCP_TIMEWAIT;
	case XTCP_CLOSED:
		return xtcp_die(tcb, 0);
	default:
		xtcp_set_state(tcb, state);
		return XTCP_STATE;
	}
}

/**
 * xtcp_fin_acked - the peer has acknowledged our FIN (C3)
 * @tcb: connection
 *
 * Return: todo bits.
 */
u32 xtcp_fin_acked(struct xtcp_tcb *tcb)
{
	u8 next = after_fin_acked[tcb->state];

	return next ? enter(tcb, next) : 0;
}

/**
 * xtcp_fin_received - the peer's FIN is next in order (C2)
 * @tcb: connection that has received no FIN yet; rcv.nxt is already past it
 * @now: time
 *
 * Its ACK waits for a moment (D5) where the program may close as well.
 *
 * Return: todo bits.
 */
u32 xtcp_fin_received(struct xtcp_tcb *tcb, u64 now)
{
	tcb->fin_rcvd = 1;
	tcb->fin_early = 0;
	if (tcb->ack_held)
		tcb->rcv.held_at = now;		/* D6: of a FIN, too */
	if (tcb->state == XTCP_ESTABLISHED)
		xtcp_await_company(tcb, now);
	else
		tcb->ack_owed = 1;
	return XTCP_READABLE | XTCP_XMIT | enter(tcb, after_fin[tcb->state]);
}

/**
 * xtcp_start - our own numbers are chosen
 * @tcb: connection, fresh from xtcp_init()
 * @iss: initial sequence number
 * @tag: our tag
 * @now: time
 *
 * Afterwards our SYN counts as sent and acknowledged, and nothing is written.
 */
void xtcp_start(struct xtcp_tcb *tcb, u64 iss, u32 tag, u64 now)
{
	u64 next = iss + 1;	/* the SYN takes one number (F4) */

	tcb->iss = iss;
	tcb->tag = tag;
	tcb->snd.una = next;
	tcb->snd.nxt = next;
	tcb->snd.end = next;
	tcb->snd.edge = next;
	tcb->snd.push = next;
	tcb->snd.up = next;
	tcb->snd.eor = next;
	tcb->snd.small = iss;
	tcb->snd.lost_to = next;
	tcb->snd.round = next;
	tcb->pmtu.end = next;
	tcb->snd.advanced_at = now;
	tcb->rcv.heard_at = now;
	tcb->opened_at = now;
}

/**
 * xtcp_connect - active open (O1)
 * @tcb: connection, CLOSED, fresh from xtcp_init(); ports are set
 * @iss: initial sequence number (RFC 6528)
 * @tag: random, not 0, unused on this 4-tuple
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_connect(struct xtcp_tcb *tcb, u64 iss, u32 tag, u64 now)
{
	xtcp_start(tcb, iss, tag, now);
	tcb->snd.una = iss;
	tcb->syn_owed = 1;
	xtcp_open_window(tcb, now);
	tcb->events |= BIT(XTCP_EV_ACTIVE_OPEN);
	xtcp_set_state(tcb, XTCP_SYN_SENT);
	return xtcp_settle(tcb, XTCP_STATE | XTCP_XMIT, now);
}

/**
 * xtcp_opened - an active open has succeeded (O4, O6)
 * @tcb: connection
 *
 * A program that said in SYN-RECEIVED that it writes no more has its FIN sent
 * now (C1).
 */
void xtcp_opened(struct xtcp_tcb *tcb)
{
	xtcp_set_state(tcb, tcb->fin_queued ? after_close[XTCP_ESTABLISHED] : XTCP_ESTABLISHED);
}

/* C1: a FIN follows the last byte written. */
static u32 queue_fin(struct xtcp_tcb *tcb, u64 now)
{
	u8 next = after_close[tcb->state];

	/* RFC 9293 3.10.4: "queue for processing after entering ESTABLISHED state". */
	if (tcb->state == XTCP_SYN_RECEIVED)
		tcb->fin_queued = 1;
	if (!next)
		return 0;
	if (!xtcp_outstanding(tcb) && !xtcp_unsent(tcb))
		tcb->snd.advanced_at = now;
	tcb->fin_queued = 1;
	xtcp_set_state(tcb, next);
	return XTCP_STATE | XTCP_XMIT;
}

/**
 * xtcp_shut_read - the program will read no more (C5)
 * @tcb: connection
 *
 * The peer does not hear of it, unless it still sends when the program has done with
 * writing too.
 */
void xtcp_shut_read(struct xtcp_tcb *tcb)
{
	tcb->deaf = 1;
}

/**
 * xtcp_shutdown - the program will write no more (C1)
 * @tcb: connection
 * @now: time
 *
 * A half close: what the peer still sends is received as before (F7). In
 * states that have no FIN to send nothing happens.
 *
 * Return: todo bits.
 */
u32 xtcp_shutdown(struct xtcp_tcb *tcb, u64 now)
{
	return xtcp_settle(tcb, queue_fin(tcb, now), now);
}

/**
 * xtcp_close - the program has closed the socket (C1, C5)
 * @tcb: connection
 * @unread: received data was not read, which the peer must hear of
 * @abort: SO_LINGER 0, disconnect, or a limit: reset instead of FIN
 * @now: time
 *
 * Afterwards the connection is dead or an orphan that goes on alone: also in
 * SYN-RECEIVED, where the peer may already have opened (O6).
 *
 * Return: todo bits.
 */
u32 xtcp_close(struct xtcp_tcb *tcb, bool unread, bool abort, u64 now)
{
	u32 todo;

	tcb->orphan = 1;
	if (!xtcp_knows_peer(tcb)) {
		todo = tcb->state == XTCP_CLOSED ? XTCP_DEAD : xtcp_die(tcb, 0);
	} else if (unread || abort) {
		tcb->events |= BIT(XTCP_EV_ABORT);
		todo = xtcp_die(tcb, 0) | XTCP_RESET;
	} else {
		tcb->snd.drained = tcb->snd.una;
		tcb->snd.drained_at = now;	/* C5: 60 s from here at least */
		todo = queue_fin(tcb, now);
	}
	return xtcp_settle(tcb, todo, now);
}

/**
 * xtcp_abort - end the connection at once and tell both sides (R2)
 * @tcb: connection
 * @err: what the program is told, positive errno
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_abort(struct xtcp_tcb *tcb, int err, u64 now)
{
	u32 todo = 0;

	if (tcb->state == XTCP_CLOSED)
		return 0;
	if (xtcp_knows_peer(tcb)) {
		tcb->events |= BIT(XTCP_EV_ABORT);
		todo = XTCP_RESET;
	}
	return xtcp_settle(tcb, xtcp_die(tcb, err) | todo, now);
}
