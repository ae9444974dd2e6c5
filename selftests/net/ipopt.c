// SPDX-License-Identifier: GPL-2.0
/* What the options of IP do to a connection's packets, and to who may come. */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT	73
#endif

TRANSPORT_FIXTURE(ipopt)
TRANSPORT_SECOND_DOOR(ipopt);

static bool is_v4(const struct transport *t)
{
	return t->family == AF_INET;
}

/* DF in the next packet of the transport that leaves by port @port; -1: none. */
static int df_of(const struct transport *t, int tap, int port)
{
	struct { struct iphdr ip; uint16_t sport, dport; } __attribute__((packed)) p;
	int protocol = transport_is_xtcp(t) ? IPPROTO_XTCP : IPPROTO_TCP;

	while (recv(tap, &p, sizeof(p), 0) >= (ssize_t)sizeof(p))
		if (p.ip.protocol == protocol && ntohs(p.sport) == port)
			return !!(ntohs(p.ip.frag_off) & 0x4000);
	return -1;
}

TEST_F(ipopt, MTU_DISCOVER_and_DF)
{
	static const struct { int value, df; } rows[] = {
		{ IP_PMTUDISC_WANT, 1 }, { IP_PMTUDISC_DONT, 0 }, { IP_PMTUDISC_DO, 1 },
	};
	struct sockaddr_ll lo = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int fd[2], tap;
	size_t i;
	char c;

	if (!is_v4(self->t))
		SKIP(return, "IPv6 has no DF");
	/* of the device: else bytes may go round it (net.xtcp.shortcut) */
	tap = socket(AF_PACKET, SOCK_DGRAM, 0);
	ASSERT_LE(0, tap);
	ASSERT_EQ(0, bind(tap, (struct sockaddr *)&lo, sizeof(lo)));
	ASSERT_EQ(0, set_time(tap, SO_RCVTIMEO, 1000));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(1, df_of(self->t, tap, transport_port(fd[0])));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ASSERT_EQ(0, set_int(fd[0], SOL_IP, IP_MTU_DISCOVER, rows[i].value));
		while (recv(tap, &c, 1, MSG_DONTWAIT) > 0)
			;
		ASSERT_EQ(1, send(fd[0], "x", 1, 0));
		EXPECT_EQ(rows[i].df, df_of(self->t, tap, transport_port(fd[0])))
			TH_LOG("IP_MTU_DISCOVER %d", rows[i].value);
		ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	}
}

/* RFC 5082: what has come through a router is not let in. */
TEST_F(ipopt, MINTTL_keeps_the_far_away_out)
{
	int level = is_v4(self->t) ? SOL_IP : SOL_IPV6;
	int least = is_v4(self->t) ? IP_MINTTL : IPV6_MINHOPCOUNT;
	int ttl = is_v4(self->t) ? IP_TTL : IPV6_UNICAST_HOPS;
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], level, least, 255));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	usleep(300000);
	EXPECT_ERRNO(EAGAIN, recv(fd[1], &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, set_int(fd[0], level, ttl, 255));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
}

/* The first packet that leaves by port @port: its TTL and DSCP; -1: none. */
static int first_of(const struct transport *t, int tap, int port, int *dscp)
{
	int protocol = transport_is_xtcp(t) ? IPPROTO_XTCP : IPPROTO_TCP;
	unsigned char p[44];
	uint16_t sport;

	while (recv(tap, p, sizeof(p), 0) == sizeof(p)) {
		memcpy(&sport, p + (is_v4(t) ? 20 : 40), sizeof(sport));
		if (p[is_v4(t) ? 9 : 6] != protocol || ntohs(sport) != port)
			continue;
		*dscp = is_v4(t) ? p[1] >> 2 : (p[0] & 0xf) << 2 | p[1] >> 6;
		return p[is_v4(t) ? 8 : 7];
	}
	return -1;
}

