// SPDX-License-Identifier: GPL-2.0
/* Lines and columns, as people know them from ss. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "../lib/names.h"
#include "xtcp-ss.h"

const char *const mem_names[SK_MEMINFO_VARS] = {
	[SK_MEMINFO_RMEM_ALLOC]		= "r",
	[SK_MEMINFO_RCVBUF]		= "rb",
	[SK_MEMINFO_WMEM_ALLOC]		= "t",
	[SK_MEMINFO_SNDBUF]		= "tb",
	[SK_MEMINFO_FWD_ALLOC]		= "f",
	[SK_MEMINFO_WMEM_QUEUED]	= "w",
	[SK_MEMINFO_OPTMEM]		= "o",
	[SK_MEMINFO_BACKLOG]		= "bl",
	[SK_MEMINFO_DROPS]		= "d",
};

/* One end point: address and port stand in two columns, joined by the colon. */
struct end {
	char addr[XTCP_ADDRESS_LEN], port[64];
};

struct widths {
	int state, rqueue, wqueue, addr[2], port[2];
};

/**
 * timer_name - what a timer is for, in one word
 * @timer: XTCP_DIAG_TIMER_*
 *
 * Return: the word; those of ss where it has one.
 */
const char *timer_name(unsigned int timer)
{
	switch (timer) {
	case XTCP_DIAG_TIMER_OFF:
		return "off";
	case XTCP_DIAG_TIMER_ON:
		return "on";
	case XTCP_DIAG_TIMER_KEEPALIVE:
		return "keepalive";
	case XTCP_DIAG_TIMER_TIMEWAIT:
		return "timewait";
	case XTCP_DIAG_TIMER_PERSIST:
		return "persist";
	case XTCP_DIAG_TIMER_HALFOPEN:
		return "halfopen";
	}
	return "unknown";
}

/* An IPv6 socket that may take IPv4 as well has no address of one family. */
static bool any_family(const struct xtcp_entry *e)
{
	return e->msg.family == AF_INET6 && (e->has & XTCP_DIAG_EXT(XTCP_DIAG_V6ONLY)) &&
	       !e->v6only;
}

static void fill_end(struct end *end, const struct xtcp_entry *e, bool peer, bool numeric)
{
	const struct xtcp_diag_id *id = &e->msg.id;
	unsigned int port = ntohs(peer ? id->dport : id->sport);
	const char *service = numeric ? NULL : xtcp_service_name(port);

	xtcp_address(end->addr, sizeof(end->addr), e->msg.family, peer ? id->dst : id->src,
		     peer ? 0 : id->ifindex, any_family(e));
	if (service)
		snprintf(end->port, sizeof(end->port), "%s", service);
	else if (port)
		snprintf(end->port, sizeof(end->port), "%u", port);
	else
		snprintf(end->port, sizeof(end->port), "*");
}

static void widen(int *width, int len)
{
	if (len > *width)
		*width = len;
}

static int digits(uint32_t n)
{
	return snprintf(NULL, 0, "%" PRIu32, n);
}

static void measure(struct widths *w, const struct view *view, const struct xtcp_table *table)
{
	const struct xtcp_entry *e;
	struct end end;
	size_t i;
	int side;

	*w = (struct widths) {
		.state = strlen("State"),
		.rqueue = strlen("Recv-Q"),
		.wqueue = strlen("Send-Q"),
		.addr = { strlen("Local Address"), strlen("Peer Address") },
		.port = { strlen("Port"), strlen("Port") },
	};
	for (i = 0; i < table->n; i++) {
		e = &table->entry[i];
		widen(&w->state, strlen(xtcp_state_name(e->msg.state)));
		widen(&w->rqueue, digits(e->msg.rqueue));
		widen(&w->wqueue, digits(e->msg.wqueue));
		for (side = 0; side < 2; side++) {
			fill_end(&end, e, side, view->numeric);
			widen(&w->addr[side], strlen(end.addr));
			widen(&w->port[side], strlen(end.port));
		}
	}
}

/* A process may have any name: nothing of it must reach the terminal as a command. */
static void put_name(FILE *out, const char *name)
{
	const unsigned char *s = (const unsigned char *)name;

	for (; *s; s++) {
		if (*s < 0x20 || *s >= 0x7f || *s == '"' || *s == '\\')
			fprintf(out, "\\x%02x", *s);
		else
			putc(*s, out);
	}
}

