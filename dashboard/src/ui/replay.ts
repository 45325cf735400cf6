// Events of a stream, asked of the daemon piece by piece, newest last; says how many it did not get.
import { num, objs } from "../state/read";
import { eventLine, type EventLine } from "../state/state";
import { conn } from "./app";

const kPerReply = 200; // docs/mqtt.md

export interface Replay {
  lines: EventLine[];
  withheld: number; // of the stream: older ones that were not asked for, or are no longer kept
}
export async function replay(stream: string, most: number): Promise<Replay | null> {
  const head = conn.state.heads.get(stream);
  const last = num(head?.["last"]) ?? 0;
  const first = num(head?.["first"]) ?? 1;
  let from = Math.max(first, last - most + 1);
  const begin = from;
  const lines: EventLine[] = [];
  while (from <= last) {
    const reply = await conn.send("event/replay", { stream, from }, { quiet: true });
    if (reply.status !== "done") return null;
    const got = objs(reply.body["events"]);
    for (const one of got) lines.push(eventLine(stream, one, num(one["seq"]) ?? 0));
    const next = num(reply.body["next"]) ?? from + kPerReply;
    if (got.length === 0 || next <= from) break;
    from = next;
  }
  return { lines, withheld: begin - 1 };
}
