# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# What the first process of every guest does: sourced by vm-init.sh and
# uml-init.sh, which say where the run's folder is ($run) and what is special
# about their machine. The folder holds the run's "settings" and "command", and
# takes "status", a fact a line.

make_file_systems()
{
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mount -t bpf bpf /sys/fs/bpf
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	ln -s /proc/self/fd /dev/fd
	ln -s fd/0 /dev/stdin
	ln -s fd/1 /dev/stdout
	ln -s fd/2 /dev/stderr
	ip link set lo up
}

read_settings()
{
	insmod=		# the module's file, or nothing
	insmod_args=
	modules=	# /lib/modules, where the root has none
	kmemleak=no
	unload_wait=5	# seconds
	# shellcheck disable=SC1091
	. "$run/settings"
}

# terminal FILE: a line for the command's output. It is a terminal, so that
# programs write line by line; but what they write is to arrive as it is.
terminal()
{
	exec < /dev/null > "$1" 2>&1
	stty -opost <&1
}

status() { echo "$*" >> "$run/status"; }
mark() { echo "guest: $*" > /dev/kmsg; }

sockets() { awk '$1 == "XTCP" || $1 == "XTCPv6" { n += $3 } END { print n + 0 }' /proc/net/protocols; }

# Network namespaces that exist, also those that nobody can see any more. One that
# is gone is freed with the next to go: there must be a next one. Without
# shrinking, objects that wait on a processor's list, or in KASAN's quarantine,
# count too.
namespaces()
{
	unshare -n true
	sleep 0.5
	echo 1 > /sys/kernel/slab/net_namespace/shrink
	cut -d ' ' -f 1 /sys/kernel/slab/net_namespace/objects
}

leaks=/sys/kernel/debug/kmemleak

# kmemleak believes an object that is younger than five seconds. Its scanner takes locks
# in an order that lockdep would report. 6.12 itself loses the name of a cache for which
# there is no memory (initfail.sh): a paragraph each, and all but those.
find_leaks()
{
	mark "looking for leaks"
	echo 0 > /proc/sys/kernel/prove_locking
	sleep 6
	echo scan > $leaks
	echo scan > $leaks
	sed '1!s/^unreferenced/\n&/' $leaks | awk 'BEGIN { RS = "" } !/sysfs_slab_add\+/' \
		> "$run/kmemleak"
}

# Load the module, run the command, unload the module, and note what came of it.
work()
{
	local before loaded='' code=125 tries left why

	if [ "$kmemleak" = yes ]; then
		echo scan=off > $leaks
		echo clear > $leaks
	fi
	mark "ready"
	before=$(namespaces)
	if [ -n "$insmod" ]; then
		# shellcheck disable=SC2086 # several parameters
		if insmod "$insmod" $insmod_args; then
			loaded=$(basename "$insmod" .ko | tr - _)
			# Where its code lies: names for addresses printed after rmmod.
			status "text $(cat "/sys/module/$loaded/sections/.text")"
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
	[ "$kmemleak" != yes ] || find_leaks

	# Lockdep goes silent after its first report, and after some things that are
	# none: "0" here and no report is worth knowing.
	[ ! -e /proc/lockdep_stats ] ||
		status "debug_locks $(sed -n 's/.*debug_locks: *//p' /proc/lockdep_stats)"
	status "tainted $(cat /proc/sys/kernel/tainted)"
	status "done"
	mark "halting"
}

halt()
{
	stty opost <&1 # waits until the output has gone
	sync
	echo o > /proc/sysrq-trigger
	sleep 10
}
