// SPDX-License-Identifier: GPL-2.0
/* Time: O1, O4, D7, K1, K2, C5 with their real values, to the nanosecond. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define RCVBUF	65536U

DRIVE_FIXTURE(timers, drive_open, MSS + XTCP_TS_LEN, RCVBUF)

DRIVE_FIXTURE(opening, drive_connect, MSS + XTCP_TS_LEN, RCVBUF)

/* Times at which something went out, in seconds after start. */
static bool sent_at(const struct drive *d, u64 start, const u32 *seconds, u32 n)
{
	u32 i;

	if (d->sent != n)
		return false;
	for (i = 0; i < n; i++)
		if (d->out[i].at != start + seconds[i] * XTCP_SEC)
			return false;
	return true;
}

TEST(backoff)
{
	EXPECT_EQ(xtcp_backoff(XTCP_SEC, 0, 64 * XTCP_SEC), XTCP_SEC);
	EXPECT_EQ(xtcp_backoff(XTCP_SEC, 3, 64 * XTCP_SEC), 8 * XTCP_SEC);
	EXPECT_EQ(xtcp_backoff(XTCP_SEC, 200, 64 * XTCP_SEC), 64 * XTCP_SEC);
	EXPECT_EQ(xtcp_backoff(100 * XTCP_SEC, 0, 64 * XTCP_SEC), 64 * XTCP_SEC);
}

TEST_F(opening, O1_syn_from_1_s_doubling_to_64_s)
{
	static const u32 at[] = { 0, 1, 3, 7, 15, 31, 63, 127 };
	struct drive *d = &self->d;
	u64 start = d->now;
	u32 i;

	drive_run(d, start + 180 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	EXPECT_TRUE(sent_at(d, start, at, ARRAY_SIZE(at)));
	for (i = 0; i < d->sent; i++) {
		EXPECT_EQ(d->out[i].pkt.flags, XTCP_SYN);
		EXPECT_EQ(d->out[i].pkt.seq, d->iss);
		EXPECT_EQ(d->out[i].pkt.tag, DRIVE_TAG);
	}
	drive_run(d, start + 180 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
	EXPECT_EQ(d->resets, 0);
}

TEST_F(opening, O1_interval_ends_at_64_s)
{
	struct drive *d = &self->d;

	d->t.opened_at += 1000 * XTCP_SEC;	/* patience for once */
	drive_run(d, d->now + 127 * XTCP_SEC);
	EXPECT_EQ(d->sent, 8);
	drive_run(d, d->now + 64 * XTCP_SEC - 1);
	EXPECT_EQ(d->sent, 8);
	drive_run(d, d->now + 1);
	EXPECT_EQ(d->sent, 9);
	drive_run(d, d->now + 64 * XTCP_SEC);
	EXPECT_EQ(d->sent, 10);
}

TEST_F(opening, O1_a_program_may_want_fewer_syns)
{
	static const u32 at[] = { 0, 1, 3 };
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.tune.syn_retries = 2;
	drive_run(d, start + 7 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	EXPECT_TRUE(sent_at(d, start, at, ARRAY_SIZE(at)));
	drive_run(d, start + 7 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
	EXPECT_EQ(d->sent, 3);
}

TEST_F(opening, O4_D10_soft_error_is_told_at_the_end)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, true);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_ERROR, EHOSTUNREACH, 0, d->now), NULL);
	drive_run(d, d->now + 200 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, EHOSTUNREACH);
}

TEST_F(opening, O4_echo_is_repeated_while_nothing_is_outstanding)
{
	struct drive *d = &self->d;
	u64 start = d->now, wait, last;
	u32 i;

	d->now += 10 * XTCP_MS;
	drive_syn_ack(d, true);
	drive_forget(d);
	wait = d->t.rtt.rto;
	last = d->now;
	for (i = 0; i < 5; i++) {
		drive_run(d, last + wait - 1);
		ASSERT_EQ(d->sent, i);
		drive_run(d, last + wait);
		ASSERT_EQ(d->sent, i + 1);
		EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_ECHO);
		EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
		EXPECT_EQ(drive_last(d)->pkt.len, 0);
		last += wait;
		wait *= 2;
	}
	drive_run(d, start + 180 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 180 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
}

