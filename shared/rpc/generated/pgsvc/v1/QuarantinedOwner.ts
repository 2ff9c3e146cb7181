// Original file: proto/pgsvc/v1/model.proto

import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from '../../pgsvc/v1/Fault.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * An owner whose newest files a node cannot take: it keeps the last good ones, or has none, and the rest of its set
 * is in place.
 */
export interface QuarantinedOwner {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * Revision that was to run.
   */
  'revision'?: (number | string | Long);
  /**
   * Revision that runs on instead; 0 for none.
   */
  'keptRevision'?: (number | string | Long);
  /**
   * Why.
   */
  'fault'?: (_pgsvc_v1_Fault | null);
}

/**
 * An owner whose newest files a node cannot take: it keeps the last good ones, or has none, and the rest of its set
 * is in place.
 */
export interface QuarantinedOwner__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * Revision that was to run.
   */
  'revision': (number);
  /**
   * Revision that runs on instead; 0 for none.
   */
  'keptRevision': (number);
  /**
   * Why.
   */
  'fault': (_pgsvc_v1_Fault__Output | null);
}
