// The one socket of the page: MQTT 5 over websockets. It takes messages in slices so that a flood
// (a first tree of thousands of topics) never holds the screen, keeps the reducer's state, sends
// commands and brings replies back. It never queues a command while the link is down.
import "../../shims/globals";
import Client from "mqtt/lib/client";
import { browserStreamBuilder } from "mqtt/lib/connect/ws";
import type { IClientOptions, IClientPublishOptions, IPublishPacket, MqttClient } from "mqtt";
import { num, obj, parse, str, type Obj } from "../state/read";
import { beginConnection, emptyState, reduce, sweep, type State } from "../state/state";
import { kSubscriptions, qosOf } from "../state/topics";
import { commandTime, daemonNow, judge, type Health, type Link } from "../state/health";

const kSliceMs = 10; // of one turn of taking messages in: far below a frame that feels late
const kWaitingMax = 200_000; // messages; above it the page connects anew and gets the tree again
const kConnectMs = 12_000; // four ways over a link of 1.5 s take six; a broker that is not there is told at once
const kKeepAliveS = 15; // a silent link is noticed by the pulse, long before
const kSettleMs = 1_500; // the retained tree has come by then, and what did not come is gone
const kCommandLifeMs = 60_000;
const kQuestionWaits = 10_000;
// mosquitto gives a long message out over websockets in pieces of 4 kB, one for each turn of a loop that
// rests for 100 ms when nothing comes in: 60 kB took 1.3 s, and 75 ms while something came in.
const kNudgeEvery = 8; // ms
const kNudgeFor = 3_000; // of one question; then it is the daemon that is slow

export interface Reply {
  id: string;
  status: "done" | "accepted" | "rejected" | "failed" | "expired" | "duplicate" | "silent";
  code: string;
  message: string;
  sequence: number | null;
  body: Obj;
}

export interface Order {
  id: string;
  verb: string;
  body: Obj;
  reason: string;
  witness: string;
  sent: number; // monotonic
  reply: Reply | null; // the newest
  ended: number | null;
  quiet: boolean; // a question of the page itself: not shown among open commands
  resolve: (reply: Reply) => void;
}

export interface SendOptions {
  reason?: string;
  witness?: string;
  signature?: Obj;
  expectRevision?: number;
  quiet?: boolean;
  untilEnd?: boolean; // resolve at the end, not when accepted
}

export type Failure = "" | "login" | "address" | "silent" | "unreachable";

export class Connection {
  state: State = emptyState();
  link: Link = { connected: false, since: performance.now() };
  failure: Failure = "";
  orders: Order[] = [];
  user = "";
  onChange: () => void = () => undefined;
  readonly client = crypto.randomUUID().slice(0, 8);
  private mqtt: MqttClient | null = null;
  private root = "";
  private waiting: { topic: string; payload: Uint8Array; retained: boolean; expiry: number; heard: number }[] = [];
  private working = false;
  private settle = 0;
  private nudging = 0;
  private nudgeUntil = 0;
  private readonly decoder = new TextDecoder();

