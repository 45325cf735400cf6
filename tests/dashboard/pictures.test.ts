// Not a test: makes the pictures of docs/screenshots from the running demonstration
// (scripts/screenshots). Without SCREENSHOTS in the environment it does nothing.
//   {state}-{screen}-{light}.png   every screen, calm, in alarm and blind, by day and by night
//   wall.png, alarm.png, blind.png larger ones for README; and Japanese, a phone and the wall mode
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, test } from "vitest";
import { small } from "./png";
import { closeBrowser, Demo, enter, until, type View } from "./stage";

const folder = process.env["SCREENSHOTS"] ?? "";
const kScreens = ["wall", "alarms", "today", "work", "find/course-2603-d01-1", "waiting", "courses", "course/course-2601", "aliquot/course-2602-d06-1", "plan", "places", "box/freezer-1-rack-1-box-1", "robots",
  "freezer/freezer-2", "rounds", "evacuation", "reports", "health"];
const kSmall = 0.6; // of 1,280 by 800: still readable, and the folder stays small
const kSettle = 900; // ms for what a screen asks of the daemon

let demo: Demo;
let view: View;
let large: View;
beforeAll(async () => {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder).filter((name) => name.endsWith(".png"))) rmSync(`${folder}/${old}`);
  demo = await new Demo().start();
  await until("the bank is filled", 300, () => demo.output().includes("the bank is filled"));
  view = await enter(demo, "supervisor", { width: 1_280, height: 800, scale: kSmall });
  large = await enter(demo, "supervisor", { width: 1_280, height: 800 });
}, 400_000);
afterAll(async () => {
  if (!folder) return;
  await closeBrowser();
  await demo.stop();
});

async function picture(name: string, of = view): Promise<void> {
  await of.page.waitForTimeout(kSettle);
  writeFileSync(`${folder}/${name}.png`, small(await of.page.screenshot({ animations: "disabled" })));
}
const at = (screen: string, of = view) => of.page.goto(`${demo.url}#/${screen}`);
const light = (of: View, name: "Night" | "Day") => of.page.getByRole("button", { name, exact: true }).click();

async function everyScreen(state: string): Promise<void> {
  for (const [button, word] of [["", "day"], ["Night", "night"]] as const) {
    if (button) await light(view, button);
    for (const screen of kScreens) {
      await at(screen);
      await picture(`${state}-${screen.split("/")[0]}-${word}`);
    }
  }
  await light(view, "Day");
}

test.runIf(folder)("every screen, calm", async () => {
  await everyScreen("calm");
  await at("wall", large);
  await picture("wall", large);
  await at("course/course-2601", large);
  await picture("course", large);
}, 300_000);

test.runIf(folder)("in alarm", async () => {
  await demo.hands({ do: "fault", device: "freezer-2", fault: "breach" });
  await at("wall", large);
  await until("an alarm of priority 1", 180, () => large.page.locator(".tile.p1").count());
  await everyScreen("alarm");
  await at("alarms", large);
  await large.page.locator(".alarm-head").first().click();
  await picture("alarm", large);
  await view.page.getByRole("button", { name: "日本語" }).click();
  for (const screen of ["wall", "alarms"]) {
    await at(screen);
    await picture(`alarm-${screen}-ja`);
  }
  await view.page.getByRole("button", { name: "English" }).click();
  await at("wall?mode=wall");
  await picture("alarm-wall-mode");
  await at("wall");
  const phone = await enter(demo, "operator", { phone: true });
  for (const screen of ["wall", "alarms", "rounds"]) {
    await at(screen, phone);
    await picture(`alarm-${screen}-phone`, phone);
  }
  await phone.context.close();
}, 400_000);

test.runIf(folder)("blind", async () => {
  await at("wall", large);
  process.kill(demo.pid("daemon"), "SIGSTOP");
  try {
    await until("blind", 40, () => view.page.locator(".frame.blind").count());
    await picture("blind", large);
    await everyScreen("blind");
  } finally {
    process.kill(demo.pid("daemon"), "SIGCONT");
  }
}, 300_000);
