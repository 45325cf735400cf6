// What alarms there were: asked of the daemon's own numbered log, filtered, exported. The export says
// how many lines the filter and the log withheld, in its first line.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { str } from "../state/read";
import { t, moment, word } from "../text/i18n";
import { conn } from "../ui/app";
import { Button, csv, download, Table } from "../ui/parts";
import { replay, type Replay } from "../ui/replay";

const kAsk = 2_000; // events: a week of a busy site

export function AlarmHistory(): JSX.Element {
  const [told, setTold] = useState<Replay | null | "failed">(null);
  const [words, setWords] = useState("");
  const [priority, setPriority] = useState("");
  useEffect(() => void replay("alarm", kAsk).then((r) => setTold(r ?? "failed")), []);
  if (told === "failed") return <p class="warn">{t("history.failed")}</p>;
  if (told === null) return <p class="empty" role="status">{t("asking")}</p>;
  const needle = words.toLowerCase();
  const shown = told.lines.filter((l) => (priority === "" || str(l.data["priority"]) === priority) &&
    (needle === "" || `${str(l.data["alarm"])} ${l.type} ${l.user} ${l.reason}`.toLowerCase().includes(needle)));
  const withheld = told.lines.length - shown.length + told.withheld;
  const save = () => download("alarms.csv", "text/csv", csv([
    [t("history.withheld", { n: withheld, filter: told.lines.length - shown.length, log: told.withheld })],
    ["seq", "time", "event", "alarm", "priority", "user", "reason", "journal"],
    ...shown.map((l) => [l.seq, l.at === null ? "" : new Date(l.at).toISOString(), l.type, str(l.data["alarm"]), str(l.data["priority"]), l.user, l.reason, l.journal]),
  ]));
  return (
    <div>
      <div class="row screen-only">
        <input class="filter" type="search" placeholder={t("filter")} aria-label={t("history.filter")} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
        <select aria-label={t("priority")} value={priority} onChange={(e) => setPriority(e.currentTarget.value)}>
          <option value="">{t("history.every")}</option>
          {["p1", "p2", "p3"].map((p) => <option value={p}>{word("priority", p)}</option>)}
        </select>
        <Button onClick={save}>{t("export")}</Button>
      </div>
      <p class="withheld" data-withheld={withheld}>{t("history.withheld", { n: withheld, filter: told.lines.length - shown.length, log: told.withheld })}</p>
      <Table caption={t("alarm.was")} empty={t("history.none")} rows={[...shown].reverse().slice(0, 400)} key={(l) => String(l.seq)} columns={[
        { title: t("time"), cell: (l) => moment(l.at) },
        { title: t("event"), cell: (l) => word("event", l.type) },
        { title: t("alarm.one"), cell: (l) => str(l.data["alarm"]) },
        { title: t("priority"), cell: (l) => word("priority", str(l.data["priority"])) },
        { title: t("who"), cell: (l) => l.user },
        { title: t("reason"), cell: (l) => l.reason || str(l.data["reason"]) },
        { title: t("journal-short"), right: true, cell: (l) => l.journal ?? "" },
      ]} />
      {conn.state.heads.size === 0 && <p class="empty">{t("no-data")}</p>}
    </div>
  );
}
