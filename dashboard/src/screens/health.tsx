// Health: the service itself. Its state and epoch, the age of its last scan, what its link and its
// store do, its backups and checkpoint, and this page: link, sound, clock, what it holds.
import type { JSX } from "preact";
import { heardAt } from "../state/derive";
import { num, obj, str, time } from "../state/read";
import { scanAge } from "../state/health";
import { t, word, number, full, span, currentZone, type Key } from "../text/i18n";
import { alarms, conn, health, soundFault, useDraw, app } from "../ui/app";
import { Age, Button, Panel, Table } from "../ui/parts";
import { ActForm, mayGive } from "../acts/form";
import { actOf } from "../acts/acts";
import { play } from "../edge/sound";
import { useState } from "preact/hooks";

export function HealthScreen(): JSX.Element {
  useDraw();
  const [backup, setBackup] = useState(false);
  const s = conn.state;
  const h = health();
  const info = obj(s.info);
  const own = alarms().filter((a) => a.source === "service" || /comm-lost|clock|backup|store|publish/.test(a.condition));
  const devices = [...s.devices.values()].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
  const now = conn.daemonNow();
  return (
    <div>
      <h1>{t("nav.health")}</h1>
      <p class={`big-line grade-${h.grade}`}>{t(`grade.${h.grade}` as Key)} {h.why && t(`why.${h.why}` as Key)}</p>
      <div class="columns">
        <Panel title={t("health.service")} actions={<Button command disabled={!mayGive("store/backup")} onClick={() => setBackup(true)}>{word("act", "backup")}</Button>}>
          <dl class="facts">
            <dt>{t("state")}</dt><dd>{word("service", str(s.service?.["state"])) || t("not-known")}</dd>
            <dt>{t("health.version")}</dt><dd>{str(info["version"])} · {str(info["config_revision"]).slice(0, 12)}</dd>
            <dt>{t("health.epoch")}</dt><dd>{num(s.service?.["epoch"]) ?? t("not-known")}</dd>
            <dt>{t("health.beat")}</dt><dd>{s.pulseHeard === null ? t("none") : t("ago", { span: span(performance.now() - s.pulseHeard) })} · {num(s.beat?.["seq"]) ?? ""}</dd>
            <dt>{t("health.scan")}</dt><dd>{scanAge(s) === null ? t("not-known") : `${number(scanAge(s)!)} ms`}</dd>
            <dt>{t("health.clock")}</dt><dd>{full(now)} ({currentZone()})</dd>
            <dt>{t("health.checkpoint")}</dt><dd>{num(s.checkpoint?.["sequence"]) ?? t("none")} · <Age at={time(s.checkpoint?.["at"])} /></dd>
          </dl>
        </Panel>
        <Panel title={t("health.page")} actions={<Button onClick={() => play("test")}>{t("sound.test")}</Button>}>
          <dl class="facts">
            <dt>{t("health.link")}</dt><dd>{conn.link.connected ? t("health.up") : t("health.down")} · {app.url}</dd>
            <dt>{t("health.sound")}</dt><dd>{soundFault() ? <b class="warn">{t("sound.blocked")}</b> : t("health.sound-works")}</dd>
            <dt>{t("health.holds")}</dt><dd>{t("health.counts", { devices: s.devices.size, alarms: s.alarms.size, courses: s.courses.size, places: s.containers.size })}</dd>
            <dt>{t("health.off")}</dt><dd>{now === null ? t("not-known") : span(Math.abs(Date.now() - now))}</dd>
            <dt>{t("nav.rounds")}</dt><dd>{app.roundsKept ? t("health.kept") : <b class="warn">{t("rounds.not-kept")}</b>}</dd>
          </dl>
        </Panel>
      </div>
      <Panel title={t("health.alarms")}>{own.length === 0 ? <p class="empty">{t("answer.calm")}</p> : own.map((a) => <p class={a.priority}>{word("priority", a.priority)} · {a.source} · {word("cond", a.condition)}</p>)}</Panel>
      <Table caption={t("health.devices")} empty={t("no-data")} rows={devices} key={(d) => d.id} columns={[
        { title: t("health.device"), cell: (d) => d.id }, { title: t("state"), cell: (d) => word("device", d.state) },
        { title: t("age"), cell: (d) => <Age at={heardAt(d)} /> }, { title: t("freezer.profile"), cell: (d) => str(d.description?.["profile"]) },
        { title: t("health.points"), right: true, cell: (d) => `${[...d.points.values()].filter((p) => p.quality === "good").length} / ${d.points.size}` }]} />
      <Panel title={t("health.streams")}><Table caption={t("health.streams")} empty={t("no-data")} rows={[...s.heads]} columns={[
        { title: t("health.stream"), cell: ([name]) => name }, { title: t("health.first"), right: true, cell: ([, v]) => num(v["first"]) ?? "" },
        { title: t("health.last"), right: true, cell: ([, v]) => num(v["last"]) ?? "" }]} /></Panel>
      {backup && <ActForm act={actOf("backup")!} onClose={() => setBackup(false)} />}
    </div>
  );
}
