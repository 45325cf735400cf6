#!/usr/bin/env node
// A small client of the cryobank service, in one file: what a program of your own must do.
//
//   node cryobank.mjs freezers                       what each freezer says now, and how old it is
//   node cryobank.mjs acknowledge ALARM              take an alarm: "I am going"
//   node cryobank.mjs register COURSE PATIENT [PROTOCOL]   a new course, expected, not yet stored
//   node cryobank.mjs follow STREAM [AFTER [UNTIL]]  every event in order; a gap is asked for again
//
// Broker and login come from CRYOBANK_HOST, CRYOBANK_PORT, CRYOBANK_SITE, CRYOBANK_USER and
// CRYOBANK_PASSWORD. Run `npm install` once beside this file. The wire is described in docs/mqtt.md.
import { randomUUID } from "node:crypto";
import mqtt from "mqtt";

const REPLY_WITHIN_S = 20;
const QUIET_MS = 1000; // what is retained comes first, in one go; a second without more is its end

const env = process.env;
const user = env.CRYOBANK_USER ?? "operator";
const root = `cryobank/v1/${env.CRYOBANK_SITE ?? "demo"}/`;
const clientId = `example-${randomUUID().slice(0, 8)}`;

function fail(text) {
  console.error(text);
  process.exit(1);
}

class Bank {
  #link;
  #hear = () => {};
  #replies = new Map(); // correlation data: what to do with the reply

  async open() {
    const url = `mqtt://${env.CRYOBANK_HOST ?? "127.0.0.1"}:${env.CRYOBANK_PORT ?? 1883}`;
    const password = env.CRYOBANK_PASSWORD ?? "demo";
    try {
      this.#link = await mqtt.connectAsync(url, {
        protocolVersion: 5, clientId, username: user, password, clean: true,
        keepalive: 15, connectTimeout: 10_000, reconnectPeriod: 0,
      }, false);
    } catch (error) {
      fail(`the broker at ${url} refuses ${user}: ${error.message}`);
    }
    this.#link.on("message", (topic, payload, packet) => {
      const correlation = packet.properties?.correlationData?.toString();
      const waiting = this.#replies.get(correlation);
      if (waiting && topic.startsWith(`${root}reply/`)) {
        waiting(JSON.parse(payload.toString()));
      } else {
        const told = payload.length ? JSON.parse(payload.toString()) : null;
        this.#hear(topic.slice(root.length), told, packet.retain);
      }
    });
  }

  close() {
    return this.#link.endAsync();
  }

  async listen(filters, hear) {
    this.#hear = hear;
    await this.#link.subscribeAsync(filters.map((name) => root + name), { qos: 1 });
  }

  // What the service says now, by topic below the site's root.
  async retained(...filters) {
    const found = new Map();
    let newest = Date.now();
    await this.listen(filters, (topic, told, kept) => {
      if (kept) newest = Date.now(); // a live one has no such flag, and those never end
      if (told) found.set(topic, told);
      else found.delete(topic); // an empty payload takes a topic away
    });
    while (Date.now() - newest < QUIET_MS) await new Promise((wake) => setTimeout(wake, 50));
    return found;
  }

  // Sends one command and waits for its last reply. The id makes it safe to send again.
  async command(verb, body, more = {}) {
    const id = randomUUID();
    const responseTopic = `${root}reply/${user}/${clientId}`;
    await this.#link.subscribeAsync(responseTopic, { qos: 1 });
    const ended = new Promise((done, refuse) => {
      const late = setTimeout(
        () => refuse(new Error(`no reply within ${REPLY_WITHIN_S} s; send id ${id} again to be sure`)),
        REPLY_WITHIN_S * 1000);
      this.#replies.set(id, (reply) => {
        if (reply.status === "accepted") return; // the end is still to come
        clearTimeout(late);
        this.#replies.delete(id);
        done(reply);
      });
    });
    const expires = new Date(Date.now() + REPLY_WITHIN_S * 1000).toISOString();
    await this.#link.publishAsync(`${root}command/${user}/${verb}`,
      JSON.stringify({ id, expires_at: expires, body, ...more }),
      { qos: 1, properties: { responseTopic, correlationData: Buffer.from(id),
                              messageExpiryInterval: REPLY_WITHIN_S } });
    return ended;
  }
}

function tell(reply) {
  console.log(`${reply.status}: ${reply.message}`);
  if (reply.status !== "done") process.exitCode = 1;
}

async function freezers(bank) {
  const found = await bank.retained("device/+/description", "device/+/state", "device/+/point/+");
  for (const [topic, described] of [...found].sort()) {
    const [, device, what] = topic.split("/");
    if (what !== "description" || described.kind !== "freezer") continue;
    const state = found.get(`device/${device}/state`)?.state ?? "unknown";
    console.log(`${device}  ${described.title}  ${state}`);
    for (const name of ["level", "temperature-top", "temperature-bottom"]) {
      const point = found.get(`device/${device}/point/${name}`);
      if (!point) {
        console.log(`  ${name}: not told`); // never 0, never the last value
        continue;
      }
      const shown = point.value === null ? "unknown" : `${point.value} ${point.unit}`;
      const age = Math.trunc((Date.now() - Date.parse(point.at)) / 1000);
      console.log(`  ${name}: ${shown} (${point.quality}, ${age} s ago)`);
    }
  }
}

async function acknowledge(bank, [alarm]) {
  tell(await bank.command("alarm/acknowledge", { alarm, reason: "going" }));
}

async function register(bank, [course, patient, protocol = "single"]) {
  tell(await bank.command("course/register", { course, patient, protocol }, { reason: "example" }));
}

// Numbers rise by one. What is missing between is asked for, then the live ones go on.
async function follow(bank, [stream, after = "0", until = "0"]) {
  const end = Number(until);
  let last = Number(after);
  let newest = 0;
  let wake = () => {};
  const early = new Map(); // live events that came before their turn
  await bank.listen([`event/${stream}`, `event/${stream}/head`], (topic, told) => {
    if (!told) return;
    if (topic.endsWith("/head")) newest = Math.max(newest, told.last);
    else {
      early.set(told.seq, told);
      newest = Math.max(newest, told.seq);
    }
    wake();
  });
  while (end === 0 || last < end) {
    if (last >= newest) {
      await new Promise((come) => { wake = come; });
      continue;
    }
    if (!early.has(last + 1)) {
      const reply = await bank.command("event/replay", { stream, from: last + 1 });
      if (reply.status !== "done") fail(`no replay: ${reply.message}`);
      for (const event of reply.body.events) early.set(event.seq, event);
    }
    const event = early.get(last + 1);
    if (!event) fail(`event ${last + 1} of ${stream} is no longer kept: the journal has it`);
    early.delete(event.seq);
    last = event.seq;
    console.log(`${event.seq} ${event.time} ${event.type} ${JSON.stringify(event.data)}`);
  }
}

const acts = { freezers, acknowledge, register, follow };
const needed = { freezers: 0, acknowledge: 1, register: 2, follow: 1 };
const [act, ...words] = process.argv.slice(2);
if (!(act in acts) || words.length < needed[act]) {
  console.error("usage: node cryobank.mjs freezers | acknowledge ALARM | " +
    "register COURSE PATIENT [PROTOCOL] | follow STREAM [AFTER [UNTIL]]");
  process.exit(2);
}
const bank = new Bank();
await bank.open();
await acts[act](bank, words);
await bank.close();
