// SPDX-License-Identifier: GPL-2.0
/* Listening sockets and their queue. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(listen_accept)
TRANSPORT_SECOND_DOOR(listen_accept);

TEST_F(listen_accept, acceptconn_tells_a_listener)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	/* Again: only the length of the queue changes. */
	EXPECT_EQ(0, listen(fd, 7));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_F(listen_accept, listen_unbound_takes_a_port)
{
	int fd = transport_socket(self->t, 0);
	int client = transport_socket(self->t, 0);

	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_LE(1024, transport_port(fd));
	EXPECT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, transport_port(fd)));
}

TEST_F(listen_accept, listen_connected_EINVAL)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EINVAL, listen(fd[0], 1));
	EXPECT_ERRNO(EINVAL, listen(fd[1], 1));
}

TEST_F(listen_accept, accept_not_listening_EINVAL)
{
	int fd = transport_socket(self->t, 0);
	int pair[2];

	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	ASSERT_EQ(0, transport_pair(self->t, pair));
	EXPECT_ERRNO(EINVAL, accept(pair[0], NULL, NULL));
}

TEST_F(listen_accept, nothing_to_accept_EAGAIN)
{
	int fd = transport_listener(self->t, 1);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, accept(fd, NULL, NULL));
	EXPECT_EQ(0, events_now(fd, POLLIN | POLLOUT));
}

TEST_F(listen_accept, accept_waits_no_longer_than_RCVTIMEO)
{
	int fd = transport_listener(self->t, 1);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_time(fd, SO_RCVTIMEO, 100));
	EXPECT_ERRNO(EAGAIN, accept(fd, NULL, NULL));
}

TEST_F(listen_accept, F1_names_of_both_ends)
{
	union address addr, want;
	socklen_t len = sizeof(addr);
	int door = transport_listener(self->t, 1);
	int client = transport_socket(self->t, 0);
	int server;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, transport_port(door)));
	server = accept(door, &addr.sa, &len);
	ASSERT_LE(0, server);

	ASSERT_EQ(len, transport_address(self->t, PLACE_LOOPBACK, transport_port(client), &want));
	EXPECT_EQ(0, memcmp(&addr, &want, len));
	ASSERT_EQ(0, getpeername(server, &addr.sa, &len));
	EXPECT_EQ(0, memcmp(&addr, &want, len));
	ASSERT_EQ(0, getsockname(client, &addr.sa, &len));
	EXPECT_EQ(0, memcmp(&addr, &want, len));

	transport_address(self->t, PLACE_LOOPBACK, transport_port(door), &want);
	ASSERT_EQ(0, getsockname(server, &addr.sa, &len));
	EXPECT_EQ(0, memcmp(&addr, &want, len));
	ASSERT_EQ(0, getpeername(client, &addr.sa, &len));
	EXPECT_EQ(0, memcmp(&addr, &want, len));
}

TEST_F(listen_accept, address_is_cut_to_the_room_given)
{
	union address addr;
	socklen_t len = 2;
	int door = transport_listener(self->t, 1);
	int client = transport_socket(self->t, 0);

	ASSERT_LE(0, door);
	ASSERT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, transport_port(door)));
	memset(&addr, 0x55, sizeof(addr));
	ASSERT_LE(0, accept(door, &addr.sa, &len));
	EXPECT_EQ(self->t->family, addr.sa.sa_family);
	EXPECT_EQ(0x5555, addr.in.sin_port);
	EXPECT_EQ(transport_address(self->t, PLACE_ANY, 0, &addr), len);
}

