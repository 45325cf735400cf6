#!/usr/bin/env python3
"""Checks a journal export or a proof file of the cryobank service, without the service.

DIRECTORY holds journal.jsonl and checkpoint.txt. --key is the verifier key, from a place you trust;
--witness a signed checkpoint kept outside: it shows a past that was rewritten and signed again.
Needs Python 3.8 alone. docs/journal-format.md is the format.
Exit code: 0 all holds, 1 something was changed (the first bad entry is named), 2 wrong usage.
"""
import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

KEYS = ["clock", "command", "data", "device", "format", "mono_ns", "prev", "reason", "roles",
        "sequence", "stream", "time", "type", "user", "witness", "witness_roles"]
PURGED = re.compile(rb'\{"entry":(.*),"leaf":"([0-9a-f]{64})"\}')
BARE, APPROVED, SIGNED = {}, {}, set()  # purged lines without certificate; approvals of purges
LEAF, NODE = b"\x00", b"\x01"
EMPTY = (0, ())  # a tree: its size and one hash for each set bit of it
CHANGED = "its bytes are not those that were hashed"


class Bad(Exception):
    """Something was changed; the text says what and where."""


class Usage(Exception):
    """A file is missing, or is not what it should be."""


# --- Ed25519, RFC 8032 section 5.1
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, SQRT_M1 = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y = (f - e) * (h - g), (h + g) * (f + e)
    return (x % P, y % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    for digit in f"{scalar:b}":
        result = add(add(result, result), point if digit == "1" else (0, 1, 1, 0))
    return result


def decompress(data):
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    first = pow(square, (P + 3) // 8, P)
    for x in (first, first * SQRT_M1 % P):
        if y < P and (x * x - square) % P == 0 and (x or not sign):
            x = P - x if (x & 1) != sign else x
            return x, y, 1, x * y % P
    return None


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(key, text, signature):
    a, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return ((left[0] * right[2] - right[0] * left[2]) % P == 0
            and (left[1] * right[2] - right[1] * left[2]) % P == 0)


def parse_key(text):
    name, key_hash, encoded = (text.strip().split("+", 2) + ["", ""])[:3]
    try:
        typed = base64.b64decode(encoded, validate=True)
    except ValueError:
        typed = b""
    if len(typed) != 33 or typed[0] != 1:
        raise Usage("expected a verifier key: name+hash+base64 of an Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    if expected.hex() != key_hash:
        raise Usage(f"the key's hash is {expected.hex()}, the file says {key_hash}")
    return name, expected, typed[1:]


def open_note(note, key):
    """Returns (size, root) of a checkpoint that `key` signed."""
    name, key_hash, public = key
    text, gap, lines = note.rpartition("\n\n")
    if not gap:
        raise Usage("expected a signed note: text, empty line, signature lines")
    for words in (line.split(" ") for line in lines.splitlines()):
        if len(words) != 3 or words[:2] != ["\u2014", name]:
            continue
        raw = base64.b64decode(words[2])
        if raw[:4] == key_hash and signature_holds(public, text.encode() + b"\n", raw[4:]):
            origin, size, root = text.split("\n")[:3]
            if origin != name:
                raise Bad(f"the checkpoint is of {origin}, not of {name}")
            return int(size), base64.b64decode(root)
    raise Bad(f"no signature of {name} holds for the checkpoint")


def digest(kind, *parts):
    return hashlib.sha256(kind + b"".join(parts)).digest()


def grow(tree, node):
    size, nodes, ones = *tree, tree[0]
    while ones & 1:
        node, nodes, ones = digest(NODE, nodes[-1], node), nodes[:-1], ones >> 1
    return size + 1, nodes + (node,)


def root_of(tree):
    root = tree[1][-1] if tree[1] else hashlib.sha256(b"").digest()
    for node in reversed(tree[1][:-1]):
        root = digest(NODE, node, root)
    return root


def path_root(index, size, node, path):  # RFC 9162 section 2.1.3.1, from the root down
    if size == 1 or not path:
        if size != 1 or path:
            raise Bad("a path has another length than the tree is high")
        return node
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return digest(NODE, path_root(index, split, node, path[:-1]), path[-1])
    return digest(NODE, path[-1], path_root(index - split, size - split, node, path[:-1]))


def once(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)


def see_purge(sequence, line, entry, leaf):  # section 7
    data, kind, act = entry["data"], entry["type"], entry["data"].get("act")
    if leaf != digest(LEAF, line):
        BARE[sequence] = {"leaf": leaf.hex(), "line": hashlib.sha256(line).hexdigest(),
                          "sequence": sequence}
    elif kind == "purge-approved":
        APPROVED[sequence] = data.get("purge")
    elif kind == "record-signed" and act == "retention/purge" and sequence - 1 in APPROVED:
        SIGNED.add(APPROVED[sequence - 1])
    elif kind == "record-purged" and data["approvals"] and SIGNED.issuperset(data["approvals"]):
        for one in filter(lambda one: BARE.get(one["sequence"]) == one, data["entries"]):
            del BARE[one["sequence"]]


def parse_entry(line, sequence):
    """Returns an entry and its leaf hash: of a purged one, what is left and the hash it keeps."""
    purged = PURGED.fullmatch(line)
    try:
        entry = json.loads((purged[1] if purged else line).decode("utf-8"), object_pairs_hook=once)
    except ValueError as error:
        raise Bad(f"entry {sequence}: not JSON: {error}") from None
    keys = list(entry) if isinstance(entry, dict) else []
    for key in (key for key in KEYS if key not in keys):
        raise Bad(f"entry {sequence}: the key \"{key}\" is missing")
    if keys != KEYS:
        raise Bad(f"entry {sequence}: expected the keys {KEYS}, came {keys}")
    if entry["sequence"] != sequence:
        raise Bad(f"entry {sequence}: expected sequence {sequence}, came {entry['sequence']}")
    return entry, bytes.fromhex(purged[2].decode()) if purged else digest(LEAF, line)


def check_journal(lines, checkpoints):
    """Checks every line; `checkpoints` are (size, root). Returns the number of entries."""
    trees = [EMPTY, EMPTY, EMPTY]  # two entries ago, one ago, now
    last, suspect, proven, contradiction = bytes(32), False, 0, None
    waiting = sorted(checkpoints)
    for sequence, line in enumerate(lines, 1):
        try:
            entry, leaf = parse_entry(line, sequence)
        except Bad as bad:
            raise (Bad(f"entry {sequence - 1}: {CHANGED}") if suspect else contradiction or bad)
        follows = entry["prev"] == last.hex()
        if suspect:  # the one before did not name its predecessor: which of the two was changed?
            raise Bad(f"entry {sequence - 2 if follows else sequence - 1}: {CHANGED}")
        if not follows and sequence == 1:
            raise Bad("entry 1: expected 64 zeros at \"prev\"")
        suspect = not follows
        if follows and contradiction:
            raise contradiction
        last = leaf
        see_purge(sequence, line, entry, leaf)
        trees = trees[1:] + [grow(trees[2], last)]
        while waiting and waiting[0][0] == sequence:
            size, root = waiting.pop(0)
            if root == root_of(trees[2]):
                proven = size
            elif contradiction is None:
                contradiction = Bad(f"an entry between {proven + 1} and {size}: the signed "
                                    f"checkpoint over {size} entries has another root")
    entries = trees[2][0]
    if suspect:  # no entry follows that could tell; a checkpoint over the named hash can
        is_hex = re.fullmatch("[0-9a-f]{64}", entry["prev"])
        named = grow(grow(trees[0], bytes.fromhex(entry["prev"])), last) if is_hex else EMPTY
        raise Bad(f"entry {entries - ((entries, root_of(named)) in checkpoints)}: {CHANGED}")
    if contradiction:
        raise contradiction
    if waiting and waiting[-1][0] > entries:
        raise Bad(f"entries {entries + 1} to {waiting[-1][0]} are missing: a signed checkpoint "
                  "covers them")
    if BARE:
        raise Bad(f"entry {min(BARE)}: it was purged, and no signed purge certificate says so")
    return entries


def check_export(directory, key, witnesses):
    paths = [Path(directory, "checkpoint.txt")] + witnesses
    own, *_ = checkpoints = [open_note(Path(path).read_text("utf-8"), key) for path in paths]
    with open(Path(directory, "journal.jsonl"), "rb") as file:
        entries = check_journal((line.rstrip(b"\n") for line in file), checkpoints)
    if entries > own[0]:
        raise Bad(f"entries {own[0] + 1} to {entries} are not covered by the checkpoint")
    print(f"{entries} entries hold, root {own[1].hex()}, {len(checkpoints)} signed checkpoint(s)")


def texts(value):
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(texts, inner))


def linked(entry, subjects):
    """The ids that the journal itself links to the subjects in this entry (section 5)."""
    data, ids = entry["data"], set()
    if entry["type"] == "job-created" and data["job"].get("course") in subjects:
        ids.add(data["job"]["job"])
    if entry["type"] == "course-registered" and isinstance(data["doses"], list):
        for one in (one for dose in data["doses"] for one in dose["aliquots"]):
            if subjects & {data["course"], one["aliquot"]}:
                ids |= {one["aliquot"], one["code"]}
    return ids


def check_proof(path, key, show):
    try:
        proof = json.loads(Path(path).read_text("utf-8"), object_pairs_hook=once)
        note, entries, subjects = proof["checkpoint"], proof["entries"], proof["subjects"]
        about, shown = set(subjects) | set(proof["related"]), set(subjects)
        steps = [(one["sequence"], one["entry"].encode(), [bytes.fromhex(n) for n in one["path"]])
                 for one in entries]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Usage(f"{path} is no proof file") from None
    size, root = open_note(note, key)
    for last, (sequence, line, hashes) in zip([0] + [step[0] for step in steps], steps):
        entry = parse_entry(line, sequence)[0]
        if sequence <= last or path_root(sequence - 1, size, digest(LEAF, line), hashes) != root:
            raise Bad(f"entry {sequence}: its path does not lead to the signed root")
        if not texts(entry["data"]) & about:
            raise Bad(f"entry {sequence}: it is not about {', '.join(subjects)}")
        shown |= linked(entry, set(subjects))
        if show:
            print(line.decode())
    if about != shown:
        raise Bad(f"the entries do not link {min(about ^ shown)} to {', '.join(subjects)}, or the "
                  "related ids leave it out")
    print(f"{len(entries)} entries about {', '.join(subjects)} and {len(about - set(subjects))} "
          f"linked ids are in the journal of {size} entries")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", required=True, help="file with the verifier key")
    parser.add_argument("--witness", action="append", default=[], help="checkpoint kept outside")
    parser.add_argument("--proof", help="proof file to check instead of an export")
    parser.add_argument("--print", action="store_true", help="print the proven entries")
    parser.add_argument("directory", nargs="?", help="directory of an export")
    options = parser.parse_args()
    if (options.proof is None) == (options.directory is None):
        parser.error("expected a directory or --proof FILE")
    try:
        key = parse_key(Path(options.key).read_text("utf-8"))
        if options.proof:
            check_proof(options.proof, key, options.print)
        else:
            check_export(options.directory, key, options.witness)
    except (Bad, Usage, OSError, UnicodeDecodeError) as error:
        changed = isinstance(error, Bad)
        print(f"{'NOT AS WRITTEN' if changed else 'cannot check'}: {error}", file=sys.stderr)
        return 1 if changed else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
