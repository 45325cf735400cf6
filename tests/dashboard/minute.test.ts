// The minute plan of a day on the screen of today, in real Chromium against a broker whose daemon is played by
// hand: lanes, the line for now, late and moved, on whom the day hangs, keys, Japanese, a print.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import AxeBuilder from "./axe";
import { Bare, closeBrowser, enter, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
const kMinute = 60_000;
const day = (ms: number) => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Tokyo" }).format(ms);
// Ten in the morning of the site, whatever the hour is here: all of it lies on one day.
const now = Math.floor((Date.now() + 9 * 3_600_000) / 86_400_000) * 86_400_000 + 3_600_000;
const at = (minute: number) => stamp(now + minute * kMinute);

const step = (dose: string, name: string, from: number, until: number, more: object = {}) =>
  ({ course: "course-26", dose, of: "harvest", step: name, from: at(from), until: at(until), machine: "cabinet", person: "operator", running: false, ...more });
async function plan(steps: object[], more: object = {}): Promise<void> {
  await daemon.put("plan/day", { at: stamp(), date: day(now), verdict: "optimal", time_zone: "Asia/Tokyo", steps, late: [], hangs_on: [], faults: [], left_out: [],
    doses: [{ course: "course-26", dose: "d01", of: "harvest", state: "running", due: at(45), ends: at(40), latest: at(120), minutes: -5 }, { course: "course-26", dose: "d02", of: "thaw", state: "waiting", due: at(40), ends: at(45), latest: at(160), minutes: 5 }],
    infusions: [{ course: "course-26", dose: "d01", clinic: "clinic-1", done: false, from: at(240), until: at(270) }],
    runs: [{ course: "course-26", dose: "d01", courier: "noon", leaves: at(120), arrives: at(165), infusion_at: at(240) }], schema: "plan-day/1.0", ...more });
}
const kSteps = [step("d01", "harvest", -10, 20, { running: true }), step("d01", "pack", 20, 40, { machine: null, person: "supervisor" }), step("d02", "wash", 20, 45, { of: "thaw" })];

beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });
beforeEach(async () => {
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.clock = () => now;
  daemon.answer = () => ({});
  await daemon.online();
  await daemon.put("plan", { at: stamp(now), plan_time: stamp(now), clock_speed: 1, schema: "plan/1.1" });
  await daemon.put(`worklist/${day(now)}`, { date: day(now), items: [{ step: "harvest", at: at(0), course: "course-26", dose: "d01", patient: "p1", state: "in-culture", done: false, aliquots: [] }], at: stamp(), schema: "worklist/1.0" });
});
afterEach(async () => { await view.context.close(); await bare.begin(); await daemon.clear(); await daemon.stop(); });
const open = async (user = "operator", options = {}) => {
  view = await enter(bare, user, options);
  await view.page.goto(`${bare.url}#/today`);
  await view.page.locator("[data-bar]").first().waitFor();
};
const bar = (key: string) => view.page.locator(`[data-bar="${key}"]`);

