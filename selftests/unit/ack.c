// SPDX-License-Identifier: GPL-2.0
/* Acknowledgments: bytes, round-trip times, the right edge (D4). */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

DRIVE_FIXTURE(ack, drive_open, MSS + XTCP_TS_LEN, RCVBUF)

TEST_F(ack, F3_names_the_next_byte_expected)
{
	struct drive *d = &self->d;

	drive_write(d, 300, XTCP_WRITE_PUSH);
	drive_write(d, 100, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(drive_seq(d, &d->out[1]), 300);
	drive_write(d, 1, XTCP_WRITE_PUSH);
	EXPECT_EQ(drive_seq(d, &d->out[2]), 400);
	drive_ack(d, 400);
	EXPECT_EQ(d->t.snd.una, d->iss + 401);
	EXPECT_EQ(xtcp_seg_first(&d->t)->start, d->iss + 401);
}

TEST_F(ack, D4_part_of_a_super_packet)
{
	struct drive *d = &self->d;
	struct xtcp_seg *seg;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	d->now += RTT;
	drive_ack(d, 3 * MSS);
	EXPECT_TRUE(d->todo & XTCP_ACKED);
	seg = xtcp_seg_first(&d->t);
	ASSERT_NE(seg, NULL);
	EXPECT_EQ(seg->start, d->iss + 1 + 3 * MSS);
	EXPECT_EQ(seg->end, d->iss + 1 + 10 * MSS);
	EXPECT_EQ(seg->buf, NULL);
	EXPECT_EQ(xtcp_pipe(&d->t), 7 * MSS);
	EXPECT_NE(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(xtcp_seg_first(&d->t), NULL);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
}

TEST_F(ack, D4_part_of_a_lost_range)
{
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	xtcp_mark_lost(&d->t, xtcp_seg_first(&d->t));
	d->err = -ENOBUFS;	/* it stays lost */
	drive_ack(d, 3 * MSS);
	EXPECT_EQ(d->t.snd.lost, 7 * MSS);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(d->t.snd.lost, 0);
}

TEST_F(ack, D4_sacked_then_acknowledged)
{
	struct drive *d = &self->d;
	const u64 range[1][2] = { { 2 * MSS, 5 * MSS } };
	struct xtcp_pkt pkt;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.snd.sacked, 3 * MSS);
	drive_ack(d, 3 * MSS);
	EXPECT_EQ(d->t.snd.sacked, 2 * MSS);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(d->t.snd.sacked, 0);
}

TEST_F(ack, D4_sample)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += 7 * XTCP_MS;
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.rtt.last, 7 * XTCP_MS);
}

TEST_F(ack, D4_delay_reported_by_the_peer_is_taken_off)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += 30 * XTCP_MS;
	pkt = drive_pkt(d, 0, 0, MSS);
	drive_sack(d, &pkt, 0, NULL);
	pkt.ack_delay = 16 * XTCP_MS / XTCP_DELAY_UNIT;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, 14 * XTCP_MS);
}

TEST_F(ack, D4_no_sample_from_retransmitted_data)
{
	struct drive *d = &self->d;
	u64 srtt = d->t.rtt.srtt;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(drive_last(d)->tx.why, XTCP_WHY_REXMIT);
	d->now += XTCP_MS;
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.rtt.srtt, srtt);
}

/* 20 ms after what was sent last. */
static void echo_later(struct drive *d)
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, MSS);

	drive_tsecho(&pkt, drive_last(d)->pkt.ts, 0);
	d->now += 20 * XTCP_MS;
	drive_in(d, &pkt);
}

/* What arrives behind a gap was sent once, and is acknowledged at once. */
TEST_F(ack, D4_sample_from_sacked_data)
{
	const u64 first[1][2] = { { 3 * MSS, 4 * MSS } }, both[1][2] = { { 3 * MSS, 6 * MSS } };
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, 5 * MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_MS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT + 3 * XTCP_MS;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, first);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, RTT + 4 * XTCP_MS);
	/* of two that are reported the later is the cause */
	d->now += XTCP_MS;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, both);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, RTT + 4 * XTCP_MS);
	/* nothing new: no sample */
	d->now += XTCP_MS;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, RTT + 4 * XTCP_MS);
}

TEST_F(ack, D4_sample_from_retransmitted_data_with_echo)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
	echo_later(d);
	EXPECT_GE(d->t.rtt.last, 20 * XTCP_MS - 1024);
	EXPECT_LE(d->t.rtt.last, 20 * XTCP_MS + 1024);
}

/* TS tells nobody the clock of this host, and what comes back is understood. */
TEST_F(ack, D4_D9_TS_counts_from_a_moment_of_its_own)
{
	struct drive *d = &self->d;

	d->t.ts_epoch = 0x89abcdef;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
	EXPECT_EQ(drive_last(d)->pkt.ts, xtcp_ts_now(d->now) + 0x89abcdef);
	echo_later(d);
	EXPECT_GE(d->t.rtt.last, 20 * XTCP_MS - 1024);
	EXPECT_LE(d->t.rtt.last, 20 * XTCP_MS + 1024);
}

