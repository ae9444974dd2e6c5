#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# root.sh KERNEL RUN FILE...: print, as an archive for the kernel to unpack at
# boot, all that a guest works with: programs, the kernel's modules for networks,
# the project, the folder RUN as /run/xtcp, and FILEs where they lie here.
#
# In memory, and not on a shared file system: in virtual time every wait for the
# host lets hours go by, and a program that is loaded late would find all timers
# expired.

set -eu

kernel=$1 run=$2
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
PATH=/usr/sbin:/usr/bin:/sbin:/bin

root=$(mktemp -d "${TMPDIR:-/tmp}/xtcp-root.XXXXXX")
trap 'rm -rf "$root"' EXIT

say() { echo "root: $*" >&2; }

# place FILE: in $place, its absolute path with all links but the last resolved: /lib is a
# link to /usr/lib, and a library is looked for under the name of its link.
declare -A folders
place()
{
	local folder=${1%/*}

	[ -n "${folders[$folder]:-}" ] || folders[$folder]=$(realpath "$folder/")
	place=${folders[$folder]}/${1##*/}
}

add()
{
	place "$1"
	[ -e "$root$place" ] && return
	[ -d "$root${place%/*}" ] || mkdir -p "$root${place%/*}"
	cp -L "$1" "$root$place"
}

# The libraries of all programs in the list on standard input.
add_libraries()
{
	local library

	# Scripts and static programs have none.
	{ xargs -r ldd 2> /dev/null || :; } |
	sed -nE 's/^.*[[:space:]](\/[^ :]+) \(0x.*/\1/p' | sort -u |
	while read -r library; do
		add "$library"
	done
}

mkdir -p "$root"/{dev,proc,sys,tmp,run,root,etc,usr/bin,usr/sbin,usr/lib,usr/lib64}
mkdir -p "$root"/var/{tmp,run}
chmod 1777 "$root/tmp" "$root/var/tmp"
for dir in bin sbin lib lib64; do
	ln -s "usr/$dir" "$root/$dir"
done

programs=()
while read -r name; do
	file=$(command -v "$name") || { say "no program $name here: run tools/setup.sh"; exit 1; }
	case $file in
	/*)	;;
	*)	file=$(type -P "$name") ;;	# also built into the shell
	esac
	place "$file"
	programs+=("$place")
done < <(grep -v '^#' "$here/programs")
for file in "${programs[@]}"; do
	add "$file"
done
add_libraries < <(printf '%s\n' "${programs[@]}")

add "$(type -P busybox)"	# it lies in $place
for name in $(busybox --list); do
	[ -e "$root/usr/bin/$name" ] || [ -e "$root/usr/sbin/$name" ] ||
		ln -s "$place" "$root/usr/bin/$name"
done
ln -sf bash "$root/usr/bin/sh"

# Programs that setup.sh unpacked, where they lie.
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
others=$cache/programs
[ -d "$others" ] || { say "no $others here: run tools/setup.sh"; exit 1; }
mkdir -p "$root$others"
cp -a "$others/." "$root$others"
export LD_LIBRARY_PATH=$others/usr/lib/x86_64-linux-gnu
add_libraries < <(find "$others/usr" -type f)

# Python with the modules that the tests import, and those that they import, with
# the results of compiling them.
# shellcheck disable=SC2046 # words
python3 -B -S - $(grep -v "^#" "$here/python-modules") > "$root/modules" <<'PYTHON'
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
for module in sys.modules.values():
    for name in getattr(module, "__file__", None), getattr(module, "__cached__", None):
        if name and name.startswith("/"):
            print(name)
PYTHON
while read -r file; do
	[ ! -e "$file" ] || add "$file"
done < "$root/modules"
grep '\.so$' "$root/modules" | add_libraries
rm "$root/modules"

# Tables that programs read.
for file in /etc/{passwd,group,hosts,services,protocols,nsswitch.conf,ld.so.cache} \
	    /etc/iproute2 /usr/share/iproute2 /usr/lib/tc; do
	[ ! -e "$file" ] || { mkdir -p "$root$(dirname "$file")" && cp -RL "$file" "$root$file"; }
done

# The project where it lies, without what only the host uses.
mkdir -p "$root$top"
tar -C "$top" -c --exclude='*.o' --exclude='*.a' --exclude='selftests/*/build' \
	selftests tools | tar -C "$root$top" -x
find "$top/selftests" "$top/tools" -type f -perm -u+x ! -name '*.*' \
	! -path '*/build/*' | add_libraries

# kselftest's runner, for guest-tests.sh.
for file in "$cache/linux-source-6.12/tools/testing/selftests/kselftest/runner.sh" "$@"; do
	add "$file"
done

mkdir -p "$root/run"
cp -r "$run" "$root/run/xtcp"
cp "$here/guest-init.sh" "$root"
cp "$here/vm-init.sh" "$root/init"

(cd "$root" && find . -mindepth 1 -print0 | cpio -o0 -H newc --quiet -R 0:0)

# The modules are the same for all runs. Archives may follow one another.
archive=$kernel/guest-modules.cpio
if [ ! -e "$archive" ]; then
	stage=$(mktemp -d "$kernel/.guest.XXXXXX")
	trap 'rm -rf "$root" "$stage"' EXIT
	cd "$kernel"
	all=lib/modules/$(basename "$kernel")
	# Linked, not copied, and below "usr": /lib is a link in the guest.
	mkdir "$stage/usr"
	{
		find "$all" -maxdepth 1 -name 'modules.*'
		find "$all"/kernel/{net,lib,crypto,arch/x86/crypto,fs/9p,fs/netfs,fs/fscache} \
			-name '*.ko' 2> /dev/null || :
		# The debug kernel has none of these.
		find "$all"/kernel/drivers/{net,virtio} -maxdepth 2 -name '*.ko' \
			! -path '*/ethernet/*' 2> /dev/null || :
	} | cpio -pdl --quiet "$stage/usr"
	(cd "$stage" && find usr | cpio -o -H newc --quiet -R 0:0) > "$stage/archive"
	mv "$stage/archive" "$archive"
fi
cat "$archive"
