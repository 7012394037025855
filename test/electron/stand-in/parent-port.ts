/** Loaded first in a child process: gives it `process.parentPort`, as a utility process of Electron has. */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ToChild, ToParent } from './pipe';
import { StandInPort } from './ports';

const send = process.send!.bind(process) as (message: ToParent) => boolean;
// A utility process has none of these.
delete process.send;
process.on('disconnect', () => process.exit(0));

class StandInParentPort extends EventEmitter implements Pick<Electron.ParentPort, 'postMessage'> {
  readonly #early: unknown[] = [];

  constructor() {
    super();
    this.on('newListener', (event) => {
      if (event !== 'message') return;
      setImmediate(() => {
        for (const message of this.#early.splice(0)) this.emit('message', message);
      });
    });
  }

  deliver(message: unknown): void {
    if (this.listenerCount('message') === 0) this.#early.push(message);
    else this.emit('message', message);
  }

  postMessage(data: unknown): void {
    send({ type: 'message', data });
  }
}

const parentPort = new StandInParentPort();
const ports = new Map<number, MessagePort>();

function receivePort(port: number): StandInPort {
  const { port1, port2 } = new MessageChannel();
  ports.set(port, port1);
  port1.on('message', (data: unknown) => send({ type: 'port', port, data }));
  port1.on('close', () => {
    if (process.connected) send({ type: 'port.close', port });
  });
  return new StandInPort(port2);
}

process.on('message', (message: ToChild) => {
  if (message.type === 'port') ports.get(message.port)?.postMessage(message.data);
  else if (message.type === 'port.close') ports.get(message.port)?.close();
  else parentPort.deliver({ data: message.data, ports: message.ports.map(receivePort) });
});

Object.defineProperty(process, 'parentPort', { value: parentPort });
