// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's shell does with a segment that has no TCB of its exact tag
 * (M2, M3), and what it remembers of connections that are over: TIME-WAITs and
 * tombstones. As in net/demux.c, net/requests.c and net/timewaits.c.
 */
#include "explore.h"

static const struct xtcp_addrs addrs[EX_HOSTS] = {
	{ { [15] = 1 }, { [15] = 2 } }, { { [15] = 2 }, { [15] = 1 } },
};

/**
 * ex_new_tag - a tag that nobody ever had
 * @w: the world
 * @host: whose it is
 *
 * Return: the tag.
 */
u32 ex_new_tag(struct ex_world *w, u8 host)
{
	struct ex_tag *tag;

	if (w->tags == EX_TAGS) {
		w->full = true;
		return EX_TAGS;
	}
	tag = &w->tag[w->tags++];
	memset(tag, 0, sizeof(*tag));
	tag->host = host;
	tag->epoch = w->host[host].epoch;
	tag->born = ++w->door_now;
	return w->tags;
}

/**
 * ex_bury - a connection ends without TIME-WAIT, or its TIME-WAIT does (C6)
 * @w: the world
 * @host: where
 * @tag: its tag
 * @born: when its cookie was issued
 */
void ex_bury(struct ex_world *w, struct ex_host *host, u32 tag, u64 born)
{
	struct ex_tomb *at = NULL;
	struct xtcp_tomb tomb;
	u32 i;

	if (!xtcp_tomb_make(&tomb, born, w->door_now))
		return;
	if (!w->sc->tombs) {
		host->refuse_born = xtcp_tomb_drop(&tomb, host->refuse_born);
		return;
	}
	for (i = 0; i < w->sc->tombs; i++) {
		if (!host->tomb[i].used) {
			at = &host->tomb[i];
			break;
		}
		if (!at || host->tomb[i].tomb.expires < at->tomb.expires)
			at = &host->tomb[i];
	}
	if (at->used) {
		if (tomb.expires < at->tomb.expires) {
			host->refuse_born = xtcp_tomb_drop(&tomb, host->refuse_born);
			return;
		}
		host->refuse_born = xtcp_tomb_drop(&at->tomb, host->refuse_born);
	}
	at->used = true;
	at->tag = tag;
	at->tomb = tomb;
}

/**
 * ex_tw_end - a TIME-WAIT is over
 * @w: the world
 * @host: where
 * @tw: which
 */
void ex_tw_end(struct ex_world *w, struct ex_host *host, struct ex_tw *tw)
{
	tw->used = false;
	ex_bury(w, host, tw->tw.tag, tw->tw.cookie_born);
}

/**
 * ex_tw_add - a connection goes into TIME-WAIT (C4)
 * @w: the world
 * @host: where
 * @tcb: the connection
 */
void ex_tw_add(struct ex_world *w, struct ex_host *host, const struct xtcp_tcb *tcb)
{
	struct ex_tw *at = &host->tw[0];
	u32 i;

	for (i = 0; i < EX_TWS; i++) {
		if (!host->tw[i].used) {
			at = &host->tw[i];
			break;
		}
		if (host->tw[i].tw.expires < at->tw.expires)
			at = &host->tw[i];
	}
	if (at->used) {
		w->clean = false;	/* whose peer may still want it */
		ex_tw_end(w, host, at);
	}
	at->used = true;
	xtcp_tw_init(&at->tw, tcb, XTCP_MSL, w->door_now);
}

static bool is_syn(const struct xtcp_pkt *pkt)
{
	return (pkt->flags & (XTCP_SYN | XTCP_ACK)) == XTCP_SYN;
}

static struct ex_slot *exact(struct ex_world *w, u8 host, u32 tag)
{
	u32 i;

	for (i = 0; i < EX_SLOTS; i++) {
		struct ex_slot *slot = &w->slot[host][i];

		if (slot->used && !slot->gone && slot->tcb.tag == tag)
			return slot;
	}
	return NULL;
}