TEST_F(opening, O4_data_stands_in_for_the_echo)
{
	struct drive *d = &self->d;
	u32 i;

	drive_syn_ack(d, true);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	EXPECT_EQ(d->t.deadline[XTCP_T_ECHO], XTCP_NEVER);
	drive_run(d, d->now + 30 * XTCP_SEC);
	ASSERT_GT(d->sent, 0);
	for (i = 0; i < d->sent; i++) {
		EXPECT_EQ(d->out[i].tx.why, XTCP_WHY_REXMIT);
		EXPECT_TRUE(d->out[i].pkt.has & XTCP_HAS_COOKIE);
	}
}

TEST_F(opening, O5_conf_ends_the_echo)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, true);
	drive_ack(d, 0);
	drive_forget(d);
	drive_run(d, d->now + 1000 * XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->t.timer_next, XTCP_NEVER);
}

static void close_window(struct drive *d)
{
	/* The peer takes what is on its way and offers no more. */
	d->t.snd.edge = d->t.snd.nxt;
	d->wnd = 0;
}

TEST_F(timers, D7_probe_from_rto_doubling_to_60_s_for_ever)
{
	struct drive *d = &self->d;
	u64 wait = d->t.rtt.rto, last = d->now;
	u32 i;

	close_window(d);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->sent, 0);
	for (i = 0; i < 200; i++) {
		drive_run(d, last + wait - 1);
		ASSERT_EQ(d->sent, 0);
		drive_run(d, last + wait);
		ASSERT_EQ(d->sent, 1);
		EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_PROBE);
		EXPECT_EQ(drive_last(d)->pkt.len, 0);
		EXPECT_EQ(drive_last(d)->pkt.seq, d->t.snd.una - 1);
		drive_ack(d, 0);	/* never gives up while answered */
		drive_forget(d);
		last += wait;
		wait = min_t(u64, 2 * wait, 60 * XTCP_SEC);
	}
	EXPECT_EQ(wait, 60 * XTCP_SEC);
	EXPECT_FALSE(d->dead);
	d->wnd = 100;
	drive_ack(d, 0);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.len, 10);
	EXPECT_EQ(d->t.deadline[XTCP_T_PROBE], XTCP_NEVER);
}

TEST_F(timers, D7_fin_waits_for_the_window_too)
{
	struct drive *d = &self->d;

	close_window(d);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->tx.why, XTCP_WHY_PROBE);
	d->wnd = 1;
	drive_ack(d, 0);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
}

TEST_F(timers, D7_sends_what_fits_into_a_silly_window)
{
	struct drive *d = &self->d;

	close_window(d);
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	d->wnd = 5;
	drive_ack(d, 0);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, d->now + XTCP_SEC);
	ASSERT_GT(d->sent, 0);
	EXPECT_EQ(d->out[0].pkt.len, 5);
}

/* RFC 9293 3.8.6.2.1 (RFC 1122 4.2.3.4): "The override timeout [...] 0.1 - 1.0 seconds". */
TEST_F(timers, D7_RFC9293_3_8_6_2_1_override_timeout)
{
	struct drive *d = &self->d;
	u64 start = d->now;
	u32 i;

	d->t.rtt.rto = 50 * XTCP_MS;
	close_window(d);
	d->t.snd.edge += 5;
	drive_write(d, MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.deadline[XTCP_T_PROBE], start + 100 * XTCP_MS);
	/* and no sooner again, as long as the window is no better */
	for (i = 1; i <= 10; i++) {
		drive_run(d, start + i * 100 * XTCP_MS - 1);
		EXPECT_EQ(d->sent, i - 1);
		drive_run(d, start + i * 100 * XTCP_MS);
		ASSERT_EQ(d->sent, i);
		EXPECT_EQ(drive_last(d)->pkt.len, 5);
		d->wnd = 5;
		drive_ack(d, 5 * i);
		d->t.rtt.rto = 50 * XTCP_MS;
		d->t.deadline[XTCP_T_PROBE] = XTCP_NEVER;
		drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	}
	/* a closed one is asked after one RTO (RFC 9293 3.8.6.1) */
	close_window(d);
	d->t.deadline[XTCP_T_PROBE] = XTCP_NEVER;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.deadline[XTCP_T_PROBE], d->now + 50 * XTCP_MS);
}

