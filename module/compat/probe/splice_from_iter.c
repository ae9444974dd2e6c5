// SPDX-License-Identifier: GPL-2.0
/* sendmsg() can be given pages to keep: MSG_SPLICE_PAGES. */
#include <linux/skbuff.h>

void *probe_splice_from_iter(void);

void *probe_splice_from_iter(void)
{
	return skb_splice_from_iter;
}
