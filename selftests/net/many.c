// SPDX-License-Identifier: GPL-2.0
/*
 * Many XTCP connections of one process to itself.
 *
 * Usage: many hold COUNT     opens COUNT connections and holds them until
 *                            standard input ends
 *        many churn COUNT    opens and closes one after the other
 *        many same COUNT     the same, always between the same two ports
 *        many crowd COUNT    opens all at once, with accept queues for three;
 *                            nobody accepts until standard input ends
 * COUNT 0: without end.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "transport.h"

static const struct transport ipv4 = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP };
static const struct transport ipv6 = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP };

static const struct transport *nth(long i)
{
	return i & 1 ? &ipv6 : &ipv4;
}

static void wait_for_end(void)
{
	char buf[64];

	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
}

static void say_ready(void)
{
	printf("ready\n");
	fflush(stdout);
}

static void open_one(const struct transport *t, int door, int from, int fd[2])
{
	char c = 'x';

	fd[0] = transport_socket(t, 0);
	if (fd[0] < 0)
		err(1, "socket");
	if (from && transport_bind(t, fd[0], PLACE_LOOPBACK, from))
		err(1, "bind");
	if (transport_connect(t, fd[0], PLACE_LOOPBACK, transport_port(door)))
		err(1, "connect");
	fd[1] = accept(door, NULL, NULL);
	if (fd[1] < 0)
		err(1, "accept");
	if (send(fd[0], &c, 1, 0) != 1 || recv(fd[1], &c, 1, 0) != 1 ||
	    send(fd[1], &c, 1, 0) != 1 || recv(fd[0], &c, 1, 0) != 1)
		err(1, "data");
}

/* In order: the end that has the chosen port gets the TIME-WAIT. */
static void close_one(int fd[2])
{
	char c;

	if (shutdown(fd[0], SHUT_WR) || recv(fd[1], &c, 1, 0) || close(fd[1]) ||
	    recv(fd[0], &c, 1, 0) || close(fd[0]))
		err(1, "close");
}

/* The descriptors stay open: the connections end with the process. */
static void crowd(int door[2], long count)
{
	int *fd = calloc(count, sizeof(*fd)), *child = calloc(count, sizeof(*child));
	char c = 'x';
	long i;

	if (!fd || !child)
		err(1, "memory");
	for (i = 0; i < count; i++) {
		fd[i] = transport_socket(nth(i), SOCK_NONBLOCK);
		if (fd[i] < 0)
			err(1, "socket");
		if (!transport_connect(nth(i), fd[i], PLACE_LOOPBACK,
				       transport_port(door[i & 1])) || errno != EINPROGRESS)
			err(1, "connect");
	}
	say_ready();
	wait_for_end();

	for (i = 0; i < count; i++) {
		child[i] = accept(door[i & 1], NULL, NULL);
		if (child[i] < 0)
			err(1, "accept");
	}
	for (i = 0; i < count; i++) {
		wait_for(fd[i], POLLOUT);
		if (send(fd[i], &c, 1, 0) != 1)
			err(1, "client %ld: send", i);
	}
	for (i = 0; i < count; i++)
		if (recv(child[i], &c, 1, 0) != 1 || send(child[i], &c, 1, 0) != 1)
			err(1, "child %ld: data", i);
	for (i = 0; i < count; i++) {
		wait_for(fd[i], POLLIN);
		if (recv(fd[i], &c, 1, 0) != 1)
			err(1, "client %ld: recv", i);
	}
	free(fd);
	free(child);
}

int main(int argc, char **argv)
{
	struct rlimit files = { 200000, 200000 };
	int door[2], fd[2], backlog;
	bool hold, all_at_once;
	long i, count;

	if (argc != 3)
		errx(2, "usage: many hold|churn|same|crowd COUNT");
	hold = !strcmp(argv[1], "hold");
	all_at_once = !strcmp(argv[1], "crowd");
	backlog = all_at_once ? 2 : 16;
	count = atol(argv[2]);
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "RLIMIT_NOFILE");
	door[0] = transport_listener(&ipv4, backlog);
	door[1] = transport_listener(&ipv6, backlog);
	if (door[0] < 0 || door[1] < 0)
		err(1, "listen");
	if (all_at_once) {
		crowd(door, count);
		return 0;
	}
	for (i = 0; !count || i < count; i++) {
		open_one(nth(i), door[i & 1], strcmp(argv[1], "same") ? 0 : 4750, fd);
		if (!hold)
			close_one(fd);
	}
	say_ready();
	if (hold)
		wait_for_end();
	return 0;
}
