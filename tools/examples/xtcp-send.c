// SPDX-License-Identifier: GPL-2.0
/*
 * An example client: sends a file to xtcp-recv, closes its own direction (the
 * connection is then half closed), reads how many bytes arrived and compares.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream.h"

static const char usage[] =
	"Usage: xtcp-send [-46t] HOST PORT [FILE]\n"
	"Send FILE, or standard input, to xtcp-recv on HOST.\n"
	"PORT is a number or the name of a service.\n"
	"  -4, --ipv4  only to IPv4 addresses of HOST\n"
	"  -6, --ipv6  only to IPv6 addresses of HOST\n"
	"  -t, --tcp   over TCP, for comparison\n"
	"  -h, --help  print this\n"
	"Exit status: 0 everything arrived, 1 it did not, 2 wrong usage.\n";

static const struct option options[] = {
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "tcp", no_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/* Connect to the first address of a host that answers. */
static int connect_to(const char *host, const char *port, int family, bool tcp)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *ai;
	const char *what = "socket";
	int fd = -1, error;

	error = getaddrinfo(host, port, &hints, &list);
	if (error)
		errx(1, "%s port %s: %s", host, port, gai_strerror(error));
	for (ai = list; ai; ai = ai->ai_next) {
		what = "socket";
		fd = stream_socket(ai->ai_family, tcp);
		if (fd < 0)
			continue;
		what = "connect";
		if (!connect(fd, ai->ai_addr, ai->ai_addrlen))
			break;
		error = errno;
		close(fd);
		errno = error;
		fd = -1;
	}
	if (fd < 0)
		err(1, "%s port %s: %s", host, port, what);
	freeaddrinfo(list);
	return fd;
}

/* The receiver's answer: one line with the number of bytes. */
static long long read_answer(int fd, const char *host)
{
	char line[32];
	size_t len = 0;
	long long bytes;
	ssize_t n;
	char *end;

	do {
		n = read(fd, line + len, sizeof(line) - 1 - len);
		if (n < 0 && errno != EINTR)
			err(1, "%s: no answer", host);
		if (n > 0)
			len += n;
	} while (n && len < sizeof(line) - 1);
	line[len] = 0;
	bytes = strtoll(line, &end, 10);
	if (end == line || strcmp(end, "\n"))
		errx(1, "%s: not the answer of xtcp-recv", host);
	return bytes;
}

int main(int argc, char **argv)
{
	int family = AF_UNSPEC, in = STDIN_FILENO, fd, c;
	const char *host, *name = "standard input";
	long long sent, arrived;
	bool tcp = false;

	while ((c = getopt_long(argc, argv, "46th", options, NULL)) != -1) {
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
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc - optind < 2 || argc - optind > 3) {
		fputs(usage, stderr);
		return 2;
	}
	host = argv[optind];
	if (argc - optind == 3) {
		name = argv[optind + 2];
		in = open(name, O_RDONLY);
		if (in < 0)
			err(1, "%s", name);
	}

	/* A receiver that goes away is an error to report, not to die of. */
	signal(SIGPIPE, SIG_IGN);
	fd = connect_to(host, argv[optind + 1], family, tcp);
	sent = stream_copy(in, name, fd, host);
	if (shutdown(fd, SHUT_WR))
		err(1, "%s: shutdown", host);
	arrived = read_answer(fd, host);
	if (arrived != sent)
		errx(1, "%s: %lld bytes sent, %lld arrived", host, sent, arrived);
	if (close(fd))
		err(1, "%s: close", host);
	fprintf(stderr, "xtcp-send: %lld bytes\n", sent);
	return 0;
}
