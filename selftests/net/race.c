// SPDX-License-Identifier: GPL-2.0
/*
 * What two processors do to one connection at the same moment. Every call may
 * fail; it has to come back, nothing may be lost, and the kernel must have nothing
 * to complain of: for a debug kernel with several processors. How often, says
 * XTCP_RACE_ROUNDS.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#define FEW_ROUNDS 40	/* on one processor there is little to meet */

TRANSPORT_FIXTURE(race)
TRANSPORT_SECOND_DOOR(race);

static int rounds(void)
{
	const char *more = getenv("XTCP_RACE_ROUNDS");

	return more ? atoi(more) : FEW_ROUNDS;
}

/* Reproducible, and each thread has its own. */
static unsigned int roll(unsigned int *seed, unsigned int sides)
{
	return rand_r(seed) / 7 % sides;
}

/* A little earlier or later, below the time that a call takes. */
static void jitter(unsigned int *seed)
{
	volatile unsigned int i;

	for (i = roll(seed, 3000); i; i--)
		;
}

static void linger(int fd, int seconds)
{
	struct linger l = { .l_onoff = 1, .l_linger = seconds };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

static void disconnect(int fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(fd, &none, sizeof(none));
}

/* Pages that are not copied, into the connection or out of it. */
static void through_pipe(int fd, bool out, size_t len)
{
	static char data[30000];
	struct iovec iov = { data, len };
	int p[2];

	if (pipe(p))
		return;
	/* splice() has no other way not to wait, and not to raise it */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
	if (out) {
		splice(fd, NULL, p[1], NULL, len, SPLICE_F_NONBLOCK);
	} else {
		vmsplice(p[1], &iov, 1, SPLICE_F_NONBLOCK);
		splice(p[0], NULL, fd, NULL, len, SPLICE_F_NONBLOCK);
	}
	close(p[0]);
	close(p[1]);
}

/* One of all that may be done to a socket that others use; none of it waits. */
static void do_something(const struct transport *t, int fd, unsigned int *seed)
{
	static const int options[] = { SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_OOBINLINE,
				       SO_RCVLOWAT, SO_REUSEADDR, SO_REUSEPORT, SO_ERROR };
	static const char data[30000];
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	char buf[sizeof(data)];
	struct msghdr msg = { .msg_control = buf, .msg_controllen = sizeof(buf) };
	union address addr;
	socklen_t len;
	int n;

	switch (roll(seed, 18)) {
	case 0:
		send(fd, data, 1 + roll(seed, sizeof(data)), MSG_NOSIGNAL | MSG_DONTWAIT);
		break;
	case 1:
		send(fd, data, 1, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_OOB);
		break;
	case 2:
		send(fd, data, 1000, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE);
		break;
	case 3:
		recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		break;
	case 4:
		recv(fd, buf, roll(seed, 100), MSG_DONTWAIT | MSG_PEEK);
		break;
	case 5:
		shutdown(fd, roll(seed, 3));
		break;
	case 6:
		poll(&p, 1, 0);
		break;
	case 7:
		set_int(fd, SOL_SOCKET, options[roll(seed, 8)], 1 + roll(seed, 20000));
		break;
	case 8:
		set_int(fd, t->level, 1 + roll(seed, 24), 1 + roll(seed, 60));
		break;
	case 9:
		len = sizeof(buf);
		getsockopt(fd, t->level, 1 + roll(seed, 24), buf, &len);
		break;
	case 10:
		ioctl(fd, roll(seed, 2) ? FIONREAD : TIOCOUTQ, &n);
		break;
	case 11:
		len = sizeof(addr);
		getpeername(fd, &addr.sa, &len);
		len = sizeof(addr);
		getsockname(fd, &addr.sa, &len);
		break;
	case 12:
		linger(fd, 0);
		break;
	case 13:
		set_int(fd, transport_is_xtcp(t) ? SOL_XTCP : SOL_SOCKET,
			transport_is_xtcp(t) ? XTCP_ZEROCOPY : SO_ZEROCOPY, roll(seed, 2));
		break;
	case 14:
		send(fd, data, 1 + roll(seed, sizeof(data)),
		     MSG_NOSIGNAL | MSG_DONTWAIT | MSG_ZEROCOPY);
		break;
	case 15:
		recvmsg(fd, &msg, MSG_ERRQUEUE);
		break;
	case 16:
	case 17:
		through_pipe(fd, roll(seed, 2), 1 + roll(seed, sizeof(data)));
		break;
	}
}

/* One of the ways to end a connection; the descriptor is gone. */
static void end(int fd, unsigned int *seed)
{
	static const char data[5000];
	char buf[100];

	switch (roll(seed, 6)) {
	case 0:
		send(fd, data, sizeof(data), MSG_NOSIGNAL | MSG_DONTWAIT);
		break;
	case 1:
		shutdown(fd, SHUT_WR);
		break;
	case 2:
		shutdown(fd, SHUT_RDWR);
		break;
	case 3:
		linger(fd, 0);
		break;
	case 4:
		recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		break;
	case 5:
		disconnect(fd);
		break;
	}
	close(fd);
}

/* Threads that meet before each round. */
struct arena {
	const struct transport *t;
	pthread_barrier_t start, stop;
	int rounds;
	int fd[2];
};

struct hand {
	struct arena *arena;
	pthread_t thread;
	unsigned int seed, number;
};

static void open_arena(struct arena *arena, const struct transport *t, int hands)
{
	memset(arena, 0, sizeof(*arena));
	arena->t = t;
	arena->rounds = rounds();
	pthread_barrier_init(&arena->start, NULL, hands);
	pthread_barrier_init(&arena->stop, NULL, hands);
}

static int hire(struct hand *hand, struct arena *arena, int number, void *(*job)(void *))
{
	hand->arena = arena;
	hand->number = number;
	hand->seed = number + 1;
	return pthread_create(&hand->thread, NULL, job, hand);
}

static void *end_one_side(void *arg)
{
	struct hand *hand = arg;
	struct arena *arena = hand->arena;
	int round;

	for (round = 0; round < arena->rounds; round++) {
		pthread_barrier_wait(&arena->start);
		jitter(&hand->seed);
		if (roll(&hand->seed, 2))
			do_something(arena->t, arena->fd[hand->number], &hand->seed);
		end(arena->fd[hand->number], &hand->seed);
		pthread_barrier_wait(&arena->stop);
	}
	return NULL;
}

/* Both sides close, abort, disconnect ... at once. */
TEST_F_TIMEOUT(race, C2_both_sides_end, 600)
{
	struct arena arena;
	struct hand hand[2];
	int round, i;

	open_arena(&arena, self->t, 3);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, hire(&hand[i], &arena, i, end_one_side));
	for (round = 0; round < arena.rounds; round++) {
		ASSERT_EQ(0, transport_pair(self->t, arena.fd));
		pthread_barrier_wait(&arena.start);
		pthread_barrier_wait(&arena.stop);
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(hand[i].thread, NULL));
}

