import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { tlsVersionOf } from './endings.ts';
import { createPeer, type Peer } from './peer.ts';

export interface WebSocketDeps {
  /** Of a frame (bytes). */
  readonly maxPayload: number;
  readonly isFull: () => boolean;
  readonly onFull: (address: string | undefined) => void;
  readonly onClient: (stream: Duplex, peer: Peer) => void;
}

/** MQTT over WebSocket at `/mqtt` of HTTP servers (MQTT 3.1.1, 6). */
export function createWebSockets({ maxPayload, isFull, onFull, onClient }: WebSocketDeps) {
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  });
  return {
    attach: (http: Server): void => {
      http.on('upgrade', (request, socket, head) => {
        // Node has taken its own listener off: without one, a peer that resets the connection would end the process.
        socket.on('error', () => {});
        const path = request.url?.split('?')[0];
        // Sent away by the server already.
        if (!socket.writable) return;
        if (path !== '/mqtt') return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        const address = (socket as Socket).remoteAddress;
        if (isFull()) {
          onFull(address);
          return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        }
        const peer = createPeer(address, 'encrypted' in socket ? 'secure_websocket' : 'websocket');
        peer.tlsVersion = tlsVersionOf(socket);
        webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          // MQTT 3.1.1, 6.0.0-1.
          webSocket.on('message', (_data, isBinary) => {
            if (!isBinary) webSocket.terminate();
          });
          onClient(createWebSocketStream(webSocket), peer);
        });
      });
    },
    close: (): void => webSockets.close(),
  };
}
