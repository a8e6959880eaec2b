/**
 * Preloaded into mocha for a suite that starts an endpoint of its own in process (`--require`).
 *
 * What the suite's tests require as its package becomes a tunnel: `listen(port)` accepts there and
 * passes every connection on to the server of ours that TIDETABLE_PORT names.
 */
const { Module } = require('node:module');
const net = require('node:net');
const path = require('node:path');

const endpoint = Number(process.env.TIDETABLE_PORT);
const suiteRoot = path.resolve(process.env.TIDETABLE_SUITE_ROOT);

function tunnel() {
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(endpoint, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  return {
    listen: (port, done) => server.listen(port, '127.0.0.1', () => done()),
    close: (done) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => done());
    },
  };
}

const load = Module._load;
Module._load = function loadInstead(request, parent, isMain) {
  const isPackage = request === '..' && parent?.filename.startsWith(`${suiteRoot}${path.sep}test`);
  return isPackage ? tunnel : load.call(this, request, parent, isMain);
};
