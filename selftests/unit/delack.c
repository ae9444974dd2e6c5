// SPDX-License-Identifier: GPL-2.0
/* When what has arrived is acknowledged: D5. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define RCVBUF	10000U

DRIVE_FIXTURE(delack, drive_open, MSS + XTCP_TS_LEN, RCVBUF)

TEST_F(delack, D5_every_two_full_segments)
{
	struct drive *d = &self->d;
	u32 i;

	drive_data(d, 0, MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	for (i = 1; i < 9; i++) {
		drive_data(d, i * MSS, MSS);
		EXPECT_EQ(d->sent, i / 2);
		drive_read(d, 0);
	}
}

/*
 * Or as many bytes: the peer takes them for that, and probes soon (RFC 9293, SHLD-19). It
 * goes by its MSS, whatever ours is.
 */
TEST(D5_every_two_full_segments_of_the_peer_in_small_ones)
{
	static const u32 ours[] = { 600, 1000, 1400 };
	struct drive d;
	u32 i, at;

	for (i = 0; i < ARRAY_SIZE(ours); i++) {
		drive_open(&d, ours[i], RCVBUF);
		drive_data(&d, 0, 1000);
		drive_run(&d, d.now + XTCP_SEC);
		drive_forget(&d);
		for (at = 1000; at < 1000 + 4 * 350; at += 350)
			drive_data(&d, at, 350);
		EXPECT_EQ(d.sent, 0);
		drive_data(&d, at, 350);
		EXPECT_EQ(d.sent, 1);
		drive_end(&d);
	}
}

/* The peer takes it off the round trip of the last segment. */
TEST_F(delack, D6_reports_how_long_the_last_one_waited)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.rcv.full = 1500;
	d->t.rtt.srtt = XTCP_SEC;
	drive_data(d, 0, 10);
	d->now += 15 * XTCP_MS;
	drive_data(d, 10, 10);
	drive_run(d, start + XTCP_DELACK_MAX - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + XTCP_DELACK_MAX);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 20);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_ACKINFO);
	EXPECT_EQ(drive_last(d)->pkt.ack_delay, 10 * XTCP_MS / XTCP_DELAY_UNIT);
}

/* Nor does the first of two segments make the second one look late: it is what is measured. */
TEST_F(delack, D6_what_is_acknowledged_at_once_has_not_waited)
{
	static const s64 second[] = { MSS, 4 * MSS };	/* in order; behind a gap */
	struct drive *d = &self->d;
	u32 i;

	d->t.rtt.srtt = XTCP_SEC;
	d->t.rcv.full = XTCP_HDR_LEN + MSS;
	for (i = 0; i < ARRAY_SIZE(second); i++) {
		drive_forget(d);
		drive_data(d, i * 2 * MSS, MSS);
		EXPECT_EQ(d->sent, 0);
		d->now += 12 * XTCP_MS;
		drive_data(d, second[i], MSS);
		ASSERT_EQ(d->sent, 1);
		EXPECT_EQ(drive_last(d)->pkt.ack_delay, 0);
	}
}

/* With our FIN sent that of the peer is answered at once. */
TEST_F(delack, D6_nor_has_a_fin)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	d->t.rtt.srtt = XTCP_SEC;
	d->t.rcv.full = 1500;
	drive_data(d, 0, 10);
	d->now += 12 * XTCP_MS;
	drive_forget(d);
	drive_fin(d, 10);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 11);
	EXPECT_EQ(drive_last(d)->pkt.ack_delay, 0);
}

TEST_F(delack, D5_batch_is_acknowledged_once)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 5 * MSS, 0);

	pkt.wire = 5;
	pkt.mss = MSS;
	drive_in(d, &pkt);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_ACK);
	EXPECT_EQ(drive_last(d)->pkt.len, 0);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 5 * MSS);
}

