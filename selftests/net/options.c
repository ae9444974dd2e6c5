// SPDX-License-Identifier: GPL-2.0
/*
 * Every option that a program may set, as a table: what it is at first, what can
 * be set and reads back how, and what is refused. The same table on TCP and on
 * XTCP, and on XTCP at the level of TCP, which is all that most programs know.
 * What an option does is tested below the table, or where its subject is.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "transport.h"

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK	72
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT	73
#endif

#define OWN	(-1)		/* level: the transport's own, or TCP's */
#define ANY	INT_MIN		/* a value that is not looked at */
#define PAIRS	5

struct set_get {
	int set, get;
};

struct row {
	const char *text;
	int level, name;
	int family;			/* 0: either */
	int first;			/* of a fresh socket; ANY */
	int pairs;
	struct set_get pair[PAIRS];	/* set, and read back */
	int wrongs;
	int wrong[PAIRS];		/* EINVAL */
};

#define COUNT(type, ...)	(sizeof((type[]) { __VA_ARGS__ }) / sizeof(type))
#define PAIR(...)	.pairs = COUNT(struct set_get, __VA_ARGS__), .pair = { __VA_ARGS__ }
#define WRONG(...)	.wrongs = COUNT(int, __VA_ARGS__), .wrong = { __VA_ARGS__ }

