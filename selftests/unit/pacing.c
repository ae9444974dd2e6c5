// SPDX-License-Identifier: GPL-2.0
/* Pacing: which rate, how long a burst, what waits and what does not. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define FIRST	(XTCP_CC_INIT_SEGS * MSS)
#define RTT	(10 * XTCP_MS)
#define RATE	1000000U	/* a segment takes 1 ms, a burst is two of them */

static void no_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
}

static void no_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
}

/* An algorithm that asks for a rate. */
static const struct xtcp_cc_ops asks = {
	.name = "asks", .paces = true, .on_ack = no_ack, .on_event = no_event,
};

FIXTURE(pacing)
{
	struct drive d;
};

/*
 * The first window has been sent and acknowledged. The window is so large that it asks
 * for more than any limit here, in spite of a round trip in which nothing has a TS: all
 * segments are of one length.
 */
FIXTURE_SETUP(pacing)
{
	struct drive *d = &self->d;

	drive_open(d, MSS, RCVBUF);
	d->t.burst = MSS;
	drive_write(d, FIRST, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, FIRST);
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	d->t.rtt.srtt = 10 * XTCP_SEC;
	d->t.snd.ts_at = d->now;
	drive_forget(d);
}

FIXTURE_TEARDOWN(pacing)
{
	drive_end(&self->d);
}

TEST_F(pacing, not_unless_somebody_asks)
{
	struct drive *d = &self->d;

	EXPECT_EQ(0, xtcp_pacing_rate(&d->t));
	drive_write(d, 50 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(50, d->sent);
	EXPECT_EQ(XTCP_NEVER, d->t.deadline[XTCP_T_PACE]);
}

TEST_F(pacing, the_rate_that_congestion_control_asks_for)
{
	struct drive *d = &self->d;

	d->t.cc.ops = &asks;
	EXPECT_EQ(0, xtcp_pacing_rate(&d->t));
	d->t.cc.pacing_rate = RATE;
	EXPECT_EQ(RATE, xtcp_pacing_rate(&d->t));
	d->t.pace.limit = RATE / 2;
	EXPECT_EQ(RATE / 2, xtcp_pacing_rate(&d->t));
	d->t.pace.limit = 2 * RATE;
	EXPECT_EQ(RATE, xtcp_pacing_rate(&d->t));
}

TEST_F(pacing, the_rate_of_a_window)
{
	struct drive *d = &self->d;

	d->t.rtt.srtt = RTT;
	d->t.cc.cwnd = 100 * MSS;
	d->t.pace.limit = XTCP_RATE_MAX;
	d->t.cc.ssthresh = XTCP_CC_INFINITE;	/* slow start: twice a window in a round trip */
	EXPECT_EQ(2 * 100 * MSS * 100, xtcp_pacing_rate(&d->t));
	d->t.cc.ssthresh = 200 * MSS;
	EXPECT_EQ(120 * MSS * 100, xtcp_pacing_rate(&d->t));
	d->t.pace.limit = RATE;
	EXPECT_EQ(RATE, xtcp_pacing_rate(&d->t));
	d->t.rtt.srtt = 0;
	EXPECT_EQ(RATE, xtcp_pacing_rate(&d->t));
	d->t.pace.limit = 0;
	EXPECT_EQ(0, xtcp_pacing_rate(&d->t));
	/* The device's queue paces everybody, as it does TCP. */
	d->t.rtt.srtt = RTT;
	d->t.pace.fq = true;
	EXPECT_EQ(120 * MSS * 100, xtcp_pacing_rate(&d->t));
}

TEST_F(pacing, a_burst_is_a_millisecond_worth)
{
	EXPECT_EQ(2 * MSS, xtcp_pace_quantum(1, MSS));
	EXPECT_EQ(2 * MSS, xtcp_pace_quantum(RATE, MSS));
	EXPECT_EQ(10 * 1024, xtcp_pace_quantum(10 * 1024 * 1024, MSS));
	EXPECT_EQ(65536, xtcp_pace_quantum(XTCP_RATE_MAX, MSS));
	EXPECT_EQ(130000, xtcp_pace_quantum(XTCP_RATE_MAX, 65000));
}

TEST_F(pacing, two_segments_every_two_milliseconds)
{
	struct drive *d = &self->d;
	u64 start = d->now;
	u32 i;

	d->t.pace.limit = RATE;
	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(3, d->sent);	/* half a burst for the time before */
	EXPECT_EQ(start + 2 * XTCP_MS, d->t.deadline[XTCP_T_PACE]);
	EXPECT_EQ(start + 2 * XTCP_MS, d->t.timer_next);
	drive_run(d, start + 20 * XTCP_MS);
	ASSERT_EQ(20, d->sent);
	for (i = 3; i < 20; i++)
		EXPECT_EQ(start + (i + 1) / 2 * 2 * XTCP_MS - 2 * XTCP_MS, d->out[i].at);
	EXPECT_EQ(XTCP_NEVER, d->t.deadline[XTCP_T_PACE]);
}

/* A timer that is late by less than half a burst does not make it slower. */
TEST_F(pacing, late_timers_are_made_good)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.pace.limit = RATE;
	d->t.rtt.rto = XTCP_SEC;
	drive_write(d, 200 * MSS, XTCP_WRITE_PUSH);
	while (d->sent < 99) {
		ASSERT_NE(XTCP_NEVER, d->t.deadline[XTCP_T_PACE]);
		d->now = d->t.deadline[XTCP_T_PACE] + XTCP_MS / 2;
		drive_act(d, xtcp_timer(&d->t, d->now), NULL);
	}
	EXPECT_LE(d->now, start + 98 * XTCP_MS);
}

