// SPDX-License-Identifier: GPL-2.0
/* Reading scripts: from lines to steps. Nothing here knows a kernel. */
#include <ctype.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "segment.h"
#include "token.h"

#define DEPTH_MAX	4	/* files that use files */
#define STEPS_MAX	1000
#define MAIN_FLOW	"main"	/* what lines without @ speak of */

/*
 * What "exactly then" means: a timer is two jiffies late where HZ is 100, and adds
 * up to that when it is set again; when the step before was is no better known.
 */
#define TIMER_LATE	(100 * MSEC)
#define TIMER_EARLY(ns)	((ns) < SEC ? 0 : 100 * MSEC)

/* What no timer has delayed comes within this. */
#define AT_ONCE		(10 * MSEC)

/* D5: an ACK is held for 25 ms at most. */
#define DELAYED		(27 * MSEC)

static const struct {
	const char *name;
	unsigned int least, most;	/* arguments after the socket */
	bool no_socket;			/* there is none */
	bool waits;			/* can be waited for */
} calls[CALLS] = {
	[CALL_SOCKET]		= { "socket", 0, 0, true, false },
	[CALL_BIND]		= { "bind", 1, 1, false, false },
	[CALL_LISTEN]		= { "listen", 1, 1, false, false },
	[CALL_ACCEPT]		= { "accept", 0, 0, false, true },
	[CALL_CONNECT]		= { "connect", 0, 1, false, true },
	[CALL_DISCONNECT]	= { "disconnect", 0, 0, false, false },
	[CALL_SEND]		= { "send", 1, 2, false, true },
	[CALL_RECV]		= { "recv", 1, 2, false, true },
	[CALL_SHUTDOWN]		= { "shutdown", 1, 1, false, false },
	[CALL_CLOSE]		= { "close", 0, 0, false, false },
	[CALL_SETSOCKOPT]	= { "setsockopt", 2, 2, false, false },
	[CALL_GETSOCKOPT]	= { "getsockopt", 1, 1, false, true },
	[CALL_POLL]		= { "poll", 0, 0, false, false },
	[CALL_STATE]		= { "state", 0, 0, false, false },
	[CALL_INFO]		= { "info", 1, 1, false, false },
	[CALL_INQ]		= { "inq", 0, 0, false, false },
	[CALL_OUTQ]		= { "outq", 0, 0, false, false },
	[CALL_ATMARK]		= { "atmark", 0, 0, false, false },
	[CALL_OWN]		= { "own", 0, 0, false, false },
	[CALL_SIGNALS]		= { "signals", 1, 1, true, false },
};

static int64_t parse_word(struct parser *p, const struct name *table, const char *what)
{
	const char *word = next(p);
	const struct name *name = name_find(table, word);

	if (!name) {
		fail(p, "%s expected, not \"%s\"", what, word);
		return 0;
	}
	return name->value;
}

/* after D, after D..D, within D, delayed; since NAME */
static bool parse_timing(struct parser *p, struct timing *when)
{
	unsigned int i;

	if (accept_token(p, "since")) {
		char name[NAME_MAX_LEN];

		parse_name(p, name);
		for (i = 0; i < p->script->marks; i++) {
			if (!strcmp(p->script->mark[i], name)) {
				when->mark = i;
				return true;
			}
		}
		fail(p, "no mark \"%s\" above", name);
		return true;
	}
	if (accept_token(p, "within")) {
		when->given = true;
		when->lo = 0;
		when->hi = parse_duration(p);
		return true;
	}
	if (accept_token(p, "delayed")) {
		when->given = true;
		when->hi = DELAYED;
		return true;
	}
	if (!accept_token(p, "after"))
		return false;
	when->given = true;
	when->lo = parse_duration(p);
	if (accept_token(p, "..")) {
		when->hi = parse_duration(p);
	} else {
		when->hi = when->lo + TIMER_LATE;
		when->lo -= TIMER_EARLY(when->lo);
	}
	return true;
}

static void parse_flags(struct parser *p, struct segment_spec *spec)
{
	uint8_t flag;

	if (accept_token(p, "any")) {
		spec->any_flags = true;
		return;
	}
	if (accept_token(p, "noflags"))
		return;
	do {
		flag = parse_word(p, flag_names, "a flag (SYN, ACK, FIN, RST, PSH, URG)");
		if (accept_token(p, "?"))
			spec->maybe |= flag;
		else
			spec->flags |= flag;
	} while (accept_token(p, "|"));
}

