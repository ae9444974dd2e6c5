#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The first process of the guest that vm-run.sh boots: all that it works with lies
# in memory (root.sh), the run's folder too: it goes back to the host at the end.
# The command's output goes to the second serial line.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
run=/run/xtcp
# shellcheck source=selftests/vm/guest-init.sh
. /guest-init.sh
make_file_systems
hostname xtcp-vm
# vm-run.sh looks through the console: all of the log goes there from here on.
echo 8 > /proc/sys/kernel/printk
read_settings
terminal /dev/ttyS1
work
# The only meeting with the host's file system, when no test runs any more.
# Devices are found in the background.
modprobe -qa virtio_pci 9pnet_virtio
mkdir /mnt
tries=100
until mount -t 9p -o trans=virtio,version=9p2000.L,access=any,msize=262144 xtcp /mnt; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || break
	sleep 0.1
done 2> /dev/null
! mountpoint -q /mnt || { rm -f $run/*.ko && cp -r $run/. /mnt/; }
halt
