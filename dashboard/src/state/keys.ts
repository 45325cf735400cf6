// What a keyboard's event says when its own character cannot be believed: an input method (IME) is on and
// swallows it, Caps Lock turns letters round, or a scanner spells a control character on the number pad. Pure.
const kUsKeys: Record<string, string> = { Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"", Comma: ",<", Period: ".>", Slash: "/?", Backquote: "`~", Space: "  " };
const kJisKeys: Record<string, string> = { Minus: "-=", Equal: "^~", IntlYen: "\\|", BracketLeft: "@`", BracketRight: "[{", Semicolon: ";+", Quote: ":*", Backslash: "]}", Comma: ",<", Period: ".>", Slash: "/?", IntlRo: "\\_", Space: "  " };
const kUsDigits = ")!@#$%^&*(";
const kJisDigits = "0!\"#$%&'()";

// The character of a physical key, "" when it has none: a scanner presses the same keys whether an input
// method listens or not.
export function keyChar(code: string, shift: boolean, caps: boolean, jis: boolean): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift !== caps ? letter : letter.toLowerCase();
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (digit) return shift ? (jis ? kJisDigits : kUsDigits)[Number(digit)]! : digit;
  const pad = /^Numpad(\d)$/.exec(code)?.[1];
  if (pad) return pad;
  return (jis ? kJisKeys : kUsKeys)[code]?.[shift ? 1 : 0] ?? "";
}

// Letters the other way round: what a scanner sent while Caps Lock was on.
export const swapCase = (text: string): string => text.replace(/[a-z]/gi, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()));

// Whether two codes are told apart only by what eyes and scanners mix up: case, O and 0, I or L and 1; as the daemon
// (base/scan_text) has it.
const alikeKey = (code: string): string => code.toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
export const lookAlike = (a: string, b: string): boolean => a !== b && alikeKey(a) === alikeKey(b);

// Keys that stand beside others and never between two of a code.
export const isModifier = (key: string): boolean => ["Shift", "AltGraph", "Alt", "Control", "Meta", "CapsLock", "NumLock", "Fn", "Dead", "Unidentified", "Hankaku", "Zenkaku", "ZenkakuHankaku", "KanjiMode", "Eisu", "HiraganaKatakana", "Hiragana", "Katakana", "Romaji", "Alphanumeric", "NonConvert", "Convert", "KanaMode"].includes(key);
// What some scanners press for a control character: function keys, and F8 for the separator of GS1.
export const isFunctionKey = (key: string): boolean => /^F\d{1,2}$/.test(key);

// The character spelled on the number pad while Alt is down ("029" is the separator of GS1), "" for a control
// character or nothing that is one.
export function padChar(digits: string): string {
  const code = Number(digits);
  return digits !== "" && code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "";
}
