// Small parts that every screen is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { clock, currentLanguage, full, number, sentence, span, t, told, unit, word } from "../text/i18n";
import { isStale } from "../state/health";
import type { AlarmView, Priority } from "../state/derive";
import type { Obj } from "../state/read";
import type { Point } from "../state/state";
import { conn, health, live, mayGive, useDraw } from "./app";

type Children = { children?: ComponentChildren };

// Severity is shape, colour and word, and none of them changes by acknowledging: a mark is added.
const kShapes: Record<Priority, string> = {
  p1: "M8 1h8l7 7v8l-7 7H8l-7-7V8z",
  p2: "M12 1 23 22H1z",
  p3: "M2 2h20v20H2z",
};
export function Sign(props: { priority: Priority; size?: number }): JSX.Element {
  const y = props.priority === "p2" ? 20 : 17;
  return (
    <svg class={`sign ${props.priority}`} viewBox="0 0 24 24" width={props.size ?? 28} height={props.size ?? 28} role="img" aria-label={word("priority", props.priority)}>
      <path d={kShapes[props.priority]} />
      <text x="12" y={y} text-anchor="middle">{props.priority.slice(1)}</text>
    </svg>
  );
}

export function AlarmMark(props: { alarm: AlarmView }): JSX.Element {
  const a = props.alarm;
  return (
    <span class={`mark ${a.acknowledged || a.silencedKind ? "" : "untaken"}`}>
      <Sign priority={a.priority} />
      <b>{word("priority", a.priority)}</b>
      {a.acknowledged && <span class="tick" aria-hidden="true">✓</span>}
    </span>
  );
}

export function stateOf(a: AlarmView): string {
  if (a.silencedKind) return t("alarm.silenced");
  if (a.unknown) return t("alarm.unknown");
  if (a.latched) return t("alarm.latched");
  if (a.active) return a.acknowledged ? t("alarm.taken") : t("alarm.untaken");
  return t("alarm.returned");
}

// A number with its unit. Stale: struck by a hatch, and says so in words to a reader.
export function Value(props: { point: Point | null; digits?: number; big?: boolean }): JSX.Element {
  const { point } = props;
  const now = performance.now();
  if (!point || point.value === null) {
    return <span class="value none" data-stale="1">{point ? word("quality", point.quality) : t("no-data")}</span>;
  }
  const stale = isStale(point, health().grade, now);
  const shown = typeof point.value === "number" ? number(point.value, props.digits ?? (Number.isInteger(point.value) ? 0 : 1)) : point.value;
  return (
    <span class={`value ${props.big ? "big" : ""} ${stale ? "stale" : ""}`} data-stale={stale ? "1" : "0"}>
      {shown}<small> {unit(point.unit)}</small>
      {stale && <i class="old">{t("old")}</i>}
    </span>
  );
}

// What the daemon says in English only: in another language the page says which one it is.
export function Foreign(props: { text: string; language?: string }): JSX.Element | null {
  const language = props.language ?? "en";
  if (props.text === "") return null;
  if (language === currentLanguage()) return <span>{props.text}</span>;
  return <span lang={language} class="foreign">{props.text} <i>{t("in-english")}</i></span>;
}
// A text of the daemon in the page's language if it came so, else in English, and then it says so.
export function Told(props: { of: Obj; name: string }): JSX.Element | null {
  const { text, language } = told(props.of, props.name);
  return <Foreign text={text} language={language} />;
}

// A cause by its code in the page's language, else as the daemon says it.
export function Why(props: { kind: string; of: Obj; text: string }): JSX.Element {
  const words = sentence(props.kind, props.of);
  return words === "" ? <Foreign text={props.text} /> : <>{words}</>;
}

export function Num(props: Children): JSX.Element {
  const stale = !live();
  return <span class={`value ${stale ? "stale" : ""}`} data-stale={stale ? "1" : "0"}>{props.children}{stale && <i class="old">{t("old")}</i>}</span>;
}

export function Age(props: { at: number | null }): JSX.Element {
  useDraw();
  const now = conn.daemonNow();
  if (props.at === null || now === null) return <span>{t("none")}</span>;
  return <time title={full(props.at)} dateTime={new Date(props.at).toISOString()}>{t("ago", { span: span(now - props.at) })}</time>;
}
export const At = (props: { at: number | null }): JSX.Element => <time title={full(props.at)}>{clock(props.at)}</time>;

