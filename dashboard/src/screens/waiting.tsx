// Waiting for me: what another person ordered and I am to confirm as its witness, with what it will
// do; and what I ordered that waits for somebody else.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { SignBox } from "../acts/form";
import { verbTitle } from "../acts/words";
import { objs, str, type Obj } from "../state/read";
import { mineToConfirm, waitingOf, type Waiting } from "../state/waiting";
import { t, span, word } from "../text/i18n";
import { conn, draw, useDraw } from "../ui/app";
import { Button, Dialog, Panel } from "../ui/parts";

export function WaitingScreen(): JSX.Element {
  useDraw();
  const mine = mineToConfirm(conn.state, conn.user);
  const own = waitingOf(conn.state).filter((w) => w.user === conn.user);
  const others = waitingOf(conn.state).filter((w) => w.user !== conn.user && w.witness !== conn.user);
  return (
    <div class="waiting">
      <h1>{t("nav.waiting")}</h1>
      {mine.length === 0 && <p class="big-line">{t("waiting.nothing")}</p>}
      {mine.map((w) => <Card key={w.command} waiting={w} />)}
      {own.length > 0 && <Panel title={t("waiting.own")}>{own.map((w) => <p><b>{verbTitle(w.verb)}</b> · {t("tray.witness", { user: w.witness })} · <Left w={w} /></p>)}</Panel>}
      {others.length > 0 && <Panel title={t("waiting.others")}>{others.map((w) => <p><b>{verbTitle(w.verb)}</b> · {w.user} → {w.witness} · <Left w={w} /></p>)}</Panel>}
    </div>
  );
}

function Left(props: { w: Waiting }): JSX.Element {
  const now = conn.daemonNow();
  return <span>{props.w.until === null || now === null ? t("not-known") : t("waiting.left", { span: span(props.w.until - now) })}</span>;
}

// What it will do, in lines a person can check against what lies on the bench.
function Lines(props: { body: Obj }): JSX.Element {
  const rows = objs(props.body["moves"]);
  const plain = Object.entries(props.body).filter(([, v]) => typeof v !== "object" || Array.isArray(v));
  return (
    <>
      <dl class="facts">{plain.filter(([k]) => k !== "moves").map(([k, v]) => <><dt>{word("key", k)}</dt><dd>{Array.isArray(v) ? v.filter((x) => typeof x !== "object").join(", ") : String(v).slice(0, 400)}</dd></>)}</dl>
      {rows.length > 0 && <ol class="put-lines">{rows.slice(0, 500).map((r) => <li><b class="code">{str(r["code"])}</b> → {str(r["place"])} <b>{str(r["position"])}</b></li>)}</ol>}
    </>
  );
}

function Card(props: { waiting: Waiting }): JSX.Element {
  const { waiting } = props;
  const [paper, setPaper] = useState<Obj | null>(null);
  const [secret, setSecret] = useState("");
  const [asked, setAsked] = useState(false);
  const confirm = async () => {
    const prepared = await conn.send("signature/prepare", { act: waiting.verb, body: waiting.body }, { reason: waiting.reason, quiet: true });
    const signs = waiting.signed && prepared.body["signed"] === true && prepared.body["witness_too"] !== false;
    if (!signs) return void conn.send("witness/confirm", { command: waiting.command });
    setPaper(prepared.body);
    setAsked(true);
  };
  const sign = () => {
    void conn.send("witness/confirm", { command: waiting.command }, { signature: { meaning: "witnessed", record: str(paper?.["record"]), user: conn.user, secret } });
    setSecret("");
    setAsked(false);
    draw();
  };
  return (
    <Panel title={`${verbTitle(waiting.verb)} · ${waiting.user}`} class="card">
      <p><Left w={waiting} />{waiting.reason && ` · ${waiting.reason}`}</p>
      {waiting.would !== "" && <p><b>{t("waiting.would")}</b> <span lang="en">{waiting.would}</span></p>}
      <Lines body={waiting.body} />
      <div class="row">
        <Button kind="main" command="witness/confirm" onClick={() => void confirm()}>{t("waiting.confirm")}</Button>
        <Button kind="danger" command="witness/refuse" onClick={() => void conn.send("witness/refuse", { command: waiting.command })}>{t("waiting.refuse")}</Button>
      </div>
      {asked && paper && <Dialog title={t("waiting.confirm")} onClose={() => setAsked(false)}>
        <SignBox paper={{ ...paper, meaning: "witnessed" }} secret={secret} set={setSecret} back={() => setAsked(false)} sign={sign} />
      </Dialog>}
    </Panel>
  );
}
