// SPDX-License-Identifier: GPL-2.0
/* Output: what goes out next, and what it means that it went, or did not. */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload beside a TS */
#define PATH	(MSS + XTCP_TS_LEN)
#define RCVBUF	65536U

DRIVE_FIXTURE(output, drive_open, PATH, RCVBUF)

static u32 bytes_sent(const struct drive *d)
{
	u32 i, n = 0;

	for (i = 0; i < d->sent; i++)
		n += d->out[i].pkt.len;
	return n;
}

TEST_F(output, F3_301_and_100_bytes_are_followed_by_401)
{
	struct drive *d = &self->d;

	drive_write(d, 300, XTCP_WRITE_PUSH);
	drive_write(d, 100, XTCP_WRITE_PUSH);
	drive_write(d, 1, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 3);
	EXPECT_EQ(d->out[1].pkt.seq, d->iss + 301);
	EXPECT_EQ(d->out[1].pkt.len, 100);
	EXPECT_EQ(d->out[2].pkt.seq, d->iss + 401);
}

TEST_F(output, D3_ack_flag_is_always_set)
{
	struct drive *d = &self->d;
	u32 i;

	drive_write(d, 3000, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_run(d, d->now + 10 * XTCP_SEC);
	ASSERT_GT(d->sent, 2);
	for (i = 0; i < d->sent; i++)
		EXPECT_TRUE(d->out[i].pkt.flags & XTCP_ACK);
}

TEST_F(output, super_packet_up_to_burst)
{
	struct drive *d = &self->d;

	d->t.burst = 4 * PATH;
	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	ASSERT_GE(d->sent, 3);
	EXPECT_EQ(d->out[0].pkt.len, 4 * MSS);
	EXPECT_EQ(d->out[0].tx.mss, MSS);
	EXPECT_EQ(bytes_sent(d), 10 * MSS);
}

/* New segments carry no TS for a while, so that each takes all of the path. */
static void no_timestamps(struct drive *d)
{
	d->t.snd.ts_at = d->now;
	d->t.rtt.srtt = 10 * XTCP_SEC;
}

TEST_F(output, congestion_window_binds)
{
	struct drive *d = &self->d;

	drive_write(d, 30 * MSS, XTCP_WRITE_PUSH);
	EXPECT_LE(bytes_sent(d), d->t.cc.cwnd);
	EXPECT_GT(bytes_sent(d), d->t.cc.cwnd - PATH);
}

/* What options took from the segments before must not cost one more. */
TEST_F(output, congestion_window_binds_to_the_nearest_segment)
{
	struct drive *d = &self->d;
	u32 pipe;

	d->t.burst = d->t.mss;
	d->t.cc.cwnd = 6 * d->t.mss;
	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	pipe = xtcp_pipe(&d->t);
	EXPECT_EQ(pipe, 6 * d->t.mss - XTCP_TS_LEN);
	d->t.cc.cwnd = pipe + d->t.mss / 2 - 1;
	drive_act(d, XTCP_XMIT, NULL);
	EXPECT_EQ(xtcp_pipe(&d->t), pipe);
	d->t.cc.cwnd = pipe + d->t.mss / 2;
	drive_act(d, XTCP_XMIT, NULL);
	EXPECT_EQ(xtcp_pipe(&d->t), pipe + d->t.mss);
}

/* And that segment goes in one packet with those before it. */
TEST_F(output, nearest_segment_is_no_packet_of_its_own)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	d->t.cc.cwnd = 6 * d->t.mss - d->t.mss / 2;
	drive_write(d, 20 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.len, 6 * d->t.mss);
}

TEST_F(output, right_edge_binds)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	d->t.snd.edge = d->t.snd.nxt + 2 * PATH + 500;
	d->t.snd.max_wnd = 2 * PATH + 500;
	drive_write(d, 10 * PATH, XTCP_WRITE_PUSH);
	EXPECT_EQ(bytes_sent(d), 2 * PATH);	/* no silly 500 bytes */
	d->wnd = 5 * PATH;
	drive_ack(d, 0);
	EXPECT_EQ(bytes_sent(d), 5 * PATH);
}

