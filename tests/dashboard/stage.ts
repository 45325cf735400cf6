// What browser tests stand on: a broker of their own, Debian's Chromium, and either the whole
// demonstration (scripts/demo, on free ports and a state folder of its own) or, for floods that no
// demonstration makes, a tree of topics published by hand.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createWebServer } from "node:http";
import { createServer, createConnection, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";

export const root = resolve(__dirname, "../..");
export const bin = process.env["CRYOBANK_BIN"] ?? join(root, "build/bin");
const page = process.env["CRYOBANK_PAGE"] ?? join(root, "build/page/index.html");

export async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

export async function until<T>(what: string, seconds: number, look: () => Promise<T | false | null | undefined> | T | false | null | undefined): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => { socket.destroy(); done(true); });
    socket.once("error", () => done(false));
  });

function stop(child: ChildProcess, seconds = 15): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null) return done();
    const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1_000);
    child.once("exit", () => { clearTimeout(timer); done(); });
    child.kill("SIGTERM");
  });
}

export interface Place {
  mqtt: number;
  ws: number;
  url: string; // of the page
  stop: () => Promise<void>;
}

// A bare broker, with the page served beside it by the broker itself: as any web server would.
export class Bare implements Place {
  mqtt = 0;
  ws = 0;
  url = "";
  private folder = mkdtempSync(join(tmpdir(), "cryobank-page-"));
  private broker: ChildProcess | null = null;

