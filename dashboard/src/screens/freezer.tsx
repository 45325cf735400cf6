// One freezer (or supply, room): charts over hours to years with its limits, lid and fills; what is
// wanted of it and what it does; who may write what. Gaps are gaps.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ActForm, mayGive } from "../acts/form";
import { actOf } from "../acts/acts";
import { num, obj, str, strs, time } from "../state/read";
import { heardAt, insideOf, levelBar } from "../state/derive";
import { kindOf, limitsOf, nameOf, pointsOf, titleOf, type Device } from "../state/state";
import { machineWord, pointTitle, t, word, moment, number, span, unit } from "../text/i18n";
import { alarms, conn, href, useDraw } from "../ui/app";
import { Age, AlarmMark, Button, Dialog, Num, Panel, Table, Value, stateOf } from "../ui/parts";
import { Chart } from "../ui/plot";
import { Coverage } from "./coverage";
import { Excursions } from "./excursions";

const kSpans: [string, number][] = [["6h", 6], ["1d", 24], ["7d", 168], ["30d", 720], ["1y", 8_760], ["10y", 87_600]];

export function FreezerScreen(props: { id: string }): JSX.Element {
  useDraw();
  const device = conn.state.devices.get(props.id);
  const [hours, setHours] = useState(24);
  const [act, setAct] = useState("");
  if (!device) return <p class="empty">{t("unknown-thing", { id: props.id })}</p>;
  const mine = alarms().filter((a) => a.device === device.id || a.source === device.id);
  const numeric = pointsOf(device).filter((p) => ["Cel", "mm", "%", "mbar", "L", "kg"].includes(str(p["unit"])) && !p["write"] && !/^alarm-|^fill-st/.test(str(p["id"])));
  const chosen = actOf(act);
  const inside = insideOf(conn.state, device.id);
  return (
    <div class="freezer">
      <h1>{titleOf(device)} <small>{word("device", device.state)} · <Age at={heardAt(device)} /></small></h1>
      {device.maintenance && <p class="big-line" data-maintenance="1">{word("silence", "out-of-service")}: <b>{str(device.maintenance["by"])}</b> · {t("until", { at: moment(time(device.maintenance["until"])) })} · {str(device.maintenance["reason"])}</p>}
      {mine.map((a) => <p class={`alarm-line ${a.priority}`}><AlarmMark alarm={a} /> <a href={href("alarms", a.id)}>{word("cond", a.condition)}</a> {stateOf(a)}</p>)}
      <div class="row screen-only" role="group" aria-label={t("chart.span")}>
        {kSpans.map(([name, h]) => <Button kind={hours === h ? "main" : "quiet"} onClick={() => setHours(h)}>{word("span", name)}</Button>)}
        {kindOf(device) === "freezer" && <>
          <Button command disabled={!mayGive("device/fill")} onClick={() => setAct("fill")}>{word("act", "fill")}</Button>
          <Button command disabled={!mayGive("device/stop-fill")} onClick={() => setAct("stop-fill")}>{word("act", "stop-fill")}</Button>
        </>}
        <Maintenance device={device} />
        <a class="button" href={href("rounds")}>{t("nav.rounds")}</a>
      </div>
      {numeric.map((p) => <Chart key={`${str(p["id"])}-${hours}`} device={device.id} point={str(p["id"])} title={pointTitle(p)} unit={str(p["unit"])} hours={hours}
        limits={limitsFor(device, str(p["id"]))} marks={kindOf(device) === "freezer" ? ["lid", "fill-valve"] : []} />)}
      <div class="columns wide">
        <Panel title={t("freezer.now")}><Now device={device} /></Panel>
        <Panel title={t("freezer.learned")}><Learned device={device} inside={inside} /></Panel>
        {kindOf(device) === "freezer" && <Panel title={t("freezer.excursions")}><Excursions device={device.id} place={conn.state.tanks.get(device.id) ?? device.id} /></Panel>}
        <Panel title={t("freezer.setpoints")}><SetPoints device={device} /></Panel>
        <Panel title={t("freezer.about")}><About device={device} /></Panel>
        <Coverage key={device.id} device={device.id} />
      </div>
      {chosen && <ActForm act={chosen} initial={{ device: device.id }} onClose={() => setAct("")} />}
    </div>
  );
}

