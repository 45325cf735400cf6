// The minute plan of a day on the screen of today: who does what when and where, in lanes of people,
// machines and couriers, with a line for now; what is late, what has time to spare, what moved since
// somebody looked, and whether the day hangs on one person. Begun, late and moved are signs and words.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { mayGive } from "../acts/form";
import { lanesOf, lateOf, movedSince, nextBar, readDay, type Bar, type Lane, type MinutePlan, type Moved, type Slot } from "../state/minute";
import { num, objs, str, time } from "../state/read";
import { kindOf, titleOf } from "../state/state";
import { placeTitle } from "../acts/fields";
import { clock, t, word } from "../text/i18n";
import { conn, draw, href, live } from "../ui/app";
import { Button, Foreign, Num, Panel, Table, Why } from "../ui/parts";
import { planNow } from "./course";

const kHour = 3_600_000;
const kHourWide = { least: 180, most: 540 }; // pixels, between which the shortest step is as wide as the name of its dose
const kShortest = 44; // pixels
const kRowHigh = 60; // pixels of a bar and the gap below it
const kWayOf: Record<string, Parameters<typeof nextBar>[2]> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last" };

const doseOf = (s: { course: string; dose: string }): string => `${s.course} ${s.dose}`;
const timesOf = (s: { from: number; until: number }): string => `${clock(s.from)}–${clock(s.until)}`;

export function MinutePlanPanel(props: { date: string; today: string }): JSX.Element | null {
  const plan = readDay(conn.state.day);
  if (plan === null || plan.date !== props.date) return <OtherDay date={props.date} told={plan !== null} today={props.today} />;
  const moved = movedSince(readDay(conn.state.daySeen), plan);
  return (
    <Panel title={t("minute.title")} class={`minute-plan ${live() ? "" : "stale"}`}>
      <Verdict plan={plan} moved={moved} />
      {plan.slots.length + plan.runs.length + plan.doses.length + plan.infusions.length === 0 ? <p class="empty">{t("minute.empty")}</p> : <>
        <Lanes plan={plan} moved={moved} />
        <Robots />
        <Doses plan={plan} />
        <Ways plan={plan} />
        <Steps plan={plan} moved={moved} />
      </>}
    </Panel>
  );
}

// A day to come, or a site that tells no steps: the daemon is asked, and says itself why there is none.
function OtherDay(props: { date: string; told: boolean; today: string }): JSX.Element | null {
  const [text, setText] = useState("");
  useEffect(() => setText(""), [props.date]);
  if (props.date === "" || (!props.told && props.date === props.today) || !mayGive("plan/export")) return null;
  const ask = async () => {
    const reply = await conn.send("plan/export", { format: "day", date: props.date }, { quiet: true });
    setText(str(reply.body["text"]) || reply.message || word("reply", reply.status));
  };
  return (
    <Panel title={t("minute.title")}>
      <div class="row screen-only"><Button command="plan/export" onClick={() => void ask()}>{t("minute.ask")}</Button></div>
      {text && <pre class="paper" lang="en" tabIndex={0}>{text}</pre>}
    </Panel>
  );
}

function Verdict(props: { plan: MinutePlan; moved: Moved[] }): JSX.Element {
  const { plan, moved } = props;
  const late = lateOf(plan);
  const planned = plan.verdict === "optimal" || plan.verdict === "feasible";
  const seen = () => {
    conn.state.daySeen = conn.state.day;
    draw();
  };
  return (
    <>
      <p class="big-line" data-late={late.open.length}><Num>{planned && (late.open.length > 0 ? `! ${t("minute.not-in-time", { n: late.open.length, which: late.open.join(", ") })}` : t(late.before ? "minute.rest-in-time" : "minute.all-in-time"))} {word("verdict", plan.verdict)}</Num></p>
      {plan.hangsOn.length > 0
        ? <p class="hangs-on warn" data-hangs="1">⚠ {t("minute.hangs", { who: plan.hangsOn.join(", ") })}</p>
        : planned && plan.slots.length > 0 && <p class="hangs-on" data-hangs="0">✓ {t("minute.hangs-not")}</p>}
      {plan.late.map((l) => <p class="warn late-line">! {t("minute.late", { dose: doseOf(l), n: l.minutes })} <Why kind="day-late" of={{ ...l.told, at: clock(time(l.told["leaves"])) }} text={l.why} /></p>)}
      {plan.faults.map((one) => <p class="warn fault-line">✕ <Foreign text={one} /></p>)}
      {plan.leftOut.map((one) => <p class="empty">{t("minute.left-out")} <Foreign text={one} /></p>)}
      {moved.length > 0 && <div class="row moved-line" data-moved={moved.length}><span role="status">{t("minute.moved", { n: moved.length })}</span><span class="screen-only"><Button onClick={seen}>{t("minute.seen")}</Button></span></div>}
    </>
  );
}

