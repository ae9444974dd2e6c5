#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# OpenSSH: a login, a file there and back, a forwarded port.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs sshd ssh scp ssh-keygen
two_hosts
make_file 500000

cat > "$work/sshd_config" <<CONF
Port $port
HostKey $work/host_key
AuthorizedKeysFile $work/key.pub
StrictModes no
PidFile none
UsePAM no
PermitRootLogin yes
Subsystem sftp internal-sftp
CONF
options=(-F none -i "$work/key" -o "UserKnownHostsFile=$work/known" -o StrictHostKeyChecking=no
	-o BatchMode=yes -o LogLevel=ERROR -o KexAlgorithms=curve25519-sha256)

# What an installation would have made is there for this server alone, which has mounts of
# its own.
serves()
{
	ssh-keygen -q -t ed25519 -N '' -f "$work/host_key" &&
		ssh-keygen -q -t ed25519 -N '' -f "$work/key" || return
	{
		sed -n 's/^root:[^:]*/root:NP/p' /etc/passwd
		echo "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin"
	} > "$work/passwd"
	echo "root:NP:20000:0:99999:7:::" > "$work/shadow"
	# shellcheck disable=SC2016 # the inner shell expands them
	serve unshare -m bash -c 'mkdir -p /run/sshd && mount -t tmpfs -o mode=755 tmpfs /run/sshd &&
		mount --bind "$1/passwd" /etc/passwd || exit
		[ ! -e /etc/shadow ] || mount --bind "$1/shadow" /etc/shadow || exit
		exec "$(type -P sshd)" -D -e -f "$1/sshd_config"' - "$work"
}

# Both directions at once, 500,000 bytes each, and who is connected.
logs_in()
{
	# shellcheck disable=SC2016 # the other side expands them
	client ssh "${options[@]}" -p $port root@$address 'cat; echo "$SSH_CONNECTION"' \
		< "$work/file" > "$work/answer" &&
		head -c 500000 "$work/answer" | cmp - "$work/file" &&
		[ "$(tail -c +500001 "$work/answer" | awk '{ print $3, $4 }')" = "$address $port" ]
}
copy_file() { client scp -q -S "$(type -P ssh)" "${options[@]}" -P $port "$@"; }
copies_there()
{
	rm -f "$work/there"
	copy_file "$work/file" "root@$host:$work/there" && cmp "$work/file" "$work/there"
}
copies_back()
{
	rm -f "$work/back"
	copy_file "root@$host:$work/file" "$work/back" && cmp "$work/file" "$work/back"
}
# A second connection through a port that the first one forwards.
forwards()
{
	local local=$((port + 1)) master

	start $A "${run[@]}" ssh "${options[@]}" -N -L $local:[::1]:$port -p $port root@$B4
	master=$child
	forwarding() { "$ss" -N $A -lnH | grep -q ":$local "; }
	wait_for forwarding &&
		from=$A client ssh "${options[@]}" -p $local root@127.0.0.1 cat < "$work/file" |
		cmp - "$work/file"
	local code=$?

	kill "$master"
	return $code
}
other_key()
{
	ssh-keygen -q -t ed25519 -N '' -f "$work/other" &&
		! from=$A client ssh "${options[@]/$work\/key/$work/other}" -p $port root@$B4 true
}

check server serves
each_way login logs_in
each_way scp_there copies_there
other_host scp_back copies_back
check forwarded_port forwards
check another_key_is_refused other_key
check no_segment_of_TCP no_tcp
finish