static const struct row rows[] = {
	{ "TCP_NODELAY", OWN, TCP_NODELAY, .first = 0, PAIR({ 1, 1 }, { 7, 1 }, { 0, 0 }) },
	{ "TCP_MAXSEG", OWN, TCP_MAXSEG, .first = ANY, PAIR({ 1000, 1000 }, { 88, 88 }),
	  WRONG(1, 87, -1, 32768) },
	{ "TCP_CORK", OWN, TCP_CORK, .first = 0, PAIR({ 1, 1 }, { 5, 1 }, { 0, 0 }) },
	{ "TCP_KEEPIDLE", OWN, TCP_KEEPIDLE, .first = 7200, PAIR({ 1, 1 }, { 32767, 32767 }),
	  WRONG(0, -1, 32768) },
	{ "TCP_KEEPINTVL", OWN, TCP_KEEPINTVL, .first = 75, PAIR({ 1, 1 }, { 32767, 32767 }),
	  WRONG(0, -1, 32768) },
	{ "TCP_KEEPCNT", OWN, TCP_KEEPCNT, .first = ANY, PAIR({ 1, 1 }, { 127, 127 }),
	  WRONG(0, -1, 128) },
	{ "TCP_SYNCNT", OWN, TCP_SYNCNT, .first = ANY, PAIR({ 1, 1 }, { 127, 127 }),
	  WRONG(0, -1, 128) },
	{ "TCP_LINGER2", OWN, TCP_LINGER2, .first = 60, PAIR({ 10, 10 }, { -5, -1 }, { 0, 60 }) },
	{ "TCP_DEFER_ACCEPT", OWN, TCP_DEFER_ACCEPT, .first = 0,
	  PAIR({ 1, 1 }, { 7, 7 }, { -1, 0 }, { 0, 0 }) },
	{ "TCP_WINDOW_CLAMP", OWN, TCP_WINDOW_CLAMP, .first = 0,
	  PAIR({ 10000, 10000 }, { 70000, 70000 }, { 0, 0 }) },
	{ "TCP_QUICKACK", OWN, TCP_QUICKACK, .first = ANY, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "TCP_USER_TIMEOUT", OWN, TCP_USER_TIMEOUT, .first = 0,
	  PAIR({ 30000, 30000 }, { 0, 0 }), WRONG(-1) },
	{ "TCP_NOTSENT_LOWAT", OWN, TCP_NOTSENT_LOWAT, .first = 0,
	  PAIR({ 16384, 16384 }, { -1, -1 }, { 0, 0 }) },
	{ "TCP_INQ", OWN, TCP_INQ, .first = 0, PAIR({ 1, 1 }, { 0, 0 }), WRONG(2, -1) },

	{ "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_DONTROUTE", SOL_SOCKET, SO_DONTROUTE, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_PRIORITY", SOL_SOCKET, SO_PRIORITY, .first = 0, PAIR({ 4, 4 }, { 0, 0 }) },
	{ "SO_MARK", SOL_SOCKET, SO_MARK, .first = 0, PAIR({ 77, 77 }, { 0, 0 }) },
	{ "SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT, .first = 1, PAIR({ 100, 100 }, { 0, 1 }) },
	{ "SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, .first = ANY, PAIR({ 50000, 100000 }) },
	{ "SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, .first = ANY, PAIR({ 50000, 100000 }) },
	{ "SO_INCOMING_CPU", SOL_SOCKET, SO_INCOMING_CPU, .first = ANY, PAIR({ 0, 0 }) },
	{ "SO_BROADCAST", SOL_SOCKET, SO_BROADCAST, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_MAX_PACING_RATE", SOL_SOCKET, SO_MAX_PACING_RATE, .first = -1,
	  PAIR({ 100000, 100000 }, { -1, -1 }) },
	{ "SO_BUSY_POLL", SOL_SOCKET, SO_BUSY_POLL, .first = ANY, PAIR({ 50, 50 }, { 0, 0 }),
	  WRONG(-1) },
	{ "SO_BINDTOIFINDEX", SOL_SOCKET, SO_BINDTOIFINDEX, .first = 0, PAIR({ 1, 1 }, { 0, 0 }),
	  WRONG(-1) },
	{ "SO_BUF_LOCK", SOL_SOCKET, SO_BUF_LOCK, .first = 0, PAIR({ 3, 3 }, { 0, 0 }),
	  WRONG(4) },
	{ "SO_SELECT_ERR_QUEUE", SOL_SOCKET, SO_SELECT_ERR_QUEUE, .first = 0,
	  PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_TXREHASH", SOL_SOCKET, SO_TXREHASH, .first = 1,
	  PAIR({ 0, 0 }, { 1, 1 }, { -1, 1 }), WRONG(2, -2) },
	{ "SO_RXQ_OVFL", SOL_SOCKET, SO_RXQ_OVFL, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_TIMESTAMP", SOL_SOCKET, SO_TIMESTAMP, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_TIMESTAMPNS", SOL_SOCKET, SO_TIMESTAMPNS, .first = 0, PAIR({ 5, 1 }, { 0, 0 }) },
	{ "SO_TIMESTAMPING", SOL_SOCKET, SO_TIMESTAMPING, .first = 0,
	  PAIR({ SOF_TIMESTAMPING_RX_SOFTWARE, SOF_TIMESTAMPING_RX_SOFTWARE }, { 0, 0 }),
	  WRONG(1 << 30) },

	{ "IP_TOS", SOL_IP, IP_TOS, .first = 0, PAIR({ 0x10, 0x10 }, { 0x13, 0x10 }, { 0, 0 }) },
	{ "IP_TTL", SOL_IP, IP_TTL, .first = 64, PAIR({ 9, 9 }, { 255, 255 }, { -1, 64 }),
	  WRONG(0, 256) },
	{ "IP_FREEBIND", SOL_IP, IP_FREEBIND, .first = 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IP_BIND_ADDRESS_NO_PORT", SOL_IP, IP_BIND_ADDRESS_NO_PORT, .first = 0,
	  PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IP_RECVERR", SOL_IP, IP_RECVERR, .first = 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IP_MTU_DISCOVER", SOL_IP, IP_MTU_DISCOVER, .first = IP_PMTUDISC_WANT,
	  PAIR({ IP_PMTUDISC_DONT, IP_PMTUDISC_DONT }, { IP_PMTUDISC_DO, IP_PMTUDISC_DO },
	       { IP_PMTUDISC_PROBE, IP_PMTUDISC_PROBE }, { IP_PMTUDISC_OMIT, IP_PMTUDISC_OMIT },
	       { IP_PMTUDISC_WANT, IP_PMTUDISC_WANT }), WRONG(6, -1) },
	{ "IP_TRANSPARENT", SOL_IP, IP_TRANSPARENT, .first = 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IP_MINTTL", SOL_IP, IP_MINTTL, .first = 0, PAIR({ 255, 255 }, { 0, 0 }),
	  WRONG(256, -1) },
	{ "IP_PKTINFO", SOL_IP, IP_PKTINFO, .first = 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IP_RECVTTL", SOL_IP, IP_RECVTTL, .first = 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IP_RECVTOS", SOL_IP, IP_RECVTOS, .first = 0, PAIR({ 1, 1 }, { 0, 0 }) },

	{ "IPV6_V6ONLY", SOL_IPV6, IPV6_V6ONLY, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_UNICAST_HOPS", SOL_IPV6, IPV6_UNICAST_HOPS, AF_INET6, 64,
	  PAIR({ 9, 9 }, { -1, 64 }), WRONG(256, -2) },
	{ "IPV6_TCLASS", SOL_IPV6, IPV6_TCLASS, AF_INET6, 0, PAIR({ 0x10, 0x10 }, { 0, 0 }),
	  WRONG(256) },
	{ "IPV6_ADDR_PREFERENCES", SOL_IPV6, IPV6_ADDR_PREFERENCES, AF_INET6, ANY,
	  PAIR({ IPV6_PREFER_SRC_TMP, IPV6_PREFER_SRC_TMP | IPV6_PREFER_SRC_HOME }) },
	{ "IPV6_AUTOFLOWLABEL", SOL_IPV6, IPV6_AUTOFLOWLABEL, AF_INET6, ANY,
	  PAIR({ 0, 0 }, { 1, 1 }) },
	{ "IPV6_RECVERR", SOL_IPV6, IPV6_RECVERR, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_FREEBIND", SOL_IPV6, IPV6_FREEBIND, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_TRANSPARENT", SOL_IPV6, IPV6_TRANSPARENT, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_MTU_DISCOVER", SOL_IPV6, IPV6_MTU_DISCOVER, AF_INET6, IPV6_PMTUDISC_WANT,
	  PAIR({ IPV6_PMTUDISC_DONT, IPV6_PMTUDISC_DONT }, { IPV6_PMTUDISC_DO, IPV6_PMTUDISC_DO },
	       { IPV6_PMTUDISC_OMIT, IPV6_PMTUDISC_OMIT }), WRONG(6, -1) },
	{ "IPV6_MINHOPCOUNT", SOL_IPV6, IPV6_MINHOPCOUNT, AF_INET6, 0,
	  PAIR({ 255, 255 }, { 0, 0 }), WRONG(256, -1) },
	{ "IPV6_RECVPKTINFO", SOL_IPV6, IPV6_RECVPKTINFO, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_RECVHOPLIMIT", SOL_IPV6, IPV6_RECVHOPLIMIT, AF_INET6, 0,
	  PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_RECVTCLASS", SOL_IPV6, IPV6_RECVTCLASS, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
	{ "IPV6_FLOWINFO", SOL_IPV6, IPV6_FLOWINFO, AF_INET6, 0, PAIR({ 1, 1 }, { 0, 0 }) },
};

/* What the C library's struct tcp_info lacks: these come behind it. */
struct long_info {
	struct tcp_info old;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
};

#define ROWS	((int)(sizeof(rows) / sizeof(rows[0])))

FIXTURE(options) {
	const struct transport *t;
};

FIXTURE_VARIANT(options) {
	struct transport t;
};

FIXTURE_VARIANT_ADD(options, tcp_ipv4) {
	.t = { AF_INET, IPPROTO_TCP, AF_INET, SOL_TCP },
};

FIXTURE_VARIANT_ADD(options, tcp_ipv6) {
	.t = { AF_INET6, IPPROTO_TCP, AF_INET6, SOL_TCP },
};

FIXTURE_VARIANT_ADD(options, xtcp_ipv4) {
	.t = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },
};

FIXTURE_VARIANT_ADD(options, xtcp_ipv6) {
	.t = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },
};

TRANSPORT_SECOND_DOOR(options);
FIXTURE_VARIANT_ADD(options, xtcp_ipv4_as_tcp) {
	.t = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_TCP },
};

FIXTURE_VARIANT_ADD(options, xtcp_ipv6_as_tcp) {
	.t = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_TCP },
};

FIXTURE_SETUP(options)
{
	self->t = &variant->t;
	ASSERT_EQ(0, transport_isolate());
}

FIXTURE_TEARDOWN(options)
{
}

static int level_of(const struct transport *t, const struct row *row)
{
	return row->level == OWN ? t->level : row->level;
}

static bool applies(const struct transport *t, const struct row *row)
{
	if (row->level == SOL_SOCKET && row->name == SO_TXREHASH && !transport_has_txrehash(t))
		return false;
	return !row->family || row->family == t->family;
}

TEST_F(options, every_row_of_a_fresh_socket)
{
	int i, k;

	for (i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		int level = level_of(self->t, row), fd, now;

		if (!applies(self->t, row))
			continue;
		fd = transport_socket(self->t, 0);
		errno = 0;
		now = get_int(fd, level, row->name);
		EXPECT_EQ(0, errno) TH_LOG("%s is not there", row->text);
		if (row->first != ANY)
			EXPECT_EQ(row->first, now) TH_LOG("%s at first", row->text);
		for (k = 0; k < row->pairs; k++) {
			EXPECT_EQ(0, set_int(fd, level, row->name, row->pair[k].set))
				TH_LOG("%s: %s", row->text, strerror(errno));
			EXPECT_EQ(row->pair[k].get, get_int(fd, level, row->name))
				TH_LOG("%s after %d", row->text, row->pair[k].set);
		}
		now = get_int(fd, level, row->name);
		for (k = 0; k < row->wrongs; k++) {
			errno = 0;
			EXPECT_EQ(-1, set_int(fd, level, row->name, row->wrong[k]))
				TH_LOG("%s takes %d", row->text, row->wrong[k]);
			EXPECT_EQ(EINVAL, errno) TH_LOG("%s with %d", row->text, row->wrong[k]);
		}
		EXPECT_EQ(now, get_int(fd, level, row->name))
			TH_LOG("%s was changed by what was refused", row->text);
		close(fd);
	}
}

/* What one end of a connection is told, the other does not have. */
TEST_F(options, every_own_row_of_a_connection)
{
	int i, k, fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	for (i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		int other;

		/* the MSS is the connection's, and the window cannot be let free again */
		if (row->level != OWN || row->name == TCP_MAXSEG || row->name == TCP_WINDOW_CLAMP)
			continue;
		other = get_int(fd[1], self->t->level, row->name);
		for (k = 0; k < row->pairs; k++) {
			EXPECT_EQ(0, set_int(fd[0], self->t->level, row->name, row->pair[k].set));
			EXPECT_EQ(row->pair[k].get, get_int(fd[0], self->t->level, row->name))
				TH_LOG("%s after %d", row->text, row->pair[k].set);
		}
		EXPECT_EQ(other, get_int(fd[1], self->t->level, row->name))
			TH_LOG("%s of the peer", row->text);
	}
	EXPECT_EQ(0, set_int(fd[0], self->t->level, TCP_WINDOW_CLAMP, 20000));
	EXPECT_EQ(20000, get_int(fd[0], self->t->level, TCP_WINDOW_CLAMP));
	EXPECT_ERRNO(EINVAL, set_int(fd[0], self->t->level, TCP_WINDOW_CLAMP, 0));
}

/* accept() gives a socket that is as its listener was. */
TEST_F(options, accepted_sockets_take_their_listeners)
{
	static const int names[] = { TCP_NODELAY, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL,
				     TCP_KEEPCNT, TCP_LINGER2, TCP_USER_TIMEOUT,
				     TCP_NOTSENT_LOWAT, TCP_INQ };
	static const int values[] = { 1, 1, 11, 12, 13, 14, 15000, 16384, 1 };
	int listener = transport_listener(self->t, 1), fd[2];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ASSERT_EQ(0, set_int(listener, self->t->level, names[i], values[i]));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(listener)));
	fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EXPECT_EQ(values[i], get_int(fd[1], self->t->level, names[i]))
			TH_LOG("option %d", names[i]);
}

