#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xtcp-run: programs that know only TCP speak XTCP, and are none the wiser.

. "$(dirname "$0")/lib.sh"
run=$tools/xtcp-run/xtcp-run
type -P socat > /dev/null || skip "no socat"
two_hosts
make_file 1000000

tcp_listens() { on $B ss -tlnH | grep -q ":$port "; }
xtcp_listens() { sees $B LISTEN; }

# serve LISTENS COMMAND...: a server that writes what it gets to $work/copy; its number
# in $server once LISTENS says that it is there
serve()
{
	rm -f "$work/copy"
	start $B "${@:2}" 2> "$work/server.err"
	server=$child
	wait_for "$1" || { cat "$work/server.err"; return 1; }
}
file="OPEN:$work/copy,creat"

# arrives CLIENT...: what a client on the other host sends is the file
arrives()
{
	on $A timeout $((patience * 4)) "$@" && wait "$server" && cmp "$work/file" "$work/copy"
}

travels()
{
	serve xtcp_listens "$run" socat -u "$1,reuseaddr" "$file" &&
		arrives "$run" socat -u "OPEN:$work/file" "$2"
}
check IPv4 travels TCP4-LISTEN:$port TCP4:$B4:$port
check IPv6 travels TCP6-LISTEN:$port "TCP6:[$B6]:$port"
check dual_stack travels "TCP6-LISTEN:$port,ipv6only=0" TCP4:$B4:$port
check no_segment_of_TCP no_tcp

# The shell opens the connection, another program uses it.
by_bash()
{
	serve xtcp_listens "$run" socat -u TCP4-LISTEN:$port,reuseaddr "$file" &&
		arrives "$run" bash -c 'exec 3<> "/dev/tcp/$1/$2"; cat "$3" >&3' \
			- $B4 $port "$work/file"
}
check a_descriptor_is_inherited by_bash

forks()
{
	serve xtcp_listens "$run" socat TCP4-LISTEN:$port,reuseaddr,fork EXEC:cat &&
		[ "$(echo one | on $A "$run" socat - TCP4:$B4:$port)" = one ] &&
		[ "$(echo two | on $A "$run" socat - TCP4:$B4:$port)" = two ]
	local code=$?

	kill "$server"
	wait "$server" 2> /dev/null
	return $code
}
check a_server_that_forks forks

emptied()
{
	serve xtcp_listens "$run" bash -c 'exec env -i "$@"' - "$(type -P socat)" -u \
		TCP4-LISTEN:$port,reuseaddr "$file" &&
		arrives "$run" env -i "$(type -P socat)" -u "OPEN:$work/file" TCP4:$B4:$port
}
check an_environment_that_was_emptied emptied

# execle(), and execl() of a program that has emptied its own
listed()
{
	serve xtcp_listens "$run" python3 - "$(type -P socat)" TCP4-LISTEN:$port,reuseaddr "$file" <<-'EOF' &&
		import ctypes, sys
		path, *arguments = (a.encode() for a in sys.argv[1:])
		nothing = (ctypes.c_char_p * 1)(None)
		ctypes.CDLL(None).execle(path, path, b"-u", *arguments, None, nothing)
	EOF
		arrives "$run" python3 -c 'if True:
			import ctypes, sys
			path, *arguments = (a.encode() for a in sys.argv[1:])
			ctypes.CDLL(None).clearenv()
			ctypes.CDLL(None).execl(path, path, b"-u", *arguments, None)
			' "$(type -P socat)" "OPEN:$work/file" TCP4:$B4:$port
}
check arguments_in_a_list listed

