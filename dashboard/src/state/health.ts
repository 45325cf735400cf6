// How far the page may be believed. Judged by the daemon's pulse and a monotonic clock; the browser's
// wall clock is asked nowhere. live: numbers are true and commands may be given. stale: every number
// is marked, no command button works. blind: the page is grey, says so and sounds.
import { num, str } from "./read";
import type { Point, State } from "./state";

// The pulse comes each second, or as often as it says itself (`every_ms`). Late by more than two and a half it
// is a loss, which is drawn within another second: 5 s in all. 15 s without a sign of life are blindness (docs/mqtt.md).
const kPulseEvery = 1_000;
const kLate = 2_500;
export const kStaleAfter = kPulseEvery + kLate;
export const kBlindAfter = 15_000;

export interface Link {
  connected: boolean;
  since: number; // monotonic time of the last change of `connected`
  refused?: boolean; // the broker no longer takes this login, and is not asked again
}

export type Grade = "live" | "stale" | "blind";
export interface Health {
  grade: Grade;
  why: "" | "no-broker" | "refused" | "no-beat" | "starting" | "stopping" | "offline" | "waiting";
  silent: number; // ms without a sign of life
}

export function judge(state: State, link: Link, now: number): Health {
  const heard = state.pulseHeard ?? state.aliveHeard ?? link.since;
  const silent = now - heard;
  const word = str(state.service?.["state"]);
  const why = reason(state, link, word, silent);
  if (why === "") return { grade: "live", why, silent };
  return { grade: silent >= kBlindAfter ? "blind" : "stale", why, silent };
}

function reason(state: State, link: Link, word: string, silent: number): Health["why"] {
  if (!link.connected) return link.refused ? "refused" : "no-broker";
  if (word === "offline" || word === "stopping" || word === "starting") return word;
  if (word === "" || (state.pulseHeard === null && state.aliveHeard === null)) return "waiting";
  return silent > Math.min(state.pulseEvery ?? kPulseEvery, kPulseEvery) + kLate ? "no-beat" : "";
}

// The daemon's clock now, from when it was last heard and the time since; null before anything was.
export function daemonNow(state: State, now: number): number | null {
  return state.clock === null ? null : state.clock.at + (now - state.clock.heard);
}

// When a command may be dated from: before the first beat, the newest time that is known to be past.
export function commandTime(state: State, now: number): number | null {
  const known = state.clock ?? state.newest;
  return known === null ? null : known.at + (now - known.heard);
}

// A point is stale when its daemon no longer keeps the promise to send it again before its expiry.
export function isStale(point: Point, grade: Grade, now: number): boolean {
  if (grade !== "live") return true;
  return point.expiry > 0 && now - point.heard > point.expiry * 1_000;
}

export const scanAge = (state: State): number | null => num(state.beat?.["scan_age_ms"]);
