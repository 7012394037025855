/** What the parent and a forked engine process say to each other: clients' messages in numbered envelopes. */
import { z } from 'zod';
import { ServerAddress, type ServerMessage } from '../protocol';

const ClientId = z.int().min(0);

/** Parent to engine process. `message` is checked by the host, as anything a client sends. */
export const ToEngineProcess = z.discriminatedUnion('type', [
  z.object({ type: z.literal('client.open'), client: ClientId }),
  z.object({ type: z.literal('client.message'), client: ClientId, message: z.unknown() }),
  z.object({ type: z.literal('client.close'), client: ClientId }),
  /** Answered by `pong` as soon as the process gets round to it. */
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('stop') }),
  /** A key that the shell keeps; null forgets it. */
  z.object({ type: z.literal('server.key'), address: ServerAddress, key: z.string().max(4_096).nullable() }),
]);
export type ToEngineProcess = z.infer<typeof ToEngineProcess>;

/** Engine process to parent. */
export type FromEngineProcess =
  | { type: 'ready' }
  | { type: 'pong' }
  | { type: 'client.message'; client: number; message: ServerMessage };
