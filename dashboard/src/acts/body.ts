// What an act sends: the body of its command, from the values of its fields. Pure.
import { clean, codeOf } from "../state/burst";
import type { Obj } from "../state/read";
import type { State } from "../state/state";
import type { Act, Values } from "./types";

const isNothing = (v: unknown): boolean => v === undefined || v === "";
const without = (values: Values, left: (v: unknown) => boolean): Obj => Object.fromEntries(Object.entries(values).filter(([, v]) => !left(v)));

// What hands typed, without the blank that stood at the end while they did.
function spoken(act: Act, values: Values): Values {
  const kinds = new Map(act.fields.map((f) => [f.key, f.free ? "text" : f.kind]));
  const said = (key: string, v: string) => (kinds.get(key) === "scan" ? codeOf(v) : kinds.get(key) === "text" ? clean(v) : v);
  return Object.fromEntries(Object.entries(values).map(([key, v]) => [key, typeof v === "string" ? said(key, v) : v]));
}

// Fields that nobody filled in are left out; a list that the act itself makes is sent as it is, also with nothing in it.
export function bodyOf(act: Act, values: Values, state: State): Obj {
  const filled = without(spoken(act, values), (v) => isNothing(v) || (Array.isArray(v) && v.length === 0));
  return act.body ? without(act.body(filled, state), isNothing) : filled;
}
