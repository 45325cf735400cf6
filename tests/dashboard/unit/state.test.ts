import { beforeEach, describe, expect, test } from "vitest";
import { daemonNow, isStale, judge, kBlindAfter, kStaleAfter } from "../../../dashboard/src/state/health";
import { beginConnection, emptyState, open, reduce, sweep, type State } from "../../../dashboard/src/state/state";

let state: State;
let clock = 0;
const up = { connected: true, since: 0 };
const say = (topic: string, value: unknown, more: { retained?: boolean; expiry?: number; heard?: number } = {}) =>
  reduce(state, { topic, text: value === null ? "" : typeof value === "string" ? value : JSON.stringify(value), retained: more.retained ?? true, expiry: more.expiry ?? 0, heard: more.heard ?? clock });
const beat = (heard: number, at = "2026-11-22T03:04:05.000Z") => say("service/beat", { at, epoch: 1, seq: 1 }, { retained: false, heard });
const pulse = (heard: number, every_ms = 1_000) => say("service/pulse", { at: "2026-11-22T03:05:00.000Z", epoch: 1, every_ms }, { retained: false, heard });
const point = (value: unknown, quality = "good", expiry = 30) => say("device/f/point/level", { value, unit: "mm", quality, at: "2026-11-22T03:04:05.000Z" }, { expiry });

beforeEach(() => {
  state = emptyState("demo");
  clock = 1_000;
  beginConnection(state);
  say("service/state", { state: "online", epoch: 1 });
});

describe("what is believed", () => {
  test("live while the daemon beats", () => {
    beat(1_000);
    expect(judge(state, up, 1_000 + kStaleAfter - 1).grade).toBe("live");
  });
  test("stale once three pulses are missing, so that it is drawn within 5 s; blind after 15 s", () => {
    pulse(1_000);
    expect(judge(state, up, 4_500).grade).toBe("live");
    expect(judge(state, up, 4_501)).toMatchObject({ grade: "stale", why: "no-beat", silent: 3_501 });
    expect(judge(state, up, 1_000 + kBlindAfter)).toMatchObject({ grade: "blind", why: "no-beat" });
  });
  test("stale sooner where the daemon says that it pulses more often, and never later", () => {
    pulse(1_000, 500);
    expect(judge(state, up, 4_000).grade).toBe("live");
    expect(judge(state, up, 4_001)).toMatchObject({ grade: "stale", why: "no-beat" });
    pulse(1_000, 600_000);
    expect(judge(state, up, 4_501).grade).toBe("stale");
  });
  test("a login that the broker no longer takes is told as that", () => {
    beat(1_000);
    expect(judge(state, { connected: false, since: 1_100, refused: true }, 1_101)).toMatchObject({ grade: "stale", why: "refused" });
  });
  test("other messages do not stand for a beat that stopped", () => {
    beat(1_000);
    say("event/device", { seq: 1, time: "2026-11-22T03:05:05.000Z" }, { retained: false, heard: 9_000 });
    expect(judge(state, up, 9_001).grade).toBe("stale");
  });
  test("stale at once without a link, and when the will says offline", () => {
    beat(1_000);
    expect(judge(state, { connected: false, since: 1_100 }, 1_101).grade).toBe("stale");
    say("service/state", { state: "offline", epoch: 1 });
    expect(judge(state, up, 1_200)).toMatchObject({ grade: "stale", why: "offline" });
  });
  test("after a connect any word of the daemon is enough, a retained one is not", () => {
    expect(judge(state, up, 1_100)).toMatchObject({ grade: "stale", why: "waiting" });
    say("alarm/x", { alarm: "x" });
    expect(judge(state, up, 1_100).grade).toBe("stale");
    say("job/1", { at: "2026-11-22T03:04:05.000Z" }, { retained: false, heard: 1_100 });
    expect(judge(state, up, 1_200).grade).toBe("live");
  });
  test("the daemon's clock comes from the daemon alone", () => {
    beat(2_000, "2031-01-01T00:00:00.000Z");
    expect(daemonNow(state, 5_000)).toBe(Date.parse("2031-01-01T00:00:03.000Z"));
  });
  test("a point that is not sent again before its expiry is stale", () => {
    point(160, "good", 30);
    const one = state.devices.get("f")!.points.get("level")!;
    expect(isStale(one, "live", 1_000 + 29_000)).toBe(false);
    expect(isStale(one, "live", 1_000 + 31_000)).toBe(true);
    expect(isStale(one, "stale", 1_001)).toBe(true);
  });
});

describe("readings", () => {
  test("a failed read is no number, whatever came with it", () => {
    for (const [value, quality] of [[12, "sensor-broken"], [null, "good"], [true, "good"], [{}, "good"]] as const) {
      point(value, quality);
      expect(state.devices.get("f")!.points.get("level")!.value).toBeNull();
    }
  });
  test("an empty payload takes a point away", () => {
    point(160);
    say("device/f/point/level", null);
    expect(state.devices.get("f")!.points.has("level")).toBe(false);
  });
});

describe("bad input", () => {
  const bad = ["{", "[]", "12", "null", '"x"', '{"value":'];
  test.each(bad)("%s changes nothing", (text) => {
    say("alarm/a", { alarm: "a", priority: "p1" });
    const version = state.version;
    say("alarm/a", text);
    expect(state.version).toBe(version);
    expect(state.alarms.get("a")).toMatchObject({ priority: "p1" });
  });
  test("unknown topics and keys do no harm", () => {
    for (const topic of ["", "x", "device", "device/f", "device/f/what/x", "event/alarm", "page/x/receipt/y"]) say(topic, { anything: [1, { deep: true }] });
    expect(state.alarms.size).toBe(0);
  });
});

describe("a connection that comes again", () => {
  test("what the broker no longer holds is gone after the tree has come", () => {
    say("alarm/old", { alarm: "old" });
    say("course/c1", { course: "c1" });
    say("device/f/description", { kind: "freezer" });
    point(160);
    beginConnection(state);
    say("course/c1", { course: "c1", revision: 2 });
    say("device/f/description", { kind: "freezer" });
    sweep(state);
    expect([...state.alarms.keys()]).toEqual([]);
    expect(open(state.courses.get("c1"))).toMatchObject({ revision: 2 });
    expect(state.devices.get("f")!.points.size).toBe(0);
  });
});

test("events are kept once each, in order, bounded", () => {
  for (const seq of [3, 1, 2, 3, 1]) say("event/alarm", { seq, type: "cryobank.alarm.occurred", data: {} }, { retained: false });
  expect(state.events.get("alarm")!.map((e) => [e.seq, e.type])).toEqual([[1, "occurred"], [2, "occurred"], [3, "occurred"]]);
});
