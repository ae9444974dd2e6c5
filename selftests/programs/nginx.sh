#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nginx, curl and wrk: files both ways, connections that stay, a proxy in between.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs nginx curl wrk
two_hosts
make_file 1000000
mkdir "$work/www"
cp "$work/file" "$work/www/file"
echo small > "$work/www/small"
chmod -R a+rX "$work"

cat > "$work/nginx.conf" <<CONF
daemon off;
user root root;
worker_processes 2;
pid $work/nginx.pid;
error_log stderr;
events { worker_connections 256; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_timeout 60;
	client_max_body_size 10m;
	$(nginx_files "$work/tmp")
	server {
		listen $port so_keepalive=on deferred;
		listen [::]:$port;
		root $work/www;
		location /put/ { dav_methods PUT; create_full_put_path on; }
		location /through/ { proxy_pass http://[::1]:$port/; }
	}
}
CONF

curls() { client curl -sS --fail --max-time 600 "$@"; }

gets()
{
	rm -f "$work/copy"
	curls -o "$work/copy" "http://$host:$port/$1" && cmp "$work/file" "$work/copy"
}
# Ten requests, one connection.
stays()
{
	[ "$(curls -w '%{num_connects} ' -o "$work/copy.#1" "http://$host:$port/small?[1-10]")" = \
		"1 0 0 0 0 0 0 0 0 0 " ] && cmp "$work/www/small" "$work/copy.10"
}
puts()
{
	rm -rf "$work/www/put"
	curls -T "$work/file" "http://$host:$port/put/file" && cmp "$work/file" "$work/www/put/file"
}
part()
{
	curls -r 1000-500999 "http://$host:$port/file" |
		cmp - <(tail -c +1001 "$work/file" | head -c 500000)
}
# Eight connections, small answers and large ones; no answer may be wrong or missing.
hammers()
{
	client wrk -t1 -c8 -d1s --timeout 60s "http://$host:$port/$1" > "$work/wrk" 2>&1 &&
		cat "$work/wrk" && ! grep -E 'Socket errors|Non-2xx' "$work/wrk" &&
		awk '/requests in/ { found = $1 } END { exit !(found > 10) }' "$work/wrk"
}
logs_nothing() { ! grep -E 'crit|alert|emerg|\[error\]' "$work/server.out"; }

check server serve "$(type -P nginx)" -p "$work" -e stderr -c "$work/nginx.conf"
each_way get gets file
other_host get_through_a_proxy gets through/file
each_way connection_stays stays
other_host put puts
one_host part_of_a_file part
way wrk_small_IPv4 $A $B4 $B4 hammers small
way wrk_large_one_host_IPv6 $B ::1 "[::1]" hammers file
check nginx_complains_of_nothing logs_nothing
check no_segment_of_TCP no_tcp
finish
