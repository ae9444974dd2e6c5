// SPDX-License-Identifier: GPL-2.0
/* Delivery rate: arithmetic, and samples under every kind of acknowledgment. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

TEST(rate_of_bytes_and_time)
{
	EXPECT_EQ(1000000, xtcp_rate_of(1000, XTCP_MS));
	EXPECT_EQ(1, xtcp_rate_of(3600, 3600 * XTCP_SEC));
	EXPECT_EQ(0xffffffffULL / 1000, xtcp_rate_of(U32_MAX, 1000 * XTCP_SEC));
	EXPECT_EQ(XTCP_RATE_MAX, xtcp_rate_of(U32_MAX, 1));
	EXPECT_EQ(0, xtcp_rate_of(0, 1));
}

TEST(time_of_bytes_at_a_rate)
{
	EXPECT_EQ(XTCP_MS, xtcp_rate_time(1000, 1000000));
	EXPECT_EQ(10, xtcp_rate_time(500, 50000000000ULL));
	EXPECT_EQ(U32_MAX * XTCP_SEC, xtcp_rate_time(U32_MAX, 1));
}

TEST(bytes_in_a_time_at_a_rate)
{
	EXPECT_EQ(1000, xtcp_rate_bytes(1000000, XTCP_MS));
	EXPECT_EQ(0, xtcp_rate_bytes(1000000, 0));
	EXPECT_EQ(68, xtcp_rate_bytes(XTCP_RATE_MAX, 1));
	/* 50 ms at 10 Gb/s, within a millionth */
	EXPECT_GE(62500062, xtcp_rate_bytes(1250000000, 50 * XTCP_MS));
	EXPECT_LE(62499938, xtcp_rate_bytes(1250000000, 50 * XTCP_MS));
	EXPECT_GE(XTCP_RATE_MAX * 1001 / 10, xtcp_rate_bytes(XTCP_RATE_MAX, 100 * XTCP_SEC));
	EXPECT_LE(XTCP_RATE_MAX * 999 / 10, xtcp_rate_bytes(XTCP_RATE_MAX, 100 * XTCP_SEC));
	EXPECT_NE(0, xtcp_rate_bytes(XTCP_RATE_MAX, XTCP_NEVER));
}

/* A congestion control algorithm that only looks. */
static struct xtcp_cc_sample seen;

static void see_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	seen = *sample;
}

static struct xtcp_cc_loss lost;
static u32 losses;

static void see_lost(struct xtcp_cc *cc, const struct xtcp_cc_loss *loss)
{
	lost = *loss;
	losses++;
}

static void see_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
}

static const struct xtcp_cc_ops see = {
	.name		= "see",
	.on_ack		= see_ack,
	.on_lost	= see_lost,
	.on_event	= see_event,
};

FIXTURE(rate)
{
	struct drive d;
};

FIXTURE_SETUP(rate)
{
	drive_open(&self->d, MSS + XTCP_TS_LEN, RCVBUF);
	self->d.t.cc.ops = &see;
	self->d.t.cc.cwnd = 100 * MSS;
}

FIXTURE_TEARDOWN(rate)
{
	drive_end(&self->d);
}

/* An ACK with SACK ranges. */
static void sack(struct drive *d, s64 ack, u32 n, const u64 ranges[][2])
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, ack);

	drive_sack(d, &pkt, n, ranges);
	drive_in(d, &pkt);
}

TEST_F(rate, one_flight)
{
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(10 * MSS * 100, seen.rate);
	EXPECT_EQ(10 * MSS, seen.delivered);
	EXPECT_EQ(0, seen.prior_delivered);
	EXPECT_EQ(10 * MSS, seen.flight);
	EXPECT_EQ(0, seen.lost);
}

/* Sent at 1 segment a millisecond, acknowledged all at once: not faster than it was sent. */
TEST_F(rate, compressed_acks_do_not_raise_it)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 0; i < 10; i++) {
		drive_write(d, MSS, XTCP_WRITE_PUSH);
		d->now += XTCP_MS;
	}
	drive_ack(d, MSS);
	for (i = 0; i < 10; i++) {
		drive_write(d, MSS, XTCP_WRITE_PUSH);
		d->now += XTCP_MS;
	}
	drive_ack(d, 20 * MSS);
	/* from the first of the 20 to the last: 19 ms, 19 segments delivered since the ACK */
	EXPECT_EQ(MSS * 1000, seen.rate);
}

TEST_F(rate, part_of_a_super_packet)
{
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(1, d->sent);
	d->now += RTT;
	drive_ack(d, 4 * MSS);
	EXPECT_EQ(4 * MSS, seen.delivered);
	EXPECT_EQ(4 * MSS * 100, seen.rate);
	d->now += RTT;
	drive_ack(d, 10 * MSS);
	/* both were sent when nothing had been delivered: 10 in two round trips */
	EXPECT_EQ(10 * MSS, seen.delivered);
	EXPECT_EQ(0, seen.prior_delivered);
	EXPECT_EQ(10 * MSS * 50, seen.rate);
}

TEST_F(rate, sacked_once_and_never_again)
{
	const u64 range[1][2] = { { 2 * MSS, 5 * MSS } };
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	sack(d, 0, 1, range);
	EXPECT_EQ(3 * MSS, seen.delivered);
	EXPECT_EQ(3 * MSS * 100, seen.rate);
	sack(d, 0, 1, range);
	EXPECT_EQ(3 * MSS, seen.delivered);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(10 * MSS, seen.delivered);
}

