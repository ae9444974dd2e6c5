// SPDX-License-Identifier: GPL-2.0
/* What must be true, whatever happens. */
#include "explore.h"

/**
 * ex_fail - a property is violated
 * @w: the world
 * @what: how; the first one counts
 */
void ex_fail(struct ex_world *w, const char *what)
{
	if (!w->violation)
		w->violation = what;
}

static void claim(struct ex_world *w, bool truth, const char *what)
{
	if (!truth)
		ex_fail(w, what);
}

/* The arrows of section 4, but for those to CLOSED, which a RST or an error always draws. */
static const struct {
	u8 from, to;
} arrows[] = {
	{ 0, XTCP_SYN_SENT }, { 0, XTCP_ESTABLISHED },
	{ XTCP_SYN_SENT, XTCP_ESTABLISHED }, { XTCP_SYN_SENT, XTCP_SYN_RECEIVED },
	{ XTCP_SYN_RECEIVED, XTCP_SYN_SENT }, { XTCP_SYN_RECEIVED, XTCP_ESTABLISHED },
	{ XTCP_ESTABLISHED, XTCP_FIN_WAIT_1 }, { XTCP_ESTABLISHED, XTCP_CLOSE_WAIT },
	{ XTCP_FIN_WAIT_1, XTCP_FIN_WAIT_2 }, { XTCP_FIN_WAIT_1, XTCP_CLOSING },
	{ XTCP_FIN_WAIT_1, XTCP_TIME_WAIT }, { XTCP_FIN_WAIT_2, XTCP_TIME_WAIT },
	{ XTCP_CLOSING, XTCP_TIME_WAIT }, { XTCP_CLOSE_WAIT, XTCP_LAST_ACK },
};

/**
 * ex_check_state - is there an arrow from the old state to the new one?
 * @w: the world
 * @slot: the socket
 * @state: the new state; several arrows at once come as their last
 */
void ex_check_state(struct ex_world *w, struct ex_slot *slot, u8 state)
{
	const u8 last = slot->last_state;
	u32 i, k;

	if (state == last || state == XTCP_CLOSED)
		return;
	slot->last_state = state;
	for (i = 0; i < ARRAY_SIZE(arrows); i++) {
		if (arrows[i].from != last)
			continue;
		if (arrows[i].to == state)
			return;
		for (k = 0; k < ARRAY_SIZE(arrows); k++)
			if (arrows[k].from == arrows[i].to && arrows[k].to == state)
				return;
	}
	ex_fail(w, "a state follows another that the specification does not know");
}

/**
 * ex_check_met - an active open has reached ESTABLISHED: does the peer know of it?
 * @w: the world
 * @host: whose
 * @tcb: the connection
 */
void ex_check_met(struct ex_world *w, u8 host, const struct xtcp_tcb *tcb)
{
	struct ex_tag *own = ex_tag(w, tcb->tag), *peer = ex_tag(w, tcb->peer_tag);

	if (!peer || peer->host == host) {
		ex_fail(w, "a connection opens with nobody");
		return;
	}
	claim(w, tcb->irs == ex_iss(tcb->peer_tag), "a connection opens with wrong numbers");
	claim(w, (peer->active && !peer->met) || peer->peer == tcb->tag,
	      "a connection opens with an answer to somebody else");
	own->met = true;
	own->peer = tcb->peer_tag;
}

/**
 * ex_check_child - a cookie opens a connection: have both sides consented? (O3, C6, F5)
 * @w: the world
 * @host: whose
 * @tcb: the child
 * @echo: the segment that brings the cookie
 *
 * Our consent is the cookie, once, within its life, of this run of the host.
 * The peer's is its ESTABLISHED with the very numbers.
 */
