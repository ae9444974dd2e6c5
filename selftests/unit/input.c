// SPDX-License-Identifier: GPL-2.0
/* A segment meets its connection: D1 to D4, D6, D10, O5, M2, R1, R3. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define RCVBUF	10000U

DRIVE_FIXTURE(input, drive_open, MSS + XTCP_TS_LEN, RCVBUF)

static bool acked_at_once(const struct drive *d)
{
	return d->sent == 1 && drive_last(d)->pkt.flags & XTCP_ACK && !drive_last(d)->pkt.len;
}

TEST_F(input, need_is_nothing_in_order)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 100, 0);
	const u64 ranges[3][2] = { { 1, 2 }, { 4, 5 }, { 7, 8 } };

	d->t.spares = 0;
	EXPECT_EQ(xtcp_need(&d->t, &pkt), 0);
	pkt.seq++;
	EXPECT_EQ(xtcp_need(&d->t, &pkt), 1);
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 3, ranges);
	EXPECT_EQ(xtcp_need(&d->t, &pkt), 6);
	pkt.ranges = 58;
	EXPECT_LE(xtcp_need(&d->t, &pkt), XTCP_SPARES_MAX);
	d->t.spares = 2;
}

/* D1 as a table: SEQ relative to RCV.NXT, LEN, FIN, window; is it acceptable? */
FIXTURE(acceptable)
{
	struct drive d;
};

FIXTURE_VARIANT(acceptable)
{
	s64 seq;
	u32 len, window;
	bool fin, good;
};

#define ACCEPTABLE(name, ...)							\
	FIXTURE_VARIANT_ADD(acceptable, name) { __VA_ARGS__ }

ACCEPTABLE(empty_at_nxt, .seq = 0, .window = 5000, .good = true);
ACCEPTABLE(empty_in_window, .seq = 3000, .window = 5000, .good = true);
ACCEPTABLE(empty_at_edge, .seq = 5000, .window = 5000, .good = true);
ACCEPTABLE(empty_beyond_edge, .seq = 5001, .window = 5000, .good = false);
ACCEPTABLE(empty_old, .seq = -2, .window = 5000, .good = false);
ACCEPTABLE(empty_at_zero_window, .seq = 0, .window = 0, .good = true);
ACCEPTABLE(empty_beyond_zero_window, .seq = 1, .window = 0, .good = false);
ACCEPTABLE(data_at_nxt, .seq = 0, .len = 10, .window = 5000, .good = true);
ACCEPTABLE(data_ends_at_nxt, .seq = -10, .len = 10, .window = 5000, .good = false);
ACCEPTABLE(data_from_old_to_new, .seq = -10, .len = 11, .window = 5000, .good = true);
ACCEPTABLE(data_at_last_byte, .seq = 4999, .len = 10, .window = 5000, .good = true);
ACCEPTABLE(data_at_edge, .seq = 5000, .len = 10, .window = 5000, .good = false);
ACCEPTABLE(data_covers_window, .seq = -10, .len = 6000, .window = 5000, .good = true);
ACCEPTABLE(data_at_zero_window, .seq = 0, .len = 10, .window = 0, .good = false);
ACCEPTABLE(fin_at_nxt, .seq = 0, .window = 5000, .fin = true, .good = true);
ACCEPTABLE(fin_at_zero_window, .seq = 0, .window = 0, .fin = true, .good = false);
ACCEPTABLE(fin_old, .seq = -1, .window = 5000, .fin = true, .good = false);

FIXTURE_SETUP(acceptable)
{
	drive_open(&self->d, MSS + XTCP_TS_LEN, 5000);
	drive_data(&self->d, 0, 100);	/* so that there is something old */
	drive_read(&self->d, 100);
	drive_forget(&self->d);
	self->d.t.rcv.edge = self->d.t.rcv.nxt + variant->window;
	self->d.t.conf = 0;
}

FIXTURE_TEARDOWN(acceptable)
{
	drive_end(&self->d);
}

TEST_F(acceptable, D1)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 100 + variant->seq, variant->len, 0);

	if (variant->fin)
		pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
	/* conf is set by acceptable segments only (O5). */
	EXPECT_EQ(d->t.conf + 0, variant->good);
	d->t.conf = 1;
}