function limitsFor(device: Device, point: string): { value: number; name: string }[] {
  const limits = limitsOf(device);
  const pick = (...names: string[]) => names.flatMap((name) => {
    const value = num(limits[name]);
    return value === null ? [] : [{ value, name }];
  });
  if (point.startsWith("temperature")) return pick("temperature_warn", "temperature_critical");
  if (point === "level") return pick("level_low_critical", "level_low_warn", "fill_start", "fill_stop", "level_high_warn", "level_warn", "level_critical");
  if (point.startsWith("oxygen")) return pick("oxygen_warn", "oxygen_evacuate");
  if (point === "pressure") return pick("pressure_min");
  return [];
}

function Now(props: { device: Device }): JSX.Element {
  const rows = pointsOf(props.device).map((p) => ({ p, point: props.device.points.get(str(p["id"])) ?? null }));
  return <Table caption={t("freezer.now")} empty={t("no-data")} rows={rows} columns={[
    { title: t("freezer.point"), cell: (r) => pointTitle(r.p) },
    { title: t("value"), right: true, cell: (r) => (named(r.p, r.point?.value ?? null) ?? <Value point={r.point} />) },
    { title: t("quality"), cell: (r) => (r.point ? word("quality", r.point.quality) : t("no-data")) },
    { title: t("age"), cell: (r) => <Age at={r.point?.at ?? null} /> },
  ]} />;
}

function named(p: Record<string, unknown>, value: number | string | null): JSX.Element | null {
  const found = nameOf(p, value);
  return found ? <Num>{machineWord(found)}</Num> : null;
}

function Learned(props: { device: Device; inside: number | null }): JSX.Element {
  const model = obj(props.device.model);
  const h = (key: string) => (num(model[key]) === null ? t("not-known") : t("unit.h", { n: number(num(model[key])!) }));
  return (
    <dl class="facts">
      <dt>{t("freezer.inside")}</dt><dd>{props.inside === null ? t("not-known") : number(props.inside)} {conn.state.containers.has(props.device.id) && <a href={href("box", props.device.id)}>{t("open")}</a>}</dd>
      <dt>{t("freezer.dry")}</dt><dd>{h("dry_in_h")}</dd>
      {(["to_150", "to_130"] as const).map((to) => lasts(model, to) && <><dt>{t(`freezer.${to}`)}</dt><dd>{lasts(model, to)}</dd></>)}
      <dt>{t("freezer.evaporation")}</dt><dd>{num(model["evaporation_24h"]) === null ? t("not-known") : t("freezer.mm-day", { n: number(num(model["evaporation_24h"])!, 1), usual: num(model["evaporation_usual"]) === null ? "?" : number(num(model["evaporation_usual"])!, 1) })}</dd>
      <dt>{t("freezer.last-fill")}</dt><dd>{moment(time(model["last_fill"]))}</dd>
      <dt>{t("freezer.next-fill")}</dt><dd>{moment(time(model["next_fill"]))}</dd>
      <dt>{t("freezer.filling")}</dt><dd>{model["filling"] === true ? t("yes") : t("no")}{strs(model["fill_interlocks"]).length > 0 && ` · ${strs(model["fill_interlocks"]).join(", ")}`}</dd>
      <dt>{t("freezer.level")}</dt><dd>{levelBar(props.device).share === null ? t("no-data") : `${number((levelBar(props.device).share ?? 0) * 100)} %`}</dd>
    </dl>
  );
}

// From when at the earliest, to when most likely, it would be too warm with nothing more filled.
function lasts(model: Record<string, unknown>, to: string): string {
  const told = obj(obj(model["lasts"])[to]);
  const low = num(told["low_s"]);
  const mid = num(told["mid_s"]);
  if (low === null) return "";
  return mid === null ? span(low * 1_000) : t("freezer.lasts", { low: span(low * 1_000), mid: span(mid * 1_000) });
}

