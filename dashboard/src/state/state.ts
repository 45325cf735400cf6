// What the page knows: a pure reducer over the messages of one site. It holds no clock, no socket
// and no element; `at` of every message is the daemon's, `heard` is a monotonic time handed in.
// Large things (courses, containers) stay text until somebody looks at them.
import { list, num, obj, objs, parse, str, time, type Obj } from "./read";

export interface Point {
  value: number | string | null;
  unit: string;
  quality: string;
  at: number | null;
  heard: number;
  expiry: number; // seconds until the daemon's promise to refresh it is broken; 0: none
}

export interface Device {
  id: string;
  description: Obj | null;
  state: string;
  lastOk: number | null;
  maintenance: Obj | null; // somebody works on it: by, reason, since, until
  model: Obj | null;
  points: Map<string, Point>;
  targets: Map<string, Obj>;
  version: number; // rises when anything of it changed
}

export interface Lazy {
  text: string;
  value: Obj | null;
  seen: number;
}

export interface EventLine {
  stream: string;
  seq: number;
  type: string;
  at: number | null;
  user: string;
  reason: string;
  journal: number | null;
  data: Obj;
}

export const kEventsKept = 500; // of each stream, newest last: what a page can show without asking

export interface State {
  site: string;
  generation: number; // of the connection; what an earlier one left is swept
  service: Obj | null;
  info: Obj | null;
  beat: Obj | null;
  pulseHeard: number | null; // the last beat or pulse, in this connection
  pulseEvery: number | null; // ms, as the pulse says
  aliveHeard: number | null; // the daemon said anything in this connection
  newest: { at: number; heard: number } | null; // time in a retained message: the daemon's clock is later
  clock: { at: number; heard: number } | null; // the daemon's, when it was last heard
  waiting: Obj[];
  summary: Obj | null;
  plan: Obj | null;
  day: Obj | null; // the minute plan of today
  daySeen: Obj | null; // as somebody last looked at it: what moved is told against it
  checkpoint: Obj | null;
  devices: Map<string, Device>;
  alarms: Map<string, Obj>;
  jobs: Map<string, Obj>;
  courses: Map<string, Lazy>;
  containers: Map<string, Lazy>;
  tanks: Map<string, string>; // device -> the place that it is
  inside: Map<string, number>; // freezer -> vials in all places of it
  worklists: Map<string, Obj>;
  pages: Obj[];
  events: Map<string, EventLine[]>;
  heads: Map<string, Obj>;
  seen: Map<string, number>; // topic -> generation
  version: number;
}

export function emptyState(site = ""): State {
  return {
    site, generation: 0, service: null, info: null, beat: null, pulseHeard: null, pulseEvery: null, aliveHeard: null, newest: null, clock: null, waiting: [],
    summary: null, plan: null, day: null, daySeen: null, checkpoint: null, devices: new Map(), alarms: new Map(), jobs: new Map(),
    courses: new Map(), containers: new Map(), tanks: new Map(), inside: new Map(), worklists: new Map(), pages: [], events: new Map(),
    heads: new Map(), seen: new Map(), version: 0,
  };
}

export interface Message {
  topic: string; // below cryobank/v1/{site}/
  text: string;
  retained: boolean;
  expiry: number;
  heard: number;
}

function device(state: State, id: string): Device {
  let found = state.devices.get(id);
  if (!found) {
    found = { id, description: null, state: "", lastOk: null, maintenance: null, model: null, points: new Map(), targets: new Map(), version: 0 };
    state.devices.set(id, found);
  }
  found.version += 1;
  return found;
}

function takeDevice(state: State, levels: string[], message: Message): void {
  const id = levels[1] ?? "";
  const kind = levels[2] ?? "";
  const value = message.text === "" ? null : parse(message.text);
  const one = device(state, id);
  if (kind === "description") one.description = value;
  else if (kind === "model") one.model = value;
  else if (kind === "state") {
    one.state = str(value?.["state"]);
    one.lastOk = time(value?.["last_ok"]);
    one.maintenance = value?.["maintenance"] == null ? null : obj(value["maintenance"]);
  } else if (kind === "point" && levels[3]) takePoint(one, levels[3], value, message);
  else if (kind === "target" && levels[3]) {
    if (value) one.targets.set(levels[3], value);
    else one.targets.delete(levels[3]);
  }
}

