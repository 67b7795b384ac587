// What the keys do: `?` shows it.

import { css, Dialog } from "../ui/basics";
import { keys as words } from "../words/en";
import { SCREENS } from "./menu";

export default function KeysHelp({ onClose }: { onClose: () => void }) {
  const screens = SCREENS.filter((screen) => screen.keys).map((screen) => [screen.keys ?? "", screen.name] as const);
  return (
    <Dialog title={words.title} onClose={onClose}>
      <dl className={css.pairs}>
        {[...words.all, ...screens].map(([key, does]) => (
          <div key={key} style={{ display: "contents" }}>
            <dt>{key.split(" ").map((one) => <kbd key={one}>{one}</kbd>)}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
