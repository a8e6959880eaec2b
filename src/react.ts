/** Entry `tidetable/react`: hooks over live queries. React is the program's own. */
export {
  type Used,
  type UsedItem,
  type UsedItems,
  type UseOptions,
  useItem,
  useQuery,
} from './client/react.ts';
