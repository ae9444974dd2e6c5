// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody who is not on the path knows addresses and ports, and neither tags
 * nor numbers: what he sends changes nothing, and is answered by nothing that
 * M2, D2 and R4 do not allow.
 */
#include "attack.h"
#include "icmp.h"

ATTACK_FIXTURE(blind)

#define REACH	(1ULL << 31)	/* D3 */

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

/* What may answer a forged segment, and no more often than it was sent. */
enum answer { SILENCE, ACK, RST };

/* Each spoils a segment that is right in every respect. */
static void foreign_tag(const struct peer_conn *c, struct peer_seg *seg)
{
	seg->head.tag ^= 1U << random() % 32;
}

static void future_ack(const struct peer_conn *c, struct peer_seg *seg)
{
	seg->head.ack = c->rcv_nxt + 1 + random();
}

static void old_ack(const struct peer_conn *c, struct peer_seg *seg)
{
	seg->head.ack = c->rcv_nxt - REACH - 1 - random();
}

static void beyond_window(const struct peer_conn *c, struct peer_seg *seg)
{
	/* no window is larger */
	seg->head.seq += REACH + random();
}

static void before_window(const struct peer_conn *c, struct peer_seg *seg)
{
	seg->head.seq -= 1000 + random();
}

static const struct forgery {
	const char *name;
	u8 flags;
	u32 len;
	void (*spoil)(const struct peer_conn *c, struct peer_seg *seg);
	enum answer answer;
} forgeries[] = {
	{ "RST, foreign tag",		XTCP_RST, 0, foreign_tag, SILENCE },
	{ "RST|ACK, foreign tag",	XTCP_RST | XTCP_ACK, 0, foreign_tag, SILENCE },
	{ "data, foreign tag",		XTCP_ACK, 10, foreign_tag, RST },
	{ "FIN, foreign tag",		XTCP_ACK | XTCP_FIN, 0, foreign_tag, RST },
	{ "ACK, foreign tag",		XTCP_ACK, 0, foreign_tag, RST },
	{ "RST beyond the window",	XTCP_RST, 0, beyond_window, SILENCE },
	{ "RST before the window",	XTCP_RST | XTCP_ACK, 0, before_window, SILENCE },
	{ "data beyond the window",	XTCP_ACK, 10, beyond_window, ACK },
	{ "data before the window",	XTCP_ACK, 10, before_window, ACK },
	{ "FIN beyond the window",	XTCP_ACK | XTCP_FIN, 0, beyond_window, ACK },
	{ "ACK beyond the window",	XTCP_ACK, 0, beyond_window, SILENCE },
	{ "ACK before the window",	XTCP_ACK, 0, before_window, SILENCE },
	{ "data, ACK of the future",	XTCP_ACK, 10, future_ack, SILENCE },
	{ "data, ACK of the past",	XTCP_ACK, 10, old_ack, SILENCE },
	{ "ACK of the future",		XTCP_ACK, 0, future_ack, SILENCE },
	{ "FIN, ACK of the future",	XTCP_ACK | XTCP_FIN, 0, future_ack, SILENCE },
	{ "no ACK flag, foreign tag",	XTCP_RST | XTCP_FIN, 10, foreign_tag, SILENCE },
};

#define FORGERIES	(sizeof(forgeries) / sizeof(forgeries[0]))

static int forge(struct peer_conn *c, const struct forgery *f)
{
	struct peer_seg seg = peer_seg(c, f->flags);

	seg.data = letters;
	seg.len = f->len;
	f->spoil(c, &seg);
	return peer_send(c->peer, &seg);
}

/* SYN|ACK and SYN need options of their own. */
static int forge_syn(struct peer_conn *c, u8 flags)
{
	struct peer_conn stranger = *c;
	struct peer_seg syn;

	stranger.tag = random() | 1;
	stranger.iss = random();
	syn = peer_syn(&stranger);
	syn.head.flags = flags;
	if (flags & XTCP_ACK) {
		syn.head.ack = c->rcv_nxt;
		syn.head.tag = c->host_tag ^ 1U << random() % 32;
	}
	return peer_send(c->peer, &syn);
}

