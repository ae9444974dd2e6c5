/* SPDX-License-Identifier: GPL-2.0 */
/* Sending, receiving and waiting: what a program does with an open connection. */
#ifndef _XTCP_SOCKET_DATA_H
#define _XTCP_SOCKET_DATA_H

#include <linux/poll.h>
#include <net/sock.h>

struct pipe_inode_info;

int xtcp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
void xtcp_splice_eof(struct socket *sock);
int xtcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
ssize_t xtcp_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags);
__poll_t xtcp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int xtcp_set_rcvlowat(struct sock *sk, int val);
void xtcp_write_space(struct sock *sk);
void xtcp_tell_room(struct sock *sk);
int xtcp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

u32 xtcp_inq(const struct sock *sk);

/* Follow SO_RCVBUF, which the core is not told of. Caller holds the sk lock. */
void xtcp_follow_rcvbuf(struct sock *sk);

/* The program waits for @target readable bytes. Caller holds the sk lock. */
void xtcp_wait_more(struct sock *sk, u32 target);

#endif /* _XTCP_SOCKET_DATA_H */
