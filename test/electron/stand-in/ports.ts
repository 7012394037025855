/** MessagePortMain over real message ports of this process. */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

export class StandInPort
  extends EventEmitter
  implements Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>
{
  #port: MessagePort | null;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
  }

  /** What a transfer does: the port lives on elsewhere and is of no use here. */
  take(): MessagePort {
    const port = this.#port;
    if (port === null) throw new Error('the port has been transferred already');
    this.#port = null;
    return port;
  }

  postMessage(message: unknown): void {
    this.#port?.postMessage(message);
  }

  start(): void {
    this.#port?.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
    this.#port?.on('close', () => this.emit('close'));
  }

  close(): void {
    this.#port?.close();
  }
}

export class StandInChannel {
  readonly port1: Electron.MessagePortMain;
  readonly port2: Electron.MessagePortMain;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new StandInPort(port1) as unknown as Electron.MessagePortMain;
    this.port2 = new StandInPort(port2) as unknown as Electron.MessagePortMain;
  }
}

export function takePorts(transfer: readonly Electron.MessagePortMain[] = []): MessagePort[] {
  return transfer.map((port) => (port as unknown as StandInPort).take());
}
