#!/usr/bin/env python3
"""Make the files of this folder from a checkout of infoaed/rk2023-data.

Usage: convert.py FOLDER   (holding res2023-ext.json, dists2023.json, yler2023.json, elected-2023-desc.txt, LICENSE.txt)

Writes candidates.csv, districts.csv, lists.csv and elected.csv here. Python's standard library only.
"""
import csv
import json
import pathlib
import shutil
import sys

INDEPENDENT = "ÜKSIK"


def main(folder):
    source = pathlib.Path(folder)

    def load(name):
        return json.loads((source / name).read_text(encoding="utf-8"))

    def write(name, header, rows):
        with open(name, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])

    candidates = sorted(load("res2023-ext.json").items(), key=lambda item: (item[1]["dist"], int(item[0])))
    for number, c in candidates:
        # Each candidate's row must be the sum of its municipalities before it is trusted.
        parts = [v for v in c.values() if isinstance(v, dict)]
        assert c["e"] == sum(p.get("e", 0) for p in parts), number
        assert c["n"] == sum(p.get("n", 0) for p in parts), number
    write(
        "candidates.csv",
        ["district", "number", "name", "list", "electronic", "paper"],
        [
            [c["dist"], number, c["name"], "" if c["party"] == INDEPENDENT else c["party"], c["e"], c["n"]]
            for number, c in candidates
        ],
    )
    write("districts.csv", ["district", "seats"], load("dists2023.json").items())
    # The consolidated list gives each list a block of numbers, so its order is that of the lowest number.
    names = {c["party"]: c["party_name"] for _, c in candidates}
    lists = sorted(load("yler2023.json").items(), key=lambda item: min(item[1]))
    write("lists.csv", ["list", "name", "order"], [[k, names[k], " ".join(map(str, v))] for k, v in lists])
    blocks = (source / "elected-2023-desc.txt").read_text(encoding="utf-8").split("\n\n")
    # Headings, quotas, the three kinds of seats, then substitutions.
    elected = []
    for kind, block in zip(["personal", "district", "compensation"], blocks[3:6]):
        for line in block.strip().split("\n"):
            name, party, votes, *figure = line.split("; ")
            elected.append([kind, name, party, votes, *(figure if kind == "compensation" else [""])])
    write("elected.csv", ["kind", "name", "list", "votes", "figure"], elected)
    shutil.copyfile(source / "LICENSE.txt", "LICENSE.txt")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
