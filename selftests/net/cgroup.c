// SPDX-License-Identifier: GPL-2.0
/*
 * Control groups. What BPF programs say of sockets that containers and services create,
 * bind and connect has to hold for XTCP as it does for TCP; and what memory their
 * connections take is theirs.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "kselftest_harness.h"
#include "transport.h"

#define ALLOW		1
#define DENY		0
#define ANY_PORT	3	/* allow, and no privilege is needed for the port */

#define ROOT	"/tmp/xtcp-cgroup"
#define GROUP	ROOT "/xtcp-test"

FIXTURE(cgroup) {
	const struct transport *t;
	int dir;
};

FIXTURE_VARIANT(cgroup) {
	struct transport t;
};

FIXTURE_VARIANT_ADD(cgroup, tcp_ipv4) {
	.t = { AF_INET, IPPROTO_TCP, AF_INET, SOL_TCP },
};

FIXTURE_VARIANT_ADD(cgroup, tcp_ipv6) {
	.t = { AF_INET6, IPPROTO_TCP, AF_INET6, SOL_TCP },
};

FIXTURE_VARIANT_ADD(cgroup, xtcp_ipv4) {
	.t = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },
};

FIXTURE_VARIANT_ADD(cgroup, xtcp_ipv6) {
	.t = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },
};

TRANSPORT_SECOND_DOOR(cgroup);

static int join(const char *group)
{
	char path[64];
	int fd, n;

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, "0", 1);
	close(fd);
	return n == 1 ? 0 : -1;
}

FIXTURE_SETUP(cgroup)
{
	self->t = &variant->t;
	ASSERT_EQ(0, transport_isolate());
	mkdir(ROOT, 0700);
	ASSERT_EQ(0, mount("none", ROOT, "cgroup2", 0, NULL)) TH_LOG("no cgroup2");
	mkdir(GROUP, 0700);
	self->dir = open(GROUP, O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, self->dir);
	ASSERT_EQ(0, join(GROUP));
}

FIXTURE_TEARDOWN(cgroup)
{
	join(ROOT);
	close(self->dir);
	rmdir(GROUP);
	umount(ROOT);
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* Have a program answer a question for the group. 0 or -1. */
static int attach(int dir, int type, enum bpf_attach_type question,
		  const struct bpf_insn *code, int n)
{
	union bpf_attr load = {
		.prog_type = type,
		.expected_attach_type = question,
		.insns = (unsigned long)code,
		.insn_cnt = n,
		.license = (unsigned long)"GPL",
	};
	union bpf_attr place = { .target_fd = dir, .attach_type = question };
	int err;

	place.attach_bpf_fd = bpf(BPF_PROG_LOAD, &load);
	if ((int)place.attach_bpf_fd < 0)
		return -1;
	err = bpf(BPF_PROG_ATTACH, &place);
	close(place.attach_bpf_fd);
	return err;
}

/* A program that always gives the same answer. */
static int always(int dir, int type, enum bpf_attach_type question, int answer)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return attach(dir, type, question, code, 2);
}

/* A program that sends everybody to one port. */
static int redirect(int dir, enum bpf_attach_type question, uint16_t port)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = htons(port) },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_2,
		  .off = offsetof(struct bpf_sock_addr, user_port) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = ALLOW },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return attach(dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, question, code, 4);
}

/* A program that gives who connects an address and a port of its own. */
static int bind_first(int dir, enum bpf_attach_type question, const void *name, size_t len)
{
	struct bpf_insn code[32], *at = code;
	uint64_t word[4] = {};
	size_t i, words = (len + 7) / 8;

	memcpy(word, name, len);
	for (i = 0; i < words; i++) {
		*at++ = (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,
					   .dst_reg = BPF_REG_2, .imm = word[i] };
		*at++ = (struct bpf_insn){ .imm = word[i] >> 32 };
		*at++ = (struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_DW,
					   .dst_reg = BPF_REG_10, .src_reg = BPF_REG_2,
					   .off = 8 * ((int)i - (int)words) };
	}
	*at++ = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2,
				   .src_reg = BPF_REG_10 };
	*at++ = (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2,
				   .imm = -8 * (int)words };
	*at++ = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3,
				   .imm = len };
	*at++ = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_bind };
	*at++ = (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0,
				   .imm = 0, .off = 2 };
	*at++ = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
				   .imm = DENY };
	*at++ = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	*at++ = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
				   .imm = ALLOW };
	*at++ = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	return attach(dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, question, code, at - code);
}

