#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run a command in a virtual machine with the module loaded: see usage() below.

set -u

usage()
{
	cat <<'USAGE'
usage: vm-run.sh [OPTION]... [--] COMMAND [ARGUMENT]...

Boots a Debian kernel from the cache (virtme-ng), loads the module that was built
for it, runs COMMAND as root in the current folder, unloads the module and looks
through the kernel's log.  The guest's root lies in its memory and holds this
machine's programs that the file "programs" names, the project's selftests and
tools where they lie here, and what --add names.  Only the folder $XTCP_RESULTS is
kept (with --results).

  --kernel SERIES     6.1, 6.12 or 7 (default 6.12)
  --kvm               use KVM if a short probe finds that it works; without it
                      the guest has one CPU and virtual time: sleeping costs
                      nothing, and no test depends on how fast this machine is
  --timeout SECONDS   kill the guest after so long (default 900)
  --unload-wait SECS  how long rmmod may find the module in use (default 5)
  --no-insmod         do not build or load the module
  --insmod-args ARGS  parameters for the module
  --with FOLDER       build the module of this folder of the project too; it lies
                      beside xtcp.ko
  --add FILE          give the guest this file too, where it lies here
  --results DIR       keep the results there: console, dmesg, status
  --append ARGS       more arguments for the kernel
  --mem SIZE          the guest's memory (default 1G)
  --verbose           show the kernel's log as it comes

The exit code is the command's, or
  122  the kernel is missing or the module could not be built
  123  the guest died, or the module could not be loaded
  124  it took too long
  125  the kernel complained, sockets are left, or rmmod failed
USAGE
}

say() { echo "vm-run: $*" >&2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
export XTCP_CACHE=$cache	# also the guest's
# shellcheck source=selftests/vm/verdict.sh
. "$here/verdict.sh"

series=6.12
kvm=no
timeout=900
unload_wait=5
insmod=yes
insmod_args=
with=()
results=
append=()
add=()
mem=1G
verbose=

while [ $# -gt 0 ]; do
	case $1 in
	--kernel)	series=$2; shift ;;
	--kvm)		kvm=try ;;
	--timeout)	timeout=$2; shift ;;
	--unload-wait)	unload_wait=$2; shift ;;
	--no-insmod)	insmod= ;;
	--insmod-args)	insmod_args=$2; shift ;;
	--with)		with+=("$2"); shift ;;
	--add)		add+=("$(realpath -s "$2")"); shift ;;
	--results)	results=$2; shift ;;
	--append)	read -ra more <<< "$2"; append+=("${more[@]}"); shift ;;
	--mem)		mem=$2; shift ;;
	--verbose)	verbose=yes ;;
	--help)		usage; exit 0 ;;
	--)		shift; break ;;
	-*)		usage >&2; exit 2 ;;
	*)		break ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2; exit 2; }

kernel=$(readlink -f "$cache/kernels/$series")
[ -d "$kernel/boot" ] || {
	say "no kernel $series in $cache: run tools/setup.sh"
	exit 122
}
image=$(find "$kernel/boot" -name 'vmlinuz-*' | head -n 1)

run=$(mktemp -d "${TMPDIR:-/tmp}/xtcp-vm.XXXXXX") || exit 122
guest=
log=
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	[ -z "$guest" ] || kill -KILL -- "-$guest" 2> /dev/null
	[ -z "$log" ] || kill "$log"
	if [ -n "$results" ]; then
		mkdir -p "$results"
		rm -f "$results"/{status,dmesg,log} "$run/root.cpio" "$run/pipe"
		cp -r "$run/." "$results"
	fi
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

if [ -n "$insmod" ]; then
	"$here/build.sh" --to "$run" "$series" > /dev/null ||
		{ say "the module does not build"; exit 122; }
	insmod=/run/xtcp/xtcp.ko
fi
for folder in "${with[@]}"; do
	"$here/build.sh" --of "$folder" --to "$run" "$series" > /dev/null ||
		{ say "the module in $folder does not build"; exit 122; }
done

{
	printf 'insmod=%q\n' "$insmod"
	printf 'insmod_args=%q\n' "$insmod_args"
	printf 'unload_wait=%q\n' "$unload_wait"
} > "$run/settings"

{
	printf 'export %s=%q\n' PATH "$PATH:/usr/sbin:/sbin" HOME "${HOME:-/root}" \
		TERM dumb LANG C.UTF-8 XTCP_RESULTS /run/xtcp XTCP_VM 1
	# Settings of the tests travel with the command.
	for name in "${!XTCP_@}"; do
		[ "$name" = XTCP_RESULTS ] ||
			printf 'export %s=%q\n' "$name" "${!name}"
	done
	# Not every folder of this machine is there.
	printf 'cd %q 2> /dev/null || cd /tmp\n' "$PWD"
	printf 'exec'
	printf ' %q' "$@"
	echo
} > "$run/command"

machine=()
if [ $kvm = try ] && "$here/kvm-probe.sh" "$image"; then
	machine=(--cpus 2)
	qemu=(-cpu host)
else
	# One instruction is a nanosecond, idle time is jumped over.  Without the
	# string instructions copies are not emulated byte by byte.
	machine=(--cpus 1 --disable-kvm)
	qemu=(-icount "shift=0,sleep=off" -rtc "clock=vm" -cpu "max,-erms,-fsrm")
fi

"$here/root.sh" "$kernel" "$run" "${add[@]}" > "$run/root.cpio" || exit 122

: > "$run/dmesg"
if [ -n "$verbose" ]; then
	tail -f "$run/dmesg" >&2 &
	log=$!
fi

mkfifo "$run/pipe"
tee "$run/console" < "$run/pipe" &
tee=$!

# Job control gives the guest a process group of its own: nothing of it stays
# behind, whatever ends this script.
set -m
timeout -k 5 "$timeout" "$cache/bin/virtme-run" --kimg "$image" --mods auto --force-9p \
	"${machine[@]}" --memory "$mem" --script-sh true --show-boot-console \
	--kopt nokaslr "${append[@]/#/--kopt=}" \
	--qemu-opts "${qemu[@]}" -initrd "$run/root.cpio" \
	-fsdev "local,id=xtcp,path=$run,security_model=none,multidevs=remap" \
	-device "virtio-9p-pci,fsdev=xtcp,mount_tag=xtcp" \
	-chardev "file,id=output,path=/proc/self/fd/1" -serial chardev:output \
	< /dev/null > "$run/pipe" 2> "$run/dmesg" &
guest=$!
set +m
wait "$guest"
ended=$?
guest=
wait "$tee"

judge "$ended" "$timeout"
if [ -n "$verdict" ]; then
	say "the kernel's log:"
	sed '1,/guest: ready/d' "$run/dmesg" | grep . > "$run/log" || cp "$run/dmesg" "$run/log"
	head -n 200 "$run/log" >&2
fi
code=$(fact code)
exit "${verdict:-$code}"
