#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The first process of the guest that vm-run.sh boots, in place of virtme-ng's
# own, which waits for udev for ten seconds. The run's folder is shared under
# the tag "xtcp": "settings" and "command" in there are read, "status" is
# written; the command's output goes to the second serial line.

# The host's file system must survive whatever a test does: it is mounted
# read-only and lies under a layer in memory that takes the writes.
if [ -z "$XTCP_STAGE" ]; then
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin
	# virtme-run puts the folder on the kernel's command line.
	# shellcheck disable=SC2154
	insmod "$virtme_link_mods/kernel/fs/overlayfs/overlay.ko"
	mount -t tmpfs tmpfs /mnt &&
	mkdir /mnt/upper /mnt/work /mnt/root &&
	mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work \
		overlay /mnt/root &&
	cd /mnt/root && pivot_root . mnt && umount -l /mnt &&
	XTCP_STAGE=2 exec chroot . "$0"
	echo "vm-init: no root file system" > /dev/console
	exit 1
fi
unset XTCP_STAGE

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
# Named network namespaces and sockets of the host's services live here.
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t debugfs debugfs /sys/kernel/debug
run=/run/xtcp
mkdir -p $run
mount -t 9p -o trans=virtio,version=9p2000.L,access=any,msize=262144 xtcp $run
hostname xtcp-vm
ip link set lo up

# One line per fact; vm-run.sh waits for "done".
status() { echo "$*" >> $run/status; }
mark() { echo "guest: $*" > /dev/kmsg; }

insmod=		# the module's file, or nothing
insmod_args=
modules=	# the folder with lib/modules of this kernel
unload_wait=5	# seconds
# shellcheck disable=SC1091
. $run/settings

# The kernel's modules (netem, veth ...) are not the host's.
if [ -n "$modules" ]; then
	mkdir -p /lib/modules
	mount --bind "$modules/lib/modules" /lib/modules
fi

exec < /dev/null > /dev/ttyS1 2>&1
stty -opost <&1

sockets() { awk '$1 == "XTCP" || $1 == "XTCPv6" { n += $3 } END { print n + 0 }' /proc/net/protocols; }

mark "ready"
loaded=
code=125
if [ -n "$insmod" ]; then
	# shellcheck disable=SC2086 # several parameters
	if insmod "$insmod" $insmod_args; then
		loaded=$(basename "$insmod" .ko | tr - _)
	else
		status "insmod failed"
	fi
fi
if [ -z "$insmod" ] || [ -n "$loaded" ]; then
	bash $run/command
	code=$?
fi
status "code $code"
mark "command ended with $code"

# Nobody else may hold the module when it goes.
kill -KILL -1 2> /dev/null

if [ -n "$loaded" ]; then
	tries=$((unload_wait * 10))
	while ! why=$(rmmod "$loaded" 2>&1); do
		tries=$((tries - 1))
		if [ $tries -le 0 ]; then
			status "rmmod $why"
			status "sockets $(sockets)"
			break
		fi
		sleep 0.1
	done
fi
# Let callbacks and work that the unloading left behind run.
sleep 0.2

status "tainted $(cat /proc/sys/kernel/tainted)"
status "done"
mark "halting"
stty opost <&1 # waits until the output has gone
sync
echo o > /proc/sysrq-trigger
sleep 10
