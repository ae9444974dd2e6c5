// SPDX-License-Identifier: GPL-2.0
/* splice(), vmsplice() and sendfile(): data that goes past the program. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "transport.h"

#define LARGE	(5 * 1000 * 1000 + 7)

TRANSPORT_FIXTURE(splice)
TRANSPORT_SECOND_DOOR(splice);

/* Byte @i of a stream: no page, and no segment, looks like another. */
static uint8_t byte_at(size_t i)
{
	return i * 7 + (i >> 8) * 13 + (i >> 16) * 31;
}

/* A file of @len bytes, at its beginning. */
static int file_of(size_t len)
{
	int fd = memfd_create("splice", 0);
	uint8_t *map;
	size_t i;

	if (fd < 0 || ftruncate(fd, len))
		return -1;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	for (i = 0; i < len; i++)
		map[i] = byte_at(i);
	munmap(map, len);
	return fd;
}

static int read_full(int fd, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = read(fd, p, len);
		if (n <= 0)
			return -1;
	}
	return 0;
}

/* Wait until so many bytes can be read. */
static int wait_inq(int fd, int bytes)
{
	int inq = 0;

	while (inq < bytes) {
		if (ioctl(fd, SIOCINQ, &inq))
			return -1;
		usleep(1000);
	}
	return inq;
}

/* One end of a connection that is to receive @len bytes, and then the end. */
struct reader {
	int fd;
	size_t len;
	bool by_splice;
	pthread_t thread;
};

static const char *check(const uint8_t *buf, size_t n, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (buf[i] != byte_at(at + i))
			return "a wrong byte";
	return NULL;
}

static void *read_checked(void *arg)
{
	static uint8_t buf[100000];
	struct reader *r = arg;
	size_t sum = 0;
	int p[2];

	if (r->by_splice && pipe(p))
		return "pipe";
	for (;;) {
		ssize_t n = r->by_splice ? splice(r->fd, NULL, p[1], NULL, sizeof(buf), 0) :
					   recv(r->fd, buf, sizeof(buf), 0);
		const char *wrong;

		if (n < 0)
			return r->by_splice ? "splice" : "recv";
		if (!n)
			break;
		if (r->by_splice && read_full(p[0], buf, n))
			return "read";
		wrong = check(buf, n, sum);
		if (wrong)
			return (void *)wrong;
		sum += n;
	}
	return sum == r->len ? NULL : "not as many bytes as were sent";
}

TEST_F(splice, sendfile_of_a_large_file)
{
	struct reader r = { .len = LARGE };
	int file = file_of(LARGE), fd[2];
	off_t at = 0;
	void *wrong;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, transport_pair(self->t, fd));
	r.fd = fd[1];
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, read_checked, &r));
	while (at < LARGE)
		ASSERT_LT(0, sendfile(fd[0], file, &at, 1 << 20));
	EXPECT_EQ(0, sendfile(fd[0], file, &at, 1));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	pthread_join(r.thread, &wrong);
	EXPECT_EQ(NULL, wrong) TH_LOG("%s", (char *)wrong);
}

/* scp and nginx: a header first, held back until the file comes. */
TEST_F(splice, sendfile_behind_a_header)
{
	int file = file_of(3000), fd[2];
	uint8_t buf[3010];
	off_t at = 0;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(10, send(fd[0], "0123456789", 10, MSG_MORE));
	ASSERT_EQ(3000, sendfile(fd[0], file, &at, 3000));
	ASSERT_EQ(0, read_all(fd[1], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "0123456789", 10));
	EXPECT_EQ(NULL, check(buf + 10, 3000, 0));
}

static int notsent(int fd)
{
	int bytes = -1;

	return ioctl(fd, SIOCOUTQNSD, &bytes) ? -1 : bytes;
}

