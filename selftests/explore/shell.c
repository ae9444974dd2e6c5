// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's shell does around a TCB: spare nodes, buffers, the todo
 * bits in their order, the pull loop, the one timer.
 */
#include "explore.h"

#define PATH_MSS	1400
#define CLIENT_PORT	40000
#define SERVER_PORT	7
#define PULLS_MAX	20

static bool denied(struct ex_world *w, enum ex_fault fault)
{
	w->asked |= BIT(fault - EX_SPARE);
	return w->deny & BIT(fault - EX_SPARE);
}

/**
 * ex_refill - have spares at hand, memory permitting
 * @w: the world
 * @slot: socket
 * @want: how many
 */
void ex_refill(struct ex_world *w, struct ex_slot *slot, u32 want)
{
	u32 i;

	for (i = 0; i < EX_NODES && slot->tcb.spares < want; i++) {
		if (slot->nodes & BIT(i))
			continue;
		if (denied(w, EX_SPARE))
			return;
		slot->nodes |= BIT(i);
		xtcp_add_spare(&slot->tcb, &slot->node[i]);
	}
}

static void free_nodes(struct ex_world *w, struct ex_slot *slot)
{
	union xtcp_node *node;

	while ((node = slot->tcb.done)) {
		slot->tcb.done = node->next;
		if (node < slot->node || node >= slot->node + EX_NODES) {
			ex_fail(w, "a node that is not the shell's came back to be freed");
			continue;
		}
		slot->nodes &= ~BIT(node - slot->node);
	}
}

/**
 * ex_slot_new - a socket
 * @w: the world
 * @host: whose
 * @sport: its port
 * @dport: the peer's
 *
 * Return: the socket, or NULL if the model has no room for one more.
 */
struct ex_slot *ex_slot_new(struct ex_world *w, u8 host, u16 sport, u16 dport)
{
	struct ex_slot *slot = w->slot[host];
	u32 i;

	for (i = 0; slot->used; i++, slot++) {
		if (i + 1 == EX_SLOTS) {
			w->full = true;
			return NULL;
		}
	}
	memset(slot, 0, sizeof(*slot));
	slot->used = true;
	xtcp_init(&slot->tcb, &xtcp_cc_reno, NULL, PATH_MSS, w->sc->rcvbuf);
	slot->tcb.sport = sport;
	slot->tcb.dport = dport;
	slot->tcb.tune.nodelay = !w->sc->nagle;
	slot->tcb.tune.keepalive = w->sc->keepalive;
	slot->tcb.tune.keep_probes = 1;
	return slot;
}

/**
 * ex_slot_free - nobody has the socket any more
 * @slot: its program has closed it, and its TCB is gone
 */
void ex_slot_free(struct ex_slot *slot)
{
	slot->used = false;
}

static void drop_bufs(struct xtcp_tcb *tcb)
{
	struct ex_buf *buf = tcb->rcv.drop_first, *last = tcb->rcv.drop_last, *next;

	for (; buf; buf = next) {
		next = buf == last ? NULL : buf->next;
		buf->used = false;
	}
	tcb->rcv.drop_first = NULL;
	tcb->rcv.drop_last = NULL;
}

static void drain(struct ex_world *w, struct ex_slot *slot)
{
	struct xtcp_tcb *tcb = &slot->tcb;
	struct ex_buf *buf = tcb->rcv.ready_first, *last = tcb->rcv.ready_last, *next;

	for (; buf; buf = next) {
		next = buf == last ? NULL : buf->next;
		ex_delivered(w, slot, buf);
		buf->used = false;
	}
	tcb->rcv.ready_first = NULL;
	tcb->rcv.ready_last = NULL;
}

