// SPDX-License-Identifier: GPL-2.0
/*
 * Many XTCP connections of one process to itself.
 *
 * Usage: many hold COUNT     opens COUNT connections and holds them until
 *                            standard input ends
 *        many churn COUNT    opens and closes one after the other
 *        many same COUNT     the same, always between the same two ports
 * COUNT 0: without end.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "transport.h"

static const struct transport ipv4 = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP };
static const struct transport ipv6 = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP };

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

int main(int argc, char **argv)
{
	struct rlimit files = { 200000, 200000 };
	int door[2], fd[2];
	long i, count;
	bool hold;

	if (argc != 3)
		errx(2, "usage: many hold|churn|same COUNT");
	hold = !strcmp(argv[1], "hold");
	count = atol(argv[2]);
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "RLIMIT_NOFILE");
	door[0] = transport_listener(&ipv4, 16);
	door[1] = transport_listener(&ipv6, 16);
	if (door[0] < 0 || door[1] < 0)
		err(1, "listen");
	for (i = 0; !count || i < count; i++) {
		open_one(i & 1 ? &ipv6 : &ipv4, door[i & 1],
			 strcmp(argv[1], "same") ? 0 : 4750, fd);
		if (!hold)
			close_one(fd);
	}
	printf("ready\n");
	fflush(stdout);
	if (hold)
		while (read(STDIN_FILENO, fd, sizeof(fd)) > 0)
			;
	return 0;
}
