// SPDX-License-Identifier: GPL-2.0
/*
 * A state in canonical form: what the rest of its history can depend on, and
 * nothing else. Numbers are relative to the incarnation they belong to,
 * incarnations are numbered in the order of their birth among those that are
 * still spoken of, sockets stand in that order, and there are no clocks: of a
 * deadline it counts only whether it runs. Round-trip times do not count, nor do
 * congestion windows too large to matter here: only PRR makes others.
 */
#include "explore.h"

#define CANON_MAX	2048
#define TAGS_MAX	256
#define FOREIGN		0xff	/* a tag that nobody was given */

struct canon {
	u8 bytes[CANON_MAX];
	u16 len;
	u16 tags;
	u16 tag_at[TAGS_MAX];	/* where a tag stands in bytes */
	u64 seen;		/* bit: tag - 1 is spoken of */
};

static void put8(struct canon *c, u8 v)
{
	c->bytes[c->len++] = v;
}

static void put16(struct canon *c, u16 v)
{
	put8(c, v);
	put8(c, v >> 8);
}

static u8 small(u32 tag)
{
	return tag > EX_TAGS ? FOREIGN : tag;
}

static void put_tag(struct canon *c, u32 tag)
{
	if (tag && tag <= EX_TAGS) {
		c->tag_at[c->tags++] = c->len;
		c->seen |= BIT_ULL(tag - 1);
	}
	put8(c, small(tag));
}

static u16 offset(u64 number)
{
	return number + EX_ISS_BACK;
}

/* Fixed places in a segment's canonical form. */
enum {
	AT_FLAGS, AT_LEN, AT_HAS, AT_WND, AT_FORGED, AT_SEQ, AT_ACK = AT_SEQ + 2,
	AT_RANGES = AT_ACK + 2, AT_RANGE, AT_DSACK = AT_RANGE + 4,
	AT_TAG = AT_DSACK + 2, AT_SEQ_TAG, AT_ACK_TAG, AT_HELLO_TAG, AT_COOKIE_TAG, AT_END
};

/**
 * ex_canon_packet - a segment in canonical form
 * @packet: gets its canon from its bytes
 */
void ex_canon_packet(struct ex_packet *packet)
{
	struct xtcp_hello hello;
	u8 *canon = packet->canon;
	struct xtcp_pkt pkt = { 0 };
	u64 start, end;
	u32 i;

	BUILD_BUG_ON(AT_END > EX_CANON);
	memset(canon, 0, EX_CANON);
	if (xtcp_parse(packet->bytes, packet->hdr, packet->hdr + packet->len, &pkt))
		return;
	canon[AT_FLAGS] = pkt.flags;
	canon[AT_LEN] = pkt.len;
	canon[AT_HAS] = pkt.has;
	canon[AT_WND] = pkt.wnd;
	canon[AT_FORGED] = packet->forged;
	canon[AT_SEQ] = offset(pkt.seq);
	canon[AT_SEQ + 1] = offset(pkt.seq) >> 8;
	canon[AT_ACK] = offset(pkt.ack);
	canon[AT_ACK + 1] = offset(pkt.ack) >> 8;
	canon[AT_RANGES] = pkt.ranges;
	for (i = 0; i < pkt.ranges && i < 2; i++) {
		xtcp_read_range(&pkt, i, &start, &end);
		canon[AT_RANGE + 2 * i] = start - pkt.ack;
		canon[AT_RANGE + 2 * i + 1] = end - pkt.ack;
	}
	if (pkt.has & XTCP_HAS_DSACK) {
		canon[AT_DSACK] = offset(pkt.dsack);
		canon[AT_DSACK + 1] = pkt.dsack_len;
	}
	canon[AT_TAG] = small(pkt.tag);
	canon[AT_SEQ_TAG] = small(ex_owner(pkt.seq));
	canon[AT_ACK_TAG] = pkt.flags & XTCP_ACK ? small(ex_owner(pkt.ack)) : 0;
	if (pkt.has & XTCP_HAS_HELLO) {
		xtcp_read_hello(&pkt, &hello);
		canon[AT_HELLO_TAG] = small(hello.tag);
	}
	if (pkt.has & XTCP_HAS_COOKIE)
		canon[AT_COOKIE_TAG] = small(xtcp_cookie_tag(pkt.cookie));
}

static void put_packet(struct canon *c, const struct ex_packet *packet)
{
	u32 i;

	memcpy(c->bytes + c->len, packet->canon, AT_TAG);
	c->len += AT_TAG;
	for (i = AT_TAG; i < AT_END; i++)
		put_tag(c, packet->canon[i]);
}

static void put_map(struct canon *c, const struct xtcp_tcb *tcb)
{
	const struct xtcp_seg *seg;
	struct rb_node *node;

	put8(c, tcb->snd.map_count);
	for (node = rb_first(&tcb->snd.map); node; node = rb_next(node)) {
		seg = rb_entry(node, struct xtcp_seg, at);
		put8(c, seg->end - tcb->iss);
		put8(c, seg->flags | (seg->rexmits ? 0x80 : 0));
	}
	list_for_each_entry(seg, &tcb->snd.by_time, sent)
		put8(c, seg->start - tcb->iss);
}

