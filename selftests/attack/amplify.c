// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody gets the host to send more than he has sent himself: for each packet
 * that proves nothing, at most one answer, and at most 1.2 times its bytes, IP
 * headers included. (An answer's own limits, R4 and M2, make it less.)
 */
#include "attack.h"
#include "icmp.h"

ATTACK_FIXTURE(amplify)

/*
 * Every header that is worth trying: all flags, with HELLO or without, with the
 * cookie's room or without, and what else there is room for.
 */
enum shape { BARE, HELLO, HELLO_TS, HELLO_COOKIE, HELLO_COOKIE_TS, COOKIE, RANGES, FULL, SHAPES };

static void put_shape(struct peer_seg *seg, enum shape shape)
{
	const struct xtcp_hello hello = { .mss = 1400, .tag = seg->head.tag };
	u8 *p = seg->options, garbage[XTCP_COOKIE_LEN];
	unsigned int i;

	memset(garbage, 0x5a, sizeof(garbage));
	if (shape >= HELLO && shape <= HELLO_COOKIE_TS)
		p = xtcp_put_hello(p, &hello);
	if (shape >= HELLO_COOKIE && shape <= COOKIE)
		p = xtcp_put_cookie(p, seg->head.flags & XTCP_SYN ? NULL : garbage);
	if (shape == HELLO_TS || shape == HELLO_COOKIE_TS)
		p = xtcp_put_ts(p, 12345);
	if (shape == RANGES || shape == FULL) {
		unsigned int n = shape == FULL ? 58 : 2;

		p = xtcp_put_ackinfo(p, 0, 0, n);
		for (i = 0; i < n; i++)
			p = xtcp_put_range(p, seg->head.ack, seg->head.ack + 2 * i,
					   seg->head.ack + 2 * i + 1);
	}
	seg->options_len = p - seg->options;
}

/* What came back for the packets since "from", and for how many bytes. */
struct toll {
	struct peer_count in, out;
};

static struct toll toll_now(struct peer *peer)
{
	peer_drain(peer);
	return (struct toll){ peer->in, peer->out };
}

static bool fair(const struct toll *from, const struct toll *to)
{
	u64 in = to->in.bytes - from->in.bytes, out = to->out.bytes - from->out.bytes;

	return 10 * out <= 12 * in &&
	       to->out.packets - from->out.packets <= to->in.packets - from->in.packets;
}

/* One packet from somebody who knows ports but neither tag nor numbers. */
static int try_one(struct peer_conn *conn, u8 flags, enum shape shape, u32 len)
{
	static const char data[1000];
	struct peer_seg seg = peer_seg(conn, flags);
	struct toll before = toll_now(conn->peer), after;

	seg.head.tag = random() | 1;
	seg.head.seq = random();
	seg.head.ack = random();
	put_shape(&seg, shape);
	seg.data = data;
	seg.len = len;
	if (peer_send(conn->peer, &seg))
		return -1;
	after = toll_now(conn->peer);
	if (fair(&before, &after))
		return 0;
	fprintf(stderr, "# flags %02x, shape %u, %u bytes of data: %llu bytes for %llu\n", flags,
		shape, len, after.out.bytes - before.out.bytes, after.in.bytes - before.in.bytes);
	return -1;
}

/*
 * Every flag and shape, with data and without. M2's limit is over each time, and
 * the host has time for whatever it may want to send again.
 */
static int try_all(struct peer_conn *conn)
{
	static const u32 lens[] = { 0, 1, 1000 };
	struct toll start = toll_now(conn->peer), end;
	unsigned int flags, shape, i;

	for (flags = 0; flags < 64; flags++) {
		for (shape = 0; shape < SHAPES; shape++) {
			for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
				if (try_one(conn, flags, shape, lens[i]))
					return -1;
				usleep(600000);
			}
		}
	}
	end = toll_now(conn->peer);
	return fair(&start, &end) ? 0 : -1;
}

TEST_F_TIMEOUT(amplify, R4_nobody, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };

	EXPECT_EQ(0, try_all(&conn));
}

TEST_F_TIMEOUT(amplify, O2_O3_listener, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };

	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	EXPECT_EQ(0, try_all(&conn));
	EXPECT_LT(0, peer_host_counter("SynAcksSent"));
}

/*
 * M2: with all that a connection could say: holes, a SYN's or segment's TS, data
 * that waits for the window.
 */
TEST_F_TIMEOUT(amplify, M2_connection, 2 * HOUR)
{
	struct peer_conn conn = { .wnd = 1 };
	int fd = attack_open(&self->peer, &conn), i;
	static char data[100000];
	struct peer_seg seg;

	ASSERT_LE(0, fd);
	for (i = 0; i < 60; i++) {
		seg = peer_seg(&conn, XTCP_ACK);
		seg.head.seq += 10 + 10 * i;
		seg.data = data;
		seg.len = 1;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
	}
	/* the peer reads none of what the host has to say (D7), until the host gives up */
	peer_drain(&self->peer);
	EXPECT_EQ(0, try_all(&conn));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
}

