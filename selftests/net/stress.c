// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that come and go in disorder: killed processes, listeners closed with
 * children pending, several threads at one socket. What is tested is that
 * every call comes back and that the kernel has nothing to complain of; run it
 * on a kernel with KASAN, lockdep and kmemleak.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#define WORKERS	4
#define ROUNDS	5

TRANSPORT_FIXTURE(stress)

/* Connect, write and close for ever, as fast as it goes; errors are expected. */
static void work(const struct transport *t, int port, unsigned long *done)
{
	char data[3000] = {};

	for (;;) {
		int fd = transport_socket(t, 0);

		if (fd >= 0 && !transport_connect(t, fd, PLACE_LOOPBACK, port)) {
			send(fd, data, sizeof(data), MSG_NOSIGNAL | MSG_DONTWAIT);
			__atomic_add_fetch(done, 1, __ATOMIC_RELAXED);
		}
		if (fd >= 0)
			close(fd);
		usleep(1);	/* lets others run where time stands still while somebody does */
	}
}

/* Accept @count connections; every other one is closed with its data unread. */
static int serve(int door, int count)
{
	char data[4096];
	int i, fd;

	for (i = 0; i < count; i++) {
		fd = accept(door, NULL, NULL);
		if (fd < 0)
			return -1;
		if (i & 1)
			recv(fd, data, sizeof(data), MSG_DONTWAIT);
		close(fd);
	}
	return 0;
}

TEST_F(stress, processes_killed_while_they_connect)
{
	int door = transport_listener(self->t, 1024), round, i;	/* no SYN is dropped */
	int port = transport_port(door);
	unsigned long *done;
	pid_t pid[WORKERS];

	ASSERT_LE(0, door);
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)done);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < WORKERS; i++) {
			pid[i] = fork();
			if (!pid[i]) {
				close(door);
				work(self->t, port, done);
			}
			ASSERT_LT(0, pid[i]);
		}
		EXPECT_EQ(0, serve(door, 20));
		for (i = 0; i < WORKERS; i++) {
			ASSERT_EQ(0, kill(pid[i], SIGKILL));
			ASSERT_EQ(pid[i], waitpid(pid[i], NULL, 0));
		}
	}
	EXPECT_NE(0UL, __atomic_load_n(done, __ATOMIC_RELAXED));
	/* and it still works */
	ASSERT_EQ(0, close(door));
	door = transport_listener(self->t, 16);
	ASSERT_LE(0, door);
	i = transport_socket(self->t, 0);
	EXPECT_EQ(0, transport_connect(self->t, i, PLACE_LOOPBACK, transport_port(door)));
}

TEST_F(stress, listener_closed_with_children_pending)
{
	int fd[8], door, round, i;
	char c;

	for (round = 0; round < ROUNDS; round++) {
		door = transport_listener(self->t, ARRAY_SIZE(fd));
		ASSERT_LE(0, door);
		for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
			fd[i] = transport_socket(self->t, 0);
			ASSERT_LE(0, fd[i]);
			ASSERT_EQ(0, transport_connect(self->t, fd[i], PLACE_LOOPBACK,
						       transport_port(door)));
			/* some children hold data, some a FIN */
			if (i & 1)
				EXPECT_EQ(1, send(fd[i], "x", 1, 0));
			if (i & 2)
				EXPECT_EQ(0, shutdown(fd[i], SHUT_WR));
		}
		if (round & 1)
			ASSERT_EQ(0, shutdown(door, SHUT_RD));
		ASSERT_EQ(0, close(door));
		for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
			EXPECT_GE(0, recv(fd[i], &c, 1, 0));
			EXPECT_EQ(0, close(fd[i]));
		}
	}
}

/* What threads share. */
struct shared {
	const struct transport *t;
	int fd;
	bool stop;
};

/* With a pause, as in work(). */
static bool go_on(const struct shared *s)
{
	usleep(1);
	return !__atomic_load_n(&s->stop, __ATOMIC_RELAXED);
}

static void *read_options(void *arg)
{
	struct shared *s = arg;
	char name[16], info[512];
	socklen_t len;

	while (go_on(s)) {
		len = sizeof(name);
		getsockopt(s->fd, s->t->level, TCP_CONGESTION, name, &len);
		len = sizeof(info);
		getsockopt(s->fd, s->t->level, TCP_INFO, info, &len);
	}
	return NULL;
}

static void *read_data(void *arg)
{
	struct shared *s = arg;
	char data[4096];

	while (go_on(s))
		recv(s->fd, data, sizeof(data), 0);
	return NULL;
}

static void *write_data(void *arg)
{
	struct shared *s = arg;
	static const char data[100000];

	while (go_on(s))
		send(s->fd, data, sizeof(data), MSG_NOSIGNAL);
	return NULL;
}

TEST_F(stress, disconnected_under_threads)
{
	void *(*const jobs[])(void *) = { read_options, read_data, write_data };
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct shared s = { .t = self->t };
	pthread_t thread[ARRAY_SIZE(jobs)];
	int door = transport_listener(self->t, 16), round, fd;
	unsigned int i;

	ASSERT_LE(0, door);
	s.fd = transport_socket(self->t, 0);
	ASSERT_LE(0, s.fd);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, jobs[i], &s));
	for (round = 0; round < 40 * ROUNDS; round++) {
		ASSERT_EQ(0, transport_connect(self->t, s.fd, PLACE_LOOPBACK,
					       transport_port(door)));
		fd = accept(door, NULL, NULL);
		ASSERT_LE(0, fd);
		if (round & 1)
			EXPECT_EQ(1, send(fd, "x", 1, MSG_NOSIGNAL));
		ASSERT_EQ(0, connect(s.fd, &none, sizeof(none)));
		EXPECT_EQ(0, close(fd));
	}
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
}

TEST_F(stress, namespace_ends_under_traffic)
{
	unsigned long done;
	int round, door, port, i;
	pid_t pid;

	for (round = 0; round < ROUNDS; round++) {
		pid = fork();
		if (!pid) {
			if (transport_isolate())
				_exit(1);
			door = transport_listener(self->t, 16);
			port = transport_port(door);
			for (i = 0; i < WORKERS; i++) {
				if (fork())
					continue;
				if (!prctl(PR_SET_PDEATHSIG, SIGKILL) && getppid() != 1)
					work(self->t, port, &done);
				_exit(0);	/* the parent was faster */
			}
			_exit(serve(door, 20) ? 1 : 0);
		}
		ASSERT_LT(0, pid);
		/* the namespace goes with the last worker, each killed by its parent's death */
		ASSERT_EQ(pid, waitpid(pid, &i, 0));
		EXPECT_EQ(0, i);
	}
}

TEST_HARNESS_MAIN
