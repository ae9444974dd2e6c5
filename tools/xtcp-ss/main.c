// SPDX-License-Identifier: GPL-2.0
/* xtcp-ss: shows the sockets and connections of XTCP, as ss shows those of TCP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xtcp-ss.h"

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
