// A chart of one point: band of min and max, line of the mean, its limits, lid and fills as bands
// behind it, and every gap a gap. Asked of the daemon for the time shown; the newest readings follow.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { columns } from "../state/chart";
import { t, clock, day, dayClock, number, unit, currentZone, word } from "../text/i18n";
import { app, live } from "./app";
import { askChart, chartEnd, type History } from "./history";

const kHeight = 220;
const kAgain = 30_000;
const kClockWide = 56;
const kDayClockWide = 124;
const kDayWide = 92;

interface Props {
  device: string;
  point: string;
  title: string;
  unit: string;
  hours: number;
  limits: { value: number; name: string }[];
  marks: string[]; // two-valued points drawn as bands: lid, fill-valve
}
type Bands = [from: number, until: number][];

function bandsOf(history: History | null): Bands {
  const bands: Bands = [];
  let from: number | null = null;
  let last = 0;
  for (const [at, , , max] of history?.rows ?? []) {
    if (max !== null && max > 0) from ??= at;
    else if (from !== null) {
      bands.push([from / 1_000, at / 1_000]);
      from = null;
    }
    last = at;
  }
  if (from !== null) bands.push([from / 1_000, last / 1_000]);
  return bands;
}

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(props: Props, width: number, bands: Bands[], low: number, high: number): uPlot.Options {
  const ink = color("--ink-2");
  const axis: uPlot.Axis = { stroke: ink, grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 } };
  return {
    width, height: kHeight, tzDate: (s) => uPlot.tzDate(new Date(s * 1_000), currentZone()),
    scales: { x: { min: low, max: high }, y: { range: (_u, min, max) => padded(min, max, props.limits.map((l) => l.value)) } },
    legend: { show: false }, cursor: { drag: { x: false, y: false } },
    axes: [{ ...axis, space: (_u, _i, from, until, wide) => roomFor((until - from) / wide), values: (_u, splits, _i, _space, step) => splits.map((s) => (step >= 86_400 ? day(s * 1_000) : step >= 3_600 * 6 ? dayClock(s * 1_000) : clock(s * 1_000))) }, { ...axis, size: 64, values: (_u, values) => values.map((v) => number(v)) }],
    series: [{}, { stroke: color("--ink"), width: 1.5, spanGaps: false, points: { show: false } },
      { stroke: "transparent", spanGaps: false, points: { show: false } }, { stroke: "transparent", spanGaps: false, points: { show: false } }],
    bands: [{ series: [3, 2], fill: color("--band") }],
    hooks: { drawAxes: [(u) => drawBands(u, bands)], draw: [(u) => drawLimits(u, props.limits)] },
  };
}

// Pixels that a label of the time axis takes, by how many seconds a pixel is: a clock, a day and a clock, a day.
function roomFor(seconds: number): number {
  if (seconds * kDayWide >= 86_400) return kDayWide;
  return seconds * kDayClockWide >= 3_600 * 6 ? kDayClockWide : kClockWide;
}

function padded(min: number | null, max: number | null, limits: number[]): [number, number] {
  const low = Math.min(min ?? 0, ...limits);
  const high = Math.max(max ?? 1, ...limits);
  const room = Math.max(2, (high - low) * 0.06);
  return [low - room, high + room];
}

function drawBands(u: uPlot, all: Bands[]): void {
  all.forEach((bands, i) => {
    u.ctx.fillStyle = color(i === 0 ? "--band-lid" : "--band-fill");
    for (const [from, until] of bands) {
      const x = u.valToPos(from, "x", true);
      const height = u.bbox.height / 14;
      u.ctx.fillRect(x, u.bbox.top + i * height, Math.max(2, u.valToPos(until, "x", true) - x), height);
    }
  });
}

function drawLimits(u: uPlot, limits: Props["limits"]): void {
  const { ctx } = u;
  ctx.save();
  ctx.font = `${12 * devicePixelRatio}px sans-serif`;
  ctx.textAlign = "left"; // uPlot leaves what its axes wanted
  ctx.textBaseline = "bottom";
  for (const limit of limits) {
    const y = u.valToPos(limit.value, "y", true);
    ctx.strokeStyle = color(/critical|evacuate/.test(limit.name) ? "--p1" : /warn|min/.test(limit.name) ? "--p2" : "--ink-2");
    ctx.fillStyle = ctx.strokeStyle;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(u.bbox.left, y);
    ctx.lineTo(u.bbox.left + u.bbox.width, y);
    ctx.stroke();
    ctx.fillText(`${word("limit", limit.name)} ${number(limit.value)}`, u.bbox.left + 6, y - 2);
  }
  ctx.restore();
}

export function Chart(props: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [history, setHistory] = useState<History | null>(null);
  const [failed, setFailed] = useState(false);
  const [bands, setBands] = useState<Bands[]>([]);
  const asked = useRef(-kAgain);
  const ask = async () => {
    const end = chartEnd();
    if (end === null || !live()) return;
    asked.current = performance.now();
    const from = end - props.hours * 3_600_000;
    const got = await askChart(props.device, props.point, from, end);
    setFailed(got === null);
    if (got) setHistory(got);
    if (props.hours > 24 * 7) return;
    const marks = await Promise.all(props.marks.map((m) => askChart(props.device, m, from, end)));
    setBands(marks.map(bandsOf));
  };
  useEffect(() => {
    void ask();
    // Once a second until the page is live, then each half minute.
    const timer = window.setInterval(() => performance.now() - asked.current >= kAgain && void ask(), 1_000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (!history || history.rows.length === 0 || !box.current) return undefined;
    const end = (chartEnd() ?? 0) / 1_000;
    const began = performance.now();
    const plot = new uPlot(options(props, box.current.clientWidth, bands, end - props.hours * 3_600, end), columns(history.rows), box.current);
    box.current.dataset["took"] = String(Math.round(history.took + performance.now() - began));
    const resize = new ResizeObserver(() => box.current && plot.setSize({ width: box.current.clientWidth, height: kHeight }));
    resize.observe(box.current);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [history, bands, app.night, app.language]);
  const gaps = history?.rows.filter((r) => r[2] === null).length ?? 0;
  return (
    <figure class="chart">
      <figcaption><b>{props.title}</b> {unit(props.unit)} {history && <small>{word("resolution", history.resolution)} · {t("chart.rows", { n: history.rows.length })}{gaps > 0 && ` · ${t("chart.gaps", { n: gaps })}`}</small>}
        {bands.length > 0 && <small class="keys"><i class="lid" />{t("chart.lid")} <i class="fill" />{t("chart.fill")}</small>}</figcaption>
      <div class="plot" data-point={props.point} data-rows={history?.rows.length ?? 0} ref={box} role="img" aria-label={`${props.title} ${word("span", String(props.hours))}`} />
      {history?.rows.length === 0 && <p class="empty">{t("chart.no-rows")}</p>}
      {!history && <p class="empty">{failed ? t("chart.none") : t("asking")}</p>}
    </figure>
  );
}
