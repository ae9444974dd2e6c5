// SPDX-License-Identifier: GPL-2.0
/* Slow start and HyStart++ (RFC 9406): rounds of samples, and what the window does. */
#include <kselftest_harness.h>

#include <xtcp/cc.h>

#define MSS	1000U
#define ENOUGH	8	/* N_RTT_SAMPLE */

FIXTURE(hystart)
{
	struct xtcp_cc cc;
};

FIXTURE_SETUP(hystart)
{
	self->cc.ops = &xtcp_cc_reno;
	self->cc.mss = MSS;
	xtcp_cc_start(&self->cc);
}

FIXTURE_TEARDOWN(hystart)
{
}

/* One acknowledgment; returns what is left for congestion avoidance. */
static u32 ack(struct xtcp_cc *cc, u32 bytes, u64 rtt, bool round)
{
	const struct xtcp_cc_sample sample = {
		.now = XTCP_SEC, .rtt = rtt, .acked = bytes, .pipe = cc->cwnd, .round = round,
	};

	return xtcp_slow_start(cc, &sample);
}

/* A round trip of n acknowledgments of one segment each. */
static void round_trip(struct xtcp_cc *cc, u64 rtt, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		ack(cc, MSS, rtt, !i);
}

TEST_F(hystart, RFC5681_grows_by_what_is_acknowledged)
{
	EXPECT_EQ(0, ack(&self->cc, 3 * MSS, 0, true));
	EXPECT_EQ(13 * MSS, self->cc.cwnd);
}

TEST_F(hystart, RFC5681_ends_at_ssthresh_and_leaves_the_rest)
{
	self->cc.ssthresh = 12 * MSS;
	EXPECT_EQ(3 * MSS, ack(&self->cc, 5 * MSS, 0, true));
	EXPECT_EQ(12 * MSS, self->cc.cwnd);
	EXPECT_EQ(5 * MSS, ack(&self->cc, 5 * MSS, 0, false));
	EXPECT_EQ(12 * MSS, self->cc.cwnd);
}

TEST_F(hystart, RFC9406_steady_round_trips_keep_slow_start)
{
	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	round_trip(&self->cc, 112 * XTCP_MS, ENOUGH);	/* under 100 / 8 more */
	EXPECT_FALSE(self->cc.hystart.css);
	EXPECT_EQ((10 + 2 * ENOUGH) * MSS, self->cc.cwnd);
}

TEST_F(hystart, RFC9406_longer_round_trips_slow_it_to_a_quarter)
{
	u32 cwnd;

	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	round_trip(&self->cc, 113 * XTCP_MS, ENOUGH);
	EXPECT_TRUE(self->cc.hystart.css);
	cwnd = self->cc.cwnd;
	EXPECT_EQ(0, ack(&self->cc, 4 * MSS, 113 * XTCP_MS, false));
	EXPECT_EQ(cwnd + MSS, self->cc.cwnd);
}

TEST_F(hystart, RFC9406_needs_eight_samples)
{
	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	round_trip(&self->cc, 200 * XTCP_MS, ENOUGH - 1);
	EXPECT_FALSE(self->cc.hystart.css);
	ack(&self->cc, MSS, 0, false);		/* no sample */
	EXPECT_FALSE(self->cc.hystart.css);
	ack(&self->cc, MSS, 200 * XTCP_MS, false);
	EXPECT_TRUE(self->cc.hystart.css);
}

TEST_F(hystart, RFC9406_smallest_of_a_round_counts)
{
	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	ack(&self->cc, MSS, 101 * XTCP_MS, true);
	round_trip(&self->cc, 300 * XTCP_MS, 0);
	ack(&self->cc, MSS, 300 * XTCP_MS, false);
	for (int i = 0; i < ENOUGH; i++)
		ack(&self->cc, MSS, 300 * XTCP_MS, false);
	EXPECT_FALSE(self->cc.hystart.css);
}

TEST_F(hystart, RFC9406_threshold_is_held_between_4_and_16_ms)
{
	struct xtcp_cc cc = self->cc;

	round_trip(&cc, XTCP_MS, ENOUGH);
	round_trip(&cc, 5 * XTCP_MS - 1, ENOUGH);
	EXPECT_FALSE(cc.hystart.css);
	cc = self->cc;
	round_trip(&cc, XTCP_MS, ENOUGH);
	round_trip(&cc, 5 * XTCP_MS, ENOUGH);
	EXPECT_TRUE(cc.hystart.css);
	cc = self->cc;
	round_trip(&cc, 400 * XTCP_MS, ENOUGH);
	round_trip(&cc, 416 * XTCP_MS, ENOUGH);
	EXPECT_TRUE(cc.hystart.css);
}

