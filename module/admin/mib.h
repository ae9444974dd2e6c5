/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a namespace, one set per CPU: the core's drops and events
 * (include/xtcp/mib.h) and the shell's own. /proc/net/xtcp/snmp shows the sums.
 */
#ifndef _XTCP_ADMIN_MIB_H
#define _XTCP_ADMIN_MIB_H

#include <linux/percpu.h>

#include <xtcp/mib.h>

struct net;
struct xtcp_net;

/* What the shell counts itself; each is counted in exactly the file it names. */
#define XTCP_COUNTS(X)								\
	X(IN_SEGS,	"InSegs")		/* net/input.c */		\
	X(OUT_SEGS,	"OutSegs")		/* net/output.c */		\
	X(OUT_RSTS,	"OutRsts")		/* R2, R4 */			\
	X(RST_LIMITED,	"RstLimited")		/* R4: not sent */		\
	X(SYNACKS,	"SynAcksSent")		/* O2, M2 */			\
	X(REPLY_FAIL,	"RepliesFailed")	/* net/reply.c */		\
	X(HALF_FULL,	"HalfOpenFull")		/* O2: opens by its cookie alone */ \
	X(TIMEWAITS,	"TimeWaits")		/* C4: made */			\
	X(TW_EVICTED,	"TimeWaitsEvicted")	/* C4: too many */		\
	X(TOMB_EVICTED,	"TombstonesEvicted")	/* C6: table full */		\
	X(PATHS_LEARNED, "PathsLearned")	/* O1, D9 */			\
	X(PATHS_KNOWN,	"PathsKnown")		/* an open began with it */	\
	X(PATHS_EVICTED, "PathsEvicted")	/* too many */			\
	X(ORPHAN_ABORT,	"OrphansAborted")	/* C5: too many */		\
	X(PRESSURE,	"MemoryPressures")					\
	X(PACKED,	"OutOfOrderPacked")					\
	X(RCVQ_PACKED,	"ReceiveQueuePacked")					\
	X(AUTOCORKED,	"AutoCorked")		/* D12: net/drain.c */		\
	X(HOST_QUEUE_FULL, "HostQueueFull")	/* D14 */			\
	X(LOCAL_ON,	"ShortcutTaken")	/* net/local.c */		\
	X(LOCAL_OFF,	"ShortcutLeft")

enum xtcp_count {
#define X(name, text)	XTCP_MIB_##name,
	XTCP_COUNTS(X)
#undef X
	XTCP_MIB_MAX
};

struct xtcp_mib {
	unsigned long drop[XTCP_DROP_MAX];
	unsigned long event[XTCP_EV_MAX];
	unsigned long count[XTCP_MIB_MAX];
};

void xtcp_count_events(struct xtcp_net *xn, u32 events);

int xtcp_mib_init(struct net *net, struct xtcp_net *xn);
void xtcp_mib_exit(struct net *net, struct xtcp_net *xn);

#endif /* _XTCP_ADMIN_MIB_H */
