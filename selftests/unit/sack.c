// SPDX-License-Identifier: GPL-2.0
/* The scoreboard, by cases and against a trivially simple model: an array of bytes. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U

FIXTURE(sack)
{
	struct drive d;
};

/* One super-packet of ten segments is out. */
FIXTURE_SETUP(sack)
{
	drive_open(&self->d, MSS + XTCP_TS_LEN, RCVBUF);
	drive_write(&self->d, 10 * MSS, XTCP_WRITE_PUSH);
	drive_refill(&self->d, 8);
}

FIXTURE_TEARDOWN(sack)
{
	drive_end(&self->d);
}

static u32 sack(struct drive *d, s64 ack, u64 start, u64 end)
{
	const u64 range[1][2] = { { start, end } };
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);
	u64 sent_at = 0;

	drive_sack(d, &pkt, 1, range);
	return xtcp_sack(&d->t, &pkt, d->now, &sent_at);
}

static u32 count(const struct xtcp_tcb *t)
{
	struct xtcp_seg *seg;
	u32 n = 0;

	for (seg = xtcp_seg_first(t); seg; seg = xtcp_seg_next(seg))
		n++;
	return n;
}

TEST_F(sack, find)
{
	struct xtcp_tcb *t = &self->d.t;
	struct xtcp_seg *first = xtcp_seg_first(t);

	ASSERT_NE(first, NULL);
	EXPECT_EQ(first->start, t->snd.una);
	EXPECT_EQ(xtcp_seg_find(t, t->snd.una), first);
	EXPECT_EQ(xtcp_seg_find(t, first->end - 1), first);
	EXPECT_EQ(xtcp_seg_find(t, t->snd.nxt), NULL);
}

TEST_F(sack, split_keeps_both_halves)
{
	struct xtcp_tcb *t = &self->d.t;
	struct xtcp_seg *low, *high;
	u64 at = t->snd.una + 300;

	low = xtcp_seg_find(t, at);
	low->buf = t;
	ASSERT_TRUE(xtcp_seg_split(t, low, at));
	high = xtcp_seg_next(low);
	ASSERT_NE(high, NULL);
	EXPECT_EQ(low->end, at);
	EXPECT_EQ(high->start, at);
	EXPECT_EQ(low->sent_at, high->sent_at);
	EXPECT_EQ(low->buf, t);
	EXPECT_EQ(high->buf, NULL);	/* perhaps in the next buffer */
	EXPECT_EQ(list_next_entry(low, sent), high);
}

TEST_F(sack, split_without_spare)
{
	struct xtcp_tcb *t = &self->d.t;
	struct xtcp_seg *low = xtcp_seg_first(t);
	union xtcp_node *spare = t->spare;
	u8 spares = t->spares;
	u64 end = low->end;

	t->spare = NULL;
	t->spares = 0;
	t->events = 0;
	EXPECT_FALSE(xtcp_seg_split(t, low, low->start + 100));
	EXPECT_EQ(BIT(XTCP_EV_NO_SPARE), t->events);
	EXPECT_EQ(low->end, end);
	t->spare = spare;
	t->spares = spares;
}

TEST_F(sack, middle_of_super_packet)
{
	struct drive *d = &self->d;

	EXPECT_EQ(sack(d, 0, 4 * MSS, 5 * MSS), MSS);
	EXPECT_EQ(d->t.snd.sacked, MSS);
	EXPECT_EQ(count(&d->t), 3);
	EXPECT_EQ(sack(d, 0, 4 * MSS, 5 * MSS), 0);
}

TEST_F(sack, neighbours_become_one)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 2; i < 9; i++)
		EXPECT_EQ(sack(d, 0, i * MSS, (i + 1) * MSS), MSS);
	EXPECT_EQ(count(&d->t), 3);
	EXPECT_EQ(d->t.snd.sacked, 7 * MSS);
	EXPECT_EQ(sack(d, 0, 0, 10 * MSS), 3 * MSS);
	EXPECT_EQ(count(&d->t), 1);
	EXPECT_EQ(d->t.snd.map_count, 1);
}

/* D9: what ends a range stays at its end, should the peer renege. */
TEST_F(sack, split_and_joined_FIN_and_PSH)
{
	struct drive *d = &self->d;
	struct xtcp_seg *seg;

	EXPECT_EQ(sack(d, 0, 4 * MSS, 5 * MSS), MSS);
	for (seg = xtcp_seg_first(&d->t); seg; seg = xtcp_seg_next(seg))
		EXPECT_EQ(seg->flags & XTCP_SEG_PSH,
			  seg->end == d->t.snd.nxt ? XTCP_SEG_PSH : 0);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	drive_refill(d, 8);
	EXPECT_EQ(sack(d, 0, 0, 10 * MSS + 1), 9 * MSS + 1);
	ASSERT_EQ(count(&d->t), 1);
	seg = xtcp_seg_first(&d->t);
	EXPECT_EQ(seg->flags & (XTCP_SEG_FIN | XTCP_SEG_PSH), XTCP_SEG_FIN | XTCP_SEG_PSH);
}

