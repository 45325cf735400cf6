// The minute plan of today (plan/day): its steps in lanes of people, machines and couriers, what is late,
// what has time to spare, and what moved since somebody last looked. Pure; no words of a language in here.
import { num, objs, str, strs, time, type Obj } from "./read";

export interface Slot {
  key: string; // one for each step of a dose, the same from plan to plan
  course: string;
  dose: string;
  of: string; // thaw, harvest
  step: string;
  from: number;
  until: number;
  machine: string; // "" for none
  person: string; // "" for nobody
  running: boolean;
  late: number; // minutes of its dose, 0 when it is in time
}

export interface Run {
  course: string;
  dose: string;
  courier: string; // "" where the site has no couriers: then it is the time to leave
  leaves: number;
  arrives: number;
  infusionAt: number | null;
  spare: number | null; // minutes between the last step's end and the courier; below 0: missed
}

// A thaw or a harvest of the day, those that are over too.
export interface DoseOfDay {
  course: string;
  dose: string;
  of: string;
  state: string; // waiting, running, done
  due: number | null;
  ends: number | null;
  minutes: number | null; // above 0 late, below 0 early; null where no plan was found
}
export interface Infusion {
  course: string;
  dose: string;
  clinic: string;
  done: boolean;
  from: number;
  until: number | null; // null where the protocol tells no length
}

export interface MinutePlan {
  date: string;
  verdict: string;
  slots: Slot[]; // by time
  runs: Run[];
  doses: DoseOfDay[];
  infusions: Infusion[];
  late: { course: string; dose: string; minutes: number; why: string; told: Obj }[];
  hangsOn: string[];
  faults: string[];
  leftOut: string[];
  from: number;
  until: number;
}

const kMinute = 60_000;
const chainOf = (o: Obj): string => `${str(o["course"])}/${str(o["dose"])}`;

// Null when there is none: a site without steps tells no minute plan.
export function readDay(day: Obj | null): MinutePlan | null {
  if (!day || str(day["date"]) === "") return null;
  const late = objs(day["late"]).map((l) => ({ course: str(l["course"]), dose: str(l["dose"]), minutes: num(l["minutes"]) ?? 0, why: str(l["why"]), told: l }));
  const minutesLate = new Map(late.map((l) => [`${l.course}/${l.dose}`, l.minutes]));
  const slots = objs(day["steps"]).flatMap((s): Slot[] => {
    const from = time(s["from"]);
    const until = time(s["until"]);
    if (from === null || until === null || until < from) return [];
    return [{ key: `${chainOf(s)}/${str(s["of"])}/${str(s["step"])}`, course: str(s["course"]), dose: str(s["dose"]), of: str(s["of"]), step: str(s["step"]),
      from, until, machine: str(s["machine"]), person: str(s["person"]), running: s["running"] === true, late: minutesLate.get(chainOf(s)) ?? 0 }];
  }).sort((a, b) => a.from - b.from || a.until - b.until || a.key.localeCompare(b.key));
  const runs = objs(day["runs"]).flatMap((r): Run[] => {
    const leaves = time(r["leaves"]);
    const arrives = time(r["arrives"]);
    if (leaves === null || arrives === null) return [];
    const ends = slots.filter((s) => s.of === "harvest" && `${s.course}/${s.dose}` === chainOf(r)).map((s) => s.until);
    return [{ course: str(r["course"]), dose: str(r["dose"]), courier: str(r["courier"]), leaves, arrives, infusionAt: time(r["infusion_at"]),
      spare: ends.length ? Math.floor((leaves - Math.max(...ends)) / kMinute) : null }];
  });
  const doses = objs(day["doses"]).map((d) => ({ course: str(d["course"]), dose: str(d["dose"]), of: str(d["of"]), state: str(d["state"]), due: time(d["due"]), ends: time(d["ends"]), minutes: num(d["minutes"]) }));
  const infusions = objs(day["infusions"]).flatMap((i): Infusion[] => {
    const from = time(i["from"]);
    return from === null ? [] : [{ course: str(i["course"]), dose: str(i["dose"]), clinic: str(i["clinic"]), done: i["done"] === true, from, until: time(i["until"]) }];
  });
  const times = [...slots.flatMap((s) => [s.from, s.until]), ...runs.flatMap((r) => [r.leaves, r.arrives]), ...infusions.flatMap((i) => [i.from, i.until ?? i.from])];
  return { date: str(day["date"]), verdict: str(day["verdict"]), slots, runs, doses, infusions, late, hangsOn: strs(day["hangs_on"]), faults: strs(day["faults"]),
    leftOut: strs(day["left_out"]), from: Math.min(...times), until: Math.max(...times) };
}

// What of the day is late, by dose: what is still to come, by its table, its courier and what the daemon names; and
// whether any that is over was.
export function lateOf(plan: MinutePlan): { open: string[]; before: boolean } {
  const late = plan.doses.filter((d) => (d.minutes ?? 0) > 0);
  const open = [...late.filter((d) => d.state !== "done"), ...plan.late, ...plan.runs.filter((r) => (r.spare ?? 0) < 0)].map((d) => `${d.course} ${d.dose}`);
  return { open: [...new Set(open)].sort(), before: late.some((d) => d.state === "done") };
}