/* Numbers, windows, queues: all that a forged segment must not change. */
static bool same(const struct xtcp_info *a, const struct xtcp_info *b)
{
	return a->xtcpi_state == b->xtcpi_state && a->xtcpi_confirmed == b->xtcpi_confirmed &&
	       a->xtcpi_recovery == b->xtcpi_recovery && a->xtcpi_backoff == b->xtcpi_backoff &&
	       a->xtcpi_tag == b->xtcpi_tag && a->xtcpi_peer_tag == b->xtcpi_peer_tag &&
	       a->xtcpi_mss == b->xtcpi_mss && a->xtcpi_path_mss == b->xtcpi_path_mss &&
	       a->xtcpi_rtt == b->xtcpi_rtt && a->xtcpi_rto == b->xtcpi_rto &&
	       a->xtcpi_cwnd == b->xtcpi_cwnd && a->xtcpi_ssthresh == b->xtcpi_ssthresh &&
	       a->xtcpi_snd_wnd == b->xtcpi_snd_wnd && a->xtcpi_rcv_wnd == b->xtcpi_rcv_wnd &&
	       a->xtcpi_unacked == b->xtcpi_unacked && a->xtcpi_notsent == b->xtcpi_notsent &&
	       a->xtcpi_sacked == b->xtcpi_sacked && a->xtcpi_lost == b->xtcpi_lost &&
	       a->xtcpi_ooo == b->xtcpi_ooo && a->xtcpi_ce == b->xtcpi_ce &&
	       a->xtcpi_bytes_acked == b->xtcpi_bytes_acked &&
	       a->xtcpi_bytes_received == b->xtcpi_bytes_received;
}

TEST_F(blind, M2_R1_D1_D2_D3_nothing_changes)
{
	struct peer_conn conn = {};
	struct xtcp_info before, after;
	int fd = attack_open(&self->peer, &conn);
	unsigned int i, n;
	struct sent sent;

	ASSERT_LE(0, fd);
	peer_drain(&self->peer);
	ASSERT_EQ(0, peer_host_info(fd, &before));
	for (i = 0; i < FORGERIES; i++) {
		for (n = 0; n < 32; n++)
			ASSERT_EQ(0, forge(&conn, &forgeries[i]));
		sent = sent_now(&self->peer);
		EXPECT_EQ(forgeries[i].answer == RST ? 32 : 0, sent.rst)
			TH_LOG("%s", forgeries[i].name);
		EXPECT_EQ(forgeries[i].answer == ACK ? 32 : 0, sent.ack)
			TH_LOG("%s", forgeries[i].name);
		EXPECT_EQ(0, sent.syn + sent.data) TH_LOG("%s", forgeries[i].name);
		ASSERT_EQ(0, peer_host_info(fd, &after));
		EXPECT_TRUE(same(&before, &after)) TH_LOG("%s", forgeries[i].name);
	}
	/* M2: a SYN gets one ACK of the old connection in half a second. */
	for (n = 0; n < 32; n++)
		ASSERT_EQ(0, forge_syn(&conn, XTCP_SYN));
	EXPECT_SENT(0, 0, 0, 1);
	/* M3, R4 */
	for (n = 0; n < 32; n++)
		ASSERT_EQ(0, forge_syn(&conn, XTCP_SYN | XTCP_ACK));
	EXPECT_SENT(0, 32, 0, 0);
	ASSERT_EQ(0, peer_host_info(fd, &after));
	EXPECT_TRUE(same(&before, &after));
}

