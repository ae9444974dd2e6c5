// SPDX-License-Identifier: GPL-2.0
/* Tail loss probe (D9, RFC 8985 section 7). */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

FIXTURE(tlp)
{
	struct drive d;
	u64 srtt, start;
};

FIXTURE_SETUP(tlp)
{
	struct drive *d = &self->d;

	drive_open(d, MSS + XTCP_TS_LEN, RCVBUF);
	drive_probes(d);
	d->t.burst = MSS;
	self->srtt = d->t.rtt.srtt;
	self->start = d->now;
	ASSERT_EQ(self->srtt, RTT);
}

FIXTURE_TEARDOWN(tlp)
{
	drive_end(&self->d);
}

static void segments(struct drive *d, u32 n)
{
	while (n--)
		drive_write(d, MSS, XTCP_WRITE_PUSH);
}

static void report(struct drive *d, s64 ack, u64 start, u64 end)
{
	const u64 range[1][2] = { { start, end } };
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);

	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
}

static void duplicate(struct drive *d, s64 ack, u64 start, u32 len)
{
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);

	pkt.has |= XTCP_HAS_DSACK;
	pkt.dsack = d->iss + 1 + start;
	pkt.dsack_len = len;
	drive_in(d, &pkt);
}

static bool happened(struct drive *d, enum xtcp_event event)
{
	return d->t.events & BIT(event);
}

TEST_F(tlp, RFC8985_7_3_last_segment_goes_again_after_two_round_trips)
{
	struct drive *d = &self->d;

	segments(d, 3);
	ASSERT_EQ(d->sent, 3);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], self->start + 2 * self->srtt);
	drive_run(d, self->start + 2 * self->srtt - 1);
	EXPECT_EQ(d->sent, 3);
	drive_run(d, self->start + 2 * self->srtt);
	ASSERT_EQ(d->sent, 4);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_REXMIT);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 2 * MSS);
	EXPECT_EQ(drive_last(d)->tx.len, MSS);
	EXPECT_TRUE(drive_last(d)->tx.opts & XTCP_HAS_TS);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP));
	EXPECT_EQ(d->t.snd.lost, 0);
	EXPECT_EQ(d->t.recovery + 0, 0);
	/* One probe for a flight; T_RTO has begun anew. */
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], XTCP_NEVER);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], d->now + d->t.rtt.rto);
	EXPECT_EQ(d->t.stat.rtos, 0);
	drive_run(d, d->now + d->t.rtt.rto);
	EXPECT_EQ(d->t.stat.rtos, 1);
}

/* "TLP adds 25 ms when one segment is outstanding": its ACK may be held (D5). */
TEST_F(tlp, D9_single_segment_waits_for_a_held_ack)
{
	struct drive *d = &self->d;

	d->t.rtt.rto = XTCP_SEC;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, MSS - 100, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP],
		  self->start + 2 * self->srtt + XTCP_DELACK_MAX);
}

TEST_F(tlp, RFC8985_7_2_never_after_the_timeout)
{
	struct drive *d = &self->d;
	u64 due = self->start + d->t.rtt.rto;

	d->t.rtt.srtt = 100 * XTCP_MS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->t.deadline[XTCP_T_RTO], due);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], due);
	/* It takes the timeout's place. */
	drive_run(d, due);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP));
	EXPECT_EQ(d->t.stat.rtos, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], due + d->t.rtt.rto);
}

TEST_F(tlp, RFC8985_7_2_one_second_without_a_sample)
{
	struct drive *d = &self->d;

	d->t.rtt.srtt = 0;
	d->t.rtt.last = 0;
	d->t.rtt.rto = 3 * XTCP_SEC;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], self->start + XTCP_SEC);
}

TEST_F(tlp, D9_two_round_trips_of_the_handshake_without_a_sample)
{
	struct drive *d = &self->d;

	d->t.rtt.srtt = 0;
	d->t.rtt.last = 30 * XTCP_MS;
	d->t.rtt.rto = 90 * XTCP_MS;
	segments(d, 2);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], self->start + 60 * XTCP_MS);
}

TEST_F(tlp, D9_path_shorter_than_any_ack_is_held)
{
	struct drive *d = &self->d;

	d->t.rtt.srtt = 40 * XTCP_US;
	segments(d, 2);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], self->start + 2 * XTCP_MS);
}

TEST_F(tlp, RFC8985_7_2_restarted_by_new_bytes_and_by_acks)
{
	struct drive *d = &self->d;

	segments(d, 2);
	d->now += XTCP_MS;
	segments(d, 2);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], self->start + XTCP_MS + 2 * self->srtt);
	d->now += 2 * XTCP_MS;
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], d->now + 2 * d->t.rtt.srtt);
	drive_ack(d, 4 * MSS);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], XTCP_NEVER);
}

