/** What is played: the scene, the rule, the links and the guarantee; a change starts the story over. */
import type { JSX } from "preact";
import {
  builtInRules,
  earliest,
  formatRule,
  type Guarantee,
  type Rule,
} from "../../../lib/index.ts";
import { findScene, type SceneChoice, scenes } from "../story/scenes.ts";
import type { Story } from "../story/story.ts";

interface SettingsProps {
  readonly story: Story;
  readonly onScene: (scene: string, choice: SceneChoice) => void;
  readonly onRule: (rule: Rule) => void;
  readonly onGuarantee: (guarantee: Guarantee) => void;
  readonly onFile: (file: File) => void;
}

/** Draws the row of choices. */
export function Settings(props: SettingsProps): JSX.Element {
  const { story, onScene, onRule, onGuarantee, onFile } = props;
  const { rule, guarantee, scene, saved, setup } = story;
  const choice: SceneChoice = { rule, guarantee, topology: setup.topology };
  const own = saved === null ? "Your own story" : "A saved story";
  return (
    <section class="settings" aria-label="What is played">
      <label class="wide">
        <span class="faint">Story</span>
        <select
          value={scene ?? ""}
          onChange={(event) => onScene(event.currentTarget.value, choice)}
        >
          {scene === null && <option value="">{own}</option>}
          {scenes.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="faint">Rule</span>
        <select
          value={formatRule(rule)}
          onChange={(event) => onRule(findRule(event.currentTarget.value))}
        >
          {builtInRules.map((one) => (
            <option key={one.name} value={formatRule(one)}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="faint">Links</span>
        <select
          value={setup.topology}
          onChange={(event) => {
            const topology = event.currentTarget.value as SceneChoice["topology"];
            const next = topology === "mesh" ? "optimistic" : guarantee;
            onScene(scene ?? findScene(undefined).id, { rule, guarantee: next, topology });
          }}
        >
          <option value="relay">around a relay</option>
          <option value="mesh">each with each</option>
        </select>
      </label>
      <label>
        <span class="faint">Claims</span>
        <select
          value={guarantee}
          onChange={(event) => onGuarantee(event.currentTarget.value as Guarantee)}
        >
          <option value="settled" disabled={setup.topology === "mesh"}>
            settled{setup.topology === "mesh" ? " (needs a relay)" : ""}
          </option>
          <option value="optimistic">optimistic</option>
        </select>
      </label>
      <label class="file">
        <span>Open a saved story</span>
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file !== undefined) onFile(file);
            event.currentTarget.value = "";
          }}
        />
      </label>
    </section>
  );
}

function findRule(name: string): Rule {
  return builtInRules.find((rule) => formatRule(rule) === name) ?? earliest;
}
