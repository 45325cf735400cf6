// What the screens show, computed from the state: which freezer is worst, what is wrong, what an
// alarm says. Pure; no words of a language in here.
import { num, obj, objs, str, time, type Obj } from "./read";
import { kindOf, limitsOf, meaning, open, type Device, type State } from "./state";

export const kPriorities = ["p1", "p2", "p3"] as const;
export type Priority = (typeof kPriorities)[number];

export interface AlarmView {
  id: string;
  priority: Priority;
  now: Priority; // that fits value and text
  active: boolean;
  acknowledged: boolean;
  latched: boolean;
  unknown: boolean; // stood before a crash, not judged yet
  silencedUntil: number | null;
  silencedBy: string;
  silencedKind: string; // "", shelved, by-design, out-of-service
  device: string;
  source: string;
  condition: string;
  group: string; // tank or cause it belongs to
  since: number | null;
  keepOut: boolean; // nobody may go in: a person's life comes before any vial
  respondBy: number | null; // until when somebody should have answered it
  raw: Obj;
}

export function priorityOf(word: unknown): Priority {
  return word === "p2" || word === "p3" ? word : "p1"; // unknown counts as the worst
}

export function viewAlarm(id: string, raw: Obj): AlarmView {
  const shelf = obj(raw["suppression"] ?? raw["shelved"]);
  const silenced = raw["suppression"] != null || raw["shelved"] != null;
  const condition = str(raw["condition"]);
  const device = str(raw["device"]);
  const source = str(raw["source"]);
  return {
    id, condition, device, source, raw,
    priority: priorityOf(raw["priority"]),
    now: priorityOf(raw["priority_now"] ?? raw["priority"]),
    active: raw["active"] === true,
    acknowledged: raw["acknowledged"] === true,
    latched: raw["latched"] === true || raw["state"] === "latched",
    unknown: raw["activity"] === "unknown",
    silencedUntil: time(shelf["until"]), silencedBy: str(shelf["by"]),
    silencedKind: silenced ? str(shelf["kind"]) || "shelved" : "",
    group: device || source || id,
    since: time(raw["since"]), respondBy: respondBy(raw), keepOut: raw["keep_out"] === true,
  };
}

function respondBy(raw: Obj): number | null {
  const since = time(raw["since"]);
  const within = num(raw["respond_within_s"]);
  return since === null || within === null ? null : since + within * 1_000;
}

// Everything that does not page as it would: silenced by a person, part of another alarm by design, or
// of a machine that somebody works on. Each with an owner and an end; what ends first stands first.
export interface Silence {
  id: string;
  kind: string; // shelved, by-design, out-of-service
  what: string; // alarm or device
  condition: string; // of an alarm
  by: string; // a person, or the alarm that it is part of
  reason: string;
  since: number | null;
  until: number | null;
}
export function silencesOf(state: State, alarms: AlarmView[]): Silence[] {
  const found: Silence[] = [];
  for (const alarm of alarms) {
    if (alarm.silencedKind === "") continue;
    const shelf = obj(alarm.raw["suppression"] ?? alarm.raw["shelved"]);
    found.push({ id: alarm.id, kind: alarm.silencedKind, what: alarm.source, condition: alarm.condition,
      by: alarm.silencedBy || str(shelf["by_alarm"]), reason: str(shelf["reason"]), since: time(shelf["since"] ?? shelf["first"]), until: alarm.silencedUntil });
  }
  for (const device of state.devices.values()) {
    const work = device.maintenance;
    if (!work) continue;
    found.push({ id: device.id, kind: "out-of-service", what: str(device.description?.["title"]) || device.id, condition: "", by: str(work["by"]),
      reason: str(work["reason"]), since: time(work["since"]), until: time(work["until"]) });
  }
  return found.sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity) || a.id.localeCompare(b.id));
}

