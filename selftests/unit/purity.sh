#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The core is pure: compiled freestanding and without instrumentation, for 64
# and 32 bits, all of it together needs nothing but what is listed here (64-bit
# division would show as __udivdi3), and it includes nothing but <xtcp/...> and
# headers of its own.
# usage: purity.sh CORE OUT CPPFLAG...   (CC, LD, NM from the environment)

core=$1
out=$2
shift 2
allowed='memcpy|memset|memmove|memcmp|strcmp|rb_[a-z_]+|xtcp_mac|xtcp_div'
number=0
failed=0

result() { # status, what
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number $2"
	else
		echo "not ok $number $2"
		failed=1
	fi
}

# bits, linker emulation, CPPFLAG...: builds $out/core-BITS.o
build() {
	bits=$1
	emulation=$2
	shift 2
	rm -rf "${out:?}/$bits"
	mkdir -p "$out/$bits" || return 1
	for file in "$core"/*.c; do
		object=$out/$bits/$(basename "$file" .c).o
		"${CC:-gcc}" "-m$bits" -ffreestanding -fno-pie -fno-stack-protector -O2 \
			-Wall -Wextra -Wno-unused-parameter -Werror "$@" \
			-c -o "$object" "$file" || return 1
	done
	"${LD:-ld}" -r -m "$emulation" -o "$out/core-$bits.o" "$out/$bits"/*.o
}

# bits: prints what the core wants and must not have
foreign() {
	"${NM:-nm}" -u "$out/core-$1.o" | awk '{ print $2 }' | grep -Evx "$allowed"
}

# bits, linker emulation, CPPFLAG...
check_symbols() {
	if ! build "$@"; then
		result 1 "core compiles freestanding for $1 bits"
		return
	fi
	result 0 "core compiles freestanding for $1 bits"
	symbols=$(foreign "$1")
	[ -z "$symbols" ] || echo "$symbols" | sed 's/^/# undefined: /'
	[ -z "$symbols" ]
	result $? "core has no foreign symbols in $1 bits"
}

check_includes() {
	own=$(find "$core" -name '*.h' -exec basename {} \;)
	foreign=$(grep -EHn '^[[:space:]]*#[[:space:]]*include' "$core"/*.[ch] |
		grep -Ev 'include[[:space:]]*<xtcp/[a-z_]+\.h>' |
		while read -r line; do
			header=$(echo "$line" | sed -n 's/.*include[[:space:]]*"\(.*\)".*/\1/p')
			echo "$own" | grep -qxF "${header:-?}" || echo "# $line"
		done)
	[ -z "$foreign" ] || echo "$foreign"
	[ -z "$foreign" ]
	result $? "core includes only <xtcp/...> and its own headers"
}

echo "TAP version 13"
echo "1..5"
check_includes
check_symbols 64 elf_x86_64 "$@"
check_symbols 32 elf_i386 "$@"
exit $failed
