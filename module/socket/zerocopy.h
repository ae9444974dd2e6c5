/* SPDX-License-Identifier: GPL-2.0 */
/* Sending pages instead of copies: MSG_ZEROCOPY and MSG_SPLICE_PAGES. */
#ifndef _XTCP_SOCKET_ZEROCOPY_H
#define _XTCP_SOCKET_ZEROCOPY_H

#include <linux/skbuff.h>
#include <net/sock.h>

/* What one call of send() does with its bytes. */
struct xtcp_zerocopy {
	struct ubuf_info *uarg;	/* is told when the pages are free again; NULL: nobody is */
	bool own;		/* uarg is of this call, which holds a reference */
	int pages;		/* MSG_ZEROCOPY, XTCP_SPLICE_PAGES, or 0: it copies */
};

int xtcp_zerocopy_begin(struct sock *sk, struct msghdr *msg, size_t len,
			struct xtcp_zerocopy *zc);
int xtcp_zerocopy_append(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 len,
			 const struct xtcp_zerocopy *zc);
void xtcp_zerocopy_end(struct xtcp_zerocopy *zc, bool sent);
void xtcp_zerocopy_allow(struct socket *sock);

#endif /* _XTCP_SOCKET_ZEROCOPY_H */
