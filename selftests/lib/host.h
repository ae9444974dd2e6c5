/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host programs (unit tests, simulation, fuzzer) share: random
 * numbers that a seed repeats, and the check of the MAC that host.c gives the
 * core.
 */
#ifndef _XTCP_SELFTESTS_HOST_H
#define _XTCP_SELFTESTS_HOST_H

#include <xtcp/env.h>

/* A seeded sequence of random numbers; any value will do as a seed. */
struct host_random {
	u64 state;
};

u64 host_random(struct host_random *r);
u64 host_below(struct host_random *r, u64 limit);
u64 host_between(struct host_random *r, u64 low, u64 high);
bool host_chance(struct host_random *r, u32 per_mille);

bool host_mac_works(void);

#endif /* _XTCP_SELFTESTS_HOST_H */
