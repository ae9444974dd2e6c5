// SPDX-License-Identifier: GPL-2.0
/* MSG_ZEROCOPY: the program's own pages are sent, and it is told when they are free again. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/errqueue.h>

#include "kselftest_harness.h"
#include "transport.h"

#define LARGE	(3 << 20)

TRANSPORT_FIXTURE(zerocopy)
TRANSPORT_SECOND_DOOR(zerocopy);

/* On Linux 6.1 only the transport's own option reaches it. */
static int enable(const struct transport *t, int fd, int value)
{
	if (!set_int(fd, SOL_SOCKET, SO_ZEROCOPY, value))
		return 0;
	if (errno == EOPNOTSUPP && transport_is_xtcp(t))
		return set_int(fd, SOL_XTCP, XTCP_ZEROCOPY, value);
	return -1;
}

/* A connection whose first end sends without copying. */
static int pair(const struct transport *t, int fd[2])
{
	return transport_pair(t, fd) ? : enable(t, fd[0], 1);
}

/*
 * Completions so far, which come in order and without a gap; but not by a reset, and
 * not where packets that were sent again are still on their way.
 */
struct done {
	uint32_t next;
	bool any_order;
	int copied, messages;
};

/* Read one message of the error queue. 0; -1: there is none, or it is a wrong one. */
static int reap(const struct transport *t, int fd, struct done *done)
{
	union { char buf[256]; struct cmsghdr align; } control;
	struct msghdr msg = { .msg_control = &control, .msg_controllen = sizeof(control) };
	struct sock_extended_err err;
	struct cmsghdr *cmsg;
	bool v4 = t->family == AF_INET;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || !(msg.msg_flags & MSG_ERRQUEUE) ||
	    cmsg->cmsg_level != (v4 ? SOL_IP : SOL_IPV6) ||
	    cmsg->cmsg_type != (v4 ? IP_RECVERR : IPV6_RECVERR)) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(&err, CMSG_DATA(cmsg), sizeof(err));
	if (err.ee_errno || err.ee_origin != SO_EE_ORIGIN_ZEROCOPY ||
	    (err.ee_info != done->next && !done->any_order)) {
		errno = EPROTO;
		return -1;
	}
	done->next += err.ee_data - err.ee_info + 1;
	done->copied += err.ee_code == SO_EE_CODE_ZEROCOPY_COPIED;
	done->messages++;
	return 0;
}

/* Wait until so many sends are told of. */
static int reap_until(const struct transport *t, int fd, struct done *done, uint32_t count)
{
	while (done->next < count) {
		if (wait_for(fd, 0) < 0)
			return -1;
		if (reap(t, fd, done) && errno != EAGAIN)
			return -1;
	}
	return 0;
}

static void *pages_of(size_t len)
{
	uint8_t *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = i * 7 + (i >> 8) * 13 + (i >> 16) * 31;
	return data;
}

TEST_F(zerocopy, option)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ZEROCOPY));
	EXPECT_ERRNO(EINVAL, enable(self->t, fd, 2));
	EXPECT_ERRNO(EINVAL, enable(self->t, fd, -1));
	EXPECT_EQ(0, enable(self->t, fd, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ZEROCOPY));
	EXPECT_EQ(0, enable(self->t, fd, 0));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ZEROCOPY));
	/* what else goes this way is as ever */
	EXPECT_EQ(0, set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 7));
	EXPECT_EQ(7, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
}

TEST_F(zerocopy, accepted_sockets_take_their_listeners)
{
	int door = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), child;

	ASSERT_EQ(0, enable(self->t, door, 1));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	child = accept(door, NULL, NULL);
	EXPECT_EQ(1, get_int(child, SOL_SOCKET, SO_ZEROCOPY));
	EXPECT_EQ(0, enable(self->t, child, 0));
}

TEST_F(zerocopy, is_told_of_each_call)
{
	uint8_t *data = pages_of(100000), *got = malloc(100000);
	static const size_t parts[] = { 4096, 1, 10000, 4095, 60000 };
	struct done done = { 0 };
	size_t i, at = 0;
	int fd[2];

	ASSERT_EQ(0, pair(self->t, fd));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ((ssize_t)parts[i], send(fd[0], data + at, parts[i], MSG_ZEROCOPY));
		at += parts[i];
	}
	ASSERT_EQ(0, read_all(fd[1], got, at));
	EXPECT_EQ(0, memcmp(data, got, at));
	ASSERT_EQ(0, reap_until(self->t, fd[0], &done, 5)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(5U, done.next);
	/* what is received on the same host is copied on its way, and that is said */
	EXPECT_EQ(done.messages, done.copied);
	EXPECT_ERRNO(EAGAIN, reap(self->t, fd[0], &done));
	EXPECT_EQ(0, events_now(fd[0], 0));
	EXPECT_EQ(0, get_int(fd[0], SOL_SOCKET, SO_ERROR));
}

