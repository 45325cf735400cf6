// Acts of quality on what holds for the whole site: budgets, stability, words on labels, and records.
import { num, str } from "../state/read";
import { course, number, people, place, probes, protocolField, types, when } from "./fields";
import type { Act } from "./types";

const kAbove = ["-150", "-135", "-120"]; // Cel: the limits that an excursion is counted above

export const siteActs: Act[] = [
  { id: "excursion", verb: "excursion/record", group: "quality", reason: "may", fields: [{ ...place, optional: true }, { key: "probe", label: "f.else-probe", kind: "choice", choices: probes, optional: true }, when("from", "plan.from"), when("until", "plan.to"), number("peak_cel", "exposure.peak", true, { unit: "°C" }),
    ...kAbove.map((limit) => number(limit, "f.above-s", true, { unit: `${limit} °C, s` }))],
    body: (v) => {
      const above = Object.fromEntries(kAbove.flatMap((limit) => (num(v[limit]) === null ? [] : [[limit, v[limit]]])));
      return { place: v["place"], probe: v["probe"], from: v["from"], until: v["until"], peak_cel: v["peak_cel"], ...(Object.keys(above).length ? { above_s: above } : {}) };
    } },
  { id: "budget", verb: "exposure/budget", group: "rules", reason: "may", fields: [{ key: "type", label: "place.type", kind: "choice", choices: types }, number("handling_s", "f.handling-s", false, { unit: "s" }), number("hard_s", "f.hard-s", false, { unit: "s" })] },
  { id: "stability", verb: "stability/set", group: "rules", reason: "may", fields: [protocolField, number("frozen_days", "f.frozen-days", true), number("thawed_hours", "f.thawed-hours", true), number("harvested_hours", "f.harvested-hours", true),
    number("freezings_max", "f.freezings-max", true), number("million_cells_min", "f.cells-min", true), number("viable_percent_min", "f.viable-min", true, { unit: "%" })] },
  { id: "template", verb: "label/template", group: "rules", reason: "may", fields: [protocolField, { key: "lines", label: "f.label-lines", kind: "long", optional: true }, { key: "autologous", label: "f.autologous", kind: "check", initial: true }],
    body: (v) => ({ protocol: v["protocol"], lines: str(v["lines"]).split("\n").map((line) => line.trim()).filter(Boolean), autologous: v["autologous"] === true }) },
  { id: "purge", verb: "retention/purge", group: "rules", reason: "must", fields: [course] },
  { id: "unlock", verb: "signer/unlock", group: "rules", reason: "must", fields: [{ key: "user", label: "who", kind: "choice", choices: people }] },
];
