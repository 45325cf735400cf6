// The axes of an alarm on the page: what is true, who has it, whether it pages, how bad it is, who comes
// and how long there is, each apart; what is silenced on every screen; what is watched at all.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import axe from "./axe";
import { Bare, closeBrowser, enter, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });
beforeEach(async () => {
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = (verb) => (verb === "alarm/coverage" ? { body: { device: "freezer-1", coverage: [
    { condition: "level-low", watched: true, watched_by: "level by point level", why_not: null },
    { condition: "weight-stuck", watched: false, watched_by: "", why_not: "nobody delivers weight" },
    { condition: "lid-open", watched: false, watched_by: "lid by point lid", why_not: "taken off by q.tanaka: lid switch broken" }] } } : {});
  await daemon.online();
  for (let n = 1; n <= 2; ++n) await daemon.freezer(n);
});
afterEach(async () => { await view.context.close(); await daemon.clear(); await daemon.stop(); });
const at = (path: string) => view.page.goto(`${bare.url}#/${path}`);
const sent = (verb: string) => daemon.commands.filter((c) => c.verb === verb).map((c) => c.body["body"] as Record<string, unknown>);
const axis = (name: string) => view.page.locator(`[data-axis="${name}"]`).first().textContent();

test("each axis stands by itself, with who comes, when, and how long there is", async () => {
  const now = Date.now();
  await daemon.alarm("freezer-1", "level-low", "p1", {
    activity: "active", latch: "confirm", latched: false, priority_now: "p2", acknowledged: true, state: "active-acknowledged",
    acknowledgement: { by: "operator", reason: "going", at: stamp(now - 60_000), comment: "with a dewar" }, verify_at: stamp(now + 840_000),
    respond_within_s: 3_600, time_to_loss: { to: -130, unit: "Cel", losing: true, low_s: 11_400, mid_s: 18_000, high_s: 25_000 }, cause: "freezer-1.contents", first_out: true,
    paging: { tier: 2, attempt: 3, since: stamp(now), repeat_at: stamp(now + 180_000), escalate_at: stamp(now + 300_000), standing: false, with: null, others: 2,
      coming: [{ by: "anna", at: stamp(now), eta: "03:32" }], pages: [{ channel: "sms-1", page: "12-345", state: "delivered", by: null }], nobody_reached: false } });
  view = await enter(bare, "operator");
  await until("the wall says who comes", 8, async () => (await view.page.locator('.tile[data-device="freezer-1"] .tile-alarm').textContent())?.includes("anna comes, there by 03:32"));
  await at("alarms/freezer-1.level-low");
  await view.page.locator(".axes").waitFor();
  await until("the daemon's clock", 8, async () => (await axis("activity"))?.includes("ago"));
  expect(await axis("activity")).toContain("TRUE NOW");
  expect(await axis("severity")).toMatch(/Priority 1.*Priority 2/);
  expect(await axis("latch")).toContain("until somebody confirms");
  expect(await axis("acknowledgement")).toMatch(/operator.*I come.*with a dewar.*Looked at again/);
  expect(await axis("suppression")).toContain("not while somebody has it");
  expect(await axis("respond")).toContain("within 60 min");
  expect(await axis("loss")).toMatch(/3 h 10 min.*5 h 0 min.*losing it now/);
  expect(await axis("coming")).toContain("anna comes, there by 03:32");
  expect(await view.page.locator(".alarm-state").first().textContent()).toContain("anna comes, there by 03:32");
  expect(await view.page.locator(".alarm-detail").textContent()).toMatch(/sms-1: delivered.*Next tier is called/);
  expect(await axe(view.page)).toEqual([]);
  // At three in the night, in the language of whoever was woken; the daemon's words stay beside it.
  await view.page.getByRole("button", { name: "日本語" }).click();
  const told = await view.page.locator(".alarm-detail").textContent();
  expect(told).toMatch(/補充してください.*Look at it\./);
});

test("an alarm that rides with a taken one shows who has that one and who comes for it", async () => {
  const paging = { tier: 1, attempt: 0, since: null, repeat_at: null, escalate_at: null, standing: false, taken: false, others: 0, pages: [], nobody_reached: false, coming: [] };
  await daemon.alarm("freezer-1", "level-low", "p2", { paging: { ...paging, with: "freezer-1.leak" } });
  await daemon.alarm("freezer-1", "leak", "p1", { acknowledged: true, state: "active-acknowledged", acknowledgement: { by: "nora", reason: "remote-fix", at: stamp() }, paging: { ...paging, taken: true, others: 1, with: null } });
  view = await enter(bare, "operator");
  await at("alarms/freezer-1.level-low");
  await until("nora has it", 8, async () => (await axis("coming"))?.includes("nora has it"));
  expect(await axis("coming")).not.toContain("Nobody said");
  expect(await axis("with")).toContain("freezer-1");
  const line = view.page.locator('[data-alarm="freezer-1.level-low"] .alarm-state');
  expect(await line.textContent()).toContain("nora");
  // She says when she is there: of the cause, and so of what rides with it.
  await daemon.alarm("freezer-1", "leak", "p1", { acknowledged: true, state: "active-acknowledged", acknowledgement: { by: "nora", reason: "going", at: stamp() },
    paging: { ...paging, taken: true, others: 1, with: null, coming: [{ by: "nora", at: stamp(), eta: "03:32" }] } });
  await until("nora comes", 5, async () => (await line.textContent())?.includes("nora comes, there by 03:32"));
  expect(await axis("coming")).toContain("nora comes, there by 03:32");
});

