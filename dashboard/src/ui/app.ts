// What all screens share: the connection, the route, language, night, and when to draw anew. Data
// draws at most five times a second; what a person does draws at once.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Connection, type Reply } from "../edge/connection";
import { keep, kept } from "../edge/keep";
import { play, soundBlocked, startSound } from "../edge/sound";
import { addRound, ageRounds, nextRound, readRounds, type Round } from "../state/rounds";
import { alarmsOf, anythingWrong, silencesOf, type AlarmView, type Silence } from "../state/derive";
import { lookAlike } from "../state/keys";
import { str } from "../state/read";
import { rules } from "virtual:roles";
import { kindOf, staffOf, type State } from "../state/state";
import { knowCodes, onScan, whenTorn, type ScanLevel } from "../edge/scanner";
import { firstLanguage, setLanguage, setZone, t, type Language } from "../text/i18n";
import type { Health } from "../state/health";

const kDrawEvery = 200; // ms
export const conn = new Connection();

export interface Refusal {
  title: string;
  text: string;
  at: number; // monotonic
}

export const app = {
  language: "en" as Language,
  night: false,
  wallMode: false,
  route: [] as string[],
  query: "",
  url: "",
  site: "",
  booted: performance.now(),
  entered: false, // the broker took the login; until then the login stands, with what it was told
  refusal: null as Refusal | null, // full screen, until a person takes it away
  notice: "",
  rounds: [] as Round[],
  roundsKept: true,
  blink: false,
};

const drawers = new Set<() => void>();
let timer = 0;
let drawn = 0;
export function draw(): void {
  drawn = performance.now();
  setZone(str(conn.state.info?.["time_zone"]) || "UTC"); // before any time is drawn, not a second later
  clearTimeout(timer);
  timer = 0;
  for (const one of [...drawers]) one();
}
function drawSoon(): void {
  if (timer !== 0) return;
  timer = window.setTimeout(draw, Math.max(0, kDrawEvery - (performance.now() - drawn)));
}

// Long lists are drawn in slices, so that no single one holds the screen: the rest follows at once.
const kNextSlice = 8; // ms
let slice = 0;
export function drawRest(): void {
  if (slice !== 0) return;
  slice = window.setTimeout(() => {
    slice = 0;
    draw();
  }, kNextSlice);
}

// How many of so many may be shown now; grows by a step with each slice.
export function useSlices(total: number, step: number): number {
  const [shown, setShown] = useState(step);
  useEffect(() => {
    if (shown >= total) return undefined;
    const more = window.setTimeout(() => setShown(shown + step), kNextSlice);
    return () => clearTimeout(more);
  }, [shown, total]);
  return Math.min(shown, total);
}

// The calling component is drawn again with every change.
export function useDraw(): void {
  const [, set] = useState(0);
  useEffect(() => {
    const one = () => set((n) => n + 1);
    drawers.add(one);
    return () => void drawers.delete(one);
  }, []);
}

// Scans go to the calling component while it is there, and to what it is at that moment.
export function useScan(take: (code: string) => void, level: ScanLevel): void {
  const now = useRef(take);
  now.current = take;
  useLayoutEffect(() => onScan((code) => now.current(code), level), []); // at once, not after the next picture
}

export const health = (): Health => conn.health();
export const live = (): boolean => conn.health().grade === "live";

// Of the state's alarms, sorted once for each version.
let alarmsAt = -1;
let alarmsNow: AlarmView[] = [];
export function alarms(): AlarmView[] {
  if (alarmsAt !== conn.state.version) {
    alarmsNow = alarmsOf(conn.state);
    alarmsAt = conn.state.version;
  }
  return alarmsNow;
}

let silencesAt = -1;
let silencesNow: Silence[] = [];
export function silences(): Silence[] {
  if (silencesAt !== conn.state.version) {
    silencesNow = silencesOf(conn.state, alarms());
    silencesAt = conn.state.version;
  }
  return silencesNow;
}

// Asked by every button of a command: looked up once for each login and word of the daemon.
let rolesOf: { info: unknown; user: string; roles: string[] } = { info: null, user: "", roles: [] };
export function myRoles(): string[] {
  const { info } = conn.state;
  if (rolesOf.info !== info || rolesOf.user !== conn.user) {
    rolesOf = { info, user: conn.user, roles: staffOf(conn.state).find((p) => p.user === conn.user)?.roles ?? [] };
  }
  return rolesOf.roles;
}

// Whether this login's roles may give a command; the daemon asks again.
export const mayGive = (verb: string): boolean => {
  const rule = rules[verb];
  return !rule || rule.roles.some((role) => myRoles().includes(role));
};

export function go(...levels: string[]): void {
  location.hash = `#/${levels.map(encodeURIComponent).join("/")}`;
}
// A wall takes nothing in: what is pressed or scanned before it neither leads away nor logs out.
export const wallMode = (): boolean => (app.route[0] ?? "wall") === "wall" && (app.wallMode || app.query.includes("mode=wall"));
export const href = (...levels: string[]): string => `#/${levels.map(encodeURIComponent).join("/")}`;

// The screen of a machine: a robot has one of its own.
export function deviceHref(id: string): string {
  const device = conn.state.devices.get(id);
  return href(device && kindOf(device) === "robot" ? "robot" : "freezer", id);
}

function readRoute(): void {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  app.route = path.split("/").filter(Boolean).map(decodeURIComponent);
  app.query = query;
  draw();
  window.scrollTo(0, 0);
}

export function speak(language: Language): void {
  app.language = language;
  setLanguage(language);
  keep("language", language);
  draw();
}
export function night(on: boolean): void {
  app.night = on;
  document.documentElement.dataset["night"] = on ? "1" : "0";
  keep("night", on);
  draw();
}

