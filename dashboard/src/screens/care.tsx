// What was measured of a course: values after its infusions, biomarkers, assessments. Asked of the daemon
// when the course is opened; what is entered goes by the acts of the course.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { num, obj, objs, str, time, type Obj } from "../state/read";
import { t, word, moment } from "../text/i18n";
import { conn } from "../ui/app";
import { Panel, Table } from "../ui/parts";

// `seen` rises with each act that ended, so that what it entered is shown.
export function Care(props: { course: string; seen: number }): JSX.Element {
  const [told, setTold] = useState<Obj | null>(null);
  useEffect(() => void conn.send("observation/list", { course: props.course }, { quiet: true }).then((reply) => setTold(reply.status === "done" ? reply.body : {})), [props.course, props.seen]);
  if (told === null) return <Panel title={t("group.care")}><p class="empty" role="status">{t("asking")}</p></Panel>;
  const values: Obj[] = [
    ...Object.entries(obj(told["observations"])).flatMap(([dose, items]) => objs(items).map((o) => ({ ...o, what: o["measure"], dose }) as Obj)),
    ...objs(told["markers"]).map((m) => ({ ...m, what: m["marker"] }) as Obj),
  ].sort((a, b) => (time(b["at"]) ?? 0) - (time(a["at"]) ?? 0));
  return (
    <Panel title={t("group.care")}>
      <Table caption={t("group.care")} empty={t("care.none")} rows={values} columns={[
        { title: t("time"), cell: (v) => moment(time(v["at"])) }, { title: t("f.dose"), cell: (v) => str(v["dose"]) }, { title: t("f.measure"), cell: (v) => word("choice", str(v["what"])) },
        { title: t("value"), right: true, cell: (v) => `${num(v["value"]) ?? ""} ${str(v["unit"])}` }, { title: t("f.assay"), cell: (v) => str(v["assay"]) }, { title: t("who"), cell: (v) => str(v["by"]) }]} />
      {objs(told["assessments"]).length > 0 && <Table caption={t("f.assessment")} empty="" rows={objs(told["assessments"])} columns={[
        { title: t("f.day"), cell: (a) => str(a["date"]) }, { title: t("f.assessment"), cell: (a) => word("choice", str(a["what"])) }, { title: t("f.after-dose"), cell: (a) => str(a["after_dose"]) },
        { title: t("state"), cell: (a) => (a["done"] === true ? word("choice", "done") : t("planned")) }]} />}
    </Panel>
  );
}
