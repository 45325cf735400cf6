// Rounds by hand: level by stick, temperature by a hand thermometer. Works with no link at all, in a
// basement; what is not sent yet says so, and says when it was measured and when it was entered.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { kindOf, titleOf } from "../state/state";
import { str, strs } from "../state/read";
import { keep, kept } from "../edge/keep";
import { t, word, moment, unit } from "../text/i18n";
import { app, conn, enterRound, href, live, storeRounds, useDraw } from "../ui/app";
import { Button, Panel } from "../ui/parts";

const kMeasures: [point: string, code: string][] = [["level", "mm"], ["temperature-top", "Cel"]];

// Freezers that were last known, for a phone that starts without a link.
function freezers(): { id: string; title: string }[] {
  const known = [...conn.state.devices.values()].filter((d) => kindOf(d) === "freezer").map((d) => ({ id: d.id, title: titleOf(d) }));
  if (known.length > 0) {
    keep("freezers", known.map((f) => f.id));
    return known.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
  }
  return strs(kept("freezers")).map((id) => ({ id, title: id }));
}

const local = (ms: number): string => {
  const d = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return d.toISOString().slice(0, 16);
};

export function RoundsScreen(): JSX.Element {
  useDraw();
  const [device, setDevice] = useState("");
  const [values, setValues] = useState<Record<string, string>>({});
  const [measured, setMeasured] = useState(local(Date.now()));
  const [comment, setComment] = useState("");
  const [told, setTold] = useState("");
  const numbers = Object.fromEntries(Object.entries(values).filter(([, v]) => v !== "" && Number.isFinite(Number(v))).map(([k, v]) => [k, Number(v)]));
  const at = new Date(measured).getTime();
  const ready = device !== "" && Object.keys(numbers).length > 0 && Number.isFinite(at);
  const enter = () => {
    const now = Date.now();
    const good = enterRound({ id: crypto.randomUUID(), device, values: numbers, measuredAt: Math.min(at, now), enteredAt: now, comment, state: "unsent", told: "" });
    setTold(good ? "" : t("rounds.full"));
    if (!good) return;
    setValues({});
    setComment("");
    setDevice("");
    setMeasured(local(now));
  };
  return (
    <div class="rounds">
      <h1>{t("nav.rounds")}</h1>
      {!live() && <p class="warn" role="status">{t("rounds.offline")}</p>}
      {!app.roundsKept && <p class="warn" role="alert">{t("rounds.not-kept")}</p>}
      {conn.user === "" && <a class="button" href={href("wall")}>{t("login.enter")}</a>}
      <Panel title={t("rounds.new")}>
        <fieldset class="field picks"><legend>{t("f.freezer")} *</legend><div class="picks-box">
          {freezers().map((f) => <label class="pick"><input type="radio" name="device" checked={device === f.id} onChange={() => setDevice(f.id)} /><span>{f.title}</span></label>)}
        </div></fieldset>
        {kMeasures.map(([point, code]) => <label class="field"><span>{word("point", point)} {unit(code)}</span>
          <input inputMode="decimal" type="text" name={point} value={values[point] ?? ""} onInput={(e) => setValues({ ...values, [point]: e.currentTarget.value.replace(",", ".").replace("−", "-") })} /></label>)}
        <label class="field"><span>{t("rounds.measured")}</span><input type="datetime-local" value={measured} onInput={(e) => setMeasured(e.currentTarget.value)} /></label>
        <label class="field"><span>{t("alarm.comment")}</span><input value={comment} maxLength={200} onInput={(e) => setComment(e.currentTarget.value)} /></label>
        {told && <p class="warn" role="alert">{told}</p>}
        <div class="row"><Button kind="main" disabled={!ready} onClick={enter}>{t("rounds.enter")}</Button></div>
      </Panel>
      <Panel title={t("rounds.entered")} actions={<Button kind="quiet" onClick={() => storeRounds(app.rounds.filter((r) => r.state === "unsent" || r.state === "sending"))}>{t("rounds.tidy")}</Button>}>
        <ul class="round-list">
          {[...app.rounds].reverse().map((r) => (
            <li class={`round ${r.state}`} data-state={r.state}>
              <b>{r.device}</b> {Object.entries(r.values).map(([k, v]) => `${word("point", k)} ${v}`).join(" · ")}
              <small>{t("rounds.when", { measured: moment(r.measuredAt), entered: moment(r.enteredAt) })}</small>
              <i>{t(`rounds.${r.state}`)} {str(r.told)}</i>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}
