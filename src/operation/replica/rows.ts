/**
 * The operations of replicas: all internal, and given to an engine by the hosts that sync, so that
 * the others need not load them (docs/adr/0014).
 */
import type { Operation } from '../operation.ts';
import { DiscardConflicts, ListConflicts } from './conflicts.ts';
import { PreparePush, ReadLink, TakeGreeting, TakeOutcome } from './device.ts';
import { TakePage } from './take-page.ts';
import { EntryFates } from './fates.ts';
import { GreetReplica, ReadFeed, StartHub, TakeEntry } from './hub.ts';
import { DescribeReplica, JudgeEntry, JudgeReplicate, ListReplicated } from './look.ts';
import { DiscardQuarantine, ListQuarantine } from './quarantine.ts';
import { MendReplica } from './mend.ts';
import { OfferAgain } from './again.ts';
import { TakeScope } from './scope.ts';
import { ReadPeer, TakePeerGreeting, TakePeerPage } from './peer.ts';
import { CompareRows, TakeLacks } from './survey.ts';
import { TidyReplica } from './tidy.ts';
import { OpenReplica, ReplicateTable } from './open-replica.ts';
import { CarryOutCall } from './hub-call.ts';
import { FindUnknown } from './unknown.ts';
import { FindRanges, ReadSnapshot, TakeChunk } from './snapshot.ts';

export const replicaOperations: readonly Operation[] = [
  OpenReplica,
  ReplicateTable,
  ReadLink,
  TakeGreeting,
  TakeScope,
  OfferAgain,
  PreparePush,
  TakeOutcome,
  EntryFates,
  TakePage,
  StartHub,
  GreetReplica,
  TakeEntry,
  CarryOutCall,
  ReadFeed,
  ReadSnapshot,
  TakeChunk,
  FindRanges,
  FindUnknown,
  DescribeReplica,
  ListReplicated,
  JudgeEntry,
  JudgeReplicate,
  ListQuarantine,
  DiscardQuarantine,
  CompareRows,
  TakeLacks,
  TidyReplica,
  ListConflicts,
  DiscardConflicts,
  MendReplica,
  ReadPeer,
  TakePeerGreeting,
  TakePeerPage,
];
