// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the door. Any bytes are a segment for xtcp_parse(); what it
 * lets in goes to xtcp_demux() with whatever the look-ups may have found, and
 * the verdict is carried out. An input is two bytes that choose what was found
 * (scene and state of a live TCB), then the segment.
 *
 * Beyond what the sanitizers see: lengths and pointers of a parsed segment stay
 * inside it, nothing answered is longer than what it answers (O2), no RST is
 * answered (R3), whatever is sent can be parsed.
 */
#include <stdlib.h>

#include <xtcp/door.h>

#include "scene.h"

#define NOW	(1000 * XTCP_SEC)
#define CHECK(c)	do { if (!(c)) __builtin_trap(); } while (0)

static const struct xtcp_addrs addrs = { .local = { 1 }, .remote = { 2 } };
static const struct xtcp_keys keys = { .key = { { 1, 2 }, { 3, 4 } }, .epoch = ~0ULL, .serial = 7 };

/* A received buffer, as xtcp_chain() wants it. */
struct buffer {
	void *next;
};

static bool inside(const u8 *p, u32 len, const u8 *head, u32 hdr)
{
	return p >= head + XTCP_HDR_LEN && p + len <= head + hdr;
}

static void check_parsed(const struct xtcp_pkt *pkt, const u8 *head, u32 total)
{
	struct xtcp_hello hello;
	u64 start, end;
	u32 hdr = 8 * pkt->hdr;
	unsigned int i;

	CHECK(hdr >= XTCP_HDR_LEN && hdr <= XTCP_HDR_MAX && hdr + pkt->len == total);
	CHECK(pkt->tag && pkt->wnd <= XTCP_WINDOW_MAX && pkt->wire);
	CHECK(pkt->flags & (XTCP_SYN | XTCP_ACK | XTCP_RST));
	CHECK(!(pkt->flags & XTCP_SYN) || pkt->has & XTCP_HAS_HELLO);
	CHECK(!(pkt->flags & XTCP_URG) == !(pkt->has & XTCP_HAS_URG));
	CHECK(!pkt->hello == !(pkt->has & XTCP_HAS_HELLO));
	CHECK(!pkt->cookie == !(pkt->has & XTCP_HAS_COOKIE));
	if (pkt->hello) {
		CHECK(inside(pkt->hello, XTCP_HELLO_LEN - 2, head, hdr));
		xtcp_read_hello(pkt, &hello);
		CHECK(hello.tag);
	}
	if (pkt->cookie)
		CHECK(inside(pkt->cookie, XTCP_COOKIE_LEN, head, hdr));
	if (pkt->ranges)
		CHECK(inside(pkt->ackinfo, 8 * pkt->ranges, head, hdr));
	for (i = 0; i < pkt->ranges; i++)
		xtcp_read_range(pkt, i, &start, &end);
}

static void check_reply(const struct xtcp_pkt *pkt, const struct xtcp_reply *reply)
{
	u8 head[XTCP_HDR_LEN + XTCP_REPLY_OPTIONS];
	struct xtcp_pkt parsed;
	u32 len = xtcp_build_reply(reply, pkt->dport, pkt->sport, head);

	CHECK(!(pkt->flags & XTCP_RST));
	CHECK(len <= 8U * pkt->hdr);
	CHECK(!xtcp_parse(head, len, len, &parsed));
	CHECK(parsed.sport == pkt->dport && parsed.dport == pkt->sport);
}

/* Nobody guesses a MAC: put a good one under what the segment's cookie says. */
static void sign_cookie(const struct xtcp_pkt *pkt, u8 scene)
{
	const struct xtcp_ends ends = {
		.addrs = &addrs, .lport = pkt->dport, .rport = pkt->sport,
	};
	struct xtcp_cookie cookie;

	xtcp_cookie_read(&keys, pkt->cookie, &cookie);
	cookie.born = NOW;
	cookie.tag = pkt->tag;
	cookie.iss = pkt->ack - 1;
	if (!(scene & SCENE_OFF))
		cookie.irs = pkt->seq - 1;
	xtcp_cookie_issue(&keys, &ends, &cookie, (u8 *)pkt->cookie);
}

