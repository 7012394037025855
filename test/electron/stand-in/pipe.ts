/** How the stand-in's two processes carry ports over one pipe: each message names the port it is for. */

/** To the child: `ports` are the numbers of those that come with a message. */
export type ToChild =
  | { type: 'message'; data: unknown; ports: number[] }
  | { type: 'port'; port: number; data: unknown }
  | { type: 'port.close'; port: number };

export type ToParent =
  | { type: 'message'; data: unknown }
  | { type: 'port'; port: number; data: unknown }
  | { type: 'port.close'; port: number };
