// SPDX-License-Identifier: GPL-2.0
/* Buffers that follow the path: it has a round trip of 100 ms here. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#define PIECE	2000
#define BULK	(1000 * PIECE)

TRANSPORT_FIXTURE(buffers)

static int slow_path(void)
{
	return system("ip link set lo mtu 1500 && "
		      "tc qdisc add dev lo root netem delay 50ms limit 10000");
}

static void *sender(void *fd)
{
	static char data[BULK];

	return write_all(*(int *)fd, data, sizeof(data)) ? fd : NULL;
}

/* Carries BULK bytes from fd[0] to fd[1]; 0 or -1. */
static int carry(int fd[2], void *(*sender)(void *fd))
{
	static char data[BULK];
	pthread_t thread;
	void *failed;
	int err;

	if (pthread_create(&thread, NULL, sender, &fd[0]))
		return -1;
	err = read_all(fd[1], data, sizeof(data));
	if (err)
		close(fd[1]);		/* and let the sender go */
	pthread_join(thread, &failed);
	return err || failed ? -1 : 0;
}

TEST_F(buffers, D11_receive_buffer_grows_with_what_the_path_brings)
{
	int fd[2], before;

	ASSERT_EQ(0, slow_path());
	ASSERT_EQ(0, transport_pair(self->t, fd));
	before = get_int(fd[1], SOL_SOCKET, SO_RCVBUF);
	ASSERT_EQ(0, carry(fd, sender));
	EXPECT_LT(2 * before, get_int(fd[1], SOL_SOCKET, SO_RCVBUF));
}

TEST_F(buffers, SO_RCVBUF_is_kept)
{
	int fd[2], set;

	ASSERT_EQ(0, slow_path());
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 60000));
	set = get_int(fd[1], SOL_SOCKET, SO_RCVBUF);
	ASSERT_EQ(0, carry(fd, sender));
	EXPECT_EQ(set, get_int(fd[1], SOL_SOCKET, SO_RCVBUF));
}

TEST_F(buffers, send_buffer_grows_with_the_congestion_window)
{
	int fd[2], before;

	ASSERT_EQ(0, slow_path());
	ASSERT_EQ(0, transport_pair(self->t, fd));
	before = get_int(fd[0], SOL_SOCKET, SO_SNDBUF);
	ASSERT_EQ(0, carry(fd, sender));
	EXPECT_LT(before, get_int(fd[0], SOL_SOCKET, SO_SNDBUF));
}

static void *polite_sender(void *fd)
{
	static char data[PIECE];
	unsigned int i;

	for (i = 0; i < BULK / PIECE; i++)
		if (wait_for(*(int *)fd, POLLOUT) < 0 || write_all(*(int *)fd, data, sizeof(data)))
			return fd;
	return NULL;
}

/* Each write is small enough for what poll() has found free: none finds the buffer full. */
TEST_F(buffers, send_buffer_grows_for_a_program_that_asks_first)
{
	int fd[2], before;

	ASSERT_EQ(0, slow_path());
	ASSERT_EQ(0, transport_pair(self->t, fd));
	before = get_int(fd[0], SOL_SOCKET, SO_SNDBUF);
	ASSERT_EQ(0, carry(fd, polite_sender));
	EXPECT_LT(2 * before, get_int(fd[0], SOL_SOCKET, SO_SNDBUF));
}

TEST_HARNESS_MAIN