/* But a second of silence is no credit. */
TEST_F(pacing, idle_time_is_not_saved_up)
{
	struct drive *d = &self->d;

	d->t.pace.limit = RATE;
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + XTCP_MS);
	drive_ack(d, FIRST + 2 * MSS);
	d->now += XTCP_SEC;
	drive_forget(d);
	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(3, d->sent);
}

TEST_F(pacing, an_ack_does_not_wait)
{
	struct drive *d = &self->d;

	d->t.pace.limit = RATE;
	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(3, d->sent);
	drive_data(d, 100, 50);	/* a gap: ACK at once */
	ASSERT_EQ(4, d->sent);
	EXPECT_EQ(XTCP_WHY_ACK, drive_last(d)->tx.why);
}

TEST_F(pacing, what_a_timeout_wants_sent_does_not_wait)
{
	struct drive *d = &self->d;

	d->t.pace.limit = RATE;
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	d->t.pace.left = 0;
	d->t.pace.next = d->now + 100 * XTCP_SEC;
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(1, d->sent);
	EXPECT_EQ(XTCP_WHY_REXMIT, drive_last(d)->tx.why);
}

TEST_F(pacing, super_packets_are_no_longer_than_a_burst)
{
	struct drive *d = &self->d;

	d->t.burst = 16 * MSS;
	d->t.pace.limit = 4096000;	/* 4000 bytes in a 1/1024 s */
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(4 * MSS, d->out[0].tx.len);
	drive_run(d, d->now + 20 * XTCP_MS);
	EXPECT_EQ(10, d->sent);
	EXPECT_EQ(4 * MSS, drive_last(d)->tx.len);
}

TEST_F(pacing, first_window_goes_at_once)
{
	struct drive d;

	drive_open(&d, MSS + XTCP_TS_LEN, RCVBUF);
	d.t.burst = MSS;
	d.t.pace.limit = RATE;
	drive_write(&d, 10 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(10, d.sent);
	drive_end(&d);
}

TEST_F(pacing, fq_spreads_the_burst)
{
	struct drive *d = &self->d;
	u64 start = d->now;
	u32 i;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(0, drive_last(d)->tx.departure);
	drive_forget(d);
	d->t.pace.fq = true;
	d->t.pace.limit = 8 * RATE;	/* bursts of 8000000 / 1024 bytes */
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + 10 * XTCP_MS);
	ASSERT_EQ(40, d->sent);
	for (i = 5; i < 40; i++) {
		EXPECT_EQ(XTCP_MS / 8, d->out[i].tx.departure - d->out[i - 1].tx.departure);
		EXPECT_LE(d->out[i].at, d->out[i].tx.departure);
	}
	EXPECT_LE(d->out[39].tx.departure, start + 40 * XTCP_MS / 8);
	drive_data(d, 100, 50);
	EXPECT_EQ(0, drive_last(d)->tx.departure);
}

