// The fields that acts are made of: where a choice comes from, what is scanned, what the daemon is asked.
import { num, obj, objs, str, strs, type Obj } from "../state/read";
import { kindOf, open, pointsOf, staffOf, titleOf, type State } from "../state/state";
import { dosesOf } from "../state/derive";
import { pathText, pointTitle, word } from "../text/i18n";
import type { Choice, Field, Values } from "./types";

export const placeLabel = (state: State, id: string): string => {
  const place = open(state.containers.get(id));
  return str(place?.["path"]) || id;
};

// A machine or place as its people call it: the place's title, the machine's, else its id.
export const placeTitle = (state: State, id: string): string => {
  const own = word("place-of-service", id); // in culture, outside, expected, unknown
  if (own !== id) return own;
  const device = state.devices.get(id);
  return str(open(state.containers.get(id))?.["title"]) || (device ? titleOf(device) : id);
};

export const places = (types?: string[]) => (state: State): Choice[] => {
  const found: Choice[] = [];
  for (const [id, lazy] of state.containers) {
    const place = open(lazy);
    if (!place || (types && !types.includes(str(place["type"])))) continue;
    found.push({ value: id, label: [str(place["title"]), pathText(str(place["path"])) || id].filter(Boolean).join(" · ") });
  }
  return found.sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }));
};
export const withPositions = (state: State): Choice[] => places()(state).filter((c) => num(open(state.containers.get(c.value))?.["positions"]) !== null);
export const roomy = (state: State): Choice[] => places()(state);
export const devices = (kind: string) => (state: State): Choice[] =>
  [...state.devices.values()].filter((d) => kindOf(d) === kind).map((d) => ({ value: d.id, label: titleOf(d) }));
export const courses = (state: State): Choice[] =>
  [...state.courses.keys()].map((id) => ({ value: id, label: `${id} · ${str(open(state.courses.get(id))?.["patient"])}` }));
export const doses = (state: State, values: Values): Choice[] => {
  const course = open(state.courses.get(str(values["course"])));
  return course ? dosesOf(course).map((d) => ({ value: d.dose, label: `${d.dose} · ${d.state}` })) : [];
};
export const lots = (state: State): Choice[] => {
  const found = new Set<string>();
  for (const lazy of state.courses.values()) {
    const lot = str(open(lazy)?.["lot"]);
    if (lot) found.add(lot);
  }
  return [...found].map((value) => ({ value, label: value }));
};
export const protocols = (state: State): Choice[] => {
  const known = new Set(strs(state.info?.["protocols"]));
  for (const lazy of state.courses.values()) {
    const one = str(open(lazy)?.["protocol"]);
    if (one) known.add(one);
  }
  return [...known].map((value) => ({ value, label: value }));
};
export const freePositions = (key: string) => (state: State, values: Values): Choice[] => {
  const place = open(state.containers.get(str(values[key])));
  return place ? positionsOf(place).filter((p) => !takenOf(place).has(p)).map((value) => ({ value, label: value })) : [];
};

// Labels of a place's positions, row by row; a grid says its rows and columns, else they count.
export function positionsOf(place: Record<string, unknown>): string[] {
  const all = strs(place["labels"]);
  if (all.length > 0) return all;
  const rows = num(place["rows"]);
  const columns = num(place["columns"]);
  const count = num(place["positions"]) ?? 0;
  if (rows === null || columns === null) return Array.from({ length: count }, (_, i) => String(i + 1));
  const letter = (r: number): string => (r < 26 ? String.fromCharCode(65 + r) : letter(Math.floor(r / 26) - 1) + String.fromCharCode(65 + (r % 26)));
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => `${letter(r)}${c + 1}`)).flat();
}
export const takenOf = (place: Record<string, unknown>): Map<string, Record<string, unknown>> =>
  new Map(objs(place["slots"]).map((s) => [str(s["position"]), s]));