/* A patience shorter than the wait between two probes is no reason to give up. */
TEST_F(timers, D7_K2_probes_within_the_user_timeout)
{
	struct drive *d = &self->d;
	u32 i;

	close_window(d);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	for (i = 0; i < 20; i++) {	/* a minute between them by now */
		drive_run(d, d->t.deadline[XTCP_T_PROBE]);
		drive_ack(d, 0);
	}
	d->t.tune.user_timeout = 10000;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	for (i = 0; i < 100; i++) {
		ASSERT_LE(d->t.deadline[XTCP_T_PROBE], d->now + 5 * XTCP_SEC);
		drive_run(d, d->t.deadline[XTCP_T_PROBE]);
		drive_ack(d, 0);
		drive_forget(d);
	}
	ASSERT_FALSE(d->dead);
	drive_run(d, d->now + 10 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	EXPECT_LE(1, d->sent);
	drive_run(d, d->now + 1);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K2_unanswered_probes_end_after_15_minutes)
{
	struct drive *d = &self->d;
	u64 start;

	drive_run(d, d->now + 3600 * XTCP_SEC);
	close_window(d);
	start = d->now;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, start + 900 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 900 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
}

TEST_F(timers, K2_data_without_acknowledgment_ends_after_15_minutes)
{
	struct drive *d = &self->d;
	u64 start;

	drive_run(d, d->now + 3600 * XTCP_SEC);
	start = d->now;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, start + 900 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 900 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
	EXPECT_EQ(d->resets, 1);
}

TEST_F(timers, K2_progress_restarts_the_clock)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	drive_write(d, 20, XTCP_WRITE_PUSH);
	drive_run(d, start + 800 * XTCP_SEC);
	drive_ack(d, 10);
	drive_run(d, start + 1700 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 1700 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K2_shorter_by_option)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	d->t.tune.user_timeout = 5000;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	drive_run(d, start + 5 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 5 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

static void keepalive(struct drive *d)
{
	d->t.tune.keepalive = 1;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
}

TEST_F(timers, K1_F10_off_until_asked_for)
{
	struct drive *d = &self->d;

	drive_run(d, d->now + 100000 * XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
	EXPECT_FALSE(d->dead);
}

TEST_F(timers, K1_F10_two_hours_then_ten_probes_every_75_s)
{
	static const u32 at[] = { 7200, 7275, 7350, 7425, 7500, 7575, 7650, 7725, 7800, 7875 };
	struct drive *d = &self->d;
	u64 start = d->now;
	u32 i;

	keepalive(d);
	drive_run(d, start + 7950 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	EXPECT_TRUE(sent_at(d, start, at, ARRAY_SIZE(at)));
	for (i = 0; i < d->sent; i++) {
		EXPECT_EQ(d->out[i].tx.why, XTCP_WHY_KEEP);
		EXPECT_EQ(d->out[i].pkt.len, 0);
		EXPECT_EQ(d->out[i].pkt.seq, d->t.snd.nxt - 1);
	}
	drive_run(d, start + 7950 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
}

TEST_F(timers, K1_F10_interval_of_75_minutes)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.tune.keep_intvl = 4500;
	keepalive(d);
	drive_run(d, start + (7200 + 9 * 4500) * XTCP_SEC);
	EXPECT_EQ(d->sent, 10);
	drive_run(d, start + (7200 + 10 * 4500) * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + (7200 + 10 * 4500) * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K1_F10_any_segment_restarts_it)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	keepalive(d);
	drive_run(d, start + 7199 * XTCP_SEC);
	drive_ack(d, 0);
	drive_run(d, start + 14399 * XTCP_SEC - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + 14399 * XTCP_SEC);
	EXPECT_EQ(d->sent, 1);
	drive_run(d, d->now + 5 * 75 * XTCP_SEC);
	EXPECT_EQ(d->sent, 6);
	drive_ack(d, 0);	/* an answer */
	drive_forget(d);
	drive_run(d, d->now + 7200 * XTCP_SEC - 1);
	EXPECT_EQ(d->sent, 0);
	EXPECT_FALSE(d->dead);
}

/* Asked for on a connection that has been silent for longer than that: no burst. */
TEST_F(timers, K1_each_probe_has_its_interval)
{
	static const u32 at[] = { 0, 75, 150 };
	struct drive *d = &self->d;
	u64 start;

	drive_run(d, d->now + 100000 * XTCP_SEC);
	start = d->now;
	keepalive(d);
	drive_run(d, start + 150 * XTCP_SEC);
	EXPECT_TRUE(sent_at(d, start, at, ARRAY_SIZE(at)));
	drive_run(d, start + 750 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 750 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K1_not_while_data_is_outstanding)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.tune.keep_idle = 5;
	keepalive(d);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	drive_run(d, d->now + 60 * XTCP_SEC);
	for (i = 0; i < d->sent; i++)
		EXPECT_NE(d->out[i].tx.why, XTCP_WHY_KEEP);
}

TEST_F(timers, C5_orphan_in_fin_wait_2_for_60_s)
{
	struct drive *d = &self->d;
	u64 start;

	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_ack(d, 1);
	ASSERT_EQ(d->t.state, XTCP_FIN_WAIT_2);
	start = d->now;
	drive_run(d, start + 60 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 60 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_FALSE(d->timewait);
}

TEST_F(timers, C5_half_closed_in_fin_wait_2_for_ever)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_ack(d, 1);
	drive_run(d, d->now + 100000 * XTCP_SEC);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_2);
}

TEST_F(timers, C5_orphan_that_does_not_advance_for_60_s)
{
	struct drive *d = &self->d;
	u64 start;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	start = d->now;
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_run(d, start + 60 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 60 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 1);
}

/* A segment is an advance, and a byte is none. */
TEST_F(timers, C5_orphan_that_is_read_by_bytes)
{
	struct drive *d = &self->d;
	u64 start;
	u32 at;

	drive_write(d, 10 * MSS, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	for (at = 0; at < 3 * d->t.mss; at += d->t.mss) {
		drive_run(d, d->now + 59 * XTCP_SEC);
		drive_forget(d);
		drive_ack(d, at + d->t.mss);
	}
	start = d->now;
	while (d->now < start + 59 * XTCP_SEC) {
		drive_run(d, d->now + XTCP_SEC);
		drive_forget(d);
		drive_ack(d, ++at);
	}
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 60 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 60 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 1);
}

TEST_F(timers, early_is_harmless_and_tells_the_next)
{
	struct drive *d = &self->d;
	u64 next;
	u32 todo;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	next = d->t.timer_next;
	todo = xtcp_timer(&d->t, d->now);
	EXPECT_TRUE(todo & XTCP_TIMER);
	EXPECT_EQ(d->t.timer_next, next);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(timers, later_is_not_announced)
{
	struct drive *d = &self->d;
	u64 next;

	drive_write(d, 20, XTCP_WRITE_PUSH);
	next = d->t.timer_next;
	d->now += 10 * XTCP_MS;
	drive_ack(d, 10);
	EXPECT_GT(d->t.deadline[XTCP_T_RTO], next);
	EXPECT_EQ(d->t.timer_next, next);
}

TEST(O4_no_patience_runs_before_there_is_a_connection)
{
	struct drive d;

	drive_init(&d, 1000, 65536);
	xtcp_set_state(&d.t, XTCP_LISTEN);
	EXPECT_EQ(xtcp_set_rcvbuf(&d.t, 1000, d.now), 0);
	EXPECT_EQ(xtcp_shutdown(&d.t, d.now), 0);
	EXPECT_EQ(d.t.timer_next, XTCP_NEVER);
}

TEST_F(opening, O5_conf_ends_the_back_off_of_the_echo)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, true);
	drive_run(d, d->now + 30 * XTCP_SEC);
	EXPECT_GT(d->t.backoff, 2);
	drive_ack(d, 0);
	EXPECT_EQ(d->t.backoff, 0);
}

TEST_F(timers, K1_F10_answer_begins_the_count_anew)
{
	struct drive *d = &self->d;
	u32 i;

	d->t.tune.keepalive = 1;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	for (i = 0; i < 3; i++) {
		drive_run(d, d->now + 7200 * XTCP_SEC + 9 * 75 * XTCP_SEC);
		EXPECT_FALSE(d->dead);
		EXPECT_EQ(d->t.keep_sent, 10);
		drive_ack(d, 0);
		EXPECT_EQ(d->t.keep_sent, 0);
	}
}

TEST_F(timers, K2_peers_hint_is_followed_up_to_an_hour)
{
	struct drive *d = &self->d;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	d->t.peer_timeout = 1000;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.deadline[XTCP_T_USER], d->now + 900 * XTCP_SEC);
	d->t.peer_timeout = 1800 * 1000;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.deadline[XTCP_T_USER], d->now + 1800 * XTCP_SEC);
	d->t.peer_timeout = U32_MAX;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.deadline[XTCP_T_USER], d->now + 3600 * XTCP_SEC);
}

