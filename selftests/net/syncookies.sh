#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# net.xtcp.syncookies: what opens a connection, what is shown of it, and that a lost
# third message is repaired (T-ECHO), with the table of half-open connections full too.

. "$(dirname "$0")/lib.sh"
two_hosts
# How long a TIME-WAIT lasts is timewait.sh's subject.
setting $A net.xtcp.msl 1
setting $B net.xtcp.msl 1
make_file 1000
# Nothing here is quicker than a second: looking more often is dear, and tells nothing.
step=500

cut() { netem "$1" loss 100%; }
mend() { no_netem "$1"; }
hears() { wait_for sees "$1" "$2"; }
half_open() { [ "$(count_of $B SYN-RECV)" = "$1" ]; }

# listens: the server; its client writes when it is told
listens()
{
	rm -f "$work"/{data,copy}
	mkfifo "$work/data" && exec {data}<> "$work/data" || return
	start $B "$xrecv" $port "$work/copy" {data}>&-
	server=$child
	hears $B LISTEN
}

# connects ADDRESS
connects()
{
	start $A "$xsend" "$1" $port < "$work/data" {data}>&-
	client=$child
	hears $A SYN-SENT
}

# ends: the client writes, and both have got to the end of it
ends()
{
	cat "$work/file" >&"$data"
	exec {data}>&-
	wait "$client" && wait "$server" && cmp "$work/file" "$work/copy"
}

# shown COUNT ADDRESS: so many SYN-RECEIVED while the SYN|ACK does not get through
shown()
{
	local sent

	sent=$(counter $B SynAcksSent)
	listens && cut $B && connects "$2" &&
		wait_for counter_above $B SynAcksSent "$sent" && half_open "$1"
	local code=$?

	mend $B
	hears $A ESTAB && ends && half_open 0 && return $code
}

# third_message ADDRESS: it is lost, and nothing else follows it. While the SYN|ACK is on
# its way there is time to see that, and to cut the cable behind the SYN.
third_message()
{
	local echoes sent

	echoes=$(counter $A CookieEchoRetransmits)
	sent=$(counter $B SynAcksSent)
	listens && netem $B delay 5s && connects "$1" &&
		wait_for counter_above $B SynAcksSent "$sent" && sees $A SYN-SENT &&
		cut $A && hears $A ESTAB &&
		wait_for counter_above $A CookieEchoRetransmits "$echoes" && sees_no $B ESTAB
	local code=$?

	mend $A
	mend $B
	hears $B ESTAB && ends && return $code
}

# The SYN waits for room, as a client for a listener whose queue is full.
no_room()
{
	local dropped

	dropped=$(counter $B DropHalfOpenFull)
	setting $B net.xtcp.max_syn_backlog 0
	listens && connects "$1" && wait_for counter_above $B DropHalfOpenFull "$dropped" &&
		sees $A SYN-SENT && half_open 0
	local code=$?

	setting $B net.xtcp.max_syn_backlog 10
	hears $A ESTAB && ends && return $code
}

for mode in 0 1 2; do
	setting $B net.xtcp.syncookies $mode
	entries=$((mode != 2))
	for family in $families; do
		peer=B$family
		check O2_mode_${mode}_opens_IPv$family copy $A $B "${!peer}"
		check O2_mode_${mode}_shows_${entries}_SYN-RECEIVED_IPv$family \
			shown $entries "${!peer}"
		check O4_mode_${mode}_T-ECHO_repairs_IPv$family third_message "${!peer}"
		[ $mode = 0 ] || continue
		check O2_mode_0_table_full_IPv$family no_room "${!peer}"
	done
done

setting $B net.xtcp.syncookies 1
setting $B net.xtcp.max_syn_backlog 0
check O4_table_full_T-ECHO_repairs_IPv4 third_message $B4
check O4_table_full_T-ECHO_repairs_IPv6 third_message $B6
check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
