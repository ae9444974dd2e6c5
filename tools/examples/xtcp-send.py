#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""An example client: xtcp-send in Python. Sends a file to xtcp-recv, closes its own
direction, reads how many bytes arrived and compares.

All that is done for XTCP is the third argument of socket().
"""
import argparse
import socket
import sys

IPPROTO_XTCP = 253


def connect(host, port, family):
    """Connect to the first address of a host that answers."""
    error = None
    for family, kind, _, _, address in socket.getaddrinfo(host, port, family, socket.SOCK_STREAM):
        try:
            stream = socket.socket(family, kind, IPPROTO_XTCP)
        except OSError as failure:
            error = failure
            continue
        try:
            stream.connect(address)
            return stream
        except OSError as failure:
            error = failure
            stream.close()
    raise error


def send(stream, data):
    """Send all of a file, end the stream, and return how many bytes that were."""
    sent = 0
    while chunk := data.read(65536):
        stream.sendall(chunk)
        sent += len(chunk)
    stream.shutdown(socket.SHUT_WR)
    return sent


def main():
    parser = argparse.ArgumentParser(description="Send FILE, or standard input, to xtcp-recv.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("-4", "--ipv4", dest="family", action="store_const", const=socket.AF_INET,
                      default=socket.AF_UNSPEC, help="only to IPv4 addresses of HOST")
    only.add_argument("-6", "--ipv6", dest="family", action="store_const", const=socket.AF_INET6,
                      help="only to IPv6 addresses of HOST")
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("port", metavar="PORT", help="a number or the name of a service")
    parser.add_argument("file", metavar="FILE", nargs="?", type=argparse.FileType("rb"),
                        default=sys.stdin.buffer)
    args = parser.parse_args()

    try:
        with connect(args.host, args.port, args.family) as stream:
            sent = send(stream, args.file)
            with stream.makefile() as answer:
                arrived = int(answer.readline())
    except (OSError, ValueError) as error:
        sys.exit(f"xtcp-send.py: {args.host} port {args.port}: {error}")
    if arrived != sent:
        sys.exit(f"xtcp-send.py: {args.host}: {sent} bytes sent, {arrived} arrived")
    print(f"xtcp-send.py: {sent} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