/* A byte is on its way, and something is in this host's queues: the next one waits. */
static void autocork(struct drive *d)
{
	no_timestamps(d);
	drive_write(d, 1, XTCP_WRITE_PUSH);
	drive_forget(d);
	d->t.queued = 1;
	drive_write(d, 1, XTCP_WRITE_PUSH);
}

TEST_F(output, D12_autocorking_until_packets_have_left)
{
	struct drive *d = &self->d;

	autocork(d);
	drive_write(d, 1, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	EXPECT_TRUE(xtcp_autocorked(&d->t));
	drive_act(d, xtcp_drained(&d->t, d->now), NULL);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 2);
	EXPECT_FALSE(xtcp_autocorked(&d->t));
}

TEST_F(output, D12_autocorking_until_an_ACK)
{
	struct drive *d = &self->d;

	autocork(d);
	drive_ack(d, 1);
	EXPECT_EQ(d->sent, 1);
	EXPECT_FALSE(xtcp_autocorked(&d->t));
}

TEST_F(output, D12_autocorking_until_a_write_finds_nothing_queued)
{
	struct drive *d = &self->d;

	autocork(d);
	d->t.queued = 0;
	drive_write(d, 1, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 2);
}

TEST_F(output, D12_autocorking_has_an_end)
{
	struct drive *d = &self->d;

	autocork(d);
	d->t.rtt.srtt = 8 * XTCP_MS;
	drive_write(d, 1, XTCP_WRITE_PUSH);
	drive_run(d, d->now + 2 * XTCP_MS);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 2);
	EXPECT_FALSE(xtcp_autocorked(&d->t));
}