/* They are refused as by a kernel that does not know them, and programs do without. */
TEST_F(options, what_is_not_there_ENOPROTOOPT)
{
	static const int names[] = { TCP_MD5SIG, TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ,
				     TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_ULP, TCP_MD5SIG_EXT,
				     TCP_ZEROCOPY_RECEIVE, TCP_TX_DELAY, TCP_SAVE_SYN,
				     TCP_THIN_LINEAR_TIMEOUTS };
	char buf[256] = "tls";
	socklen_t len;
	size_t i;
	int fd;

	if (!transport_is_xtcp(self->t))
		SKIP(return, "TCP has them");
	fd = transport_socket(self->t, 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, self->t->level, names[i], buf, 4));
		len = sizeof(buf);
		EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, self->t->level, names[i], buf, &len));
	}
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_IP, IP_OPTIONS, 0));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_IP, IP_HDRINCL, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, IPPROTO_UDP, 1, 1));
	if (self->t->family == AF_INET)
		EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_IPV6, IPV6_V6ONLY, 1));
}

/* What can only be read. */
TEST_F(options, what_a_connection_is)
{
	uint64_t cookie[2] = { 0 }, net[2] = { 0, 1 };
	uint32_t mem[9] = { 0 };
	union address peer = { 0 }, name = { 0 };
	socklen_t len = sizeof(cookie[0]);
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, getsockopt(fd[0], SOL_SOCKET, SO_COOKIE, &cookie[0], &len));
	ASSERT_EQ(0, getsockopt(fd[1], SOL_SOCKET, SO_COOKIE, &cookie[1], &len));
	EXPECT_NE(0U, cookie[0]);
	EXPECT_NE(cookie[0], cookie[1]);
	ASSERT_EQ(0, getsockopt(fd[0], SOL_SOCKET, SO_NETNS_COOKIE, &net[0], &len));
	ASSERT_EQ(0, getsockopt(fd[1], SOL_SOCKET, SO_NETNS_COOKIE, &net[1], &len));
	EXPECT_EQ(net[0], net[1]);

	ASSERT_EQ(5, send(fd[0], "hello", 5, 0));
	ASSERT_LT(0, wait_for(fd[1], POLLIN));
	len = sizeof(mem);
	ASSERT_EQ(0, getsockopt(fd[1], SOL_SOCKET, SO_MEMINFO, mem, &len));
	EXPECT_LE(5U, mem[0]);		/* SK_MEMINFO_RMEM_ALLOC */
	EXPECT_EQ((uint32_t)get_int(fd[1], SOL_SOCKET, SO_RCVBUF), mem[1]);
	EXPECT_EQ((uint32_t)get_int(fd[1], SOL_SOCKET, SO_SNDBUF), mem[3]);

	len = sizeof(name);
	ASSERT_EQ(0, getsockname(fd[1], &name.sa, &len));
	ASSERT_EQ(0, getsockopt(fd[0], SOL_SOCKET, SO_PEERNAME, &peer, &len));
	EXPECT_EQ(0, memcmp(&peer, &name, len));
	EXPECT_LE(0, get_int(fd[1], SOL_SOCKET, SO_INCOMING_NAPI_ID));
	EXPECT_LE(0, get_int(fd[0], SOL_SOCKET, SO_INCOMING_CPU));
	EXPECT_LE(0, get_int(fd[1], SOL_SOCKET, SO_INCOMING_CPU));
}

