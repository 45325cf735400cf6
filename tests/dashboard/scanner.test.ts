// What real scanners and keyboards send, in real Chromium: prefixes and separators, doubled line ends, an
// input method that swallows keys, Caps Lock; and whole pieces of work with scanner and keyboard alone.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Locator } from "playwright-core";
import { Bare, closeBrowser, enter, openPage, scan, until, type View } from "./stage";
import { Daemon, stamp } from "./tree";

let bare: Bare;
let daemon: Daemon;
let view: View;
const vial = (n: number) => `VIAL-${String(n).padStart(4, "0")}`;

interface Stroke { key: string; code?: string; ctrlKey?: boolean; shiftKey?: boolean; altKey?: boolean; keyCode?: number; isComposing?: boolean; modifierCapsLock?: boolean; up?: boolean }
// Keys 4 ms apart to whatever has the focus; each answer says whether the page took it.
const strokes = (keys: Stroke[]): Promise<boolean[]> =>
  view.page.evaluate((all) => {
    const taken: boolean[] = [];
    let at = performance.now();
    for (const { up, ...one } of all) {
      const target = document.activeElement ?? document.body;
      const event = new KeyboardEvent(up ? "keyup" : "keydown", { bubbles: true, cancelable: true, ...one } as KeyboardEventInit);
      Object.defineProperty(event, "timeStamp", { value: (at += 4) });
      taken.push(!target.dispatchEvent(event));
    }
    return taken;
  }, keys);
const plain = (text: string, more: Partial<Stroke> = {}): Stroke[] => [...text].map((key) => ({ key, ...more }));
const kEnter: Stroke = { key: "Enter" };
const at = (path: string) => view.page.goto(`${bare.url}#/${path}`);
const scans = () => view.page.evaluate(() => (window as unknown as { got: string[] }).got);
const sent = (verb: string) => daemon.commands.filter((c) => c.verb === verb).map((c) => c.body);

function answer(verb: string): Record<string, unknown> | null {
  if (verb === "signature/prepare") return { body: { signed: false } };
  if (verb === "aliquot/find") return { body: { aliquot: "a-1", code: vial(1), course: "c1", dose: "d01", path: "site/box-1", position: "A1", state: "released", holds: [] } };
  if (verb === "shipment/list") return { body: { open: [] } };
  return { message: "done", sequence: 77 };
}

beforeAll(async () => { bare = await new Bare().start(); });
afterAll(async () => { await closeBrowser(); await bare.stop(); });
beforeEach(async () => {
  daemon = await new Daemon().connect(bare.mqtt);
  daemon.answer = answer;
  await daemon.online();
  const box = (id: string, type: string, slots: object[]) => daemon.put(`container/${id}`, { container: id, type, title: id, path: `site/${id}`, freezer: "freezer-1", aliquots: slots.length, positions: 9, rows: 3, columns: 3, counts: {}, slots, at: stamp(), schema: "container/1.0" });
  await box("box-1", "box", [{ position: "A1", state: "occupied", aliquot: "a-1", course: "c1" }, { position: "A2", state: "occupied", aliquot: "a-2", course: "c1" }]);
  await box("box-2", "box", []);
  await box("shipper-1", "shipper", []);
  await daemon.put("device/robot-1/description", { id: "robot-1", title: "Robot 1", kind: "robot", points: [], limits: {}, schema: "device-description/1.0" });
  await daemon.put("device/robot-1/state", { state: "online", at: stamp(), schema: "device-state/1.0" });
  await daemon.put("course/c1", { course: "c1", patient: "p1", protocol: "ank-12", lot: "l1", revision: 1, doses: [1, 2].map((n) => ({ dose: `d0${n}`, number: n, fraction: "1/2", state: "stored", planned: {}, actual: {},
    aliquots: [{ aliquot: `a-${n}`, code: vial(n), state: "released", place: "box-1", position: `A${n}` }] })), at: stamp(), schema: "course/1.0" });
  view = await enter(bare, "supervisor");
  await view.page.evaluate(() => {
    const got: string[] = [];
    (window as unknown as { got: string[] }).got = got;
    document.addEventListener("cryobank-scanned", (e) => got.push((e as CustomEvent).detail as string));
  });
});
afterEach(async () => { await view.context.close(); await daemon.clear(); await daemon.stop(); });

