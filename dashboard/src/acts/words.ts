// Titles of acts in the language of the page.
import { word } from "../text/i18n";
import type { Act } from "./types";

export const actTitle = (act: Act): string => word("act", act.id);
export const verbTitle = (verb: string): string => word("verb", verb);