  // Resolves when the broker took the login; the reason is in `failure` else.
  connect(url: string, site: string, user: string, password: string): Promise<boolean> {
    this.close();
    this.state = emptyState(site);
    this.root = `cryobank/v1/${site}/`;
    this.user = user;
    this.failure = "";
    this.link = { connected: false, since: performance.now() };
    const at = addressOf(url);
    if (at === null) {
      this.failure = "address";
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      let once = false;
      const began = performance.now();
      const end = (good: boolean) => {
        if (!once) resolve(good);
        once = true;
      };
      const options: IClientOptions = {
        protocol: at.protocol === "wss:" ? "wss" : "ws", hostname: at.hostname, path: at.pathname,
        port: Number(at.port) || (at.protocol === "wss:" ? 443 : 80), protocolVersion: 5, protocolId: "MQTT", timerVariant: "native", username: user, password, clientId: `page-${user}-${this.client}`, clean: true,
        keepalive: kKeepAliveS, connectTimeout: kConnectMs, reconnectPeriod: 1_000, queueQoSZero: false,
        reschedulePings: false, resubscribe: false, properties: { receiveMaximum: 1000 },
      };
      const client = new Client((one) => browserStreamBuilder(one, options), options);
      this.mqtt = client;
      client.on("connect", () => {
        this.onUp(client);
        end(true);
      });
      client.on("message", (topic, payload, packet) => this.take(topic, payload, packet));
      client.on("error", (error) => this.onError(error, end));
      client.on("close", () => {
        this.down();
        if (!once && this.failure !== "login") this.failure = performance.now() - began >= kConnectMs ? "silent" : "unreachable";
        if (!once) client.end(true); // a login that failed is not tried again behind the person's back
        end(false);
      });
    });
  }

  close(): void {
    this.mqtt?.end(true);
    this.mqtt = null;
    this.waiting = [];
    this.down();
    for (const order of this.orders) if (order.ended === null) order.ended = performance.now();
  }

  private onError(error: Error, end: (good: boolean) => void): void {
    const code = (error as { code?: unknown }).code;
    // 0x86 bad user name or password, 0x87 not authorised: trying again cures neither.
    this.failure = code === 0x86 || code === 0x87 || code === 4 || code === 5 ? "login" : "unreachable";
    if (this.failure === "login") {
      this.link.refused = true; // said by every screen until somebody logs in again
      this.mqtt?.end(true);
      end(false);
    }
    this.onChange();
  }

  private down(): void {
    if (this.link.connected) this.link = { connected: false, since: performance.now() };
    clearTimeout(this.settle);
    this.onChange();
  }

  private onUp(client: MqttClient): void {
    this.failure = "";
    this.link = { connected: true, since: performance.now() };
    this.state.pulseHeard = null;
    this.state.aliveHeard = null;
    this.waiting = [];
    beginConnection(this.state);
    for (const below of kSubscriptions) {
      client.subscribe(this.root + below, { qos: qosOf(below) }, () => undefined);
    }
    client.subscribe(`${this.root}reply/${this.user}/${this.client}`, { qos: 1 }, () => this.probe());
    clearTimeout(this.settle);
    this.settle = window.setTimeout(() => this.whenTaken(() => sweep(this.state)), kSettleMs);
    this.nudge(kSettleMs);
    this.onChange();
  }

  // Keeps the broker's loop awake while something long may be on its way here.
  private nudge(ms: number): void {
    this.nudgeUntil = Math.max(this.nudgeUntil, performance.now() + ms);
    if (this.nudging !== 0) return;
    this.nudging = window.setInterval(() => {
      const settled = performance.now() >= this.nudgeUntil;
      const asked = this.orders.some((one) => one.reply === null && performance.now() - one.sent < kNudgeFor);
      if (this.link.connected && (asked || !settled)) this.mqtt?.sendPing();
      else {
        clearInterval(this.nudging);
        this.nudging = 0;
      }
    }, kNudgeEvery);
  }

  // Asks anything: whatever the answer is, it proves that the daemon lives, sooner than its next pulse.
  // The time is this computer's; a wrong one makes the answer "expired", which proves the same.
  private probe(): void {
    const id = crypto.randomUUID();
    const payload = { id, expires_at: new Date(Date.now() + kCommandLifeMs).toISOString(), body: { stream: "service", from: 1 << 30 } };
    this.publish("event/replay", payload, id, () => undefined);
  }

  private whenTaken(act: () => void): void {
    if (this.waiting.length === 0) {
      act();
      this.onChange();
    } else window.setTimeout(() => this.whenTaken(act), 50);
  }

  private take(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    const expiry = num(packet.properties?.messageExpiryInterval) ?? 0;
    this.waiting.push({ topic, payload, retained: packet.retain, expiry, heard: performance.now() });
    if (this.waiting.length > kWaitingMax) {
      this.waiting = [];
      this.mqtt?.reconnect();
    }
    if (!this.working) {
      this.working = true;
      queueTurn(() => this.work());
    }
  }

  private work(): void {
    const end = performance.now() + kSliceMs;
    let done = 0;
    while (done < this.waiting.length && performance.now() < end) {
      const one = this.waiting[done]!;
      done += 1;
      if (!one.topic.startsWith(this.root)) continue;
      const topic = one.topic.slice(this.root.length);
      const text = this.decoder.decode(one.payload);
      if (topic.startsWith("reply/")) this.onReply(text);
      else reduce(this.state, { topic, text, retained: one.retained, expiry: one.expiry, heard: one.heard });
    }
    this.waiting.splice(0, done);
    this.onChange();
    if (this.waiting.length > 0) queueTurn(() => this.work());
    else this.working = false;
  }

  health(now = performance.now()): Health {
    return judge(this.state, this.link, now);
  }

  daemonNow(now = performance.now()): number | null {
    return daemonNow(this.state, now);
  }

  // Sends one command once. Refused here when the page is not live: a motion is never queued.
  async send(verb: string, body: Obj, options: SendOptions = {}): Promise<Reply> {
    // A question of a screen that was opened a moment too early may wait; an order never does.
    const end = performance.now() + kQuestionWaits;
    while (options.quiet && this.user !== "" && this.health().grade !== "live" && performance.now() < end) {
      await new Promise((next) => setTimeout(next, 100));
    }
    return this.sendNow(verb, body, options);
  }

  private sendNow(verb: string, body: Obj, options: SendOptions): Promise<Reply> {
    const id = crypto.randomUUID();
    if (this.health().grade !== "live" || !this.mqtt) return Promise.resolve(local(id, "not-live"));
    const at = commandTime(this.state, performance.now());
    if (at === null) return Promise.resolve(local(id, "not-live"));
    const payload: Obj = { id, expires_at: new Date(at + kCommandLifeMs).toISOString(), body };
    if (options.reason) payload["reason"] = options.reason;
    if (options.witness) payload["witness"] = options.witness;
    if (options.signature) payload["signature"] = options.signature;
    if (options.expectRevision !== undefined) payload["expect_revision"] = options.expectRevision;
    return new Promise((resolve) => {
      const order: Order = {
        id, verb, body, reason: options.reason ?? "", witness: options.witness ?? "", sent: performance.now(),
        reply: null, ended: null, quiet: options.quiet ?? false,
        resolve: (reply) => {
          if (reply.status === "accepted" && options.untilEnd) return;
          resolve(reply);
        },
      };
      this.orders = [order, ...this.orders].slice(0, 200);
      this.nudge(0);
      this.publish(verb, payload, id, (code) => this.finish(order, local(id, code === 0x87 ? "not-authorised" : "not-sent")));
      window.setTimeout(() => {
        if (order.reply === null) this.finish(order, local(id, "silent"));
      }, 15_000);
      this.onChange();
    });
  }

  private publish(verb: string, payload: Obj, id: string, failed: (code: number) => void): void {
    const options: IClientPublishOptions = {
      qos: 1,
      properties: {
        responseTopic: `${this.root}reply/${this.user}/${this.client}`,
        correlationData: new TextEncoder().encode(id) as unknown as Buffer,
        messageExpiryInterval: kCommandLifeMs / 1_000,
      },
    };
    this.mqtt?.publish(`${this.root}command/${this.user}/${verb}`, JSON.stringify(payload), options, (error, packet) => {
      const code = num(obj(packet)["reasonCode"]) ?? 0;
      if (error || code >= 0x80) failed(code);
    });
  }

  private onReply(text: string): void {
    const value = parse(text);
    if (!value) return;
    this.state.aliveHeard = performance.now();
    const order = this.orders.find((one) => one.id === value["id"]);
    if (!order) return;
    this.finish(order, {
      id: order.id, status: str(value["status"]) as Reply["status"], code: str(value["code"]),
      message: str(value["message"]), sequence: num(value["sequence"]), body: obj(value["body"]),
    });
  }

  private finish(order: Order, reply: Reply): void {
    order.reply = reply;
    if (reply.status !== "accepted") order.ended = performance.now();
    order.resolve(reply);
    this.onChange();
  }
}

// A websocket's address, or null for what is none, also where a browser would refuse to try it.
function addressOf(url: string): URL | null {
  try {
    const at = new URL(url);
    const open = at.protocol === "wss:" || (at.protocol === "ws:" && location.protocol !== "https:");
    return open ? at : null;
  } catch {
    return null;
  }
}

function local(id: string, code: string): Reply {
  return { id, status: "silent", code, message: "", sequence: null, body: {} };
}

// A macrotask without the 4 ms that nested timers cost.
const channel = new MessageChannel();
let turns: (() => void)[] = [];
channel.port1.onmessage = () => {
  const now = turns;
  turns = [];
  for (const turn of now) turn();
};
function queueTurn(turn: () => void): void {
  turns.push(turn);
  channel.port2.postMessage(0);
}
