// SPDX-License-Identifier: GPL-2.0
/*
 * A sender that makes the host keep things: single bytes out of order and in
 * order, for a program that reads nothing; overlaps, fragments, every flag at
 * every number. What is kept is charged to the socket with all that it takes
 * (D11), and what is delivered is what came first.
 */
#include "attack.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>

ATTACK_FIXTURE(reasm)

TEST_F(reasm, D11_single_bytes_out_of_order)
{
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	u32 i, mem, limit, most = 0;

	ASSERT_LE(0, fd);
	for (i = 1; i < 10000; i++) {
		ASSERT_EQ(0, attack_text(&conn, 2 * i, 1));
		mem = attack_held(fd, &limit);
		most = mem > most ? mem : most;
		if (i % 100 == 0)
			peer_drain(&self->peer);
	}
	EXPECT_LT(0, most);
	EXPECT_GE(limit, most);
	/* What is next is taken all the same, whatever goes for it. */
	for (i = 0; i < 20000; i += 1000) {
		ASSERT_EQ(0, attack_text(&conn, i, 1000));
		mem = attack_held(fd, &limit);
		EXPECT_GE(limit + 4096, mem);
	}
	EXPECT_TRUE(attack_reads(fd, 20000));
}

/* Of those that adjoin none has to be pruned, however many: they are packed together. */
TEST_F_TIMEOUT(reasm, D11_single_bytes_behind_a_gap, HOUR)
{
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	u32 i, limit, most = 0;

	ASSERT_LE(0, fd);
	for (i = 1; i < 10000; i++) {
		u32 mem;

		ASSERT_EQ(0, attack_text(&conn, i, 1));
		mem = attack_held(fd, &limit);
		most = mem > most ? mem : most;
		if (i % 100 == 0)
			peer_drain(&self->peer);
	}
	EXPECT_GE(limit, most);
	EXPECT_LT(0, peer_host_counter("OutOfOrderPacked"));
	EXPECT_EQ(0, peer_host_counter("DropMemory"));
	EXPECT_EQ(0, peer_host_counter("OutOfOrderPruned"));
	ASSERT_EQ(0, attack_text(&conn, 0, 1));
	EXPECT_TRUE(attack_reads(fd, 10000));
}

/* In order nothing that was promised is refused; so the bytes are packed together. */
TEST_F_TIMEOUT(reasm, D11_single_bytes_in_order, HOUR)
{
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn), room = 8192;
	u32 i, mem, limit, most = 0;

	ASSERT_LE(0, fd);
	/* the window that was promised is that of the usual buffer */
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)));
	for (i = 0; i < 10000; i++) {
		ASSERT_EQ(0, attack_text(&conn, i, 1));
		mem = attack_held(fd, &limit);
		most = mem > most ? mem : most;
		if (i % 100 == 0)
			peer_drain(&self->peer);
	}
	/* the bytes, as much again for what holds them, and what is not packed yet */
	EXPECT_GE(2 * 10000 + 4 * limit, most);
	EXPECT_TRUE(attack_reads(fd, 10000));
}

/* Many connections hoard; the limit of all of them is net.xtcp.mem. */
TEST_F(reasm, D11_many_that_hoard)
{
	enum { MANY = 100 };
	struct peer_conn conn[MANY] = {};
	int fd[MANY], door = peer_host_listen(&self->peer, PORT, MANY);
	unsigned int i, n;
	u32 limit, sum = 0;

	ASSERT_LE(0, door);
	for (i = 0; i < MANY; i++) {
		conn[i] = (struct peer_conn){
			.peer = &self->peer, .port = FOE + i, .host_port = PORT,
		};
		ASSERT_EQ(0, peer_connect(&conn[i]));
		fd[i] = accept4(door, NULL, NULL, SOCK_NONBLOCK);
		ASSERT_LE(0, fd[i]);
		for (n = 1; n < 300; n++)
			ASSERT_EQ(0, attack_text(&conn[i], 100 * n, 1));
		peer_drain(&self->peer);
		sum += attack_held(fd[i], &limit);
	}
	EXPECT_GE(MANY * limit, sum);
	/* each of them is still good for its purpose */
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, attack_text(&conn[i], 0, 100));
		ASSERT_EQ(0, attack_text(&conn[i], 100, 1));
		EXPECT_TRUE(attack_reads(fd[i], 101));
		peer_drain(&self->peer);
	}
}

/* Of two different bytes for one number the first that came is delivered, once. */
TEST_F(reasm, F3_overlaps)
{
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	struct peer_seg seg;
	unsigned int i;
	char text[100];

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, attack_text(&conn, 10, 80));
	memset(text, '!', sizeof(text));
	for (i = 0; i < 200; i++) {
		/* never all of the run, never the next byte */
		u32 at = 1 + random() % 80, len = 1 + random() % (at < 11 ? 60 : 90 - at);

		seg = peer_seg(&conn, XTCP_ACK);
		seg.head.seq += at < 11 ? 11 : at;
		seg.data = text;
		seg.len = at < 11 ? 1 + len % 40 : len;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
	}
	ASSERT_EQ(0, attack_text(&conn, 0, 100));
	EXPECT_TRUE(attack_reads(fd, 100));
	peer_drain(&self->peer);
	/* and once: a repetition of what is delivered says nothing new */
	ASSERT_EQ(0, attack_text(&conn, 0, 100));
	EXPECT_EQ(-1, recv(fd, text, sizeof(text), MSG_DONTWAIT));
}

