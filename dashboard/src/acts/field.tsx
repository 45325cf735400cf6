// One field of an act, with 56 px targets and no id to type: choices are picked, codes are scanned (a
// button opens a field for a code whose label is frosted over), files are dropped.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { codeOf, typed } from "../state/burst";
import { str, strs } from "../state/read";
import { conn } from "../ui/app";
import { Button } from "../ui/parts";
import { t, word, currentZone } from "../text/i18n";
import type { Choice, Field, Values } from "./types";

const kFileMax = 500_000; // bytes: what one command takes of a scanner's file
const kPicksShown = 60;
const kPicksMax = 12; // up to so many choices are shown as buttons

interface Props {
  field: Field;
  values: Values;
  waiting: boolean;
  set: (value: unknown) => void;
  aim?: () => void; // the next scan is for this field
}

export function FieldInput(props: Props): JSX.Element {
  const { field } = props;
  const name = `${t(field.label)}${field.optional || field.kind === "check" ? "" : " *"}`;
  const value = props.values[field.key];
  switch (field.kind) {
    case "choice": return <ChoiceInput {...props} name={name} />;
    case "scan": return <ScanInput {...props} name={name} />;
    case "scans": return <ScansInput {...props} name={name} />;
    case "picks": return <PicksInput {...props} name={name} />;
    case "sum": return <SumInput {...props} name={name} />;
    case "check":
      return <label class="pick wide"><input type="checkbox" checked={value === true} onChange={(e) => props.set(e.currentTarget.checked)} /><span>{name}</span></label>;
    case "number":
      return <label class="field"><span>{name} {field.unit}</span><input type="number" step="any" value={value === undefined ? "" : String(value)}
        onInput={(e) => props.set(e.currentTarget.value === "" ? undefined : Number(e.currentTarget.value))} /></label>;
    case "time":
      return <label class="field"><span>{name} ({currentZone()})</span><input type="datetime-local" onInput={(e) => props.set(fromZone(e.currentTarget.value))} /></label>;
    case "day":
      return <label class="field"><span>{name}</span><input type="date" value={str(value)} onInput={(e) => props.set(e.currentTarget.value || undefined)} /></label>;
    case "file": return <FileInput {...props} name={name} />;
    case "long":
      return <label class="field"><span>{name}</span><textarea rows={3} value={str(value)} onInput={(e) => props.set(e.currentTarget.value)} /></label>;
    case "text":
      return <label class="field"><span>{name}</span><input value={str(value)} maxLength={200} onInput={(e) => props.set(typed(e.currentTarget.value))} /></label>;
  }
}

// A local time of the site's zone, as typed, to UTC.
export function fromZone(typed: string): string | undefined {
  const guess = Date.parse(`${typed}:00Z`);
  if (Number.isNaN(guess)) return undefined;
  const shown = (ms: number) => {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: currentZone(), hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
      .formatToParts(ms).reduce<Record<string, string>>((all, p) => ({ ...all, [p.type]: p.value }), {});
    return Date.parse(`${parts["year"]}-${parts["month"]}-${parts["day"]}T${parts["hour"]}:${parts["minute"]}:00Z`);
  };
  let at = guess - (shown(guess) - guess);
  at = guess - (shown(at) - at);
  return new Date(at).toISOString();
}

function ChoiceInput(props: Props & { name: string }): JSX.Element {
  const { field } = props;
  const [told, setTold] = useState<Choice[] | null>(null);
  const [filter, setFilter] = useState("");
  useEffect(() => {
    const { ask } = field;
    if (ask) void conn.send(ask.verb, ask.body, { quiet: true }).then((reply) => setTold(reply.status === "done" ? ask.read(reply.body) : []));
  }, [field.key]);
  const all = field.ask ? (told ?? []) : (field.choices?.(conn.state, props.values) ?? []);
  if (all.length === 0 && field.optional) return <></>;
  const value = str(props.values[field.key]);
  const chosen = all.find((c) => c.value === value);
  if (chosen && all.length > kPicksMax) {
    return <div class="field"><span>{props.name}</span><div class="chosen"><b>{chosen.label}</b><Button onClick={() => props.set(undefined)}>{t("change")}</Button></div></div>;
  }
  const needle = filter.toLowerCase();
  const shown = all.filter((c) => c.label.toLowerCase().includes(needle)).slice(0, kPicksShown);
  return (
    <fieldset class={`field picks ${props.waiting ? "waiting" : ""}`} data-field={field.key}>
      <legend>{props.name}{field.place && ` · ${t("scan.or")}`}</legend>
      {all.length > kPicksMax && <input class="filter" type="search" placeholder={t("filter")} aria-label={t("filter")} value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />}
      <div class="picks-box">
        {shown.map((c) => <label class="pick"><input type="radio" name={field.key} value={c.value} checked={c.value === value} onChange={() => props.set(c.value)} /><span>{word("choice", c.label)}</span></label>)}
      </div>
      {field.free && <input aria-label={`${props.name} · ${t("f.other")}`} placeholder={t("f.other")} maxLength={64} value={chosen ? "" : value} onInput={(e) => props.set(typed(e.currentTarget.value) || undefined)} />}
      {all.length === 0 && !field.free && <p class="empty">{field.ask && told === null ? t("asking") : t("nothing-to-choose")}</p>}
      {shown.length < all.length && <p class="empty">{t("more-hidden", { n: all.length - shown.length })}</p>}
    </fieldset>
  );
}

