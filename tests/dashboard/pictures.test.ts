// Not a test: makes the pictures of docs/screenshots from the running demonstration
// (scripts/screenshots). Without SCREENSHOTS in the environment it does nothing.
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, test } from "vitest";
import { closeBrowser, Demo, enter, until, type View } from "./stage";

const folder = process.env["SCREENSHOTS"] ?? "";
const kScreens = ["wall", "alarms", "today", "work", "find/course-2603-d01-1", "waiting", "courses", "course/course-2601", "plan", "places", "box/freezer-1-rack-1-box-1", "robots", "freezer/freezer-1", "rounds", "evacuation", "reports", "health"];

let demo: Demo;
let view: View;
beforeAll(async () => {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  demo = await new Demo().start();
  view = await enter(demo, "supervisor");
  await until("the bank is filled", 300, () => demo.output().includes("the bank is filled"));
}, 400_000);
afterAll(async () => {
  if (!folder) return;
  await closeBrowser();
  await demo.stop();
});

async function picture(name: string, of = view): Promise<void> {
  await of.page.waitForTimeout(700);
  await of.page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
}
const at = (screen: string, of = view) => of.page.goto(`${demo.url}#/${screen}`);
const file = (screen: string) => screen.split("/")[0]!;

test.runIf(folder)("every screen, calm", async () => {
  for (const screen of kScreens) {
    await at(screen);
    await picture(`calm-${file(screen)}`);
  }
  await view.page.getByRole("button", { name: "Night" }).click();
  for (const screen of ["wall", "freezer/freezer-1"]) {
    await at(screen);
    await picture(`calm-${file(screen)}-night`);
  }
  await view.page.getByRole("button", { name: "Day" }).click();
}, 300_000);

test.runIf(folder)("in alarm", async () => {
  await demo.hands({ do: "fault", device: "freezer-2", fault: "breach" });
  await at("wall");
  await until("an alarm of priority 1", 180, () => view.page.locator(".tile.p1").count());
  await picture("alarm-wall");
  await at("alarms");
  await view.page.locator(".alarm-head").first().click();
  await picture("alarm-alarms");
  await view.page.getByRole("button", { name: "日本語" }).click();
  await at("wall");
  await picture("alarm-wall-ja");
  await at("alarms");
  await picture("alarm-alarms-ja");
  await view.page.getByRole("button", { name: "English" }).click();
  await at("wall?mode=wall");
  await picture("alarm-wall-mode");
  const phone = await enter(demo, "operator", { phone: true });
  for (const screen of ["wall", "alarms", "rounds"]) {
    await at(screen, phone);
    await picture(`alarm-${screen}-phone`, phone);
  }
  await phone.context.close();
}, 400_000);

test.runIf(folder)("blind", async () => {
  await at("wall");
  process.kill(demo.pid("daemon"), "SIGSTOP");
  await until("blind", 40, () => view.page.locator(".frame.blind").count());
  await picture("blind-wall");
  await view.page.getByRole("button", { name: "Night" }).click();
  await picture("blind-wall-night");
  await at("alarms");
  await picture("blind-alarms-night");
  process.kill(demo.pid("daemon"), "SIGCONT");
}, 120_000);
