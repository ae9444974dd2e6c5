// SPDX-License-Identifier: GPL-2.0
/* Undoing what was no congestion (D9). */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)
#define CWND	(20 * MSS)

FIXTURE(undo)
{
	struct drive d;
	u64 start;
};

/* Ten segments are out, a millisecond apart. */
FIXTURE_SETUP(undo)
{
	struct drive *d = &self->d;
	u32 i;

	drive_open(d, MSS + XTCP_TS_LEN, RCVBUF);
	d->t.burst = MSS;
	d->t.cc.cwnd = CWND;
	self->start = d->now;
	for (i = 0; i < 10; i++) {
		drive_write(d, MSS, XTCP_WRITE_PUSH);
		d->now += XTCP_US;
	}
	drive_forget(d);
	d->now += RTT;
	d->t.events = 0;
}

FIXTURE_TEARDOWN(undo)
{
	drive_end(&self->d);
}

static struct xtcp_pkt ack(const struct drive *d, s64 number)
{
	return drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, number);
}

static void report(struct drive *d, s64 number, u64 start, u64 end)
{
	const u64 range[1][2] = { { start, end } };
	struct xtcp_pkt pkt = ack(d, number);

	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
}

static void echo(struct drive *d, s64 number, u64 sent_at)
{
	struct xtcp_pkt pkt = ack(d, number);

	drive_tsecho(&pkt, xtcp_ts_now(sent_at), 0);
	drive_in(d, &pkt);
}

static void duplicate(struct drive *d, s64 number, u64 start, u32 len)
{
	struct xtcp_pkt pkt = ack(d, number);

	pkt.has |= XTCP_HAS_DSACK;
	pkt.dsack = d->iss + 1 + start;
	pkt.dsack_len = len;
	drive_in(d, &pkt);
}

static bool happened(const struct drive *d, enum xtcp_event event)
{
	return d->t.events & BIT(event);
}

static bool undone(const struct drive *d)
{
	return happened(d, XTCP_EV_SPURIOUS_RECOVERY) || happened(d, XTCP_EV_SPURIOUS_RTO);
}

static void time_out(struct drive *d)
{
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	d->now += XTCP_MS;
}

/* There are new bytes, and what went again is acknowledged. */
static void time_out_and_answer(struct drive *d)
{
	time_out(d);
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	drive_ack(d, MSS);
}

TEST_F(undo, D9_fast_recovery_by_echo)
{
	struct drive *d = &self->d;

	report(d, 0, 2 * MSS, 5 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 1);
	ASSERT_LT(d->t.cc.ssthresh, CWND);
	/* It was late, and the peer has not yet seen it a second time. */
	echo(d, MSS, self->start);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RECOVERY));
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.snd.lost, 0);
	EXPECT_GE(d->t.cc.cwnd, CWND);
	EXPECT_EQ(d->t.cc.ssthresh, XTCP_CC_INFINITE);
	EXPECT_TRUE(d->t.rack.reordered + 0);
}

TEST_F(undo, D9_timeout_by_echo)
{
	struct drive *d = &self->d;
	u32 sent;

	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.cc.cwnd, d->t.mss);
	ASSERT_EQ(d->t.snd.lost, 9 * MSS);
	sent = d->sent;
	d->now += RTT;
	echo(d, MSS, self->start);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RTO));
	EXPECT_FALSE(happened(d, XTCP_EV_SPURIOUS_RECOVERY));
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.snd.lost, 0);
	EXPECT_EQ(xtcp_pipe(&d->t), 9 * MSS);
	EXPECT_GE(d->t.cc.cwnd, CWND);
	EXPECT_FALSE(d->t.rack.reordered + 0);
	/* Nothing more goes again while the rest arrives. */
	d->now += XTCP_MS;
	drive_ack(d, 6 * MSS);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(d->sent, sent);
	EXPECT_EQ(d->t.stat.rexmits, 1);
	EXPECT_FALSE(happened(d, XTCP_EV_RECOVERY));
}

TEST_F(undo, D9_echo_of_the_retransmission_proves_the_loss)
{
	struct drive *d = &self->d;
	u64 again;

	report(d, 0, MSS, 4 * MSS);
	again = d->now;
	d->now += RTT;
	echo(d, 4 * MSS, again);
	EXPECT_FALSE(undone(d));
	drive_ack(d, 10 * MSS);
	EXPECT_FALSE(undone(d));
	EXPECT_LT(d->t.cc.cwnd, CWND);
}

TEST_F(undo, D9_no_echo_proves_nothing)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	drive_ack(d, 4 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, D9_echo_that_does_not_acknowledge_the_first)
{
	struct drive *d = &self->d;
	const u64 range[1][2] = { { MSS, 5 * MSS } };
	struct xtcp_pkt pkt;

	report(d, 0, MSS, 4 * MSS);
	pkt = ack(d, 0);
	drive_sack(d, &pkt, 1, range);
	drive_tsecho(&pkt, xtcp_ts_now(self->start), 0);
	drive_in(d, &pkt);
	EXPECT_FALSE(undone(d));
	EXPECT_EQ(d->t.recovery + 0, 1);
}