test("prefixes, separators and doubled line ends of real scanners leave the code alone", async () => {
  const separators: Record<string, Stroke[]> = {
    "as Ctrl+]": [{ key: "Control", ctrlKey: true }, { key: "]", ctrlKey: true }],
    "as F8": [{ key: "F8" }],
    "as Alt with 029": [{ key: "Alt", altKey: true }, ...plain("029", { altKey: true }).map((s) => ({ ...s, code: `Numpad${s.key}` })), { key: "Alt", up: true }],
  };
  let n = 10;
  for (const [how, keys] of Object.entries(separators)) {
    n += 1;
    await strokes([...plain(vial(n).slice(0, 5)), ...keys, ...plain(vial(n).slice(5)), kEnter]);
    await until(how, 3, async () => (await scans()).includes(vial(n)));
    await view.page.locator("#refusal-ok").click({ timeout: 500 }).catch(() => undefined);
  }
  await strokes([...plain("]C1"), ...plain(vial(20)), { key: "Tab" }]);
  expect(await scans()).toEqual([vial(11), vial(12), vial(13), vial(20)]);
});

test("a line feed after the line end opens nothing and presses nothing", async () => {
  await at("find");
  const night = view.page.getByRole("button", { name: "Night", exact: true });
  await night.focus();
  await strokes([...plain(vial(1)), kEnter]);
  const [enterTaken, feedTaken, f5] = await strokes([kEnter, { key: "j", ctrlKey: true }, { key: "F5" }]);
  expect([enterTaken, feedTaken, f5]).toEqual([true, true, true]);
  expect(await view.page.evaluate(() => document.documentElement.dataset["night"])).toBe("0");
  await view.page.waitForTimeout(300);
  expect(await strokes([{ key: "j", ctrlKey: true }, kEnter])).toEqual([false, false]);
});

test("a scan while a Japanese input method is on in a field: the code arrives, the field stays as it was", async () => {
  await at("find");
  const field = view.page.locator("input[type=search]");
  await field.fill("before ");
  await field.focus();
  const cdp = await view.context.newCDPSession(view.page);
  // The browser tells "Process" and where the key is; the text goes into the composition.
  const typing = strokes([..."VIAL"].map((c) => ({ key: "Process", code: `Key${c}`, shiftKey: true, keyCode: 229 })));
  await cdp.send("Input.imeSetComposition", { text: "ゔぃあ", selectionStart: 3, selectionEnd: 3 });
  await typing;
  await strokes([{ key: "Process", code: "Minus", isComposing: true, keyCode: 229 }, ..."0001".split("").map((c) => ({ key: "Process", code: `Digit${c}`, isComposing: true, keyCode: 229 })), { key: "Process", code: "Enter", isComposing: true, keyCode: 229 }]);
  await until("scanned", 3, async () => (await scans()).includes(vial(1)));
  await until("opened", 3, async () => (await view.page.evaluate(() => location.hash)).includes("a-1"));
  await at("find");
  expect(await view.page.evaluate(() => document.body.textContent)).not.toContain("ゔぃあ");
});

test("what a hand composes in a field is its own", async () => {
  await at("find");
  const field = view.page.locator("input[type=search]");
  await field.focus();
  const cdp = await view.context.newCDPSession(view.page);
  for (const [code, text] of [["KeyH", "h"], ["KeyA", "は"], ["KeyK", "はk"], ["KeyO", "はこ"]] as const) {
    await strokes([{ key: "Process", code, isComposing: true, keyCode: 229 }]);
    await cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    await view.page.waitForTimeout(90);
  }
  await cdp.send("Input.insertText", { text: "箱" });
  await view.page.waitForTimeout(200);
  expect(await field.inputValue()).toBe("箱");
  expect(await scans()).toEqual([]);
});

