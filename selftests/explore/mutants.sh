#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mutants.sh BUILD [NAME...]: has the explorer teeth? Each patch of
# selftests/mutants is applied to a copy of the sources; the explorer built
# from it must find a violation in the scenario that the patch names, and prints
# the shortest trace to it. TAP; a patch that does not apply, does not build or
# is not found fails.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$1
shift
export here top build

# one NAME: its result is the file BUILD/mutants/NAME/result: a line of TAP
# without number, then its trace.
one()
{
	local name=$1 dir=$build/mutants/$1
	local patch=$top/selftests/mutants/$name.patch scenario code

	rm -rf "$dir"
	mkdir -p "$dir/module" "$dir/selftests/explore" "$dir/build"
	cp -a "$top/module/core" "$dir/module/"
	cp -a "$top/include" "$dir/"
	cp -a "$top/selftests/lib" "$dir/selftests/"
	cp -a "$here"/*.[ch] "$here/Makefile" "$dir/selftests/explore/"
	cp -a "$build/fast" "$dir/build/"
	fail()
	{
		echo "not ok $name: $1" > "$dir/result"
		tail -n 20 "$dir/log" | sed 's/^/# /' >> "$dir/result"
	}

	: > "$dir/log"
	scenario=$(sed -n 's/^Scenario: //p' "$patch")
	if ! patch -s -p1 -F0 -d "$dir" < "$patch" > "$dir/log" 2>&1; then
		fail "the patch does not apply"
		return
	fi
	if ! make -s -C "$dir/selftests/explore" "O=$dir/build" "$dir/build/fast/explore" \
			> "$dir/log" 2>&1; then
		fail "it does not build"
		return
	fi
	timeout 60 "$dir/build/fast/explore" --states 400000 --scenario "$scenario" \
		> "$dir/log" 2>&1
	code=$?
	if [ $code -eq 1 ] && grep -q '^not ok ' "$dir/log"; then
		echo "ok $name" > "$dir/result"
		{
			sed -n '1,/^$/{/./s/^/# /p}' "$patch"
			sed -n '3,/^# [a-z-]* *[0-9]* states/{/ states /!p}' "$dir/log"
		} >> "$dir/result"
	else
		fail "not found, exit=$code"
	fi
	rm -rf "$dir/build" "$dir/module" "$dir/include" "$dir/selftests"
}
export -f one

if [ $# -eq 0 ]; then
	for patch in "$top"/selftests/mutants/*.patch; do
		set -- "$@" "$(basename "$patch" .patch)"
	done
fi
mkdir -p "$build/mutants"
printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' bash -c 'one {}'

number=0
failed=0
echo "TAP version 13"
echo "1..$#"
for name; do
	number=$((number + 1))
	result=$build/mutants/$name/result
	sed 1d "$result"
	read -r line < "$result"
	case $line in
	ok*)	echo "ok $number ${line#ok }" ;;
	*)	echo "not ok $number ${line#not ok }"
		failed=1 ;;
	esac
done
exit $failed
