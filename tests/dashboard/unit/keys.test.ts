import { expect, test } from "vitest";
import { codeOf } from "../../../dashboard/src/state/burst";
import { isFunctionKey, isModifier, keyChar, lookAlike, padChar, swapCase } from "../../../dashboard/src/state/keys";

test("the kind of label that a scanner says first is not part of the code", () => {
  expect(["]C1VIAL-0001", "]d2VIAL-0001\r", "\u001d]Q3VIAL-0001", "]A0VIAL-0001"].map(codeOf)).toEqual(Array(4).fill("VIAL-0001"));
  expect(["]C1", "A]C1B", "]-1X"].map(codeOf)).toEqual(["]C1", "A]C1B", "]-1X"]);
});
test("full-width letters of an input method are the plain ones, and separators are none", () => {
  expect(codeOf("ＶＩＡＬ－０００１　")).toBe("VIAL-0001");
  expect(codeOf("01049123\u001d10ABC")).toBe("0104912310ABC");
});
test("a physical key is the character that it types, by shift, Caps Lock and layout", () => {
  expect(["KeyV", "Digit7", "Minus", "Numpad4", "F8", "Enter"].map((code) => keyChar(code, false, false, false))).toEqual(["v", "7", "-", "4", "", ""]);
  expect([keyChar("KeyV", true, false, false), keyChar("KeyV", true, true, false), keyChar("KeyV", false, true, false)]).toEqual(["V", "v", "V"]);
  expect([keyChar("Minus", true, false, false), keyChar("IntlRo", true, false, true)]).toEqual(["_", "_"]);
  expect([keyChar("Semicolon", true, false, false), keyChar("Quote", false, false, true)]).toEqual([":", ":"]);
  expect([keyChar("Digit9", true, false, false), keyChar("Digit8", true, false, true)]).toEqual(["(", "("]);
});
test("letters turned round, the number pad's characters, and keys that are none", () => {
  expect(swapCase("vial-0001-Ab")).toBe("VIAL-0001-aB");
  expect([padChar("029"), padChar("45"), padChar("065"), padChar("999")]).toEqual(["", "-", "A", ""]);
  expect([isModifier("Control"), isModifier("CapsLock"), isModifier("a"), isFunctionKey("F8"), isFunctionKey("F")]).toEqual([true, true, false, true, false]);
});
test("codes that differ by case, O and 0, or I, L and 1 only look alike", () => {
  expect(["vial-0001", "VIAL-OOO1", "V1A1-000I", "VIAL-0002", "VIAL-00011", "VIAL-0001"].map((came) => lookAlike("VIAL-0001", came))).toEqual([true, true, true, false, false, false]);
});
