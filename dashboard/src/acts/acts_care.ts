// Acts before the first dose and after an infusion: referrals and slots, where and how a course is given,
// what was measured, and the rules of physicians on it.
import { objs, str } from "../state/read";
import { calendars, choices, clinics, course, courses, dose, doses, number, override, protocolField, suggested, unplanned, when } from "./fields";
import type { Act, Field } from "./types";

const referral: Field = { key: "referral", label: "f.referral", kind: "choice", ask: { verb: "referral/list", body: {},
  read: (body) => objs(body["referrals"]).map((r) => ({ value: str(r["referral"]), label: [str(r["patient"]), str(r["protocol"]), str(r["referral"])].join(" · ") })) } };
const slots: Field = { key: "slot", label: "f.slot", kind: "choice", ask: { verb: "referral/list", body: {},
  read: (body) => objs(body["slots"]).map((s) => ({ value: str(s["slot"]), label: [str(s["slot"]), str(s["stage"]), `${String(s["places"])} × ${String(s["days"])}`].join(" · ") })) } };
const rulesField: Field = { key: "rule", label: "f.rule", kind: "choice", ask: { verb: "observation/list", body: {},
  read: (body) => objs(body["rules"]).map((r) => ({ value: str(r["rule"]), label: `${str(r["rule"])} · ${str(r["measure"])}` })) } };
const measure: Field = { key: "measure", label: "f.measure", kind: "choice", choices: choices("temperature", "ip", "pai-1"), free: true };
const unit: Field = { key: "unit", label: "f.unit", kind: "text" };
const kStages = ["eligibility", "collection", "processing", "freezing", "testing"];

export const careActs: Act[] = [
  { id: "referral", verb: "referral/receive", group: "referral", fields: [
    { key: "referral", label: "f.referral", kind: "scan", suggest: suggested("referral") }, { key: "patient", label: "f.patient", kind: "scan" }, protocolField,
    number("urgency", "f.urgency", true, { initial: 1 }), when("received_at", "f.received", true), { ...course, key: "instead_of", label: "f.instead-of", choices: courses, optional: true }] },
  { id: "referral-stage", verb: "referral/stage", group: "referral", fields: [referral, { key: "stage", label: "f.stage", kind: "choice", choices: choices(...kStages) },
    { key: "outcome", label: "f.outcome", kind: "choice", choices: choices("begun", "done", "failed") }, { key: "cause", label: "f.cause", kind: "text", optional: true }] },
  { id: "referral-close", verb: "referral/close", group: "referral", reason: "may", fields: [referral, { ...course, choices: courses, optional: true }] },
  { id: "slot-set", verb: "slot/set", group: "referral", reason: "must", fields: [{ ...slots, label: "f.slot-known", optional: true },
    { key: "stage", label: "f.stage", kind: "choice", choices: choices(...kStages.slice(1)) }, number("places", "f.places"), number("days", "f.days"), number("after_days", "f.after-days", true),
    { key: "calendar", label: "f.calendar", kind: "choice", optional: true, choices: calendars }],
    body: (v) => ({ ...v, slot: v["slot"] || v["stage"] }) }, // one kind of slots a stage: it goes by the stage's name
  { id: "slot-remove", verb: "slot/set", group: "referral", reason: "must", fields: [slots], body: (v) => ({ slot: v["slot"], remove: true }) },
  { id: "clinic", verb: "course/clinic", group: "course", reason: "may", fields: [course, { key: "clinic", label: "f.clinic", kind: "choice", choices: clinics }] },
  { id: "amend", verb: "course/amend", group: "course", reason: "must", fields: [course, number("interval_min_days", "f.interval-min", true), number("interval_max_days", "f.interval-max", true),
    number("limit_min_days", "f.limit-min", true), number("limit_max_days", "f.limit-max", true), number("early_doses", "f.early-doses", true), number("early_min_days", "f.early-min", true), number("urgency", "f.urgency", true),
    number("apart_days", "f.apart-days", true), number("chemotherapy_before_days", "f.chemo-before", true), number("chemotherapy_after_days", "f.chemo-after", true)] },
  { id: "protocol", verb: "course/protocol", group: "course", reason: "must", fields: [course, protocolField, number("version", "f.version", true)] },
  { id: "propose", verb: "plan/propose", group: "course", reason: "may", fields: [{ key: "courses", label: "f.plan-courses", kind: "picks", choices: unplanned, optional: true }] },
  { id: "split", verb: "course/split", group: "course", reason: "must", fields: [course, { key: "undo", label: "f.split-undo", kind: "check" }] },
  { id: "dose-plan", verb: "dose/plan", group: "course", reason: "may", fields: [course, dose, when("thaw_at", "f.thaw-at"), when("harvest_from", "f.harvest-from", true), when("harvest_until", "f.harvest-until", true), when("infusion_at", "f.infusion-at", true), override] },
  { id: "dose-unplan", verb: "dose/plan", group: "course", reason: "may", fields: [course, dose, override], body: (v) => ({ course: v["course"], dose: v["dose"], thaw_at: null, override: v["override"] }) },
  { id: "visit", verb: "visit/notice", group: "course", fields: [{ key: "hl7", label: "f.hl7", kind: "file", most: 65_536 }] },
  { id: "observe", verb: "observation/record", group: "care", reason: "may", fields: [course, dose, measure, number("value", "value"), unit, when("at", "f.measured-at", true)] },
  { id: "marker", verb: "marker/record", group: "care", reason: "may", fields: [course, { ...dose, choices: doses, optional: true }, { key: "marker", label: "f.marker", kind: "choice", choices: choices("pd-l1", "nk-activity"), free: true }, number("value", "value"), unit,
    { key: "assay", label: "f.assay", kind: "choice", optional: true, choices: choices("28-8", "22C3", "SP142", "SP263"), free: true }, when("at", "f.measured-at", true)] },
  { id: "assessment", verb: "assessment/record", group: "care", reason: "may", fields: [course, { key: "what", label: "f.assessment", kind: "choice", choices: choices("ct", "scintigraphy", "spirometry"), free: true },
    { key: "date", label: "f.day", kind: "day" }, { ...dose, key: "after_dose", label: "f.after-dose", choices: doses, optional: true }, { key: "done", label: "f.done", kind: "check" }] },
  { id: "rule", verb: "observation/rule", group: "care", reason: "must", fields: [{ key: "rule", label: "f.rule", kind: "scan", suggest: suggested("rule") }, measure, unit, number("above", "f.above", true), number("below", "f.below", true),
    number("falls_percent", "f.falls", true, { unit: "%" }), number("within_hours", "f.within", true, { unit: "h" }), { key: "hold", label: "f.rule-hold", kind: "check" }] },
  { id: "rule-remove", verb: "observation/rule", group: "care", reason: "must", fields: [rulesField], body: (v) => ({ rule: v["rule"], remove: true }) },
];
