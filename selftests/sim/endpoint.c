// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's shell does around the core, at its smallest: look-ups,
 * demultiplexing, the todo bits in their order, the one timer, spare nodes.
 */
#include <stdlib.h>

#include "sim.h"

#define CLIENT_PORT	40000
#define SERVER_PORT	7
#define MSL		XTCP_MSL

static u32 fresh_tag(struct sim_world *w)
{
	return host_random(&w->rand) | 1;
}

/**
 * sim_refill - have spares at hand, memory permitting
 * @e: the endpoint
 * @want: how many
 */
void sim_refill(struct sim_endpoint *e, u32 want)
{
	struct sim_world *w = e->world;
	union xtcp_node *node;

	while (e->tcb->spares < min_t(u32, want, XTCP_SPARES_MAX)) {
		if (host_chance(&w->rand, w->p.node_fail))
			return;
		node = malloc(sizeof(*node));
		if (!node)
			abort();
		w->nodes++;
		xtcp_add_spare(e->tcb, node);
	}
}

static bool own_node(const struct xtcp_tcb *tcb, const union xtcp_node *node)
{
	return node >= tcb->own && node < tcb->own + ARRAY_SIZE(tcb->own);
}

static void free_nodes(struct sim_endpoint *e, union xtcp_node **list)
{
	union xtcp_node *node;

	while ((node = *list)) {
		*list = node->next;
		if (own_node(e->tcb, node)) {
			sim_fail(e->world, "the TCB's own node came back to be freed");
			continue;
		}
		e->world->nodes--;
		free(node);
	}
}

static struct xtcp_tcb *new_tcb(struct sim_endpoint *e, u16 sport, u16 dport)
{
	const struct xtcp_cc_ops *cc = sim_side(e)->cc;
	struct xtcp_tcb *tcb = calloc(1, sizeof(*tcb) + cc->state);

	if (!tcb)
		abort();
	xtcp_init(tcb, cc, tcb + 1, sim_side(e)->path_mss, sim_side(e)->rcvbuf);
	tcb->burst = sim_side(e)->burst;
	tcb->sport = sport;
	tcb->dport = dport;
	tcb->tune.nodelay = sim_side(e)->nodelay;
	tcb->tune.mtu_probing = sim_side(e)->probing;
	xtcp_set_route_mss(tcb, sim_side(e)->path_mss, e->world->now);
	tcb->offer = XTCP_FEATURE_ECN;
	return tcb;
}

static void bury(struct sim_endpoint *e, u32 tag, u64 born)
{
	struct sim_tomb *tomb, *oldest = &e->tomb[0];
	struct xtcp_tomb fresh;
	u32 i;

	if (!xtcp_tomb_make(&fresh, born, e->world->now))
		return;
	for (i = 0; i < SIM_TOMBS; i++) {
		tomb = &e->tomb[i];
		if (!tomb->used)
			goto found;
		if (tomb->tomb.expires < oldest->tomb.expires)
			oldest = tomb;
	}
	tomb = oldest;
	e->refuse_born = xtcp_tomb_drop(&tomb->tomb, e->refuse_born);
found:
	tomb->used = true;
	tomb->tag = tag;
	tomb->tomb = fresh;
}

static void die(struct sim_endpoint *e)
{
	struct xtcp_tcb *tcb = e->tcb;
	struct sim_packet *packet, *next;

	sim_trace(e->world, "%s: gone, error %d", e->id ? "server" : "client", tcb->err);
	if (e->world->p.clean && tcb->stat.rexmits)
		sim_fail(e->world, "bytes were sent again though nothing was lost");
	if (!e->has_tw)
		bury(e, tcb->tag, tcb->cookie_born);
	xtcp_release(tcb);
	for (packet = tcb->rcv.drop_first; packet; packet = next) {
		next = packet == tcb->rcv.drop_last ? NULL : packet->next;
		sim_free_packet(e->world, packet);
	}
	free_nodes(e, &tcb->done);
	free_nodes(e, &tcb->spare);
	sim_purge(e);
	free(tcb);
	e->tcb = NULL;
	e->timer = XTCP_NEVER;
	e->over = true;
	e->app.write_at = XTCP_NEVER;
	e->app.read_at = e->world->now;
	e->world->progress_at = e->world->now;
}

static void deliver(struct sim_endpoint *e, struct sim_packet *packet)
{
	sim_app_deliver(e, packet);
	sim_free_packet(e->world, packet);
}

static void drain(struct sim_endpoint *e)
{
	struct sim_packet *packet = e->tcb->rcv.ready_first, *last = e->tcb->rcv.ready_last, *next;

	for (; packet; packet = next) {
		next = packet == last ? NULL : packet->next;
		deliver(e, packet);
	}
	e->tcb->rcv.ready_first = NULL;
	e->tcb->rcv.ready_last = NULL;
}

