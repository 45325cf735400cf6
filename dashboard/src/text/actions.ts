// What to do about an alarm, in the language of the page. An alarm brings it (`texts`); for one that does not,
// the page is built with the catalogue of alarms.
import { actions } from "virtual:actions";
import { currentLanguage } from "./i18n";

// "" where the page has nothing of its own, and the daemon's word stands alone.
export function actionOf(condition: string, kind: string): string {
  if (currentLanguage() !== "ja") return "";
  const of = `${kind}.${condition}`;
  return actions[of] ?? actions[condition] ?? "";
}