/* D5: SRTT/4, held between 1 and 25 ms; 25 ms without sample. */
TEST_F(delack, D5_delayed_ack)
{
	static const u64 srtt[] = { 0, XTCP_MS, 40 * XTCP_MS, 400 * XTCP_MS };
	static const u64 wait[] = { 25 * XTCP_MS, XTCP_MS, 10 * XTCP_MS, 25 * XTCP_MS };
	struct drive *d = &self->d;
	u64 start;
	u32 i;

	d->t.rcv.full = 1500;
	for (i = 0; i < ARRAY_SIZE(srtt); i++) {
		d->t.rtt.srtt = srtt[i];
		drive_forget(d);
		start = d->now;
		drive_data(d, i, 1);
		EXPECT_EQ(d->sent, 0);
		drive_run(d, start + wait[i] - 1);
		EXPECT_EQ(d->sent, 0);
		drive_run(d, start + wait[i]);
		EXPECT_EQ(d->sent, 1);
	}
}

TEST_F(delack, D5_ack_rides_along_with_data)
{
	struct drive *d = &self->d;

	d->t.rcv.full = 1500;
	drive_data(d, 0, 10);
	EXPECT_EQ(d->sent, 0);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 10);
	drive_ack(d, 10);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 1);
}

/* A program that answers will answer: only when it did not once is that over. */
TEST_F(delack, D5_ack_waits_for_the_answer)
{
	struct drive *d = &self->d;
	u64 start;

	d->t.rcv.full = 1500;
	d->t.rtt.srtt = 4 * XTCP_MS;
	drive_data(d, 0, 10);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_ack(d, 10);
	drive_forget(d);
	start = d->now;
	drive_data(d, 10, 10);
	drive_run(d, start + 20 * XTCP_MS - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + 20 * XTCP_MS);
	EXPECT_EQ(d->sent, 1);
	start = d->now;
	drive_data(d, 20, 10);
	drive_run(d, start + XTCP_MS);
	EXPECT_EQ(d->sent, 2);

	/* the ACK has gone, but would not have had to */
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_ack(d, 20);
	start = d->now;
	drive_data(d, 30, 10);
	drive_run(d, start + 20 * XTCP_MS - 1);
	EXPECT_EQ(d->sent, 3);
}

static void full_segments(struct drive *d, u32 from, u32 n)
{
	for (; n--; from++)
		drive_data(d, from * MSS, MSS);
}

/*
 * More than a first window lies unread: an ACK goes when all was read that the one before
 * told, or after 1 ms.
 */
TEST_F(delack, D5_program_that_is_behind_acknowledges_as_it_reads)
{
	struct drive d;
	u64 start;

	drive_open(&d, MSS + XTCP_TS_LEN, 1000 * MSS);
	full_segments(&d, 0, 10);
	EXPECT_EQ(d.sent, 5);
	full_segments(&d, 10, 20);
	drive_read(&d, 10 * MSS - 1);
	EXPECT_EQ(d.sent, 5);
	drive_read(&d, 1);
	ASSERT_EQ(d.sent, 6);
	EXPECT_EQ(drive_acks(&d, drive_last(&d)), 30 * MSS);

	start = d.now;
	full_segments(&d, 30, 20);
	drive_run(&d, start + XTCP_MS - 1);
	EXPECT_EQ(d.sent, 6);
	drive_run(&d, start + XTCP_MS);
	EXPECT_EQ(d.sent, 7);
	drive_read(&d, 40 * MSS);
	full_segments(&d, 50, 2);
	EXPECT_EQ(d.sent, 8);
	drive_end(&d);
}

TEST_F(delack, D5_gap_and_filled_gap_at_once)
{
	struct drive *d = &self->d;

	d->t.rcv.full = 1500;
	drive_data(d, 10, 10);
	EXPECT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	drive_data(d, 0, 10);
	EXPECT_EQ(d->sent, 2);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 20);
}

