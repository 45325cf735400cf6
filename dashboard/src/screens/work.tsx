// Work by hand and by list: every act, by what it is for. What this login may not do is shown as such.
import type { JSX } from "preact";
import { ActForm, mayGive } from "../acts/form";
import { acts, actOf } from "../acts/acts";
import { actTitle } from "../acts/words";
import { t, type Key } from "../text/i18n";
import { conn, go, href, useDraw } from "../ui/app";
import { Button, Panel } from "../ui/parts";
import { useState } from "preact/hooks";
import { PutAway } from "./put_away";

const kGroups = ["store", "move", "count", "lists", "dose", "label", "hold", "release", "quality", "course", "referral", "care", "dispose", "ship", "place", "machine", "rules"];

// Commands that nobody gives here, each with the reason in the catalogues: a test holds that none is missing.
export const kNotOffered = ["motion/unexplained", "reservation/end", "signature/refused"] as const;

export function WorkScreen(props: { act: string }): JSX.Element {
  useDraw();
  const chosen = actOf(props.act);
  const [put, setPut] = useState("");
  const firstBox = () => [...conn.state.containers].find(([, lazy]) => lazy.text.includes('"rows":'))?.[0] ?? "";
  return (
    <div>
      <h1>{t("nav.work")}</h1>
      <div class="columns">
        {kGroups.map((group) => (
          <Panel title={t(`group.${group}` as Key)}>
            <div class="children">
              {group === "move" && <Button command="aliquot/move" onClick={() => setPut(firstBox())}>{t("put.title")}</Button>}
              {group === "count" && <a class="button" href={href("places")}>{t("rack.title")}</a>}
              {acts.filter((a) => a.group === group).map((a) => <Button command disabled={!mayGive(a.verb)} onClick={() => go("work", a.id)}>{actTitle(a)}</Button>)}
            </div>
          </Panel>
        ))}
      </div>
      <Panel title={t("work.not-offered")}>{kNotOffered.map((verb) => <p><b class="code">{verb}</b>: {t(`why-not.${verb}`)}</p>)}</Panel>
      {chosen && <ActForm act={chosen} onClose={() => go("work")} />}
      {put && <PutAway box={put} onClose={() => setPut("")} />}
    </div>
  );
}