/* Full segments do not wait, nor what nothing is in front of, nor the end of the stream. */
TEST_F(output, D12_autocorking_of_nothing_else)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	d->t.queued = 1;
	drive_write(d, 1, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	drive_write(d, PATH + 1, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(drive_last(d)->pkt.len, PATH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	ASSERT_EQ(d->sent, 3);
	EXPECT_EQ(drive_last(d)->pkt.len, 1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
}

TEST_F(output, D12_autocorking_off)
{
	struct drive *d = &self->d;

	d->t.tune.autocork = 0;
	autocork(d);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(output, F11_push_on_the_last_segment_of_a_write)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.burst = PATH;
	drive_write(d, 2500, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 3);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(!!(d->out[i].pkt.flags & XTCP_PSH), i == 2);
}

/*
 * The window is closed while they are written. No packet has bytes of two of them, and
 * of the short ends only the last waits, as Nagle has it.
 */
TEST_F(output, D12_no_segment_goes_on_behind_MSG_EOR)
{
	static const u32 len[] = { PATH + 500, 100, 3 * PATH, 1000, 10 };
	struct drive *d = &self->d;
	u64 at = d->iss + 1;
	u32 i;

	no_timestamps(d);
	d->t.tune.nodelay = 0;
	d->t.burst = 3 * PATH;
	d->t.cc.cwnd = 20 * PATH;
	d->t.snd.edge = d->t.snd.nxt;
	drive_write(d, len[0], XTCP_WRITE_EOR | XTCP_WRITE_PUSH);
	drive_write(d, len[1], XTCP_WRITE_EOR | XTCP_WRITE_PUSH);
	drive_write(d, len[2] + len[3], XTCP_WRITE_EOR | XTCP_WRITE_PUSH);
	drive_write(d, len[4], XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	d->wnd = 20 * PATH;
	drive_ack(d, 0);
	EXPECT_EQ(d->sent, 4);
	drive_ack(d, d->t.snd.nxt - d->iss - 1);
	ASSERT_EQ(d->sent, 5);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(d->out[i].pkt.seq, at);
		EXPECT_EQ(d->out[i].pkt.len, len[i]);
		/* each ends with PSH, but for the super-packet that is not all of its write */
		EXPECT_EQ(!!(d->out[i].pkt.flags & XTCP_PSH), i != 2);
		at += len[i];
	}
}

/* The last write is held like any other, whether it ends with MSG_EOR or not. */
TEST_F(output, D12_MSG_MORE_holds_a_record)
{
	struct drive *d = &self->d;

	drive_write(d, 100, XTCP_WRITE_EOR | XTCP_WRITE_MORE);
	EXPECT_EQ(d->sent, 0);
	drive_write(d, 100, XTCP_WRITE_PUSH | XTCP_WRITE_MORE);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(d->out[0].pkt.len, 100);
	drive_run(d, d->now + XTCP_CORK_MAX);
	ASSERT_LE(2, d->sent);
	EXPECT_EQ(d->out[1].pkt.len, 100);
}

TEST_F(output, ts_once_per_round_trip)
{
	struct drive *d = &self->d;
	u32 i, ts = 0;

	d->now += XTCP_SEC;
	for (i = 0; i < 5; i++)
		drive_write(d, 10, XTCP_WRITE_PUSH);
	for (i = 0; i < d->sent; i++)
		ts += !!(d->out[i].pkt.has & XTCP_HAS_TS);
	EXPECT_EQ(ts, 1);
	drive_forget(d);
	d->now += d->t.rtt.srtt;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
}

TEST_F(output, ts_once_per_millisecond)
{
	struct drive *d = &self->d;

	d->now += XTCP_SEC;
	d->t.rtt.srtt = 10 * XTCP_US;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
	d->now += XTCP_MS - 1;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_TS);
	d->now++;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
}

TEST_F(output, retransmission_with_ts_fits_into_one_packet)
{
	struct drive *d = &self->d;

	d->t.snd.ts_at = d->now;	/* the original has none */
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	ASSERT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_TS);
	drive_forget(d);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
	EXPECT_EQ(drive_last(d)->pkt.len, MSS);
}

TEST_F(output, retransmission_keeps_psh_and_fin)
{
	struct drive *d = &self->d;

	drive_write(d, 100, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_forget(d);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_GT(d->sent, 0);
	EXPECT_TRUE(d->out[0].pkt.flags & XTCP_PSH);
	drive_ack(d, 100);
	drive_forget(d);
	drive_run(d, d->now + XTCP_RTO_MAX);
	ASSERT_GT(d->sent, 0);
	EXPECT_TRUE(d->out[0].pkt.flags & XTCP_FIN);
	EXPECT_EQ(drive_seq(d, &d->out[0]), 100);
}

TEST_F(output, failed_transmission_has_not_happened)
{
	struct drive *d = &self->d;
	u64 nxt = d->t.snd.nxt;

	d->err = -ENOBUFS;
	drive_write(d, 100, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->failed, 1);
	EXPECT_EQ(d->t.snd.nxt, nxt);
	EXPECT_EQ(xtcp_seg_first(&d->t), NULL);
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], XTCP_NEVER);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_XMIT_FAIL));
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_DELAY - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + 1);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 100);
}

TEST_F(output, failed_ack_stays_owed)
{
	struct drive *d = &self->d;

	d->err = -ENOBUFS;
	d->t.tune.quickack = 1;
	drive_fin(d, 0);
	EXPECT_EQ(d->failed, 1);
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_DELAY);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
}

TEST(failed_syn_is_tried_again)
{
	struct drive *d = calloc(1, sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_init(d, PATH, RCVBUF);
	d->err = -ENOBUFS;
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	EXPECT_EQ(d->failed, 1);
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_DELAY);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_SYN);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_HELLO);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
	drive_end(d);
	free(d);
}

