/** Light or dark: as the system has it until the reader chooses; the choice is in the hash. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { readHash, writeHash } from "./hash.ts";

type Theme = "light" | "dark";

const systemTheme = (): Theme =>
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

const chosenTheme = (): Theme | undefined => {
  const { theme } = readHash();
  return theme === "light" || theme === "dark" ? theme : undefined;
};

const apply = (theme: Theme | undefined): void => {
  if (theme === undefined) delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
};

apply(chosenTheme());

/** Goes from one theme to the other. */
export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState(chosenTheme() ?? systemTheme());
  const other: Theme = theme === "dark" ? "light" : "dark";
  const change = (): void => {
    apply(other);
    writeHash({ theme: other });
    setTheme(other);
  };
  return (
    <button type="button" class="quiet" onClick={change}>
      {other === "dark" ? "Dark" : "Light"}
    </button>
  );
}
