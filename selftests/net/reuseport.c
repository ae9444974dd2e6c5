// SPDX-License-Identifier: GPL-2.0
/* SO_REUSEPORT: several listeners at one port, and programs that choose one. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "transport.h"

#define GROUP	4
#define CLIENTS	64

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF	51
#define SO_ATTACH_REUSEPORT_EBPF	52
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF		68
#endif

TRANSPORT_FIXTURE(reuseport)
TRANSPORT_SECOND_DOOR(reuseport);

/* One more listener at @port; 0: at a new one. */
static int member(const struct transport *t, enum place place, int port)
{
	int fd = transport_socket(t, SOCK_NONBLOCK);

	if (set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1) || transport_bind(t, fd, place, port) ||
	    listen(fd, CLIENTS))
		return -1;
	return fd;
}

static int group(const struct transport *t, int *fd, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		fd[i] = member(t, PLACE_LOOPBACK, i ? transport_port(fd[0]) : 0);
		if (fd[i] < 0)
			return -1;
	}
	return 0;
}

/* The listener of @n that gets a new connection; -1: none. */
static int who_gets(const struct transport *t, const int *fd, int n)
{
	int client = transport_socket(t, 0), i, child, winner = -1;
	struct pollfd p[GROUP];

	if (transport_connect(t, client, PLACE_LOOPBACK, transport_port(fd[0])))
		return -1;
	for (i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = fd[i], .events = POLLIN };
	if (poll(p, n, -1) != 1)
		return -1;
	for (i = 0; i < n; i++) {
		child = accept(fd[i], NULL, NULL);
		if (child < 0)
			continue;
		winner = i;
		close(child);
	}
	close(client);
	return winner;
}

/* A classic program that always says @answer. */
static int attach_cbpf(int fd, uint32_t answer)
{
	struct sock_filter code = { BPF_RET | BPF_K, 0, 0, answer };
	struct sock_fprog prog = { 1, &code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog));
}

/* An extended one. */
static int load_ebpf(int answer)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)code,
		.insn_cnt = 2,
		.license = (uintptr_t)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

TEST_F(reuseport, everyone_gets_some)
{
	int fd[GROUP], count[GROUP] = { 0 }, i, who;

	ASSERT_EQ(0, group(self->t, fd, GROUP));
	for (i = 0; i < CLIENTS; i++) {
		who = who_gets(self->t, fd, GROUP);
		ASSERT_LE(0, who);
		count[who]++;
	}
	/* by chance one in 10^7 runs leaves one out */
	for (i = 0; i < GROUP; i++)
		EXPECT_LT(0, count[i]) TH_LOG("listener %d", i);
}

TEST_F(reuseport, a_classic_program_chooses)
{
	int fd[GROUP], i, k;

	ASSERT_EQ(0, group(self->t, fd, GROUP));
	/* attached to any of them it is the group's */
	for (k = 0; k < GROUP; k++) {
		ASSERT_EQ(0, attach_cbpf(fd[(k + 1) % GROUP], k));
		for (i = 0; i < 8; i++)
			EXPECT_EQ(k, who_gets(self->t, fd, GROUP));
	}
	/* an answer that is nobody's: as without a program */
	ASSERT_EQ(0, attach_cbpf(fd[0], GROUP));
	EXPECT_LE(0, who_gets(self->t, fd, GROUP));
	EXPECT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0));
	EXPECT_ERRNO(ENOENT, set_int(fd[1], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0));
	EXPECT_LE(0, who_gets(self->t, fd, GROUP));
}

TEST_F(reuseport, an_extended_program_chooses)
{
	int fd[GROUP], prog, i;

	ASSERT_EQ(0, group(self->t, fd, GROUP));
	prog = load_ebpf(2);
	ASSERT_LE(0, prog) TH_LOG("bpf: %s", strerror(errno));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, prog));
	close(prog);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(2, who_gets(self->t, fd, GROUP));
}

