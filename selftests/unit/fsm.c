// SPDX-License-Identifier: GPL-2.0
/* The state machine: open and close, step by step (F4, F6, F7, C1 to C5). */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "drive.h"

#define PATH	1008U
#define RCVBUF	65536U

DRIVE_FIXTURE(fsm, drive_open, PATH, RCVBUF)

static void do_shutdown(struct drive *d)
{
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
}

static void do_close(struct drive *d, bool unread, bool abort)
{
	drive_act(d, xtcp_close(&d->t, unread, abort, d->now), NULL);
}

TEST(init)
{
	struct xtcp_tcb tcb;
	u32 i;

	memset(&tcb, 0xaa, sizeof(tcb));
	xtcp_init(&tcb, &xtcp_cc_reno, NULL, PATH, RCVBUF);
	EXPECT_EQ(tcb.state, XTCP_CLOSED);
	EXPECT_EQ(tcb.timer_next, XTCP_NEVER);
	for (i = 0; i < XTCP_TIMERS; i++)
		EXPECT_EQ(tcb.deadline[i], XTCP_NEVER);
	EXPECT_EQ(tcb.spares, ARRAY_SIZE(tcb.own));
	EXPECT_EQ(tcb.burst, PATH);
	EXPECT_EQ(tcb.rtt.rto, XTCP_RTO_INIT);
	EXPECT_EQ(tcb.cc.cwnd, XTCP_CC_INIT_SEGS * PATH);
	xtcp_release(&tcb);
	EXPECT_EQ(tcb.done, NULL);
}

TEST_F(fsm, release_gives_all_back)
{
	struct drive *d = &self->d;
	union xtcp_node *node;
	u32 n = 0;

	drive_refill(d, 10);
	d->starve = true;
	drive_write(d, 1000, XTCP_WRITE_PUSH);
	drive_data(d, 100, 10);
	drive_data(d, 200, 10);
	xtcp_release(&d->t);
	for (node = d->t.done; node; node = node->next) {
		EXPECT_FALSE(node >= d->t.own && node < d->t.own + ARRAY_SIZE(d->t.own));
		n++;
	}
	EXPECT_EQ(n, 10 - ARRAY_SIZE(d->t.own));
	EXPECT_EQ(d->t.spares, 0);
	EXPECT_NE(d->t.rcv.drop_first, NULL);
}

TEST(F4_three_messages)
{
	struct drive *d = calloc(1, sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_init(d, PATH, RCVBUF);
	EXPECT_EQ(d->t.state, XTCP_CLOSED);
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	EXPECT_EQ(d->t.state, XTCP_SYN_SENT);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.flags, XTCP_SYN);
	EXPECT_EQ(d->out[0].pkt.seq, d->iss);
	EXPECT_EQ(d->out[0].pkt.len, 0);
	EXPECT_EQ(d->out[0].pkt.wnd, RCVBUF);
	EXPECT_EQ(d->t.snd.una, d->iss);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ACTIVE_OPEN));
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	ASSERT_EQ(d->sent, 2);
	/* The SYN took one number, the ACK takes none. */
	EXPECT_EQ(d->out[1].pkt.seq, d->iss + 1);
	EXPECT_EQ(d->out[1].pkt.ack, d->irs + 1);
	EXPECT_EQ(d->out[1].pkt.flags, XTCP_ACK);
	drive_write(d, 5, XTCP_WRITE_PUSH);
	EXPECT_EQ(drive_last(d)->pkt.seq, d->iss + 1);
	drive_end(d);
	free(d);
}

TEST_F(fsm, F6_four_messages_active_side)
{
	struct drive *d = &self->d;

	do_close(d, false, false);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(drive_last(d)->pkt.len, 0);
	drive_ack(d, 1);	/* the FIN took one number */
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_2);
	drive_fin(d, 0);
	EXPECT_TRUE(d->timewait);
	EXPECT_EQ(d->t.err, 0);
}

TEST_F(fsm, F6_last_ack_of_the_active_side_goes_out)
{
	struct drive *d = &self->d;

	do_close(d, false, false);
	drive_ack(d, 1);
	drive_forget(d);
	drive_fin(d, 0);
	ASSERT_TRUE(d->timewait);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 1);
}

TEST_F(fsm, F6_four_messages_passive_side)
{
	struct drive *d = &self->d;

	drive_fin(d, 0);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	drive_run(d, d->now + XTCP_DELACK_MAX);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
	do_close(d, false, false);
	EXPECT_EQ(d->t.state, XTCP_LAST_ACK);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	drive_ack(d, 1);
	EXPECT_EQ(d->t.state, XTCP_CLOSED);
	EXPECT_TRUE(d->dead);
	EXPECT_FALSE(d->timewait);
}

TEST_F(fsm, F7_half_close_passive_side_still_sends)
{
	struct drive *d = &self->d;

	drive_fin(d, 0);
	drive_forget(d);
	drive_write(d, 500, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 500);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
}

TEST_F(fsm, F7_half_close_active_side_still_receives)
{
	struct drive *d = &self->d;

	do_shutdown(d);
	drive_ack(d, 1);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_2);
	drive_data(d, 0, 700);
	EXPECT_EQ(d->delivered, 700);
	EXPECT_EQ(d->resets, 0);
}

TEST_F(fsm, C1_fin_follows_the_queued_data)
{
	struct drive *d = &self->d;

	d->t.snd.edge = d->t.snd.nxt;
	drive_write(d, 1500, XTCP_WRITE_PUSH);
	do_shutdown(d);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_1);
	drive_ack(d, 0);
	ASSERT_GT(d->sent, 0);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(drive_seq(d, drive_last(d)) + drive_last(d)->pkt.len, 1500);
}

