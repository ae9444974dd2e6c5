// SPDX-License-Identifier: GPL-2.0
/* io_uring: connect, accept, send and recv without waiting for any of them, and zero-copy. */
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "kselftest_harness.h"
#include "transport.h"

#define ENTRIES	64

TRANSPORT_FIXTURE(uring)
TRANSPORT_SECOND_DOOR(uring);

struct ring {
	int fd;
	uint8_t *sq, *cq;
	struct io_uring_sqe *sqes;
	struct io_uring_params p;
};

static _Atomic uint32_t *at(uint8_t *base, uint32_t offset)
{
	return (_Atomic uint32_t *)(base + offset);
}

/* 0; -1: the kernel has none, or has switched it off. */
static int setup(struct ring *r)
{
	size_t sq, cq;

	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, ENTRIES, &r->p);
	if (r->fd < 0)
		return -1;
	sq = r->p.sq_off.array + r->p.sq_entries * sizeof(uint32_t);
	cq = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	r->sq = mmap(NULL, sq, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	r->cq = mmap(NULL, cq, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, r->p.sq_entries * sizeof(*r->sqes), PROT_READ | PROT_WRITE,
		       MAP_SHARED, r->fd, IORING_OFF_SQES);
	return r->sq == MAP_FAILED || r->cq == MAP_FAILED || r->sqes == MAP_FAILED ? -1 : 0;
}

/* Hand over one request, with its number in user_data. */
static int submit(struct ring *r, const struct io_uring_sqe *sqe)
{
	uint32_t tail = *at(r->sq, r->p.sq_off.tail);
	uint32_t i = tail & *at(r->sq, r->p.sq_off.ring_mask);

	r->sqes[i] = *sqe;
	*at(r->sq, r->p.sq_off.array + i * sizeof(uint32_t)) = i;
	*at(r->sq, r->p.sq_off.tail) = tail + 1;
	return syscall(SYS_io_uring_enter, r->fd, 1, 0, 0, NULL, 0) == 1 ? 0 : -1;
}

/* The next answer, which is waited for. */
static int answer(struct ring *r, struct io_uring_cqe *cqe)
{
	uint32_t head = *at(r->cq, r->p.cq_off.head);

	while (head == *at(r->cq, r->p.cq_off.tail))
		if (syscall(SYS_io_uring_enter, r->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
			return -1;
	*cqe = ((struct io_uring_cqe *)(r->cq + r->p.cq_off.cqes))
		[head & *at(r->cq, r->p.cq_off.ring_mask)];
	*at(r->cq, r->p.cq_off.head) = head + 1;
	return 0;
}

static bool is_quiet(struct ring *r)
{
	return *at(r->cq, r->p.cq_off.head) == *at(r->cq, r->p.cq_off.tail);
}

static struct io_uring_sqe request(int opcode, int fd, const void *addr, uint32_t len,
				   uint64_t number)
{
	return (struct io_uring_sqe){ .opcode = opcode, .fd = fd, .addr = (uintptr_t)addr,
				      .len = len, .user_data = number };
}

TEST_F(uring, connect_accept_send_recv)
{
	int door = transport_listener(self->t, 1), fd = transport_socket(self->t, 0);
	int child = -1, connected = 0, i;
	struct io_uring_sqe sqe;
	struct io_uring_cqe cqe;
	union address addr;
	struct ring r;
	char buf[8];

	if (setup(&r))
		SKIP(return, "no io_uring: %s", strerror(errno));
	sqe = request(IORING_OP_ACCEPT, door, NULL, 0, 1);
	ASSERT_EQ(0, submit(&r, &sqe));
	EXPECT_TRUE(is_quiet(&r));
	sqe = request(IORING_OP_CONNECT, fd, &addr, 0, 2);
	sqe.off = transport_address(self->t, PLACE_LOOPBACK, transport_port(door), &addr);
	ASSERT_EQ(0, submit(&r, &sqe));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, answer(&r, &cqe));
		ASSERT_LE(0, cqe.res) TH_LOG("%s", strerror(-cqe.res));
		if (cqe.user_data == 1)
			child = cqe.res;
		else
			connected++;
	}
	ASSERT_LE(0, child);
	EXPECT_EQ(1, connected);

	sqe = request(IORING_OP_RECV, child, buf, sizeof(buf), 3);
	ASSERT_EQ(0, submit(&r, &sqe));
	EXPECT_TRUE(is_quiet(&r));
	sqe = request(IORING_OP_SEND, fd, "hello", 5, 4);
	ASSERT_EQ(0, submit(&r, &sqe));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, answer(&r, &cqe));
		EXPECT_EQ(5, cqe.res);
	}
	EXPECT_EQ(0, memcmp(buf, "hello", 5));

	/* the end of the stream, and a refused connection */
	sqe = request(IORING_OP_RECV, child, buf, sizeof(buf), 5);
	ASSERT_EQ(0, submit(&r, &sqe));
	close(fd);
	ASSERT_EQ(0, answer(&r, &cqe));
	EXPECT_EQ(0, cqe.res);
	sqe = request(IORING_OP_CONNECT, transport_socket(self->t, 0), &addr, 0, 6);
	sqe.off = transport_address(self->t, PLACE_LOOPBACK, transport_refused(self->t), &addr);
	ASSERT_EQ(0, submit(&r, &sqe));
	ASSERT_EQ(0, answer(&r, &cqe));
	EXPECT_EQ(-ECONNREFUSED, cqe.res);
}

