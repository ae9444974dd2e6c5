#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The first process of the guest that vm-run.sh boots: all that it works with lies
# in memory (root.sh). /run/xtcp holds the run's "settings" and "command", takes
# "status" and what the command leaves there, and goes back to the host at the
# end; the command's output goes to the second serial line.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t debugfs debugfs /sys/kernel/debug
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
run=/run/xtcp
# vm-run.sh looks through the console: all of the log goes there from here on.
echo 8 > /proc/sys/kernel/printk
hostname xtcp-vm
ip link set lo up

# One line per fact.
status() { echo "$*" >> $run/status; }
mark() { echo "guest: $*" > /dev/kmsg; }

insmod=		# the module's file, or nothing
insmod_args=
unload_wait=5	# seconds
# shellcheck disable=SC1091
. $run/settings

exec < /dev/null > /dev/ttyS1 2>&1
stty -opost <&1

sockets() { awk '$1 == "XTCP" || $1 == "XTCPv6" { n += $3 } END { print n + 0 }' /proc/net/protocols; }

# Network namespaces that exist, also those that nobody can see any more. One that
# is gone is freed with the next to go: there must be a next one. Without
# shrinking, objects that wait on a processor's list count too.
namespaces()
{
	unshare -n true
	sleep 0.5
	echo 1 > /sys/kernel/slab/net_namespace/shrink
	cut -d ' ' -f 1 /sys/kernel/slab/net_namespace/objects
}

mark "ready"
before=$(namespaces)
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

# Nobody else may hold the module or a namespace when they go.
kill -KILL -1 2> /dev/null

# They are taken down in the background.
tries=20
until left=$(($(namespaces) - before)); [ $left -le 0 ]; do
	tries=$((tries - 1))
	if [ $tries -le 0 ]; then
		status "namespaces $left"
		break
	fi
done

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
# The only meeting with the host's file system, when no test runs any more.
# Devices are found in the background.
modprobe -a virtio_pci 9pnet_virtio
mkdir /mnt
tries=100
until mount -t 9p -o trans=virtio,version=9p2000.L,access=any,msize=262144 xtcp /mnt; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || break
	sleep 0.1
done 2> /dev/null
! mountpoint -q /mnt || { rm -f $run/*.ko && cp -r $run/. /mnt/; }
stty opost <&1 # waits until the output has gone
sync
echo o > /proc/sysrq-trigger
sleep 10
