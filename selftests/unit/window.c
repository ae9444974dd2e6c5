// SPDX-License-Identifier: GPL-2.0
/* The receive window: its edge (D1), its updates (D12). */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define PATH	(MSS + XTCP_TS_LEN)

static u64 edge(const struct drive *d)
{
	return d->t.rcv.edge - (d->irs + 1);
}

DRIVE_FIXTURE(window, drive_open, PATH, 20 * MSS)

TEST_F(window, is_what_the_buffer_takes)
{
	struct drive *d = &self->d;

	EXPECT_EQ(edge(d), 20 * MSS);
	EXPECT_EQ(xtcp_window(&d->t), 20 * MSS);
	drive_data(d, 0, 5 * MSS);
	EXPECT_EQ(xtcp_window(&d->t), 15 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 15 * MSS);
}

TEST_F(window, D12_update_when_the_window_can_double)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 10 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_read(d, 10 * MSS - 1);
	EXPECT_EQ(d->sent, 0);
	drive_read(d, 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 20 * MSS);
}

/* Questions and answers: each brings an ACK that tells of the edge. */
TEST_F(window, D12_no_update_for_what_an_answer_will_tell)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 0; i < 20; i++) {
		drive_data(d, i * MSS, MSS);
		drive_forget(d);
		drive_read(d, MSS);
		EXPECT_EQ(d->sent, 0);
		drive_write(d, 1, XTCP_WRITE_PUSH);
		ASSERT_EQ(d->sent, 1);
		EXPECT_GE(drive_last(d)->pkt.wnd, 20 * MSS - 2 * PATH);
		drive_ack(d, i + 1);
	}
}

TEST_F(window, D12_update_when_the_edge_can_move_by_two_segments)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 19 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_read(d, 2 * PATH - 1);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(edge(d), 20 * MSS);
	drive_read(d, 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(edge(d), 20 * MSS + 2 * PATH);
	EXPECT_EQ(drive_last(d)->pkt.wnd, MSS + 2 * PATH);
}

TEST(D12_update_when_the_edge_can_move_by_half_a_small_buffer)
{
	struct drive *d = malloc(sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_open(d, PATH, 100);
	drive_data(d, 0, 60);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_read(d, 49);
	EXPECT_EQ(d->sent, 0);
	drive_read(d, 1);
	EXPECT_EQ(d->sent, 1);
	EXPECT_EQ(edge(d), 150);
	drive_end(d);
	free(d);
}

TEST(D12_update_of_a_large_window)
{
	struct drive *d = malloc(sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_open(d, PATH, 400 * MSS);
	drive_data(d, 0, 200 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_read(d, 199 * MSS);
	EXPECT_EQ(d->sent, 0);
	drive_read(d, MSS);	/* twice as much */
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 400 * MSS);

	drive_data(d, 200 * MSS, 270 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_read(d, 129 * MSS);
	EXPECT_EQ(d->sent, 0);
	drive_read(d, MSS);
	EXPECT_EQ(d->sent, 1);
	drive_end(d);
	free(d);
}

TEST_F(window, D12_always_on_leaving_zero)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 20 * MSS);
	EXPECT_EQ(xtcp_window(&d->t), 0);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_read(d, 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 1);
}

TEST_F(window, D12_no_update_of_an_edge_that_cannot_move)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 20 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_forget(d);
	drive_act(d, xtcp_set_rcvbuf(&d->t, 20 * MSS, d->now), NULL);
	EXPECT_EQ(d->sent, 0);
}

TEST(buffer_of_one_byte)
{
	struct drive *d = malloc(sizeof(*d));
	u32 i;

	ASSERT_NE(d, NULL);
	drive_open(d, PATH, 1);
	for (i = 0; i < 10; i++) {
		drive_data(d, i, 100);
		EXPECT_EQ(d->delivered, i + 1);
		EXPECT_EQ(xtcp_window(&d->t), 0);
		drive_read(d, 1);
		EXPECT_EQ(xtcp_window(&d->t), 1);
	}
	drive_end(d);
	free(d);
}

TEST_F(window, D1_edge_never_moves_back)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_set_rcvbuf(&d->t, 100, d->now), NULL);
	EXPECT_EQ(edge(d), 20 * MSS);
	drive_data(d, 0, 10 * MSS);
	drive_read(d, 10 * MSS);
	EXPECT_EQ(edge(d), 20 * MSS);
	drive_data(d, 10 * MSS, 10 * MSS);	/* what was promised is taken */
	EXPECT_EQ(d->delivered, 20 * MSS);
	EXPECT_EQ(xtcp_window(&d->t), 0);
	drive_read(d, 10 * MSS);
	EXPECT_EQ(edge(d), 20 * MSS + 100);
}