/* sshd asks for source routes, and would hang up if there were one. */
TEST_F(options, no_ip_options)
{
	int fd = transport_socket(self->t, 0);
	socklen_t len = 40;
	char buf[40];

	EXPECT_EQ(0, getsockopt(fd, SOL_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(0U, len);
}

/* The least that every kernel has. */
TEST_F(options, TCP_INFO_of_a_connection)
{
	struct long_info info = {};
	socklen_t len = sizeof(info);
	char data[5000] = "";
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	ASSERT_EQ(0, read_all(fd[1], data, sizeof(data)));
	ASSERT_EQ(0, write_all(fd[1], data, 1));
	ASSERT_EQ(0, read_all(fd[0], data, 1));

	ASSERT_EQ(0, getsockopt(fd[0], self->t->level, TCP_INFO, &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(TCP_ESTABLISHED, info.old.tcpi_state);
	EXPECT_EQ(TCP_CA_Open, info.old.tcpi_ca_state);
	EXPECT_TRUE(info.old.tcpi_options & TCPI_OPT_SACK);
	EXPECT_LT(0U, info.old.tcpi_rto);
	EXPECT_LT(500U, info.old.tcpi_snd_mss);
	EXPECT_LT(1000U, info.old.tcpi_pmtu);
	EXPECT_LT(500U, info.old.tcpi_advmss);
	EXPECT_LE(2U, info.old.tcpi_snd_cwnd);
	EXPECT_EQ(0x7fffffffU, info.old.tcpi_snd_ssthresh);
	EXPECT_EQ(0U, info.old.tcpi_unacked);
	EXPECT_EQ(0U, info.old.tcpi_lost);
	/* where time is real the machine may be late enough for a tail loss probe */
	EXPECT_EQ(5000U, info.bytes_sent - info.bytes_retrans);
	EXPECT_EQ(0U, info.notsent_bytes);
	/* TCP counts its SYN, too */
	EXPECT_LE(5000U, info.bytes_acked);
	EXPECT_GE(5001U, info.bytes_acked);
	EXPECT_EQ(1U, info.bytes_received);
	EXPECT_LE(1U, info.data_segs_out);
	EXPECT_EQ(1U, info.data_segs_in);
	EXPECT_LT(5000U, info.old.tcpi_rcv_ssthresh);

	len = 8;
	memset(&info, 0xee, sizeof(info));
	ASSERT_EQ(0, getsockopt(fd[0], self->t->level, TCP_INFO, &info, &len));
	EXPECT_EQ(8U, len);
	EXPECT_EQ(0xeeeeeeeeU, info.old.tcpi_rto);
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd[0], self->t->level, TCP_INFO, 0));
}

/* nginx and haproxy look at a listener's queue in this way. */
TEST_F(options, TCP_INFO_of_a_listener)
{
	int listener = transport_listener(self->t, 7), fd = transport_socket(self->t, 0);
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(listener)));
	ASSERT_LT(0, wait_for(listener, POLLIN));
	ASSERT_EQ(0, getsockopt(listener, self->t->level, TCP_INFO, &info, &len));
	EXPECT_EQ(TCP_LISTEN, info.tcpi_state);
	EXPECT_EQ(1U, info.tcpi_unacked);
	EXPECT_EQ(7U, info.tcpi_sacked);
}

