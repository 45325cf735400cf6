// Alarms: every P1 at the top and always in view, the rest by tank; what is silenced, by whom, until
// when; and what was, with filter and an export that says what it withheld.
import type { JSX } from "preact";
import { Component } from "preact";
import { useState } from "preact/hooks";
import { grouped, type AlarmView, type Group } from "../state/derive";
import { num, obj, objs, str, time } from "../state/read";
import { t, word, span, moment, number } from "../text/i18n";
import { alarms, app, conn, draw, health, href, useDraw, useSlices } from "../ui/app";
import { Age, AlarmMark, At, Button, Dialog, Panel, stateOf } from "../ui/parts";
import { AlarmHistory } from "./alarm_history";

const kGroupsAtOnce = 8; // new ones drawn in one slice
const kOpenGroup = 5; // alarms of one tank shown before "all of it"
const kReasons = ["going", "remote-fix", "false", "handed-over"];
const kArrive = [5, 10, 20, 30, 45, 60];
const kShelve = ["30min", "1h", "2h", "4h", "8h"];

export function AlarmsScreen(props: { of: string }): JSX.Element {
  useDraw();
  const [what, setWhat] = useState<"now" | "was">("now");
  const [words, setWords] = useState("");
  const needle = words.toLowerCase();
  const all = alarms().filter((a) => needle === "" || `${a.id} ${word("cond", a.condition)} ${str(a.raw["text"])}`.toLowerCase().includes(needle));
  const loud = all.filter((a) => a.silencedKind === "");
  const first = loud.filter((a) => a.priority === "p1");
  const rest = grouped(loud.filter((a) => a.priority !== "p1"));
  const silenced = all.filter((a) => a.silencedKind !== "");
  const shown = useSlices(rest.length, kGroupsAtOnce);
  return (
    <div class="alarms">
      <h1>{t("nav.alarms")}</h1>
      <div class="row screen-only">
        <Button kind={what === "now" ? "main" : "quiet"} onClick={() => setWhat("now")}>{t("alarm.now")}</Button>
        <Button kind={what === "was" ? "main" : "quiet"} onClick={() => setWhat("was")}>{t("alarm.was")}</Button>
        <input class="filter" type="search" placeholder={t("filter")} aria-label={t("filter")} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
        <Button kind="quiet" onClick={() => window.print()}>{t("print")}</Button>
      </div>
      {what === "was" ? <AlarmHistory /> : <>
        {first.length > 0 && <section class="firsts" aria-label={t("alarm.p1s")}>{first.map((a) => <Line key={a.id} alarm={a} open={a.id === props.of} />)}</section>}
        {rest.slice(0, shown).map((g) => <GroupBox key={g.id} group={g} of={props.of} />)}
        {loud.length === 0 && <p class="big-line calm">{t("answer.calm")}</p>}
        {silenced.length > 0 && <Panel title={t("alarm.silenced-all", { n: silenced.length })} class="silenced">{silenced.map((a) => <Line key={a.id} alarm={a} open={a.id === props.of} />)}</Panel>}
        <People />
      </>}
    </div>
  );
}

function GroupBox(props: { group: Group; of: string }): JSX.Element {
  const { group } = props;
  const [all, setAll] = useState(false);
  const shown = all ? group.alarms : group.alarms.slice(0, kOpenGroup);
  return (
    <section class="group" aria-label={group.id}>
      <h2>{conn.state.devices.has(group.id) ? <a href={href("freezer", group.id)}>{group.id}</a> : group.id} <small>{t("count", { n: group.alarms.length })}</small></h2>
      {shown.map((a) => <Line key={a.id} alarm={a} open={a.id === props.of} />)}
      {shown.length < group.alarms.length && <Button kind="quiet" onClick={() => setAll(true)}>{t("alarm.all-of", { n: group.alarms.length - shown.length })}</Button>}
    </section>
  );
}

