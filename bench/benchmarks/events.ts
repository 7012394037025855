/** What a token's event costs on its way: JSON, the engine process's pipe, the socket, and JSON again. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { decodeJson, encodeJson, endsRun, type RunEvent } from '../../engine/protocol';
import { figure, type Row } from '../report';
import { withReplay } from './replay';

export const TRANSPORT = 'processor time of JSON and sockets for each token';
const TOKENS = 400;
/** Of /proc's processor times: USER_HZ, 100 wherever Node runs. */
const MS_PER_TICK = 10;
/** Any folder with a page: nobody looks at it. */
const ROOT = fileURLToPath(new URL('../../renderer', import.meta.url));

/** Of all processes between the engine and a window. */
export function benchTransport(rounds: number): Promise<Row[]> {
  return withReplay({ tokens: TOKENS, pace: 0, root: ROOT }, async ({ engine, port, token }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/engine?token=${token}`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const samples: number[] = [];
    await engine.start();
    for (let round = -1; round < rounds; round++) {
      const before = processorTime(engine.pid!);
      await runToEnd(socket, `replay-${round}`);
      if (round >= 0) samples.push((processorTime(engine.pid!) - before) / TOKENS);
    }
    socket.terminate();
    return [{ what: TRANSPORT, figure: figure('ms', samples), measured: {} }];
  });
}

function runToEnd(socket: WebSocket, runId: string): Promise<void> {
  return new Promise((resolve) => {
    const receive = (data: Buffer) => {
      const message = decodeJson(data.toString()) as { kind: string; event?: RunEvent };
      if (message.kind !== 'event' || !message.event || !endsRun(message.event)) return;
      socket.off('message', receive);
      resolve();
    };
    socket.on('message', receive);
    const config = { prompt: { kind: 'raw', text: '-' }, lanes: [{ name: 'slot', steps: 1 }] };
    socket.send(encodeJson({ kind: 'request', id: 1, method: 'run.start', params: { runId, config } }));
  });
}

/** Of this process, which is server and window here, and of the engine process. */
function processorTime(pid: number): number {
  const own = process.cpuUsage();
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (own.user + own.system) / 1000 + MS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
}
