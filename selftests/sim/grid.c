// SPDX-License-Identifier: GPL-2.0
/*
 * The paths of selftests/path/cells, and random ones, on the core alone: what comes
 * of a transfer, in comparison with what the algorithm's own formula makes of such a
 * path. It is for finding where that is little; nothing but damage is a failure.
 *
 * What codel would mark is marked from 5 ms of queue on; what it would drop the queue's
 * end drops. What comes late does so behind the narrow part.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <kselftest.h>

#include "sim.h"

#define MSS		1448U
#define BYTES		30000000U	/* as selftests/path/rig.sh */
#define BYTES_RANDOM	4000000U
#define PACKETS		10U		/* the shortest queue */
#define WORST		10U
#define TARGET		(5 * XTCP_MS)	/* RFC 8289 4.4 */

/* A line of the table; units as there. */
struct path {
	char group[16], name[24], aqm[8];
	double rtt, down, up, loss, burst, late, by, dup, jitter, queue;
};

struct score {
	struct path path;
	const char *cc;
	u64 seed;
	double rate, share;	/* Mb/s; of what the formula says */
	bool good;
};

static u32 chance(double percent)
{
	return percent / 100 * U32_MAX;
}

static void fill_side(struct sim_side *side, const char *cc)
{
	side->rcvbuf = 16 << 20;
	side->sndbuf = 16 << 20;
	side->path_mss = MSS;
	side->burst = MSS;
	side->chunk = 256 << 10;
	side->read = 16 << 20;
	side->cc = xtcp_cc_find(cc);
	side->nodelay = true;
}

static void fill_profile(struct sim_profile *p, const struct path *path, const char *cc, u32 bytes)
{
	double bdp = path->down * path->rtt * 125;
	u32 i;

	memset(p, 0, sizeof(*p));
	p->delay = path->rtt / 2 * XTCP_MS;
	p->rate = path->down * 125000;
	p->back = path->up * 125000;
	p->queue = max(bdp * path->queue, PACKETS * (MSS + 66.0));
	p->link_mss = 65535;
	p->halves = true;
	/* Without runs the last fate says nothing of the next. */
	p->fail = chance(path->burst > 1 ? path->loss / (1 - path->loss / 100) / path->burst :
			 path->loss);
	p->recover = chance(path->burst > 1 ? 100 / path->burst : 100 - path->loss);
	p->late = chance(path->late);
	p->late_by = path->by * XTCP_MS;
	p->twice = chance(path->dup);
	p->bunch = 2 * path->jitter * XTCP_MS;
	if (!strcmp(path->aqm, "ecn"))
		p->mark = p->rate / (XTCP_SEC / TARGET);
	for (i = 0; i < SIM_SIDES; i++)
		fill_side(&p->side[i], cc);
	p->side[SIM_CLIENT].bytes = bytes;
}

/*
 * What the algorithm's formula says, Mb/s: Reno's (RFC 5681, Mathis et al. 1997) and
 * CUBIC's (RFC 9438 5.1) average windows, BBR's is the path's; after an opening and
 * the round trips of a slow start up to there. Luck in slow start beats it.
 */
static double formula(const struct path *path, const char *cc, u32 bytes)
{
	double most = path->down * MSS / (MSS + 66), p = path->loss / 100 / path->burst;
	double rtt = (path->rtt + path->jitter) / 1000, segments, rounds;
	double window = most * 1e6 / 8 * rtt;

	if (p && strcmp(cc, "bbr")) {
		segments = 1.22 / sqrt(p);
		if (!strcmp(cc, "cubic"))
			segments = max(segments, 1.054 * pow(rtt / p, 0.75));
		window = min(window, segments * MSS);
	}
	rounds = 1 + log2(max(1.0, min_t(double, window, bytes) / (XTCP_CC_INIT_SEGS * MSS)));
	return bytes * 8 / 1e6 / (rounds * rtt + bytes / window * rtt);
}

static struct score run_path(const struct path *path, const char *cc, u64 seed, u32 bytes)
{
	struct score score = { .path = *path, .cc = cc, .seed = seed };
	struct sim_profile profile;
	struct sim_world w = { .seed = seed, .fixed = &profile };

	fill_profile(&profile, path, cc, bytes);
	sim_run(&w);
	score.good = !w.failed;
	if (w.failed) {
		ksft_print_msg("%s, %s, seed %llu: %s\n", path->name, cc, llu(seed), w.failed);
		return score;
	}
	score.rate = bytes * 8e3 / (w.delivered_at - w.began_at);
	score.share = score.rate / formula(path, cc, bytes);
	return score;
}

static int by_share(const void *a, const void *b)
{
	double x = ((const struct score *)a)->share, y = ((const struct score *)b)->share;

	return x < y ? -1 : x > y;
}

