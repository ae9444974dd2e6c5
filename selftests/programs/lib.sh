# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the tests of programs share: where the programs are, a server, its clients on
# every way there is. A script sources this, serves, checks, and ends with "finish".

# shellcheck source=selftests/net/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../net/lib.sh"
run=("$tools/xtcp-run/xtcp-run")
others=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}/programs
if [ -d "$others" ]; then
	PATH=$others/usr/sbin:$others/usr/bin:$PATH
	export LD_LIBRARY_PATH=$others/usr/lib/x86_64-linux-gnu
fi

# needs PROGRAM...: or the test is skipped
needs()
{
	local program

	for program; do
		type -P "$program" > /dev/null || skip "no $program"
	done
}

# serve PROGRAM...: in the background, as XTCP, until it listens on $port
serve()
{
	start $B "${run[@]}" "$@" > "$work/server.out" 2>&1
	server=$child
	wait_for listens $port || { cat "$work/server.out"; return 1; }
}
listens() { "$ss" -N $B -lnH | grep -q ":$1 "; }

# nginx_files FOLDER: where nginx puts what it does not keep in memory
nginx_files()
{
	local kind

	for kind in client_body proxy fastcgi uwsgi scgi; do
		echo "${kind}_temp_path $1-$kind;"
	done
}

# client PROGRAM...: as XTCP, on the host that each_way chose
client() { on "$from" timeout $((patience * 4)) "${run[@]}" "$@"; }

# each_way NAME COMMAND...: a check from the other host, and one on the server's own,
# over IPv4 and over IPv6. The command finds the client's host in $from, the server's
# address in $address, and with brackets, as it stands in a URL, in $host.
each_way()
{
	other_host "$@"
	one_host "$@"
}

way()
{
	from=$2 address=$3 host=$4
	check "$1" "${@:5}"
}

other_host()
{
	way "$1_IPv4" $A $B4 $B4 "${@:2}"
	way "$1_IPv6" $A $B6 "[$B6]" "${@:2}"
}

one_host()
{
	way "$1_one_host_IPv4" $B 127.0.0.1 127.0.0.1 "${@:2}"
	way "$1_one_host_IPv6" $B ::1 "[::1]" "${@:2}"
}
