// What is asked of a person before something is done with an alarm.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlarmView } from "../state/derive";
import { num } from "../state/read";
import type { Obj } from "../state/read";
import { t, word, moment } from "../text/i18n";
import { conn, draw } from "../ui/app";
import { Button, Dialog } from "../ui/parts";

const kReasons = ["going", "remote-fix", "false", "handed-over"];
const kArrive = [5, 10, 20, 30, 45, 60];
const kShelve = ["30min", "1h", "2h", "4h", "8h"];

interface AskProps {
  alarm: AlarmView;
  close: () => void;
}
// Which occurrence was looked at: another one that came meanwhile is not meant.
const occurrence = (alarm: AlarmView): Obj => (num(alarm.raw["occurrence"]) === null ? {} : { occurrence: alarm.raw["occurrence"] });

// Taking it never stops the checks: the dialogue says so. "I come, there by" tells the others.
export function Take(props: AskProps): JSX.Element {
  const [minutes, setMinutes] = useState<number | null>(null);
  const [comment, setComment] = useState("");
  const take = (reason: string) => {
    const at = conn.daemonNow() ?? 0;
    const arrives = reason === "going" && minutes !== null ? moment(at + minutes * 60_000) : "";
    const said = [arrives && t("alarm.there-by", { at: arrives }), comment].filter(Boolean).join(". ");
    void conn.send("alarm/acknowledge", { alarm: props.alarm.id, reason, ...(said ? { comment: said } : {}), ...occurrence(props.alarm) });
    props.close();
    draw();
  };
  return (
    <Dialog title={`${t("alarm.take")}: ${props.alarm.id}`} onClose={props.close}>
      <p>{t("alarm.take-help")}</p>
      <fieldset class="field picks"><legend>{t("alarm.there-in")}</legend>
        <div class="picks-box">{kArrive.map((n) => <label class="pick"><input type="radio" name="arrive" checked={minutes === n} onChange={() => setMinutes(n)} /><span>{t("unit.min", { n })}</span></label>)}</div>
      </fieldset>
      <label class="field"><span>{t("alarm.comment")}</span><input value={comment} maxLength={300} onInput={(e) => setComment(e.currentTarget.value)} /></label>
      <div class="row">{kReasons.map((reason) => <Button kind={reason === "going" ? "main" : undefined} command onClick={() => take(reason)}>{word("ack", reason)}</Button>)}</div>
    </Dialog>
  );
}

export function Shelve(props: AskProps): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <Dialog title={`${t("alarm.shelve")}: ${props.alarm.id}`} onClose={props.close}>
      <p>{t("alarm.shelve-help")}</p>
      <label class="field"><span>{t("reason")} *</span><input value={reason} maxLength={300} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <div class="row">{kShelve.map((time_) => <Button command disabled={reason.trim() === ""} onClick={() => { void conn.send("alarm/shelve", { alarm: props.alarm.id, for: time_, reason, ...occurrence(props.alarm) }, { reason }); props.close(); }}>{time_}</Button>)}</div>
    </Dialog>
  );
}

export function Comment(props: AskProps): JSX.Element {
  const [text, setText] = useState("");
  return (
    <Dialog title={`${t("alarm.comment")}: ${props.alarm.id}`} onClose={props.close}>
      <label class="field"><span>{t("alarm.comment")}</span><textarea rows={3} maxLength={400} value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
      <div class="row"><Button kind="main" command disabled={text.trim() === ""} onClick={() => { void conn.send("alarm/comment", { alarm: props.alarm.id, text }); props.close(); }}>{t("act.do")}</Button></div>
    </Dialog>
  );
}

// Acts that want nothing but a reason: ending a latch, giving an alarm back.
export function Reasoned(props: AskProps & { verb: string; title: string; help: string }): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <Dialog title={`${props.title}: ${props.alarm.id}`} onClose={props.close}>
      <p>{props.help}</p>
      <label class="field"><span>{t("reason")} *</span><input value={reason} maxLength={300} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <div class="row"><Button kind="main" command disabled={reason.trim() === ""} onClick={() => { void conn.send(props.verb, { alarm: props.alarm.id, reason, ...occurrence(props.alarm) }, { reason }); props.close(); }}>{props.title}</Button></div>
    </Dialog>
  );
}