TEST_F(output, without_spare_it_waits)
{
	struct drive *d = &self->d;
	union xtcp_node *spare = d->t.spare;
	u8 spares = d->t.spares;

	d->t.spare = NULL;
	d->t.spares = 0;
	d->starve = true;
	drive_write(d, 100, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	EXPECT_NE(d->t.timer_next, XTCP_NEVER);
	d->t.spare = spare;
	d->t.spares = spares;
	drive_run(d, d->now + XTCP_RETRY_DELAY);
	EXPECT_EQ(d->sent, 1);
}

/* What went out without options is lost: it goes in as many packets again, whatever is owed. */
TEST_F(output, D9_a_packet_goes_again_as_one_packet)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	d->t.burst = 3 * PATH;
	drive_write(d, 3 * PATH, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	ASSERT_EQ(drive_last(d)->tx.mss, PATH);
	drive_forget(d);
	d->t.ts_owed = 1;
	xtcp_mark_lost(&d->t, xtcp_seg_first(&d->t));
	drive_act(d, XTCP_XMIT, NULL);
	ASSERT_EQ(d->sent, 3);
	EXPECT_EQ(d->out[0].pkt.len, PATH);
	EXPECT_EQ(d->out[0].tx.opts & (XTCP_HAS_TS | XTCP_HAS_TSECHO), 0);
	EXPECT_EQ(d->out[1].pkt.len, PATH);
	EXPECT_EQ(d->out[2].pkt.len, PATH);
	/* and is owed still: the next packet with room takes it along */
	drive_write(d, 1, XTCP_WRITE_PUSH);
	EXPECT_NE(drive_last(d)->tx.opts & XTCP_HAS_TSECHO, 0);
}

/* Where there was a TS there is one again: it tells which of the two has arrived. */
TEST_F(output, D9_what_had_a_TS_has_one_again)
{
	struct drive *d = &self->d;

	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	drive_forget(d);
	xtcp_mark_lost(&d->t, xtcp_seg_first(&d->t));
	drive_act(d, XTCP_XMIT, NULL);
	ASSERT_NE(d->sent, 0);
	EXPECT_EQ(d->out[0].pkt.len, MSS);
	EXPECT_NE(d->out[0].tx.opts & XTCP_HAS_TS, 0);
}

TEST_F(output, cut_by_the_shell)
{
	struct drive *d = &self->d;
	struct xtcp_tx tx;

	drive_refill(d, 4);
	d->t.rtt.min = 0;	/* D14 */
	xtcp_written(&d->t, 5 * MSS, XTCP_WRITE_PUSH, d->now);
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &tx));
	ASSERT_EQ(tx.len, 5 * MSS);
	ASSERT_TRUE(tx.flags & XTCP_PSH);
	xtcp_cut(&tx, 2 * MSS);
	EXPECT_FALSE(tx.flags & XTCP_PSH);
	xtcp_sent(&d->t, &tx, NULL, d->now, 0);
	EXPECT_EQ(d->t.snd.nxt, d->iss + 1 + 2 * MSS);
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &tx));
	EXPECT_EQ(tx.seq, d->iss + 1 + 2 * MSS);
	EXPECT_EQ(tx.len, 3 * MSS);
}

/* It stays LOST: the loop must end nevertheless. */
TEST_F(output, retransmission_cut_by_the_shell_without_a_spare)
{
	struct drive *d = &self->d;
	struct xtcp_tx tx;
	u64 retry;

	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->t.spare = NULL;
	d->t.spares = 0;
	d->now = d->t.deadline[XTCP_T_RTO];
	xtcp_timer(&d->t, d->now);
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &tx));
	ASSERT_EQ(tx.why, XTCP_WHY_REXMIT);
	xtcp_cut(&tx, tx.len / 2);
	xtcp_sent(&d->t, &tx, NULL, d->now, 0);
	EXPECT_FALSE(xtcp_next(&d->t, d->now, &tx));
	retry = d->t.deadline[XTCP_T_RETRY];
	EXPECT_EQ(retry, d->now + XTCP_RETRY_DELAY);
	drive_refill(d, 4);
	xtcp_timer(&d->t, retry);
	ASSERT_TRUE(xtcp_next(&d->t, retry, &tx));
	EXPECT_EQ(tx.why, XTCP_WHY_REXMIT);
}

