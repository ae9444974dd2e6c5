// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that lets the host wait: its window stays closed, opens by single
 * bytes, moves back, or its segments are tiny. What the host holds for it, and
 * how often it asks, is bounded (C5, D7, K2, D12).
 */
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/userfaultfd.h>

#include "attack.h"

#define PAGE	4096

ATTACK_FIXTURE(window)

/* What the host sends in so much time, each segment of it answered by an ACK. */
struct talk {
	unsigned int packets, bytes, smallest;
	bool reset;
};

/* wnd: what each answer says; take: whether data is acknowledged */
static struct talk talk(struct peer_conn *conn, u64 ms, u32 wnd, bool take)
{
	static struct peer_got got;
	struct talk talk = { .smallest = ~0U };
	u64 end = attack_ms() + ms, now;

	conn->wnd = wnd;
	while (!talk.reset && (now = attack_ms()) < end) {
		if (!peer_recv(conn->peer, &got, end - now))
			break;
		talk.packets++;
		talk.reset = got.pkt.flags & XTCP_RST;
		if (got.pkt.len) {
			talk.bytes += got.pkt.len;
			if (got.pkt.len < talk.smallest)
				talk.smallest = got.pkt.len;
		}
		if (take && got.pkt.seq == conn->rcv_nxt)
			conn->rcv_nxt += got.pkt.len;
		if (!talk.reset && (got.pkt.len || got.pkt.seq == conn->rcv_nxt - 1))
			peer_say(conn, XTCP_ACK, NULL, 0);
	}
	return talk;
}

static int error_of(int fd)
{
	int err = -1;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? -1 : err;
}

/* The host's program writes all of it at once. */
static int write_all(int fd, const void *data, size_t len)
{
	int room = 2 * len;

	return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ||
	       send(fd, data, len, MSG_DONTWAIT) != (ssize_t)len ? -1 : 0;
}

/* Data that the peer's window keeps back. */
static int stuck(struct peer *peer, struct peer_conn *conn)
{
	static const char data[100000];
	int fd;

	*conn = (struct peer_conn){ .wnd = 1000 };
	fd = attack_open(peer, conn);
	if (fd < 0 || write_all(fd, data, sizeof(data)))
		return -1;
	talk(conn, 1000, 0, true);
	return fd;
}

/* A peer that keeps its window closed for so long, and then takes a few bytes more. */
static bool sip(struct peer_conn *conn, unsigned int ms, u32 bytes)
{
	struct talk t = talk(conn, ms, 0, true);

	conn->wnd = bytes;
	peer_say(conn, XTCP_ACK, NULL, 0);
	return t.reset;
}

/* D7: "Never gives up while answered", and asks once a minute at last. */
TEST_F_TIMEOUT(window, D7_closed_for_ever, 4 * HOUR)
{
	struct peer_conn conn;
	struct talk t;
	int fd = stuck(&self->peer, &conn);

	ASSERT_LE(0, fd);
	t = talk(&conn, HOUR * 1000, 0, true);
	EXPECT_LE(55, t.packets);
	EXPECT_GE(80, t.packets);
	EXPECT_EQ(0, t.bytes);
	t = talk(&conn, HOUR * 1000, 0, true);
	EXPECT_GE(61, t.packets);
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
	/* and it goes on when the window opens */
	ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
	conn.wnd = 1 << 20;
	ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
	t = talk(&conn, 10000, 1 << 20, true);
	EXPECT_LT(1000, t.bytes);
}

/* K2: 15 minutes of silence, or what the program has chosen. */
TEST_F_TIMEOUT(window, K2_closed_and_then_silent, 4 * HOUR)
{
	struct peer_conn conn;
	int fd = stuck(&self->peer, &conn);

	ASSERT_LE(0, fd);
	talk(&conn, 600000, 0, true);
	/* heard for the last time up to a minute ago */
	usleep(800 * 1000000ULL);
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
	usleep(105 * 1000000ULL);
	EXPECT_EQ(ETIMEDOUT, error_of(fd));
}

TEST_F_TIMEOUT(window, K2_user_timeout, 4 * HOUR)
{
	struct peer_conn conn;
	int fd = stuck(&self->peer, &conn), ms = 30000;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, SOL_XTCP, XTCP_USER_TIMEOUT, &ms, sizeof(ms)));
	/* an answer is an answer */
	talk(&conn, 300000, 0, true);
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
	usleep(31 * 1000000ULL);
	EXPECT_EQ(ETIMEDOUT, error_of(fd));
}

