// The frame of every screen: what is wrong, who I am, where I can go, what is open, and the things
// that lie above all of it: blindness and the refusal of a wrong vial.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { capsLockOn, onScan } from "../edge/scanner";
import { play } from "../edge/sound";
import { anythingWrong } from "../state/derive";
import { str } from "../state/read";
import { clock, t, span, word, type Key } from "../text/i18n";
import { AlarmsScreen } from "../screens/alarms";
import { AliquotScreen } from "../screens/aliquot";
import { BoxScreen, PlacesScreen } from "../screens/box";
import { CourseScreen, CoursesScreen } from "../screens/course";
import { EvacuationScreen } from "../screens/evacuation";
import { FindScreen, openCode } from "../screens/find";
import { FreezerScreen } from "../screens/freezer";
import { HealthScreen } from "../screens/health";
import { PlanScreen } from "../screens/plan";
import { ReportsScreen } from "../screens/reports";
import { RobotScreen, RobotsScreen } from "../screens/robot";
import { RoundsScreen } from "../screens/rounds";
import { TodayScreen } from "../screens/today";
import { WaitingScreen } from "../screens/waiting";
import { WallScreen } from "../screens/wall";
import { WorkScreen } from "../screens/work";
import { mineToConfirm } from "../state/waiting";
import { app, conn, alarms, draw, health, href, night, silences, soundFault, useDraw, wallMode } from "./app";
import { Languages, Login } from "./login";
import { AlarmMark, Button, focusMain } from "./parts";
import { Tray } from "./tray";

const kNav: [string, Key][] = [
  ["wall", "nav.wall"], ["alarms", "nav.alarms"], ["today", "nav.today"], ["work", "nav.work"], ["find", "nav.find"],
  ["waiting", "nav.waiting"], ["courses", "nav.courses"], ["plan", "nav.plan"], ["places", "nav.places"], ["robots", "nav.robots"],
  ["rounds", "nav.rounds"], ["evacuation", "nav.evacuation"], ["reports", "nav.reports"], ["health", "nav.health"],
];

function Screen(): JSX.Element {
  const [name = "wall", id = ""] = app.route;
  switch (name) {
    case "alarms": return <AlarmsScreen of={id} />;
    case "freezer": return <FreezerScreen id={id} key={id} />;
    case "courses": return <CoursesScreen />;
    case "course": return <CourseScreen id={id} key={id} />;
    case "today": return <TodayScreen date={id} />;
    case "places": return <PlacesScreen />;
    case "box": return <BoxScreen id={id} key={id} />;
    case "robots": return <RobotsScreen />;
    case "robot": return <RobotScreen id={id} key={id} />;
    case "find": return <FindScreen code={id} key={id} />;
    case "aliquot": return <AliquotScreen id={id} key={id} />;
    case "waiting": return <WaitingScreen />;
    case "plan": return <PlanScreen />;
    case "evacuation": return <EvacuationScreen />;
    case "reports": return <ReportsScreen />;
    case "health": return <HealthScreen />;
    case "rounds": return <RoundsScreen />;
    case "work": return <WorkScreen act={id} key={id} />;
    default: return <WallScreen />;
  }
}

// One answer, readable from three metres; on a wall it leads nowhere.
function Answer(): JSX.Element {
  const to = (screen: string) => (wallMode() ? undefined : href(screen));
  const all = anythingWrong(alarms());
  const h = health();
  if (h.grade !== "live") return <a class="answer unknown" href={to("health")}><b>{t("answer.unknown")}</b> <span>{t(`why.${h.why}` as Key)}</span></a>;
  if (!all.wrong) return <a class="answer calm" href={to("alarms")}><b>{t("answer.calm")}</b>{all.silenced > 0 && <span>{t("answer.silenced", { n: all.silenced })}</span>}</a>;
  const worst = all.worst!;
  const counts = (["p1", "p2", "p3"] as const).filter((p) => all.untaken[p] > 0).map((p) => `${all.untaken[p]} ${word("priority", p)}`.replace(/ /g, "\u00a0")).join(" · ");
  return (
    <a class={`answer wrong ${worst.priority} ${worst.acknowledged ? "" : "untaken"}`} href={to("alarms")}>
      <AlarmMark alarm={worst} /> {worst.keepOut && <b class="keep-out">{t("alarm.keep-out")}</b>} <b>{worst.group}</b> <span class="text">{word("cond", worst.condition)}</span>
      <span class="counts">{counts || t("answer.taken", { n: all.taken })}</span>
    </a>
  );
}

function Blind(): JSX.Element | null {
  const h = health();
  if (h.grade === "live") return null;
  return (
    <div class={`blind-bar ${h.grade}`} role="alert">
      <b>{t(h.grade === "blind" ? "blind.title" : "stale.title")}</b> {t(`why.${h.why}` as Key)}
      {h.silent > 0 && <span> · {t("blind.since", { span: span(h.silent) })}</span>}
    </div>
  );
}

