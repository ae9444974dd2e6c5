// SPDX-License-Identifier: GPL-2.0
/* Closing connections: in order, half, and by force. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(close)
TRANSPORT_SECOND_DOOR(close);

TEST_F(close, F6_four_way_close_state_by_state)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(TCP_ESTABLISHED, transport_wait_state(self->t, fd[0], TCP_ESTABLISHED));
	EXPECT_EQ(TCP_ESTABLISHED, transport_wait_state(self->t, fd[1], TCP_ESTABLISHED));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(TCP_FIN_WAIT2, transport_wait_state(self->t, fd[0], TCP_FIN_WAIT2));
	EXPECT_EQ(TCP_CLOSE_WAIT, transport_wait_state(self->t, fd[1], TCP_CLOSE_WAIT));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	/* LAST-ACK, then CLOSED; the active side is left to a TIME-WAIT. */
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[1], TCP_CLOSE));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[0], TCP_CLOSE));
}

TEST_F(close, F7_half_closed_still_carries_data)
{
	static char data[100000], buf[100000];
	int fd[2];
	char c;

	memset(data, 'd', sizeof(data));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, transport_state(self->t, fd[1]));
	ASSERT_EQ(0, write_all(fd[1], data, sizeof(data)));
	ASSERT_EQ(0, read_all(fd[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(data, buf, sizeof(data)));
	EXPECT_EQ(TCP_FIN_WAIT2, transport_state(self->t, fd[0]));
	ASSERT_EQ(0, close(fd[1]));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
}

TEST_F(close, R1_the_end_of_the_stream_stays_after_a_reset)
{
	struct linger abort = { .l_onoff = 1 };
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(TCP_CLOSE_WAIT, transport_wait_state(self->t, fd[1], TCP_CLOSE_WAIT));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[1], TCP_CLOSE));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(EPIPE, get_int(fd[1], SOL_SOCKET, SO_ERROR));
}

TEST_F(close, C1_what_was_written_is_delivered)
{
	static char data[150000], buf[150000];
	int fd[2];
	char c;

	memset(data, 'd', sizeof(data));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 400000));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	ASSERT_EQ(0, close(fd[0]));
	ASSERT_EQ(0, read_all(fd[1], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(data, buf, sizeof(data)));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
}

TEST_F(close, C2_both_at_once)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[0], TCP_CLOSE));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[1], TCP_CLOSE));
}

TEST_F(close, shutdown_of_writing)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(2, send(fd[0], "ab", 2, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(fd[0], "c", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
}

TEST_F(close, shutdown_of_reading)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_RD));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	/* The peer learns nothing, and the other way stays open. */
	EXPECT_ERRNO(EAGAIN, recv(fd[1], &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(1, send(fd[1], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, send(fd[0], "y", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ('y', c);
}

TEST_F(close, shutdown_of_both)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_RDWR));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	ASSERT_EQ(0, close(fd[1]));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[0], TCP_CLOSE));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd[0], SHUT_WR));
}

/* C5: the peer is told that nobody reads, and so is the program. */
TEST_F(close, C5_data_after_shutdown_of_both)
{
	char c;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_RDWR));
	ASSERT_EQ(1, send(fd[1], "x", 1, 0));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[0], TCP_CLOSE));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[1], TCP_CLOSE));
	EXPECT_EQ(ECONNRESET, get_int(fd[0], SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(EPIPE, get_int(fd[1], SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
}

/* What was lost with a connection can be asked for. */
TEST_F(close, SIOCOUTQ_after_a_reset)
{
	char data[100] = "";
	int fd[2], lost;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_RDWR));
	ASSERT_EQ(100, send(fd[1], data, sizeof(data), 0));
	ASSERT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[1], TCP_CLOSE));
	ASSERT_EQ(0, ioctl(fd[1], SIOCOUTQ, &lost));
	EXPECT_EQ(100, lost);
}

static void *late_shutdown(void *arg)
{
	usleep(100000);
	shutdown(*(int *)arg, SHUT_RDWR);
	return NULL;
}

TEST_F(close, shutdown_wakes_a_reader)
{
	pthread_t thread;
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, late_shutdown, &fd[0]));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	pthread_join(thread, NULL);
}

TEST_F(close, shutdown_wakes_accept_EINVAL)
{
	int door = transport_listener(self->t, 1);
	pthread_t thread;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, pthread_create(&thread, NULL, late_shutdown, &door));
	EXPECT_ERRNO(EINVAL, accept(door, NULL, NULL));
	pthread_join(thread, NULL);
}

TEST_F(close, shutdown_bad_arguments)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EINVAL, shutdown(fd[0], 3));
	EXPECT_ERRNO(EINVAL, shutdown(fd[0], -1));
	EXPECT_ERRNO(ENOTCONN, shutdown(transport_socket(self->t, 0), SHUT_WR));
}

TEST_F(close, C5_unread_data_resets)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	ASSERT_EQ(0, close(fd[1]));
	EXPECT_ERRNO(ECONNRESET, recv(fd[0], &c, 1, 0));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd[0]));
}

TEST_F(close, C5_data_after_close_resets)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, close(fd[1]));
	EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
	EXPECT_EQ(1, send(fd[0], "x", 1, MSG_NOSIGNAL));
	/* POLLERR comes by itself, once the RST has arrived. */
	EXPECT_LE(POLLERR, wait_for(fd[0], 0));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd[0]));
}

