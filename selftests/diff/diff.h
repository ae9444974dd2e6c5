/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differential test: the same calls on TCP sockets and on XTCP sockets, and the same
 * results. A world is one protocol's sockets; both are in one process, in a network
 * namespace of its own.
 */
#ifndef _SELFTESTS_DIFF_H
#define _SELFTESTS_DIFF_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLOTS		6	/* sockets of a world, open or not */
#define DATA		8192	/* bytes that one call takes at most */

struct world {
	const char *name;
	int protocol;		/* of socket() */
	int fd[SLOTS];		/* -1: none */
	int peer[SLOTS];	/* slot of the other end, if the pair was made as one; -1 */
	int epoll;		/* edge-triggered; a socket's slot is its data */
	short seen[SLOTS];	/* readiness that was there already */
};

/* What a call did that has to be the same in both worlds. */
struct result {
	long ret;
	int error;		/* errno, if ret is -1 */
	int signals;		/* SIGPIPE */
	size_t len;		/* of data */
	unsigned char data[DATA];	/* that was read, a value, an address */
};

/* What can be seen of a socket without changing it. */
struct sight {
	short events;		/* poll() */
	int readable;		/* SIOCINQ, or -errno */
	int unacked;		/* SIOCOUTQ, or -errno */
	int mark;		/* SIOCATMARK, or -errno */
	int state;
};

/* A step of a sequence: which call, and what it chooses its arguments by. */
struct step {
	unsigned int call;	/* index */
	int slot, other;
	uint32_t a, b, c, d;
	uint32_t number;	/* in the sequence: what is written depends on it */
};

/* call.c */
struct step step_make(uint64_t seed, uint32_t number);
void step_run(struct world *w, const struct step *s, struct result *r, char *text, size_t size);

/* world.c */
void world_open(struct world *w, const char *name, int protocol);
void world_put(struct world *w, int slot, int fd);
void world_close(struct world *w, int slot);
void world_abort(struct world *w, int slot);
void world_look(const struct world *w, int slot, struct sight *sight);
bool world_edges(struct world *w, short missed[SLOTS]);

/* intended.c */
const char *intended_result(const struct step *s, const char *text, const struct result *t,
			    const struct result *x);
const char *intended_sight(const struct sight *t, const struct sight *x);

#endif /* _SELFTESTS_DIFF_H */
