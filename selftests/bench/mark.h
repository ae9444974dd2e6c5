/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the measured part of a round begins and ends, for who watches the machine
 * from outside (count.c): instructions that do nothing and that no compiler writes,
 * nopl 0x58544350(%rax) and nopl 0x58544351(%rax).
 */
#ifndef _SELFTESTS_BENCH_MARK_H
#define _SELFTESTS_BENCH_MARK_H

#define MARK_LEN		7
#define MARK_START_BYTES	{ 0x0f, 0x1f, 0x80, 0x50, 0x43, 0x54, 0x58 }
#define MARK_STOP_BYTES		{ 0x0f, 0x1f, 0x80, 0x51, 0x43, 0x54, 0x58 }

#ifdef __x86_64__
#define MARK_START()	asm volatile("nopl 0x58544350(%%rax)" ::: "memory")
#define MARK_STOP()	asm volatile("nopl 0x58544351(%%rax)" ::: "memory")
#else
#define MARK_START()	do { } while (0)
#define MARK_STOP()	do { } while (0)
#endif

#endif /* _SELFTESTS_BENCH_MARK_H */
