#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What requests.sh measured, as a table and as JSON.

requests.py COMMIT JSON < LINES

A figure is the median of a load's rounds; its spread is half the distance between the
quartiles, in per cent of it. XTCP is to answer more than TCP everywhere, and 0.95 of
what AF_UNIX does.
"""
import datetime
import json
import statistics
import sys

from report import PLACES, spread

GOALS = {"tcp": 1.00, "unix": 0.95}


def read(lines):
    """{(place, load): {transport: [requests a second]}}, and the kernel."""
    loads, kernel = {}, None
    for line in lines:
        words = line.split()
        if len(words) == 4 and words[0] in PLACES:
            by = loads.setdefault((words[0], words[1]), {})
            by.setdefault(words[2], []).append(float(words[3]))
        elif len(words) == 1 and kernel is None:
            kernel = words[0]
    return loads, kernel


def table(loads):
    """A line for each load, and how many goals are met."""
    lines, met, aims = [], 0, 0
    for place, title in PLACES.items():
        lines += ["", f"{title + ', ipv4':24}{'xtcp':>10}{'tcp':>10}{'unix':>10}"
                      f"{'/tcp':>8}{'/unix':>8}{'spread':>8}"]
        for (where, load), by in loads.items():
            if where != place:
                continue
            middle = {name: statistics.median(rounds) for name, rounds in by.items()}
            text = f"{load:24}"
            for name in ("xtcp", *GOALS):
                text += f"{middle[name]:10,.0f}" if name in middle else f"{'-':>10}"
            missed = []
            for name, least in GOALS.items():
                ratio = middle["xtcp"] / middle[name] if name in middle else None
                text += f"{ratio:8.2f}" if ratio else f"{'-':>8}"
                if ratio:
                    aims += 1
                    met += ratio >= least
                    missed += [name] * (ratio < least)
            text += f"{spread(by['xtcp']):7.1f}%"
            lines.append(text + ("  misses " + ", ".join(missed) if missed else ""))
    return "\n".join(lines + ["", f"{met} of {aims} goals are met"])


def main():
    commit, file = sys.argv[1:]
    loads, kernel = read(sys.stdin)
    if not loads:
        sys.exit("requests: no lines")
    date = datetime.date.today().isoformat()
    print(f"XTCP {commit}, kernel {kernel}, {date}; requests a second")
    print(table(loads))
    with open(file, "w", encoding="utf-8") as out:
        json.dump({"commit": commit, "kernel": kernel, "date": date,
                   "loads": [{"place": place, "load": load, "rounds": by}
                             for (place, load), by in loads.items()]}, out, indent=1)
    print(file)


if __name__ == "__main__":
    main()
