// Login is the broker's login. The page learns where the broker is from the server that served it
// (page.json), else from the address bar; a person may say another one.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "../edge/keep";
import { onScan } from "../edge/scanner";
import { clean } from "../state/burst";
import { num, parse, str } from "../state/read";
import { t, type Key, type Language } from "../text/i18n";
import { app, conn, draw, go, speak, useDraw } from "./app";
import { Button } from "./parts";

const secure = () => location.protocol === "https:";

async function findBroker(): Promise<{ url: string; site: string }> {
  const asked = new URLSearchParams(location.search);
  const fallback = { url: asked.get("broker") ?? `${secure() ? "wss" : "ws"}://${location.host}${secure() ? "/mqtt" : ""}`, site: asked.get("site") ?? "" };
  try {
    const answer = await fetch("page.json", { cache: "no-store" });
    const told = answer.ok ? parse(await answer.text()) : null;
    if (!told) return fallback;
    const port = num(told["websocket_port"]);
    const url = str(told["websocket_url"]) || (port ? `${secure() ? "wss" : "ws"}://${location.hostname}:${port}` : fallback.url);
    return { url: asked.get("broker") ?? url, site: asked.get("site") ?? str(told["site"]) };
  } catch {
    return fallback;
  }
}

export function Login(): JSX.Element {
  useDraw();
  const [user, setUser] = useState(str(kept("user")));
  const [password, setPassword] = useState("");
  const [url, setUrl] = useState("");
  const [site, setSite] = useState("");
  const [more, setMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");

  useEffect(() => {
    void findBroker().then((found) => {
      setUrl(found.url);
      setSite(found.site || str(kept("site")));
      if (!found.site && !kept("site")) setMore(true);
    });
  }, []);
  // The first key is the login's, or the password's where the login is known.
  useEffect(() => document.getElementById(user ? "password" : "user")?.focus(), []);
  // A badge holds the login; the password is still asked.
  useEffect(() => onScan((code) => {
    setUser(code.replace(/^badge:/i, ""));
    document.getElementById("password")?.focus();
  }, "screen"), []);

  const enter = async () => {
    if (!user || !url || !site || busy) return;
    setBusy(true);
    setFailed("");
    const good = await conn.connect(url, site, user, password);
    setBusy(false);
    if (!good) {
      setFailed(conn.failure);
      conn.user = "";
      (document.getElementById("password") as HTMLInputElement | null)?.select(); // most often it was mistyped
      return draw();
    }
    keep("user", user);
    keep("site", site);
    app.entered = true;
    app.url = url;
    app.site = site;
    if (app.route.length === 0) go("wall");
    draw();
  };
  return (
    <main class="login">
      <form onSubmit={(e) => { e.preventDefault(); void enter(); }}>
        <h1>{t("title")}</h1>
        <label class="field"><span>{t("login.user")}</span><input id="user" name="user" autocomplete="username" value={user} onInput={(e) => setUser(clean(e.currentTarget.value))} /></label>
        <label class="field"><span>{t("login.password")}</span><input id="password" name="password" type="password" autocomplete="current-password" value={password} onInput={(e) => setPassword(e.currentTarget.value)} /></label>
        {more && <>
          <label class="field"><span>{t("login.site")}</span><input value={site} onInput={(e) => setSite(clean(e.currentTarget.value))} /></label>
          <label class="field"><span>{t("login.broker")}</span><input value={url} onInput={(e) => setUrl(clean(e.currentTarget.value))} /></label>
        </>}
        <p role="alert" class="fault-line">{failed && t(`login.${failed}` as Key, { url })}</p>
        <button class="button main" type="submit" disabled={busy || !user || !url || !site}>{busy ? t("login.busy") : t("login.enter")}</button>
        <div class="row">
          <Languages />
          <Button kind="quiet" onClick={() => setMore(!more)}>{t("login.more")}</Button>
        </div>
        {app.rounds.some((r) => r.state === "unsent") && <p class="warn">{t("rounds.unsent", { n: app.rounds.filter((r) => r.state === "unsent").length })}</p>}
        <a class="button" href="#/rounds">{t("nav.rounds")}</a>
      </form>
    </main>
  );
}

export function Languages(): JSX.Element {
  const one = (language: Language, name: string) => (
    <button type="button" class={`button quiet ${app.language === language ? "on" : ""}`} lang={language} aria-pressed={app.language === language} onClick={() => speak(language)}>{name}</button>
  );
  return <span class="row" role="group" aria-label={t("language")}>{one("en", "English")}{one("ja", "日本語")}</span>;
}
