// Which conditions of a machine are watched and by which signal; which cannot be, and why. Asked of the
// daemon when somebody looks.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { objs, str, type Obj } from "../state/read";
import { t, word } from "../text/i18n";
import { conn } from "../ui/app";
import { Panel, Table } from "../ui/parts";

export function Coverage(props: { device: string }): JSX.Element {
  const [told, setTold] = useState<Obj[] | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => void conn.send("alarm/coverage", { device: props.device }, { quiet: true }).then((reply) => {
    if (reply.status === "done") setTold(objs(reply.body["coverage"]));
    else setFailed(reply.message || word("code", reply.code));
  }), [props.device]);
  const blind = (told ?? []).filter((c) => c["watched"] !== true);
  return (
    <Panel title={t("coverage.title")}>
      {failed && <p class="warn">{failed}</p>}
      {told === null && !failed && <p class="empty" role="status">{t("asking")}</p>}
      {told && <>
        <p class={blind.length > 0 ? "warn" : ""} data-unwatched={blind.length}>{t("coverage.count", { n: told.length - blind.length, not: blind.length })}</p>
        <Table caption={t("coverage.title")} empty={t("no-data")} rows={[...blind, ...told.filter((c) => c["watched"] === true)]} key={(c) => str(c["condition"])} columns={[
          { title: t("alarm.one"), cell: (c) => word("cond", str(c["condition"])) },
          { title: t("coverage.watched"), cell: (c) => (c["watched"] === true ? t("yes") : <b class="warn">{t("no")}</b>) },
          { title: t("coverage.by"), cell: (c) => str(c["watched_by"]) },
          { title: t("coverage.why-not"), cell: (c) => str(c["why_not"]) },
        ]} />
      </>}
    </Panel>
  );
}
