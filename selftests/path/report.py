#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What rig.sh measured: as a table, JSON and plots.

report.py COMMIT KERNEL DIRECTORY < LINES

Writes results.json and some .svg to the directory. The exit code says whether all
cells were measured, and all data arrived as it was sent; what is aimed at is in the
table.
"""
import datetime
import json
import math
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("group name rtt down up loss burst late by dup jitter queue aqm").split()
PROTOCOLS = ("xtcp", "tcp")

# What is aimed at.
RATIO_LEAST = 0.95      # the upper end of the goodput ratio's interval
MEAN_LEAST = 1.0        # the geometric mean of all ratios
TAIL_MOST = 0.7         # P99 of short transfers, XTCP / TCP,
TAIL_LOSS = 1.0         # where so many per cent or more are lost
SHORT = 100000          # bytes: what is short
FAIR = (0.4, 0.6)       # XTCP's share, next to one TCP
JAIN_LEAST = 0.95

# Student's t, two-sided 95 %, by degrees of freedom.
T = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262,
     10: 2.228, 12: 2.179, 15: 2.131, 19: 2.093, 24: 2.064, 29: 2.045, 39: 2.023, 59: 2.001}


def read_cells():
    """The table of cells, by name and in its order."""
    cells = {}
    with open(os.path.join(HERE, "cells"), encoding="ascii") as file:
        for line in file:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            cell = dict(zip(COLUMNS, words))
            for key in COLUMNS[2:-1]:
                cell[key] = float(cell[key])
            cells[cell["name"]] = cell
    return cells


def read_lines(lines, known):
    """Fetches by (cell, cc), shares by cell, and what went wrong."""
    fetches, shares, wrong = {}, {}, []
    for line in lines:
        words = line.split()
        if len(words) < 5 or words[0] != "cell":
            continue
        name, kind, values = words[1], words[2], words[3:]
        if name not in known:
            continue
        if len(values) != 8 if kind == "fetch" else len(values) % 2 == 0:
            wrong.append(line.strip())      # the guest died as it wrote
        elif kind == "fetch":
            protocol, cc, seed, size, took, sent, again, verdict = values
            runs = fetches.setdefault((name, cc), {}).setdefault(int(size), {})
            runs.setdefault(protocol, []).append(
                {"seed": int(seed), "ns": int(took), "sent": int(sent), "again": int(again)})
            if verdict != "ok":
                wrong.append(line.strip())
        elif kind == "share":
            if values[2] != "ok":
                wrong.append(line.strip())
            shares.setdefault(name, []).append(
                list(zip(values[3::2], (int(v) for v in values[4::2]))))
    return fetches, shares, wrong


def unfinished(fetches):
    """The (cell, cc) of which less was measured than of others: its guest died. They are
    taken out, as the half of a cell says nothing of the whole."""
    full = {}
    for runs in fetches.values():
        for size, of in runs.items():
            full[size] = max(full.get(size, 0), *(len(of.get(p, [])) for p in PROTOCOLS))
    broken = [(name, cc) for name in sorted({name for name, _ in fetches})
              for cc in sorted({cc for _, cc in fetches})
              if any(len(fetches.get((name, cc), {}).get(size, {}).get(p, [])) < n
                     for size, n in full.items() for p in PROTOCOLS)]
    for key in broken:
        fetches.pop(key, None)
    return broken


def percentile(values, part):
    """By the nearest rank."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]


def student(n):
    """t for n values; between two of the table the larger."""
    return T[max(d for d in T if d <= n - 1)]


def ratio(xtcp, tcp):
    """Mean and 95 % interval of TCP's time / XTCP's, each pair of one seed."""
    logs = [math.log(t["ns"] / x["ns"]) for x, t in zip(xtcp, tcp)]
    mean = statistics.mean(logs)
    if len(logs) < 2:
        return [math.exp(mean), 0, math.inf]
    half = student(len(logs)) * statistics.stdev(logs) / math.sqrt(len(logs))
    return [math.exp(v) for v in (mean, mean - half, mean + half)]


