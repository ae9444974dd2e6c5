// SPDX-License-Identifier: GPL-2.0
/*
 * explore: looks at every state that the scenarios can reach; TAP.
 *
 *	explore [--smoke] [--states N] [--scenario NAME]...
 *	explore --list
 *
 * Exit code 0: nothing is wrong; 1: a violation, its shortest trace printed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <kselftest.h>

#include "explore.h"

#define PICK_MAX	32

static struct ex_world world;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool picked(const struct ex_scenario *sc, char *const *names, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!strcmp(names[i], sc->name))
			return true;
	return !n;
}

static u64 run(const struct ex_scenario *sc, u64 limit)
{
	struct ex_result result;
	double begin = seconds(), took;

	ex_search(&world, sc, limit, &result);
	took = seconds() - begin;
	ksft_print_msg("%-12s %9llu states %10llu steps, depth %3u, %s, %6.0f states/s: %s\n",
		       sc->name, (unsigned long long)result.states,
		       (unsigned long long)result.steps, result.depth,
		       result.all ? "all there are" : "cut off", result.states / took,
		       sc->about);
	if (result.truncated)
		ksft_print_msg("%-12s %llu steps left out: no room for them in the model\n",
			       sc->name, (unsigned long long)result.truncated);
	ksft_test_result(!result.violation && !result.truncated, "%s%s%s\n", sc->name,
			 result.violation ? ": " : "", result.violation ?: "");
	return result.states;
}

static int list(void)
{
	u32 i;

	for (i = 0; i < ex_scenario_count; i++)
		printf("%s\n", ex_scenarios[i].name);
	return 0;
}

static int usage(const char *name)
{
	fprintf(stderr, "%s [--smoke] [--states N] [--scenario NAME]... | --list\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "smoke", no_argument, NULL, 'q' },
		{ "states", required_argument, NULL, 'n' },
		{ "scenario", required_argument, NULL, 's' },
		{ "list", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	u64 limit = 0, states = 0;
	char *name[PICK_MAX];
	bool smoke = false;
	u32 names = 0, plan = 0, i;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'q')
			smoke = true;
		else if (option == 'n')
			limit = strtoull(optarg, NULL, 0);
		else if (option == 's' && names < PICK_MAX)
			name[names++] = optarg;
		else if (option == 'l')
			return list();
		else
			return usage(argv[0]);
	}
	for (i = 0; i < ex_scenario_count; i++)
		plan += picked(&ex_scenarios[i], name, names);
	if (optind != argc || !plan)
		return usage(argv[0]);

	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	ksft_set_plan(plan);
	for (i = 0; i < ex_scenario_count; i++) {
		const struct ex_scenario *sc = &ex_scenarios[i];

		if (picked(sc, name, names))
			states += run(sc, limit ?: smoke ? sc->smoke : sc->full);
	}
	ksft_print_msg("%llu distinct states\n", (unsigned long long)states);
	ksft_finished();
}
