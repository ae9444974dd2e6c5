// SPDX-License-Identifier: GPL-2.0
/* The world: what can happen next, and its happening. */
#include "explore.h"

/* Timers by the length of their time: a longer one fires when no shorter one runs. */
enum { CLASS_MS, CLASS_RTO, CLASS_MINUTE, CLASSES };

static const u8 class_of[XTCP_TIMERS] = {
	[XTCP_T_SYN] = CLASS_RTO, [XTCP_T_ECHO] = CLASS_RTO, [XTCP_T_RTO] = CLASS_RTO,
	[XTCP_T_PROBE] = CLASS_RTO,
	[XTCP_T_KEEP] = CLASS_MINUTE, [XTCP_T_USER] = CLASS_MINUTE,
	[XTCP_T_FW2] = CLASS_MINUTE, [XTCP_T_ORPHAN] = CLASS_MINUTE,
};

/**
 * ex_begin - the world of a scenario before anything has happened
 * @w: the world
 * @sc: the scenario
 */
void ex_begin(struct ex_world *w, const struct ex_scenario *sc)
{
	u32 i;

	memset(w, 0, sizeof(*w));
	w->sc = sc;
	w->now = 1000 * XTCP_SEC;
	w->door_now = 1000 * XTCP_SEC;
	w->clean = !sc->ends_badly;
	w->faults = sc->faults;
	memcpy(w->left, sc->limit, sizeof(w->left));
	for (i = 0; i < EX_HOSTS; i++)
		w->host[i].keys.key[0][0] = 0x0706050403020100ULL + i;
	for (i = 0; i < EX_HOSTS && sc->at_once; i++)
		ex_connect(w, i);
}

/**
 * ex_save - keep a state
 * @w: the world
 * @to: gets it
 */
void ex_save(const struct ex_world *w, struct ex_world *to)
{
	u32 h, i;

	memcpy(to, w, offsetof(struct ex_world, net));
	for (h = 0; h < EX_HOSTS; h++) {
		memcpy(to->net[h], w->net[h], w->queued[h] * sizeof(w->net[h][0]));
		for (i = 0; i < EX_SLOTS; i++) {
			if (w->slot[h][i].used)
				to->slot[h][i] = w->slot[h][i];
			else
				to->slot[h][i].used = false;
		}
	}
}

/**
 * ex_load - back to a state that was kept
 * @w: the world, at the address where it was when it was kept
 * @from: the state
 */
void ex_load(struct ex_world *w, const struct ex_world *from)
{
	ex_save(from, w);
}

static u32 timer_class(const struct xtcp_tcb *tcb)
{
	u32 i, best = CLASSES;

	for (i = 0; i < XTCP_TIMERS; i++)
		if (tcb->deadline[i] != XTCP_NEVER)
			best = min_t(u32, best, class_of[i]);
	return best;
}

static bool alive(const struct ex_slot *slot)
{
	return slot->used && !slot->gone;
}

/* The class of the shortest timer that runs anywhere. */
static u32 shortest(const struct ex_world *w)
{
	u32 h, i, best = CLASSES;

	for (h = 0; h < EX_HOSTS; h++)
		for (i = 0; i < EX_SLOTS; i++)
			if (alive(&w->slot[h][i]))
				best = min(best, timer_class(&w->slot[h][i].tcb));
	return best;
}

static bool quiet(const struct ex_world *w)
{
	return !w->queued[0] && !w->queued[1];
}

static bool may(const struct ex_world *w, enum ex_fault fault)
{
	return w->faults && w->left[fault];
}

/* Which fault it takes for a timer to fire now. */
static enum ex_fault early(const struct ex_world *w, enum xtcp_timer_id id, u32 best)
{
	if (quiet(w) && class_of[id] <= best)
		return EX_FAULT_MAX;
	return class_of[id] == CLASS_MINUTE ? EX_LONG : EX_TIMER;
}

static u32 add(struct ex_step *step, u32 n, enum ex_kind kind, u8 host, u8 arg)
{
	step[n] = (struct ex_step){ .kind = kind, .host = host, .arg = arg };
	return n + (n + 1 < EX_STEPS_MAX);
}

