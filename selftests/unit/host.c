// SPDX-License-Identifier: GPL-2.0
/* The host environment itself. */
#include <kselftest_harness.h>

#include "host.h"

TEST(mac_published_vector)
{
	EXPECT_TRUE(host_mac_works());
}

TEST(random_repeats)
{
	struct host_random a = { 7 }, b = { 7 };
	int i;

	for (i = 0; i < 100; i++)
		EXPECT_EQ(host_random(&a), host_random(&b));
	a.state = 8;
	EXPECT_NE(host_random(&a), host_random(&b));
}

TEST_HARNESS_MAIN