/* The program sees a SYN from behind its header on: nothing. */
TEST_F(reuseport, a_program_sees_no_header)
{
	struct sock_filter code[] = {
		{ BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 },
		{ BPF_JMP | BPF_JGE | BPF_K, 0, 1, 20 },
		{ BPF_RET | BPF_K, 0, 0, 1 },
		{ BPF_RET | BPF_K, 0, 0, 2 },
	};
	struct sock_fprog prog = { 4, code };
	int fd[GROUP], i;

	ASSERT_EQ(0, group(self->t, fd, GROUP));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
				sizeof(prog)));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(2, who_gets(self->t, fd, GROUP));
}

/* Attached before there is a group, it is the group's that the socket begins. */
TEST_F(reuseport, a_program_that_came_first)
{
	int fd[2], alone = transport_socket(self->t, 0), i;

	EXPECT_ERRNO(EINVAL, attach_cbpf(alone, 0));
	fd[0] = transport_socket(self->t, SOCK_NONBLOCK);
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_EQ(0, attach_cbpf(fd[0], 1));
	ASSERT_EQ(0, transport_bind(self->t, fd[0], PLACE_LOOPBACK, 0));
	ASSERT_EQ(0, listen(fd[0], CLIENTS));
	fd[1] = member(self->t, PLACE_LOOPBACK, transport_port(fd[0]));
	ASSERT_LE(0, fd[1]);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(1, who_gets(self->t, fd, 2));
}

/* Who listens no more has no group, and may bring a program for the next one. */
TEST_F(reuseport, a_program_between_two_groups)
{
	int fd = member(self->t, PLACE_LOOPBACK, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_EQ(0, attach_cbpf(fd, 0));
	EXPECT_EQ(0, listen(fd, CLIENTS));
}

/* Who has left gets nothing any more, and the others get all. */
TEST_F(reuseport, a_member_leaves_and_comes_back)
{
	int fd[GROUP], i, port;

	ASSERT_EQ(0, group(self->t, fd, GROUP));
	port = transport_port(fd[0]);
	ASSERT_EQ(0, attach_cbpf(fd[0], 0));
	EXPECT_EQ(0, who_gets(self->t, fd, GROUP));
	/* the last one takes its number */
	ASSERT_EQ(0, close(fd[0]));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(2, who_gets(self->t, fd + 1, GROUP - 1));
	ASSERT_EQ(0, shutdown(fd[3], SHUT_RD));
	for (i = 0; i < 8; i++)
		EXPECT_LE(0, who_gets(self->t, fd + 1, GROUP - 2));
	ASSERT_EQ(0, listen(fd[3], CLIENTS));
	fd[0] = member(self->t, PLACE_LOOPBACK, port);
	ASSERT_LE(0, fd[0]);
	for (i = 0; i < 8; i++)
		EXPECT_LE(0, who_gets(self->t, fd, GROUP));
}

/* An address of one's own counts more than a share of all. */
TEST_F(reuseport, groups_of_different_addresses)
{
	int fd[3], i;

	fd[0] = member(self->t, PLACE_ANY, 0);
	ASSERT_LE(0, fd[0]);
	fd[1] = member(self->t, PLACE_ANY, transport_port(fd[0]));
	fd[2] = member(self->t, PLACE_LOOPBACK, transport_port(fd[0]));
	ASSERT_LE(0, fd[1]);
	ASSERT_LE(0, fd[2]);
	ASSERT_EQ(0, attach_cbpf(fd[0], 1));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(2, who_gets(self->t, fd, 3));
	ASSERT_EQ(0, close(fd[2]));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(1, who_gets(self->t, fd, 2));
}

/* Many more than a group first has room for. */
TEST_F(reuseport, a_group_grows)
{
	int fd[300], i;

	fd[0] = member(self->t, PLACE_LOOPBACK, 0);
	for (i = 1; i < 300; i++) {
		fd[i] = member(self->t, PLACE_LOOPBACK, transport_port(fd[0]));
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, attach_cbpf(fd[7], 299));
	ASSERT_EQ(0, who_gets(self->t, fd + 299, 1));
	for (i = 0; i < 300; i++)
		close(fd[i]);
}

TEST_HARNESS_MAIN
