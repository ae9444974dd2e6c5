// SPDX-License-Identifier: GPL-2.0
/* Waiting for events: poll(), select(), epoll. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#define ALL	(POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLPRI | POLLRDHUP)
#define IN	(POLLIN | POLLRDNORM)
#define OUT	(POLLOUT | POLLWRNORM)

TRANSPORT_FIXTURE(poll)
TRANSPORT_SECOND_DOOR(poll);

TEST_F(poll, unconnected)
{
	EXPECT_EQ(OUT | POLLHUP, events_now(transport_socket(self->t, 0), ALL));
}

TEST_F(poll, listener)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(0, events_now(door, ALL));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_EQ(IN, wait_for(door, ALL));
	ASSERT_LE(0, accept(door, NULL, NULL));
	EXPECT_EQ(0, events_now(door, ALL));
}

TEST_F(poll, readable)
{
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(OUT, events_now(fd[1], ALL));
	ASSERT_EQ(2, send(fd[0], "ab", 2, 0));
	EXPECT_EQ(IN, wait_for(fd[1], IN));
	EXPECT_EQ(IN | OUT, events_now(fd[1], ALL));
	ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(IN | OUT, events_now(fd[1], ALL));
	ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(OUT, events_now(fd[1], ALL));
}

TEST_F(poll, F7_half_closed)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(IN | POLLRDHUP, wait_for(fd[1], IN | POLLRDHUP));
	EXPECT_EQ(IN | OUT | POLLRDHUP, events_now(fd[1], ALL));
	/* No POLLHUP before both ways are closed; writing would not block. */
	EXPECT_EQ(OUT, events_now(fd[0], ALL));
}

TEST_F(poll, closed_both_ways)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	EXPECT_EQ(POLLHUP, wait_for(fd[0], 0));
	EXPECT_EQ(IN | OUT | POLLRDHUP | POLLHUP, events_now(fd[0], ALL));
	EXPECT_EQ(POLLHUP, wait_for(fd[1], 0));
}

TEST_F(poll, local_shutdown_of_reading)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_RD));
	EXPECT_EQ(IN | OUT | POLLRDHUP, events_now(fd[0], ALL));
}

TEST_F(poll, full_and_drained)
{
	static char buf[65536];
	ssize_t left;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	left = fill(fd[0]);
	ASSERT_LT(0, left);
	EXPECT_EQ(0, events_now(fd[0], ALL));
	while (left > 0) {
		ssize_t n = recv(fd[1], buf, sizeof(buf), 0);

		ASSERT_LT(0, n);
		left -= n;
	}
	EXPECT_EQ(OUT, wait_for(fd[0], ALL));
}

TEST_F(poll, RCVLOWAT)
{
	char buf[8];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(1, get_int(fd[1], SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 4));
	EXPECT_EQ(4, get_int(fd[1], SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(3, send(fd[0], "abc", 3, 0));
	usleep(200000);
	EXPECT_EQ(OUT, events_now(fd[1], ALL));
	/* A call that does not wait gets what there is. */
	EXPECT_EQ(3, recv(fd[1], buf, 8, MSG_PEEK | MSG_DONTWAIT));
	ASSERT_EQ(1, send(fd[0], "d", 1, 0));
	EXPECT_EQ(IN, wait_for(fd[1], IN));
	EXPECT_EQ(4, recv(fd[1], buf, 8, 0));
	/* The end of the stream counts as enough. */
	ASSERT_EQ(1, send(fd[0], "e", 1, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(IN, wait_for(fd[1], IN));
	EXPECT_EQ(1, recv(fd[1], buf, 8, 0));
}

#define MANY	100000

static char many[MANY];

static void *write_many(void *arg)
{
	static const char data[MANY];
	int fd = *(int *)arg;

	return write_all(fd, data, MANY) || shutdown(fd, SHUT_WR) ? "write" : NULL;
}

/* A mark that the window cannot reach counts as reached when it is full. */
TEST_F(poll, RCVLOWAT_beyond_the_buffer)
{
	int door = transport_listener(self->t, 1), fd[2];
	size_t got = 0;
	pthread_t thread;
	void *failed;

	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_RCVLOWAT, 60000));
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_RCVBUF, 8192));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(door)));
	fd[1] = accept(door, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(60000, get_int(fd[1], SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_many, &fd[0]));
	while (got < MANY) {
		ssize_t n;

		ASSERT_EQ(IN, wait_for(fd[1], IN));
		n = recv(fd[1], many, MANY, MSG_DONTWAIT);
		ASSERT_LT(0, n);
		got += n;
	}
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

TEST_F(poll, RCVLOWAT_beyond_WINDOW_CLAMP)
{
	int door = transport_listener(self->t, 1), fd[2];

	ASSERT_EQ(0, set_int(door, self->t->level, TCP_WINDOW_CLAMP, 4096));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(door)));
	fd[1] = accept(door, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 16384));
	ASSERT_LT(0, fill(fd[0]));
	EXPECT_EQ(IN, wait_for(fd[1], IN));
}

