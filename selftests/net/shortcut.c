// SPDX-License-Identifier: GPL-2.0
/* Which way the bytes of a connection on one host go, and what changes it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_ether.h>

#include "shortcut.h"

/* On, whatever the run asks for (transport_isolate()). */
static __attribute__((constructor)) void ask_for_the_shortcut(void)
{
	setenv("XTCP_SHORTCUT", "1", 1);
}

int set_shortcut(int value)
{
	int fd = open("/proc/sys/net/xtcp/shortcut", O_WRONLY);
	int err = fd < 0 || dprintf(fd, "%d\n", value) < 0 ? -1 : 0;

	close(fd);
	return err;
}

int tap(void)
{
	return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
}

int attach(int fd)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, ~0U);
	struct sock_fprog prog = { .len = 1, .filter = &all };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* A byte each way, as often as wanted. */
int ping_pong(const int fd[2], int rounds)
{
	char byte = 0;

	while (rounds--)
		if (write_all(fd[0], &byte, 1) || read_all(fd[1], &byte, 1) ||
		    write_all(fd[1], &byte, 1) || read_all(fd[0], &byte, 1))
			return -1;
	return 0;
}

/* A connection whose bytes go the way that they will go. */
int settled_pair(const struct transport *t, int fd[2])
{
	return transport_pair(t, fd) || ping_pong(fd, 10) ? -1 : 0;
}

/* Let the way settle, and say how many packets another hundred exchanges take. */
long packets(const int fd[2])
{
	long before;

	if (ping_pong(fd, 50))
		return -1;
	usleep(300000);
	if (ping_pong(fd, 50))
		return -1;
	before = counter("OutSegs");
	if (ping_pong(fd, 100))
		return -1;
	return counter("OutSegs") - before;
}
