// SPDX-License-Identifier: GPL-2.0
/* One IPv6 socket for both IP versions: v4-mapped addresses and IPV6_V6ONLY. */
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

FIXTURE(dual) {
	struct transport v4, v6;
};

FIXTURE_VARIANT(dual) {
	struct transport v4, v6;
};

FIXTURE_VARIANT_ADD(dual, tcp) {
	.v4 = { AF_INET, IPPROTO_TCP, AF_INET, SOL_TCP },
	.v6 = { AF_INET6, IPPROTO_TCP, AF_INET6, SOL_TCP },
};

FIXTURE_VARIANT_ADD(dual, xtcp) {
	.v4 = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },
	.v6 = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },
};

FIXTURE_SETUP(dual)
{
	int fd;

	self->v4 = variant->v4;
	self->v6 = variant->v6;
	ASSERT_EQ(0, transport_isolate());
	fd = transport_socket(&self->v6, 0);
	ASSERT_LE(0, fd) TH_LOG("no such transport: %s", strerror(errno));
	close(fd);
}

FIXTURE_TEARDOWN(dual)
{
}

static struct sockaddr_in6 mapped(const char *ipv4, uint16_t port)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	addr.sin6_addr.s6_addr[10] = 0xff;
	addr.sin6_addr.s6_addr[11] = 0xff;
	inet_pton(AF_INET, ipv4, addr.sin6_addr.s6_addr + 12);
	return addr;
}

TEST_F(dual, any_address_takes_both)
{
	int door = transport_socket(&self->v6, 0);
	int fd4 = transport_socket(&self->v4, 0);
	int fd6 = transport_socket(&self->v6, 0);
	struct sockaddr_in6 addr, want;
	socklen_t len = sizeof(addr);
	int server;
	char c;

	EXPECT_EQ(0, get_int(door, IPPROTO_IPV6, IPV6_V6ONLY));
	ASSERT_EQ(0, transport_bind(&self->v6, door, PLACE_ANY, 4740));
	ASSERT_EQ(0, listen(door, 2));
	ASSERT_EQ(0, transport_connect(&self->v4, fd4, PLACE_LOOPBACK, 4740));
	server = accept(door, (struct sockaddr *)&addr, &len);
	ASSERT_LE(0, server);
	want = mapped("127.0.0.1", transport_port(fd4));
	ASSERT_EQ(sizeof(want), len);
	EXPECT_EQ(0, memcmp(&addr, &want, len));
	ASSERT_EQ(0, getsockname(server, (struct sockaddr *)&addr, &len));
	want = mapped("127.0.0.1", 4740);
	EXPECT_EQ(0, memcmp(&addr, &want, len));
	ASSERT_EQ(1, send(fd4, "x", 1, 0));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	ASSERT_EQ(1, send(server, "y", 1, 0));
	ASSERT_EQ(1, recv(fd4, &c, 1, 0));

	ASSERT_EQ(0, transport_connect(&self->v6, fd6, PLACE_LOOPBACK, 4740));
	EXPECT_LE(0, accept(door, NULL, NULL));
}