/* Who asks for more than there is does not promise it: nothing waits when the call is back. */
TEST_F(splice, sendfile_beyond_the_end)
{
	static uint8_t buf[3010];
	int file = file_of(3000), fd[2], half;
	off_t at = 0;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	/* on the wire a small segment would wait for the one before (D12) */
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_NODELAY, 1));
	for (half = 0; half < 2; half++) {
		at = 0;
		ASSERT_EQ(3000, sendfile(fd[0], file, &at, 100000));
		EXPECT_EQ(0, notsent(fd[0]));
		ASSERT_EQ(0, read_all(fd[1], buf, 3000));
		EXPECT_EQ(NULL, check(buf, 3000, 0));

		/* behind a header that promised it */
		at = 0;
		ASSERT_EQ(10, send(fd[0], "0123456789", 10, MSG_MORE));
		EXPECT_EQ(10, notsent(fd[0]));
		ASSERT_EQ(3000, sendfile(fd[0], file, &at, 100000));
		EXPECT_EQ(0, notsent(fd[0]));
		ASSERT_EQ(0, read_all(fd[1], buf, 3010));
		EXPECT_EQ(0, memcmp(buf, "0123456789", 10));
		/* the second time in CLOSE-WAIT */
		ASSERT_TRUE(half || !shutdown(fd[1], SHUT_WR));
		ASSERT_LT(0, wait_for(fd[0], POLLRDHUP));
	}

	/* the program's own cork holds on */
	at = 0;
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_CORK, 1));
	ASSERT_EQ(3000, sendfile(fd[0], file, &at, 100000));
	EXPECT_EQ(3000, notsent(fd[0]));
	ASSERT_EQ(0, set_int(fd[0], self->t->level, TCP_CORK, 0));
	EXPECT_EQ(0, notsent(fd[0]));
	ASSERT_EQ(0, read_all(fd[1], buf, 3000));
}

/* A peer that does not read yet: the offset tells how far it came. */
TEST_F(splice, sendfile_takes_what_fits)
{
	int file = file_of(LARGE), fd[2];
	struct reader r = { };
	off_t at = 0;
	void *wrong;
	ssize_t n;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, fcntl(fd[0], F_SETFL, O_NONBLOCK));
	while ((n = sendfile(fd[0], file, &at, LARGE - at)) > 0)
		;
	ASSERT_GT(LARGE, at);
	EXPECT_EQ(-1, n);
	EXPECT_EQ(EAGAIN, errno);
	r.fd = fd[1];
	r.len = LARGE;
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, read_checked, &r));
	while (at < LARGE) {
		ASSERT_LT(0, wait_for(fd[0], POLLOUT));
		n = sendfile(fd[0], file, &at, LARGE - at);
		ASSERT_TRUE(n > 0 || errno == EAGAIN);
	}
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	pthread_join(r.thread, &wrong);
	EXPECT_EQ(NULL, wrong) TH_LOG("%s", (char *)wrong);
}

TEST_F(splice, sendfile_to_nobody)
{
	struct linger abort = { .l_onoff = 1 };
	int file = file_of(100), fd[2];
	off_t at = 0;

	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(EPIPE, sendfile(transport_socket(self->t, 0), file, &at, 10));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	close(fd[1]);
	ASSERT_LT(0, wait_for(fd[0], POLLERR));
	EXPECT_ERRNO(ECONNRESET, sendfile(fd[0], file, &at, 10));
	EXPECT_ERRNO(EPIPE, sendfile(fd[0], file, &at, 10));
}

TEST_F(splice, from_a_connection)
{
	struct reader r = { .len = LARGE, .by_splice = true };
	static uint8_t buf[70001];
	size_t at, i, n;
	int fd[2];
	void *wrong;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	r.fd = fd[1];
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, read_checked, &r));
	for (at = 0; at < LARGE; at += n) {
		n = LARGE - at < sizeof(buf) ? LARGE - at : sizeof(buf);
		for (i = 0; i < n; i++)
			buf[i] = byte_at(at + i);
		ASSERT_EQ(0, write_all(fd[0], buf, n));
	}
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	pthread_join(r.thread, &wrong);
	EXPECT_EQ(NULL, wrong) TH_LOG("%s", (char *)wrong);
}

static void *forward(void *arg)
{
	int *fd = arg, p[2];
	ssize_t n, m;

	if (pipe(p))
		return "pipe";
	while ((n = splice(fd[0], NULL, p[1], NULL, 65536, SPLICE_F_MOVE | SPLICE_F_MORE)) > 0)
		for (; n; n -= m) {
			m = splice(p[0], NULL, fd[1], NULL, n, SPLICE_F_MOVE);
			if (m <= 0)
				return "splice to the socket";
		}
	return n || shutdown(fd[1], SHUT_WR) ? "splice from the socket" : NULL;
}

/* haproxy: from a connection to another, and none of it is copied to the program. */
TEST_F(splice, from_a_connection_to_another)
{
	int file = file_of(LARGE), in[2], out[2], ends[2];
	struct reader r = { .len = LARGE };
	pthread_t proxy;
	off_t at = 0;
	void *wrong;

	ASSERT_EQ(0, transport_pair(self->t, in));
	ASSERT_EQ(0, transport_pair(self->t, out));
	ends[0] = in[1];
	ends[1] = out[0];
	r.fd = out[1];
	ASSERT_EQ(0, pthread_create(&proxy, NULL, forward, ends));
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, read_checked, &r));
	while (at < LARGE)
		ASSERT_LT(0, sendfile(in[0], file, &at, LARGE - at));
	ASSERT_EQ(0, shutdown(in[0], SHUT_WR));
	pthread_join(proxy, &wrong);
	EXPECT_EQ(NULL, wrong) TH_LOG("%s", (char *)wrong);
	pthread_join(r.thread, &wrong);
	EXPECT_EQ(NULL, wrong) TH_LOG("%s", (char *)wrong);
}