// Who reads "comes" lies down again: once the time is past it is only what somebody said.
test("a promise whose time is past says so by itself, and stays as that when the daemon says it is past", async () => {
  const paging = { tier: 1, attempt: 0, since: null, repeat_at: null, escalate_at: null, standing: false, taken: true, others: 0, pages: [], nobody_reached: false, with: null };
  const due = Date.now() + 8_000;
  const nora = { by: "nora", at: stamp(), eta: "03:32", due: stamp(due) };
  const put = (more: object) => daemon.alarm("freezer-1", "leak", "p1", { acknowledged: true, state: "active-acknowledged", acknowledgement: { by: "nora", reason: "going", at: stamp() }, paging: { ...paging, ...more } });
  await put({ coming: [nora], said: [] });
  view = await enter(bare, "operator");
  const tile = () => view.page.locator('.tile[data-device="freezer-1"] .tile-alarm').textContent();
  await until("nora comes", 7, async () => (await tile())?.includes("nora comes, there by 03:32"));
  const said = `nora said ${new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit" }).format(due)}, not confirmed`;
  await until("it is past", 12, async () => (await tile())?.includes(said));
  await at("alarms/freezer-1.leak");
  const line = view.page.locator('[data-alarm="freezer-1.leak"] .alarm-state');
  await until("in the list", 5, async () => (await line.textContent())?.includes(said));
  await put({ coming: [], said: [nora] });
  await view.page.waitForTimeout(500);
  expect(await line.textContent()).toContain(said);
  expect(await axis("coming")).toContain(said);
  expect(await view.page.locator("main").textContent()).not.toContain("there by");
});

test("one that nobody answered in its time says by how much it is late", async () => {
  await daemon.alarm("freezer-1", "level-low", "p2", { respond_within_s: 1_800, since: stamp(Date.now() - 2_400_000) });
  await daemon.alarm("freezer-2", "level-low", "p2", { respond_within_s: 1_800, since: stamp(Date.now() - 600_000) });
  view = await enter(bare, "operator");
  await at("alarms");
  await until("late", 8, async () => (await view.page.locator('[data-alarm="freezer-1.level-low"] .alarm-age').textContent())?.includes("10 min LATE"));
  expect(await view.page.locator('[data-alarm="freezer-2.level-low"] .alarm-age').textContent()).toContain("20 min left to respond");
});

test("an interlock that is back is reset with a reason, and is not merely taken", async () => {
  await daemon.alarm("freezer-1", "ln2-inhibited", "p1", { activity: "returned", active: false, latched: true, latch: "reset", state: "latched", occurrence: 7 });
  await daemon.alarm("freezer-2", "level-low", "p1", { activity: "returned", active: false, latched: true, latch: "confirm", state: "latched" });
  view = await enter(bare, "supervisor");
  await at("alarms/freezer-1.ln2-inhibited");
  const detail = view.page.locator('[data-alarm="freezer-1.ln2-inhibited"]');
  await detail.getByRole("button", { name: "Reset the interlock" }).click();
  const doIt = view.page.locator(".dialog").getByRole("button", { name: "Reset the interlock" });
  expect(await doIt.isDisabled()).toBe(true);
  await view.page.locator(".dialog input").fill("each freezer fills");
  await doIt.click();
  await until("sent", 5, () => sent("alarm/reset").length);
  expect(sent("alarm/reset")[0]).toEqual({ alarm: "freezer-1.ln2-inhibited", reason: "each freezer fills", occurrence: 7 });
  expect(await detail.getByRole("button", { name: "Take it" }).count()).toBe(0);
  const other = view.page.locator('[data-alarm="freezer-2.level-low"]');
  await other.locator(".alarm-head").click();
  await other.getByRole("button", { name: "Confirm that it is back" }).click();
  await view.page.locator(".dialog").getByRole("button", { name: "Mended from here" }).click();
  await until("confirmed", 5, () => sent("alarm/acknowledge").length);
});

