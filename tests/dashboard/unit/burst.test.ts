import { describe, expect, test } from "vitest";
import { Burst, clean, kGap, kLongest, type Outcome } from "../../../dashboard/src/state/burst";

function type(burst: Burst, text: string, from: number, gap: number): Outcome[] {
  return [...text].map((char, i) => burst.key({ char, end: false, at: from + i * gap }));
}
const scanned = (text: string, gap = 8): Outcome => {
  const burst = new Burst();
  type(burst, text, 0, gap);
  return burst.key({ char: "", end: true, at: text.length * gap });
};

describe("a scanner's keys", () => {
  test("become one scan at their line end", () => expect(scanned("C1-VIAL-1")).toEqual({ kind: "scan", code: "C1-VIAL-1", lost: 0, torn: false }));
  test("are swallowed while they come", () => expect(type(new Burst(), "ABCD", 0, 8).every((o) => o.kind === "held")).toBe(true));
  test("become a scan without a line end once nothing follows", () => {
    const burst = new Burst();
    type(burst, "C1-VIAL-1", 0, 8);
    expect(burst.silence()).toEqual({ kind: "scan", code: "C1-VIAL-1", lost: 0, torn: false });
  });
  test("lose the control characters of the scanner, once", () => {
    expect(clean("\u0002C1-VIAL-1\r\n")).toBe("C1-VIAL-1");
    expect(clean("\u001d=G1234\u001d\u0003")).toBe("=G1234");
    expect(clean("\ufeffC1 \u200b")).toBe("C1");
  });
});

// Keys with the pause before each.
function keys(text: string, pauses: Record<number, number>, endPause = 8): Outcome[] {
  const burst = new Burst();
  const all: Outcome[] = [];
  let at = 0;
  // What the timer at the edge would do.
  const wait = (pause: number) => {
    if (pause > burst.patience()) {
      const told = burst.silence();
      if (told.kind !== "pass") all.push(told);
    }
    at += pause;
  };
  for (const [i, char] of [...text].entries()) {
    wait(pauses[i] ?? 8);
    all.push(burst.key({ char, end: false, at }));
  }
  wait(endPause);
  all.push(burst.key({ char: "", end: true, at }));
  return all;
}
const last = (all: Outcome[]): Outcome | undefined => all[all.length - 1];

describe("a scanner that falters, by radio or on a busy computer", () => {
  test("is one scan with a pause or two in it", () => {
    expect(last(keys("VIAL-77-5", { 4: 120 }))).toEqual({ kind: "scan", code: "VIAL-77-5", lost: 0, torn: false });
    expect(last(keys("VIAL-77-5", { 3: 60, 7: 140 }))).toEqual({ kind: "scan", code: "VIAL-77-5", lost: 0, torn: false });
    expect(last(keys("VIAL-77-5", {}, 90))).toEqual({ kind: "scan", code: "VIAL-77-5", lost: 0, torn: false });
  });
  test("is known to be in pieces when its beginning was let go, and its rest is no code", () => {
    expect(last(keys("VIAL-77-5", { 1: 50 }))).toEqual({ kind: "scan", code: "IAL-77-5", lost: 1, torn: false });
    expect(last(keys("VIAL-77-5", { 4: 300 }))).toEqual({ kind: "scan", code: "-77-5", lost: 4, torn: true });
  });
  test("and the next whole scan is good again", () => {
    const burst = new Burst();
    type(burst, "VIAL", 0, 8);
    expect(burst.silence()).toMatchObject({ kind: "typed" });
    type(burst, "VIAL-77-5", 2_000, 8);
    expect(burst.key({ char: "", end: true, at: 2_080 })).toEqual({ kind: "scan", code: "VIAL-77-5", lost: 0, torn: false });
  });
  test("is waited for when it is known to end its codes with a key: half of a code may be another's", () => {
    const burst = new Burst();
    type(burst, "C1-VIAL-1", 0, 8);
    expect(burst.patience()).toBeLessThanOrEqual(150); // may be one that ends with nothing
    burst.key({ char: "", end: true, at: 72 });
    type(burst, "C1-VIAL-1", 5_000, 8);
    expect(burst.patience()).toBeGreaterThan(500);
    type(burst, "2", 5_400, 8);
    expect(burst.key({ char: "", end: true, at: 5_408 })).toEqual({ kind: "scan", code: "C1-VIAL-12", lost: 0, torn: false });
  });
  test("that is too slow for a scan is still told from a hand", () => {
    expect(keys("VIAL-77-5", Object.fromEntries([...Array(9).keys()].map((i) => [i, 45])), 45).some((o) => o.kind === "typed" && o.hasty >= 4)).toBe(true);
    expect(keys("operator", Object.fromEntries([...Array(9).keys()].map((i) => [i, 110])), 110).every((o) => o.kind !== "typed" || o.hasty < 4)).toBe(true);
  });
  test("what a hand typed before it, and left by Tab, is no part of it", () => {
    const burst = new Burst();
    for (const [i, char] of [..."clinic"].entries()) { burst.key({ char, end: false, at: i * 80 }); burst.silence(); }
    burst.key({ char: "", end: true, at: 500 });
    type(burst, "VIAL-77-5", 560, 8);
    expect(burst.key({ char: "", end: true, at: 640 })).toEqual({ kind: "scan", code: "VIAL-77-5", lost: 0, torn: false });
  });
  test("a quick hand is still a hand", () => {
    expect(last(keys("them", { 3: 100 }, 100))).toMatchObject({ kind: "typed", end: true });
    expect(keys("thermometer", Object.fromEntries([3, 4, 5, 6, 7, 8, 9, 10].map((i) => [i, 100])), 100).some((o) => o.kind === "scan")).toBe(false);
  });
});

describe("a hand's keys", () => {
  test("are given back one by one", () => {
    const burst = new Burst();
    expect(burst.key({ char: "a", end: false, at: 0 })).toEqual({ kind: "held" });
    expect(burst.key({ char: "b", end: false, at: 120 })).toEqual({ kind: "typed", text: "a", end: false, hasty: 1 });
    expect(burst.silence()).toEqual({ kind: "typed", text: "b", end: false, hasty: 2 });
  });
  test("and their Enter is an Enter", () => {
    const burst = new Burst();
    type(burst, "abc", 0, 100);
    expect(burst.key({ char: "", end: true, at: 400 })).toEqual({ kind: "typed", text: "c", end: true, hasty: 3 });
  });
  test("of three in a roll are no scan but of a thing that has this name", () => {
    expect(scanned("abc")).toMatchObject({ kind: "typed", quick: true });
    expect(scanned("a")).not.toHaveProperty("quick");
    expect(scanned("abc", 90)).not.toHaveProperty("quick");
  });
  test("at the edge of the gap are a hand's", () => expect(scanned("abcdef", kGap + 1).kind).toBe("typed"));
});

test("a flood without an end is given back instead of growing", () => {
  const burst = new Burst();
  const all = type(burst, "x".repeat(kLongest + 1), 0, 1);
  expect(all[kLongest]).toMatchObject({ kind: "typed" });
  expect(burst.held()).toBe("");
});