static void put_runs(struct canon *c, const struct xtcp_tcb *tcb)
{
	const struct xtcp_run *run;

	put8(c, tcb->rcv.run_count);
	list_for_each_entry(run, &tcb->rcv.recent, recent) {
		put8(c, run->start - tcb->irs);
		put8(c, run->end - tcb->irs);
	}
}

static void put_tcb(struct canon *c, const struct ex_world *w, const struct xtcp_tcb *tcb)
{
	bool known = ex_synchronized(tcb->state) || tcb->state == XTCP_SYN_RECEIVED;
	u16 armed = 0;
	u32 i;

	put8(c, tcb->state);
	put8(c, tcb->conf | tcb->passive << 1 | tcb->orphan << 2 | tcb->fin_queued << 3 |
		tcb->fin_sent << 4 | tcb->fin_rcvd << 5 | tcb->fin_early << 6 |
		tcb->recovery << 7);
	put8(c, tcb->timed_out | tcb->force << 1 | tcb->syn_owed << 2 | tcb->ack_owed << 3 |
		tcb->ack_held << 4 | tcb->probe_owed << 5 | tcb->keep_owed << 6 |
		tcb->echo_owed << 7);
	put8(c, tcb->ts_owed | tcb->dsack_owed << 1 | tcb->released << 2 |
		(tcb->backoff ? 8 : 0) | (tcb->failures ? 16 : 0) |
		(w->now < tcb->challenge_at ? 32 : 0) | tcb->rack.reordered << 6 |
		(tcb->rack.sent_at ? 128 : 0));
	put8(c, tcb->challenge_owed | tcb->parting << 1 | tcb->crossed << 2 |
		tcb->synack_owed << 3 | tcb->tlp_owed << 4 | tcb->tlp_out << 5 |
		tcb->tlp_again << 6 | tcb->deaf << 7);
	put8(c, tcb->autocorked);
	put8(c, min_t(u32, tcb->cc.cwnd, U8_MAX));
	put8(c, tcb->undo.cwnd ? tcb->undo.bytes + 1 : 0);
	if (tcb->undo.cwnd && tcb->undo.first_at) {
		put8(c, tcb->undo.first - tcb->iss);
		put8(c, tcb->undo.low - tcb->iss);
		put8(c, tcb->undo.high - tcb->iss);
		put8(c, tcb->undo.until - tcb->iss);
		put8(c, tcb->undo.frto);
	}
	put8(c, tcb->spares);
	put8(c, tcb->keep_sent);
	for (i = 0; i < XTCP_TIMERS; i++)
		armed |= (tcb->deadline[i] != XTCP_NEVER) << i;
	put16(c, armed);

	put8(c, tcb->snd.una - tcb->iss);
	put8(c, tcb->snd.nxt - tcb->iss);
	put8(c, tcb->snd.end - tcb->iss);
	put8(c, tcb->snd.edge - tcb->iss);
	put8(c, tcb->snd.max_wnd);
	put8(c, tcb->snd.small - tcb->iss);
	put8(c, tcb->recovery ? tcb->snd.high - tcb->iss : 0);
	put8(c, tcb->tlp_out ? tcb->snd.tlp_end - tcb->iss : 0);
	put8(c, tcb->snd.lost ? tcb->snd.lost_from - tcb->iss : 0);
	put8(c, xtcp_after(tcb->snd.lost_to, tcb->snd.una) ? tcb->snd.lost_to - tcb->iss : 0);
	put8(c, tcb->rack.sent_at ? tcb->rack.end - tcb->iss : 0);
	put8(c, tcb->rack.sent_at ? tcb->rack.fack - tcb->iss : 0);
	put_map(c, tcb);
	if (!known) {
		put8(c, tcb->rcv.edge);
		return;
	}
	put8(c, tcb->rcv.nxt - tcb->irs);
	put8(c, tcb->rcv.edge - tcb->irs);
	put8(c, tcb->rcv.read - tcb->irs);
	put8(c, tcb->fin_early ? tcb->rcv.fin - tcb->irs : 0);
	put8(c, tcb->rcv.full);
	put8(c, tcb->rcv.fulls);
	put8(c, tcb->dsack_owed ? tcb->rcv.dsack - tcb->irs : 0);
	put8(c, tcb->dsack_owed ? tcb->rcv.dsack_len : 0);
	put_runs(c, tcb);
}

static void put_slot(struct canon *c, const struct ex_world *w, const struct ex_slot *slot)
{
	put_tag(c, slot->tcb.tag);
	put_tag(c, slot->tcb.peer_tag);
	put8(c, slot->gone | slot->accepted << 1 | slot->closed << 2 | slot->eof << 3 |
		(slot->err ? 16 : 0));
	put8(c, slot->script);
	put8(c, slot->op);
	put8(c, slot->delivered);
	put8(c, slot->consumed);
	if (!slot->gone)
		put_tcb(c, w, &slot->tcb);
}

