// The history behind charts, asked of the daemon.
import { num, str } from "../state/read";
import { readRows, withGaps, type Line } from "../state/chart";
import { commandTime } from "../state/health";
import { conn } from "./app";

export interface History {
  rows: Line;
  resolution: string;
  unit: string;
  took: number;
}
// Where a chart ends: now by the daemon's clock, or the newest time known before its first beat.
export const chartEnd = (): number | null => commandTime(conn.state, performance.now());

export async function askChart(device: string, point: string, from: number, until: number, rowsMax = 1_200): Promise<History | null> {
  const began = performance.now();
  const reply = await conn.send("history/chart", {
    device, point, from: new Date(from).toISOString(), until: new Date(until).toISOString(), rows_max: rowsMax,
  }, { quiet: true });
  if (reply.status !== "done") return null;
  const period = num(reply.body["period_ms"]);
  if (period === null) return null; // where a gap begins is not known: no line then
  return {
    rows: withGaps(readRows(reply.body["rows"]), period), resolution: str(reply.body["resolution"]),
    unit: str(reply.body["unit"]), took: performance.now() - began,
  };
}
