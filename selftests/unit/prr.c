// SPDX-License-Identifier: GPL-2.0
/* Proportional rate reduction (D9, RFC 9937). */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define RCVBUF	65536U
#define RTT	(10 * XTCP_MS)

FIXTURE(prr)
{
	struct drive d;
};

FIXTURE_SETUP(prr)
{
	drive_open(&self->d, MSS + XTCP_TS_LEN, RCVBUF);
	self->d.t.burst = MSS;
	self->d.t.cc.cwnd = 20 * MSS;
}

FIXTURE_TEARDOWN(prr)
{
	drive_end(&self->d);
}

/* Segments [0, n) are out, and there are more to send. */
static void flight(struct drive *d, u32 n, u32 more)
{
	u32 i;

	for (i = 0; i < n + more; i++)
		drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += RTT;
	drive_forget(d);
}

static void report(struct drive *d, s64 ack, u64 start, u64 end)
{
	const u64 range[1][2] = { { start, end } };
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);

	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
}

static u32 bytes_sent(const struct drive *d, enum xtcp_why why)
{
	u32 i, n = 0;

	for (i = 0; i < d->sent; i++)
		if (d->out[i].tx.why == why)
			n += d->out[i].tx.len;
	return n;
}

static void no_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
}

static void no_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
}

static const struct xtcp_cc_ops model = {
	.name = "model", .paces = true, .on_ack = no_ack, .on_event = no_event,
};

TEST_F(prr, who_has_a_model_of_the_path_keeps_the_window)
{
	struct drive *d = &self->d;

	d->t.cc.ops = &model;
	flight(d, 20, 10);
	report(d, 0, MSS, 5 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 1);
	EXPECT_EQ(d->t.cc.cwnd, 20 * MSS);
	report(d, 0, MSS, 10 * MSS);
	EXPECT_EQ(d->t.cc.cwnd, 20 * MSS);
	drive_ack(d, 20 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.cc.cwnd, 20 * MSS);
}

/* One of twenty is lost: one segment is sent for two that are delivered. */
TEST_F(prr, RFC9937_6_proportional_part)
{
	struct drive *d = &self->d;
	u32 i, sent;

	flight(d, 20, 20);
	ASSERT_EQ(xtcp_pipe(&d->t), 20 * MSS);
	report(d, 0, MSS, 4 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 1);
	ASSERT_EQ(d->t.cc.ssthresh, 10 * MSS);
	EXPECT_EQ(d->t.prr.recover_fs, 20 * MSS);
	/* Three of twenty: one and a half may go. */
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_NEW), 0);
	for (i = 4; i < 20; i++) {
		report(d, 0, MSS, (i + 1) * MSS);
		sent = bytes_sent(d, XTCP_WHY_REXMIT) + bytes_sent(d, XTCP_WHY_NEW);
		/* never ahead of its share, and behind only if one more does not fit yet */
		EXPECT_LE(sent, max(i * MSS / 2, MSS));
		EXPECT_TRUE(sent + d->t.mss >= i * MSS / 2 ||
			    xtcp_pipe(&d->t) + d->t.mss > d->t.cc.ssthresh);
	}
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), MSS);
	d->now += RTT;
	drive_ack(d, 20 * MSS);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_EQ(d->t.cc.cwnd, 10 * MSS);
	EXPECT_LE(xtcp_pipe(&d->t), 10 * MSS + d->t.mss / 2);
	EXPECT_GT(xtcp_pipe(&d->t) + d->t.mss, 10 * MSS);
}

/*
 * Most of the flight is lost. After a first window no more goes out than is delivered, but one
 * more if all is well.
 */