TEST_F(window, larger_buffer_is_told)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_set_rcvbuf(&d->t, 100 * MSS, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 100 * MSS);
}

TEST_F(window, at_most_31_bits)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_set_rcvbuf(&d->t, U32_MAX, d->now), NULL);
	EXPECT_EQ(xtcp_window(&d->t), XTCP_WINDOW_MAX);
}

/* Segments that have arrived together. */
static void arrive(struct drive *d, s64 at, u32 bytes)
{
	struct xtcp_pkt pkt = drive_pkt(d, at, bytes, d->t.snd.una - (d->iss + 1));

	pkt.wire = DIV_ROUND_UP(bytes, MSS);
	pkt.mss = MSS;
	drive_in(d, &pkt);
}

/* One round trip: a window full arrives and is read. */
static void round_trip(struct drive *d, u64 *at, u32 bytes, u64 rtt)
{
	d->now += rtt;
	arrive(d, *at, bytes);
	drive_read(d, bytes);
	*at += bytes;
}

/*
 * RFC 9293 3.8.6.2.1: a peer sends no less than a segment, or than half of the window. A
 * program that waits, with bytes unread, for more than D12's steps would let in gets it.
 */
TEST_F(window, D12_a_program_that_waits_gets_the_room_for_it)
{
	struct drive *d = &self->d;
	u32 left = 20 * MSS - 1;

	drive_data(d, 0, 18 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_read(d, MSS);		/* the edge could move by that, and does not */
	drive_forget(d);
	EXPECT_EQ(xtcp_window(&d->t), 2 * MSS);

	/* these and a segment behind them fit */
	drive_act(d, xtcp_waits_for(&d->t, 2 * MSS - xtcp_hello_mss(&d->t), d->now), NULL);
	EXPECT_EQ(d->sent, 0);
	drive_act(d, xtcp_waits_for(&d->t, MSS, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 3 * MSS);
	/* that is all there is */
	drive_act(d, xtcp_waits_for(&d->t, left, d->now), NULL);
	EXPECT_EQ(d->sent, 1);
}

/* Whatever is waited for, there is room for it, and for what a peer may hold back behind it. */
TEST(D12_buffer_of_a_program_that_waits)
{
	u32 bytes, space, most;

	for (bytes = 1; bytes <= 1U << 30; bytes += 1 + bytes / 1000) {
		space = xtcp_lowat_space(bytes);
		most = xtcp_lowat_most(space);
		ASSERT_GE(most, bytes);
		/* and not much more than that */
		ASSERT_LE(most, bytes + 4 + bytes / 16);
		ASSERT_GE(space - most, min_t(u32, space / 2, U16_MAX));
		/* the edge can move by a step between two updates */
		if (space >= 16)
			ASSERT_GT(space - most, min_t(u32, space / 2, U16_MAX));
	}
	EXPECT_EQ(0, xtcp_lowat_most(0));
	EXPECT_EQ(1, xtcp_lowat_most(1));
}

/* The lane's edge is told otherwise, and behind a FIN nothing comes. */
TEST_F(window, D12_nobody_to_be_told_of_the_room)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 19 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	drive_read(d, MSS);
	drive_forget(d);
	d->t.local_in = 1;
	EXPECT_EQ(0, xtcp_waits_for(&d->t, 2 * MSS, d->now));
	EXPECT_EQ(xtcp_window(&d->t), 2 * MSS);
	d->t.local_in = 0;
	drive_read(d, MSS);
	d->t.fin_rcvd = 1;
	EXPECT_EQ(0, xtcp_waits_for(&d->t, 3 * MSS, d->now));
	EXPECT_EQ(xtcp_window(&d->t), 2 * MSS);
}

TEST_F(window, D11_tuning_makes_room_for_four_times_what_a_round_trip_brought)
{
	struct drive *d = &self->d;
	u64 at = 0;

	d->t.rtt.srtt = 100 * XTCP_MS;
	round_trip(d, &at, MSS, 100 * XTCP_MS);		/* counting begins */
	EXPECT_EQ(d->t.rcv.want, 0);
	round_trip(d, &at, 5 * MSS, 50 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.want, 0);
	round_trip(d, &at, 6 * MSS, 50 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.want, 4 * 11 * MSS + 16 * d->t.mss);

	/* less changes nothing, more does */
	round_trip(d, &at, 10 * MSS, 100 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.want, 4 * 11 * MSS + 16 * d->t.mss);
	round_trip(d, &at, 12 * MSS, 100 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.want, 4 * 13 * MSS + 16 * d->t.mss);
	EXPECT_EQ(d->t.rcv.buf, 20 * MSS);	/* that is the shell's */
}

/*
 * A peer in slow start sends all at once and twice as much each time, and what is counted
 * ends as the first of it arrives: the window is not what limits the peer, even if the
 * program is a quarter behind.
 */
TEST_F(window, D11_tuning_is_ahead_of_slow_start)
{
	struct drive *d = &self->d;
	u32 burst;
	u64 at = 0;

	d->t.rtt.srtt = 100 * XTCP_MS;
	for (burst = 10 * MSS; burst < 1000 * MSS; burst *= 2) {
		round_trip(d, &at, MSS, 100 * XTCP_MS);
		round_trip(d, &at, burst - MSS, 0);
		xtcp_set_rcvbuf(&d->t, max(d->t.rcv.buf, d->t.rcv.want), d->now);
		if (burst > 100 * MSS)
			EXPECT_GE(d->t.rcv.buf, 5 * burst / 2);
	}
}

TEST_F(window, D11_tuning_of_a_side_that_never_sends)
{
	struct drive *d = &self->d;
	u64 at = 0;
	int i;

	d->t.rtt.srtt = 0;
	round_trip(d, &at, MSS, 80 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.rtt, 0);
	/* the second tells of an edge that the fifth reaches */
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(d->t.rcv.rtt, 0);
		round_trip(d, &at, 5 * MSS, 80 * XTCP_MS);
	}
	EXPECT_EQ(d->t.rcv.rtt, 240 * XTCP_MS);
	/* the shortest counts */
	while (d->t.rcv.rtt == 240 * XTCP_MS) {
		ASSERT_LT(at, 100 * MSS);
		round_trip(d, &at, 12 * MSS, 90 * XTCP_MS);
	}
	EXPECT_GE(d->t.rcv.rtt, 90 * XTCP_MS);
	EXPECT_LE(d->t.rcv.rtt, 180 * XTCP_MS);
	EXPECT_GT(d->t.rcv.want, d->t.rcv.buf);
}

