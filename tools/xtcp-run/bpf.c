// SPDX-License-Identifier: GPL-2.0
/*
 * For programs that the library cannot reach: the kernel itself takes XTCP when a
 * process of a control group makes a TCP socket. It asks update_socket_protocol()
 * for the protocol of every socket; that function is there for BPF programs to
 * change its answer.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/btf.h>

#include "bpf.h"

#define HOOKED		"update_socket_protocol"
#define KERNEL_TYPES	"/sys/kernel/btf/vmlinux"
#define TYPE_MASK	0xf	/* of the second argument of socket(): the rest are flags */

static int sys_bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* A file of sysfs, which has no size that could be asked for. */
static char *read_file(const char *path, size_t *len)
{
	size_t room = 16 << 20;
	char *data = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 || !data) {
		free(data);
		return NULL;
	}
	*len = 0;
	while ((n = read(fd, data + *len, room - *len)) > 0)
		*len += n;
	close(fd);
	return data;
}

/* What follows a type in the section of types; -1: a kind that is not known here. */
static long tail_size(const struct btf_type *type)
{
	long n = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

/* The kernel's number of a function of its own; 0: it has none, or does not tell. */
static uint32_t find_function(const char *name)
{
	size_t len;
	char *data = read_file(KERNEL_TYPES, &len);
	const struct btf_header *header = (void *)data;
	const char *pos, *end, *names;
	uint32_t id = 1, found = 0;
	long tail;

	if (!data)
		return 0;
	if (len < sizeof(*header) || header->magic != BTF_MAGIC ||
	    header->hdr_len + (size_t)header->str_off + header->str_len > len ||
	    header->hdr_len + (size_t)header->type_off + header->type_len > len)
		goto out;
	pos = data + header->hdr_len + header->type_off;
	end = pos + header->type_len;
	names = data + header->hdr_len + header->str_off;
	for (; pos < end; id++) {
		const struct btf_type *type = (const void *)pos;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(names + type->name_off, name)) {
			found = id;
			break;
		}
		tail = tail_size(type);
		if (tail < 0)
			break;
		pos += sizeof(*type) + tail;
	}
out:
	free(data);
	return found;
}

/* Instructions, in the words of the kernel's BPF documentation. */
#define INSN(op, to, from, offset, value)						\
	((struct bpf_insn){ .code = (op), .dst_reg = (to), .src_reg = (from),		\
			    .off = (offset), .imm = (value) })
#define MOVE(to, from)		INSN(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define SET(to, value)		INSN(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value)
#define AND32(to, value)	INSN(BPF_ALU | BPF_AND | BPF_K, to, 0, 0, value)
#define LOAD(to, from, offset)	INSN(BPF_LDX | BPF_MEM | BPF_DW, to, from, offset, 0)
#define IF_EQUAL(reg, value, jump)						\
	INSN(BPF_JMP32 | BPF_JEQ | BPF_K, reg, 0, jump, value)
#define UNLESS_EQUAL(reg, value, jump)						\
	INSN(BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, jump, value)
#define MAP(to, fd)								\
	INSN(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, fd),		\
	INSN(0, 0, 0, 0, 0)
#define CALL(function)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define RETURN			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* The arguments of the hooked function, 64 bits each, of which 32 count. */
#define FAMILY		0
#define TYPE		8
#define PROTOCOL	16

/*
 * The answer is @protocol for a TCP or MPTCP socket that a process in @groups[0] makes; 0 leaves
 * the answer to the kernel, or to another BPF program.
 */
static int load(uint32_t function, int groups, int protocol)
{
	const struct bpf_insn insns[] = {
		MOVE(BPF_REG_6, BPF_REG_1),
		LOAD(BPF_REG_1, BPF_REG_6, FAMILY),
		IF_EQUAL(BPF_REG_1, AF_INET, 1),
		UNLESS_EQUAL(BPF_REG_1, AF_INET6, 14),
		LOAD(BPF_REG_1, BPF_REG_6, TYPE),
		AND32(BPF_REG_1, TYPE_MASK),
		UNLESS_EQUAL(BPF_REG_1, SOCK_STREAM, 11),
		LOAD(BPF_REG_1, BPF_REG_6, PROTOCOL),
		IF_EQUAL(BPF_REG_1, 0, 2),
		IF_EQUAL(BPF_REG_1, IPPROTO_TCP, 1),
		UNLESS_EQUAL(BPF_REG_1, IPPROTO_MPTCP, 7),
		MAP(BPF_REG_1, groups),
		SET(BPF_REG_2, 0),
		CALL(BPF_FUNC_current_task_under_cgroup),
		UNLESS_EQUAL(BPF_REG_0, 1, 2),
		SET(BPF_REG_0, protocol),
		RETURN,
		SET(BPF_REG_0, 0),
		RETURN,
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = BPF_MODIFY_RETURN,
		.attach_btf_id = function,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.license = (uintptr_t)"GPL",
		.prog_name = "xtcp_run",
	};

	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/**
 * bpf_attach - XTCP sockets instead of TCP sockets, in control groups yet to be named
 * @protocol: number of XTCP
 * @groups: result: for bpf_add_group()
 *
 * Exits with a message if that cannot be.
 *
 * Return: a descriptor: it ends with the last copy of it.
 */
int bpf_attach(int protocol, int *groups)
{
	uint32_t function = find_function(HOOKED);
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_CGROUP_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint32_t),
		.max_entries = 1,
	};
	union bpf_attr attach = {};
	int program, link;

	if (!function)
		errx(1, "--bpf: this kernel lets no program choose the protocol of sockets: no %s\n"
		     "(Linux 6.6 and later, with CONFIG_DEBUG_INFO_BTF and CONFIG_MPTCP)", HOOKED);
	*groups = sys_bpf(BPF_MAP_CREATE, &map);
	if (*groups < 0)
		err(1, "--bpf: map of control groups");
	program = load(function, *groups, protocol);
	if (program < 0)
		err(1, "--bpf: the kernel refuses a program for %s", HOOKED);
	attach.raw_tracepoint.prog_fd = program;
	link = sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attach);
	if (link < 0)
		err(1, "--bpf: the kernel does not let %s be changed", HOOKED);
	close(program);
	return link;
}

/**
 * bpf_add_group - name the control group
 * @groups: of bpf_attach()
 * @group: descriptor of its folder
 *
 * Return: 0; -1 with errno.
 */
int bpf_add_group(int groups, int group)
{
	uint32_t key = 0, value = group;
	union bpf_attr attr = {
		.map_fd = groups,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)&value,
	};

	return sys_bpf(BPF_MAP_UPDATE_ELEM, &attr);
}
