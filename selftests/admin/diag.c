// SPDX-License-Identifier: GPL-2.0
/* Dumps over netlink: what is in them, what they promise, bad requests. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "kselftest_harness.h"
#include "lib/diag.h"
#include "lib/names.h"
#include "namespace.h"

#define ALL_EXT	(XTCP_DIAG_EXT(XTCP_DIAG_MAX + 1) - 1)
#define NOBODY	65534

static struct xtcp_diag_req request_all(void)
{
	return (struct xtcp_diag_req) {
		.sdiag_family = AF_XTCP, .ext = ALL_EXT, .states = ~0U,
	};
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

static const struct xtcp_entry *find(const struct xtcp_table *table, uint64_t cookie)
{
	size_t i;

	for (i = 0; i < table->n; i++) {
		if (xtcp_entry_cookie(&table->entry[i]) == cookie)
			return &table->entry[i];
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many of these sockets a table lacks. */
static size_t count_missing(const struct xtcp_table *table, const uint64_t *cookie, size_t n)
{
	uint64_t *seen = malloc((table->n + 1) * sizeof(*seen));
	size_t i, missing = 0;

	for (i = 0; i < table->n; i++)
		seen[i] = xtcp_entry_cookie(&table->entry[i]);
	qsort(seen, table->n, sizeof(*seen), compare);
	for (i = 0; i < n; i++)
		missing += !bsearch(&cookie[i], seen, table->n, sizeof(*seen), compare);
	free(seen);
	return missing;
}