test("with Caps Lock on the code is looked up the other way round, and a refusal says why", async () => {
  await strokes([...plain(vial(2).toLowerCase(), { modifierCapsLock: true, shiftKey: true }), kEnter]);
  await until("taken in", 3, async () => (await scans()).length);
  expect(await scans()).toEqual([vial(2)]);
  await at("work/label-verify");
  await view.page.locator('[data-field="aliquot"]').waitFor();
  await strokes([...plain("BOX-1", { modifierCapsLock: true }), kEnter]);
  await view.page.locator(".refusal").waitFor();
  expect(await view.page.locator(".refusal").textContent()).toContain("Caps Lock");
});

// The tab key alone brings the focus there.
async function tabTo(what: Locator): Promise<void> {
  for (let i = 0; i < 80; ++i) {
    if (await what.evaluate((e) => e === document.activeElement || (e.contains(document.activeElement) && e.matches("label")))) return;
    await view.page.keyboard.press("Tab");
  }
  throw new Error("the tab key does not come there");
}
// A choice: into its group, then along it by arrows or its own stop.
async function pick(name: string): Promise<void> {
  const group = view.page.locator(".dialog fieldset").filter({ has: view.page.getByRole("radio", { name, exact: true }) });
  const radio = group.getByRole("radio", { name, exact: true });
  await tabTo(group.getByRole("radio").first());
  for (let i = 0; i < 20 && !(await radio.evaluate((e) => e === document.activeElement)); ++i) await view.page.keyboard.press("ArrowDown");
  await view.page.keyboard.press("Space");
  expect(await radio.isChecked()).toBe(true);
}
async function typeInto(name: RegExp, text: string): Promise<void> {
  await tabTo(view.page.locator(".dialog").getByLabel(name));
  await view.page.keyboard.type(text, { delay: 90 });
}
const doIt = async (name: string) => {
  await tabTo(view.page.locator(".dialog").getByRole("button", { name }));
  await view.page.keyboard.press("Enter");
};

test("keyboard and scanner alone: two vials are disposed of, with a reason", async () => {
  await at("work/dispose");
  await view.page.locator('[data-field="codes"]').waitFor();
  await scan(view.page, vial(1), "Tab");
  await scan(view.page, `]C0${vial(2)}`);
  await pick("autoclave");
  await typeInto(/^Reason/, "out of date");
  await doIt("Do it");
  await until("sent", 5, () => sent("disposal/request").length);
  expect(sent("disposal/request")[0]).toMatchObject({ body: { method: "autoclave", aliquots: ["a-1", "a-2"] }, reason: "out of date" });
});

test("keyboard and scanner alone: a dose is thawed, held down by the space key", async () => {
  await at("work/thaw");
  const hold = view.page.locator(".dialog .hold");
  await hold.waitFor();
  await pick("c1 · p1");
  await pick("d01 · stored");
  expect(await hold.isDisabled()).toBe(true);
  await scan(view.page, "robot-1");
  await until("it may be held", 3, async () => !(await hold.isDisabled()));
  await tabTo(hold);
  await view.page.keyboard.down("Space");
  await until("sent", 5, () => sent("dose/thaw").length);
  await view.page.keyboard.up("Space");
  expect(sent("dose/thaw")[0]!["body"]).toMatchObject({ course: "c1", dose: "d01", robot: "robot-1", at_robot: "robot-1" });
});