// A machine of the plan: the place or machine of that id, else what the site calls it.
const machineName = (id: string): string => {
  const title = placeTitle(conn.state, id);
  return title === id ? word("day-machine", id) : title;
};
const clinicName = (id: string): string => str(objs(conn.state.info?.["clinics"]).find((c) => c["clinic"] === id)?.["title"]) || id;
const laneName = (lane: Lane): string =>
  lane.kind === "nobody" ? t("minute.nobody") : lane.kind === "machine" ? machineName(lane.name) : lane.kind === "clinic" ? clinicName(lane.name) : lane.kind === "courier" && lane.name === "" ? t("minute.leaves") : lane.name;

// How a step stands, in words; for the bar's label, the line below and the list.
function standing(slot: Slot, moved: Moved | undefined): string {
  const was = moved?.was;
  return [slot.running ? t("minute.begun") : "", slot.late > 0 ? t("minute.late-by", { n: slot.late }) : "",
    was ? t("minute.was", { what: [timesOf(was), was.person !== slot.person ? was.person : "", was.machine !== slot.machine ? was.machine : ""].filter(Boolean).join(" ") }) : moved ? t("minute.new") : "",
  ].filter(Boolean).join(" · ");
}
function told(bar: Bar, moved: Moved | undefined): string {
  if (bar.infusion) return [timesOf(bar), t("step.infusion"), doseOf(bar.infusion), bar.infusion.done ? t("today.done") : ""].filter(Boolean).join(" · ");
  if (!bar.slot) return `${timesOf(bar)} ${bar.runs.map((r) => doseOf(r)).join(", ")}`;
  const s = bar.slot;
  return [timesOf(s), word("day-step", s.step), doseOf(s), s.person, s.machine && machineName(s.machine), standing(s, moved)].filter(Boolean).join(" · ");
}
const signOf = (slot: Slot, moved: Moved | undefined): string =>
  `${slot.running ? "▶ " : ""}${slot.late > 0 ? "! " : ""}${moved?.was && moved.was.from < slot.from ? "↷ " : moved?.was && moved.was.from > slot.from ? "↶ " : moved ? "✱ " : ""}`;

// What stands in a bar, line by line; each is shown whole or not at all (style.css).
function linesOf(bar: Bar, moved: Moved | undefined): string[] {
  if (bar.slot) return [`${signOf(bar.slot, moved)}${bar.slot.dose}`, word("day-step", bar.slot.step), bar.slot.course];
  if (bar.infusion) return [`${bar.infusion.done ? "✓ " : ""}${bar.infusion.dose}`, t("step.infusion"), bar.infusion.course];
  return bar.runs.map(doseOf);
}

