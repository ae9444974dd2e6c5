// SPDX-License-Identifier: GPL-2.0
/* Opening connections. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(connect)
TRANSPORT_SECOND_DOOR(connect);

TEST_F(connect, F4_blocking)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(TCP_LISTEN, transport_state(self->t, door));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_EQ(TCP_ESTABLISHED, transport_state(self->t, fd));
	EXPECT_ERRNO(EISCONN, transport_connect(self->t, fd, PLACE_LOOPBACK,
						transport_port(door)));
}

TEST_F(connect, F4_non_blocking)
{
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);
	int port = transport_port(door);
	char c;

	ASSERT_LE(0, door);
	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(TCP_SYN_SENT, transport_state(self->t, fd));
	EXPECT_ERRNO(EALREADY, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(0, events_now(fd, POLLIN | POLLOUT));
	EXPECT_ERRNO(EAGAIN, recv(fd, &c, 1, 0));
	EXPECT_ERRNO(EAGAIN, send(fd, &c, 1, 0));
	/* Room for it: the next SYN is answered. */
	ASSERT_LE(0, accept(door, NULL, NULL));
	EXPECT_EQ(POLLOUT, wait_for(fd, POLLOUT));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(TCP_ESTABLISHED, transport_state(self->t, fd));
	/* The first connect() after success tells it, the next complains. */
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_ERRNO(EISCONN, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
}

TEST_F(connect, blocking_call_joins_one_under_way)
{
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);
	int port = transport_port(door);

	ASSERT_LE(0, door);
	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	ASSERT_LE(0, accept(door, NULL, NULL));
	ASSERT_EQ(0, fcntl(fd, F_SETFL, 0));
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(TCP_ESTABLISHED, transport_state(self->t, fd));
}

/* Its SYN meets itself: one socket is both ends. */
TEST_F(connect, O6_to_itself)
{
	int fd = transport_socket(self->t, 0), port;
	socklen_t len = sizeof(union address);
	union address name, peer;
	char out[] = "echo", in[sizeof(out)];

	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
	port = transport_port(fd);
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(TCP_ESTABLISHED, transport_state(self->t, fd));
	ASSERT_EQ(0, getsockname(fd, &name.sa, &len));
	ASSERT_EQ(0, getpeername(fd, &peer.sa, &len));
	EXPECT_EQ(0, memcmp(&name, &peer, len));
	ASSERT_EQ(0, write_all(fd, out, sizeof(out)));
	ASSERT_EQ(0, read_all(fd, in, sizeof(in)));
	EXPECT_EQ(0, memcmp(out, in, sizeof(out)));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(0, recv(fd, in, 1, 0));
	EXPECT_EQ(0, close(fd));
}

TEST_F(connect, O8_refused)
{
	int fd = transport_socket(self->t, 0);
	int port = transport_refused(self->t);

	EXPECT_ERRNO(ECONNREFUSED, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(connect, O8_refused_non_blocking)
{
	int fd = transport_socket(self->t, SOCK_NONBLOCK);
	int port = transport_refused(self->t);

	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP,
		  wait_for(fd, POLLIN | POLLOUT | POLLRDHUP));
	EXPECT_EQ(ECONNREFUSED, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(connect, again_after_failure)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);

	EXPECT_ERRNO(ECONNREFUSED, transport_connect(self->t, fd, PLACE_LOOPBACK,
						     transport_refused(self->t)));
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_LE(0, accept(door, NULL, NULL));
}

TEST_F(connect, no_longer_than_SNDTIMEO)
{
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, 0);
	int port = transport_port(door);

	ASSERT_EQ(0, set_time(fd, SO_SNDTIMEO, 100));
	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(TCP_SYN_SENT, transport_state(self->t, fd));
	EXPECT_ERRNO(EALREADY, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
}

TEST_F(connect, bind_chooses_the_own_end)
{
	int door = transport_socket(self->t, 0);
	int fd = transport_socket(self->t, 0);
	union address addr, want;
	socklen_t len = sizeof(addr);

	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_ANY, 4730));
	ASSERT_EQ(0, listen(door, 1));
	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_SECOND, 4731));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, 4730));
	ASSERT_LE(0, accept(door, &addr.sa, &len));
	transport_address(self->t, PLACE_SECOND, 4731, &want);
	EXPECT_EQ(0, memcmp(&addr, &want, len));
}

TEST_F(connect, any_address_is_loopback)
{
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);
	union address addr, want;
	socklen_t len = sizeof(addr);

	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_ANY, transport_port(door)));
	ASSERT_EQ(0, getpeername(fd, &addr.sa, &len));
	transport_address(self->t, PLACE_LOOPBACK, transport_port(door), &want);
	EXPECT_EQ(0, memcmp(&addr, &want, len));
}

TEST_F(connect, same_end_points_EADDRNOTAVAIL)
{
	int door = transport_listener(self->t, 2);
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = transport_socket(self->t, 0);
		ASSERT_EQ(0, set_int(fd[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, transport_bind(self->t, fd[i], PLACE_LOOPBACK, 4732));
	}
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(door)));
	EXPECT_ERRNO(EADDRNOTAVAIL, transport_connect(self->t, fd[1], PLACE_LOOPBACK,
						      transport_port(door)));
}