test("keyboard and scanner alone: packed into a shipper, and what another ordered is witnessed", async () => {
  await at("work/pack");
  await view.page.locator('[data-field="codes"]').waitFor();
  await scan(view.page, "shipper-1");
  await typeInto(/^To/, "clinic 1");
  await typeInto(/^There by|^Arrives/, "12312027");
  await view.page.keyboard.press("Tab");
  await scan(view.page, vial(1));
  expect(await view.page.locator('[data-field="codes"] .code').allTextContents()).toEqual([vial(1)]);
  await view.page.keyboard.press("Escape");
  await until("closed", 3, async () => (await view.page.locator("dialog[open]").count()) === 0);
  await daemon.put("service/waiting", { at: stamp(), waiting: [{ command: "123e4567-e89b-42d3-a456-426614174000", user: "operator", witness: "supervisor", verb: "aliquot/move", body: { aliquot: "a-1", code: vial(1), place: "box-2", position: "A1" }, reason: "", signed: false, until: stamp(Date.now() + 600_000) }], schema: "service-waiting/1.0" });
  await at("waiting");
  const confirm = view.page.getByRole("button", { name: "I saw it: confirm" });
  await confirm.waitFor();
  await tabTo(confirm);
  await view.page.keyboard.press("Enter");
  await until("confirmed", 5, () => sent("witness/confirm").length);
  expect(sent("witness/confirm")[0]!["body"]).toMatchObject({ command: "123e4567-e89b-42d3-a456-426614174000" });
});

test("keyboard and scanner alone: a vial is moved to another box by two scans and reviewed", async () => {
  await at("box/box-2");
  const put = view.page.getByRole("button", { name: "Put away by scanner" });
  await put.waitFor();
  await tabTo(put);
  await view.page.keyboard.press("Enter");
  await scan(view.page, `${vial(1)}`);
  await until("taken in", 5, async () => (await view.page.locator("[data-count]").getAttribute("data-count")) === "1");
  await scan(view.page, "box-2");
  await pick("witness");
  await doIt("Order 1 move");
  await until("sent", 5, () => sent("aliquot/move").length);
  expect(sent("aliquot/move")[0]!["body"]).toMatchObject({ moves: [{ code: vial(1), place: "box-2", position: "A1" }] });
});

test("without a scanner the robot's code is typed, and the journal is told so", async () => {
  await at("work/thaw");
  const hold = view.page.locator(".dialog .hold");
  await hold.waitFor();
  await pick("c1 · p1");
  await pick("d01 · stored");
  await doIt("Without a scanner");
  await view.page.keyboard.type("robot-1", { delay: 90 });
  await view.page.keyboard.press("Enter");
  await until("it may be held", 3, async () => !(await hold.isDisabled()));
  await tabTo(hold);
  await view.page.keyboard.down("Enter");
  await until("sent", 5, () => sent("dose/thaw").length);
  await view.page.keyboard.up("Enter");
  expect(String(sent("dose/thaw")[0]!["reason"])).toContain("typed by hand");
});

// A scanner by radio, or keys that come through a busy computer: pauses before keys, in ms.
const faltering = (code: string, pauses: Record<number, number>): Promise<void> =>
  view.page.evaluate(({ code, pauses }) => {
    let at = performance.now();
    const press = (key: string, pause: number) => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, "timeStamp", { value: (at += pause) });
      (document.activeElement ?? document.body).dispatchEvent(event);
    };
    for (const [i, char] of [...code].entries()) press(char, pauses[i] ?? 4);
    press("Enter", pauses[code.length] ?? 4);
  }, { code, pauses });
// What ends a scan is no answer of a person.
async function seen(): Promise<void> {
  await view.page.locator("#refusal-ok").click();
  await until("seen", 5, async () => (await view.page.locator(".refusal").count()) === 0);
}

test("half of a scan is never taken for a code: it is refused over the whole screen, and the next one is good", async () => {
  await at("work/dispose");
  await view.page.locator('[data-field="codes"]').waitFor();
  await faltering(vial(1), { 3: 400 });
  await view.page.locator(".refusal").waitFor();
  expect(await view.page.locator(".refusal").textContent()).toContain("SCAN IN PIECES");
  expect(await scans()).toEqual([]);
  await seen();
  await scan(view.page, vial(1));
  await until("taken", 3, async () => (await view.page.locator('[data-field="codes"] .code').allTextContents()).join() === vial(1));
});

test("a scan too slow for one is told, and the Enter at its end closes nothing", async () => {
  await at("work/dispose");
  await view.page.locator('[data-field="codes"]').waitFor();
  await scan(view.page, vial(2));
  await until("taken", 3, async () => (await view.page.locator('[data-field="codes"] .code').count()) === 1);
  await faltering(vial(1), Object.fromEntries([...Array(10).keys()].map((i) => [i, 50])));
  await view.page.locator(".refusal").waitFor();
  await seen();
  expect(await view.page.locator('[data-field="codes"] .code').allTextContents()).toEqual([vial(2)]);
});

