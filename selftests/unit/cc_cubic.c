// SPDX-License-Identifier: GPL-2.0
/* CUBIC (RFC 9438) against its formulas in floating point. */
#include <kselftest_harness.h>
#include <math.h>

#include <xtcp/cc.h>

#define MSS	1448U
#define RTT	(50 * XTCP_MS)
#define BETA	0.7
#define C	0.4

FIXTURE(cubic)
{
	struct xtcp_cc cc;
	u64 now;
};

FIXTURE_SETUP(cubic)
{
	self->now = 100 * XTCP_SEC;
	self->cc.ops = &xtcp_cc_cubic;
	self->cc.mss = MSS;
	xtcp_cc_start(&self->cc);
}

FIXTURE_TEARDOWN(cubic)
{
}

static void loss(struct xtcp_cc *cc, u32 segs)
{
	cc->cwnd = segs * MSS;
	cc->ops->on_event(cc, XTCP_CC_LOSS, cc->cwnd);
	cc->ops->on_event(cc, XTCP_CC_RECOVERED, 0);
}

/* Acknowledge full windows for so long, one segment at a time. */
static void run(struct xtcp_cc *cc, u64 *now, u64 rtt, u64 length)
{
	u64 end = *now + length;
	struct xtcp_cc_sample sample = { .rtt = rtt, .srtt = rtt, .acked = MSS };
	u32 segs, i;

	while (*now < end) {
		segs = cc->cwnd / MSS;
		for (i = 0; i < segs; i++) {
			*now += rtt / segs;
			sample.now = *now;
			sample.pipe = cc->cwnd;
			sample.round = !i;
			cc->ops->on_ack(cc, &sample);
		}
	}
}

static double segments(const struct xtcp_cc *cc)
{
	return (double)cc->cwnd / MSS;
}

TEST_F(cubic, RFC9438_4_6_loss_leaves_seven_tenths)
{
	loss(&self->cc, 1000);
	EXPECT_LT(fabs(segments(&self->cc) - 700), 1);
	EXPECT_EQ(self->cc.cwnd, self->cc.ssthresh);
}

TEST_F(cubic, RFC9438_4_6_never_below_two_segments)
{
	loss(&self->cc, 2);
	EXPECT_EQ(2 * MSS, self->cc.cwnd);
}

TEST_F(cubic, RFC8511_marks_leave_four_fifths)
{
	struct xtcp_cc *cc = &self->cc;

	cc->cwnd = 1000 * MSS;
	cc->ssthresh = cc->cwnd;
	cc->ops->on_event(cc, XTCP_CC_ECN, cc->cwnd);
	EXPECT_LT(fabs(segments(cc) - 800), 1);
	EXPECT_EQ(cc->cwnd, cc->ssthresh);
	EXPECT_EQ(1000 * MSS, cc->own.cubic.w_max);
}

TEST_F(cubic, RFC8511_marks_in_slow_start_count_as_loss)
{
	struct xtcp_cc *cc = &self->cc;

	cc->cwnd = 1000 * MSS;
	cc->ops->on_event(cc, XTCP_CC_ECN, cc->cwnd);
	EXPECT_LT(fabs(segments(cc) - 700), 1);
}

TEST_F(cubic, RFC9438_4_2_follows_the_cubic_function)
{
	double k = cbrt(300 / C), t, want;
	u64 begin = self->now;
	int i;

	loss(&self->cc, 1000);
	/* concave, plateau, convex: as far past it as before */
	for (i = 1; i <= 20; i++) {
		run(&self->cc, &self->now, RTT, k / 10 * XTCP_SEC);
		t = (double)(self->now - begin) / XTCP_SEC;
		want = C * pow(t - k, 3) + 1000;
		EXPECT_LT(fabs(segments(&self->cc) / want - 1), 0.02)
			TH_LOG("after %.2f s: %.1f segments, not %.1f", t, segments(&self->cc),
			       want);
	}
	EXPECT_GT(segments(&self->cc), 1250);
}