// Worst first: what keeps people out, priority, then not yet taken, then still true, then newest.
export function worse(a: AlarmView, b: AlarmView): number {
  const silence = Number(a.silencedKind !== "") - Number(b.silencedKind !== "");
  if (silence !== 0) return silence;
  if (a.keepOut !== b.keepOut) return a.keepOut ? -1 : 1;
  if (a.priority !== b.priority) return a.priority < b.priority ? -1 : 1;
  if (a.acknowledged !== b.acknowledged) return a.acknowledged ? 1 : -1;
  if (a.active !== b.active) return a.active ? -1 : 1;
  return (b.since ?? 0) - (a.since ?? 0);
}

export function alarmsOf(state: State): AlarmView[] {
  return [...state.alarms].map(([id, raw]) => viewAlarm(id, raw)).sort(worse);
}

export interface Group {
  id: string;
  worst: AlarmView;
  alarms: AlarmView[];
}

// By tank, the worst tank first; every P1 also stands alone at the top of the list.
export function grouped(alarms: AlarmView[]): Group[] {
  const groups = new Map<string, AlarmView[]>();
  for (const alarm of alarms) {
    const of = groups.get(alarm.group);
    if (of) of.push(alarm);
    else groups.set(alarm.group, [alarm]);
  }
  return [...groups].map(([id, all]) => ({ id, alarms: all, worst: all[0]! })).sort((a, b) => worse(a.worst, b.worst));
}

export interface Answer {
  wrong: boolean;
  untaken: Record<Priority, number>;
  taken: number;
  silenced: number;
  worst: AlarmView | null;
}

export function anythingWrong(alarms: AlarmView[]): Answer {
  const untaken = { p1: 0, p2: 0, p3: 0 };
  let taken = 0;
  let silenced = 0;
  for (const alarm of alarms) {
    if (alarm.silencedKind !== "") silenced += 1;
    else if (alarm.acknowledged) taken += 1;
    else untaken[alarm.priority] += 1;
  }
  const loud = alarms.filter((a) => a.silencedKind === "");
  return { wrong: loud.length > 0, untaken, taken, silenced, worst: loud[0] ?? null };
}

// When a machine was last heard: its newest reading, since its state is sent only when it changes.
export const heardAt = (device: Device): number | null =>
  [...device.points.values()].reduce<number | null>((newest, p) => (p.at !== null && p.at > (newest ?? 0) ? p.at : newest), device.lastOk);

export interface Tile {
  device: Device;
  worst: AlarmView | null;
  alarms: number;
  hoursToLoss: number | null;
  inside: number | null;
  rank: number;
}

function hoursToLoss(device: Device, alarms: AlarmView[]): number | null {
  const told = alarms.map((a) => num(obj(a.raw["time_to_loss"])["low_s"])).filter((s): s is number => s !== null);
  if (told.length > 0) return Math.min(...told) / 3600;
  const lasts = num(obj(obj(device.model?.["lasts"])["to_150"])["low_s"]);
  const dry = num(device.model?.["dry_in_h"]);
  if (lasts === null || dry === null) return lasts === null ? dry : lasts / 3600;
  return Math.min(lasts / 3600, dry);
}

export function insideOf(state: State, device: string): number | null {
  const place = state.tanks.get(device) ?? device;
  return state.inside.get(place) ?? (state.containers.has(place) ? 0 : null);
}

// Vials in each place, however deep; places above a place that is not known have none of it.
export function insideAll(state: State): Map<string, number> {
  const places = new Map([...state.containers].map(([id, lazy]) => [id, obj(open(lazy))] as const));
  const sums = new Map<string, number>();
  for (const [id, place] of places) {
    const own = num(place["aliquots"]) ?? 0;
    const seen = new Set<string>(); // a circle in what came must not hold the page
    for (let at = id; places.has(at) && !seen.has(at); at = str(places.get(at)!["parent"])) {
      seen.add(at);
      sums.set(at, (sums.get(at) ?? 0) + own);
    }
  }
  return sums;
}

