// SPDX-License-Identifier: GPL-2.0
/* Urgent data: D8 and F11, what the sender tells and what the receiver makes of it. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload beside a TS */
#define PATH	(MSS + XTCP_TS_LEN)
#define RCVBUF	65536U

DRIVE_FIXTURE(urgent, drive_open, PATH, RCVBUF)

/* The mark that a transmission tells of, relative to the first byte; -1: none. */
static s64 told(const struct drive *d, const struct drive_sent *sent)
{
	if (!(sent->pkt.flags & XTCP_URG))
		return -1;
	return drive_seq(d, sent) + sent->pkt.urg;
}

/* The peer takes nothing more. */
static void shut(struct drive *d)
{
	d->wnd = 0;
	d->t.snd.edge = d->t.snd.nxt;
}

static void write_oob(struct drive *d, u32 bytes)
{
	drive_write(d, bytes, XTCP_WRITE_PUSH | XTCP_WRITE_OOB);
}

TEST_F(urgent, D8_last_byte_of_the_write)
{
	struct drive *d = &self->d;

	drive_write(d, 300, XTCP_WRITE_PUSH);
	write_oob(d, 100);
	drive_write(d, 50, XTCP_WRITE_PUSH);
	/* The data itself tells: no empty segment beside it. */
	ASSERT_EQ(d->sent, 3);
	EXPECT_EQ(told(d, &d->out[0]), -1);
	EXPECT_EQ(told(d, &d->out[1]), 400);
	EXPECT_EQ(d->out[1].pkt.len, 100);
	EXPECT_EQ(told(d, &d->out[2]), -1);
}

TEST_F(urgent, D8_every_segment_before_the_mark)
{
	struct drive *d = &self->d;
	u32 i, n = 0;

	d->t.burst = 16 * PATH;
	write_oob(d, 5 * MSS);
	ASSERT_GT(d->sent, 4);
	for (i = 0; i < d->sent; i++) {
		/* "URG segments go alone", and their option has its room. */
		EXPECT_EQ(told(d, &d->out[i]), 5 * MSS);
		EXPECT_LE(d->out[i].tx.hdr - XTCP_HDR_LEN + d->out[i].pkt.len, PATH);
		n += d->out[i].pkt.len;
	}
	EXPECT_EQ(n, 5 * MSS);
	drive_ack(d, n);
	drive_forget(d);
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	EXPECT_GT(d->out[0].pkt.len, PATH);
	EXPECT_EQ(told(d, &d->out[0]), -1);
}

TEST_F(urgent, D8_mark_within_what_waits)
{
	struct drive *d = &self->d;

	shut(d);
	write_oob(d, 100);
	drive_write(d, 100, XTCP_WRITE_PUSH);
	drive_forget(d);
	d->wnd = DRIVE_WND;
	drive_ack(d, 0);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.len, 200);
	EXPECT_EQ(told(d, &d->out[0]), 100);
}

TEST_F(urgent, D8_empty_segment_at_zero_window)
{
	struct drive *d = &self->d;

	shut(d);
	drive_write(d, 20, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	write_oob(d, 10);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.len, 0);
	EXPECT_EQ(d->out[0].pkt.seq, d->t.snd.nxt);
	EXPECT_EQ(told(d, &d->out[0]), 30);
	/* Once, until a probe is due. */
	drive_run(d, d->t.deadline[XTCP_T_PROBE] - 1);
	EXPECT_EQ(d->sent, 1);
	drive_run(d, d->now + 1);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(d->out[1].tx.why, XTCP_WHY_PROBE);
	EXPECT_EQ(drive_seq(d, &d->out[1]), -1);
	EXPECT_EQ(told(d, &d->out[1]), 30);
	/* And whatever else goes out meanwhile tells, too. */
	drive_fin(d, 0);
	EXPECT_EQ(told(d, drive_last(d)), 30);
}