TEST_F(prr, RFC9937_6_conservative_bound)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 40 * MSS;
	flight(d, 40, 20);
	report(d, 0, 37 * MSS, 40 * MSS);
	ASSERT_EQ(d->t.cc.ssthresh, 20 * MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), 10 * MSS);
	ASSERT_EQ(d->t.snd.lost, 37 * MSS - 10 * MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_NEW), 0);
	/* PRR-SSRB: a SafeACK, for one delivered two go. */
	d->now += RTT;
	drive_forget(d);
	drive_ack(d, MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), 2 * MSS);
	/* Never more than ssthresh in the network. */
	while (d->t.recovery) {
		drive_ack(d, d->t.snd.una - (d->iss + 1) + MSS);
		if (d->t.recovery)
			EXPECT_LE(xtcp_pipe(&d->t), d->t.cc.ssthresh);
	}
	EXPECT_EQ(d->t.cc.cwnd, d->t.cc.ssthresh);
}

TEST_F(prr, RFC9937_6_no_safe_ack)
{
	struct drive *d = &self->d;

	flight(d, 20, 0);
	report(d, 0, 17 * MSS, 20 * MSS);
	drive_forget(d);
	d->now += RTT;
	/* UNA does not advance: one for one. */
	report(d, 0, MSS, 2 * MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), MSS);
}

/* What was SACKed before is not part of what this recovery delivers. */
TEST_F(prr, RFC9937_6_recover_fs)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_US;
	flight(d, 9, 0);
	report(d, 0, MSS, 2 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 0);
	report(d, 0, MSS, 4 * MSS);
	ASSERT_EQ(d->t.recovery + 0, 1);
	EXPECT_EQ(d->t.prr.recover_fs, 9 * MSS);
	EXPECT_EQ(d->t.prr.delivered, 2 * MSS);
	EXPECT_EQ(d->t.prr.out, MSS);
}

/* RACK's timer tells of the loss, no ACK: one segment goes all the same. */
TEST_F(prr, RFC9937_6_first_retransmission_without_an_ack)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_US;
	flight(d, 19, 5);
	report(d, 0, MSS, 2 * MSS);
	ASSERT_NE(d->t.deadline[XTCP_T_REO], XTCP_NEVER);
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_REO]);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_NEW), 0);
	EXPECT_EQ(d->t.prr.out, MSS);
}

/* The end of a short flight is lost, with little behind it: it does not go bit by bit. */
TEST_F(prr, D9_short_flight_begins_anew_at_once)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 10 * MSS;
	flight(d, 10, 0);
	report(d, 3 * MSS, 9 * MSS, 10 * MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), 0);
	drive_run(d, d->t.deadline[XTCP_T_REO]);
	ASSERT_EQ(d->t.recovery + 0, 1);
	ASSERT_EQ(d->t.cc.ssthresh, 7 * MSS / 2);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), 3 * MSS);
	EXPECT_EQ(d->t.snd.lost, 3 * MSS);
	EXPECT_EQ(d->t.prr.out, 3 * MSS);
	/* What is lost of that is replaced one for one. */
	d->now += RTT;
	drive_forget(d);
	report(d, 3 * MSS, 4 * MSS, 5 * MSS);
	EXPECT_EQ(bytes_sent(d, XTCP_WHY_REXMIT), MSS);
}

/* The ACK delivers less than the segment that is lost. */
TEST_F(prr, D9_first_retransmission_after_a_short_segment)
{
	struct drive *d = &self->d;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->now += XTCP_MS;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	d->now += RTT;
	report(d, 0, 2 * MSS, 2 * MSS + 10);
	drive_run(d, d->now + RTT / 2);
	ASSERT_EQ(d->t.recovery + 0, 1);
	EXPECT_GE(bytes_sent(d, XTCP_WHY_REXMIT), MSS);
	EXPECT_EQ(drive_seq(d, &d->out[0]), 0);
}

TEST_F(prr, D9_slow_start_after_a_timeout)
{
	struct drive *d = &self->d;

	flight(d, 10, 0);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.timed_out + 0, 1);
	EXPECT_FALSE(xtcp_prr_leads(&d->t));
	d->now += RTT;
	drive_ack(d, MSS);
	EXPECT_EQ(d->t.cc.cwnd, 2 * d->t.mss - (d->t.mss - MSS));
	EXPECT_EQ(d->t.prr.out, 0);
}

TEST_HARNESS_MAIN
