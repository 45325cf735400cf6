// Find: any code or id opens the thing with its whole path. Scanned anywhere, on any screen.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { placeLabel } from "../acts/fields";
import { codeOf, typed } from "../state/burst";
import { str, strs, type Obj } from "../state/read";
import { open, staffOf } from "../state/state";
import { pathText, t, word } from "../text/i18n";
import { conn, deviceHref, draw, go, href, refuseUnknown, useDraw } from "../ui/app";
import { Button, Table } from "../ui/parts";

export interface Hit {
  kind: string;
  id: string;
  path: string;
  link: string;
  more: string;
}

const kHits = 200;

// What the page itself holds that has the words in it; a vial's row has its whole path.
export function search(words: string): Hit[] {
  const { state } = conn;
  const needle = words.toLowerCase();
  const hits: Hit[] = [];
  const has = (text: string) => text.toLowerCase().includes(needle);
  for (const one of state.devices.values()) {
    if (has(one.id) || has(str(one.description?.["title"]))) hits.push({ kind: "device", id: one.id, path: str(one.description?.["room"]), link: deviceHref(one.id), more: str(one.description?.["title"]) });
  }
  for (const [id, lazy] of state.containers) {
    if (!has(id) && !has(/"title":"([^"]*)"/.exec(lazy.text)?.[1] ?? "")) continue;
    hits.push({ kind: "place", id, path: placeLabel(state, id), link: href("box", id), more: str(open(lazy)?.["title"]) });
    if (hits.length > kHits) return hits;
  }
  for (const [id, lazy] of state.courses) {
    if (!has(lazy.text) && !has(id)) continue;
    const course = open(lazy);
    if (has(id) || has(str(course?.["patient"])) || has(str(course?.["lot"]))) hits.push({ kind: "course", id, path: str(course?.["patient"]), link: href("course", id), more: str(course?.["lot"]) });
    for (const dose of (course?.["doses"] as Obj[] | undefined) ?? []) {
      for (const a of (dose["aliquots"] as Obj[] | undefined) ?? []) {
        if (has(str(a["code"])) || has(str(a["aliquot"]))) hits.push({ kind: "aliquot", id: str(a["code"]), path: `${placeLabel(state, str(a["place"]))} ${str(a["position"])}`, link: href("aliquot", str(a["aliquot"])), more: `${id} ${str(dose["dose"])} ${word("aliquot", str(a["state"]))}` });
        if (hits.length > kHits) return hits;
      }
    }
  }
  for (const id of state.alarms.keys()) if (has(id)) hits.push({ kind: "alarm", id, path: "", link: href("alarms", id), more: "" });
  for (const id of state.jobs.keys()) if (has(id)) hits.push({ kind: "job", id, path: str(state.jobs.get(id)?.["robot"]), link: href("robot", str(state.jobs.get(id)?.["robot"])), more: "" });
  return hits.slice(0, kHits);
}

// A code scanned where nothing else waits for it.
export function openCode(code: string, leave: () => void): void {
  const { state } = conn;
  const badge = code.replace(/^badge:/i, "");
  if (/^badge:/i.test(code) || (staffOf(state).some((p) => p.user === code) && code !== conn.user)) {
    leave();
    window.setTimeout(() => {
      const field = document.getElementById("user") as HTMLInputElement | null;
      if (!field) return;
      field.value = badge;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      document.getElementById("password")?.focus();
    }, 50);
    return;
  }
  if (state.containers.has(code)) return go("box", code);
  if (state.devices.has(code)) return go(state.devices.get(code)?.description?.["kind"] === "robot" ? "robot" : "freezer", code);
  if (state.courses.has(code)) return go("course", code);
  const [course = "", dose = ""] = code.split("/");
  if (dose && state.courses.has(course)) return go("course", course);
  if (conn.health().grade !== "live") return go("find", code);
  void conn.send("aliquot/find", { code }, { quiet: true }).then((reply) => {
    if (reply.status === "done" && str(reply.body["aliquot"])) go("aliquot", str(reply.body["aliquot"]));
    else {
      refuseUnknown(code, reply);
      go("find", code);
      draw();
    }
  });
}

export function FindScreen(props: { code: string }): JSX.Element {
  useDraw();
  const [words, setWords] = useState(props.code);
  const [told, setTold] = useState<Obj | null>(null);
  useEffect(() => {
    setTold(null);
    if (words.length < 3 || conn.health().grade !== "live") return undefined;
    const timer = window.setTimeout(() => {
      void conn.send("aliquot/find", { code: codeOf(words) }, { quiet: true }).then((reply) => setTold(reply.status === "done" ? reply.body : null));
    }, 250);
    return () => clearTimeout(timer);
  }, [words]);
  const hits = words.length < 2 ? [] : search(codeOf(words));
  if (told && !hits.some((h) => h.link === href("aliquot", str(told["aliquot"])))) {
    hits.unshift({ kind: "aliquot", id: str(told["code"]), path: `${str(told["path"])} ${str(told["position"])}`, link: href("aliquot", str(told["aliquot"])), more: `${str(told["course"])} ${str(told["dose"])} ${word("aliquot", str(told["state"]))} ${strs(told["holds"]).join(" ")}` });
  }
  return (
    <div>
      <h1>{t("nav.find")}</h1>
      <div class="row"><input class="filter wide" type="search" aria-label={t("find.words")} placeholder={t("find.words")} value={words} onInput={(e) => setWords(typed(e.currentTarget.value))} />
        <Button kind="quiet" onClick={() => setWords("")}>{t("find.clear")}</Button></div>
      <p class="empty">{t("find.help")}</p>
      <Table caption={t("nav.find")} empty={words.length < 2 ? t("find.nothing-asked") : t("find.nothing")} rows={hits} key={(h) => h.kind + h.id} columns={[
        { title: t("find.kind"), cell: (h) => word("thing", h.kind) },
        { title: t("find.id"), cell: (h) => <a class="cell-link" href={h.link}>{h.id}</a> },
        { title: t("place.path"), cell: (h) => <span data-path={h.path}>{pathText(h.path)}</span> },
        { title: t("find.more"), cell: (h) => h.more }]} />
    </div>
  );
}
