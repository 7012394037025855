/** What the tests of processes and sockets share: requests, waiting for messages, looking at processes. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EngineEntry, sourceEntry } from '../../engine/process/launch';
import { endsRun, type RunEvent, type ServerMessage } from '../../engine/protocol';

/** An engine process that follows the script in its prompt; see the fixture. */
export const SCRIPTED: EngineEntry = sourceEntry(
  fileURLToPath(new URL('./fixtures/scripted-engine.ts', import.meta.url)),
);

export function startRequest(id: number, runId: string, script: string) {
  const config = { prompt: { kind: 'raw', text: script }, lanes: [{ name: 'baseline', steps: 0 }] };
  return { kind: 'request', id, method: 'run.start', params: { runId, config } };
}

export function openRequest(id: number, folder: string | null = null) {
  return { kind: 'request', id, method: 'model.open', params: { folder } };
}

/** Collects messages and lets a test wait for one, past or to come. */
export class Inbox {
  readonly messages: ServerMessage[] = [];
  readonly #waiting = new Set<() => void>();

  readonly receive = (message: ServerMessage): void => {
    this.messages.push(message);
    for (const look of this.#waiting) look();
  };

  /** The first message from index `from` on that fits. */
  until(fits: (message: ServerMessage) => boolean, from = 0): Promise<ServerMessage> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.messages.slice(from).find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  answer(id: number): Promise<ServerMessage> {
    return this.until((message) => message.kind === 'response' && message.id === id);
  }

  engine(state: 'ready' | 'exited', from = 0): Promise<ServerMessage> {
    return this.until((message) => message.kind === 'engine' && message.state === state, from);
  }

  events(runId: string): RunEvent[] {
    return this.messages.flatMap((m) => (m.kind === 'event' && m.runId === runId ? [m.event] : []));
  }

  async event(runId: string, type: RunEvent['type']): Promise<RunEvent> {
    await this.until((m) => m.kind === 'event' && m.runId === runId && m.event.type === type);
    return this.events(runId).find((event) => event.type === type)!;
  }

  async end(runId: string): Promise<RunEvent> {
    await this.until((m) => m.kind === 'event' && m.runId === runId && endsRun(m.event));
    return this.events(runId).find(endsRun)!;
  }
}

interface ProcessRow {
  pid: number;
  parent: number;
  /** As `ps` writes it: Z has ended, and waits for its parent to look. */
  state: string;
}

/** From /proc where there is one: a small machine may lack `ps`. */
function processTable(): ProcessRow[] {
  if (!existsSync('/proc/self/stat')) {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n');
    return rows.map((row) => {
      const [pid, parent, state = ''] = row.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The second field, a name in brackets, may hold anything.
      const [state = '', parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return [{ pid: Number(name), parent: Number(parent), state }];
    } catch {
      return [];
    }
  });
}

export function isAlive(pid: number): boolean {
  return processTable().some((row) => row.pid === pid && !row.state.startsWith('Z'));
}

/** The processes started by `pid`, and by those. */
export function descendants(pid: number, table: ProcessRow[] = processTable()): number[] {
  const children = table.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid, table)]);
}
