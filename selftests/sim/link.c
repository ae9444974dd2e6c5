// SPDX-License-Identifier: GPL-2.0
/*
 * The path between the two: a super-packet is cut into wire packets as GSO
 * would, each of which may be lost, marked, doubled or late; what arrives
 * together may be merged again as GRO would.
 */
#include <stdlib.h>

#include "sim.h"

#define RUN_ENDS	(100 * XTCP_MS)	/* FATE_RUN_NS */

static bool earlier(const struct sim_packet *a, const struct sim_packet *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap_packets(struct sim_packet **a, struct sim_packet **b)
{
	struct sim_packet *packet = *a;

	*a = *b;
	*b = packet;
}

static void push(struct sim_world *w, struct sim_packet *packet)
{
	u32 i = w->packets;

	if (w->packets == w->heap_size) {
		w->heap_size = w->heap_size ? 2 * w->heap_size : 64;
		w->heap = realloc(w->heap, w->heap_size * sizeof(w->heap[0]));
		if (!w->heap)
			abort();
	}
	w->heap[w->packets++] = packet;
	for (; i && earlier(w->heap[i], w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap_packets(&w->heap[i], &w->heap[(i - 1) / 2]);
}

/**
 * sim_next_arrival - look at the packet that arrives first
 * @w: the world
 *
 * Return: the packet, or NULL if nothing is on the path.
 */
const struct sim_packet *sim_next_arrival(const struct sim_world *w)
{
	return w->packets ? w->heap[0] : NULL;
}

/**
 * sim_arrival - take the packet that arrives first off the path
 * @w: the world; something is on the path
 *
 * Return: the packet, the caller's now.
 */
struct sim_packet *sim_arrival(struct sim_world *w)
{
	struct sim_packet *packet = w->heap[0];
	u32 i = 0, child;

	w->heap[0] = w->heap[--w->packets];
	for (;;) {
		child = 2 * i + 1;
		if (child >= w->packets)
			return packet;
		if (child + 1 < w->packets && earlier(w->heap[child + 1], w->heap[child]))
			child++;
		if (!earlier(w->heap[child], w->heap[i]))
			return packet;
		swap_packets(&w->heap[child], &w->heap[i]);
		i = child;
	}
}

static struct sim_packet *new_packet(struct sim_world *w, u32 size)
{
	struct sim_packet *packet = calloc(1, sizeof(*packet) + size);

	if (!packet)
		abort();
	w->buffers++;
	return packet;
}

/**
 * sim_free_packet - give a packet back
 * @w: the world
 * @packet: nobody else has it
 */
void sim_free_packet(struct sim_world *w, struct sim_packet *packet)
{
	w->buffers--;
	free(packet);
}

/* A chance of so many in 2^32; none costs no number. */
static bool happens(struct sim_world *w, u32 chance)
{
	return chance && (u32)host_random(&w->rand) < chance;
}

/* As selftests/path/fate.bpf.c: runs of losses, that a pause ends. */
static bool in_run(struct sim_world *w, u8 from)
{
	if (!w->p.fail)
		return false;
	if (w->now - w->came_at[from] > RUN_ENDS)
		w->bad[from] = false;
	w->came_at[from] = w->now;
	w->bad[from] = w->bad[from] ? !happens(w, w->p.recover) : happens(w, w->p.fail);
	return w->bad[from];
}

/* What arrives between two bunches comes with the second. */
static u64 bunched(struct sim_world *w, u8 from, u64 at)
{
	if (!w->p.bunch)
		return at;
	if (at < w->bunch_at[from])
		return w->bunch_at[from];
	w->bunch_at[from] = at + host_below(&w->rand, w->p.bunch);
	return at;
}

/*
 * When a packet of so many bytes arrives, perhaps marked; 0: the bottleneck's queue is full.
 * As in selftests/path/rig.sh it is the last on the way, and what comes in bunches waits there.
 */
static u64 arrival(struct sim_world *w, u8 from, u32 bytes, bool *marked)
{
	const struct sim_profile *p = &w->p;
	u64 rate = from == SIM_SERVER && p->back ? p->back : p->rate;
	u64 at = bunched(w, from, w->now + p->delay), waiting;

	if (rate) {
		waiting = w->free_at[from] > at ? w->free_at[from] - at : 0;
		at += waiting;
		waiting = waiting * rate / XTCP_SEC;
		w->waited[from] += waiting;
		w->passed[from]++;
		if (waiting && waiting + bytes > p->queue)
			return 0;
		*marked = p->mark && waiting > p->mark;
		at += bytes * XTCP_SEC / rate;
		w->free_at[from] = at;
	}
	if (happens(w, p->late))
		at += p->late_by;
	if (host_chance(&w->rand, p->reorder))
		at += host_below(&w->rand, 4 * p->delay + 1);
	if (p->jitter)
		at += host_below(&w->rand, p->jitter);
	return at;
}

static void send_copy(struct sim_world *w, const struct sim_packet *packet, u64 at)
{
	struct sim_packet *copy = new_packet(w, packet->total);

	memcpy(copy->bytes, packet->bytes, packet->total);
	copy->to = packet->to;
	copy->wire = packet->wire;
	copy->mss = packet->mss;
	copy->ce = packet->ce;
	copy->hdr = packet->hdr;
	copy->total = packet->total;
	copy->at = at;
	copy->order = w->order++;
	push(w, copy);
}

/* The router in front of the narrow part: drops what is too big, and mostly says so. */
static bool too_big(struct sim_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len)
{
	struct sim_packet *icmp;

	if (hdr - XTCP_HDR_LEN + len <= w->p.link_mss)
		return false;
	if (w->p.hole)
		return true;
	icmp = new_packet(w, 0);
	icmp->to = from;
	icmp->icmp = true;
	icmp->mss = w->p.link_mss;
	icmp->seq = xtcp_get64(bytes + 8);
	icmp->at = w->now + w->p.delay;
	icmp->order = w->order++;
	push(w, icmp);
	return true;
}

/* Wire packets that arrived together and follow each other: one super-packet. */
struct batch {
	struct sim_packet *packet;
	u64 at;
};

static void flush(struct sim_world *w, struct batch *batch)
{
	if (!batch->packet)
		return;
	send_copy(w, batch->packet, batch->at);
	if (happens(w, w->p.twice))
		send_copy(w, batch->packet, batch->at);
	if (host_chance(&w->rand, w->p.dup))
		send_copy(w, batch->packet,
			  batch->at + host_below(&w->rand, 20 * w->p.delay + XTCP_MS));
	sim_free_packet(w, batch->packet);
	batch->packet = NULL;
}

static void wire_packet(struct sim_world *w, struct batch *batch, u8 from, const u8 *bytes,
			u32 hdr, u32 len, bool merge)
{
	bool marked = false;
	u64 at;

	if (in_run(w, from) || host_chance(&w->rand, w->p.side[from].loss)) {
		sim_trace_packet(w, from, bytes, hdr, len, "lost");
		flush(w, batch);
		return;
	}
	if (too_big(w, from, bytes, hdr, len)) {
		sim_trace_packet(w, from, bytes, hdr, len, "too big");
		flush(w, batch);
		return;
	}
	at = arrival(w, from, hdr + len, &marked);
	if (!at) {
		sim_trace_packet(w, from, bytes, hdr, len, "no room");
		flush(w, batch);
		return;
	}
	sim_trace_packet(w, from, bytes, hdr, len, "");
	if (!merge || !batch->packet || batch->packet->total + len > 65535) {
		flush(w, batch);
		batch->packet = new_packet(w, 65536 + XTCP_HDR_MAX);
		batch->packet->to = !from;
		batch->packet->hdr = hdr;
		batch->packet->total = hdr;
		batch->packet->mss = len;
		memcpy(batch->packet->bytes, bytes, hdr);
	}
	/* FIN and PSH of the last count for all; nothing else differs but SEQ. */
	batch->packet->bytes[29] |= bytes[29];
	memcpy(batch->packet->bytes + batch->packet->total, bytes + hdr, len);
	batch->packet->total += len;
	batch->packet->wire++;
	batch->packet->ce += marked || host_chance(&w->rand, w->p.ce);
	batch->at = at;
}

/**
 * sim_transmit - send a segment or super-packet
 * @w: the world
 * @from: who sends it
 * @bytes: header with options, and payload
 * @hdr: length of the header, bytes
 * @len: length of the payload, bytes
 * @mss: payload bytes in a wire packet at most; ignored without payload
 *
 * Return: 0, or -ENOBUFS: nothing was sent.
 */
int sim_transmit(struct sim_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len, u16 mss)
{
	bool merge = host_chance(&w->rand, w->p.merge);
	struct batch batch = { NULL, 0 };
	u8 wire[XTCP_HDR_MAX + 65536];
	u32 at, part;

	if (host_chance(&w->rand, w->p.send_fail)) {
		sim_trace_packet(w, from, bytes, hdr, len, "refused");
		return -ENOBUFS;
	}
	for (at = 0; !at || at < len; at += part) {
		part = min_t(u32, len - at, mss);
		memcpy(wire, bytes, hdr);
		memcpy(wire + hdr, bytes + hdr + at, part);
		xtcp_put64(wire + 8, xtcp_get64(bytes + 8) + at);
		if (at + part < len)
			wire[29] &= ~(XTCP_FIN | XTCP_PSH);
		wire_packet(w, &batch, from, wire, hdr, part, merge);
		if (!part)
			break;
	}
	flush(w, &batch);
	return 0;
}