function SetPoints(props: { device: Device }): JSX.Element {
  const [ask, setAsk] = useState<Record<string, unknown> | null>(null);
  const written = pointsOf(props.device).filter((p) => p["write"]);
  return (
    <>
      <Table caption={t("freezer.setpoints")} empty={t("freezer.no-setpoints")} rows={written} columns={[
        { title: t("freezer.point"), cell: (p) => pointTitle(p) },
        { title: t("freezer.actual"), right: true, cell: (p) => <Value point={props.device.points.get(str(p["id"])) ?? null} /> },
        { title: t("freezer.wanted"), cell: (p) => {
          const target = props.device.targets.get(str(p["id"]));
          return target ? <Num>{String(target["value"])} · {str(target["by"])} · {target["confirmed"] === true ? t("freezer.confirmed") : word("target", str(target["state"]))}</Num> : t("none");
        } },
        { title: "", cell: (p) => <Button command disabled={!mayGive("device/write") || str(obj(p["write"])["class"]) === "never"} onClick={() => setAsk(p)}>{t("change")}</Button> },
      ]} />
      {ask && <WriteBox device={props.device} point={ask} close={() => setAsk(null)} />}
    </>
  );
}

function WriteBox(props: { device: Device; point: Record<string, unknown>; close: () => void }): JSX.Element {
  const rules = obj(props.point["write"]);
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const low = num(rules["minimum"]);
  const high = num(rules["maximum"]);
  const wanted = Number(value);
  const fits = value !== "" && (low === null || wanted >= low) && (high === null || wanted <= high);
  return (
    <Dialog title={`${titleOf(props.device)}: ${pointTitle(props.point)}`} onClose={props.close}>
      <label class="field"><span>{t("value")} {unit(str(props.point["unit"]))} ({low ?? "?"} – {high ?? "?"})</span><input type="number" value={value} onInput={(e) => setValue(e.currentTarget.value)} /></label>
      <label class="field"><span>{t("reason")} *</span><input value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <footer class="form"><Button kind="main" command disabled={!fits || reason.trim() === ""} onClick={() => {
        void conn.send("device/write", { device: props.device.id, point: str(props.point["id"]), value: wanted }, { reason });
        props.close();
      }}>{t("act.do")}</Button></footer>
    </Dialog>
  );
}

function Maintenance(props: { device: Device }): JSX.Element {
  const [ask, setAsk] = useState(false);
  const [reason, setReason] = useState("");
  const work = props.device.maintenance;
  const set = (hours: number | null) => {
    if (hours === null) void conn.send("alarm/maintain-end", { device: props.device.id });
    else void conn.send("alarm/maintain", { device: props.device.id, reason, for: `${hours}h` }, { reason });
    setAsk(false);
  };
  return (
    <>
      <Button command disabled={!mayGive("alarm/maintain")} onClick={() => setAsk(true)}>{work ? t("freezer.maintenance-end") : t("freezer.maintenance")}</Button>
      {ask && <Dialog title={`${t("freezer.maintenance")}: ${titleOf(props.device)}`} onClose={() => setAsk(false)}>
        <p>{t("freezer.maintenance-help")}</p>
        {work
          ? <><p class="big-line">{str(work["by"])} · {t("until", { at: moment(time(work["until"])) })} · {str(work["reason"])}</p>
              <div class="row"><Button kind="main" command="alarm/maintain-end" onClick={() => set(null)}>{t("freezer.maintenance-end")}</Button></div></>
          : <><label class="field"><span>{t("reason")} *</span><input value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>
              <div class="row">{[1, 2, 4, 8].map((h) => <Button command="alarm/maintain" disabled={reason.trim() === ""} onClick={() => set(h)}>{t("unit.h", { n: h })}</Button>)}</div></>}
      </Dialog>}
    </>
  );
}

function About(props: { device: Device }): JSX.Element {
  const d = obj(props.device.description);
  return (
    <>
      <dl class="facts">
        <dt>{t("freezer.profile")}</dt><dd>{str(d["profile_title"]) || str(d["profile"])} r{String(d["revision"] ?? "?")}</dd>
        <dt>{t("freezer.trust")}</dt><dd>{str(d["trust"])} · {str(d["source"])}</dd>
        <dt>{t("freezer.room")}</dt><dd>{str(d["room"])}</dd>
      </dl>
    </>
  );
}
