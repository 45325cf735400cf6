// Acts: what a person can order, as data. The same act is the same command wherever it is begun. A
// field says how its value comes in: by scan, by choice from what the page knows, by hand.
import type { State } from "../state/state";
import type { Obj } from "../state/read";
import type { Key } from "../text/i18n";

export type Values = Record<string, unknown>;
export interface Choice {
  value: string;
  label: string;
}
export type FieldKind = "scan" | "scans" | "choice" | "text" | "long" | "number" | "time" | "day" | "check" | "file" | "sum" | "picks";
export interface Field {
  key: string;
  label: Key;
  kind: FieldKind;
  optional?: boolean;
  unit?: string;
  most?: number; // bytes of a file
  choices?: (state: State, values: Values) => Choice[];
  ask?: { verb: string; body: Obj; read: (body: Obj) => Choice[] }; // choices that the daemon knows
  initial?: unknown;
  suggest?: () => string; // a name made up when the act is begun
  expect?: string; // key of the value that a scan must be equal to
  free?: boolean; // a word that is not among the choices may be written
  place?: boolean; // the scan is of a place, not of a vial
  aside?: boolean; // takes a scan only after its button was pressed: what comes unasked is for another field
}
export interface Act {
  id: string;
  verb: string;
  group: "store" | "move" | "count" | "lists" | "dispose" | "ship" | "label" | "hold" | "release" | "dose" | "place" | "quality" | "machine" | "course" | "referral" | "care" | "rules";
  fields: Field[];
  reason?: "may" | "must";
  witness?: boolean; // asked for even where the verb's rule does not say so
  // What to send so that the daemon says what would happen and does nothing: `true` adds dry_run to the body;
  // null where these values have no dry run, and the act is ordered at once.
  preview?: true | ((body: Obj) => Obj | null);
  hold?: boolean | ((values: Values) => boolean); // moves a robot, or says where it left a vial: its code scanned, then held down
  carries?: string[]; // keys that the screen gives and nobody fills in
  pieces?: boolean; // its list may be longer than one command (pieces.ts)
  body?: (values: Values, state: State) => Obj; // else the values as they are
}

// A value set, or taken away where there is none.
export function withValue(values: Values, key: string, value: unknown): Values {
  const { [key]: _before, ...rest } = values;
  return value === undefined || value === "" ? rest : { ...rest, [key]: value };
}

// What the fields hold before anybody touched them: a box that is not ticked says no, and is not left out.
export const begun = (act: Act): Values =>
  Object.fromEntries(act.fields.flatMap((f): [string, unknown][] => {
    const value = f.suggest ? f.suggest() : (f.initial ?? (f.kind === "check" && !f.optional ? false : undefined));
    return value === undefined ? [] : [[f.key, value]];
  }));

export const dryRun = (act: Act, body: Obj): Obj | null => (act.preview === true ? { ...body, dry_run: true } : (act.preview?.(body) ?? null));