static void raise_limit(void)
{
	struct rlimit limit = { 65536, 65536 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

FIXTURE(diag) {
	struct xtcp_table table;
	int layer, family;
};

FIXTURE_VARIANT(diag) {
	int layer, family;
};

FIXTURE_VARIANT_ADD(diag, ipv4) { .layer = XTCP_IPV4, .family = AF_INET };
FIXTURE_VARIANT_ADD(diag, ipv6) { .layer = XTCP_IPV6, .family = AF_INET6 };

FIXTURE_SETUP(diag)
{
	memset(self, 0, sizeof(*self));
	self->layer = variant->layer;
	self->family = variant->family;
	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
}

FIXTURE_TEARDOWN(diag)
{
	xtcp_table_free(&self->table);
}

TEST_F(diag, empty)
{
	struct xtcp_diag_req req = request_all();

	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(0, self->table.n);
}

TEST_F(diag, listener)
{
	struct xtcp_diag_req req = request_all();
	const struct xtcp_entry *e;
	struct stat st;
	int fd;

	fd = open_listener(self->layer, 80, 7);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	ASSERT_EQ(1, self->table.n);
	e = find(&self->table, cookie_of(fd));
	ASSERT_NE(NULL, e);
	EXPECT_EQ(STATE_LISTEN, e->msg.state);
	EXPECT_EQ(self->family, e->msg.family);
	EXPECT_EQ(80, ntohs(e->msg.id.sport));
	EXPECT_EQ(0, e->msg.id.dport);
	EXPECT_EQ(0, e->msg.rqueue);
	EXPECT_EQ(7, e->msg.wqueue);
	EXPECT_EQ((uint32_t)st.st_ino, e->msg.inode);
	EXPECT_EQ(getuid(), e->msg.uid);
	EXPECT_EQ(0, e->has & XTCP_DIAG_EXT(XTCP_DIAG_INFO));
	EXPECT_NE(0, e->mem[SK_MEMINFO_RCVBUF]);
	close(fd);
}

/* Inet sockets of the protocol IPPROTO_XTCP are what sockets of the family are. */
TEST_F(diag, through_the_second_door)
{
	struct xtcp_diag_req req = request_all();
	const struct xtcp_entry *e;
	int fd;

	fd = socket(self->family, SOCK_STREAM, IPPROTO_XTCP);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, listen(fd, 7));
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	ASSERT_EQ(1, self->table.n);
	e = find(&self->table, cookie_of(fd));
	ASSERT_NE(NULL, e);
	EXPECT_EQ(STATE_LISTEN, e->msg.state);
	EXPECT_EQ(self->family, e->msg.family);
	EXPECT_EQ(7, e->msg.wqueue);
	close(fd);
}

TEST_F(diag, bound)
{
	struct xtcp_diag_req req = request_all();
	const struct xtcp_entry *e;
	int fd;

	fd = open_socket(self->layer, 4000);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	e = find(&self->table, cookie_of(fd));
	ASSERT_NE(NULL, e);
	EXPECT_EQ(STATE_CLOSED, e->msg.state);
	EXPECT_EQ(4000, ntohs(e->msg.id.sport));
	close(fd);
}

TEST_F(diag, connection)
{
	static const uint8_t v4[16] = { 127, 0, 0, 1 };
	struct xtcp_diag_req req = request_all();
	const struct xtcp_entry *a, *b;
	const uint8_t *address;
	int listener, fd[2];
	struct pollfd pfd;
	uint64_t cookie;

	address = self->layer == XTCP_IPV4 ? v4 : in6addr_loopback.s6_addr;
	listener = open_listener(self->layer, 80, 7);
	ASSERT_LE(0, listener);
	cookie = cookie_of(listener);		/* has one before it has children */
	ASSERT_EQ(0, open_pair(self->layer, listener, fd));
	ASSERT_NE(cookie, cookie_of(fd[1]));
	ASSERT_EQ(5, write(fd[0], "hello", 5));
	pfd = (struct pollfd) { .fd = fd[1], .events = POLLIN };
	ASSERT_EQ(1, poll(&pfd, 1, 10000));

	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	ASSERT_EQ(3, self->table.n);
	a = find(&self->table, cookie_of(fd[0]));
	b = find(&self->table, cookie_of(fd[1]));
	ASSERT_NE(NULL, a);
	ASSERT_NE(NULL, b);
	EXPECT_EQ(STATE_ESTABLISHED, a->msg.state);
	EXPECT_EQ(STATE_ESTABLISHED, b->msg.state);
	EXPECT_EQ(80, ntohs(a->msg.id.dport));
	EXPECT_EQ(80, ntohs(b->msg.id.sport));
	EXPECT_EQ(a->msg.id.sport, b->msg.id.dport);
	EXPECT_EQ(0, memcmp(address, a->msg.id.src, 16));
	EXPECT_EQ(0, memcmp(address, a->msg.id.dst, 16));
	EXPECT_EQ(5, b->msg.rqueue);
	EXPECT_EQ(a->tags.tag, b->tags.peer_tag);
	EXPECT_EQ(b->tags.tag, a->tags.peer_tag);
	EXPECT_EQ(a->tags.tag, a->info.xtcpi_tag);
	EXPECT_EQ(5, b->info.xtcpi_bytes_received);
	EXPECT_STREQ("cubic", a->info.xtcpi_cc);

	close(fd[0]);
	close(fd[1]);
	close(listener);
}

TEST_F(diag, timewait)
{
	struct xtcp_diag_req req = request_all();
	struct pollfd pfd;
	int listener, fd[2];
	size_t i, seen = 0;

	listener = open_listener(self->layer, 80, 7);
	ASSERT_EQ(0, open_pair(self->layer, listener, fd));
	close(fd[0]);
	pfd = (struct pollfd) { .fd = fd[1], .events = POLLRDHUP };
	ASSERT_EQ(1, poll(&pfd, 1, 10000));
	close(fd[1]);
	close(listener);

	/* the last ACK may still be under way: ask until it has come */
	req.states = 1U << STATE_TIME_WAIT;
	for (i = 0; i < 10000 && !self->table.n; i++) {
		xtcp_table_free(&self->table);
		ASSERT_EQ(0, xtcp_dump(&req, &self->table));
		sched_yield();
	}
	for (i = 0; i < self->table.n; i++) {
		const struct xtcp_diag_msg *msg = &self->table.entry[i].msg;

		EXPECT_EQ(STATE_TIME_WAIT, msg->state);
		EXPECT_EQ(80, ntohs(msg->id.dport));
		EXPECT_EQ(XTCP_DIAG_TIMER_TIMEWAIT, msg->timer);
		EXPECT_LT(0, msg->expires);
		EXPECT_GE(60000, msg->expires);
		seen++;
	}
	EXPECT_EQ(1, seen);
}

TEST_F(diag, filters)
{
	struct xtcp_diag_req req;
	int listener, other, fd[2];

	listener = open_listener(self->layer, 80, 7);
	other = open_listener(self->layer, 81, 7);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, open_pair(self->layer, listener, fd));

	req = request_all();
	req.states = 1U << STATE_LISTEN;
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(2, self->table.n);
	xtcp_table_free(&self->table);

	req = request_all();
	req.id.sport = htons(80);
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(2, self->table.n);
	EXPECT_EQ(NULL, find(&self->table, cookie_of(other)));
	EXPECT_EQ(NULL, find(&self->table, cookie_of(fd[0])));
	xtcp_table_free(&self->table);

	req = request_all();
	req.id.dport = htons(80);
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(1, self->table.n);
	EXPECT_NE(NULL, find(&self->table, cookie_of(fd[0])));
	xtcp_table_free(&self->table);

	req = request_all();
	req.family = self->family;
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(4, self->table.n);
	xtcp_table_free(&self->table);
	req.family = AF_INET + AF_INET6 - self->family;
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(0, self->table.n);

	close(fd[0]);
	close(fd[1]);
	close(other);
	close(listener);
}