static u32 network_steps(const struct ex_world *w, u8 from, struct ex_step *step, u32 n)
{
	u32 i;

	if (!w->queued[from])
		return n;
	n = add(step, n, EX_DO_DELIVER, from, 0);
	for (i = 1; i < w->queued[from] && may(w, EX_REORDER); i++)
		n = add(step, n, EX_DO_DELIVER, from, i);
	if (may(w, EX_LOSS))
		n = add(step, n, EX_DO_LOSE, from, 0);
	if (may(w, EX_DUP) && w->queued[from] < EX_QUEUE)
		n = add(step, n, EX_DO_DUP, from, 0);
	if (may(w, EX_STALE) && !w->kept)
		n = add(step, n, EX_DO_KEEP, from, 0);
	for (i = 0; i < EX_FORGERIES && may(w, EX_FORGE); i++) {
		static struct ex_world scratch;
		struct ex_packet packet = w->net[from][0];

		scratch.sc = w->sc;
		scratch.tags = 0;
		if (ex_forge(&scratch, from, i, &packet))
			n = add(step, n, EX_DO_FORGE, from, i);
	}
	return n;
}

static u32 slot_steps(const struct ex_world *w, u8 h, u8 at, u32 best, struct ex_step *step, u32 n)
{
	const struct ex_slot *slot = &w->slot[h][at];
	enum ex_fault fault;
	u32 i;

	if (ex_program_ready(w, h, slot))
		n = add(step, n, EX_DO_PROGRAM, h, at);
	if (!alive(slot))
		return n;
	for (i = 0; i < XTCP_TIMERS; i++) {
		if (slot->tcb.deadline[i] == XTCP_NEVER)
			continue;
		fault = early(w, i, best);
		if (fault == EX_FAULT_MAX || may(w, fault))
			n = add(step, n, EX_DO_TIMER, h, at << 4 | i);
	}
	if (slot->tcb.rcv.run_count && may(w, EX_PRUNE))
		n = add(step, n, EX_DO_PRUNE, h, at);
	return n;
}

static bool in_use(const struct ex_world *w, u8 h)
{
	u32 i;

	for (i = 0; i < EX_SLOTS; i++)
		if (w->slot[h][i].used)
			return true;
	return false;
}

/* Does somebody still speak with what this TIME-WAIT is left of? */
static bool wanted(const struct ex_world *w, u8 h, const struct xtcp_tw *tw)
{
	u32 i;

	for (i = 0; i < EX_SLOTS; i++)
		if (alive(&w->slot[!h][i]) && w->slot[!h][i].tcb.tag == tw->peer_tag)
			return true;
	return !quiet(w);
}

/**
 * ex_steps - all that can happen next
 * @w: the world
 * @step: EX_STEPS_MAX of room
 *
 * Return: how many.
 */
u32 ex_steps(const struct ex_world *w, struct ex_step *step)
{
	u32 h, i, n = 0, best = shortest(w);

	for (h = 0; h < EX_HOSTS; h++)
		n = network_steps(w, h, step, n);
	if (w->kept)
		n = add(step, n, EX_DO_RELEASE, w->kept_from, 0);
	for (h = 0; h < EX_HOSTS; h++) {
		if (ex_may_connect(w, h))
			n = add(step, n, EX_DO_CONNECT, h, 0);
		for (i = 0; i < EX_SLOTS; i++)
			n = slot_steps(w, h, i, best, step, n);
		for (i = 0; i < EX_TWS; i++)
			if (w->host[h].tw[i].used &&
			    (!wanted(w, h, &w->host[h].tw[i].tw) || may(w, EX_EVICT)))
				n = add(step, n, EX_DO_TW_END, h, i);
		for (i = 0; i < EX_HALVES; i++)
			if (w->host[h].half[i].used && may(w, EX_HALF))
				n = add(step, n, EX_DO_HALF_GONE, h, i);
		if (may(w, EX_CRASH) && in_use(w, h))
			n = add(step, n, EX_DO_CRASH, h, 0);
	}
	if (may(w, EX_AGE) && quiet(w) && best >= CLASS_MINUTE)
		n = add(step, n, EX_DO_AGE, 0, 0);
	return n;
}

