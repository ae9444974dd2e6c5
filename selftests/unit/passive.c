// SPDX-License-Identifier: GPL-2.0
/*
 * Segments without a TCB: the passive side of the handshake. Every packet is
 * built as bytes and parsed, as it would come from the wire.
 */
#include <kselftest_harness.h>

#include <xtcp/door.h>

#include "host.h"
#include "wire_vectors.h"

#define NOW		(500 * XTCP_SEC)
#define CLIENT_TAG	0x0a0b0c0dU
#define SERVER_TAG	0x51525354U
#define IRS		0xfffffffffffffff8ULL	/* wraps within the window */
#define ISS		2000ULL
#define WND		65536U
#define SYN_OPTIONS	(XTCP_HELLO_LEN + XTCP_COOKIE_LEN + XTCP_TS_LEN)

FIXTURE(passive) {
	struct xtcp_addrs addrs;
	struct xtcp_keys keys;
	struct xtcp_door door;
	struct xtcp_found found;
	struct xtcp_reply reply;
	struct xtcp_half half;
	struct xtcp_tw tw;
	struct xtcp_tcb tcb;
	struct xtcp_pkt pkt, answer;
	u8 in[XTCP_HDR_MAX], out[XTCP_HDR_LEN + XTCP_REPLY_OPTIONS];
	u8 cookie[XTCP_COOKIE_LEN];
	u64 now;
};

FIXTURE_SETUP(passive)
{
	memset(self, 0, sizeof(*self));
	self->now = NOW;
	self->addrs.local[15] = 1;
	self->addrs.remote[15] = 2;
	self->keys.key[0][0] = 1;
	self->keys.key[1][0] = 2;
	self->keys.epoch = 0x8877665544332211ULL;
	self->door.keys = &self->keys;
	self->door.mss = 1448;
	self->door.wnd = WND;
	self->door.user_timeout = 900000;
	self->door.features = XTCP_FEATURE_ECN;
	self->door.room = true;
	self->found.addrs = &self->addrs;
	self->found.door = &self->door;
	self->found.iss = ISS;
	self->found.tag = SERVER_TAG;
	memset(&self->reply, 0xa5, sizeof(self->reply));
}

FIXTURE_TEARDOWN(passive)
{
}

/* Parse what is in self->in; bytes of payload follow that nobody looks at. */
static int take(struct _test_data_passive *self, u32 hdr, u32 len)
{
	return xtcp_parse(self->in, hdr, hdr + len, &self->pkt);
}

static enum xtcp_verdict demux(struct _test_data_passive *self)
{
	return xtcp_demux(&self->pkt, &self->found, self->now, &self->reply);
}

/* A SYN whose header has room for this many bytes of options. */
static enum xtcp_verdict syn_of(struct _test_data_passive *self, u32 tag, u64 seq, u32 room,
				u32 len)
{
	const struct xtcp_head h = {
		.sport = 40000, .dport = 80, .tag = tag, .seq = seq, .wnd = 65536,
		.flags = XTCP_SYN,
	};
	const struct xtcp_hello hello = { .mss = 1400, .tag = tag, .features = ~0U,
					  .user_timeout = 3000 };
	u8 *p = self->in + XTCP_HDR_LEN;

	memset(self->in, 0, sizeof(self->in));
	p = xtcp_put_hello(p, &hello);
	room -= XTCP_HELLO_LEN;
	if (room >= XTCP_COOKIE_LEN) {
		p = xtcp_put_cookie(p, NULL);
		room -= XTCP_COOKIE_LEN;
	}
	if (room >= XTCP_TS_LEN) {
		p = xtcp_put_ts(p, 0x11223344);
		room -= XTCP_TS_LEN;
	}
	for (; room; room -= 8, p += 8) {
		p[0] = 99;	/* unknown: skipped */
		p[1] = 1;
	}
	xtcp_put_header(self->in, &h, p - self->in);
	if (take(self, p - self->in, len))
		return -1;
	return demux(self);
}

static enum xtcp_verdict syn(struct _test_data_passive *self)
{
	return syn_of(self, CLIENT_TAG, IRS, SYN_OPTIONS, 0);
}

/* The client's side: parse the answer, keep its cookie. */
static int answered(struct _test_data_passive *self)
{
	u32 len = xtcp_build_reply(&self->reply, self->pkt.dport, self->pkt.sport, self->out);
	int drop = xtcp_parse(self->out, len, len, &self->answer);

	if (!drop && self->answer.has & XTCP_HAS_COOKIE)
		memcpy(self->cookie, self->answer.cookie, XTCP_COOKIE_LEN);
	return drop;
}

/* LISTEN gets a SYN, the client the SYN|ACK; the server remembers nothing of it. */
static bool handshake(struct _test_data_passive *self)
{
	return syn(self) == XTCP_VERDICT_KEEP && !answered(self);
}