/* O3: the child takes the segment that made it, and once more as a duplicate. */
static void open_child(struct xtcp_pkt *pkt)
{
	struct buffer buffer[2] = { { NULL } };
	struct xtcp_tcb tcb;
	union xtcp_node *node;
	unsigned int i;

	xtcp_init(&tcb, &xtcp_cc_reno, NULL, 1448, 1 << 20);
	xtcp_child(&tcb, &keys, pkt, NOW);
	CHECK(tcb.state == XTCP_ESTABLISHED && tcb.mss >= XTCP_MSS_MIN);
	for (i = 0; i < ARRAY_SIZE(buffer); i++) {
		pkt->buf = &buffer[i];
		xtcp_input(&tcb, pkt, NOW + i);
	}
	xtcp_release(&tcb);
	for (node = tcb.done; node; node = node->next)
		CHECK(node >= tcb.own && node < tcb.own + ARRAY_SIZE(tcb.own));
}

static void carry_out(enum xtcp_verdict verdict, struct xtcp_pkt *pkt,
		      const struct xtcp_found *found, const struct xtcp_reply *reply)
{
	struct xtcp_half half;

	switch (verdict) {
	case XTCP_VERDICT_DROP:
		CHECK(pkt->drop > XTCP_DROP_NONE && pkt->drop < XTCP_DROP_MAX);
		break;
	case XTCP_VERDICT_TO_TCB:
		CHECK(found->live);
		break;
	case XTCP_VERDICT_RESET:
		CHECK(pkt->drop && reply->flags & XTCP_RST);
		check_reply(pkt, reply);
		break;
	case XTCP_VERDICT_KEEP:
	case XTCP_VERDICT_KEEP_OR_DROP:
		CHECK(found->door && found->door->room);
		xtcp_keep(&half, pkt, reply, NOW);
		CHECK(half.tag == found->tag && half.peer_tag == pkt->tag);
		check_reply(pkt, reply);
		break;
	case XTCP_VERDICT_RESTART:
		CHECK(found->tw && pkt->flags & XTCP_FIN);
		check_reply(pkt, reply);
		break;
	case XTCP_VERDICT_ANSWER:
		check_reply(pkt, reply);
		break;
	case XTCP_VERDICT_FORGET:
		CHECK(found->half && pkt->flags & XTCP_RST);
		break;
	case XTCP_VERDICT_CHILD:
		CHECK(found->door && found->door->room && !found->tomb && pkt->cookie);
		open_child(pkt);
		break;
	}
}

static void receive(u8 scene, u8 live, const u8 *head, u32 total)
{
	struct xtcp_door door = {
		.keys = &keys, .mss = 1448, .wnd = 65536, .room = !(scene & SCENE_FULL),
	};
	struct xtcp_half half = { .expires = NOW + XTCP_COOKIE_LIFE, .tag = 5 };
	struct xtcp_found found = {
		.addrs = &addrs, .live = live % XTCP_STATES, .iss = 99, .tag = 5,
		.tomb = scene & SCENE_TOMB,
	};
	struct xtcp_tw tw = { .expires = NOW + XTCP_MSL, .peer_tag = 6 };
	struct xtcp_reply reply;
	struct xtcp_pkt pkt;
	int drop = xtcp_parse(head, total, total, &pkt);

	if (drop == XTCP_DROP_CRITICAL && xtcp_refuse(&pkt, &reply))
		check_reply(&pkt, &reply);
	if (drop) {
		CHECK(drop > XTCP_DROP_NONE && drop < XTCP_DROP_MAX);
		return;
	}
	check_parsed(&pkt, head, total);
	if (scene & SCENE_SIGNED && pkt.cookie)
		sign_cookie(&pkt, scene);

	if (scene & SCENE_DOOR)
		found.door = &door;
	if (scene & SCENE_HALF) {
		half.irs = pkt.seq - (scene & SCENE_OFF);
		half.peer_tag = pkt.tag;
		half.reply.tag = pkt.tag;
		half.reply.flags = XTCP_SYN | XTCP_ACK;
		half.reply.wnd = 65536;
		half.reply.len = xtcp_put_hello(half.reply.options,
						&(struct xtcp_hello){ .tag = 5 }) -
				 half.reply.options;
		found.half = &half;
	}
	if (scene & SCENE_TW) {
		tw.tag = pkt.tag;
		tw.snd_nxt = pkt.ack;
		tw.rcv_nxt = pkt.seq + pkt.len + !(scene & SCENE_OFF);
		found.tw = &tw;
	}
	carry_out(xtcp_demux(&pkt, &found, NOW, &reply), &pkt, &found, &reply);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *copy;

	if (size < SCENE_BYTES)
		return 0;
	/* Of exactly its size, so that a byte too far is seen. */
	copy = malloc(size - SCENE_BYTES + !(size - SCENE_BYTES));
	CHECK(copy);
	memcpy(copy, data + SCENE_BYTES, size - SCENE_BYTES);
	receive(data[0], data[1], copy, size - SCENE_BYTES);
	free(copy);
	return 0;
}