static void *use_it(void *arg)
{
	struct hand *hand = arg;
	struct arena *arena = hand->arena;
	int round, i;

	for (round = 0; round < arena->rounds; round++) {
		pthread_barrier_wait(&arena->start);
		for (i = 0; i < 30; i++)
			do_something(arena->t, arena->fd[hand->number & 1], &hand->seed);
		if (!hand->number)
			disconnect(arena->fd[0]);
		pthread_barrier_wait(&arena->stop);
	}
	return NULL;
}

/* Two threads at each end do everything that there is. */
TEST_F_TIMEOUT(race, four_hands_at_one_connection, 600)
{
	struct arena arena;
	struct hand hand[4];
	int round, i;

	open_arena(&arena, self->t, 5);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, hire(&hand[i], &arena, i, use_it));
	for (round = 0; round < arena.rounds; round++) {
		ASSERT_EQ(0, transport_pair(self->t, arena.fd));
		pthread_barrier_wait(&arena.start);
		pthread_barrier_wait(&arena.stop);
		close(arena.fd[round & 1]);
		close(arena.fd[!(round & 1)]);
	}
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_join(hand[i].thread, NULL));
}

/* One connects, one accepts, one takes the listener away. */
static void *come_and_go(void *arg)
{
	struct hand *hand = arg;
	struct arena *arena = hand->arena;
	struct pollfd p;
	int round, i, fd;

	for (round = 0; round < arena->rounds; round++) {
		pthread_barrier_wait(&arena->start);
		switch (hand->number) {
		case 0:	/* arena->fd[1] is the port */
			for (i = 0; i < 4; i++) {
				fd = transport_socket(arena->t, SOCK_NONBLOCK);
				transport_connect(arena->t, fd, PLACE_LOOPBACK, arena->fd[1]);
				send(fd, "x", 1, MSG_NOSIGNAL);
				end(fd, &hand->seed);
			}
			break;
		case 1:
			for (i = 0; i < 4; i++) {
				p.fd = arena->fd[0];
				p.events = POLLIN;
				poll(&p, 1, 1);
				fd = accept4(arena->fd[0], NULL, NULL, SOCK_NONBLOCK);
				if (fd >= 0)
					end(fd, &hand->seed);
			}
			break;
		case 2:
			jitter(&hand->seed);
			switch (roll(&hand->seed, 4)) {
			case 0:
				shutdown(arena->fd[0], SHUT_RD);
				break;
			case 1:
				listen(arena->fd[0], 1 + roll(&hand->seed, 4));
				break;
			case 2:
				shutdown(arena->fd[0], SHUT_RDWR);
				listen(arena->fd[0], 4);
				break;
			case 3:
				disconnect(arena->fd[0]);
				break;
			}
			break;
		}
		pthread_barrier_wait(&arena->stop);
	}
	return NULL;
}