TEST_F(urgent, D8_several_marks)
{
	struct drive *d = &self->d;

	shut(d);
	write_oob(d, 10);
	write_oob(d, 10);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(told(d, &d->out[0]), 10);
	EXPECT_EQ(told(d, &d->out[1]), 20);
}

TEST_F(urgent, D8_nothing_urgent_without_bytes)
{
	struct drive *d = &self->d;

	shut(d);
	drive_write(d, 0, XTCP_WRITE_OOB);
	EXPECT_EQ(d->sent, 0);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(urgent, D8_failed_transmission_has_told_nobody)
{
	struct drive *d = &self->d;

	shut(d);
	d->err = -ENOBUFS;
	write_oob(d, 10);
	EXPECT_EQ(d->failed, 1);
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_DELAY);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(told(d, drive_last(d)), 10);
}

TEST_F(urgent, D8_retransmissions_tell)
{
	struct drive *d = &self->d;

	drive_write(d, 100, XTCP_WRITE_PUSH);	/* sent before there was a mark */
	write_oob(d, 100);
	drive_forget(d);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_GT(d->sent, 0);
	EXPECT_EQ(d->out[0].tx.why, XTCP_WHY_REXMIT);
	EXPECT_EQ(drive_seq(d, &d->out[0]), 0);
	EXPECT_EQ(told(d, &d->out[0]), 200);
	drive_ack(d, 100);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 100);
	EXPECT_EQ(told(d, drive_last(d)), 200);
	/* All of it has arrived: nothing is urgent any more. */
	drive_ack(d, 200);
	drive_forget(d);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(told(d, drive_last(d)), -1);
	shut(d);
	drive_ack(d, 210);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_run(d, d->now + 2 * XTCP_SEC);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_PROBE);
	EXPECT_EQ(told(d, drive_last(d)), -1);
}

TEST_F(urgent, D8_full_segment_sent_again_makes_room_for_the_option)
{
	struct drive *d = &self->d;
	u32 i, n = 0;

	d->t.snd.ts_at = d->now;	/* no TS: all of the path is payload */
	drive_write(d, PATH, XTCP_WRITE_PUSH);
	ASSERT_EQ(drive_last(d)->pkt.len, PATH);
	shut(d);
	write_oob(d, 1);
	drive_forget(d);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->sent, 2);
	for (i = 0; i < d->sent; i++) {
		EXPECT_EQ(d->out[i].tx.why, XTCP_WHY_REXMIT);
		EXPECT_LE(d->out[i].tx.hdr - XTCP_HDR_LEN + d->out[i].pkt.len, PATH);
		EXPECT_EQ(told(d, &d->out[i]), PATH + 1);
		n += d->out[i].pkt.len;
	}
	EXPECT_EQ(n, PATH);
}

TEST_F(urgent, D8_neither_nagle_nor_cork_hold_it)
{
	struct drive *d = &self->d;

	d->t.tune.nodelay = 0;
	d->t.tune.cork = 1;
	drive_write(d, 10, 0);
	EXPECT_EQ(d->sent, 0);
	write_oob(d, 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.len, 11);
	EXPECT_EQ(told(d, &d->out[0]), 11);
}

TEST_F(urgent, offset_is_as_large_as_the_field)
{
	struct drive *d = &self->d;

	d->t.snd.up = d->t.snd.nxt + U32_MAX;
	EXPECT_EQ(xtcp_urg_offset(&d->t, d->t.snd.nxt), U32_MAX);
	d->t.snd.up++;
	EXPECT_EQ(xtcp_urg_offset(&d->t, d->t.snd.nxt), U32_MAX);
}

/* A segment of the peer with URG: mark behind byte number up. */
static struct xtcp_pkt urg_pkt(const struct drive *d, s64 seq, u32 len, s64 up)
{
	struct xtcp_pkt pkt = drive_pkt(d, seq, len, d->t.snd.una - (d->iss + 1));

