import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { en } from "../../../dashboard/src/text/en";
import { machineJa } from "../../../dashboard/src/text/machine_ja";
import { ja } from "../../../dashboard/src/text/ja";
import { actionOf } from "../../../dashboard/src/text/actions";
import { firstLanguage, sentence, setLanguage, t, told, type Key } from "../../../dashboard/src/text/i18n";

const root = resolve(__dirname, "../../..");
const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? sources(join(folder, e.name)) : /\.tsx?$/.test(e.name) ? [join(folder, e.name)] : []));
const screens = sources(join(root, "dashboard/src")).filter((f) => !f.includes("/text/")).map((f) => ({ name: f, text: readFileSync(f, "utf8") }));
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

test("both catalogues have the same keys, none empty", () => {
  expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
  for (const words of [...Object.values(en), ...Object.values(ja)]) expect(words.trim()).not.toBe("");
});

test("each text fills in the same values in both languages", () => {
  for (const key of Object.keys(en) as Key[]) expect(names(ja[key]), key).toEqual(names(en[key]));
});

test("Japanese is Japanese, but for words that are the same everywhere", () => {
  const same = (Object.keys(en) as Key[]).filter((key) => en[key] === ja[key] && /[a-z]{4}/i.test(en[key]));
  expect(same).toEqual([]);
});

test("every text a screen asks for is in the catalogue", () => {
  for (const { name, text } of screens) {
    for (const [, key] of text.matchAll(/\bt\("([^"]+)"/g)) expect(en, `${name}: ${key}`).toHaveProperty([key!]);
  }
});

test("no screen has words of its own", () => {
  for (const { name, text } of screens.filter((s) => s.name.endsWith(".tsx"))) {
    const found = [...text.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)\s*</g)].map((m) => m[1]);
    expect(found, name).toEqual([]);
  }
});

test("every condition that the daemon can raise has a title in both languages", () => {
  const catalogue = readFileSync(join(root, "config/alarms/catalogue.toml"), "utf8");
  const conditions = [...catalogue.matchAll(/^(?:condition|id|name)\s*=\s*"([a-z0-9-]+)"/gm)].map((m) => m[1]!);
  expect(conditions.length).toBeGreaterThan(80);
  expect(conditions.filter((name) => !(`cond.${name}` in en))).toEqual([]);
});

test("what to do about an alarm is said in Japanese too, for each condition and kind of machine", () => {
  const catalogue = readFileSync(join(root, "config/alarms/catalogue.toml"), "utf8").split(/^\[\[alarm\]\]$/m).slice(1);
  expect(catalogue.length).toBeGreaterThan(90);
  setLanguage("ja");
  for (const entry of catalogue) {
    const condition = /^condition = "(.*)"$/m.exec(entry)![1]!;
    const kinds = /^of = \[(.*)\]/m.exec(entry)?.[1]?.match(/[a-z]+/g) ?? [""];
    const japanese = /^action_ja = "(.*)"$/m.exec(entry)?.[1];
    for (const kind of kinds) {
      const told = actionOf(condition, kind);
      expect(told, `${kind}.${condition}`).toMatch(/[ぁ-んァ-ヶ一-龠]/);
      expect(told, `${kind}.${condition}`).toBe(japanese);
    }
  }
  setLanguage("en");
  expect(actionOf("level-low", "supply")).toBe("");
});

test("what the reference machines call their points and values is said in Japanese too", () => {
  for (const name of ["freezer-2", "robot-1", "room-1", "supply-1"]) {
    const profile = readFileSync(join(root, `config/devices/cryobank-${name}.toml`), "utf8");
    const titles = [...profile.matchAll(/^title = "(.*)"/gm)].map((m) => m[1]!).slice(1); // the first is the machine's own
    const values = [...profile.matchAll(/^values = \{(.*)\}/gm)].flatMap((m) => [...m[1]!.matchAll(/([a-z][a-z0-9-]*)\s*=/g)].map((v) => v[1]!));
    expect(titles.length).toBeGreaterThan(3);
    expect([...titles, ...values].filter((one) => !/[ぁ-んァ-ヶ一-龠]/.test(machineJa[one] ?? "")), name).toEqual([]);
  }
});

test("the first visit takes the browser's language, a later one what was chosen", () => {
  expect([firstLanguage("", ["ja-JP", "en"]), firstLanguage("", ["de-DE", "JA"]), firstLanguage("", ["en-GB", "ja"])]).toEqual(["ja", "ja", "en"]);
  expect([firstLanguage("en", ["ja-JP"]), firstLanguage("ja", ["en"]), firstLanguage("", ["de", "fr-FR"]), firstLanguage("", [])]).toEqual(["en", "ja", "en", "en"]);
});

test("switching is live", () => {
  setLanguage("ja");
  const japanese = t("nav.wall");
  setLanguage("en");
  expect([japanese, t("nav.wall")]).toEqual(["一覧", "Wall"]);
});

test("one is not spoken of as many", () => {
  expect([0, 1, 2].map((n) => t("chart.gaps", { n }))).toEqual(["0 gaps", "1 gap", "2 gaps"]);
  expect(t("wall.inside", { n: "1,000" })).toBe("1,000 vials inside");
});

