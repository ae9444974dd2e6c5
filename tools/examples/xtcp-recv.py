#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""An example server: xtcp-recv in Python. Takes one connection, writes what comes to a
file, and answers with the number of bytes when the sender has closed its direction.

All that is done for XTCP is the third argument of socket().
"""
import argparse
import socket
import sys

IPPROTO_XTCP = 253


def listen(port, family, ipv6_only):
    """Listen on every address; an IPv6 socket takes IPv4 as well unless told not to."""
    family, kind, _, _, address = socket.getaddrinfo(
        None, port, family, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)[0]
    door = socket.socket(family, kind, IPPROTO_XTCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, ipv6_only)
    door.bind(address)
    door.listen(1)
    return door


def receive(stream, data):
    """Write all that comes to a file, and return how many bytes that were."""
    received = 0
    while chunk := stream.recv(65536):
        data.write(chunk)
        received += len(chunk)
    data.flush()
    return received


def main():
    parser = argparse.ArgumentParser(description="Take one connection from xtcp-send and write "
                                     "what comes to FILE, or to standard output.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("-4", "--ipv4", action="store_true", help="listen on IPv4 only")
    only.add_argument("-6", "--ipv6", action="store_true", help="listen on IPv6 only")
    parser.add_argument("port", metavar="PORT", help="a number or the name of a service")
    parser.add_argument("file", metavar="FILE", nargs="?", type=argparse.FileType("wb"),
                        default=sys.stdout.buffer)
    args = parser.parse_args()

    try:
        with listen(args.port, socket.AF_INET if args.ipv4 else socket.AF_INET6,
                    args.ipv6) as door:
            stream, _ = door.accept()
        with stream:
            received = receive(stream, args.file)
            stream.sendall(b"%d\n" % received)
    except OSError as error:
        sys.exit(f"xtcp-recv.py: port {args.port}: {error}")
    print(f"xtcp-recv.py: {received} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