static void remember(struct _test_data_passive *self)
{
	xtcp_keep(&self->half, &self->pkt, &self->reply, self->now);
	self->found.half = &self->half;
}

static enum xtcp_verdict segment(struct _test_data_passive *self, u8 flags, u32 tag, u64 seq,
				 u64 ack, u32 len, const u8 *cookie)
{
	const struct xtcp_head h = {
		.sport = 40000, .dport = 80, .tag = tag, .seq = seq, .ack = ack, .wnd = 30000,
		.flags = flags,
	};
	u8 *p = self->in + XTCP_HDR_LEN;

	if (flags & XTCP_SYN) {
		const struct xtcp_hello hello = { .mss = 1400, .tag = 77 };

		p = xtcp_put_hello(p, &hello);
	}
	if (cookie)
		p = xtcp_put_cookie(p, cookie);
	xtcp_put_header(self->in, &h, p - self->in);
	if (take(self, p - self->in, len))
		return -1;
	return demux(self);
}

/* The third message. */
static enum xtcp_verdict echo(struct _test_data_passive *self, u64 seq, u64 ack)
{
	return segment(self, XTCP_ACK, SERVER_TAG, seq, ack, 0, self->cookie);
}

#define SYN()			syn(self)
#define SYN_OF(...)		syn_of(self, __VA_ARGS__)
#define ECHO(seq, ack)		echo(self, seq, ack)
#define SEGMENT(...)		segment(self, __VA_ARGS__)

TEST_F(passive, M2_syn_for_syn_sent_goes_to_the_tcb)
{
	self->found.live = XTCP_SYN_SENT;
	EXPECT_EQ(XTCP_VERDICT_TO_TCB, SYN());
}

/* Whatever a listener that is no more has left there. */
TEST_F(passive, M2_O6_syn_for_an_opening_tcb_passes_the_half_open_entry)
{
	ASSERT_TRUE(handshake(self));
	remember(self);
	self->found.live = XTCP_SYN_SENT;
	EXPECT_EQ(XTCP_VERDICT_TO_TCB, SYN());
	self->found.live = XTCP_SYN_RECEIVED;
	EXPECT_EQ(XTCP_VERDICT_TO_TCB, SYN());
}

TEST_F(passive, M2_syn_for_a_live_tcb_goes_there)
{
	static const u8 states[] = {
		XTCP_SYN_RECEIVED, XTCP_ESTABLISHED, XTCP_FIN_WAIT_1, XTCP_FIN_WAIT_2,
		XTCP_CLOSE_WAIT,
	};
	unsigned int i;

	for (i = 0; i < sizeof(states); i++) {
		self->found.live = states[i];
		EXPECT_EQ(XTCP_VERDICT_TO_TCB, SYN());
	}
}

TEST_F(passive, M2_syn_passes_a_closing_tcb)
{
	self->found.live = XTCP_CLOSING;
	EXPECT_EQ(XTCP_VERDICT_KEEP, SYN());
	self->found.live = XTCP_LAST_ACK;
	EXPECT_EQ(XTCP_VERDICT_KEEP, SYN());
}

TEST_F(passive, M2_repeated_syn_gets_the_same_bytes)
{
	u8 first[sizeof(self->out)];

	ASSERT_TRUE(handshake(self));
	remember(self);
	memcpy(first, self->out, sizeof(first));
	self->now += 3 * XTCP_SEC;
	self->found.iss = 1;
	self->found.tag = 2;
	ASSERT_EQ(XTCP_VERDICT_ANSWER, SYN());
	ASSERT_EQ(0, answered(self));
	EXPECT_EQ(0, memcmp(first, self->out, sizeof(first)));
}

TEST_F(passive, M2_half_open_entry_never_blocks)
{
	ASSERT_TRUE(handshake(self));
	remember(self);
	/* another SEQ; with another tag the look-up finds no entry */
	EXPECT_EQ(XTCP_VERDICT_KEEP, SYN_OF(CLIENT_TAG, IRS + 1, SYN_OPTIONS, 0));
	/* nor does it make us answer what does not pay */
	EXPECT_EQ(XTCP_VERDICT_DROP, SYN_OF(CLIENT_TAG, IRS, XTCP_HELLO_LEN, 0));
	EXPECT_EQ(XTCP_DROP_AMPLIFY, self->pkt.drop);
	/* nor does it outlive its cookie or its listener */
	self->now += XTCP_COOKIE_LIFE;
	EXPECT_EQ(XTCP_VERDICT_ANSWER, SYN());
	self->now++;
	EXPECT_EQ(XTCP_VERDICT_KEEP, SYN());
	self->now = NOW;
	self->found.door = NULL;
	EXPECT_EQ(XTCP_VERDICT_RESET, SYN());
}

