#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Super-packets (GSO, GRO) between two hosts with a router in the middle: whole where
# devices take them, cut where one does not, merged where one can; the bytes are the
# same, no packet is longer than its cable, each checksum is right, and what is counted
# are wire packets.

. "$(dirname "$0")/lib.sh"

[ -d /sys/module/xtcp ] || bail "the module is not loaded"
# A - R - B
A=a-$$ R=r-$$ B=b-$$
for h in $A $R $B; do
	add_host $h
	setting $h net.xtcp.msl 1
done

# link HOST DEVICE HOST DEVICE NUMBER: number is the network's, the hosts are 1 and 2 in it
link()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || bail "no veth"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
	ip -n "$1" addr add "198.51.$5.1/24" dev "$2"
	ip -n "$3" addr add "198.51.$5.2/24" dev "$4"
	ip -n "$1" addr add "2001:db8:$5::1/64" dev "$2" nodad
	ip -n "$3" addr add "2001:db8:$5::2/64" dev "$4" nodad
}

link $A eth0 $R to_a 1
link $R to_b $B eth0 2
setting $R net.ipv4.ip_forward 1
setting $R net.ipv6.conf.all.forwarding 1
to_router()
{
	ip -n $A route replace default via 198.51.1.2
	ip -n $A -6 route replace default via 2001:db8:1::2
}
to_router
ip -n $B route add default via 198.51.2.1
ip -n $B -6 route add default via 2001:db8:2::1
B4=198.51.2.2 B6=2001:db8:2::2

# features HOST DEVICE FEATURE on|off ...
declare -A changed
features()
{
	changed["$1 $2"]=yes
	on "$1" ethtool -K "${@:2}" > /dev/null || bail "no ethtool"
}

# Every device as at first, but for what a case says.
reset_devices()
{
	local device

	for device in "${!changed[@]}"; do
		# shellcheck disable=SC2086 # host and device
		features $device tx on sg on gso on tso on tx-sctp-segmentation on gro off
	done
	changed=()
}
for device in "$A eth0" "$R to_a" "$R to_b" "$B eth0"; do
	changed["$device"]=yes
done

# tap HOST DEVICE FILE: what passes a device, until untap
taps=()
tap()
{
	: > "$work/$3"
	start "$1" "$here/capture" "$2" > "$work/$3"
	taps+=("$child")
	wait_for grep -q ready "$work/$3"
}

untap()
{
	local t

	for t in "${taps[@]}"; do
		kill "$t"
		wait "$t" || { echo "capture failed"; return 1; }
	done
	taps=()
}

longest() { sed -n 's/.* len=\([0-9]*\) .*/\1/p' "$work/$1" | sort -n | tail -1; }

# full_size ADDRESS: payload of a packet that fills a cable of 1500
full_size() { [ "$1" = $B4 ] && echo 1448 || echo 1428; }

# whole FILE ADDRESS, cut FILE ADDRESS: are there super-packets in what was captured?
whole()
{
	[ "$(longest "$1")" -gt "$(full_size "$2")" ] || { echo "$1: nothing is whole"; return 1; }
}
cut_up()
{
	[ "$(longest "$1")" -le "$(full_size "$2")" ] || { echo "$1: $(longest "$1") bytes"; return 1; }
}

good_checksums() { ! grep 'csum=bad' "$work/$1"; }
# Those of the data are there, not left to the cable's end.
all_checksums() { ! grep "dport=$port .*csum=unset" "$work/$1"; }

# With nothing lost, what one side has sent is what the other has received.
wire_counts()
{
	local sent received

	sent=$(counter $A OutSegs) received=$(counter $B InSegs)
	[ "$sent" = "$received" ] || { echo "sent $sent, received $received"; return 1; }
}

# transfer ADDRESS: the file, with all four devices watched
transfer()
{
	tap $A eth0 a && tap $R to_b r && tap $B eth0 b && copy $A $B "$1" && untap || return
	good_checksums a && good_checksums r && good_checksums b
}

quiet() { sees_nothing $A && sees_nothing $B; }
# counted ADDRESS: a transfer, each wire packet of which is counted, once TIME-WAIT is over
counted() { transfer "$1" && sleep 2 && wait_for quiet && wire_counts; }

