/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every counter, once. The core names the reason for which a segment was
 * dropped and the events of a connection; the shell counts them, beside its
 * own, under these names in /proc/net/xtcp/snmp.
 */
#ifndef _XTCP_MIB_H
#define _XTCP_MIB_H

#include <xtcp/env.h>

/* Why a segment was dropped; what follows the name is for Documentation. */
#define XTCP_DROPS(X)								\
	X(CHECKSUM,	"DropChecksum")		/* M1 */			\
	X(SHORT,	"DropShort")		/* M1: shorter than its header */ \
	X(VERSION,	"DropVersion")		/* M1 */			\
	X(OFFSET,	"DropOffset")		/* M1: data offset */		\
	X(OPTION,	"DropOption")		/* M1: length, twice, missing HELLO */ \
	X(CRITICAL,	"DropCriticalOption")	/* M1: unknown kind >= 128 */	\
	X(TAG0,		"DropZeroTag")		/* M1 */			\
	X(FLAGS,	"DropFlags")		/* M1: impossible combination */ \
	X(ADDRESS,	"DropAddress")		/* M1: not unicast */		\
	X(NOROOM,	"DropListenOverflow")	/* O2, O3: accept queue full */	\
	X(AMPLIFY,	"DropShortSyn")		/* O2, M2: shorter than its answer */ \
	X(HALFFULL,	"DropHalfOpenFull")	/* O2: syncookies 0, table full */ \
	X(DEFERRED,	"DropDeferred")		/* TCP_DEFER_ACCEPT: no data yet */ \
	X(COOKIE,	"DropCookieNumbers")	/* O3: MAC good, numbers wrong */ \
	X(SYNRCVD,	"DropHalfOpen")		/* O3: no COOKIE for a half-open entry */ \
	X(NOCONN,	"DropNoConnection")	/* R4, R3: no TCB */		\
	X(OLDACK,	"DropAckRange")		/* D3 */			\
	X(WINDOW,	"DropOutOfWindow")	/* D2 */			\
	X(DUPLICATE,	"DropDuplicate")	/* D2: nothing new in it */	\
	X(RST,		"DropReset")		/* R1, O8: RST not acceptable */ \
	X(SYN,		"DropSyn")		/* M2, O5: SYN for a live TCB */ \
	X(TIMEWAIT,	"DropTimeWait")		/* C4 */			\
	X(CLOSED,	"DropClosed")		/* C5 or TCB already dead */	\
	X(MEMORY,	"DropMemory")		/* D1, D11 */			\
	X(BACKLOG,	"DropBacklog")						\
	X(FILTER,	"DropFilter")		/* socket filter, LSM, xfrm */	\
	X(RACE,		"DropRace")		/* O3: another CPU was first */	\
	X(ICMP,		"DropIcmp")		/* D10: no such connection */	\
	X(ICMP_MTU,	"DropIcmpMtu")		/* D10: an MTU that cannot be */

enum xtcp_drop {
	XTCP_DROP_NONE,
#define X(name, text)	XTCP_DROP_##name,
	XTCP_DROPS(X)
#undef X
	XTCP_DROP_MAX
};

/*
 * What happened to a connection: bits that the core collects in tcb->events
 * and the shell counts and clears after each call.
 */
#define XTCP_EVENTS(X)								\
	X(ACTIVE_OPEN,	"ActiveOpens")						\
	X(PASSIVE_OPEN,	"PassiveOpens")						\
	X(ATTEMPT_FAIL,	"AttemptFails")		/* connect() did not succeed */	\
	X(ESTAB_RESET,	"EstabResets")		/* aborted by the peer */	\
	X(ABORT,	"AbortsSent")		/* aborted by us */		\
	X(SYN_REXMIT,	"SynRetransmits")					\
	X(ECHO_REXMIT,	"CookieEchoRetransmits")				\
	X(RTO,		"RetransmitTimeouts")					\
	X(RECOVERY,	"FastRecoveries")					\
	X(SPURIOUS_RTO,	"SpuriousTimeouts")					\
	X(SPURIOUS_RECOVERY, "SpuriousRecoveries")				\
	X(TLP,		"TailLossProbes")					\
	X(TLP_RECOVERY,	"TailLossProbeRecoveries")				\
	X(PROBE,	"WindowProbes")						\
	X(KEEPALIVE,	"KeepaliveProbes")					\
	X(TIMEOUT,	"AbortsOnTimeout")					\
	X(OOO,		"OutOfOrderQueued")					\
	X(DSACK_SENT,	"DsackSent")						\
	X(DSACK_RCVD,	"DsackReceived")					\
	X(PRUNED,	"OutOfOrderPruned")					\
	X(DELACK,	"DelayedAcks")						\
	X(RENEGED,	"SackReneged")						\
	X(BLACK_HOLE,	"PathMtuBlackHoles")					\
	X(MTU_PROBE,	"PathMtuProbes")	/* D10 */			\
	X(MTU_PROBE_LOST, "PathMtuProbesLost")					\
	X(MTU_RAISED,	"PathMtuRaised")	/* by a probe that arrived */	\
	X(NO_SPARE,	"NodeShortage")						\
	X(XMIT_FAIL,	"TransmitFailures")					\
	X(CHALLENGE,	"ChallengeAcks")	/* M2 */			\
	X(URGENT,	"UrgentMarks")		/* D8: told by the peer */	\
	X(ECN_REDUCED,	"EcnReductions")	/* D9: the window answered CE marks */ \
	X(ECN_OFF,	"EcnGivenUp")		/* D9: the path does not bear ECT */

enum xtcp_event {
#define X(name, text)	XTCP_EV_##name,
	XTCP_EVENTS(X)
#undef X
	XTCP_EV_MAX
};

static_assert(XTCP_EV_MAX <= 32, "bits of tcb->events");

#endif /* _XTCP_MIB_H */