  async start(): Promise<this> {
    this.mqtt = await freePort();
    this.ws = await freePort();
    const web = join(this.folder, "web");
    const { mkdirSync, copyFileSync } = await import("node:fs");
    mkdirSync(web);
    copyFileSync(page, join(web, "index.html"));
    writeFileSync(join(this.folder, "conf"), [
      "per_listener_settings false", "allow_anonymous true", "persistence false", "set_tcp_nodelay true", "max_queued_messages 100000", "max_inflight_messages 1000",
      `listener ${this.mqtt} 127.0.0.1`, `listener ${this.ws} 127.0.0.1`, "protocol websockets", `http_dir ${web}`, process.getuid?.() === 0 ? "user root" : "",
    ].join("\n"));
    await this.begin();
    this.url = `http://127.0.0.1:${this.ws}/index.html?site=demo`;
    return this;
  }
  async begin(): Promise<void> {
    if (this.broker) return;
    this.broker = spawn("/usr/sbin/mosquitto", ["-c", join(this.folder, "conf")], { stdio: "ignore" });
    await until("the broker listens", 10, () => answers(this.ws));
  }
  async halt(): Promise<void> {
    if (this.broker) await stop(this.broker);
    this.broker = null;
  }
  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// The page from a server of its own, which stays when the broker goes.
export async function served(): Promise<{ url: string; close: () => void }> {
  const server = createWebServer((_request, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(readFileSync(page));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => { server.closeAllConnections(); server.close(); } };
}

// The demonstration, whole: broker, hardware, daemon, pager gateway, people.
export class Demo implements Place {
  mqtt = 0;
  ws = 0;
  http = 0;
  url = "";
  readonly folder = mkdtempSync(join(tmpdir(), "cryobank-demo-"));
  private child: ChildProcess | null = null;
  private said = "";

  // `more`: DEMO_CONFIG for another site, DEMO_PEOPLE=0 for an empty bank.
  async start(more: Record<string, string> = {}): Promise<this> {
    [this.mqtt, this.ws, this.http] = [await freePort(), await freePort(), await freePort()];
    this.child = spawn(join(root, "scripts/demo"), {
      cwd: root, stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, DEMO_STATE: join(this.folder, "state"), DEMO_BIN: bin, DEMO_MQTT_PORT: String(this.mqtt), DEMO_WS_PORT: String(this.ws),
        DEMO_HTTP_PORT: String(this.http), DEMO_FOR: "", DEMO_FRESH: "0", ...more },
    });
    this.child.stdout?.on("data", (text: Buffer) => (this.said += text.toString()));
    this.child.stderr?.on("data", (text: Buffer) => (this.said += text.toString()));
    await until("the demonstration runs", 60, () => {
      if (this.child?.exitCode !== null) throw new Error(`the demonstration stopped:\n${this.said}`);
      return this.said.includes("is running");
    });
    this.url = `http://127.0.0.1:${this.http}/`;
    return this;
  }
  output(): string {
    return this.said;
  }
  state(file: string): string {
    return join(this.folder, "state", file);
  }
  log(name: string): string {
    const file = this.state(`logs/${name}.log`);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }
  // One of its programs by name, for stopping and going on.
  pid(program: string): number {
    const found = readFileSync(this.state(`pids/${program}`), "utf8").trim();
    return Number(found);
  }
  // One act at the simulated hardware, as hands would do it.
  async hands(command: object): Promise<Record<string, unknown>> {
    const port = Number(readFileSync(this.state("control_port"), "utf8"));
    return new Promise((done, fail) => {
      const socket = createConnection(port, "127.0.0.1");
      let text = "";
      socket.on("data", (part) => {
        text += part.toString();
        if (text.includes("\n")) {
          socket.destroy();
          done(JSON.parse(text.split("\n")[0] ?? "{}") as Record<string, unknown>);
        }
      });
      socket.on("error", fail);
      socket.write(`${JSON.stringify(command)}\n`);
    });
  }
  async stop(): Promise<void> {
    if (this.child) await stop(this.child, 30);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// A link between page and broker that takes its time each way, and can fall silent without being closed, as
// a pulled cable does.
export interface Relay {
  port: number;
  silence: () => void;
  close: () => void;
}
export async function relay(to: number, ms = 0): Promise<Relay> {
  const ends = new Set<Socket>();
  let silent = false;
  const carry = (from: Socket, into: Socket) => {
    from.on("data", (part) => setTimeout(() => !silent && into.writable && into.write(part), ms));
    from.on("close", () => setTimeout(() => !silent && into.destroy(), ms));
    from.on("error", () => into.destroy());
  };
  const server = createServer((near) => {
    const far = createConnection(to, "127.0.0.1");
    for (const one of [near, far]) ends.add(one);
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { port: (server.address() as AddressInfo).port, silence: () => (silent = true), close: () => { server.close(); for (const one of ends) one.destroy(); } };
}

let browser: Browser | null = null;
export async function openBrowser(): Promise<Browser> {
  browser ??= await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--autoplay-policy=document-user-activation-required"],
  });
  return browser;
}
export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}

export interface View {
  context: BrowserContext;
  page: Page;
}
export async function openPage(url: string, options: { width?: number; height?: number; phone?: boolean; init?: string; scale?: number; locale?: string } = {}): Promise<View> {
  const context = await (await openBrowser()).newContext({
    viewport: { width: options.width ?? (options.phone ? 390 : 1_440), height: options.height ?? (options.phone ? 844 : 900) },
    hasTouch: options.phone ?? false, deviceScaleFactor: options.scale ?? 1, acceptDownloads: true, locale: options.locale ?? "en-GB", timezoneId: "UTC",
  });
  if (options.init) await context.addInitScript(options.init);
  const view = await context.newPage();
  await view.goto(url);
  return { context, page: view };
}
export async function logIn(view: Page, user: string, password = "demo"): Promise<void> {
  await view.fill("#user", user);
  await view.fill("#password", password);
  await view.click("button[type=submit]");
  await view.waitForSelector(".frame.live", { timeout: 20_000 });
}
export async function enter(place: Place, user: string, options: Parameters<typeof openPage>[1] = {}): Promise<View> {
  const view = await openPage(place.url, options);
  await logIn(view.page, user);
  return view;
}

// A scanner: keys 4 ms apart, ended by Enter, wherever the focus is. Each key carries its own time, as a
// real one does: it is the keyboard's, however late a busy computer comes to it.
export async function scan(view: Page, code: string, end = "Enter"): Promise<void> {
  await view.evaluate(({ code, end }) => {
    let at = performance.now();
    const press = (key: string, more: KeyboardEventInit = {}) => {
      const target = document.activeElement ?? document.body;
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
      Object.defineProperty(event, "timeStamp", { value: (at += 4) });
      const open = target.dispatchEvent(event);
      // What a browser does with a key that nobody took: it types.
      if (open && key.length === 1 && !more.ctrlKey && (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) document.execCommand("insertText", false, key);
    };
    for (const char of code) press(char);
    if (end) press(end);
  }, { code, end });
}

// On a course's page with a dose chosen: the clinic's word that its patient is fit, without which nothing is
// thawed, and then the order, unlocked by the code of the robot at which whoever orders it stands.
export async function unlockThaw(page: Page, robot: string): Promise<Locator> {
  const dialog = page.locator(".dialog");
  await page.getByRole("button", { name: "Patient is fit" }).click();
  await dialog.getByText("Fit for this dose").click();
  await dialog.getByRole("button", { name: "Do it" }).click();
  await until("noted", 15, async () => (await dialog.locator(".reply.good").count()) > 0);
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await page.getByRole("button", { name: "Thaw", exact: true }).click();
  await dialog.waitFor();
  const hold = dialog.locator(".hold");
  if (!(await hold.isDisabled())) throw new Error("a robot is ordered without its code");
  await scan(page, robot);
  await until("it may be held", 3, async () => !(await hold.isDisabled()));
  return hold;
}
