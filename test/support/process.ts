/** Node's module `process`, as far as OneTable and its metrics use it while they load in a page. */
const process = { env: {}, on: (): void => undefined };

export { process, process as default };
