import { describe, expect, test } from "vitest";
import { lanesOf, lateOf, movedSince, nextBar, readDay } from "../../../dashboard/src/state/minute";
import { emptyState, reduce } from "../../../dashboard/src/state/state";

const at = (clock: string) => `2026-11-22T${clock}:00.000Z`;
const step = (dose: string, name: string, from: string, until: string, more: object = {}) =>
  ({ course: "c1", dose, of: "harvest", step: name, from: at(from), until: at(until), machine: "cabinet", person: "ann", running: false, ...more });
const run = (dose: string, leaves: string) => ({ course: "c1", dose, courier: "van", leaves: at(leaves), arrives: at("12:45"), infusion_at: at("14:00") });
const told = (steps: object[], more: object = {}) => readDay({ date: "2026-11-22", verdict: "optimal", steps, runs: [], late: [], hangs_on: [], faults: [], left_out: [], ...more })!;

describe("the minute plan", () => {
  test("what two patients need at once stands below each other, what follows beside", () => {
    const lane = lanesOf(told([step("d01", "wash", "09:00", "09:30"), step("d02", "wash", "09:10", "09:40"), step("d03", "wash", "09:30", "09:50")]), "").find((l) => l.kind === "machine")!;
    expect(lane.rows.map((r) => r.map((b) => b.slot!.dose))).toEqual([["d01", "d03"], ["d02"]]);
  });
  test("my own lane is the first, then the others by name", () => {
    const plan = told([step("d01", "a", "09:00", "09:30"), step("d01", "b", "09:30", "09:40", { person: "zoe" }), step("d01", "c", "09:40", "09:50", { person: "bob" })]);
    expect(lanesOf(plan, "zoe").filter((l) => l.kind === "person").map((l) => l.name)).toEqual(["zoe", "ann", "bob"]);
  });
  test("doses of one courier's way are one bar; its minutes to spare count from the last step", () => {
    const plan = told([step("d01", "harvest", "11:00", "11:20"), step("d01", "pack", "11:20", "11:40"), step("d02", "pack", "11:40", "12:05")], { runs: [run("d01", "12:00"), run("d02", "12:00")] });
    expect(plan.runs.map((r) => r.spare)).toEqual([20, -5]);
    expect(lanesOf(plan, "").find((l) => l.kind === "courier")!.rows[0]!.map((b) => b.runs.length)).toEqual([2]);
  });
  test("moved: another time by a minute, another person or machine, a new step; a step that is done is not", () => {
    const before = told([step("d01", "a", "09:00", "09:30"), step("d01", "b", "09:30", "09:40"), step("d01", "c", "09:40", "09:50"), step("d02", "a", "10:00", "10:30")]);
    const now = told([step("d01", "b", "09:30", "09:45"), step("d01", "c", "09:41", "09:51"), step("d02", "a", "10:00", "10:30", { person: "bob" }), step("d02", "b", "10:30", "10:40")]);
    expect(movedSince(before, now).map((m) => [m.now.key, m.was?.person ?? null])).toEqual([["c1/d01/harvest/c", "ann"], ["c1/d02/harvest/a", "ann"], ["c1/d02/harvest/b", null]]);
    expect(movedSince({ ...before, date: "2026-11-21" }, now)).toEqual([]);
  });
  test("arrows stay inside, and a key that is gone begins at the first", () => {
    const lanes = lanesOf(told([step("d01", "a", "09:00", "09:30"), step("d02", "a", "10:00", "10:30")]), "");
    expect(nextBar(lanes, "person/c1/d02/harvest/a", "right")).toBe("person/c1/d02/harvest/a");
    expect(nextBar(lanes, "person/c1/d02/harvest/a", "down")).toBe("machine/c1/d02/harvest/a");
    expect(nextBar(lanes, "person/c1/d02/harvest/a", "up")).toBe("person/c1/d02/harvest/a");
    expect(nextBar(lanes, "gone", "left")).toBe("person/c1/d01/harvest/a");
  });
  test("late is what its own table calls late, and a table that has one is not all in time", () => {
    const dose = (name: string, state: string, minutes: number | null) => ({ course: "c1", dose: name, of: "thaw", state, due: at("10:00"), ends: at("10:30"), minutes, latest: null });
    expect(lateOf(told([], { doses: [dose("d01", "done", -5), dose("d02", "running", 0), dose("d03", "waiting", null)] }))).toEqual({ open: [], before: false });
    expect(lateOf(told([], { doses: [dose("d01", "done", 12), dose("d02", "waiting", 0)] }))).toEqual({ open: [], before: true });
    expect(lateOf(told([], { doses: [dose("d06", "waiting", 30), dose("d07", "running", 1)], late: [{ course: "c1", dose: "d06", minutes: 30, why: "waits" }] }))).toEqual({ open: ["c1 d06", "c1 d07"], before: false });
    expect(lateOf(told([step("d02", "pack", "11:40", "12:05")], { runs: [run("d02", "12:00")] })).open).toEqual(["c1 d02"]);
  });
  test("bad input: no date is no plan, a step without its times is left out, wrong types are nothing", () => {
    expect(readDay(null)).toBeNull();
    expect(readDay({ steps: [] })).toBeNull();
    const plan = told([{ ...step("d01", "a", "09:00", "09:30"), until: 7 }, { ...step("d01", "b", "09:30", "09:00") }, { ...step("d01", "c", "09:00", "09:30"), person: 4, machine: null }, "x" as unknown as object]);
    expect(plan.slots.map((s) => [s.step, s.person, s.machine])).toEqual([["c", "", ""]]);
  });
  test("beside the plan, not in its place; another day begins anew, and an empty payload takes it away", () => {
    const state = emptyState("demo");
    const say = (topic: string, value: object | null) => reduce(state, { topic, text: value ? JSON.stringify(value) : "", retained: true, expiry: 0, heard: 1 });
    say("plan", { version: 3 });
    say("plan/day", { date: "2026-11-22", n: 1 });
    say("plan/day", { date: "2026-11-22", n: 2 });
    expect([state.plan, state.day, state.daySeen]).toEqual([{ version: 3 }, { date: "2026-11-22", n: 2 }, { date: "2026-11-22", n: 1 }]);
    say("plan/day", { date: "2026-11-23", n: 3 });
    expect(state.daySeen).toEqual({ date: "2026-11-23", n: 3 });
    say("plan/day", null);
    expect(state.day).toBeNull();
  });
});
