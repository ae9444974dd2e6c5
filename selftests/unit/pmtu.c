// SPDX-License-Identifier: GPL-2.0
/* D10: what the path takes (pmtu.c): probes upward, their loss, black holes, routes, limits. */
#include "drive.h"
#include "kselftest_harness.h"

#define ROUTE	1448U			/* bytes of options and payload */
#define BASE	(XTCP_SAFE_LEN - XTCP_HDR_LEN)
#define RCVBUF	65536
#define MUCH	20000			/* enough for any probe and those behind it */
#define STREAM	(1U << 20)
#define PROBES	32

/* A path that takes so much and drops the rest, and the peer behind it. */
struct path {
	u32 limit;		/* bytes of options and payload */
	u32 at;			/* transmissions looked at */
	u32 probes;		/* of them, and their sizes */
	u32 size[PROBES];
	u32 longest;
	u64 acked;
	u8 got[STREAM];
};

static u32 size_of(const struct drive_sent *sent)
{
	return sent->tx.hdr - XTCP_HDR_LEN + sent->pkt.len;
}

FIXTURE(pmtu)
{
	struct drive d;
	struct path path;
};

FIXTURE_SETUP(pmtu)
{
	drive_open(&self->d, ROUTE, RCVBUF);
	self->d.t.burst = 1;		/* no super-packets: one transmission, one packet */
	self->path.limit = ROUTE;
}

FIXTURE_TEARDOWN(pmtu)
{
	drive_end(&self->d);
}

/* What the peer answers to a segment: an ACK, and what it has beyond a hole. */
static void answer(struct drive *d, struct path *p)
{
	struct xtcp_pkt pkt;
	u64 range[1][2];

	while (p->acked < STREAM && p->got[p->acked])
		p->acked++;
	range[0][0] = p->acked;
	while (range[0][0] < STREAM && !p->got[range[0][0]])
		range[0][0]++;
	range[0][1] = range[0][0];
	while (range[0][1] < STREAM && p->got[range[0][1]])
		range[0][1]++;
	pkt = drive_pkt(d, 0, 0, p->acked);
	if (range[0][0] < range[0][1])
		drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
}

/* Carry what was sent, a millisecond apart, until all that arrives is acknowledged. */
static void carry(struct drive *d, struct path *p)
{
	const struct drive_sent *sent;
	u32 size, path_mss;

	while (p->at < d->sent) {
		sent = &d->out[p->at++];
		size = size_of(sent);
		path_mss = d->t.path_mss;
		p->longest = max(p->longest, size);
		if (sent->tx.probe)
			p->size[p->probes++ % PROBES] = size;
		if (sent->pkt.len && size <= p->limit) {
			memset(p->got + drive_seq(d, sent), 1, sent->pkt.len);
			drive_run(d, d->now + XTCP_MS);
			answer(d, p);
		}
		/* Nothing but an answered probe raises it. */
		if (d->t.path_mss > path_mss && d->t.path_mss > p->limit)
			abort();
		if (p->at == d->sent || p->at > DRIVE_SENT_MAX / 2) {
			memmove(d->out, d->out + p->at, (d->sent - p->at) * sizeof(d->out[0]));
			d->sent -= p->at;
			p->at = 0;
		}
	}
}

static void write_and_carry(struct drive *d, struct path *p, u32 bytes)
{
	drive_write(d, bytes, XTCP_WRITE_PUSH);
	carry(d, p);
}

TEST_F(pmtu, D10_what_the_route_says_at_first_is_used)
{
	struct drive *d = &self->d;
	u32 i;

	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	ASSERT_GT(d->sent, 5);
	for (i = 0; i < d->sent; i++) {
		EXPECT_FALSE(d->out[i].tx.probe);
		EXPECT_LE(size_of(&d->out[i]), ROUTE);
	}
	EXPECT_EQ(d->t.path_mss, ROUTE);
}

