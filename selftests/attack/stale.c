// SPDX-License-Identifier: GPL-2.0
/*
 * Two hosts that do not agree about what connections there are: one of them was
 * switched off and on, or both remember something else. They find out soon,
 * with few words, and what is opened afterwards is not harmed.
 *
 * Both are real; the cable between them is the test.
 */
#include "attack.h"

/* One that may be switched off: what lives there goes on without a cable. */
struct side {
	struct peer peer;
};

FIXTURE(stale) {
	struct side a, b;
};

FIXTURE_VARIANT(stale) {
	int family;
};

FIXTURE_VARIANT_ADD(stale, ipv4) {
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(stale, ipv6) {
	.family = AF_INET6,
};

/* A host of the pair, with the other one's address where the peer's is. */
static int side_open(struct side *side, int family, bool first)
{
	const char *self = first ? TUN_HOST4 : TUN_PEER4, *other = first ? TUN_PEER4 : TUN_HOST4;

	memset(side, 0, sizeof(*side));
	if (tun_open(&side->peer.tun, self, first ? TUN_HOST6 : TUN_PEER6, PEER_MTU))
		return -1;
	if (family == AF_INET6) {
		self = first ? TUN_HOST6 : TUN_PEER6;
		other = first ? TUN_PEER6 : TUN_HOST6;
	}
	side->peer.family = family;
	inet_pton(family, self, side->peer.host);
	inet_pton(family, other, side->peer.self);
	return 0;
}

FIXTURE_SETUP(stale)
{
	srandom(1);
	ASSERT_EQ(0, side_open(&self->a, variant->family, true));
	ASSERT_EQ(0, side_open(&self->b, variant->family, false));
}

FIXTURE_TEARDOWN(stale)
{
	peer_close(&self->a.peer);
	peer_close(&self->b.peer);
}

/* Carry one packet from one host to the other; false if there is none. */
static bool carry(struct side *from, struct side *to)
{
	static struct peer_got got;

	if (!peer_recv(&from->peer, &got, 0))
		return false;
	tun_write(&to->peer.tun, got.raw, got.seg - got.raw + got.seg_len);
	return true;
}

/* The cable works for so long; returns how many packets there were. */
static unsigned int cable(struct side *a, struct side *b, u64 ms)
{
	struct pollfd p[2] = {
		{ .fd = a->peer.tun.fd, .events = POLLIN },
		{ .fd = b->peer.tun.fd, .events = POLLIN },
	};
	u64 now = attack_ms(), end = now + ms;
	unsigned int n = 0;

	do {
		unsigned int more;

		do {
			more = carry(a, b);
			more += carry(b, a);
			n += more;
		} while (more);
		now = attack_ms();
	} while (now < end && poll(p, 2, end - now) >= 0);
	return n;
}

static int host_listen(struct side *side)
{
	return tun_enter(&side->peer.tun) ? -1 : peer_host_listen(&side->peer, PORT, 8);
}

static int host_connect(struct side *side, u16 from, u16 port)
{
	return tun_enter(&side->peer.tun) ? -1 : peer_host_connect(&side->peer, from, port);
}

/* The error that a program finds; 0: none. */
static int error_of(int fd)
{
	int err = -1;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? -1 : err;
}

/* A text each way over a connection. */
static int talk(struct side *a, struct side *b, int fd_a, int fd_b)
{
	char back[16];

	if (send(fd_a, "from a", 6, MSG_DONTWAIT | MSG_NOSIGNAL) != 6 ||
	    send(fd_b, "and b", 5, MSG_DONTWAIT | MSG_NOSIGNAL) != 5)
		return -1;
	cable(a, b, 1000);
	if (recv(fd_b, back, sizeof(back), MSG_DONTWAIT) != 6 || memcmp(back, "from a", 6) ||
	    recv(fd_a, back, sizeof(back), MSG_DONTWAIT) != 5 || memcmp(back, "and b", 5))
		return -1;
	return 0;
}

/* A connection from port "from" of a to b, through the cable. */
static int join(struct side *a, struct side *b, u16 from, int fd[2])
{
	int door = host_listen(b);

	fd[0] = host_connect(a, from, PORT);
	if (door < 0 || fd[0] < 0)
		return -1;
	cable(a, b, 2000);
	fd[1] = accept4(door, NULL, NULL, SOCK_NONBLOCK);
	close(door);
	return fd[1] < 0 ? -1 : 0;
}

TEST_F_TIMEOUT(stale, R4_R1_the_other_host_was_switched_off_and_on, HOUR)
{
	int fd[2], fresh[2];
	unsigned int n;

	ASSERT_EQ(0, join(&self->a, &self->b, FOE, fd));
	ASSERT_EQ(0, talk(&self->a, &self->b, fd[0], fd[1]));
	tun_close(&self->b.peer.tun);
	ASSERT_EQ(0, side_open(&self->b, variant->family, false));

	/* As long as nobody says anything, nobody knows. */
	EXPECT_EQ(0, cable(&self->a, &self->b, 60000));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd[0]));
	/* The next segment is answered by a RST. */
	ASSERT_EQ(1, send(fd[0], "x", 1, MSG_DONTWAIT));
	n = cable(&self->a, &self->b, 60000);
	EXPECT_EQ(2, n);
	EXPECT_EQ(ECONNRESET, error_of(fd[0]));
	close(fd[0]);
	/* and the same ports are good for a new connection */
	ASSERT_EQ(0, join(&self->a, &self->b, FOE, fresh));
	EXPECT_EQ(0, talk(&self->a, &self->b, fresh[0], fresh[1]));
}