export const choices = (...values: string[]) => (): Choice[] => values.map((value) => ({ value, label: value }));
// Of the site's configuration: what lists and scanners' files may be told to be.
const named = (key: string, ...more: string[]) => (state: State): Choice[] => [...strs(state.info?.[key]), ...more].map((value) => ({ value, label: value }));
export const dialect: Field = { key: "dialect", label: "f.dialect", kind: "choice", optional: true, choices: named("scans", "plain") };
export const mapping: Field = { key: "mapping", label: "f.mapping", kind: "choice", optional: true, choices: named("lists") };
export const positions: Field = { key: "positions", label: "f.positions", kind: "text", optional: true };
// A list that is not sent where it has nothing.
export const some = (list: string[]): string[] | undefined => (list.length > 0 ? list : undefined);
export const wordsOf = (text: unknown): string[] | undefined => some(str(text).split(/[\s,;]+/).filter(Boolean));
// How long vials were out of the cold, and whether the position they leave is kept.
export const outSeconds: Field = { key: "out_seconds", label: "f.out-seconds", kind: "number", unit: "s", optional: true };
export const outOfCold: Field[] = [outSeconds,
  { key: "keep_until", label: "f.keep-until", kind: "time", optional: true }];
export const course: Field = { key: "course", label: "f.course", kind: "choice", choices: courses };
export const dose: Field = { key: "dose", label: "f.dose", kind: "choice", choices: doses };
// What a rule forbids and a person with a reason may: the form then asks for one, and for a second person.
export const override: Field = { key: "override", label: "f.override", kind: "check", optional: true };
export const waiveShare: Field = { key: "waive_share", label: "f.waive-share", kind: "check", optional: true };
export const strategy: Field = { key: "strategy", label: "f.strategy", kind: "choice", optional: true, choices: choices("same-box", "least-empty", "last-used") };
export const robot: Field = { key: "robot", label: "f.robot", kind: "choice", choices: devices("robot") };
export const code: Field = { key: "code", label: "f.code", kind: "scan" };
export const codes: Field = { key: "codes", label: "f.codes", kind: "scans" };
export const cells: Field = { key: "cells", label: "f.cells", kind: "number", optional: true };
export const viable: Field = { key: "viable_percent", label: "f.viable", kind: "number", unit: "%", optional: true };
export const lostTo: Field = { key: "lost_to", label: "f.lost-to", kind: "choice", optional: true, choices: choices("fever", "no-show", "quality", "viability", "courier", "equipment", "other") };
export const place: Field = { key: "place", label: "f.place", kind: "choice", choices: roomy, place: true };
export const slot: Field = { key: "position", label: "f.position", kind: "choice", choices: freePositions("place") };
export const aliquotByCode: Field = { key: "aliquot", label: "f.code", kind: "scan" };
export const freezer: Field = { key: "device", label: "f.freezer", kind: "choice", choices: devices("freezer") };
export const probe: Field = { key: "point", label: "f.probe", kind: "choice", choices: (s, v) => {
  const device = s.devices.get(str(v["device"]));
  return device ? pointsOf(device).filter((p) => p["unit"] === "Cel" && !p["write"]).map((p) => ({ value: str(p["id"]), label: pointTitle(p) })) : [];
} };
// Any probe for temperature of any machine, as "device.point".
export const probes = (state: State): Choice[] => [...state.devices.values()].flatMap((device) =>
  pointsOf(device).filter((p) => p["unit"] === "Cel" && !p["write"]).map((p) => ({ value: `${device.id}.${str(p["id"])}`, label: `${titleOf(device)} · ${pointTitle(p)}` })));
export const types = (state: State): Choice[] => [...new Set([...state.containers.values()].map((c) => str(open(c)?.["type"])).filter(Boolean))].map((value) => ({ value, label: value }));
export const inState = (state: string) => (s: State, v: Values): Choice[] => {
  const at = open(s.containers.get(str(v["place"])));
  return at ? [...takenOf(at)].filter(([, one]) => one["state"] === state).map(([value]) => ({ value, label: value })) : [];
};