/* Odd parts of pages of the program's own. */
TEST_F(splice, vmsplice_to_a_connection)
{
	static uint8_t data[60000], got[60000];
	static const size_t parts[] = { 1, 4095, 4097, 30000, 10, 20000 };
	size_t i, at = 0;
	int fd[2], p[2];

	for (i = 0; i < sizeof(data); i++)
		data[i] = byte_at(i);
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct iovec iov = { data + at, parts[i] };

		ASSERT_EQ((ssize_t)parts[i], vmsplice(p[1], &iov, 1, 0));
		ASSERT_EQ((ssize_t)parts[i], splice(p[0], NULL, fd[0], NULL, parts[i], 0));
		ASSERT_EQ(0, read_all(fd[1], got + at, parts[i]));
		at += parts[i];
	}
	EXPECT_EQ(0, memcmp(data, got, at));
}

TEST_F(splice, does_not_wait_when_it_may_not)
{
	int fd[2], p[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, set_time(fd[1], SO_RCVTIMEO, 100));
	EXPECT_ERRNO(EAGAIN, splice(fd[1], NULL, p[1], NULL, 100, 0));
	ASSERT_EQ(0, fcntl(fd[1], F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, splice(fd[1], NULL, p[1], NULL, 100, 0));
	/* SO_RCVLOWAT is for recv() and poll() */
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 50));
	ASSERT_EQ(3, send(fd[0], "abc", 3, 0));
	ASSERT_EQ(3, wait_inq(fd[1], 3));
	EXPECT_EQ(3, splice(fd[1], NULL, p[1], NULL, 100, 0));
}

/* A pipe of one page: what does not fit stays in the socket. */
TEST_F(splice, takes_what_the_pipe_holds)
{
	static uint8_t data[20000], got[20000];
	size_t i, at = 0;
	int fd[2], p[2];
	ssize_t n;

	for (i = 0; i < sizeof(data); i++)
		data[i] = byte_at(i);
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(4096, fcntl(p[1], F_SETPIPE_SZ, 4096));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	ASSERT_EQ((int)sizeof(data), wait_inq(fd[1], sizeof(data)));
	while (at < sizeof(data)) {
		n = splice(fd[1], NULL, p[1], NULL, sizeof(data), SPLICE_F_NONBLOCK);
		ASSERT_LT(0, n);
		ASSERT_GE(sizeof(data) - at, (size_t)n);
		EXPECT_ERRNO(EAGAIN, splice(fd[1], NULL, p[1], NULL, 1, SPLICE_F_NONBLOCK));
		ASSERT_EQ(0, read_full(p[0], got + at, n));
		at += n;
	}
	EXPECT_EQ(0, memcmp(data, got, at));
	EXPECT_EQ(0, splice(fd[1], NULL, p[1], NULL, 1, 0));
}

