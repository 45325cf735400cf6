// One form for every act: fields, reason, witness, preview, what is signed, sending, its end. A scan
// goes to the field that waits for one, wherever the focus is.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { rules } from "virtual:roles";
import { play } from "../edge/sound";
import { clean, codeOf, typed } from "../state/burst";
import { num, objs, str, strs, type Obj } from "../state/read";
import { kindOf, staffOf } from "../state/state";
import type { Reply } from "../edge/connection";
import { conn, draw, live, mayGive, refuse, refuseReply, refuseScan, useDraw, useScan } from "../ui/app";
import { Button, Dialog, Hold } from "../ui/parts";
import { t, word } from "../text/i18n";
import { bodyOf } from "./body";
import { FieldInput } from "./field";
import { override } from "./fields";
import { sendPieces } from "./pieces";
import { begun, dryRun, type Act, type Values } from "./types";
import { actTitle } from "./words";

type Step = "fill" | "preview" | "sign" | "wait" | "end";
const kWitnessRoles = ["witness", "supervisor", "quality"];

export { mayGive };
export const witnesses = (): string[] =>
  staffOf(conn.state).filter((p) => p.user !== conn.user && p.roles.some((r) => kWitnessRoles.includes(r))).map((p) => p.user);

function missing(act: Act, values: Values): string[] {
  const empty = (v: unknown) => v === undefined || v === "" || (Array.isArray(v) && v.length === 0);
  return act.fields.filter((f) => !f.optional && f.kind !== "check" && empty(values[f.key])).map((f) => f.key);
}