TEST_F(fsm, C1_second_shutdown_does_nothing)
{
	struct drive *d = &self->d;

	do_shutdown(d);
	drive_forget(d);
	do_shutdown(d);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_1);
}

TEST_F(fsm, C2_early_fin_waits_for_its_gap)
{
	struct drive *d = &self->d;

	drive_fin(d, 100);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	drive_data(d, 0, 50);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	drive_data(d, 50, 50);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	EXPECT_EQ(d->delivered, 100);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 101);
}

TEST_F(fsm, C2_nothing_is_taken_beyond_an_early_fin)
{
	struct drive *d = &self->d;

	drive_fin(d, 100);
	drive_data(d, 50, 100);
	drive_data(d, 0, 50);
	EXPECT_EQ(d->delivered, 100);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
}

TEST_F(fsm, C2_fin_with_data)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 10, 0);

	pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	EXPECT_EQ(d->delivered, 10);
	drive_run(d, d->now + XTCP_DELACK_MAX);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 11);
}

TEST_F(fsm, C2_C3_both_close_at_once)
{
	struct drive *d = &self->d;

	do_shutdown(d);
	drive_fin(d, 0);	/* does not acknowledge ours */
	EXPECT_EQ(d->t.state, XTCP_CLOSING);
	drive_ack(d, 1);
	EXPECT_TRUE(d->timewait);
}

TEST_F(fsm, C2_fin_that_acknowledges_ours)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	do_shutdown(d);
	pkt = drive_pkt(d, 0, 0, 1);
	pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
	EXPECT_TRUE(d->timewait);
}

TEST_F(fsm, C2_repeated_fin_is_acknowledged)
{
	struct drive *d = &self->d;

	drive_fin(d, 0);
	drive_forget(d);
	drive_fin(d, 0);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
}

TEST_F(fsm, C5_close_with_unread_data)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 10);
	do_close(d, true, false);
	EXPECT_EQ(d->resets, 1);
	EXPECT_TRUE(d->dead);
	EXPECT_FALSE(d->timewait);
	EXPECT_EQ(d->t.state, XTCP_CLOSED);
}

TEST_F(fsm, C5_linger_0)
{
	struct drive *d = &self->d;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	do_close(d, false, true);
	EXPECT_EQ(d->resets, 1);
	EXPECT_TRUE(d->dead);
}

TEST_F(fsm, C5_data_after_a_full_close)
{
	struct drive *d = &self->d;

	do_close(d, false, false);
	drive_ack(d, 1);
	drive_data(d, 0, 10);
	EXPECT_EQ(d->resets, 1);
	EXPECT_EQ(d->reset.seq, d->iss + 2);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->delivered, 0);
}

/* Who shut both directions down hears of it. */
TEST_F(fsm, C5_data_after_shutdown_of_both)
{
	struct drive *d = &self->d;

	xtcp_shut_read(&d->t);
	drive_data(d, 0, 10);
	EXPECT_EQ(d->delivered, 10);
	EXPECT_EQ(d->resets, 0);
	do_shutdown(d);
	drive_ack(d, 1);
	drive_data(d, 10, 10);
	EXPECT_EQ(d->resets, 1);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ECONNRESET);
	EXPECT_EQ(d->delivered, 10);
}

TEST(C5_close_while_opening)
{
	struct drive *d = calloc(1, sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_connect(d, PATH, RCVBUF);
	do_close(d, false, false);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 0);
	EXPECT_EQ(d->t.timer_next, XTCP_NEVER);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ATTEMPT_FAIL));
	drive_end(d);
	free(d);
}

TEST_F(fsm, dead_takes_nothing)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	do_close(d, false, true);
	drive_forget(d);
	pkt = drive_pkt(d, 0, 10, 0);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_CLOSED);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(xtcp_abort(&d->t, ECONNABORTED, d->now), 0);
}

TEST(R2_abort_while_opening_sends_no_reset)
{
	struct drive *d = calloc(1, sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_connect(d, PATH, RCVBUF);
	drive_act(d, xtcp_abort(&d->t, ECONNABORTED, d->now), NULL);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 0);
	EXPECT_EQ(d->t.err, ECONNABORTED);
	drive_end(d);
	free(d);
}

TEST_F(fsm, R2_aborts_are_counted)
{
	struct drive *d = &self->d;

	d->t.events = 0;
	drive_act(d, xtcp_abort(&d->t, ECONNABORTED, d->now), NULL);
	EXPECT_EQ(d->t.events, BIT(XTCP_EV_ABORT));
}

TEST_F(fsm, C5_close_that_aborts_is_no_error)
{
	struct drive *d = &self->d;

	d->t.events = 0;
	do_close(d, true, false);
	EXPECT_EQ(d->t.events, BIT(XTCP_EV_ABORT));
	EXPECT_FALSE(d->todo & XTCP_ERROR);
	EXPECT_EQ(d->t.err, 0);
}

TEST_F(fsm, C2_filled_gap_before_a_fin_is_acknowledged_at_once)
{
	struct drive *d = &self->d;

	d->t.rcv.full = 1500;
	drive_fin(d, 10);
	drive_forget(d);
	drive_data(d, 0, 10);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 11);
	EXPECT_EQ(d->t.fin_early + 0, 0);
	EXPECT_EQ(d->t.fin_rcvd + 0, 1);
}

TEST_F(fsm, R2_dead_sends_nothing_that_was_owed)
{
	struct drive *d = &self->d;
	struct xtcp_tx tx;

	d->t.rcv.full = 1500;
	drive_data(d, 0, 10);
	d->t.ack_owed = 1;
	do_close(d, true, false);
	EXPECT_FALSE(xtcp_next(&d->t, d->now, &tx));
}

TEST_HARNESS_MAIN
