// SPDX-License-Identifier: GPL-2.0
/*
 * The third message is judged by its cookie alone (O3): no cookie but the one
 * that was issued opens a connection, and that one opens it once.
 */
#include "attack.h"

ATTACK_FIXTURE(cookie)

#define COOKIE_BITS	(8 * XTCP_COOKIE_LEN)
#define LIFE_MS		60000	/* O3 */

static u64 opens(void)
{
	return peer_host_counter("PassiveOpens");
}

/* The third message of a connection; bit: one of the cookie's is wrong. */
static int echo(struct peer_conn *conn, int bit)
{
	struct peer_seg seg = peer_seg(conn, XTCP_ACK);

	xtcp_put_cookie(seg.options, conn->cookie);
	seg.options_len = XTCP_COOKIE_LEN;
	if (bit >= 0)
		seg.options[bit / 8] ^= 1 << bit % 8;
	return peer_send(conn->peer, &seg);
}

TEST_F(cookie, O3_every_bit)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };
	int door = peer_host_listen(&self->peer, PORT, 1), bit;
	struct sent sent;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, peer_ask(&conn));
	for (bit = 0; bit < COOKIE_BITS; bit++) {
		ASSERT_EQ(0, echo(&conn, bit));
		sent = sent_now(&self->peer);
		ASSERT_EQ(0, sent.syn + sent.data + sent.ack) TH_LOG("bit %d", bit);
		/* with another kind or length it is no cookie, and perhaps no segment */
		ASSERT_GE(1, sent.rst) TH_LOG("bit %d", bit);
		ASSERT_LE(bit >= 16, sent.rst) TH_LOG("bit %d", bit);
	}
	EXPECT_EQ(0, opens());
	ASSERT_EQ(0, echo(&conn, -1));
	EXPECT_EQ(1, opens());
}

TEST_F(cookie, O3_R4_garbage_is_limited)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };
	int door = peer_host_listen(&self->peer, PORT, 1);
	u64 start = attack_ms();
	unsigned int i, n = 0;

	ASSERT_LE(0, door);
	ASSERT_EQ(0, peer_ask(&conn));
	for (i = 0; i < 3000; i++) {
		ASSERT_EQ(0, echo(&conn, 16 + i % (COOKIE_BITS - 16)));
		n += sent_now(&self->peer).rst;
	}
	EXPECT_GE(1001 + attack_ms() - start, n);
	EXPECT_EQ(0, opens());
}

/* A good cookie, and something else is not as it was issued. */
TEST_F(cookie, O3_of_another_connection)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };
	struct peer_conn c;
	u8 other[16];

	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT + 1, 1));
	ASSERT_EQ(0, peer_ask(&conn));

	/* MAC bad: R4 */
	c = conn;
	c.port++;
	ASSERT_EQ(0, peer_echo(&c));
	EXPECT_SENT(0, 1, 0, 0);
	c = conn;
	c.host_port++;
	ASSERT_EQ(0, peer_echo(&c));
	EXPECT_SENT(0, 1, 0, 0);
	memcpy(other, self->peer.self, sizeof(other));
	other[3] ^= 1;
	c = conn;
	c.from = other;
	ASSERT_EQ(0, peer_echo(&c));
	EXPECT_SENT(0, 1, 0, 0);

	/* MAC good but numbers wrong: drop */
	c = conn;
	c.host_tag ^= 1;
	ASSERT_EQ(0, peer_echo(&c));
	c = conn;
	c.rcv_nxt++;
	ASSERT_EQ(0, peer_echo(&c));
	c = conn;
	c.rcv_nxt--;
	ASSERT_EQ(0, peer_echo(&c));
	c = conn;
	c.nxt -= 2;
	ASSERT_EQ(0, peer_echo(&c));
	c = conn;
	c.nxt += (u64)c.host_wnd + 1;
	ASSERT_EQ(0, peer_echo(&c));
	EXPECT_SENT(0, 0, 0, 0);
	EXPECT_EQ(5, peer_host_counter("DropCookieNumbers"));

	EXPECT_EQ(0, opens());
	ASSERT_EQ(0, peer_echo(&conn));
	EXPECT_EQ(1, opens());
}

static void sleep_until(u64 ms)
{
	u64 now;

	while ((now = attack_ms()) < ms)
		usleep((ms - now) * 1000);
}

/* The third message comes again, often, for longer than its cookie lives. */
static int replay(struct peer_conn *conn, u64 start)
{
	u64 before = opens(), ms;

	for (ms = 0; ms < LIFE_MS + 5000; ms += ms > LIFE_MS - 2000 ? 50 : 1000) {
		sleep_until(start + ms);
		if (echo(conn, -1))
			return -1;
		peer_drain(conn->peer);
		if (opens() != before) {
			fprintf(stderr, "# opened again after %llu ms\n", (unsigned long long)ms);
			return -1;
		}
	}
	return 0;
}