static void parse_tag(struct parser *p, struct segment_spec *spec)
{
	spec->tag = TAG_VALUE;
	if (accept_token(p, "peer"))
		spec->tag = TAG_PEER;
	else if (accept_token(p, "local"))
		spec->tag = TAG_LOCAL;
	else if (accept_token(p, "wrong"))
		spec->tag = TAG_WRONG;
	else if (accept_token(p, "any"))
		spec->tag = TAG_ANY;
	else
		spec->tag_value = parse_between(p, 0, UINT32_MAX);
}

/* What each option may say of itself, and whether a number may stand alone. */
static const struct {
	uint8_t kind;
	unsigned int nameless;
	const char *names[5];
} option_args[] = {
	{ KIND_HELLO, 0, { "mss", "tag", "features", "timeout" } },
	{ KIND_COOKIE, 0, { "bit", "byte" } },
	{ KIND_ACKINFO, ARGS_MAX, { "delay", "ce" } },
	{ KIND_DSACK, 1, { 0 } },
	{ KIND_TS, 1, { 0 } },
	{ KIND_TSECHO, 1, { "delay" } },
	{ KIND_URG, 1, { 0 } },
	{ 0, 0, { "kind", "words" } },
};

static void check_option_arg(struct parser *p, const struct option_spec *option,
			     const struct option_arg *arg)
{
	unsigned int i, k, nameless = 0;

	for (i = 0; i < option->args; i++)
		nameless += !*option->arg[i].name;
	for (i = 0; option_args[i].kind != option->kind; i++)
		;
	if (!*arg->name) {
		if (nameless > option_args[i].nameless)
			fail(p, "too many numbers");
		return;
	}
	for (k = 0; option_args[i].names[k]; k++)
		if (!strcmp(option_args[i].names[k], arg->name))
			return;
	fail(p, "this option has no \"%s\"", arg->name);
}

/* Is the word that comes next the name of the number behind it? */
static bool at_arg_name(const struct parser *p)
{
	static const char *const after_number[] = { ",", ")", "..", "+", "-" };
	const char *second = p->at + 1 < p->tokens ? p->token[p->at + 1] : ")";
	size_t i;

	for (i = 0; i < sizeof(after_number) / sizeof(after_number[0]); i++)
		if (!strcmp(second, after_number[i]))
			return false;
	return isalpha((unsigned char)*peek(p));
}

static void parse_option(struct parser *p, struct segment_spec *spec, bool absent)
{
	struct option_spec *option = &spec->option[spec->options];
	struct option_arg *arg;

	if (spec->options == OPTIONS_SPEC) {
		fail(p, "too many options");
		return;
	}
	spec->options++;
	option->absent = absent;
	option->kind = parse_word(p, kind_names, "an option");
	if (absent || !accept_token(p, "("))
		return;
	while (!at_end(p) && strcmp(peek(p), ")")) {
		if (option->args == ARGS_MAX) {
			fail(p, "too many arguments");
			return;
		}
		arg = &option->arg[option->args++];
		if (at_arg_name(p))
			parse_name(p, arg->name);
		parse_want(p, &arg->value);
		check_option_arg(p, option, arg);
		accept_token(p, ",");
	}
	need(p, ")");
}

/* What only a segment that is sent can have. False: it was none of these. */
static bool parse_faults(struct parser *p, struct segment_spec *spec)
{
	if (accept_token(p, "checksum")) {
		need(p, "bad");
		spec->bad_checksum = true;
	} else if (accept_token(p, "version")) {
		spec->version = parse_between(p, 0, 3);
	} else if (accept_token(p, "offset")) {
		spec->offset = parse_between(p, 0, 63);
	} else if (accept_token(p, "reserved")) {
		spec->reserved = parse_between(p, 0, 3);
	} else if (accept_token(p, "truncate")) {
		spec->truncate = parse_between(p, 0, 1500);
	} else if (accept_token(p, "fragments")) {
		spec->fragments = parse_between(p, 2, 16);
	} else if (accept_token(p, "mtu")) {
		spec->mtu = parse_between(p, 0, 65535);
	} else {
		return false;
	}
	return true;
}

