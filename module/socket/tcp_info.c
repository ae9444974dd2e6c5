// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO: a connection as programs that know TCP want it told. The core counts
 * bytes where TCP counts packets: here they are as many as full segments take.
 * What has no counterpart is 0.
 */
#include <linux/math64.h>
#include <net/tcp.h>

#include <xtcp/info.h>

#include "tcp_info.h"
#include "../sock.h"
#include "../compat/compat.h"
#include "../net/act.h"

static u32 tcp_us(u64 ns)
{
	return min_t(u64, div_u64(ns, NSEC_PER_USEC), U32_MAX);
}

static u32 segments(const struct xtcp_tcb *tcb, u64 bytes)
{
	return DIV_ROUND_UP(min_t(u64, bytes, U32_MAX / 2), max_t(u32, tcb->mss, 1));
}

static u8 ca_state(const struct xtcp_tcb *tcb)
{
	if (tcb->recovery)
		return tcb->timed_out ? TCP_CA_Loss : TCP_CA_Recovery;
	return tcb->snd.sacked ? TCP_CA_Disorder : TCP_CA_Open;
}

/* What struct xtcp_info has, too. */
static void from_info(struct sock *sk, struct tcp_info *to)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_info info = {};

	xtcp_fill_info(tcb, xtcp_now(), &info);
	to->tcpi_retransmits = info.xtcpi_backoff;
	to->tcpi_backoff = info.xtcpi_backoff;
	to->tcpi_rto = info.xtcpi_rto;
	to->tcpi_snd_mss = info.xtcpi_mss;
	to->tcpi_advmss = info.xtcpi_path_mss;
	to->tcpi_unacked = segments(tcb, info.xtcpi_unacked);
	to->tcpi_sacked = segments(tcb, info.xtcpi_sacked);
	to->tcpi_lost = segments(tcb, info.xtcpi_lost);
	to->tcpi_rtt = info.xtcpi_rtt;
	to->tcpi_rttvar = info.xtcpi_rttvar;
	to->tcpi_min_rtt = info.xtcpi_min_rtt;
	to->tcpi_snd_cwnd = segments(tcb, info.xtcpi_cwnd);
	to->tcpi_snd_ssthresh = info.xtcpi_ssthresh ? segments(tcb, info.xtcpi_ssthresh) :
				TCP_INFINITE_SSTHRESH;
	to->tcpi_total_retrans = info.xtcpi_retrans;
	to->tcpi_bytes_acked = info.xtcpi_bytes_acked;
	to->tcpi_bytes_received = info.xtcpi_bytes_received;
	to->tcpi_bytes_sent = info.xtcpi_bytes_sent;
	to->tcpi_bytes_retrans = info.xtcpi_bytes_retrans;
	to->tcpi_segs_out = info.xtcpi_segs_out;
	to->tcpi_segs_in = info.xtcpi_segs_in;
	to->tcpi_data_segs_out = info.xtcpi_data_segs_out;
	to->tcpi_data_segs_in = info.xtcpi_data_segs_in;
	to->tcpi_notsent_bytes = min_t(u64, info.xtcpi_notsent, U32_MAX);
	to->tcpi_delivery_rate = info.xtcpi_delivery_rate;
	to->tcpi_delivery_rate_app_limited = info.xtcpi_delivery_limited;
	to->tcpi_pacing_rate = info.xtcpi_pacing_rate ? : ~0ULL;
	to->tcpi_dsack_dups = info.xtcpi_dsacks;
	to->tcpi_rcv_ooopack = info.xtcpi_rcv_ooo;
#ifdef XTCP_HAVE_TCP_INFO_RCV_WND
	to->tcpi_rcv_wnd = info.xtcpi_rcv_wnd;
#endif
#ifdef XTCP_HAVE_TCP_INFO_TOTAL_RTO
	to->tcpi_total_rto = min_t(u32, info.xtcpi_timeouts, U16_MAX);
#endif
}

/**
 * xtcp_tcp_info - fill in struct tcp_info
 * @sk: socket, locked by the caller
 * @to: zeroed by the caller
 *
 * Of a listener, as of TCP's: how many connections wait for accept(), in
 * tcpi_unacked, and how many may, in tcpi_sacked.
 */
void xtcp_tcp_info(struct sock *sk, struct tcp_info *to)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xsk->tcb;
	unsigned long most = READ_ONCE(sk->sk_max_pacing_rate);

	to->tcpi_state = sk->sk_state;
	to->tcpi_max_pacing_rate = most != ~0UL ? most : ~0ULL;
	if (sk->sk_state == TCP_LISTEN) {
		to->tcpi_unacked = READ_ONCE(xsk->acceptq.len);
		to->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}

	from_info(sk, to);
	to->tcpi_ca_state = ca_state(tcb);
	to->tcpi_probes = min_t(u32, tcb->keep_sent, U8_MAX);
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)))
		to->tcpi_options = TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK |
				   (tcb->features & XTCP_FEATURE_ECN ? TCPI_OPT_ECN : 0) |
				   (tcb->rcv.ce ? TCPI_OPT_ECN_SEEN : 0);
	to->tcpi_delivered_ce = tcb->snd.ce;
	to->tcpi_delivery_rate = tcb->rate.last;
	to->tcpi_delivery_rate_app_limited = tcb->rate.last_limited;
	to->tcpi_rcv_mss = tcb->rcv.full > XTCP_HDR_LEN ? tcb->rcv.full - XTCP_HDR_LEN : 0;
	to->tcpi_pmtu = xsk->mtu;
	to->tcpi_rcv_ssthresh = tcb->rcv.buf;
	to->tcpi_rcv_space = tcb->rcv.drawn;
	to->tcpi_rcv_rtt = tcp_us(tcb->rcv.rtt);
	to->tcpi_reord_seen = tcb->rack.reordered;
	if (xtcp_after(tcb->snd.edge, tcb->snd.una))
		to->tcpi_snd_wnd = min_t(u64, tcb->snd.edge - tcb->snd.una, U32_MAX);
	if (tcb->rcv.heard_at)
		to->tcpi_last_ack_recv = min_t(u64, U32_MAX,
					       div_u64(xtcp_now() - tcb->rcv.heard_at,
						       NSEC_PER_MSEC));
}