TEST_F(blind, F3_a_transfer_meanwhile_is_exact)
{
	static struct peer_got got;
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	unsigned int i;
	char chunk[1000], back[1000];

	ASSERT_LE(0, fd);
	for (i = 0; i < 10 * FORGERIES; i++) {
		ASSERT_EQ(0, forge(&conn, &forgeries[i % FORGERIES]));
		ASSERT_EQ(0, forge_syn(&conn, i & 1 ? XTCP_SYN : XTCP_SYN | XTCP_ACK));

		memset(chunk, i, sizeof(chunk));
		ASSERT_EQ(0, peer_say(&conn, XTCP_ACK | XTCP_PSH, chunk, sizeof(chunk)));
		ASSERT_EQ((ssize_t)sizeof(back), recv(fd, back, sizeof(back), MSG_DONTWAIT));
		ASSERT_EQ(0, memcmp(chunk, back, sizeof(back)));

		/* and the other way */
		ASSERT_EQ((ssize_t)sizeof(back), send(fd, back, sizeof(back), MSG_DONTWAIT));
		do {
			ASSERT_TRUE(peer_recv(&self->peer, &got, 1000));
		} while (!got.pkt.len);
		ASSERT_EQ(conn.rcv_nxt, got.pkt.seq);
		ASSERT_EQ(sizeof(chunk), got.pkt.len);
		ASSERT_EQ(0, memcmp(chunk, got.data, sizeof(chunk)));
		conn.rcv_nxt += got.pkt.len;
	}
	ASSERT_EQ(0, peer_say(&conn, XTCP_ACK | XTCP_FIN, NULL, 0));
	EXPECT_EQ(0, recv(fd, back, sizeof(back), MSG_DONTWAIT));
}

/* All errors about a segment of the host's that carries this tag; their number. */
static unsigned int complain(struct peer *peer, u16 host_port, u16 port, u32 tag)
{
	const struct icmp_kind *kind;
	unsigned int n;

	for (n = 0; (kind = icmp_kind(peer, n)); n++)
		if (icmp_send(peer, kind, host_port, port, tag))
			return 0;
	return n;
}

TEST_F(blind, D10_ICMP_with_a_foreign_tag)
{
	struct peer_conn conn = {};
	struct xtcp_info before, after;
	int fd = attack_open(&self->peer, &conn), err;
	u64 drops = peer_host_counter("DropIcmp");
	socklen_t len = sizeof(err);
	unsigned int bit, n = 0;

	ASSERT_LE(0, fd);
	peer_drain(&self->peer);
	ASSERT_EQ(0, peer_host_info(fd, &before));
	for (bit = 0; bit < 32; bit++)
		n += complain(&self->peer, PORT, FOE, conn.tag ^ 1U << bit);
	/* The host's own tag is not what its segments carry. */
	n += complain(&self->peer, PORT, FOE, conn.host_tag);
	EXPECT_LT(32, n);
	EXPECT_LE(n - 33, peer_host_counter("DropIcmp") - drops);
	EXPECT_SENT(0, 0, 0, 0);
	ASSERT_EQ(0, peer_host_info(fd, &after));
	EXPECT_TRUE(same(&before, &after));
	EXPECT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len));
	EXPECT_EQ(0, err);
}

/* A router on the path knows the tag; even so the worst it can do is bounded. */
TEST_F(blind, D10_ICMP_with_the_right_tag)
{
	static struct peer_got got;
	struct peer_conn conn = {};
	int fd = attack_open(&self->peer, &conn);
	static char data[4000];
	u64 sum = 0;

	ASSERT_LE(0, fd);
	ASSERT_NE(0, complain(&self->peer, PORT, FOE, conn.tag));
	peer_drain(&self->peer);
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
	ASSERT_EQ((ssize_t)sizeof(data), send(fd, data, sizeof(data), MSG_DONTWAIT));
	while (sum < sizeof(data)) {
		ASSERT_TRUE(peer_recv(&self->peer, &got, 10000));
		if (got.pkt.seq == conn.rcv_nxt) {
			sum += got.pkt.len;
			conn.rcv_nxt += got.pkt.len;
			ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
		}
		if (sum < sizeof(data))
			EXPECT_LE(XTCP_PAYLOAD_MIN, got.pkt.len);
	}
}

/* A connection of the host's in SYN-SENT, of which @conn knows all. Its socket, or -1. */
static int host_opens(struct peer *peer, struct peer_conn *conn)
{
	static struct peer_got got;
	struct xtcp_hello hello;
	int fd = peer_host_connect(peer, 0, FOE);

	if (fd < 0 || !peer_recv(peer, &got, 0) || got.pkt.flags != XTCP_SYN)
		return -1;
	xtcp_read_hello(&got.pkt, &hello);
	*conn = (struct peer_conn) {
		.peer		= peer,
		.port		= FOE,
		.host_port	= got.pkt.sport,
		.host_tag	= hello.tag,
		.rcv_nxt	= got.pkt.seq + 1,
		.wnd		= 65535,
	};
	return fd;
}

