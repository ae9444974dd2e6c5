// SPDX-License-Identifier: GPL-2.0
/* Sockets shared by processes and threads. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(share)
TRANSPORT_SECOND_DOOR(share);

TEST_F(share, connection_lives_until_the_last_close)
{
	int fd[2], copy, status;
	pid_t child;
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	copy = dup(fd[0]);
	child = fork();
	if (!child) {
		close(fd[0]);
		close(copy);
		/* Only the parent's remain. */
		_exit(recv(fd[1], &c, 1, 0) == 1 && c == 'x' ? 0 : 1);
	}
	ASSERT_LT(0, child);
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_EQ(1, send(copy, "x", 1, 0));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, close(copy));
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
}

TEST_F(share, shutdown_is_for_all)
{
	int fd[2], copy;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	copy = dup(fd[0]);
	ASSERT_EQ(0, shutdown(copy, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
}

TEST_F(share, killed_process_closes)
{
	int door = transport_listener(self->t, 1);
	int server;
	pid_t child;
	char c;

	ASSERT_LE(0, door);
	child = fork();
	if (!child) {
		int fd = transport_socket(self->t, 0);

		if (transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)) ||
		    send(fd, "x", 1, 0) != 1)
			_exit(1);
		pause();
	}
	server = accept(door, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	ASSERT_EQ(0, kill(child, SIGKILL));
	EXPECT_EQ(0, recv(server, &c, 1, 0));
	ASSERT_EQ(child, waitpid(child, NULL, 0));
}

#define CLIENTS	40
#define SERVERS	4

TEST_F(share, processes_accept_from_one_listener)
{
	int door = transport_listener(self->t, CLIENTS);
	int i, j, fd, status, served = 0;
	pid_t server[SERVERS];
	char c;

	ASSERT_LE(0, door);
	for (i = 0; i < SERVERS; i++) {
		server[i] = fork();
		if (!server[i]) {
			/* Until told to stop: the byte 'q' is for one server. */
			for (j = 0;; j++) {
				fd = accept(door, NULL, NULL);
				if (fd < 0 || recv(fd, &c, 1, 0) != 1 ||
				    send(fd, &c, 1, 0) != 1)
					_exit(100);
				close(fd);
				if (c == 'q')
					_exit(j);
			}
		}
	}
	for (i = 0; i < CLIENTS + SERVERS; i++) {
		c = i < CLIENTS ? 'x' : 'q';
		fd = transport_socket(self->t, 0);
		ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK,
					       transport_port(door)));
		ASSERT_EQ(1, send(fd, &c, 1, 0));
		ASSERT_EQ(1, recv(fd, &c, 1, 0));
		close(fd);
	}
	for (i = 0; i < SERVERS; i++) {
		ASSERT_EQ(server[i], waitpid(server[i], &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		served += WEXITSTATUS(status);
	}
	EXPECT_EQ(CLIENTS, served);
}

#define PIECES	2000
#define THREADS	4

/* Every piece is 16 equal bytes: one write() is not torn by another's. */
static void *write_pieces(void *arg)
{
	int fd = *(int *)arg;
	char piece[16];
	int i;

	for (i = 0; i < PIECES; i++) {
		memset(piece, 'a' + i % 26, sizeof(piece));
		if (write_all(fd, piece, sizeof(piece)))
			return "write";
	}
	return NULL;
}

TEST_F(share, threads_write_one_connection)
{
	pthread_t thread[THREADS];
	int count[26] = { 0 };
	char piece[16], want[16];
	void *failed;
	int fd[2], i;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, write_pieces, &fd[0]));
	for (i = 0; i < PIECES * THREADS; i++) {
		ASSERT_EQ(0, read_all(fd[1], piece, sizeof(piece)));
		memset(want, piece[0], sizeof(want));
		ASSERT_EQ(0, memcmp(piece, want, sizeof(want)));
		count[piece[0] - 'a']++;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &failed);
		EXPECT_EQ(NULL, failed);
	}
	for (i = 0; i < 26; i++)
		EXPECT_EQ((PIECES / 26 + (i < PIECES % 26)) * THREADS, count[i]);
}

/* Passing a connection to another process over a UNIX socket. */
TEST_F(share, descriptor_is_passed)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, c = 0;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fd[2], tube[2], got;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, tube));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd[0], sizeof(int));
	ASSERT_EQ(1, sendmsg(tube[0], &msg, 0));
	ASSERT_EQ(0, close(fd[0]));
	ASSERT_EQ(1, recvmsg(tube[1], &msg, 0));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	ASSERT_EQ(1, send(got, "x", 1, 0));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
}

TEST_HARNESS_MAIN