def summarise(cell, cc, sizes):
    """One cell with one congestion control."""
    row = {"cell": cell["name"], "group": cell["group"], "cc": cc, "missed": [], "times": {}}
    for size, runs in sorted(sizes.items()):
        row["times"][size] = {
            p: {"n": len(runs[p]),
                "median_ms": round(percentile([r["ns"] for r in runs[p]], 0.5) / 1e6, 3),
                "p99_ms": round(percentile([r["ns"] for r in runs[p]], 0.99) / 1e6, 3)}
            for p in PROTOCOLS}
    largest = max(sizes)
    row["seeds"] = len(sizes[largest]["xtcp"])
    row["goodput"] = {p: round(statistics.median(8e3 * largest / r["ns"]
                                                 for r in sizes[largest][p]), 3)
                      for p in PROTOCOLS}
    row["retransmitted"] = {}
    for p in PROTOCOLS:
        runs = [r for size in sizes.values() for r in size[p]]
        row["retransmitted"][p] = round(
            sum(r["again"] for r in runs) / max(1, sum(r["sent"] for r in runs)), 6)
    row["ratio"], row["low"], row["high"] = (
        round(min(v, 1000), 4) for v in ratio(sizes[largest]["xtcp"], sizes[largest]["tcp"]))
    if row["high"] < RATIO_LEAST:
        row["missed"].append("goodput")
    for size, times in row["times"].items():
        times["p99_ratio"] = round(times["xtcp"]["p99_ms"] / times["tcp"]["p99_ms"], 4)
        if size <= SHORT and cell["loss"] >= TAIL_LOSS and times["p99_ratio"] > TAIL_MOST:
            row["missed"].append(f"P99 of {size // 1000} KB")
    return row


def summarise_share(cell, runs):
    """A path that flows share."""
    row = {"cell": cell["name"], "group": cell["group"], "missed": [], "seeds": len(runs)}
    if cell["group"] == "pair":
        parts = [dict(run)["xtcp"] / sum(n for _, n in run) for run in runs]
        row["share"] = round(statistics.mean(parts), 4)
        row["least"], row["most"] = round(min(parts), 4), round(max(parts), 4)
        if not FAIR[0] <= row["share"] <= FAIR[1]:
            row["missed"].append("fairness")
    else:
        jain = [sum(n for _, n in run) ** 2 / (len(run) * sum(n * n for _, n in run))
                for run in runs]
        row["jain"], row["least"] = round(statistics.mean(jain), 4), round(min(jain), 4)
        if row["jain"] < JAIN_LEAST:
            row["missed"].append("fairness")
    return row


# ------------------------------------------------------------------------------ text

def times_text(times, what):
    return f"{times['xtcp'][what]:>9.0f}{times['tcp'][what]:>8.0f}"


def table(result):
    lines = [f"XTCP {result['commit']}, kernel {result['kernel']}, {result['date']}"]
    for cc in sorted({row["cc"] for row in result["fetches"]}, reverse=True):
        rows = [row for row in result["fetches"] if row["cc"] == cc]
        sizes = list(rows[0]["times"])
        lines += ["", f"XTCP and TCP, both {cc}; {rows[0]['seeds']} seeds; Mb/s, ratio and its "
                  "95 % interval, % sent again; then ms, median and 99th percentile", "",
                  f"{'':16}{'XTCP':>8}{'TCP':>8}{'ratio':>7}{'from':>6}{'to':>6}"
                  f"{'again':>7}{'TCP':>6}" +
                  "".join(f"{size // 1000:>6} KB{'TCP':>8}{'P99':>9}{'TCP':>8}" for size in sizes)]
        for row in rows:
            text = (f"{row['cell']:16}{row['goodput']['xtcp']:8.2f}{row['goodput']['tcp']:8.2f}"
                    f"{row['ratio']:7.2f}{row['low']:6.2f}{row['high']:6.2f}"
                    f"{100 * row['retransmitted']['xtcp']:7.2f}"
                    f"{100 * row['retransmitted']['tcp']:6.2f}")
            for times in row["times"].values():
                text += times_text(times, "median_ms") + times_text(times, "p99_ms")
            lines.append(text + "".join("  ! " + m for m in row["missed"]))
    if result["shares"]:
        lines += ["", "Paths that flows share (cubic)", ""]
    for row in result["shares"]:
        if "share" in row:
            text = (f"XTCP has {100 * row['share']:.0f} % next to one TCP "
                    f"({100 * row['least']:.0f} to {100 * row['most']:.0f} %)")
        else:
            text = f"Jain's index of ten XTCP flows {row['jain']:.3f} (least {row['least']:.3f})"
        lines.append(f"{row['cell']:16}{text}" + "".join("  ! " + m for m in row["missed"]))
    return lines + [""] + goals(result)