TEST_F(tlp, RFC8985_7_3_new_bytes_beyond_the_congestion_window)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 2 * MSS;
	segments(d, 2);
	d->t.burst = 8 * MSS;
	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->t.snd.nxt, d->iss + 1 + 2 * MSS);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_NEW);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 2 * MSS);
	EXPECT_EQ(drive_last(d)->tx.len, MSS);
	EXPECT_EQ(d->t.stat.rexmits, 0);
	/* No more of that, and no loss when it is acknowledged. */
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO] - 1);
	EXPECT_EQ(d->sent, 0);
	drive_ack(d, 3 * MSS);
	EXPECT_EQ(d->t.tlp_out + 0, 0);
	EXPECT_FALSE(happened(d, XTCP_EV_TLP_RECOVERY));
}

TEST_F(tlp, RFC8985_7_3_no_new_bytes_beyond_the_peers_window)
{
	struct drive *d = &self->d;

	d->t.snd.edge = d->iss + 1 + 2 * MSS;
	segments(d, 5);
	ASSERT_EQ(d->t.snd.nxt, d->iss + 1 + 2 * MSS);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_REXMIT);
	EXPECT_EQ(drive_seq(d, drive_last(d)), MSS);
}

/* Only its last segment, cut as it was. */
TEST_F(tlp, RFC8985_7_3_super_packet)
{
	struct drive *d = &self->d;

	d->t.burst = 16 * MSS;
	drive_write(d, 4 * MSS + 300, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(drive_last(d)->tx.len,
		  (4 * MSS + 300) % d->out[0].tx.mss ?: d->out[0].tx.mss);
	EXPECT_EQ(drive_seq(d, drive_last(d)) + drive_last(d)->tx.len, 4 * MSS + 300);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_PSH);
	EXPECT_EQ(d->t.snd.lost, 0);
}

/* The FIN alone would tell nothing of the bytes before it. */
TEST_F(tlp, D9_fin_goes_with_the_last_bytes)
{
	struct drive *d = &self->d;

	segments(d, 2);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(drive_last(d)->pkt.len, MSS);
	EXPECT_EQ(drive_seq(d, drive_last(d)) + drive_last(d)->pkt.len, 2 * MSS);
	EXPECT_EQ(d->t.snd.map_count, 2);
	report(d, 0, MSS, 2 * MSS);
	EXPECT_EQ(d->t.snd.sacked, MSS);
}

TEST_F(tlp, RFC8985_7_3_nothing_but_a_fin)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 0);
	EXPECT_EQ(drive_last(d)->pkt.len, 0);
}

/* The probe is SACKed: what was sent before is lost, long before any timeout. */
TEST_F(tlp, RFC8985_7_lost_tail)
{
	struct drive *d = &self->d;

	segments(d, 4);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	drive_forget(d);
	d->now += RTT;
	report(d, MSS, 3 * MSS, 4 * MSS);
	drive_run(d, d->now + RTT);
	EXPECT_TRUE(happened(d, XTCP_EV_RECOVERY));
	EXPECT_EQ(d->t.stat.rtos, 0);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(drive_seq(d, &d->out[0]), MSS);
	EXPECT_EQ(drive_seq(d, &d->out[1]), 2 * MSS);
	drive_ack(d, 4 * MSS);
	/* That was counted as a loss once. */
	EXPECT_FALSE(happened(d, XTCP_EV_TLP_RECOVERY));
}

TEST_F(tlp, RFC8985_7_4_probe_repaired_the_only_loss)
{
	struct drive *d = &self->d;
	u32 cwnd = d->t.cc.cwnd;

	segments(d, 4);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	d->now += RTT;
	drive_ack(d, 4 * MSS);
	/* The duplicate may still be reported. */
	EXPECT_EQ(d->t.tlp_out + 0, 1);
	EXPECT_EQ(d->t.cc.cwnd, cwnd);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 5 * MSS);
	EXPECT_EQ(d->t.tlp_out + 0, 0);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP_RECOVERY));
	EXPECT_LT(d->t.cc.cwnd, cwnd);
	EXPECT_EQ(d->t.recovery + 0, 0);
}

/* What was in flight with the bytes that were lost; by now the rest has arrived. */
TEST_F(tlp, RFC8985_7_4_repair_reduces_what_was_in_flight)
{
	struct drive *d = &self->d;
	u32 cwnd = d->t.cc.cwnd;

	ASSERT_GE(cwnd, 8 * MSS);
	segments(d, 8);
	d->now += RTT;
	drive_ack(d, 7 * MSS);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	d->now += RTT;
	drive_ack(d, 8 * MSS);
	segments(d, 1);
	d->now += RTT;
	drive_ack(d, 9 * MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP_RECOVERY));
	EXPECT_EQ(d->t.cc.cwnd, 4 * MSS);
}

