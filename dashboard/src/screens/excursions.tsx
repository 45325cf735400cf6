// Excursions of one freezer: when it was warmer than a limit, how warm, for how long, whose probe saw it.
// Read from the daemon's own numbered log; the same excursion told again is one line, its newest.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { num, obj, objs, str, time, type Obj } from "../state/read";
import type { EventLine } from "../state/state";
import { moment, number, span, t } from "../text/i18n";
import { Table } from "../ui/parts";
import { replay } from "../ui/replay";

const kAsk = 1_000; // events of the inventory: weeks of a quiet site

export function excursionsOf(lines: EventLine[], device: string, place: string): Obj[] {
  const newest = new Map<string, Obj>();
  for (const line of lines) {
    if (line.type !== "excursion-recorded") continue;
    const id = str(line.data["excursion"]);
    const content = obj(objs(line.data["documents"]).find((d) => d["id"] === id)?.["content"]);
    const here = str(line.data["at_place"]) === place || str(content["probe"]).startsWith(`${device}.`);
    if (here) newest.set(id, { ...content, excursion: id });
  }
  return [...newest.values()].sort((a, b) => (time(b["from"]) ?? 0) - (time(a["from"]) ?? 0));
}

function above(of: Obj): string {
  const seconds = obj(of["above"]);
  return Object.entries(seconds).filter(([, s]) => (num(s) ?? 0) > 0).map(([limit, s]) => `${limit} °C: ${span((num(s) ?? 0) * 1_000)}`).join(" · ");
}

export function Excursions(props: { device: string; place: string }): JSX.Element {
  const [told, setTold] = useState<Obj[] | null | "failed">(null);
  useEffect(() => void replay("inventory", kAsk).then((r) => setTold(r ? excursionsOf(r.lines, props.device, props.place) : "failed")), [props.device]);
  if (told === "failed") return <p class="warn">{t("history.failed")}</p>;
  if (told === null) return <p class="empty" role="status">{t("asking")}</p>;
  return (
    <Table caption={t("freezer.excursions")} empty={t("freezer.excursions-none", { n: number(kAsk) })} rows={told} key={(e) => str(e["excursion"])} columns={[
      { title: t("freezer.excursion-from"), cell: (e) => moment(time(e["from"])) },
      { title: t("until-short"), cell: (e) => (e["open"] === true ? t("freezer.excursion-open") : moment(time(e["until"]))) },
      { title: t("freezer.excursion-peak"), right: true, cell: (e) => (num(e["peak"]) === null ? t("not-known") : `${number(num(e["peak"])!, 1)} °C`) },
      { title: t("freezer.excursion-above"), cell: above },
      { title: t("f.probe"), cell: (e) => str(e["probe"]) },
    ]} />
  );
}
