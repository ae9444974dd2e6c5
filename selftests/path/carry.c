// SPDX-License-Identifier: GPL-2.0
/*
 * carry: fetch over an emulated path by XTCP and by TCP, and say how long it took.
 * Both ends live in this process, which waits in one place for all of them: so
 * nothing but the path takes time. See usage().
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/xtcp.h>

#include "fate.h"

#define SERVER_PORT	80
#define FIRST_PORT	1024
#define PERIOD		65521	/* bytes after which the data repeats: a prime */
#define PIECE		(256 << 10)
#define FLOWS_MAX	16
#define SIZES_MAX	8
#define SECOND		1000000000ULL
#define PATIENCE	(1800 * SECOND)	/* for one fetch */
#define ENDLESS		(1ULL << 50)

struct protocol {
	const char *name;
	int number, level;
};

static const struct protocol protocols[] = {
	{ "xtcp", IPPROTO_XTCP, SOL_XTCP },
	{ "tcp", IPPROTO_TCP, IPPROTO_TCP },
};

static uint8_t data[PERIOD + PIECE];

static const char usage_text[] =
"usage: carry [OPTION]... SERVER CLIENT ADDRESS\n"
"\n"
"SERVER and CLIENT are the network namespaces of the two hosts, files both. The client\n"
"fetches from the server, which is at ADDRESS. A line for each fetch:\n"
"\n"
"  fetch PROTOCOL CC SEED BYTES NS SENT RETRANSMITTED ok|DAMAGE\n"
"\n"
"from connect() to the last byte. With --share flows run at once, and its line is\n"
"\n"
"  share CC SEED ok|DAMAGE, and PROTOCOL BYTES of each, from the sixth part of the time on.\n"
"\n"
"  --cc LIST           congestion controls, separated by commas (cubic)\n"
"  --seeds FIRST:N     so many rounds; each is the same for both protocols\n"
"  --sizes N*BYTES,... what is fetched in a round, in this order\n"
"  --share XTCP:TCP:SECONDS\n"
"                      so many flows of each for so long\n"
"  --fate FILE         the classifier's map\n"
"  --loss PPM          of a million packets so many are lost,\n"
"  --burst N           so many in a row (1)\n"
"  --late PPM          so many are overtaken\n";

struct options {
	int server, client;		/* namespaces */
	struct in_addr address;
	const char *cc[4];
	unsigned int ccs, first, seeds, sizes;
	unsigned int times[SIZES_MAX];
	uint64_t bytes[SIZES_MAX];
	unsigned int share[2];		/* flows of each protocol */
	uint64_t share_ns;
	const char *fate;
	double loss, burst, late;
};

/* One fetch, both ends. */
struct flow {
	const struct protocol *protocol;
	int client, server;		/* sockets; -1: none (yet, or any more) */
	unsigned int port;		/* the client's: tells flows apart */
	uint64_t bytes, sent, got;
	uint64_t start, end;		/* ns: connect(), the last byte */
	uint64_t total, again;		/* bytes sent, retransmissions among them */
	bool connected, asked, ended;
	const char *damage;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void fill_data(void)
{
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < PERIOD; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = x >> 24;
	}
	for (; i < sizeof(data); i++)
		data[i] = data[i - PERIOD];
}

/* Byte i of a flow depends on its port, too. */
static const uint8_t *data_at(const struct flow *flow, uint64_t offset)
{
	return data + (offset + flow->port * 31) % PERIOD;
}

static void spoil(struct flow *flow, const char *why)
{
	if (!flow->damage)
		flow->damage = why;
}

/* ------------------------------------------------------------------------- sockets */

static int new_socket(int netns, const struct protocol *protocol, const char *cc)
{
	int fd, one = 1;

	if (setns(netns, CLONE_NEWNET))
		err(1, "setns");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol->number);
	if (fd < 0)
		err(1, "socket %s", protocol->name);
	/* The same number with both. */
	if (setsockopt(fd, protocol->level, TCP_CONGESTION, cc, strlen(cc)))
		err(1, "%s has no %s", protocol->name, cc);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static int new_door(const struct options *o, const struct protocol *protocol, const char *cc)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(SERVER_PORT) };
	int fd = new_socket(o->server, protocol, cc);

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, FLOWS_MAX))
		err(1, "listen");
	return fd;
}