// Who was paged, who comes, who did not.
function People(): JSX.Element {
  const coming = alarms().flatMap((a) => objs(obj(a.raw["paging"])["coming"]).map((c) => ({ a, c })));
  const nobody = alarms().filter((a) => obj(a.raw["paging"])["nobody_reached"] === true);
  if (coming.length + nobody.length === 0) return <></>;
  return (
    <Panel title={t("alarm.people")}>
      {nobody.map((a) => <p class="warn"><AlarmMark alarm={a} /> {a.id}: {t("alarm.nobody")}</p>)}
      {coming.map(({ a, c }) => <p>{a.id}: <b>{str(c["by"])}</b> {t("alarm.coming", { at: moment(time(c["arrives"])) })}</p>)}
    </Panel>
  );
}

const figure = (v: unknown): string => (typeof v === "number" ? number(v, Number.isInteger(v) ? 0 : 1) : "");

interface LineProps {
  alarm: AlarmView;
  open: boolean;
}
// Drawn again only when something of its alarm changed; its age goes on by itself.
class Line extends Component<LineProps> {
  private drawn = "";
  private raw: unknown = null;
  private stamp(of: LineProps): string {
    return `${of.open} ${app.language} ${health().grade}`;
  }
  override shouldComponentUpdate(next: LineProps): boolean {
    return next.alarm.raw !== this.raw || this.stamp(next) !== this.drawn;
  }
  override render(): JSX.Element {
    this.raw = this.props.alarm.raw;
    this.drawn = this.stamp(this.props);
    return <OneAlarm {...this.props} />;
  }
}

function OneAlarm(props: LineProps): JSX.Element {
  const { alarm } = props;
  const [open, setOpen] = useState(props.open);
  const raw = alarm.raw;
  const taken = obj(raw["acknowledgement"]);
  const arrives = objs(obj(raw["paging"])["coming"]).map((c) => `${str(c["by"])} ${moment(time(c["arrives"]))}`).join(", ");
  const value = figure(raw["value"]);
  const limit = figure(raw["limit"]);
  return (
    <article class={`alarm ${alarm.priority} ${alarm.active ? "true" : "over"}`} data-alarm={alarm.id} data-priority={alarm.priority}>
      <button type="button" class="alarm-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <AlarmMark alarm={alarm} />
        <span class="alarm-what"><b>{alarm.source}</b> {word("cond", alarm.condition)} {value && <span>{value}{limit && ` / ${t("limit", { n: limit })}`} {str(raw["unit"])}</span>}</span>
        <span class="alarm-state">{stateOf(alarm)}{str(taken["by"]) && ` · ${str(taken["by"])}`}{arrives && ` · ${arrives}`}</span>
        <span class="alarm-age"><Age at={alarm.since} /></span>
      </button>
      {alarm.silencedKind && <p class="owner">{word("silence", alarm.silencedKind)}: <b>{alarm.silencedBy || str(obj(raw["suppression"])["by_cause"])}</b> · {t("until", { at: moment(alarm.silencedUntil) })} · {str(obj(raw["suppression"] ?? raw["shelved"])["reason"])}</p>}
      {open && <Detail alarm={alarm} />}
    </article>
  );
}

