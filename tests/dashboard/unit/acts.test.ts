// Every act of the page against the daemon's own table of commands, as docs/asyncapi.yaml has it: no
// key that the verb does not have, and every key that it needs can be given.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { acts, recoveryActs } from "../../../dashboard/src/acts/acts";
import { begun, dryRun, type Act, type Field, type Values } from "../../../dashboard/src/acts/types";
import { bodyOf } from "../../../dashboard/src/acts/body";
import { outOfCold } from "../../../dashboard/src/acts/fields";
import { kReports } from "../../../dashboard/src/acts/reports";
import type { Obj } from "../../../dashboard/src/state/read";
import { emptyState } from "../../../dashboard/src/state/state";
import { en } from "../../../dashboard/src/text/en";
import { ja } from "../../../dashboard/src/text/ja";

interface Body {
  properties?: Record<string, unknown>;
  required?: string[];
}
const text = readFileSync(resolve(__dirname, "../../../docs/asyncapi.yaml"), "utf8");
const bodies = new Map([...text.matchAll(/^ {4}Body\.([a-z-]+)\.([a-z-]+): (\{.*\})$/gm)].map((m) => [`${m[1]}/${m[2]}`, JSON.parse(m[3]!) as Body]));

test("the table is there", () => expect(bodies.size).toBeGreaterThan(60));

const all = [...acts, ...recoveryActs];
// Every field filled, with one of the words where there are some; what the screen and the scan at the robot add.
const kBoth = ["f1", "f2"];
function filledOf(act: Act, more: Values = {}): Values {
  const one = (f: Field): unknown => {
    const words = f.choices?.(emptyState(), { kind: "consent" }) ?? [];
    switch (f.kind) {
      case "scans": case "picks": return kBoth;
      case "check": return true;
      case "number": return 1;
      default: return words.at(-1)?.value ?? "x";
    }
  };
  return { ...Object.fromEntries(act.fields.map((f) => [f.key, one(f)])), ...Object.fromEntries((act.carries ?? []).map((key) => [key, "x"])), ...(act.hold ? { at_robot: "robot-1" } : {}), ...more };
}
// What an act can send, whichever of its targets and kinds is chosen.
const variants = (act: Act): Obj[] => ["on", "kind"].reduce<Values[]>((made, key) => {
  const words = act.fields.find((f) => f.key === key)?.choices?.(emptyState(), {}) ?? [];
  return words.length === 0 ? made : made.flatMap((values) => words.map((w) => ({ ...values, [key]: w.value })));
}, [{}]).map((more) => bodyOf(act, filledOf(act, more), emptyState()));
const previewed = (act: Act): Obj => dryRun(act, bodyOf(act, filledOf(act), emptyState())) ?? {};

test.each(all.map((a) => [a.id, a] as const))("%s sends what its verb takes", (_id, act) => {
  const body = bodies.get(act.verb);
  expect(body, act.verb).toBeDefined();
  const known = Object.keys(body!.properties ?? {});
  for (const sent of variants(act)) {
    expect(Object.keys(sent).filter((k) => !known.includes(k)), act.verb).toEqual([]);
    expect((body!.required ?? []).filter((k) => !(k in sent)), act.verb).toEqual([]);
  }
  // What nobody touched is enough too: a box that is not ticked says no, where the verb wants to know.
  const needed = Object.fromEntries(Object.entries(filledOf(act)).filter(([key]) => act.carries?.includes(key) || key === "at_robot" || act.fields.some((f) => f.key === key && !f.optional && f.kind !== "check")));
  const least = bodyOf(act, { ...begun(act), ...needed }, emptyState());
  expect((body!.required ?? []).filter((k) => !(k in least)), act.verb).toEqual([]);
  // A trial is asked for where the verb takes it: of the command, or of the part of it that moves something.
  const sent = bodyOf(act, filledOf(act), emptyState());
  const trial = dryRun(act, sent);
  if (trial) {
    const where = "dry_run" in trial ? body!.properties : (body!.properties?.["store"] as Body | undefined)?.properties;
    expect(Object.keys(where ?? {}), act.id).toContain("dry_run");
  }
  // What can carry the proof that somebody stands at the robot is held down, and carries it.
  if ("at_robot" in (body!.properties ?? {}) && act.id !== "lost") {
    expect(act.hold, act.id).toBeTruthy();
    expect(JSON.stringify(sent), act.id).toContain('"at_robot":"robot-1"');
  }
});