static void begin(struct flow *flow, const struct options *o, const struct protocol *protocol,
		  const char *cc, unsigned int port, uint64_t bytes)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SERVER_PORT),
				  .sin_addr = o->address };

	*flow = (struct flow){ .protocol = protocol, .server = -1, .port = port, .bytes = bytes };
	flow->client = new_socket(o->client, protocol, cc);
	if (bind(flow->client, (struct sockaddr *)&from, sizeof(from)))
		err(1, "bind to %u", port);
	flow->start = now_ns();
	if (connect(flow->client, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		spoil(flow, "connect");
}

static void finish(struct flow *flow)
{
	if (flow->client >= 0)
		close(flow->client);
	if (flow->server >= 0)
		close(flow->server);
	flow->client = -1;
	flow->server = -1;
}

/* What the server sent, and how much of it was sent before. */
static void count_sent(struct flow *flow)
{
	struct xtcp_info xtcp = { 0 };
	struct tcp_info tcp = { 0 };
	socklen_t len;

	if (flow->protocol->number == IPPROTO_TCP) {
		len = sizeof(tcp);
		if (getsockopt(flow->server, IPPROTO_TCP, TCP_INFO, &tcp, &len))
			err(1, "TCP_INFO");
		flow->total = tcp.tcpi_bytes_sent;
		flow->again = tcp.tcpi_bytes_retrans;
	} else {
		len = sizeof(xtcp);
		if (getsockopt(flow->server, SOL_XTCP, XTCP_INFO, &xtcp, &len))
			err(1, "XTCP_INFO");
		flow->total = xtcp.xtcpi_bytes_sent;
		flow->again = xtcp.xtcpi_bytes_retrans;
	}
}

/* --------------------------------------------------------------------------- events */

/* Which flow has come in: the peer's port says. */
static void take_in(int door, struct flow *flows, unsigned int n)
{
	struct sockaddr_in peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = accept4(door, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	unsigned int i;

	if (fd < 0)
		return;
	for (i = 0; i < n; i++)
		if (flows[i].port == ntohs(peer.sin_port) && flows[i].server < 0) {
			flows[i].server = fd;
			return;
		}
	errx(1, "a connection of nobody's");
}

static void client_writes(struct flow *flow)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(flow->client, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
		spoil(flow, "open");
		return;
	}
	flow->connected = true;
	if (send(flow->client, &flow->bytes, sizeof(flow->bytes), MSG_NOSIGNAL) !=
	    sizeof(flow->bytes))
		spoil(flow, "request");
}

static void client_reads(struct flow *flow)
{
	static uint8_t buffer[PIECE];
	ssize_t n;

	n = recv(flow->client, buffer, sizeof(buffer), 0);
	if (n < 0) {
		if (errno != EAGAIN)
			spoil(flow, "read");
		return;
	}
	if (!n) {
		if (flow->got != flow->bytes)
			spoil(flow, "end");
		flow->ended = true;
		close(flow->client);
		flow->client = -1;
		return;
	}
	if (memcmp(buffer, data_at(flow, flow->got), n))
		spoil(flow, "data");
	flow->got += n;
	if (flow->got == flow->bytes)
		flow->end = now_ns();
}

static void server_reads(struct flow *flow)
{
	uint64_t bytes;
	ssize_t n = recv(flow->server, &bytes, sizeof(bytes), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (!flow->asked) {
		flow->asked = n == sizeof(bytes) && bytes == flow->bytes;
		if (!flow->asked)
			spoil(flow, "request");
		return;
	}
	if (n)
		spoil(flow, "close");
	count_sent(flow);
	close(flow->server);
	flow->server = -1;
}

static void server_writes(struct flow *flow)
{
	uint64_t left = flow->bytes - flow->sent;
	ssize_t n = send(flow->server, data_at(flow, flow->sent), left < PIECE ? left : PIECE,
			 MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN)
			spoil(flow, "write");
		return;
	}
	flow->sent += n;
	if (flow->sent == flow->bytes)
		shutdown(flow->server, SHUT_WR);
}

static short client_events(const struct flow *flow)
{
	return flow->connected ? POLLIN : POLLOUT;
}

static short server_events(const struct flow *flow)
{
	return flow->asked && flow->sent < flow->bytes ? POLLOUT : POLLIN;
}

static bool is_over(const struct flow *flow)
{
	return flow->damage || (flow->client < 0 && flow->server < 0 && flow->ended);
}

/* Whatever happens next, for all flows; false: nothing until that time. */
static bool step(const int *doors, struct flow *flows, unsigned int n, uint64_t until)
{
	struct pollfd p[2 + 2 * FLOWS_MAX], *q = p + 2;
	uint64_t now = now_ns();
	struct timespec wait;
	unsigned int i;

	if (now >= until)
		return false;
	wait.tv_sec = (until - now) / SECOND;
	wait.tv_nsec = (until - now) % SECOND;
	for (i = 0; i < 2; i++)
		p[i] = (struct pollfd){ .fd = doors[i], .events = POLLIN };
	for (i = 0; i < n; i++, q += 2) {
		q[0] = (struct pollfd){ .fd = flows[i].client, .events = client_events(flows + i) };
		q[1] = (struct pollfd){ .fd = flows[i].server, .events = server_events(flows + i) };
	}
	if (ppoll(p, 2 + 2 * n, &wait, NULL) < 0)
		err(1, "poll");
	q = p + 2;
	for (i = 0; i < n; i++, q += 2) {
		if (q[0].revents)
			(flows[i].connected ? client_reads : client_writes)(flows + i);
		if (q[1].revents && server_events(flows + i) == POLLOUT)
			server_writes(flows + i);
		else if (q[1].revents)
			server_reads(flows + i);
	}
	for (i = 0; i < 2; i++)
		if (p[i].revents)
			take_in(doors[i], flows, n);
	return true;
}

/* ------------------------------------------------------------------------- measuring */

static void access_fate(const struct options *o, int command, struct fate *fate)
{
	union bpf_attr attr = { .pathname = (uintptr_t)o->fate };
	uint32_t zero = 0;
	int fd = syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));

	if (fd < 0)
		err(1, "%s", o->fate);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	attr.key = (uintptr_t)&zero;
	attr.value = (uintptr_t)fate;
	if (syscall(SYS_bpf, command, &attr, sizeof(attr)))
		err(1, "%s", o->fate);
	close(fd);
}

