/** What the build makes of an import that ends in `?worker&inline`. */
declare module '*?worker&inline' {
  const InlineWorker: new (options?: { name?: string }) => Worker;
  export default InlineWorker;
}
