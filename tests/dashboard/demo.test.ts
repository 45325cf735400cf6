// The page against the whole running demonstration: broker, simulated hardware, daemon, pager gateway
// and people, as ./run-demo starts them, in real Chromium.
import { afterAll, beforeAll, expect, test } from "vitest";
import AxeBuilder from "./axe";
import type { Locator } from "playwright-core";
import { closeBrowser, Demo, enter, scan, unlockThaw, until, type View } from "./stage";

let demo: Demo;
let staff: View; // supervisor
let second: View; // witness, in another browser
beforeAll(async () => {
  demo = await new Demo().start();
  staff = await enter(demo, "supervisor");
  second = await enter(demo, "witness");
  // The people of the demonstration fill the bank first.
  await until("the bank is filled", 240, () => demo.output().includes("the bank is filled"));
}, 300_000);
afterAll(async () => {
  await closeBrowser();
  await demo.stop();
});
const at = async (view: View, path: string) => {
  await view.page.goto(`${demo.url}#/${path}`);
  if (await view.page.locator("#user").count()) throw new Error("logged out");
};

test("the page, its metrics and its probes are served on loopback", async () => {
  const answer = await fetch(demo.url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  const metrics = await (await fetch(`${demo.url}metrics`)).text();
  expect(metrics).toMatch(/^cryobank_device_online\{device="freezer-1",kind="freezer"\} 1$/m);
  expect(metrics).toMatch(/^cryobank_point_celsius\{device="freezer-1",kind="freezer",point="temperature-top"\} -\d+\.\d{3}$/m);
  for (const line of metrics.split("\n").filter((l) => l !== "" && !l.startsWith("#"))) expect(line).toMatch(/^cryobank_[a-z_]+(\{[^{}]*\})? -?\d+(\.\d+)?$/);
  expect((await fetch(`${demo.url}livez`)).status).toBe(200);
  expect((await fetch(`${demo.url}readyz`)).status).toBe(200);
});

test("the wall shows the four freezers with levels, temperatures and what lies inside", async () => {
  await at(staff, "wall");
  await until("tiles", 10, async () => (await staff.page.locator(".tile").count()) === 4);
  const text = await staff.page.locator('.tile[data-device="freezer-1"]').textContent();
  expect(text).toMatch(/-1\d\d\.\d °C/);
  await until("content", 10, async () => /\d+ vials? inside/.test((await staff.page.locator('.tile[data-device="freezer-1"]').textContent()) ?? ""));
});

// Where the site asks for a signature, its secret is given as a person would.
async function sign(dialog: Locator): Promise<void> {
  await until("asked or answered", 20, async () => (await dialog.locator(".reply, .paper").count()) > 0);
  if ((await dialog.locator(".paper").count()) === 0) return;
  await dialog.locator("input[type=password]").fill("demo-sign");
  await dialog.getByRole("button", { name: "Sign" }).click();
}
const rowOf = async (dose: string): Promise<string> => (await staff.page.locator("tbody tr").filter({ hasText: dose }).first().textContent()) ?? "";

test("a course is stored by the robot: its code scanned, the plan read, the button held down", async () => {
  for (let n = 1; n <= 6; ++n) await demo.hands({ do: "put_vial", location: [901, 0, n], code: `course-2604-d0${n}-1` });
  await at(staff, "work/store");
  const dialog = staff.page.locator(".dialog");
  await dialog.getByText("course-2604").click();
  await scan(staff.page, "robot-1");
  await dialog.getByRole("button", { name: "Show what it would do" }).click();
  await dialog.locator(".plan-lines li").first().waitFor({ timeout: 10_000 });
  await dialog.locator(".hold").hover();
  await staff.page.mouse.down();
  await until("ordered", 20, async () => (await dialog.locator(".reply, .paper, [role=status]").count()) > 0);
  await staff.page.mouse.up();
  await sign(dialog);
  await until("answered", 60, async () => (await dialog.locator(".reply").count()) > 0);
  expect(await dialog.locator(".reply").textContent()).toMatch(/Done|Accepted/);
  await at(staff, "course/course-2604");
  await until("the sixth vial lies in its freezer", 90, async () => /freezer-\d/.test(await rowOf("d06")));
}, 180_000);

test("a dose that one person would thaw weeks early is refused in words", async () => {
  await at(staff, "course/course-2601");
  await staff.page.locator(".timeline > svg").waitFor({ timeout: 10_000 });
  await staff.page.locator(".link").nth(11).click();
  const dialog = staff.page.locator(".dialog");
  const hold = await unlockThaw(staff.page, "robot-1");
  await hold.hover();
  await staff.page.mouse.down();
  await until("held long enough", 10, async () => (await dialog.locator(".reply, .paper, [role=status]").count()) > 0);
  await staff.page.mouse.up();
  await sign(dialog);
  await until("answered", 30, async () => (await dialog.locator(".reply").count()) > 0);
  // The last dose is weeks away: one person may not thaw it, and reads why and what would do.
  expect(await dialog.locator(".reply").textContent()).toMatch(/at most 120 minutes early.*two people/);
  expect(await rowOf("d12")).not.toMatch(/thawed|culture/i);
}, 120_000);

test("a dose is moved: who else moves and how far from the best plan is read, then accepted", async () => {
  await at(staff, "course/course-2602");
  await staff.page.locator(".timeline > svg").waitFor({ timeout: 10_000 });
  await staff.page.locator(".link").nth(5).click();
  await staff.page.getByRole("button", { name: "Move this dose" }).click();
  const dialog = staff.page.locator(".dialog");
  const day = dialog.locator("input[type=date]");
  const planned = await day.inputValue();
  const later = new Date(Date.parse(planned) + 86_400_000).toISOString().slice(0, 10);
  await day.fill(later);
  await dialog.locator("label.field input:not([type=date])").first().fill("the family asked");
  await dialog.getByRole("button", { name: "What would that move?" }).click();
  const proposal = dialog.locator(".proposal");
  await until("proposed, or refused in words", 60, async () => (await proposal.count()) + (await dialog.locator("[role=alert]").count()) > 0);
  expect(await dialog.locator("[role=alert]").allTextContents()).toEqual([]);
  await until("computed", 60, async () => (await proposal.locator("[role=status]").count()) === 0);
  expect(await proposal.textContent()).toMatch(/doses? would move/);
  expect(await proposal.textContent()).toMatch(/best possible plan/);
  await proposal.locator("input").fill("seen and good");
  await proposal.getByRole("button", { name: "Accept" }).click();
  await until("published", 30, async () => (await staff.page.locator(".tray, .order").allTextContents()).some((x) => x.includes("Accept a plan") && x.includes("Done")));
}, 240_000);

test("an alarm: a freezer breaks, it is taken, and the daemon says by whom", async () => {
  await demo.hands({ do: "fault", device: "freezer-2", fault: "breach" });
  await at(staff, "alarms");
  const line = staff.page.locator(".alarm").first();
  await line.waitFor({ timeout: 60_000 });
  const id = await line.getAttribute("data-alarm");
  await line.locator(".alarm-head").click();
  await staff.page.getByRole("button", { name: "Take it" }).click();
  await staff.page.getByRole("button", { name: "I come" }).click();
  await until("taken", 10, async () => (await staff.page.locator(`[data-alarm="${id}"] .alarm-state`).textContent())?.includes("supervisor"));
  await staff.page.locator(`.order[data-status="done"]`).first().waitFor();
});

// On record only: the vial stays where the robot put it, so nothing that the robot does comes after.
test("a move by scanner, with the witness in a second browser", async () => {
  await at(staff, "courses");
  await until("courses", 10, async () => (await staff.page.locator("tbody tr").count()) >= 3);
  await at(staff, "find/course-2603-d01-1");
  const path = staff.page.locator("[data-path]").first();
  await path.waitFor({ timeout: 10_000 });
  expect(await path.getAttribute("data-path")).toMatch(/freezer-\d/);
  await scan(staff.page, "freezer-4-rack-4-box-5");
  await until("the box", 5, async () => (await staff.page.locator("h1").textContent())?.includes("rack 4, box 5"));
  await staff.page.getByRole("button", { name: "Put away by scanner" }).click();
  await scan(staff.page, "course-2603-d01-1");
  await until("taken in", 10, async () => (await staff.page.locator("[data-count]").getAttribute("data-count")) === "1");
  await staff.page.locator(".dialog").getByText("witness", { exact: true }).click();
  await staff.page.getByRole("button", { name: "Order 1 move" }).click();
  await staff.page.locator(".order").filter({ hasText: "waits for witness to confirm" }).waitFor({ timeout: 10_000 });
  await at(second, "waiting");
  const card = second.page.locator(".card").filter({ hasText: "Move vials" });
  await card.waitFor({ timeout: 10_000 });
  expect(await card.textContent()).toContain("course-2603-d01-1");
  await card.getByRole("button", { name: "I saw it: confirm" }).click();
  await staff.page.locator(".dialog").getByRole("button", { name: "Close" }).click();
  await until("moved", 15, async () => (await staff.page.locator(".reply, .order").allTextContents()).some((t) => t.includes("Done")));
  await at(staff, "box/freezer-4-rack-4-box-5");
  await until("in its well", 10, () => staff.page.locator('.well.occupied[data-position="A1"]').count());
});

test("a scanner's rack file is dropped, previewed against the record and accepted", async () => {
  await at(staff, "box/freezer-4-rack-4-box-5");
  await staff.page.locator(".well").first().waitFor();
  const dropped = await staff.page.evaluateHandle(() => {
    const files = new DataTransfer();
    files.items.add(new File(["Position,Code\r\nB03,course-2603-d01-1\r\n"], "rack.csv", { type: "text/csv" }));
    return files;
  });
  await staff.page.dispatchEvent(".drop-zone .drop", "drop", { dataTransfer: dropped });
  // 80 positions are not in the file: refused until somebody says that it lists only the tubes.
  await until("refused", 10, async () => (await staff.page.locator(".drop-zone .reply").textContent().catch(() => ""))?.includes("only_tubes"));
  await staff.page.getByText("The file lists only the tubes").click();
  const diff = staff.page.locator(".diff.moved");
  await diff.waitFor({ timeout: 15_000 });
  await staff.page.getByRole("button", { name: "Accept as seen" }).click();
  await until("in its new well", 15, () => staff.page.locator('.well.occupied[data-position="B3"]').count());
});

test("a chart of the last six hours comes from the daemon's history in under a second", async () => {
  await at(staff, "freezer/freezer-1");
  await staff.page.getByRole("button", { name: "6 h", exact: true }).click();
  const plot = staff.page.locator('.plot[data-point="level"]');
  await until("drawn", 15, async () => Number(await plot.getAttribute("data-rows")) > 1);
  expect(Number(await plot.getAttribute("data-took"))).toBeLessThan(1_000);
});

test("both languages, switched live, without a reload", async () => {
  await at(staff, "wall");
  await staff.page.getByRole("button", { name: "日本語" }).click();
  await until("Japanese", 3, async () => (await staff.page.locator(".nav").textContent())?.includes("本日の作業"));
  expect(await staff.page.evaluate(() => document.documentElement.lang)).toBe("ja");
  await staff.page.getByRole("button", { name: "English" }).click();
  await until("English", 3, async () => (await staff.page.locator(".nav").textContent())?.includes("Today"));
});

test("axe finds nothing serious on any screen, by day and by night", async () => {
  for (const name of ["wall", "alarms", "today", "work", "find", "waiting", "courses", "course/course-2601", "plan", "places", "box/freezer-1-rack-1-box-1", "robots", "rounds", "evacuation", "reports", "health", "freezer/freezer-1"]) {
    await at(staff, name);
    await staff.page.waitForTimeout(250);
    expect(await AxeBuilder(staff.page), name).toEqual([]);
  }
  await at(staff, "wall");
  await staff.page.getByRole("button", { name: "Night" }).click();
  expect(await AxeBuilder(staff.page), "night").toEqual([]);
  await staff.page.getByRole("button", { name: "Day" }).click();
}, 180_000);

// Numbers on the screen, and how many of them still look true; and what may still be pressed.
const looksAlive = (): Promise<number[]> => staff.page.evaluate(() =>
  ["[data-stale]", '[data-stale="0"]', '[data-command="1"]:enabled'].map((what) => document.querySelectorAll(what).length));
async function staleWithin5s(): Promise<void> {
  const lost = Date.now();
  await until("every number stale, nothing to press", 5, async () => {
    const [all, good, open] = await looksAlive();
    return all! > 0 && good === 0 && open === 0;
  });
  expect(Date.now() - lost).toBeLessThan(5_000);
}

test("the daemon is stopped and goes on: stale within 5 s, then live again", async () => {
  await at(staff, "freezer/freezer-1");
  await until("numbers and buttons", 10, async () => (await looksAlive()).every((n) => n > 0));
  const pid = demo.pid("daemon");
  process.kill(pid, "SIGSTOP");
  try {
    await staleWithin5s();
  } finally {
    process.kill(pid, "SIGCONT"); // or all that come after would ask a daemon that stands still
  }
  await until("live", 15, () => staff.page.locator(".frame.live").count());
});

test("the daemon is killed: within 5 s every number is stale, and the page says that nobody watches", async () => {
  await until("numbers and buttons", 10, async () => (await looksAlive()).every((n) => n > 0));
  process.kill(demo.pid("daemon"), "SIGKILL");
  await staleWithin5s();
  await until("told", 5, async () => (await staff.page.locator(".blind-bar").textContent().catch(() => ""))?.includes("nobody watches"));
});