TEST_F(output, asking_twice_gives_the_same)
{
	struct drive *d = &self->d;
	struct xtcp_tx a, b;

	drive_refill(d, 4);
	xtcp_written(&d->t, 5 * MSS, XTCP_WRITE_PUSH, d->now);
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &a));
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &b));
	EXPECT_EQ(a.seq, b.seq);
	EXPECT_EQ(a.len, b.len);
	EXPECT_EQ(a.opts, b.opts);
	EXPECT_EQ(a.flags, b.flags);
}

TEST_F(output, smaller_mss_cuts_retransmissions_anew)
{
	struct drive *d = &self->d;
	u32 i, at = 0;

	d->t.burst = PATH;
	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 3);
	drive_forget(d);
	xtcp_set_path_mss(&d->t, 500);
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_run(d, d->now + d->t.rtt.rto);
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_act(d, XTCP_XMIT, NULL);
	for (i = 0; i < d->sent; i++) {
		EXPECT_EQ(drive_seq(d, &d->out[i]), at);
		EXPECT_LE(d->out[i].pkt.len + d->out[i].tx.hdr - XTCP_HDR_LEN, 500);
		at += d->out[i].pkt.len;
	}
	EXPECT_EQ(at, 3 * MSS);
	drive_ack(d, 3 * MSS);
	EXPECT_EQ(xtcp_seg_first(&d->t), NULL);
}

TEST_F(output, larger_mss_is_used_for_new_bytes)
{
	struct drive *d = &self->d;

	d->t.burst = 60000;
	xtcp_set_path_mss(&d->t, 2000 + XTCP_TS_LEN);
	drive_write(d, 2000, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->tx.mss, 2000);
}

TEST_F(output, larger_mss_after_a_timeout_still_sends)
{
	struct drive *d = &self->d;

	d->t.burst = 60000;
	drive_write(d, 6 * MSS, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	xtcp_set_path_mss(&d->t, 4 * PATH);
	drive_forget(d);
	/* The window of one old segment must not keep back one new segment. */
	drive_ack(d, MSS);
	ASSERT_GT(d->sent, 0);
	EXPECT_EQ(drive_seq(d, &d->out[0]), MSS);
}

TEST_F(output, mss_never_below_its_floor)
{
	struct drive *d = &self->d;

	xtcp_set_path_mss(&d->t, 1);
	EXPECT_EQ(d->t.mss, XTCP_PATH_MSS_MIN);
	drive_write(d, 5000, XTCP_WRITE_PUSH);
	EXPECT_GE(d->out[0].tx.mss, XTCP_PAYLOAD_MIN);
}

TEST_F(output, D12_nagle_holds_the_second_small_segment)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.tune.nodelay = 0;
	d->t.rtt.srtt = 40 * XTCP_MS;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	drive_run(d, start + 10 * XTCP_MS - 1);
	EXPECT_EQ(d->sent, 1);
	drive_run(d, start + 10 * XTCP_MS);	/* SRTT/4 and no longer */
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(drive_last(d)->pkt.len, 20);
}

TEST_F(output, D12_nagle_acknowledgment_lets_it_go)
{
	struct drive *d = &self->d;

	d->t.tune.nodelay = 0;
	d->t.rtt.srtt = 40 * XTCP_MS;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	d->now += XTCP_MS;
	drive_ack(d, 10);
	EXPECT_EQ(d->sent, 2);
}

