#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every state of a connection, seen by xtcp-ss. What passes in an instant is held
# for as long as it is looked at, by losing what one host sends.

. "$(dirname "$0")/lib.sh"
two_hosts
# How long a TIME-WAIT lasts is timewait.sh's subject.
setting $A net.xtcp.msl 1
setting $B net.xtcp.msl 1
make_file 1000

cut() { netem "$1" loss 100%; }
mend() { no_netem "$1"; }
hears() { wait_for sees "$1" "$2"; }

# Both programs wait for the closing of a pipe before they close their side.
listens()
{
	rm -f "$work"/{data,hold,copy}
	mkfifo "$work/data" "$work/hold" || return
	exec {data}<> "$work/data" {hold}<> "$work/hold"
	start $B "$xrecv" -w $port "$work/copy" < "$work/hold" {data}>&- {hold}>&-
	receiver=$child
	hears $B LISTEN
}

# connects ADDRESS: its SYN is lost
connects()
{
	cut $A
	start $A "$xsend" "$1" $port < "$work/data" {data}>&- {hold}>&-
	sender=$child
	hears $A SYN-SENT && sees $B LISTEN
}

# Now the SYN|ACK is lost.
half_opens()
{
	mend $A
	cut $B
	hears $B SYN-RECV && sees $A SYN-SENT
}

opens()
{
	mend $B
	hears $A ESTAB && hears $B ESTAB
}

# The client closes; its FIN is lost.
finishes()
{
	cut $A
	cat "$work/file" >&"$data"
	exec {data}>&-
	hears $A FIN-WAIT-1 && sees $B ESTAB
}

# The FIN arrives.
half_closes()
{
	mend $A
	hears $A FIN-WAIT-2 && hears $B CLOSE-WAIT
}

# The server closes; the ACK of its FIN is lost.
last_ack()
{
	cut $A
	exec {hold}>&-
	wait "$receiver" && hears $B LAST-ACK && hears $A TIME-WAIT
}

# The ACK arrives: the passive side is closed before the active side.
passive_closes()
{
	mend $A
	wait_for sees_nothing $B && sees $A TIME-WAIT && wait "$sender" &&
		cmp "$work/file" "$work/copy"
}

# closing ADDRESS: both close at once: the client's FIN is lost, the server's, who was
# killed, arrives.
closing()
{
	listens || return
	start $A "$xsend" "$1" $port < "$work/data" {data}>&- {hold}>&- 2> /dev/null
	hears $A ESTAB && hears $B ESTAB || return
	cut $A
	exec {data}>&-
	hears $A FIN-WAIT-1 && kill -KILL "$receiver" || return
	hears $A CLOSING && sees $B FIN-WAIT-1
}

# The client's FIN arrives, and with it the ACK.
both_wait()
{
	mend $A
	exec {hold}>&-
	hears $A TIME-WAIT && wait_for sees_no $B FIN-WAIT-1
}

for family in $families; do
	peer=B$family
	check F4_LISTEN_IPv$family listens
	check F4_SYN-SENT_IPv$family connects "${!peer}"
	check F4_SYN-RECEIVED_IPv$family half_opens
	check F4_ESTABLISHED_IPv$family opens
	check F6_FIN-WAIT-1_IPv$family finishes
	check F6_FIN-WAIT-2_and_CLOSE-WAIT_IPv$family half_closes
	check F6_LAST-ACK_and_TIME-WAIT_IPv$family last_ack
	check F6_passive_side_closes_first_IPv$family passive_closes
	check F6_CLOSED_IPv$family all_gone $A
	check C2_CLOSING_IPv$family closing "${!peer}"
	check C3_TIME-WAIT_after_CLOSING_IPv$family both_wait
	check C4_CLOSED_on_A_IPv$family all_gone $A
	check C4_CLOSED_on_B_IPv$family all_gone $B
done
finish