TEST_F(pmtu, D10_one_probe_of_all_the_route_takes)
{
	struct drive *d = &self->d;
	u32 i;

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	ASSERT_GT(d->sent, 5);
	EXPECT_TRUE(d->out[0].tx.probe);
	EXPECT_EQ(size_of(&d->out[0]), ROUTE);
	EXPECT_EQ(d->out[0].tx.len, d->out[0].tx.mss);
	for (i = 1; i < d->sent; i++)
		EXPECT_LE(size_of(&d->out[i]), BASE);
	EXPECT_EQ(d->t.mss, BASE);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_RAISED), 0);
	drive_ack(d, d->out[0].tx.len);
	EXPECT_EQ(d->t.mss, ROUTE);
	EXPECT_EQ(d->t.path_mss, ROUTE);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_MTU_PROBE));
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_MTU_RAISED));
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE_LOST), 0);
}

TEST_F(pmtu, D10_probe_that_is_reported_has_arrived)
{
	const u64 range[1][2] = { { 2000, 2000 + ROUTE } };
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	drive_write(d, 2000, XTCP_WRITE_PUSH);
	xtcp_set_path_mss(&d->t, BASE);
	drive_forget(d);
	d->t.snd.ts_at = d->now;		/* no TS */
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	ASSERT_TRUE(d->out[0].tx.probe);
	ASSERT_EQ(d->out[0].tx.len, ROUTE);
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.mss, ROUTE);
}

TEST_F(pmtu, D10_lost_probe_is_repaired_at_once_and_no_congestion)
{
	struct drive *d = &self->d;
	u32 cwnd, probe, i, end, again = 0;
	struct xtcp_pkt pkt;
	u64 range[1][2];

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	probe = d->out[0].tx.len;
	end = probe;
	cwnd = d->t.cc.cwnd;
	d->now += 10 * XTCP_MS;
	for (i = 1; i <= 3; i++) {
		end += d->out[i].tx.len;
		range[0][0] = probe;
		range[0][1] = end;
		pkt = drive_pkt(d, 0, 0, 0);
		drive_sack(d, &pkt, 1, range);
		if (i == 3)
			drive_forget(d);
		drive_in(d, &pkt);
	}
	/* its bytes go first, in segments of the old size */
	for (i = 0; i < d->sent && d->out[i].tx.why == XTCP_WHY_REXMIT; i++) {
		EXPECT_EQ(drive_seq(d, &d->out[i]), again);
		EXPECT_LE(size_of(&d->out[i]), BASE);
		again += d->out[i].tx.len;
	}
	EXPECT_EQ(again, probe);
	EXPECT_EQ(d->t.recovery + 0, 0);
	EXPECT_GE(d->t.cc.cwnd, cwnd);
	EXPECT_EQ(d->t.cc.ssthresh, XTCP_CC_INFINITE);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_RECOVERY), 0);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_MTU_PROBE_LOST));
	EXPECT_EQ(d->t.mss, BASE);
}

TEST_F(pmtu, D10_other_losses_beside_a_probe_are_congestion)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u64 range[1][2];

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	ASSERT_GT(d->sent, 6);
	d->now += 10 * XTCP_MS;
	range[0][0] = drive_seq(d, &d->out[2]);
	range[0][1] = drive_seq(d, &d->out[6]);
	pkt = drive_pkt(d, 0, 0, 0);
	drive_sack(d, &pkt, 1, range);
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.recovery + 0, 1);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_RECOVERY));
}

TEST_F(pmtu, D10_one_probe_at_a_time)
{
	struct drive *d = &self->d;
	u32 i, probes = 0;

	xtcp_set_path_mss(&d->t, BASE);
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_write(d, 5 * MUCH, XTCP_WRITE_PUSH);
	drive_ack(d, ROUTE / 2);	/* not all of it */
	drive_write(d, 5 * MUCH, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.snd.nxt, d->t.snd.end);
	for (i = 0; i < d->sent; i++)
		probes += d->out[i].tx.probe;
	EXPECT_EQ(probes, 1);
}

