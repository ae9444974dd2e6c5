// SPDX-License-Identifier: GPL-2.0
/*
 * Long random sequences of calls on TCP and on XTCP, in lock-step: what each call returns,
 * its errno, the bytes that it reads, and after it the readiness and the state of every
 * socket must agree. After a difference the sequence is shortened to the steps without
 * which it does not show.
 *
 *	XTCP_DIFFER_SEED	of the first sequence (1)
 *	XTCP_DIFFER_RUNS	sequences (12)
 *	XTCP_DIFFER_STEPS	of each (200)
 *	XTCP_DIFFER_TRACE	print every step
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/xtcp.h>

#include "../net/transport.h"
#include "diff.h"

#define MAX_STEPS	100000
#define PATIENCE	200000		/* ms, of virtual time, until two worlds agree */

static bool trace;

static void print_result(const char *name, const struct result *r)
{
	size_t i;

	printf("#   %-4s = %ld", name, r->ret);
	if (r->ret == -1)
		printf(" %s", strerrorname_np(r->error));
	if (r->signals)
		printf(", %d SIGPIPE", r->signals);
	if (r->len)
		printf(", %zu bytes:", r->len);
	for (i = 0; i < r->len && i < 32; i++)
		printf(" %02x", r->data[i]);
	printf("\n");
}

static void print_sight(const char *name, int slot, const struct sight *s)
{
	printf("#   %-4s slot %d: events %#x, readable %d, unacked %d, mark %d, state %d\n", name,
	       slot, s->events, s->readable, s->unacked, s->mark, s->state);
}

static bool same_result(const struct result *a, const struct result *b)
{
	return a->ret == b->ret && a->error == b->error && a->signals == b->signals &&
	       a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* After a difference that is meant to be: neither world knows of the socket any more. */
static void forget(struct world *tcp, struct world *xtcp, int slot)
{
	world_abort(tcp, slot);
	world_abort(xtcp, slot);
}

static int unequal(const struct world *tcp, const struct world *xtcp, struct sight *t,
		   struct sight *x)
{
	int slot;

	for (slot = 0; slot < SLOTS; slot++) {
		world_look(tcp, slot, t);
		world_look(xtcp, slot, x);
		if (memcmp(t, x, sizeof(*t)))
			return slot;
	}
	return -1;
}

/* Until both worlds are quiet and look alike. False: they never do. */
static bool settle(struct world *tcp, struct world *xtcp)
{
	struct sight t, x;
	unsigned int waited = 0, pause = 1;
	const char *why;
	int slot;

	usleep(1000);
	while ((slot = unequal(tcp, xtcp, &t, &x)) >= 0) {
		if (waited < PATIENCE) {
			usleep(pause * 1000);
			waited += pause;
			pause += pause / 2 + 1;
			continue;
		}
		why = intended_sight(&t, &x);
		if (!why || trace) {
			print_sight(tcp->name, slot, &t);
			print_sight(xtcp->name, slot, &x);
		}
		if (!why)
			return false;
		if (trace)
			printf("#   %s\n", why);
		forget(tcp, xtcp, slot);
	}
	return true;
}

static bool edges(struct world *w)
{
	short missed[SLOTS];
	int slot;

	if (world_edges(w, missed))
		return true;
	for (slot = 0; slot < SLOTS; slot++)
		if (missed[slot])
			printf("#   %s slot %d: epoll has not told of %#x\n", w->name, slot,
			       missed[slot]);
	return false;
}

static bool step(struct world *tcp, struct world *xtcp, const struct step *s)
{
	struct result t, x;
	char text[256], other[256];
	const char *why = NULL;
	bool same;

	step_run(tcp, s, &t, text, sizeof(text));
	step_run(xtcp, s, &x, other, sizeof(other));
	same = same_result(&t, &x);
	if (!same)
		why = intended_result(s, text, &t, &x);
	printf("# %u: %s\n", s->number, text);
	if (trace || !(same || why))
		print_result(tcp->name, &t);
	if (!same && (trace || !why))
		print_result(xtcp->name, &x);
	if (!same && !why)
		return false;
	if (!same) {
		if (trace)
			printf("#   %s\n", why);
		if (t.ret != x.ret) {
			forget(tcp, xtcp, s->slot);
			forget(tcp, xtcp, s->other);
		}
	}
	return settle(tcp, xtcp) && edges(tcp) && edges(xtcp);
}

/* The steps of a sequence that are kept; the number of the one that differs, or -1. */
static int run(uint64_t seed, const bool *kept, int steps)
{
	struct world tcp, xtcp;
	int i;

	world_open(&tcp, "TCP", IPPROTO_TCP);
	world_open(&xtcp, "XTCP", IPPROTO_XTCP);
	for (i = 0; i < steps; i++) {
		struct step s = step_make(seed, i);

		if (kept[i] && !step(&tcp, &xtcp, &s))
			return i;
	}
	return -1;
}

/*
 * The same in a process and a network of its own, which writes what it does to a file. The
 * number of the step that differs; -1: none; -2: the test itself failed.
 */
static int try(uint64_t seed, const bool *kept, int steps, FILE *out)
{
	int status, result = -2, ends[2];
	pid_t pid;

	rewind(out);
	if (ftruncate(fileno(out), 0) || pipe(ends))
		return -2;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (dup2(fileno(out), STDOUT_FILENO) < 0 || transport_isolate())
			_exit(1);
		result = run(seed, kept, steps);
		fflush(stdout);
		if (write(ends[1], &result, sizeof(result)) < 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &result, sizeof(result)) != sizeof(result))
		result = -2;
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		return -2;
	return result;
}

static void copy(FILE *from)
{
	int c;

	rewind(from);
	while ((c = getc(from)) != EOF)
		putchar(c);
}

/* Leave out what can be left out. */
static void shorten(uint64_t seed, bool *kept, int steps, FILE *out)
{
	int chunk, i, j, last = steps - 1;

	for (chunk = steps / 2; chunk; chunk /= 2) {
		for (i = last - chunk; i >= 0; i -= chunk) {
			bool before[MAX_STEPS];

			memcpy(before, kept, steps);
			for (j = i; j < i + chunk; j++)
				kept[j] = false;
			if (memcmp(before, kept, steps) && try(seed, kept, steps, out) != last)
				memcpy(kept, before, steps);
		}
	}
	try(seed, kept, steps, out);
}

static long setting(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value && *value ? atol(value) : otherwise;
}

int main(void)
{
	long first = setting("XTCP_DIFFER_SEED", 1), runs = setting("XTCP_DIFFER_RUNS", 12);
	long steps = setting("XTCP_DIFFER_STEPS", 200), failures = 0, i;
	FILE *out = tmpfile();

	trace = setting("XTCP_DIFFER_TRACE", 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!out || steps > MAX_STEPS || steps < 1)
		return 1;
	printf("TAP version 13\n1..%ld\n", runs);
	for (i = 0; i < runs; i++) {
		static bool kept[MAX_STEPS];
		int differs;

		memset(kept, true, steps);
		differs = try(first + i, kept, steps, out);
		if (differs >= 0) {
			shorten(first + i, kept, differs + 1, out);
			copy(out);
			failures++;
		} else if (differs == -2) {
			copy(out);
			failures++;
		} else if (trace) {
			copy(out);
		}
		printf("%sok %ld seed_%ld_of_%ld_steps\n", differs == -1 ? "" : "not ", i + 1,
		       first + i, steps);
	}
	return failures ? 1 : 0;
}