void ex_check_child(struct ex_world *w, u8 host, const struct xtcp_tcb *tcb,
		    const struct xtcp_pkt *echo)
{
	struct ex_tag *own = ex_tag(w, tcb->tag), *peer = ex_tag(w, tcb->peer_tag);

	if (!own || own->active || own->host != host || own->epoch != w->host[host].epoch) {
		ex_fail(w, "a connection opens without our consent");
		return;
	}
	if (!peer || !peer->active || peer->host == host || !peer->met ||
	    peer->peer != tcb->tag) {
		ex_fail(w, "a connection opens without the peer's consent");
		return;
	}
	claim(w, tcb->iss == ex_iss(tcb->tag) && tcb->irs == ex_iss(tcb->peer_tag),
	      "a connection opens with wrong numbers");
	claim(w, echo->ack == tcb->iss + 1 && echo->seq - tcb->irs <= 1ULL + w->sc->rcvbuf,
	      "a segment with wrong numbers opens a connection");
	claim(w, !own->opened, "a connection opens twice");
	claim(w, w->door_now - own->born <= XTCP_COOKIE_LIFE, "an old cookie opens a connection");
	own->opened = true;
}

/**
 * ex_check_eof - a program is told that nothing more comes
 * @w: the world
 * @slot: its socket
 */
void ex_check_eof(struct ex_world *w, const struct ex_slot *slot)
{
	const struct ex_tag *peer = ex_tag(w, slot->tcb.peer_tag);

	if (!peer)
		return;
	claim(w, !peer->unread, "the stream ends well though its writer did not read (C5)");
	claim(w, peer->shut, "the stream ends though its writer has not ended it");
	claim(w, slot->delivered == peer->written, "the stream ends before all bytes are there");
}

/* D5: the ACK waits for company, but not for ever. */
static bool held(const struct xtcp_tcb *tcb, u64 now)
{
	return tcb->ack_held && tcb->deadline[XTCP_T_DELACK] <= now + XTCP_DELACK_MAX;
}

/**
 * ex_check_input - a segment was handled: as the rules say?
 * @w: the world; w->sent counts the answers
 * @slot: the socket that it was for
 * @pkt: the segment
 * @before: what was known before it
 */
void ex_check_input(struct ex_world *w, const struct ex_slot *slot, const struct xtcp_pkt *pkt,
		    const struct ex_before *before)
{
	const struct xtcp_tcb *tcb = &slot->tcb;
	struct xtcp_hello hello;

	if (ex_synchronized(tcb->state) && tcb->conf && !before->conf &&
	    !(pkt->flags & XTCP_SYN))
		claim(w, !pkt->len && !(pkt->flags & XTCP_FIN) ?
			 pkt->seq - before->rcv_nxt <= before->rcv_edge - before->rcv_nxt :
			 xtcp_before(pkt->seq, before->rcv_edge),
		      "what is not acceptable confirms the cookie (O5)");
	if (w->deny || tcb->failures || (tcb->state == XTCP_CLOSED && !tcb->parting))
		return;
	if (pkt->flags & XTCP_FIN && tcb->fin_rcvd && before->rcv_nxt != tcb->rcv.nxt)
		claim(w, w->sent || (tcb->state == XTCP_CLOSE_WAIT && held(tcb, w->now)),
		      "a FIN in order is not acknowledged, at once or soon (C2, D5)");
	if (pkt->has & XTCP_HAS_COOKIE && pkt->flags == XTCP_ACK && !pkt->len &&
	    pkt->seq == before->rcv_nxt && pkt->ack == tcb->snd.una)
		claim(w, w->sent || (tcb->rcv.held_at == w->now && held(tcb, w->now)),
		      "a cookie is not answered (D2, O3)");
	if ((pkt->flags & (XTCP_SYN | XTCP_ACK)) != (XTCP_SYN | XTCP_ACK) || !w->sent ||
	    !(pkt->has & XTCP_HAS_HELLO) || !ex_synchronized(tcb->state))
		return;
	xtcp_read_hello(pkt, &hello);
	claim(w, !tcb->passive && hello.tag == tcb->peer_tag && pkt->seq == tcb->irs,
	      "a SYN|ACK of another incarnation is answered (O5)");
}