interface FormProps {
  act: Act;
  initial?: Values;
  lead?: JSX.Element; // above the fields
  onClose: () => void;
  onDone?: (reply: Reply) => void;
}
export function ActForm(props: FormProps): JSX.Element {
  useDraw();
  const { act } = props;
  // A screen offers all it knows; the act takes what it has a field for.
  const offered = Object.entries(props.initial ?? {}).filter(([key]) => act.fields.some((f) => f.key === key) || act.carries?.includes(key));
  const [values, setValues] = useState<Values>({ ...begun(act), ...Object.fromEntries(offered) });
  const [reason, setReason] = useState("");
  const [witness, setWitness] = useState("");
  const [step, setStep] = useState<Step>("fill");
  const [preview, setPreview] = useState<Obj | null>(null);
  const [paper, setPaper] = useState<Obj | null>(null);
  const [secret, setSecret] = useState("");
  const [reply, setReply] = useState<Reply | null>(null);
  const [proof, setProof] = useState(""); // the robot's code, scanned at it
  const [hand, setHand] = useState(false); // typed instead, where there is no scanner: the journal says so
  const held = typeof act.hold === "function" ? act.hold(values) : act.hold === true;
  const twoPeople = act.witness === true || rules[act.verb]?.two === true;
  // Needs a reason; the daemon says where a second person as well.
  const over = values["override"] === true || values["out_seconds"] !== undefined;
  const must = act.reason === "must" || over;
  // Two scans may come before the page is drawn anew: each reads what the one before it left.
  const latest = useRef(values);
  const setAll = (more: Values) => {
    latest.current = { ...latest.current, ...more };
    setValues(latest.current);
  };
  const set = (key: string, value: unknown) => setAll({ [key]: value });

  useScan((code) => takeScan(code), "dialog");
  const takeProof = (code: string, byHand = false) => {
    const wanted = str(latest.current["robot"]);
    if (wanted !== "" && wanted !== code) return refuseScan(wanted, code);
    setAll({ robot: code, at_robot: code });
    setProof(code);
    setHand(byHand);
    play("good");
  };
  const aimed = useRef(""); // the field that asked for the next scan
  const takeScan = (code: string) => {
    if ((held || act.fields.some((f) => f.key === "robot")) && isRobot(code)) return takeProof(code);
    if (step !== "fill") return;
    const values = latest.current;
    const isPlace = conn.state.containers.has(code);
    const open = act.fields.find((f) => {
      if (f.kind === "picks") return isPlace && f.choices?.(conn.state, values).some((c) => c.value === code);
      if (f.kind === "choice") return (f.place === true) === isPlace && isPlace && !values[f.key] && f.choices?.(conn.state, values).some((c) => c.value === code);
      if (isPlace) return false;
      if (aimed.current !== "") return f.key === aimed.current;
      return (f.kind === "scan" && !values[f.key] && !f.aside) || f.kind === "scans";
    });
    if (!open) return refuse(t("scan.unwanted"), isPlace ? t("scan.is-place", { code }) : t("scan.no-field", { code }));
    const expected = open.expect ? str(values[open.expect]) : "";
    if (expected !== "" && expected !== code) return refuseScan(expected, code);
    aimed.current = "";
    if (open.kind === "scans" || open.kind === "picks") {
      const have = strs(values[open.key]);
      if (have.includes(code)) return refuse(t("scan.twice"), code);
      set(open.key, [...have, code]);
    } else set(open.key, code);
    play("good");
  };

  const [share, setShare] = useState("");
  const sent = useRef<{ of: unknown; body: Obj } | null>(null); // pieces go once, for preview and order
  // What the command carries; null when a piece of a long list was refused, which is then shown.
  const body = async (): Promise<Obj | null> => {
    const whole = bodyOf(act, values, conn.state);
    if (!act.pieces) return whole;
    const before = sent.current;
    if (before && before.of === values["csv"]) return before.body;
    const told = await sendPieces(whole, (verb, piece) => conn.send(verb, piece, { quiet: true }), (done, of) => setShare(t("act.pieces", { done, of })));
    setShare("");
    if ("refused" in told) {
      setReply(told.refused);
      return null;
    }
    sent.current = { of: values["csv"], body: told.body };
    return told.body;
  };
  const next = async () => {
    const carried = await body();
    if (!carried) return;
    const dry = step === "fill" ? dryRun(act, carried) : null;
    if (dry) {
      const told = await conn.send(act.verb, dry, { reason: clean(reason), quiet: true }); // of a trial nobody is a witness
      if (told.status !== "done" && told.status !== "accepted") return setReply(told);
      setReply(null);
      setPreview({ ...told.body, message: told.message });
      return setStep("preview");
    }
    const prepared = await conn.send("signature/prepare", { act: act.verb, body: carried }, { reason: clean(reason), quiet: true });
    if (prepared.status === "done" && prepared.body["signed"] === true && prepared.body["required"] !== false) {
      setPaper(prepared.body);
      setReply(null);
      return setStep("sign");
    }
    await order();
  };
  const order = async (signature?: Obj) => {
    const carried = await body();
    if (!carried) return;
    setStep("wait");
    const ended = await conn.send(act.verb, carried, { reason: saidByHand(clean(reason), held && hand), witness: twoPeople || over ? witness : "", ...(signature ? { signature } : {}) });
    setReply(ended);
    setStep("end");
    setSecret("");
    if (ended.status === "done" || ended.status === "accepted") {
      play("good");
      props.onDone?.(ended);
    } else if (act.fields.some((f) => f.kind === "scan" || f.kind === "scans")) refuseReply(ended);
  };
  const sign = () => order({ meaning: str(paper?.["meaning"]), record: str(paper?.["record"]), user: conn.user, secret });
  const atRobot = proof !== "" && proof === values["robot"];
  const lacks = missing(act, values);
  const previews = dryRun(act, act.body ? act.body(values, conn.state) : values) !== null;
  const ready = lacks.length === 0 && (!must || reason.trim() !== "") && (!twoPeople || witness !== "");

  return (
    <Dialog title={actTitle(act)} onClose={props.onClose}>
      {step === "fill" && (
        <form class="form" onSubmit={(e) => { e.preventDefault(); if (ready && live() && !held) void next(); }}>
          {props.lead}
          {act.fields.map((f) => <FieldInput field={f} values={values} waiting={f.key === (aimed.current || lacks[0])} set={(v) => set(f.key, v)} aim={() => { aimed.current = f.key; draw(); }} />)}
          {(act.reason || twoPeople || over) && (
            <label class="field"><span>{t("reason")}{must ? " *" : ""}</span>
              <input value={reason} maxLength={1000} onInput={(e) => setReason(typed(e.currentTarget.value))} /></label>
          )}
          {(twoPeople || over) && <WitnessPick value={witness} set={setWitness} may={!twoPeople} />}
          {!mayGive(act.verb) && <p class="warn">{t("act.not-yours", { roles: (rules[act.verb]?.roles ?? []).map((r) => word("role", r)).join(", ") })}</p>}
          {held && <ProofLine robot={str(values["robot"])} there={atRobot} take={(code) => takeProof(code, true)} />}
          {share && <p role="status">{share}</p>}
          <footer>
            {held && !previews
              ? <Hold disabled={!ready || !atRobot || !mayGive(act.verb)} onHeld={() => void next()}>{t("act.do")}</Hold>
              : <Button kind="main" command={act.verb} disabled={!ready} onClick={() => void next()}>{previews ? t("act.preview") : t("act.do")}</Button>}
          </footer>
        </form>
      )}
      {step === "preview" && preview && (
        <div class="form">
          <Preview body={preview} />
          {held && <ProofLine robot={str(values["robot"])} there={atRobot} take={(code) => takeProof(code, true)} />}
          <footer><Button onClick={() => setStep("fill")}>{t("back")}</Button>
            {held ? <Hold disabled={!atRobot} onHeld={() => void next()}>{t("act.do")}</Hold> : <Button kind="main" command={act.verb} onClick={() => void next()}>{t("act.do")}</Button>}</footer>
        </div>
      )}
      {step === "sign" && paper && <SignBox paper={paper} secret={secret} set={setSecret} back={() => setStep("fill")} sign={() => void sign()} />}
      {step === "wait" && <p class="big-line" role="status">{t("act.sent")}</p>}
      {reply && <ReplyBox reply={reply} />}
      {step === "end" && reply && <footer class="form">
        <Button onClick={() => { setStep("fill"); setReply(null); setPaper(null); }}>{t("back")}</Button>
        <Button kind="main" onClick={props.onClose}>{t("close")}</Button></footer>}
    </Dialog>
  );
}

