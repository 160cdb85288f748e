"""The first steps of a verifier of your own: every file is what its name says, the entries lead to the checkpoint.

python3 first-steps.py RECORD ELECTION-ID

The rules that it follows stand beside it (docs/protocol.md). Signatures and proofs are not checked here.
"""
import base64, hashlib, pathlib, sys
record, election = pathlib.Path(sys.argv[1]), sys.argv[2]
sha = lambda b: hashlib.sha256(b).digest()

for file in (record / "files").iterdir():                           # LOG-5
    assert sha(file.read_bytes()).hex() == file.name, f"{file} was changed"

def name(n):                                                        # LOG-5: 1234067 is x001/x234/067
    groups = [f"{n % 1000:03}"]
    while n := n // 1000:
        groups.insert(0, f"x{n % 1000:03}")
    return "/".join(groups)

origin, size, root = (record / "checkpoint").read_text().split("\n")[:3]
entries, size = [], int(size)
for n in range(0, size, 256):
    width = min(256, size - n)
    path = record / "tile/entries" / (name(n // 256) + ("" if width == 256 else f".p/{width}"))
    bundle = path.read_bytes()
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2:2 + length])
        bundle = bundle[2 + length:]
assert len(entries) == size, f"{len(entries)} entries, {size} are signed"

def tree(leaves):                                                   # LOG-1: RFC 6962, 2.1
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + tree(leaves[:half]) + tree(leaves[half:]))

assert tree([sha(b"\0" + e) for e in entries]) == base64.b64decode(root), "the entries lead to another root"
version, kind, length = entries[0][0], entries[0][1], int.from_bytes(entries[0][2:6], "big")
assert (version, kind, entries[0][6:6 + length].hex()) == (1, 1, election), "not this election"    # LOG-2, MAN
assert origin.endswith("/" + election[:16]), "a checkpoint of another election"                    # LOG-4
print(size, "entries;", {k: [e[1] for e in entries].count(k) for k in sorted({e[1] for e in entries})})
