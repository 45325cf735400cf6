// Wall: freezers worst first. Level against its limits, temperature, the last day, how old the data
// is, hours to loss, what lies inside. In wall mode nothing can be pressed and nobody is logged out.
import type { JSX } from "preact";
import { Component } from "preact";
import { useEffect, useState } from "preact/hooks";
import { heardAt, levelBar, wall, type AlarmView, type Tile } from "../state/derive";
import { kindOf, limitsOf, meaning, titleOf, pointThatMeans } from "../state/state";
import { num } from "../state/read";
import { t, number, span, word } from "../text/i18n";
import { alarms, app, conn, draw, drawRest, go, health, href, useDraw, useSlices, wallMode } from "../ui/app";
import { AlarmMark, Button, Num, Value } from "../ui/parts";
import { dayLine, type Line } from "../state/chart";
import { askChart, chartEnd } from "../ui/history";
import { comingOf, holderOf } from "./alarm_detail";

const kSparkEvery = 900_000; // a day's line moves by a hair in 15 min

const lines = new Map<string, { line: Line; at: number }>();
let asking = 0;
const kAsking = 2; // at a time

// A day of the top temperature, a few freezers at a time so that the daemon is never flooded.
async function fetchLine(device: string, point: string): Promise<void> {
  const known = lines.get(device);
  const now = performance.now();
  asking += 1;
  lines.set(device, { line: known?.line ?? [], at: now });
  const end = chartEnd() ?? 0;
  const rows = await askChart(device, point, end - 86_400_000, end, 96);
  if (rows) lines.set(device, { line: rows.rows, at: now });
  asking -= 1;
}

function Spark(props: { device: string }): JSX.Element {
  const line = lines.get(props.device)?.line ?? [];
  const path = dayLine(line, 120, 32);
  return <svg class="spark" viewBox="0 0 120 32" preserveAspectRatio="none" role="img" aria-label={t("wall.day")}><path d={path} /></svg>;
}

interface TileProps {
  tile: Tile;
  stamp: string;
  readonly?: boolean;
}
const kDrawFor = 15; // ms of one slice: with what the browser adds to it, far below 100 ms
const kTilesAtOnce = 16; // new ones
let drawUntil = 0;

// Drawn again only when something of its freezer changed, and in the next slice when this one is full.
class FreezerTile extends Component<TileProps> {
  private drawn = "";
  override shouldComponentUpdate(next: TileProps): boolean {
    if (next.stamp === this.drawn) return false;
    if (performance.now() < drawUntil) return true;
    drawRest();
    return false;
  }
  override render(): JSX.Element {
    const { tile } = this.props;
    this.drawn = this.props.stamp;
    const { device, worst } = tile;
    const bar = levelBar(device);
    const level = meaning(device, "level");
    const top = meaning(device, "temperature-top") ?? meaning(device, "temperature-bottom");
    const lid = meaning(device, "lid");
    const silent = device.state === "lost" || (!level?.value && !top?.value && level?.value !== 0);
    const kind = worst && !worst.silencedKind ? worst.priority : silent ? "lost" : "calm";
    const inner = (
      <>
        <header><b>{titleOf(device)}</b>{worst ? <AlarmMark alarm={worst} /> : <span class="calm-word">{word("device", device.state) || t("no-data")}</span>}</header>
        <div class="tile-body">
          <div class={`level ${bar.share === null ? "none" : ""}`} role="img" aria-label={t("wall.level")}>
            <div class="fill" style={{ height: `${(bar.share ?? 0) * 100}%` }} />
            {bar.marks.map((m) => <i class={m.name.includes("low") || m.name.includes("critical") ? "low" : "set"} style={{ bottom: `${m.share * 100}%` }} />)}
          </div>
          <div class="figures">
            <Value point={top} digits={1} big />
            <Value point={level} digits={0} />
            <Spark device={device.id} />
          </div>
        </div>
        {worst && <p class="tile-alarm">{word("cond", worst.condition)}{tile.alarms > 1 && ` +${tile.alarms - 1}`}{whoHas(worst) && <small> · {whoHas(worst)}</small>}</p>}
        <footer>
          <span title={t("wall.loss-help")}>{tile.hoursToLoss === null ? t("wall.loss-unknown") : tile.hoursToLoss < 0.1 ? <b><Num>{t("wall.loss-now")}</Num></b> : <Num>{t("wall.loss", { h: number(tile.hoursToLoss, tile.hoursToLoss < 10 ? 1 : 0) })}</Num>}</span>
          <span>{tile.inside === null ? t("wall.inside-unknown") : t("wall.inside", { n: number(tile.inside) })}</span>
          {lid?.value === 1 && <span class="lid">{t("wall.lid")}</span>}
          <span>{ageOf(tile)}</span>
        </footer>
      </>
    );
    const cls = `tile ${kind}`;
    return this.props.readonly
      ? <article class={cls} data-device={device.id}>{inner}</article>
      : <a class={cls} data-device={device.id} href={href("freezer", device.id)}>{inner}</a>;
  }
}