/* Nothing is known to be lost when the probe goes. */
TEST_F(tlp, probe_is_no_loss_for_the_rate)
{
	struct drive *d = &self->d;

	segments(d, 4);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	ASSERT_EQ(d->t.tlp_again + 0, 1);
	EXPECT_EQ(d->t.rate.lost, 0);
}

TEST_F(tlp, RFC8985_7_4_duplicate_is_no_loss)
{
	struct drive *d = &self->d;
	u32 cwnd = d->t.cc.cwnd;

	segments(d, 4);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	d->now += RTT;
	drive_ack(d, 4 * MSS);
	duplicate(d, 4 * MSS, 3 * MSS, MSS);
	EXPECT_EQ(d->t.tlp_out + 0, 0);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 5 * MSS);
	EXPECT_FALSE(happened(d, XTCP_EV_TLP_RECOVERY));
	EXPECT_GE(d->t.cc.cwnd, cwnd);
}

TEST_F(tlp, RFC8985_7_4_duplicate_of_something_else)
{
	struct drive *d = &self->d;

	segments(d, 4);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	d->now += RTT;
	duplicate(d, 4 * MSS, 2 * MSS, MSS);
	EXPECT_EQ(d->t.tlp_out + 0, 1);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_ack(d, 5 * MSS);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP_RECOVERY));
}

TEST_F(tlp, D9_not_with_sacked_bytes_nor_in_recovery)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_US;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_US;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	ASSERT_NE(d->t.deadline[XTCP_T_TLP], XTCP_NEVER);
	d->now += RTT;
	report(d, 0, MSS, 2 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], XTCP_NEVER);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.recovery + 0, 1);
	drive_ack(d, 2 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 1);
	EXPECT_EQ(d->t.deadline[XTCP_T_TLP], XTCP_NEVER);
	EXPECT_FALSE(happened(d, XTCP_EV_TLP));
	/* It is over: the next flight has its probe. */
	drive_ack(d, 3 * MSS);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_NE(d->t.deadline[XTCP_T_TLP], XTCP_NEVER);
}

/* A request that is lost, on a connection that is open only for who sent it. */
TEST_F(tlp, D9_O4_the_first_bytes_go_again_with_the_cookie)
{
	struct drive *d = &self->d;

	drive_end(d);
	drive_connect(d, MSS, RCVBUF);
	d->now += RTT;
	drive_syn_ack(d, true);
	drive_write(d, 100, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->t.conf + 0, 0);
	ASSERT_EQ(d->t.deadline[XTCP_T_TLP], d->now + 2 * RTT + XTCP_DELACK_MAX);
	ASSERT_LT(d->t.deadline[XTCP_T_TLP], d->t.deadline[XTCP_T_RTO]);
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP));
	EXPECT_EQ(drive_seq(d, drive_last(d)), 0);
	EXPECT_TRUE(drive_last(d)->tx.opts & XTCP_HAS_COOKIE);
	EXPECT_EQ(d->t.stat.rtos, 0);
}

TEST_F(tlp, failed_probe_goes_later)
{
	struct drive *d = &self->d;

	segments(d, 3);
	d->err = -ENOBUFS;
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	EXPECT_EQ(d->failed, 1);
	EXPECT_FALSE(happened(d, XTCP_EV_TLP));
	EXPECT_NE(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
	d->err = 0;
	drive_run(d, d->t.deadline[XTCP_T_RETRY]);
	EXPECT_TRUE(happened(d, XTCP_EV_TLP));
	EXPECT_EQ(drive_seq(d, drive_last(d)), 2 * MSS);
	EXPECT_EQ(d->t.snd.lost, 0);
}

TEST_F(tlp, failed_probe_is_not_needed_any_more)
{
	struct drive *d = &self->d;

	segments(d, 3);
	d->err = -ENOBUFS;
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	d->err = 0;
	drive_forget(d);
	drive_ack(d, 3 * MSS);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
	EXPECT_FALSE(happened(d, XTCP_EV_TLP));
	EXPECT_EQ(d->t.tlp_owed + 0, 0);
	/* nothing else is to go beyond the window, or faster than the pace, in its stead */
	EXPECT_EQ(d->t.force + 0, 0);
}

TEST_F(tlp, no_spare_no_probe)
{
	struct drive *d = &self->d;
	union xtcp_node *spare;

	d->t.burst = 16 * MSS;
	drive_write(d, 4 * MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	spare = d->t.spare;
	d->t.spare = NULL;
	d->t.spares = 0;
	d->starve = true;
	drive_run(d, d->t.deadline[XTCP_T_TLP]);
	EXPECT_EQ(d->sent, 0);
	EXPECT_EQ(d->t.tlp_owed + 0, 0);
	EXPECT_NE(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
	d->t.spare = spare;
}

TEST_HARNESS_MAIN
