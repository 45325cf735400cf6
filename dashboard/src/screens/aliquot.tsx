// One vial: where it is, its trace from collection to infusion, what it went through in warmth, and a
// certificate on paper.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ActForm } from "../acts/form";
import { actOf } from "../acts/acts";
import type { Reply } from "../edge/connection";
import { num, obj, objs, str, strs, time, type Obj } from "../state/read";
import { open } from "../state/state";
import { pathText, t, word, full, moment, span } from "../text/i18n";
import { conn, href, useDraw } from "../ui/app";
import { Button, Panel, Table } from "../ui/parts";
import { leftOf } from "./box";

interface Told {
  found: Reply | null;
  stays: Obj[];
  exposure: Obj | null;
}

export function AliquotScreen(props: { id: string }): JSX.Element {
  useDraw();
  const [told, setTold] = useState<Told>({ found: null, stays: [], exposure: null });
  const [act, setAct] = useState("");
  const ask = async () => {
    const ask_ = (verb: string) => conn.send(verb, { aliquot: props.id }, { quiet: true });
    const [found, history, exposure] = await Promise.all([ask_("aliquot/find"), ask_("history/aliquot"), ask_("exposure/report")]);
    setTold({ found, stays: objs(history.body["stays"]), exposure: objs(exposure.body["exposures"])[0] ?? null });
  };
  useEffect(() => void ask(), [props.id]);
  if (!told.found) return <p class="empty" role="status">{t("asking")}</p>;
  if (told.found.status !== "done") return <div><h1>{props.id}</h1><p class="warn">{told.found.message || word("code", told.found.code)}</p></div>;
  const body = told.found.body;
  const course = open(conn.state.courses.get(str(body["course"])));
  const dose = objs(course?.["doses"]).find((d) => d["dose"] === body["dose"]);
  const chosen = actOf(act);
  const code = str(body["code"]);
  return (
    <div class="aliquot">
      <h1>{code} <small>{word("aliquot", str(body["state"]))}</small></h1>
      <p class="big-line path" data-path={str(body["path"])}>{pathText(str(body["path"]))} <b>{str(body["position"])}</b></p>
      <p class="print-only sheet-head">{t("sheet.certificate")} · {str(conn.state.info?.["title"])} · {t("sheet.printed", { at: full(conn.daemonNow()), by: conn.user })} · <b>{t("journal", { n: num(conn.state.checkpoint?.["sequence"]) ?? 0 })}</b></p>
      {strs(body["holds"]).length > 0 && <p class="warn">{t("aliquot.holds")}: {strs(body["holds"]).join(", ")}</p>}
      <div class="row screen-only">
        {["hold", "label-print", "label-verify", "label-void", "dispose", "transfer"].map((id) => <Button command={actOf(id)!.verb} onClick={() => setAct(id)}>{word("act", id)}</Button>)}
        <Button onClick={() => window.print()}>{t("sheet.certificate")}</Button>
      </div>
      <dl class="facts">
        <dt>{t("f.course")}</dt><dd><a href={href("course", str(body["course"]))}>{str(body["course"])}</a> {str(body["dose"])}</dd>
        <dt>{t("f.patient")}</dt><dd>{str(body["patient"])}</dd>
        <dt>{t("f.lot")}</dt><dd>{str(course?.["lot"])}</dd>
        <dt>{t("aliquot.donation")}</dt><dd>{str(course?.["donation"]) || t("none")}</dd>
        <dt>{t("aliquot.identity")}</dt><dd>{str(course?.["identity"]) || t("none")}</dd>
        <dt>{t("aliquot.registered")}</dt><dd>{moment(time(course?.["registered_at"]))}</dd>
        {Object.entries(obj(dose?.["actual"])).filter(([, v]) => v != null).map(([k, v]) => <><dt>{word("when", k)}</dt><dd>{moment(time(v))}</dd></>)}
      </dl>
      <Panel title={t("aliquot.trace")}>
        <Table caption={t("aliquot.trace")} empty={t("aliquot.no-trace")} rows={told.stays} columns={[
          { title: t("plan.from"), cell: (s) => full(time(s["from"])) },
          { title: t("plan.to"), cell: (s) => (s["until"] == null ? t("aliquot.still") : full(time(s["until"]))) },
          { title: t("place.path"), cell: (s) => `${pathText(str(s["path"]))} ${str(s["position"])}` },
          { title: t("state"), cell: (s) => word("aliquot", str(s["state"])) }]} />
      </Panel>
      <Panel title={t("aliquot.exposure")}>{told.exposure ? <Exposure of={told.exposure} /> : <p class="empty">{t("aliquot.no-exposure")}</p>}</Panel>
      {chosen && <ActForm act={chosen} initial={{ on: "aliquot", aliquot: chosen.fields.some((f) => f.key === "aliquot" && f.kind === "scan") ? code : props.id, codes: [code], course: str(body["course"]) }} onClose={() => setAct("")} onDone={() => void ask()} />}
    </div>
  );
}

function Exposure(props: { of: Obj }): JSX.Element {
  const { of } = props;
  const above = Object.entries(obj(of["above_s"]));
  const seconds = (key: string) => (num(of[key]) === null ? t("not-known") : span((num(of[key]) ?? 0) * 1_000));
  return (
    <dl class="facts">
      <dt>{t("exposure.peak")}</dt><dd>{num(of["peak_cel"]) === null ? t("not-known") : `${String(of["peak_cel"])} °C`}</dd>
      {above.map(([limit, s]) => <><dt>{t("exposure.above", { n: limit })}</dt><dd>{span((num(s) ?? 0) * 1_000)}</dd></>)}
      <dt>{t("exposure.handled")}</dt><dd>{seconds("handled_s")} ({num(of["handled"]) ?? 0})</dd>
      {of["out_since"] != null && <><dt>{t("exposure.out")}</dt><dd class="warn">{full(time(of["out_since"]))} ({seconds("out_s")})</dd></>}
      <dt>{t("exposure.longest")}</dt><dd>{seconds("handled_longest_s")}</dd>
      <dt>{t("exposure.excursions")}</dt><dd>{num(of["excursions"]) ?? 0}</dd>
      <dt>{t("exposure.left")}</dt><dd>{leftOf(of)} {of["over_budget"] === true && <b class="warn">{t("well.over")}</b>}</dd>
    </dl>
  );
}
