// SPDX-License-Identifier: GPL-2.0
/* Options: of SOL_SOCKET, and the transport's own. */
#include <fcntl.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(sockopt)
TRANSPORT_SECOND_DOOR(sockopt);

TEST_F(sockopt, what_it_is)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	/* An XTCP socket is an inet socket in all but its family number. */
	EXPECT_EQ(self->t->family, get_int(fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(transport_is_xtcp(self->t) ? IPPROTO_XTCP : IPPROTO_TCP,
		  get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_TYPE, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_ERROR, 1));
}

TEST_F(sockopt, generic_switches)
{
	static const int names[] = { SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_OOBINLINE,
				     SO_DONTROUTE, SO_TIMESTAMP };
	int fd = transport_socket(self->t, 0);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		EXPECT_EQ(0, get_int(fd, SOL_SOCKET, names[i]));
		EXPECT_EQ(0, set_int(fd, SOL_SOCKET, names[i], 5));
		EXPECT_EQ(1, get_int(fd, SOL_SOCKET, names[i]));
		EXPECT_EQ(0, set_int(fd, SOL_SOCKET, names[i], 0));
		EXPECT_EQ(0, get_int(fd, SOL_SOCKET, names[i]));
	}
}

TEST_F(sockopt, buffers)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_LT(0, get_int(fd, SOL_SOCKET, SO_SNDBUF));
	EXPECT_LT(0, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_SNDBUF, 50000));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_RCVBUF, 50000));
	/* socket(7): the kernel doubles it. */
	EXPECT_EQ(100000, get_int(fd, SOL_SOCKET, SO_SNDBUF));
	EXPECT_EQ(100000, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(0, set_int(fd, SOL_SOCKET, SO_RCVBUF, 0));
	EXPECT_LT(0, get_int(fd, SOL_SOCKET, SO_RCVBUF));
}

TEST_F(sockopt, timeouts)
{
	int fd[2];
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);
	uint64_t start;
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_time(fd[0], SO_RCVTIMEO, 300));
	ASSERT_EQ(0, getsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(0, tv.tv_sec);
	EXPECT_LE(300000, tv.tv_usec);
	start = now_ms();
	EXPECT_ERRNO(EAGAIN, recv(fd[0], &c, 1, 0));
	EXPECT_LE(start + 280, now_ms());

	ASSERT_LT(0, fill(fd[0]));
	ASSERT_EQ(0, set_time(fd[0], SO_SNDTIMEO, 300));
	start = now_ms();
	EXPECT_ERRNO(EAGAIN, send(fd[0], "x", 1, 0));
	EXPECT_LE(start + 280, now_ms());
}

TEST_F(sockopt, timeout_after_a_part_returns_the_part)
{
	static char data[1 << 20];
	char buf[8];
	int fd[2];
	ssize_t n;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(2, send(fd[0], "ab", 2, 0));
	ASSERT_EQ(0, set_time(fd[1], SO_RCVTIMEO, 100));
	EXPECT_EQ(2, recv(fd[1], buf, 8, MSG_WAITALL));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 20000));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 20000));
	ASSERT_EQ(0, set_time(fd[0], SO_SNDTIMEO, 100));
	while ((n = send(fd[0], data, sizeof(data), 0)) == (ssize_t)sizeof(data))
		;
	EXPECT_LT(0, n);
	EXPECT_GT((ssize_t)sizeof(data), n);
}

TEST_F(sockopt, timeouts_bad_EDOM)
{
	struct timeval tv = { .tv_usec = 1000000 };
	int fd = transport_socket(self->t, 0);

	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, 1));
}

TEST_F(sockopt, congestion_control)
{
	char name[16] = "";
	socklen_t len = sizeof(name);
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(0, setsockopt(fd, self->t->level, XTCP_CONGESTION, "reno", 4));
	ASSERT_EQ(0, getsockopt(fd, self->t->level, XTCP_CONGESTION, name, &len));
	EXPECT_STREQ("reno", name);
	EXPECT_ERRNO(ENOENT, setsockopt(fd, self->t->level, XTCP_CONGESTION, "none", 4));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, self->t->level, XTCP_CONGESTION, "reno", 0));
}

static int set_congestion(const struct transport *t, int fd, const char *name)
{
	return setsockopt(fd, t->level, XTCP_CONGESTION, name, strlen(name));
}