TEST_F(input, D1_beyond_the_edge_is_cut)
{
	struct drive *d = &self->d;

	drive_data(d, 0, RCVBUF + 500);
	EXPECT_EQ(d->delivered, RCVBUF);
	EXPECT_EQ(d->t.rcv.nxt, d->irs + 1 + RCVBUF);
}

TEST_F(input, D2_old_data_is_answered_with_dsack)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 2 * MSS);
	drive_forget(d);
	drive_data(d, 0, MSS);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_DSACK);
	EXPECT_EQ(drive_last(d)->pkt.dsack, d->irs + 1);
	EXPECT_EQ(drive_last(d)->pkt.dsack_len, MSS);
	EXPECT_EQ(d->delivered, 2 * MSS);
}

TEST_F(input, D2_data_beyond_the_window_is_answered)
{
	struct drive *d = &self->d;

	drive_data(d, RCVBUF + 1, 10);
	EXPECT_TRUE(acked_at_once(d));
	EXPECT_EQ(d->delivered, 0);
	EXPECT_EQ(d->t.rcv.run_count, 0);
}

TEST_F(input, D2_probe_is_answered)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);

	drive_in(d, &pkt);
	EXPECT_TRUE(acked_at_once(d));
}

TEST_F(input, D2_older_empty_segment_is_used_and_not_answered)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_data(d, 0, 10);
	drive_run(d, d->now + XTCP_SEC);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	pkt = drive_pkt(d, 0, 0, 10);
	drive_in(d, &pkt);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.snd.una, d->iss + 11);
}

TEST_F(input, D2_acceptable_empty_segment_is_never_answered)
{
	struct drive *d = &self->d;

	drive_ack(d, 0);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(input, D2_empty_segment_beyond_the_window_is_not_answered)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, RCVBUF + 1, 0, 0);

	drive_in(d, &pkt);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(pkt.drop, XTCP_DROP_WINDOW);
}

TEST_F(input, D2_cookie_is_answered_without_one)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	memset(d->options, 0, XTCP_COOKIE_LEN);
	pkt.cookie = d->options;
	pkt.has = XTCP_HAS_COOKIE;
	drive_in(d, &pkt);
	ASSERT_TRUE(acked_at_once(d));
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
}

TEST_F(input, D3_acknowledgment_out_of_range_is_dropped)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	pkt = drive_pkt(d, 0, 10, 11);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_OLDACK);
	pkt = drive_pkt(d, 0, 10, -(1LL << 31) - 1);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_OLDACK);
	EXPECT_EQ(d->delivered, 0);
	EXPECT_EQ(d->sent, 0);
	pkt = drive_pkt(d, 0, 10, -(1LL << 31));
	drive_in(d, &pkt);
	EXPECT_EQ(d->delivered, 10);
}

TEST_F(input, D3_without_ack_flag_is_dropped)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 10, 0);

	pkt.flags = XTCP_PSH;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_FLAGS);
	EXPECT_EQ(d->delivered, 0);
}

TEST_F(input, D6_ranges_most_recent_first)
{
	struct drive *d = &self->d;
	const struct drive_sent *last;
	u64 start, end;

	drive_data(d, 5000, 100);
	drive_data(d, 1000, 100);
	drive_data(d, 3000, 100);
	last = drive_last(d);
	ASSERT_TRUE(last->pkt.has & XTCP_HAS_ACKINFO);
	ASSERT_EQ(last->pkt.ranges, 3);
	xtcp_read_range(&last->pkt, 0, &start, &end);
	EXPECT_EQ(start, d->irs + 1 + 3000);
	EXPECT_EQ(end, d->irs + 1 + 3100);
	xtcp_read_range(&last->pkt, 1, &start, &end);
	EXPECT_EQ(start, d->irs + 1 + 1000);
	xtcp_read_range(&last->pkt, 2, &start, &end);
	EXPECT_EQ(start, d->irs + 1 + 5000);
}

/* Does the last segment sent tell of this range, relative to the first byte, as its i-th? */
static bool tells(const struct drive *d, u32 i, u64 from, u64 to)
{
	const struct xtcp_pkt *pkt = &drive_last(d)->pkt;
	u64 start, end;

	if (i >= pkt->ranges)
		return false;
	xtcp_read_range(pkt, i, &start, &end);
	return start == d->irs + 1 + from && end == d->irs + 1 + to;
}

