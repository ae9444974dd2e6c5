// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs from addresses that nobody has: they cost no memory, and nobody is kept
 * out by them (O2). What is remembered of them is bounded by
 * net.xtcp.max_syn_backlog and goes with its cookie.
 */
#include "attack.h"

ATTACK_FIXTURE(flood)

#define SYNS		20000	/* after a tenth of them memory has to be as it will be */
#define BACKLOG		4096	/* the default of net.xtcp.max_syn_backlog */
#define SLACK		8192	/* kB: of all that runs beside; the SYNs would take 6000 */

static void strange_address(const struct peer *peer, u8 *addr)
{
	size_t i;

	memcpy(addr, peer->self, 16);
	if (peer->family == AF_INET) {
		/* 10.0.0.0/8 */
		addr[0] = 10;
		for (i = 1; i < 4; i++)
			addr[i] = random();
	} else {
		for (i = 8; i < 16; i++)
			addr[i] = random();
	}
}

/* One SYN from somewhere; it has no other, or comes from one place again and again. */
static int flood_one(struct peer *peer, bool one_place)
{
	struct peer_conn conn = {
		.peer = peer, .port = one_place ? FOE - 1 : random(), .host_port = PORT,
		.tag = random() | 1, .iss = random(), .wnd = 65535,
	};
	struct peer_seg syn;
	u8 addr[16];

	strange_address(peer, addr);
	if (!one_place)
		conn.from = addr;
	syn = peer_syn(&conn);
	return peer_send(peer, &syn);
}

/* Each SYN gets its answer, which nobody takes. */
static int flood(struct peer *peer, unsigned int n, bool one_place)
{
	unsigned int i, answers = 0;

	peer_drain(peer);
	for (i = 0; i < n; i++) {
		if (flood_one(peer, one_place))
			return -1;
		if (i % 100 == 99)
			answers += peer_drain(peer);
	}
	answers += peer_drain(peer);
	return answers == n ? 0 : -1;
}

/* Somebody who means it. */
static int serve(struct peer *peer, int door)
{
	static u16 port = FOE;
	struct peer_conn conn = { .peer = peer, .port = port++, .host_port = PORT };
	const struct linger abort = { .l_onoff = 1 };
	int fd;

	if (peer_connect(&conn))
		return -1;
	fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0 || attack_exchange(&conn, fd))
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	return close(fd);
}

/* What is remembered goes with its cookie, and there is room again. */
static int recovers(struct peer *peer, int door)
{
	u64 full;

	sleep(65);	/* a cookie's 60 s, and the table's second */
	full = peer_host_counter("HalfOpenFull");
	return flood(peer, BACKLOG, false) || peer_host_counter("HalfOpenFull") != full ||
	       serve(peer, door) ? -1 : 0;
}

TEST_F_TIMEOUT(flood, O2_from_everywhere, HOUR)
{
	struct peer_conn old = { .port = FOE - 2 };
	int fd = attack_open(&self->peer, &old);
	int door = peer_host_listen(&self->peer, PORT, 16);
	unsigned int i;
	long memory;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, door);
	ASSERT_EQ(0, flood(&self->peer, SYNS / 10 + BACKLOG, false));
	memory = attack_memory();
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, flood(&self->peer, SYNS / 10, false));
		ASSERT_EQ(0, serve(&self->peer, door));
		ASSERT_EQ(0, attack_exchange(&old, fd));
	}
	EXPECT_GE(SLACK, memory - attack_memory());
	EXPECT_LE(SYNS + SYNS / 10, peer_host_counter("HalfOpenFull"));
	EXPECT_EQ(0, recovers(&self->peer, door));
}

/* Each of them takes the place of the one before (M2). */
TEST_F_TIMEOUT(flood, M2_from_one_place, HOUR)
{
	int door = peer_host_listen(&self->peer, PORT, 16);
	long memory;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, flood(&self->peer, SYNS / 10, true));
	memory = attack_memory();
	ASSERT_EQ(0, flood(&self->peer, SYNS, true));
	EXPECT_GE(SLACK, memory - attack_memory());
	EXPECT_EQ(0, peer_host_counter("HalfOpenFull"));
	EXPECT_EQ(0, serve(&self->peer, door));
	EXPECT_EQ(0, recovers(&self->peer, door));
}

/* A listener whose queue is full answers none of them. */
TEST_F(flood, O2_full_queue)
{
	int door = peer_host_listen(&self->peer, PORT, 0);
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };
	unsigned int i;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, peer_connect(&conn));
	peer_drain(&self->peer);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, flood_one(&self->peer, false));
	EXPECT_SENT(0, 0, 0, 0);
	EXPECT_EQ(1000, peer_host_counter("DropListenOverflow"));
}

TEST_HARNESS_MAIN
