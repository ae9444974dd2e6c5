/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Sockets and connections of XTCP as seen over netlink: NETLINK_SOCK_DIAG,
 * message SOCK_DIAG_BY_FAMILY with the family AF_XTCP. Documentation/netlink.rst
 * describes it. Everything here is append-only: a longer message or an unknown
 * attribute comes from a younger module, a shorter one from an older one.
 */
#ifndef _UAPI_LINUX_XTCP_DIAG_H
#define _UAPI_LINUX_XTCP_DIAG_H

#include <linux/types.h>

#define XTCP_DIAG_NOCOOKIE	(~0U)

/*
 * What names a connection. Ports and addresses are in network byte order; an
 * IPv4 address lies in the first four bytes, the others are 0. The cookie is
 * the socket's SO_COOKIE; half-open entries and TIME-WAITs have one of their
 * own, which is as unique.
 */
struct xtcp_diag_id {
	__be16	sport;			/* ours */
	__be16	dport;			/* the peer's; 0: none */
	__u8	src[16];
	__u8	dst[16];
	__u32	ifindex;		/* SO_BINDTODEVICE; 0: none */
	__u32	cookie[2];		/* low half first */
};

/*
 * Request. With NLM_F_DUMP: everything that the filters let through; of id,
 * only the ports count. Without: the one socket whose cookie is id.cookie; the
 * filters do not count.
 */
struct xtcp_diag_req {
	__u8	sdiag_family;		/* AF_XTCP */
	__u8	sdiag_protocol;		/* 0 */
	__u8	family;			/* AF_INET, AF_INET6, or 0 for both */
	__u8	pad;			/* 0 */
	__u32	ext;			/* XTCP_DIAG_EXT(attribute): attributes wanted */
	__u32	states;			/* 1 << state (TCP's numbers): states wanted */
	struct xtcp_diag_id id;		/* sport, dport: 0 lets every port through */
};

/* What the timer shown will do. */
enum {
	XTCP_DIAG_TIMER_OFF,
	XTCP_DIAG_TIMER_ON,		/* something is sent again, or was not sent yet */
	XTCP_DIAG_TIMER_KEEPALIVE,
	XTCP_DIAG_TIMER_TIMEWAIT,	/* TIME-WAIT or FIN-WAIT-2 ends */
	XTCP_DIAG_TIMER_PERSIST,	/* zero-window probe */
	XTCP_DIAG_TIMER_HALFOPEN,	/* the half-open entry expires */
};

struct xtcp_diag_msg {
	__u8	family;			/* AF_INET or AF_INET6 */
	__u8	state;			/* TCP's numbers */
	__u8	timer;			/* XTCP_DIAG_TIMER_* */
	__u8	retrans;		/* times the timer has fired in vain */
	struct xtcp_diag_id id;
	__u32	expires;		/* ms until the timer fires */
	__u32	rqueue;			/* bytes to be read; LISTEN: connections to accept */
	__u32	wqueue;			/* bytes not acknowledged; LISTEN: the backlog */
	__u32	uid;			/* as seen from the user namespace of the reader */
	__u32	inode;			/* 0: no file, hence no program */
};

/* Attributes behind struct xtcp_diag_msg. */
enum {
	XTCP_DIAG_NONE,
	XTCP_DIAG_INFO,		/* struct xtcp_info */
	XTCP_DIAG_MEMINFO,	/* __u32 [SK_MEMINFO_VARS], <linux/sock_diag.h> */
	XTCP_DIAG_TAGS,		/* struct xtcp_diag_tags; only for CAP_NET_ADMIN */
	XTCP_DIAG_SHUTDOWN,	/* __u8: 1 = no more is received, 2 = no more is sent */
	XTCP_DIAG_V6ONLY,	/* __u8: IPV6_V6ONLY; AF_INET6 only */
	__XTCP_DIAG_MAX,
};

#define XTCP_DIAG_MAX		(__XTCP_DIAG_MAX - 1)
#define XTCP_DIAG_EXT(attr)	(1U << ((attr) - 1))

/*
 * Who knows a connection's tag is half-way to forging its segments, so that
 * tags (in struct xtcp_info, too) are 0 for readers without CAP_NET_ADMIN.
 */
struct xtcp_diag_tags {
	__u32	tag;			/* ours */
	__u32	peer_tag;
};

#endif /* _UAPI_LINUX_XTCP_DIAG_H */
