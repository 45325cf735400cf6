// The page at a site that its makers never saw: machines with other names and other points, thirty freezers and
// none, long and Japanese names, a course of 24 half doses, a login that may only look, a clock that is wrong.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Bare, closeBrowser, enter, relay, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
const look = process.env["LOOK"] ?? ""; // a folder: pictures to look at
const at = (path: string) => view.page.goto(`${bare.url}#/${path}`);
async function picture(name: string): Promise<void> {
  await view.page.waitForTimeout(look ? 500 : 0);
  if (look) await view.page.screenshot({ path: `${look}/${name}.png`, fullPage: true });
}

// What somebody would trip over: a page wider than the screen, things beyond its edge, text that is cut off.
const faults = () => view.page.evaluate(() => {
  const out: string[] = [];
  if (document.documentElement.scrollWidth > innerWidth + 1) out.push(`the page is ${document.documentElement.scrollWidth} wide of ${innerWidth}`);
  for (const e of document.querySelectorAll<HTMLElement>("main *, .top *, .nav *")) {
    const r = e.getBoundingClientRect();
    const s = getComputedStyle(e);
    if (r.width === 0 || e.closest(".scroll, .reader, dialog, svg")) continue;
    if (r.right > innerWidth + 1 && r.bottom > 0) out.push(`beyond the edge: ${e.tagName}.${e.className} ${(e.textContent ?? "").slice(0, 40)}`);
    if (s.overflow === "hidden" && s.textOverflow !== "ellipsis" && e.children.length === 0 && e.scrollWidth > e.clientWidth + 1) out.push(`cut: ${e.className} ${(e.textContent ?? "").slice(0, 40)}`);
  }
  return [...new Set(out)];
});

// A freezer whose profile calls things its own way; the words it means are what the page goes by.
async function strange(n: number, title: string, id = `ln2-tank_${n}`): Promise<void> {
  const point = (value: number, unit: string) => ({ value, unit, quality: "good", at: stamp(), seq: 1, schema: "point/1.0" });
  await Promise.all([
    daemon.put(`device/${id}/description`, { id, title, kind: "freezer", profile: "mve-9999", revision: 1, room: "keller", points: [{ id: "P01", means: "level", title: "Füllstand", unit: "%" }, { id: "P02", means: "temperature-top", title: "T oben", unit: "Cel" }],
      limits: { temperature_warn: -160, temperature_critical: -150, level_low_warn: 40, level_low_critical: 30 }, schema: "device-description/1.0" }),
    daemon.put(`device/${id}/state`, { at: stamp(), state: "online", last_ok: stamp(), schema: "device-state/1.0" }),
    daemon.put(`device/${id}/point/P01`, point(61.5, "%"), true, 600),
    daemon.put(`device/${id}/point/P02`, point(-187.3, "Cel"), true, 600),
  ]);
}
const kLong = "Stickstofftank Nordflügel Untergeschoss hinten links neben der Tür zum Archiv (Ersatzgerät 2027)";
const kJapanese = "第二細胞処理施設　地下一階液体窒素保管室　大型凍結保存容器　予備三号機";

beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });
beforeEach(async () => {
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = () => ({});
  await daemon.online();
});
afterEach(async () => { await view.context.close(); await bare.begin(); await daemon.clear(); await daemon.stop(); });