# What the C library starts by itself, and a program that is a descriptor
within()
{
	serve xtcp_listens "$run" python3 - "$(type -P socat)" TCP4-LISTEN:$port,reuseaddr "$file" <<-'EOF' &&
		import ctypes, sys
		ctypes.CDLL(None).clearenv()
		ctypes.CDLL(None).system(" ".join(sys.argv[1:]).encode().replace(b" ", b" -u ", 1))
	EOF
		arrives "$run" python3 -c 'if True:
			import ctypes, sys
			c = ctypes.CDLL(None)
			c.popen.restype = ctypes.c_void_p
			c.clearenv()
			what = " ".join(sys.argv[1:]).encode().replace(b" ", b" -u ", 1)
			c.pclose(ctypes.c_void_p(c.popen(what, b"r")))
			' "$(type -P socat)" "OPEN:$work/file" TCP4:$B4:$port
}
check commands_of_a_shell within
shells_say()
{
	[ "$("$run" python3 -c 'if True:
		import ctypes
		c = ctypes.CDLL(None)
		c.popen.restype = ctypes.c_void_p
		c.clearenv()
		assert c.system(None)
		assert c.system(b"exit 7") == 7 << 8
		assert c.pclose(ctypes.c_void_p(c.popen(b"echo \"$0 $#\"; exit 8", b"w"))) == 8 << 8
		')" = "sh 0" ]
}
check what_a_shell_says shells_say
by_descriptor()
{
	serve xtcp_listens "$run" python3 - "$(type -P socat)" TCP4-LISTEN:$port,reuseaddr "$file" <<-'EOF' &&
		import ctypes, os, sys
		path, *arguments = (a.encode() for a in sys.argv[1:])
		arguments = [path, b"-u", *arguments, None]
		fd = os.open(path, os.O_RDONLY)
		nothing = (ctypes.c_char_p * 1)(None)
		ctypes.CDLL(None).execveat(fd, b"", (ctypes.c_char_p * len(arguments))(*arguments),
		                           nothing, 0x1000)	# AT_EMPTY_PATH
	EOF
		arrives "$run" socat -u "OPEN:$work/file" TCP4:$B4:$port
}
check a_program_that_is_open by_descriptor
check still_no_segment_of_TCP no_tcp

preloads()
{
	cp "$tools/xtcp-run/libxtcp-run.so" "$work/other.so" &&
		[ "$(LD_PRELOAD=$work/other.so "$run" sh -c 'echo "$LD_PRELOAD"')" = \
			"$tools/xtcp-run/libxtcp-run.so:$work/other.so" ]
}
check LD_PRELOAD_is_kept preloads
check the_programs_exit_code eval '"$run" sh -c "exit 7"; [ $? = 7 ]'
check no_such_program eval '! "$run" /none 2> /dev/null'
refuses() { ! "$run" "$@" true 2> /dev/null; }
check bad_lists eval 'refuses -o 0 && refuses -o 1.2.3.4/33 && refuses -e "[::1" && refuses -e ,'

# Who asks for MPTCP can do with TCP, and so with XTCP.
multipath()
{
	serve xtcp_listens "$run" python3 - $port "$work/copy" <<-'EOF' &&
		import socket, sys
		server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
		server.bind(("", int(sys.argv[1])))
		server.listen()
		with server.accept()[0].makefile("rb") as data, open(sys.argv[2], "wb") as copy:
		    copy.write(data.read())
	EOF
		arrives "$run" socat -u "OPEN:$work/file" TCP4:$B4:$port
}
check who_asks_for_MPTCP multipath

says()
{
	on $A "$run" -v socat - TCP4:$B4:$port < /dev/null 2>&1 |
		grep 'xtcp-run\[[0-9]*\]: descriptor [0-9]*: XTCP instead of TCP'
}
check it_says_what_it_does says

# What the rules leave to TCP, both sides.
ruled()
{
	serve "$1" "$run" "${@:2:2}" socat -u "TCP6-LISTEN:$port,ipv6only=0,reuseaddr" "$file" &&
		arrives "$run" "${@:4:2}" socat -u "OPEN:$work/file" "$6"
}
check except_port ruled tcp_listens -e $port -e 1,$port TCP4:$B4:$port
check except_address ruled tcp_listens -e :: -e 192.0.2.0/24 TCP4:$B4:$port
check except_address_and_port ruled tcp_listens -e $port -e "[2001:db8::/32]:$port" "TCP6:[$B6]:$port"
check except_another ruled xtcp_listens -e 1 -e $B4:1,10.0.0.0/8 TCP4:$B4:$port
check only_port ruled xtcp_listens -o $port -o $B4:$port TCP4:$B4:$port
check only_another ruled tcp_listens -o 1 -o "[::1]" "TCP6:[$B6]:$port"
check bound_and_left_to_TCP ruled tcp_listens -e $port -e $port "TCP4:$B4:$port,bind=$A4:5555"

# All that a program has told its socket by the time it turns out to be one of TCP's.
told()
{
	on $A "$run" -e 198.51.100.0/24,2001:db8:1::/48 python3 - <<-'EOF'
		import fcntl, os, socket
		DEFER_ACCEPT, MTU_DISCOVER, TRANSPARENT, MINTTL, TIMESTAMP, ZEROCOPY = 9, 10, 19, 21, 29, 60
		SELECT_ERR_QUEUE, PKTINFO, RECVTTL, RECVTOS = 45, 8, 12, 13
		FLOWINFO, AUTOFLOWLABEL, ADDR_PREFERENCES, TRANSPARENT6 = 11, 70, 72, 75
		OPTIONS = [(socket.SOL_IP, TRANSPARENT, 1), (socket.SOL_IP, MINTTL, 3),
		           (socket.SOL_IP, MTU_DISCOVER, 3), (socket.SOL_SOCKET, TIMESTAMP, 1),
		           (socket.SOL_SOCKET, ZEROCOPY, 1), (socket.SOL_TCP, socket.TCP_NODELAY, 1),
		           (socket.SOL_SOCKET, SELECT_ERR_QUEUE, 1), (socket.SOL_IP, PKTINFO, 1),
		           (socket.SOL_IP, RECVTTL, 1), (socket.SOL_IP, RECVTOS, 1)]
		OPTIONS6 = [(socket.IPPROTO_IPV6, name, value) for name, value in (
		            (TRANSPARENT6, 1), (socket.IPV6_RECVPKTINFO, 1),
		            (socket.IPV6_RECVHOPLIMIT, 1), (socket.IPV6_RECVTCLASS, 1), (FLOWINFO, 1),
		            (AUTOFLOWLABEL, 0), (ADDR_PREFERENCES, 1 | 0x400))]
		for family, address, options, table, line in (
		    (socket.AF_INET, "198.51.100.1", OPTIONS, "tcp", "016433C6:"),
		    (socket.AF_INET6, "2001:db8:1::1", OPTIONS6, "tcp6", "B80D0120000001000000000001000000:")):
		    s = socket.socket(family)
		    for level, name, value in options:
		        s.setsockopt(level, name, value)
		    s.setsockopt(socket.SOL_TCP, DEFER_ACCEPT, 5)
		    fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid())
		    s.bind((address, 0))
		    s.listen()
		    for level, name, value in options:
		        assert s.getsockopt(level, name) == value, name
		    assert s.getsockopt(socket.SOL_TCP, DEFER_ACCEPT) > 0
		    assert fcntl.fcntl(s, fcntl.F_GETOWN) == os.getpid()
		    with open(f"/proc/net/{table}") as sockets:
		        assert any(line in socket for socket in sockets)
	EOF
}
check what_a_program_has_told_the_socket_stays told