/* A FIN before its turn is told of like data before its turn, in one range with it or alone. */
TEST_F(input, C2_early_fin_is_told_of)
{
	struct drive *d = &self->d;

	drive_fin(d, 500);
	ASSERT_EQ(drive_last(d)->pkt.ranges, 1);
	EXPECT_TRUE(tells(d, 0, 500, 501));
	drive_data(d, 200, 100);
	ASSERT_EQ(drive_last(d)->pkt.ranges, 2);
	EXPECT_TRUE(tells(d, 0, 500, 501));
	EXPECT_TRUE(tells(d, 1, 200, 300));
	drive_data(d, 400, 100);
	ASSERT_EQ(drive_last(d)->pkt.ranges, 2);
	EXPECT_TRUE(tells(d, 0, 400, 501));
	EXPECT_TRUE(tells(d, 1, 200, 300));
	drive_data(d, 0, 400);
	EXPECT_EQ(drive_last(d)->pkt.ranges, 0);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 501);
}

TEST_F(input, D6_with_data_at_most_four_ranges)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 1; i < 8; i++)
		drive_data(d, i * 1000, 100);
	EXPECT_EQ(drive_last(d)->pkt.ranges, 7);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	ASSERT_EQ(drive_last(d)->pkt.len, 10);
	EXPECT_EQ(drive_last(d)->pkt.ranges, XTCP_RANGES_WITH_DATA);
}

TEST_F(input, D6_once_ce_was_counted)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 1, 0);

	pkt.ce = 1;
	drive_in(d, &pkt);
	ASSERT_EQ(d->sent, 1);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	EXPECT_EQ(drive_last(d)->pkt.ce_echo, 1);
	drive_fin(d, 1);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
}

TEST_F(input, D6_ack_held_for_more_than_1_ms_tells_the_delay)
{
	struct drive *d = &self->d;

	d->t.rcv.full = 1500;
	d->t.rtt.srtt = 40 * XTCP_MS;
	drive_data(d, 0, 10);
	drive_run(d, d->now + 10 * XTCP_MS);
	ASSERT_EQ(d->sent, 1);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	EXPECT_EQ(drive_last(d)->pkt.ack_delay, 10 * XTCP_MS / XTCP_DELAY_UNIT);
}

TEST_F(input, ts_is_always_echoed)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 2 * MSS, 0);

	pkt.wire = 2;
	pkt.mss = MSS;
	pkt.has = XTCP_HAS_TS;
	pkt.ts = 0x12345678;
	drive_in(d, &pkt);
	ASSERT_EQ(d->sent, 1);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TSECHO);
	EXPECT_EQ(drive_last(d)->pkt.tsecho, 0x12345678);
	drive_fin(d, 2 * MSS);
	drive_run(d, d->now + XTCP_DELACK_MAX);
	ASSERT_EQ(d->sent, 2);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_TSECHO);
}

TEST_F(input, D11_no_room_is_dropped_unanswered)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 2 * MSS, 0);

	pkt.wire = 2;
	pkt.mss = MSS;
	pkt.no_room = true;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_MEMORY);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.rcv.nxt, d->irs + 1);
	drive_data(d, 0, MSS);
	EXPECT_EQ(d->delivered, MSS);
}

TEST_F(input, M2_syn_is_challenged_twice_a_second)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u32 i;

	for (i = 0; i < 100; i++) {
		pkt = drive_pkt(d, 0, 0, 0);
		pkt.flags = XTCP_SYN;
		pkt.tag = 0x777;
		pkt.seq = 12345;
		drive_in(d, &pkt);
		EXPECT_EQ(pkt.drop, XTCP_DROP_SYN);
		drive_run(d, d->now + 10 * XTCP_MS);
	}
	EXPECT_EQ(d->sent, 2);
	EXPECT_EQ(drive_last(d)->pkt.seq, d->t.snd.nxt);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
}

TEST_F(input, O5_another_syn_ack_of_the_same_server)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, true);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
	EXPECT_FALSE(drive_last(d)->pkt.flags & XTCP_SYN);
}