/* Without a TS in it nobody can tell which transmission was answered. */
TEST_F(undo, D9_retransmission_without_ts)
{
	struct drive *d = &self->d;

	drive_ack(d, 10 * MSS);
	d->t.snd.ts_at = d->now;
	drive_write(d, MSS + XTCP_TS_LEN, XTCP_WRITE_PUSH);
	ASSERT_FALSE(drive_last(d)->tx.opts & XTCP_HAS_TS);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_FALSE(drive_last(d)->tx.opts & XTCP_HAS_TS);
	ASSERT_EQ(drive_last(d)->tx.why, XTCP_WHY_REXMIT);
	echo(d, 11 * MSS, self->start);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, D9_duplicates_of_all_that_went_again)
{
	struct drive *d = &self->d;

	report(d, 0, 2 * MSS, 8 * MSS);
	ASSERT_EQ(d->t.undo.bytes, 2 * MSS);
	drive_ack(d, 8 * MSS);
	duplicate(d, 8 * MSS, 0, MSS);
	EXPECT_FALSE(undone(d));
	duplicate(d, 8 * MSS, MSS, MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RECOVERY));
	EXPECT_GE(d->t.cc.cwnd, CWND);
}

/* Recovery is over before the peer has seen anything twice. */
TEST_F(undo, D9_duplicates_after_recovery)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	drive_ack(d, 10 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 0);
	ASSERT_LT(d->t.cc.cwnd, CWND);
	duplicate(d, 10 * MSS, 0, MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RECOVERY));
	EXPECT_GE(d->t.cc.cwnd, CWND);
}

/* The report of a duplicate acknowledges nothing, and all the same there is room now. */
TEST_F(undo, D9_window_is_used_at_once)
{
	struct drive *d = &self->d;
	u32 sent;

	report(d, 0, MSS, 4 * MSS);
	drive_write(d, 100 * MSS, XTCP_WRITE_PUSH);
	drive_ack(d, 10 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 0);
	sent = d->sent;
	duplicate(d, 10 * MSS, 0, MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RECOVERY));
	EXPECT_LT(sent, d->sent);
}

TEST_F(undo, D9_timer_runs_as_at_first)
{
	struct drive *d = &self->d;

	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.stat.rexmits, 2);
	duplicate(d, 0, 0, MSS);
	duplicate(d, 0, 0, MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RTO));
	EXPECT_EQ(d->t.backoff, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], d->now + d->t.rtt.rto);
}

/* New bytes went before LOST ones, and bring no news: those go now. */
TEST_F(undo, RFC5682_lost_ones_go_when_nothing_was_told)
{
	struct drive *d = &self->d;

	time_out_and_answer(d);
	ASSERT_EQ(d->t.stat.rexmits, 1);
	drive_data(d, 0, 1);
	EXPECT_LT(1, d->t.stat.rexmits);
}

TEST_F(undo, D9_duplicate_of_something_else)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	duplicate(d, 4 * MSS, 2 * MSS, MSS);
	EXPECT_FALSE(undone(d));
	EXPECT_EQ(d->t.rack.reo_wnd_mult, 0);
}

TEST_F(undo, D9_one_duplicate_is_not_all)
{
	struct drive *d = &self->d;

	/* The first goes again twice: two duplicates, or one of three was lost. */
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.stat.rexmits, 2);
	duplicate(d, MSS, 0, MSS);
	EXPECT_FALSE(undone(d));
}

/* What is acknowledged was sent after the last retransmission: it is no duplicate. */
TEST_F(undo, D9_too_late)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	drive_ack(d, 10 * MSS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_ack(d, 11 * MSS);
	EXPECT_EQ(d->t.undo.cwnd, 0);
	duplicate(d, 11 * MSS, 0, MSS);
	EXPECT_FALSE(undone(d));
}

/* Not undone are a second loss in one recovery, reneging, and what a probe repaired. */
TEST_F(undo, D9_timeout_in_recovery_is_part_of_it)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.timed_out + 0, 1);
	EXPECT_GE(d->t.undo.cwnd, CWND);
	EXPECT_EQ(d->t.undo.bytes, 2 * MSS);
	duplicate(d, 4 * MSS, 0, MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, D9_reneging_was_a_loss)
{
	struct drive *d = &self->d;

	report(d, 0, 0, MSS);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_TRUE(happened(d, XTCP_EV_RENEGED));
	echo(d, MSS, self->start);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, D9_fin_has_no_part_in_a_duplicate)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_ack(d, 10 * MSS);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(d->t.undo.bytes, 1);
}

/* The path was held up: what comes then is the answer to what went first. */
TEST_F(undo, RFC5682_originals_are_acknowledged)
{
	struct drive *d = &self->d;
	u32 sent;

	time_out(d);
	sent = d->sent;
	drive_ack(d, 2 * MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RTO));
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.snd.lost, 0);
	EXPECT_GE(d->t.cc.cwnd, 10 * MSS);	/* half of it was not used (RFC 2861) */
	EXPECT_EQ(d->t.cc.ssthresh, XTCP_CC_INFINITE);
	drive_ack(d, 4 * MSS);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(d->sent, sent);
}

