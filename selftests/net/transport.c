// SPDX-License-Identifier: GPL-2.0
/*
 * Short forms of the calls that every socket test makes. All return -1 with
 * errno set on failure unless said otherwise; the tests assert.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/ipv6.h>

#include "transport.h"

/**
 * transport_isolate - move to a network namespace of one's own with lo up
 *
 * lo also gets fd00::2, because IPv6 has only one loopback address. XTCP_SHORTCUT in
 * the environment sets net.xtcp.shortcut there.
 *
 * Return: 0 or -1.
 */
int transport_isolate(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	struct in6_ifreq second = { .ifr6_prefixlen = 128, .ifr6_ifindex = 1 };
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	const char *shortcut = getenv("XTCP_SHORTCUT");
	int fd, err;

	if (unshare(CLONE_NEWNET))
		return -1;
	if (shortcut) {
		fd = open("/proc/sys/net/xtcp/shortcut", O_WRONLY);
		err = write(fd, shortcut, strlen(shortcut)) < 0;
		close(fd);
		if (err)
			return -1;
	}
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	ifr.ifr_flags = IFF_UP;
	inet_pton(AF_INET6, "fd00::2", &second.ifr6_addr);
	err = ioctl(fd, SIOCSIFFLAGS, &ifr) || ioctl(fd, SIOCSIFADDR, &second) ? -1 : 0;
	/* A work queue makes the new address usable. */
	addr.sin6_addr = second.ifr6_addr;
	while (!err && bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		if (errno != EADDRNOTAVAIL)
			err = -1;
		usleep(1000);
	}
	close(fd);
	return err;
}

/**
 * transport_is_xtcp - is it XTCP, through either door?
 * @t: transport
 */
bool transport_is_xtcp(const struct transport *t)
{
	return t->domain == AF_XTCP || t->protocol == IPPROTO_XTCP;
}

/**
 * transport_has_txrehash - does the kernel give it SO_TXREHASH?
 * @t: transport
 *
 * Linux 7 gives it to TCP sockets alone, and no protocol is asked.
 */
bool transport_has_txrehash(const struct transport *t)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err = set_int(fd, SOL_SOCKET, SO_TXREHASH, 1) ? errno : 0;

	close(fd);
	return !transport_is_xtcp(t) || err != EOPNOTSUPP;
}

/**
 * transport_socket - a new socket
 * @t: transport
 * @flags: SOCK_NONBLOCK and SOCK_CLOEXEC
 */
int transport_socket(const struct transport *t, int flags)
{
	return socket(t->domain, SOCK_STREAM | flags, t->protocol);
}

/**
 * transport_address - fill in an address
 * @t: transport
 * @place: which
 * @port: in host order
 * @addr: result
 *
 * Return: its length.
 */
socklen_t transport_address(const struct transport *t, enum place place, uint16_t port,
			    union address *addr)
{
	static const char *const ipv4[] = { "0.0.0.0", "127.0.0.1", "127.0.0.2", "192.0.2.1" };
	static const char *const ipv6[] = { "::", "::1", "fd00::2", "2001:db8::1" };

	memset(addr, 0, sizeof(*addr));
	addr->sa.sa_family = t->family;
	if (t->family == AF_INET) {
		inet_pton(AF_INET, ipv4[place], &addr->in.sin_addr);
		addr->in.sin_port = htons(port);
		return sizeof(addr->in);
	}
	inet_pton(AF_INET6, ipv6[place], &addr->in6.sin6_addr);
	addr->in6.sin6_port = htons(port);
	return sizeof(addr->in6);
}

int transport_bind(const struct transport *t, int fd, enum place place, uint16_t port)
{
	union address addr;
	socklen_t len = transport_address(t, place, port, &addr);

	return bind(fd, &addr.sa, len);
}

int transport_connect(const struct transport *t, int fd, enum place place, uint16_t port)
{
	union address addr;
	socklen_t len = transport_address(t, place, port, &addr);

	return connect(fd, &addr.sa, len);
}

/**
 * transport_port - the local port of a socket
 * @fd: socket
 *
 * Return: port in host order, or -1.
 */
int transport_port(int fd)
{
	union address addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.sa, &len))
		return -1;
	return ntohs(addr.in.sin_port);
}

/**
 * transport_listener - a socket listening on loopback, on a port of its own
 * @t: transport
 * @backlog: of listen()
 */
