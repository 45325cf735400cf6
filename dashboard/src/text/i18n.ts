// Two catalogues, switched live. Words of the daemon (states, qualities, conditions) are looked up as
// "{kind}.{word}"; a word that no catalogue knows is shown as it came.
import { obj, str, type Obj } from "../state/read";
import { catalogues } from "./catalogues";
import type { en } from "./en";
import { machineJa } from "./machine_ja";

export type Language = "en" | "ja";
export type Key = keyof typeof en;
type Values = Record<string, string | number>;

let language: Language = "en";
let zone = "UTC";
let asked = "UTC"; // what the site said; `zone` is UTC when this browser does not know it

export const currentLanguage = (): Language => language;
export function setLanguage(to: Language): void {
  language = to;
  if (typeof document !== "undefined") document.documentElement.lang = to;
}
// What a person chose here before; at the first visit the first of the browser's languages that the page has.
export const firstLanguage = (chosen: string, browser: readonly string[]): Language =>
  [chosen, ...browser].map((tag) => tag.slice(0, 2).toLowerCase()).find((tag): tag is Language => tag === "en" || tag === "ja") ?? "en";
export function setZone(to: string): void {
  if (to === asked) return;
  asked = to;
  try {
    new Intl.DateTimeFormat("en", { timeZone: to });
    zone = to;
  } catch {
    zone = "UTC"; // a zone this browser does not know; times then say UTC
  }
}
export const currentZone = (): string => zone;

// Letters in brackets stand for more than one: "{n} gap[s]".
function filled(text: string, values: Obj, lacking: (name: string) => string): string {
  if (!/[[{]/.test(text)) return text;
  const one = String(values["n"] ?? "") === "1";
  return text.replace(/\[(\w+)\]/g, one ? "" : "$1").replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? lacking(name)));
}
export const t = (key: Key, values: Values = {}): string => filled(catalogues[language][key] ?? key, values, (name) => `{${name}}`);

// A text of the daemon and the language it came in: `texts` holds further languages by their tag.
export function told(of: Obj, name: string, wanted: Language = language): { text: string; language: Language } {
  const own = str(obj(obj(of["texts"])[wanted])[name]);
  return own === "" ? { text: str(of[name]), language: "en" } : { text: own, language: wanted };
}

// A word of the daemon.
export function word(kind: string, value: string): string {
  if (value === "") return "";
  return catalogues[language][`${kind}.${value}`] ?? value;
}

// A sentence of the daemon by its code, with its members filled in; empty where no catalogue knows the code.
export const sentence = (kind: string, of: Obj): string => filled(catalogues[language][`${kind}.${str(of["code"])}`] ?? "", of, () => "");

// What a profile calls a point or one of its values; names of several bits stand beside each other.
export const machineWord = (text: string): string => (language === "ja" ? text.split(", ").map((one) => machineJa[one] ?? one).join("、") : text);
export const pointTitle = (point: Obj): string => {
  const title = str(point["title"]) || str(point["id"]);
  return language === "ja" ? (machineJa[title] ?? title) : title;
};

const locale = () => (language === "ja" ? "ja-JP" : "en-GB");

// A formatter costs a hundred times what it does, and a list of alarms asks for five hundred: each is made once.
const formatters = new Map<string, { format: (value: number) => string }>();
function formatter(key: string, make: () => { format: (value: number) => string }): (value: number) => string {
  let found = formatters.get(key);
  if (!found) formatters.set(key, (found = make()));
  return found.format;
}
export function format(ms: number | null, options: Intl.DateTimeFormatOptions): string {
  if (ms === null) return t("none");
  return formatter(`${language} ${zone} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options }))(ms);
}
export const clock = (ms: number | null): string => format(ms, { hour: "2-digit", minute: "2-digit", hour12: false });
export const day = (ms: number | null): string => format(ms, { weekday: "short", day: "numeric", month: "short" });
export const date = (ms: number | null): string => format(ms, { weekday: "short", year: "numeric", month: "short", day: "numeric" });
// The site's own day of a moment: written 2026-11-22, and counted in days.
const isoDay = (ms: number): string => formatter(`iso ${zone}`, () => new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }))(ms);
export const localDay = (ms: number): number => Date.parse(`${isoDay(ms)}T00:00:00Z`) / 86_400_000;
export const year = (ms: number): string => isoDay(ms).slice(0, 4);
export const dayClock = (ms: number | null): string => format(ms, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });
export const moment = (ms: number | null): string =>
  format(ms, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
export const full = (ms: number | null): string =>
  format(ms, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZoneName: "short" });

export function number(value: number, digits = 0): string {
  return formatter(`${language} ${digits}`, () => new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }))(value);
}

// A path as people read it: a step that repeats the one above it says only what it adds.
export function pathText(path: string): string {
  const steps = path.split("/");
  return steps.map((step, i) => (i > 0 && step.startsWith(`${steps[i - 1]}-`) ? step.slice(steps[i - 1]!.length + 1) : step)).join(" / ");
}

// How long, in the two largest units that matter.
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 100) return t("unit.s", { n: s });
  const min = Math.round(s / 60);
  if (min < 100) return t("unit.min", { n: min });
  const h = Math.floor(min / 60);
  if (h < 48) return t("unit.hmin", { h, min: min % 60 });
  return t("unit.days", { n: Math.round(h / 24) });
}

const kUnits: Record<string, string> = { Cel: "°C", "1": "", mm: "mm", L: "L", "%": "%", mbar: "mbar", s: "s" };
export const unit = (code: string): string => kUnits[code] ?? code;
