/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the socket tests have in common: the transports that each of them runs
 * on, and short forms of the calls that every test makes.
 *
 * The same expectations run on TCP and on XTCP: on TCP they prove the test, on
 * XTCP they prove the module. Where a test needs a number of its own (an
 * option, a level), it asks the transport.
 */
#ifndef _SELFTESTS_NET_TRANSPORT_H
#define _SELFTESTS_NET_TRANSPORT_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <linux/xtcp.h>

#ifndef SO_TXREHASH
#define SO_TXREHASH	74
#endif

struct transport {
	int domain, protocol;	/* of socket() */
	int family;		/* of the addresses: AF_INET or AF_INET6 */
	int level;		/* of the transport's own socket options */
};

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Addresses by what they are good for, in either family. */
enum place {
	PLACE_ANY,		/* 0.0.0.0, :: */
	PLACE_LOOPBACK,		/* 127.0.0.1, ::1 */
	PLACE_SECOND,		/* 127.0.0.2, fd00::2 (transport_isolate() adds it) */
	PLACE_FOREIGN,		/* 192.0.2.1, 2001:db8::1: nobody's */
};

bool transport_is_xtcp(const struct transport *t);
bool transport_has_txrehash(const struct transport *t);
int transport_isolate(void);
int transport_socket(const struct transport *t, int flags);
socklen_t transport_address(const struct transport *t, enum place place, uint16_t port,
			    union address *addr);
int transport_bind(const struct transport *t, int fd, enum place place, uint16_t port);
int transport_connect(const struct transport *t, int fd, enum place place, uint16_t port);
int transport_port(int fd);
int transport_listener(const struct transport *t, int backlog);
int transport_pair(const struct transport *t, int fd[2]);
int transport_refused(const struct transport *t);
int transport_full(const struct transport *t);
int transport_state(const struct transport *t, int fd);
int transport_wait_state(const struct transport *t, int fd, int state);

int wait_for(int fd, short events);
int events_now(int fd, short events);
int set_int(int fd, int level, int name, int value);
int get_int(int fd, int level, int name);
int set_time(int fd, int name, int ms);
ssize_t fill(int fd);
int write_all(int fd, const void *data, size_t len);
int read_all(int fd, void *data, size_t len);
uint64_t now_ms(void);
long counter(const char *name);

/*
 * Declares a fixture with one variant for each transport; every test of it
 * gets a network namespace of its own with lo up, and the transport in self->t.
 */
#define TRANSPORT_FIXTURE(name)							\
FIXTURE(name) {									\
	const struct transport *t;						\
};										\
FIXTURE_VARIANT(name) {								\
	struct transport t;							\
};										\
FIXTURE_VARIANT_ADD(name, tcp_ipv4) {						\
	.t = { AF_INET, IPPROTO_TCP, AF_INET, SOL_TCP },			\
};										\
FIXTURE_VARIANT_ADD(name, tcp_ipv6) {						\
	.t = { AF_INET6, IPPROTO_TCP, AF_INET6, SOL_TCP },			\
};										\
FIXTURE_VARIANT_ADD(name, xtcp_ipv4) {						\
	.t = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },				\
};										\
FIXTURE_VARIANT_ADD(name, xtcp_ipv6) {						\
	.t = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },			\
};										\
FIXTURE_SETUP(name)								\
{										\
	int fd;									\
										\
	self->t = &variant->t;							\
	ASSERT_EQ(0, transport_isolate());					\
	fd = transport_socket(self->t, 0);					\
	ASSERT_LE(0, fd) TH_LOG("no such transport: %s", strerror(errno));	\
	close(fd);								\
}										\
FIXTURE_TEARDOWN(name)								\
{										\
}

/* The same through the second door: the protocol of inet sockets. */
#define TRANSPORT_SECOND_DOOR(name)						\
FIXTURE_VARIANT_ADD(name, xtcp_inet_ipv4) {					\
	.t = { AF_INET, IPPROTO_XTCP, AF_INET, SOL_XTCP },			\
};										\
FIXTURE_VARIANT_ADD(name, xtcp_inet_ipv6) {					\
	.t = { AF_INET6, IPPROTO_XTCP, AF_INET6, SOL_XTCP },			\
}

/* A call that must fail, and how. */
#define EXPECT_ERRNO(error, call)						\
do {										\
	errno = 0;								\
	EXPECT_EQ(-1, (call));							\
	EXPECT_EQ(error, errno);						\
} while (0)

#endif /* _SELFTESTS_NET_TRANSPORT_H */
