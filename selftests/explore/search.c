// SPDX-License-Identifier: GPL-2.0
/*
 * Breadth first, so that the first violation has the shortest trace. A state
 * is kept as its fingerprint and as the step that led to it: to go on from it
 * its history is repeated, from the last state that it shares with the one
 * before, and neighbours share nearly all of it.
 *
 * From every state the fair continuation, in which nothing goes wrong any more,
 * must end with all done; one that meets a state from which that is known ends
 * there.
 */
#include <stdio.h>
#include <stdlib.h>

#include <kselftest.h>

#include "explore.h"

#define DEPTH_MAX	200
#define TABLE_MIN	BIT_ULL(20)
#define FAIR_MAX	400	/* steps of a fair continuation */
#define FAIR_PATIENCE	60	/* then TIME-WAITs end: T-SYN has taken minutes */
#define CIRCLES		3	/* then it is the same again and again */
#define ANSWERS_MAX	60	/* segments in a row, without a program or a timer */

/* In the two low bits of a fingerprint. */
#define SEEN		1ULL
#define FAIR		2ULL

struct search {
	struct ex_world *w;
	u64 *table, mask, used;
	u32 *parent;
	struct ex_step *by;	/* the step from the parent */
	u32 states;
	struct ex_world *path;	/* [depth]: the states on the way to the current one */
	u32 on_path[DEPTH_MAX];
	u32 known;		/* path[0] to path[known] are valid */
	u64 fair[FAIR_MAX];
	struct ex_step fair_step[FAIR_MAX];
	struct ex_result *result;
};

static void *get(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		ksft_exit_fail_msg("no memory for the search\n");
	return p;
}

static u64 *find(struct search *s, u64 print)
{
	u64 at = print >> 20;

	print &= ~(SEEN | FAIR);
	for (;; at++) {
		u64 *entry = &s->table[at & s->mask];

		if (!*entry || (*entry & ~(SEEN | FAIR)) == print)
			return entry;
	}
}

/* Marks a state; returns its old marks. */
static u64 mark(struct search *s, u64 print, u64 marks)
{
	u64 *entry = find(s, print), old = *entry & (SEEN | FAIR);

	s->used += !*entry;
	*entry = (print & ~(SEEN | FAIR)) | old | marks;
	return old;
}

/* After so long, does it turn in a circle? */
static bool circle(const struct search *s, u64 print, u32 steps)
{
	u32 i, met = 0;

	for (i = FAIR_PATIENCE; i < steps; i++)
		met += s->fair[i] == print;
	return met >= CIRCLES || steps == FAIR_MAX - 1;
}

static const char *unfair(struct search *s, bool endless, u32 answers)
{
	if (answers >= ANSWERS_MAX)
		return "answers without end";
	if (endless)
		return "it goes on for ever though nothing goes wrong any more";
	if (!ex_finished(s->w))
		return "deadlock: nothing can happen any more, and not all is done";
	return NULL;
}

/* The fair continuation. Returns the number of steps to its violation, or 0. */
static u32 run_fair(struct search *s, u64 print)
{
	u32 steps = 0, answers = 0, i;
	struct ex_world *w = s->w;
	bool endless;

	while (!(*find(s, print) & FAIR)) {
		s->fair[steps] = print;
		endless = circle(s, print, steps);
		if (endless || answers == ANSWERS_MAX ||
		    !ex_fair_step(w, steps >= FAIR_PATIENCE, &s->fair_step[steps])) {
			w->violation = unfair(s, endless, answers);
			if (w->violation)
				return steps;
			mark(s, print, FAIR);
			break;
		}
		answers = s->fair_step[steps].kind == EX_DO_DELIVER ? answers + 1 : 0;
		ex_perform(w, s->fair_step[steps]);
		s->result->steps++;
		steps++;
		if (w->full)	/* of segments, or of incarnations */
			ex_fail(w, "it goes on until the model is full");
		if (w->violation)
			return steps;
		print = ex_fingerprint(w);
	}
	for (i = 0; i < steps; i++)
		mark(s, s->fair[i], FAIR);
	return 0;
}

/* The history of a state: its ancestors, itself last. Returns its depth. */
static u32 history(const struct search *s, u32 state, u32 *chain)
{
	u32 depth = 0, at, i;

	for (at = state; at; at = s->parent[at])
		depth++;
	for (at = state, i = depth; i; at = s->parent[at])
		chain[i--] = at;
	chain[0] = 0;
	return depth;
}

