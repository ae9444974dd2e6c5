/* SPDX-License-Identifier: GPL-2.0 */
/* What the measuring program tells the classifier; chances are of 2^32. */
#ifndef _SELFTESTS_PATH_FATE_H
#define _SELFTESTS_PATH_FATE_H

#include <linux/types.h>

#define FATE_ETH_LEN	14
#define FATE_XTCP	253	/* the module's default */
#define FATE_RUN_NS	100000000	/* a run of losses ends in a pause of this length */

/* The classifier's results, as tc understands them. */
#define FATE_MATCH	-1
#define FATE_NO_MATCH	0

struct fate {
	__u32 seed;
	__u32 fail;	/* after a packet that was not lost: this one is */
	__u32 recover;	/* after a lost one: this one is not */
	__u32 late;	/* overtaken by those behind it */
	__u32 uncut;	/* packets of several segments came, which would all be lost as one */
};

#endif /* _SELFTESTS_PATH_FATE_H */