TEST_F(passive, M3_unknown_segment_refused)
{
	EXPECT_EQ(XTCP_VERDICT_RESET, SEGMENT(XTCP_ACK, SERVER_TAG, 1, 2, 3, NULL));
	EXPECT_EQ(XTCP_DROP_NOCONN, self->pkt.drop);
	/* another connection of the 4-tuple has nothing to do with it */
	self->found.live = XTCP_ESTABLISHED;
	EXPECT_EQ(XTCP_VERDICT_RESET, SEGMENT(XTCP_ACK, SERVER_TAG, 1, 2, 3, NULL));
}

TEST_F(passive, M3_cookie_without_listener_refused)
{
	ASSERT_TRUE(handshake(self));
	self->found.door = NULL;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O2_synack)
{
	const struct xtcp_ends ends = { .addrs = &self->addrs, .lport = 80, .rport = 40000 };
	struct xtcp_hello hello;
	struct xtcp_cookie cookie;

	ASSERT_EQ(XTCP_VERDICT_KEEP, SYN());
	ASSERT_EQ(0, answered(self));
	EXPECT_EQ(XTCP_SYN | XTCP_ACK, self->answer.flags);
	EXPECT_EQ(80, self->answer.sport);
	EXPECT_EQ(40000, self->answer.dport);
	EXPECT_EQ(CLIENT_TAG, self->answer.tag);
	EXPECT_EQ(ISS, self->answer.seq);
	EXPECT_EQ(IRS + 1, self->answer.ack);
	EXPECT_EQ(WND, self->answer.wnd);
	EXPECT_EQ(XTCP_HAS_HELLO | XTCP_HAS_COOKIE | XTCP_HAS_TSECHO, self->answer.has);
	EXPECT_EQ(0x11223344U, self->answer.tsecho);
	xtcp_read_hello(&self->answer, &hello);
	EXPECT_EQ(1448, hello.mss);
	EXPECT_EQ(SERVER_TAG, hello.tag);
	EXPECT_EQ(XTCP_FEATURE_ECN, hello.features);
	EXPECT_EQ(900000, hello.user_timeout);
	ASSERT_EQ(0, xtcp_cookie_open(&self->keys, &ends, self->cookie, NOW, &cookie));
	EXPECT_EQ(NOW, cookie.born);
	EXPECT_EQ(ISS, cookie.iss);
	EXPECT_EQ(IRS, cookie.irs);
	EXPECT_EQ(SERVER_TAG, cookie.tag);
	EXPECT_EQ(CLIENT_TAG, cookie.peer_tag);
	EXPECT_EQ(WND, cookie.wnd);
	EXPECT_EQ(XTCP_FEATURE_ECN, cookie.features);
	EXPECT_EQ(3000, cookie.user_timeout);
	EXPECT_EQ(1400, cookie.mss);
}

TEST_F(passive, O2_no_amplification)
{
	enum xtcp_verdict verdict;
	u32 room;

	for (room = XTCP_HELLO_LEN; room <= 63 * 8 - XTCP_HDR_LEN; room += 8) {
		verdict = SYN_OF(CLIENT_TAG, IRS, room, 0);
		if (verdict == XTCP_VERDICT_KEEP) {
			EXPECT_GE(XTCP_HDR_LEN + room,
				  xtcp_build_reply(&self->reply, 80, 40000, self->out));
			continue;
		}
		EXPECT_EQ(XTCP_VERDICT_DROP, verdict);
		EXPECT_EQ(XTCP_DROP_AMPLIFY, self->pkt.drop);
		EXPECT_LT(room, XTCP_HELLO_LEN + XTCP_COOKIE_LEN);
	}
	/* payload pays for nothing: a header that is too short stays so */
	EXPECT_EQ(XTCP_VERDICT_DROP, SYN_OF(CLIENT_TAG, IRS, XTCP_HELLO_LEN, 1000));
}

TEST_F(passive, O2_queue_full)
{
	self->door.room = false;
	EXPECT_EQ(XTCP_VERDICT_DROP, SYN());
	EXPECT_EQ(XTCP_DROP_NOROOM, self->pkt.drop);
}

TEST_F(passive, O2_half_open_entry)
{
	ASSERT_TRUE(handshake(self));
	remember(self);
	EXPECT_EQ(IRS, self->half.irs);
	EXPECT_EQ(CLIENT_TAG, self->half.peer_tag);
	EXPECT_EQ(SERVER_TAG, self->half.tag);
	EXPECT_EQ(NOW + 60 * XTCP_SEC, self->half.expires);
}

/*
 * net.xtcp.syncookies in its three values: what a SYN gets, and whether the
 * third message opens, with the entry and without. It may come late, as T-ECHO
 * repeats it.
 */
