// Whole pieces of a person's work that no other test does to their end: a tank is emptied rack by rack, an alarm
// is silenced and commented, and the paper that goes with a vial.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Bare, closeBrowser, enter, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
let begun = false;
const found = { aliquot: "a-1", code: "VIAL-0001", course: "c1", dose: "d01", path: "site/room-1/freezer-1/rack-1/box-1", position: "A1", state: "released", patient: "p1", holds: ["sterility"] };
function answer(verb: string, command: Record<string, unknown>): Record<string, unknown> {
  const body = command["body"] as Record<string, unknown>;
  switch (verb) {
    case "evacuation/list": return { body: { open: begun ? [{ evacuation: "evacuation-1", from: "freezer-1", to: "freezer-3", done: 0, racks: [{ rack: "rack-1", to: "slot-4", aliquots: 12 }] }] : [] } };
    case "evacuation/plan": begun = body["apply"] === true; return { body: { racks: [{ rack: `rack of ${String(body["from"])}`, from: "slot-1", to: "slot-4", aliquots: 12 }] } };
    case "aliquot/find": return { body: found };
    case "history/aliquot": return { body: { stays: [{ from: stamp(Date.now() - 86_400_000), until: stamp(Date.now() - 80_000_000), path: "site/room-1/port", position: "1", state: "quarantined" }, { from: stamp(Date.now() - 80_000_000), until: null, path: found.path, position: "A1", state: "released" }] } };
    case "exposure/report": return { body: { exposures: [{ aliquot: "a-1", peak_cel: -152.5, above_s: { "-150": 0, "-135": 0 }, handled_s: 31, handled: 2, handled_longest_s: 20, warm_left_s: 89, thaws_left: 1, over_budget: false, excursions: 0 }] } };
    default: return { message: "done", sequence: 12, body: {} };
  }
}
beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });
beforeEach(async () => {
  begun = false;
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = answer;
  await daemon.online();
  for (let n = 1; n <= 3; ++n) await daemon.freezer(n);
  await daemon.put("journal/checkpoint", { note: "x", sequence: 4_711, at: stamp(), schema: "checkpoint/1.0" });
  await daemon.put("course/c1", { course: "c1", patient: "p1", protocol: "ank-12", lot: "l1", donation: "D-77", registered_at: stamp(), revision: 1, doses: [{ dose: "d01", number: 1, fraction: "1", state: "stored", planned: {}, actual: {}, aliquots: [{ aliquot: "a-1", code: "VIAL-0001", state: "released", place: "box-1", position: "A1" }] }], at: stamp(), schema: "course/1.0" });
});
afterEach(async () => { await view.context.close(); await daemon.clear(); await daemon.stop(); });
const at = (path: string) => view.page.goto(`${bare.url}#/${path}`);
const sent = (verb: string) => daemon.commands.filter((c) => c.verb === verb).map((c) => c.body);
const body = (verb: string) => sent(verb).at(-1)!["body"] as Record<string, unknown>;
const press = (name: string) => view.page.getByRole("button", { name, exact: true }).click();

test("a tank is emptied rack by rack: what begins is what was shown, and each rack wants two people", async () => {
  await daemon.alarm("freezer-1", "level-low", "p1");
  view = await enter(bare, "supervisor");
  await at("evacuation");
  const pick = (legend: string, name: RegExp) => view.page.locator("fieldset").filter({ hasText: legend }).getByText(name).click();
  const begin = view.page.getByRole("button", { name: "Begin it" });
  expect(await view.page.locator("fieldset").first().textContent()).toMatch(/Freezer 1[^F]*! in alarm/);
  await pick("From", /Freezer 1/);
  await pick("To", /Freezer 2/);
  expect(await begin.isDisabled()).toBe(true);
  await press("Show what it would do");
  await view.page.getByText("rack of freezer-1").waitFor();
  expect(sent("evacuation/plan").every((c) => !(c["body"] as Record<string, unknown>)["apply"])).toBe(true);
  // Another one is chosen: nothing of it was shown yet, on the screen or for the printer.
  await pick("To", /Freezer 3/);
  expect(await begin.isDisabled()).toBe(true);
  expect(await view.page.locator("tbody tr").count()).toBe(0);
  await press("Show what it would do");
  await view.page.getByText("rack of freezer-1").waitFor();
  await view.page.emulateMedia({ media: "print" });
  expect(await view.page.locator(".sheet-head").textContent()).toContain("journal 4711");
  expect(await view.page.locator("tbody .tick-box").count()).toBe(2);
  await view.page.emulateMedia({ media: "screen" });
  await begin.click();
  await until("begun", 5, () => sent("evacuation/plan").some((c) => (c["body"] as Record<string, unknown>)["apply"] === true));
  expect(body("evacuation/plan")).toEqual({ from: "freezer-1", to: "freezer-3", apply: true });
  const moved = view.page.locator('section[aria-label="evacuation-1"]');
  await moved.waitFor();
  const rack = moved.locator("li button");
  expect(await rack.isDisabled()).toBe(true);
  await moved.getByText("witness", { exact: true }).click();
  await rack.click();
  await until("a rack stands there", 5, () => sent("evacuation/rack").length);
  expect(sent("evacuation/rack")[0]).toMatchObject({ witness: "witness", body: { evacuation: "evacuation-1", rack: "rack-1" } });
});

test("an alarm is silenced with a reason and an end, and commented", async () => {
  await daemon.alarm("freezer-1", "level-low", "p3");
  view = await enter(bare, "supervisor");
  await at("alarms/freezer-1.level-low");
  await press("Silence");
  const dialog = view.page.locator(".dialog");
  const times = dialog.locator(".row button");
  expect(await times.first().isDisabled()).toBe(true); // nothing is silenced without a reason
  await dialog.locator("input").fill("sensor is changed");
  const wanted = await times.first().textContent();
  await times.first().click();
  await until("sent", 5, () => sent("alarm/shelve").length);
  expect(body("alarm/shelve")).toEqual({ alarm: "freezer-1.level-low", for: wanted, reason: "sensor is changed", occurrence: 1 });
  await press("Comment");
  await dialog.locator("textarea").fill("dewar ordered");
  await dialog.getByRole("button", { name: "Do it" }).click();
  await until("sent", 5, () => sent("alarm/comment").length);
  expect(body("alarm/comment")).toEqual({ alarm: "freezer-1.level-low", text: "dewar ordered" });
});

test("a vial's certificate: its whole trace, what it went through and the journal's number, on paper without a button", async () => {
  view = await enter(bare, "viewer");
  await at("aliquot/a-1");
  await view.page.locator("tbody tr").nth(1).waitFor();
  await until("the daemon's clock", 8, async () => !(await view.page.locator(".sheet-head").textContent())?.includes("–"));
  await view.page.emulateMedia({ media: "print" });
  const paper = await view.page.evaluate(() => document.querySelector<HTMLElement>(".aliquot")!.innerText);
  for (const told of [/VIAL-0001/, /journal 4711/, /sterility/, /p1/, /l1/, /D-77/, /room-1 \/ port 1/, /rack-1 \/ box-1 A1/, /still there/, /-152\.5 °C/, /89 s warm time left/]) expect(paper).toMatch(told);
  expect(await view.page.locator("main button:visible, .nav:visible").count()).toBe(0);
});
