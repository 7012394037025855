/** A proxy that opens tunnels (CONNECT), as the network of a company has it. */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export class TunnelProxy {
  /** What it was asked, in plain text. */
  readonly asked: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  private readonly server = createServer();

  private constructor() {
    this.server.on('connect', (request, client: Socket) => {
      this.asked.push({ url: request.url, headers: request.headers });
      const [name, port] = request.url!.split(':');
      const target = connect(Number(port), name, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      for (const socket of [client, target]) socket.on('error', () => socket.destroy());
    });
  }

  static async start(): Promise<TunnelProxy> {
    const proxy = new TunnelProxy();
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
