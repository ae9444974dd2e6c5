// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of qemu's that counts executed instructions, exactly, by where in the
 * kernel they are, between the marks that bench sets (mark.h): one processor only.
 *
 * Argument: out=FILE. It gets, for each pair of marks,
 *	window NUMBER
 *	user INSTRUCTIONS
 *	ADDRESS INSTRUCTIONS		for each block of the kernel's that ran
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

/* A block of instructions that the kernel runs one after the other. */
struct block {
	uint64_t at, count;
};

#define BLOCKS		1048576U	/* 2^20: find() uses as many bits; a boot takes a fifth */

static struct block blocks[BLOCKS];
static uint64_t user;
static FILE *out;
static int windows;

static struct block *find(uint64_t at)
{
	uint32_t i = at * 0x9e3779b97f4a7c15ULL >> 44, tries;

	for (tries = 0; tries < BLOCKS; tries++, i = (i + 1) % BLOCKS) {
		if (!blocks[i].at)
			blocks[i].at = at;
		if (blocks[i].at == at)
			return &blocks[i];
	}
	fprintf(stderr, "count: too many blocks\n");
	exit(1);
}

static void start(unsigned int cpu, void *arg)
{
	uint32_t i;

	(void)cpu;
	(void)arg;
	for (i = 0; i < BLOCKS; i++)
		blocks[i].count = 0;
	user = 0;
}

static void stop(unsigned int cpu, void *arg)
{
	uint32_t i;

	(void)cpu;
	(void)arg;
	fprintf(out, "window %d\nuser %llu\n", windows++, (unsigned long long)user);
	for (i = 0; i < BLOCKS; i++) {
		if (blocks[i].count)
			fprintf(out, "%llx %llu\n", (unsigned long long)blocks[i].at,
				(unsigned long long)blocks[i].count);
	}
	fflush(out);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	static const uint8_t marks[][MARK_LEN] = { MARK_START_BYTES, MARK_STOP_BYTES };
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	uint64_t at = qemu_plugin_tb_vaddr(tb);
	struct qemu_plugin_insn *insn;

	(void)id;
	if (at >> 63) {
		qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &find(at)->count, n);
		return;
	}
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &user, n);
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (qemu_plugin_insn_size(insn) != MARK_LEN)
			continue;
		if (!memcmp(qemu_plugin_insn_data(insn), marks[0], MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, start, CB_NO_REGS, NULL);
		if (!memcmp(qemu_plugin_insn_data(insn), marks[1], MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, stop, CB_NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