/* What TCP_INQ says is what is left after the call, and 1 at the end of the stream. */
TEST_F(options, TCP_INQ_tells_what_is_left)
{
	char data[100] = "", control[64];
	struct iovec iov = { data, 30 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	static const int left[] = { 70, 40, 10, 0 };
	struct cmsghdr *cmsg;
	int fd[2], i, inq;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], self->t->level, TCP_INQ, 1));
	ASSERT_EQ(0, write_all(fd[0], data, 100));
	ASSERT_EQ(100, recv(fd[1], data, 100, MSG_PEEK | MSG_WAITALL));
	for (i = 0; i < 4; i++) {
		msg.msg_controllen = sizeof(control);
		ASSERT_EQ(i == 3 ? 10 : 30, recvmsg(fd[1], &msg, 0));
		cmsg = CMSG_FIRSTHDR(&msg);
		ASSERT_NE(NULL, cmsg);
		EXPECT_EQ(SOL_TCP, cmsg->cmsg_level);
		EXPECT_EQ(TCP_CM_INQ, cmsg->cmsg_type);
		memcpy(&inq, CMSG_DATA(cmsg), sizeof(inq));
		EXPECT_EQ(left[i], inq);
	}

	close(fd[0]);
	msg.msg_controllen = sizeof(control);
	ASSERT_EQ(0, recvmsg(fd[1], &msg, 0));
	cmsg = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cmsg);
	memcpy(&inq, CMSG_DATA(cmsg), sizeof(inq));
	EXPECT_EQ(1, inq);
}