TEST_F(output, D12_nagle_full_segment_goes)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	d->t.tune.nodelay = 0;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_write(d, PATH, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 2);
	EXPECT_EQ(drive_last(d)->pkt.len, PATH);
	/* Minshall: a full one in flight does not hold a small one. */
	drive_ack(d, 10 + PATH);
	drive_forget(d);
	no_timestamps(d);
	drive_write(d, PATH, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(bytes_sent(d), PATH + 10);
}

TEST_F(output, full_segment_is_sent_again_in_one_piece)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	drive_write(d, PATH, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, PATH);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_TS);
}

TEST_F(output, shorter_segment_is_sent_again_with_a_timestamp)
{
	struct drive *d = &self->d;

	no_timestamps(d);
	drive_write(d, PATH - XTCP_TS_LEN, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, PATH - XTCP_TS_LEN);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TS);
}

TEST_F(output, D12_hold_is_1_ms_at_least)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.tune.nodelay = 0;
	d->t.rtt.srtt = 100 * XTCP_US;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, start + XTCP_MS - 1);
	EXPECT_EQ(d->sent, 1);
	drive_run(d, start + XTCP_MS);
	EXPECT_EQ(d->sent, 2);
}

TEST_F(output, D12_nodelay_goes_at_once)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 0; i < 5; i++)
		drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 5);
}

TEST_F(output, D12_nodelay_set_later_lets_it_go)
{
	struct drive *d = &self->d;

	d->t.tune.nodelay = 0;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	d->t.tune.nodelay = 1;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->sent, 2);
}

TEST_F(output, D12_more_waits_200_ms_at_most)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	drive_write(d, 10, XTCP_WRITE_MORE);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + 200 * XTCP_MS - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + 200 * XTCP_MS);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(output, D12_more_then_no_more)
{
	struct drive *d = &self->d;

	drive_write(d, 10, XTCP_WRITE_MORE);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 20);
	drive_write(d, 10, XTCP_WRITE_MORE);
	drive_write(d, 0, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 2);
}

TEST_F(output, D12_cork_sends_full_segments_only)
{
	struct drive *d = &self->d;

	d->t.tune.cork = 1;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(bytes_sent(d), 2 * MSS);
	d->t.tune.cork = 0;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(bytes_sent(d), 2 * MSS + 10);
}

TEST_F(output, C1_fin_does_not_wait_for_nagle)
{
	struct drive *d = &self->d;

	d->t.tune.nodelay = 0;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	EXPECT_EQ(bytes_sent(d), 20);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
}

TEST_F(output, C1_fin_needs_room_in_the_window)
{
	struct drive *d = &self->d;

	d->t.snd.edge = d->t.snd.nxt + 10;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	EXPECT_EQ(bytes_sent(d), 10);
	EXPECT_FALSE(drive_last(d)->pkt.flags & XTCP_FIN);
	d->wnd = 1;
	drive_ack(d, 10);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
}

TEST_F(output, dsack_waits_for_a_bare_ack)
{
	struct drive *d = &self->d;

	drive_data(d, 0, 10);
	drive_run(d, d->now + XTCP_SEC);
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_forget(d);
	xtcp_written(&d->t, 10, XTCP_WRITE_PUSH, d->now);
	drive_data(d, 0, 10);	/* old, while data waits to go */
	ASSERT_EQ(d->sent, 2);
	EXPECT_EQ(d->out[0].pkt.len, 10);
	EXPECT_FALSE(d->out[0].pkt.has & XTCP_HAS_DSACK);
	EXPECT_TRUE(d->out[1].pkt.has & XTCP_HAS_DSACK);
}

TEST_F(output, R2_reset_carries_snd_nxt_and_the_peers_tag)
{
	struct drive *d = &self->d;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_abort(&d->t, ECONNABORTED, d->now), NULL);
	EXPECT_EQ(d->resets, 1);
	EXPECT_EQ(d->reset.seq, d->iss + 11);
	EXPECT_EQ(d->reset.tag, DRIVE_PEER_TAG);
	EXPECT_TRUE(d->reset.flags & XTCP_RST);
	EXPECT_EQ(d->reset.len, 0);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ECONNABORTED);
}