interface ButtonProps extends Children {
  onClick: () => void;
  command?: boolean | string; // gives a command, by its verb: never works while the page is not live, nor for roles that may not give it
  kind?: "main" | "danger" | "quiet";
  disabled?: boolean;
  title?: string;
  id?: string;
}
export function Button(props: ButtonProps): JSX.Element {
  const notMine = typeof props.command === "string" && !mayGive(props.command);
  const off = props.disabled === true || notMine || (props.command !== undefined && props.command !== false && !live());
  return (
    <button type="button" id={props.id} class={`button ${props.kind ?? ""}`} disabled={off} data-command={props.command ? "1" : undefined}
      title={props.command && !live() ? t("blind.no-command") : notMine ? t("act.not-mine") : props.title} onClick={props.onClick}>
      {props.children}
    </button>
  );
}

const kHoldMs = 1_200; // longer than a touch by chance, shorter than impatience

// Acts only when it was held down for its whole time, by finger, mouse, Space or Enter.
export function Hold(props: Children & { onHeld: () => void; disabled?: boolean }): JSX.Element {
  const [since, setSince] = useState(0);
  const timer = useRef(0);
  const off = props.disabled === true || !live();
  const begin = () => {
    if (off || since !== 0) return;
    setSince(performance.now());
    timer.current = window.setTimeout(() => {
      setSince(0);
      if (live()) props.onHeld();
    }, kHoldMs);
  };
  const end = () => {
    clearTimeout(timer.current);
    setSince(0);
  };
  useEffect(() => end, []);
  const key = (event: KeyboardEvent) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    begin();
  };
  return (
    <button type="button" class={`button danger hold ${since ? "holding" : ""}`} disabled={off} data-command="1"
      onPointerDown={begin} onPointerUp={end} onPointerLeave={end} onPointerCancel={end} onKeyDown={key} onKeyUp={end} onBlur={end}
      onContextMenu={(event) => event.preventDefault()}>
      {props.children} <small>{t("hold-down")}</small>
    </button>
  );
}

export function Panel(props: Children & { title: string; class?: string; actions?: ComponentChildren }): JSX.Element {
  return (
    <section class={`panel ${props.class ?? ""}`} aria-label={props.title}>
      <header><h2>{props.title}</h2>{props.actions}</header>
      {props.children}
    </section>
  );
}

// Where the tab key goes on when what had the focus is gone: at the screen, not before all of the navigation.
export const focusMain = (): void => document.getElementById("main")?.focus({ preventScroll: true });

// A dialogue in the browser's top layer: above everything, whatever it was opened from. The rest of the
// page takes no touch and no focus until it is closed; Escape closes, the focus goes back afterwards.
export function Dialog(props: Children & { title: string; onClose: () => void; wide?: boolean }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    // Never on a button, nor on a field where scans are waited for: the keys of a scan that came in pieces would
    // land there, and its Enter press or send it.
    const scans = box.current?.querySelector(".chosen") != null;
    const first = box.current?.querySelector<HTMLElement>(scans ? "[autofocus]" : "[autofocus], input:not([type=radio], [type=checkbox], [type=file]), select, textarea");
    (first ?? box.current)?.focus();
    return () => (before instanceof HTMLElement && before.isConnected ? before.focus() : focusMain());
  }, []);
  return (
    <dialog class={`dialog ${props.wide ? "wide" : ""}`} aria-label={props.title} ref={box} tabIndex={-1}
      onCancel={(event) => { event.preventDefault(); props.onClose(); }}>
      <header><h2>{props.title}</h2><Button kind="quiet" onClick={props.onClose} title={t("close")}><span aria-hidden="true">✕</span><span class="reader">{t("close")}</span></Button></header>
      {props.children}
    </dialog>
  );
}

export interface Column<T> {
  title: string;
  cell: (row: T) => ComponentChildren;
  right?: boolean;
}
// One box in a cell, so that on a phone it stands beside its title; nothing for nothing.
const filled = (what: ComponentChildren): ComponentChildren => (what === "" || what == null || what === false ? null : <div>{what}</div>);
export function Table<T>(props: { rows: T[]; columns: Column<T>[]; empty: string; caption: string; key?: (row: T) => string; open?: (row: T) => void }): JSX.Element {
  if (props.rows.length === 0) return <p class="empty">{props.empty}</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={props.caption}>
      <table role="table">
        <caption class="reader">{props.caption}</caption>
        <thead role="rowgroup"><tr role="row">{props.columns.map((c) => <th role="columnheader" scope="col" class={c.right ? "right" : ""}>{c.title}</th>)}</tr></thead>
        <tbody role="rowgroup">
          {props.rows.map((row) => <tr role="row" key={props.key?.(row)}>{props.columns.map((c) => <td role="cell" class={c.right ? "right" : ""} data-title={c.title}>{filled(c.cell(row))}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

// Text as a file on this computer.
export function download(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// RFC 4180.
export function csv(rows: (string | number | null)[][]): string {
  const cell = (v: string | number | null) => {
    const text = v === null ? "" : String(v);
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
