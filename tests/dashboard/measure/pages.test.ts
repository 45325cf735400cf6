// Figures of docs/measurements-page.md, by scripts/page-measure: many pages connected, commands with
// replies against bare messages, replay of events, a year drawn, a long list in one command. The clients
// subscribe to what the page subscribes to. No budget is asserted here but what the issue names; machines
// are shared, and ratios say more.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kSubscriptions, qosOf } from "../../../dashboard/src/state/topics";
import { bin, closeBrowser, Demo, enter, root, until } from "../stage";

const site = "cryobank/v1/demo";
const tell = (line: string): void => {
  console.log(line);
  if (process.env["MEASURE"]) appendFileSync(process.env["MEASURE"], `${line}\n`);
};
const rest = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));
const kTicks = Number(execFileSync("getconf", ["CLK_TCK"]).toString());
const cpu = (pid: number): number => { // seconds
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / kTicks;
};
const mb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_000;
const quantile = (all: number[], q: number): number => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * q))]!;

// One page, without its screen: MQTT 5 over websockets, what the page subscribes to, one reply topic.
class Client {
  client!: MqttClient;
  messages = 0;
  whole = 0; // ms until the retained tree had come
  private nudging: NodeJS.Timeout | null = null;
  private open = new Map<string, (reply: Record<string, unknown>) => void>();
  constructor(private readonly user: string, readonly name: string) {}
  async connect(ws: number, subscribe = true): Promise<this> {
    const began = performance.now();
    let last = began;
    this.client = await mqtt.connectAsync(`ws://127.0.0.1:${ws}`, { protocolVersion: 5, username: this.user, password: "demo", clientId: `page-${this.name}`, reconnectPeriod: 0, properties: { receiveMaximum: 1000 } });
    this.client.on("message", (topic, payload, packet) => {
      this.messages += 1;
      if (packet.retain) last = performance.now();
      if (!topic.startsWith(`${site}/reply/`)) return;
      const reply = JSON.parse(payload.toString()) as Record<string, unknown>;
      if (reply["status"] === "accepted") return;
      this.open.get(String(reply["id"]))?.(reply);
      this.open.delete(String(reply["id"]));
    });
    await this.client.subscribeAsync(`${site}/reply/${this.user}/${this.name}`, { qos: 1 });
    if (subscribe) for (const below of kSubscriptions) await this.client.subscribeAsync(`${site}/${below}`, { qos: qosOf(below) });
    await rest(1_000);
    this.whole = last - began;
    return this;
  }
  async end(): Promise<void> {
    if (this.nudging) clearInterval(this.nudging);
    await this.client.endAsync(true);
  }
  ask(verb: string, body: object, more: object = {}): Promise<Record<string, unknown>> {
    const id = crypto.randomUUID();
    // As the page does: mosquitto gives long messages out in pieces, one for each turn of its loop.
    this.nudging ??= setInterval(() => {
      if (this.open.size > 0) this.client.sendPing();
    }, 8);
    return new Promise((done) => {
      this.open.set(id, done);
      this.client.publish(`${site}/command/${this.user}/${verb}`, JSON.stringify({ id, expires_at: new Date(Date.now() + 60_000).toISOString(), body, ...more }), {
        qos: 1, properties: { responseTopic: `${site}/reply/${this.user}/${this.name}`, correlationData: Buffer.from(id), messageExpiryInterval: 60 } });
    });
  }
}

// `count` questions with `window` of them open at a time; milliseconds of each.
async function flood(count: number, window: number, ask: (n: number) => Promise<unknown>): Promise<{ rate: number; p50: number; p99: number }> {
  const took: number[] = [];
  const began = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: window }, async () => {
    while (next < count) {
      const n = next++;
      const at = performance.now();
      await ask(n);
      took.push(performance.now() - at);
    }
  }));
  return { rate: count / ((performance.now() - began) / 1_000), p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}
const told = (f: { rate: number; p50: number; p99: number }): string => `${f.rate.toFixed(0)} a second, p50 ${f.p50.toFixed(1)} ms, p99 ${f.p99.toFixed(1)} ms`;

