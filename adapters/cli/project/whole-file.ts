/** Files that are written whole or not at all: whoever reads meanwhile sees the one before, or the new one. */
import { randomBytes } from "node:crypto";
import { link, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Puts a file in the place of the one before, with its permissions, and where a link points. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const target = await realpath(file).catch(() => file);
  const mode = await stat(target).then(
    (before) => before.mode & 0o777,
    () => undefined,
  );
  await withDraft(target, { text, mode }, (draft) => rename(draft, target));
}

/** Makes a file, unless there is one: of many that do so at once one is first, and all leave its text as it is. */
export async function makeFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await withDraft(file, { text, mode: undefined }, (draft) =>
    link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    }),
  );
}

async function withDraft(
  file: string,
  { text, mode }: { readonly text: string; readonly mode: number | undefined },
  use: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(file), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(draft, "wx");
    try {
      if (mode !== undefined) await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await use(draft);
  } finally {
    await rm(draft, { force: true });
  }
}
