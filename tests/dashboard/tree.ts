// A tree of topics of any size, published by hand to a bare broker: what a site of hundreds of
// freezers with hundreds of alarms looks like to the page.
import mqtt, { type MqttClient } from "mqtt";

const site = "cryobank/v1/demo";
export const stamp = (ms = Date.now()): string => new Date(ms).toISOString();

export class Daemon {
  private client: MqttClient | null = null;
  private timer: NodeJS.Timeout | null = null;
  private seq = 0;
  private readonly kept = new Set<string>();
  clock = (): number => Date.now();
  answer: ((verb: string, command: Record<string, unknown>) => Record<string, unknown> | null) | null = null;
  readonly commands: { verb: string; body: Record<string, unknown> }[] = [];

  async connect(port: number): Promise<this> {
    this.client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, clientId: `tree-${process.pid}`, reconnectPeriod: 200,
      will: { topic: `${site}/service/state`, payload: Buffer.from(JSON.stringify({ state: "offline", schema: "service-state/1.0" })), qos: 1, retain: true } });
    this.client.on("message", (topic, payload, packet) => {
      const command = JSON.parse(payload.toString()) as Record<string, unknown>;
      const verb = topic.split("/").slice(-2).join("/");
      this.commands.push({ verb, body: command });
      const reply = this.answer?.(verb, command);
      const to = packet.properties?.responseTopic;
      if (reply && to) this.client?.publish(to, JSON.stringify({ id: command["id"], status: "done", code: "ok", message: "", sequence: null, body: {}, schema: "reply/1.0", ...reply }), { qos: 1 });
    });
    await this.client.subscribeAsync(`${site}/command/#`, { qos: 1 });
    return this;
  }
  async put(topic: string, value: object | null, retain = true, expiry = 0): Promise<void> {
    if (retain) this.kept.add(topic);
    await this.client?.publishAsync(`${site}/${topic}`, value === null ? "" : JSON.stringify(value), { qos: 1, retain, ...(expiry ? { properties: { messageExpiryInterval: expiry } } : {}) });
  }
  async beat(): Promise<void> {
    await this.put("service/beat", { at: stamp(this.clock()), epoch: 1, seq: ++this.seq, scan_age_ms: 200, counts: {}, highest: null, oldest_unacknowledged: null, shelved: 0, schema: "service-beat/1.0" }, false);
  }
  async pulse(): Promise<void> {
    await this.put("service/pulse", { at: stamp(this.clock()), epoch: 1, every_ms: 1_000, schema: "service-pulse/1.0" }, false);
  }
  async online(more: object = {}): Promise<void> {
    await this.put("service/info", { at: stamp(this.clock()), version: "0", site: "demo", title: "Test", time_zone: "Asia/Tokyo", config_revision: "0", schemas: {}, limits: {}, staff: [
      { user: "operator", roles: ["viewer", "operator"] }, { user: "witness", roles: ["witness"] }, { user: "supervisor", roles: ["viewer", "operator", "witness", "supervisor"] }, { user: "viewer", roles: ["viewer"] }], ...more, schema: "service-info/1.0" });
    await this.put("service/state", { at: stamp(this.clock()), epoch: 1, state: "online", schema: "service-state/1.0" });
    await this.beat();
    this.silence();
    let second = 0;
    this.timer = setInterval(() => void (++second % 5 === 0 ? this.beat() : this.pulse()), 1_000);
  }
  up(): boolean {
    return this.client?.connected ?? false;
  }
  // Takes everything retained away again.
  async clear(): Promise<void> {
    await Promise.all([...this.kept].map((topic) => this.client?.publishAsync(`${site}/${topic}`, "", { qos: 1, retain: true })));
    this.kept.clear();
  }
  silence(): void {
    if (this.timer) clearInterval(this.timer);
  }
  // As SIGKILL does: the socket goes, and the broker says the will. It comes back mute, to clear up.
  async die(): Promise<void> {
    this.silence();
    this.client?.stream.destroy();
  }
  async freezer(n: number, level = 160, top = -185): Promise<void> {
    const id = `freezer-${n}`;
    const point = (value: number, unit: string) => ({ value, unit, quality: "good", at: stamp(this.clock()), seq: 1, schema: "point/1.0" });
    await Promise.all([
      this.put(`device/${id}/description`, { id, title: `Freezer ${n}`, kind: "freezer", profile: "x", revision: 1, room: "room-1", points: [{ id: "level", title: "Level", unit: "mm" }, { id: "temperature-top", title: "Top", unit: "Cel" }],
        limits: { temperature_warn: -160, temperature_critical: -150, level_low_warn: 102, level_low_critical: 77, level_high_warn: 228, fill_start: 127, fill_stop: 203 }, schema: "device-description/1.0" }),
      this.put(`device/${id}/state`, { at: stamp(this.clock()), state: "online", last_ok: stamp(this.clock()), schema: "device-state/1.0" }),
      this.put(`device/${id}/model`, { at: stamp(this.clock()), dry_in_h: 389, schema: "device-model/1.0" }),
      this.put(`device/${id}/point/level`, point(level, "mm"), true, 600),
      this.put(`device/${id}/point/temperature-top`, point(top, "Cel"), true, 600),
    ]);
  }
  async alarm(device: string, condition: string, priority: string, more: object = {}): Promise<void> {
    await this.put(`alarm/${device}.${condition}`, { alarm: `${device}.${condition}`, source: device, device, condition, occurrence: 1, priority, state: "active-unacknowledged", active: true, acknowledged: false,
      text: `${condition} of ${device}`, action: "Look at it.", value: 96, since: stamp(this.clock() - 65_000), cleared_at: null, acknowledgement: null, shelved: null, paging: null, comments: [], answers: [], at: stamp(this.clock()), schema: "alarm/1.0", ...more });
  }
  async stop(): Promise<void> {
    this.silence();
    await this.client?.endAsync(true);
  }
}