static void third_message(struct _test_data_passive *self, enum xtcp_verdict *with,
			  enum xtcp_verdict *without)
{
	remember(self);
	self->now += 30 * XTCP_SEC;
	*with = ECHO(IRS + 1, ISS + 1);
	self->found.half = NULL;
	*without = ECHO(IRS + 1, ISS + 1);
}

TEST_F(passive, O2_O3_syncookies_1_entry_is_a_cache)
{
	enum xtcp_verdict with, without;

	self->door.half = XTCP_HALF_CACHE;
	ASSERT_EQ(XTCP_VERDICT_KEEP, SYN());
	ASSERT_EQ(0, answered(self));
	third_message(self, &with, &without);
	EXPECT_EQ(XTCP_VERDICT_CHILD, with);
	EXPECT_EQ(XTCP_VERDICT_CHILD, without);
}

TEST_F(passive, O2_O3_syncookies_2_cookie_alone)
{
	enum xtcp_verdict with, without;

	self->door.half = XTCP_HALF_NEVER;
	ASSERT_EQ(XTCP_VERDICT_ANSWER, SYN());
	ASSERT_EQ(0, answered(self));
	third_message(self, &with, &without);
	EXPECT_EQ(XTCP_VERDICT_CHILD, with);	/* made before the setting was changed */
	EXPECT_EQ(XTCP_VERDICT_CHILD, without);
}

TEST_F(passive, O2_O3_syncookies_0_entry_is_needed)
{
	enum xtcp_verdict with, without;

	self->door.half = XTCP_HALF_NEEDED;
	ASSERT_EQ(XTCP_VERDICT_KEEP_OR_DROP, SYN());
	EXPECT_EQ(XTCP_DROP_HALFFULL, self->pkt.drop);
	ASSERT_EQ(0, answered(self));
	EXPECT_TRUE(self->answer.has & XTCP_HAS_COOKIE);	/* O3, O4: it tells who opens */
	third_message(self, &with, &without);
	EXPECT_EQ(XTCP_VERDICT_CHILD, with);
	EXPECT_EQ(XTCP_VERDICT_RESET, without);
	EXPECT_EQ(XTCP_RST, self->reply.flags);
}

TEST_F(passive, O2_O3_syncookies_0_entry_must_be_alive)
{
	self->door.half = XTCP_HALF_NEEDED;
	SYN();
	ASSERT_EQ(0, answered(self));
	remember(self);
	self->half.expires = self->now - 1;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
	self->half.expires = self->now;
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
}

/* M2 and O8 do not depend on the setting. */
TEST_F(passive, O2_M2_O8_syncookies_0_entry_does_what_it_does)
{
	self->door.half = XTCP_HALF_NEEDED;
	SYN();
	remember(self);
	EXPECT_EQ(XTCP_VERDICT_ANSWER, SYN());
	EXPECT_EQ(XTCP_VERDICT_KEEP_OR_DROP, SYN_OF(CLIENT_TAG, IRS + 1, SYN_OPTIONS, 0));
	EXPECT_EQ(XTCP_VERDICT_FORGET, SEGMENT(XTCP_RST, CLIENT_TAG, IRS + 1, 0, 0, NULL));
}

TEST_F(passive, O3_child_from_cookie)
{
	u32 todo;

	ASSERT_TRUE(handshake(self));
	ASSERT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	todo = xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW + 1);
	EXPECT_TRUE(todo & XTCP_STATE);
	EXPECT_EQ(XTCP_ESTABLISHED, self->tcb.state);
	EXPECT_TRUE(!!self->tcb.passive);
	EXPECT_TRUE(!!self->tcb.conf);
	EXPECT_TRUE(!!self->tcb.ack_held);	/* goes with what comes first */
	EXPECT_LE(self->tcb.deadline[XTCP_T_DELACK], NOW + 1 + XTCP_DELACK_MAX);
	EXPECT_EQ(BIT(XTCP_EV_PASSIVE_OPEN), self->tcb.events);
	EXPECT_EQ(SERVER_TAG, self->tcb.tag);
	EXPECT_EQ(CLIENT_TAG, self->tcb.peer_tag);
	EXPECT_EQ(80, self->tcb.sport);
	EXPECT_EQ(40000, self->tcb.dport);
	EXPECT_EQ(ISS, self->tcb.iss);
	EXPECT_EQ(ISS + 1, self->tcb.snd.una);
	EXPECT_EQ(ISS + 1, self->tcb.snd.nxt);
	EXPECT_EQ(ISS + 1, self->tcb.snd.end);
	EXPECT_EQ(ISS + 1 + 30000, self->tcb.snd.edge);
	EXPECT_EQ(IRS, self->tcb.irs);
	EXPECT_EQ(IRS + 1, self->tcb.rcv.nxt);
	EXPECT_EQ(IRS + 1, self->tcb.rcv.read);
	EXPECT_EQ(IRS + 1 + WND, self->tcb.rcv.edge);
	EXPECT_EQ(1400, self->tcb.mss);
	EXPECT_EQ(10 * 1400, self->tcb.cc.cwnd);
	EXPECT_EQ(3000, self->tcb.peer_timeout);
	EXPECT_EQ(NOW, self->tcb.cookie_born);
	EXPECT_EQ(XTCP_FEATURE_ECN, self->tcb.features);
	EXPECT_EQ(1, self->tcb.ecn + 0);
	EXPECT_EQ(NOW + 1, self->tcb.opened_at);
	/* "process the segment like any other": nothing is wrong with it */
	EXPECT_FALSE(xtcp_input(&self->tcb, &self->pkt, NOW + 1) & XTCP_XMIT);
	EXPECT_EQ(XTCP_ESTABLISHED, self->tcb.state);
	EXPECT_EQ(ISS + 1, self->tcb.snd.una);
	/* D2: who sends it again has not heard of us */
	EXPECT_TRUE(xtcp_input(&self->tcb, &self->pkt, NOW + 2) & XTCP_XMIT);
	EXPECT_TRUE(!!self->tcb.ack_owed);
}