/* A buffer that grows is one that lets in more: before the program has read anything. */
TEST_F(poll, RCVLOWAT_in_a_buffer_that_has_grown)
{
	int door = transport_listener(self->t, 1), fd[2];
	pthread_t thread;
	void *failed;

	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_RCVBUF, 8192));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(door)));
	fd[1] = accept(door, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 100000));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 80000));
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_many, &fd[0]));
	EXPECT_EQ(IN, wait_for(fd[1], IN));
	ASSERT_EQ(0, read_all(fd[1], many, MANY));
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

/* A connection to fd[1], whose reader waits for @lowat bytes in a buffer of so many. */
static int open_waiting(const struct transport *t, bool shortcut, int rcvbuf, int lowat, int fd[2])
{
	int door = transport_listener(t, 1);

	if (set_int(door, SOL_SOCKET, SO_RCVBUF, rcvbuf))
		return -1;
	fd[0] = transport_socket(t, 0);
	if (transport_is_xtcp(t) && set_int(fd[0], t->level, XTCP_SHORTCUT, shortcut))
		return -1;
	if (transport_connect(t, fd[0], PLACE_LOOPBACK, transport_port(door)))
		return -1;
	fd[1] = accept(door, NULL, NULL);
	close(door);
	return fd[1] < 0 || set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, lowat) ? -1 : 0;
}

/*
 * Reads no more than @chunk of what poll() has waited for, so that some is left unread while
 * it waits again: neither side may wait for the other then, until a probe (D7) asks.
 */
static int read_some(const struct transport *t, bool shortcut, int rcvbuf, int lowat, int chunk)
{
	ssize_t n = 1, got = 0;
	int fd[2];

	if (open_waiting(t, shortcut, rcvbuf, lowat, fd))
		return -1;
	while (n > 0 && got < MANY) {
		struct pollfd p[] = { { fd[1], POLLIN, 0 }, { fd[0], POLLOUT, 0 } };

		n = poll(p, 2, -1);
		if (p[0].revents) {
			n = recv(fd[1], many, chunk, MSG_DONTWAIT);
			got += n;
		} else if (p[1].revents) {
			n = send(fd[0], many, 1000, MSG_DONTWAIT);
		}
	}
	close(fd[0]);
	close(fd[1]);
	return n > 0 ? 0 : -1;
}

TEST_F(poll, RCVLOWAT_with_bytes_left)
{
	long before = counter("WindowProbes");
	int shortcut;

	for (shortcut = 0; shortcut <= transport_is_xtcp(self->t); shortcut++) {
		EXPECT_EQ(0, read_some(self->t, shortcut, 32768, 20000, 5000));
		EXPECT_EQ(0, read_some(self->t, shortcut, 32768, 30000, 5000));
		EXPECT_EQ(0, read_some(self->t, shortcut, 8192, 6000, 100));
		EXPECT_EQ(0, read_some(self->t, shortcut, 4000, 1000, 300));
		EXPECT_EQ(before, counter("WindowProbes")) TH_LOG("shortcut %d", shortcut);
	}
}

/* RFC 9293, MUST-39: no silly windows; small reads do not bring an update each. */
TEST_F(poll, RCVLOWAT_and_small_reads)
{
	long before;
	char c;
	int fd[2], i;

	ASSERT_EQ(0, open_waiting(self->t, false, 8192, 60000, fd));
	ASSERT_EQ(5000, send(fd[0], many, 5000, 0));
	while (recv(fd[1], many, MANY, MSG_PEEK | MSG_DONTWAIT) != 5000)
		usleep(1000);
	before = counter("OutSegs");
	for (i = 0; i < 3000; i++)
		ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_GE(before + 20, counter("OutSegs"));
}