/* It comes back and wants the same 4-tuple again, which the other one still holds (M2). */
TEST_F_TIMEOUT(stale, M2_R4_it_connects_again_from_the_same_port, HOUR)
{
	int fd[2], fresh[2];

	ASSERT_EQ(0, join(&self->b, &self->a, FOE, fd));
	ASSERT_EQ(0, talk(&self->b, &self->a, fd[0], fd[1]));
	tun_close(&self->b.peer.tun);
	ASSERT_EQ(0, side_open(&self->b, variant->family, false));

	ASSERT_EQ(0, join(&self->b, &self->a, FOE, fresh));
	EXPECT_EQ(ECONNRESET, error_of(fd[1]));
	EXPECT_EQ(0, talk(&self->b, &self->a, fresh[0], fresh[1]));
}

/* What the old connection has sent and nobody got comes now (F9). */
TEST_F_TIMEOUT(stale, F9_segments_of_the_old_connection_come_late, HOUR)
{
	enum { KEPT = 8 };
	static struct peer_got kept[KEPT], got;
	unsigned int n = 0, i;
	int fd[2], fresh[2];

	ASSERT_EQ(0, join(&self->b, &self->a, FOE, fd));
	ASSERT_EQ(4, send(fd[0], "late", 4, MSG_DONTWAIT));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	while (n < KEPT && peer_recv(&self->b.peer, &kept[n], 500))
		n++;
	ASSERT_LT(0, n);
	tun_close(&self->b.peer.tun);
	ASSERT_EQ(0, side_open(&self->b, variant->family, false));
	ASSERT_EQ(0, join(&self->b, &self->a, FOE, fresh));
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, tun_write(&self->a.peer.tun, kept[i].raw,
				       kept[i].seg - kept[i].raw + kept[i].seg_len));
	/* whatever they are answered with finds nobody */
	cable(&self->a, &self->b, 1000);
	EXPECT_EQ(-1, recv(fresh[1], got.raw, sizeof(got.raw), MSG_DONTWAIT));
	EXPECT_EQ(0, talk(&self->b, &self->a, fresh[0], fresh[1]));
}

/* A connection of the host's that the other host knows nothing of. */
static int pretend(struct side *side, u16 from, u16 port)
{
	struct peer_conn conn = { .peer = &side->peer, .port = port };
	int fd = host_connect(side, from, port);

	return fd < 0 || peer_answer(&conn) ? -1 : fd;
}

/* Both confused; how many packets there are until they are not, or in an hour. */
static int confused(struct side *a, struct side *b, int fd_a, int fd_b)
{
	static const char data[20000];

	if (send(fd_a, data, sizeof(data), MSG_DONTWAIT) < 0 ||
	    send(fd_b, data, sizeof(data), MSG_DONTWAIT) < 0)
		return -1;
	return cable(a, b, HOUR * 1000);
}

TEST_F_TIMEOUT(stale, R4_both_have_connections_that_the_other_has_not, 2 * HOUR)
{
	int a = pretend(&self->a, FOE, PORT), b = pretend(&self->b, FOE + 1, PORT + 1), n;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	n = confused(&self->a, &self->b, a, b);
	EXPECT_LE(2, n);
	EXPECT_GE(64, n);	/* a window each, and a RST for each segment of it */
	EXPECT_EQ(ECONNRESET, error_of(a));
	EXPECT_EQ(ECONNRESET, error_of(b));
}

TEST_F_TIMEOUT(stale, R4_both_have_the_same_4_tuple_with_other_tags, 2 * HOUR)
{
	int a = pretend(&self->a, FOE, PORT), b = pretend(&self->b, PORT, FOE), n;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	n = confused(&self->a, &self->b, a, b);
	EXPECT_LE(2, n);
	EXPECT_GE(64, n);
	EXPECT_EQ(ECONNRESET, error_of(a));
	EXPECT_EQ(ECONNRESET, error_of(b));
}

/* Nobody may say RST: they try until their patience ends (K2), with longer and longer waits. */
TEST_F_TIMEOUT(stale, D9_K2_and_nobody_resets, 2 * HOUR)
{
	int a = pretend(&self->a, FOE, PORT), b = pretend(&self->b, PORT, FOE), n;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, tun_enter(&self->a.peer.tun));
	ASSERT_EQ(0, peer_host_set("rst_rate", "0"));
	ASSERT_EQ(0, tun_enter(&self->b.peer.tun));
	ASSERT_EQ(0, peer_host_set("rst_rate", "0"));
	n = confused(&self->a, &self->b, a, b);
	EXPECT_LE(20, n);
	EXPECT_GE(120, n);	/* two windows; then 15 minutes, a minute apart at last */
	EXPECT_EQ(ETIMEDOUT, error_of(a));
	EXPECT_EQ(ETIMEDOUT, error_of(b));
}

/* Idle ones say nothing for two hours; then they find out (K1). */
TEST_F_TIMEOUT(stale, K1_idle, 4 * HOUR)
{
	int a = pretend(&self->a, FOE, PORT), b = pretend(&self->b, PORT, FOE), on = 1;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	EXPECT_EQ(0, cable(&self->a, &self->b, 7000000));
	ASSERT_EQ(0, setsockopt(a, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)));
	EXPECT_EQ(2, cable(&self->a, &self->b, HOUR * 1000));
	EXPECT_EQ(ECONNRESET, error_of(a));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(b));
}

TEST_HARNESS_MAIN
