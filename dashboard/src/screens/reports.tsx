// Reports: what the daemon can tell, asked with what it needs, shown as a table, saved as a list.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FieldInput } from "../acts/field";
import { kReports, type Report } from "../acts/reports";
import type { Values } from "../acts/types";
import type { Reply } from "../edge/connection";
import { isObj, objs, str, type Obj } from "../state/read";
import { t, word } from "../text/i18n";
import { conn, href, useDraw } from "../ui/app";
import { Button, csv, download, Panel, Table } from "../ui/parts";
import { ReplyBox } from "../acts/form";

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
    if (chosen.verb === "bulk/export" && told.status === "done") {
      const bank = await wholeBank(body, told);
      if (typeof bank === "string") download("bank.csv", "text/csv", bank);
      else setReply(bank);
    }
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
        {reply?.status === "done" && <Plain body={reply.body} />}
        {reply?.status === "done" && (chosen.rows.length > 0 || rows.length > 0) && <Rows rows={rows} title={word("verb", chosen.verb)} />}
      </Panel>}
      <p class="screen-only"><a class="button" href={href("find")}>{t("nav.find")}</a></p>
    </div>
  );
}

// All pieces as one list; none, and the refusal shown, when one of them does not come.
async function wholeBank(body: Obj, first: Reply): Promise<Reply | string> {
  let text = str(first.body["csv"]);
  for (let after = str(first.body["next"]); after !== "";) {
    const reply = await conn.send("bulk/export", { ...body, after }, { quiet: true });
    if (reply.status !== "done") return reply;
    text += str(reply.body["csv"]).replace(/^[^\n]*\n/, ""); // each piece has the header
    after = str(reply.body["next"]);
  }
  return text;
}

const cellText = (v: unknown): string => (v == null ? "" : isObj(v) ? Object.entries(v).map(([k, x]) => `${k} ${String(x)}`).join(", ") : Array.isArray(v) ? v.map((x) => (isObj(x) ? Object.values(x).map(String).join(" ") : String(x))).join(", ") : String(v));

// What a reply says beside its rows: figures, words, warnings.
function Plain(props: { body: Obj }): JSX.Element | null {
  const said = Object.entries(props.body).filter(([k, v]) => k !== "csv" && (["string", "number", "boolean"].includes(typeof v) || (Array.isArray(v) && v.length > 0 && v.every((x) => typeof x === "string"))));
  return said.length === 0 ? null : <dl class="facts" data-plain="1">{said.map(([k, v]) => <><dt>{word("key", k)}</dt><dd>{cellText(v)}</dd></>)}</dl>;
}

function save(rows: Obj[]): void {
  const keys = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  download("report.csv", "text/csv", csv([keys, ...rows.map((r) => keys.map((k) => cellText(r[k])))]));
}

function Rows(props: { rows: Obj[]; title: string }): JSX.Element {
  const keys = [...new Set(props.rows.slice(0, 50).flatMap((r) => Object.keys(r)))];
  return <Table caption={props.title} empty={t("report.empty")} rows={props.rows.slice(0, 1_000)} columns={keys.map((k) => ({ title: word("key", k), cell: (r: Obj) => cellText(r[k]) }))} />;
}
