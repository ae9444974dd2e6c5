// SPDX-License-Identifier: GPL-2.0
/*
 * The shortcut: everything a program sees must be as on the wire, also when the way
 * changes under load. On TCP, which has no shortcut, the same expectations prove the
 * tests.
 */
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "shortcut.h"

#define FLOW	(3U << 20)	/* bytes each way */
#define CHUNK	70000U		/* most bytes in one call */

TRANSPORT_FIXTURE(local)

static uint8_t byte_at(uint64_t at, uint32_t seed)
{
	return at ^ at >> 7 ^ at >> 15 ^ seed;
}

/* One end of a stream: everything that it sends or expects follows from the seed. */
struct flow {
	int fd;
	uint32_t seed;
	uint32_t bytes;
	bool failed;
};

static void *send_flow(void *arg)
{
	static __thread uint8_t data[CHUNK];
	struct flow *flow = arg;
	unsigned int random = flow->seed;
	uint32_t at = 0, i;

	while (at < flow->bytes) {
		uint32_t len = rand_r(&random) % (rand_r(&random) % 4 ? CHUNK : 99);

		len = len + 1 < flow->bytes - at ? len + 1 : flow->bytes - at;
		len = len < CHUNK ? len : CHUNK;
		for (i = 0; i < len; i++)
			data[i] = byte_at(at + i, flow->seed);
		if (write_all(flow->fd, data, len)) {
			flow->failed = true;
			break;
		}
		at += len;
	}
	return NULL;
}

static void *receive_flow(void *arg)
{
	static __thread uint8_t data[CHUNK];
	struct flow *flow = arg;
	unsigned int random = ~flow->seed;
	uint32_t at = 0;

	while (at < flow->bytes) {
		bool peek = !(rand_r(&random) % 8);
		ssize_t got, i;

		got = recv(flow->fd, data, rand_r(&random) % CHUNK + 1, peek ? MSG_PEEK : 0);
		if (got <= 0) {
			flow->failed = true;
			break;
		}
		for (i = 0; i < got; i++)
			flow->failed |= data[i] != byte_at(at + i, flow->seed);
		if (!peek)
			at += got;
		if (flow->failed)
			break;
	}
	return NULL;
}

/* Both ways at once; meanwhile change(arg, i) is called again and again. */
static bool exchange(const int fd[2], uint32_t bytes, void (*change)(void *, int), void *arg)
{
	struct flow flow[4];
	pthread_t thread[4];
	bool ok = true;
	int i;

	for (i = 0; i < 4; i++) {
		flow[i] = (struct flow){ fd[i / 2 ^ i % 2], 77 + i / 2, bytes, false };
		pthread_create(&thread[i], NULL, i % 2 ? receive_flow : send_flow, &flow[i]);
	}
	for (i = 0; change && i < 40; i++) {
		change(arg, i);
		usleep(500);
	}
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		ok &= !flow[i].failed;
	}
	return ok;
}

TEST_F(local, every_byte_both_ways)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_TRUE(exchange(fd, FLOW, NULL, NULL));
}

TEST_F(local, every_byte_through_small_buffers)
{
	int door = transport_listener(self->t, 1), fd[2];

	ASSERT_LE(0, door);
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_RCVBUF, 4096));
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_SNDBUF, 4096));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_LE(0, fd[0]);
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_RCVBUF, 5000));
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(door)));
	fd[1] = accept(door, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	EXPECT_TRUE(exchange(fd, 200000, NULL, NULL));
}

static void toggle_sysctl(void *arg, int i)
{
	set_shortcut(i & 1);
}

static void toggle_option(void *arg, int i)
{
	const int *fd = arg;

	set_int(fd[i >> 1 & 1], SOL_XTCP, XTCP_SHORTCUT, i & 1);
}

static void toggle_tap(void *arg, int i)
{
	static int sniffer = -1;

	if (i & 1)
		close(sniffer);
	else
		sniffer = tap();
}