TEST_F(input, O5_syn_ack_with_another_tag_is_ignored)
{
	struct drive *d = &self->d;

	d->t.peer_tag ^= 1;
	drive_syn_ack(d, true);
	EXPECT_EQ(d->sent, 0);
	d->t.peer_tag ^= 1;
}

static void reset(struct drive *d, s64 seq, u32 tag, struct xtcp_pkt *pkt)
{
	*pkt = drive_pkt(d, seq, 0, 0);
	pkt->flags = XTCP_RST;
	pkt->tag = tag;
	drive_in(d, pkt);
}

TEST_F(input, R1_window_decides)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	reset(d, -1, DRIVE_TAG, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_RST);
	reset(d, RCVBUF + 1, DRIVE_TAG, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_RST);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->sent, 0);
	reset(d, RCVBUF, DRIVE_TAG, &pkt);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ECONNRESET);
	EXPECT_EQ(d->t.state, XTCP_CLOSED);
}

TEST_F(input, R1_either_tag)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	reset(d, 0, DRIVE_TAG ^ 1, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_RST);
	EXPECT_FALSE(d->dead);
	reset(d, 0, DRIVE_PEER_TAG, &pkt);
	EXPECT_TRUE(d->dead);
}

TEST_F(input, R1_F11_rst_aborts_and_R3_is_not_answered)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	reset(d, 0, DRIVE_TAG, &pkt);
	EXPECT_TRUE(d->dead);
	EXPECT_TRUE(d->todo & XTCP_ERROR);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->resets, 0);
	EXPECT_EQ(d->t.timer_next, XTCP_NEVER);
}

/* Whom a quoted segment is from: looked up without the lock, and asked again under it. */
TEST_F(input, D10_quoted_tag_is_the_one_we_send)
{
	struct drive *d = &self->d;

	EXPECT_TRUE(xtcp_sends(&d->t, DRIVE_PEER_TAG));
	EXPECT_FALSE(xtcp_sends(&d->t, DRIVE_TAG));
	EXPECT_FALSE(xtcp_sends(&d->t, DRIVE_PEER_TAG ^ 1));
	d->t.state = XTCP_SYN_SENT;
	EXPECT_TRUE(xtcp_sends(&d->t, DRIVE_TAG));
	EXPECT_FALSE(xtcp_sends(&d->t, DRIVE_PEER_TAG));
	d->t.state = XTCP_SYN_RECEIVED;
	EXPECT_TRUE(xtcp_sends(&d->t, DRIVE_TAG));
	/* O6: that one is a hint, which anybody can have given */
	EXPECT_FALSE(xtcp_sends(&d->t, DRIVE_PEER_TAG));
	d->t.state = XTCP_CLOSED;
	EXPECT_FALSE(xtcp_sends(&d->t, DRIVE_PEER_TAG));
	d->t.state = XTCP_LISTEN;
	EXPECT_FALSE(xtcp_sends(&d->t, 0));
	d->t.state = XTCP_ESTABLISHED;
}

/* The route is everybody's: it changes only for who has proved to be on the path. */
TEST_F(input, D10_O6_no_mtu_is_believed_before_the_connection_is_open)
{
	struct drive *d = &self->d;

	EXPECT_TRUE(xtcp_believes_mtu(&d->t, DRIVE_PEER_TAG));
	EXPECT_FALSE(xtcp_believes_mtu(&d->t, DRIVE_TAG));
	d->t.state = XTCP_SYN_SENT;
	EXPECT_FALSE(xtcp_believes_mtu(&d->t, DRIVE_TAG));
	d->t.state = XTCP_SYN_RECEIVED;
	EXPECT_FALSE(xtcp_believes_mtu(&d->t, DRIVE_TAG));
	EXPECT_FALSE(xtcp_believes_mtu(&d->t, DRIVE_PEER_TAG));
	d->t.state = XTCP_CLOSED;
	EXPECT_FALSE(xtcp_believes_mtu(&d->t, DRIVE_PEER_TAG));
	d->t.state = XTCP_ESTABLISHED;
}

TEST_F(input, D10_error_is_soft_later)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_ERROR, ECONNREFUSED, 0, d->now), NULL);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->t.soft_err, ECONNREFUSED);
}

