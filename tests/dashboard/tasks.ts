// How long the page held its main thread: each task's own processor time, read from Chromium's trace.
// A task's time by the clock says as much of what else the machine does; its processor time does not.
import type { Page } from "playwright-core";
import { openBrowser } from "./stage";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number; // us by the clock
  tdur?: number; // us of the processor
  args?: { name?: string };
}

export interface Tasks {
  longest: number; // ms of processor time
  over: number[]; // those over 50 ms, as browsers call a long task
}

export async function traced(page: Page, act: () => Promise<void>): Promise<Tasks> {
  const browser = await openBrowser();
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await act();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const main = new Set(trace.traceEvents.filter((e) => e.ph === "M" && e.name === "thread_name" && e.args?.name === "CrRendererMain").map((e) => `${e.pid}/${e.tid}`));
  const times = trace.traceEvents.filter((e) => e.ph === "X" && e.name === "RunTask" && main.has(`${e.pid}/${e.tid}`)).map((e) => {
    if (e.tdur === undefined) throw new Error("this Chromium's trace tells no processor time of a task (tdur)");
    return e.tdur / 1_000;
  });
  if (times.length === 0) throw new Error("the trace holds no task of the page");
  return { longest: Math.max(...times), over: times.filter((ms) => ms > 50).map(Math.round).sort((a, b) => b - a) };
}
