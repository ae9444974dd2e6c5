// SPDX-License-Identifier: GPL-2.0
/* Reassembly, by cases and against a trivially simple model: an array of bytes. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U	/* payload: room for TS is always left */
#define RCVBUF	65536U

DRIVE_FIXTURE(reasm, drive_open, MSS + XTCP_TS_LEN, RCVBUF)

TEST_F(reasm, in_order_needs_no_node)
{
	struct drive *d = &self->d;
	u8 spares = d->t.spares;

	d->starve = true;
	drive_data(d, 0, 100);
	drive_data(d, 100, 200);
	EXPECT_EQ(d->delivered, 300);
	EXPECT_EQ(d->t.spares, spares);
	EXPECT_EQ(d->held, 0);
}

TEST_F(reasm, gap_is_held_and_drained)
{
	struct drive *d = &self->d;

	drive_data(d, 100, 100);
	EXPECT_EQ(d->delivered, 0);
	EXPECT_EQ(d->t.rcv.run_count, 1);
	EXPECT_EQ(d->t.rcv.run_bytes, 100);
	drive_data(d, 0, 100);
	EXPECT_EQ(d->delivered, 200);
	EXPECT_TRUE(d->ordered);
	EXPECT_EQ(d->t.rcv.run_count, 0);
	EXPECT_EQ(d->t.rcv.run_bytes, 0);
}

TEST_F(reasm, neighbours_join)
{
	struct drive *d = &self->d;

	drive_data(d, 100, 100);
	drive_data(d, 300, 100);
	EXPECT_EQ(d->t.rcv.run_count, 2);
	drive_data(d, 200, 100);
	EXPECT_EQ(d->t.rcv.run_count, 1);
	EXPECT_EQ(d->t.rcv.run_bytes, 300);
	drive_data(d, 0, 100);
	EXPECT_EQ(d->delivered, 400);
	EXPECT_TRUE(d->ordered);
}

TEST_F(reasm, joins_in_front)
{
	struct drive *d = &self->d;

	drive_data(d, 200, 100);
	drive_data(d, 100, 100);
	EXPECT_EQ(d->t.rcv.run_count, 1);
	drive_data(d, 0, 100);
	EXPECT_EQ(d->delivered, 300);
	EXPECT_TRUE(d->ordered);
}

TEST_F(reasm, covered_run_is_replaced)
{
	struct drive *d = &self->d;

	drive_data(d, 200, 50);
	drive_data(d, 100, 300);
	EXPECT_EQ(d->t.rcv.run_count, 1);
	EXPECT_EQ(d->t.rcv.run_bytes, 300);
	EXPECT_EQ(d->freed, 1);
	drive_data(d, 0, 100);
	EXPECT_EQ(d->delivered, 400);
	EXPECT_TRUE(d->ordered);
}

TEST_F(reasm, in_order_covers_runs)
{
	struct drive *d = &self->d;

	drive_data(d, 100, 50);
	drive_data(d, 200, 50);
	drive_data(d, 400, 100);
	drive_data(d, 0, 450);
	EXPECT_EQ(d->delivered, 500);
	EXPECT_TRUE(d->ordered);
	EXPECT_EQ(d->t.rcv.run_count, 0);
}

TEST_F(reasm, no_spare_drops_and_breaks_nothing)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u32 i;

	d->starve = true;
	for (i = 1; i < 10; i++) {
		pkt = drive_pkt(d, i * 200, 100, 0);
		drive_in(d, &pkt);
	}
	EXPECT_EQ(pkt.drop, XTCP_DROP_MEMORY);
	EXPECT_LE(d->t.rcv.run_count, 2);
	EXPECT_TRUE(d->t.rcv.run_count > 0);
	d->starve = false;
	for (i = 0; i < 10; i++)
		drive_data(d, i * 200, 200);
	EXPECT_EQ(d->delivered, 2000);
	EXPECT_TRUE(d->ordered);
}

TEST_F(reasm, D11_prune_takes_the_highest)
{
	struct drive *d = &self->d;

	drive_data(d, 100, 100);
	drive_data(d, 500, 100);
	drive_act(d, xtcp_prune(&d->t), NULL);
	EXPECT_EQ(d->t.rcv.run_count, 1);
	EXPECT_EQ(d->freed, 1);
	drive_data(d, 0, 100);
	EXPECT_EQ(d->delivered, 200);
	EXPECT_EQ(xtcp_prune(&d->t), 0);
}

/* As the shell does: all that a run holds in one buffer. */
static void pack(struct drive *d)
{
	struct xtcp_run *run = NULL;

	while ((run = xtcp_loose_run(&d->t, run))) {
		struct drive_buf *one = calloc(1, sizeof(*one)), *buf = run->first, *next;

		one->seq = run->start;
		one->take = run->end - run->start;
		for (; buf; buf = next) {
			next = buf->next;
			free(buf);
			d->freed++;
		}
		xtcp_run_packed(&d->t, run, one, one, 1);
		d->held++;
	}
}

