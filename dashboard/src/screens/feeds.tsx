// Calendars at secret addresses. The secret is drawn here and shown once; the daemon gets its hash.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { mayGive } from "../acts/form";
import { clinics, courses } from "../acts/fields";
import { objs, str, type Obj } from "../state/read";
import { t, word } from "../text/i18n";
import { conn, useDraw } from "../ui/app";
import { Button, Panel, Table } from "../ui/parts";

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
const kinds = ["lab", "clinic", "patient"];

export function Feeds(): JSX.Element | null {
  useDraw();
  const [feeds, setFeeds] = useState<Obj[] | null>(null);
  const [of, setOf] = useState("lab");
  const [course, setCourse] = useState("");
  const [clinic, setClinic] = useState("");
  const [reason, setReason] = useState("");
  const [told, setTold] = useState("");
  if (!mayGive("feed/create")) return null;
  const list = async () => setFeeds(objs((await conn.send("feed/list", {}, { quiet: true })).body["feeds"]));
  const make = async () => {
    const secret = hex(crypto.getRandomValues(new Uint8Array(32)));
    const hash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))));
    const body = { feed: `${of}-${crypto.randomUUID().slice(0, 8)}`, of, ...(of === "patient" ? { course } : of === "clinic" && clinic ? { clinic } : {}), secret_sha256: hash };
    const reply = await conn.send("feed/create", body, { reason });
    setTold(reply.status === "done" ? `${location.origin}/calendar/${secret}.ics` : reply.message);
    await list();
  };
  const revoke = async (feed: string) => {
    await conn.send("feed/revoke", { feed }, { reason });
    await list();
  };
  const ready = reason.trim() !== "" && (of !== "patient" || course !== "");
  return (
    <Panel title={t("feeds.title")} actions={<Button command="feed/list" onClick={() => void list()}>{t("feeds.list")}</Button>}>
      <p>{t("feeds.what")}</p>
      <div class="row screen-only">
        <label class="field"><span>{t("feeds.of")}</span><select value={of} onChange={(e) => setOf(e.currentTarget.value)}>{kinds.map((k) => <option value={k}>{word("feed", k)}</option>)}</select></label>
        {of === "patient" && <label class="field"><span>{t("f.course")} *</span><select value={course} onChange={(e) => setCourse(e.currentTarget.value)}><option value="" />{courses(conn.state).map((c) => <option value={c.value}>{c.label}</option>)}</select></label>}
        {of === "clinic" && <label class="field"><span>{t("f.clinic")}</span><select name="clinic" value={clinic} onChange={(e) => setClinic(e.currentTarget.value)}><option value="">{t("feeds.every-clinic")}</option>{clinics(conn.state).map((c) => <option value={c.value}>{c.label}</option>)}</select></label>}
        <label class="field"><span>{t("reason")} *</span><input value={reason} maxLength={300} onInput={(e) => setReason(e.currentTarget.value)} /></label>
        <Button command disabled={!ready} onClick={() => void make()}>{t("feeds.make")}</Button>
      </div>
      {told && <p role="status"><code class="code">{told}</code></p>}
      {feeds && <Table caption={t("feeds.title")} empty={t("none")} rows={feeds} columns={[
        { title: t("feeds.name"), cell: (f) => str(f["feed"]) }, { title: t("feeds.of"), cell: (f) => `${word("feed", str(f["of"]))} ${str(f["course"])}${str(f["clinic"])}` },
        { title: "", cell: (f) => <Button command="feed/revoke" disabled={reason.trim() === ""} onClick={() => void revoke(str(f["feed"]))}>{t("feeds.revoke")}</Button> }]} />}
    </Panel>
  );
}
