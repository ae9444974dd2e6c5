#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh STEP...: each step once, and at the end the sum of all results.
#
#	check			make check, with every error that can be put into the core
#	6.1, 6.12, 7 ...	the kselftests on Debian's kernel of that series, in
#				virtual time
#	uml			on the debug kernel, User Mode Linux, in virtual time
#	kmemleak		some of them there once more, for leaks, with a module that
#				can be loaded again (lib.sh, loads_again)
#	smp			on the debug kernel of two processors, in real time
#	runner			does vm-run.sh see what goes wrong? On the last of the
#				kernels that are named
#
# A kernel that is missing is a failure. The file "unfit" names the tests that a
# step leaves out. With all of Debian's kernels and uml among the steps the run is short:
# each test runs once at least, where it is most likely to find something; unless
# XTCP_TEST=all is in the environment.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
kselftest=$cache/linux-source-6.12/tools/testing/selftests
export XTCP_CACHE=$cache
results=$top/build/results
log=$top/build/test.log

# result NAME COMMAND...: a command whose exit code is a result of its own, around
# those that it prints.
result()
{
	local name=$1 code

	shift
	echo "# $name: begins at $(date +%T)"
	"$@"
	code=$?
	echo "TAP version 13"
	echo "1..1"
	if [ $code -eq 0 ]; then
		echo "ok 1 $name"
	else
		echo "not ok 1 $name # exit=$code"
	fi
}

# unfit STEP TEST: why it is left out; false if it is not.
unfit()
{
	local step test why

	while read -r step test why; do
		if [[ $step = short:* ]]; then
			[ -n "$short" ] || continue
			step=${step#short:}
		fi
		# shellcheck disable=SC2053 # patterns
		if [[ $1 = $step && $2 = $test ]]; then
			[ "$why" != fits ] || return 1
			echo "$why"
			return 0
		fi
	done < <(grep -v '^#' "$here/unfit")
	return 1
}

# kselftests STEP COMMAND...: on a kernel that the command boots.
kselftests()
{
	local step=$1 test why fit=() skipped=()

	shift
	for test in "${programs[@]}"; do
		if why=$(unfit "$step" "$test"); then
			skipped+=("selftests: ${test/:/: } # SKIP $why")
		else
			fit+=("$test")
		fi
	done
	if [ ${#skipped[@]} -gt 0 ]; then
		echo "TAP version 13"
		echo "1..${#skipped[@]}"
		printf '%s\n' "${skipped[@]}" | nl -n ln -w 1 -s ' ' | sed 's/^/ok /'
	fi
	"$@" --with selftests/net/squatter --with selftests/net/ksock \
		--results "$results/$step" -- "$here/guest-tests.sh" "${fit[@]}"
}

step()
{
	local release

	# The two families go the same ways through what is about the protocol.
	case $1 in
	7|kmemleak)	export XTCP_FAMILY=6 ;;
	6.1)		export XTCP_FAMILY=4 ;;
	6.12)		[ -z "$short" ] || export XTCP_FAMILY=4 ;;
	esac
	# In a short run each step has each family through one of the two doors: two of them
	# all that there is with the shortcut, two without it; and one kernel shows that the
	# tests are right about TCP.
	[ -z "$short" ] || case $1 in
	6.1|uml)	export XTCP_LEAVE_OUT="tcp_ipv4 tcp_ipv6 xtcp_ipv6 xtcp_inet_ipv4" ;;
	7|kmemleak)	export XTCP_LEAVE_OUT="tcp_ipv4 tcp_ipv6 xtcp_ipv4 xtcp_inet_ipv6" ;;
	6.12)		export XTCP_LEAVE_OUT="xtcp_ipv4 xtcp_inet_ipv6" ;;
	esac
	# Elsewhere the shortcut is on, as it is at first.
	case $1 in
	7|uml)		export XTCP_SHORTCUT=0 ;;
	esac
	case $1 in
	check)	result "make check" make -C "$top" --no-print-directory check MUTANTS= ;;
	uml)
		result "debug kernel" kselftests uml "$here/uml-run.sh" --time-travel --timeout 3600
		;;
	kmemleak)
		result "leaks" kselftests kmemleak "$here/uml-run.sh" --kmemleak --timeout 3600 \
			--module "$("$here/build.sh" --plain uml)"
		;;
	smp)
		result "debug kernel, two processors" kselftests smp \
			"$here/vm-run.sh" --kernel smp --cpus 2 --timeout 7200
		;;
	runner)	result "runner" "$here/vm-selftest.sh" "$series" ;;
	*)
		release=$(readlink "$cache/kernels/$1") || release=missing
		result "kernel $1 $release" kselftests "$1" \
			"$here/vm-run.sh" --kernel "$1" --append mitigations=off --timeout 3600
		;;
	esac
}

# All that a kernel says goes to a file; how far it is, to the terminal.
aside()
{
	step "$1" 2>&1 | tee "$results/$1.tap" |
		grep -aE --line-buffered '^(not )?ok |: begins at ' |
		while IFS= read -r line; do
			echo "# $(date +%T) $1: ${line#\# }"
		done
}

# A guest has one processor and a clock of its own: as many steps run at once as there
# are processors, and no test notices.
steps()
{
	local step series='' short=yes

	for step; do
		[[ $step != [0-9]* ]] || series=$step
	done
	# What one leaves to another must not be left out where that other is not there.
	for step in 6.1 6.12 7 uml; do
		[[ " $* " = *" $step "* ]] || short=
	done
	[ "${XTCP_TEST:-}" != all ] || short=
	result "build of the kselftests" make -s "-j$(nproc)" -C "$top/selftests" "KSELFTEST=$kselftest"
	mapfile -t programs < <(make -s -C "$top/selftests" "KSELFTEST=$kselftest" emit_tests)
	mkdir -p "$results"
	for step; do
		while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
			wait -n
		done
		aside "$step" &
	done
	wait
	for step; do
		cat "$results/$step.tap"
	done
}

mkdir -p "$top/build"
steps "$@" 2>&1 | tee "$log"
awk -f "$here/tap.awk" "$log"