/* A negative TCP_LINGER2: FIN-WAIT-2 without a socket there is none. */
TEST_F(close, C5_no_fin_wait_2_resets)
{
	int fd[2], late;
	char c;

	for (late = 0; late < 2; late++) {
		ASSERT_EQ(0, transport_pair(self->t, fd));
		ASSERT_EQ(0, set_int(fd[1], SOL_TCP, TCP_LINGER2, -1));
		ASSERT_EQ(1, send(fd[1], "x", 1, 0));
		if (late) {
			ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
			ASSERT_EQ(TCP_FIN_WAIT2,
				  transport_wait_state(self->t, fd[1], TCP_FIN_WAIT2));
		}
		ASSERT_EQ(0, close(fd[1]));
		EXPECT_LE(POLLERR, wait_for(fd[0], 0));
		EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd[0]));
		EXPECT_EQ(1, recv(fd[0], &c, 1, 0));
		EXPECT_EQ(0, recv(fd[0], &c, 1, 0));
		EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
		close(fd[0]);
	}
}

static int set_linger(int fd, int on, int seconds)
{
	struct linger l = { .l_onoff = on, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

TEST_F(close, F11_linger_0_aborts)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_linger(fd[0], 1, 0));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP | POLLRDHUP, wait_for(fd[1], POLLIN | POLLRDHUP));
	EXPECT_ERRNO(ECONNRESET, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
}

TEST_F(close, F11_reset_is_told_once)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_linger(fd[0], 1, 0));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_LE(POLLERR, wait_for(fd[1], 0));
	EXPECT_EQ(ECONNRESET, get_int(fd[1], SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_int(fd[1], SOL_SOCKET, SO_ERROR));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd[1], SHUT_WR));
}

TEST_F(close, reset_leaves_received_data)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	ASSERT_EQ(0, set_linger(fd[0], 1, 0));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_LE(POLLERR, wait_for(fd[1], 0));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_ERRNO(ECONNRESET, recv(fd[1], &c, 1, 0));
}

TEST_F(close, linger_waits_no_longer_than_told)
{
	uint64_t start;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_LT(0, fill(fd[0]));
	ASSERT_EQ(0, set_linger(fd[0], 1, 1));
	start = now_ms();
	EXPECT_EQ(0, close(fd[0]));
	/* Nobody reads: the whole second, less a clock tick. */
	EXPECT_LE(start + 980, now_ms());
}

struct drain {
	int fd;
	unsigned int after;	/* ms */
	ssize_t sum;
};

static void *late_drain(void *arg)
{
	static char buf[65536];
	struct drain *d = arg;
	ssize_t n;

	usleep(1000 * d->after);
	while ((n = recv(d->fd, buf, sizeof(buf), 0)) > 0)
		d->sum += n;
	return n ? "error" : NULL;
}

/*
 * close() of a socket that lingers, whose peer begins to read after so many ms:
 * true if it waited for that, and nothing was lost.
 */
static bool lingers(const struct transport *t, int flags, int seconds, unsigned int after)
{
	struct drain d = { .after = after };
	uint64_t start;
	pthread_t thread;
	ssize_t written;
	void *failed;
	int fd[2];

	if (transport_pair(t, fd))
		return false;
	written = fill(fd[0]);
	if (written <= 0 || fcntl(fd[0], F_SETFL, flags) || set_linger(fd[0], 1, seconds))
		return false;
	d.fd = fd[1];
	start = now_ms();
	if (pthread_create(&thread, NULL, late_drain, &d) || close(fd[0]))
		return false;
	if (now_ms() < start + after - 20)	/* a clock tick */
		return false;
	pthread_join(thread, &failed);
	close(fd[1]);
	return !failed && d.sum == written;
}

TEST_F(close, linger_waits_for_the_peer)
{
	EXPECT_TRUE(lingers(self->t, O_RDWR, 20, 200));
}

TEST_F(close, linger_of_a_nonblocking_socket_waits_too)
{
	EXPECT_TRUE(lingers(self->t, O_RDWR | O_NONBLOCK, 20, 200));
}

/* C5's 60 s are for connections that nobody waits for. */
TEST_F_TIMEOUT(close, C5_linger_longer_than_an_orphan_lives, 400)
{
	EXPECT_TRUE(lingers(self->t, O_RDWR, 200, 100000));
}

static void no_op(int signal)
{
}

TEST_F_TIMEOUT(close, linger_ends_with_a_signal, 2000)
{
	struct itimerval in = { .it_value.tv_usec = 200000 };
	struct sigaction act = { .sa_handler = no_op };
	struct drain d = { 0 };
	uint64_t start;
	ssize_t written;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	written = fill(fd[0]);
	ASSERT_LT(0, written);
	ASSERT_EQ(0, set_linger(fd[0], 1, 1000));
	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	start = now_ms();
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &in, NULL));
	EXPECT_EQ(0, close(fd[0]));
	EXPECT_GT(start + 1000000, now_ms());
	/* What was written is still delivered. */
	d.fd = fd[1];
	EXPECT_EQ(NULL, late_drain(&d));
	EXPECT_EQ(written, d.sum);
}

TEST_HARNESS_MAIN
