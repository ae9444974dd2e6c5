// SPDX-License-Identifier: GPL-2.0
/* A connection as a program or an operator sees it. */
#include <xtcp/info.h>

#include "core.h"

/*
 * Microseconds without a 64-bit division: n/1000 = n * 2^-10 * (1 + 3/125), and
 * 3/125 is close to 25166 * 2^-20, with an error below one in a million.
 */
static u64 to_us(u64 ns)
{
	u64 kilo = ns >> 10;

	return kilo + (kilo >> 20) * 25166 + (((kilo & 0xfffff) * 25166) >> 20);
}

/**
 * xtcp_fill_info - state of a connection
 * @tcb: connection
 * @now: time
 * @info: zeroed by the caller
 */
void xtcp_fill_info(const struct xtcp_tcb *tcb, u64 now, struct xtcp_info *info)
{
	u64 next = XTCP_NEVER;
	unsigned int i;

	info->xtcpi_state = tcb->state;
	info->xtcpi_confirmed = tcb->conf;
	info->xtcpi_recovery = tcb->recovery;
	info->xtcpi_backoff = tcb->backoff;

	info->xtcpi_tag = tcb->tag;
	info->xtcpi_peer_tag = tcb->peer_tag;
	info->xtcpi_mss = tcb->mss;
	info->xtcpi_peer_mss = tcb->peer_mss == U32_MAX ? 0 : tcb->peer_mss;
	info->xtcpi_path_mss = tcb->path_mss;

	info->xtcpi_rto = to_us(xtcp_backoff(tcb->rtt.rto, tcb->backoff, XTCP_RTO_MAX));
	info->xtcpi_rtt = to_us(tcb->rtt.srtt);
	info->xtcpi_rttvar = to_us(tcb->rtt.var);
	info->xtcpi_min_rtt = tcb->rtt.min == XTCP_NEVER ? 0 : to_us(tcb->rtt.min);

	info->xtcpi_cwnd = tcb->cc.cwnd;
	info->xtcpi_ssthresh = tcb->cc.ssthresh == XTCP_CC_INFINITE ? 0 : tcb->cc.ssthresh;
	if (xtcp_after(tcb->snd.edge, tcb->snd.nxt))
		info->xtcpi_snd_wnd = tcb->snd.edge - tcb->snd.nxt;
	info->xtcpi_rcv_wnd = xtcp_window(tcb);

	info->xtcpi_unacked = tcb->snd.nxt - tcb->snd.una;
	if (xtcp_before(tcb->snd.nxt, tcb->snd.end))
		info->xtcpi_notsent = tcb->snd.end - tcb->snd.nxt;
	info->xtcpi_sacked = tcb->snd.sacked;
	info->xtcpi_lost = tcb->snd.lost;
	info->xtcpi_ooo = tcb->rcv.run_bytes;
	info->xtcpi_ce = tcb->rcv.ce;
	info->xtcpi_delivered_ce = tcb->snd.ce;
	info->xtcpi_ecn = tcb->ecn;

	info->xtcpi_bytes_acked = tcb->stat.bytes_acked;
	info->xtcpi_bytes_received = tcb->stat.bytes_received;
	info->xtcpi_bytes_sent = tcb->stat.bytes_sent;
	info->xtcpi_bytes_retrans = tcb->stat.bytes_rexmit;
	info->xtcpi_segs_out = tcb->stat.segs_out;
	info->xtcpi_segs_in = tcb->stat.segs_in;
	info->xtcpi_data_segs_out = tcb->stat.data_segs_out;
	info->xtcpi_data_segs_in = tcb->stat.data_segs_in;
	info->xtcpi_retrans = tcb->stat.rexmits;
	info->xtcpi_timeouts = tcb->stat.rtos;
	info->xtcpi_dsacks = tcb->stat.dsacks;
	info->xtcpi_rcv_ooo = tcb->stat.ooo;

	/* Not timer_next: that may be one that was announced and is needed no longer. */
	for (i = 0; i < XTCP_TIMERS; i++)
		next = min(next, tcb->deadline[i]);
	if (next != XTCP_NEVER && next > now)
		info->xtcpi_timer = to_us(next - now);
	info->xtcpi_pacing_rate = xtcp_pacing_rate(tcb);
	info->xtcpi_delivery_rate = tcb->rate.last;
	info->xtcpi_delivery_limited = tcb->rate.last_limited;
	memcpy(info->xtcpi_cc, tcb->cc.ops->name, sizeof(info->xtcpi_cc));

	info->xtcpi_route_mss = tcb->pmtu.route;
	info->xtcpi_probe_mss = xtcp_before(tcb->snd.una, tcb->pmtu.end) ? tcb->pmtu.size : 0;
}
