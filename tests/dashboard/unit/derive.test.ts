import { describe, expect, test } from "vitest";
import { columns, dayLine, readRows, withGaps } from "../../../dashboard/src/state/chart";
import { alarmsOf, anythingWrong, dosesOf, gapsOf, grouped, heardAt, insideAll, priorityOf, silencesOf, viewAlarm, wall, worse } from "../../../dashboard/src/state/derive";
import { emptyState, reduce, type State } from "../../../dashboard/src/state/state";
import { addRound, ageRounds, kRoundLife, kRoundsMax, nextRound, readRounds, unsent, type Round } from "../../../dashboard/src/state/rounds";
import { planMoves } from "../../../dashboard/src/acts/moves";
import { localDay, setZone } from "../../../dashboard/src/text/i18n";
import { positionsOf } from "../../../dashboard/src/acts/fields";

const alarm = (id: string, priority: string, more: object = {}) => viewAlarm(id, { alarm: id, source: id.split(".")[0], device: id.split(".")[0], condition: id.split(".")[1], priority, active: true, acknowledged: false, since: "2026-11-22T03:00:00Z", ...more });

describe("alarms", () => {
  test("a priority nobody knows counts as the worst", () => expect(priorityOf("p0")).toBe("p1"));
  test("worst first: priority, then not taken, then still true; the silenced last", () => {
    const all = [alarm("f1.c", "p3"), alarm("f2.c", "p1", { acknowledged: true }), alarm("f3.c", "p1"), alarm("f4.c", "p1", { shelved: { by: "s", until: "2026-11-22T05:00:00Z" } }), alarm("f5.c", "p2")];
    expect(all.sort(worse).map((a) => a.id)).toEqual(["f3.c", "f2.c", "f5.c", "f1.c", "f4.c"]);
  });
  test("what keeps people out of a room stands before any vial, also when somebody has it", () => {
    const all = [alarm("f3.c", "p1", { since: "2026-11-22T04:00:00Z" }), alarm("r1.o2", "p1", { keep_out: true, acknowledged: true })];
    expect(all.sort(worse).map((a) => a.id)).toEqual(["r1.o2", "f3.c"]);
    expect(anythingWrong(all).worst?.keepOut).toBe(true);
  });
  test("are grouped by tank, the worst tank first", () => {
    const groups = grouped([alarm("f3.a", "p2"), alarm("f1.a", "p2", { acknowledged: true }), alarm("f3.b", "p3")].sort(worse));
    expect(groups.map((g) => [g.id, g.alarms.length])).toEqual([["f3", 2], ["f1", 1]]);
  });
  test("one answer: the silenced are counted, not hidden; the taken are still wrong", () => {
    expect(anythingWrong([alarm("f.a", "p1", { acknowledged: true })])).toMatchObject({ wrong: true, taken: 1 });
    expect(anythingWrong([alarm("f.a", "p2", { shelved: { by: "x" } })])).toMatchObject({ wrong: false, silenced: 1 });
    expect(anythingWrong([]).wrong).toBe(false);
  });
  test("acknowledging leaves the priority as it was", () => expect(alarm("f.a", "p1", { acknowledged: true }).priority).toBe(alarm("f.a", "p1").priority));
  test("the new axes are read where they are there", () => {
    expect(alarm("f.a", "p1", { suppression: { kind: "out-of-service", by: "s", until: "2026-11-22T05:00:00Z" } })).toMatchObject({ silencedKind: "out-of-service", silencedBy: "s" });
    expect(alarm("f.a", "p1", { activity: "unknown", priority_now: "p2" })).toMatchObject({ unknown: true, now: "p2" });
  });
});