TEST_F(zerocopy, nobody_has_asked)
{
	uint8_t *data = pages_of(8192), got[8192];
	struct done done = { 0 };
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(8192, send(fd[0], data, 8192, MSG_ZEROCOPY));
	ASSERT_EQ(0, read_all(fd[1], got, 8192));
	EXPECT_EQ(0, memcmp(data, got, 8192));
	EXPECT_ERRNO(EAGAIN, reap(self->t, fd[0], &done));

	/* nor for a call without the flag */
	ASSERT_EQ(0, enable(self->t, fd[0], 1));
	ASSERT_EQ(8192, send(fd[0], data, 8192, 0));
	ASSERT_EQ(0, read_all(fd[1], got, 8192));
	EXPECT_ERRNO(EAGAIN, reap(self->t, fd[0], &done));
}

TEST_F(zerocopy, among_calls_that_copy)
{
	uint8_t *data = pages_of(200000), *got = malloc(200000);
	struct done done = { 0 };
	size_t at = 0, n;
	uint32_t calls = 0;
	int fd[2], i;

	ASSERT_EQ(0, pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_CORK, 1));
	for (i = 0; i < 40; i++) {
		n = 1 + i * 37 % 5000;
		ASSERT_EQ((ssize_t)n, send(fd[0], data + at, n, i % 3 ? MSG_ZEROCOPY : 0));
		calls += i % 3 != 0;
		at += n;
	}
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_CORK, 0));
	ASSERT_EQ(0, read_all(fd[1], got, at));
	EXPECT_EQ(0, memcmp(data, got, at));
	ASSERT_EQ(0, reap_until(self->t, fd[0], &done, calls)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(calls, done.next);
}

struct reader {
	int fd;
	uint8_t *got;
};

static void *read_large(void *arg)
{
	struct reader *r = arg;

	return read_all(r->fd, r->got, LARGE) ? "recv" : NULL;
}

static void transfer(struct __test_metadata *_metadata, const struct transport *t, int fd[2],
		     bool losses)
{
	uint8_t *data = pages_of(LARGE);
	struct reader r = { fd[1], malloc(LARGE) };
	struct done done = { .any_order = losses };
	uint32_t calls = 0;
	pthread_t thread;
	size_t at = 0;
	void *wrong;

	ASSERT_EQ(0, pthread_create(&thread, NULL, read_large, &r));
	while (at < LARGE) {
		size_t n = LARGE - at < 150001 ? LARGE - at : 150001;
		ssize_t sent = send(fd[0], data + at, n, MSG_ZEROCOPY);

		if (sent < 0 && errno == ENOBUFS) {
			ASSERT_EQ(0, reap_until(t, fd[0], &done, calls));
			continue;
		}
		ASSERT_LT(0, sent);
		at += sent;
		calls++;
	}
	pthread_join(thread, &wrong);
	EXPECT_EQ(NULL, wrong);
	EXPECT_EQ(0, memcmp(data, r.got, LARGE));
	ASSERT_EQ(0, reap_until(t, fd[0], &done, calls)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(calls, done.next);
}

TEST_F(zerocopy, a_large_transfer)
{
	int fd[2];

	ASSERT_EQ(0, pair(self->t, fd));
	transfer(_metadata, self->t, fd, false);
}

/* What is sent again is sent from the same pages. */
TEST_F(zerocopy, a_large_transfer_with_losses)
{
	int fd[2];

	if (system("tc qdisc add dev lo root netem limit 10000 delay 1ms loss 2% 2> /dev/null"))
		SKIP(return, "no netem");
	ASSERT_EQ(0, pair(self->t, fd));
	transfer(_metadata, self->t, fd, true);
}

/* While the peer has not taken it, the pages are in use. */
TEST_F(zerocopy, is_not_told_too_early)
{
	uint8_t *data = pages_of(100000), *got = malloc(100000);
	uint32_t calls = 0;
	struct done done = { 0 };
	size_t sum = 0;
	int fd[2];
	ssize_t n;

	ASSERT_EQ(0, pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 20000));
	while ((n = send(fd[0], data, 100000, MSG_ZEROCOPY | MSG_DONTWAIT)) > 0) {
		sum += n;
		calls++;
	}
	ASSERT_TRUE(errno == EAGAIN || errno == ENOBUFS);
	usleep(300000);
	while (!reap(self->t, fd[0], &done))
		;
	EXPECT_GT(calls, done.next);
	while (sum > 0) {
		n = recv(fd[1], got, 100000, 0);
		ASSERT_LT(0, n);
		sum -= n;
	}
	ASSERT_EQ(0, reap_until(self->t, fd[0], &done, calls)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(calls, done.next);
}

TEST_F(zerocopy, is_told_when_the_connection_is_reset)
{
	struct linger abort = { .l_onoff = 1 };
	uint8_t *data = pages_of(100000);
	struct done done = { .any_order = true };
	uint32_t calls = 0;
	int fd[2];

	ASSERT_EQ(0, pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 20000));
	while (send(fd[0], data, 100000, MSG_ZEROCOPY | MSG_DONTWAIT) > 0)
		calls++;
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	close(fd[1]);
	ASSERT_LT(0, wait_for(fd[0], POLLERR));
	ASSERT_EQ(0, reap_until(self->t, fd[0], &done, calls)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(calls, done.next);
	EXPECT_ERRNO(ECONNRESET, send(fd[0], data, 1, MSG_ZEROCOPY | MSG_NOSIGNAL));
	EXPECT_ERRNO(EPIPE, send(fd[0], data, 1, MSG_ZEROCOPY | MSG_NOSIGNAL));
}

/* The program goes without asking: nobody is told, and nothing is left. */
TEST_F(zerocopy, close_in_the_middle)
{
	uint8_t *data = pages_of(100000), *got = malloc(1000000);
	ssize_t n, sum = 0, all = 0;
	int fd[2];

	ASSERT_EQ(0, pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 20000));
	while ((n = send(fd[0], data, 100000, MSG_ZEROCOPY | MSG_DONTWAIT)) > 0)
		all += n;
	close(fd[0]);
	munmap(data, 100000);
	/* the pages are the connection's, as long as it needs them */
	while ((n = recv(fd[1], got, 1000000, 0)) > 0)
		sum += n;
	EXPECT_EQ(0, n);
	EXPECT_EQ(all, sum);
}

