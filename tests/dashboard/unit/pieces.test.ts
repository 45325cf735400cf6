import { expect, test } from "vitest";
import { piecesOf, sendPieces } from "../../../dashboard/src/acts/pieces";
import type { Reply } from "../../../dashboard/src/edge/connection";

const reply = (status: Reply["status"], body = {}): Reply => ({ id: "x", status, code: "ok", message: "", sequence: null, body });
const lines = (n: number) => Array.from({ length: n }, (_, i) => `vial-${i},日本,A${i}\r\n`).join("");

test("pieces are whole lines, none is over the limit, and together they are the list", () => {
  const csv = lines(1_000) + "last line without its end";
  const pieces = piecesOf(csv, 1_000);
  expect(pieces.join("")).toBe(csv);
  expect(Math.max(...pieces.map((p) => new TextEncoder().encode(p).length))).toBeLessThanOrEqual(1_000);
  expect(pieces.slice(0, -1).every((p) => p.endsWith("\n"))).toBe(true);
});

test("a short list stays in its command", async () => {
  expect(await sendPieces({ csv: "a\n" }, () => Promise.reject(new Error("nothing is asked")), () => undefined)).toEqual({ body: { csv: "a\n" } });
});

test("a long list is named, with the daemon's own sum of the last piece", async () => {
  const asked: number[] = [];
  const told = await sendPieces({ csv: lines(30_000), reason: "x" }, (_verb, body) => {
    asked.push(Number(body["piece"]));
    return Promise.resolve(reply("done", { sha256: `sum-${asked.length}` }));
  }, () => undefined);
  expect(asked).toEqual(asked.map((_, i) => i + 1));
  expect(asked.length).toBeGreaterThan(2);
  expect(told).toMatchObject({ body: { reason: "x", sha256: `sum-${asked.length}` } });
  expect("body" in told && "csv" in told.body).toBe(false);
});

test("a refused piece ends it", async () => {
  let asked = 0;
  const told = await sendPieces({ csv: lines(30_000) }, () => Promise.resolve(reply(++asked === 2 ? "rejected" : "done")), () => undefined);
  expect(asked).toBe(2);
  expect(told).toMatchObject({ refused: { status: "rejected" } });
});