/* Limits of all memory: what they were goes to @was, if there is one, and @value is set. */
static int limit_memory(const struct transport *t, char *was, size_t room, const char *value)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY);
	int first = open("/proc/1/ns/net", O_RDONLY), file, err = -1;

	if (!setns(first, CLONE_NEWNET)) {
		file = open(transport_is_xtcp(t) ? "/proc/sys/net/xtcp/mem" :
			    "/proc/sys/net/ipv4/tcp_mem", O_RDWR);
		if ((!was || read(file, was, room) > 0) &&
		    pwrite(file, value, strlen(value), 0) > 0)
			err = 0;
		close(file);
		if (setns(own, CLONE_NEWNET))
			err = -1;
	}
	close(first);
	close(own);
	return err;
}

/* While memory is short nobody is made to wait for more. */
TEST_F(poll, RCVLOWAT_and_little_memory)
{
	struct pollfd p = { .events = IN };
	char was[100] = "";
	int fd[4];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, transport_pair(self->t, fd + 2));
	ASSERT_EQ(0, set_int(fd[3], SOL_SOCKET, SO_RCVLOWAT, 4));
	/* the kernel counts exactly only what is beyond 1 MB for each processor */
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, 4 << 20));
	ASSERT_LT(4 << 20, fill(fd[0]));
	ASSERT_EQ(0, limit_memory(self->t, was, sizeof(was) - 1, "1 1 1000000"));
	/* who has some in reserve does not notice */
	EXPECT_LT(0, send(fd[1], many, MANY, MSG_DONTWAIT));
	EXPECT_EQ(3, send(fd[2], "abc", 3, 0));
	p.fd = fd[3];
	EXPECT_EQ(1, poll(&p, 1, 10000));	/* not for ever: the limits are everybody's */
	ASSERT_EQ(0, limit_memory(self->t, NULL, 0, was));
}

TEST_F(poll, select_sees_the_same)
{
	struct timeval none = { 0 };
	fd_set in, out;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(IN, wait_for(fd[1], IN));
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fd[0], &in);
	FD_SET(fd[1], &in);
	FD_SET(fd[1], &out);
	ASSERT_EQ(2, select(fd[1] + 1 > fd[0] + 1 ? fd[1] + 1 : fd[0] + 1, &in, &out, NULL,
			    &none));
	EXPECT_FALSE(FD_ISSET(fd[0], &in));
	EXPECT_TRUE(FD_ISSET(fd[1], &in));
	EXPECT_TRUE(FD_ISSET(fd[1], &out));
}

static int watch(int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };
	int ep = epoll_create1(0);

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) ? -1 : ep;
}

/* What one epoll_wait() reports, 0 when nothing comes. */
static uint32_t events_of(int ep, int ms)
{
	struct epoll_event ev;

	return epoll_wait(ep, &ev, 1, ms) == 1 ? ev.events : 0;
}

TEST_F(poll, epoll_level)
{
	int fd[2], ep;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ep = watch(fd[1], EPOLLIN);
	ASSERT_LE(0, ep);
	EXPECT_EQ(0U, events_of(ep, 0));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, -1));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, 0));
}

TEST_F(poll, epoll_edge_readable)
{
	int fd[2], ep;
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ep = watch(fd[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
	ASSERT_LE(0, ep);
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, -1));
	EXPECT_EQ(0U, events_of(ep, 0));
	/* New data is a new edge, even if the old was not read. */
	ASSERT_EQ(1, send(fd[0], "y", 1, 0));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, -1));
	ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	ASSERT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(0U, events_of(ep, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ((uint32_t)(EPOLLIN | EPOLLRDHUP), events_of(ep, -1));
	EXPECT_EQ(0U, events_of(ep, 0));
}

TEST_F(poll, epoll_edge_writable)
{
	static char buf[65536];
	int fd[2], ep;
	ssize_t left;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	left = fill(fd[0]);
	ASSERT_LT(0, left);
	ep = watch(fd[0], EPOLLOUT | EPOLLET);
	ASSERT_LE(0, ep);
	EXPECT_EQ(0U, events_of(ep, 0));
	while (left > 0) {
		ssize_t n = recv(fd[1], buf, sizeof(buf), 0);

		ASSERT_LT(0, n);
		left -= n;
	}
	EXPECT_EQ((uint32_t)EPOLLOUT, events_of(ep, -1));
}

TEST_F(poll, epoll_connect_and_accept)
{
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);
	int ep, doors;

	ASSERT_LE(0, door);
	doors = watch(door, EPOLLIN | EPOLLET);
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(doors, 0));
	ASSERT_LE(0, accept(door, NULL, NULL));
	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK,
						    transport_port(door)));
	ep = watch(fd, EPOLLOUT | EPOLLET);
	ASSERT_LE(0, ep);
	EXPECT_EQ((uint32_t)EPOLLOUT, events_of(ep, -1));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(doors, -1));
}