// Keys of a verb's body that no field of the page gives, each with the reason.
const kNoField: Record<string, string> = {
  "bulk/import list": "the page sends a long list in pieces by itself, and names it",
  "bulk/import sha256": "the sum of a list in pieces is the daemon's own",
  "dose/plan doses": "one dose after the other; a list of them comes from a program",
  "excursion/record open": "only who reads a probe all the time knows that it still goes on: the daemon",
  "excursion/record cold": "said with `open`",
};

test("every key of a verb's body has a field of one of its acts, or a reason why not", () => {
  const files = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(join(folder, e.name)) : [join(folder, e.name)]));
  const src = resolve(__dirname, "../../../dashboard/src");
  const screens = files(src).filter((f) => !/\/text\/|\/acts\/(acts|reports)/.test(f)).map((f) => readFileSync(f, "utf8"));
  const lacking: string[] = [];
  for (const [verb, body] of bodies) {
    if (`why-not.${verb}` in en) continue;
    const given = new Set(all.filter((a) => a.verb === verb).flatMap((a) => [...variants(a), previewed(a)].flatMap((sent) => Object.keys(sent))));
    for (const r of kReports.filter((one) => one.verb === verb)) for (const key of [...r.fields.map((f) => f.key), ...Object.keys(r.fixed ?? {})]) given.add(key);
    if (verb === "aliquot/move") for (const field of outOfCold) given.add(field.key); // of put_away and move_box
    // Of a verb that a screen gives itself: named where the verb is.
    const there = screens.filter((text) => text.includes(`"${verb}"`)).join("\n");
    for (const key of Object.keys(body.properties ?? {})) {
      if (given.has(key) || new RegExp(`\\b${key}\\b`).test(there)) expect(kNoField, "has a field by now").not.toHaveProperty([`${verb} ${key}`]);
      else if (!kNoField[`${verb} ${key}`]) lacking.push(`${verb} ${key}`);
    }
  }
  expect(lacking).toEqual([]);
  for (const name of Object.keys(kNoField)) expect(bodies.get(name.split(" ")[0]!)?.properties, name).toHaveProperty([name.split(" ")[1]!]);
});

test("records of a donation, what a robot stores and how, go with the course", () => {
  const register = acts.find((a) => a.id === "register")!;
  expect(bodyOf(register, { course: "c1", patient: "p1", codes: ["a", "b", "c", "d"], aliquots_per_dose: 2, din: "=W000000000001 ", sec: "SEC:ABC", robot: "r1", at_robot: "r1", strategy: "same-box", waive_share: true }, emptyState()))
    .toEqual({ course: "c1", patient: "p1", codes: ["a", "b", "c", "d"], doses: 2, aliquots_per_dose: 2, din: "=W000000000001", sec: "SEC:ABC", store: { robot: "r1", at_robot: "r1", strategy: "same-box", waive_share: true } });
});
test("positions are written beside each other; none are not sent, and a list without a line is", () => {
  const act = (id: string) => acts.find((a) => a.id === id)!;
  expect(bodyOf(act("store"), { course: "c1", robot: "r1", codes: [], positions: "A1, A2  B1" }, emptyState())).toEqual({ course: "c1", robot: "r1", positions: ["A1", "A2", "B1"] });
  expect(bodyOf(act("store"), { course: "c1", robot: "r1", positions: " " }, emptyState())).toEqual({ course: "c1", robot: "r1" });
  expect(bodyOf(act("template"), { protocol: "p", lines: "" , autologous: true }, emptyState())).toEqual({ protocol: "p", lines: [], autologous: true });
});
test("a result is final unless somebody says that it is not, and then it says so", () => {
  const result = acts.find((a) => a.id === "quality-result")!;
  expect(begun(result)["final"]).toBe(true);
  expect(bodyOf(result, { lot: "l1", test: "sterility-14d", finding: "negative", final: false }, emptyState())).toEqual({ lot: "l1", test: "sterility-14d", finding: "negative", final: false });
});

test.each(kReports.map((r) => [r.verb, r] as const))("the question %s asks what its verb takes", (_verb, report) => {
  const body = bodies.get(report.verb);
  expect(body, report.verb).toBeDefined();
  const sent = [...report.fields.map((f) => f.key), ...Object.keys(report.fixed ?? {})];
  const known = Object.keys(body!.properties ?? {});
  expect(sent.filter((k) => !known.includes(k)), report.verb).toEqual([]);
  expect((body!.required ?? []).filter((k) => !sent.includes(k)), report.verb).toEqual([]);
  expect(en).toHaveProperty([`verb.${report.verb}`]);
});

