// The acts of staff, in the order of a day's work.
import { num, obj, objs, str, strs, type Obj } from "../state/read";
import { kindOf, open, pointsOf, staffOf, titleOf, type State } from "../state/state";
import { dosesOf } from "../state/derive";
import { pathText } from "../text/i18n";
import type { Act, Choice, Field, Values } from "./types";

export const placeLabel = (state: State, id: string): string => {
  const place = open(state.containers.get(id));
  return str(place?.["path"]) || id;
};

const places = (types?: string[]) => (state: State): Choice[] => {
  const found: Choice[] = [];
  for (const [id, lazy] of state.containers) {
    const place = open(lazy);
    if (!place || (types && !types.includes(str(place["type"])))) continue;
    found.push({ value: id, label: [str(place["title"]), pathText(str(place["path"])) || id].filter(Boolean).join(" · ") });
  }
  return found.sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }));
};
const withPositions = (state: State): Choice[] => places()(state).filter((c) => num(open(state.containers.get(c.value))?.["positions"]) !== null);
const roomy = (state: State): Choice[] => places()(state);
const devices = (kind: string) => (state: State): Choice[] =>
  [...state.devices.values()].filter((d) => kindOf(d) === kind).map((d) => ({ value: d.id, label: titleOf(d) }));
const courses = (state: State): Choice[] =>
  [...state.courses.keys()].map((id) => ({ value: id, label: `${id} · ${str(open(state.courses.get(id))?.["patient"])}` }));
