// A vial whose place is UNKNOWN: two people stand at the robot and settle it, step by step. What the
// daemon concluded from the robot's last words says where to look first; the robot's own code proves that
// they stand there, the vial's code that it is this one; holding down declares it, a second person confirms.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { recoveryActs } from "../acts/acts";
import { ActForm } from "../acts/form";
import { obj, str, strs, type Obj } from "../state/read";
import { currentLanguage, t, word } from "../text/i18n";
import { conn } from "../ui/app";
import { Button, Foreign, Panel } from "../ui/parts";

export interface Doubt {
  job: string;
  robot: string;
  move: Obj;
}
const ends = (move: Obj): string => `${str(move["from"])} ${str(move["from_position"])} → ${str(move["to"])} ${str(move["to_position"])}`;

// The daemon's own steps, asked when somebody opens them; ticked off by whoever looks.
function Steps(props: { robot: string; code: string }): JSX.Element {
  const [told, setTold] = useState<Obj>({});
  useEffect(() => void conn.send("device/inspect", { device: props.robot }, { quiet: true }).then((reply) => setTold(reply.body)), [props.robot]);
  const own = [t("robot.step-stop"), t("robot.step-look"), t("robot.step-scan"), t("robot.step-witness")];
  // In the page's language where the daemon says them so; else in English, and the page's own before them.
  const language = currentLanguage();
  const inTongue = language === "en" ? strs(told["steps"]) : strs(obj(obj(told["texts"])[language])["steps"]);
  const said = inTongue.length > 0 ? inTongue.map((s) => <span>{s}</span>) : strs(told["steps"]).map((s) => <Foreign text={s} />);
  const steps = said.length === 0 || inTongue.length === 0 ? [...own.map((s) => <span>{s}</span>), ...said] : said;
  return (
    <div>
      <p class="big-line"><span class="code">{props.code}</span></p>
      <ol class="steps" data-steps={steps.length}>{steps.map((step) => <li><label class="pick wide"><input type="checkbox" />{step}</label></li>)}</ol>
    </div>
  );
}

export function Doubts(props: { of: Doubt[] }): JSX.Element {
  const [open, setOpen] = useState<{ of: Doubt; act: string } | null>(null);
  const act = recoveryActs.find((a) => a.id === open?.act);
  return (
    <Panel title={t("robot.doubts")} class="p1">
      {props.of.map((d) => <div class="doubt">
        <p class="big-line">{str(d.move["code"])} · {ends(d.move)}</p>
        <p>{str(d.move["outcome"])} <i class="known inferred" data-known="inferred">{t("known.inferred")}</i></p>
        <div class="row">
          <Button kind="main" command="job/resolve" onClick={() => setOpen({ of: d, act: "resolve" })}>{t("robot.found")}</Button>
          <Button kind="danger" command="job/resolve" onClick={() => setOpen({ of: d, act: "lost" })}>{word("act", "lost")}</Button>
        </div>
      </div>)}
      {open && act && <ActForm act={act} initial={{ job: open.of.job, aliquot: str(open.of.move["aliquot"]), robot: open.of.robot, wanted: str(open.of.move["code"]), near: [str(open.of.move["to"]), str(open.of.move["from"])] }}
        lead={<Steps robot={open.of.robot} code={`${str(open.of.move["code"])} · ${ends(open.of.move)}`} />} onClose={() => setOpen(null)} />}
    </Panel>
  );
}