/* What a slot knows of the peer must be what the peer has done. */
static void check_pair(struct ex_world *w, const struct xtcp_tcb *tcb)
{
	const struct ex_tag *peer = ex_tag(w, tcb->peer_tag);

	if (!peer || !peer->rcv_nxt || peer->peer != tcb->tag)
		return;
	claim(w, !xtcp_after(tcb->snd.una, peer->rcv_nxt),
	      "acknowledged what the peer has not received");
	claim(w, !xtcp_after(peer->rcv_nxt, tcb->snd.nxt), "received what was not sent");
	claim(w, !xtcp_after(tcb->snd.nxt, peer->rcv_edge), "sent beyond the peer's window");
}

/* From when C5 and K2 count, found out from outside. */
static void watch_clocks(struct ex_world *w, struct ex_slot *slot)
{
	const struct xtcp_tcb *tcb = &slot->tcb;
	const bool waits = tcb->snd.nxt != tcb->snd.una ||
			   xtcp_before(tcb->snd.nxt, tcb->snd.end) ||
			   (tcb->fin_queued && !tcb->fin_sent);

	if (tcb->snd.una != slot->last_una) {
		slot->una_at = w->now;
		if (slot->last_una == tcb->iss)
			slot->open_at = w->now;
	}
	if (!waits)
		slot->wait_at = 0;
	else if (!slot->wait_at)
		slot->wait_at = w->now;
	if (!tcb->orphan || tcb->state != XTCP_FIN_WAIT_2)
		slot->fw2_at = 0;
	else if (!slot->fw2_at)
		slot->fw2_at = w->now;
}

static void check_timers(struct ex_world *w, const struct ex_slot *slot)
{
	const struct xtcp_tcb *tcb = &slot->tcb;
	const bool live = ex_synchronized(tcb->state), outstanding = tcb->snd.nxt != tcb->snd.una;
	const u64 *deadline = tcb->deadline;
	u64 due;
	u32 i;

	for (i = 0; i < XTCP_TIMERS; i++)
		claim(w, tcb->timer_next <= deadline[i], "timer_next is later than a deadline");
	claim(w, (deadline[XTCP_T_RTO] != XTCP_NEVER) == (live && outstanding),
	      "T-RTO runs without cause, or not with it (D9)");
	claim(w, deadline[XTCP_T_TLP] == XTCP_NEVER ||
	      (deadline[XTCP_T_TLP] <= deadline[XTCP_T_RTO] && !tcb->recovery && !tcb->tlp_out),
	      "T-TLP runs without cause, or after T-RTO (D9)");
	claim(w, deadline[XTCP_T_REO] == XTCP_NEVER || !list_empty(&tcb->snd.by_time),
	      "RACK's timer runs with nothing in the network (D9)");
	claim(w, deadline[XTCP_T_ECHO] == XTCP_NEVER || !tcb->conf,
	      "T-ECHO runs though the cookie is confirmed (O4)");
	claim(w, !tcb->probe_owed || (!outstanding && deadline[XTCP_T_PROBE] != XTCP_NEVER),
	      "a probe is owed though the window is open (D7)");
	claim(w, !tcb->ack_held || tcb->ack_owed || deadline[XTCP_T_DELACK] != XTCP_NEVER,
	      "an ACK is held for ever (D5)");

	due = max(slot->una_at, slot->wait_at) + XTCP_USER_TIMEOUT_MS * XTCP_MS;
	if (live && slot->wait_at && (tcb->passive || tcb->conf))
		claim(w, deadline[XTCP_T_USER] >= due && deadline[XTCP_T_USER] != XTCP_NEVER,
		      "the user timeout is not the time since SND.UNA advanced (K2)");
	/* nobody here writes as much as a segment, which would prolong it */
	due = max(slot->open_at, slot->closed_at) + XTCP_ORPHAN_TIMEOUT;
	if (!slot->closed || tcb->state == XTCP_FIN_WAIT_2 ||
	    (!live && tcb->state != XTCP_SYN_RECEIVED))
		due = XTCP_NEVER;
	claim(w, deadline[XTCP_T_ORPHAN] == due,
	      "an orphan's time is not that since the close or the opening (C5)");
	due = slot->fw2_at + XTCP_FIN_TIMEOUT;
	claim(w, slot->fw2_at || deadline[XTCP_T_FW2] == XTCP_NEVER,
	      "T-FW2 runs outside of FIN-WAIT-2 (C5)");
	if (slot->fw2_at && due > w->now)
		claim(w, deadline[XTCP_T_FW2] == due, "T-FW2 is not 60 s from FIN-WAIT-2 (C5)");
}

