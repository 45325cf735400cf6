// Lines of a chart: rows of [time, min, mean, max]; a row of nulls is a gap and is never bridged.
import { list, num } from "./read";

export type Row = [t: number, min: number | null, mean: number | null, max: number | null];
export type Line = Row[];

export function readRows(value: unknown): Line {
  return list(value).flatMap((row) => {
    const cells = list(row);
    const at = num(cells[0]);
    if (at === null) return [];
    const second = num(cells[1]);
    return [[at, second, cells.length > 2 ? num(cells[2]) : second, cells.length > 3 ? num(cells[3]) : second] as Row];
  });
}

// Two rows further apart than two periods have nothing between them.
export function withGaps(line: Line, periodMs: number): Line {
  const out: Line = [];
  for (const row of line) {
    const before = out[out.length - 1];
    if (before && before[2] !== null && row[2] !== null && row[0] - before[0] > 2 * periodMs) out.push([before[0] + periodMs, null, null, null]);
    out.push(row);
  }
  return out;
}

// An SVG path for a sparkline; a gap lifts the pen.
export function dayLine(line: Line, width: number, height: number): string {
  const values = line.map((r) => r[2]).filter((v): v is number => v !== null);
  if (values.length < 2) return "";
  const [first, last] = [line[0]![0], line[line.length - 1]![0]];
  const low = Math.min(...values);
  const range = Math.max(Math.max(...values) - low, 4); // a still tank is a still line
  let pen = false;
  let path = "";
  for (const [at, , mean] of line) {
    if (mean === null) {
      pen = false;
      continue;
    }
    const x = ((at - first) / Math.max(1, last - first)) * width;
    const y = height - 2 - ((mean - low) / range) * (height - 4);
    path += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  }
  return path;
}

// Columns for a plot: times in seconds, then mean, min, max.
export function columns(line: Line): [number[], (number | null)[], (number | null)[], (number | null)[]] {
  return [line.map((r) => r[0] / 1_000), line.map((r) => r[2]), line.map((r) => r[1]), line.map((r) => r[3])];
}
