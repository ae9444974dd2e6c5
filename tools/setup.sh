#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Everything that building and testing take, on a bare Debian 12: see usage().

set -eu

usage()
{
	cat <<'USAGE'
usage: tools/setup.sh [--kernels "SERIES..."] [--update]

Installs the Debian packages that are missing and fills the cache folder
(XTCP_CACHE, by default ~/.cache/xtcp) with

  kernels/SERIES      Debian's newest kernel of each series, of all suites, image,
                      modules and headers, unpacked: nothing of them is installed
  trixie/ ...         a tree of a newer Debian, if one of them needs its compiler
  linux-source-6.12/  for kselftest, checkpatch, and the debug kernel
  uml-6.12/           the debug kernel for User Mode Linux, built from it: six
                      minutes of two processors, or more
  virtme-ng/, bin/    what boots the virtual machines
  programs/           nginx, redis, OpenSSH and others that the tests run over XTCP,
                      unpacked: an installed server would be started

Quick when all is there. --kernels (or KERNELS) limits the series, which are 6.1,
6.12 and 7 by default; --update looks for newer kernels.
USAGE
}

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/apt.sh
. "$here/apt.sh"
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
kernels=${KERNELS:-6.1 6.12 7}
update=no

while [ $# -gt 0 ]; do
	case $1 in
	--kernels)	kernels=$2; shift ;;
	--update)	update=yes ;;
	--help)		usage; exit 0 ;;
	*)		usage >&2; exit 2 ;;
	esac
	shift
done

# ---------------------------------------------------------------------------
# Packages of the host's own suite

# A line for each purpose: the module, the core's host tests, the tools, the
# virtual machines (with what virtme-ng runs on), the cache, lint.
packages="
make gcc libc6-dev bc bison flex libelf-dev libssl-dev dwarves
gcc-multilib clang libclang-rt-14-dev patch
libmnl-dev pkg-config
qemu-system-x86 busybox-static kmod file python3 python3-argcomplete python3-requests python3-pkg-resources
iproute2 ethtool procps nftables socat netbase
xz-utils cpio debootstrap util-linux perl python3-docutils
sparse shellcheck
"

install_packages()
{
	missing=
	for package in $packages; do
		# shellcheck disable=SC2016 # dpkg-query expands it
		case $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) in
		"install ok installed") ;;
		*) missing="$missing $package" ;;
		esac
	done
	[ -n "$missing" ] || return 0
	say "installing$missing"
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get -q update >&2
	# shellcheck disable=SC2086 # words
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qy install \
		--no-install-recommends $missing > "$cache/install.log" 2>&1 || {
		tail -n 20 "$cache/install.log" >&2
		die "the packages cannot be installed"
	}
}

# ---------------------------------------------------------------------------
# Kernels

opened=
need_apt()
{
	[ -z "$opened" ] || return 0
	say "reading package lists"
	apt_open "$cache/apt" 2> "$cache/apt.log" || die "no Debian sources: see $cache/apt.log"
	opened=yes
}

# newest SERIES: its newest release, and the suite that has it
newest()
{
	# shellcheck disable=SC1091
	version=$(. /etc/os-release && echo "$VERSION_ID")
	apt-cache search --names-only "^linux-image-$1\\.[0-9].*-amd64\$" | cut -d ' ' -f 1 |
	xargs -r apt-cache madison | apt_newest_kernel "$1" "$version"
}

# Image and headers, and those packages of theirs that are parts of the kernel.
parts()
{
	apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances --no-pre-depends \
		"linux-image-$1" "linux-headers-$1" |
	grep -E '^linux-(image|headers|binary|modules|kbuild|base)-[0-9]' |
	grep -vE 'unsigned|cloud|dbg' | sort -u
}

unpack_kernel()
{
	series=$1 release=$2 suite=$3 dir=$cache/kernels/$2 new=$cache/kernels/.$2

	say "kernel $series: fetching $release of $suite"
	rm -rf "$new"
	mkdir -p "$new/debs"
	# shellcheck disable=SC2046 # words
	apt_fetch "$new/debs" $(parts "$release") > "$cache/fetch.log" 2>&1 || {
		tail "$cache/fetch.log" >&2
		die "kernel $release cannot be fetched"
	}
	for deb in "$new"/debs/*.deb; do
		dpkg-deb -x "$deb" "$new"
	done
	rm -rf "${new:?}/debs" "${new:?}/usr/share"

	# One layout for all: boot/vmlinuz-*, lib/modules.
	if [ -d "$new/usr/lib/modules" ]; then
		mkdir -p "$new/lib/modules" "$new/boot"
		cp -al "$new/usr/lib/modules/." "$new/lib/modules/"
		rm -rf "$new/usr/lib/modules"
		[ -e "$new/boot/vmlinuz-$release" ] ||
			mv "$new/lib/modules/$release/vmlinuz" "$new/boot/vmlinuz-$release"
	fi
	say "kernel $series: unpacking modules"
	find "$new/lib/modules" -name '*.ko.xz' -print0 |
		xargs -0 -r -n 200 -P "$(nproc)" xz -d
	rm -f "$new/lib/modules/$release/build" "$new/lib/modules/$release/source"
	depmod -b "$new" "$release"

	# Its headers believe that they are installed.
	sed -i "s#/usr/src#$dir/usr/src#g" "$new/usr/src/linux-headers-$release/Makefile"
	ln -s "usr/src/linux-headers-$release" "$new/build"
	compiler=$(sed -n 's/^CC *=.*\(gcc-[0-9]*\).*/\1/p' "$new/build/.kernelvariables")
	command -v "$compiler" > /dev/null || echo "$suite $compiler" > "$new/tree"
	# The tree of a suite that moves may be older than these headers.
	case $suite in
	testing|unstable) rm -f "$cache/$suite/.complete" ;;
	esac

	rm -rf "$dir"
	mv -T "$new" "$dir"
	ln -sfn "$release" "$cache/kernels/$series"
}

