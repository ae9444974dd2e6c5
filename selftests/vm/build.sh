#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh SERIES [MAKE ARGUMENT...]: build xtcp.ko for a kernel of the cache
# and print where it is. Kbuild puts objects beside the sources, and several
# kernels' builds would fight: so the sources, and nothing else, are mirrored as
# links into a folder of this kernel's own.

set -eu

say() { echo "build: $*" >&2; }

series=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
kernel=$cache/kernels/$series
[ -e "$kernel/build/Makefile" ] || {
	say "no kernel $series in $cache: run tools/setup.sh"
	exit 1
}
kernel=$(readlink -f "$kernel")
build=$top/build/$(basename "$kernel")
trixie=$cache/trixie

mkdir -p "$build"
exec 9> "$build/.lock"
flock 9
while read -r file; do
	[ -L "$build/$file" ] && continue
	mkdir -p "$(dirname "$build/$file")"
	ln -s "$top/$file" "$build/$file"
done < <(cd "$top" && find Kbuild include module -type f \
	\( -name '*.[chS]' -o -name 'Kbuild*' \) ! -name '*.mod.c')
# Gone from the sources: a link without a target.
find "$build" -xtype l -delete

command=(make -s -C "$kernel/build" "M=$build" "-j$(nproc)" "$@" modules)
if [ -e "$kernel/trixie" ]; then
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
		exec chroot "$tree" "$@"' - "$trixie" "$top" "$cache" "${command[@]}")
fi
"${command[@]}" >&2
echo "$build/xtcp.ko"