TEST_F(connect, ephemeral_ports_come_from_the_range)
{
	int door = transport_listener(self->t, 4);
	int range, fd, i;

	range = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY);
	ASSERT_LE(0, range);
	ASSERT_EQ(12, write(range, "50000 50001\n", 12));
	for (i = 0; i < 2; i++) {
		fd = transport_socket(self->t, 0);
		ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK,
					       transport_port(door)));
		EXPECT_EQ(50000, transport_port(fd) & ~1);
	}
	fd = transport_socket(self->t, 0);
	EXPECT_ERRNO(EADDRNOTAVAIL, transport_connect(self->t, fd, PLACE_LOOPBACK,
						      transport_port(door)));
}

TEST_F(connect, no_route_ENETUNREACH)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_ERRNO(ENETUNREACH, transport_connect(self->t, fd, PLACE_FOREIGN, 4733));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd));
}

TEST_F(connect, not_unicast_ENETUNREACH)
{
	int fd = transport_socket(self->t, 0);
	union address addr;
	socklen_t len = transport_address(self->t, PLACE_LOOPBACK, 4734, &addr);

	if (self->t->family == AF_INET) {
		addr.in.sin_addr.s_addr = htonl(0x7fffffff);
	} else {
		inet_pton(AF_INET6, "ff02::1", &addr.in6.sin6_addr);
		addr.in6.sin6_scope_id = 1;
	}
	EXPECT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, len));
}

TEST_F(connect, bad_arguments)
{
	int fd = transport_socket(self->t, 0);
	union address addr;
	socklen_t len = transport_address(self->t, PLACE_LOOPBACK, 4735, &addr);

	EXPECT_ERRNO(EINVAL, connect(fd, &addr.sa, 1));
	EXPECT_ERRNO(EINVAL, connect(fd, &addr.sa, 4));
	EXPECT_ERRNO(EINVAL, connect(fd, &addr.sa, -1));
	EXPECT_ERRNO(EFAULT, connect(fd, (void *)16, len));
	addr.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, &addr.sa, len));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd));
}

TEST_F(connect, AF_UNSPEC_disconnects)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);
	union address addr;
	socklen_t len = sizeof(addr);
	int server;
	char c;

	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	server = accept(door, NULL, NULL);
	ASSERT_LE(0, server);
	EXPECT_EQ(0, connect(fd, &none, sizeof(none)));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, &addr.sa, &len));
	EXPECT_ERRNO(ECONNRESET, recv(server, &c, 1, 0));
	/* And connects anew; the error that nobody asked for is forgotten. */
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_LE(0, accept(door, NULL, NULL));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
}

TEST_F(connect, AF_UNSPEC_keeps_a_bound_port)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int door = transport_listener(self->t, 1);
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 4736));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	EXPECT_EQ(0, connect(fd, &none, sizeof(none)));
	EXPECT_EQ(4736, transport_port(fd));
}

TEST_F(connect, AF_UNSPEC_ends_an_attempt)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);
	int port = transport_port(door);

	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(0, connect(fd, &none, sizeof(none)));
	EXPECT_EQ(TCP_CLOSE, transport_state(self->t, fd));
	EXPECT_EQ(POLLOUT | POLLHUP | POLLERR, events_now(fd, POLLOUT));
	EXPECT_EQ(ECONNRESET, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(POLLOUT | POLLHUP, events_now(fd, POLLOUT));
}

TEST_F(connect, data_waits_for_the_peer)
{
	int door = transport_full(self->t);
	int fd = transport_socket(self->t, SOCK_NONBLOCK);
	char c = 'x';
	int server;

	EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK,
						    transport_port(door)));
	ASSERT_LE(0, accept(door, NULL, NULL));
	/* A blocking send() waits for the handshake. */
	ASSERT_EQ(0, fcntl(fd, F_SETFL, 0));
	EXPECT_EQ(1, send(fd, &c, 1, 0));
	server = accept(door, NULL, NULL);
	ASSERT_LE(0, server);
	EXPECT_EQ(1, recv(server, &c, 1, 0));
}

TEST_F(connect, not_connected)
{
	int fd = transport_socket(self->t, 0);
	char c = 0;

	EXPECT_ERRNO(ENOTCONN, recv(fd, &c, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd, &c, 1, MSG_NOSIGNAL));
	EXPECT_EQ(POLLOUT | POLLHUP, events_now(fd, POLLIN | POLLOUT));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
}

/* The next packet from a port, from its IP header on. */
static ssize_t packet_from(int tap, int port, uint8_t *data, size_t room)
{
	ssize_t n, head;

	for (;;) {
		n = recv(tap, data, room, 0);
		if (n < 1)
			return -1;
		head = data[0] >> 4 == 4 ? (data[0] & 15) * 4 : 40;
		if (n >= head + 8 && (data[head] << 8 | data[head + 1]) == port)
			return n;
	}
}

