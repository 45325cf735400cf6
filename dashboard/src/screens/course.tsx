// Courses, and one course: its doses on a time line (planned, published, actual), what holds it, and
// moving a dose: who else moves, and how far the new plan is from the best one, before it is accepted.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ActForm, mayGive } from "../acts/form";
import { actOf } from "../acts/acts";
import { clinics } from "../acts/fields";
import { dosesOf, gapsOf, type DoseRow } from "../state/derive";
import { num, obj, objs, str, time, type Obj } from "../state/read";
import { open } from "../state/state";
import { t, word, date, localDay, moment } from "../text/i18n";
import { conn, href, useDraw } from "../ui/app";
import { Button, Panel, Table } from "../ui/parts";
import { Timeline } from "../ui/timeline";
import { Care } from "./care";
import { MoveDose } from "./plan";

const kShown = 200; // courses of a list; the filter finds the rest

// Time of the plan: in a demonstration it runs faster than the wall's.
export function planNow(): number | null {
  const plan = conn.state.plan;
  const at = time(plan?.["plan_time"]);
  const told = time(plan?.["at"]);
  const now = conn.daemonNow();
  if (at === null || told === null || now === null) return now;
  return at + (now - told) * (num(plan?.["clock_speed"]) ?? 1);
}

const hasPause = (v: unknown): boolean => (Array.isArray(v) ? v.length > 0 : v != null);
const nextOf = (rows: DoseRow[]): number | null => rows.map((d) => (d.actual["thawed_at"] ? null : (d.planned["thaw_at"] ?? null))).filter((x): x is number => x !== null).sort((a, b) => a - b)[0] ?? null;

export function CoursesScreen(): JSX.Element {
  useDraw();
  const [words, setWords] = useState("");
  const [act, setAct] = useState("");
  const rows = [...conn.state.courses].filter(([id, lazy]) => words === "" || id.includes(words) || lazy.text.includes(words)).slice(0, kShown)
    .map(([id, lazy]) => ({ id, course: obj(open(lazy)), doses: dosesOf(obj(open(lazy))) }));
  const chosen = actOf(act);
  return (
    <div>
      <h1>{t("nav.courses")}</h1>
      <div class="row screen-only">
        <input class="filter" type="search" placeholder={t("filter")} aria-label={t("filter")} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
        <Button command="course/register" onClick={() => setAct("register")}>{word("act", "register")}</Button>
      </div>
      <Table caption={t("nav.courses")} empty={t("course.none")} rows={rows} key={(r) => r.id} columns={[
        { title: t("f.course"), cell: (r) => <a class="cell-link" href={href("course", r.id)}>{r.id}</a> },
        { title: t("f.patient"), cell: (r) => str(r.course["patient"]) },
        { title: t("f.protocol"), cell: (r) => str(r.course["protocol"]) },
        { title: t("course.doses"), right: true, cell: (r) => `${r.doses.filter((d) => d.actual["infused_at"]).length} / ${r.doses.length}` },
        { title: t("course.next"), cell: (r) => date(nextOf(r.doses)) },
        { title: t("course.blocked"), cell: (r) => r.doses.map((d) => d.blocked).find(Boolean) ?? (hasPause(r.course["paused"]) ? t("course.paused") : "") },
      ]} />
      {rows.length < conn.state.courses.size && words === "" && <p class="empty">{t("more-hidden", { n: conn.state.courses.size - rows.length })}</p>}
      {chosen && <ActForm act={chosen} onClose={() => setAct("")} />}
    </div>
  );
}