/* How well a connection fits a SYN: see struct xtcp_found. */
static u32 fit(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt)
{
	if (tcb->state == XTCP_SYN_SENT || tcb->state == XTCP_SYN_RECEIVED)
		return 4;
	if (tcb->peer_tag == pkt->tag)
		return 3;
	return tcb->state == XTCP_CLOSING || tcb->state == XTCP_LAST_ACK ? 1 : 2;
}

/* The connection that a SYN or a RST may be about. */
static struct ex_slot *live(struct ex_world *w, u8 host, const struct xtcp_pkt *pkt)
{
	struct ex_slot *found = NULL;
	u32 i, best = 0;

	for (i = 0; i < EX_SLOTS; i++) {
		struct ex_slot *slot = &w->slot[host][i];

		if (!slot->used || slot->gone)
			continue;
		if (is_syn(pkt)) {
			if (fit(&slot->tcb, pkt) <= best)
				continue;
			best = fit(&slot->tcb, pkt);
		} else if (!(pkt->flags & XTCP_RST) || slot->tcb.peer_tag != pkt->tag) {
			continue;
		}
		found = slot;
	}
	return found;
}

static const struct xtcp_half *half_of(const struct ex_host *host, const struct xtcp_pkt *pkt)
{
	u32 i;

	for (i = 0; i < EX_HALVES; i++) {
		const struct xtcp_half *half = &host->half[i].half;

		if (!host->half[i].used)
			continue;
		if (pkt->tag == half->tag && !is_syn(pkt))
			return half;
		if (pkt->tag == half->peer_tag && (is_syn(pkt) || pkt->flags & XTCP_RST))
			return half;
	}
	return NULL;
}

/* Where the next entry goes: those in use are in the order of their age. */
static struct xtcp_half *half_new(const struct ex_world *w, struct ex_host *host)
{
	u32 i, most = w->sc->halves;

	for (i = 0; i < most; i++)
		if (!host->half[i].used)
			break;
	if (i == most && most) {
		for (i = 0; i + 1 < most; i++)
			host->half[i] = host->half[i + 1];
	}
	if (i < most)
		host->half[i].used = true;
	return &host->half[i].half;
}

/* Every entry of (4-tuple, client tag) goes. */
static void half_forget(struct ex_host *host, u32 peer_tag)
{
	u32 i, n = 0;

	for (i = 0; i < EX_HALVES; i++) {
		if (!host->half[i].used)
			continue;
		host->half[i].used = false;
		if (host->half[i].half.peer_tag == peer_tag)
			continue;
		if (n != i)
			host->half[n].half = host->half[i].half;
		host->half[n++].used = true;
	}
}

static bool room(const struct ex_world *w, u8 host)
{
	u32 i, waiting = 0;

	for (i = 0; i < EX_SLOTS; i++)
		waiting += w->slot[host][i].used && !w->slot[host][i].accepted;
	return waiting < w->sc->backlog;
}

static void answer(struct ex_world *w, u8 host, const struct xtcp_pkt *pkt,
		   const struct xtcp_reply *reply)
{
	u8 head[XTCP_HDR_LEN + XTCP_REPLY_OPTIONS];
	u32 hdr = xtcp_build_reply(reply, pkt->dport, pkt->sport, head);

	if (hdr > pkt->hdr * 8U + pkt->len)
		ex_fail(w, "a reply is longer than what asked for it");
	ex_transmit(w, host, head, hdr, 0);
}

static void child(struct ex_world *w, u8 host, struct xtcp_pkt *pkt,
		  const struct ex_packet *packet)
{
	struct ex_slot *slot = ex_slot_new(w, host, pkt->dport, pkt->sport);
	bool remembered;
	u32 todo;

	if (!slot)
		return;
	slot->script = EX_SCRIPTS;
	remembered = half_of(&w->host[host], pkt);
	todo = xtcp_child(&slot->tcb, &w->host[host].keys, pkt, w->now);
	ex_check_child(w, host, &slot->tcb, pkt);
	if (w->sc->use == XTCP_HALF_NEEDED && !remembered)
		ex_fail(w, "a connection opens that is not in the half-open table (O2)");
	if (w->violation)
		return;
	half_forget(&w->host[host], slot->tcb.peer_tag);
	ex_to_tcb(w, host, slot, pkt, packet, todo);
}