def goals(result):
    """What is aimed at, and which cells miss it."""
    rows, shares = result["fetches"], result["shares"]

    def cells(word, of):
        names = [f"{row['cell']}{'/' + row['cc'] if 'cc' in row else ''}"
                 for row in of if any(m.startswith(word) for m in row["missed"])]
        return f"{len(names)} of {len(of)} cells miss it: {', '.join(names)}" if names else "met"

    lines = []
    if rows:
        lossy = [row for row in rows if result["cells"][row["cell"]]["loss"] >= TAIL_LOSS]
        mean = result["geometric_mean"]
        lines += [
            f"Goal: no interval of the goodput ratio lies below {RATIO_LEAST}: "
            f"{cells('goodput', rows)}",
            f"Goal: a geometric mean of {MEAN_LEAST} or more: {mean:.3f}, "
            f"{'met' if mean >= MEAN_LEAST else 'missed'}",
            f"Goal: where {TAIL_LOSS:.0f} % or more is lost, P99 of short transfers at most "
            f"{TAIL_MOST} of TCP's: {cells('P99', lossy)}"]
    pairs = [row for row in shares if "share" in row]
    tens = [row for row in shares if "jain" in row]
    if pairs:
        lines.append(f"Goal: one XTCP and one TCP flow share within 40:60: "
                     f"{cells('fairness', pairs)}")
    if tens:
        lines.append(f"Goal: ten XTCP flows have a Jain index of {JAIN_LEAST} or more: "
                     f"{cells('fairness', tens)}")
    return lines


# ----------------------------------------------------------------------------- plots

COLOURS = {"xtcp cubic": "#1f5fbf", "tcp cubic": "#d9661f", "xtcp bbr": "#5fa8e8",
           "tcp bbr": "#f0b070"}


def plot(title, names, series, rule=None):
    """Rows of dots, some with a bar, on a logarithmic axis.

    series: {label: {row name: (value, from, to)}}
    """
    left, width, step, top = 130, 640, 14, 46
    values = [v for dots in series.values() for dot in dots.values() for v in dot if v > 0]
    if not values:
        return None
    low, high = min(values + [rule or values[0]]), max(values + [rule or values[0]])
    low, high = math.log10(low) - 0.05, math.log10(high) + 0.05
    height = top + step * len(names) + 20

    def x_of(value):
        return left + width * (math.log10(max(value, 10 ** low)) - low) / (high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 20}" '
           f'height="{height}" font-family="sans-serif" font-size="10">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{left}" y="14" font-size="13">{title}</text>']
    for i, label in enumerate(series):
        x = left + 110 * i
        out.append(f'<circle cx="{x}" cy="26" r="3" fill="{COLOURS[label]}"/>'
                   f'<text x="{x + 6}" y="30">{label}</text>')
    for power in range(math.floor(low), math.ceil(high) + 1):
        for digit in (1, 2, 5):
            tick = digit * 10.0 ** power
            if low <= math.log10(tick) <= high:
                x = x_of(tick)
                out.append(f'<line x1="{x:.1f}" y1="{top - 8}" x2="{x:.1f}" y2="{height - 16}" '
                           f'stroke="#ddd"/><text x="{x:.1f}" y="{height - 5}" '
                           f'text-anchor="middle">{tick:g}</text>')
    if rule:
        out.append(f'<line x1="{x_of(rule):.1f}" y1="{top - 8}" x2="{x_of(rule):.1f}" '
                   f'y2="{height - 16}" stroke="black"/>')
    for i, name in enumerate(names):
        y = top + step * i
        out.append(f'<text x="{left - 6}" y="{y + 3}" text-anchor="end">{name}</text>')
        for j, (label, dots) in enumerate(series.items()):
            if name not in dots:
                continue
            value, first, last = dots[name]
            at = y + 2 * j - 3
            out.append(f'<line x1="{x_of(first):.1f}" y1="{at}" x2="{x_of(last):.1f}" y2="{at}" '
                       f'stroke="{COLOURS[label]}" stroke-width="1.5"/><circle '
                       f'cx="{x_of(value):.1f}" cy="{at}" r="2.5" fill="{COLOURS[label]}"/>')
    return "\n".join(out + ["</svg>", ""])