TEST_F_TIMEOUT(race, listener_goes_while_it_is_used, 600)
{
	struct arena arena;
	struct hand hand[3];
	int round, i;

	open_arena(&arena, self->t, 4);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, hire(&hand[i], &arena, i, come_and_go));
	for (round = 0; round < arena.rounds; round++) {
		arena.fd[0] = transport_listener(self->t, 4);
		ASSERT_LE(0, arena.fd[0]);
		set_int(arena.fd[0], SOL_SOCKET, SO_RCVBUF, 20000);
		arena.fd[1] = transport_port(arena.fd[0]);
		ASSERT_EQ(0, fcntl(arena.fd[0], F_SETFL, O_NONBLOCK));
		pthread_barrier_wait(&arena.start);
		pthread_barrier_wait(&arena.stop);
		close(arena.fd[0]);
	}
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_join(hand[i].thread, NULL));
}

/* Bind, listen, connect and close at one port. */
static void *want_the_port(void *arg)
{
	struct hand *hand = arg;
	struct arena *arena = hand->arena;
	int round, i, fd;

	for (round = 0; round < arena->rounds; round++) {
		pthread_barrier_wait(&arena->start);
		for (i = 0; i < 4; i++) {
			fd = transport_socket(arena->t, SOCK_NONBLOCK);
			set_int(fd, SOL_SOCKET, roll(&hand->seed, 2) ? SO_REUSEADDR : SO_REUSEPORT,
				1);
			transport_bind(arena->t, fd, roll(&hand->seed, 3), 4711);
			if (roll(&hand->seed, 2))
				listen(fd, 2);
			else
				transport_connect(arena->t, fd, PLACE_LOOPBACK, 4711);
			jitter(&hand->seed);
			end(fd, &hand->seed);
		}
		pthread_barrier_wait(&arena->stop);
	}
	return NULL;
}

TEST_F_TIMEOUT(race, one_port_for_all, 600)
{
	struct arena arena;
	struct hand hand[3];
	int round, i;

	open_arena(&arena, self->t, 4);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, hire(&hand[i], &arena, i, want_the_port));
	for (round = 0; round < arena.rounds; round++) {
		pthread_barrier_wait(&arena.start);
		pthread_barrier_wait(&arena.stop);
	}
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_join(hand[i].thread, NULL));
}

/* Two connections to each other (O6), and a third party at one end. */
static void *meet(void *arg)
{
	struct hand *hand = arg;
	struct arena *arena = hand->arena;
	int round;

	for (round = 0; round < arena->rounds; round++) {
		pthread_barrier_wait(&arena->start);
		jitter(&hand->seed);
		if (hand->number < 2)
			transport_connect(arena->t, arena->fd[hand->number], PLACE_LOOPBACK,
					  4711 + !hand->number);
		else
			do_something(arena->t, arena->fd[0], &hand->seed);
		do_something(arena->t, arena->fd[hand->number & 1], &hand->seed);
		pthread_barrier_wait(&arena->stop);
	}
	return NULL;
}

TEST_F_TIMEOUT(race, O6_two_that_connect_to_each_other, 600)
{
	struct arena arena;
	struct hand hand[3];
	int round, i;

	open_arena(&arena, self->t, 4);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, hire(&hand[i], &arena, i, meet));
	for (round = 0; round < arena.rounds; round++) {
		for (i = 0; i < 2; i++) {
			arena.fd[i] = transport_socket(self->t, SOCK_NONBLOCK);
			set_int(arena.fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
			transport_bind(self->t, arena.fd[i], PLACE_LOOPBACK, 4711 + i);
		}
		pthread_barrier_wait(&arena.start);
		pthread_barrier_wait(&arena.stop);
		for (i = 0; i < 2; i++) {
			linger(arena.fd[i], 0);
			close(arena.fd[i]);
		}
	}
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_join(hand[i].thread, NULL));
}

TEST_HARNESS_MAIN