TEST_F(dual, V6ONLY_takes_one)
{
	int door = transport_socket(&self->v6, 0);
	int fd4 = transport_socket(&self->v4, 0);
	int fd6 = transport_socket(&self->v6, 0);

	ASSERT_EQ(0, set_int(door, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	ASSERT_EQ(0, transport_bind(&self->v6, door, PLACE_ANY, 4741));
	ASSERT_EQ(0, listen(door, 2));
	EXPECT_ERRNO(ECONNREFUSED, transport_connect(&self->v4, fd4, PLACE_LOOPBACK, 4741));
	EXPECT_EQ(0, transport_connect(&self->v6, fd6, PLACE_LOOPBACK, 4741));
	/* Too late to change one's mind. */
	EXPECT_ERRNO(EINVAL, set_int(door, IPPROTO_IPV6, IPV6_V6ONLY, 0));
}

TEST_F(dual, V6ONLY_leaves_the_port_to_IPv4)
{
	int a = transport_socket(&self->v6, 0);
	int b = transport_socket(&self->v4, 0);

	ASSERT_EQ(0, set_int(a, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	ASSERT_EQ(0, transport_bind(&self->v6, a, PLACE_ANY, 4742));
	ASSERT_EQ(0, listen(a, 1));
	ASSERT_EQ(0, transport_bind(&self->v4, b, PLACE_ANY, 4742));
	EXPECT_EQ(0, listen(b, 1));
}

TEST_F(dual, both_take_the_port)
{
	int a = transport_socket(&self->v6, 0);
	int b = transport_socket(&self->v4, 0);

	ASSERT_EQ(0, transport_bind(&self->v6, a, PLACE_ANY, 4743));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(&self->v4, b, PLACE_ANY, 4743));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(&self->v4, b, PLACE_LOOPBACK, 4743));
}

TEST_F(dual, connect_to_a_mapped_address)
{
	int door = transport_listener(&self->v4, 1);
	int fd = transport_socket(&self->v6, 0);
	struct sockaddr_in6 addr = mapped("127.0.0.1", transport_port(door)), got, want;
	socklen_t len = sizeof(got);
	struct sockaddr_in peer;
	socklen_t plen = sizeof(peer);
	int server;
	char c;

	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	server = accept(door, (struct sockaddr *)&peer, &plen);
	ASSERT_LE(0, server);
	EXPECT_EQ(AF_INET, peer.sin_family);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), peer.sin_addr.s_addr);
	ASSERT_EQ(0, getpeername(fd, (struct sockaddr *)&got, &len));
	EXPECT_EQ(0, memcmp(&got, &addr, sizeof(addr)));
	ASSERT_EQ(0, getsockname(fd, (struct sockaddr *)&got, &len));
	want = mapped("127.0.0.1", transport_port(fd));
	EXPECT_EQ(0, memcmp(&got, &want, sizeof(want)));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(1, recv(server, &c, 1, 0));
}

TEST_F(dual, bind_to_a_mapped_address)
{
	int door = transport_socket(&self->v6, 0);
	int fd4 = transport_socket(&self->v4, 0);
	int fd6 = transport_socket(&self->v6, 0);
	struct sockaddr_in6 addr = mapped("127.0.0.1", 4744);

	ASSERT_EQ(0, bind(door, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(door, 1));
	EXPECT_EQ(0, transport_connect(&self->v4, fd4, PLACE_LOOPBACK, 4744));
	EXPECT_ERRNO(ECONNREFUSED, transport_connect(&self->v6, fd6, PLACE_LOOPBACK, 4744));
}

TEST_F(dual, V6ONLY_refuses_mapped_addresses)
{
	int fd = transport_socket(&self->v6, 0);
	struct sockaddr_in6 addr = mapped("127.0.0.1", 4745);

	ASSERT_EQ(0, set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	EXPECT_ERRNO(EINVAL, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	EXPECT_ERRNO(ENETUNREACH, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
}

TEST_F(dual, IPv6_bound_cannot_reach_IPv4)
{
	int door = transport_listener(&self->v4, 1);
	int fd = transport_socket(&self->v6, 0);
	struct sockaddr_in6 addr = mapped("127.0.0.1", transport_port(door));

	ASSERT_EQ(0, transport_bind(&self->v6, fd, PLACE_LOOPBACK, 0));
	EXPECT_EQ(-1, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
}

TEST_F(dual, IPv4_bound_cannot_reach_IPv6)
{
	int fd = transport_socket(&self->v6, 0);
	struct sockaddr_in6 addr = mapped("127.0.0.1", 0);

	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	EXPECT_ERRNO(EAFNOSUPPORT, transport_connect(&self->v6, fd, PLACE_LOOPBACK, 1));
	/* what is not to be reached at all is that first */
	EXPECT_ERRNO(ENETUNREACH, transport_connect(&self->v6, fd, PLACE_FOREIGN, 1));
}

TEST_HARNESS_MAIN
