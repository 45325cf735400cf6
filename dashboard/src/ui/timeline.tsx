// Doses of one course on a line of time, in SVG of its own: a frame is what is planned, a filled bar
// is what happened, a cross is what cannot happen, the upright line is now. Shape carries it; colour
// only helps.
import type { JSX } from "preact";
import { t, day, date, format, word, year } from "../text/i18n";
import type { DoseRow } from "../state/derive";

const kRow = 44;
const kLeft = 90;
const kWidth = 1_000;
const kDay = 86_400_000;
const kDayWide = 84; // a date in either language; one that would run over the edge is not written

interface Props {
  doses: DoseRow[];
  now: number | null;
  chosen: string;
  choose: (dose: string) => void;
}

export function Timeline(props: Props): JSX.Element {
  const times = props.doses.flatMap((d) => [...Object.values(d.planned), ...Object.values(d.actual)]).filter((x): x is number => x !== null);
  if (props.now !== null) times.push(props.now);
  if (times.length < 2) return <p class="empty">{t("plan.none")}</p>;
  const low = Math.min(...times) - kDay;
  const high = Math.max(...times) + kDay;
  const x = (at: number) => kLeft + ((at - low) / (high - low)) * (kWidth - kLeft - 10);
  const height = props.doses.length * kRow + 30;
  const step = Math.max(1, Math.ceil((high - low) / kDay / 10));
  const days: number[] = [];
  for (let at = Math.ceil(low / kDay) * kDay; at < high; at += step * kDay) days.push(at);
  // The year is said at the beginning, and where another one begins.
  const tick = (at: number, i: number) => (i === 0 || year(days[i - 1]!) !== year(at) ? format(at, { year: "numeric", month: "short", day: "numeric" }) : day(at));
  return (
    <div class="scroll timeline" tabIndex={0} role="region" aria-label={t("course.timeline")}>
      <svg viewBox={`0 0 ${kWidth} ${height}`} role="group">
        {days.map((at, i) => <g><line class="grid" x1={x(at)} x2={x(at)} y1={20} y2={height} />{x(at) < kWidth - kDayWide && <text class="day" x={x(at) + 2} y={14}>{tick(at, i)}</text>}</g>)}
        {props.doses.map((d, i) => <Row dose={d} y={24 + i * kRow} x={x} chosen={props.chosen === d.dose} choose={() => props.choose(d.dose)} />)}
        {props.now !== null && <line class="now" x1={x(props.now)} x2={x(props.now)} y1={18} y2={height} />}
      </svg>
      <p class="legend"><svg width="34" height="14"><rect class="planned" x="1" y="2" width="30" height="10" /></svg>{t("planned")} <svg width="34" height="14"><rect class="actual" x="1" y="2" width="30" height="10" /></svg>{t("actual")} <svg width="16" height="14"><path class="infusion" d="M8 1l6 6-6 6-6-6z" /></svg>{t("step.infusion")}</p>
    </div>
  );
}

function Row(props: { dose: DoseRow; y: number; x: (at: number) => number; chosen: boolean; choose: () => void }): JSX.Element {
  const { dose, y, x } = props;
  const thaw = dose.planned["thaw_at"] ?? null;
  const infusion = dose.planned["infusion_at"] ?? null;
  const thawed = dose.actual["thawed_at"] ?? null;
  const infused = dose.actual["infused_at"] ?? null;
  const done = infused ?? dose.actual["issued_at"] ?? dose.actual["harvested_at"] ?? dose.actual["reculture_at"] ?? null;
  const diamond = (at: number, cls: string) => <path class={cls} d={`M${x(at)} ${y + 6}l9 10-9 10-9-10z`} />;
  return (
    <g class={`dose ${props.chosen ? "chosen" : ""} ${dose.blocked ? "blocked" : ""}`} role="button" tabIndex={0} aria-label={`${dose.dose} ${word("dose", dose.state)} ${date(infused ?? infusion)}`}
      onClick={props.choose} onKeyDown={(e) => (e.key === "Enter" || e.key === " ") && props.choose()}>
      <rect class="hit" x={0} y={y - 4} width={kWidth} height={kRow - 2} />
      <text x={4} y={y + 20}>{dose.dose}</text>
      {thaw !== null && infusion !== null && <rect class="planned" x={x(thaw)} y={y + 4} width={Math.max(4, x(infusion) - x(thaw))} height={24} />}
      {infusion !== null && diamond(infusion, "infusion planned")}
      {thawed !== null && <rect class="actual" x={x(thawed)} y={y + 9} width={Math.max(6, x(done ?? thawed) - x(thawed))} height={14} />}
      {infused !== null && diamond(infused, "infusion done")}
      {dose.blocked && thaw !== null && <text class="cross" x={x(thaw) - 14} y={y + 22}>✕</text>}
      {dose.fit && infusion !== null && <text class="fit" x={x(infusion) + 12} y={y + 21}>✓</text>}
    </g>
  );
}
