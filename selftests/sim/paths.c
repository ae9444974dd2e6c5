// SPDX-License-Identifier: GPL-2.0
/*
 * What a congestion control makes of a path that is given: how long a transfer
 * takes, and how much of it waits in front of the narrow part.
 */
#include <kselftest.h>

#include "sim.h"

#define MSS	1448U
#define RATE	10000000U	/* bytes per second */
#define DELAY	(25 * XTCP_MS)	/* one way: RATE for a round trip is 500 KB */
#define BDP	500000U
#define SEED	1
#define MB	1000000U

struct result {
	u64 took;		/* ns: from the first packet to the last byte */
	u64 queue;		/* bytes: what each packet found waiting, on average */
	bool failed;
};

static void fill_side(struct sim_side *side, const struct xtcp_cc_ops *cc)
{
	side->rcvbuf = 16 << 20;
	side->sndbuf = 4 << 20;
	side->path_mss = MSS;
	side->burst = MSS;
	side->chunk = 64 << 10;
	side->read = 16 << 20;
	side->cc = cc;
	side->nodelay = true;
}

static struct result transfer(const char *cc, u32 bytes, u32 loss, u32 queue)
{
	struct sim_profile path = {
		.delay = DELAY, .rate = RATE, .queue = queue, .link_mss = 65535, .halves = true,
	};
	struct sim_world w = { .seed = SEED, .fixed = &path };
	struct result result;
	u32 i;

	for (i = 0; i < SIM_SIDES; i++)
		fill_side(&path.side[i], xtcp_cc_find(cc));
	path.side[SIM_CLIENT].bytes = bytes;
	path.side[SIM_CLIENT].loss = loss;
	sim_run(&w);
	result.took = w.delivered_at - w.began_at;
	result.queue = w.waited[SIM_CLIENT] / max(w.passed[SIM_CLIENT], 1ULL);
	result.failed = w.failed;
	ksft_print_msg("%s, %u per mille lost, room for %u bytes: %llu ms, mean queue %llu bytes\n",
		       cc, loss, queue, llu(result.took / XTCP_MS), llu(result.queue));
	return result;
}

/**
 * sim_lossy_path - 1 % is lost whatever the sender does, and the queue is short
 *
 * Return: true if BBR takes less than a third of Reno's time.
 */
bool sim_lossy_path(void)
{
	struct result bbr = transfer("bbr", 20 * MB, 10, BDP / 8);
	struct result reno = transfer("reno", 20 * MB, 10, BDP / 8);

	return !bbr.failed && !reno.failed && 3 * bbr.took < reno.took;
}

/**
 * sim_deep_queue - nothing is lost before four round trips' worth wait
 *
 * Return: true if a quarter of one at most waits with BBR, and it is about as fast as Reno.
 */
bool sim_deep_queue(void)
{
	struct result bbr = transfer("bbr", 60 * MB, 0, 4 * BDP);
	struct result reno = transfer("reno", 60 * MB, 0, 4 * BDP);

	return !bbr.failed && !reno.failed && 4 * bbr.queue < BDP &&
	       bbr.took < reno.took + reno.took / 4;
}