TEST_F(input, D10_too_big_is_cut_anew)
{
	struct drive *d = &self->d;
	u32 cwnd = d->t.cc.cwnd, at = 0, i;

	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 500, d->now), NULL);
	EXPECT_EQ(d->t.mss, 500);
	for (i = 0; i < d->sent; i++) {
		EXPECT_EQ(d->out[i].tx.why, XTCP_WHY_REXMIT);
		EXPECT_EQ(drive_seq(d, &d->out[i]), at);
		EXPECT_LE(d->out[i].pkt.len + d->out[i].tx.hdr - XTCP_HDR_LEN, 500);
		at += d->out[i].pkt.len;
	}
	EXPECT_EQ(at, 3 * MSS);
	EXPECT_EQ(d->t.cc.cwnd, cwnd);
}

TEST_F(input, D10_too_big_leaves_short_segments_alone)
{
	struct drive *d = &self->d;

	drive_write(d, 100, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 500, d->now), NULL);
	EXPECT_EQ(d->t.mss, 500);
	EXPECT_EQ(d->t.snd.lost, 0);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(input, D10_soft_error_is_forgotten_when_the_peer_is_heard)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_ERROR, EHOSTUNREACH, 0, d->now), NULL);
	EXPECT_EQ(d->t.soft_err, EHOSTUNREACH);
	drive_ack(d, 0);
	EXPECT_EQ(d->t.soft_err, 0);
}

TEST_F(input, D10_too_big_by_its_options)
{
	struct drive *d = &self->d;

	d->t.snd.ts_at = 0;
	drive_write(d, 500, XTCP_WRITE_PUSH);
	ASSERT_EQ(drive_last(d)->tx.hdr, XTCP_HDR_LEN + XTCP_TS_LEN);
	drive_forget(d);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 507, d->now), NULL);
	EXPECT_GE(d->sent, 1);
}

/* Ever smaller MTUs: each report costs less than what it has sent again. */
TEST_F(input, D10_too_big_sends_again_only_so_often)
{
	struct drive *d = &self->d;
	u64 sum = 0;
	u32 mss, i;

	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	for (mss = d->t.mss - 1; mss > 600; mss--) {
		drive_forget(d);
		drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, mss, d->now), NULL);
		EXPECT_EQ(d->t.mss, mss);
		for (i = 0; i < d->sent; i++)
			sum += d->out[i].pkt.len;
	}
	EXPECT_LT(2 * 3 * MSS, sum);
	EXPECT_GE(3 * 3 * MSS, sum);
	/* The timeout still does. */
	drive_forget(d);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_LT(0, d->sent);
	EXPECT_LE(drive_last(d)->pkt.len + drive_last(d)->tx.hdr - XTCP_HDR_LEN, mss + 1);
}

/* A SYN of the old connection's 4-tuple, or of the same client again. */
static void syn(struct drive *d, u32 tag, u64 seq)
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	pkt.flags = XTCP_SYN;
	pkt.tag = tag;
	pkt.seq = seq;
	drive_in(d, &pkt);
}

TEST_F(input, M2_same_syn_is_answered_every_time)
{
	struct drive *d = &self->d;

	syn(d, DRIVE_PEER_TAG, d->irs);
	syn(d, DRIVE_PEER_TAG, d->irs);
	EXPECT_EQ(d->sent, 2);
	EXPECT_EQ(d->t.challenge_at, 0);
	syn(d, DRIVE_PEER_TAG, d->irs + 1);	/* another one */
	syn(d, DRIVE_PEER_TAG, d->irs + 1);
	EXPECT_EQ(d->sent, 3);
}

/* Whoever sends it has proved nothing: he gets no more than he has sent. */
TEST_F(input, M2_challenge_is_bare)
{
	struct drive *d = &self->d;

	drive_data(d, MSS, 10);		/* a hole: ACKs have much to say */
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	drive_forget(d);
	syn(d, DRIVE_PEER_TAG, d->irs + 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->tx.hdr, XTCP_HDR_LEN);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	/* the peer is told the rest as before */
	drive_data(d, 2 * MSS, 10);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
}