/* Another namespace's sockets are none of ours. */
TEST_F(diag, namespaces)
{
	struct xtcp_diag_req req = request_all();
	int fd;

	fd = open_listener(self->layer, 80, 7);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	EXPECT_EQ(0, self->table.n);
	close(fd);
}

/* Whoever knows a tag is half-way to forging: not for everybody. */
TEST_F(diag, tags_for_admins_only)
{
	struct xtcp_diag_req req = request_all();
	const struct xtcp_entry *e;
	int listener, fd[2];

	listener = open_listener(self->layer, 80, 7);
	ASSERT_EQ(0, open_pair(self->layer, listener, fd));
	ASSERT_EQ(0, setuid(NOBODY));
	ASSERT_EQ(0, xtcp_dump(&req, &self->table));
	e = find(&self->table, cookie_of(fd[0]));
	ASSERT_NE(NULL, e);
	EXPECT_NE(0, e->has & XTCP_DIAG_EXT(XTCP_DIAG_INFO));
	EXPECT_EQ(0, e->has & XTCP_DIAG_EXT(XTCP_DIAG_TAGS));
	EXPECT_EQ(0, e->info.xtcpi_tag);
	EXPECT_EQ(0, e->info.xtcpi_peer_tag);
}

/* Opens and closes connections until it is killed. */
static pid_t start_churn(int layer, int listener)
{
	pid_t pid = fork();
	int fd[64][2], i;

	if (pid)
		return pid;
	for (;;) {
		for (i = 0; i < 64; i++) {
			if (open_pair(layer, listener, fd[i]))
				_exit(1);
		}
		for (i = 0; i < 64; i++) {
			close(fd[i][1]);
			close(fd[i][0]);
		}
		usleep(1);	/* the others' turn, where the clock waits for the processor */
	}
}

/*
 * 10,000 sockets that exist throughout are in every dump, whatever else comes and goes. On
 * User Mode Linux, where they would take minutes, a thousand.
 */
TEST_F_TIMEOUT(diag, ten_thousand, 300)
{
	enum { BOUND = 8000, PAIRS = 1000, ALL = BOUND + 2 * PAIRS, ROUNDS = 5 };
	int share = getenv("XTCP_UML") ? 10 : 1;
	int bound = BOUND / share, pairs = PAIRS / share, all = ALL / share;
	struct xtcp_diag_req req = request_all();
	int listener, churn_listener, i, status;
	static uint64_t cookie[ALL];
	static int fd[ALL];
	pid_t churn;

	raise_limit();
	req.states &= ~(1U << STATE_TIME_WAIT);		/* the churn leaves thousands */
	listener = open_listener(self->layer, 80, 128);
	churn_listener = open_listener(self->layer, 81, 128);
	ASSERT_LE(0, churn_listener);
	for (i = 0; i < pairs; i++)
		ASSERT_EQ(0, open_pair(self->layer, listener, fd + bound + 2 * i));
	for (i = 0; i < bound; i++) {
		fd[i] = open_socket(self->layer, 10000 + i);
		ASSERT_LE(0, fd[i]);
	}
	for (i = 0; i < all; i++)
		cookie[i] = cookie_of(fd[i]);
	churn = start_churn(self->layer, churn_listener);
	ASSERT_LT(0, churn);
	for (i = 0; i < ROUNDS; i++) {
		xtcp_table_free(&self->table);
		ASSERT_EQ(0, xtcp_dump(&req, &self->table));
		EXPECT_EQ(0, count_missing(&self->table, cookie, all));
	}
	EXPECT_EQ(0, waitpid(churn, &status, WNOHANG))
		TH_LOG("the other process could not connect");
	kill(churn, SIGKILL);
	waitpid(churn, &status, 0);
}

static int send_request(struct mnl_socket *nl, const void *req, size_t len, int flags)
{
	char buf[256] = { };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = 1;
	memcpy(mnl_nlmsg_put_extra_header(nlh, len), req, len);
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + len;
	return mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

static struct mnl_socket *open_netlink(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_SOCK_DIAG);

	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(nl);
		return NULL;
	}
	return nl;
}

/*
 * One request; what came back is in the table. A get ends with its one answer,
 * a dump, or an error, with the message that says so.
 */
static int ask(const void *req, size_t len, int flags, struct xtcp_table *table)
{
	struct mnl_socket *nl = open_netlink();
	static char buf[65536];
	ssize_t n;
	int err;

	if (!nl)
		return -errno;
	memset(table, 0, sizeof(*table));
	table->pass = 1;
	err = send_request(nl, req, len, flags);
	while (!err && !table->done && !(table->n && !flags)) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0)
			err = -errno;
		else
			xtcp_table_feed(table, buf, n, 1);
	}
	mnl_socket_close(nl);
	return err ? err : table->err;
}

