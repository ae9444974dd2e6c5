// SPDX-License-Identifier: GPL-2.0
/* DCTCP (RFC 8257), by samples alone. */
#include <kselftest_harness.h>
#include <math.h>

#include <xtcp/cc.h>

#define MSS	1000U

FIXTURE(dctcp)
{
	struct xtcp_cc cc;
};

FIXTURE_SETUP(dctcp)
{
	self->cc.ops = &xtcp_cc_dctcp;
	self->cc.mss = MSS;
	xtcp_cc_start(&self->cc);
	self->cc.ssthresh = self->cc.cwnd;
}

FIXTURE_TEARDOWN(dctcp)
{
}

static double alpha(const struct xtcp_cc *cc)
{
	return 1 - cc->own.dctcp.clear / 1048576.0;
}

/* A window of so many segments is acknowledged one by one, the last of them marked. */
static void window(struct xtcp_cc *cc, u32 segs, u32 marked)
{
	struct xtcp_cc_sample sample = { .now = XTCP_SEC, .acked = MSS };
	u32 i;

	for (i = 1; i <= segs; i++) {
		sample.ce = i > segs - marked;
		sample.round = i == segs;
		cc->ops->on_ack(cc, &sample);
	}
}

TEST_F(dctcp, asks_for_ecn)
{
	EXPECT_TRUE(self->cc.ops->needs_ecn);
}

/* Beside others, on a path without marks at a short queue, it takes more than its share. */
TEST_F(dctcp, is_for_the_administrator)
{
	unsigned int i;

	for (i = 0; xtcp_cc_all[i]; i++)
		EXPECT_EQ(xtcp_cc_all[i]->restricted, xtcp_cc_all[i] == self->cc.ops);
}

TEST_F(dctcp, RFC8257_3_3_the_first_mark_halves)
{
	self->cc.cwnd = 100 * MSS;
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, 100 * MSS);
	EXPECT_EQ(self->cc.cwnd, 50 * MSS);
	EXPECT_EQ(self->cc.ssthresh, 50 * MSS);
}

TEST_F(dctcp, RFC8257_3_3_alpha_follows_the_share_of_marks)
{
	double want = 1;
	u32 i;

	for (i = 0; i < 200; i++) {
		window(&self->cc, 40, i < 100 ? 10 : 0);
		want = want * 15 / 16 + (i < 100 ? 0.25 : 0) / 16;
		ASSERT_LT(fabs(alpha(&self->cc) - want), 0.0001);
	}
	EXPECT_LT(alpha(&self->cc), 0.001);
}

TEST_F(dctcp, RFC8257_3_3_reduces_by_half_of_alpha)
{
	u32 i;

	for (i = 0; i < 200; i++)
		window(&self->cc, 40, 4);
	self->cc.cwnd = 1000 * MSS;
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, 1000 * MSS);
	EXPECT_LT(fabs(self->cc.cwnd / (950.0 * MSS) - 1), 0.001);
}

TEST_F(dctcp, all_marked_is_alpha_one)
{
	u32 i;

	for (i = 0; i < 100; i++)
		window(&self->cc, 10, 0);
	for (i = 0; i < 300; i++)
		window(&self->cc, 10, 10);
	EXPECT_EQ(alpha(&self->cc), 1);
}

/* Small segments, two to an acknowledgment: the share is one of bytes, not of full segments. */
TEST_F(dctcp, RFC8257_3_3_marks_of_small_segments)
{
	struct xtcp_cc_sample sample = { .now = XTCP_SEC, .acked = 200 };
	u32 window, i;

	for (window = 0; window < 200; window++) {
		for (i = 1; i <= 10; i++) {
			sample.ce = i == 10;
			sample.round = i == 10;
			self->cc.ops->on_ack(&self->cc, &sample);
		}
	}
	EXPECT_LT(fabs(alpha(&self->cc) - 0.1), 0.001);
}

/* A mark stands for no more bytes than there were. */
TEST_F(dctcp, marks_never_exceed_what_was_acknowledged)
{
	const struct xtcp_cc_sample sample = {
		.now = XTCP_SEC, .acked = 10, .ce = U32_MAX, .round = true,
	};
	u32 i;

	for (i = 0; i < 100; i++) {
		self->cc.ops->on_ack(&self->cc, &sample);
		ASSERT_EQ(alpha(&self->cc), 1);
	}
}

TEST_F(dctcp, never_below_two_segments)
{
	u32 i;

	for (i = 0; i < 20; i++)
		self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, self->cc.cwnd);
	EXPECT_EQ(self->cc.cwnd, 2 * MSS);
}

TEST_F(dctcp, RFC8257_3_5_loss_halves)
{
	u32 i;

	for (i = 0; i < 200; i++)
		window(&self->cc, 40, 0);
	self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, 8 * MSS);
	EXPECT_EQ(self->cc.cwnd, 4 * MSS);
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO, 4 * MSS);
	EXPECT_EQ(self->cc.cwnd, MSS);
}

TEST_F(dctcp, grows_as_reno_does)
{
	const struct xtcp_cc_sample sample = {
		.now = XTCP_SEC, .acked = 10 * MSS, .pipe = 10 * MSS,
	};

	self->cc.ops->on_ack(&self->cc, &sample);
	EXPECT_EQ(self->cc.cwnd, 11 * MSS);
	self->cc.ssthresh = XTCP_CC_INFINITE;
	self->cc.ops->on_ack(&self->cc, &sample);
	EXPECT_EQ(self->cc.cwnd, 21 * MSS);
}

TEST_HARNESS_MAIN
