// SPDX-License-Identifier: GPL-2.0
/* Loss detection: RACK by time (RFC 8985), the timeout (D9). */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

FIXTURE(recovery)
{
	struct drive d;
};

/* Each segment on its own, so that each is a range. */
FIXTURE_SETUP(recovery)
{
	drive_open(&self->d, MSS + XTCP_TS_LEN, RCVBUF);
	self->d.t.burst = MSS;
}

FIXTURE_TEARDOWN(recovery)
{
	drive_end(&self->d);
}

static void report(struct drive *d, s64 ack, u64 start, u64 end)
{
	const u64 range[1][2] = { { start, end } };
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);

	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
}

static u32 rexmits(const struct drive *d)
{
	u32 i, n = 0;

	for (i = 0; i < d->sent; i++)
		n += d->out[i].tx.why == XTCP_WHY_REXMIT;
	return n;
}

TEST_F(recovery, rack_segment_sent_before_a_delivered_one_is_lost)
{
	struct drive *d = &self->d;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_MS;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_run(d, d->now + RTT);
	report(d, MSS, 2 * MSS, 6 * MSS);
	ASSERT_EQ(rexmits(d), 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), MSS);
	EXPECT_EQ(d->t.recovery + 0, 1);
	EXPECT_TRUE(drive_last(d)->tx.opts & XTCP_HAS_TS);
	drive_ack(d, 6 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.snd.lost, 0);
	EXPECT_EQ(d->t.snd.sacked, 0);
}

/* A FIN that arrives without the bytes before it tells as much as data would. */
TEST_F(recovery, rack_early_fin_is_delivered)
{
	struct drive *d = &self->d;

	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	ASSERT_EQ(d->t.fin_sent + 0, 1);
	d->now += RTT;
	report(d, MSS, 3 * MSS, 3 * MSS + 1);
	EXPECT_EQ(rexmits(d), 0);
	EXPECT_EQ(d->t.snd.sacked, 1);
	drive_run(d, d->now + RTT / 2);
	EXPECT_EQ(rexmits(d), 2);
	EXPECT_EQ(drive_seq(d, drive_last(d)), MSS + d->t.mss);
	EXPECT_EQ(d->t.snd.lost, 0);
	drive_ack(d, 3 * MSS + 1);
	EXPECT_EQ(d->t.state + 0, XTCP_FIN_WAIT_2);
	EXPECT_EQ(d->t.snd.sacked, 0);
}

TEST_F(recovery, rack_waits_for_reordering)
{
	struct drive *d = &self->d;
	u64 due;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += 100 * XTCP_US;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	d->now += RTT - 100 * XTCP_US;
	report(d, 0, MSS, 2 * MSS);
	EXPECT_EQ(rexmits(d), 0);
	due = d->t.deadline[XTCP_T_REO];
	ASSERT_NE(due, XTCP_NEVER);
	EXPECT_LE(due, d->now + RTT / 4 + XTCP_MS);
	drive_run(d, due);
	EXPECT_EQ(rexmits(d), 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 0);
}

TEST_F(recovery, rack_reordered_original_cancels)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += 100 * XTCP_US;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT - 100 * XTCP_US;
	report(d, 0, MSS, 2 * MSS);
	drive_forget(d);
	drive_ack(d, 2 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_REO], XTCP_NEVER);
	EXPECT_TRUE(d->t.rack.reordered + 0);
}

TEST_F(recovery, rack_hole_in_super_packet)
{
	struct drive *d = &self->d;

	d->t.burst = 8 * MSS;
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	ASSERT_EQ(drive_last(d)->tx.len, 8 * MSS);
	drive_forget(d);
	d->now += RTT;
	/* The fourth packet is missing; everything was sent at one time. */
	report(d, 3 * MSS, 4 * MSS, 8 * MSS);
	drive_run(d, d->now + RTT);
	ASSERT_EQ(rexmits(d), 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 3 * MSS);
	EXPECT_EQ(drive_last(d)->tx.len, MSS);
	EXPECT_EQ(d->t.snd.sacked, 4 * MSS);
}

TEST_F(recovery, one_reduction_for_a_window)
{
	struct drive *d = &self->d;
	u32 ssthresh;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, 5 * MSS, 6 * MSS);
	drive_run(d, d->now + RTT / 2);
	ASSERT_EQ(d->t.recovery + 0, 1);
	ssthresh = d->t.cc.ssthresh;
	EXPECT_LT(ssthresh, 10 * MSS);
	report(d, 0, 7 * MSS, 10 * MSS);
	drive_run(d, d->now + RTT / 2);
	EXPECT_EQ(d->t.cc.ssthresh, ssthresh);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(d->t.cc.cwnd, ssthresh);
}

