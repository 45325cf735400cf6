// Places: the tree, and the map of one box: who lies in each well, how much thaw and warm time is left
// to it, what is blocked or in doubt. A scanner's rack file dropped here is shown as differences
// first. A whole box moves in one reviewed command.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ActForm, ReplyBox } from "../acts/form";
import { actOf } from "../acts/acts";
import { dialect, placeLabel, placeTitle, positionsOf, takenOf } from "../acts/fields";
import { insideAll } from "../state/derive";
import { FieldInput, readFile } from "../acts/field";
import { withValue, type Field, type Values } from "../acts/types";
import type { Reply } from "../edge/connection";
import { num, obj, objs, str, strs, time, type Obj } from "../state/read";
import { open } from "../state/state";
import { moment, pathText, t, word, number, span } from "../text/i18n";
import { conn, go, href, useDraw } from "../ui/app";
import { Button, Dialog, Panel, Table } from "../ui/parts";
import { PutAway } from "./put_away";
import { MoveBox } from "./move_box";

export function PlacesScreen(): JSX.Element {
  useDraw();
  const [words, setWords] = useState("");
  const all = [...conn.state.containers].map(([id, lazy]) => ({ id, place: obj(open(lazy)) }));
  const inside = insideAll(conn.state);
  const shown = all.filter((p) => words === "" ? !conn.state.containers.has(str(p.place["parent"])) || ["room", "freezer"].includes(str(p.place["type"])) : `${p.id} ${str(p.place["title"])} ${str(p.place["path"])}`.toLowerCase().includes(words.toLowerCase())).slice(0, 200);
  return (
    <div>
      <h1>{t("nav.places")}</h1>
      <input class="filter" type="search" placeholder={t("filter")} aria-label={t("filter")} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
      <Table caption={t("nav.places")} empty={t("place.none")} rows={shown} key={(p) => p.id} columns={[
        { title: t("f.place"), cell: (p) => <a class="cell-link" href={href("box", p.id)}>{placeTitle(conn.state, p.id)}</a> },
        { title: t("place.path"), cell: (p) => pathText(str(p.place["path"])) },
        { title: t("place.type"), cell: (p) => word("type", str(p.place["type"])) },
        { title: t("place.inside"), right: true, cell: (p) => number(inside.get(p.id) ?? 0) },
      ]} />
    </div>
  );
}

// What a place holds: each with its title and how many vials lie in it, however deep.
function Children(props: { of: string[] }): JSX.Element {
  const inside = insideAll(conn.state);
  return <div class="children">{props.of.map((c) => <a class="button" href={href("box", c)}>{placeTitle(conn.state, c)} <small>{t("place.vials", { n: inside.get(c) ?? 0 })}</small></a>)}</div>;
}

// What is left to each vial, asked once for the place; kept while its content stays.
function useBudgets(id: string, version: string): Map<string, Obj> {
  const [told, setTold] = useState(new Map<string, Obj>());
  useEffect(() => {
    void conn.send("exposure/report", { place: id }, { quiet: true }).then((reply) => {
      if (reply.status === "done") setTold(new Map(objs(reply.body["exposures"]).map((e) => [str(e["aliquot"]), e])));
    });
  }, [id, version]);
  return told;
}

export function BoxScreen(props: { id: string }): JSX.Element {
  useDraw();
  const lazy = conn.state.containers.get(props.id);
  const place = obj(open(lazy));
  const [well, setWell] = useState("");
  const [act, setAct] = useState("");
  const [mode, setMode] = useState<"" | "put" | "move">("");
  const budgets = useBudgets(props.id, lazy?.text.length.toString() ?? "");
  if (!lazy) return <p class="empty">{t("unknown-thing", { id: props.id })}</p>;
  const children = strs(place["containers"]);
  const positions = positionsOf(place);
  const taken = takenOf(place);
  const counts = obj(place["counts"]);
  const chosen = actOf(act);
  const holdsVials = positions.length > 0 && children.length === 0;
  return (
    <div class="box">
      <h1>{placeTitle(conn.state, props.id)} <small>{pathText(str(place["path"]))}</small></h1>
      <p>{Object.entries(counts).filter(([, n]) => num(n) !== 0).map(([k, n]) => `${word("slot", k)} ${String(n)}`).join(" · ")}{str(place["parent"]) && <> · <a class="cell-link" href={href("box", str(place["parent"]))}>{t("place.up")}</a></>}</p>
      {children.length > 0 && <Children of={children} />}
      {holdsVials && <>
        <div class="row screen-only">
          <Button command="aliquot/move" onClick={() => setMode("put")}>{t("put.title")}</Button>
          <Button command="aliquot/move" disabled={taken.size === 0} onClick={() => setMode("move")}>{t("move.title")}</Button>
          <Button command="scan/order" onClick={() => setAct("scan-order")}>{word("act", "scan-order")}</Button>
          <Button kind="quiet" onClick={() => window.print()}>{t("print")}</Button>
        </div>
        <Grid positions={positions} place={place} taken={taken} budgets={budgets} choose={setWell} />
        <RackFile id={props.id} />
      </>}
      {strs(place["contents"]).length > 0 && <Panel title={t("place.inside")}><ul class="codes">{strs(place["contents"]).map((a) => <li><a class="cell-link" href={href("aliquot", a)}>{a}</a></li>)}</ul></Panel>}
      {well && <Well id={props.id} position={well} slot={taken.get(well) ?? null} budget={budgets.get(str(taken.get(well)?.["aliquot"])) ?? null} act={(a) => { setAct(a); }} close={() => setWell("")} />}
      {chosen && <ActForm act={chosen} initial={{ place: props.id, container: props.id, position: well }} onClose={() => setAct("")} />}
      {mode === "put" && <PutAway box={props.id} onClose={() => setMode("")} />}
      {mode === "move" && <MoveBox box={props.id} onClose={() => setMode("")} />}
    </div>
  );
}

