/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * XTCP for programs: socket(AF_XTCP, SOCK_STREAM, 0). The third argument
 * chooses the network layer: XTCP_IPV4 (sockaddr_in) or XTCP_IPV6
 * (sockaddr_in6, dual stack). Or, where only inet sockets are allowed, the same
 * socket by socket(AF_INET or AF_INET6, SOCK_STREAM, IPPROTO_XTCP).
 */
#ifndef _UAPI_LINUX_XTCP_H
#define _UAPI_LINUX_XTCP_H

#include <linux/types.h>

#ifndef AF_XTCP
#define AF_XTCP		18	/* the number of AF_ASH, which Linux never had code for */
#define PF_XTCP		AF_XTCP
#endif

#define XTCP_IPV4	0
#define XTCP_IPV6	1

#ifndef IPPROTO_XTCP
#define IPPROTO_XTCP	253	/* RFC 3692: experimentation; the module's default */
#endif

#ifndef SOL_XTCP
#define SOL_XTCP	285
#endif

/* Options at SOL_XTCP: those of TCP keep TCP's numbers and meaning. */
#define XTCP_NODELAY		1
#define XTCP_MAXSEG		2
#define XTCP_CORK		3
#define XTCP_KEEPIDLE		4
#define XTCP_KEEPINTVL		5
#define XTCP_KEEPCNT		6
#define XTCP_SYNCNT		7
#define XTCP_LINGER2		8
#define XTCP_DEFER_ACCEPT	9
#define XTCP_WINDOW_CLAMP	10
#define XTCP_QUICKACK		12
#define XTCP_CONGESTION		13
#define XTCP_USER_TIMEOUT	18
#define XTCP_NOTSENT_LOWAT	25
#define XTCP_INQ		36
#define XTCP_INFO		256	/* struct xtcp_info, read only */
#define XTCP_ZEROCOPY		257	/* SO_ZEROCOPY, which Linux 6.1 keeps from us */
#define XTCP_SHORTCUT		258	/* bytes for the same host may go round the wire */

/*
 * State of a connection. Append-only: a program compiled against a shorter one
 * gets its first bytes, one compiled against a longer one gets a shorter length.
 * Times are in microseconds, amounts in bytes.
 */
struct xtcp_info {
	__u8	xtcpi_state;		/* numbers of TCP's states */
	__u8	xtcpi_confirmed;	/* the peer has confirmed the handshake */
	__u8	xtcpi_recovery;		/* in loss recovery */
	__u8	xtcpi_backoff;		/* doublings of the retransmission timer */

	__u32	xtcpi_tag;		/* ours: what segments to us carry */
	__u32	xtcpi_peer_tag;
	__u32	xtcpi_mss;
	__u32	xtcpi_peer_mss;
	__u32	xtcpi_path_mss;

	__u64	xtcpi_rto;
	__u64	xtcpi_rtt;		/* smoothed */
	__u64	xtcpi_rttvar;
	__u64	xtcpi_min_rtt;		/* 0: no sample yet */

	__u32	xtcpi_cwnd;
	__u32	xtcpi_ssthresh;		/* 0: no loss yet */
	__u32	xtcpi_snd_wnd;		/* what the peer's window leaves */
	__u32	xtcpi_rcv_wnd;		/* what we advertise */

	__u64	xtcpi_unacked;		/* sent, not acknowledged */
	__u64	xtcpi_notsent;		/* written, not sent */
	__u32	xtcpi_sacked;
	__u32	xtcpi_lost;
	__u32	xtcpi_ooo;		/* received out of order, held */
	__u32	xtcpi_ce;		/* CE-marked packets received */

	__u64	xtcpi_bytes_acked;
	__u64	xtcpi_bytes_received;
	__u64	xtcpi_bytes_sent;	/* retransmissions included */
	__u64	xtcpi_bytes_retrans;
	__u32	xtcpi_segs_out;
	__u32	xtcpi_segs_in;
	__u32	xtcpi_data_segs_out;
	__u32	xtcpi_data_segs_in;
	__u32	xtcpi_retrans;		/* segments sent again */
	__u32	xtcpi_timeouts;		/* expiries of the retransmission timer */
	__u32	xtcpi_dsacks;		/* duplicates the peer reported */
	__u32	xtcpi_rcv_ooo;		/* segments that came out of order */

	__u64	xtcpi_timer;		/* until the next deadline; 0: none */
	char	xtcpi_cc[16];		/* congestion control */

	__u32	xtcpi_delivered_ce;	/* CE-marked packets that the peer has reported */
	__u8	xtcpi_ecn;		/* data is sent ECN-capable */
	__u8	xtcpi_delivery_limited;	/* by the program: the path may be faster */
	__u8	xtcpi_pad[2];
	__u64	xtcpi_delivery_rate;	/* bytes per second; 0: not measured yet */
	__u64	xtcpi_pacing_rate;	/* bytes per second; 0: data leaves as the window allows */
	__u32	xtcpi_route_mss;	/* what the route takes; path_mss: the path */
	__u32	xtcpi_probe_mss;	/* size of the path MTU probe in the network; 0: none */
};

#endif /* _UAPI_LINUX_XTCP_H */
