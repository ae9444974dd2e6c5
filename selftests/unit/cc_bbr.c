// SPDX-License-Identifier: GPL-2.0
/* BBR: its filters, its states, what losses do to the model, against a path that is given. */
#include <kselftest_harness.h>

#include <xtcp/cc.h>

#define MSS	1000U
#define RTT	(50 * XTCP_MS)
#define RATE	10000000U	/* bytes per second */
#define BDP	500000U

/* A path that answers once in a round trip. */
FIXTURE(bbr)
{
	struct xtcp_cc cc;
	struct xtcp_bbr *bbr;		/* the algorithm's, in model */
	struct xtcp_bbr model;
	struct xtcp_cc_sample next;	/* what the next answer tells */
	u32 left;			/* bytes that stay in the network */
	u64 delivered;
};

FIXTURE_SETUP(bbr)
{
	self->cc.ops = &xtcp_cc_bbr;
	self->cc.own.state = &self->model;
	self->cc.mss = MSS;
	xtcp_cc_start(&self->cc);
	self->bbr = self->cc.own.bbr;
	self->next.now = 1000 * XTCP_SEC;
	self->next.rtt = RTT;
	self->next.rate = RATE;
}

FIXTURE_TEARDOWN(bbr)
{
}

#define TEST_DATA	FIXTURE_DATA(bbr)

/* One round trip; a window, or what the path takes in that time, is delivered. */
static void answer(TEST_DATA *self)
{
	struct xtcp_cc_sample *sample = &self->next;

	sample->now += RTT;
	sample->srtt = RTT;
	sample->acked = min(self->cc.cwnd, BDP);
	sample->pipe = sample->acked + self->left;
	sample->flight = sample->pipe;
	sample->prior_delivered = self->delivered;
	self->delivered += sample->acked;
	sample->delivered = self->delivered;
	self->cc.ops->on_ack(&self->cc, sample);
}

static void until(TEST_DATA *self, enum xtcp_bbr_state state)
{
	u32 rounds;

	for (rounds = 0; rounds < 1000 && self->bbr->state != state; rounds++)
		answer(self);
}

static void lose(TEST_DATA *self, u32 size, u32 lost, u32 flight)
{
	const struct xtcp_cc_loss loss = {
		.size = size, .lost = lost, .flight = flight, .apart = true,
	};

	self->cc.ops->on_lost(&self->cc, &loss);
}

/* From now on all that is answered has waited as long again in a queue. */
static void fill_queue(TEST_DATA *self)
{
	self->next.rtt = 2 * RTT;
	self->bbr->rtt_now = 2 * RTT;
	self->bbr->rtt_last = 2 * RTT;
}

/* The gain it paces with, in percent, without the margin of 1 %. */
static u64 gain(const TEST_DATA *self)
{
	return (self->cc.pacing_rate * 10000 / self->bbr->bw + 98) / 99;
}

TEST_F(bbr, startup_doubles_and_ends_on_a_plateau)
{
	u32 i;

	for (i = 1; i <= 6; i++) {
		self->next.rate = RATE >> (6 - i);
		answer(self);
		EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
		EXPECT_EQ(277, gain(self));
	}
	answer(self);
	answer(self);
	EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
	self->left = 2 * BDP;
	answer(self);
	EXPECT_EQ(XTCP_BBR_DRAIN, self->bbr->state);
	EXPECT_EQ(35, gain(self));
	EXPECT_EQ(RATE, self->bbr->bw);
	answer(self);
	EXPECT_EQ(XTCP_BBR_DRAIN, self->bbr->state);
	self->left = 0;		/* DOWN has nothing to do then */
	answer(self);
	EXPECT_EQ(XTCP_BBR_CRUISE, self->bbr->state);
	EXPECT_EQ(100, gain(self));
}

TEST_F(bbr, samples_of_the_program_end_no_startup)
{
	u32 i;

	self->next.limited = true;
	for (i = 0; i < 20; i++)
		answer(self);
	EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
	EXPECT_EQ(RATE, self->bbr->bw);
}

/* The ACK that begins a round may be too low: it is of a copy whose original came late. */
TEST_F(bbr, startup_goes_on_while_any_ack_tells_of_growth)
{
	u64 rate = RATE / 64;
	u32 i;

	for (i = 0; i < 5; i++, rate *= 2) {
		self->next.rate = RATE / 128;
		answer(self);
		self->next.rate = rate;
		self->next.prior_delivered = 0;
		self->cc.ops->on_ack(&self->cc, &self->next);
	}
	EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
}

