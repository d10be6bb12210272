/** Runs a test and closes its place, whatever comes of the test; the test's failure is the one that is told. */
export async function runAndClose(
  run: () => Promise<void>,
  close: () => void | Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    await Promise.resolve()
      .then(close)
      .catch(() => {}); // what broke the test often breaks the closing too
    throw error;
  }
  await close();
}
