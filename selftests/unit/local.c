// SPDX-License-Identifier: GPL-2.0
/* Bytes that go round the wire: what becomes of the numbers. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define PATH	(MSS + XTCP_TS_LEN)

DRIVE_FIXTURE(local, drive_open, PATH, 20 * MSS)

/* The program writes, and the shell has another way than segments. */
static void write_unsent(struct drive *d, u32 bytes)
{
	xtcp_written(&d->t, bytes, XTCP_WRITE_PUSH, d->now);
}

static u32 give(struct drive *d, u32 bytes, bool held)
{
	return xtcp_local_gave(&d->t, bytes, 1, held, d->t.snd.edge, d->now);
}

/* The peer hands over; seq relative to its first byte. */
static u32 take(struct drive *d, u32 seq, u32 len, struct xtcp_pkt *pkt)
{
	static struct drive_buf buf;

	*pkt = drive_pkt(d, seq, len, 0);
	pkt->buf = &buf;
	return xtcp_local_took(&d->t, pkt, d->now);
}

TEST_F(local, given_bytes_are_sent_and_acknowledged)
{
	struct drive *d = &self->d;
	u64 first = d->iss + 1;

	ASSERT_TRUE(xtcp_local_may(&d->t));
	write_unsent(d, 5000);
	EXPECT_EQ(xtcp_local_bytes(&d->t, d->now), 5000);
	give(d, 5000, false);
	EXPECT_EQ(d->t.snd.una, first + 5000);
	EXPECT_EQ(d->t.snd.nxt, first + 5000);
	EXPECT_EQ(d->t.stat.bytes_acked, 5000);
	EXPECT_EQ(d->t.stat.bytes_sent, 5000);
	EXPECT_EQ(d->t.stat.data_segs_out, 1);
	EXPECT_EQ(xtcp_local_bytes(&d->t, d->now), 0);
	EXPECT_FALSE(xtcp_local_owes(&d->t));
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
	EXPECT_EQ(d->t.deadline[XTCP_T_USER], XTCP_NEVER);
}

TEST_F(local, O5_who_is_handed_bytes_is_there)
{
	struct drive *d = &self->d;

	d->t.conf = 0;
	ASSERT_TRUE(xtcp_local_may(&d->t));
	write_unsent(d, 100);
	give(d, 100, false);
	EXPECT_EQ(d->t.conf + 0, 1);
	EXPECT_EQ(d->t.deadline[XTCP_T_ECHO], XTCP_NEVER);
}

TEST_F(local, O3_who_hands_over_needs_no_ACK_of_its_echo)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	d->t.ack_held = 1;		/* as xtcp_child() leaves it */
	d->t.deadline[XTCP_T_DELACK] = d->now + XTCP_DELACK_MAX;
	take(d, 0, 10, &pkt);
	EXPECT_EQ(d->t.ack_held + 0, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_DELACK], XTCP_NEVER);
}

TEST_F(local, small_writes_join_what_was_given)
{
	struct drive *d = &self->d;
	u64 first = d->iss + 1, edge = d->t.snd.edge;

	write_unsent(d, 100);
	EXPECT_FALSE(xtcp_local_ready(&d->t));
	give(d, 100, false);
	ASSERT_TRUE(xtcp_local_ready(&d->t));
	xtcp_local_wrote(&d->t, 10, d->t.snd.edge + 7, d->now);
	EXPECT_EQ(d->t.snd.una, first + 110);
	EXPECT_EQ(d->t.snd.nxt, first + 110);
	EXPECT_EQ(d->t.snd.end, first + 110);
	EXPECT_EQ(d->t.snd.edge, edge + 7);
	EXPECT_EQ(d->t.stat.bytes_acked, 110);
	EXPECT_EQ(d->t.stat.data_segs_out, 1);
	EXPECT_TRUE(xtcp_local_ready(&d->t));
	drive_write(d, 10, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 110);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_PSH);
}

TEST_F(local, small_writes_do_not_pass_what_waits)
{
	struct drive *d = &self->d;

	d->t.tune.cork = 1;
	EXPECT_FALSE(xtcp_local_ready(&d->t));
	d->t.tune.cork = 0;
	d->t.ack_owed = 1;
	EXPECT_FALSE(xtcp_local_ready(&d->t));
	d->t.ack_owed = 0;
	write_unsent(d, 10);
	give(d, 0, true);
	EXPECT_FALSE(xtcp_local_ready(&d->t));
}

