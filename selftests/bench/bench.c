// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of one load over several transports, which take turns: whatever changes
 * in the machine while it runs changes for all of them.
 *
 * A first round, which looks at every byte, warms caches and windows; then --rounds
 * of them are measured. Time is CLOCK_MONOTONIC's: instructions, where the machine's
 * time is virtual and nobody waits. How long the processors were idle is told too.
 *
 * Output: a line for each round,
 *	KIND SIZE CONNECTIONS TRANSPORT ROUND UNITS NANOSECONDS IDLE-NANOSECONDS
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/sctp.h>

#include "../net/transport.h"
#include "load.h"
#include "mark.h"

#define TRANSPORTS_MAX	8

#ifndef SOL_SCTP
#define SOL_SCTP	132
#endif

struct way {
	const char *name;
	int domain, protocol;		/* of socket(); for IPv4 */
	int domain6, protocol6;		/* for IPv6 */
	int level, nodelay;		/* the option that turns Nagle off; 0: none */
};

static const struct way ways[] = {
	{ "xtcp", AF_XTCP, XTCP_IPV4, AF_XTCP, XTCP_IPV6, SOL_XTCP, XTCP_NODELAY },
	{ "tcp", AF_INET, IPPROTO_TCP, AF_INET6, IPPROTO_TCP, SOL_TCP, TCP_NODELAY },
	{ "sctp", AF_INET, IPPROTO_SCTP, AF_INET6, IPPROTO_SCTP, SOL_SCTP, SCTP_NODELAY },
	{ "unix", AF_UNIX, 0, AF_UNIX, 0, 0, 0 },
};

static const struct {
	const char *name;
	enum load_kind kind;
} kinds[] = {
	{ "stream", LOAD_STREAM },
	{ "trip", LOAD_TRIP },
	{ "connect", LOAD_CONNECT },
};

/* The settings of the run. */
static const char *host = "127.0.0.1";
static const char *server_netns;
static int rounds = 5;
static bool pin;
static struct load load;
static const char *kind_name;

/* A server, and the connections to it. */
struct session {
	const struct way *way;
	int server;			/* SOCK_SEQPACKET: bool verify there, int errno back */
	struct sockaddr_storage to;
	socklen_t to_len;
	struct load_side side;
};

static int open_socket(const struct way *way)
{
	bool ipv6 = strchr(host, ':');
	int fd = socket(ipv6 ? way->domain6 : way->domain, SOCK_STREAM,
			ipv6 ? way->protocol6 : way->protocol);

	if (fd >= 0 && way->level)
		set_int(fd, way->level, way->nodelay, 1);
	return fd;
}

/* The address that a server binds to: a port of its own, or a name of its own. */
static socklen_t own_address(const struct way *way, struct sockaddr_storage *own)
{
	struct sockaddr_in *in = (struct sockaddr_in *)own;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)own;

	memset(own, 0, sizeof(*own));
	if (way->domain == AF_UNIX) {
		own->ss_family = AF_UNIX;
		return sizeof(own->ss_family);
	}
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		errx(1, "no address: %s", host);
	in6->sin6_family = AF_INET6;
	return sizeof(*in6);
}

static void run_on(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (pin && sched_setaffinity(0, sizeof(set), &set))
		err(1, "processor %d", processor);
}

static void accept_all(const struct way *way, struct load_side *side)
{
	struct epoll_event event = { .events = EPOLLIN };
	int i;

	side->epoll = epoll_create1(0);
	for (i = 0; i < load.conns; i++) {
		side->conn[i].fd = accept(side->door, NULL, NULL);
		if (side->conn[i].fd < 0)
			err(1, "accept");
		event.data.u32 = i;
		if (epoll_ctl(side->epoll, EPOLL_CTL_ADD, side->conn[i].fd, &event))
			err(1, "epoll_ctl");
		/* Answers are not held back either. */
		if (way->level)
			set_int(side->conn[i].fd, way->level, way->nodelay, 1);
	}
}

static void serve(const struct way *way, int client)
{
	struct load_side side = { .load = &load };
	struct sockaddr_storage own;
	socklen_t len = own_address(way, &own);
	int netns, error = 0;

	run_on(1);
	if (server_netns) {
		netns = open(server_netns, O_RDONLY);
		if (netns < 0 || setns(netns, CLONE_NEWNET))
			err(1, "%s", server_netns);
	}
	side.conn = calloc(load.conns, sizeof(*side.conn));
	side.door = open_socket(way);
	if (!side.conn || side.door < 0)
		err(1, "%s", way->name);
	if (bind(side.door, (struct sockaddr *)&own, len) || listen(side.door, 1024))
		err(1, "%s: a listener", way->name);
	len = sizeof(own);
	if (getsockname(side.door, (struct sockaddr *)&own, &len) ||
	    send(client, &own, len, 0) != len)
		err(1, "%s: its address", way->name);
	if (load.kind != LOAD_CONNECT)
		accept_all(way, &side);
	/* Ready; then round after round. */
	while (send(client, &error, sizeof(error), MSG_NOSIGNAL) == sizeof(error) && !error &&
	       recv(client, &side.verify, sizeof(side.verify), 0) == sizeof(side.verify)) {
		if (send(client, &error, sizeof(error), 0) != sizeof(error))
			err(1, "%s", way->name);
		error = load_server(&side) ? errno : 0;
	}
	exit(error != 0);
}

