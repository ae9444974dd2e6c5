// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs from addresses that nobody has: they cost no memory, and nobody is kept
 * out by them (O2). What is remembered of them is bounded by
 * net.xtcp.max_syn_backlog and goes with its cookie.
 *
 * XTCP_SYNS=100000 has so many of them.
 */
#include "attack.h"

FIXTURE(flood) {
	struct peer peer;
};

/* mode: of net.xtcp.syncookies: entries, cookies beside them, cookies alone */
FIXTURE_VARIANT(flood) {
	int family;
	int mode;
};

FIXTURE_VARIANT_ADD(flood, ipv4_table) {
	.family = AF_INET, .mode = 0,
};

FIXTURE_VARIANT_ADD(flood, ipv4_both) {
	.family = AF_INET, .mode = 1,
};

FIXTURE_VARIANT_ADD(flood, ipv4_cookies) {
	.family = AF_INET, .mode = 2,
};

FIXTURE_VARIANT_ADD(flood, ipv6_table) {
	.family = AF_INET6, .mode = 0,
};

FIXTURE_VARIANT_ADD(flood, ipv6_both) {
	.family = AF_INET6, .mode = 1,
};

FIXTURE_VARIANT_ADD(flood, ipv6_cookies) {
	.family = AF_INET6, .mode = 2,
};

FIXTURE_SETUP(flood)
{
	const char mode[] = { '0' + variant->mode, 0 };

	srandom(1);
	ASSERT_EQ(0, peer_open(&self->peer, variant->family));
	ASSERT_EQ(0, peer_host_set("syncookies", mode));
	ASSERT_EQ(0, peer_host_set("max_syn_backlog", "1024"));
}

FIXTURE_TEARDOWN(flood)
{
	peer_close(&self->peer);
}

#define SYNS		20000	/* after a tenth of them memory has to be as it will be */
#define BACKLOG		1024	/* entries: net.xtcp.max_syn_backlog */

static unsigned int count(void)
{
	const char *text = getenv("XTCP_SYNS");

	return text ? strtoul(text, NULL, 10) : SYNS;
}

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

/* So many SYNs; the number of their answers, which nobody takes. */
static unsigned int flood(struct peer *peer, unsigned int n, bool one_place)
{
	unsigned int i, answers = 0;

	peer_drain(peer);
	for (i = 0; i < n; i++) {
		if (flood_one(peer, one_place))
			return 0;
		if (i % 100 == 99)
			answers += peer_drain(peer);
	}
	return answers + peer_drain(peer);
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
	return flood(peer, BACKLOG / 2, false) != BACKLOG / 2 ||
	       peer_host_counter("HalfOpenFull") != full || serve(peer, door) ? -1 : 0;
}

TEST_F_TIMEOUT(flood, O2_from_everywhere, HOUR)
{
	struct peer_conn old = { .port = FOE - 2 };
	int fd = attack_open(&self->peer, &old);
	int door = peer_host_listen(&self->peer, PORT, 16);
	/* the default's are enough to see the memory that they would take */
	unsigned int i, syns = variant->mode == 1 ? count() : count() / 4;
	long memory;
	u64 full;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, door);
	/* with the table alone what finds no room gets no answer, and with both it needs none */
	i = flood(&self->peer, syns / 10 + BACKLOG, false);
	EXPECT_EQ(variant->mode ? syns / 10 + BACKLOG : BACKLOG, i);
	memory = attack_memory_settled();
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(variant->mode ? syns / 10 : 0,
			  flood(&self->peer, syns / 10, false));
		if (variant->mode)
			ASSERT_EQ(0, serve(&self->peer, door));
		ASSERT_EQ(0, attack_exchange(&old, fd));
	}
	EXPECT_GE(attack_slack(), memory - attack_memory_settled());
	full = peer_host_counter("HalfOpenFull");
	EXPECT_TRUE(variant->mode == 2 ? !full : full >= syns);
	EXPECT_EQ(0, recovers(&self->peer, door));
}

/* Each of them takes the place of the one before (M2). */
TEST_F_TIMEOUT(flood, M2_from_one_place, HOUR)
{
	int door = peer_host_listen(&self->peer, PORT, 16);

	ASSERT_LE(0, door);
	ASSERT_EQ(2 * BACKLOG, flood(&self->peer, 2 * BACKLOG, true));
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
