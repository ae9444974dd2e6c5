// SPDX-License-Identifier: GPL-2.0
/*
 * Runs scripts: each is the peer of a real XTCP socket, and the program that
 * has that socket. TAP: one test for each script and address family.
 *
 * Usage: conform [-v] [-4] [-6] [-s MILLISECONDS] [-r TIMES] SCRIPT...
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

static unsigned int tests, failures;

/* In a process of its own, so that nothing carries over. */
static bool run_apart(const struct script *script, int family, bool verbose)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		bool good = run_script(script, family, verbose);

		fflush(stdout);
		_exit(!good);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* At most so many times more: where the clock is not only the machine's own. */
static bool run_again(const struct script *script, int family, bool verbose, unsigned int more)
{
	bool good = run_apart(script, family, verbose);

	while (!good && more--) {
		printf("# once more\n");
		good = run_apart(script, family, verbose);
	}
	return good;
}

static void result(bool good, const char *name, const char *family)
{
	failures += !good;
	printf("%s %u %s%s\n", good ? "ok" : "not ok", ++tests, name, family);
}

int main(int argc, char **argv)
{
	bool ipv4 = true, ipv6 = true, verbose = false;
	unsigned int more = 0;
	struct script script;
	int64_t slack = 0;
	int c, i;

	while ((c = getopt(argc, argv, "46r:s:v")) != -1) {
		switch (c) {
		case '4':
			ipv6 = false;
			break;
		case '6':
			ipv4 = false;
			break;
		case 'r':
			more = strtoul(optarg, NULL, 10);
			break;
		case 's':
			slack = strtoll(optarg, NULL, 10) * MSEC;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			return 2;
		}
	}
	if (optind == argc)
		errx(2, "usage: conform [-v] [-4] [-6] [-s MILLISECONDS] [-r TIMES] SCRIPT...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	for (i = optind; i < argc; i++) {
		if (script_read(&script, argv[i])) {
			printf("# %s\n", script.error);
			result(false, argv[i], "");
		} else {
			script_loosen(&script, slack);
			if (ipv4 && script.ipv4)
				result(run_again(&script, AF_INET, verbose, more), script.name,
				       "_IPv4");
			if (ipv6 && script.ipv6)
				result(run_again(&script, AF_INET6, verbose, more), script.name,
				       "_IPv6");
		}
		script_free(&script);
	}
	printf("1..%u\n", tests);
	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:0 error:0\n", tests - failures,
	       failures);
	return failures ? 1 : 0;
}
