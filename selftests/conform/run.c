// SPDX-License-Identifier: GPL-2.0
/*
 * A script runs, a step after the other. Whatever the machine under test sends
 * must be expected by the step that comes next: nothing is passed over.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "call.h"
#include "flow.h"
#include "link.h"
#include "observe.h"
#include "packet.h"
#include "run.h"

#define TOO_LATE	(200 * SEC)	/* how long what is overdue is waited for, to be shown */
#define HISTORY		40		/* lines shown of what was before a failure */
#define LINE_LEN	(TEXT_LEN + 64)

struct run {
	const struct script *script;
	int family;
	bool verbose;
	struct link link;
	struct app app;
	struct flow *flow;
	int64_t start, base;		/* ns: of the script; of the step before */
	int64_t mark[MARKS_MAX];
	char (*history)[LINE_LEN];
	unsigned int lines;
};

static void note(struct run *run, int64_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something has happened: to be shown if something else fails. */
static void note(struct run *run, int64_t at, const char *format, ...)
{
	char *line = run->history[run->lines++ % HISTORY];
	int n = snprintf(line, LINE_LEN, "%12.6f  ", (at - run->start) / 1e9);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, LINE_LEN - n, format, args);
	va_end(args);
	if (run->verbose)
		printf("# %s\n", line);
}

/* In the words of a script; the flow is the one whose ports it has. */
static void describe(struct run *run, const struct arrival *a, char *text, size_t size)
{
	struct packet packet;
	const char *wrong = packet_read(a->packet, a->len, &packet);
	const struct flow *flow = &run->flow[0];
	struct segment seg;
	unsigned int i;
	int n = 0;

	if (!wrong)
		wrong = segment_read(packet.segment, packet.len, &seg);
	if (wrong) {
		snprintf(text, size, "a packet of %zu bytes: %s", a->len, wrong);
		return;
	}
	for (i = 0; i < run->script->flows; i++) {
		if (seg.dport != run->flow[i].peer_port ||
		    (flow->peer_port == seg.dport && flow->tag == seg.tag))
			continue;
		flow = &run->flow[i];
	}
	if (flow != &run->flow[0])
		n = snprintf(text, size, "(%s) ", flow->name);
	flow_describe(flow, &seg, text + n, size - n);
}

static void print_lines(const char *text)
{
	while (*text) {
		int len = strcspn(text, "\n");

		printf("#     %.*s\n", len, text);
		text += len + (text[len] == '\n');
	}
}

/* Always false: what was before, the line, and what is wrong. */
static bool give_up(struct run *run, const struct step *step, const char *why)
{
	unsigned int i = run->lines > HISTORY ? run->lines - HISTORY : 0;

	if (!run->verbose)
		for (; i < run->lines; i++)
			printf("# %s\n", run->history[i % HISTORY]);
	printf("# %s:%u: failed: %s\n", step->file, step->line, step->text);
	print_lines(why);
	return false;
}

static int64_t since(const struct run *run, const struct step *step)
{
	return step->when.mark < 0 ? run->base : run->mark[step->when.mark];
}

static bool send_report(struct run *run, const struct segment_spec *spec, struct flow *flow)
{
	static uint8_t quoted[PACKET_MAX], packet[PACKET_MAX];
	struct report report = {
		.what = spec->icmp, .mtu = spec->mtu, .quoted = quoted, .len = flow->last_len,
	};
	size_t header = run->family == AF_INET ? 20 : 40;

	if (flow->last_len < header + HEADER_LEN) {
		errno = ENODATA;
		return false;
	}
	memcpy(quoted, flow->last, flow->last_len);
	if (spec->tag == TAG_VALUE)
		put32(quoted + header + 4, spec->tag_value);
	else if (spec->tag == TAG_LOCAL)
		put32(quoted + header + 4, flow->local_tag);
	else if (spec->tag == TAG_WRONG)
		quoted[header + 5] ^= 1;
	return link_send(&run->link, packet, packet_report(run->family, &report, packet));
}