describe.skipIf(!process.env["MEASURE"])("the page in figures", () => {
  let demo: Demo;
  afterAll(async () => { await closeBrowser(); await demo.stop(); });
  beforeAll(async () => { demo = await new Demo().start({ DEMO_PEOPLE: "0" }); }, 120_000);

  test("200 pages connected", async () => {
    const [broker, daemon] = [demo.pid("broker"), demo.pid("daemon")];
    const seconds = 30;
    const measure = async () => {
      const before = [cpu(broker), cpu(daemon)];
      await rest(seconds * 1_000);
      return [cpu(broker) - before[0]!, cpu(daemon) - before[1]!].map((s) => (100 * s) / seconds);
    };
    const alone = await measure();
    const pages: Client[] = [];
    for (let n = 0; n < 200; n += 20) pages.push(...await Promise.all(Array.from({ length: 20 }, (_, i) => new Client("viewer", `m${n + i}`).connect(demo.ws))));
    const heard = pages.reduce((sum, p) => sum + p.messages, 0);
    const with200 = await measure();
    const rate = (pages.reduce((sum, p) => sum + p.messages, 0) - heard) / seconds;
    tell(`no page: broker ${alone[0]!.toFixed(1)} %, daemon ${alone[1]!.toFixed(1)} % of a core`);
    tell(`200 pages: broker ${with200[0]!.toFixed(1)} % (${mb(broker).toFixed(0)} MB), daemon ${with200[1]!.toFixed(1)} % (${mb(daemon).toFixed(0)} MB), ${rate.toFixed(0)} messages a second in all; first state ${quantile(pages.map((p) => p.whole), 0.5).toFixed(0)} ms (p99 ${quantile(pages.map((p) => p.whole), 0.99).toFixed(0)} ms) of ${(heard / 200).toFixed(0)} messages`);
    expect(Math.min(...pages.map((p) => p.messages))).toBeGreaterThan(50);
    await Promise.all(pages.map((p) => p.end()));
  }, 300_000);

  test("commands with replies, against a bare publish and response", async () => {
    // Bare: the same library and broker, somebody who answers at once with as many bytes.
    const echo = await mqtt.connectAsync(`mqtt://127.0.0.1:${demo.mqtt}`, { protocolVersion: 5, username: "cryobankd", password: "demo", clientId: "echo", properties: { receiveMaximum: 1000 } });
    const filler = "x".repeat(600);
    echo.on("message", (_topic, payload, packet) => {
      const { id } = JSON.parse(payload.toString()) as { id: string };
      echo.publish(packet.properties!.responseTopic!, JSON.stringify({ id, status: "done", filler }), { qos: 1 });
    });
    await echo.subscribeAsync(`${site}/command/+/bare/echo`, { qos: 1 });
    const page = await new Client("supervisor", "commands").connect(demo.ws, false);
    const bare = [await flood(200, 1, () => page.ask("bare/echo", { filler })), await flood(2_000, 16, () => page.ask("bare/echo", { filler }))];
    await echo.endAsync();
    const question = [await flood(200, 1, () => page.ask("alarm/coverage", { device: "freezer-1" })), await flood(2_000, 16, () => page.ask("alarm/coverage", { device: "freezer-1" }))];
    // Durable ones: block and free positions, each on record before its reply.
    const label = (n: number) => `${String.fromCharCode(65 + Math.floor((n % 81) / 9))}${(n % 9) + 1}`;
    const box = (n: number) => `freezer-${(n % 4) + 1}-rack-${(Math.floor(n / 4) % 4) + 1}-box-${(Math.floor(n / 16) % 5) + 1}`;
    const ends: Record<string, unknown>[] = [];
    const block = async (n: number) => { ends.push(await page.ask("position/block", { place: box(n), position: label(Math.floor(n / 80)) }, { reason: "measured" })); };
    const durable = [await flood(200, 1, block), await flood(2_000, 16, (n) => block(n + 200))];
    expect(ends.filter((r) => r["status"] !== "done").slice(0, 1)).toEqual([]);
    tell(`bare, one at a time: ${told(bare[0]!)}; 16 open: ${told(bare[1]!)}`);
    tell(`question (alarm/coverage), one at a time: ${told(question[0]!)}; 16 open: ${told(question[1]!)}`);
    tell(`durable (position/block), one at a time: ${told(durable[0]!)}; 16 open: ${told(durable[1]!)}`);
    // What they left behind, asked for again.
    const began = performance.now();
    let events = 0;
    for (let from = 1; ;) {
      const reply = await page.ask("event/replay", { stream: "inventory", from });
      const body = reply["body"] as { events: unknown[]; next: number };
      if (!body?.events?.length) break;
      events += body.events.length;
      from = body.next;
    }
    tell(`event/replay: ${events} events, ${(events / ((performance.now() - began) / 1_000)).toFixed(0)} a second`);
    expect(events).toBeGreaterThan(2_000);
    await page.end();
  }, 300_000);
});

describe.skipIf(!process.env["MEASURE"])("a year of one freezer", () => {
  const kept = mkdtempSync(join(tmpdir(), "cryobank-year-"));
  let demo: Demo;
  afterAll(async () => { await closeBrowser(); await demo.stop(); rmSync(kept, { recursive: true, force: true }); });

  test("is drawn in under a second", async () => {
    const filled = spawnSync(join(bin, "../tests/bin/telemetry_year"), [join(kept, "telemetry"), "freezer-1", String(Date.now()), "level", "temperature-top", "temperature-bottom"], { stdio: "inherit" });
    expect(filled.status).toBe(0);
    demo = new Demo();
    cpSync(kept, demo.state(""), { recursive: true });
    await demo.start({ DEMO_PEOPLE: "0" });
    const view = await enter(demo, "viewer");
    await view.page.goto(`${demo.url}#/freezer/freezer-1`);
    const plots = view.page.locator(".plot[data-rows]");
    await until("a day stands", 15, async () => (await plots.count()) >= 3);
    const drawn: number[] = [];
    for (let n = 0; n < 5; ++n) {
      await view.page.getByRole("button", { name: "6 h", exact: true }).click();
      await view.page.waitForTimeout(700);
      drawn.push(await view.page.evaluate(() => new Promise<number>((done) => {
        const year = [...document.querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === "1 year")!;
        for (const plot of document.querySelectorAll<HTMLElement>(".plot")) plot.dataset["before"] = "1";
        const began = performance.now();
        year.click();
        const look = () => {
          const all = [...document.querySelectorAll<HTMLElement>(".plot")];
          if (all.length >= 3 && all.every((p) => !p.dataset["before"] && Number(p.dataset["rows"]) > 500)) requestAnimationFrame(() => done(performance.now() - began));
          else requestAnimationFrame(look);
        };
        look();
      })));
    }
    const rows = await plots.evaluateAll((all) => all.map((e) => Number((e as HTMLElement).dataset["rows"])));
    tell(`a year of one freezer: ${rows.length} charts of ${rows.join(", ")} rows drawn in ${quantile(drawn, 0.5).toFixed(0)} ms (slowest of 5: ${Math.max(...drawn).toFixed(0)} ms)`);
    expect(Math.max(...drawn)).toBeLessThan(1_000);
    await view.context.close();
  }, 300_000);
});