# of_family FUNCTION NAME: once over each, with devices as they are at first
of_family()
{
	local family to

	for family in $families; do
		to=B$family
		check "$2_IPv$family" from_scratch "$1" "${!to}"
	done
}
from_scratch()
{
	reset_devices
	"$@"
}

make_file 400000

uncut() { counted "$1" && whole a "$1" && whole b "$1"; }
of_family uncut devices_that_take_them_pass_them_whole

cut_by_sender()
{
	features $A eth0 tx-sctp-segmentation off
	counted "$1" && cut_up a "$1" && cut_up b "$1"
}
of_family cut_by_sender cut_for_a_device_that_does_not

cut_and_summed()
{
	features $A eth0 tx off
	counted "$1" && cut_up b "$1" && all_checksums a
}
of_family cut_and_summed cut_and_summed_for_a_device_that_does_neither

cut_and_copied()
{
	features $A eth0 sg off tx-sctp-segmentation off
	counted "$1" && cut_up b "$1"
}
of_family cut_and_copied cut_and_copied_for_a_device_without_scatter_gather

cut_by_router()
{
	features $R to_b tx off
	counted "$1" && whole a "$1" && cut_up r "$1" && all_checksums r
}
of_family cut_by_router cut_by_a_router

no_gso()
{
	features $A eth0 gso off tx-sctp-segmentation off
	counted "$1" && cut_up a "$1"
}
of_family no_gso none_are_made_where_software_does_not_cut

# The router joins what comes to it in single packets, and sends that on.
merged_by_router()
{
	features $A eth0 tso off tx-sctp-segmentation off
	features $R to_a gro on
	counted "$1" && cut_up a "$1" && whole r "$1"
}
of_family merged_by_router merged_by_a_router

# ... or cuts it again.
merged_and_cut()
{
	features $A eth0 tso off tx-sctp-segmentation off
	features $R to_a gro on
	features $R to_b tx off
	counted "$1" && cut_up r "$1" && all_checksums r
}
of_family merged_and_cut merged_and_cut_again_by_a_router

# What the router joins comes to it in a tunnel: the sums that a cable's end then has to
# finish are of the headers inside.
# tunnel HOST DEVICE LOCAL REMOTE NUMBER
tunnel()
{
	ip -n "$1" link add vx type vxlan id 7 dev "$2" local "$3" remote "$4" dstport 4789 ||
		bail "no vxlan"
	ip -n "$1" link set vx up
	ip -n "$1" addr add "198.51.3.$5/24" dev vx
	ip -n "$1" addr add "2001:db8:3::$5/64" dev vx nodad
}
tunnel $A eth0 198.51.1.1 198.51.1.2 1
tunnel $R to_a 198.51.1.2 198.51.1.1 2
ip -n $A route replace default via 198.51.3.2
ip -n $A -6 route replace default via 2001:db8:3::2
tunnelled()
{
	# a veth joins nothing that comes from one that takes super-packets
	features $A eth0 tso off tx-sctp-segmentation off
	features $A vx tso off tx-sctp-segmentation off
	features $R to_a gro on
	features $R to_b tx off
	tap $R vx v && counted "$1" && whole v "$1" && cut_up r "$1" && all_checksums r
}
of_family tunnelled merged_in_a_tunnel_and_cut_again
ip -n $A link del vx
unset 'changed[$A vx]'
ip -n $R link del vx
to_router

# Nothing of it was ever a super-packet. What is joined are clones of a sender's write
# queue, which must not see it. The queue gives them out in batches.
merged_by_receiver()
{
	features $A eth0 gso off tso off tx-sctp-segmentation off
	features $R to_b tso off tx-sctp-segmentation off
	features $B eth0 gro on
	netem $R slot 5ms
	counted "$1" && cut_up a "$1" && cut_up r "$1" && whole b "$1"
}
# The queue is that of the way to B.
netem() { tc -n "$1" qdisc replace dev to_b root netem "${@:2}" || bail "no netem"; }
undelayed() { tc -n $R qdisc del dev to_b root; }
of_family merged_by_receiver merged_by_the_receiver

