// SPDX-License-Identifier: GPL-2.0
/* Calls that a signal interrupts. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(signal)

static volatile sig_atomic_t signals;
static void (*on_third)(void);

static void on_usr1(int sig)
{
	if (++signals == 3 && on_third)
		on_third();
}

static void *ring(void *arg)
{
	pthread_t *target = arg;

	/* Again and again, so that none can be lost before the call sleeps. */
	for (;;) {
		usleep(20000);
		pthread_kill(*target, SIGUSR1);
	}
	return NULL;
}

/* From now on a SIGUSR1 every 20 ms to this thread. */
static void start_ringing(int flags)
{
	static pthread_t self;
	struct sigaction action = { .sa_handler = on_usr1, .sa_flags = flags };
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	self = pthread_self();
	pthread_create(&thread, NULL, ring, &self);
}

TEST_F(signal, recv_EINTR)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	start_ringing(0);
	EXPECT_ERRNO(EINTR, recv(fd[0], &c, 1, 0));
	/* With a time limit it is never restarted. */
	start_ringing(SA_RESTART);
	ASSERT_EQ(0, set_time(fd[0], SO_RCVTIMEO, 20000));
	EXPECT_ERRNO(EINTR, recv(fd[0], &c, 1, 0));
}

static int answer_fd;

static void answer(void)
{
	if (send(answer_fd, "x", 1, 0) != 1)
		_exit(1);
}

TEST_F(signal, recv_SA_RESTART)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	answer_fd = fd[1];
	on_third = answer;
	start_ringing(SA_RESTART);
	EXPECT_EQ(1, recv(fd[0], &c, 1, 0));
	EXPECT_LE(3, signals);
}

TEST_F(signal, accept_EINTR)
{
	int door = transport_listener(self->t, 1);

	ASSERT_LE(0, door);
	start_ringing(0);
	EXPECT_ERRNO(EINTR, accept(door, NULL, NULL));
}

TEST_F(signal, send_EINTR_and_part)
{
	static char data[1 << 20];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_LT(0, fill(fd[0]));
	start_ringing(0);
	EXPECT_ERRNO(EINTR, send(fd[0], data, sizeof(data), 0));
}

TEST_F(signal, send_returns_what_was_taken)
{
	static char data[64 << 20];
	int fd[2];
	ssize_t n;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	start_ringing(0);
	n = send(fd[0], data, sizeof(data), 0);
	EXPECT_LT(0, n);
	EXPECT_GT((ssize_t)sizeof(data), n);
}

TEST_F(signal, connect_EINTR_goes_on)
{
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, 0);
	int port = transport_port(door);
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	ASSERT_LE(0, door);
	start_ringing(0);
	EXPECT_ERRNO(EINTR, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	sigaction(SIGUSR1, &ignore, NULL);
	EXPECT_EQ(TCP_SYN_SENT, transport_state(self->t, fd));
	ASSERT_LE(0, accept(door, NULL, NULL));
	/* connect(2): the attempt is not given up. */
	EXPECT_EQ(POLLOUT, wait_for(fd, POLLOUT));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(signal, close_with_linger_is_interrupted)
{
	struct linger l = { .l_onoff = 1, .l_linger = 20 };
	uint64_t start;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_LT(0, fill(fd[0]));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	start_ringing(0);
	start = now_ms();
	EXPECT_EQ(0, close(fd[0]));
	EXPECT_GT(start + 20000, now_ms());
}

TEST_HARNESS_MAIN
