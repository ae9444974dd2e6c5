// SPDX-License-Identifier: GPL-2.0
/*
 * The program at each end: it writes its bytes, reads and checks the other's,
 * dawdles, and closes. It sleeps until it is woken, so that a lost wake-up
 * leaves it stuck.
 */
#include "sim.h"

#define STALL_MAX	(90 * XTCP_SEC)		/* beyond D7's longest probe interval */

static u64 pause(struct sim_endpoint *e)
{
	const struct sim_side *s = sim_side(e);

	return e->world->now + (s->think ? host_below(&e->world->rand, s->think) : 0);
}

/**
 * sim_app_start - the connection has opened
 * @e: the endpoint
 */
void sim_app_start(struct sim_endpoint *e)
{
	e->app.write_at = pause(e);
}

/**
 * sim_app_deliver - bytes for the receive queue
 * @e: the endpoint
 * @packet: what holds them: take bytes from skip on, the first is seq
 */
void sim_app_deliver(struct sim_endpoint *e, struct sim_packet *packet)
{
	struct sim_world *w = e->world;

	if (packet->seq != e->tcb->irs + 1 + e->app.delivered)
		sim_fail(w, "bytes are delivered out of order");
	else if (packet->hdr + packet->skip + packet->take > packet->total)
		sim_fail(w, "bytes are delivered that did not arrive");
	else if (!sim_same(w, !e->id, e->app.delivered,
			   packet->bytes + packet->hdr + packet->skip, packet->take))
		sim_fail(w, "bytes are delivered that were not written");
	e->app.delivered += packet->take;
	w->delivered_at = w->now;
	if (sim_peer(e)->app.mark <= e->app.delivered && e->app.told != sim_peer(e)->app.mark)
		sim_fail(w, "an urgent byte is delivered and its mark was not told");
}

/**
 * sim_app_urgent - the peer has told of a mark (D8)
 * @e: the endpoint
 */
void sim_app_urgent(struct sim_endpoint *e)
{
	u64 mark = e->tcb->rcv.up - (e->tcb->irs + 1);
	struct sim_world *w = e->world;

	if (mark <= e->app.told)
		sim_fail(w, "the urgent mark does not move on");
	else if (mark > sim_peer(e)->app.mark || !sim_urgent(w, !e->id, mark))
		sim_fail(w, "the urgent mark is at a byte that was not urgent");
	e->app.told = mark;
}

static void app_close(struct sim_endpoint *e)
{
	bool unread = e->app.delivered != e->app.consumed;

	e->app.closed = true;
	sim_trace(e->world, "%s: close()", e->id ? "server" : "client");
	sim_act(e, xtcp_close(e->tcb, unread, false, e->world->now), NULL);
}

static void app_shutdown(struct sim_endpoint *e)
{
	e->app.shut = true;
	sim_trace(e->world, "%s: shutdown(SHUT_WR)", e->id ? "server" : "client");
	sim_act(e, xtcp_shutdown(e->tcb, e->world->now), NULL);
}

static void app_write(struct sim_endpoint *e)
{
	const struct sim_side *s = sim_side(e);
	struct sim_app *a = &e->app;
	u64 part;

	a->write_at = XTCP_NEVER;
	if (!e->opened || !e->tcb || a->shut || a->closed)
		return;
	if (a->written == s->bytes) {
		/* An orphan may be given up (C5); the others' bytes must not be. */
		if (a->eof && s->close_early)
			app_close(e);
		else
			app_shutdown(e);
		return;
	}
	if (a->queued >= s->sndbuf)
		return;
	part = min_t(u64, s->bytes - a->written, s->sndbuf - a->queued);
	part = host_between(&e->world->rand, 1, min_t(u64, part, s->chunk));
	a->write_at = pause(e);
	sim_write(e, part);
}

static void app_read(struct sim_endpoint *e)
{
	const struct sim_side *s = sim_side(e);
	struct sim_world *w = e->world;
	struct sim_app *a = &e->app;
	u64 part;

	a->read_at = XTCP_NEVER;
	part = min_t(u64, a->delivered - a->consumed, s->read);
	if (part) {
		part = host_between(&w->rand, (part + 1) / 2, part);
		a->consumed += part;
		w->progress_at = w->now;
		a->read_at = host_chance(&w->rand, s->stall) ?
			w->now + host_below(&w->rand, STALL_MAX) : pause(e);
		if (e->tcb)
			sim_act(e, xtcp_read(e->tcb, part, w->now), NULL);
		if (e->tcb && s->grow && e->tcb->rcv.want > e->tcb->rcv.buf)
			sim_act(e, xtcp_set_rcvbuf(e->tcb, e->tcb->rcv.want, w->now), NULL);
		return;
	}
	if (!a->eof && a->fin) {
		a->eof = true;
		sim_trace(w, "%s: end of stream", e->id ? "server" : "client");
		a->write_at = min(a->write_at, w->now);
	}
}

/* Nothing of ours is in doubt and nothing of theirs is missing. */
static bool may_close(const struct sim_endpoint *e)
{
	return e->tcb && e->app.shut && !e->app.closed && e->app.eof &&
	       e->tcb->snd.una == e->tcb->snd.end + 1;
}

/**
 * sim_app - let the program do what it has woken up for
 * @e: the endpoint
 */
void sim_app(struct sim_endpoint *e)
{
	u64 now = e->world->now;

	if (e->app.read_at <= now)
		app_read(e);
	if (e->app.write_at <= now)
		app_write(e);
	if (may_close(e))
		app_close(e);
}
