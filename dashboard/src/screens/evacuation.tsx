// Evacuation: a freezer dies at night. From which, to which, rack by rack in order, on paper as well.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ReplyBox, WitnessPick, mayGive } from "../acts/form";
import type { Reply } from "../edge/connection";
import { num, objs, str, type Obj } from "../state/read";
import { kindOf, titleOf } from "../state/state";
import { t, full, number } from "../text/i18n";
import { insideOf } from "../state/derive";
import { alarms, conn, useDraw } from "../ui/app";
import { Button, Panel, Table } from "../ui/parts";

export function EvacuationScreen(): JSX.Element {
  useDraw();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [plan, setPlan] = useState<Reply | null>(null);
  const [open, setOpen] = useState<Obj[]>([]);
  const [witness, setWitness] = useState("");
  const ask = () => void conn.send("evacuation/list", {}, { quiet: true }).then((r) => setOpen(objs(r.body["open"])));
  useEffect(ask, []);
  const freezers = [...conn.state.devices.values()].filter((d) => kindOf(d) === "freezer");
  const bad = new Set(alarms().map((a) => a.device));
  const racks = objs(plan?.body["racks"]);
  const send = async (apply: boolean) => {
    setPlan(await conn.send("evacuation/plan", { from, to, ...(apply ? { apply: true } : {}) }, { quiet: !apply, reason: "evacuation" }));
    ask();
  };
  // What was shown is of two freezers: with another one it is shown anew before it can begin.
  const choose = (set: (id: string) => void) => (id: string) => {
    setPlan(null);
    if (set === setFrom && id === to) setTo("");
    set(id);
  };
  const pick = (title: string, value: string, set: (id: string) => void, not: string) => (
    <fieldset class="field picks"><legend>{title}</legend><div class="picks-box">
      {freezers.filter((f) => f.id !== not).map((f) => <label class="pick"><input type="radio" name={title} checked={value === f.id} onChange={() => set(f.id)} />
        <span>{titleOf(f)} · {t("place.vials", { n: number(insideOf(conn.state, f.id) ?? 0) })} {bad.has(f.id) && `! ${t("evacuation.in-alarm")}`}</span></label>)}
    </div></fieldset>
  );
  return (
    <div>
      <h1>{t("nav.evacuation")}</h1>
      {open.map((e) => <Panel title={str(e["evacuation"])}><p>{str(e["from"])} → {str(e["to"])} · {num(e["done"]) ?? 0} {t("evacuation.moved")}</p>
        <WitnessPick value={witness} set={setWitness} />
        <ul class="codes">{objs(e["racks"]).map((r) => <li><span>{str(r["rack"])} → {str(r["to"])}</span><Button command="evacuation/rack" disabled={witness === ""} onClick={() => void conn.send("evacuation/rack", { evacuation: str(e["evacuation"]), rack: str(r["rack"]) }, { witness }).then(ask)}>{t("evacuation.moved")}</Button></li>)}</ul>
        <Button command disabled={!mayGive("evacuation/end")} onClick={() => void conn.send("evacuation/end", { evacuation: str(e["evacuation"]) }).then(ask)}>{t("evacuation.end")}</Button>
      </Panel>)}
      <div class="screen-only">
        {pick(t("evacuation.from"), from, choose(setFrom), "")}
        {pick(t("evacuation.to"), to, choose(setTo), from)}
        <div class="row"><Button kind="main" command disabled={!from || !to || !mayGive("evacuation/plan")} onClick={() => void send(false)}>{t("act.preview")}</Button>
          <Button command="evacuation/plan" disabled={racks.length === 0} onClick={() => void send(true)}>{t("evacuation.apply")}</Button>
          <Button onClick={() => window.print()}>{t("print")}</Button></div>
      </div>
      {plan && <ReplyBox reply={plan} />}
      <p class="print-only sheet-head">{t("sheet.printed", { at: full(conn.daemonNow()), by: conn.user })} · <b>{t("journal", { n: num(conn.state.checkpoint?.["sequence"]) ?? 0 })}</b></p>
      <Table caption={t("nav.evacuation")} empty="" rows={racks} columns={[
        { title: "", cell: (r) => String(racks.indexOf(r) + 1) }, { title: t("evacuation.rack"), cell: (r) => str(r["rack"]) },
        { title: t("plan.from"), cell: (r) => `${from} ${str(r["from"])}` }, { title: t("plan.to"), cell: (r) => `${to} ${str(r["to"])}` },
        { title: t("place.inside"), right: true, cell: (r) => number(num(r["aliquots"]) ?? 0) },
        { title: t("sheet.first"), cell: () => <i class="tick-box" /> }, { title: t("sheet.second"), cell: () => <i class="tick-box" /> }]} />
    </div>
  );
}