static void prune(struct sim_endpoint *e)
{
	struct sim_packet *packet = e->tcb->rcv.drop_first, *last = e->tcb->rcv.drop_last, *next;

	for (; packet; packet = next) {
		next = packet == last ? NULL : packet->next;
		sim_free_packet(e->world, packet);
	}
	e->tcb->rcv.drop_first = NULL;
	e->tcb->rcv.drop_last = NULL;
}

static void set_timer(struct sim_endpoint *e)
{
	e->timer = e->tcb->timer_next;
	e->late = e->world->p.tick ? host_below(&e->world->rand, e->world->p.tick) : 0;
}

static void answer(struct sim_endpoint *e, const struct xtcp_pkt *pkt,
		   const struct xtcp_reply *reply)
{
	u8 head[XTCP_HDR_MAX];
	u32 hdr = xtcp_build_reply(reply, pkt->dport, pkt->sport, head);

	if (xtcp_header_len(head) != (int)hdr)
		sim_fail(e->world, "xtcp_build_reply: length");
	sim_transmit(e->world, e->id, head, hdr, 0, 1);
}

/* Not only ESTABLISHED: the ACK that opens may carry a FIN (O6). */
static bool is_open(const struct xtcp_tcb *tcb)
{
	return tcb->state != XTCP_SYN_SENT && tcb->state != XTCP_SYN_RECEIVED &&
	       tcb->state != XTCP_CLOSED;
}

/**
 * sim_act - do what an entry point of the core asked for
 * @e: the endpoint
 * @todo: XTCP_TODO bits
 * @pkt: the segment, if there was one; its buffer is consumed
 *
 * The bits in their order, as net/act does it.
 */
void sim_act(struct sim_endpoint *e, u32 todo, struct xtcp_pkt *pkt)
{
	struct sim_packet *packet = pkt ? pkt->buf : NULL;
	struct sim_world *w = e->world;
	struct xtcp_reply reply;

	if (packet) {
		packet->skip = pkt->skip;
		packet->take = pkt->take;
		packet->seq = pkt->seq + pkt->skip;
	}
	if (todo & XTCP_URGENT)
		sim_app_urgent(e);
	if ((todo & (XTCP_TAKE | XTCP_HELD)) == (XTCP_TAKE | XTCP_HELD))
		sim_fail(w, "a buffer is both taken and held");
	if (todo & XTCP_TAKE) {
		sim_app_deliver(e, packet);
		w->progress_at = w->now;
	}
	if (todo & XTCP_REFUSE && xtcp_refuse(pkt, &reply))
		answer(e, pkt, &reply);
	if (packet && !(todo & XTCP_HELD))
		sim_free_packet(w, packet);
	if (todo & XTCP_DRAIN)
		drain(e);
	if (todo & XTCP_PRUNE)
		prune(e);
	if (todo & XTCP_ACKED) {
		sim_acked(e);
		w->progress_at = w->now;
	}
	if (todo & XTCP_STATE) {
		sim_trace(w, "%s: state %u", e->id ? "server" : "client", e->tcb->state);
		w->progress_at = w->now;
		if (!e->opened && is_open(e->tcb)) {
			e->opened = true;
			sim_app_start(e);
		}
	}
	if (todo & XTCP_ERROR)
		e->err = e->tcb->err;
	if (todo & XTCP_READABLE) {
		e->app.fin = e->tcb->fin_rcvd;
		e->app.read_at = min(e->app.read_at, w->now);
	}
	if (todo & XTCP_RESET)
		sim_reset(e);
	if (todo & XTCP_XMIT)
		todo |= sim_output(e);
	if (todo & XTCP_TIMER)
		set_timer(e);
	e->tcb->events = 0;
	free_nodes(e, &e->tcb->done);
	if (todo & XTCP_TIMEWAIT) {
		xtcp_tw_init(&e->tw, e->tcb, MSL, w->now);
		e->has_tw = true;
		die(e);
	} else if (todo & XTCP_DEAD) {
		die(e);
	} else {
		sim_check(e);
		sim_check_timers(e);
	}
	sim_check_pair(w);
}

/**
 * sim_connect - open
 * @e: the client; both in a simultaneous open
 */