TEST_F(recovery, D9_timeout_loses_all_and_sends_one)
{
	struct drive *d = &self->d;
	u64 start = d->now, nxt;

	drive_write(d, 5 * MSS, XTCP_WRITE_PUSH);
	nxt = d->t.snd.nxt;
	drive_forget(d);
	drive_run(d, start + d->t.rtt.rto - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + d->t.rtt.rto);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_REXMIT);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 0);
	EXPECT_EQ(drive_last(d)->tx.len, MSS);
	EXPECT_EQ(d->t.snd.lost, 4 * MSS);
	EXPECT_EQ(d->t.cc.cwnd, d->t.mss);
	EXPECT_EQ(d->t.snd.nxt, nxt);
}

TEST_F(recovery, D9_timeout_of_super_packet_sends_one_segment)
{
	struct drive *d = &self->d;

	d->t.burst = 10 * MSS;
	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	drive_forget(d);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->sent, 1);
	EXPECT_LE(drive_last(d)->tx.len, drive_last(d)->tx.mss);
	EXPECT_EQ(d->t.snd.lost, 10 * MSS - drive_last(d)->tx.len);
}

TEST_F(recovery, D9_back_off_doubles_to_60_s)
{
	struct drive *d = &self->d;
	u64 rto = d->t.rtt.rto, wait = rto, last = d->now;
	u32 i;

	d->t.tune.user_timeout = 3600 * 1000;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	for (i = 0; i < 14; i++) {
		drive_run(d, last + wait - 1);
		ASSERT_EQ(d->sent, i);
		drive_run(d, last + wait);
		ASSERT_EQ(d->sent, i + 1);
		last += wait;
		wait = min_t(u64, 2 * wait, XTCP_RTO_MAX);
	}
	EXPECT_EQ(wait, XTCP_RTO_MAX);
	/* An acknowledgment ends it. */
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.backoff, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
}

/* RFC 9293, MUST-20: R1. */
TEST_F(recovery, D9_another_route_is_wanted_from_the_third_timeout_on)
{
	struct drive *d = &self->d;
	u64 wait = d->t.rtt.rto;
	u32 i;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	for (i = 1; i < 5; i++) {
		drive_run(d, d->now + wait);
		ASSERT_EQ(d->t.stat.rtos, i);
		EXPECT_EQ(xtcp_wants_route(&d->t), i >= 3);
		wait *= 2;
	}
	drive_ack(d, MSS);
	EXPECT_FALSE(xtcp_wants_route(&d->t));
}

TEST_F(recovery, D9_window_is_cut_once_for_repeated_timeouts)
{
	struct drive *d = &self->d;
	u32 ssthresh;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ssthresh = d->t.cc.ssthresh;
	EXPECT_EQ(ssthresh, 5 * MSS);
	drive_run(d, d->now + 10 * XTCP_SEC);
	EXPECT_EQ(d->t.cc.ssthresh, ssthresh);
}

/* The first has arrived, and something behind it was lost as it went again. */
TEST_F(recovery, RFC5681_4_timeout_after_progress_cuts_again)
{
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->t.cc.ssthresh, 5 * MSS);
	drive_ack(d, MSS);
	drive_ack(d, 2 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 1);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.stat.rtos, 2);
	EXPECT_GT(5 * MSS, d->t.cc.ssthresh);
}

TEST_F(recovery, D9_timeout_in_fast_recovery_does_not_cut_again)
{
	struct drive *d = &self->d;
	u32 ssthresh;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, MSS, 9 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 1);
	ssthresh = d->t.cc.ssthresh;
	drive_run(d, d->now + XTCP_SEC);
	ASSERT_NE(d->t.stat.rtos, 0);
	EXPECT_EQ(d->t.cc.cwnd, d->t.mss);
	EXPECT_EQ(d->t.cc.ssthresh, ssthresh);
}

/* A retransmission has a round trip of its own, however long ago UNA last moved. */
TEST_F(recovery, D9_timer_begins_anew_when_the_first_goes_again)
{
	struct drive *d = &self->d;
	u64 again;

	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	d->now += d->t.rtt.rto - XTCP_MS;
	report(d, 0, MSS, 4 * MSS);
	again = d->now;
	ASSERT_EQ(rexmits(d), 1);
	drive_run(d, again + d->t.rtt.rto - 1);
	EXPECT_EQ(d->t.stat.rtos, 0);
	drive_run(d, again + d->t.rtt.rto);
	EXPECT_EQ(d->t.stat.rtos, 1);
}