test("who does what when and where: a lane each for people, machines and couriers, and a line for now", async () => {
  await plan(kSteps);
  await open();
  const lanes = await view.page.locator("[data-lane]").evaluateAll((all) => all.map((e) => (e as HTMLElement).dataset["lane"]));
  expect(lanes).toEqual(["person/operator", "person/supervisor", "machine/cabinet", "courier/noon", "clinic/clinic-1"]);
  expect(await bar("person/course-26/d01/harvest/harvest").getAttribute("aria-label")).toMatch(/09:50–10:20.*course-26 d01.*operator.*Safety cabinet.*begun/);
  // The line stands where the clock of the plan says: a third into the first hour's bar.
  const line = (await view.page.locator(".now-line").boundingBox())!;
  const begun = (await bar("person/course-26/d01/harvest/harvest").boundingBox())!;
  expect(Math.abs(line.x - (begun.x + begun.width / 3))).toBeLessThan(6);
  expect(await view.page.locator(".now-line").textContent()).toContain("10:00");
  // Ready at 10:40, the courier leaves at noon.
  expect(await view.page.getByRole("region", { name: "Couriers" }).textContent()).toContain("80 min");
  const doses = view.page.getByRole("region", { name: "Doses of the day" }).locator("tbody tr");
  expect(await doses.nth(0).textContent()).toMatch(/course-26 d01.*begun.*10:45.*10:40.*5 min early/);
  expect(await doses.nth(1).textContent()).toMatch(/course-26 d02.*waits.*! 5 min late/);
  // What the table calls late, the headline does not call in time.
  expect(await view.page.locator(".minute-plan .big-line").textContent()).toBe("! NOT in time: 1 dose (course-26 d02). Nothing can end earlier.");
  expect(await bar("clinic/course-26/d01").getAttribute("aria-label")).toMatch(/14:00–14:30.*Infusion.*course-26 d01/);
  expect(await AxeBuilder(view.page)).toEqual([]);
});

test("late doses, faults and on whom the day hangs are said in words", async () => {
  await plan(kSteps);
  await open();
  expect(await view.page.locator("[data-hangs]").getAttribute("data-hangs")).toBe("0");
  await plan(kSteps, { hangs_on: ["operator"], late: [{ course: "course-26", dose: "d01", minutes: 25, why: "Dose d01 of course course-26 misses courier noon at 12:00 by 25 min" }], faults: ["nobody has the skill release"], left_out: ["dose d09 of course course-26: held"] });
  await until("told", 5, async () => (await view.page.locator("[data-hangs]").getAttribute("data-hangs")) === "1");
  const text = (await view.page.locator(".minute-plan").textContent())!;
  for (const one of ["one person: operator", "d01 is 25 min late", "misses courier noon", "nobody has the skill release", "d09 of course course-26: held"]) expect(text).toContain(one);
  expect(await bar("person/course-26/d01/harvest/harvest").textContent()).toContain("!");
});

test("what moved since somebody looked is counted, marked, and told with what it was", async () => {
  await plan(kSteps);
  await open();
  expect(await view.page.locator("[data-moved]").count()).toBe(0);
  await plan([kSteps[0]!, { ...kSteps[1]!, person: "operator", from: at(50), until: at(70) }, kSteps[2]!]);
  await until("counted", 5, async () => (await view.page.locator("[data-moved]").getAttribute("data-moved").catch(() => "")) === "1");
  expect(await bar("person/course-26/d01/harvest/pack").getAttribute("aria-label")).toContain("was 10:20–10:40 supervisor");
  expect(await bar("person/course-26/d01/harvest/pack").textContent()).toContain("↷");
  await view.page.getByRole("button", { name: "Seen" }).click();
  await until("nothing is new", 5, async () => (await view.page.locator("[data-moved]").count()) === 0);
});

test("keys alone: one stop for the tab key, arrows from bar to bar, and the chosen one is read out", async () => {
  await plan(kSteps);
  await open();
  expect(await view.page.locator('[data-bar][tabindex="0"]').count()).toBe(1);
  await bar("person/course-26/d01/harvest/harvest").focus();
  const pressed = async (key: string) => {
    await view.page.keyboard.press(key);
    return view.page.evaluate(() => (document.activeElement as HTMLElement).dataset["bar"]);
  };
  expect(await pressed("ArrowRight")).toBe("person/course-26/d02/thaw/wash");
  expect(await pressed("ArrowDown")).toBe("person/course-26/d01/harvest/pack");
  expect(await pressed("ArrowDown")).toBe("machine/course-26/d02/thaw/wash");
  expect(await pressed("Home")).toBe("machine/course-26/d01/harvest/harvest");
  await until("read out", 3, async () => (await view.page.locator(".bar-told").textContent())?.includes("09:50–10:20"));
});

