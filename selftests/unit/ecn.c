// SPDX-License-Identifier: GPL-2.0
/* ECN: what is sent ECN-capable, what a report does, when it is given up (D6, D9). */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS and an empty ACKINFO is always left */
#define PATH	(MSS + XTCP_TS_LEN + XTCP_ACKINFO_LEN(0))
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

FIXTURE(ecn)
{
	struct drive d;
};

static void open_with(struct drive *d, u32 offer)
{
	drive_init(d, PATH, RCVBUF);
	d->t.offer = offer;
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	d->now += RTT;
	drive_syn_ack(d, true);
	drive_ack(d, 0);
	drive_forget(d);
	d->t.burst = MSS;
}

FIXTURE_SETUP(ecn)
{
	open_with(&self->d, XTCP_FEATURE_ECN);
}

FIXTURE_TEARDOWN(ecn)
{
	drive_end(&self->d);
}

/* An ACK that reports so many CE-marked packets in all. */
static void report(struct drive *d, s64 ack, u32 ce)
{
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);

	drive_sack(d, &pkt, 0, NULL);
	pkt.ce_echo = ce;
	drive_in(d, &pkt);
}

/* A data segment of the peer's, CE-marked or not. */
static void marked(struct drive *d, s64 seq, u32 len, bool ce)
{
	struct xtcp_pkt pkt = drive_pkt(d, seq, len, d->t.snd.una - (d->iss + 1));

	pkt.ce = ce;
	drive_in(d, &pkt);
}

static u32 ects(const struct drive *d)
{
	u32 i, n = 0;

	for (i = 0; i < d->sent; i++)
		n += d->out[i].tx.ect;
	return n;
}

/* Everything outstanding is sent again. */
static void again(struct drive *d)
{
	drive_run(d, d->now + 10 * RTT);
	drive_act(d, xtcp_rto(&d->t, d->now) | XTCP_XMIT, NULL);
}

TEST_F(ecn, both_must_offer_it)
{
	struct drive *d = calloc(1, sizeof(*d));

	ASSERT_NE(d, NULL);
	EXPECT_EQ(self->d.t.ecn + 0, 1);
	EXPECT_EQ(self->d.t.features, XTCP_FEATURE_ECN);
	open_with(d, 0);
	EXPECT_EQ(d->t.ecn + 0, 0);
	EXPECT_EQ(d->t.features, 0);
	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	EXPECT_GE(d->sent, 3);
	EXPECT_EQ(ects(d), 0);
	drive_end(d);
	free(d);
}

TEST_F(ecn, syn_tells_what_is_offered_and_is_not_capable)
{
	struct drive *d = calloc(1, sizeof(*d));
	struct xtcp_hello hello;

	ASSERT_NE(d, NULL);
	drive_init(d, PATH, RCVBUF);
	d->t.offer = XTCP_FEATURE_ECN;
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	xtcp_read_hello(&d->out[0].pkt, &hello);
	EXPECT_EQ(hello.features, XTCP_FEATURE_ECN);
	EXPECT_FALSE(d->out[0].tx.ect);
	drive_end(d);
	free(d);
}

TEST_F(ecn, RFC3168_6_1_new_data_only)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(d->out[0].tx.ect);
	drive_run(d, d->now + 2 * RTT + XTCP_DELACK_MAX);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(d->out[1].tx.why, XTCP_WHY_REXMIT);
	EXPECT_FALSE(d->out[1].tx.ect);
	drive_data(d, 0, MSS);
	drive_run(d, d->now + XTCP_DELACK_MAX);
	ASSERT_EQ(d->sent, 3);
	EXPECT_EQ(d->out[2].tx.why, XTCP_WHY_ACK);
	EXPECT_FALSE(d->out[2].tx.ect);
}

