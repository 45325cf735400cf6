// The users' wishes about lists, scans, prints and hands, one test each by its number in the field
// scan, in real Chromium against a broker whose daemon is played by hand.
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Bare, closeBrowser, enter, openPage, logIn, scan, served, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
const slot = (n: number) => `${String.fromCharCode(65 + Math.floor((n - 1) / 9))}${((n - 1) % 9) + 1}`;
const vial = (n: number) => `VIAL-${String(n).padStart(4, "0")}`;

// A bank of two boxes and one course; questions are answered as the daemon answers them.
async function bank(filled: number): Promise<void> {
  const box = (id: string, slots: object[]) => daemon.put(`container/${id}`, { container: id, type: "box", title: `Box ${id}`, path: `site/room-1/freezer-1/rack-1/${id}`, freezer: "freezer-1", parent: "rack-1", aliquots: slots.length,
    positions: 81, rows: 9, columns: 9, counts: { free: 81 - slots.length, occupied: slots.length, reserved: 0, blocked: 0, held: 0 }, slots, at: stamp(), schema: "container/1.0" });
  await box("box-1", Array.from({ length: filled }, (_, i) => ({ position: slot(i + 1), state: "occupied", aliquot: `a-${i + 1}`, course: "c1", dose: 1, aliquot_state: "released" })));
  await box("box-2", []);
  await daemon.put("container/rack-1", { container: "rack-1", type: "rack", path: "site/room-1/freezer-1/rack-1", parent: "freezer-1", aliquots: filled, containers: ["box-1", "box-2"], positions: 5, counts: {}, slots: [], at: stamp(), schema: "container/1.0" });
  await daemon.put("course/c1", { course: "c1", patient: "p1", protocol: "ank-12", lot: "l1", revision: 1, doses: [{ dose: "d01", number: 1, fraction: "1", state: "stored", planned: {}, actual: {},
    aliquots: Array.from({ length: 100 }, (_, i) => ({ aliquot: `a-${i + 1}`, code: vial(i + 1), state: "released", place: "box-1", position: slot(i + 1) })) }], at: stamp(), schema: "course/1.0" });
}
function answer(verb: string, command: Record<string, unknown>): Record<string, unknown> | null {
  const body = command["body"] as Record<string, unknown>;
  if (verb === "aliquot/find") {
    const n = Number(/VIAL-(\d+)/.exec(String(body["code"] ?? ""))?.[1] ?? /a-(\d+)/.exec(String(body["aliquot"] ?? ""))?.[1] ?? 0);
    return n > 0 && n <= 100 ? { body: { aliquot: `a-${n}`, code: vial(n), course: "c1", dose: "d01", path: "site/room-1/freezer-1/rack-1/box-1", position: slot(n), state: "released", patient: "p1", holds: [] } } : body["code"] === "vial-OOO1" ? { status: "rejected", code: "did-you-mean", message: "scanned vial-OOO1: did you mean VIAL-0001?", body: { did_you_mean: "VIAL-0001", scanned: "vial-OOO1" } }
      : { status: "rejected", code: "not-found", message: "no aliquot" };
  }
  if (verb === "exposure/report") return { body: { exposures: Array.from({ length: 81 }, (_, i) => ({ aliquot: `a-${i + 1}`, handled_s: 31, warm_left_s: 89, thaws_left: 1, over_budget: i === 2, above_s: {}, excursions: 0 })) } };
  if (verb === "event/replay") {
    const from = Number(body["from"] ?? 1);
    const events = from > 5_000 ? [] : Array.from({ length: Math.max(0, Math.min(200, 2_501 - from)) }, (_, i) => ({ seq: from + i, type: "cryobank.alarm.occurred", time: stamp(), user: "service", data: { alarm: `freezer-${(from + i) % 7}.level-low`, priority: (from + i) % 3 === 0 ? "p1" : "p2" } }));
    return { body: { events, next: from + events.length } };
  }
  if (verb === "signature/prepare") return { body: { signed: false } };
  return { message: "done", sequence: 77 };
}

beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });
beforeEach(async () => {
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = answer;
  await daemon.online();
  await daemon.freezer(1);
});
afterEach(async () => { await view.context.close(); await bare.begin(); await daemon.clear(); await daemon.stop(); });
const at = (path: string) => view.page.goto(`${bare.url}#/${path}`);
const sent = (verb: string) => daemon.commands.filter((c) => c.verb === verb).map((c) => c.body["body"] as Record<string, unknown>);

// What is drawn, column by column of the canvas: where the line of the mean has ink, and where the band of
// min and max is filled.
const drawn = (): Promise<{ ink: boolean[]; band: boolean[] }> =>
  view.page.locator('.plot[data-point="level"] canvas').evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    const named = (name: string) => (getComputedStyle(document.documentElement).getPropertyValue(name).trim().match(/[0-9a-f]{2}/g) ?? []).map((one) => parseInt(one, 16));
    const has = (name: string, x: number) => {
      const [r = 0, g = 0, b = 0, a = 255] = named(name);
      let found = 0;
      for (let y = 0; y < height; ++y) {
        const at = (y * width + x) * 4;
        const near = (i: number, v: number) => Math.abs(data[at + i]! - v) <= 12;
        if (near(0, r) && near(1, g) && near(2, b) && near(3, a)) found += 1;
      }
      return found > 0;
    };
    const columns = [...Array(width).keys()];
    return { ink: columns.map((x) => has("--ink", x)), band: columns.map((x) => has("--band", x)) };
  });
// Runs of columns without, between the first and the last that have it: [how many runs, longest].
const holes = (columns: boolean[]): number[] =>
  columns.slice(columns.indexOf(true), columns.lastIndexOf(true)).map((one) => (one ? "1" : "0")).join("").split("1").map((run) => run.length).filter((n) => n > 2);

test("5: a chart never bridges a gap of more than two periods, neither its line nor its band", async () => {
  const period = 1_200_000;
  const t0 = Date.now() - 72 * period;
  let left: number[] = [];
  daemon.answer = (verb, c) => verb === "history/chart" ? { body: { resolution: "raw", unit: "mm", period_ms: period, rows: [...Array(72).keys()].filter((i) => !left.includes(i)).map((i) => [t0 + i * period, 150, 160, 170]) } } : answer(verb, c);
  const shown = async (without: number[]) => {
    left = without;
    await view?.context.close();
    view = await enter(bare, "operator");
    await at("freezer/freezer-1");
    const plot = view.page.locator('.plot[data-point="level"]');
    await until("drawn", 10, async () => (await plot.locator("canvas").count()) > 0 && Number(await plot.getAttribute("data-rows")) > 50);
    await view.page.waitForTimeout(500);
    return view.page.locator("figcaption").first().textContent();
  };
  // Whole, and with single readings missing: two periods are one line.
  expect(await shown([20, 40])).not.toContain("gap");
  let picture = await drawn();
  expect([picture.ink.filter(Boolean).length > 800, holes(picture.ink), holes(picture.band)]).toEqual([true, [], []]);
  // Two in a row are missing at one place, ten at another: two holes, as wide as the time that nothing is known of.
  expect(await shown([20, 21, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49])).toContain("2 gaps");
  picture = await drawn();
  const one = picture.ink.filter(Boolean).length / (72 - 3 - 11 - 1);
  for (const found of [holes(picture.ink), holes(picture.band)]) {
    expect(found.length).toBe(2);
    expect(Math.abs(found[0]! / one - 3)).toBeLessThan(0.4);
    expect(Math.abs(found[1]! / one - 11)).toBeLessThan(0.4);
  }
});