TEST_F(poll, epoll_reset)
{
	struct linger abort = { .l_onoff = 1 };
	int fd[2], ep;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ep = watch(fd[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
	ASSERT_LE(0, ep);
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_EQ((uint32_t)(EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP), events_of(ep, -1));
}

/* Each end of a direction is an edge, and the second of them hangs up. */
TEST_F(poll, epoll_edge_of_each_end)
{
	uint32_t all = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
	int fd[2], ep;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ep = watch(fd[1], all | EPOLLET);
	ASSERT_LE(0, ep);
	EXPECT_EQ((uint32_t)EPOLLOUT, events_of(ep, -1));
	EXPECT_EQ(0U, events_of(ep, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(all, events_of(ep, -1));
	EXPECT_EQ(0U, events_of(ep, 0));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	EXPECT_EQ(all | EPOLLHUP, events_of(ep, -1));
}

/* Who has asked is told of each urgent byte, read or not. */
TEST_F(poll, epoll_edge_urgent)
{
	int fd[2], ep;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ep = watch(fd[1], EPOLLPRI | EPOLLET);
	ASSERT_LE(0, ep);
	ASSERT_EQ(1, send(fd[0], "a", 1, MSG_OOB));
	EXPECT_EQ((uint32_t)EPOLLPRI, events_of(ep, -1));
	EXPECT_EQ(0U, events_of(ep, 0));
	ASSERT_EQ(1, send(fd[0], "b", 1, MSG_OOB));
	EXPECT_EQ((uint32_t)EPOLLPRI, events_of(ep, -1));
}

/* Each connection that waits is an edge of its own. */
TEST_F(poll, epoll_edge_of_a_listener)
{
	int door = transport_listener(self->t, 4), ep = watch(door, EPOLLIN | EPOLLET), i;

	ASSERT_LE(0, ep);
	EXPECT_EQ(0U, events_of(ep, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, transport_connect(self->t, transport_socket(self->t, 0),
					       PLACE_LOOPBACK, transport_port(door)));
		EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, -1));
		EXPECT_EQ(0U, events_of(ep, 0));
	}
}

TEST_F(poll, epoll_edge_of_a_refused_connect)
{
	int fd = transport_socket(self->t, SOCK_NONBLOCK), port = transport_refused(self->t), ep;
	uint32_t events = 0;

	transport_connect(self->t, fd, PLACE_LOOPBACK, port);
	ep = watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	ASSERT_LE(0, ep);
	while (!(events & EPOLLERR))
		events = events_of(ep, -1);
	EXPECT_EQ((uint32_t)(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLERR | EPOLLHUP), events);
	EXPECT_EQ(ECONNREFUSED, get_int(fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(poll, epoll_once)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };
	int fd[2], ep;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ep = watch(fd[1], EPOLLIN | EPOLLONESHOT);
	ASSERT_LE(0, ep);
	ASSERT_EQ(1, send(fd[0], "a", 1, 0));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, -1));
	ASSERT_EQ(1, send(fd[0], "b", 1, 0));
	EXPECT_EQ(0U, events_of(ep, 100));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, fd[1], &ev));
	EXPECT_EQ((uint32_t)EPOLLIN, events_of(ep, 0));
}

static void *late_byte(void *arg)
{
	usleep(100000);
	return send(*(int *)arg, "x", 1, 0) == 1 ? NULL : "send";
}

TEST_F(poll, wakes_a_sleeper)
{
	pthread_t thread;
	void *failed;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, late_byte, &fd[0]));
	EXPECT_EQ(IN, wait_for(fd[1], IN));
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

TEST_HARNESS_MAIN