/* Many paths, with sanitizers: seconds, and on a busy machine many more. */
TEST_F_TIMEOUT(pmtu, D10_search_finds_what_the_path_takes, 300)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;
	u32 limit, i;

	for (limit = BASE; limit <= ROUTE; limit += 7) {
		drive_end(d);
		drive_open(d, ROUTE, RCVBUF);
		d->t.burst = 1;
		d->wnd = 30000;
		memset(p, 0, sizeof(*p));
		p->limit = limit;
		xtcp_set_path_mss(&d->t, BASE);
		for (i = 0; i < 20; i++)
			write_and_carry(d, p, MUCH);
		EXPECT_EQ(p->acked, 20 * MUCH);
		EXPECT_LE(d->t.path_mss, limit);
		EXPECT_GE(d->t.path_mss + XTCP_PMTU_STEP, limit);
		EXPECT_EQ(d->t.path_mss, d->t.mss);
		EXPECT_LE(p->probes, 3 + 3 * 5);	/* the route's, then halves of 280 */
		EXPECT_EQ(d->t.stat.rtos, 0);
		EXPECT_EQ(d->t.events & BIT(XTCP_EV_RECOVERY), 0);
	}
}

TEST_F(pmtu, D10_three_probes_of_a_size)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;
	u32 i;

	p->limit = BASE;
	d->wnd = 30000;
	xtcp_set_path_mss(&d->t, BASE);
	for (i = 0; i < 20; i++)
		write_and_carry(d, p, MUCH);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(p->size[i], ROUTE);
		EXPECT_EQ(p->size[i + 3], (BASE + ROUTE) / 2);
		EXPECT_EQ(p->size[i + 6], (3 * BASE + ROUTE) / 4);
	}
	EXPECT_EQ(p->probes, 3 * 6);	/* until less than 16 are left of 280 */
	EXPECT_EQ(d->t.path_mss, BASE);
	EXPECT_EQ(p->acked, 20 * MUCH);
}

TEST_F(pmtu, D10_raise_timer)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;
	u64 over;
	u32 i;

	p->limit = 1300;
	xtcp_set_path_mss(&d->t, BASE);
	for (i = 0; i < 20; i++)
		write_and_carry(d, p, MUCH);
	EXPECT_GE(d->t.path_mss + XTCP_PMTU_STEP, 1300);
	over = d->now;
	p->probes = 0;
	p->limit = ROUTE;
	/* nothing for 600 s, and no timer either: nobody is woken for it */
	EXPECT_EQ(d->t.timer_next == XTCP_NEVER || d->t.timer_next <= over + 60 * XTCP_SEC, true);
	drive_run(d, over + XTCP_PMTU_RAISE - XTCP_SEC);
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 0);
	drive_run(d, over + XTCP_PMTU_RAISE);
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 1);
	EXPECT_EQ(d->t.path_mss, ROUTE);
}

TEST_F(pmtu, D10_no_probe_in_recovery)
{
	struct drive *d = &self->d;
	u32 i;

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, 1000, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	ASSERT_EQ(d->t.recovery + 0, 1);
	d->t.cc.cwnd = XTCP_CC_INFINITE;
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	for (i = 0; i < d->sent; i++)
		EXPECT_FALSE(d->out[i].tx.probe);
}

TEST_F(pmtu, D10_no_probe_without_data_behind_it)
{
	struct drive *d = &self->d;

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, ROUTE + 3 * BASE - 1, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
	drive_ack(d, ROUTE + 3 * BASE - 1);
	drive_write(d, ROUTE + 3 * BASE, XTCP_WRITE_PUSH);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_MTU_PROBE));
}

TEST_F(pmtu, D10_no_probe_that_a_window_has_no_room_for)
{
	struct drive *d = &self->d;

	xtcp_set_path_mss(&d->t, BASE);
	d->t.snd.edge = d->t.snd.nxt + ROUTE + 3 * BASE - 1;
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	EXPECT_GT(d->sent, 0);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
}

