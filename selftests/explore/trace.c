// SPDX-License-Identifier: GPL-2.0
/* A history in lines: each step, the segments it sends, the states it changes. */
#include <stdarg.h>
#include <stdio.h>

#include "explore.h"

bool ex_tracing;

static const char *const state_names[XTCP_STATES] = {
	[XTCP_ESTABLISHED] = "ESTABLISHED", [XTCP_SYN_SENT] = "SYN-SENT",
	[XTCP_SYN_RECEIVED] = "SYN-RECEIVED", [XTCP_FIN_WAIT_1] = "FIN-WAIT-1",
	[XTCP_FIN_WAIT_2] = "FIN-WAIT-2", [XTCP_TIME_WAIT] = "TIME-WAIT",
	[XTCP_CLOSED] = "CLOSED", [XTCP_CLOSE_WAIT] = "CLOSE-WAIT",
	[XTCP_LAST_ACK] = "LAST-ACK", [XTCP_LISTEN] = "LISTEN", [XTCP_CLOSING] = "CLOSING",
};

static const char *const timer_names[XTCP_TIMERS] = {
	[XTCP_T_SYN] = "T-SYN", [XTCP_T_ECHO] = "T-ECHO", [XTCP_T_TLP] = "T-TLP",
	[XTCP_T_RTO] = "T-RTO",
	[XTCP_T_REO] = "T-REO", [XTCP_T_PROBE] = "T-PROBE", [XTCP_T_DELACK] = "T-DELACK",
	[XTCP_T_HOLD] = "T-HOLD", [XTCP_T_RETRY] = "T-RETRY", [XTCP_T_KEEP] = "T-KEEP",
	[XTCP_T_USER] = "T-USER", [XTCP_T_FW2] = "T-FW2", [XTCP_T_ORPHAN] = "T-ORPHAN",
};

static const char *const forgery_names[EX_FORGERIES] = {
	[EX_FORGE_MAC] = "a cookie with another MAC",
	[EX_FORGE_BODY] = "a cookie with another text", [EX_FORGE_ACK] = "another ACK",
	[EX_FORGE_SEQ] = "another SEQ", [EX_FORGE_TAG] = "another tag",
	[EX_FORGE_RST] = "a RST before the window", [EX_FORGE_RST_TAG] = "a RST with another tag",
	[EX_FORGE_SYN_SEQ] = "a SYN with another number",
	[EX_FORGE_SYN] = "a SYN from the same end point",
	[EX_FORGE_SHORT_SYN] = "a short SYN from the same end point",
	[EX_FORGE_BARE] = "an ACK without options", [EX_FORGE_SYNACK] = "the SYN|ACK again",
	[EX_FORGE_SYNACK_SEQ] = "a SYN|ACK with another number",
	[EX_FORGE_SYNACK_TAG] = "a SYN|ACK with another HELLO",
};

/**
 * ex_state_name - a state as the specification writes it
 * @state: enum xtcp_state
 *
 * Return: the name.
 */
const char *ex_state_name(u8 state)
{
	return state < XTCP_STATES && state_names[state] ? state_names[state] : "?";
}

/**
 * ex_trace - a line of a history, if it is being told
 * @w: the world
 * @format: as of printf()
 */
void ex_trace(const struct ex_world *w, const char *format, ...)
{
	va_list args;

	if (!ex_tracing)
		return;
	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	va_end(args);
}

static const char *letter(const struct ex_world *w, struct ex_step step, char buf[2])
{
	const struct ex_slot *slot = &w->slot[step.host][step.arg];
	const char *script = slot->script == EX_SCRIPTS ? w->sc->server :
			     w->sc->opens[step.host][slot->script];

	if (!slot->accepted)
		return "accept";
	buf[0] = script[slot->op];
	buf[1] = 0;
	return buf;
}

static void trace_whole(const struct ex_world *w, u8 from, const struct ex_packet *packet)
{
	ex_trace_packet(w, from, packet->bytes, packet->hdr, packet->len, "");
}

/**
 * ex_trace_step - what is about to happen
 * @w: the world before
 * @number: of the step
 * @step: the step
 */
