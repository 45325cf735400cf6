// Robots: phase, wanted against actual, interlocks, what is held, and finding a vial whose place is
// UNKNOWN. Every state says how it is known: sensed by the robot, inferred from what it did, or
// declared by a person. Nothing moves without press-and-hold and a scan.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Doubts } from "./recovery";
import { play } from "../edge/sound";
import { heardAt } from "../state/derive";
import { num, objs, str, strs, type Obj } from "../state/read";
import { kindOf, nameOf, pointsOf, titleOf, type Device } from "../state/state";
import { machineWord, pointTitle, t, word } from "../text/i18n";
import { conn, href, refuseScan, useDraw, useScan } from "../ui/app";
import { Age, Button, Dialog, Hold, Num, Panel, Table, Value } from "../ui/parts";
import { mayGive, saidByHand, TypedProof } from "../acts/form";

const kOpen = ["created", "queued", "running", "paused", "unknown", "waiting"];
type Known = "sensed" | "inferred" | "declared";
type AtRobot = (code: string, reason: string) => void;

export function Knowledge(props: { how: Known }): JSX.Element {
  return <i class={`known ${props.how}`} data-known={props.how}>{t(`known.${props.how}`)}</i>;
}

export function RobotsScreen(): JSX.Element {
  useDraw();
  const robots = [...conn.state.devices.values()].filter((d) => kindOf(d) === "robot");
  if (robots.length === 0) return <div><h1>{t("nav.robots")}</h1><p class="big-line">{t("robot.none")}</p></div>;
  if (robots.length === 1) return <RobotScreen id={robots[0]!.id} />;
  return <div><h1>{t("nav.robots")}</h1><div class="children">{robots.map((r) => <a class="button" href={href("robot", r.id)}>{titleOf(r)} <small>{word("device", r.state)}</small></a>)}</div></div>;
}

export function RobotScreen(props: { id: string }): JSX.Element {
  useDraw();
  const [scanFor, setScanFor] = useState<{ title: string; expect: string; act: AtRobot } | null>(null);
  const robot = conn.state.devices.get(props.id);
  if (!robot) return <p class="empty">{t("unknown-thing", { id: props.id })}</p>;
  const jobs = [...conn.state.jobs].map(([id, job]) => ({ id, job })).filter((j) => str(j.job["robot"]) === props.id);
  const open = jobs.filter((j) => kOpen.includes(str(j.job["state"])));
  const doubts = jobs.flatMap((j) => objs(j.job["moves"]).filter((m) => str(m["state"]) === "unknown").map((move) => ({ job: j.id, robot: props.id, move })));
  const gripper = pointsOf(robot).find((p) => p["id"] === "gripper") ?? { id: "gripper" };
  return (
    <div class="robot">
      <h1>{titleOf(robot)} <small>{word("device", robot.state)} · <Age at={heardAt(robot)} /></small></h1>
      {doubts.length > 0 && <Doubts of={doubts} />}
      <div class="row screen-only">
        <Button command disabled={!mayGive("robot/pause")} onClick={() => void conn.send("robot/pause", { robot: props.id }, { reason: "paused on the page" })}>{t("robot.pause")}</Button>
        <Button command disabled={!mayGive("robot/resume")} onClick={() => setScanFor({ title: t("robot.resume"), expect: props.id, act: (code, reason) => void conn.send("robot/resume", { robot: props.id, code }, { reason }) })}>{t("robot.resume")}</Button>
      </div>
      <div class="columns">
        <Panel title={t("robot.wanted")}>
          {open.length === 0 && <p class="empty">{t("robot.no-job")}</p>}
          {open.map((j) => <Job id={j.id} job={j.job} atRobot={(title, act) => setScanFor({ title, expect: props.id, act })} />)}
        </Panel>
        <Panel title={t("robot.actual")}>
          <dl class="facts">
            <dt>{t("robot.gripper")}</dt><dd>{pointWord(robot, gripper)} <Knowledge how="sensed" /></dd>
            {pointsOf(robot).filter((p) => ["state", "step", "result", "mode", "error", "interlocks", "completed", "highest-epoch"].includes(str(p["id"]))).map((p) => (
              <><dt>{pointTitle(p)}</dt><dd>{pointWord(robot, p)} <Knowledge how="sensed" /></dd></>))}
          </dl>
        </Panel>
      </div>
      <Panel title={t("robot.done")}>
        <Table caption={t("robot.done")} empty={t("robot.no-job")} rows={jobs.filter((j) => !kOpen.includes(str(j.job["state"]))).sort((a, b) => (num(b.job["ended"]) ?? 0) - (num(a.job["ended"]) ?? 0)).slice(0, 20)} key={(j) => j.id} columns={[
          { title: t("robot.job"), cell: (j) => j.id }, { title: t("robot.kind"), cell: (j) => word("job-kind", str(j.job["kind"])) },
          { title: t("state"), cell: (j) => word("job", str(j.job["state"])) },
          { title: t("robot.moves"), right: true, cell: (j) => `${num(j.job["moves_done"]) ?? 0} / ${objs(j.job["moves"]).length}` },
          { title: t("f.course"), cell: (j) => str(j.job["course"]) }]} />
      </Panel>
      {scanFor && <ScanAndHold {...scanFor} close={() => setScanFor(null)} />}
    </div>
  );
}

