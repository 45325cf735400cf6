// Every act of the page against the daemon's own table of commands, as docs/asyncapi.yaml has it: no
// key that the verb does not have, and every key that it needs can be given.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { acts } from "../../../dashboard/src/acts/acts";
import { emptyState } from "../../../dashboard/src/state/state";
import { en } from "../../../dashboard/src/text/en";

interface Body {
  properties?: Record<string, unknown>;
  required?: string[];
}
const text = readFileSync(resolve(__dirname, "../../../docs/asyncapi.yaml"), "utf8");
const bodies = new Map([...text.matchAll(/^ {4}Body\.([a-z-]+)\.([a-z-]+): (\{.*\})$/gm)].map((m) => [`${m[1]}/${m[2]}`, JSON.parse(m[3]!) as Body]));

test("the table is there", () => expect(bodies.size).toBeGreaterThan(60));

test.each(acts.map((a) => [a.id, a] as const))("%s sends what its verb takes", (_id, act) => {
  const body = bodies.get(act.verb);
  expect(body, act.verb).toBeDefined();
  // Every field filled; a hold on each of its targets.
  const filled = Object.fromEntries(act.fields.map((f) => [f.key, f.kind === "scans" ? ["X-1"] : f.kind === "check" ? true : f.kind === "number" ? 1 : f.key === "on" ? f.choices!(emptyState(), {}).at(-1)!.value : "x"]));
  const sent = act.body ? act.body(filled, emptyState()) : filled;
  const known = Object.keys(body!.properties ?? {});
  expect(Object.keys(sent).filter((k) => !known.includes(k)), act.verb).toEqual([]);
  expect((body!.required ?? []).filter((k) => !(k in sent)), act.verb).toEqual([]);
});

test("every act has a title in the catalogue", () => {
  for (const act of acts) expect(en).toHaveProperty([`act.${act.id}`]);
});
