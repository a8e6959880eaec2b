/**
 * The atlas's tables, designed from the questions it asks. Each is a Query; none is a Scan.
 *
 *   one city                    Cities         country = :c AND id = :id
 *   a country by population     byPopulation   country = :c, backwards
 *   names that begin with ...   byName         initial = :i AND begins_with(nameKey, :p)
 *   what is near                byCell         cell = :cell, for nine cells
 *   how far loading has come    Loads          name = 'cities'
 *
 * An index carries what its list shows and no more: the rest is one GetItem away.
 */
import type { CreateTableInput } from 'tidetable';

export const citiesTable = 'Cities';
export const loadsTable = 'Loads';
export const byName = 'byName';
export const byPopulation = 'byPopulation';
export const byCell = 'byCell';

const cities: CreateTableInput = {
  TableName: citiesTable,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'country', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'N' },
    { AttributeName: 'initial', AttributeType: 'S' },
    { AttributeName: 'nameKey', AttributeType: 'S' },
    { AttributeName: 'population', AttributeType: 'N' },
    { AttributeName: 'cell', AttributeType: 'S' },
    { AttributeName: 'geohash', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'country', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: byName,
      KeySchema: [
        { AttributeName: 'initial', KeyType: 'HASH' },
        { AttributeName: 'nameKey', KeyType: 'RANGE' },
      ],
      Projection: {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: ['name', 'admin', 'population'],
      },
    },
    {
      IndexName: byPopulation,
      KeySchema: [
        { AttributeName: 'country', KeyType: 'HASH' },
        { AttributeName: 'population', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['name', 'admin'] },
    },
    {
      IndexName: byCell,
      KeySchema: [
        { AttributeName: 'cell', KeyType: 'HASH' },
        { AttributeName: 'geohash', KeyType: 'RANGE' },
      ],
      Projection: {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: ['name', 'admin', 'population', 'lat', 'lon'],
      },
    },
  ],
};

const loads: CreateTableInput = {
  TableName: loadsTable,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'name', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
};

export const tables: readonly CreateTableInput[] = [cities, loads];