TEST_F(input, M2_O4_challenge_has_the_cookie_or_is_not_sent)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	d->t.conf = 0;
	pkt.flags = XTCP_SYN;
	pkt.tag = DRIVE_PEER_TAG + 1;
	pkt.hdr = (XTCP_HDR_LEN + XTCP_HELLO_LEN) / 8;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_AMPLIFY);
	EXPECT_EQ(d->sent, 0);
	pkt.hdr = (XTCP_HDR_LEN + XTCP_HELLO_LEN + XTCP_COOKIE_LEN) / 8;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_SYN);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->tx.opts, XTCP_HAS_COOKIE);
}

TEST_F(input, M2_syn_passes_by_those_that_wait_for_their_end)
{
	struct drive *d = &self->d;

	drive_fin(d, 0);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	ASSERT_EQ(d->t.state, XTCP_LAST_ACK);
	drive_forget(d);
	syn(d, DRIVE_PEER_TAG + 1, 5);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(input, M3_other_tag_is_dropped)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 10, 0);

	pkt.tag = DRIVE_TAG + 1;
	EXPECT_EQ(drive_in(d, &pkt) & ~XTCP_TIMER, 0);
	EXPECT_EQ(pkt.drop, XTCP_DROP_NOCONN);
	EXPECT_EQ(d->delivered, 0);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(input, R1_errno_after_the_peers_fin)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_fin(d, 0);
	pkt = drive_pkt(d, 1, 0, 0);
	pkt.flags = XTCP_RST;
	drive_in(d, &pkt);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, EPIPE);
}

TEST_F(input, D2_acknowledgment_of_a_probe_is_used)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, 100, XTCP_WRITE_PUSH);
	pkt = drive_pkt(d, -1, 0, 100);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.snd.una, d->iss + 101);
}

TEST_F(input, RFC2883_data_that_waits_out_of_order_is_reported_too)
{
	struct drive *d = &self->d;

	drive_data(d, 2 * MSS, MSS);
	drive_data(d, 2 * MSS, MSS);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_DSACK);
	EXPECT_EQ(drive_last(d)->pkt.dsack, d->irs + 1 + 2 * MSS);
	EXPECT_EQ(drive_last(d)->pkt.dsack_len, MSS);
}

static void stamped(struct drive *d, s64 seq, u32 ts)
{
	struct xtcp_pkt pkt = drive_pkt(d, seq, MSS, 0);

	pkt.has |= XTCP_HAS_TS;
	pkt.ts = ts;
	drive_in(d, &pkt);
}

/* An echo says what was seen: it never goes back to what was sent before (D9). */
TEST_F(input, D9_echo_of_a_late_ts)
{
	struct drive *d = &self->d;

	stamped(d, MSS, 0xfffffff0);
	stamped(d, 3 * MSS, 5);
	EXPECT_EQ(drive_last(d)->pkt.tsecho, 5);
	drive_forget(d);
	stamped(d, 0, 0xfffffff8);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_TSECHO);
	stamped(d, 2 * MSS, 5);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TSECHO);
	/* The clock has gone round. */
	d->now += XTCP_MSL + 1;
	drive_forget(d);
	stamped(d, 5 * MSS, 0x80000006);
	EXPECT_EQ(drive_last(d)->pkt.tsecho, 0x80000006);
}

TEST_F(input, D2_no_dsack_for_data_beyond_the_window)
{
	struct drive *d = &self->d;

	drive_data(d, 2 * RCVBUF, 10);
	ASSERT_EQ(d->sent, 1);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_DSACK);
}

/* An ACK of everything asks for no output, unless there is some. */
TEST_F(input, nothing_to_send_is_no_reason_to_look)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	pkt = drive_pkt(d, 0, 0, 10);
	EXPECT_FALSE(xtcp_input(&d->t, &pkt, d->now) & XTCP_XMIT);
	d->t.cc.cwnd = MSS;
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	pkt = drive_pkt(d, 0, 0, 10 + MSS);
	EXPECT_TRUE(xtcp_input(&d->t, &pkt, d->now) & XTCP_XMIT);
}

TEST_F(input, C2_fin_beyond_the_edge_does_not_count)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, RCVBUF - 10, 20, 0);

	pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.fin_early + 0, 0);
}