/* So it is for the answer to a SYN, too, which no socket has sent yet. */
TEST_F(ipopt, TTL_and_TOS_of_a_listener)
{
	int level = is_v4(self->t) ? SOL_IP : SOL_IPV6;
	int least = is_v4(self->t) ? IP_MINTTL : IPV6_MINHOPCOUNT;
	int ttl = is_v4(self->t) ? IP_TTL : IPV6_UNICAST_HOPS;
	int tos = is_v4(self->t) ? IP_TOS : IPV6_TCLASS;
	int door = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), dscp = -1;
	struct sockaddr_ll lo = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(is_v4(self->t) ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int tap = socket(AF_PACKET, SOCK_DGRAM, 0);

	ASSERT_LE(0, tap);
	ASSERT_EQ(0, bind(tap, (struct sockaddr *)&lo, sizeof(lo)));
	ASSERT_EQ(0, set_time(tap, SO_RCVTIMEO, 1000));
	ASSERT_EQ(0, set_int(door, level, ttl, 255));
	ASSERT_EQ(0, set_int(door, level, least, 255));
	ASSERT_EQ(0, set_int(door, level, tos, 0x48));
	ASSERT_EQ(0, set_int(fd, level, ttl, 255));
	ASSERT_EQ(0, set_int(fd, level, least, 255));
	ASSERT_EQ(0, set_int(fd, level, tos, 0x88));
	ASSERT_EQ(0, set_time(fd, SO_SNDTIMEO, 10000));
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_EQ(255, first_of(self->t, tap, transport_port(door), &dscp));
	EXPECT_EQ(0x48 >> 2, dscp);
	/* a RST of nobody's would not come near enough to end it */
	EXPECT_LE(0, accept(door, NULL, NULL));
}

static int local_range(int fd, unsigned int low, unsigned int high)
{
	uint32_t range = high << 16 | low;

	return setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range));
}

TEST_F(ipopt, LOCAL_PORT_RANGE)
{
	int door = transport_listener(self->t, 20), fd, i;

	fd = transport_socket(self->t, 0);
	if (local_range(fd, 0, 0) && errno == ENOPROTOOPT)
		SKIP(return, "the kernel has no IP_LOCAL_PORT_RANGE");
	EXPECT_ERRNO(EINVAL, local_range(fd, 2000, 1000));
	for (i = 0; i < 10; i++) {
		fd = transport_socket(self->t, 0);
		ASSERT_EQ(0, local_range(fd, 40000, 40009));
		ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK,
					       transport_port(door)));
		EXPECT_LE(40000, transport_port(fd));
		EXPECT_GE(40009, transport_port(fd));
	}
	fd = transport_socket(self->t, 0);
	ASSERT_EQ(0, local_range(fd, 40000, 40009));
	EXPECT_ERRNO(EADDRNOTAVAIL, transport_connect(self->t, fd, PLACE_LOOPBACK,
						      transport_port(door)));
}

/* A proxy speaks with an address that is another's, and listens at it. */
TEST_F(ipopt, TRANSPARENT)
{
	int level = is_v4(self->t) ? SOL_IP : SOL_IPV6;
	int name = is_v4(self->t) ? IP_TRANSPARENT : IPV6_TRANSPARENT;
	int door = transport_socket(self->t, 0), fd = transport_socket(self->t, 0), child;
	const char *v = is_v4(self->t) ? "-4" : "-6";
	const char *net = is_v4(self->t) ? "192.0.2.0/24" : "2001:db8::/64";
	char command[200];

	snprintf(command, sizeof(command),
		 "ip %s route add local %s dev lo table 100 && ip %s rule add to %s lookup 100",
		 v, net, v, net);
	ASSERT_EQ(0, system(command));
	EXPECT_ERRNO(EADDRNOTAVAIL, transport_bind(self->t, door, PLACE_FOREIGN, 0));
	ASSERT_EQ(0, set_int(door, level, name, 1));
	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_FOREIGN, 0));
	ASSERT_EQ(0, listen(door, 1));
	ASSERT_EQ(0, set_int(fd, level, name, 1));
	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_FOREIGN, 0));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_FOREIGN, transport_port(door)));
	child = accept(door, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_EQ(1, get_int(child, level, name));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(1, recv(child, command, 1, 0));
}

struct told {
	int ttl, tos, ifindex;
};

/* What a socket tells of the packet that opened its connection. */
static int pktoptions(const struct transport *t, int fd, struct told *told)
{
	union { char buf[256]; struct cmsghdr align; } control;
	socklen_t len = sizeof(control);
	struct msghdr msg = { .msg_control = control.buf };
	struct cmsghdr *cmsg;

	if (getsockopt(fd, is_v4(t) ? SOL_IP : SOL_IPV6,
		       is_v4(t) ? IP_PKTOPTIONS : IPV6_2292PKTOPTIONS, control.buf, &len))
		return -1;
	*told = (struct told){ -1, -1, -1 };
	msg.msg_controllen = len;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (is_v4(t) && cmsg->cmsg_type == IP_TTL)
			memcpy(&told->ttl, CMSG_DATA(cmsg), sizeof(int));
		else if (is_v4(t) && cmsg->cmsg_type == IP_TOS)
			memcpy(&told->tos, CMSG_DATA(cmsg), sizeof(int));
		else if (is_v4(t) && cmsg->cmsg_type == IP_PKTINFO)
			memcpy(&told->ifindex, CMSG_DATA(cmsg), sizeof(int));
		else if (!is_v4(t) && cmsg->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&told->ttl, CMSG_DATA(cmsg), sizeof(int));
		else if (!is_v4(t) && cmsg->cmsg_type == IPV6_TCLASS)
			memcpy(&told->tos, CMSG_DATA(cmsg), sizeof(int));
		else if (!is_v4(t) && cmsg->cmsg_type == IPV6_PKTINFO)
			told->ifindex = ((struct in6_pktinfo *)CMSG_DATA(cmsg))->ipi6_ifindex;
	}
	return 0;
}

