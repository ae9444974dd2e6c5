// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438), in bytes. After a loss the window grows along a cubic
 * function of the time since then: quickly back to near where the loss was,
 * slowly past it, quickly again; never more slowly than Reno would. Where slow start has
 * ended without any, the path may take far more, and the function would begin with its
 * plateau: there it grows as in Linux.
 *
 * Times are in units of 2^20 ns (about a millisecond), so that neither their
 * cubes nor these times a window overflow 64 bits, and no clock is divided.
 */
#include <xtcp/cc.h>

#define CUBIC_TIME_SHIFT	20
#define CUBIC_TIME_MAX		BIT(18)		/* 275 s from the plateau: its cube fits */

/* RFC 9438 4.6: beta_cubic = 0.7 */
#define CUBIC_BETA		717U		/* of 1024 */
/* RFC 9438 5.1: C = 0.4 segments per s^3; here per (2^20 ns)^3, times 2^40 */
#define CUBIC_C		507U
/* RFC 9438 4.3: alpha_cubic = 3 (1 - beta) / (1 + beta) */
#define CUBIC_ALPHA		542U		/* of 1024 */
#define CUBIC_ALPHA_RENO	1024U
/* Linux's bictcp_update(): 5 % in a round trip before the first congestion */
#define CUBIC_SEARCH	20U

static u32 cube_root(u64 value)
{
	u64 root = 0, next;
	int bit;

	for (bit = 20; bit >= 0; bit--) {
		next = root | 1ULL << bit;
		if (next * next * next <= value)
			root = next;
	}
	return root;
}

/* W_cubic(t) = C (t - K)^3 + W_max, in bytes (RFC 9438 4.2, figure 1). */
static u32 w_cubic(const struct xtcp_cc *cc, u64 t)
{
	const struct xtcp_cubic *cubic = &cc->own.cubic;
	u64 d = min_t(u64, t < cubic->k ? cubic->k - t : t - cubic->k, CUBIC_TIME_MAX);
	u64 bytes = ((d * d * d * CUBIC_C >> 20) * cc->mss) >> 20;

	if (t < cubic->k)
		return cubic->origin > bytes ? cubic->origin - bytes : 0;
	return min_t(u64, cubic->origin + bytes, XTCP_CC_INFINITE);
}

/* Congestion avoidance begins (4.2, figure 2; after a timeout 4.8: no plateau is known). */
static void begin_epoch(struct xtcp_cc *cc, u64 now)
{
	struct xtcp_cubic *cubic = &cc->own.cubic;
	u64 below;

	cubic->running = true;
	cubic->epoch = now;
	cubic->est = (u64)cc->cwnd << 10;
	cubic->rest = 0;
	cubic->origin = max(cubic->w_max, cc->cwnd);
	below = xtcp_div((u64)(cubic->origin - cc->cwnd) << 20, cc->mss);
	cubic->k = cube_root(xtcp_div(below << 20, CUBIC_C));
}

static void avoid(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample, u32 acked)
{
	struct xtcp_cubic *cubic = &cc->own.cubic;
	u32 alpha = cubic->est >> 10 < cubic->prior ? CUBIC_ALPHA : CUBIC_ALPHA_RENO;
	u64 t = sample->now - cubic->epoch, grow;
	u32 target, est;

	/* 4.3: what Reno would have; figure 4 */
	cubic->est += xtcp_div((u64)acked * cc->mss * alpha, cc->cwnd);
	est = min_t(u64, cubic->est >> 10, XTCP_CC_INFINITE);
	if (!cubic->prior)
		est = max(est, cc->cwnd + acked / CUBIC_SEARCH);
	if (w_cubic(cc, t >> CUBIC_TIME_SHIFT) < est) {
		cc->cwnd = max(cc->cwnd, est);
		return;
	}
	/* 4.4, 4.5: where the function will be a round trip from now, in steps */
	target = w_cubic(cc, (t + sample->srtt) >> CUBIC_TIME_SHIFT);
	target = clamp_t(u64, target, cc->cwnd, cc->cwnd + (u64)cc->cwnd / 2);
	grow = (u64)acked * (target - cc->cwnd) + cubic->rest;
	target = xtcp_div(grow, cc->cwnd);
	cubic->rest = grow - (u64)target * cc->cwnd;
	cc->cwnd = min_t(u64, (u64)cc->cwnd + target, XTCP_CC_INFINITE);
}

static void cubic_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_cubic *cubic = &cc->own.cubic;
	u64 since = sample->now - cubic->last;
	u32 acked;

	cubic->last = sample->now;
	if (sample->recovery)
		return;
	if (!xtcp_cc_used(cc, sample)) {
		/* 5.8: time in which the program had nothing to send does not count */
		if (cubic->running)
			cubic->epoch += since;
		return;
	}
	acked = xtcp_slow_start(cc, sample);
	if (!acked)
		return;
	if (!cubic->running)
		begin_epoch(cc, sample->now);
	avoid(cc, sample, acked);
}

/* 4.6, 4.7: multiplicative decrease, fast convergence */
static void decrease(struct xtcp_cc *cc, u32 flight, u32 beta)
{
	struct xtcp_cubic *cubic = &cc->own.cubic;

	cubic->running = false;
	cubic->prior = cc->cwnd;
	cubic->undo_max = cubic->w_max;
	/* of whole segments, as the RFC's windows are: the function creeps up to its plateau */
	if (cc->cwnd + cc->mss <= cubic->w_max)
		cubic->w_max = (u64)cc->cwnd * (1024 + beta) >> 11;
	else
		cubic->w_max = cc->cwnd;
	cc->ssthresh = max_t(u32, ((u64)flight * beta >> 10), XTCP_CC_MIN_SEGS * cc->mss);
}

static void cubic_on_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
	switch (event) {
	case XTCP_CC_LOSS:
		decrease(cc, flight, CUBIC_BETA);
		cc->cwnd = cc->ssthresh;
		break;
	case XTCP_CC_ECN:
		/* RFC 8511 is for congestion avoidance: slow start overshoots as far as ever */
		decrease(cc, flight, cc->cwnd < cc->ssthresh ? CUBIC_BETA : XTCP_CC_BETA_ECN);
		cc->cwnd = cc->ssthresh;
		break;
	case XTCP_CC_RTO:
		decrease(cc, flight, CUBIC_BETA);
		fallthrough;
	case XTCP_CC_RTO_AGAIN:
		cc->own.cubic.running = false;
		cc->own.cubic.w_max = 0;	/* 4.8: K = 0: it begins on the plateau */
		cc->cwnd = cc->mss;
		break;
	case XTCP_CC_IDLE:
		/* 5.8: another epoch, without the idle time */
		cc->own.cubic.running = false;
		break;
	case XTCP_CC_RECOVERED:
		break;
	case XTCP_CC_UNDO:		/* 4.9: and a new epoch */
		cc->own.cubic.running = false;
		cc->own.cubic.w_max = cc->own.cubic.undo_max;
		if (!cc->own.cubic.w_max)
			cc->own.cubic.prior = 0;
		break;
	}
}

const struct xtcp_cc_ops xtcp_cc_cubic = {
	.name		= "cubic",
	.on_ack		= cubic_on_ack,
	.on_event	= cubic_on_event,
};