/* An unpaced connection with a window of 40 segments, of which 4 are worth 1/1024 s. */
static void unpaced(struct drive *d)
{
	d->far = true;
	d->t.burst = 40 * MSS;
	d->t.rtt.srtt = RTT;
	d->t.rtt.min = RTT;
	d->t.cc.cwnd = 40 * MSS;
	d->t.cc.ssthresh = 40 * MSS;
}

TEST_F(pacing, D14_super_packets_of_a_millisecond_to_who_is_far)
{
	struct drive *d = &self->d;

	unpaced(d);
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(10, d->sent);
	EXPECT_EQ(4 * MSS, d->out[0].tx.len);
}

TEST_F(pacing, D14_longer_ones_to_who_is_near)
{
	struct drive *d = &self->d;

	unpaced(d);
	d->t.rtt.min = XTCP_MS;
	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(1, d->sent);
	EXPECT_EQ(20 * MSS, d->out[0].tx.len);
	drive_ack(d, FIRST + 20 * MSS);
	drive_forget(d);
	unpaced(d);
	d->t.rtt.min = XTCP_MS / 2;
	drive_write(d, 40 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(1, d->sent);
	EXPECT_EQ(40 * MSS, d->out[0].tx.len);
}

TEST_F(pacing, D14_data_waits_behind_a_full_queue)
{
	struct drive *d = &self->d;

	unpaced(d);
	d->t.queued = 8 * MSS;	/* two transmissions */
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(2, d->sent);
	EXPECT_EQ(0, d->t.throttled + 0);
	d->t.queued = 10 * MSS;
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(2, d->sent);
	EXPECT_EQ(1, d->t.throttled + 0);
	drive_data(d, 100, 50);	/* a gap: the ACK does not wait */
	ASSERT_EQ(3, d->sent);
	EXPECT_EQ(XTCP_WHY_ACK, drive_last(d)->tx.why);
	d->t.queued = 9 * MSS;
	drive_act(d, xtcp_drained(&d->t, d->now), NULL);
	EXPECT_EQ(5, d->sent);
	EXPECT_EQ(0, d->t.throttled + 0);
}

/* A device that tells late, or nobody who tells: the ACK of all shows that nothing waits. */
TEST_F(pacing, D14_not_once_all_is_acknowledged)
{
	struct drive *d = &self->d;

	unpaced(d);
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	d->t.queued = 100 * MSS;
	drive_write(d, 30 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(2, d->sent);
	d->now += RTT;
	drive_ack(d, FIRST + 8 * MSS);
	EXPECT_EQ(3, d->sent);
	EXPECT_EQ(1, d->t.throttled + 0);
}

TEST_F(pacing, D14_what_a_timeout_wants_sent_does_not_wait)
{
	struct drive *d = &self->d;

	unpaced(d);
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	d->t.queued = 100 * MSS;
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_NE(0, d->sent);
	EXPECT_EQ(XTCP_WHY_REXMIT, drive_last(d)->tx.why);
}

/* Wi-Fi wants 1/128 s in its queue (sk_pacing_shift), and nobody more than 1 MB. */
TEST_F(pacing, D14_the_device_may_want_more)
{
	struct drive *d = &self->d;

	unpaced(d);
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	d->t.pace.shift = 7;
	d->t.queued = 36 * MSS;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(3, d->sent);
	d->t.queued = 38 * MSS;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(3, d->sent);
	d->t.pace.shift = 0;
	d->t.queued = 1 << 20;
	drive_act(d, xtcp_drained(&d->t, d->now), NULL);
	EXPECT_EQ(4, d->sent);
	d->t.queued++;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(4, d->sent);
}

TEST_HARNESS_MAIN