static void set_fate(const struct options *o, unsigned int seed)
{
	double loss = o->loss / 1e6, all = UINT32_MAX;
	struct fate fate = { .seed = seed };

	if (!o->fate)
		return;
	/* A run of losses ends with a chance of 1 in its length. */
	fate.recover = all / o->burst;
	fate.fail = all * loss / (1 - loss) / o->burst;
	/* Without runs the last fate says nothing of the next. */
	if (o->burst == 1) {
		fate.fail = all * loss;
		fate.recover = all * (1 - loss);
	}
	fate.late = all * o->late / 1e6;
	access_fate(o, BPF_MAP_UPDATE_ELEM, &fate);
}

/* Each packet must have met its own fate, whatever the protocol. */
static void check_fate(const struct options *o)
{
	struct fate fate;

	if (!o->fate)
		return;
	access_fate(o, BPF_MAP_LOOKUP_ELEM, &fate);
	if (fate.uncut)
		errx(1, "%u packets of several segments: something on the path does not cut",
		     fate.uncut);
}

static bool fetch_one(const struct options *o, const int *doors, const struct protocol *protocol,
		      const char *cc, unsigned int seed, unsigned int port, uint64_t bytes)
{
	uint64_t until;
	struct flow flow;

	begin(&flow, o, protocol, cc, port, bytes);
	until = flow.start + PATIENCE;
	while (!is_over(&flow))
		if (!step(doors, &flow, 1, until))
			spoil(&flow, "stuck");
	finish(&flow);
	printf("fetch %s %s %u %llu %llu %llu %llu %s\n", protocol->name, cc, seed,
	       (unsigned long long)bytes, (unsigned long long)(flow.end - flow.start),
	       (unsigned long long)flow.total, (unsigned long long)flow.again,
	       flow.damage ?: "ok");
	return !flow.damage;
}

/* A round: all sizes, by one protocol after the other, from the same ports. */
static bool fetch_all(const struct options *o, const int *doors, const char *cc, unsigned int seed,
		      unsigned int port)
{
	unsigned int i, j, k, next;
	bool good = true;

	for (i = 0; i < 2; i++) {
		next = port;
		for (j = 0; j < o->sizes; j++)
			for (k = 0; k < o->times[j]; k++)
				good &= fetch_one(o, doors, protocols + i, cc, seed, next++,
						  o->bytes[j]);
	}
	return good;
}

