// SPDX-License-Identifier: GPL-2.0
/* A network namespace of one's own, and connections within it. */
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "namespace.h"

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t loopback(int layer, uint16_t port, union address *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (layer == XTCP_IPV4) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		addr->in.sin_port = htons(port);
		return sizeof(addr->in);
	}
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_addr = in6addr_loopback;
	addr->in6.sin6_port = htons(port);
	return sizeof(addr->in6);
}

int namespace_new(int flags)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, err;

	if (unshare(flags))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return err;
}

int open_socket(int layer, uint16_t port)
{
	int fd = socket(AF_XTCP, SOCK_STREAM, layer);
	union address addr;

	if (fd < 0)
		return -1;
	if (bind(fd, &addr.sa, loopback(layer, port, &addr))) {
		close(fd);
		return -1;
	}
	return fd;
}

int open_listener(int layer, uint16_t port, int backlog)
{
	int fd = open_socket(layer, port);

	if (fd >= 0 && listen(fd, backlog)) {
		close(fd);
		return -1;
	}
	return fd;
}

int open_pair(int layer, int listener, int fd[2])
{
	union address addr;

	fd[0] = socket(AF_XTCP, SOCK_STREAM, layer);
	if (fd[0] < 0)
		return -1;
	if (connect(fd[0], &addr.sa, loopback(layer, port_of(listener), &addr))) {
		close(fd[0]);
		return -1;
	}
	fd[1] = accept(listener, NULL, NULL);
	if (fd[1] < 0) {
		close(fd[0]);
		return -1;
	}
	return 0;
}

uint16_t port_of(int fd)
{
	union address addr = { };
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.sa, &len))
		return 0;
	return ntohs(addr.sa.sa_family == AF_INET ? addr.in.sin_port : addr.in6.sin6_port);
}
