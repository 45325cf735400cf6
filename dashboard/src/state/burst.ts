// A scanner is a keyboard that types faster than a hand: keys at most kGap apart, at least kShortest
// of them, mostly ended by Enter or Tab. Pure: keys with their times go in, scans and what a hand
// typed come out. What was held back for a hand is given back within kGap.
export const kGap = 35; // ms between two keys of a scanner; hands need 60 and more
export const kShortest = 4; // characters; a shorter code is typed, not scanned
export const kLongest = 256; // characters: no label holds more
export const kRepeatWithin = 800; // ms: the same code again is the trigger held down

export interface Key {
  char: string; // one printable character, or ""
  end: boolean; // Enter or Tab
  at: number;
}

export type Outcome =
  | { kind: "held" } // swallow it; more may come
  | { kind: "pass" } // not ours
  | { kind: "scan"; code: string }
  | { kind: "typed"; text: string; end: boolean }; // give back what was held, then this end

// Control characters never belong to a code: they are the scanner's own, and are taken off here once.
const kControl = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028\u2029\ufeff]/g;
export const clean = (code: string): string => code.replace(kControl, "").trim();
// What kind of label it was, said before the code ("]C1" of Code 128, "]d2" of a GS1 Data Matrix): not part of it.
const kSymbology = /^\][A-Za-z][0-9A-Za-z](?=.)/;
// A code as the record has it: full-width letters of an input method are the plain ones.
export const codeOf = (code: string): string => clean(clean(code.normalize("NFKC")).replace(kSymbology, ""));
// While a hand types, a blank at the end is the one between two words; clean() takes it off at last.
export const typed = (text: string): string => text.replace(kControl, "").trimStart();

export class Burst {
  private text = "";
  private last = Number.NEGATIVE_INFINITY;

  held(): string {
    return this.text;
  }

  key(key: Key): Outcome {
    const close = key.at - this.last <= kGap;
    if (key.end) return this.end(close);
    if (key.char === "") return this.text === "" ? { kind: "pass" } : { kind: "held" };
    const before = close ? "" : this.take();
    this.last = key.at;
    this.text += key.char;
    if (this.text.length > kLongest) return { kind: "typed", text: before + this.take(), end: false };
    return before === "" ? { kind: "held" } : { kind: "typed", text: before, end: false };
  }

  private end(close: boolean): Outcome {
    const text = this.take();
    if (close && text.length >= kShortest) return { kind: "scan", code: codeOf(text) };
    return text === "" ? { kind: "pass" } : { kind: "typed", text, end: true };
  }

  // No key came for kGap: a scanner without a line end, or a hand.
  silence(): Outcome {
    const text = this.take();
    if (text === "") return { kind: "pass" };
    return text.length >= kShortest * 2 ? { kind: "scan", code: codeOf(text) } : { kind: "typed", text, end: false };
  }

  private take(): string {
    const text = this.text;
    this.text = "";
    return text;
  }
}