def plots(result):
    """File name and contents of each plot."""
    rows = result["fetches"]
    names = list(dict.fromkeys(row["cell"] for row in rows))
    labels = [(p, cc) for cc in sorted({row["cc"] for row in rows}, reverse=True)
              for p in PROTOCOLS]

    def series(value):
        return {f"{p} {cc}": {row["cell"]: value(row, p) for row in rows if row["cc"] == cc}
                for p, cc in labels}

    def dot(value):
        return (value, value, value)

    yield "ratio.svg", plot(
        "goodput XTCP / TCP, 95 % interval", names,
        {f"xtcp {cc}": {row["cell"]: (row["ratio"], row["low"], row["high"])
                        for row in rows if row["cc"] == cc}
         for p, cc in labels if p == "xtcp"}, 1.0)
    yield "goodput.svg", plot("goodput, Mb/s", names, series(lambda r, p: dot(r["goodput"][p])))
    yield "retransmitted.svg", plot(
        "sent again, % of all bytes", names,
        series(lambda r, p: dot(100 * r["retransmitted"][p])))
    for size in rows[0]["times"]:
        yield f"time-{size // 1000}KB.svg", plot(
            f"{size // 1000} KB with the connection's opening, ms: median to 99th percentile",
            names, series(lambda r, p, size=size: (
                r["times"][size][p]["median_ms"], r["times"][size][p]["median_ms"],
                r["times"][size][p]["p99_ms"])))


def main():
    commit, kernel, directory = sys.argv[1:]
    cells = read_cells()
    fetches, shares, wrong = read_lines(sys.stdin, cells)
    broken = unfinished(fetches)
    measured = [name for name in cells if name in shares or any(name == k[0] for k in fetches)]
    result = {
        "commit": commit, "kernel": kernel,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cells": {name: cells[name] for name in measured},
        "fetches": [summarise(cells[name], cc, fetches[name, cc])
                    for name in measured for cc in ("cubic", "bbr") if (name, cc) in fetches],
        "shares": [summarise_share(cells[name], shares[name])
                   for name in measured if name in shares],
    }
    if result["fetches"]:
        result["geometric_mean"] = round(math.exp(statistics.mean(
            math.log(row["ratio"]) for row in result["fetches"])), 4)
        for name, text in plots(result):
            if text:
                with open(os.path.join(directory, name), "w", encoding="ascii") as file:
                    file.write(text)
    with open(os.path.join(directory, "results.json"), "w", encoding="ascii") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    print("\n".join(table(result)))
    if wrong:
        print(f"\n{len(wrong)} transfers went wrong:", *wrong[:20], sep="\n")
    for name, cc in broken:
        print(f"{name} with {cc} was not measured to its end")
    sys.exit(1 if wrong or broken or not measured else 0)


if __name__ == "__main__":
    main()
