// SPDX-License-Identifier: GPL-2.0
/*
 * An example server: takes one connection, writes what comes to a file, and
 * answers with the number of bytes when the sender has closed its direction.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream.h"

static const char usage[] =
	"Usage: xtcp-recv [-46tw] PORT [FILE]\n"
	"Take one connection from xtcp-send and write what comes to FILE, or to\n"
	"standard output. PORT is a number or the name of a service.\n"
	"  -4, --ipv4  listen on IPv4 only\n"
	"  -6, --ipv6  listen on IPv6 only\n"
	"  -t, --tcp   over TCP, for comparison\n"
	"  -w, --wait  before answering, read standard input to its end: leaves time\n"
	"              to look at the half-closed connection\n"
	"  -h, --help  print this\n"
	"Exit status: 0 all was received and answered, 1 it was not, 2 wrong usage.\n";

static const struct option options[] = {
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "tcp", no_argument, NULL, 't' },
	{ "wait", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/* Listen on every address; an IPv6 socket takes IPv4 as well unless told not to. */
static int listen_on(const char *port, int family, bool tcp)
{
	struct addrinfo hints = {
		.ai_family = family == AF_UNSPEC ? AF_INET6 : family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE,
	};
	int only = family == AF_INET6, on = 1;
	struct addrinfo *ai;
	int fd, error;

	error = getaddrinfo(NULL, port, &hints, &ai);
	if (error)
		errx(1, "port %s: %s", port, gai_strerror(error));
	fd = stream_socket(ai->ai_family, tcp);
	if (fd < 0)
		err(1, "socket");
	if (ai->ai_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)))
		err(1, "IPV6_V6ONLY");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		err(1, "SO_REUSEADDR");
	if (bind(fd, ai->ai_addr, ai->ai_addrlen))
		err(1, "port %s: bind", port);
	if (listen(fd, 1))
		err(1, "port %s: listen", port);
	freeaddrinfo(ai);
	return fd;
}

static void read_to_end(int fd)
{
	char buf[256];
	ssize_t n;

	do
		n = read(fd, buf, sizeof(buf));
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err(1, "standard input");
}

int main(int argc, char **argv)
{
	int family = AF_UNSPEC, out = STDOUT_FILENO, door, fd, c;
	const char *name = "standard output";
	bool tcp = false, wait = false;
	long long bytes;
	char answer[32];

	while ((c = getopt_long(argc, argv, "46twh", options, NULL)) != -1) {
		switch (c) {
		case '4':
			family = AF_INET;
			break;
		case '6':
			family = AF_INET6;
			break;
		case 't':
			tcp = true;
			break;
		case 'w':
			wait = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc - optind < 1 || argc - optind > 2) {
		fputs(usage, stderr);
		return 2;
	}
	if (argc - optind == 2) {
		name = argv[optind + 1];
		out = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (out < 0)
			err(1, "%s", name);
	}

	signal(SIGPIPE, SIG_IGN);
	door = listen_on(argv[optind], family, tcp);
	fd = accept(door, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	close(door);
	bytes = stream_copy(fd, "sender", out, name);
	/* Whatever the file system has to complain about, before success is told. */
	if (close(out))
		err(1, "%s", name);
	if (wait)
		read_to_end(STDIN_FILENO);
	stream_write(fd, "sender", answer, snprintf(answer, sizeof(answer), "%lld\n", bytes));
	if (close(fd))
		err(1, "sender: close");
	fprintf(stderr, "xtcp-recv: %lld bytes\n", bytes);
	return 0;
}
