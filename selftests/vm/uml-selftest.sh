#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Does the debug kernel see what it is there to see?  Every bug of
# uml-plant/plant.c must be found by uml-run.sh, and for its own reason; what is
# no bug must pass.  With arguments: only the tests of those names.

# What stands in single quotes is for the guest to expand.
# shellcheck disable=SC2016

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/uml-selftest.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

"$here/build.sh" --of selftests/vm/uml-plant --to "$work" uml > /dev/null || exit 1

count=0
failed=0
only=" $* "

# check NAME EXIT-CODE PATTERN ARGUMENT...: run, compare the exit code, and look
# for the pattern in what the run and the kernel said.
check()
{
	local name=$1 want=$2 pattern=$3 got start=$SECONDS

	shift 3
	case $only in "  "|*" $name "*) ;; *) return ;; esac
	count=$((count + 1))
	rm -rf "$work/results"
	"$here/uml-run.sh" --results "$work/results" "$@" > "$work/out" 2>&1
	got=$?
	if [ $got -eq "$want" ] &&
	   cat "$work/out" "$work/results/dmesg" | grep -qE "$pattern"; then
		echo "ok $count - $name ($((SECONDS - start)) s)"
	else
		echo "not ok $count - $name: exit code $got instead of $want" \
			"or no '$pattern'"
		sed 's/^/# /' "$work/out"
		failed=$((failed + 1))
	fi
}

# plant BUG EXIT-CODE PATTERN [OPTION...]
plant()
{
	local bug=$1 want=$2 pattern=$3

	shift 3
	check "$bug" "$want" "$pattern" --module "$work/plant.ko" \
		--insmod-args "bug=$bug" "$@" -- true
}

# The runner itself.
check exit-code 7 "hello from the guest" --no-insmod \
	-- sh -c 'echo hello from the guest; exit 7'
check arguments 0 "^<a  b><\\$>$" --no-insmod -- printf '<%s><%s>\n' 'a  b' "\$"
check results 0 "kept" --no-insmod \
	-- sh -c 'echo kept > "$XTCP_RESULTS/file"; cat "$XTCP_RESULTS/file"'
check host-untouched 0 "" --no-insmod -- sh -c "touch '$work/from-guest'"
if [ -e "$work/from-guest" ]; then
	echo "not ok - the guest wrote to the host's file system"
	failed=$((failed + 1))
fi
check timeout 124 "no end after 5 s" --no-insmod --timeout 5 -- sleep 100
check no-module 123 "cannot be loaded" --module "$work/plant.ko" \
	--insmod-args "bug=unknown" -- true
check time-travel 0 "slept 720[0-9]" --no-insmod --time-travel --timeout 30 \
	-- sh -c 'a=$(date +%s); sleep 7200; echo slept $(($(date +%s) - a))'

# Two network namespaces, and TCP between them over a slow path.
cat > "$work/transfer.sh" <<'SH'
set -e
ip netns add a
ip netns add b
ip link add veth0 netns a type veth peer veth0 netns b
ip -n a addr add 10.0.0.1/24 dev veth0
ip -n b addr add 10.0.0.2/24 dev veth0
ip -n a link set veth0 up
ip -n b link set veth0 up
ip netns exec a tc qdisc add dev veth0 root netem delay 50ms
ip netns exec b perl -MIO::Socket::INET -e '
	my $l = IO::Socket::INET->new(LocalPort => 5000, Listen => 1) or die;
	open(my $f, ">", "/run/listening");
	my $s = $l->accept or die;
	my ($n, $b) = 0;
	$n += length $b while sysread $s, $b, 65536;
	print "received $n\n"' &
until [ -e /run/listening ]; do sleep 0.01; done
ip netns exec a perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new("10.0.0.2:5000") or die;
	print $s "x" x 10000000;'
wait
SH
check transfer 0 "received 10000000" --no-insmod --time-travel \
	-- sh "$work/transfer.sh"

# Nothing planted, nothing found.
plant none 0 "command ended with 0"
check none-kmemleak 0 "looking for leaks" --module "$work/plant.ko" --kmemleak \
	-- true

# The bugs.
plant use-after-free 125 "KASAN: slab-use-after-free in plant_use_after_free"
plant out-of-bounds 125 "KASAN: slab-out-of-bounds in plant_out_of_bounds"
plant lock-order 125 "possible circular locking dependency"
plant softirq-lock 125 "inconsistent lock state"
plant atomic-sleep 125 "sleeping function called|scheduling while atomic"
plant rcu 125 "suspicious RCU usage"
plant active-timer 125 "ODEBUG: free active"
plant refcount 125 "refcount_t: addition on 0"
plant list 125 "list_add double add|list_add corruption"
plant bug 123 "BUG: failure at .*plant_bug"
plant shift 125 "UBSAN: shift-out-of-bounds"
plant leak 125 "plant_leak at .*plant.c:" --kmemleak
plant slab 125 "BUG plant .*: Objects remaining"
plant busy 125 "plant is in use" --unload-wait 1
plant panic 123 "planted"
plant spin 124 "soft lockup" --timeout 20
# Reported when the namespace goes.
check netns-reference 125 "ref_tracker: net .* has .* users" --no-insmod -- sh -c "
	unshare -n insmod '$work/plant.ko' bug=netns-reference
	sleep 1
	rmmod plant"

echo "1..$count"
[ $failed -eq 0 ]