TEST_F(diag, get_by_cookie)
{
	struct xtcp_diag_req req = request_all();
	int listener, bound, fd[2], i;
	uint64_t cookie;

	listener = open_listener(self->layer, 80, 7);
	bound = open_socket(self->layer, 81);
	ASSERT_LE(0, bound);
	ASSERT_EQ(0, open_pair(self->layer, listener, fd));

	int all[] = { listener, bound, fd[0], fd[1] };

	for (i = 0; i < 4; i++) {
		cookie = cookie_of(all[i]);
		req.id.cookie[0] = cookie;
		req.id.cookie[1] = cookie >> 32;
		ASSERT_EQ(0, ask(&req, sizeof(req), 0, &self->table));
		ASSERT_EQ(1, self->table.n);
		EXPECT_EQ(cookie, xtcp_entry_cookie(self->table.entry));
		EXPECT_EQ(port_of(all[i]), ntohs(self->table.entry->msg.id.sport));
		xtcp_table_free(&self->table);
	}
	req.id.cookie[0] = 0x12345678;
	req.id.cookie[1] = 0x12345678;
	EXPECT_EQ(-ENOENT, ask(&req, sizeof(req), 0, &self->table));
	req.id.cookie[0] = 0;
	req.id.cookie[1] = 0;
	EXPECT_EQ(-EINVAL, ask(&req, sizeof(req), 0, &self->table));
}

TEST_F(diag, bad_requests)
{
	struct {
		struct xtcp_diag_req req;
		uint32_t more;
	} longer = { .req = request_all() };
	struct xtcp_diag_req req = request_all();
	int flags[] = { 0, NLM_F_DUMP }, i;
	size_t len;

	req.id.cookie[0] = 1;
	longer.req.id.cookie[0] = 1;
	for (i = 0; i < 2; i++) {
		/* the kernel's own check wants two bytes at least */
		for (len = 4; len < sizeof(req); len += 4)
			EXPECT_EQ(-EINVAL, ask(&req, len, flags[i], &self->table));
		EXPECT_EQ(-EINVAL, ask(&longer, sizeof(longer), flags[i], &self->table));

		req.sdiag_protocol = 6;
		EXPECT_EQ(-EINVAL, ask(&req, sizeof(req), flags[i], &self->table));
		req.sdiag_protocol = 0;
		req.pad = 1;
		EXPECT_EQ(-EINVAL, ask(&req, sizeof(req), flags[i], &self->table));
		req.pad = 0;
		req.family = AF_UNIX;
		EXPECT_EQ(-EINVAL, ask(&req, sizeof(req), flags[i], &self->table));
		req.family = 0;
	}
}

/*
 * A table is resized between two messages of a dump: the dump says so. The
 * resize is the kernel's to time; the table grows until one is seen.
 */
TEST_F_TIMEOUT(diag, resize_interrupts, 300)
{
	enum { FIRST = 200, STEP = 400, ROUNDS = 6 };
	struct xtcp_diag_req req = request_all();
	static char buf[65536];
	int listener, round, i, fd[2];
	bool interrupted = false;
	struct mnl_socket *nl;
	ssize_t n;

	raise_limit();
	listener = open_listener(self->layer, 80, 128);
	ASSERT_LE(0, listener);
	for (i = 0; i < FIRST; i++)
		ASSERT_EQ(0, open_pair(self->layer, listener, fd));
	for (round = 0; round < ROUNDS && !interrupted; round++) {
		nl = open_netlink();
		ASSERT_NE(NULL, nl);
		self->table.pass = 1;
		ASSERT_EQ(0, send_request(nl, &req, sizeof(req), NLM_F_DUMP));
		n = mnl_socket_recvfrom(nl, buf, 4096);	/* small: so are the kernel's steps */
		ASSERT_LT(0, n);
		xtcp_table_feed(&self->table, buf, n, 1);
		ASSERT_FALSE(self->table.done);
		for (i = 0; i < STEP; i++)
			ASSERT_EQ(0, open_pair(self->layer, listener, fd));
		while (!self->table.done) {
			n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
			ASSERT_LT(0, n);
			xtcp_table_feed(&self->table, buf, n, 1);
		}
		ASSERT_EQ(0, self->table.err);
		interrupted = self->table.interrupted;
		xtcp_table_free(&self->table);
		mnl_socket_close(nl);
	}
	EXPECT_TRUE(interrupted);
}

TEST_HARNESS_MAIN