/* They start in the first second, one after the other; who is first changes. */
static bool share_path(const struct options *o, const int *doors, const char *cc,
		       unsigned int seed, unsigned int port)
{
	unsigned int n = o->share[0] + o->share[1], begun = 0, i;
	uint64_t start = now_ns(), until = start + o->share_ns, settled = start + o->share_ns / 6;
	uint64_t before[FLOWS_MAX] = { 0 }, next;
	struct flow flows[FLOWS_MAX];
	const char *damage = "ok";
	bool noted = false;

	while (now_ns() < until) {
		next = noted ? until : settled;
		if (begun < n) {
			next = start + SECOND * begun / n;
			if (now_ns() >= next) {
				i = (begun + seed) % n;
				begin(flows + begun, o, protocols + (i >= o->share[0]), cc,
				      port + begun, ENDLESS);
				begun++;
				continue;
			}
		}
		if (!noted && now_ns() >= settled) {
			for (i = 0; i < n; i++)
				before[i] = flows[i].got;
			noted = true;
			continue;
		}
		step(doors, flows, begun, next);
	}
	for (i = 0; i < n; i++)
		damage = flows[i].damage ?: damage;
	printf("share %s %u %s", cc, seed, damage);
	for (i = 0; i < n; i++) {
		printf(" %s %llu", flows[i].protocol->name,
		       (unsigned long long)(flows[i].got - before[i]));
		finish(flows + i);
	}
	printf("\n");
	return !strcmp(damage, "ok");
}

static bool measure(const struct options *o, const char *cc, unsigned int *port)
{
	unsigned int per_seed = o->share[0] + o->share[1], i;
	bool good = true;
	int doors[2];

	for (i = 0; i < 2; i++)
		doors[i] = new_door(o, protocols + i, cc);
	for (i = 0; i < o->sizes; i++)
		per_seed += o->times[i];
	for (i = 0; i < o->seeds; i++, *port += per_seed) {
		if (*port + per_seed > UINT16_MAX)
			errx(1, "not enough ports");
		set_fate(o, o->first + i);
		if (o->share_ns)
			good &= share_path(o, doors, cc, o->first + i, *port);
		else
			good &= fetch_all(o, doors, cc, o->first + i, *port);
		check_fate(o);
		fflush(stdout);
	}
	for (i = 0; i < 2; i++)
		close(doors[i]);
	return good;
}

/* --------------------------------------------------------------------------- options */

static void usage(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

static void read_sizes(struct options *o, char *list)
{
	unsigned long long bytes;
	char *word;

	for (; (word = strsep(&list, ",")); o->sizes++) {
		if (o->sizes == SIZES_MAX ||
		    sscanf(word, "%u*%llu", &o->times[o->sizes], &bytes) != 2)
			usage();
		o->bytes[o->sizes] = bytes;
	}
}

static void read_ccs(struct options *o, char *list)
{
	char *word;

	for (o->ccs = 0; (word = strsep(&list, ",")); o->ccs++) {
		if (o->ccs == sizeof(o->cc) / sizeof(o->cc[0]))
			usage();
		o->cc[o->ccs] = word;
	}
}

static int open_netns(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", file);
	return fd;
}

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "cc", required_argument, NULL, 'c' },
		{ "seeds", required_argument, NULL, 's' },
		{ "sizes", required_argument, NULL, 'n' },
		{ "share", required_argument, NULL, 'h' },
		{ "fate", required_argument, NULL, 'f' },
		{ "loss", required_argument, NULL, 'l' },
		{ "burst", required_argument, NULL, 'b' },
		{ "late", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	double seconds = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			read_ccs(o, optarg);
			break;
		case 's':
			if (sscanf(optarg, "%u:%u", &o->first, &o->seeds) != 2)
				usage();
			break;
		case 'n':
			read_sizes(o, optarg);
			break;
		case 'h':
			if (sscanf(optarg, "%u:%u:%lf", &o->share[0], &o->share[1], &seconds) != 3)
				usage();
			o->share_ns = seconds * SECOND;
			break;
		case 'f':
			o->fate = optarg;
			break;
		case 'l':
			o->loss = atof(optarg);
			break;
		case 'b':
			o->burst = atof(optarg);
			break;
		case 't':
			o->late = atof(optarg);
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 3 || o->burst < 1 || o->loss < 0 || o->loss > 5e5 ||
	    o->share[0] + o->share[1] > FLOWS_MAX || !o->share_ns != !!o->sizes)
		usage();
	o->server = open_netns(argv[optind]);
	o->client = open_netns(argv[optind + 1]);
	if (inet_pton(AF_INET, argv[optind + 2], &o->address) != 1)
		usage();
}

int main(int argc, char **argv)
{
	struct options o = { .cc = { "cubic" }, .ccs = 1, .first = 1, .seeds = 1, .burst = 1 };
	unsigned int port = FIRST_PORT, i;
	bool good = true;

	read_options(&o, argc, argv);
	fill_data();
	for (i = 0; i < o.ccs; i++)
		good &= measure(&o, o.cc[i], &port);
	return !good;
}