function Detail(props: { alarm: AlarmView }): JSX.Element {
  const { alarm } = props;
  const raw = alarm.raw;
  const [ask, setAsk] = useState<"" | "take" | "shelve" | "comment">("");
  const loss = obj(raw["time_to_loss"]);
  const again = num(raw["occurrence"]) ?? 0;
  return (
    <div class="alarm-detail">
      <p class="daemon-text">{str(raw["text"])}</p>
      {raw["keep_out"] === true && <p class="keep-out">{t("alarm.keep-out")}</p>}
      <dl class="facts">
        {str(raw["why"]) && <><dt>{t("alarm.why")}</dt><dd>{str(raw["why"])}</dd></>}
        {str(raw["consequence"]) && <><dt>{t("alarm.consequence")}</dt><dd>{str(raw["consequence"])}</dd></>}
        <dt>{t("alarm.do")}</dt><dd><b>{str(raw["action"])}</b></dd>
        {num(loss["low_s"]) !== null && <><dt>{t("alarm.loss")}</dt><dd>{span((num(loss["low_s"]) ?? 0) * 1_000)}{str(loss["leave_by"]) && ` · ${t("alarm.leave-by", { at: moment(time(loss["leave_by"])) })}`}</dd></>}
        <dt>{t("alarm.since")}</dt><dd>{moment(alarm.since)}</dd>
        <dt>{t("alarm.occurrence")}</dt><dd>{again}</dd>
        {time(raw["verify_at"]) !== null && <><dt>{t("alarm.verify")}</dt><dd><At at={time(raw["verify_at"])} /></dd></>}
        {num(obj(raw["paging"])["tier"]) !== null && <><dt>{t("alarm.paged")}</dt><dd>{t("alarm.paged-how", { tier: num(obj(raw["paging"])["tier"]) ?? 0, n: num(obj(raw["paging"])["attempt"]) ?? 0 })}</dd></>}
      </dl>
      {[...objs(raw["comments"]), ...objs(raw["answers"])].map((c) => <p class="comment"><b>{str(c["by"])}</b> <Age at={time(c["at"])} />: {str(c["text"]) || word("answer", str(c["status"]))}</p>)}
      <div class="row screen-only">
        <Button kind="main" command disabled={alarm.acknowledged} onClick={() => setAsk("take")}>{t("alarm.take")}</Button>
        <Button command disabled={alarm.priority === "p1" || alarm.silencedKind !== ""} title={alarm.priority === "p1" ? t("alarm.p1-never") : ""} onClick={() => setAsk("shelve")}>{t("alarm.shelve")}</Button>
        {alarm.silencedKind === "shelved" && <Button command onClick={() => void conn.send("alarm/unshelve", { alarm: alarm.id })}>{t("alarm.unshelve")}</Button>}
        <Button command onClick={() => setAsk("comment")}>{t("alarm.comment")}</Button>
        {alarm.device && <a class="button" href={href("freezer", alarm.device)}>{t("open")}</a>}
      </div>
      {ask === "take" && <Take alarm={alarm} close={() => setAsk("")} />}
      {ask === "shelve" && <Shelve alarm={alarm} close={() => setAsk("")} />}
      {ask === "comment" && <Comment alarm={alarm} close={() => setAsk("")} />}
    </div>
  );
}

interface AskProps {
  alarm: AlarmView;
  close: () => void;
}

// Taking it never stops the checks: the dialogue says so. "I come, there by" tells the others.
function Take(props: AskProps): JSX.Element {
  const [minutes, setMinutes] = useState<number | null>(null);
  const [comment, setComment] = useState("");
  const take = (reason: string) => {
    const at = conn.daemonNow() ?? 0;
    const arrives = reason === "going" && minutes !== null ? moment(at + minutes * 60_000) : "";
    const said = [arrives && t("alarm.there-by", { at: arrives }), comment].filter(Boolean).join(". ");
    const body = { alarm: props.alarm.id, reason, ...(said ? { comment: said } : {}), ...(num(props.alarm.raw["occurrence"]) !== null ? { occurrence: props.alarm.raw["occurrence"] } : {}) };
    void conn.send("alarm/acknowledge", body);
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

function Shelve(props: AskProps): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <Dialog title={`${t("alarm.shelve")}: ${props.alarm.id}`} onClose={props.close}>
      <p>{t("alarm.shelve-help")}</p>
      <label class="field"><span>{t("reason")} *</span><input value={reason} maxLength={300} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <div class="row">{kShelve.map((time_) => <Button command disabled={reason.trim() === ""} onClick={() => { void conn.send("alarm/shelve", { alarm: props.alarm.id, for: time_, reason }, { reason }); props.close(); }}>{time_}</Button>)}</div>
    </Dialog>
  );
}

function Comment(props: AskProps): JSX.Element {
  const [text, setText] = useState("");
  return (
    <Dialog title={`${t("alarm.comment")}: ${props.alarm.id}`} onClose={props.close}>
      <label class="field"><span>{t("alarm.comment")}</span><textarea rows={3} maxLength={400} value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
      <div class="row"><Button kind="main" command disabled={text.trim() === ""} onClick={() => { void conn.send("alarm/comment", { alarm: props.alarm.id, text }); props.close(); }}>{t("act.do")}</Button></div>
    </Dialog>
  );
}