TEST_F(timers, K2_fin_behind_a_closed_window)
{
	struct drive *d = &self->d;
	u64 start;

	drive_run(d, d->now + 3600 * XTCP_SEC);
	close_window(d);
	start = d->now;
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_run(d, start + 900 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 900 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K2_shutdown_gives_no_more_time)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, start + 500 * XTCP_SEC);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_run(d, start + 900 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 900 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K2_only_what_is_acceptable_counts)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u64 start;

	close_window(d);
	start = d->now;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, start + 400 * XTCP_SEC);
	drive_ack(d, 0);
	drive_run(d, start + 800 * XTCP_SEC);
	pkt = drive_pkt(d, -5, 0, 0);		/* old */
	drive_in(d, &pkt);
	pkt = drive_pkt(d, 2 * RCVBUF, 0, 0);	/* out of the window */
	drive_in(d, &pkt);
	drive_run(d, start + 1300 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 1300 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
}

/* With data in the network only its acknowledgment counts, not that the peer speaks. */
TEST_F(timers, K2_peer_that_speaks_and_acknowledges_nothing)
{
	struct drive *d = &self->d;
	u64 start = d->now;
	u32 i;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	for (i = 1; i < 90; i++) {
		drive_run(d, start + i * 10 * XTCP_SEC);
		drive_ack(d, 0);
		d->sent = 0;
	}
	drive_run(d, start + 900 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 900 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, K2_begins_anew_when_the_window_lets_data_go)
{
	struct drive *d = &self->d;
	u64 start;
	u32 i;

	close_window(d);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	for (i = 0; i < 20; i++) {
		drive_run(d, d->now + 60 * XTCP_SEC);
		drive_ack(d, 0);
	}
	d->wnd = 100;
	drive_forget(d);
	drive_ack(d, 0);
	ASSERT_EQ(drive_last(d)->pkt.len, 10);
	start = d->now;
	/* D9: nor does the back-off of the probes slow the data down. */
	EXPECT_EQ(d->t.deadline[XTCP_T_RTO], start + d->t.rtt.rto);
	drive_run(d, start + 900 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 900 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

/* ... even if it does not go at once: the peer was there all the time. */
TEST_F(timers, K2_window_that_opens_ends_no_patience)
{
	struct drive *d = &self->d;
	bool corked;
	u32 i;

	for (corked = false; ; corked = true) {
		close_window(d);
		d->t.tune.cork = corked;
		drive_write(d, 10, XTCP_WRITE_PUSH);
		for (i = 0; i < 20; i++) {
			drive_run(d, d->now + 60 * XTCP_SEC);
			drive_ack(d, 10 * corked);
		}
		d->wnd = 2 * MSS;
		d->err = corked ? 0 : -ENOBUFS;
		drive_forget(d);
		drive_ack(d, 10 * corked);
		ASSERT_EQ(d->sent, 0);
		d->err = 0;
		drive_run(d, d->now + 200 * XTCP_MS);
		ASSERT_FALSE(d->dead);
		EXPECT_EQ(drive_last(d)->pkt.len, 10);
		if (corked)
			break;
		drive_ack(d, 10);
	}
}

TEST_F(timers, C5_orphan_has_60_s_from_its_close)
{
	struct drive *d = &self->d;
	u64 start;

	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_run(d, d->now + 500 * XTCP_SEC);
	start = d->now;
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_run(d, start + 60 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	d->t.events = 0;
	drive_run(d, start + 60 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 1);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_TIMEOUT));
}

TEST_F(timers, C5_sending_gives_an_orphan_no_more_time)
{
	struct drive *d = &self->d;
	u64 start;

	close_window(d);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	start = d->now;
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_run(d, start + 50 * XTCP_SEC);
	d->wnd = 100;
	drive_ack(d, 0);
	ASSERT_EQ(drive_last(d)->pkt.len, 10);
	drive_run(d, start + 60 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 60 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_F(timers, C5_fin_wait_2_has_its_own_time)
{
	struct drive *d = &self->d;
	u64 start;

	d->t.tune.fin_timeout = 120;
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_ack(d, 1);
	ASSERT_EQ(d->t.state, XTCP_FIN_WAIT_2);
	start = d->now;
	drive_run(d, start + 120 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 120 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 0);
}

/* No time at all: the peer is told. */
TEST_F(timers, C5_no_fin_wait_2)
{
	struct drive *d = &self->d;

	d->t.tune.fin_timeout = 0;
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_ack(d, 1);
	drive_run(d, d->now);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 1);
}

/* The window opens after a probe was decided on and before it could be sent. */
TEST_F(timers, D7_probe_that_is_no_longer_needed)
{
	struct drive *d = &self->d;

	close_window(d);
	d->t.tune.cork = 1;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	d->err = -ENOBUFS;
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->failed, 1);
	d->err = 0;
	d->wnd = 100;
	drive_ack(d, 0);
	drive_run(d, d->now + 20 * XTCP_MS);
	EXPECT_EQ(d->sent, 0);		/* TCP_CORK holds the data */
}

/* Of more than a segment waiting, the window need only take one. */
TEST_F(timers, D7_no_probe_while_a_full_segment_fits)
{
	struct drive *d = &self->d;

	d->t.snd.edge = d->t.snd.nxt + d->t.mss;
	d->t.cc.cwnd = 0;
	d->err = -ENOBUFS;	/* nothing goes, but not for want of a window */
	drive_write(d, 3 * MSS, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.deadline[XTCP_T_PROBE], XTCP_NEVER);
	d->t.snd.edge--;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_NE(d->t.deadline[XTCP_T_PROBE], XTCP_NEVER);
}

TEST_F(timers, K1_counts_what_is_not_acceptable)
{
	struct drive *d = &self->d;
	u64 start = d->now;
	struct xtcp_pkt pkt;

	keepalive(d);
	drive_run(d, start + 7000 * XTCP_SEC);
	pkt = drive_pkt(d, -5, 0, 0);
	drive_in(d, &pkt);
	drive_run(d, start + 14200 * XTCP_SEC - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, start + 14200 * XTCP_SEC);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(timers, K1_probe_that_is_no_longer_needed)
{
	struct drive *d = &self->d;

	keepalive(d);
	d->err = -ENOBUFS;
	drive_run(d, d->now + 7200 * XTCP_SEC);
	ASSERT_GT(d->failed, 0);
	d->err = 0;
	drive_ack(d, 0);
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(d->sent, 0);
}

/* K2: "It overrides every retry count." */
TEST_F(timers, K2_overrides_the_count_of_keepalive_probes)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.tune.keep_idle = 10;
	d->t.tune.keep_intvl = 1;
	d->t.tune.keep_probes = 3;
	d->t.tune.user_timeout = 400 * 1000;
	keepalive(d);
	drive_run(d, start + 400 * XTCP_SEC - 1);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->sent, 390);
	drive_run(d, start + 400 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
}

TEST_F(timers, K2_keepalive_asks_before_it_gives_up)
{
	struct drive *d = &self->d;
	u64 start = d->now;

	d->t.tune.keep_idle = 100;
	d->t.tune.user_timeout = 5000;
	keepalive(d);
	drive_run(d, start + 175 * XTCP_SEC - 1);
	EXPECT_EQ(d->sent, 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, start + 175 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
}

TEST_HARNESS_MAIN