TEST_F(output, failing_transmissions_are_tried_less_and_less)
{
	struct drive *d = &self->d;

	d->t.deadline[XTCP_T_RTO] = XTCP_NEVER;
	d->err = -ENETUNREACH;
	drive_fin(d, 0);	/* owes an ACK: no other timer runs */
	drive_run(d, d->now + 60 * XTCP_SEC);
	EXPECT_LE(d->failed, 8 + 120);
	EXPECT_GE(d->failed, 120);
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_MAX);
	ASSERT_EQ(d->sent, 1);
	d->err = -ENOBUFS;
	drive_fin(d, 0);
	EXPECT_EQ(d->t.deadline[XTCP_T_RETRY], d->now + XTCP_RETRY_DELAY);
}

TEST_F(output, acks_go_without_spare)
{
	struct drive *d = &self->d;
	union xtcp_node *spare = d->t.spare;
	u8 spares = d->t.spares;
	u64 due;

	d->t.spare = NULL;
	d->t.spares = 0;
	d->starve = true;
	drive_write(d, 100, XTCP_WRITE_PUSH);
	due = d->t.deadline[XTCP_T_RETRY];
	d->now += XTCP_MS;
	d->t.tune.quickack = 1;
	drive_fin(d, 0);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 1);
	EXPECT_EQ(d->t.deadline[XTCP_T_RETRY], due);
	d->t.spare = spare;
	d->t.spares = spares;
}

TEST_F(output, D12_uncorked_is_held_no_longer_than_by_nagle)
{
	struct drive *d = &self->d;

	d->t.tune.nodelay = 0;
	d->t.rtt.srtt = 8 * XTCP_MS;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	d->t.tune.cork = 1;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.deadline[XTCP_T_HOLD], d->now + XTCP_CORK_MAX);
	d->t.tune.cork = 0;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(bytes_sent(d), 10);
	EXPECT_EQ(d->t.deadline[XTCP_T_HOLD], d->now + 2 * XTCP_MS);
}

TEST_F(output, D12_release_is_for_one_segment)
{
	struct drive *d = &self->d;

	d->t.tune.nodelay = 0;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, d->t.deadline[XTCP_T_HOLD]);
	ASSERT_EQ(bytes_sent(d), 20);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(bytes_sent(d), 20);
}

TEST_F(output, nothing_is_pushed_unasked)
{
	struct drive *d = &self->d;
	u32 i;

	drive_write(d, 3000, 0);	/* over the end of the numbers */
	for (i = 0; i < d->sent; i++)
		EXPECT_FALSE(d->out[i].pkt.flags & XTCP_PSH);
	EXPECT_EQ(bytes_sent(d), 3000);
}

TEST_F(output, one_segment_goes_into_the_smallest_congestion_window)
{
	struct drive *d = &self->d;

	d->t.cc.cwnd = 100;
	drive_write(d, 3 * PATH, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 1);
	EXPECT_GE(bytes_sent(d), MSS);
}

TEST_F(output, RFC9293_3_8_6_2_1_half_of_the_largest_window_is_not_silly)
{
	struct drive *d = &self->d;

	d->t.snd.max_wnd = 800;
	d->t.snd.edge = d->t.snd.nxt + 399;
	drive_write(d, 2 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	d->wnd = 400;
	drive_ack(d, 0);
	EXPECT_EQ(bytes_sent(d), 400);
}

TEST_F(output, failed_transmission_keeps_all_others_back)
{
	struct drive *d = &self->d;
	u64 due;

	d->err = -ENOBUFS;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	ASSERT_EQ(d->failed, 1);
	due = d->t.deadline[XTCP_T_RETRY];
	d->err = 0;
	drive_ack(d, 0);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, due - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, due);
	EXPECT_EQ(bytes_sent(d), 20);
}

TEST_HARNESS_MAIN
