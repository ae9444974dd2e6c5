// SPDX-License-Identifier: GPL-2.0
/* The same for programs: an array with one object per socket. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>

#include "../lib/json.h"
#include "../lib/names.h"
#include "xtcp-ss.h"

static void put_end(struct xtcp_json *j, const char *key, const struct xtcp_entry *e, bool peer,
		    bool numeric)
{
	const struct xtcp_diag_id *id = &e->msg.id;
	unsigned int port = ntohs(peer ? id->dport : id->sport);
	const char *service = numeric ? NULL : xtcp_service_name(port);
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(e->msg.family == AF_INET ? AF_INET : AF_INET6, peer ? id->dst : id->src,
		       text, sizeof(text)))
		text[0] = 0;
	json_open(j, key, '{');
	json_string(j, "address", text);
	json_uint(j, "port", port);
	if (service)
		json_string(j, "service", service);
	json_close(j, '}');
}

static void put_interface(struct xtcp_json *j, uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	if (!ifindex)
		return;
	json_uint(j, "ifindex", ifindex);
	if (if_indextoname(ifindex, name))
		json_string(j, "interface", name);
}

static void put_timer(struct xtcp_json *j, const struct xtcp_diag_msg *msg)
{
	json_open(j, "timer", '{');
	json_string(j, "name", timer_name(msg->timer));
	json_uint(j, "expires_ms", msg->expires);
	json_uint(j, "retrans", msg->retrans);
	json_close(j, '}');
}

static void put_processes(struct xtcp_json *j, const struct xtcp_entry *e,
			  const struct xtcp_owners *owners)
{
	const struct xtcp_owner *owner;
	size_t n, i;

	owner = xtcp_owners_find(owners, e->msg.inode, &n);
	json_open(j, "processes", '[');
	for (i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		json_string(j, "name", owner[i].name);
		json_uint(j, "pid", owner[i].pid);
		json_uint(j, "fd", owner[i].fd);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* 64 bits are more than a number of JSON safely holds. */
static void put_cookie(struct xtcp_json *j, const struct xtcp_entry *e)
{
	char text[20];

	snprintf(text, sizeof(text), "%" PRIx64, xtcp_entry_cookie(e));
	json_string(j, "cookie", text);
}

static void put_extended(struct xtcp_json *j, const struct xtcp_entry *e)
{
	json_uint(j, "uid", e->msg.uid);
	json_uint(j, "inode", e->msg.inode);
	if (e->has & XTCP_DIAG_EXT(XTCP_DIAG_TAGS)) {
		json_uint(j, "tag", e->tags.tag);
		json_uint(j, "peer_tag", e->tags.peer_tag);
	}
	if (e->has & XTCP_DIAG_EXT(XTCP_DIAG_SHUTDOWN)) {
		json_bool(j, "shutdown_rd", e->shutdown & 1);
		json_bool(j, "shutdown_wr", e->shutdown & 2);
	}
	if (e->has & XTCP_DIAG_EXT(XTCP_DIAG_V6ONLY))
		json_bool(j, "v6only", e->v6only);
}

static void put_memory(struct xtcp_json *j, const struct xtcp_entry *e)
{
	unsigned int i;

	if (!(e->has & XTCP_DIAG_EXT(XTCP_DIAG_MEMINFO)))
		return;
	json_open(j, "skmem", '{');
	for (i = 0; i < SK_MEMINFO_VARS; i++)
		json_uint(j, mem_names[i], e->mem[i]);
	json_close(j, '}');
}

static void put_info(struct xtcp_json *j, const struct xtcp_entry *e)
{
	const struct xtcp_info *info = &e->info;

	if (!(e->has & XTCP_DIAG_EXT(XTCP_DIAG_INFO)))
		return;
	json_open(j, "info", '{');
	json_string(j, "cc", info->xtcpi_cc);
	json_bool(j, "confirmed", info->xtcpi_confirmed);
	json_bool(j, "recovery", info->xtcpi_recovery);
#define PUT(field) json_uint(j, #field, info->xtcpi_##field)
	PUT(backoff);
	PUT(mss);
	PUT(peer_mss);
	PUT(path_mss);
	PUT(route_mss);
	PUT(probe_mss);
	json_uint(j, "rto_us", info->xtcpi_rto);
	json_uint(j, "rtt_us", info->xtcpi_rtt);
	json_uint(j, "rttvar_us", info->xtcpi_rttvar);
	json_uint(j, "min_rtt_us", info->xtcpi_min_rtt);
	json_uint(j, "timer_us", info->xtcpi_timer);
	PUT(cwnd);
	PUT(ssthresh);
	PUT(snd_wnd);
	PUT(rcv_wnd);
	PUT(unacked);
	PUT(notsent);
	PUT(sacked);
	PUT(lost);
	PUT(ooo);
	PUT(ce);
	json_bool(j, "ecn", info->xtcpi_ecn);
	PUT(delivered_ce);
	PUT(bytes_acked);
	PUT(bytes_received);
	PUT(bytes_sent);
	PUT(bytes_retrans);
	PUT(segs_out);
	PUT(segs_in);
	PUT(data_segs_out);
	PUT(data_segs_in);
	PUT(retrans);
	PUT(timeouts);
	PUT(dsacks);
	PUT(rcv_ooo);
	PUT(pacing_rate);
	PUT(delivery_rate);
	json_bool(j, "delivery_limited", info->xtcpi_delivery_limited);
#undef PUT
	json_close(j, '}');
}

/**
 * show_json - print a table as JSON
 * @out: where to
 * @view: what of it
 * @table: sockets
 * @owners: processes; looked at if the view asks for them
 */
void show_json(FILE *out, const struct view *view, const struct xtcp_table *table,
	       const struct xtcp_owners *owners)
{
	struct xtcp_json j = { .out = out };
	const struct xtcp_entry *e;
	size_t i;

	json_open(&j, NULL, '[');
	for (i = 0; i < table->n; i++) {
		e = &table->entry[i];
		json_open(&j, NULL, '{');
		json_string(&j, "family", e->msg.family == AF_INET ? "inet" : "inet6");
		json_string(&j, "state", xtcp_state_name(e->msg.state));
		json_uint(&j, "recv_q", e->msg.rqueue);
		json_uint(&j, "send_q", e->msg.wqueue);
		put_end(&j, "local", e, false, view->numeric);
		put_end(&j, "peer", e, true, view->numeric);
		put_interface(&j, e->msg.id.ifindex);
		put_cookie(&j, e);
		if (view->processes)
			put_processes(&j, e, owners);
		if (view->timers)
			put_timer(&j, &e->msg);
		if (view->extended)
			put_extended(&j, e);
		if (view->memory)
			put_memory(&j, e);
		if (view->info)
			put_info(&j, e);
		json_close(&j, '}');
	}
	json_close(&j, ']');
}