static void die(struct ex_world *w, u8 host, struct ex_slot *slot, bool timewait)
{
	struct xtcp_tcb *tcb = &slot->tcb;

	ex_trace(w, "      host %u: connection %x is over, error %d\n", host, tcb->tag, tcb->err);
	if (timewait)
		ex_check_state(w, slot, XTCP_TIME_WAIT);
	if (timewait)
		ex_tw_add(w, &w->host[host], tcb);
	else if (tcb->passive)
		ex_bury(w, &w->host[host], tcb->tag, tcb->cookie_born);
	xtcp_release(tcb);
	drop_bufs(tcb);
	free_nodes(w, slot);
	if (slot->nodes)
		ex_fail(w, "nodes were lost");
	slot->gone = true;
	if (slot->closed)
		ex_slot_free(slot);
}

static int send(struct ex_world *w, u8 host, struct ex_slot *slot, const struct xtcp_tx *tx)
{
	const u64 first = slot->tcb.iss + 1;
	const struct ex_tag *tag = ex_tag(w, slot->tcb.tag);
	u8 bytes[XTCP_HDR_MAX + EX_PAYLOAD];
	u32 hdr, i;

	if (tx->len > EX_PAYLOAD) {
		ex_fail(w, "more bytes in a segment than were ever written");
		return -ENOBUFS;
	}
	if (tx->len && (xtcp_before(tx->seq, slot->tcb.snd.una) ||
			xtcp_after(tx->seq + tx->len, first + tag->written)))
		ex_fail(w, "bytes to be sent are not in the write queue");
	hdr = xtcp_build(&slot->tcb, tx, w->now, bytes);
	for (i = 0; i < tx->len; i++)
		bytes[hdr + i] = ex_byte(slot->tcb.tag, tx->seq + i - first);
	return ex_transmit(w, host, bytes, hdr, tx->len);
}

static void output(struct ex_world *w, u8 host, struct ex_slot *slot)
{
	u32 pulls = 0;
	struct xtcp_tx tx;
	int err;

	do {
		ex_refill(w, slot, 1);
		memset(&tx, 0, sizeof(tx));
		if (!xtcp_next(&slot->tcb, w->now, &tx))
			return;
		err = send(w, host, slot, &tx);
		xtcp_sent(&slot->tcb, &tx, NULL, w->now, err);
		if (++pulls > PULLS_MAX)
			ex_fail(w, "the pull loop does not end");
	} while (!err && !w->violation);
}

static void state_changed(struct ex_world *w, u8 host, struct ex_slot *slot)
{
	struct xtcp_tcb *tcb = &slot->tcb;
	struct ex_tag *tag = ex_tag(w, tcb->tag);

	ex_trace(w, "      host %u: connection %x is %s\n", host, tcb->tag,
		 ex_state_name(tcb->state));
	ex_check_state(w, slot, tcb->state);
	if (tag->active && !tag->met && ex_synchronized(tcb->state))
		ex_check_met(w, host, tcb);
}

/**
 * ex_act - do what an entry point of the core asked for
 * @w: the world
 * @host: whose socket
 * @slot: the socket
 * @todo: XTCP_TODO bits
 * @pkt: the segment, if there was one; its buffer is consumed
 *
 * The bits in their order, as net/act.c does it.
 */