const kVials = 99_984; // a list has at most 100,000 lines: 4,166 courses of twelve doses of two vials each
describe.skipIf(!process.env["MEASURE"])("100,000 vials", () => {
  const kept = mkdtempSync(join(tmpdir(), "cryobank-list-"));
  let demo: Demo;
  afterAll(async () => { await demo.stop(); rmSync(kept, { recursive: true, force: true }); });

  test("are imported in one command", async () => {
    const config = join(kept, "config");
    cpSync(join(root, "config"), config, { recursive: true });
    const places = join(config, "demo/places.toml");
    writeFileSync(places, readFileSync(places, "utf8").replace(/columns = 4\nholds = \["rack"\]/, 'columns = 66\nholds = ["rack"]').replace(/r = \[1, 4\]/g, "r = [1, 66]"));
    const rows = ["aliquot,code,course,patient,lot,dose,fraction,state,path,position"];
    for (let n = 0; n < kVials; ++n) {
      const course = `i${Math.floor(n / 24)}`;
      // Two vials of a dose lie in two freezers, since no freezer may hold more than half of a course.
      const slot = Math.floor(n / 2) % 81;
      const box = 2 * Math.floor(n / 162) + (n % 2);
      const where = `freezer-${(box % 4) + 1}-rack-${(Math.floor(box / 4) % 62) + 5}-box-${(Math.floor(box / 248) % 5) + 1}`;
      rows.push([`${course}-${n % 24}`, `IMP-${n}`, course, `p${course}`, `l${course}`, `d${String(Math.floor((n % 24) / 2) + 1).padStart(2, "0")}`, "1/12", "released", where, `${String.fromCharCode(65 + Math.floor(slot / 9))}${(slot % 9) + 1}`].join(","));
    }
    const list = join(kept, "list.csv");
    writeFileSync(list, `${rows.join("\n")}\n`);
    demo = await new Demo().start({ DEMO_PEOPLE: "0", DEMO_CONFIG: config });
    const env = { ...process.env, CRYOBANK_HOST: "127.0.0.1", CRYOBANK_PORT: String(demo.mqtt), CRYOBANK_SITE: "demo", CRYOBANK_PASSWORD: "demo", CRYOBANK_SIGNING_SECRET: "demo-sign" };
    const ctl = (words: string[]) => new Promise<{ status: number; said: string }>((done) => {
      let said = "";
      const child = spawn(join(bin, "cryobankctl"), words, { env });
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (said += part.toString()));
      child.once("exit", (status) => done({ status: status ?? -1, said }));
    });
    // A second person confirms as soon as it waits, under an own login.
    const watch = await new Client("witness", "waits").connect(demo.ws, false);
    const commands: string[] = [];
    watch.client.on("message", (topic, payload) => {
      if (topic.endsWith("service/waiting")) commands.push(...((JSON.parse(payload.toString()) as { waiting: { command: string }[] }).waiting.map((w) => w.command)));
    });
    await watch.client.subscribeAsync(`${site}/service/waiting`, { qos: 1 });
    const began = performance.now();
    const importing = ctl(["--sign", "--user", "supervisor", "--timeout", "600", "import", list, "--reason", "measured", "--witness", "witness"]);
    const command = await until("it waits for its witness", 120, () => commands[0]);
    const waited = performance.now() - began;
    const confirmed = await ctl(["--sign", "--user", "witness", "confirm", command]);
    const ran = await importing;
    const seconds = (performance.now() - began) / 1_000;
    tell(`import of ${kVials} vials: ${seconds.toFixed(1)} s (pieces sent and checked in ${(waited / 1_000).toFixed(1)} s); ${ran.said.split("\n").filter(Boolean).at(-1) ?? ""}; daemon ${cpu(demo.pid("daemon")).toFixed(1)} s of processor since its start`);
    expect(confirmed.status, confirmed.said).toBe(0);
    await watch.end();
    expect(ran.status, ran.said).toBe(0);
  }, 600_000);
});