static void put_host(struct canon *c, const struct ex_world *w, u8 id)
{
	const struct ex_host *host = &w->host[id];
	const struct ex_slot *slot;
	u32 last = 0, best, i;

	put8(c, host->opened);
	for (;;) {		/* sockets in the order of their tags */
		best = 0;
		for (i = 0; i < EX_SLOTS; i++) {
			slot = &w->slot[id][i];
			if (slot->used && slot->tcb.tag > last &&
			    (!best || slot->tcb.tag < w->slot[id][best - 1].tcb.tag))
				best = i + 1;
		}
		if (!best)
			break;
		put8(c, 's');
		put_slot(c, w, &w->slot[id][best - 1]);
		last = w->slot[id][best - 1].tcb.tag;
	}
	for (i = 0; i < EX_HALVES; i++) {
		const struct xtcp_half *half = &host->half[i].half;

		if (!host->half[i].used)
			continue;
		put8(c, 'h');
		put_tag(c, half->tag);
		put_tag(c, half->peer_tag);
		put8(c, w->door_now > half->expires);
		put8(c, half->reply.len);
	}
	put8(c, 0);
	for (i = 0; i < EX_TOMBS; i++)
		if (host->tomb[i].used && w->door_now <= host->tomb[i].tomb.expires)
			put_tag(c, host->tomb[i].tag);
	put8(c, 't');
	for (i = 0; i < EX_TWS; i++) {
		const struct xtcp_tw *tw = &host->tw[i].tw;

		if (!host->tw[i].used)
			continue;
		put_tag(c, tw->tag);
		put_tag(c, tw->peer_tag);
		put8(c, tw->snd_nxt - ex_iss(tw->tag));
		put8(c, tw->rcv_nxt - ex_iss(tw->peer_tag));
		put8(c, w->door_now >= tw->expires);
	}
}

/* What the properties know of an incarnation, and whether its cookie is still good. */
static void put_history(struct canon *c, const struct ex_world *w)
{
	u64 seen = c->seen;
	u32 i;

	for (i = 0; i < w->tags; i++) {
		const struct ex_tag *tag = &w->tag[i];

		if (!(seen & BIT_ULL(i)))
			continue;
		put8(c, tag->host | tag->active << 1 | tag->met << 2 | tag->opened << 3 |
			tag->shut << 4 | (tag->epoch == w->host[tag->host].epoch) << 5 |
			(w->door_now - tag->born > XTCP_COOKIE_LIFE) << 6 |
			(tag->born <= w->host[tag->host].refuse_born) << 7);
		put8(c, tag->written);
		put8(c, tag->peer <= EX_TAGS && tag->peer && seen & BIT_ULL(tag->peer - 1) ?
			__builtin_popcountll(seen & (BIT_ULL(tag->peer - 1) - 1)) + 1 : 0);
	}
}

static u64 load(const u8 *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* 64 bits of a byte string; its tail is zeros. Two multiplications a word mix well enough. */
static u64 hash(struct canon *c)
{
	u64 h = 0x9e3779b97f4a7c15ULL ^ c->len;
	u32 i;

	memset(c->bytes + c->len, 0, 8);
	for (i = 0; i < c->len; i += 8) {
		h ^= load(c->bytes + i) * 0xff51afd7ed558ccdULL;
		h = (h << 29 | h >> 35) * 0xc4ceb9fe1a85ec53ULL;
	}
	h ^= h >> 32;
	h *= 0xff51afd7ed558ccdULL;
	return h ^ h >> 29;
}

/**
 * ex_fingerprint - 64 bits that tell a state from others
 * @w: the world
 *
 * Return: the hash of the canonical form.
 */
u64 ex_fingerprint(const struct ex_world *w)
{
	static struct canon c;
	u32 i, k;

	c.len = 0;
	c.tags = 0;
	c.seen = 0;
	for (i = 0; i < EX_FAULT_MAX; i++)
		put8(&c, w->left[i]);
	put8(&c, w->faults);
	put8(&c, w->clean | w->kept << 1 | w->kept_from << 2 | w->deaf << 3);
	if (w->kept)
		put_packet(&c, &w->stale);
	for (i = 0; i < EX_HOSTS; i++) {
		put8(&c, w->queued[i]);
		for (k = 0; k < w->queued[i]; k++)
			put_packet(&c, &w->net[i][k]);
		put_host(&c, w, i);
	}
	for (i = 0; i < c.tags; i++) {
		u8 *at = &c.bytes[c.tag_at[i]];

		*at = __builtin_popcountll(c.seen & (BIT_ULL(*at - 1) - 1)) + 1;
	}
	put_history(&c, w);
	return hash(&c);
}