static int detach(int dir, enum bpf_attach_type question)
{
	union bpf_attr attr = { .target_fd = dir, .attach_type = question };

	return bpf(BPF_PROG_DETACH, &attr);
}

static bool v6(const struct transport *t)
{
	return t->family == AF_INET6;
}

TEST_F(cgroup, socket_is_denied)
{
	ASSERT_EQ(0, always(self->dir, BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE,
			    DENY));
	EXPECT_ERRNO(EPERM, transport_socket(self->t, 0));
	ASSERT_EQ(0, detach(self->dir, BPF_CGROUP_INET_SOCK_CREATE));
	EXPECT_LE(0, transport_socket(self->t, 0));
}

TEST_F(cgroup, bind_is_denied)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, always(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, question, DENY));
	EXPECT_ERRNO(EPERM, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
	ASSERT_EQ(0, detach(self->dir, question));
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 0));
}

TEST_F(cgroup, bind_is_moved_to_another_port)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, redirect(self->dir, question, 4712));
	ASSERT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 4711));
	EXPECT_EQ(4712, transport_port(fd));
}

TEST_F(cgroup, bind_needs_no_privilege_if_a_program_says_so)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
	int fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, always(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, question, ALLOW));
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_ERRNO(EACCES, transport_bind(self->t, fd, PLACE_LOOPBACK, 80));
	ASSERT_EQ(0, seteuid(0));
	ASSERT_EQ(0, always(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, question, ANY_PORT));
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 80));
	ASSERT_EQ(0, seteuid(0));
}

TEST_F(cgroup, what_was_bound_is_denied_and_the_port_is_free_again)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_POST_BIND : BPF_CGROUP_INET4_POST_BIND;
	int fd = transport_socket(self->t, 0), other = transport_socket(self->t, 0);

	ASSERT_EQ(0, always(self->dir, BPF_PROG_TYPE_CGROUP_SOCK, question, DENY));
	EXPECT_ERRNO(EPERM, transport_bind(self->t, fd, PLACE_LOOPBACK, 4711));
	ASSERT_EQ(0, detach(self->dir, question));
	EXPECT_EQ(0, transport_bind(self->t, other, PLACE_LOOPBACK, 4711));
	EXPECT_EQ(0, transport_bind(self->t, fd, PLACE_LOOPBACK, 4712));
}

TEST_F(cgroup, connect_is_denied)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
	int listener = transport_listener(self->t, 1), fd = transport_socket(self->t, 0);
	int port = transport_port(listener);

	ASSERT_EQ(0, always(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, question, DENY));
	EXPECT_ERRNO(EPERM, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	ASSERT_EQ(0, detach(self->dir, question));
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
}

TEST_F(cgroup, connect_is_sent_to_another_port)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
	int listener = transport_listener(self->t, 1), fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, redirect(self->dir, question, transport_port(listener)));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, 9));
	EXPECT_LE(0, accept(listener, NULL, NULL));
}

TEST_F(cgroup, connect_from_where_a_program_says)
{
	int question = v6(self->t) ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
	int listener = transport_listener(self->t, 2), port = transport_port(listener);
	int fd = transport_socket(self->t, 0), other = transport_socket(self->t, 0);
	union address name = {};

	name.sa.sa_family = self->t->family;
	name.in.sin_port = htons(4713);
	if (v6(self->t))
		name.in6.sin6_addr = in6addr_loopback;
	else
		name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_EQ(0, bind_first(self->dir, question, &name,
				v6(self->t) ? sizeof(name.in6) : sizeof(name.in)));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, port));
	EXPECT_EQ(4713, transport_port(fd));

	/* nobody else gets that */
	EXPECT_ERRNO(EPERM, transport_connect(self->t, other, PLACE_LOOPBACK, port));
	ASSERT_EQ(0, detach(self->dir, question));
	EXPECT_EQ(0, transport_connect(self->t, other, PLACE_LOOPBACK, port));
	EXPECT_NE(4713, transport_port(other));
}

