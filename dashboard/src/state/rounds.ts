// Readings taken by hand (level by stick, temperature by hand thermometer), kept on the phone while
// there is no link. Each says when it was measured and when it was entered; it is sent once the link
// stands, and goes stale after 24 h: then a person must look at it again. No motion is ever in here.
import { isObj, num, objs, str } from "./read";

export const kRoundLife = 24 * 3_600_000;
export const kRoundsMax = 500; // a night's round of 256 freezers, twice

export interface Round {
  id: string;
  device: string;
  values: Record<string, number>;
  measuredAt: number; // wall times of the phone: nothing else is there offline
  enteredAt: number;
  comment: string;
  state: "unsent" | "sending" | "sent" | "refused" | "too-old";
  told: string;
}

export function readRounds(kept: unknown): Round[] {
  return objs(kept).flatMap((o) => {
    const measuredAt = num(o["measuredAt"]);
    const enteredAt = num(o["enteredAt"]);
    const values = isObj(o["values"]) ? o["values"] : {};
    if (measuredAt === null || enteredAt === null || str(o["id"]) === "") return [];
    const numbers = Object.fromEntries(Object.entries(values).filter((e): e is [string, number] => num(e[1]) !== null));
    const word = str(o["state"]);
    const state: Round["state"] = word === "sent" || word === "refused" || word === "too-old" ? word : "unsent";
    return [{ id: str(o["id"]), device: str(o["device"]), values: numbers, measuredAt, enteredAt, comment: str(o["comment"]), state, told: str(o["told"]) }];
  });
}

export function addRound(rounds: Round[], round: Round): Round[] | "full" {
  const open = rounds.filter((r) => r.state !== "sent");
  if (open.length >= kRoundsMax) return "full";
  return [...open, round];
}

export function ageRounds(rounds: Round[], wall: number): Round[] {
  return rounds.map((r) => (r.state === "unsent" && wall - r.measuredAt > kRoundLife ? { ...r, state: "too-old" as const } : r));
}

export const nextRound = (rounds: Round[]): Round | undefined => rounds.find((r) => r.state === "unsent");
export const unsent = (rounds: Round[]): number => rounds.filter((r) => r.state === "unsent" || r.state === "sending").length;