// Seconds of the hard handling budget that are left, and thaws: what side spreadsheets were kept for.
export function leftOf(budget: Obj | null): string {
  if (!budget) return "";
  const left = num(budget["warm_left_s"]);
  const handled = num(budget["handled_s"]);
  const thaws = num(budget["thaws_left"]);
  const warm = left !== null ? t("well.left", { span: span(left * 1_000) }) : handled !== null ? t("well.used", { span: span(handled * 1_000) }) : "";
  return [warm, thaws !== null ? t("well.thaws", { n: thaws }) : ""].filter(Boolean).join(" · ");
}

interface GridProps {
  positions: string[];
  place: Obj;
  taken: Map<string, Obj>;
  budgets: Map<string, Obj>;
  choose: (position: string) => void;
}
function Grid(props: GridProps): JSX.Element {
  const columns = num(props.place["columns"]) ?? Math.min(10, props.positions.length);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step) return;
    const all = [...document.querySelectorAll<HTMLElement>(".well")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };
  return (
    <div class="scroll"><div class="grid" role="group" aria-label={t("place.map")} style={{ gridTemplateColumns: `repeat(${columns}, minmax(72px, 1fr))` }} onKeyDown={move}>
      {props.positions.map((p) => {
        const slot = props.taken.get(p);
        const state = str(slot?.["state"]) || "free";
        const budget = props.budgets.get(str(slot?.["aliquot"])) ?? null;
        const over = budget?.["over_budget"] === true;
        return (
          <button type="button" class={`well ${state} ${over ? "over" : ""} ${str(slot?.["aliquot_state"])}`} data-position={p} onClick={() => props.choose(p)}
            aria-label={`${p} ${word("slot", state)} ${str(slot?.["aliquot"])} ${leftOf(budget)}`}>
            <b>{p}</b>
            {slot && <span>{str(slot["course"]) || str(slot["container"]) || word("slot", state)}</span>}
            {slot && num(slot["dose"]) !== null && <span>{t("f.dose")} {num(slot["dose"])}</span>}
            {slot && <small>{leftOf(budget)}{over && ` ! ${t("well.over")}`}{str(slot["aliquot_state"]) === "quarantined" && ` ${word("aliquot", "quarantined")}`}</small>}
            {str(slot?.["doubt"]) && <small>? {t("well.doubt")}</small>}
          </button>
        );
      })}
    </div></div>
  );
}

interface WellProps {
  id: string;
  position: string;
  slot: Obj | null;
  budget: Obj | null;
  act: (id: string) => void;
  close: () => void;
}
function Well(props: WellProps): JSX.Element {
  const { slot } = props;
  const aliquot = str(slot?.["aliquot"]);
  return (
    <Dialog title={`${props.id} ${props.position}`} onClose={props.close}>
      <dl class="facts">
        <dt>{t("state")}</dt><dd>{word("slot", str(slot?.["state"]) || "free")}</dd>
        {slot && Object.entries(slot).filter(([k, v]) => k !== "state" && k !== "position" && v !== "").map(([k, v]) => <><dt>{word("key", k)}</dt><dd>{String(v)}</dd></>)}
        {props.budget && Object.entries(props.budget).filter(([, v]) => typeof v === "number" || typeof v === "boolean").map(([k, v]) => <><dt>{word("key", k)}</dt><dd>{String(v)}</dd></>)}
      </dl>
      <div class="row">
        {aliquot && <Button kind="main" onClick={() => go("aliquot", aliquot)}>{t("open")}</Button>}
        {!slot && <Button command="position/block" onClick={() => props.act("block")}>{word("act", "block")}</Button>}
        {str(slot?.["state"]) === "blocked" && <Button command="position/unblock" onClick={() => props.act("unblock")}>{word("act", "unblock")}</Button>}
      </div>
    </Dialog>
  );
}

