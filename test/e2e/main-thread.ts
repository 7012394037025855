/** What the page's main thread did, from the browser's own trace: tasks by wall clock and by processor time. */
import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  /** Processor time: on a busy machine far less than the wall clock's. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

export interface Tasks {
  /** Milliseconds. */
  readonly longest: number;
  readonly longestCpu: number;
  readonly over50: number;
  readonly over50Cpu: number;
}

export async function traceTasks(browser: Browser, page: Page, act: () => Promise<void>): Promise<Tasks> {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await act();
  const trace = await browser.stopTracing();
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const key = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const renderers = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(key),
  );
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && renderers.has(key(event)));
  const walls = tasks.map(({ dur = 0 }) => dur / 1000);
  const cpus = tasks.map(({ tdur = 0 }) => tdur / 1000);
  return {
    longest: Math.max(0, ...walls),
    longestCpu: Math.max(0, ...cpus),
    over50: walls.filter((ms) => ms > 50).length,
    over50Cpu: cpus.filter((ms) => ms > 50).length,
  };
}
