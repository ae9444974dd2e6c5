// SPDX-License-Identifier: GPL-2.0
/*
 * A receiver that lies about what it has received: to get more than its share
 * (Savage et al., "TCP Congestion Control with a Misbehaving Receiver", 1999), or
 * to make the host work. It gets no faster by it than by honest words, and what
 * the host keeps and does for it is bounded.
 */
#include "attack.h"

ATTACK_FIXTURE(ack)

#define FLIGHT	10000	/* bytes, within the first congestion window */
#define LOTS	2000000

static char data[LOTS];

static int write_all(int fd, size_t len)
{
	int room = 2 * LOTS;
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = i * 7 >> 3;
	return setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	       send(fd, data, len, MSG_DONTWAIT) != (ssize_t)len ? -1 : 0;
}

static int ack(struct peer_conn *conn, u64 number)
{
	struct peer_seg seg = peer_seg(conn, XTCP_ACK);

	seg.head.ack = number;
	return peer_send(conn->peer, &seg);
}

/* The congestion window after a flight is acknowledged in so many steps. */
static u32 window_after(struct peer *peer, u16 port, unsigned int steps)
{
	struct peer_conn conn = { .port = port, .away = 300 };
	int fd = attack_open(peer, &conn);
	struct xtcp_info info;
	unsigned int i;

	if (fd < 0 || write_all(fd, FLIGHT))
		return 0;
	peer_drain(peer);
	for (i = 1; i <= steps; i++)
		if (ack(&conn, conn.rcv_nxt + (u64)FLIGHT * i / steps))
			return 0;
	return peer_host_info(fd, &info) || info.xtcpi_unacked ? 0 : info.xtcpi_cwnd;
}

/* Bytes count, not acknowledgments (RFC 3465). */
TEST_F(ack, D4_division)
{
	u32 once = window_after(&self->peer, FOE, 1);
	u32 often = window_after(&self->peer, FOE + 1, FLIGHT);

	ASSERT_LT(0, once);
	ASSERT_LT(0, often);
	EXPECT_LE(often, once + 1500);
}

/* What was never sent is not acknowledged by anybody; the segment does nothing. */
TEST_F(ack, D3_optimistic)
{
	struct peer_conn conn = { .away = 300 };	/* no timer meddles */
	struct xtcp_info before, after;
	int fd = attack_open(&self->peer, &conn);
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, write_all(fd, FLIGHT));
	peer_drain(&self->peer);
	ASSERT_EQ(0, peer_host_info(fd, &before));
	for (i = 1; i < 1000; i++)
		ASSERT_EQ(0, ack(&conn, conn.rcv_nxt + FLIGHT + i * i));
	ASSERT_EQ(0, peer_host_info(fd, &after));
	EXPECT_EQ(FLIGHT, after.xtcpi_unacked);
	EXPECT_EQ(before.xtcpi_cwnd, after.xtcpi_cwnd);
	EXPECT_EQ(999, peer_host_counter("DropAckRange"));
	EXPECT_SENT(0, 0, 0, 0);
}

/* Duplicate acknowledgments neither inflate the window nor make the host repeat. */
TEST_F(ack, D9_duplicates)
{
	struct peer_conn conn = { .away = 300 };	/* no timer meddles */
	struct xtcp_info before, after;
	int fd = attack_open(&self->peer, &conn);
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, write_all(fd, LOTS));
	peer_drain(&self->peer);
	ASSERT_EQ(0, peer_host_info(fd, &before));
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, ack(&conn, conn.rcv_nxt));
	ASSERT_EQ(0, peer_host_info(fd, &after));
	EXPECT_EQ(before.xtcpi_cwnd, after.xtcpi_cwnd);
	EXPECT_EQ(before.xtcpi_unacked, after.xtcpi_unacked);
	EXPECT_EQ(0, after.xtcpi_lost);
}

/* An ACK with so many ranges, of which range(i) is the i-th; relative to the ACK. */
static int sack(struct peer_conn *conn, u64 number, unsigned int n, const u32 (*range)[2])
{
	struct peer_seg seg = peer_seg(conn, XTCP_ACK);
	u8 *p = xtcp_put_ackinfo(seg.options, 0, 0, n);
	unsigned int i;

	for (i = 0; i < n; i++)
		p = xtcp_put_range(p, 0, range[i][0], range[i][1]);
	seg.options_len = p - seg.options;
	seg.head.ack = number;
	return peer_send(conn->peer, &seg);
}

