#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build a module for a kernel of the cache: see usage() below. Kbuild puts objects
# beside the sources, and several kernels' builds would fight: so the sources, and
# nothing else, are mirrored as links into a folder of this kernel's own.

set -eu

usage()
{
	cat <<'USAGE'
usage: build.sh [--of FOLDER] [--to FOLDER] [--plain] SERIES [MAKE ARGUMENT...]

Builds xtcp.ko for the kernel SERIES (6.1, 6.12, 7; "uml", "path" and "smp" are those
of debug-build.sh, which are built first if need be) and prints where it is.

  --of FOLDER  the module of this folder instead, for a test: relative to the
               project's top
  --to FOLDER  copy it there: no later build can change it
  --plain      without KASAN's instrumentation: User Mode Linux can load it again
USAGE
}

say() { echo "build: $*" >&2; }

of=.
to=
plain=
while [ $# -gt 0 ]; do
	case $1 in
	--of)	of=$2; shift ;;
	--to)	to=$(realpath "$2"); shift ;;
	--plain) plain=-plain ;;
	--help)	usage; exit 0 ;;
	-*)	usage >&2; exit 2 ;;
	*)	break ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2; exit 2; }
series=$1
shift

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
tree=

if [ "$series" = uml ] || [ "$series" = path ]; then
	headers=$("$here/debug-build.sh" "$series")
	build=$top/build/$series$plain
	set -- ARCH=um "$@"
else
	[ "$series" != smp ] || "$here/debug-build.sh" smp > /dev/null
	headers=$cache/kernels/$series/build
	[ -e "$headers/Makefile" ] || {
		say "no kernel $series in $cache: run tools/setup.sh"
		exit 1
	}
	kernel=$(readlink -f "$cache/kernels/$series")
	headers=$kernel/build
	build=$top/build/$(basename "$kernel")$plain
	[ ! -e "$kernel/tree" ] || tree=$cache/$(cut -d ' ' -f 1 "$kernel/tree")
fi

# Lines for runner.sh's "where", and no types: what describes those takes long, and BTF
# cannot be made from less.
set -- KCFLAGS=-g1 CONFIG_DEBUG_INFO_BTF_MODULES= "$@"
[ -z "$plain" ] || set -- KASAN_SANITIZE=n "$@"

# xtcp.ko is made of these; another folder's module of that folder.
sources=(Kbuild include module)
into=$build
if [ "$of" != . ]; then
	sources=("$of")
	into=$build/$of
fi

mkdir -p "$build"
exec 9> "$build/.lock"
flock 9
while read -r file; do
	[ -L "$build/$file" ] && continue
	mkdir -p "$(dirname "$build/$file")"
	ln -s "$top/$file" "$build/$file"
done < <(cd "$top" && find "${sources[@]}" -type f \
	\( -name '*.[chS]' -o -name 'Kbuild*' \) ! -name '*.mod.c')
# Gone from the sources: a link without a target.
find "$build" -xtype l -delete

command=(make -s -C "$headers" "M=$into" "-j$(nproc)" "$@" modules)
if [ -n "$tree" ]; then
	# In a namespace of its own, so that no mount stays behind. In a chroot
	# the root is no mount, whose propagation could be changed.
	unshare=(unshare -m)
	"${unshare[@]}" true 2> /dev/null || unshare+=(--propagation unchanged)
	# shellcheck disable=SC2016 # the inner shell expands them
	command=("${unshare[@]}" bash -c '
		tree=$1 top=$2 cache=$3
		shift 3
		for dir in /proc /dev "$top" "$cache"; do
			mkdir -p "$tree$dir"
			mount --rbind "$dir" "$tree$dir" || exit 1
		done
		exec chroot "$tree" "$@"' - "$tree" "$top" "$cache" "${command[@]}")
fi
"${command[@]}" >&2

name=$(sed -n 's/^obj-m := \(.*\)\.o$/\1/p' "$top/$of/Kbuild").ko
if [ -n "$to" ]; then
	cp "$into/$name" "$to/"
	into=$to
fi
echo "$into/$name"