TEST_F(passive, O3_the_echo_is_confirmed_before_it_comes_again)
{
	struct xtcp_tx tx;
	u64 due;

	ASSERT_TRUE(handshake(self));
	ASSERT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW);
	xtcp_input(&self->tcb, &self->pkt, NOW);
	due = self->tcb.deadline[XTCP_T_DELACK];
	ASSERT_LE(due, NOW + XTCP_DELACK_MAX);
	ASSERT_LT(due, NOW + XTCP_RTO_VAR_MIN);		/* T-ECHO is later */
	EXPECT_TRUE(xtcp_timer(&self->tcb, due) & XTCP_XMIT);
	ASSERT_TRUE(xtcp_next(&self->tcb, due, &tx));
	EXPECT_EQ(XTCP_WHY_ACK, tx.why);
}

/* The way to the client and back is known as the connection opens, and no sample is made of it. */
TEST_F(passive, D9_round_trip_of_the_cookie)
{
	const u64 took = 30 * XTCP_MS;

	ASSERT_TRUE(handshake(self));
	ASSERT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW + took);
	EXPECT_EQ(3 * took, self->tcb.rtt.rto);
	EXPECT_EQ(0, self->tcb.rtt.srtt);
	/* An echo that was made again, or a SYN|ACK: that of a known path stays. */
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	self->tcb.rtt.rto = 3 * took;
	xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW + 4 * took);
	EXPECT_EQ(3 * took, self->tcb.rtt.rto);
	/* Deferred for as long as a cookie lives. */
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW + 30 * XTCP_SEC);
	EXPECT_EQ(XTCP_RTO_INIT, self->tcb.rtt.rto);
}

TEST_F(passive, O3_quickack_confirms_at_once)
{
	ASSERT_TRUE(handshake(self));
	ASSERT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	self->tcb.tune.quickack = 1;
	EXPECT_TRUE(xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW) & XTCP_XMIT);
	EXPECT_TRUE(!!self->tcb.ack_owed);
}

TEST_F(passive, O3_small_mss_is_read_as_512)
{
	u8 *hello = self->in + XTCP_HDR_LEN;

	ASSERT_TRUE(handshake(self));
	xtcp_put16(hello + 2, 100);	/* the SYN again, of another MSS */
	ASSERT_EQ(0, take(self, XTCP_HDR_LEN + SYN_OPTIONS, 0));
	ASSERT_EQ(XTCP_VERDICT_KEEP, demux(self));
	ASSERT_EQ(0, answered(self));
	ASSERT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	xtcp_init(&self->tcb, &xtcp_cc_reno, NULL, 1448, 100000);
	xtcp_child(&self->tcb, &self->keys, &self->pkt, NOW);
	EXPECT_EQ(512, self->tcb.mss);
}

TEST_F(passive, O3_half_open_entry_is_judged_by_the_cookie_too)
{
	ASSERT_TRUE(handshake(self));
	remember(self);
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	self->cookie[63] ^= 1;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O3_without_cookie_an_entry_is_given_nothing)
{
	ASSERT_TRUE(handshake(self));
	remember(self);
	EXPECT_EQ(XTCP_VERDICT_DROP,
		  SEGMENT(XTCP_ACK, SERVER_TAG, IRS + 1, ISS + 1, 5, NULL));
	EXPECT_EQ(XTCP_DROP_SYNRCVD, self->pkt.drop);
}