static void put_processes(FILE *out, const struct xtcp_entry *e, const struct xtcp_owners *owners)
{
	const struct xtcp_owner *owner;
	size_t n, i;

	owner = xtcp_owners_find(owners, e->msg.inode, &n);
	if (!n)
		return;
	fputs(" users:(", out);
	for (i = 0; i < n; i++) {
		fputs(i ? ",(\"" : "(\"", out);
		put_name(out, owner[i].name);
		fprintf(out, "\",pid=%d,fd=%d)", owner[i].pid, owner[i].fd);
	}
	putc(')', out);
}

/* As ss: minutes and seconds, or milliseconds when it is near. */
static void put_timer(FILE *out, const struct xtcp_diag_msg *msg)
{
	uint32_t ms = msg->expires, s = ms / 1000;

	if (msg->timer == XTCP_DIAG_TIMER_OFF)
		return;
	fprintf(out, " timer:(%s,", timer_name(msg->timer));
	if (s >= 60)
		fprintf(out, "%" PRIu32 "min%" PRIu32 "sec", s / 60, s % 60);
	else if (s >= 10)
		fprintf(out, "%" PRIu32 "sec", s);
	else if (s)
		fprintf(out, "%" PRIu32 ".%03" PRIu32 "sec", s, ms % 1000);
	else
		fprintf(out, "%" PRIu32 "ms", ms);
	fprintf(out, ",%u)", msg->retrans);
}

static void put_extended(FILE *out, const struct xtcp_entry *e)
{
	if (e->msg.uid)
		fprintf(out, " uid:%" PRIu32, e->msg.uid);
	if (e->msg.inode)
		fprintf(out, " ino:%" PRIu32, e->msg.inode);
	fprintf(out, " sk:%" PRIx64, xtcp_entry_cookie(e));
	if (e->has & XTCP_DIAG_EXT(XTCP_DIAG_TAGS))
		fprintf(out, " tag:%08" PRIx32 " peer_tag:%08" PRIx32, e->tags.tag,
			e->tags.peer_tag);
	if (e->shutdown)
		fprintf(out, " shutdown:%s%s", e->shutdown & 1 ? "rd" : "",
			e->shutdown & 2 ? "wr" : "");
	if (e->has & XTCP_DIAG_EXT(XTCP_DIAG_V6ONLY))
		fprintf(out, " v6only:%u", e->v6only);
}

static void put_memory(FILE *out, const struct xtcp_entry *e)
{
	unsigned int i;

	if (!(e->has & XTCP_DIAG_EXT(XTCP_DIAG_MEMINFO)))
		return;
	fputs(" skmem:(", out);
	for (i = 0; i < SK_MEMINFO_VARS; i++)
		fprintf(out, "%s%s%" PRIu32, i ? "," : "", mem_names[i], e->mem[i]);
	putc(')', out);
}

/* Microseconds, as milliseconds. */
static void put_ms(FILE *out, const char *name, uint64_t us)
{
	fprintf(out, " %s:%" PRIu64, name, us / 1000);
	if (us % 1000)
		fprintf(out, ".%03" PRIu64, us % 1000);
}

static void put_some(FILE *out, const char *name, uint64_t value)
{
	if (value)
		fprintf(out, " %s:%" PRIu64, name, value);
}