function takePoint(one: Device, point: string, value: Obj | null, message: Message): void {
  if (!value) {
    one.points.delete(point);
    return;
  }
  const quality = str(value["quality"]) || "stale";
  const raw = value["value"];
  const good = quality === "good" && (typeof raw === "number" || typeof raw === "string");
  one.points.set(point, {
    value: good ? (raw as number | string) : null,
    unit: str(value["unit"]), quality, at: time(value["at"]), heard: message.heard, expiry: message.expiry,
  });
}

function keep<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}

function keepLazy(state: State, map: Map<string, Lazy>, id: string, text: string): void {
  if (text === "") map.delete(id);
  else map.set(id, { text, value: null, seen: state.generation });
}

// How many vials a place itself holds, and in which freezer: read without opening it.
function share(text: string): { freezer: string; own: number } {
  const read = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
  return { freezer: read(/"freezer":"([^"]+)"/), own: Number(read(/"aliquots":(\d+)/)) || 0 };
}

function takeContainer(state: State, id: string, text: string): void {
  const before = share(state.containers.get(id)?.text ?? "");
  const now = share(text);
  const add = (freezer: string, n: number) => freezer !== "" && state.inside.set(freezer, (state.inside.get(freezer) ?? 0) + n);
  add(before.freezer, -before.own);
  add(now.freezer, now.own);
  keepLazy(state, state.containers, id, text);
  const device = /"device":"([^"]+)"/.exec(text)?.[1];
  if (device) state.tanks.set(device, id);
}

export function open(lazy: Lazy | undefined): Obj | null {
  if (!lazy) return null;
  lazy.value ??= parse(lazy.text);
  return lazy.value;
}

function takeEvent(state: State, stream: string, value: Obj): void {
  const seq = num(value["seq"]);
  if (seq === null) return;
  const lines = state.events.get(stream) ?? [];
  if (lines.some((line) => line.seq === seq)) return;
  lines.push(eventLine(stream, value, seq));
  lines.sort((a, b) => a.seq - b.seq);
  state.events.set(stream, lines.slice(-kEventsKept));
}

export function eventLine(stream: string, value: Obj, seq: number): EventLine {
  return {
    stream, seq, type: str(value["type"]).replace(/^cryobank\.[a-z]+\./, ""), at: time(value["time"]),
    user: str(value["user"]), reason: str(value["reason"]), journal: num(value["journal"]), data: obj(value["data"]),
  };
}

function takeService(state: State, kind: string, value: Obj | null, message: Message): void {
  if (kind === "state") state.service = value;
  else if (kind === "info") state.info = value;
  else if (kind === "waiting") state.waiting = objs(value?.["waiting"]);
  else if ((kind === "beat" || kind === "pulse") && value) {
    if (kind === "beat") state.beat = value;
    else state.pulseEvery = num(value["every_ms"]);
    state.pulseHeard = message.heard;
    const at = time(value["at"]);
    if (at !== null) state.clock = { at, heard: message.heard };
  }
}

const kPagesKept = 50;

// What is not retained was said just now. Only a beat or a pulse corrects a clock that is known.
function live(state: State, value: Obj, heard: number): void {
  state.aliveHeard = heard;
  const at = time(value["at"] ?? value["time"]);
  if (state.clock === null && at !== null) state.clock = { at, heard };
}

function guess(state: State, value: Obj, heard: number): void {
  const at = time(value["at"]);
  if (at !== null && at > (state.newest?.at ?? 0)) state.newest = { at, heard };
}

// Another day has nothing to be compared with.
function takeDay(state: State, value: Obj | null): void {
  state.day = value;
  if (state.daySeen?.["date"] !== value?.["date"]) state.daySeen = value;
}

