// A thaw ordered by hand within its time, at the demonstration with a clock that goes as clocks do: there a
// thaw that is an hour ahead stays so for as long as the test takes, and one person may order it.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bin, closeBrowser, Demo, enter, root, unlockThaw, until, type View } from "./stage";

const kThawIn = 60 * 60_000; // within the two hours that a thaw may be early
const kCulture = 26 * 3_600_000; // of the protocol "single": a day in culture, two hours on the way

const config = join(mkdtempSync(join(tmpdir(), "cryobank-thaw-")), "config");
let demo: Demo;
let staff: View;

function give(user: string, verb: string, body: object, reason = ""): Record<string, unknown> {
  const words = ["--json", "--user", user, "--timeout", "90", "--sign", "send", verb, JSON.stringify(body), "--wait", ...(reason ? ["--reason", reason] : [])];
  const told = execFileSync(join(bin, "cryobankctl"), words, { encoding: "utf8",
    env: { ...process.env, CRYOBANK_PORT: String(demo.mqtt), CRYOBANK_PASSWORD: "demo", CRYOBANK_SITE: "demo", CRYOBANK_SIGNING_SECRET: "demo-sign" } });
  return JSON.parse(told.trim().split("\n").pop()!) as Record<string, unknown>;
}

beforeAll(async () => {
  cpSync(join(root, "config"), config, { recursive: true });
  const site = join(config, "demo/site.toml");
  const slow = readFileSync(site, "utf8").replace(/^clock_speed = .*$/m, "clock_speed = 1");
  expect(slow).toContain("\nclock_speed = 1\n");
  writeFileSync(site, slow);
  demo = await new Demo().start({ DEMO_CONFIG: config, DEMO_PEOPLE: "0" });
  await demo.hands({ do: "put_vial", location: [901, 0, 1], code: "course-9-d01-1" });
  give("operator", "course/register", { course: "course-9", patient: "patient-9", protocol: "single", lot: "lot-9", store: { robot: "robot-1" } });
  give("quality", "course/release", { course: "course-9" }, "its tests are good");
  give("physician", "course/plan", { course: "course-9", first_infusion: new Date(Date.now() + kThawIn + kCulture).toISOString() });
  staff = await enter(demo, "supervisor");
}, 180_000);
afterAll(async () => {
  await closeBrowser();
  await demo.stop();
  rmSync(join(config, ".."), { recursive: true, force: true });
});

const vials = async (): Promise<{ code: string; location: number[] }[]> => (await demo.hands({ do: "vials" }))["reply"] as { code: string; location: number[] }[];

test("a dose is thawed by hand within its time: the clinic's word, the robot's code, held down, and it lies at the station", async () => {
  await staff.page.goto(`${demo.url}#/course/course-9`);
  await staff.page.locator(".timeline > svg").waitFor({ timeout: 20_000 });
  await staff.page.locator(".link").first().click();
  const dialog = staff.page.locator(".dialog");
  const hold = await unlockThaw(staff.page, "robot-1");
  expect((await vials()).find((one) => one.code === "course-9-d01-1")!.location[0]).toBeLessThan(900); // in its freezer
  await hold.hover();
  await staff.page.mouse.down();
  await until("answered", 30, async () => (await dialog.locator(".reply").count()) > 0);
  await staff.page.mouse.up();
  expect(await dialog.locator(".reply").getAttribute("class")).toContain("good");
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await until("thawed", 60, async () => /thawed/i.test((await staff.page.locator("tbody tr").filter({ hasText: "d01" }).first().textContent()) ?? ""));
  expect((await vials()).find((one) => one.code === "course-9-d01-1")!.location[0]).toBe(902); // the thaw station
}, 120_000);