static void check_numbers(struct ex_world *w, struct ex_slot *slot)
{
	const struct xtcp_tcb *tcb = &slot->tcb;
	const struct xtcp_run *run;

	claim(w, !xtcp_after(tcb->snd.una, tcb->snd.nxt), "SND.UNA beyond SND.NXT");
	claim(w, !xtcp_after(tcb->snd.nxt, tcb->snd.end + tcb->fin_queued),
	      "sent what was not written");
	claim(w, !slot->last_snd || !xtcp_before(tcb->snd.nxt, slot->last_snd),
	      "SND.NXT is rolled back (D2)");
	claim(w, !slot->last_una || !xtcp_before(tcb->snd.una, slot->last_una),
	      "SND.UNA moves back");
	claim(w, !slot->last_limit || !xtcp_before(tcb->snd.edge, slot->last_limit),
	      "the peer's right edge moves back (D4)");
	slot->last_limit = ex_synchronized(tcb->state) ? tcb->snd.edge : 0;
	slot->last_snd = tcb->snd.nxt;
	slot->last_una = tcb->snd.una;
	if (!ex_synchronized(tcb->state))
		return;
	claim(w, !slot->last_rcv || !xtcp_before(tcb->rcv.nxt, slot->last_rcv),
	      "RCV.NXT moves back");
	claim(w, !slot->last_edge || !xtcp_before(tcb->rcv.edge, slot->last_edge),
	      "the right edge moves back");
	claim(w, tcb->fin_rcvd || !xtcp_after(tcb->rcv.nxt, tcb->rcv.edge),
	      "received beyond the right edge");
	claim(w, tcb->rcv.nxt == tcb->irs + 1 + slot->delivered + tcb->fin_rcvd,
	      "RCV.NXT is not what was delivered");
	list_for_each_entry(run, &tcb->rcv.recent, recent)
		claim(w, xtcp_after(run->start, tcb->rcv.nxt) &&
		      !xtcp_after(run->end, tcb->rcv.edge), "a run is not within the window");
	slot->last_rcv = tcb->rcv.nxt;
	slot->last_edge = tcb->rcv.edge;
}

/**
 * ex_check_slot - look at a connection after each call into the core
 * @w: the world
 * @host: whose
 * @slot: its socket; the TCB lives
 */
void ex_check_slot(struct ex_world *w, u8 host, struct ex_slot *slot)
{
	const struct xtcp_tcb *tcb = &slot->tcb;
	struct ex_tag *own = ex_tag(w, tcb->tag);
	u32 i;

	watch_clocks(w, slot);
	check_timers(w, slot);
	check_numbers(w, slot);
	if (!ex_synchronized(tcb->state))
		return;
	if (!own->active)
		own->peer = tcb->peer_tag;
	own->rcv_nxt = tcb->rcv.nxt;
	own->rcv_edge = tcb->rcv.edge;
	for (i = 0; i < EX_SLOTS; i++) {
		struct ex_slot *peer = &w->slot[!host][i];

		if (peer->used && !peer->gone && ex_synchronized(peer->tcb.state))
			check_pair(w, &peer->tcb);
	}
	check_pair(w, tcb);
}