/* O4: while the peer has confirmed nothing, everything carries the cookie. */
TEST_F(amplify, M2_connection_that_the_host_has_opened)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .cookie = { 1 } };
	int fd = peer_host_connect(&self->peer, 0, FOE);
	unsigned int shape;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_answer(&conn));
	for (shape = 0; shape < SHAPES; shape++) {
		EXPECT_EQ(0, try_one(&conn, XTCP_SYN, shape, 0));
		usleep(600000);
	}
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
}

/* O6, O7 */
TEST_F(amplify, O7_SYN_SENT)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE };
	int fd = peer_host_connect(&self->peer, PORT, FOE);
	unsigned int shape, flags;

	ASSERT_LE(0, fd);
	conn.host_port = PORT;
	for (flags = 0; flags < 64; flags++)
		for (shape = 0; shape < SHAPES; shape++)
			EXPECT_EQ(0, try_one(&conn, flags, shape, 0));
}

/* ICMP errors about a segment with this tag; how many kinds made the host send anything. */
static int answered(struct peer_conn *conn, u32 tag, bool too_big)
{
	const struct icmp_kind *kind;
	unsigned int i;
	int n = 0;

	for (i = 0; (kind = icmp_kind(conn->peer, i)); i++) {
		struct toll before = toll_now(conn->peer), after;

		if (!too_big && icmp_too_big(conn->peer, kind))
			continue;
		if (icmp_send(conn->peer, kind, conn->host_port, conn->port, tag))
			return -1;
		after = toll_now(conn->peer);
		n += after.out.packets != before.out.packets;
	}
	return n;
}

/* A connection with more written than fits into its congestion window. */
static int attack_busy(struct peer *peer, struct peer_conn *conn)
{
	static const char data[100000];
	int fd;

	conn->wnd = 1 << 20;
	conn->away = 300;	/* no timer meddles */
	fd = attack_open(peer, conn);
	if (fd >= 0 && send(fd, data, sizeof(data), MSG_DONTWAIT) < 20000)
		return -1;
	peer_drain(peer);
	return fd;
}

/* D10: not even a RST, whether somebody is there or not. */
TEST_F(amplify, D10_ICMP_with_a_wrong_tag)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };
	struct peer_conn half = { .peer = &self->peer, .port = FOE + 1, .host_port = PORT };
	struct peer_conn active = { .peer = &self->peer, .port = FOE, .host_port = PORT + 1 };

	EXPECT_EQ(0, answered(&conn, 4711, true));
	ASSERT_LE(0, attack_busy(&self->peer, &conn));
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	ASSERT_EQ(0, peer_ask(&half));
	ASSERT_LE(0, peer_host_connect(&self->peer, active.host_port, FOE));
	EXPECT_EQ(0, answered(&conn, conn.tag ^ 1, true));
	EXPECT_EQ(0, answered(&conn, conn.host_tag, true));
	EXPECT_EQ(0, answered(&half, half.tag, true));
	EXPECT_EQ(0, answered(&active, 4711, true));
}

/* Nor if somebody on the path knows the tag: an error is not the peer. */
TEST_F(amplify, D10_ICMP_with_the_right_tag)
{
	struct peer_conn conn = { .port = FOE };
	struct peer_conn active = { .peer = &self->peer, .port = FOE, .host_port = PORT + 1 };
	static struct peer_got got;
	struct xtcp_hello hello;
	int fd = attack_busy(&self->peer, &conn);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, answered(&conn, conn.tag, false));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));

	fd = peer_host_connect(&self->peer, active.host_port, FOE);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_recv(&self->peer, &got, 0));
	xtcp_read_hello(&got.pkt, &hello);
	EXPECT_EQ(0, answered(&active, hello.tag, true));
	EXPECT_EQ(XTCP_CLOSED, attack_state(fd));
}

/*
 * "Packet too big" is the one that has something sent again. Who knows the tag may
 * say it for each byte of the MTU: nothing goes more than three times for that.
 */
TEST_F(amplify, D10_too_big_with_the_right_tag)
{
	struct icmp_kind kind = { .type = ICMP6_PACKET_TOO_BIG };
	struct peer_conn conn = { .port = FOE };
	int fd = attack_busy(&self->peer, &conn);
	struct xtcp_info before, after;
	struct toll toll;

	ASSERT_LE(0, fd);
	if (self->peer.family == AF_INET)
		kind = (struct icmp_kind){
			.type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED,
		};
	ASSERT_EQ(0, peer_host_info(fd, &before));
	ASSERT_LE(10000, before.xtcpi_unacked);
	for (kind.info = PEER_MTU - 1; kind.info >= 600; kind.info--)
		ASSERT_EQ(0, icmp_send(&self->peer, &kind, PORT, FOE, conn.tag));
	ASSERT_EQ(0, peer_host_info(fd, &after));
	EXPECT_LE(before.xtcpi_unacked, after.xtcpi_bytes_retrans);
	EXPECT_GE((3 + after.xtcpi_timeouts) * before.xtcpi_unacked, after.xtcpi_bytes_retrans);
	/* the same once more is no news */
	kind.info++;
	toll = toll_now(&self->peer);
	ASSERT_EQ(0, icmp_send(&self->peer, &kind, PORT, FOE, conn.tag));
	EXPECT_EQ(toll.out.packets, toll_now(&self->peer).out.packets);
}

TEST_HARNESS_MAIN