TEST_F(hystart, RFC9406_shorter_round_trips_resume_slow_start)
{
	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	round_trip(&self->cc, 120 * XTCP_MS, ENOUGH);
	ASSERT_TRUE(self->cc.hystart.css);
	round_trip(&self->cc, 119 * XTCP_MS, ENOUGH);
	EXPECT_FALSE(self->cc.hystart.css);
	EXPECT_EQ(XTCP_CC_INFINITE, self->cc.ssthresh);
}

TEST_F(hystart, RFC9406_five_slow_rounds_end_it)
{
	unsigned int i;

	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	round_trip(&self->cc, 120 * XTCP_MS, ENOUGH);
	for (i = 0; i < 4; i++)
		round_trip(&self->cc, 120 * XTCP_MS, ENOUGH);
	EXPECT_EQ(XTCP_CC_INFINITE, self->cc.ssthresh);
	EXPECT_EQ(MSS, ack(&self->cc, MSS, 120 * XTCP_MS, true));
	EXPECT_EQ(self->cc.cwnd, self->cc.ssthresh);
}

TEST_F(hystart, RFC9406_only_the_first_slow_start)
{
	self->cc.ssthresh = 1000 * MSS;
	round_trip(&self->cc, 100 * XTCP_MS, ENOUGH);
	round_trip(&self->cc, 200 * XTCP_MS, ENOUGH);
	EXPECT_FALSE(self->cc.hystart.css);
	EXPECT_EQ((10 + 2 * ENOUGH) * MSS, self->cc.cwnd);
}

/* From now on an acknowledgment each gap; how many until slow start is over, up to n. */
static unsigned int train(struct xtcp_cc *cc, u64 now, u64 gap, unsigned int n)
{
	struct xtcp_cc_sample sample = {
		.rtt = 100 * XTCP_MS, .srtt = 100 * XTCP_MS, .acked = MSS,
	};
	unsigned int i;

	for (i = 0; i < n && cc->ssthresh == XTCP_CC_INFINITE; i++) {
		sample.now = now + i * gap;
		sample.pipe = cc->cwnd;
		xtcp_slow_start(cc, &sample);
	}
	return i;
}

/* One segment a millisecond, for 100 ms: the path holds 100, and a sixteenth is added. */
TEST_F(hystart, train_tells_what_the_path_holds)
{
	EXPECT_EQ(98, train(&self->cc, XTCP_SEC, XTCP_MS, 1000));
	/* what the last of them acknowledges is left for congestion avoidance */
	EXPECT_EQ((10 + 97) * MSS, self->cc.cwnd);
	EXPECT_EQ(self->cc.cwnd, self->cc.ssthresh);
}

TEST_F(hystart, train_must_be_a_quarter_of_a_round_trip)
{
	/* and a millisecond, for which the receiver may have held one */
	self->cc.cwnd = 1000 * MSS;
	EXPECT_EQ(27, train(&self->cc, XTCP_SEC, XTCP_MS, 1000));
}

TEST_F(hystart, train_ends_where_there_is_a_pause)
{
	unsigned int i;

	self->cc.cwnd = 1000 * MSS;
	for (i = 0; i < 10; i++)
		EXPECT_EQ(25, train(&self->cc, (i + 1) * XTCP_SEC, XTCP_MS, 25));
	EXPECT_EQ(100, train(&self->cc, 20 * XTCP_SEC, 2 * XTCP_MS + 1, 100));
	EXPECT_EQ(XTCP_CC_INFINITE, self->cc.ssthresh);
}

/* Where round trips are short acknowledgments always follow each other closely. */
TEST_F(hystart, train_begins_anew_with_each_round)
{
	struct xtcp_cc_sample sample = {
		.rtt = 20 * XTCP_US, .srtt = 20 * XTCP_US, .acked = 2 * MSS,
	};
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		sample.now = XTCP_SEC + i * 100 * XTCP_US;
		sample.pipe = self->cc.cwnd;
		sample.round = i % 10 == 0;	/* a receiver that is behind */
		xtcp_slow_start(&self->cc, &sample);
	}
	EXPECT_EQ(XTCP_CC_INFINITE, self->cc.ssthresh);
	EXPECT_EQ(2010 * MSS, self->cc.cwnd);
}

TEST_F(hystart, train_says_nothing_of_a_small_window)
{
	self->cc.mss = 10 * MSS;	/* of these the window is one, and the path holds ten */
	EXPECT_EQ(151, train(&self->cc, XTCP_SEC, XTCP_MS, 1000));
	EXPECT_EQ(160 * MSS, self->cc.cwnd);
}

TEST_HARNESS_MAIN
