/** Makes the current process an engine process, under Electron's utilityProcess or child_process.fork. */
import type { Engine } from '../api/engine';
import type { ServerMessage } from '../protocol';
import { EngineHost } from './host';
import { type FromEngineProcess, ToEngineProcess } from './process-messages';

/** The parts of Electron's MessagePortMain that are used here; engine/ does not know Electron's types. */
interface TransferredPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
}

/** The parts of Electron's ParentPort that are used here. */
export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: TransferredPort[] }) => void): unknown;
  postMessage(message: unknown): void;
}

export function runEngineProcess(engine: Engine): void {
  const host = new EngineHost(engine);
  const stop = () => void engine.dispose().finally(() => process.exit(0));
  process.on('SIGTERM', stop);
  // Ctrl+C reaches the whole process group; the parent decides when the engine goes.
  process.on('SIGINT', () => {});

  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;
  if (parentPort !== undefined) serveTransferredPorts(engine, host, parentPort, stop);
  else if (process.send !== undefined) serveEnvelopes(engine, host, stop);
  else {
    process.stderr.write('This file is started by SLOT Studio itself; run `npm start` instead.\n');
    process.exit(2);
  }
}

/** Electron: each client is a port of its own, so that its messages skip the main process. */
function serveTransferredPorts(
  engine: Engine,
  host: EngineHost,
  parentPort: ParentPort,
  stop: () => void,
): void {
  parentPort.on('message', ({ data, ports }) => {
    const message = ToEngineProcess.safeParse(data);
    if (!message.success) return;
    if (message.data.type === 'stop') stop();
    if (message.data.type === 'server.key') engine.setServerKey(message.data.address, message.data.key);
    if (message.data.type === 'ping') parentPort.postMessage({ type: 'pong' } satisfies FromEngineProcess);
    const [port] = ports;
    if (message.data.type !== 'client.open' || port === undefined) return;
    const detach = host.attach({
      postMessage: (reply) => port.postMessage(reply),
      onMessage: (callback) => port.on('message', (event) => callback(event.data)),
    });
    port.on('close', detach);
    port.start();
  });
  parentPort.postMessage({ type: 'ready' } satisfies FromEngineProcess);
}

/** child_process: all clients share one pipe. */
function serveEnvelopes(engine: Engine, host: EngineHost, stop: () => void): void {
  const clients = new Map<number, { receive: (message: unknown) => void; detach: () => void }>();

  const open = (client: number) => {
    let receive: (message: unknown) => void = () => {};
    const detach = host.attach({
      postMessage: (message: ServerMessage) => tell({ type: 'client.message', client, message }),
      onMessage: (callback) => {
        receive = callback;
      },
    });
    clients.set(client, { receive: (message) => receive(message), detach });
  };

  process.on('message', (raw) => {
    const checked = ToEngineProcess.safeParse(raw);
    if (!checked.success) return;
    const message = checked.data;
    switch (message.type) {
      case 'client.open':
        return open(message.client);
      case 'client.message':
        return clients.get(message.client)?.receive(message.message);
      case 'client.close':
        clients.get(message.client)?.detach();
        return void clients.delete(message.client);
      case 'ping':
        return tell({ type: 'pong' });
      case 'stop':
        return stop();
      case 'server.key':
        return engine.setServerKey(message.address, message.key);
    }
  });
  // Nobody is left to serve, and nobody to report to.
  process.on('disconnect', () => process.exit(0));
  tell({ type: 'ready' });
}

function tell(message: FromEngineProcess): void {
  // The callback swallows what fails because the parent has gone; 'disconnect' follows.
  process.send?.(message, undefined, undefined, () => {});
}