TEST_F(cubic, RFC9438_4_3_is_never_slower_than_reno)
{
	u64 rtt = 5 * XTCP_MS, begin = self->now;
	double rounds, want;

	/* Windows this small on paths this short take the cubic function for ever. */
	loss(&self->cc, 20);
	run(&self->cc, &self->now, rtt, XTCP_SEC / 20);
	rounds = (double)(self->now - begin) / rtt;
	want = 14 + 3 * (1 - BETA) / (1 + BETA) * rounds;
	EXPECT_LT(fabs(segments(&self->cc) / want - 1), 0.05)
		TH_LOG("%.1f segments, not %.1f", segments(&self->cc), want);

	/* Where the last loss was it grows by a whole segment in a round trip. */
	run(&self->cc, &self->now, rtt, XTCP_SEC);
	want = segments(&self->cc);
	ASSERT_GT(want, 21);
	begin = self->now;
	run(&self->cc, &self->now, rtt, XTCP_SEC / 20);
	rounds = (double)(self->now - begin) / rtt;
	EXPECT_LT(fabs((segments(&self->cc) - want) / rounds - 1), 0.1);
}

TEST_F(cubic, RFC9438_4_4_at_most_half_as_much_again_in_a_round_trip)
{
	u32 cwnd;

	loss(&self->cc, 10);
	run(&self->cc, &self->now, RTT, RTT);
	cwnd = self->cc.cwnd;
	self->now += 60 * XTCP_SEC;	/* the function is far away now */
	self->cc.own.cubic.last = self->now;
	run(&self->cc, &self->now, RTT, RTT / 2);	/* one window */
	EXPECT_LE(self->cc.cwnd, cwnd + cwnd / 2);
	EXPECT_GT(self->cc.cwnd, cwnd + cwnd / 3);
}

TEST_F(cubic, RFC9438_4_7_fast_convergence)
{
	loss(&self->cc, 1000);
	EXPECT_EQ(1000 * MSS, self->cc.own.cubic.w_max);
	loss(&self->cc, 800);		/* did not get back: gives up room */
	EXPECT_EQ((u64)800 * MSS * (1024 + 717) / 2048, self->cc.own.cubic.w_max);
	loss(&self->cc, 900);
	EXPECT_EQ(900 * MSS, self->cc.own.cubic.w_max);
}

/* As Linux's CUBIC: where slow start has ended without a loss the plateau is a guess. */
TEST_F(cubic, five_percent_a_round_trip_before_any_congestion)
{
	self->cc.cwnd = 1000 * MSS;
	self->cc.ssthresh = 1000 * MSS;
	run(&self->cc, &self->now, RTT, RTT);
	EXPECT_LT(fabs(segments(&self->cc) - 1050), 5);
	/* Reno's segment in a round trip is more, where that is. */
	self->cc.cwnd = 10 * MSS;
	self->cc.ssthresh = 10 * MSS;
	self->cc.own.cubic.running = false;
	run(&self->cc, &self->now, RTT, RTT);
	EXPECT_LT(fabs(segments(&self->cc) - 11), 0.1);
	/* The first congestion ends it, */
	loss(&self->cc, 1000);
	loss(&self->cc, 1000);
	self->cc.ops->on_event(&self->cc, XTCP_CC_UNDO, 0);
	self->cc.cwnd = 1000 * MSS;
	run(&self->cc, &self->now, RTT, RTT);
	EXPECT_LT(segments(&self->cc), 1005);
}

/* unless it was none. */
TEST_F(cubic, five_percent_again_after_an_undone_loss)
{
	loss(&self->cc, 1000);
	self->cc.ops->on_event(&self->cc, XTCP_CC_UNDO, 0);
	self->cc.cwnd = 1000 * MSS;
	self->cc.ssthresh = 1000 * MSS;
	run(&self->cc, &self->now, RTT, RTT);
	EXPECT_LT(fabs(segments(&self->cc) - 1050), 5);
}

/* Windows are of whole segments there: on the plateau it has got back. */
TEST_F(cubic, RFC9438_4_7_the_plateau_is_where_it_was)
{
	double k = cbrt(300 / C);

	loss(&self->cc, 1000);
	run(&self->cc, &self->now, RTT, 0.9 * k * XTCP_SEC);
	ASSERT_LT(self->cc.cwnd, 1000 * MSS);
	ASSERT_GT(self->cc.cwnd, 999 * MSS);
	self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, self->cc.cwnd);
	EXPECT_GT(self->cc.own.cubic.w_max, 999 * MSS);
	self->cc.cwnd = 998 * MSS;
	self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, self->cc.cwnd);
	EXPECT_LT(self->cc.own.cubic.w_max, 900 * MSS);
}

