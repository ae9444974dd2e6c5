// SPDX-License-Identifier: GPL-2.0
/* What the congestion control algorithms share: names, beginning, change. */
#include <kselftest_harness.h>

#include <xtcp/cc.h>

#define MSS	1000U

TEST(cubic_is_the_default)
{
	EXPECT_EQ(&xtcp_cc_cubic, xtcp_cc_all[0]);
}

TEST(each_is_found_by_its_name)
{
	unsigned int i;

	for (i = 0; xtcp_cc_all[i]; i++)
		EXPECT_EQ(xtcp_cc_all[i], xtcp_cc_find(xtcp_cc_all[i]->name));
	EXPECT_EQ(4, i);
	EXPECT_EQ(NULL, xtcp_cc_find("cub"));
	EXPECT_EQ(NULL, xtcp_cc_find(""));
}

TEST(RFC6928_first_window_is_ten_segments)
{
	unsigned int i;

	for (i = 0; xtcp_cc_all[i]; i++) {
		struct xtcp_bbr model;	/* the largest state there is */
		struct xtcp_cc cc = { .ops = xtcp_cc_all[i], .mss = MSS, .own.state = &model };

		ASSERT_LE(cc.ops->state, sizeof(model));
		xtcp_cc_start(&cc);
		EXPECT_EQ(10 * MSS, cc.cwnd);
		EXPECT_EQ(XTCP_CC_INFINITE, cc.ssthresh);
	}
}

TEST(change_keeps_the_window)
{
	struct xtcp_cc cc = { .ops = &xtcp_cc_cubic, .mss = MSS };

	xtcp_cc_start(&cc);
	cc.ops->on_event(&cc, XTCP_CC_LOSS, 8 * MSS);
	xtcp_cc_change(&cc, &xtcp_cc_reno, NULL);
	EXPECT_EQ(&xtcp_cc_reno, cc.ops);
	EXPECT_EQ(8 * MSS * 717 / 1024, cc.cwnd);
	EXPECT_EQ(cc.cwnd, cc.ssthresh);
	EXPECT_EQ(MSS, cc.mss);
	EXPECT_EQ(0, cc.own.reno.counted);
}

/* An algorithm with a model had no threshold: its window is what it had found. */
TEST(change_from_bbr_begins_no_slow_start)
{
	struct xtcp_bbr model;
	struct xtcp_cc cc = { .ops = &xtcp_cc_bbr, .mss = MSS, .own.state = &model };

	xtcp_cc_start(&cc);
	EXPECT_EQ(XTCP_CC_INFINITE, cc.ssthresh);
	EXPECT_EQ(&model, xtcp_cc_state(&cc));
	cc.pacing_rate = 1;
	cc.cwnd = 50 * MSS;
	xtcp_cc_change(&cc, &xtcp_cc_cubic, NULL);
	EXPECT_EQ(50 * MSS, cc.cwnd);
	EXPECT_EQ(50 * MSS, cc.ssthresh);
	EXPECT_EQ(0, cc.pacing_rate);
	EXPECT_EQ(NULL, xtcp_cc_state(&cc));
}

TEST(RFC2861_3_1_idle_halves_down_to_the_first_window)
{
	struct xtcp_cc cc = { .cwnd = 64 * MSS, .ssthresh = 20 * MSS, .mss = MSS };

	xtcp_cc_idle(&cc, XTCP_SEC - 1, XTCP_SEC);
	EXPECT_EQ(64 * MSS, cc.cwnd);
	xtcp_cc_idle(&cc, 2 * XTCP_SEC, XTCP_SEC);
	EXPECT_EQ(16 * MSS, cc.cwnd);
	EXPECT_EQ(48 * MSS, cc.ssthresh);
	xtcp_cc_idle(&cc, XTCP_SEC, XTCP_SEC);
	EXPECT_EQ(10 * MSS, cc.cwnd);
	EXPECT_EQ(48 * MSS, cc.ssthresh);
	/* a year of it takes no longer */
	cc.cwnd = XTCP_CC_INFINITE;
	xtcp_cc_idle(&cc, XTCP_NEVER - 1, 1);
	EXPECT_EQ(10 * MSS, cc.cwnd);
	EXPECT_LE(cc.ssthresh, XTCP_CC_INFINITE);
}

TEST(RFC2861_3_2_half_of_what_is_not_used_goes)
{
	struct xtcp_cc cc = { .cwnd = 100 * MSS, .ssthresh = XTCP_CC_INFINITE, .mss = MSS };

	xtcp_cc_unused(&cc, 20 * MSS);
	EXPECT_EQ(60 * MSS, cc.cwnd);
	EXPECT_EQ(XTCP_CC_INFINITE, cc.ssthresh);
	xtcp_cc_unused(&cc, 0);
	EXPECT_EQ(35 * MSS, cc.cwnd);
	cc.cwnd = 4 * MSS;
	xtcp_cc_unused(&cc, 0);
	EXPECT_EQ(4 * MSS, cc.cwnd);
}

TEST(RFC7661_half_of_the_window_counts_as_used)
{
	struct xtcp_cc cc = { .cwnd = 10 * MSS, .mss = MSS };
	struct xtcp_cc_sample sample = { .pipe = 5 * MSS };

	EXPECT_TRUE(xtcp_cc_used(&cc, &sample));
	sample.pipe--;
	EXPECT_FALSE(xtcp_cc_used(&cc, &sample));
}

TEST_HARNESS_MAIN