const doses = (state: State, values: Values): Choice[] => {
  const course = open(state.courses.get(str(values["course"])));
  return course ? dosesOf(course).map((d) => ({ value: d.dose, label: `${d.dose} · ${d.state}` })) : [];
};
const lots = (state: State): Choice[] => {
  const found = new Set<string>();
  for (const lazy of state.courses.values()) {
    const lot = str(open(lazy)?.["lot"]);
    if (lot) found.add(lot);
  }
  return [...found].map((value) => ({ value, label: value }));
};
const protocols = (state: State): Choice[] => {
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

const choices = (...values: string[]) => (): Choice[] => values.map((value) => ({ value, label: value }));
const course: Field = { key: "course", label: "f.course", kind: "choice", choices: courses };
const dose: Field = { key: "dose", label: "f.dose", kind: "choice", choices: doses };
const robot: Field = { key: "robot", label: "f.robot", kind: "choice", choices: devices("robot") };
const code: Field = { key: "code", label: "f.code", kind: "scan" };
const codes: Field = { key: "codes", label: "f.codes", kind: "scans" };
const place: Field = { key: "place", label: "f.place", kind: "choice", choices: roomy, place: true };
const slot: Field = { key: "position", label: "f.position", kind: "choice", choices: freePositions("place") };
const aliquotByCode: Field = { key: "aliquot", label: "f.code", kind: "scan" };
const freezer: Field = { key: "device", label: "f.freezer", kind: "choice", choices: devices("freezer") };
const probe: Field = { key: "point", label: "f.probe", kind: "choice", choices: (s, v) => {
  const device = s.devices.get(str(v["device"]));
  return device ? pointsOf(device).filter((p) => p["unit"] === "Cel" && !p["write"]).map((p) => ({ value: str(p["id"]), label: str(p["title"]) || str(p["id"]) })) : [];
} };
const types = (state: State): Choice[] => [...new Set([...state.containers.values()].map((c) => str(open(c)?.["type"])).filter(Boolean))].map((value) => ({ value, label: value }));
const inState = (state: string) => (s: State, v: Values): Choice[] => {
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
const openOf = (noun: string, ...shown: string[]): Field["ask"] => ({
  verb: `${noun}/list`, body: {},
  read: (body) => objs(body["open"]).map((o) => ({ value: str(o[noun]), label: [str(o[noun]), ...shown.map((k) => String(o[k] ?? ""))].filter(Boolean).join(" · ") })),
});
const holds: Field["ask"] = {
  verb: "hold/list", body: {},
  read: (body) => objs(body["holds"]).map((h) => ({ value: str(h["hold"]), label: `${str(h["target"])} · ${str(h["kind"])} · ${str(h["reason"])} (${str(h["by"])})` })),
};
const operations: Field["ask"] = {
  verb: "operation/list", body: {},
  read: (body) => objs(body["operations"]).map((o) => ({ value: str(o["operation"]), label: `${str(o["operation"])} · ${str(o["verb"])} · ${String(o["aliquots"])} · ${str(o["by"])}` })),
};

export const acts: Act[] = [
  { id: "register", verb: "course/register", group: "store", preview: true, fields: [
    { key: "course", label: "f.new-course", kind: "scan" }, { key: "patient", label: "f.patient", kind: "scan" },
    { key: "protocol", label: "f.protocol", kind: "choice", choices: protocols }, { key: "lot", label: "f.lot", kind: "scan" },
    { ...codes, optional: true }, { ...robot, optional: true }],
    body: (v) => {
      const { robot: by, codes: scanned, ...rest } = v;
      return { ...rest, ...(strs(scanned).length ? { codes: scanned, doses: strs(scanned).length } : {}), ...(by ? { store: { robot: by } } : {}) };
    } },
  { id: "store", verb: "aliquot/store", group: "store", preview: true, hold: true, fields: [course, robot,
    { key: "strategy", label: "f.strategy", kind: "choice", optional: true, choices: choices("same-box", "least-empty", "last-used") }] },
  { id: "transfer", verb: "aliquot/transfer", group: "move", hold: true, fields: [course, codes, robot],
    body: (v, state) => ({ course: v["course"], robot: v["robot"], aliquots: strs(v["codes"]).map((c) => aliquotOf(state, c)) }) },
  { id: "place-move", verb: "place/move", group: "move", fields: [{ ...place, key: "place", label: "f.what-place" }, { ...place, key: "parent", label: "f.into" },
    { ...slot, choices: freePositions("parent") }] },
  { id: "undo", verb: "operation/undo", group: "move", reason: "must", fields: [{ key: "operation", label: "f.operation", kind: "choice", ask: operations }] },
  { id: "take-open", verb: "take/open", group: "count", fields: [place, { key: "blind", label: "f.blind", kind: "check", initial: true }] },
  { id: "take-count", verb: "take/count", group: "count", fields: [{ key: "take", label: "f.take", kind: "choice", ask: openOf("take", "place", "opened_at") },
    { key: "container", label: "f.box", kind: "choice", choices: withPositions, place: true }, { key: "csv", label: "f.scan-file", kind: "file" }] },
  { id: "take-sign", verb: "take/sign", group: "count", fields: [{ key: "take", label: "f.take", kind: "choice", ask: openOf("take", "place", "opened_at") }] },
  { id: "scan-order", verb: "scan/order", group: "count", hold: true, fields: [{ key: "container", label: "f.box", kind: "choice", choices: withPositions, place: true }, robot] },
  { id: "import", verb: "bulk/import", group: "lists", preview: true, pieces: true, fields: [{ key: "csv", label: "f.list", kind: "file", most: 24_000_000 }] },
  { id: "dispose", verb: "disposal/request", group: "dispose", reason: "must", fields: [codes, { key: "method", label: "f.method", kind: "choice", choices: choices("autoclave", "incineration", "other") }],
    body: (v, state) => ({ method: v["method"], aliquots: strs(v["codes"]).map((c) => aliquotOf(state, c)) }) },
  { id: "dispose-confirm", verb: "disposal/confirm", group: "dispose", fields: [{ key: "disposal", label: "f.disposal", kind: "choice", ask: openOf("disposal", "method", "by", "reason") }] },
  { id: "dispose-withdraw", verb: "disposal/withdraw", group: "dispose", fields: [{ key: "disposal", label: "f.disposal", kind: "choice", ask: openOf("disposal", "method", "by", "reason") }] },
  { id: "pack", verb: "shipment/pack", group: "ship", fields: [{ key: "shipper", label: "f.shipper", kind: "choice", choices: places(["shipper", "dry-shipper"]), place: true },
    { key: "to", label: "f.to", kind: "text" }, { key: "arrives_by", label: "f.arrives-by", kind: "time" },
    { key: "hold_hours", label: "f.hold-hours", kind: "number", unit: "h", initial: 168 }, codes] },
  { id: "send", verb: "shipment/send", group: "ship", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }] },
  { id: "unpack", verb: "shipment/unpack", group: "ship", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }, place, codes] },
  { id: "receive", verb: "shipment/receive", group: "ship", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }, place, codes] },
  { id: "ship-close", verb: "shipment/close", group: "ship", reason: "must", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }] },
  { id: "label-print", verb: "label/print", group: "label", reason: "may", fields: [aliquotByCode], body: (v, state) => ({ aliquot: aliquotOf(state, str(v["aliquot"])) }) },
  { id: "label-verify", verb: "label/verify", group: "label", fields: [aliquotByCode], body: (v, state) => ({ aliquot: aliquotOf(state, str(v["aliquot"])), code: v["aliquot"] }) },
  { id: "label-void", verb: "label/void", group: "label", reason: "must", fields: [aliquotByCode], body: (v, state) => ({ aliquot: aliquotOf(state, str(v["aliquot"])) }) },
  { id: "hold", verb: "hold/place", group: "hold", reason: "must", fields: [
    { key: "on", label: "f.hold-on", kind: "choice", choices: choices("aliquot", "course", "lot", "place") },
    { key: "course", label: "f.course", kind: "choice", choices: (s, v) => (v["on"] === "course" ? courses(s) : []), optional: true },
    { key: "lot", label: "f.lot", kind: "choice", choices: (s, v) => (v["on"] === "lot" ? lots(s) : []), optional: true },
    { key: "place", label: "f.place", kind: "choice", choices: (s, v) => (v["on"] === "place" ? roomy(s) : []), optional: true },
    { key: "aliquot", label: "f.code", kind: "scan", optional: true },
    { key: "kind", label: "f.kind", kind: "choice", choices: choices("quality", "exposure", "recall", "damage", "legal", "other") }],
    body: (v, state) => {
      const on = str(v["on"]);
      const target = on === "aliquot" ? aliquotOf(state, str(v["aliquot"])) : v[on];
      return { [on]: target, kind: v["kind"] };
    } },
  { id: "hold-release", verb: "hold/release", group: "hold", reason: "must", fields: [{ key: "hold", label: "f.hold", kind: "choice", ask: holds }] },
  { id: "release", verb: "course/release", group: "release", reason: "may", fields: [course, { key: "conditional", label: "f.conditional", kind: "check", optional: true }] },
  { id: "quality-result", verb: "quality/result", group: "quality", fields: [{ key: "lot", label: "f.lot", kind: "choice", choices: lots },
    { key: "test", label: "f.test", kind: "text" }, { key: "value", label: "value", kind: "number", optional: true },
    { key: "finding", label: "f.finding", kind: "choice", optional: true, choices: choices("negative", "positive") }, { key: "final", label: "f.final", kind: "check", optional: true }] },
  { id: "quality-plan", verb: "quality/plan", group: "quality", reason: "may", fields: [{ key: "lot", label: "f.lot", kind: "choice", choices: lots }, { key: "csv", label: "f.tests", kind: "file" }],
    body: (v) => ({ lot: v["lot"], tests: testsOf(str(v["csv"])) }) },
  { id: "exception", verb: "quality/exception", group: "release", reason: "must", fields: [course, { key: "criterion", label: "f.criterion", kind: "long" }, { key: "investigation", label: "f.investigation", kind: "long" }, { key: "clinician", label: "f.clinician", kind: "text" }] },
  { id: "waive", verb: "exposure/waive", group: "release", reason: "must", fields: [
    { key: "on", label: "f.hold-on", kind: "choice", choices: choices("aliquot", "course", "place") }, { key: "course", label: "f.course", kind: "choice", optional: true, choices: (s, v) => (v["on"] === "course" ? courses(s) : []) },
    { key: "place", label: "f.place", kind: "choice", optional: true, choices: (s, v) => (v["on"] === "place" ? roomy(s) : []) }, { key: "aliquot", label: "f.code", kind: "scan", optional: true }],
    body: (v, state) => ({ [str(v["on"])]: v["on"] === "aliquot" ? aliquotOf(state, str(v["aliquot"])) : v[str(v["on"])] }) },
  { id: "retention", verb: "retention/review", group: "release", reason: "must", fields: [course, { key: "decision", label: "f.decision", kind: "choice", choices: choices("keep", "may-end") }, { key: "years", label: "f.years", kind: "number", optional: true }] },
  { id: "signing-end", verb: "signature/end", group: "release", fields: [] },
  { id: "course-plan", verb: "course/plan", group: "course", fields: [course, { key: "first_infusion", label: "f.first-infusion", kind: "time" }] },
  { id: "course-hold", verb: "course/hold", group: "course", reason: "must", fields: [course, { key: "kind", label: "f.kind", kind: "choice", choices: choices("fever", "tests", "travel", "chemotherapy", "imaging", "request", "other") },
    { key: "from", label: "f.from-day", kind: "day", optional: true }, { key: "until", label: "f.until-day", kind: "day", optional: true }] },
  { id: "course-resume", verb: "course/resume", group: "course", reason: "must", fields: [course] },
  { id: "fit", verb: "dose/fit", group: "course", reason: "may", fields: [course, dose, { key: "fit", label: "f.fit", kind: "check" }], body: (v) => ({ ...v, fit: v["fit"] === true }) },
  { id: "told", verb: "dose/told", group: "course", reason: "may", fields: [course, dose] },
  { id: "observe", verb: "observation/record", group: "course", reason: "may", fields: [course, dose, { key: "measure", label: "f.measure", kind: "choice", choices: choices("temperature", "ip", "pai-1") },
    { key: "value", label: "value", kind: "number" }, { key: "unit", label: "f.unit", kind: "text" }] },
  { id: "thaw", verb: "dose/thaw", group: "dose", hold: true, reason: "may", fields: [course, dose, robot, { key: "override", label: "f.override", kind: "check", optional: true }] },
  { id: "reculture", verb: "dose/reculture", group: "dose", fields: [course, dose, codes] },
  { id: "harvest", verb: "dose/harvest", group: "dose", fields: [course, dose, { ...code, label: "f.dose-code" },
    { key: "cells", label: "f.cells", kind: "number", optional: true }, { key: "viable_percent", label: "f.viable", kind: "number", unit: "%", optional: true }] },
  { id: "issue", verb: "dose/issue", group: "dose", fields: [course, dose, { ...code, label: "f.dose-code" }, { key: "to", label: "f.to", kind: "text" }] },
  { id: "infuse", verb: "dose/infuse", group: "dose", fields: [course, dose, { ...code, label: "f.dose-code" }] },
  { id: "return", verb: "dose/return", group: "dose", reason: "must", fields: [course, dose, { ...code, label: "f.dose-code" }] },
  { id: "refreeze", verb: "dose/refreeze", group: "dose", reason: "must", fields: [course, dose, codes, { ...place, choices: withPositions }] },
  { id: "reject", verb: "dose/reject", group: "dose", reason: "must", fields: [course, dose] },
  { id: "reserve", verb: "position/reserve", group: "place", preview: true, fields: [course, { ...place, choices: withPositions, optional: true }, { ...slot, optional: true }, { key: "until", label: "f.until", kind: "time", optional: true }] },
  { id: "free", verb: "position/free", group: "place", fields: [{ ...place, choices: withPositions }, { ...slot, choices: inState("reserved") }, course] },
  { id: "place-make", verb: "place/make", group: "place", fields: [{ key: "place", label: "f.new-place", kind: "scan" }, { key: "type", label: "place.type", kind: "choice", choices: types },
    { ...place, key: "parent", label: "f.into" }, { ...slot, choices: freePositions("parent"), optional: true }, { key: "title", label: "f.title", kind: "text", optional: true }] },
  { id: "block", verb: "position/block", group: "place", reason: "must", fields: [{ ...place, choices: withPositions }, slot] },
  { id: "unblock", verb: "position/unblock", group: "place", fields: [{ ...place, choices: withPositions }, { ...slot, choices: inState("blocked") }] },
  { id: "probe-map", verb: "probe/map", group: "machine", reason: "may", fields: [freezer, probe, place] },
  { id: "probe-challenge", verb: "probe/challenge", group: "machine", fields: [freezer, probe, { key: "passed", label: "f.passed", kind: "check" }], body: (v) => ({ ...v, passed: v["passed"] === true }) },
  { id: "page-test", verb: "pager/test", group: "machine", fields: [{ key: "user", label: "who", kind: "choice", choices: (s) => staffOf(s).map((p) => ({ value: p.user, label: p.user })) }] },
  { id: "fill", verb: "device/fill", group: "machine", reason: "may", fields: [freezer] },
  { id: "stop-fill", verb: "device/stop-fill", group: "machine", reason: "may", fields: [freezer] },
  { id: "backup", verb: "store/backup", group: "machine", fields: [] },
];

export const actOf = (id: string): Act | undefined => acts.find((a) => a.id === id);

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