TEST_F(cubic, RFC9438_4_8_timeout_forgets_the_plateau)
{
	u64 begin;
	double t;

	self->cc.cwnd = 100 * MSS;
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO, self->cc.cwnd);
	EXPECT_EQ(MSS, self->cc.cwnd);
	EXPECT_EQ((u64)100 * MSS * 717 >> 10, self->cc.ssthresh);
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO_AGAIN, MSS);
	EXPECT_EQ((u64)100 * MSS * 717 >> 10, self->cc.ssthresh);

	/* slow start up to ssthresh, from there with K = 0 */
	while (self->cc.cwnd < self->cc.ssthresh)
		run(&self->cc, &self->now, RTT, RTT);
	ASSERT_TRUE(self->cc.own.cubic.running);
	EXPECT_EQ(0, self->cc.own.cubic.k);
	begin = self->cc.own.cubic.epoch;
	run(&self->cc, &self->now, RTT, 8 * XTCP_SEC);
	t = (double)(self->now - begin) / XTCP_SEC;
	EXPECT_LT(fabs(segments(&self->cc) / (70 + C * pow(t, 3)) - 1), 0.05);
}

TEST_F(cubic, RFC9438_5_8_idle_time_does_not_count)
{
	struct xtcp_cc_sample idle = { .acked = MSS, .srtt = RTT };
	struct xtcp_cc busy;
	u64 now = self->now;
	int i;

	loss(&self->cc, 1000);
	run(&self->cc, &now, RTT, XTCP_SEC);
	busy = self->cc;
	self->now = now;
	for (i = 0; i < 100; i++) {
		self->now += XTCP_SEC;
		idle.now = self->now;
		self->cc.ops->on_ack(&self->cc, &idle);
	}
	EXPECT_EQ(busy.cwnd, self->cc.cwnd);
	run(&self->cc, &self->now, RTT, XTCP_SEC);
	run(&busy, &now, RTT, XTCP_SEC);
	EXPECT_LT(fabs((double)self->cc.cwnd / busy.cwnd - 1), 0.001);
}

TEST_F(cubic, RFC9438_4_9_undone_loss_leaves_the_plateau)
{
	struct xtcp_cc *cc = &self->cc;
	u32 cwnd = cc->cwnd, w_max;

	cc->ops->on_event(cc, XTCP_CC_LOSS, cwnd);
	w_max = cc->own.cubic.w_max;
	run(cc, &self->now, RTT, XTCP_SEC);
	cc->cwnd = cwnd / 2;
	cc->ops->on_event(cc, XTCP_CC_RTO, cwnd / 2);
	EXPECT_EQ(cc->own.cubic.w_max, 0);
	cc->ops->on_event(cc, XTCP_CC_UNDO, 0);
	EXPECT_EQ(cc->own.cubic.w_max, w_max);
	EXPECT_FALSE(cc->own.cubic.running);
}

TEST_F(cubic, RFC9438_5_8_idle_time_ends_the_epoch)
{
	u64 now = self->now;

	loss(&self->cc, 1000);
	run(&self->cc, &now, RTT, XTCP_SEC);
	ASSERT_TRUE(self->cc.own.cubic.running);
	self->cc.ops->on_event(&self->cc, XTCP_CC_IDLE, 0);
	now += 3600 * XTCP_SEC;
	run(&self->cc, &now, RTT, RTT);
	EXPECT_LT(segments(&self->cc), 1000);
	EXPECT_GT(segments(&self->cc), 700);
}

TEST_F(cubic, recovery_does_not_grow)
{
	struct xtcp_cc_sample sample = { .acked = MSS, .pipe = 10 * MSS, .recovery = true };
	u32 cwnd = self->cc.cwnd;

	self->cc.ops->on_ack(&self->cc, &sample);
	EXPECT_EQ(cwnd, self->cc.cwnd);
}

/* The largest window, the smallest segments, hours: nothing overflows or shrinks. */
TEST_F(cubic, extremes_neither_overflow_nor_shrink)
{
	struct xtcp_cc_sample sample = { .acked = 1 << 20, .srtt = XTCP_SEC };
	struct xtcp_cc *cc = &self->cc;
	u32 cwnd, i;

	cc->mss = 384;
	cc->cwnd = XTCP_CC_INFINITE;
	cc->ops->on_event(cc, XTCP_CC_LOSS, cc->cwnd);
	for (i = 0; i < 100000; i++) {
		self->now += XTCP_SEC;
		sample.now = self->now;
		sample.pipe = cc->cwnd;
		cwnd = cc->cwnd;
		cc->ops->on_ack(cc, &sample);
		ASSERT_GE(cc->cwnd, cwnd);
		ASSERT_LE(cc->cwnd, XTCP_CC_INFINITE);
	}
	EXPECT_EQ(XTCP_CC_INFINITE, cc->cwnd);
}

TEST_HARNESS_MAIN
