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
  test("become one scan at their line end", () => expect(scanned("C1-VIAL-1")).toEqual({ kind: "scan", code: "C1-VIAL-1" }));
  test("are swallowed while they come", () => expect(type(new Burst(), "ABCD", 0, 8).every((o) => o.kind === "held")).toBe(true));
  test("become a scan without a line end once nothing follows", () => {
    const burst = new Burst();
    type(burst, "C1-VIAL-1", 0, 8);
    expect(burst.silence()).toEqual({ kind: "scan", code: "C1-VIAL-1" });
  });
  test("lose the control characters of the scanner, once", () => {
    expect(clean("\u0002C1-VIAL-1\r\n")).toBe("C1-VIAL-1");
    expect(clean("\u001d=G1234\u001d\u0003")).toBe("=G1234");
    expect(clean("\ufeffC1 \u200b")).toBe("C1");
  });
});

describe("a hand's keys", () => {
  test("are given back one by one", () => {
    const burst = new Burst();
    expect(burst.key({ char: "a", end: false, at: 0 })).toEqual({ kind: "held" });
    expect(burst.key({ char: "b", end: false, at: 120 })).toEqual({ kind: "typed", text: "a", end: false });
    expect(burst.silence()).toEqual({ kind: "typed", text: "b", end: false });
  });
  test("and their Enter is an Enter", () => {
    const burst = new Burst();
    type(burst, "abc", 0, 100);
    expect(burst.key({ char: "", end: true, at: 400 })).toEqual({ kind: "typed", text: "c", end: true });
  });
  test("of three in a roll are no scan", () => expect(scanned("abc").kind).toBe("typed"));
  test("at the edge of the gap are a hand's", () => expect(scanned("abcdef", kGap + 1).kind).toBe("typed"));
});

test("a flood without an end is given back instead of growing", () => {
  const burst = new Burst();
  const all = type(burst, "x".repeat(kLongest + 1), 0, 1);
  expect(all[kLongest]).toMatchObject({ kind: "typed" });
  expect(burst.held()).toBe("");
});