int transport_listener(const struct transport *t, int backlog)
{
	int fd = transport_socket(t, 0);

	if (fd >= 0 &&
	    (transport_bind(t, fd, PLACE_LOOPBACK, 0) || listen(fd, backlog))) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * transport_pair - a connection to oneself
 * @t: transport
 * @fd: result: [0] connected, [1] accepted
 */
int transport_pair(const struct transport *t, int fd[2])
{
	int door = transport_listener(t, 1);
	int err = -1;

	if (door < 0)
		return -1;
	fd[0] = transport_socket(t, 0);
	if (fd[0] >= 0 &&
	    !transport_connect(t, fd[0], PLACE_LOOPBACK, transport_port(door))) {
		fd[1] = accept(door, NULL, NULL);
		if (fd[1] >= 0)
			err = 0;
	}
	close(door);
	return err;
}

/**
 * transport_refused - a port that nobody listens on
 * @t: transport
 *
 * Return: the port, or -1.
 */
int transport_refused(const struct transport *t)
{
	int fd = transport_socket(t, 0);
	int port = -1;

	if (fd >= 0 && !transport_bind(t, fd, PLACE_LOOPBACK, 0))
		port = transport_port(fd);
	close(fd);
	return port;
}

/**
 * transport_full - a listener that answers no SYN any more
 * @t: transport
 *
 * Its queue is full: a connect() to it stays in SYN-SENT.
 *
 * Return: the listener.
 */
int transport_full(const struct transport *t)
{
	int door = transport_listener(t, 0);
	int fd = transport_socket(t, 0);

	/* A backlog of 0 holds one connection. */
	if (door < 0 || fd < 0 ||
	    transport_connect(t, fd, PLACE_LOOPBACK, transport_port(door)) ||
	    wait_for(door, POLLIN) < 0)
		return -1;
	return door;
}

/**
 * transport_state - the state of a connection
 * @t: transport
 * @fd: socket
 *
 * Return: number of TCP's state (TCP_ESTABLISHED ...), or -1.
 */
int transport_state(const struct transport *t, int fd)
{
	/* The first byte of struct tcp_info and of struct xtcp_info. */
	uint8_t state = 0;
	socklen_t len = sizeof(state);

	if (getsockopt(fd, t->level, t->level == SOL_TCP ? TCP_INFO : XTCP_INFO, &state, &len))
		return -1;
	return state;
}

/**
 * transport_wait_state - wait until a connection has a state
 * @t: transport
 * @fd: socket
 * @state: TCP_ESTABLISHED ...
 *
 * The harness's time limit ends a wait that is in vain.
 *
 * Return: the state, or -1.
 */
int transport_wait_state(const struct transport *t, int fd, int state)
{
	int now;

	while ((now = transport_state(t, fd)) != state && now >= 0)
		usleep(1000);
	return now;
}

/**
 * wait_for - wait until a socket has one of some events
 * @fd: socket
 * @events: of poll()
 *
 * The harness's time limit ends a wait that is in vain.
 *
 * Return: the events that poll() reports, or -1.
 */
int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, -1) < 0 ? -1 : p.revents;
}

/**
 * events_now - the events of a socket, without waiting
 * @fd: socket
 * @events: of poll()
 */
int events_now(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int get_int(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, level, name, &value, &len) ? -1 : value;
}

/**
 * set_time - set a socket option that is a struct timeval
 * @fd: socket
 * @name: SO_RCVTIMEO or SO_SNDTIMEO
 * @ms: milliseconds
 */
int set_time(int fd, int name, int ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv));
}

/**
 * fill - write to a socket that nobody reads until it takes no more
 * @fd: socket
 *
 * Data on its way makes room again when it arrives, so that a full buffer is
 * one that stays full.
 *
 * Return: bytes written, or -1.
 */
ssize_t fill(int fd)
{
	static const char data[65536];
	ssize_t n, sum = 0, before;

	do {
		before = sum;
		while ((n = send(fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
			sum += n;
		if (errno != EAGAIN)
			return -1;
		usleep(200000);
	} while (sum > before);
	return sum;
}

int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0)
			return -1;
	}
	return 0;
}

int read_all(int fd, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = recv(fd, p, len, 0);
		if (n < 0)
			return -1;
		if (!n) {
			errno = ENODATA;
			return -1;
		}
	}
	return 0;
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* Of /proc/net/xtcp/snmp in the thread's namespace; -1: there is none of that name. */
long counter(const char *name)
{
	FILE *file = fopen("/proc/thread-self/net/xtcp/snmp", "r");
	long value, found = -1;
	char word[64];

	while (file && fscanf(file, "%63s %ld", word, &value) == 2)
		if (!strcmp(word, name))
			found = value;
	if (file)
		fclose(file);
	return found;
}