TEST_F(sack, without_spares_the_report_is_ignored)
{
	struct drive *d = &self->d;
	union xtcp_node *spare = d->t.spare;
	u8 spares = d->t.spares;

	d->t.spare = NULL;
	d->t.spares = 0;
	EXPECT_EQ(sack(d, 0, 4 * MSS, 5 * MSS), 0);
	EXPECT_EQ(d->t.snd.sacked, 0);
	/* All of a node needs no split. */
	EXPECT_EQ(sack(d, 0, 0, 10 * MSS), 10 * MSS);
	EXPECT_EQ(d->t.snd.sacked, 10 * MSS);
	d->t.spare = spare;
	d->t.spares = spares;
}

TEST_F(sack, nonsense_says_nothing)
{
	struct drive *d = &self->d;

	EXPECT_EQ(sack(d, 0, 500, 500), 0);
	EXPECT_EQ(sack(d, 0, 500, 400), 0);
	EXPECT_EQ(sack(d, 0, 9 * MSS, 10 * MSS + 1), 0);
	EXPECT_EQ(sack(d, 0, -2000ULL, -1000ULL), 0);
	EXPECT_EQ(d->t.snd.sacked, 0);
	EXPECT_EQ(count(&d->t), 1);
}

TEST_F(sack, range_from_below_una)
{
	struct drive *d = &self->d;

	drive_ack(d, 2 * MSS);
	EXPECT_EQ(sack(d, 0, 0, 3 * MSS), MSS);
}

TEST_F(sack, lost_then_sacked_is_not_lost)
{
	struct drive *d = &self->d;

	xtcp_mark_lost(&d->t, xtcp_seg_first(&d->t));
	EXPECT_EQ(d->t.snd.lost, 10 * MSS);
	EXPECT_EQ(sack(d, 0, 4 * MSS, 5 * MSS), MSS);
	EXPECT_EQ(d->t.snd.lost, 9 * MSS);
	EXPECT_EQ(d->t.snd.sacked, MSS);
	EXPECT_EQ(xtcp_pipe(&d->t), 0);
	/* and is not sent again */
	EXPECT_FALSE(xtcp_seg_find(&d->t, d->iss + 1 + 4 * MSS)->flags & XTCP_SEG_LOST);
}

TEST_F(sack, forget_makes_it_lost)
{
	struct drive *d = &self->d;

	sack(d, 0, 4 * MSS, 5 * MSS);
	xtcp_sack_forget(&d->t);
	EXPECT_EQ(d->t.snd.sacked, 0);
	EXPECT_EQ(d->t.snd.lost, MSS);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_RENEGED));
}

/* The model: each byte is in flight, SACKED, LOST or acknowledged. */
enum { FLIGHT, SACKED, LOST };

static bool model_agrees(const struct drive *d, u8 *model, u32 una, u32 total)
{
	const struct xtcp_tcb *t = &d->t;
	u64 base = d->iss + 1, at = base + una;
	u32 i, sacked = 0, lost = 0;
	struct xtcp_seg *seg;
	u8 want;

	for (seg = xtcp_seg_first(t); seg; seg = xtcp_seg_next(seg)) {
		if (seg->start != at)
			return false;
		want = seg->flags & XTCP_SEG_SACKED ? SACKED :
		       seg->flags & XTCP_SEG_LOST ? LOST : FLIGHT;
		if (list_empty(&seg->sent) == (want == FLIGHT))
			return false;
		for (; at != seg->end; at++)
			if (model[at - base] != want)
				return false;
	}
	for (i = una; i < total; i++) {
		sacked += model[i] == SACKED;
		lost += model[i] == LOST;
	}
	return at == base + total && sacked == t->snd.sacked && lost == t->snd.lost;
}

/* Loss detection may have found more to be LOST than the model knows. */
static void model_learn(const struct drive *d, u8 *model)
{
	struct xtcp_seg *seg;
	u64 at;

	for (seg = xtcp_seg_first(&d->t); seg; seg = xtcp_seg_next(seg)) {
		if (!(seg->flags & XTCP_SEG_LOST))
			continue;
		for (at = seg->start; at != seg->end; at++)
			if (model[at - d->iss - 1] == FLIGHT)
				model[at - d->iss - 1] = LOST;
	}
}

