// SPDX-License-Identifier: GPL-2.0
/*
 * What is dropped on the way between socket and wire, and counted: nothing is lost by
 * it, as the sender tries again.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(drops)
TRANSPORT_SECOND_DOOR(drops);

/* Waits until it has been counted; TCP has other names for it, and is taken at its word. */
static void wait_counted(const struct transport *t, const char *name)
{
	while (transport_is_xtcp(t) && !counter(name))
		usleep(10000);
}

static int filter(int fd, unsigned int accept)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, accept);
	struct sock_fprog program = { .len = 1, .filter = &code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

TEST_F(drops, DropFilter_of_a_connection)
{
	int fd[2], off = 0;
	char buf[8];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, filter(fd[1], 0));
	ASSERT_EQ(5, send(fd[0], "hello", 5, 0));
	wait_counted(self->t, "DropFilter");
	EXPECT_ERRNO(EAGAIN, recv(fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof(off)));
	ASSERT_EQ(0, read_all(fd[1], buf, 5));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
}

TEST_F(drops, DropFilter_of_a_listener)
{
	int door = transport_listener(self->t, 5), fd, off = 0;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, filter(door, 0));
	fd = transport_socket(self->t, SOCK_NONBLOCK);
	EXPECT_ERRNO(EINPROGRESS,
		     transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	wait_counted(self->t, "DropFilter");
	ASSERT_EQ(0, setsockopt(door, SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof(off)));
	ASSERT_EQ(POLLOUT, wait_for(fd, POLLOUT));
	EXPECT_LE(0, accept(door, NULL, NULL));
}

/* A filter may also cut what it lets in. What is left is no segment any more, or less data. */
TEST_F(drops, DropShort_of_what_a_filter_has_cut)
{
	int fd[2], off = 0;
	char buf[8];

	if (!transport_is_xtcp(self->t))
		SKIP(return, "TCP never lets its header be cut");
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, filter(fd[1], 20));
	ASSERT_EQ(5, send(fd[0], "hello", 5, 0));
	wait_counted(self->t, "DropShort");
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof(off)));
	ASSERT_EQ(0, read_all(fd[1], buf, 5));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
}

/* Takes the route to the loopback address away, or gives it back. */
static int way(const struct transport *t, bool there)
{
	if (t->family == AF_INET6)
		return system(there ? "ip -6 route add local ::1 dev lo table local" :
				      "ip -6 route del local ::1 dev lo table local");
	return system(there ? "ip route add local 127.0.0.0/8 dev lo table local" :
			      "ip route del local 127.0.0.1 dev lo table local && "
			      "ip route del local 127.0.0.0/8 dev lo table local");
}

/* The way to the peer is gone for a while. */
TEST_F(drops, TransmitFailures_are_tried_again)
{
	char buf[8];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, way(self->t, false));
	ASSERT_EQ(5, send(fd[0], "hello", 5, 0));
	wait_counted(self->t, "TransmitFailures");
	ASSERT_EQ(0, way(self->t, true));
	ASSERT_EQ(0, read_all(fd[1], buf, 5));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
}

TEST_HARNESS_MAIN