/* The round trip ends with the byte before the mark, and not with the one behind it. */
TEST_F(window, D11_round_trip_of_a_receiver)
{
	struct drive *d = &self->d;
	u64 at = 0;

	d->t.rtt.srtt = 0;
	round_trip(d, &at, MSS, XTCP_MS);
	d->t.rcv.mark = d->t.rcv.nxt + 5 * MSS;
	d->t.rcv.mark_at = d->now;
	round_trip(d, &at, 5 * MSS - 1, 10 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.rtt, 0);
	round_trip(d, &at, 1, 10 * XTCP_MS);
	EXPECT_EQ(d->t.rcv.rtt, 20 * XTCP_MS);
}

/*
 * Nor does it begin before the peer is told of that mark: what it could send without that is
 * on its way already, or has arrived.
 */
TEST_F(window, D11_round_trip_of_a_receiver_that_was_behind)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.rtt.srtt = 0;
	arrive(d, 0, 20 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(xtcp_window(&d->t), 0);
	for (i = 0; i < 20; i++) {
		d->now += XTCP_US;
		drive_read(d, MSS);
	}
	EXPECT_EQ(d->t.rcv.rtt, 0);
	EXPECT_GE(xtcp_window(&d->t), 10 * MSS);
	d->now += 80 * XTCP_MS;
	arrive(d, 20 * MSS, 20 * MSS);
	drive_read(d, 20 * MSS);
	EXPECT_GE(d->t.rcv.rtt, 80 * XTCP_MS);
	EXPECT_LE(d->t.rcv.rtt, 81 * XTCP_MS);
}

TEST_F(window, no_update_after_the_end_of_the_stream)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 10 * MSS);
	drive_fin(d, 10 * MSS);
	drive_forget(d);
	drive_read(d, 10 * MSS);
	EXPECT_EQ(d->sent, 0);
}

TEST_HARNESS_MAIN
