#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the module needs for itself is taken already (squatter/squatter.c): loading
# says so and fails, nothing stays behind, and later it succeeds.

. "$(dirname "$0")/lib.sh"
module_file
squatter=${insmod%/*}/squatter.ko
[ -f "$squatter" ] || skip "squatter.ko is not beside the module"
loads_again || skip "not loaded again on User Mode Linux"
two_hosts
make_file 100000

# unregistered: nothing of the module is left in the kernel
unregistered()
{
	[ ! -e /sys/module/xtcp ] && ! grep -i xtcp /proc/net/protocols /proc/slabinfo &&
		! on $A ls -d /proc/net/xtcp /proc/sys/net/xtcp
}

# refused THING MESSAGE: taken by somebody else
refused()
{
	insmod "$squatter" "thing=$1" || return
	# shellcheck disable=SC2086 # several parameters
	! load $insmod_args 2> "$work/why" && cat "$work/why" &&
		grep -q 'Device or resource busy' "$work/why" &&
		dmesg | tail -n 3 | grep "xtcp: $2 is taken" && unregistered
	local code=$?

	rmmod squatter
	return $code
}

# loads: it comes and does its job, and goes
loads()
{
	# shellcheck disable=SC2086 # several parameters
	load $insmod_args && copy $A $B $B4 && copy $A $B $B6 && wait_for nobody && gone
}

check goes gone
check family_18_is_taken refused family "address family 18"
check family_18_is_free_again loads
check protocol_is_taken_IPv4 refused ipv4 "IP protocol 253"
check protocol_is_taken_IPv6 refused ipv6 "IP protocol 253"
check protocol_is_free_again loads
check diag_is_taken refused diag "sock_diag for family 18"
check diag_is_free_again loads
# As it was.
# shellcheck disable=SC2086 # several parameters
check comes_back load $insmod_args
finish