void sim_connect(struct sim_endpoint *e)
{
	struct sim_world *w = e->world;

	e->tcb = new_tcb(e, e->id ? SERVER_PORT : CLIENT_PORT, e->id ? CLIENT_PORT : SERVER_PORT);
	e->iss = host_random(&w->rand);
	/*
	 * About to wrap, in 64 bits or in 32. Not in 64 if nobody listens: R4 answers the
	 * duplicate of a SYN, for a connection that waits for its end, with SEQ 0 (M2).
	 */
	if (!w->p.cross && host_chance(&w->rand, 200))
		e->iss = -host_below(&w->rand, 100000);
	else if (host_chance(&w->rand, 200))
		e->iss = (e->iss << 32) - host_below(&w->rand, 100000);
	sim_act(e, xtcp_connect(e->tcb, e->iss, fresh_tag(w), w->now), NULL);
}

/**
 * sim_stale_syn - a SYN arrives whose sender is long gone
 * @w: the world
 *
 * To either end, as if from the other. It must open nothing, and prevent
 * nothing (F5).
 */
void sim_stale_syn(struct sim_world *w)
{
	const struct xtcp_hello hello = { .mss = 1448, .tag = fresh_tag(w) };
	u32 from = host_below(&w->rand, SIM_SIDES);
	const struct xtcp_head h = {
		.seq = host_random(&w->rand),
		.tag = hello.tag,
		.wnd = 65536,
		.sport = from ? SERVER_PORT : CLIENT_PORT,
		.dport = from ? CLIENT_PORT : SERVER_PORT,
		.flags = XTCP_SYN,
	};
	u8 head[XTCP_HDR_MAX];
	u8 *p = xtcp_put_hello(head + XTCP_HDR_LEN, &hello);

	p = xtcp_put_cookie(p, NULL);
	p = xtcp_put_ts(p, 0);
	xtcp_put_header(head, &h, p - head);
	sim_transmit(w, from, head, p - head, 0, 1);
}

/**
 * sim_timer - the endpoint's timer has fired
 * @e: the endpoint; it has a TCB
 */
void sim_timer(struct sim_endpoint *e)
{
	e->timer = XTCP_NEVER;
	sim_refill(e, 2);
	sim_act(e, xtcp_timer(e->tcb, e->world->now), NULL);
}

/**
 * sim_expire - forget what has had its time
 * @e: the endpoint
 */
void sim_expire(struct sim_endpoint *e)
{
	u64 now = e->world->now;
	u32 i;

	if (e->has_tw && now >= e->tw.expires) {
		sim_trace(e->world, "%s: TIME-WAIT over", e->id ? "server" : "client");
		e->has_tw = false;
		bury(e, e->tw.tag, e->tw.cookie_born);
	}
	for (i = 0; i < SIM_HALVES; i++)
		if (e->half[i].used && now > e->half[i].half.expires)
			e->half[i].used = false;
	for (i = 0; i < SIM_TOMBS; i++)
		if (e->tomb[i].used && now > e->tomb[i].tomb.expires)
			e->tomb[i].used = false;
}

static bool keep(struct sim_endpoint *e, const struct xtcp_pkt *pkt,
		 const struct xtcp_reply *reply)
{
	u32 i;

	for (i = 0; i < SIM_HALVES && e->world->p.halves; i++) {
		if (e->half[i].used)
			continue;
		e->half[i].used = true;
		xtcp_keep(&e->half[i].half, pkt, reply, e->world->now);
		return true;
	}
	return false;
}

static void forget(struct sim_endpoint *e, u32 peer_tag)
{
	u32 i;

	for (i = 0; i < SIM_HALVES; i++)
		if (e->half[i].half.peer_tag == peer_tag)
			e->half[i].used = false;
}

static void child(struct sim_endpoint *e, struct xtcp_pkt *pkt)
{
	struct sim_world *w = e->world;
	u32 todo;

	if (e->opened) {
		sim_fail(w, "a ghost: the server opened a second connection");
		sim_free_packet(w, pkt->buf);
		return;
	}
	e->tcb = new_tcb(e, pkt->dport, pkt->sport);
	todo = xtcp_child(e->tcb, &w->keys, pkt, w->now);
	e->iss = e->tcb->iss;
	forget(e, e->tcb->peer_tag);
	e->opened = true;
	sim_app_start(e);
	sim_refill(e, e->tcb->spares + xtcp_need(e->tcb, pkt));
	todo |= xtcp_input(e->tcb, pkt, w->now);
	sim_act(e, todo, pkt);
}

static void to_tcb(struct sim_endpoint *e, struct xtcp_pkt *pkt)
{
	struct sim_world *w = e->world;

	pkt->no_room = pkt->len && host_chance(&w->rand, w->p.buf_fail);
	e->tcb->queued = 0;	/* without a call of xtcp_drained(): it may be missed */
	sim_refill(e, e->tcb->spares + xtcp_need(e->tcb, pkt));
	sim_act(e, xtcp_input(e->tcb, pkt, w->now), pkt);
	if (e->tcb && host_chance(&w->rand, w->p.prune))
		sim_act(e, xtcp_prune(e->tcb), NULL);
}