test("a year is drawn in under a second, although the broker gives a long reply out in pieces", async () => {
  const t0 = Date.now() - 365 * 86_400_000;
  const rows = Array.from({ length: 1_200 }, (_, i) => [t0 + i * 26_280_000, -185.123 + (i % 7), -186.456 + (i % 5), -180.789 + (i % 11)]);
  daemon.answer = (verb, c) => (verb === "history/chart" ? { body: { resolution: "hour", unit: "Cel", period_ms: 26_280_000, rows } } : answer(verb, c));
  view = await enter(bare, "operator");
  await at("freezer/freezer-1");
  await until("a day stands", 10, async () => (await view.page.locator(".plot[data-rows]").count()) >= 2);
  await view.page.waitForTimeout(1_500); // the broker has nothing to do
  const took = await view.page.evaluate(() => new Promise<number>((done) => {
    for (const plot of document.querySelectorAll<HTMLElement>(".plot")) plot.dataset["before"] = "1";
    const began = performance.now();
    [...document.querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === "1 year")!.click();
    const look = () => {
      const all = [...document.querySelectorAll<HTMLElement>(".plot")];
      if (all.length >= 2 && all.every((p) => !p.dataset["before"] && Number(p.dataset["rows"]) > 1_000)) done(performance.now() - began);
      else requestAnimationFrame(look);
    };
    look();
  }));
  expect(took).toBeLessThan(1_000);
});

test("9: a priority 1 is on the screen with 500 alarms, grouped by tank", async () => {
  await Promise.all([...Array(499).keys()].map((i) => daemon.alarm(`freezer-${i % 64}`, `test-${i}`, i % 2 ? "p2" : "p3")));
  await daemon.alarm("freezer-63", "level-low", "p1");
  view = await enter(bare, "operator");
  await at("alarms");
  const first = view.page.locator('[data-priority="p1"]');
  await first.waitFor();
  const inView = () => first.evaluate((e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; });
  expect(await inView()).toBe(true);
  await view.page.mouse.wheel(0, 8_000);
  await view.page.waitForTimeout(300);
  expect(await inView()).toBe(true);
  expect(await view.page.locator(".group").count()).toBe(64);
});

