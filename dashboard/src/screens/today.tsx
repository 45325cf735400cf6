// Today: thaws, re-cultures, harvests, infusions of a day of plan time. A scan finds the line, the
// next one does its step. On paper: every code and place, boxes for two people, the journal's number
// and until when the sheet is true.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ActForm } from "../acts/form";
import { actOf } from "../acts/acts";
import type { Values } from "../acts/types";
import { play } from "../edge/sound";
import { lookAlike } from "../state/keys";
import { objs, num, str, time, type Obj } from "../state/read";
import { pathText, t, word, clock, day, full, currentZone } from "../text/i18n";
import { conn, go, href, refuse, refuseScan, useDraw, useScan } from "../ui/app";
import { Button, Num } from "../ui/parts";
import { planNow } from "./course";
import { MinutePlanPanel } from "./minute_plan";

const kValidH = 12; // a printed sheet is old after so long, or as soon as anything moved
const kActs: Record<string, string> = { thaw: "thaw", reculture: "reculture", harvest: "harvest", infusion: "infuse" };

// What no robot finds, people lift and set down.
const actFor = (item: Obj): string => {
  const step = str(item["step"]);
  if (step !== "thaw" || item["by_hand"] !== true) return kActs[step] ?? "";
  return str(item["state"]) === "thawing" ? "set-down" : "lift";
};

export function TodayScreen(props: { date: string }): JSX.Element {
  useDraw();
  const dates = [...conn.state.worklists.keys()].sort();
  const now = planNow();
  const today = now === null ? "" : new Intl.DateTimeFormat("en-CA", { timeZone: currentZone() }).format(now);
  const date = props.date || (dates.includes(today) ? today : (dates.find((d) => d >= today) ?? dates[dates.length - 1] ?? today));
  const list = conn.state.worklists.get(date);
  const items = objs(list?.["items"]);
  const [marked, setMarked] = useState("");
  const [act, setAct] = useState<{ id: string; values: Values } | null>(null);
  useScan((code) => {
    const found = items.find((i) => codesOf(i).includes(code) || `${str(i["course"])}/${str(i["dose"])}` === code);
    if (!found) {
      const like = items.flatMap(codesOf).find((one) => lookAlike(one, code));
      return like ? refuseScan(like, code) : refuse(t("today.not-on-list"), code);
    }
    const key = keyOf(found);
    if (marked === key) return begin(found, code);
    play("good");
    setMarked(key);
    document.getElementById(`line-${key}`)?.scrollIntoView({ block: "center" });
  }, "screen");
  const begin = (item: Obj, code?: string) => {
    const step = str(item["step"]);
    const scanned = code ? (step === "reculture" || step === "thaw" ? { codes: [code] } : { code }) : {};
    setAct({ id: actFor(item), values: { course: str(item["course"]), dose: str(item["dose"]), ...scanned } });
  };
  const chosen = act ? actOf(act.id) : undefined;
  const head = [...conn.state.heads.values()].map((h) => num(h["last"]) ?? 0);
  const journal = num(conn.state.checkpoint?.["sequence"]) ?? Math.max(0, ...head);
  const at = conn.daemonNow();
  return (
    <div class="today">
      <h1>{t("nav.today")} <small>{date}</small></h1>
      <p class="print-only sheet-head">{str(conn.state.info?.["title"])} · {t("sheet.printed", { at: full(at), by: conn.user })} · <b>{t("journal", { n: journal })}</b> · <b>{t("sheet.valid", { at: full(at === null ? null : at + kValidH * 3_600_000) })}</b></p>
      <div class="row screen-only">
        {dates.filter((d) => d >= today).slice(0, 7).map((d) => <Button kind={d === date ? "main" : "quiet"} onClick={() => go("today", d)}>{day(Date.parse(`${d}T12:00:00Z`))}</Button>)}
        <Button onClick={() => window.print()}>{t("print")}</Button>
        <span class="empty">{t("today.scan")}</span>
      </div>
      <MinutePlanPanel date={date} today={today} />
      {items.length === 0 && <p class="big-line">{t("today.nothing")}</p>}
      <ol class="worklist">
        {items.map((item) => {
          const key = keyOf(item);
          const step = str(item["step"]);
          return (
            <li id={`line-${key}`} class={`work ${item["done"] === true ? "done" : ""} ${marked === key ? "marked" : ""} ${str(item["blocked"]) ? "blocked" : ""}`} data-step={step}>
              <span class="when"><Num>{clock(time(item["at"]))}</Num>{str(item["until"]) && <small>– {clock(time(item["until"]))}</small>}</span>
              <span class="step"><b>{word("step", step)}</b> <small>{item["done"] === true ? t("today.done") : word("dose", str(item["state"]))}</small></span>
              <span class="what"><a class="cell-link" href={href("course", str(item["course"]))}>{str(item["course"])} {str(item["dose"])}</a> <small>{str(item["patient"])}</small></span>
              <span class="where">{objs(item["aliquots"]).map((a) => <span class="code">{str(a["code"]) || str(a["aliquot"])} · {pathText(str(a["path"]) || pathOf(str(a["place"])))} {str(a["position"])}</span>)}{str(item["blocked"]) && <b class="warn">{str(item["blocked"])}</b>}</span>
              <span class="two print-only"><i /> {t("sheet.first")} <i /> {t("sheet.second")}</span>
              <span class="screen-only"><Button command={actOf(actFor(item))?.verb ?? true} disabled={item["done"] === true} onClick={() => begin(item)}>{word("act", actFor(item))}</Button></span>
            </li>
          );
        })}
      </ol>
      {chosen && act && <ActForm key={`${act.id}${String(act.values["dose"])}`} act={chosen} initial={act.values} onClose={() => setAct(null)} onDone={() => setMarked("")} />}
    </div>
  );
}

const keyOf = (item: Obj): string => `${str(item["step"])}-${str(item["course"])}-${str(item["dose"])}`.replace(/[^\w-]/g, "_");
function codesOf(item: Obj): string[] {
  return objs(item["aliquots"]).flatMap((a) => [str(a["code"]), str(a["aliquot"])]).filter(Boolean);
}
function pathOf(place: string): string {
  const lazy = conn.state.containers.get(place);
  return /"path":"([^"]*)"/.exec(lazy?.text ?? "")?.[1] ?? place;
}