function Lanes(props: { plan: MinutePlan; moved: Moved[] }): JSX.Element {
  const { plan } = props;
  const lanes = lanesOf(plan, conn.user);
  const movedOf = new Map(props.moved.map((m) => [m.now.key, m]));
  const now = planNow();
  const low = Math.floor(Math.min(plan.from, now ?? plan.from) / kHour) * kHour;
  const high = Math.ceil((Math.max(plan.until, now ?? plan.until) + 1) / kHour) * kHour;
  const share = (at: number) => `${((at - low) / (high - low)) * 100}%`;
  const shortest = Math.min(...plan.slots.map((s) => s.until - s.from), kHour);
  const hourWide = Math.min(kHourWide.most, Math.max(kHourWide.least, (kShortest * kHour) / Math.max(shortest, 1)));
  const hours = Array.from({ length: Math.round((high - low) / kHour) }, (_, i) => low + i * kHour);
  const all = lanes.flatMap((l) => l.rows.flat());
  const [at, setAt] = useState("");
  const stop = all.some((b) => b.key === at) ? at : (all[0]?.key ?? "");
  const chosen = all.find((b) => b.key === at);
  const box = useRef<HTMLDivElement>(null);
  // Now stands in view when the screen is opened; afterwards it is the person who scrolls.
  useEffect(() => {
    const line = box.current?.querySelector<HTMLElement>(".now-line");
    if (box.current && line) box.current.scrollLeft = Math.max(0, line.offsetLeft - box.current.clientWidth / 3);
  }, [now === null]);
  const onKey = (event: KeyboardEvent) => {
    const way = kWayOf[event.key];
    if (!way) return;
    event.preventDefault();
    const key = nextBar(lanes, stop, way);
    setAt(key);
    [...(box.current?.querySelectorAll<HTMLElement>("[data-bar]") ?? [])].find((e) => e.dataset["bar"] === key)?.focus();
  };
  return (
    <>
      <p class="empty screen-only">{t("minute.keys")}</p>
      <div class="gantt scroll" ref={box} role="region" aria-label={t("minute.title")} tabIndex={0}>
        <div class="gantt-in" style={{ "--wide": `${hours.length * hourWide}px`, "--hours": String(hours.length) }}>
          <div class="lane hours" aria-hidden="true"><span class="lane-name" /><div class="lane-bars">{hours.map((h) => <i style={{ left: share(h) }}>{clock(h)}</i>)}</div></div>
          {lanes.map((lane) => (
            <div class={`lane ${lane.kind}`} role="group" aria-label={`${t(`minute.${lane.kind}`)} ${laneName(lane)}`} data-lane={`${lane.kind}/${lane.name}`}>
              <span class="lane-name"><small>{t(`minute.${lane.kind}`)}</small>{lane.kind !== "nobody" && <b>{laneName(lane)}</b>}</span>
              <div class="lane-bars" style={{ height: `${lane.rows.length * kRowHigh}px` }}>
                {lane.rows.flatMap((row, y) => row.map((bar) => {
                  const moved = bar.slot ? movedOf.get(bar.slot.key) : undefined;
                  return <button type="button" data-bar={bar.key} tabIndex={bar.key === stop ? 0 : -1} aria-label={told(bar, moved)} title={told(bar, moved)}
                    class={`bar ${bar.slot?.running || bar.infusion?.done ? "running" : ""} ${bar.slot && bar.slot.late > 0 ? "late" : ""} ${moved ? "moved" : ""} ${bar.key === at ? "at" : ""}`}
                    style={{ left: share(bar.from), width: `calc(${share(low + (bar.until - bar.from))} - 2px)`, top: `${y * kRowHigh + 2}px` }}
                    onFocus={() => setAt(bar.key)} onClick={() => setAt(bar.key)} onKeyDown={onKey}>
                    {linesOf(bar, moved).map((line) => <span><i>{line}</i></span>)}
                  </button>;
                }))}
              </div>
            </div>
          ))}
          {now !== null && now >= low && now <= high && <div class="now-strip" aria-hidden="true"><i class="now-line" style={{ left: share(now) }}><b>{t("minute.now")} {clock(now)}</b></i></div>}
        </div>
      </div>
      <p class="bar-told screen-only" role="status">{chosen ? <><Num>{told(chosen, chosen.slot ? movedOf.get(chosen.slot.key) : undefined)}</Num> {(chosen.slot ?? chosen.infusion ?? chosen.runs[0]) && <a class="cell-link" href={href("course", (chosen.slot ?? chosen.infusion ?? chosen.runs[0])!.course)}>{t("minute.open")}</a>}</> : t("minute.signs")}</p>
    </>
  );
}