/* Only the first was lost, and so was what the peer had to say of the others. */
TEST_F(undo, RFC5682_all_that_was_out_proves_nothing)
{
	struct drive *d = &self->d;

	time_out(d);
	drive_ack(d, 10 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, RFC5682_new_bytes_before_lost_ones)
{
	struct drive *d = &self->d;

	time_out_and_answer(d);
	EXPECT_FALSE(undone(d));
	EXPECT_LE(d->iss + 1 + 11 * MSS, d->t.snd.nxt);
	EXPECT_EQ(d->t.stat.rexmits, 1);
	drive_ack(d, 3 * MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_SPURIOUS_RTO));
	EXPECT_EQ(d->t.stat.rexmits, 1);
}

TEST_F(undo, RFC5682_new_bytes_arrive_alone)
{
	struct drive *d = &self->d;

	time_out_and_answer(d);
	ASSERT_EQ(d->t.stat.rexmits, 1);
	report(d, MSS, 10 * MSS, 11 * MSS);
	EXPECT_FALSE(undone(d));
	EXPECT_LT(1, d->t.stat.rexmits);
	EXPECT_GE(4 * MSS, d->t.cc.cwnd);
}

/* A new timeout is an answer, too. */
TEST_F(undo, RFC5682_new_bytes_are_lost)
{
	struct drive *d = &self->d;

	time_out_and_answer(d);
	ASSERT_EQ(d->t.stat.rexmits, 1);
	time_out(d);
	EXPECT_EQ(d->t.stat.rexmits, 2);
	drive_ack(d, 3 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, RFC5682_no_new_bytes)
{
	struct drive *d = &self->d;

	time_out(d);
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.stat.rexmits, 3);
	drive_ack(d, 3 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, RFC5682_no_room_for_new_bytes)
{
	struct drive *d = &self->d;

	time_out(d);
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	d->t.snd.edge = d->t.snd.nxt + MSS - 1;
	d->wnd = 0;
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.stat.rexmits, 3);
}

TEST_F(undo, RFC5682_something_is_missing)
{
	struct drive *d = &self->d;

	time_out(d);
	report(d, 2 * MSS, 5 * MSS, 6 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, RFC5682_not_after_a_second_timeout)
{
	struct drive *d = &self->d;

	time_out(d);
	time_out(d);
	drive_ack(d, 2 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, RFC5682_not_in_fast_recovery)
{
	struct drive *d = &self->d;

	report(d, 0, 2 * MSS, 5 * MSS);
	time_out(d);
	drive_ack(d, 8 * MSS);
	EXPECT_FALSE(undone(d));
}

TEST_F(undo, RFC8985_6_2_window_grows_with_duplicates)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	drive_ack(d, 4 * MSS);
	duplicate(d, 4 * MSS, 0, MSS);
	ASSERT_TRUE(undone(d));
	EXPECT_EQ(d->t.rack.reo_wnd_mult, 2);
	EXPECT_EQ(d->t.rack.reo_wnd_persist, 16);
	/* Once in a round, and what is not undone does not count. */
	duplicate(d, 4 * MSS, 0, MSS);
	EXPECT_EQ(d->t.rack.reo_wnd_mult, 2);
	/* The next hole is given half a round trip. */
	drive_ack(d, 10 * MSS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	report(d, 10 * MSS, 11 * MSS, 12 * MSS);
	EXPECT_EQ(d->t.deadline[XTCP_T_REO], d->now + 2 * (d->t.rtt.min / 4));
}

TEST_F(undo, RFC8985_6_2_window_shrinks_after_sixteen_recoveries)
{
	struct drive *d = &self->d;
	u32 i;

	xtcp_rack_duplicate(&d->t);
	for (i = 0; i < 15; i++)
		xtcp_rack_recovered(&d->t);
	EXPECT_EQ(d->t.rack.reo_wnd_mult, 2);
	xtcp_rack_recovered(&d->t);
	EXPECT_EQ(d->t.rack.reo_wnd_mult, 1);
	for (i = 0; i < 1000; i++) {
		xtcp_rack_duplicate(&d->t);
		d->t.rack.dsacked = 0;
	}
	EXPECT_EQ(d->t.rack.reo_wnd_mult, U8_MAX);
}

TEST_F(undo, D9_not_with_a_reduction_for_ce_marks)
{
	struct drive *d = &self->d;

	report(d, 0, MSS, 4 * MSS);
	drive_ack(d, 10 * MSS);
	d->t.snd.reduced = d->iss + 1;
	xtcp_ecn_react(&d->t, 10 * MSS);
	duplicate(d, 10 * MSS, 0, MSS);
	EXPECT_FALSE(undone(d));
}

TEST_HARNESS_MAIN