TEST_F(delack, D5_ce_change_at_once)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u32 i, sent = 0;

	d->t.rcv.full = 1500;
	for (i = 0; i < 4; i++) {
		drive_forget(d);
		pkt = drive_pkt(d, i, 1, 0);
		pkt.ce = i == 1 || i == 2;
		drive_in(d, &pkt);
		sent += d->sent;
		EXPECT_EQ(d->sent, i == 1 || i == 3);
	}
	EXPECT_EQ(sent, 2);
	EXPECT_EQ(d->t.rcv.ce, 2);
}

TEST_F(delack, D5_fin_is_acknowledged_by_ours)
{
	struct drive *d = &self->d;

	drive_fin(d, 0);
	EXPECT_EQ(d->sent, 0);
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
}

TEST_F(delack, D5_fin_waits_for_company_no_longer_than_for_an_answer)
{
	struct drive *d = &self->d;

	drive_fin(d, 0);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + XTCP_DELACK_ANSWER - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
}

/* When the ACK is due of data, whose FIN comes at the end of its wait; ns after the data. */
static u64 data_and_fin(u64 srtt, u64 wait)
{
	struct drive d;
	u64 start, due;

	drive_open(&d, MSS + XTCP_TS_LEN, RCVBUF);
	start = d.now;
	d.t.rcv.full = 1400;
	d.t.rtt.srtt = srtt;
	drive_data(&d, 0, 10);
	d.now += wait - 1;
	drive_fin(&d, 10);
	due = d.sent ? 0 : d.t.deadline[XTCP_T_DELACK] - start;
	drive_end(&d);
	return due;
}

/* Data whose ACK waits already goes with it; but the peer's timers must not expire (D9). */
TEST(D5_fin_takes_the_ack_of_data_along)
{
	static const u64 srtt[] = { 200 * XTCP_US, 4 * XTCP_MS, 40 * XTCP_MS, 400 * XTCP_MS };
	u64 wait, due;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(srtt); i++) {
		wait = clamp(srtt[i] / 4, XTCP_DELACK_MIN, XTCP_DELACK_MAX);
		due = data_and_fin(srtt[i], wait);
		EXPECT_EQ(due, wait + 10 * XTCP_MS);
		/* RFC 8985's PTO; RFC 6298's RTO of a path without variance */
		EXPECT_LT(srtt[i] + due, max(2 * srtt[i], XTCP_PTO_MIN) + XTCP_DELACK_MAX);
		EXPECT_LT(due, XTCP_RTO_VAR_MIN);
	}
	/* without a sample the whole of that time is used already */
	EXPECT_EQ(data_and_fin(0, XTCP_DELACK_MAX), XTCP_DELACK_MAX);
}

/* What the peer expects an ACK of within a millisecond gets it. */
TEST_F(delack, D5_fin_does_not_put_off_the_ack_of_two_full_segments)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.rcv.full = 1400;
	d->t.rtt.srtt = XTCP_MS;
	drive_data(d, 0, 10);
	d->t.rcv.fulls = 2;			/* held because the program is behind */
	d->now += XTCP_DELACK_MIN / 2;
	drive_fin(d, 10);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + XTCP_DELACK_MIN);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(delack, D5_fin_at_once_where_ours_is_out)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_ack(d, 1);
	drive_forget(d);
	drive_fin(d, 0);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
}

TEST_F(delack, D5_quickack_of_a_fin)
{
	struct drive *d = &self->d;

	d->t.tune.quickack = 1;
	drive_fin(d, 0);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(delack, D5_quickack_at_once)
{
	struct drive *d = &self->d;

	d->t.tune.quickack = 1;
	drive_data(d, 0, 10);
	EXPECT_EQ(d->sent, 1);
}

/* As with TCP: also the one that waits already. */
TEST_F(delack, D5_quickack_releases_a_held_ack)
{
	struct drive *d = &self->d;

	d->t.rcv.full = 1400;
	drive_data(d, 0, 10);
	EXPECT_EQ(d->sent, 0);
	d->t.tune.nodelay = 1;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->sent, 0);
	d->t.tune.quickack = 1;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 10);
}