export function refuse(title: string, text: string): void {
  app.refusal = { title, text, at: performance.now() };
  play("wrong");
  draw();
}

// A scan of something else than was wanted; a label that differs only by what is mixed up is asked about.
export function refuseScan(wanted: string, came: string): void {
  if (lookAlike(wanted, came)) return refuse(t("scan.alike"), t("scan.alike-help", { code: wanted, came }));
  refuse(t("mismatch"), t("scan.expected", { code: wanted, came }));
}
// A code that nothing has; the daemon knows whether one is there that looks like it.
export function refuseUnknown(came: string, reply: Reply): void {
  const like = str(reply.body["did_you_mean"]) || likeOf(conn.state, came);
  if (like !== "") return refuse(t("scan.alike"), t("scan.alike-help", { code: like, came }));
  refuse(t("scan.unknown"), reply.code === "not-found" ? came : `${came} ${reply.message}`);
}

// What the daemon says of a code that was scanned: the whole screen says it too.
export function refuseReply(reply: Reply): void {
  if (reply.code === "mismatch") return refuse(t("mismatch"), reply.message);
  const like = str(reply.body["did_you_mean"]);
  if (reply.code === "did-you-mean") refuse(t("scan.alike"), like === "" ? reply.message : t("scan.alike-help", { code: like, came: str(reply.body["scanned"]) }));
}

const kWanderEvery = 60_000; // ms for one pixel
const kWanderMost = 24; // pixels: wider than the lines and letters of a tile

// Sounds: a P1 or P2 nobody has taken every 10 s, blindness every 10 s. The wall sounds too.
const kSoundEvery = 10_000;
let soundedAt = 0;
let gradeBefore = "stale";
function sound(now: number): void {
  if (!app.entered) return;
  const grade = health().grade;
  const due = now - soundedAt >= kSoundEvery;
  if (grade === "blind" && (due || gradeBefore !== "blind")) {
    soundedAt = now;
    play("blind");
  } else if (grade === "live" && due) {
    const { untaken } = anythingWrong(alarms());
    if (untaken.p1 + untaken.p2 > 0) {
      soundedAt = now;
      play("alarm");
    }
  }
  gradeBefore = grade;
}

// Muted by the browser is a fault of the page, shown a second after it was loaded.
export const soundFault = (): boolean => performance.now() - app.booted > 1_000 && soundBlocked();

export function storeRounds(rounds: Round[]): void {
  app.rounds = rounds;
  app.roundsKept = keep("rounds", rounds);
}
export function enterRound(round: Round): boolean {
  const added = addRound(app.rounds, round);
  if (added === "full") return false;
  storeRounds(added);
  void sendRounds();
  draw();
  return true;
}

let sendingRounds = false;
export async function sendRounds(): Promise<void> {
  if (sendingRounds || !live()) return;
  sendingRounds = true;
  for (let one = nextRound(app.rounds); one && live(); one = nextRound(app.rounds)) {
    const id = one.id;
    const set = (state: Round["state"], told: string) =>
      storeRounds(app.rounds.map((r) => (r.id === id ? { ...r, state, told } : r)));
    const reply = await conn.send("alarm/round", {
      device: one.device, values: one.values, measured_at: new Date(one.measuredAt).toISOString(),
      comment: `${one.comment} (entered ${new Date(one.enteredAt).toISOString()})`.trim(),
    }, { quiet: true });
    if (reply.status === "silent") break; // stays unsent, and is tried again
    set(reply.status === "done" ? "sent" : "refused", reply.message);
  }
  sendingRounds = false;
  draw();
}

// A place, machine or course whose code looks like this one.
const likeOf = (state: State, code: string): string => [state.containers, state.devices, state.courses].flatMap((all) => [...all.keys()]).find((id) => lookAlike(id, code)) ?? "";

// A code that something here has: of a person, a machine, a place, or a vial of a course.
export function isKnownCode(state: State, code: string): boolean {
  if (state.containers.has(code) || state.devices.has(code) || state.courses.has(code) || staffOf(state).some((p) => p.user === code)) return true;
  const quoted = JSON.stringify(code);
  for (const lazy of state.courses.values()) if (lazy.text.includes(quoted)) return true;
  return false;
}

export function start(): void {
  app.language = firstLanguage(str(kept("language")), navigator.languages);
  setLanguage(app.language);
  const dark = kept("night");
  app.night = typeof dark === "boolean" ? dark : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset["night"] = app.night ? "1" : "0";
  app.rounds = readRounds(kept("rounds"));
  conn.onChange = drawSoon;
  knowCodes((code) => isKnownCode(conn.state, code));
  whenTorn((rest) => wallMode() || refuse(t("scan.torn"), t("scan.torn-help", { rest })));
  startSound();
  window.addEventListener("hashchange", readRoute);
  readRoute();
  // One clock for everything that blinks: 2 Hz.
  window.setInterval(() => {
    app.blink = !app.blink;
    document.documentElement.dataset["blink"] = app.blink ? "1" : "0";
  }, 250);
  window.setInterval(() => {
    const now = performance.now();
    sound(now);
    const aged = ageRounds(app.rounds, Date.now());
    if (aged.some((r, i) => r.state !== app.rounds[i]?.state)) storeRounds(aged);
    void sendRounds();
    // A wall screen shows the same picture for months: it wanders, so that nothing burns in.
    document.documentElement.style.setProperty("--wander", `${Math.floor(now / kWanderEvery) % kWanderMost}px`);
    draw();
  }, 1_000);
}