test("by keyboard alone: the login has the first key, and what is chosen is where the tab key goes on", async () => {
  await view.context.close();
  view = await openPage(bare.url);
  const at = () => view.page.evaluate(() => document.activeElement?.id || document.activeElement?.className || document.activeElement?.tagName);
  await until("the login waits for keys", 5, async () => (await at()) === "user");
  await view.page.keyboard.type("operator", { delay: 120 });
  await view.page.keyboard.press("Tab");
  await view.page.keyboard.type("wrong", { delay: 120 });
  expect(await at()).toBe("password");
  await view.page.keyboard.press("Enter");
  await view.page.locator(".frame.live").waitFor({ timeout: 20_000 });
  await until("at the screen", 3, async () => (await at()) === "main");
  // The one line on top leads to the alarms, and the next keys are theirs.
  await view.page.locator(".answer").focus();
  await view.page.keyboard.press("Enter");
  await until("at the list", 3, async () => view.page.url().endsWith("#/alarms") && (await at()) === "main");
  await view.page.keyboard.press("Tab");
  expect(await view.page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
  // Who was here last only gives the password.
  await view.page.reload();
  await until("the password waits for keys", 5, async () => (await at()) === "password");
});

test("a form of scans opens with no button under the Enter of a scanner", async () => {
  for (const act of ["register", "dispose", "label-print", "infuse"]) {
    await at(`work/${act}`);
    await view.page.locator(".dialog").waitFor();
    expect(await view.page.evaluate(() => document.activeElement?.tagName), act).not.toBe("BUTTON");
  }
});

test("a place whose label has three characters is scanned; three letters of a hand are not", async () => {
  await daemon.put("container/A-1", { container: "A-1", type: "rack", title: "Tower 1", path: "site/A-1", aliquots: 0, positions: 4, counts: {}, slots: [], at: stamp(), schema: "container/1.0" });
  await at("wall");
  await until("known", 5, async () => {
    await scan(view.page, "A-1");
    return (await view.page.locator("h1").first().textContent())?.includes("Tower 1");
  });
  expect(await scans()).toContain("A-1");
  await scan(view.page, "abc");
  expect(await scans()).not.toContain("abc");
});

test("scans of one moment are all taken: none before the page was drawn anew is lost, and each box gets its own", async () => {
  await at("work/dispose");
  await view.page.locator('[data-field="codes"]').waitFor();
  await view.page.evaluate((codes) => {
    for (const code of codes) for (const key of [...code, "Enter"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }, [vial(1), vial(2), vial(3)]);
  await until("taken", 5, async () => (await view.page.locator('[data-field="codes"] .code').allTextContents()).join() === [vial(1), vial(2), vial(3)].join());
});

test("what a scan on today's list opened takes the next scan, also when the list is drawn anew behind it", async () => {
  const today = stamp().slice(0, 10);
  await daemon.put(`worklist/${today}`, { date: today, items: [{ step: "thaw", course: "c1", dose: "d01", patient: "p1", state: "planned", at: stamp(), done: false, aliquots: [{ aliquot: "a-1", code: vial(1), place: "box-1", position: "A1" }] }], at: stamp(), schema: "worklist/1.0" });
  await at(`today/${today}`);
  await view.page.locator(".work").waitFor();
  await scan(view.page, vial(1));
  await view.page.locator(".work.marked").waitFor();
  await view.page.waitForTimeout(900); // the same code at once is the trigger held down
  await scan(view.page, vial(1));
  await view.page.locator(".dialog .hold").waitFor();
  await view.page.waitForTimeout(1_500); // drawn anew meanwhile
  await scan(view.page, "robot-1");
  await until("taken by the form", 3, async () => (await view.page.locator('.dialog [data-proof="1"]').count()) === 1);
  expect(await view.page.locator(".refusal").count()).toBe(0);
});