	pkt.flags |= XTCP_URG;
	pkt.has |= XTCP_HAS_URG;
	pkt.urg = up - seq;
	pkt.hdr += XTCP_URG_LEN / 8;
	return pkt;
}

/* It arrives: was it news? */
static bool mark(struct drive *d, s64 seq, u32 len, s64 up)
{
	struct xtcp_pkt pkt = urg_pkt(d, seq, len, up);

	return drive_in(d, &pkt) & XTCP_URGENT;
}

/* How far the program is from the urgent byte; -1: no mark ahead. */
static s64 ahead(const struct drive *d)
{
	u64 n = xtcp_to_mark(&d->t, d->t.rcv.read);

	return n == XTCP_NEVER ? -1 : (s64)n;
}

TEST_F(urgent, D8_mark_and_byte_together)
{
	struct drive *d = &self->d;

	EXPECT_EQ(ahead(d), -1);
	EXPECT_TRUE(mark(d, 0, 20, 10));
	EXPECT_EQ(ahead(d), 9);
	EXPECT_TRUE(xtcp_oob_here(&d->t));
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_URGENT));
	drive_read(d, 9);
	EXPECT_EQ(ahead(d), 0);
	EXPECT_TRUE(xtcp_oob_here(&d->t));
	drive_read(d, 1);
	EXPECT_EQ(ahead(d), -1);
	EXPECT_FALSE(xtcp_oob_here(&d->t));
	EXPECT_EQ(d->delivered, 20);
}

TEST_F(urgent, D8_mark_before_the_byte)
{
	struct drive *d = &self->d;

	EXPECT_TRUE(mark(d, 0, 0, 100));
	EXPECT_EQ(ahead(d), 99);
	EXPECT_FALSE(xtcp_oob_here(&d->t));
	EXPECT_FALSE(mark(d, 0, 99, 100));	/* told already */
	EXPECT_FALSE(xtcp_oob_here(&d->t));
	drive_data(d, 99, 1);
	EXPECT_TRUE(xtcp_oob_here(&d->t));
	d->t.oob_read = 1;
	EXPECT_FALSE(xtcp_oob_here(&d->t));
	EXPECT_EQ(ahead(d), 99);
}

TEST_F(urgent, D8_byte_out_of_order_waits_for_its_gap)
{
	struct drive *d = &self->d;

	EXPECT_TRUE(mark(d, 500, 100, 600));
	EXPECT_EQ(ahead(d), 599);
	EXPECT_FALSE(xtcp_oob_here(&d->t));
	drive_data(d, 0, 500);
	EXPECT_TRUE(xtcp_oob_here(&d->t));
}

TEST_F(urgent, D8_at_zero_window)
{
	struct drive *d = &self->d;
	s64 end = RCVBUF;

	drive_data(d, 0, RCVBUF);
	ASSERT_EQ(xtcp_window(&d->t), 0);
	EXPECT_TRUE(mark(d, end, 0, end + 10));
	EXPECT_TRUE(mark(d, end - 1, 0, end + 20));	/* a probe */
	EXPECT_FALSE(mark(d, end - 2, 0, end + 30));
	EXPECT_FALSE(mark(d, end + 1, 0, end + 30));
	EXPECT_FALSE(mark(d, end, 1, end + 30));	/* LEN>0: not acceptable */
	EXPECT_EQ(d->t.rcv.up, d->t.rcv.nxt + 20);
}

TEST_F(urgent, D8_RCV_UP_is_the_maximum)
{
	struct drive *d = &self->d;

	EXPECT_TRUE(mark(d, 0, 10, 100));
	EXPECT_FALSE(mark(d, 10, 10, 100));
	EXPECT_FALSE(mark(d, 20, 10, 99));
	EXPECT_FALSE(mark(d, 30, 10, 30));	/* offset 0 */
	EXPECT_EQ(ahead(d), 99);
	d->t.oob_read = 1;
	EXPECT_TRUE(mark(d, 40, 10, 101));
	EXPECT_EQ(ahead(d), 100);
	drive_data(d, 50, 100);
	EXPECT_TRUE(xtcp_oob_here(&d->t));	/* another byte: not read yet */
}