/* One that is unfair to others is the administrator's to choose. */
TEST_F(sockopt, congestion_control_without_CAP_NET_ADMIN)
{
	int fd = transport_socket(self->t, 0), file;

	if (set_congestion(self->t, fd, "dctcp"))
		SKIP(return, "no dctcp here");
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_EQ(0, set_congestion(self->t, fd, "dctcp"));	/* as it was */
	EXPECT_EQ(0, set_congestion(self->t, fd, "reno"));
	EXPECT_ERRNO(EPERM, set_congestion(self->t, fd, "dctcp"));
	EXPECT_ERRNO(ENOENT, set_congestion(self->t, fd, "none"));
	EXPECT_EQ(0, set_congestion(self->t, fd, "cubic"));
	if (!transport_is_xtcp(self->t))
		return;		/* there a default is free for ever, and everywhere */
	EXPECT_EQ(0, set_congestion(self->t, fd, "bbr"));
	ASSERT_EQ(0, seteuid(0));
	file = open("/proc/sys/net/xtcp/congestion_control", O_WRONLY);
	ASSERT_EQ(5, write(file, "dctcp", 5));
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_EQ(0, set_congestion(self->t, fd, "dctcp"));
}

/* A connection to fd[1], whose listener has chosen @name; without the shortcut. */
static int connect_to(const struct transport *t, const char *name, int fd[2])
{
	int listener = transport_listener(t, 1);
	char chosen[16] = "";
	socklen_t len = sizeof(chosen);

	if (listener < 0 || set_congestion(t, listener, name))
		return -1;
	fd[0] = transport_socket(t, 0);
	if (transport_is_xtcp(t) && set_int(fd[0], t->level, XTCP_SHORTCUT, 0))
		return -1;
	if (transport_connect(t, fd[0], PLACE_LOOPBACK, transport_port(listener)))
		return -1;
	fd[1] = accept(listener, NULL, NULL);
	if (fd[1] < 0 || getsockopt(fd[1], t->level, XTCP_CONGESTION, chosen, &len))
		return -1;
	return strcmp(chosen, name) ? -1 : listener;
}

/* Chosen by the listener, changed while data flows. */
TEST_F(sockopt, congestion_control_of_a_connection)
{
	char data[10000];
	int fd[2];

	ASSERT_LE(0, connect_to(self->t, "reno", fd));
	memset(data, 1, sizeof(data));
	ASSERT_EQ((ssize_t)sizeof(data), send(fd[1], data, sizeof(data), 0));
	EXPECT_EQ(0, set_congestion(self->t, fd[1], "cubic"));
	ASSERT_EQ((ssize_t)sizeof(data), send(fd[1], data, sizeof(data), 0));
	EXPECT_EQ((ssize_t)sizeof(data), recv(fd[0], data, sizeof(data), MSG_WAITALL));
	EXPECT_EQ((ssize_t)sizeof(data), recv(fd[0], data, sizeof(data), MSG_WAITALL));
}

/* BBR's state is no part of the socket: it comes and goes with the algorithm. */
TEST_F(sockopt, congestion_control_with_memory_of_its_own)
{
	static const char *const names[] = { "cubic", "bbr", "reno", "bbr", "bbr", "cubic" };
	int listener, fd[2];
	char data[10000];
	unsigned int i;

	if (!transport_is_xtcp(self->t))
		SKIP(return, "TCP's bbr may not be there, and keeps its state in the socket");
	listener = connect_to(self->t, "bbr", fd);
	ASSERT_LE(0, listener);
	memset(data, 1, sizeof(data));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ((ssize_t)sizeof(data), send(fd[1], data, sizeof(data), 0));
		ASSERT_EQ((ssize_t)sizeof(data), recv(fd[0], data, sizeof(data), MSG_WAITALL));
		ASSERT_EQ(0, set_congestion(self->t, fd[1], names[i]));
		ASSERT_EQ(0, set_congestion(self->t, listener, names[i]));
	}
}

