#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debug-build.sh uml|path|smp|source: build a debug kernel once into the cache
# folder and print where it is.
#
#	uml	User Mode Linux, see uml.config: the folder is a build tree for
#		modules, with the kernel, "linux", and its own few modules in "modules"
#	path	the same without its checks, which are the end of uml.config: for
#		measuring (make bench-path), many times faster
#	smp	for qemu, see smp.config: the folder is laid out as Debian's kernels
#		are (tools/setup.sh), and kernels/smp leads to it
#	source	nothing but the source of both, where the host tests find
#		kselftest and checkpatch too
#
# A second call finds the stamp and returns at once.

set -euo pipefail

release=6.12
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/apt.sh
. "$here/../../tools/apt.sh"
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
source=$cache/linux-source-$release
kind=${1:-}

say() { echo "debug-build: $*" >&2; }
die() { say "$*"; exit 1; }

unpack_source()
{
	local new deb

	[ ! -e "$source/Makefile" ] || return 0

	# Under another name first: a folder that exists is complete.
	rm -rf "$cache"/.source.*
	new=$(mktemp -d "$cache/.source.XXXXXX")
	newest() { find "$1" -maxdepth 1 -name "linux-source-${release}_*.deb" | sort -V | tail -n 1; }
	mkdir -p "$cache/debs"
	deb=$(newest "$cache/debs")
	if [ -z "$deb" ]; then
		say "fetching linux-source-$release"
		(apt_open "$cache/apt" &&
		 apt_fetch "$cache/debs" "linux-source-$release") ||
			die "cannot get linux-source-$release"
		deb=$(newest "$cache/debs")
	fi
	say "unpacking $deb"
	mkdir "$new/tree"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/linux-source-$release.tar.xz" |
		xz -dc -T0 | tar -x --strip-components=1 -C "$new/tree"
	[ -e "$new/tree/Makefile" ] || die "$deb holds no kernel source"
	[ -e "$source/Makefile" ] || mv -T "$new/tree" "$source"
	rm -rf "$new"
}

# What the configuration demands, without its comments.
demands()
{
	if [ $kind = path ]; then
		sed '/^# The checks\./,$d; s/-xtcp-debug/-xtcp-path/' "$config"
	else
		cat "$config"
	fi | grep -E '^(CONFIG_|# CONFIG_.* is not set$)'
}

# Kconfig drops without a word what it does not know or cannot give.
check_config()
{
	local missing wrong

	missing=$(demands | grep -vxF -f "$build/.config" | grep -vE '^# CONFIG_' || :)
	wrong=$(demands | sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) .*/^\1=/p' |
		grep -f - "$build/.config" || :)
	[ -z "$missing$wrong" ] || die "$config did not take: $missing $wrong"
}

kconfig=()
kernel_make() { nice make -C "$source" O="$build" ARCH="$arch" "${kconfig[@]}" "$@"; }

# How far it is, once a minute or so.
progress()
{
	awk -v kind="$kind" '/^  (CC|AS|LD) / && ++n % 250 == 0 {
		print "debug-build: " kind ": " n " files so far" > "/dev/stderr" }'
}

build()
{
	say "building the $kind debug kernel in $build: ten minutes or more"
	mkdir -p "$build"
	rm -f "$build/stamp"
	demands > "$build/demands"
	# The tick of Debian's kernels: timers must not be rounded more than theirs.
	# User Mode Linux gives no choice, but the first default counts.
	sed '/^mainmenu/a config HZ\n\tint\n\tdefault 250' "$source/Kconfig" > "$build/Kconfig.hz"
	[ $kind != path ] || kconfig=(KBUILD_KCONFIG="$build/Kconfig.hz")
	kernel_make -s KCONFIG_ALLCONFIG="$build/demands" allnoconfig >&2
	check_config
	kernel_make -j"$(nproc)" "${targets[@]}" modules | progress
	kernel_make -s INSTALL_MOD_PATH="$build/modules" modules_install >&2
	[ -s "$build/Module.symvers" ] || die "no Module.symvers in $build"
	# Its directory must not look like a finished kernel's before it is one.
	[ $kind != smp ] || lay_out
	echo "$stamp" > "$build/stamp"
}

# As tools/setup.sh lays out the kernels that it unpacks.
lay_out()
{
	local name dir

	name=$(cat "$build/include/config/kernel.release")
	dir=$cache/kernels/$name
	rm -rf "$dir"
	mkdir -p "$dir/boot"
	cp "$build/arch/x86/boot/bzImage" "$dir/boot/vmlinuz-$name"
	mv "$build/modules/lib" "$dir/lib"
	rm -f "$dir/lib/modules/$name"/{build,source}
	ln -s "$build" "$dir/build"
	ln -sfn "$name" "$cache/kernels/smp"
}

case $kind in
uml|path) arch=um targets=(linux) result=$cache/$kind-$release ;;
smp)	arch=x86_64 targets=(bzImage) result=$cache/kernels/smp ;;
source)	;;
*)	die "usage: debug-build.sh uml|path|smp|source" ;;
esac

mkdir -p "$cache"
exec 8> "$cache/linux-source-$release.lock"
flock 8
unpack_source
exec 8>&-
if [ "$kind" = source ]; then
	echo "$source"
	exit
fi

config=$here/${kind/path/uml}.config
build=$cache/$kind-$release
exec 9> "$build.lock"
flock 9
# The compiler counts: a module must be built by the kernel's own.
stamp=$({ demands; cat "$source/Makefile"; "${CC:-gcc}" --version; } |
	sha256sum | cut -d ' ' -f 1)
[ "$(cat "$build/stamp" 2> /dev/null)" = "$stamp" ] || build
echo "$result"
