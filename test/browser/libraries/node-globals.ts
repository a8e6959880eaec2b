/**
 * What Dynamoose and OneTable need of Node in a page, as bundlers' polyfills bring it.
 *
 * Imported before them, since they look at it while they load.
 */
import { Buffer } from 'buffer/';
import { process } from '../../support/process.ts';

Object.assign(globalThis, { Buffer, process });
