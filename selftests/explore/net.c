// SPDX-License-Identifier: GPL-2.0
/*
 * Segments in flight: one queue for each direction, in the order of sending.
 * Overtaking, loss and the rest are steps of their own (world.c); here is what
 * they do to a segment.
 */
#include "explore.h"

#define NOBODY		0x666	/* a tag that nobody has */

/**
 * ex_queue - a segment is in flight
 * @w: the world
 * @from: its sender
 * @packet: copied; ready for the receiver
 *
 * A full queue is the model's end, not the network's: the step does not count.
 */
void ex_queue(struct ex_world *w, u8 from, const struct ex_packet *packet)
{
	if (w->queued[from] == EX_QUEUE) {
		w->full = true;
		return;
	}
	w->net[from][w->queued[from]++] = *packet;
}

/**
 * ex_take - a segment leaves the network
 * @w: the world
 * @from: its sender
 * @at: place in the queue
 * @packet: gets it
 */
void ex_take(struct ex_world *w, u8 from, u8 at, struct ex_packet *packet)
{
	struct ex_packet *queue = w->net[from];

	*packet = queue[at];
	w->queued[from]--;
	memmove(&queue[at], &queue[at + 1], (w->queued[from] - at) * sizeof(*queue));
}

/**
 * ex_transmit - a host sends
 * @w: the world
 * @from: who
 * @bytes: header and payload
 * @hdr: header length
 * @len: payload length
 *
 * Return: 0, or -ENOBUFS if this step denies it.
 */
int ex_transmit(struct ex_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len)
{
	struct ex_packet packet = { .hdr = hdr, .len = len };

	w->asked |= BIT(EX_XMIT - EX_SPARE);
	if (w->deny & BIT(EX_XMIT - EX_SPARE)) {
		ex_trace_packet(w, from, bytes, hdr, len, "fails");
		return -ENOBUFS;
	}
	if (hdr + len > EX_BYTES) {
		ex_fail(w, "a segment is longer than the model has room for");
		return -ENOBUFS;
	}
	memcpy(packet.bytes, bytes, hdr + len);
	ex_canon_packet(&packet);
	ex_trace_packet(w, from, bytes, hdr, len, "");
	w->sent++;
	ex_queue(w, from, &packet);
	return 0;
}

static bool bare(struct ex_packet *packet, u8 flags)
{
	packet->hdr = XTCP_HDR_LEN;
	packet->len = 0;
	packet->bytes[28] = XTCP_VERSION << 6 | XTCP_HDR_LEN / 8;
	packet->bytes[29] = flags;
	return true;
}

/* A SYN of somebody who has our end point's address, with a tag never given to anybody. */
static bool foreign_syn(struct ex_world *w, u8 from, struct ex_packet *packet)
{
	const u16 sport = xtcp_get16(packet->bytes), dport = xtcp_get16(packet->bytes + 2);
	const u32 tag = ex_new_tag(w, from);
	const struct xtcp_head h = {
		.seq = ex_iss(tag), .tag = tag, .wnd = w->sc->rcvbuf,
		.sport = sport, .dport = dport, .flags = XTCP_SYN,
	};
	const struct xtcp_hello hello = { .mss = 1400, .tag = tag };
	u8 *p = xtcp_put_hello(packet->bytes + XTCP_HDR_LEN, &hello);

	p = xtcp_put_cookie(p, NULL);
	packet->hdr = p - packet->bytes;
	packet->len = 0;
	xtcp_put_header(packet->bytes, &h, packet->hdr);
	return true;
}

