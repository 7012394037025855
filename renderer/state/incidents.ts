/** What went wrong in this window, kept for whoever looks for the cause: also over a reload, and nowhere but here. */
import { type Incident, MAX_INCIDENTS } from '../../engine/protocol';
import type { AppStore } from './store';

const MAX_TEXT = 2_000;
/** Lines of a stack: where it was thrown, and who called. */
const STACK_LINES = 6;

/** Listens until the page is gone. */
export function watchIncidents(page: Window, store: AppStore, now: () => Date = () => new Date()): void {
  const note = (text: string) => {
    const incident: Incident = { at: now().toISOString(), text: text.slice(0, MAX_TEXT) };
    store.setState(({ incidents }) => ({ incidents: [...incidents, incident].slice(-MAX_INCIDENTS) }));
  };
  page.addEventListener('error', ({ error, message }) => note(`The window: ${describe(error ?? message)}`));
  page.addEventListener('unhandledrejection', ({ reason }) => note(`The window: ${describe(reason)}`));
  store.subscribe(({ engine, model, brokenMessage }, before) => {
    const isNews = engine.state !== before.engine.state;
    if (isNews && engine.state === 'exited') note(engine.detail || 'The engine stopped.');
    if (isNews && engine.state === 'lost') note('The connection to the engine was lost.');
    if (brokenMessage !== null && brokenMessage !== before.brokenMessage) note(brokenMessage);
    if (model.state === 'failed' && model !== before.model) {
      note(`The model could not be opened (${model.failure.code}): ${model.failure.message}`);
    }
  });
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { name, message, stack = '' } = thrown;
  const frames = stack.split('\n').filter((line) => /^\s*at |@/.test(line));
  return [`${name}: ${message}`, ...frames.slice(0, STACK_LINES).map((line) => line.trim())].join('\n');
}