/* What a load balancer in the kernel does: the program hears the name that it knows. */
TEST_F(cgroup, names_are_what_a_program_says)
{
	int local = v6(self->t) ? BPF_CGROUP_INET6_GETSOCKNAME : BPF_CGROUP_INET4_GETSOCKNAME;
	int remote = v6(self->t) ? BPF_CGROUP_INET6_GETPEERNAME : BPF_CGROUP_INET4_GETPEERNAME;
	union address addr;
	socklen_t len = sizeof(addr);
	int fd[2], port;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	port = transport_port(fd[0]);
	ASSERT_EQ(0, redirect(self->dir, remote, 4711));
	ASSERT_EQ(0, getpeername(fd[1], &addr.sa, &len));
	EXPECT_EQ(self->t->family, addr.sa.sa_family);
	EXPECT_EQ(4711, ntohs(addr.in.sin_port));
	EXPECT_EQ(v6(self->t) ? sizeof(addr.in6) : sizeof(addr.in), len);
	EXPECT_EQ(port, transport_port(fd[0]));
	ASSERT_EQ(0, redirect(self->dir, local, 4712));
	EXPECT_EQ(4712, transport_port(fd[0]));

	/* it is only told: the connection has its ports */
	EXPECT_EQ(0, write_all(fd[0], "x", 1));
	ASSERT_EQ(0, detach(self->dir, local));
	ASSERT_EQ(0, detach(self->dir, remote));
	EXPECT_EQ(port, transport_port(fd[0]));
	len = sizeof(addr);
	ASSERT_EQ(0, getpeername(fd[1], &addr.sa, &len));
	EXPECT_EQ(port, ntohs(addr.in.sin_port));
}

/* Bytes that the group's sockets hold, or -1. */
static long sock_memory(int dir)
{
	char text[8192], *line;
	int fd, n;

	fd = openat(dir, "memory.stat", O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = 0;
	line = strstr(text, "\nsock ");
	return line ? atol(line + 6) : -1;
}

/* A server pays for what its clients send, be they outside of its group. */
TEST_F(cgroup, accepted_sockets_are_charged)
{
	long before, charged;
	int l, fd[2], sub, i;
	char c;

	sub = open(ROOT "/cgroup.subtree_control", O_WRONLY);
	if (write(sub, "+memory", 7) != 7)
		SKIP(return, "no memory cgroup");
	close(sub);
	l = transport_listener(self->t, 1);
	ASSERT_LE(0, l);
	ASSERT_EQ(0, join(ROOT));
	fd[0] = transport_socket(self->t, 0);
	ASSERT_EQ(0, transport_connect(self->t, fd[0], PLACE_LOOPBACK, transport_port(l)));
	ASSERT_EQ(0, join(GROUP));
	fd[1] = accept(l, NULL, NULL);
	ASSERT_LE(0, fd[1]);

	before = sock_memory(self->dir);
	ASSERT_LE(0, before);
	ASSERT_LT(0, fill(fd[0]));
	/* what comes by the shortcut is the receiver's when it looks */
	EXPECT_EQ(1, recv(fd[1], &c, 1, MSG_PEEK));
	/* the kernel adds up the processors' parts every two seconds */
	for (i = 0; i < 100; i++) {
		charged = sock_memory(self->dir) - before;
		if (charged > 4 * 4096)
			break;
		usleep(100000);
	}
	EXPECT_LT(4 * 4096, charged);
	close(fd[0]);
	close(fd[1]);
	close(l);
}

TEST_HARNESS_MAIN