TEST_F(urgent, D8_mark_of_the_past_is_none)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 100);
	EXPECT_FALSE(mark(d, 100, 10, 100));
	EXPECT_FALSE(mark(d, 50, 100, 100));	/* overlaps */
	EXPECT_FALSE(mark(d, 0, 100, 200));	/* old: what is new tells again */
	EXPECT_EQ(ahead(d), -1);
}

TEST_F(urgent, D8_only_acceptable_segments_tell)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = urg_pkt(d, 0, 0, 10);

	pkt.tag++;
	EXPECT_FALSE(drive_in(d, &pkt) & XTCP_URGENT);
	pkt = urg_pkt(d, 0, 0, 10);
	pkt.ack = d->t.snd.nxt + 1;
	EXPECT_FALSE(drive_in(d, &pkt) & XTCP_URGENT);
	pkt = urg_pkt(d, 0, 0, 10);
	pkt.flags &= ~XTCP_ACK;
	EXPECT_FALSE(drive_in(d, &pkt) & XTCP_URGENT);
	pkt = urg_pkt(d, RCVBUF + 1, 0, RCVBUF + 10);
	EXPECT_FALSE(drive_in(d, &pkt) & XTCP_URGENT);
	EXPECT_EQ(ahead(d), -1);
}

TEST_F(urgent, D8_D11_without_memory_the_mark_counts)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = urg_pkt(d, 0, 10, 10);

	pkt.no_room = true;
	EXPECT_TRUE(drive_in(d, &pkt) & XTCP_URGENT);
	EXPECT_FALSE(xtcp_oob_here(&d->t));
	drive_data(d, 0, 10);
	EXPECT_TRUE(xtcp_oob_here(&d->t));
}

TEST_F(urgent, D8_no_mark_behind_a_FIN)
{
	struct drive *d = &self->d;

	drive_fin(d, 100);			/* early */
	EXPECT_FALSE(mark(d, 0, 50, 101));
	EXPECT_TRUE(mark(d, 50, 0, 100));
	drive_data(d, 50, 50);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	EXPECT_TRUE(xtcp_oob_here(&d->t));
	EXPECT_FALSE(mark(d, 101, 0, 200));
	EXPECT_FALSE(mark(d, 100, 0, 200));	/* at RCV.NXT-1 */
	EXPECT_EQ(ahead(d), 99);
}

TEST_F(urgent, D8_a_FIN_is_no_urgent_byte)
{
	struct drive *d = &self->d;

	EXPECT_TRUE(mark(d, 0, 10, 11));
	drive_fin(d, 10);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	EXPECT_FALSE(xtcp_oob_here(&d->t));
}

TEST_F(urgent, D8_far_and_moving_marks_cost_nothing)
{
	struct drive *d = &self->d;
	u32 spares = d->t.spares, i;

	for (i = 0; i < 1000; i++)
		EXPECT_TRUE(mark(d, 0, 0, (s64)U32_MAX - 1000 + i));
	EXPECT_TRUE(mark(d, 0, 0, U32_MAX));
	EXPECT_TRUE(mark(d, RCVBUF, 0, RCVBUF + (s64)U32_MAX));	/* at the edge, past 2^64 */
	EXPECT_EQ(ahead(d), RCVBUF + (s64)U32_MAX - 1);
	EXPECT_EQ(d->t.spares, spares);
	EXPECT_EQ(d->sent, 0);			/* and nothing of it is answered */
	/* The stream goes on as ever. */
	drive_data(d, 0, 1000);
	EXPECT_EQ(d->delivered, 1000);
	EXPECT_FALSE(xtcp_oob_here(&d->t));
}

TEST_HARNESS_MAIN
