// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data (D8, F11): what tcp(7) and socket(7) promise of MSG_OOB, SIGURG,
 * POLLPRI, SIOCATMARK and SO_OOBINLINE, and what TCP does where they are silent.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(urgent)
TRANSPORT_SECOND_DOOR(urgent);

static int at_mark(int fd)
{
	int yes;

	return ioctl(fd, SIOCATMARK, &yes) ? -1 : yes;
}

static int in_queue(int fd)
{
	int n;

	return ioctl(fd, SIOCINQ, &n) ? -1 : n;
}

/* Wait until the queue has that many bytes in front of the urgent one. */
static void wait_queue(int fd, int bytes)
{
	while (in_queue(fd) != bytes)
		usleep(1000);
}

/* Wait until c is the urgent byte that MSG_OOB reads; it stays. */
static void wait_oob(int fd, char c)
{
	char got = 0;

	while (recv(fd, &got, 1, MSG_OOB | MSG_PEEK) != 1 || got != c)
		usleep(1000);
}

/* recv() of what is there, as a string. */
static const char *text(int fd, int flags)
{
	static char buf[64];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, flags | MSG_DONTWAIT);

	if (n < 0)
		return strerror(errno);
	buf[n] = 0;
	return buf;
}

/* A pair, "ab", an urgent X, "cd": all of it has arrived. */
static int pair_with_mark(const struct transport *t, int fd[2])
{
	if (transport_pair(t, fd) || send(fd[0], "abX", 3, MSG_OOB) != 3)
		return -1;
	wait_oob(fd[1], 'X');
	if (send(fd[0], "cd", 2, 0) != 2)
		return -1;
	while (set_int(fd[1], SOL_SOCKET, SO_OOBINLINE, 1) || in_queue(fd[1]) != 5)
		usleep(1000);
	return set_int(fd[1], SOL_SOCKET, SO_OOBINLINE, 0);
}

TEST_F(urgent, F11_D8_byte_out_of_band)
{
	int fd[2];
	char c = 0;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(3, send(fd[0], "abX", 3, MSG_OOB));
	EXPECT_EQ(POLLIN | POLLPRI, wait_for(fd[1], POLLPRI) | events_now(fd[1], POLLIN));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ('X', c);
	/* Once. */
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(0, events_now(fd[1], POLLPRI));
	/* The rest is there, the urgent byte is not among it. */
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_EQ(1, at_mark(fd[1]));
	ASSERT_EQ(1, send(fd[0], "c", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	EXPECT_STREQ("c", text(fd[1], 0));
	EXPECT_EQ(0, at_mark(fd[1]));
}

TEST_F(urgent, D8_both_ways)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	ASSERT_EQ(1, send(fd[1], "Y", 1, MSG_OOB));
	wait_oob(fd[1], 'X');
	wait_oob(fd[0], 'Y');
}

TEST_F(urgent, D8_flags_of_MSG_OOB)
{
	char c = '-';
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	wait_oob(fd[1], 'X');			/* MSG_PEEK leaves it */
	EXPECT_EQ(1, recv(fd[1], &c, 1, MSG_OOB | MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ('-', c);
	EXPECT_EQ(1, recvmsg(fd[1], &msg, MSG_OOB | MSG_PEEK));
	EXPECT_EQ('X', c);
	EXPECT_EQ(MSG_OOB, msg.msg_flags);
	EXPECT_ERRNO(EFAULT, recv(fd[1], (void *)16, 1, MSG_OOB | MSG_PEEK));
	iov.iov_len = 0;
	EXPECT_EQ(0, recvmsg(fd[1], &msg, MSG_OOB));
	EXPECT_EQ(MSG_OOB | MSG_TRUNC, msg.msg_flags);
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
}

TEST_F(urgent, D8_misuse)
{
	int door = transport_listener(self->t, 1);
	int fd[2];
	char c;

	ASSERT_LE(0, door);
	EXPECT_ERRNO(ENOTCONN, recv(door, &c, 1, MSG_OOB));
	EXPECT_EQ(0, at_mark(door));
	fd[0] = transport_socket(self->t, 0);
	EXPECT_ERRNO(EINVAL, recv(fd[0], &c, 1, MSG_OOB));
	EXPECT_EQ(0, at_mark(fd[0]));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_OOB | MSG_NOSIGNAL));
	close(fd[0]);

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_ERRNO(EFAULT, ioctl(fd[1], SIOCATMARK, 16));
	EXPECT_ERRNO(EFAULT, send(fd[0], (void *)16, 1, MSG_OOB));
	EXPECT_EQ(0, send(fd[0], "x", 0, MSG_OOB));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN | POLLPRI));
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_OOB | MSG_NOSIGNAL));
}