/* Such an ACK, less than a round trip after what it is said to answer, has no rate. */
TEST_F(bbr, no_round_without_a_rate)
{
	u32 rounds, i;

	until(self, XTCP_BBR_CRUISE);
	rounds = self->bbr->rounds;
	lose(self, MSS, 5 * MSS, BDP);
	self->next.rate = 0;
	for (i = 0; i < 10; i++)
		answer(self);
	EXPECT_EQ(rounds, self->bbr->rounds);
	EXPECT_EQ(XTCP_NEVER, self->bbr->bw_lo);
	EXPECT_EQ(XTCP_BBR_CRUISE, self->bbr->state);
}

TEST_F(bbr, startup_ends_on_loss)
{
	u32 i;

	answer(self);
	fill_queue(self);
	self->next.rate = 2 * RATE;
	self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, BDP);
	for (i = 0; i < 6; i++)
		lose(self, MSS, 20 * MSS, BDP);
	self->next.lost = 20 * MSS;
	answer(self);
	self->next.rate = 4 * RATE;
	for (i = 0; i < 5; i++)
		lose(self, MSS, 20 * MSS, BDP);
	answer(self);
	EXPECT_NE(XTCP_BBR_STARTUP, self->bbr->state);
	EXPECT_LT(self->bbr->inflight_hi, XTCP_CC_INFINITE);
}

TEST_F(bbr, cycle_of_probe_bw)
{
	u64 began;

	until(self, XTCP_BBR_CRUISE);
	EXPECT_EQ(100, gain(self));
	began = self->bbr->cycle_at;
	until(self, XTCP_BBR_REFILL);
	EXPECT_GE(self->next.now - began, 2 * XTCP_SEC);
	EXPECT_LE(self->next.now - began, 3 * XTCP_SEC + RTT);
	EXPECT_EQ(100, gain(self));
	answer(self);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	EXPECT_EQ(125, gain(self));
	/* 25 % more would show in three rounds */
	answer(self);
	answer(self);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	self->left = 2 * BDP;
	answer(self);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
	EXPECT_EQ(90, gain(self));
	answer(self);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
	self->left = 0;
	answer(self);
	EXPECT_EQ(XTCP_BBR_CRUISE, self->bbr->state);
}

TEST_F(bbr, up_stays_while_the_rate_grows)
{
	u32 i;

	until(self, XTCP_BBR_UP);
	for (i = 0; i < 5; i++) {
		self->next.rate += self->next.rate / 3;
		answer(self);
		EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	}
	EXPECT_EQ(self->next.rate, self->bbr->bw);
}

/* The rate is the highest of two cycles: a slower path is believed after the second. */
TEST_F(bbr, max_bw_is_of_two_cycles)
{
	until(self, XTCP_BBR_CRUISE);
	until(self, XTCP_BBR_UP);
	self->next.rate = RATE / 2;
	until(self, XTCP_BBR_CRUISE);
	EXPECT_EQ(RATE, self->bbr->bw);
	until(self, XTCP_BBR_UP);
	until(self, XTCP_BBR_CRUISE);
	answer(self);
	EXPECT_EQ(RATE / 2, self->bbr->bw);
}

TEST_F(bbr, samples_of_the_program_count_only_above)
{
	until(self, XTCP_BBR_CRUISE);
	self->next.limited = true;
	self->next.rate = RATE / 10;
	answer(self);
	EXPECT_EQ(RATE, self->bbr->bw);
	self->next.rate = 2 * RATE;
	answer(self);
	EXPECT_EQ(2 * RATE, self->bbr->bw);
}

TEST_F(bbr, min_rtt_of_ten_seconds)
{
	u64 seen;

	until(self, XTCP_BBR_CRUISE);
	self->next.rtt = RTT / 2;
	answer(self);
	seen = self->next.now;
	EXPECT_EQ(RTT / 2, self->bbr->min_rtt);
	self->next.rtt = 2 * RTT;
	while (self->next.now <= seen + 10 * XTCP_SEC) {
		EXPECT_EQ(RTT / 2, self->bbr->min_rtt);
		answer(self);
	}
	EXPECT_EQ(2 * RTT, self->bbr->min_rtt);
}