/**
 * ex_denials - the same step once more, with memory or transmission denied
 * @w: the world before @done
 * @done: a step that denied nothing
 * @asked: what it asked for: w->asked after it
 * @step: gets one for each
 *
 * Return: how many make a difference and are within the bounds.
 */
u32 ex_denials(const struct ex_world *w, struct ex_step done, u8 asked, struct ex_step *step)
{
	u32 i, n = 0;

	for (i = EX_SPARE; i <= EX_XMIT; i++) {
		if (!(asked & BIT(i - EX_SPARE)) || !may(w, i))
			continue;
		step[n] = done;
		step[n++].deny = BIT(i - EX_SPARE);
	}
	return n;
}

/* The timer of a class that is due first. */
static bool fair_timer(const struct ex_world *w, u8 class, struct ex_step *step)
{
	u64 first = XTCP_NEVER;
	u32 h, i, t;

	for (h = 0; h < EX_HOSTS; h++)
		for (i = 0; i < EX_SLOTS; i++)
			for (t = 0; t < XTCP_TIMERS && alive(&w->slot[h][i]); t++) {
				if (class_of[t] != class ||
				    w->slot[h][i].tcb.deadline[t] >= first)
					continue;
				first = w->slot[h][i].tcb.deadline[t];
				add(step, 0, EX_DO_TIMER, h, i << 4 | t);
			}
	return first != XTCP_NEVER;
}

/**
 * ex_fair_step - what happens next if nothing goes wrong any more
 * @w: the world
 * @patient: so much has happened that TIME-WAITs are over
 * @step: gets it
 *
 * Segments arrive, then programs go on, then timers fire, the shortest first.
 *
 * Return: false if nothing is left to happen.
 */
bool ex_fair_step(const struct ex_world *w, bool patient, struct ex_step *step)
{
	u32 h, i;

	for (h = 0; h < EX_HOSTS; h++) {
		if (w->queued[h]) {
			add(step, 0, EX_DO_DELIVER, h, 0);
			return true;
		}
	}
	for (h = 0; h < EX_HOSTS; h++) {
		for (i = 0; i < EX_SLOTS; i++) {
			if (ex_program_ready(w, h, &w->slot[h][i])) {
				add(step, 0, EX_DO_PROGRAM, h, i);
				return true;
			}
		}
		if (ex_may_connect(w, h)) {
			add(step, 0, EX_DO_CONNECT, h, 0);
			return true;
		}
	}
	for (h = 0; h < EX_HOSTS && patient; h++) {
		for (i = 0; i < EX_TWS; i++) {
			if (w->host[h].tw[i].used) {
				add(step, 0, EX_DO_TW_END, h, i);
				return true;
			}
		}
	}
	return fair_timer(w, CLASS_MS, step) || fair_timer(w, CLASS_RTO, step) ||
	       fair_timer(w, CLASS_MINUTE, step);
}

/**
 * ex_finished - is everything over?
 * @w: the world
 *
 * Return: true if no program and no connection is left.
 */
bool ex_finished(const struct ex_world *w)
{
	return !in_use(w, 0) && !in_use(w, 1) && !ex_may_connect(w, 0) && !ex_may_connect(w, 1);
}

static void crash(struct ex_world *w, u8 h)
{
	struct ex_host *host = &w->host[h];
	u32 i;

	for (i = 0; i < EX_SLOTS; i++)
		w->slot[h][i].used = false;
	host->epoch++;
	host->keys.key[0][1]++;		/* new ones, and the old ones gone */
	memset(host->half, 0, sizeof(host->half));
	host->refuse_born = 0;
	memset(host->tomb, 0, sizeof(host->tomb));
	memset(host->tw, 0, sizeof(host->tw));
	w->clean = false;
}