TEST_F(passive, O3_numbers)
{
	static const s64 wrong_acks[] = { -2, -1, 1, S32_MAX };
	unsigned int i;

	ASSERT_TRUE(handshake(self));
	for (i = 0; i < ARRAY_SIZE(wrong_acks); i++) {
		EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 1, ISS + 1 + wrong_acks[i]));
		EXPECT_EQ(XTCP_DROP_COOKIE, self->pkt.drop);
	}
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS - 1, ISS + 1));
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS, ISS + 1));
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1 + WND, ISS + 1));
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 2 + WND, ISS + 1));
	EXPECT_EQ(XTCP_DROP_COOKIE, self->pkt.drop);
}

TEST_F(passive, O3_one_tag_one_cookie)
{
	ASSERT_TRUE(handshake(self));
	EXPECT_EQ(XTCP_VERDICT_DROP,
		  SEGMENT(XTCP_ACK, SERVER_TAG + 1, IRS + 1, ISS + 1, 0, self->cookie));
	EXPECT_EQ(XTCP_DROP_COOKIE, self->pkt.drop);
}

TEST_F(passive, O3_data_and_fin_may_carry_the_cookie)
{
	ASSERT_TRUE(handshake(self));
	EXPECT_EQ(XTCP_VERDICT_CHILD, SEGMENT(XTCP_ACK | XTCP_PSH | XTCP_FIN, SERVER_TAG,
					      IRS + 100, ISS + 1, 500, self->cookie));
	/* but no SYN */
	EXPECT_EQ(XTCP_VERDICT_RESET, SEGMENT(XTCP_SYN | XTCP_ACK, SERVER_TAG, IRS + 1, ISS + 1,
					      0, self->cookie));
}

TEST_F(passive, O3_every_flipped_bit_is_refused)
{
	unsigned int bit;

	ASSERT_TRUE(handshake(self));
	for (bit = 16; bit < 8 * XTCP_COOKIE_LEN; bit++) {
		self->cookie[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
		self->cookie[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O3_cookie_lives_60_s)
{
	ASSERT_TRUE(handshake(self));
	self->now = NOW + 60 * XTCP_SEC;
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	self->now++;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O3_cookie_of_another_listener_port_refused)
{
	ASSERT_TRUE(handshake(self));
	self->addrs.remote[15]++;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
}

/* TCP_DEFER_ACCEPT */
/* Another VRF, or another link: there the same addresses are somebody else's. */
TEST_F(passive, O3_cookie_of_another_domain_refused)
{
	self->found.domain = 3;
	ASSERT_TRUE(handshake(self));
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
	self->found.domain = 4;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
	self->found.domain = 0;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O3_nothing_opens_without_data_while_deferred)
{
	self->door.defer = 5 * XTCP_SEC;
	ASSERT_TRUE(handshake(self));
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 1, ISS + 1));
	EXPECT_EQ(XTCP_DROP_DEFERRED, self->pkt.drop);
	EXPECT_EQ(XTCP_VERDICT_CHILD, segment(self, XTCP_ACK, SERVER_TAG, IRS + 1, ISS + 1, 1,
					      self->cookie));
	EXPECT_EQ(XTCP_VERDICT_CHILD, segment(self, XTCP_ACK | XTCP_FIN, SERVER_TAG, IRS + 1,
					      ISS + 1, 0, self->cookie));
	self->now += 5 * XTCP_SEC - 1;
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 1, ISS + 1));
	self->now++;
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O3_deferred_while_the_cookie_is_young)
{
	self->door.defer = XTCP_NEVER;
	ASSERT_TRUE(handshake(self));
	self->now += 10 * XTCP_SEC - 1;
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 1, ISS + 1));
	self->now++;
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, O3_queue_full)
{
	ASSERT_TRUE(handshake(self));
	self->door.room = false;
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 1, ISS + 1));
	EXPECT_EQ(XTCP_DROP_NOROOM, self->pkt.drop);
}

TEST_F(passive, O8_rst_removes_half_open_entry)
{
	ASSERT_TRUE(handshake(self));
	remember(self);
	/* R4 of the client: our SYN|ACK's tag, SEQ = its ACK */
	EXPECT_EQ(XTCP_VERDICT_FORGET, SEGMENT(XTCP_RST, CLIENT_TAG, IRS + 1, 0, 0, NULL));
	/* R2 of the client: its own number, our tag */
	EXPECT_EQ(XTCP_VERDICT_FORGET, SEGMENT(XTCP_RST, SERVER_TAG, IRS + 1, 0, 0, NULL));
	/* R1: in the window */
	EXPECT_EQ(XTCP_VERDICT_FORGET, SEGMENT(XTCP_RST, SERVER_TAG, IRS + 1 + WND, 0, 0, NULL));
	EXPECT_EQ(XTCP_VERDICT_DROP, SEGMENT(XTCP_RST, SERVER_TAG, IRS + 2 + WND, 0, 0, NULL));
	EXPECT_EQ(XTCP_VERDICT_DROP, SEGMENT(XTCP_RST, SERVER_TAG, IRS, 0, 0, NULL));
	EXPECT_EQ(XTCP_DROP_RST, self->pkt.drop);
}