TEST_F(bbr, probe_rtt_every_five_seconds_for_200_ms)
{
	u64 began;

	until(self, XTCP_BBR_CRUISE);
	began = self->bbr->probe_rtt_at;
	self->next.rtt = RTT + 1;
	self->left = BDP;
	until(self, XTCP_BBR_PROBE_RTT);
	EXPECT_GT(self->next.now, began + 5 * XTCP_SEC);
	EXPECT_LE(self->next.now, began + 5 * XTCP_SEC + RTT);
	EXPECT_EQ(BDP / 2, self->cc.cwnd);
	EXPECT_TRUE(self->cc.holds_back);
	/* 200 ms from when no more than that is in flight */
	answer(self);
	EXPECT_EQ(0, self->bbr->done_at);
	self->left = 0;
	answer(self);
	began = self->next.now;
	EXPECT_EQ(began + 200 * XTCP_MS, self->bbr->done_at);
	until(self, XTCP_BBR_CRUISE);
	EXPECT_EQ(began + 250 * XTCP_MS, self->next.now);
	EXPECT_FALSE(self->cc.holds_back);
	EXPECT_GE(self->cc.cwnd, 2 * BDP);
}

/* Silence empties the queue as well. */
TEST_F(bbr, no_probe_rtt_after_idle_time)
{
	until(self, XTCP_BBR_CRUISE);
	self->next.now += 60 * XTCP_SEC;
	self->next.idle = true;
	answer(self);
	EXPECT_NE(XTCP_BBR_PROBE_RTT, self->bbr->state);
	self->next.idle = false;
	answer(self);
	EXPECT_NE(XTCP_BBR_PROBE_RTT, self->bbr->state);
}

TEST_F(bbr, loss_while_cruising_lowers_the_rate_to_what_arrives)
{
	until(self, XTCP_BBR_CRUISE);
	self->next.rate = RATE * 9 / 10;
	answer(self);
	EXPECT_EQ(RATE, self->bbr->bw);
	fill_queue(self);
	lose(self, MSS, 5 * MSS, BDP);
	answer(self);
	EXPECT_EQ(RATE * 9 / 10, self->bbr->bw);
	EXPECT_EQ(RATE, max(self->bbr->max_bw[0], self->bbr->max_bw[1]));
	/* in one round to 70 % at most */
	self->next.rate = RATE / 10;
	answer(self);
	lose(self, MSS, 5 * MSS, BDP);
	answer(self);
	EXPECT_EQ(RATE * 9 / 10 * 7 / 10, self->bbr->bw);
	/* and the next probe begins without */
	until(self, XTCP_BBR_REFILL);
	EXPECT_EQ(RATE, self->bbr->bw);
}

