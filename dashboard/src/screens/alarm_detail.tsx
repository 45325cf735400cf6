// One alarm, opened: its axes apart (is it true, who has it, does it page, how bad is it), who comes and
// when, how long there is, what to do, and what a person may do with it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { mayGive } from "../acts/form";
import { viewAlarm, type AlarmView } from "../state/derive";
import { num, obj, objs, str, time, type Obj } from "../state/read";
import { kindOf } from "../state/state";
import { actionOf } from "../text/actions";
import { clock, currentLanguage, t, told, word, span, moment, number } from "../text/i18n";
import { conn, deviceHref } from "../ui/app";
import { Age, At, Button, Foreign, Num, Told } from "../ui/parts";
import { Comment, Reasoned, Shelve, Take } from "./alarm_asks";

type Ask = "" | "take" | "shelve" | "comment" | "reset" | "untake";

export function Detail(props: { alarm: AlarmView }): JSX.Element {
  const { alarm } = props;
  const raw = alarm.raw;
  const [ask, setAsk] = useState<Ask>("");
  const close = () => setAsk("");
  const device = conn.state.devices.get(alarm.device);
  const said = told(raw, "action");
  // What the daemon says in this language; else what the page was built with; else the daemon's English alone.
  const own = currentLanguage() === "en" ? "" : said.language !== "en" ? said.text : actionOf(alarm.condition, device ? kindOf(device) : "");
  return (
    <div class="alarm-detail">
      <p class="daemon-text"><Foreign text={str(raw["text"])} /></p>
      {raw["keep_out"] === true && <p class="keep-out">{t("alarm.keep-out")}</p>}
      <Acts alarm={alarm} ask={setAsk} />
      <div class="columns">
        <Axes alarm={alarm} />
        <div>
          <dl class="facts">
            {str(raw["why"]) && <><dt>{t("alarm.why")}</dt><dd><Told of={raw} name="why" /></dd></>}
            {str(raw["consequence"]) && <><dt>{t("alarm.consequence")}</dt><dd><Told of={raw} name="consequence" /></dd></>}
            <dt>{t("alarm.do")}</dt><dd data-do="1">{own === "" ? <b><Foreign text={str(raw["action"])} /></b> : <><b>{own}</b><br /><small><Foreign text={str(raw["action"])} /></small></>}</dd>
          </dl>
          <Called alarm={alarm} />
        </div>
      </div>
      {[...objs(raw["comments"]), ...objs(raw["answers"])].map((c) => <p class="comment"><b>{str(c["by"])}</b> <Age at={time(c["at"])} />: {str(c["text"]) || word("answer", str(c["status"]))}</p>)}
      {ask === "take" && <Take alarm={alarm} close={close} />}
      {ask === "shelve" && <Shelve alarm={alarm} close={close} />}
      {ask === "comment" && <Comment alarm={alarm} close={close} />}
      {ask === "reset" && <Reasoned alarm={alarm} verb="alarm/reset" title={t("alarm.reset")} help={t("alarm.reset-help")} close={close} />}
      {ask === "untake" && <Reasoned alarm={alarm} verb="alarm/unacknowledge" title={t("alarm.untake")} help={t("alarm.untake-help")} close={close} />}
    </div>
  );
}

function Acts(props: { alarm: AlarmView; ask: (what: Ask) => void }): JSX.Element {
  const { alarm, ask } = props;
  const resets = alarm.raw["latch"] === "reset";
  const first = alarm.priority === "p1";
  return (
    <div class="row screen-only">
      {alarm.latched && resets
        ? <Button kind="main" command disabled={!mayGive("alarm/reset")} onClick={() => ask("reset")}>{t("alarm.reset")}</Button>
        : <Button kind="main" command disabled={alarm.acknowledged || !mayGive("alarm/acknowledge")} onClick={() => ask("take")}>{alarm.latched ? t("alarm.confirm") : t("alarm.take")}</Button>}
      {alarm.acknowledged && alarm.active && <Button command disabled={!mayGive("alarm/unacknowledge")} onClick={() => ask("untake")}>{t("alarm.untake")}</Button>}
      <Button command disabled={first || alarm.silencedKind !== "" || !mayGive("alarm/shelve")} title={first ? t("alarm.p1-never") : ""} onClick={() => ask("shelve")}>{t("alarm.shelve")}</Button>
      {alarm.silencedKind === "shelved" && <Button command disabled={!mayGive("alarm/unshelve")} onClick={() => void conn.send("alarm/unshelve", { alarm: alarm.id })}>{t("alarm.unshelve")}</Button>}
      <Button command="alarm/comment" onClick={() => ask("comment")}>{t("alarm.comment")}</Button>
      {alarm.device && <a class="button" href={deviceHref(alarm.device)}>{t("open")}</a>}
    </div>
  );
}