static void use(struct ex_world *w, enum ex_fault fault)
{
	w->left[fault]--;
	w->faults--;
}

static void fire(struct ex_world *w, u8 h, u8 arg)
{
	struct ex_slot *slot = &w->slot[h][arg >> 4];
	enum xtcp_timer_id id = arg & 15;
	enum ex_fault fault = early(w, id, shortest(w));

	if (fault != EX_FAULT_MAX && w->left[fault] && w->faults)
		use(w, fault);
	/* These give up, and the peer may find it gone; without a fault K1's must not. */
	if (class_of[id] == CLASS_MINUTE &&
	    (id != XTCP_T_KEEP || w->faults != w->sc->faults))
		w->clean = false;
	ex_fire(w, h, slot, id);
}

static void end_timewait(struct ex_world *w, u8 h, u8 arg)
{
	struct ex_tw *tw = &w->host[h].tw[arg];

	if (wanted(w, h, &tw->tw) && may(w, EX_EVICT)) {
		use(w, EX_EVICT);
		w->clean = false;
	}
	ex_tw_end(w, &w->host[h], tw);
}

/* What has expired is still there: whoever clears it away may be late. */
static void age(struct ex_world *w)
{
	use(w, EX_AGE);
	w->door_now += XTCP_COOKIE_LIFE + XTCP_SEC;
}

/**
 * ex_perform - a step happens
 * @w: the world
 * @step: one of those that ex_steps() and the others name
 */
void ex_perform(struct ex_world *w, struct ex_step step)
{
	const u8 h = step.host;
	struct ex_packet packet;
	u32 i;

	w->now += step.kind == EX_DO_DELIVER ? EX_FLIGHT : EX_TICK;
	w->deny = step.deny;
	w->asked = 0;
	w->sent = 0;
	w->full = false;
	for (i = EX_SPARE; i <= EX_XMIT; i++)
		if (step.deny & BIT(i - EX_SPARE))
			use(w, i);
	switch (step.kind) {
	case EX_DO_DELIVER:
		ex_take(w, h, step.arg, &packet);
		if (step.arg)
			use(w, EX_REORDER);
		ex_receive(w, !h, &packet);
		break;
	case EX_DO_LOSE:
		ex_take(w, h, 0, &packet);
		use(w, EX_LOSS);
		break;
	case EX_DO_DUP:
		packet = w->net[h][0];
		ex_queue(w, h, &packet);
		use(w, EX_DUP);
		break;
	case EX_DO_KEEP:
		w->stale = w->net[h][0];
		w->kept = true;
		w->kept_from = h;
		use(w, EX_STALE);
		break;
	case EX_DO_RELEASE:
		w->kept = false;
		ex_receive(w, !h, &w->stale);
		break;
	case EX_DO_FORGE:
		packet = w->net[h][0];
		use(w, EX_FORGE);
		if (ex_forge(w, h, step.arg, &packet) && !w->full)
			ex_receive(w, !h, &packet);
		break;
	case EX_DO_CONNECT:
		ex_connect(w, h);
		break;
	case EX_DO_PROGRAM:
		ex_program(w, h, &w->slot[h][step.arg]);
		break;
	case EX_DO_TIMER:
		fire(w, h, step.arg);
		break;
	case EX_DO_PRUNE:
		use(w, EX_PRUNE);
		ex_act(w, h, &w->slot[h][step.arg], xtcp_prune(&w->slot[h][step.arg].tcb), NULL);
		break;
	case EX_DO_CRASH:
		use(w, EX_CRASH);
		crash(w, h);
		break;
	case EX_DO_TW_END:
		end_timewait(w, h, step.arg);
		break;
	case EX_DO_HALF_GONE:
		use(w, EX_HALF);
		for (i = step.arg; i + 1 < EX_HALVES; i++)
			w->host[h].half[i] = w->host[h].half[i + 1];
		w->host[h].half[i].used = false;
		break;
	case EX_DO_AGE:
		age(w);
		break;
	}
	w->deny = 0;
}