static void toggle_filter(void *arg, int i)
{
	const int *fd = arg;
	int none = 0;

	if (i & 1)
		setsockopt(fd[i >> 1 & 1], SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
	else
		attach(fd[i >> 1 & 1]);
}

/* What is looked at while the way changes: it takes what lies in the lane. */
static void look(void *arg, int i)
{
	const int *fd = arg;
	struct xtcp_info info;
	socklen_t len = sizeof(info);
	int bytes;

	getsockopt(fd[i & 1], SOL_XTCP, XTCP_INFO, &info, &len);
	ioctl(fd[i & 1], FIONREAD, &bytes);
	events_now(fd[i & 1], POLLIN);
}

TEST_F(local, every_byte_while_the_way_changes)
{
	static void (*const change[])(void *, int) = {
		toggle_sysctl, toggle_option, toggle_tap, toggle_filter, look,
	};
	unsigned int i;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	for (i = 0; i < sizeof(change) / sizeof(*change); i++) {
		if (!transport_is_xtcp(self->t) && change[i] != toggle_tap)
			continue;
		EXPECT_TRUE(exchange(fd, FLOW, change[i], fd))
			TH_LOG("change %u", i);
	}
	if (!transport_is_xtcp(self->t))
		return;
	EXPECT_EQ(0, packets(fd));
	/* however few of the changes met bytes on their way, this one does */
	ASSERT_EQ(0, set_shortcut(0));
	ASSERT_EQ(0, ping_pong(fd, 1));
	EXPECT_LT(0, counter("ShortcutLeft"));
}

TEST_F(local, back_pressure_and_poll)
{
	static char data[1 << 16];
	ssize_t sent, got, all = 0;
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	sent = fill(fd[0]);
	ASSERT_LT(0, sent);
	EXPECT_EQ(0, events_now(fd[0], POLLOUT));
	EXPECT_EQ(POLLIN, events_now(fd[1], POLLIN));
	while (all < sent) {
		got = recv(fd[1], data, sizeof(data), 0);
		ASSERT_LT(0, got);
		all += got;
	}
	EXPECT_EQ(sent, all);
	EXPECT_EQ(POLLOUT, wait_for(fd[0], POLLOUT));
	EXPECT_EQ(0, events_now(fd[1], POLLIN));
	EXPECT_TRUE(exchange(fd, 100000, NULL, NULL));
}

/* Who peeks and waits for more than the window holds waits, as on the wire. */
TEST_F(local, peek_at_more_than_the_window)
{
	struct timeval patience = { .tv_usec = 300000 };
	static char data[8 << 20];
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	ASSERT_LT(0, fill(fd[0]));
	EXPECT_LT(0, recv(fd[1], data, sizeof(data), MSG_PEEK | MSG_WAITALL));
}

struct looker {
	int fd[2];
	volatile bool stop;
};

static void *keep_looking(void *arg)
{
	struct looker *looker = arg;
	int i;

	for (i = 0; !looker->stop; i++)
		look(looker->fd, 1);
	return NULL;
}

static void *write_two(void *arg)
{
	int fd = *(int *)arg;

	return write_all(fd, "a", 1) || write_all(fd, "b", 1) ? "write" : NULL;
}

/* Others look at the socket while a reader waits for more than is there, and take it. */
TEST_F(local, peek_waits_while_others_look)
{
	struct looker looker = {};
	pthread_t eyes, hand;
	void *failed;
	char data[2];
	int i;

	ASSERT_EQ(0, settled_pair(self->t, looker.fd));
	ASSERT_EQ(0, set_int(looker.fd[0], self->t->level, TCP_NODELAY, 1));
	ASSERT_EQ(0, pthread_create(&eyes, NULL, keep_looking, &looker));
	for (i = 0; i < 300; i++) {
		ASSERT_EQ(0, pthread_create(&hand, NULL, write_two, &looker.fd[0]));
		ASSERT_EQ(2, recv(looker.fd[1], data, 2, MSG_PEEK | MSG_WAITALL));
		ASSERT_EQ(2, recv(looker.fd[1], data, 2, MSG_WAITALL));
		ASSERT_EQ(0, pthread_join(hand, &failed));
		ASSERT_EQ(NULL, failed);
	}
	looker.stop = true;
	ASSERT_EQ(0, pthread_join(eyes, NULL));
}

TEST_F(local, thin_writes_reach_a_high_mark)
{
	int fd[2], i;
	char byte = 0;

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_NODELAY, 1));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 3000));
	for (i = 0; i < 2999; i++)
		ASSERT_EQ(0, write_all(fd[0], &byte, 1));
	/* TCP says so before if they are too many packets for its memory: on two processors */
	if (transport_is_xtcp(self->t))
		EXPECT_EQ(0, events_now(fd[1], POLLIN));
	ASSERT_EQ(0, write_all(fd[0], &byte, 1));
	EXPECT_EQ(POLLIN, wait_for(fd[1], POLLIN));
}