function rank(device: Device, worst: AlarmView | null): number {
  if (worst && worst.silencedKind === "") return (worst.priority === "p1" ? 0 : worst.priority === "p2" ? 2 : 4) + (worst.acknowledged ? 1 : 0);
  if (device.state === "lost") return 6;
  if (device.state !== "online") return 7;
  return worst ? 8 : 9;
}

const byNumber = new Intl.Collator("en", { numeric: true });

// Freezers worst first; a calm wall keeps its order, so that eyes find a tank where it was.
export function wall(state: State, alarms: AlarmView[], kinds: string[]): Tile[] {
  const of = new Map<string, AlarmView[]>();
  for (const alarm of alarms) {
    const key = alarm.device || alarm.source;
    const mine = of.get(key);
    if (mine) mine.push(alarm);
    else of.set(key, [alarm]);
  }
  const tiles: Tile[] = [];
  for (const device of state.devices.values()) {
    if (!kinds.includes(kindOf(device))) continue;
    const mine = of.get(device.id) ?? [];
    const worst = mine[0] ?? null;
    const hours = hoursToLoss(device, mine);
    tiles.push({ device, worst, alarms: mine.length, hoursToLoss: hours, inside: insideOf(state, device.id), rank: rank(device, worst) });
  }
  return tiles.sort((a, b) => a.rank - b.rank || byNumber.compare(a.device.id, b.device.id));
}

// Level against its limits, as shares of the bar's height.
export interface Bar {
  share: number | null;
  marks: { name: string; share: number }[];
}
export function levelBar(device: Device): Bar {
  const limits = limitsOf(device);
  const level = meaning(device, "level");
  const percent = kindOf(device) === "supply" || level?.unit === "%";
  const stop = num(limits["level_high_warn"]) ?? num(limits["fill_stop"]);
  const top = percent ? 100 : (stop ?? 250) * 1.15;
  const value = level && typeof level.value === "number" ? level.value : null;
  const share = (v: number) => Math.max(0, Math.min(1, v / top));
  const names = ["level_low_critical", "level_low_warn", "fill_start", "fill_stop", "level_high_warn", "level_warn", "level_critical"];
  const marks = names.flatMap((name) => {
    const at = num(limits[name]);
    return at === null ? [] : [{ name, share: share(at) }];
  });
  return { share: value === null ? null : share(value), marks };
}

// Doses of a course as bars of its time line.
export interface DoseRow {
  dose: string;
  state: string;
  planned: Record<string, number | null>;
  actual: Record<string, number | null>;
  fit: boolean;
  told: boolean;
  blocked: string;
  aliquots: Obj[];
  raw: Obj;
}
// By dose, the days since the infusion before it; `local` gives the site's day of a moment.
export function gapsOf(doses: DoseRow[], local: (at: number) => number): Map<string, number> {
  const given = doses.filter((d) => d.state !== "rejected" && d.state !== "returned")
    .map((d) => ({ dose: d.dose, at: d.actual["infused_at"] ?? d.planned["infusion_at"] ?? null }))
    .filter((d): d is { dose: string; at: number } => d.at !== null).sort((a, b) => a.at - b.at);
  return new Map(given.slice(1).map((d, i) => [d.dose, local(d.at) - local(given[i]!.at)]));
}

export function dosesOf(course: Obj): DoseRow[] {
  const times = (o: unknown) => Object.fromEntries(Object.entries(obj(o)).map(([k, v]) => [k, time(v)]));
  return objs(course["doses"]).map((d) => ({
    dose: str(d["dose"]), state: str(d["state"]), planned: times(d["planned"]), actual: times(d["actual"]),
    fit: d["fit"] != null && d["fit"] !== false, told: d["told"] === true || str(d["told"]) !== "", blocked: str(d["blocked"]),
    aliquots: objs(d["aliquots"]), raw: d,
  }));
}