TEST_F(zerocopy, bad_pointers_EFAULT)
{
	uint8_t *data = pages_of(8192), got[4096];
	struct done done = { 0 };
	int fd[2];

	ASSERT_EQ(0, pair(self->t, fd));
	EXPECT_ERRNO(EFAULT, send(fd[0], (void *)16, 4096, MSG_ZEROCOPY));
	ASSERT_EQ(0, munmap(data + 4096, 4096));
	/* the second page is missing: all or the first one */
	if (send(fd[0], data, 8192, MSG_ZEROCOPY) == 4096)
		ASSERT_EQ(0, read_all(fd[1], got, 4096));
	ASSERT_EQ(4096, send(fd[0], data, 4096, MSG_ZEROCOPY));
	ASSERT_EQ(0, read_all(fd[1], got, 4096));
	EXPECT_EQ(0, memcmp(data, got, 4096));
	/* of what was refused nothing is told: the numbers have no gap */
	ASSERT_EQ(0, reap_until(self->t, fd[0], &done, 1)) TH_LOG("%s", strerror(errno));
}

/* Who may not lock memory may not send it in this way, either. */
TEST_F(zerocopy, RLIMIT_MEMLOCK_ENOBUFS)
{
	struct rlimit limit = { 65536, 65536 };
	uint8_t *data = pages_of(1 << 20);
	int fd[2], status;
	pid_t child;

	ASSERT_EQ(0, pair(self->t, fd));
	child = fork();
	if (!child) {
		if (setrlimit(RLIMIT_MEMLOCK, &limit) || setuid(1234))
			_exit(2);
		if (send(fd[0], data, 1 << 20, MSG_ZEROCOPY) != -1 || errno != ENOBUFS)
			_exit(3);
		_exit(send(fd[0], data, 32768, MSG_ZEROCOPY) != 32768);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* A reader of the error queue is woken, also if it waits for nothing else. */
static void *read_late(void *arg)
{
	char buf[4096];

	usleep(100000);
	return read_all(*(int *)arg, buf, sizeof(buf)) ? "recv" : NULL;
}

TEST_F(zerocopy, wakes_who_waits)
{
	uint8_t *data = pages_of(4096);
	struct done done = { 0 };
	pthread_t thread;
	void *failed;
	int fd[2];

	ASSERT_EQ(0, pair(self->t, fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_late, &fd[1]));
	ASSERT_EQ(4096, send(fd[0], data, 4096, MSG_ZEROCOPY));
	EXPECT_EQ(POLLERR, wait_for(fd[0], POLLIN));
	EXPECT_EQ(0, reap(self->t, fd[0], &done));
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

TEST_HARNESS_MAIN