function pointWord(robot: Device, p: Obj): JSX.Element {
  const point = robot.points.get(str(p["id"])) ?? null;
  const name = point ? nameOf(p, point.value) : "";
  return name ? <Num>{machineWord(name)}</Num> : <Value point={point} />;
}

// A move that is done was read by the robot at its place, unless a person said where the vial was:
// then it carries what they found.
function knowledgeOf(move: Obj): Known {
  if (str(move["state"]) !== "done") return "inferred";
  return str(move["outcome"]) === "" ? "sensed" : "declared";
}

function Job(props: { id: string; job: Obj; atRobot: (title: string, act: AtRobot) => void }): JSX.Element {
  const { id, job } = props;
  const state = str(job["state"]);
  const moves = objs(job["moves"]);
  return (
    <div class={`job ${state}`}>
      <p><b>{id}</b> {word("job-kind", str(job["kind"]))} · {word("job", state)} · {num(job["moves_done"]) ?? 0} / {moves.length}</p>
      <ol class="moves">{moves.slice(0, 30).map((m) => <li class={str(m["state"])}><span class="code">{str(m["code"])}</span> {str(m["from"])} {str(m["from_position"])} → {str(m["to"])} {str(m["to_position"])} · {word("move", str(m["state"]))} <Knowledge how={knowledgeOf(m)} /></li>)}</ol>
      {strs(job["interlocks"]).length > 0 && <p class="warn">{strs(job["interlocks"]).join(", ")}</p>}
      <div class="row screen-only">
        {(state === "created" || state === "waiting") && <Button command disabled={!mayGive("job/approve")} onClick={() => props.atRobot(t("robot.approve"), (code, reason) => void conn.send("job/approve", { job: id, at_robot: code }, { reason }))}>{t("robot.approve")}</Button>}
        {(state === "queued" || state === "running") && <Button command="job/pause" onClick={() => void conn.send("job/pause", { job: id })}>{t("robot.pause")}</Button>}
        {state === "paused" && <Button command disabled={!mayGive("job/resume")} onClick={() => props.atRobot(t("robot.resume"), (code, reason) => void conn.send("job/resume", { job: id, at_robot: code }, { reason }))}>{t("robot.resume")}</Button>}
        <Button command="job/cancel" onClick={() => void conn.send("job/cancel", { job: id })}>{t("robot.cancel")}</Button>
      </div>
    </div>
  );
}

// Proof that somebody stands at the machine: the code on it, scanned; then held down.
function ScanAndHold(props: { title: string; expect: string; act: AtRobot; close: () => void }): JSX.Element {
  const [code, setCode] = useState("");
  const [hand, setHand] = useState(false);
  const take = (scanned: string, byHand = false) => {
    if (scanned !== props.expect) return refuseScan(props.expect, scanned);
    setCode(scanned);
    setHand(byHand);
    play("good");
  };
  useScan((scanned) => take(scanned), "dialog");
  return (
    <Dialog title={props.title} onClose={props.close}>
      <p class="big-line">{code ? t("robot.scanned", { code }) : t("robot.scan", { code: props.expect })}</p>
      {code === "" && <TypedProof take={(typed) => take(typed, true)} />}
      <div class="row"><Hold disabled={code === ""} onHeld={() => { props.act(code, hand ? saidByHand("", hand) : `scanned ${code} at the robot`); props.close(); }}>{props.title}</Hold></div>
    </Dialog>
  );
}