static bool random_reports(struct drive *d, struct host_random *rand)
{
	u32 total = host_between(rand, 1, 16 * MSS), una = 0, i, at;
	u8 *model = calloc(1, total);
	struct xtcp_seg *seg;
	bool good = true;
	u64 start, end;

	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_write(d, total, XTCP_WRITE_PUSH);
	if (d->t.snd.nxt != d->t.snd.end)
		good = false;
	for (i = 0; good && i < 100 && una < total; i++) {
		/* Two for the range, one for the split of what was lost. */
		drive_refill(d, 3);
		switch (host_below(rand, 10)) {
		case 0:		/* the start is acknowledged */
			una = host_between(rand, una, min(una + 3 * MSS, total));
			d->err = -ENOBUFS;	/* what is LOST stays so */
			drive_ack(d, una);
			model_learn(d, model);
			break;
		case 1:		/* a range is lost */
			at = host_between(rand, una, total - 1);
			seg = xtcp_seg_find(&d->t, d->iss + 1 + at);
			if (!list_empty(&seg->sent)) {
				memset(model + (seg->start - d->iss - 1), LOST,
				       seg->end - seg->start);
				xtcp_mark_lost(&d->t, seg);
			}
			break;
		default:
			start = host_between(rand, una, total - 1);
			end = host_between(rand, start + 1, min_t(u64, start + 3 * MSS, total));
			sack(d, una, start, end);
			memset(model + start, SACKED, end - start);
		}
		good = model_agrees(d, model, una, total);
	}
	free(model);
	return good;
}

TEST(random_scoreboard)
{
	struct drive *d = malloc(sizeof(*d));
	struct host_random rand;
	u64 seed;

	ASSERT_NE(d, NULL);
	for (seed = 1; seed <= 500; seed++) {
		rand.state = seed;
		drive_open(d, MSS + XTCP_TS_LEN, RCVBUF);
		ASSERT_TRUE(random_reports(d, &rand))
			TH_LOG("seed %lu", (unsigned long)seed);
		drive_end(d);
	}
	free(d);
}

/* Starved, the scoreboard knows less than it was told, and nothing else. */
static bool starved_reports(struct drive *d, struct host_random *rand)
{
	u32 total = host_between(rand, 1, 16 * MSS), i;
	u8 *told = calloc(1, total);
	struct xtcp_seg *seg;
	bool good = true;
	u64 start, end, at;
	u32 sacked;

	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_write(d, total, XTCP_WRITE_PUSH);
	d->starve = true;
	for (i = 0; good && i < 50; i++) {
		start = host_below(rand, total);
		end = host_between(rand, start + 1, min_t(u64, start + 3 * MSS, total));
		sack(d, 0, start, end);
		memset(told + start, 1, end - start);
		at = d->t.snd.una;
		sacked = 0;
		for (seg = xtcp_seg_first(&d->t); seg; seg = xtcp_seg_next(seg)) {
			good &= seg->start == at;
			for (; at != seg->end; at++) {
				if (!(seg->flags & XTCP_SEG_SACKED))
					continue;
				good &= told[at - d->iss - 1];
				sacked++;
			}
		}
		good &= at == d->t.snd.nxt && sacked == d->t.snd.sacked;
	}
	free(told);
	return good;
}

TEST(random_scoreboard_without_spares)
{
	struct drive *d = malloc(sizeof(*d));
	struct host_random rand;
	u64 seed;

	ASSERT_NE(d, NULL);
	for (seed = 1; seed <= 200; seed++) {
		rand.state = seed;
		drive_open(d, MSS + XTCP_TS_LEN, RCVBUF);
		ASSERT_TRUE(starved_reports(d, &rand))
			TH_LOG("seed %lu", (unsigned long)seed);
		drive_end(d);
	}
	free(d);
}

TEST_F(sack, peer_cannot_cut_every_byte_out)
{
	struct drive *d = &self->d;
	u64 at, cuts = 64 + (10 * MSS >> 7);

	for (at = 1; at < 10 * MSS; at += 2) {
		drive_refill(d, 8);
		sack(d, 0, at, at + 1);
		ASSERT_EQ(d->t.snd.map_count, count(&d->t));
	}
	EXPECT_LE(d->t.snd.map_count, cuts);
	EXPECT_GE(d->t.snd.map_count, cuts - 1);
	/* nor is anything believed that was not said */
	EXPECT_LE(d->t.snd.sacked, 5 * MSS);
	drive_ack(d, 10 * MSS);
	EXPECT_EQ(d->t.snd.map_count, 0);
	EXPECT_EQ(d->t.snd.sacked, 0);
}

TEST_HARNESS_MAIN