TEST_F(pmtu, D10_no_probe_that_cwnd_will_not_have_room_for)
{
	struct drive *d = &self->d;

	xtcp_set_path_mss(&d->t, BASE);
	d->t.cc.cwnd = ROUTE + 3 * BASE - 1;
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	EXPECT_GT(d->sent, 0);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
}

TEST_F(pmtu, D10_probe_waits_until_the_network_has_drained)
{
	struct drive *d = &self->d;
	u32 i, acked = 0, pipe;

	drive_write(d, 2 * MUCH, XTCP_WRITE_PUSH);	/* cwnd is used up */
	d->t.cc.ssthresh = d->t.cc.cwnd;
	xtcp_set_path_mss(&d->t, BASE);
	drive_forget(d);
	for (i = 0; i < 4 && !d->sent; i++) {
		acked += 400;
		drive_ack(d, acked);
	}
	ASSERT_GE(d->sent, 1);
	EXPECT_TRUE(d->out[0].tx.probe);
	pipe = d->t.snd.nxt - d->t.snd.una;
	EXPECT_LE(pipe, d->t.cc.cwnd);
}

TEST_F(pmtu, D10_no_probe_while_urgent)
{
	struct drive *d = &self->d;

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, MUCH, XTCP_WRITE_PUSH | XTCP_WRITE_OOB);
	EXPECT_GT(d->sent, 0);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
}

TEST_F(pmtu, D10_probing_can_be_switched_off)
{
	struct drive *d = &self->d;

	d->t.tune.mtu_probing = XTCP_PROBING_OFF;
	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
	/* then there is no other way than to believe the route */
	xtcp_set_route_mss(&d->t, 8948, d->now);
	EXPECT_EQ(d->t.mss, 8948);
	xtcp_set_route_mss(&d->t, 1000, d->now);
	EXPECT_EQ(d->t.mss, 1000);
}

TEST_F(pmtu, D10_no_black_hole_where_probing_is_off)
{
	struct drive *d = &self->d;

	d->t.tune.mtu_probing = XTCP_PROBING_OFF;
	drive_write(d, 1440, XTCP_WRITE_PUSH);
	while (d->t.stat.rtos < 3)
		drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.mss, ROUTE);
}

TEST_F(pmtu, D10_a_wider_route_is_tried_first)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;

	xtcp_set_route_mss(&d->t, 3000, d->now);
	EXPECT_EQ(d->t.mss, ROUTE);
	p->limit = 3000;
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 1);
	EXPECT_EQ(d->t.mss, 3000);
}

TEST_F(pmtu, D10_a_narrower_route_is_believed_at_once)
{
	struct drive *d = &self->d;

	xtcp_set_route_mss(&d->t, 900, d->now);
	EXPECT_EQ(d->t.mss, 900);
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
	EXPECT_LE(size_of(&d->out[0]), 900);
}

TEST_F(pmtu, D10_too_big_then_wider_again)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;

	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 1300, d->now), NULL);
	EXPECT_EQ(d->t.mss, 1300);
	p->limit = 1300;
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 0);
	/* what the route knew of it is out of date */
	xtcp_set_route_mss(&d->t, ROUTE, d->now);
	EXPECT_EQ(d->t.mss, 1300);
	p->limit = ROUTE;
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 1);
	EXPECT_EQ(d->t.mss, ROUTE);
}

