// What to do about an alarm, in the language of the page. The daemon says it in English; in Japanese it
// is in the catalogue of alarms, which the page is built with, else in actions_ja.ts.
import { actions } from "virtual:actions";
import { actionsJa } from "./actions_ja";
import { currentLanguage } from "./i18n";

// "" where the page has nothing of its own, and the daemon's word stands alone.
export function actionOf(condition: string, kind: string): string {
  if (currentLanguage() !== "ja") return "";
  const of = `${kind}.${condition}`;
  return actions[of] ?? actionsJa[of] ?? actions[condition] ?? actionsJa[condition] ?? "";
}