TEST_F(reasm, small_segments_are_packed)
{
	struct drive *d = &self->d;
	u32 i;

	drive_data(d, 100, 1);
	drive_data(d, 101, 1);
	EXPECT_FALSE(xtcp_runs_loose(&d->t));
	for (i = 102; i < 120; i++)
		drive_data(d, i, 1);
	EXPECT_EQ(d->t.rcv.run_bufs, 20);
	EXPECT_TRUE(xtcp_runs_loose(&d->t));
	pack(d);
	EXPECT_EQ(d->t.rcv.run_bufs, 1);
	EXPECT_EQ(d->freed, 20);
	EXPECT_FALSE(xtcp_runs_loose(&d->t));
	EXPECT_EQ(xtcp_loose_run(&d->t, NULL), NULL);
	/* and they are part of what follows as if they had not been */
	drive_data(d, 120, 10);
	drive_data(d, 90, 10);
	EXPECT_EQ(d->t.rcv.run_bufs, 3);
	drive_data(d, 0, 90);
	EXPECT_EQ(d->delivered, 130);
	EXPECT_TRUE(d->ordered);
	EXPECT_EQ(d->t.rcv.run_bufs, 0);
}

/* Nothing to win by it: full segments, and bytes that do not adjoin. */
TEST_F(reasm, others_are_not)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 1; i < 20; i++)
		drive_data(d, i * MSS, MSS);
	EXPECT_FALSE(xtcp_runs_loose(&d->t));
	for (i = 0; i < 100; i++)
		drive_data(d, 21 * MSS + 2 * i, 1);
	EXPECT_FALSE(xtcp_runs_loose(&d->t));
	/* The one that is packed is not worth looking at all the others. */
	for (i = 0; i < 80; i++)
		drive_data(d, 40 * MSS + i, 1);
	EXPECT_FALSE(xtcp_runs_loose(&d->t));
}

/* The model: which bytes arrived, and how many are in order. */
struct model {
	u8 here[RCVBUF];
	u32 next;
};

static void model_add(struct model *m, u32 start, u32 len)
{
	memset(m->here + start, 1, len);
	while (m->next < RCVBUF && m->here[m->next])
		m->next++;
}

static u32 bufs_of(const struct xtcp_run *run)
{
	const struct drive_buf *buf;
	u32 bufs = 0;

	for (buf = run->first; buf; buf = buf->next)
		bufs++;
	return bufs;
}

static bool model_agrees(const struct model *m, const struct xtcp_tcb *t, u64 base)
{
	const struct xtcp_run *run;
	u64 at, after = t->rcv.nxt;
	u32 bytes = 0, bufs = 0, i;

	for (run = xtcp_run_first(t); run; run = xtcp_run_next(run)) {
		if (!xtcp_after(run->start, after))
			return false;
		if (run->bufs != bufs_of(run))
			return false;
		bufs += run->bufs;
		for (at = run->start; at != run->end; at++, bytes++)
			if (!m->here[at - base])
				return false;
		after = run->end;
	}
	for (i = m->next; i < RCVBUF; i++)
		bytes -= m->here[i];
	return !bytes && bufs == t->rcv.run_bufs && t->rcv.run_bytes + m->next <= RCVBUF;
}

static bool random_segments(struct drive *d, struct host_random *rand)
{
	struct model model = { .next = 0 };
	u32 longest = host_between(rand, 1, 3000), start, len, end, i;
	u32 total = host_between(rand, 1, RCVBUF / 2);

	for (i = 0; i < 400 && model.next < total; i++) {
		start = host_below(rand, total);
		if (host_chance(rand, 300))
			start = model.next;
		else if (host_chance(rand, 300))
			start = model.next > 50 ? model.next - 50 : 0;
		len = host_between(rand, 1, longest);
		end = min(start + len, total);
		if (start == end)
			continue;
		drive_data(d, start, end - start);
		model_add(&model, start, end - start);
		if (d->delivered != model.next || !d->ordered ||
		    !model_agrees(&model, &d->t, d->irs + 1))
			return false;
		drive_forget(d);
		if (xtcp_runs_loose(&d->t))
			pack(d);
	}
	return true;
}

TEST(random_overlapping_segments)
{
	struct drive *d = malloc(sizeof(*d));
	struct host_random rand;
	u64 seed;

	ASSERT_NE(d, NULL);
	for (seed = 1; seed <= 300; seed++) {
		rand.state = seed;
		drive_open(d, MSS + XTCP_TS_LEN, RCVBUF);
		ASSERT_TRUE(random_segments(d, &rand))
			TH_LOG("seed %lu", (unsigned long)seed);
		drive_end(d);
	}
	free(d);
}

TEST_HARNESS_MAIN
