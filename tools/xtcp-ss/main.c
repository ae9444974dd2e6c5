// SPDX-License-Identifier: GPL-2.0
/* xtcp-ss: shows the sockets and connections of XTCP, as ss shows those of TCP. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xtcp-ss.h"

/* Where "ip netns" keeps those that have a name. */
#define NETNS_DIR	"/run/netns/"

/* To the network namespace of that name. */
static bool move_to(const char *name)
{
	char path[sizeof(NETNS_DIR) + NAME_MAX];
	int fd, err;

	if (!*name || strchr(name, '/') || strlen(name) > NAME_MAX) {
		fprintf(stderr, "xtcp-ss: \"%s\" is no name of a network namespace\n", name);
		return false;
	}
	snprintf(path, sizeof(path), NETNS_DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = fd < 0 || setns(fd, CLONE_NEWNET) ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (err)
		fprintf(stderr, "xtcp-ss: cannot enter the network namespace %s: %s\n", name,
			strerror(err));
	return !err;
}

static int fail(int err)
{
	if (err == -ENOENT)
		fputs("xtcp-ss: the kernel does not know XTCP: is the module xtcp loaded?\n",
		      stderr);
	else
		fprintf(stderr, "xtcp-ss: cannot ask the kernel: %s\n", strerror(-err));
	return EXIT_ASK;
}

int main(int argc, char **argv)
{
	struct xtcp_owners owners = { };
	struct xtcp_table table = { };
	struct options o;
	int code, err;

	code = options_parse(&o, argc, argv);
	if (code >= 0)
		return code;
	if (o.netns && !move_to(o.netns))
		return EXIT_ASK;

	err = xtcp_dump(&o.req, &table);
	if (err) {
		code = fail(err);
		goto out;
	}
	code = EXIT_SUCCESS;
	if (table.interrupted)
		fputs("xtcp-ss: the tables kept changing: a socket may be missing\n", stderr);
	if (o.view.processes) {
		err = xtcp_owners_scan(&owners, "/proc");
		if (err)
			fprintf(stderr, "xtcp-ss: cannot look into /proc: %s\n", strerror(-err));
	}
	if (o.view.json)
		show_json(stdout, &o.view, &table, &owners);
	else
		show_text(stdout, &o.view, &table, &owners);
	if (fflush(stdout) || ferror(stdout)) {
		perror("xtcp-ss: cannot write");
		code = EXIT_ASK;
	}
out:
	xtcp_owners_free(&owners);
	xtcp_table_free(&table);
	return code;
}