TEST_F(listen_accept, accept4_flags)
{
	int door = transport_listener(self->t, 2);
	int client[2] = { transport_socket(self->t, 0), transport_socket(self->t, 0) };
	int port = transport_port(door);
	int fd;

	ASSERT_EQ(0, transport_connect(self->t, client[0], PLACE_LOOPBACK, port));
	ASSERT_EQ(0, transport_connect(self->t, client[1], PLACE_LOOPBACK, port));
	EXPECT_ERRNO(EINVAL, accept4(door, NULL, NULL, SOCK_STREAM));
	/* O_NONBLOCK is not inherited. */
	ASSERT_EQ(0, fcntl(door, F_SETFL, O_NONBLOCK));
	fd = accept4(door, NULL, NULL, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, fcntl(fd, F_GETFD) & FD_CLOEXEC);
	fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST_F(listen_accept, in_order_of_arrival)
{
	int door = transport_listener(self->t, 16);
	int client[16], server, i;
	char c;

	ASSERT_LE(0, door);
	for (i = 0; i < 16; i++) {
		client[i] = transport_socket(self->t, 0);
		ASSERT_EQ(0, transport_connect(self->t, client[i], PLACE_LOOPBACK,
					       transport_port(door)));
		/* Sent before accept(): kept for it. */
		c = i;
		ASSERT_EQ(1, send(client[i], &c, 1, 0));
	}
	for (i = 0; i < 16; i++) {
		server = accept(door, NULL, NULL);
		ASSERT_LE(0, server);
		ASSERT_EQ(1, recv(server, &c, 1, 0));
		EXPECT_EQ(i, c);
	}
}

TEST_F(listen_accept, full_queue_takes_more_when_emptied)
{
	int door = transport_listener(self->t, 1);
	int client[3], i;

	ASSERT_LE(0, door);
	/* A backlog of 1 holds two connections. */
	for (i = 0; i < 2; i++) {
		client[i] = transport_socket(self->t, 0);
		ASSERT_EQ(0, transport_connect(self->t, client[i], PLACE_LOOPBACK,
					       transport_port(door)));
	}
	/* TCP's client may be ahead of its server. */
	usleep(100000);
	client[2] = transport_socket(self->t, SOCK_NONBLOCK);
	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, client[2], PLACE_LOOPBACK,
						    transport_port(door)));
	usleep(300000);
	EXPECT_EQ(0, events_now(client[2], POLLOUT));
	for (i = 0; i < 3; i++)
		EXPECT_LE(0, accept(door, NULL, NULL));
	EXPECT_EQ(POLLOUT, wait_for(client[2], POLLOUT));
	EXPECT_EQ(0, get_int(client[2], SOL_SOCKET, SO_ERROR));
}

TEST_F(listen_accept, close_resets_who_was_not_accepted)
{
	int door = transport_listener(self->t, 4);
	int client[3], i;
	char c;

	ASSERT_LE(0, door);
	for (i = 0; i < 3; i++) {
		client[i] = transport_socket(self->t, 0);
		ASSERT_EQ(0, transport_connect(self->t, client[i], PLACE_LOOPBACK,
					       transport_port(door)));
	}
	/* The last of them is surely in the queue. */
	ASSERT_EQ(POLLIN, wait_for(door, POLLIN));
	usleep(100000);
	ASSERT_EQ(0, close(door));
	for (i = 0; i < 3; i++)
		EXPECT_ERRNO(ECONNRESET, recv(client[i], &c, 1, 0));
}

TEST_F(listen_accept, shutdown_of_a_listener)
{
	int door = transport_socket(self->t, 0);
	int client = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_LOOPBACK, 4720));
	ASSERT_EQ(0, listen(door, 1));
	EXPECT_EQ(0, shutdown(door, SHUT_RD));
	EXPECT_ERRNO(EINVAL, accept(door, NULL, NULL));
	EXPECT_ERRNO(ECONNREFUSED, transport_connect(self->t, client, PLACE_LOOPBACK, 4720));
	/* It keeps a port that bind() named, and can listen again. */
	EXPECT_EQ(0, listen(door, 1));
	EXPECT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, 4720));
	EXPECT_LE(0, accept(door, NULL, NULL));
}

TEST_F(listen_accept, listener_does_not_transfer)
{
	int door = transport_listener(self->t, 1);
	char c = 0;

	ASSERT_LE(0, door);
	EXPECT_ERRNO(ENOTCONN, recv(door, &c, 1, 0));
	EXPECT_ERRNO(EPIPE, send(door, &c, 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EISCONN, transport_connect(self->t, door, PLACE_LOOPBACK, 1));
	EXPECT_EQ(0, get_int(door, SOL_SOCKET, SO_ERROR));
}

TEST_F(listen_accept, accept_bad_address_EFAULT)
{
	int door = transport_listener(self->t, 1);
	int client = transport_socket(self->t, 0);
	union address addr;
	socklen_t len = -1;

	ASSERT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_ERRNO(EINVAL, accept(door, &addr.sa, &len));
}

TEST_F(listen_accept, children_inherit_options)
{
	int door = transport_socket(self->t, 0);
	int client = transport_socket(self->t, 0);
	int size, server;

	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_RCVBUF, 30000));
	ASSERT_EQ(0, set_int(door, self->t->level, XTCP_NODELAY, 1));
	size = get_int(door, SOL_SOCKET, SO_RCVBUF);
	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_LOOPBACK, 0));
	ASSERT_EQ(0, listen(door, 1));
	ASSERT_EQ(0, transport_connect(self->t, client, PLACE_LOOPBACK, transport_port(door)));
	server = accept(door, NULL, NULL);
	ASSERT_LE(0, server);
	EXPECT_EQ(1, get_int(server, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(size, get_int(server, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(1, get_int(server, self->t->level, XTCP_NODELAY));
	EXPECT_EQ(0, get_int(server, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_HARNESS_MAIN
