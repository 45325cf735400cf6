// The scanner's edge: listens to every key before any element does, so that focus never matters to a
// scan. What a hand typed is given to the focused field again, a blink later. With an input method (IME) on,
// a field swallows what a scanner types and makes kana of it: then the physical keys are read beside it, and
// the field gets back what stood in it before.
import { Burst, codeOf, kRepeatWithin, kShortest, type Outcome } from "../state/burst";
import { isFunctionKey, isModifier, keyChar, padChar, swapCase } from "../state/keys";

type Listener = (code: string) => void;
const listeners: { listener: Listener; level: number }[] = [];
const kNoHand = 6; // characters within 300 ms
const kTailMs = 120; // after a scan: a second line end, or a line feed as Ctrl+J, is the scanner's too
let lastCode = "";
let lastAt = Number.NEGATIVE_INFINITY;
let tornAt = Number.NEGATIVE_INFINITY;
let scannedAt = Number.NEGATIVE_INFINITY;
let timer = 0;
let caps = false; // Caps Lock during this burst
let pad: string | null = null; // digits on the number pad while Alt is down
let jis = false; // the keyboard's layout is Japanese, where the browser tells it
const burst = new Burst();

// Whether the page holds a thing of that name; set by who knows the state.
let isKnown: (code: string) => boolean = () => false;
export const knowCodes = (known: (code: string) => boolean): void => void (isKnown = known);
// What is done with a scan whose beginning was lost on the way; set by who can tell a person.
let tellTorn: (rest: string) => void = () => undefined;
export const whenTorn = (tell: (rest: string) => void): void => void (tellTorn = tell);
export const capsLockOn = (): boolean => caps;

// What lies on top gets every scan until it is taken off again: of what lies on one level, the newest.
export type ScanLevel = "page" | "screen" | "dialog" | "refusal";
const kLevels: ScanLevel[] = ["page", "screen", "dialog", "refusal"];
export function onScan(listener: Listener, level: ScanLevel): () => void {
  const one = { listener, level: kLevels.indexOf(level) };
  listeners.push(one);
  listeners.sort((a, b) => a.level - b.level);
  return () => {
    const at = listeners.indexOf(one);
    if (at >= 0) listeners.splice(at, 1);
  };
}

// With Caps Lock on, letters come the other way round: never guessed, but looked up.
const righted = (code: string): string => (caps && !isKnown(code) && isKnown(swapCase(code)) ? swapCase(code) : code);

export function tellScan(read: string, at = performance.now()): void {
  const code = righted(read);
  const again = code === lastCode && at - lastAt < kRepeatWithin;
  lastCode = code;
  lastAt = at;
  scannedAt = at;
  if (code === "" || again) return;
  document.dispatchEvent(new CustomEvent("cryobank-scanned", { detail: code }));
  listeners[listeners.length - 1]?.listener(code);
}

function tearScan(rest: string, at = performance.now()): void {
  const again = at - tornAt < kRepeatWithin; // more of the same
  tornAt = at;
  if (again) return;
  lastCode = ""; // the same label again is meant
  scannedAt = at;
  tellTorn(rest);
}

function editable(element: Element | null): element is HTMLInputElement | HTMLTextAreaElement {
  if (element instanceof HTMLTextAreaElement) return true;
  return element instanceof HTMLInputElement && !["checkbox", "radio", "button", "file"].includes(element.type);
}

function giveBack(text: string): void {
  const field = document.activeElement;
  if (!editable(field) || text === "") return;
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? field.value.length;
  if (field.selectionStart === null) field.value += text;
  else field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
}

