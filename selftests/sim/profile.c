// SPDX-License-Identifier: GPL-2.0
/*
 * What a seed makes of the path, the windows, the sizes and the mishaps. Each
 * is drawn from a few classes, the ordinary ones and the extreme ones, so that
 * extremes meet each other often.
 */
#include "sim.h"

#define KB	1024U
#define MB	(1024U * KB)

static u32 pick(struct host_random *rand, const u32 *from, u32 n)
{
	return from[host_below(rand, n)];
}

#define PICK(rand, ...)								\
	({									\
		static const u32 choice[] = { __VA_ARGS__ };			\
										\
		pick(rand, choice, ARRAY_SIZE(choice));		\
	})

/* A window of a few bytes moves a few bytes in a round trip: less to send. */
static u64 amount(struct host_random *rand, const struct sim_side *from, const struct sim_side *to)
{
	u64 limit = min_t(u64, 300ULL * min(to->rcvbuf, from->sndbuf), 600ULL * KB);

	limit = min_t(u64, limit, 1500ULL * min(to->read, from->chunk));
	switch (host_below(rand, 8)) {
	case 0:
		return 0;
	case 1:
		return host_below(rand, min_t(u64, limit, 3 * KB) + 1);
	default:
		return host_between(rand, limit / 4, limit);
	}
}

static void profile_side(struct sim_side *s, struct host_random *rand)
{
	s->loss = PICK(rand, 0, 0, 1, 10, 30, 100, 200);
	s->rcvbuf = PICK(rand, 1, 2, 100, 511, 4 * KB, 16 * KB, 64 * KB, 64 * KB, 256 * KB,
			 256 * KB, MB, 16 * MB);
	s->rcvbuf = host_between(rand, s->rcvbuf - s->rcvbuf / 4, s->rcvbuf);
	s->sndbuf = PICK(rand, 1, 1000, 16 * KB, 64 * KB, 256 * KB, MB, 4 * MB);
	s->path_mss = PICK(rand, XTCP_MSS_MIN, 536, 1200, 1448, 1448, 1448, 8948, 65000);
	s->burst = PICK(rand, 1, 1, 4, 16, 45);
	s->burst = min(s->burst * s->path_mss, 65000U);
	s->chunk = PICK(rand, 1, 100, 1000, 16 * KB, 64 * KB, 64 * KB, MB);
	s->read = PICK(rand, 1, 1000, 16 * KB, 64 * KB, 64 * KB, MB, 16 * MB);
	s->think = PICK(rand, 0, 0, 0, 1, 10, 100) * XTCP_MS;
	s->stall = PICK(rand, 0, 0, 0, 1, 5);
	s->urgent = PICK(rand, 0, 0, 1, 50, 1000);
	s->nodelay = host_chance(rand, 500);
	s->close_early = host_chance(rand, 300);
	s->grow = host_chance(rand, 300);
	s->probing = PICK(rand, XTCP_PROBING_OFF, XTCP_PROBING_LATER, XTCP_PROBING_ALWAYS);
	s->cc = xtcp_cc_all[host_below(rand, 4)];
}

/*
 * A path on which nothing happens: nothing may have to be sent twice. Segments keep their
 * size, too: a peer that was used to longer ones does not at once know which are full (D5),
 * and a tail loss probe (D9) may come before its ACK; as it may where timers are late.
 */
static void clean(struct sim_profile *p)
{
	p->side[0].loss = 0;
	p->side[1].loss = 0;
	p->jitter = 0;
	p->rate = 0;
	p->dup = 0;
	p->reorder = 0;
	p->node_fail = 0;
	p->buf_fail = 0;
	p->send_fail = 0;
	p->prune = 0;
	p->stale = 0;
	p->link_mss = 65535;
	p->mss_gap = 0;
	p->cut = 0;
	p->tick = 0;
	p->hole = false;
}

/* Does so little of a side's data arrive in 60 s that it is not more than a few segments? */
static bool crawls(const struct sim_profile *p, u32 side)
{
	u64 rounds = 60 * XTCP_SEC / (2 * p->delay + p->jitter + p->tick + XTCP_MS);

	return rounds * p->side[!side].rcvbuf < 4 * p->side[side].path_mss;
}

/**
 * sim_hole - what a path takes that does not say so
 * @rand: the seed's sequence
 *
 * Return: bytes of options and payload; never less than D10 relies on.
 */
u32 sim_hole(struct host_random *rand)
{
	return host_between(rand, XTCP_SAFE_LEN - XTCP_HDR_LEN, PICK(rand, 1448, 1448, 8948));
}

/**
 * sim_profile - draw the circumstances of a connection
 * @p: where they go
 * @rand: the seed's sequence
 */
void sim_profile(struct sim_profile *p, struct host_random *rand)
{
	u32 i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < SIM_SIDES; i++)
		profile_side(&p->side[i], rand);
	for (i = 0; i < SIM_SIDES; i++)
		p->side[i].bytes = amount(rand, &p->side[i], &p->side[!i]);

	p->delay = PICK(rand, 10, 100, 1000, 1000, 20000, 20000, 75000, 300000) * XTCP_US;
	p->jitter = p->delay * PICK(rand, 0, 0, 1, 2, 10, 30) / 10;
	p->rate = PICK(rand, 0, 0, 0, 100 * MB, 10 * MB, MB);
	p->queue = PICK(rand, 70 * KB, 200 * KB, MB);
	p->dup = PICK(rand, 0, 0, 10, 100);
	p->reorder = PICK(rand, 0, 0, 10, 100);
	p->ce = PICK(rand, 0, 0, 0, 20, 500);
	p->merge = PICK(rand, 0, 500, 1000);
	p->node_fail = PICK(rand, 0, 0, 50, 300);
	p->send_fail = PICK(rand, 0, 0, 10, 200);
	p->buf_fail = PICK(rand, 0, 0, 0, 20, 100);
	p->prune = PICK(rand, 0, 0, 0, 5, 50);
	p->cut = PICK(rand, 0, 0, 100);
	p->tick = PICK(rand, 0, 1, 4) * XTCP_MS;
	p->link_mss = PICK(rand, 0, 0, 0, 1) ? PICK(rand, XTCP_PATH_MSS_MIN, 600, 1448) : 65535;
	p->mss_gap = PICK(rand, 0, 0, 50, 500) * XTCP_MS;
	p->halves = host_chance(rand, 700);
	p->half_use = PICK(rand, XTCP_HALF_CACHE, XTCP_HALF_CACHE, XTCP_HALF_NEEDED,
			   XTCP_HALF_NEVER);
	p->halves |= p->half_use == XTCP_HALF_NEEDED;
	p->cross = host_chance(rand, 250);
	p->stale = PICK(rand, 0, 0, 1, 5);
	p->hole = host_chance(rand, 200);
	if (p->hole) {
		p->link_mss = sim_hole(rand);
		for (i = 0; i < SIM_SIDES; i++)	/* who does not search does not find */
			p->side[i].probing = max_t(u8, p->side[i].probing, XTCP_PROBING_LATER);
	}
	p->clean = host_chance(rand, 100);
	if (p->clean)
		clean(p);
	/* C5 gives an orphan up after 60 s: not a matter for paths that lose or take too much. */
	for (i = 0; i < SIM_SIDES; i++)
		if (p->side[0].loss + p->side[1].loss > 40 || crawls(p, i))
			p->side[i].close_early = false;
}