const isRobot = (id: string): boolean => {
  const device = conn.state.devices.get(id);
  return device !== undefined && kindOf(device) === "robot";
};

// What starts a robot is proved by the code on it: whoever orders it stands there and sees it.
function ProofLine(props: { robot: string; there: boolean; take: (code: string) => void }): JSX.Element {
  const text = props.there ? t("robot.scanned", { code: props.robot }) : t("robot.scan", { code: props.robot || t("f.robot") });
  return <><p class="big-line" data-proof={props.there ? "1" : "0"}>{text}</p>{!props.there && <TypedProof take={props.take} />}</>;
}

// Without a scanner: what stands on the robot is typed, and the reason that goes to the journal says so.
export function TypedProof(props: { take: (code: string) => void }): JSX.Element {
  const [code, setCode] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), [code === null]);
  if (code === null) return <p><Button onClick={() => setCode("")}>{t("robot.by-hand")}</Button></p>;
  const take = () => code.trim() !== "" && props.take(codeOf(code));
  return (
    <div class="row"><input class="filter" ref={field} aria-label={t("robot.by-hand")} value={code} onInput={(e) => setCode(typed(e.currentTarget.value))}
      onKeyDown={(e) => { if (e.key === "Enter") { e.preventDefault(); take(); } }} /><Button onClick={take}>{t("robot.typed")}</Button></div>
  );
}
export const saidByHand = (reason: string, byHand: boolean): string => (byHand ? `${reason} (code of the robot typed by hand)`.trim() : reason);

