// Open commands: what was sent, what it waits for, whose witness is missing, and its end. An end
// stays for half a minute, a bad one until a person takes it away.
import type { JSX } from "preact";
import { waitingOf } from "../state/waiting";
import { span, t, word } from "../text/i18n";
import { verbTitle } from "../acts/words";
import { conn, draw, useDraw } from "./app";
import { Button } from "./parts";
import type { Order } from "../edge/connection";

const kShown = 30_000;
const good = (o: Order) => o.reply?.status === "done";

export function Tray(): JSX.Element | null {
  useDraw();
  const now = performance.now();
  const shown = conn.orders.filter((o) => !o.quiet && (o.ended === null || !good(o) || now - o.ended < kShown)).slice(0, 6);
  if (shown.length === 0) return null;
  return (
    <aside class="tray" aria-label={t("tray")} aria-live="polite">
      {shown.map((o) => <Line order={o} now={now} />)}
    </aside>
  );
}

function Line(props: { order: Order; now: number }): JSX.Element {
  const o = props.order;
  const witness = waitingOf(conn.state).find((w) => w.command === o.id);
  const status = o.reply?.status ?? "";
  const kind = o.ended === null ? "open" : good(o) ? "good" : "bad";
  const off = () => {
    conn.orders = conn.orders.filter((one) => one !== o);
    draw();
  };
  return (
    <div class={`order ${kind}`} data-status={status || "sent"}>
      <b>{verbTitle(o.verb)}</b>
      <span>{o.ended !== null ? word("status", status) : witness ? t("tray.witness", { user: witness.witness }) : status === "accepted" ? t("tray.works") : t("tray.sent")}</span>
      <small>{o.ended === null ? span(props.now - o.sent) : (o.reply?.message ?? "") || word("code", o.reply?.code ?? "")}</small>
      {o.ended !== null && <Button kind="quiet" title={t("close")} onClick={off}><span aria-hidden="true">✕</span><span class="reader">{t("close")}</span></Button>}
    </div>
  );
}
