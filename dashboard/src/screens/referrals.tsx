// Before the first dose: who is referred, how far each is, what is planned provisionally, and the slots
// that it is planned on. Asked of the daemon when opened and after each act.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { actOf } from "../acts/acts";
import { ActForm, mayGive } from "../acts/form";
import type { Values } from "../acts/types";
import { num, obj, objs, str, time, type Obj } from "../state/read";
import { t, word, moment } from "../text/i18n";
import { conn } from "../ui/app";
import { Button, Panel, Table } from "../ui/parts";

const stagesOf = (r: Obj): string => objs(r["items"]).map((i) => `${word("choice", str(i["stage"]))} ${word("choice", str(i["outcome"]))}${str(i["cause"]) && ` (${str(i["cause"])})`}`).join(", ");
function planOf(r: Obj): JSX.Element {
  const plan = obj(r["provisional"]);
  return <>{objs(plan["slots"]).map((s) => `${word("choice", str(s["stage"]))} ${str(s["day"])}`).join(", ")}{str(plan["first_dose"]) && ` → ${str(plan["first_dose"])} – ${str(plan["last_dose"])}`}{str(plan["why"]) && <b class="warn"> {str(plan["why"])}</b>}</>;
}

export function Referrals(): JSX.Element {
  const [told, setTold] = useState<Obj | null>(null);
  const [act, setAct] = useState<{ id: string; values: Values } | null>(null);
  const ask = () => void conn.send("referral/list", {}, { quiet: true }).then((reply) => setTold(reply.status === "done" ? reply.body : {}));
  useEffect(ask, []);
  const begin = (id: string, values: Values = {}) => setAct({ id, values });
  const chosen = act ? actOf(act.id) : undefined;
  const button = (id: string, values?: Values) => <Button command disabled={!mayGive(actOf(id)!.verb)} onClick={() => begin(id, values)}>{word("act", id)}</Button>;
  return (
    <Panel title={t("group.referral")}>
      <div class="row screen-only">{button("referral")}{button("slot-set")}{button("slot-remove")}</div>
      {told === null ? <p class="empty" role="status">{t("asking")}</p> : <>
        <Table caption={t("group.referral")} empty={t("referral.none")} rows={objs(told["referrals"])} key={(r) => str(r["referral"])} columns={[
          { title: t("f.patient"), cell: (r) => str(r["patient"]) }, { title: t("f.protocol"), cell: (r) => str(r["protocol"]) },
          { title: word("key", "urgency"), right: true, cell: (r) => num(r["urgency"]) ?? "" }, { title: word("key", "received_at"), cell: (r) => moment(time(r["received_at"])) },
          { title: t("f.stage"), cell: stagesOf }, { title: word("key", "provisional"), cell: planOf },
          { title: "", cell: (r) => <span class="row">{button("referral-stage", { referral: r["referral"] })}{button("referral-close", { referral: r["referral"] })}</span> }]} />
        <Table caption={t("f.slot")} empty={t("referral.no-slots")} rows={objs(told["slots"])} key={(s) => str(s["slot"])} columns={[
          { title: t("f.stage"), cell: (s) => word("choice", str(s["stage"])) }, { title: t("f.places"), right: true, cell: (s) => num(s["places"]) ?? "" },
          { title: t("f.days"), right: true, cell: (s) => num(s["days"]) ?? "" }, { title: t("f.after-days"), right: true, cell: (s) => num(s["after_days"]) ?? "" }, { title: t("f.calendar"), cell: (s) => str(s["calendar"]) || t("none") }]} />
      </>}
      {chosen && act && <ActForm key={act.id} act={chosen} initial={act.values} onClose={() => setAct(null)} onDone={ask} />}
    </Panel>
  );
}