// In the top layer as dialogues are, opened after them: nothing lies above it.
function Refusal(): JSX.Element | null {
  return app.refusal ? <RefusalScreen key={app.refusal.at} of={app.refusal} /> : null;
}

function RefusalScreen(props: { of: { title: string; text: string } }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const seen = () => {
    app.refusal = null;
    draw();
  };
  useLayoutEffect(() => {
    box.current?.showModal();
    document.getElementById("refusal-ok")?.focus();
    return onScan(() => play("wrong"), "refusal"); // nothing is taken in until a person has seen it
  }, []);
  return (
    <dialog class="refusal" role="alertdialog" aria-label={props.of.title} ref={box} onCancel={(event) => { event.preventDefault(); seen(); }}>
      <div class="cross" aria-hidden="true">✕</div>
      <h1>{props.of.title}</h1>
      <p>{props.of.text}</p>
      {capsLockOn() && <p>{t("scan.caps")}</p>}
      <Button id="refusal-ok" onClick={seen}>{t("refusal.seen")}</Button>
    </dialog>
  );
}

function leave(): void {
  conn.close();
  conn.user = "";
  app.entered = false;
  app.wallMode = false;
  draw();
}

const kSilencesShown = 3; // by name; the rest is counted

// What does not page as it would stands on every screen, with its owner and its end.
function Silenced(): JSX.Element | null {
  const all = silences();
  if (all.length === 0) return null;
  return (
    <p class="silences" data-silenced={all.length}><b>{t("silence.line", { n: all.length })}</b>{all.slice(0, kSilencesShown).map((s, i) => (
      <span>{i > 0 && " ·"} {s.what} {word("cond", s.condition) || word("silence", s.kind)} ({s.by}, {s.until === null ? t("alarm.as-long") : t("until", { at: clock(s.until) })})</span>))}
      {all.length > kSilencesShown && <span> · {t("silence.more", { n: all.length - kSilencesShown })}</span>}</p>
  );
}

function Top(): JSX.Element {
  return (
    <header class="top">
      <Answer />
      <Silenced />
      {soundFault() && <span class="fault" role="status">{t("sound.blocked")}</span>}
    </header>
  );
}

const kFirst = ["wall", "alarms", "today", "find"]; // on a phone; the rest is one touch away

function Nav(): JSX.Element {
  const at = app.route[0] ?? "wall";
  const [all, setAll] = useState(false);
  useEffect(() => setAll(false), [app.route]);
  const waiting = mineToConfirm(conn.state, conn.user).length;
  return (
    <nav class={`nav ${all ? "all" : ""}`} aria-label={t("nav")}>
      {kNav.map(([name, key]) => (
        <a class={`${at === name ? "on" : ""} ${kFirst.includes(name) ? "" : "later"}`} aria-current={at === name ? "page" : undefined} href={href(name)}>
          {t(key)}{name === "waiting" && waiting > 0 && <b class="count">{waiting}</b>}
          {name === "rounds" && app.rounds.some((r) => r.state !== "sent") && <b class="count">{app.rounds.filter((r) => r.state !== "sent").length}</b>}
        </a>
      ))}
      <button type="button" class="button quiet more" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("close") : t("nav.more")}{!all && waiting > 0 && <b class="count">{waiting}</b>}</button>
      <div class="tools later">
        <Button kind="quiet" onClick={() => play("test")}>{t("sound.test")}</Button>
        <Button kind="quiet" onClick={() => night(!app.night)}>{app.night ? t("night.off") : t("night.on")}</Button>
        <Languages />
        <span class="me"><b>{conn.user}</b></span>
        <Button kind="quiet" onClick={leave}>{t("leave")}</Button>
      </div>
    </nav>
  );
}

export function Root(): JSX.Element {
  useDraw();
  // A scan anywhere opens the thing, unless a dialogue takes it first.
  useEffect(() => (app.entered ? onScan((code) => wallMode() || openCode(code, leave), "page") : undefined), [app.entered]);
  // What was chosen in the navigation is where the tab key goes on; a dialogue or a field that took the focus keeps it.
  useEffect(() => {
    if (app.entered && !document.activeElement?.closest("main, dialog")) focusMain();
  }, [app.entered, app.route]);
  if (!app.entered) {
    if (app.route[0] === "rounds") return <div class="frame"><main id="main"><RoundsScreen /></main></div>;
    return <Login />;
  }
  const h = health();
  const atWall = wallMode();
  document.title = `${h.grade === "live" ? "" : "? "}${anythingWrong(alarms()).wrong ? "! " : ""}${str(conn.state.info?.["title"]) || t("title")}`;
  const silenced = silences().length > 0;
  return (
    <div class={`frame ${h.grade} ${atWall ? "wall-mode" : ""} ${silenced ? "has-silences" : ""}`}>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); focusMain(); }}>{t("skip")}</a>
      <Top />
      {!atWall && <Nav />}
      <Blind />
      <main id="main" tabIndex={-1}><Screen /></main>
      {!atWall && <Tray />}
      <Refusal />
    </div>
  );
}
