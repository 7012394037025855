/** What accessibility is held to, in any view of the window. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { z } from 'zod';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const Findings = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** No serious or critical finding of axe. */
export async function expectNothingSerious(page: Page, view: string): Promise<void> {
  // Animations change colours on their way.
  await page.waitForTimeout(300);
  await page.evaluate(AXE);
  const found: unknown = await page.evaluate('axe.run(document).then((result) => result.violations)');
  const serious = Findings.parse(found).filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const told = serious.map(({ id, nodes }) => `${view}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  expect(told).toEqual([]);
}

/** WCAG 2.2, 1.4.11: what shows that something can be used stands out from what it lies on by 3:1. */
export async function expectEdges(page: Page, view: string): Promise<void> {
  const edges = await page.evaluate(edgesOfControls);
  expect(edges.length, view).toBeGreaterThan(0);
  expect(
    edges
      .filter(({ contrast }) => contrast < 3)
      .map(({ name, contrast }) => `${view}: ${name} ${contrast.toFixed(2)}`),
  ).toEqual([]);
}

/** In the page: every control in sight with an edge, and the edge's contrast to what is behind it. */
function edgesOfControls(): { name: string; contrast: number }[] {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const layersBehind = (element: Element | null): string[] =>
    element ? [...layersBehind(element.parentElement), getComputedStyle(element).backgroundColor] : ['white'];
  const luminance = (colours: readonly string[]): number => {
    if (!paint) return Number.NaN;
    for (const colour of colours) {
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = [...paint.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const controls = document.querySelectorAll<HTMLInputElement>(
    'input:not([type="checkbox"], [type="range"], [type="file"]), select, textarea, .button:not(.button--quiet)',
  );
  return [...controls]
    .filter((control) => !control.disabled && control.checkVisibility({ visibilityProperty: true }))
    .map((control) => {
      const behind = layersBehind(control.parentElement);
      const edge = getComputedStyle(control).borderBottomColor;
      const [low = 0, high = 0] = [luminance(behind), luminance([...behind, edge])].sort((a, b) => a - b);
      const name = control.dataset.testid ?? control.getAttribute('aria-label') ?? control.textContent ?? '';
      return { name, contrast: (high + 0.05) / (low + 0.05) };
    });
}
