// The plan as it is published: how far from the best possible, what changed and why, what is late;
// the proposal that waits for a person; and moving one dose.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DoseRow } from "../state/derive";
import { num, obj, objs, str, strs, time, type Obj } from "../state/read";
import { moment, number, sentence, t, word } from "../text/i18n";
import { actOf } from "../acts/acts";
import { ActForm, mayGive } from "../acts/form";
import { conn, href, useDraw } from "../ui/app";
import { Feeds } from "./feeds";
import { Referrals } from "./referrals";
import { Button, Dialog, download, Foreign, Num, Panel, Table, Why } from "../ui/parts";

function distance(plan: Obj): string {
  const bound = obj(plan["bound"]);
  const percent = str(bound["at_most_percent"]) || (num(bound["at_most_percent"]) !== null ? String(bound["at_most_percent"]) : "");
  return percent ? t("plan.distance", { n: percent }) : t("plan.no-bound");
}

function Changes(props: { changes: Obj[]; total: number }): JSX.Element {
  return (
    <>
      <Table caption={t("plan.changes")} empty={t("plan.no-changes")} rows={props.changes.slice(0, 200)} columns={[
        { title: t("f.course"), cell: (c) => <a class="cell-link" href={href("course", str(c["course"]))}>{str(c["course"])}</a> },
        { title: t("f.dose"), cell: (c) => str(c["dose"]) },
        { title: t("plan.from"), cell: (c) => str(c["from"]) || t("none") },
        { title: t("plan.to"), cell: (c) => str(c["to"]) || t("none") },
        { title: t("course.told"), cell: (c) => (c["told"] === true ? t("plan.told") : "") },
        { title: t("reason"), cell: (c) => <Why kind="moved" of={c} text={str(c["why"])} /> },
      ]} />
      {props.total > props.changes.length && <p class="empty">{t("more-hidden", { n: props.total - props.changes.length })}</p>}
    </>
  );
}

function Objective(props: { of: Obj; before?: Obj }): JSX.Element {
  return (
    <dl class="facts">{Object.entries(props.of).filter(([, v]) => typeof v === "number").map(([k, v]) => {
      const before = num(props.before?.[k]);
      const more = before === null ? 0 : Number(v) - before;
      const [shown, change] = k === "peak_permille" ? [number(Number(v) / 10, 1), number(more / 10, 1)] : [number(Number(v)), number(more)];
      return <><dt>{word("objective", k)}</dt><dd>{sentence("objective-unit", { code: k, n: shown }) || shown}{more !== 0 && ` (${more > 0 ? "+" : ""}${change})`}</dd></>;
    })}</dl>
  );
}

// What binds a late dose; a daemon that tells no codes tells sentences.
function Reasons(props: { of: Obj }): JSX.Element {
  const reasons = objs(props.of["reasons"]);
  if (reasons.length === 0) return <Foreign text={strs(props.of["why"]).join("; ")} />;
  return <>{reasons.map((r, i) => <>{i > 0 && "; "}<Why kind="late" of={r} text={str(r["text"])} /></>)}</>;
}

function Late(props: { rows: Obj[] }): JSX.Element {
  return (
    <Table caption={t("plan.late")} empty="" rows={props.rows} columns={[
      { title: t("f.course"), cell: (l) => str(l["course"]) }, { title: t("f.dose"), cell: (l) => str(l["dose"]) },
      { title: t("plan.days"), right: true, cell: (l) => num(l["days"]) ?? "" }, { title: t("reason"), cell: (l) => <Reasons of={l} /> }]} />
  );
}

const kExports = ["ics-clinic", "ics-lab", "worklist", "figures", "fhir", "minizinc"];

async function save(format: string): Promise<void> {
  const end = format.startsWith("ics") ? "ics" : format === "minizinc" ? "dzn" : format === "worklist" ? "txt" : "json";
  // Visits that one reply does not hold come in pieces, each a file of its own.
  for (let piece = 1, pieces = 1; piece <= pieces; ++piece) {
    const { body } = await conn.send("plan/export", { format, ...(piece > 1 ? { piece } : {}) });
    const text = str(body["text"]);
    if (text === "") return;
    pieces = num(body["pieces"]) ?? 1;
    download(`plan-${format}${pieces > 1 ? `-${piece}` : ""}.${end}`, str(body["type"]) || "text/plain", text);
  }
}