static bool send_packet(struct run *run, const struct packet *packet, unsigned int fragments)
{
	static uint8_t whole[PACKET_MAX], part[PACKET_MAX];
	size_t len = packet_write(packet, whole);
	unsigned int i;

	if (!fragments)
		return link_send(&run->link, whole, len);
	for (i = 0; i < fragments; i++)
		if (!link_send(&run->link, part, packet_fragment(whole, len, i, fragments, part)))
			return false;
	return true;
}

static bool step_peer(struct run *run, const struct step *step)
{
	static uint8_t buf[SEGMENT_MAX];
	const struct segment_spec *spec = &step->segment;
	struct flow *flow = &run->flow[step->flow];
	struct packet packet = {
		.family = run->family,
		.from = spec->from ? spec->from : flow->place,
		.to = spec->to ? spec->to : PLACE_LOCAL,
		.ecn = spec->ecn,
		.bad_checksum = spec->bad_checksum,
		.segment = buf,
	};
	const char *error;
	bool sent;

	if (!place_exists(run->family, packet.from) || !place_exists(run->family, packet.to))
		return give_up(run, step, "IPv6 has no such address");
	if (spec->icmp) {
		sent = send_report(run, spec, flow);
	} else {
		error = flow_build(flow, spec, buf, &packet.len);
		if (error)
			return give_up(run, step, error);
		sent = send_packet(run, &packet, spec->fragments);
	}
	if (!sent)
		return give_up(run, step, strerror(errno));
	run->base = now_ns();
	note(run, run->base, "%s", step->text);
	return true;
}

/* Was it in time? */
static bool in_time(const struct step *step, int64_t after, char *why, size_t size)
{
	if (after >= step->when.lo - MSEC && after <= step->when.hi)
		return true;
	snprintf(why, size, "it came after %.3f s, not %.3f..%.3f s\n", after / 1e9,
		 step->when.lo / 1e9, step->when.hi / 1e9);
	return false;
}

static bool judge(struct run *run, const struct step *step, const struct arrival *a)
{
	struct flow *flow = &run->flow[step->flow];
	char why[4 * TEXT_LEN], text[TEXT_LEN];
	struct packet packet;
	struct segment seg;
	const char *wrong;
	size_t used;

	describe(run, a, text, sizeof(text));
	wrong = packet_read(a->packet, a->len, &packet);
	if (!wrong)
		wrong = segment_read(packet.segment, packet.len, &seg);
	if (!wrong && flow_match(flow, &step->segment, &packet, &seg, why, sizeof(why))) {
		describe(run, a, text, sizeof(text));
		note(run, a->at, "local: %s", text);
		memcpy(flow->last, a->packet, a->len);
		flow->last_len = a->len;
		return true;
	}
	note(run, a->at, "local: %s", text);
	if (wrong)
		return give_up(run, step, wrong);
	used = strlen(why);
	snprintf(why + used, sizeof(why) - used, "it was: %s\n", text);
	return give_up(run, step, why);
}

static bool step_local(struct run *run, const struct step *step)
{
	int64_t base = since(run, step);
	int64_t patience = step->when.hi + TOO_LATE;
	struct arrival *a;
	char why[128];
	bool good;

	if (!link_wait(&run->link, base + patience, -1, 0)) {
		snprintf(why, sizeof(why), "nothing came within %.3f s\n", patience / 1e9);
		return give_up(run, step, why);
	}
	a = link_take(&run->link);
	good = judge(run, step, a);
	if (good && !in_time(step, a->at - base, why, sizeof(why)))
		good = give_up(run, step, why);
	run->base = a->at;
	free(a);
	return good;
}

/* Nothing must have come. */
static bool no_stray(struct run *run, const struct step *step)
{
	const struct arrival *a = link_next(&run->link);
	char text[TEXT_LEN];

	if (!a)
		return true;
	describe(run, a, text, sizeof(text));
	note(run, a->at, "local: %s", text);
	return give_up(run, step, "the last segment above was not expected");
}