/* C5: nobody waits for what is not read: a minute without advance, answered or not. */
TEST_F_TIMEOUT(window, C5_orphan, HOUR)
{
	struct peer_conn conn;
	struct talk t;
	int fd = stuck(&self->peer, &conn);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(fd));
	t = talk(&conn, 30000, 0, true);
	EXPECT_FALSE(t.reset);
	t = talk(&conn, 40000, 0, true);
	EXPECT_TRUE(t.reset);
	EXPECT_EQ(1, peer_host_counter("AbortsOnTimeout"));
	/* there is nobody any more */
	ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
	t = talk(&conn, 1000, 0, false);
	EXPECT_TRUE(t.reset);
}

/*
 * C5: one that reads it byte by byte would hold an orphan for as many minutes as it
 * has bytes: that is no advance. By segments it is.
 */
TEST_F_TIMEOUT(window, C5_orphan_that_is_read_by_bytes, HOUR)
{
	struct peer_conn conn;
	int fd = stuck(&self->peer, &conn);
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(fd));
	for (i = 0; i < 4; i++)
		ASSERT_FALSE(sip(&conn, 50000, 3000));
	for (i = 0; i < 4 && !sip(&conn, 20000, 1); i++)
		;
	EXPECT_GT(4, i);
	EXPECT_EQ(1, peer_host_counter("AbortsOnTimeout"));
}

/*
 * RFC 9293 3.8.6.2.1: a window that opens by single bytes gets no single bytes,
 * but what T-PROBE sends: one segment in each of its times, which is 100 ms at
 * least (D7).
 */
TEST_F_TIMEOUT(window, D7_D12_silly_window, HOUR)
{
	static struct peer_got got;
	struct peer_conn conn = { .wnd = 20000 };
	unsigned int i, small = 0, room = 0;
	u64 start;
	int fd = attack_open(&self->peer, &conn);
	static const char data[200000];

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, write_all(fd, data, sizeof(data)));
	talk(&conn, 1000, 0, true);
	start = attack_ms();
	/* a byte more every 10 ms, for 20 s */
	for (i = 0; i < 2000; i++) {
		conn.wnd = ++room;
		ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
		usleep(10000);
		while (peer_recv(&self->peer, &got, 0)) {
			if (!got.pkt.len || got.pkt.seq != conn.rcv_nxt)
				continue;
			small += got.pkt.len < 500;
			conn.rcv_nxt += got.pkt.len;
			room = room > got.pkt.len ? room - got.pkt.len : 0;
		}
	}
	EXPECT_GE((attack_ms() - start) / 100, small);
	EXPECT_EQ(XTCP_ESTABLISHED, attack_state(fd));
}

/* A sender keeps the largest edge: one that moves back is not believed, and nothing breaks. */
TEST_F_TIMEOUT(window, D4_moves_back, HOUR)
{
	struct peer_conn conn = { .wnd = 20000 };
	int fd = attack_open(&self->peer, &conn);
	static const char data[60000];
	struct xtcp_info info;
	unsigned int i;
	u64 before;

	ASSERT_LE(0, fd);
	for (i = 0; i < 100; i++) {
		conn.wnd = random() % 3 ? 0 : random() % 2 ? XTCP_WINDOW_MAX : ~0U;
		ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
		ASSERT_EQ(0, peer_host_info(fd, &info));
		/* "<= 2^31-1" */
		EXPECT_GE(XTCP_WINDOW_MAX, info.xtcpi_snd_wnd);
		EXPECT_LE(20000, info.xtcpi_snd_wnd);
	}
	before = conn.rcv_nxt;
	ASSERT_EQ(0, write_all(fd, data, sizeof(data)));
	talk(&conn, 5000, 0, true);
	EXPECT_EQ(sizeof(data), conn.rcv_nxt - before);
}