TEST_F(pmtu, D10_too_big_answers_a_probe)
{
	struct drive *d = &self->d;
	u32 i, cwnd = d->t.cc.cwnd, again = 0;

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, 2 * MUCH, XTCP_WRITE_PUSH);
	ASSERT_TRUE(d->out[0].tx.probe);
	drive_forget(d);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 1300, d->now), NULL);
	EXPECT_EQ(d->t.mss, BASE);
	for (i = 0; i < d->sent && d->out[i].tx.why == XTCP_WHY_REXMIT; i++) {
		EXPECT_EQ(drive_seq(d, &d->out[i]), again);
		again += d->out[i].tx.len;
	}
	EXPECT_GE(again, ROUTE - XTCP_TS_LEN);
	EXPECT_EQ(d->t.cc.cwnd, cwnd);
	EXPECT_EQ(d->t.recovery + 0, 0);
	/* and says what to try next */
	drive_forget(d);
	drive_ack(d, d->t.snd.nxt - d->iss - 1);
	ASSERT_GT(d->sent, 0);
	EXPECT_TRUE(d->out[0].tx.probe);
	EXPECT_EQ(size_of(&d->out[0]), 1300);
}

TEST_F(pmtu, D10_too_big_below_the_floor_repeats_nothing)
{
	struct drive *d = &self->d;
	u32 i;

	for (i = 0; i < 3; i++) {
		drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 1, d->now), NULL);
		EXPECT_EQ(d->t.mss, XTCP_PATH_MSS_MIN);
		drive_write(d, 300, XTCP_WRITE_PUSH);
		EXPECT_EQ(d->t.stat.rexmits, 0);
	}
}

TEST_F(pmtu, D10_two_timeouts_count_as_two_probes)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;

	p->limit = BASE;
	drive_write(d, ROUTE - XTCP_TS_LEN, XTCP_WRITE_PUSH);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.mss, BASE);
	carry(d, p);
	write_and_carry(d, p, 3 * MUCH);
	EXPECT_EQ(p->size[0], ROUTE);	/* one of these is enough */
	EXPECT_EQ(p->size[1], (BASE + ROUTE) / 2);
	EXPECT_EQ(p->acked, ROUTE - XTCP_TS_LEN + 3 * MUCH);
}

TEST_F(pmtu, D10_path_that_was_only_down)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;

	p->limit = 0;
	write_and_carry(d, p, 1440);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	carry(d, p);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	ASSERT_EQ(d->t.mss, BASE);
	p->limit = ROUTE;
	carry(d, p);
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 1);
	EXPECT_EQ(d->t.mss, ROUTE);
}

TEST_F(pmtu, D10_timeout_takes_the_probe_along)
{
	struct drive *d = &self->d;
	u32 i;

	xtcp_set_path_mss(&d->t, BASE);
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	ASSERT_TRUE(d->out[0].tx.probe);
	drive_forget(d);
	drive_run(d, d->t.deadline[XTCP_T_RTO]);
	EXPECT_EQ(d->t.timed_out + 0, 1);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_MTU_PROBE_LOST));
	for (i = 0; i < d->sent; i++)
		EXPECT_LE(size_of(&d->out[i]), BASE);
}

TEST_F(pmtu, D10_probe_cut_by_the_shell_is_one_of_what_went)
{
	struct drive *d = &self->d;
	struct xtcp_tx tx;

	xtcp_set_path_mss(&d->t, BASE);
	xtcp_written(&d->t, MUCH, XTCP_WRITE_PUSH, d->now);
	drive_refill(d, 4);
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &tx));
	ASSERT_TRUE(tx.probe);
	xtcp_cut(&tx, 1300 - (tx.hdr - XTCP_HDR_LEN));
	xtcp_sent(&d->t, &tx, NULL, d->now, 0);
	drive_ack(d, tx.len);
	EXPECT_EQ(d->t.mss, 1300);
}

TEST_F(pmtu, D10_probe_cut_to_an_ordinary_segment_is_none)
{
	struct drive *d = &self->d;
	struct xtcp_tx tx;

	xtcp_set_path_mss(&d->t, BASE);
	xtcp_written(&d->t, MUCH, XTCP_WRITE_PUSH, d->now);
	drive_refill(d, 4);
	ASSERT_TRUE(xtcp_next(&d->t, d->now, &tx));
	ASSERT_TRUE(tx.probe);
	xtcp_cut(&tx, 100);
	xtcp_sent(&d->t, &tx, NULL, d->now, 0);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
	drive_ack(d, tx.len);
	EXPECT_EQ(d->t.mss, BASE);
	/* not again at once */
	EXPECT_EQ(xtcp_probe_size(&d->t, d->now), 0);
	EXPECT_NE(xtcp_probe_size(&d->t, d->now + XTCP_PMTU_RETRY), 0);
}

