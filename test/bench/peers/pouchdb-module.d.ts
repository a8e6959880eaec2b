/** As much of PouchDB's interface as the benchmark uses; the package has no types. */
declare module 'pouchdb/dist/pouchdb.js' {
  namespace PouchDB {
    interface Range {
      readonly startkey: string;
      readonly endkey: string;
      readonly limit: number;
    }
    interface Named {
      readonly _id: string;
      readonly _rev?: string;
    }
    interface Database<T> {
      close(): Promise<void>;
      get(id: string): Promise<T & Named>;
      put(doc: T & Named): Promise<unknown>;
      bulkDocs(docs: readonly (T & Named)[]): Promise<readonly object[]>;
      allDocs(
        options: Range & { readonly include_docs: true },
      ): Promise<{ readonly rows: readonly { readonly doc?: T & Named }[] }>;
      createIndex(options: { readonly index: object }): Promise<unknown>;
      find(options: {
        readonly selector: object;
        readonly sort: readonly string[];
        readonly use_index: string;
        readonly limit: number;
      }): Promise<{ readonly docs: readonly (T & Named)[] }>;
    }
  }
  const PouchDB: {
    new <T>(name: string, options: { readonly adapter: string }): PouchDB.Database<T>;
  };
  export default PouchDB;
}

declare module 'pouchdb/dist/pouchdb.indexeddb.js';
declare module 'pouchdb/dist/pouchdb.find.js';
