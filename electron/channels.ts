/** Every request that the page may make of the main process: its name, what it carries, what comes back. */
import { type IpcMainInvokeEvent, ipcMain, type WebFrameMain } from 'electron';
import { z } from 'zod';
import { Diagnostics, Orders, ServerAddress } from '../engine/protocol';
import { HOST, SCHEME } from './names';

const CHANNELS = {
  /** The page is ready: a port to the engine follows. */
  'engine.connect': { request: z.undefined(), reply: z.void() },
  /** A new engine process; a fresh port follows. */
  'engine.restart': { request: z.undefined(), reply: z.void() },
  /** The folder or the file that the user chose, or null. No dialog of Windows or Linux shows both to choose from. */
  'model.choose': { request: z.enum(['folder', 'file']), reply: z.string().nullable() },
  /** Keeps the key of a server, or, null, forgets it; replies whether it will be there at the next start. */
  'server.keepKey': {
    request: z.strictObject({ address: ServerAddress, key: z.string().max(4_096).nullable() }),
    reply: z.boolean(),
  },
  /** What the page is to do; each is given once. */
  'orders.take': { request: z.undefined(), reply: Orders },
  'clipboard.write': { request: z.string().max(2 ** 24), reply: z.void() },
  /** Versions, folders and what went wrong with the app's own processes. */
  'diagnostics.read': { request: z.undefined(), reply: Diagnostics },
} as const;

export type Channel = keyof typeof CHANNELS;
export type ChannelRequest<C extends Channel> = z.infer<(typeof CHANNELS)[C]['request']>;
export type ChannelReply<C extends Channel> = z.infer<(typeof CHANNELS)[C]['reply']>;

export type Handlers = {
  [C in Channel]: (
    request: ChannelRequest<C>,
    event: IpcMainInvokeEvent,
  ) => ChannelReply<C> | Promise<ChannelReply<C>>;
};

/** Answers every channel; each message must come from the app's own top frame and fit its schema. */
export function answerChannels(handlers: Handlers): void {
  const answer = <C extends Channel>(channel: C) => {
    ipcMain.handle(channel, async (event, request: unknown) => {
      if (!isOwnTopFrame(event.senderFrame)) throw new Error('refused: not the window of SLOT Studio');
      const { request: requestSchema, reply: replySchema } = CHANNELS[channel];
      const checked = requestSchema.safeParse(request);
      if (!checked.success) throw new Error(`refused: not a request of ${channel}`);
      return replySchema.parse(await handlers[channel](checked.data as ChannelRequest<C>, event));
    });
  };
  for (const channel of Object.keys(CHANNELS) as Channel[]) answer(channel);
}

function isOwnTopFrame(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && isOwnUrl(frame.url);
}

/** Whether `url` is of the app's own origin. Node's URL gives custom schemes no origin, so its parts are compared. */
export function isOwnUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${SCHEME}:` && host === HOST && username === '' && password === '';
}