TEST_F(blind, O4_O7_O8_D10_SYN_SENT)
{
	struct peer_conn conn;
	struct peer_seg seg;
	unsigned int i;
	int fd;

	fd = host_opens(&self->peer, &conn);
	ASSERT_LE(0, fd) TH_LOG("%s", strerror(errno));
	conn.nxt = random();

	for (i = 0; i < 32; i++) {
		/* RST: the right number with a foreign tag, a wrong one with the right tag */
		seg = peer_seg(&conn, XTCP_RST | XTCP_ACK);
		seg.head.tag ^= 1U << i;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		seg = peer_seg(&conn, XTCP_RST | XTCP_ACK);
		seg.head.ack ^= 1ULL << (2 * i);
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		seg = peer_seg(&conn, XTCP_RST);
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
	}
	EXPECT_SENT(0, 0, 0, 0);

	/* SYN|ACK likewise; each may be refused (O7, R4) */
	for (i = 0; i < 32; i++) {
		struct peer_conn liar = conn;

		liar.tag = random() | 1;
		seg = peer_syn(&liar);
		seg.head.flags = XTCP_SYN | XTCP_ACK;
		seg.head.tag = conn.host_tag ^ 1U << i;
		seg.head.ack = conn.rcv_nxt;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		seg.head.tag = conn.host_tag;
		seg.head.ack = conn.rcv_nxt ^ 1ULL << (2 * i + 1);
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
	}
	EXPECT_SENT(0, 64, 0, 0);

	/* data and FIN, with nothing wrong but the time */
	for (i = 0; i < 4; i++) {
		seg = peer_seg(&conn, i & 1 ? XTCP_ACK | XTCP_FIN : XTCP_ACK);
		seg.data = letters;
		seg.len = i & 2 ? 10 : 0;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
	}
	EXPECT_SENT(0, 0, 0, 0);

	for (i = 0; i < 32; i++)
		ASSERT_NE(0, complain(&self->peer, conn.host_port, FOE, conn.host_tag ^ 1U << i));
	EXPECT_SENT(0, 0, 0, 0);
	EXPECT_EQ(XTCP_SYN_SENT, attack_state(fd));

	/* and the one that it waits for is still taken */
	ASSERT_EQ(0, peer_answer(&conn)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
}

/* What the host's route to the peer takes, for all protocols. */
static int route_mtu(const struct peer *peer)
{
	int fd = socket(peer->family, SOCK_DGRAM, 0), mtu = -1;
	bool v4 = peer->family == AF_INET;
	socklen_t len = sizeof(mtu);
	union peer_addr to;

	if (!connect(fd, &to.sa, peer_sockaddr(peer, peer->self, FOE, &to)))
		getsockopt(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &len);
	close(fd);
	return mtu;
}

/*
 * A forged SYN gives a client that is in SYN-SENT a tag which the forger knows (O6). He
 * is not on the path for it: what ICMP says under that tag changes neither the
 * connection nor the route, which is TCP's, too.
 */
TEST_F(blind, D10_O6_the_tag_of_a_forged_SYN)
{
	static const struct icmp_kind too_big4 = { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1280 };
	static const struct icmp_kind too_big6 = { ICMP6_PACKET_TOO_BIG, 0, 1280 };
	const struct icmp_kind *too_big = variant->family == AF_INET ? &too_big4 : &too_big6;
	struct xtcp_info before, after;
	static struct peer_got got;
	socklen_t len = sizeof(int);
	struct peer_conn conn, forger;
	struct peer_seg syn;
	int fd, err;

	fd = host_opens(&self->peer, &conn);
	ASSERT_LE(0, fd) TH_LOG("%s", strerror(errno));

	forger = conn;
	forger.tag = 4711;
	forger.iss = random();
	syn = peer_syn(&forger);
	ASSERT_EQ(0, peer_send(&self->peer, &syn));
	ASSERT_TRUE(peer_recv(&self->peer, &got, 0));
	ASSERT_EQ(XTCP_SYN | XTCP_ACK, got.pkt.flags);
	ASSERT_EQ(forger.tag, got.pkt.tag);
	ASSERT_EQ(XTCP_SYN_RECEIVED, attack_state(fd));

	ASSERT_EQ(0, peer_host_info(fd, &before));
	ASSERT_NE(0, complain(&self->peer, conn.host_port, FOE, forger.tag));
	ASSERT_EQ(0, icmp_send(&self->peer, too_big, conn.host_port, FOE, forger.tag));
	EXPECT_SENT(0, 0, 0, 0);
	EXPECT_EQ(PEER_MTU, route_mtu(&self->peer));
	EXPECT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len));
	EXPECT_EQ(0, err);
	ASSERT_EQ(0, peer_host_info(fd, &after));
	EXPECT_TRUE(same(&before, &after));

	/* nor does a SYN that is too big, whose tag he does not know */
	ASSERT_EQ(0, icmp_send(&self->peer, too_big, conn.host_port, FOE, conn.host_tag));
	EXPECT_EQ(PEER_MTU, route_mtu(&self->peer));

	ASSERT_EQ(0, peer_answer(&conn)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
	EXPECT_EQ(PEER_MTU, route_mtu(&self->peer));
	/* and now there is one who knows it */
	ASSERT_EQ(0, icmp_send(&self->peer, too_big, conn.host_port, FOE, conn.tag));
	EXPECT_EQ(1280, route_mtu(&self->peer));
}