/* A peer that reads nothing: what is not sent stays small, however large SO_SNDBUF is. */
TEST_F(options, TCP_NOTSENT_LOWAT_keeps_the_rest_with_the_program)
{
	static char data[1 << 20];
	int fd[2], outq = -1;
	ssize_t sum, more;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 1 << 20));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_NOTSENT_LOWAT, 20000));
	sum = fill(fd[0]);
	ASSERT_LT(0, sum);
	EXPECT_FALSE(events_now(fd[0], POLLOUT) & POLLOUT);
	ASSERT_EQ(0, ioctl(fd[0], SIOCOUTQNSD, &outq));
	EXPECT_LT(0, outq);
	/* the last buffer may be one of 64 KiB */
	EXPECT_GE(20000 + 65536, outq);

	/* more is welcome as soon as the limit is gone */
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_NOTSENT_LOWAT, 0));
	EXPECT_TRUE(events_now(fd[0], POLLOUT) & POLLOUT);
	more = fill(fd[0]);
	EXPECT_LT(0, more);
	sum += more;

	/* and a limit that is reached from above lets a poller go on when data has left */
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_NOTSENT_LOWAT, 20000));
	EXPECT_FALSE(events_now(fd[0], POLLOUT) & POLLOUT);
	while (sum > 0) {
		more = recv(fd[1], data, sizeof(data), 0);
		ASSERT_LT(0, more);
		sum -= more;
	}
	EXPECT_TRUE(wait_for(fd[0], POLLOUT) & POLLOUT);
}

