#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The first process of the guest that uml-run.sh boots: sets up file systems,
# loads the module, runs the command, unloads the module, writes down what
# happened and halts.  XTCP_RUN (from the kernel's command line) is the run's
# folder on the host: "settings" and "command" in there are read, "status" and
# "kmemleak" are written.

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

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
# Named network namespaces and sockets of the host's services live here.
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
mkdir -p "$run"
mount -t hostfs -o "$run" hostfs "$run"
hostname xtcp-uml
ip link set lo up

# One line per fact; uml-run.sh waits for "done".
status() { echo "$*" >> "$run/status"; }
mark() { echo "guest: $*" > /dev/kmsg; }

insmod=		# the module's file, or nothing
insmod_args=
modules=	# this kernel's /lib/modules
kmemleak=no
unload_wait=5	# seconds
# shellcheck disable=SC1091
. "$run/settings"

mkdir -p /lib/modules
mount --bind "$modules" /lib/modules

# Console 0 is the kernel's log, console 1 the command's output.
exec < /dev/null > /dev/tty1 2>&1
# It is a terminal, so that programs write line by line; but what they
# write is to arrive as it is.
stty -opost <&1

# Who spins is named after twice so many seconds.
echo 5 > /proc/sys/kernel/watchdog_thresh

# The first timer after boot comes late.
sleep 0.1

leaks=/sys/kernel/debug/kmemleak
if [ "$kmemleak" = yes ]; then
	echo scan=off > $leaks
	echo clear > $leaks
fi

sockets()
{
	awk '$1 ~ /^XTCP/ { n += $3 } END { print n + 0 }' /proc/net/protocols
}

mark "ready"
loaded=
code=125
if [ -n "$insmod" ]; then
	# shellcheck disable=SC2086 # several parameters
	if insmod "$insmod" $insmod_args; then
		loaded=$(basename "$insmod" .ko | tr - _)
		# Where its code lies: names for addresses printed after rmmod.
		text=$(cat "/sys/module/$loaded/sections/.text" 2> /dev/null)
		status "text $text"
	else
		status "insmod failed"
	fi
fi
if [ -z "$insmod" ] || [ -n "$loaded" ]; then
	bash "$run/command"
	code=$?
fi
status "code $code"
mark "command ended with $code"

# Nobody else may hold the module when it goes.
kill -KILL -1 2> /dev/null

# kmemleak believes an object that is younger than five seconds.
find_leaks()
{
	mark "looking for leaks"
	sleep 6
	echo scan > $leaks
	echo scan > $leaks
	cat $leaks >> "$run/kmemleak"
	echo clear > $leaks
}

[ "$kmemleak" != yes ] || find_leaks

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
	[ "$kmemleak" != yes ] || [ -d "/sys/module/$loaded" ] || find_leaks
fi
# Let callbacks and work that the unloading left behind run.
sleep 0.2

# Lockdep goes silent after its first report, and after some things that are
# none: "0" here and no report is worth knowing.
status "debug_locks $(sed -n 's/.*debug_locks: *//p' /proc/lockdep_stats)"
status "tainted $(cat /proc/sys/kernel/tainted)"
status "done"
mark "halting"
stty opost <&1 # waits until the output has gone
sync
echo o > /proc/sysrq-trigger
sleep 10