get_kernels()
{
	mkdir -p "$cache/kernels"
	for series in $kernels; do
		[ $update = no ] && [ -e "$cache/kernels/$series/build/Makefile" ] && continue
		need_apt
		found=$(newest "$series")
		[ -n "$found" ] || die "no kernel $series is to be had; KERNELS picks others"
		release=${found% *}
		[ -e "$cache/kernels/$release/build/Makefile" ] ||
			unpack_kernel "$series" "$release" "${found#* }"
		ln -sfn "$release" "$cache/kernels/$series"
	done
}

# ---------------------------------------------------------------------------
# Trees of newer Debians, virtme-ng, the kernel's source

# Tools of newer kernels' headers need a newer C library: that of their suite.
get_tree()
{
	suite=$1 compiler=$2 tree=$cache/$1

	[ ! -e "$tree/.complete" ] || [ ! -x "$tree/usr/bin/$compiler" ] || return 0
	need_apt
	say "setting up a tree of Debian $suite with $compiler"
	mirror=$(apt_mirror "$suite")
	[ -n "$mirror" ] || die "no source for Debian $suite"
	rm -rf "$tree"
	unset APT_CONFIG
	$(test "$(id -u)" = 0 || echo sudo) debootstrap --variant=minbase \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		--include="make,$compiler,libc6-dev,libelf-dev,libssl-dev,pahole,bc,kmod" \
		"$suite" "$tree" "$mirror" > "$tree.log" 2>&1 || {
		tail "$tree.log" >&2
		die "no tree of Debian $suite: see $tree.log"
	}
	export APT_CONFIG="$cache/apt/conf"
	touch "$tree/.complete"
}

get_trees()
{
	for series in $kernels; do
		needs=$cache/kernels/$series/tree
		# shellcheck disable=SC2046 # two words
		[ ! -e "$needs" ] || get_tree $(cat "$needs")
	done
}

# Other people's programs, with the libraries that this machine has not.
others="iperf3 nginx curl wrk redis-server redis-tools openssh-server openssh-client"

get_programs()
{
	[ $update = no ] && [ "$(cat "$cache/programs/.names" 2> /dev/null)" = "$others" ] && return
	say "fetching $others"
	new=$(mktemp -d "$cache/.programs.XXXXXX")
	mkdir -p "$new/debs/partial" "$new/tree"
	# shellcheck disable=SC2086 # words
	{
		$(test "$(id -u)" = 0 || echo sudo) apt-get -q update &&
		apt-get -qy --no-install-recommends --download-only --reinstall \
			-o Debug::NoLocking=true -o APT::Sandbox::User="$(id -un)" \
			-o Dir::Cache::Archives="$new/debs" install $others
	} > "$cache/fetch.log" 2>&1 || {
		tail "$cache/fetch.log" >&2
		die "$others cannot be fetched"
	}
	for deb in "$new"/debs/*.deb; do
		dpkg-deb -x "$deb" "$new/tree"
	done
	# What they need to run, and nothing that has privileges.
	rm -rf "$new/tree/etc" "$new/tree/lib" "$new/tree/var" "$new/tree/usr/share" \
		"$new/tree/usr/lib/openssh" "$new/tree/usr/lib/systemd"
	echo "$others" > "$new/tree/.names"
	rm -rf "$cache/programs"
	mv "$new/tree" "$cache/programs"
	rm -rf "$new"
}

get_virtme()
{
	[ -x "$cache/bin/virtme-run" ] && [ -d "$cache/virtme-ng" ] && return
	need_apt
	say "fetching virtme-ng"
	new=$(mktemp -d "$cache/.virtme.XXXXXX")
	apt_fetch "$new" virtme-ng/trixie 2> "$cache/fetch.log" || die "no virtme-ng: see $cache/fetch.log"
	dpkg-deb -x "$new"/*.deb "$new/tree"
	rm -rf "$cache/virtme-ng"
	mv "$new/tree" "$cache/virtme-ng"
	rm -rf "$new"
	mkdir -p "$cache/bin"
	for program in virtme-run vng; do
		# shellcheck disable=SC2016 # the program expands it
		printf '#!/bin/sh\nroot=$(dirname "$(readlink -f "$0")")/../virtme-ng\nPYTHONPATH=$root/usr/lib/python3/dist-packages PATH=$root/usr/bin:$PATH:/usr/sbin:/sbin exec /usr/bin/python3 "$root/usr/bin/%s" "$@"\n' \
			$program > "$cache/bin/$program"
		chmod +x "$cache/bin/$program"
	done
}

mkdir -p "$cache"
exec 9> "$cache/setup.lock"
flock 9 2> /dev/null || :	# util-linux may be missing still

install_packages
get_programs	# first: apt_open changes where apt looks
get_kernels
get_trees
get_virtme
"$here/../selftests/vm/debug-build.sh" uml > /dev/null
for series in $kernels; do
	echo "kernel $series: $(readlink "$cache/kernels/$series")"
done