/* What the server has to say: 0, or the number of an error. */
static int heard(struct session *s)
{
	int error = 0;

	return recv(s->server, &error, sizeof(error), 0) == sizeof(error) ? error : EPIPE;
}

static int open_connection(void *arg)
{
	struct session *s = arg;
	int fd = open_socket(s->way);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&s->to, s->to_len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void begin(struct session *s)
{
	int pair[2], i, error;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err(1, "socketpair");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		close(pair[0]);
		serve(s->way, pair[1]);
	}
	close(pair[1]);
	s->server = pair[0];
	n = recv(s->server, &s->to, sizeof(s->to), 0);
	if (n <= 0)
		errx(1, "%s: no server", s->way->name);
	s->to_len = n;
	s->side = (struct load_side){
		.load = &load,
		.conn = calloc(load.conns, sizeof(*s->side.conn)),
		.open = open_connection,
		.arg = s,
	};
	if (!s->side.conn)
		err(1, "memory");
	for (i = 0; i < load.conns && load.kind != LOAD_CONNECT; i++) {
		s->side.conn[i].fd = open_connection(s);
		if (s->side.conn[i].fd < 0)
			err(1, "%s: connect", s->way->name);
	}
	error = heard(s);
	if (error)
		errx(1, "%s: server: %s", s->way->name, strerror(error));
}

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* How long the processors have had nothing to do, ns, all together. */
static long long idle(void)
{
	FILE *file = fopen("/proc/timer_list", "r");
	long long sum = 0, ns;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " .idle_sleeptime : %lld", &ns) == 1)
			sum += ns;
	}
	if (file)
		fclose(file);
	return sum;
}

static void measure(struct session *s, int round)
{
	long long at, took, slept = idle();
	int error;

	s->side.verify = !round;
	if (send(s->server, &s->side.verify, sizeof(s->side.verify), 0) < 0)
		err(1, "%s", s->way->name);
	error = heard(s);
	if (round)
		MARK_START();
	at = now();
	if (!error && load_client(&s->side))
		err(1, "%s: client", s->way->name);
	error = error ?: heard(s);
	took = now() - at;
	if (round)
		MARK_STOP();
	if (error)
		errx(1, "%s: server: %s", s->way->name, strerror(error));
	slept = idle() - slept;
	if (!round)
		return;
	printf("%s %zu %d %s %d %ld %lld %lld\n", kind_name, load.size, load.conns,
	       s->way->name, round, load.units, took, slept);
}

static void misused(void)
{
	fprintf(stderr,
		"usage: bench [OPTION]... KIND SIZE CONNECTIONS UNITS TRANSPORT...\n"
		"KIND: stream, trip or connect; TRANSPORT: xtcp, tcp, sctp, unix\n"
		"  --host ADDRESS         where the server is (127.0.0.1)\n"
		"  --server-netns FILE    and the network namespace it lives in\n"
		"  --rounds NUMBER        measured ones (5)\n"
		"  --pin                  client and server on a processor each\n");
	exit(2);
}

static void read_load(char **argv)
{
	long step = 1;
	size_t i;

	kind_name = argv[0];
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kind_name, kinds[i].name))
			break;
	}
	if (i == sizeof(kinds) / sizeof(*kinds))
		misused();
	load.kind = kinds[i].kind;
	load.size = atol(argv[1]);
	load.conns = atoi(argv[2]);
	load.units = atol(argv[3]);
	if (!load.size || load.size > LOAD_CHUNK || load.conns < 1 || load.units < 1)
		misused();
	/* Whole writes, and as many on each connection. */
	if (load.kind == LOAD_STREAM)
		step = load.size * load.conns;
	else if (load.kind == LOAD_TRIP)
		step = load.conns;
	load.units = (load.units + step - 1) / step * step;
}

static const struct way *find_way(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (!strcmp(name, ways[i].name))
			return &ways[i];
	}
	misused();
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "host", required_argument, NULL, 'h' },
		{ "server-netns", required_argument, NULL, 'n' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "pin", no_argument, NULL, 'p' },
		{ }
	};
	static struct session session[TRANSPORTS_MAX];
	struct rlimit files = { 65536, 65536 };
	int option, i, n, round, status, failed = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'h':
			host = optarg;
			break;
		case 'n':
			server_netns = optarg;
			break;
		case 'r':
			rounds = atoi(optarg);
			break;
		case 'p':
			pin = true;
			break;
		default:
			misused();
		}
	}
	n = argc - optind - 4;
	if (n < 1 || n > TRANSPORTS_MAX)
		misused();
	read_load(argv + optind);
	setrlimit(RLIMIT_NOFILE, &files);
	run_on(0);
	for (i = 0; i < n; i++) {
		session[i].way = find_way(argv[optind + 4 + i]);
		begin(&session[i]);
	}
	for (round = 0; round <= rounds; round++) {
		for (i = 0; i < n; i++)
			measure(&session[i], round);
	}
	for (i = 0; i < n; i++)
		close(session[i].server);
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