/* A connection that stays in SYN-SENT can be called off. */
TEST_F(uring, a_connect_is_cancelled)
{
	int full = transport_full(self->t), fd = transport_socket(self->t, 0), i;
	struct io_uring_sqe sqe;
	struct io_uring_cqe cqe;
	union address addr;
	struct ring r;

	if (setup(&r))
		SKIP(return, "no io_uring: %s", strerror(errno));
	ASSERT_LE(0, full);
	sqe = request(IORING_OP_CONNECT, fd, &addr, 0, 1);
	sqe.off = transport_address(self->t, PLACE_LOOPBACK, transport_port(full), &addr);
	ASSERT_EQ(0, submit(&r, &sqe));
	EXPECT_TRUE(is_quiet(&r));
	sqe = request(IORING_OP_ASYNC_CANCEL, -1, (void *)1, 0, 2);
	ASSERT_EQ(0, submit(&r, &sqe));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, answer(&r, &cqe));
		EXPECT_EQ(cqe.user_data == 1 ? -ECANCELED : 0, cqe.res);
	}
}

TEST_F(uring, multishot_accept)
{
	int door = transport_listener(self->t, 8), i;
	struct io_uring_sqe sqe;
	struct io_uring_cqe cqe;
	struct ring r;

	if (setup(&r))
		SKIP(return, "no io_uring: %s", strerror(errno));
	sqe = request(IORING_OP_ACCEPT, door, NULL, 0, 1);
	sqe.ioprio = IORING_ACCEPT_MULTISHOT;
	ASSERT_EQ(0, submit(&r, &sqe));
	for (i = 0; i < 5; i++) {
		int fd = transport_socket(self->t, 0);

		ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK,
					       transport_port(door)));
		ASSERT_EQ(0, answer(&r, &cqe));
		ASSERT_LE(0, cqe.res) TH_LOG("%s", strerror(-cqe.res));
		EXPECT_NE(0U, cqe.flags & IORING_CQE_F_MORE);
		EXPECT_EQ(1, send(cqe.res, "x", 1, 0));
	}
}

