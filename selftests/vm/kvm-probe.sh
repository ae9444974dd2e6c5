#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kvm-probe.sh IMAGE: does KVM really run a kernel here? /dev/kvm may exist and
# hang every guest. A kernel that finds no root panics and resets at once, and
# what it said before tells. What came out is kept until the next boot.

image=$1
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
kept=$cache/kvm-probe
boot=$(cat /proc/sys/kernel/random/boot_id)

[ -w /dev/kvm ] || exit 1
if [ "$(cut -d ' ' -f 1 "$kept" 2> /dev/null)" != "$boot" ]; then
	answer=no
	{ timeout -k 1 15 qemu-system-x86_64 -accel kvm -cpu host -m 512M -nodefaults \
		-no-reboot -display none -serial stdio -kernel "$image" \
		-append "console=ttyS0 panic=-1" < /dev/null; } 2> /dev/null |
		grep -aq 'Kernel panic - not syncing: VFS' && answer=yes
	echo "$boot $answer" > "$kept"
fi
[ "$(cut -d ' ' -f 2 "$kept")" = yes ]