/* Small writes are gathered behind what was not read yet; among them one that fails. */
TEST_F(local, small_writes_and_a_bad_one)
{
	uint8_t data[7], back[7 * 400];
	long page = sysconf(_SC_PAGESIZE);
	char *edge;
	int fd[2];
	size_t i;

	edge = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, edge);
	ASSERT_EQ(0, munmap(edge + page, page));
	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_NODELAY, 1));
	for (i = 0; i < sizeof(back); i++) {
		data[i % 7] = byte_at(i, 5);
		if (i % 7 == 6)
			ASSERT_EQ(0, write_all(fd[0], data, 7));
		if (i == 700)
			EXPECT_ERRNO(EFAULT, send(fd[0], edge + page - 3, 7, 0));
	}
	ASSERT_EQ(0, read_all(fd[1], back, sizeof(back)));
	for (i = 0; i < sizeof(back); i++)
		ASSERT_EQ(byte_at(i, 5), back[i]);
	EXPECT_ERRNO(EAGAIN, recv(fd[1], back, 1, MSG_DONTWAIT));
	munmap(edge, page);
}

TEST_F(local, half_close)
{
	static char data[100000], back[100000];
	int fd[2];

	memset(data, 'x', sizeof(data));
	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_LT(0, send(fd[0], data, 30000, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	ASSERT_EQ(0, read_all(fd[1], back, 30000));
	EXPECT_EQ(0, memcmp(data, back, 30000));
	EXPECT_EQ(0, recv(fd[1], back, 1, 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, transport_wait_state(self->t, fd[1], TCP_CLOSE_WAIT));
	EXPECT_EQ(TCP_FIN_WAIT2, transport_wait_state(self->t, fd[0], TCP_FIN_WAIT2));
	ASSERT_LT(0, send(fd[1], data, 30000, 0));
	ASSERT_EQ(0, close(fd[1]));
	memset(back, 0, sizeof(back));
	ASSERT_EQ(0, read_all(fd[0], back, 30000));
	EXPECT_EQ(0, memcmp(data, back, 30000));
	EXPECT_EQ(0, recv(fd[0], back, 1, 0));
}

/* Who is gone and forgotten does not hear that there is room again, and does not object. */
TEST_F(local, read_when_the_other_end_is_no_more)
{
	char data[1000] = "";
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_LINGER2, 1));
	ASSERT_EQ(0, close(fd[0]));
	sleep(3);
	ASSERT_EQ(0, read_all(fd[1], data, sizeof(data)));
	EXPECT_EQ(0, recv(fd[1], data, 1, 0));
	usleep(300000);
	EXPECT_EQ(TCP_CLOSE_WAIT, transport_state(self->t, fd[1]));
	EXPECT_EQ(0, events_now(fd[1], 0));
}

TEST_F(local, closed_with_bytes_that_wait)
{
	static char data[1 << 16];
	ssize_t sent, got, all = 0;
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	sent = fill(fd[0]);
	ASSERT_EQ(0, close(fd[0]));
	while ((got = recv(fd[1], data, sizeof(data), 0)) > 0)
		all += got;
	EXPECT_EQ(0, got);
	EXPECT_EQ(sent, all);
}

TEST_F(local, reset_comes_after_the_data)
{
	struct linger now = { .l_onoff = 1 };
	char data[5000] = "";
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	ASSERT_EQ(0, close(fd[0]));
	ASSERT_EQ(0, read_all(fd[1], data, sizeof(data)));
	EXPECT_ERRNO(ECONNRESET, recv(fd[1], data, 1, 0));
}

TEST_F(local, unread_data_resets)
{
	char data[5000] = "";
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	ASSERT_EQ(0, close(fd[1]));
	EXPECT_ERRNO(ECONNRESET, recv(fd[0], data, 1, 0));
}

TEST_F(local, urgent_byte)
{
	char data[8] = "";
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(3, send(fd[0], "abc", 3, 0));
	ASSERT_EQ(2, send(fd[0], "de", 2, MSG_OOB));
	ASSERT_EQ(3, send(fd[0], "fgh", 3, 0));
	EXPECT_EQ(POLLPRI, wait_for(fd[1], POLLPRI));
	ASSERT_EQ(1, recv(fd[1], data, 1, MSG_OOB));
	EXPECT_EQ('e', data[0]);
	ASSERT_EQ(4, recv(fd[1], data, sizeof(data), 0));
	EXPECT_EQ(0, memcmp("abcd", data, 4));
	ASSERT_EQ(0, read_all(fd[1], data, 3));
	EXPECT_EQ(0, memcmp("fgh", data, 3));
	EXPECT_TRUE(exchange(fd, 100000, NULL, NULL));
}

TEST_F(local, cork_holds)
{
	char data[3];
	int fd[2];

	ASSERT_EQ(0, settled_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_CORK, 1));
	ASSERT_EQ(3, send(fd[0], "abc", 3, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd[1], data, 3, MSG_DONTWAIT));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_CORK, 0));
	ASSERT_EQ(0, read_all(fd[1], data, 3));
	EXPECT_EQ(0, memcmp("abc", data, 3));
}

