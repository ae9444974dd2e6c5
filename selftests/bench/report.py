#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What rows.sh measured: as a table, JSON and a plot; two of them compared.

report.py table MODE COMMIT [--json FILE] [--svg FILE] < ROWS
report.py compare OLD.json NEW.json

A figure is the median of a row's rounds, for each byte, round trip or connection;
its spread is half the distance between the quartiles, in per cent of it.
"""
import argparse
import datetime
import json
import math
import statistics
import sys

TRANSPORTS = ("xtcp", "tcp", "sctp", "unix")
PLACES = {"veth": "two hosts, veth", "lo": "one host"}

# What is aimed at: place, kind, size -> the other transport, and the most that XTCP
# may cost in comparison. One connection, either family.
GOALS = {
    ("veth", "stream", 65536): ("tcp", 1.00),
    ("veth", "stream", 1448): ("tcp", 1.00),
    ("veth", "stream", 64): ("tcp", 1.00),
    ("veth", "trip", 1): ("tcp", 0.90),
    ("veth", "connect", 1): ("tcp", 0.80),
    ("lo", "stream", 65536): ("unix", 1.02),
    ("lo", "stream", 64): ("unix", 1.00),
    ("lo", "trip", 1): ("unix", 1.10),
    ("lo", "connect", 1): ("tcp", 0.80),
}

# A difference counts from this on, however small the spread, in per cent.
NOISE = {"instructions": 1.0, "smp": 5.0}


def read_rows(lines):
    """The rounds of all rows, and the kernel they ran on."""
    rows, kernel = {}, None
    for line in lines:
        words = line.split()
        if len(words) == 10 and words[0] in PLACES:
            key = (words[0], words[1], words[2], int(words[3]), int(words[4]))
            units, took, idle = (int(w) for w in words[7:])
            sample = rows.setdefault(key, {}).setdefault(words[5], {"all": [], "idle": []})
            sample["all"].append(took / units)
            sample["idle"].append(idle / units)
        elif len(words) == 1 and kernel is None:
            kernel = words[0]
    return rows, kernel


def spread(values):
    """Half the distance between the quartiles, in per cent of the median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return 50 * (high - low) / middle


def summary(rows):
    """The rows as JSON has them."""
    result = []
    for (place, family, kind, size, conns), by in rows.items():
        row = {"place": place, "family": family, "kind": kind, "size": size,
               "connections": conns, "cost": {}}
        for name, sample in by.items():
            median = statistics.median(sample["all"])
            row["cost"][name] = {
                "median": round(median, 4),
                "spread": round(spread(sample["all"]), 2),
                "idle": round(100 * statistics.median(sample["idle"]) / median, 1),
                "rounds": [round(v, 4) for v in sample["all"]],
            }
        result.append(row)
    return result


def ratio(row, other):
    """XTCP's cost as a multiple of another's; None if either is missing."""
    cost = row["cost"]
    if "xtcp" not in cost or other not in cost:
        return None
    return cost["xtcp"]["median"] / cost[other]["median"]


def goal(row):
    """(other, limit, met) of a row; None if nothing is aimed at."""
    found = GOALS.get((row["place"], row["kind"], row["size"]))
    if not found or row["connections"] != 1 or ratio(row, found[0]) is None:
        return None
    return (*found, ratio(row, found[0]) <= found[1])