// A list of tests, a line each: test, lowest, highest, finding that passes, late; what is empty is not said.
export function testsOf(csv: string): Obj[] {
  return csv.split(/\r?\n/).map((line) => line.split(/[,;\t]/).map((cell) => cell.trim())).filter(([name = ""]) => name !== "" && name !== "test").map(([test, low = "", high = "", passes = "", late = ""]) => ({
    test, ...(low === "" ? {} : { low: Number(low) }), ...(high === "" ? {} : { high: Number(high) }), ...(passes === "" ? {} : { passes }), ...(/^(late|yes|true|1)$/.test(late) ? { late: true } : {}),
  }));
}
// The open ones of a workflow, with what tells them apart.
export const openOf = (noun: string, ...shown: string[]): Field["ask"] => ({
  verb: `${noun}/list`, body: {},
  read: (body) => objs(body["open"]).map((o) => ({ value: str(o[noun]), label: [str(o[noun]), ...shown.map((k) => String(o[k] ?? ""))].filter(Boolean).join(" · ") })),
});
export const holds: Field["ask"] = {
  verb: "hold/list", body: {},
  read: (body) => objs(body["holds"]).map((h) => ({ value: str(h["hold"]), label: `${str(h["target"])} · ${str(h["kind"])} · ${str(h["reason"])} (${str(h["by"])})` })),
};
export const operations: Field["ask"] = {
  verb: "operation/list", body: {},
  read: (body) => objs(body["operations"]).map((o) => ({ value: str(o["operation"]), label: `${str(o["operation"])} · ${str(o["verb"])} · ${String(o["aliquots"])} · ${str(o["by"])}` })),
};

// A name that nobody types: made up here, unless a label is scanned instead.
export const suggested = (kind: string) => (): string => `${kind}-${crypto.randomUUID().slice(0, 8)}`;
export const protocolField: Field = { key: "protocol", label: "f.protocol", kind: "choice", choices: protocols };
export const lot: Field = { key: "lot", label: "f.lot", kind: "choice", choices: lots };
export const calendars = (state: State): Choice[] => strs(state.info?.["calendars"]).map((value) => ({ value, label: value }));
export const clinics = (state: State): Choice[] =>
  objs(state.info?.["clinics"]).map((c) => ({ value: str(c["clinic"]), label: [str(c["title"]), str(c["clinic"])].filter(Boolean).join(" · ") }));
export const patients = (state: State): Choice[] =>
  [...new Set([...state.courses.values()].map((c) => str(open(c)?.["patient"])).filter(Boolean))].map((value) => ({ value, label: value }));
// Courses of which no dose has a day and one could have.
export const unplanned = (state: State): Choice[] => courses(state).filter((c) => {
  const all = dosesOf(obj(open(state.courses.get(c.value))));
  return all.some((d) => d.actual["thawed_at"] == null) && all.every((d) => d.planned["thaw_at"] == null);
});
// Holds of the course that stand.
export const pauses = (state: State, values: Values): Choice[] =>
  objs(open(state.courses.get(str(values["course"])))?.["paused"]).map((p) => ({ value: str(p["hold"]), label: [word("pause", str(p["kind"])), str(p["from"]), str(p["until"]), str(p["reason"])].filter(Boolean).join(" · ") }));
export const people = (state: State): Choice[] => staffOf(state).map((p) => ({ value: p.user, label: p.user }));
export const number = (key: string, label: Field["label"], optional = false, more: Partial<Field> = {}): Field => ({ key, label, kind: "number", ...(optional ? { optional } : {}), ...more });
export const when = (key: string, label: Field["label"], optional = false): Field => ({ key, label, kind: "time", ...(optional ? { optional } : {}) });

// The aliquot behind a scanned code, among the courses that the page holds; else the code itself,
// which the daemon then looks up or refuses.
export function aliquotOf(state: State, scanned: string): string {
  for (const lazy of state.courses.values()) {
    if (!lazy.text.includes(JSON.stringify(scanned))) continue;
    for (const one of dosesOf(obj(open(lazy)))) {
      const found = one.aliquots.find((a) => a["code"] === scanned || a["aliquot"] === scanned);
      if (found) return str(found["aliquot"]);
    }
  }
  return scanned;
}