TEST_F(rate, retransmission_has_notes_of_its_own)
{
	const u64 range[1][2] = { { MSS, 10 * MSS } };
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	sack(d, 0, 1, range);
	ASSERT_EQ(XTCP_WHY_REXMIT, drive_last(d)->tx.why);
	d->now += RTT;
	drive_ack(d, 10 * MSS);
	/* 9 were delivered as it was sent again, one since, in one round trip */
	EXPECT_EQ(9 * MSS, seen.prior_delivered);
	EXPECT_EQ(MSS * 100, seen.rate);
	EXPECT_EQ(MSS, seen.flight);
	EXPECT_EQ(0, seen.lost);
	EXPECT_EQ(MSS, d->t.rate.lost);
}

TEST_F(rate, lost_since_it_was_sent)
{
	const u64 range[1][2] = { { 5 * MSS, 10 * MSS } };
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	sack(d, 0, 1, range);
	EXPECT_EQ(5 * MSS, d->t.rate.lost);
	drive_ack(d, 11 * MSS);
	/* the last of these was sent once, before the loss was known */
	EXPECT_EQ(11 * MSS, seen.delivered);
}

TEST_F(rate, each_range_lost_is_told)
{
	const u64 first[1][2] = { { 2 * MSS, 9 * MSS } };
	struct drive *d = &self->d;
	u32 i;

	d->t.burst = MSS;
	d->t.cc.cwnd = 10 * MSS;
	d->t.snd.ts_at = d->now;	/* no TS in any segment: all of one length */
	d->t.rtt.srtt = XTCP_SEC;
	d->t.tune.maxseg = MSS;
	xtcp_tuned(&d->t, d->now);
	losses = 0;
	drive_write(d, 12 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	for (i = 0; i < 2; i++) {
		sack(d, 0, 1, first);
		ASSERT_EQ(2, losses);
	}
	EXPECT_EQ(MSS, lost.size);
	EXPECT_EQ(2 * MSS, lost.lost);
	EXPECT_EQ(2 * MSS, lost.flight);	/* the second of the flight */
	EXPECT_FALSE(lost.apart);
	EXPECT_TRUE(lost.limited);	/* nothing was to be sent before that */
}

TEST_F(rate, first_answer_after_a_pause)
{
	struct drive *d = &self->d;

	d->t.burst = MSS;
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_ack(d, MSS);
	EXPECT_TRUE(seen.idle);
	drive_ack(d, 2 * MSS);
	EXPECT_FALSE(seen.idle);
	d->now += XTCP_SEC;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_ack(d, 3 * MSS);
	EXPECT_TRUE(seen.idle);
}

/* An algorithm that sends less than it could does not measure the path. */
TEST_F(rate, holding_back_limits_the_samples)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 4 * MSS;
	d->t.cc.holds_back = true;
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	drive_ack(d, 4 * MSS);
	drive_ack(d, 8 * MSS);
	EXPECT_TRUE(seen.limited);
}

/* Answered sooner than any answer can come: it was for the original. */
TEST_F(rate, shorter_than_the_round_trip_is_no_sample)
{
	const u64 range[1][2] = { { MSS, 10 * MSS } };
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	sack(d, 0, 1, range);
	d->now += RTT / 2;
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(0, seen.rate);
	EXPECT_EQ(10 * MSS, seen.delivered);
}

/* ... and is none of the copy either, however long the bytes before that took to send. */
TEST_F(rate, original_behind_its_copy_begins_no_round)
{
	const u64 first[1][2] = { { MSS, 9 * MSS } };
	struct drive *d = &self->d;
	u64 delivered;

	drive_write(d, 9 * MSS, XTCP_WRITE_PUSH);
	d->now += 3 * RTT;	/* a queue */
	sack(d, 0, 1, first);
	ASSERT_EQ(XTCP_WHY_REXMIT, drive_last(d)->tx.why);
	delivered = d->t.rate.delivered;
	d->now += RTT / 2;
	sack(d, MSS, 1, first);
	EXPECT_EQ(delivered + MSS, seen.delivered);
	EXPECT_EQ(seen.delivered, seen.prior_delivered);
	EXPECT_EQ(0, seen.rate);
}

TEST_F(rate, program_is_the_limit_until_a_full_window_is_delivered)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 4 * MSS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, MSS);
	EXPECT_TRUE(seen.limited);
	EXPECT_TRUE(d->t.rate.last_limited);
	/* More than the window takes: what is sent from the next ACK on measures the path. */
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 5 * MSS);
	EXPECT_TRUE(seen.limited);
	EXPECT_EQ(0, d->t.rate.limited);
	d->now += RTT;
	drive_ack(d, 9 * MSS);
	EXPECT_FALSE(seen.limited);
	EXPECT_EQ(4 * MSS * 100, seen.rate);
	EXPECT_FALSE(d->t.rate.last_limited);
}

TEST_F(rate, time_without_anything_to_deliver_does_not_count)
{
	struct drive *d = &self->d;

	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 4 * MSS);
	d->now += 5 * XTCP_SEC;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 8 * MSS);
	EXPECT_EQ(4 * MSS * 100, seen.rate);
}

TEST_F(rate, slow_samples_of_the_program_do_not_hide_the_path)
{
	struct drive *d = &self->d;

	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 20 * MSS);
	EXPECT_EQ(20 * MSS * 100, d->t.rate.last);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 21 * MSS);
	EXPECT_EQ(20 * MSS * 100, d->t.rate.last);
}

TEST_HARNESS_MAIN