// A bar of a lane: a step, or a courier's way with all that it takes.
export interface Bar {
  key: string;
  from: number;
  until: number;
  slot: Slot | null;
  runs: Run[];
  infusion: Infusion | null;
}
export interface Lane {
  kind: "person" | "machine" | "courier" | "clinic" | "nobody";
  name: string;
  rows: Bar[][]; // what overlaps stands below each other
}

function packed(bars: Bar[]): Bar[][] {
  const rows: Bar[][] = [];
  for (const bar of bars) {
    const row = rows.find((r) => r[r.length - 1]!.until <= bar.from);
    if (row) row.push(bar);
    else rows.push([bar]);
  }
  return rows;
}

// People first, `me` before the others; then machines, couriers, clinics, and steps that need neither.
export function lanesOf(plan: MinutePlan, me: string): Lane[] {
  const order = new Intl.Collator("en", { numeric: true });
  const lanes = (kind: "person" | "machine"): Lane[] => {
    const names = [...new Set(plan.slots.map((s) => s[kind]))].filter((n) => n !== "");
    names.sort((a, b) => Number(b === me) - Number(a === me) || order.compare(a, b));
    return names.map((name) => ({ kind, name, rows: packed(plan.slots.filter((s) => s[kind] === name).map((slot) => barOf(kind, slot))) }));
  };
  const couriers = [...new Set(plan.runs.map((r) => r.courier))].sort(order.compare).map((name): Lane => {
    const trips = new Map<string, Run[]>();
    for (const run of plan.runs.filter((r) => r.courier === name)) trips.set(`${run.leaves}-${run.arrives}`, [...(trips.get(`${run.leaves}-${run.arrives}`) ?? []), run]);
    const bars = [...trips].map(([key, runs]): Bar => ({ key: `courier/${name}/${key}`, from: runs[0]!.leaves, until: runs[0]!.arrives, slot: null, runs, infusion: null }));
    return { kind: "courier", name, rows: packed(bars.sort((a, b) => a.from - b.from)) };
  });
  const clinics = [...new Set(plan.infusions.map((i) => i.clinic))].sort(order.compare).map((name): Lane => {
    const given = plan.infusions.filter((i) => i.clinic === name).sort((a, b) => a.from - b.from);
    return { kind: "clinic", name, rows: packed(given.map((i) => ({ key: `clinic/${i.course}/${i.dose}`, from: i.from, until: i.until ?? i.from, slot: null, runs: [], infusion: i }))) };
  });
  const alone = plan.slots.filter((s) => s.person === "" && s.machine === "");
  const nobody: Lane[] = alone.length ? [{ kind: "nobody", name: "", rows: packed(alone.map((slot) => barOf("nobody", slot))) }] : [];
  return [...lanes("person"), ...lanes("machine"), ...couriers, ...clinics, ...nobody];
}
const barOf = (kind: string, slot: Slot): Bar => ({ key: `${kind}/${slot.key}`, from: slot.from, until: slot.until, slot, runs: [], infusion: null });

// What is another now than in `before`: later or earlier by a minute and more, another person, another machine.
export interface Moved {
  now: Slot;
  was: Slot | null; // null: it is new
}
export function movedSince(before: MinutePlan | null, plan: MinutePlan): Moved[] {
  if (!before || before.date !== plan.date) return [];
  const known = new Map(before.slots.map((s) => [s.key, s]));
  return plan.slots.flatMap((now): Moved[] => {
    const was = known.get(now.key) ?? null;
    if (was && Math.abs(was.from - now.from) < kMinute && was.person === now.person && was.machine === now.machine) return [];
    return [{ now, was }];
  });
}

// Where the arrow keys go from a bar: along its lane, or to the nearest one of the lane above or below.
export function nextBar(lanes: Lane[], key: string, to: "left" | "right" | "up" | "down" | "first" | "last"): string {
  const flat = lanes.map((lane) => lane.rows.flat().sort((a, b) => a.from - b.from));
  const at = flat.findIndex((bars) => bars.some((b) => b.key === key));
  if (at < 0) return flat[0]?.[0]?.key ?? "";
  const bars = flat[at]!;
  const i = bars.findIndex((b) => b.key === key);
  if (to === "left" || to === "right") return bars[Math.max(0, Math.min(bars.length - 1, i + (to === "left" ? -1 : 1)))]!.key;
  if (to === "first") return bars[0]!.key;
  if (to === "last") return bars[bars.length - 1]!.key;
  const other = flat[at + (to === "up" ? -1 : 1)];
  if (!other) return key;
  const from = bars[i]!.from;
  return [...other].sort((a, b) => Math.abs(a.from - from) - Math.abs(b.from - from))[0]!.key;
}
