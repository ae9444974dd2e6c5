// SPDX-License-Identifier: GPL-2.0
/* Reno: RFC 5681 in bytes, by samples alone. */
#include <kselftest_harness.h>

#include <xtcp/cc.h>

#define MSS	1000U

FIXTURE(reno)
{
	struct xtcp_cc cc;
};

FIXTURE_SETUP(reno)
{
	self->cc.ops = &xtcp_cc_reno;
	self->cc.mss = MSS;
	xtcp_cc_start(&self->cc);
}

FIXTURE_TEARDOWN(reno)
{
}

static void acked(struct xtcp_cc *cc, u32 bytes, u32 pipe, bool recovery)
{
	const struct xtcp_cc_sample sample = {
		.now = XTCP_SEC, .acked = bytes, .pipe = pipe, .recovery = recovery,
	};

	cc->ops->on_ack(cc, &sample);
}

TEST_F(reno, init_window_is_ten_segments)
{
	EXPECT_EQ(self->cc.cwnd, XTCP_CC_INIT_SEGS * MSS);
	EXPECT_EQ(self->cc.ssthresh, XTCP_CC_INFINITE);
}

TEST_F(reno, slow_start_doubles_in_a_round)
{
	u32 i;

	for (i = 0; i < 10; i++)
		acked(&self->cc, MSS, 10 * MSS, false);
	EXPECT_EQ(self->cc.cwnd, 20 * MSS);
}

TEST_F(reno, slow_start_grows_by_what_one_ack_covers)
{
	acked(&self->cc, 5 * MSS, 10 * MSS, false);
	EXPECT_EQ(self->cc.cwnd, 15 * MSS);
}

TEST_F(reno, unused_window_does_not_grow)
{
	acked(&self->cc, MSS, 2 * MSS, false);
	EXPECT_EQ(self->cc.cwnd, 10 * MSS);
}

TEST_F(reno, recovery_does_not_grow)
{
	acked(&self->cc, MSS, 10 * MSS, true);
	EXPECT_EQ(self->cc.cwnd, 10 * MSS);
}

TEST_F(reno, avoidance_grows_one_segment_in_a_round)
{
	u32 i;

	self->cc.ssthresh = 10 * MSS;
	for (i = 0; i < 9; i++)
		acked(&self->cc, MSS, 10 * MSS, false);
	EXPECT_EQ(self->cc.cwnd, 10 * MSS);
	acked(&self->cc, MSS, 10 * MSS, false);
	EXPECT_EQ(self->cc.cwnd, 11 * MSS);
}

TEST_F(reno, loss_halves_what_was_in_flight)
{
	self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, 8 * MSS);
	EXPECT_EQ(self->cc.ssthresh, 4 * MSS);
	EXPECT_EQ(self->cc.cwnd, 4 * MSS);
}

TEST_F(reno, loss_floor_is_two_segments)
{
	self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, MSS);
	EXPECT_EQ(self->cc.ssthresh, 2 * MSS);
	EXPECT_EQ(self->cc.cwnd, 2 * MSS);
}

TEST_F(reno, RFC8511_marks_leave_four_fifths)
{
	self->cc.ssthresh = self->cc.cwnd;
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, 10 * MSS);
	EXPECT_EQ(self->cc.cwnd, 10 * MSS * 819 / 1024);
	EXPECT_EQ(self->cc.cwnd, self->cc.ssthresh);
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, 2 * MSS);
	EXPECT_EQ(self->cc.cwnd, 2 * MSS);
}

TEST_F(reno, RFC8511_marks_in_slow_start_halve)
{
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, 10 * MSS);
	EXPECT_EQ(self->cc.cwnd, 5 * MSS);
	EXPECT_EQ(self->cc.ssthresh, 5 * MSS);
}

TEST_F(reno, rto_leaves_one_segment)
{
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO, 8 * MSS);
	EXPECT_EQ(self->cc.ssthresh, 4 * MSS);
	EXPECT_EQ(self->cc.cwnd, MSS);
}

TEST_F(reno, window_never_wraps)
{
	u32 i;

	self->cc.cwnd = XTCP_CC_INFINITE - MSS;
	for (i = 0; i < 10; i++)
		acked(&self->cc, XTCP_CC_INFINITE, XTCP_CC_INFINITE, false);
	EXPECT_LE(self->cc.cwnd, XTCP_CC_INFINITE);
	self->cc.ssthresh = MSS;
	for (i = 0; i < 10; i++)
		acked(&self->cc, XTCP_CC_INFINITE, XTCP_CC_INFINITE, false);
	EXPECT_LE(self->cc.cwnd, XTCP_CC_INFINITE);
}

TEST_F(reno, slow_start_ends_at_ssthresh)
{
	self->cc.ssthresh = 12 * MSS;
	acked(&self->cc, 5 * MSS, 10 * MSS, false);
	EXPECT_EQ(self->cc.cwnd, 12 * MSS);
	acked(&self->cc, 9 * MSS, 12 * MSS, false);	/* 3 were left over */
	EXPECT_EQ(self->cc.cwnd, 13 * MSS);
}

TEST_F(reno, repeated_rto_leaves_one_segment_and_ssthresh)
{
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO, 8 * MSS);
	self->cc.cwnd = 3 * MSS;
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO_AGAIN, MSS);
	EXPECT_EQ(self->cc.ssthresh, 4 * MSS);
	EXPECT_EQ(self->cc.cwnd, MSS);
}

TEST_HARNESS_MAIN