TEST_F(passive, O9_payload_of_a_syn_is_not_acknowledged)
{
	ASSERT_EQ(XTCP_VERDICT_KEEP, SYN_OF(CLIENT_TAG, IRS, SYN_OPTIONS, 100));
	EXPECT_EQ(IRS + 1, self->reply.ack);
	self->found.door = NULL;
	ASSERT_EQ(XTCP_VERDICT_RESET, SYN_OF(CLIENT_TAG, IRS, SYN_OPTIONS, 100));
	EXPECT_EQ(IRS + 1, self->reply.ack);
}

/*
 * F5: a stale SYN gets a SYN|ACK, which the client refuses (O7, R4); the stale
 * third message of its time, even with a cookie of its time, opens nothing.
 */
TEST_F(passive, F5_stale_syn_and_stale_third_message_open_nothing)
{
	u8 old[XTCP_COOKIE_LEN];

	/* the old incarnation: opened, died, left a tombstone */
	ASSERT_TRUE(handshake(self));
	memcpy(old, self->cookie, sizeof(old));

	/* its SYN again: new numbers, a new tag */
	self->now += XTCP_SEC;
	self->found.iss = ISS + 1000000;
	self->found.tag = SERVER_TAG + 1;
	ASSERT_TRUE(handshake(self));
	remember(self);

	/* its third message again: to its own tag, where the tombstone is, */
	self->found.half = NULL;
	self->found.tomb = true;
	EXPECT_EQ(XTCP_VERDICT_RESET,
		  SEGMENT(XTCP_ACK, SERVER_TAG, IRS + 1, ISS + 1, 0, old));
	/* or to the new tag with the old or the new cookie */
	self->found.tomb = false;
	self->found.half = &self->half;
	EXPECT_EQ(XTCP_VERDICT_DROP,
		  SEGMENT(XTCP_ACK, SERVER_TAG + 1, IRS + 1, ISS + 1, 0, old));
	EXPECT_EQ(XTCP_VERDICT_DROP,
		  SEGMENT(XTCP_ACK, SERVER_TAG + 1, IRS + 1, ISS + 1, 0, self->cookie));
	EXPECT_EQ(XTCP_VERDICT_DROP,
		  SEGMENT(XTCP_ACK, SERVER_TAG + 1, IRS + 1, ISS + 1, 0, NULL));

	/* the client's RST ends the half-open connection */
	EXPECT_EQ(XTCP_VERDICT_FORGET, SEGMENT(XTCP_RST, CLIENT_TAG, IRS + 1, 0, 0, NULL));
}

static void wait_two_msl(struct _test_data_passive *self)
{
	self->tw.tag = SERVER_TAG;
	self->tw.peer_tag = CLIENT_TAG;
	self->tw.snd_nxt = 1000;
	self->tw.rcv_nxt = 2000;
	self->tw.expires = self->now + 60 * XTCP_SEC;
	self->found.tw = &self->tw;
}

TEST_F(passive, C4_time_wait_answers_its_tag)
{
	wait_two_msl(self);
	ASSERT_EQ(XTCP_VERDICT_RESTART,
		  SEGMENT(XTCP_ACK | XTCP_FIN, SERVER_TAG, 1999, 1000, 0, NULL));
	EXPECT_EQ(CLIENT_TAG, self->reply.tag);
	EXPECT_EQ(2000, self->reply.ack);
	/* F9: an old segment reaches nobody else */
	EXPECT_EQ(XTCP_VERDICT_ANSWER, SEGMENT(XTCP_ACK, SERVER_TAG, 1900, 1000, 50, NULL));
	EXPECT_EQ(XTCP_VERDICT_DROP, SEGMENT(XTCP_RST, SERVER_TAG, 2000, 0, 0, NULL));
	EXPECT_EQ(XTCP_DROP_TIMEWAIT, self->pkt.drop);
}

TEST_F(passive, C4_syn_passes_to_listen)
{
	wait_two_msl(self);
	EXPECT_EQ(XTCP_VERDICT_KEEP, SYN());
}

TEST_F(passive, C4_over_after_two_msl)
{
	wait_two_msl(self);
	self->now = self->tw.expires - 1;
	EXPECT_EQ(XTCP_VERDICT_RESTART,
		  SEGMENT(XTCP_ACK | XTCP_FIN, SERVER_TAG, 1999, 1000, 0, NULL));
	self->now++;
	EXPECT_EQ(XTCP_VERDICT_RESET,
		  SEGMENT(XTCP_ACK | XTCP_FIN, SERVER_TAG, 1999, 1000, 0, NULL));
}

