// The acts of staff, in the order of a day's work.
import { num, obj, str, strs } from "../state/read";
import { careActs } from "./acts_care";
import { siteActs } from "./acts_site";
import { aliquotByCode, aliquotOf, cells, choices, code, codes, course, courses, dialect, dose, doses, freePositions, freezer, holds, inState, lostTo, lot, lots, mapping, number, openOf, operations, outSeconds, override, patients, pauses, people, place, places, positions, probe, probes, protocolField, robot, roomy, slot, some, strategy, testsOf, types, viable, waiveShare, when, withPositions, wordsOf } from "./fields";
import type { State } from "../state/state";
import type { Act, Choice, Field, Values } from "./types";

const purpose: Field = { key: "purpose", label: "f.purpose", kind: "choice", optional: true, choices: choices("safety-test") };

export const acts: Act[] = [
  { id: "register", verb: "course/register", group: "store", preview: (body) => (body["store"] ? { ...body, store: { ...obj(body["store"]), dry_run: true } } : null), hold: (v) => str(v["robot"]) !== "", fields: [
    { key: "course", label: "f.new-course", kind: "scan" }, { key: "patient", label: "f.patient", kind: "scan" },
    protocolField, { key: "lot", label: "f.lot", kind: "scan" },
    { ...codes, optional: true }, number("doses", "f.doses", true), number("aliquots_per_dose", "f.per-dose", true), when("expires_at", "f.expires", true),
    { key: "din", label: "f.din", kind: "scan", aside: true, optional: true }, { key: "donation", label: "f.donation", kind: "scan", aside: true, optional: true },
    { key: "sec", label: "f.sec", kind: "scan", aside: true, optional: true }, { key: "identity", label: "f.identity", kind: "scan", aside: true, optional: true },
    { ...robot, optional: true }, strategy, waiveShare, { ...override, optional: true }],
    body: (v) => {
      const { robot: by, codes: scanned, at_robot: there, override: over, strategy: box, waive_share: few, ...rest } = v;
      const count = strs(scanned).length;
      const each = num(v["aliquots_per_dose"]) ?? 1;
      return { ...rest, ...(count ? { codes: scanned, doses: v["doses"] ?? count / each } : {}),
        ...(by ? { store: { robot: by, at_robot: there, ...(box ? { strategy: box } : {}), ...(few ? { waive_share: true } : {}), ...(over ? { override: true } : {}) } } : {}) };
    } },
  { id: "store", verb: "aliquot/store", group: "store", preview: true, hold: true, fields: [course, robot, { ...codes, label: "f.only-codes", optional: true }, positions, strategy, waiveShare, override],
    body: (v, state) => {
      const { codes: scanned, positions: at, ...rest } = v;
      return { ...rest, aliquots: some(strs(scanned).map((c) => aliquotOf(state, c))), positions: wordsOf(at) };
    } },
  { id: "transfer", verb: "aliquot/transfer", group: "move", hold: true, fields: [course, codes, robot, { ...place, label: "f.else-port", choices: withPositions, optional: true }, positions],
    body: (v, state) => ({ course: v["course"], robot: v["robot"], at_robot: v["at_robot"], aliquots: strs(v["codes"]).map((c) => aliquotOf(state, c)), place: v["place"], positions: wordsOf(v["positions"]) }) },
  { id: "place-move", verb: "place/move", group: "move", fields: [{ ...place, key: "place", label: "f.what-place" }, { ...place, key: "parent", label: "f.into" },
    { ...slot, choices: freePositions("parent") }, override] },
  { id: "undo", verb: "operation/undo", group: "move", reason: "must", fields: [{ key: "operation", label: "f.operation", kind: "choice", ask: operations }] },
  { id: "take-open", verb: "take/open", group: "count", fields: [place, { key: "blind", label: "f.blind", kind: "check", initial: true }, number("sample", "f.sample", true)] },
  { id: "take-count", verb: "take/count", group: "count", fields: [{ key: "take", label: "f.take", kind: "choice", ask: openOf("take", "place", "opened_at") },
    { key: "container", label: "f.box", kind: "choice", choices: withPositions, place: true }, { key: "csv", label: "f.scan-file", kind: "file" }, dialect, { key: "only_tubes", label: "rack.only-tubes", kind: "check", optional: true }] },
  { id: "take-empty", verb: "take/count", group: "count", fields: [{ key: "take", label: "f.take", kind: "choice", ask: openOf("take", "place", "opened_at") },
    { key: "empty", label: "f.empty-boxes", kind: "picks", choices: withPositions, place: true }] },
  { id: "take-sign", verb: "take/sign", group: "count", fields: [{ key: "take", label: "f.take", kind: "choice", ask: openOf("take", "place", "opened_at") }] },
  { id: "scan-order", verb: "scan/order", group: "count", hold: true, fields: [{ key: "container", label: "f.box", kind: "choice", choices: withPositions, place: true }, robot] },
  { id: "import", verb: "bulk/import", group: "lists", preview: true, pieces: true, fields: [{ key: "csv", label: "f.list", kind: "file", most: 24_000_000 }, mapping, override] },
  { id: "dispose", verb: "disposal/request", group: "dispose", reason: "must", fields: [codes, { key: "method", label: "f.method", kind: "choice", choices: choices("autoclave", "incineration", "other") }, override],
    body: (v, state) => ({ method: v["method"], override: v["override"], aliquots: strs(v["codes"]).map((c) => aliquotOf(state, c)) }) },
  { id: "dispose-confirm", verb: "disposal/confirm", group: "dispose", fields: [{ key: "disposal", label: "f.disposal", kind: "choice", ask: openOf("disposal", "method", "by", "reason") }, override] },
  { id: "dispose-withdraw", verb: "disposal/withdraw", group: "dispose", fields: [{ key: "disposal", label: "f.disposal", kind: "choice", ask: openOf("disposal", "method", "by", "reason") }] },
  { id: "pack", verb: "shipment/pack", group: "ship", fields: [{ key: "shipper", label: "f.shipper", kind: "choice", choices: places(["shipper", "dry-shipper"]), place: true },
    { key: "to", label: "f.to", kind: "text" }, { key: "arrives_by", label: "f.arrives-by", kind: "time" },
    { key: "hold_hours", label: "f.hold-hours", kind: "number", unit: "h", initial: 168 }, codes, override] },
  { id: "send", verb: "shipment/send", group: "ship", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }] },
  { id: "unpack", verb: "shipment/unpack", group: "ship", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }, place, codes, override] },
  { id: "receive", verb: "shipment/receive", group: "ship", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }, place, codes, { key: "logger_sha256", label: "f.logger", kind: "sum", optional: true }, override] },
  { id: "ship-close", verb: "shipment/close", group: "ship", reason: "must", fields: [{ key: "shipment", label: "f.shipment", kind: "choice", ask: openOf("shipment", "to", "state", "arrives_by") }] },
  { id: "label-print", verb: "label/print", group: "label", reason: "may", fields: [aliquotByCode], body: (v, state) => ({ aliquot: aliquotOf(state, str(v["aliquot"])) }) },
  { id: "label-verify", verb: "label/verify", group: "label", fields: [aliquotByCode], body: (v, state) => ({ aliquot: aliquotOf(state, str(v["aliquot"])), code: v["aliquot"] }) },
  { id: "label-void", verb: "label/void", group: "label", reason: "must", fields: [aliquotByCode], body: (v, state) => ({ aliquot: aliquotOf(state, str(v["aliquot"])) }) },
  { id: "hold", verb: "hold/place", group: "hold", reason: "must", fields: [
    { key: "on", label: "f.hold-on", kind: "choice", choices: choices("aliquot", "course", "patient", "lot", "place") },
    { key: "patient", label: "f.patient", kind: "choice", choices: (s, v) => (v["on"] === "patient" ? patients(s) : []), optional: true },
    { key: "course", label: "f.course", kind: "choice", choices: (s, v) => (v["on"] === "course" ? courses(s) : []), optional: true },
    { ...dose, label: "f.only-dose", choices: (s, v) => (v["on"] === "course" ? doses(s, v) : []), optional: true },
    { key: "lot", label: "f.lot", kind: "choice", choices: (s, v) => (v["on"] === "lot" ? lots(s) : []), optional: true },
    { key: "place", label: "f.place", kind: "choice", choices: (s, v) => (v["on"] === "place" ? roomy(s) : []), optional: true },
    { key: "aliquot", label: "f.code", kind: "scan", optional: true },
    { key: "kind", label: "f.kind", kind: "choice", choices: choices("quality", "consent", "exposure", "recall", "damage", "legal", "other") },
    { key: "asked_by", label: "f.asked-by", kind: "choice", optional: true, choices: (_, v) => (v["kind"] === "consent" ? choices("donor", "patient", "next-of-kin", "legal-representative", "court", "authority")() : []) },
    when("asked_at", "f.asked-at", true)],
    body: (v, state) => {
      const on = str(v["on"]);
      const target = on === "aliquot" ? aliquotOf(state, str(v["aliquot"])) : v[on];
      return { [on]: target, kind: v["kind"], ...(on === "course" && v["dose"] ? { dose: v["dose"] } : {}), ...(v["kind"] === "consent" ? { asked_by: v["asked_by"], asked_at: v["asked_at"] } : {}) };
    } },
  { id: "hold-release", verb: "hold/release", group: "hold", reason: "must", fields: [{ key: "hold", label: "f.hold", kind: "choice", ask: holds }] },
  { id: "release", verb: "course/release", group: "release", reason: "may", fields: [course, { key: "conditional", label: "f.conditional", kind: "check", optional: true }, when("first_infusion", "f.plan-too", true)] },
  { id: "quality-result", verb: "quality/result", group: "quality", fields: [lot,
    { key: "test", label: "f.test", kind: "choice", choices: choices("viability", "sterility-14d", "mycoplasma", "endotoxin", "identity"), free: true }, { key: "value", label: "value", kind: "number", optional: true },
    { key: "finding", label: "f.finding", kind: "choice", optional: true, choices: choices("negative", "positive") }, { key: "final", label: "f.final", kind: "check", initial: true }, { key: "specimen", label: "f.specimen", kind: "scan", optional: true }] },
  { id: "quality-plan", verb: "quality/plan", group: "quality", reason: "may", fields: [lot, { key: "csv", label: "f.tests", kind: "file" }],
    body: (v) => ({ lot: v["lot"], tests: testsOf(str(v["csv"])) }) },
  { id: "exception", verb: "quality/exception", group: "release", reason: "must", fields: [course, { key: "criterion", label: "f.criterion", kind: "long" }, { key: "investigation", label: "f.investigation", kind: "long" }, { key: "clinician", label: "f.clinician", kind: "text" }] },
  { id: "notice", verb: "quality/notice", group: "release", fields: [course] },
  { id: "waive", verb: "exposure/waive", group: "release", reason: "must", fields: [
    { key: "on", label: "f.hold-on", kind: "choice", choices: choices("aliquot", "course", "place") }, { key: "course", label: "f.course", kind: "choice", optional: true, choices: (s, v) => (v["on"] === "course" ? courses(s) : []) },
    { key: "place", label: "f.place", kind: "choice", optional: true, choices: (s, v) => (v["on"] === "place" ? roomy(s) : []) }, { key: "aliquot", label: "f.code", kind: "scan", optional: true }],
    body: (v, state) => ({ [str(v["on"])]: v["on"] === "aliquot" ? aliquotOf(state, str(v["aliquot"])) : v[str(v["on"])] }) },
  { id: "retention", verb: "retention/review", group: "release", reason: "must", fields: [course, { key: "decision", label: "f.decision", kind: "choice", choices: choices("keep", "may-end") }, { key: "years", label: "f.years", kind: "number", optional: true }] },
  { id: "signing-end", verb: "signature/end", group: "release", fields: [] },
  { id: "course-plan", verb: "course/plan", group: "course", fields: [course, { key: "first_infusion", label: "f.first-infusion", kind: "time" }] },
  { id: "course-hold", verb: "course/hold", group: "course", reason: "must", fields: [course, { key: "kind", label: "f.kind", kind: "choice", choices: choices("fever", "tests", "travel", "chemotherapy", "imaging", "request", "other") },
    { key: "from", label: "f.from-day", kind: "day", optional: true }, { key: "until", label: "f.until-day", kind: "day", optional: true }] },
  { id: "course-resume", verb: "course/resume", group: "course", reason: "must", fields: [course, { key: "hold", label: "f.only-hold", kind: "choice", choices: pauses, optional: true }] },
  { id: "fit", verb: "dose/fit", group: "course", reason: "may", fields: [course, dose, { key: "fit", label: "f.fit", kind: "check" }] },
  { id: "told", verb: "dose/told", group: "course", reason: "may", fields: [course, dose] },
  { id: "thaw", verb: "dose/thaw", group: "dose", hold: true, reason: "may", fields: [course, dose, robot, purpose, override] },
  { id: "lift", verb: "dose/lift", group: "dose", reason: "may", preview: true, fields: [course, dose, codes, { ...place, optional: true }, purpose, override] },
  { id: "set-down", verb: "dose/set-down", group: "dose", fields: [course, dose, codes, { key: "back", label: "f.back", kind: "check", optional: true }] },
  { id: "hand-lost", verb: "dose/set-down", group: "dose", witness: true, reason: "must", fields: [course, dose], body: (v) => ({ ...v, lost: true }) },
  { id: "reculture", verb: "dose/reculture", group: "dose", fields: [course, dose, codes, cells, viable] },
  { id: "harvest", verb: "dose/harvest", group: "dose", fields: [course, dose, { ...code, label: "f.dose-code" },
    cells, viable, override] },
  { id: "issue", verb: "dose/issue", group: "dose", fields: [course, dose, { ...code, label: "f.dose-code" }, { key: "to", label: "f.to", kind: "text" }, cells, viable] },
  { id: "infuse", verb: "dose/infuse", group: "dose", reason: "may", fields: [course, dose, { ...code, label: "f.dose-code" }, { key: "part", label: "f.part", kind: "text", optional: true }, override] },
  { id: "return", verb: "dose/return", group: "dose", reason: "must", fields: [course, dose, { ...code, label: "f.dose-code" }, lostTo] },
  { id: "refreeze", verb: "dose/refreeze", group: "dose", reason: "must", fields: [course, dose, codes, { ...place, choices: withPositions }, positions], body: (v) => ({ ...v, positions: wordsOf(v["positions"]) }) },
  { id: "reject", verb: "dose/reject", group: "dose", reason: "must", fields: [course, dose, lostTo] },
  { id: "reserve", verb: "position/reserve", group: "place", preview: true, fields: [course, { ...place, choices: withPositions, optional: true }, { ...slot, optional: true }, strategy, waiveShare, { key: "until", label: "f.until", kind: "time", optional: true }] },
  { id: "free", verb: "position/free", group: "place", fields: [{ ...place, choices: withPositions }, { ...slot, choices: inState("reserved") }, course] },
  { id: "place-make", verb: "place/make", group: "place", fields: [{ key: "place", label: "f.new-place", kind: "scan" }, { key: "type", label: "place.type", kind: "choice", choices: types },
    { ...place, key: "parent", label: "f.into" }, { ...slot, choices: freePositions("parent"), optional: true }, { key: "title", label: "f.title", kind: "text", optional: true }] },
  { id: "block", verb: "position/block", group: "place", reason: "must", fields: [{ ...place, choices: withPositions }, slot] },
  { id: "unblock", verb: "position/unblock", group: "place", fields: [{ ...place, choices: withPositions }, { ...slot, choices: inState("blocked") }] },
  { id: "probe-map", verb: "probe/map", group: "machine", reason: "may", fields: [freezer, probe, place, when("from", "f.mapped-from", true)] },
  { id: "probe-challenge", verb: "probe/challenge", group: "machine", fields: [freezer, probe, { key: "passed", label: "f.passed", kind: "check" }, { key: "responded", label: "f.responded", kind: "choice", choices: probes, optional: true }] },
  { id: "page-test", verb: "pager/test", group: "machine", fields: [{ key: "user", label: "who", kind: "choice", choices: people }] },
  { id: "fill", verb: "device/fill", group: "machine", reason: "may", fields: [freezer] },
  { id: "stop-fill", verb: "device/stop-fill", group: "machine", reason: "may", fields: [freezer] },
  { id: "backup", verb: "store/backup", group: "machine", fields: [] },
  ...careActs,
  ...siteActs,
];