for (const phone of [false, true]) {
  test(`thirty freezers of another maker with long and Japanese names${phone ? ", on a phone" : ""}`, async () => {
    await Promise.all(Array.from({ length: 30 }, (_, i) => strange(i + 1, i === 3 ? kLong : i === 4 ? kJapanese : `Tank ${i + 1}`)));
    await daemon.alarm("ln2-tank_5", "level-low", "p1", { text: `level-low of ${kJapanese}` });
    await daemon.put("container/keller", { container: "keller", type: "room", title: kJapanese, path: "haus/keller", aliquots: 0, positions: 4, counts: {}, slots: [], containers: ["ln2-tank_5"], at: stamp(), schema: "container/1.0" });
    await daemon.put("container/ln2-tank_5", { container: "ln2-tank_5", type: "freezer", title: kLong, path: "haus/keller/ln2-tank_5", parent: "keller", device: "ln2-tank_5", aliquots: 7, positions: 4, counts: {}, slots: [], at: stamp(), schema: "container/1.0" });
    view = await enter(bare, "supervisor", { phone });
    await until("thirty tiles", 15, async () => (await view.page.locator(".tile").count()) === 30);
    const first = view.page.locator(".tile").first();
    expect(await first.textContent()).toContain("大型凍結保存容器");
    expect(await first.textContent()).toContain("62 %");
    expect(await first.textContent()).toMatch(/[-−]187.3/);
    for (const screen of ["wall", "alarms", "freezer/ln2-tank_5", "evacuation", "places", "box/ln2-tank_5", "rounds", "health", "find/tank", "reports", "work"]) {
      await at(screen);
      await view.page.waitForTimeout(150);
      await picture(`strange-${phone ? "phone-" : ""}${screen.split("/")[0]}`);
      expect(await faults(), screen).toEqual([]);
    }
    await at("places");
    // Seven lie in a tank of the room: the room says so as well.
    await until("counted however deep", 5, async () => /7/.test((await view.page.locator("tbody tr").filter({ hasText: "大型凍結保存容器" }).locator("td").last().textContent()) ?? ""));
  });
}

test("no freezer at all: every screen says what is not there, and nothing of it is an error", async () => {
  const errors: string[] = [];
  view = await enter(bare, "supervisor");
  view.page.on("pageerror", (error) => errors.push(error.message));
  for (const screen of ["wall", "alarms", "today", "work", "find", "waiting", "courses", "course/none", "plan", "places", "box/none", "robots", "robot/none", "freezer/none", "aliquot/none", "rounds", "evacuation", "reports", "health", "no-such-screen"]) {
    await at(screen);
    await view.page.waitForTimeout(120);
    await picture(`empty-${screen.replace("/", "-")}`);
    const text = ((await view.page.locator("main").textContent()) ?? "").replace(/\s+/g, " ").trim();
    expect(text.length, `${screen} is bare: "${text}"`).toBeGreaterThan(12);
    expect(await faults(), screen).toEqual([]);
  }
  expect(errors).toEqual([]);
});

test("a course of 24 half doses: each on its own line, none on another, and the days can be read", async () => {
  const day = (n: number) => stamp(Date.now() + n * 86_400_000);
  await daemon.put("course/k-24", { course: "k-24", patient: "p-1", protocol: "ank-24-half", lot: "l1", revision: 1, at: stamp(), schema: "course/1.0", doses: Array.from({ length: 24 }, (_, i) => ({ dose: `d${String(i + 1).padStart(2, "0")}`, number: i + 1, fraction: "1/24",
    state: i < 3 ? "infused" : "planned", planned: { thaw_at: day(i * 7 - 1), infusion_at: day(i * 7) }, actual: i < 3 ? { thawed_at: day(i * 7 - 1), infused_at: day(i * 7) } : {},
    aliquots: [0, 1].map((k) => ({ aliquot: `k-24-d${i}-${k}`, code: `K24-${i}-${k}`, state: "released", place: "box-1", position: `A${k}` })) })) });
  for (const phone of [false, true]) {
    view = await enter(bare, "operator", { phone });
    await at("course/k-24");
    await until("drawn", 10, async () => (await view.page.locator(".timeline .dose").count()) === 24);
    await picture(`course24${phone ? "-phone" : ""}`);
    const overlaps = await view.page.evaluate(() => {
      const boxes = [...document.querySelectorAll(".timeline text.day, .timeline .dose > text:first-of-type")].map((e) => e.getBoundingClientRect());
      const edge = document.querySelector(".timeline > svg")!.getBoundingClientRect();
      let n = boxes.filter((b) => b.right > edge.right + 1).length;
      for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) if (a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1) n += 1;
      return n;
    });
    expect(overlaps).toBe(0);
    expect(await faults()).toEqual([]);
    if (!phone) await view.context.close();
  }
});