/* Another one than the first leaves the timer alone. */
TEST_F(recovery, D9_timer_goes_on_when_another_goes_again)
{
	struct drive *d = &self->d;
	u32 before;
	u64 due;

	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, 3 * MSS, 6 * MSS);
	before = rexmits(d);
	ASSERT_NE(before, 0);
	due = d->t.deadline[XTCP_T_RTO];
	d->now += XTCP_MS;
	d->t.cc.cwnd += 2 * MSS;
	drive_act(d, XTCP_XMIT, NULL);
	ASSERT_GT(rexmits(d), before);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], due);
}

/* Answers to what was sent before UNA's range went again: that to it is behind them. */
TEST_F(recovery, D9_timer_begins_anew_while_earlier_answers_come)
{
	struct drive *d = &self->d;
	u64 due;
	u32 i;

	drive_write(d, 9 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, MSS, 5 * MSS);
	ASSERT_NE(rexmits(d), 0);
	due = d->t.deadline[XTCP_T_RTO];
	for (i = 6; i < 10; i++) {
		d->now += XTCP_MS;
		report(d, 0, MSS, i * MSS);
		EXPECT_GE(d->t.deadline[XTCP_T_RTO], due + XTCP_MS);
		due = d->t.deadline[XTCP_T_RTO];
		EXPECT_EQ(due, d->now + d->t.rtt.rto);
	}
	EXPECT_EQ(d->t.stat.rtos, 0);
}

TEST_F(recovery, D9_reneging_is_noticed_after_a_timeout)
{
	struct drive *d = &self->d;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, 0, MSS);	/* what an honest peer would have acknowledged */
	EXPECT_EQ(d->t.snd.sacked, MSS);
	drive_forget(d);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->t.snd.sacked, 0);
	ASSERT_GT(d->sent, 0);
	EXPECT_EQ(drive_seq(d, &d->out[0]), 0);
}

TEST_F(recovery, failed_retransmission_stays_lost)
{
	struct drive *d = &self->d;
	u8 backoff;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	d->err = -ENOBUFS;
	drive_run(d, d->now + d->t.rtt.rto);
	EXPECT_EQ(d->failed, 1);
	EXPECT_EQ(d->t.snd.lost, 2 * MSS);
	backoff = d->t.backoff;
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_DELAY);
	EXPECT_EQ(d->sent, 1);
	EXPECT_EQ(d->t.snd.lost, MSS);
	EXPECT_EQ(d->t.backoff, backoff);
}

TEST_F(recovery, next_lost_is_the_lowest)
{
	struct drive *d = &self->d;
	struct xtcp_seg *seg;

	drive_write(d, 5 * MSS, XTCP_WRITE_PUSH);
	seg = xtcp_seg_find(&d->t, d->iss + 1 + 3 * MSS);
	xtcp_mark_lost(&d->t, seg);
	EXPECT_EQ(xtcp_next_lost(&d->t), seg);
	seg = xtcp_seg_find(&d->t, d->iss + 1 + MSS);
	xtcp_mark_lost(&d->t, seg);
	EXPECT_EQ(xtcp_next_lost(&d->t), seg);
}

TEST_F(recovery, D9_every_timeout_leaves_one_segment)
{
	struct drive *d = &self->d;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->t.stat.rtos, 1);
	d->t.cc.cwnd = 5 * MSS;		/* grown by what was SACKed */
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.stat.rtos, 2);
	EXPECT_EQ(d->t.cc.cwnd, d->t.mss);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(recovery, rack_two_ranges_of_one_ack_are_not_reordered)
{
	struct drive *d = &self->d;
	const u64 ranges[2][2] = { { 4 * MSS, 5 * MSS }, { MSS, 2 * MSS } };
	struct xtcp_pkt pkt;

	drive_write(d, 6 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 2, ranges);	/* the most recent first */
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.snd.sacked, 2 * MSS);
	EXPECT_EQ(d->t.rack.reordered + 0, 0);
	report(d, 0, 2 * MSS, 3 * MSS);	/* this one is */
	EXPECT_EQ(d->t.rack.reordered + 0, 1);
}