export function CourseScreen(props: { id: string }): JSX.Element {
  useDraw();
  const [chosen, setChosen] = useState("");
  const [act, setAct] = useState({ id: "", dose: "" }); // what is begun above the doses is of the whole course
  const [moving, setMoving] = useState("");
  const [seen, setSeen] = useState(0);
  const course = open(conn.state.courses.get(props.id));
  if (!course) return <p class="empty">{t("unknown-thing", { id: props.id })}</p>;
  const doses = dosesOf(course);
  const gaps = gapsOf(doses, localDay);
  const dose = doses.find((d) => d.dose === chosen);
  // Pauses that stand, as a list; an older daemon told one.
  const pauses = Array.isArray(course["paused"]) ? objs(course["paused"]) : course["paused"] ? [obj(course["paused"])] : [];
  const chosenAct = actOf(act.id);
  return (
    <div class="course">
      <h1>{props.id} <small>{str(course["patient"])} · {str(course["protocol"])} · {str(course["lot"])}</small></h1>
      {pauses.map((p) => <p class="warn">{t("course.paused")}: {word("pause", str(p["kind"]))} · {str(p["from"])} – {str(p["until"]) || t("not-known")} · {str(p["by"])} {str(p["reason"])}</p>)}
      <OwnFacts course={course} />
      <Timeline doses={doses} now={planNow()} chosen={chosen} choose={setChosen} />
      <div class="row screen-only">
        {["hold", "release", "course-plan", "course-hold", "course-resume", "clinic", "amend", "marker", "assessment", "store", "transfer"].map((id) => <Button command disabled={!mayGive(actOf(id)!.verb)} onClick={() => setAct({ id, dose: "" })}>{word("act", id)}</Button>)}
        <Button kind="quiet" onClick={() => window.print()}>{t("print")}</Button>
      </div>
      {dose && <Panel title={`${t("f.dose")} ${dose.dose}`}>
        <div class="row screen-only">
          <Button command="dose/move" onClick={() => setMoving(dose.dose)}>{t("plan.move")}</Button>
          {["fit", "told", "thaw", "reculture", "harvest", "issue", "infuse", "observe", "marker", "return", "reject", "dose-plan", "dose-unplan"].map((id) => <Button command disabled={!mayGive(actOf(id)!.verb)} onClick={() => setAct({ id, dose: dose.dose })}>{word("act", id)}</Button>)}
        </div>
        <DoseFacts dose={dose} />
      </Panel>}
      <Table caption={t("course.doses")} empty={t("course.none")} rows={doses} key={(d) => d.dose} columns={[
        { title: t("f.dose"), cell: (d) => <button type="button" class="link" onClick={() => setChosen(d.dose)}>{d.dose}</button> },
        { title: t("state"), cell: (d) => word("dose", d.state) },
        { title: t("step.thaw"), cell: (d) => date(d.actual["thawed_at"] ?? d.planned["thaw_at"] ?? null) },
        { title: t("step.harvest"), cell: (d) => date(d.actual["harvested_at"] ?? d.planned["harvest_from"] ?? null) },
        { title: t("step.infusion"), cell: (d) => date(d.actual["infused_at"] ?? d.planned["infusion_at"] ?? null) },
        { title: t("course.gap"), right: true, cell: (d) => gapText(gaps.get(d.dose), obj(course["interval"])) },
        { title: t("course.places"), cell: (d) => d.aliquots.map((a) => <a class="cell-link" href={href("aliquot", str(a["aliquot"]))}>{str(a["code"])} · {str(a["place"])} {str(a["position"])}</a>) },
        { title: t("course.blocked"), cell: (d) => d.blocked },
      ]} />
      <Care course={props.id} seen={seen} />
      {chosenAct && <ActForm act={chosenAct} onDone={() => setSeen(seen + 1)} initial={{ course: props.id, on: "course", ...(act.dose ? { dose: act.dose } : {}) }} onClose={() => setAct({ id: "", dose: "" })} />}
      {moving && <MoveDose course={props.id} dose={moving} doses={doses} onClose={() => setMoving("")} />}
    </div>
  );
}

// One that the course's own limits do not allow says so.
function gapText(gap: number | undefined, interval: Obj): string {
  if (gap === undefined) return "";
  const low = num(interval["limit_min_days"]) ?? gap;
  const high = num(interval["limit_max_days"]) ?? gap;
  return gap < low || gap > high ? t("course.gap-off", { days: gap, low, high }) : String(gap);
}

// What holds for this course alone: where it is given, the days between infusions, and what a
// physician changed of them.
function OwnFacts(props: { course: Obj }): JSX.Element {
  const interval = obj(props.course["interval"]);
  const amended = obj(props.course["amended"]);
  const clinic = str(props.course["clinic"]);
  const said = (o: Obj) => [str(o["by"]), moment(time(o["at"])), str(o["reason"])].filter(Boolean).join(" · ");
  const title = clinics(conn.state).find((c) => c.value === clinic)?.label ?? clinic;
  const changed = Object.entries(amended).filter(([k]) => !["by", "at", "reason"].includes(k));
  const early = num(interval["early_doses"]) ?? 0;
  const label = (key: string) => actOf("amend")!.fields.filter((f) => f.key === key).map((f) => t(f.label))[0] ?? key;
  return (
    <dl class="facts">
      {clinic && <><dt>{t("f.clinic")}</dt><dd>{title} {props.course["clinic_set"] ? <small>{said(obj(props.course["clinic_set"]))}</small> : ""}</dd></>}
      {props.course["interval"] && <><dt>{t("course.interval")}</dt><dd>{t("course.interval-days", { low: num(interval["min_days"]) ?? "", high: num(interval["max_days"]) ?? "", least: num(interval["limit_min_days"]) ?? "", most: num(interval["limit_max_days"]) ?? "" })}
        {early > 0 ? ` · ${t("course.interval-early", { doses: early, least: num(interval["early_min_days"]) ?? "" })}` : ""}</dd></>}
      {changed.length > 0 && <><dt>{t("course.amended")}</dt><dd>{changed.map(([k, v]) => `${label(k)}: ${String(v)}`).join(" · ")} <small>{said(amended)}</small></dd></>}
    </dl>
  );
}

function DoseFacts(props: { dose: DoseRow }): JSX.Element {
  const { dose } = props;
  return (
    <dl class="facts">
      <dt>{t("state")}</dt><dd>{word("dose", dose.state)} {dose.blocked}</dd>
      {Object.entries(dose.planned).map(([k, v]) => <><dt>{t("planned")}: {word("when", k)}</dt><dd>{moment(v)}</dd></>)}
      {Object.entries(dose.actual).filter(([, v]) => v !== null).map(([k, v]) => <><dt>{t("actual")}: {word("when", k)}</dt><dd>{moment(v)}</dd></>)}
      <dt>{t("course.fit")}</dt><dd>{dose.fit ? t("yes") : t("no")}</dd>
      <dt>{t("course.told")}</dt><dd>{dose.told ? t("yes") : t("no")}</dd>
    </dl>
  );
}
