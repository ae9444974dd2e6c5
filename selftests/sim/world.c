// SPDX-License-Identifier: GPL-2.0
/* The clock: whatever is due next happens next, until nothing is left. */
#include <stdlib.h>

#include "sim.h"

#define PATIENCE	(30 * 60 * XTCP_SEC)	/* twice K2's user timeout */
#define EVENTS_MAX	20000000ULL

/**
 * sim_fail - note what went wrong
 * @w: the world
 * @what: a few words
 *
 * The first one counts; the run ends soon after.
 */
void sim_fail(struct sim_world *w, const char *what)
{
	sim_trace(w, "FAILED: %s", what);
	if (!w->failed)
		w->failed = what;
}

static u64 endpoint_due(const struct sim_endpoint *e)
{
	u64 at = min(e->app.write_at, e->app.read_at);

	if (e->timer != XTCP_NEVER)
		at = min(at, e->timer + e->late);
	if (e->has_tw)
		at = min(at, e->tw.expires);
	return at;
}

static u64 next_due(const struct sim_world *w)
{
	const struct sim_packet *packet = sim_next_arrival(w);
	u64 at = packet ? packet->at : XTCP_NEVER;
	u32 i;

	for (i = 0; i < SIM_SIDES; i++)
		at = min(at, endpoint_due(&w->end[i]));
	if (at != XTCP_NEVER && (w->end[0].tcb || w->end[1].tcb))
		at = min3(at, w->mss_at, w->stale_at);
	return at;
}

/*
 * Another route: the shell hears of its MTU, for better or worse. The path behind
 * it is another one too: in a black hole nobody hears how narrow that is. What ICMP
 * has told a route remembers for longer than any timeout, as the kernel's do.
 */
static void change_mss(struct sim_world *w)
{
	struct sim_endpoint *e = &w->end[host_below(&w->rand, SIM_SIDES)];
	u32 mss = host_between(&w->rand, XTCP_PATH_MSS_MIN, sim_side(e)->path_mss);

	w->mss_at = w->now + host_below(&w->rand, 2 * w->p.mss_gap) + 1;
	if (w->p.hole)
		w->p.link_mss = sim_hole(&w->rand);
	if (!e->tcb)
		return;
	if (w->now < e->told_until)
		mss = min(mss, w->p.link_mss);
	sim_trace(w, "%s: path MSS %u", e->id ? "server" : "client", mss);
	xtcp_set_route_mss(e->tcb, mss, w->now);
	sim_act(e, XTCP_XMIT, NULL);
}

/* The first few seconds are those of the opening. */
static void stale_syn(struct sim_world *w)
{
	w->stale_at = XTCP_NEVER;
	if (!w->stale)
		return;
	w->stale--;
	w->stale_at = w->now + host_below(&w->rand, 2 * XTCP_SEC);
	sim_stale_syn(w);
}

static void step(struct sim_world *w)
{
	const struct sim_packet *packet;
	struct sim_endpoint *e;
	u32 i;

	if (w->mss_at <= w->now)
		change_mss(w);
	if (w->stale_at <= w->now)
		stale_syn(w);
	for (i = 0; i < SIM_SIDES; i++) {
		e = &w->end[i];
		sim_expire(e);
		if (e->tcb && e->timer != XTCP_NEVER && e->timer + e->late <= w->now)
			sim_timer(e);
		sim_app(e);
	}
	packet = sim_next_arrival(w);
	if (packet && packet->at <= w->now)
		sim_receive(&w->end[packet->to], sim_arrival(w));
}

static void clean(struct sim_world *w)
{
	while (w->packets)
		sim_free_packet(w, sim_arrival(w));
	free(w->heap);
}

/* Everything that was written has been read, and both ends know it. */
static void check_end(struct sim_world *w)
{
	struct sim_endpoint *e;
	u32 i;

	for (i = 0; i < SIM_SIDES; i++) {
		e = &w->end[i];
		if (e->tcb || e->has_tw)
			sim_fail(w, "a connection outlives the world");
		if (e->app.delivered != w->p.side[!i].bytes)
			sim_fail(w, "bytes are missing");
		if (e->app.consumed != e->app.delivered)
			sim_fail(w, "bytes were never read");
		if (!e->app.eof)
			sim_fail(w, "the end of the stream never came");
	}
	if (w->nodes)
		sim_fail(w, "nodes leak");
	if (w->buffers)
		sim_fail(w, "buffers leak");
}

/* O1: under heavy loss the open may rightly give up after 180 s. */
static bool gave_up(const struct sim_world *w)
{
	const struct sim_endpoint *e;
	u32 i;

	for (i = 0; i < SIM_SIDES; i++) {
		e = &w->end[i];
		if (e->over && !e->opened && e->err == ETIMEDOUT && w->now >= XTCP_OPEN_TIMEOUT)
			return true;
	}
	return false;
}

/**
 * sim_run - one connection, from connect() until nothing is left of it
 * @w: seed, trace and fixed are set, all else is zero; keep is the caller's
 *
 * Return: true if it opened; w->failed says what went wrong.
 */
bool sim_run(struct sim_world *w)
{
	u32 i;

	w->rand.state = w->seed;
	if (w->fixed)
		w->p = *w->fixed;
	else
		sim_profile(&w->p, &w->rand);
	sim_trace_profile(w);
	for (i = 0; i < 4; i++)
		w->keys.key[i / 2][i % 2] = host_random(&w->rand);
	w->keys.serial = host_random(&w->rand);
	w->keys.epoch = ~w->keys.key[0][0];
	w->now = host_between(&w->rand, XTCP_COOKIE_LIFE, 1000 * XTCP_SEC);
	w->progress_at = w->now;
	w->began_at = w->now;
	w->mss_at = w->p.mss_gap ? w->now + w->p.mss_gap : XTCP_NEVER;
	for (i = 0; i < SIM_SIDES; i++) {
		w->end[i].world = w;
		w->end[i].id = i;
		w->end[i].timer = XTCP_NEVER;
		w->end[i].app.write_at = XTCP_NEVER;
		w->end[i].app.read_at = XTCP_NEVER;
	}
	w->stale = w->p.stale;
	w->stale_at = w->now;
	sim_connect(&w->end[SIM_CLIENT]);
	if (w->p.cross)
		sim_connect(&w->end[SIM_SERVER]);
	while (!w->failed && next_due(w) != XTCP_NEVER) {
		w->now = max(w->now, next_due(w));
		step(w);
		if (w->now - w->progress_at > PATIENCE)
			sim_fail(w, "stuck");
		if (++w->events > EVENTS_MAX)
			sim_fail(w, "busy without end");
	}
	if (!w->failed && !gave_up(w))
		check_end(w);
	clean(w);
	return w->end[SIM_CLIENT].opened;
}
