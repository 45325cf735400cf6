// Putting vials away (or moving them) with the scanner alone: scan a box, then vials; each takes the
// next free position; scan another box to go on there; scan the box again to review and order. Nobody
// touches the screen in between, a place scanned for a vial is known to be a place.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { play } from "../edge/sound";
import { FieldInput } from "../acts/field";
import { aliquotOf, outOfCold, placeLabel } from "../acts/fields";
import { nextFree } from "../acts/moves";
import { endedWell, kNotOver, OverridePick, overSaid, ReplyBox, WitnessPick } from "../acts/form";
import { withValue, type Values } from "../acts/types";
import type { Reply } from "../edge/connection";
import { clean } from "../state/burst";
import { num, obj, str } from "../state/read";
import { open } from "../state/state";
import { pathText, t } from "../text/i18n";
import { conn, refuse, refuseReply, refuseUnknown, useDraw, useScan } from "../ui/app";
import { Button, Dialog } from "../ui/parts";

interface Line {
  code: string;
  aliquot: string;
  place: string;
  position: string;
  from: string;
}

export function PutAway(props: { box: string; onClose: () => void }): JSX.Element {
  useDraw();
  const [box, setBox] = useState(props.box);
  const [lines, setLines] = useState<Line[]>([]);
  const [review, setReview] = useState(false);
  const [witness, setWitness] = useState("");
  const [over, setOver] = useState(kNotOver);
  const [out, setOut] = useState<Values>({});
  const [reply, setReply] = useState<Reply | null>(null);

  // The box that was scanned last counts from that moment on, also when the page was not drawn anew yet.
  const into = useRef(props.box);
  const taken = useRef(new Set<string>());
  const takeBox = (id: string) => {
    if (id === into.current && lines.length > 0) return setReview(true);
    if (num(obj(open(conn.state.containers.get(id)))["positions"]) === null) return refuse(t("put.no-positions"), placeLabel(conn.state, id));
    into.current = id;
    setBox(id);
    setReview(false);
    play("good");
  };
  const takeVial = async (code: string) => {
    if (taken.current.has(code)) return refuse(t("scan.twice"), code);
    const box = into.current;
    taken.current.add(code);
    const told = await conn.send("aliquot/find", { code }, { quiet: true });
    if (told.status !== "done") {
      taken.current.delete(code);
      return refuseUnknown(code, told);
    }
    setLines((now) => {
      const used = new Set(now.filter((l) => l.place === box).map((l) => l.position));
      const position = nextFree(obj(open(conn.state.containers.get(box))), used);
      if (position === null) {
        taken.current.delete(code);
        refuse(t("put.full"), placeLabel(conn.state, box));
        return now;
      }
      play("good");
      return [...now, { code, aliquot: str(told.body["aliquot"]) || aliquotOf(conn.state, code), place: box, position, from: `${pathText(str(told.body["path"]))} ${str(told.body["position"])}` }];
    });
  };
  useScan((code) => (conn.state.containers.has(code) ? takeBox(code) : void takeVial(code)), "dialog");
  const order = async () => {
    const ended = await conn.send("aliquot/move", { moves: lines.map(({ aliquot, code, place, position }) => ({ aliquot, code, place, position, ...out })), ...(over.on ? { override: true } : {}) }, { witness, reason: over.on ? clean(over.reason) : "put away by scanner" });
    setReply(ended);
    refuseReply(ended);
  };
  return (
    <Dialog title={t("put.title")} onClose={props.onClose} wide>
      <p class="big-line" data-box={box}>{pathText(placeLabel(conn.state, box))}</p>
      <p>{review ? t("put.review") : t("put.help")}</p>
      <p class="big-line" data-count={lines.length}>{t("count", { n: lines.length })}</p>
      <ol class="put-lines">{[...lines].reverse().slice(0, review ? 500 : 8).map((l) => <li><b class="code">{l.code}</b> {l.from} → {pathText(placeLabel(conn.state, l.place))} <b>{l.position}</b>{!review && <Button kind="quiet" onClick={() => { taken.current.delete(l.code); setLines(lines.filter((one) => one !== l)); }}>{t("remove")}</Button>}</li>)}</ol>
      <div class="form">{outOfCold.map((f) => <FieldInput field={f} values={out} waiting={false} set={(v) => setOut(withValue(out, f.key, v))} />)}</div>
      <WitnessPick value={witness} set={setWitness} />
      <OverridePick value={over} set={setOver} />
      <div class="row"><Button kind="main" command disabled={lines.length === 0 || witness === "" || !overSaid(over) || endedWell(reply)} onClick={() => void order()}>{t("put.order", { n: lines.length })}</Button></div>
      {reply && <ReplyBox reply={reply} />}
    </Dialog>
  );
}