void ex_act(struct ex_world *w, u8 host, struct ex_slot *slot, u32 todo, struct xtcp_pkt *pkt)
{
	struct ex_buf *buf = pkt ? pkt->buf : NULL;
	struct xtcp_tcb *tcb = &slot->tcb;
	struct xtcp_reply reply;
	u8 head[XTCP_HDR_MAX];
	u32 hdr;

	if (buf && todo & (XTCP_TAKE | XTCP_HELD)) {
		buf->seq = pkt->seq + pkt->skip;
		buf->skip = pkt->skip;
		buf->take = pkt->take;
	}
	if (todo & XTCP_TAKE)
		ex_delivered(w, slot, buf);
	if (buf && !(todo & XTCP_HELD))
		buf->used = false;
	if (todo & XTCP_REFUSE && xtcp_refuse(pkt, &reply)) {
		hdr = xtcp_build_reply(&reply, pkt->dport, pkt->sport, head);
		ex_transmit(w, host, head, hdr, 0);
	}
	if (todo & XTCP_DRAIN)
		drain(w, slot);
	if (todo & XTCP_PRUNE)
		drop_bufs(tcb);
	if (todo & XTCP_STATE)
		state_changed(w, host, slot);
	if (todo & XTCP_ERROR)
		slot->err = tcb->err;
	if (todo & XTCP_READABLE && tcb->fin_rcvd) {
		slot->eof = true;
		ex_check_eof(w, slot);
	}
	if (w->clean && tcb->events & BIT(XTCP_EV_ESTAB_RESET))
		ex_fail(w, "a connection is reset though all is well");
	if (todo & XTCP_RESET) {
		struct xtcp_tx tx;

		xtcp_reset(tcb, &tx);
		send(w, host, slot, &tx);
	}
	if (todo & XTCP_XMIT)
		output(w, host, slot);
	tcb->events = 0;
	free_nodes(w, slot);
	if (!(todo & (XTCP_DEAD | XTCP_TIMEWAIT)))
		ex_check_slot(w, host, slot);
	else
		die(w, host, slot, todo & XTCP_TIMEWAIT);
}

/**
 * ex_to_tcb - a segment for a connection
 * @w: the world
 * @host: whose
 * @slot: its socket
 * @pkt: the parsed segment
 * @packet: what it was parsed from
 * @todo: what else there is to do: that of xtcp_child()
 */
void ex_to_tcb(struct ex_world *w, u8 host, struct ex_slot *slot, struct xtcp_pkt *pkt,
	       const struct ex_packet *packet, u32 todo)
{
	const struct ex_before before = {
		slot->tcb.rcv.nxt, slot->tcb.rcv.edge, slot->tcb.conf,
	};
	struct ex_buf *buf;
	u32 i;

	if (pkt->len) {
		pkt->no_room = denied(w, EX_ROOM);
		for (i = 0; i < EX_BUFS && slot->buf[i].used; i++)
			;
		if (i == EX_BUFS) {
			w->full = true;
			return;
		}
		buf = &slot->buf[i];
		buf->used = true;
		memcpy(buf->bytes, packet->bytes + packet->hdr, pkt->len);
		pkt->buf = buf;
	}
	ex_refill(w, slot, slot->tcb.spares + xtcp_need(&slot->tcb, pkt));
	todo |= xtcp_input(&slot->tcb, pkt, w->now);
	ex_act(w, host, slot, todo, pkt);
	ex_check_input(w, slot, pkt, &before);
}

/**
 * ex_connect - the next of a host's programs opens
 * @w: the world
 * @host: whose
 */
void ex_connect(struct ex_world *w, u8 host)
{
	struct ex_slot *slot = ex_slot_new(w, host, host ? SERVER_PORT : CLIENT_PORT,
					   host ? CLIENT_PORT : SERVER_PORT);
	u32 tag;

	if (!slot)
		return;
	slot->script = w->host[host].opened++;
	slot->accepted = true;
	tag = ex_new_tag(w, host);
	if (w->full)
		return;
	ex_tag(w, tag)->active = true;
	ex_act(w, host, slot, xtcp_connect(&slot->tcb, ex_iss(tag), tag, w->now), NULL);
}

/**
 * ex_fire - one timer of a connection fires, and no other
 * @w: the world
 * @host: whose
 * @slot: the socket
 * @id: the timer
 *
 * Its time has come; those that were due before are late, which harms nothing.
 */
void ex_fire(struct ex_world *w, u8 host, struct ex_slot *slot, enum xtcp_timer_id id)
{
	u64 *deadline = slot->tcb.deadline;
	u32 i;

	w->now = max(w->now, deadline[id]);
	for (i = 0; i < XTCP_TIMERS; i++)
		if (i != id && deadline[i] <= w->now)
			deadline[i] = w->now + 1;
	ex_refill(w, slot, 2);
	ex_act(w, host, slot, xtcp_timer(&slot->tcb, w->now), NULL);
}
