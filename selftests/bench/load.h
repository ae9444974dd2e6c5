/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The work that is measured: what the client and the server of one load do in one
 * round.
 */
#ifndef _SELFTESTS_BENCH_LOAD_H
#define _SELFTESTS_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define LOAD_CHUNK	65536	/* bytes: what the server of a stream reads at most at once */

enum load_kind {
	LOAD_STREAM,	/* one way; a unit is a byte */
	LOAD_TRIP,	/* question and answer of the same size; a unit is a round trip */
	LOAD_CONNECT,	/* connect, a byte each way, close; a unit is a connection */
};

struct load {
	enum load_kind kind;
	size_t size;		/* bytes of a write, or of a question */
	int conns;		/* at the same time; LOAD_CONNECT: one after the other */
	long units;		/* in a round */
};

/* One connection, as either side sees it: what has gone by so far. */
struct load_conn {
	int fd;
	size_t sent, rcvd;
};

/* What either side works with. */
struct load_side {
	const struct load *load;
	struct load_conn *conn;		/* load->conns of them, but for LOAD_CONNECT */
	int door;			/* LOAD_CONNECT, server: the listener */
	int epoll;			/* server of several connections */
	int (*open)(void *arg);		/* LOAD_CONNECT, client: a connected socket, or -1 */
	void *arg;			/* of open() */
	bool verify;			/* look at every byte */
};

int load_client(struct load_side *side);
int load_server(struct load_side *side);

#endif /* _SELFTESTS_BENCH_LOAD_H */