TEST_F(input, C2_stream_ends_where_the_first_fin_says)
{
	struct drive *d = &self->d;

	drive_fin(d, 100);
	drive_fin(d, 50);
	EXPECT_EQ(d->t.rcv.fin, d->irs + 1 + 100);
	drive_data(d, 0, 100);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	drive_forget(d);
	drive_data(d, 101, 10);		/* C2: there is nothing behind it */
	EXPECT_EQ(d->delivered, 100);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(input, D10_too_big_never_raises_the_mss)
{
	struct drive *d = &self->d;
	u32 mss = d->t.mss;

	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 9000, d->now), NULL);
	EXPECT_EQ(d->t.mss, mss);
}

TEST_F(input, D6_run_that_grows_is_the_most_recent)
{
	struct drive *d = &self->d;
	u64 start, end;

	drive_data(d, 100, 10);
	drive_data(d, 200, 10);
	drive_data(d, 110, 10);
	ASSERT_EQ(drive_last(d)->pkt.ranges, 2);
	xtcp_read_range(&drive_last(d)->pkt, 0, &start, &end);
	EXPECT_EQ(start, d->irs + 1 + 100);
	EXPECT_EQ(end, d->irs + 1 + 120);
}

TEST_F(input, O5_syn_ack_is_nothing_to_a_child)
{
	struct drive *d = &self->d;

	d->t.passive = 1;
	drive_syn_ack(d, true);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(input, O5_syn_ack_must_be_the_one_that_opened_us)
{
	struct drive *d = &self->d;

	d->irs++;
	drive_syn_ack(d, true);
	EXPECT_EQ(d->sent, 0);
	d->irs--;
	d->t.tag++;
	drive_syn_ack(d, true);
	EXPECT_EQ(d->sent, 0);
	d->t.tag--;
	drive_syn_ack(d, true);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(input, ts_is_echoed_with_the_time_it_was_held)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 10, 0);

	d->t.rcv.full = 1500;
	d->t.rtt.srtt = 40 * XTCP_MS;
	pkt.has = XTCP_HAS_TS;
	pkt.ts = 7;
	drive_in(d, &pkt);
	drive_run(d, d->now + 10 * XTCP_MS);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.tsecho, 7);
	EXPECT_EQ(drive_last(d)->pkt.ts_delay, 10 * XTCP_MS / XTCP_DELAY_UNIT);
}

TEST_F(input, C3_what_comes_with_the_last_acknowledgment_is_nothing_any_more)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_fin(d, 0);
	ASSERT_EQ(d->t.state, XTCP_CLOSING);
	drive_forget(d);
	pkt = drive_pkt(d, 1, 10, 1);
	drive_in(d, &pkt);
	EXPECT_TRUE(d->timewait);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->delivered, 0);
}

/* What is thrown away is counted under its reason. */
TEST_F(input, D2_reasons)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_data(d, 0, 2 * MSS);
	pkt = drive_pkt(d, 0, MSS, 0);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_DUPLICATE);
	pkt = drive_pkt(d, 2 * RCVBUF, 10, 0);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_WINDOW);
	pkt = drive_pkt(d, 2 * MSS, 10, 0);
	pkt.drop = XTCP_DROP_WINDOW;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_NONE);
}

TEST_F(input, M2_challenges_are_counted_and_the_next_is_due_after_500_ms)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	syn(d, 1, 5);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_CHALLENGE));
	d->now = start + 500 * XTCP_MS - 1;
	syn(d, 1, 5);
	EXPECT_EQ(d->sent, 1);
	d->now = start + 500 * XTCP_MS;
	syn(d, 1, 5);
	EXPECT_EQ(d->sent, 2);
}

TEST_F(input, R1_resets_are_counted)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	d->t.events = 0;
	reset(d, 0, DRIVE_TAG, &pkt);
	EXPECT_EQ(d->t.events, BIT(XTCP_EV_ESTAB_RESET));
}

TEST_F(input, C2_data_from_an_early_fin_on_is_none)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	s64 at;

	drive_fin(d, 100);
	for (at = 100; at < 102; at++) {
		pkt = drive_pkt(d, at, 10, 0);
		drive_in(d, &pkt);
		EXPECT_EQ(pkt.drop, XTCP_DROP_WINDOW);
		EXPECT_EQ(d->t.rcv.run_count, 0);
	}
}

TEST_HARNESS_MAIN