static void without_tcb(struct sim_endpoint *e, struct xtcp_pkt *pkt)
{
	static const struct xtcp_addrs addrs[SIM_SIDES] = {
		{ { [15] = 1 }, { [15] = 2 } }, { { [15] = 2 }, { [15] = 1 } },
	};
	bool syn = (pkt->flags & (XTCP_SYN | XTCP_ACK)) == XTCP_SYN;
	struct sim_world *w = e->world;
	struct xtcp_door door = {
		.keys = &w->keys,
		.mss = sim_side(e)->path_mss,
		.wnd = sim_side(e)->rcvbuf,
		.features = XTCP_FEATURE_ECN,
		.room = true,
		.half = w->p.half_use,
	};
	struct xtcp_found found = {
		.addrs = &addrs[e->id],
		.refuse_born = e->refuse_born,
		.door = e->id == SIM_SERVER && !w->p.cross ? &door : NULL,
	};
	struct xtcp_reply reply;
	enum xtcp_verdict verdict;
	u32 i;

	if (e->tcb && (syn || (pkt->flags & XTCP_RST && pkt->tag == e->tcb->peer_tag)))
		found.live = e->tcb->state;
	if (syn) {
		found.iss = host_random(&w->rand);
		found.tag = fresh_tag(w);
	} else if (e->has_tw && e->tw.tag == pkt->tag) {
		found.tw = &e->tw;
	}
	for (i = 0; i < SIM_HALVES; i++) {
		const struct xtcp_half *half = &e->half[i].half;

		if (!e->half[i].used)
			continue;
		if ((!syn && pkt->tag == half->tag) ||
		    ((syn || pkt->flags & XTCP_RST) && pkt->tag == half->peer_tag))
			found.half = half;
	}
	for (i = 0; i < SIM_TOMBS; i++)
		found.tomb |= e->tomb[i].used && e->tomb[i].tag == pkt->tag;

	verdict = xtcp_demux(pkt, &found, w->now, &reply);
	sim_trace(w, "%s: verdict %u", e->id ? "server" : "client", verdict);
	switch (verdict) {
	case XTCP_VERDICT_TO_TCB:
		to_tcb(e, pkt);
		return;
	case XTCP_VERDICT_CHILD:
		child(e, pkt);
		return;
	case XTCP_VERDICT_KEEP_OR_DROP:
		if (keep(e, pkt, &reply))
			answer(e, pkt, &reply);
		break;
	case XTCP_VERDICT_KEEP:
		keep(e, pkt, &reply);
		answer(e, pkt, &reply);
		break;
	case XTCP_VERDICT_RESTART:
		e->tw.expires = w->now + 2 * MSL;
		answer(e, pkt, &reply);
		break;
	case XTCP_VERDICT_ANSWER:
	case XTCP_VERDICT_RESET:
		answer(e, pkt, &reply);
		break;
	case XTCP_VERDICT_FORGET:
		for (i = 0; i < SIM_HALVES; i++)
			if (found.half == &e->half[i].half)
				e->half[i].used = false;
		break;
	case XTCP_VERDICT_DROP:
		break;
	}
	sim_free_packet(w, pkt->buf);
}

static void icmp(struct sim_endpoint *e, const struct sim_packet *packet)
{
	u32 mss = packet->mss;

	e->told_until = e->world->now + 10 * XTCP_RTO_MAX;
	if (e->tcb)
		sim_act(e, xtcp_icmp(e->tcb, XTCP_ICMP_TOO_BIG, EMSGSIZE, mss,
				     e->world->now), NULL);
}

/**
 * sim_receive - a packet has arrived
 * @e: the endpoint
 * @packet: consumed
 */
void sim_receive(struct sim_endpoint *e, struct sim_packet *packet)
{
	struct sim_world *w = e->world;
	struct xtcp_pkt pkt = { 0 };
	u32 linear = packet->hdr;

	sim_expire(e);
	if (packet->icmp) {
		icmp(e, packet);
		sim_free_packet(w, packet);
		return;
	}
	if (host_chance(&w->rand, 500))
		linear = packet->total;
	if (xtcp_parse(packet->bytes, linear, packet->total, &pkt)) {
		sim_fail(w, "xtcp_parse refuses what xtcp_build made");
		sim_free_packet(w, packet);
		return;
	}
	pkt.wire = packet->wire;
	pkt.mss = packet->mss;
	pkt.ce = packet->ce;
	pkt.buf = packet;
	if (e->tcb && (pkt.flags & (XTCP_SYN | XTCP_ACK)) != XTCP_SYN && pkt.tag == e->tcb->tag)
		to_tcb(e, &pkt);
	else
		without_tcb(e, &pkt);
}