/* A forged RST does not make the host forget what is half open (O8, R1). */
TEST_F(blind, O8_half_open)
{
	static struct peer_got got;
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT };
	struct peer_seg seg, syn;
	unsigned int i;

	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	ASSERT_EQ(0, peer_ask(&conn));
	syn = peer_syn(&conn);
	for (i = 0; i < 32; i++) {
		seg = peer_seg(&conn, XTCP_RST | XTCP_ACK);
		seg.head.tag ^= 1U << i;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		seg = peer_seg(&conn, XTCP_RST);
		seg.head.seq -= 1ULL << i;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		seg.head.seq = conn.nxt + conn.host_wnd + (1ULL << i);
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
	}
	EXPECT_SENT(0, 0, 0, 0);
	/* The entry is there: the answer is the same, cookie and all. */
	ASSERT_EQ(0, peer_send(&self->peer, &syn));
	ASSERT_TRUE(peer_recv(&self->peer, &got, 0));
	EXPECT_EQ(conn.irs, got.pkt.seq);
	ASSERT_NE(0, got.pkt.has & XTCP_HAS_COOKIE);
	EXPECT_EQ(0, memcmp(conn.cookie, got.pkt.cookie, XTCP_COOKIE_LEN));
}

/*
 * M2: "at most one per socket per 500 ms". A budget of the host's would tell a
 * stranger about other connections (CVE-2016-5696); this one tells him of a
 * connection only that he sees answers of, which he does not.
 */
TEST_F(blind, M2_challenges_are_limited_for_each_connection)
{
	struct peer_conn a = { .port = FOE }, b = { .port = FOE + 1 };
	int fd[2] = { attack_open(&self->peer, &a), attack_open(&self->peer, &b) };
	unsigned int i, n = 0;
	u64 start;

	ASSERT_LE(0, fd[0]);
	ASSERT_LE(0, fd[1]);
	peer_drain(&self->peer);
	start = attack_ms();
	/* five seconds, a hundred SYNs in each of them, for one of the two */
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(0, forge_syn(&a, XTCP_SYN));
		usleep(10000);
		n += sent_now(&self->peer).ack;
	}
	EXPECT_LE(5, n);
	EXPECT_GE((attack_ms() - start) / 500 + 1, n);
	ASSERT_EQ(0, forge_syn(&a, XTCP_SYN));
	peer_drain(&self->peer);
	ASSERT_EQ(0, forge_syn(&b, XTCP_SYN));
	EXPECT_SENT(0, 0, 0, 1);
}

/* IP_MINTTL, which the peer's packets do not reach; 0 or -1. */
static int keep_off(const struct peer *peer, int fd, int ttl)
{
	bool v4 = peer->family == AF_INET;

	return setsockopt(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, &ttl,
			  sizeof(ttl));
}

