// A scanner is a keyboard that types faster than a hand: keys at most kGap apart, at least kShortest
// of them, mostly ended by Enter or Tab. Pure: keys with their times go in, scans and what a hand
// typed come out. What was held back for a hand is given back within kGap. A link by radio or a busy computer
// lets a scanner falter: what began at its speed may do so, and the rest of a scan whose beginning was
// let go is never taken for the code.
export const kGap = 35; // ms between two keys of a scanner; hands need 60 and more
const kSure = 3; // characters at that speed: no hand
const kFalter = 150; // ms that such a scan may pause,
const kFalters = 2; // so often,
const kFalterShare = 4; // and once for each so many characters
const kHasty = 300; // ms: so many characters of it that nobody typed so fast
const kTornWithin = 600; // ms: what was let go so shortly before belongs to this scan
export const kShortest = 4; // characters; a shorter one is a scan only where something has that name
const kShort = 2;
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
  | { kind: "scan"; code: string; lost: number; torn: boolean } // characters let go just before; `torn`: some of them too fast for a hand
  | { kind: "typed"; text: string; end: boolean; hasty: number; quick?: true }; // `quick`: short, but at a scanner's speed to its end.
  // give back what was held, then this end; `hasty`: let go within 300 ms

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
  private first = Number.NEGATIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;
  private falters = 0;
  private ends = false; // this scanner ends its codes with a key: without one it has not come to the end
  private loose: { at: number; length: number }[] = []; // what was let go lately

  held(): string {
    return this.text;
  }

  // How long the next key may take and still belong to what is held.
  patience(): number {
    if (this.falters >= kFalters || this.text.length < kSure) return kGap;
    return this.ends && this.text.length >= kShortest * 2 ? kTornWithin : kFalter;
  }

  key(key: Key): Outcome {
    const gap = key.at - this.last;
    const close = gap <= this.patience();
    if (key.end) return this.end(close, gap > kGap);
    if (key.char === "") return this.text === "" ? { kind: "pass" } : { kind: "held" };
    const before = close ? null : this.typed(false);
    if (this.text === "") this.first = key.at;
    else if (gap > kGap) this.falters += 1;
    this.last = key.at;
    this.text += key.char;
    if (this.text.length > kLongest) return this.typed(false);
    return before === null || before.text === "" ? { kind: "held" } : before;
  }

  private end(close: boolean, faltered: boolean): Outcome {
    if (faltered && this.text !== "") this.falters += 1;
    if (close && this.text.length >= kShortest && this.steady()) {
      this.ends = true;
      return this.scan();
    }
    if (this.text === "") this.loose = []; // a hand went on to the next field
    const quick = close && this.text.length >= kShort && this.falters === 0;
    return this.text === "" ? { kind: "pass" } : { ...this.typed(true), ...(quick ? { quick } : {}) };
  }

  // No key came for as long as `patience` says: a scanner without a line end, or a hand.
  silence(): Outcome {
    if (this.text === "") return { kind: "pass" };
    if (this.text.length >= kShortest * 2 && this.steady()) return this.scan();
    return this.typed(false);
  }

  private steady(): boolean {
    return this.falters * kFalterShare <= this.text.length;
  }

  private scan(): Outcome {
    const before = this.loose.filter((one) => this.first - one.at < kTornWithin);
    this.loose = [];
    return { kind: "scan", code: codeOf(this.take()), lost: before.reduce((sum, one) => sum + one.length, 0), torn: before.some((one) => one.length > 1) };
  }

  private typed(end: boolean): Outcome & { kind: "typed" } {
    const at = this.last;
    if (this.text !== "") this.loose = [...this.loose.filter((one) => at - one.at < kTornWithin), { at, length: this.text.length }];
    const hasty = this.loose.filter((one) => at - one.at < kHasty).reduce((sum, one) => sum + one.length, 0);
    return { kind: "typed", text: this.take(), end, hasty };
  }

  private take(): string {
    const text = this.text;
    this.text = "";
    this.falters = 0;
    return text;
  }
}