TEST_F(ecn, RFC3168_6_1_2_one_reduction_in_a_window)
{
	struct drive *d = &self->d;
	u32 cwnd;

	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	d->t.cc.ssthresh = d->t.cc.cwnd;	/* congestion avoidance */
	report(d, 1 * MSS, 1);
	cwnd = d->t.cc.cwnd;
	EXPECT_EQ(cwnd, 8 * MSS * 819 / 1024);
	EXPECT_EQ(cwnd, d->t.cc.ssthresh);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
	EXPECT_EQ(d->t.recovery + 0, 0);
	d->t.events = 0;
	report(d, 4 * MSS, 4);
	report(d, 7 * MSS, 7);
	EXPECT_GE(d->t.cc.cwnd, cwnd);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
	/* what was sent before the reduction is acknowledged: the next one counts */
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	report(d, 8 * MSS, 7);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
	report(d, 9 * MSS, 8);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
	EXPECT_LT(d->t.cc.cwnd, cwnd);
}

TEST_F(ecn, D6_an_old_report_says_nothing)
{
	struct drive *d = &self->d;
	u32 cwnd;

	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	report(d, 2 * MSS, 5);
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	report(d, 8 * MSS, 5);
	cwnd = d->t.cc.cwnd;
	report(d, 9 * MSS, 3);
	drive_ack(d, 10 * MSS);
	EXPECT_GE(d->t.cc.cwnd, cwnd);
	EXPECT_EQ(d->t.snd.ce, 5);
}

TEST_F(ecn, D6_the_count_wraps)
{
	struct drive *d = &self->d;
	u32 cwnd = d->t.cc.cwnd;

	d->t.snd.ce = U32_MAX;
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	report(d, 2 * MSS, 1);
	EXPECT_LT(d->t.cc.cwnd, cwnd);
	EXPECT_EQ(d->t.snd.ce, 1);
}

TEST_F(ecn, not_negotiated_reports_do_nothing)
{
	struct drive *d = calloc(1, sizeof(*d));
	u32 cwnd;

	ASSERT_NE(d, NULL);
	open_with(d, 0);
	cwnd = d->t.cc.cwnd;
	drive_write(d, 8 * MSS, XTCP_WRITE_PUSH);
	report(d, 8 * MSS, 8);
	EXPECT_GE(d->t.cc.cwnd, cwnd);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
	drive_end(d);
	free(d);
}

/* One ACK for nearly all that was in flight (D5): the rest is not what was marked. */
TEST_F(ecn, RFC3168_6_1_2_what_was_in_flight_is_reduced)
{
	struct drive *d = &self->d;

	drive_write(d, 9 * MSS, XTCP_WRITE_PUSH);
	d->t.cc.ssthresh = d->t.cc.cwnd;
	d->now += RTT;
	report(d, 8 * MSS, 1);
	EXPECT_EQ(d->t.cc.ssthresh, 9 * MSS * 819 / 1024);
}

/* A loss after marks reduces what there was before them, not what they have left. */
TEST_F(ecn, RFC3168_6_1_2_a_window_pays_once_for_marks_and_losses)
{
	struct drive *d = &self->d;
	const u64 range[1][2] = { { 4 * MSS, 8 * MSS } };
	struct xtcp_pkt pkt;

	drive_write(d, 9 * MSS, XTCP_WRITE_PUSH);
	d->t.cc.ssthresh = d->t.cc.cwnd;
	d->now += RTT;
	report(d, 1 * MSS, 1);
	EXPECT_EQ(d->t.cc.cwnd, 9 * MSS * 819 / 1024);
	pkt = drive_pkt(d, 0, 0, MSS);
	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.recovery + 0, 1);
	EXPECT_EQ(d->t.cc.ssthresh, 9 * MSS / 2);
}

TEST_F(ecn, marks_in_recovery_change_nothing)
{
	struct drive *d = &self->d;
	const u64 range[1][2] = { { 4 * MSS, 8 * MSS } };
	struct xtcp_pkt pkt;
	u32 cwnd;

	drive_write(d, 9 * MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, range);
	pkt.ce_echo = 3;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.recovery + 0, 1);
	cwnd = d->t.cc.ssthresh;
	report(d, MSS, 4);
	EXPECT_EQ(d->t.cc.ssthresh, cwnd);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
}

TEST_F(ecn, black_hole_is_left_when_only_retransmissions_arrive)
{
	struct drive *d = &self->d;

	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(ects(d), 3);
	again(d);
	drive_ack(d, 3 * MSS);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ECN_OFF));
	drive_forget(d);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	EXPECT_EQ(ects(d), 0);
}