TEST_F(pmtu, D10_failed_transmission_is_no_probe)
{
	struct drive *d = &self->d;

	xtcp_set_path_mss(&d->t, BASE);
	d->err = -ENOBUFS;
	drive_write(d, MUCH, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
	d->err = 0;
	drive_run(d, d->now + XTCP_RETRY_MAX);
	ASSERT_GT(d->sent, 0);
	EXPECT_TRUE(d->out[0].tx.probe);
}

TEST_F(pmtu, D10_peer_limits_the_search)
{
	struct drive *d = &self->d;
	struct path *p = &self->path;

	d->t.peer_mss = 1400;
	xtcp_set_path_mss(&d->t, BASE);
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 1);
	EXPECT_EQ(p->longest, 1400);
	EXPECT_EQ(d->t.mss, 1400);
}

TEST_F(pmtu, maxseg_holds_at_once_and_goes_at_once)
{
	struct drive *d = &self->d;

	d->t.tune.maxseg = 700;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.mss, 700);
	EXPECT_EQ(d->t.path_mss, ROUTE);
	drive_write(d, 5000, XTCP_WRITE_PUSH);
	EXPECT_LE(size_of(&d->out[0]), 700);
	d->t.tune.maxseg = 0;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.mss, ROUTE);
	EXPECT_EQ(d->t.events & BIT(XTCP_EV_MTU_PROBE), 0);
}

TEST_F(pmtu, maxseg_below_what_hello_can_say)
{
	struct drive *d = &self->d;

	d->t.tune.maxseg = 88;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.mss, XTCP_MSS_MIN);
}

TEST(maxseg_is_announced)
{
	struct drive *d = malloc(sizeof(*d));
	struct xtcp_hello hello;

	ASSERT_NE(d, NULL);
	drive_init(d, ROUTE, RCVBUF);
	d->t.tune.maxseg = 900;
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	xtcp_read_hello(&drive_last(d)->pkt, &hello);
	EXPECT_EQ(hello.mss, 900);
	drive_end(d);
	free(d);
}

/* The peer is told what the route takes: its own way is another one. */
TEST(D10_always_probing_begins_below)
{
	struct drive *d = malloc(sizeof(*d));
	struct path *p = calloc(1, sizeof(*p));
	struct xtcp_hello hello;

	ASSERT_NE(d, NULL);
	ASSERT_NE(p, NULL);
	drive_init(d, ROUTE, RCVBUF);
	d->t.tune.mtu_probing = XTCP_PROBING_ALWAYS;
	xtcp_set_route_mss(&d->t, ROUTE, d->now);
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	xtcp_read_hello(&drive_last(d)->pkt, &hello);
	EXPECT_EQ(hello.mss, ROUTE);
	d->now += 10 * XTCP_MS;
	drive_syn_ack(d, true);
	drive_ack(d, 0);
	drive_forget(d);
	d->t.burst = 1;
	EXPECT_EQ(d->t.mss, BASE);
	p->limit = ROUTE;
	write_and_carry(d, p, MUCH);
	EXPECT_EQ(p->probes, 1);
	EXPECT_EQ(d->t.mss, ROUTE);
	drive_end(d);
	free(p);
	free(d);
}

TEST(D10_route_may_change_before_the_connection_is_open)
{
	struct drive *d = malloc(sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_connect(d, ROUTE, RCVBUF);
	xtcp_set_route_mss(&d->t, 8948, d->now);
	EXPECT_EQ(d->t.path_mss, 8948);
	drive_end(d);
	free(d);
}

TEST_HARNESS_MAIN