test("who may only look is offered no command that would be refused", async () => {
  await strange(1, "Tank 1");
  await daemon.alarm("ln2-tank_1", "level-low", "p2");
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot 1", kind: "robot", points: [], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/state", { state: "online", at: stamp(), schema: "device-state/1.0" });
  await daemon.put("job/job-1", { job: "job-1", robot: "robot-1", kind: "store", state: "running", moves: [], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "viewer");
  for (const screen of ["wall", "alarms", "today", "work", "courses", "plan", "robots", "freezer/ln2-tank_1", "rounds", "evacuation", "waiting", "health"]) {
    await at(screen);
    await view.page.waitForTimeout(150);
    if (screen === "alarms") await view.page.locator(".alarm-head").first().click();
    await picture(`viewer-${screen.split("/")[0]}`);
    const open = await view.page.locator('main [data-command="1"]:enabled').allTextContents();
    // Questions, and acts of everybody, may be asked by whoever looks.
    expect(open.filter((one) => !/Show what it would do|Ask|Minute plan|End my signing|Calendar|Worklist|Figures|FHIR|MiniZinc/.test(one)), screen).toEqual([]);
  }
});

test("a browser whose clock is ten minutes off shows the same, and its commands are taken", async () => {
  await strange(1, "Tank 1");
  await daemon.put("plan", { at: stamp(), plan_time: stamp(), clock_speed: 1, schema: "plan/1.1" });
  for (const off of [-600_000, 600_000]) {
    view = await enter(bare, "supervisor", { init: `const real = Date.now.bind(Date); Date.now = () => real() + ${off}; const Old = Date; Date = class extends Old { constructor(...a) { a.length ? super(...a) : super(real() + ${off}); } }; Date.now = () => real() + ${off};` });
    await until("a tile", 10, () => view.page.locator(".tile").count());
    await daemon.beat();
    await until("its age is true", 5, async () => /\d{1,2} s ago/.test((await view.page.locator(".tile footer").textContent()) ?? ""));
    const before = daemon.commands.length;
    await view.page.evaluate(() => void 0);
    await at("work/backup");
    await view.page.locator(".dialog").getByRole("button", { name: /Do it/ }).click();
    await until("sent", 5, () => daemon.commands.slice(before).some((c) => c.verb === "store/backup"));
    const sent = daemon.commands.filter((c) => c.verb === "store/backup").pop()!;
    const left = Date.parse(String(sent.body["expires_at"])) - Date.now();
    expect(Math.abs(left - 60_000)).toBeLessThan(15_000);
    if (off < 0) await view.context.close();
  }
});

test("a slow link: the page is live, stays so, and its commands are answered once", async () => {
  await strange(1, "Tank 1");
  const slow = await relay(bare.ws, 1_500); // each way: a hospital's VPN on a bad day
  try {
    view = await enter({ ...bare, url: `${bare.url}&broker=ws://127.0.0.1:${slow.port}` } as typeof bare, "supervisor");
    await until("a tile", 15, () => view.page.locator(".tile").count());
    await view.page.evaluate(() => {
      (window as unknown as { grades: string[] }).grades = [];
      new MutationObserver(() => (window as unknown as { grades: string[] }).grades.push(document.querySelector(".frame")?.className ?? "")).observe(document.body, { attributes: true, subtree: true, attributeFilter: ["class"] });
    });
    await view.page.evaluate(() => void (location.hash = "#/work/backup"));
    await view.page.locator(".dialog").getByRole("button", { name: /Do it/ }).click();
    await until("answered", 20, async () => (await view.page.locator(".dialog .reply.good").count()) > 0);
    await view.page.waitForTimeout(7_000); // longer than a pulse may be late
    expect(daemon.commands.filter((c) => c.verb === "store/backup").length).toBe(1);
    expect(await view.page.evaluate(() => (window as unknown as { grades: string[] }).grades.filter((g) => /stale|blind/.test(g)))).toEqual([]);
  } finally {
    slow.close();
  }
}, 60_000);