TEST_F(ecn, one_packet_that_is_lost_keeps_it_a_second_does_not)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	again(d);
	drive_ack(d, MSS);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_OFF));
	drive_forget(d);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(ects(d), 1);
	again(d);
	drive_ack(d, 2 * MSS);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ECN_OFF));
}

TEST_F(ecn, one_flight_that_is_lost_keeps_it)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_ack(d, MSS);
	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	again(d);
	drive_ack(d, 2 * MSS);
	again(d);
	drive_ack(d, 4 * MSS);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_OFF));
	drive_forget(d);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(ects(d), 1);
	drive_ack(d, 5 * MSS);		/* that one arrives: no doubt is left */
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	again(d);
	drive_ack(d, 6 * MSS);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_OFF));
}

/* The path has changed to one that loses what is capable: two flights tell. */
TEST_F(ecn, black_hole_later_on)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_ack(d, MSS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	again(d);
	drive_ack(d, 2 * MSS);
	drive_forget(d);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(ects(d), 1);
	again(d);
	drive_ack(d, 3 * MSS);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ECN_OFF));
	drive_forget(d);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(ects(d), 0);
}

/* So many full segments, each acknowledged at once; of ten this many are marked. */
static void exchange(struct drive *d, u32 segs, u32 of_ten)
{
	s64 at = d->t.snd.una - (d->iss + 1);
	u32 i, ce = d->t.snd.ce;

	for (i = 1; i <= segs; i++) {
		drive_write(d, MSS, XTCP_WRITE_PUSH);
		ce += i % 10 < of_ten;
		report(d, at + (s64)i * MSS, ce);
	}
}

TEST_F(ecn, path_that_marks_everything)
{
	struct drive *d = &self->d;

	exchange(d, 29, 10);
	EXPECT_EQ(d->t.ecn + 0, 1);
	exchange(d, 1, 10);
	EXPECT_EQ(d->t.ecn + 0, 0);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ECN_OFF));
	d->t.events = 0;
	exchange(d, 10, 10);
	EXPECT_FALSE(d->t.events & BIT(XTCP_EV_ECN_REDUCED));
}

TEST_F(ecn, path_that_marks_nearly_everything)
{
	struct drive *d = &self->d;

	exchange(d, 40, 9);
	EXPECT_EQ(d->t.ecn + 0, 1);
	exchange(d, 40, 10);	/* a queue that has filled */
	EXPECT_EQ(d->t.ecn + 0, 1);
}

TEST_F(ecn, path_that_marks_nothing)
{
	struct drive *d = &self->d;

	exchange(d, 40, 0);
	EXPECT_EQ(d->t.ecn + 0, 1);
}

/* The receiver. D6: a side that sends data all the time may send no other ACK. */
TEST_F(ecn, D6_data_tells_of_marks_until_they_must_be_known)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	d->err = -ENOBUFS;		/* the ACK at once (D5) does not get out */
	marked(d, 0, MSS, true);
	EXPECT_EQ(d->t.rcv.ce, 1);
	d->err = 0;
	drive_forget(d);
	d->t.snd.end += 2 * MSS;
	drive_run(d, d->t.deadline[XTCP_T_RETRY]);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(d->out[0].tx.why, XTCP_WHY_NEW);
	EXPECT_TRUE(d->out[0].pkt.has & XTCP_HAS_ACKINFO);
	EXPECT_EQ(d->out[0].pkt.ce_echo, 1);
	EXPECT_TRUE(d->out[1].pkt.has & XTCP_HAS_ACKINFO);
	/* before the one that told it first: nobody knows yet */
	drive_ack(d, MSS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	drive_ack(d, drive_seq(d, &d->out[0]) + d->out[0].pkt.len);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_NEW);
}

TEST_F(ecn, D6_a_retransmission_is_not_lengthened)
{
	struct drive *d = &self->d;

	d->t.snd.ts_at = d->now;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	marked(d, 0, MSS, true);
	drive_forget(d);
	again(d);
	ASSERT_GE(d->sent, 1);
	EXPECT_EQ(d->out[0].tx.why, XTCP_WHY_REXMIT);
	EXPECT_FALSE(d->out[0].pkt.has & XTCP_HAS_ACKINFO);
}

TEST_HARNESS_MAIN