describe("the wall", () => {
  const put = (state: State, topic: string, value: object) => reduce(state, { topic, text: JSON.stringify(value), retained: true, expiry: 0, heard: 0 });
  test("freezers worst first, calm ones in the order of their names", () => {
    const state = emptyState("demo");
    for (const n of [10, 2, 1]) {
      put(state, `device/f-${n}/description`, { kind: "freezer" });
      put(state, `device/f-${n}/state`, { state: n === 2 ? "lost" : "online" });
    }
    put(state, "device/r/description", { kind: "robot" });
    expect(wall(state, [], ["freezer"]).map((t) => t.device.id)).toEqual(["f-2", "f-1", "f-10"]);
    expect(wall(state, [alarm("f-10.x", "p2")], ["freezer"]).map((t) => t.device.id)).toEqual(["f-10", "f-2", "f-1"]);
  });
});

test("between infusions the days of the site's calendar are counted, in the order in which they are given", () => {
  setZone("Europe/Berlin");
  const dose = (id: string, state: string, planned: string | null, infused: string | null = null) => ({ dose: id, state, planned: { infusion_at: planned }, actual: { infused_at: infused } });
  const doses = dosesOf({ doses: [
    dose("d01", "infused", "2026-12-28T13:00:00Z", "2026-12-29T13:00:00Z"), // given a day late
    dose("d02", "planned", "2027-01-08T23:30:00Z"), // 00:30 of the ninth in Berlin
    dose("d03", "planned", "2027-01-05T13:00:00Z"), // changed places with d02
    dose("d04", "rejected", "2027-01-10T13:00:00Z"),
    dose("d05", "stored", null),
    dose("d06", "planned", "2027-01-13T13:00:00Z")] });
  expect([...gapsOf(doses, localDay)]).toEqual([["d03", 7], ["d02", 4], ["d06", 4]]);
  setZone("UTC");
});

test("a machine was heard when its newest reading came, not when its state last changed", () => {
  const state = emptyState("demo");
  const put = (topic: string, value: object) => reduce(state, { topic, text: JSON.stringify(value), retained: true, expiry: 0, heard: 0 });
  put("device/f-1/state", { state: "online", last_ok: "2026-11-22T03:00:00Z" });
  expect(heardAt(state.devices.get("f-1")!)).toBe(Date.parse("2026-11-22T03:00:00Z"));
  put("device/f-1/point/level", { value: 1, unit: "mm", quality: "good", at: "2026-11-22T03:00:53Z" });
  expect(heardAt(state.devices.get("f-1")!)).toBe(Date.parse("2026-11-22T03:00:53Z"));
});

describe("charts", () => {
  test("a gap over two periods is never a line, two periods are none", () => {
    const line = withGaps(readRows([[0, 1], [1_000, 1], [3_000, 1], [5_001, 1]]), 1_000);
    expect(line.map((r) => r[2])).toEqual([1, 1, 1, null, 1]);
    expect(dayLine(line, 100, 10).match(/M/g)).toHaveLength(2);
  });
  test("what is no number is a gap", () => expect(columns(readRows([[0, "x"], [1, null], ["t", 1], [2, 1, 2, 3]]))).toEqual([[0, 0.001, 0.002], [null, null, 2], [null, null, 1], [null, null, 3]]));
});

describe("positions", () => {
  test("are lettered as the daemon letters them, past Z too", () => {
    const all = positionsOf({ rows: 27, columns: 1, positions: 27 });
    expect([all[0], all[25], all[26]]).toEqual(["A1", "Z1", "AA1"]);
  });
  test("a box moves to the same positions where they are free, and says what finds no room", () => {
    const state = emptyState("demo");
    const slot = (position: string, aliquot: string) => ({ position, state: "occupied", aliquot, course: "c" });
    const from = { rows: 2, columns: 2, positions: 4, slots: [slot("A1", "a"), slot("A2", "b"), slot("B1", "c")] };
    const to = { rows: 2, columns: 2, positions: 4, slots: [slot("A2", "x"), slot("B2", "y")] };
    const { moves, left } = planMoves(state, from, to, "box-2");
    expect(moves.map((m) => [m.aliquot, m.position])).toEqual([["a", "A1"], ["b", "B1"]]);
    expect(left).toBe(1);
  });
});