// What is true and what people did with it never hide each other.
function Axes(props: { alarm: AlarmView }): JSX.Element {
  const { alarm } = props;
  const raw = alarm.raw;
  const taken = obj(raw["acknowledgement"]);
  const shelf = obj(raw["suppression"] ?? raw["shelved"]);
  const latch = str(raw["latch"]);
  const loss = obj(raw["time_to_loss"]);
  const low = num(loss["low_s"]);
  const mid = num(loss["mid_s"]);
  const work = obj(raw["maintenance"]);
  return (
    <dl class="facts axes">
      <dt>{t("alarm.activity")}</dt><dd data-axis="activity"><b>{word("activity", str(raw["activity"]) || (alarm.active ? "active" : "returned"))}</b> · <Age at={alarm.since} />{time(raw["cleared_at"]) !== null && ` · ${t("alarm.cleared", { at: moment(time(raw["cleared_at"])) })}`}</dd>
      <dt>{t("alarm.severity")}</dt><dd data-axis="severity">{word("priority", alarm.priority)}{alarm.now !== alarm.priority && ` · ${t("alarm.severity-now", { p: word("priority", alarm.now) })}`}</dd>
      {latch !== "" && latch !== "none" && <><dt>{t("alarm.latch")}</dt><dd data-axis="latch">{word("latch", latch)}{alarm.latched && <> · <b>{t("alarm.latched")}</b></>}</dd></>}
      <dt>{t("alarm.who-has")}</dt><dd data-axis="acknowledgement">{alarm.acknowledged && str(taken["by"])
        ? <><b>{str(taken["by"])}</b> · {word("ack", str(taken["reason"]))} · <At at={time(taken["at"])} />{str(taken["comment"]) && ` · ${str(taken["comment"])}`}</>
        : <b>{alarm.latched ? t("alarm.latched") : t("alarm.untaken")}</b>}{time(raw["verify_at"]) !== null && <> · {t("alarm.verify")} <At at={time(raw["verify_at"])} /></>}</dd>
      <dt>{t("alarm.pages")}</dt><dd data-axis="suppression">{alarm.silencedKind === "" ? (str(work["by"]) ? `${word("silence", "out-of-service")} · ${str(work["by"])} · ${t("until", { at: moment(time(work["until"])) })}` : alarm.acknowledged ? t("alarm.pages-taken") : t("alarm.not-silenced"))
        : `${word("silence", alarm.silencedKind)} · ${alarm.silencedBy || str(shelf["by_alarm"])} · ${alarm.silencedUntil === null ? t("alarm.as-long") : t("until", { at: moment(alarm.silencedUntil) })} · ${str(shelf["reason"])}`}</dd>
      {alarm.respondBy !== null && <><dt>{t("alarm.respond")}</dt><dd data-axis="respond"><Respond alarm={alarm} /></dd></>}
      {low !== null && <><dt>{t("alarm.loss")}</dt><dd data-axis="loss"><Num>{mid === null ? span(low * 1_000) : t("freezer.lasts", { low: span(low * 1_000), mid: span(mid * 1_000) })}</Num>{loss["losing"] === true && <> · <b>{t("alarm.losing")}</b></>}</dd></>}
      <dt>{t("alarm.occurrence")}</dt><dd>{num(raw["occurrence"]) ?? ""}{raw["first_out"] === true && str(raw["cause"]) && ` · ${t("alarm.first-out")}`}{str(raw["cause"]) && ` · ${str(raw["cause"])}`}</dd>
    </dl>
  );
}

