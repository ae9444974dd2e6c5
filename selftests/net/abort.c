// SPDX-License-Identifier: GPL-2.0
/*
 * Two programs that exchange a few bytes, then one of them aborts the
 * connection; the other one must be told so by ECONNRESET.
 *
 * Usage: abort wait PORT            takes one connection that will be aborted
 *        abort linger ADDRESS PORT  closes with SO_LINGER 0, all read
 *        abort unread ADDRESS PORT  closes with data that was not read
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xtcp.h>

#define REQUEST	10	/* bytes to the waiting side */
#define ANSWER	100	/* and back */

static char buf[ANSWER];

static void receive(int fd, ssize_t len)
{
	if (recv(fd, buf, len, MSG_WAITALL) != len)
		err(1, "recv");
}

/* Takes IPv4 as well as IPv6. */
static void wait_side(const char *port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(port)) };
	int door = socket(AF_XTCP, SOCK_STREAM, XTCP_IPV6), fd;
	ssize_t n;

	if (door < 0 || bind(door, (struct sockaddr *)&any, sizeof(any)) || listen(door, 1))
		err(1, "port %s", port);
	fd = accept(door, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	receive(fd, REQUEST);
	if (send(fd, buf, ANSWER, 0) != ANSWER)
		err(1, "send");
	n = recv(fd, buf, 1, 0);
	if (n >= 0)
		errx(1, "recv: %zd instead of ECONNRESET", n);
	if (errno != ECONNRESET)
		err(1, "recv, instead of ECONNRESET");
}

static void abort_side(bool linger, const char *address, const char *port)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} to = { .in6.sin6_port = htons(atoi(port)) };
	bool ipv6 = strchr(address, ':');
	struct pollfd answer = { .events = POLLIN };
	int fd;

	to.sa.sa_family = ipv6 ? AF_INET6 : AF_INET;
	if (inet_pton(to.sa.sa_family, address,
		      ipv6 ? (void *)&to.in6.sin6_addr : &to.in.sin_addr) != 1)
		errx(2, "%s: no address", address);
	fd = socket(AF_XTCP, SOCK_STREAM, ipv6 ? XTCP_IPV6 : XTCP_IPV4);
	if (fd < 0 || connect(fd, &to.sa, ipv6 ? sizeof(to.in6) : sizeof(to.in)))
		err(1, "%s", address);
	if (send(fd, buf, REQUEST, 0) != REQUEST)
		err(1, "send");
	answer.fd = fd;
	if (poll(&answer, 1, -1) != 1)
		err(1, "poll");
	if (linger) {
		receive(fd, ANSWER);
		if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)))
			err(1, "SO_LINGER");
	}
	if (close(fd))
		err(1, "close");
}

int main(int argc, char **argv)
{
	alarm(300);	/* bounds a failure, judges nothing */
	if (argc == 3 && !strcmp(argv[1], "wait"))
		wait_side(argv[2]);
	else if (argc == 4 && !strcmp(argv[1], "linger"))
		abort_side(true, argv[2], argv[3]);
	else if (argc == 4 && !strcmp(argv[1], "unread"))
		abort_side(false, argv[2], argv[3]);
	else
		errx(2, "usage: abort wait PORT | linger ADDRESS PORT | unread ADDRESS PORT");
	return 0;
}