# The same without a router between: what is joined still belongs to the sender.
merged_on_one_cable()
{
	features $R to_b gso off tso off tx-sctp-segmentation off
	features $B eth0 gro on
	netem $R slot 5ms
	tap $B eth0 b && copy $R $B "$1" && untap && good_checksums b && whole b "$1"
}
of_family merged_on_one_cable merged_while_it_belongs_to_the_sender
undelayed

# All that goes to B gets a CE mark on the way: packets are counted as they were on the wire.
marked()
{
	local info ce

	features $A eth0 tso off tx-sctp-segmentation off
	features $R to_a gro on
	on $R nft 'add table inet t; add chain inet t f { type filter hook forward priority 0; };
		add rule inet t f iifname "to_a" ip ecn set ce;
		add rule inet t f iifname "to_a" ip6 ecn set ce' || return
	rm -f "$work/copy" "$work/pipe"
	mkfifo "$work/pipe"
	start $B "$xrecv" $port "$work/copy"
	receiver=$child
	wait_for sees $B LISTEN && tap $B eth0 b || return
	exec 4<> "$work/pipe"
	start $A "$xsend" "$1" $port < "$work/pipe" 4>&-
	sender=$child
	exec 3> "$work/pipe" 4>&-
	cat "$work/file" >&3
	wait_for arrived || return
	info=$("$ss" -N $B -inH | tr ' ' '\n')
	exec 3>&-
	wait "$sender" && wait "$receiver" && cmp "$work/file" "$work/copy" && untap || return
	ce=$(sed -n 's/^ce://p' <<< "$info")
	echo "$info"
	[ "$ce" -gt 0 ] && [ "$ce" = "$(sed -n 's/^segs_in://p' <<< "$info")" ] &&
		whole b "$1"
}
arrived() { [ "$(stat -c %s "$work/copy" 2> /dev/null)" = "$(stat -c %s "$work/file")" ]; }
# packets that came to B over IPv6 with that in their ECN bits
came_with() { on $B awk -v what="Ip6In$1Pkts" '$1 == what { print $2 }' /proc/net/snmp6; }
# What nft was to mark and did not, as Linux 7.3 over IPv6, proves nothing.
marked_if_nft_does()
{
	marked "$1" && return
	[ "$1" = $B6 ] && [ "$(came_with ECT0)" -gt 0 ] && [ "$(came_with CE)" = 0 ] &&
		unproven="nft of this kernel does not set the bits"
}
of_family marked_if_nft_does ECN_marks_are_counted_per_wire_packet
on $R nft flush ruleset

# Losses of wire packets: a SACK names part of a super-packet, an ACK ends inside one.
lossy()
{
	features $A eth0 tso off tx-sctp-segmentation off
	features $B eth0 gro on
	netem $R loss 3% delay 5ms
	copy $A $B "$1"
}
of_family lossy parts_of_them_are_lost_and_come_again
undelayed

# A super-packet made for 1500 meets a shorter cable: ICMP, and the rest in shorter segments.
# None of its packets goes out too long, were it by less than what our header has more than
# the one that the IP layer takes it for.
narrow()
{
	local mtu=$2 most failed=

	most=$(($(full_size "$1") - 1500 + mtu))
	features $R to_b tx off
	ip -n $R link set to_b mtu "$mtu"
	# what was learned of the path in the case before would keep super-packets short
	on $A ip route flush cache
	on $A ip -6 route flush cache
	setting $A net.xtcp.path_cache 0
	transfer "$1" || failed=yes
	setting $A net.xtcp.path_cache 1
	ip -n $R link set to_b mtu 1500
	[ -z "$failed" ] && [ "$(longest r)" -gt 0 ] || return
	[ "$(longest r)" -le "$most" ] || { echo "$mtu: $(longest r) > $most"; return 1; }
}
narrow_by_much() { narrow "$1" 1400; }
narrow_by_little() { narrow "$1" 1490; }
narrow_as_a_tunnel() { narrow "$1" 1480; }
of_family narrow_by_much through_a_narrower_cable
of_family narrow_by_little through_a_cable_that_is_narrower_by_ten_bytes
of_family narrow_as_a_tunnel through_a_cable_as_narrow_as_a_tunnel

check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