TEST_F(local, segments_follow_where_given_bytes_end)
{
	struct drive *d = &self->d;

	write_unsent(d, 5000);
	give(d, 5000, false);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 5000);
	EXPECT_FALSE(xtcp_local_may(&d->t));
	drive_ack(d, 5010);
	EXPECT_TRUE(xtcp_local_may(&d->t));
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 5010);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_FALSE(xtcp_local_may(&d->t));
}

TEST_F(local, bytes_before_the_FIN_may_still_go)
{
	struct drive *d = &self->d;

	write_unsent(d, 10);
	xtcp_shutdown(&d->t, d->now);
	ASSERT_TRUE(xtcp_local_may(&d->t));
	give(d, 10, false);
	EXPECT_TRUE(xtcp_local_owes(&d->t));
	drive_act(d, XTCP_XMIT, NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 10);
	EXPECT_EQ(drive_last(d)->pkt.len, 0);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
}

TEST_F(local, D8_urgent_bytes_are_segments)
{
	struct drive *d = &self->d;

	xtcp_written(&d->t, 1, XTCP_WRITE_OOB | XTCP_WRITE_PUSH, d->now);
	EXPECT_FALSE(xtcp_local_may(&d->t));
	drive_act(d, XTCP_XMIT, NULL);
	drive_ack(d, 1);
	EXPECT_TRUE(xtcp_local_may(&d->t));
}

TEST_F(local, D12_what_is_corked_waits)
{
	struct drive *d = &self->d;

	xtcp_written(&d->t, PATH + 7, XTCP_WRITE_MORE, d->now);
	EXPECT_EQ(xtcp_local_bytes(&d->t, d->now), d->t.mss);
	EXPECT_NE(d->t.deadline[XTCP_T_HOLD], XTCP_NEVER);
	xtcp_written(&d->t, 0, XTCP_WRITE_PUSH, d->now);
	EXPECT_EQ(xtcp_local_bytes(&d->t, d->now), PATH + 7);
}

TEST_F(local, D7_held_bytes_are_probed_for_and_not_sent)
{
	struct drive *d = &self->d;

	write_unsent(d, 5000);
	give(d, 2000, true);
	drive_act(d, XTCP_XMIT, NULL);
	EXPECT_EQ(d->sent, 0);
	EXPECT_FALSE(xtcp_local_owes(&d->t));
	ASSERT_NE(d->t.deadline[XTCP_T_PROBE], XTCP_NEVER);
	drive_run(d, d->t.deadline[XTCP_T_PROBE]);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 0);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 1999);
	xtcp_local_leave(&d->t, d->t.snd.edge);
	drive_act(d, XTCP_XMIT, NULL);
	EXPECT_EQ(drive_last(d)->tx.seq + drive_last(d)->tx.len, d->iss + 1 + 5000);
}

/* K2: who answers probes is not given up, however long bytes are held. */
TEST_F(local, K2_held_bytes_wait_while_probes_are_answered)
{
	struct drive *d = &self->d;
	u64 end = d->now + 2000 * XTCP_SEC;
	u32 seen = 0;

	write_unsent(d, 5000);
	give(d, 2000, true);
	while (d->now < end) {
		drive_run(d, d->now + XTCP_SEC);
		if (d->sent != seen)
			drive_ack(d, 2000);
		drive_forget(d);
		seen = d->sent;
	}
	EXPECT_FALSE(d->dead);
}

TEST_F(local, edge_is_the_later_one)
{
	struct drive *d = &self->d;
	u64 edge = d->t.snd.edge;

	write_unsent(d, 10);
	xtcp_local_gave(&d->t, 10, 1, false, edge - 1, d->now);
	EXPECT_EQ(d->t.snd.edge, edge);
	xtcp_local_leave(&d->t, edge + 1);
	EXPECT_EQ(d->t.snd.edge, edge + 1);
}