test("10: the history is filtered and exported, and the export says how many it withheld", async () => {
  await daemon.put("event/alarm/head", { stream: "alarm", first: 1, last: 2_500, at: stamp(), schema: "event-head/1.0" });
  view = await enter(bare, "operator");
  await at("alarms");
  await view.page.getByRole("button", { name: "History" }).click();
  await until("history", 15, () => view.page.locator("[data-withheld]").count());
  expect(await view.page.locator("[data-withheld]").getAttribute("data-withheld")).toBe("500");
  await view.page.getByLabel("Filter the history").fill("freezer-3.");
  const download = view.page.waitForEvent("download");
  await view.page.getByRole("button", { name: "Save as list" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  const rows = text.trim().split("\r\n");
  const shown = rows.length - 2;
  expect(rows[0]).toContain(String(2_500 - shown));
  expect(rows.slice(2).every((r) => r.includes("freezer-3."))).toBe(true);
});

test("11: I come, there by: name and time go with it, and the page says that the checks go on", async () => {
  await daemon.alarm("freezer-1", "level-low", "p1");
  view = await enter(bare, "operator");
  await at("alarms");
  await view.page.locator(".alarm-head").click();
  await view.page.getByRole("button", { name: "Take it" }).click();
  expect(await view.page.locator(".dialog").textContent()).toContain("never the checks");
  await view.page.getByText("20 min", { exact: true }).click();
  await view.page.getByRole("button", { name: "I come" }).click();
  await until("sent", 5, () => sent("alarm/acknowledge").length);
  expect(sent("alarm/acknowledge")[0]).toMatchObject({ alarm: "freezer-1.level-low", reason: "going" });
  expect(String(sent("alarm/acknowledge")[0]!["comment"])).toMatch(/there by .*\d\d:\d\d/);
});

test("14: a thousand scans at random focus: none lost, none misrouted, no field has a piece of one", async () => {
  await bank(0);
  view = await enter(bare, "operator");
  await at("find");
  const result = await view.page.evaluate(async () => {
    const got: string[] = [];
    window.addEventListener("hashchange", () => undefined);
    const seen: string[] = [];
    const input = document.querySelector<HTMLInputElement>("input[type=search]")!;
    // What the page was told, before it acts on it.
    (window as unknown as { scans: string[] }).scans = seen;
    const places = [() => input.focus(), () => document.body.focus(), () => document.querySelector<HTMLElement>(".nav a")?.focus(), () => document.querySelector<HTMLElement>(".top button")?.focus()];
    let at = performance.now();
    const press = (key: string, more: KeyboardEventInit = {}) => {
      const target = document.activeElement ?? document.body;
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
      Object.defineProperty(event, "timeStamp", { value: (at += 2) });
      const open = target.dispatchEvent(event);
      if (open && key.length === 1 && !more.ctrlKey && target instanceof HTMLInputElement) document.execCommand("insertText", false, key);
    };
    const ends = [["Enter"], ["Tab"], ["Enter", "Control+j"]];
    const kWithout = 8; // at last some by a scanner that ends its codes with nothing: waited for a little
    let random = 7;
    const next = (n: number) => (random = (random * 1103515245 + 12345) % 2147483648) % n;
    document.addEventListener("cryobank-scanned", (e) => got.push((e as CustomEvent).detail as string));
    for (let i = 0; i < 1_000; ++i) {
      places[next(places.length)]!();
      at = Math.max(at, performance.now());
      const code = `ZZ-${String(i).padStart(5, "0")}`;
      if (next(5) === 0) press("b", { ctrlKey: true });
      for (const char of code) press(char);
      const end = i < 1_000 - kWithout ? ends[i % ends.length]! : [];
      for (const key of end) key.startsWith("Control+") ? press(key.slice(8), { ctrlKey: true }) : press(key);
      await new Promise((done) => setTimeout(done, end.length ? 4 : 750));
    }
    return { got, field: input.value };
  });
  expect(result.got).toEqual([...Array(1_000).keys()].map((i) => `ZZ-${String(i).padStart(5, "0")}`));
  expect(result.field).toBe("");
});

test("14: what a hand types arrives in its field, letter by letter", async () => {
  view = await enter(bare, "operator");
  await at("find");
  await view.page.locator("input[type=search]").focus();
  await view.page.keyboard.type("VIAL-0001 by hand", { delay: 150 });
  await until("typed", 10, async () => (await view.page.locator("input[type=search]").inputValue()) === "VIAL-0001 by hand");
});

test("15 and 20: a hundred vials by scanner alone, over two boxes, in one reviewed command", async () => {
  await bank(0);
  view = await enter(bare, "operator");
  await at("box/box-1");
  await view.page.getByRole("button", { name: "Put away by scanner" }).click();
  await view.page.getByText("witness", { exact: true }).click();
  for (let n = 1; n <= 81; ++n) {
    await scan(view.page, vial(n));
    await until(`vial ${n}`, 10, async () => (await view.page.locator("[data-count]").getAttribute("data-count")) === String(n));
  }
  await scan(view.page, "box-2");
  await view.page.locator('[data-box="box-2"]').waitFor();
  for (let n = 82; n <= 100; ++n) {
    await scan(view.page, vial(n));
    await until(`vial ${n}`, 10, async () => (await view.page.locator("[data-count]").getAttribute("data-count")) === String(n));
  }
  await scan(view.page, "box-2");
  expect(await view.page.locator(".put-lines li").count()).toBe(100);
  await view.page.getByRole("button", { name: "Order 100 moves" }).click();
  await until("sent", 5, () => sent("aliquot/move").length);
  const moves = sent("aliquot/move")[0]!["moves"] as Record<string, unknown>[];
  expect(moves.length).toBe(100);
  expect(new Set(moves.map((m) => `${String(m["place"])} ${String(m["position"])}`)).size).toBe(100);
  expect(moves[80]).toMatchObject({ code: vial(81), place: "box-1", position: "I9" });
  expect(moves[81]).toMatchObject({ code: vial(82), place: "box-2", position: "A1" });
});

test("15: a shelf scanned for a vial is known to be a shelf", async () => {
  await bank(0);
  view = await enter(bare, "operator");
  await at("work/label-verify");
  await view.page.locator('[data-field="aliquot"]').waitFor();
  await scan(view.page, "box-1");
  await view.page.locator(".refusal").waitFor();
  expect(await view.page.locator(".refusal").textContent()).toContain("is a place, not a vial");
});

test("16: a wrong vial is refused over the whole screen, with its own tone, within 200 ms", async () => {
  await bank(0);
  await daemon.put("worklist/2026-11-22", { date: "2026-11-22", items: [{ step: "thaw", at: stamp(), course: "c1", dose: "d01", patient: "p1", state: "stored", done: false, aliquots: [{ aliquot: "a-1", code: vial(1), place: "box-1", position: "A1" }] }], at: stamp(), schema: "worklist/1.0" });
  view = await enter(bare, "operator");
  await at("today/2026-11-22");
  await view.page.locator(".work").waitFor();
  const took = await view.page.evaluate(async () => {
    const shown = new Promise<number>((done) => {
      const watch = new MutationObserver(() => { if (document.querySelector(".refusal")) done(performance.now()); });
      watch.observe(document.body, { childList: true, subtree: true });
    });
    for (const key of "WRONG-0001") document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const began = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    return (await shown) - began;
  });
  expect(took).toBeLessThan(200);
  const box = await view.page.locator(".refusal").boundingBox();
  expect([box?.width, box?.height]).toEqual([1_440, 900]);
  expect(await view.page.evaluate(() => document.documentElement.dataset["sounded"])).toBe("wrong");
  await view.page.locator("#refusal-ok").click();
  // The same label read with other case and a letter for a digit is a question, and no wrong vial: on a list, and
  // anywhere else by what the daemon knows.
  const refused = async () => { const told = await view.page.locator(".refusal").textContent(); await view.page.locator("#refusal-ok").click(); return told; };
  await scan(view.page, "vial-OOO1");
  await view.page.locator(".refusal").waitFor();
  expect(await refused()).toContain("Scanned vial-OOO1: did you mean VIAL-0001?");
  await at("plan");
  await view.page.waitForTimeout(1_000); // sooner it would be the trigger held down
  await scan(view.page, "vial-OOO1");
  await view.page.locator(".refusal").waitFor();
  expect(await refused()).toContain("Scanned vial-OOO1: did you mean VIAL-0001?");
  await scan(view.page, "BOX-1");
  await view.page.locator(".refusal").waitFor();
  expect(await refused()).toContain("did you mean box-1?");
  await scan(view.page, "NOBODY-1");
  await view.page.locator(".refusal").waitFor();
  expect(await refused()).toMatch(/UNKNOWN CODE\s*NOBODY-1/);
  // The right one is marked, and its second scan begins the step.
  await at("today/2026-11-22");
  await scan(view.page, vial(1));
  await view.page.locator(".work.marked").waitFor();
});

test("17: the printed sheet has the journal's number, until when it is true, and boxes for two", async () => {
  await bank(0);
  await daemon.put("journal/checkpoint", { note: "x", sequence: 4_711, at: stamp(), schema: "checkpoint/1.0" });
  await daemon.put("worklist/2026-11-22", { date: "2026-11-22", items: [{ step: "thaw", at: stamp(), course: "c1", dose: "d01", patient: "p1", state: "stored", done: false, aliquots: [{ aliquot: "a-1", code: vial(1), place: "box-1", position: "A1" }] }], at: stamp(), schema: "worklist/1.0" });
  view = await enter(bare, "operator");
  await at("today/2026-11-22");
  await view.page.locator(".work").waitFor();
  await until("the clock stands", 8, async () => !(await view.page.locator(".sheet-head").textContent())?.includes("–"));
  await view.page.emulateMedia({ media: "print" });
  const head = view.page.locator(".sheet-head");
  expect(await head.isVisible()).toBe(true);
  expect(await head.textContent()).toMatch(/journal 4711.*valid until .*\d\d:\d\d/);
  expect(await view.page.locator(".two i").count()).toBe(2);
  expect(await view.page.locator(".nav").isVisible()).toBe(false);
  expect((await view.page.pdf({ format: "A4" })).length).toBeGreaterThan(5_000);
});

test("18: each hit has its whole path", async () => {
  await bank(3);
  view = await enter(bare, "operator");
  await at("find");
  await view.page.getByLabel("Code, id, patient, lot").fill("box-");
  await until("hits", 5, async () => (await view.page.locator("[data-path]").count()) >= 2);
  for (const path of await view.page.locator("[data-path]").evaluateAll((all) => all.map((e) => e.getAttribute("data-path")))) expect(path).toMatch(/^site\/room-1\/freezer-1\/rack-1/);
});

test("19: thaw and warm time left stand in each well", async () => {
  await bank(81);
  view = await enter(bare, "operator");
  await at("box/box-1");
  await until("wells", 8, async () => (await view.page.locator(".well small").filter({ hasText: "89 s warm time left" }).count()) >= 81);
  expect(await view.page.locator(".well").first().textContent()).toContain("1 thaw left");
  expect(await view.page.locator(".well.over").textContent()).toContain("over budget");
});

test("20: a whole box of 81 vials moves in one reviewed command", async () => {
  await bank(81);
  view = await enter(bare, "operator");
  await at("box/box-1");
  await view.page.getByRole("button", { name: "Move the whole box" }).click();
  await view.page.getByText("box-2 · 81").click();
  await view.page.getByText("81 vials in one command").waitFor();
  await view.page.getByText("witness", { exact: true }).click();
  await view.page.getByRole("button", { name: "Order 81 moves" }).click();
  await until("sent", 5, () => sent("aliquot/move").length);
  expect((sent("aliquot/move")[0]!["moves"] as object[]).length).toBe(81);
});

test("21: targets are 56 px or more with room between them, and no gesture is needed", async () => {
  await bank(3);
  await daemon.alarm("freezer-1", "level-low", "p1");
  view = await enter(bare, "supervisor");
  for (const path of ["wall", "alarms/freezer-1.level-low", "box/box-1", "work", "find", "rounds", "waiting", "freezer/freezer-1", "course/c1", "courses", "robots", "plan", "evacuation", "reports", "health", "today", "work/register", "work/marker"]) {
    await at(path);
    await view.page.waitForTimeout(300);
    const small = await view.page.evaluate(() => [...document.querySelectorAll<HTMLElement>("button, a.button, .nav a, .pick, input, select")].filter((e) => {
      const r = e.getBoundingClientRect();
      return r.width > 0 && r.height > 0 && !e.closest(".pick input") && e.parentElement?.className !== "pick" && Math.round(r.height) < 56;
    }).map((e) => `${e.className} ${e.textContent} ${e.getBoundingClientRect().height}`));
    expect(small, path).toEqual([]);
    // Two that can be pressed by one glove: nearer than 8 px, beside or below each other.
    const near = await view.page.evaluate(() => {
      const top = document.querySelector("dialog[open]") ?? document; // what lies under a dialogue takes no touch
      const all = [...top.querySelectorAll<HTMLElement>("button, a.button, .nav a, .pick, input:not([type=radio]):not([type=checkbox]), select")].filter((e) => !e.closest("td, .top"));
      const boxes = all.map((e) => ({ e, r: e.getBoundingClientRect() })).filter(({ e, r }) => r.width > 0 && getComputedStyle(e).visibility === "visible");
      const found: string[] = [];
      for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) {
        if (a.e.contains(b.e) || b.e.contains(a.e) || a.e.closest(".nav") !== b.e.closest(".nav")) continue;
        const x = Math.max(a.r.left, b.r.left) - Math.min(a.r.right, b.r.right);
        const y = Math.max(a.r.top, b.r.top) - Math.min(a.r.bottom, b.r.bottom);
        if (Math.round(Math.max(x, y)) < 8) found.push(`${a.e.textContent} / ${b.e.textContent}: ${Math.round(x)}, ${Math.round(y)}`);
      }
      return found;
    });
    expect(near, path).toEqual([]);
  }
});

test("22: a robot moves only when its code was scanned and the button held down", async () => {
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot", kind: "robot", points: [], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/state", { state: "online", last_ok: stamp(), at: stamp() });
  view = await enter(bare, "supervisor");
  await at("robot/robot-1");
  await view.page.getByRole("button", { name: "Go on" }).click();
  const hold = view.page.locator(".dialog .hold");
  expect(await hold.isDisabled()).toBe(true);
  await scan(view.page, "robot-2");
  await view.page.locator(".refusal").waitFor();
  await view.page.locator("#refusal-ok").click();
  await scan(view.page, "robot-1");
  await until("it may be held", 3, async () => !(await hold.isDisabled()));
  await hold.click(); // a touch by chance
  await view.page.waitForTimeout(300);
  expect(sent("robot/resume")).toEqual([]);
  await hold.hover();
  await view.page.mouse.down();
  await until("sent", 4, () => sent("robot/resume").length);
  await view.page.mouse.up();
});

