// The page's bytes (shims/buffer.ts) against Node's own, in all that mqtt.js and its streams ask of them.
import { Buffer as Theirs } from "node:buffer";
import { expect, test } from "vitest";
import { Buffer as Ours } from "../../../dashboard/shims/buffer";

const kTexts = ["", "a", "cryobank/v1/demo/#", "液体窒素が不足", "\ufeffwith a mark", "µm ¼ 😀", "x".repeat(70_000)];
const same = (ours: Uint8Array, theirs: Uint8Array) => expect([...ours]).toEqual([...theirs]);

test("text becomes the same bytes, and comes back", () => {
  for (const text of kTexts) {
    const ours = Ours.from(text, "utf8");
    same(ours, Theirs.from(text, "utf8"));
    expect(Ours.byteLength(text)).toBe(Theirs.byteLength(text));
    expect(ours.toString()).toBe(text);
    expect(ours.toString("utf8", 1, 4)).toBe(Theirs.from(text).toString("utf8", 1, 4));
  }
  const broken = [0xe6, 0xb6, 0x41, 0xff];
  expect(Ours.from(broken).toString()).toBe(Theirs.from(broken).toString());
});

test("an encoding that the page does not know is refused, never taken for another", () => {
  expect(() => Ours.from("00ff", "hex")).toThrow("hex");
  expect(() => Ours.from([1]).toString("base64")).toThrow("base64");
});

test("slice and subarray are views, from makes a copy of numbers and a view of a buffer", () => {
  for (const kind of [Ours, Theirs]) {
    const all = kind.from([1, 2, 3, 4, 5]);
    const part = all.slice(1, 4);
    expect(kind.isBuffer(part)).toBe(true);
    expect(kind.isBuffer(all.subarray(0, 1))).toBe(true);
    part[0] = 9;
    expect([...all]).toEqual([1, 9, 3, 4, 5]);
    expect([...all.slice(-2)]).toEqual([4, 5]);
    const copy = kind.from(all);
    copy[0] = 7;
    expect(all[0]).toBe(1);
    const view = kind.from(all.buffer as ArrayBuffer, all.byteOffset + 1, 2);
    view[1] = 8;
    expect(all[2]).toBe(8);
    expect(kind.isBuffer(new Uint8Array(1))).toBe(false);
  }
});

test("pieces are joined and copied as Node does it, also where the goal is too short", () => {
  for (const kind of [Ours, Theirs]) {
    const list = [kind.from([1, 2]), kind.alloc(0), kind.from([3])];
    expect([...kind.concat(list)]).toEqual([1, 2, 3]);
    expect([...kind.concat(list, 4)]).toEqual([1, 2, 3, 0]);
    const goal = kind.alloc(4);
    expect(kind.from([5, 6, 7, 8]).copy(goal, 2, 1)).toBe(2);
    expect([...goal]).toEqual([0, 0, 6, 7]);
    expect(goal.write("é", 0)).toBe(2);
    expect([...goal]).toEqual([0xc3, 0xa9, 6, 7]);
  }
});

test("numbers are read and written big end first, and past the end is a fault", () => {
  for (const kind of [Ours, Theirs]) {
    const bytes = kind.alloc(6);
    expect(bytes.writeUInt32BE(0xfedcba98, 1)).toBe(5);
    expect(bytes.writeUInt8(0x7f, 0)).toBe(1);
    expect([...bytes]).toEqual([0x7f, 0xfe, 0xdc, 0xba, 0x98, 0]);
    expect([bytes.readUInt8(1), bytes.readUInt16BE(1), bytes.readUInt32BE(1)]).toEqual([0xfe, 0xfedc, 0xfedcba98]);
    expect(() => bytes.readUInt32BE(3)).toThrow(RangeError);
    expect(() => bytes.readUInt8(6)).toThrow(RangeError);
  }
});
