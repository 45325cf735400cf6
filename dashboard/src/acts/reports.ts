// What people ask the daemon: each question with what it needs and where its rows stand in the reply.
import type { Obj } from "../state/read";
import { actOf } from "./acts";
import { number, probes } from "./fields";
import type { Field } from "./types";

const place: Field = actOf("take-open")!.fields[0]!;
const course: Field = actOf("release")!.fields[0]!;
const from: Field = { key: "from", label: "plan.from", kind: "time" };
const until: Field = { key: "until", label: "plan.to", kind: "time" };
export interface Report {
  verb: string;
  fields: Field[];
  rows: string[]; // keys of the reply that hold its rows
  fixed?: Obj;
}
export const kReports: Report[] = [
  { verb: "report/occupancy", fields: [place], rows: ["inside"], fixed: { boxes: true } },
  { verb: "report/affected", fields: [{ ...place, optional: true }, { key: "probe", label: "f.else-probe", kind: "choice", choices: probes, optional: true }], rows: ["rows"] },
  { verb: "history/affected", fields: [place, from, until], rows: ["rows"] },
  { verb: "report/expiring", fields: [{ ...from, optional: true }, { ...until }, { ...place, optional: true }], rows: ["rows"] },
  { verb: "report/risk", fields: [course], rows: ["freezers"] },
  { verb: "report/defragment", fields: [place, number("moves_max", "f.moves-max", true)], rows: ["moves"] },
  { verb: "report/overrides", fields: [], rows: [] },
  { verb: "exposure/report", fields: [{ ...place, optional: true }, { ...course, optional: true }], rows: ["exposures"] },
  { verb: "retention/report", fields: [{ ...course, optional: true }, { key: "by", label: "f.over-by", kind: "time", optional: true }], rows: ["rows"] },
  { verb: "hold/list", fields: [], rows: ["holds"] },
  { verb: "shipment/list", fields: [], rows: ["open"] },
  { verb: "disposal/list", fields: [], rows: ["open"] },
  { verb: "take/list", fields: [], rows: ["open"] },
  { verb: "take/report", fields: [actOf("take-sign")!.fields[0]!], rows: ["findings"] },
  { verb: "history/place", fields: [place, { key: "at", label: "f.at", kind: "time" }], rows: ["rows"] },
  { verb: "referral/list", fields: [], rows: ["referrals", "slots"] },
  { verb: "observation/list", fields: [{ ...course, optional: true }], rows: ["rules", "markers", "assessments"] },
  { verb: "plan/check", fields: [number("months", "f.months", true)], rows: ["gaps"] },
  { verb: "collection/calculate", fields: [number("cells", "f.cells"), number("per_microlitre", "f.per-microlitre"), number("efficiency_percent", "f.efficiency"), number("low_count", "f.low-count", true)], rows: [] },
  { verb: "evacuation/list", fields: [], rows: ["open"] },
  { verb: "bulk/export", fields: [{ ...place, optional: true }], rows: [] },
];
