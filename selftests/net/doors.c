// SPDX-License-Identifier: GPL-2.0
/*
 * Two doors, one room: who comes in by the family AF_XTCP and who comes in by the
 * protocol IPPROTO_XTCP of inet sockets meet, and nobody can tell them apart.
 */
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

FIXTURE(doors) {
	const struct transport *server, *client;
};

FIXTURE_VARIANT(doors) {
	struct transport server, client;
};

FIXTURE_VARIANT_ADD(doors, family_to_inet_ipv4) {
	.server = { AF_INET, IPPROTO_XTCP, AF_INET, SOL_XTCP },
	.client = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },
};

FIXTURE_VARIANT_ADD(doors, family_to_inet_ipv6) {
	.server = { AF_INET6, IPPROTO_XTCP, AF_INET6, SOL_XTCP },
	.client = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },
};

FIXTURE_VARIANT_ADD(doors, inet_to_family_ipv4) {
	.server = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },
	.client = { AF_INET, IPPROTO_XTCP, AF_INET, SOL_XTCP },
};

FIXTURE_VARIANT_ADD(doors, inet_to_family_ipv6) {
	.server = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },
	.client = { AF_INET6, IPPROTO_XTCP, AF_INET6, SOL_XTCP },
};

FIXTURE_SETUP(doors)
{
	self->server = &variant->server;
	self->client = &variant->client;
	ASSERT_EQ(0, transport_isolate());
}

FIXTURE_TEARDOWN(doors)
{
}

TEST_F(doors, they_meet)
{
	static char data[100000], got[sizeof(data)];
	int listener = transport_listener(self->server, 1);
	int fd = transport_socket(self->client, 0), child;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 251;
	ASSERT_EQ(0, transport_connect(self->client, fd, PLACE_LOOPBACK,
				       transport_port(listener)));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	ASSERT_EQ(0, write_all(fd, data, sizeof(data)));
	ASSERT_EQ(0, read_all(child, got, sizeof(got)));
	EXPECT_EQ(0, memcmp(data, got, sizeof(data)));
	ASSERT_EQ(0, shutdown(child, SHUT_WR));
	EXPECT_EQ(0, recv(fd, got, 1, 0));
}

TEST_F(doors, they_share_ports)
{
	int listener = transport_listener(self->server, 1);
	int fd = transport_socket(self->client, 0);

	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->client, fd, PLACE_LOOPBACK,
						transport_port(listener)));
}

TEST_F(doors, they_look_alike)
{
	static const int names[] = { SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_SNDBUF, SO_RCVBUF,
				     SO_REUSEADDR, SO_PRIORITY };
	int a = transport_socket(self->server, 0), b = transport_socket(self->client, 0);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EXPECT_EQ(get_int(a, SOL_SOCKET, names[i]), get_int(b, SOL_SOCKET, names[i]));
	EXPECT_EQ(self->server->family, get_int(a, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(IPPROTO_XTCP, get_int(a, SOL_SOCKET, SO_PROTOCOL));
	if (self->server->family != AF_INET6)
		return;
	for (i = IPV6_ADDRFORM + 1; i < 80; i++)
		EXPECT_EQ(get_int(a, SOL_IPV6, i), get_int(b, SOL_IPV6, i)) TH_LOG("%zu", i);
}

/* As everywhere: what a program did not ask for it does not get. */
TEST_F(doors, the_default_is_still_TCP)
{
	int fd = socket(self->server->family, SOCK_STREAM, 0);

	EXPECT_EQ(IPPROTO_TCP, get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->server->family, SOCK_DGRAM, IPPROTO_XTCP));
}

/* An IPv6 server of one door and an IPv4 client of the other. */
TEST_F(doors, dual_stack)
{
	const struct transport ipv4 = {
		self->client->domain == AF_XTCP ? AF_XTCP : AF_INET,
		self->client->domain == AF_XTCP ? XTCP_IPV4 : IPPROTO_XTCP, AF_INET, SOL_XTCP,
	};
	int listener = transport_socket(self->server, 0), fd = transport_socket(&ipv4, 0);
	union address peer;
	socklen_t len = sizeof(peer);

	if (self->server->family != AF_INET6)
		SKIP(return, "for an IPv6 server");
	ASSERT_EQ(0, transport_bind(self->server, listener, PLACE_ANY, 0));
	ASSERT_EQ(0, listen(listener, 1));
	ASSERT_EQ(0, transport_connect(&ipv4, fd, PLACE_LOOPBACK, transport_port(listener)));
	ASSERT_LE(0, accept(listener, &peer.sa, &len));
	EXPECT_EQ(AF_INET6, peer.sa.sa_family);
	EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&peer.in6.sin6_addr));
}

TEST_HARNESS_MAIN