TEST_F(urgent, D8_recv_stops_at_the_mark)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_STREQ("cd", text(fd[1], 0));
	/* The mark was passed, and with it the byte. */
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(0, events_now(fd[1], POLLPRI));
	EXPECT_EQ(0, at_mark(fd[1]));
}

TEST_F(urgent, D8_MSG_WAITALL_and_SO_RCVLOWAT_stop_at_the_mark)
{
	char buf[8];
	int fd[2];

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	EXPECT_EQ(2, recv(fd[1], buf, 4, MSG_WAITALL));
	ASSERT_EQ(2, recv(fd[1], buf, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "cd", 2));

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 5));
	EXPECT_EQ(2, recv(fd[1], buf, 8, 0));
}

TEST_F(urgent, D8_SIOCATMARK_at_each_position)
{
	int fd[2], i;
	char c;

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, at_mark(fd[1]));
		ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
		EXPECT_EQ("ab"[i], c);
	}
	EXPECT_EQ(1, at_mark(fd[1]));
	/* MSG_OOB does not move it. */
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(1, at_mark(fd[1]));
	ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ('c', c);
	EXPECT_EQ(0, at_mark(fd[1]));
}

TEST_F(urgent, D8_SIOCINQ_counts_up_to_the_mark)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	EXPECT_EQ(2, in_queue(fd[1]));
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_EQ(0, in_queue(fd[1]));
	ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(1, in_queue(fd[1]));
}

TEST_F(urgent, D8_MSG_PEEK)
{
	int fd[2];

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	EXPECT_STREQ("ab", text(fd[1], MSG_PEEK));
	EXPECT_STREQ("ab", text(fd[1], 0));
	/* Past the mark, which stays. */
	EXPECT_STREQ("cd", text(fd[1], MSG_PEEK));
	EXPECT_EQ(1, at_mark(fd[1]));
	wait_oob(fd[1], 'X');
	EXPECT_STREQ("cd", text(fd[1], 0));
}

TEST_F(urgent, D8_SO_PEEK_OFF_counts_the_urgent_byte)
{
	int fd[2];

	if (!transport_is_xtcp(self->t))
		SKIP(return, "TCP sees a byte twice, and only from 6.9 on");
	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_PEEK_OFF, 0));
	EXPECT_STREQ("ab", text(fd[1], MSG_PEEK));
	EXPECT_STREQ("cd", text(fd[1], MSG_PEEK));
	EXPECT_STREQ(strerror(EAGAIN), text(fd[1], MSG_PEEK));
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_STREQ("cd", text(fd[1], 0));
	EXPECT_EQ(0, get_int(fd[1], SOL_SOCKET, SO_PEEK_OFF));
}

TEST_F(urgent, D8_MSG_TRUNC)
{
	char buf[8] = "------";
	int fd[2];

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	EXPECT_EQ(2, recv(fd[1], buf, 8, MSG_TRUNC));
	EXPECT_EQ(2, recv(fd[1], buf, 8, MSG_TRUNC));
	EXPECT_STREQ("------", buf);
}

TEST_F(urgent, D8_splice_stops_at_the_mark)
{
	int fd[2], tube[2];
	char buf[8];

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	ASSERT_EQ(0, pipe(tube));
	ASSERT_EQ(2, splice(fd[1], NULL, tube[1], NULL, 8, SPLICE_F_NONBLOCK));
	ASSERT_EQ(2, read(tube[0], buf, 8));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	EXPECT_EQ(1, at_mark(fd[1]));
}