static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? data[i] : data[i] << 8;
	sum = (sum & 0xffff) + (sum >> 16);
	return htons(~(sum + (sum >> 16)));
}

/* Tell this host, as a router would, that the host which a packet went to is not there. */
static int tell_unreachable(const struct transport *t, const uint8_t *packet)
{
	bool v4 = t->family == AF_INET;
	size_t quoted = (v4 ? 20 : 40) + 8;
	int fd = socket(t->family, SOCK_RAW, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	uint8_t data[8 + 48] = { v4 ? ICMP_DEST_UNREACH : ICMPV6_DEST_UNREACH,
				 v4 ? ICMP_HOST_UNREACH : ICMPV6_ADDR_UNREACH };
	union address addr;
	socklen_t len = transport_address(t, PLACE_LOOPBACK, 0, &addr);
	uint16_t check;
	ssize_t n;

	memcpy(data + 8, packet, quoted);
	if (v4) {
		check = checksum(data, 8 + quoted);
		memcpy(data + 2, &check, sizeof(check));
	}
	n = sendto(fd, data, 8 + quoted, 0, &addr.sa, len);
	close(fd);
	return n < 0 ? -1 : 0;
}

struct told {
	struct sock_extended_err ee;
	union address offender;
};

/* The error queue's first entry: how long its quoted part is, or -1. */
static ssize_t next_error(const struct transport *t, int fd, struct told *told,
			  union address *whose)
{
	union { char buf[512]; struct cmsghdr align; } control;
	char data[100];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control), .msg_name = whose,
			      .msg_namelen = sizeof(*whose) };
	ssize_t n = recvmsg(fd, &msg, MSG_ERRQUEUE);
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	size_t len = t->family == AF_INET ? sizeof(whose->in) : sizeof(whose->in6);

	if (n < 0)
		return -1;
	if (!cmsg || cmsg->cmsg_len != CMSG_LEN(sizeof(told->ee) + len) || msg.msg_namelen != len)
		return 0;
	memcpy(told, CMSG_DATA(cmsg), sizeof(told->ee) + len);
	return n;
}

/* Over IPv4 the error queue has it whether the program has asked for that or not. */
TEST_F(connect, O8_ICMP_in_the_error_queue)
{
	bool v4 = self->t->family == AF_INET;
	int door = transport_full(self->t), tap, asked, fd;
	union address whose, localhost;
	uint8_t packet[1000];
	struct told told;

	ASSERT_LE(0, door);
	tap = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	ASSERT_LE(0, tap);
	transport_address(self->t, PLACE_LOOPBACK, transport_port(door), &localhost);
	for (asked = 0; asked < 2; asked++) {
		memset(&told, 0, sizeof(told));
		memset(&whose, 0, sizeof(whose));
		fd = transport_socket(self->t, SOCK_NONBLOCK);
		ASSERT_EQ(0, set_int(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR,
				     asked));
		EXPECT_ERRNO(EINPROGRESS, transport_connect(self->t, fd, PLACE_LOOPBACK,
							    transport_port(door)));
		ASSERT_LT(0, packet_from(tap, transport_port(fd), packet, sizeof(packet)));
		ASSERT_EQ(0, tell_unreachable(self->t, packet));
		ASSERT_LT(0, wait_for(fd, 0));
		EXPECT_EQ(EHOSTUNREACH, get_int(fd, SOL_SOCKET, SO_ERROR));
		if (!v4 && !asked) {
			EXPECT_ERRNO(EAGAIN, next_error(self->t, fd, &told, &whose));
			continue;
		}
		EXPECT_EQ(POLLERR, events_now(fd, 0) & POLLERR);
		EXPECT_EQ(8, next_error(self->t, fd, &told, &whose));
		EXPECT_EQ((unsigned int)EHOSTUNREACH, told.ee.ee_errno);
		EXPECT_EQ(v4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6, told.ee.ee_origin);
		EXPECT_EQ(v4 ? ICMP_DEST_UNREACH : ICMPV6_DEST_UNREACH, told.ee.ee_type);
		EXPECT_EQ(v4 ? ICMP_HOST_UNREACH : ICMPV6_ADDR_UNREACH, told.ee.ee_code);
		EXPECT_EQ(0U, told.ee.ee_info);
		EXPECT_EQ(localhost.in.sin_port, whose.in.sin_port);
		if (v4) {
			EXPECT_EQ(localhost.in.sin_addr.s_addr, whose.in.sin_addr.s_addr);
			EXPECT_EQ(localhost.in.sin_addr.s_addr,
				  told.offender.in.sin_addr.s_addr);
		} else {
			EXPECT_EQ(0, memcmp(&localhost.in6.sin6_addr, &whose.in6.sin6_addr, 16));
			EXPECT_EQ(0, memcmp(&localhost.in6.sin6_addr,
					    &told.offender.in6.sin6_addr, 16));
		}
		EXPECT_ERRNO(EAGAIN, next_error(self->t, fd, &told, &whose));
		EXPECT_EQ(0, events_now(fd, 0) & POLLERR);
	}
}

TEST_HARNESS_MAIN