TEST_F(passive, C4_cookie_opens_nothing_beside_its_time_wait)
{
	ASSERT_TRUE(handshake(self));
	wait_two_msl(self);
	self->tw.snd_nxt = ISS + 1;
	EXPECT_EQ(XTCP_VERDICT_DROP, ECHO(IRS + 1, ISS + 1));
	EXPECT_EQ(XTCP_DROP_TIMEWAIT, self->pkt.drop);
}

TEST_F(passive, C6_tombstone_refuses_its_cookie)
{
	ASSERT_TRUE(handshake(self));
	self->found.tomb = true;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, C6_full_table_refuses_old_cookies)
{
	ASSERT_TRUE(handshake(self));
	self->found.refuse_born = NOW;
	EXPECT_EQ(XTCP_VERDICT_RESET, ECHO(IRS + 1, ISS + 1));
	self->found.refuse_born = NOW - 1;
	EXPECT_EQ(XTCP_VERDICT_CHILD, ECHO(IRS + 1, ISS + 1));
}

TEST_F(passive, R1_rst_goes_to_the_tcb_it_names)
{
	self->found.live = XTCP_ESTABLISHED;
	EXPECT_EQ(XTCP_VERDICT_TO_TCB, SEGMENT(XTCP_RST, CLIENT_TAG, 1, 0, 0, NULL));
	self->found.live = 0;
	EXPECT_EQ(XTCP_VERDICT_DROP, SEGMENT(XTCP_RST, CLIENT_TAG, 1, 0, 0, NULL));
	EXPECT_EQ(XTCP_DROP_RST, self->pkt.drop);
}

TEST_F(passive, R3_rst_is_never_answered)
{
	self->found.door = NULL;
	EXPECT_EQ(XTCP_VERDICT_DROP, SEGMENT(XTCP_RST, CLIENT_TAG, 1, 0, 9, NULL));
	EXPECT_FALSE(xtcp_refuse(&self->pkt, &self->reply));
	EXPECT_EQ(XTCP_VERDICT_DROP, SEGMENT(XTCP_RST | XTCP_ACK, CLIENT_TAG, 1, 2, 0, NULL));
	EXPECT_FALSE(xtcp_refuse(&self->pkt, &self->reply));
}

/* The golden SYN is answered by the golden refusal, byte for byte. */
TEST_F(passive, R4_syn_to_nobody)
{
	u8 want[XTCP_HDR_LEN];
	int len = wire_hex(wire_vectors[WIRE_syn], self->in, sizeof(self->in));

	ASSERT_EQ(XTCP_HDR_LEN, wire_hex(wire_vectors[WIRE_refusal], want, sizeof(want)));
	ASSERT_EQ(0, take(self, len, 0));
	self->found.door = NULL;
	ASSERT_EQ(XTCP_VERDICT_RESET, demux(self));
	ASSERT_EQ(XTCP_HDR_LEN, xtcp_build_reply(&self->reply, 80, 40000, self->out));
	EXPECT_EQ(0, memcmp(want, self->out, sizeof(want)));
}

TEST_F(passive, R4_segment_with_ack)
{
	ASSERT_EQ(XTCP_VERDICT_RESET, SEGMENT(XTCP_ACK, 7, 100, 200, 300, NULL));
	ASSERT_EQ(0, answered(self));
	EXPECT_EQ(XTCP_RST, self->answer.flags);
	EXPECT_EQ(7, self->answer.tag);
	EXPECT_EQ(200, self->answer.seq);
	EXPECT_EQ(0, self->answer.ack);
	EXPECT_EQ(0, self->answer.wnd);
	EXPECT_EQ(XTCP_HDR_LEN / 8, self->answer.hdr);
	/* O7: a SYN|ACK of somebody else's SYN */
	ASSERT_EQ(XTCP_VERDICT_RESET, SEGMENT(XTCP_SYN | XTCP_ACK, 7, 100, 200, 0, NULL));
	EXPECT_EQ(XTCP_RST, self->reply.flags);
	EXPECT_EQ(200, self->reply.seq);
}

TEST_F(passive, R4_syn_with_critical_option)
{
	static const u8 critical[8] = { 131, 1 };
	u32 end = XTCP_HDR_LEN + SYN_OPTIONS;

	ASSERT_TRUE(handshake(self));
	memcpy(self->in + end, critical, sizeof(critical));
	self->in[28] += 1;
	ASSERT_EQ(XTCP_DROP_CRITICAL, take(self, end + sizeof(critical), 0));
	ASSERT_TRUE(xtcp_refuse(&self->pkt, &self->reply));
	EXPECT_EQ(XTCP_RST | XTCP_ACK, self->reply.flags);
	EXPECT_EQ(CLIENT_TAG, self->reply.tag);
	EXPECT_EQ(0, self->reply.seq);
	EXPECT_EQ(IRS + 1, self->reply.ack);
}

TEST_HARNESS_MAIN
