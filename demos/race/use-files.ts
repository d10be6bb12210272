/** Files of saved stories, opened by the button or dropped anywhere on the page. */
import { useEffect, useState } from "preact/hooks";
import type { Notice } from "./panel/notice-bar.tsx";
import type { Player } from "./play/player.ts";
import { openFile } from "./story/open-file.ts";
import { judge } from "./story/verdict.ts";

/** What the page needs of it. */
export interface Files {
  readonly notice: Notice | null;
  readonly setNotice: (notice: Notice | null) => void;
  readonly open: (file: File) => void;
  /** Whether a file is held over the page. */
  readonly isOver: boolean;
}

/** More than a saved story ever has; the rest is refused unread. */
const MOST_BYTES = 16_000_000;

/** Lets files in. */
export function useFiles(player: Player): Files {
  const [notice, setNotice] = useState<Notice | null>(null);
  const [isOver, setOver] = useState(false);
  const open = async (file: File): Promise<void> => {
    const name = file.name.slice(0, 80);
    if (file.size > MOST_BYTES) {
      setNotice({ tone: "bad", sentences: [`${name} is too large for a saved story.`] });
      return;
    }
    const opened = openFile(await file.text());
    if (!opened.ok) {
      setNotice({ tone: "bad", sentences: [`${name} was not opened.`, opened.reason] });
      return;
    }
    await player.load(opened.story);
    player.play();
    const { saved } = opened.story;
    if (saved === null) return;
    const { isSame, sentences } = await judge(opened.story, saved);
    setNotice({
      tone: isSame ? "good" : "plain",
      sentences: [`${name}:`, ...opened.notes, ...sentences],
    });
  };
  useEffect(() => {
    const hold = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const drop = (event: DragEvent): void => {
      hold(event);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void open(file);
    };
    const stop = new AbortController();
    addEventListener("dragover", hold, { signal: stop.signal });
    addEventListener("dragleave", hold, { signal: stop.signal });
    addEventListener("drop", drop, { signal: stop.signal });
    return () => stop.abort();
  }, [player]);
  return { notice, setNotice, open: (file) => void open(file), isOver };
}
