// axe over all that the page can show: each screen, each form of the work by hand, each dialogue that a button
// opens, the login and what lies over everything, in both languages, by day and by night.
import { afterAll, beforeAll, expect, test } from "vitest";
import { acts } from "../../dashboard/src/acts/acts";
import axe from "./axe";
import { Bare, closeBrowser, enter, openPage, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
const kRoles = ["viewer", "operator", "witness", "qc", "physician", "supervisor", "quality", "administrator"];
const kScreens = ["wall", "wall?mode=wall", "alarms", "alarms/freezer-1.level-low", "freezer/freezer-1", "today", "work", "find/box", "waiting", "courses", "course/c1", "aliquot/a-1",
  "plan", "places", "box/box-1", "robots", "robot/robot-1", "rounds", "evacuation", "reports", "health"];
const kLooks = [["English", "Day"], ["日本語", "Night"], ["English", "Night"], ["日本語", "Day"]] as const;

const vials = [1, 2, 3].map((n) => ({ aliquot: `a-${n}`, code: `VIAL-000${n}`, state: "released", place: "box-1", position: `A${n}` }));
async function bank(): Promise<void> {
  await daemon.online({ protocols: ["ank-12"], calendars: ["japan"], clinics: [{ clinic: "clinic-1", title: "East clinic", calendar: "japan" }],
    staff: [{ user: "operator", roles: kRoles }, { user: "witness", roles: ["witness"] }, { user: "physician", roles: ["viewer", "physician"] }] });
  for (let n = 1; n <= 3; ++n) await daemon.freezer(n);
  await daemon.put("device/freezer-3/state", { state: "lost", last_ok: null, at: stamp() });
  await daemon.put("device/room-1/description", { id: "room-1", title: "Store room 1", kind: "room", room: "room-1", points: [], limits: { oxygen_warn: 19.5 }, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot", kind: "robot", points: [], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/state", { state: "online", last_ok: stamp(), at: stamp() });
  const box = (id: string, slots: object[]) => daemon.put(`container/${id}`, { container: id, type: "box", title: `Box ${id}`, path: `site/room-1/freezer-1/rack-1/${id}`, freezer: "freezer-1", parent: "rack-1", aliquots: slots.length,
    positions: 81, rows: 9, columns: 9, counts: { free: 81 - slots.length, occupied: slots.length, reserved: 0, blocked: 0, held: 0 }, slots, at: stamp(), schema: "container/1.0" });
  await box("box-1", vials.map((v) => ({ position: v.position, state: "occupied", aliquot: v.aliquot, course: "c1", dose: "d01", aliquot_state: "released" })));
  await box("box-2", []);
  await daemon.put("container/rack-1", { container: "rack-1", type: "rack", path: "site/room-1/freezer-1/rack-1", parent: "freezer-1", aliquots: 3, containers: ["box-1", "box-2"], positions: 5, counts: {}, slots: [], at: stamp(), schema: "container/1.0" });
  await daemon.put("course/c1", { course: "c1", patient: "p1", protocol: "ank-12", lot: "l1", revision: 1, doses: vials.map((v, i) => ({ dose: `d0${i + 1}`, number: i + 1, fraction: "1", state: "stored",
    planned: { thaw: stamp(Date.now() + i * 86_400_000), infusion: stamp(Date.now() + (i + 7) * 86_400_000) }, actual: {}, aliquots: [v] })), at: stamp(), schema: "course/1.0" });
  const today = stamp().slice(0, 10);
  await daemon.put(`worklist/${today}`, { date: today, items: [{ step: "thaw", course: "c1", dose: "d01", patient: "p1", state: "planned", at: stamp(), done: false, aliquots: [vials[0]] }], at: stamp(), schema: "worklist/1.0" });
  await daemon.put("job/job-3", { job: "job-3", kind: "store", state: "unknown", robot: "robot-1", priority: 5, moves_done: 0, moves: [{ ...vials[0], from: "port", from_position: "1", to: "box-1", to_position: "A1", state: "unknown", outcome: "power lost" }], at: stamp(), schema: "job/1.0" });
  await daemon.alarm("freezer-1", "level-low", "p1");
  await daemon.alarm("freezer-2", "lid-open", "p3", { suppression: { kind: "shelved", by: "supervisor", reason: "cleaning", since: stamp(), until: stamp(Date.now() + 3_600_000) }, shelved: { by: "supervisor", reason: "cleaning", until: stamp(Date.now() + 3_600_000) } });
  await daemon.alarm("freezer-2", "ln2-inhibited", "p2", { activity: "returned", active: false, latched: true, latch: "reset", state: "latched" });
}
function answer(verb: string, command: Record<string, unknown>): Record<string, unknown> {
  const body = command["body"] as Record<string, unknown>;
  switch (verb) {
    case "signature/prepare": return { body: { signed: true, text: "I, operator, do this.", meaning: "performed", token: "t" } };
    case "aliquot/find": return body["code"] === "NOBODY-1" ? { status: "rejected", code: "not-found", message: "no aliquot" } : { body: { ...vials[0], course: "c1", dose: "d01", path: "site/room-1/freezer-1/rack-1/box-1", patient: "p1", holds: [] } };
    case "history/chart": return { body: { resolution: "raw", unit: "mm", period_ms: 600_000, rows: [...Array(100).keys()].map((i) => [Date.now() - i * 600_000, 150, 160, 170]).reverse() } };
    default: return { message: "done", sequence: 12, body: {} };
  }
}
beforeAll(async () => {
  bare = await new Bare().start();
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = answer;
  await bank();
});
afterAll(async () => { await view.context.close(); await closeBrowser(); await daemon.stop(); await bare.stop(); });

const at = async (path: string) => {
  await view.page.evaluate((path) => void (location.hash = `#/${path}`), path);
  await view.page.waitForTimeout(200);
};
async function looks([language, light]: (typeof kLooks)[number]): Promise<void> {
  await at("find");
  await view.page.getByRole("button", { name: language, exact: true }).click();
  const now = await view.page.evaluate(() => (document.documentElement.dataset["night"] === "1" ? "Night" : "Day"));
  if (now !== light) await view.page.getByRole("button", { name: /^(Night|Day|夜間表示|昼間表示)$/ }).click();
}
const found: string[] = [];
const judged = async (what: string, part = "") => { for (const one of await axe(view.page, part)) found.push(`${what}: ${one}`); };
const open = () => view.page.locator("dialog[open]").count();
async function shut(): Promise<void> {
  for (let tries = 0; tries < 5 && (await open()) > 0; ++tries) {
    await view.page.evaluate(() => [...document.querySelectorAll("dialog[open]")].at(-1)?.dispatchEvent(new Event("cancel", { cancelable: true })));
    await view.page.waitForTimeout(50);
  }
}
const kMostButtons = 40; // of one screen, each text once

for (const look of kLooks) {
  test(`every screen: ${look.join(", ")}`, async () => {
    if (!view) {
      view = await enter(bare, "operator");
      view.page.on("pageerror", (error) => found.push(`thrown: ${error.message}`));
    }
    await looks(look);
    found.length = 0;
    for (const screen of kScreens) {
      await at(screen);
      await judged(screen);
    }
    expect(found).toEqual([]);
  }, 180_000);
}

for (const look of kLooks.slice(0, 2)) {
  test(`every form: ${look.join(", ")}`, async () => {
    await looks(look);
    found.length = 0;
    for (const act of acts) {
      await at(`work/${act.id}`);
      expect(await open(), act.id).toBe(1);
      await judged(act.id, "dialog[open]");
      await shut();
    }
    expect(found).toEqual([]);
  }, 240_000);

  test(`every dialogue that a button opens: ${look.join(", ")}`, async () => {
    await looks(look);
    found.length = 0;
    let seen = 0;
    for (const screen of kScreens.filter((one) => !one.startsWith("work") && !one.startsWith("wall"))) {
      await at(screen);
      const names = await view.page.locator("main button:enabled, main a.link, main .alarm-head").evaluateAll((all) => [...new Set(all.map((e) => (e.textContent ?? "").trim()))]);
      for (const name of names.slice(0, kMostButtons)) {
        await view.page.evaluate((name) => [...document.querySelectorAll<HTMLElement>("main button:enabled, main a.link, main .alarm-head")].find((e) => (e.textContent ?? "").trim() === name)?.click(), name);
        await view.page.waitForTimeout(120);
        if ((await open()) > 0) {
          seen += 1;
          await judged(`${screen}, ${name}`, "dialog[open]");
          await shut();
        }
        if (!view.page.url().endsWith(`#/${screen}`)) await at(screen);
      }
    }
    console.log(`${seen} dialogues`);
    expect(found).toEqual([]);
    expect(seen).toBeGreaterThan(20);
  }, 300_000);
}

test("the login, a refusal over everything, and the page when it is blind", async () => {
  found.length = 0;
  await looks(["日本語", "Night"]);
  await at("plan");
  await view.page.evaluate(() => { for (const key of [..."NOBODY-1", "Enter"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); });
  await view.page.locator("#refusal-ok").waitFor();
  await judged("a refusal");
  await view.page.locator("#refusal-ok").click();
  const login = await openPage(bare.url);
  for (const one of await axe(login.page)) found.push(`login: ${one}`);
  await login.context.close();
  daemon.silence();
  await until("stale", 8, () => view.page.locator(".frame.stale, .frame.blind").count());
  for (const screen of ["wall", "alarms", "freezer/freezer-1", "course/c1"]) {
    await at(screen);
    await judged(`blind ${screen}`);
  }
  expect(found).toEqual([]);
  // And what it looks for would be found.
  await view.page.evaluate(() => document.querySelector("main")!.insertAdjacentHTML("beforeend", '<p id="pale" style="color: #999; background: #aaa">pale</p><input id="nameless">'));
  await judged("planted");
  expect(found.map((one) => /^planted: (color-contrast: #pale|label: #nameless)/.exec(one)?.[1])).toEqual(expect.arrayContaining(["color-contrast: #pale", "label: #nameless"]));
}, 120_000);