void ex_trace_step(const struct ex_world *w, u32 number, struct ex_step step)
{
	static const char *const denied[] = { "", " (no memory for nodes)",
		" (no memory for data)", "", " (the memory of runs taken back)", "", "", "",
		" (transmission fails)" };
	const struct ex_slot *slot;
	char buf[2];

	if (!ex_tracing)
		return;
	printf("# %3u ", number);
	switch (step.kind) {
	case EX_DO_DELIVER:
		printf("%s at host %u%s\n", step.arg ? "a segment overtakes others and arrives" :
		       "a segment arrives", !step.host, denied[step.deny]);
		trace_whole(w, step.host, &w->net[step.host][step.arg]);
		return;
	case EX_DO_LOSE:
		printf("a segment of host %u is lost", step.host);
		break;
	case EX_DO_DUP:
		printf("a segment of host %u is doubled", step.host);
		break;
	case EX_DO_KEEP:
		printf("a copy of a segment of host %u is kept", step.host);
		break;
	case EX_DO_RELEASE:
		printf("the copy that was kept arrives at host %u%s\n", !step.host,
		       denied[step.deny]);
		trace_whole(w, step.host, &w->stale);
		return;
	case EX_DO_FORGE:
		printf("forged, as if of host %u: %s instead of its next segment", step.host,
		       forgery_names[step.arg]);
		break;
	case EX_DO_CONNECT:
		printf("host %u: connect", step.host);
		break;
	case EX_DO_PROGRAM:
		slot = &w->slot[step.host][step.arg];
		printf("host %u: connection %x's program: %s", step.host, slot->tcb.tag,
		       letter(w, step, buf));
		break;
	case EX_DO_TIMER:
		slot = &w->slot[step.host][step.arg >> 4];
		printf("host %u: connection %x's %s", step.host, slot->tcb.tag,
		       timer_names[step.arg & 15]);
		break;
	case EX_DO_PRUNE:
		printf("host %u prunes", step.host);
		break;
	case EX_DO_CRASH:
		printf("host %u restarts", step.host);
		break;
	case EX_DO_TW_END:
		printf("host %u: TIME-WAIT %x is over", step.host,
		       w->host[step.host].tw[step.arg].tw.tag);
		break;
	case EX_DO_HALF_GONE:
		printf("host %u forgets what is half open", step.host);
		break;
	case EX_DO_AGE:
		printf("all is quiet for longer than a cookie lives");
		break;
	}
	printf("%s\n", denied[step.deny]);
}

/* Relative to the initial number of the incarnation that it belongs to: tag+offset. */
static void put_number(const char *name, u64 number)
{
	if (!number)
		printf(" %s 0", name);
	else
		printf(" %s %x+%u", name, ex_owner(number), (u16)(number + EX_ISS_BACK));
}

/**
 * ex_trace_packet - a segment
 * @w: the world
 * @from: its sender
 * @bytes: header and payload
 * @hdr: header length
 * @len: payload length
 * @fate: what becomes of it
 */
void ex_trace_packet(const struct ex_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len,
		     const char *fate)
{
	static const char letters[] = "FSRPAU";
	struct xtcp_hello hello;
	struct xtcp_pkt pkt = { 0 };
	u64 start, end;
	u32 i;

	if (!ex_tracing)
		return;
	printf("#       %u > %u ", from, !from);
	if (xtcp_parse(bytes, hdr, hdr + len, &pkt)) {
		printf("malformed %s\n", fate);
		return;
	}
	for (i = 0; letters[i]; i++)
		if (pkt.flags & BIT(i))
			putchar(letters[i]);
	printf(" tag %x", pkt.tag);
	put_number("seq", pkt.seq);
	if (pkt.flags & XTCP_ACK)
		put_number("ack", pkt.ack);
	printf(" win %u", pkt.wnd);
	if (len)
		printf(" %u bytes", len);
	if (pkt.has & XTCP_HAS_HELLO) {
		xtcp_read_hello(&pkt, &hello);
		printf(" HELLO %x", hello.tag);
	}
	if (pkt.has & XTCP_HAS_COOKIE) {
		printf(" COOKIE");
		if (xtcp_cookie_tag(pkt.cookie))
			printf(" %x", xtcp_cookie_tag(pkt.cookie));
	}
	for (i = 0; i < pkt.ranges; i++) {
		xtcp_read_range(&pkt, i, &start, &end);
		printf(" SACK %u-%u", (u16)(start + EX_ISS_BACK), (u16)(end + EX_ISS_BACK));
	}
	if (pkt.has & XTCP_HAS_DSACK)
		printf(" DSACK");
	printf(" %s\n", fate);
}