/* The peer never gets more than this ahead of a program that does not read. */
TEST_F(options, TCP_WINDOW_CLAMP_holds_the_peer_back)
{
	int listener, fd[2], inq = -1;

	if (!transport_is_xtcp(self->t))
		SKIP(return, "6.12's TCP forgets it as soon as data arrives");
	listener = transport_listener(self->t, 1);
	ASSERT_EQ(0, set_int(listener, SOL_SOCKET, SO_RCVBUF, 1 << 18));
	ASSERT_EQ(0, set_int(listener, self->t->level, TCP_WINDOW_CLAMP, 10000));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(listener)));
	fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	ASSERT_LT(10000, fill(fd[0]));
	ASSERT_EQ(0, ioctl(fd[1], SIOCINQ, &inq));
	EXPECT_LT(5000, inq);
	EXPECT_GE(10000, inq);
}

/* Two retransmissions after 1 and 3 s: given up after 7. */
TEST_F(options, TCP_SYNCNT_bounds_a_connect)
{
	int full = transport_full(self->t), fd = transport_socket(self->t, 0);
	uint64_t start;

	ASSERT_LE(0, full);
	ASSERT_EQ(0, set_int(fd, self->t->level, TCP_SYNCNT, 2));
	start = now_ms();
	EXPECT_ERRNO(ETIMEDOUT, transport_connect(self->t, fd, PLACE_LOOPBACK,
						  transport_port(full)));
	EXPECT_LE(2900U, now_ms() - start);
	/* far from the minutes that it takes otherwise */
	EXPECT_GT(30000U, now_ms() - start);
}

/* Apache's and nginx's "deferred": a worker is woken by the request, not by the handshake. */
TEST_F(options, TCP_DEFER_ACCEPT_waits_for_data)
{
	int listener = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), child;
	struct pollfd p = { .fd = listener, .events = POLLIN };
	char c = 0;

	ASSERT_EQ(0, set_int(listener, self->t->level, TCP_DEFER_ACCEPT, 7));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(listener)));
	EXPECT_EQ(0, poll(&p, 1, 500));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_EQ(1, recv(child, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ('x', c);
	EXPECT_EQ(0, get_int(child, self->t->level, TCP_DEFER_ACCEPT));
	EXPECT_EQ(TCP_ESTABLISHED, transport_state(self->t, fd));
}

TEST_F(options, TCP_DEFER_ACCEPT_gets_who_closes)
{
	int listener = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), child;
	char c;

	ASSERT_EQ(0, set_int(listener, self->t->level, TCP_DEFER_ACCEPT, 7));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(listener)));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_EQ(0, recv(child, &c, 1, 0));
}

/* A peer that waits for the server to begin is served late, but it is. */
TEST_F(options, TCP_DEFER_ACCEPT_does_not_wait_for_ever)
{
	int listener = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), child;
	uint64_t start = now_ms();
	char c;

	ASSERT_EQ(0, set_int(listener, self->t->level, TCP_DEFER_ACCEPT, 3));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(listener)));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_LE(2000U, now_ms() - start);
	ASSERT_EQ(1, send(child, "y", 1, 0));
	EXPECT_EQ(1, recv(fd, &c, 1, 0));
}