// A rule that a person with a reason may override, where an act has a form of its own.
export interface Over {
  on: boolean;
  reason: string;
}
export const kNotOver: Over = { on: false, reason: "" };
export function OverridePick(props: { value: Over; set: (value: Over) => void }): JSX.Element {
  const { value, set } = props;
  return (
    <>
      <FieldInput field={override} values={{ override: value.on }} waiting={false} set={(on) => set({ ...value, on: on === true })} />
      {value.on && <label class="field"><span>{t("reason")} *</span><input value={value.reason} maxLength={1000} onInput={(e) => set({ ...value, reason: typed(e.currentTarget.value) })} /></label>}
    </>
  );
}
export const overSaid = (value: Over): boolean => !value.on || value.reason.trim() !== "";
export const endedWell = (reply: Reply | null): boolean => reply?.status === "done" || reply?.status === "accepted";

export function WitnessPick(props: { value: string; set: (user: string) => void; may?: boolean }): JSX.Element {
  return (
    <fieldset class="field picks"><legend>{t("witness")}{props.may ? "" : " *"}</legend>
      {witnesses().map((user) => (
        <label class="pick"><input type="radio" name="witness" checked={props.value === user} onChange={() => props.set(user)} /><span>{user}</span></label>
      ))}
      {witnesses().length === 0 && <p class="warn">{t("witness.nobody")}</p>}
    </fieldset>
  );
}

export function SignBox(props: { paper: Obj; secret: string; set: (v: string) => void; back: () => void; sign: () => void }): JSX.Element {
  const left = num(props.paper["lines_left_out"]) ?? 0;
  return (
    <form class="form" onSubmit={(e) => { e.preventDefault(); if (props.secret) props.sign(); }}>
      <p>{t("sign.as", { user: conn.user })}</p>
      <p class="big-line">{str(props.paper["meaning"])}</p>
      <pre class="paper" tabIndex={0} aria-label={t("sign.record")}>{strs(props.paper["lines"]).join("\n")}</pre>
      {left > 0 && <p class="warn">{t("sign.left-out", { n: left })}</p>}
      <label class="field"><span>{t("sign.secret")}</span>
        <input type="password" autocomplete="off" value={props.secret} onInput={(e) => props.set(e.currentTarget.value)} /></label>
      <footer><Button onClick={props.back}>{t("back")}</Button><Button kind="main" command disabled={!props.secret} onClick={props.sign}>{t("sign.do")}</Button></footer>
    </form>
  );
}

export function ReplyBox(props: { reply: Reply }): JSX.Element {
  const { reply } = props;
  const good = reply.status === "done" || reply.status === "accepted";
  const lines = objs(reply.body["bad_lines"]);
  const zpl = str(reply.body["zpl"]);
  return (
    <div class={`reply ${good ? "good" : "bad"}`} role="status">
      <b>{word("status", reply.status)}</b> {reply.code !== "ok" && <span>{word("code", reply.code)}</span>}
      {reply.message && <p>{reply.message}</p>}
      {reply.sequence !== null && <small>{t("journal", { n: reply.sequence })}</small>}
      {lines.length > 0 && <ul class="bad-lines">{lines.slice(0, 50).map((l) => <li>{t("line", { n: num(l["line"]) ?? 0 })}: {str(l["why"])}</li>)}</ul>}
      {strs(reply.body["lines"]).length > 0 && <pre class="label-print">{strs(reply.body["lines"]).join("\n")}</pre>}
      {zpl && <p><small>ZPL {zpl.length} B</small></p>}
    </div>
  );
}

export function Preview(props: { body: Obj }): JSX.Element {
  const rows = objs(props.body["plan"] ?? props.body["placements"] ?? props.body["racks"]);
  const plain = Object.entries(props.body).filter(([k, v]) => k !== "message" && (typeof v === "string" || typeof v === "number"));
  return (
    <div>
      <p class="big-line">{str(props.body["message"])}</p>
      <dl class="facts">{plain.map(([k, v]) => <><dt>{word("key", k)}</dt><dd>{String(v)}</dd></>)}</dl>
      {rows.length > 0 && <ol class="plan-lines">{rows.slice(0, 100).map((r) => (
        <li>{Object.values(r).flatMap((v) => (Array.isArray(v) ? strs(v) : typeof v === "object" ? [] : [String(v)])).join(" · ")}</li>))}</ol>}
    </div>
  );
}
