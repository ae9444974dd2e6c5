// SPDX-License-Identifier: GPL-2.0
/* Pacing: SO_MAX_PACING_RATE holds back what the windows allow. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#define RATE	1000000U
/* On lo a segment may have 64 KB, and the first ten go unpaced. */
#define BYTES	4000000U
#define AT_LEAST	2000	/* ms: (BYTES - 10 * 64 KB) / RATE is more */

static void *drain(void *arg)
{
	static char sink[65536];
	int fd = *(int *)arg;

	while (read(fd, sink, sizeof(sink)) > 0)
		;
	return NULL;
}

/* Milliseconds that BYTES take from one socket to the other, or -1. */
static long transfer(const int fd[2])
{
	static char data[BYTES];
	uint64_t start = now_ms();
	pthread_t reader;
	int peer = fd[1];
	long took = -1;

	if (pthread_create(&reader, NULL, drain, &peer))
		return -1;
	if (!write_all(fd[0], data, BYTES))
		took = 0;
	shutdown(fd[0], SHUT_WR);
	pthread_join(reader, NULL);
	return took ? took : (long)(now_ms() - start);
}

TRANSPORT_FIXTURE(pacing)

TEST_F(pacing, SO_MAX_PACING_RATE_is_kept)
{
	unsigned int rate = RATE;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	EXPECT_LE(AT_LEAST, transfer(fd));
}

/* The queue of the device holds the packets back instead, to the same end. */
TEST_F(pacing, SO_MAX_PACING_RATE_is_kept_by_fq)
{
	unsigned int rate = RATE;
	int fd[2];

	if (system("tc qdisc replace dev lo root fq 2> /dev/null"))
		SKIP(return, "no tc, or no fq");
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	EXPECT_LE(AT_LEAST, transfer(fd));
	/* "throttled 123": packets that were asked to leave later than they came */
	EXPECT_EQ(0, system("tc -s qdisc show dev lo | grep -q 'throttled [1-9]'"));
}

TEST_F(pacing, the_rate_is_shown)
{
	unsigned int rate = RATE;
	struct xtcp_info info;
	socklen_t len = sizeof(info);
	char byte;
	int fd[2];

	if (self->t->domain != AF_XTCP)
		SKIP(return, "struct xtcp_info is XTCP's");
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, getsockopt(fd[0], SOL_XTCP, XTCP_INFO, &info, &len));
	EXPECT_EQ(0U, info.xtcpi_pacing_rate);
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	ASSERT_EQ(0, write_all(fd[0], "x", 1));
	ASSERT_EQ(0, read_all(fd[1], &byte, 1));
	ASSERT_EQ(0, getsockopt(fd[0], SOL_XTCP, XTCP_INFO, &info, &len));
	EXPECT_LT(0U, info.xtcpi_pacing_rate);
	EXPECT_GE(RATE, info.xtcpi_pacing_rate);
}

TEST_HARNESS_MAIN