TEST_F(urgent, D8_urgent_byte_alone)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	/* It is at once at the mark; there is nothing to read but out of band. */
	EXPECT_EQ(POLLPRI, wait_for(fd[1], POLLPRI | POLLIN));
	EXPECT_EQ(1, at_mark(fd[1]));
	/* Reading the stream passes over it, and it is gone. */
	EXPECT_STREQ(strerror(EAGAIN), text(fd[1], 0));
	EXPECT_EQ(0, at_mark(fd[1]));
	EXPECT_EQ(0, events_now(fd[1], POLLPRI | POLLIN));
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
}

TEST_F(urgent, D8_SO_OOBINLINE)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, pair_with_mark(self->t, fd));
	/* Also after the byte has arrived. */
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_OOBINLINE, 1));
	EXPECT_EQ(5, in_queue(fd[1]));
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(POLLIN | POLLPRI, events_now(fd[1], POLLIN | POLLPRI));
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_EQ(1, at_mark(fd[1]));
	EXPECT_EQ(3, in_queue(fd[1]));
	EXPECT_STREQ("Xcd", text(fd[1], MSG_PEEK));
	EXPECT_STREQ("Xcd", text(fd[1], 0));
	EXPECT_EQ(0, at_mark(fd[1]));
	EXPECT_EQ(0, events_now(fd[1], POLLIN | POLLPRI));

	ASSERT_EQ(1, send(fd[0], "Y", 1, MSG_OOB));
	EXPECT_EQ(POLLIN | POLLPRI, wait_for(fd[1], POLLIN) | events_now(fd[1], POLLPRI));
	EXPECT_STREQ("Y", text(fd[1], 0));
}

TEST_F(urgent, D8_before_accept)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0), in;

	ASSERT_LE(0, door);
	/* Inherited. */
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	ASSERT_EQ(3, send(fd, "abX", 3, MSG_OOB));
	in = accept(door, NULL, NULL);
	ASSERT_LE(0, in);
	EXPECT_EQ(POLLPRI, wait_for(in, POLLPRI));
	EXPECT_EQ(1, get_int(in, SOL_SOCKET, SO_OOBINLINE));
	EXPECT_STREQ("ab", text(in, 0));
	EXPECT_STREQ("X", text(in, 0));
}

TEST_F(urgent, D8_select_and_epoll)
{
	struct epoll_event e = { .events = EPOLLPRI | EPOLLET };
	int fd[2], ep = epoll_create1(0);
	fd_set except;
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd[1], &e));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	ASSERT_EQ(1, epoll_wait(ep, &e, 1, -1));
	EXPECT_EQ((uint32_t)EPOLLPRI, e.events);
	FD_ZERO(&except);
	FD_SET(fd[1], &except);
	EXPECT_EQ(1, select(fd[1] + 1, NULL, NULL, &except, NULL));
	EXPECT_TRUE(FD_ISSET(fd[1], &except));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, 0));
}

static void *late_urgent(void *arg)
{
	usleep(100000);
	return send(*(int *)arg, "X", 1, MSG_OOB) == 1 ? NULL : "send";
}

TEST_F(urgent, D8_POLLPRI_wakes_a_sleeper)
{
	pthread_t thread;
	void *failed;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, late_urgent, &fd[0]));
	EXPECT_EQ(POLLPRI, wait_for(fd[1], POLLPRI | POLLIN));
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

TEST_F(urgent, D8_later_mark_replaces_the_former)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(2, send(fd[0], "aX", 2, MSG_OOB));
	wait_oob(fd[1], 'X');
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	ASSERT_EQ(2, send(fd[0], "bY", 2, MSG_OOB));
	wait_oob(fd[1], 'Y');
	/* tcp(7): "the old one is ordinary data", even if it was read out of band. */
	EXPECT_STREQ("aXb", text(fd[1], 0));
	EXPECT_EQ(1, at_mark(fd[1]));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ('Y', c);
}

TEST_F(urgent, D8_later_mark_when_the_former_is_next)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	wait_oob(fd[1], 'X');
	ASSERT_EQ(2, send(fd[0], "bY", 2, MSG_OOB));
	wait_oob(fd[1], 'Y');
	EXPECT_STREQ("b", text(fd[1], 0));
	EXPECT_EQ(1, at_mark(fd[1]));

	/* In the stream nothing is lost. */
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_EQ(2, send(fd[0], "cZ", 2, MSG_OOB));
	wait_queue(fd[1], 3);
	EXPECT_STREQ("Yc", text(fd[1], 0));
	EXPECT_STREQ("Z", text(fd[1], 0));
}