/* Go to a state: path[depth] is it then. Returns its depth. */
static u32 go_to(struct search *s, u32 state)
{
	u32 chain[DEPTH_MAX], depth = history(s, state, chain), d = 0;

	while (d < depth && d < s->known && s->on_path[d + 1] == chain[d + 1])
		d++;
	for (; d < depth; d++) {
		ex_load(s->w, &s->path[d]);
		ex_perform(s->w, s->by[chain[d + 1]]);
		ex_save(s->w, &s->path[d + 1]);
		s->on_path[d + 1] = chain[d + 1];
	}
	s->known = depth;
	return depth;
}

/* Tell how the violation comes about: the history again, aloud. */
static void tell(struct search *s, u32 state, const struct ex_step *last, u32 fair)
{
	u32 chain[DEPTH_MAX], depth = history(s, state, chain), i;
	struct ex_step fair_step[FAIR_MAX];
	struct ex_world *w = s->w;

	memcpy(fair_step, s->fair_step, fair * sizeof(*fair_step));
	ksft_print_msg("%s, after %u steps:\n", s->result->violation, depth + 1 + fair);
	ex_tracing = true;
	ex_begin(w, w->sc);
	for (i = 1; i <= depth; i++) {
		ex_trace_step(w, i, s->by[chain[i]]);
		ex_perform(w, s->by[chain[i]]);
	}
	ex_trace_step(w, i, *last);
	ex_perform(w, *last);
	if (fair)
		ex_trace(w, "from here on nothing goes wrong any more:\n");
	for (i = 0; i < fair; i++) {
		ex_trace_step(w, depth + 2 + i, fair_step[i]);
		ex_perform(w, fair_step[i]);
	}
	ex_tracing = false;
}

/* One step from path[depth]. Returns false on a violation. */
static bool try(struct search *s, u32 state, u32 depth, struct ex_step step, u64 limit,
		u8 *asked)
{
	struct ex_world *w = s->w;
	u32 fair = 0;
	u64 print;

	ex_load(w, &s->path[depth]);
	ex_perform(w, step);
	s->result->steps++;
	*asked = w->asked;
	if (w->full && !w->violation) {
		s->result->truncated++;
		return true;
	}
	if (!w->violation) {
		print = ex_fingerprint(w);
		if (mark(s, print, SEEN) & SEEN)
			return true;
		if (s->states < limit) {
			s->parent[s->states] = state;
			s->by[s->states++] = step;
		}
		fair = run_fair(s, print);
	}
	if (!w->violation)
		return true;
	s->result->violation = w->violation;
	tell(s, state, &step, fair);
	return false;
}

static bool expand(struct search *s, u32 state, u32 depth, u64 limit)
{
	struct ex_step step[EX_STEPS_MAX], denial[EX_XMIT - EX_SPARE + 1];
	u32 n, i, k, denials;
	u8 asked;

	ex_load(s->w, &s->path[depth]);
	n = ex_steps(s->w, step);
	for (i = 0; i < n; i++) {
		if (!try(s, state, depth, step[i], limit, &asked))
			return false;
		denials = ex_denials(&s->path[depth], step[i], asked, denial);
		for (k = 0; k < denials; k++)
			if (!try(s, state, depth, denial[k], limit, &asked))
				return false;
	}
	return true;
}

/**
 * ex_search - look at the states of a scenario
 * @w: the world
 * @sc: the scenario
 * @limit: how many at most
 * @result: what came of it; the trace of a violation has been printed
 */
void ex_search(struct ex_world *w, const struct ex_scenario *sc, u64 limit,
	       struct ex_result *result)
{
	struct search *s = get(1, sizeof(*s));
	u64 size = TABLE_MIN;
	u32 state, depth;

	while (size < 4 * limit)
		size *= 2;
	*result = (struct ex_result){ .all = true };
	s->w = w;
	s->result = result;
	s->mask = size - 1;
	s->table = get(size, sizeof(*s->table));
	s->parent = get(limit, sizeof(*s->parent));
	s->by = get(limit, sizeof(*s->by));
	s->path = get(DEPTH_MAX, sizeof(*s->path));

	ex_begin(w, sc);
	ex_save(w, &s->path[0]);
	mark(s, ex_fingerprint(w), SEEN);
	s->states = 1;
	for (state = 0; state < s->states; state++) {
		depth = go_to(s, state);
		result->depth = max(result->depth, depth);
		if (depth == DEPTH_MAX - 1 || s->states == limit || 4 * s->used > 3 * size) {
			result->all = false;
			break;
		}
		if (!expand(s, state, depth, limit))
			break;
	}
	result->states = s->states;
	free(s->path);
	free(s->by);
	free(s->parent);
	free(s->table);
	free(s);
}
