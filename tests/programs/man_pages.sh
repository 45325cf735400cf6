#!/usr/bin/env bash
# usage: man_pages.sh ROOT BIN_FOLDER OUT_FOLDER
# The manual pages of all programs can be made, are read by man without a complaint, and know each command.
set -euo pipefail
root=$1 bin=$2 out=$3
rm -rf "$out"
"$root/scripts/man-pages" "$bin" "$out"
for program in cryobankd cryobankctl cryobank-pager cryobank-sim; do
  said=$(groff -man -Tutf8 -ww "$out/$program.1" 2>&1 >"$out/$program.txt")
  [[ -z $said ]] || { printf '%s: %s\n' "$program" "$said"; exit 1; }
done
"$bin/cryobankctl" commands --json | python3 -c '
import json, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
verbs = [one["verb"] for one in json.load(sys.stdin)["commands"]]
nouns = sorted({verb.split("/")[0] for verb in verbs})
missing = [noun for noun in nouns if not re.search(f"^{noun}\\b", page.replace("\\-", "-"), re.M)]
if len(verbs) < 60 or missing:
    sys.exit(f"of {len(verbs)} commands the page misses {missing}")' "$out/cryobankctl.1"