static volatile sig_atomic_t signals;

static void on_urg(int sig)
{
	signals++;
}

static void catch(int flags)
{
	struct sigaction action = { .sa_handler = on_urg, .sa_flags = flags };

	sigaction(SIGURG, &action, NULL);
}

TEST_F(urgent, D8_SIGURG_to_the_owner)
{
	sigset_t urg, old;
	int fd[2];
	char c;

	sigemptyset(&urg);
	sigaddset(&urg, SIGURG);
	catch(0);
	ASSERT_EQ(0, transport_pair(self->t, fd));
	/* Nobody owns it. */
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	wait_oob(fd[1], 'X');
	EXPECT_EQ(0, signals);

	ASSERT_EQ(0, fcntl(fd[1], F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(fd[0], F_SETOWN, getpid()));
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &urg, &old));
	ASSERT_EQ(1, send(fd[0], "Y", 1, MSG_OOB));
	while (!signals)
		sigsuspend(&old);
	EXPECT_EQ(1, signals);
	wait_oob(fd[1], 'Y');
	/* Reading is no news, nor is ordinary data. */
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	ASSERT_EQ(1, send(fd[0], "a", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	EXPECT_EQ(1, signals);
}

TEST_F(urgent, D8_SIGURG_to_nobody_else)
{
	int fd[2], status;
	sigset_t urg, old;
	pid_t owner;

	sigemptyset(&urg);
	sigaddset(&urg, SIGURG);
	catch(0);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &urg, &old));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	owner = fork();
	ASSERT_LE(0, owner);
	if (!owner) {
		while (!signals)
			sigsuspend(&old);
		_exit(0);
	}
	ASSERT_EQ(0, fcntl(fd[1], F_SETOWN, owner));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	ASSERT_EQ(owner, waitpid(owner, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	EXPECT_EQ(0, signals);
}

TEST_F(urgent, D8_SIGURG_interrupts_recv_at_the_mark)
{
	pthread_t thread;
	sigset_t urg;
	int fd[2];
	char c;

	sigemptyset(&urg);
	sigaddset(&urg, SIGURG);
	catch(0);
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, fcntl(fd[1], F_SETOWN, getpid()));
	/* Threads inherit the mask: the signal is this one's. */
	ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, &urg, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, late_urgent, &fd[0]));
	ASSERT_EQ(0, pthread_sigmask(SIG_UNBLOCK, &urg, NULL));
	EXPECT_ERRNO(EINTR, recv(fd[1], &c, 1, 0));
	pthread_join(thread, NULL);
	/* It has not passed over the byte. */
	wait_oob(fd[1], 'X');
	EXPECT_EQ(1, at_mark(fd[1]));
}

TEST_F(urgent, D8_told_at_zero_window)
{
	static char buf[4096];
	sigset_t urg, old;
	ssize_t n, behind;
	int fd[2];
	char c;

	sigemptyset(&urg);
	sigaddset(&urg, SIGURG);
	catch(0);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &urg, &old));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, fcntl(fd[1], F_SETOWN, getpid()));
	/* Little to send, so that TCP's pointer reaches it, but room for one more. */
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 8192));
	behind = fill(fd[0]);
	ASSERT_LT(0, behind);
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 65536));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB | MSG_DONTWAIT));
	/* The reader hears of it, although the byte cannot come. */
	while (!signals)
		sigsuspend(&old);
	EXPECT_ERRNO(EAGAIN, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(0, events_now(fd[1], POLLPRI));
	EXPECT_EQ(0, at_mark(fd[1]));
	/* Reading up to the mark lets it come. */
	for (; behind; behind -= n) {
		n = recv(fd[1], buf, sizeof(buf), 0);
		ASSERT_LT(0, n);
		EXPECT_EQ(behind == n, at_mark(fd[1]));
	}
	EXPECT_EQ(POLLPRI, wait_for(fd[1], POLLPRI | POLLIN));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ('X', c);
}