test("22: keyboard and scanner alone do the same, with no pointer at all", async () => {
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot", kind: "robot", points: [], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/state", { state: "online", last_ok: stamp(), at: stamp() });
  view = await enter(bare, "supervisor");
  await at("robot/robot-1");
  await view.page.getByRole("button", { name: "Go on" }).waitFor();
  const focused = () => view.page.evaluate(() => (document.activeElement instanceof HTMLButtonElement ? (document.activeElement.textContent ?? "") : ""));
  const tabTo = async (text: string) => {
    for (let i = 0; i < 60 && !(await focused()).includes(text); ++i) await view.page.keyboard.press("Tab");
    expect(await focused()).toContain(text);
  };
  await tabTo("Go on");
  await view.page.keyboard.press("Enter");
  await view.page.locator(".dialog").waitFor();
  await scan(view.page, "robot-1");
  await until("it may be held", 3, async () => !(await view.page.locator(".dialog .hold").isDisabled()));
  await tabTo("hold down");
  await view.page.keyboard.down("Enter");
  await until("sent", 5, () => sent("robot/resume").length);
  await view.page.keyboard.up("Enter");
  expect(sent("robot/resume")[0]).toMatchObject({ robot: "robot-1", code: "robot-1" });
});

test("24: rounds by hand wait on the phone without a link, visibly unsent, and no motion ever does", async () => {
  const web = await served();
  const address = `${web.url}?site=demo&broker=ws://127.0.0.1:${bare.ws}`;
  view = await enter({ ...bare, url: address } as typeof bare, "operator", { phone: true });
  await view.page.evaluate(() => void (location.hash = "#/rounds"));
  await bare.halt();
  await view.page.getByText("No link").waitFor({ timeout: 15_000 });
  await view.page.getByText("Freezer 1", { exact: true }).click();
  await view.page.fill('input[name="level"]', "148");
  await view.page.getByRole("button", { name: "Enter" }).click();
  await view.page.locator('.round[data-state="unsent"]').waitFor();
  expect(await view.page.locator(".round").textContent()).toMatch(/148.*measured .*entered .*UNSENT/);
  // The phone is switched off and on again: it is still there, before any login.
  await view.page.reload();
  await view.page.locator('.round[data-state="unsent"]').waitFor();
  expect(await view.page.locator(".round").textContent()).toMatch(/148.*UNSENT/);
  await bare.begin();
  await until("the daemon is back", 10, () => daemon.up());
  await daemon.online();
  await daemon.freezer(1);
  await view.page.goto(address);
  await logIn(view.page, "operator");
  await view.page.evaluate(() => void (location.hash = "#/rounds"));
  await until("sent", 20, () => sent("alarm/round").length);
  expect(sent("alarm/round")[0]).toMatchObject({ device: "freezer-1", values: { level: 148 } });
  expect(String(sent("alarm/round")[0]!["measured_at"])).toMatch(/^\d{4}-/);
  await view.page.locator('.round[data-state="sent"]').waitFor();
  web.close();
});

