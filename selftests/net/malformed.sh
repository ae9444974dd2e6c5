#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Segments that no XTCP sends are counted and dropped, and hurt nobody.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 100000
start $B "$xrecv" 4712 /dev/null
wait_for sees $B LISTEN || bail "no listener"

# counts KIND COUNTER FAMILY: one segment raises the counter by one, and InSegs
counts()
{
	local before after from=A$3 to=B$3

	before=$(counter $B "$2") || return
	on $A "$here/inject" "${!from}" "${!to}" 5000 4712 "$1" || return
	wait_for counter_is $B "$2" $((before + 1))
}

for family in 4 6; do
	for pair in \
		checksum:DropChecksum version:DropVersion offset-small:DropOffset \
		truncated:DropShort empty-option:DropOption long-option:DropOption \
		short-option:DropOption option-twice:DropOption no-hello:DropOption \
		critical-option:DropCriticalOption zero-tag:DropZeroTag syn-fin:DropFlags \
		syn-rst:DropFlags no-flags:DropFlags short-syn:DropShortSyn
	do
		check M1_${pair%:*}_IPv$family counts ${pair%:*} ${pair#*:} $family
	done
	check O2_syn_is_answered_IPv$family counts syn SynAcksSent $family
	check M1_unknown_option_is_skipped_IPv$family counts unknown-option SynAcksSent $family
	check R4_stray_ack_IPv$family counts stray-ack OutRsts $family
	check O3_forged_cookie_IPv$family counts forged-cookie OutRsts $family
done

noise()
{
	on $A "$here/inject" $A4 $B4 5001 4712 noise 3000 &&
		on $A "$here/inject" $A6 $B6 5001 4712 noise 3000
}
check M1_noise noise
check the_listener_is_still_there sees $B LISTEN
check and_works on $A "$xsend" $B4 4712 "$work/file"
check O2_half_open_entries_expire all_gone $B
finish