/* Whom policy gives no answer is not told what options there are either. */
TEST_F(blind, M1_M2_policy_comes_before_an_unknown_option)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT, .tag = 7 };
	int door = peer_host_listen(&self->peer, PORT, 1), fd;
	struct peer_seg syn = peer_syn(&conn);

	ASSERT_LE(0, door);
	syn.options[syn.options_len] = 200;	/* critical, of one word */
	syn.options[syn.options_len + 1] = 1;
	syn.options_len += 8;
	ASSERT_EQ(0, peer_send(&self->peer, &syn));
	EXPECT_SENT(0, 1, 0, 0);
	ASSERT_EQ(0, keep_off(&self->peer, door, 255));
	ASSERT_EQ(0, peer_send(&self->peer, &syn));
	EXPECT_SENT(0, 0, 0, 0);
	EXPECT_EQ(1, peer_host_counter("DropFilter"));
	EXPECT_EQ(1, peer_host_counter("DropCriticalOption"));
	close(door);

	/* M2: where there is a connection it is the one to be asked */
	fd = attack_open(&self->peer, &conn);
	ASSERT_LE(0, fd);
	peer_drain(&self->peer);
	ASSERT_EQ(0, keep_off(&self->peer, fd, 255));
	ASSERT_EQ(0, peer_send(&self->peer, &syn));
	EXPECT_SENT(0, 0, 0, 0);
	EXPECT_EQ(2, peer_host_counter("DropFilter"));
	syn.head.sport++;
	ASSERT_EQ(0, peer_send(&self->peer, &syn));
	EXPECT_SENT(0, 1, 0, 0);
}

/* What was answered to an address to which there is no way was not sent. */
TEST_F(blind, O2_R4_an_answer_that_cannot_leave_is_not_counted_as_sent)
{
	struct peer_conn conn = { .peer = &self->peer, .port = FOE, .host_port = PORT, .tag = 7 };
	bool v4 = variant->family == AF_INET;
	struct peer_seg seg;
	u8 other[16];

	ASSERT_LE(0, peer_host_listen(&self->peer, PORT, 1));
	ASSERT_EQ(0, system(v4 ? "ip route del default" : "ip -6 route del default"));
	memcpy(other, self->peer.self, sizeof(other));
	other[1] ^= 1;
	conn.from = other;
	seg = peer_syn(&conn);
	ASSERT_EQ(0, peer_send(&self->peer, &seg));
	EXPECT_EQ(0, peer_host_counter("SynAcksSent"));
	EXPECT_EQ(1, peer_host_counter("RepliesFailed"));
	/* a RST likewise */
	seg.head.dport++;
	ASSERT_EQ(0, peer_send(&self->peer, &seg));
	EXPECT_EQ(0, peer_host_counter("OutRsts"));
	EXPECT_EQ(2, peer_host_counter("RepliesFailed"));
	EXPECT_EQ(0, peer_host_counter("OutSegs"));
	EXPECT_EQ(2, peer_host_counter("InSegs"));
	EXPECT_SENT(0, 0, 0, 0);
}

/* R4: "Limited per destination." */
TEST_F(blind, R4_RSTs_are_limited_for_each_destination)
{
	struct peer_conn stray = {
		.peer = &self->peer, .port = FOE, .host_port = PORT, .host_tag = 77,
	};
	struct peer_seg seg = peer_seg(&stray, XTCP_ACK);
	u64 start = attack_ms();
	unsigned int i, n = 0;
	u8 other[16];

	for (i = 0; i < 5000; i++) {
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		n += sent_now(&self->peer).rst;
	}
	/* The bucket's thousand, and one for each millisecond since. */
	EXPECT_LE(1000, n);
	EXPECT_GE(1001 + attack_ms() - start, n);
	EXPECT_EQ(5000 - n, peer_host_counter("RstLimited"));
	/* Others have buckets of their own; two may share one. */
	memcpy(other, self->peer.self, sizeof(other));
	seg.from = other;
	for (i = n = 0; i < 16; i++) {
		other[self->peer.family == AF_INET ? 3 : 15] = 100 + i;
		ASSERT_EQ(0, peer_send(&self->peer, &seg));
		n += sent_now(&self->peer).rst;
	}
	EXPECT_LE(12, n);
}

TEST_HARNESS_MAIN
