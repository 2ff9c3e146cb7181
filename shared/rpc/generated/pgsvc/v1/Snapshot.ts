// Original file: proto/pgsvc/v1/model.proto

import type { Assignment as _pgsvc_v1_Assignment, Assignment__Output as _pgsvc_v1_Assignment__Output } from '../../pgsvc/v1/Assignment.ts';
import type { Blob as _pgsvc_v1_Blob, Blob__Output as _pgsvc_v1_Blob__Output } from '../../pgsvc/v1/Blob.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Everything one node should have now.
 */
export interface Snapshot {
  /**
   * Version of the node's snapshot; grows with every change of the node's assignments. A change of a leader is none.
   */
  'version'?: (number | string | Long);
  /**
   * All assignments of the node, sorted by owner. An owner that is listed neither here nor in `kept_owners` loses
   * its files.
   */
  'assignments'?: (_pgsvc_v1_Assignment)[];
  /**
   * The files that the agent, by its Hello and earlier acknowledgements, does not hold yet.
   */
  'blobs'?: (_pgsvc_v1_Blob)[];
  /**
   * Owners that the agent runs and this controller never published to this node (it may have lost its state): they stay
   * as the agent has them.
   */
  'keptOwners'?: (string)[];
}

/**
 * Everything one node should have now.
 */
export interface Snapshot__Output {
  /**
   * Version of the node's snapshot; grows with every change of the node's assignments. A change of a leader is none.
   */
  'version': (number);
  /**
   * All assignments of the node, sorted by owner. An owner that is listed neither here nor in `kept_owners` loses
   * its files.
   */
  'assignments': (_pgsvc_v1_Assignment__Output)[];
  /**
   * The files that the agent, by its Hello and earlier acknowledgements, does not hold yet.
   */
  'blobs': (_pgsvc_v1_Blob__Output)[];
  /**
   * Owners that the agent runs and this controller never published to this node (it may have lost its state): they stay
   * as the agent has them.
   */
  'keptOwners': (string)[];
}