test("in Japanese nothing of it is English but what the daemon said, and that is marked", async () => {
  await plan(kSteps, { late: [{ course: "course-26", dose: "d01", minutes: 25, why: "Dose d01 misses courier noon" }] });
  await open();
  await view.page.getByRole("button", { name: "日本語" }).click();
  await until("Japanese", 3, async () => (await view.page.locator(".minute-plan h2").textContent())?.includes("誰が何を"));
  const foreign = view.page.locator(".late-line .foreign");
  expect(await foreign.getAttribute("lang")).toBe("en");
  expect(await foreign.textContent()).toContain("（英語）");
  expect(await view.page.locator(".late-line").textContent()).toContain("25 分遅れ");
});

test("on paper all of it is a list, and nothing runs over the edge; without a link all of it is old", async () => {
  await plan(kSteps);
  await open();
  await view.page.emulateMedia({ media: "print" });
  expect(await view.page.locator(".steps-list tbody tr:visible").count()).toBe(3);
  expect(await view.page.evaluate(() => [...document.querySelectorAll(".bar")].every((b) => b.getBoundingClientRect().right <= innerWidth))).toBe(true);
  await view.page.emulateMedia({ media: "screen" });
  await bare.halt();
  await until("old", 6, () => view.page.locator(".minute-plan.stale").count());
});

test("no word of a lane is broken and no text of a bar is cut, on a screen and on paper", async () => {
  await daemon.put("device/room-1/description", { id: "room-1", title: "Demonstration laboratory", kind: "room", room: "room-1", points: [], limits: {}, schema: "device-description/1.0" });
  const short = [step("d03", "release", 30, 35, { machine: "incubator", person: "demonstrator" }), step("d04", "seed", 35, 45, { person: "supervisor", machine: "room-1" })];
  await plan([...kSteps, ...short]);
  await open();
  const faults = () => view.page.evaluate(() => {
    const found: string[] = [];
    for (const name of document.querySelectorAll(".lane-name :is(b, small)")) {
      const text = name.firstChild!;
      for (const word of (text.textContent ?? "").matchAll(/[^\s-]+/g)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (range.getClientRects().length !== 1) found.push(`broken: ${word[0]}`);
        if (range.getBoundingClientRect().right > name.parentElement!.getBoundingClientRect().right) found.push(`out: ${word[0]}`);
      }
    }
    for (const line of document.querySelectorAll(".bar span")) {
      const [box, text, bar] = [line, line.querySelector("i")!, line.closest(".bar")!].map((e) => e.getBoundingClientRect());
      const shown = text!.top < box!.bottom - 1;
      if (shown && (text!.right > bar!.right || text!.left < bar!.left)) found.push(`cut: ${line.textContent}`);
    }
    return found;
  });
  const shown = () => view.page.evaluate(() => [...document.querySelectorAll(".bar span")].filter((e) => e.querySelector("i")!.getBoundingClientRect().top < e.getBoundingClientRect().bottom - 1).map((e) => e.textContent));
  expect(await faults()).toEqual([]);
  for (const one of ["▶ d01", "d03", "seed", "course-26"]) expect(await shown(), one).toContain(one);
  await view.page.setViewportSize({ width: 390, height: 844 });
  expect(await faults()).toEqual([]);
  await view.page.setViewportSize({ width: 718, height: 1_000 }); // A4 less its margins
  await view.page.emulateMedia({ media: "print" });
  expect(await faults()).toEqual([]);
});

test("another day's plan is asked of the daemon, and a site that tells no steps says so", async () => {
  daemon.answer = (verb, c) => (verb !== "plan/export" ? {} : (c["body"] as { date: string }).date === day(now + 86_400_000) ? { body: { text: "Minute plan of tomorrow: optimal" } } : null);
  await plan(kSteps);
  await open();
  await view.page.goto(`${bare.url}#/today/${day(now + 86_400_000)}`);
  await view.page.getByRole("button", { name: "Minute plan of this day" }).click();
  await until("told", 5, async () => (await view.page.locator("pre.paper").textContent().catch(() => ""))?.includes("of tomorrow"));
});
