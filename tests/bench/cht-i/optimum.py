#!/usr/bin/env python3
"""An instance of CHT-I as an integer program in the LP format, for a stock solver.

usage: optimum.py INSTANCE.json > INSTANCE.lp; cbc INSTANCE.lp -solve

One binary for each patient and first day, one for each placement of each of its sessions on the day
that follows from it, one for each patient who is not placed. README.md says how the format is read.
"""

import collections
import json
import sys

MISSED = 100_000  # above any plan of the small instances, and small enough for the solver


class Instance:
    def __init__(self, document):
        self.param = document["param"]
        self.patients = [one["rdvDemands"] for one in document["demands"]]
        self.days = self.param["days"]
        self.slots = self.param["numTimeSlots"]
        self.shares = max(1, self.param["multitasks"])

    def run_ends(self, day, first, length):
        """First slot after the drug, mixed in one run of open slots."""
        run = 0
        for slot in range(first, self.slots + 1):
            run = run + 1 if self.param["pharmacy"][day][slot] else 0
            if run == length:
                return slot + 1
        return self.slots + 2

    def drug_ready(self, session, day, first):
        length = session["medPrepDuration"]
        if length == 0:
            return first
        before = not session["medPreparedSameDay"] and day > 1
        if before and self.run_ends(day - 1, 1, length) <= self.slots + 1:
            return first
        return self.run_ends(day, first, length)

    def placements(self, session, day):
        """Slots where consultation, installation and treatment begin, and what they use."""
        consult = self.param["consultationLength"] if session["needingConsultation"] else 0
        install = self.param["installationLength"]
        treat = session["treatmentDuration"]
        sector = session["sectorId"]
        doctors = self.param["doctors"][str(sector)][day]
        nurses = self.param["nurses"][day]
        seen = set()
        for talk in range(1, self.slots + 2 - consult):
            if any(doctors[t] < 1 for t in range(talk, talk + consult)):
                continue
            ready = self.drug_ready(session, day, talk + consult)
            for begin in range(max(ready, talk + consult + install), self.slots + 2 - treat):
                end = begin + treat
                if any(nurses[t] < 1 for t in range(begin, end)):
                    continue
                for seat in range(begin - install, talk + consult - 1, -1):
                    key = (talk if consult else 0, seat, begin)
                    if key in seen or any(nurses[t] < 1 for t in range(seat, seat + install)):
                        continue
                    seen.add(key)
                    uses = [(("doctor", sector, day, t), 1) for t in range(talk, talk + consult)]
                    uses += [(("nurse", day, t), self.shares) for t in range(seat, seat + install)]
                    uses += [(("nurse", day, t), 1) for t in range(begin, end)]
                    uses += [(("seat", day, t), 1) for t in range(seat, end)]
                    yield key, end - 1, uses

    def room(self, cell):
        if cell[0] == "doctor":
            return self.param["doctors"][str(cell[1])][cell[2]][cell[3]]
        if cell[0] == "nurse":
            return self.param["nurses"][cell[1]][cell[2]] * self.shares
        return self.param["numMaterials"]


class Program:
    def __init__(self, instance):
        self.instance = instance
        self.cost, self.rows, self.binaries = [], [], []
        self.uses = collections.defaultdict(list)
        for number, sessions in enumerate(instance.patients):
            self.patient(number, sessions)
        for cell, terms in self.uses.items():
            self.rows.append((terms, f"<= {instance.room(cell)}"))

    def patient(self, number, sessions):
        ways = [way for first in range(1, self.instance.days + 1)
                if (way := self.first_day(number, sessions, first))]
        missed = f"m{number}"
        self.binaries.append(missed)
        self.cost.append(f"{MISSED} {missed}")
        self.rows.append((ways + [missed], "= 1"))

    def first_day(self, number, sessions, first):
        days, day = [], first
        for k, session in enumerate(sessions):
            day += session["afterLastRequest"] if k else 0
            days.append(day)
        if days[-1] > self.instance.days:
            return None
        found = [list(self.instance.placements(s, d)) for s, d in zip(sessions, days)]
        if not all(found):
            return None
        way = f"y{number}_{first}"
        self.binaries.append(way)
        for k, placements in enumerate(found):
            names = []
            for (talk, seat, begin), last, uses in placements:
                name = f"z{number}_{first}_{k}_{talk}_{seat}_{begin}"
                names.append(name)
                self.cost.append(f"{(days[k] - 1) * self.instance.slots + last} {name}")
                for cell, amount in uses:
                    self.uses[cell].append(f"{amount} {name}")
            self.binaries += names
            self.rows.append((names + [f"-1 {way}"], "= 0"))
        return way

    def write(self, out):
        out.write("Minimize\n obj: " + sum_of(self.cost) + "\nSubject To\n")
        for index, (terms, limit) in enumerate(self.rows):
            out.write(f" c{index}: {sum_of(terms)} {limit}\n")
        out.write("Binaries\n" + "\n".join(self.binaries) + "\nEnd\n")


def sum_of(terms):
    """Lines short enough for every reader of the format."""
    out = ""
    for index, term in enumerate(terms):
        sign = "" if index == 0 or term.startswith("-") else "+ "
        out += ("\n" if index and index % 8 == 0 else "") + f" {sign}{term}"
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        Program(Instance(json.load(file))).write(sys.stdout)


if __name__ == "__main__":
    main()