// How long there is to answer it, or by how much it is late; nothing of it once somebody has it.
export function Respond(props: { alarm: AlarmView }): JSX.Element {
  const { alarm } = props;
  const now = conn.daemonNow();
  const within = t("alarm.within", { span: span((alarm.respondBy ?? 0) - (alarm.since ?? 0)), at: moment(alarm.respondBy) });
  if (now === null || alarm.respondBy === null || alarm.acknowledged || alarm.silencedKind !== "") return <>{within}</>;
  const left = alarm.respondBy - now;
  return <>{within} · {left > 0 ? <Num>{t("alarm.left", { span: span(left) })}</Num> : <b class="warn">{t("alarm.late", { span: span(-left) })}</b>}</>;
}

// The alarm that this one rides with while somebody has it: whoever comes for that one comes for both.
export function leaderOf(alarm: AlarmView): AlarmView | null {
  const id = str(obj(alarm.raw["paging"])["with"]);
  const raw = conn.state.alarms.get(id);
  return raw ? viewAlarm(id, raw) : null;
}
// Who has it, itself or by what it rides with; empty: nobody.
export const holderOf = (alarm: AlarmView): string => {
  const by = (one: AlarmView | null) => (one?.acknowledged ? str(obj(one.raw["acknowledgement"])["by"]) : "");
  return by(alarm) || by(leaderOf(alarm));
};

type Promised = [by: string, words: string];
const promised = (alarm: AlarmView | null): Promised[] => {
  const paging = obj(alarm?.raw["paging"]);
  return [...objs(paging["said"]).map((c): Promised => [str(c["by"]), promise(c, true)]), ...objs(paging["coming"]).map((c): Promised => [str(c["by"]), promise(c, false)])];
};
// A promise whose time is past is no longer one: who reads "comes" sleeps on.
const promise = (of: Obj, past: boolean): string => {
  const due = time(of["due"]);
  if (past && due === null) return t("alarm.said-then", { at: clock(time(of["at"])) });
  if (due !== null && (past || due <= (conn.daemonNow() ?? 0))) return t("alarm.said", { at: clock(due) });
  return str(of["eta"]) ? t("alarm.coming", { at: str(of["eta"]) }) : t("alarm.comes");
};
export const comingOf = (alarm: AlarmView): string[] =>
  [...new Map([...promised(leaderOf(alarm)), ...promised(alarm)])].map(([by, words]) => `${by} ${words}`);

// Who was called over what, who comes, when the next are called.
function Called(props: { alarm: AlarmView }): JSX.Element {
  const paging = obj(props.alarm.raw["paging"]);
  if (Object.keys(paging).length === 0) return <p class="empty">{t("alarm.not-paged")}</p>;
  const leader = leaderOf(props.alarm);
  const holder = holderOf(props.alarm);
  const coming = comingOf(props.alarm);
  const next = time(paging["escalate_at"]);
  const again = time(paging["repeat_at"]);
  return (
    <dl class="facts">
      <dt>{t("alarm.people")}</dt><dd data-axis="coming">{coming.map((line) => <b>{line}<br /></b>)}{coming.length === 0 && (holder ? <b>{t("alarm.has", { by: holder })}</b> : t("alarm.nobody-comes"))}{paging["nobody_reached"] === true && <b class="warn"> {t("alarm.nobody")}</b>}</dd>
      <dt>{t("alarm.paged")}</dt><dd>{t("alarm.paged-how", { tier: num(paging["tier"]) ?? 0, n: num(paging["attempt"]) ?? 0 })}
        {objs(paging["pages"]).map((p) => <><br />{str(p["channel"])}: {word("page", str(p["state"]))} {str(p["by"])}</>)}</dd>
      {str(paging["with"]) && <><dt>{t("alarm.with")}</dt><dd data-axis="with">{leader ? <>{leader.source} {word("cond", leader.condition)}</> : str(paging["with"])}</dd></>}
      {again !== null && <><dt>{t("alarm.again")}</dt><dd><At at={again} /></dd></>}
      {next !== null && <><dt>{t("alarm.next-tier")}</dt><dd><At at={next} /></dd></>}
      {(num(paging["others"]) ?? 0) > 0 && <><dt>{t("alarm.others")}</dt><dd>{number(num(paging["others"])!)}</dd></>}
    </dl>
  );
}
