// Alarms: every P1 at the top and always in view, the rest by tank; what is silenced, by whom, until
// when; and what was, with filter and an export that says what it withheld.
import type { JSX } from "preact";
import { Component } from "preact";
import { useState } from "preact/hooks";
import { grouped, type AlarmView, type Group } from "../state/derive";
import { obj, str } from "../state/read";
import { t, word, span, moment, number, unit } from "../text/i18n";
import { alarms, app, conn, deviceHref, health, silences, useDraw, useSlices } from "../ui/app";
import { placeTitle } from "../acts/fields";
import { Age, AlarmMark, Button, Num, Panel, Table, stateOf } from "../ui/parts";
import { comingOf, Detail, holderOf, leaderOf } from "./alarm_detail";
import { AlarmHistory } from "./alarm_history";

const kGroupsAtOnce = 8; // new ones drawn in one slice
const kOpenGroup = 5; // alarms of one tank shown before "all of it"

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
  const quiet = silences();
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
        {quiet.length > 0 && <Panel title={t("alarm.silenced-all", { n: quiet.length })} class="silenced">
          <Table caption={t("silence.all")} empty="" rows={quiet} key={(s) => s.id} columns={[
            { title: t("silence.what"), cell: (s) => `${s.what} ${word("cond", s.condition)}` },
            { title: t("silence.how"), cell: (s) => word("silence", s.kind) },
            { title: t("silence.by"), cell: (s) => <b>{s.by}</b> },
            { title: t("until-short"), cell: (s) => (s.until === null ? t("alarm.as-long") : moment(s.until)) },
            { title: t("reason"), cell: (s) => s.reason },
          ]} />
          {silenced.map((a) => <Line key={a.id} alarm={a} open={a.id === props.of} />)}
        </Panel>}
        <People />
      </>}
    </div>
  );
}

// A machine's own name beside its id, where it has another one.
function titled(id: string): string {
  const title = placeTitle(conn.state, id);
  return title === id ? "" : `${title} · `;
}

function GroupBox(props: { group: Group; of: string }): JSX.Element {
  const { group } = props;
  const [all, setAll] = useState(false);
  const shown = all ? group.alarms : group.alarms.slice(0, kOpenGroup);
  return (
    <section class="group" aria-label={group.id}>
      <h2>{conn.state.devices.has(group.id) ? <a class="cell-link" href={deviceHref(group.id)}>{group.id}</a> : group.id} <small>{titled(group.id)}{t("count", { n: group.alarms.length })}</small></h2>
      {shown.map((a) => <Line key={a.id} alarm={a} open={a.id === props.of} />)}
      {shown.length < group.alarms.length && <Button kind="quiet" onClick={() => setAll(true)}>{t("alarm.all-of", { n: group.alarms.length - shown.length })}</Button>}
    </section>
  );
}

// Who was paged, who comes, who did not.
function People(): JSX.Element {
  const coming = alarms().filter((a) => comingOf(a).length > 0);
  const nobody = alarms().filter((a) => obj(a.raw["paging"])["nobody_reached"] === true);
  if (coming.length + nobody.length === 0) return <></>;
  return (
    <Panel title={t("alarm.people")}>
      {nobody.map((a) => <p class="warn"><AlarmMark alarm={a} /> {a.id}: {t("alarm.nobody")}</p>)}
      {coming.map((a) => <p>{a.id}: <b>{comingOf(a).join(", ")}</b></p>)}
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
    const leader = leaderOf(of.alarm)?.raw;
    return `${of.open} ${app.language} ${health().grade} ${str(leader?.["at"])} ${str(leader?.["state"])} ${comingOf(of.alarm).join()}`;
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
  const holder = holderOf(alarm);
  const arrives = comingOf(alarm).join(", ");
  const value = ["", "1"].includes(str(raw["unit"])) && raw["limit"] == null ? "" : figure(raw["value"]); // a yes or no is no figure
  const limit = figure(raw["limit"]);
  return (
    <article class={`alarm ${alarm.priority} ${alarm.active ? "true" : "over"}`} data-alarm={alarm.id} data-priority={alarm.priority}>
      <button type="button" class="alarm-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <AlarmMark alarm={alarm} />
        <span class="alarm-what"><b>{alarm.source}</b> {word("cond", alarm.condition)} {value && <Num>{value}{limit && ` / ${t("limit", { n: limit })}`} {unit(str(raw["unit"]))}</Num>}</span>
        <span class="alarm-state">{stateOf(alarm)}{holder && ` · ${holder}`}{arrives && ` · ${arrives}`}</span>
        <span class="alarm-age"><Age at={alarm.since} />{!alarm.acknowledged && alarm.silencedKind === "" && alarm.respondBy !== null && <small><Late alarm={alarm} /></small>}</span>
      </button>
      {open && <Detail alarm={alarm} />}
    </article>
  );
}

// In the list only how long there still is.
function Late(props: { alarm: AlarmView }): JSX.Element | null {
  useDraw();
  const now = conn.daemonNow();
  if (now === null || props.alarm.respondBy === null) return null;
  const left = props.alarm.respondBy - now;
  return left > 0 ? <>{t("alarm.left", { span: span(left) })}</> : <b class="warn">{t("alarm.late", { span: span(-left) })}</b>;
}