describe("rounds by hand", () => {
  const round = (n: number, state: Round["state"] = "unsent"): Round => ({ id: `r${n}`, device: "f", values: { level: 150 }, measuredAt: 1_000, enteredAt: 2_000, comment: "", state, told: "" });
  test("are unsent until the daemon took them, and say so", () => expect([unsent([round(1)]), nextRound([round(1, "sent"), round(2)])?.id]).toEqual([1, "r2"]));
  test("keep measured and entered time apart", () => expect(readRounds(JSON.parse(JSON.stringify([round(1)])))[0]).toMatchObject({ measuredAt: 1_000, enteredAt: 2_000, state: "unsent" }));
  test("a day later they are not sent any more", () => {
    expect(ageRounds([round(1)], 1_000 + kRoundLife)[0]!.state).toBe("unsent");
    expect(ageRounds([round(1)], 1_001 + kRoundLife)[0]!.state).toBe("too-old");
  });
  test("are bounded, and nothing is thrown away for that", () => {
    const many = Array.from({ length: kRoundsMax }, (_, i) => round(i));
    expect(addRound(many, round(-1))).toBe("full");
  });
  test("what the browser kept broken is left out", () => expect(readRounds([{ id: "x" }, 3, null, { id: "y", measuredAt: "1", enteredAt: 2 }])).toEqual([]));
});

describe("what does not page as it would", () => {
  const state = emptyState("demo");
  const put = (topic: string, value: object) => reduce(state, { topic, text: JSON.stringify(value), retained: true, expiry: 0, heard: 1 });
  put("alarm/a", { source: "freezer-1", condition: "lid-open", priority: "p3", suppression: { kind: "shelved", by: "sato", reason: "cleaning", until: "2026-11-22T05:00:00.000Z" } });
  put("alarm/b", { source: "freezer-2", condition: "fill-missed", priority: "p2", suppression: { kind: "by-design", by_alarm: "room-1.ln2-inhibited" } });
  put("alarm/c", { source: "freezer-3", condition: "level-low", priority: "p1", since: "2026-11-22T03:00:00.000Z", respond_within_s: 1_800 });
  put("device/freezer-4/state", { state: "lost", last_ok: null, maintenance: { by: "tanaka", reason: "gasket", since: "2026-11-22T03:00:00.000Z", until: "2026-11-22T04:00:00.000Z" } });

  test("each with its owner, what ends first first, and machines that somebody works on although they are silent", () => {
    expect(silencesOf(state, alarmsOf(state)).map((s) => [s.id, s.kind, s.by, s.until === null])).toEqual([
      ["freezer-4", "out-of-service", "tanaka", false], ["a", "shelved", "sato", false], ["b", "by-design", "room-1.ln2-inhibited", true]]);
  });
  test("the end of the work takes it away", () => {
    put("device/freezer-4/state", { state: "online", last_ok: null });
    expect(silencesOf(state, alarmsOf(state)).map((s) => s.id)).toEqual(["a", "b"]);
  });
  test("the time to respond runs from the occurrence, and is not known where the daemon says none", () => {
    const by = new Map(alarmsOf(state).map((a) => [a.id, a.respondBy]));
    expect(by.get("c")).toBe(Date.parse("2026-11-22T03:30:00.000Z"));
    expect(by.get("a")).toBeNull();
  });
});

test("vials of a place count in every place around it, and a circle in what came ends", () => {
  const state = emptyState("demo");
  const place = (id: string, parent: string, aliquots: number) => reduce(state, { topic: `container/${id}`, text: JSON.stringify({ container: id, parent, aliquots }), retained: true, expiry: 0, heard: 1 });
  place("site", "", 0);
  place("room", "site", 1);
  place("tank", "room", 0);
  place("box", "tank", 7);
  place("x", "y", 1);
  place("y", "x", 1);
  expect(Object.fromEntries(insideAll(state))).toEqual({ site: 8, room: 8, tank: 7, box: 7, x: 2, y: 2 });
});
