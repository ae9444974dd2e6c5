// SPDX-License-Identifier: GPL-2.0
/* Congestion window validation (RFC 2861), and restart after idle time (RFC 5681 4.1). */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

FIXTURE(cwv)
{
	struct drive d;
};

FIXTURE_SETUP(cwv)
{
	drive_open(&self->d, MSS + XTCP_TS_LEN, RCVBUF);
	self->d.t.burst = MSS;
}

FIXTURE_TEARDOWN(cwv)
{
	drive_end(&self->d);
}

static u32 iw(const struct drive *d)
{
	return XTCP_CC_INIT_SEGS * d->t.mss;
}

/* So many bytes go out and are acknowledged a round trip later. */
static void round_of(struct drive *d, u32 bytes)
{
	s64 at = d->t.snd.nxt - (d->iss + 1);

	drive_write(d, bytes, XTCP_WRITE_PUSH);
	drive_run(d, d->now + RTT);
	drive_ack(d, at + bytes);
	drive_forget(d);
}

static void idle(struct drive *d, u64 time)
{
	d->now = max(d->now, d->t.snd.data_at + time);
}

/*
 * Acknowledgments that come all at once find less and less in the network, as the program
 * had no time to write in between. That it was full a round trip ago counts.
 */
TEST_F(cwv, RFC7661_4_1_acks_that_come_in_a_bunch)
{
	struct drive *d = &self->d;
	u32 i;

	drive_write(d, iw(d), XTCP_WRITE_PUSH);
	d->now += RTT;
	for (i = 1; i <= 5; i++)
		drive_ack(d, iw(d) / 5 * i);
	EXPECT_EQ(d->t.cc.cwnd, 2 * iw(d));
}

/* But no longer ago: that is another flight. */
TEST_F(cwv, RFC7661_4_1_what_a_flight_before_was_does_not_count)
{
	struct drive *d = &self->d;

	round_of(d, iw(d));
	d->t.cc.cwnd = 10 * MSS;
	round_of(d, MSS);
	round_of(d, MSS);
	EXPECT_EQ(d->t.cc.cwnd, 10 * MSS);
}

/* Nor what was in the network two round trips ago, while there is always something. */
TEST_F(cwv, RFC7661_4_1_two_round_trips)
{
	struct drive *d = &self->d;
	s64 end = iw(d);
	u32 i;

	drive_write(d, iw(d), XTCP_WRITE_PUSH);
	for (i = 0; i < 4; i++) {
		d->now += RTT;
		drive_write(d, MSS, XTCP_WRITE_PUSH);
		drive_ack(d, end);
		end += MSS;
		if (i == 1)
			d->t.cc.cwnd = 10 * MSS;
	}
	EXPECT_EQ(d->t.cc.cwnd, 10 * MSS);
}

TEST_F(cwv, RFC5681_4_1_restart_after_idle)
{
	struct drive *d = &self->d;

	d->t.cc.ssthresh = 80 * MSS;
	d->t.cc.cwnd = 80 * MSS;
	round_of(d, MSS);
	idle(d, 100 * d->t.rtt.rto);
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, iw(d));
	EXPECT_EQ(d->sent, 10);
	EXPECT_EQ(d->t.cc.ssthresh, 80 * MSS);
}

TEST_F(cwv, RFC2861_3_1_half_for_each_rto)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 100 * MSS;
	round_of(d, MSS);
	d->t.cc.cwnd = 100 * MSS;
	d->t.cc.ssthresh = 20 * MSS;
	idle(d, 2 * d->t.rtt.rto + XTCP_MS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 25 * MSS);
	EXPECT_EQ(d->t.cc.ssthresh, 75 * MSS);
	/* once */
	drive_ack(d, 2 * MSS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_GE(d->t.cc.cwnd, 25 * MSS);
}

TEST_F(cwv, less_than_an_rto_is_not_idle)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 100 * MSS;
	round_of(d, MSS);
	d->t.cc.cwnd = 100 * MSS;
	idle(d, d->t.rtt.rto - 1);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 100 * MSS);
}

TEST_F(cwv, a_small_window_stays)
{
	struct drive *d = &self->d;

	round_of(d, MSS);
	d->t.cc.cwnd = 4 * MSS;
	idle(d, 100 * d->t.rtt.rto);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 4 * MSS);
}

TEST_F(cwv, first_data_is_not_after_idle)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 100 * MSS;
	d->now += 3600 * XTCP_SEC;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 100 * MSS);
}

TEST_F(cwv, what_waits_for_its_ack_is_not_idle)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 100 * MSS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += 10 * XTCP_SEC;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 100 * MSS);
}

TEST_F(cwv, RFC2861_3_2_half_of_what_is_not_used_goes)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.cc.cwnd = 100 * MSS;
	d->t.cc.ssthresh = 100 * MSS;
	round_of(d, 20 * MSS);
	for (i = 0; d->t.cc.cwnd == 100 * MSS && i < 100; i++)
		round_of(d, 20 * MSS);
	EXPECT_EQ(d->t.cc.cwnd, 60 * MSS);
	EXPECT_EQ(d->t.cc.ssthresh, 100 * MSS);
	EXPECT_GE((i + 1) * RTT, d->t.rtt.rto);
	EXPECT_LE(i * RTT, 3 * d->t.rtt.rto);
	/* from where half of it is used it grows again, by what is acknowledged */
	for (i = 0; i < 100; i++) {
		round_of(d, 20 * MSS);
		ASSERT_GE(d->t.cc.cwnd, 40 * MSS);
		ASSERT_LE(d->t.cc.cwnd, 60 * MSS);
	}
}

TEST_F(cwv, a_window_that_is_used_stays)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.cc.cwnd = 30 * MSS;
	d->t.cc.ssthresh = 30 * MSS;
	for (i = 0; i < 100; i++)
		round_of(d, 15 * MSS);
	EXPECT_GE(d->t.cc.cwnd, 30 * MSS);
}

TEST_F(cwv, a_model_of_the_path_keeps_its_window)
{
	struct drive *d = &self->d;
	struct xtcp_bbr model;

	round_of(d, MSS);
	xtcp_cc_change(&d->t.cc, &xtcp_cc_bbr, &model);
	d->t.cc.cwnd = 100 * MSS;
	idle(d, 100 * d->t.rtt.rto);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 100 * MSS);
}

TEST_F(cwv, switched_off_nothing_goes)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.tune.idle_restart = 0;
	d->t.cc.cwnd = 100 * MSS;
	for (i = 0; i < 100; i++)
		round_of(d, MSS);
	idle(d, 100 * d->t.rtt.rto);
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.cc.cwnd, 100 * MSS);
	EXPECT_EQ(d->sent, 40);
}

TEST_HARNESS_MAIN
