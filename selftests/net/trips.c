// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and answers on a path with a delay: no pattern of writes waits for more than
 * two round trips and a millisecond beyond the one that the network takes, with Nagle's
 * algorithm and without it (D5, D12).
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <netinet/tcp.h>

#include "kselftest_harness.h"
#include "transport.h"

#define MSS	1448	/* of 1500 bytes over IPv4, and no options */
#define PIECES	3
#define AGAIN	4	/* exchanges of each kind */

static const unsigned int trips_ms[] = { 1, 4, 10, 30, 100 };
static const unsigned int sizes[] = { 1, 100, MSS - 20, MSS - 1, MSS, MSS + 1, 2 * MSS,
				      2 * MSS + 1, 5 * MSS + 100 };
/* What is written before the answer is read: 0 stands for the size at hand. */
static const int patterns[][PIECES] = { { 0, -1 }, { 10, 0, -1 }, { 0, 10, -1 }, { 10, 10, 0 } };

struct server {
	pthread_t thread;
	sem_t go;
	int fd;
	size_t ask, answer;	/* bytes; ask 0: that was all */
};

static char out[8 * MSS], in[8 * MSS], at_server[8 * MSS];

static void *serve(void *arg)
{
	struct server *server = arg;

	for (;;) {
		sem_wait(&server->go);
		if (!server->ask || read_all(server->fd, at_server, server->ask) ||
		    write_all(server->fd, at_server, server->answer))
			return NULL;
	}
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* Microseconds until the answer was there, or -1. */
static long exchange(int fd, struct server *server, const int *pattern, size_t size)
{
	size_t len[PIECES] = {};
	uint64_t start;
	int i;

	server->ask = 0;
	server->answer = size;
	for (i = 0; i < PIECES && pattern[i] >= 0; i++) {
		len[i] = pattern[i] ? (size_t)pattern[i] : size;
		server->ask += len[i];
	}
	sem_post(&server->go);
	start = now_us();
	for (i = 0; i < PIECES && len[i]; i++)
		if (write_all(fd, out, len[i]))
			return -1;
	return read_all(fd, in, size) ? -1 : (long)(now_us() - start);
}

/* The longest of several, or -1. */
static long longest(int fd, struct server *server, const int *pattern, size_t size)
{
	long most = 0, took;
	int i;

	for (i = 0; i < AGAIN; i++) {
		took = exchange(fd, server, pattern, size);
		if (took < 0)
			return -1;
		most = took > most ? took : most;
	}
	return most;
}

TRANSPORT_FIXTURE(trips)

/* All patterns and sizes over a connection; how many waited too long, or -1. */
static int measure(const struct transport *t, unsigned int trip, int nodelay)
{
	long took, bound = 3000 * trip + 1000;
	struct server server = {};
	unsigned int i, k;
	int fd[2], late = 0;

	if (transport_pair(t, fd) || set_int(fd[0], t->level, TCP_NODELAY, nodelay) ||
	    set_int(fd[1], t->level, TCP_NODELAY, nodelay))
		return -1;
	server.fd = fd[1];
	sem_init(&server.go, 0, 0);
	if (pthread_create(&server.thread, NULL, serve, &server))
		return -1;
	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			took = longest(fd[0], &server, patterns[i], sizes[k]);
			if (took < 0)
				return -1;
			if (took <= bound)
				continue;
			late++;
			printf("# %u ms%s, %d %d %d, %u bytes: %ld us\n", trip,
			       nodelay ? ", no delay" : "", patterns[i][0], patterns[i][1],
			       patterns[i][2], sizes[k], took);
		}
	}
	server.ask = 0;
	sem_post(&server.go);
	pthread_join(server.thread, NULL);
	close(fd[0]);
	close(fd[1]);
	return late;
}

static int measure_paths(const struct transport *t, int nodelay)
{
	unsigned int i;
	int late = 0, n;
	char command[128];

	if (system("ip link set lo mtu 1500 gso_max_segs 1"))
		return -1;
	for (i = 0; i < ARRAY_SIZE(trips_ms); i++) {
		snprintf(command, sizeof(command),
			 "tc qdisc replace dev lo root netem delay %uus limit 1000",
			 500 * trips_ms[i]);
		if (system(command))
			return -1;
		n = measure(t, trips_ms[i], nodelay);
		if (n < 0)
			return -1;
		late += n;
	}
	return late;
}

/* TCP's delayed acknowledgments hold what Nagle's algorithm waits for: 40 ms. */
TEST_F_TIMEOUT(trips, D12_no_exchange_waits, 600)
{
	int late = measure_paths(self->t, 0);

	ASSERT_LE(0, late);
	if (transport_is_xtcp(self->t))
		EXPECT_EQ(0, late);
}

TEST_F_TIMEOUT(trips, D5_none_with_NODELAY_does, 600)
{
	EXPECT_EQ(0, measure_paths(self->t, 1));
}

TEST_HARNESS_MAIN
