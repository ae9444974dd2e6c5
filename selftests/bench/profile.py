#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""profile.py FOLDER: what profile.sh counted, as a table of functions.

The folder holds console (the rows), counts (what count.c wrote: a window for each
row, in their order), kallsyms and xtcp.ko. Figures are instructions for each byte,
round trip or connection.

The module is one translation unit, and most of its functions are parts of others: what
the sources call a function is told by its debugging information.
"""
import bisect
import collections
import os
import re
import subprocess
import sys

SHOWN = 70	# functions


def read_symbols(path):
    """Addresses, in order, and the function that begins at each."""
    found = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[1] in "tTwW":
                name = words[2] + (" " + words[3] if len(words) > 3 else "")
                found.setdefault(int(words[0], 16), name)
    return sorted(found), found


def read_rows(path):
    """(row, transport, units) of each window."""
    with open(path, encoding="ascii", errors="replace") as file:
        rows = [line.split() for line in file]
    return [(" ".join(w[:5]), w[5], int(w[7])) for w in rows if len(w) == 10]


def read_windows(path):
    """A counter of instructions by address for each window; "user" is one, too."""
    windows = []
    with open(path, encoding="ascii") as file:
        for line in file:
            key, value = line.split()
            if key == "window":
                windows.append(collections.Counter())
            elif key == "user":
                windows[-1][key] = int(value)
            else:
                windows[-1][int(key, 16)] += int(value)
    return windows


def tool(*command, text=None):
    """What a program of binutils prints."""
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


class Sources:
    """Which function of the sources an instruction of the module belongs to."""

    def __init__(self, ko, places, names):
        """kallsyms tells where the module's .text is."""
        loaded = {names[p].split()[0]: p for p in places if names[p].endswith(" [xtcp]")}
        self.base = 0
        self.ko = ko
        self.follows = {}	# of an instruction that is no jump: the next one
        last = None
        for line in tool("objdump", "-d", "--no-show-raw-insn", "-j", ".text", ko).splitlines():
            found = re.match(r"([0-9a-f]+) <(.*)>:$", line)
            if found and not self.base and found[2] in loaded:
                self.base = loaded[found[2]] - int(found[1], 16)
            found = re.match(r"\s+([0-9a-f]+):\s+(\S+)", line)
            if not found:
                continue
            at = int(found[1], 16)
            if last is not None:
                self.follows[last] = at
            last = None if re.match("j|call|ret", found[2]) else at

    def spread(self, window):
        """{function: count} of the module in a window, whose blocks begin where it says."""
        each = collections.Counter()
        for at, count in window.items():
            block = [at - self.base]
            while block[-1] in self.follows:
                block.append(self.follows[block[-1]])
            for place in block:
                each[place] += count / len(block)
        lines = tool("addr2line", "-e", self.ko, "-j", ".text", "-a", "-f", "-i",
                     text="\n".join(map(hex, each))).splitlines()
        cost = collections.Counter()
        at = 0
        while at < len(lines):
            place = int(lines[at], 16)
            at += 1
            frames = []
            while at < len(lines) and not lines[at].startswith("0x"):
                frames.append((lines[at], lines[at + 1]))
                at += 2
            # the innermost that is no inline function of the kernel's
            ours = [f for f, path in frames if re.search("/module/|/include/xtcp/", path)]
            cost[(ours or [frames[-1][0]])[0] + " [xtcp]"] += each[place]
        return cost


def main():
    folder = sys.argv[1]
    places, names = read_symbols(os.path.join(folder, "kallsyms"))
    rows = read_rows(os.path.join(folder, "console"))
    windows = read_windows(os.path.join(folder, "counts"))
    if not rows or len(rows) != len(windows):
        sys.exit(f"profile: {len(rows)} rows, {len(windows)} windows")

    sources = Sources(os.path.join(folder, "xtcp.ko"), places, names)
    transports = list(dict.fromkeys(row[1] for row in rows))
    cost = {t: collections.Counter() for t in transports}
    units = collections.Counter()
    for (_, transport, n), window in zip(rows, windows):
        units[transport] += n
        ours = {}
        for at, count in window.items():
            if at == "user":
                name = "(user space)"
            else:
                i = bisect.bisect_right(places, at) - 1
                name = names[places[i]] if i >= 0 else "(unknown)"
            if name.endswith(" [xtcp]"):
                ours[at] = count
            else:
                cost[transport][name] += count
        cost[transport] += sources.spread(ours)
    for transport in transports:
        for name in cost[transport]:
            cost[transport][name] /= units[transport]

    head = "".join(f"{t:>12}" for t in transports)
    print(f"{rows[0][0]}: instructions for each unit")
    print(f"{'':48}{head}")
    groups = {t: collections.Counter() for t in transports}
    for transport in transports:
        for name, value in cost[transport].items():
            module = name.split("[")[1].rstrip("]") if "[" in name else "kernel"
            groups[transport][module if name != "(user space)" else "user"] += value
    print(f"{'all':48}" + "".join(f"{sum(cost[t].values()):12.3f}" for t in transports))
    for group in sorted(set().union(*groups.values())):
        print(f"  {group:46}" + "".join(f"{groups[t][group]:12.3f}" for t in transports))
    print()
    every = set().union(*cost.values())
    order = sorted(every, key=lambda name: -max(cost[t][name] for t in transports))
    for name in order[:SHOWN]:
        print(f"{name[:47]:48}" + "".join(f"{cost[t][name]:12.3f}" for t in transports))
    print(f"{len(order) - len(order[:SHOWN])} more functions")


if __name__ == "__main__":
    main()
