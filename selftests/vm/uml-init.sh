#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The first process of the guest that uml-run.sh boots, on the host's file system.
# XTCP_RUN (from the kernel's command line) is the run's folder there.

run=${XTCP_RUN:?}

# The host's file system must survive whatever a test does: it is mounted
# read-only and lies under a layer in memory that takes the writes.
if [ -z "${XTCP_STAGE:-}" ]; then
	mount -t tmpfs tmpfs /mnt &&
	mkdir /mnt/upper /mnt/work /mnt/root &&
	mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work \
		overlay /mnt/root &&
	cd /mnt/root && pivot_root . mnt && umount -l /mnt &&
	XTCP_STAGE=2 exec chroot . "$0"
	echo "uml-init: no root file system" > /dev/console
	exit 1
fi
unset XTCP_STAGE

# shellcheck source=selftests/vm/guest-init.sh
. "$(dirname "$0")/guest-init.sh"
make_file_systems
hostname xtcp-uml
# Named network namespaces and sockets of the host's services live here.
mount -t tmpfs tmpfs /run
mkdir -p "$run"
mount -t hostfs -o "$run" hostfs "$run"
read_settings
mkdir -p /lib/modules
mount --bind "$modules" /lib/modules
# Console 0 is the kernel's log, console 1 the command's output.
terminal /dev/tty1

# Who spins is named after twice so many seconds.
[ ! -e /proc/sys/kernel/watchdog_thresh ] || echo 5 > /proc/sys/kernel/watchdog_thresh

# The first timer after boot comes late.
sleep 0.1
work
halt
