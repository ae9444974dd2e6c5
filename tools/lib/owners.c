// SPDX-License-Identifier: GPL-2.0
/* Which processes hold a socket: from /proc. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owners.h"

/**
 * xtcp_owners_add - note that a process holds a socket
 * @owners: list
 * @owner: what is copied to its end
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_owners_add(struct xtcp_owners *owners, const struct xtcp_owner *owner)
{
	struct xtcp_owner *grown;
	size_t room;

	if (owners->n == owners->room) {
		room = owners->room ? 2 * owners->room : 64;
		grown = realloc(owners->owner, room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		owners->owner = grown;
		owners->room = room;
	}
	owners->owner[owners->n++] = *owner;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct xtcp_owner *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/**
 * xtcp_owners_sort - put a list into the order that xtcp_owners_find() needs
 * @owners: list
 */
void xtcp_owners_sort(struct xtcp_owners *owners)
{
	if (owners->n)
		qsort(owners->owner, owners->n, sizeof(*owners->owner), compare);
}

/* The name of a process: one line, which may hold any byte but 0. */
static void read_name(int process, char *name, size_t size)
{
	int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, name, size - 1);
		close(fd);
	}
	if (n < 0)
		n = 0;
	name[n] = 0;
	if (n && name[n - 1] == '\n')
		name[n - 1] = 0;
}

static bool is_number(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
	}
	return true;
}

/* One process; a file that vanishes meanwhile is passed over. */
static int scan_process(struct xtcp_owners *owners, int proc, const char *pid)
{
	struct xtcp_owner owner = { .pid = atoi(pid) };
	struct dirent *de;
	char link[64];
	int process, fds, err = 0;
	ssize_t n;
	DIR *dir;

	process = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return 0;
	fds = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fds < 0 ? NULL : fdopendir(fds);
	if (!dir) {
		if (fds >= 0)
			close(fds);
		close(process);
		return 0;
	}
	while (!err && (de = readdir(dir))) {
		if (!is_number(de->d_name))
			continue;
		n = readlinkat(fds, de->d_name, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = 0;
		if (sscanf(link, "socket:[%u]", &owner.inode) != 1)
			continue;
		if (!owner.name[0])
			read_name(process, owner.name, sizeof(owner.name));
		owner.fd = atoi(de->d_name);
		err = xtcp_owners_add(owners, &owner);
	}
	closedir(dir);
	close(process);
	return err;
}

/**
 * xtcp_owners_scan - find out which processes hold which sockets
 * @owners: out; all zero before
 * @proc: "/proc"
 *
 * Processes that the caller may not look into are passed over.
 *
 * Return: 0 or -errno.
 */
int xtcp_owners_scan(struct xtcp_owners *owners, const char *proc)
{
	struct dirent *de;
	int err = 0;
	DIR *dir;

	dir = opendir(proc);
	if (!dir)
		return -errno;
	while (!err && (de = readdir(dir))) {
		if (is_number(de->d_name))
			err = scan_process(owners, dirfd(dir), de->d_name);
	}
	closedir(dir);
	xtcp_owners_sort(owners);
	return err;
}

/**
 * xtcp_owners_find - the processes that hold one socket
 * @owners: sorted list
 * @inode: of the socket
 * @n: out: how many
 *
 * Return: the first of them; the others follow it.
 */
const struct xtcp_owner *xtcp_owners_find(const struct xtcp_owners *owners, uint32_t inode,
					  size_t *n)
{
	size_t lo = 0, hi = owners->n, end;

	*n = 0;
	if (!inode)
		return NULL;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (owners->owner[mid].inode < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < owners->n && owners->owner[end].inode == inode; end++)
		;
	*n = end - lo;
	return *n ? &owners->owner[lo] : NULL;
}

/**
 * xtcp_owners_free - give back what a list holds
 * @owners: may be used again afterwards
 */
void xtcp_owners_free(struct xtcp_owners *owners)
{
	free(owners->owner);
	memset(owners, 0, sizeof(*owners));
}