static void put_info(FILE *out, const struct xtcp_entry *e)
{
	const struct xtcp_info *info = &e->info;

	if (!(e->has & XTCP_DIAG_EXT(XTCP_DIAG_INFO)))
		return;
	fputs("\n\t", out);
	put_name(out, info->xtcpi_cc);
	if (info->xtcpi_ecn)
		fputs(" ecn", out);
	if (info->xtcpi_recovery)
		fputs(" recovery", out);
	if (!info->xtcpi_confirmed)
		fputs(" unconfirmed", out);
	put_ms(out, "rto", info->xtcpi_rto);
	put_some(out, "backoff", info->xtcpi_backoff);
	if (info->xtcpi_rtt) {
		put_ms(out, "rtt", info->xtcpi_rtt);
		put_ms(out, "rttvar", info->xtcpi_rttvar);
	}
	if (info->xtcpi_min_rtt)
		put_ms(out, "minrtt", info->xtcpi_min_rtt);
	put_some(out, "mss", info->xtcpi_mss);
	put_some(out, "peer_mss", info->xtcpi_peer_mss);
	put_some(out, "path_mss", info->xtcpi_path_mss);
	put_some(out, "route_mss", info->xtcpi_route_mss);
	put_some(out, "probe_mss", info->xtcpi_probe_mss);
	put_some(out, "cwnd", info->xtcpi_cwnd);
	put_some(out, "ssthresh", info->xtcpi_ssthresh);
	fprintf(out, " snd_wnd:%" PRIu32 " rcv_wnd:%" PRIu32, info->xtcpi_snd_wnd,
		info->xtcpi_rcv_wnd);
	put_some(out, "unacked", info->xtcpi_unacked);
	put_some(out, "notsent", info->xtcpi_notsent);
	put_some(out, "sacked", info->xtcpi_sacked);
	put_some(out, "lost", info->xtcpi_lost);
	put_some(out, "ooo", info->xtcpi_ooo);
	put_some(out, "ce", info->xtcpi_ce);
	put_some(out, "delivered_ce", info->xtcpi_delivered_ce);
	put_some(out, "bytes_sent", info->xtcpi_bytes_sent);
	put_some(out, "bytes_retrans", info->xtcpi_bytes_retrans);
	put_some(out, "bytes_acked", info->xtcpi_bytes_acked);
	put_some(out, "bytes_received", info->xtcpi_bytes_received);
	put_some(out, "segs_out", info->xtcpi_segs_out);
	put_some(out, "segs_in", info->xtcpi_segs_in);
	put_some(out, "data_segs_out", info->xtcpi_data_segs_out);
	put_some(out, "data_segs_in", info->xtcpi_data_segs_in);
	put_some(out, "retrans", info->xtcpi_retrans);
	put_some(out, "timeouts", info->xtcpi_timeouts);
	put_some(out, "dsacks", info->xtcpi_dsacks);
	put_some(out, "rcv_ooo", info->xtcpi_rcv_ooo);
	put_some(out, "pacing_rate", info->xtcpi_pacing_rate);
	put_some(out, "delivery_rate", info->xtcpi_delivery_rate);
	if (info->xtcpi_delivery_limited)
		fputs(" app_limited", out);
}

static void put_line(FILE *out, const struct view *view, const struct widths *w,
		     const struct xtcp_entry *e, const struct xtcp_owners *owners)
{
	struct end local, peer;

	fill_end(&local, e, false, view->numeric);
	fill_end(&peer, e, true, view->numeric);
	fprintf(out, "%-*s %*" PRIu32 " %*" PRIu32 " %*s:%-*s %*s:", w->state,
		xtcp_state_name(e->msg.state), w->rqueue, e->msg.rqueue, w->wqueue, e->msg.wqueue,
		w->addr[0], local.addr, w->port[0], local.port, w->addr[1], peer.addr);
	if (view->processes || view->timers || view->extended || view->memory)
		fprintf(out, "%-*s", w->port[1], peer.port);
	else
		fputs(peer.port, out);
	if (view->processes)
		put_processes(out, e, owners);
	if (view->timers)
		put_timer(out, &e->msg);
	if (view->extended)
		put_extended(out, e);
	if (view->memory)
		put_memory(out, e);
	if (view->info)
		put_info(out, e);
	putc('\n', out);
}

/**
 * show_text - print a table in columns
 * @out: where to
 * @view: what of it
 * @table: sockets
 * @owners: processes; looked at if the view asks for them
 */
void show_text(FILE *out, const struct view *view, const struct xtcp_table *table,
	       const struct xtcp_owners *owners)
{
	struct widths w;
	size_t i;

	measure(&w, view, table);
	if (view->header)
		fprintf(out, "%-*s %*s %*s %*s:%-*s %*s:Port%s\n", w.state, "State",
			w.rqueue, "Recv-Q", w.wqueue, "Send-Q", w.addr[0], "Local Address",
			w.port[0], "Port", w.addr[1], "Peer Address",
			view->processes ? " Process" : "");
	for (i = 0; i < table->n; i++)
		put_line(out, view, &w, &table->entry[i], owners);
}
