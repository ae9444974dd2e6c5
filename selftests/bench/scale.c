// SPDX-License-Identifier: GPL-2.0
/*
 * What many idle connections cost: so many pairs on loopback, both ends here.
 *
 * usage: scale PAIRS TRANSPORT, as root; TRANSPORT is xtcp or tcp.
 *
 * Output, a line "NAME VALUE" for each of
 *	memory		bytes of MemAvailable for each pair
 *	slab		bytes of slab for each pair
 *	left		bytes of MemAvailable for each pair that are still missing when
 *			all have been closed
 *	alone		ns for a connection (connect, a byte each way, close) with none
 *			open, the median of several rounds
 *	crowded		the same while all are open
 *	dump		ns for each established socket in a netlink dump of all, the median
 *	dumped		how many sockets it showed
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/xtcp_diag.h>

#include "../net/transport.h"

#define DOORS		8	/* listeners, so that ports are never scarce */
#define ROUNDS		7	/* the first one is not counted */
#define CONNECTIONS	200	/* in a round */

static const struct {
	const char *name;
	struct transport t;
} transports[] = {
	{ "xtcp", { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP } },
	{ "tcp", { AF_INET, IPPROTO_TCP, AF_INET, SOL_TCP } },
};

static const struct transport *t;
static int door[DOORS + 1], port[DOORS + 1];

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* A value of /proc/meminfo, bytes. */
static long long kernel_memory(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "r");
	long long kb = -1;
	char line[128];

	while (file && kb < 0 && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			kb = atoll(strchr(line, ':') + 1);
	}
	if (kb < 0)
		err(1, "no %s", name);
	fclose(file);
	return kb * 1024;
}

/* All that waits for RCU or a work queue is through. */
static void settle(void)
{
	sleep(3);
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return x < y ? -1 : x > y;
}

static long long median(long long *values, int n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

/* A connection to one of the listeners. */
static void open_pair(int to, int fd[2])
{
	fd[0] = transport_socket(t, 0);
	if (fd[0] < 0 || transport_connect(t, fd[0], PLACE_LOOPBACK, port[to]))
		err(1, "connect");
	fd[1] = accept(door[to], NULL, NULL);
	if (fd[1] < 0)
		err(1, "accept");
}

/* A byte each way: it is open on both sides. */
static void use_pair(const int fd[2])
{
	char c = 'x';

	if (write_all(fd[0], &c, 1) || read_all(fd[1], &c, 1) ||
	    write_all(fd[1], &c, 1) || read_all(fd[0], &c, 1) || c != 'x')
		err(1, "a byte each way");
}

/* The cost of a connection now. */
static long long connections(void)
{
	long long took[ROUNDS], at;
	int round, i, fd[2];

	for (round = 0; round < ROUNDS; round++) {
		at = now();
		for (i = 0; i < CONNECTIONS; i++) {
			open_pair(DOORS, fd);
			use_pair(fd);
			if (close(fd[0]) || close(fd[1]))
				err(1, "close");
		}
		took[round] = (now() - at) / CONNECTIONS;
	}
	return median(took + 1, ROUNDS - 1);
}

/* Answers of a dump; what it is about does not matter here. */
static long dump(int fd, const void *request, size_t len)
{
	static char buf[65536];
	struct {
		struct nlmsghdr nlh;
		char body[128];
	} ask = {
		.nlh = {
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_len = NLMSG_LENGTH(len),
		},
	};
	struct nlmsghdr *nlh;
	long sockets = 0;
	ssize_t n;

	memcpy(ask.body, request, len);
	if (send(fd, &ask, ask.nlh.nlmsg_len, 0) < 0)
		err(1, "netlink");
	for (;;) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			err(1, "netlink");
		for (nlh = (struct nlmsghdr *)buf; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return sockets;
			if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY)
				errx(1, "netlink: message %d", nlh->nlmsg_type);
			sockets++;
		}
	}
}

static void dumps(void)
{
	const struct xtcp_diag_req xtcp = {
		.sdiag_family = AF_XTCP, .states = 1 << TCP_ESTABLISHED,
	};
	const struct inet_diag_req_v2 tcp = {
		.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP,
		.idiag_states = 1 << TCP_ESTABLISHED,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG), round;
	long long took[ROUNDS], at;
	long sockets = 0;

	if (fd < 0)
		err(1, "netlink");
	for (round = 0; round < ROUNDS; round++) {
		at = now();
		if (t->domain == AF_XTCP)
			sockets = dump(fd, &xtcp, sizeof(xtcp));
		else
			sockets = dump(fd, &tcp, sizeof(tcp));
		if (!sockets)
			errx(1, "an empty dump");
		took[round] = (now() - at) / sockets;
	}
	close(fd);
	printf("dump %lld\ndumped %ld\n", median(took + 1, ROUNDS - 1), sockets);
}

int main(int argc, char **argv)
{
	long long available, slab, missing, more;
	struct rlimit files = { };
	long i, pairs;
	int (*fd)[2];

	pairs = argc == 3 ? atol(argv[1]) : 0;
	for (i = 0; argc == 3 && i < (long)(sizeof(transports) / sizeof(*transports)); i++) {
		if (!strcmp(argv[2], transports[i].name))
			t = &transports[i].t;
	}
	if (pairs < 1 || !t)
		errx(2, "usage: scale PAIRS TRANSPORT");
	files.rlim_cur = 2 * pairs + 100;
	files.rlim_max = files.rlim_cur;
	fd = calloc(pairs, sizeof(*fd));
	if (!fd || setrlimit(RLIMIT_NOFILE, &files))
		err(1, "%ld pairs", pairs);
	memset(fd, 0xff, pairs * sizeof(*fd));	/* its own pages do not count */
	for (i = 0; i <= DOORS; i++) {
		door[i] = transport_listener(t, 16);
		port[i] = transport_port(door[i]);
		if (door[i] < 0 || port[i] < 0)
			err(1, "listen");
	}

	printf("alone %lld\n", connections());
	settle();
	available = kernel_memory("MemAvailable");
	slab = kernel_memory("Slab");
	for (i = 0; i < pairs; i++) {
		open_pair(i % DOORS, fd[i]);
		use_pair(fd[i]);
	}
	settle();
	missing = available - kernel_memory("MemAvailable");
	more = kernel_memory("Slab") - slab;
	printf("memory %lld\nslab %lld\n", missing / pairs, more / pairs);
	printf("crowded %lld\n", connections());
	dumps();
	for (i = 0; i < pairs; i++) {
		if (close(fd[i][0]) || close(fd[i][1]))
			err(1, "close");
	}
	sleep(150);		/* TIME-WAIT, and what else is remembered */
	printf("left %lld\n", (available - kernel_memory("MemAvailable")) / pairs);
	return 0;
}