TEST_F(local, socket_that_connects_again)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int door = transport_listener(self->t, 2), fd[2], i;

	ASSERT_LE(0, door);
	fd[0] = transport_socket(self->t, 0);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK,
					       transport_port(door)));
		fd[1] = accept(door, NULL, NULL);
		ASSERT_LE(0, fd[1]);
		EXPECT_TRUE(exchange(fd, 100000, NULL, NULL));
		ASSERT_EQ(0, connect(fd[0], &none, sizeof(none)));
		close(fd[1]);
	}
}

/* Another process, which does nothing but send (or receive) for ever. */
static pid_t endless(int fd, bool sends)
{
	static char data[CHUNK];
	pid_t pid = fork();

	if (pid)
		return pid;
	while (sends ? send(fd, data, sizeof(data), MSG_NOSIGNAL) > 0 :
		       recv(fd, data, sizeof(data), 0) > 0)
		;
	_exit(0);
}

TEST_F(local, sender_is_killed)
{
	static char data[CHUNK];
	ssize_t got, all = 0;
	pid_t pid;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	pid = endless(fd[0], true);
	ASSERT_LT(0, pid);
	close(fd[0]);
	while (all < (ssize_t)FLOW) {
		got = recv(fd[1], data, sizeof(data), 0);
		ASSERT_LT(0, got);
		all += got;
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	while ((got = recv(fd[1], data, sizeof(data), 0)) > 0)
		;
	EXPECT_EQ(0, got);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(local, receiver_is_killed)
{
	static char data[CHUNK];
	ssize_t sent, all = 0;
	pid_t pid;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	pid = endless(fd[1], false);
	ASSERT_LT(0, pid);
	close(fd[1]);
	while (all < (ssize_t)FLOW) {
		sent = send(fd[0], data, sizeof(data), MSG_NOSIGNAL);
		ASSERT_LT(0, sent);
		all += sent;
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	while (send(fd[0], data, sizeof(data), MSG_NOSIGNAL) > 0)
		;
	EXPECT_TRUE(errno == ECONNRESET || errno == EPIPE) TH_LOG("%s", strerror(errno));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

/* The namespace goes with its last process, both ends and all that lies between. */
TEST_F(local, both_ends_are_killed)
{
	pid_t pid[2];
	int fd[2], i;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	for (i = 0; i < 2; i++) {
		pid[i] = endless(fd[i], !i);
		ASSERT_LT(0, pid[i]);
	}
	close(fd[0]);
	close(fd[1]);
	usleep(20000);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, kill(pid[i], SIGKILL));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pid[i], waitpid(pid[i], NULL, 0));
}

TEST_HARNESS_MAIN
