// SPDX-License-Identifier: GPL-2.0
/*
 * uml-ptrace.so, preloaded by uml-run.sh: what User Mode Linux 6.12 does not know of
 * newer processors. It gives a process its floating point registers back as the 2696
 * bytes that it has room for; where the host's own have more, as with AMX, that kernel
 * takes all of them or none (EFAULT), and the guest's first process dies. Here they get
 * what is missing: state that is not in use.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#define ROOM	65536

/* Bytes that XSAVE writes with all that the host's kernel has switched on (Intel SDM, 0DH). */
static size_t whole(void)
{
	static size_t size;
	unsigned int eax, ebx, ecx, edx;

	if (!size)
		size = __get_cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx) ? ebx : 1;
	return size;
}

long ptrace(enum __ptrace_request request, ...)
{
	static long (*next)(enum __ptrace_request request, ...);
	static unsigned char registers[ROOM];	/* the kernel has one thread */
	struct iovec padded;
	void *addr, *data;
	va_list args;
	pid_t pid;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);

	if (!next)
		next = dlsym(RTLD_NEXT, "ptrace");
	if (request == PTRACE_SETREGSET && addr == (void *)NT_X86_XSTATE) {
		padded = *(struct iovec *)data;
		if (padded.iov_len < whole() && whole() <= ROOM) {
			memcpy(registers, padded.iov_base, padded.iov_len);
			padded.iov_base = registers;
			padded.iov_len = whole();
			data = &padded;
		}
	}
	return next(request, pid, addr, data);
}
