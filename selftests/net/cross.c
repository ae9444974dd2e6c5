// SPDX-License-Identifier: GPL-2.0
/*
 * One side of a simultaneous open: binds a port, connects, exchanges a few
 * bytes with the other side, which does the same, waits for the end of its
 * standard input, closes its direction and reads to the end of the other.
 *
 * Usage: cross PORT ADDRESS PEER-PORT
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xtcp.h>

#define BYTES	10000

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t parse(const char *text, const char *port, union address *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->in.sin_port = htons(atoi(port));	/* in the same place as in6's */
	if (inet_pton(AF_INET, text, &addr->in.sin_addr) == 1) {
		addr->sa.sa_family = AF_INET;
		return sizeof(addr->in);
	}
	if (inet_pton(AF_INET6, text, &addr->in6.sin6_addr) != 1)
		errx(2, "%s: no address", text);
	addr->sa.sa_family = AF_INET6;
	return sizeof(addr->in6);
}

static void exchange(int fd, unsigned int mine, unsigned int theirs)
{
	char out[BYTES], in[BYTES];
	size_t i;

	for (i = 0; i < BYTES; i++)
		out[i] = mine + i;
	if (send(fd, out, BYTES, 0) != BYTES)
		err(1, "send");
	if (recv(fd, in, BYTES, MSG_WAITALL) != BYTES)
		err(1, "recv");
	for (i = 0; i < BYTES; i++)
		if (in[i] != (char)(theirs + i))
			errx(1, "byte %zu is not what was sent", i);
}

int main(int argc, char **argv)
{
	union address from, to;
	socklen_t len;
	char byte;
	int fd;

	alarm(600);	/* bounds a failure, judges nothing */
	if (argc != 4)
		errx(2, "usage: cross PORT ADDRESS PEER-PORT");
	len = parse(argv[2], argv[3], &to);
	memset(&from, 0, sizeof(from));
	from.sa.sa_family = to.sa.sa_family;
	from.in.sin_port = htons(atoi(argv[1]));

	fd = socket(AF_XTCP, SOCK_STREAM, to.sa.sa_family == AF_INET6 ? XTCP_IPV6 : XTCP_IPV4);
	if (fd < 0 || bind(fd, &from.sa, len))
		err(1, "port %s", argv[1]);
	if (connect(fd, &to.sa, len))
		err(1, "connect");
	exchange(fd, atoi(argv[1]), atoi(argv[3]));
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	if (shutdown(fd, SHUT_WR))
		err(1, "shutdown");
	if (recv(fd, &byte, 1, 0))
		err(1, "no end of the stream");
	if (close(fd))
		err(1, "close");
	return 0;
}
