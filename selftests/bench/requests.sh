#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# requests.sh ROUNDS: how many requests a second nginx and redis answer, in a guest,
# over each transport in turn: "PLACE LOAD TRANSPORT REQUESTS", a line for each round, places
# as rows.sh has them. The first line is the kernel's release.
#
#	XTCP_BENCH_ROWS		only rows that this extended regular expression finds, as "veth redis-set"
#	XTCP_BENCH_SHARE	so many of redis' requests, in per cent, as usual (100)

# shellcheck source=selftests/programs/lib.sh disable=SC2154
. "$(dirname "$0")/../programs/lib.sh"
needs nginx wrk redis-server redis-cli redis-benchmark curl
rounds=$1
share=${XTCP_BENCH_SHARE:-100}
declare -A nginx_port=([tcp]=8001 [xtcp]=8002) redis_port=([tcp]=6001 [xtcp]=6002)

two_hosts
mkdir "$work/www"
head -c 100 /dev/zero > "$work/www/small"
head -c 65536 /dev/zero > "$work/www/large"
chmod -R a+rX "$work"

# One worker: there is one processor.
nginx_conf()
{
	cat <<CONF
daemon off;
user root root;
worker_processes 1;
pid $work/nginx-$1.pid;
error_log stderr;
events { worker_connections 256; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	$(nginx_files "$work/tmp-$1")
	server {
		listen ${nginx_port[$1]};
		root $work/www;
	}
}
CONF
}

# with TRANSPORT: what a program is run with, in $with
with()
{
	with=()
	[ "$1" != xtcp ] || with=("${run[@]}")
}

# over HOST PROGRAM...: as $with says
over() { on "$1" timeout $((patience * 4)) "${with[@]}" "${@:2}"; }

answers() { over $B curl -sSf -o /dev/null "http://127.0.0.1:${nginx_port[$1]}/small" &&
	    [ "$(over $B redis-cli -p "${redis_port[$1]}" ping)" = PONG ]; }

for transport in tcp xtcp; do
	with $transport
	mkdir "$work/redis-$transport"
	nginx_conf $transport > "$work/nginx-$transport.conf"
	start $B "${with[@]}" "$(type -P nginx)" -p "$work" -e stderr \
		-c "$work/nginx-$transport.conf" > "$work/nginx-$transport.out" 2>&1
	start $B "${with[@]}" redis-server --port "${redis_port[$transport]}" --bind '*' \
		--protected-mode no --save '' --dir "$work/redis-$transport" \
		--unixsocket "$work/redis-$transport/socket" > "$work/redis-$transport.out" 2>&1
	wait_for answers $transport > "$work/row" 2>&1 ||
		bail "no server: $(cat "$work/row" "$work"/{nginx,redis}-$transport.out)"
done

# redis CLIENT ADDRESS TRANSPORT OPTION... TEST
redis()
{
	local to=(-h "$2" -p "${redis_port[${3/unix/tcp}]}")

	[ "$3" != unix ] || to=(-s "$work/redis-tcp/socket")
	over "$1" redis-benchmark "${to[@]}" --csv -c 50 -d 100 "${@:4:$#-4}" -t "${*: -1}" |
		awk -F '"' -v test="${*: -1}" 'tolower($2) == test { print $4 }'
}

# nginx CLIENT ADDRESS TRANSPORT OPTION... FILE
nginx()
{
	over "$1" wrk -t1 -c16 -d1s --timeout 60s "${@:4:$#-4}" \
		"http://$2:${nginx_port[$3]}/${*: -1}" |
		awk '/Non-2xx|Socket errors/ { exit } /^Requests\/sec:/ { print $2 }'
}

# measure PLACE CLIENT ADDRESS LOAD TRANSPORTS COMMAND...
measure()
{
	local transport found

	[[ "$1 $4" =~ ${XTCP_BENCH_ROWS:-.} ]] || return 0
	for transport in $5; do
		with "$transport"
		found=$("$6" "$2" "$3" "$transport" "${@:7}")
		[ -n "$found" ] || bail "$4 over $transport: no figure"
		echo "$1 $4 $transport $found"
	done
}

uname -r
for ((round = 0; round < rounds; round++)); do
	for place in "lo $B 127.0.0.1" "veth $A $B4"; do
		all="xtcp tcp"
		[ "$place" = "veth $A $B4" ] || all+=" unix"
		# shellcheck disable=SC2086 # three words
		{
			measure $place redis-set "$all" redis -n $((100 * share)) set
			measure $place redis-get "$all" redis -n $((100 * share)) get
			measure $place redis-get-pipeline "$all" redis -n $((500 * share)) -P 16 get
			measure $place nginx-small "xtcp tcp" nginx small
			measure $place nginx-64K "xtcp tcp" nginx large
			measure $place nginx-connections "xtcp tcp" nginx -H "Connection: close" small
		}
	done
done
