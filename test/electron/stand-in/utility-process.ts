/** utilityProcess over real child processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { sourceEntry } from '../../../engine/process/launch';
import type { ToChild, ToParent } from './pipe';
import { takePorts } from './ports';
import { world } from './world';

const SHIM = new URL('./parent-port.ts', import.meta.url);

class StandInUtilityProcess
  extends EventEmitter
  implements Pick<Electron.UtilityProcess, 'postMessage' | 'kill' | 'pid' | 'stdout' | 'stderr'>
{
  readonly #child: ChildProcess;
  readonly #ports = new Map<number, MessagePort>();
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  pid: number | undefined;

  constructor(path: string, args: string[], options: Electron.ForkOptions) {
    super();
    if (!Array.isArray(options.stdio) || options.stdio[0] !== 'ignore')
      throw new Error('stdin must be ignored');
    const { execArgv } = sourceEntry(fileURLToPath(SHIM));
    this.#child = fork(path, args, {
      execArgv: [...execArgv, '--import', SHIM.href],
      env: options.env as NodeJS.ProcessEnv,
      serialization: 'advanced',
      stdio: [...options.stdio, 'ipc'],
    });
    this.pid = this.#child.pid;
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message: ToParent) => this.#receive(message));
    this.#child.on('close', (code, signal) => {
      this.pid = undefined;
      for (const port of this.#ports.values()) port.close();
      const reason = signal === 'SIGKILL' ? 'killed' : code === 0 ? 'clean-exit' : 'crashed';
      const details = { type: 'Utility', reason, exitCode: code ?? 9, name: options.serviceName };
      if (reason !== 'clean-exit') world.app.emit('child-process-gone', {}, details);
      this.emit('exit', code ?? 9);
    });
    world.utilityProcesses.push({ path, args, options, pid: this.#child.pid! });
  }

  postMessage(data: unknown, transfer?: Electron.MessagePortMain[]): void {
    const ports = takePorts(transfer).map((port) => {
      const number = this.#ports.size;
      this.#ports.set(number, port);
      port.on('message', (message: unknown) => this.#send({ type: 'port', port: number, data: message }));
      port.on('close', () => this.#send({ type: 'port.close', port: number }));
      return number;
    });
    this.#send({ type: 'message', data, ports });
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }

  #receive(message: ToParent): void {
    if (message.type === 'message') this.emit('message', message.data);
    else if (message.type === 'port') this.#ports.get(message.port)?.postMessage(message.data);
    else this.#ports.get(message.port)?.close();
  }

  #send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

export const utilityProcess = {
  fork: (path: string, args: string[] = [], options: Electron.ForkOptions = {}) =>
    new StandInUtilityProcess(path, args, options) as unknown as Electron.UtilityProcess,
} satisfies Pick<typeof Electron.UtilityProcess, 'fork'>;