static void abort_socket(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

TEST_F_TIMEOUT(cookie, D2_C6_replayed_while_it_lives, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer };
	u64 start = attack_ms();
	int fd = attack_open(&self->peer, &conn);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	ASSERT_EQ(0, echo(&conn, -1));
	EXPECT_SENT(0, 0, 0, 1);
	EXPECT_EQ(0, replay(&conn, start));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
	/* It dies, and its cookie is as old. */
	abort_socket(fd);
	ASSERT_EQ(0, echo(&conn, -1));
	EXPECT_EQ(1, opens());
}

TEST_F_TIMEOUT(cookie, C6_replayed_after_it_died_young, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer };
	u64 start = attack_ms();
	int fd = attack_open(&self->peer, &conn);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	abort_socket(fd);
	peer_drain(&self->peer);
	ASSERT_EQ(0, echo(&conn, -1));
	EXPECT_SENT(0, 1, 0, 0);
	EXPECT_EQ(0, replay(&conn, start));
}

/* The peer closes first: no TIME-WAIT at the host. */
TEST_F_TIMEOUT(cookie, C6_replayed_after_a_short_life, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer };
	u64 start = attack_ms();
	int fd = attack_open(&self->peer, &conn);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	ASSERT_EQ(0, peer_say(&conn, XTCP_ACK | XTCP_FIN, NULL, 0));
	ASSERT_EQ(0, close(fd));
	conn.rcv_nxt++;
	ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
	peer_drain(&self->peer);
	conn.nxt--;
	conn.rcv_nxt--;
	ASSERT_EQ(0, echo(&conn, -1));
	EXPECT_SENT(0, 1, 0, 0);
	EXPECT_EQ(0, replay(&conn, start));
}

/* The host closes first. msl: its TIME-WAIT ends before its cookie, or after it. */
static int replay_in_time_wait(struct peer_conn *conn, const char *msl)
{
	u64 start = attack_ms();
	int fd;

	if (peer_host_set("msl", msl))
		return -1;
	fd = attack_open(conn->peer, conn);
	if (fd < 0 || peer_host_listen(conn->peer, PORT, 1) < 0 || close(fd))
		return -1;
	conn->rcv_nxt++;
	if (peer_say(conn, XTCP_ACK | XTCP_FIN, NULL, 0))
		return -1;
	peer_drain(conn->peer);
	conn->nxt--;
	conn->rcv_nxt--;
	if (peer_host_counter("TimeWaits") != 1)
		return -1;
	/* C4, D2: an ACK without data is answered by nothing */
	if (echo(conn, -1) || peer_drain(conn->peer))
		return -1;
	return replay(conn, start);
}

TEST_F_TIMEOUT(cookie, C4_replayed_in_TIME_WAIT, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer };

	EXPECT_EQ(0, replay_in_time_wait(&conn, "30"));
}

TEST_F_TIMEOUT(cookie, C6_replayed_after_TIME_WAIT, HOUR)
{
	struct peer_conn conn = { .peer = &self->peer };

	EXPECT_EQ(0, replay_in_time_wait(&conn, "1"));
}

/* Table full: cookies live shorter, and still none opens twice. */
TEST_F_TIMEOUT(cookie, C6_more_deaths_than_tombstones, HOUR)
{
	enum { DEAD = 20 };
	struct peer_conn conn[DEAD], early, late;
	unsigned int i;
	u64 before;
	int fd;

	ASSERT_EQ(0, peer_host_set("max_tombstones", "4"));
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT + 1, 8));
	early = (struct peer_conn){
		.peer = &self->peer, .port = FOE - 1, .host_port = PORT + 1,
	};
	late = early;
	ASSERT_EQ(0, peer_ask(&early));
	for (i = 0; i < DEAD; i++) {
		conn[i] = (struct peer_conn){ .port = FOE + i };
		fd = attack_open(&self->peer, &conn[i]);
		ASSERT_LE(0, fd);
		abort_socket(fd);
		usleep(10000);
	}
	EXPECT_EQ(DEAD - 4, peer_host_counter("TombstonesEvicted"));
	ASSERT_EQ(0, peer_ask(&late));
	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 8));
	before = opens();
	for (i = 0; i < DEAD; i++)
		ASSERT_EQ(0, echo(&conn[i], -1));
	ASSERT_EQ(0, echo(&early, -1));
	EXPECT_EQ(before, opens());
	ASSERT_EQ(0, echo(&late, -1));
	EXPECT_EQ(before + 1, opens());
}

TEST_HARNESS_MAIN