function Proposal(props: { proposal: Obj; plan: Obj }): JSX.Element {
  const p = props.proposal;
  const number = num(p["number"]) ?? 0;
  const [reason, setReason] = useState("");
  const ready = str(p["state"]) !== "computing";
  const options = objs(p["options"]);
  return (
    <Panel title={t("plan.proposal", { n: number })} class="proposal">
      <p class="big-line">{str(p["cause"])} · {word("rung", str(p["rung"]))}</p>
      {!ready && <p role="status">{t("plan.computing", { n: num(p["progress"]) ?? 0 })}</p>}
      <p><b>{distance(p)}</b> ({t("plan.before")}: {distance(props.plan)})</p>
      <Objective of={obj(p["objective"])} before={obj(props.plan["objective"])} />
      <p>{t("plan.moves", { n: num(p["changes_total"]) ?? objs(p["changes"]).length })}</p>
      <Changes changes={objs(p["changes"])} total={num(p["changes_total"]) ?? 0} />
      {objs(p["late"]).length > 0 && <Late rows={objs(p["late"])} />}
      {strs(p["left_out"]).map((u) => <p class="warn">{u}</p>)}
      <label class="field"><span>{t("reason")} *</span><input value={reason} maxLength={300} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <div class="row screen-only">
        {options.length === 0
          ? <Button kind="main" command disabled={!ready || reason.trim() === "" || !mayGive("plan/accept")} onClick={() => void conn.send("plan/accept", { number }, { reason })}>{t("plan.accept")}</Button>
          : options.map((o) => <Button command="plan/accept" disabled={!ready || reason.trim() === ""} onClick={() => void conn.send("plan/accept", { number, option: num(o["option"]) ?? 1 }, { reason })}>{str(o["text"])}</Button>)}
        <Button command disabled={!mayGive("plan/discard")} onClick={() => void conn.send("plan/discard", { number }, { reason })}>{t("plan.discard")}</Button>
      </div>
    </Panel>
  );
}

export function PlanScreen(): JSX.Element {
  useDraw();
  const plan = obj(conn.state.plan);
  const proposal = plan["proposal"];
  const [asking, setAsking] = useState(false);
  return (
    <div class="plan">
      <h1>{t("nav.plan")}</h1>
      {proposal != null && <Proposal proposal={obj(proposal)} plan={plan} />}
      <Panel title={t("plan.published", { n: num(plan["version"]) ?? 0 })} actions={<Button command="plan/propose" onClick={() => setAsking(true)}>{word("act", "propose")}</Button>}>
        <p><Num>{distance(plan)}</Num>{str(plan["accepted_by"]) && ` · ${t("plan.accepted", { by: str(plan["accepted_by"]), at: moment(time(plan["accepted_at"])) })}`}</p>
        <p>{t("plan.next", { at: moment(time(plan["next_thaw"])) })}</p>
        <Objective of={obj(plan["objective"])} />
        <Changes changes={objs(plan["changes"])} total={num(plan["changes_total"]) ?? 0} />
      </Panel>
      {objs(plan["late"]).length > 0 && <Panel title={t("plan.late")}><Late rows={objs(plan["late"])} /></Panel>}
      <Referrals />
      <Panel title={t("plan.export")}><div class="children">{kExports.map((format) => <Button command="plan/export" onClick={() => void save(format)}>{word("export", format)}</Button>)}</div></Panel>
      <Feeds />
      {strs(plan["warnings"]).length > 0 && <Panel title={t("plan.gaps")}>{strs(plan["warnings"]).map((w) => <p class="warn"><Foreign text={w} /></p>)}</Panel>}
      {asking && <ActForm act={actOf("propose")!} onClose={() => setAsking(false)} />}
    </div>
  );
}

// Moves one dose to another day. The daemon answers with a proposal: who else moves, and the new
// distance; nothing is moved before a person accepts it.
export function MoveDose(props: { course: string; dose: string; doses: DoseRow[]; onClose: () => void }): JSX.Element {
  const { course, dose } = props;
  const row = props.doses.find((d) => d.dose === dose);
  const at = row?.planned["infusion_at"] ?? null;
  const [to, setTo] = useState(at === null ? "" : new Date(at).toISOString().slice(0, 10));
  const [reason, setReason] = useState("");
  const [number, setNumber] = useState<number | null>(null);
  const [told, setTold] = useState("");
  useDraw();
  const proposal = obj(conn.state.plan?.["proposal"]);
  const ours = number !== null && num(proposal["number"]) === number;
  const ask = async () => {
    const reply = await conn.send("dose/move", { course, dose, to }, { reason });
    setTold(reply.status === "done" || reply.status === "accepted" ? "" : reply.message || word("code", reply.code));
    setNumber(num(reply.body["number"]));
  };
  return (
    <Dialog title={`${t("plan.move")}: ${course} ${dose}`} onClose={props.onClose} wide>
      <p>{t("plan.is-on", { at: moment(at) })}</p>
      <label class="field"><span>{t("plan.to")}</span><input type="date" value={to} onInput={(e) => setTo(e.currentTarget.value)} /></label>
      <label class="field"><span>{t("reason")} *</span><input value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <div class="row"><Button kind="main" command disabled={!to || reason.trim() === ""} onClick={() => void ask()}>{t("plan.ask")}</Button></div>
      {told && <p class="warn" role="alert">{told}</p>}
      {ours && <Proposal proposal={proposal} plan={obj(conn.state.plan)} />}
    </Dialog>
  );
}