/* The window is full of what came after the loss: the first one goes all the same. */
TEST_F(recovery, RFC5681_first_retransmission_goes_at_once)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_MS;
	drive_write(d, 9 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(xtcp_pipe(&d->t), 10 * MSS);
	drive_forget(d);
	d->now += RTT;
	report(d, 0, MSS, 5 * MSS);
	EXPECT_EQ(d->t.cc.ssthresh, 5 * MSS);	/* half of FlightSize, not of what is left */
	ASSERT_EQ(rexmits(d), 1);
	EXPECT_EQ(xtcp_pipe(&d->t), 6 * MSS);
	EXPECT_EQ(xtcp_seg_first(&d->t)->sent_at, d->now);
	/* It is not lost again by what was sent before it. */
	d->now += XTCP_MS;
	report(d, 0, MSS, 6 * MSS);
	EXPECT_EQ(rexmits(d), 1);
}

TEST_F(recovery, rack_three_segments_leave_no_doubt)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += 10 * XTCP_US;
	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	d->now += RTT;
	report(d, 0, MSS, 3 * MSS);
	EXPECT_EQ(rexmits(d), 0);
	report(d, 0, MSS, 4 * MSS);
	EXPECT_EQ(rexmits(d), 1);
}

TEST_F(recovery, rack_quick_answer_is_for_the_original)
{
	struct drive *d = &self->d;
	u64 first = d->now;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(xtcp_seg_first(&d->t)->sent_at, d->now);
	ASSERT_GE(d->t.rtt.min, 2 * XTCP_MS);
	d->now += XTCP_MS;
	drive_ack(d, MSS);
	EXPECT_LE(d->t.rack.sent_at, first);
}

TEST_F(recovery, rack_goes_by_the_end_of_what_was_sent_at_one_time)
{
	struct drive *d = &self->d;

	drive_write(d, 6 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, 4 * MSS, 5 * MSS);
	report(d, 0, MSS, 2 * MSS);
	EXPECT_EQ(d->t.rack.end, d->iss + 1 + 5 * MSS);
	report(d, 0, 5 * MSS, 6 * MSS);
	EXPECT_EQ(d->t.rack.end, d->iss + 1 + 6 * MSS);
}

/* Limited transmit (RFC 3042): each SACK lets a new segment go before a loss is known. */
TEST_F(recovery, D9_limited_transmit)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 4 * MSS;
	d->t.cc.ssthresh = 4 * MSS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_US;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 4);
	d->now += RTT;
	report(d, 0, MSS, 2 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->sent, 5);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_NEW);
	report(d, 0, MSS, 3 * MSS);
	EXPECT_EQ(d->sent, 6);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_NEW);
	EXPECT_EQ(rexmits(d), 0);
}

/* The retransmission is lost too: RACK sees it, the window is not cut a second time. */
TEST_F(recovery, D9_lost_retransmission)
{
	struct drive *d = &self->d;
	u32 ssthresh;

	drive_write(d, 5 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, MSS, 5 * MSS);
	ASSERT_EQ(rexmits(d), 1);
	ssthresh = d->t.cc.ssthresh;
	d->now += XTCP_MS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, MSS, 6 * MSS);
	drive_run(d, d->now + RTT / 2);
	EXPECT_EQ(rexmits(d), 2);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 0);
	EXPECT_EQ(d->t.cc.ssthresh, ssthresh);
	EXPECT_EQ(d->t.stat.rtos, 0);
}

/*
 * A retransmission is lost, and meanwhile one of four segments sent in the recovery, which
 * ends when the first has arrived after all.
 */
static void loss_in_recovery(struct drive *d)
{
	const u64 ranges[2][2] = { { MSS, 10 * MSS }, { 11 * MSS, 14 * MSS } };
	struct xtcp_pkt pkt;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 0, MSS, 10 * MSS);
	d->now += XTCP_MS;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 2, ranges);
	drive_in(d, &pkt);
	drive_run(d, d->now + RTT / 2);
	d->now += RTT / 2;
	report(d, 10 * MSS, 11 * MSS, 14 * MSS);
}

/*
 * What was sent in a recovery is another window, and its loss another sign of congestion
 * (RFC 5681 4.3), also if it shows before the recovery ends.
 */
TEST_F(recovery, RFC5681_4_3_loss_in_two_successive_windows)
{
	struct drive *d = &self->d;

	loss_in_recovery(d);
	ASSERT_EQ(rexmits(d), 3);	/* the first twice, and one of the others */
	EXPECT_EQ(d->t.recovery + 0, 1);
	EXPECT_EQ(d->t.cc.ssthresh, 2 * d->t.mss);
	drive_ack(d, 14 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.cc.cwnd, 2 * d->t.mss);
	EXPECT_EQ(rexmits(d), 3);
}

