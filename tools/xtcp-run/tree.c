// SPDX-License-Identifier: GPL-2.0
/*
 * The process tree of xtcp-run --bpf: a control group of its own, which is there for as
 * long as a process of the tree is. The tree keeps to itself: the program is the process
 * that was xtcp-run, with its number, its parent and its exit status; a process beside
 * it, of which it knows nothing, keeps the BPF program in place and clears up at the end.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/xtcp.h>

#include "bpf.h"

#define GROUP_SIZE	4200	/* of a path: PATH_MAX, and the name of a group below it */

/* The protocol's number, which the module's parameter may have changed. */
static int xtcp_protocol(void)
{
	int fd = socket(AF_XTCP, SOCK_STREAM | SOCK_CLOEXEC, XTCP_IPV4), protocol;
	socklen_t len = sizeof(protocol);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		err(1, "--bpf: no XTCP");
	close(fd);
	return protocol;
}

/* The root of the control groups, wherever, and whether or not, it is mounted here. */
static int groups_root(void)
{
	int fs = fsopen("cgroup2", FSOPEN_CLOEXEC), root;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		err(1, "--bpf: control groups");
	root = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (root < 0)
		err(1, "--bpf: control groups");
	close(fs);
	return root;
}

/* A name below the group that this process is in, relative to the root. */
static void name_group(char name[GROUP_SIZE])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[GROUP_SIZE] = "";

	while (file && fgets(line, sizeof(line), file) && strncmp(line, "0::/", 4))
		;
	if (strncmp(line, "0::/", 4))
		errx(1, "--bpf: /proc/self/cgroup names no control group of version 2");
	fclose(file);
	line[strcspn(line, "\n")] = 0;
	snprintf(name, GROUP_SIZE, ".%.4100s/xtcp-run-%d", strcmp(line, "0::/") ? line + 3 : "",
		 getpid());
}

/* Until no process is in it, nor below it. */
static void wait_empty(int group)
{
	int events = openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = events, .events = POLLPRI };
	char text[128];
	ssize_t n;

	for (;;) {
		n = pread(events, text, sizeof(text) - 1, 0);
		if (n <= 0)
			return;
		text[n] = 0;
		if (strstr(text, "populated 0"))
			return;
		poll(&p, 1, -1);
	}
}

/* What the keeper needs. */
struct keeper {
	int link;		/* of the BPF program, which ends with it */
	int root, group;	/* folders */
	int entered;		/* a pipe whose end says that the program begins */
	const char *name;	/* of the group, below the root */
	char **argv;		/* of this process */
};

/* Neither a pipe's end nor a terminal nor a folder of others is kept from them. */
static void let_go(const struct keeper *k)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;
	DIR *all = opendir("/proc/self/fd");
	struct dirent *entry;

	if (null < 0 || !all || chdir("/"))
		_exit(1);
	while ((entry = readdir(all))) {
		fd = atoi(entry->d_name);
		if (fd > 2 && fd != null && fd != dirfd(all) && fd != k->link && fd != k->root &&
		    fd != k->group && fd != k->entered)
			close(fd);
	}
	for (fd = 0; fd <= 2; fd++)
		dup2(null, fd);
}

static __attribute__((noreturn)) void keep(const struct keeper *k)
{
	char **arg, none;

	/* "pkill -f" of the program does not mean this process. */
	for (arg = k->argv + 1; *arg; arg++)
		memset(*arg, 0, strlen(*arg));
	let_go(k);
	while (read(k->entered, &none, 1) < 0 && errno == EINTR)
		;
	wait_empty(k->group);
	_exit(unlinkat(k->root, k->name, AT_REMOVEDIR));
}

/* Its parent ends at once, so that the program has no child. 0, or -1 with errno. */
static int start_keeper(const struct keeper *k)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (!pid) {
		setsid();
		pid = fork();
		if (!pid)
			keep(k);
		_exit(pid < 0 ? errno : 0);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	return errno ? -1 : 0;
}

/* 0, or -1 with errno. */
static int enter(int group)
{
	int procs = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC), ret;

	if (procs < 0)
		return -1;
	ret = write(procs, "0", 1) == 1 ? 0 : -1;
	close(procs);
	return ret;
}

/**
 * tree_enter - the TCP sockets of this process and its descendants are XTCP from now on
 * @argv: of this process
 * @verbose: say so
 *
 * All that is open for it is closed when the program begins. Exits with a message if it
 * cannot be.
 */
void tree_enter(char **argv, bool verbose)
{
	char name[GROUP_SIZE];
	struct keeper k = { .name = name, .argv = argv };
	int groups, entered[2];

	k.link = bpf_attach(xtcp_protocol(), &groups);
	k.root = groups_root();
	name_group(name);
	if (pipe2(entered, O_CLOEXEC))
		err(1, "--bpf: pipe");
	k.entered = entered[0];
	if (mkdirat(k.root, name, 0755))
		err(1, "--bpf: control group %s", name + 1);
	k.group = openat(k.root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k.group < 0 || bpf_add_group(groups, k.group) || start_keeper(&k)) {
		int error = errno;

		unlinkat(k.root, name, AT_REMOVEDIR);
		errno = error;
		err(1, "--bpf: control group %s", name + 1);
	}
	/* From here on the keeper clears up, whatever becomes of this process. */
	if (enter(k.group))
		err(1, "--bpf: control group %s", name + 1);
	if (verbose)
		fprintf(stderr, "xtcp-run[%d]: XTCP instead of TCP in the control group %s\n",
			getpid(), name + 1);
}
