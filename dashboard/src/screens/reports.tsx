// Reports: what the daemon can tell, asked with what it needs, shown as a table, saved as a list.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FieldInput } from "../acts/field";
import { actOf } from "../acts/acts";
import type { Field, Values } from "../acts/types";
import type { Reply } from "../edge/connection";
import { isObj, objs, str, type Obj } from "../state/read";
import { t, word } from "../text/i18n";
import { conn, href, useDraw } from "../ui/app";
import { Button, csv, download, Panel, Table } from "../ui/parts";
import { ReplyBox } from "../acts/form";

const place: Field = actOf("take-open")!.fields[0]!;
const course: Field = actOf("release")!.fields[0]!;
const from: Field = { key: "from", label: "plan.from", kind: "time" };
const until: Field = { key: "until", label: "plan.to", kind: "time" };
interface Report {
  verb: string;
  fields: Field[];
  rows: string[]; // keys of the reply that hold its rows
  fixed?: Obj;
}
const kReports: Report[] = [
  { verb: "report/occupancy", fields: [place], rows: ["inside"], fixed: { boxes: true } },
  { verb: "report/affected", fields: [place], rows: ["rows"] },
  { verb: "history/affected", fields: [place, from, until], rows: ["rows"] },
  { verb: "report/expiring", fields: [{ ...until }, { ...place, optional: true }], rows: ["rows"] },
  { verb: "report/risk", fields: [course], rows: ["freezers"] },
  { verb: "report/defragment", fields: [place], rows: ["moves"] },
  { verb: "report/overrides", fields: [], rows: [] },
  { verb: "exposure/report", fields: [place], rows: ["exposures"] },
  { verb: "retention/report", fields: [], rows: ["rows"] },
  { verb: "hold/list", fields: [], rows: ["holds"] },
  { verb: "shipment/list", fields: [], rows: ["open"] },
  { verb: "disposal/list", fields: [], rows: ["open"] },
  { verb: "take/list", fields: [], rows: ["open"] },
  { verb: "evacuation/list", fields: [], rows: ["open"] },
  { verb: "bulk/export", fields: [{ ...place, optional: true }], rows: [] },
];

export function ReportsScreen(): JSX.Element {
  useDraw();
  const [chosen, setChosen] = useState<Report | null>(null);
  const [values, setValues] = useState<Values>({});
  const [reply, setReply] = useState<Reply | null>(null);
  const ask = async () => {
    if (!chosen) return;
    const body = Object.fromEntries(Object.entries({ ...chosen.fixed, ...values }).filter(([, v]) => v !== undefined && v !== ""));
    const told = await conn.send(chosen.verb, body, { quiet: true });
    setReply(told);
    if (str(told.body["csv"])) download("bank.csv", "text/csv", str(told.body["csv"]));
  };
  const rows = chosen && reply ? chosen.rows.flatMap((key) => objs(reply.body[key])) : [];
  const ready = chosen?.fields.every((f) => f.optional || values[f.key]) ?? false;
  return (
    <div>
      <h1>{t("nav.reports")}</h1>
      <div class="children screen-only">{kReports.map((r) => <Button kind={r === chosen ? "main" : undefined} onClick={() => { setChosen(r); setValues({}); setReply(null); }}>{word("verb", r.verb)}</Button>)}</div>
      {chosen && <Panel title={word("verb", chosen.verb)}>
        <div class="form screen-only">{chosen.fields.map((f) => <FieldInput field={f} values={values} waiting={false} set={(v) => setValues({ ...values, [f.key]: v })} />)}
          <div class="row"><Button kind="main" disabled={!ready} command onClick={() => void ask()}>{t("report.ask")}</Button>
            {rows.length > 0 && <Button onClick={() => save(rows)}>{t("export")}</Button>}<Button kind="quiet" onClick={() => window.print()}>{t("print")}</Button></div></div>
        {reply && <ReplyBox reply={reply} />}
        {reply?.status === "done" && <Rows rows={rows} title={word("verb", chosen.verb)} />}
      </Panel>}
      <p class="screen-only"><a class="button" href={href("find")}>{t("nav.find")}</a></p>
    </div>
  );
}

const cellText = (v: unknown): string => (v == null ? "" : isObj(v) ? Object.entries(v).map(([k, x]) => `${k} ${String(x)}`).join(", ") : Array.isArray(v) ? v.map((x) => (isObj(x) ? JSON.stringify(x) : String(x))).join(", ") : String(v));

function save(rows: Obj[]): void {
  const keys = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  download("report.csv", "text/csv", csv([keys, ...rows.map((r) => keys.map((k) => cellText(r[k])))]));
}

function Rows(props: { rows: Obj[]; title: string }): JSX.Element {
  const keys = [...new Set(props.rows.slice(0, 50).flatMap((r) => Object.keys(r)))];
  return <Table caption={props.title} empty={t("report.empty")} rows={props.rows.slice(0, 1_000)} columns={keys.map((k) => ({ title: word("key", k), cell: (r: Obj) => cellText(r[k]) }))} />;
}
