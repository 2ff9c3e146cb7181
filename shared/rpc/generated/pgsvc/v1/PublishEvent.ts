// Original file: proto/pgsvc/v1/admin.proto

import type { Targets as _pgsvc_v1_Targets, Targets__Output as _pgsvc_v1_Targets__Output } from '../../pgsvc/v1/Targets.ts';
import type { Notice as _pgsvc_v1_Notice, Notice__Output as _pgsvc_v1_Notice__Output } from '../../pgsvc/v1/Notice.ts';
import type { NodeProgress as _pgsvc_v1_NodeProgress, NodeProgress__Output as _pgsvc_v1_NodeProgress__Output } from '../../pgsvc/v1/NodeProgress.ts';
import type { FileDiff as _pgsvc_v1_FileDiff, FileDiff__Output as _pgsvc_v1_FileDiff__Output } from '../../pgsvc/v1/FileDiff.ts';
import type { NodeResult as _pgsvc_v1_NodeResult, NodeResult__Output as _pgsvc_v1_NodeResult__Output } from '../../pgsvc/v1/NodeResult.ts';
import type { Committed as _pgsvc_v1_Committed, Committed__Output as _pgsvc_v1_Committed__Output } from '../../pgsvc/v1/Committed.ts';
import type { PublishResult as _pgsvc_v1_PublishResult, PublishResult__Output as _pgsvc_v1_PublishResult__Output } from '../../pgsvc/v1/PublishResult.ts';

/**
 * What happens during a publish, in order.
 */
export interface PublishEvent {
  /**
   * The targets were found: what is going to be published where.
   */
  'targets'?: (_pgsvc_v1_Targets | null);
  /**
   * Something the operator should know; the publish goes on.
   */
  'warning'?: (_pgsvc_v1_Notice | null);
  /**
   * A node took a step.
   */
  'progress'?: (_pgsvc_v1_NodeProgress | null);
  /**
   * What changes in one file of one node.
   */
  'diff'?: (_pgsvc_v1_FileDiff | null);
  /**
   * A node is done with this publish, for good or bad.
   */
  'node'?: (_pgsvc_v1_NodeResult | null);
  /**
   * The commit point was passed: assignments are durable, nodes follow.
   */
  'committed'?: (_pgsvc_v1_Committed | null);
  /**
   * Last event.
   */
  'result'?: (_pgsvc_v1_PublishResult | null);
  'event'?: "targets"|"warning"|"progress"|"diff"|"node"|"committed"|"result";
}

/**
 * What happens during a publish, in order.
 */
export interface PublishEvent__Output {
  /**
   * The targets were found: what is going to be published where.
   */
  'targets'?: (_pgsvc_v1_Targets__Output | null);
  /**
   * Something the operator should know; the publish goes on.
   */
  'warning'?: (_pgsvc_v1_Notice__Output | null);
  /**
   * A node took a step.
   */
  'progress'?: (_pgsvc_v1_NodeProgress__Output | null);
  /**
   * What changes in one file of one node.
   */
  'diff'?: (_pgsvc_v1_FileDiff__Output | null);
  /**
   * A node is done with this publish, for good or bad.
   */
  'node'?: (_pgsvc_v1_NodeResult__Output | null);
  /**
   * The commit point was passed: assignments are durable, nodes follow.
   */
  'committed'?: (_pgsvc_v1_Committed__Output | null);
  /**
   * Last event.
   */
  'result'?: (_pgsvc_v1_PublishResult__Output | null);
  'event'?: "targets"|"warning"|"progress"|"diff"|"node"|"committed"|"result";
}
