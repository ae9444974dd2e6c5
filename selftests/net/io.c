// SPDX-License-Identifier: GPL-2.0
/* Sending and receiving. */
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

TRANSPORT_FIXTURE(io)
TRANSPORT_SECOND_DOOR(io);

TEST_F(io, F3_bytes_in_order)
{
	char buf[16];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(3, send(fd[0], "abc", 3, 0));
	EXPECT_EQ(2, write(fd[0], "de", 2));
	EXPECT_EQ(1, sendto(fd[0], "f", 1, 0, NULL, 0));
	ASSERT_EQ(0, read_all(fd[1], buf, 6));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	EXPECT_EQ(2, write(fd[1], "gh", 2));
	ASSERT_EQ(2, recv(fd[0], buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "gh", 2));
}

TEST_F(io, short_reads_leave_the_rest)
{
	char buf[4];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(5, send(fd[0], "abcde", 5, 0));
	EXPECT_EQ(2, recv(fd[1], buf, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	EXPECT_EQ(3, recv(fd[1], buf, 4, 0));
	EXPECT_EQ(0, memcmp(buf, "cde", 3));
}

TEST_F(io, vectors)
{
	struct iovec out[3] = { { "ab", 2 }, { "", 0 }, { "cdef", 4 } };
	char first[3], second[8];
	struct iovec in[2] = { { first, 3 }, { second, 8 } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 3 };
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(6, writev(fd[0], out, 3));
	ASSERT_EQ(6, readv(fd[1], in, 2));
	EXPECT_EQ(0, memcmp(first, "abc", 3));
	EXPECT_EQ(0, memcmp(second, "def", 3));

	ASSERT_EQ(6, sendmsg(fd[0], &msg, 0));
	msg.msg_iov = in;
	msg.msg_iovlen = 2;
	ASSERT_EQ(6, recvmsg(fd[1], &msg, 0));
	EXPECT_EQ(0, memcmp(first, "abc", 3));
	EXPECT_EQ(0, memcmp(second, "def", 3));
	EXPECT_EQ(0, msg.msg_flags & ~MSG_CMSG_CLOEXEC);
}

TEST_F(io, many_messages_in_a_call)
{
	char text[4] = "wxyz", buf[4] = "";
	struct iovec out[2] = { { text, 2 }, { text + 2, 2 } };
	struct iovec in[2] = { { buf, 2 }, { buf + 2, 2 } };
	struct mmsghdr msg[2] = {
		{ .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &out[1], .msg_iovlen = 1 } },
	};
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(2, sendmmsg(fd[0], msg, 2, 0));
	msg[0].msg_hdr.msg_iov = &in[0];
	msg[1].msg_hdr.msg_iov = &in[1];
	ASSERT_EQ(2, recvmmsg(fd[1], msg, 2, MSG_WAITALL, NULL));
	EXPECT_EQ(0, memcmp(buf, "wxyz", 4));
}

TEST_F(io, name_of_recvfrom)
{
	union address addr;
	socklen_t len = sizeof(addr);
	char c;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	/* A stream has no sender's address to tell. */
	ASSERT_EQ(1, recvfrom(fd[1], &c, 1, 0, &addr.sa, &len));
	EXPECT_EQ(0U, len);
}

TEST_F(io, address_of_sendto_is_ignored)
{
	union address addr;
	socklen_t len = transport_address(self->t, PLACE_LOOPBACK, 9, &addr);
	char c;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(1, sendto(fd[0], "x", 1, 0, &addr.sa, len));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
}

TEST_F(io, MSG_PEEK_leaves_data)
{
	char buf[8];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(4, send(fd[0], "abcd", 4, 0));
	EXPECT_EQ(2, recv(fd[1], buf, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	EXPECT_EQ(4, recv(fd[1], buf, 8, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "abcd", 4));
	EXPECT_EQ(4, recv(fd[1], buf, 8, 0));
	EXPECT_EQ(0, memcmp(buf, "abcd", 4));
	EXPECT_ERRNO(EAGAIN, recv(fd[1], buf, 8, MSG_PEEK | MSG_DONTWAIT));
}

TEST_F(io, MSG_PEEK_over_several_buffers)
{
	char buf[4096], want[4096];
	int fd[2], i;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	for (i = 0; i < 64; i++) {
		memset(want + i * 64, i, 64);
		ASSERT_EQ(0, write_all(fd[0], want + i * 64, 64));
	}
	ASSERT_EQ(4096, recv(fd[1], buf, 4096, MSG_PEEK | MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, want, 4096));
	memset(buf, 0, sizeof(buf));
	ASSERT_EQ(4096, recv(fd[1], buf, 4096, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, want, 4096));
}

TEST_F(io, MSG_TRUNC_discards)
{
	char buf[8] = "------";
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(6, send(fd[0], "abcdef", 6, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	/* tcp(7): the bytes are thrown away, the buffer is not touched. */
	EXPECT_EQ(2, recv(fd[1], buf, 2, MSG_TRUNC));
	EXPECT_EQ(0, memcmp(buf, "------", 6));
	EXPECT_EQ(2, recv(fd[1], NULL, 2, MSG_TRUNC));
	EXPECT_EQ(2, recv(fd[1], buf, 8, 0));
	EXPECT_EQ(0, memcmp(buf, "ef", 2));
}

static void *late_writer(void *arg)
{
	int fd = *(int *)arg;

	usleep(50000);
	if (write_all(fd, "abc", 3))
		return "first half";
	usleep(50000);
	return write_all(fd, "def", 3) ? "second half" : NULL;
}

TEST_F(io, MSG_WAITALL_waits_for_all)
{
	pthread_t writer;
	void *failed;
	char buf[6];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pthread_create(&writer, NULL, late_writer, &fd[0]));
	EXPECT_EQ(6, recv(fd[1], buf, 6, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	pthread_join(writer, &failed);
	EXPECT_EQ(NULL, failed);
}

TEST_F(io, MSG_WAITALL_ends_with_the_stream)
{
	char buf[6];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(3, send(fd[0], "abc", 3, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(3, recv(fd[1], buf, 6, MSG_WAITALL));
	EXPECT_EQ(0, recv(fd[1], buf, 6, MSG_WAITALL));
}

TEST_F(io, without_waiting_EAGAIN)
{
	char c;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EAGAIN, recv(fd[0], &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, fcntl(fd[0], F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, recv(fd[0], &c, 1, 0));
	EXPECT_ERRNO(EAGAIN, read(fd[0], &c, 1));
	ASSERT_LT(0, fill(fd[0]));
	EXPECT_ERRNO(EAGAIN, write(fd[0], &c, 1));
}

TEST_F(io, zero_length)
{
	char c;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_EQ(0, send(fd[0], &c, 0, 0));
	EXPECT_EQ(0, write(fd[0], &c, 0));
	/* Nothing was sent: this is not the end of the stream. */
	EXPECT_ERRNO(EAGAIN, recv(fd[1], &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	EXPECT_EQ(0, recv(fd[1], &c, 0, 0));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
}

TEST_F(io, bad_memory_EFAULT)
{
	char c, *page;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EFAULT, send(fd[0], (void *)16, 10, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd[1], &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(POLLIN, wait_for(fd[1], POLLIN));
	EXPECT_ERRNO(EFAULT, recv(fd[1], (void *)16, 10, 0));
	/* The data is still there. */
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
	EXPECT_EQ('x', c);

	/* A page that nobody may touch after two good bytes. */
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, mprotect(page + 4096, 4096, PROT_NONE));
	EXPECT_GE(2, send(fd[0], page + 4094, 100, 0));	/* -1 or the good ones */
	/* The connection goes on. */
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	while (recv(fd[1], &c, 1, 0) == 1)
		;
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
}

TEST_F(io, MSG_MORE_is_followed)
{
	char buf[4];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(2, send(fd[0], "ab", 2, MSG_MORE));
	ASSERT_EQ(2, send(fd[0], "cd", 2, 0));
	ASSERT_EQ(4, recv(fd[1], buf, 4, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "abcd", 4));
	/* Not for ever. */
	ASSERT_EQ(2, send(fd[0], "ef", 2, MSG_MORE));
	ASSERT_EQ(2, recv(fd[1], buf, 4, 0));
	/* And close lets it go. */
	ASSERT_EQ(2, send(fd[0], "gh", 2, MSG_MORE));
	ASSERT_EQ(0, close(fd[0]));
	ASSERT_EQ(2, recv(fd[1], buf, 4, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "gh", 2));
}

TEST_F(io, queue_lengths)
{
	int fd[2], n;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(5, send(fd[0], "abcde", 5, 0));
	do {
		usleep(1000);
		ASSERT_EQ(0, ioctl(fd[1], SIOCINQ, &n));
	} while (n < 5);
	EXPECT_EQ(5, n);
	do {
		usleep(1000);
		ASSERT_EQ(0, ioctl(fd[0], SIOCOUTQ, &n));
	} while (n);
	ASSERT_LT(0, fill(fd[0]));
	ASSERT_EQ(0, ioctl(fd[0], SIOCOUTQ, &n));
	EXPECT_LT(0, n);
	ASSERT_EQ(0, ioctl(fd[0], SIOCOUTQNSD, &n));
	EXPECT_LT(0, n);
	EXPECT_ERRNO(ENOTTY, ioctl(fd[0], TCGETS, &n));
}

static volatile sig_atomic_t pipes;

static void on_pipe(int sig)
{
	pipes++;
}

TEST_F(io, SIGPIPE_and_EPIPE)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_NE(SIG_ERR, signal(SIGPIPE, on_pipe));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, pipes);
	EXPECT_ERRNO(EPIPE, send(fd[0], "x", 1, 0));
	EXPECT_EQ(1, pipes);
	EXPECT_ERRNO(EPIPE, write(fd[0], "x", 1));
	EXPECT_EQ(2, pipes);
}

TEST_F(io, nothing_in_the_error_queue_EAGAIN)
{
	char c;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	EXPECT_ERRNO(EAGAIN, recv(fd[0], &c, 1, MSG_ERRQUEUE));
}

/* A byte stream that both ends can make: xorshift32. */
struct stream {
	uint32_t state;
	int fd;
	size_t bytes;
	size_t chunk;		/* most bytes in a call */
};

static uint8_t stream_next(struct stream *s)
{
	s->state ^= s->state << 13;
	s->state ^= s->state >> 17;
	s->state ^= s->state << 5;
	return s->state;
}

static size_t stream_size(struct stream *s, size_t done)
{
	size_t n = 1 + (s->state >> 8) % s->chunk;

	return n < s->bytes - done ? n : s->bytes - done;
}

static void *stream_write(void *arg)
{
	struct stream *s = arg;
	size_t done, n, i;
	uint8_t *buf = malloc(s->chunk);

	for (done = 0; done < s->bytes; done += n) {
		n = stream_size(s, done);
		for (i = 0; i < n; i++)
			buf[i] = stream_next(s);
		if (write_all(s->fd, buf, n)) {
			perror("write");
			return "write";
		}
	}
	free(buf);
	return NULL;
}

static void *stream_read(void *arg)
{
	struct stream *s = arg;
	size_t done = 0;
	ssize_t n, i;
	uint8_t *buf = malloc(s->chunk);

	while (done < s->bytes) {
		n = recv(s->fd, buf, stream_size(s, done), 0);
		if (n <= 0) {
			perror("read");
			return "read";
		}
		for (i = 0; i < n; i++)
			if (buf[i] != stream_next(s))
				return "wrong byte";
		done += n;
	}
	free(buf);
	return NULL;
}

static void both_ways(struct __test_metadata *_metadata, int fd[2], size_t bytes, size_t chunk)
{
	struct stream s[4] = {
		{ 1, fd[0], bytes, chunk }, { 1, fd[1], bytes, chunk },
		{ 2, fd[1], bytes, chunk }, { 2, fd[0], bytes, chunk },
	};
	pthread_t thread[4];
	void *failed;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, i & 1 ? stream_read : stream_write,
					    &s[i]));
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], &failed);
		EXPECT_EQ(NULL, failed) TH_LOG("%s", (char *)failed);
	}
}

TEST_F(io, big_both_ways_at_once)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	both_ways(_metadata, fd, 4 << 20, 100000);
}

TEST_F(io, small_pieces_both_ways_at_once)
{
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	both_ways(_metadata, fd, 300000, 700);
}

TEST_F(io, big_through_small_buffers)
{
	int fd[2], i;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, set_int(fd[i], SOL_SOCKET, SO_SNDBUF, 1));
		ASSERT_EQ(0, set_int(fd[i], SOL_SOCKET, SO_RCVBUF, 1));
	}
	both_ways(_metadata, fd, 100000, 5000);
}

TEST_F(io, sendfile_and_splice)
{
	static char data[200000], buf[200000];
	int fd[2], file, tube[2];
	struct stream s = { .state = 3 };
	size_t i, got;
	ssize_t n;
	off_t at = 0;

	for (i = 0; i < sizeof(data); i++)
		data[i] = stream_next(&s);
	file = memfd_create("data", 0);
	ASSERT_LE(0, file);
	ASSERT_EQ((ssize_t)sizeof(data), write(file, data, sizeof(data)));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, pipe(tube));
	ASSERT_EQ(0, fcntl(fd[0], F_SETFL, O_NONBLOCK));
	for (got = 0; got < sizeof(data);) {
		while (sendfile(fd[0], file, &at, sizeof(data) - at) > 0)
			;
		n = splice(fd[1], NULL, tube[1], NULL, 10000, 0);
		ASSERT_LT(0, n);
		ASSERT_EQ(n, read(tube[0], buf + got, n));
		got += n;
	}
	EXPECT_EQ(0, memcmp(data, buf, sizeof(data)));
}

TEST_HARNESS_MAIN