// Acts that only the screen of a robot begins, since only it knows the vial that is looked for.
const doubt = ["job", "aliquot", "robot", "wanted", "near"];
// The places that the vial was on its way between stand first.
const nearFirst = (state: State, values: Values): Choice[] => withPositions(state).sort((a, b) => Number(strs(values["near"]).includes(b.value)) - Number(strs(values["near"]).includes(a.value)));
export const recoveryActs: Act[] = [
  // Where two people found it, with the code read off the vial, by somebody who stands at the robot.
  { id: "resolve", verb: "job/resolve", group: "move", witness: true, hold: true, carries: doubt, fields: [
    { ...code, expect: "wanted" }, { ...place, label: "f.found-in", choices: nearFirst }, slot, { key: "finding", label: "f.what-found", kind: "text" }, outSeconds],
    body: (v) => ({ job: v["job"], aliquot: v["aliquot"], code: v["code"], place: v["place"], position: v["position"], finding: v["finding"], out_seconds: v["out_seconds"], at_robot: v["at_robot"] }) },
  { id: "lost", verb: "job/resolve", group: "move", witness: true, reason: "must", carries: doubt, fields: [{ key: "finding", label: "f.looked-where", kind: "text" }],
    body: (v) => ({ job: v["job"], aliquot: v["aliquot"], lost: true, finding: v["finding"] }) },
];

export const actOf = (id: string): Act | undefined => acts.find((a) => a.id === id);