// The field in which an input method makes something of a scanner's keys, as it was before the first.
let composing: { field: HTMLInputElement | HTMLTextAreaElement; value: string } | null = null;
function takeBack(): void {
  const before = composing;
  composing = null;
  if (!before) return;
  const restore = () => {
    before.field.value = before.value;
    before.field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  before.field.addEventListener("compositionend", restore, { once: true });
  before.field.blur(); // ends the composition
  restore();
  window.setTimeout(() => {
    before.field.removeEventListener("compositionend", restore);
    if (document.activeElement === document.body) before.field.focus();
  }, kTailMs);
}

function swallow(event: KeyboardEvent | null): void {
  event?.preventDefault();
  event?.stopImmediatePropagation();
}

function carryOut(outcome: Outcome, event: KeyboardEvent | null): void {
  const composed = composing !== null;
  if (outcome.kind === "scan") {
    swallow(event);
    takeBack();
    // Single keys before it in a field may be a hand's; anything else was the scanner's.
    if (outcome.torn || (outcome.lost > 0 && !editable(document.activeElement))) tearScan(outcome.code, event?.timeStamp);
    else tellScan(outcome.code, event?.timeStamp);
  } else if (composed) {
    if (outcome.kind !== "held") composing = null; // a hand: what the input method makes of it is its own
  } else if (outcome.kind === "held") {
    swallow(event);
  } else if (outcome.kind === "typed" && outcome.quick && isKnown(codeOf(outcome.text))) {
    swallow(event);
    tellScan(codeOf(outcome.text), event?.timeStamp);
  } else if (outcome.kind === "typed") {
    // Typed where nothing takes it, or sent off with Enter, faster than by hand: a scan that came too slowly, which
    // is not lost unsaid, and whose Enter sends nothing.
    const torn = outcome.end ? outcome.hasty >= kNoHand : outcome.hasty >= kShortest && !editable(document.activeElement);
    if (torn) tearScan(outcome.text);
    giveBack(outcome.text);
    if (!outcome.end || torn) swallow(event);
  }
}

function feed(event: KeyboardEvent, char: string, end: boolean): void {
  if (burst.held() === "") caps = event.getModifierState("CapsLock");
  carryOut(burst.key({ char, end, at: event.timeStamp }), event);
  clearTimeout(timer);
  timer = window.setTimeout(() => carryOut(burst.silence(), null), burst.patience());
}

// Keys that an input method swallowed. Some browsers say so of every key of a field.
function onComposed(event: KeyboardEvent): void {
  const end = /^(Numpad)?Enter$|^Tab$/.test(event.code);
  const char = end ? "" : keyChar(event.code, event.shiftKey, event.getModifierState("CapsLock"), jis);
  if (!end && char === "") return;
  const field = document.activeElement;
  if (burst.held() === "" && !end && editable(field)) composing = { field, value: field.value };
  feed(event, char, end);
}

function onPad(event: KeyboardEvent): boolean {
  const digit = /^Numpad(\d)$/.exec(event.code)?.[1];
  if (!event.altKey || event.ctrlKey || digit === undefined) return false;
  pad = (pad ?? "") + digit;
  swallow(event);
  return true;
}

function onKey(event: KeyboardEvent): void {
  if (event.repeat) return;
  if (event.isComposing || event.key === "Process" || event.keyCode === 229) return onComposed(event);
  if (onPad(event) || isModifier(event.key)) return;
  const tail = event.timeStamp - scannedAt < kTailMs;
  const end = event.key === "Enter" || event.key === "Tab";
  const control = (event.ctrlKey && !event.altKey) || isFunctionKey(event.key); // a scanner's own control characters
  if (control) {
    if (burst.held() !== "" || (tail && !event.metaKey)) swallow(event);
    return;
  }
  if (end && tail && burst.held() === "") return swallow(event);
  const printable = event.key.length === 1 && !event.metaKey;
  if (!printable && !end) return carryOut(burst.silence(), null);
  // Space presses a button; no code begins with one.
  if (event.key === " " && burst.held() === "" && !editable(document.activeElement)) return;
  // Single keys act only when no field has the focus, and a scan must win over them: held as well.
  feed(event, printable ? event.key : "", end);
}

function onKeyUp(event: KeyboardEvent): void {
  if (event.key !== "Alt" || pad === null) return;
  const char = padChar(pad);
  pad = null;
  if (char !== "") feed(event, char, false);
}

// Where the browser tells how the keyboard is laid out, symbols of a composed scan are right on a Japanese one.
interface Layout { get: (code: string) => string | undefined }
function learnLayout(): void {
  const keyboard = (navigator as { keyboard?: { getLayoutMap?: () => Promise<Layout> } }).keyboard;
  void keyboard?.getLayoutMap?.().then((map) => void (jis = map.get("BracketLeft") === "@"), () => undefined);
}

export function startScanner(): void {
  learnLayout();
  window.addEventListener("keydown", onKey, { capture: true });
  window.addEventListener("keyup", onKeyUp, { capture: true });
  // Scanners that paste, and phones that scan by camera into the clipboard.
  window.addEventListener("cryobank-scan", (event) => tellScan(codeOf(String((event as CustomEvent).detail))));
}