/* What went again before the second of them began counts, too. */
TEST_F(recovery, D9_both_are_undone_or_none)
{
	static const u64 twice[] = { 0, 10 * MSS, 0 };
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u32 i;

	loss_in_recovery(d);
	for (i = 0; i < ARRAY_SIZE(twice); i++) {
		EXPECT_LT(d->t.cc.cwnd, 10 * MSS);
		pkt = drive_pkt(d, 0, 0, 11 * MSS);
		pkt.has |= XTCP_HAS_DSACK;
		pkt.dsack = d->iss + 1 + twice[i];
		pkt.dsack_len = MSS + 8;
		drive_in(d, &pkt);
	}
	EXPECT_EQ(d->t.recovery + 0, 0);
	/* what slow start had made of it when the first loss showed */
	EXPECT_EQ(d->t.cc.cwnd, 10 * d->t.mss + 9 * MSS);
}

/* What the peer reported as received and then dropped goes again after a timeout, all of it. */
TEST_F(recovery, D9_reneged_bytes_go_again)
{
	struct drive *d = &self->d;
	const u64 range[1][2] = { { 0, 3 * MSS } };
	struct xtcp_pkt pkt;

	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
	ASSERT_EQ(d->t.snd.sacked, 3 * MSS);
	drive_forget(d);
	/* Not before: an ACK may be on its way. */
	drive_run(d, d->t.deadline[XTCP_T_RTO] - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_RENEGED));
	drive_ack(d, MSS);
	drive_ack(d, 2 * MSS);
	EXPECT_EQ(d->t.snd.sacked, 0);
	EXPECT_GE(rexmits(d), 3);
}

/* RFC 8985 6.2 step 2: the echo knows no TS as late as the retransmission's. */
TEST_F(recovery, rack_echo_of_the_original)
{
	struct drive *d = &self->d;
	u64 first = d->now;
	struct xtcp_pkt pkt;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	d->now += 2 * RTT;
	pkt = drive_pkt(d, 0, 0, MSS);
	drive_tsecho(&pkt, xtcp_ts_now(first), 0);
	drive_in(d, &pkt);
	EXPECT_LE(d->t.rack.sent_at, first);
}

FIXTURE(black_hole)
{
	struct drive d;
};

FIXTURE_SETUP(black_hole)
{
	drive_open(&self->d, 1448, RCVBUF);
	drive_write(&self->d, 1440, XTCP_WRITE_PUSH);
	drive_forget(&self->d);
}

FIXTURE_TEARDOWN(black_hole)
{
	drive_end(&self->d);
}

TEST_F(black_hole, D10_two_timeouts_of_a_long_segment)
{
	struct drive *d = &self->d;
	u32 i;

	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.len, 1440);
	EXPECT_EQ(d->t.mss, 1448);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.mss, 1200 - XTCP_HDR_LEN);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_BLACK_HOLE));
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(d->out[1].tx.hdr + d->out[1].pkt.len, 1200);
	drive_ack(d, d->out[1].pkt.len);
	for (i = 2; i < d->sent; i++)
		EXPECT_LE(d->out[i].tx.hdr + d->out[i].pkt.len, 1200);
	EXPECT_EQ(d->out[d->sent - 1].pkt.len, 1440 - d->out[1].pkt.len);
}

TEST_F(black_hole, D10_timeouts_with_progress_between)
{
	struct drive *d = &self->d;

	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	drive_ack(d, 1);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.stat.rtos, 2);
	EXPECT_EQ(d->t.mss, 1448);
}

TEST_F(black_hole, D10_not_sent_is_not_lost)
{
	struct drive *d = &self->d;

	d->err = -ENOBUFS;
	while (d->t.stat.rtos < 2)
		drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.mss, 1448);
}

TEST(D10_timeouts_of_a_segment_of_1200_bytes)
{
	struct drive *d = malloc(sizeof(*d));
	u32 i;

	ASSERT_NE(d, NULL);
	drive_open(d, 1448, RCVBUF);
	drive_write(d, 1200 - XTCP_HDR_LEN - XTCP_TS_LEN, XTCP_WRITE_PUSH);
	for (i = 0; i < 5; i++)
		drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(drive_last(d)->tx.hdr + drive_last(d)->pkt.len, 1200);
	EXPECT_EQ(d->t.mss, 1448);
	drive_end(d);
	free(d);
}

TEST(D10_black_hole_does_not_raise_a_small_mss)
{
	struct drive *d = malloc(sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_open(d, 1448, RCVBUF);
	drive_write(d, 1440, XTCP_WRITE_PUSH);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	xtcp_set_path_mss(&d->t, 600);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.mss, 600);
	drive_end(d);
	free(d);
}

TEST_HARNESS_MAIN