static void parse_ecn(struct parser *p, struct segment_spec *spec)
{
	spec->ecn_given = true;
	spec->ecn = parse_word(p, ecn_names, "not-ect, ect0, ect1 or ce");
}

/* A segment that is sent has one number where one that is expected may have several. */
static void check_sent(struct parser *p, const struct segment_spec *spec)
{
	const struct want *wants[] = { &spec->seq, &spec->ack, &spec->len, &spec->win };
	size_t i;

	for (i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
		if (memcmp(&wants[i]->lo, &wants[i]->hi, sizeof(wants[i]->lo)))
			fail(p, "what is sent has one number, not several");
	if (spec->maybe || spec->any_flags)
		fail(p, "what is sent has flags or has not");
}

static void parse_segment(struct parser *p, struct step *step)
{
	struct segment_spec *spec = &step->segment;
	bool sent = step->kind == STEP_PEER;

	spec->version = -1;
	spec->offset = -1;
	spec->reserved = -1;
	spec->truncate = -1;
	if (sent && accept_token(p, "ICMP"))
		spec->icmp = parse_word(p, icmp_names, "an ICMP error");
	else
		parse_flags(p, spec);
	while (!at_end(p)) {
		if (accept_token(p, "seq"))
			parse_want(p, &spec->seq);
		else if (accept_token(p, "ack"))
			parse_want(p, &spec->ack);
		else if (accept_token(p, "len"))
			parse_want(p, &spec->len);
		else if (accept_token(p, "win"))
			parse_want(p, &spec->win);
		else if (accept_token(p, "tag"))
			parse_tag(p, spec);
		else if (accept_token(p, "from"))
			spec->from = parse_word(p, place_names, "an address");
		else if (accept_token(p, "to"))
			spec->to = parse_word(p, place_names, "an address");
		else if (accept_token(p, "no"))
			parse_option(p, spec, true);
		else if (accept_token(p, "ecn"))
			parse_ecn(p, spec);
		else if (!sent && accept_token(p, "dscp"))
			parse_want(p, &spec->dscp);
		else if (!sent && accept_token(p, "fresh"))
			spec->fresh = true;
		else if (sent && parse_faults(p, spec))
			continue;
		else if (!sent && parse_timing(p, &step->when))
			continue;
		else
			parse_option(p, spec, false);
	}
	if (sent)
		check_sent(p, spec);
	if (spec->fresh && !(spec->flags & SYN))
		fail(p, "only a SYN can be fresh");
}

static int64_t parse_numbers(struct parser *p)
{
	int64_t value = 0;

	if (at_number(p))
		return parse_number(p);
	do
		value |= parse_word(p, number_names, "a number or a name of one");
	while (accept_token(p, "|"));
	return value;
}

static void parse_call_args(struct parser *p, struct call *call)
{
	const struct name *option;

	if (!calls[call->id].no_socket && strcmp(peek(p), ")"))
		parse_name(p, call->socket);
	while (!at_end(p) && strcmp(peek(p), ")")) {
		if (*call->socket || call->args)
			need(p, ",");
		if (call->args == CALL_ARGS) {
			fail(p, "too many arguments");
			return;
		}
		option = name_find(option_names, peek(p));
		if (option) {
			call->option = true;
			call->level = option->level;
			call->arg[call->args] = option->value;
			next(p);
		} else if (call->id == CALL_INFO) {
			parse_name(p, call->word);
		} else {
			call->arg[call->args] = parse_numbers(p);
		}
		call->args++;
	}
	need(p, ")");
	if (!calls[call->id].no_socket && !*call->socket)
		fail(p, "%s() of which socket?", calls[call->id].name);
	else if (call->args < calls[call->id].least || call->args > calls[call->id].most)
		fail(p, "%s() does not take %u arguments", calls[call->id].name, call->args);
	else if ((call->id == CALL_SETSOCKOPT || call->id == CALL_GETSOCKOPT) && !call->option)
		fail(p, "unknown socket option");
}

static void parse_result(struct parser *p, struct call *call)
{
	const struct name *name = name_find(errno_names, peek(p));

	if (name) {
		call->expect = RESULT_ERRNO;
		call->lo = name->value;
		next(p);
		return;
	}
	call->expect = RESULT_NUMBER;
	name = name_find(state_names, peek(p));
	if (name) {
		next(p);
		call->lo = name->value;
	} else {
		call->lo = parse_numbers(p);
	}
	call->hi = accept_token(p, "..") ? parse_number(p) : call->lo;
}

/* [NAME =] CALL(SOCKET, ...) [= RESULT] [at N] [after ...] */
static void parse_call(struct parser *p, struct step *step)
{
	struct call *call = &step->call;
	const char *word;

	step->kind = STEP_APP;
	if (p->tokens > p->at + 1 && !strcmp(p->token[p->at + 1], "=")) {
		parse_name(p, call->result);
		need(p, "=");
	}
	word = next(p);
	for (call->id = 0; call->id < CALLS && strcmp(calls[call->id].name, word);)
		call->id++;
	if (call->id == CALLS) {
		fail(p, "no call \"%s\"", word);
		return;
	}
	need(p, "(");
	parse_call_args(p, call);
	if (accept_token(p, "="))
		parse_result(p, call);
	while (!at_end(p)) {
		if (call->id == CALL_RECV && accept_token(p, "at"))
			call->at = parse_number(p);
		else if (!parse_timing(p, &step->when))
			fail(p, "\"%s\" makes no sense here", peek(p));
	}
	if (step->when.given && !calls[call->id].waits)
		fail(p, "%s() cannot be waited for", calls[call->id].name);
	if (*call->result && call->id != CALL_SOCKET && call->id != CALL_ACCEPT)
		fail(p, "%s() makes no socket", calls[call->id].name);
	else if (!*call->result && (call->id == CALL_SOCKET ||
				    (call->id == CALL_ACCEPT && call->expect == RESULT_SUCCESS)))
		fail(p, "the new socket needs a name");
}

/* NAME = VALUE, NAME = N, NAME = N..N */
static void parse_setting(struct parser *p, struct step *step)
{
	const char *word = next(p);
	size_t len;

	snprintf(step->setting.name, sizeof(step->setting.name), "%s", word);
	need(p, "=");
	if (step->kind == STEP_COUNTER) {
		step->setting.lo = parse_number(p);
		step->setting.hi = accept_token(p, "..") ? parse_number(p) : step->setting.lo;
		return;
	}
	while (!at_end(p)) {
		len = strlen(step->setting.value);
		snprintf(step->setting.value + len, sizeof(step->setting.value) - len, "%s%s",
			 len ? " " : "", next(p));
	}
}

/* STATE, N*STATE; none */
static void parse_states(struct parser *p, struct step *step)
{
	unsigned int n;

	if (accept_token(p, "none"))
		return;
	do {
		n = step->states.n++;
		if (n == STATES_LISTED) {
			fail(p, "too many states");
			return;
		}
		step->states.count[n] = 1;
		if (at_number(p)) {
			step->states.count[n] = parse_between(p, 1, 1000000);
			need(p, "*");
		}
		step->states.state[n] = parse_word(p, state_names, "a state");
	} while (!at_end(p));
}

static void parse_mark(struct parser *p, struct step *step)
{
	struct script *script = p->script;
	char name[NAME_MAX_LEN];
	size_t i;

	parse_name(p, name);
	for (i = 0; i < script->marks && strcmp(script->mark[i], name);)
		i++;
	if (i == MARKS_MAX) {
		fail(p, "too many marks");
		return;
	}
	if (i == script->marks)
		memcpy(script->mark[script->marks++], name, sizeof(name));
	step->other = i;
}

/* The flow of that name; a new one if there is none. */
static struct flow_spec *get_flow(struct parser *p)
{
	struct script *script = p->script;
	char name[NAME_MAX_LEN];
	unsigned int i;

	parse_name(p, name);
	for (i = 0; i < script->flows; i++)
		if (!strcmp(script->flow[i].name, name))
			return &script->flow[i];
	if (i == FLOWS_MAX) {
		fail(p, "too many flows");
		return &script->flow[0];
	}
	script->flows++;
	memset(&script->flow[i], 0, sizeof(script->flow[i]));
	memcpy(script->flow[i].name, name, sizeof(name));
	return &script->flow[i];
}

/* flow NAME [port N] [local-port N] [isn N] [tag N] [at PLACE] */
static void parse_flow(struct parser *p)
{
	struct flow_spec *flow = get_flow(p);

	while (!at_end(p)) {
		if (accept_token(p, "port"))
			flow->peer_port = parse_between(p, 1, UINT16_MAX);
		else if (accept_token(p, "local-port"))
			flow->local_port = parse_between(p, 1, UINT16_MAX);
		else if (accept_token(p, "isn"))
			flow->isn = parse_number(p);
		else if (accept_token(p, "tag"))
			flow->tag = parse_between(p, 1, UINT32_MAX);
		else if (accept_token(p, "at"))
			flow->place = parse_word(p, place_names, "an address");
		else
			fail(p, "\"%s\" makes no sense here", peek(p));
	}
}

/* @NAME behind peer or local: another flow than main. */
static unsigned int parse_at_flow(struct parser *p)
{
	char name[NAME_MAX_LEN];
	unsigned int i;

	if (!accept_token(p, "@"))
		return 0;
	parse_name(p, name);
	for (i = 0; i < p->script->flows; i++)
		if (!strcmp(p->script->flow[i].name, name))
			return i;
	fail(p, "no flow \"%s\" above", name);
	return 0;
}

static void parse_end(struct parser *p, struct step *step)
{
	size_t i = p->script->steps;
	unsigned int ends = 0;

	step->kind = STEP_END;
	while (i--) {
		if (p->script->step[i].kind == STEP_END) {
			ends++;
		} else if (p->script->step[i].kind == STEP_REPEAT && !ends--) {
			step->other = i;
			return;
		}
	}
	fail(p, "no repeat above");
}

static void parse_local(struct parser *p, struct step *step)
{
	if (accept_token(p, "nothing"))
		step->kind = STEP_NOTHING;
	else if (accept_token(p, "anything"))
		step->kind = STEP_ANYTHING;
	if (step->kind == STEP_LOCAL) {
		parse_segment(p, step);
		return;
	}
	need(p, "for");
	step->duration = parse_duration(p);
}

/* only IPv4, only IPv6: what the rule is about does not exist in the other. */
static void parse_only(struct parser *p)
{
	p->script->ipv4 = accept_token(p, "IPv4");
	p->script->ipv6 = !p->script->ipv4;
	if (p->script->ipv6)
		need(p, "IPv6");
}

static void use_file(struct parser *p);

/* A line that makes a step, or one that only says something. Return: whether it does. */
static bool parse_line(struct parser *p, struct step *step)
{
	step->when.mark = -1;
	step->when.hi = AT_ONCE;
	if (accept_token(p, "peer") || accept_token(p, "local")) {
		bool peer = !strcmp(p->token[p->at - 1], "peer");

		step->kind = peer ? STEP_PEER : STEP_LOCAL;
		step->flow = parse_at_flow(p);
		need(p, ":");
		if (peer)
			parse_segment(p, step);
		else
			parse_local(p, step);
	} else if (accept_token(p, "app")) {
		need(p, ":");
		parse_call(p, step);
	} else if (accept_token(p, "sysctl")) {
		step->kind = STEP_SYSCTL;
		parse_setting(p, step);
	} else if (accept_token(p, "counter")) {
		step->kind = STEP_COUNTER;
		parse_setting(p, step);
	} else if (accept_token(p, "states")) {
		step->kind = STEP_STATES;
		parse_states(p, step);
	} else if (accept_token(p, "mark")) {
		step->kind = STEP_MARK;
		parse_mark(p, step);
	} else if (accept_token(p, "repeat")) {
		step->kind = STEP_REPEAT;
		step->other = parse_between(p, 1, 1000000);
	} else if (accept_token(p, "end")) {
		parse_end(p, step);
	} else if (accept_token(p, "mtu")) {
		step->kind = STEP_MTU;
		step->number = parse_between(p, 1280, 65535);
	} else {
		if (accept_token(p, "flow"))
			parse_flow(p);
		else if (accept_token(p, "use"))
			use_file(p);
		else if (accept_token(p, "only"))
			parse_only(p);
		else
			fail(p, "unknown line \"%s\"", peek(p));
		return false;
	}
	return true;
}

static void parse_text(struct parser *p, char *text)
{
	struct script *script = p->script;
	struct step step;
	char *line;

	while (!p->failed && (line = strsep(&text, "\n"))) {
		p->line++;
		tokenize(p, line);
		if (at_end(p))
			continue;
		memset(&step, 0, sizeof(step));
		step.file = p->file;
		step.line = p->line;
		step.text = line + strspn(line, " \t");
		if (!parse_line(p, &step))
			continue;
		if (!at_end(p))
			fail(p, "\"%s\" makes no sense here", peek(p));
		if (script->steps == STEPS_MAX)
			fail(p, "more than %d steps", STEPS_MAX);
		if (!p->failed)
			script->step[script->steps++] = step;
	}
}

/* Keep a string as long as the script lives. */
static char *keep(struct script *script, char *text)
{
	char **texts = realloc(script->text, (script->texts + 1) * sizeof(*texts));

	if (!texts)
		abort();
	script->text = texts;
	script->text[script->texts++] = text;
	return text;
}

/* The whole of a file, to be freed; NULL: it cannot be read, or is empty. */
static char *read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		return NULL;
	if (getdelim(&text, &size, 0, file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* use FILE: its steps, as if they stood here. Files are looked for beside the script. */
static void use_file(struct parser *p)
{
	struct parser inner = { .script = p->script, .line = 0, .depth = p->depth + 1 };
	char *folder = keep(p->script, strdup(p->file));
	const char *name = next(p);
	char path[512];
	char *text;

	if (inner.depth > DEPTH_MAX) {
		fail(p, "files use each other");
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", dirname(folder), name);
	text = read_file(path);
	if (!text) {
		fail(p, "cannot read %s", path);
		return;
	}
	keep(p->script, text);
	inner.file = keep(p->script, strdup(path));
	parse_text(&inner, text);
	p->failed = inner.failed;
	if (!at_end(p))
		fail(p, "\"%s\" makes no sense here", peek(p));
}

static void check_repeats(struct parser *p)
{
	const struct script *script = p->script;
	unsigned int ends = 0;
	size_t i = script->steps;

	while (i--) {
		if (script->step[i].kind == STEP_END) {
			ends++;
		} else if (script->step[i].kind == STEP_REPEAT && !ends--) {
			p->file = script->step[i].file;
			p->line = script->step[i].line;
			fail(p, "this repeat has no end");
			return;
		}
	}
}

/**
 * script_parse - read a script from memory
 * @script: result, to be freed with script_free() in any case; error says what
 *	is wrong, and where
 * @file: its name, which stays
 * @text: its lines, which are cut and stay
 *
 * Return: 0 or -1.
 */
int script_parse(struct script *script, const char *file, char *text)
{
	struct parser p = { .script = script, .file = file };

	memset(script, 0, sizeof(*script));
	script->ipv4 = true;
	script->ipv6 = true;
	script->flows = 1;
	memcpy(script->flow[0].name, MAIN_FLOW, sizeof(MAIN_FLOW));
	script->step = calloc(STEPS_MAX, sizeof(*script->step));
	if (!script->step)
		abort();
	parse_text(&p, text);
	check_repeats(&p);
	if (!p.failed && !script->steps)
		fail(&p, "an empty script");
	return p.failed ? -1 : 0;
}

/**
 * script_loosen - let all that is expected come later
 * @script: script
 * @slack: so much, in nanoseconds
 */
void script_loosen(struct script *script, int64_t slack)
{
	size_t i;

	for (i = 0; i < script->steps; i++)
		script->step[i].when.hi += slack;
}

/**
 * script_read - read a script from a file
 * @script: result, as of script_parse()
 * @path: file; its name without ending is the script's
 *
 * Return: 0 or -1.
 */
int script_read(struct script *script, const char *path)
{
	const char *name = strrchr(path, '/');
	char *text = read_file(path);
	int err;

	if (!text) {
		memset(script, 0, sizeof(*script));
		snprintf(script->error, sizeof(script->error), "%s: cannot be read", path);
		return -1;
	}
	err = script_parse(script, path, text);
	keep(script, text);
	name = name ? name + 1 : path;
	snprintf(script->name, sizeof(script->name), "%.*s", (int)strcspn(name, "."), name);
	return err;
}

/**
 * script_free - give back what a script holds
 * @script: script
 */
void script_free(struct script *script)
{
	size_t i;

	for (i = 0; i < script->texts; i++)
		free(script->text[i]);
	free(script->text);
	free(script->step);
	memset(script, 0, sizeof(*script));
}
