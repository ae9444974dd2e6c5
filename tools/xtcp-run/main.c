// SPDX-License-Identifier: GPL-2.0
/* xtcp-run: a program's TCP sockets become XTCP sockets. See print_usage(). */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf.h"
#include "run.h"

#define LIBRARY		"libxtcp-run.so"
#define FALLBACK	"1000"	/* ms */

static void print_usage(FILE *to)
{
	fputs("usage: xtcp-run [OPTION]... PROGRAM [ARGUMENT]...\n"
	      "\n"
	      "Runs PROGRAM, and what it starts, with XTCP for its TCP sockets, over IPv4\n"
	      "and IPv6. Programs that do not use the C library for it (static ones, those in\n"
	      "Go) and those that gain privileges stay with TCP, but for --bpf.\n"
	      "\n"
	      "  -f, --fallback[=MS]  use TCP if there is no XTCP here, or if the peer of a\n"
	      "                       connection has not answered after MS milliseconds (1000)\n"
	      "  -o, --only LIST      XTCP only for connections to, and sockets that listen\n"
	      "                       on, these; TCP for all others\n"
	      "  -e, --except LIST    TCP for these\n"
	      "  -b, --bpf            have the kernel do it, for programs of any kind: for root,\n"
	      "                       Linux 6.6 or later; not with the options above\n"
	      "  -v, --verbose        say on standard error what was changed\n"
	      "  -h, --help           this text\n"
	      "\n"
	      "LIST: ports and addresses, with commas: 80,192.0.2.0/24,192.0.2.7:8080,[::1]:22\n",
	      to);
}

/* Beside this program. */
static void find_library(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n < 0)
		err(1, "/proc/self/exe");
	path[n] = 0;
	slash = strrchr(path, '/');
	if (slash + 1 + sizeof(LIBRARY) > path + size)
		errx(1, "the path of %s is too long", LIBRARY);
	memcpy(slash + 1, LIBRARY, sizeof(LIBRARY));
	if (access(path, R_OK))
		err(1, "%s", path);
	/* these end a name in LD_PRELOAD */
	if (strpbrk(path, " :"))
		errx(1, "%s: a path with spaces or colons cannot be preloaded", path);
}

static void preload(bool verbose)
{
	const char *old = getenv("LD_PRELOAD");
	char library[PATH_MAX], *value;

	find_library(library, sizeof(library));
	if (verbose)
		setenv(ENV_VERBOSE, "1", 1);
	if (asprintf(&value, "%s%s%s", library, old && *old ? ":" : "", old ? : "") < 0 ||
	    setenv("LD_PRELOAD", value, 1) || setenv(ENV_LIBRARY, library, 1))
		err(1, "environment");
	free(value);
}

static void set_rules(const char *name, const char *list)
{
	if (!rules_valid(list))
		errx(2, "%s: not a list of ports and addresses", list);
	setenv(name, list, 1);
}

static void set_fallback(const char *ms)
{
	char *end;
	long n = strtol(ms, &end, 10);

	if (*end || n < 1 || n > INT_MAX)
		errx(2, "%s: not a number of milliseconds", ms);
	setenv(ENV_FALLBACK, ms, 1);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fallback", optional_argument, NULL, 'f' },
		{ "only", required_argument, NULL, 'o' },
		{ "except", required_argument, NULL, 'e' },
		{ "bpf", no_argument, NULL, 'b' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	bool bpf = false, rules = false, verbose = false;
	int c;

	while ((c = getopt_long(argc, argv, "+f::o:e:bvh", options, NULL)) >= 0) {
		switch (c) {
		case 'f':
			set_fallback(optarg ? : FALLBACK);
			rules = true;
			break;
		case 'o':
			set_rules(ENV_ONLY, optarg);
			rules = true;
			break;
		case 'e':
			set_rules(ENV_EXCEPT, optarg);
			rules = true;
			break;
		case 'b':
			bpf = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		return 2;
	}
	if (bpf && rules)
		errx(2, "--bpf: the kernel knows no address when it makes a socket");
	if (bpf)
		tree_enter(argv, verbose);
	else
		preload(verbose);
	execvp(argv[optind], argv + optind);
	err(errno == ENOENT ? 127 : 126, "%s", argv[optind]);
}
