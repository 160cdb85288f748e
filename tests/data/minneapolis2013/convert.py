#!/usr/bin/env python3
"""Make the ballot files of this folder from RCTab's cast vote records.

Usage: convert.py CVR.xlsx CONFIG.json NAME

Writes NAME_candidates.txt (one name a line, in the order of RCTab's config, then UWI) and NAME_ballots.csv
(`count,rank1,rank2,rank3`, identical rankings added up). A rank is the line of a candidate counted from 0, or one of
the record's own marks: `undervote` (rank left empty), `overvote` (several candidates in one rank). UWI, undeclared
write-ins, is a candidate like the others. Python's standard library only.
"""
import collections
import json
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MARKS = ("undervote", "overvote")


def rows(path):
    """Rows of the first sheet as {column letter: text}."""
    with zipfile.ZipFile(path) as book:
        with book.open("xl/sharedStrings.xml") as file:
            strings = ["".join(t.text or "" for t in item.iter(NS + "t")) for item in ET.parse(file).getroot()]
        with book.open("xl/worksheets/sheet1.xml") as file:
            for _, element in ET.iterparse(file):
                if element.tag != NS + "row":
                    continue
                row = {}
                for cell in element:
                    value = cell.find(NS + "v")
                    if value is None:
                        continue
                    text = strings[int(value.text)] if cell.get("t") == "s" else value.text
                    row[re.match(r"[A-Z]+", cell.get("r")).group()] = text
                yield row
                element.clear()


def main(cvr, config, name):
    with open(config, encoding="utf-8") as file:
        candidates = [c["name"] for c in json.load(file)["candidates"]] + ["UWI"]
    code = {candidate: str(i) for i, candidate in enumerate(candidates)}
    code.update((mark, mark) for mark in MARKS)
    ballots = collections.Counter()
    reader = rows(cvr)
    next(reader)  # headings
    for row in reader:
        # Column A is the precinct, B to D the ranks, E how many ballots the row stands for.
        ranks = tuple(code[row.get(column, "undervote").strip()] for column in "BCD")
        ballots[ranks] += int(row["E"])
    with open(f"{name}_candidates.txt", "w", encoding="utf-8", newline="\n") as file:
        file.writelines(candidate + "\n" for candidate in candidates)
    with open(f"{name}_ballots.csv", "w", encoding="utf-8", newline="\n") as file:
        file.write("count,rank1,rank2,rank3\n")
        for ranks, count in sorted(ballots.items(), key=lambda item: (-item[1], item[0])):
            file.write(",".join((str(count),) + ranks) + "\n")
    print(f"{name}: {sum(ballots.values())} ballots, {len(ballots)} different")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