TEST_F(urgent, D8_last_byte_of_a_big_write)
{
	/* The second is what the module takes as a whole; TCP's pointer reaches 64 KB. */
	static const size_t sizes[] = { 20000, 65536, 200000 };
	static char out[200000], in[200000];
	size_t i, got, tried = transport_is_xtcp(self->t) ? 3 : 1;
	int fd[2];
	ssize_t n;
	char c;

	for (i = 0; i < tried; i++) {
		ASSERT_EQ(0, transport_pair(self->t, fd));
		ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 1 << 20));
		memset(out, 'a', sizeof(out));
		out[sizes[i] - 1] = 'X';
		ASSERT_EQ((ssize_t)sizes[i], send(fd[0], out, sizes[i], MSG_OOB));
		for (got = 0; got < sizes[i] - 1; got += n) {
			n = recv(fd[1], in, sizeof(in), 0);
			ASSERT_LT(0, n);
		}
		EXPECT_EQ(sizes[i] - 1, got);
		wait_oob(fd[1], 'X');
		EXPECT_EQ(1, at_mark(fd[1]));
		ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
		close(fd[0]);
		close(fd[1]);
	}
}

TEST_F(urgent, D8_last_byte_of_what_was_taken)
{
	static char out[200000], in[4096];
	int door = transport_listener(self->t, 1);
	int to = transport_socket(self->t, 0), from;
	ssize_t n, got = 0, part;
	size_t i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = 'a' + i % 23;
	/* Little room, so that TCP's pointer reaches the end of it. */
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_RCVBUF, 4096));
	ASSERT_EQ(0, set_int(to, SOL_SOCKET, SO_SNDBUF, 8192));
	ASSERT_EQ(0, transport_connect(self->t, to, PLACE_LOOPBACK, transport_port(door)));
	from = accept(door, NULL, NULL);
	ASSERT_LE(0, from);
	n = send(to, out, sizeof(out), MSG_OOB | MSG_DONTWAIT);
	ASSERT_LT(1, n);
	ASSERT_GT(65535, n);
	for (; got < n - 1; got += part) {
		part = recv(from, in, sizeof(in), 0);
		ASSERT_LT(0, part);
	}
	EXPECT_EQ(n - 1, got);
	wait_oob(from, out[n - 1]);
	EXPECT_EQ(1, at_mark(from));
}

TEST_F(urgent, D8_C1_with_the_end_of_the_stream)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(3, send(fd[0], "abX", 3, MSG_OOB));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(POLLRDHUP, wait_for(fd[1], POLLRDHUP));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB | MSG_PEEK));
	EXPECT_EQ('X', c);
	EXPECT_EQ(2, in_queue(fd[1]));
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_EQ(1, at_mark(fd[1]));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ(0, at_mark(fd[1]));
	/* In the other direction as ever. */
	ASSERT_EQ(1, send(fd[1], "Y", 1, MSG_OOB));
	wait_oob(fd[0], 'Y');
}

TEST_F(urgent, D8_after_both_ends_closed)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(3, send(fd[0], "abX", 3, MSG_OOB));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_EQ(POLLRDHUP, wait_for(fd[1], POLLRDHUP));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	EXPECT_EQ(TCP_CLOSE, transport_wait_state(self->t, fd[1], TCP_CLOSE));
	ASSERT_EQ(1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ('X', c);
	EXPECT_STREQ("ab", text(fd[1], 0));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
}

TEST_F(urgent, D8_R1_after_a_reset)
{
	struct linger abort = { .l_onoff = 1 };
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	wait_oob(fd[1], 'X');
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_LT(0, wait_for(fd[1], POLLHUP) & POLLHUP);
	EXPECT_ERRNO(ENOTCONN, recv(fd[1], &c, 1, MSG_OOB));
}

TEST_F(urgent, D8_disconnect_forgets)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "X", 1, MSG_OOB));
	wait_oob(fd[1], 'X');
	EXPECT_EQ(1, at_mark(fd[1]));
	ASSERT_EQ(0, connect(fd[1], &none, sizeof(none)));
	EXPECT_EQ(0, at_mark(fd[1]));
	EXPECT_EQ(0, events_now(fd[1], POLLPRI) & POLLPRI);
	EXPECT_ERRNO(EINVAL, recv(fd[1], &c, 1, MSG_OOB));
}

TEST_HARNESS_MAIN