function ScanInput(props: Props & { name: string }): JSX.Element {
  const [byHand, setByHand] = useState(false);
  const value = str(props.values[props.field.key]);
  return (
    <div class={`field ${props.waiting ? "waiting" : ""}`} data-field={props.field.key}>
      <span>{props.name}</span>
      {byHand
        ? <input value={value} aria-label={props.name} onInput={(e) => props.set(typed(e.currentTarget.value))} />
        : <div class="chosen"><b class={value ? "code" : "empty"}>{value || (props.field.aside && !props.waiting ? t("none") : t("scan.now"))}</b>
            {value ? <Button onClick={() => props.set(undefined)}>{t("change")}</Button> : <><Button onClick={() => setByHand(true)}>{t("scan.by-hand")}</Button>{props.field.aside && !props.waiting && <Button onClick={() => props.aim?.()}>{t("scan.aim")}</Button>}</>}</div>}
    </div>
  );
}

function ScansInput(props: Props & { name: string }): JSX.Element {
  const [byHand, setByHand] = useState(false);
  const codes = strs(props.values[props.field.key]);
  return (
    <div class={`field ${props.waiting ? "waiting" : ""}`} data-field={props.field.key}>
      <span>{props.name} · {t("count", { n: codes.length })}</span>
      <ul class="codes">{codes.map((code) => <li><span class="code">{code}</span><Button kind="quiet" title={t("remove")} onClick={() => props.set(codes.filter((c) => c !== code))}><span aria-hidden="true">✕</span><span class="reader">{t("remove")} {code}</span></Button></li>)}</ul>
      {byHand
        ? <textarea aria-label={props.name} rows={4} value={codes.join("\n")} onChange={(e) => props.set(e.currentTarget.value.split("\n").map(codeOf).filter(Boolean))} />
        : <div class="chosen"><b class="empty">{t("scan.now")}</b><Button onClick={() => setByHand(true)}>{t("scan.by-hand")}</Button></div>}
    </div>
  );
}

// Several of many: each is pressed, or scanned where it is a place.
function PicksInput(props: Props & { name: string }): JSX.Element {
  const [filter, setFilter] = useState("");
  const all = props.field.choices?.(conn.state, props.values) ?? [];
  const chosen = strs(props.values[props.field.key]);
  const shown = all.filter((c) => chosen.includes(c.value) || c.label.toLowerCase().includes(filter.toLowerCase())).slice(0, kPicksShown + chosen.length);
  return (
    <fieldset class={`field picks ${props.waiting ? "waiting" : ""}`} data-field={props.field.key}>
      <legend>{props.name} · {t("count", { n: chosen.length })}{props.field.place && ` · ${t("scan.or")}`}</legend>
      {all.length > kPicksMax && <input class="filter" type="search" placeholder={t("filter")} aria-label={t("filter")} value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />}
      <div class="picks-box">
        {shown.map((c) => <label class="pick"><input type="checkbox" checked={chosen.includes(c.value)} onChange={(e) => props.set(e.currentTarget.checked ? [...chosen, c.value] : chosen.filter((one) => one !== c.value))} /><span>{c.label}</span></label>)}
      </div>
      {all.length === 0 && <p class="empty">{t("nothing-to-choose")}</p>}
      {shown.length < all.length && <p class="empty">{t("more-hidden", { n: all.length - shown.length })}</p>}
    </fieldset>
  );
}

// The SHA-256 of a file that stays here. A page that was not loaded over TLS or from this computer may compute none:
// then it is written down from elsewhere.
function SumInput(props: Props & { name: string }): JSX.Element {
  const take = async (file: File | undefined) => {
    if (!file) return;
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    props.set([...sum].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  };
  return (
    <div class="field drop">
      <label class="field"><span>{props.name}</span><input value={str(props.values[props.field.key])} maxLength={64} placeholder="SHA-256" onInput={(e) => props.set(codeOf(e.currentTarget.value) || undefined)} /></label>
      {isSecureContext && <input type="file" aria-label={props.name} onChange={(e) => void take(e.currentTarget.files?.[0])} />}
    </div>
  );
}

export async function readFile(file: File, most = kFileMax): Promise<string | null> {
  if (file.size > most) return null;
  return (await file.text()).replace(/^\ufeff/, "");
}

function FileInput(props: Props & { name: string }): JSX.Element {
  const [told, setTold] = useState("");
  const take = async (file: File | undefined) => {
    if (!file) return;
    const most = props.field.most ?? kFileMax;
    const text = await readFile(file, most);
    setTold(text === null ? t("file.too-large", { max: most / 1_000 }) : t("file.taken", { name: file.name, lines: text.split("\n").filter(Boolean).length }));
    props.set(text ?? undefined);
  };
  return (
    <label class={`field drop ${props.waiting ? "waiting" : ""}`} onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => { e.preventDefault(); void take(e.dataTransfer?.files[0]); }}>
      <span>{props.name}</span>
      <input type="file" accept=".csv,.txt,text/csv,text/plain" onChange={(e) => void take(e.currentTarget.files?.[0])} />
      <small>{told || t("file.drop")}</small>
    </label>
  );
}
