// SPDX-License-Identifier: GPL-2.0
/*
 * sim: many connections, each from one seed; TAP on standard output.
 *
 *	sim [--seeds N] [--first N]	run seeds first .. first + N - 1
 *	sim --seed N [--trace]		run one, with a line for each packet
 *	sim --paths			compare congestion controls on given paths
 *	sim --grid FILE			all congestion controls on the paths of that table
 *	sim --random-paths N [--first N]	CUBIC and BBR on paths of chance
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <kselftest.h>

#include "sim.h"

#define SEEDS		1000
#define GROUP		100	/* seeds in a line of TAP */
#define MB		(1024 * 1024)
#define BYTES_PER_SEED	(100 * MB / SEEDS)

struct tally {
	u64 bytes, events, opened;
};

static bool run_seed(u64 seed, bool trace, struct tally *tally)
{
	struct sim_world w = { .seed = seed, .trace = trace };
	u32 i;

	tally->opened += sim_run(&w);
	for (i = 0; i < SIM_SIDES; i++)
		tally->bytes += w.end[i].app.consumed;
	tally->events += w.events;
	if (!w.failed)
		return true;
	ksft_print_msg("seed %llu: %s; replay: sim --seed %llu --trace\n", llu(seed), w.failed,
		       llu(seed));
	return false;
}

static void run_group(u64 first, u64 seeds, struct tally *tally)
{
	u64 seed;
	bool good = true;

	for (seed = first; seed < first + seeds; seed++)
		good &= run_seed(seed, false, tally);
	ksft_test_result(good, "connections of seeds %llu to %llu\n", llu(first),
			 llu(first + seeds - 1));
}

static void paths(void)
{
	ksft_print_header();
	ksft_set_plan(2);
	ksft_test_result(sim_lossy_path(),
			 "bbr is three times as fast as reno where 1 %% is lost\n");
	ksft_test_result(sim_deep_queue(), "bbr keeps a deep queue short, and is as fast\n");
}

static void __attribute__((noreturn)) one_result(bool good, const char *what)
{
	ksft_print_header();
	ksft_set_plan(1);
	ksft_test_result(good, "%s\n", what);
	ksft_finished();
}

static int usage(const char *name)
{
	fprintf(stderr, "%s [--seeds N] [--first N] | --seed N [--trace] | --paths |\n"
		"\t--grid FILE | --random-paths N [--first N]\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "seed", required_argument, NULL, 's' },
		{ "paths", no_argument, NULL, 'p' },
		{ "grid", required_argument, NULL, 'g' },
		{ "random-paths", required_argument, NULL, 'r' },
		{ "trace", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	u64 seeds = SEEDS, first = 1, done;
	u32 random_paths = 0;
	bool trace = false;
	struct tally tally = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			seeds = strtoull(optarg, NULL, 0);
			break;
		case 'f':
			first = strtoull(optarg, NULL, 0);
			break;
		case 's':
			first = strtoull(optarg, NULL, 0);
			seeds = 1;
			break;
		case 'p':
			paths();
			ksft_finished();
		case 'g':
			one_result(sim_grid(optarg), "all paths of the table");
		case 'r':
			random_paths = strtoul(optarg, NULL, 0);
			break;
		case 't':
			trace = true;
			break;
		default:
			return usage(argv[0]);
		}
	}
	if (optind != argc || !seeds || (trace && seeds != 1))
		return usage(argv[0]);
	if (random_paths)
		one_result(sim_random_paths(random_paths, first), "all random paths");

	ksft_print_header();
	ksft_set_plan((seeds + GROUP - 1) / GROUP + (seeds >= SEEDS ? 2 : 0));
	if (seeds == 1) {
		ksft_test_result(run_seed(first, trace, &tally), "seed %llu\n",
				 llu(first));
		ksft_finished();
	}
	for (done = 0; done < seeds; done += GROUP)
		run_group(first + done, min_t(u64, GROUP, seeds - done), &tally);
	ksft_print_msg("%llu connections opened, %llu bytes, %llu events\n", llu(tally.opened),
		       llu(tally.bytes), llu(tally.events));
	if (seeds >= SEEDS) {
		/* O1 lets an open give up, but hardly ever. */
		ksft_test_result(tally.opened * 100 >= seeds * 99, "99 of 100 opened\n");
		ksft_test_result(tally.bytes >= seeds * BYTES_PER_SEED,
				 "100 MB for each thousand seeds\n");
	}
	ksft_finished();
}
