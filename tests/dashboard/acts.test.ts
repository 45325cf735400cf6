// Acts that begin with a scan, a choice or a press held down, never with an id that somebody types:
// finding a vial whose place is UNKNOWN, ordering a robot, and the care before and after the doses.
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import axe from "./axe";
import { Bare, closeBrowser, enter, scan, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });

function answer(verb: string): Record<string, unknown> {
  switch (verb) {
    case "signature/prepare": return { body: { signed: false } };
    case "device/inspect": return { body: { phase: "held", steps: ["Two people go to robot-1; it stands still.", "Look for aliquot a-1 at the gripper: it was last seen there.", "Scan the vial that you found; its code must be VIAL-0001."], texts: { ja: { steps: ["二人で robot-1 へ行きます。", "バイアル a-1 を探します: robot-1 のグリッパー（途中です）。", "見つけたバイアルを読み取ります。"] } } } };
    case "referral/list": return { body: { referrals: [{ referral: "r1", patient: "patient-0009", protocol: "ank-12", urgency: 2, received_at: stamp(), items: [{ stage: "eligibility", outcome: "done" }], provisional: { slots: [{ stage: "collection", day: "2026-12-07" }], first_dose: "2027-01-12", last_dose: "2027-03-30" } }], slots: [{ slot: "apheresis", stage: "collection", places: 1, days: 1 }] } };
    case "observation/list": return { body: { rules: [{ rule: "fever", measure: "temperature" }], observations: { d01: [{ measure: "temperature", value: 39.6, unit: "Cel", at: stamp(), by: "operator" }] }, markers: [{ marker: "pd-l1", value: 45, unit: "%", assay: "28-8", at: stamp() }], assessments: [{ what: "ct", date: "2026-12-20", after_dose: "d04", done: false }] } };
    default: return { message: "done", sequence: 12, body: {} };
  }
}
beforeEach(async () => {
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = answer;
  await daemon.online({ protocols: ["ank-12", "nk-6-weekly"], calendars: ["japan"], clinics: [{ clinic: "clinic-1", title: "East clinic", calendar: "japan" }],
    staff: [{ user: "operator", roles: ["viewer", "operator"] }, { user: "witness", roles: ["witness"] }, { user: "physician", roles: ["viewer", "physician"] }, { user: "supervisor", roles: ["viewer", "operator", "witness", "supervisor"] }] });
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot", kind: "robot", points: [], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/state", { state: "online", last_ok: stamp(), at: stamp() });
  await daemon.put("container/box-1", { container: "box-1", type: "box", title: "Box 1", path: "site/room-1/freezer-1/rack-1/box-1", parent: "rack-1", aliquots: 0, positions: 81, rows: 9, columns: 9, counts: {}, slots: [], at: stamp(), schema: "container/1.0" });
  await daemon.put("course/c1", { course: "c1", patient: "p1", protocol: "ank-12", lot: "l1", revision: 1, doses: [{ dose: "d01", number: 1, fraction: "1", state: "stored", planned: {}, actual: {},
    aliquots: [{ aliquot: "a-1", code: "VIAL-0001", state: "released", place: "UNKNOWN", position: "" }] }], at: stamp(), schema: "course/1.0" });
});
afterEach(async () => { await view.context.close(); await daemon.clear(); await daemon.stop(); });
const at = (path: string) => view.page.goto(`${bare.url}#/${path}`);
const sent = (verb: string) => daemon.commands.filter((c) => c.verb === verb).map((c) => c.body);
const body = (verb: string) => sent(verb)[0]!["body"] as Record<string, unknown>;
const dialog = () => view.page.locator(".dialog");
const pick = (text: string) => dialog().getByText(text, { exact: true }).click();
async function seen(): Promise<void> {
  await view.page.locator(".refusal").waitFor();
  await view.page.locator("#refusal-ok").click();
}
async function holdDown(): Promise<void> {
  const hold = dialog().locator(".hold");
  await until("it may be held", 4, async () => !(await hold.isDisabled()));
  await hold.hover();
  await view.page.mouse.down();
  await view.page.waitForTimeout(1_500);
  await view.page.mouse.up();
}

