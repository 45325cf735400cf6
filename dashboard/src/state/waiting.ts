// What waits for a second person: all of it, and what waits for one user.
import { obj, str, time, type Obj } from "./read";
import type { State } from "./state";

export interface Waiting {
  command: string;
  verb: string;
  user: string;
  witness: string;
  until: number | null;
  reason: string;
  body: Obj;
  signed: boolean;
  would: string;
}
export function waitingOf(state: State): Waiting[] {
  return state.waiting.map((o) => ({
    command: str(o["command"]), verb: str(o["verb"]), user: str(o["user"]), witness: str(o["witness"]),
    until: time(o["until"]), reason: str(o["reason"]), body: obj(o["body"]), signed: o["signed"] === true, would: str(o["would"]),
  }));
}
export const mineToConfirm = (state: State, user: string): Waiting[] => waitingOf(state).filter((w) => w.witness === user);