/* Headers and data come in pieces, in any order; in the kernel they lie in as many. */
TEST_F(reasm, M1_IP_fragments)
{
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	static const unsigned int units[] = { 8, 16, 24, 40, 104, 256, 1000 };
	char text[1000], back[1000];
	struct peer_seg seg;
	unsigned int i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 70; i++) {
		memset(text, i, sizeof(text));
		seg = peer_seg(&conn, XTCP_ACK | XTCP_PSH);
		seg.options_len = xtcp_put_ackinfo(seg.options, 0, 0, 0) - seg.options;
		seg.data = text;
		seg.len = 1 + random() % sizeof(text);
		ASSERT_EQ(0, peer_send_fragments(&self->peer, &seg, units[i % 7]));
		conn.nxt += seg.len;
		ASSERT_EQ((ssize_t)seg.len, recv(fd, back, sizeof(back), MSG_DONTWAIT))
			TH_LOG("fragments of %u bytes", units[i % 7]);
		ASSERT_EQ(0, memcmp(text, back, seg.len));
	}
	EXPECT_EQ(0, peer_host_counter("DropChecksum"));
}

/*
 * Every flag, at every number near those that count, with data and options, from
 * somebody who knows the tag: whatever becomes of the connection, the host lives,
 * does not talk much more than he, and the next connection is as good as the first.
 */
TEST_F_TIMEOUT(reasm, M1_D1_D2_anything_near_the_numbers, HOUR)
{
	static char text[300];
	struct peer_conn conn;
	struct peer_seg seg;
	unsigned int i, n;
	u8 *p;
	int fd;

	for (i = 0; i < 150; i++) {
		conn = (struct peer_conn){ .port = FOE + i };
		fd = attack_open(&self->peer, &conn);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, attack_exchange(&conn, fd));
		if (i % 3)
			ASSERT_LT(0, send(fd, text, sizeof(text), MSG_DONTWAIT));
		if (i % 5 == 1)
			ASSERT_EQ(0, shutdown(fd, SHUT_WR));
		for (n = 0; n < 60; n++) {
			seg = peer_seg(&conn, random() % 64);
			if (random() % 2)
				seg.head.flags = XTCP_ACK | (random() % 2 ? XTCP_FIN : 0);
			seg.head.seq += random() % 64 - 32;
			seg.head.ack += random() % 64 - 32;
			if (random() % 8 == 0)
				seg.head.seq += (u64)random() << random() % 32;
			if (random() % 8 == 0)
				seg.head.wnd = random() % 3 * 1000;
			p = seg.options;
			if (random() % 4 == 0) {
				p = xtcp_put_ackinfo(p, random(), random(), 2);
				p = xtcp_put_range(p, 0, random() % 400, random() % 400);
				p = xtcp_put_range(p, 0, random() % 400, random() % 400);
			}
			if (random() % 4 == 0)
				p = xtcp_put_dsack(p, seg.head.ack - random() % 100, random());
			if (random() % 4 == 0)
				p = xtcp_put_ts(p, random());
			if (random() % 4 == 0)
				p = xtcp_put_tsecho(p, random(), random());
			if (seg.head.flags & XTCP_URG && random() % 4)
				p = xtcp_put_urg(p, random() % 2 ? random() % 100 : random());
			seg.options_len = p - seg.options;
			seg.data = text;
			seg.len = random() % 3 * (random() % sizeof(text));
			ASSERT_EQ(0, peer_send(&self->peer, &seg));
			peer_drain(&self->peer);
			if (random() % 16 == 0)
				usleep(random() % 300000);
		}
		recv(fd, text, sizeof(text), MSG_DONTWAIT);
		peer_drain(&self->peer);
	}
	conn = (struct peer_conn){ .port = FOE - 1 };
	fd = attack_open(&self->peer, &conn);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, attack_exchange(&conn, fd));
	EXPECT_GE(2 * self->peer.in.packets, self->peer.out.packets);
}

/*
 * Cookies are had for the asking, and each opens a connection: also many between
 * the same two ports, which look-ups have to tell from one another one by one:
 * so there are not more of them than of TIME-WAITs (C4).
 */
TEST_F(reasm, O3_many_on_one_4_tuple)
{
	enum { MANY = 500 };
	static struct peer_conn conn[MANY];
	int door = peer_host_listen(&self->peer, PORT, MANY);
	unsigned int i;

	ASSERT_LE(0, door);
	for (i = 0; i < MANY; i++) {
		conn[i] = (struct peer_conn){
			.peer = &self->peer, .port = FOE, .host_port = PORT,
		};
		ASSERT_EQ(0, peer_ask(&conn[i]));
	}
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, peer_echo(&conn[i]));
		peer_drain(&self->peer);
	}
	EXPECT_EQ(64, peer_host_counter("PassiveOpens"));
}

TEST_HARNESS_MAIN
