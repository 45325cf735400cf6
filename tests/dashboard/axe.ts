// axe-core in the page: what it calls serious or critical, by rule and place.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "playwright-core";

const source = readFileSync(resolve(__dirname, "../../dashboard/node_modules/axe-core/axe.min.js"), "utf8");

// Of the whole page, or of the newest thing there that the selector finds.
export default async function axe(page: Page, part = ""): Promise<string[]> {
  // The content security policy lets no foreign script in; the debugger's evaluate is not bound by it.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  return page.evaluate(async (part) => {
    const run = (window as unknown as { axe: { run: (context: Document | Element, options: object) => Promise<{ violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[] }> } }).axe.run;
    const { violations } = await run(part ? [...document.querySelectorAll(part)].at(-1)! : document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return violations.filter((v) => v.impact === "serious" || v.impact === "critical").flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary.slice(0, 160)}`));
  }, part);
}
