// SPDX-License-Identifier: GPL-2.0
/* Signals that say what poll() would: FIOASYNC, O_ASYNC. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(async)
TRANSPORT_SECOND_DOOR(async);

#define NEWS	(SIGRTMIN + 1)

static int set_async(int fd, int on)
{
	return ioctl(fd, FIOASYNC, &on);
}

/* News of this socket wait for heard(), with what has happened. */
static int listen_to(int fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, NEWS);
	if (sigprocmask(SIG_BLOCK, &set, NULL) || fcntl(fd, F_SETOWN, getpid()) ||
	    fcntl(fd, F_SETSIG, NEWS))
		return -1;
	return set_async(fd, 1);
}

/* Does news of these events come within so many ms? Others are passed over. */
static bool heard(int fd, long events, int ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, NEWS);
	while (sigtimedwait(&set, &info, &limit) == NEWS)
		if (info.si_fd == fd && (info.si_band & events) == events)
			return true;
	return false;
}

#define LONG	10000	/* bounds a failure */
#define SHORT	200

TEST_F(async, bytes)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, listen_to(fd[1]));
	ASSERT_EQ(1, send(fd[0], "a", 1, 0));
	EXPECT_TRUE(heard(fd[1], POLLIN, LONG));
	ASSERT_EQ(1, send(fd[0], "b", 1, 0));
	EXPECT_TRUE(heard(fd[1], POLLIN, LONG));
	ASSERT_EQ(0, set_async(fd[1], 0));
	ASSERT_EQ(1, send(fd[0], "c", 1, 0));
	EXPECT_FALSE(heard(fd[1], 0, SHORT));
}

TEST_F(async, end_of_the_stream)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, listen_to(fd[0]));
	ASSERT_EQ(0, listen_to(fd[1]));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_TRUE(heard(fd[1], POLLIN, LONG));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	EXPECT_TRUE(heard(fd[0], POLLHUP, LONG));
}

TEST_F(async, reset)
{
	struct linger now = { .l_onoff = 1 };
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, listen_to(fd[1]));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_TRUE(heard(fd[1], POLLERR, LONG));
}

TEST_F(async, listener)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, listen_to(door));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_TRUE(heard(door, POLLIN, LONG));
}

TEST_F(async, connected)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);

	ASSERT_EQ(0, listen_to(fd));
	ASSERT_EQ(-1, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	ASSERT_EQ(EINPROGRESS, errno);
	EXPECT_TRUE(heard(fd, POLLOUT, LONG));
}

TEST_F(async, refused)
{
	int port = transport_refused(self->t);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);

	ASSERT_LT(0, port);
	ASSERT_EQ(0, listen_to(fd));
	ASSERT_EQ(-1, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	ASSERT_EQ(EINPROGRESS, errno);
	EXPECT_TRUE(heard(fd, POLLERR, LONG));
}

TEST_F(async, room)
{
	static char buf[65536];
	ssize_t left;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	left = fill(fd[0]);
	ASSERT_LT(0, left);
	ASSERT_EQ(0, listen_to(fd[0]));
	ASSERT_EQ(-1, send(fd[0], "x", 1, MSG_DONTWAIT));
	for (; left > 0; left -= recv(fd[1], buf, sizeof(buf), 0))
		;
	EXPECT_TRUE(heard(fd[0], POLLOUT, LONG));
}

TEST_HARNESS_MAIN