static bool step_nothing(struct run *run, const struct step *step)
{
	run->base += step->duration;
	link_wait(&run->link, run->base, -1, 0);
	return no_stray(run, step);
}

static bool step_anything(struct run *run, const struct step *step)
{
	struct packet packet;
	struct arrival *a;
	struct segment seg;
	char text[TEXT_LEN];

	run->base += step->duration;
	while (link_wait(&run->link, run->base, -1, 0)) {
		a = link_take(&run->link);
		if (!packet_read(a->packet, a->len, &packet) &&
		    !segment_read(packet.segment, packet.len, &seg))
			flow_saw(&run->flow[step->flow], &seg, false);
		describe(run, a, text, sizeof(text));
		note(run, a->at, "local: %s", text);
		free(a);
	}
	return true;
}

static bool step_app(struct run *run, const struct step *step)
{
	char why[256];

	note(run, now_ns(), "%s", step->text);
	if (!app_call(&run->app, &run->link, step, since(run, step), why, sizeof(why)))
		return give_up(run, step, why);
	run->base = now_ns();
	return true;
}

static bool step_other(struct run *run, const struct step *step)
{
	const char *error;
	char why[256];
	unsigned int i;
	bool good;

	switch (step->kind) {
	case STEP_SYSCTL:
		good = observe_sysctl(step, why, sizeof(why));
		break;
	case STEP_COUNTER:
		good = observe_counter(step, why, sizeof(why));
		break;
	case STEP_STATES:
		good = observe_states(step, why, sizeof(why));
		break;
	case STEP_MTU:
		error = link_mtu(step->number);
		for (i = 0; i < run->script->flows; i++)
			run->flow[i].mtu = step->number;
		return error ? give_up(run, step, error) : true;
	default:
		run->mark[step->other] = run->base;
		return true;
	}
	return good ? true : give_up(run, step, why);
}

static bool run_step(struct run *run, const struct step *step)
{
	switch (step->kind) {
	case STEP_PEER:
		return step_peer(run, step);
	case STEP_LOCAL:
		return step_local(run, step);
	case STEP_NOTHING:
		return step_nothing(run, step);
	case STEP_ANYTHING:
		return step_anything(run, step);
	case STEP_APP:
		return step_app(run, step);
	default:
		return step_other(run, step);
	}
}

/* All steps; what is between a repeat and its end several times. */
static bool run_steps(struct run *run)
{
	const struct script *script = run->script;
	size_t *left = calloc(script->steps, sizeof(*left));
	bool good = true;
	size_t i;

	if (!left)
		abort();
	for (i = 0; good && i < script->steps; i++) {
		const struct step *step = &script->step[i];

		if (step->kind == STEP_REPEAT)
			left[i] = step->other;
		else if (step->kind != STEP_END)
			good = run_step(run, step);
		else if (--left[step->other])
			i = step->other;
	}
	free(left);
	return good && no_stray(run, &script->step[script->steps - 1]);
}

/**
 * run_script - run a script over one family
 * @script: script
 * @family: AF_INET or AF_INET6
 * @verbose: print everything as it happens
 *
 * The caller is left in a network namespace of its own, with sockets open: its
 * process should end.
 *
 * Return: true if everything was as the script says; otherwise the reasons have
 * been printed, as comments of TAP.
 */
bool run_script(const struct script *script, int family, bool verbose)
{
	struct run run = { .script = script, .family = family, .verbose = verbose };
	unsigned int i;
	bool good;

	run.flow = calloc(script->flows, sizeof(*run.flow));
	run.history = calloc(HISTORY, sizeof(*run.history));
	if (!run.flow || !run.history)
		abort();
	for (i = 0; i < script->flows; i++)
		flow_init(&run.flow[i], &script->flow[i], i, family);
	app_init(&run.app, family, run.flow[0].peer_port);
	if (link_open(&run.link)) {
		printf("# no link to a namespace of its own: %s\n", strerror(errno));
		return false;
	}
	run.start = now_ns();
	run.base = run.start;
	good = run_steps(&run);
	app_end(&run.app);
	return good;
}