TEST_F(bbr, two_percent_lost_end_the_probe)
{
	until(self, XTCP_BBR_UP);
	fill_queue(self);
	lose(self, MSS, 10 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	EXPECT_EQ(XTCP_CC_INFINITE, self->bbr->inflight_hi);
	lose(self, MSS, 11 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
	EXPECT_EQ(BDP - MSS, self->bbr->inflight_hi);
	/* once per probe */
	lose(self, MSS, 100 * MSS, BDP / 2);
	EXPECT_EQ(BDP - MSS, self->bbr->inflight_hi);
	/* a seventh of it is left to others */
	until(self, XTCP_BBR_CRUISE);
	EXPECT_EQ(self->bbr->inflight_hi * 85 / 100, self->cc.cwnd);
}

/* A path that loses 5 % of whatever it is given is not full. */
TEST_F(bbr, losses_without_a_queue_change_nothing)
{
	u32 i;

	self->cc.cwnd = BDP;
	self->next.lost = 25 * MSS;
	for (i = 0; i < 3; i++) {
		self->next.rate = RATE >> (2 - i);
		answer(self);
		for (u32 j = 0; j < 25; j++)
			lose(self, MSS, 25 * MSS, BDP);
		self->cc.ops->on_event(&self->cc, XTCP_CC_LOSS, BDP);
		EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
	}
	until(self, XTCP_BBR_CRUISE);
	self->next.rate = RATE * 9 / 10;
	for (i = 0; i < 10; i++) {
		lose(self, MSS, 25 * MSS, BDP);
		answer(self);
	}
	EXPECT_EQ(RATE, self->bbr->bw);
	until(self, XTCP_BBR_UP);
	lose(self, MSS, 25 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	EXPECT_EQ(XTCP_CC_INFINITE, self->bbr->inflight_hi);
}

/* A policer has no queue: more than 15 %, here and there. */
TEST_F(bbr, losses_without_a_queue_may_be_a_policers)
{
	u32 i;

	until(self, XTCP_BBR_UP);
	for (i = 0; i < 5; i++)
		lose(self, MSS, 76 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	lose(self, MSS, 75 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	lose(self, MSS, 76 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
	EXPECT_EQ(BDP - MSS, self->bbr->inflight_hi);
	until(self, XTCP_BBR_CRUISE);
	self->next.lost = 76 * MSS;
	self->next.rate = RATE * 9 / 10;
	answer(self);
	for (i = 0; i < 6; i++)
		lose(self, MSS, 76 * MSS, BDP);
	answer(self);
	EXPECT_GT(RATE, self->bbr->bw);
}

/* An ACK of several finds room behind those before it: the window was the limit all the same. */
TEST_F(bbr, window_was_the_limit_for_a_round)
{
	u32 hi;

	until(self, XTCP_BBR_UP);
	hi = 2 * BDP;
	self->bbr->inflight_hi = hi;
	self->cc.cwnd = hi;
	self->left = 2 * BDP;
	answer(self);
	EXPECT_LT(hi, self->bbr->inflight_hi);
	self->left = 0;
	hi = self->bbr->inflight_hi;
	self->cc.cwnd = hi;
	answer(self);
	EXPECT_LT(hi, self->bbr->inflight_hi);
	hi = self->bbr->inflight_hi;
	self->cc.cwnd = hi;
	answer(self);
	EXPECT_EQ(hi, self->bbr->inflight_hi);
}

/* Where bunches wait for their turn there is always a queue, but it is not full. */
TEST_F(bbr, queue_is_full_only_where_it_is_long)
{
	until(self, XTCP_BBR_CRUISE);
	self->next.rtt = 3 * RTT;
	answer(self);
	self->next.rtt = RTT;
	until(self, XTCP_BBR_UP);
	self->bbr->rtt_now = 2 * RTT;
	self->bbr->rtt_last = 2 * RTT;
	lose(self, MSS, 11 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	self->bbr->rtt_now = 2 * RTT + 1;
	self->bbr->rtt_last = 2 * RTT + 1;
	lose(self, MSS, 11 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
}

/* One packet that found the queue empty in two rounds: it is not always full. */
TEST_F(bbr, queue_is_one_if_every_packet_meets_it)
{
	u32 i;

	until(self, XTCP_BBR_UP);
	self->next.rtt = RTT + RTT / 4;
	for (i = 0; i < 5; i++) {
		self->next.rtt += i == 3;
		self->next.rate *= 2;	/* a reason not to end it yet */
		lose(self, MSS, 11 * MSS, BDP);
		answer(self);
		EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	}
	lose(self, MSS, 11 * MSS, BDP);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
}

TEST_F(bbr, inflight_when_two_percent_were_lost)
{
	until(self, XTCP_BBR_UP);
	fill_queue(self);
	/* 400 KB before this range, 4 KB of them lost: 8 would be 2 %, reached 4 KB into it */
	lose(self, 100 * MSS, 104 * MSS, 500 * MSS);
	EXPECT_EQ(400 * MSS + 4 * MSS * 100 / 98, self->bbr->inflight_hi);
}

TEST_F(bbr, inflight_hi_grows_while_it_is_the_limit)
{
	u32 hi;

	until(self, XTCP_BBR_UP);
	fill_queue(self);
	lose(self, MSS, 20 * MSS, BDP / 2);
	hi = self->bbr->inflight_hi;
	self->next.rtt = RTT;
	until(self, XTCP_BBR_UP);
	self->bbr->inflight_hi = hi;
	self->cc.cwnd = hi;
	answer(self);
	EXPECT_GT(self->bbr->inflight_hi, hi);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
}

TEST_F(bbr, timeout_and_its_end)
{
	u32 cwnd;

	until(self, XTCP_BBR_CRUISE);
	cwnd = self->cc.cwnd;
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO, BDP);
	EXPECT_EQ(MSS, self->cc.cwnd);
	self->cc.ops->on_event(&self->cc, XTCP_CC_RTO_AGAIN, BDP);
	self->cc.ops->on_event(&self->cc, XTCP_CC_RECOVERED, 0);
	EXPECT_EQ(cwnd, self->cc.cwnd);
}

static void happen(TEST_DATA *self, enum xtcp_cc_event event)
{
	self->cc.ops->on_event(&self->cc, event, BDP);
}

/* D9: losses that were none, in each of the states that they change */
TEST_F(bbr, D9_undo_in_startup)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		self->next.rate = RATE >> (3 - i);
		answer(self);
	}
	fill_queue(self);
	for (i = 0; i < 6; i++)
		lose(self, MSS, 20 * MSS, BDP / 2);
	happen(self, XTCP_CC_LOSS);
	self->next.lost = 20 * MSS;
	for (i = 0; i < 3 && self->bbr->state == XTCP_BBR_STARTUP; i++)
		answer(self);
	ASSERT_NE(XTCP_BBR_STARTUP, self->bbr->state);
	happen(self, XTCP_CC_RECOVERED);
	happen(self, XTCP_CC_UNDO);
	EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
	EXPECT_EQ(XTCP_CC_INFINITE, self->bbr->inflight_hi);
	self->next.lost = 0;
	self->next.rate = RATE;
	answer(self);
	EXPECT_EQ(XTCP_BBR_STARTUP, self->bbr->state);
	EXPECT_EQ(277, gain(self));
}

TEST_F(bbr, D9_undo_in_cruise)
{
	until(self, XTCP_BBR_CRUISE);
	self->next.rate = RATE / 2;
	answer(self);
	fill_queue(self);
	lose(self, MSS, 20 * MSS, BDP / 2);
	happen(self, XTCP_CC_LOSS);
	answer(self);
	ASSERT_GT(RATE, self->bbr->bw);
	/* more of it in later rounds, and a timeout, belong to the same recovery */
	lose(self, MSS, 20 * MSS, BDP / 2);
	happen(self, XTCP_CC_RTO_AGAIN);
	happen(self, XTCP_CC_UNDO);
	EXPECT_EQ(XTCP_NEVER, self->bbr->bw_lo);
	EXPECT_EQ(XTCP_CC_INFINITE, self->bbr->inflight_lo);
	answer(self);
	EXPECT_EQ(RATE, self->bbr->bw);
}

TEST_F(bbr, D9_undo_in_up)
{
	u32 hi;

	until(self, XTCP_BBR_UP);
	self->bbr->inflight_hi = 2 * BDP;
	hi = self->bbr->inflight_hi;
	fill_queue(self);
	lose(self, MSS, 20 * MSS, BDP / 2);
	happen(self, XTCP_CC_LOSS);
	ASSERT_EQ(XTCP_BBR_DOWN, self->bbr->state);
	ASSERT_GT(hi, self->bbr->inflight_hi);
	happen(self, XTCP_CC_UNDO);
	EXPECT_EQ(XTCP_BBR_UP, self->bbr->state);
	EXPECT_EQ(hi, self->bbr->inflight_hi);
	/* what the next recovery finds is its own */
	self->bbr->inflight_hi = BDP;
	lose(self, MSS, 20 * MSS, BDP / 2);
	happen(self, XTCP_CC_LOSS);
	happen(self, XTCP_CC_UNDO);
	EXPECT_EQ(BDP, self->bbr->inflight_hi);
}

TEST_F(bbr, a_mark_counts_as_a_loss)
{
	answer(self);
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, BDP);
	answer(self);
	EXPECT_NE(XTCP_BBR_STARTUP, self->bbr->state);
	until(self, XTCP_BBR_UP);
	self->cc.ops->on_event(&self->cc, XTCP_CC_ECN, BDP);
	EXPECT_EQ(XTCP_BBR_DOWN, self->bbr->state);
}

TEST_F(bbr, extra_acked_widens_the_window)
{
	u32 cwnd, i;

	until(self, XTCP_BBR_CRUISE);
	for (i = 0; i < 20; i++)
		answer(self);
	cwnd = self->cc.cwnd;
	/* twice a round trip's worth at once */
	self->next.now -= RTT / 2;
	answer(self);
	answer(self);
	EXPECT_GT(self->cc.cwnd, cwnd);
}

TEST_F(bbr, never_below_four_segments)
{
	u32 i;

	self->next.rate = 1;
	for (i = 0; i < 200; i++) {
		lose(self, MSS, 20 * MSS, 20 * MSS);
		answer(self);
		EXPECT_GE(self->cc.cwnd, 4 * MSS);
	}
	EXPECT_NE(0, self->cc.pacing_rate);
}

/* Numbers from anywhere must not divide by zero, nor overflow into nonsense. */
TEST_F(bbr, extreme_samples)
{
	static const u64 extremes[] = { 0, 1, RATE, XTCP_RATE_MAX };
	u32 i;

	for (i = 0; i < 4000; i++) {
		self->next.rate = extremes[i % 4];
		self->next.rtt = i % 7 ? (i % 5) * 20 * XTCP_SEC : 1;
		self->next.limited = i % 3 == 0;
		self->next.lost = i % 11 ? 0 : U32_MAX;
		self->left = i % 13 ? 0 : XTCP_CC_INFINITE;
		if (i % 17 == 0)
			lose(self, i % 2 ? U32_MAX : 1, i, i % 4 ? U32_MAX : 0);
		if (i % 19 == 0)
			self->cc.ops->on_event(&self->cc, i % 5, i);
		answer(self);
		EXPECT_GE(self->cc.cwnd, 4 * MSS);
		EXPECT_LE(self->cc.cwnd, XTCP_CC_INFINITE);
		EXPECT_LE(self->cc.pacing_rate, XTCP_RATE_MAX);
	}
}

TEST_HARNESS_MAIN
