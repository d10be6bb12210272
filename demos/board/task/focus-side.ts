/** Keeps the reader's place: where what had the focus is gone, the title of the side panel takes it. */

/** Focuses the title once what is under way is drawn. */
export function focusSide(): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".side h2")?.focus()),
  );
}