/* "An MSS under 512 is read as 512." */
TEST_F_TIMEOUT(window, O2_tiny_MSS, HOUR)
{
	static const u16 tiny[] = { 0, 1, 8, 511 };
	static const char data[50000];
	struct xtcp_hello hello = {};
	struct peer_conn conn;
	struct peer_seg syn;
	struct talk t;
	unsigned int i;
	int fd, door;

	for (i = 0; i < sizeof(tiny) / sizeof(tiny[0]); i++) {
		static struct peer_got got;

		conn = (struct peer_conn){
			.peer = &self->peer, .port = FOE + i, .host_port = PORT,
			.tag = 1000 + i, .iss = 1, .wnd = 1 << 20,
		};
		door = peer_host_listen(&self->peer, PORT, 1);
		ASSERT_LE(0, door);
		syn = peer_syn(&conn);
		hello.tag = conn.tag;
		hello.mss = tiny[i];
		xtcp_put_hello(syn.options, &hello);
		ASSERT_EQ(0, peer_send(&self->peer, &syn));
		ASSERT_TRUE(peer_recv(&self->peer, &got, 0));
		ASSERT_EQ(XTCP_SYN | XTCP_ACK, got.pkt.flags);
		xtcp_read_hello(&got.pkt, &hello);
		conn.host_tag = hello.tag;
		conn.rcv_nxt = got.pkt.seq + 1;
		conn.nxt = conn.iss + 1;
		memcpy(conn.cookie, got.pkt.cookie, XTCP_COOKIE_LEN);
		ASSERT_EQ(0, peer_echo(&conn));
		fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
		ASSERT_LE(0, fd);
		close(door);
		ASSERT_EQ(0, write_all(fd, data, sizeof(data)));
		t = talk(&conn, 5000, 1 << 20, true);
		/* and a tail loss probe perhaps (D9), where the host's clock runs as it works */
		EXPECT_LE(sizeof(data), t.bytes);
		EXPECT_GE(sizeof(data) / 400, t.packets);
	}
}

/* A page that nobody has yet: who touches it sleeps until fault_in(). -1: no such kernel. */
static int no_page(char **page)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return -1;
	*page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (unsigned long)*page;
	range.range.len = PAGE;
	if (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int fault_in(int uffd, char *page)
{
	static char content[PAGE] = "x";
	struct uffdio_copy copy = {
		.dst = (unsigned long)page, .src = (unsigned long)content, .len = PAGE,
	};

	return ioctl(uffd, UFFDIO_COPY, &copy);
}

struct stuck {
	int fd;
	char *page;
	ssize_t sent;
};

static void *send_stuck(void *arg)
{
	struct stuck *s = arg;

	s->sent = send(s->fd, s->page, 1, 0);
	return NULL;
}

/*
 * A program that sleeps in a call has its socket. What comes meanwhile waits in the
 * backlog, and what does not fit there is dropped.
 */
TEST_F(window, DropBacklog_of_a_socket_in_use)
{
	struct peer_conn conn = { .peer = &self->peer };
	struct stuck s = { .sent = -1 };
	static struct peer_got got;
	struct uffd_msg msg;
	pthread_t sleeper;
	unsigned int n;
	int uffd;

	uffd = no_page(&s.page);
	if (uffd < 0)
		SKIP(return, "no userfaultfd");
	s.fd = attack_open(&self->peer, &conn);
	ASSERT_LE(0, s.fd);
	sent_now(&self->peer);
	ASSERT_EQ(0, pthread_create(&sleeper, NULL, send_stuck, &s));
	ASSERT_EQ((ssize_t)sizeof(msg), read(uffd, &msg, sizeof(msg)));
	ASSERT_EQ(UFFD_EVENT_PAGEFAULT, msg.event);
	/* 64 KiB and both buffers, in packets that take a few hundred bytes at least */
	for (n = 0; n < 5000 && !peer_host_counter("DropBacklog"); n++)
		ASSERT_EQ(0, peer_say(&conn, XTCP_ACK, NULL, 0));
	EXPECT_LT(0, peer_host_counter("DropBacklog"));
	EXPECT_LT(100, n);
	EXPECT_SENT(0, 0, 0, 0);

	ASSERT_EQ(0, fault_in(uffd, s.page));
	ASSERT_EQ(0, pthread_join(sleeper, NULL));
	EXPECT_EQ(1, s.sent);
	ASSERT_TRUE(peer_recv(&self->peer, &got, 1000));
	EXPECT_EQ(1, got.pkt.len);
	conn.rcv_nxt += got.pkt.len;
	EXPECT_EQ(0, attack_exchange(&conn, s.fd));
	close(uffd);
}

TEST_HARNESS_MAIN
