/** The way to the other side of a connection. Messages may be lost, come twice, or out of order. */
export interface Transport<Out, In> {
  send(message: Out): void;
  listen(received: (message: In) => void): void;
  close(): void;
}
