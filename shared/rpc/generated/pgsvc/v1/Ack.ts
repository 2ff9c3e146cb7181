// Original file: proto/pgsvc/v1/agent.proto

import type { Change as _pgsvc_v1_Change, Change__Output as _pgsvc_v1_Change__Output } from '../../pgsvc/v1/Change.ts';
import type { Timings as _pgsvc_v1_Timings, Timings__Output as _pgsvc_v1_Timings__Output } from '../../pgsvc/v1/Timings.ts';
import type { LiveFile as _pgsvc_v1_LiveFile, LiveFile__Output as _pgsvc_v1_LiveFile__Output } from '../../pgsvc/v1/LiveFile.ts';
import type { AppliedOwner as _pgsvc_v1_AppliedOwner, AppliedOwner__Output as _pgsvc_v1_AppliedOwner__Output } from '../../pgsvc/v1/AppliedOwner.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from '../../pgsvc/v1/QuarantinedOwner.ts';
import type { ReplacedEdit as _pgsvc_v1_ReplacedEdit, ReplacedEdit__Output as _pgsvc_v1_ReplacedEdit__Output } from '../../pgsvc/v1/ReplacedEdit.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Success.
 */
export interface Ack {
  /**
   * Nonce of the message answered.
   */
  'nonce'?: (string);
  /**
   * Version of the snapshot.
   */
  'version'?: (number | string | Long);
  /**
   * True when the answer is to a Prepare: nothing was changed.
   */
  'prepared'?: (boolean);
  /**
   * What changed or, when prepared, would change.
   */
  'change'?: (_pgsvc_v1_Change);
  /**
   * Why HAProxy was (would be) reloaded: one short phrase each, e.g. "pg-test-replica.cfg changed". Of more than a
   * hundred the first, and how many more there are.
   */
  'reasons'?: (string)[];
  /**
   * How long it took.
   */
  'timings'?: (_pgsvc_v1_Timings | null);
  /**
   * Generation that runs now; 0 when prepared.
   */
  'generation'?: (number | string | Long);
  /**
   * For a dry run: the node's own files of the owners concerned where they differ from the candidate.
   */
  'liveFiles'?: (_pgsvc_v1_LiveFile)[];
  /**
   * What runs now, when applied.
   */
  'applied'?: (_pgsvc_v1_AppliedOwner)[];
  /**
   * Sessions that stay in old workers, which check no server any more; when applied with a reload.
   */
  'sessionsLeft'?: (number);
  /**
   * Old workers that have them.
   */
  'oldWorkers'?: (number);
  /**
   * Owners that were (would be) left out: everything but them was (would be) applied. In the answer to a Prepare
   * only such as the Prepare does not change.
   */
  'quarantined'?: (_pgsvc_v1_QuarantinedOwner)[];
  /**
   * Files of ours that somebody else had changed and that were (would be) replaced.
   */
  'replacedEdits'?: (_pgsvc_v1_ReplacedEdit)[];
  /**
   * For a Prepare: how many files would be written or removed, whether or not HAProxy has to notice.
   */
  'filesToWrite'?: (number);
}

/**
 * Success.
 */
export interface Ack__Output {
  /**
   * Nonce of the message answered.
   */
  'nonce': (string);
  /**
   * Version of the snapshot.
   */
  'version': (number);
  /**
   * True when the answer is to a Prepare: nothing was changed.
   */
  'prepared': (boolean);
  /**
   * What changed or, when prepared, would change.
   */
  'change': (_pgsvc_v1_Change__Output);
  /**
   * Why HAProxy was (would be) reloaded: one short phrase each, e.g. "pg-test-replica.cfg changed". Of more than a
   * hundred the first, and how many more there are.
   */
  'reasons': (string)[];
  /**
   * How long it took.
   */
  'timings': (_pgsvc_v1_Timings__Output | null);
  /**
   * Generation that runs now; 0 when prepared.
   */
  'generation': (number);
  /**
   * For a dry run: the node's own files of the owners concerned where they differ from the candidate.
   */
  'liveFiles': (_pgsvc_v1_LiveFile__Output)[];
  /**
   * What runs now, when applied.
   */
  'applied': (_pgsvc_v1_AppliedOwner__Output)[];
  /**
   * Sessions that stay in old workers, which check no server any more; when applied with a reload.
   */
  'sessionsLeft': (number);
  /**
   * Old workers that have them.
   */
  'oldWorkers': (number);
  /**
   * Owners that were (would be) left out: everything but them was (would be) applied. In the answer to a Prepare
   * only such as the Prepare does not change.
   */
  'quarantined': (_pgsvc_v1_QuarantinedOwner__Output)[];
  /**
   * Files of ours that somebody else had changed and that were (would be) replaced.
   */
  'replacedEdits': (_pgsvc_v1_ReplacedEdit__Output)[];
  /**
   * For a Prepare: how many files would be written or removed, whether or not HAProxy has to notice.
   */
  'filesToWrite': (number);
}