# A host with a TCP server only.
falls_back()
{
	serve tcp_listens socat -u TCP4-LISTEN:$port,reuseaddr "$file" &&
		arrives "$run" "$@" socat -u "OPEN:$work/file" TCP4:$B4:$port
}
refused()
{
	! on $A "$run" socat -u "OPEN:$work/file" TCP4:$B4:$port 2> "$work/why" &&
		grep -q 'Connection refused' "$work/why"
}
check refused_without_fallback refused
check fallback_to_TCP falls_back --fallback
check fallback_finds_XTCP ruled xtcp_listens -v --fallback -v --fallback TCP4:$B4:$port

# TCP chooses a port of its own: what XTCP had chosen may be in use there.
port_in_use()
{
	local range code

	range=$(on $A sysctl -n net.ipv4.ip_local_port_range)
	setting $A net.ipv4.ip_local_port_range "40000 40000"
	start $B socat TCP4-LISTEN:$((port + 1)) EXEC:cat
	wait_for eval 'on $B ss -tlnH | grep -q ":$((port + 1)) "' &&
		start $A socat EXEC:cat TCP4:$B4:$((port + 1)) &&
		wait_for eval 'on $A ss -tnH | grep -q ":40000 "' &&
		falls_back --fallback
	code=$?
	setting $A net.ipv4.ip_local_port_range "$range"
	return $code
}
check fallback_beside_other_connections port_in_use

# The same of a port that bind() has chosen before the peer was known; the program's own
# stays its own.
bound_port_in_use()
{
	local taken code

	start $A socat TCP4-LISTEN:41000,bind=$A4 EXEC:cat
	taken=$child
	wait_for eval 'on $A ss -tlnH | grep -q ":41000 "' &&
		serve tcp_listens "$run" -e $port socat TCP4-LISTEN:$port,reuseaddr EXEC:cat &&
		on $A "$run" -e $port python3 - $A4 $B4 $port <<-'EOF'
			import errno, socket, sys
			RANGE = "/proc/sys/net/ipv4/ip_local_port_range"
			def choose(first, last):
			    with open(RANGE) as file:
			        old = file.read().split()
			    with open(RANGE, "w") as file:
			        file.write(f"{first} {last}")
			    return old
			here, peer = sys.argv[1], (sys.argv[2], int(sys.argv[3]))
			own, s = socket.socket(), socket.socket()
			old = choose(41000, 41000)
			s.bind((here, 0))
			choose(*old)
			s.connect(peer)
			assert s.getsockname()[0] == here and s.getsockname()[1] != 41000
			own.bind((here, 41000))
			assert own.connect_ex(peer) == errno.EADDRINUSE
		EOF
	code=$?
	kill "$taken" "$server"
	wait "$taken" "$server" 2> /dev/null
	return $code
}
check left_to_TCP_beside_others bound_port_in_use

# Somebody on the way lets nothing but TCP through.
silence() { on $B nft 'add table inet t; add chain inet t i { type filter hook input priority 0; };
	add rule inet t i meta l4proto 253 drop'; }
check nobody_answers silence
check fallback_after_a_while falls_back --fallback=300
on $B nft flush ruleset

# The tests of TCP, over XTCP that they take for it.
disguised()
{
	"$run" "$here/$1" "${@:2}" -v tcp_ipv4 -v tcp_ipv6
}
for program in socket listen_accept connect io close; do
	check "${program}_takes_it_for_TCP" disguised $program
done
# The first that fits counts. The limits of all memory are XTCP's own.
check poll_takes_it_for_TCP disguised poll -T RCVLOWAT_and_little_memory
check SO_PROTOCOL_says_TCP "$run" "$here/sockopt" -V xtcp_ipv4 -V xtcp_ipv6 -V xtcp_inet_ipv4 \
	-V xtcp_inet_ipv6 -t what_it_is
finish