/*
 * The host has much on its way; then it is told of single bytes all over it. In
 * the end nothing of it was true, and all data arrives all the same.
 */
TEST_F_TIMEOUT(ack, D9_SACKs_that_split_everywhere, HOUR)
{
	static struct peer_got got;
	static char copy[LOTS];
	static bool have[LOTS];
	struct peer_conn conn = { .wnd = LOTS };
	int fd = attack_open(&self->peer, &conn);
	struct xtcp_info info;
	u32 range[58][2];
	u64 first, best;
	unsigned int i, n;
	long memory = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, write_all(fd, LOTS));
	first = conn.rcv_nxt;
	/* so far an honest receiver, to get a large window */
	best = first;
	while (best - first < LOTS / 2) {
		ASSERT_TRUE(peer_recv(&self->peer, &got, 10000));
		if (!got.pkt.len)
			continue;
		memcpy(copy + (got.pkt.seq - first), got.data, got.pkt.len);
		memset(have + (got.pkt.seq - first), 1, got.pkt.len);
		if (got.pkt.seq + got.pkt.len > best)
			best = got.pkt.seq + got.pkt.len;
		while (conn.rcv_nxt - first < LOTS && have[conn.rcv_nxt - first])
			conn.rcv_nxt++;
		ASSERT_EQ(0, ack(&conn, conn.rcv_nxt));
	}
	ASSERT_EQ(0, peer_host_info(fd, &info));
	for (n = 0; n < 2000; n++) {
		for (i = 0; i < 58; i++) {
			range[i][0] = 1 + random() % (2 * info.xtcpi_unacked + 2);
			range[i][1] = range[i][0] + (random() % 4 ? 1 : random() % 5000);
		}
		ASSERT_EQ(0, sack(&conn, conn.rcv_nxt, 58, range));
		peer_drain(&self->peer);
		if (n == 1000)
			memory = attack_memory();
	}
	EXPECT_GE(attack_slack(), memory - attack_memory());
	ASSERT_EQ(0, peer_host_info(fd, &info));
	EXPECT_LE(info.xtcpi_sacked + info.xtcpi_lost, info.xtcpi_unacked);
	EXPECT_EQ(XTCP_ESTABLISHED, info.xtcpi_state);

	/* it was all a lie (D9: the sender handles it after a timeout) */
	while (conn.rcv_nxt - first < LOTS) {
		ASSERT_TRUE(peer_recv(&self->peer, &got, 120000))
			TH_LOG("at %lu", (unsigned long)(conn.rcv_nxt - first));
		if (!got.pkt.len)
			continue;
		memcpy(copy + (got.pkt.seq - first), got.data, got.pkt.len);
		memset(have + (got.pkt.seq - first), 1, got.pkt.len);
		while (conn.rcv_nxt - first < LOTS && have[conn.rcv_nxt - first])
			conn.rcv_nxt++;
		ASSERT_EQ(0, ack(&conn, conn.rcv_nxt));
	}
	EXPECT_EQ(0, memcmp(copy, data, LOTS));
}

/* Ranges that cannot be say nothing. */
TEST_F(ack, D3_impossible_ranges)
{
	static const u32 ranges[][2] = {
		{ 0, 0 }, { 5, 5 }, { 6, 5 }, { ~0U, 0 }, { ~0U, 1 }, { ~0U, ~0U },
		{ FLIGHT, FLIGHT + 1 }, { 1, FLIGHT + 1 }, { 1U << 31, (1U << 31) + 5 },
		{ FLIGHT - 1, ~0U }, { 100, 50 },
	};
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	struct xtcp_info info;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, write_all(fd, FLIGHT));
	peer_drain(&self->peer);
	ASSERT_EQ(0, sack(&conn, conn.rcv_nxt, sizeof(ranges) / sizeof(ranges[0]), ranges));
	ASSERT_EQ(0, peer_host_info(fd, &info));
	EXPECT_EQ(0, info.xtcpi_sacked);
	EXPECT_EQ(0, info.xtcpi_lost);
	EXPECT_EQ(FLIGHT, info.xtcpi_unacked);
	EXPECT_SENT(0, 0, 0, 0);
}

TEST_HARNESS_MAIN