TEST_F(ipopt, PKTOPTIONS_of_the_first_packet)
{
	int level = is_v4(self->t) ? SOL_IP : SOL_IPV6;
	int door = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), child;
	struct told told;

	if (is_v4(self->t)) {
		ASSERT_EQ(0, set_int(door, level, IP_RECVTTL, 1));
		ASSERT_EQ(0, set_int(door, level, IP_RECVTOS, 1));
		ASSERT_EQ(0, set_int(door, level, IP_PKTINFO, 1));
		ASSERT_EQ(0, set_int(fd, level, IP_TTL, 77));
		ASSERT_EQ(0, set_int(fd, level, IP_TOS, 0x40));
	} else {
		ASSERT_EQ(0, set_int(door, level, IPV6_RECVHOPLIMIT, 1));
		ASSERT_EQ(0, set_int(door, level, IPV6_RECVTCLASS, 1));
		ASSERT_EQ(0, set_int(door, level, IPV6_RECVPKTINFO, 1));
		ASSERT_EQ(0, set_int(fd, level, IPV6_UNICAST_HOPS, 77));
		ASSERT_EQ(0, set_int(fd, level, IPV6_TCLASS, 0x40));
	}
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	child = accept(door, NULL, NULL);
	ASSERT_LE(0, child);
	ASSERT_EQ(0, pktoptions(self->t, child, &told));
	EXPECT_EQ(77, told.ttl);
	EXPECT_EQ(0x40, told.tos & ~3);		/* the rest is ECN */
	EXPECT_EQ(1, told.ifindex);		/* lo */
	/* who has not asked is told nothing */
	ASSERT_EQ(0, pktoptions(self->t, fd, &told));
	EXPECT_EQ(-1, told.ttl);
}

/* The flow label of the next packet with data that leaves by port @port. */
static uint32_t label_of(const struct transport *t, int tap, int port)
{
	struct { uint32_t flow; uint16_t len; uint8_t next, hops; uint8_t addrs[32];
		 uint16_t sport, dport; } __attribute__((packed)) p;
	int protocol = transport_is_xtcp(t) ? IPPROTO_XTCP : IPPROTO_TCP;

	while (recv(tap, &p, sizeof(p), 0) >= (ssize_t)sizeof(p))
		if (p.next == protocol && ntohs(p.sport) == port)
			return ntohl(p.flow) & 0xfffff;
	return 0;
}

/* A peer that does not answer may be heard on another way, which the hash chooses. */
TEST_F(ipopt, TXREHASH_after_a_timeout)
{
	struct sock_filter none = { BPF_RET | BPF_K, 0, 0, 0 };
	struct sock_fprog refuse = { 1, &none };
	int fd[2], tap, rehash, i, changes;
	uint32_t label;

	if (is_v4(self->t))
		SKIP(return, "seen by the flow label, which IPv4 does not have");
	if (!transport_has_txrehash(self->t))
		SKIP(return, "this kernel gives it to TCP alone");
	for (rehash = 0; rehash < 2; rehash++) {
		ASSERT_EQ(0, transport_pair(self->t, fd));
		ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TXREHASH, rehash));
		ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_FILTER, &refuse,
					sizeof(refuse)));
		tap = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IPV6));
		ASSERT_LE(0, tap);
		ASSERT_EQ(1, send(fd[0], "x", 1, 0));
		label = label_of(self->t, tap, transport_port(fd[0]));
		EXPECT_NE(0U, label);
		/* the first repetition may be a probe, which is no timeout */
		for (i = 0, changes = 0; i < 3; i++) {
			uint32_t next = label_of(self->t, tap, transport_port(fd[0]));

			changes += next != label;
			label = next;
		}
		EXPECT_EQ(rehash, !!changes);
		close(tap);
		close(fd[0]);
		close(fd[1]);
	}
}

TEST_HARNESS_MAIN