// Every command there is: an act, a question or a button of a screen, or a reason why not, in both
// languages. A reason is only for what no person's role may give.
test("every verb of the command table is offered, or says why it is not", () => {
  const rows = readFileSync(resolve(__dirname, "../../../docs/roles.md"), "utf8").split("\n").filter((l) => l.startsWith("|"));
  const cells = (row: string) => row.split("|").slice(1, -1).map((c) => c.trim().replace(/`/g, ""));
  const roles = cells(rows[0]!).slice(2);
  const table = new Map(rows.slice(2).map((row) => {
    const [verb = "", , ...marks] = cells(row);
    return [verb, roles.filter((_, i) => marks[i] === "y")] as const;
  }));
  expect(table.size).toBeGreaterThan(130);
  const files = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(join(folder, e.name)) : [join(folder, e.name)]));
  const src = resolve(__dirname, "../../../dashboard/src");
  const code = files(src).filter((f) => !f.includes("/text/")).map((f) => readFileSync(f, "utf8")
    .replace(/kNotOffered = \[[^\]]*\]/, "").replace(/^\s*\/\/.*$/gm, "")).join("\n");
  const asked = new Set([...code.matchAll(/(?:send|sendNow|publish|replay)\([^;]*?"([a-z]+\/[a-z-]+)"/g), ...code.matchAll(/verb[:=] ?\{?"([a-z]+\/[a-z-]+)"/g), ...code.matchAll(/ask_?\("([a-z]+\/[a-z-]+)"/g)].map((m) => m[1]!));
  for (const { verb } of [...acts, ...recoveryActs, ...kReports]) asked.add(verb);
  const people = (verb: string) => table.get(verb)!.filter((role) => role !== "schedule" && role !== "service");
  const missing = [...table.keys()].filter((verb) => !asked.has(verb) && !(`why-not.${verb}` in en && `why-not.${verb}` in ja));
  expect(missing).toEqual([]);
  for (const key of Object.keys(en).filter((k) => k.startsWith("why-not."))) {
    const verb = key.slice("why-not.".length);
    expect(table.has(verb), verb).toBe(true);
    expect(asked.has(verb), verb).toBe(false);
    expect(people(verb), verb).toEqual([]);
  }
  expect([...asked].filter((verb) => !table.has(verb))).toEqual([]);
});

// Storing, moving, counting, disposal, shipment, holds, signatures: an id is chosen, scanned, or made up by
// the page. A word of one's own stands only beside choices.
test.each(all.map((a) => [a.id, a] as const))("nobody types an id to %s", (_id, act) => {
  const keys = bodies.get(act.verb)!.properties as Record<string, { pattern?: string; items?: { pattern?: string } }>;
  const ids = act.fields.filter((f) => (keys[f.key]?.pattern ?? keys[f.key]?.items?.pattern) === "^[A-Za-z0-9._-]{1,64}$");
  expect(ids.filter((f) => !["choice", "scan", "scans", "picks"].includes(f.kind)).map((f) => f.key)).toEqual([]);
});

// A person who may chooses every word of the table, and may override what the table lets be overridden.
test("every word and every override of a verb is offered by one of its acts", () => {
  const lacking: string[] = [];
  for (const verb of new Set(acts.map((a) => a.verb))) {
    const fields = acts.filter((a) => a.verb === verb).flatMap((a) => a.fields);
    const body = bodies.get(verb)!;
    for (const [key, shape] of Object.entries(body.properties ?? {}) as [string, { enum?: string[] }][]) {
      const offered = fields.filter((f) => f.key === key).flatMap((f) => f.choices?.(emptyState(), { kind: "consent" }) ?? []).map((c) => c.value);
      for (const one of shape.enum ?? []) if (!offered.includes(one)) lacking.push(`${verb} ${key}: ${one}`);
    }
    if (JSON.stringify(body).includes('"override":') && !fields.some((f) => f.key === "override")) lacking.push(`${verb} override`);
  }
  expect(lacking).toEqual([]);
});

test("an override of a course goes with the robot's part of it", () => {
  const register = acts.find((a) => a.id === "register")!;
  expect(register.body!({ course: "c1", robot: "r1", at_robot: "r1", override: true, codes: ["a"] }, emptyState())).toEqual({ course: "c1", codes: ["a"], doses: 1, store: { robot: "r1", at_robot: "r1", override: true } });
  expect(register.body!({ course: "c1", override: true }, emptyState())).toEqual({ course: "c1" });
});

test("every act has a title in the catalogue", () => {
  for (const act of [...acts, ...recoveryActs]) expect(en).toHaveProperty([`act.${act.id}`]);
});