TEST_F(ack, D4_right_edge_is_the_largest_seen)
{
	struct drive *d = &self->d;
	u64 edge;

	d->wnd = 2 * DRIVE_WND;
	drive_ack(d, 0);
	edge = d->t.snd.edge;
	EXPECT_EQ(edge, d->iss + 1 + 2 * DRIVE_WND);
	d->wnd = 1;
	drive_ack(d, 0);
	EXPECT_EQ(d->t.snd.edge, edge);
}

TEST_F(ack, D4_old_acknowledgment_moves_nothing)
{
	struct drive *d = &self->d;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_ack(d, 2 * MSS);
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.snd.una, d->iss + 1 + 2 * MSS);
}

TEST_F(ack, C3_of_the_fin)
{
	struct drive *d = &self->d;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_ack(d, 10);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_1);
	drive_ack(d, 11);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_2);
}

TEST_F(ack, dsack_is_counted)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_ack(d, MSS);
	pkt = drive_pkt(d, 0, 0, MSS);
	pkt.has |= XTCP_HAS_DSACK;
	pkt.dsack = d->iss + 1;
	pkt.dsack_len = MSS;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.stat.dsacks, 1);
}

TEST_F(ack, D4_echo_that_was_never_sent_is_no_sample)
{
	struct drive *d = &self->d;
	u64 last = d->t.rtt.last;
	struct xtcp_pkt pkt;

	pkt = drive_pkt(d, 0, 0, 0);
	drive_tsecho(&pkt, xtcp_ts_now(d->now + XTCP_SEC), 0);	/* the future */
	drive_in(d, &pkt);
	pkt = drive_pkt(d, 0, 0, 0);
	drive_tsecho(&pkt, xtcp_ts_now(d->t.opened_at - XTCP_SEC), 0);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, last);
}

TEST_F(ack, D4_echo_held_for_too_long_to_say_is_no_sample)
{
	struct drive *d = &self->d;
	u64 last = d->t.rtt.last;
	struct xtcp_pkt pkt;
	u32 ts = xtcp_ts_now(d->now);

	d->now += 60 * XTCP_SEC;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_tsecho(&pkt, ts, 0);
	pkt.ts_delay = U16_MAX;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, last);
	pkt = drive_pkt(d, 0, 0, 0);
	drive_tsecho(&pkt, xtcp_ts_now(d->now), 0);
	d->now += 3 * XTCP_MS;
	drive_in(d, &pkt);
	EXPECT_NE(d->t.rtt.last, last);
}

TEST_F(ack, D4_overstated_delay_is_not_believed)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	ASSERT_EQ(d->t.rtt.min, RTT);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT + 2 * XTCP_MS;
	pkt = drive_pkt(d, 0, 0, MSS);
	drive_sack(d, &pkt, 0, NULL);
	pkt.ack_delay = 3 * XTCP_MS / XTCP_DELAY_UNIT;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rtt.last, RTT + 2 * XTCP_MS);
}

/* A congestion control algorithm that only looks. */
static struct xtcp_cc_sample seen;

static void see_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	seen = *sample;
}

static void see_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
}

static const struct xtcp_cc_ops see = {
	.name		= "see",
	.on_ack		= see_ack,
	.on_event	= see_event,
};

/* RFC 9406 4.2: windowEnd, which is acknowledged, is the first byte not sent yet. */
TEST_F(ack, RFC9406_4_2_round_ends_with_what_was_sent_after_it_began)
{
	struct drive *d = &self->d;

	d->t.cc.ops = &see;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	drive_ack(d, MSS);
	EXPECT_TRUE(seen.round);
	drive_ack(d, 2 * MSS);
	EXPECT_FALSE(seen.round);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_ack(d, 4 * MSS);
	EXPECT_FALSE(seen.round);
	drive_ack(d, 5 * MSS);
	EXPECT_TRUE(seen.round);
}

/*
 * Flights that double: each round begins with the first ACK of one. If it began with the
 * last ones of the flight before, their round trips, which are the longest, would be taken
 * for a queue.
 */
TEST_F(ack, RFC9406_4_2_rounds_keep_step_with_slow_start)
{
	struct drive *d = &self->d;
	u32 flight = XTCP_CC_INIT_SEGS, i;
	s64 una = 0;

	d->t.cc.ops = &see;
	d->t.burst = MSS;
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_write(d, flight * MSS, XTCP_WRITE_PUSH);
	for (; flight < 200; flight *= 2) {
		d->now += RTT;
		for (i = 1; i <= flight / 2; i++) {
			una += 2 * MSS;
			drive_ack(d, una);
			EXPECT_EQ(seen.round, i == 1);
			drive_forget(d);
			drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
		}
	}
}

TEST_F(ack, window_grows_after_a_timeout_but_not_in_fast_recovery)
{
	struct drive *d = &self->d;

	d->t.cc.ops = &see;
	d->t.burst = MSS;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	d->t.recovery = 1;
	d->t.snd.high = d->t.snd.nxt;
	drive_ack(d, MSS);
	EXPECT_TRUE(seen.recovery);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	drive_ack(d, 2 * MSS);
	EXPECT_FALSE(seen.recovery);
	EXPECT_EQ(d->t.recovery + 0, 1);
}

TEST_HARNESS_MAIN