def figure(value):
    """A cost, to three or four digits."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def load_name(row):
    kind, size = row["kind"], row["size"]
    size = f"{size // 1024} KiB" if size % 1024 == 0 else f"{size} B"
    text = {"stream": f"stream, {size} writes", "trip": f"round trip, {size}",
            "connect": "connection"}[kind]
    if row["connections"] > 1:
        text += f", {row['connections']} conns"
    return text


def table(run):
    """The whole of a run as text."""
    unit = "instructions" if run["mode"] == "instructions" else "ns"
    lines = [f"XTCP {run['commit']}, kernel {run['kernel']}, {run['date']}; {unit} a byte, "
             "round trip or connection"]
    head = (f"{'':32}" + "".join(f"{t:>10}" for t in TRANSPORTS) +
            f"{'/tcp':>8}{'/unix':>8}  {'goal':14}{'spread':>8}{'idle':>7}")
    groups = {}
    for row in run["rows"]:
        groups.setdefault((row["place"], row["family"]), []).append(row)
    for (place, family), rows in groups.items():
        lines += ["", f"{PLACES[place]}, {family}", head]
        for row in rows:
            cost = row["cost"]
            text = f"{load_name(row):32}"
            for name in TRANSPORTS:
                text += f"{figure(cost.get(name, {}).get('median')):>10}"
            for other in ("tcp", "unix"):
                value = ratio(row, other)
                text += f"{value:8.2f}" if value is not None else f"{'-':>8}"
            aim = goal(row)
            text += "  " + (f"{aim[1]:.2f} {aim[0]}{'' if aim[2] else ' missed'}"
                            if aim else "").ljust(14)
            if "xtcp" in cost:
                text += f"{cost['xtcp']['spread']:7.1f}%{cost['xtcp']['idle']:6.1f}%"
            lines.append(text.rstrip())
    aims = [aim for aim in map(goal, run["rows"]) if aim]
    lines += ["", f"{sum(aim[2] for aim in aims)} of {len(aims)} goals are met"]
    return "\n".join(lines)


def svg(run):
    """The ratios to TCP and to AF_UNIX, row by row, on a logarithmic scale."""
    left, width, step, low, high = 380, 560, 18, 0.25, 16
    rows = [row for row in run["rows"] if ratio(row, "tcp") is not None]
    height = 60 + step * len(rows)

    def x(value):
        value = min(max(value, low), high)
        return left + width * math.log(value / low) / math.log(high / low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 40}" '
           f'height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="100%" height="100%" fill="white"/><text x="8" y="18">XTCP '
           f'{run["commit"]}, kernel {run["kernel"]}: cost in comparison '
           '(<tspan fill="#1f5fbf">&#9632; TCP = 1</tspan>, '
           '<tspan fill="#d2691e">&#9679; AF_UNIX = 1</tspan>, | goal)</text>']
    mark = low
    while mark <= high:
        out.append(f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="40" y2="{height - 6}" '
                   f'stroke="{"black" if mark == 1 else "#ccc"}"/>'
                   f'<text x="{x(mark):.1f}" y="36" text-anchor="middle">{mark:g}</text>')
        mark *= 2
    for i, row in enumerate(rows):
        y = 52 + step * i
        out.append(f'<text x="8" y="{y + 4}">{PLACES[row["place"]]}, {row["family"]}: '
                   f'{load_name(row)}</text>')
        at = x(ratio(row, "tcp"))
        out.append(f'<rect x="{at - 4:.1f}" y="{y - 4}" width="8" height="8" fill="#1f5fbf"/>')
        if ratio(row, "unix") is not None:
            out.append(f'<circle cx="{x(ratio(row, "unix")):.1f}" cy="{y}" r="4" '
                       'fill="#d2691e"/>')
        aim = goal(row)
        if aim:
            colour = "#1f5fbf" if aim[0] == "tcp" else "#d2691e"
            out.append(f'<line x1="{x(aim[1]):.1f}" x2="{x(aim[1]):.1f}" y1="{y - 7}" '
                       f'y2="{y + 7}" stroke="{colour}" stroke-width="2"/>')
    return "\n".join(out + ["</svg>", ""])


def do_table(args):
    rows, kernel = read_rows(sys.stdin)
    if not rows:
        sys.exit("report: no rows")
    run = {"mode": args.mode, "commit": args.commit, "kernel": kernel,
           "date": datetime.date.today().isoformat(), "rows": summary(rows)}
    print(table(run))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(run, file, indent=1)
        print(args.json)
    if args.svg:
        with open(args.svg, "w", encoding="utf-8") as file:
            file.write(svg(run))
        print(args.svg)


def key(row):
    return tuple(row[k] for k in ("place", "family", "kind", "size", "connections"))


def compared(run, row):
    """XTCP's cost in a row: itself where it is exact, else as a multiple of TCP's."""
    if "xtcp" not in row["cost"]:
        return None
    if run["mode"] == "instructions":
        return row["cost"]["xtcp"]["median"]
    return ratio(row, "tcp")


def noise(run, row):
    """How much of a row's figure is chance, in per cent."""
    spreads = [row["cost"][t]["spread"] for t in ("xtcp", "tcp") if t in row["cost"]]
    if run["mode"] == "instructions":
        spreads = spreads[:1]
    return max(NOISE[run["mode"]], 2 * sum(spreads))


def do_compare(args):
    old, new = (json.load(open(name, encoding="utf-8")) for name in (args.old, args.new))
    if old["mode"] != new["mode"]:
        sys.exit(f"report: {old['mode']} and {new['mode']} cannot be compared")
    before = {key(row): row for row in old["rows"]}
    print(f"A: {old['commit']} on {old['kernel']}, {old['date']}")
    print(f"B: {new['commit']} on {new['kernel']}, {new['date']}")
    what = "cost" if new["mode"] == "instructions" else "ratio to TCP"
    same = missing = 0
    for row in new["rows"]:
        was = before.pop(key(row), None)
        a, b = was and compared(old, was), compared(new, row)
        if a is None or b is None:
            missing += 1
            continue
        change, chance = 100 * (b / a - 1), noise(old, was) + noise(new, row)
        if abs(change) <= chance:
            same += 1
            continue
        print(f"{PLACES[row['place']]}, {row['family']}: {load_name(row):32} "
              f"{figure(a):>9} -> {figure(b):>9}  {change:+7.1f}% {what} (noise {chance:.1f}%)")
    print(f"{same} rows are the same within the noise; {missing + len(before)} are not in both")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("table")
    command.add_argument("mode", choices=NOISE)
    command.add_argument("commit")
    command.add_argument("--json")
    command.add_argument("--svg")
    command.set_defaults(do=do_table)
    command = commands.add_parser("compare")
    command.add_argument("old")
    command.add_argument("new")
    command.set_defaults(do=do_compare)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