TEST_F(sockopt, own_switches)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(0, get_int(fd, self->t->level, XTCP_NODELAY));
	EXPECT_EQ(0, set_int(fd, self->t->level, XTCP_NODELAY, 7));
	EXPECT_EQ(1, get_int(fd, self->t->level, XTCP_NODELAY));
	EXPECT_EQ(0, set_int(fd, self->t->level, XTCP_NODELAY, 0));
	EXPECT_EQ(0, get_int(fd, self->t->level, XTCP_NODELAY));
}

TEST_F(sockopt, F10_keepalive_times)
{
	int fd = transport_socket(self->t, 0);
	int level = self->t->level;

	EXPECT_EQ(7200, get_int(fd, level, XTCP_KEEPIDLE));
	EXPECT_EQ(75, get_int(fd, level, XTCP_KEEPINTVL));
	EXPECT_EQ(transport_is_xtcp(self->t) ? 10 : 9, get_int(fd, level, XTCP_KEEPCNT));
	EXPECT_EQ(0, set_int(fd, level, XTCP_KEEPIDLE, 100));
	EXPECT_EQ(0, set_int(fd, level, XTCP_KEEPINTVL, 4500));
	EXPECT_EQ(0, set_int(fd, level, XTCP_KEEPCNT, 3));
	EXPECT_EQ(100, get_int(fd, level, XTCP_KEEPIDLE));
	EXPECT_EQ(4500, get_int(fd, level, XTCP_KEEPINTVL));
	EXPECT_EQ(3, get_int(fd, level, XTCP_KEEPCNT));
	EXPECT_ERRNO(EINVAL, set_int(fd, level, XTCP_KEEPIDLE, 0));
	EXPECT_ERRNO(EINVAL, set_int(fd, level, XTCP_KEEPIDLE, 32768));
	EXPECT_ERRNO(EINVAL, set_int(fd, level, XTCP_KEEPINTVL, 0));
	EXPECT_ERRNO(EINVAL, set_int(fd, level, XTCP_KEEPINTVL, 32768));
	EXPECT_ERRNO(EINVAL, set_int(fd, level, XTCP_KEEPCNT, 0));
	EXPECT_ERRNO(EINVAL, set_int(fd, level, XTCP_KEEPCNT, 128));
	EXPECT_EQ(100, get_int(fd, level, XTCP_KEEPIDLE));
}

TEST_F(sockopt, K2_user_timeout)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(0, get_int(fd, self->t->level, XTCP_USER_TIMEOUT));
	EXPECT_EQ(0, set_int(fd, self->t->level, XTCP_USER_TIMEOUT, 30000));
	EXPECT_EQ(30000, get_int(fd, self->t->level, XTCP_USER_TIMEOUT));
	EXPECT_ERRNO(EINVAL, set_int(fd, self->t->level, XTCP_USER_TIMEOUT, -1));
}

TEST_F(sockopt, C5_linger2)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_EQ(60, get_int(fd, self->t->level, XTCP_LINGER2));
	EXPECT_EQ(0, set_int(fd, self->t->level, XTCP_LINGER2, 10));
	EXPECT_EQ(10, get_int(fd, self->t->level, XTCP_LINGER2));
	EXPECT_EQ(0, set_int(fd, self->t->level, XTCP_LINGER2, -5));
	EXPECT_EQ(-1, get_int(fd, self->t->level, XTCP_LINGER2));
}

TEST_F(sockopt, maxseg)
{
	int fd = transport_socket(self->t, 0);

	EXPECT_ERRNO(EINVAL, set_int(fd, self->t->level, XTCP_MAXSEG, 1));
	EXPECT_ERRNO(EINVAL, set_int(fd, self->t->level, XTCP_MAXSEG, 1 << 20));
	EXPECT_EQ(0, set_int(fd, self->t->level, XTCP_MAXSEG, 1000));
}

TEST_F(sockopt, keepalive_on_a_connection)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_KEEPALIVE, 1));
	EXPECT_EQ(0, set_int(fd[0], self->t->level, XTCP_KEEPIDLE, 1));
	EXPECT_EQ(0, set_int(fd[0], self->t->level, XTCP_KEEPINTVL, 1));
	EXPECT_EQ(0, set_int(fd[0], self->t->level, XTCP_KEEPCNT, 2));
	/* K1: an idle peer that answers its probes is not given up. */
	sleep(6);
	EXPECT_EQ(TCP_ESTABLISHED, transport_state(self->t, fd[0]));
	EXPECT_EQ(0, events_now(fd[0], 0));
}

