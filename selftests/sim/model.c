// SPDX-License-Identifier: GPL-2.0
/* What must be true of a TCB after every call, counted again the simple way. */
#include "sim.h"

static void claim(struct sim_endpoint *e, bool truth, const char *what)
{
	if (!truth)
		sim_fail(e->world, what);
}

static void check_map(struct sim_endpoint *e)
{
	const struct xtcp_tcb *tcb = e->tcb;
	u64 sacked = 0, lost = 0, at = tcb->snd.una;
	u32 flying = 0, listed = 0;
	const struct xtcp_seg *seg;
	struct rb_node *node;
	u64 sent_at = 0;

	for (node = rb_first(&tcb->snd.map); node; node = rb_next(node)) {
		seg = rb_entry(node, struct xtcp_seg, at);
		claim(e, seg->start == at, "the map has a hole");
		claim(e, xtcp_before(seg->start, seg->end), "the map has an empty node");
		at = seg->end;
		if (seg->flags & XTCP_SEG_SACKED)
			sacked += seg->end - seg->start;
		if (seg->flags & XTCP_SEG_LOST)
			lost += seg->end - seg->start;
		claim(e, !(seg->flags & XTCP_SEG_FIN) || seg->end == tcb->snd.nxt,
		      "FIN in the middle of the map");
		if (seg->flags & XTCP_SEG_LOST)
			claim(e, !xtcp_before(seg->start, tcb->snd.lost_from),
			      "LOST before snd.lost_from");
		claim(e, (seg->flags & (XTCP_SEG_LOST | XTCP_SEG_SACKED)) !=
		      (XTCP_SEG_LOST | XTCP_SEG_SACKED), "both LOST and SACKED");
		flying += !(seg->flags & (XTCP_SEG_LOST | XTCP_SEG_SACKED));
	}
	if (tcb->state != XTCP_SYN_SENT && tcb->state != XTCP_SYN_RECEIVED)
		claim(e, at == tcb->snd.nxt, "the map does not end at snd.nxt");
	claim(e, sacked == tcb->snd.sacked, "snd.sacked is not what the map says");
	claim(e, lost == tcb->snd.lost, "snd.lost is not what the map says");
	list_for_each_entry(seg, &tcb->snd.by_time, sent) {
		claim(e, seg->sent_at >= sent_at, "by_time is not sorted");
		sent_at = seg->sent_at;
		listed++;
	}
	claim(e, listed == flying, "by_time is not what is in the network");
}

static void check_runs(struct sim_endpoint *e)
{
	const struct xtcp_tcb *tcb = e->tcb;
	u64 after = tcb->rcv.nxt, bytes = 0, at;
	const struct sim_packet *packet;
	const struct xtcp_run *run;
	struct rb_node *node;
	u32 count = 0, bufs, all_bufs = 0;

	for (node = rb_first(&tcb->rcv.runs); node; node = rb_next(node)) {
		run = rb_entry(node, struct xtcp_run, at);
		claim(e, xtcp_after(run->start, after), "runs overlap or adjoin");
		claim(e, xtcp_before(run->start, run->end), "an empty run");
		claim(e, !xtcp_after(run->end, tcb->rcv.edge), "a run beyond the window");
		at = run->start;
		bufs = 0;
		for (packet = run->first; packet; packet = packet->next) {
			bufs++;
			claim(e, packet->seq == at, "a run has a hole");
			at += packet->take;
			if (packet == run->last)
				break;
		}
		claim(e, packet && at == run->end, "a run's buffers do not end where it does");
		claim(e, bufs == run->bufs, "run.bufs is not how many there are");
		all_bufs += bufs;
		bytes += run->end - run->start;
		after = run->end;
		count++;
	}
	claim(e, bytes == tcb->rcv.run_bytes, "rcv.run_bytes is not what the runs say");
	claim(e, count == tcb->rcv.run_count, "rcv.run_count is not what the runs say");
	claim(e, all_bufs == tcb->rcv.run_bufs, "rcv.run_bufs is not what the runs say");
}

/**
 * sim_check_timers - check an endpoint's timer, when the output loop is over
 * @e: the endpoint; it has a TCB
 */
void sim_check_timers(struct sim_endpoint *e)
{
	u32 i;

	for (i = 0; i < XTCP_TIMERS; i++)
		claim(e, e->tcb->timer_next <= e->tcb->deadline[i],
		      "timer_next is later than a deadline");
}

static void check_spares(struct sim_endpoint *e)
{
	const union xtcp_node *node;
	u32 n = 0;

	for (node = e->tcb->spare; node; node = node->next)
		n++;
	claim(e, n == e->tcb->spares, "spares are miscounted");
}

/**
 * sim_check - check an endpoint's TCB
 * @e: the endpoint; it has a TCB
 */
void sim_check(struct sim_endpoint *e)
{
	const struct xtcp_tcb *tcb = e->tcb;

	check_map(e);
	check_runs(e);
	check_spares(e);
	claim(e, !xtcp_after(tcb->snd.una, tcb->snd.nxt), "una beyond nxt");
	claim(e, !xtcp_oob_here(tcb) || !xtcp_before(tcb->rcv.nxt, tcb->rcv.up),
	      "an urgent byte that has not arrived");
	claim(e, tcb->marked == (e->app.told > tcb->rcv.read - (tcb->irs + 1)),
	      "the urgent mark is not where it was told");
	claim(e, !tcb->urgent_owed || xtcp_after(tcb->snd.up, tcb->snd.nxt),
	      "sent an urgent byte without its mark");
	claim(e, !xtcp_after(tcb->snd.nxt, tcb->snd.end + 1), "sent what was not written");
	claim(e, !tcb->force || tcb->recovery || tcb->snd.lost,
	      "no window holds what will be sent, and nothing has to go again");
	if (e->opened && e->last_nxt) {
		claim(e, !xtcp_before(tcb->snd.nxt, e->last_nxt), "snd.nxt rolled back");
		claim(e, !xtcp_before(tcb->snd.una, e->last_una), "snd.una moved back");
		claim(e, !xtcp_before(tcb->rcv.nxt, e->last_rcv), "rcv.nxt moved back");
		claim(e, !xtcp_before(tcb->rcv.edge, e->last_edge), "rcv.edge moved back");
	}
	if (e->opened) {
		claim(e, !xtcp_before(tcb->rcv.edge, tcb->rcv.nxt) || tcb->fin_rcvd,
		      "rcv.nxt beyond the edge");
		e->last_nxt = tcb->snd.nxt;
		e->last_una = tcb->snd.una;
		e->last_rcv = tcb->rcv.nxt;
		e->last_edge = tcb->rcv.edge;
	}
}

/**
 * sim_check_pair - check what one side may know of the other
 * @w: the world
 */
void sim_check_pair(struct sim_world *w)
{
	struct sim_endpoint *e, *peer;
	u32 i;

	for (i = 0; i < SIM_SIDES; i++) {
		e = &w->end[i];
		peer = sim_peer(e);
		if (!e->tcb || !peer->tcb || !e->opened || !peer->opened)
			continue;
		claim(e, !xtcp_after(e->tcb->snd.una, peer->tcb->rcv.nxt),
		      "acknowledged what the peer has not received");
		claim(e, !xtcp_after(peer->tcb->rcv.nxt, e->tcb->snd.nxt),
		      "received what was not sent");
		claim(e, !xtcp_after(e->tcb->snd.edge, peer->tcb->rcv.edge),
		      "a right edge that the peer never advertised");
	}
}
