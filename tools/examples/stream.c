// SPDX-License-Identifier: GPL-2.0
/*
 * All that a program does differently for XTCP is the call of socket(); what
 * follows it, addresses included, is what TCP's programs do.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xtcp.h>

#include "stream.h"

/**
 * stream_socket - create a socket
 * @family: of its addresses: AF_INET or AF_INET6
 * @tcp: TCP, for comparison
 *
 * Return: descriptor, or -1 with errno set.
 */
int stream_socket(int family, bool tcp)
{
	if (tcp)
		return socket(family, SOCK_STREAM, IPPROTO_TCP);
	return socket(AF_XTCP, SOCK_STREAM, family == AF_INET6 ? XTCP_IPV6 : XTCP_IPV4);
}

/**
 * stream_write - write all or exit
 * @to: descriptor
 * @to_name: for the error message
 * @data: what
 * @len: bytes
 */
void stream_write(int to, const char *to_name, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(to, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err(1, "%s: write", to_name);
		p += n;
		len -= n;
	}
}

/**
 * stream_copy - copy until the end of the input or exit
 * @from: descriptor
 * @from_name: for the error message
 * @to: descriptor
 * @to_name: for the error message
 *
 * Return: bytes copied.
 */
long long stream_copy(int from, const char *from_name, int to, const char *to_name)
{
	static char buf[65536];
	long long sum = 0;
	ssize_t n;

	for (;;) {
		n = read(from, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err(1, "%s: read", from_name);
		if (!n)
			return sum;
		stream_write(to, to_name, buf, n);
		sum += n;
	}
}