// Who comes and when, else who has it.
function whoHas(alarm: AlarmView): string {
  return comingOf(alarm).join(", ") || holderOf(alarm);
}

function ageOf(tile: Tile): string {
  const now = conn.daemonNow();
  const at = heardAt(tile.device);
  if (at === null) return t("no-data");
  return now === null ? t("none") : t("ago", { span: span(now - at) });
}

const stampOf = (tile: Tile, readonly: boolean): string =>
  [tile.device.version, tile.worst?.id, tile.worst?.acknowledged, tile.worst?.priority, tile.worst?.silencedKind, tile.worst && whoHas(tile.worst), tile.alarms, tile.inside, tile.hoursToLoss, health().grade, app.language, ageOf(tile), lines.get(tile.device.id)?.line.length, readonly].join("|");

export function WallScreen(): JSX.Element {
  useDraw();
  const [kind, setKind] = useState("freezer");
  const tiles = wall(conn.state, alarms(), [kind]);
  const others = wall(conn.state, alarms(), ["room", "supply"]);
  const readonly = wallMode();
  useEffect(() => {
    if (asking >= kAsking || health().grade !== "live") return;
    const stale = tiles.find((tile) => performance.now() - (lines.get(tile.device.id)?.at ?? -kSparkEvery) >= kSparkEvery);
    if (stale) void fetchLine(stale.device.id, pointThatMeans(stale.device, "temperature-top")).then(draw);
  });
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 4, ArrowUp: -4 }[event.key];
    if (!step) return;
    const all = [...document.querySelectorAll<HTMLElement>("a.tile")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };
  const shown = useSlices(tiles.length, kTilesAtOnce);
  drawUntil = performance.now() + kDrawFor;
  const calm = tiles.length > 0 && tiles.every((tile) => tile.worst === null);
  return (
    <div class={`wall ${calm ? "calm" : ""}`} onKeyDown={keys}>
      <h1 class="reader">{t("nav.wall")}</h1>
      <div class="tiles">{tiles.slice(0, shown).map((tile) => <FreezerTile key={tile.device.id} tile={tile} stamp={stampOf(tile, readonly)} readonly={readonly} />)}</div>
      {tiles.length === 0 && <p class="empty">{t("wall.nothing")}</p>}
      <div class="strip">
        {others.map((tile) => <Room tile={tile} />)}
      </div>
      {!readonly && <footer class="row screen-only">
        <Button onClick={() => { app.wallMode = true; go("wall"); draw(); }}>{t("wall.mode")}</Button>
        <Button kind="quiet" onClick={() => setKind(kind === "freezer" ? "robot" : "freezer")}>{kind === "freezer" ? t("nav.robots") : t("wall.freezers")}</Button>
      </footer>}
      {readonly && <button type="button" class="button quiet wall-exit" onClick={() => { app.wallMode = false; go("wall"); draw(); }}>{t("wall.leave")}</button>}
    </div>
  );
}

// Rooms and supplies in one line each: oxygen, stock, pressure.
function Room(props: { tile: Tile }): JSX.Element {
  const { device, worst } = props.tile;
  const shown = kindOf(device) === "room" ? [["oxygen-1", "oxygen-2"], []] : [["level"], ["pressure"]]; // with the limit, and without one
  const limit = num(limitsOf(device)["oxygen_warn"] ?? limitsOf(device)["level_warn"]);
  return (
    <a class={`room ${worst && !worst.silencedKind ? worst.priority : "calm"}`} href={wallMode() ? undefined : href("freezer", device.id)}>
      <b>{titleOf(device)}</b>
      {shown[0]!.map((name) => <Value point={meaning(device, name)} digits={1} />)}
      {limit !== null && <small>{t("limit", { n: number(limit, 1) })}</small>}
      {shown[1]!.map((name) => <Value point={meaning(device, name)} digits={0} />)}
      {worst && <AlarmMark alarm={worst} />}
      {worst?.keepOut && <b class="keep-out">{t("alarm.keep-out")}</b>}
    </a>
  );
}