test("what was taken by mistake is given back, with a reason; nobody may but who may", async () => {
  await daemon.alarm("freezer-1", "level-low", "p2", { activity: "active", acknowledged: true, state: "active-acknowledged", acknowledgement: { by: "operator", reason: "going", at: stamp() } });
  view = await enter(bare, "operator");
  await at("alarms/freezer-1.level-low");
  await view.page.getByRole("button", { name: "Give it back" }).click();
  await view.page.locator(".dialog input").fill("wrong tank");
  await view.page.locator(".dialog").getByRole("button", { name: "Give it back" }).click();
  await until("sent", 5, () => sent("alarm/unacknowledge").length);
  expect(sent("alarm/unacknowledge")[0]).toMatchObject({ alarm: "freezer-1.level-low", reason: "wrong tank" });
  expect(await view.page.locator('[data-alarm="freezer-1.level-low"]').getByRole("button", { name: "Silence" }).isDisabled()).toBe(true);
});

test("everything silenced stands on every screen with owner and end, on the wall and on a phone too", async () => {
  const until_ = stamp(Date.now() + 3_600_000);
  await daemon.alarm("freezer-1", "lid-open", "p3", { suppression: { kind: "shelved", by: "supervisor", reason: "cleaning", since: stamp(), until: until_ }, shelved: { by: "supervisor", reason: "cleaning", until: until_ } });
  await daemon.alarm("freezer-2", "fill-missed", "p2", { suppression: { kind: "by-design", by_alarm: "room-1.ln2-inhibited" } });
  await daemon.put("device/freezer-2/state", { state: "maintenance", last_ok: stamp(), at: stamp(), maintenance: { by: "tanaka", reason: "new gasket", since: stamp(), until: stamp(Date.now() + 7_200_000) } });
  view = await enter(bare, "viewer");
  const line = () => view.page.locator(".silences");
  for (const path of ["wall", "alarms", "find", "today", "robots", "reports", "health", "wall?mode=wall"]) {
    await at(path);
    await line().waitFor();
    expect(await line().getAttribute("data-silenced"), path).toBe("3");
    expect(await line().textContent(), path).toMatch(/freezer-1.*\(supervisor, until .*Freezer 2 out of service.*\(tanaka, until .*\(room-1\.ln2-inhibited, as long as/);
  }
  await at("alarms");
  const rows = await view.page.locator(".silenced tbody tr").allTextContents();
  expect(rows.length).toBe(3);
  expect(rows.join("\n")).toMatch(/supervisor.*cleaning[\s\S]*tanaka.*new gasket/);
  await view.context.close();
  view = await enter(bare, "viewer", { phone: true });
  await line().waitFor();
  expect(await line().evaluate((e) => e.scrollWidth <= innerWidth && e.getBoundingClientRect().height > 20)).toBe(true);
  // Its end takes it away, without a reload.
  await daemon.put("device/freezer-2/state", { state: "online", last_ok: stamp(), at: stamp() });
  await until("two are left", 5, async () => (await line().getAttribute("data-silenced")) === "2");
});

test("a freezer says which conditions are watched by which signal, and which cannot be and why", async () => {
  view = await enter(bare, "viewer");
  await at("freezer/freezer-1");
  await until("asked", 8, () => view.page.locator("[data-unwatched]").count());
  expect(await view.page.locator("[data-unwatched]").textContent()).toBe("1 condition watched, 2 not");
  const rows = await view.page.locator('section[aria-label="What is watched"] tbody tr').allTextContents();
  expect(rows[0]).toContain("nobody delivers weight");
  expect(rows[1]).toContain("taken off by q.tanaka");
  expect(rows[2]).toMatch(/yes.*level by point level/);
});

test("cause, consequence and what to do are said in the page's language where they come so, else marked as English", async () => {
  const told = { why: "Fills fail.", consequence: "It warms.", action: "Fill by hand." };
  await daemon.alarm("freezer-1", "level-low", "p2", { ...told, texts: { ja: { title: "液体窒素が不足", why: "補充が失敗しています。", consequence: "温まります。", action: "手動で補充してください" } } });
  await daemon.alarm("freezer-2", "level-low", "p2", told);
  view = await enter(bare, "operator");
  await view.page.goto(`${bare.url}#/alarms`);
  await view.page.getByRole("button", { name: "日本語" }).click();
  const opened = async (alarm: string) => {
    const line = view.page.locator(`[data-alarm="${alarm}"]`);
    await line.locator(".alarm-head").click();
    return line.locator(".alarm-detail");
  };
  const spoken = await opened("freezer-1.level-low");
  for (const one of ["補充が失敗しています。", "温まります。", "手動で補充してください"]) expect(await spoken.textContent()).toContain(one);
  expect(await spoken.textContent()).not.toContain("Fills fail.");
  // The daemon's own sentence has figures and comes in English alone: it says so, to readers too.
  expect(await spoken.locator(".daemon-text .foreign").getAttribute("lang")).toBe("en");
  const foreign = await opened("freezer-2.level-low");
  expect(await foreign.locator(".foreign").filter({ hasText: "Fills fail." }).textContent()).toContain("（英語）");
  await view.page.getByRole("button", { name: "English" }).click();
  expect(await foreign.textContent()).toContain("Fills fail.");
  expect(await view.page.locator(".foreign").count()).toBe(0);
});
