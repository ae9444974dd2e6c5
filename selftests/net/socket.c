// SPDX-License-Identifier: GPL-2.0
/* Creating sockets and giving them an address. */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(socket)
TRANSPORT_SECOND_DOOR(socket);

TEST_F(socket, flags_of_type)
{
	int fd = transport_socket(self->t, SOCK_NONBLOCK | SOCK_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
}

TEST_F(socket, other_types_ESOCKTNOSUPPORT)
{
	EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(self->t->domain, SOCK_SEQPACKET, self->t->protocol));
	EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(self->t->domain, SOCK_RDM, self->t->protocol));
	EXPECT_ERRNO(EINVAL, socket(self->t->domain, 15, self->t->protocol));
}

TEST_F(socket, other_protocols_EPROTONOSUPPORT)
{
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->t->domain, SOCK_STREAM, 77));
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->t->domain, SOCK_STREAM, 255));
}

TEST_F(socket, socketpair_EOPNOTSUPP)
{
	int fd[2];

	EXPECT_ERRNO(EOPNOTSUPP, socketpair(self->t->domain, SOCK_STREAM, self->t->protocol, fd));
}

TEST_F(socket, unbound_has_no_name)
{
	int fd = transport_socket(self->t, 0);
	union address addr, none;
	socklen_t len = sizeof(addr);

	ASSERT_EQ(0, getsockname(fd, &addr.sa, &len));
	ASSERT_EQ(len, transport_address(self->t, PLACE_ANY, 0, &none));
	EXPECT_EQ(0, memcmp(&addr, &none, len));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, &addr.sa, &len));
}

TEST_F(socket, F1_bind_gives_address_and_port)
{
	union address addr, want;
	socklen_t len = sizeof(addr);
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 4711));
	ASSERT_EQ(0, getsockname(fd, &addr.sa, &len));
	ASSERT_EQ(len, transport_address(self->t, PLACE_LOOPBACK, 4711, &want));
	EXPECT_EQ(0, memcmp(&addr, &want, len));
}

TEST_F(socket, bind_port_0_chooses_one)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, a, PLACE_LOOPBACK, 0));
	ASSERT_EQ(0, transport_bind(self->t, b, PLACE_LOOPBACK, 0));
	EXPECT_LE(1024, transport_port(a));
	EXPECT_LE(1024, transport_port(b));
	EXPECT_NE(transport_port(a), transport_port(b));
}

TEST_F(socket, bind_any_and_second_address)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);

	EXPECT_EQ(0, transport_bind(self->t, a, PLACE_ANY, 0));
	EXPECT_EQ(0, transport_bind(self->t, b, PLACE_SECOND, 0));
}

TEST_F(socket, bind_foreign_EADDRNOTAVAIL)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_ERRNO(EADDRNOTAVAIL, transport_bind(self->t, fd, PLACE_FOREIGN, 0));
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
}

/* lo is down, and nobody has an address: IPv4 does not say whose they are. */
TEST_F(socket, bind_before_there_are_addresses)
{
	int fd;

	if (self->t->family != AF_INET)
		SKIP(return, "IPv6 says so");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = transport_socket(self->t, 0);
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
	EXPECT_EQ(0, listen(fd, 1));
	fd = transport_socket(self->t, 0);
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_FOREIGN, 0));
	EXPECT_ERRNO(ENETUNREACH, transport_connect(self->t, fd, PLACE_LOOPBACK, 1));
}

TEST_F(socket, bind_twice_EINVAL)
{
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
	EXPECT_ERRNO(EINVAL, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
}

TEST_F(socket, bind_connected_EINVAL)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EINVAL, transport_bind(self->t, fd[0], PLACE_LOOPBACK, 0));
	EXPECT_ERRNO(EINVAL, transport_bind(self->t, fd[1], PLACE_LOOPBACK, 0));
}

TEST_F(socket, bind_bad_arguments)
{
	union address addr;
	int fd = transport_socket(self->t, 0);
	socklen_t len = transport_address(self->t, PLACE_LOOPBACK, 0, &addr);

	EXPECT_ERRNO(EINVAL, bind(fd, &addr.sa, 0));
	EXPECT_ERRNO(EINVAL, bind(fd, &addr.sa, sizeof(struct sockaddr_in) - 1));
	EXPECT_ERRNO(EINVAL, bind(fd, &addr.sa, -1));
	EXPECT_ERRNO(EFAULT, bind(fd, (void *)16, len));
	addr.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, &addr.sa, len));
}

