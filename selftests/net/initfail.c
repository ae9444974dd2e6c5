// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a module again and again; each time the next of its allocations fails
 * (/proc/self/fail-nth, Documentation/fault-injection). Either loading says so
 * and leaves nothing behind, or it does without and the module goes again. Which
 * allocations count is what the filters of failslab and fail_page_alloc let through.
 *
 * Usage: initfail FILE NAME PARAMETERS
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST	10000	/* a module with more allocations is none of ours */

static int nth_fd;

/* 0: none. */
static void set_nth(int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(nth_fd, text, len, 0) != len)
		err(1, "fail-nth");
}

/* How many more would have had to come before one fails. */
static int nth_left(void)
{
	char text[16] = {};

	if (pread(nth_fd, text, sizeof(text) - 1, 0) <= 0)
		err(1, "fail-nth");
	return atoi(text);
}

static bool loaded(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/* The kernel has several words for it: proto_register() and sock_create_kern() their own. */
static bool no_memory(int why)
{
	return why == ENOMEM || why == ENOBUFS || why == ENFILE;
}

int main(int argc, char **argv)
{
	int fd, nth, code, why, left, failed = 0;

	if (argc != 4)
		errx(2, "usage: initfail FILE NAME PARAMETERS");
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[1]);
	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		err(1, "fail-nth");

	for (nth = 1; nth < MOST; nth++) {
		set_nth(nth);
		code = syscall(SYS_finit_module, fd, argv[3], 0);
		why = errno;
		left = nth_left();
		set_nth(0);
		if (code) {
			failed++;
			if (!no_memory(why))
				errx(1, "number %d fails: %s", nth, strerror(why));
			if (loaded(argv[2]))
				errx(1, "number %d fails, and %s is there", nth, argv[2]);
			continue;
		}
		if (syscall(SYS_delete_module, argv[2], O_NONBLOCK))
			err(1, "number %d fails; %s does not go", nth, argv[2]);
		if (left)
			break;
	}
	printf("%d allocations, without %d of them it is not loaded\n", nth - 1, failed);
	return nth == MOST || !failed;
}