TEST_F(sockopt, bad_arguments)
{
	int fd = transport_socket(self->t, 0);
	int level = self->t->level;
	int value = 1;
	socklen_t len = -1;

	EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, level, 9999, &value, sizeof(value)));
	len = sizeof(value);
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, level, 9999, &value, &len));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, level, XTCP_NODELAY, &value, 2));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, level, XTCP_NODELAY, &value, -1));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, level, XTCP_NODELAY, (void *)16, sizeof(value)));
	EXPECT_ERRNO(EFAULT, getsockopt(fd, level, XTCP_NODELAY, (void *)16, &len));
	EXPECT_ERRNO(EFAULT, getsockopt(fd, level, XTCP_NODELAY, &value, (void *)16));
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, level, XTCP_NODELAY, &value, &len));
	EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, SOL_SOCKET, 9999, &value, sizeof(value)));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, 2));
}

TEST_F(sockopt, short_and_long_results)
{
	int fd = transport_socket(self->t, 0);
	char buf[8] = "-------";
	socklen_t len = 1;

	ASSERT_EQ(0, set_int(fd, self->t->level, XTCP_NODELAY, 1));
	ASSERT_EQ(0, getsockopt(fd, self->t->level, XTCP_NODELAY, buf, &len));
	EXPECT_EQ(1U, len);
	EXPECT_EQ('-', buf[1]);
	len = 8;
	ASSERT_EQ(0, getsockopt(fd, self->t->level, XTCP_NODELAY, buf, &len));
	EXPECT_EQ(4U, len);
	EXPECT_EQ('-', buf[4]);
}

TEST_F(sockopt, info_of_a_connection)
{
	struct xtcp_info info;
	socklen_t len = sizeof(info);
	int fd[2];
	char buf[100];

	if (!transport_is_xtcp(self->t))
		SKIP(return, "struct xtcp_info is XTCP's");
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, write_all(fd[0], buf, 100));
	ASSERT_EQ(0, read_all(fd[1], buf, 100));
	ASSERT_EQ(0, getsockopt(fd[1], SOL_XTCP, XTCP_INFO, &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(TCP_ESTABLISHED, info.xtcpi_state);
	EXPECT_EQ(100U, info.xtcpi_bytes_received);
	EXPECT_EQ(1U, info.xtcpi_data_segs_in);
	EXPECT_NE(0U, info.xtcpi_tag);
	EXPECT_NE(0U, info.xtcpi_peer_tag);
	EXPECT_STREQ("cubic", info.xtcpi_cc);
	len = 4;
	ASSERT_EQ(0, getsockopt(fd[1], SOL_XTCP, XTCP_INFO, &info, &len));
	EXPECT_EQ(4U, len);
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd[0], SOL_XTCP, XTCP_INFO, 0));
}

TEST_F(sockopt, unknown_level)
{
	int fd = transport_socket(self->t, 0), value = 0;
	int error = self->t->family == AF_INET ? EOPNOTSUPP : ENOPROTOOPT;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(error, getsockopt(fd, 9999, 1, &value, &len));
	EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, 9999, 1, &value, len));
	if (self->t->family == AF_INET) {
		EXPECT_ERRNO(EOPNOTSUPP, getsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &value, &len));
		EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &value, len));
	}
}

TEST_F(sockopt, ip_level)
{
	int fd = transport_socket(self->t, 0);

	if (self->t->family == AF_INET) {
		EXPECT_EQ(0, set_int(fd, IPPROTO_IP, IP_TTL, 9));
		EXPECT_EQ(9, get_int(fd, IPPROTO_IP, IP_TTL));
		EXPECT_ERRNO(EINVAL, set_int(fd, IPPROTO_IP, IP_TTL, 256));
		EXPECT_EQ(0, set_int(fd, IPPROTO_IP, IP_TOS, 0x10));
		EXPECT_EQ(0x10, get_int(fd, IPPROTO_IP, IP_TOS));
	} else {
		EXPECT_EQ(0, set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9));
		EXPECT_EQ(9, get_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS));
		EXPECT_EQ(0, set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x10));
		EXPECT_EQ(0x10, get_int(fd, IPPROTO_IPV6, IPV6_TCLASS));
	}
}

TEST_HARNESS_MAIN