TEST_F(socket, bind_other_family)
{
	struct transport other = *self->t;
	union address addr;
	int fd = transport_socket(self->t, 0);
	socklen_t len;

	other.family = other.family == AF_INET ? AF_INET6 : AF_INET;
	len = transport_address(&other, PLACE_LOOPBACK, 0, &addr);
	/* A sockaddr_in is too short to be a sockaddr_in6. */
	EXPECT_ERRNO(other.family == AF_INET6 ? EAFNOSUPPORT : EINVAL, bind(fd, &addr.sa, len));
}

TEST_F(socket, port_in_use_EADDRINUSE)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);
	int port;

	ASSERT_EQ(0, transport_bind(self->t, a, PLACE_LOOPBACK, 0));
	port = transport_port(a);
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, b, PLACE_LOOPBACK, port));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, b, PLACE_ANY, port));
	EXPECT_EQ(0, transport_bind(self->t, b, PLACE_SECOND, port));
}

TEST_F(socket, any_address_takes_the_port)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, a, PLACE_ANY, 4712));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, b, PLACE_LOOPBACK, 4712));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, b, PLACE_ANY, 4712));
}

TEST_F(socket, port_is_free_after_close)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, a, PLACE_LOOPBACK, 4713));
	ASSERT_EQ(0, close(a));
	EXPECT_EQ(0, transport_bind(self->t, b, PLACE_LOOPBACK, 4713));
}

TEST_F(socket, reuseaddr_shares_until_one_listens)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);

	ASSERT_EQ(0, set_int(a, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, transport_bind(self->t, a, PLACE_LOOPBACK, 4714));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, b, PLACE_LOOPBACK, 4714));
	ASSERT_EQ(0, set_int(b, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, transport_bind(self->t, b, PLACE_LOOPBACK, 4714));
	ASSERT_EQ(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(b, 1));
	ASSERT_EQ(0, close(a));
	EXPECT_EQ(0, listen(b, 1));
}

TEST_F(socket, reuseaddr_does_not_share_with_a_listener)
{
	int a = transport_socket(self->t, 0);
	int b = transport_socket(self->t, 0);

	ASSERT_EQ(0, set_int(a, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, set_int(b, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, transport_bind(self->t, a, PLACE_LOOPBACK, 4715));
	ASSERT_EQ(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, b, PLACE_LOOPBACK, 4715));
}

TEST_F(socket, reuseaddr_beside_a_connection)
{
	int door = transport_socket(self->t, 0);
	int again = transport_socket(self->t, 0);
	int client = transport_socket(self->t, 0);
	int server;

	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_LOOPBACK, 4716));
	ASSERT_EQ(0, listen(door, 1));
	ASSERT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, 4716));
	server = accept(door, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(door));
	EXPECT_ERRNO(EADDRINUSE, transport_bind(self->t, again, PLACE_LOOPBACK, 4716));
	ASSERT_EQ(0, set_int(again, SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_EQ(0, transport_bind(self->t, again, PLACE_LOOPBACK, 4716));
	EXPECT_EQ(0, listen(again, 1));
}

TEST_F(socket, privileged_port_EACCES)
{
	int fd = transport_socket(self->t, 0);
	int root = transport_socket(self->t, 0);

	EXPECT_EQ(0, transport_bind(self->t, root, PLACE_LOOPBACK, 80));
	ASSERT_EQ(0, setuid(65534));
	EXPECT_ERRNO(EACCES, transport_bind(self->t, fd, PLACE_LOOPBACK, 81));
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 1024));
}

TEST_F(socket, no_seek_no_read_write_at)
{
	char c = 0;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(ESPIPE, lseek(fd[0], 0, SEEK_SET));
	EXPECT_ERRNO(ESPIPE, pread(fd[0], &c, 1, 0));
	EXPECT_ERRNO(ESPIPE, pwrite(fd[0], &c, 1, 0));
}

TEST_HARNESS_MAIN