TEST_F(splice, after_a_part_was_read_or_peeked_at)
{
	char buf[16] = "";
	int fd[2], p[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(10, send(fd[0], "0123456789", 10, 0));
	ASSERT_EQ(10, wait_inq(fd[1], 10));
	ASSERT_EQ(2, recv(fd[1], buf, 2, 0));
	ASSERT_EQ(4, recv(fd[1], buf, 4, MSG_PEEK));
	EXPECT_EQ(3, splice(fd[1], NULL, p[1], NULL, 3, 0));
	EXPECT_EQ(5, splice(fd[1], NULL, p[1], NULL, 100, 0));
	ASSERT_EQ(8, read(p[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("23456789", buf, 8));
}

TEST_F(splice, the_end)
{
	struct linger abort = { .l_onoff = 1 };
	int fd[2], p[2], listener;

	ASSERT_EQ(0, pipe(p));
	EXPECT_ERRNO(ENOTCONN, splice(transport_socket(self->t, 0), NULL, p[1], NULL, 1, 0));
	listener = transport_listener(self->t, 1);
	EXPECT_ERRNO(ENOTCONN, splice(listener, NULL, p[1], NULL, 1, 0));

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(1, splice(fd[1], NULL, p[1], NULL, 100, 0));
	EXPECT_EQ(0, splice(fd[1], NULL, p[1], NULL, 100, 0));

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	close(fd[0]);
	ASSERT_LT(0, wait_for(fd[1], POLLERR));
	EXPECT_ERRNO(ECONNRESET, splice(fd[1], NULL, p[1], NULL, 100, 0));
	EXPECT_EQ(0, splice(fd[1], NULL, p[1], NULL, 100, 0));
}

/* D8: the mark stops it, with the byte inline or not, until recv() has passed. */
TEST_F(splice, D8_stops_at_the_urgent_byte)
{
	char buf[16] = "";
	int fd[2], p[2], inline_too, mark;

	for (inline_too = 0; inline_too < 2; inline_too++) {
		ASSERT_EQ(0, transport_pair(self->t, fd));
		ASSERT_EQ(0, pipe(p));
		ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_OOBINLINE, inline_too));
		ASSERT_EQ(3, send(fd[0], "abU", 3, MSG_OOB));
		ASSERT_EQ(2, send(fd[0], "cd", 2, 0));
		ASSERT_LT(0, wait_for(fd[1], POLLPRI));
		EXPECT_EQ(2, splice(fd[1], NULL, p[1], NULL, 100, 0));
		EXPECT_EQ(0, splice(fd[1], NULL, p[1], NULL, 100, 0));
		ASSERT_EQ(0, ioctl(fd[1], SIOCATMARK, &mark));
		EXPECT_EQ(1, mark);
		EXPECT_EQ(1, recv(fd[1], buf, 1, inline_too ? 0 : MSG_OOB));
		EXPECT_EQ('U', buf[0]);
		/* recv() passes over it on its way to the next */
		ASSERT_EQ(1, recv(fd[1], buf, 1, inline_too ? MSG_PEEK : 0));
		EXPECT_EQ(2 - !inline_too, splice(fd[1], NULL, p[1], NULL, 100, 0));
		close(fd[0]);
		close(fd[1]);
	}
}

/* D8: 0 would be the end of the stream to a program that does not wait. */
TEST_F(splice, D8_at_the_urgent_byte_EAGAIN)
{
	struct linger abort = { .l_onoff = 1 };
	char buf[16];
	int fd[2], p[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, fcntl(fd[1], F_SETFL, O_NONBLOCK));
	ASSERT_EQ(1, send(fd[0], "U", 1, MSG_OOB));
	ASSERT_LT(0, wait_for(fd[1], POLLPRI));
	EXPECT_ERRNO(EAGAIN, splice(fd[1], NULL, p[1], NULL, 100, 0));
	ASSERT_EQ(2, send(fd[0], "cd", 2, 0));
	ASSERT_LT(0, wait_for(fd[1], POLLIN));
	EXPECT_ERRNO(EAGAIN, splice(fd[1], NULL, p[1], NULL, 100, 0));
	ASSERT_EQ(1, recv(fd[1], buf, 1, 0));
	EXPECT_EQ(1, splice(fd[1], NULL, p[1], NULL, 100, 0));

	/* nor does it hide how the connection has ended */
	ASSERT_EQ(1, send(fd[0], "U", 1, MSG_OOB));
	ASSERT_LT(0, wait_for(fd[1], POLLPRI));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	close(fd[0]);
	ASSERT_LT(0, wait_for(fd[1], POLLERR));
	EXPECT_ERRNO(ECONNRESET, splice(fd[1], NULL, p[1], NULL, 100, 0));
	close(fd[1]);
}

static void *send_late(void *arg)
{
	usleep(100000);
	return send(*(int *)arg, "x", 1, 0) == 1 ? NULL : "send";
}

TEST_F(splice, waits_for_the_first_byte)
{
	pthread_t thread;
	void *failed;
	int fd[2], p[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_late, &fd[0]));
	EXPECT_EQ(1, splice(fd[1], NULL, p[1], NULL, 1, 0));
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
}

/* Pages that a pipe holds are no longer the socket's: both ends go, and they stay. */
TEST_F(splice, outlives_the_connection)
{
	static uint8_t data[30000], got[30000];
	int fd[2], p[2];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = byte_at(i);
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, write_all(fd[0], data, sizeof(data)));
	for (i = 0; i < sizeof(data);) {
		ssize_t n = splice(fd[1], NULL, p[1], NULL, sizeof(data) - i, 0);

		ASSERT_LT(0, n);
		i += n;
	}
	close(fd[0]);
	close(fd[1]);
	ASSERT_EQ(0, read_full(p[0], got, sizeof(got)));
	EXPECT_EQ(0, memcmp(data, got, sizeof(data)));
}

TEST_HARNESS_MAIN
