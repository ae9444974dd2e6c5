#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xtcp-run --bpf: programs that no library reaches. Busybox is a static program.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs busybox python3
two_hosts
make_file 300000
mkdir "$work/www"
cp "$work/file" "$work/www"
busybox=$(type -P busybox)

# A kernel that has no hook says so, and what to look for.
if ! grep -q ' update_socket_protocol$' /proc/kallsyms || [ ! -e /sys/kernel/btf/vmlinux ]; then
	says_so()
	{
		on $A "${run[@]}" --bpf true 2> "$work/why"
		[ $? = 1 ] && grep -q 'no update_socket_protocol' "$work/why" &&
			grep -q 'Linux 6.6' "$work/why"
	}
	check a_kernel_without_the_hook says_so
	finish
fi

run+=(--bpf)
static() { ! ldd "$busybox" > /dev/null 2>&1; }
gets() { client "$busybox" wget -q -O - "http://$host:$port/file" | cmp - "$work/file"; }

check busybox_is_static static
check server serve "$busybox" httpd -f -p "[::]:$port" -h "$work/www"
each_way get gets
check no_segment_of_TCP no_tcp

# What servers in Go listen with.
multipath()
{
	on $A "${run[@]}" python3 - 262 <<-'EOF'
		import socket, sys
		for family in socket.AF_INET, socket.AF_INET6:
		    s = socket.socket(family, socket.SOCK_STREAM, int(sys.argv[1]))
		    assert s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) == 253
	EOF
}
check MPTCP_too multipath

# Its neighbours go on with TCP.
others()
{
	start $B socat TCP4-LISTEN:$((port + 1)),fork EXEC:cat
	tcp_listens() { on $B ss -tlnH | grep -q ":$((port + 1)) "; }
	wait_for tcp_listens && [ "$(echo text | on $A socat -t 60 - TCP4:$B4:$((port + 1)))" = text ]
}
check others_keep_TCP others

# The program is the process that was xtcp-run, and has no child that it did not make.
its_number() { [ "$(on $A "${run[@]}" bash -c 'echo $PPID $$; wait -n; echo $?' - | tail -n 1)" = 127 ]; }
its_code() { on $A "${run[@]}" sh -c 'exit 7'; [ $? = 7 ]; }
killed() { kill "$server" && ! wait "$server" 2> /dev/null; }
check no_other_child its_number
check the_programs_exit_code its_code
check a_signal_reaches_the_program killed

# A tree lives for as long as one of its processes does, and so does its group.
groups()
{
	mkdir -p "$work/groups" && mount -t cgroup2 cgroup2 "$work/groups" || return
	find "$work/groups" -name 'xtcp-run-*' | wc -l
	umount "$work/groups"
}
no_groups() { [ "$(groups)" = 0 ]; }
daemon()
{
	wait_for no_groups && on $B "${run[@]}" "$busybox" httpd -p "[::]:$port" -h "$work/www" &&
		wait_for listens $port && [ "$(groups)" = 1 ] &&
		from=$A host=$B4 gets && pkill -f "httpd -p .::.:$port" && wait_for no_groups
}
check a_daemon daemon
finish
