// The scanner's edge: listens to every key before any element does, so that focus never matters to a
// scan. What a hand typed is given to the focused field again, a blink later.
import { Burst, kGap, kRepeatWithin, type Outcome } from "../state/burst";

type Listener = (code: string) => void;
const listeners: Listener[] = [];
let lastCode = "";
let lastAt = Number.NEGATIVE_INFINITY;
let timer = 0;
const burst = new Burst();

// The newest listener gets every scan until it is taken off again.
export function onScan(listener: Listener): () => void {
  listeners.push(listener);
  return () => {
    const at = listeners.lastIndexOf(listener);
    if (at >= 0) listeners.splice(at, 1);
  };
}

export function tellScan(code: string, at = performance.now()): void {
  const again = code === lastCode && at - lastAt < kRepeatWithin;
  lastCode = code;
  lastAt = at;
  if (code === "" || again) return;
  document.dispatchEvent(new CustomEvent("cryobank-scanned", { detail: code }));
  listeners[listeners.length - 1]?.(code);
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

function carryOut(outcome: Outcome, event: KeyboardEvent | null): void {
  if (outcome.kind === "scan") {
    event?.preventDefault();
    event?.stopImmediatePropagation();
    tellScan(outcome.code, event?.timeStamp);
  } else if (outcome.kind === "held") {
    event?.preventDefault();
    event?.stopImmediatePropagation();
  } else if (outcome.kind === "typed") {
    giveBack(outcome.text);
    if (!outcome.end) {
      event?.preventDefault();
      event?.stopImmediatePropagation();
    }
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || event.key === "Process" || event.repeat) return;
  const printable = event.key.length === 1 && !event.metaKey;
  const control = event.ctrlKey && !event.altKey; // a scanner's own control characters come as Ctrl+letter
  if (control) {
    if (burst.held() !== "") carryOut({ kind: "held" }, event);
    return;
  }
  const end = event.key === "Enter" || event.key === "Tab";
  if (!printable && !end) {
    if (event.key !== "Shift" && event.key !== "AltGraph") carryOut(burst.silence(), null);
    return;
  }
  // Space presses a button; no code begins with one.
  if (event.key === " " && burst.held() === "" && !editable(document.activeElement)) return;
  // Single keys act only when no field has the focus, and a scan must win over them: held as well.
  carryOut(burst.key({ char: printable ? event.key : "", end, at: event.timeStamp }), event);
  clearTimeout(timer);
  timer = window.setTimeout(() => carryOut(burst.silence(), null), kGap);
}

export function startScanner(): void {
  window.addEventListener("keydown", onKey, { capture: true });
  // Scanners that paste, and phones that scan by camera into the clipboard.
  window.addEventListener("cryobank-scan", (event) => tellScan(String((event as CustomEvent).detail)));
}
