#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""profile.py FOLDER: what profile.sh counted, as a table of functions.

The folder holds console (the rows), counts (what count.c wrote: a window for each
row, in their order) and kallsyms. Figures are instructions for each byte, round
trip or connection.
"""
import bisect
import collections
import os
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


def main():
    folder = sys.argv[1]
    places, names = read_symbols(os.path.join(folder, "kallsyms"))
    rows = read_rows(os.path.join(folder, "console"))
    windows = read_windows(os.path.join(folder, "counts"))
    if not rows or len(rows) != len(windows):
        sys.exit(f"profile: {len(rows)} rows, {len(windows)} windows")

    transports = list(dict.fromkeys(row[1] for row in rows))
    cost = {t: collections.Counter() for t in transports}
    units = collections.Counter()
    for (_, transport, n), window in zip(rows, windows):
        units[transport] += n
        for at, count in window.items():
            if at == "user":
                name = "(user space)"
            else:
                i = bisect.bisect_right(places, at) - 1
                name = names[places[i]] if i >= 0 else "(unknown)"
            cost[transport][name] += count
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
