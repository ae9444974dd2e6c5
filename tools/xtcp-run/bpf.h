/* SPDX-License-Identifier: GPL-2.0 */
/* xtcp-run --bpf: a control group whose TCP sockets are XTCP, for a process tree. */
#ifndef _XTCP_RUN_BPF_H
#define _XTCP_RUN_BPF_H

#include <stdbool.h>

/* bpf.c */
int bpf_attach(int protocol, int *groups);
int bpf_add_group(int groups, int group);

/* tree.c */
void tree_enter(char **argv, bool verbose);

#endif /* _XTCP_RUN_BPF_H */