/* One request for many arrivals, each into a buffer of a group. */
TEST_F(uring, multishot_recv)
{
	static char buffers[16][100];
	struct io_uring_sqe sqe;
	struct io_uring_cqe cqe;
	int fd[2], i, which;
	struct ring r;

	if (setup(&r))
		SKIP(return, "no io_uring: %s", strerror(errno));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	sqe = request(IORING_OP_PROVIDE_BUFFERS, 16, buffers, sizeof(buffers[0]), 1);
	sqe.buf_group = 7;
	ASSERT_EQ(0, submit(&r, &sqe));
	ASSERT_EQ(0, answer(&r, &cqe));
	ASSERT_LE(0, cqe.res);

	sqe = request(IORING_OP_RECV, fd[1], NULL, 0, 2);
	sqe.ioprio = IORING_RECV_MULTISHOT;
	sqe.flags = IOSQE_BUFFER_SELECT;
	sqe.buf_group = 7;
	ASSERT_EQ(0, submit(&r, &sqe));
	for (i = 0; i < 5; i++) {
		char c = 'a' + i;

		ASSERT_EQ(1, send(fd[0], &c, 1, 0));
		ASSERT_EQ(0, answer(&r, &cqe));
		ASSERT_EQ(1, cqe.res) TH_LOG("%s", strerror(-cqe.res));
		EXPECT_NE(0U, cqe.flags & IORING_CQE_F_MORE);
		ASSERT_NE(0U, cqe.flags & IORING_CQE_F_BUFFER);
		which = cqe.flags >> IORING_CQE_BUFFER_SHIFT;
		EXPECT_EQ(c, buffers[which][0]);
	}
	close(fd[0]);
	ASSERT_EQ(0, answer(&r, &cqe));
	EXPECT_EQ(0, cqe.res);
	EXPECT_EQ(0U, cqe.flags & IORING_CQE_F_MORE);
}

/* Two answers: how much was taken, and when the pages are free. */
static void send_zc(struct __test_metadata *_metadata, struct ring *r, int fd[2], size_t len,
		    bool registered)
{
	uint8_t *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov = { data, len };
	uint8_t *got = malloc(len);
	struct io_uring_sqe sqe;
	struct io_uring_cqe cqe;
	size_t i, sent = 0;
	bool told = false;

	for (i = 0; i < len; i++)
		data[i] = i * 7 + (i >> 8);
	if (registered) {
		ASSERT_EQ(0, syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_BUFFERS, &iov,
				     1));
	}
	sqe = request(IORING_OP_SEND_ZC, fd[0], data, len, 9);
	sqe.msg_flags = MSG_WAITALL;
	sqe.ioprio = registered ? IORING_RECVSEND_FIXED_BUF : 0;
	ASSERT_EQ(0, submit(r, &sqe));
	ASSERT_EQ(0, read_all(fd[1], got, len));
	EXPECT_EQ(0, memcmp(data, got, len));
	while (!told) {
		ASSERT_EQ(0, answer(r, &cqe));
		if (cqe.flags & IORING_CQE_F_NOTIF) {
			told = true;
		} else {
			ASSERT_LE(0, cqe.res) TH_LOG("%s", strerror(-cqe.res));
			EXPECT_NE(0U, cqe.flags & IORING_CQE_F_MORE);
			sent += cqe.res;
		}
	}
	EXPECT_EQ(len, sent);
	if (registered) {
		ASSERT_EQ(0, syscall(SYS_io_uring_register, r->fd, IORING_UNREGISTER_BUFFERS, NULL,
				     0));
	}
	munmap(data, len);
	free(got);
}

TEST_F(uring, zero_copy_send)
{
	struct ring r;
	int fd[2];

	if (setup(&r))
		SKIP(return, "no io_uring: %s", strerror(errno));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	send_zc(_metadata, &r, fd, 100, false);
	send_zc(_metadata, &r, fd, 150001, false);
	/* pages that are pinned once for all */
	send_zc(_metadata, &r, fd, 100, true);
	send_zc(_metadata, &r, fd, 150001, true);
}

/* The ring goes while requests wait: nothing is left behind. */
TEST_F(uring, closed_in_the_middle)
{
	int door = transport_listener(self->t, 1), fd[2];
	struct io_uring_sqe sqe;
	struct ring r;
	char buf[8];

	if (setup(&r))
		SKIP(return, "no io_uring: %s", strerror(errno));
	ASSERT_EQ(0, transport_pair(self->t, fd));
	sqe = request(IORING_OP_ACCEPT, door, NULL, 0, 1);
	ASSERT_EQ(0, submit(&r, &sqe));
	sqe = request(IORING_OP_RECV, fd[0], buf, sizeof(buf), 2);
	ASSERT_EQ(0, submit(&r, &sqe));
	close(fd[0]);
	close(door);
	close(r.fd);
	EXPECT_EQ(1, send(fd[1], "x", 1, MSG_NOSIGNAL));
}

TEST_HARNESS_MAIN
