/** A server whose model answers in place of one that runs here. */
import { z } from 'zod';
import { Failure } from './errors';
import { Count, MAX_LIST, Name, Path, Sentence, TokenId } from './limits';

/** Of a server, without what could give a key away. */
export const ServerAddress = z
  .string()
  .max(2_000)
  .refine(isAddress, 'not an http or https address, or one with a user, a query or a fragment in it');

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}

const SERVER_ENGINES = ['llama.cpp', 'vLLM'] as const;

/** What a server says of itself. */
export const ServerAbout = z.object({
  engine: z.enum(SERVER_ENGINES),
  /** Empty where it does not say. */
  version: Name,
  /** By its own name. */
  model: Name,
  /** How it keeps the weights; empty where it does not say. */
  weights: Name,
  vocab: Count,
  hidden: Count,
  /** In tokens, of a prompt and its answer. */
  contextLength: Count,
  /** The most tokens whose hidden states it gives at once. */
  longestRead: Count,
  /** How many answers it writes at once. */
  slots: Count,
});
export type ServerAbout = z.infer<typeof ServerAbout>;

/** How far a server's own arithmetic is from that of the weights on this machine. */
export const ServerDifference = z.object({
  /** The largest difference of a log-probability among its most probable first tokens, from the same hidden state. */
  head: z.number(),
  /** Of the hidden states on a short text from those computed here, relative; null where nothing was compared. */
  hidden: z.number().nullable(),
  /** The mean over its positions of KL(here ‖ server), nats; null where nothing was compared. */
  kl: z.number().nullable(),
});
export type ServerDifference = z.infer<typeof ServerDifference>;

/** A server that is used. */
export const UsedServer = ServerAbout.extend({
  address: ServerAddress,
  difference: ServerDifference,
  /** The first token id of a text that the server's tokenizer gives otherwise; null where none is. */
  otherToken: TokenId.nullable(),
  /** The difference in words. */
  message: Sentence,
});
export type UsedServer = z.infer<typeof UsedServer>;

/** Where a model's layers run. */
export const ServerUse = UsedServer.extend({
  /** Another server of the same model, compared with the first, which answers lanes without a shift. */
  baseline: UsedServer.optional(),
});
export type ServerUse = z.infer<typeof ServerUse>;

/** How many answers an evaluation asked a server for at once. */
export const ServerConcurrency = z.object({
  /** By the evaluation's rows and the server's slots. */
  allowed: Count,
  /** In the end. */
  used: Count,
  /** Whether measuring, or the server, has settled that. */
  isSettled: z.boolean(),
  /** How fast they came, by how many were asked for at once. */
  measured: z.array(z.object({ atOnce: Count, perMinute: z.number() })).max(MAX_LIST),
  /** How often the server asked for fewer. */
  refused: Count,
  /** The same in words. */
  message: Sentence,
});
export type ServerConcurrency = z.infer<typeof ServerConcurrency>;

/** A server that the user added. Its key is never part of it. */
export const ServerEntry = z.object({
  address: ServerAddress,
  /** The same model on this machine, as `folder` in a run's model settings: its head is used. */
  head: Path,
  /** Whether a key is at hand for it now. */
  hasKey: z.boolean(),
});
export type ServerEntry = z.infer<typeof ServerEntry>;

/** How a server stands now. */
export const ServerStatus = z.object({
  /** Null where it does not answer as it should. */
  about: ServerAbout.nullable(),
  /** Of its shortest answer, in milliseconds; null where none came. */
  latency: z.number().nullable(),
  problem: Failure.nullable(),
});
export type ServerStatus = z.infer<typeof ServerStatus>;

/** Of a server. */
const Key = z.string().max(4_096);
const OfServer = z.strictObject({ address: ServerAddress });

export const SERVER_METHODS = {
  'servers.list': {
    params: z.strictObject({}),
    result: z.object({ servers: z.array(ServerEntry).max(MAX_LIST) }),
  },
  /** Keeps a server once it has answered; the key in memory alone, null leaves the one that is known. */
  'servers.add': {
    params: OfServer.extend({ head: Path.min(1), key: Key.nullable().default(null) }),
    result: ServerStatus,
  },
  'servers.status': { params: OfServer, result: ServerStatus },
  /** With its key. */
  'servers.forget': { params: OfServer, result: z.unknown() },
} as const;