// Takes one message in. Unknown topics and keys are left alone; what is no JSON object counts as
// removed only when it is empty.
export function reduce(state: State, message: Message): void {
  const levels = message.topic.split("/");
  const [room, id = ""] = levels;
  const value = message.text === "" ? null : parse(message.text);
  if (message.text !== "" && value === null) return;
  state.seen.set(message.topic, state.generation);
  if (!message.retained && value && room !== "page") live(state, value, message.heard);
  else if (state.clock === null && value) guess(state, value, message.heard);
  state.version += 1;
  switch (room) {
    case "service": return takeService(state, id, value, message);
    case "device": return takeDevice(state, levels, message);
    case "alarm":
      if (id === "summary") state.summary = value;
      else keep(state.alarms, id, value);
      return;
    case "job": return keep(state.jobs, id, value);
    case "course": return keepLazy(state, state.courses, id, message.text);
    case "container": return takeContainer(state, id, message.text);
    case "worklist": return keep(state.worklists, id, value);
    case "plan": return id === "day" ? takeDay(state, value) : void (state.plan = value);
    case "journal": state.checkpoint = value; return;
    case "page":
      if (levels.length === 2 && value) state.pages = [value, ...state.pages.filter((p) => p["page"] !== value["page"])].slice(0, kPagesKept);
      return;
    case "event":
      if (levels[2] === "head" && value) state.heads.set(id, value);
      else if (value) takeEvent(state, id, value);
      return;
    default: return;
  }
}

// A new connection: everything retained comes again.
export function beginConnection(state: State): void {
  state.generation += 1;
  state.version += 1;
}

// Once the retained tree has come: what the broker no longer holds is gone.
export function sweep(state: State): void {
  const gone = (topic: string) => state.seen.get(topic) !== state.generation;
  for (const id of [...state.alarms.keys()]) if (gone(`alarm/${id}`)) state.alarms.delete(id);
  for (const id of [...state.jobs.keys()]) if (gone(`job/${id}`)) state.jobs.delete(id);
  for (const id of [...state.courses.keys()]) if (gone(`course/${id}`)) state.courses.delete(id);
  for (const id of [...state.containers.keys()]) if (gone(`container/${id}`)) takeContainer(state, id, "");
  for (const id of [...state.worklists.keys()]) if (gone(`worklist/${id}`)) state.worklists.delete(id);
  if (gone("service/waiting")) state.waiting = [];
  if (gone("plan/day")) state.day = state.daySeen = null;
  for (const [id, one] of state.devices) {
    if (gone(`device/${id}/description`) && gone(`device/${id}/state`)) {
      state.devices.delete(id);
      continue;
    }
    for (const point of [...one.points.keys()]) if (gone(`device/${id}/point/${point}`)) one.points.delete(point);
    for (const point of [...one.targets.keys()]) if (gone(`device/${id}/target/${point}`)) one.targets.delete(point);
    one.version += 1;
  }
  state.version += 1;
}

export const kindOf = (one: Device): string => str(one.description?.["kind"]);
export const titleOf = (one: Device): string => str(one.description?.["title"]) || one.id;
export const limitsOf = (one: Device): Obj => obj(one.description?.["limits"]);
export const pointsOf = (one: Device): Obj[] => objs(one.description?.["points"]);

// What a point's number is called: the name of a value, the names of the bits that are set.
export function nameOf(point: Obj, value: number | string | null): string {
  const names = Object.entries(obj(point["values"]));
  if (typeof value !== "number" || names.length === 0) return "";
  if (point["type"] === "bits") return names.filter(([, bit]) => typeof bit === "number" && Math.floor(value / 2 ** bit) % 2 === 1).map(([name]) => name).join(", ");
  return names.find(([, one]) => one === value)?.[0] ?? "";
}

// The point of a device that carries a meaning: by its word, else by its id.
export const pointThatMeans = (one: Device, name: string): string => str(pointsOf(one).find((p) => str(p["means"]) === name)?.["id"]) || name;
export const meaning = (one: Device, name: string): Point | null => one.points.get(pointThatMeans(one, name)) ?? null;

export interface Person {
  user: string;
  roles: string[];
}
export function staffOf(state: State): Person[] {
  return objs(state.info?.["staff"]).map((p) => ({ user: str(p["user"]), roles: list(p["roles"]).map(str) }));
}