// Where the record has a vial, from its course.
function onRecord(aliquot: string): string {
  for (const lazy of conn.state.courses.values()) {
    if (aliquot === "" || !lazy.text.includes(JSON.stringify(aliquot))) continue;
    for (const dose of objs(open(lazy)?.["doses"])) {
      const found = objs(dose["aliquots"]).find((a) => a["aliquot"] === aliquot);
      if (found) return `${pathText(placeLabel(conn.state, str(found["place"])))} ${str(found["position"])}`;
    }
  }
  return t("none");
}

// Where codes of a box come from: a scanner's file, or what a robot read.
type Source = { csv: string } | { job: string };
const kHow: Field[] = [dialect, { key: "only_tubes", label: "rack.only-tubes", kind: "check", optional: true }];

// A rack scanner's file, dropped, or a robot's scan of this box: shown as differences against the record, accepted or not.
function RackFile(props: { id: string }): JSX.Element {
  const [source, setSource] = useState<Source | null>(null);
  const [values, setValues] = useState<Values>({});
  const [preview, setPreview] = useState<Reply | null>(null);
  const [end, setEnd] = useState<Reply | null>(null);
  const [unknown, setUnknown] = useState(false);
  const [name, setName] = useState("");
  // How a file is written; a robot's reading is as it is.
  const look = async (of: Source | null, how: Values) => {
    setSource(of);
    setValues(how);
    setEnd(null);
    if (of) setPreview(await conn.send("scan/preview", { container: props.id, ...of, ...("csv" in of ? how : {}) }, { quiet: true }));
  };
  const take = async (file: File | undefined) => {
    const text = file ? await readFile(file) : null;
    if (!file || text === null) return setName(t("file.too-large", { max: 500 }));
    setName(file.name);
    await look({ csv: text }, values);
  };
  const accept = async () => {
    const reply = await conn.send("scan/accept", { container: props.id, ...source, token: str(preview?.body["token"]), ...(source && "csv" in source ? values : {}), ...(unknown ? { missing_to_unknown: true } : {}) });
    setEnd(reply);
    setPreview(null);
  };
  const differences = objs(preview?.body["differences"]);
  return (
    <Panel title={t("rack.title")} class="drop-zone screen-only">
      <label class="field drop" onDragOver={(e) => e.preventDefault()} onDrop={(e) => { e.preventDefault(); void take(e.dataTransfer?.files[0]); }}>
        <span>{t("rack.drop")} {name && <b>{name}</b>}</span><input id="rack-file" type="file" accept=".csv,.txt,text/csv,text/plain" onChange={(e) => void take(e.currentTarget.files?.[0])} />
      </label>
      <div class="form">{kHow.map((f) => <FieldInput field={f} values={values} waiting={false} set={(v) => void look(source, withValue(values, f.key, v || undefined))} />)}</div>
      {[...conn.state.jobs.values()].filter((j) => str(j["kind"]) === "scan" && str(j["state"]) === "done" && str(objs(j["moves"])[0]?.["from"]) === props.id).map((j) => (
        <div class="row"><Button onClick={() => { setName(""); void look({ job: str(j["job"]) }, values); }}>{t("rack.by-robot", { at: moment(time(j["at"])) })}</Button></div>))}
      {preview && preview.status !== "done" && <ReplyBox reply={preview} />}
      {preview?.status === "done" && <>
        <p class="big-line">{t("rack.same", { n: num(preview.body["same"]) ?? 0 })} · {t("rack.differs", { n: differences.length })}</p>
        <Table caption={t("rack.title")} empty={t("rack.none")} rows={differences} columns={[
          { title: t("rack.kind"), cell: (d) => <b class={`diff ${str(d["kind"])}`}>{word("diff", str(d["kind"]))}</b> },
          { title: t("f.code"), cell: (d) => str(d["code"]) || str(d["aliquot"]) },
          { title: t("f.position"), cell: (d) => str(d["position"]) },
          { title: t("rack.on-record"), cell: (d) => onRecord(str(d["aliquot"])) },
        ]} />
        <label class="pick wide"><input type="checkbox" checked={unknown} onChange={(e) => setUnknown(e.currentTarget.checked)} /><span>{t("rack.unknown")}</span></label>
        <div class="row"><Button kind="main" command="scan/accept" onClick={() => void accept()}>{t("rack.accept")}</Button><Button onClick={() => setPreview(null)}>{t("rack.leave")}</Button></div>
      </>}
      {end && <ReplyBox reply={end} />}
    </Panel>
  );
}