TEST_F(local, D7_a_FIN_without_room_goes_back_to_the_wire)
{
	struct drive *d = &self->d;
	u32 wnd = d->t.snd.edge - d->t.snd.nxt;

	write_unsent(d, wnd);
	give(d, wnd, false);
	EXPECT_FALSE(xtcp_local_fin_waits(&d->t));
	xtcp_shutdown(&d->t, d->now);
	EXPECT_TRUE(xtcp_local_fin_waits(&d->t));
	xtcp_local_leave(&d->t, d->t.snd.nxt + 1);
	EXPECT_FALSE(xtcp_local_fin_waits(&d->t));
	drive_act(d, XTCP_XMIT, NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_FALSE(xtcp_local_fin_waits(&d->t));
}

TEST_F(local, taken_bytes_are_received_in_order)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	EXPECT_EQ(take(d, 0, 3000, &pkt), XTCP_TAKE | XTCP_READABLE);
	EXPECT_EQ(pkt.skip, 0);
	EXPECT_EQ(pkt.take, 3000);
	EXPECT_EQ(d->t.rcv.nxt, d->irs + 1 + 3000);
	EXPECT_EQ(d->t.stat.bytes_received, 3000);
	EXPECT_EQ((int)d->t.ack_owed, 0);
	EXPECT_EQ((int)d->t.ack_held, 0);
	/* and a segment fits behind them */
	drive_data(d, 3000, 10);
	EXPECT_EQ(d->t.rcv.nxt, d->irs + 1 + 3010);
}

TEST_F(local, bytes_that_somebody_forged_stay)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_data(d, 0, 100);
	EXPECT_EQ(take(d, 0, 300, &pkt), XTCP_TAKE | XTCP_READABLE);
	EXPECT_EQ(pkt.skip, 100);
	EXPECT_EQ(pkt.take, 200);
	EXPECT_EQ(take(d, 100, 100, &pkt), 0);
	EXPECT_EQ(take(d, 400, 100, &pkt), 0);
	EXPECT_EQ(d->t.rcv.nxt, d->irs + 1 + 300);
	drive_fin(d, 300);
	EXPECT_EQ(take(d, 300, 100, &pkt), 0);
}

TEST_F(local, D12_window_updates_are_no_segments)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u64 edge = d->t.rcv.edge;

	EXPECT_EQ(xtcp_local_in(&d->t, true, d->now), 0);
	take(d, 0, 10 * MSS, &pkt);
	drive_read(d, 10 * MSS);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.rcv.edge, edge + 10 * MSS);
	/* back on the wire the peer is told where it is */
	drive_act(d, xtcp_local_in(&d->t, false, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.wnd, 20 * MSS);
	EXPECT_EQ(xtcp_local_in(&d->t, false, d->now), 0);
}

TEST_F(local, who_sends_no_more_needs_no_window)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u32 sent;

	xtcp_local_in(&d->t, true, d->now);
	take(d, 0, 10 * MSS, &pkt);
	drive_fin(d, 10 * MSS);
	drive_run(d, d->now + XTCP_DELACK_MAX);
	sent = d->sent;
	drive_read(d, 10 * MSS);
	drive_act(d, xtcp_local_in(&d->t, false, d->now), NULL);
	EXPECT_EQ(d->sent, sent);
}

TEST_F(local, K1_handing_over_is_a_sign_of_life)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	d->t.tune.keepalive = 1;
	xtcp_tuned(&d->t, d->now);
	d->now += 7000 * XTCP_SEC;
	take(d, 0, 1, &pkt);
	xtcp_tuned(&d->t, d->now);
	EXPECT_EQ(d->t.deadline[XTCP_T_KEEP], d->now + 7200 * XTCP_SEC);
	d->now += 7000 * XTCP_SEC;
	write_unsent(d, 1);
	give(d, 1, false);
	EXPECT_EQ(d->t.deadline[XTCP_T_KEEP], d->now + 7200 * XTCP_SEC);

	/* a write that joins what was given leaves the timer to find that out */
	d->now += 7000 * XTCP_SEC;
	xtcp_local_wrote(&d->t, 1, d->t.snd.edge, d->now);
	drive_run(d, d->now + 7200 * XTCP_SEC - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + 1);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(local, D5_a_held_ack_goes_at_once)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 10);
	ASSERT_EQ((int)d->t.ack_held, 1);
	xtcp_local_answer(&d->t);
	EXPECT_TRUE(xtcp_local_owes(&d->t));
	drive_act(d, XTCP_XMIT, NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 10);
	xtcp_local_answer(&d->t);
	EXPECT_FALSE(xtcp_local_owes(&d->t));
}

TEST_HARNESS_MAIN
