// SPDX-License-Identifier: GPL-2.0
/* A line for each packet and event, for those who ask with --trace. */
#include <stdarg.h>
#include <stdio.h>

#include "sim.h"

static void stamp(const struct sim_world *w)
{
	printf("# %4llu.%06llu ", w->now / XTCP_SEC, w->now % XTCP_SEC / XTCP_US);
}

/**
 * sim_trace - print a line, if asked to
 * @w: the world
 * @format: as of printf(), without end of line
 */
void sim_trace(const struct sim_world *w, const char *format, ...)
{
	va_list args;

	if (!w->trace)
		return;
	stamp(w);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void trace_options(const u8 *head, u32 hdr, u64 ack)
{
	struct xtcp_pkt pkt = { 0 };
	u64 start, end;
	u32 i;

	if (xtcp_parse(head, hdr, hdr, &pkt))
		return;
	if (pkt.has & XTCP_HAS_HELLO)
		printf(" hello");
	if (pkt.has & XTCP_HAS_COOKIE)
		printf(" cookie");
	if (pkt.has & XTCP_HAS_TS)
		printf(" ts %u", pkt.ts);
	if (pkt.has & XTCP_HAS_TSECHO)
		printf(" echo %u", pkt.tsecho);
	if (pkt.has & XTCP_HAS_DSACK)
		printf(" dsack %u@%llu", pkt.dsack_len, llu(pkt.dsack - pkt.ack));
	if (!(pkt.has & XTCP_HAS_ACKINFO))
		return;
	printf(" info ce %u", pkt.ce_echo);
	for (i = 0; i < pkt.ranges; i++) {
		xtcp_read_range(&pkt, i, &start, &end);
		printf(" [%llu,%llu)", llu(start - pkt.ack + ack),
		       llu(end - pkt.ack + ack));
	}
}

/**
 * sim_trace_packet - print a wire packet, if asked to
 * @w: the world
 * @from: who sent it
 * @head: its header
 * @hdr: length of the header, bytes
 * @len: length of the payload, bytes
 * @fate: what became of it; empty: it arrives
 *
 * Numbers are relative to the initial ones.
 */
void sim_trace_packet(const struct sim_world *w, u8 from, const u8 *head, u32 hdr, u32 len,
		      const char *fate)
{
	static const char letter[] = "FSRPAU";
	u64 seq, ack;
	char flags[8];
	u32 i, n = 0;

	if (!w->trace)
		return;
	for (i = 0; letter[i]; i++)
		if (head[29] & BIT(i))
			flags[n++] = letter[i];
	flags[n] = 0;
	seq = xtcp_get64(head + 8) - w->end[from].iss;
	ack = head[29] & XTCP_ACK ? xtcp_get64(head + 16) - w->end[!from].iss : 0;
	stamp(w);
	printf("%s %-3s seq %llu len %u ack %llu wnd %u tag %08x", from == SIM_CLIENT ? "->" : "<-",
	       flags, llu(seq), len, llu(ack), xtcp_get32(head + 24), xtcp_get32(head + 4));
	trace_options(head, hdr, ack);
	printf("%s%s\n", *fate ? " ... " : "", fate);
}

/**
 * sim_trace_profile - print what a seed made of the circumstances, if asked to
 * @w: the world
 */
void sim_trace_profile(const struct sim_world *w)
{
	const struct sim_profile *p = &w->p;
	const struct sim_side *s;
	u32 i;

	for (i = 0; i < SIM_SIDES; i++) {
		s = &p->side[i];
		sim_trace(w, "%s: %llu bytes, buffers %u and %u, mss %u burst %u write %u read %u",
			  i == SIM_CLIENT ? "client" : "server", llu(s->bytes), s->rcvbuf,
			  s->sndbuf, s->path_mss, s->burst, s->chunk, s->read);
		sim_trace(w, "\tthink %llu us, stall %u, urgent %u, loss %u, nodelay %d, early %d",
			  s->think / XTCP_US, s->stall, s->urgent, s->loss, s->nodelay,
			  s->close_early);
	}
	sim_trace(w, "delay %llu us, jitter %llu us, rate %llu, dup %u reorder %u ce %u merge %u",
		  p->delay / XTCP_US, p->jitter / XTCP_US, llu(p->rate), p->dup, p->reorder, p->ce,
		  p->merge);
	sim_trace(w, "fail: node %u send %u buffer %u; prune %u cut %u; tick %llu us; path mss %u",
		  p->node_fail, p->send_fail, p->buf_fail, p->prune, p->cut, p->tick / XTCP_US,
		  p->link_mss);
	sim_trace(w, "path mss changes every %llu ms%s; half-open table %s", p->mss_gap / XTCP_MS,
		  p->hole ? ", black hole" : "", p->halves ? "on" : "off");
}
