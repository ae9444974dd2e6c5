// SPDX-License-Identifier: GPL-2.0
/* struct scm_timestamping_internal holds ktime_t. */
#include <linux/socket.h>

void probe_scm_ktime(struct scm_timestamping_internal *tss);

void probe_scm_ktime(struct scm_timestamping_internal *tss)
{
	tss->ts[0] = (ktime_t)0;
}
