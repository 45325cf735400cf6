// Where vials go when a person puts them away or moves a box: pure.
import { objs, str, type Obj } from "../state/read";
import { open, type State } from "../state/state";
import { positionsOf, takenOf } from "./fields";

export function nextFree(place: Obj, used: Set<string>): string | null {
  const taken = takenOf(place);
  return positionsOf(place).find((p) => !taken.has(p) && !used.has(p)) ?? null;
}

export interface Move {
  aliquot: string;
  code: string;
  place: string;
  position: string;
  from: string;
}

// The code of a vial is looked up in its course: the command names both, so that neither is guessed.
export function codeOf(state: State, course: string, aliquot: string): string {
  for (const dose of objs(open(state.courses.get(course))?.["doses"])) {
    const found = objs(dose["aliquots"]).find((a) => a["aliquot"] === aliquot);
    if (found) return str(found["code"]);
  }
  return "";
}

// Same position where it is free, else the next free one.
export function planMoves(state: State, from: Obj, to: Obj, toId: string): { moves: Move[]; left: number } {
  const taken = new Set(takenOf(to).keys());
  const free = positionsOf(to).filter((p) => !taken.has(p));
  const moves: Move[] = [];
  let left = 0;
  for (const [position, slot] of takenOf(from)) {
    if (str(slot["state"]) !== "occupied") continue;
    const at = free.includes(position) ? position : free[0];
    if (!at) {
      left += 1;
      continue;
    }
    free.splice(free.indexOf(at), 1);
    const aliquot = str(slot["aliquot"]);
    moves.push({ aliquot, code: codeOf(state, str(slot["course"]), aliquot), place: toId, position: at, from: position });
  }
  return { moves, left };
}