test("a text of the daemon is shown in the page's language if it came so, else in English, and said so", () => {
  const alarm = { why: "Fills fail.", action: "Fill by hand.", texts: { ja: { why: "補充が失敗しています。", action: "" } } };
  expect(told(alarm, "why", "ja")).toEqual({ text: "補充が失敗しています。", language: "ja" });
  expect(told(alarm, "action", "ja")).toEqual({ text: "Fill by hand.", language: "en" });
  expect(told(alarm, "why", "en")).toEqual({ text: "Fills fail.", language: "en" });
  expect(told({ why: 7, texts: "x" }, "why", "ja")).toEqual({ text: "", language: "en" });
});

test("every cause of a late or moved dose that the daemon tells by a code is said in both languages", () => {
  const yaml = readFileSync(join(root, "docs/asyncapi.yaml"), "utf8");
  const codes = [...yaml.matchAll(/code: \{enum: \[([a-z, -]+)\]\}/g)].map((m) => m[1]!.split(", "));
  const kinds = { moved: "had-no-day", late: "centre-closed", "day-late": "misses-courier" };
  for (const [kind, one] of Object.entries(kinds)) {
    const told = codes.find((list) => list.includes(one))!;
    expect(told, kind).toBeDefined();
    const keys = Object.keys(en).filter((key) => key.startsWith(`${kind}.`)).map((key) => key.slice(kind.length + 1));
    expect(keys.sort(), kind).toEqual([...told].sort());
  }
});

// Closed lists of words that the daemon tells, each from where they are fixed, and the kind under which a screen
// looks them up. What a screen never shows stands behind it.
test("every word of a closed list of the daemon that a screen shows is said in both languages", () => {
  const read = (name: string) => readFileSync(join(root, name), "utf8");
  const yaml = read("docs/asyncapi.yaml");
  const lists = [...yaml.matchAll(/enum"?: ?\[([^\]]+)\]/g)].map((m) => m[1]!.split(/, ?/).map((one) => one.replace(/['"]/g, "")));
  const listed = (...some: string[]) => lists.find((list) => some.every((one) => list.includes(one))) ?? [];
  const named = (text: string, begin: string, end: string) => [...text.slice(text.indexOf(begin), text.indexOf(end, text.indexOf(begin))).matchAll(/"([a-z_-]+)"/g)].map((m) => m[1]!);
  const life = read("inventory/ledger/life_cycle.cpp");
  const objective = named(read("service/core/plan/plan_tell.cpp"), "Json objective_json(", "}");
  const words: Record<string, string[]> = {
    quality: listed("sensor-broken"), activity: listed("normal", "returned"), latch: listed("confirm", "reset").filter((one) => one !== "none"),
    device: listed("stale", "maintenance"), service: listed("stopping"), target: listed("parted"), priority: listed("p1", "p3").filter((one) => one !== "null"),
    job: listed("created", "queued"), move: listed("holding"), "job-kind": listed("relocate"), slot: listed("occupied", "held"),
    step: listed("reculture", "infusion"), verdict: listed("optimal"), "day-state": listed("waiting", "running"), pause: listed("fever", "imaging"),
    answer: ["read", "coming", "later", "not-coming"], page: listed("accepted", "not-coming").filter((one) => !["coming", "later", "not-coming"].includes(one)),
    status: listed("rejected", "duplicate"), code: listed("malformed", "interlock"), ack: listed("going", "handed-over"),
    rung: [.../`rung` \(([a-z, -]+)\)/.exec(read("docs/planning.md"))![1]!.split(", ")],
    dose: named(life, "kDoseNames", "};"), aliquot: named(life, "kAliquotNames", "};"),
    event: [...read("base/fact_names.hpp").matchAll(/CRYOBANK_FACT\(k\w+, "alarm", "([a-z-]+)"/g)].map((m) => m[1]!),
    objective, "objective-unit": objective,
  };
  for (const [kind, list] of Object.entries(words)) expect(list.length, kind).toBeGreaterThan(1);
  const missing = Object.entries(words).flatMap(([kind, list]) => list.map((one) => `${kind}.${one}`)).filter((key) => !(key in en));
  expect(missing).toEqual([]);
});

test("a row of the plan's objective is said with its unit", () => {
  expect(sentence("objective-unit", { code: "peak_permille", n: "25.0" })).toBe("25.0 % of what there is");
  expect(sentence("objective-unit", { code: "disturbance", n: "1" })).toBe("1 point");
  expect(sentence("objective-unit", { code: "disturbance", n: "12" })).toBe("12 points");
});

test("a cause is said with its members, and one that nobody knows is left to its text", () => {
  const full = { code: "full", resource: "thaw-station", day: "2026-12-02", limit: 3, more: "thaw-station 2026-11-30 +1", text: "thaw-station full" };
  setLanguage("en");
  expect(sentence("late", full)).toBe("thaw-station full for 2026-12-02 (3 places); with more of it that day would do: thaw-station 2026-11-30 +1");
  setLanguage("ja");
  expect(sentence("late", full)).toBe("2026-12-02分のthaw-stationが満杯（3枠）、追加があれば可能：thaw-station 2026-11-30 +1");
  expect(sentence("late", { code: "of-tomorrow", text: "something new" })).toBe("");
  setLanguage("en");
});