static bool print_worst(struct score *scores, u32 n)
{
	const struct path *p;
	bool good = n;
	u32 i;

	for (i = 0; i < n; i++)
		good &= scores[i].good;
	qsort(scores, n, sizeof(*scores), by_share);
	ksft_print_msg("the worst of %u, beside what the formula says:\n", n);
	for (i = 0; i < n && i < WORST; i++) {
		p = &scores[i].path;
		ksft_print_msg("%s %s seed %llu: %.2f Mb/s, %.2f of it\n", p->name, scores[i].cc,
			       llu(scores[i].seed), scores[i].rate, scores[i].share);
		ksft_print_msg("\t%.1f ms, %.1f/%.1f Mb/s, queue %.2f, %s, jitter %.1f ms\n",
			       p->rtt, p->down, p->up, p->queue, p->aqm, p->jitter);
		ksft_print_msg("\tlost %.3f %% by %.1f, late %.2f %% by %.1f ms, twice %.2f %%\n",
			       p->loss, p->burst, p->late, p->by, p->dup);
	}
	return good;
}

static bool read_path(const char *line, struct path *path)
{
	return line[0] != '#' &&
	       sscanf(line, "%15s %23s %lf %lf %lf %lf %lf %lf %lf %lf %lf %lf %7s",
		      path->group, path->name, &path->rtt, &path->down, &path->up, &path->loss,
		      &path->burst, &path->late, &path->by, &path->dup, &path->jitter,
		      &path->queue, path->aqm) == 13 &&
	       strcmp(path->group, "pair") && strcmp(path->group, "ten");
}

/**
 * sim_grid - all congestion controls for networks at large on a table of paths
 * @file: selftests/path/cells
 *
 * Return: true if there are paths, and all transfers came to their end.
 */
bool sim_grid(const char *file)
{
	static const char *const ccs[] = { "cubic", "bbr", "reno" };
	static struct score scores[512];
	FILE *table = fopen(file, "r");
	struct path path;
	char line[256];
	u32 n = 0, i;

	if (!table)
		return false;
	ksft_print_msg("%-17s%16s%20s%20s\n", "Mb/s (of formula)", ccs[0], ccs[1], ccs[2]);
	while (fgets(line, sizeof(line), table) && n + 3 <= ARRAY_SIZE(scores)) {
		if (!read_path(line, &path))
			continue;
		for (i = 0; i < 3; i++)
			scores[n + i] = run_path(&path, ccs[i], 1, BYTES);
		ksft_print_msg("%-14s%13.2f (%4.2f)%13.2f (%4.2f)%13.2f (%4.2f)\n", path.name,
			       scores[n].rate, scores[n].share, scores[n + 1].rate,
			       scores[n + 1].share, scores[n + 2].rate, scores[n + 2].share);
		n += 3;
	}
	fclose(table);
	return print_worst(scores, n);
}

/* From low to high, each factor as likely. */
static double draw(struct host_random *rand, double low, double high)
{
	return low * pow(high / low, host_below(rand, 1000001) / 1e6);
}

static double sometimes(struct host_random *rand, double low, double high)
{
	return host_chance(rand, 300) ? draw(rand, low, high) : 0;
}

static void draw_path(struct path *path, struct host_random *rand)
{
	*path = (struct path){
		.name = "random",
		.rtt = draw(rand, 1, 300),
		.down = draw(rand, 10, 1000),
		.loss = sometimes(rand, 0.01, 5),
		.burst = host_chance(rand, 300) ? draw(rand, 2, 8) : 1,
		.late = sometimes(rand, 0.01, 5),
		.dup = sometimes(rand, 0.01, 5),
		.jitter = sometimes(rand, 0.1, 20),
		.queue = draw(rand, 0.25, 4),
	};
	path->up = path->down * draw(rand, 0.1, 1);
	path->by = path->rtt * draw(rand, 0.02, 0.5);
	snprintf(path->aqm, sizeof(path->aqm), "%s", host_chance(rand, 200) ? "ecn" : "fifo");
}

/**
 * sim_random_paths - CUBIC and BBR on paths of chance
 * @paths: how many
 * @first: seed of the first
 *
 * Return: true if all transfers came to their end.
 */
bool sim_random_paths(u32 paths, u64 first)
{
	struct score *scores = calloc(2 * (size_t)paths, sizeof(*scores));
	struct host_random rand;
	struct path path;
	bool good;
	u32 i;

	if (!scores)
		abort();
	for (i = 0; i < paths; i++) {
		rand.state = first + i;
		draw_path(&path, &rand);
		scores[2 * i] = run_path(&path, "cubic", first + i, BYTES_RANDOM);
		scores[2 * i + 1] = run_path(&path, "bbr", first + i, BYTES_RANDOM);
	}
	good = print_worst(scores, 2 * paths);
	free(scores);
	return good;
}
