// SPDX-License-Identifier: GPL-2.0
/* Round-trip times: RFC 6298's estimator with D9's timeout, TS values. */
#include <kselftest_harness.h>

#include "drive.h"

static struct xtcp_rtt fresh(void)
{
	struct xtcp_rtt rtt = { .min = XTCP_NEVER, .min_now = XTCP_NEVER, .rto = XTCP_RTO_INIT };

	return rtt;
}

TEST(ts_unit_and_wrap)
{
	struct xtcp_pkt pkt = { .has = XTCP_HAS_TSECHO };
	u64 sent = (1ULL << 42) - 5 * XTCP_MS;	/* a 1024-ns clock of 32 bits wraps in between */
	u64 rtt;

	pkt.tsecho = xtcp_ts_now(sent);
	rtt = xtcp_ts_rtt(&pkt, sent + 10 * XTCP_MS);
	EXPECT_LE(rtt, 10 * XTCP_MS + 1024);
	EXPECT_GE(rtt, 10 * XTCP_MS - 1024);
}

TEST(ts_delay_is_taken_off)
{
	struct xtcp_pkt pkt = { .has = XTCP_HAS_TSECHO };
	u64 now = DRIVE_START, rtt;

	pkt.tsecho = xtcp_ts_now(now - 30 * XTCP_MS);
	pkt.ts_delay = 20 * XTCP_MS / XTCP_DELAY_UNIT;
	rtt = xtcp_ts_rtt(&pkt, now);
	EXPECT_LE(rtt, 10 * XTCP_MS + 1024);
	EXPECT_GE(rtt, 10 * XTCP_MS - 1024);
	pkt.ts_delay = 0xffff;	/* a lie */
	EXPECT_EQ(xtcp_ts_rtt(&pkt, now), 1);
	/* all of the time: 125 ticks of 1024 ns, 16 of 8 us */
	pkt.tsecho = xtcp_ts_now(now) - 125;
	pkt.ts_delay = 16;
	EXPECT_EQ(xtcp_ts_rtt(&pkt, now), 1);
}

/* A path that has become longer: what it was before tells nothing of reordering. */
TEST(RFC8985_6_2_min_of_the_last_minutes)
{
	struct xtcp_rtt rtt = fresh();
	u64 now = DRIVE_START;
	u32 i;

	xtcp_rtt_sample(&rtt, 10 * XTCP_MS, now);
	for (i = 0; i < 150; i++) {
		now += XTCP_SEC;
		xtcp_rtt_sample(&rtt, (100 + i % 7) * XTCP_MS, now);
		ASSERT_EQ(rtt.min, 10 * XTCP_MS);
	}
	for (; i < 300; i++) {
		now += XTCP_SEC;
		xtcp_rtt_sample(&rtt, (100 + i % 7) * XTCP_MS, now);
	}
	EXPECT_EQ(rtt.min, 100 * XTCP_MS);
	/* a shorter one counts at once */
	xtcp_rtt_sample(&rtt, 50 * XTCP_MS, now);
	EXPECT_EQ(rtt.min, 50 * XTCP_MS);
	/* and after a long silence nothing is known */
	xtcp_rtt_sample(&rtt, 80 * XTCP_MS, now + 3600 * XTCP_SEC);
	EXPECT_EQ(rtt.min, 80 * XTCP_MS);
}

TEST(D9_first_sample)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 100 * XTCP_MS, DRIVE_START);
	EXPECT_EQ(rtt.srtt, 100 * XTCP_MS);
	EXPECT_EQ(rtt.var, 50 * XTCP_MS);
	EXPECT_EQ(rtt.min, 100 * XTCP_MS);
	EXPECT_EQ(rtt.rto, 300 * XTCP_MS);
}

TEST(D9_second_sample)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 100 * XTCP_MS, DRIVE_START);
	xtcp_rtt_sample(&rtt, 180 * XTCP_MS, DRIVE_START);
	EXPECT_EQ(rtt.srtt, 110 * XTCP_MS);
	/* 3/4 of 50 ms + 1/4 of 80 ms */
	EXPECT_EQ(rtt.var, 57500 * XTCP_US);
	EXPECT_EQ(rtt.rto, 340 * XTCP_MS);
	EXPECT_EQ(rtt.min, 100 * XTCP_MS);
	EXPECT_EQ(rtt.last, 180 * XTCP_MS);
}

TEST(D9_floor_is_srtt_and_40_ms)
{
	struct xtcp_rtt rtt = fresh();
	int i;

	for (i = 0; i < 200; i++)
		xtcp_rtt_sample(&rtt, XTCP_MS, DRIVE_START);
	EXPECT_EQ(rtt.rto, 41 * XTCP_MS);
}

TEST(D9_ceiling_is_60_s)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 50 * XTCP_SEC, DRIVE_START);
	EXPECT_EQ(rtt.rto, XTCP_RTO_MAX);
}

TEST(sample_of_one_nanosecond)
{
	struct xtcp_rtt rtt = fresh();
	int i;

	for (i = 0; i < 100; i++)
		xtcp_rtt_sample(&rtt, 1, DRIVE_START);
	EXPECT_NE(rtt.srtt, 0);
	EXPECT_GE(rtt.rto, XTCP_RTO_VAR_MIN);
}

TEST(falling_samples_bring_it_down)
{
	struct xtcp_rtt rtt = fresh();
	int i;

	xtcp_rtt_sample(&rtt, XTCP_SEC, DRIVE_START);
	for (i = 0; i < 100; i++)
		xtcp_rtt_sample(&rtt, 10 * XTCP_MS, DRIVE_START);
	EXPECT_LE(rtt.srtt, 11 * XTCP_MS);
	EXPECT_LE(rtt.rto, 52 * XTCP_MS);
}

TEST(D9_hint_sets_the_timeout_and_is_no_sample)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_hint(&rtt, 100 * XTCP_MS);
	EXPECT_EQ(rtt.rto, 300 * XTCP_MS);
	EXPECT_EQ(rtt.last, 100 * XTCP_MS);
	EXPECT_EQ(rtt.srtt, 0);
	EXPECT_EQ(rtt.min, XTCP_NEVER);
	xtcp_rtt_sample(&rtt, 60 * XTCP_MS, DRIVE_START);
	EXPECT_EQ(rtt.srtt, 60 * XTCP_MS);
	EXPECT_EQ(rtt.rto, 180 * XTCP_MS);
}

TEST(D9_hint_longer_than_the_timeout_tells_nothing)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_hint(&rtt, XTCP_SEC + 1);
	EXPECT_EQ(rtt.rto, XTCP_RTO_INIT);
	EXPECT_EQ(rtt.last, 0);
	/* A path that is longer than was thought. */
	xtcp_rtt_hint(&rtt, XTCP_SEC);
	EXPECT_EQ(rtt.rto, 3 * XTCP_SEC);
}

TEST_HARNESS_MAIN