static void without_tcb(struct ex_world *w, u8 id, struct xtcp_pkt *pkt,
			const struct ex_packet *packet)
{
	struct ex_host *host = &w->host[id];
	struct ex_slot *slot = live(w, id, pkt);
	const struct xtcp_door door = {
		.keys = &host->keys,
		.mss = 1400,
		.wnd = w->sc->rcvbuf,
		.defer = w->sc->defer ? XTCP_NEVER : 0,
		.room = room(w, id),
		.half = w->sc->use,
	};
	struct xtcp_found found = {
		.addrs = &addrs[id],
		.live = slot ? slot->tcb.state : 0,
		.half = half_of(host, pkt),
		.refuse_born = host->refuse_born,
		.door = id == 1 && w->sc->server && !w->deaf ? &door : NULL,
	};
	struct xtcp_reply reply;
	enum xtcp_verdict verdict;
	struct ex_tw *tw = NULL;
	u32 i;

	if (is_syn(pkt)) {
		found.tag = ex_new_tag(w, id);
		found.iss = ex_iss(found.tag);
		if (w->full)
			return;
		w->tag[found.tag - 1].peer = pkt->tag <= EX_TAGS ? pkt->tag : 0;
	} else {
		for (i = 0; i < EX_TWS; i++)
			if (host->tw[i].used && host->tw[i].tw.tag == pkt->tag)
				tw = &host->tw[i];
		for (i = 0; i < EX_TOMBS; i++)
			found.tomb |= host->tomb[i].used && host->tomb[i].tag == pkt->tag &&
				      w->door_now <= host->tomb[i].tomb.expires;
	}
	found.tw = tw ? &tw->tw : NULL;

	verdict = xtcp_demux(pkt, &found, w->door_now, &reply);
	switch (verdict) {
	case XTCP_VERDICT_TO_TCB:
		ex_to_tcb(w, id, slot, pkt, packet, 0);
		return;
	case XTCP_VERDICT_CHILD:
		child(w, id, pkt, packet);
		return;
	case XTCP_VERDICT_KEEP_OR_DROP:
	case XTCP_VERDICT_KEEP:
		xtcp_keep(half_new(w, host), pkt, &reply, w->door_now);
		break;
	case XTCP_VERDICT_RESTART:
		tw->tw.expires = w->door_now + 2 * XTCP_MSL;
		break;
	case XTCP_VERDICT_ANSWER:
	case XTCP_VERDICT_RESET:
		break;
	case XTCP_VERDICT_FORGET:
		half_forget(host, found.half->peer_tag);
		return;
	case XTCP_VERDICT_DROP:
		ex_trace(w, "      host %u: dropped, reason %u\n", id, pkt->drop);
		return;
	}
	answer(w, id, pkt, &reply);
}

/**
 * ex_receive - a segment arrives
 * @w: the world
 * @host: where
 * @packet: it
 */
void ex_receive(struct ex_world *w, u8 host, const struct ex_packet *packet)
{
	struct xtcp_pkt pkt = { 0 };
	struct ex_slot *slot = NULL;

	if (xtcp_parse(packet->bytes, packet->hdr, packet->hdr + packet->len, &pkt)) {
		ex_fail(w, "xtcp_parse refuses what xtcp_build made");
		return;
	}
	pkt.wire = 1;
	if (!is_syn(&pkt))
		slot = exact(w, host, pkt.tag);
	if (slot)
		ex_to_tcb(w, host, slot, &pkt, packet, 0);
	else
		without_tcb(w, host, &pkt, packet);
}