test("25: a badge changes who works here within 3 s; the password is asked again", async () => {
  view = await enter(bare, "operator");
  const began = Date.now();
  await scan(view.page, "badge:witness");
  await until("the login asks", 3, async () => (await view.page.locator("#user").inputValue().catch(() => "")) === "witness" && (await view.page.evaluate(() => document.activeElement?.id)) === "password");
  expect(Date.now() - began).toBeLessThan(3_000);
  await view.page.keyboard.type("demo", { delay: 60 });
  await view.page.keyboard.press("Enter");
  await view.page.locator(".frame.live .me").filter({ hasText: "witness" }).waitFor({ timeout: 10_000 });
});

test("25: each state of a robot says whether it was sensed, inferred or declared", async () => {
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot", kind: "robot", points: [{ id: "state", title: "State", values: { 1: "idle" } }], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/point/state", { value: 1, unit: "1", quality: "good", at: stamp(), schema: "point/1.0" });
  await daemon.put("job/job-1", { job: "job-1", kind: "store", state: "running", robot: "robot-1", priority: 5, moves_done: 1, moves: [{ aliquot: "a", code: "A", from: "x", to: "y", state: "done" }, { aliquot: "b", code: "B", from: "x", to: "y", state: "holding" }, { aliquot: "c", code: "C", from: "x", to: "y", state: "done", outcome: "lay beside the rack" }], at: stamp(), schema: "job/1.0" });
  view = await enter(bare, "operator");
  await at("robot/robot-1");
  await view.page.locator(".moves li").nth(1).waitFor();
  const known = await view.page.locator("[data-known]").evaluateAll((all) => all.map((e) => e.textContent));
  expect(known).toContain("sensed");
  expect(known).toContain("inferred");
  expect(known).toContain("declared"); // a person said where it was
});

test("a browser that says Japanese gets a Japanese login at its first visit, and what was chosen at the next", async () => {
  view = await openPage(bare.url, { locale: "ja-JP" });
  const button = () => view.page.locator("button[type=submit]").textContent();
  await until("Japanese", 5, async () => (await button()) === "ログイン");
  expect(await view.page.evaluate(() => document.documentElement.lang)).toBe("ja");
  await view.page.getByRole("button", { name: "English" }).click();
  await view.page.reload();
  await until("English", 5, async () => (await button()) === "Log in");
});

test("a login that fails says so in words", async () => {
  const { page, context } = await openPage(bare.url.replace(/:\d+\//, (m) => m) + "&broker=ws://127.0.0.1:1");
  view = { page, context };
  await page.fill("#user", "x");
  await page.click("button[type=submit]");
  const told = () => page.locator("[role=alert]").textContent();
  await until("told", 10, async () => (await told())?.includes("No broker answers"));
  await page.getByRole("button", { name: "Other broker" }).click();
  await page.locator("label.field input").last().fill("nonsense");
  await page.click("button[type=submit]");
  await until("told what an address is", 5, async () => (await told())?.includes("expected ws://"));
  expect(await page.locator("button[type=submit]").isDisabled()).toBe(false);
});