// What robots do now: the plan says when a robot's step is due, the jobs say what it does.
function Robots(): JSX.Element | null {
  const jobs = [...conn.state.jobs.values()].filter((j) => ["running", "queued", "paused", "unknown"].includes(str(j["state"])));
  const robots = [...conn.state.devices.values()].filter((d) => kindOf(d) === "robot");
  if (robots.length === 0) return null;
  return <p class="robots-now">{robots.map((r) => {
    const mine = jobs.filter((j) => str(j["robot"]) === r.id);
    return <span><a class="cell-link" href={href("robot", r.id)}>{titleOf(r)}</a> <Num>{mine.length === 0 ? t("minute.robot-idle") : mine.map((j) => `${word("job-kind", str(j["kind"]))} ${str(j["course"])} ${word("job", str(j["state"]))} ${num(j["moves_done"]) ?? 0}/${objs(j["moves"]).length}`).join(", ")}</Num> </span>;
  })}</p>;
}

// Each thaw and harvest of the day, done or not, late or early against when it should end.
function Doses(props: { plan: MinutePlan }): JSX.Element | null {
  if (props.plan.doses.length === 0) return null;
  const told = (minutes: number | null) => minutes === null ? t("minute.no-plan") : minutes > 0 ? <b class="warn">! {t("minute.late-by", { n: minutes })}</b> : minutes < 0 ? t("minute.early-by", { n: -minutes }) : t("minute.in-time");
  return <Table caption={t("minute.doses")} empty="" rows={props.plan.doses} key={(d) => `${d.of}${doseOf(d)}`} columns={[
    { title: t("f.dose"), cell: (d) => <a class="cell-link" href={href("course", d.course)}>{doseOf(d)}</a> }, { title: t("minute.step"), cell: (d) => word("step", d.of) }, { title: t("state"), cell: (d) => word("day-state", d.state) },
    { title: t("minute.due"), cell: (d) => <Num>{clock(d.due)}</Num> }, { title: t("minute.ends"), cell: (d) => <Num>{clock(d.ends)}</Num> }, { title: t("minute.against"), cell: (d) => told(d.minutes) }]} />;
}

function Ways(props: { plan: MinutePlan }): JSX.Element | null {
  if (props.plan.runs.length === 0) return null;
  return <Table caption={t("minute.ways")} empty="" rows={props.plan.runs} columns={[
    { title: t("minute.courier"), cell: (r) => r.courier || t("none") }, { title: t("minute.leaves"), cell: (r) => <Num>{clock(r.leaves)}</Num> }, { title: t("minute.arrives"), cell: (r) => <Num>{clock(r.arrives)}</Num> },
    { title: t("f.dose"), cell: (r) => <a class="cell-link" href={href("course", r.course)}>{doseOf(r)}</a> }, { title: t("minute.infusion"), cell: (r) => <Num>{clock(r.infusionAt)}</Num> },
    { title: t("minute.spare"), cell: (r) => r.spare === null ? t("none") : r.spare < 0 ? <b class="warn">! {t("minute.late-by", { n: -r.spare })}</b> : <Num>{t("unit.min", { n: r.spare })}</Num> }]} />;
}

// The same as a list: on paper always, on a phone at once, else when somebody wants it.
function Steps(props: { plan: MinutePlan; moved: Moved[] }): JSX.Element {
  const [open, setOpen] = useState(innerWidth < 760);
  const movedOf = new Map(props.moved.map((m) => [m.now.key, m]));
  return (
    <>
      <div class="row screen-only"><button type="button" class="button" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? t("minute.list-close") : t("minute.list")}</button></div>
      <div class={open ? "steps-list" : "steps-list print-only"}>
        <Table caption={t("minute.list")} empty={t("minute.empty")} rows={props.plan.slots} key={(s) => s.key} columns={[
          { title: t("time"), cell: (s) => <Num>{timesOf(s)}</Num> }, { title: t("who"), cell: (s) => s.person || t("minute.nobody") }, { title: t("minute.step"), cell: (s) => word("day-step", s.step) },
          { title: t("f.dose"), cell: (s) => doseOf(s) }, { title: t("minute.machine"), cell: (s) => (s.machine ? machineName(s.machine) : t("none")) }, { title: t("state"), cell: (s) => standing(s, movedOf.get(s.key)) }]} />
      </div>
    </>
  );
}
