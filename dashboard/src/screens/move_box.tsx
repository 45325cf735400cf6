// A whole box into another one, position by position, in one reviewed command.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { outOfCold, placeLabel } from "../acts/fields";
import { planMoves } from "../acts/moves";
import { FieldInput } from "../acts/field";
import { endedWell, kNotOver, OverridePick, overSaid, ReplyBox, WitnessPick } from "../acts/form";
import { withValue, type Field, type Values } from "../acts/types";
import type { Reply } from "../edge/connection";
import { clean } from "../state/burst";
import { num, obj, str } from "../state/read";
import { open } from "../state/state";
import { pathText, t } from "../text/i18n";
import { conn, useDraw } from "../ui/app";
import { Button, Dialog, Table } from "../ui/parts";

const target: Field = {
  key: "to", label: "f.into", kind: "choice", place: true,
  choices: (state) => [...state.containers].flatMap(([id, lazy]) => {
    const place = open(lazy);
    const free = num(obj(place?.["counts"])["free"]);
    return place && num(place["rows"]) !== null && free ? [{ value: id, label: `${pathText(str(place["path"]))} · ${free}` }] : [];
  }),
};

export function MoveBox(props: { box: string; onClose: () => void }): JSX.Element {
  useDraw();
  const [values, setValues] = useState<Values>({});
  const [witness, setWitness] = useState("");
  const [over, setOver] = useState(kNotOver);
  const [out, setOut] = useState<Values>({});
  const [reply, setReply] = useState<Reply | null>(null);
  const to = str(values["to"]);
  const from = obj(open(conn.state.containers.get(props.box)));
  const { moves, left } = to ? planMoves(conn.state, from, obj(open(conn.state.containers.get(to))), to) : { moves: [], left: 0 };
  const order = async () => setReply(await conn.send("aliquot/move",
    { moves: moves.map(({ aliquot, code, place, position }) => ({ aliquot, code, place, position, ...out })), ...(over.on ? { override: true } : {}) }, { witness, reason: over.on ? clean(over.reason) : "whole box moved" }));
  return (
    <Dialog title={`${t("move.title")}: ${placeLabel(conn.state, props.box)}`} onClose={props.onClose} wide>
      <FieldInput field={target} values={values} waiting={!to} set={(v) => setValues({ to: v })} />
      {to && <>
        <p class="big-line">{t("move.count", { n: moves.length })}{left > 0 && ` · ${t("move.left", { n: left })}`}</p>
        <Table caption={t("move.title")} empty={t("move.none")} rows={moves} columns={[
          { title: t("f.code"), cell: (m) => m.code }, { title: t("plan.from"), cell: (m) => m.from }, { title: t("plan.to"), cell: (m) => m.position }]} />
        {outOfCold.map((f) => <FieldInput field={f} values={out} waiting={false} set={(v) => setOut(withValue(out, f.key, v))} />)}
        <WitnessPick value={witness} set={setWitness} />
        <OverridePick value={over} set={setOver} />
        <div class="row"><Button kind="main" command disabled={moves.length === 0 || witness === "" || !overSaid(over) || endedWell(reply)} onClick={() => void order()}>{t("put.order", { n: moves.length })}</Button></div>
      </>}
      {reply && <ReplyBox reply={reply} />}
    </Dialog>
  );
}
