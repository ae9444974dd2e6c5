#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Build the debug kernel (User Mode Linux, see uml.config) once into the cache
# folder and print the folder it stands in: "linux" in there is the kernel, and
# the folder is a build tree for modules:
#
#	make -C FOLDER ARCH=um M=... modules
#
# Its few modules are in FOLDER/modules.
#
# A second call finds the stamp and returns at once. --source only unpacks the
# kernel's source, where the host tests find kselftest and checkpatch too.

set -eu

release=6.12
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/apt.sh
. "$here/../../tools/apt.sh"
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
source=$cache/linux-source-$release
build=$cache/uml-$release
config=$here/uml.config

say() { echo "uml-build: $*" >&2; }
die() { say "$*"; exit 1; }

unpack_source()
{
	[ -e "$source/Makefile" ] && return 0

	# Under another name first: a folder that exists is complete.
	rm -rf "$cache"/.source.*
	new=$(mktemp -d "$cache/.source.XXXXXX")
	deb=$(find "$cache" -maxdepth 2 -name "linux-source-${release}_*.deb" |
	      sort -V | tail -n 1)
	if [ -z "$deb" ]; then
		say "fetching linux-source-$release"
		mkdir -p "$cache/debs"
		(apt_open "$cache/apt" &&
		 apt_fetch "$cache/debs" "linux-source-$release") ||
			die "cannot get linux-source-$release"
		deb=$(find "$cache/debs" -name "linux-source-${release}_*.deb" |
		      sort -V | tail -n 1)
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

# Kconfig drops without a word what it does not know or cannot give.
check_config()
{
	missing=$(grep -E '^(CONFIG_|# CONFIG_.* is not set$)' "$config" |
		  grep -vxF -f "$build/.config" |
		  grep -vE '^# CONFIG_' || :)
	wrong=$(grep -E '^# CONFIG_.* is not set$' "$config" |
		sed 's/^# \(CONFIG_[A-Z0-9_]*\) .*/^\1=/' |
		grep -f - "$build/.config" || :)
	[ -z "$missing$wrong" ] ||
		die "uml.config did not take: $missing $wrong"
}

kernel_make()
{
	nice make -s -C "$source" O="$build" ARCH=um "$@" >&2
}

mkdir -p "$cache"
exec 9> "$cache/uml-$release.lock"
flock 9

exec 8> "$cache/linux-source-$release.lock"
flock 8
unpack_source
exec 8>&-
if [ "${1:-}" = --source ]; then
	echo "$source"
	exit
fi

# The compiler counts: a module must be built by the kernel's own.
stamp=$({ cat "$config" "$source/Makefile"; ${CC:-gcc} --version; } |
	sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$build/.xtcp-stamp" 2> /dev/null)" != "$stamp" ] ||
   [ ! -x "$build/linux" ]; then
	say "building the debug kernel in $build (some minutes)"
	mkdir -p "$build"
	rm -f "$build/.xtcp-stamp"
	kernel_make KCONFIG_ALLCONFIG="$config" allnoconfig
	check_config
	kernel_make -j"$(nproc)" linux modules
	kernel_make INSTALL_MOD_PATH="$build/modules" modules_install
	[ -s "$build/Module.symvers" ] || die "no Module.symvers in $build"
	echo "$stamp" > "$build/.xtcp-stamp"
fi
echo "$build"
