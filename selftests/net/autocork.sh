#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# D12, autocorking: what is written while packets wait in the device's queue goes with what
# is written behind it, and as soon as one of them has left. TCP, too, does so.

. "$(dirname "$0")/lib.sh"
two_hosts
setting $A net.xtcp.msl 1
setting $B net.xtcp.msl 1
run=$tools/xtcp-run/xtcp-run
# All packets are counted: none of those with which IPv6 looks round.
on $A sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1

# Four packets with 10 bytes pass at once, others take 6 ms each. An answer takes 400 ms:
# neither an ACK nor the time limit, a quarter of that, ends the wait so soon. Nine packets
# are less than TCP's first window.
tc -n $A qdisc replace dev eth0 root tbf rate 100kbit burst 320 limit 100000 || bail "no tbf"
netem $B delay 400ms

# Prints in how many ms 9 writes arrive.
cat > "$work/server" << 'EOF'
import socket, sys, time
door = socket.create_server(("", int(sys.argv[1])))
s, _ = door.accept()
for _ in range(3):
    s.send(s.recv(1))
got, begin = 0, 0
while got < 90:
    got += len(s.recv(90))
    begin = begin or time.monotonic()
print(int((time.monotonic() - begin) * 1000))
EOF
# Prints how many packets they are.
cat > "$work/client" << 'EOF'
import socket, sys, time
def packets():
    with open("/proc/net/dev") as file:
        return next(int(l.split()[10]) for l in file if l.split()[0] == "eth0:")
while True:
    try:
        s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _ in range(3):
    s.send(b"?")
    s.recv(1)
time.sleep(1)
before = packets()
for _ in range(9):
    s.send(b"0123456789")
s.recv(1)
print(packets() - before)
EOF

# burst COMMAND...: run by it; $packets and $span
burst()
{
	start $B "$@" python3 "$work/server" $port > "$work/span"
	packets=$(on $A "$@" python3 "$work/client" $B4 $port) && wait "$child" &&
		span=$(cat "$work/span") && echo "$packets packets in $span ms"
}
few() { burst "$@" && [ "$packets" -le 7 ] && [ "$span" -lt 90 ]; }
# TCP also waits for a second packet of its own in the queue.
each() { burst "$@" && [ "$packets" -ge 8 ]; }
all_over() { all_gone $A && all_gone $B; }
counted() { counter_above $A AutoCorked 0; }

check TCP few env
setting $A net.ipv4.tcp_autocorking 0
check TCP_without_autocorking each env
check D12_autocorking few "$run"
check D12_autocorking_is_counted counted
setting $A net.xtcp.autocorking 0
check D12_without_autocorking each "$run"
# Nothing holds the module when the next test begins.
check all_is_over all_over
finish
