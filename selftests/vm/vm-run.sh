#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run a command in a virtual machine with the module loaded: see usage() below.

set -u

me=vm-run
# shellcheck source=selftests/vm/runner.sh
. "$(dirname "${BASH_SOURCE[0]}")/runner.sh"

usage()
{
	cat <<USAGE
usage: vm-run.sh [OPTION]... [--] COMMAND [ARGUMENT]...

Boots a kernel from the cache (virtme-ng), loads the module that was built for it,
runs COMMAND as root in the current folder, unloads the module and looks through
the kernel's log.  The guest's root lies in its memory and holds this machine's
programs that the file "programs" names, the project's selftests and tools where
they lie here, and what --add names.  Only the folder \$XTCP_RESULTS is kept (with
--results).  The default of --timeout is $timeout.

It has one processor and virtual time: sleeping costs nothing, and no test depends
on how fast this machine is.

  --kernel KERNEL     6.1, 6.12 or 7 of Debian, or smp, the debug kernel for
                      several processors (default 6.12)
  --cpus NUMBER       so many processors, at once, in real time
  --kvm               two processors in real time, by KVM, if a short probe finds
                      that it works
  --plugin PLUGIN     qemu's -plugin: a file, and its arguments after commas
  --add FILE          give the guest this file too, where it lies here
$common_usage
USAGE
}

series=6.12
cpus=
kvm=no
timeout=900
add=()
plugin=()
option()
{
	taken=2
	case $1 in
	--kernel)	series=$2 ;;
	--cpus)		cpus=$2 ;;
	--kvm)		kvm=try; taken=1 ;;
	--plugin)	plugin=(-plugin "$2") ;;
	--add)		add+=("$(realpath -s "$2")") ;;
	*)		return 1 ;;
	esac
}
read_options "$@"

[ "$series" != smp ] || "$here/debug-build.sh" smp > /dev/null || exit 122
kernel=$(readlink -f "$cache/kernels/$series")
[ -d "$kernel/boot" ] || {
	say "no kernel $series in $cache: run tools/setup.sh"
	exit 122
}
image=$(find "$kernel/boot" -name 'vmlinuz-*' | head -n 1)
begin "$series"
instruct /run/xtcp XTCP_VM 1

# Without the string instructions copies are not emulated byte by byte.
emulated=(-cpu "max,-erms,-fsrm")
if [ $kvm = try ] && "$here/kvm-probe.sh" "$image"; then
	machine=(--cpus "${cpus:-2}")
	qemu=(-cpu host)
elif [ -n "$cpus" ]; then
	machine=(--cpus "$cpus" --disable-kvm)
	qemu=("${emulated[@]}")
else
	# One instruction is a nanosecond, idle time is jumped over.
	machine=(--cpus 1 --disable-kvm)
	qemu=("${emulated[@]}" -icount "shift=0,sleep=off" -rtc "clock=vm")
fi

"$here/root.sh" "$kernel" "$run" "${add[@]}" > "$run/root.cpio" || exit 122
boot "$cache/bin/virtme-run" --kimg "$image" --mods auto --force-9p \
	"${machine[@]}" --memory "$mem" --script-sh true --show-boot-console \
	--kopt nokaslr "${append[@]/#/--kopt=}" \
	--qemu-opts "${qemu[@]}" "${plugin[@]}" -initrd "$run/root.cpio" \
	-fsdev "local,id=xtcp,path=$run,security_model=none,multidevs=remap" \
	-device "virtio-9p-pci,fsdev=xtcp,mount_tag=xtcp" \
	-chardev "file,id=output,path=/proc/self/fd/1" -serial chardev:output
conclude
