#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# D14: where the slowest part of the way is this host's own device, data waits in the socket
# and not in the device's queue, where everybody else's packets would wait behind it. TCP's
# does (small queues).

. "$(dirname "$0")/lib.sh"
two_hosts
setting $A net.xtcp.msl 1
setting $B net.xtcp.msl 1
run=$tools/xtcp-run/xtcp-run

# The path alone takes 125 KB. What a window is beyond that waits somewhere, and the queue
# takes no more than 40 KB of it.
tc -n $A qdisc replace dev eth0 root tbf rate 10mbit burst 5000 limit 40000 || bail "no tbf"
netem $B delay 100ms
bytes=4000000

cat > "$work/server" << 'EOF'
import socket, sys
door = socket.create_server(("", int(sys.argv[1])))
s, _ = door.accept()
left = int(sys.argv[2])
while left:
    left -= len(s.recv(min(left, 65536)))
s.send(b"!")
s.recv(1)
EOF
# Prints in how many ms all has arrived.
cat > "$work/client" << 'EOF'
import socket, sys, time
while True:
    try:
        s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
begin = time.monotonic()
s.sendall(bytes(int(sys.argv[3])))
s.recv(1)
print(int((time.monotonic() - begin) * 1000))
EOF

dropped() { tc -n $A -s qdisc show dev eth0 | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p'; }

# bulk COMMAND...: run by it; $span and $lost, packets that the device's queue did not take
bulk()
{
	local before

	before=$(dropped)
	start $B "$@" python3 "$work/server" $port $bytes
	span=$(on $A "$@" python3 "$work/client" $B4 $port $bytes) && wait "$child" || return
	lost=$(($(dropped) - before))
	echo "$span ms, $lost packets dropped"
}
waits_in_the_socket() { bulk "$@" && [ $lost -eq 0 ]; }
# In no more than a quarter more than the cable takes: opening the window is in it.
keeps_the_device_busy() { echo "$span ms"; [ "$span" -lt $((bytes * 5 * 8 / 4 / 10000)) ]; }
counted() { counter_above $A HostQueueFull 0; }
all_over() { all_gone $A && all_gone $B; }

check TCP waits_in_the_socket env
check TCP_keeps_the_device_busy keeps_the_device_busy
check D14_data_waits_in_the_socket waits_in_the_socket "$run"
check D14_the_device_stays_busy keeps_the_device_busy
check D14_is_counted counted
check all_is_over all_over
finish