/* Those of interfaces, routes and neighbours belong to the family, whatever the protocol. */
TEST_F(options, ioctls_of_IPv4)
{
	struct arpreq arp = { .arp_pa.sa_family = AF_INET, .arp_dev = "lo" };
	struct ifreq ifr = { .ifr_name = "lo" };
	struct sockaddr_in *addr = (struct sockaddr_in *)&ifr.ifr_addr;
	int fd = transport_socket(self->t, 0), own = 0;
	struct rtentry route = { .rt_flags = RTF_UP };

	if (self->t->family != AF_INET)
		SKIP(return, "not IPv4");
	addr->sin_family = AF_INET;
	ASSERT_EQ(0, ioctl(fd, SIOCGIFADDR, &ifr));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), addr->sin_addr.s_addr);
	ASSERT_EQ(0, ioctl(fd, SIOCGIFNETMASK, &ifr));
	EXPECT_EQ(htonl(0xff000000), addr->sin_addr.s_addr);
	addr->sin_addr.s_addr = htonl(0xffff0000);
	ASSERT_EQ(0, ioctl(fd, SIOCSIFNETMASK, &ifr));
	ASSERT_EQ(0, ioctl(fd, SIOCGIFNETMASK, &ifr));
	EXPECT_EQ(htonl(0xffff0000), addr->sin_addr.s_addr);

	route.rt_dev = "lo";
	route.rt_dst.sa_family = AF_INET;
	route.rt_genmask.sa_family = AF_INET;
	EXPECT_EQ(0, ioctl(fd, SIOCADDRT, &route));
	EXPECT_ERRNO(EEXIST, ioctl(fd, SIOCADDRT, &route));
	EXPECT_EQ(0, ioctl(fd, SIOCDELRT, &route));
	EXPECT_ERRNO(ESRCH, ioctl(fd, SIOCDELRT, &route));

	EXPECT_ERRNO(ENXIO, ioctl(fd, SIOCGARP, &arp));
	EXPECT_ERRNO(EINVAL, ioctl(fd, SIOCRTMSG, &own));

	/* these are the transport's and the devices', as ever */
	EXPECT_EQ(0, ioctl(fd, SIOCATMARK, &own));
	EXPECT_EQ(0, ioctl(fd, SIOCGIFINDEX, &ifr));
	EXPECT_EQ(1, ifr.ifr_ifindex);
	EXPECT_ERRNO(ENOTTY, ioctl(fd, SIOCSIFLINK, &ifr));
}

TEST_F(options, ioctls_of_IPv6)
{
	struct in6_rtmsg route = { .rtmsg_dst_len = 128, .rtmsg_ifindex = 1,
				   .rtmsg_flags = RTF_UP, .rtmsg_metric = 5 };
	struct in6_ifreq ifr6 = { .ifr6_prefixlen = 128, .ifr6_ifindex = 1 };
	int fd = transport_socket(self->t, 0), own = 0;
	struct ifreq ifr = { .ifr_name = "lo" };

	if (self->t->family != AF_INET6)
		SKIP(return, "not IPv6");
	inet_pton(AF_INET6, "fd00::3", &ifr6.ifr6_addr);
	EXPECT_EQ(0, ioctl(fd, SIOCSIFADDR, &ifr6));
	EXPECT_ERRNO(EEXIST, ioctl(fd, SIOCSIFADDR, &ifr6));
	EXPECT_EQ(0, ioctl(fd, SIOCDIFADDR, &ifr6));
	EXPECT_ERRNO(EADDRNOTAVAIL, ioctl(fd, SIOCDIFADDR, &ifr6));

	inet_pton(AF_INET6, "2001:db8::5", &route.rtmsg_dst);
	EXPECT_EQ(0, ioctl(fd, SIOCADDRT, &route));
	EXPECT_EQ(0, ioctl(fd, SIOCDELRT, &route));
	EXPECT_ERRNO(ESRCH, ioctl(fd, SIOCDELRT, &route));

	EXPECT_EQ(0, ioctl(fd, SIOCATMARK, &own));
	EXPECT_EQ(0, ioctl(fd, SIOCGIFINDEX, &ifr));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, SIOCGIFADDR, &ifr));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, SIOCRTMSG, &own));
}

TEST_HARNESS_MAIN