test("a vial whose place is UNKNOWN is settled at the robot: its code, the vial's, the place, two people, held down", async () => {
  await daemon.put("job/job-3", { job: "job-3", kind: "store", state: "unknown", robot: "robot-1", priority: 5, moves_done: 0, moves: [{ aliquot: "a-1", code: "VIAL-0001", from: "port", from_position: "1", to: "box-1", to_position: "A1", state: "unknown", outcome: "power lost" }], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "operator");
  await at("robot/robot-1");
  await view.page.getByRole("button", { name: "I found it" }).click();
  await until("the daemon's own steps", 6, async () => (await dialog().locator(".steps").textContent())?.includes("Look for aliquot a-1 at the gripper"));
  const hold = dialog().locator(".hold");
  expect(await hold.isDisabled()).toBe(true);
  expect(await axe(view.page)).toEqual([]);
  await scan(view.page, "VIAL-0002"); // another vial
  await until("refused", 3, async () => (await view.page.locator(".refusal").textContent())?.includes("VIAL-0001"));
  await seen();
  await scan(view.page, "VIAL-0001");
  await scan(view.page, "box-1");
  await pick("A1");
  await dialog().getByLabel("What you found").fill("lay in the box");
  await dialog().getByLabel("Out of the cold").fill("0");
  await pick("witness");
  expect(await hold.isDisabled()).toBe(true); // nobody proved to stand there
  await scan(view.page, "robot-1");
  expect(await hold.isDisabled()).toBe(true); // less than the clock says needs a reason
  await dialog().getByLabel("Reason").fill("it never left");
  await holdDown();
  await until("sent", 5, () => sent("job/resolve").length);
  expect(body("job/resolve")).toEqual({ job: "job-3", aliquot: "a-1", code: "VIAL-0001", place: "box-1", position: "A1", finding: "lay in the box", out_seconds: 0, at_robot: "robot-1" });
  expect(sent("job/resolve")[0]).toMatchObject({ witness: "witness", reason: "it never left" });
});

test("the daemon's steps stand in Japanese where it says them so, and nothing else beside them", async () => {
  await daemon.put("job/job-3", { job: "job-3", kind: "store", state: "unknown", robot: "robot-1", moves: [{ aliquot: "a-1", code: "VIAL-0001", from: "port", to: "box-1", state: "unknown" }], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "operator");
  await at("robot/robot-1");
  await view.page.getByRole("button", { name: "日本語" }).click();
  await view.page.locator(".doubt .button").first().click();
  await until("three steps", 6, async () => (await dialog().locator(".steps").getAttribute("data-steps")) === "3");
  expect(await dialog().locator(".steps").textContent()).toContain("robot-1 のグリッパー");
  expect(await dialog().locator(".steps").textContent()).not.toMatch(/Two people|Look for/);
});

test("one that is nowhere is given up by two people, with a reason", async () => {
  await daemon.put("job/job-3", { job: "job-3", kind: "store", state: "unknown", robot: "robot-1", moves: [{ aliquot: "a-1", code: "VIAL-0001", from: "port", to: "box-1", state: "unknown" }], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "operator");
  await at("robot/robot-1");
  await view.page.getByRole("button", { name: "Give it up as lost" }).click();
  await dialog().getByLabel("Where you looked").fill("gripper, port, floor");
  await pick("witness");
  const doIt = dialog().getByRole("button", { name: "Do it" });
  expect(await doIt.isDisabled()).toBe(true);
  await dialog().getByLabel("Reason").fill("nowhere");
  await doIt.click();
  await until("sent", 5, () => sent("job/resolve").length);
  expect(body("job/resolve")).toEqual({ job: "job-3", aliquot: "a-1", lost: true, finding: "gripper, port, floor" });
});

test("what orders a robot carries the code scanned at it, and a stop never asks for it", async () => {
  await daemon.put("job/job-4", { job: "job-4", kind: "thaw", state: "created", robot: "robot-1", moves: [], at: stamp(), schema: "job/1.0" });
  await daemon.put("job/job-5", { job: "job-5", kind: "store", state: "paused", robot: "robot-1", moves: [], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "supervisor");
  await at("robot/robot-1");
  for (const [name, verb] of [["Approve", "job/approve"], ["Go on", "job/resume"]] as const) {
    await view.page.locator(".job").getByRole("button", { name, exact: true }).click();
    await scan(view.page, "robot-1");
    await holdDown();
    await until(verb, 5, () => sent(verb).length);
    expect(body(verb)["at_robot"], verb).toBe("robot-1");
  }
  await view.page.locator(".job.paused").getByRole("button", { name: "Cancel" }).click();
  await until("cancelled", 5, () => sent("job/cancel").length);
  await at("work/store");
  await pick("c1 · p1");
  await scan(view.page, "robot-1");
  await dialog().getByRole("button", { name: "Show what it would do" }).click();
  await holdDown();
  await until("ordered", 8, () => sent("aliquot/store").length === 2);
  expect(sent("aliquot/store").map((c) => c["body"])).toEqual([
    { course: "c1", robot: "robot-1", at_robot: "robot-1", dry_run: true }, { course: "c1", robot: "robot-1", at_robot: "robot-1" }]);
});

test("a referral is received by scanning the patient; its stages and slots are chosen", async () => {
  view = await enter(bare, "supervisor");
  await at("work/referral");
  await dialog().waitFor();
  await scan(view.page, "patient-0009");
  await pick("ank-12");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("received", 5, () => sent("referral/receive").length);
  expect(body("referral/receive")).toMatchObject({ patient: "patient-0009", protocol: "ank-12", urgency: 1 });
  expect(String(body("referral/receive")["referral"])).toMatch(/^referral-[0-9a-f]{8}$/);
  // The list of who is referred, from which an act is begun with its referral chosen.
  await at("plan");
  const row = view.page.locator('section[aria-label="Before the first dose"] tbody tr').first();
  await until("the list", 6, async () => /eligibility done.*collection 2026-12-07.*2027-01-12/.test((await row.textContent()) ?? ""));
  await row.getByRole("button", { name: "Enter a stage" }).click();
  await pick("collection");
  await pick("failed");
  await dialog().getByLabel("Cause of the failure").fill("low yield");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("told", 5, () => sent("referral/stage").length);
  expect(body("referral/stage")).toEqual({ referral: "r1", stage: "collection", outcome: "failed", cause: "low yield" });
  await at("work/slot-set");
  await pick("processing");
  await dialog().getByLabel("Places at a time").fill("2");
  await dialog().getByLabel("Days that one is in use").fill("1");
  await pick("japan");
  await dialog().getByLabel("Reason").fill("second bench");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("set", 5, () => sent("slot/set").length);
  expect(body("slot/set")).toEqual({ slot: "processing", stage: "processing", places: 2, days: 1, calendar: "japan" });
});

test("a physician amends a protocol, sets the clinic, a rule and a biomarker without typing an id", async () => {
  view = await enter(bare, "physician");
  await at("course/c1");
  await until("what was measured", 6, async () => /39\.6 Cel[\s\S]*45 %[\s\S]*2026-12-20/.test((await view.page.locator('section[aria-label="Values and assessments"]').textContent()) ?? ""));
  await view.page.getByRole("button", { name: "Amend the protocol for this patient" }).click();
  await dialog().getByLabel("Interval, shortest, days").fill("4");
  await dialog().getByLabel("Interval, longest, days").fill("6");
  await dialog().getByLabel("Reason").fill("tolerates it well");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("amended", 5, () => sent("course/amend").length);
  expect(body("course/amend")).toEqual({ course: "c1", interval_min_days: 4, interval_max_days: 6 });
  await dialog().getByRole("button", { name: "Close" }).last().click();
  await view.page.getByRole("button", { name: "Where it is given" }).click();
  await dialog().getByText("East clinic · clinic-1").click();
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("clinic", 5, () => sent("course/clinic").length);
  expect(body("course/clinic")).toEqual({ course: "c1", clinic: "clinic-1" });
  await at("work/rule");
  await pick("temperature");
  await dialog().getByLabel("Unit (UCUM)").fill("Cel");
  await dialog().getByLabel("Crossed above").fill("39.5");
  await dialog().getByText("The course is held when it is crossed").click();
  await dialog().getByLabel("Reason").fill("fever rule");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("rule", 5, () => sent("observation/rule").length);
  expect(body("observation/rule")).toMatchObject({ measure: "temperature", unit: "Cel", above: 39.5, hold: true });
  await at("work/marker");
  await pick("c1 · p1");
  await pick("PD-L1");
  await dialog().getByLabel("Value *").fill("45");
  await dialog().getByLabel("Unit (UCUM)").fill("%");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("marker", 5, () => sent("marker/record").length);
  expect(body("marker/record")).toEqual({ course: "c1", marker: "pd-l1", value: 45, unit: "%" });
});

test("what nobody gives here is listed with the reason, and questions answer in figures", async () => {
  view = await enter(bare, "supervisor");
  await at("work");
  const panel = view.page.locator('section[aria-label="Not given by people"]');
  expect(await panel.locator("p").count()).toBe(3);
  expect(await panel.textContent()).toContain("motion/unexplained");
  daemon.answer = (verb) => (verb === "collection/calculate" ? { body: { formula: 1, litres: 4.2, warnings: ["below 5 L"] }, message: "4.2 L" } : answer(verb));
  await at("reports");
  await view.page.getByRole("button", { name: "Blood to process" }).click();
  await view.page.getByLabel("Cells").fill("3000000000");
  await view.page.getByLabel("Counted per microlitre").fill("1500");
  await view.page.getByLabel("Efficiency of the device, %").fill("50");
  await view.page.getByRole("button", { name: "Ask", exact: true }).click();
  await until("answered", 5, () => view.page.locator("[data-plain]").count());
  expect(await view.page.locator("[data-plain]").textContent()).toMatch(/litres.*4\.2.*below 5 L/);
});

test("a course shows where it is given, what was changed for its patient, and how many days lie between its infusions", async () => {
  const visit = (n: number, infusion: string) => ({ dose: `d0${n}`, number: n, fraction: "1", state: "planned", actual: {}, aliquots: [],
    planned: { thaw_at: null, harvest_from: null, harvest_until: null, infusion_at: infusion } });
  await daemon.put("course/c-own", { course: "c-own", patient: "p2", protocol: "ank-12", revision: 3, clinic: "clinic-1", clinic_set: { by: "physician", at: "2026-12-01T09:00:00Z", reason: "moved house" },
    interval: { min_days: 8, max_days: 9, limit_min_days: 8, limit_max_days: 14, early_doses: 0, early_min_days: 0, urgency: 1 },
    amended: { interval_min_days: 8, interval_max_days: 9, by: "physician", at: "2026-12-01T10:00:00Z", reason: "weak patient" },
    paused: [{ hold: "pause-1", course: "c-own", kind: "imaging", from: "2027-01-20", until: "2027-01-21", by: "operator", reason: "PET" }],
    doses: [visit(1, "2026-12-28T13:00:00Z"), visit(2, "2027-01-05T13:00:00Z"), visit(3, "2027-01-09T13:00:00Z")], at: stamp(), schema: "course/1.0" });
  view = await enter(bare, "viewer");
  await at("course/c-own");
  const text = async () => ((await view.page.locator("main .course").textContent()) ?? "").replace(/\s+/g, " ");
  await until("what holds for it", 6, async () => (await text()).includes("moved house"));
  for (const told of ["East clinic · clinic-1 physician", "8–9 days wanted, 8–14 allowed", "Interval, shortest, days: 8 · Interval, longest, days: 9 physician", "weak patient",
    "imaging · 2027-01-20 – 2027-01-21 · operator PET", "28 Dec 2026", "5 Jan 2027", "4 (allowed: 8–14)"]) expect(await text()).toContain(told);
});

test("a course is registered by scanner where there is no robot: ordered at once, each vial a dose", async () => {
  view = await enter(bare, "supervisor");
  await at("work/register");
  await dialog().waitFor();
  for (const code of ["KC-77", "PAT-77", "LOT-9", "VIAL-77-1", "VIAL-77-2"]) {
    await scan(view.page, code);
    if (code === "PAT-77") await pick("ank-12");
  }
  await until("all scanned", 4, async () => (await dialog().locator('[data-field="codes"] .code').count()) === 2);
  await dialog().getByRole("button", { name: "Do it" }).click();
  await dialog().locator(".reply.good").waitFor();
  expect(body("course/register")).toEqual({ course: "KC-77", patient: "PAT-77", protocol: "ank-12", lot: "LOT-9", codes: ["VIAL-77-1", "VIAL-77-2"], doses: 2 });
});

test("a donation's number is scanned where somebody asks for it, and goes with the course; unasked a scan is a vial", async () => {
  view = await enter(bare, "supervisor");
  await at("work/register");
  await dialog().waitFor();
  for (const code of ["KC-79", "PAT-79", "LOT-9"]) await scan(view.page, code);
  await pick("ank-12");
  await scan(view.page, "VIAL-79-1");
  await dialog().locator('[data-field="din"]').getByRole("button", { name: "Scan it" }).click();
  await scan(view.page, "=W000026123456");
  await scan(view.page, "VIAL-79-2");
  await until("all scanned", 4, async () => (await dialog().locator('[data-field="codes"] .code').count()) === 2);
  await dialog().getByRole("button", { name: "Do it" }).click();
  await dialog().locator(".reply.good").waitFor();
  expect(body("course/register")).toMatchObject({ din: "=W000026123456", codes: ["VIAL-79-1", "VIAL-79-2"], doses: 2 });
});

test("a rack is read as its file is written, or as the robot read it, and accepted as it was shown", async () => {
  daemon.answer = (verb) => (verb === "scan/preview" ? { body: { same: 1, differences: [], token: "tk" } } : answer(verb));
  await daemon.online({ scans: ["visionmate"], lists: ["openspecimen"], staff: [{ user: "supervisor", roles: ["viewer", "operator", "supervisor"] }] });
  await daemon.put("job/job-9", { job: "job-9", kind: "scan", state: "done", robot: "robot-1", priority: 5, moves_done: 1, moves: [{ aliquot: "", code: "", from: "box-1", to: "box-1", state: "done" }], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "supervisor");
  await at("box/box-1");
  const panel = view.page.locator(".drop-zone");
  await panel.getByText("visionmate", { exact: true }).click();
  await view.page.locator("#rack-file").setInputFiles({ name: "rack.csv", mimeType: "text/csv", buffer: Buffer.from("A01,X\n") });
  await until("previewed", 5, () => sent("scan/preview").length);
  expect(body("scan/preview")).toEqual({ container: "box-1", csv: "A01,X\n", dialect: "visionmate" });
  await panel.getByRole("button", { name: "Scan by the robot" }).click();
  await until("the robot's", 5, () => sent("scan/preview").length === 2);
  expect(sent("scan/preview")[1]!["body"]).toEqual({ container: "box-1", job: "job-9" });
  await panel.getByRole("button", { name: "Accept as seen" }).click();
  await until("accepted", 5, () => sent("scan/accept").length);
  expect(body("scan/accept")).toEqual({ container: "box-1", job: "job-9", token: "tk" });
});

test("a bank of several pieces is saved whole, as one list with one header", async () => {
  daemon.answer = (verb, command) => (verb !== "bulk/export" ? answer(verb) : (command["body"] as Record<string, unknown>)["after"] === "a-1" ? { body: { csv: "aliquot,code\na-2,B\n", lines: 1, next: null } } : { body: { csv: "aliquot,code\na-1,A\n", lines: 1, next: "a-1" } });
  view = await enter(bare, "supervisor");
  await at("reports");
  await view.page.getByRole("button", { name: "Export everything", exact: true }).click();
  const file = view.page.waitForEvent("download");
  await view.page.getByRole("button", { name: "Ask", exact: true }).click();
  expect(readFileSync(await (await file).path(), "utf8")).toBe("aliquot,code\na-1,A\na-2,B\n");
});

test("with a robot the trial is asked of the storing, before anything is ordered", async () => {
  view = await enter(bare, "supervisor");
  await at("work/register");
  await dialog().waitFor();
  for (const code of ["KC-78", "PAT-78", "LOT-9"]) await scan(view.page, code);
  await pick("ank-12");
  await scan(view.page, "robot-1");
  await dialog().getByRole("button", { name: "Show what it would do" }).click();
  await dialog().locator(".hold").waitFor();
  expect(body("course/register")).toMatchObject({ store: { robot: "robot-1", at_robot: "robot-1", dry_run: true } });
  await holdDown();
  await until("ordered", 6, () => sent("course/register").length === 2);
  expect(JSON.stringify(sent("course/register")[1])).not.toContain("dry_run");
});

test("nobody witnesses the trial of a list, only the list", async () => {
  view = await enter(bare, "supervisor");
  await at("work/import");
  await dialog().waitFor();
  await dialog().locator("input[type=file]").setInputFiles({ name: "l.csv", mimeType: "text/csv", buffer: Buffer.from("aliquot,code\na,b\n") });
  await pick("witness");
  await dialog().getByRole("button", { name: "Show what it would do" }).click();
  await dialog().getByRole("button", { name: "Do it" }).click();
  await until("ordered", 6, () => sent("bulk/import").length === 2);
  expect(sent("bulk/import").map((c) => [(c["body"] as Record<string, unknown>)["dry_run"], c["witness"]])).toEqual([[true, undefined], [undefined, "witness"]]);
});

test("a file that lists only the tubes counts a box, and one that is refused is no wrong vial", async () => {
  daemon.answer = (verb) => (verb === "take/list" ? { body: { open: [{ take: "take-1", place: "freezer-1", opened_at: stamp() }] } } : verb === "take/count" ? { status: "rejected", code: "mismatch", message: "came 4 positions of 100" } : answer(verb));
  view = await enter(bare, "supervisor");
  await at("work/take-count");
  await dialog().getByText("take-1").click();
  await scan(view.page, "box-1");
  await dialog().locator("input[type=file]").setInputFiles({ name: "rack.csv", mimeType: "text/csv", buffer: Buffer.from("Position,Code\nA01,X\n") });
  await pick("The file lists only the tubes: what it leaves out is empty");
  await dialog().getByRole("button", { name: "Do it" }).click();
  await dialog().locator(".reply.bad").waitFor();
  expect(body("take/count")).toMatchObject({ take: "take-1", container: "box-1", only_tubes: true });
  expect(await view.page.locator(".refusal").count()).toBe(0);
});

test("a rule is overridden with a reason only: in a form, and where vials are put away by scanner", async () => {
  view = await enter(bare, "supervisor");
  await at("work/dose-unplan");
  await pick("c1 · p1");
  await pick("d01 · stored");
  const go = dialog().getByRole("button", { name: "Do it" });
  expect(await go.isEnabled()).toBe(true);
  await pick("Override the rule");
  expect(await go.isEnabled()).toBe(false);
  await dialog().getByLabel("Reason *").fill("the patient asked");
  await pick("witness");
  await go.click();
  await until("sent", 5, () => sent("dose/plan").length);
  expect(sent("dose/plan")[0]).toMatchObject({ reason: "the patient asked", witness: "witness", body: { course: "c1", dose: "d01", thaw_at: null, override: true } });
  await at("box/box-1");
  await view.page.getByRole("button", { name: "Put away by scanner" }).click();
  await scan(view.page, "VIAL-0001");
  await dialog().locator('[data-count="1"]').waitFor();
  await pick("witness");
  await pick("Override the rule");
  const order = dialog().getByRole("button", { name: "Order 1 move" });
  expect(await order.isEnabled()).toBe(false);
  await dialog().getByLabel("Reason *").fill("one cabinet today");
  await order.click();
  await until("sent", 5, () => sent("aliquot/move").length);
  expect(sent("aliquot/move")[0]).toMatchObject({ reason: "one cabinet today", witness: "witness", body: { override: true, moves: [{ code: "VIAL-0001", place: "box-1", position: "A1" }] } });
});

test("the calendar of one clinic has an address, and an export in pieces comes as a file each", async () => {
  daemon.answer = (verb, command) => {
    const piece = Number((command["body"] as Record<string, unknown>)["piece"] ?? 1);
    return verb === "plan/export" ? { body: { piece, pieces: 2, text: `BEGIN:VCALENDAR ${piece}`, total: 3_000, type: "text/calendar", withheld: 1_500 } } : answer(verb);
  };
  await daemon.put("plan", { at: stamp(), plan_time: stamp(), clock_speed: 1, schema: "plan/1.1" });
  view = await enter(bare, "supervisor");
  await at("plan");
  const files: string[] = [];
  view.page.on("download", (one) => files.push(one.suggestedFilename()));
  await view.page.getByRole("button", { name: "Calendar of the clinics" }).click();
  await until("both pieces", 8, () => files.length === 2);
  expect(files).toEqual(["plan-ics-clinic-1.ics", "plan-ics-clinic-2.ics"]);
  expect(sent("plan/export").map((one) => one["body"])).toEqual([{ format: "ics-clinic" }, { format: "ics-clinic", piece: 2 }]);
  const feeds = view.page.locator(".panel").filter({ hasText: "Calendars to subscribe to" });
  await feeds.locator("select").first().selectOption("clinic");
  await feeds.locator('select[name="clinic"]').selectOption("clinic-1");
  await feeds.locator("input").fill("for the ward");
  await feeds.getByRole("button", { name: "Make an address" }).click();
  await until("sent", 5, () => sent("feed/create").length);
  expect(body("feed/create")).toMatchObject({ of: "clinic", clinic: "clinic-1" });
  expect(String(body("feed/create")["secret_sha256"])).toMatch(/^[0-9a-f]{64}$/);
});