/* It has no sample of its own, ever: after the first wait in vain, that of its cookie counts. */
TEST_F(delack, D5_who_only_receives_waits_for_a_quarter_of_the_round_trip)
{
	struct drive *d = &self->d;

	d->t.rtt.srtt = 0;
	d->t.rtt.last = 8 * XTCP_MS;
	d->t.rcv.full = 1400;
	drive_data(d, 0, 10);
	drive_run(d, d->now + XTCP_DELACK_MAX - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + 1);
	EXPECT_EQ(d->sent, 1);
	drive_data(d, 10, 10);
	drive_run(d, d->now + 2 * XTCP_MS - 1);
	EXPECT_EQ(d->sent, 1);
	drive_run(d, d->now + 1);
	EXPECT_EQ(d->sent, 2);
}

TEST_F(delack, D5_held_ack_is_not_put_off)
{
	struct drive *d = &self->d;
	u64 due;

	d->t.rcv.full = 1400;
	drive_data(d, 0, 10);
	due = d->t.deadline[XTCP_T_DELACK];
	d->now += 100 * XTCP_US;
	drive_data(d, 10, 10);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_DELACK], due);
}

TEST_F(delack, D5_full_is_what_was_lately_seen)
{
	struct drive *d = &self->d;
	u32 i, at = 1000;

	drive_data(d, 0, 1000);
	for (i = 0; i < 150; i++, at += 500) {
		drive_data(d, at, 500);
		drive_read(d, 500);
	}
	EXPECT_LE(d->t.rcv.full, XTCP_HDR_LEN + 500 + 16);
	d->t.rcv.fulls = 0;
	drive_data(d, at, 1000);	/* the mark is up again at once */
	EXPECT_EQ(d->t.rcv.full, XTCP_HDR_LEN + 1000);
}

/* No path is as narrow as this (D10): these are what the program writes. */
TEST_F(delack, D5_small_writes_are_no_full_segments)
{
	u32 least = XTCP_FULL_MIN - XTCP_HDR_LEN, at = 0, i;
	struct drive *d = &self->d;

	d->t.rtt.srtt = XTCP_SEC;
	drive_data(d, at, MSS);
	at += MSS;
	for (i = 0; i < 200; i++, at += 64) {
		drive_data(d, at, 64);
		drive_read(d, 64);
	}
	EXPECT_EQ(d->t.rcv.full, XTCP_FULL_MIN);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	for (i = 0; i < DIV_ROUND_UP(2 * xtcp_full_data(least), 64); i++, at += 64) {
		EXPECT_EQ(d->sent, 0);
		drive_data(d, at, 64);
	}
	EXPECT_EQ(d->sent, 1);
}

TEST_F(delack, D5_options_that_come_and_go_make_no_segment_short)
{
	struct drive *d = &self->d;
	u32 less = XTCP_TS_LEN + XTCP_TSECHO_LEN;

	d->t.rcv.full = XTCP_HDR_LEN + MSS;
	drive_data(d, 0, MSS - less);
	EXPECT_EQ(d->t.rcv.fulls, 1);
	EXPECT_EQ(d->t.rcv.full, XTCP_HDR_LEN + MSS);
	drive_data(d, MSS - less, MSS - less - 100);
	EXPECT_EQ(d->t.rcv.fulls, 1);
}

/* A short one at the end makes the others no shorter. */
TEST_F(delack, D5_merged_segments_are_as_long_as_each_was)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 2 * MSS + 10, 0);

	d->t.rcv.full = XTCP_FULL_MIN;
	pkt.wire = 3;
	pkt.mss = MSS;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.rcv.full, XTCP_HDR_LEN + MSS);
	EXPECT_EQ(d->sent, 1);
	drive_read(d, 2 * MSS + 10);

	pkt.seq += pkt.len;
	drive_in(d, &pkt);
	EXPECT_EQ(d->sent, 2);
}

TEST_HARNESS_MAIN