/* The SYN|ACK of the incarnation that a segment comes from. */
static bool synack(struct ex_packet *packet, const struct xtcp_pkt *pkt, enum ex_forgery how)
{
	const u32 tag = ex_owner(pkt->seq);
	const struct xtcp_head h = {
		.seq = ex_iss(tag) + (how == EX_FORGE_SYNACK_SEQ), .ack = pkt->ack,
		.tag = pkt->tag, .wnd = pkt->wnd, .sport = pkt->sport, .dport = pkt->dport,
		.flags = XTCP_SYN | XTCP_ACK,
	};
	const struct xtcp_hello hello = {
		.mss = 1400, .tag = how == EX_FORGE_SYNACK_TAG ? NOBODY : tag,
	};

	u8 *p;

	if (pkt->flags & (XTCP_SYN | XTCP_RST))
		return false;
	packet->len = 0;
	p = xtcp_put_cookie(xtcp_put_hello(packet->bytes + XTCP_HDR_LEN, &hello), NULL);
	packet->hdr = p - packet->bytes;
	xtcp_put_header(packet->bytes, &h, packet->hdr);
	return true;
}

/**
 * ex_forge - what an attacker makes of a segment
 * @w: the world
 * @from: sender of the segment
 * @how: what is changed
 * @packet: the segment, changed in place
 *
 * Return: false if that makes no sense for this segment.
 */
bool ex_forge(struct ex_world *w, u8 from, enum ex_forgery how, struct ex_packet *packet)
{
	struct xtcp_pkt pkt = { 0 };
	u8 *bytes = packet->bytes;
	bool cookie, syn, rst;

	if (xtcp_parse(bytes, packet->hdr, packet->hdr + packet->len, &pkt))
		return false;
	syn = (pkt.flags & (XTCP_SYN | XTCP_ACK)) == XTCP_SYN;
	rst = pkt.flags & XTCP_RST;
	cookie = pkt.has & XTCP_HAS_COOKIE && !(pkt.flags & XTCP_SYN);
	switch (how) {
	case EX_FORGE_MAC:
	case EX_FORGE_BODY:
		if (!cookie)
			return false;
		bytes[pkt.cookie - bytes + (how == EX_FORGE_MAC ? 63 : 24)] ^= 1;
		packet->forged = true;
		w->clean = false;	/* who sees tag and numbers can reset a connection */
		break;
	case EX_FORGE_ACK:
		if (syn || rst)
			return false;
		xtcp_put64(bytes + 16, pkt.ack + 100);
		if (pkt.flags & XTCP_SYN)
			w->clean = false;	/* O7 */
		break;
	case EX_FORGE_SEQ:
		if (syn || rst)
			return false;
		xtcp_put64(bytes + 8, pkt.seq + 1000);
		if (pkt.flags & XTCP_SYN)
			bare(packet, XTCP_ACK);
		break;
	case EX_FORGE_TAG:
		if (syn)
			return false;
		xtcp_put32(bytes + 4, NOBODY);
		break;
	case EX_FORGE_RST:
		if (syn || rst)
			return false;
		xtcp_put64(bytes + 8, pkt.seq - 100);
		bare(packet, XTCP_RST);
		break;
	case EX_FORGE_RST_TAG:
		if (syn || rst || pkt.flags & XTCP_SYN)
			return false;
		xtcp_put32(bytes + 4, NOBODY);
		bare(packet, XTCP_RST);
		break;
	case EX_FORGE_SYN_SEQ:
		if (!syn)
			return false;
		xtcp_put64(bytes + 8, pkt.seq + 100);
		w->clean = false;	/* who sees the tag can have the connection refused */
		break;
	case EX_FORGE_SYN:
	case EX_FORGE_SHORT_SYN:
		if (!syn || how == EX_FORGE_SYN)
			foreign_syn(w, from, packet);
		if (how == EX_FORGE_SYN)
			break;
		packet->hdr = XTCP_HDR_LEN + XTCP_HELLO_LEN;
		bytes[28] = XTCP_VERSION << 6 | packet->hdr / 8;
		break;
	case EX_FORGE_BARE:
		if (!cookie || packet->len)
			return false;
		bare(packet, XTCP_ACK);
		w->clean = false;
		break;
	case EX_FORGE_SYNACK:
	case EX_FORGE_SYNACK_SEQ:
	case EX_FORGE_SYNACK_TAG:
		if (!synack(packet, &pkt, how))
			return false;
		w->clean = false;
		break;
	default:
		return false;
	}
	ex_canon_packet(packet);
	return true;
}
