/** Where things stand in the window, told where they should not. */
import type { Page } from 'playwright-core';

/** Boxes that lie over one before them. */
export function overlapping(page: Page, selector: string): Promise<string[]> {
  return page.evaluate((boxes) => {
    const placed = [...document.querySelectorAll(boxes)].map(
      (box) => [box.className, box.getBoundingClientRect()] as const,
    );
    return placed.flatMap(([name, a], at) =>
      placed
        .slice(0, at)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1)
        .filter(([, b]) => a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([other]) => `${name} over ${other}`),
    );
  }, selector);
}

/** Boxes that end below the one that shows them. */
export function below(page: Page, selector: string, pane: string): Promise<string[]> {
  return page.evaluate(
    ([boxes = '', within = '']) => {
      const end = document.querySelector(within)?.getBoundingClientRect().bottom ?? 0;
      return [...document.querySelectorAll(boxes)]
        .map((box) => box.getBoundingClientRect().bottom)
        .filter((bottom) => bottom > end + 1)
        .map((bottom) => `${bottom} below ${end}`);
    },
    [selector, pane],
  );
}
