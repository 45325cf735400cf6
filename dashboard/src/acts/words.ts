// Titles of acts and of verbs in the language of the page. A verb that is an act has the act's title.
import { word } from "../text/i18n";
import { acts } from "./acts";
import type { Act } from "./types";

export const actTitle = (act: Act): string => word("act", act.id);
export function verbTitle(verb: string): string {
  const named = word("verb", verb);
  const act = named === verb ? acts.find((one) => one.verb === verb) : undefined;
  return act ? actTitle(act) : named;
}
